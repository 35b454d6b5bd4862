//! Which account and region a condition asks of a resource, found without asking each.
//!
//! What was not collected stands in a collection once for each account and region. A condition that holds in one place only,
//! also by way of a function (`is_beside(other, one)`), need not be asked of all the others.

use super::candidates::{Key, independent, key_of};
use super::*;

/// The account and region that a resource must have; `None` where it may have any.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) account: Option<Value>,
    pub(super) region: Option<Value>,
}

impl Wanted {
    fn or(self, other: Wanted) -> Wanted {
        Wanted { account: self.account.or(other.account), region: self.region.or(other.region) }
    }
}

impl Eval<'_> {
    /// What a condition on the target asks of its place wherever it is not false. Everything else that it reads must be set.
    pub(super) fn wanted_place(&mut self, condition: &Expr, target: Slot) -> Wanted {
        match &condition.kind {
            ExprKind::And(left, right) => {
                let wanted = self.wanted_place(left, target);
                if wanted.account.is_some() && wanted.region.is_some() {
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
            ExprKind::Call { function, arguments } => self.wanted_by_call(function, arguments, target),
            _ => Wanted::default(),
        }
    }

    /// A call that is handed the target itself: its body asks.
    fn wanted_by_call(&mut self, function: &Arc<str>, arguments: &[Expr], target: Slot) -> Wanted {
        let Some(callee) = self.engine.function(function) else { return Wanted::default() };
        let is_target = |argument: &Expr| matches!(&argument.kind, ExprKind::Slot(slot, _) if *slot == target);
        if arguments.iter().filter(|argument| is_target(argument)).count() != 1 {
            return Wanted::default();
        }
        let mut inner = Eval::new(self.engine, callee.slots, self.subject, None);
        let mut inner_target = None;
        for (slot, argument) in callee.parameters.iter().zip(arguments) {
            if is_target(argument) {
                inner_target = Some(*slot);
            } else if independent(argument, target) {
                let value = self.eval(argument);
                let origin = self.take_origin();
                inner.set(*slot, value, origin);
            } else {
                return Wanted::default();
            }
        }
        inner_target.map(|target| inner.wanted_place(&callee.body, target)).unwrap_or_default()
    }
}
