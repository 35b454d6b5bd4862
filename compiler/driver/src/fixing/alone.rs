//! What `lint --fix` would make of one file, for an editor: in a copy of the rules, so that nobody who edits waits.

use std::sync::Arc;

use parapet_base::{Diagnostic, Edit, FileId, Span};
use parapet_semantic::{SourceFile, Workspace};
use salsa::Durability;

use super::{MOST_ROUNDS, broken, came_to_light, errors, machine};
use crate::diagnostics::diagnostics_of;
use crate::edits::apply;
use crate::rules::Database;

/// A file to fix, with all that it may use; it holds no database.
pub struct Fixing {
    texts: Vec<Text>,
    which: usize,
}

struct Text {
    id: FileId,
    path: Arc<str>,
    package: Arc<str>,
    module: Arc<str>,
    text: Arc<str>,
}

impl Fixing {
    /// Takes down what the rules say. `None` for a file that is not among them.
    pub fn of(db: &Database, workspace: Workspace, file: SourceFile) -> Option<Fixing> {
        let files = workspace.files(db);
        let which = files.iter().position(|known| *known == file)?;
        let texts = files.iter().map(|file| Text {
            id: file.id(db),
            path: file.path(db).clone(),
            package: file.package(db).clone(),
            module: file.module(db).clone(),
            text: file.text(db).clone(),
        });
        Some(Fixing { texts: texts.collect(), which })
    }

    /// The change of the file that leaves nothing to fix unasked; `None` where there is nothing.
    pub fn fixed(self) -> Option<Edit> {
        let mut db = Database::default();
        let before = self.texts.get(self.which)?.text.clone();
        let files = self.texts.into_iter().map(|text| {
            let file = SourceFile::builder(text.id, text.path, text.package, text.module, text.text);
            file.durability(Durability::MEDIUM).new(&db)
        });
        let files: Vec<SourceFile> = files.collect();
        let file = *files.get(self.which)?;
        let workspace = Workspace::builder(files).durability(Durability::MEDIUM).new(&db);
        rounds(&mut db, workspace, file);
        changed(&before, file.text(&db))
    }
}

/// The rounds of `lint --fix`, in one file.
fn rounds(db: &mut Database, workspace: Workspace, file: SourceFile) {
    let id = file.id(db);
    let named = |found: Vec<Diagnostic>| found.into_iter().map(|found| (id, found)).collect::<Vec<_>>();
    let mut found = named(diagnostics_of(db, workspace, file));
    for _ in 0..MOST_ROUNDS {
        let sure: Vec<_> = found.iter().filter_map(|(_, found)| Some((found.level(), machine(found)?))).collect();
        let suggestions: Vec<_> = sure.iter().map(|(_, suggestion)| *suggestion).collect();
        let before = file.text(db).clone();
        let (text, applied) = apply(&before, &suggestions);
        if applied.is_empty() {
            return;
        }
        let is_error = |at: &&usize| sure.get(**at).is_some_and(|(level, _)| *level == parapet_base::Level::Error);
        let mended = applied.iter().filter(is_error).count();
        workspace.edit(db, [(file, text.into())]);
        let now = named(diagnostics_of(db, workspace, file));
        let mut worse = broken(&errors(&found), &now);
        came_to_light(&mut worse, &[id], mended);
        if !worse.is_empty() {
            workspace.edit(db, [(file, before)]);
            return;
        }
        found = now;
    }
}

/// The smallest edit that makes one text of another.
fn changed(before: &str, after: &str) -> Option<Edit> {
    if before == after {
        return None;
    }
    let same = |(a, b): &(char, char)| a == b;
    let start: usize = before.chars().zip(after.chars()).take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
    let (rest, other) = (before.get(start..)?, after.get(start..)?);
    let pairs = rest.chars().rev().zip(other.chars().rev());
    let end: usize = pairs.take_while(same).map(|(letter, _)| letter.len_utf8()).sum();
    let replacement = other.get(..other.len() - end)?.to_owned();
    Some(Edit { span: Span::new(start, before.len() - end), replacement })
}
