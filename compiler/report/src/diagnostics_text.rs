//! Diagnostics for people: the source line, labels, notes and help, drawn by codespan.
//!
//! A diagnostic whose file is gone still shows its message. Suggestions are shown as help with their
//! replacement; applying them is for `parapet lint --fix` and editors.

use codespan_reporting::diagnostic::{Diagnostic as Report, Label as Mark, Severity};
use codespan_reporting::term::{self, Chars, Config, termcolor};
use parapet_base::{Applicability, Diagnostic, FileId, Level, Suggestion};

use crate::escape::escape;
use crate::resources::counted;
use crate::sources::{Source, SourceText, Sources};

/// Every diagnostic in the order given, and a line that counts them; empty when there are none.
pub fn diagnostics_text(
    diagnostics: &[(FileId, Diagnostic)],
    files: &dyn Fn(FileId) -> Option<SourceText>,
    color: bool,
) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let sources = Sources::load(diagnostics, files);
    let config = Config { chars: Chars::ascii(), ..Config::default() };
    let mut text = String::new();
    for (file, diagnostic) in diagnostics {
        if let Some(told) = beside_a_long_line(sources.get(*file), diagnostic) {
            text.push_str(&told);
            continue;
        }
        let report = report(&sources, *file, diagnostic);
        let drawn = if color { colored(&config, &sources, &report) } else { plain(&config, &sources, &report) };
        text.push_str(&drawn.unwrap_or_else(|| bare(diagnostic)));
    }
    text.push_str(&closing(diagnostics));
    text
}

fn plain(config: &Config, sources: &Sources, report: &Report<FileId>) -> Option<String> {
    term::emit_into_string(config, sources, report).ok()
}

fn colored(config: &Config, sources: &Sources, report: &Report<FileId>) -> Option<String> {
    let mut writer = termcolor::Ansi::new(Vec::new());
    term::emit_to_write_style(&mut writer, config, sources, report).ok()?;
    String::from_utf8(writer.into_inner()).ok()
}

/// The longest line, in bytes, that is worth showing.
const LONGEST: usize = 2_000;

/// A diagnostic on a line that no terminal shows, by its place alone.
fn beside_a_long_line(source: Option<&Source>, diagnostic: &Diagnostic) -> Option<String> {
    let source = source?;
    let before = source.text.get(..diagnostic.span.start as usize)?.rsplit('\n').next()?.len();
    let after = source.text.get(diagnostic.span.start as usize..)?.split('\n').next()?.len();
    if before + after <= LONGEST {
        return None;
    }
    let (start, _) = source.positions(diagnostic.span);
    let place = format!("  --> {}:{}:{}\n\n", escape(&source.path), start.line, start.column);
    Some(format!("{}[{}]: {}\n{place}", diagnostic.level().name(), diagnostic.code.code, escape(&diagnostic.message)))
}

/// What is left when no source can be shown.
fn bare(diagnostic: &Diagnostic) -> String {
    format!("{}[{}]: {}\n\n", diagnostic.level().name(), diagnostic.code.code, escape(&diagnostic.message))
}

fn report(sources: &Sources, file: FileId, diagnostic: &Diagnostic) -> Report<FileId> {
    let notes = diagnostic.notes.iter().map(|note| lines(note));
    let help = diagnostic.suggestions.iter().map(|suggestion| help(sources.get(file), suggestion));
    Report::new(severity(diagnostic.level()))
        .with_code(diagnostic.code.code)
        .with_message(escape(&diagnostic.message))
        .with_labels(marks(sources, file, diagnostic))
        .with_notes(notes.chain(help).collect())
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Error => Severity::Error,
        Level::Warning => Severity::Warning,
    }
}

fn marks(sources: &Sources, file: FileId, diagnostic: &Diagnostic) -> Vec<Mark<FileId>> {
    let primary = sources
        .get(file)
        .map(|source| Mark::primary(file, source.range(diagnostic.span)).with_message(escape(&diagnostic.primary)));
    let secondary = diagnostic.labels.iter().filter_map(|label| {
        let id = label.file.unwrap_or(file);
        let range = sources.get(id)?.range(label.span);
        Some(Mark::secondary(id, range).with_message(escape(&label.message)))
    });
    primary.into_iter().chain(secondary).collect()
}

/// `help: compare with null: `x ?? false``; several edits have a line each.
fn help(source: Option<&Source>, suggestion: &Suggestion) -> String {
    let edits: Vec<String> = suggestion
        .edits
        .iter()
        .map(|edit| {
            let replaced = source.map(|source| edit.span.text(&source.text)).unwrap_or("");
            if edit.replacement.is_empty() { format!("remove {}", quoted(replaced)) } else { quoted(&edit.replacement) }
        })
        .collect();
    match edits.as_slice() {
        [one] if !one.contains('\n') => format!("help: {}: {one}", escape(&suggestion.message)),
        several => format!("help: {}\n{}", escape(&suggestion.message), several.join("\n")),
    }
}

fn quoted(code: &str) -> String {
    if code.contains('\n') { lines(code) } else { format!("`{}`", escape(code)) }
}

/// Escapes each line; notes may have several.
fn lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

fn closing(diagnostics: &[(FileId, Diagnostic)]) -> String {
    let count = |level| diagnostics.iter().filter(|(_, diagnostic)| diagnostic.level() == level).count();
    let fixable = diagnostics.iter().filter(|(_, diagnostic)| is_fixable(diagnostic)).count();
    let fixable = match fixable {
        0 => String::new(),
        some => format!("; `parapet lint --fix` mends {some}"),
    };
    format!("{}, {}{fixable}\n", counted(count(Level::Error), "error"), counted(count(Level::Warning), "warning"))
}

fn is_fixable(diagnostic: &Diagnostic) -> bool {
    diagnostic.suggestions.iter().any(|suggestion| suggestion.applicability == Applicability::Machine)
}

#[cfg(test)]
mod tests {
    use parapet_base::{Span, codes};

    use super::*;

    fn files(id: FileId) -> Option<SourceText> {
        match id.0 {
            0 => Some(SourceText {
                path: "rules/a.parapet".into(),
                text: "require not db.Public\nlet ä = \u{1b}[1m\n".into(),
            }),
            1 => Some(SourceText { path: "b.parapet".into(), text: "record A {}".into() }),
            _ => None,
        }
    }

    #[test]
    fn labels_notes_and_help_are_drawn() {
        let optional = Diagnostic::new(&codes::OPTIONAL_VALUE, Span::new(12, 21), "`Public` may be absent")
            .primary("needs a `Bool`")
            .label_in(FileId(1), Span::new(7, 8), "declared here")
            .note("absent is not `false`")
            .suggest(Span::new(21, 21), " ?? false", "say what absence means");
        let unused = Diagnostic::new(&codes::UNUSED_NAME, Span::new(26, 28), "`ä` is never read").fix(
            Span::new(22, 31),
            "",
            "remove it",
        );
        assert_eq!(
            diagnostics_text(&[(FileId(0), optional), (FileId(0), unused)], &files, false),
            "error[E0102]: `Public` may be absent
  --> rules/a.parapet:1:13
  |
1 | require not db.Public
  |             ^^^^^^^^^ needs a `Bool`
  |
  --> b.parapet:1:8
  |
1 | record A {}
  |        - declared here
  |
  = absent is not `false`
  = help: say what absence means: ` ?? false`

warning[W0202]: `ä` is never read
  --> rules/a.parapet:2:5
  |
2 | let ä = ?[1m
  |     ^
  |
  = help: remove it: remove `let ä = `

1 error, 1 warning; `parapet lint --fix` mends 1
"
        );
    }

    #[test]
    fn no_span_can_make_it_panic() {
        for start in 0..45 {
            for end in 0..45 {
                let diagnostic =
                    Diagnostic::new(&codes::SYNTAX, Span::new(start, end), "x").label(Span::new(end, start), "y");
                let text = diagnostics_text(&[(FileId(0), diagnostic)], &files, true);
                assert!(text.contains("rules/a.parapet"), "{start}..{end}: {text}");
            }
        }
    }

    #[test]
    fn a_lost_file_leaves_the_message() {
        let diagnostic = Diagnostic::new(&codes::SYNTAX, Span::new(3, 9), "bad\nnews");
        let text = diagnostics_text(&[(FileId(9), diagnostic)], &files, false);
        assert_eq!(text, "error[E0001]: bad\\nnews\n\n1 error, 0 warnings\n");
        assert_eq!(diagnostics_text(&[], &files, true), "");
    }
}
