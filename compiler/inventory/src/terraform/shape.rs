//! From Terraform's shape to the canonical one, by the schema alone.
//!
//! A single block is a list of one: where a record belongs, the block stands. `null` and `""` are absent, but not in
//! maps and lists. Names match without underscores and case, in singular or plural, with or without the endings
//! that Terraform leaves out. Whatever else a block has is not in the canonical shape.

use parapet_model::{Name, Node, NodeKind, Properties, Property, Schema, Type};

use super::source::unknown_at;

/// The canonical form of a node where a `ty` belongs; nothing for what is absent.
pub(super) fn shaped(schema: &Schema, ty: &Type, node: Node) -> Option<Node> {
    let span = node.span;
    let kind = match (ty, node.kind) {
        (Type::Optional(inner), kind) => return shaped(schema, inner, Node::new(span, kind)),
        (_, NodeKind::Null) => return None,
        (_, kind @ NodeKind::Unknown(_)) => kind,
        (Type::SchemaRecord(named), NodeKind::Map(members)) => match schema.record(&named.owner, &named.record) {
            Some(properties) => NodeKind::Map(fields(schema, properties, members)),
            None => NodeKind::Map(members),
        },
        (Type::SchemaRecord(_), NodeKind::List(mut blocks)) => match blocks.len() {
            0 => return None,
            1 => return shaped(schema, ty, blocks.remove(0)),
            _ => return Some(unknown_at(span, "several blocks where the resource type has one")),
        },
        (Type::List { element, .. } | Type::Set(element), NodeKind::List(elements)) => {
            NodeKind::List(elements.into_iter().filter_map(|node| element_of(schema, element, node)).collect())
        }
        (Type::List { element, .. } | Type::Set(element), kind @ (NodeKind::Map(_) | NodeKind::Text(_)))
            if !is_document(&kind) =>
        {
            NodeKind::List(element_of(schema, element, Node::new(span, kind)).into_iter().collect())
        }
        (Type::Json | Type::Policy | Type::Map(_) | Type::List { .. } | Type::Set(_), kind) => kind,
        (_, NodeKind::Text(text)) if text.is_empty() => return None,
        // A scalar attribute in a block of its own kind stays what it is, and reads as what it is not.
        (_, kind) => kind,
    };
    Some(Node::new(span, kind))
}

/// A list may hold empty texts.
fn element_of(schema: &Schema, ty: &Type, node: Node) -> Option<Node> {
    match &node.kind {
        NodeKind::Text(text) if text.is_empty() => Some(node),
        _ => shaped(schema, ty, node),
    }
}

/// Text that holds a list as JSON, such as the containers of a task.
fn is_document(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::Text(text) if text.trim_start().starts_with('['))
}

fn fields(schema: &Schema, properties: &Properties, members: Vec<(Name, Node)>) -> Vec<(Name, Node)> {
    let mut fields: Vec<(Name, Node)> = Vec::new();
    for (key, node) in members {
        let Some(property) = named(properties, &key) else { continue };
        if fields.iter().any(|(name, _)| *name == property.name) {
            continue;
        }
        fields.extend(shaped(schema, &property.ty, node).map(|node| (property.name.clone(), node)));
    }
    fields
}

/// The member of a record that an attribute of a block is called after.
fn named<'p>(properties: &'p Properties, key: &str) -> Option<&'p Property> {
    if let Some(exact) = properties.get(key) {
        return Some(exact);
    }
    let wanted = squashed(key);
    let equal = properties.values().find(|property| squashed(&property.name) == wanted);
    equal.or_else(|| properties.values().find(|property| is_akin(&squashed(&property.name), &wanted)))
}

/// Names without underscores and case.
pub(super) fn squashed(name: &str) -> String {
    name.chars().filter(|letter| letter.is_ascii_alphanumeric()).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Singular and plural, endings that one side leaves out, `EnableX` and `x_enabled`.
fn is_akin(property: &str, attribute: &str) -> bool {
    let plural = |one: &str, many: &str| {
        many.strip_suffix('s') == Some(one) || many.strip_suffix("ies").is_some_and(|stem| one == format!("{stem}y"))
    };
    let ended = |long: &str, short: &str| {
        long.strip_prefix(short)
            .is_some_and(|end| matches!(end, "configuration" | "config" | "specification" | "options"))
    };
    let switch = |name: &str| -> Option<String> {
        let stem = name.strip_prefix("enable").or_else(|| name.strip_suffix("enabled"));
        stem.map(|stem| stem.trim_start_matches('d').to_owned()).filter(|stem| !stem.is_empty())
    };
    plural(attribute, property)
        || plural(property, attribute)
        || ended(property, attribute)
        || ended(attribute, property)
        || switch(property).is_some_and(|stem| Some(stem) == switch(attribute))
}

#[cfg(test)]
mod tests {
    use parapet_model::json::parse;

    use super::*;
    use crate::tests::show;

    fn shape(ty: &str, property: &str, text: &str) -> String {
        let schema = Schema::embedded();
        let property = schema.resource_type(ty).unwrap().property(property).unwrap();
        shaped(schema, &property.ty, parse(text).unwrap()).map_or("nothing".to_owned(), |node| show(&node))
    }

    #[test]
    fn single_blocks_are_records() {
        let config =
            r#"[{"subnet_ids": ["a"], "security_group_ids": [], "vpc_id": "x", "ipv6_allowed_for_dual_stack": null}]"#;
        assert_eq!(shape("AWS::Lambda::Function", "VpcConfig", config), r#"{SubnetIds:["a"],SecurityGroupIds:[]}"#);
        assert_eq!(shape("AWS::Lambda::Function", "VpcConfig", "[]"), "nothing");
        assert_eq!(
            shape("AWS::Lambda::Function", "VpcConfig", "[{}, {}]"),
            "?several blocks where the resource type has one"
        );
    }

    #[test]
    fn empty_texts_are_absent_but_in_collections() {
        assert_eq!(shape("AWS::Lambda::Function", "Description", "\"\""), "nothing");
        assert_eq!(shape("AWS::Lambda::Function", "Layers", "[\"\"]"), "[\"\"]");
    }

    #[test]
    fn names_are_akin() {
        assert!(is_akin("tags", "tag") && is_akin("policies", "policy") && is_akin("loggingconfiguration", "logging"));
        assert!(is_akin("enablehttp2", "http2enabled") && !is_akin("id", "ids2"));
    }
}
