//! The pipeline of `parapet check`: rules and inputs to findings.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use parapet_base::{Diagnostic, FileId, LineIndex, Span};
use parapet_builtins::glob;
use parapet_interpreter::{Engine, Explained, Judgement, Read, Subject, World, json};
use parapet_ir::{Guardrail, Population, Projection, verify};
use parapet_model::{
    AccountIndex, Count, Detail, Finding, FoundResource, Name, Node, NodeKind, Resource, ResourceId, RulePlace,
    RunResult, SeenValue, Summary, Tool, UnknownPath, Value, Verdict, Waived,
};
use parapet_semantic::{Scope, item_offset, member, modules};

use crate::baseline::Baseline;
use crate::diagnostics::{diagnostics, has_errors};
use crate::honoring::Honoring;
use crate::host::Host;
use crate::inputs::{self, Inputs, Reading};
use crate::onto::{self, Before, Changed};
use crate::parameters::{self, Parameters};
use crate::places::{Places, RULE, excerpt};
use crate::rules::{self, Rules, RulesError};
use crate::selection::{Selected, Selection, select};
use crate::waiving::Waivers;
use crate::world::{unseen, world};

/// What `check` is asked.
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
    /// An earlier result, whose findings are left out.
    pub baseline: Option<String>,
    /// Other tools whose marks in the inputs count as waivers.
    pub honor: Vec<Tool>,
    pub documents: Documents,
    pub jobs: usize,
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
            baseline: None,
            honor: Vec::new(),
            documents: Documents::default(),
            jobs: 1,
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
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    pub rules: std::time::Duration,
    pub inputs: std::time::Duration,
    pub evaluation: std::time::Duration,
    pub explanation: std::time::Duration,
    pub pairs: usize,
}

/// A finished run.
pub struct Outcome {
    pub result: RunResult,
    pub rules: Box<Rules>,
    /// Non-empty with `--keep-going` only: what did not check.
    pub diagnostics: Vec<(FileId, Diagnostic)>,
    pub stats: Stats,
}

/// Runs `check`.
pub fn check(host: &dyn Host, request: &Request<'_>) -> Result<Outcome, Refusal> {
    let started = std::time::Instant::now();
    let mut prepared = prepare(host, request)?;
    let rules = started.elapsed();
    let (result, stats) = prepared.run(host, request)?;
    let diagnostics = std::mem::take(&mut prepared.diagnostics);
    Ok(Outcome { result, rules: Box::new(prepared.rules), diagnostics, stats: Stats { rules, ..stats } })
}

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

/// Does everything of a request that needs no input.
pub fn prepare(host: &dyn Host, request: &Request<'_>) -> Result<Prepared, Refusal> {
    let baseline = request.baseline.as_deref().map(|path| Baseline::read(host, path));
    let baseline = baseline.transpose().map_err(Refusal::Usage)?;
    let rules = rules::load(host, &request.rules).map_err(|RulesError::Missing(message)| Refusal::Usage(message))?;
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
        let mut stats = Stats::default();
        let started = std::time::Instant::now();
        let (mut inputs, onto) = self.read(host, request)?;
        stats.inputs = started.elapsed();
        let world = world(&mut inputs, &self.projection);
        let engine = self.engine(&world, request);
        let started = std::time::Instant::now();
        let mut verdicts = evaluate(&engine, &self.selected, request, &world)?;
        let vacuous = vacuous(&self.selected, &verdicts);
        let told = match onto {
            Some(onto) => self.keep_new(onto, &engine, request, &mut verdicts)?,
            None => Vec::new(),
        };
        let mut waivers = self.waivers.clone();
        waivers.apply(&engine, &mut verdicts, request.judges_all());
        let notes = self.honoring(request, &inputs).apply(&mut verdicts, &mut waivers.infos);
        stats.evaluation = started.elapsed();
        stats.pairs = verdicts.len();
        if verdicts.is_empty() && !world.is_empty() && !(request.accounts.is_empty() && request.regions.is_empty()) {
            return Err(Refusal::Usage("no resource lies in the accounts and regions that were asked for".to_owned()));
        }
        let started = std::time::Instant::now();
        let findings = explain(host, &self.rules, &engine, &self.selected, &inputs, &verdicts, request)?;
        stats.explanation = started.elapsed();
        let unseen = unseen(&world, &inputs.organisation);
        let mut result = assemble(&self.rules, &self.selected, &world, inputs, &verdicts, findings, request);
        result.notices.extend(unseen);
        result.notices.extend(notes);
        result.vacuous = vacuous;
        result.counts.extend(told);
        result.params = self.parameters.set.clone();
        result.waivers = waivers.infos;
        if let Some(baseline) = self.baseline.clone() {
            baseline.leave_out(&mut result);
        }
        Ok((result, stats))
    }

    /// The inputs; those that are a change of an inventory applied to it.
    fn read(&self, host: &dyn Host, request: &Request<'_>) -> Result<(Inputs, Option<Onto>), Refusal> {
        let nowhere = (None, None);
        if request.onto.is_empty() {
            return Ok((read_inputs(host, &self.rules, request, &request.inputs, nowhere, &self.projection)?, None));
        }
        let inventory = read_inputs(host, &self.rules, request, &request.onto, nowhere, &self.projection)?;
        let place = onto::only_place(&inventory);
        let change = read_inputs(host, &self.rules, request, &request.inputs, place, &self.projection)?;
        let (inputs, changed) = onto::applied(&inventory, change);
        Ok((inputs, Some(Onto { inventory, changed })))
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

    fn engine<'e>(&'e self, world: &'e World, request: &Request<'_>) -> Engine<'e> {
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
        let before = Before::of(&engine, evaluate(&engine, &self.selected, request, &world)?);
        let all = verdicts.len();
        verdicts.retain(|judged| {
            let guardrail = self.selected.program.guardrails.get(judged.guardrail);
            let tells = matches!(judged.verdict, Verdict::Fail | Verdict::Unknown);
            !tells || guardrail.is_none_or(|guardrail| before.is_new(&onto.changed, after, guardrail, judged))
        });
        Ok(onto.changed.counts(all - verdicts.len()))
    }
}

/// An inventory, and how a change lies on it.
struct Onto {
    inventory: Inputs,
    changed: Changed,
}

pub(crate) fn read_inputs(
    host: &dyn Host,
    rules: &Rules,
    request: &Request<'_>,
    paths: &[String],
    place: (Option<Name>, Option<Name>),
    projection: &Projection,
) -> Result<Inputs, Refusal> {
    let schema = rules.schema();
    let mut collected: Vec<Name> = Vec::new();
    for name in &request.collected {
        match schema.resource_type(name) {
            Some(ty) => collected.push(ty.name.clone()),
            None => return Err(Refusal::Usage(format!("`--collected`: no resource type is called `{name}`"))),
        }
    }
    if let Some(name) = &request.input_format
        && name != "auto"
        && !parapet_inventory::FORMATS.iter().any(|format| format.name == name)
    {
        let known: Vec<&str> = parapet_inventory::FORMATS.iter().map(|format| format.name).collect();
        return Err(Refusal::Usage(format!("no input format is called `{name}`; there are {}", known.join(", "))));
    }
    let reading = Reading {
        projection,
        schema,
        format: request.input_format.clone(),
        collected,
        as_of: request.as_of,
        max_age: request.max_age,
        place,
        parameters: template_parameters(host, &request.documents.parameters)?,
        open_world: request.documents.open_world,
        var_files: var_files(host, &request.documents.var_files)?,
        progress: request.progress,
    };
    Ok(inputs::read(host, paths, &reading))
}

/// What a guardrail said of a subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) subject: Subject,
    /// The index of the guardrail.
    pub(crate) guardrail: usize,
    pub(crate) verdict: Verdict,
    /// The waiver that covers it.
    pub(crate) waiver: Option<usize>,
}

impl Judged {
    /// The verdict that results tell.
    fn told(&self) -> Verdict {
        if self.waiver.is_some() { Verdict::Waived } else { self.verdict }
    }

    fn waived(&self) -> Option<Waived> {
        self.waiver.map(|waiver| Waived { verdict: self.verdict, waiver })
    }
}

/// The values that files give to parameters of templates.
fn template_parameters(host: &dyn Host, files: &[String]) -> Result<parapet_inventory::Parameters, Refusal> {
    let mut parameters = parapet_inventory::Parameters::default();
    for file in files {
        let refuse = |why: String| Refusal::Usage(format!("`--parameters {file}`: {why}"));
        let bytes = read_whole(host, file).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| refuse("not UTF-8".to_owned()))?;
        parameters.add(&text).map_err(refuse)?;
    }
    Ok(parameters)
}

fn read_whole(host: &dyn Host, file: &str) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    host.open(Path::new(file))?.take(MOST_PARAMETERS).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// More of a file of parameters is not read; what is longer is refused.
const MOST_PARAMETERS: u64 = 4 << 20;

/// The files that set variables, each of which must be there and hold an object.
fn var_files(host: &dyn Host, files: &[String]) -> Result<Vec<PathBuf>, Refusal> {
    let checked = |file: &String| {
        let refuse = |why: String| Refusal::Usage(format!("`--var-file {file}`: {why}"));
        let mut text = String::new();
        let read = host.open(Path::new(file)).and_then(|reader| reader.take(MOST_VARIABLES).read_to_string(&mut text));
        read.map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        match parapet_model::json::parse(text) {
            Ok(Node { kind: NodeKind::Map(_), .. }) => Ok(PathBuf::from(file)),
            Ok(_) => Err(refuse("not an object".to_owned())),
            Err(error) => Err(refuse(format!("{} (at byte {}); only JSON is read", error.message, error.offset))),
        }
    };
    files.iter().map(checked).collect()
}

/// More of a file of variables is not read; what is longer does not parse.
const MOST_VARIABLES: u64 = 16 << 20;

/// Judges every pair; the result is in the order of subjects, then guardrails.
fn evaluate(
    engine: &Engine<'_>,
    selected: &Selected,
    request: &Request<'_>,
    world: &World,
) -> Result<Vec<Judged>, Refusal> {
    let mut work: Vec<(usize, Vec<Subject>)> = Vec::new();
    for (at, guardrail) in selected.program.guardrails.iter().enumerate() {
        let subjects = subjects(guardrail, request, world);
        work.extend(subjects.chunks(256).map(|chunk| (at, chunk.to_vec())));
    }
    let next = AtomicUsize::new(0);
    let judged = Mutex::new(Vec::new());
    run_parallel(request.jobs, &|| {
        let mut own = Vec::new();
        while let Some((at, subjects)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(guardrail) = selected.program.guardrails.get(*at) else { continue };
            own.extend(subjects.iter().map(|subject| Judged {
                subject: *subject,
                guardrail: *at,
                verdict: engine.judge(guardrail, *subject),
                waiver: None,
            }));
        }
        judged.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
    })?;
    let mut judged = judged.into_inner().unwrap_or_else(PoisonError::into_inner);
    judged.sort_unstable_by_key(|judged| (judged.subject, judged.guardrail));
    Ok(judged)
}

/// Expressions nest as deeply as the parser allows, so that threads get room for it.
pub const STACK: usize = 64 << 20;

fn run_parallel(jobs: usize, work: &(dyn Fn() + Sync)) -> Result<(), Refusal> {
    std::thread::scope(|scope| {
        let spawned: Result<Vec<_>, std::io::Error> =
            (0..jobs.max(1)).map(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)).collect();
        let handles = spawned.map_err(|error| Refusal::Fault(format!("no thread can be started: {error}")))?;
        let crashed = handles.into_iter().map(std::thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        if crashed > 0 { Err(Refusal::Fault("a thread of the evaluation broke off".to_owned())) } else { Ok(()) }
    })
}

fn subjects(guardrail: &Guardrail, request: &Request<'_>, world: &World) -> Vec<Subject> {
    let in_place = |account: &Value, region: Option<&Value>| {
        let text = |value: &Value| value.as_text().unwrap_or_default().to_owned();
        let by_account = request.accounts.is_empty() || request.accounts.contains(&text(account));
        let by_region = region.is_none_or(|region| {
            request.regions.is_empty() || request.regions.iter().any(|glob| glob::like(&text(region), glob))
        });
        by_account && by_region
    };
    let admitted = |resource: &Resource| {
        request.selection.admits_type(&resource.resource_type) && in_place(&resource.account, Some(&resource.region))
    };
    match &guardrail.population {
        Population::Types(types) => {
            let mut ids: Vec<ResourceId> = types.iter().flat_map(|name| world.of_type(name)).copied().collect();
            ids.sort_unstable();
            ids.retain(|id| world.resource(*id).is_some_and(admitted));
            ids.into_iter().map(Subject::Resource).collect()
        }
        Population::AllResources => {
            world.resources().filter(|(_, resource)| admitted(resource)).map(|(id, _)| Subject::Resource(id)).collect()
        }
        Population::Accounts => {
            let accounts = world.accounts().iter().enumerate().filter(|(_, account)| in_place(&account.id, None));
            accounts.map(|(at, _)| Subject::Account(AccountIndex(at as u32))).collect()
        }
    }
}

fn explain(
    host: &dyn Host,
    rules: &Rules,
    engine: &Engine<'_>,
    selected: &Selected,
    inputs: &Inputs,
    verdicts: &[Judged],
    request: &Request<'_>,
) -> Result<Vec<Finding>, Refusal> {
    let told = |verdict: &Verdict| matches!(verdict, Verdict::Fail | Verdict::Unknown);
    let mut judgements: Vec<(Judged, Judgement)> = Vec::new();
    for judged in verdicts.iter().filter(|judged| request.all || told(&judged.verdict)) {
        let Judged { subject, guardrail: at, verdict, .. } = *judged;
        let Some(guardrail) = selected.program.guardrails.get(at) else { continue };
        let judgement = match told(&verdict) {
            true => engine.explain(guardrail, subject),
            false => Judgement { verdict, details: Vec::new(), unknown: Vec::new(), steps: Vec::new() },
        };
        if judgement.verdict != verdict {
            let message = format!(
                "`{}` was {} when judged and {} when explained",
                guardrail.path,
                verdict.name(),
                judgement.verdict.name()
            );
            return Err(Refusal::Fault(message));
        }
        judgements.push((*judged, judgement));
    }
    let world = engine.world();
    let mut wanted: Vec<ResourceId> = Vec::new();
    for (judged, judgement) in &judgements {
        if let Subject::Resource(id) = judged.subject {
            wanted.push(id);
        }
        let reads = judgement.details.iter().flat_map(|detail| &detail.reads);
        wanted.extend(reads.filter_map(|read| read.place.as_ref()).map(|place| place.resource));
    }
    wanted.sort_unstable();
    wanted.dedup();
    let places = Places::read(host, inputs, world, &wanted);
    let mut sources = RuleSources::new(rules);
    let finding = |(judged, judgement): (Judged, Judgement)| {
        let guardrail = selected.program.guardrails.get(judged.guardrail)?;
        let source = sources.of(&guardrail.path)?;
        let details = judgement.details.iter().map(|detail| tell(world, &places, &source, detail)).collect();
        let unknown = judgement
            .unknown
            .iter()
            .map(|cause| UnknownPath { path: cause.path.to_string(), reason: cause.why.to_string() });
        Some(Finding {
            guardrail: judged.guardrail,
            verdict: judged.told(),
            resource: found_resource(world, &places, judged.subject),
            details,
            unknown: unknown.collect(),
            waived: judged.waived(),
        })
    };
    Ok(judgements.into_iter().filter_map(finding).collect())
}

/// Where the guardrails stand in their files.
pub(crate) struct RuleSources<'r> {
    rules: &'r Rules,
    known: rustc_hash::FxHashMap<String, Option<RuleSource>>,
}

/// A guardrail's file and where in it the item begins.
#[derive(Clone)]
pub(crate) struct RuleSource {
    path: std::sync::Arc<str>,
    text: std::sync::Arc<str>,
    lines: std::sync::Arc<LineIndex>,
    offset: u32,
}

impl<'r> RuleSources<'r> {
    pub(crate) fn new(rules: &'r Rules) -> RuleSources<'r> {
        RuleSources { rules, known: rustc_hash::FxHashMap::default() }
    }

    /// The source of a definition's path.
    pub(crate) fn of(&mut self, path: &str) -> Option<RuleSource> {
        let rules = self.rules;
        self.known
            .entry(path.to_owned())
            .or_insert_with(|| {
                let (module, name) = path.rsplit_once("::")?;
                let file = *modules(&rules.db, rules.workspace).get(module)?;
                let definition = member(&rules.db, rules.workspace, file, module, name).ok()?;
                let text = file.text(&rules.db).clone();
                let lines = std::sync::Arc::new(LineIndex::new(&text));
                Some(RuleSource {
                    path: file.path(&rules.db).clone(),
                    text,
                    lines,
                    offset: item_offset(&rules.db, definition.item),
                })
            })
            .clone()
    }
}

impl RuleSource {
    /// The place of a span of the item.
    pub(crate) fn place(&self, span: Span) -> RulePlace {
        let span = span.shift(self.offset);
        let position = self.lines.position(&self.text, span.start);
        let excerpt = excerpt(&self.text, span, RULE).unwrap_or(parapet_model::Excerpt {
            text: String::new(),
            before: 0,
            length: 1,
        });
        let end = self.lines.position(&self.text, span.end);
        let end = (end.line, end.column);
        RulePlace { path: self.path.clone(), line: position.line, column: position.column, end, excerpt }
    }
}

/// Values beyond this many explain nothing more.
const MOST_VALUES: usize = 12;

fn tell(world: &World, places: &Places, source: &RuleSource, detail: &Explained) -> Detail {
    let values = detail.reads.iter().take(MOST_VALUES).map(|read| seen(world, places, read)).collect();
    Detail {
        message: detail.message.clone(),
        rule: source.place(detail.span),
        values,
        counterexamples: detail.counterexamples,
    }
}

/// A read as a report shows it.
pub(crate) fn seen(world: &World, places: &Places, read: &Read) -> SeenValue {
    SeenValue {
        expression: read.text.to_string(),
        value: json(world, &read.value),
        unknown: match &read.value {
            Value::Unknown(unknown) => Some(unknown.why().to_owned()),
            _ => None,
        },
        source: read.place.as_ref().and_then(|place| places.value(place)),
    }
}

fn found_resource(world: &World, places: &Places, subject: Subject) -> FoundResource {
    let text = |value: &Value| value.as_text().map(str::to_owned);
    match subject {
        Subject::Resource(id) => {
            let Some(resource) = world.resource(id) else { return nowhere("Resource") };
            FoundResource {
                resource_type: resource.resource_type.clone(),
                id: resource.label().to_owned(),
                name: text(&resource.name),
                arn: text(&resource.arn),
                account: text(&resource.account),
                region: text(&resource.region),
                address: resource.address.as_ref().map(ToString::to_string),
                source: places.resource(id),
            }
        }
        Subject::Account(account) => {
            let id = text(&world.account_field(account, "id"));
            let name = text(&world.account_field(account, "name"));
            FoundResource { id: id.clone().unwrap_or_else(|| "?".to_owned()), name, account: id, ..nowhere("Account") }
        }
    }
}

fn nowhere(resource_type: &str) -> FoundResource {
    FoundResource {
        resource_type: resource_type.into(),
        id: "?".to_owned(),
        name: None,
        arn: None,
        account: None,
        region: None,
        address: None,
        source: None,
    }
}

/// The guardrails that met no resource, or none that they apply to.
fn vacuous(selected: &Selected, verdicts: &[Judged]) -> Vec<(usize, String)> {
    let why = |at: usize| {
        let own = || verdicts.iter().filter(|judged| judged.guardrail == at);
        match (own().next().is_none(), own().all(|judged| judged.verdict == Verdict::NotApplicable)) {
            (true, _) => Some((at, "no resource".to_owned())),
            (false, true) => Some((at, "only n/a".to_owned())),
            (false, false) => None,
        }
    };
    (0..selected.infos.len()).filter_map(why).collect()
}

fn assemble(
    rules: &Rules,
    selected: &Selected,
    world: &World,
    inputs: Inputs,
    verdicts: &[Judged],
    findings: Vec<Finding>,
    request: &Request<'_>,
) -> RunResult {
    let count = |wanted: Verdict| verdicts.iter().filter(|judged| judged.told() == wanted).count();
    let counts = [
        ("items of deleted resources", inputs.deleted),
        ("older or repeated records", inputs.duplicates),
        ("stale records", inputs.stale),
        ("properties that no schema knows", inputs.unknown_members),
    ];
    RunResult {
        as_of: request.as_of.to_string(),
        rules: rules.packages.iter().filter(|package| package.selected).map(|package| package.info.clone()).collect(),
        params: Vec::new(),
        inputs: inputs.infos,
        summary: Summary {
            resources: world.len(),
            guardrails: selected.infos.len(),
            pass: count(Verdict::Pass),
            fail: count(Verdict::Fail),
            unknown: count(Verdict::Unknown),
            not_applicable: count(Verdict::NotApplicable),
            waived: count(Verdict::Waived),
        },
        baseline: None,
        guardrails: selected.infos.clone(),
        findings,
        vacuous: Vec::new(),
        waivers: Vec::new(),
        skipped: inputs.skipped,
        types: types(selected, world),
        counts: counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name.to_owned(), count))
            .collect(),
        captured: inputs.captured.map(|(oldest, newest)| (oldest.to_string(), newest.to_string())),
        notices: notices(rules, selected),
    }
}

/// Resources by type, most first, with whether some guardrail looks at the type.
fn types(selected: &Selected, world: &World) -> Vec<(String, usize, bool)> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for (_, resource) in world.resources() {
        *counts.entry(&resource.resource_type).or_insert(0) += 1;
    }
    let looked = |name: &str| {
        selected.program.guardrails.iter().any(|guardrail| match &guardrail.population {
            Population::Types(types) => types.iter().any(|ty| **ty == *name),
            Population::AllResources => true,
            Population::Accounts => false,
        })
    };
    let mut types: Vec<(String, usize, bool)> =
        counts.into_iter().map(|(name, count)| (name.to_owned(), count, looked(name))).collect();
    types.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    types
}

fn notices(rules: &Rules, selected: &Selected) -> Vec<String> {
    let mut notices = rules.notices.clone();
    for info in &selected.infos {
        if let Some(instead) = &info.deprecated {
            notices.push(format!("`{}` is deprecated: {instead}", info.path));
        }
        if let Some(date) = &info.pending {
            notices.push(format!("`{}` is in force from {date}: until then its failures do not count", info.path));
        }
    }
    notices
}
