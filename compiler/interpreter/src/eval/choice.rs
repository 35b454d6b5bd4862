//! `if c then a else b`.
//!
//! A condition that nobody knows leaves what both branches have: a value that is the same in both, a text that only
//! deployment writes and that both name, or no more than that there is a value. Nothing is claimed that holds for one only.

use super::*;

impl Eval<'_> {
    pub(super) fn choice(&mut self, span: Span, condition: &Expr, then: &Expr, otherwise: &Expr) -> Value {
        let start = self.mark();
        let truth = self.truth(condition);
        self.decided(span, PointKind::Choice, &truth);
        match truth {
            Truth::True => self.eval(then),
            Truth::False => self.eval(otherwise),
            Truth::Unknown(unknown) => self.either(unknown, then, otherwise, start),
        }
    }

    /// What both branches have. Only what decided the result is traced: the branches where they agree, else the condition.
    fn either(&mut self, unknown: Unknown, then: &Expr, otherwise: &Expr, start: usize) -> Value {
        let middle = self.mark();
        let first = self.eval(then);
        let origin = self.take_origin();
        let second = self.eval(otherwise);
        // A truth is put together by `and` and `or` only: `(not c or a) and (c or b)`.
        if !matches!(first, Value::Bool(_)) && is_same(&first, &second) {
            self.origin = joined(vec![origin, self.take_origin()]);
            self.forget(start, middle);
            return first;
        }
        self.origin = Origin::default();
        self.forget(middle, self.mark());
        match is_there(&first) && is_there(&second) {
            true => Value::Unknown(unknown.present()),
            false => Value::Unknown(unknown.opaque()),
        }
    }
}

/// Whether there is a value, however little is known of it.
fn is_there(value: &Value) -> bool {
    match value {
        Value::Absent => false,
        Value::Unknown(unknown) => unknown.is_present(),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Time(_)
        | Value::Duration(_)
        | Value::Ip(_)
        | Value::Cidr(_)
        | Value::List(_)
        | Value::Set(_)
        | Value::Map(_)
        | Value::Record(_)
        | Value::Resource(_)
        | Value::Account(_)
        | Value::Count { .. } => true,
    }
}

/// Whether two values are one, part by part. Two unknown ones are where both are one text that only deployment writes.
fn is_same(a: &Value, b: &Value) -> bool {
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
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(a, b))
        }
        (Value::Map(a), Value::Map(b)) | (Value::Record(a), Value::Record(b)) => {
            let agrees = |(key, value): (&Name, &Value)| b.get(key).is_some_and(|other| is_same(value, other));
            a.len() == b.len() && a.iter().all(agrees)
        }
        (Value::Unknown(_), Value::Unknown(_)) => {
            a.present_symbol().zip(b.present_symbol()).is_some_and(|(a, b)| a == b)
        }
        _ => false,
    }
}
