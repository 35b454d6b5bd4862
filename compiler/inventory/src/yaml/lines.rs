//! Lines and columns of the YAML parser to byte offsets.

use std::cell::RefCell;

use parapet_base::Span;

/// Where the lines of a text begin. A line ends with LF, CR, or both.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// The offsets of the characters of the line that was asked for last: a file may be one long line.
    recent: RefCell<(usize, Vec<usize>)>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Lines<'t> {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match **byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Lines { text, starts, recent: RefCell::new((0, Vec::new())) }
    }

    /// The offset of a line, from 1, and a column in characters, from 0.
    pub(crate) fn offset(&self, line: usize, column: usize) -> usize {
        let Some(start) = self.starts.get(line.saturating_sub(1)).copied() else { return self.text.len() };
        let mut recent = self.recent.borrow_mut();
        if recent.0 != line {
            let end = self.starts.get(line).copied().unwrap_or(self.text.len());
            let text = self.text.get(start..end).unwrap_or_default();
            *recent = (line, text.char_indices().map(|(at, _)| start + at).collect());
        }
        recent.1.get(column).copied().unwrap_or_else(|| self.starts.get(line).copied().unwrap_or(self.text.len()))
    }

    /// A block ends where the next thing begins: its span without the white space and comments between.
    pub(crate) fn without_space(&self, start: Span, end: Span) -> Span {
        let (from, to) = (start.start as usize, end.end.max(start.start) as usize);
        let mut text = self.text.get(from..to).unwrap_or_default().trim_end();
        while !text.ends_with([']', '}']) {
            match text.rsplit_once('\n') {
                Some((before, last)) if last.trim_start().starts_with('#') => text = before.trim_end(),
                _ => break,
            }
        }
        let at = from + text.len();
        Span::new(at, at)
    }
}
