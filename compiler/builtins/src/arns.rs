//! Amazon resource names.
//!
//! `arn:partition:service:region:account:resource`, where the resource may hold colons and every part but the
//! first may be empty. The text is the value; the parts are read when they are asked for.

use parapet_model::{Reason, Value};

use crate::Context;
use crate::arguments::undecided;

pub(crate) fn arn(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] if parts(text).is_some() => Value::Text(text.clone()),
        [Value::Text(_)] => Value::Absent,
        _ => undecided(arguments),
    }
}

/// The part of an ARN that a property names: `partition`, `service`, `region`, `account`, `resource`. Empty
/// parts are empty texts; a text that is no ARN has unknown parts.
pub fn arn_part(arn: &str, field: &str) -> Value {
    let Some([partition, service, region, account, resource]) = parts(arn) else {
        let excerpt: String = arn.chars().take(60).collect();
        return Value::unknown(Reason::Unreadable, format!("not an ARN: {excerpt:?}"));
    };
    match field {
        "partition" => Value::text(partition),
        "service" => Value::text(service),
        "region" => Value::text(region),
        "account" => Value::text(account),
        "resource" => Value::text(resource),
        _ => Value::unknown(Reason::Other, format!("an ARN has no part `{field}`")),
    }
}

/// The parts after `arn:`.
pub(crate) fn parts(arn: &str) -> Option<[&str; 5]> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    Some([parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?])
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use parapet_model::ARN_FIELDS;

    use super::*;

    #[test]
    fn every_field_has_a_part() {
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:a:*";
        let found = ARN_FIELDS.map(|field| arn_part(arn, field).as_text().unwrap().to_owned());
        assert_eq!(found, ["aws", "logs", "eu-west-1", "111122223333", "log-group:a:*"]);
        assert_eq!(arn_part("arn:aws:s3:::logs", "account").as_text(), Some(""));
    }

    #[test]
    fn other_texts_are_none() {
        let cx = Context { now: Timestamp::UNIX_EPOCH };
        for text in ["", "arn", "arn:aws:s3:::", "arn:aws:s3", "ARN:aws:s3:::a", "xarn:aws:s3:::a", "arn:aws:s3::a"] {
            let expected = text == "arn:aws:s3:::";
            assert_eq!(!arn(&cx, &[Value::text(text)]).is_absent(), expected, "{text}");
            assert_eq!(!arn_part(text, "service").is_unknown(), expected, "{text}");
        }
    }
}
