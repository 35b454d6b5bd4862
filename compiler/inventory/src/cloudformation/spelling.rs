//! Names that CloudFormation gives: sections of a template, attributes of a resource, types.
//!
//! CloudFormation takes no template with a name that it does not know, and what such a name holds is not read here. Where
//! the name is near to one that counts, what that one would say is not known.

use parapet_base::nearest;
use parapet_model::{Name, Node, NodeKind, Schema, Unknown};

use super::functions::members;
use super::loops::is_loop;
use super::macros::CALL;
use super::resolve::undecided;
use super::template::{Doubt, is_added};

const SECTIONS: [&str; 13] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
    CALL,
];

const ATTRIBUTES: [&str; 14] = [
    "Condition",
    "Connectors",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Description",
    "IgnoreGlobals",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
    "Version",
    CALL,
];

/// What is wrong with the names of a template's sections, and of its resources' attributes.
pub(crate) fn doubts(tree: &Node) -> Vec<Doubt> {
    let sections = strangers(tree, &SECTIONS).map(|stranger| {
        let reason = format!("a template has no section {stranger}");
        // Misspelt, it may hold resources.
        Doubt { hides: stranger.near.is_some(), ..Doubt::wrong(stranger.node.span, reason) }
    });
    let resources = tree.get("Resources").map(members).unwrap_or_default();
    let attributes = resources.iter().filter(|(id, _)| !is_added(id)).flat_map(|(id, resource)| {
        strangers(resource, &ATTRIBUTES).map(move |stranger| {
            let reason = format!("resource `{id}`: CloudFormation has no attribute {stranger}");
            Doubt { hides: false, ..Doubt::wrong(stranger.node.span, reason) }
        })
    });
    sections.chain(attributes).collect()
}

/// Why nothing of a resource is what its attributes say: one of them is misspelt.
pub(crate) fn misspelt(resource: &Node) -> Option<Unknown> {
    let stranger = strangers(resource, &ATTRIBUTES).find(|stranger| stranger.near.is_some())?;
    Some(undecided(format!("the resource has an attribute {stranger}")))
}

/// A name that is not known.
struct Stranger<'n> {
    name: &'n Name,
    node: &'n Node,
    near: Option<&'static str>,
}

impl std::fmt::Display for Stranger<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.near {
            Some(near) => write!(f, "`{}`; did you mean `{near}`?", self.name),
            None => write!(f, "`{}`", self.name),
        }
    }
}

fn strangers<'n>(node: &'n Node, known: &'static [&'static str]) -> impl Iterator<Item = Stranger<'n>> {
    let map = matches!(node.kind, NodeKind::Map(_)).then(|| members(node)).unwrap_or_default();
    let strange = map.iter().filter(|(name, _)| !known.contains(&&**name) && !is_loop(name));
    strange.map(|(name, node)| Stranger { name, node, near: nearest(name, known.iter().copied()) })
}

/// The type that one which no schema knows is probably meant to be: the same service and nearly the same name, or the
/// other way round.
pub(crate) fn nearest_type(schema: &Schema, ty: &str) -> Option<Name> {
    let (service, resource) = parts(ty)?;
    let known = || schema.type_names().filter_map(|name| Some((name, parts(name)?)));
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let named = |own: &str, other: &str| known().find(|(_, parts)| same(parts.0, own) && same(parts.1, other));
    let of_service = known().filter(|(_, parts)| same(parts.0, service)).map(|(_, parts)| parts.1);
    let of_name = known().filter(|(_, parts)| same(parts.1, resource)).map(|(_, parts)| parts.0);
    let found = match (nearest(resource, of_service), nearest(service, of_name)) {
        (Some(near), _) => named(service, near),
        (None, Some(near)) => named(near, resource),
        (None, None) => None,
    };
    found.map(|(name, _)| name.clone())
}

/// The service and the name of a type of AWS.
fn parts(ty: &str) -> Option<(&str, &str)> {
    let (prefix, rest) = ty.split_once("::")?;
    prefix.eq_ignore_ascii_case("AWS").then(|| rest.split_once("::")).flatten()
}
