//! Marks of other tools honoured: with `--honor`, what a template's author suppressed for another tool is waived here for
//! the guardrails that carry the tool's rule in `@control`.
//!
//! A mark is about the resource that it stands in, and about all that is made of it. Waivers of rules come first. Nobody
//! waives a `@mandatory` guardrail by a mark. A mark that does nothing is told of.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use parapet_base::LineIndex;
use parapet_interpreter::Subject;
use parapet_inventory::{Suppression, suppressions};
use parapet_model::{Document, GuardrailInfo, Honored, Record, ResourceId, Tool, Verdict, WaiverInfo, WaiverState};
use rustc_hash::FxHashMap;

use crate::inputs::Inputs;
use crate::judging::Judged;
use crate::waivers::{Ending, ending};

/// What honouring needs to know of a run.
pub(crate) struct Honoring<'r> {
    pub(crate) tools: &'r [Tool],
    pub(crate) guardrails: &'r [GuardrailInfo],
    pub(crate) inputs: &'r Inputs,
    pub(crate) as_of: Timestamp,
    /// Every resource was judged.
    pub(crate) whole: bool,
}

/// The documents of a run, each with the resources made of it.
type Documents = Vec<(Arc<Document>, Vec<(ResourceId, Arc<Record>)>)>;

/// A mark, where it stands, and the resources that it is about.
struct Mark<'m> {
    suppression: &'m Suppression,
    path: Arc<str>,
    line: u32,
    column: u32,
    resources: Vec<ResourceId>,
}

impl Honoring<'_> {
    /// Marks what is honoured as waived, adds the marks to the waivers, and gives what is to be noted.
    pub(crate) fn apply(&self, judged: &mut [Judged], waivers: &mut Vec<WaiverInfo>) -> Vec<String> {
        if self.tools.is_empty() {
            return Vec::new();
        }
        let mut verdicts = Verdicts::of(judged);
        let mut notes = Vec::new();
        let mut nameless: BTreeMap<(Tool, String), Vec<String>> = BTreeMap::new();
        for (document, records) in self.documents() {
            let found = suppressions(&document, self.tools);
            let lines = LineIndex::new(&document.text);
            let place = |offset: u32| lines.position(&document.text, offset);
            for (span, why) in &found.unread {
                let place = place(span.start);
                notes.push(format!(
                    "{}:{}:{}: this mark is not honoured: {why}",
                    document.path, place.line, place.column
                ));
            }
            for suppression in &found.found {
                let place = place(suppression.span.start);
                let about = suppression.about;
                let within = |record: &Record| {
                    about.is_some_and(|about| about.start <= record.span.start && record.span.end <= about.end)
                };
                let own = records.iter().filter(|(_, record)| within(record)).map(|(id, _)| *id);
                let (path, line, column) = (document.path.clone(), place.line, place.column);
                let mark = Mark { suppression, path, line, column, resources: own.collect() };
                if !self.honor(&mark, &mut verdicts, waivers, &mut notes) {
                    let id = (suppression.tool, suppression.id.to_string());
                    nameless.entry(id).or_default().push(format!("{}:{line}:{column}", mark.path));
                }
            }
        }
        notes.extend(nameless.iter().map(|((tool, id), places)| meant_for_nothing(*tool, id, places)));
        notes
    }

    /// The documents that resources were made of, in the order of the inputs.
    fn documents(&self) -> Documents {
        let mut documents: Documents = Vec::new();
        let mut known: FxHashMap<*const Document, usize> = FxHashMap::default();
        for (at, given) in self.inputs.given.iter().enumerate() {
            let Some(record) = given.as_ref().and_then(|given| given.kept.as_ref()) else { continue };
            let Some(document) = &record.document else { continue };
            let place = *known.entry(Arc::as_ptr(document)).or_insert_with(|| {
                documents.push((document.clone(), Vec::new()));
                documents.len() - 1
            });
            if let Some((_, records)) = documents.get_mut(place) {
                records.push((ResourceId(at as u32), record.clone()));
            }
        }
        documents
    }

    /// Honours a mark; whether a guardrail of the run carries its id.
    fn honor(
        &self,
        mark: &Mark<'_>,
        verdicts: &mut Verdicts<'_>,
        waivers: &mut Vec<WaiverInfo>,
        notes: &mut Vec<String>,
    ) -> bool {
        let Suppression { tool, id, .. } = mark.suppression;
        let carriers: Vec<(usize, &GuardrailInfo)> =
            self.guardrails.iter().enumerate().filter(|(_, info)| carries(info, *tool, id)).collect();
        for (guardrail, info) in &carriers {
            if info.mandatory {
                let Mark { path, line, column, .. } = mark;
                let whose = format!("`{id}` of {}", tool.name());
                notes.push(format!("{path}:{line}:{column}: {whose} is not honoured: `{}` is mandatory", info.path));
                continue;
            }
            let mut waiver = self.waiver(mark, info);
            let mut met = false;
            for id in &mark.resources {
                let Some(judged) = verdicts.of_pair(*guardrail, *id) else { continue };
                met = true;
                let counts = matches!(judged.verdict, Verdict::Fail | Verdict::Unknown);
                if counts && waiver.state != WaiverState::Expired {
                    waiver.waived += 1;
                    judged.waive(waivers.len());
                }
            }
            waiver.state = match (waiver.state, waiver.waived > 0, met) {
                (WaiverState::Expired, ..) => WaiverState::Expired,
                (_, true, _) => WaiverState::Used,
                (_, false, _) if !self.whole => WaiverState::Idle,
                (_, false, true) => WaiverState::NotNeeded,
                (_, false, false) => WaiverState::CoversNothing,
            };
            waivers.push(waiver);
        }
        !carriers.is_empty()
    }

    fn waiver(&self, mark: &Mark<'_>, guardrail: &GuardrailInfo) -> WaiverInfo {
        let Suppression { tool, id, reason, until, .. } = mark.suppression;
        let last_day = until.as_ref().and_then(|day| parapet_model::parse_time(&format!("{day}T00:00:00Z")));
        let ends = last_day.map_or(Ending::Later, |day| ending(day, self.as_of));
        WaiverInfo {
            guardrail: guardrail.path.clone(),
            honored: Some(Honored { tool: *tool, id: id.to_string() }),
            path: mark.path.clone(),
            line: mark.line,
            column: mark.column,
            until: until.clone(),
            reason: reason.clone(),
            owner: None,
            ticket: None,
            state: if ends == Ending::Over { WaiverState::Expired } else { WaiverState::Idle },
            ends_soon: ends == Ending::Soon,
            waived: 0,
            undecided: None,
        }
    }
}

/// The verdicts of a run by guardrail and resource.
struct Verdicts<'j> {
    judged: &'j mut [Judged],
    places: FxHashMap<(usize, ResourceId), usize>,
}

impl<'j> Verdicts<'j> {
    fn of(judged: &'j mut [Judged]) -> Verdicts<'j> {
        let pair = |(at, judged): (usize, &Judged)| match judged.subject {
            Subject::Resource(id) => Some(((judged.guardrail(), id), at)),
            Subject::Account(_) => None,
        };
        let places = judged.iter().enumerate().filter_map(pair).collect();
        Verdicts { judged, places }
    }

    fn of_pair(&mut self, guardrail: usize, id: ResourceId) -> Option<&mut Judged> {
        self.judged.get_mut(*self.places.get(&(guardrail, id))?)
    }
}

/// Whether a guardrail means the same as a rule of a tool.
fn carries(guardrail: &GuardrailInfo, tool: Tool, id: &str) -> bool {
    let own = guardrail.controls.iter().filter(|(framework, _)| framework == tool.name());
    own.flat_map(|(_, ids)| ids).any(|own| tool.is_same_rule(own, id))
}

/// Says of marks of one rule that no guardrail of the run means the same.
fn meant_for_nothing(tool: Tool, id: &str, places: &[String]) -> String {
    let first = places.first().map(String::as_str).unwrap_or_default();
    let others = match places.len() {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    format!("{first}{others}: no guardrail of this run is `{id}` of {}: the mark does nothing", tool.name())
}
