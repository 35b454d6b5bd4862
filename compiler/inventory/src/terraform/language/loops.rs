//! `for` over lists and maps.
//!
//! An element that may be there or not makes one that may be, in a list; a map whose keys are not known is not.

use parapet_model::{Node, NodeKind, Reason, Unknown};

use super::blocks::Members;
use super::eval::Scope;
use super::functions;
use super::program::Program;
use super::syntax::{Expr, For};
use super::value::{list, map, node, number, text_of, truth, unknown};

impl Program<'_> {
    pub(super) fn looped(&self, looped: &For, scope: &Scope) -> Node {
        let source = self.eval(&looped.source, scope);
        let elements: Vec<(Node, Node)> = match source.kind {
            NodeKind::List(elements) => positioned(elements),
            NodeKind::Map(members) if !members.iter().any(|(key, _)| key.starts_with('\0')) => {
                members.into_iter().map(|(key, value)| (node(NodeKind::Text(key)), value)).collect()
            }
            NodeKind::Unknown(found) => return node(NodeKind::Unknown(found.opaque())),
            _ => return unknown("not a collection"),
        };
        match &looped.result_key {
            None => self.loop_list(looped, elements, scope),
            Some(key) => self.loop_map(looped, key, elements, scope),
        }
    }

    fn bound(&self, looped: &For, key: Node, value: Node, scope: &Scope) -> Scope {
        let scope = scope.with(&looped.value, value);
        looped.key.as_ref().map_or_else(|| scope.clone(), |name| scope.with(name, key))
    }

    fn loop_list(&self, looped: &For, elements: Vec<(Node, Node)>, scope: &Scope) -> Node {
        let mut made = Vec::new();
        for (key, value) in elements {
            if let NodeKind::Unknown(found) = &value.kind
                && found.is_perhaps()
            {
                made.push(value);
                continue;
            }
            let inner = self.bound(looped, key, value, scope);
            let kept = looped.condition.as_ref().map(|condition| self.eval(condition, &inner));
            match kept.as_ref().map(truth) {
                None | Some(Some(true)) => made.push(self.eval(&looped.result, &inner)),
                Some(Some(false)) => {}
                Some(None) => {
                    made.push(node(NodeKind::Unknown(Unknown::new(Reason::Undecided, "not known").perhaps())))
                }
            }
        }
        list(made)
    }

    fn loop_map(&self, looped: &For, key: &Expr, elements: Vec<(Node, Node)>, scope: &Scope) -> Node {
        let mut made = Members::default();
        for (at, value) in elements {
            if functions::is_perhaps(&value) {
                return unknown("a map whose keys are not known");
            }
            let inner = self.bound(looped, at, value, scope);
            let kept = looped.condition.as_ref().map(|condition| self.eval(condition, &inner));
            match kept.as_ref().map(truth) {
                None | Some(Some(true)) => {}
                Some(Some(false)) => continue,
                Some(None) => return unknown("a map whose keys are not known"),
            }
            let Some(name) = text_of(&self.eval(key, &inner)) else { return unknown("a map whose keys are not known") };
            let result = self.eval(&looped.result, &inner);
            match (made.get_mut(&name), looped.groups) {
                (Some(Node { kind: NodeKind::List(group), .. }), true) => group.push(result),
                (None, true) => made.push(name.into(), list([result])),
                (None, false) => made.push(name.into(), result),
                (Some(_), _) => return unknown(format!("two values for the key `{name}`")),
            }
        }
        map(made.values)
    }
}

/// Elements with their positions. What may be there or not moves what follows.
pub(super) fn positioned(elements: Vec<Node>) -> Vec<(Node, Node)> {
    let sure = elements.iter().position(functions::is_perhaps).unwrap_or(elements.len());
    let position = |at: usize| match at < sure {
        true => number(at),
        false => unknown("a position behind what is not known"),
    };
    elements.into_iter().enumerate().map(|(at, value)| (position(at), value)).collect()
}
