//! Plans collections of resources: which equality joins, which fix the account and region.

use std::sync::Arc;

use parapet_ir as ir;
use parapet_ir::JoinKey;
use parapet_model::{Equality, Name, Type};
use parapet_semantic::typed::{LocalId, Typed, TypedBinding, TypedKind};
use parapet_semantic::walk;

use crate::expr::Lowering;

/// Plans a collection. `joins` is a body that every element which counts must satisfy; `reads` is whatever else
/// looks at the element.
pub(crate) fn plan(
    lowering: &Lowering<'_>,
    types: Option<Arc<[Name]>>,
    binding: &TypedBinding,
    joins: Option<&Typed>,
    reads: Option<&Typed>,
) -> ir::Resources {
    let element = binding.local;
    let mut resources = ir::Resources { types, join: None, account: None, region: None, reads_place: false };
    let conditions = binding.filter.as_deref().into_iter().chain(joins);
    for (key, value) in conditions.flat_map(conjuncts).filter_map(|condition| equality(condition, element)) {
        let value = Box::new(lowering.expr(value));
        match &key {
            JoinKey::Header(name) if &**name == "account" => resources.account = Some(value.clone()),
            JoinKey::Header(name) if &**name == "region" => resources.region = Some(value.clone()),
            JoinKey::Header(_) | JoinKey::Property(_) | JoinKey::Tag(_) => {}
        }
        let place = |key: &JoinKey| matches!(key, JoinKey::Header(name) if matches!(&**name, "account" | "region"));
        let better = resources.join.as_ref().is_none_or(|known| place(&known.key) && !place(&key));
        if better {
            resources.join = Some(ir::Join { key, value });
        }
    }
    let mut parts = binding.filter.as_deref().into_iter().chain(joins).chain(reads);
    resources.reads_place = parts.any(|part| reads_place(part, element));
    resources
}

/// The operands of nested `and`s.
fn conjuncts(condition: &Typed) -> Vec<&Typed> {
    match &condition.kind {
        TypedKind::And(left, right) => [conjuncts(left), conjuncts(right)].concat(),
        _ => vec![condition],
    }
}

/// `element.key == value` or its mirror image, where `value` says nothing of the element.
fn equality(condition: &Typed, element: LocalId) -> Option<(JoinKey, &Typed)> {
    let TypedKind::Equal { left, right, negated: false, equality: Equality::Plain } = &condition.kind else {
        return None;
    };
    let sides = [(left, right), (right, left)];
    sides.into_iter().find_map(|(key, value)| {
        let key = key_of(key, element)?;
        (!mentions(value, element)).then_some((key, &**value))
    })
}

fn key_of(value: &Typed, element: LocalId) -> Option<JoinKey> {
    let hashable = value.ty.required().is_text() || matches!(value.ty.required(), Type::Int);
    match &value.kind {
        TypedKind::Header { base, name } if hashable && base.kind == TypedKind::Local(element) => {
            Some(JoinKey::Header(name.clone()))
        }
        TypedKind::Property { base, name } if hashable && base.kind == TypedKind::Local(element) => {
            Some(JoinKey::Property(name.clone()))
        }
        _ => None,
    }
}

fn mentions(value: &Typed, local: LocalId) -> bool {
    let mut found = false;
    walk(value, &mut |part| found |= part.kind == TypedKind::Local(local));
    found
}

/// Whether the element's account or region may be read: by name, or because the element goes somewhere whole.
fn reads_place(value: &Typed, element: LocalId) -> bool {
    let (mut all, mut harmless, mut place) = (0, 0, false);
    walk(value, &mut |part| match &part.kind {
        TypedKind::Local(local) if *local == element => all += 1,
        TypedKind::Header { base, name } if base.kind == TypedKind::Local(element) => {
            harmless += 1;
            place |= matches!(&**name, "account" | "region" | "arn");
        }
        TypedKind::Property { base, .. } if base.kind == TypedKind::Local(element) => harmless += 1,
        _ => {}
    });
    place || all > harmless
}
