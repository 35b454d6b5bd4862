//! `try` and `can`: the first argument that is no error, and whether there is one.
//!
//! Terraform passes over an argument that leads to what a value does not have. What is merely not known may be such an
//! error, or may be there: then nobody knows which argument counts. So an evaluation says beside its value whether it led to
//! what is not there for sure; what it may never evaluate, and what is declared elsewhere, is told apart.

use std::sync::Arc;

use parapet_model::{Node, NodeKind};

use super::eval::Scope;
use super::functions::{has_perhaps, unknown_within};
use super::handle::Handle;
use super::program::Program;
use super::syntax::Expr;
use super::value::{node, unknown};

impl Program<'_> {
    /// What is evaluated by itself, and whether that leads to what is not there.
    pub(super) fn apart<T>(&self, evaluate: impl FnOnce() -> T) -> (T, bool) {
        let before = self.is_missing.replace(false);
        let value = evaluate();
        (value, self.is_missing.replace(before))
    }

    /// The first argument that is there. One that is not known may turn out to be an error.
    pub(super) fn attempt(&self, arguments: &[Expr], scope: &Scope) -> Node {
        let mut last = unknown("try: no argument");
        for expr in arguments {
            let (value, is_missing) = self.apart(|| self.eval(expr, scope));
            if !is_missing {
                return value;
            }
            last = value;
        }
        self.is_missing.set(!arguments.is_empty());
        last
    }

    /// Whether the argument is there.
    pub(super) fn can(&self, arguments: &[Expr], scope: &Scope) -> Node {
        let Some(expr) = arguments.first() else { return unknown("can: no argument") };
        let (value, is_missing) = self.apart(|| self.eval(expr, scope));
        match unknown_within(&value) {
            _ if is_missing => node(NodeKind::Bool(false)),
            Some(found) => node(NodeKind::Unknown(found)),
            None => node(NodeKind::Bool(true)),
        }
    }

    /// What a value does not have, or is not known to have.
    pub(super) fn missing(&self, value: &Node, key: &str, why: impl Into<Arc<str>>) -> Node {
        if lacks(value, key) {
            self.is_missing.set(true);
        }
        unknown(why)
    }
}

/// Whether a value has no such member or element for sure.
fn lacks(value: &Node, key: &str) -> bool {
    match &value.kind {
        NodeKind::Unknown(_) => false,
        // A single block may be written without its list.
        NodeKind::Map(members) => {
            Handle::of(value).is_none() && key != "0" && !members.iter().any(|(name, _)| **name == *key)
        }
        NodeKind::List(elements) => !has_perhaps(value) && key.parse::<usize>().map_or(true, |at| at >= elements.len()),
        NodeKind::Null
        | NodeKind::Bool(_)
        | NodeKind::Int(_)
        | NodeKind::Float(_)
        | NodeKind::Beyond(_)
        | NodeKind::Text(_) => true,
    }
}
