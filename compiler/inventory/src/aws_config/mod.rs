//! AWS Config: configuration items, wherever they stand.
//!
//! An item comes in a snapshot or history (`configurationItems`), as a line of its own, as a JSON text in a query
//! answer (`Results`), or in the event that a rule is called with (`invokingEvent`). Its `configuration` has the
//! shape of the service's API; [`mapping`] says per type how that becomes the canonical one. What an item does
//! not carry is marked as not observable, so that it is not taken to be absent.

mod fold;
pub(crate) mod glanced;
mod infer;
mod item;
mod mapping;
mod path;
mod source;
pub(crate) mod tags;
#[cfg(test)]
pub(crate) mod tests;
mod work;

use parapet_model::{Name, Node, NodeKind, Property, ResourceType, Schema};

use crate::delivery::Delivery;
use crate::element::{Element, inner, member};

pub(crate) use mapping::Mapping;

/// The name of the format. Of its items no more is read than is wanted.
pub const NAME: &str = "aws-config";

/// The types that AWS Config records, by its own names, whose items show resources of a canonical type.
pub fn recorded_types(canonical: &str) -> Vec<Name> {
    Mapping::get().showing(canonical)
}

/// Properties that no item shows.
pub(crate) fn hides(ty: &ResourceType, property: &Property) -> bool {
    let entry = Mapping::get().entry(Schema::embedded(), &ty.name);
    let hidden = entry.as_ref().and_then(|entry| entry.hidden.as_ref());
    property.write_only || property.extended || hidden.is_some_and(|hidden| hidden.contains(&property.name))
}

/// Items, texts of items and events with items.
pub(crate) fn recognises(element: &Element<'_>) -> bool {
    let node = &element.node;
    match element.envelope.key {
        "configurationItems" | "baseConfigurationItems" | "BaseConfigurationItems" => true,
        "Results" => node.as_text().is_some_and(|text| text.trim_start().starts_with('{')) || is_item(node),
        _ => is_item(node) || is_event(node),
    }
}

fn is_item(node: &Node) -> bool {
    let identified = || ["resourceId", "arn", "ARN", "accountId"].iter().any(|name| node.get(name).is_some());
    match member(node, "resourceType") {
        Some(name) => name.as_text().is_some_and(|name| name.contains("::")),
        None => node.get("configurationItemStatus").is_some() || (node.get("configuration").is_some() && identified()),
    }
}

fn is_event(node: &Node) -> bool {
    EVENTS.iter().any(|name| node.get(name).is_some())
}

/// What an event holds its item in, or the text of the event in which it stands.
const EVENTS: [&str; 4] = ["invokingEvent", "configurationItem", "ConfigurationItem", "configurationItemSummary"];

/// Delivers the item in a record.
pub(crate) fn deliver(cx: &mut Delivery<'_>, mut element: Element<'_>) {
    let nothing = Node::new(element.span(), NodeKind::Null);
    let node = std::mem::replace(&mut element.node, nothing);
    match item(node) {
        Ok(Some(node)) => item::deliver(cx, &element, node),
        Ok(None) => cx.unread(&element, "an event of AWS Config that carries no item".to_owned()),
        Err((node, message)) => cx.fault(&element, node.span, &message),
    }
}

/// The item in a record; an event about an oversized item has a summary of it.
fn item(node: Node) -> Result<Option<Node>, (Node, String)> {
    if matches!(node.kind, NodeKind::Text(_)) {
        return match inner(&node) {
            Ok(inner) if !matches!(inner.kind, NodeKind::Text(_)) => item(inner),
            Ok(_) => Err((node, "a text that holds no item".to_owned())),
            Err(message) => Err((node, message)),
        };
    }
    let found = EVENTS.iter().find_map(|name| member(&node, name)).cloned();
    match found {
        Some(found) => item(found),
        None if is_event(&node) || node.get("messageType").is_some() => Ok(None),
        None => Ok(Some(node)),
    }
}
