//! What the families share about arguments: doubt, and the bounds on what they build.
//!
//! The interpreter passes no argument that is itself unknown or absent, so a meaning looks for doubt inside of
//! collections and records only. A program without loops can still double a text sixty times; the bounds here
//! turn what would fill the memory into an unknown.

use parapet_model::{Reason, Unknown, Value};

/// The longest text that a builtin makes, in bytes.
pub(crate) const MOST_BYTES: usize = 16 << 20;

/// The most elements of a list that a builtin makes.
pub(crate) const MOST_ELEMENTS: usize = 4 << 20;

/// The answer to arguments that a meaning has no case for. An undecided count is unknown as a number; other
/// types do not get past the checker.
pub(crate) fn undecided(arguments: &[Value]) -> Value {
    match doubt(arguments) {
        Some(unknown) => Value::Unknown(unknown),
        None => Value::unknown(Reason::Other, "a value of a type that this built-in does not take"),
    }
}

/// Why these values are not all known; `None` when they are. Does not look inside of them.
pub(crate) fn doubt<'v>(values: impl IntoIterator<Item = &'v Value>) -> Option<Unknown> {
    let causes = values.into_iter().filter_map(|value| match value {
        Value::Unknown(unknown) => Some(unknown.clone()),
        Value::Count(count) => Some(count.why.clone()),
        _ => None,
    });
    causes.reduce(|a, b| a.and(&b))
}

/// A text, unless it got too long.
pub(crate) fn bounded_text(bytes: usize, text: impl FnOnce() -> String) -> Value {
    match bytes <= MOST_BYTES {
        true => Value::text(text()),
        false => Value::unknown(Reason::Other, "a text of more than 16 MiB"),
    }
}

/// A list, unless it has too many elements.
pub(crate) fn bounded_list(elements: impl Iterator<Item = Value>) -> Value {
    let elements: Vec<Value> = elements.take(MOST_ELEMENTS + 1).collect();
    match elements.len() <= MOST_ELEMENTS {
        true => Value::list(elements),
        false => Value::unknown(Reason::Other, "a list of more than 4 million elements"),
    }
}

/// A whole number of things.
pub(crate) fn int(count: usize) -> Value {
    i64::try_from(count).map_or_else(|_| overflow(), Value::Int)
}

/// A number that its type cannot hold.
pub(crate) fn overflow() -> Value {
    Value::unknown(Reason::Arithmetic, "overflow")
}

/// The value, or absent.
pub(crate) fn present(value: Option<Value>) -> Value {
    value.unwrap_or(Value::Absent)
}
