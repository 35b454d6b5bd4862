//! Runs that follow one another while rules and inputs change.
//!
//! What was looked at is looked at again; where it looks the same, what was made of it stays. Inputs are read again when one
//! of them changed, or when rules read more of them than was kept. Over the same inputs a guardrail is judged again when it,
//! or something that it uses, is not what it was.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parapet_interpreter::{Subject, World};
use parapet_ir::{Guardrail, Program, Projection, walk, walk_statements};
use parapet_lower::mention;
use parapet_model::{Name, Value, Verdict};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::{Outcome, Prepared, Refusal, Request, Stats, prepare};
use crate::host::{Host, Noting, Seen};
use crate::inputs::Inputs;
use crate::judging::Judged;
use crate::world::world;

/// Runs of one request.
pub struct Watch<'h> {
    host: &'h dyn Host,
    rules: Seen,
    inputs: Seen,
    ground: Option<Ground>,
    verdicts: Known,
}

/// What the last run judged.
struct Ground {
    inputs: Inputs,
    world: World,
    /// As much as was kept of them.
    projection: Projection,
    as_of: Timestamp,
}

/// What guardrails said of the ground, each by all that its verdict depends on.
#[derive(Default)]
pub(crate) struct Known {
    said: FxHashMap<String, Vec<(Subject, Verdict)>>,
    /// Of the guardrails of this run.
    texts: Vec<String>,
    /// How many of them were judged.
    judged: usize,
}

impl<'h> Watch<'h> {
    pub fn new(host: &'h dyn Host) -> Watch<'h> {
        Watch { host, rules: Seen::default(), inputs: Seen::default(), ground: None, verdicts: Known::default() }
    }

    /// The files and folders that are not what they were in the last run, in order.
    pub fn changed(&self) -> Vec<PathBuf> {
        let mut changed = self.rules.changed(self.host);
        changed.extend(self.inputs.changed(self.host));
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// How many guardrails the last run judged anew.
    pub fn judged(&self) -> usize {
        self.verdicts.judged
    }

    /// Runs the request, which must be the same each time but for the time of evaluation. That stays as it is while the inputs do.
    pub fn run(&mut self, request: &Request<'_>) -> Result<Outcome, Refusal> {
        let started = Instant::now();
        let noting = Noting::new(self.host);
        let prepared = prepare(&noting, request);
        self.rules = noting.seen();
        let mut prepared = prepared?;
        let rules = started.elapsed();
        let (result, stats) = match request.onto.is_empty() {
            true => self.over_ground(&prepared, request)?,
            false => {
                self.ground = None;
                let noting = Noting::new(self.host);
                let run = prepared.run(&noting, request);
                self.inputs = noting.seen();
                run?
            }
        };
        let diagnostics = prepared.take_diagnostics();
        Ok(Outcome { result, rules: Box::new(prepared.into_rules()), diagnostics, stats: Stats { rules, ..stats } })
    }

    fn over_ground(
        &mut self,
        prepared: &Prepared,
        request: &Request<'_>,
    ) -> Result<(parapet_model::RunResult, Stats), Refusal> {
        let started = Instant::now();
        let projection = prepared.projection();
        let kept = self.ground.take().filter(|ground| {
            ground.holds(projection)
                && ground.inputs.schema == prepared.schema()
                && self.inputs.changed(self.host).is_empty()
        });
        let ground = match kept {
            Some(ground) => ground,
            None => {
                self.verdicts = Known::default();
                let noting = Noting::new(self.host);
                let inputs = prepared.inputs(&noting, request);
                self.inputs = noting.seen();
                let mut inputs = inputs?;
                let world = world(&mut inputs, projection);
                Ground { inputs, world, projection: projection.clone(), as_of: request.as_of }
            }
        };
        let took = started.elapsed();
        let request = Request { as_of: ground.as_of, ..request.clone() };
        self.verdicts.begin(prepared.program(), prepared.values());
        let run = prepared.judge(self.host, &request, (&ground.inputs, &ground.world), None, Some(&mut self.verdicts));
        self.ground = Some(ground);
        let (result, stats) = run?;
        Ok((result, Stats { inputs: took, ..stats }))
    }
}

impl Ground {
    /// Whether reading the inputs again would make the same of them. A resource with an error in what was read is not among
    /// them, and one that is not read any more has none.
    fn holds(&self, wanted: &Projection) -> bool {
        let is_sound = || self.inputs.strangers.count == 0 && !self.inputs.skipped.iter().any(|skipped| skipped.error);
        self.projection == *wanted || (is_sound() && holds(&self.projection, wanted))
    }
}

/// Whether what was kept is all that is read now. Types as collections decide what stands in for what was not collected.
fn holds(kept: &Projection, wanted: &Projection) -> bool {
    let reads = |(name, properties): (&Name, &FxHashSet<Name>)| {
        kept.properties.get(name).is_some_and(|kept| properties.is_subset(kept))
    };
    kept.collections == wanted.collections
        && kept.everything == wanted.everything
        && (kept.accounts || !wanted.accounts)
        && wanted.properties.iter().all(reads)
}

impl Known {
    /// Begins a run of a program; what was said of guardrails that are no more is forgotten.
    fn begin(&mut self, program: &Program, values: &FxHashMap<std::sync::Arc<str>, Value>) {
        self.judged = 0;
        self.texts = program.guardrails.iter().map(|guardrail| text(program, guardrail, values)).collect();
        let texts: FxHashSet<&String> = self.texts.iter().collect();
        self.said.retain(|text, _| texts.contains(text));
    }

    /// What a guardrail said of the same ground.
    pub(crate) fn said(&self, guardrail: usize) -> Option<&[(Subject, Verdict)]> {
        Some(self.said.get(self.texts.get(guardrail)?)?)
    }

    /// Keeps what guardrails said.
    pub(crate) fn keep(&mut self, verdicts: &[Judged]) {
        let mut new: FxHashMap<usize, Vec<(Subject, Verdict)>> = FxHashMap::default();
        for at in 0..self.texts.len() {
            if self.said(at).is_none() {
                new.insert(at, Vec::new());
            }
        }
        for judged in verdicts {
            new.get_mut(&judged.guardrail).into_iter().for_each(|said| said.push((judged.subject, judged.verdict)));
        }
        self.judged = new.len();
        for (at, said) in new {
            self.texts.get(at).into_iter().for_each(|text| drop(self.said.insert(text.clone(), said.clone())));
        }
    }
}

/// A guardrail and all that it uses, as text.
fn text(program: &Program, guardrail: &Guardrail, values: &FxHashMap<std::sync::Arc<str>, Value>) -> String {
    let mut names = Vec::new();
    walk_statements(&guardrail.body, &mut |expr| mention(&expr.kind, &mut names));
    let mut text = format!("{} {:?} {:?}", guardrail.path, guardrail.population, guardrail.body);
    let mut known: FxHashSet<std::sync::Arc<str>> = FxHashSet::default();
    while let Some(name) = names.pop() {
        if !known.insert(name.clone()) {
            continue;
        }
        let function = program.functions.get(&name);
        let constant = program.constants.get(&name);
        let parameter = program.parameters.get(&name);
        let default = parameter.and_then(|parameter| parameter.default.as_ref()).map(|constant| &constant.value);
        let bodies =
            function.map(|function| &function.body).into_iter().chain(constant.map(|constant| &constant.value));
        for body in bodies.chain(default) {
            walk(body, &mut |expr| mention(&expr.kind, &mut names));
        }
        text.push_str(&format!("\n{name} {function:?} {constant:?} {:?} {parameter:?}", values.get(&name)));
    }
    text
}

/// How long a program that watches waits between two looks, when one takes so long: it is to be idle most of the time.
pub fn pause(look: Duration) -> Duration {
    (look * 20).max(Duration::from_millis(200))
}
