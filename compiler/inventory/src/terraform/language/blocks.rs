//! Blocks of a resource, `dynamic` ones among them.

use parapet_model::{Name, Node, NodeKind, Reason, Unknown};
use rustc_hash::FxHashMap;

use super::eval::Scope;
use super::loops::positioned;
use super::program::Program;
use super::value::text_of;

/// The most blocks that one `dynamic` makes.
const MOST_BLOCKS: usize = 10_000;

/// Where arguments and blocks stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the body of a resource, where `dynamic` makes blocks whatever it lacks.
    Body,
    /// In a block, or in an object, in which a member may be called so.
    Inside,
}

/// `{"ingress": {"for_each": …, "content": …}}`, or a list of such; also one that lacks something.
pub(super) fn is_dynamic(part: &Node, place: Place) -> bool {
    let bodies = labelled(part);
    let has_own = |body: &Node| ["for_each", "content"].iter().any(|name| body.get(name).is_some());
    let is_body = |body: &Node| match place {
        Place::Body => matches!(body.kind, NodeKind::Map(_)),
        Place::Inside => has_own(body),
    };
    !bodies.is_empty() && bodies.iter().all(|(_, body)| is_body(body))
}

/// Bodies with their labels: `{"label": body}`, where either may be a list of several.
pub(super) fn labelled(part: &Node) -> Vec<(&Name, &Node)> {
    match &part.kind {
        NodeKind::Map(members) => {
            let mut bodies = Vec::new();
            for (name, node) in members {
                match &node.kind {
                    NodeKind::List(several) => bodies.extend(several.iter().map(|body| (name, body))),
                    _ => bodies.push((name, node)),
                }
            }
            bodies
        }
        NodeKind::List(parts) => parts.iter().flat_map(labelled).collect(),
        _ => Vec::new(),
    }
}

/// Members in the order in which they came, found by their names.
#[derive(Default)]
pub(super) struct Members {
    pub(super) values: Vec<(Name, Node)>,
    by_name: FxHashMap<Name, usize>,
}

impl Members {
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        let at = *self.by_name.get(name)?;
        self.values.get_mut(at).map(|(_, value)| value)
    }

    /// Adds a member that is not there yet.
    pub(super) fn push(&mut self, name: Name, value: Node) {
        self.by_name.insert(name.clone(), self.values.len());
        self.values.push((name, value));
    }

    /// Adds a block or an attribute; blocks of one name follow each other.
    pub(super) fn add(&mut self, name: Name, value: Node) {
        match self.get_mut(&name) {
            None => self.push(name, value),
            Some(Node { kind: NodeKind::List(before), .. }) => before.extend(listed(value)),
            Some(before) => {
                let all = [listed(before.clone()), listed(value)].concat();
                before.kind = NodeKind::List(all);
            }
        }
    }
}

fn listed(node: Node) -> Vec<Node> {
    match node.kind {
        NodeKind::List(elements) => elements,
        kind => vec![Node::new(node.span, kind)],
    }
}

impl Program<'_> {
    /// Adds the blocks that `dynamic` makes.
    pub(super) fn dynamic(&self, part: &Node, scope: &Scope, values: &mut Members) {
        for (label, body) in labelled(part) {
            let made = self.blocks(label, body, scope);
            values.add(label.clone(), Node::new(body.span, NodeKind::List(made)));
        }
    }

    fn blocks(&self, label: &str, body: &Node, scope: &Scope) -> Vec<Node> {
        let span = body.span;
        let perhaps = |unknown: Unknown| vec![Node::new(span, NodeKind::Unknown(unknown.opaque().perhaps()))];
        let undecided = |why: &str| perhaps(Unknown::new(Reason::Undecided, why));
        let Some((each, content)) = body.get("for_each").zip(body.get("content")) else {
            return undecided("a `dynamic` block without `for_each` or `content`");
        };
        let iterator = body.get("iterator").and_then(Node::as_text).unwrap_or(label).to_owned();
        let elements: Vec<(Node, Node)> = match self.value(each, scope).kind {
            NodeKind::Unknown(unknown) => return perhaps(unknown),
            NodeKind::List(elements) => {
                let key = |at: Node, value: &Node| if text_of(value).is_some() { value.clone() } else { at };
                positioned(elements).into_iter().map(|(at, value)| (key(at, &value), value)).collect()
            }
            NodeKind::Map(members) => {
                members.into_iter().map(|(key, value)| (Node::new(span, NodeKind::Text(key)), value)).collect()
            }
            _ => return undecided("`for_each` is neither a list nor a map"),
        };
        if elements.len() > MOST_BLOCKS {
            return undecided(&format!("more than {MOST_BLOCKS} blocks"));
        }
        let block = |(key, value): (Node, Node)| match &value.kind {
            NodeKind::Unknown(unknown) if unknown.is_perhaps() => value,
            _ => {
                let element = super::value::map(vec![("key".into(), key), ("value".into(), value)]);
                self.value(first(content), &scope.with(&iterator, element))
            }
        };
        elements.into_iter().map(block).collect()
    }
}

/// A body may stand in a list of one.
pub(super) fn first(part: &Node) -> &Node {
    match &part.kind {
        NodeKind::List(parts) => parts.first().unwrap_or(part),
        _ => part,
    }
}
