//! Where the members of an object stand, 64 bytes a step.
//!
//! Each block of 64 bytes becomes masks, one bit a byte: strings, brackets, colons, commas, space, and what is none of these.
//! Which kind of byte may come after which is checked for all bytes of a block at once; only brackets, colons, commas and
//! scalars are looked at one by one. What is accepted is JSON. Sources: G. Langdale and D. Lemire, "Parsing gigabytes of JSON
//! per second" (2019), section 3.1, for strings; carrying a mark over a run by an addition is theirs, too.

use parapet_base::Span;
use wide::u8x16;

use super::MOST_DEPTH;
use super::glance::Place;

/// Bytes of a block.
const BLOCK: usize = 64;

/// The kinds of the bytes of a block.
#[derive(Clone, Copy, Debug, Default)]
struct Kinds {
    quotes: u64,
    backslashes: u64,
    controls: u64,
    spaces: u64,
    opening: u64,
    closing: u64,
    colons: u64,
    commas: u64,
}

/// What one block hands on to the next: of each kind, whether the first byte that counts comes after one of it.
#[derive(Clone, Copy, Debug, Default)]
struct Carried {
    escaped: bool,
    inside: bool,
    opening: bool,
    closing: bool,
    colon: bool,
    comma: bool,
    string: bool,
    scalar: bool,
    scalar_before: bool,
    /// The bytes before this offset are the second half of a pair of escapes.
    pair_until: usize,
}

/// What came last in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Nothing,
    Colon,
    Comma,
    Container,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    is_object: bool,
    last: Last,
}

/// What is listed.
pub(super) struct Lists<'l> {
    pub(super) members: &'l mut Vec<Place>,
    pub(super) inner: &'l mut Vec<Place>,
}

/// Lists the members of the object that a text begins with, and of those objects in it that are `opened`; gives the offset
/// behind it. `None`: the text begins with no whole object, or with one that has escapes in a listed key.
pub(super) fn skim(bytes: &[u8], opened: &[&[u8]], lists: &mut Lists<'_>) -> Option<usize> {
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut walk = Walk { bytes, opened, frames: [Frame::ROOT; MOST_DEPTH + 1], depth: 0, from: 0, listing: None };
    let mut carried = Carried::default();
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    let mut last = [b' '; BLOCK];
    last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
    let blocks = blocks.iter().chain((!tail.is_empty()).then_some(&last));
    for (at, block) in blocks.enumerate() {
        let base = at * BLOCK;
        let masks = checked(bytes, base, kinds(block), &mut carried);
        let mut marks = masks.marks;
        while marks != 0 {
            let bit = marks.trailing_zeros();
            marks &= marks - 1;
            let first = masks.after_opening >> bit & 1 == 1;
            if walk.mark(base + bit as usize, first, lists)? {
                return Some(base + bit as usize + 1);
            }
        }
        if masks.ends {
            return None;
        }
    }
    None
}

/// What is left to look at of a block.
struct Masks {
    /// Brackets, colons and commas outside of strings, up to the first fault.
    marks: u64,
    /// Bytes that are the first in a container.
    after_opening: u64,
    /// There is a fault.
    ends: bool,
}

fn checked(bytes: &[u8], base: usize, kinds: Kinds, carried: &mut Carried) -> Masks {
    let mut quotes = kinds.quotes;
    let mut faults = 0;
    if kinds.backslashes != 0 || carried.escaped {
        let escaped = escaped(kinds.backslashes, &mut carried.escaped);
        quotes &= !escaped;
        faults |= bad_escapes(bytes, base, kinds.backslashes & !escaped, &mut carried.pair_until);
    }
    let inside = parity(quotes) ^ if carried.inside { u64::MAX } else { 0 };
    carried.inside = inside >> 63 == 1;
    let outside = !(inside | quotes);
    let (begins, ends) = (quotes & inside, quotes & !inside);
    let space = (kinds.spaces | kinds.controls) & outside;
    // Of the control characters these are no space; in a string there is none.
    faults |= kinds.controls & inside;
    let (opening, closing) = (kinds.opening & outside, kinds.closing & outside);
    let (colons, commas) = (kinds.colons & outside, kinds.commas & outside);
    let scalars = outside & !(opening | closing | colons | commas | space);
    if kinds.controls & outside != 0 {
        faults |= bad_space(bytes, base, kinds.controls & outside);
    }
    let beside = scalars << 1 | u64::from(carried.scalar_before);
    carried.scalar_before = scalars >> 63 == 1;
    faults |= bad_scalars(bytes, base, scalars & !beside);
    let after_opening = after(opening, space, &mut carried.opening);
    let after_closing = after(closing, space, &mut carried.closing);
    let after_colon = after(colons, space, &mut carried.colon);
    let after_comma = after(commas, space, &mut carried.comma);
    let after_string = after(ends, space, &mut carried.string);
    let after_scalar = after(scalars, space, &mut carried.scalar);
    let value = begins | scalars | opening;
    faults |= after_opening & (colons | commas);
    faults |= after_closing & !(closing | commas);
    faults |= (after_colon | after_comma) & !value;
    faults |= after_string & !(colons | commas | closing);
    faults |= after_scalar & !(commas | closing | (scalars & beside));
    faults |= colons & !after_string;
    let before = if faults == 0 { u64::MAX } else { (1 << faults.trailing_zeros()) - 1 };
    Masks { marks: (opening | closing | colons | commas) & before, after_opening, ends: faults != 0 }
}

/// The bytes that come after those of a mask, over space.
fn after(mask: u64, space: u64, carried: &mut bool) -> u64 {
    let next = mask << 1 | u64::from(*carried);
    *carried = mask >> 63 == 1;
    if space == 0 {
        return next;
    }
    // A mark at the beginning of a run of space is carried to the byte behind it.
    let (moved, over) = (next & space).overflowing_add(space);
    *carried |= over;
    (next | moved) & !space
}

/// The bits at or behind an odd number of set bits.
fn parity(mut mask: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        mask ^= mask << shift;
    }
    mask
}

/// The bytes that a backslash before them escapes: of a run of backslashes every second one is, from whichever the run begins
/// with.
fn escaped(backslashes: u64, carried: &mut bool) -> u64 {
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let before = u64::from(*carried);
    let free = backslashes & !before;
    let follows = free << 1 | before;
    let odd_starts = free & !EVEN & !follows;
    let (runs, over) = odd_starts.overflowing_add(free);
    *carried = over;
    (EVEN ^ (runs << 1)) & follows
}

/// The first of the escapes that JSON does not have.
fn bad_escapes(bytes: &[u8], base: usize, mut escapes: u64, pair_until: &mut usize) -> u64 {
    while escapes != 0 {
        let bit = escapes.trailing_zeros();
        escapes &= escapes - 1;
        let at = base + bit as usize;
        if at < *pair_until {
            continue;
        }
        match bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
            Some(b'u') => match four_hex(bytes, at + 2) {
                Some(0xd800..=0xdbff) => {
                    let is_pair = bytes.get(at + 6) == Some(&b'\\') && bytes.get(at + 7) == Some(&b'u');
                    if !(is_pair && matches!(four_hex(bytes, at + 8), Some(0xdc00..=0xdfff))) {
                        return 1 << bit;
                    }
                    *pair_until = at + 12;
                }
                None | Some(0xdc00..=0xdfff) => return 1 << bit,
                Some(_) => {}
            },
            _ => return 1 << bit,
        }
    }
    0
}

fn four_hex(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))
}

/// The control characters that are no space.
fn bad_space(bytes: &[u8], base: usize, controls: u64) -> u64 {
    let mut bad = 0;
    let mut left = controls;
    while left != 0 {
        let bit = left.trailing_zeros();
        left &= left - 1;
        if !matches!(bytes.get(base + bit as usize), Some(b'\t' | b'\n' | b'\r')) {
            bad |= 1 << bit;
        }
    }
    bad
}

/// The first of the scalars that is none.
fn bad_scalars(bytes: &[u8], base: usize, mut starts: u64) -> u64 {
    while starts != 0 {
        let bit = starts.trailing_zeros();
        starts &= starts - 1;
        if !is_scalar(bytes.get(base + bit as usize..).unwrap_or_default()) {
            return 1 << bit;
        }
    }
    0
}

/// Whether a text begins with a scalar that ends where the next bracket, comma, colon, quote or space is.
fn is_scalar(text: &[u8]) -> bool {
    let rest = match text.first() {
        Some(b't') => text.strip_prefix(b"true"),
        Some(b'f') => text.strip_prefix(b"false"),
        Some(b'n') => text.strip_prefix(b"null"),
        _ => behind_number(text),
    };
    let is_end =
        |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' | b'{' | b'[' | b':' | b'"');
    rest.is_some_and(|rest| rest.first().is_none_or(is_end))
}

fn behind_number(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let rest = behind_digits(text)?;
    if text.first() == Some(&b'0') && text.len() - rest.len() > 1 {
        return None;
    }
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => behind_digits(fraction)?,
        None => rest,
    };
    match rest.first() {
        Some(b'e' | b'E') => {
            let exponent = rest.get(1..)?;
            let digits = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
            behind_digits(digits)
        }
        _ => Some(rest),
    }
}

fn behind_digits(text: &[u8]) -> Option<&[u8]> {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(count..).filter(|_| count > 0)
}

fn kinds(block: &[u8; BLOCK]) -> Kinds {
    let mut kinds = Kinds::default();
    for (at, lane) in block.as_chunks::<16>().0.iter().enumerate() {
        let lane = u8x16::new(*lane);
        let mask = |found: u8x16| u64::from(found.to_bitmask()) << (16 * at);
        let is = |byte: u8| mask(lane.simd_eq(u8x16::splat(byte)));
        // `[` and `{` differ in one bit, and so do `]` and `}`.
        let folded = lane | u8x16::splat(0x20);
        kinds.quotes |= is(b'"');
        kinds.backslashes |= is(b'\\');
        kinds.controls |= mask(lane.simd_eq(lane.min(u8x16::splat(0x1f))));
        kinds.spaces |= is(b' ');
        kinds.opening |= mask(folded.simd_eq(u8x16::splat(b'{')));
        kinds.closing |= mask(folded.simd_eq(u8x16::splat(b'}')));
        kinds.colons |= is(b':');
        kinds.commas |= is(b',');
    }
    kinds
}

impl Frame {
    const ROOT: Frame = Frame { is_object: false, last: Last::Nothing };
}

/// The containers around a byte, and the members that were found.
struct Walk<'w> {
    bytes: &'w [u8],
    opened: &'w [&'w [u8]],
    frames: [Frame; MOST_DEPTH + 1],
    depth: usize,
    /// The last opening bracket or comma of a container that is listed: the key stands behind it.
    from: usize,
    /// The member of the outermost object whose members are listed, and where its list begins.
    listing: Option<u32>,
}

impl Walk<'_> {
    /// Looks at a bracket, a colon or a comma, the first thing in its container or not; whether it closes the outermost object.
    fn mark(&mut self, at: usize, first: bool, lists: &mut Lists<'_>) -> Option<bool> {
        let byte = *self.bytes.get(at)?;
        let listed = self.depth == 1 || (self.depth == 2 && self.listing.is_some());
        let frame = self.frames.get_mut(self.depth)?;
        match byte {
            b':' => {
                if !frame.is_object || !matches!(frame.last, Last::Nothing | Last::Comma) {
                    return None;
                }
                frame.last = Last::Colon;
                if listed {
                    self.key(at, lists)?;
                }
            }
            b',' => {
                if frame.is_object && !matches!(frame.last, Last::Colon | Last::Container) {
                    return None;
                }
                frame.last = Last::Comma;
                if listed {
                    self.end(at, lists);
                    self.from = at;
                }
            }
            b'{' | b'[' => {
                if frame.is_object && frame.last != Last::Colon {
                    return None;
                }
                frame.last = Last::Container;
                self.depth += 1;
                *self.frames.get_mut(self.depth)? = Frame { is_object: byte == b'{', last: Last::Nothing };
                if self.depth == 1 {
                    self.from = at;
                } else if self.depth == 2 && byte == b'{' {
                    self.open(at, lists);
                }
            }
            _ => {
                let is_whole = match frame.last {
                    Last::Nothing => !frame.is_object || first,
                    Last::Comma => !frame.is_object,
                    Last::Colon | Last::Container => true,
                };
                if frame.is_object != (byte == b'}') || !is_whole {
                    return None;
                }
                if listed && !first {
                    self.end(at, lists);
                }
                if self.depth == 2 {
                    self.listing = None;
                }
                self.depth -= 1;
                return Some(self.depth == 0);
            }
        }
        Some(false)
    }

    /// The key before a colon.
    fn key(&mut self, colon: usize, lists: &mut Lists<'_>) -> Option<()> {
        let bytes = self.bytes;
        let start = self.from + 1 + space(bytes.get(self.from + 1..colon)?);
        let rest = bytes.get(start..colon)?;
        let key = rest.trim_ascii_end().strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        if key.contains(&b'\\') {
            return None;
        }
        let key = Span::new(start + 1, start + 1 + key.len());
        let value = colon + 1;
        let place = |outer: u32| Place { key, value: Span::new(value, value), outer };
        match self.listing {
            Some(outer) => lists.inner.push(place(outer)),
            None => lists.members.push(place(0)),
        }
        Some(())
    }

    /// The value of the last member ends before an offset.
    fn end(&self, at: usize, lists: &mut Lists<'_>) {
        let list = if self.listing.is_some() { &mut *lists.inner } else { &mut *lists.members };
        let Some(place) = list.last_mut() else { return };
        let start = place.value.start as usize;
        let Some(value) = self.bytes.get(start..at) else { return };
        let start = start + space(value);
        place.value = Span::new(start, start + value.trim_ascii().len());
    }

    /// An object in the outermost one begins.
    fn open(&mut self, at: usize, lists: &Lists<'_>) {
        let Some(place) = lists.members.last() else { return };
        if self.bytes.get(place.key.range()).is_some_and(|key| self.opened.contains(&key)) {
            self.listing = Some(lists.members.len() as u32 - 1);
            self.from = at;
        }
    }
}

/// How much space a text begins with.
fn space(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<usize> {
        skim(text.as_bytes(), &[], &mut Lists { members: &mut Vec::new(), inner: &mut Vec::new() })
    }

    #[test]
    fn an_object_ends_with_its_bracket() {
        for text in [
            "{\"a\":1}",
            "{}",
            "{ }",
            "{\"a\":-1.5e+3}",
            "{\"a\":12345678901234567890123}",
            "{\"a\":1,\"in\":2}",
            "{\"first\":-1.5e+3,\"in\":12345678901234567890123}",
        ] {
            for behind in ["", " ", "\n{\"a\"", ",{"] {
                assert_eq!(end(&format!("{text}{behind}")), Some(text.len()), "{text}{behind}");
            }
        }
    }
}
