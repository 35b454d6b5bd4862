//! Trees that macros write.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Unknown};

/// Makes nodes at one place.
#[derive(Clone, Copy)]
pub(super) struct At(pub(super) Span);

impl At {
    pub(super) fn text(self, text: &str) -> Node {
        Node::new(self.0, NodeKind::Text(text.into()))
    }

    pub(super) fn list(self, elements: impl IntoIterator<Item = Node>) -> Node {
        Node::new(self.0, NodeKind::List(elements.into_iter().collect()))
    }

    /// A map of those members that there are.
    pub(super) fn map<'n>(self, members: impl IntoIterator<Item = (&'n str, Option<Node>)>) -> Node {
        let members = members.into_iter().filter_map(|(name, node)| Some((Name::from(name), node?)));
        Node::new(self.0, NodeKind::Map(members.collect()))
    }

    pub(super) fn call(self, function: &str, argument: Node) -> Node {
        self.map([(function, Some(argument))])
    }

    pub(super) fn reference(self, id: &str) -> Node {
        self.call("Ref", self.text(id))
    }

    pub(super) fn attribute(self, id: &str, attribute: &str) -> Node {
        self.call("Fn::GetAtt", self.list([self.text(id), self.text(attribute)]))
    }

    pub(super) fn sub(self, text: &str) -> Node {
        self.call("Fn::Sub", self.text(text))
    }
}

/// Whether what a value holds is decided by a function or a macro, so that its members are not those that are written.
pub(super) fn is_open(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Map(members) => is_call(members) || members.iter().any(|(key, _)| key.starts_with("Fn::")),
        NodeKind::Unknown(_) => true,
        _ => false,
    }
}

/// A value that nobody knows.
pub(super) fn unknown(span: Span, why: &str) -> Node {
    Node::new(span, NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

/// An element of a list of which nobody knows whether it is there, or how often.
pub(super) fn perhaps(span: Span, why: &str) -> Node {
    Node::new(span, NodeKind::Unknown(Unknown::new(Reason::Undecided, why).perhaps()))
}

/// A setting of which SAM makes others: unknown where it is not written out.
pub(super) fn or_unknown(node: Node, make: impl FnOnce(Node) -> Node) -> Node {
    match is_open(&node) {
        true => unknown(node.span, "a function decides what SAM makes of it"),
        false => make(node),
    }
}

/// A member that is there.
pub(super) fn member(node: &Node, name: &str) -> Option<Node> {
    node.get(name).filter(|node| !node.is_null()).cloned()
}

/// Two values of one setting: maps are merged, lists joined, of others the second counts.
pub(super) fn merged(base: &Node, own: &Node) -> Node {
    let kind = match (&base.kind, &own.kind) {
        (NodeKind::Map(base), NodeKind::Map(members)) if !is_call(base) && !is_call(members) => {
            let mut all: Vec<(Name, Node)> = Vec::new();
            for (name, node) in base {
                let other = members.iter().find(|(key, _)| key == name).map(|(_, node)| node);
                all.push((name.clone(), other.map_or_else(|| node.clone(), |other| merged(node, other))));
            }
            let fresh = members.iter().filter(|(name, _)| !base.iter().any(|(key, _)| key == name));
            all.extend(fresh.cloned());
            NodeKind::Map(all)
        }
        (NodeKind::List(base), NodeKind::List(elements)) => {
            NodeKind::List(base.iter().chain(elements).cloned().collect())
        }
        (_, NodeKind::Null) => return base.clone(),
        _ => return own.clone(),
    };
    Node::new(own.span, kind)
}

pub(super) fn is_call(members: &[(Name, Node)]) -> bool {
    super::super::resolve::function(members).is_some()
}

/// The properties of one resource that another has under the same names.
pub(super) fn same_named<'n>(node: &Node, names: &[&'n str]) -> Vec<(&'n str, Option<Node>)> {
    names.iter().map(|name| (*name, member(node, name))).collect()
}
