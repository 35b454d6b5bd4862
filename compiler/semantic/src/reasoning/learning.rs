//! What a condition says where it holds, or where it fails.

use parapet_model::{Arithmetic, Equality, Order, Type};
use parapet_syntax::Quantifier;

use super::Surroundings;
use super::evaluation::last;
use super::facts::{Elements, Facts, is_term};
use super::numbers::Numbers;
use super::values::{Among, Known, Measure, Possible, Truth, mirrored, opposite};
use crate::typed::{Typed, TypedKind};

impl<'t> Surroundings<'t> {
    /// The facts where a condition holds, or fails, too.
    pub(super) fn given(&self, facts: &Facts<'t>, condition: &'t Typed, truth: bool) -> Facts<'t> {
        let mut facts = facts.clone();
        self.learn(&mut facts, condition, truth);
        facts
    }

    pub(super) fn learn(&self, facts: &mut Facts<'t>, condition: &'t Typed, truth: bool) {
        if !self.fuel.goes_on() {
            return;
        }
        match (&condition.kind, truth) {
            (TypedKind::Not(inner), _) => return self.learn(facts, inner, !truth),
            (TypedKind::And(left, right), true) | (TypedKind::Or(left, right), false) => {
                self.learn(facts, left, truth);
                return self.learn(facts, right, truth);
            }
            (TypedKind::And(left, right), false) | (TypedKind::Or(left, right), true) => {
                self.learn_either(facts, left, right, truth);
            }
            (TypedKind::Local(local), _) => {
                if let Some(inner) = self.lets.get(local) {
                    return self.learn(facts, inner, truth);
                }
            }
            (TypedKind::Quantified { quantifier, binding, body }, _) => {
                let elements = |truth| Elements { binding, condition: body, truth };
                match (quantifier, truth) {
                    (Quantifier::All, true) => facts.note_every(elements(true)),
                    (Quantifier::All, false) => facts.note_some(elements(false)),
                    (Quantifier::Any, false) | (Quantifier::No, true) => facts.note_every(elements(false)),
                    (Quantifier::Any, true) | (Quantifier::No, false) => facts.note_some(elements(true)),
                }
            }
            _ => self.learn_comparison(facts, condition, truth),
        }
        if *condition.ty.required() == Type::Bool && (is_term(condition) || is_coalesce(condition)) {
            self.constrain(facts, condition, &Known::Truth(Truth::of(truth)), false);
        }
        facts.note(condition, truth);
    }

    /// One of two conditions is so: what both say holds in any case.
    fn learn_either(&self, facts: &mut Facts<'t>, left: &'t Typed, right: &'t Typed, truth: bool) {
        let possible = [left, right].map(|side| {
            let can = self.truth(facts, side);
            if truth { can.can_hold } else { can.can_fail }
        });
        match possible {
            [true, false] => self.learn(facts, left, truth),
            [false, true] => self.learn(facts, right, truth),
            [true, true] | [false, false] => {
                let cases = [left, right].map(|side| self.given(facts, side, truth));
                self.join(facts, cases);
            }
        }
    }

    fn learn_comparison(&self, facts: &mut Facts<'t>, condition: &'t Typed, truth: bool) {
        match &condition.kind {
            TypedKind::Equal { left, right, negated, equality: Equality::Plain } => {
                self.learn_equality(facts, left, right, truth != *negated);
                self.learn_equality(facts, right, left, truth != *negated);
            }
            TypedKind::In { item, collection, negated, equality: Equality::Plain } => {
                self.learn_membership(facts, item, collection, truth != *negated);
            }
            TypedKind::InRange { item, start, end, inclusive, negated } if truth != *negated => {
                self.learn_order(facts, Order::GreaterEqual, item, start);
                self.learn_order(facts, last(*inclusive), item, end);
            }
            TypedKind::InRange { item, start, end, inclusive, .. } => {
                if let Some((measure, range)) = self.range(facts, start, end, *inclusive)
                    && Measure::of(&item.ty) == Some(measure)
                {
                    self.constrain(facts, item, &Known::Numbers(measure, measure.all().but(&range)), false);
                }
            }
            TypedKind::Order { op, left, right } => {
                let op = if truth { *op } else { opposite(*op) };
                self.learn_order(facts, op, left, right);
                self.learn_order(facts, mirrored(op), right, left);
            }
            TypedKind::IsPresent { value, absent } if is_term(value) => {
                let present = truth != *absent;
                let known = self.value(facts, value);
                self.settle(facts, value, Possible { can_be_absent: !present, can_be_present: present, ..known });
            }
            TypedKind::IsType { value, types } => {
                let types = Among::Only(types.iter().cloned().collect());
                let known = Known::Types(if truth { types } else { types.not() });
                self.constrain(facts, value, &known, !truth);
            }
            _ => {}
        }
    }

    fn learn_equality(&self, facts: &mut Facts<'t>, side: &'t Typed, other: &'t Typed, equal: bool) {
        let known = self.value(facts, other);
        if known.can_be_absent {
            return;
        }
        if equal {
            self.constrain(facts, side, &known.known, false);
        } else if known.known.is_single()
            && let Some(others) = known.known.all_but(&side.ty)
        {
            self.constrain(facts, side, &others, true);
        }
    }

    fn learn_membership(&self, facts: &mut Facts<'t>, item: &'t Typed, collection: &'t Typed, inside: bool) {
        let listed = match self.value(facts, collection).known {
            Known::Elements(elements) => {
                let all_single = elements.iter().all(|element| element.known.is_single());
                elements
                    .iter()
                    .map(|element| element.known.clone())
                    .reduce(|all, one| all.or(&one))
                    .map(|all| (all, all_single))
            }
            _ => None,
        };
        match listed {
            Some((listed, _)) if inside => self.constrain(facts, item, &listed, false),
            None if inside => self.constrain(facts, item, &Known::Anything, false),
            Some((listed, true)) => {
                if let Some(others) = listed.all_but(&item.ty) {
                    self.constrain(facts, item, &others, true);
                }
            }
            Some((_, false)) | None => {}
        }
    }

    fn learn_order(&self, facts: &mut Facts<'t>, op: Order, side: &'t Typed, bound: &'t Typed) {
        let Known::Numbers(measure, bound) = self.value(facts, bound).known else { return };
        let (Some(low), Some(high), true) = (bound.least(), bound.most(), Measure::of(&side.ty) == Some(measure))
        else {
            return;
        };
        let all = measure.all();
        let (least, most) = (all.least().unwrap_or(i128::MIN), all.most().unwrap_or(i128::MAX));
        let range = match op {
            Order::Less => Numbers::between(least, high - 1),
            Order::LessEqual => Numbers::between(least, high),
            Order::Greater => Numbers::between(low + 1, most),
            Order::GreaterEqual => Numbers::between(low, most),
        };
        self.constrain(facts, side, &Known::Numbers(measure, range), false);
    }

    /// Notes that a value is one of these, or absent if that is said.
    fn constrain(&self, facts: &mut Facts<'t>, value: &'t Typed, known: &Known, or_absent: bool) {
        match &value.kind {
            TypedKind::Local(local) if let Some(inner) = self.lets.get(local) => {
                self.constrain(facts, inner, known, or_absent);
            }
            // `(x ?? "none") == "a"`: not the default, so that `x` is present.
            TypedKind::Coalesce { value, default } => {
                let default = self.value(facts, default);
                let fits = default.clone().within(known, or_absent);
                self.constrain(facts, value, known, fits.can_be_present || fits.can_be_absent);
            }
            TypedKind::Negate(inner) => {
                if let Known::Numbers(measure, numbers) = known {
                    self.constrain(facts, inner, &Known::Numbers(*measure, numbers.negated()), or_absent);
                }
            }
            TypedKind::Arithmetic { op, left, right } if let Known::Numbers(_, numbers) = known => {
                self.constrain_operand(facts, *op, left, right, numbers);
                self.note_within(facts, value, known, or_absent);
            }
            _ if is_term(value) => self.note_within(facts, value, known, or_absent),
            _ => {}
        }
    }

    fn note_within(&self, facts: &mut Facts<'t>, term: &'t Typed, known: &Known, or_absent: bool) {
        let value = self.value(facts, term).within(known, or_absent);
        self.settle(facts, term, value);
    }

    /// `i + 1 > 3` says that `i > 2`.
    fn constrain_operand(
        &self,
        facts: &mut Facts<'t>,
        op: Arithmetic,
        left: &'t Typed,
        right: &'t Typed,
        result: &Numbers,
    ) {
        let single = |value: &'t Typed| match self.value(facts, value).known {
            Known::Numbers(_, numbers) => numbers.single(),
            _ => None,
        };
        let (operand, numbers) = match (op, single(left), single(right)) {
            (Arithmetic::Add, None, Some(by)) => (left, result.shifted(-by)),
            (Arithmetic::Add, Some(by), None) => (right, result.shifted(-by)),
            (Arithmetic::Subtract, None, Some(by)) => (left, result.shifted(by)),
            (Arithmetic::Subtract, Some(from), None) => (right, result.negated().shifted(from)),
            _ => return,
        };
        if let Some(measure) = Measure::of(&operand.ty) {
            self.constrain(facts, operand, &Known::Numbers(measure, numbers), false);
        }
    }
}

fn is_coalesce(condition: &Typed) -> bool {
    matches!(condition.kind, TypedKind::Coalesce { .. })
}
