//! The ids of controls: those of a framework that guardrails in reach have.
//!
//! They stand in the texts of `@control(…)`, which are read as they stand: what is typed there is seldom a whole attribute, and
//! the trees of a library need not be made for it.

use std::collections::BTreeMap;

use parapet_semantic::{Db, SourceFile, Workspace};

/// How a line begins that maps a guardrail to controls.
const ATTRIBUTE: &str = "@control(";

/// A framework and an id in it.
type Control = (String, String);

/// The framework whose id stands in quotes at the end of a text, and what of it was typed.
pub(super) fn framework_at(before: &str) -> Option<(String, String)> {
    let start =
        before.rfind(ATTRIBUTE).filter(|at| *at == 0 || before.get(..*at).is_some_and(|text| text.ends_with('\n')))?;
    let Read { framework, open, ended, .. } = read(before.get(start + ATTRIBUTE.len()..)?);
    Some((framework, open.filter(|_| !ended)?)).filter(|(framework, _)| !framework.is_empty())
}

/// The ids of a framework, each with how many guardrails are mapped to it.
pub(super) fn ids(db: &dyn Db, workspace: Workspace, framework: &str) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    for file in workspace.files(db) {
        db.unwind_if_revision_cancelled();
        for (_, id) in controls(db, *file).iter().filter(|(known, _)| known == framework) {
            *ids.entry(id.clone()).or_default() += 1;
        }
    }
    ids
}

/// The controls that a file names, in the order of the text.
#[salsa::tracked(returns(ref))]
fn controls(db: &dyn Db, file: SourceFile) -> Vec<Control> {
    let text = file.text(db);
    let starts = text
        .match_indices(ATTRIBUTE)
        .filter(|(at, _)| *at == 0 || text.get(..*at).is_some_and(|text| text.ends_with('\n')));
    starts.flat_map(|(at, _)| read(text.get(at + ATTRIBUTE.len()..).unwrap_or_default()).controls).collect()
}

/// What was read of an attribute.
#[derive(Default)]
struct Read {
    controls: Vec<Control>,
    /// The name before the last colon.
    framework: String,
    /// The text of quotes that nothing closes.
    open: Option<String>,
    /// The bracket is closed.
    ended: bool,
}

/// Reads what stands behind the bracket, as far as the attribute goes.
fn read(text: &str) -> Read {
    let mut read = Read::default();
    let mut word = String::new();
    for letter in text.chars() {
        match (&mut read.open, letter) {
            (Some(id), '"') => {
                read.controls.push((read.framework.clone(), std::mem::take(id)));
                read.open = None;
            }
            // Strings end with their line.
            (Some(_), '\n') => return Read { ended: true, ..read },
            (Some(id), letter) => id.push(letter),
            (None, '"') => read.open = Some(String::new()),
            (None, ')') => return Read { ended: true, ..read },
            (None, ':') => read.framework = std::mem::take(&mut word),
            (None, letter) if letter.is_alphanumeric() || letter == '_' => word.push(letter),
            (None, _) => word.clear(),
        }
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_framework_of_a_cursor() {
        let at = |before: &str| framework_at(before).map(|(framework, typed)| format!("{framework} {typed}"));
        assert_eq!(at("@control(fsbp: \"RDS."), Some("fsbp RDS.".to_owned()));
        assert_eq!(at("/// A.\n@control(\n    cis: [\"1.1\", \"2"), Some("cis 2".to_owned()));
        assert_eq!(at("@control(fsbp: \"RDS.1\", own: \""), Some("own ".to_owned()));
        for none in [
            "@control(\"",
            "@control(fsbp: \"RDS.1\"",
            "@control(fsbp: \"a\")\nguardrail \"",
            "const A = \"",
            "// @control(a: \"",
        ] {
            assert_eq!(at(none), None, "{none}");
        }
    }

    #[test]
    fn what_attributes_say() {
        let all = read("\n    fsbp: \"RDS.1\",\n    cis: [\"1.1\", \"1.2\"],\n)\nguardrail x").controls;
        let shown: Vec<String> = all.iter().map(|(framework, id)| format!("{framework} {id}")).collect();
        assert_eq!(shown, ["fsbp RDS.1", "cis 1.1", "cis 1.2"]);
    }
}
