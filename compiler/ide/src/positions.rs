//! Bytes of a text as lines and columns, as editors count them.
//!
//! Lines and columns count from 0. A column counts bytes, UTF-16 units or characters, as both sides agreed. A place that is
//! not in the text is one that is: beyond the end of a line its end, inside of a character its beginning.

use std::sync::Arc;

use parapet_base::Span;
use parapet_semantic::{Db, SourceFile};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    Utf8,
    #[default]
    Utf16,
    Utf32,
}

/// A line and a column, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// The starts of a text's lines. A line ends with `\n`, `\r\n` or a lone `\r`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<u32>,
}

/// The lines of a file.
#[salsa::tracked(returns(clone))]
pub fn lines(db: &dyn Db, file: SourceFile) -> Arc<Lines> {
    Arc::new(Lines::new(file.text(db)))
}

impl Lines {
    pub fn new(text: &str) -> Lines {
        let mut starts = vec![0];
        line_starts(text, 0, &mut starts);
        Lines { starts }
    }

    /// The place of a byte.
    pub fn place(&self, text: &str, offset: u32, encoding: Encoding) -> LineColumn {
        let line = self.line_of(offset);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let before = text.get(start as usize..floor(text, offset as usize)).unwrap_or("");
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 if before.is_ascii() => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
            Encoding::Utf32 => before.chars().count(),
        };
        LineColumn { line: Span::new(line, 0).start, column: Span::new(column, 0).start }
    }

    /// The byte of a place.
    pub fn offset(&self, text: &str, at: LineColumn, encoding: Encoding) -> u32 {
        let Some(start) = self.starts.get(at.line as usize).copied() else { return Span::new(text.len(), 0).start };
        let end = self.starts.get(at.line as usize + 1).copied().map_or(text.len(), |next| next as usize);
        let line = text.get(start as usize..end).unwrap_or("").trim_end_matches(['\r', '\n']);
        let column = at.column as usize;
        let within = match encoding {
            Encoding::Utf8 => floor(line, column),
            Encoding::Utf16 if line.is_ascii() => column.min(line.len()),
            Encoding::Utf16 => counted(line, column, char::len_utf16),
            Encoding::Utf32 => counted(line, column, |_| 1),
        };
        start + Span::new(within, 0).start
    }

    /// Replaces a range of the text, and keeps the starts in step with it. Only the lines that the range touches are read
    /// again.
    pub fn replace(&mut self, text: &mut String, span: Span, with: &str) {
        let (start, end) = (floor(text, span.start as usize), floor(text, span.end.max(span.start) as usize));
        // A `\n` that is put in behind a `\r` belongs to the line before.
        let first = self.line_of(Span::new(start, 0).start).saturating_sub(1);
        let next = self.line_of(Span::new(end, 0).start) + 1;
        let from = self.starts.get(first).copied().unwrap_or(0) as usize;
        let rest = self.starts.get(next).copied();
        let before = text.len();
        text.replace_range(start..end, with);
        let moved = |at: u32| Span::new((at as usize + text.len()).saturating_sub(before), 0).start;
        let to = rest.map_or(text.len(), |at| moved(at) as usize);
        let mut starts = vec![Span::new(from, 0).start];
        line_starts(text.get(from..to).unwrap_or(""), from, &mut starts);
        // The line behind the range begins where it did, and is in both lists.
        if rest.is_some() {
            starts.pop();
        }
        for at in self.starts.iter_mut().skip(next) {
            *at = moved(*at);
        }
        self.starts.splice(first..next.min(self.starts.len()), starts);
    }

    fn line_of(&self, offset: u32) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }
}

/// Adds where lines begin behind the line ends of a part of a text, which stands at `base`.
fn line_starts(text: &str, base: usize, starts: &mut Vec<u32>) {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        if ends {
            starts.push(Span::new(base + at + 1, 0).start);
        }
    }
}

/// The byte at or before an offset where a character begins.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The bytes of the characters that fit into so many units.
fn counted(line: &str, units: usize, width: impl Fn(char) -> usize) -> usize {
    let mut left = units;
    let mut bytes = 0;
    for letter in line.chars() {
        if width(letter) > left {
            break;
        }
        left -= width(letter);
        bytes += letter.len_utf8();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> LineColumn {
        LineColumn { line, column }
    }

    #[test]
    fn columns_count_what_was_agreed() {
        let text = "a\r\nö😀b\rc";
        let lines = Lines::new(text);
        let b = Span::new(text.find('b').unwrap(), 0).start;
        for (encoding, column) in [(Encoding::Utf8, 6), (Encoding::Utf16, 3), (Encoding::Utf32, 2)] {
            assert_eq!(lines.place(text, b, encoding), at(1, column));
            assert_eq!(lines.offset(text, at(1, column), encoding), b);
        }
        assert_eq!(lines.place(text, b + 2, Encoding::Utf16), at(2, 0));
    }

    #[test]
    fn places_outside_are_places_inside() {
        let text = "ab\n😀c\n";
        let lines = Lines::new(text);
        assert_eq!(lines.offset(text, at(0, 99), Encoding::Utf16), 2);
        assert_eq!(lines.offset(text, at(99, 0), Encoding::Utf16), 9);
        assert_eq!(lines.offset(text, at(u32::MAX, u32::MAX), Encoding::Utf8), 9);
        // Half of a surrogate pair, and the middle of its bytes.
        assert_eq!(lines.offset(text, at(1, 1), Encoding::Utf16), 3);
        assert_eq!(lines.offset(text, at(1, 2), Encoding::Utf8), 3);
        assert_eq!(lines.place(text, 5, Encoding::Utf8), at(1, 0));
        assert_eq!(lines.place(text, 999, Encoding::Utf8), at(2, 0));
    }

    #[test]
    fn edits_keep_the_lines_in_step() {
        let pieces = ["", "a", "\n", "\r", "\r\n", "ö", "😀\n", "x\ny\r\nz", "\n\n\n"];
        let mut text = String::from("one\r\ntwo\n\rthree");
        let mut lines = Lines::new(&text);
        let mut seed: u64 = 7;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) as usize % below.max(1)
        };
        for _ in 0..20_000 {
            let start = random(text.len() + 1);
            let end = start + random(4);
            let with = pieces[random(pieces.len())];
            lines.replace(&mut text, Span::new(start, end), with);
            assert_eq!(lines, Lines::new(&text), "{text:?}");
            if text.len() > 60 {
                lines.replace(&mut text, Span::new(10, 50), "");
            }
        }
    }
}
