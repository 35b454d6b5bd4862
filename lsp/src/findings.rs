//! What is told of a template or plan: a diagnostic for each finding, at the value that causes it, and what a hover over
//! it says.
//!
//! A diagnostic says what is wrong with this resource. The guardrail behind it, with its reason and what mends it, is what a
//! hover is for: all findings at the place are told, each guardrail once.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;

use parapet_driver::Rules;
use parapet_driver::model::{Finding, GuardrailInfo, RulePlace, RunResult, Severity, SourcePlace, Verdict};
use parapet_ide::{Encoding, LineColumn, Lines, Span};

use crate::library;
use crate::proto;
use crate::templates::{Job, Template};
use crate::translate::{is_embedded, range_of, uri_of};

/// A diagnostic of a template, and the guardrail behind it.
#[derive(Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) diagnostic: proto::Diagnostic,
    /// Markdown; nothing where no guardrail saw anything.
    about: Option<Arc<str>>,
}

/// Said at the top of a document that no guardrail saw.
pub(crate) fn not_judged(why: &str) -> Told {
    let diagnostic = proto::Diagnostic {
        severity: Some(proto::DiagnosticSeverity::WARNING),
        source: Some("parapet".to_owned()),
        message: format!("not judged: {why}"),
        ..proto::Diagnostic::default()
    };
    Told { diagnostic, about: None }
}

/// What is told of a document.
pub(crate) fn told(job: &Job, document: &Template, rules: &Rules, result: &RunResult) -> Vec<Told> {
    let text = job.open.get(&document.path).map(String::as_str).unwrap_or_default();
    let text = Text { lines: Lines::new(text), text, path: &document.path, encoding: job.encoding };
    let broken = result.skipped.iter().filter(|skipped| skipped.error).map(|skipped| {
        let at = (skipped.line.unwrap_or(1), skipped.column.unwrap_or(1));
        let Told { diagnostic, about } = not_judged(&skipped.reason);
        Told { diagnostic: proto::Diagnostic { range: text.range(at, at), ..diagnostic }, about }
    });
    let guardrails: Vec<Arc<str>> = result.guardrails.iter().map(|guardrail| about(guardrail).into()).collect();
    let findings = result.findings.iter().flat_map(|finding| {
        let guardrail = result.guardrails.get(finding.guardrail);
        let found = guardrail.map(|guardrail| of_finding(job, &text, rules, guardrail, finding)).unwrap_or_default();
        let about = guardrails.get(finding.guardrail).cloned();
        found.into_iter().map(move |diagnostic| Told { diagnostic, about: about.clone() })
    });
    broken.chain(findings).collect()
}

/// What a hover over a position says: all findings there, and each guardrail once, below what it says of the place.
pub(crate) fn hover(told: &[Told], at: proto::Position) -> Option<(String, proto::Range)> {
    let found: Vec<(&Arc<str>, &proto::Diagnostic)> = told
        .iter()
        .filter(|told| holds(told.diagnostic.range, at))
        .filter_map(|told| Some((told.about.as_ref()?, &told.diagnostic)))
        .collect();
    // All hold the position: the one that begins last is the nearest.
    let range =
        found.iter().map(|(_, diagnostic)| diagnostic.range).max_by_key(|range| (range.start, Reverse(range.end)))?;
    let mut parts: Vec<(&Arc<str>, Vec<&str>)> = Vec::new();
    for (about, diagnostic) in found {
        match parts.iter_mut().find(|(known, _)| Arc::ptr_eq(known, about)) {
            Some((_, messages)) => messages.push(&diagnostic.message),
            None => parts.push((about, vec![&diagnostic.message])),
        }
    }
    let shown = parts.into_iter().map(|(about, messages)| format!("{}\n\n{about}", messages.join("\n\n")));
    Some((shown.collect::<Vec<_>>().join("\n\n---\n\n"), range))
}

/// Whether a range has a position in it; one without letters stands for its line.
fn holds(range: proto::Range, at: proto::Position) -> bool {
    if range.start == range.end { range.start.line == at.line } else { range.start <= at && at < range.end }
}

/// What a guardrail is for, what mends what it finds, and how grave that is.
fn about(guardrail: &GuardrailInfo) -> String {
    let section = |heading: &str, text: &str| match text.trim() {
        "" => String::new(),
        text => format!("{heading}{text}\n\n"),
    };
    let controls = guardrail.controls.iter().map(|(framework, ids)| format!("{framework} {}", ids.join(", ")));
    let facts = std::iter::once(format!("severity {}", guardrail.severity.name())).chain(controls);
    format!(
        "**{}**\n\n{}{}`{}`: {}",
        guardrail.title,
        section("", &guardrail.rationale),
        section("**Fix**\n\n", &guardrail.fix),
        guardrail.path,
        facts.collect::<Vec<_>>().join("; "),
    )
}

/// The text that was judged.
struct Text<'t> {
    text: &'t str,
    lines: Lines,
    path: &'t Path,
    encoding: Encoding,
}

impl Text<'_> {
    /// Lines and columns from 1, columns in characters.
    fn range(&self, start: (u32, u32), end: (u32, u32)) -> proto::Range {
        range(&self.lines, self.text, start, end, self.encoding)
    }

    fn place(&self, place: &SourcePlace) -> Option<proto::Range> {
        let here = Path::new(&*place.path) == self.path;
        here.then(|| self.range((place.line, place.column), place.end))
    }
}

fn range(lines: &Lines, text: &str, start: (u32, u32), end: (u32, u32), encoding: Encoding) -> proto::Range {
    let offset = |(line, column): (u32, u32)| {
        let at = LineColumn { line: line.saturating_sub(1), column: column.saturating_sub(1) };
        lines.offset(text, at, Encoding::Utf32)
    };
    let (start, end) = (offset(start), offset(end));
    range_of(lines, text, Span { start, end: end.max(start) }, encoding)
}

/// A diagnostic for each reason; for a verdict without one, one at the resource.
fn of_finding(
    job: &Job,
    text: &Text<'_>,
    rules: &Rules,
    guardrail: &GuardrailInfo,
    finding: &Finding,
) -> Vec<proto::Diagnostic> {
    let severity = match (finding.verdict, guardrail.severity) {
        (Verdict::Fail, Severity::Critical | Severity::High) => proto::DiagnosticSeverity::ERROR,
        (Verdict::Fail, Severity::Medium) => proto::DiagnosticSeverity::WARNING,
        (Verdict::Fail, Severity::Low | Severity::Info) => proto::DiagnosticSeverity::INFORMATION,
        (Verdict::Unknown, _) => proto::DiagnosticSeverity::HINT,
        (Verdict::Pass | Verdict::NotApplicable | Verdict::Waived, _) => return Vec::new(),
    };
    let resource = finding.resource.source.as_ref().and_then(|place| text.place(place));
    let diagnostic = |range: Option<proto::Range>, message: String| proto::Diagnostic {
        range: range.or(resource).unwrap_or_default(),
        severity: Some(severity),
        code: Some(proto::NumberOrString::String(guardrail.path.clone())),
        source: Some("parapet".to_owned()),
        message,
        ..proto::Diagnostic::default()
    };
    if finding.verdict == Verdict::Unknown {
        let why: Vec<String> =
            finding.unknown.iter().map(|cause| format!("{}: {}", cause.path, cause.reason)).collect();
        return vec![diagnostic(None, format!("undecided: {}\n{}", guardrail.title, why.join("\n")))];
    }
    if finding.details.is_empty() {
        return vec![diagnostic(None, guardrail.title.clone())];
    }
    finding
        .details
        .iter()
        .map(|detail| {
            let seen = detail.values.iter().find_map(|value| text.place(value.source.as_ref()?));
            let related = rule(job, rules, &detail.rule)
                .map(|location| proto::DiagnosticRelatedInformation { location, message: guardrail.title.clone() });
            proto::Diagnostic {
                related_information: related.map(|related| vec![related]),
                ..diagnostic(seen, detail.message.clone())
            }
        })
        .collect()
}

/// The place of the requirement.
fn rule(job: &Job, rules: &Rules, place: &RulePlace) -> Option<proto::Location> {
    let (path, text) = rules.texts.iter().find(|(path, _)| **path == *place.path)?;
    let range = range(&Lines::new(text), text, (place.line, place.column), place.end, job.encoding);
    let file = Path::new(path);
    let uri = if is_embedded(file) { uri_of(&library::write(&job.library, path, text)?)? } else { uri_of(file)? };
    Some(proto::Location { uri, range })
}
