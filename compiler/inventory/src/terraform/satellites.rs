//! Terraform types that are part of other resources, and those that stand inside one.
//!
//! Terraform has a type of its own for what is a property elsewhere, and blocks for what is a resource elsewhere: a
//! [`Fold`] puts the former into its target, a [`Split`] makes resources of the latter.

use std::sync::Arc;

use parapet_model::{Name, Node, NodeKind, ResourceType, Schema};

use super::drafts::Draft;
use super::shape::shaped;
use super::source::{Scope, Source, members, record};

/// Resources of another type that stand inside one.
#[derive(Debug)]
pub(super) struct Split {
    pub(super) ty: Arc<ResourceType>,
    pub(super) from: Source,
    each: Vec<(Name, Source)>,
    parent: Vec<(Name, Source)>,
    /// The Terraform type that says the same in a resource of its own.
    pub(super) beside: Option<Name>,
    /// The service gives it a value of its own where there is none.
    pub(super) default: bool,
}

/// A resource that is part of others.
#[derive(Debug)]
pub(super) struct Fold {
    pub(super) into: Name,
    pub(super) property: Name,
    pub(super) member: Option<Name>,
    /// The attribute that names the target; `None` where several attributes do.
    pub(super) key: Option<Source>,
    when: Option<(Name, Name)>,
    pub(super) value: Source,
    pub(super) appends: bool,
    /// The canonical type of one whose target is not in the document, and the property that names the target.
    pub(super) stray: Option<(Arc<ResourceType>, Name)>,
    /// It says nothing that its target does not say.
    pub(super) nothing: bool,
}

pub(super) fn condition(node: Option<&Node>) -> Option<(Name, Name)> {
    let NodeKind::Map(members) = &node?.kind else { return None };
    members.first().and_then(|(name, value)| Some((name.clone(), value.as_text()?.into())))
}

/// Whether an attribute has the value; `None` while nobody knows.
pub(super) fn meets((name, wanted): &(Name, Name), values: &Node) -> Option<bool> {
    match values.get(name).map(|node| &node.kind) {
        Some(NodeKind::Text(text)) => Some(text == wanted),
        Some(NodeKind::Unknown(_)) => None,
        _ => Some(false),
    }
}

impl Split {
    pub(super) fn read(schema: &Schema, node: &Node) -> Option<Split> {
        Some(Split {
            ty: schema.resource_type(node.get("cfn")?.as_text()?)?.clone(),
            from: Source::read(node.get("from")?)?,
            each: members(node.get("each")?)?,
            parent: members(node.get("parent")?)?,
            beside: node.get("beside").and_then(Node::as_text).map(Name::from),
            default: node.get("default").is_some(),
        })
    }

    /// The canonical properties that name the resource which it stands inside.
    pub(super) fn parents(&self) -> impl Iterator<Item = &Name> {
        self.parent.iter().map(|(name, _)| name)
    }

    /// Whether a resource of its type says the same as its elements do: the flags that all of them have.
    pub(super) fn says(&self, draft: &Draft) -> bool {
        let flag = |node: &Node| match node.kind {
            NodeKind::Bool(value) => Some(value),
            _ => None,
        };
        let same = |(name, source): &(Name, Source)| match source {
            Source::Const(constant) => {
                flag(constant).is_some_and(|wanted| draft.property(name).and_then(flag) == Some(wanted))
            }
            _ => true,
        };
        draft.ty.name == self.ty.name && self.each.iter().all(same)
    }

    /// The properties of the resource made of an element.
    pub(super) fn properties(&self, schema: &Schema, values: &Node, element: &Node) -> Vec<(Name, Node)> {
        let scope = Scope::of(values);
        let mut properties = record(&self.each, scope.inside(element));
        properties.extend(record(&self.parent, scope));
        canonical(schema, &self.ty, properties)
    }
}

fn canonical(schema: &Schema, ty: &ResourceType, properties: Vec<(Name, Node)>) -> Vec<(Name, Node)> {
    let shape = |(name, node): (Name, Node)| {
        let property = ty.property_in_any_case(&name)?;
        Some((property.name.clone(), shaped(schema, &property.ty, node)?))
    };
    properties.into_iter().filter_map(shape).collect()
}

impl Fold {
    pub(super) fn read(schema: &Schema, node: &Node) -> Option<Fold> {
        let text = |name: &str| node.get(name).and_then(Node::as_text).map(Name::from);
        let nothing = node.get("drop").is_some();
        let value = match (node.get("set").or_else(|| node.get("append")), nothing) {
            (Some(value), _) => Source::read(value)?,
            (None, true) => Source::Unknown,
            (None, false) => return None,
        };
        let stray = text("stray").and_then(|ty| schema.resource_type(&ty).cloned()).zip(text("owner"));
        Some(Fold {
            into: text("into")?,
            property: text("property").unwrap_or_default(),
            member: text("member"),
            key: node.get("key").filter(|key| !key.is_null()).and_then(Source::read),
            when: condition(node.get("when")),
            value,
            appends: node.get("append").is_some(),
            stray,
            nothing,
        })
    }

    /// Whether it is this fold that a resource is for; `None` while nobody knows.
    pub(super) fn applies(&self, values: &Node) -> Option<bool> {
        self.when.as_ref().map_or(Some(true), |when| meets(when, values))
    }

    /// What is put into the property, in the canonical shape.
    pub(super) fn shaped_value(&self, schema: &Schema, values: &Node) -> Option<Node> {
        let value = self.value.value(Scope::of(values))?;
        let ty = schema.resource_type(&self.into)?;
        let property = ty.property(&self.property)?;
        match &self.member {
            None => shaped(schema, &property.ty, value),
            Some(member) => {
                let record = Node::new(value.span, NodeKind::Map(vec![(member.clone(), value)]));
                shaped(schema, &property.ty, record)
            }
        }
    }

    /// The resources of their own that stand for it where its target is not in the document.
    pub(super) fn stray_properties(&self, schema: &Schema, values: &Node) -> Vec<Vec<(Name, Node)>> {
        let Some((ty, owner)) = &self.stray else { return Vec::new() };
        let target = self.key.as_ref().and_then(|key| key.value(Scope::of(values)));
        let elements = match self.value.value(Scope::of(values)).map(|node| node.kind) {
            Some(NodeKind::List(elements)) => elements,
            _ => Vec::new(),
        };
        let properties = |element: Node| {
            let mut members = match element.kind {
                NodeKind::Map(members) => members,
                _ => Vec::new(),
            };
            members.extend(target.clone().map(|target| (owner.clone(), target)));
            canonical(schema, ty, members)
        };
        elements.into_iter().map(properties).collect()
    }
}
