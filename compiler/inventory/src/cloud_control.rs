//! Answers of the Cloud Control API.
//!
//! `get-resource` gives `{"TypeName", "ResourceDescription": {"Identifier", "Properties"}}`, `list-resources` a
//! list of descriptions under one `TypeName`. `Properties` is JSON inside a string, in the canonical shape.
//! `AccountId` and `Region`, which no answer has, may be put beside them.

use std::sync::Arc;

use parapet_model::{Form, Name, Node, NodeKind, Property, Record, ResourceType};

use crate::delivery::Delivery;
use crate::element::{Element, inner, member, member_text};
use crate::names;
use crate::recorder;
use crate::sink::By;

/// Elements of a `ResourceDescriptions` list, and records with a description.
pub(crate) fn recognises(element: &Element<'_>) -> bool {
    let node = &element.node;
    let described = node.get("ResourceDescription").is_some();
    element.envelope.key == "ResourceDescriptions" || described || is_description(node)
}

fn is_description(node: &Node) -> bool {
    node.get("Identifier").is_some() && node.get("Properties").is_some()
}

/// Delivers one description.
pub(crate) fn deliver(cx: &mut Delivery<'_>, element: Element<'_>) {
    let node = &element.node;
    let description = member(node, "ResourceDescription").unwrap_or(node);
    let Some(name) = type_name(&element) else {
        return cx.fault(&element, node.span, "the answer has no `TypeName`");
    };
    let Some(ty) = cx.schema.resource_type(&name).cloned() else {
        return cx.unread(&element, format!("resource type {name} is not known to any schema"));
    };
    match properties(description) {
        Ok(properties) => {
            let record = record(cx, &element, &ty, description, properties);
            recorder::covered(cx, &record, By::Recorder);
            cx.record(record);
        }
        Err((node, message)) => cx.fault(&element, node.span, &message),
    }
}

fn type_name(element: &Element<'_>) -> Option<Name> {
    member_text(&element.node, "TypeName").map(Name::from).or_else(|| element.envelope.resource_type.clone())
}

/// The properties, which are JSON inside a string, or an object.
fn properties(description: &Node) -> Result<Vec<(Name, Node)>, (&Node, String)> {
    let Some(properties) = member(description, "Properties") else {
        return Err((description, "the description has no `Properties`".to_owned()));
    };
    match inner(properties) {
        Ok(Node { kind: NodeKind::Map(members), .. }) => Ok(members),
        Ok(_) => Err((properties, "`Properties` is not an object".to_owned())),
        Err(message) => Err((properties, format!("`Properties`: {message}"))),
    }
}

fn record(
    cx: &mut Delivery<'_>,
    element: &Element<'_>,
    ty: &Arc<ResourceType>,
    description: &Node,
    properties: Vec<(Name, Node)>,
) -> Record {
    let mut record = Record::new(ty.name.clone(), element.origin(0));
    record.pointer = element.pointer.clone();
    record.properties = names::canonical(ty, properties);
    record.id = member(description, "Identifier").cloned().or_else(|| names::identifier(ty, &record.properties));
    record.arn = names::recorded_arn(ty, &record.properties);
    record.name = names::recorded_name(ty, &record.properties);
    let said = |name: &str, envelope: &Option<Name>| match member(&element.node, name) {
        Some(node) => Some(node.clone()),
        None => envelope.clone().map(|text| Node::new(element.span(), NodeKind::Text(text))),
    };
    record.account = said("AccountId", &element.envelope.account).map(|node| cx.names.share(&node));
    record.region = said("Region", &element.envelope.region).map(|node| cx.names.share(&node));
    record.form = form(element, ty);
    record
}

/// Properties that no answer shows, not even that of `get-resource`.
pub(crate) fn hides(_: &ResourceType, property: &Property) -> bool {
    property.write_only || property.config_only || property.extended
}

/// How much of a resource a listing shows is up to the type's handler: what is not there is not absent, it was not shown.
fn form(element: &Element<'_>, ty: &ResourceType) -> Form {
    let listed = element.envelope.key == "ResourceDescriptions";
    let unobservable = listed.then(|| Arc::new(ty.properties.keys().cloned().collect()));
    Form { live: true, unobservable, ..Form::default() }
}
