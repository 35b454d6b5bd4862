//! Diagnostics for programs: `parapet.diagnostics/1`.
//!
//! Places are lines and columns from 1, columns in characters, ends exclusive. The words under the primary
//! span are the first label. Where a file's text is gone, its path and places are `null`.

use parapet_base::{Diagnostic, FileId, Span, Suggestion};
use serde::Serialize;

use crate::sources::{SourceText, Sources};

/// The diagnostics in the order given, pretty printed, with a final line break.
pub fn diagnostics_json(diagnostics: &[(FileId, Diagnostic)], files: &dyn Fn(FileId) -> Option<SourceText>) -> String {
    let sources = Sources::load(diagnostics, files);
    let entries = diagnostics.iter().map(|(file, diagnostic)| entry(&sources, *file, diagnostic)).collect();
    let document = Document { schema: "parapet.diagnostics/1", diagnostics: entries };
    // Serialising strings and numbers into memory has no way to fail.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    labels: Vec<Label<'a>>,
    suggestions: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    message: &'a str,
}

#[derive(Serialize)]
struct Fix<'a> {
    message: &'a str,
    /// `machine`: `lint --fix` applies it; `maybe`: a person decides.
    applicability: &'static str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    path: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
}

fn entry<'a>(sources: &'a Sources, file: FileId, diagnostic: &'a Diagnostic) -> Entry<'a> {
    Entry {
        code: diagnostic.code.code,
        name: diagnostic.code.name,
        severity: diagnostic.level().name(),
        message: &diagnostic.message,
        place: place(sources, file, diagnostic.span),
        labels: labels(sources, file, diagnostic),
        suggestions: diagnostic.suggestions.iter().map(|suggestion| fix(sources, file, suggestion)).collect(),
    }
}

fn labels<'a>(sources: &'a Sources, file: FileId, diagnostic: &'a Diagnostic) -> Vec<Label<'a>> {
    let label = |id, span, message: &'a String| Label { place: place(sources, id, span), message };
    let primary = (!diagnostic.primary.is_empty()).then(|| label(file, diagnostic.span, &diagnostic.primary));
    let others = diagnostic.labels.iter().map(|other| label(other.file.unwrap_or(file), other.span, &other.message));
    primary.into_iter().chain(others).collect()
}

fn fix<'a>(sources: &'a Sources, file: FileId, suggestion: &'a Suggestion) -> Fix<'a> {
    let edits = suggestion.edits.iter();
    let edits = edits.map(|edit| Edit { place: place(sources, file, edit.span), replacement: &edit.replacement });
    Fix { message: &suggestion.message, applicability: suggestion.applicability.name(), edits: edits.collect() }
}

fn place(sources: &Sources, file: FileId, span: Span) -> Place<'_> {
    let source = sources.get(file);
    let positions = source.map(|source| source.positions(span));
    Place {
        path: source.map(|source| source.path.as_str()),
        line: positions.map(|(start, _)| start.line),
        column: positions.map(|(start, _)| start.column),
        end_line: positions.map(|(_, end)| end.line),
        end_column: positions.map(|(_, end)| end.column),
    }
}

#[cfg(test)]
mod tests {
    use parapet_base::codes;

    use super::*;

    fn files(id: FileId) -> Option<SourceText> {
        let text = "let ä = 1\nlet b = ä\n";
        (id == FileId(0)).then(|| SourceText { path: "a.parapet".into(), text: text.into() })
    }

    #[test]
    fn places_are_lines_and_characters() {
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, Span::new(19, 21), "no `ä`")
            .primary("not defined")
            .label_in(FileId(7), Span::new(1, 2), "a lost file")
            .suggest(Span::new(4, 6), "b", "call it `b`");
        let text = diagnostics_json(&[(FileId(0), diagnostic)], &files);
        let compact: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            compact.to_string(),
            r#"{"schema":"parapet.diagnostics/1","diagnostics":[{"code":"E0201","name":"unknown_name","severity":"error","message":"no `ä`","path":"a.parapet","line":2,"column":9,"end_line":2,"end_column":10,"labels":[{"path":"a.parapet","line":2,"column":9,"end_line":2,"end_column":10,"message":"not defined"},{"path":null,"line":null,"column":null,"end_line":null,"end_column":null,"message":"a lost file"}],"suggestions":[{"message":"call it `b`","applicability":"maybe","edits":[{"path":"a.parapet","line":1,"column":5,"end_line":1,"end_column":6,"replacement":"b"}]}]}]}"#
        );
    }

    #[test]
    fn no_diagnostics_are_an_empty_list() {
        assert_eq!(
            diagnostics_json(&[], &files),
            "{\n  \"schema\": \"parapet.diagnostics/1\",\n  \"diagnostics\": []\n}\n"
        );
    }
}
