//! Inputs whose text is read as a whole: templates in YAML, and whatever is asked to be a template.
//!
//! A stream of records is never held as a whole. So the first bytes decide: JSON goes on as a stream, unless a template is
//! asked for or the file's name says YAML. Of any other text no more is held than a template may have.

use std::io::{self, Cursor, Read};

use crate::cloudformation;
use crate::delivery::Delivery;
use crate::place::Place;

/// What an input turned out to be.
pub(crate) enum Whole<'r> {
    /// It was read and delivered, so many bytes.
    Read(u64),
    /// Records, from the first byte on.
    Records(Resumed<'r>),
}

/// A reader of which some was read already.
pub(crate) struct Resumed<'r> {
    head: Cursor<Vec<u8>>,
    /// What reading the head ended with.
    failure: Option<io::Error>,
    rest: &'r mut dyn Read,
}

impl Read for Resumed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (self.head.read(buffer)?, self.failure.take()) {
            (0, Some(failure)) => Err(failure),
            (0, None) => self.rest.read(buffer),
            (read, failure) => {
                self.failure = failure;
                Ok(read)
            }
        }
    }
}

/// Delivers an input that is one text; gives back any other.
pub(crate) fn read<'r>(cx: &mut Delivery<'_>, reader: &'r mut dyn Read) -> Whole<'r> {
    let mut head = Vec::new();
    let mut filled = fill(reader, &mut head, 1 << 10);
    let asked = cx.asked.map(|format| format.name);
    let may_be = match asked {
        Some(name) => name == cloudformation::NAME,
        None => !is_json(&head) || cloudformation::is_named_yaml(cx.source.path),
    };
    if filled.is_ok() && may_be {
        filled = fill(reader, &mut head, cloudformation::MOST_BYTES + 1);
    }
    let text = std::str::from_utf8(&head).ok().filter(|_| filled.is_ok() && may_be);
    if let Some(text) = text.filter(|text| is_template(cx, asked, text)) {
        cx.recognised_as(cloudformation::NAME);
        cloudformation::deliver_text(cx, text);
        return Whole::Read(head.len() as u64);
    }
    if filled.is_ok()
        && may_be
        && let Some((offset, what)) = ill_coded(&head)
    {
        cx.damaged();
        let fault = Place::START.after(head.get(..offset).unwrap_or_default());
        cx.fault_at(Place::START, head.len() as u64, fault, what, &head);
        return Whole::Read(head.len() as u64);
    }
    Whole::Records(Resumed { head: Cursor::new(head), failure: filled.err(), rest: reader })
}

/// Where bytes that would be a template are no UTF-8, and what to say of it.
fn ill_coded(bytes: &[u8]) -> Option<(usize, &'static str)> {
    let found = match std::str::from_utf8(bytes) {
        Ok(text) => (text.find('\0')?, "a NUL: UTF-16 is read where a byte order mark says that it is"),
        Err(error) => (error.valid_up_to(), "a byte that is not UTF-8"),
    };
    let read = String::from_utf8_lossy(bytes).replace('\0', "");
    cloudformation::looks_like_yaml(&read).then_some(found)
}

/// Whether a text is to be read as a template, be it broken.
fn is_template(cx: &Delivery<'_>, asked: Option<&str>, text: &str) -> bool {
    asked.is_some()
        || cloudformation::looks_like_yaml(text)
        || cloudformation::is_empty(cx.source.path, text)
        || (cloudformation::is_named_yaml(cx.source.path) && cloudformation::is_template(cx.source.path, text))
}

fn is_json(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    matches!(head.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'['))
}

/// Reads until so many bytes are held, or the input ends.
fn fill(reader: &mut dyn Read, held: &mut Vec<u8>, most: usize) -> io::Result<()> {
    let wanted = most.saturating_sub(held.len()) as u64;
    reader.take(wanted).read_to_end(held).map(drop)
}
