//! What may stand at a cursor.
//!
//! A word that nobody writes is put in at the cursor, and the item read again: where the word comes out in the tree says
//! what is wanted, and what the checker infers around it says of which type. A clause that is not written to its end is
//! helped with a few endings. What stands between items, behind `@` and in strings is told by the text alone.

mod context;
mod imports;
mod offers;
mod snippets;

use parapet_base::{Edit, Span};
use parapet_semantic::{Db, SourceFile, Workspace};

pub(crate) use context::MARK;
pub(crate) use imports::import;
pub use offers::documentation;

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

/// So many offers are made at most.
const MOST: usize = 200;

/// What may stand at an offset.
pub fn completions(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Completions {
    let text = file.text(db);
    let Some(before) = text.get(..offset as usize) else { return Completions::default() };
    let prefix = context::word_before(before);
    let context = context::context(db, workspace, file, offset);
    let mut items = offers::offers(db, workspace, file, offset, &context);
    items.retain(|item| crate::symbols::rank(&item.label, &context.typed(prefix)).is_some());
    items.sort_by(|a, b| {
        let near = |item: &Completion| crate::symbols::rank(&item.label, &context.typed(prefix));
        (near(a), a.rank, &a.label).cmp(&(near(b), b.rank, &b.label))
    });
    items.dedup_by(|a, b| a.label == b.label && a.offer == b.offer && a.more == b.more);
    let incomplete = items.len() > MOST;
    items.truncate(MOST);
    Completions { items, incomplete }
}

#[cfg(test)]
mod tests;
