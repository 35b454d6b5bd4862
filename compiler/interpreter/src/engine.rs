//! Guardrails to verdicts.
//!
//! [`Engine::judge`] gives the verdict of a guardrail on a resource or account; [`Engine::explain`] gives the same
//! verdict with what led to it. A body is the Kleene `and` of its statements; `skip if` decides before it.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use jiff::Timestamp;
use parapet_base::Span;
use parapet_builtins::Context;
use parapet_ir::{
    Constant, Expr, ExprKind, Function, Guardrail, MessagePart, PointKind, Population, Program, Slot, Statement,
    StatementKind,
};
use parapet_model::{AccountIndex, Cause, Reason, ResourceId, Truth, Unknown, Value, Verdict};
use rustc_hash::FxHashMap;

use crate::eval::Eval;
use crate::recorder::Recorder;
use crate::relations::Graph;
use crate::text::display;
use crate::trace::{Place, Read, Step, Tracer};
use crate::world::World;

/// Evaluates a program over a world at a time.
pub struct Engine<'p> {
    pub(crate) program: &'p Program,
    pub(crate) world: &'p World,
    pub(crate) context: Context,
    parameters: FxHashMap<Arc<str>, Value>,
    constants: FxHashMap<Arc<str>, OnceLock<Value>>,
    defaults: FxHashMap<Arc<str>, OnceLock<Value>>,
    /// What was found of the relations that are used closed.
    graphs: RwLock<FxHashMap<Arc<str>, Arc<Graph>>>,
    pub(crate) recorder: Option<&'p Recorder>,
}

/// A part of a guardrail's body, for [`Engine::part`].
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    Condition(&'a Expr),
    Loop(&'a Statement),
}

/// What a guardrail judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    Resource(ResourceId),
    Account(AccountIndex),
}

/// A requirement that is false or not known.
#[derive(Clone, Debug)]
pub struct Explained {
    pub message: String,
    /// The statement, relative to its item.
    pub span: Span,
    pub reads: Vec<Read>,
    /// How many elements of a quantifier speak against it; 0 without one.
    pub counterexamples: usize,
}

/// A verdict and, when explained, its reasons.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub verdict: Verdict,
    pub details: Vec<Explained>,
    pub unknown: Vec<Cause>,
    /// Each statement that was evaluated, in order; filled when steps are asked for.
    pub steps: Vec<TraceStep>,
}

/// A statement that was evaluated, for `parapet explain`.
#[derive(Clone, Debug)]
pub struct TraceStep {
    pub depth: usize,
    pub span: Span,
    /// `let`, `skip if`, `require`, `for`, `if`, and what came of it.
    pub what: &'static str,
    pub outcome: String,
    pub reads: Vec<Read>,
}

impl<'p> Engine<'p> {
    /// An engine; `parameters` are those that were set, the others have their defaults.
    pub fn new(
        program: &'p Program,
        world: &'p World,
        now: Timestamp,
        parameters: FxHashMap<Arc<str>, Value>,
    ) -> Engine<'p> {
        let constants = program.constants.keys().map(|path| (path.clone(), OnceLock::new())).collect();
        let defaults = program.parameters.keys().map(|path| (path.clone(), OnceLock::new())).collect();
        let graphs = RwLock::default();
        Engine { program, world, context: Context { now }, parameters, constants, defaults, graphs, recorder: None }
    }

    /// The same engine, which tells its decisions to `recorder`.
    pub fn recorded(self, recorder: Option<&'p Recorder>) -> Engine<'p> {
        Engine { recorder, ..self }
    }

    /// The program's guardrail of this path.
    pub fn guardrail(&self, path: &str) -> Option<&'p Guardrail> {
        self.program.guardrails.iter().find(|guardrail| *guardrail.path == *path).map(|guardrail| &**guardrail)
    }

    /// The world that is judged.
    pub fn world(&self) -> &'p World {
        self.world
    }

    pub(crate) fn function(&self, path: &str) -> Option<&'p Arc<Function>> {
        self.program.functions.get(path)
    }

    /// The graph of a relation over resources or accounts; `None` when the program has no such relation.
    pub(crate) fn graph(&self, relation: &Arc<str>, by_way_of: &Population) -> Option<Arc<Graph>> {
        let known = self.graphs.read().unwrap_or_else(PoisonError::into_inner).get(relation).cloned();
        if known.is_some() {
            return known;
        }
        let made = Arc::new(Graph::new(self, self.function(relation)?, by_way_of));
        let mut graphs = self.graphs.write().unwrap_or_else(PoisonError::into_inner);
        Some(graphs.entry(relation.clone()).or_insert(made).clone())
    }

    pub(crate) fn constant(&self, path: &str) -> Value {
        let value = self.constants.get(path).zip(self.program.constants.get(path));
        value.map_or_else(|| lost(path), |(cell, constant)| cell.get_or_init(|| self.evaluate(constant)).clone())
    }

    /// The value of a parameter: as set, else its default, else unknown.
    pub fn parameter(&self, path: &str) -> Value {
        if let Some(value) = self.parameters.get(path) {
            return value.clone();
        }
        let default = self.program.parameters.get(path).and_then(|parameter| parameter.default.as_ref());
        match self.defaults.get(path).zip(default) {
            Some((cell, default)) => cell.get_or_init(|| self.evaluate(default)).clone(),
            None => Value::unknown(Reason::Undecided, format!("the parameter `{path}` has no value")),
        }
    }

    /// The value of a constant's expression.
    pub fn evaluate(&self, constant: &Constant) -> Value {
        self.evaluate_expr(&constant.value, constant.slots)
    }

    /// The value of an expression that reads no locals of its surroundings.
    pub fn evaluate_expr(&self, expr: &Expr, slots: u32) -> Value {
        Eval::new(self, slots, None, None).eval(expr)
    }

    /// The truth of a condition in a frame of its own, in which some slots have values; with what it read.
    pub fn evaluate_condition(&self, condition: &Expr, slots: u32, values: &[(Slot, Value)]) -> (Truth, Vec<Read>) {
        let mut eval = Eval::new(self, slots, None, Some(Tracer::default()));
        for (slot, value) in values {
            eval.set(*slot, value.clone(), Default::default());
        }
        let truth = eval.truth(condition);
        (truth, eval.tracer.map(|tracer| tracer.since(0)).unwrap_or_default())
    }

    /// The value of an expression in a frame in which some slots have values.
    pub fn evaluate_with(&self, expr: &Expr, slots: u32, values: &[(Slot, Value)]) -> Value {
        let mut eval = Eval::new(self, slots, None, None);
        for (slot, value) in values {
            eval.set(*slot, value.clone(), Default::default());
        }
        eval.eval(expr)
    }

    /// The verdict of a guardrail.
    pub fn judge(&self, guardrail: &Guardrail, subject: Subject) -> Verdict {
        self.run(guardrail, subject, Depth::Verdict).verdict
    }

    /// The verdict and its reasons.
    pub fn explain(&self, guardrail: &Guardrail, subject: Subject) -> Judgement {
        self.run(guardrail, subject, Depth::Reasons)
    }

    /// The verdict, its reasons, and every step on the way.
    pub fn trace(&self, guardrail: &Guardrail, subject: Subject) -> Judgement {
        self.run(guardrail, subject, Depth::Steps)
    }

    /// The truth of a part of a guardrail's body for a resource: of a condition, or whether all requirements of a loop hold.
    /// The `let`s that the part reads are evaluated first, and nothing else of the guardrail.
    pub fn part(
        &self,
        guardrail: &Guardrail,
        id: ResourceId,
        lets: &[(Slot, Arc<Expr>)],
        part: Part<'_>,
    ) -> Option<bool> {
        let mut eval = Eval::new(self, guardrail.slots, Some(id), None);
        let origin = eval.resource_origin(id);
        eval.set(guardrail.resource, Value::Resource(id), origin);
        for (slot, value) in lets {
            let value = eval.eval(value);
            eval.set_let(*slot, value, 0);
        }
        let truth = match part {
            Part::Condition(condition) => eval.truth(condition),
            Part::Loop(statement) => {
                let outcome = Outcome::default();
                let mut body = Body {
                    engine: self,
                    eval,
                    depth: Depth::Verdict,
                    requires: FxHashMap::default(),
                    outcome,
                    level: 0,
                };
                body.statement(statement, &Truth::True);
                match (body.outcome.failed, body.outcome.unknown) {
                    (true, _) => Truth::False,
                    (false, Some(unknown)) => Truth::Unknown(unknown),
                    (false, None) => Truth::True,
                }
            }
        };
        match truth {
            Truth::True => Some(true),
            Truth::False => Some(false),
            Truth::Unknown(_) => None,
        }
    }

    fn run(&self, guardrail: &Guardrail, subject: Subject, depth: Depth) -> Judgement {
        let (value, resource) = match subject {
            Subject::Resource(id) => (Value::Resource(id), Some(id)),
            Subject::Account(account) => (Value::Account(account), None),
        };
        let stale = resource.and_then(|id| self.world.kept(id)).and_then(|resource| resource.blank.clone());
        let tracer = (depth != Depth::Verdict).then(Tracer::default);
        let mut eval = Eval::new(self, guardrail.slots, resource, tracer).within(&guardrail.path);
        let origin = resource.map(|id| eval.resource_origin(id)).unwrap_or_default();
        eval.set(guardrail.resource, value, origin);
        let mut body =
            Body { engine: self, eval, depth, requires: FxHashMap::default(), outcome: Outcome::default(), level: 0 };
        let skipped = body.statements(&guardrail.body, &Truth::True);
        // A resource that may never exist is skipped where it does not.
        if let Some(unknown) =
            resource.and_then(|id| self.world.kept(id)).and_then(|resource| resource.existence.clone())
        {
            add(&mut body.outcome.skip_unknown, &unknown);
        }
        let mut judgement = body.outcome.judgement(skipped);
        if let (Some(unknown), true) = (stale, judgement.unknown.is_empty() && judgement.verdict == Verdict::Unknown) {
            judgement.unknown.extend(unknown.causes().iter().cloned());
        }
        judgement
    }
}

fn lost(path: &str) -> Value {
    Value::unknown(Reason::Other, format!("`{path}` is not there"))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Verdict,
    Reasons,
    Steps,
}

/// What the statements so far came to.
#[derive(Default)]
struct Outcome {
    failed: bool,
    unknown: Option<Unknown>,
    skip_unknown: Option<Unknown>,
    details: Vec<Explained>,
    undecided: Vec<Explained>,
    steps: Vec<TraceStep>,
}

impl Outcome {
    fn judgement(self, skipped: bool) -> Judgement {
        let causes = |unknown: Option<Unknown>| unknown.map(|unknown| unknown.causes().to_vec()).unwrap_or_default();
        let steps = self.steps;
        if skipped {
            return Judgement { verdict: Verdict::NotApplicable, details: Vec::new(), unknown: Vec::new(), steps };
        }
        match (self.failed, self.skip_unknown, self.unknown) {
            (true, None, unknown) => {
                Judgement { verdict: Verdict::Fail, details: self.details, unknown: causes(unknown), steps }
            }
            (true, skip, unknown) => {
                let both = skip.map(|skip| unknown.map_or(skip.clone(), |unknown| skip.and(&unknown)));
                Judgement { verdict: Verdict::Unknown, details: self.details, unknown: causes(both), steps }
            }
            (false, _, Some(unknown)) => {
                Judgement { verdict: Verdict::Unknown, details: self.undecided, unknown: causes(Some(unknown)), steps }
            }
            (false, _, None) => Judgement { verdict: Verdict::Pass, details: Vec::new(), unknown: Vec::new(), steps },
        }
    }
}

struct Body<'e> {
    engine: &'e Engine<'e>,
    eval: Eval<'e>,
    depth: Depth,
    /// What the requirements came to the last time they were evaluated.
    requires: FxHashMap<u32, Truth>,
    outcome: Outcome,
    level: usize,
}

impl Body<'_> {
    /// Evaluates statements that count as far as `under` holds; true when a `skip if` is.
    fn statements(&mut self, statements: &[Statement], under: &Truth) -> bool {
        statements.iter().any(|statement| self.statement(statement, under))
    }

    fn mark(&self) -> usize {
        self.eval.tracer.as_ref().map_or(0, Tracer::mark)
    }

    fn reads(&self, mark: usize) -> Vec<Read> {
        self.eval.tracer.as_ref().map(|tracer| tracer.since(mark)).unwrap_or_default()
    }

    fn step(&mut self, span: Span, what: &'static str, outcome: impl FnOnce(&Self) -> String, mark: usize) {
        if self.depth == Depth::Steps {
            let (outcome, reads) = (outcome(self), self.reads(mark));
            self.outcome.steps.push(TraceStep { depth: self.level, span, what, outcome, reads });
        }
    }

    fn statement(&mut self, statement: &Statement, under: &Truth) -> bool {
        if statement.guards.iter().any(|guard| self.requires.get(&guard.0) == Some(&Truth::False)) {
            let outcome = "not evaluated: what it leans on does not hold".to_owned();
            self.step(statement.span, word(&statement.kind), |_| outcome, usize::MAX);
            if let StatementKind::Require { id, .. } = &statement.kind {
                self.requires.insert(id.0, Truth::False);
            }
            return false;
        }
        let mark = self.mark();
        match &statement.kind {
            StatementKind::Let { slot, value, .. } => {
                let value = self.eval.eval(value);
                self.step(statement.span, "let", |body| display(body.engine.world, &value), mark);
                self.eval.set_let(*slot, value, mark);
                false
            }
            StatementKind::Skip { definitely, condition } => {
                // A `skip if` that leans on a requirement counts as far as that holds.
                let guards = statement.guards.iter().filter_map(|guard| self.requires.get(&guard.0).cloned());
                let under = guards.fold(Truth::True, Truth::and);
                let truth = under.and(self.eval.truth(condition));
                self.eval.decided(statement.span, PointKind::Skip, &truth);
                self.step(statement.span, "skip if", |_| words(&truth), mark);
                match truth {
                    Truth::True => return true,
                    Truth::Unknown(unknown) if !*definitely => add(&mut self.outcome.skip_unknown, &unknown),
                    Truth::False | Truth::Unknown(_) => {}
                }
                false
            }
            StatementKind::Require { id, condition, message, text } => {
                self.require(statement.span, id.0, condition, message.as_deref(), text, under);
                false
            }
            StatementKind::For { binding, body } => {
                match self.eval.for_elements(binding) {
                    Ok(elements) => {
                        self.step(statement.span, "for", |_| format!("{} elements", elements.len()), mark);
                        self.level += 1;
                        for element in elements {
                            let passes = self.eval.enter_for(binding, &element);
                            if passes != Truth::False {
                                self.eval.decided(statement.span, PointKind::Loop, &Truth::True);
                                self.statements(body, &under.clone().and(passes));
                            }
                        }
                        self.level -= 1;
                    }
                    Err(unknown) => {
                        self.step(statement.span, "for", |_| format!("unknown ({})", unknown.why()), mark);
                        add_under(&mut self.outcome.unknown, under, &unknown);
                    }
                }
                false
            }
            StatementKind::If { condition, then, otherwise } => {
                let truth = self.eval.truth(condition);
                self.eval.decided(statement.span, PointKind::Branch, &truth);
                self.step(statement.span, "if", |_| words(&truth), mark);
                self.level += 1;
                if truth != Truth::False {
                    self.statements(then, &under.clone().and(truth.clone()));
                }
                if truth != Truth::True {
                    self.statements(otherwise, &under.clone().and(truth.not()));
                }
                self.level -= 1;
                false
            }
        }
    }

    fn require(
        &mut self,
        span: Span,
        id: u32,
        condition: &Expr,
        message: Option<&[MessagePart]>,
        text: &Arc<str>,
        under: &Truth,
    ) {
        let mark = self.mark();
        self.eval.counterexamples = 0;
        let raw = match self.eval.truth(condition) {
            Truth::Unknown(unknown) => Truth::Unknown(unknown.at(text)),
            decided => decided,
        };
        self.eval.decided(span, PointKind::Require, &raw);
        self.step(span, "require", |_| words(&raw), mark);
        self.requires.insert(id, raw.clone());
        // A requirement counts as far as the conditions around it hold.
        let truth = under.clone().not().or(raw);
        match &truth {
            Truth::True => {}
            Truth::False => {
                self.outcome.failed = true;
                if self.depth != Depth::Verdict {
                    let detail = self.detail(span, condition, message, text, mark, "does not hold");
                    self.outcome.details.push(detail);
                }
            }
            Truth::Unknown(unknown) => {
                add(&mut self.outcome.unknown, unknown);
                if self.depth != Depth::Verdict {
                    let detail = self.detail(span, condition, None, text, mark, "is not known to hold");
                    self.outcome.undecided.push(detail);
                }
            }
        }
    }

    fn detail(
        &mut self,
        span: Span,
        condition: &Expr,
        message: Option<&[MessagePart]>,
        text: &str,
        mark: usize,
        state: &str,
    ) -> Explained {
        let mut reads = self.reads(mark);
        let quantified = matches!(&condition.kind, ExprKind::Quantified { .. })
            || matches!(&condition.kind, ExprKind::Not(inner) if matches!(inner.kind, ExprKind::Quantified { .. }));
        let counterexamples = if quantified { self.eval.counterexamples } else { 0 };
        let mark = self.mark();
        let message = match message {
            Some(parts) => self.message(parts),
            None => format!("`{text}` {state}"),
        };
        let named: Vec<Place> =
            self.reads(mark).into_iter().filter_map(|read| read.place).filter(is_property).collect();
        // What the message names comes first: it is what its author finds wrong.
        reads.sort_by_key(|read| !read.place.as_ref().is_some_and(|place| named.contains(place)));
        Explained { message, span, reads, counterexamples }
    }

    fn message(&mut self, parts: &[MessagePart]) -> String {
        let mut message = String::new();
        for part in parts {
            match part {
                MessagePart::Text(text) => message.push_str(text),
                MessagePart::Value(value) => {
                    let value = self.eval.eval(value);
                    message.push_str(&display(self.engine.world, &value));
                }
            }
        }
        message
    }
}

/// Whether a value stands in a property: headers only say which resource it is.
fn is_property(place: &Place) -> bool {
    matches!(place.path.first(), Some(Step::Property(_)))
}

fn add(known: &mut Option<Unknown>, more: &Unknown) {
    *known = Some(known.as_ref().map_or(more.clone(), |known| known.and(more)));
}

/// An unknown collection leaves the requirements in its body undecided, as far as the statement counts.
fn add_under(known: &mut Option<Unknown>, under: &Truth, more: &Unknown) {
    if *under != Truth::False {
        add(known, more);
    }
}

fn words(truth: &Truth) -> String {
    match truth {
        Truth::True => "true".to_owned(),
        Truth::False => "false".to_owned(),
        Truth::Unknown(unknown) => {
            let causes: Vec<String> =
                unknown.causes().iter().map(|cause| format!("{}: {}", cause.path, cause.why)).collect();
            format!("unknown ({})", causes.join("; "))
        }
    }
}

fn word(kind: &StatementKind) -> &'static str {
    match kind {
        StatementKind::Let { .. } => "let",
        StatementKind::Skip { .. } => "skip if",
        StatementKind::Require { .. } => "require",
        StatementKind::For { .. } => "for",
        StatementKind::If { .. } => "if",
    }
}
