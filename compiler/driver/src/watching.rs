//! Runs that follow one another while rules and inputs change.
//!
//! What was looked at is looked at again; where it looks the same, what was made of it stays. Inputs are read again when one
//! of them changed; when rules read more of some types than was kept, the records of these are. Over the same inputs a guardrail is judged again when it,
//! or something that it uses, is not what it was.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parapet_interpreter::{Subject, World};
use parapet_ir::{Guardrail, Program, Projection, walk, walk_statements};
use parapet_lower::mention;
use parapet_model::{Name, Skipped, Value, Verdict};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::{Outcome, Prepared, Refusal, Request, Stats, prepare};
use crate::filling::{Filled, filled};
use crate::holding::{Held, held};
use crate::host::{Host, Noting, Seen};
use crate::inputs::Inputs;
use crate::judging::Judged;
use crate::world::world;

/// Runs of one request.
#[derive(Default)]
pub struct Watch {
    rules: Seen,
    inputs: Seen,
    ground: Option<Ground>,
    verdicts: Known,
    /// How often the inputs were something else than before.
    moves: u64,
    /// How often they were read.
    reads: u64,
}

/// What the last run judged.
struct Ground {
    inputs: Inputs,
    world: World,
    /// As much as was kept of them.
    projection: Projection,
    as_of: Timestamp,
    /// How often more of them was read.
    fills: usize,
}

/// What more is read of resources does not take the room of what there was, so that all is read again after so often.
const MOST_FILLS: usize = 16;

/// What guardrails said of the ground, each by all that its verdict depends on.
#[derive(Default)]
pub(crate) struct Known {
    said: FxHashMap<String, Vec<(Subject, Verdict)>>,
    /// Of the guardrails of this run.
    texts: Vec<String>,
    /// How many of them were judged.
    judged: usize,
}

/// What one guardrail says of all that it judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Its path.
    pub guardrail: Arc<str>,
    pub pass: usize,
    pub not_applicable: usize,
    pub waived: usize,
    /// What fails, in the order of the inputs.
    pub fail: Vec<Subject>,
    /// What is unknown, in the order of the inputs.
    pub unknown: Vec<Subject>,
}

/// A resource or account, and where its record begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Type and identifier.
    pub label: String,
    /// The input, if it stands in one.
    pub path: Option<PathBuf>,
    /// From 1; 0 without an input.
    pub line: u32,
    pub column: u32,
}

impl Watch {
    pub fn new() -> Watch {
        Watch::default()
    }

    /// The files and folders that are not what they were in the last run, in order.
    pub fn changed(&self, host: &dyn Host) -> Vec<PathBuf> {
        let mut changed = self.rules.changed(host);
        changed.extend(self.inputs.changed(host));
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// How often a run found its inputs changed: what was judged before is told by other subjects.
    pub fn moves(&self) -> u64 {
        self.moves
    }

    /// How often inputs were read: only then [`Watch::held`] may say something else.
    pub fn reads(&self) -> u64 {
        self.reads
    }

    /// Which texts the inputs hold, as far as rules read them.
    pub fn held(&self) -> Held {
        self.ground.as_ref().map_or_else(Held::default, |ground| held(&ground.world, &ground.inputs.schema))
    }

    /// How many guardrails the last run judged anew.
    pub fn judged(&self) -> usize {
        self.verdicts.judged
    }

    /// Runs the request, which must be the same each time but for the time of evaluation. That stays as it is while the inputs do.
    pub fn run(&mut self, host: &dyn Host, request: &Request<'_>) -> Result<Outcome, Refusal> {
        let started = Instant::now();
        let mut prepared = self.prepare(host, request)?;
        let checking = started.elapsed();
        let (result, stats) = match request.onto.is_empty() {
            true => {
                let started = Instant::now();
                let ground = self.ground(host, &prepared, request)?;
                let took = started.elapsed();
                let request = Request { as_of: ground.as_of, ..request.clone() };
                let known = Some(&mut self.verdicts);
                let run = prepared.judge(host, &request, (&ground.inputs, &ground.world), (None, known), None);
                self.ground = Some(ground);
                let (result, stats) = run?;
                (result, Stats { inputs: took, ..stats })
            }
            false => {
                self.ground = None;
                let noting = Noting::new(host);
                let run = prepared.run(&noting, request);
                self.inputs = noting.seen();
                run?
            }
        };
        let diagnostics = prepared.take_diagnostics();
        let (rules, stats) = (Box::new(prepared.into_rules()), Stats { rules: checking, ..stats });
        Ok(Outcome { result, rules, diagnostics, stats, held: Box::new(()) })
    }

    /// What each guardrail says, without explanations; the inputs must not be a change of an inventory.
    pub fn tallies(&mut self, host: &dyn Host, request: &Request<'_>) -> Result<Vec<Tally>, Refusal> {
        let prepared = self.prepare(host, request)?;
        let ground = self.ground(host, &prepared, request)?;
        let request = Request { as_of: ground.as_of, ..request.clone() };
        let judged = prepared.verdicts_of(&request, &ground.world, &mut self.verdicts);
        self.ground = Some(ground);
        let tally = |guardrail: &Arc<Guardrail>| Tally {
            guardrail: guardrail.path.clone(),
            pass: 0,
            not_applicable: 0,
            waived: 0,
            fail: Vec::new(),
            unknown: Vec::new(),
        };
        let mut tallies: Vec<Tally> = prepared.program().guardrails.iter().map(tally).collect();
        for judged in judged? {
            let Some(tally) = tallies.get_mut(judged.guardrail()) else { continue };
            match judged.told() {
                Verdict::Pass => tally.pass += 1,
                Verdict::NotApplicable => tally.not_applicable += 1,
                Verdict::Waived => tally.waived += 1,
                Verdict::Fail => tally.fail.push(judged.subject),
                Verdict::Unknown => tally.unknown.push(judged.subject),
            }
        }
        Ok(tallies)
    }

    /// What the last run could not read.
    pub fn broken(&self) -> Vec<Skipped> {
        let skipped = self.ground.iter().flat_map(|ground| &ground.inputs.skipped);
        skipped.filter(|skipped| skipped.error).cloned().collect()
    }

    /// What was passed over, because no reader knows it.
    pub fn passed_over(&self) -> Vec<Skipped> {
        let skipped = self.ground.iter().flat_map(|ground| &ground.inputs.skipped);
        skipped.filter(|skipped| !skipped.error).cloned().collect()
    }

    /// Whether a file at a path, or in the folder there, was read.
    pub fn has_read(&self, path: &Path) -> bool {
        self.ground.iter().flat_map(|ground| &ground.inputs.paths).any(|read| read.starts_with(path))
    }

    /// Something that the last run judged.
    pub fn found(&self, subject: Subject) -> Option<Found> {
        let ground = self.ground.as_ref()?;
        Some(match subject {
            Subject::Resource(id) => {
                let resource = ground.world.resource(id)?;
                Found {
                    label: format!("{} {}", resource.resource_type, resource.label()),
                    path: ground.inputs.paths.get(resource.origin.input as usize).cloned(),
                    line: resource.origin.line,
                    column: resource.origin.column,
                }
            }
            Subject::Account(account) => {
                let id = ground.world.account_field(account, "id");
                Found { label: format!("account {}", id.as_text().unwrap_or("?")), path: None, line: 0, column: 0 }
            }
        })
    }

    fn prepare(&mut self, host: &dyn Host, request: &Request<'_>) -> Result<Prepared, Refusal> {
        let noting = Noting::new(host);
        let prepared = prepare(&noting, request);
        self.rules = noting.seen();
        prepared
    }

    /// The inputs as they are, read again if they must be.
    fn ground(&mut self, host: &dyn Host, prepared: &Prepared, request: &Request<'_>) -> Result<Ground, Refusal> {
        let projection = prepared.projection();
        let moved = !self.inputs.changed(host).is_empty();
        self.moves += u64::from(moved);
        let kept = self.ground.take().filter(|ground| !moved && ground.inputs.schema == prepared.schema());
        let ground = match kept {
            Some(ground) if ground.holds(projection) => Some(ground),
            Some(ground) => {
                self.reads += 1;
                ground.filled(host, projection, request)
            }
            None => None,
        };
        let ground = match ground {
            Some(ground) => ground,
            None => {
                self.verdicts = Known::default();
                self.reads += 1;
                let noting = Noting::new(host);
                let inputs = prepared.inputs(&noting, request);
                self.inputs = noting.seen();
                let mut inputs = inputs?;
                let world = world(&mut inputs, projection);
                Ground { inputs, world, projection: projection.clone(), as_of: request.as_of, fills: 0 }
            }
        };
        self.verdicts.begin(prepared.program(), prepared.values());
        Ok(ground)
    }
}

impl Ground {
    /// Whether reading the inputs again would make the same of them. A resource with an error in what was read is not among
    /// them, and one that is not read any more has none.
    fn holds(&self, wanted: &Projection) -> bool {
        self.projection == *wanted || (self.is_sound() && holds(&self.projection, wanted))
    }

    fn is_sound(&self) -> bool {
        self.inputs.strangers.count == 0 && !self.inputs.skipped.iter().any(|skipped| skipped.error)
    }

    /// The same with more of resources of some types, where the records of these are all that it takes.
    fn filled(mut self, host: &dyn Host, wanted: &Projection, request: &Request<'_>) -> Option<Ground> {
        let may_be = self.fills < MOST_FILLS
            && self.is_sound()
            && !request.strict
            && request.input_format.as_deref().is_none_or(|format| format == "auto")
            && (self.projection.accounts || !wanted.accounts)
            && (self.projection.any_tags || !wanted.any_tags);
        if !may_be {
            return None;
        }
        // What was read before stays, so that an edit that is taken back reads nothing.
        let projection = wanted.clone().with(&self.projection);
        let ground = (&self.inputs, &self.world);
        let filled = filled(host, ground, (&self.projection, &projection), request.jobs)?;
        self.inputs.resources = self.world.into_resources();
        for Filled { id, resource, given } in filled {
            let at = id.0 as usize;
            if given.is_some() {
                self.inputs.given.get_mut(at).into_iter().for_each(|known| known.clone_from(&given));
            }
            let packed = !projection.joins(&resource.resource_type);
            self.inputs.resources.replace(at, resource, packed);
        }
        self.inputs.resources.close();
        let world = world(&mut self.inputs, &projection);
        Some(Ground { world, projection, fills: self.fills + 1, ..self })
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
        && (kept.any_tags || (!wanted.any_tags && wanted.tagged.is_subset(&kept.tagged)))
        && wanted.properties.iter().all(reads)
}

impl Known {
    /// Begins a run of a program; what was said of guardrails that are no more is forgotten.
    fn begin(&mut self, program: &Program, values: &FxHashMap<Arc<str>, Value>) {
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
            new.get_mut(&judged.guardrail()).into_iter().for_each(|said| said.push((judged.subject, judged.verdict)));
        }
        self.judged = new.len();
        for (at, said) in new {
            self.texts.get(at).into_iter().for_each(|text| drop(self.said.insert(text.clone(), said.clone())));
        }
    }
}

/// A guardrail and all that it uses, as text.
fn text(program: &Program, guardrail: &Guardrail, values: &FxHashMap<Arc<str>, Value>) -> String {
    let mut names = Vec::new();
    walk_statements(&guardrail.body, &mut |expr| mention(&expr.kind, &mut names));
    let mut text = format!("{} {:?} {:?}", guardrail.path, guardrail.population, guardrail.body);
    let mut known: FxHashSet<Arc<str>> = FxHashSet::default();
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
