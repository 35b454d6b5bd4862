//! Lints by constant and type reasoning: conditions that are always true or always false, guardrails that can never
//! fail or never pass, requirements that others imply.
//!
//! Every statement is looked at under what is known there: what the skips before it leave, and what the requirements
//! before it hold. A condition may always be unknown besides; "always true" means that it can never be false. What the
//! types and constants do not tell is taken to be possible, so that a lint speaks only where it is certain.

mod evaluation;
mod facts;
mod learning;
mod numbers;
mod same;
mod values;

use std::cell::Cell;
use std::sync::Arc;

use parapet_base::{Diagnostic, Span, codes};
use parapet_model::Type;
use regex::Regex;
use rustc_hash::FxHashMap;

use crate::typed::{DefinitionPath, LocalId, Typed, TypedBinding, TypedKind, TypedStatement, TypedStatementKind};
use crate::walk::walk;
use facts::{Elements, Facts};

/// More than this is not remembered, of each kind of fact: each question looks through them.
const MOST_FACTS: usize = 256;
/// More than this is not looked at to answer one question; what is not looked at may be anything.
const MOST_STEPS: u32 = 200_000;

/// What a body names.
#[derive(Clone, Copy)]
pub(crate) struct Meaning<'t> {
    /// The value of a constant.
    pub constants: &'t dyn Fn(&DefinitionPath) -> Option<&'t Typed>,
    /// The type that a name was bound with, before any condition.
    pub types: &'t dyn Fn(LocalId) -> Option<&'t Type>,
    /// A regular expression, compiled.
    pub pattern: &'t dyn Fn(&Arc<str>) -> Option<&'t Regex>,
}

/// Where names, constants and patterns lead.
struct Surroundings<'t> {
    /// The values of `let`s, and the bases of `?.` by the local that stands for them.
    lets: FxHashMap<LocalId, &'t Typed>,
    constants: &'t dyn Fn(&DefinitionPath) -> Option<&'t Typed>,
    types: &'t dyn Fn(LocalId) -> Option<&'t Type>,
    pattern: &'t dyn Fn(&Arc<str>) -> Option<&'t Regex>,
    fuel: Fuel,
}

impl<'t> Surroundings<'t> {
    /// The one truth that a condition can have: a question of its own.
    fn decided(&self, facts: &Facts<'t>, condition: &'t Typed) -> Option<bool> {
        self.fuel.refill();
        self.truth(facts, condition).decided()
    }
}

/// How much more may be looked at for the question at hand.
struct Fuel(Cell<u32>);

impl Fuel {
    fn refill(&self) {
        self.0.set(MOST_STEPS);
    }

    /// Takes one step.
    fn goes_on(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

/// The lints of a guardrail's body.
pub(crate) fn lints<'t>(
    name: &str,
    name_span: Span,
    body: &'t [TypedStatement],
    meaning: Meaning<'t>,
) -> Vec<Diagnostic> {
    let mut lets = FxHashMap::default();
    collect_lets(body, &mut lets);
    let Meaning { constants, types, pattern } = meaning;
    let surroundings = Surroundings { lets, constants, types, pattern, fuel: Fuel(Cell::new(MOST_STEPS)) };
    let mut reasoning = Reasoning {
        surroundings,
        found: Vec::new(),
        held: Vec::new(),
        loops: Vec::new(),
        can_fail: false,
        requires: 0,
        never: false,
    };
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
    held: Vec<Held<'t>>,
    /// The loops around this point, the outermost first.
    loops: Vec<&'t TypedBinding>,
    can_fail: bool,
    requires: usize,
    /// The guardrail applies to nothing, or passes nothing: that was said.
    never: bool,
}

/// A requirement, and the loop behind which it is known of each element.
#[derive(Clone, Copy)]
struct Held<'t> {
    condition: &'t Typed,
    each: Option<&'t TypedBinding>,
}

impl<'t> Held<'t> {
    fn learn(self, at: &Surroundings<'t>, facts: &mut Facts<'t>) {
        match self.each {
            Some(binding) => facts.note_every(Elements { binding, condition: self.condition, truth: true }),
            None => {
                at.fuel.refill();
                at.learn(facts, self.condition, true);
            }
        }
    }
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
            TypedStatementKind::Skip { condition, .. } => match at.decided(&known.skipped, condition) {
                // What fails a requirement that the condition leans on is not skipped.
                Some(true) if statement.guards.is_empty() => {
                    self.never = true;
                    let message = "every resource is skipped: this condition is always true";
                    self.found.push(Diagnostic::new(&codes::NEVER_APPLIES, condition.span, message));
                }
                Some(truth) => self.constant(condition.span, truth),
                None => {
                    known.skipped = at.given(&known.skipped, condition, false);
                    known.required = at.given(&known.required, condition, false);
                }
            },
            TypedStatementKind::Require { condition, .. } => self.require(condition, known, top),
            TypedStatementKind::For { binding, body } => {
                if let Some(filter) = &binding.filter
                    && let Some(truth) = at.decided(&known.skipped, filter)
                {
                    self.constant(filter.span, truth);
                    if !truth {
                        return;
                    }
                }
                let at = &self.surroundings;
                let inner = Known {
                    skipped: at.of_each(&known.skipped, binding),
                    required: at.of_each(&known.required, binding),
                };
                self.loops.push(binding);
                self.statements(body, inner, false);
                self.loops.pop();
                self.hold_each(binding, body, known);
            }
            TypedStatementKind::If { condition, then, otherwise } => {
                let truth = at.decided(&known.skipped, condition);
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

    /// What a loop requires of each element is known behind it.
    fn hold_each(&mut self, binding: &'t TypedBinding, body: &'t [TypedStatement], known: &mut Known<'t>) {
        for statement in body {
            if let TypedStatementKind::Require { condition, .. } = &statement.kind {
                self.hold(Held { condition, each: Some(binding) }, known);
            }
        }
    }

    fn hold(&mut self, held: Held<'t>, known: &mut Known<'t>) {
        held.learn(&self.surroundings, &mut known.required);
        if self.held.len() < MOST_FACTS {
            self.held.push(held);
        }
    }

    fn require(&mut self, condition: &'t Typed, known: &mut Known<'t>, top: bool) {
        self.requires += 1;
        let at = &self.surroundings;
        match at.decided(&known.skipped, condition) {
            Some(true) => self.constant(condition.span, true),
            // Inside a `for` or `if`, `require false` says that one does not get there.
            Some(false) => {
                self.can_fail = true;
                if top {
                    self.never_passes(condition, &known.skipped, false);
                } else if !is_false(condition) {
                    self.constant(condition.span, false);
                }
            }
            None => {
                self.can_fail = true;
                match at.decided(&known.required, condition) {
                    Some(true) => self.implied(condition, &known.skipped),
                    // What follows is looked at as if this were not required: nothing holds where both are.
                    Some(false) if top => return self.never_passes(condition, &known.skipped, true),
                    Some(false) | None => {}
                }
                self.hold(Held { condition, each: None }, known);
            }
        }
    }

    fn constant(&mut self, span: Span, truth: bool) {
        let message = format!("this condition is always {truth}");
        self.found.push(Diagnostic::new(&codes::CONSTANT_CONDITION, span, message));
    }

    fn implied(&mut self, condition: &'t Typed, skipped: &Facts<'t>) {
        let message = "what is required before implies this, so that it adds nothing";
        let diagnostic = Diagnostic::new(&codes::IMPLIED_REQUIREMENT, condition.span, message);
        let diagnostic = match self.alone(condition, skipped, true) {
            Some(by) => diagnostic.label(by.condition.span, "this implies it"),
            None => diagnostic,
        };
        self.found.push(diagnostic);
    }

    /// The one requirement by which a condition has this truth, if one alone is enough.
    fn alone(&self, condition: &'t Typed, skipped: &Facts<'t>, truth: bool) -> Option<Held<'t>> {
        let at = &self.surroundings;
        self.held.iter().copied().find(|held| {
            let mut alone = skipped.clone();
            held.learn(at, &mut alone);
            let alone = self.loops.iter().fold(alone, |facts, binding| at.of_each(&facts, binding));
            at.decided(&alone, condition) == Some(truth)
        })
    }

    /// Nothing passes: by this condition, or by it and others that are `required` before.
    fn never_passes(&mut self, condition: &'t Typed, skipped: &Facts<'t>, required: bool) {
        self.never = true;
        let message = match required {
            false => "nothing passes: this condition is always false",
            true => "nothing passes: this cannot hold together with what is required before",
        };
        let with = match self.alone(condition, skipped, false) {
            _ if !required => Vec::new(),
            Some(held) => vec![held],
            None => self.held.clone(),
        };
        let mut diagnostic = Diagnostic::new(&codes::NEVER_PASSES, condition.span, message);
        for held in with {
            diagnostic = diagnostic.label(held.condition.span, "required here");
        }
        self.found.push(diagnostic);
    }
}

fn is_false(condition: &Typed) -> bool {
    matches!(condition.kind, TypedKind::Literal(crate::typed::Literal::Bool(false)))
}
