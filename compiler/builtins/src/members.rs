//! Sets of values that answer membership in three values.
//!
//! A value that is known all through has a [`Key`], by which it is found at once; two keys are equal exactly
//! when [`equal`] says that the values are. The few others are compared one by one. So `distinct` of a hundred
//! thousand records takes a moment, and one unknown among them does not change that.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use parapet_model::{AccountIndex, Fields, Name, Reason, ResourceId, Truth, Unknown, Value, equal, folded, is_dynamic};
use rustc_hash::FxHashSet;

/// How texts compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Matters,
    /// Actions, condition keys and operators: ASCII letters are equal in either case.
    Ignored,
}

/// Values to look another one up in.
pub(crate) struct Members<'v> {
    case: Case,
    keys: FxHashSet<Key>,
    /// The values without a key.
    doubtful: Vec<&'v Value>,
    all: Vec<&'v Value>,
    /// How many comparisons one by one are left to make.
    patience: usize,
}

impl<'v> Members<'v> {
    pub(crate) fn new(case: Case) -> Members<'v> {
        Members { case, keys: FxHashSet::default(), doubtful: Vec::new(), all: Vec::new(), patience: 10_000_000 }
    }

    pub(crate) fn of(values: &'v [Value], case: Case) -> Members<'v> {
        let mut members = Members::new(case);
        values.iter().for_each(|value| members.insert(value));
        members
    }

    pub(crate) fn insert(&mut self, value: &'v Value) {
        self.all.push(value);
        if is_replaced(value) {
            self.doubtful.push(value);
        }
        match key(value, self.case) {
            Some(key) => _ = self.keys.insert(key),
            None => self.doubtful.push(value),
        }
    }

    /// Whether some member equals the value.
    pub(crate) fn holds(&mut self, value: &Value) -> Truth {
        let others = match key(value, self.case) {
            Some(key) if self.keys.contains(&key) => return Truth::True,
            Some(_) if !is_replaced(value) => &self.doubtful,
            Some(_) | None => &self.all,
        };
        if others.len() > self.patience {
            return Truth::Unknown(Unknown::new(Reason::Other, "too many undecided elements to compare"));
        }
        self.patience -= others.len();
        any_equal(others.iter().copied(), value, self.case)
    }
}

/// Whether a text equals itself, and may equal any other: a dynamic reference.
fn is_replaced(value: &Value) -> bool {
    value.as_text().is_some_and(is_dynamic)
}

/// Whether some value equals the wanted one.
pub(crate) fn any_equal<'v>(values: impl IntoIterator<Item = &'v Value>, wanted: &Value, case: Case) -> Truth {
    let mut found = Truth::False;
    let folded_wanted = (case == Case::Ignored).then(|| folded(wanted));
    for value in values {
        found = found.or(match &folded_wanted {
            None => equal(value, wanted),
            Some(wanted) => equal(&folded(value), wanted),
        });
        if found == Truth::True {
            break;
        }
    }
    found
}

/// Whether nothing in a value is undecided.
pub(crate) fn is_known(value: &Value) -> bool {
    key(value, Case::Matters).is_some()
}

/// A value that is known all through, in a form that hashes.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Bool(bool),
    Int(i64),
    /// The bits of a number that is not whole, or beyond `i64`.
    Float(u64),
    Text(Arc<str>),
    Time(Timestamp),
    Duration(SignedDuration),
    Ip(IpAddr),
    Cidr(IpNet),
    List(Vec<Key>),
    Set(BTreeSet<Key>),
    Map(BTreeMap<Name, Key>),
    Record(BTreeMap<Name, Key>),
    Resource(ResourceId),
    Account(AccountIndex),
}

/// The key of a value; `None` where something in it is undecided, or equals nothing, as absent does.
fn key(value: &Value, case: Case) -> Option<Key> {
    Some(match value {
        Value::Absent | Value::Unknown(_) | Value::Count(_) => return None,
        Value::Bool(value) => Key::Bool(*value),
        Value::Int(value) => Key::Int(*value),
        Value::Float(value) => number_key(*value)?,
        Value::Text(text) if case == Case::Ignored => Key::Text(text.to_ascii_lowercase().into()),
        Value::Text(text) => Key::Text(text.clone()),
        Value::Time(time) => Key::Time(*time),
        Value::Duration(duration) => Key::Duration(*duration),
        Value::Ip(address) => Key::Ip(*address),
        Value::Cidr(block) => Key::Cidr(*block),
        Value::List(elements) => Key::List(elements.iter().map(|element| key(element, case)).collect::<Option<_>>()?),
        Value::Set(elements) => Key::Set(elements.iter().map(|element| key(element, case)).collect::<Option<_>>()?),
        Value::Map(entries) => Key::Map(field_keys(entries, case)?),
        Value::Record(fields) => Key::Record(field_keys(fields, case)?),
        Value::Resource(id) => Key::Resource(*id),
        Value::Account(index) => Key::Account(*index),
    })
}

/// `Int` and `Float` compare exactly, so a whole float has the key of its integer.
fn number_key(value: f64) -> Option<Key> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    let whole = value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value);
    match whole {
        true => Some(Key::Int(value as i64)),
        false => (!value.is_nan()).then(|| Key::Float(value.to_bits())),
    }
}

/// A field that is absent equals one that is not there, or an empty collection.
fn field_keys(fields: &Fields, case: Case) -> Option<BTreeMap<Name, Key>> {
    let empty = |value: &Value| match value {
        Value::Absent => true,
        Value::List(elements) | Value::Set(elements) => elements.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    };
    let present = fields.iter().filter(|(_, value)| !empty(value));
    present.map(|(name, value)| Some((name.clone(), key(value, case)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(&str, Value)]) -> Value {
        Value::Record(Arc::new(fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()))
    }

    #[test]
    fn keys_are_equal_when_values_are() {
        let empty = Value::list(Vec::new());
        let values = [
            Value::Bool(true),
            Value::Int(1),
            Value::Float(1.0),
            Value::Float(-0.0),
            Value::Int(0),
            Value::Float(1.5),
            Value::Float(1e300),
            Value::text("1"),
            empty.clone(),
            Value::Set(Arc::default()),
            Value::list(vec![Value::Int(1), Value::Int(2)]),
            Value::list(vec![Value::Int(2), Value::Int(1)]),
            Value::Set(Arc::new(vec![Value::Int(1), Value::Int(2)])),
            Value::Set(Arc::new(vec![Value::Int(2), Value::Int(1)])),
            record(&[]),
            record(&[("a", Value::Absent)]),
            record(&[("a", empty)]),
            record(&[("a", Value::Int(1)), ("b", Value::Int(2))]),
            record(&[("b", Value::Float(2.0)), ("a", Value::Int(1))]),
        ];
        for a in &values {
            for b in &values {
                let same = key(a, Case::Matters).unwrap() == key(b, Case::Matters).unwrap();
                assert_eq!(Truth::from(same), equal(a, b), "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn doubt_is_found_deep_inside() {
        let later = Value::unknown(Reason::Undecided, "later");
        assert!(!is_known(&record(&[("a", Value::list(vec![later]))])));
        assert!(is_known(&record(&[("a", Value::Absent)])));
    }
}
