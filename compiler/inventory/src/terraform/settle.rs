//! What a value of a plan stands for, once its type is known.
//!
//! A plan names what an argument refers to, not how: `"x-${aws_subnet.a.id}"` and `aws_subnet.a.id` look the same.
//! Where the schema has a reference to subnets and the argument refers to the identifier of one subnet and to nothing
//! else, it is taken for that identifier; anywhere else nothing is known of the text. Of a collection that is
//! not known as a whole, the elements that are references are known, and not whether there are more.

use std::sync::Arc;

use parapet_model::{Attribute, Name, Node, NodeKind, RefTarget, ResourceType, Schema, Symbol, Type};

use super::drafts::Draft;
use super::instance::Instance;
use super::source::unknown_at;
use super::targets::Targets;

/// What all drafts are settled by.
pub(super) struct Settling<'s> {
    pub(super) schema: &'s Schema,
    pub(super) targets: &'s Targets,
    /// Types and known texts of the drafts, by their place.
    known: Vec<Known>,
}

struct Known {
    ty: Arc<ResourceType>,
    identifier: Option<Node>,
    properties: Vec<(Name, Node)>,
}

impl<'s> Settling<'s> {
    pub(super) fn of(
        schema: &'s Schema,
        targets: &'s Targets,
        drafts: &[Draft],
        instances: &[Instance],
    ) -> Settling<'s> {
        let known = |draft: &Draft| {
            let texts = draft.properties.iter().filter(|(_, node)| node.as_text().is_some()).cloned();
            Known {
                ty: draft.ty.clone(),
                identifier: instances.get(draft.instance).and_then(|instance| draft.identifier(instance)),
                properties: texts.collect(),
            }
        };
        Settling { schema, targets, known: drafts.iter().map(known).collect() }
    }

    /// Settles the properties of a draft.
    pub(super) fn settle(&self, draft: &mut Draft, instances: &[Instance]) {
        let ty = draft.ty.clone();
        // What stands inside a resource may mention its attributes, as they are.
        let Some(owner) = instances.get(draft.instance).map(|instance| instance.owner.clone()) else { return };
        for (name, node) in std::mem::take(&mut draft.properties) {
            let Some(property) = ty.property(&name) else { continue };
            let node = self.value(&owner, &property.ty, node);
            draft.properties.push((name, node));
        }
    }

    fn value(&self, own: &Arc<str>, ty: &Type, node: Node) -> Node {
        let span = node.span;
        let inner = |ty: &Type| match ty {
            Type::List { element, .. } | Type::Set(element) | Type::Map(element) => (**element).clone(),
            other => other.clone(),
        };
        let kind = match node.kind {
            NodeKind::Unknown(unknown) => match unknown.symbol().cloned() {
                Some(symbol) => return self.reference(own, ty, Node::new(span, NodeKind::Unknown(unknown)), &symbol),
                None => NodeKind::Unknown(unknown),
            },
            NodeKind::List(elements) => {
                let element = inner(ty.required());
                NodeKind::List(elements.into_iter().map(|node| self.value(own, &element, node)).collect())
            }
            NodeKind::Map(members) => match ty.required() {
                Type::SchemaRecord(named) => {
                    let fields = self.schema.record(&named.owner, &named.record);
                    let field = |name: &Name| {
                        fields.and_then(|fields| fields.get(name)).map_or(Type::Json, |field| field.ty.clone())
                    };
                    let value = |(name, node): (Name, Node)| {
                        let ty = field(&name);
                        (name, self.value(own, &ty, node))
                    };
                    NodeKind::Map(members.into_iter().map(value).collect())
                }
                other => {
                    let ty = inner(other);
                    NodeKind::Map(members.into_iter().map(|(name, node)| (name, self.value(own, &ty, node))).collect())
                }
            },
            kind => kind,
        };
        Node::new(span, kind)
    }

    fn reference(&self, own: &Arc<str>, ty: &Type, node: Node, symbol: &Symbol) -> Node {
        let attributes: Vec<&Attribute> = symbol.attributes().collect();
        if attributes.iter().all(|attribute| attribute.owner == *own) {
            return node;
        }
        match ty.required() {
            Type::Ref(targets) => match attributes.as_slice() {
                [only] => self.named(only, targets, &node).unwrap_or_else(|| opaque(node)),
                _ => opaque(node),
            },
            Type::List { element, .. } | Type::Set(element) => match element.required() {
                Type::Ref(targets) => {
                    let mut elements: Vec<Node> =
                        attributes.iter().filter_map(|attribute| self.named(attribute, targets, &node)).collect();
                    elements.push(more(&node));
                    Node::new(node.span, NodeKind::List(elements))
                }
                _ => opaque(node),
            },
            _ => opaque(node),
        }
    }

    /// The text of an attribute that names a resource of one of these types.
    fn named(&self, attribute: &Attribute, targets: &[RefTarget], node: &Node) -> Option<Node> {
        let known = self.known.get(self.targets.owner(&attribute.owner)?)?;
        let target = targets.iter().find(|target| target.resource == known.ty.name)?;
        let is_name = matches!(&*attribute.name, "id" | "arn") || target.property.as_ref() == Some(&attribute.name);
        if !is_name {
            return None;
        }
        let text = match &*attribute.name {
            "id" => known.identifier.as_ref(),
            name => known.properties.iter().find(|(key, _)| **key == *name).map(|(_, node)| node),
        };
        let kind = match (text, &node.kind) {
            (Some(text), _) => text.kind.clone(),
            (None, NodeKind::Unknown(unknown)) => {
                NodeKind::Unknown(unknown.clone().standing_for(Symbol::attribute(attribute.clone())))
            }
            (None, _) => return None,
        };
        Some(Node::new(node.span, kind))
    }
}

fn opaque(node: Node) -> Node {
    let kind = match node.kind {
        NodeKind::Unknown(unknown) => NodeKind::Unknown(unknown.opaque()),
        kind => kind,
    };
    Node::new(node.span, kind)
}

fn more(node: &Node) -> Node {
    let node = unknown_at(node.span, "known after apply: the plan does not tell whether there are more");
    match node.kind {
        NodeKind::Unknown(unknown) => Node::new(node.span, NodeKind::Unknown(unknown.perhaps())),
        kind => Node::new(node.span, kind),
    }
}
