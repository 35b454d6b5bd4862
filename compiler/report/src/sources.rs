//! The texts that diagnostics point into.
//!
//! Each file is asked for once, when a diagnostic first mentions it. Spans are clamped to the text and to
//! its characters, since a diagnostic may be older than the text it meets. The copy that is shown has
//! strange characters replaced by others of the same length, so that offsets stay right and a rule cannot
//! forge output.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use codespan_reporting::files::{Error, Files, SimpleFile};
use parapet_base::{Diagnostic, FileId, LineIndex, Position, Span};

use crate::escape::{escape, is_strange};

/// A file that diagnostics point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// As messages write it.
    pub path: String,
    pub text: Arc<str>,
}

/// A loaded file with what places need.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: Arc<str>,
    lines: LineIndex,
    shown: SimpleFile<String, String>,
}

/// Every file that the diagnostics mention.
pub(crate) struct Sources {
    files: BTreeMap<FileId, Source>,
}

impl Sources {
    pub(crate) fn load(diagnostics: &[(FileId, Diagnostic)], files: &dyn Fn(FileId) -> Option<SourceText>) -> Sources {
        let mut sources = Sources { files: BTreeMap::new() };
        for (file, diagnostic) in diagnostics {
            let others = diagnostic.labels.iter().filter_map(|label| label.file);
            for id in std::iter::once(*file).chain(others) {
                if !sources.files.contains_key(&id)
                    && let Some(text) = files(id)
                {
                    sources.files.insert(id, Source::new(text));
                }
            }
        }
        sources
    }

    pub(crate) fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(&id)
    }
}

impl Source {
    fn new(source: SourceText) -> Source {
        Source {
            lines: LineIndex::new(&source.text),
            shown: SimpleFile::new(escape(&source.path).into_owned(), shown(&source.text)),
            path: source.path,
            text: source.text,
        }
    }

    /// The bytes of a span that lie in the text, on the borders of characters.
    pub(crate) fn range(&self, span: Span) -> Range<usize> {
        let start = self.border(span.start);
        start..self.border(span.end).max(start)
    }

    /// The first and the one after the last place of a span.
    pub(crate) fn positions(&self, span: Span) -> (Position, Position) {
        let range = self.range(span);
        let span = Span::new(range.start, range.end);
        (self.lines.position(&self.text, span.start), self.lines.position(&self.text, span.end))
    }

    /// The same places with columns in UTF-16 code units.
    pub(crate) fn utf16_positions(&self, span: Span) -> (Position, Position) {
        let range = self.range(span);
        (self.utf16_position(range.start), self.utf16_position(range.end))
    }

    fn utf16_position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let column = Span::new(line.encode_utf16().count(), 0).start.saturating_add(1);
        Position { line: self.lines.position(&self.text, Span::new(offset, 0).start).line, column }
    }

    fn border(&self, offset: u32) -> usize {
        self.text.floor_char_boundary(offset as usize)
    }
}

impl<'a> Files<'a> for Sources {
    type FileId = FileId;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(self.get(id).ok_or(Error::FileMissing)?.shown.name())
    }

    fn source(&'a self, id: FileId) -> Result<&'a str, Error> {
        Ok(self.get(id).ok_or(Error::FileMissing)?.shown.source())
    }

    fn line_index(&'a self, id: FileId, byte: usize) -> Result<usize, Error> {
        self.get(id).ok_or(Error::FileMissing)?.shown.line_index((), byte)
    }

    fn line_range(&'a self, id: FileId, line: usize) -> Result<Range<usize>, Error> {
        self.get(id).ok_or(Error::FileMissing)?.shown.line_range((), line)
    }
}

/// The text with each strange character replaced by ordinary ones of as many bytes.
fn shown(text: &str) -> String {
    let replaced = |character: char| match character {
        '\n' | '\t' => character.to_string(),
        '\r' => " ".to_owned(),
        strange if is_strange(strange) => match strange.len_utf8() {
            1 => "?".to_owned(),
            2 => "¿".to_owned(),
            3 => "\u{fffd}".to_owned(),
            _ => "¿¿".to_owned(),
        },
        ordinary => ordinary.to_string(),
    };
    text.chars().map(replaced).collect()
}
