//! All diagnostics of a file, with their places in the file.

use parapet_base::{Code, Diagnostic, Span, codes};

use crate::allows::{is_allowed, unused_allows};
use crate::check::checked;
use crate::cycles::read_uses;
use crate::db::{Db, Item, SourceFile, Workspace, item_offset, items, parsed, split_file};
use crate::imports::{repeated_imports, unused_imports};
use crate::names::{modules, scope};
use crate::unread::{has_unread, named_in_file, unread_lints};

/// Which items count: `check` reads no tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    WithTests,
    WithoutTests,
}

/// A file's diagnostics, by place.
pub type FileDiagnostics = Vec<Diagnostic>;

/// The diagnostics of a file.
pub fn file_diagnostics(db: &dyn Db, workspace: Workspace, file: SourceFile, which: Scope) -> &FileDiagnostics {
    let own = own_diagnostics(db, workspace, file, which);
    // Most files have nothing that depends on their package, and no query that would have to be asked again.
    let alone = own.allowing.is_empty() && !has_unread(db, workspace, file);
    if alone { &own.diagnostics } else { within_package(db, workspace, file, which) }
}

/// What there is to say of a file without reading its whole package: all but the lints that rest on that. An editor shows
/// it while the rest is read.
pub fn lone_diagnostics(db: &dyn Db, workspace: Workspace, file: SourceFile, which: Scope) -> &FileDiagnostics {
    &own_diagnostics(db, workspace, file, which).diagnostics
}

/// Finds what there is to say of a file, and what is asked of it when all files are looked at, while its trees are there. Who keeps
/// few trees reads rules through first: otherwise the first question about all files makes all trees again, at once.
pub fn read_through(db: &dyn Db, workspace: Workspace, file: SourceFile, which: Scope) {
    lone_diagnostics(db, workspace, file, which);
    named_in_file(db, file);
    read_uses(db, workspace, file);
}

/// The same with the lints that rest on the whole package.
#[salsa::tracked(returns(ref))]
fn within_package(db: &dyn Db, workspace: Workspace, file: SourceFile, which: Scope) -> FileDiagnostics {
    let own = own_diagnostics(db, workspace, file, which);
    let mut all = own.diagnostics.clone();
    let (allowed, lints): (Vec<_>, Vec<_>) = unread_lints(db, workspace, file).into_iter().partition(allowed_by(db));
    all.extend(lints.into_iter().map(|(_, lint)| lint));
    let allowed = allowed.into_iter().map(|(item, lint)| (item, lint.code));
    let allowed: Vec<_> = own.allowed.iter().copied().chain(allowed).collect();
    for item in &own.allowing {
        all.extend(unused_allows(db, workspace, *item, &allowed));
    }
    sorted(all)
}

/// What there is to say of a file without looking at who else is in its package.
#[derive(Clone, Debug, PartialEq, salsa::SalsaValue)]
struct Own<'db> {
    diagnostics: Vec<Diagnostic>,
    /// What items leave out of the lints of the whole file.
    allowed: Vec<(Item<'db>, &'static Code)>,
    /// The items with an `@allow`.
    allowing: Vec<Item<'db>>,
}

/// A query of its own: it rests on this file and on those that it names, and what is asked of the package is little.
#[salsa::tracked(returns(ref))]
fn own_diagnostics<'db>(db: &'db dyn Db, workspace: Workspace, file: SourceFile, which: Scope) -> Own<'db> {
    let mut all = split_file(db, file).errors.clone();
    let counts = |item: &&Item<'db>| which == Scope::WithTests || item.keyword(db) != "test";
    for item in items(db, file).iter().filter(counts) {
        let offset = item_offset(db, *item);
        all.extend(checked(db, workspace, *item).diagnostics.iter().map(|diagnostic| diagnostic.clone().shift(offset)));
    }
    let (allowed, unused): (Vec<_>, Vec<_>) =
        unused_imports(db, workspace, file, &all).into_iter().partition(allowed_by(db));
    all.extend(unused.into_iter().map(|(_, lint)| lint));
    all.extend(repeated_names(db, file));
    all.extend(repeated_module(db, workspace, file));
    Own {
        diagnostics: sorted(all),
        allowed: allowed.into_iter().map(|(item, lint)| (item, lint.code)).collect(),
        allowing: items(db, file).iter().filter(counts).copied().filter(|item| has_allow(db, *item)).collect(),
    }
}

fn sorted(mut all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    all.sort_by(|a, b| (a.span, a.code.code).cmp(&(b.span, b.code.code)));
    all.dedup();
    all
}

/// Whether the item that a lint is about allows it.
fn allowed_by<'db>(db: &'db dyn Db) -> impl Fn(&(Item<'db>, Diagnostic)) -> bool {
    move |(item, lint)| parsed(db, *item).tree.as_ref().is_some_and(|tree| is_allowed(tree, lint))
}

fn has_allow(db: &dyn Db, item: Item<'_>) -> bool {
    parsed(db, item).tree.as_ref().is_some_and(|tree| tree.attribute("allow").is_some())
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
