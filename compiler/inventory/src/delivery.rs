//! What all readers share while one input is read: the sink, the counts, what was already said.
//!
//! Whether an input is one of ours shows only when a record is recognised. Faults before that are held back: an
//! input with no record that a reader knows is no faulty inventory, but something else.

use parapet_base::Span;
use parapet_model::{Name, Record, Resource, Schema, json};
use rustc_hash::FxHashSet;

use crate::aws_config::glanced::Items;
use crate::crew::{self, Crew};
use crate::element::{Cut, Element, Envelope, origin};
use crate::enclosed;
use crate::formats::{self, Format};
use crate::names::Interner;
use crate::organisation::Fact;
use crate::place::Place;
use crate::sink::{Addition, By, Collected, Gap, Limits, Sink, Skip, Summary, Types};
use crate::source::Source;

/// So many faults without one record that is recognised: the input is something else.
const MOST_HELD: usize = 1000;

/// The names that every record of ours has one of. A broken text with none of them is something else.
const MARKS: [&str; 14] = [
    "\"format_version\"",
    "\"terraform_version\"",
    "\"resourceType\"",
    "\"configurationItemStatus\"",
    "\"configurationItems\"",
    "\"ResourceDescription\"",
    "\"ResourceDescriptions\"",
    "\"$inventory\"",
    "\"$answer\"",
    "\"properties\"",
    "\"AWS::",
    "\"AWSTemplateFormatVersion\"",
    "\"Parameters\"",
    "\"Resources\"",
];

/// See the module.
pub(crate) struct Delivery<'s> {
    pub(crate) source: &'s Source<'s>,
    pub(crate) schema: &'s Schema,
    pub(crate) input: u32,
    pub(crate) limits: Limits,
    /// The format that was asked for.
    pub(crate) asked: Option<&'static Format>,
    pub(crate) names: Interner,
    /// The names of members.
    pub(crate) keys: json::Keys,
    /// The items of AWS Config that were met.
    pub(crate) items: Items,
    sink: &'s mut dyn Sink,
    summary: Summary,
    /// Faults before the first record that was recognised.
    held: Vec<Skip>,
    /// Gaps before it.
    held_gaps: Vec<Gap>,
    /// Some record was recognised, or a format was asked for.
    known: bool,
    /// A held fault is of a text that looks like a record of ours.
    marked: bool,
    /// What was collected, as far as it was told for one account and region.
    complete: FxHashSet<(Name, Name, Name)>,
    /// Threads that make records, once it is known that the input has some.
    crew: Option<Crew>,
}

/// What a thread keeps from one batch to the next.
pub(crate) struct Kept {
    names: Interner,
    keys: json::Keys,
    items: Items,
    complete: FxHashSet<(Name, Name, Name)>,
}

impl Kept {
    pub(crate) fn shared() -> Kept {
        Kept {
            names: Interner::default(),
            keys: json::Keys::shared(),
            items: Items::default(),
            complete: FxHashSet::default(),
        }
    }
}

impl<'s> Delivery<'s> {
    pub(crate) fn new(source: &'s Source<'s>, sink: &'s mut dyn Sink, asked: Option<&'static Format>) -> Delivery<'s> {
        Delivery {
            source,
            schema: source.schema,
            input: source.input,
            limits: source.limits,
            asked,
            names: Interner::default(),
            keys: json::Keys::unshared(),
            items: Items::default(),
            sink,
            summary: Summary::default(),
            held: Vec::new(),
            held_gaps: Vec::new(),
            known: asked.is_some(),
            marked: false,
            complete: FxHashSet::default(),
            crew: None,
        }
    }

    /// Uses what another delivery kept, and the other way round.
    pub(crate) fn exchange(&mut self, kept: &mut Kept) {
        std::mem::swap(&mut self.names, &mut kept.names);
        std::mem::swap(&mut self.keys, &mut kept.keys);
        std::mem::swap(&mut self.items, &mut kept.items);
        std::mem::swap(&mut self.complete, &mut kept.complete);
    }

    /// The input is one of ours, as others know.
    pub(crate) fn is_known(&mut self) {
        self.known = true;
    }

    /// What was delivered so far.
    pub(crate) fn said(self) -> Summary {
        self.summary
    }

    /// Has threads make records.
    pub(crate) fn with(&mut self, crew: Option<Crew>) {
        self.crew = crew;
    }

    /// Hands a value on to whoever makes records; whether anyone does.
    pub(crate) fn hand_on(&mut self, cut: Cut<'_>, envelope: &Envelope) -> bool {
        if self.crew.is_some() && cut.bytes.len() > crew::LARGEST {
            self.wait();
            return false;
        }
        let Some(crew) = self.crew.as_mut().filter(|_| self.known) else { return false };
        crew.add(cut, envelope);
        self.take_over(false);
        true
    }

    /// Waits for all records that are being made.
    pub(crate) fn wait(&mut self) {
        self.crew.iter_mut().for_each(Crew::hand_on);
        self.take_over(true);
    }

    fn take_over(&mut self, all: bool) {
        while let Some(done) = self.crew.as_mut().and_then(|crew| crew.next(all)) {
            let Summary { formats, records, bytes: _, world, unseen } = done.summary;
            formats.into_iter().for_each(|name| self.recognised_as(name));
            self.summary.records += records;
            if world {
                self.is_world(unseen);
            }
            done.delivered.into_iter().for_each(|one| one.into(self.sink));
        }
    }

    /// A record of this format was met.
    pub(crate) fn recognised(&mut self, format: &Format) {
        if !self.summary.formats.contains(&format.name) {
            self.summary.formats.push(format.name);
        }
        self.known = true;
        self.release();
    }

    /// A list of this format was met, although it has no record.
    pub(crate) fn recognised_as(&mut self, name: &str) {
        if let Some(format) = formats::named(name) {
            self.recognised(format);
        }
    }

    /// The input cannot be read far enough to recognise it: that is an error, not another kind of file.
    pub(crate) fn damaged(&mut self) {
        self.known = true;
        self.release();
    }

    fn release(&mut self) {
        for skip in self.held.drain(..) {
            self.sink.skipped(skip);
        }
        for gap in self.held_gaps.drain(..) {
            self.sink.incomplete(gap);
        }
    }

    /// The input is, to all that was read, none of ours.
    pub(crate) fn hopeless(&self) -> bool {
        !self.known && self.held.len() >= MOST_HELD
    }

    /// The input is a document outside of which nothing exists.
    /// It says nothing of some types, which it cannot hold.
    pub(crate) fn is_world(&mut self, unseen: &'static [&'static str]) {
        self.summary.world = true;
        self.summary.unseen = unseen;
    }

    pub(crate) fn record(&mut self, record: Record) {
        enclosed::untold(self, &record);
        self.summary.records += 1;
        self.sink.record(record);
    }

    /// A live resource that has no record.
    pub(crate) fn typed(&mut self, typed: Box<Resource>) {
        self.summary.records += 1;
        self.sink.typed(typed);
    }

    pub(crate) fn collected(&mut self, collected: Collected) {
        self.sink.collected(collected);
    }

    pub(crate) fn added(&mut self, addition: Addition) {
        self.sink.added(addition);
    }

    /// Resources may be missing; an input that is none of ours says nothing of that.
    pub(crate) fn incomplete(&mut self, gap: Gap) {
        match self.known {
            true => self.sink.incomplete(gap),
            false => self.held_gaps.push(gap),
        }
    }

    /// A type is complete in one account and region; told once.
    pub(crate) fn collected_at(&mut self, resource_type: &Name, account: &Name, region: &Name) {
        if self.complete.insert((resource_type.clone(), account.clone(), region.clone())) {
            self.sink.collected(Collected {
                types: Types::Listed(vec![resource_type.clone()]),
                accounts: Some(vec![account.clone()]),
                regions: Some(vec![region.clone()]),
                by: By::Listing,
                captured: None,
            });
        }
    }

    /// Something about the accounts of the organisation.
    pub(crate) fn told(&mut self, fact: Fact) {
        self.sink.told(fact);
    }

    pub(crate) fn deleted(&mut self, record: Record) {
        self.sink.deleted(record);
    }

    pub(crate) fn ended(&mut self, record: Record) {
        self.sink.ended(record);
    }

    /// Something at a place that is not delivered.
    pub(crate) fn tell(&mut self, place: Place, reason: String, error: bool) {
        let (line, column) = (place.line, place.column);
        self.skip(Skip { origin: origin(self.input, place, 0), line, column, reason, error });
    }

    /// A part of a record that nobody reads.
    pub(crate) fn left_out(&mut self, record: &Record, reason: String) {
        let (line, column) = (record.origin.line, record.origin.column);
        self.skip(Skip { origin: record.origin, line, column, reason, error: false });
    }

    /// A record that nobody reads.
    pub(crate) fn unread(&mut self, element: &Element<'_>, reason: String) {
        let (line, column) = (element.place.line, element.place.column);
        self.skip(Skip { origin: element.origin(0), line, column, reason, error: false });
    }

    /// Something at a span of a record that nobody reads.
    pub(crate) fn passed(&mut self, element: &Element<'_>, span: Span, reason: String) {
        let before = element.text.as_bytes().get(..span.start as usize).unwrap_or_default();
        let Place { line, column, .. } = element.place.after(before);
        self.skip(Skip { origin: element.origin(0), line, column, reason, error: false });
    }

    /// A record in error, at a span of it.
    pub(crate) fn fault(&mut self, element: &Element<'_>, span: Span, reason: &str) {
        self.fault_in(element.text.as_bytes(), element.place, span.start as usize, reason);
    }

    /// A value that no reader knows: an error among records, but no sign that the input has any.
    pub(crate) fn unrecognised(&mut self, element: &Element<'_>, reason: String) {
        let (line, column) = (element.place.line, element.place.column);
        self.skip(Skip { origin: element.origin(0), line, column, reason, error: true });
    }

    /// A record in error, at an offset of its bytes.
    pub(crate) fn fault_in(&mut self, bytes: &[u8], place: Place, offset: usize, reason: &str) {
        let fault = place.after(bytes.get(..offset).unwrap_or(bytes));
        self.fault_at(place, bytes.len() as u64, fault, reason, bytes);
    }

    /// A record in error; `bytes` is what is there of it.
    pub(crate) fn fault_at(&mut self, place: Place, length: u64, fault: Place, reason: &str, bytes: &[u8]) {
        self.marked |= !self.known && looks_ours(bytes);
        self.skip(Skip {
            origin: origin(self.input, place, length),
            line: fault.line,
            column: fault.column,
            reason: reason.to_owned(),
            error: true,
        });
    }

    fn skip(&mut self, skip: Skip) {
        match self.known {
            true => self.sink.skipped(skip),
            false => self.held.push(skip),
        }
    }

    /// The summary, unless no record was recognised and no fault was of a record of ours.
    pub(crate) fn finish(mut self, bytes: u64) -> Option<Summary> {
        self.wait();
        if !self.known && !self.marked {
            return None;
        }
        self.release();
        self.summary.bytes = bytes;
        Some(self.summary)
    }
}

fn looks_ours(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    MARKS.iter().any(|mark| head.contains(mark))
}
