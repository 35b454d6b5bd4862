//! Why a guardrail said what it said: values, their places, and the line of the rule.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use parapet_base::{LineIndex, Span};
use parapet_interpreter::{Engine, Explained, Judgement, Read, Subject, World, json};
use parapet_inventory::Wanted;
use parapet_model::{
    Detail, Finding, FindingSource, FoundResource, ResourceId, RulePlace, SeenValue, UnknownPath, Value, Verdict,
};
use parapet_semantic::{item_offset, member, modules};
use rustc_hash::FxHashMap;

use crate::check::{Refusal, Request};
use crate::excerpts::{RULE, excerpt};
use crate::host::Host;
use crate::inputs::Inputs;
use crate::judging::Judged;
use crate::parallel::{in_parallel, no_thread};
use crate::places::{Places, Sources};
use crate::rules::Rules;
use crate::selection::Selected;

/// Explains findings: what failed or is unknown, with `all` the other verdicts too; those that are asked for, when they are.
pub(crate) struct Telling<'t> {
    engine: &'t Engine<'t>,
    selected: &'t Selected,
    inputs: Sources<'t>,
    /// The sources of guardrails, by index.
    sources: FxHashMap<usize, RuleSource>,
    told: Vec<Judged>,
    /// Why some finding could not be made, if somebody asked for it as a [`FindingSource`].
    fault: Mutex<Option<Refusal>>,
}

impl<'t> Telling<'t> {
    /// `wanted` are the properties that guardrails read.
    pub(crate) fn new(
        host: &'t dyn Host,
        rules: &Rules,
        (engine, selected): (&'t Engine<'t>, &'t Selected),
        (inputs, wanted): (&'t Inputs, &'t Wanted<'t>),
        verdicts: &[Judged],
        request: &Request<'_>,
    ) -> Result<Telling<'t>, Refusal> {
        let told: Vec<Judged> =
            verdicts.iter().filter(|judged| request.all || is_told(judged.verdict)).copied().collect();
        let shown = || read_resources(engine, selected, request, &told);
        let inputs = Sources::open(host, inputs, engine.world(), shown, Some(wanted))?.showing(request.excerpts);
        let mut known = RuleSources::new(rules);
        let mut sources = FxHashMap::default();
        for judged in &told {
            if let Entry::Vacant(new) = sources.entry(judged.guardrail()) {
                let guardrail = selected.program.guardrails.get(judged.guardrail());
                let source = guardrail.and_then(|guardrail| known.of(&guardrail.path));
                new.insert(source.ok_or_else(|| Refusal::Fault("a guardrail has no source".to_owned()))?);
            }
        }
        Ok(Telling { engine, selected, inputs, sources, told, fault: Mutex::default() })
    }

    /// All of them.
    pub(crate) fn all(&self, request: &Request<'_>) -> Result<Vec<Finding>, Refusal> {
        let findings = in_chunks(request, &self.told, &|chunk| match self.explained(chunk) {
            Ok(findings) => findings.into_iter().map(Ok).collect(),
            Err(refusal) => vec![Err(refusal)],
        })?;
        findings.into_iter().collect()
    }

    /// Why one of them could not be made.
    pub(crate) fn fault(self) -> Option<Refusal> {
        self.fault.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn explained(&self, chunk: &[Judged]) -> Result<Vec<Finding>, Refusal> {
        let world = self.engine.world();
        let judgements: Result<Vec<Judgement>, Refusal> =
            chunk.iter().map(|judged| judgement(self.engine, self.selected, judged)).collect();
        let judgements = judgements?;
        let places = Places::of(&self.inputs, judgements.iter().flat_map(shown_reads));
        let rules = RulePlaces::default();
        let told = |(judged, judgement): (&Judged, &Judgement)| {
            let source = self.sources.get(&judged.guardrail())?;
            Some(finding((world, &places), (source, &rules), judged, judgement))
        };
        let findings: Option<Vec<Finding>> = chunk.iter().zip(&judgements).map(told).collect();
        findings.ok_or_else(|| Refusal::Fault("a guardrail has no source".to_owned()))
    }
}

impl FindingSource for Telling<'_> {
    fn verdicts(&self) -> Vec<(usize, Verdict)> {
        self.told.iter().map(|judged| (judged.guardrail(), judged.told())).collect()
    }

    fn made(&self, at: &[usize]) -> io::Result<Vec<Cow<'_, Finding>>> {
        let chunk: Vec<Judged> = at.iter().filter_map(|at| self.told.get(*at)).copied().collect();
        match self.explained(&chunk) {
            Ok(findings) => Ok(findings.into_iter().map(Cow::Owned).collect()),
            Err(refusal) => {
                let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
                fault.get_or_insert(refusal);
                Err(io::Error::other("a finding could not be explained"))
            }
        }
    }
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
    let (subject, at, verdict) = (judged.subject, judged.guardrail(), judged.verdict);
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
        guardrail: judged.guardrail(),
        verdict: judged.told(),
        resource: found_resource(world, places, judged.subject),
        details: judgement
            .details
            .iter()
            .map(|detail| tell((world, places), rule, (judged.guardrail(), detail)))
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::places::properties_of;
    use crate::{Memory, check, check_and_tell};

    const RULES: &str = "guardrail held(db: AWS::RDS::DBInstance) {\n    require db.StorageEncrypted ?? false\n}\n";

    fn request() -> Request<'static> {
        let (rules, inputs) = (vec!["rules.parapet".to_owned()], vec!["in.ndjson".to_owned()]);
        Request { rules, inputs, all: true, ..Request::at(Timestamp::UNIX_EPOCH) }
    }

    fn host() -> Memory {
        let line = |at: usize| {
            let held = at.is_multiple_of(3);
            format!(
                "{{\"resourceType\":\"AWS::RDS::DBInstance\",\"resourceId\":\"db-{at}\",\"awsAccountId\":\"1\",\
                 \"awsRegion\":\"eu-west-1\",\"configuration\":{{\"dBInstanceIdentifier\":\"db-{at}\",\
                 \"storageEncrypted\":{held}}}}}\n"
            )
        };
        let files = [("rules.parapet", RULES.to_owned()), ("in.ndjson", (0..700).map(line).collect())];
        Memory::new(Timestamp::UNIX_EPOCH).with(files.map(|(name, text)| (name.to_owned(), text)))
    }

    #[test]
    fn findings_told_one_after_the_other_are_those_of_a_whole_result() {
        let Ok(whole) = check(&host(), &request()) else { panic!("the request is refused") };
        assert_eq!(whole.result.findings.len(), 700);
        let mut told: Vec<Finding> = Vec::new();
        let outcome = check_and_tell(&host(), &request(), &mut |result, findings| {
            assert_eq!(result.summary, whole.result.summary);
            let verdicts = findings.verdicts();
            let at: Vec<usize> = (0..verdicts.len()).collect();
            for some in at.chunks(100) {
                told.extend(findings.made(some).unwrap().into_iter().map(std::borrow::Cow::into_owned));
            }
            assert!(told.iter().map(|finding| (finding.guardrail, finding.verdict)).eq(verdicts));
        });
        let Ok(outcome) = outcome else { panic!("the request is refused") };
        assert_eq!(told, whole.result.findings);
        assert_eq!(outcome.result.findings, []);
    }

    #[test]
    fn lines_are_cut_out_only_where_they_are_shown() {
        for excerpts in [false, true] {
            let Ok(outcome) = check(&host(), &Request { excerpts, ..request() }) else { panic!("refused") };
            let places = outcome.result.findings.iter().filter_map(|finding| finding.resource.source.as_ref());
            let shown: Vec<bool> = places.map(|place| place.excerpt.is_some()).collect();
            assert_eq!(shown, [excerpts; 700]);
        }
    }

    /// What is explained is what was judged: anything else is a fault, and never a finding.
    #[test]
    fn a_verdict_that_the_interpreter_does_not_give_is_a_fault() {
        let (host, request) = (host(), request());
        let Ok(prepared) = crate::prepare(&host, &request) else { panic!("the rules do not check") };
        let Ok(mut inputs) = prepared.inputs(&host, &request) else { panic!("the inputs are refused") };
        let world = crate::world::world(&mut inputs, prepared.projection());
        let engine = prepared.engine(&world, &request);
        let wanted = properties_of(prepared.projection());
        let judged = |at: u32, verdict: Verdict| Judged::new(Subject::Resource(ResourceId(at)), 0, verdict);
        for (last, is_fault) in [(Verdict::Fail, false), (Verdict::Unknown, true)] {
            let verdicts = [judged(1, Verdict::Fail), judged(2, Verdict::Fail), judged(4, last)];
            let (ground, inputs) = ((&engine, prepared.selected()), (&inputs, &wanted as &Wanted<'_>));
            let telling = Telling::new(&host, prepared.rules(), ground, inputs, &verdicts, &request);
            let Ok(telling) = telling else { panic!("nothing can be told") };
            assert_eq!(telling.all(&request).is_err(), is_fault);
            assert_eq!(telling.made(&[0, 1, 2]).is_err(), is_fault);
            let fault = match telling.fault() {
                Some(Refusal::Fault(why)) => why,
                Some(_) => panic!("no fault of the request"),
                None => String::new(),
            };
            let meant = if is_fault { "`rules::held` was unknown when judged and fail when explained" } else { "" };
            assert_eq!(fault, meant);
        }
    }

    #[test]
    fn a_baseline_takes_all_findings_at_once() {
        let host = host().with([("before.json".to_owned(), "{\"findings\":[]}".to_owned())]);
        let request = Request { baseline: Some("before.json".to_owned()), ..request() };
        let told = check_and_tell(&host, &request, &mut |_, _| panic!("nothing can be told"));
        assert!(matches!(told, Err(Refusal::Fault(_))));
    }
}
