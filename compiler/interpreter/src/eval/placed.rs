//! Which account and region a condition asks of a resource, found without asking each.
//!
//! What was not collected stands in a collection once for each account and region. A condition that holds in one place only,
//! also by way of a function (`is_beside(other, one)`), need not be asked of all the others.

use super::candidates::{Key, independent, key_of};
use super::*;
use parapet_model::Whereabouts;

/// The account and region that a resource must have; `None` where it may have any.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) account: Option<Value>,
    pub(super) region: Option<Value>,
}

impl Wanted {
    /// Whether a resource may lie there: one whose place is not known may lie anywhere.
    pub(super) fn admits(&self, here: Whereabouts<'_>) -> bool {
        let may_equal = |wanted: &Option<Value>, value: &Value| match (wanted, value) {
            (Some(Value::Text(wanted)), Value::Text(text)) => wanted == text,
            _ => true,
        };
        may_equal(&self.account, here.account) && may_equal(&self.region, here.region)
    }

    /// Whether both are known.
    pub(super) fn is_whole(&self) -> bool {
        self.account.is_some() && self.region.is_some()
    }

    pub(super) fn or(self, other: Wanted) -> Wanted {
        Wanted { account: self.account.or(other.account), region: self.region.or(other.region) }
    }
}

impl Eval<'_> {
    /// What a condition on the target asks of its place wherever it is not false. Everything else that it reads must be set.
    pub(super) fn wanted_place(&mut self, condition: &Expr, target: Slot) -> Wanted {
        match &condition.kind {
            ExprKind::And(left, right) => {
                let wanted = self.wanted_place(left, target);
                if wanted.is_whole() {
                    return wanted;
                }
                wanted.or(self.wanted_place(right, target))
            }
            ExprKind::Or(left, right) => {
                for (one, other) in [(left, right), (right, left)] {
                    if independent(one, target) {
                        return match self.truth(one) {
                            Truth::False => self.wanted_place(other, target),
                            Truth::True | Truth::Unknown(_) => Wanted::default(),
                        };
                    }
                }
                Wanted::default()
            }
            ExprKind::Equal { left, right, negated: false, equality: parapet_model::Equality::Plain } => {
                for (key, value) in [(left, right), (right, left)] {
                    let Some(Key::Join(JoinKey::Header(name))) = key_of(key, target) else { continue };
                    if matches!(&*name, "account" | "region") && independent(value, target) {
                        let value = Some(self.eval(value));
                        return match &*name {
                            "account" => Wanted { account: value, region: None },
                            _ => Wanted { account: None, region: value },
                        };
                    }
                }
                Wanted::default()
            }
            // `is_beside(other, one)`: its body asks.
            ExprKind::Call { function, arguments } => match self.inside_call(function, arguments, target) {
                Some((mut inner, body, target)) => inner.wanted_place(body, target),
                None => Wanted::default(),
            },
            _ => Wanted::default(),
        }
    }
}
