//! The pipeline of `parapet check`: rules and inputs to findings.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use parapet_base::{Diagnostic, FileId};
use parapet_interpreter::{Engine, Subject, World};
use parapet_ir::{Projection, verify};
use parapet_model::{Count, FindingSource, Name, RunResult, Schema, Skipped, Tool, Value, Verdict};
use parapet_semantic::Scope;
use rustc_hash::FxHashMap;

use crate::asked::asked;
use crate::baseline::Baseline;
use crate::diagnostics::{diagnostics, has_errors};
use crate::honoring::Honoring;
use crate::host::{Host, Kind};
use crate::inputs::{self, Early, Inputs};
use crate::judging::{Evaluation, Judged, STACK, evaluate};
use crate::lowered::LARGE;
use crate::onto::{self, Before, Changed};
use crate::parallel::no_thread;
use crate::parameters::{self, Parameters};
use crate::places::properties_of;
use crate::reading::{early, read_inputs, reading};
use crate::rules::{self, Rules, RulesError};
use crate::selection::{Selected, Selection, select};
use crate::summing::{assemble, vacuous};
use crate::telling::Telling;
use crate::tiers::Tier;
use crate::waiving::Waivers;
use crate::watching::Known;
use crate::world::{unseen, world};

/// What `check` is asked.
#[derive(Clone)]
pub struct Request<'r> {
    pub rules: Vec<String>,
    pub selection: Selection,
    pub accounts: Vec<String>,
    /// Globs.
    pub regions: Vec<String>,
    pub inputs: Vec<String>,
    /// An inventory that the inputs are a change of; none: they are the inventory.
    pub onto: Vec<String>,
    pub input_format: Option<String>,
    pub as_of: Timestamp,
    pub params: Vec<(String, String)>,
    pub params_files: Vec<String>,
    pub keep_going: bool,
    /// Also passes and `n/a`.
    pub all: bool,
    pub collected: Vec<String>,
    pub max_age: Option<SignedDuration>,
    /// What no rule reads is checked all the same.
    pub strict: bool,
    /// An earlier result, whose findings are left out.
    pub baseline: Option<String>,
    /// Other tools whose marks in the inputs count as waivers.
    pub honor: Vec<Tool>,
    pub documents: Documents,
    pub tier: Tier,
    pub jobs: usize,
    /// Whether the result says what the bytes of each input hash to ([`InputInfo::sha256`]).
    pub digests: bool,
    /// Whether the result shows lines of the inputs ([`SourcePlace::excerpt`](parapet_model::SourcePlace::excerpt)).
    pub excerpts: bool,
    pub progress: &'r (dyn Fn(u64, u64) + Sync),
}

impl Request<'_> {
    /// A request for everything at a time, with nothing set: no rules, no inputs, on one thread.
    pub fn at(as_of: Timestamp) -> Request<'static> {
        Request {
            rules: Vec::new(),
            selection: Selection::default(),
            accounts: Vec::new(),
            regions: Vec::new(),
            inputs: Vec::new(),
            onto: Vec::new(),
            input_format: None,
            as_of,
            params: Vec::new(),
            params_files: Vec::new(),
            keep_going: false,
            all: false,
            collected: Vec::new(),
            max_age: None,
            strict: false,
            baseline: None,
            honor: Vec::new(),
            documents: Documents::default(),
            tier: Tier::Auto,
            jobs: 1,
            digests: true,
            excerpts: true,
            progress: &|_, _| {},
        }
    }

    /// Whether every resource of the inputs is judged, and not only some that were asked for.
    fn judges_all(&self) -> bool {
        self.accounts.is_empty() && self.regions.is_empty() && self.selection.types.is_empty()
    }
}

/// What reading templates and plans depends on.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// Files with the values of parameters of templates.
    pub parameters: Vec<String>,
    /// A template or plan does not say all that there is.
    pub open_world: bool,
    /// Files that set variables of Terraform configuration.
    pub var_files: Vec<String>,
}

/// How a run of `check` ended before there was a result.
pub enum Refusal {
    /// Status 2.
    Usage(String),
    /// Status 3.
    Rules(Box<Rules>, Vec<(FileId, Diagnostic)>),
    /// Status 70.
    Fault(String),
}

/// Times of the stages, for `--stats`.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub rules: std::time::Duration,
    pub inputs: std::time::Duration,
    pub evaluation: std::time::Duration,
    /// Where findings are told one after the other, what that took belongs to it.
    pub explanation: std::time::Duration,
    pub pairs: usize,
    /// The guardrails that took the longest to judge, the longest first, each with how many resources it judged and the time
    /// of all threads together.
    pub slowest: Vec<(String, usize, std::time::Duration)>,
    /// How many guardrails ran as programs over columns.
    pub programs: usize,
    /// How many of these as machine code.
    pub compiled: usize,
    /// How many programs were made while inputs were read.
    pub ahead: usize,
    /// How often the interpreter was asked of a part of one.
    pub asked: usize,
    /// The guardrails that could not be lowered, and why.
    pub unlowered: Vec<(String, &'static str)>,
}

/// How many of the slowest guardrails `--stats` names.
const SLOWEST: usize = 5;

/// A finished run.
pub struct Outcome {
    pub result: RunResult,
    pub rules: Box<Rules>,
    /// Non-empty with `--keep-going` only: what did not check.
    pub diagnostics: Vec<(FileId, Diagnostic)>,
    pub stats: Stats,
    /// What the run held in memory. To free it takes time that a program which ends need not take.
    pub held: Box<dyn std::any::Any + Send>,
}

/// What becomes of the findings of a run that are told one after the other: told a result without any, and where to take them.
pub type Tell<'t> = dyn FnMut(&RunResult, &dyn FindingSource) + 't;

/// Runs `check`.
pub fn check(host: &dyn Host, request: &Request<'_>) -> Result<Outcome, Refusal> {
    run(host, request, None)
}

/// Runs `check`, and tells its findings: the result that is returned holds none, so that memory does not grow with them.
///
/// Errors: those of [`check`]; a finding that could not be made after others were told is a [`Refusal::Fault`]. A request with
/// a baseline is a fault, for it takes all findings to know which of them it has.
pub fn check_and_tell(host: &dyn Host, request: &Request<'_>, tell: &mut Tell<'_>) -> Result<Outcome, Refusal> {
    match request.baseline {
        Some(_) => Err(Refusal::Fault("findings are compared with a baseline all at once".to_owned())),
        None => run(host, request, Some(tell)),
    }
}

fn run(host: &dyn Host, request: &Request<'_>, tell: Option<&mut Tell<'_>>) -> Result<Outcome, Refusal> {
    let started = std::time::Instant::now();
    let (prepared, early) = prepare_beside(host, request);
    let mut prepared = prepared?;
    let rules = started.elapsed();
    let (result, stats, held) = prepared.run_with(host, request, early, tell)?;
    let diagnostics = std::mem::take(&mut prepared.diagnostics);
    let held = Box::new((held, prepared.selected));
    Ok(Outcome { result, rules: Box::new(prepared.rules), diagnostics, stats: Stats { rules, ..stats }, held })
}

/// What a guardrail said: its number, what was judged, and the verdict.
pub type Said = (usize, Subject, Verdict);

/// Rules that are checked, selected and lowered: ready to judge inputs, any number of times.
pub struct Prepared {
    rules: Rules,
    selected: Selected,
    waivers: Waivers,
    parameters: Parameters,
    projection: Projection,
    baseline: Option<Baseline>,
    /// What did not check, with `--keep-going`.
    diagnostics: Vec<(FileId, Diagnostic)>,
}

/// Prepares, and reads small inputs at the same time.
fn prepare_beside(host: &dyn Host, request: &Request<'_>) -> (Result<Prepared, Refusal>, Early) {
    let small = request.onto.is_empty() && request.jobs > 1 && inputs::early::may_be_read(host, &request.inputs);
    let rules = match load(host, request) {
        Ok(rules) if small => rules,
        rules => return (rules.and_then(|rules| prepare_rules(host, request, rules)), Early::default()),
    };
    let schema = rules.schema();
    std::thread::scope(|scope| {
        let read = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || early(host, schema, request));
        let prepared = prepare_rules(host, request, rules);
        // What is not read early is read later.
        let early = read.ok().and_then(|reading| reading.join().ok()).unwrap_or_default();
        (prepared, early)
    })
}

/// Does everything of a request that needs no input.
pub fn prepare(host: &dyn Host, request: &Request<'_>) -> Result<Prepared, Refusal> {
    prepare_rules(host, request, load(host, request)?)
}

fn load(host: &dyn Host, request: &Request<'_>) -> Result<Rules, Refusal> {
    rules::load(host, &request.rules).map_err(|RulesError::Missing(message)| Refusal::Usage(message))
}

fn prepare_rules(host: &dyn Host, request: &Request<'_>, rules: Rules) -> Result<Prepared, Refusal> {
    let baseline = request.baseline.as_deref().map(|path| Baseline::read(host, path));
    let baseline = baseline.transpose().map_err(Refusal::Usage)?;
    let mut found = diagnostics(&rules, Scope::WithoutTests);
    let failed = has_errors(&found);
    if failed && !request.keep_going {
        return Err(Refusal::Rules(Box::new(rules), found));
    }
    found.retain(|(_, diagnostic)| failed && diagnostic.level() == parapet_base::Level::Error);
    let mut selected = match select(&rules, &request.selection, request.as_of) {
        Ok(selected) => selected,
        Err(message) if !failed => return Err(Refusal::Usage(message)),
        Err(_) => return Err(Refusal::Rules(Box::new(rules), found)),
    };
    let waivers = Waivers::join(&rules, &mut selected, request.as_of);
    let parameters = parameters::read(host, &rules, &request.params, &request.params_files).map_err(Refusal::Usage)?;
    let unset = parameters::unset(&selected.program, &parameters);
    if !unset.is_empty() {
        return Err(Refusal::Usage(format!("these parameters have no default and must be set: {}", unset.join(", "))));
    }
    if let Some(fault) = verify(&selected.program).first() {
        return Err(Refusal::Fault(format!("the lowered form of `{}` is wrong: {}", fault.path, fault.message)));
    }
    let projection = Projection::of(&selected.program);
    Ok(Prepared { rules, selected, waivers, parameters, projection, baseline, diagnostics: found })
}

impl Prepared {
    /// Judges the inputs of a request that has the same rules, selection and parameters as the one prepared for.
    pub fn run(&self, host: &dyn Host, request: &Request<'_>) -> Result<(RunResult, Stats), Refusal> {
        self.run_with(host, request, Early::default(), None).map(|(result, stats, _)| (result, stats))
    }

    fn run_with(
        &self,
        host: &dyn Host,
        request: &Request<'_>,
        early: Early,
        tell: Option<&mut Tell<'_>>,
    ) -> Result<(RunResult, Stats, (Inputs, World)), Refusal> {
        let started = std::time::Instant::now();
        let (mut inputs, onto) = self.read_beside(host, request, early)?;
        let world = world(&mut inputs, &self.projection);
        let took = started.elapsed();
        let (result, stats) = self.judge(host, request, (&inputs, &world), (onto, None), tell)?;
        Ok((result, Stats { inputs: took, ..stats }, (inputs, world)))
    }

    /// Judges a world, whose inputs keep the rest. What guardrails are known to say of it they are not asked again.
    pub(crate) fn judge(
        &self,
        host: &dyn Host,
        request: &Request<'_>,
        (inputs, world): (&Inputs, &World),
        (onto, known): (Option<Onto>, Option<&mut Known>),
        tell: Option<&mut Tell<'_>>,
    ) -> Result<(RunResult, Stats), Refusal> {
        let mut stats = Stats::default();
        let engine = self.engine(world, request);
        let started = std::time::Instant::now();
        let said = |at: usize| known.as_ref().and_then(|known| known.said(at));
        let (mut verdicts, evaluation) = evaluate(&engine, &self.selected, request, (world, &said))?;
        if let Some(known) = known {
            known.keep(&verdicts);
        }
        self.note(&mut stats, &verdicts, evaluation);
        let vacuous = vacuous(&self.selected, &verdicts);
        let (told, unplaced) = match onto {
            Some(onto) => {
                let unplaced = onto.changed.notices.clone();
                (self.keep_new(onto, &engine, request, &mut verdicts)?, unplaced)
            }
            None => (Vec::new(), Vec::new()),
        };
        let mut waivers = self.waivers.clone();
        waivers.apply(&engine, &mut verdicts, request.judges_all());
        let notes = self.honoring(request, inputs).apply(&mut verdicts, &mut waivers.infos);
        stats.evaluation = started.elapsed();
        stats.pairs = verdicts.len();
        if verdicts.is_empty() && !world.is_empty() && !(request.accounts.is_empty() && request.regions.is_empty()) {
            return Err(Refusal::Usage("no resource lies in the accounts and regions that were asked for".to_owned()));
        }
        let started = std::time::Instant::now();
        let wanted = properties_of(&self.projection);
        let ground = (&engine, &self.selected);
        let telling = Telling::new(host, &self.rules, ground, (inputs, &wanted), &verdicts, request)?;
        let unseen = unseen(world, &inputs.organisation);
        let unknown_properties = inputs.strangers.placed(host);
        let mut result = assemble(&self.rules, &self.selected, world, inputs, &verdicts, request);
        result.notices.extend(unseen);
        result.notices.extend(notes);
        result.notices.extend(unplaced);
        result.vacuous = vacuous;
        result.unknown_properties = unknown_properties;
        result.counts.extend(told);
        result.params = self.parameters.set.clone();
        result.request = asked(host, request);
        result.waivers = waivers.infos;
        match tell {
            Some(tell) => {
                tell(&result, &telling);
                if let Some(fault) = telling.fault() {
                    return Err(fault);
                }
            }
            None => result.findings = telling.all(request)?,
        }
        stats.explanation = started.elapsed();
        if let Some(baseline) = self.baseline.clone() {
            baseline.leave_out(&mut result);
        }
        Ok((result, stats))
    }

    /// The verdicts alone, of inputs that are no change of others: each with the number of its guardrail and what was judged,
    /// in the order of subjects, then guardrails. Nothing is explained or waived.
    pub fn verdicts(&self, host: &dyn Host, request: &Request<'_>) -> Result<(Vec<Said>, Stats), Refusal> {
        let mut stats = Stats::default();
        let started = std::time::Instant::now();
        let (mut inputs, _) = self.read(host, request, Early::default())?;
        stats.inputs = started.elapsed();
        let world = world(&mut inputs, &self.projection);
        let engine = self.engine(&world, request);
        let started = std::time::Instant::now();
        let (judged, evaluation) = evaluate(&engine, &self.selected, request, (&world, &|_| None))?;
        stats.evaluation = started.elapsed();
        self.note(&mut stats, &judged, evaluation);
        let said = |judged: &Judged| (judged.guardrail(), judged.subject, judged.verdict);
        Ok((judged.iter().map(said).collect(), stats))
    }

    /// The same as [`Prepared::read`]; where that takes a while, guardrails are lowered and compiled at the same time.
    fn read_beside(
        &self,
        host: &dyn Host,
        request: &Request<'_>,
        early: Early,
    ) -> Result<(Inputs, Option<Onto>), Refusal> {
        // A folder may hold anything.
        let size = |path: &Path| match host.kind(path) {
            Ok(Kind::Folder) => LARGE,
            _ => host.size(path).unwrap_or(0),
        };
        let bytes = request.inputs.iter().map(|input| size(Path::new(input))).sum();
        if request.jobs < 2 || bytes < LARGE {
            return self.read(host, request, early);
        }
        let (selected, tier, ended) = (&self.selected, request.tier, AtomicBool::new(false));
        std::thread::scope(|scope| {
            let make = || selected.lowered.make(&selected.program, tier, bytes, &ended);
            // What is not made ahead is made when it is needed.
            drop(std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, make));
            let read = self.read(host, request, early);
            ended.store(true, Ordering::Relaxed);
            read
        })
    }

    /// The inputs; those that are a change of an inventory applied to it.
    fn read(&self, host: &dyn Host, request: &Request<'_>, early: Early) -> Result<(Inputs, Option<Onto>), Refusal> {
        let nowhere = (None, None);
        if request.onto.is_empty() {
            let mut reading = reading(host, self.rules.schema(), request, nowhere, &self.projection)?;
            reading.early = Mutex::new(early);
            let inputs = inputs::read(host, &request.inputs, &reading);
            return Ok((inputs.map_err(|error| Refusal::Fault(no_thread(&error)))?, None));
        }
        let mut inventory = read_inputs(host, &self.rules, request, &request.onto, nowhere, &self.projection)?;
        inventory.infos.iter_mut().for_each(|info| info.onto = true);
        if inventory.resources.is_empty() {
            inventory.skipped.push(empty(&request.onto));
        }
        let place = onto::only_place(&inventory);
        let change = read_inputs(host, &self.rules, request, &request.inputs, place, &self.projection)?;
        let (inputs, changed) = onto::applied(&mut inventory, change);
        Ok((inputs, Some(Onto { inventory, changed })))
    }

    /// What guardrails say of a world, waived or not; what they are known to say they are not asked again.
    pub(crate) fn verdicts_of(
        &self,
        request: &Request<'_>,
        world: &World,
        known: &mut Known,
    ) -> Result<Vec<Judged>, Refusal> {
        let engine = self.engine(world, request);
        let (mut judged, _) = evaluate(&engine, &self.selected, request, (world, &|at| known.said(at)))?;
        known.keep(&judged);
        self.waivers.clone().apply(&engine, &mut judged, request.judges_all());
        Ok(judged)
    }

    /// The inputs of a request that is no change of an inventory.
    pub(crate) fn inputs(&self, host: &dyn Host, request: &Request<'_>) -> Result<Inputs, Refusal> {
        read_inputs(host, &self.rules, request, &request.inputs, (None, None), &self.projection)
    }

    pub(crate) fn projection(&self) -> &Projection {
        &self.projection
    }

    pub(crate) fn schema(&self) -> Arc<Schema> {
        self.rules.schema()
    }

    pub(crate) fn program(&self) -> &parapet_ir::Program {
        &self.selected.program
    }

    /// The values that parameters are given.
    pub(crate) fn values(&self) -> &FxHashMap<Name, Value> {
        &self.parameters.values
    }

    pub(crate) fn take_diagnostics(&mut self) -> Vec<(FileId, Diagnostic)> {
        std::mem::take(&mut self.diagnostics)
    }

    #[cfg(test)]
    pub(crate) fn selected(&self) -> &Selected {
        &self.selected
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn into_rules(self) -> Rules {
        self.rules
    }

    /// How the evaluation went.
    fn note(&self, stats: &mut Stats, judged: &[Judged], evaluation: Evaluation) {
        stats.pairs = judged.len();
        stats.slowest = self.slowest(judged, &evaluation.times);
        stats.programs = evaluation.programs;
        stats.compiled = evaluation.compiled;
        stats.ahead = self.selected.lowered.ahead();
        stats.asked = evaluation.asked;
        let path = |at: usize| self.selected.infos.get(at).map(|info| info.path.to_string());
        stats.unlowered = evaluation.unlowered.iter().filter_map(|(at, why)| Some((path(*at)?, *why))).collect();
    }

    fn slowest(&self, verdicts: &[Judged], times: &[std::time::Duration]) -> Vec<(String, usize, std::time::Duration)> {
        let mut pairs = vec![0; times.len()];
        for judged in verdicts {
            pairs.get_mut(judged.guardrail()).into_iter().for_each(|count| *count += 1);
        }
        let named = self.selected.infos.iter().zip(pairs).zip(times).filter(|((_, pairs), _)| *pairs > 0);
        let mut slowest: Vec<(String, usize, std::time::Duration)> =
            named.map(|((info, pairs), time)| (info.path.to_string(), pairs, *time)).collect();
        slowest.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
        slowest.truncate(SLOWEST);
        slowest
    }

    fn honoring<'h>(&'h self, request: &'h Request<'_>, inputs: &'h Inputs) -> Honoring<'h> {
        Honoring {
            tools: &request.honor,
            guardrails: &self.selected.infos,
            inputs,
            as_of: request.as_of,
            whole: request.judges_all(),
        }
    }

    pub(crate) fn engine<'e>(&'e self, world: &'e World, request: &Request<'_>) -> Engine<'e> {
        Engine::new(&self.selected.program, world, request.as_of, self.parameters.values.clone())
    }

    /// Leaves out the failures and unknowns that the inventory had before the change.
    fn keep_new(
        &self,
        mut onto: Onto,
        after: &Engine<'_>,
        request: &Request<'_>,
        verdicts: &mut Vec<Judged>,
    ) -> Result<Vec<Count>, Refusal> {
        let world = world(&mut onto.inventory, &self.projection);
        let engine = self.engine(&world, request);
        let before = Before::of(&engine, evaluate(&engine, &self.selected, request, (&world, &|_| None))?.0);
        let all = verdicts.len();
        verdicts.retain(|judged| {
            let guardrail = self.selected.program.guardrails.get(judged.guardrail());
            let tells = matches!(judged.verdict, Verdict::Fail | Verdict::Unknown);
            !tells || guardrail.is_none_or(|guardrail| before.is_new(&onto.changed, after, guardrail, judged))
        });
        Ok(onto.changed.counts(all - verdicts.len()))
    }
}

/// What to say of an inventory without resources: it may be the wrong path.
fn empty(onto: &[String]) -> Skipped {
    let reason = "no resource is in it, so that everything is new".to_owned();
    Skipped { path: onto.join(", "), line: None, column: None, reason, error: false }
}

/// An inventory, and how a change lies on it.
pub(crate) struct Onto {
    inventory: Inputs,
    changed: Changed,
}
