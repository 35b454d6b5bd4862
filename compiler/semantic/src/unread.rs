//! Parameters that nothing in their package names.
//!
//! Any rule of a package may read a parameter of it, by whatever path, so that the last names of all paths count. One query
//! for each package crosses out what is named; most edits leave its answer as it is, and then nobody else is asked again.

use std::sync::Arc;

use parapet_base::{Diagnostic, codes};
use parapet_syntax::{ExprKind, ItemKind, Path, Tree};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::chunks::{chunk, numbers};
use crate::db::{Db, Item, SourceFile, Workspace, item_offset, items, parsed};

/// Whether nothing in its package names some parameter of a file. Most parameters are read where they stand, and no other
/// file need be looked at.
pub(crate) fn has_unread(db: &dyn Db, workspace: Workspace, file: SourceFile) -> bool {
    !reads_its_own(db, file) && unread(db, workspace, file.package(db).clone()).contains_key(&file)
}

/// The lints of a file's parameters that nothing in its package names.
pub(crate) fn unread_lints(db: &dyn Db, workspace: Workspace, file: SourceFile) -> Vec<(Item<'_>, Diagnostic)> {
    let lint = |item: &Item<'_>| {
        let tree = parsed(db, *item).tree.as_ref()?;
        let message = format!("no rule of the package reads the parameter `{}`", item.name(db).as_ref()?);
        let span = tree.name_span.shift(item_offset(db, *item));
        Some(Diagnostic::new(&codes::UNUSED_NAME, span, message))
    };
    let unread = unread(db, workspace, file.package(db).clone()).get(&file);
    unread.into_iter().flatten().filter_map(|item| Some((*item, lint(item)?))).collect()
}

/// The parameters of a package that nothing in it names, by file; none where something cannot be read, which may name any.
#[salsa::tracked(returns(ref))]
fn unread<'db>(db: &'db dyn Db, workspace: Workspace, package: Arc<str>) -> FxHashMap<SourceFile, Vec<Item<'db>>> {
    let files = files_of(db, workspace, package.clone());
    let chunks = || numbers(files).map(|number| names_of_chunk(db, workspace, package.clone(), number));
    let items = || chunks().flat_map(|names| &names.parameters);
    let mut unread: FxHashSet<&str> = items().filter_map(|item| item.name(db).as_deref()).collect();
    let mut by_file: FxHashMap<SourceFile, Vec<Item<'db>>> = FxHashMap::default();
    for names in chunks() {
        let Some(named) = &names.named else { return by_file };
        for name in named {
            unread.remove(name.as_str());
        }
    }
    for item in items().filter(|item| item.name(db).as_deref().is_some_and(|name| unread.contains(name))) {
        by_file.entry(item.file(db)).or_default().push(*item);
    }
    by_file
}

/// The files of a package, in the order of the workspace.
#[salsa::tracked(returns(ref))]
pub(crate) fn files_of(db: &dyn Db, workspace: Workspace, package: Arc<str>) -> Vec<SourceFile> {
    workspace.files(db).iter().copied().filter(|file| *file.package(db) == package).collect()
}

/// What a chunk of a package's files has to do with parameters.
#[derive(Clone, Debug, PartialEq, salsa::SalsaValue)]
struct Names<'db> {
    parameters: Vec<Item<'db>>,
    /// What is named; `None` where something cannot be read.
    named: Option<FxHashSet<String>>,
}

#[salsa::tracked(returns(ref))]
fn names_of_chunk<'db>(db: &'db dyn Db, workspace: Workspace, package: Arc<str>, number: usize) -> Names<'db> {
    let files = chunk(files_of(db, workspace, package), number);
    let mut all = Some(FxHashSet::default());
    for file in files {
        match (&mut all, named_in_file(db, *file)) {
            (Some(all), Some(named)) => all.extend(named.iter().cloned()),
            (_, None) | (None, _) => all = None,
        }
    }
    Names { parameters: files.iter().flat_map(|file| parameters(db, *file)).copied().collect(), named: all }
}

/// Whether a file names all of its parameters, or something in it cannot be read, which may name any.
#[salsa::tracked(returns(copy))]
fn reads_its_own(db: &dyn Db, file: SourceFile) -> bool {
    let parameters = parameters(db, file);
    parameters.is_empty()
        || named_in_file(db, file).as_ref().is_none_or(|named| {
            parameters.iter().all(|item| item.name(db).as_deref().is_none_or(|name| named.contains(name)))
        })
}

/// The parameters of a file.
#[salsa::tracked(returns(ref))]
fn parameters<'db>(db: &'db dyn Db, file: SourceFile) -> Vec<Item<'db>> {
    items(db, file).iter().copied().filter(|item| item.keyword(db) == "param").collect()
}

/// The last names of all paths in a file; `None` where something cannot be read.
#[salsa::tracked(returns(ref))]
pub(crate) fn named_in_file(db: &dyn Db, file: SourceFile) -> Option<FxHashSet<String>> {
    let mut named = FxHashSet::default();
    for item in items(db, file) {
        named.extend(last_names(parsed(db, *item).whole()?));
    }
    Some(named)
}

/// The last segment of each path in an item's expressions, and of what it imports.
fn last_names(tree: &Tree) -> Vec<String> {
    let last = |path: &Path| path.segments.last().map(|name| name.text.clone());
    let paths = tree.exprs.iter().filter_map(|expr| match &expr.kind {
        ExprKind::Path(path) => last(path),
        _ => None,
    });
    let mut names: Vec<String> = paths.collect();
    if let ItemKind::Use { names: imported, .. } = &tree.kind {
        names.extend(
            imported.iter().filter(|imported| imported.alias.is_some()).map(|imported| imported.name.text.clone()),
        );
    }
    names
}
