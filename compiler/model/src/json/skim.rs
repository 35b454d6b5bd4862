//! Where the members of an object stand, 64 bytes a step.
//!
//! Each block of 64 bytes becomes masks, one bit a byte: strings, brackets, colons, commas, space, and what is none of these.
//! Which kind of byte may come after which is checked for all bytes of a block at once; only brackets, scalars and what is
//! listed are looked at one by one. The instructions are chosen at run time. What is accepted is JSON. Sources: G. Langdale and D. Lemire, "Parsing gigabytes of JSON
//! per second" (2019), section 3.1, for strings; carrying a mark over a run by an addition is theirs, too.

use fearless_simd::{Level, Simd, SimdBase, SimdFrom, SimdMask, dispatch, u8x64};
use parapet_base::Span;

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
    skim_on(Level::new(), bytes, opened, lists)
}

/// The same with the instructions of a level, which the processor has.
fn skim_on(level: Level, bytes: &[u8], opened: &[&[u8]], lists: &mut Lists<'_>) -> Option<usize> {
    dispatch!(level, simd => skim_with(simd, bytes, opened, lists))
}

// Whatever is called for each block becomes part of this, so that it has the instructions of the level, too.
#[inline(always)]
fn skim_with<S: Simd>(simd: S, bytes: &[u8], opened: &[&[u8]], lists: &mut Lists<'_>) -> Option<usize> {
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
        let masks = checked(bytes, base, kinds(simd, block), &mut carried);
        let mut brackets = masks.opening | masks.closing;
        let mut between = masks.colons | masks.commas;
        loop {
            // What stands before the next bracket is all of one container.
            let here = between & below(brackets.trailing_zeros());
            between &= !here;
            walk.between(base, (masks.colons & here, masks.commas & here), lists)?;
            if brackets == 0 {
                break;
            }
            let bit = brackets.trailing_zeros();
            brackets &= brackets - 1;
            let (at, is) = (base + bit as usize, |mask: u64| mask >> bit & 1 == 1);
            match is(masks.opening) {
                true => walk.opens(at, lists)?,
                false if walk.closes(at, is(masks.after_opening), lists)? => return Some(at + 1),
                false => {}
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
    /// Outside of strings, up to the first fault.
    opening: u64,
    closing: u64,
    colons: u64,
    commas: u64,
    /// Bytes that are the first in a container.
    after_opening: u64,
    /// There is a fault.
    ends: bool,
}

#[inline(always)]
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
    let before = below(faults.trailing_zeros());
    Masks {
        opening: opening & before,
        closing: closing & before,
        colons: colons & before,
        commas: commas & before,
        after_opening,
        ends: faults != 0,
    }
}

/// The bits below one, of which there may be none.
#[inline(always)]
fn below(bit: u32) -> u64 {
    1u64.checked_shl(bit).map_or(u64::MAX, |one| one - 1)
}

/// The bytes that come after those of a mask, over space.
#[inline(always)]
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
#[inline(always)]
fn parity(mut mask: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        mask ^= mask << shift;
    }
    mask
}

/// The bytes that a backslash before them escapes: of a run of backslashes every second one is, from whichever the run begins
/// with.
#[inline(always)]
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

#[inline(always)]
fn kinds<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Kinds {
    let bytes = u8x64::simd_from(simd, *block);
    let is = |byte: u8| bytes.simd_eq(byte).to_bitmask();
    // `[` and `{` differ in one bit, and so do `]` and `}`.
    let folded = bytes | u8x64::splat(simd, 0x20);
    Kinds {
        quotes: is(b'"'),
        backslashes: is(b'\\'),
        controls: bytes.simd_lt(0x20).to_bitmask(),
        spaces: is(b' '),
        opening: folded.simd_eq(b'{').to_bitmask(),
        closing: folded.simd_eq(b'}').to_bitmask(),
        colons: is(b':'),
        commas: is(b','),
    }
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
    /// Whether the members of the container around here are listed.
    #[inline(always)]
    fn is_listed(&self) -> bool {
        self.depth == 1 || (self.depth == 2 && self.listing.is_some())
    }

    /// Colons and commas of one container, those of a block.
    #[inline(always)]
    fn between(&mut self, base: usize, (colons, commas): (u64, u64), lists: &mut Lists<'_>) -> Option<()> {
        let all = colons | commas;
        if all == 0 {
            return Some(());
        }
        let frame = self.frames.get_mut(self.depth)?;
        if frame.is_object {
            // Of an object every second one is a colon.
            let odd = all & parity(all);
            let is_whole = match frame.last {
                Last::Nothing | Last::Comma => odd == colons,
                Last::Colon | Last::Container => odd == commas,
            };
            if !is_whole {
                return None;
            }
        } else if colons != 0 {
            return None;
        }
        frame.last = if colons > commas { Last::Colon } else { Last::Comma };
        if self.is_listed() {
            self.list(base, (all, colons), lists)?;
        }
        Some(())
    }

    /// Lists what these colons and commas say.
    fn list(&mut self, base: usize, (all, colons): (u64, u64), lists: &mut Lists<'_>) -> Option<()> {
        let mut left = all;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let at = base + bit as usize;
            match colons >> bit & 1 == 1 {
                true => self.key(at, lists)?,
                false => {
                    self.end(at, lists);
                    self.from = at;
                }
            }
        }
        Some(())
    }

    #[inline(always)]
    fn opens(&mut self, at: usize, lists: &Lists<'_>) -> Option<()> {
        let is_object = *self.bytes.get(at)? == b'{';
        let frame = self.frames.get_mut(self.depth)?;
        if frame.is_object && frame.last != Last::Colon {
            return None;
        }
        frame.last = Last::Container;
        self.depth += 1;
        *self.frames.get_mut(self.depth)? = Frame { is_object, last: Last::Nothing };
        if self.depth == 1 {
            self.from = at;
        } else if self.depth == 2 && is_object {
            self.open(at, lists);
        }
        Some(())
    }

    /// A closing bracket, the first thing in its container or not; whether it closes the outermost object.
    #[inline(always)]
    fn closes(&mut self, at: usize, first: bool, lists: &mut Lists<'_>) -> Option<bool> {
        let frame = self.frames.get(self.depth)?;
        let is_whole = match frame.last {
            Last::Nothing => !frame.is_object || first,
            Last::Comma => !frame.is_object,
            Last::Colon | Last::Container => true,
        };
        if frame.is_object != (*self.bytes.get(at)? == b'}') || !is_whole {
            return None;
        }
        if !first && self.is_listed() {
            self.end(at, lists);
        }
        if self.depth == 2 {
            self.listing = None;
        }
        self.depth -= 1;
        Some(self.depth == 0)
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

    /// Those of this processor.
    fn levels() -> Vec<Level> {
        let best = Level::new();
        let avx2 = best.as_avx2().map(|token| token.level());
        [Some(Level::baseline()), avx2, Some(best)].into_iter().flatten().collect()
    }

    /// What all levels say.
    fn seen(text: &[u8]) -> (Option<usize>, Vec<Place>, Vec<Place>) {
        let on = |level: &Level| {
            let (mut members, mut inner) = (Vec::new(), Vec::new());
            let end = skim_on(*level, text, &[b"in"], &mut Lists { members: &mut members, inner: &mut inner });
            (end, members, inner)
        };
        let mut all: Vec<_> = levels().iter().map(on).collect();
        let last = all.pop().unwrap();
        assert!(all.iter().all(|seen| *seen == last), "{}", String::from_utf8_lossy(text));
        last
    }

    fn end(text: &str) -> Option<usize> {
        seen(text.as_bytes()).0
    }

    #[test]
    fn all_instructions_see_the_same() {
        let mut random = parapet_random::Random::new(7);
        let whole =
            r#"{"a": "x\"\\", "in": {"k": [1, -0.5e+3, {"z": null}], "l": {}}, "t": [true, [[{"in": {"k": 1}}]]]}"#;
        let mut accepted = 0;
        for round in 0..4000 {
            let mut text = whole.repeat(1 + round % 3).into_bytes();
            for _ in 0..random.below(3) {
                let at = random.below(text.len());
                text[at] = b"{}[]\",:\\ 0tn\n\x01\xff"[random.below(15)];
            }
            accepted += usize::from(seen(&text).0.is_some());
        }
        assert!((1000..3900).contains(&accepted), "{accepted}");
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
