//! Numbers.
//!
//! What a type cannot hold is unknown: an overflow, a result that is not finite. Sums of whole numbers overflow
//! only when the whole sum does, whatever the order of its parts.

use parapet_model::Value;

use crate::Context;
use crate::arguments::{doubt, overflow, undecided};

pub(crate) fn abs(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Int(number)] => number.checked_abs().map_or_else(overflow, Value::Int),
        [Value::Float(number)] => Value::Float(number.abs()),
        _ => undecided(arguments),
    }
}

pub(crate) fn sum_int(_: &Context, arguments: &[Value]) -> Value {
    let [Value::List(elements) | Value::Set(elements)] = arguments else { return undecided(arguments) };
    if let Some(unknown) = doubt(elements.iter()) {
        return Value::Unknown(unknown);
    }
    let mut sum: i128 = 0;
    for element in elements.iter() {
        match element {
            Value::Int(number) => sum = sum.saturating_add(i128::from(*number)),
            Value::Absent => {}
            _ => return undecided(arguments),
        }
    }
    i64::try_from(sum).map_or_else(|_| overflow(), Value::Int)
}

pub(crate) fn sum_float(_: &Context, arguments: &[Value]) -> Value {
    let [Value::List(elements) | Value::Set(elements)] = arguments else { return undecided(arguments) };
    if let Some(unknown) = doubt(elements.iter()) {
        return Value::Unknown(unknown);
    }
    let mut sum = 0.0;
    for element in elements.iter() {
        match element {
            Value::Float(number) => sum += number,
            Value::Int(number) => sum += *number as f64,
            Value::Absent => {}
            _ => return undecided(arguments),
        }
    }
    if sum.is_finite() { Value::Float(sum) } else { overflow() }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use parapet_model::{Reason, Truth, Unknown, equal};

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn sum(numbers: &[i64]) -> Value {
        sum_int(&CX, &[Value::list(numbers.iter().copied().map(Value::Int).collect())])
    }

    #[test]
    fn sums_overflow_as_a_whole() {
        assert_eq!(equal(&sum(&[]), &Value::Int(0)), Truth::True);
        assert_eq!(equal(&sum(&[i64::MAX, 1, -1]), &Value::Int(i64::MAX)), Truth::True);
        assert!(matches!(sum(&[i64::MAX, 1]), Value::Unknown(unknown) if unknown.reason() == Reason::Arithmetic));
        let floats = Value::list(vec![Value::Float(f64::MAX), Value::Float(f64::MAX)]);
        assert!(sum_float(&CX, &[floats]).is_unknown());
    }

    #[test]
    fn the_least_number_has_no_opposite() {
        assert_eq!(equal(&abs(&CX, &[Value::Int(-3)]), &Value::Int(3)), Truth::True);
        assert_eq!(equal(&abs(&CX, &[Value::Float(-0.5)]), &Value::Float(0.5)), Truth::True);
        assert!(abs(&CX, &[Value::Int(i64::MIN)]).is_unknown());
    }

    #[test]
    fn an_undecided_count_is_unknown_as_a_number() {
        let why = Unknown::new(Reason::Undecided, "later");
        assert!(abs(&CX, &[Value::count(1, None, why)]).is_unknown());
    }
}
