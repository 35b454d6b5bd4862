//! Values of Terraform's language: nodes that have no place of their own.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Symbol, Unknown};
use rustc_hash::FxHashMap;

/// A value without a place.
pub(super) fn node(kind: NodeKind) -> Node {
    Node::new(Span::default(), kind)
}

pub(super) fn list(elements: impl IntoIterator<Item = Node>) -> Node {
    node(NodeKind::List(elements.into_iter().collect()))
}

pub(super) fn map(members: Vec<(Name, Node)>) -> Node {
    node(NodeKind::Map(members))
}

pub(super) fn number(value: usize) -> Node {
    node(i64::try_from(value).map_or(NodeKind::Null, NodeKind::Int))
}

/// A value that is not known, and why.
pub(super) fn unknown(why: impl Into<Arc<str>>) -> Node {
    node(NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

/// A value of a simple type as text.
pub(super) fn text_of(value: &Node) -> Option<String> {
    match &value.kind {
        NodeKind::Text(text) | NodeKind::Beyond(text) => Some(text.to_string()),
        NodeKind::Int(number) => Some(number.to_string()),
        NodeKind::Float(number) => Some(number.to_string()),
        NodeKind::Bool(value) => Some(value.to_string()),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Unknown(_) => None,
    }
}

/// The truth of a value.
pub(super) fn truth(value: &Node) -> Option<bool> {
    match &value.kind {
        NodeKind::Bool(value) => Some(*value),
        NodeKind::Text(text) if &**text == "true" => Some(true),
        NodeKind::Text(text) if &**text == "false" => Some(false),
        _ => None,
    }
}

/// Whether two values are the same; `None` while nobody knows.
pub(super) fn same(a: &Node, b: &Node) -> Option<bool> {
    match (&a.kind, &b.kind) {
        (NodeKind::Unknown(a), NodeKind::Unknown(b)) => a.symbol().zip(b.symbol()).and_then(|(a, b)| a.equals(b)),
        (NodeKind::Unknown(unknown), NodeKind::Null) | (NodeKind::Null, NodeKind::Unknown(unknown)) => {
            unknown.symbol().filter(|symbol| is_there(symbol)).map(|_| false)
        }
        (NodeKind::Unknown(unknown), NodeKind::Text(text)) | (NodeKind::Text(text), NodeKind::Unknown(unknown)) => {
            unknown.symbol().filter(|symbol| !symbol.may_be(text)).map(|_| false)
        }
        (NodeKind::Unknown(_), _) | (_, NodeKind::Unknown(_)) => None,
        (NodeKind::Null, NodeKind::Null) => Some(true),
        (NodeKind::List(a), NodeKind::List(b)) => {
            let open =
                |list: &[Node]| list.iter().any(|node| matches!(&node.kind, NodeKind::Unknown(u) if u.is_perhaps()));
            match (open(a) || open(b), a.len() == b.len()) {
                (true, _) => None,
                (false, false) => Some(false),
                (false, true) => all(a.iter().zip(b).map(|(a, b)| same(a, b))),
            }
        }
        (NodeKind::Map(a), NodeKind::Map(b)) if a.len() == b.len() => {
            let others: FxHashMap<&Name, &Node> = b.iter().map(|(key, value)| (key, value)).collect();
            all(a.iter().map(|(key, value)| others.get(key).map_or(Some(false), |other| same(value, other))))
        }
        (NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Null, _)
        | (_, NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Null) => Some(false),
        (NodeKind::Text(a), NodeKind::Text(b)) => Some(a == b),
        (NodeKind::Bool(a), NodeKind::Bool(b)) => Some(a == b),
        // A text and a number are different to Terraform, unless the type of an argument or an attribute converts one.
        _ if is_number(a) && is_number(b) => numbers(a, b),
        _ => match text_of(a) == text_of(b) || rounded(a).is_some_and(|number| Some(number) == rounded(b)) {
            true => None,
            false => Some(false),
        },
    }
}

/// Whether what only the deployment gives is no null: identifiers are texts, and so is what they are a part of. Any other
/// attribute may be one that nobody sets.
fn is_there(symbol: &Symbol) -> bool {
    symbol.alone().is_none_or(|attribute| matches!(&*attribute.name, "id" | "arn"))
}

pub(super) fn is_number(value: &Node) -> bool {
    matches!(value.kind, NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Beyond(_))
}

/// Up to here whole numbers and fractions are told apart.
const MOST_EXACT: u64 = 1 << 53;

/// Whether two numbers are the same; `None` where only what is left of them is. To Terraform they have many more digits.
fn numbers(a: &Node, b: &Node) -> Option<bool> {
    let is_one = text_of(a) == text_of(b);
    match (&a.kind, &b.kind) {
        (NodeKind::Int(a), NodeKind::Int(b)) => Some(a == b),
        // Of what differs when it is rounded the numbers do.
        _ if !is_one && rounded(a)? != rounded(b)? => Some(false),
        (NodeKind::Int(whole), NodeKind::Float(_)) | (NodeKind::Float(_), NodeKind::Int(whole)) => {
            (whole.unsigned_abs() <= MOST_EXACT).then_some(true)
        }
        (NodeKind::Beyond(_), _) | (_, NodeKind::Beyond(_)) => is_one.then_some(true),
        _ => Some(true),
    }
}

/// A value as the nearest number that there is room for.
pub(super) fn rounded(value: &Node) -> Option<f64> {
    text_of(value)?.parse().ok()
}

/// False on one false, true when all are true.
#[expect(clippy::manual_try_fold, reason = "what is not known ends nothing: a false one may follow")]
fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    truths.fold(Some(true), |so_far, truth| match (so_far, truth) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    })
}

/// How many values a value is made of.
pub(super) fn size(value: &Node) -> usize {
    match &value.kind {
        NodeKind::List(elements) => 1 + elements.iter().map(size).sum::<usize>(),
        NodeKind::Map(members) => 1 + members.iter().map(|(_, value)| size(value)).sum::<usize>(),
        NodeKind::Text(text) => 1 + text.len() / 64,
        _ => 1,
    }
}
