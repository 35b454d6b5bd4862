//! Points in time.

use parapet_model::Value;

use crate::Context;
use crate::arguments::{present, undecided};

pub(crate) fn age(cx: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Time(time)] => Value::Duration(cx.now.duration_since(*time)),
        _ => undecided(arguments),
    }
}

/// Reads what the readers of inputs read, so that a text means the same time here and there.
pub(crate) fn parse_time(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => present(parapet_model::parse_time(text).map(Value::Time)),
        _ => undecided(arguments),
    }
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[test]
    fn ages_may_be_negative() {
        let cx = Context { now: Timestamp::from_second(1000).unwrap() };
        let old = |second| age(&cx, &[Value::Time(Timestamp::from_second(second).unwrap())]);
        assert!(matches!(old(400), Value::Duration(age) if age == SignedDuration::from_secs(600)));
        assert!(matches!(old(1001), Value::Duration(age) if age == SignedDuration::from_secs(-1)));
        let far = age(&Context { now: Timestamp::MAX }, &[Value::Time(Timestamp::MIN)]);
        assert!(matches!(far, Value::Duration(_)));
    }

    #[test]
    fn times_are_read_as_inputs_are() {
        let cx = Context { now: Timestamp::UNIX_EPOCH };
        let read = |text: &str| parse_time(&cx, &[Value::text(text)]);
        let wanted: Timestamp = "2027-01-31T00:00:00Z".parse().unwrap();
        for text in ["2027-01-31", "2027-01-31T00:00:00Z", "2027-01-31T01:00:00+01:00", "2027-01-31T00:00:00.000+0000"]
        {
            assert!(matches!(read(text), Value::Time(time) if time == wanted), "{text}");
        }
        for text in ["", "2027", "2027-02-30", "tomorrow", "é2027-01-31"] {
            assert!(read(text).is_absent(), "{text}");
        }
    }
}
