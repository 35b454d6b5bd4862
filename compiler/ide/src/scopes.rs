//! How far names reach that are bound inside of an item.

use parapet_base::Span;
use parapet_syntax::{Binding, Coverage, ExprKind, ItemKind, Statement, StatementKind, StepKind, Tree};

/// The names that an item binds: where each stands, and the text in which it may be used. Outer ones come first.
pub(crate) fn reaches(tree: &Tree, end: usize) -> Vec<(Span, Span)> {
    let whole = Span::new(0, end);
    let mut found = Vec::new();
    match &tree.kind {
        ItemKind::Guardrail { resource, body, .. } => {
            found.push((resource.span, whole));
            statements(tree, body, whole, &mut found);
        }
        ItemKind::Function { parameters, .. } | ItemKind::Relation { parameters, .. } => {
            found.extend(parameters.iter().map(|(name, _)| (name.span, whole)));
        }
        ItemKind::Test { steps, .. } => {
            for step in steps {
                if let StepKind::Resource { name, .. } = &step.kind {
                    found.push((name.span, Span { start: step.span.end, ..whole }));
                }
            }
        }
        ItemKind::Waiver { coverage, .. } => {
            for covered in coverage {
                if let Coverage::Where { name, condition, .. } = covered {
                    found.push((name.span, tree.span(*condition)));
                }
            }
        }
        ItemKind::Constant { .. }
        | ItemKind::Parameter { .. }
        | ItemKind::Schema { .. }
        | ItemKind::Extension { .. }
        | ItemKind::Use { .. } => {}
    }
    for expr in &tree.exprs {
        match &expr.kind {
            ExprKind::Quantified { binding, .. } | ExprKind::Counted { binding, .. } => {
                behind(tree, binding, expr.span, &mut found);
            }
            ExprKind::Comprehension { binding, .. } => {
                bound(binding, Span { end: binding.name.span.end, ..expr.span }, &mut found);
                behind(tree, binding, expr.span, &mut found);
            }
            ExprKind::Block { lets, .. } => found.extend(lets.iter().map(|(name, value)| {
                let start = tree.span(*value).end;
                (name.span, Span { start, ..expr.span })
            })),
            _ => {}
        }
    }
    found
}

fn bound(binding: &Binding, whole: Span, found: &mut Vec<(Span, Span)>) {
    found.push((binding.name.span, whole));
}

/// What is gone through does not know the name.
fn behind(tree: &Tree, binding: &Binding, whole: Span, found: &mut Vec<(Span, Span)>) {
    bound(binding, Span { start: tree.span(binding.source).end, ..whole }, found);
}

fn statements(tree: &Tree, body: &[Statement], within: Span, found: &mut Vec<(Span, Span)>) {
    for statement in body {
        match &statement.kind {
            StatementKind::Let { name, .. } => {
                found.push((name.span, Span { start: statement.span.end, ..within }));
            }
            StatementKind::For { binding, body } => {
                behind(tree, binding, statement.span, found);
                statements(tree, body, statement.span, found);
            }
            StatementKind::If { condition: _, then, otherwise } => {
                statements(tree, then, branch(then, statement.span, otherwise), found);
                statements(tree, otherwise, statement.span, found);
            }
            StatementKind::Require { condition, message } => {
                // The message may name the element that was found.
                if let (ExprKind::Quantified { binding, .. }, Some(message)) = (&tree.expr(*condition).kind, message) {
                    bound(binding, message.span, found);
                }
            }
            StatementKind::Skip { .. } => {}
        }
    }
}

/// The text of the first branch of an `if`: up to where the other begins.
fn branch(then: &[Statement], whole: Span, otherwise: &[Statement]) -> Span {
    match (then.first(), otherwise.first()) {
        (Some(first), Some(other)) => Span { start: first.span.start, end: other.span.start },
        _ => whole,
    }
}
