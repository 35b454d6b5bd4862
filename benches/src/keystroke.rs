//! One keystroke in a workspace of many files: the text of one file is set, and diagnostics are asked for again, first
//! those of that file, then all.

use anyhow::{Context, Result};
use parapet_driver::{Rules, Scope, diagnostics};
use parapet_semantic::{SourceFile, file_diagnostics};

use crate::clock::timed;
use crate::least::{Least, ROUNDS};

/// An edit: what is replaced, and by what; with `""` it is put in on top.
pub(crate) struct Edit {
    pub(crate) name: &'static str,
    from: &'static str,
    to: &'static str,
}

/// Kinds of edits.
pub(crate) const EDITS: [Edit; 6] = [
    Edit { name: "in the body of a rule", from: "else \"{", to: "else \"It is {" },
    Edit { name: "a comment on top", from: "//! What", to: "// A comment.\n//! What" },
    Edit { name: "a new constant", from: "/// Ports that", to: "const MORE = 3\n\n/// Ports that" },
    Edit { name: "the signature of an exported function", from: "(port: Int) -> Bool", to: "(port: Int?) -> Bool" },
    Edit { name: "a half-typed clause", from: "    require ", to: "    require port.\n    require " },
    Edit { name: "a header half deleted", from: "guardrail ", to: "guardra " },
];

/// Makes each edit and takes it back, [`ROUNDS`] times, and notes what both directions take.
pub(crate) fn rounds(rules: &mut Rules, least: &mut Least) -> Result<()> {
    let file = rules.selected_files().nth(333).or_else(|| rules.selected_files().next()).context("there is no file")?;
    let text = file.text(&rules.db).to_string();
    // As an editor opens a file: from now on it changes often, and the others rarely do.
    rules.edit([(file, text.as_str().into())]);
    diagnostics(rules, Scope::WithTests);
    for _ in 0..ROUNDS {
        for edit in &EDITS {
            let edited = text.replacen(edit.from, edit.to, 1);
            anyhow::ensure!(edited != text, "nothing to edit: {}", edit.name);
            keystroke(rules, file, &edited, edit.name, least);
            keystroke(rules, file, &text, &format!("{}, taken back", edit.name), least);
        }
    }
    Ok(())
}

/// The name of the measurement of the edited file's diagnostics.
pub(crate) fn of_file(name: &str) -> String {
    format!("{name}: file")
}

/// The name of the measurement of all diagnostics, those of the file included.
pub(crate) fn of_all(name: &str) -> String {
    format!("{name}: all")
}

fn keystroke(rules: &mut Rules, file: SourceFile, text: &str, name: &str, least: &mut Least) {
    let (own, _) = timed(|| {
        rules.edit([(file, text.into())]);
        file_diagnostics(&rules.db, rules.workspace, file, Scope::WithTests).len()
    });
    let (others, _) = timed(|| diagnostics(rules, Scope::WithTests));
    least.note(&of_file(name), own);
    least.note(&of_all(name), own + others);
}
