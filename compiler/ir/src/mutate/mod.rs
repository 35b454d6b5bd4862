//! Mutants: definitions with one small change each that a good test notices.
//!
//! [`guardrail_mutants`], [`function_mutants`] and [`constant_mutants`] list what may be changed, in the order of the
//! text; [`mutated_guardrail`], [`mutated_function`] and [`mutated_constant`] make the changed copy. Changes keep types and frames, so that every mutant verifies. Messages
//! are never changed, nor are the defaults of parameters, which tests set as they like. Joins are taken out of a mutant, for they
//! say again what a condition says.

mod changes;
mod guards;
mod sites;

use parapet_base::Span;
use parapet_model::Value;
use rustc_hash::FxHashSet;

use crate::data::{Constant, Expr, ExprKind, Function, Guardrail, Statement, StatementKind};
use changes::{Change, changes};
use guards::guards;
use sites::Role;

/// A change of a definition.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The expression that changes, relative to the item.
    pub span: Span,
    /// In words: "`>=` became `>`".
    pub change: String,
    site: Site,
}

#[derive(Clone, Copy, Debug)]
enum Site {
    /// The expression of this number, and which of its changes.
    Expr(usize, usize),
    /// The `definitely` of this statement is dropped.
    Definitely(usize),
}

/// The mutants of a guardrail.
pub fn guardrail_mutants(guardrail: &Guardrail) -> Vec<Mutant> {
    let mut copy = guardrail.clone();
    let mut mutants = Vec::new();
    for (at, statement) in copy.body.iter().enumerate() {
        if let StatementKind::Skip { definitely: true, condition } = &statement.kind {
            let change = "`definitely` was dropped".to_owned();
            mutants.push(Mutant { span: condition.span, change, site: Site::Definitely(at) });
        }
    }
    collect(&mut mutants, &mut |visit| sites::statements(&mut copy.body, visit));
    mutants
}

/// The mutants of a function.
pub fn function_mutants(function: &Function) -> Vec<Mutant> {
    let mut copy = function.clone();
    let mut mutants = Vec::new();
    collect(&mut mutants, &mut |visit| sites::expr(&mut copy.body, Role::Plain, visit));
    mutants
}

/// The mutants of a constant.
pub fn constant_mutants(constant: &Constant) -> Vec<Mutant> {
    let mut copy = constant.clone();
    let mut mutants = Vec::new();
    collect(&mut mutants, &mut |visit| sites::expr(&mut copy.value, Role::Plain, visit));
    mutants
}

/// Goes through the sites of a definition.
type Walk<'w> = dyn FnMut(&mut dyn FnMut(&mut Expr, Role)) + 'w;

fn collect(mutants: &mut Vec<Mutant>, walk: &mut Walk<'_>) {
    let mut number = 0;
    // A connective is seen before its operands, so that what leans on them is known when they are.
    let mut leant_on = FxHashSet::default();
    walk(&mut |expr, role| {
        guards(expr, &mut leant_on);
        let connective = matches!(expr.kind, ExprKind::And(..) | ExprKind::Or(..));
        let stays = leant_on.contains(&(expr.span, connective));
        for (at, Change { words, span, expr: replacement }) in changes(expr, role).into_iter().enumerate() {
            // A connective that stays may still be dropped as a whole.
            if stays && !(connective && matches!(replacement.kind, ExprKind::Value(_))) {
                continue;
            }
            mutants.push(Mutant { span, change: words, site: Site::Expr(number, at) });
        }
        number += 1;
    });
    mutants.sort_by_key(|mutant| (mutant.span.start, mutant.span.end));
}

/// The guardrail without planned joins, and with the mutant's change if there is one.
pub fn mutated_guardrail(guardrail: &Guardrail, mutant: Option<&Mutant>) -> Guardrail {
    let mut copy = guardrail.clone();
    let change = mutant.map(|mutant| &mutant.site);
    put(change, &mut |visit| sites::statements(&mut copy.body, visit));
    if let Some(Site::Definitely(at)) = change
        && let Some(Statement { kind: StatementKind::Skip { definitely, .. }, .. }) = copy.body.get_mut(*at)
    {
        *definitely = false;
    }
    silence(&mut copy.body);
    copy
}

/// The function without planned joins, and with the mutant's change if there is one.
pub fn mutated_function(function: &Function, mutant: Option<&Mutant>) -> Function {
    let mut copy = function.clone();
    put(mutant.map(|mutant| &mutant.site), &mut |visit| sites::expr(&mut copy.body, Role::Plain, visit));
    copy
}

/// The constant with the mutant's change if there is one.
pub fn mutated_constant(constant: &Constant, mutant: Option<&Mutant>) -> Constant {
    let mut copy = constant.clone();
    put(mutant.map(|mutant| &mutant.site), &mut |visit| sites::expr(&mut copy.value, Role::Plain, visit));
    copy
}

fn put(change: Option<&Site>, walk: &mut Walk<'_>) {
    // The sites below a change are others than those that were counted; nothing is looked for there.
    let mut number = 0;
    let mut done = false;
    walk(&mut |expr, role| {
        if let (Some(Site::Expr(site, at)), false) = (change, done)
            && *site == number
            && let Some(change) = changes(expr, role).into_iter().nth(*at)
        {
            *expr = change.expr;
            done = true;
        }
        number += 1;
    });
}

/// A requirement that is always true prints no message, which might name what is bound no more.
fn silence(body: &mut [Statement]) {
    for statement in body {
        match &mut statement.kind {
            StatementKind::Require { condition, message, .. } => {
                if let ExprKind::Value(Value::Bool(true)) = &condition.kind {
                    *message = None;
                }
            }
            StatementKind::For { body, .. } => silence(body),
            StatementKind::If { then, otherwise, .. } => {
                silence(then);
                silence(otherwise);
            }
            StatementKind::Let { .. } | StatementKind::Skip { .. } => {}
        }
    }
}
