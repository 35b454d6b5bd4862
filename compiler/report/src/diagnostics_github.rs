//! Diagnostics as annotations of a pull request: workflow commands of GitHub Actions.
//!
//! A command for each diagnostic; columns are given for spans within one line, as the runner wants it.

use parapet_base::{Diagnostic, FileId};

use crate::diagnostics::Diagnosed;
use crate::sources::Sources;
use crate::workflow::command_of;

/// A command for each diagnostic, in the order given.
pub(crate) fn diagnostics_github(diagnosed: &Diagnosed<'_>) -> String {
    let sources = Sources::load(diagnosed.found, diagnosed.files);
    diagnosed.found.iter().map(|(file, diagnostic)| command(&sources, *file, diagnostic)).collect()
}

fn command(sources: &Sources, file: FileId, diagnostic: &Diagnostic) -> String {
    let mut properties: Vec<(&str, String)> = Vec::new();
    if let Some(source) = sources.get(file) {
        let (start, end) = source.positions(diagnostic.span);
        properties.push(("file", source.path.clone()));
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", format!("{} {}", diagnostic.code.code, diagnostic.code.name)));
    command_of(diagnostic.level().name(), &properties, &message(diagnostic))
}

/// The message, what stands under the span, notes and suggestions, a line each.
fn message(diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    lines.extend((!diagnostic.primary.is_empty()).then(|| diagnostic.primary.clone()));
    lines.extend(diagnostic.notes.iter().cloned());
    lines.extend(diagnostic.suggestions.iter().map(|suggestion| format!("help: {}", suggestion.message)));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use parapet_base::{Span, codes};

    use super::*;
    use crate::sources::SourceText;

    fn printed(path: &str, diagnostic: Diagnostic) -> String {
        let files = |id: FileId| (id.0 == 0).then(|| SourceText { path: path.into(), text: "let ä = b\nc\n".into() });
        diagnostics_github(&Diagnosed { found: &[(FileId(0), diagnostic)], files: &files, owners: &|_, _| None })
    }

    #[test]
    fn places_and_words_make_a_command() {
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, Span::new(9, 10), "nothing is called `b`")
            .primary("here")
            .note("a note")
            .suggest(Span::new(9, 10), "c", "did you mean `c`?");
        assert_eq!(
            printed("rules/a.parapet", diagnostic),
            "::error file=rules/a.parapet,line=1,endLine=1,col=9,endColumn=10,title=E0201 unknown_name::nothing is called `b`%0Ahere%0Aa note%0Ahelp: did you mean `c`?\n"
        );
    }

    #[test]
    fn no_text_ends_a_property_or_begins_a_command() {
        let diagnostic = Diagnostic::new(&codes::UNUSED_NAME, Span::new(4, 12), "100%\r\n::stop::x, y: z");
        assert_eq!(
            printed("a,b:100%\nc.parapet", diagnostic),
            "::warning file=a%2Cb%3A100%25%0Ac.parapet,line=1,endLine=2,title=W0202 unused_name::100%25%0D%0A::stop::x, y: z\n"
        );
    }

    #[test]
    fn a_lost_file_leaves_the_message() {
        let found = [(FileId(7), Diagnostic::new(&codes::SYNTAX, Span::new(0, 1), "lost"))];
        let text = diagnostics_github(&Diagnosed { found: &found, files: &|_| None, owners: &|_, _| None });
        assert_eq!(text, "::error title=E0001 syntax::lost\n");
    }
}
