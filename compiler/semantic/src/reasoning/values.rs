//! What a value may be, as far as constants and types tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use parapet_model::Type;

use crate::typed::Literal;

/// A value that is present, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Known {
    Anything,
    Truth(Truth),
    /// From the least to the most, both included.
    Whole(i64, i64),
    /// One of these.
    Texts(BTreeSet<Arc<str>>),
    Literal(Literal),
    /// A list or set of these elements.
    Elements(Vec<Possible>),
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

    pub(super) fn either(self, other: Truth) -> Truth {
        Truth { can_hold: self.can_hold || other.can_hold, can_fail: self.can_fail || other.can_fail }
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
        let known = match ty.required() {
            Type::Bool => Known::Truth(Truth::EITHER),
            Type::Int => Known::Whole(i64::MIN, i64::MAX),
            // Records may hold values that the schema does not list yet, so that an enum excludes nothing.
            _ => Known::Anything,
        };
        Possible { can_be_absent: ty.is_optional(), can_be_present: true, known }
    }

    pub(super) fn of_literal(literal: &Literal) -> Possible {
        Possible::present(match literal {
            Literal::Bool(value) => Known::Truth(Truth::of(*value)),
            Literal::Int(value) => Known::Whole(*value, *value),
            Literal::Text(text) => Known::Texts(BTreeSet::from([text.clone()])),
            other => Known::Literal(other.clone()),
        })
    }

    /// Either of two.
    pub(super) fn or(self, other: Possible) -> Possible {
        let known = match (self.can_be_present, other.can_be_present) {
            (true, true) => either(self.known, other.known),
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

fn either(a: Known, b: Known) -> Known {
    match (a, b) {
        (Known::Truth(a), Known::Truth(b)) => Known::Truth(a.either(b)),
        (Known::Whole(a, b), Known::Whole(c, d)) => Known::Whole(a.min(c), b.max(d)),
        (Known::Texts(a), Known::Texts(b)) => Known::Texts(a.union(&b).cloned().collect()),
        (a, b) if a == b => a,
        _ => Known::Anything,
    }
}

/// Whether two present values can be equal, and can differ.
pub(super) fn equality(a: &Known, b: &Known) -> Truth {
    match (a, b) {
        (Known::Truth(a), Known::Truth(b)) => match (a.decided(), b.decided()) {
            (Some(a), Some(b)) => Truth::of(a == b),
            _ => Truth::EITHER,
        },
        (Known::Whole(a, b), Known::Whole(c, d)) => {
            Truth { can_hold: a <= d && c <= b, can_fail: !(a == b && c == d && a == c) }
        }
        (Known::Texts(a), Known::Texts(b)) => {
            Truth { can_hold: !a.is_disjoint(b), can_fail: !(a.len() == 1 && a == b) }
        }
        (Known::Literal(a), Known::Literal(b)) if std::mem::discriminant(a) == std::mem::discriminant(b) => {
            Truth::of(a == b)
        }
        _ => Truth::EITHER,
    }
}

/// Whether two present values can be in an order, and can fail to be.
pub(super) fn ordering(op: parapet_model::Order, a: &Known, b: &Known) -> Truth {
    match (a, b) {
        (Known::Whole(a, b), Known::Whole(c, d)) => {
            let corners = [(a, c), (a, d), (b, c), (b, d)].map(|(x, y)| op.holds(x.cmp(y)));
            let overlap = a <= d && c <= b;
            // Where the ranges touch, equal values are possible as well.
            let equal = op.holds(std::cmp::Ordering::Equal);
            Truth {
                can_hold: corners.contains(&true) || (overlap && equal),
                can_fail: corners.contains(&false) || (overlap && !equal),
            }
        }
        (Known::Literal(a), Known::Literal(b)) => {
            let ordering = match (a, b) {
                (Literal::Time(a), Literal::Time(b)) => Some(a.cmp(b)),
                (Literal::Duration(a), Literal::Duration(b)) => Some(a.cmp(b)),
                (Literal::Float(a), Literal::Float(b)) => a.partial_cmp(b),
                _ => None,
            };
            ordering.map_or(Truth::EITHER, |ordering| Truth::of(op.holds(ordering)))
        }
        _ => Truth::EITHER,
    }
}

#[cfg(test)]
mod tests {
    use parapet_model::Order;

    use super::*;

    #[test]
    fn ranges_are_ordered_as_far_as_they_do_not_overlap() {
        let order = |op, a: (i64, i64), b: (i64, i64)| ordering(op, &Known::Whole(a.0, a.1), &Known::Whole(b.0, b.1));
        assert_eq!(order(Order::GreaterEqual, (0, i64::MAX), (0, 0)).decided(), Some(true));
        assert_eq!(order(Order::Less, (0, i64::MAX), (0, 0)).decided(), Some(false));
        assert_eq!(order(Order::Greater, (0, i64::MAX), (0, 0)).decided(), None);
        assert_eq!(order(Order::LessEqual, (1, 3), (3, 9)).decided(), Some(true));
        assert_eq!(order(Order::Less, (1, 3), (3, 9)).decided(), None);
    }

    #[test]
    fn texts_are_equal_as_far_as_they_share_one() {
        let texts = |texts: &[&str]| Known::Texts(texts.iter().map(|text| Arc::from(*text)).collect());
        assert_eq!(equality(&texts(&["a"]), &texts(&["a"])).decided(), Some(true));
        assert_eq!(equality(&texts(&["a", "b"]), &texts(&["c"])).decided(), Some(false));
        assert_eq!(equality(&texts(&["a", "b"]), &texts(&["a", "b"])).decided(), None);
    }
}
