//! The expressions of a definition that decide, each with the part that it plays, in the order of the text.
//!
//! Messages are left out: they decide nothing. The order is the same for every copy of a definition, so that a
//! number names a site.

use parapet_model::Order;

use crate::data::*;

/// The part that an expression plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The condition of a `require`.
    Require,
    /// The condition of a `skip if`.
    Skip,
    /// The condition of an `if`.
    Choice,
    /// What stands after `where`, or after the `if` of a comprehension.
    Filter,
    /// An operand of `and`, of `or`.
    Conjunct,
    Disjunct,
    /// What `not` negates.
    Negated,
    /// An element of a list of several.
    Element,
    /// A side of an ordering, the end of a range: adding this to a number there is what another change of the operator does not do.
    Bound(i64),
    Plain,
}

/// Calls `visit` for each site of statements.
pub(super) fn statements(body: &mut [Statement], visit: &mut dyn FnMut(&mut Expr, Role)) {
    for statement in body {
        match &mut statement.kind {
            StatementKind::Let { value, .. } => expr(value, Role::Plain, visit),
            StatementKind::Skip { condition, .. } => expr(condition, Role::Skip, visit),
            StatementKind::Require { condition, .. } => expr(condition, Role::Require, visit),
            StatementKind::For { binding, body } => {
                bound(binding, visit);
                statements(body, visit);
            }
            StatementKind::If { condition, then, otherwise } => {
                expr(condition, Role::Choice, visit);
                statements(then, visit);
                statements(otherwise, visit);
            }
        }
    }
}

/// Calls `visit` for an expression and the sites below it, outermost first.
pub(super) fn expr(value: &mut Expr, role: Role, visit: &mut dyn FnMut(&mut Expr, Role)) {
    visit(value, role);
    parts(value, visit);
}

/// A join only finds what its condition says again: without it every resource is tried.
fn bound(binding: &mut Binding, visit: &mut dyn FnMut(&mut Expr, Role)) {
    match &mut binding.source {
        Source::Elements(source) => expr(source, Role::Plain, visit),
        Source::Resources(resources) => unplanned(resources),
        Source::Accounts => {}
    }
    if let Some(filter) = &mut binding.filter {
        expr(filter, Role::Filter, visit);
    }
}

fn unplanned(resources: &mut Resources) {
    *resources =
        Resources { types: resources.types.clone(), join: None, account: None, region: None, reads_place: true };
}

fn parts(value: &mut Expr, visit: &mut dyn FnMut(&mut Expr, Role)) {
    let several = matches!(&value.kind, ExprKind::List(all) | ExprKind::Set(all) if all.len() > 1);
    match &mut value.kind {
        ExprKind::Value(_)
        | ExprKind::Now
        | ExprKind::Slot(..)
        | ExprKind::Constant(_)
        | ExprKind::Parameter(_)
        | ExprKind::Accounts => {}
        ExprKind::Resources(resources) => unplanned(resources),
        ExprKind::Header { base, .. }
        | ExprKind::Property { base, .. }
        | ExprKind::Field { base, .. }
        | ExprKind::ArnPart { base, .. }
        | ExprKind::Member { base, .. }
        | ExprKind::Follow { base, .. }
        | ExprKind::IsPresent { value: base, .. }
        | ExprKind::IsType { value: base, .. }
        | ExprKind::Matches { text: base, .. }
        | ExprKind::Negate(base)
        | ExprKind::Cast(base)
        | ExprKind::ToPolicy(base) => expr(base, Role::Plain, visit),
        ExprKind::Not(inner) => expr(inner, Role::Negated, visit),
        ExprKind::And(left, right) => [left, right].into_iter().for_each(|part| expr(part, Role::Conjunct, visit)),
        ExprKind::Or(left, right) => [left, right].into_iter().for_each(|part| expr(part, Role::Disjunct, visit)),
        ExprKind::Order { op, left, right } => {
            // `x < 5` may become `x <= 5`, which is `x < 6`: what is left to try is `x < 4`.
            let step = match op {
                Order::Less | Order::GreaterEqual => -1,
                Order::LessEqual | Order::Greater => 1,
            };
            expr(left, Role::Bound(-step), visit);
            expr(right, Role::Bound(step), visit);
        }
        ExprKind::Like { text, pattern, .. } => {
            expr(text, Role::Plain, visit);
            if let Pattern::Dynamic(pattern) = pattern {
                expr(pattern, Role::Plain, visit);
            }
        }
        ExprKind::Index { base: a, index: b, .. }
        | ExprKind::Safe { base: a, body: b, .. }
        | ExprKind::Coalesce { value: a, default: b }
        | ExprKind::Closure { left: a, right: b, .. }
        | ExprKind::Equal { left: a, right: b, .. }
        | ExprKind::In { item: a, collection: b, .. }
        | ExprKind::InBlock { item: a, block: b, .. }
        | ExprKind::Subset { left: a, right: b, .. }
        | ExprKind::Intersects { left: a, right: b, .. }
        | ExprKind::Arithmetic { left: a, right: b, .. } => {
            [a, b].into_iter().for_each(|part| expr(part, Role::Plain, visit));
        }
        ExprKind::InRange { item, start, end, inclusive, .. } => {
            [item, start].into_iter().for_each(|part| expr(part, Role::Plain, visit));
            // `..9` may become `..=9`, which is `..10`.
            expr(end, Role::Bound(if *inclusive { 1 } else { -1 }), visit);
        }
        ExprKind::If { condition, then, otherwise } => {
            expr(condition, Role::Choice, visit);
            expr(then, Role::Plain, visit);
            expr(otherwise, Role::Plain, visit);
        }
        ExprKind::Quantified { binding, body, .. } => {
            bound(binding, visit);
            expr(body, Role::Plain, visit);
        }
        ExprKind::Count(binding) | ExprKind::First(binding) => bound(binding, visit),
        ExprKind::Comprehension { element, binding } => {
            bound(binding, visit);
            expr(element, Role::Plain, visit);
        }
        ExprKind::List(elements) | ExprKind::Set(elements) => {
            let role = if several { Role::Element } else { Role::Plain };
            elements.iter_mut().for_each(|element| expr(element, role, visit));
        }
        ExprKind::Map(entries) | ExprKind::Record(entries) => {
            entries.iter_mut().for_each(|(_, value)| expr(value, Role::Plain, visit));
        }
        ExprKind::Block { lets, result } => {
            lets.iter_mut().for_each(|(_, value)| expr(value, Role::Plain, visit));
            expr(result, Role::Plain, visit);
        }
        ExprKind::Call { arguments, .. } | ExprKind::Builtin { arguments, .. } => {
            arguments.iter_mut().for_each(|argument| expr(argument, Role::Plain, visit));
        }
    }
}
