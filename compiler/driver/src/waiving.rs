//! Waivers applied: which failures and unknowns of a run are covered, and by which waiver.
//!
//! Waivers of the selected rules join the program, so that what their conditions read is read; those that have ended do not.
//! They look at verdicts and are never looked at by them. A waiver whose condition is not known to hold waives nothing.

use std::sync::Arc;

use jiff::Timestamp;
use parapet_base::LineIndex;
use parapet_interpreter::{Engine, Subject};
use parapet_ir::{Coverage, Item as Lowered, Population, Waiver};
use parapet_lower::{add_waivers, is_whole, lowered};
use parapet_model::{Truth, Unknown, Value, Verdict, WaiverInfo, WaiverState};
use parapet_semantic::{Item, SourceFile, item_offset, items, parsed};

use crate::judging::Judged;
use crate::rules::Rules;
use crate::selection::Selected;
use crate::waivers::{Ending, ending};

/// The waivers of the selected rules.
#[derive(Clone, Default)]
pub(crate) struct Waivers {
    /// All of them, in the order of their text.
    pub(crate) infos: Vec<WaiverInfo>,
    active: Vec<Active>,
}

/// A waiver that counts in this run.
#[derive(Clone)]
struct Active {
    /// Its place among the infos.
    info: usize,
    /// The index of its guardrail.
    guardrail: usize,
    waiver: Arc<Waiver>,
}

impl Waivers {
    /// Reads the waivers of the selected rules, and adds those that count to the program.
    pub(crate) fn join(rules: &Rules, selected: &mut Selected, as_of: Timestamp) -> Waivers {
        let mut waivers = Waivers::default();
        for file in rules.selected_files().filter(|file| !rules.is_test_file(*file)) {
            for item in items(&rules.db, file).iter().filter(|item| item.keyword(&rules.db) == "waive") {
                waivers.add(rules, selected, file, *item, as_of);
            }
        }
        let program = waivers.active.iter().map(|active| active.waiver.clone()).collect();
        add_waivers(&rules.db, rules.workspace, &mut selected.program, program);
        waivers
    }

    /// Adds one that checks; what is wrong with the others is among the diagnostics.
    fn add(&mut self, rules: &Rules, selected: &Selected, file: SourceFile, item: Item<'_>, as_of: Timestamp) {
        let Some(lowered) = lowered(&rules.db, rules.workspace, item) else { return };
        let Lowered::Waiver(waiver) = lowered else { return };
        if !is_whole(&rules.db, rules.workspace, item) {
            return;
        }
        let ends = ending(waiver.until, as_of);
        let guardrail = selected.infos.iter().position(|info| *info.path == *waiver.guardrail);
        self.infos.push(info(rules, file, item, waiver, ends));
        if let (Some(guardrail), true) = (guardrail, ends != Ending::Over) {
            let waiver = waiver.clone();
            self.active.push(Active { info: self.infos.len() - 1, guardrail, waiver });
        }
    }

    /// The waiver that covers a failure or an unknown, as its place among the infos; of several, the one that lasts longest.
    pub(crate) fn covering(&mut self, engine: &Engine<'_>, guardrail: usize, subject: Subject) -> Option<usize> {
        let mut best: Option<(Timestamp, usize)> = None;
        for active in self.active.iter().filter(|active| active.guardrail == guardrail) {
            let Some(info) = self.infos.get_mut(active.info) else { continue };
            match covers(engine, &active.waiver, subject) {
                Truth::True => {
                    info.waived += 1;
                    if best.is_none_or(|(until, _)| active.waiver.until > until) {
                        best = Some((active.waiver.until, active.info));
                    }
                }
                Truth::Unknown(unknown) => {
                    let undecided = info.undecided.get_or_insert_with(|| (0, told(&unknown)));
                    undecided.0 += 1;
                }
                Truth::False => {}
            }
        }
        best.map(|(_, info)| info)
    }

    /// Marks what is waived, then says of each waiver what became of it. Where not all resources were judged, one that did
    /// nothing may do something otherwise.
    pub(crate) fn apply(&mut self, engine: &Engine<'_>, judged: &mut [Judged], whole: bool) {
        if self.active.is_empty() {
            return;
        }
        for judged in judged.iter_mut().filter(|judged| matches!(judged.verdict, Verdict::Fail | Verdict::Unknown)) {
            if let Some(waiver) = self.covering(engine, judged.guardrail(), judged.subject) {
                judged.waive(waiver);
            }
        }
        for active in &self.active {
            let Some(info) = self.infos.get_mut(active.info) else { continue };
            let mut own = judged.iter().filter(|judged| judged.guardrail() == active.guardrail);
            info.state = if info.waived > 0 {
                WaiverState::Used
            } else if !whole {
                WaiverState::Idle
            } else if own.any(|judged| covers(engine, &active.waiver, judged.subject) == Truth::True) {
                WaiverState::NotNeeded
            } else {
                WaiverState::CoversNothing
            };
        }
    }
}

fn info(rules: &Rules, file: SourceFile, item: Item<'_>, waiver: &Waiver, ends: Ending) -> WaiverInfo {
    let text = file.text(&rules.db);
    let span = parsed(&rules.db, item).tree.as_ref().map(|tree| tree.name_span).unwrap_or_default();
    let start = span.shift(item_offset(&rules.db, item)).start;
    let place = LineIndex::new(text).position(text, start);
    WaiverInfo {
        guardrail: waiver.guardrail.to_string(),
        honored: None,
        path: file.path(&rules.db).clone(),
        line: place.line,
        column: place.column,
        until: Some(waiver.until.strftime("%Y-%m-%d").to_string()),
        reason: Some(waiver.reason.clone()),
        owner: waiver.owner.clone(),
        ticket: waiver.ticket.clone(),
        state: if ends == Ending::Over { WaiverState::Expired } else { WaiverState::Idle },
        ends_soon: ends == Ending::Soon,
        waived: 0,
        undecided: None,
    }
}

/// Whether a waiver covers a resource or account: one of its parts is enough.
fn covers(engine: &Engine<'_>, waiver: &Waiver, subject: Subject) -> Truth {
    let parts = waiver.coverage.iter().map(|part| match part {
        Coverage::Like(glob) => {
            let called = names(engine, subject).iter().any(|name| glob.is_match(name));
            if called { Truth::True } else { Truth::False }
        }
        Coverage::Where { slot, population, condition } => {
            let Some(value) = member(engine, population, subject) else { return Truth::False };
            engine.evaluate_condition(condition, waiver.slots, &[(*slot, value)]).0
        }
    });
    parts.fold(Truth::False, Truth::or)
}

/// What a pattern is compared with: ARN, id and address, as far as they are known.
fn names(engine: &Engine<'_>, subject: Subject) -> Vec<String> {
    let world = engine.world();
    let text = |value: &Value| value.as_text().map(str::to_owned);
    match subject {
        Subject::Resource(id) => {
            let Some(resource) = world.resource(id) else { return Vec::new() };
            let address = resource.address.as_ref().map(ToString::to_string);
            [text(&resource.arn), text(&resource.id), address].into_iter().flatten().collect()
        }
        Subject::Account(account) => text(&world.account_field(account, "id")).into_iter().collect(),
    }
}

/// The value of a subject, if it belongs to a population.
fn member(engine: &Engine<'_>, population: &Population, subject: Subject) -> Option<Value> {
    match (subject, population) {
        (Subject::Resource(id), Population::AllResources) => Some(Value::Resource(id)),
        (Subject::Resource(id), Population::Types(types)) => {
            let resource_type = engine.world().type_of(id)?;
            types.contains(resource_type).then_some(Value::Resource(id))
        }
        (Subject::Account(account), Population::Accounts) => Some(Value::Account(account)),
        (Subject::Resource(_), Population::Accounts) => None,
        (Subject::Account(_), Population::AllResources | Population::Types(_)) => None,
    }
}

fn told(unknown: &Unknown) -> String {
    match unknown.causes().first() {
        Some(cause) if !cause.path.is_empty() => format!("{}: {}", cause.path, cause.why),
        _ => unknown.why().to_owned(),
    }
}
