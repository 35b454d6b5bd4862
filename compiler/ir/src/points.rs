//! The places where a definition decides: what coverage counts.
//!
//! A point is named by its definition, its span and its kind, so that every copy of a definition names the same
//! points. Messages decide nothing and have none. Nothing here evaluates: the interpreter says what it saw.

use parapet_base::Span;

use crate::data::{Binding, Expr, ExprKind, Function, Guardrail, Source, Statement, StatementKind};
use crate::visit::children;

/// What decides at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointKind {
    /// `require`: true or false.
    Require,
    /// `skip if`: true or false.
    Skip,
    /// The condition of the statement `if`.
    Branch,
    /// `for`: whether its body was entered.
    Loop,
    /// The condition of `if … then … else`.
    Choice,
    /// `x ?? d`: whether `x` was there.
    Default,
}

impl PointKind {
    /// The words for what may be seen here.
    pub fn outcomes(self) -> &'static [&'static str] {
        match self {
            PointKind::Require | PointKind::Skip | PointKind::Branch | PointKind::Choice => &["true", "false"],
            PointKind::Loop => &["entered"],
            PointKind::Default => &["present", "absent"],
        }
    }

    /// How a rule spells it.
    pub fn name(self) -> &'static str {
        match self {
            PointKind::Require => "require",
            PointKind::Skip => "skip if",
            PointKind::Branch | PointKind::Choice => "if",
            PointKind::Loop => "for",
            PointKind::Default => "??",
        }
    }
}

/// A place where a definition decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// What the interpreter knows it by, relative to the item.
    pub span: Span,
    pub kind: PointKind,
    /// What a report shows of it: the condition, relative to the item.
    pub shown: Span,
}

/// The points of a guardrail, in the order of its text.
pub fn guardrail_points(guardrail: &Guardrail) -> Vec<Point> {
    let mut points = Vec::new();
    statements(&guardrail.body, &mut points);
    ordered(points)
}

/// The points of a function, in the order of its text.
pub fn function_points(function: &Function) -> Vec<Point> {
    let mut points = Vec::new();
    expr(&function.body, &mut points);
    ordered(points)
}

/// A planned join holds copies of what the condition holds: each point counts once.
fn ordered(mut points: Vec<Point>) -> Vec<Point> {
    points.sort();
    points.dedup();
    points
}

fn statements(body: &[Statement], points: &mut Vec<Point>) {
    for statement in body {
        let mut point = |kind, shown: &Expr| points.push(Point { span: statement.span, kind, shown: shown.span });
        match &statement.kind {
            StatementKind::Let { value, .. } => expr(value, points),
            StatementKind::Skip { condition, .. } => {
                point(PointKind::Skip, condition);
                expr(condition, points);
            }
            StatementKind::Require { condition, .. } => {
                point(PointKind::Require, condition);
                expr(condition, points);
            }
            StatementKind::For { binding, body } => {
                let head = body.first().map_or(statement.span.end, |first| first.span.start);
                let shown = Span { start: statement.span.start, end: head.max(statement.span.start) };
                points.push(Point { span: statement.span, kind: PointKind::Loop, shown });
                bound(binding, points);
                statements(body, points);
            }
            StatementKind::If { condition, then, otherwise } => {
                point(PointKind::Branch, condition);
                expr(condition, points);
                statements(then, points);
                statements(otherwise, points);
            }
        }
    }
}

fn bound(binding: &Binding, points: &mut Vec<Point>) {
    if let Source::Elements(source) = &binding.source {
        expr(source, points);
    }
    if let Some(filter) = &binding.filter {
        expr(filter, points);
    }
}

fn expr(value: &Expr, points: &mut Vec<Point>) {
    match &value.kind {
        ExprKind::If { condition, .. } => {
            points.push(Point { span: value.span, kind: PointKind::Choice, shown: condition.span });
        }
        ExprKind::Coalesce { .. } => {
            points.push(Point { span: value.span, kind: PointKind::Default, shown: value.span });
        }
        _ => {}
    }
    children(value, &mut |child| expr(child, points));
}
