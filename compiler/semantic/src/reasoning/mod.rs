//! Lints by constant and type reasoning: conditions that are always true or always false, guardrails that can never
//! fail or never pass, requirements that others imply.
//!
//! Every statement is looked at under what is known there: what the skips before it leave, and what the requirements
//! before it hold. A condition may always be unknown besides; "always true" means that it can never be false. What the
//! types and constants do not tell is taken to be possible, so that a lint speaks only where it is certain.

mod facts;
mod same;
mod values;

use parapet_base::{Diagnostic, Span, codes};
use rustc_hash::FxHashMap;

use crate::typed::{DefinitionPath, LocalId, Typed, TypedKind, TypedStatement, TypedStatementKind};
use crate::walk::walk;
use facts::{Facts, MOST_FACTS, Surroundings};

/// The lints of a guardrail's body; `constants` gives the value of a constant.
pub(crate) fn lints<'t>(
    name: &str,
    name_span: Span,
    body: &'t [TypedStatement],
    constants: &'t dyn Fn(&DefinitionPath) -> Option<&'t Typed>,
) -> Vec<Diagnostic> {
    let mut lets = FxHashMap::default();
    collect_lets(body, &mut lets);
    let surroundings = Surroundings { lets, constants };
    let mut reasoning =
        Reasoning { surroundings, found: Vec::new(), held: Vec::new(), can_fail: false, requires: 0, never: false };
    let known = Known { skipped: Facts::default(), required: Facts::default() };
    reasoning.statements(body, known, true);
    if reasoning.requires > 0 && !reasoning.can_fail && !reasoning.never {
        let message = format!("`{name}` never fails: nothing that it requires can be false");
        reasoning.found.insert(0, Diagnostic::new(&codes::NEVER_FAILS, name_span, message));
        // The conditions themselves say the same once more.
        reasoning.found.retain(|found| found.code != &codes::CONSTANT_CONDITION);
    }
    reasoning.found
}

/// The values of all `let`s, and what the hidden locals of `?.` stand for.
fn collect_lets<'t>(body: &'t [TypedStatement], lets: &mut FxHashMap<LocalId, &'t Typed>) {
    let expression = |value: &'t Typed, lets: &mut FxHashMap<LocalId, &'t Typed>| {
        walk(value, &mut |part| match &part.kind {
            TypedKind::Safe { base, local, .. } => drop(lets.insert(*local, base)),
            TypedKind::Block { lets: inner, .. } => lets.extend(inner.iter().map(|(local, value)| (*local, value))),
            _ => {}
        });
    };
    for statement in body {
        match &statement.kind {
            TypedStatementKind::Let { local, value } => {
                lets.insert(*local, value);
                expression(value, lets);
            }
            TypedStatementKind::Skip { condition, .. } | TypedStatementKind::Require { condition, .. } => {
                expression(condition, lets);
            }
            TypedStatementKind::For { binding, body } => {
                expression(&binding.source, lets);
                binding.filter.iter().for_each(|filter| expression(filter, lets));
                collect_lets(body, lets);
            }
            TypedStatementKind::If { condition, then, otherwise } => {
                expression(condition, lets);
                collect_lets(then, lets);
                collect_lets(otherwise, lets);
            }
        }
    }
}

/// What is known at a statement.
#[derive(Clone)]
struct Known<'t> {
    /// By the skips before it, and the conditions around it.
    skipped: Facts<'t>,
    /// By the requirements before it, too.
    required: Facts<'t>,
}

struct Reasoning<'t> {
    surroundings: Surroundings<'t>,
    found: Vec<Diagnostic>,
    /// The requirements before this point that hold wherever it is reached.
    held: Vec<&'t Typed>,
    can_fail: bool,
    requires: usize,
    /// The guardrail applies to nothing, or passes nothing: that was said.
    never: bool,
}

impl<'t> Reasoning<'t> {
    fn statements(&mut self, body: &'t [TypedStatement], mut known: Known<'t>, top: bool) {
        let held = self.held.len();
        for statement in body {
            self.statement(statement, &mut known, top);
        }
        self.held.truncate(held);
    }

    fn statement(&mut self, statement: &'t TypedStatement, known: &mut Known<'t>, top: bool) {
        let at = &self.surroundings;
        match &statement.kind {
            TypedStatementKind::Let { .. } => {}
            TypedStatementKind::Skip { condition, .. } => match at.truth(&known.skipped, condition).decided() {
                Some(true) => {
                    self.never = true;
                    let message = "every resource is skipped: this condition is always true";
                    self.found.push(Diagnostic::new(&codes::NEVER_APPLIES, condition.span, message));
                }
                Some(false) => self.constant(condition.span, false),
                None => {
                    known.skipped = at.given(&known.skipped, condition, false);
                    known.required = at.given(&known.required, condition, false);
                }
            },
            TypedStatementKind::Require { condition, .. } => self.require(condition, known, top),
            TypedStatementKind::For { binding, body } => {
                let mut inner = known.clone();
                if let Some(filter) = &binding.filter {
                    if let Some(truth) = at.truth(&known.skipped, filter).decided() {
                        self.constant(filter.span, truth);
                        if !truth {
                            return;
                        }
                    }
                    let at = &self.surroundings;
                    inner.skipped = at.given(&known.skipped, filter, true);
                    inner.required = at.given(&known.required, filter, true);
                }
                self.statements(body, inner, false);
            }
            TypedStatementKind::If { condition, then, otherwise } => {
                let truth = at.truth(&known.skipped, condition).decided();
                let branch = |truth| Known {
                    skipped: at.given(&known.skipped, condition, truth),
                    required: at.given(&known.required, condition, truth),
                };
                let (if_true, if_false) = (branch(true), branch(false));
                if let Some(truth) = truth {
                    self.constant(condition.span, truth);
                }
                if truth != Some(false) {
                    self.statements(then, if_true, false);
                }
                if truth != Some(true) {
                    self.statements(otherwise, if_false, false);
                }
            }
        }
    }

    fn require(&mut self, condition: &'t Typed, known: &mut Known<'t>, top: bool) {
        self.requires += 1;
        let at = &self.surroundings;
        match at.truth(&known.skipped, condition).decided() {
            Some(true) => self.constant(condition.span, true),
            // Inside a `for` or `if`, `require false` says that one does not get there.
            Some(false) => {
                self.can_fail = true;
                if top {
                    self.never_passes(condition, &[]);
                } else if !is_false(condition) {
                    self.constant(condition.span, false);
                }
            }
            None => {
                self.can_fail = true;
                match at.truth(&known.required, condition).decided() {
                    Some(true) => self.implied(condition, &known.skipped),
                    Some(false) if top => self.never_passes(condition, &self.held.clone()),
                    Some(false) | None => {}
                }
                known.required = self.surroundings.given(&known.required, condition, true);
                if self.held.len() < MOST_FACTS {
                    self.held.push(condition);
                }
            }
        }
    }

    fn constant(&mut self, span: Span, truth: bool) {
        let message = format!("this condition is always {truth}");
        self.found.push(Diagnostic::new(&codes::CONSTANT_CONDITION, span, message));
    }

    fn implied(&mut self, condition: &'t Typed, skipped: &Facts<'t>) {
        let at = &self.surroundings;
        let by = self.held.iter().find(|held| {
            let alone = at.given(skipped, held, true);
            at.truth(&alone, condition).decided() == Some(true)
        });
        let message = "what is required before implies this, so that it adds nothing";
        let diagnostic = Diagnostic::new(&codes::IMPLIED_REQUIREMENT, condition.span, message);
        let diagnostic = match by {
            Some(by) => diagnostic.label(by.span, "this implies it"),
            None => diagnostic,
        };
        self.found.push(diagnostic);
    }

    fn never_passes(&mut self, condition: &Typed, with: &[&Typed]) {
        self.never = true;
        let message = match with {
            [] => "nothing passes: this condition is always false",
            _ => "nothing passes: this cannot hold together with what is required before",
        };
        let mut diagnostic = Diagnostic::new(&codes::NEVER_PASSES, condition.span, message);
        for held in with {
            diagnostic = diagnostic.label(held.span, "required here");
        }
        self.found.push(diagnostic);
    }
}

fn is_false(condition: &Typed) -> bool {
    matches!(condition.kind, TypedKind::Literal(crate::typed::Literal::Bool(false)))
}
