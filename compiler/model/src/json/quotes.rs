//! Where the strings of a JSON text begin and end: 64 bytes a step.
//!
//! Masks of quotes, backslashes and control characters, one bit a byte, say which quotes count. Sources: G. Langdale and
//! D. Lemire, "Parsing gigabytes of JSON per second" (2019), section 3.1.1, for the quotes that a backslash escapes.

use wide::u8x16;

/// The quotes of a text, found as far as they are asked for.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    /// The offsets of the quotes that no backslash escapes.
    marks: Vec<u32>,
    next: usize,
    /// The offsets of the backslashes that begin an escape.
    escapes: Vec<u32>,
    next_escape: usize,
    /// The first control character in a string.
    control: Option<u32>,
    /// Where the next block begins.
    scanned: usize,
    /// The first byte of the next block is escaped.
    carried: bool,
    /// The next block begins in a string.
    inside: bool,
}

/// Bytes of a block.
const BLOCK: usize = 64;

/// So many blocks are looked at when more quotes are asked for.
const BLOCKS: usize = 4;

/// Where a block has quotes, backslashes and control characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Masks {
    quotes: u64,
    backslashes: u64,
    controls: u64,
}

impl Quotes {
    /// Forgets everything; what is looked at begins at an offset, outside of a string.
    pub(super) fn begin(&mut self, at: usize) {
        self.marks.clear();
        self.escapes.clear();
        let (marks, escapes) = (std::mem::take(&mut self.marks), std::mem::take(&mut self.escapes));
        *self = Quotes { marks, escapes, scanned: at, ..Quotes::default() };
    }

    /// Goes back to what stands at an offset, outside of a string, or behind it.
    pub(super) fn back_to(&mut self, at: usize) {
        self.next = self.marks.partition_point(|mark| (*mark as usize) < at);
        self.next_escape = self.escapes.partition_point(|escape| (*escape as usize) < at);
    }

    /// The quote that ends the string which begins at an offset: the next string of the text. `None` where it does not end, or
    /// has a control character in it.
    pub(super) fn end_of(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let open = self.mark(bytes)?;
        let close = self.mark(bytes)?;
        let broken = self.control.is_some_and(|control| (control as usize) < close);
        (open == at && !broken).then_some(close)
    }

    fn mark(&mut self, bytes: &[u8]) -> Option<usize> {
        while self.next == self.marks.len() {
            if !self.look(bytes) {
                return None;
            }
        }
        let mark = self.marks.get(self.next)?;
        self.next += 1;
        Some(*mark as usize)
    }

    /// The next escape before an offset.
    pub(super) fn escape_before(&mut self, at: usize) -> Option<usize> {
        let escape = *self.escapes.get(self.next_escape)? as usize;
        (escape < at).then(|| {
            self.next_escape += 1;
            escape
        })
    }

    /// Looks at some more blocks; whether there were any.
    fn look(&mut self, bytes: &[u8]) -> bool {
        // Offsets have 32 bits.
        let rest = bytes.get(self.scanned..).filter(|_| u32::try_from(bytes.len()).is_ok()).unwrap_or_default();
        let (blocks, tail) = rest.as_chunks::<BLOCK>();
        for block in blocks.iter().take(BLOCKS) {
            self.add(masks(block));
        }
        if blocks.len() < BLOCKS && !tail.is_empty() {
            let mut block = [b' '; BLOCK];
            block.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
            self.add(masks(&block));
            self.scanned = bytes.len();
        }
        !rest.is_empty()
    }

    fn add(&mut self, Masks { mut quotes, backslashes, controls }: Masks) {
        let base = self.scanned as u32;
        self.scanned += BLOCK;
        if backslashes != 0 || self.carried {
            let escaped = self.escaped(backslashes);
            quotes &= !escaped;
            push(&mut self.escapes, base, backslashes & !escaped);
        }
        push(&mut self.marks, base, quotes);
        if controls != 0 && self.control.is_none() {
            let inside = controls & (parity_before(quotes) ^ if self.inside { u64::MAX } else { 0 });
            self.control = (inside != 0).then(|| base + inside.trailing_zeros());
        }
        self.inside ^= quotes.count_ones() % 2 == 1;
    }

    /// The bytes that a backslash before them escapes. Of a run of backslashes every second one is escaped, from whichever
    /// the run begins with.
    fn escaped(&mut self, backslashes: u64) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let carried = u64::from(self.carried);
        let free = backslashes & !carried;
        let follows = free << 1 | carried;
        let odd_starts = free & !EVEN & !follows;
        let (runs, carried) = odd_starts.overflowing_add(free);
        self.carried = carried;
        (EVEN ^ (runs << 1)) & follows
    }
}

fn push(list: &mut Vec<u32>, base: u32, mut mask: u64) {
    list.reserve(mask.count_ones() as usize);
    while mask != 0 {
        list.push(base + mask.trailing_zeros());
        mask &= mask - 1;
    }
}

/// The bits at or behind an odd number of set bits.
fn parity_before(mut mask: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        mask ^= mask << shift;
    }
    mask
}

fn masks(block: &[u8; BLOCK]) -> Masks {
    let mut masks = Masks::default();
    for (at, lane) in block.as_chunks::<16>().0.iter().enumerate() {
        let lane = u8x16::new(*lane);
        let mask = |found: u8x16| u64::from(found.to_bitmask()) << (16 * at);
        masks.quotes |= mask(lane.simd_eq(u8x16::splat(b'"')));
        masks.backslashes |= mask(lane.simd_eq(u8x16::splat(b'\\')));
        masks.controls |= mask(lane.simd_eq(lane.min(u8x16::splat(0x1f))));
    }
    masks
}

#[cfg(test)]
mod tests {
    use parapet_random::Random;

    use super::*;

    fn plain(block: &[u8; BLOCK]) -> Masks {
        let mask = |is_it: fn(u8) -> bool| {
            block.iter().enumerate().fold(0, |mask, (at, byte)| mask | u64::from(is_it(*byte)) << at)
        };
        Masks { quotes: mask(|b| b == b'"'), backslashes: mask(|b| b == b'\\'), controls: mask(|b| b < 0x20) }
    }

    #[test]
    fn masks_are_those_of_the_bytes() {
        let mut random = Random::new(3);
        for round in 0..20_000 {
            let letters = [0, 1, 0x1f, 0x20, 0x21, b'"', 0x23, b'\\', 0x5b, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff, b'a'];
            let block: [u8; BLOCK] = std::array::from_fn(|_| match round % 2 {
                0 => letters[random.below(letters.len())],
                _ => random.below(256) as u8,
            });
            assert_eq!(masks(&block), plain(&block), "{block:?}");
        }
    }

    /// The strings of a text and its escapes, byte by byte.
    fn walked(bytes: &[u8]) -> (Vec<u32>, Vec<u32>, Option<u32>) {
        let (mut marks, mut escapes, mut control) = (Vec::new(), Vec::new(), None);
        let (mut at, mut inside) = (0, false);
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => {
                    escapes.push(at as u32);
                    if inside && bytes.get(at + 1).is_some_and(|byte| *byte < 0x20) {
                        control = control.or(Some(at as u32 + 1));
                    }
                    at += 1;
                }
                b'"' => {
                    marks.push(at as u32);
                    inside = !inside;
                }
                byte if byte < 0x20 && inside => control = control.or(Some(at as u32)),
                _ => {}
            }
            at += 1;
        }
        (marks, escapes, control)
    }

    #[test]
    fn quotes_count_that_no_backslash_escapes() {
        let mut random = Random::new(4);
        for _ in 0..20_000 {
            let letters = [b"\\\\\\\"a".as_slice(), b"\\\"aaaaaaaaaaaaaaaaaaaa\n", b"aaaaaaaaaaaaaaaaaaaaaaaaaaa\""];
            let letters = letters[random.below(letters.len())];
            let bytes: Vec<u8> = (0..random.below(700)).map(|_| letters[random.below(letters.len())]).collect();
            let mut quotes = Quotes::default();
            quotes.begin(0);
            while quotes.look(&bytes) {}
            let found = (quotes.marks.clone(), quotes.escapes.clone(), quotes.control);
            assert_eq!(found, walked(&bytes), "{:?}", String::from_utf8_lossy(&bytes));
            // Found bit by bit, they are the same.
            quotes.begin(0);
            let mut marks = Vec::new();
            marks.extend(std::iter::from_fn(|| quotes.mark(&bytes).map(|mark| mark as u32)));
            assert_eq!(marks, found.0);
        }
    }
}
