//! What may stand at a cursor.
//!
//! A word that nobody writes is put in at the cursor, and the item read again: where the word comes out in the tree says
//! what is wanted, and what the checker infers around it says of which type. A clause that is not written to its end is
//! helped with a few endings. What stands between items, behind `@` and in strings is told by the text alone.

mod clauses;
mod context;
mod controls;
mod cursor;
mod documentation;
mod imports;
mod offers;
mod snippets;

use std::sync::Arc;

use parapet_base::{Edit, Span};
use parapet_model::Name;
use parapet_semantic::{Db, SourceFile, Workspace};

use crate::symbols::Query;

pub(crate) use context::MARK;
pub use documentation::documentation;
pub(crate) use imports::import;

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    Keyword,
    Snippet,
    Type,
    Property,
    Method,
    Function,
    Relation,
    Constant,
    Parameter,
    Guardrail,
    Local,
    Value,
    Module,
    Attribute,
    Lint,
    Argument,
}

/// Something that may stand at the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Completion {
    pub offer: Offer,
    pub label: String,
    /// A type, or where it comes from.
    pub detail: String,
    /// What is put in the place of `replaces`; with stops as `$1`, `${1:name}` in a snippet.
    pub insert: String,
    pub snippet: bool,
    pub replaces: Span,
    /// Smaller ones come first.
    pub rank: u8,
    /// Elsewhere in the file: an import.
    pub more: Vec<Edit>,
    pub deprecated: bool,
    /// What [`documentation`] finds more about it by; empty where there is no more.
    pub key: String,
}

/// The offers at an offset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completions {
    pub items: Vec<Completion>,
    /// There are more: a further letter is a new question.
    pub incomplete: bool,
}

/// A field of a resource type, or of a record of the type.
pub type Field = (Name, Option<Name>, Name);

/// The texts that inventories hold in a field, each with how often it occurs: the most frequent first.
pub type Held<'h> = dyn Fn(&Field) -> Vec<(Arc<str>, usize)> + 'h;

/// So many offers are made at most.
const MOST: usize = 200;

/// What may stand at an offset.
pub fn completions(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Completions {
    completions_with(db, workspace, file, offset, &|_| Vec::new())
}

/// The same; what inventories hold where a value is compared with a field comes first.
pub fn completions_with(
    db: &dyn Db,
    workspace: Workspace,
    file: SourceFile,
    offset: u32,
    held: &Held<'_>,
) -> Completions {
    let text = file.text(db);
    let Some(before) = text.get(..offset as usize) else { return Completions::default() };
    let prefix = context::word_before(before);
    let context = context::context(db, workspace, file, offset);
    let items = offers::offers(db, workspace, file, offset, &context, held);
    best(items, &context.typed(prefix))
}

/// The offers that answer what was typed, the best first.
fn best(items: Vec<Completion>, typed: &str) -> Completions {
    let query = Query::new(typed);
    let mut near: Vec<(u8, Completion)> =
        items.into_iter().filter_map(|item| Some((query.rank(&item.label)?, item))).collect();
    near.sort_by(|(near, a), (other, b)| (near, a.rank, &a.label).cmp(&(other, b.rank, &b.label)));
    near.dedup_by(|(_, a), (_, b)| a.label == b.label && a.offer == b.offer && a.more == b.more);
    let incomplete = near.len() > MOST;
    near.truncate(MOST);
    Completions { items: near.into_iter().map(|(_, item)| item).collect(), incomplete }
}

/// The same for offers that take the place of one and the same text.
pub(crate) fn ranked(items: Vec<Completion>, typed: &str, replaces: Span) -> Completions {
    best(items.into_iter().map(|item| Completion { replaces, ..item }).collect(), typed)
}

#[cfg(test)]
mod tests;
