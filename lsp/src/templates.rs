//! Templates and plans that are open in the editor: what the guardrails find in them, at the lines that cause it.
//!
//! They are judged as `parapet check FILE` judges them, by the rules of the editor's folders, or by the standard library
//! where there are none. A run takes longer than a keystroke, so that it waits until nobody types for a moment; one at a
//! time runs, and loads the rules once for all documents. They are not kept until the next: they would take as much memory as
//! those that questions are asked of, which a run cannot use, as no edit could be taken in until it ended. A verdict that is not
//! known is a hint: it is no pass, and in a template it is common.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parapet_driver::model::{Finding, GuardrailInfo, RulePlace, RunResult, Severity, SourcePlace, Verdict};
use parapet_driver::{Host, Prepared, Refusal, Request, Rules, System, prepare};
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

/// The rules of a job, ready to judge any number of documents, or why they judge none.
struct Ready {
    request: Request<'static>,
    rules: Result<Prepared, String>,
}

/// Whether a document may be a template, a plan, a state, or configuration of Terraform in JSON: what is none is not read.
pub(crate) fn may_be_one(path: &Path, text: &str) -> bool {
    let is_configuration = path.to_string_lossy().ends_with(".tf.json");
    let template = text.contains("Resources") && (text.contains("AWS::") || text.contains("AWSTemplateFormatVersion"));
    let plan =
        text.contains("\"terraform_version\"") && (text.contains("planned_values") || text.contains("\"resources\""));
    text.len() <= LARGEST && (template || plan || is_configuration)
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
        let mut ready = None;
        for document in job.documents.clone() {
            sent.insert(document.path.clone(), document.uri.clone());
            let (job, judged, last) = (job.clone(), document.clone(), ready.take());
            // A fault of the engine was told on standard error; the other documents are judged all the same.
            let run = tokio::task::spawn_blocking(move || {
                let system = System::default();
                let host = job.host(&system);
                let ready = last.unwrap_or_else(|| Ready::of(&host, &job));
                let found = found(&host, &job, &ready, &judged);
                (ready, found)
            });
            if let Ok((rules, diagnostics)) = run.await {
                ready = Some(rules);
                client.publish_diagnostics(document.uri, diagnostics, Some(document.version)).await;
            }
        }
        // To free rules takes time, too.
        drop(tokio::task::spawn_blocking(move || drop(ready)));
    }
}

impl Job {
    fn host<'h>(&'h self, system: &'h System) -> Editor<'h> {
        Editor { system, open: self.open.iter().map(|(path, text)| (path.clone(), text.as_str())).collect() }
    }
}

impl Ready {
    fn of(host: &dyn Host, job: &Job) -> Ready {
        let request = Request {
            rules: job.rules.clone(),
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            ..Request::at(host.now())
        };
        let rules = prepare(host, &request).map_err(why);
        Ready { request, rules }
    }
}

/// Why nothing was judged.
fn why(refusal: Refusal) -> String {
    match refusal {
        // The rules have errors of their own, in their files.
        Refusal::Rules(..) => "the rules do not check".to_owned(),
        Refusal::Usage(message) | Refusal::Fault(message) => message,
    }
}

fn found(host: &dyn Host, job: &Job, ready: &Ready, document: &Template) -> Vec<proto::Diagnostic> {
    let prepared = match &ready.rules {
        Ok(prepared) => prepared,
        Err(why) => return vec![not_judged(why)],
    };
    let request = Request { inputs: vec![document.path.to_string_lossy().into_owned()], ..ready.request.clone() };
    match prepared.run(host, &request) {
        Ok((result, _)) => shown(job, document, prepared.rules(), &result),
        Err(refusal) => vec![not_judged(&why(refusal))],
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

fn shown(job: &Job, document: &Template, rules: &Rules, result: &RunResult) -> Vec<proto::Diagnostic> {
    let text = job.open.get(&document.path).map(String::as_str).unwrap_or_default();
    let text = Judged { lines: Lines::new(text), text, path: &document.path, encoding: job.encoding };
    let broken = result.skipped.iter().filter(|skipped| skipped.error).map(|skipped| {
        let at = (skipped.line.unwrap_or(1), skipped.column.unwrap_or(1));
        proto::Diagnostic { range: text.range(at, at), ..not_judged(&skipped.reason) }
    });
    let findings = result.findings.iter().flat_map(|finding| {
        let guardrail = result.guardrails.get(finding.guardrail);
        guardrail.map(|guardrail| of_finding(job, &text, rules, guardrail, finding)).unwrap_or_default()
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
    use parapet_driver::Kind;

    use super::*;

    /// The editor, with how often a file was opened.
    struct Counted<'e> {
        editor: Editor<'e>,
        opened: Mutex<BTreeMap<PathBuf, usize>>,
    }

    impl Host for Counted<'_> {
        fn kind(&self, path: &Path) -> std::io::Result<Kind> {
            self.editor.kind(path)
        }

        fn entries(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
            self.editor.entries(folder)
        }

        fn open(&self, path: &Path) -> std::io::Result<Box<dyn std::io::Read + '_>> {
            *lock(&self.opened).entry(path.to_owned()).or_default() += 1;
            self.editor.open(path)
        }

        fn size(&self, path: &Path) -> Option<u64> {
            self.editor.size(path)
        }

        fn real(&self, path: &Path) -> PathBuf {
            self.editor.real(path)
        }

        fn now(&self) -> jiff::Timestamp {
            self.editor.now()
        }
    }

    #[test]
    fn rules_are_loaded_once_for_all_templates() {
        let rules = "guardrail topics_are_named(t: AWS::SNS::Topic) {\n    require t.TopicName is present\n}\n";
        let template = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
        let folder = Path::new("/nowhere/rules");
        let texts = [("main.parapet", rules), ("a.yaml", template), ("b.yaml", template)];
        let open: BTreeMap<PathBuf, String> =
            texts.iter().map(|(name, text)| (folder.join(name), (*text).to_owned())).collect();
        let documents = ["a.yaml", "b.yaml"].map(|name| Template {
            path: folder.join(name),
            uri: uri_of(&folder.join(name)).unwrap(),
            version: 1,
        });
        let job = Job {
            rules: vec![folder.to_string_lossy().into_owned()],
            open,
            documents: documents.to_vec(),
            encoding: Encoding::Utf16,
            library: Arc::from(folder),
        };
        let system = System::default();
        let host = Counted { editor: job.host(&system), opened: Mutex::default() };
        let ready = Ready::of(&host, &job);
        for document in &job.documents {
            let found = found(&host, &job, &ready, document);
            let lines: Vec<u32> = found.iter().map(|diagnostic| diagnostic.range.start.line).collect();
            assert_eq!(lines, [2], "{found:?}");
        }
        assert_eq!(lock(&host.opened).get(&folder.join("main.parapet")), Some(&1));
    }

    #[test]
    fn what_is_no_template_is_not_read() {
        assert!(may_be_one(Path::new("a.yaml"), "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"));
        assert!(may_be_one(Path::new("a.json"), "{\"terraform_version\": \"1.9.0\", \"planned_values\": {}}"));
        for other in ["", "{}", "name: build\njobs:\n  Resources: 3\n", "\"AWS::SQS::Queue\""] {
            assert!(!may_be_one(Path::new("a.json"), other), "{other}");
        }
    }
}
