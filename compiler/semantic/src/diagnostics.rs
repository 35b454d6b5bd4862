//! All diagnostics of a file, with their places in the file.

use std::sync::Arc;

use parapet_base::{Diagnostic, Span, codes};

use parapet_syntax::{ExprKind, ItemKind, Path, Tree};
use rustc_hash::FxHashSet;

use crate::allows::{is_allowed, unused_allows};
use crate::check::checked;
use crate::db::{Db, Item, SourceFile, Workspace, item_offset, items, parsed, split_file};
use crate::imports::{repeated_imports, unused_imports};
use crate::names::{modules, scope};

/// Which items count: `check` reads no tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    WithTests,
    WithoutTests,
}

/// A file's diagnostics, by place.
pub type FileDiagnostics = Vec<Diagnostic>;

/// The diagnostics of a file.
#[salsa::tracked(returns(ref))]
pub fn file_diagnostics(db: &dyn Db, workspace: Workspace, file: SourceFile, which: Scope) -> FileDiagnostics {
    let mut all = split_file(db, file).errors.clone();
    for item in items(db, file) {
        if which == Scope::WithoutTests && item.keyword(db) == "test" {
            continue;
        }
        let offset = item_offset(db, *item);
        all.extend(checked(db, workspace, *item).diagnostics.iter().map(|diagnostic| diagnostic.clone().shift(offset)));
    }
    let (allowed, unused): (Vec<_>, Vec<_>) = unused_imports(db, workspace, file, &all)
        .into_iter()
        .chain(unused_parameters(db, workspace, file))
        .partition(|(item, lint)| parsed(db, *item).tree.as_ref().is_some_and(|tree| is_allowed(tree, lint)));
    all.extend(unused.into_iter().map(|(_, lint)| lint));
    let allowed: Vec<_> = allowed.into_iter().map(|(item, lint)| (item, lint.code)).collect();
    for item in items(db, file).iter().filter(|item| which == Scope::WithTests || item.keyword(db) != "test") {
        all.extend(unused_allows(db, workspace, *item, &allowed));
    }
    all.extend(repeated_names(db, file));
    all.extend(repeated_module(db, workspace, file));
    all.sort_by(|a, b| (a.span, a.code.code).cmp(&(b.span, b.code.code)));
    all.dedup();
    all
}

fn repeated_names(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let place = |item: Item<'_>| {
        let first = item.text(db).chars().next().map_or(1, char::len_utf8);
        let span = parsed(db, item).tree.as_ref().map_or_else(|| Span::new(0, first), |tree| tree.name_span);
        span.shift(item_offset(db, item))
    };
    let scope = scope(db, file);
    let hidden = scope.own.iter().filter(|(name, _)| scope.imports.contains_key(*name)).map(|(name, definition)| {
        let message = format!("`{name}` is defined here and imported, too");
        Diagnostic::new(&codes::DUPLICATE_NAME, place(definition.item), message)
    });
    let repeated = scope.repeated.iter();
    let repeated = repeated.map(|(second, first)| {
        let name = second.name(db).clone().unwrap_or_default();
        let diagnostic = Diagnostic::new(
            &codes::DUPLICATE_NAME,
            place(*second),
            format!("`{name}` is defined twice in this module"),
        );
        diagnostic.label(place(*first), "first defined here")
    });
    repeated.chain(repeated_imports(db, file)).chain(hidden).collect()
}

fn repeated_module(db: &dyn Db, workspace: Workspace, file: SourceFile) -> Option<Diagnostic> {
    let first = modules(db, workspace).get(file.module(db)).copied().filter(|first| *first != file)?;
    let message = format!("this file and `{}` are both the module `{}`", first.path(db), file.module(db));
    Some(Diagnostic::new(&codes::DUPLICATE_MODULE, Span::new(0, 0), message))
}

/// Parameters that nothing in their package names.
fn unused_parameters<'db>(db: &'db dyn Db, workspace: Workspace, file: SourceFile) -> Vec<(Item<'db>, Diagnostic)> {
    let mut parameters = items(db, file).iter().filter(|item| item.keyword(db) == "param").peekable();
    if parameters.peek().is_none() {
        return Vec::new();
    }
    let package = file.package(db);
    let unread = |item: &Item<'db>| {
        let tree = parsed(db, *item).tree.as_ref()?;
        let name =
            item.name(db).clone().filter(|name| !is_named(db, workspace, package.clone(), name.as_str().into()))?;
        let message = format!("no rule of the package reads the parameter `{name}`");
        let span = tree.name_span.shift(item_offset(db, *item));
        Some((*item, Diagnostic::new(&codes::UNUSED_NAME, span, message)))
    };
    parameters.filter_map(unread).collect()
}

/// Whether anything in a package names this, or may. A query of its own: most edits leave the answer as it is.
#[salsa::tracked(returns(copy))]
fn is_named(db: &dyn Db, workspace: Workspace, package: Arc<str>, name: Arc<str>) -> bool {
    named_in_package(db, workspace, package).as_ref().is_none_or(|named| named.contains(&*name))
}

/// The last names of all paths in a package; `None` where something cannot be read, which may name anything.
#[salsa::tracked(returns(ref))]
fn named_in_package(db: &dyn Db, workspace: Workspace, package: Arc<str>) -> Option<FxHashSet<String>> {
    let mut named = FxHashSet::default();
    for file in workspace.files(db).iter().filter(|file| *file.package(db) == package) {
        named.extend(named_in_file(db, *file).as_ref()?.iter().cloned());
    }
    Some(named)
}

#[salsa::tracked(returns(ref))]
fn named_in_file(db: &dyn Db, file: SourceFile) -> Option<FxHashSet<String>> {
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
