//! Trees of a template to the values that they stand for.
//!
//! What is known is computed; what is not becomes unknown by itself, and everything around it stays known. A function
//! whose condition nobody has decided gives what both of its branches agree on.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Unknown};

use super::loops::is_loop;
use super::macros::CALL;
use super::stack::{Outcome, Stack, later, unreadable};

impl<'t> Stack<'t> {
    /// What a node comes to.
    pub(crate) fn resolve(&mut self, node: &'t Node) -> Outcome {
        if !self.may_work(1) {
            return Outcome::Value(unreadable(node.span, "the template takes too much work to read"));
        }
        if let Some(blank) = &self.template.blank {
            return Outcome::Value(Node::new(node.span, NodeKind::Unknown(blank.clone())));
        }
        match &node.kind {
            NodeKind::List(elements) => Outcome::Value(self.list(node.span, elements)),
            NodeKind::Map(members) => match function(members) {
                Some((name, argument)) => self.function(name, argument, node.span),
                None => Outcome::Value(self.map(node.span, members)),
            },
            NodeKind::Text(text) => Outcome::Value(dynamic(node, text)),
            _ => Outcome::Value(node.clone()),
        }
    }

    /// What a node comes to where a value has to be.
    pub(crate) fn value(&mut self, node: &'t Node) -> Node {
        self.resolve(node).value(node.span)
    }

    fn list(&mut self, span: Span, elements: &'t [Node]) -> Node {
        let mut resolved = Vec::with_capacity(elements.len());
        for element in elements {
            match self.resolve(element) {
                Outcome::Value(node) => resolved.push(node),
                Outcome::Nothing => {}
                // Whether there is an element is not known.
                Outcome::Perhaps(unknown) => {
                    resolved.push(Node::new(element.span, NodeKind::Unknown(unknown.perhaps())));
                }
            }
        }
        Node::new(span, NodeKind::List(resolved))
    }

    fn map(&mut self, span: Span, members: &'t [(Name, Node)]) -> Node {
        if members.iter().any(|(key, _)| **key == *CALL) {
            return later(span, "a macro adds to this at deployment");
        }
        if let Some((call, _)) = members.iter().find(|(key, _)| key.starts_with("Fn::") && !is_loop(key)) {
            return unreadable(span, format!("`{call}` stands beside other keys"));
        }
        let mut resolved = Vec::with_capacity(members.len());
        for (key, node) in members {
            if let Some(node) = self.resolve(node).member(node.span) {
                resolved.push((key.clone(), node));
            }
        }
        Node::new(span, NodeKind::Map(resolved))
    }
}

/// The function that an object is a call of, and its argument.
pub(crate) fn function(members: &[(Name, Node)]) -> Option<(&Name, &Node)> {
    match members {
        [(name, argument)] if &**name == "Ref" || name.starts_with("Fn::") => Some((name, argument)),
        _ => None,
    }
}

/// A text with a dynamic reference. One to a secret stays as it is written: its value is nobody's business, and rules
/// want to see that it is none of the template. One to an ordinary parameter is a value that deployment reads.
fn dynamic(node: &Node, text: &str) -> Node {
    if text.contains("{{resolve:ssm:") {
        return later(node.span, format!("`{text}` is read at deployment"));
    }
    node.clone()
}

pub(crate) fn dynamic_unknown() -> Unknown {
    undecided("a dynamic reference is read at deployment")
}

/// What two values agree on.
pub(crate) fn join(span: Span, a: Outcome, b: Outcome, why: &Unknown) -> Outcome {
    match (a, b) {
        (Outcome::Nothing, Outcome::Nothing) => Outcome::Nothing,
        (Outcome::Value(a), Outcome::Value(b)) => Outcome::Value(agreed(span, &a, &b, why)),
        (Outcome::Perhaps(unknown), _) | (_, Outcome::Perhaps(unknown)) => Outcome::Perhaps(why.and(&unknown)),
        (Outcome::Nothing, Outcome::Value(_)) | (Outcome::Value(_), Outcome::Nothing) => Outcome::Perhaps(why.clone()),
    }
}

fn agreed(span: Span, a: &Node, b: &Node, why: &Unknown) -> Node {
    let kind = match (&a.kind, &b.kind) {
        (NodeKind::Map(a), NodeKind::Map(b)) => NodeKind::Map(agreed_members(a, b, why)),
        (NodeKind::List(a), NodeKind::List(b)) => NodeKind::List(agreed_elements(span, a, b, why)),
        (NodeKind::Unknown(a), NodeKind::Unknown(b)) if same_text(a, b) => NodeKind::Unknown(agreed_text(a, b)),
        _ if same(a, b) => return a.clone(),
        _ => NodeKind::Unknown(why.clone()),
    };
    Node::new(span, kind)
}

/// The elements that both lists have for sure, and whether there may be more.
fn agreed_elements(span: Span, a: &[Node], b: &[Node], why: &Unknown) -> Vec<Node> {
    let (sure_a, sure_b) = (open_end(a).unwrap_or(a.len()), open_end(b).unwrap_or(b.len()));
    let both = a.iter().take(sure_a).zip(b.iter().take(sure_b));
    let mut elements: Vec<Node> = both.map(|(a, b)| agreed(a.span, a, b, why)).collect();
    if elements.len() < a.len() || elements.len() < b.len() {
        elements.push(Node::new(span, NodeKind::Unknown(why.clone().perhaps())));
    }
    elements
}

/// Where in a list an element stands of which nobody knows whether it is there.
pub(crate) fn open_end(elements: &[Node]) -> Option<usize> {
    elements.iter().position(|node| matches!(&node.kind, NodeKind::Unknown(unknown) if unknown.is_perhaps()))
}

fn agreed_members(a: &[(Name, Node)], b: &[(Name, Node)], why: &Unknown) -> Vec<(Name, Node)> {
    let find = |members: &[(Name, Node)], name: &Name| members.iter().position(|(key, _)| key == name);
    let mut members = Vec::new();
    for (key, node) in a {
        let node = match find(b, key).and_then(|at| b.get(at)) {
            Some((_, other)) => agreed(node.span, node, other, why),
            None => Node::new(node.span, NodeKind::Unknown(why.clone())),
        };
        members.push((key.clone(), node));
    }
    for (key, node) in b.iter().filter(|(key, _)| find(a, key).is_none()) {
        members.push((key.clone(), Node::new(node.span, NodeKind::Unknown(why.clone()))));
    }
    members
}

/// Whether two scalars are known to be the same value.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::Null, NodeKind::Null) => true,
        (NodeKind::Bool(a), NodeKind::Bool(b)) => a == b,
        (NodeKind::Int(a), NodeKind::Int(b)) => a == b,
        (NodeKind::Float(a), NodeKind::Float(b)) => a == b,
        (NodeKind::Text(a), NodeKind::Text(b)) | (NodeKind::Beyond(a), NodeKind::Beyond(b)) => a == b,
        _ => false,
    }
}

fn same_text(a: &Unknown, b: &Unknown) -> bool {
    a.symbol().zip(b.symbol()).is_some_and(|(a, b)| a.equals(b) == Some(true))
}

/// What is the same text in two cases is put together so only if it is in both.
fn agreed_text(a: &Unknown, b: &Unknown) -> Unknown {
    match a.symbol().zip(b.symbol()) {
        Some((own, other)) if own.written_out() != other.written_out() => a.clone().standing_for(own.by_name()),
        _ => a.clone(),
    }
}

/// An unknown of which nothing is known but why.
pub(crate) fn undecided(why: impl Into<std::sync::Arc<str>>) -> Unknown {
    Unknown::new(Reason::Undecided, why)
}
