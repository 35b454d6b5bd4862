//! Lists, and sets where a list is wanted.
//!
//! A list has a known length even where elements are unknown. A set has not: an unknown element may equal
//! another, and then it is none. Whatever would come out differently in the one case and the other is unknown.

use std::cmp::Ordering;

use parapet_model::{Truth, Unknown, Value, compare_numbers};

use crate::Context;
use crate::arguments::{bounded_list, doubt, int, present, undecided};
use crate::members::{Case, Members, any_equal, is_known};

pub(crate) fn len(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements) | Value::Set(elements)] if Value::open_end(elements).is_some() => open_len(elements),
        [Value::List(elements)] => int(elements.len()),
        [Value::Set(elements)] => set_len(elements),
        _ => undecided(arguments),
    }
}

/// At least the elements that are there for sure, and no known number at most. Of a set they may be one.
fn open_len(elements: &[Value]) -> Value {
    let sure = elements.iter().filter(|element| is_known(element)).count();
    match (int(sure), Value::open_end(elements)) {
        (Value::Int(least), Some(why)) => Value::count(least, None, why.clone()),
        (length, _) => length,
    }
}

/// The known elements of a set differ from each other; each of the others may be one of them.
fn set_len(elements: &[Value]) -> Value {
    let known = elements.iter().filter(|element| is_known(element)).count().max(1);
    if known >= elements.len() {
        return int(elements.len());
    }
    match (int(known), int(elements.len()), elements.iter().find_map(first_doubt)) {
        (Value::Int(least), Value::Int(most), Some(why)) => Value::count(least, Some(most), why),
        (_, _, Some(why)) => Value::Unknown(why),
        (_, most, None) => most,
    }
}

/// Why a value, or a part of it, is not known.
fn first_doubt(value: &Value) -> Option<Unknown> {
    match value {
        Value::Unknown(unknown) => Some(unknown.clone()),
        Value::Count(count) => Some(count.why.clone()),
        Value::List(elements) | Value::Set(elements) => elements.iter().find_map(first_doubt),
        Value::Map(fields) | Value::Record(fields) => fields.values().find_map(first_doubt),
        _ => None,
    }
}

/// Whether two elements of a set may turn out to be one.
fn may_shrink(value: &Value) -> bool {
    match value {
        Value::Set(elements) => elements.len() > 1 && !elements.iter().all(is_known),
        _ => false,
    }
}

pub(crate) fn is_empty(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements) | Value::Set(elements)] => match elements.first() {
            Some(Value::Unknown(unknown)) if unknown.is_perhaps() => Value::Unknown(unknown.clone()),
            first => Value::Bool(first.is_none()),
        },
        _ => undecided(arguments),
    }
}

pub(crate) fn contains(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements) | Value::Set(elements), value] => {
            any_equal(elements.iter(), value, Case::Matters).value()
        }
        _ => undecided(arguments),
    }
}

pub(crate) fn folded_contains(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements) | Value::Set(elements), value] => {
            Members::of(elements, Case::Ignored).holds(value).value()
        }
        _ => undecided(arguments),
    }
}

pub(crate) fn distinct(_: &Context, arguments: &[Value]) -> Value {
    distinct_by(Case::Matters, arguments)
}

pub(crate) fn folded_distinct(_: &Context, arguments: &[Value]) -> Value {
    distinct_by(Case::Ignored, arguments)
}

fn distinct_by(case: Case, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements) | Value::Set(elements)] => {
            without_repeats(elements.iter(), case).map_or_else(Value::Unknown, Value::list)
        }
        _ => undecided(arguments),
    }
}

/// The first of equals; `Err` where it is not known whether two are equal.
pub(crate) fn without_repeats<'v>(
    elements: impl Iterator<Item = &'v Value>,
    case: Case,
) -> Result<Vec<Value>, Unknown> {
    let mut members = Members::new(case);
    let mut kept = Vec::new();
    for element in elements {
        match members.holds(element) {
            Truth::True => {}
            Truth::False => {
                members.insert(element);
                kept.push(element.clone());
            }
            Truth::Unknown(unknown) => return Err(unknown),
        }
    }
    Ok(kept)
}

pub(crate) fn flatten(_: &Context, arguments: &[Value]) -> Value {
    let [Value::List(lists) | Value::Set(lists)] = arguments else { return undecided(arguments) };
    if let Some(unknown) = doubt(lists.iter()) {
        return Value::Unknown(unknown);
    }
    let shrinking = arguments.iter().chain(lists.iter()).find(|value| may_shrink(value));
    if let Some(unknown) = shrinking.and_then(first_doubt) {
        return Value::Unknown(unknown);
    }
    // A missing list reads as empty.
    bounded_list(lists.iter().filter_map(Value::elements).flat_map(|inner| inner.iter()).cloned())
}

pub(crate) fn min(_: &Context, arguments: &[Value]) -> Value {
    extreme(arguments, Ordering::Less)
}

pub(crate) fn max(_: &Context, arguments: &[Value]) -> Value {
    extreme(arguments, Ordering::Greater)
}

/// The first element that stands to all others in this order. Absent ones, such as `null` in a list, have none.
fn extreme(arguments: &[Value], wanted: Ordering) -> Value {
    let [Value::List(elements) | Value::Set(elements)] = arguments else { return undecided(arguments) };
    if let Some(unknown) = doubt(elements.iter()) {
        return Value::Unknown(unknown);
    }
    let mut best: Option<&Value> = None;
    for element in elements.iter().filter(|element| !element.is_absent()) {
        let order = best.map_or(Some(wanted), |best| compare(element, best));
        match order {
            Some(order) if order == wanted => best = Some(element),
            Some(_) => {}
            None => return undecided(arguments),
        }
    }
    present(best.cloned())
}

/// The order of two values of one type; texts by code points, which is the order of their bytes.
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (a, b) => compare_numbers(a, b),
    }
}

pub(crate) fn first(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements) | Value::Set(elements)] => present(elements.first().cloned()),
        _ => undecided(arguments),
    }
}

/// In `{a, ?, b}`, the unknown may be `b`, which then stands where the unknown did.
pub(crate) fn last(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::List(elements)] => present(elements.last().cloned()),
        [set @ Value::Set(elements)] => match first_doubt(set) {
            Some(unknown) if may_shrink(set) => Value::Unknown(unknown),
            _ => present(elements.last().cloned()),
        },
        _ => undecided(arguments),
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use jiff::Timestamp;
    use parapet_model::{Reason, equal, set_of};

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn later() -> Value {
        Value::unknown(Reason::Undecided, "later")
    }

    fn ints(numbers: &[i64]) -> Vec<Value> {
        numbers.iter().copied().map(Value::Int).collect()
    }

    fn doubtful(numbers: &[i64]) -> Vec<Value> {
        [ints(numbers), vec![later()]].concat()
    }

    #[track_caller]
    fn gives(found: Value, wanted: Value) {
        assert_eq!(equal(&found, &wanted), Truth::True, "{found:?}, not {wanted:?}");
    }

    #[test]
    fn a_list_has_a_known_length_and_a_set_has_not() {
        gives(len(&CX, &[Value::list(doubtful(&[1, 1]))]), Value::Int(3));
        gives(len(&CX, &[set_of(ints(&[1, 1, 2]))]), Value::Int(2));
        let open = len(&CX, &[set_of(doubtful(&[1, 2]))]);
        assert!(matches!(&open, Value::Count(count) if (count.least, count.most) == (2, Some(3))), "{open:?}");
        gives(len(&CX, &[set_of(doubtful(&[]))]), Value::Int(1));
        gives(is_empty(&CX, &[set_of(doubtful(&[]))]), Value::Bool(false));
    }

    #[test]
    fn one_known_element_is_enough_to_contain() {
        let list = Value::list(doubtful(&[1, 2]));
        gives(contains(&CX, &[list.clone(), Value::Int(2)]), Value::Bool(true));
        assert!(contains(&CX, &[list, Value::Int(3)]).is_unknown());
        gives(contains(&CX, &[Value::list(ints(&[1])), Value::Int(3)]), Value::Bool(false));
        let why = Unknown::new(Reason::Undecided, "later");
        let count = Value::count(5, None, why);
        gives(contains(&CX, &[Value::list(ints(&[1])), count.clone()]), Value::Bool(false));
        assert!(contains(&CX, &[Value::list(ints(&[7])), count]).is_unknown());
    }

    #[test]
    fn repeats_are_dropped_where_they_are_known() {
        gives(distinct(&CX, &[Value::list(ints(&[2, 1, 2]))]), Value::list(ints(&[2, 1])));
        assert!(distinct(&CX, &[Value::list(doubtful(&[1]))]).is_unknown());
        let actions = ["s3:Get", "S3:GET", "sqs:*"].map(Value::text).to_vec();
        gives(
            folded_distinct(&CX, &[Value::list(actions.clone())]),
            Value::list(vec![actions[0].clone(), actions[2].clone()]),
        );
        gives(folded_contains(&CX, &[Value::list(actions), Value::text("SQS:*")]), Value::Bool(true));
    }

    #[test]
    fn inner_lists_must_be_known() {
        let lists = vec![Value::list(doubtful(&[1])), Value::Absent, Value::list(ints(&[2]))];
        let flat = flatten(&CX, &[Value::list(lists.clone())]);
        assert_eq!(flat.elements().unwrap().len(), 3);
        assert!(flatten(&CX, &[Value::list([lists, vec![later()]].concat())]).is_unknown());
        assert!(flatten(&CX, &[Value::list(vec![set_of(doubtful(&[1]))])]).is_unknown());
    }

    #[test]
    fn extremes_need_every_element() {
        gives(min(&CX, &[Value::list(ints(&[2, 1, 3]))]), Value::Int(1));
        gives(max(&CX, &[Value::list(["b", "ä", "a"].map(Value::text).to_vec())]), Value::text("ä"));
        gives(max(&CX, &[Value::list(vec![Value::Absent, Value::Int(1)])]), Value::Int(1));
        assert!(min(&CX, &[Value::list(Vec::new())]).is_absent());
        assert!(min(&CX, &[Value::list(doubtful(&[1]))]).is_unknown());
    }

    #[test]
    fn the_ends_of_a_list_are_known_by_place() {
        let list = Value::list([vec![later()], ints(&[1])].concat());
        assert!(first(&CX, from_ref(&list)).is_unknown());
        gives(last(&CX, from_ref(&list)), Value::Int(1));
        assert!(last(&CX, &[set_of([ints(&[1]), vec![later()], ints(&[2])].concat())]).is_unknown());
        assert!(first(&CX, &[Value::list(Vec::new())]).is_absent());
    }

    #[test]
    fn a_hundred_thousand_elements_take_a_moment() {
        let many = Value::list((0..100_000).map(Value::Int).chain([later()]).collect());
        assert!(distinct(&CX, &[many]).is_unknown());
        let records = (0..100_000).map(|number| Value::list(ints(&[number]))).collect();
        assert_eq!(distinct(&CX, &[Value::list(records)]).elements().unwrap().len(), 100_000);
    }
}
