//! The diagnostics of a case's programs against what their comments announce.
//!
//! Every announced diagnostic must be there, and every error that is there must be announced. A warning that
//! nobody announced passes, unless the program's fence says `warnings=exact`; then only `missing_fix` may stay unsaid.

use parapet_base::{Diagnostic, Level, LineIndex};
use parapet_driver::{Rules, RulesError, chosen_inputs, diagnostics, ending_waivers, load, unobservable};
use parapet_semantic::Scope;

use crate::expectation::{ExpectedDiagnostic, expected_diagnostics};
use crate::markdown::{Case, Fence};
use crate::setting::{AS_OF, Files, time};

/// A diagnostic with its place.
struct Found {
    path: String,
    line: u32,
    level: &'static str,
    code: &'static str,
    /// The message, labels, notes and suggestions.
    text: String,
}

/// What disagrees.
pub(crate) fn judge(case: &Case, files: &Files) -> Vec<String> {
    let rules = match load(&files.host, &files.rules) {
        Ok(rules) => rules,
        Err(RulesError::Missing(message)) => return vec![message],
    };
    let formats: Vec<String> = case
        .fences_of("parapet")
        .filter_map(|fence| fence.attribute("inputs"))
        .flat_map(|formats| formats.split(',').map(str::to_owned))
        .collect();
    let inputs = match chosen_inputs(&formats) {
        Ok(inputs) => inputs,
        Err(message) => return vec![message],
    };
    let as_of = match time(AS_OF) {
        Ok(time) => time,
        Err(message) => return vec![message],
    };
    let found: Vec<Found> = diagnostics(&rules, Scope::WithTests)
        .iter()
        .chain(&unobservable(&rules, &inputs))
        .chain(&ending_waivers(&rules, as_of))
        .map(|(file, diagnostic)| found(&rules, file.0 as usize, diagnostic))
        .collect();
    let mut wrong = Vec::new();
    for fence in case.fences_of("parapet") {
        let path = format!("/{}", fence.attribute("file").unwrap_or("main.parapet"));
        let here: Vec<&Found> = found.iter().filter(|found| found.path.ends_with(&path)).collect();
        wrong.extend(compare(fence, &here));
    }
    let stray = |found: &&Found| {
        found.level == "error"
            && !case
                .fences_of("parapet")
                .any(|fence| found.path.ends_with(&format!("/{}", fence.attribute("file").unwrap_or("main.parapet"))))
    };
    wrong.extend(found.iter().filter(stray).map(|found| format!("{}:{}: {}", found.path, found.line, found.text)));
    wrong
}

fn found(rules: &Rules, file: usize, diagnostic: &Diagnostic) -> Found {
    let (path, text) = rules.texts.get(file).map_or(("", ""), |(path, text)| (path.as_str(), &**text));
    let line = LineIndex::new(text).position(text, diagnostic.span.start).line;
    let mut told = vec![diagnostic.message.clone(), diagnostic.primary.clone()];
    told.extend(diagnostic.labels.iter().map(|label| label.message.clone()));
    told.extend(diagnostic.notes.iter().cloned());
    for suggestion in &diagnostic.suggestions {
        told.push(suggestion.message.clone());
        told.extend(suggestion.edits.iter().map(|edit| edit.replacement.clone()));
    }
    told.retain(|text| !text.is_empty());
    let level = if diagnostic.level() == Level::Error { "error" } else { "warning" };
    Found { path: path.to_owned(), line, level, code: diagnostic.code.code, text: told.join(" | ") }
}

fn compare(fence: &Fence, found: &[&Found]) -> Vec<String> {
    let expected = expected_diagnostics(&fence.text);
    let mut wrong = Vec::new();
    for wanted in &expected {
        if !found.iter().any(|found| agrees(wanted, found)) {
            let there: Vec<String> =
                found.iter().filter(|found| found.line == wanted.line).map(|found| told(found)).collect();
            let line = fence.line + wanted.line - 1;
            let code = wanted.code.as_deref().unwrap_or("any");
            let there = if there.is_empty() { "nothing".to_owned() } else { there.join("; ") };
            wrong.push(format!("line {line}: no {} {code} {:?}; there: {there}", wanted.level, wanted.parts));
        }
    }
    let exact = fence.attribute("warnings") == Some("exact");
    for found in found {
        let counts = found.level == "error" || (exact && found.code != "W0208");
        if counts && !expected.iter().any(|wanted| agrees(wanted, found)) {
            wrong.push(format!("line {}: unexpected {}", fence.line + found.line - 1, told(found)));
        }
    }
    wrong
}

fn told(found: &Found) -> String {
    format!("{} {}: {}", found.level, found.code, found.text)
}

fn agrees(wanted: &ExpectedDiagnostic, found: &Found) -> bool {
    wanted.line == found.line
        && wanted.level == found.level
        && wanted.code.as_deref().is_none_or(|code| code == found.code)
        && wanted.parts.iter().all(|part| found.text.contains(part))
}
