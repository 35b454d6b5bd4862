//! Why a guardrail said what it said: values, their places, and the line of the rule.

use std::cell::RefCell;
use std::sync::Arc;

use parapet_base::{LineIndex, Span};
use parapet_interpreter::{Engine, Explained, Judgement, Read, Subject, World, json};
use parapet_ir::Projection;
use parapet_model::{Detail, Finding, FoundResource, ResourceId, RulePlace, SeenValue, UnknownPath, Value, Verdict};
use parapet_semantic::{item_offset, member, modules};
use rustc_hash::FxHashMap;

use crate::check::{Refusal, Request};
use crate::host::Host;
use crate::inputs::Inputs;
use crate::judging::Judged;
use crate::parallel::{in_parallel, no_thread};
use crate::places::{Places, RULE, Sources, excerpt, properties_of};
use crate::rules::Rules;
use crate::selection::Selected;

/// The findings: what failed or is unknown, each with its explanation; with `all`, the other verdicts too.
pub(crate) fn explain(
    host: &dyn Host,
    rules: &Rules,
    engine: &Engine<'_>,
    selected: &Selected,
    inputs: &Inputs,
    (verdicts, projection): (&[Judged], &Projection),
    request: &Request<'_>,
) -> Result<Vec<Finding>, Refusal> {
    let asked: Vec<Judged> = verdicts.iter().filter(|judged| request.all || is_told(judged.verdict)).copied().collect();
    let world = engine.world();
    let shown = || read_resources(engine, selected, request, &asked);
    let properties = properties_of(projection);
    let inputs = Sources::open(host, inputs, world, shown, Some(&properties))?.showing(request.excerpts);
    let mut sources = RuleSources::new(rules);
    let mut known: FxHashMap<usize, Option<RuleSource>> = FxHashMap::default();
    for judged in &asked {
        let path = || selected.program.guardrails.get(judged.guardrail).map(|guardrail| &guardrail.path);
        known.entry(judged.guardrail).or_insert_with(|| path().and_then(|path| sources.of(path)));
    }
    let findings = in_chunks(request, &asked, &|chunk| {
        let judgements: Vec<_> = chunk.iter().map(|judged| judgement(engine, selected, judged)).collect();
        let places = Places::of(&inputs, judgements.iter().flatten().flat_map(shown_reads));
        let rules = RulePlaces::default();
        let told = |(judged, judgement): (&Judged, Result<Judgement, Refusal>)| {
            let source = match known.get(&judged.guardrail) {
                Some(Some(source)) => source,
                _ => return Ok(None),
            };
            Ok(Some(finding((world, &places), (source, &rules), judged, &judgement?)))
        };
        chunk.iter().zip(judgements).map(told).collect()
    })?;
    findings.into_iter().filter_map(Result::transpose).collect()
}

/// The resources that the explanations of these show something of.
fn read_resources(
    engine: &Engine<'_>,
    selected: &Selected,
    request: &Request<'_>,
    asked: &[Judged],
) -> Result<Vec<ResourceId>, Refusal> {
    let resources = in_chunks(request, asked, &|chunk| {
        let of_one = |judged: &Judged| {
            let judgement = judgement(engine, selected, judged)?;
            let own = match judged.subject {
                Subject::Resource(id) => Some(id),
                Subject::Account(_) => None,
            };
            let places = shown_reads(&judgement).filter_map(|read| read.place.as_ref());
            Ok(places.map(|place| place.resource).chain(own).collect::<Vec<ResourceId>>())
        };
        chunk.iter().map(of_one).collect()
    })?;
    let resources: Vec<Vec<ResourceId>> = resources.into_iter().collect::<Result<_, Refusal>>()?;
    let mut resources = resources.concat();
    resources.sort_unstable();
    resources.dedup();
    Ok(resources)
}

/// The reads that are shown.
fn shown_reads(judgement: &Judgement) -> impl Iterator<Item = &Read> {
    judgement.details.iter().flat_map(|detail| detail.reads.iter().take(MOST_VALUES))
}

/// So many findings are explained at once.
const CHUNK: usize = 128;

/// Does something with some at a time, on all cores; the results are in the order of the things.
fn in_chunks<T: Sync, R: Send>(
    request: &Request<'_>,
    things: &[T],
    work: &(dyn Fn(&[T]) -> Vec<R> + Sync),
) -> Result<Vec<R>, Refusal> {
    let chunk = |at: usize| things.chunks(CHUNK).nth(at).map(work).unwrap_or_default();
    let chunks = in_parallel(request.jobs, things.len().div_ceil(CHUNK), &chunk);
    let chunks = chunks.map_err(|error| Refusal::Fault(no_thread(&error)))?;
    let whole: Option<Vec<Vec<R>>> = chunks.into_iter().collect();
    let whole = whole.ok_or_else(|| Refusal::Fault("a thread of the explanation broke off".to_owned()))?;
    Ok(whole.into_iter().flatten().collect())
}

fn is_told(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail | Verdict::Unknown)
}

/// Why a guardrail said what it said; what the interpreter says when it explains is what was said.
fn judgement(engine: &Engine<'_>, selected: &Selected, judged: &Judged) -> Result<Judgement, Refusal> {
    let Judged { subject, guardrail: at, verdict, .. } = *judged;
    let judgement = match selected.program.guardrails.get(at).filter(|_| is_told(verdict)) {
        Some(guardrail) => engine.explain(guardrail, subject),
        None => Judgement { verdict, details: Vec::new(), unknown: Vec::new(), steps: Vec::new() },
    };
    if judgement.verdict == verdict {
        return Ok(judgement);
    }
    let path = selected.infos.get(at).map_or("?", |info| &info.path);
    let (said, meant) = (verdict.name(), judgement.verdict.name());
    Err(Refusal::Fault(format!("`{path}` was {said} when judged and {meant} when explained")))
}

fn finding(
    (world, places): (&World, &Places<'_, '_>),
    rule: (&RuleSource, &RulePlaces),
    judged: &Judged,
    judgement: &Judgement,
) -> Finding {
    let unknown = judgement
        .unknown
        .iter()
        .map(|cause| UnknownPath { path: cause.path.to_string(), reason: cause.why.to_string() });
    Finding {
        guardrail: judged.guardrail,
        verdict: judged.told(),
        resource: found_resource(world, places, judged.subject),
        details: judgement
            .details
            .iter()
            .map(|detail| tell((world, places), rule, (judged.guardrail, detail)))
            .collect(),
        unknown: unknown.collect(),
        waived: judged.waived(),
    }
}

/// The places of requirements, by guardrail: findings of one show the same few.
#[derive(Default)]
struct RulePlaces(RefCell<FxHashMap<(usize, Span), Arc<RulePlace>>>);

impl RulePlaces {
    fn get(&self, guardrail: usize, span: Span, source: &RuleSource) -> Arc<RulePlace> {
        self.0.borrow_mut().entry((guardrail, span)).or_insert_with(|| Arc::new(source.place(span))).clone()
    }
}

/// Where the guardrails stand in their files.
pub(crate) struct RuleSources<'r> {
    rules: &'r Rules,
    known: FxHashMap<String, Option<RuleSource>>,
}

/// A guardrail's file and where in it the item begins.
#[derive(Clone)]
pub(crate) struct RuleSource {
    path: Arc<str>,
    text: Arc<str>,
    lines: Arc<LineIndex>,
    offset: u32,
}

impl<'r> RuleSources<'r> {
    pub(crate) fn new(rules: &'r Rules) -> RuleSources<'r> {
        RuleSources { rules, known: FxHashMap::default() }
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
                let lines = Arc::new(LineIndex::new(&text));
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

fn tell(
    (world, places): (&World, &Places<'_, '_>),
    (source, rules): (&RuleSource, &RulePlaces),
    (guardrail, detail): (usize, &Explained),
) -> Detail {
    let values = detail.reads.iter().take(MOST_VALUES).map(|read| seen(world, places, read)).collect();
    Detail {
        message: detail.message.clone(),
        rule: rules.get(guardrail, detail.span, source),
        values,
        counterexamples: detail.counterexamples,
    }
}

/// A read as a report shows it.
pub(crate) fn seen(world: &World, places: &Places<'_, '_>, read: &Read) -> SeenValue {
    SeenValue {
        expression: read.text.clone(),
        value: json(world, &read.value),
        unknown: match &read.value {
            Value::Unknown(unknown) => Some(unknown.why().to_owned()),
            _ => None,
        },
        source: read.place.as_ref().and_then(|place| places.value(place)),
    }
}

fn found_resource(world: &World, places: &Places<'_, '_>, subject: Subject) -> FoundResource {
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    match subject {
        Subject::Resource(id) => {
            let Some(resource) = world.resource(id) else { return nowhere("Resource") };
            FoundResource {
                resource_type: resource.resource_type.clone(),
                id: text(&resource.id).unwrap_or_else(|| resource.label().into()),
                name: text(&resource.name),
                arn: text(&resource.arn),
                account: text(&resource.account),
                region: text(&resource.region),
                address: resource.address.clone(),
                source: places.resource(id),
            }
        }
        Subject::Account(account) => {
            let id = text(&world.account_field(account, "id"));
            let name = text(&world.account_field(account, "name"));
            FoundResource { id: id.clone().unwrap_or_else(|| "?".into()), name, account: id, ..nowhere("Account") }
        }
    }
}

fn nowhere(resource_type: &str) -> FoundResource {
    FoundResource {
        resource_type: resource_type.into(),
        id: "?".into(),
        name: None,
        arn: None,
        account: None,
        region: None,
        address: None,
        source: None,
    }
}
