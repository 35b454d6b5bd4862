//! What values may be where a condition is known to hold, or to fail.
//!
//! Facts are about places (a name and a path below it) and about whole conditions. A condition says something of a place
//! by comparing it with what is known; whatever else it says is remembered as a whole.

use std::rc::Rc;

use parapet_builtins::BuiltinId;
use parapet_model::{Arithmetic, Equality, Order, Type};
use parapet_syntax::{Counted, Quantifier};
use rustc_hash::FxHashMap;

use super::same::same;
use super::values::{Known, Possible, Truth, equality, ordering};
use crate::typed::{DefinitionPath, Literal, LocalId, Typed, TypedBinding, TypedKind};

/// Lists longer than this are not looked at element by element.
const MOST_ELEMENTS: usize = 64;
/// More than this is not remembered, of places and of conditions: each question looks through them.
pub(super) const MOST_FACTS: usize = 256;

/// What is known at a point of a guardrail.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts<'t> {
    /// The values of places, each by one of the expressions that lead to it.
    places: Vec<(&'t Typed, Rc<Possible>)>,
    conditions: Vec<(&'t Typed, bool)>,
}

impl<'t> Facts<'t> {
    /// The truth of a condition that is known as a whole.
    fn known(&self, condition: &Typed) -> Option<bool> {
        self.conditions.iter().rev().find(|(known, _)| same(known, condition)).map(|(_, truth)| *truth)
    }
}

/// Where names and constants lead.
pub(super) struct Surroundings<'t> {
    /// The values of `let`s, and the bases of `?.` by the local that stands for them.
    pub lets: FxHashMap<LocalId, &'t Typed>,
    pub constants: &'t dyn Fn(&DefinitionPath) -> Option<&'t Typed>,
}

impl<'t> Surroundings<'t> {
    /// What a value may be.
    pub(super) fn value(&self, facts: &Facts<'t>, value: &'t Typed) -> Possible {
        if let Some(known) = self.known(facts, value) {
            return Possible::clone(known);
        }
        match &value.kind {
            TypedKind::Literal(literal) => Possible::of_literal(literal),
            TypedKind::Local(local) => match self.lets.get(local) {
                Some(inner) => self.value(facts, inner),
                None => Possible::of_type(&value.ty),
            },
            TypedKind::Constant(path) => match (self.constants)(path) {
                Some(constant) => self.value(&Facts::default(), constant),
                None => Possible::of_type(&value.ty),
            },
            TypedKind::Coalesce { value: inner, default } => {
                let inner = self.value(facts, inner);
                let present = Possible { can_be_absent: false, ..inner.clone() };
                match (inner.can_be_present, inner.can_be_absent) {
                    (true, false) => inner,
                    (true, true) => present.or(self.value(facts, default)),
                    (false, _) => self.value(facts, default),
                }
            }
            TypedKind::If { condition, then, otherwise } => match self.truth(facts, condition).decided() {
                Some(true) => self.value(facts, then),
                Some(false) => self.value(facts, otherwise),
                None => {
                    let then = self.value(&self.given(facts, condition, true), then);
                    then.or(self.value(&self.given(facts, condition, false), otherwise))
                }
            },
            TypedKind::Negate(inner) => match self.value(facts, inner).known {
                Known::Whole(least, most) => match (most.checked_neg(), least.checked_neg()) {
                    (Some(least), Some(most)) => Possible::present(Known::Whole(least, most)),
                    _ => Possible::of_type(&value.ty),
                },
                _ => Possible::of_type(&value.ty),
            },
            TypedKind::Arithmetic { op, left, right } => {
                match (self.value(facts, left).known, self.value(facts, right).known) {
                    (Known::Whole(a, b), Known::Whole(c, d)) if a == b && c == d => {
                        let result = match op {
                            Arithmetic::Add => a.checked_add(c),
                            Arithmetic::Subtract => a.checked_sub(c),
                            Arithmetic::Multiply => a.checked_mul(c),
                            Arithmetic::Divide => a.checked_div(c),
                            Arithmetic::Remainder => a.checked_rem(c),
                        };
                        result.map_or(Possible::of_type(&value.ty), |result| {
                            Possible::present(Known::Whole(result, result))
                        })
                    }
                    _ => Possible::of_type(&value.ty),
                }
            }
            TypedKind::Counted { what: Counted::Count, .. } => Possible::present(Known::Whole(0, i64::MAX)),
            TypedKind::Builtin { id: BuiltinId::TextLen | BuiltinId::ListLen | BuiltinId::MapLen, .. } => {
                Possible::present(Known::Whole(0, i64::MAX))
            }
            TypedKind::List(elements) | TypedKind::Set(elements) if elements.len() <= MOST_ELEMENTS => {
                Possible::present(Known::Elements(elements.iter().map(|element| self.value(facts, element)).collect()))
            }
            TypedKind::Not(_)
            | TypedKind::And(..)
            | TypedKind::Or(..)
            | TypedKind::Equal { .. }
            | TypedKind::Order { .. }
            | TypedKind::In { .. }
            | TypedKind::InRange { .. }
            | TypedKind::InBlock { .. }
            | TypedKind::IsPresent { .. }
            | TypedKind::Quantified { .. } => Possible::present(Known::Truth(self.truth(facts, value))),
            _ => Possible::of_type(&value.ty),
        }
    }

    /// Which truths a condition can have.
    pub(super) fn truth(&self, facts: &Facts<'t>, condition: &'t Typed) -> Truth {
        if let Some(known) = facts.known(condition) {
            return Truth::of(known);
        }
        match &condition.kind {
            TypedKind::Not(inner) => self.truth(facts, inner).not(),
            TypedKind::And(left, right) => {
                let first = self.truth(facts, left);
                let second = self.truth(&self.given(facts, left, true), right);
                Truth { can_hold: first.can_hold && second.can_hold, can_fail: first.can_fail || second.can_fail }
            }
            TypedKind::Or(left, right) => {
                let first = self.truth(facts, left);
                let second = self.truth(&self.given(facts, left, false), right);
                Truth { can_hold: first.can_hold || second.can_hold, can_fail: first.can_fail && second.can_fail }
            }
            TypedKind::Equal { left, right, negated, equality: Equality::Plain } => {
                let truth = self.equal(facts, left, right);
                if *negated { truth.not() } else { truth }
            }
            TypedKind::Order { op, left, right } => {
                let (a, b) = (self.value(facts, left), self.value(facts, right));
                ordering(*op, &a.known, &b.known)
            }
            TypedKind::In { item, collection, negated, equality: Equality::Plain } => {
                let truth = self.contains(facts, item, collection);
                if *negated { truth.not() } else { truth }
            }
            TypedKind::InRange { item, start, end, inclusive, negated } => {
                let truth = self.in_range(facts, item, (start, end), last(*inclusive));
                if *negated { truth.not() } else { truth }
            }
            TypedKind::InBlock { item, block, negated } => {
                let truth = in_block(&self.value(facts, item).known, &self.value(facts, block).known);
                if *negated { truth.not() } else { truth }
            }
            TypedKind::IsPresent { value, absent } => {
                let value = self.value(facts, value);
                let truth = Truth { can_hold: value.can_be_present, can_fail: value.can_be_absent };
                if *absent { truth.not() } else { truth }
            }
            TypedKind::Quantified { quantifier, binding, body } => self.quantified(facts, *quantifier, binding, body),
            TypedKind::Literal(_)
            | TypedKind::Local(_)
            | TypedKind::Constant(_)
            | TypedKind::Coalesce { .. }
            | TypedKind::If { .. }
            | TypedKind::Property { .. }
            | TypedKind::Field { .. }
            | TypedKind::Header { .. } => self.value(facts, condition).truth(),
            _ => Truth::EITHER,
        }
    }

    /// `n in 10..5` never holds: there is nothing between the ends.
    fn in_range(&self, facts: &Facts<'t>, item: &'t Typed, (start, end): (&'t Typed, &'t Typed), last: Order) -> Truth {
        let [item, start, end] = [item, start, end].map(|part| self.value(facts, part));
        if item.can_be_absent || start.can_be_absent || end.can_be_absent {
            return Truth::EITHER;
        }
        let from = ordering(Order::LessEqual, &start.known, &item.known);
        let to = ordering(last, &item.known, &end.known);
        let some = ordering(last, &start.known, &end.known);
        Truth { can_hold: from.can_hold && to.can_hold && some.can_hold, can_fail: from.can_fail || to.can_fail }
    }

    fn equal(&self, facts: &Facts<'t>, left: &'t Typed, right: &'t Typed) -> Truth {
        if is_scalar(&left.ty) && self.is_place(left) && self.same_place(left, right) {
            return Truth { can_hold: true, can_fail: false };
        }
        let (a, b) = (self.value(facts, left), self.value(facts, right));
        let mut present = equality(&a.known, &b.known);
        present.can_hold &= may_be_text_of(left, &b.known) && may_be_text_of(right, &a.known);
        let one_absent = (a.can_be_absent && b.can_be_present) || (b.can_be_absent && a.can_be_present);
        Truth {
            can_hold: (present.can_hold && a.can_be_present && b.can_be_present)
                || (a.can_be_absent && b.can_be_absent),
            can_fail: (present.can_fail && a.can_be_present && b.can_be_present) || one_absent,
        }
    }

    fn contains(&self, facts: &Facts<'t>, wanted: &'t Typed, collection: &'t Typed) -> Truth {
        let item = self.value(facts, wanted);
        let Known::Elements(elements) = self.value(facts, collection).known else { return Truth::EITHER };
        // A text that is one of a few is in the list where each of them is.
        if let (Known::Texts(texts), false) = (&item.known, item.can_be_absent) {
            let listed = |text: &std::sync::Arc<str>| {
                let only = |element: &Possible| matches!(&element.known, Known::Texts(one) if one.len() == 1 && one.contains(text));
                elements.iter().any(only)
            };
            if !texts.is_empty() && texts.iter().all(listed) {
                return Truth::of(true);
            }
        }
        let truths = elements.iter().map(|element| {
            let mut equal = equality(&item.known, &element.known);
            equal.can_hold &= may_be_text_of(wanted, &element.known);
            equal
        });
        let one = truths.fold(Truth::of(false), |all, one| Truth {
            can_hold: all.can_hold || one.can_hold,
            can_fail: all.can_fail && one.can_fail,
        });
        Truth { can_hold: one.can_hold && item.can_be_present, can_fail: one.can_fail || item.can_be_absent }
    }

    fn quantified(
        &self,
        facts: &Facts<'t>,
        quantifier: Quantifier,
        binding: &'t TypedBinding,
        body: &'t Typed,
    ) -> Truth {
        let filter = binding.filter.as_deref().map_or(Truth::of(true), |filter| self.truth(facts, filter));
        let inner = match &binding.filter {
            Some(filter) => self.given(facts, filter, true),
            None => facts.clone(),
        };
        let body = self.truth(&inner, body);
        let source = self.value(facts, &binding.source).known;
        let (can_be_empty, can_have_some) = match &source {
            Known::Elements(elements) => (elements.is_empty(), !elements.is_empty()),
            _ => (true, true),
        };
        let some = Truth {
            can_hold: can_have_some && filter.can_hold && body.can_hold,
            can_fail: can_be_empty || filter.can_fail || body.can_fail,
        };
        let every = Truth {
            can_hold: can_be_empty || filter.can_fail || body.can_hold,
            can_fail: can_have_some && filter.can_hold && body.can_fail,
        };
        match quantifier {
            Quantifier::Any => some,
            Quantifier::No => some.not(),
            Quantifier::All => every,
        }
    }

    /// The facts where a condition holds, or fails, too.
    pub(super) fn given(&self, facts: &Facts<'t>, condition: &'t Typed, truth: bool) -> Facts<'t> {
        let mut facts = facts.clone();
        self.learn(&mut facts, condition, truth);
        facts
    }

    fn learn(&self, facts: &mut Facts<'t>, condition: &'t Typed, truth: bool) {
        match (&condition.kind, truth) {
            (TypedKind::Not(inner), _) => return self.learn(facts, inner, !truth),
            (TypedKind::And(left, right), true) | (TypedKind::Or(left, right), false) => {
                self.learn(facts, left, truth);
                return self.learn(facts, right, truth);
            }
            (TypedKind::Equal { left, right, negated, equality: Equality::Plain }, _) => {
                self.learn_equality(facts, left, right, truth != *negated);
                self.learn_equality(facts, right, left, truth != *negated);
            }
            (TypedKind::In { item, collection, negated, equality: Equality::Plain }, _) => {
                self.learn_membership(facts, item, collection, truth != *negated);
            }
            (TypedKind::InRange { item, start, end, inclusive, negated }, _) if truth != *negated => {
                self.learn_order(facts, Order::GreaterEqual, item, start);
                self.learn_order(facts, last(*inclusive), item, end);
            }
            (TypedKind::Order { op, left, right }, _) => {
                let op = if truth { *op } else { opposite(*op) };
                self.learn_order(facts, op, left, right);
                self.learn_order(facts, mirrored(op), right, left);
            }
            (TypedKind::IsPresent { value, absent }, _) => {
                let present = truth != *absent;
                self.narrow(facts, value, |known| Possible {
                    can_be_absent: !present,
                    can_be_present: present,
                    ..known
                });
            }
            (TypedKind::Coalesce { value, default }, _) if self.truth(facts, default).decided() == Some(!truth) => {
                self.narrow(facts, value, |_| Possible::present(Known::Truth(Truth::of(truth))));
            }
            (TypedKind::Local(local), _) => {
                if let Some(inner) = self.lets.get(local) {
                    self.learn(facts, inner, truth);
                }
            }
            _ => {}
        }
        if condition.ty == Type::Bool && self.is_place(condition) {
            self.settle(facts, condition, Possible::present(Known::Truth(Truth::of(truth))));
        }
        if facts.conditions.len() < MOST_FACTS {
            facts.conditions.push((condition, truth));
        }
    }

    /// Narrows what is known of a place.
    fn narrow(&self, facts: &mut Facts<'t>, value: &'t Typed, narrow: impl FnOnce(Possible) -> Possible) {
        if self.is_place(value) {
            let known = narrow(self.value(facts, value));
            self.settle(facts, value, known);
        }
    }

    /// Notes what a place is.
    fn settle(&self, facts: &mut Facts<'t>, place: &'t Typed, value: Possible) {
        let (value, full) = (Rc::new(value), facts.places.len() >= MOST_FACTS);
        match facts.places.iter_mut().find(|(known, _)| self.same_place(known, place)) {
            Some((_, known)) => *known = value,
            None if full => {}
            None => facts.places.push((place, value)),
        }
    }

    /// What is known of a place.
    fn known<'f>(&self, facts: &'f Facts<'t>, value: &Typed) -> Option<&'f Possible> {
        if facts.places.is_empty() || !self.is_place(value) {
            return None;
        }
        facts.places.iter().find(|(known, _)| self.same_place(known, value)).map(|(_, known)| &**known)
    }

    fn learn_equality(&self, facts: &mut Facts<'t>, place: &'t Typed, other: &'t Typed, equal: bool) {
        if let TypedKind::Coalesce { value, default } = &place.kind {
            let (default, wanted) = (self.value(facts, default), self.value(facts, other));
            // `(x ?? "none") == "a"`: not the default, so that `x` is present.
            if equal && !default.can_be_absent && !equality(&default.known, &wanted.known).can_hold {
                self.learn_equality(facts, value, other, true);
            }
            return;
        }
        let other = self.value(facts, other);
        if other.can_be_absent {
            return;
        }
        self.narrow(facts, place, |known| match (equal, known.known, other.known) {
            (true, _, other @ (Known::Whole(..) | Known::Texts(_) | Known::Truth(_) | Known::Literal(_))) => {
                Possible::present(other)
            }
            (true, known, _) => Possible::present(known),
            (false, Known::Texts(mut texts), Known::Texts(others)) => {
                if others.len() == 1 {
                    texts.retain(|text| !others.contains(text));
                }
                let can_be_present = known.can_be_present && !texts.is_empty();
                Possible { can_be_present, known: Known::Texts(texts), ..known }
            }
            (false, before, _) => Possible { known: before, ..known },
        });
    }

    fn learn_membership(&self, facts: &mut Facts<'t>, item: &'t Typed, collection: &'t Typed, inside: bool) {
        let Known::Elements(elements) = self.value(facts, collection).known else {
            if inside {
                self.narrow(facts, item, |known| Possible { can_be_absent: false, ..known });
            }
            return;
        };
        let mut listed = std::collections::BTreeSet::new();
        for element in &elements {
            match &element.known {
                Known::Texts(texts) if texts.len() == 1 => listed.extend(texts.iter().cloned()),
                _ => return,
            }
        }
        self.narrow(facts, item, |known| match (inside, known.known) {
            (true, Known::Texts(texts)) => Possible::present(Known::Texts(&texts & &listed)),
            (true, _) => Possible::present(Known::Texts(listed)),
            (false, Known::Texts(texts)) => {
                let texts = &texts - &listed;
                let can_be_present = known.can_be_present && !texts.is_empty();
                Possible { can_be_present, known: Known::Texts(texts), ..known }
            }
            (false, before) => Possible { known: before, ..known },
        });
    }

    fn learn_order(&self, facts: &mut Facts<'t>, op: Order, place: &'t Typed, bound: &'t Typed) {
        if let TypedKind::Coalesce { value, default } = &place.kind {
            let (default, wanted) = (self.value(facts, default), self.value(facts, bound));
            if !ordering(op, &default.known, &wanted.known).can_hold {
                self.narrow(facts, value, |known| Possible { can_be_absent: false, ..known });
                self.learn_order(facts, op, value, bound);
            }
            return;
        }
        let Known::Whole(low, high) = self.value(facts, bound).known else { return };
        self.narrow(facts, place, |known| match known.known {
            Known::Whole(least, most) => {
                let (least, most) = match op {
                    Order::Less => (least, most.min(high.saturating_sub(1))),
                    Order::LessEqual => (least, most.min(high)),
                    Order::Greater => (least.max(low.saturating_add(1)), most),
                    Order::GreaterEqual => (least.max(low), most),
                };
                Possible { known: Known::Whole(least, most.max(least)), ..known }
            }
            other => Possible { known: other, ..known },
        });
    }

    /// Whether a value is one that lies on a path from a name: `db.VpcId.CidrBlock`.
    fn is_place(&self, value: &Typed) -> bool {
        match &value.kind {
            TypedKind::Local(_) | TypedKind::Parameter(_) => true,
            TypedKind::Property { base, .. }
            | TypedKind::Field { base, .. }
            | TypedKind::Header { base, .. }
            | TypedKind::Member { base, .. }
            | TypedKind::Follow { base } => self.is_place(base),
            TypedKind::Safe { body, .. } => self.is_place(body),
            TypedKind::Index { base, index } => matches!(index.kind, TypedKind::Literal(_)) && self.is_place(base),
            _ => false,
        }
    }

    /// What a place names: a `let` leads to the place that it names again.
    fn leads_to<'v>(&self, place: &'v Typed) -> &'v Typed
    where
        't: 'v,
    {
        match &place.kind {
            TypedKind::Safe { body, .. } => self.leads_to(body),
            TypedKind::Local(local) => match self.lets.get(local) {
                Some(inner) if self.is_place(inner) => self.leads_to(inner),
                Some(_) | None => place,
            },
            _ => place,
        }
    }

    /// Whether two places are one.
    fn same_place(&self, a: &Typed, b: &Typed) -> bool {
        use TypedKind as K;
        match (&self.leads_to(a).kind, &self.leads_to(b).kind) {
            (K::Local(a), K::Local(b)) => a == b,
            (K::Parameter(a), K::Parameter(b)) => a == b,
            (
                K::Property { base: a, name: x }
                | K::Field { base: a, name: x }
                | K::Header { base: a, name: x }
                | K::Member { base: a, name: x },
                K::Property { base: b, name: y }
                | K::Field { base: b, name: y }
                | K::Header { base: b, name: y }
                | K::Member { base: b, name: y },
            ) => x == y && self.same_place(a, b),
            (K::Follow { base: a }, K::Follow { base: b }) => self.same_place(a, b),
            (K::Index { base: a, index: x }, K::Index { base: b, index: y }) => same(x, y) && self.same_place(a, b),
            _ => false,
        }
    }
}

/// Whether a value of the type equals itself in any case: a list may hold elements that equal nothing.
fn is_scalar(ty: &Type) -> bool {
    let ty = ty.required();
    ty.is_text() || matches!(ty, Type::Bool | Type::Int | Type::Time | Type::Duration | Type::Ip | Type::Cidr)
}

/// How a value stands to the end of a range that it is in.
fn last(inclusive: bool) -> Order {
    if inclusive { Order::LessEqual } else { Order::Less }
}

fn in_block(item: &Known, block: &Known) -> Truth {
    match (item, block) {
        (Known::Literal(Literal::Ip(item)), Known::Literal(Literal::Cidr(block))) => Truth::of(block.contains(item)),
        _ => Truth::EITHER,
    }
}

/// Whether what a built-in gives may be one of these texts: `lower` gives no capital letter, `upper` no small one.
fn may_be_text_of(value: &Typed, texts: &Known) -> bool {
    let (TypedKind::Builtin { id, .. }, Known::Texts(texts)) = (&value.kind, texts) else { return true };
    let is_possible = |text: &str| match id {
        BuiltinId::Lower => !text.contains(|letter: char| letter.is_ascii_uppercase()),
        BuiltinId::Upper => !text.contains(|letter: char| letter.is_ascii_lowercase()),
        _ => true,
    };
    texts.is_empty() || texts.iter().any(|text| is_possible(text))
}

fn opposite(op: Order) -> Order {
    match op {
        Order::Less => Order::GreaterEqual,
        Order::LessEqual => Order::Greater,
        Order::Greater => Order::LessEqual,
        Order::GreaterEqual => Order::Less,
    }
}

fn mirrored(op: Order) -> Order {
    match op {
        Order::Less => Order::Greater,
        Order::LessEqual => Order::GreaterEqual,
        Order::Greater => Order::Less,
        Order::GreaterEqual => Order::LessEqual,
    }
}
