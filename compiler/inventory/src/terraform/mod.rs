//! Terraform: plans, states, configuration in JSON.
//!
//! Whatever the document, it comes down to instances with attributes ([`instance`]); facts say which canonical
//! resource and property those are ([`mapping`]), and which of them are one resource in the canon ([`fold`]).
//! What is not known before deployment is unknown, and stands for what it refers to ([`settle`]).

mod address;
mod companions;
mod configuration;
mod constants;
mod document;
mod drafts;
mod fold;
mod generated;
mod instance;
mod language;
mod mapping;
mod plan;
mod policies;
mod records;
mod removed;
mod satellites;
mod secrets;
mod settle;
mod shape;
mod source;
mod state;
mod targets;
mod values;

pub use language::{called_modules, is_in_module};
use std::path::Path;

use parapet_base::Span;
use parapet_model::{Node, NodeKind};

use crate::delivery::Delivery;
use crate::element::{Element, member_text};

/// Resource types that no plan, state or configuration can hold, and settings of an account, which it has whether they are
/// made here or not: of these only those that are made here are seen.
pub(crate) const UNSEEN: [&str; 9] = [
    "AWS::DirectoryService::Directory",
    "AWS::DirectoryService::LDAPSSettings",
    "AWS::DirectoryService::LogSubscription",
    "AWS::DirectoryService::SharedDirectory",
    "AWS::EC2::EbsEncryptionByDefault",
    "AWS::IAM::AccountPasswordPolicy",
    "AWS::IAM::AccountSummary",
    "AWS::IAM::CredentialReport",
    "AWS::S3::AccountPublicAccessBlock",
];

pub(crate) fn is_plan(element: &Element<'_>) -> bool {
    plan::recognises(&element.node)
}

pub(crate) fn is_state(element: &Element<'_>) -> bool {
    state::recognises(&element.node)
}

pub(crate) fn deliver_plan(cx: &mut Delivery<'_>, mut element: Element<'_>) {
    let tree = taken(&mut element);
    plan::deliver(cx, &element, tree);
}

pub(crate) fn deliver_state(cx: &mut Delivery<'_>, mut element: Element<'_>) {
    let tree = taken(&mut element);
    state::deliver(cx, &element, tree);
}

pub(crate) fn is_configuration(element: &Element<'_>) -> bool {
    language::read::recognises(&element.node)
}

pub(crate) fn deliver_configuration(cx: &mut Delivery<'_>, mut element: Element<'_>) {
    let tree = taken(&mut element);
    language::read::deliver(cx, &element, tree);
}

/// `.tf.json`
pub(crate) fn is_named_configuration(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".tf.json"))
}

/// The tree of an element, which has none afterwards.
fn taken(element: &mut Element<'_>) -> Node {
    let nothing = Node::new(element.span(), NodeKind::Null);
    std::mem::replace(&mut element.node, nothing)
}

/// Whether this build reads the format's version: all of the majors 0 and 1 are alike.
fn version(tree: &Node, what: &str) -> Result<(), (Span, String)> {
    let span = tree.get("format_version").map_or(tree.span, |node| node.span);
    let Some(text) = member_text(tree, "format_version") else {
        return Err((span, format!("the {what} has no `format_version`")));
    };
    match text.split('.').next() {
        Some("0" | "1") => Ok(()),
        _ => Err((span, format!("a {what} of format {text} is not read: this version knows 0.1 to 1.2"))),
    }
}

/// The elements of a member that is a list where it is there; anything else is a fault.
fn listed<'n>(node: &'n Node, name: &str, faults: &mut Vec<(Span, String)>) -> &'n [Node] {
    let Some(member) = node.get(name).filter(|member| !member.is_null()) else { return &[] };
    member.as_list().unwrap_or_else(|| {
        faults.push((member.span, format!("`{name}` is not a list")));
        &[]
    })
}

/// A member that is an object where it is there; anything else is a fault.
fn object<'n>(node: &'n Node, name: &str, faults: &mut Vec<(Span, String)>) -> Option<&'n Node> {
    let member = node.get(name).filter(|member| !member.is_null())?;
    let is_object = matches!(member.kind, NodeKind::Map(_));
    if !is_object {
        faults.push((member.span, format!("`{name}` is not an object")));
    }
    is_object.then_some(member)
}

/// The steps of the module that an address of a resource begins with.
fn module_of(address: &str) -> Option<Vec<address::Part>> {
    let parts = address::parts(address)?;
    let steps = parts.chunks(2).take_while(|pair| matches!(pair, [word, _] if word.name == "module"));
    Some(steps.filter_map(|pair| pair.get(1).cloned()).collect())
}

/// The properties of a type that resources of their own set; whether they add elements.
pub(crate) fn shared(resource_type: &str) -> impl Iterator<Item = (parapet_model::Name, bool)> {
    mapping::Mapping::get().folds_into(resource_type).map(|fold| (fold.property.clone(), fold.appends))
}
