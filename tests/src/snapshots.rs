//! Whole texts: reports, diagnostics, outcomes of tests, the intermediate representation.
//!
//! `snapshot` fences say what they show: `of=text`, `of=json` and the other formats of results, `of=lint` (diagnostics), and `of=lint-json`,
//! `of=lint-sarif`, `of=lint-github`. An `ir` fence shows the guardrails of the case. Digests are masked, because they change with every
//! edit of the standard library.

use parapet_driver::{Rules, RulesError, diagnostics, load};
use parapet_ir::{Item, print_guardrail};
use parapet_lower::{guardrails, lowered};
use parapet_report::{Diagnosed, Options, diagnostic_format_named, format_named};
use parapet_semantic::Scope;

use crate::markdown::Fence;
use crate::setting::Files;
use crate::verdicts;

/// What disagrees with a `snapshot` or `ir` fence.
pub(crate) fn judge(files: &Files, fence: &Fence) -> Vec<String> {
    let text = match (fence.kind.as_str(), fence.attribute("of")) {
        ("ir", _) => rules(files).map(|rules| representation(&rules)),
        (_, Some("lint")) => rules(files).and_then(|rules| found(&rules, "text")),
        (_, Some(of)) if of.starts_with("lint-") => {
            rules(files).and_then(|rules| found(&rules, of.trim_start_matches("lint-")))
        }
        (_, Some(format)) if format_named(format).is_some() => report(files, fence, format),
        (_, of) => Err(format!("a snapshot of {of:?} is not known")),
    };
    match text {
        Ok(text) if tidy(&text) == tidy(&fence.text) => Vec::new(),
        Ok(text) => vec![format!("line {}: the text is\n{}", fence.line, tidy(&text))],
        Err(message) => vec![message],
    }
}

fn rules(files: &Files) -> Result<Rules, String> {
    load(&files.host, &files.rules).map_err(|RulesError::Missing(message)| message)
}

fn report(files: &Files, fence: &Fence, format: &str) -> Result<String, String> {
    let outcome = verdicts::result(files, fence)?;
    let format = format_named(format).ok_or("there is no such format")?;
    let options = Options { color: false, all: fence.attribute("all").is_some(), ..Options::default() };
    let mut bytes = Vec::new();
    format.write(&outcome.result, &options, &mut bytes).map_err(|error| error.to_string())?;
    Ok(elided(&masked(&String::from_utf8_lossy(&bytes))))
}

fn found(rules: &Rules, format: &str) -> Result<String, String> {
    let found = diagnostics(rules, Scope::WithTests);
    let files = |file| rules.source(file);
    let owners = |file, span| rules.owner(file, span);
    let format = diagnostic_format_named(format).ok_or("diagnostics have no such format")?;
    Ok(elided(&(format.print)(&Diagnosed { found: &found, files: &files, owners: &owners }, false)))
}

/// Texts of JSON that are longer than a few lines, such as the pages of codes, become `…`.
fn elided(text: &str) -> String {
    let line = |line: &str| {
        let (name, value) = line.split_once("\": \"").filter(|(_, value)| value.len() > 240)?;
        let behind = value.get(value.rfind('"')? + 1..)?;
        Some(format!("{name}\": \"…\"{behind}\n"))
    };
    text.lines().map(|text| line(text).unwrap_or_else(|| format!("{text}\n"))).collect()
}

fn representation(rules: &Rules) -> String {
    let items = rules.selected_files().flat_map(|file| guardrails(&rules.db, file));
    let printed = items.filter_map(|(_, item)| match lowered(&rules.db, rules.workspace, item) {
        Some(Item::Guardrail(guardrail)) => Some(print_guardrail(guardrail)),
        _ => None,
    });
    printed.collect()
}

/// Hides digests: 64 hexadecimal digits become `…`.
fn masked(text: &str) -> String {
    let is_digest = |part: &str| part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = text.split('"').map(|part| if is_digest(part) { "…" } else { part });
    parts.collect::<Vec<_>>().join("\"")
}

/// Without blanks at the ends of lines and of the text.
fn tidy(text: &str) -> String {
    text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
