//! Quick fixes and what else can be done at a place.

use parapet_driver::{Diagnostic, diagnostics_of};
use parapet_ide::Edit;

use crate::proto::{self, CodeAction, CodeActionKind};
use crate::translate::action_kind;
use crate::world::Snapshot;

/// The actions of these kinds that a range has.
pub(crate) fn at(snapshot: &Snapshot, range: proto::Range, only: Option<&[CodeActionKind]>) -> Vec<CodeAction> {
    let found = diagnostics_of(&snapshot.db, snapshot.workspace, snapshot.file);
    let mut all = fixes(snapshot, range, &found);
    all.extend(others(snapshot, range, &found));
    all.retain(|action| is_wanted(action, only));
    all
}

fn fixes(snapshot: &Snapshot, range: proto::Range, found: &[Diagnostic]) -> Vec<CodeAction> {
    let fixes = parapet_ide::fixes(&snapshot.db, snapshot.file, found, snapshot.span(range));
    let shown = fixes.into_iter().filter_map(|fix| {
        let action = action(snapshot, fix.title, CodeActionKind::QUICKFIX, &fix.edits, Some(&fix.diagnostic))?;
        Some(CodeAction { is_preferred: fix.preferred.then_some(true), ..action })
    });
    shown.collect()
}

fn others(snapshot: &Snapshot, range: proto::Range, found: &[Diagnostic]) -> Vec<CodeAction> {
    let (db, workspace, file) = (&snapshot.db, snapshot.workspace, snapshot.file);
    let others = parapet_ide::actions(db, workspace, file, found, snapshot.span(range), &until());
    let shown = others.into_iter().filter_map(|other| {
        action(snapshot, other.title, action_kind(other.kind), &other.edits, other.diagnostic.as_ref())
    });
    shown.collect()
}

fn action(
    snapshot: &Snapshot,
    title: String,
    kind: CodeActionKind,
    edits: &[Edit],
    diagnostic: Option<&Diagnostic>,
) -> Option<CodeAction> {
    Some(CodeAction {
        title,
        kind: Some(kind),
        diagnostics: diagnostic.map(|diagnostic| vec![snapshot.diagnostic(snapshot.file, diagnostic)]),
        edit: Some(snapshot.workspace_edit(edits)?),
        ..CodeAction::default()
    })
}

/// Whether an action is of the kinds that the editor asks for.
pub(crate) fn is_wanted(action: &CodeAction, only: Option<&[CodeActionKind]>) -> bool {
    match (only, &action.kind) {
        (Some(only), Some(kind)) => only.iter().any(|only| is_of_kind(kind, only)),
        // Mending everything is done when it is asked for, not offered at each place.
        (None, kind) => *kind != Some(CodeActionKind::SOURCE_FIX_ALL),
        (Some(_), None) => false,
    }
}

/// `quickfix` of `quickfix`, and `refactor.extract` of `refactor`.
fn is_of_kind(kind: &CodeActionKind, wanted: &CodeActionKind) -> bool {
    let rest = kind.as_str().strip_prefix(wanted.as_str());
    rest.is_some_and(|rest| rest.is_empty() || wanted.as_str().is_empty() || rest.starts_with('.'))
}

/// The last day of a waiver that is written now.
fn until() -> String {
    let day = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    day.saturating_add(jiff::Span::new().days(90)).to_string()
}
