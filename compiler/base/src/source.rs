//! Files and places in them.
//!
//! Offsets are bytes; [`LineIndex`] turns them into lines and columns (both from 1, columns counted in
//! characters). Nothing here holds a file's text.

use std::path::Path;

/// A file of the current run, as an index into whatever table the driver keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A range of bytes, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets beyond 4 GiB saturate.
    pub fn new(start: usize, end: usize) -> Span {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { start: clamp(start), end: clamp(end) }
    }

    /// The same span seen from `by` bytes earlier.
    pub fn shift(self, by: u32) -> Span {
        Span { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The bytes as a range for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text that this span covers, empty when it lies outside `text`.
    pub fn text(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }
}

/// A path as reports show it: relative ones as given, with `/`.
pub fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    // Elsewhere a name may hold the letter.
    let text = if std::path::MAIN_SEPARATOR == '\\' { text.replace('\\', "/").into() } else { text };
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

/// A line and a column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// The starts of a text's lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Places in long lines: the byte, and how many characters of its line stand before it.
    marks: Vec<(u32, u32)>,
}

/// So many bytes of a line are counted at most to find a column.
const FAR: usize = 4096;

impl LineIndex {
    pub fn new(text: &str) -> LineIndex {
        let at = |offset: usize| Span::new(offset, offset).start;
        let mut index = LineIndex { starts: vec![0], marks: Vec::new() };
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let mut last = 0;
            let long = if line.len() > FAR { line } else { "" };
            for (count, (offset, _)) in long.char_indices().enumerate() {
                if offset >= last + FAR {
                    index.marks.push((at(start + offset), at(count)));
                    last = offset;
                }
            }
            start += line.len();
            if line.ends_with('\n') {
                index.starts.push(at(start));
            }
        }
        index
    }

    /// Line and column of a byte offset of the text that this index was made from.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let mark = self.marks.partition_point(|(mark, _)| *mark <= offset).checked_sub(1);
        let mark = mark.and_then(|at| self.marks.get(at)).filter(|(mark, _)| *mark >= start);
        let (from, counted) = mark.copied().unwrap_or((start, 0));
        let before = text.get(from as usize..offset as usize).unwrap_or("");
        Position { line: line as u32 + 1, column: counted + before.chars().count() as u32 + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "a\nöb\n";
        let index = LineIndex::new(text);
        assert_eq!(index.position(text, 0), Position { line: 1, column: 1 });
        assert_eq!(index.position(text, 4), Position { line: 2, column: 2 });
        assert_eq!(index.position(text, 6), Position { line: 3, column: 1 });
    }

    #[test]
    fn columns_of_long_lines_are_the_same() {
        let text = format!("a\n{}\nb{}c", "öx".repeat(9_000), "ö".repeat(9_000));
        let index = LineIndex::new(&text);
        assert!(index.marks.len() > 8);
        let (mut line, mut column) = (1, 1);
        for (at, letter) in text.char_indices() {
            assert_eq!(index.position(&text, at as u32), Position { line, column }, "{at}");
            (line, column) = if letter == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
    }
}
