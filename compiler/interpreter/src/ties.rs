//! Which conditions only tie one resource to another.
//!
//! `policy.Bucket == bucket.id` says which policy is meant, and not what is wrong with it. An explanation shows first what is
//! said of a resource, and then why it is that resource.

use parapet_ir::{Expr, ExprKind, Slot, walk};
use parapet_model::Type;

/// Whether a condition is about several resources in each of its parts.
pub(crate) fn ties(condition: &Expr) -> bool {
    match &condition.kind {
        ExprKind::And(left, right) => ties(left) && ties(right),
        _ => speaks_of_several(condition),
    }
}

fn speaks_of_several(condition: &Expr) -> bool {
    let mut spoken_of: Vec<Slot> = Vec::new();
    walk(condition, &mut |part| {
        if let ExprKind::Slot(slot, _) = &part.kind
            && matches!(part.ty.required(), Type::Resource(_) | Type::AnyResource)
            && !spoken_of.contains(slot)
        {
            spoken_of.push(*slot);
        }
    });
    spoken_of.len() > 1
}
