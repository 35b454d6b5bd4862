//! Templates and plans that are open in the editor: what the guardrails find in them, at the lines that cause it.
//!
//! They are judged as `parapet check FILE` judges them, by the rules of the editor's folders, or by the standard library
//! where there are none. A run takes longer than a keystroke, so that it waits until nobody types for a moment; one at a
//! time runs. A verdict that is not known is a hint: it is no pass, and in a template it is common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parapet_driver::model::{Finding, GuardrailInfo, RulePlace, Severity, SourcePlace, Verdict};
use parapet_driver::{Host, Outcome, Refusal, Request, Rules, System, check};
use parapet_ide::{Encoding, LineColumn, Lines, Span};
use tokio::sync::Notify;
use tower_lsp::Client;

use crate::host::Editor;
use crate::library;
use crate::proto;
use crate::translate::{is_embedded, range_of, uri_of};
use crate::world::{World, lock};

/// So long nobody must have typed.
const PAUSE: Duration = Duration::from_millis(200);

/// A larger document is not judged while it is edited.
const LARGEST: usize = 16 << 20;

/// The documents to judge, and what it takes.
pub(crate) struct Job {
    pub(crate) rules: Vec<String>,
    pub(crate) open: BTreeMap<PathBuf, String>,
    pub(crate) documents: Vec<Template>,
    pub(crate) encoding: Encoding,
    pub(crate) library: Arc<Path>,
}

/// A document that may be a template or a plan.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) path: PathBuf,
    pub(crate) uri: proto::Uri,
    pub(crate) version: i32,
}

/// Whether a text may be a template, a plan or a state: what is none is not read.
pub(crate) fn may_be_one(text: &str) -> bool {
    let template = text.contains("Resources") && (text.contains("AWS::") || text.contains("AWSTemplateFormatVersion"));
    let plan =
        text.contains("\"terraform_version\"") && (text.contains("planned_values") || text.contains("\"resources\""));
    text.len() <= LARGEST && (template || plan)
}

/// Judges open templates after each change, for ever.
pub(crate) async fn judge(client: Client, world: Arc<Mutex<World>>, wake: Arc<Notify>) {
    let mut sent: BTreeMap<PathBuf, proto::Uri> = BTreeMap::new();
    loop {
        wake.notified().await;
        // What comes in the pause begins it anew.
        while tokio::time::timeout(PAUSE, wake.notified()).await.is_ok() {}
        let job = lock(&world).templates();
        let gone: Vec<PathBuf> =
            sent.keys().filter(|path| job.documents.iter().all(|known| known.path != **path)).cloned().collect();
        for path in gone {
            if let Some(uri) = sent.remove(&path) {
                client.publish_diagnostics(uri, Vec::new(), None).await;
            }
        }
        let job = Arc::new(job);
        for document in job.documents.clone() {
            sent.insert(document.path.clone(), document.uri.clone());
            let (job, judged) = (job.clone(), document.clone());
            // A fault of the engine was told on standard error; the other documents are judged all the same.
            let found = tokio::task::spawn_blocking(move || found(&job, &judged)).await;
            if let Ok(diagnostics) = found {
                client.publish_diagnostics(document.uri, diagnostics, Some(document.version)).await;
            }
        }
    }
}

fn found(job: &Job, document: &Template) -> Vec<proto::Diagnostic> {
    let system = System::default();
    let open = job.open.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    let host = Editor { system: &system, open };
    let request = Request {
        rules: job.rules.clone(),
        inputs: vec![document.path.to_string_lossy().into_owned()],
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        ..Request::at(host.now())
    };
    match check(&host, &request) {
        Ok(outcome) => shown(job, document, &outcome),
        // The rules have errors of their own, in their files. Nothing was judged, and that is said.
        Err(Refusal::Rules(..)) => vec![not_judged("the rules do not check")],
        Err(Refusal::Usage(message) | Refusal::Fault(message)) => vec![not_judged(&message)],
    }
}

/// Said at the top of a document that no guardrail saw.
fn not_judged(why: &str) -> proto::Diagnostic {
    proto::Diagnostic {
        severity: Some(proto::DiagnosticSeverity::WARNING),
        source: Some("parapet".to_owned()),
        message: format!("not judged: {why}"),
        ..proto::Diagnostic::default()
    }
}

fn shown(job: &Job, document: &Template, outcome: &Outcome) -> Vec<proto::Diagnostic> {
    let text = job.open.get(&document.path).map(String::as_str).unwrap_or_default();
    let text = Judged { lines: Lines::new(text), text, path: &document.path, encoding: job.encoding };
    let result = &outcome.result;
    let broken = result.skipped.iter().filter(|skipped| skipped.error).map(|skipped| {
        let at = (skipped.line.unwrap_or(1), skipped.column.unwrap_or(1));
        proto::Diagnostic { range: text.range(at, at), ..not_judged(&skipped.reason) }
    });
    let findings = result.findings.iter().flat_map(|finding| {
        let guardrail = result.guardrails.get(finding.guardrail);
        guardrail.map(|guardrail| of_finding(job, &text, &outcome.rules, guardrail, finding)).unwrap_or_default()
    });
    broken.chain(findings).collect()
}

/// The text that was judged.
struct Judged<'t> {
    text: &'t str,
    lines: Lines,
    path: &'t Path,
    encoding: Encoding,
}

impl Judged<'_> {
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
    text: &Judged<'_>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_template_is_not_read() {
        assert!(may_be_one("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"));
        assert!(may_be_one("{\"terraform_version\": \"1.9.0\", \"planned_values\": {}}"));
        for other in ["", "{}", "name: build\njobs:\n  Resources: 3\n", "\"AWS::SQS::Queue\""] {
            assert!(!may_be_one(other), "{other}");
        }
    }
}
