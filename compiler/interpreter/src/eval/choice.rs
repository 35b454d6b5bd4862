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
        // What a test does not decide, it does not show.
        let heard = std::mem::replace(&mut self.unheard, true);
        let first = self.eval(then);
        let origin = self.take_origin();
        let second = self.eval(otherwise);
        self.unheard = heard;
        // A truth is put together by `and` and `or` only: `(not c or a) and (c or b)`.
        if !matches!(first, Value::Bool(_)) && first.is_same(&second) {
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
        | Value::Count(_) => true,
    }
}
