//! Sets: made of lists, and combined.
//!
//! The other operand may be a list, and order and repeats in it mean nothing. An element whose membership is
//! not known makes the result unknown; the elements that stay keep the order of the receiver.

use std::sync::Arc;

use parapet_model::{Truth, Unknown, Value};

use crate::Context;
use crate::arguments::undecided;
use crate::collections::without_repeats;
use crate::members::{Case, Members};

pub(crate) fn to_set(_: &Context, arguments: &[Value]) -> Value {
    to_set_by(Case::Matters, arguments)
}

pub(crate) fn folded_to_set(_: &Context, arguments: &[Value]) -> Value {
    to_set_by(Case::Ignored, arguments)
}

fn to_set_by(case: Case, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements) | Value::Set(elements)] => set(without_repeats(elements.iter(), case)),
        _ => undecided(arguments),
    }
}

pub(crate) fn union(_: &Context, arguments: &[Value]) -> Value {
    union_by(Case::Matters, arguments)
}

pub(crate) fn folded_union(_: &Context, arguments: &[Value]) -> Value {
    union_by(Case::Ignored, arguments)
}

fn union_by(case: Case, arguments: &[Value]) -> Value {
    match operands(arguments) {
        Some((elements, other)) => set(without_repeats(elements.iter().chain(other), case)),
        None => undecided(arguments),
    }
}

pub(crate) fn intersection(_: &Context, arguments: &[Value]) -> Value {
    filter_by(Case::Matters, Truth::True, arguments)
}

pub(crate) fn folded_intersection(_: &Context, arguments: &[Value]) -> Value {
    filter_by(Case::Ignored, Truth::True, arguments)
}

pub(crate) fn difference(_: &Context, arguments: &[Value]) -> Value {
    filter_by(Case::Matters, Truth::False, arguments)
}

pub(crate) fn folded_difference(_: &Context, arguments: &[Value]) -> Value {
    filter_by(Case::Ignored, Truth::False, arguments)
}

/// The elements whose membership in the other operand is the wanted one.
fn filter_by(case: Case, wanted: Truth, arguments: &[Value]) -> Value {
    let Some((elements, other)) = operands(arguments) else { return undecided(arguments) };
    let mut members = Members::of(other, case);
    let mut kept = Vec::new();
    for element in elements {
        match members.holds(element) {
            Truth::Unknown(unknown) => return Value::Unknown(unknown),
            membership if membership == wanted => kept.push(element.clone()),
            Truth::True | Truth::False => {}
        }
    }
    set(Ok(kept))
}

fn operands(arguments: &[Value]) -> Option<(&[Value], &[Value])> {
    match arguments {
        [Value::Set(elements), Value::List(other) | Value::Set(other)] => Some((elements, other)),
        _ => None,
    }
}

fn set(elements: Result<Vec<Value>, Unknown>) -> Value {
    elements.map_or_else(Value::Unknown, |elements| Value::Set(Arc::new(elements)))
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use jiff::Timestamp;
    use parapet_model::{Reason, equal, set_of};

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn ints(numbers: &[i64]) -> Vec<Value> {
        numbers.iter().copied().map(Value::Int).collect()
    }

    #[track_caller]
    fn gives(found: Value, numbers: &[i64]) {
        assert_eq!(equal(&found, &set_of(ints(numbers))), Truth::True, "{found:?}, not {numbers:?}");
    }

    #[test]
    fn sets_combine_with_sets_and_lists() {
        let (set, list) = (set_of(ints(&[1, 2, 3])), Value::list(ints(&[3, 3, 4])));
        gives(to_set(&CX, from_ref(&list)), &[3, 4]);
        gives(union(&CX, &[set.clone(), list.clone()]), &[1, 2, 3, 4]);
        gives(intersection(&CX, &[set.clone(), list.clone()]), &[3]);
        gives(difference(&CX, &[set, list]), &[1, 2]);
    }

    #[test]
    fn an_unknown_member_leaves_open_who_is_in() {
        let doubtful = Value::list([ints(&[1]), vec![Value::unknown(Reason::Undecided, "later")]].concat());
        for combine in [union, intersection, difference] {
            assert!(combine(&CX, &[set_of(ints(&[1, 2])), doubtful.clone()]).is_unknown());
        }
        gives(intersection(&CX, &[set_of(ints(&[1])), doubtful.clone()]), &[1]);
        gives(difference(&CX, &[set_of(ints(&[1])), doubtful]), &[]);
    }

    #[test]
    fn folded_members_are_equal_in_any_case() {
        let texts = |texts: &[&str]| texts.iter().map(|text| Value::text(*text)).collect::<Vec<Value>>();
        let arguments = [set_of(texts(&["s3:getobject", "sqs:*"])), Value::list(texts(&["S3:GetObject"]))];
        let size = |value: Value| value.elements().unwrap().len();
        assert_eq!(size(folded_intersection(&CX, &arguments)), 1);
        assert_eq!(size(folded_difference(&CX, &arguments)), 1);
        assert_eq!(size(folded_union(&CX, &arguments)), 2);
        assert_eq!(size(union(&CX, &arguments)), 3);
        assert_eq!(size(folded_to_set(&CX, &[Value::list(texts(&["a", "A"]))])), 1);
    }
}
