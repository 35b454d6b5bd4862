//! The tags of an item, which may stand in five places and have three shapes.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Properties, Reason, Schema, Type, Unknown};

use super::path::find;
use super::source::is_empty;

/// The members of a configuration that hold tags.
pub(super) const OWN: [&str; 3] = ["tags", "tagList", "tagSet"];

/// The members of `supplementaryConfiguration` that hold tags.
pub(super) const BESIDE: [&str; 2] = ["Tags", BUCKET];

const BUCKET: &str = "BucketTaggingConfiguration";

/// The first tags that are not empty: of the configuration, of `supplementaryConfiguration`, of the item.
///
/// Nothing when all are empty; unknown when the item has no place for tags, as in an answer to a query that did
/// not select them.
pub(crate) fn of_item(item: &Node, configuration: &Node, supplementary: Option<&Node>) -> Option<Node> {
    let own = OWN.iter().filter_map(|name| find(configuration, name));
    let other = supplementary.and_then(|node| find(node, "Tags")).into_iter().chain(find(item, "tags"));
    let mut any = false;
    for node in own.chain(other) {
        any = true;
        let node = super::fold::opened(node).unwrap_or_else(|| node.clone());
        if !is_empty(&node) {
            return Some(node);
        }
    }
    let bucket = supplementary.is_some_and(|node| find(node, BUCKET).is_some());
    let unknown = || Unknown::new(Reason::NotObservable, "not observable: the item carries no tags");
    (!any && !bucket).then(|| Node::new(Span::default(), NodeKind::Unknown(unknown())))
}

/// Tags in the shape of the property that holds them: a map, or a list of keys and values.
pub(crate) fn shaped(schema: &Schema, ty: &Type, node: Node) -> Node {
    match (ty, &node.kind) {
        (Type::List { element, .. } | Type::Set(element), _) => match &**element {
            Type::SchemaRecord(named) => match schema.record(&named.owner, &named.record) {
                Some(properties) => listed(properties, node),
                None => node,
            },
            _ => node,
        },
        (Type::Map(_) | Type::Json, NodeKind::List(list)) => {
            let members = list.iter().filter_map(|tag| Some((key_of(tag)?, value_of(tag)))).collect();
            Node::new(node.span, NodeKind::Map(members))
        }
        _ => node,
    }
}

fn listed(properties: &Properties, node: Node) -> Node {
    let field = |word: &str| properties.keys().find(|name| name.to_ascii_lowercase().ends_with(word)).cloned();
    let (Some(key_field), Some(value_field)) = (field("key"), field("value")) else { return node };
    let tag = |key: Name, value: Node| {
        let key = Node::new(value.span, NodeKind::Text(key));
        Node::new(value.span, NodeKind::Map(vec![(key_field.clone(), key), (value_field.clone(), value)]))
    };
    let list = match &node.kind {
        NodeKind::Map(members) => members.iter().map(|(key, value)| tag(key.clone(), value.clone())).collect(),
        // `{tagKey, tagValue}`; other members of a tag, such as `propagateAtLaunch`, come with `key` only.
        NodeKind::List(list) if list.iter().any(|tag| find(tag, "tagKey").is_some()) => {
            list.iter().filter_map(|element| Some(tag(key_of(element)?, value_of(element)))).collect()
        }
        _ => return node,
    };
    Node::new(node.span, NodeKind::List(list))
}

fn key_of(tag: &Node) -> Option<Name> {
    find(tag, "key").or_else(|| find(tag, "tagKey")).and_then(Node::as_text).map(Name::from)
}

fn value_of(tag: &Node) -> Node {
    let value = find(tag, "value").or_else(|| find(tag, "tagValue")).filter(|node| !node.is_null());
    value.cloned().unwrap_or_else(|| Node::new(tag.span, NodeKind::Text("".into())))
}
