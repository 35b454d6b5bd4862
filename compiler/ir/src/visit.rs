//! Walking expressions.

use crate::data::{Binding, Expr, ExprKind, MessagePart, Pattern, Source, Statement, StatementKind};

/// Calls `visit` for an expression and all below it, outermost first.
pub fn walk<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    visit(expr);
    children(expr, &mut |child| walk(child, visit));
}

/// Calls `visit` for every expression of statements, messages included.
pub fn walk_statements<'e>(statements: &'e [Statement], visit: &mut dyn FnMut(&'e Expr)) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Let { value, .. } => walk(value, visit),
            StatementKind::Skip { condition, .. } => walk(condition, visit),
            StatementKind::Require { condition, message, .. } => {
                walk(condition, visit);
                for part in message.iter().flatten() {
                    if let MessagePart::Value(value) = part {
                        walk(value, visit);
                    }
                }
            }
            StatementKind::For { binding, body } => {
                bound(binding, &mut |child| walk(child, visit));
                walk_statements(body, visit);
            }
            StatementKind::If { condition, then, otherwise } => {
                walk(condition, visit);
                walk_statements(then, visit);
                walk_statements(otherwise, visit);
            }
        }
    }
}

/// What a binding evaluates: its source, the values of its join, its filter.
pub fn binding_parts(binding: &Binding) -> Vec<&Expr> {
    let mut parts = Vec::new();
    bound(binding, &mut |part| parts.push(part));
    parts
}

fn bound<'e>(binding: &'e Binding, visit: &mut dyn FnMut(&'e Expr)) {
    match &binding.source {
        Source::Elements(source) => visit(source),
        Source::Resources(resources) => {
            let join = resources.join.as_ref().map(|join| &join.value);
            join.into_iter().chain(&resources.account).chain(&resources.region).for_each(|value| visit(value));
        }
        Source::Accounts => {}
    }
    binding.filter.as_deref().into_iter().for_each(visit);
}

/// Calls `visit` for the direct parts of an expression.
pub fn children<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    match &expr.kind {
        ExprKind::Value(_)
        | ExprKind::Now
        | ExprKind::Slot(..)
        | ExprKind::Constant(_)
        | ExprKind::Parameter(_)
        | ExprKind::Resources(_)
        | ExprKind::Accounts => {}
        ExprKind::Header { base, .. }
        | ExprKind::Property { base, .. }
        | ExprKind::Field { base, .. }
        | ExprKind::ArnPart { base, .. }
        | ExprKind::Member { base, .. }
        | ExprKind::Follow { base, .. }
        | ExprKind::IsPresent { value: base, .. }
        | ExprKind::IsType { value: base, .. }
        | ExprKind::Matches { text: base, .. }
        | ExprKind::Not(base)
        | ExprKind::Negate(base)
        | ExprKind::Cast(base)
        | ExprKind::ToPolicy(base) => visit(base),
        ExprKind::Like { text, pattern, .. } => {
            visit(text);
            if let Pattern::Dynamic(pattern) = pattern {
                visit(pattern);
            }
        }
        ExprKind::Index { base: a, index: b, .. }
        | ExprKind::Safe { base: a, body: b, .. }
        | ExprKind::Coalesce { value: a, default: b }
        | ExprKind::Closure { left: a, right: b, .. }
        | ExprKind::And(a, b)
        | ExprKind::Or(a, b)
        | ExprKind::Equal { left: a, right: b, .. }
        | ExprKind::Order { left: a, right: b, .. }
        | ExprKind::In { item: a, collection: b, .. }
        | ExprKind::InBlock { item: a, block: b, .. }
        | ExprKind::Subset { left: a, right: b, .. }
        | ExprKind::Intersects { left: a, right: b, .. }
        | ExprKind::Arithmetic { left: a, right: b, .. } => [a, b].into_iter().for_each(|part| visit(part)),
        ExprKind::InRange { item: a, start: b, end: c, .. } | ExprKind::If { condition: a, then: b, otherwise: c } => {
            [a, b, c].into_iter().for_each(|part| visit(part));
        }
        ExprKind::Quantified { binding, body, .. } => {
            bound(binding, visit);
            visit(body);
        }
        ExprKind::Count(binding) | ExprKind::First(binding) => bound(binding, visit),
        ExprKind::Comprehension { element, binding } => {
            bound(binding, visit);
            visit(element);
        }
        ExprKind::List(elements) | ExprKind::Set(elements) => elements.iter().for_each(visit),
        ExprKind::Map(entries) | ExprKind::Record(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        ExprKind::Block { lets, result } => {
            lets.iter().for_each(|(_, value)| visit(value));
            visit(result);
        }
        ExprKind::Call { arguments, .. } | ExprKind::Builtin { arguments, .. } => arguments.iter().for_each(visit),
    }
}
