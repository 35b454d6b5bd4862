//! Inputs, items, and the queries up to a parsed item.
//!
//! An item is identified by its keyword and name, and its text counts from its own start, so that a line added
//! above it re-checks nothing; where it stands in its file is a separate question ([`item_offset`]).

use std::sync::Arc;

use parapet_base::FileId;
use parapet_syntax::{ItemText, Parsed, Split, parse, split};

use crate::check::keep_checked;
use crate::settled::Settled;

/// The database that the queries run on.
#[salsa::db]
pub trait Db: salsa::Database {}

/// A source file. Its text never holds what could not be read as UTF-8: such files are reported by the driver.
#[salsa::input(debug)]
pub struct SourceFile {
    /// The id that labels in other files name it by.
    #[returns(copy)]
    pub id: FileId,
    /// The path as reports show it.
    #[returns(ref)]
    pub path: Arc<str>,
    /// The package's name as module paths write it; empty outside a package.
    #[returns(ref)]
    pub package: Arc<str>,
    /// The module path: `acme::network::sg`.
    #[returns(ref)]
    pub module: Arc<str>,
    /// Set by [`Workspace::edit`] alone.
    #[returns(ref)]
    pub(crate) contents: Arc<str>,
}

impl SourceFile {
    /// What the file says. [`Workspace::edit`] replaces it.
    pub fn text(self, db: &dyn salsa::Database) -> &Arc<str> {
        self.contents(db)
    }
}

/// All files in reach.
#[salsa::input(debug)]
pub struct Workspace {
    /// Set by [`Workspace::list`] alone.
    #[returns(ref)]
    pub(crate) listed: Vec<SourceFile>,
    /// What all files together say, once one of them was edited.
    #[default]
    #[returns(ref)]
    pub(crate) settled: Option<Settled>,
}

impl Workspace {
    /// The files, in the order in which the first of two equal modules or types counts.
    pub fn files(self, db: &dyn salsa::Database) -> &[SourceFile] {
        self.listed(db)
    }
}

impl Workspace {
    /// Keeps the trees of so many items between edits, those that were used last; others are made again when they are asked
    /// for. What was found in them is kept in any case.
    pub fn keep(self, db: &mut dyn Db, items: usize) {
        parsed::set_lru_capacity(db, items);
        keep_checked(db, items);
    }
}

/// An item of a file, identified by its keyword and name.
#[salsa::tracked(debug)]
pub struct Item<'db> {
    #[returns(copy)]
    pub file: SourceFile,
    #[returns(copy)]
    pub keyword: &'static str,
    /// The name in the header; a test's title.
    #[returns(ref)]
    pub name: Option<String>,
    /// Tells apart items of the same keyword and name.
    #[returns(copy)]
    pub copy: u32,
    #[tracked]
    #[returns(copy)]
    pub public: bool,
    /// The item's text; offsets in it count from its own start.
    #[tracked]
    #[returns(ref)]
    pub text: Arc<str>,
}

/// A file cut into items.
#[salsa::tracked(returns(ref))]
pub fn split_file(db: &dyn Db, file: SourceFile) -> Split {
    split(file.text(db))
}

/// The items of a file, in order.
#[salsa::tracked(returns(ref))]
pub fn items<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    let mut seen: rustc_hash::FxHashMap<(&str, Option<&String>), u32> = rustc_hash::FxHashMap::default();
    let mut items = Vec::new();
    for text in &split_file(db, file).items {
        let copy = seen.entry((text.keyword, text.name.as_ref())).or_insert(0);
        items.push(Item::new(db, file, text.keyword, text.name.clone(), *copy, text.public, text.text.clone()));
        *copy += 1;
    }
    items
}

/// The items of a file with their places.
#[salsa::tracked(returns(ref))]
fn offsets<'db>(db: &'db dyn Db, file: SourceFile) -> rustc_hash::FxHashMap<Item<'db>, u32> {
    items(db, file).iter().copied().zip(split_file(db, file).items.iter().map(|text| text.offset)).collect()
}

/// Where an item begins in its file, in bytes.
pub fn item_offset<'db>(db: &'db dyn Db, item: Item<'db>) -> u32 {
    offsets(db, item.file(db)).get(&item).copied().unwrap_or(0)
}

/// An item's tree and errors. All are kept, unless [`Workspace::keep`] says otherwise.
#[salsa::tracked(returns(ref), lru = 0)]
pub fn parsed<'db>(db: &'db dyn Db, item: Item<'db>) -> Parsed {
    let text = item.text(db).clone();
    parse(&ItemText {
        offset: 0,
        text,
        keyword: item.keyword(db),
        name: item.name(db).clone(),
        public: item.public(db),
    })
}
