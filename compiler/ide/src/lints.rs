//! Diagnostics with what would mend them, as an editor shows it.

use parapet_base::{Applicability, Diagnostic, Edit, FileId, Span};
use parapet_semantic::{Db, SourceFile, Workspace};

use crate::places::Place;

/// An offer to mend something.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    pub title: String,
    /// What it mends.
    pub diagnostic: Diagnostic,
    /// In the file of the diagnostic.
    pub edits: Vec<Edit>,
    /// The text can mean nothing else.
    pub preferred: bool,
}

/// What is offered for the diagnostics that a range of a file touches: their suggestions, and to allow a warning.
pub fn fixes(db: &dyn Db, file: SourceFile, diagnostics: &[Diagnostic], range: Span) -> Vec<Fix> {
    let touched = |diagnostic: &&Diagnostic| diagnostic.span.start <= range.end && range.start <= diagnostic.span.end;
    let mut fixes = Vec::new();
    for diagnostic in diagnostics.iter().filter(touched) {
        fixes.extend(diagnostic.suggestions.iter().map(|suggestion| Fix {
            title: capitalized(&suggestion.message),
            diagnostic: diagnostic.clone(),
            edits: suggestion.edits.clone(),
            preferred: suggestion.applicability == Applicability::Machine,
        }));
        fixes.extend(allow(db, file, diagnostic));
    }
    fixes
}

/// Offers `@allow(lint)` on the item of a warning, or one lint more in the `@allow` that stands there.
fn allow(db: &dyn Db, file: SourceFile, diagnostic: &Diagnostic) -> Option<Fix> {
    if diagnostic.level() != parapet_base::Level::Warning {
        return None;
    }
    let (item, _) = crate::places::item_at(db, file, diagnostic.span.start)?;
    let tree = crate::places::tree(db, item)?;
    let lint = diagnostic.code.name;
    let base = parapet_semantic::item_offset(db, item);
    let edit = match tree.attribute("allow").and_then(|attribute| attribute.arguments.last()) {
        Some((_, last)) => {
            let at = tree.span(*last).shift(base).end;
            Edit { span: Span { start: at, end: at }, replacement: format!(", {lint}") }
        }
        None => {
            let text = item.text(db);
            // Below the doc comment, above the header.
            let docs: usize = text.split_inclusive('\n').take_while(|line| line.starts_with("///")).map(str::len).sum();
            let at = Span::new(docs, docs).shift(base);
            Edit { span: at, replacement: format!("@allow({lint})\n") }
        }
    };
    Some(Fix {
        title: format!("Allow `{lint}` here"),
        diagnostic: diagnostic.clone(),
        edits: vec![edit],
        preferred: false,
    })
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The file of an id, among those of the workspace.
pub fn file_of(db: &dyn Db, workspace: Workspace, id: FileId) -> Option<SourceFile> {
    workspace.files(db).iter().copied().find(|file| file.id(db) == id)
}

/// The places that the labels of a diagnostic speak of.
pub fn label_places(
    db: &dyn Db,
    workspace: Workspace,
    file: SourceFile,
    diagnostic: &Diagnostic,
) -> Vec<(Place, String)> {
    let place = |label: &parapet_base::Label| {
        let file = label.file.map_or(Some(file), |id| file_of(db, workspace, id))?;
        Some((Place { file, span: label.span }, label.message.clone()))
    };
    diagnostic.labels.iter().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use parapet_semantic::{Scope, file_diagnostics};

    use super::*;
    use crate::fixture::Fixture;

    /// The titles of what is offered at the cursor, and the text after the one that has these words.
    fn mended(text: &str, words: &str) -> (Vec<String>, String) {
        let fixture = Fixture::new(text);
        let found = file_diagnostics(&fixture.db, fixture.workspace, fixture.file, Scope::WithTests);
        let at = Span { start: fixture.offset, end: fixture.offset };
        let fixes = fixes(&fixture.db, fixture.file, found, at);
        let mut text = fixture.file.text(&fixture.db).to_string();
        let taken = fixes.iter().find(|fix| fix.title.contains(words)).map(|fix| fix.edits.clone()).unwrap_or_default();
        for edit in taken.iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
        (fixes.into_iter().map(|fix| fix.title).collect(), text)
    }

    #[test]
    fn every_suggestion_is_a_fix() {
        let (titles, text) = mended(
            "/// A.\n///\n/// # Fix\n/// B.\nguardrail x(db: AWS::RDS::DBInstance) {\n    require db.Multi$0Az\n}\n",
            "MultiAZ",
        );
        assert_eq!(titles[0], "Did you mean `MultiAZ`?");
        assert!(text.contains("require db.MultiAZ\n"), "{text}");
    }

    #[test]
    fn a_warning_may_be_allowed() {
        let (titles, text) =
            mended("/// A.\nguardrail x$0(db: AWS::RDS::DBInstance) {\n    require db.MultiAZ ?? false\n}\n", "Allow");
        assert_eq!(titles, ["Allow `missing_fix` here"]);
        assert!(text.starts_with("/// A.\n@allow(missing_fix)\nguardrail x"), "{text}");
        let (_, text) = mended(
            "@allow(unused_name)\nguardrail x$0(db: AWS::RDS::DBInstance) {\n    require db.MultiAZ ?? false\n}\n",
            "missing_fix",
        );
        assert!(text.starts_with("@allow(unused_name, missing_fix)\nguardrail x"), "{text}");
    }

    #[test]
    fn marks_of_other_languages_become_the_words_for_them() {
        for (written, meant) in [
            ("db.MultiAZ ==$0= true", "db.MultiAZ == true"),
            ("db.Engine $0= \"x\"", "db.Engine == \"x\""),
            ("db.Engine <$0> \"x\"", "db.Engine != \"x\""),
            ("db.Engine == $0'b'", "db.Engine == \"b\""),
            ("db.Engine == \"a\" $0&& true", "db.Engine == \"a\" and true"),
            ("(db.Engine == \"a\")$0||true", "(db.Engine == \"a\") or true"),
            ("$0!(db.MultiAZ ?? true)", "not (db.MultiAZ ?? true)"),
            ("true and ($0!db.MultiAZ)", "true and (not db.MultiAZ)"),
            ("db.Engine == nul$0l", "db.Engine is absent"),
            ("db.Engine != $0null", "db.Engine is present"),
            ("db.Engine is $0not present", "db.Engine is absent"),
            ("db.ta$0g[\"x\"] == \"y\"", "db.tags[\"x\"] == \"y\""),
        ] {
            let rule = |clause: &str| format!("guardrail x(db: AWS::RDS::DBInstance) {{\n    require {clause}\n}}\n");
            let fixture = Fixture::new(&rule(written));
            let found = file_diagnostics(&fixture.db, fixture.workspace, fixture.file, Scope::WithTests);
            let at = Span { start: fixture.offset, end: fixture.offset };
            let fixes = fixes(&fixture.db, fixture.file, found, at);
            let mut text = fixture.file.text(&fixture.db).to_string();
            for edit in fixes.first().unwrap_or_else(|| panic!("{written}: {found:?}")).edits.iter().rev() {
                text.replace_range(edit.span.range(), &edit.replacement);
            }
            assert_eq!(text, rule(meant));
        }
        let (_, text) =
            mended("guardrail x(db: AWS::RDS::DBInstance) {\n    let a $0== 3\n    require a == 3\n}\n", "`=`");
        assert!(text.contains("let a = 3"), "{text}");
        let (_, text) =
            mended("@severity(hi$0hg)\nguardrail x(db: AWS::RDS::DBInstance) {\n    require true\n}\n", "`high`");
        assert!(text.starts_with("@severity(high)\n"), "{text}");
    }
}
