//! From what the compiler says to what the protocol says, and back.

use std::path::{Path, PathBuf};

use parapet_driver::Diagnostic;
use parapet_ide::{Edit, Level, LineColumn, Lines, Place, SourceFile, Span, codes};

use crate::document::place;
use crate::library;
use crate::proto;
use crate::world::Snapshot;

/// The path of a document; of one that is no file its whole name.
pub(crate) fn path_of(uri: &proto::Uri) -> PathBuf {
    let is_file = uri.scheme().as_str().eq_ignore_ascii_case("file");
    match uri.to_file_path() {
        Some(path) if is_file => path.into_owned(),
        _ => PathBuf::from(uri.as_str()),
    }
}

/// The name of a path.
pub(crate) fn uri_of(path: &Path) -> Option<proto::Uri> {
    if path.is_absolute() { proto::Uri::from_file_path(path) } else { path.to_str()?.parse().ok() }
}

fn position(at: LineColumn) -> proto::Position {
    proto::Position { line: at.line, character: at.column }
}

impl Snapshot {
    /// The byte of a position in the file that was asked about.
    pub(crate) fn offset(&self, at: proto::Position) -> u32 {
        let lines = parapet_ide::lines(&self.db, self.file);
        lines.offset(self.file.text(&self.db), place(at), self.encoding)
    }

    pub(crate) fn span(&self, range: proto::Range) -> Span {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        Span { start: start.min(end), end: start.max(end) }
    }

    /// A span of the file that was asked about.
    pub(crate) fn range(&self, span: Span) -> proto::Range {
        self.range_in(self.file, span)
    }

    pub(crate) fn range_in(&self, file: SourceFile, span: Span) -> proto::Range {
        let lines = parapet_ide::lines(&self.db, file);
        range_of(&lines, file.text(&self.db), span, self.encoding)
    }

    /// The name that the editor knows a file by. A file of the library is written so that it can be opened.
    pub(crate) fn uri(&self, file: SourceFile) -> Option<proto::Uri> {
        let path = Path::new(&**file.path(&self.db));
        if let Some(uri) = self.uris.get(path) {
            return Some(uri.clone());
        }
        if is_embedded(path) {
            let written = library::write(&self.library, file.path(&self.db), file.text(&self.db))?;
            return uri_of(&written);
        }
        uri_of(path)
    }

    pub(crate) fn location(&self, place: Place) -> Option<proto::Location> {
        Some(proto::Location { uri: self.uri(place.file)?, range: self.range_in(place.file, place.span) })
    }

    pub(crate) fn text_edit(&self, edit: &Edit) -> proto::TextEdit {
        proto::TextEdit { range: self.range(edit.span), new_text: edit.replacement.clone() }
    }

    /// Edits of one file as a change of the workspace.
    pub(crate) fn workspace_edit(&self, edits: &[Edit]) -> Option<proto::WorkspaceEdit> {
        let edits = edits.iter().map(|edit| self.text_edit(edit)).collect();
        Some(proto::WorkspaceEdit {
            changes: Some(std::iter::once((self.uri(self.file)?, edits)).collect()),
            ..proto::WorkspaceEdit::default()
        })
    }

    /// Edits of several files.
    pub(crate) fn workspace_edits(&self, edits: &[(SourceFile, Vec<Edit>)]) -> proto::WorkspaceEdit {
        let of_file = |(file, edits): &(SourceFile, Vec<Edit>)| {
            let edits = edits.iter().map(|edit| proto::TextEdit {
                range: self.range_in(*file, edit.span),
                new_text: edit.replacement.clone(),
            });
            Some((self.uri(*file)?, edits.collect()))
        };
        proto::WorkspaceEdit {
            changes: Some(edits.iter().filter_map(of_file).collect()),
            ..proto::WorkspaceEdit::default()
        }
    }

    /// Whether a file may be edited: the library may not.
    pub(crate) fn is_ours(&self, file: SourceFile) -> bool {
        !is_embedded(Path::new(&**file.path(&self.db)))
    }

    /// A diagnostic of a file.
    pub(crate) fn diagnostic(&self, file: SourceFile, found: &Diagnostic) -> proto::Diagnostic {
        let labels = parapet_ide::label_places(&self.db, self.workspace, file, found);
        let related = labels.into_iter().filter_map(|(place, message)| {
            Some(proto::DiagnosticRelatedInformation { location: self.location(place)?, message })
        });
        let related: Vec<proto::DiagnosticRelatedInformation> = related.collect();
        proto::Diagnostic {
            related_information: (!related.is_empty()).then_some(related),
            ..plain_diagnostic(self.range_in(file, found.span), found)
        }
    }
}

/// Whether a path is that of a file of the library in the binary: all others are whole, or no paths.
pub(crate) fn is_embedded(path: &Path) -> bool {
    path.is_relative() && path.starts_with("aws")
}

/// A span of a text.
pub(crate) fn range_of(lines: &Lines, text: &str, span: Span, encoding: parapet_ide::Encoding) -> proto::Range {
    proto::Range {
        start: position(lines.place(text, span.start, encoding)),
        end: position(lines.place(text, span.end, encoding)),
    }
}

/// A diagnostic without its labels.
pub(crate) fn plain_diagnostic(range: proto::Range, found: &Diagnostic) -> proto::Diagnostic {
    let mut message = found.message.clone();
    for more in std::iter::once(&found.primary).filter(|primary| !primary.is_empty()).chain(&found.notes) {
        message.push('\n');
        message.push_str(more);
    }
    let severity = match found.level() {
        Level::Error => proto::DiagnosticSeverity::ERROR,
        Level::Warning => proto::DiagnosticSeverity::WARNING,
    };
    proto::Diagnostic {
        range,
        severity: Some(severity),
        code: Some(proto::NumberOrString::String(found.code.code.to_owned())),
        source: Some("parapet".to_owned()),
        message,
        tags: tag(found).map(|tag| vec![tag]),
        ..proto::Diagnostic::default()
    }
}

/// How the text itself is to look.
fn tag(found: &Diagnostic) -> Option<proto::DiagnosticTag> {
    let deprecated = [&codes::DEPRECATED_PROPERTY, &codes::DEPRECATED_ITEM];
    let unused = [&codes::UNUSED_NAME, &codes::UNUSED_ALLOW];
    if unused.contains(&found.code) {
        Some(proto::DiagnosticTag::UNNECESSARY)
    } else if deprecated.contains(&found.code) {
        Some(proto::DiagnosticTag::DEPRECATED)
    } else {
        None
    }
}

/// What an action is for.
pub(crate) fn action_kind(kind: parapet_ide::ActionKind) -> proto::CodeActionKind {
    match kind {
        parapet_ide::ActionKind::Fix => proto::CodeActionKind::QUICKFIX,
        parapet_ide::ActionKind::Extract => proto::CodeActionKind::REFACTOR_EXTRACT,
        parapet_ide::ActionKind::Write => proto::CodeActionKind::REFACTOR_REWRITE,
    }
}

/// How an offer is shown.
pub(crate) fn completion_kind(offer: parapet_ide::Offer) -> proto::CompletionItemKind {
    use parapet_ide::Offer;
    match offer {
        Offer::Keyword => proto::CompletionItemKind::KEYWORD,
        Offer::Snippet => proto::CompletionItemKind::SNIPPET,
        Offer::Type => proto::CompletionItemKind::CLASS,
        Offer::Property => proto::CompletionItemKind::FIELD,
        Offer::Method => proto::CompletionItemKind::METHOD,
        Offer::Function => proto::CompletionItemKind::FUNCTION,
        Offer::Relation => proto::CompletionItemKind::OPERATOR,
        Offer::Constant | Offer::Lint => proto::CompletionItemKind::CONSTANT,
        Offer::Parameter => proto::CompletionItemKind::PROPERTY,
        Offer::Guardrail => proto::CompletionItemKind::EVENT,
        Offer::Local | Offer::Argument => proto::CompletionItemKind::VARIABLE,
        Offer::Value => proto::CompletionItemKind::ENUM_MEMBER,
        Offer::Module => proto::CompletionItemKind::MODULE,
        Offer::Attribute => proto::CompletionItemKind::KEYWORD,
    }
}

/// How an entry of an outline is shown.
pub(crate) fn symbol_kind(kind: parapet_ide::Kind) -> proto::SymbolKind {
    use parapet_ide::Kind;
    match kind {
        Kind::Guardrail => proto::SymbolKind::EVENT,
        Kind::Function => proto::SymbolKind::FUNCTION,
        Kind::Relation => proto::SymbolKind::OPERATOR,
        Kind::Constant => proto::SymbolKind::CONSTANT,
        Kind::Parameter => proto::SymbolKind::PROPERTY,
        Kind::Test => proto::SymbolKind::METHOD,
        Kind::Waiver => proto::SymbolKind::OBJECT,
        Kind::Schema | Kind::Extension => proto::SymbolKind::CLASS,
        Kind::Field => proto::SymbolKind::FIELD,
    }
}
