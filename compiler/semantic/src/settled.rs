//! Edits, and what all files together say while one of them is edited.
//!
//! Any file may declare a resource type, and any file may close a circle of functions, so that every item depends on
//! every file. Asked as queries, that makes salsa look through all items after each keystroke. Therefore an edit asks both
//! questions at once, and notes the answers in an input of their own, which is written only when they change. Then what
//! rests on files that were never edited is known to be as it was, and is not looked at.
//!
//! Texts and the list of files are set here and nowhere else, so that what is noted is never out of date. Where nothing
//! was edited nothing is noted, and the queries answer.

use std::sync::Arc;

use parapet_model::Schema;
use rustc_hash::{FxHashMap, FxHashSet};
use salsa::{Durability, Setter};

use crate::cycles::{Excess, excesses};
use crate::db::{Db, Item, SourceFile, Workspace};
use crate::schemas::declared_schema;

/// An item by what tells it apart in all revisions: file, keyword, name, and which of those alike it is.
type Key = (SourceFile, &'static str, Option<String>, u32);

/// What all files together say, as far as it concerns files that were never edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    pub(crate) schema: Arc<Schema>,
    /// The files that were edited. Their items ask the queries: they change anyway.
    edited: FxHashSet<SourceFile>,
    /// The excesses of items of other files.
    excesses: FxHashMap<Key, Excess>,
}

impl Settled {
    fn of(db: &dyn Db, workspace: Workspace, edited: FxHashSet<SourceFile>) -> Settled {
        let excesses = excesses(db, workspace).iter().filter(|(item, _)| !edited.contains(&item.file(db)));
        let excesses = excesses.map(|(item, excess)| (key(db, *item), *excess)).collect();
        Settled { schema: declared_schema(db, workspace).clone(), edited, excesses }
    }

    pub(crate) fn excess(&self, db: &dyn Db, workspace: Workspace, item: Item<'_>) -> Option<Excess> {
        if self.edited.contains(&item.file(db)) {
            return excesses(db, workspace).get(&item).copied();
        }
        // Most workspaces have none, and need no key.
        if self.excesses.is_empty() { None } else { self.excesses.get(&key(db, item)).copied() }
    }
}

fn key(db: &dyn Db, item: Item<'_>) -> Key {
    (item.file(db), item.keyword(db), item.name(db).clone(), item.copy(db))
}

/// Finds what the first edit asks of all files, so that it need not be found then.
pub fn read_together(db: &dyn Db, workspace: Workspace) {
    excesses(db, workspace);
    declared_schema(db, workspace);
}

impl Workspace {
    /// Replaces the texts of files. A file counts from its first edit on as one that changes often: from then on an edit of
    /// it costs what rests on such files, not what there is.
    pub fn edit(self, db: &mut dyn Db, texts: impl IntoIterator<Item = (SourceFile, Arc<str>)>) {
        let mut edited = self.settled(db).as_ref().map(|settled| settled.edited.clone()).unwrap_or_default();
        for (file, text) in texts {
            edited.insert(file);
            file.set_contents(db).with_durability(Durability::LOW).to(text);
        }
        self.settle(db, edited);
    }

    /// Replaces the list of files.
    pub fn list(self, db: &mut dyn Db, files: Vec<SourceFile>) {
        self.set_listed(db).with_durability(Durability::MEDIUM).to(files);
        if let Some(edited) = self.settled(db).as_ref().map(|settled| settled.edited.clone()) {
            self.settle(db, edited);
        }
    }

    fn settle(self, db: &mut dyn Db, edited: FxHashSet<SourceFile>) {
        let settled = Settled::of(db, self, edited);
        if self.settled(db).as_ref() != Some(&settled) {
            self.set_settled(db).with_durability(Durability::MEDIUM).to(Some(settled));
        }
    }
}
