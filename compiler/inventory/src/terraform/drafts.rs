//! Instances to canonical resources, before those that belong together are put together.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, ResourceType, Schema, Unknown};

use super::companions::Companions;
use super::instance::Instance;
use super::mapping::{Entry, Mapping, Unset};
use super::satellites::Split;
use super::source::Scope;

/// A canonical resource in the making.
#[derive(Debug)]
pub(super) struct Draft {
    /// The instance that it is made of.
    pub(super) instance: usize,
    /// 0 for the instance's own resource, then those that stand inside it.
    pub(super) part: u32,
    pub(super) ty: Arc<ResourceType>,
    pub(super) properties: Vec<(Name, Node)>,
    pub(super) owner: Arc<str>,
    pub(super) span: Span,
    pub(super) existence: Option<Unknown>,
    /// Terraform's `id` is the canonical identifier.
    pub(super) id_is_identifier: bool,
    /// Collections that are not known although nobody set them.
    open: Vec<Name>,
}

impl Draft {
    /// The own resource of an instance.
    pub(super) fn own(schema: &Schema, at: usize, instance: &Instance, entry: &Entry) -> Draft {
        let mut draft = Draft::new(at, instance, entry.ty.clone(), 0);
        draft.id_is_identifier = entry.id_is_identifier();
        let mut absent: Vec<&Name> = Vec::new();
        for name in &instance.unset {
            match entry.where_unset(&instance.ty, name) {
                Unset::Unknown => {}
                Unset::Absent => absent.push(name),
                Unset::Open(property) => draft.open.push(property),
            }
        }
        let values = without(&instance.values, &absent);
        draft.properties = entry.properties(schema, values.as_ref().unwrap_or(&instance.values));
        draft
    }

    /// Another resource is part of this collection: blocks of it, which nobody set, are not there.
    pub(super) fn close(&mut self, property: &Name) {
        let Some(at) = self.open.iter().position(|name| name == property) else { return };
        self.open.swap_remove(at);
        if let Some(Node { kind: NodeKind::Unknown(_), span }) = self.property(property).cloned() {
            self.put(property, Node::new(span, NodeKind::List(Vec::new())));
        }
    }

    fn new(at: usize, instance: &Instance, ty: Arc<ResourceType>, part: u32) -> Draft {
        let owner = match part {
            0 => instance.owner.clone(),
            part => format!("{}#{part}", instance.owner).into(),
        };
        Draft {
            instance: at,
            part,
            ty,
            properties: Vec::new(),
            owner,
            span: instance.span,
            existence: instance.existence.clone(),
            id_is_identifier: false,
            open: Vec::new(),
        }
    }

    /// A resource that stands inside an instance, or stands for it.
    pub(super) fn part(
        (at, instance): (usize, &Instance),
        ty: Arc<ResourceType>,
        part: u32,
        properties: Vec<(Name, Node)>,
    ) -> Draft {
        Draft { properties, ..Draft::new(at, instance, ty, part) }
    }

    pub(super) fn property(&self, name: &str) -> Option<&Node> {
        self.properties.iter().find(|(key, _)| **key == *name).map(|(_, node)| node)
    }

    /// Puts a property in the place of what is there.
    pub(super) fn put(&mut self, name: &Name, node: Node) {
        match self.properties.iter_mut().find(|(key, _)| key == name) {
            Some((_, before)) => *before = node,
            None => self.properties.push((name.clone(), node)),
        }
    }

    /// The known text of the one-part identifier.
    pub(super) fn identifier(&self, instance: &Instance) -> Option<Node> {
        let [identifier] = self.ty.identifier.as_slice() else { return None };
        let is_text = |node: &&Node| node.as_text().is_some_and(|text| !text.is_empty());
        let own = self.property(identifier).filter(is_text);
        let terraform = self.id_is_identifier.then(|| instance.value("id")).flatten().filter(is_text);
        own.or(terraform).cloned()
    }
}

/// The attributes without some of them; nothing where that changes nothing.
fn without(values: &Node, absent: &[&Name]) -> Option<Node> {
    let NodeKind::Map(members) = &values.kind else { return None };
    if absent.is_empty() {
        return None;
    }
    let kept = members.iter().filter(|(name, _)| !absent.contains(&name)).cloned().collect();
    Some(Node::new(values.span, NodeKind::Map(kept)))
}

/// The resources that stand inside an instance; `part` counts on.
pub(super) fn inside(
    schema: &Schema,
    (at, instance): (usize, &Instance),
    companions: &Companions,
    part: &mut u32,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (place, split) in Mapping::get().splits(&instance.ty).iter().enumerate() {
        let stands_beside = companions.stand_beside(at, place);
        for (element, existence) in elements(split, instance, stands_beside) {
            *part += 1;
            let properties = split.properties(schema, &instance.values, &element);
            let span = if element.span.end > element.span.start { element.span } else { instance.span };
            let draft = Draft::part((at, instance), split.ty.clone(), *part, properties);
            let existence = existence.or_else(|| draft.existence.clone());
            drafts.push(Draft { span, existence, ..draft });
        }
    }
    drafts
}

/// What there is of them; of what is not known nobody knows whether it will be there.
fn elements(split: &Split, instance: &Instance, stands_beside: bool) -> Vec<(Node, Option<Unknown>)> {
    let Some(from) = split.from.value(Scope::of(&instance.values)) else { return Vec::new() };
    let existence = |node: &Node| match &node.kind {
        NodeKind::Unknown(unknown) => Some(unknown.clone().opaque()),
        _ => None,
    };
    let unset = instance.unset.iter().find(|name| split.from.reads(name));
    match &from.kind {
        NodeKind::List(elements) => elements.iter().map(|node| (node.clone(), existence(node))).collect(),
        NodeKind::Text(text) if text.is_empty() => Vec::new(),
        NodeKind::Unknown(_) if unset.is_some_and(|name| stands_beside || !is_block(instance, name)) => Vec::new(),
        // A text that the configuration sets is there, whatever it will say.
        NodeKind::Unknown(_) if unset.is_none() && split.default => vec![(from, None)],
        _ => vec![(from.clone(), existence(&from))],
    }
}

fn is_block(instance: &Instance, attribute: &str) -> bool {
    Mapping::get().is_block(&instance.ty, attribute)
}
