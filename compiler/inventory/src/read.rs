//! Reads one input: decompresses it, splits it into records and hands each to the reader of its format.
//!
//! Elements of a list whose envelope has yet to say what they are (the `TypeName` of a Cloud Control answer,
//! which columns a query chose) wait for the end of the list, within the bound on one record.

use std::io::Read;

use parapet_model::{Name, Node, NodeKind, Proof, json};

use crate::crew::Crew;
use crate::decompress;
use crate::delivery::Delivery;
use crate::element::{self, Cut, Envelope, member_text};
use crate::formats::{self, Format};
use crate::place::Place;
use crate::service_answers;
use crate::sink::{By, Collected, Error, Gap, Limits, Sink, Summary, Types};
use crate::source::Source;
use crate::splitter::{Piece, Splitter};
use crate::terraform;
use crate::whole::{self, Whole};

/// Reads an input to its end and pushes what it holds into `sink`.
///
/// A truncated or partly malformed input is no `Err`: everything readable is delivered and the rest is in
/// [`Sink::skipped`].
pub fn read(source: &Source<'_>, reader: &mut dyn Read, sink: &mut dyn Sink) -> Result<Summary, Error> {
    read_with(source, reader, sink, (asked(source)?, None))
}

/// The same, with so many threads that make records of the values which this one cuts out of the input. The first `Err`: no
/// thread can be started.
pub fn read_on(
    threads: usize,
    source: &Source<'_>,
    reader: &mut dyn Read,
    sink: &mut dyn Sink,
) -> std::io::Result<Result<Summary, Error>> {
    let asked = match asked(source) {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(error)),
    };
    std::thread::scope(|scope| {
        let crew = Crew::start(scope, source, asked, threads)?;
        Ok(read_with(source, reader, sink, (asked, Some(crew))))
    })
}

fn asked(source: &Source<'_>) -> Result<Option<&'static Format>, Error> {
    match source.format {
        // A file that is named as configuration is nothing else, however little of it can be read.
        None | Some("auto") if terraform::is_named_configuration(source.path) => Ok(formats::named("terraform")),
        None | Some("auto") => Ok(None),
        Some(name) => formats::named(name).map(Some).ok_or_else(|| Error::UnknownFormat(name.to_owned())),
    }
}

fn read_with(
    source: &Source<'_>,
    reader: &mut dyn Read,
    sink: &mut dyn Sink,
    (asked, crew): (Option<&'static Format>, Option<Crew>),
) -> Result<Summary, Error> {
    if source.path.extension().is_some_and(|extension| extension == "tf") {
        return Err(Error::NotYet("Terraform configuration in HCL (`.tf`) is not read yet; a plan of it is"));
    }
    let mut opened = decompress::open(reader).map_err(Error::Io)?;
    let mut cx = Delivery::new(source, sink, asked);
    cx.keys = json::Keys::shared();
    cx.with(crew);
    let mut input = match whole::read(&mut cx, &mut *opened.reader) {
        Whole::Read(bytes) => return cx.finish(bytes).ok_or(Error::Unrecognised),
        Whole::Records(input) => input,
    };
    let mut splitter = Splitter::new(&mut input, source.limits);
    splitter.skip_mark();
    let pieces = match service_answers::table(&cx, splitter.first_line(MOST_HEADER)) {
        Some(table) => table_of(&mut cx, &mut splitter, table),
        None => pieces(&mut cx, &mut splitter),
    };
    cx.wait();
    let bytes = splitter.read_bytes();
    match (splitter.failure(), opened.compression) {
        (Some(error), None) => return Err(Error::Io(error)),
        (Some(error), Some(compression)) => {
            let here = splitter.here();
            cx.damaged();
            cx.fault_at(here, 0, here, &format!("the {compression} stream is truncated or damaged: {error}"), &[]);
        }
        (None, _) if pieces == 0 => return Err(Error::Empty),
        (None, _) => {}
    }
    cx.finish(bytes).ok_or(Error::Unrecognised)
}

/// So much of an input is looked at for the columns of a table.
const MOST_HEADER: usize = 64 << 10;

/// Reads an input that is one table.
fn table_of(cx: &mut Delivery<'_>, splitter: &mut Splitter<'_>, table: service_answers::Table) -> usize {
    let at = splitter.here();
    match splitter.rest() {
        Some(bytes) => table.deliver(cx, bytes, at),
        None => {
            cx.damaged();
            cx.fault_at(at, 0, at, &format!("a table of more than {} bytes", cx.limits.record), &[]);
        }
    }
    1
}

/// Reads all pieces and counts them.
fn pieces(cx: &mut Delivery<'_>, splitter: &mut Splitter<'_>) -> usize {
    let mut answer = Answer::default();
    let mut count = 0;
    loop {
        let piece = splitter.next();
        if !matches!(piece, Piece::Value { .. }) {
            cx.wait();
        }
        match piece {
            Piece::Value { at, pointer } => answer.value(cx, splitter.cut(at, &pointer)),
            Piece::Opened { key } => answer = Answer::opened(key, &splitter.envelope()),
            Piece::Closed { elements, whole } => {
                let envelope = splitter.take_envelope();
                let here = splitter.here();
                std::mem::take(&mut answer).closed(cx, &envelope, here, whole.then_some(elements));
            }
            Piece::Fault { at, length, fault, message } => {
                cx.fault_at(at, length, fault, &message, splitter.broken_bytes(length));
            }
            Piece::End => return count,
        }
        count += 1;
        if cx.hopeless() {
            return count;
        }
    }
}

/// A list that is being read, and those of its elements that wait.
#[derive(Default)]
struct Answer {
    envelope: Envelope,
    waits: bool,
    waiting: Vec<(Vec<u8>, Place, String)>,
    waiting_bytes: usize,
    /// More of the answer follows elsewhere.
    more: bool,
}

impl Answer {
    fn opened(key: &'static str, bytes: &[u8]) -> Answer {
        let mut answer = Answer { envelope: Envelope { key, ..Envelope::default() }, ..Answer::default() };
        let node = tree(bytes);
        let said = node.as_ref().is_some_and(|node| answer.envelope.learn(node));
        answer.more = node.as_ref().is_some_and(goes_on);
        answer.waits = !said && matches!(key, "ResourceDescriptions" | "Results");
        answer
    }

    fn value(&mut self, cx: &mut Delivery<'_>, cut: Cut<'_>) {
        if self.waits && self.waiting_bytes + cut.bytes.len() <= cx.limits.record {
            self.waiting_bytes += cut.bytes.len();
            self.waiting.push((cut.bytes.to_vec(), cut.place, cut.pointer.to_owned()));
            return;
        }
        if self.waits {
            self.give_up(cx);
        }
        deliver(cx, cut, &self.envelope);
    }

    /// Too much waits. What a query chose is not known yet, so that a missing property is not known to be absent.
    fn give_up(&mut self, cx: &mut Delivery<'_>) {
        self.waits = false;
        self.envelope.partial = self.envelope.key == "Results";
        self.release(cx);
    }

    fn release(&mut self, cx: &mut Delivery<'_>) {
        for (bytes, place, pointer) in std::mem::take(&mut self.waiting) {
            deliver(cx, Cut { bytes: &bytes, place, pointer: &pointer, glance: None }, &self.envelope);
        }
        // What follows is about the list as a whole.
        cx.wait();
    }

    /// The list ends; `listed` counts the elements of a whole one.
    fn closed(mut self, cx: &mut Delivery<'_>, bytes: &[u8], here: Place, listed: Option<u64>) {
        let node = tree(bytes);
        let said = node.as_ref().is_some_and(|node| self.envelope.learn(node));
        self.envelope.partial |= self.envelope.key == "Results" && !said;
        self.release(cx);
        self.more |= node.as_ref().is_some_and(goes_on);
        if let Some(gap) = self.more.then(|| cut_off(&self.envelope)).flatten() {
            cx.tell(here, gap.why.clone(), false);
            cx.incomplete(gap);
        }
        if element::is_record(bytes) {
            cx.fault_at(here, 0, here, &format!("a record cannot have a list `{}`", self.envelope.key), bytes);
        }
        if listed != Some(0) {
            return;
        }
        match self.envelope.key {
            "" => {}
            "ResourceDescriptions" => {
                if let (Some(name), false) = (&self.envelope.resource_type, self.more) {
                    cx.recognised_as("cloud-control");
                    cx.collected(none_of(name, &self.envelope));
                }
            }
            "Results" if !said => {}
            _ => cx.recognised_as("aws-config"),
        }
    }
}

/// Whether an answer has a token for the rest of it.
fn goes_on(node: &Node) -> bool {
    find(node, "NextToken").is_some_and(|token| !token.is_null())
}

/// What an answer that goes on elsewhere does not show whole. A query does not say which types it asked for.
fn cut_off(envelope: &Envelope) -> Option<Gap> {
    let (types, beats) = match envelope.key {
        "ResourceDescriptions" => (Types::Listed(vec![envelope.resource_type.clone()?]), Proof::Listed),
        "Results" => (Types::All, Proof::Recorder),
        _ => return None,
    };
    let why = format!("the list `{}` of an answer goes on elsewhere: it has a `NextToken`", envelope.key);
    Some(Gap { types, account: envelope.account.clone(), region: envelope.region.clone(), beats, why })
}

/// An empty answer: of this type there is nothing.
fn none_of(name: &Name, envelope: &Envelope) -> Collected {
    Collected {
        types: Types::Listed(vec![name.clone()]),
        accounts: envelope.account.clone().map(|account| vec![account]),
        regions: envelope.region.clone().map(|region| vec![region]),
        by: By::Listing,
        captured: None,
    }
}

impl Envelope {
    /// Takes over what an envelope says; whether it says what the elements need.
    fn learn(&mut self, node: &Node) -> bool {
        let text = |name: &str| find(node, name).and_then(Node::as_text).map(Name::from);
        self.resource_type = text("TypeName").or(self.resource_type.take());
        self.account = text("AccountId").or(self.account.take());
        self.region = text("Region").or(self.region.take());
        let info = find(node, "QueryInfo");
        self.partial |= info.is_some_and(|info| !chose_whole(info));
        match self.key {
            "ResourceDescriptions" => self.resource_type.is_some(),
            _ => info.is_some(),
        }
    }
}

/// Whether a query asked for whole items: `SELECT configuration.engine` answers with that property alone.
fn chose_whole(info: &Node) -> bool {
    let fields = info.get("SelectFields").and_then(Node::as_list).unwrap_or_default();
    fields.iter().filter_map(|field| member_text(field, "Name")).any(|name| name == "configuration" || name == "*")
}

fn tree(bytes: &[u8]) -> Option<Node> {
    json::parse(std::str::from_utf8(bytes).ok()?).ok()
}

/// A member of the envelope, or of the object in it that holds the list.
fn find<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let NodeKind::Map(members) = &node.kind else { return None };
    node.get(name).or_else(|| members.iter().find_map(|(_, inner)| inner.get(name)))
}

/// Delivers a value; one in a list may itself be an envelope.
pub(crate) fn deliver(cx: &mut Delivery<'_>, cut: Cut<'_>, envelope: &Envelope) {
    if cx.hand_on(cut, envelope) {
        return;
    }
    let may_nest = !cut.pointer.is_empty() && envelope.key.is_empty() && cut.glance.is_none();
    if may_nest && has_list(cut.bytes) {
        let mut reader = cut.bytes;
        let mut splitter = Splitter::inside(&mut reader, cx.limits, cut.place, cut.pointer.to_owned());
        pieces(cx, &mut splitter);
    } else {
        element::deliver(cx, cut, envelope);
    }
}

/// Whether a list of records stands in a value. Anything else of that name costs a second scan, no more.
fn has_list(bytes: &[u8]) -> bool {
    let mut reader = bytes;
    let mut splitter = Splitter::inside(&mut reader, Limits::default(), Place::START, String::new());
    matches!(splitter.next(), Piece::Opened { key } if !key.is_empty())
}
