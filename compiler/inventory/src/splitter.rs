//! Cuts an input into the values that may be records, holding no more than the largest of them.
//!
//! An input is a sequence of JSON values. A list of records (a list at the top, or under one of [`LISTS`] in an
//! object at the top or one level below) is not one value: its elements are given one by one, and what stands
//! around them, the *envelope*, is kept without them. After a fault the splitter goes on at the next line that
//! begins as the broken record did. It never looks at what a value means.

mod brackets;

use std::io::Read;

use brackets::{Brackets, Scan};
use parapet_model::json::Glance;

use crate::element::Cut;
use crate::place::Place;
use crate::sink::Limits;

/// The keys whose lists hold records.
pub(crate) const LISTS: [&str; 5] =
    ["configurationItems", "Results", "ResourceDescriptions", "baseConfigurationItems", "BaseConfigurationItems"];

/// Members of records whose own members a glance lists.
pub(crate) const OPENED: [&[u8]; 2] = [b"configuration", b"supplementaryConfiguration"];

/// Members of records: below them, a list of such a name is data.
const OF_RECORDS: [&str; 8] = [
    "configuration",
    "supplementaryConfiguration",
    "properties",
    "tags",
    "ResourceDescription",
    "resourceType",
    "configurationItem",
    "configurationItemDiff",
];

/// What comes next in an input.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A value; [`Splitter::bytes`] has its text.
    Value {
        at: Place,
        pointer: String,
    },
    /// An envelope begins: [`Splitter::envelope`] has what stands before the list.
    Opened {
        key: &'static str,
    },
    /// The envelope ends, with everything that stands around its lists.
    Closed {
        elements: u64,
        whole: bool,
    },
    /// The record at `at` cannot be read, as shows at `fault`.
    Fault {
        at: Place,
        length: u64,
        fault: Place,
        message: String,
    },
    End,
}

/// A list of records that is being read.
#[derive(Debug)]
struct List {
    /// The pointer of the list, `""` for one at the top.
    pointer: String,
    /// The brackets around it.
    around: Vec<u8>,
    elements: u64,
    expected: Expected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Element,
    ElementOrEnd,
    CommaOrEnd,
}

#[derive(Debug)]
enum State {
    /// Before a value, or after a whole one.
    Between,
    Value(Brackets),
    /// Looking for a line that begins with `{` in this column.
    Lost(u32),
    /// Nothing more is given out.
    Over,
}

enum Step {
    Again,
    More,
    Out(Piece),
}

/// See the module.
pub(crate) struct Splitter<'r> {
    reader: &'r mut dyn Read,
    limits: Limits,
    buffer: Vec<u8>,
    /// Where in `buffer` the value that is being read begins; everything before is done with.
    start: usize,
    /// Where in `buffer` scanning goes on.
    at: usize,
    /// The place of `start`.
    place: Place,
    state: State,
    list: Option<List>,
    /// The envelope's bytes, without the elements of its lists.
    envelope: Vec<u8>,
    /// An envelope is open; how many elements its lists had so far.
    opened: Option<u64>,
    /// The outermost key of the envelope's lists, when they stand in an inner object.
    outer: String,
    /// Only white space stands before `start` in its line.
    line_first: bool,
    /// Put before every pointer.
    prefix: String,
    /// Bytes of an oversized value that were thrown away.
    dropped: u64,
    oversized: Option<Place>,
    failure: Option<std::io::Error>,
    ended: bool,
    /// What was seen of the value that was given out last, if it was seen at a glance.
    glance: Glance,
    glanced: bool,
}

impl<'r> Splitter<'r> {
    pub(crate) fn new(reader: &'r mut dyn Read, limits: Limits) -> Splitter<'r> {
        Splitter::inside(reader, limits, Place::START, String::new())
    }

    /// For a value of a list that is itself an envelope.
    pub(crate) fn inside(reader: &'r mut dyn Read, limits: Limits, place: Place, prefix: String) -> Splitter<'r> {
        Splitter {
            reader,
            limits,
            buffer: Vec::new(),
            start: 0,
            at: 0,
            place,
            state: State::Between,
            list: None,
            envelope: Vec::new(),
            opened: None,
            outer: String::new(),
            line_first: true,
            prefix,
            dropped: 0,
            oversized: None,
            failure: None,
            ended: false,
            glance: Glance::default(),
            glanced: false,
        }
    }

    /// The value that was given out last, which stands at a place.
    pub(crate) fn cut<'c>(&'c self, place: Place, pointer: &'c str) -> Cut<'c> {
        Cut { bytes: self.bytes(), place, pointer, glance: self.glanced.then(|| self.glance.listed()) }
    }

    /// The bytes of the value that was given out last.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.at).unwrap_or_default()
    }

    /// The value that a fault was just reported of, up to the fault, as far as it is held.
    pub(crate) fn broken_bytes(&self, length: u64) -> &[u8] {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        rest.get(..usize::try_from(length).unwrap_or(usize::MAX)).unwrap_or(rest)
    }

    /// Passes over a byte order mark.
    pub(crate) fn skip_mark(&mut self) {
        self.fill();
        if self.buffer.starts_with(b"\xef\xbb\xbf") {
            self.start = 3;
            self.at = 3;
            self.place.offset = 3;
        }
    }

    /// The first line of the input, or so many bytes of it.
    pub(crate) fn first_line(&mut self, most: usize) -> &[u8] {
        let seen = |splitter: &Splitter<'_>| {
            let bytes = splitter.buffer.get(splitter.start..).unwrap_or_default();
            bytes.contains(&b'\n') || bytes.len() >= most
        };
        while !seen(self) && self.fill() {}
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()
    }

    /// All that is left, for an input that is no sequence of values; `None` when that is more than one record may have.
    pub(crate) fn rest(&mut self) -> Option<&[u8]> {
        while self.buffer.len() - self.start <= self.limits.record && self.fill() {}
        self.at = self.buffer.len();
        Some(self.bytes()).filter(|bytes| bytes.len() <= self.limits.record)
    }

    /// The envelope so far, its open brackets closed.
    pub(crate) fn envelope(&self) -> Vec<u8> {
        let mut bytes = self.envelope.clone();
        if let Some(list) = &self.list {
            bytes.push(b']');
            bytes.extend(list.around.iter().rev().map(|bracket| if *bracket == b'{' { b'}' } else { b']' }));
        }
        bytes
    }

    /// What reading the input failed with; the input counts as ended there.
    pub(crate) fn failure(&mut self) -> Option<std::io::Error> {
        self.failure.take()
    }

    /// The place that reading has come to.
    pub(crate) fn here(&self) -> Place {
        self.place.after(self.buffer.get(self.start..self.at).unwrap_or_default())
    }

    /// The bytes read so far.
    pub(crate) fn read_bytes(&self) -> u64 {
        self.place.offset + (self.buffer.len() - self.start) as u64
    }

    /// The next piece.
    pub(crate) fn next(&mut self) -> Piece {
        loop {
            let step = match std::mem::replace(&mut self.state, State::Between) {
                State::Between => self.between(),
                State::Value(brackets) => self.value(brackets),
                State::Lost(column) => self.lost(column),
                State::Over => {
                    self.state = State::Over;
                    return Piece::End;
                }
            };
            match step {
                Step::Again => {}
                Step::Out(piece) => return piece,
                Step::More if self.fill() => {}
                Step::More => {
                    if let Some(piece) = self.end() {
                        return piece;
                    }
                }
            }
        }
    }

    /// Reads another chunk; false at the end of the input.
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start > 0 {
            drop(self.buffer.drain(..self.start));
            self.at -= self.start;
            self.start = 0;
        }
        match Read::take(&mut *self.reader, self.limits.chunk as u64).read_to_end(&mut self.buffer) {
            Ok(0) => self.ended = true,
            Ok(_) => return true,
            Err(error) => {
                self.failure = Some(error);
                self.ended = true;
            }
        }
        // What a failing reader gave before it failed is scanned too.
        self.at < self.buffer.len()
    }

    /// Everything before `at` is done with.
    fn consume(&mut self, at: usize) {
        self.place = self.place.after(self.buffer.get(self.start..at).unwrap_or_default());
        self.start = at;
        self.at = at;
    }

    /// Between values: white space, and the commas and the end of a list.
    fn between(&mut self) -> Step {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.line_first |= rest.iter().take(space).any(|byte| *byte == b'\n');
        self.consume(self.at + space);
        let Some(byte) = self.buffer.get(self.at).copied() else { return Step::More };
        match &self.list {
            None if self.opened.is_some() => self.close(false),
            None => self.begin(byte),
            Some(list) => self.in_list(byte, list.expected),
        }
    }

    /// The first byte of what comes next in a list.
    fn in_list(&mut self, byte: u8, expected: Expected) -> Step {
        match (byte, expected) {
            (b',', Expected::CommaOrEnd) => {
                self.at += 1;
                self.expect(Expected::Element);
                Step::Again
            }
            (b']', Expected::CommaOrEnd | Expected::ElementOrEnd) => self.end_of_list(),
            (b'{' | b'"', Expected::CommaOrEnd) => {
                self.expect(Expected::Element);
                self.remark("a comma is missing before this record")
            }
            (b']', Expected::Element) => {
                self.expect(Expected::ElementOrEnd);
                self.remark("a comma stands before the end of a list")
            }
            (b',' | b'}' | b':', _) | (_, Expected::CommaOrEnd) => self.fault(self.at, "expected `,` or `]` in a list"),
            _ => self.value_here(),
        }
    }

    fn expect(&mut self, expected: Expected) {
        if let Some(list) = &mut self.list {
            list.expected = expected;
        }
    }

    /// Reports a fault that leaves no doubt about where the next record stands.
    fn remark(&self, message: &str) -> Step {
        Step::Out(Piece::Fault { at: self.place, length: 0, fault: self.place, message: message.to_owned() })
    }

    /// The first byte of a value at the top.
    fn begin(&mut self, byte: u8) -> Step {
        match byte {
            b'{' => self.value_here(),
            b'[' => {
                self.envelope.push(b'[');
                self.open_list("", String::new(), Vec::new(), self.at + 1)
            }
            _ => self.fault(self.at, "expected a record, which begins with `{`"),
        }
    }

    fn open_list(&mut self, key: &'static str, pointer: String, around: Vec<u8>, end: usize) -> Step {
        self.consume(end);
        self.opened.get_or_insert(0);
        self.list = Some(List { pointer, around, elements: 0, expected: Expected::ElementOrEnd });
        Step::Out(Piece::Opened { key })
    }

    /// The `]` of a list: the rest of the envelope follows.
    fn end_of_list(&mut self) -> Step {
        let Some(list) = self.list.take() else { return Step::Again };
        self.opened = self.opened.map(|before| before + list.elements);
        if list.around.is_empty() {
            self.at += 1;
            self.envelope.push(b']');
            return self.close(true);
        }
        self.state = State::Value(Brackets::inside(list.around));
        Step::Again
    }

    fn close(&mut self, whole: bool) -> Step {
        let open = self.list.take().map_or(0, |list| list.elements);
        match self.opened.take() {
            Some(elements) => Step::Out(Piece::Closed { elements: elements + open, whole }),
            None => Step::Again,
        }
    }

    /// The envelope that was closed last, which is then forgotten.
    pub(crate) fn take_envelope(&mut self) -> Vec<u8> {
        self.outer.clear();
        std::mem::take(&mut self.envelope)
    }

    /// A value begins here. A whole record that is held, with nothing unusual in it, is seen at a glance; the brackets of any
    /// other are followed.
    fn value_here(&mut self) -> Step {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let end = self.glance.at(rest, &OPENED).filter(|end| *end <= self.limits.record);
        match end.filter(|_| !may_hold_records(&self.glance, rest)) {
            Some(end) => {
                self.at += end;
                self.glanced = true;
                self.done()
            }
            None => {
                self.glanced = false;
                self.state = State::Value(Brackets::default());
                Step::Again
            }
        }
    }

    fn value(&mut self, mut brackets: Brackets) -> Step {
        let mut at = self.at - self.start;
        let scan = brackets.scan(self.buffer.get(self.start..).unwrap_or_default(), &mut at);
        self.at = self.start + at;
        match scan {
            Scan::More => {
                self.state = State::Value(brackets);
                self.drop_if_oversized();
                Step::More
            }
            Scan::Done(_) => self.done(),
            Scan::List(_) => self.list_in(brackets),
            Scan::Fault(at, message) => self.fault(self.start + at, message),
        }
    }

    /// Keeps memory bounded: of a value beyond the limit only the end is looked for.
    fn drop_if_oversized(&mut self) {
        if self.at - self.start > self.limits.record || self.oversized.is_some() {
            self.oversized.get_or_insert(self.place);
            self.dropped += (self.at - self.start) as u64;
            self.consume(self.at);
        }
    }

    fn done(&mut self) -> Step {
        if let Some(at) = self.oversized.take() {
            let length = std::mem::take(&mut self.dropped) + (self.at - self.start) as u64;
            self.count_element();
            let message = format!("a record of more than {} bytes", self.limits.record);
            return Step::Out(Piece::Fault { at, length, fault: at, message });
        }
        if self.list.is_none() && self.opened.is_some() {
            self.envelope.extend_from_slice(self.buffer.get(self.start..self.at).unwrap_or_default());
            return self.close(true);
        }
        let pointer = match &self.list {
            Some(list) => format!("{}{}/{}", self.prefix, list.pointer, list.elements),
            None => self.prefix.clone(),
        };
        self.count_element();
        Step::Out(Piece::Value { at: self.place, pointer })
    }

    fn count_element(&mut self) {
        self.line_first = false;
        if let Some(list) = &mut self.list {
            list.elements += 1;
        }
        self.expect(Expected::CommaOrEnd);
    }

    /// A list one or two levels below the top: of records, if its key says so.
    fn list_in(&mut self, mut brackets: Brackets) -> Step {
        let text = self.buffer.get(self.start..self.at).unwrap_or_default();
        // After the first list of an envelope, the key of the object around it has gone by.
        let gone = self.outer.as_bytes();
        let keys =
            brackets.keys().map(|(start, end)| if end == 0 { gone } else { text.get(start..end).unwrap_or_default() });
        let keys: Vec<&[u8]> = keys.collect();
        let key = keys.last().and_then(|key| LISTS.into_iter().find(|name| name.as_bytes() == *key));
        let outer = keys.split_last().map(|(_, outer)| outer).unwrap_or_default();
        let of_record = outer.iter().any(|key| OF_RECORDS.iter().any(|name| name.as_bytes() == *key));
        let (Some(key), false, None, None) = (key, of_record, &self.list, self.oversized) else {
            self.state = State::Value(brackets);
            return Step::Again;
        };
        let pointer: String = keys.iter().map(|key| format!("/{}", escaped(key))).collect();
        let outer = outer.first().map(|key| String::from_utf8_lossy(key).into_owned());
        self.envelope.extend_from_slice(text);
        self.outer = outer.unwrap_or_default();
        brackets.open.pop();
        self.open_list(key, pointer, brackets.open, self.at)
    }

    /// Reports the value that is being read, and looks for the next one.
    fn fault(&mut self, at: usize, message: &str) -> Step {
        let start = self.oversized.take().unwrap_or(self.place);
        self.dropped = 0;
        let fault = self.place.after(self.buffer.get(self.start..at).unwrap_or_default());
        let begun = if self.list.is_some() && self.line_first { start.column } else { 1 };
        self.count_element();
        self.state = State::Lost(begun);
        let length = fault.offset - start.offset;
        self.at = self.start;
        Step::Out(Piece::Fault { at: start, length, fault, message: message.to_owned() })
    }

    /// After a fault: the next line that begins with `{` in the column where the broken record began.
    fn lost(&mut self, column: u32) -> Step {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            let Some(newline) = rest.iter().position(|byte| *byte == b'\n') else {
                self.consume(self.buffer.len());
                self.state = State::Lost(column);
                return Step::More;
            };
            let line = rest.get(newline + 1..).unwrap_or_default();
            let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            match line.get(indent) {
                None => {
                    self.consume(self.at + newline);
                    self.state = State::Lost(column);
                    return Step::More;
                }
                Some(b'{') if indent as u64 + 1 == u64::from(column) => {
                    self.consume(self.at + newline + 1);
                    self.expect(Expected::Element);
                    return Step::Again;
                }
                Some(_) => self.consume(self.at + newline + 1),
            }
        }
    }

    /// The input is at its end.
    fn end(&mut self) -> Option<Piece> {
        let state = std::mem::replace(&mut self.state, State::Between);
        let inside = !matches!(state, State::Between | State::Lost(_) | State::Over)
            && (self.at > self.start || self.oversized.is_some());
        let unfinished = inside || (self.list.is_some() && matches!(state, State::Between));
        if unfinished {
            let bare = self.list.is_none() && self.opened.is_some();
            let message =
                if inside { "the input ends inside a record" } else { "the input ends inside a list of records" };
            let Step::Out(piece) = self.fault(self.buffer.len(), message) else { return None };
            if bare || (!inside && self.list.is_some()) {
                self.state = State::Lost(0);
            }
            return Some(piece);
        }
        if let Step::Out(piece) = self.close(false) {
            self.state = state;
            return Some(piece);
        }
        self.consume(self.buffer.len());
        self.state = State::Over;
        None
    }
}

/// Whether an object may hold a list of records: under its own key, or one level below.
fn may_hold_records(glance: &Glance, bytes: &[u8]) -> bool {
    let named = |key: &[u8], names: &[&str]| names.iter().any(|name| name.as_bytes() == key);
    glance.members.iter().any(|place| {
        let key = bytes.get(place.key.range()).unwrap_or_default();
        let value = bytes.get(place.value.range()).unwrap_or_default();
        named(key, &LISTS) || (!named(key, &OF_RECORDS) && value.starts_with(b"{") && mentions_list(value))
    })
}

fn mentions_list(bytes: &[u8]) -> bool {
    LISTS.iter().any(|name| memchr::memmem::find(bytes, name.as_bytes()).is_some())
}

fn escaped(key: &[u8]) -> String {
    String::from_utf8_lossy(key).replace('~', "~0").replace('/', "~1")
}
