//! What a value may be, as far as constants and types tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use parapet_model::{Order, Type, Value};

use super::numbers::Numbers;
use crate::typed::Literal;

/// A value that is present, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    Anything,
    Truth(Truth),
    /// One of these; times and durations count in nanoseconds.
    Numbers(Measure, Numbers),
    Texts(Among),
    /// A resource of these types.
    Types(Among),
    Literal(Literal),
    /// A list or set of these elements.
    Elements(Vec<Possible>),
}

/// What is counted; nothing of one kind equals anything of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    Number,
    Duration,
    Time,
}

/// More nanoseconds than there are in any time or duration.
const MOST_NANOSECONDS: i128 = 1 << 100;

impl Measure {
    /// How values of a type count. A `Float` does not: there is always another one between two.
    pub(super) fn of(ty: &Type) -> Option<Measure> {
        match ty.required() {
            Type::Int => Some(Measure::Number),
            Type::Duration => Some(Measure::Duration),
            Type::Time => Some(Measure::Time),
            _ => None,
        }
    }

    /// All that there are.
    pub(super) fn all(self) -> Numbers {
        match self {
            Measure::Number => Numbers::between(i64::MIN.into(), i64::MAX.into()),
            Measure::Duration | Measure::Time => Numbers::between(-MOST_NANOSECONDS, MOST_NANOSECONDS),
        }
    }
}

/// The most texts that a value is known not to be.
const MOST_TEXTS: usize = 128;

/// Texts or names of types: some, or all but some.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Among {
    Only(BTreeSet<Arc<str>>),
    Not(BTreeSet<Arc<str>>),
}

impl Among {
    pub(super) fn one(text: &Arc<str>) -> Among {
        Among::Only(BTreeSet::from([text.clone()]))
    }

    pub(super) fn not(self) -> Among {
        match self {
            Among::Only(texts) => Among::Not(texts),
            Among::Not(texts) => Among::Only(texts),
        }
    }

    fn and(&self, other: &Among) -> Among {
        match (self, other) {
            (Among::Only(a), Among::Only(b)) => Among::Only(a & b),
            (Among::Only(a), Among::Not(b)) | (Among::Not(b), Among::Only(a)) => Among::Only(a - b),
            (Among::Not(a), Among::Not(b)) => Among::Not(a | b),
        }
    }

    fn or(&self, other: &Among) -> Among {
        self.clone().not().and(&other.clone().not()).not()
    }

    fn is_empty(&self) -> bool {
        matches!(self, Among::Only(texts) if texts.is_empty())
    }

    pub(super) fn is_within(&self, other: &Among) -> bool {
        self.and(&other.clone().not()).is_empty()
    }

    pub(super) fn meets(&self, other: &Among) -> bool {
        !self.and(other).is_empty()
    }

    fn is_single(&self) -> bool {
        matches!(self, Among::Only(texts) if texts.len() == 1)
    }
}

/// Which truths a condition can have; that it may be unknown goes without saying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub can_hold: bool,
    pub can_fail: bool,
}

impl Truth {
    pub(super) const EITHER: Truth = Truth { can_hold: true, can_fail: true };

    pub(super) fn of(value: bool) -> Truth {
        Truth { can_hold: value, can_fail: !value }
    }

    pub(super) fn not(self) -> Truth {
        Truth { can_hold: self.can_fail, can_fail: self.can_hold }
    }

    /// The same, or the opposite.
    pub(super) fn unless(self, negated: bool) -> Truth {
        if negated { self.not() } else { self }
    }

    pub(super) fn either(self, other: Truth) -> Truth {
        Truth { can_hold: self.can_hold || other.can_hold, can_fail: self.can_fail || other.can_fail }
    }

    fn both(self, other: Truth) -> Truth {
        Truth { can_hold: self.can_hold && other.can_hold, can_fail: self.can_fail && other.can_fail }
    }

    /// The one truth that it can have.
    pub(super) fn decided(self) -> Option<bool> {
        match (self.can_hold, self.can_fail) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (true, true) | (false, false) => None,
        }
    }
}

impl Known {
    pub(super) fn between(least: i64, most: i64) -> Known {
        Known::Numbers(Measure::Number, Numbers::between(least.into(), most.into()))
    }

    /// What is in both.
    fn and(self, other: &Known) -> Known {
        match (self, other) {
            (Known::Anything, other) => other.clone(),
            (Known::Truth(a), Known::Truth(b)) => Known::Truth(a.both(*b)),
            (Known::Numbers(measure, a), Known::Numbers(other, b)) if measure == *other => {
                Known::Numbers(measure, a.and(b))
            }
            (Known::Texts(a), Known::Texts(b)) => Known::Texts(a.and(b)),
            (Known::Types(a), Known::Types(b)) => Known::Types(a.and(b)),
            (known, _) => known,
        }
    }

    /// What is in either.
    pub(super) fn or(&self, other: &Known) -> Known {
        match (self, other) {
            (Known::Truth(a), Known::Truth(b)) => Known::Truth(a.either(*b)),
            (Known::Numbers(measure, a), Known::Numbers(other, b)) if measure == other => {
                Known::Numbers(*measure, a.or(b))
            }
            (Known::Texts(a), Known::Texts(b)) => Known::Texts(a.or(b)),
            (Known::Types(a), Known::Types(b)) => Known::Types(a.or(b)),
            (a, b) if a == b => a.clone(),
            _ => Known::Anything,
        }
    }

    fn leaves_out_many(&self) -> bool {
        matches!(self, Known::Texts(Among::Not(texts)) | Known::Types(Among::Not(texts)) if texts.len() > MOST_TEXTS)
    }

    fn is_empty(&self) -> bool {
        match self {
            Known::Truth(truth) => !truth.can_hold && !truth.can_fail,
            Known::Numbers(_, numbers) => numbers.is_empty(),
            Known::Texts(among) | Known::Types(among) => among.is_empty(),
            Known::Anything | Known::Literal(_) | Known::Elements(_) => false,
        }
    }

    /// Whether it is one value.
    pub(super) fn is_single(&self) -> bool {
        match self {
            Known::Truth(truth) => truth.decided().is_some(),
            Known::Numbers(_, numbers) => numbers.single().is_some(),
            Known::Texts(among) => among.is_single(),
            Known::Literal(_) => true,
            Known::Elements(elements) => {
                elements.iter().all(|element| !element.can_be_absent && element.known.is_single())
            }
            Known::Anything | Known::Types(_) => false,
        }
    }

    /// Whether each value of it is in the other.
    pub(super) fn is_within(&self, other: &Known) -> bool {
        match (self, other) {
            (Known::Numbers(measure, a), Known::Numbers(other, b)) => measure == other && a.is_within(b),
            (Known::Texts(a), Known::Texts(b)) | (Known::Types(a), Known::Types(b)) => a.is_within(b),
            _ => false,
        }
    }

    /// All values of a type but these, which are all meant: `None` where they cannot be told apart from the others.
    pub(super) fn all_but(&self, ty: &Type) -> Option<Known> {
        match self {
            Known::Truth(truth) => truth.decided().map(|truth| Known::Truth(Truth::of(!truth))),
            Known::Numbers(measure, numbers) if Measure::of(ty) == Some(*measure) => {
                Some(Known::Numbers(*measure, measure.all().but(numbers)))
            }
            Known::Texts(among @ Among::Only(_)) => Some(Known::Texts(among.clone().not())),
            Known::Types(among) => Some(Known::Types(among.clone().not())),
            Known::Numbers(..)
            | Known::Texts(Among::Not(_))
            | Known::Anything
            | Known::Literal(_)
            | Known::Elements(_) => None,
        }
    }
}

/// What a value may be, and whether it may be absent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Possible {
    pub can_be_absent: bool,
    pub can_be_present: bool,
    pub known: Known,
}

impl Possible {
    pub(super) fn present(known: Known) -> Possible {
        Possible { can_be_absent: false, can_be_present: true, known }
    }

    /// What a type alone tells.
    pub(super) fn of_type(ty: &Type) -> Possible {
        let known = match (ty.required(), Measure::of(ty)) {
            (Type::Bool, _) => Known::Truth(Truth::EITHER),
            (_, Some(measure)) => Known::Numbers(measure, measure.all()),
            // Records may hold values that the schema does not list yet, so that an enum excludes nothing.
            (_, None) => Known::Anything,
        };
        Possible { can_be_absent: ty.is_optional(), can_be_present: true, known }
    }

    pub(super) fn of_literal(literal: &Literal) -> Possible {
        Possible::present(match literal {
            Literal::Bool(value) => Known::Truth(Truth::of(*value)),
            Literal::Int(value) => Known::between(*value, *value),
            Literal::Text(text) => Known::Texts(Among::one(text)),
            Literal::Time(time) => Known::Numbers(Measure::Time, Numbers::only(time.as_nanosecond())),
            Literal::Duration(duration) => Known::Numbers(Measure::Duration, Numbers::only(duration.as_nanos())),
            Literal::Float(_) | Literal::Ip(_) | Literal::Cidr(_) => Known::Literal(literal.clone()),
        })
    }

    /// What a value of the engines is; `ty` for those that cannot be told.
    pub(super) fn of_value(value: &Value, ty: &Type) -> Possible {
        let literal = match value {
            Value::Absent => {
                return Possible { can_be_absent: true, can_be_present: false, known: Known::Anything };
            }
            Value::List(elements) | Value::Set(elements) => {
                let element = ty.required().element().cloned().unwrap_or(Type::Error);
                let elements = elements.iter().map(|inner| Possible::of_value(inner, &element)).collect();
                return Possible::present(Known::Elements(elements));
            }
            Value::Bool(value) => Literal::Bool(*value),
            Value::Int(value) => Literal::Int(*value),
            Value::Float(value) => Literal::Float(*value),
            Value::Text(text) => Literal::Text(text.clone()),
            Value::Time(time) => Literal::Time(*time),
            Value::Duration(duration) => Literal::Duration(*duration),
            Value::Ip(address) => Literal::Ip(*address),
            Value::Cidr(block) => Literal::Cidr(*block),
            Value::Unknown(_)
            | Value::Map(_)
            | Value::Record(_)
            | Value::Resource(_)
            | Value::Account(_)
            | Value::Count(_) => return Possible::of_type(ty),
        };
        Possible::of_literal(&literal)
    }

    /// The one value that it is, of a type.
    pub(super) fn single(&self, ty: &Type) -> Option<Value> {
        if self.can_be_absent || !self.can_be_present {
            return None;
        }
        Some(match (&self.known, ty.required()) {
            (Known::Truth(truth), _) => Value::Bool(truth.decided()?),
            (Known::Numbers(Measure::Number, numbers), Type::Int) => Value::Int(numbers.single()?.try_into().ok()?),
            (Known::Numbers(Measure::Time, numbers), _) => {
                Value::Time(Timestamp::from_nanosecond(numbers.single()?).ok()?)
            }
            (Known::Numbers(Measure::Duration, numbers), _) => {
                let (seconds, rest) = (numbers.single()? / 1_000_000_000, numbers.single()? % 1_000_000_000);
                Value::Duration(SignedDuration::new(seconds.try_into().ok()?, rest.try_into().ok()?))
            }
            (Known::Texts(Among::Only(texts)), ty) if texts.len() == 1 && *ty != Type::Folded => {
                Value::Text(texts.first()?.clone())
            }
            (Known::Literal(Literal::Float(value)), _) => Value::Float(*value),
            (Known::Literal(Literal::Ip(address)), _) => Value::Ip(*address),
            (Known::Literal(Literal::Cidr(block)), _) => Value::Cidr(*block),
            (Known::Elements(elements), Type::List { element, .. }) => {
                Value::list(elements.iter().map(|inner| inner.single(element)).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// The same where it is known to be one of these, or absent. Of very many texts that it is not, the first are remembered: what may
    /// be is rounded up.
    pub(super) fn within(self, known: &Known, or_absent: bool) -> Possible {
        let narrowed = self.known.clone().and(known);
        let known = if narrowed.leaves_out_many() { self.known } else { narrowed };
        Possible {
            can_be_absent: self.can_be_absent && or_absent,
            can_be_present: self.can_be_present && !known.is_empty(),
            known,
        }
    }

    /// Either of two.
    pub(super) fn or(self, other: Possible) -> Possible {
        let known = match (self.can_be_present, other.can_be_present) {
            (true, true) => self.known.or(&other.known),
            (true, false) => self.known,
            (false, _) => other.known,
        };
        Possible {
            can_be_absent: self.can_be_absent || other.can_be_absent,
            can_be_present: self.can_be_present || other.can_be_present,
            known,
        }
    }

    /// The truths of a condition.
    pub(super) fn truth(&self) -> Truth {
        match self.known {
            Known::Truth(truth) => truth,
            _ => Truth::EITHER,
        }
    }
}

/// Whether two present values can be equal, and can differ.
pub(super) fn equality(a: &Known, b: &Known) -> Truth {
    let overlap = match (a, b) {
        (Known::Truth(a), Known::Truth(b)) => {
            return Truth {
                can_hold: (a.can_hold && b.can_hold) || (a.can_fail && b.can_fail),
                can_fail: (a.can_hold && b.can_fail) || (a.can_fail && b.can_hold),
            };
        }
        (Known::Literal(a), Known::Literal(b)) if std::mem::discriminant(a) == std::mem::discriminant(b) => {
            return Truth::of(a == b);
        }
        (Known::Numbers(measure, a), Known::Numbers(other, b)) if measure == other => !a.and(b).is_empty(),
        (Known::Texts(a), Known::Texts(b)) | (Known::Types(a), Known::Types(b)) => a.meets(b),
        _ => return Truth::EITHER,
    };
    Truth { can_hold: overlap, can_fail: !(a.is_single() && a == b) }
}

/// Whether two present values can be in an order, and can fail to be.
pub(super) fn ordering(op: Order, a: &Known, b: &Known) -> Truth {
    match (a, b) {
        (Known::Numbers(measure, a), Known::Numbers(other, b)) if measure == other => {
            let (Some(least), Some(most)) = (a.least().zip(b.least()), a.most().zip(b.most())) else {
                return Truth::EITHER;
            };
            let can = |op| match op {
                Order::Less | Order::LessEqual => op.holds(least.0.cmp(&most.1)),
                Order::Greater | Order::GreaterEqual => op.holds(most.0.cmp(&least.1)),
            };
            Truth { can_hold: can(op), can_fail: can(opposite(op)) }
        }
        (Known::Literal(Literal::Float(a)), Known::Literal(Literal::Float(b))) => {
            a.partial_cmp(b).map_or(Truth::EITHER, |ordering| Truth::of(op.holds(ordering)))
        }
        _ => Truth::EITHER,
    }
}

/// The order that holds where this one fails.
pub(super) fn opposite(op: Order) -> Order {
    match op {
        Order::Less => Order::GreaterEqual,
        Order::LessEqual => Order::Greater,
        Order::Greater => Order::LessEqual,
        Order::GreaterEqual => Order::Less,
    }
}

/// The order of the same two values the other way round.
pub(super) fn mirrored(op: Order) -> Order {
    match op {
        Order::Less => Order::Greater,
        Order::LessEqual => Order::GreaterEqual,
        Order::Greater => Order::Less,
        Order::GreaterEqual => Order::LessEqual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_ordered_as_far_as_they_do_not_overlap() {
        let order =
            |op, a: (i64, i64), b: (i64, i64)| ordering(op, &Known::between(a.0, a.1), &Known::between(b.0, b.1));
        assert_eq!(order(Order::GreaterEqual, (0, i64::MAX), (0, 0)).decided(), Some(true));
        assert_eq!(order(Order::Less, (0, i64::MAX), (0, 0)).decided(), Some(false));
        assert_eq!(order(Order::Greater, (0, i64::MAX), (0, 0)).decided(), None);
        assert_eq!(order(Order::LessEqual, (1, 3), (3, 9)).decided(), Some(true));
        assert_eq!(order(Order::Less, (1, 3), (3, 9)).decided(), None);
    }

    #[test]
    fn texts_are_equal_as_far_as_they_share_one() {
        let texts = |texts: &[&str]| Among::Only(texts.iter().map(|text| Arc::from(*text)).collect());
        let equal = |a: Among, b: Among| equality(&Known::Texts(a), &Known::Texts(b)).decided();
        assert_eq!(equal(texts(&["a"]), texts(&["a"])), Some(true));
        assert_eq!(equal(texts(&["a", "b"]), texts(&["c"])), Some(false));
        assert_eq!(equal(texts(&["a", "b"]), texts(&["a", "b"])), None);
        assert_eq!(equal(texts(&["a", "b"]).not(), texts(&["b"])), Some(false));
        assert_eq!(equal(texts(&["a", "b"]).not(), texts(&["c"])), None);
        assert_eq!(texts(&["a"]).or(&texts(&["a", "b"]).not()), texts(&["b"]).not());
    }
}
