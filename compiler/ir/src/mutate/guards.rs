//! The conditions that others lean on: `x is present and x.f == 1`.
//!
//! Without the first, the second would not check: a mutant that takes it away is one that nobody can write. Such
//! conditions, and the connectives that hold them, are left alone.

use parapet_base::Span;
use rustc_hash::FxHashSet;

use crate::data::{Expr, ExprKind};
use crate::visit::walk;

/// Adds the spans of what must stay in an expression: tests for presence, and their connectives.
pub(super) fn guards(expr: &Expr, found: &mut FxHashSet<(Span, bool)>) {
    let (left, right, and) = match &expr.kind {
        ExprKind::And(left, right) => (left, right, true),
        ExprKind::Or(left, right) => (left, right, false),
        _ => return,
    };
    let mut tests = Vec::new();
    chain(left, and, &mut tests);
    for (span, text) in tests {
        let mut leans = false;
        walk(right, &mut |part| leans |= read_text(part) == Some(text));
        if leans {
            found.insert((span, false));
            found.insert((expr.span, true));
        }
    }
}

/// The tests for presence in a chain of this connective: for `or`, those for absence.
fn chain<'e>(expr: &'e Expr, and: bool, tests: &mut Vec<(Span, &'e str)>) {
    match &expr.kind {
        ExprKind::IsPresent { value, absent } if *absent != and => {
            if let Some(text) = read_text(value) {
                tests.push((expr.span, text));
            }
        }
        ExprKind::And(left, right) if and => [left, right].into_iter().for_each(|part| chain(part, and, tests)),
        ExprKind::Or(left, right) if !and => [left, right].into_iter().for_each(|part| chain(part, and, tests)),
        _ => {}
    }
}

/// How the rule writes what is read.
fn read_text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Header { text, .. }
        | ExprKind::Property { text, .. }
        | ExprKind::Field { text, .. }
        | ExprKind::Member { text, .. }
        | ExprKind::Index { text, .. }
        | ExprKind::Slot(_, text) => Some(&**text).filter(|text| !text.is_empty()),
        _ => None,
    }
}
