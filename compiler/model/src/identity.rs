//! When two values are one: not equal as the language asks, but the same in all that it can ask.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::{Unknown, Value};

impl Value {
    /// Whether two values are one, part by part: two unknown ones are where both are one text that only deployment writes. Of
    /// two counts nobody knows whether they count the same.
    pub fn is_same(&self, other: &Value) -> bool {
        let is_text = |unknown: &Unknown| unknown.is_present() && unknown.symbol().is_some();
        alike(self, other, &|a, b| is_text(a) && is_text(b) && a.symbol() == b.symbol())
    }

    /// Whether nothing that a rule can ask tells one value from the other, of what they are not known by, either. What is known
    /// of a text that only deployment writes is more than its parts: of two of those nobody says so.
    pub fn is_identical(&self, other: &Value) -> bool {
        alike(self, other, &|a, b| a.symbol().is_none() && b.symbol().is_none() && a == b)
    }

    /// Where the parts of a value are in memory that others have, too: as long as one of them is there, no other value is.
    /// `None`: nobody else has them, or it has none.
    pub(crate) fn address(&self) -> Option<[usize; 2]> {
        // A list and a set may be made of the same parts.
        let of = |count: usize, address: usize, kind: usize| (count > 1).then_some([address, kind]);
        match self {
            Value::Unknown(unknown) => unknown.address(),
            Value::Text(text) => of(Arc::strong_count(text), Arc::as_ptr(text).addr(), 1),
            Value::List(elements) => of(Arc::strong_count(elements), Arc::as_ptr(elements).addr(), 2),
            Value::Set(elements) => of(Arc::strong_count(elements), Arc::as_ptr(elements).addr(), 3),
            Value::Map(entries) => of(Arc::strong_count(entries), Arc::as_ptr(entries).addr(), 4),
            Value::Record(fields) => of(Arc::strong_count(fields), Arc::as_ptr(fields).addr(), 5),
            Value::Count(count) => of(Arc::strong_count(count), Arc::as_ptr(count).addr(), 6),
            Value::Absent
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Time(_)
            | Value::Duration(_)
            | Value::Ip(_)
            | Value::Cidr(_)
            | Value::Resource(_)
            | Value::Account(_) => None,
        }
    }

    /// Feeds a hasher what [`Value::is_identical`] compares.
    pub fn hash_identity(&self, state: &mut impl Hasher) {
        hash(self, state);
    }
}

/// Whether two values have the same parts in the same order, where `unknown` says which unknown ones are the same: entries of a
/// map have an order that lists of them show.
fn alike(a: &Value, b: &Value, unknown: &dyn Fn(&Unknown, &Unknown) -> bool) -> bool {
    match (a, b) {
        (Value::Absent, Value::Absent) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Ip(a), Value::Ip(b)) => a == b,
        (Value::Cidr(a), Value::Cidr(b)) => a == b,
        (Value::Resource(a), Value::Resource(b)) => a == b,
        (Value::Account(a), Value::Account(b)) => a == b,
        (Value::List(a), Value::List(b)) | (Value::Set(a), Value::Set(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| alike(a, b, unknown))
        }
        (Value::Map(a), Value::Map(b)) | (Value::Record(a), Value::Record(b)) => {
            let mut pairs = a.iter().zip(b.iter());
            a.len() == b.len() && pairs.all(|((key, a), (other, b))| key == other && alike(a, b, unknown))
        }
        (Value::Unknown(a), Value::Unknown(b)) => unknown(a, b),
        (Value::Count(a), Value::Count(b)) => (a.least, a.most) == (b.least, b.most) && unknown(&a.why, &b.why),
        (
            Value::Absent
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Float(_)
            | Value::Text(_)
            | Value::Time(_)
            | Value::Duration(_)
            | Value::Ip(_)
            | Value::Cidr(_)
            | Value::Resource(_)
            | Value::Account(_)
            | Value::List(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Record(_)
            | Value::Unknown(_)
            | Value::Count(_),
            _,
        ) => false,
    }
}

fn hash(value: &Value, state: &mut impl Hasher) {
    std::mem::discriminant(value).hash(state);
    match value {
        Value::Absent => {}
        Value::Bool(value) => value.hash(state),
        Value::Int(value) => value.hash(state),
        Value::Float(value) => value.to_bits().hash(state),
        Value::Text(text) => text.hash(state),
        Value::Time(time) => time.hash(state),
        Value::Duration(duration) => duration.hash(state),
        Value::Ip(address) => address.hash(state),
        Value::Cidr(block) => block.hash(state),
        Value::Resource(id) => id.hash(state),
        Value::Account(account) => account.hash(state),
        Value::List(elements) | Value::Set(elements) => {
            elements.len().hash(state);
            elements.iter().for_each(|element| hash(element, state));
        }
        Value::Map(entries) | Value::Record(entries) => {
            entries.len().hash(state);
            for (key, value) in entries.iter() {
                key.hash(state);
                hash(value, state);
            }
        }
        Value::Unknown(unknown) => unknown.why().hash(state),
        Value::Count(count) => (count.least, count.most).hash(state),
    }
}

#[cfg(test)]
mod tests {
    use rustc_hash::FxHasher;

    use super::*;
    use crate::Reason;

    fn hashed(value: &Value) -> u64 {
        let mut hasher = FxHasher::default();
        hash(value, &mut hasher);
        hasher.finish()
    }

    #[test]
    fn what_rules_can_tell_apart_is_not_identical() {
        let later = |why: &str| Value::Unknown(Unknown::new(Reason::Undecided, why));
        let values = [
            Value::Absent,
            Value::Bool(false),
            Value::Int(1),
            Value::Float(1.0),
            Value::Float(-0.0),
            Value::Float(0.0),
            Value::text("1"),
            Value::list(vec![Value::Int(1), Value::Int(2)]),
            Value::list(vec![Value::Int(2), Value::Int(1)]),
            Value::list(Vec::new()),
            later("known after apply"),
            Value::Unknown(Unknown::new(Reason::Undecided, "known after apply").perhaps()),
            later("stale"),
        ];
        for (at, a) in values.iter().enumerate() {
            for (other, b) in values.iter().enumerate() {
                assert_eq!(a.is_identical(b), at == other, "{a:?} and {b:?}");
                assert!(at != other || hashed(a) == hashed(b));
            }
        }
    }
}
