//! Which drafts a text or an attribute names.
//!
//! An attribute names the resource that it is of; a text the one whose identifier, ARN or name it is. A text that no
//! draft is called may yet name one whose name or ARN is not known, if somebody can write it beforehand.

use std::sync::Arc;

use parapet_model::{Name, Node, NodeKind, Symbol};
use rustc_hash::FxHashMap;

use super::drafts::Draft;
use super::instance::Instance;
use super::mapping::Mapping;
use super::satellites::Fold;
use super::source::{Scope, Source};

/// Which drafts a text or an attribute names.
#[derive(Default)]
pub(super) struct Targets {
    by_owner: FxHashMap<Arc<str>, usize>,
    by_text: FxHashMap<(Name, Arc<str>), Vec<usize>>,
    by_type: FxHashMap<Name, Vec<usize>>,
    /// Drafts whose ARN is not known yet.
    without_arn: FxHashMap<Name, Vec<Unnamed>>,
    /// Drafts that the configuration gives a name which is not known yet.
    without_name: FxHashMap<Name, Vec<usize>>,
}

/// A draft without an ARN. Somebody may write the ARN beforehand if the configuration gives it a name.
struct Unnamed {
    draft: usize,
    /// The name, where it is known.
    name: Option<Arc<str>>,
}

impl Unnamed {
    fn of(draft: usize, instance: &Instance) -> Option<Unnamed> {
        let named = [name_attribute(instance), "managed_policy_name"]
            .into_iter()
            .find(|name| instance.value(name).is_some())?;
        let given = instance.value(named).filter(|_| !instance.unset.contains(named))?;
        let known = instance.planned && instance.text("arn").is_none();
        known.then(|| Unnamed { draft, name: given.as_text().map(Arc::from) })
    }

    /// Whether its ARN may turn out to be this one.
    fn may_be(&self, arn: &str) -> bool {
        let ends = |name: &str| arn.strip_suffix(name).is_some_and(|before| before.ends_with(['/', ':']));
        self.name.as_deref().is_none_or(ends) && !arn.contains(":aws:policy/")
    }
}

/// Whether somebody may write beforehand what identifies it, although it is not known: the service generates none.
fn has_unknown_name(instance: &Instance) -> bool {
    let identifier = Mapping::get().referred(&instance.ty).and_then(|entry| entry.identifier_attribute());
    let is_given = |name: &str| {
        let value = instance.value(name).map(|node| &node.kind);
        matches!(value, Some(NodeKind::Unknown(_))) && !instance.unset.contains(name)
    };
    identifier.is_some_and(|name| is_given(&name)) || is_given(name_attribute(instance))
}

/// The attribute by which others name the resource.
fn name_attribute(instance: &Instance) -> &'static str {
    Mapping::get().name_attribute(&instance.ty)
}

/// The drafts that a key names; neither of them where it names something outside of the document.
#[derive(Debug, Default)]
pub(super) struct Meant {
    pub(super) sure: Vec<usize>,
    pub(super) perhaps: Vec<usize>,
}

impl Meant {
    fn perhaps(perhaps: Vec<usize>) -> Meant {
        Meant { perhaps, ..Meant::default() }
    }
}

impl Targets {
    pub(super) fn of(drafts: &[Draft], instances: &[Instance]) -> Targets {
        let mut targets = Targets::default();
        for (at, draft) in drafts.iter().enumerate() {
            let Some(instance) = instances.get(draft.instance) else { continue };
            targets.by_owner.insert(draft.owner.clone(), at);
            targets.by_type.entry(draft.ty.name.clone()).or_default().push(at);
            let unnamed = targets.without_arn.entry(draft.ty.name.clone()).or_default();
            unnamed.extend(Unnamed::of(at, instance));
            if has_unknown_name(instance) {
                targets.without_name.entry(draft.ty.name.clone()).or_default().push(at);
            }
            let mut texts: Vec<Arc<str>> = Vec::new();
            texts.extend(draft.identifier(instance).as_ref().and_then(Node::as_text).map(Arc::from));
            texts.extend(
                ["id", "arn", "name", name_attribute(instance)]
                    .iter()
                    .filter_map(|name| instance.text(name))
                    .map(Arc::from),
            );
            texts.sort();
            texts.dedup();
            for text in texts {
                targets.by_text.entry((draft.ty.name.clone(), text)).or_default().push(at);
            }
        }
        targets
    }

    /// The draft whose attribute this is.
    pub(super) fn owner(&self, owner: &str) -> Option<usize> {
        self.by_owner.get(owner).copied()
    }

    fn all(&self, ty: &Name) -> Vec<usize> {
        self.by_type.get(ty).cloned().unwrap_or_default()
    }

    /// The targets of a fold.
    pub(super) fn of_fold(&self, fold: &Fold, instance: &Instance, drafts: &[Draft]) -> Meant {
        let Some(key) = &fold.key else { return Meant::perhaps(self.all(&fold.into)) };
        // It names nobody: what nobody sets, and nobody knows yet, is what other resources will have made of it.
        if instance.unset.iter().any(|name| key.reads(name)) {
            return Meant::default();
        }
        let Some(key) = key.value(Scope::of(&instance.values)) else { return Meant::default() };
        let NodeKind::List(elements) = &key.kind else { return self.named(&fold.into, &key, drafts) };
        let mut meant = Meant::default();
        for element in elements {
            let named = self.named(&fold.into, element, drafts);
            meant.sure.extend(named.sure);
            meant.perhaps.extend(named.perhaps);
        }
        meant.perhaps.sort_unstable();
        meant.perhaps.dedup();
        meant.perhaps.retain(|at| !meant.sure.contains(at));
        meant
    }

    /// The keys of targets that may be outside of the document; `None` for one that may be anywhere.
    pub(super) fn outside(&self, fold: &Fold, instance: &Instance, drafts: &[Draft]) -> Vec<Option<Name>> {
        let unset = |key: &Source| instance.unset.iter().any(|name| key.reads(name));
        // Several attributes name it, which nobody puts together.
        let Some(key) = &fold.key else { return vec![None] };
        let Some(key) = Some(key).filter(|key| !unset(key)) else { return Vec::new() };
        let Some(key) = key.value(Scope::of(&instance.values)) else { return Vec::new() };
        let elements = key.as_list().unwrap_or(std::slice::from_ref(&key));
        let is_open = |key: &&Node| self.named(&fold.into, key, drafts).sure.is_empty();
        let outside = |key: &Node| match &key.kind {
            NodeKind::Text(text) if self.by_text.contains_key(&(fold.into.clone(), text.clone())) => None,
            NodeKind::Text(text) => Some(Some(text.clone())),
            NodeKind::Unknown(_) => Some(None),
            _ => None,
        };
        elements.iter().filter(is_open).filter_map(outside).collect()
    }

    /// The drafts of a type that a text or an attribute names.
    pub(super) fn named(&self, ty: &Name, key: &Node, drafts: &[Draft]) -> Meant {
        let found = match &key.kind {
            NodeKind::Text(text) => self.by_text.get(&(ty.clone(), text.clone())).cloned().unwrap_or_default(),
            NodeKind::Unknown(unknown) => {
                let meant = |symbol: &Arc<Symbol>| {
                    let at = self.owner(&symbol.alone()?.owner)?;
                    drafts.get(at).filter(|draft| draft.ty.name == *ty).map(|_| at)
                };
                match unknown.symbol().and_then(meant) {
                    Some(at) => vec![at],
                    None => return Meant::perhaps(self.all(ty)),
                }
            }
            _ => return Meant::perhaps(self.all(ty)),
        };
        match found.len() {
            0 => Meant::perhaps(self.unnamed(ty, key.as_text().unwrap_or_default())),
            1 => Meant { sure: found, ..Meant::default() },
            _ => Meant::perhaps(found),
        }
    }

    /// Those that a text may turn out to name that no draft is called: by an ARN or a name that is not known yet.
    fn unnamed(&self, ty: &Name, text: &str) -> Vec<usize> {
        match text.starts_with("arn:") {
            true => {
                let unnamed = self.without_arn.get(ty).into_iter().flatten();
                unnamed.filter(|unnamed| unnamed.may_be(text)).map(|unnamed| unnamed.draft).collect()
            }
            false => self.without_name.get(ty).cloned().unwrap_or_default(),
        }
    }
}
