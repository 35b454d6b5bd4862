//! Every node of a checked expression.

use crate::typed::{Typed, TypedBinding, TypedKind};

/// Calls `visit` for the expression and everything below it, outermost first.
pub fn walk<'t>(value: &'t Typed, visit: &mut impl FnMut(&'t Typed)) {
    visit(value);
    children(value, &mut |child| walk_dyn(child, visit));
}

fn walk_dyn<'t>(value: &'t Typed, visit: &mut dyn FnMut(&'t Typed)) {
    visit(value);
    children(value, &mut |child| walk_dyn(child, visit));
}

fn binding<'t>(binding: &'t TypedBinding, visit: &mut dyn FnMut(&'t Typed)) {
    visit(&binding.source);
    binding.filter.as_deref().into_iter().for_each(visit);
}

fn children<'t>(value: &'t Typed, visit: &mut dyn FnMut(&'t Typed)) {
    match &value.kind {
        TypedKind::Error
        | TypedKind::Unknown
        | TypedKind::Literal(_)
        | TypedKind::Now
        | TypedKind::Local(_)
        | TypedKind::Constant(_)
        | TypedKind::Parameter(_)
        | TypedKind::Resources(_)
        | TypedKind::AllResources
        | TypedKind::Accounts => {}
        TypedKind::Header { base, .. }
        | TypedKind::Property { base, .. }
        | TypedKind::Field { base, .. }
        | TypedKind::ArnPart { base, .. }
        | TypedKind::Member { base, .. }
        | TypedKind::Follow { base } => visit(base),
        TypedKind::Not(inner) | TypedKind::Negate(inner) | TypedKind::Cast(inner) | TypedKind::ToPolicy(inner) => {
            visit(inner)
        }
        TypedKind::IsPresent { value, .. } | TypedKind::IsType { value, .. } => visit(value),
        TypedKind::Matches { text, .. } => visit(text),
        TypedKind::Index { base: a, index: b }
        | TypedKind::Safe { base: a, body: b, .. }
        | TypedKind::Coalesce { value: a, default: b }
        | TypedKind::Closure { left: a, right: b, .. }
        | TypedKind::And(a, b)
        | TypedKind::Or(a, b)
        | TypedKind::Equal { left: a, right: b, .. }
        | TypedKind::Order { left: a, right: b, .. }
        | TypedKind::In { item: a, collection: b, .. }
        | TypedKind::InBlock { item: a, block: b, .. }
        | TypedKind::Like { text: a, pattern: b, .. }
        | TypedKind::Subset { left: a, right: b, .. }
        | TypedKind::Intersects { left: a, right: b, .. }
        | TypedKind::Arithmetic { left: a, right: b, .. } => [a, b].into_iter().for_each(|child| visit(child)),
        TypedKind::InRange { item, start, end, .. } => [item, start, end].into_iter().for_each(|child| visit(child)),
        TypedKind::If { condition, then, otherwise } => {
            [condition, then, otherwise].into_iter().for_each(|child| visit(child))
        }
        TypedKind::Quantified { binding: bound, body, .. } => {
            binding(bound, visit);
            visit(body);
        }
        TypedKind::Counted { binding: bound, .. } => binding(bound, visit),
        TypedKind::Comprehension { element, binding: bound } => {
            binding(bound, visit);
            visit(element);
        }
        TypedKind::List(elements) | TypedKind::Set(elements) => elements.iter().for_each(visit),
        TypedKind::Map(entries) | TypedKind::Record(entries) => entries.iter().for_each(|(_, value)| visit(value)),
        TypedKind::Block { lets, result } => {
            lets.iter().for_each(|(_, value)| visit(value));
            visit(result);
        }
        TypedKind::Call { arguments, .. } | TypedKind::Builtin { arguments, .. } => arguments.iter().for_each(visit),
    }
}
