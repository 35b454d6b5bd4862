//! Names that many records share, held once; and which property names a resource.

use parapet_model::{Name, Node, NodeKind, Property, ResourceType};
use rustc_hash::FxHashSet;

/// Shares equal texts: account ids, regions.
#[derive(Default)]
pub(crate) struct Interner {
    known: FxHashSet<Name>,
}

impl Interner {
    /// Makes the text of a node the shared one.
    pub(crate) fn share(&mut self, node: &Node) -> Node {
        let NodeKind::Text(text) = &node.kind else { return node.clone() };
        Node::new(node.span, NodeKind::Text(self.name(text)))
    }

    /// The shared name of a text.
    pub(crate) fn text(&mut self, text: &str) -> Name {
        match self.known.get(text) {
            Some(known) => known.clone(),
            None => self.name(&text.into()),
        }
    }

    fn name(&mut self, text: &Name) -> Name {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        self.known.insert(text.clone());
        text.clone()
    }
}

/// The properties by their schema's names; those that no schema knows as they are written.
pub(crate) fn canonical(ty: &ResourceType, members: Vec<(Name, Node)>) -> Vec<(Name, Node)> {
    let canonical = |(key, node): (Name, Node)| match ty.property_in_any_case(&key) {
        Some(property) => (property.name.clone(), node),
        None => (key, node),
    };
    members.into_iter().map(canonical).collect()
}

/// The primary identifier, its parts joined by `|`, when the properties have them all.
pub(crate) fn identifier(ty: &ResourceType, properties: &[(Name, Node)]) -> Option<Node> {
    let mut joined: Option<Node> = None;
    for part in &ty.identifier {
        let node = find(properties, part)?;
        let text = match &node.kind {
            NodeKind::Text(text) if !text.is_empty() => text.clone(),
            NodeKind::Int(number) => number.to_string().into(),
            _ => return None,
        };
        joined = Some(match joined {
            None => Node::new(node.span, NodeKind::Text(text)),
            Some(before) => {
                let whole = format!("{}|{text}", before.as_text().unwrap_or_default());
                Node::new(before.span.to(node.span), NodeKind::Text(whole.into()))
            }
        });
    }
    joined
}

/// The property that names the resource: `UserPoolClientName`, `PoolClientName`, `ClientName`, `Name`.
pub(crate) fn recorded_name(ty: &ResourceType, properties: &[(Name, Node)]) -> Option<Node> {
    own_property(ty, properties, "Name", |text| !text.is_empty())
}

/// The property that holds the ARN: `Arn`, or `PermissionSetArn` of a permission set, if it is one.
pub(crate) fn recorded_arn(ty: &ResourceType, properties: &[(Name, Node)]) -> Option<Node> {
    let is_arn = |text: &str| text.starts_with("arn:");
    match ty.property_in_any_case("Arn").and_then(|property| find(properties, &property.name)) {
        Some(node) if node.as_text().is_some_and(is_arn) => Some(node.clone()),
        _ => own_property(ty, properties, "Arn", is_arn),
    }
}

/// A present text property whose name is an end of the type's own name and this suffix, the longest first.
fn own_property(
    ty: &ResourceType,
    properties: &[(Name, Node)],
    suffix: &str,
    wanted: fn(&str) -> bool,
) -> Option<Node> {
    own_properties(ty, suffix).find_map(|property| {
        find(properties, &property.name).filter(|node| node.as_text().is_some_and(wanted)).cloned()
    })
}

fn own_properties<'t>(ty: &'t ResourceType, suffix: &str) -> impl Iterator<Item = &'t Property> {
    let own = ty.name.rsplit("::").next().unwrap_or_default();
    let starts = own.char_indices().filter(|(_, letter)| letter.is_ascii_uppercase()).map(|(at, _)| at);
    let candidates = starts.filter_map(|at| own.get(at..)).chain([""]);
    candidates.filter_map(move |stem| ty.property_in_any_case(&format!("{stem}{suffix}")))
}

/// The properties that may hold the ARN.
pub(crate) fn arn_properties(ty: &ResourceType) -> impl Iterator<Item = &Property> {
    ty.property_in_any_case("Arn").into_iter().chain(own_properties(ty, "Arn"))
}

pub(crate) fn find<'p>(properties: &'p [(Name, Node)], name: &str) -> Option<&'p Node> {
    properties.iter().find(|(key, _)| **key == *name).map(|(_, node)| node).filter(|node| !node.is_null())
}
