//! What only the interpreter decides.

use std::sync::Arc;

use parapet_ir::{Expr, Slot, Statement};

use crate::dependence::Key;

/// A part of a guardrail that is true, false or unknown of a resource.
#[derive(Clone, Debug)]
pub struct Atom {
    /// The `let`s that it reads, in order: evaluated first.
    pub lets: Vec<(Slot, Arc<Expr>)>,
    pub part: Part,
    /// What it reads of the resource.
    pub keys: Vec<Key>,
    /// It reads more than that, so that equal values do not make it equal.
    pub open: bool,
}

/// See [`Atom`].
#[derive(Clone, Debug)]
pub enum Part {
    Condition(Arc<Expr>),
    /// A loop: whether all requirements in it hold.
    Loop(Arc<Statement>),
}
