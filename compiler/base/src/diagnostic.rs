//! A message about a place in a file, with labels, notes and edits that would mend it.

use crate::{Code, FileId, Span};

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The rules do not check.
    Error,
    /// The rules check, but probably say something else than meant.
    Warning,
}

impl Level {
    /// The lower-case name, as outputs write it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// A remark on a span; `file` is `None` for the file of the diagnostic itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label {
    pub file: Option<FileId>,
    pub span: Span,
    pub message: String,
}

/// One replacement of text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Edit {
    pub span: Span,
    pub replacement: String,
}

/// Who may apply a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// The text has no other meaning than the mended one: `parapet lint --fix` applies it unasked.
    Machine,
    /// Probably what was meant. It decides something that only the author can, so that a person applies it.
    Maybe,
}

impl Applicability {
    /// The lower-case name, as outputs write it.
    pub fn name(self) -> &'static str {
        match self {
            Applicability::Machine => "machine",
            Applicability::Maybe => "maybe",
        }
    }
}

/// A way to mend what the diagnostic is about; its edits are applied together or not at all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Suggestion {
    pub message: String,
    pub edits: Vec<Edit>,
    pub applicability: Applicability,
}

/// A diagnostic: a code, what is wrong, where, and what would help.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    pub code: &'static Code,
    pub message: String,
    pub span: Span,
    /// The words under the primary span; empty when the message says it all.
    pub primary: String,
    pub labels: Vec<Label>,
    pub suggestions: Vec<Suggestion>,
    pub notes: Vec<String>,
}

impl Diagnostic {
    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            span,
            primary: String::new(),
            labels: Vec::new(),
            suggestions: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Sets the words under the primary span.
    pub fn primary(mut self, message: impl Into<String>) -> Diagnostic {
        self.primary = message.into();
        self
    }

    /// Adds a label in the same file.
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { file: None, span, message: message.into() });
        self
    }

    /// Adds a label in another file.
    pub fn label_in(mut self, file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { file: Some(file), span, message: message.into() });
        self
    }

    pub fn note(mut self, message: impl Into<String>) -> Diagnostic {
        self.notes.push(message.into());
        self
    }

    /// Offers to replace `span` by `replacement`: probably what was meant, for a person to apply.
    pub fn suggest(self, span: Span, replacement: impl Into<String>, message: impl Into<String>) -> Diagnostic {
        let edit = Edit { span, replacement: replacement.into() };
        self.suggest_edits(vec![edit], message, Applicability::Maybe)
    }

    /// Offers to replace `span` by `replacement`, which can mean nothing else: `lint --fix` does it unasked.
    pub fn fix(self, span: Span, replacement: impl Into<String>, message: impl Into<String>) -> Diagnostic {
        let edit = Edit { span, replacement: replacement.into() };
        self.suggest_edits(vec![edit], message, Applicability::Machine)
    }

    /// Offers several edits that belong together.
    pub fn suggest_edits(
        mut self,
        edits: Vec<Edit>,
        message: impl Into<String>,
        applicability: Applicability,
    ) -> Diagnostic {
        self.suggestions.push(Suggestion { message: message.into(), edits, applicability });
        self
    }

    pub fn level(&self) -> Level {
        self.code.level
    }

    /// Moves every span of the diagnostic's own file by `by` bytes: from item-relative to file-relative.
    pub fn shift(mut self, by: u32) -> Diagnostic {
        self.span = self.span.shift(by);
        for label in self.labels.iter_mut().filter(|label| label.file.is_none()) {
            label.span = label.span.shift(by);
        }
        for edit in self.suggestions.iter_mut().flat_map(|suggestion| &mut suggestion.edits) {
            edit.span = edit.span.shift(by);
        }
        self
    }
}
