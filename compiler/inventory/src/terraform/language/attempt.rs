//! `try`: the first argument that is no error.
//!
//! Terraform passes over an argument that leads to what a value does not have. What is merely not known may be such an
//! error, or may be there: then nobody knows which argument counts. So it is asked of the expression and of what
//! it is made of, never of the words of an unknown value.

use parapet_model::{Node, NodeKind};

use super::eval::Scope;
use super::functions::has_perhaps;
use super::program::{Handle, Program};
use super::syntax::{Expr, Part};
use super::value::{text_of, unknown};

impl Program<'_> {
    /// The first argument that is there. One that is not known may turn out to be an error.
    pub(super) fn attempt(&self, arguments: &[Expr], scope: &Scope) -> Node {
        let mut last = unknown("try: no argument");
        for expr in arguments {
            last = self.eval(expr, scope);
            let is_open = matches!(&last.kind, NodeKind::Unknown(found) if found.symbol().is_none());
            if !is_open || !self.is_missing(expr, scope) {
                return last;
            }
        }
        last
    }

    /// Whether an expression leads, or a part that is evaluated in any case does, to what is not there for sure.
    fn is_missing(&self, expr: &Expr, scope: &Scope) -> bool {
        let any = |parts: &[Expr]| parts.iter().any(|part| self.is_missing(part, scope));
        match expr {
            Expr::Attribute(base, name) => {
                !is_rooted(base, scope)
                    && (self.is_missing(base, scope) || lacks(&self.eval(base, scope), &Node::text(name.as_str())))
            }
            Expr::Index(base, index) => {
                self.is_missing(base, scope)
                    || self.is_missing(index, scope)
                    || lacks(&self.eval(base, scope), &self.eval(index, scope))
            }
            Expr::Template(parts) => parts.iter().any(|part| match part {
                Part::Literal(_) => false,
                Part::Computed(part) => self.is_missing(part, scope),
            }),
            Expr::Call { name, arguments, .. } => !matches!(name.as_str(), "try" | "can") && any(arguments),
            Expr::Binary(_, left, right) => self.is_missing(left, scope) || self.is_missing(right, scope),
            Expr::Tuple(parts) => any(parts),
            Expr::Object(members) => {
                members.iter().any(|(key, value)| self.is_missing(key, scope) || self.is_missing(value, scope))
            }
            Expr::Unary(_, inner) | Expr::Splat(inner, _) | Expr::Conditional(inner, _, _) => {
                self.is_missing(inner, scope)
            }
            Expr::For(looped) => self.is_missing(&looped.source, scope),
            Expr::Null | Expr::Bool(_) | Expr::Int(_) | Expr::Float(_) | Expr::Name(_) => false,
        }
    }
}

/// `var.x`, `data.TYPE.x`: what is not declared is an error that nothing passes over.
fn is_rooted(base: &Expr, scope: &Scope) -> bool {
    let is_root = |name: &str| !scope.locals.iter().any(|(local, _)| local == name);
    match base {
        Expr::Name(root) => is_root(root),
        Expr::Attribute(outer, _) => matches!(&**outer, Expr::Name(root) if root == "data" && is_root(root)),
        _ => false,
    }
}

/// Whether a value has no such member or element.
fn lacks(value: &Node, key: &Node) -> bool {
    if matches!(key.kind, NodeKind::Unknown(_)) {
        return false;
    }
    let Some(key) = text_of(key) else { return false };
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
