//! Lines and columns of the YAML parser to byte offsets.

use parapet_base::Span;

/// Where the lines of a text begin. A line ends with LF, CR, or both.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Lines<'t> {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match **byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        Lines { text, starts: std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect() }
    }

    /// The offset of a line, from 1, and a column in characters, from 0.
    pub(crate) fn offset(&self, line: usize, column: usize) -> usize {
        let Some(start) = self.starts.get(line.saturating_sub(1)).copied() else { return self.text.len() };
        let rest = self.text.get(start..).unwrap_or_default();
        rest.char_indices().nth(column).map_or(self.text.len(), |(at, _)| start + at)
    }

    /// A block ends where the next thing begins: its span without the white space and comments between.
    pub(crate) fn without_space(&self, start: Span, end: Span) -> Span {
        let (from, to) = (start.start as usize, end.end.max(start.start) as usize);
        let mut text = self.text.get(from..to).unwrap_or_default().trim_end();
        while let Some((before, last)) = text.rsplit_once('\n').filter(|(_, last)| last.trim_start().starts_with('#')) {
            debug_assert!(!last.is_empty());
            text = before.trim_end();
        }
        let at = from + text.len();
        Span::new(at, at)
    }
}
