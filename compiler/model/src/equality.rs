//! Three-valued truth, and equality by it.
//!
//! Equality is strict in unknowns with one exception: two records or lists differ as soon as some known pair
//! differs. Absent equals nothing, and `Int` and `Float` compare exactly.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::{Fields, OpenCount, Reason, Unknown, Value};

/// True, false, or not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    True,
    False,
    Unknown(Unknown),
}

impl Truth {
    pub fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::True, other) => other,
            (unknown, Truth::True) => unknown,
            (Truth::Unknown(a), Truth::Unknown(b)) => Truth::Unknown(a.and(&b)),
        }
    }

    pub fn or(self, other: Truth) -> Truth {
        self.not().and(other.not()).not()
    }

    #[expect(clippy::should_implement_trait, reason = "the language's word, beside `and` and `or`")]
    pub fn not(self) -> Truth {
        match self {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            unknown => unknown,
        }
    }

    pub fn value(self) -> Value {
        match self {
            Truth::True => Value::Bool(true),
            Truth::False => Value::Bool(false),
            Truth::Unknown(unknown) => Value::Unknown(unknown),
        }
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Truth {
        if value { Truth::True } else { Truth::False }
    }
}

/// A value whose texts compare without regard to the case of ASCII letters, also inside of lists; of a text that is known in
/// part, its known parts.
pub fn folded(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::text(text.to_ascii_lowercase()),
        Value::Unknown(unknown) => match unknown.symbol() {
            Some(symbol) => Value::Unknown(unknown.clone().standing_for(symbol.folded())),
            None => value.clone(),
        },
        Value::List(elements) => Value::list(elements.iter().map(folded).collect()),
        Value::Set(elements) => Value::Set(Arc::new(elements.iter().map(folded).collect())),
        other => other.clone(),
    }
}

/// Whether two values are equal. Values of types that cannot be equal are not.
pub fn equal(a: &Value, b: &Value) -> Truth {
    match (a, b) {
        (Value::Absent, _) | (_, Value::Absent) => Truth::False,
        (Value::Unknown(a), Value::Unknown(b)) => equal_unknowns(a, b),
        (Value::Unknown(unknown), Value::Text(text)) | (Value::Text(text), Value::Unknown(unknown))
            if unknown.symbol().is_some_and(|symbol| !symbol.may_be(text)) =>
        {
            Truth::False
        }
        (Value::Unknown(unknown), _) | (_, Value::Unknown(unknown)) => Truth::Unknown(unknown.clone()),
        (Value::Count(count), other) | (other, Value::Count(count)) => equal_count(count, other),
        (Value::Bool(a), Value::Bool(b)) => (a == b).into(),
        (Value::Text(a), Value::Text(b)) => equal_texts(a, b),
        (Value::Time(a), Value::Time(b)) => (a == b).into(),
        (Value::Duration(a), Value::Duration(b)) => (a == b).into(),
        (Value::Ip(a), Value::Ip(b)) => (a == b).into(),
        (Value::Cidr(a), Value::Cidr(b)) => (a == b).into(),
        (Value::Resource(a), Value::Resource(b)) => (a == b).into(),
        (Value::Account(a), Value::Account(b)) => (a == b).into(),
        (Value::List(a), Value::List(b)) => equal_lists(a, b),
        (Value::Set(a), Value::Set(b)) => match open_end(a, b) {
            Some(unknown) => Truth::Unknown(unknown),
            None => subset(a, b).and(subset(b, a)),
        },
        (Value::Map(a), Value::Map(b)) => equal_fields(a, b),
        (Value::Record(a), Value::Record(b)) => equal_fields(a, b),
        _ => compare_numbers(a, b).map_or(Truth::False, |order| (order == Ordering::Equal).into()),
    }
}

/// What begins a dynamic reference of CloudFormation: deployment puts a parameter or a secret in its place ("Using dynamic
/// references to specify template values").
const DYNAMIC: &str = "{{resolve:";

/// Whether a text has a part that deployment replaces.
pub fn is_dynamic(text: &str) -> bool {
    text.contains(DYNAMIC)
}

/// Two texts are equal by their letters; one that deployment replaces may become any other.
fn equal_texts(a: &str, b: &str) -> Truth {
    if a == b {
        return Truth::True;
    }
    match is_dynamic(a) || is_dynamic(b) {
        true => Truth::Unknown(Unknown::new(Reason::Undecided, "a dynamic reference is resolved at deployment")),
        false => Truth::False,
    }
}

/// Two texts that exist only after deployment may be known to be the same one.
fn equal_unknowns(a: &Unknown, b: &Unknown) -> Truth {
    let known = a.symbol().zip(b.symbol()).and_then(|(a, b)| a.equals(b));
    known.map_or_else(|| Truth::Unknown(a.and(b)), Truth::from)
}

fn equal_count(OpenCount { least, most, why }: &OpenCount, other: &Value) -> Truth {
    let (other_least, other_most) = match other {
        Value::Int(value) => (*value, Some(*value)),
        Value::Count(count) => (count.least, count.most),
        Value::Float(float) if float.fract() != 0.0 || float.abs() > 9e15 => return Truth::False,
        Value::Float(float) => (*float as i64, Some(*float as i64)),
        _ => return Truth::False,
    };
    let apart = most.is_some_and(|most| most < other_least) || other_most.is_some_and(|most| most < *least);
    if apart { Truth::False } else { Truth::Unknown(why.clone()) }
}

/// Whether each element of one set equals some element of the other. The length of a set with unknown parts is
/// not known, so that it decides nothing.
fn subset(a: &[Value], b: &[Value]) -> Truth {
    a.iter().fold(Truth::True, |truth, element| {
        truth.and(b.iter().fold(Truth::False, |found, other| found.or(equal(element, other))))
    })
}

/// Why one of two collections may have more elements than it lists.
fn open_end(a: &[Value], b: &[Value]) -> Option<Unknown> {
    Value::open_end(a).or_else(|| Value::open_end(b)).cloned()
}

fn equal_lists(a: &[Value], b: &[Value]) -> Truth {
    if let Some(unknown) = open_end(a, b) {
        return Truth::Unknown(unknown);
    }
    if a.len() != b.len() {
        return Truth::False;
    }
    a.iter().zip(b).fold(Truth::True, |truth, (a, b)| match truth {
        Truth::False => Truth::False,
        truth => truth.and(equal(a, b)),
    })
}

/// Lists without order, and sets: equal when the elements pair off. With unknown elements the answer is
/// false only when the known ones already cannot pair.
pub fn equal_multisets(a: &[Value], b: &[Value], equal: &dyn Fn(&Value, &Value) -> Truth) -> Truth {
    if let Some(unknown) = open_end(a, b) {
        return Truth::Unknown(unknown);
    }
    if a.len() != b.len() {
        return Truth::False;
    }
    let mut left: Vec<&Value> = b.iter().collect();
    let mut undecided: Option<Unknown> = None;
    let mut unmatched = 0;
    for element in a {
        match left.iter().position(|other| equal(element, other) == Truth::True) {
            Some(at) => {
                left.swap_remove(at);
            }
            None => {
                let causes = left.iter().filter_map(|other| match equal(element, other) {
                    Truth::Unknown(unknown) => Some(unknown),
                    _ => None,
                });
                match causes.reduce(|a, b| a.and(&b)) {
                    None => return Truth::False,
                    Some(unknown) => undecided = Some(undecided.map_or(unknown.clone(), |before| before.and(&unknown))),
                }
                unmatched += 1;
            }
        }
    }
    // A known element left over on the right needs an undecided partner on the left, too.
    let lonely = left.iter().any(|other| a.iter().all(|element| equal(element, other) == Truth::False));
    match undecided {
        _ if lonely => Truth::False,
        Some(unknown) if unmatched > 0 => Truth::Unknown(unknown),
        _ => Truth::True,
    }
}

fn equal_fields(a: &Arc<Fields>, b: &Arc<Fields>) -> Truth {
    let mut truth = Truth::True;
    let others = b.iter().filter(|(name, _)| !a.contains_key(*name));
    for (name, value) in a.iter().chain(others) {
        let pair = (a.get(name).unwrap_or(&Value::Absent), b.get(name).unwrap_or(&Value::Absent));
        truth = truth.and(match pair {
            (Value::Absent, Value::Absent) => Truth::True,
            (Value::Absent, other) | (other, Value::Absent) => is_empty_collection(other),
            (a, b) => equal(a, b),
        });
        if truth == Truth::False {
            return truth;
        }
        let _ = value;
    }
    truth
}

/// An absent collection is an empty one.
fn is_empty_collection(value: &Value) -> Truth {
    match value {
        Value::List(elements) | Value::Set(elements) => match elements.first() {
            Some(Value::Unknown(unknown)) if unknown.is_perhaps() => Truth::Unknown(unknown.clone()),
            first => first.is_none().into(),
        },
        Value::Map(entries) => entries.is_empty().into(),
        Value::Unknown(unknown) => Truth::Unknown(unknown.clone()),
        _ => Truth::False,
    }
}

/// The order of two numbers, exact also between `Int` and `Float`; `None` for anything else.
pub fn compare_numbers(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => compare_mixed(*a, *b),
        (Value::Float(a), Value::Int(b)) => compare_mixed(*b, *a).map(Ordering::reverse),
        _ => None,
    }
}

/// Floats beyond the range of `i64` decide by their sign; all others have an exact whole part.
fn compare_mixed(int: i64, float: f64) -> Option<Ordering> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        return None;
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    Some(int.cmp(&(whole as i64)).then_with(|| 0.0f64.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;

    fn later() -> Value {
        Value::unknown(Reason::Undecided, "later")
    }

    fn ints(values: &[i64]) -> Vec<Value> {
        values.iter().map(|value| Value::Int(*value)).collect()
    }

    #[test]
    fn numbers_compare_exactly() {
        let big = 9_007_199_254_740_993;
        assert_eq!(compare_numbers(&Value::Int(big), &Value::Float(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(compare_numbers(&Value::Float(0.5), &Value::Int(0)), Some(Ordering::Greater));
        assert_eq!(compare_numbers(&Value::Int(-1), &Value::Float(-1.5)), Some(Ordering::Greater));
        assert_eq!(compare_numbers(&Value::Int(i64::MAX), &Value::Float(f64::MAX)), Some(Ordering::Less));
    }

    #[test]
    fn a_known_difference_decides_lists() {
        let with = |first: Value| Value::list(vec![first, Value::Int(2)]);
        assert!(matches!(equal(&with(later()), &with(Value::Int(1))), Truth::Unknown(_)));
        assert_eq!(equal(&with(later()), &Value::list(ints(&[1, 3]))), Truth::False);
        assert_eq!(equal(&with(later()), &Value::list(ints(&[1]))), Truth::False);
    }

    #[test]
    fn what_a_list_may_have_more_decides_nothing() {
        let more = || Value::Unknown(crate::Unknown::new(Reason::Undecided, "later").perhaps());
        let open = Value::list([ints(&[1]), vec![more()]].concat());
        assert!(matches!(equal(&open, &Value::list(ints(&[1]))), Truth::Unknown(_)));
        assert!(matches!(equal(&open, &Value::list(ints(&[1, 2]))), Truth::Unknown(_)));
        assert!(matches!(is_empty_collection(&Value::list(vec![more()])), Truth::Unknown(_)));
    }

    #[test]
    fn multisets_ignore_order_and_count_repeats() {
        assert_eq!(equal_multisets(&ints(&[1, 2, 2]), &ints(&[2, 1, 2]), &equal), Truth::True);
        assert_eq!(equal_multisets(&ints(&[1, 2, 2]), &ints(&[2, 1, 1]), &equal), Truth::False);
        let unknown = [vec![later()], ints(&[1])].concat();
        assert!(matches!(equal_multisets(&unknown, &ints(&[1, 2]), &equal), Truth::Unknown(_)));
        assert_eq!(equal_multisets(&unknown, &ints(&[2, 3]), &equal), Truth::False);
    }
}
