//! Puts what Terraform splits back together: rules into their group, policies into their role, and so on.
//!
//! The attribute that names the target is a text, or it stands for an attribute of the target. Where it is neither,
//! every resource of the target's type may be meant: what is put into them then may be there. A target that
//! is not in the document has the resource stand for itself, if there is a canonical type for that.

use std::collections::BTreeMap;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Schema, Unknown};
use rustc_hash::FxHashSet;

use super::drafts::Draft;
use super::instance::Instance;
use super::mapping::Mapping;
use super::satellites::Fold;
use super::source::{Scope, is_perhaps};
use super::targets::Targets;
use crate::sink::Addition;

/// What became of a resource that is part of others.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// It is in its target, or stands for itself.
    Done,
    /// Its target is not in the document, and it has no canonical type of its own.
    Lost,
}

/// What the folds work on.
pub(super) struct Folding<'f> {
    pub(super) schema: &'f Schema,
    pub(super) instances: &'f [Instance],
    pub(super) targets: &'f Targets,
    pub(super) drafts: &'f mut [Draft],
    /// What stands for itself.
    pub(super) strays: Vec<Draft>,
    /// What may be set besides, by draft, property and member: the instance that may set it.
    pub(super) doubts: BTreeMap<(usize, Name, Option<Name>), usize>,
    /// What instances add to resources outside of the document.
    pub(super) outside: Vec<(usize, Addition)>,
}

/// The folds that an instance may be for: all of its type, if it says neither one nor the other.
fn folds(instance: &Instance) -> impl Iterator<Item = &'static Fold> {
    let all = Mapping::get().folds(&instance.ty);
    let may_be = |fold: &&Fold| fold.applies(&instance.values) != Some(false);
    let none = !all.iter().any(|fold| may_be(&fold));
    all.iter().filter(move |fold| !fold.nothing && (none || may_be(fold)))
}

fn is_sure(instance: &Instance, fold: &Fold) -> bool {
    fold.applies(&instance.values) == Some(true) && instance.existence.is_none()
}

impl Folding<'_> {
    /// Folds all instances; those that belong nowhere, and are nothing of their own, are returned.
    pub(super) fn all(&mut self) -> Vec<usize> {
        let instances = self.instances;
        let own: FxHashSet<usize> = self.drafts.iter().map(|draft| draft.instance).collect();
        for instance in instances {
            for fold in folds(instance).filter(|fold| is_sure(instance, fold)) {
                for at in self.targets.of_fold(fold, instance, self.drafts).sure {
                    self.drafts.get_mut(at).into_iter().for_each(|draft| draft.close(&fold.property));
                }
            }
        }
        let each = instances.iter().enumerate();
        let lost = each.filter(|(at, instance)| self.one(*at, instance) == Outcome::Lost && !own.contains(at));
        let lost = lost.map(|(at, _)| at).collect();
        self.settle_doubts();
        lost
    }

    /// What may be set is not known, whatever is there: it may come later. So this is said last.
    fn settle_doubts(&mut self) {
        for ((at, property, member), instance) in std::mem::take(&mut self.doubts) {
            let (Some(draft), Some(instance)) = (self.drafts.get_mut(at), self.instances.get(instance)) else {
                continue;
            };
            let unknown = Node::new(instance.span, NodeKind::Unknown(may_belong(instance)));
            let node = match (member, draft.property(&property).cloned()) {
                (Some(member), Some(before @ Node { kind: NodeKind::Map(_), .. })) => {
                    merged(before, Node::new(instance.span, NodeKind::Map(vec![(member, unknown)])))
                }
                _ => unknown,
            };
            draft.put(&property, node);
        }
    }

    /// Resources that were not read may belong to any that is planned.
    pub(super) fn leave_open(&mut self) {
        let why = Unknown::new(Reason::Undecided, "resources that are not read may belong to it");
        for draft in self.drafts.iter_mut() {
            let span = draft.span;
            let ty = draft.ty.name.clone();
            for fold in Mapping::get().folds_into(&ty) {
                open(draft, fold, span, why.clone());
            }
        }
    }

    fn one(&mut self, at: usize, instance: &Instance) -> Outcome {
        let (mut lost, mut put, mut stands_alone) = (false, false, false);
        let before = self.strays.len();
        for fold in folds(instance) {
            let meant = self.targets.of_fold(fold, instance, self.drafts);
            let value = fold.shaped_value(self.schema, &instance.values);
            let keys = self.targets.outside(fold, instance, self.drafts);
            self.outside.extend(keys.into_iter().map(|key| (at, addition(fold, instance, key))));
            let is_lost = meant.sure.is_empty() && meant.perhaps.is_empty();
            lost |= is_lost;
            put |= !is_lost;
            meant.sure.iter().for_each(|target| self.put(*target, fold, (at, instance), value.clone()));
            let perhaps = meant.perhaps.iter().filter(|_| value.is_some() || !fold.appends);
            perhaps.for_each(|target| self.doubt(*target, fold, (at, instance)));
            if meant.sure.is_empty() && fold.stray.is_some() {
                stands_alone = true;
                self.strays.extend(stray(self.schema, (at, instance), fold, self.strays.len() - before));
            }
        }
        if lost && !put && !stands_alone { Outcome::Lost } else { Outcome::Done }
    }

    fn put(&mut self, target: usize, fold: &'static Fold, (at, instance): (usize, &Instance), value: Option<Node>) {
        if !is_sure(instance, fold) {
            return self.doubt(target, fold, (at, instance));
        }
        let Some(draft) = self.drafts.get_mut(target) else { return };
        let same = self.instances.get(draft.instance).is_some_and(|target| target.stands_beside(instance));
        // Places in another document are none in this one.
        let value = if same { value } else { value.map(|node| node.place_all(Span::default())) };
        insert(draft, fold, value);
    }

    /// The resource may belong here.
    fn doubt(&mut self, target: usize, fold: &'static Fold, (at, instance): (usize, &Instance)) {
        if !fold.appends {
            let place = (target, fold.property.clone(), fold.member.clone());
            self.doubts.entry(place).or_insert(at);
            return;
        }
        let Some(draft) = self.drafts.get_mut(target) else { return };
        // Many may belong to it, and one is enough to say so.
        let is_open = |node: &Node| node.as_list().and_then(<[Node]>::last).is_some_and(is_perhaps);
        if !draft.property(&fold.property).is_some_and(is_open) {
            open(draft, fold, instance.span, may_belong(instance));
        }
    }
}

fn may_belong(instance: &Instance) -> Unknown {
    Unknown::new(Reason::Undecided, format!("{} may belong to it", instance.address))
}

fn stray(schema: &Schema, (at, instance): (usize, &Instance), fold: &Fold, before: usize) -> Vec<Draft> {
    let Some((ty, _)) = &fold.stray else { return Vec::new() };
    let properties = fold.stray_properties(schema, &instance.values);
    let part = |offset: usize| u32::try_from(before + offset + 1).unwrap_or(u32::MAX);
    properties
        .into_iter()
        .enumerate()
        .map(|(offset, properties)| Draft::part((at, instance), ty.clone(), part(offset), properties))
        .collect()
}

fn addition(fold: &Fold, instance: &Instance, key: Option<Name>) -> Addition {
    Addition {
        resource_type: fold.into.clone(),
        key,
        property: fold.property.clone(),
        appends: fold.appends,
        address: (&*instance.address).into(),
    }
}

/// What a resource that is destroyed took part in: nobody knows what is left of it.
pub(super) fn taken_away(instance: &Instance) -> Vec<Addition> {
    let keys = |fold: &Fold| match fold.key.as_ref().and_then(|key| key.value(Scope::of(&instance.values))) {
        None => vec![None],
        Some(key) => {
            let elements = key.as_list().unwrap_or(std::slice::from_ref(&key));
            elements.iter().map(|element| element.as_text().map(Name::from)).collect()
        }
    };
    let taken = |fold: &'static Fold| {
        let away = move |key| Addition { appends: false, ..addition(fold, instance, key) };
        keys(fold).into_iter().map(away).collect::<Vec<_>>()
    };
    folds(instance).flat_map(taken).collect()
}

/// Puts a value in its place.
fn insert(draft: &mut Draft, fold: &Fold, value: Option<Node>) {
    let Some(value) = value else { return };
    if !fold.appends {
        let merged = match (&fold.member, draft.property(&fold.property).cloned()) {
            (Some(_), Some(before)) => merged(before, value),
            _ => value,
        };
        return draft.put(&fold.property, merged);
    }
    let (span, added) = match value.kind {
        NodeKind::List(elements) => (value.span, elements),
        // A list that is not known as a whole.
        NodeKind::Unknown(unknown) => {
            (value.span, vec![Node::new(value.span, NodeKind::Unknown(unknown.opaque().perhaps()))])
        }
        kind => (value.span, vec![Node::new(value.span, kind)]),
    };
    let mut elements = listed(draft.property(&fold.property));
    // What may be there besides comes last.
    let mut open = elements.iter().position(is_perhaps).map(|at| elements.remove(at));
    for element in added {
        if is_perhaps(&element) {
            open = Some(element);
            continue;
        }
        let known = |text: &str| elements.iter().any(|other: &Node| other.as_text() == Some(text));
        if !element.as_text().is_some_and(known) {
            elements.push(element);
        }
    }
    elements.extend(open);
    draft.put(&fold.property, Node::new(span, NodeKind::List(elements)));
}

/// The elements of a list; of one that is not known, that there may be some.
fn listed(node: Option<&Node>) -> Vec<Node> {
    match node.map(|node| (node.span, &node.kind)) {
        Some((_, NodeKind::List(elements))) => elements.clone(),
        Some((span, NodeKind::Unknown(unknown))) => {
            vec![Node::new(span, NodeKind::Unknown(unknown.clone().opaque().perhaps()))]
        }
        _ => Vec::new(),
    }
}

fn merged(before: Node, value: Node) -> Node {
    let span = before.span;
    match (before.kind, value.kind) {
        (NodeKind::Map(mut members), NodeKind::Map(added)) => {
            members.retain(|(name, _)| !added.iter().any(|(other, _)| other == name));
            members.extend(added);
            Node::new(span, NodeKind::Map(members))
        }
        (before @ NodeKind::Unknown(_), _) => Node::new(span, before),
        (_, value) => Node::new(span, value),
    }
}

/// A list may have more elements, and what is not there may be.
fn open(draft: &mut Draft, fold: &Fold, span: Span, unknown: Unknown) {
    if !fold.appends {
        if draft.property(&fold.property).is_none() {
            draft.put(&fold.property, Node::new(span, NodeKind::Unknown(unknown)));
        }
        return;
    }
    let mut elements = listed(draft.property(&fold.property));
    if !elements.iter().any(is_perhaps) {
        elements.push(Node::new(span, NodeKind::Unknown(unknown.perhaps())));
        draft.put(&fold.property, Node::new(span, NodeKind::List(elements)));
    }
}
