//! What a value may be, and which truths a condition can have, where something is known.

use parapet_builtins::{BuiltinId, Context, builtin, glob};
use parapet_model::{Arithmetic, Equality, Order, Type};
use parapet_syntax::{Counted, Quantifier};

use super::Surroundings;
use super::facts::{Elements, Facts, is_term};
use super::numbers::Numbers;
use super::values::{Among, Known, Measure, Possible, Truth, equality, ordering};
use crate::typed::{Literal, Typed, TypedBinding, TypedKind};

/// Lists longer than this are not looked at element by element.
const MOST_ELEMENTS: usize = 64;
/// Elements that must be there are looked at where no more than this many are looked at already.
const MOST_WITNESSES: usize = 2;
/// Nor more than this many of one collection.
const MOST_OF_ONE: usize = 8;

impl<'t> Surroundings<'t> {
    /// What a value may be.
    pub(super) fn value(&self, facts: &Facts<'t>, value: &'t Typed) -> Possible {
        if !self.fuel.goes_on() {
            return Possible::of_type(&value.ty);
        }
        if let Some(known) = self.known_term(facts, value) {
            // Where the type says that it is present, some condition that nothing is noted of has said so.
            let can_be_absent = known.can_be_absent && value.ty.is_optional();
            return Possible { can_be_absent, ..known.clone() };
        }
        match &value.kind {
            TypedKind::Literal(literal) => Possible::of_literal(literal),
            TypedKind::Local(local) => match (self.lets.get(local), (self.types)(*local)) {
                (Some(inner), _) => self.value(facts, inner),
                (None, Some(Type::Resource(types))) => {
                    Possible::present(Known::Types(Among::Only(types.iter().cloned().collect())))
                }
                (None, _) => Possible::of_type(&value.ty),
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
            // A collection is empty where the base is absent, whatever it holds otherwise.
            TypedKind::Safe { body, .. } if Measure::of(&value.ty).is_some() || value.ty.required().is_text() => {
                let known = self.value(facts, body);
                Possible { can_be_absent: known.can_be_absent || value.ty.is_optional(), ..known }
            }
            TypedKind::Negate(inner) => match self.value(facts, inner).known {
                Known::Numbers(measure, numbers) => counted(value, measure, &numbers.negated()),
                _ => Possible::of_type(&value.ty),
            },
            TypedKind::Arithmetic { op, left, right } => {
                match (self.value(facts, left).known, self.value(facts, right).known, Measure::of(&value.ty)) {
                    (Known::Numbers(_, a), Known::Numbers(_, b), Some(measure)) => arithmetic(*op, &a, &b)
                        .map_or_else(|| Possible::of_type(&value.ty), |result| counted(value, measure, &result)),
                    _ => Possible::of_type(&value.ty),
                }
            }
            TypedKind::Counted { what: Counted::Count, .. } => Possible::present(Known::between(0, i64::MAX)),
            TypedKind::Builtin { id, arguments } => self.builtin(facts, *id, arguments, &value.ty),
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
            | TypedKind::IsType { .. }
            | TypedKind::Like { .. }
            | TypedKind::Matches { .. }
            | TypedKind::Quantified { .. } => Possible::present(Known::Truth(self.truth(facts, value))),
            _ => Possible::of_type(&value.ty),
        }
    }

    /// What a built-in gives: of constants, what it means.
    fn builtin(&self, facts: &Facts<'t>, id: BuiltinId, arguments: &'t [Typed], ty: &Type) -> Possible {
        let values = arguments.iter().map(|argument| self.value(facts, argument).single(&argument.ty));
        // Nobody knows yet what time it will be.
        if id != BuiltinId::Age
            && let Some(values) = values.collect::<Option<Vec<_>>>()
        {
            return Possible::of_value(&(builtin(id).eval)(&Context { now: Default::default() }, &values), ty);
        }
        match id {
            BuiltinId::TextLen | BuiltinId::ListLen | BuiltinId::MapLen => {
                Possible::present(Known::between(0, i64::MAX))
            }
            _ => Possible::of_type(ty),
        }
    }

    /// Which truths a condition can have.
    pub(super) fn truth(&self, facts: &Facts<'t>, condition: &'t Typed) -> Truth {
        if !self.fuel.goes_on() {
            return Truth::EITHER;
        }
        if let Some(known) = self.known_condition(facts, condition) {
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
                self.equal(facts, left, right).unless(*negated)
            }
            TypedKind::Order { op, left, right } => {
                let (a, b) = (self.value(facts, left), self.value(facts, right));
                ordering(*op, &a.known, &b.known)
            }
            TypedKind::In { item, collection, negated, equality: Equality::Plain } => {
                self.contains(facts, item, collection).unless(*negated)
            }
            TypedKind::InRange { item, start, end, inclusive, negated } => {
                self.in_range(facts, item, (start, end), *inclusive).unless(*negated)
            }
            TypedKind::InBlock { item, block, negated } => {
                in_block(&self.value(facts, item).known, &self.value(facts, block).known).unless(*negated)
            }
            TypedKind::Like { text, pattern, folded } => {
                like(&self.value(facts, text), &self.value(facts, pattern), *folded)
            }
            TypedKind::Matches { text, pattern, folded } => match &self.value(facts, text) {
                value if value.can_be_absent || *folded => Truth::EITHER,
                Possible { known: Known::Texts(Among::Only(texts)), .. } => match (self.pattern)(pattern) {
                    Some(pattern) => of_all(texts.iter().map(|text| pattern.is_match(text))),
                    None => Truth::EITHER,
                },
                _ if matches_all(pattern, &text.ty) => Truth::of(true),
                _ => Truth::EITHER,
            },
            TypedKind::IsPresent { value, absent } => {
                let value = self.value(facts, value);
                Truth { can_hold: value.can_be_present, can_fail: value.can_be_absent }.unless(*absent)
            }
            TypedKind::IsType { value, types } => {
                let value = self.value(facts, value);
                let Known::Types(known) = &value.known else { return Truth::EITHER };
                let types = Among::Only(types.iter().cloned().collect());
                Truth {
                    can_hold: value.can_be_present && known.meets(&types),
                    can_fail: value.can_be_absent || !known.is_within(&types),
                }
            }
            TypedKind::Quantified { quantifier, binding, body } => self.quantified(facts, *quantifier, binding, body),
            TypedKind::Literal(_)
            | TypedKind::Local(_)
            | TypedKind::Constant(_)
            | TypedKind::Coalesce { .. }
            | TypedKind::If { .. }
            | TypedKind::Property { .. }
            | TypedKind::Field { .. }
            | TypedKind::Header { .. }
            | TypedKind::Builtin { .. } => self.value(facts, condition).truth(),
            _ => Truth::EITHER,
        }
    }

    /// The numbers of a range whose ends are known.
    pub(super) fn range(
        &self,
        facts: &Facts<'t>,
        start: &'t Typed,
        end: &'t Typed,
        inclusive: bool,
    ) -> Option<(Measure, Numbers)> {
        match (self.value(facts, start).known, self.value(facts, end).known) {
            (Known::Numbers(measure, start), Known::Numbers(other, end)) if measure == other => {
                let end = end.single()? - i128::from(!inclusive);
                Some((measure, Numbers::between(start.single()?, end)))
            }
            _ => None,
        }
    }

    /// `n in 10..5` never holds: there is nothing between the ends.
    fn in_range(
        &self,
        facts: &Facts<'t>,
        item: &'t Typed,
        (start, end): (&'t Typed, &'t Typed),
        inclusive: bool,
    ) -> Truth {
        let range = self.range(facts, start, end, inclusive);
        let [item, start, end] = [item, start, end].map(|part| self.value(facts, part));
        if item.can_be_absent || start.can_be_absent || end.can_be_absent {
            return Truth::EITHER;
        }
        if let (Some((measure, range)), Known::Numbers(other, numbers)) = (&range, &item.known)
            && measure == other
        {
            return Truth { can_hold: !numbers.and(range).is_empty(), can_fail: !numbers.is_within(range) };
        }
        let last = last(inclusive);
        let from = ordering(Order::LessEqual, &start.known, &item.known);
        let to = ordering(last, &item.known, &end.known);
        let some = ordering(last, &start.known, &end.known);
        Truth { can_hold: from.can_hold && to.can_hold && some.can_hold, can_fail: from.can_fail || to.can_fail }
    }

    fn equal(&self, facts: &Facts<'t>, left: &'t Typed, right: &'t Typed) -> Truth {
        if is_scalar(&left.ty) && is_term(left) && self.names(facts).same(left, right) {
            return Truth::of(true);
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
        let can_equal = |element: &Possible| {
            let equal = equality(&item.known, &element.known);
            equal.can_hold && element.can_be_present && may_be_text_of(wanted, &element.known)
        };
        let can_hold = item.can_be_present && elements.iter().any(can_equal);
        // What is one of a few values is in the list where each of them is.
        let certain = elements.iter().filter(|element| !element.can_be_absent && element.known.is_single());
        let listed = certain.clone().map(|element| element.known.clone()).reduce(|all, one| all.or(&one));
        let is_listed = listed.is_some_and(|listed| item.known.is_within(&listed))
            || certain.clone().any(|element| equality(&item.known, &element.known).decided() == Some(true));
        Truth { can_hold, can_fail: item.can_be_absent || !is_listed }
    }

    fn quantified(
        &self,
        facts: &Facts<'t>,
        quantifier: Quantifier,
        binding: &'t TypedBinding,
        body: &'t Typed,
    ) -> Truth {
        // The name stands for the element of another collection here: what is known is of that one.
        if facts.is_aliased(binding.local) {
            return self.quantified(&Facts::default(), quantifier, binding, body);
        }
        let filter = match &binding.filter {
            Some(filter) => self.truth(&self.of_element(facts.clone(), binding), filter),
            None => Truth::of(true),
        };
        let truth = self.truth(&self.of_each(facts, binding), body);
        let source = self.value(facts, &binding.source).known;
        let (can_be_empty, can_have_some) = match &source {
            Known::Elements(elements) => (elements.is_empty(), !elements.is_empty()),
            _ => (true, true),
        };
        let mut some = Truth {
            can_hold: can_have_some && filter.can_hold && truth.can_hold,
            can_fail: can_be_empty || filter.can_fail || truth.can_fail,
        };
        let mut every = Truth {
            can_hold: can_be_empty || filter.can_fail || truth.can_hold,
            can_fail: can_have_some && filter.can_hold && truth.can_fail,
        };
        for truth in self.of_witnesses(facts, binding, body) {
            some.can_fail &= !truth;
            every.can_hold &= truth;
        }
        match quantifier {
            Quantifier::Any => some,
            Quantifier::No => some.not(),
            Quantifier::All => every,
        }
    }

    /// What is known where an element that passes the filter is looked at.
    pub(super) fn of_each(&self, facts: &Facts<'t>, binding: &'t TypedBinding) -> Facts<'t> {
        let filtered = match &binding.filter {
            Some(filter) => self.given(facts, filter, true),
            None => facts.clone(),
        };
        self.of_element(filtered, binding)
    }

    /// The same of any element of the source.
    fn of_element(&self, mut facts: Facts<'t>, binding: &'t TypedBinding) -> Facts<'t> {
        for known in facts.every.clone() {
            self.learn_of(&mut facts, &known, binding, |at, inner, filter| {
                at.truth(inner, filter).decided() == Some(true)
            });
        }
        facts
    }

    /// What is known to hold for an element, and so for this one, if its filter does.
    fn learn_of(
        &self,
        inner: &mut Facts<'t>,
        known: &Elements<'t>,
        binding: &'t TypedBinding,
        passes: impl FnOnce(&Self, &mut Facts<'t>, &'t Typed) -> bool,
    ) -> bool {
        if !self.names(inner).same(&known.binding.source, &binding.source) {
            return false;
        }
        let before = inner.clone();
        let about = inner.alias(known.binding.local, binding.local)
            && known.binding.filter.as_deref().is_none_or(|filter| passes(self, inner, filter));
        match about {
            true => self.learn(inner, known.condition, known.truth),
            false => *inner = before,
        }
        about
    }

    /// The truths of a condition for elements that must be there.
    fn of_witnesses(&self, facts: &Facts<'t>, binding: &'t TypedBinding, body: &'t Typed) -> Vec<bool> {
        if facts.witnesses >= MOST_WITNESSES {
            return Vec::new();
        }
        let of = |known: &Elements<'t>| {
            let mut inner = facts.clone();
            inner.witnesses += 1;
            let there = self.learn_of(&mut inner, known, binding, |at, inner, filter| {
                at.learn(inner, filter, true);
                true
            });
            let passes = |filter: &'t Typed| self.truth(&inner, filter).decided() == Some(true);
            if !there || !binding.filter.as_deref().is_none_or(passes) {
                return None;
            }
            self.truth(&self.of_each(&inner, binding), body).decided()
        };
        facts.some.iter().filter_map(of).take(MOST_OF_ONE).collect()
    }
}

/// How a value stands to the end of a range that it is in.
pub(super) fn last(inclusive: bool) -> Order {
    if inclusive { Order::LessEqual } else { Order::Less }
}

/// A number that arithmetic gives; what is out of range is unknown.
fn counted(value: &Typed, measure: Measure, numbers: &Numbers) -> Possible {
    let numbers = numbers.and(&measure.all());
    match numbers.is_empty() {
        true => Possible::of_type(&value.ty),
        false => Possible::present(Known::Numbers(measure, numbers)),
    }
}

/// What two numbers make; `None` where it is not known.
fn arithmetic(op: Arithmetic, a: &Numbers, b: &Numbers) -> Option<Numbers> {
    let single = a.single().zip(b.single());
    match (op, a.single(), b.single()) {
        (Arithmetic::Add, _, Some(by)) => Some(a.shifted(by)),
        (Arithmetic::Add, Some(by), None) => Some(b.shifted(by)),
        (Arithmetic::Add, None, None) => {
            Some(Numbers::between(a.least()?.saturating_add(b.least()?), a.most()?.saturating_add(b.most()?)))
        }
        (Arithmetic::Subtract, _, _) => arithmetic(Arithmetic::Add, a, &b.negated()),
        (Arithmetic::Multiply, _, _) => single.and_then(|(a, b)| a.checked_mul(b)).map(Numbers::only),
        (Arithmetic::Divide, _, _) => single.and_then(|(a, b)| a.checked_div(b)).map(Numbers::only),
        (Arithmetic::Remainder, _, _) => single.and_then(|(a, b)| a.checked_rem(b)).map(Numbers::only),
    }
}

/// Whether a value of the type equals itself in any case: a list may hold elements that equal nothing.
fn is_scalar(ty: &Type) -> bool {
    let ty = ty.required();
    ty.is_text() || matches!(ty, Type::Bool | Type::Int | Type::Time | Type::Duration | Type::Ip | Type::Cidr)
}

fn in_block(item: &Known, block: &Known) -> Truth {
    match (item, block) {
        (Known::Literal(Literal::Ip(item)), Known::Literal(Literal::Cidr(block))) => Truth::of(block.contains(item)),
        _ => Truth::EITHER,
    }
}

fn like(text: &Possible, pattern: &Possible, folded: bool) -> Truth {
    let Known::Texts(Among::Only(patterns)) = &pattern.known else { return Truth::EITHER };
    let (Some(pattern), 1, false) = (patterns.first(), patterns.len(), text.can_be_absent || pattern.can_be_absent)
    else {
        return Truth::EITHER;
    };
    match &text.known {
        _ if !pattern.is_empty() && pattern.chars().all(|letter| letter == '*') => Truth::of(true),
        Known::Texts(Among::Only(texts)) if !folded => of_all(texts.iter().map(|text| glob::like(text, pattern))),
        _ => Truth::EITHER,
    }
}

/// Whether a regular expression matches every text of a type. A `.` matches no end of a line, which a text of which
/// nothing is known may have.
fn matches_all(pattern: &str, ty: &Type) -> bool {
    let one_line = matches!(ty.required(), Type::Arn | Type::AccountId);
    matches!(pattern, "" | "^" | "$" | ".*" | "^.*" | ".*$" | "(?s)^.*$") || (one_line && pattern == "^.*$")
}

/// The truths of one condition for each of some values.
fn of_all(truths: impl Iterator<Item = bool>) -> Truth {
    let none = Truth { can_hold: false, can_fail: false };
    let all = truths.fold(none, |all, truth| all.either(Truth::of(truth)));
    if all == none { Truth::EITHER } else { all }
}

/// Whether what a built-in gives may be one of these texts: `lower` gives no capital letter, `upper` no small one.
fn may_be_text_of(value: &Typed, texts: &Known) -> bool {
    let (TypedKind::Builtin { id, .. }, Known::Texts(Among::Only(texts))) = (&value.kind, texts) else { return true };
    let is_possible = |text: &str| match id {
        BuiltinId::Lower => !text.contains(|letter: char| letter.is_ascii_uppercase()),
        BuiltinId::Upper => !text.contains(|letter: char| letter.is_ascii_lowercase()),
        _ => true,
    };
    texts.is_empty() || texts.iter().any(|text| is_possible(text))
}
