//! Lengths of time.
//!
//! Two ways of writing one are read: the language's own, a number and a unit, and ISO 8601 without years and
//! months, which have no fixed length. A day has 24 hours. What is written well but out of range is unknown.

use jiff::SignedDuration;
use parapet_model::Value;

use crate::Context;
use crate::arguments::{doubt, overflow, undecided};

const NANOS: i128 = 1_000_000_000;

/// Units with their length in seconds, in the order in which ISO 8601 writes them.
type Units = [(char, i128)];

const LITERAL_UNITS: &Units = &[('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];
const DATE_UNITS: &Units = &[('W', 604_800), ('D', 86_400)];
const TIME_UNITS: &Units = &[('H', 3600), ('M', 60), ('S', 1)];

pub(crate) fn days(_: &Context, arguments: &[Value]) -> Value {
    whole(arguments, 86_400)
}

pub(crate) fn hours(_: &Context, arguments: &[Value]) -> Value {
    whole(arguments, 3600)
}

pub(crate) fn minutes(_: &Context, arguments: &[Value]) -> Value {
    whole(arguments, 60)
}

pub(crate) fn seconds(_: &Context, arguments: &[Value]) -> Value {
    whole(arguments, 1)
}

fn whole(arguments: &[Value], unit: i64) -> Value {
    match arguments {
        [Value::Duration(duration)] => duration.as_secs().checked_div(unit).map_or_else(overflow, Value::Int),
        _ => undecided(arguments),
    }
}

pub(crate) fn sum(_: &Context, arguments: &[Value]) -> Value {
    let [Value::List(elements) | Value::Set(elements)] = arguments else { return undecided(arguments) };
    if let Some(unknown) = doubt(elements.iter()) {
        return Value::Unknown(unknown);
    }
    let mut nanos: i128 = 0;
    for element in elements.iter() {
        match element {
            Value::Duration(duration) => nanos = nanos.saturating_add(duration.as_nanos()),
            Value::Absent => {}
            _ => return undecided(arguments),
        }
    }
    duration(nanos)
}

fn duration(nanos: i128) -> Value {
    SignedDuration::try_from_nanos_i128(nanos).map_or_else(overflow, Value::Duration)
}

pub(crate) fn parse_duration(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => parse(text).map_or(Value::Absent, duration),
        _ => undecided(arguments),
    }
}

/// The nanoseconds of a text; a number beyond all bounds stays at the bound, which no duration holds.
fn parse(text: &str) -> Option<i128> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let length = match rest.strip_prefix('P') {
        Some(body) => iso(body)?,
        None => literal(rest)?,
    };
    Some(length * sign)
}

/// `90d`: one number, one unit.
fn literal(text: &str) -> Option<i128> {
    let (number, unit) = split_unit(text)?;
    let (_, seconds) = LITERAL_UNITS.iter().find(|(name, _)| *name == unit)?;
    whole_number(number).map(|number| number.saturating_mul(seconds * NANOS))
}

/// `1DT12H`, what follows the `P`.
fn iso(body: &str) -> Option<i128> {
    let (date, time) = match body.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None if body.is_empty() => return None,
        None => (body, ""),
    };
    Some(components(date, DATE_UNITS)?.saturating_add(components(time, TIME_UNITS)?))
}

/// The sum of numbers with units, each unit at most once and in order.
fn components(text: &str, units: &Units) -> Option<i128> {
    let mut left = units.iter();
    let mut sum: i128 = 0;
    for piece in text.split_inclusive(|c: char| c.is_ascii_alphabetic()) {
        let (number, unit) = split_unit(piece)?;
        let (_, seconds) = left.find(|(name, _)| *name == unit)?;
        let nanos = match number.split_once('.') {
            Some((whole, fraction)) if unit == 'S' => {
                whole_number(whole)?.saturating_mul(NANOS).saturating_add(fraction_nanos(fraction)?)
            }
            Some(_) => return None,
            None => whole_number(number)?.saturating_mul(seconds * NANOS),
        };
        sum = sum.saturating_add(nanos);
    }
    Some(sum)
}

fn split_unit(text: &str) -> Option<(&str, char)> {
    let unit = text.chars().next_back()?;
    text.strip_suffix(unit).map(|number| (number, unit))
}

fn whole_number(digits: &str) -> Option<i128> {
    let valid = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    valid.then(|| digits.parse().unwrap_or(i128::MAX))
}

/// The digits behind the point of a second; those behind the ninth are below a nanosecond.
fn fraction_nanos(digits: &str) -> Option<i128> {
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    whole_number(digits).and(whole_number(&nine))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn read(text: &str) -> Value {
        parse_duration(&CX, &[Value::text(text)])
    }

    #[test]
    fn both_ways_of_writing_are_read() {
        let cases = [
            ("90d", 90 * 86_400_000),
            ("12h", 12 * 3_600_000),
            ("30m", 30 * 60_000),
            ("15s", 15_000),
            ("-1h", -3_600_000),
            ("PT12H", 12 * 3_600_000),
            ("P1D", 86_400_000),
            ("P2W", 14 * 86_400_000),
            ("P1DT1H30M0.25S", 86_400_000 + 5_400_000 + 250),
            ("-PT1.5S", -1500),
        ];
        for (text, millis) in cases {
            let wanted = SignedDuration::from_millis(millis);
            assert!(matches!(read(text), Value::Duration(found) if found == wanted), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn what_is_no_duration_is_absent() {
        for text in [
            "", "-", "90", "d", "1y", "1d12h", " 1d", "P", "PT", "P1DT", "P1Y", "P1M", "PT1M1H", "P1H", "PT1.H",
            "PT.5S", "PT1.5H", "pt1h", "--1h", "1٣d",
        ] {
            assert!(read(text).is_absent(), "{text}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_unknown() {
        for text in
            ["99999999999999999999999999999999999999999999d", "P999999999999999999999D", "-PT9223372036854775809S"]
        {
            assert!(read(text).is_unknown(), "{text}");
        }
    }

    #[test]
    fn parts_truncate_towards_zero() {
        let back = Value::Duration(SignedDuration::from_millis(-86_400_000 - 1500));
        let parts = [days, hours, minutes, seconds].map(|part| match part(&CX, std::slice::from_ref(&back)) {
            Value::Int(value) => value,
            other => panic!("{other:?}"),
        });
        assert_eq!(parts, [-1, -24, -1440, -86_401]);
    }

    #[test]
    fn sums_of_nothing_are_zero() {
        assert!(matches!(sum(&CX, &[Value::list(vec![])]), Value::Duration(sum) if sum.is_zero()));
        let longest = Value::Duration(SignedDuration::MAX);
        assert!(sum(&CX, &[Value::list(vec![longest.clone(), longest])]).is_unknown());
    }
}
