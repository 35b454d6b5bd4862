//! Quick fixes and what else can be done at a place.

use std::sync::Arc;

use parapet_driver::{Diagnostic, Fixing, diagnostics_of};
use parapet_ide::{Edit, Encoding, Lines};

use crate::proto::{self, CodeAction, CodeActionKind};
use crate::translate::{action_kind, range_of};
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

/// What `parapet lint --fix` would do in the file, to be worked out when no edit can be kept waiting by it. Mending
/// everything is done when it is asked for, not offered at each place.
pub(crate) struct FixAll {
    fixing: Fixing,
    text: Arc<str>,
    uri: proto::Uri,
    encoding: Encoding,
}

impl FixAll {
    pub(crate) fn asked(snapshot: &Snapshot, only: Option<&[CodeActionKind]>) -> Option<FixAll> {
        let is_asked = only?.iter().any(|only| is_of_kind(&CodeActionKind::SOURCE_FIX_ALL, only));
        if !is_asked || !snapshot.is_ours(snapshot.file) {
            return None;
        }
        Some(FixAll {
            fixing: Fixing::of(&snapshot.db, snapshot.workspace, snapshot.file)?,
            text: snapshot.file.text(&snapshot.db).clone(),
            uri: snapshot.uri(snapshot.file)?,
            encoding: snapshot.encoding,
        })
    }

    pub(crate) fn action(self) -> Option<CodeAction> {
        let edit = self.fixing.fixed()?;
        let range = range_of(&Lines::new(&self.text), &self.text, edit.span, self.encoding);
        let edits = vec![proto::TextEdit { range, new_text: edit.replacement }];
        Some(CodeAction {
            title: "Mend all that can be mended without asking".to_owned(),
            kind: Some(CodeActionKind::SOURCE_FIX_ALL),
            edit: Some(proto::WorkspaceEdit {
                changes: Some(std::iter::once((self.uri, edits)).collect()),
                ..proto::WorkspaceEdit::default()
            }),
            ..CodeAction::default()
        })
    }
}

/// Whether an action is of the kinds that the editor asks for.
pub(crate) fn is_wanted(action: &CodeAction, only: Option<&[CodeActionKind]>) -> bool {
    match (only, &action.kind) {
        (Some(only), Some(kind)) => only.iter().any(|only| is_of_kind(kind, only)),
        (None, _) => true,
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
