//! What a condition teaches about the places it names.
//!
//! Narrowing follows TypeScript: `x is present`, `x == e`, `x in xs`, `r is A` under `and`, `or`, `not`, through
//! aliases that `let` makes. A place is a local and a path of fields below it; `?.` counts like `.`, and when
//! something behind it is present, so is what stands before.

use std::sync::Arc;

use parapet_model::{Name, RefTarget, Type};
use parapet_syntax::{BinaryOp, ExprId, ExprKind, UnaryOp};

use super::{Checker, Fact, Known};
use crate::signatures::read_type;

impl Checker<'_, '_> {
    /// The place that an expression names, if it is one.
    pub(super) fn place(&self, id: ExprId) -> Option<String> {
        match &self.tree.expr(id).kind {
            ExprKind::Path(path) => {
                let local = self.local_named(&path.single()?.text)?;
                let alias = self.local(local).and_then(|local| local.alias.clone());
                Some(alias.unwrap_or_else(|| format!("l{}", local.0)))
            }
            ExprKind::Field { base, name, .. } => Some(format!("{}.{}", self.place(*base)?, name.text)),
            ExprKind::Index { base, index } => {
                let key = match &self.tree.expr(*index).kind {
                    ExprKind::Text(text) => format!("{text:?}"),
                    ExprKind::Int(at) => at.to_string(),
                    _ => return None,
                };
                Some(format!("{}[{key}]", self.place(*base)?))
            }
            _ => None,
        }
    }

    /// What holds when the condition is `truth`.
    pub(super) fn facts(&self, id: ExprId, truth: bool) -> Vec<Fact> {
        match &self.tree.expr(id).kind {
            ExprKind::Unary { op: UnaryOp::Not, operand } => self.facts(*operand, !truth),
            ExprKind::Binary { op: BinaryOp::And, left, right, .. } => self.joined(*left, *right, truth, truth),
            ExprKind::Binary { op: BinaryOp::Or, left, right, .. } => self.joined(*left, *right, truth, !truth),
            ExprKind::Binary { op: BinaryOp::Equal, left, right, .. } if truth => {
                [self.presence(*left, true), self.presence(*right, true)].concat()
            }
            ExprKind::Binary { op: BinaryOp::NotEqual, left, right, .. } if !truth => {
                [self.presence(*left, true), self.presence(*right, true)].concat()
            }
            ExprKind::In { item, negated, .. } if *negated != truth => self.presence(*item, true),
            ExprKind::IsPresent { base, absent } if *absent != truth => self.presence(*base, false),
            ExprKind::IsType { base, ty } => {
                let (Some(place), Type::Resource(names)) =
                    (self.place(*base), read_type(self.schema, ty, &mut Vec::new()))
                else {
                    return Vec::new();
                };
                let known = if truth { Known::Is(names) } else { Known::IsNot(names) };
                vec![Fact { place, known, origin: None, weak: true }]
            }
            ExprKind::Path(path) => {
                let local = path.single().and_then(|name| self.local_named(&name.text)).and_then(|id| self.local(id));
                let [if_true, if_false] = local.map(|local| local.facts.clone()).unwrap_or_default();
                if truth { if_true } else { if_false }
            }
            _ => Vec::new(),
        }
    }

    /// Both sides' facts when both must be `truth`, else only those that either side teaches.
    fn joined(&self, left: ExprId, right: ExprId, truth: bool, both: bool) -> Vec<Fact> {
        let (left, right) = (self.facts(left, truth), self.facts(right, truth));
        match both {
            true => [left, right].concat(),
            false => left.iter().flat_map(|fact| right.iter().filter_map(|other| either(fact, other))).collect(),
        }
    }

    /// That the place is present, and whatever stands before a `?.` on the way to it.
    fn presence(&self, id: ExprId, weak: bool) -> Vec<Fact> {
        let mut facts = Vec::new();
        let (mut at, mut counts, mut emptied) = (id, true, false);
        loop {
            let place = self.place(at).filter(|_| counts);
            facts.extend(place.map(|place| Fact { place, known: Known::Present, origin: None, weak }));
            // `x?.items` of a collection is empty where `x` is absent, and says nothing of `x`.
            emptied |= self.empty_when_absent.contains(&at);
            match &self.tree.expr(at).kind {
                ExprKind::Field { base, safe, .. } | ExprKind::Method { base, safe, .. } => {
                    (at, counts) = (*base, *safe && !emptied);
                }
                ExprKind::Index { base, .. } => (at, counts) = (*base, false),
                _ => return facts,
            }
        }
    }

    /// The type of a place after narrowing; notes the requirements that this leans on.
    pub(super) fn narrowed(&mut self, id: ExprId, ty: Type) -> Type {
        if self.facts.is_empty() {
            return ty;
        }
        let Some(place) = self.place(id) else { return ty };
        let mut ty = ty;
        let exempt = self.may_be_absent == Some(id);
        for fact in self.facts.iter().filter(|fact| fact.place == place && !(fact.weak && exempt)) {
            let narrowed = apply(ty.clone(), &fact.known);
            // Only what the fact teaches anything leans on it.
            if narrowed != ty {
                self.touched.extend(fact.origin);
                ty = narrowed;
            }
        }
        ty
    }
}

/// What holds of a place when one of two facts does.
fn either(a: &Fact, b: &Fact) -> Option<Fact> {
    if a.place != b.place {
        return None;
    }
    let union = |x: &[Name], y: &[Name]| {
        let mut names: Vec<Name> = x.iter().chain(y).cloned().collect();
        names.sort();
        names.dedup();
        Arc::<[Name]>::from(names)
    };
    let known = match (&a.known, &b.known) {
        (Known::Present, Known::Present) => Known::Present,
        (Known::Is(x), Known::Is(y)) => Known::Is(union(x, y)),
        (Known::IsNot(x), Known::IsNot(y)) => Known::IsNot(x.iter().filter(|name| y.contains(name)).cloned().collect()),
        _ => return None,
    };
    Some(Fact { place: a.place.clone(), known, origin: a.origin.or(b.origin), weak: a.weak || b.weak })
}

fn apply(ty: Type, known: &Known) -> Type {
    match (known, &ty) {
        (Known::Present, Type::Optional(inner)) => (**inner).clone(),
        (Known::Is(names), Type::AnyResource) => Type::Resource(names.clone()),
        (Known::Is(names), Type::Resource(members)) => keep(members, ty.clone(), |name| names.contains(name)),
        (Known::IsNot(names), Type::Resource(members)) => keep(members, ty.clone(), |name| !names.contains(name)),
        (Known::Is(names), Type::Ref(targets)) => keep_targets(targets, ty.clone(), |name| names.contains(name)),
        (Known::IsNot(names), Type::Ref(targets)) => keep_targets(targets, ty.clone(), |name| !names.contains(name)),
        _ => ty,
    }
}

/// The targets of a reference that pass; all of them where none does.
fn keep_targets(targets: &[RefTarget], all: Type, test: impl Fn(&Name) -> bool) -> Type {
    let kept: Vec<RefTarget> = targets.iter().filter(|target| test(&target.resource)).cloned().collect();
    if kept.is_empty() { all } else { Type::Ref(kept.into()) }
}

/// The members that pass; all of them where none does, for such a branch is dead.
fn keep(members: &[Name], all: Type, test: impl Fn(&Name) -> bool) -> Type {
    let kept: Vec<Name> = members.iter().filter(|name| test(name)).cloned().collect();
    if kept.is_empty() { all } else { Type::Resource(Arc::from(kept)) }
}
