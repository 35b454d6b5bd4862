//! IAM policies, as they are written.
//!
//! These builtins read statements; what a policy as a whole allows is asked of the access crate. A statement's
//! elements come normalised (see `parapet_model::policy`): lists for strings, empty lists for what is missing.
//! A part that is unknown decides nothing, but a known part that settles the answer does.

use parapet_model::{Attribute, Fields, Symbol, SymbolPart, Truth, Unknown, Value, equal, policy};

use crate::Context;
use crate::arguments::undecided;
use crate::arns;
use crate::collections::without_repeats;
use crate::members::Case;
use crate::patterns::{Question, Universe};

pub(crate) fn allows(_: &Context, arguments: &[Value]) -> Value {
    statements(arguments, "Allow")
}

pub(crate) fn denies(_: &Context, arguments: &[Value]) -> Value {
    statements(arguments, "Deny")
}

fn statements(arguments: &[Value], effect: &str) -> Value {
    let [Value::Record(policy)] = arguments else { return undecided(arguments) };
    let statements = match list(policy, "statements") {
        Ok(statements) => statements,
        Err(unknown) => return Value::Unknown(unknown),
    };
    let mut kept = Vec::new();
    for statement in statements {
        match effect_is(statement, effect) {
            Truth::True => kept.push(statement.clone()),
            Truth::False => {}
            // It may be one of them or not.
            Truth::Unknown(unknown) => kept.push(Value::Unknown(unknown.perhaps())),
        }
    }
    Value::list(kept)
}

fn effect_is(statement: &Value, effect: &str) -> Truth {
    match statement {
        Value::Record(fields) => fields.get("effect").map_or(Truth::False, |found| equal(found, &Value::text(effect))),
        Value::Unknown(unknown) => Truth::Unknown(unknown.clone()),
        _ => Truth::False,
    }
}

pub(crate) fn covers_action(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        // A statement has one of `Action` and `NotAction`; one with neither is about no action.
        [Value::Record(statement), Value::Text(action)] => match Question::new(Universe::Actions, action) {
            Ok(question) => covers(statement, &question, ["actions", "not_actions"], Truth::False).value(),
            Err(unknown) => Value::Unknown(unknown),
        },
        _ => undecided(arguments),
    }
}

pub(crate) fn covers_resource(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        // Trust policies have neither `Resource` nor `NotResource`.
        [Value::Record(statement), Value::Text(resource)] => match Question::new(Universe::Resources, resource) {
            Ok(question) => covers(statement, &question, ["resources", "not_resources"], Truth::True).value(),
            Err(unknown) => Value::Unknown(unknown),
        },
        _ => undecided(arguments),
    }
}

/// Whether the question lies inside of the listed patterns and outside of the excluded ones. An empty list is
/// an element that the statement lacks.
fn covers(statement: &Fields, question: &Question, [listed, excluded]: [&str; 2], neither: Truth) -> Truth {
    let inside = match list(statement, listed) {
        Ok([]) => None,
        Ok(patterns) => Some(question.is_inside(patterns)),
        Err(unknown) => Some(Truth::Unknown(unknown)),
    };
    let outside = match list(statement, excluded) {
        Ok([]) => None,
        Ok(patterns) => Some(question.is_outside(patterns)),
        Err(unknown) => Some(Truth::Unknown(unknown)),
    };
    match (inside, outside) {
        (None, None) => neither,
        (Some(truth), None) | (None, Some(truth)) => truth,
        (Some(inside), Some(outside)) => inside.and(outside),
    }
}

pub(crate) fn has_condition(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Record(statement), Value::Text(key)] = arguments else { return undecided(arguments) };
    match list(statement, "conditions") {
        Ok(conditions) => {
            let tests = conditions.iter().map(|condition| is_on(condition, key));
            tests.fold(Truth::False, Truth::or).value()
        }
        Err(unknown) => Value::Unknown(unknown),
    }
}

pub(crate) fn condition_values(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Record(statement), Value::Text(key)] = arguments else { return undecided(arguments) };
    values_of(statement, key).map_or_else(Value::Unknown, Value::list)
}

fn values_of(statement: &Fields, key: &str) -> Result<Vec<Value>, Unknown> {
    let mut values = Vec::new();
    for condition in list(statement, "conditions")? {
        match (is_on(condition, key), condition) {
            (Truth::True, Value::Record(fields)) => values.extend(list(fields, "values")?.iter().cloned()),
            (Truth::True | Truth::False, _) => {}
            (Truth::Unknown(unknown), _) => return Err(unknown),
        }
    }
    Ok(values)
}

/// Whether a condition is on a key, in any case.
fn is_on(condition: &Value, key: &str) -> Truth {
    let found = match condition {
        Value::Record(fields) => fields.get("key").unwrap_or(&Value::Absent),
        other => other,
    };
    match found {
        Value::Text(found) => found.eq_ignore_ascii_case(key).into(),
        Value::Unknown(unknown) => Truth::Unknown(unknown.clone()),
        _ => Truth::False,
    }
}

pub(crate) fn principals_is_empty(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Record(principals)] = arguments else { return undecided(arguments) };
    let anyone = match principals.get("anyone") {
        Some(Value::Bool(anyone)) => Truth::from(*anyone),
        Some(Value::Unknown(unknown)) => Truth::Unknown(unknown.clone()),
        _ => Truth::False,
    };
    let named = ["aws", "services", "federated", "canonical"].map(|kind| match list(principals, kind) {
        Ok(names) => Truth::from(!names.is_empty()),
        Err(unknown) => Truth::Unknown(unknown),
    });
    named.into_iter().fold(anyone, Truth::or).not().value()
}

pub(crate) fn accounts(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Record(principals)] = arguments else { return undecided(arguments) };
    let accounts = list(principals, "aws").and_then(|names| {
        let mut accounts: Vec<Value> = Vec::new();
        for name in names {
            match name {
                Value::Unknown(unknown) => {
                    accounts.push(account_of_unknown(unknown).ok_or_else(|| unknown.clone().opaque())?)
                }
                known => accounts.extend(known.as_text().and_then(account)),
            }
        }
        without_repeats(accounts.iter(), Case::Matters)
    });
    accounts.map_or_else(Value::Unknown, Value::list)
}

/// The account of a principal that exists only after deployment: what stands between the fourth and the fifth colon of an
/// ARN whose other parts before it are known, such as `arn:${partition}:iam::${account}:root`.
fn account_of_unknown(unknown: &Unknown) -> Option<Value> {
    let symbol = unknown.symbol()?;
    if let Some(account) = symbol.alone().and_then(Attribute::account) {
        return Some(match account {
            SymbolPart::Literal(known) => Value::Text(known),
            later => Value::Unknown(unknown.clone().standing_for(Symbol::of([later]))),
        });
    }
    let mut colons = 0;
    let mut found: Vec<&SymbolPart> = Vec::new();
    let mut owned = Vec::new();
    for part in symbol.parts() {
        match part {
            SymbolPart::Literal(text) => {
                for (at, piece) in text.split(':').enumerate() {
                    colons += usize::from(at > 0);
                    if colons == 4 && !piece.is_empty() {
                        owned.push(piece);
                    }
                }
            }
            // Only these are known to have no colon in them.
            SymbolPart::Attribute(attribute) if is_pseudo(&attribute.name) => {
                if colons == 4 {
                    found.push(part);
                }
            }
            SymbolPart::Attribute(_) if colons < 5 => return None,
            SymbolPart::Attribute(_) => {}
        }
    }
    let is_arn = matches!(symbol.parts().first(), Some(SymbolPart::Literal(text)) if text.starts_with("arn:"));
    match (is_arn && colons >= 5, found.as_slice(), owned.as_slice()) {
        (true, [SymbolPart::Attribute(attribute)], []) => {
            let unknown = unknown.clone().standing_for(Symbol::attribute(attribute.clone()));
            Some(Value::Unknown(unknown))
        }
        (true, [], [account]) if policy::is_account_id(account) => Some(Value::text(*account)),
        _ => None,
    }
}

/// Whether an attribute is one of the deployment: an account, a region, a partition.
fn is_pseudo(name: &str) -> bool {
    matches!(name, "AWS::AccountId" | "AWS::Region" | "AWS::Partition")
}

/// The account of a principal: of its ARN, or the principal itself.
fn account(principal: &str) -> Option<Value> {
    let account = arns::parts(principal).map_or(principal, |[_, _, _, account, _]| account);
    policy::is_account_id(account).then(|| Value::text(account))
}

/// A field that is a list; empty where it is missing.
fn list<'f>(fields: &'f Fields, name: &str) -> Result<&'f [Value], Unknown> {
    match fields.get(name) {
        Some(Value::List(elements) | Value::Set(elements)) => Ok(elements),
        Some(Value::Unknown(unknown)) => Err(unknown.clone()),
        _ => Ok(&[]),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use parapet_model::Reason;

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn statement(json: &str) -> Value {
        let policy = policy::from_text(&format!("{{\"Statement\": [{json}]}}"));
        let Value::Record(fields) = policy else { panic!("{policy:?}") };
        list(&fields, "statements").unwrap()[0].clone()
    }

    fn with(value: &Value, field: &str, part: Value) -> Value {
        let Value::Record(fields) = value else { panic!("{value:?}") };
        let mut fields = (**fields).clone();
        fields.insert(field.into(), part);
        Value::Record(Arc::new(fields))
    }

    fn part(value: &Value, field: &str) -> Value {
        let Value::Record(fields) = value else { panic!("{value:?}") };
        fields[field].clone()
    }

    fn later() -> Value {
        Value::unknown(Reason::Undecided, "later")
    }

    fn texts(value: &Value) -> Vec<&str> {
        value.elements().unwrap_or_else(|| panic!("{value:?}")).iter().map(|text| text.as_text().unwrap()).collect()
    }

    #[track_caller]
    fn decides(found: Value, wanted: Option<bool>) {
        match (found, wanted) {
            (Value::Bool(found), Some(wanted)) => assert_eq!(found, wanted),
            (Value::Unknown(_), None) => {}
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn statements_are_told_apart_by_effect() {
        let policy = policy::from_text(
            r#"{"Statement": [{"Sid": "a", "Effect": "Allow", "Action": "*"}, {"Sid": "b", "Effect": "Deny", "Action": "*"}]}"#,
        );
        let sids = |value: Value| {
            value.elements().unwrap().iter().map(|s| part(s, "sid").as_text().unwrap().to_owned()).collect::<String>()
        };
        assert_eq!(sids(allows(&CX, std::slice::from_ref(&policy))), "a");
        assert_eq!(sids(denies(&CX, &[policy])), "b");
        let doubtful = policy::from_text(r#"{"Statement": [{"Effect": "Maybe", "Action": "*"}]}"#);
        assert!(Value::open_end(allows(&CX, &[doubtful]).elements().unwrap()).is_some());
    }

    #[test]
    fn actions_are_covered_or_excluded() {
        let covers = |statement: &Value, action: &str| covers_action(&CX, &[statement.clone(), Value::text(action)]);
        let some = statement(r#"{"Effect": "Allow", "Action": ["s3:Get*", "sqs:SendMessage"], "Resource": "*"}"#);
        decides(covers(&some, "S3:GetObject"), Some(true));
        decides(covers(&some, "s3:*"), Some(false));
        decides(covers(&some, "GetObject"), None);
        let not = statement(r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}"#);
        decides(covers(&not, "s3:GetObject"), Some(true));
        decides(covers(&not, "IAM:PassRole"), Some(false));
        decides(covers(&not, "*"), Some(false));
        decides(covers(&statement(r#"{"Effect": "Allow"}"#), "s3:GetObject"), Some(false));
    }

    #[test]
    fn unknown_patterns_leave_open_what_known_ones_do_not_decide() {
        let covers = |statement: &Value, action: &str| covers_action(&CX, &[statement.clone(), Value::text(action)]);
        let some =
            with(&statement(r#"{"Effect": "Allow"}"#), "actions", Value::list(vec![Value::text("s3:get*"), later()]));
        decides(covers(&some, "s3:GetObject"), Some(true));
        decides(covers(&some, "s3:PutObject"), None);
        let not = with(
            &statement(r#"{"Effect": "Allow"}"#),
            "not_actions",
            Value::list(vec![Value::text("s3:get*"), later()]),
        );
        decides(covers(&not, "s3:GetObject"), Some(false));
        decides(covers(&not, "s3:PutObject"), None);
        decides(covers(&with(&some, "actions", later()), "s3:GetObject"), None);
        decides(covers(&with(&not, "actions", later()), "s3:GetObject"), Some(false));
    }

    #[test]
    fn statements_without_resources_are_about_all() {
        let covers =
            |statement: &Value, resource: &str| covers_resource(&CX, &[statement.clone(), Value::text(resource)]);
        let trust = statement(r#"{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}"#);
        decides(covers(&trust, "*"), Some(true));
        let logs = statement(r#"{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::logs/*"}"#);
        decides(covers(&logs, "arn:aws:s3:::logs/2026/*"), Some(true));
        decides(covers(&logs, "arn:aws:s3:::logs"), Some(false));
        decides(covers(&logs, "logs"), None);
        let not = statement(r#"{"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::logs/*"}"#);
        decides(covers(&not, "arn:aws:s3:::data/*"), Some(true));
        decides(covers(&not, "arn:aws:s3:::*"), Some(false));
    }

    #[test]
    fn conditions_are_found_in_any_case() {
        let secured = statement(
            r#"{"Effect": "Deny", "Action": "*", "Condition": {
                "Bool": {"aws:SecureTransport": "false"},
                "StringLike": {"AWS:PrincipalOrgID": ["o-1", "o-2"]},
                "StringEquals": {"aws:principalorgid": "o-3"}}}"#,
        );
        let has = |statement: &Value, key: &str| has_condition(&CX, &[statement.clone(), Value::text(key)]);
        decides(has(&secured, "aws:securetransport"), Some(true));
        decides(has(&secured, "aws:SourceIp"), Some(false));
        let values = condition_values(&CX, &[secured.clone(), Value::text("aws:PrincipalOrgId")]);
        assert_eq!(texts(&values), ["o-1", "o-2", "o-3"]);
        assert!(texts(&condition_values(&CX, &[secured.clone(), Value::text("aws:SourceIp")])).is_empty());
        let conditions = [part(&secured, "conditions").elements().unwrap().to_vec(), vec![later()]].concat();
        let doubtful = with(&secured, "conditions", Value::list(conditions));
        decides(has(&doubtful, "aws:SecureTransport"), Some(true));
        decides(has(&doubtful, "aws:SourceIp"), None);
        assert!(condition_values(&CX, &[doubtful, Value::text("aws:SourceIp")]).is_unknown());
    }

    #[test]
    fn principals_have_accounts() {
        let given = statement(
            r#"{"Effect": "Allow", "Action": "*", "Principal": {"AWS": [
                "111122223333", "arn:aws:iam::444455556666:role/a", "arn:aws:iam::111122223333:user/b", "*", "AIDAEXAMPLE"]}}"#,
        );
        let principals = part(&given, "principals");
        assert_eq!(texts(&accounts(&CX, std::slice::from_ref(&principals))), ["111122223333", "444455556666"]);
        decides(principals_is_empty(&CX, std::slice::from_ref(&principals)), Some(false));
        assert!(accounts(&CX, &[with(&principals, "aws", later())]).is_unknown());
        let nobody = part(&statement(r#"{"Effect": "Allow", "Action": "*"}"#), "principals");
        decides(principals_is_empty(&CX, std::slice::from_ref(&nobody)), Some(true));
        decides(principals_is_empty(&CX, &[with(&nobody, "anyone", Value::Bool(true))]), Some(false));
        decides(principals_is_empty(&CX, &[with(&nobody, "services", later())]), None);
        let listed = with(&nobody, "services", Value::list(vec![later()]));
        decides(principals_is_empty(&CX, &[listed]), Some(false));
    }
}
