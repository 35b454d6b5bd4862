//! Maps with text keys.
//!
//! An entry with an unknown value may turn out to be `null`, and then it is none. So a map with such an entry
//! has no known keys, and its length lies between bounds. A text that exists after deployment is none of these.

use parapet_model::{Fields, Unknown, Value};

use crate::Context;
use crate::arguments::{bounded_list, int, undecided};

pub(crate) fn len(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Map(entries)] = arguments else { return undecided(arguments) };
    let (known, most) = (known_entries(entries), present_entries(entries).count());
    match (int(known), int(most), undecided_entry(entries)) {
        (Value::Int(least), Value::Int(most), Some(why)) => Value::count(least, Some(most), why),
        (known, _, _) => known,
    }
}

pub(crate) fn is_empty(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Map(entries)] = arguments else { return undecided(arguments) };
    match undecided_entry(entries) {
        Some(unknown) if known_entries(entries) == 0 => Value::Unknown(unknown),
        _ => Value::Bool(known_entries(entries) == 0),
    }
}

pub(crate) fn contains(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Map(entries), Value::Text(key)] = arguments else { return undecided(arguments) };
    match entries.get(key) {
        Some(Value::Unknown(unknown)) if !unknown.is_present() => Value::Unknown(unknown.clone()),
        Some(value) => Value::Bool(!value.is_absent()),
        None => Value::Bool(false),
    }
}

pub(crate) fn keys(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Map(entries)] = arguments else { return undecided(arguments) };
    match undecided_entry(entries) {
        Some(unknown) => Value::Unknown(unknown),
        None => bounded_list(present_entries(entries).map(|(key, _)| Value::Text(key.clone()))),
    }
}

pub(crate) fn values(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Map(entries)] = arguments else { return undecided(arguments) };
    match undecided_entry(entries) {
        Some(unknown) => Value::Unknown(unknown),
        None => bounded_list(present_entries(entries).map(|(_, value)| value.clone())),
    }
}

fn present_entries(entries: &Fields) -> impl Iterator<Item = (&parapet_model::Name, &Value)> {
    entries.iter().filter(|(_, value)| !value.is_absent())
}

fn known_entries(entries: &Fields) -> usize {
    present_entries(entries).filter(|(_, value)| !may_be_none(value)).count()
}

/// Whether an entry may turn out not to be there.
fn may_be_none(value: &Value) -> bool {
    matches!(value, Value::Unknown(unknown) if !unknown.is_present())
}

fn undecided_entry(entries: &Fields) -> Option<Unknown> {
    let causes = entries.values().filter_map(|value| match value {
        Value::Unknown(unknown) if !unknown.is_present() => Some(unknown.clone()),
        _ => None,
    });
    causes.reduce(|a, b| a.and(&b))
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;
    use std::sync::Arc;

    use jiff::Timestamp;
    use parapet_model::{Reason, Truth, equal};

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn map(entries: &[(&str, Value)]) -> Value {
        Value::Map(Arc::new(entries.iter().map(|(key, value)| ((*key).into(), value.clone())).collect()))
    }

    #[track_caller]
    fn gives(found: Value, wanted: Value) {
        assert_eq!(equal(&found, &wanted), Truth::True, "{found:?}, not {wanted:?}");
    }

    #[test]
    fn known_entries_are_counted_and_listed() {
        let tags = map(&[("b", Value::text("1")), ("a", Value::text("2")), ("none", Value::Absent)]);
        let texts = |texts: [&str; 2]| Value::list(texts.map(Value::text).to_vec());
        gives(len(&CX, from_ref(&tags)), Value::Int(2));
        gives(keys(&CX, from_ref(&tags)), texts(["b", "a"]));
        gives(values(&CX, from_ref(&tags)), texts(["1", "2"]));
        gives(contains(&CX, &[tags.clone(), Value::text("a")]), Value::Bool(true));
        gives(contains(&CX, &[tags.clone(), Value::text("A")]), Value::Bool(false));
        gives(contains(&CX, &[tags, Value::text("none")]), Value::Bool(false));
        gives(is_empty(&CX, &[map(&[])]), Value::Bool(true));
    }

    #[test]
    fn a_text_that_exists_after_deployment_is_an_entry() {
        let attribute = parapet_model::Attribute::other(&"0:A".into(), "id");
        let symbol = parapet_model::Symbol::attribute(attribute);
        let later = Value::Unknown(parapet_model::Unknown::new(Reason::Undecided, "later").standing_for(symbol));
        let entries = map(&[("a", later), ("b", Value::Int(1))]);
        gives(len(&CX, from_ref(&entries)), Value::Int(2));
        gives(contains(&CX, &[entries.clone(), Value::text("a")]), Value::Bool(true));
        gives(keys(&CX, from_ref(&entries)), Value::list(vec![Value::text("a"), Value::text("b")]));
        assert_eq!(values(&CX, &[entries]).elements().unwrap().len(), 2);
    }

    #[test]
    fn an_unknown_entry_may_be_none() {
        let later = Value::unknown(Reason::Undecided, "later");
        let doubtful = map(&[("a", later.clone()), ("b", Value::Int(1))]);
        assert!(
            matches!(len(&CX, from_ref(&doubtful)), Value::Count(count) if (count.least, count.most) == (1, Some(2)))
        );
        gives(is_empty(&CX, from_ref(&doubtful)), Value::Bool(false));
        assert!(is_empty(&CX, &[map(&[("a", later)])]).is_unknown());
        assert!(contains(&CX, &[doubtful.clone(), Value::text("a")]).is_unknown());
        gives(contains(&CX, &[doubtful.clone(), Value::text("c")]), Value::Bool(false));
        assert!(keys(&CX, from_ref(&doubtful)).is_unknown() && values(&CX, &[doubtful]).is_unknown());
    }
}
