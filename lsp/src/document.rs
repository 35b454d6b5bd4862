//! A document that is open in the editor.

use std::path::Path;

use parapet_ide::{Encoding, LineColumn, Lines, Span};

use crate::manifests;
use crate::proto::{Position, TextDocumentContentChangeEvent, Uri};
use crate::templates;

/// An open document: its text is the editor's, whatever the disk holds.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) text: String,
    lines: Lines,
    pub(crate) sort: Sort,
    /// The database has not seen the text yet.
    pub(crate) dirty: bool,
}

/// What an open document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Rules,
    /// The manifest of a package.
    Manifest,
    /// It may be a template or a plan.
    Other,
}

impl Sort {
    pub(crate) fn of(path: &Path, language: &str) -> Sort {
        if manifests::is_one(path) {
            Sort::Manifest
        } else if language == "parapet" || path.extension().is_some_and(|extension| extension == "parapet") {
            Sort::Rules
        } else {
            Sort::Other
        }
    }
}

impl Document {
    pub(crate) fn new(uri: Uri, version: i32, text: String, sort: Sort) -> Document {
        let lines = Lines::new(&text);
        Document { uri, version, text, lines, sort, dirty: sort != Sort::Other }
    }

    /// Whether it may be a template or a plan.
    pub(crate) fn may_be_template(&self, path: &Path) -> bool {
        self.sort == Sort::Other && templates::may_be_one(path, &self.text)
    }

    /// Applies edits in their order. Places outside of the text are moved into it.
    pub(crate) fn change(&mut self, version: i32, changes: Vec<TextDocumentContentChangeEvent>, encoding: Encoding) {
        for change in changes {
            match change.range {
                None => {
                    self.text = change.text;
                    self.lines = Lines::new(&self.text);
                }
                Some(range) => {
                    let at = |position: Position| self.lines.offset(&self.text, place(position), encoding);
                    let (start, end) = (at(range.start), at(range.end));
                    let span = Span { start: start.min(end), end: start.max(end) };
                    self.lines.replace(&mut self.text, span, &change.text);
                }
            }
        }
        self.version = version;
        self.dirty = self.sort != Sort::Other;
    }
}

pub(crate) fn place(position: Position) -> LineColumn {
    LineColumn { line: position.line, column: position.character }
}

#[cfg(test)]
mod tests {
    use crate::proto::Range;

    use super::*;

    fn change(range: Option<[u32; 4]>, text: &str) -> TextDocumentContentChangeEvent {
        let range =
            range.map(|[line, from, end_line, to]| Range::new(Position::new(line, from), Position::new(end_line, to)));
        TextDocumentContentChangeEvent { range, range_length: None, text: text.to_owned() }
    }

    #[test]
    fn edits_are_applied_one_after_the_other() {
        let mut document = Document::new("file:///a".parse().unwrap(), 1, "a😀b\nc\n".to_owned(), Sort::Rules);
        document.change(2, vec![change(Some([0, 3, 0, 4]), "BB"), change(Some([1, 0, 1, 1]), "")], Encoding::Utf16);
        assert_eq!(document.text, "a😀BB\n\n");
        // Beyond the end, half of a pair, and the wrong way round.
        document.change(3, vec![change(Some([99, 0, 99, 9]), "end"), change(Some([0, 2, 0, 0]), "")], Encoding::Utf16);
        assert_eq!(document.text, "😀BB\n\nend");
        document.change(4, vec![change(None, "all new")], Encoding::Utf16);
        assert_eq!((document.text.as_str(), document.version), ("all new", 4));
    }
}
