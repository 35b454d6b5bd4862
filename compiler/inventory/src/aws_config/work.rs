//! What is done with a value that a path of a mapping leads to.
//!
//! First it is decoded, then each operation makes the next value of it, or nothing. What an operation makes
//! has the place of what it was made of.

use parapet_model::{Name, Node, NodeKind, json, policy};
use regex::Regex;

use super::fold::unwrapped;
use super::path::{Step, is_no_container, steps, truthy, unreadable, walk};
use super::source::{Scope, Source, members, record};
use crate::base64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decode {
    Json,
    Url,
    Bool,
    Base64,
}

/// One operation on a value that is there.
#[derive(Debug)]
pub(crate) enum Work {
    Exists,
    Equals(Node),
    /// The value for which this one stands, else the one for any other.
    Values(Vec<(Name, Node)>),
    Drop(Node),
    Regex(Regex),
    Join(Vec<Part>),
    /// A text to the list of its parts.
    Split(String),
    /// A map as a list of records that have its keys in these members.
    Keyed {
        members: Vec<Name>,
        split: Option<String>,
        each: Option<Vec<(Name, Source)>>,
    },
    Each(Vec<(Name, Source)>),
}

#[derive(Debug)]
pub(crate) enum Part {
    Path(Vec<Step>),
    Literal(String),
}

/// `url+json`: one after the other.
pub(crate) fn decoding(names: &str) -> Option<Vec<Decode>> {
    let decoding = |name: &str| match name {
        "json" => Some(Decode::Json),
        "url" => Some(Decode::Url),
        "bool" => Some(Decode::Bool),
        "base64" => Some(Decode::Base64),
        _ => None,
    };
    names.split(['+', '-']).map(decoding).collect()
}

/// What the text says; text that does not decode, and what is no text, stays as it is.
pub(crate) fn decode(node: Node, decoding: &[Decode]) -> Node {
    decoding.iter().fold(node, |node, how| {
        let NodeKind::Text(text) = &node.kind else { return node };
        let decoded = match how {
            Decode::Json => json::parse(text).ok().map(|inner| inner.place_all(node.span)),
            Decode::Url => Some(Node::new(node.span, NodeKind::Text(policy::percent_decode(text).into()))),
            Decode::Bool => boolean(text).map(|value| Node::new(node.span, NodeKind::Bool(value))),
            Decode::Base64 => base64::decoded(text).map(|text| Node::new(node.span, NodeKind::Text(text.into()))),
        };
        decoded.unwrap_or(node)
    })
}

fn boolean(text: &str) -> Option<bool> {
    let text = text.trim_matches('"');
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    (is("true") || is("false")).then(|| is("true"))
}

/// The operations of a source, in the order in which they are done.
pub(crate) fn work(node: &Node) -> Option<Vec<Work>> {
    let mut work = Vec::new();
    let text = |name: &str| node.get(name).and_then(Node::as_text);
    if let Some(pattern) = node.get("regex") {
        work.push(Work::Regex(Regex::new(pattern.as_text()?).ok()?));
    }
    if let Some(parts) = node.get("join") {
        work.push(Work::Join(parts.as_list()?.iter().map(part).collect::<Option<_>>()?));
    }
    let each = match node.get("each") {
        Some(each) => Some(members(each)?),
        None => None,
    };
    let split = text("split").map(str::to_owned);
    match (node.get("key"), each, split) {
        (Some(key), each, split) => work.push(Work::Keyed { members: key_members(key)?, split, each }),
        (None, each, split) => work.extend(split.map(Work::Split).into_iter().chain(each.map(Work::Each))),
    }
    if let Some(values) = node.get("values") {
        let NodeKind::Map(members) = &values.kind else { return None };
        work.push(Work::Values(members.clone()));
    }
    work.extend(node.get("drop").cloned().map(Work::Drop));
    work.extend(node.get("equals").cloned().map(Work::Equals));
    work.extend(node.get("exists").map(|_| Work::Exists));
    Some(work)
}

/// The members that a map's key goes into: one, or as many as it has parts.
fn key_members(key: &Node) -> Option<Vec<Name>> {
    match &key.kind {
        NodeKind::List(list) => list.iter().map(|name| name.as_text().map(Name::from)).collect(),
        _ => Some(vec![key.as_text()?.into()]),
    }
}

/// What begins like a name is a path into the element, the rest stands for itself.
fn part(node: &Node) -> Option<Part> {
    let text = node.as_text()?;
    match text.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
        true => steps(text).map(Part::Path),
        false => Some(Part::Literal(text.to_owned())),
    }
}

impl Work {
    /// The value after this operation; nothing if nothing comes of it.
    pub(crate) fn done(&self, node: Node, scope: Scope<'_>) -> Option<Node> {
        let span = node.span;
        if matches!(node.kind, NodeKind::Unknown(_)) {
            return Some(node);
        }
        match self {
            Work::Exists => Some(Node::new(span, NodeKind::Bool(truthy(&node)))),
            Work::Equals(wanted) => Some(Node::new(span, NodeKind::Bool(same(scalar(&node), wanted)))),
            Work::Values(values) => chosen(&node, values),
            Work::Drop(unwanted) => dropped(node, unwanted),
            Work::Regex(pattern) => {
                let text = text(scalar(&node))?;
                let group = pattern.captures(&text)?.get(1)?;
                Some(Node::new(span, NodeKind::Text(group.as_str().into())))
            }
            Work::Join(parts) => Some(joined(node, parts)),
            Work::Split(separator) => Some(parted(node, separator)),
            Work::Keyed { members, split, each } => {
                Some(keyed(node, members, split.as_deref(), each.as_deref(), scope))
            }
            Work::Each(sources) => Some(mapped(node, sources, scope)),
        }
    }
}

fn chosen(node: &Node, values: &[(Name, Node)]) -> Option<Node> {
    let text = text(scalar(node))?;
    let exact = values.iter().find(|(key, _)| *key == text);
    let chosen = exact.or_else(|| values.iter().find(|(key, _)| &**key == "*"));
    chosen.map(|(_, value)| value.clone().place_all(node.span))
}

/// Of `{"value": x}`, the `x`.
fn scalar(node: &Node) -> &Node {
    unwrapped(node).unwrap_or(node)
}

fn text(node: &Node) -> Option<Name> {
    match &node.kind {
        NodeKind::Text(text) | NodeKind::Beyond(text) => Some(text.clone()),
        NodeKind::Int(number) => Some(number.to_string().into()),
        NodeKind::Float(number) => Some(number.to_string().into()),
        NodeKind::Bool(value) => Some(value.to_string().into()),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Unknown(_) => None,
    }
}

fn same(node: &Node, wanted: &Node) -> bool {
    text(node).is_some() && text(node) == text(wanted)
}

/// Nothing for the unwanted value; of a record, the rest without the members of an unwanted list.
fn dropped(node: Node, unwanted: &Node) -> Option<Node> {
    let Some(names) = unwanted.as_list() else { return Some(node).filter(|node| !same(scalar(node), unwanted)) };
    let is_unwanted = |key: &Name| names.iter().any(|name| name.as_text() == Some(key));
    match node.kind {
        NodeKind::Map(members) => {
            let kept = members.into_iter().filter(|(key, _)| !is_unwanted(key)).collect();
            Some(Node::new(node.span, NodeKind::Map(kept)))
        }
        kind => Some(Node::new(node.span, kind)),
    }
}

fn joined(node: Node, parts: &[Part]) -> Node {
    let join = |element: &Node| {
        let part = |part: &Part| match part {
            Part::Literal(literal) => Some(Name::from(literal.as_str())),
            Part::Path(path) => walk(element, path).as_ref().and_then(text),
        };
        let parts: Option<Vec<Name>> = parts.iter().map(part).collect();
        Some(Node::new(element.span, NodeKind::Text(parts?.concat().into())))
    };
    match node.as_list() {
        Some(list) => Node::new(node.span, NodeKind::List(list.iter().filter_map(join).collect())),
        None => join(&node).unwrap_or(Node::new(node.span, NodeKind::Null)),
    }
}

fn parted(node: Node, separator: &str) -> Node {
    let NodeKind::Text(text) = &node.kind else { return node };
    let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
    Node::new(node.span, NodeKind::List(parts.map(|part| Node::new(node.span, NodeKind::Text(part.into()))).collect()))
}

/// The elements of a list, or the one record, member by member.
fn mapped(node: Node, sources: &[(Name, Source)], scope: Scope<'_>) -> Node {
    let map = |element: &Node| match record(sources, scope.inside(element)) {
        members if members.is_empty() && is_no_container(element) => unreadable(element),
        members => Node::new(element.span, NodeKind::Map(members)),
    };
    match &node.kind {
        NodeKind::List(list) => Node::new(node.span, NodeKind::List(list.iter().map(map).collect())),
        NodeKind::Map(_) => map(&node),
        _ => node,
    }
}

/// `{"*/GET": {…}}` with the members `ResourcePath` and `HttpMethod` split by `/`: the last part is the last
/// member's, for the first may itself have the separator.
fn keyed(node: Node, names: &[Name], split: Option<&str>, each: Option<&[(Name, Source)]>, scope: Scope<'_>) -> Node {
    let NodeKind::Map(entries) = &node.kind else { return node };
    let entry = |(key, value): &(Name, Node)| {
        let parts: Vec<&str> = match split {
            Some(separator) => key.rsplitn(names.len(), separator).collect(),
            None => vec![key],
        };
        let text = |part: &str| Node::new(value.span, NodeKind::Text(part.into()));
        let mut members: Vec<(Name, Node)> = names.iter().cloned().zip(parts.into_iter().rev().map(text)).collect();
        match (each, &value.kind) {
            (Some(each), _) => members.extend(record(each, scope.inside(value))),
            (None, NodeKind::Map(own)) => members.extend(own.iter().cloned()),
            (None, _) => members.push(("Value".into(), value.clone())),
        }
        Node::new(value.span, NodeKind::Map(members))
    };
    Node::new(node.span, NodeKind::List(entries.iter().map(entry).collect()))
}
