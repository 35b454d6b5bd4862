//! Operators and conditions.

use parapet_model::{Node, NodeKind};

use super::eval::Scope;
use super::functions;
use super::program::Program;
use super::syntax::{Binary, Expr, Unary};
use super::value::{is_number, node, rounded, same, text_of, truth, unknown};

impl Program<'_> {
    pub(super) fn binary(&self, operator: Binary, left: &Expr, right: &Expr, scope: &Scope) -> Node {
        let left = self.eval(left, scope);
        // Of `&&` and `||` the right side may never be evaluated.
        let is_sure = match operator {
            Binary::Or => truth(&left) == Some(false),
            Binary::And => truth(&left) == Some(true),
            _ => true,
        };
        let right = match is_sure {
            true => self.eval(right, scope),
            false => self.apart(|| self.eval(right, scope)).0,
        };
        let decided = match operator {
            Binary::Or | Binary::And => {
                let wanted = operator == Binary::Or;
                match (truth(&left), truth(&right)) {
                    (Some(a), _) | (_, Some(a)) if a == wanted => Some(node(NodeKind::Bool(wanted))),
                    (Some(_), Some(_)) => Some(node(NodeKind::Bool(!wanted))),
                    _ => None,
                }
            }
            Binary::Equal | Binary::Unequal => {
                same(&left, &right).map(|same| node(NodeKind::Bool(same == (operator == Binary::Equal))))
            }
            _ => arithmetic(operator, &left, &right),
        };
        decided.unwrap_or_else(|| {
            let found = functions::unknown_within(&left).or_else(|| functions::unknown_within(&right));
            let why = match is_number(&left) && is_number(&right) {
                true => "numbers of more digits than are told apart",
                false => "values of other types",
            };
            found.map_or_else(|| unknown(why), |found| node(NodeKind::Unknown(found)))
        })
    }

    /// Of a condition that is not known, the value is known where both ways agree.
    pub(super) fn conditional(&self, condition: &Expr, yes: &Expr, no: &Expr, scope: &Scope) -> Node {
        let condition = self.eval(condition, scope);
        match truth(&condition) {
            Some(true) => self.eval(yes, scope),
            Some(false) => self.eval(no, scope),
            None => {
                // One of them is never evaluated.
                let ((yes, no), _) = self.apart(|| (self.eval(yes, scope), self.eval(no, scope)));
                match same(&yes, &no) {
                    Some(true) => yes,
                    _ => match functions::unknown_within(&condition) {
                        Some(found) => node(NodeKind::Unknown(found)),
                        None => unknown("not a condition"),
                    },
                }
            }
        }
    }
}

pub(super) fn unary(operator: Unary, value: &Node) -> Node {
    let made = match (operator, &value.kind) {
        (Unary::Not, _) => truth(value).map(|value| NodeKind::Bool(!value)),
        (Unary::Minus, NodeKind::Int(value)) => value.checked_neg().map(NodeKind::Int),
        (Unary::Minus, NodeKind::Float(value)) => Some(NodeKind::Float(-value)),
        _ => None,
    };
    match (made, functions::unknown_within(value)) {
        (Some(made), _) => node(made),
        (None, Some(found)) => node(NodeKind::Unknown(found)),
        (None, None) => unknown("not a number"),
    }
}

fn arithmetic(operator: Binary, left: &Node, right: &Node) -> Option<Node> {
    let int = |node: &Node| text_of(node).and_then(|text| text.parse::<i64>().ok());
    let (a, b) = (rounded(left)?, rounded(right)?);
    let exact = int(left).zip(int(right));
    // What is one only when it is rounded may be more or less.
    let order = || match exact {
        Some((a, b)) => Some(a.cmp(&b)),
        None => a.partial_cmp(&b).filter(|order| order.is_ne() || same(left, right) == Some(true)),
    };
    let made = match operator {
        Binary::Less => NodeKind::Bool(order()?.is_lt()),
        Binary::LessEqual => NodeKind::Bool(order()?.is_le()),
        Binary::Greater => NodeKind::Bool(order()?.is_gt()),
        Binary::GreaterEqual => NodeKind::Bool(order()?.is_ge()),
        Binary::Add => exact.and_then(|(a, b)| a.checked_add(b)).map_or(NodeKind::Float(a + b), NodeKind::Int),
        Binary::Subtract => exact.and_then(|(a, b)| a.checked_sub(b)).map_or(NodeKind::Float(a - b), NodeKind::Int),
        Binary::Multiply => exact.and_then(|(a, b)| a.checked_mul(b)).map_or(NodeKind::Float(a * b), NodeKind::Int),
        Binary::Divide if b != 0.0 => {
            let whole = exact.filter(|(a, b)| a.checked_rem(*b) == Some(0)).and_then(|(a, b)| a.checked_div(b));
            whole.map_or(NodeKind::Float(a / b), NodeKind::Int)
        }
        Binary::Remainder if b != 0.0 => {
            exact.and_then(|(a, b)| a.checked_rem(b)).map_or(NodeKind::Float(a % b), NodeKind::Int)
        }
        _ => return None,
    };
    Some(node(made))
}
