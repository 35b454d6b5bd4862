//! What `parapet lint --fix` makes of a program: a `fixed` fence, beside the `parapet` fence that it is about.
//!
//! The comments that announce diagnostics are taken out before, so that both fences read as a person would write them.
//! Afterwards nothing may be left that could be fixed, and no error that was not there.

use parapet_base::{Applicability, Diagnostic, FileId, Level};
use parapet_driver::{Rules, RulesError, diagnostics, fix_in_memory, load};
use parapet_semantic::Scope;

use crate::expectation::unannounced;
use crate::markdown::{Case, Fence};
use crate::setting::{Files, files};

/// What disagrees with a `fixed` fence.
pub(crate) fn judge(case: &Case, fence: &Fence) -> Vec<String> {
    let mut rules = match bare(case).and_then(|files| rules(&files)) {
        Ok(rules) => rules,
        Err(message) => return vec![message],
    };
    let name = format!("/{}", fence.attribute("file").unwrap_or("main.parapet"));
    let before = errors(&diagnostics(&rules, Scope::WithTests));
    let mut wrong = fix_in_memory(&mut rules).problems;
    match rules.texts.iter().find(|(path, _)| path.ends_with(&name)) {
        Some((_, text)) if **text == fence.text => {}
        Some((_, text)) => wrong.push(format!("line {}: the text is\n{text}", fence.line)),
        None => wrong.push(format!("line {}: no program is called {name}", fence.line)),
    }
    let left = diagnostics(&rules, Scope::WithTests);
    wrong.extend(
        left.iter()
            .filter(|(_, found)| is_fixable(found))
            .map(|(_, found)| format!("line {}: not fixed: {}: {}", fence.line, found.code.code, found.message)),
    );
    if errors(&left) > before {
        wrong.push(format!("line {}: there are more errors than before", fence.line));
    }
    wrong
}

/// Whether a program of the case could be fixed, so that a page should show how.
pub(crate) fn wants_a_fence(case: &Case) -> bool {
    let rules = bare(case).and_then(|files| rules(&files));
    rules.is_ok_and(|rules| diagnostics(&rules, Scope::WithTests).iter().any(|(_, found)| is_fixable(found)))
}

/// The files of the case, without the comments that announce diagnostics.
fn bare(case: &Case) -> Result<Files, String> {
    let mut case = case.clone();
    for fence in case.fences.iter_mut().filter(|fence| fence.kind == "parapet") {
        fence.text = unannounced(&fence.text);
    }
    files(&case)
}

fn rules(files: &Files) -> Result<Rules, String> {
    load(&files.host, &files.rules).map_err(|RulesError::Missing(message)| message)
}

fn is_fixable(diagnostic: &Diagnostic) -> bool {
    diagnostic.suggestions.iter().any(|suggestion| suggestion.applicability == Applicability::Machine)
}

fn errors(found: &[(FileId, Diagnostic)]) -> usize {
    found.iter().filter(|(_, diagnostic)| diagnostic.level() == Level::Error).count()
}
