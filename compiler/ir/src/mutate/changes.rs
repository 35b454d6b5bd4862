//! What may be changed in one expression, so that it stays one of its type and says something else.

use std::sync::Arc;

use parapet_base::Span;
use parapet_builtins::glob::Glob;
use parapet_model::{Arithmetic, Order, Type, Value};

use super::sites::Role;
use crate::data::{Expr, ExprKind, Pattern};

/// A change: its words, what of the text it is about, and what the expression becomes.
pub(super) struct Change {
    pub(super) words: String,
    pub(super) span: Span,
    pub(super) expr: Expr,
}

impl Change {
    /// A change of the whole expression.
    fn of(expr: Expr, words: impl Into<String>) -> Change {
        Change { words: words.into(), span: expr.span, expr }
    }
}

/// The changes of an expression that plays this part.
pub(super) fn changes(expr: &Expr, role: Role) -> Vec<Change> {
    let mut found = Vec::new();
    forced(expr, role, &mut found);
    operator(expr, role, &mut found);
    negated(expr, role, &mut found);
    literal(expr, role, &mut found);
    found
}

fn like_it(expr: &Expr, kind: ExprKind) -> Expr {
    Expr { ty: expr.ty.clone(), span: expr.span, kind }
}

/// The condition is taken as decided.
fn forced(expr: &Expr, role: Role, found: &mut Vec<Change>) {
    if matches!(expr.kind, ExprKind::Value(_)) || !matches!(expr.ty, Type::Bool) {
        return;
    }
    let mut force = |words: &str, value| found.push(Change::of(like_it(expr, boolean(value)), words));
    match role {
        Role::Require => force("the requirement was dropped", true),
        Role::Skip => force("the `skip if` was dropped", false),
        Role::Filter => force("the filter was dropped", true),
        Role::Choice => {
            force("the condition was always true", true);
            force("the condition was always false", false);
        }
        // An operand that is a chain itself is tried link by link.
        Role::Conjunct if !matches!(expr.kind, ExprKind::And(..)) => force("this side of `and` was dropped", true),
        Role::Disjunct if !matches!(expr.kind, ExprKind::Or(..)) => force("this side of `or` was dropped", false),
        Role::Conjunct | Role::Disjunct | Role::Negated | Role::Element | Role::Bound(_) | Role::Plain => {}
    }
}

fn boolean(value: bool) -> ExprKind {
    ExprKind::Value(Value::Bool(value))
}

/// The operator becomes another one.
fn operator(expr: &Expr, role: Role, found: &mut Vec<Change>) {
    let mut become_ = |from: &str, to: &str, kind| found.push(Change::of(like_it(expr, kind), became(from, to)));
    match &expr.kind {
        ExprKind::And(left, right) => become_("and", "or", ExprKind::Or(left.clone(), right.clone())),
        ExprKind::Or(left, right) => become_("or", "and", ExprKind::And(left.clone(), right.clone())),
        ExprKind::Order { op, left, right } => {
            for other in other_orders(*op) {
                let kind = ExprKind::Order { op: other, left: left.clone(), right: right.clone() };
                become_(op.symbol(), other.symbol(), kind);
            }
        }
        ExprKind::Arithmetic { op, left, right } if is_number(&left.ty) && is_number(&right.ty) => {
            if let Some(op_after) = other_arithmetic(*op) {
                let kind = ExprKind::Arithmetic { op: op_after, left: left.clone(), right: right.clone() };
                become_(op.symbol(), op_after.symbol(), kind);
            }
        }
        ExprKind::InRange { item, start, end, inclusive, negated } => {
            let (from, to) = if *inclusive { ("..=", "..") } else { ("..", "..=") };
            let (item, start, end) = (item.clone(), start.clone(), end.clone());
            let kind = ExprKind::InRange { item, start, end, inclusive: !inclusive, negated: *negated };
            become_(from, to, kind);
        }
        ExprKind::Like { text, pattern, folded } if !matches_everything(pattern) => {
            let star = Pattern::Constant("*".into(), Arc::new(Glob::new("*")));
            let kind = ExprKind::Like { text: text.clone(), pattern: star, folded: *folded };
            found.push(Change::of(like_it(expr, kind), "the pattern became \"*\""));
        }
        ExprKind::Quantified { all, binding, body } => {
            let kind = ExprKind::Quantified { all: !all, binding: binding.clone(), body: body.clone() };
            let (from, to) = match (all, role == Role::Negated) {
                (true, _) => ("all", "any"),
                (false, true) => ("no", "not all"),
                (false, false) => ("any", "all"),
            };
            become_(from, to, kind);
        }
        _ => {}
    }
}

fn became(from: &str, to: &str) -> String {
    format!("`{from}` became `{to}`")
}

fn matches_everything(pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::Constant(text, _) if &**text == "*")
}

/// The boundary moved, and the other direction.
fn other_orders(op: Order) -> [Order; 2] {
    match op {
        Order::Less => [Order::LessEqual, Order::Greater],
        Order::LessEqual => [Order::Less, Order::GreaterEqual],
        Order::Greater => [Order::GreaterEqual, Order::Less],
        Order::GreaterEqual => [Order::Greater, Order::LessEqual],
    }
}

fn other_arithmetic(op: Arithmetic) -> Option<Arithmetic> {
    match op {
        Arithmetic::Add => Some(Arithmetic::Subtract),
        Arithmetic::Subtract => Some(Arithmetic::Add),
        Arithmetic::Multiply => Some(Arithmetic::Divide),
        Arithmetic::Divide => Some(Arithmetic::Multiply),
        Arithmetic::Remainder => None,
    }
}

fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Float)
}

/// The condition says the opposite. Below a `not` that is what removing the `not` does.
fn negated(expr: &Expr, role: Role, found: &mut Vec<Change>) {
    if !matches!(expr.ty, Type::Bool) {
        return;
    }
    if let ExprKind::Not(inner) = &expr.kind {
        let no = matches!(inner.kind, ExprKind::Quantified { .. }) && inner.span == expr.span;
        let words = if no { became("no", "any") } else { "`not` was removed".to_owned() };
        found.push(Change { words, span: expr.span, expr: (**inner).clone() });
        return;
    }
    if role == Role::Negated {
        return;
    }
    if let Some((from, to)) = opposite(&expr.kind) {
        let words = if from.is_empty() { "`not` was inserted".to_owned() } else { became(from, to) };
        found.push(Change::of(like_it(expr, ExprKind::Not(Box::new(expr.clone()))), words));
    }
}

/// How the negation of an expression is spelt; `("", "not")` where only `not` spells it.
fn opposite(kind: &ExprKind) -> Option<(&'static str, &'static str)> {
    let turned = |is, from, to| if is { Some((to, from)) } else { Some((from, to)) };
    match kind {
        ExprKind::Equal { negated, .. } => turned(*negated, "==", "!="),
        ExprKind::In { negated, .. } | ExprKind::InBlock { negated, .. } | ExprKind::InRange { negated, .. } => {
            turned(*negated, "in", "not in")
        }
        ExprKind::IsPresent { absent, .. } => turned(*absent, "is present", "is absent"),
        ExprKind::Quantified { all: false, .. } => Some(("any", "no")),
        ExprKind::Like { .. }
        | ExprKind::Matches { .. }
        | ExprKind::Subset { .. }
        | ExprKind::Intersects { .. }
        | ExprKind::IsType { .. }
        | ExprKind::Quantified { all: true, .. }
        | ExprKind::Call { .. }
        | ExprKind::Closure { .. }
        | ExprKind::Builtin { .. }
        | ExprKind::Coalesce { .. }
        | ExprKind::Slot(..)
        | ExprKind::Parameter(_)
        | ExprKind::Header { .. }
        | ExprKind::Property { .. }
        | ExprKind::Field { .. }
        | ExprKind::Member { .. }
        | ExprKind::Index { .. }
        | ExprKind::Safe { .. } => Some(("", "not")),
        // A connective, an ordering, a choice and a literal are changed in ways of their own.
        ExprKind::And(..)
        | ExprKind::Or(..)
        | ExprKind::Not(_)
        | ExprKind::Order { .. }
        | ExprKind::If { .. }
        | ExprKind::Value(_)
        | ExprKind::Constant(_)
        | ExprKind::Block { .. } => None,
        // These are no conditions.
        ExprKind::Now
        | ExprKind::ArnPart { .. }
        | ExprKind::Follow { .. }
        | ExprKind::Negate(_)
        | ExprKind::Arithmetic { .. }
        | ExprKind::Count(_)
        | ExprKind::First(_)
        | ExprKind::Comprehension { .. }
        | ExprKind::Resources(_)
        | ExprKind::Accounts
        | ExprKind::List(_)
        | ExprKind::Set(_)
        | ExprKind::Map(_)
        | ExprKind::Record(_)
        | ExprKind::Cast(_)
        | ExprKind::ToPolicy(_) => None,
    }
}

/// A literal says something else. Times, durations and addresses are bounds of orderings, which move on their own.
fn literal(expr: &Expr, role: Role, found: &mut Vec<Change>) {
    match &expr.kind {
        ExprKind::Value(Value::Bool(value)) => {
            let words = became(&value.to_string(), &(!value).to_string());
            found.push(Change::of(like_it(expr, boolean(!value)), words));
        }
        ExprKind::Value(Value::Int(number)) => {
            let steps: &[i64] = if let Role::Bound(step) = role { &[step] } else { &[1, -1] };
            for other in steps.iter().filter_map(|step| number.checked_add(*step)) {
                let kind = ExprKind::Value(Value::Int(other));
                found.push(Change::of(like_it(expr, kind), became(&number.to_string(), &other.to_string())));
            }
        }
        // An empty text is a default that nothing equals; so is every other one.
        ExprKind::Value(Value::Text(text)) if role != Role::Element && !text.is_empty() => {
            let kind = ExprKind::Value(Value::text(format!("~{text}")));
            found.push(Change::of(like_it(expr, kind), format!("{text:?} became another text")));
        }
        ExprKind::List(elements) | ExprKind::Set(elements) if elements.len() > 1 => {
            for (at, element) in elements.iter().enumerate() {
                let kept = without(elements, at);
                let kind = match &expr.kind {
                    ExprKind::Set(_) => ExprKind::Set(kept),
                    _ => ExprKind::List(kept),
                };
                found.push(Change { words: dropped(element, at), span: element.span, expr: like_it(expr, kind) });
            }
        }
        _ => {}
    }
}

fn dropped(element: &Expr, at: usize) -> String {
    match &element.kind {
        ExprKind::Value(Value::Text(text)) => format!("{text:?} was dropped"),
        ExprKind::Value(Value::Int(number)) => format!("`{number}` was dropped"),
        _ => format!("element {} was dropped", at + 1),
    }
}

fn without(elements: &[Expr], dropped: usize) -> Vec<Expr> {
    let kept = elements.iter().enumerate().filter(|(at, _)| *at != dropped);
    kept.map(|(_, element)| element.clone()).collect()
}
