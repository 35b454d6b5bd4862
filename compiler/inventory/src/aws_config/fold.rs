//! From the shapes of the services' APIs to the canonical one, by the schema alone.
//!
//! Names match in any case at every level, `{"value": x}` stands for `x` and `{"items": […], "quantity": n}` for
//! the list, text that holds JSON is opened where a record or a collection belongs, `null` is left out. Which
//! member of an API goes where, if not by its name, is for the mappings.

use parapet_model::{Name, Node, NodeKind, Properties, Schema, Type, json};

/// The canonical form of a node where a `ty` belongs; nothing for `null`.
pub(crate) fn fold(schema: &Schema, ty: &Type, node: Node) -> Option<Node> {
    if node.is_null() {
        return None;
    }
    if !takes_any(ty) {
        if let Some(inner) = opened(&node).filter(|_| is_nested(ty)) {
            return fold(schema, ty, inner);
        }
        if let Some(inner) = unwrapped(&node).filter(|_| wants_unwrapped(schema, ty, &node)) {
            return fold(schema, ty, inner.clone());
        }
    }
    let span = node.span;
    let kind = match (ty, node.kind) {
        (Type::Optional(inner), kind) => return fold(schema, inner, Node::new(span, kind)),
        (Type::SchemaRecord(named), NodeKind::Map(members)) => match schema.record(&named.owner, &named.record) {
            Some(properties) => NodeKind::Map(fold_members(schema, properties, members)),
            None => NodeKind::Map(members),
        },
        (Type::List { element, .. } | Type::Set(element), NodeKind::List(elements)) => {
            NodeKind::List(elements.into_iter().filter_map(|node| fold(schema, element, node)).collect())
        }
        (Type::Map(inner), NodeKind::Map(members)) => NodeKind::Map(
            members.into_iter().filter_map(|(key, node)| Some((key, fold(schema, inner, node)?))).collect(),
        ),
        (_, kind) => kind,
    };
    Some(Node::new(span, kind))
}

/// The canonical form of a property: an empty object or list is absent, unless the property is of that kind.
pub(crate) fn fold_property(schema: &Schema, ty: &Type, node: Node) -> Option<Node> {
    let node = fold(schema, ty, node)?;
    let empty = match &node.kind {
        NodeKind::List(elements) => elements.is_empty() && !matches!(ty, Type::List { .. } | Type::Set(_)),
        NodeKind::Map(members) => members.is_empty() && !matches!(ty, Type::Map(_)),
        _ => false,
    };
    (!empty).then_some(node)
}

fn fold_members(schema: &Schema, properties: &Properties, members: Vec<(Name, Node)>) -> Vec<(Name, Node)> {
    let folded = |(key, node): (Name, Node)| {
        let property = find_property(properties, &key)?;
        Some((property.name.clone(), fold(schema, &property.ty, node)?))
    };
    members.into_iter().filter_map(folded).collect()
}

fn find_property<'p>(properties: &'p Properties, key: &str) -> Option<&'p parapet_model::Property> {
    if let Some(property) = properties.get(key) {
        return Some(property);
    }
    let mut capital = key.to_owned();
    if let Some(first) = capital.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    properties.get(&*capital).or_else(|| properties.values().find(|property| property.name.eq_ignore_ascii_case(key)))
}

/// Types whose documents stay as they are.
fn takes_any(ty: &Type) -> bool {
    matches!(ty, Type::Json | Type::Policy)
}

fn is_nested(ty: &Type) -> bool {
    matches!(ty, Type::SchemaRecord(_) | Type::List { .. } | Type::Set(_) | Type::Map(_))
}

/// A map has whatever keys it likes, and a record may have a member `value`.
fn wants_unwrapped(schema: &Schema, ty: &Type, node: &Node) -> bool {
    match ty {
        Type::Map(_) => false,
        Type::SchemaRecord(named) => {
            node.get("value").is_some()
                && schema
                    .record(&named.owner, &named.record)
                    .is_some_and(|record| find_property(record, "value").is_none())
        }
        Type::List { .. } | Type::Set(_) => true,
        _ => node.get("value").is_some(),
    }
}

/// `{"value": x}` and `{"items": x, "quantity": n}` stand for `x`.
pub(crate) fn unwrapped(node: &Node) -> Option<&Node> {
    let NodeKind::Map(members) = &node.kind else { return None };
    match members.as_slice() {
        [(key, value)] if &**key == "value" => Some(value),
        _ => node.get("items").filter(|items| items.as_list().is_some() && node.get("quantity").is_some()),
    }
}

/// The object or array in a text, however often it was put into one.
pub(crate) fn opened(node: &Node) -> Option<Node> {
    let text = node.as_text()?;
    if !text.trim_start().starts_with(['{', '[', '"']) {
        return None;
    }
    let inner = json::parse(text).ok()?.place_all(node.span);
    match &inner.kind {
        NodeKind::Map(_) | NodeKind::List(_) => Some(inner),
        NodeKind::Text(_) => opened(&inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(ty: &str, property: &str, text: &str) -> Option<Node> {
        let schema = Schema::embedded();
        let property = schema.resource_type(ty).unwrap().property(property).unwrap();
        fold_property(schema, &property.ty, json::parse(text).unwrap())
    }

    #[test]
    fn names_are_canonical_at_every_level() {
        let node = folded("AWS::RDS::DBInstance", "Endpoint", r#"{"address": "x", "port": 5, "other": 1}"#).unwrap();
        assert_eq!(node.get("Address").and_then(Node::as_text), Some("x"));
        assert!(node.get("Port").is_some() && node.get("other").is_none());
    }

    #[test]
    fn wrappings_stand_for_what_is_in_them() {
        let list = folded("AWS::EC2::VPCEndpoint", "RouteTableIds", r#"{"items": ["a"], "quantity": 1}"#).unwrap();
        assert_eq!(list.as_list().map(<[Node]>::len), Some(1));
        let text = folded("AWS::EC2::VPC", "InstanceTenancy", r#"{"value": "default"}"#).unwrap();
        assert_eq!(text.as_text(), Some("default"));
        let record = folded("AWS::RDS::DBInstance", "Endpoint", r#""{\"address\": \"x\"}""#).unwrap();
        assert_eq!(record.get("Address").and_then(Node::as_text), Some("x"));
    }

    #[test]
    fn emptiness_is_absence_except_of_collections() {
        assert!(folded("AWS::RDS::DBInstance", "Endpoint", "{}").is_none());
        assert!(folded("AWS::RDS::DBInstance", "Endpoint", r#"{"address": null}"#).is_none());
        assert!(folded("AWS::ECR::Repository", "RepositoryPolicyText", "{}").is_none());
        assert!(folded("AWS::EC2::VPC", "InstanceTenancy", "[]").is_none());
        assert!(folded("AWS::EC2::VPCEndpoint", "RouteTableIds", "[]").is_some());
        assert!(folded("AWS::EC2::VPCEndpoint", "RouteTableIds", "null").is_none());
    }
}
