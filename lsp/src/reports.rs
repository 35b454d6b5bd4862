//! Diagnostics that the editor asks for, of one document or of all files.
//!
//! A result is named by a digest of what it says. An editor that has it already is told that it is unchanged; one that
//! withdraws its question stops the work, and one that types meanwhile is asked to ask again.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::checking::{Checked, Files, Reading, Wanted, check, digest_of, read_all};
use crate::proto::{self, Error, ErrorCode, Result};
use crate::world::{TooLarge, Work, World, lock};

/// A question that is waited for. It is dropped with the answer, or when the editor withdraws it.
#[derive(Default)]
struct Question {
    withdrawn: Arc<AtomicBool>,
}

impl Drop for Question {
    fn drop(&mut self) {
        self.withdrawn.store(true, Ordering::SeqCst);
    }
}

/// What is wrong with the files of some work, or the refusal where the text changed meanwhile.
pub(crate) async fn found(
    world: &Mutex<World>,
    reading: &Reading,
    work: impl Fn(&mut World) -> (Vec<Work>, Vec<TooLarge>),
) -> Result<Vec<Checked>> {
    let question = Question::default();
    let withdrawn = question.withdrawn.clone();
    let wanted: Wanted = Arc::new(move || !withdrawn.load(Ordering::SeqCst));
    if !read_all(world, reading, &wanted).await {
        return Err(ask_again());
    }
    let (work, large) = work(&mut lock(world));
    let found = check(work, Files::All, wanted).await;
    let large: Vec<Checked> = large.into_iter().map(Checked::from).collect();
    let others = found.ok_or_else(ask_again)?.into_iter();
    let others = others.filter(|checked| large.iter().all(|large| large.path != checked.path));
    let others: Vec<Checked> = others.collect();
    Ok(large.into_iter().chain(others).collect())
}

/// The report of one document; of one that is not known, that there is nothing to say.
pub(crate) fn of_document(
    path: &Path,
    found: Vec<Checked>,
    before: Option<&str>,
) -> proto::DocumentDiagnosticReportResult {
    let own = found.into_iter().find(|checked| checked.path == path);
    let full = full(own.map(|checked| checked.diagnostics).unwrap_or_default());
    let report = if before.is_some() && full.result_id.as_deref() == before {
        proto::DocumentDiagnosticReport::Unchanged(proto::RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: unchanged(full.result_id),
        })
    } else {
        proto::DocumentDiagnosticReport::Full(proto::RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: full,
        })
    };
    proto::DocumentDiagnosticReportResult::Report(report)
}

/// The reports of all files that there is something to say of, or was.
pub(crate) fn of_workspace(
    found: Vec<Checked>,
    before: Vec<proto::PreviousResultId>,
) -> proto::WorkspaceDiagnosticReportResult {
    let mut before: BTreeMap<String, proto::PreviousResultId> =
        before.into_iter().map(|known| (known.uri.to_string(), known)).collect();
    let mut items = Vec::new();
    for Checked { uri, diagnostics, version, .. } in found {
        let Some(uri) = uri else { continue };
        let known = before.remove(uri.as_str());
        if known.is_none() && diagnostics.is_empty() {
            continue;
        }
        items.push(of_file(uri, diagnostics, version.map(i64::from), known.map(|known| known.value)));
    }
    // What is gone, or mended while it is closed, has nothing to say any more.
    items.extend(before.into_values().map(|known| of_file(known.uri, Vec::new(), None, Some(known.value))));
    proto::WorkspaceDiagnosticReportResult::Report(proto::WorkspaceDiagnosticReport { items })
}

fn of_file(
    uri: proto::Uri,
    diagnostics: Vec<proto::Diagnostic>,
    version: Option<i64>,
    before: Option<String>,
) -> proto::WorkspaceDocumentDiagnosticReport {
    let full = full(diagnostics);
    if before.is_some() && full.result_id == before {
        proto::WorkspaceDocumentDiagnosticReport::Unchanged(proto::WorkspaceUnchangedDocumentDiagnosticReport {
            uri,
            version,
            unchanged_document_diagnostic_report: unchanged(full.result_id),
        })
    } else {
        proto::WorkspaceDocumentDiagnosticReport::Full(proto::WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: full,
        })
    }
}

fn full(items: Vec<proto::Diagnostic>) -> proto::FullDocumentDiagnosticReport {
    let result_id = Some(format!("{:016x}", digest_of(&items)));
    proto::FullDocumentDiagnosticReport { result_id, items }
}

fn unchanged(result_id: Option<String>) -> proto::UnchangedDocumentDiagnosticReport {
    proto::UnchangedDocumentDiagnosticReport { result_id: result_id.unwrap_or_default() }
}

/// The refusal that has the editor ask again.
fn ask_again() -> Error {
    let data = proto::DiagnosticServerCancellationData { retrigger_request: true };
    Error {
        code: ErrorCode::ServerError(-32802),
        message: "the text changed meanwhile".into(),
        data: serde_json::to_value(data).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_is_dropped_is_withdrawn() {
        let question = Question::default();
        let withdrawn = question.withdrawn.clone();
        assert!(!withdrawn.load(Ordering::SeqCst));
        drop(question);
        assert!(withdrawn.load(Ordering::SeqCst));
    }

    #[test]
    fn of_many_files_only_those_are_told_that_have_or_had_something() {
        let uri = |name: &str| format!("file:///{name}").parse::<proto::Uri>().unwrap();
        let checked = |name: &str, diagnostics: Vec<proto::Diagnostic>| Checked {
            path: name.into(),
            uri: Some(uri(name)),
            diagnostics,
            version: None,
        };
        let known = |name: &str, value: &str| proto::PreviousResultId { uri: uri(name), value: value.to_owned() };
        let found = vec![checked("clean", Vec::new()), checked("mended", Vec::new())];
        let empty = full(Vec::new()).result_id.unwrap();
        let before = vec![known("mended", "other"), known("gone", "other"), known("quiet", &empty)];
        let proto::WorkspaceDiagnosticReportResult::Report(report) = of_workspace(found, before) else { panic!() };
        let shown = report.items.iter().map(|item| match item {
            proto::WorkspaceDocumentDiagnosticReport::Full(full) => format!("full {}", full.uri.as_str()),
            proto::WorkspaceDocumentDiagnosticReport::Unchanged(same) => format!("unchanged {}", same.uri.as_str()),
        });
        assert_eq!(shown.collect::<Vec<_>>(), ["full file:///mended", "full file:///gone", "unchanged file:///quiet"]);
    }
}
