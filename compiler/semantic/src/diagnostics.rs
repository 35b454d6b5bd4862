//! All diagnostics of a file, with their places in the file.

use parapet_base::{Diagnostic, Span, codes};

use parapet_syntax::{ExprKind, ItemKind, Path, StepKind, Tree};
use rustc_hash::FxHashSet;

use crate::check::checked;
use crate::db::{Db, Item, SourceFile, Workspace, item_offset, items, parsed, split_file};
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
pub fn file_diagnostics(db: &dyn Db, workspace: Workspace, file: SourceFile, which: Scope) -> FileDiagnostics {
    let mut all = split_file(db, file).errors.clone();
    for item in items(db, file) {
        if which == Scope::WithoutTests && item.keyword(db) == "test" {
            continue;
        }
        let offset = item_offset(db, *item);
        all.extend(checked(db, workspace, *item).diagnostics.iter().map(|diagnostic| diagnostic.clone().shift(offset)));
    }
    all.extend(unused_imports(db, file));
    all.extend(unused_parameters(db, workspace, file));
    all.extend(repeated_names(db, file));
    all.extend(repeated_module(db, workspace, file));
    all.sort_by(|a, b| (a.span, a.code.code).cmp(&(b.span, b.code.code)));
    all.dedup();
    all
}

fn repeated_names(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let place = |item| {
        let span = parsed(db, item).tree.as_ref().map_or_else(|| Span::new(0, 1), |tree| tree.name_span);
        span.shift(item_offset(db, item))
    };
    let scope = scope(db, file);
    let imports = scope.imported_twice.iter().map(|twice| {
        let message = format!("`{}` is imported twice into this module", twice.name);
        Diagnostic::new(&codes::DUPLICATE_NAME, twice.span.shift(item_offset(db, twice.item)), message)
    });
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
    repeated.chain(imports).chain(hidden).collect()
}

fn repeated_module(db: &dyn Db, workspace: Workspace, file: SourceFile) -> Option<Diagnostic> {
    let first = modules(db, workspace).get(file.module(db)).copied().filter(|first| *first != file)?;
    let message = format!("this file and `{}` are both the module `{}`", first.path(db), file.module(db));
    Some(Diagnostic::new(&codes::DUPLICATE_MODULE, Span::new(0, 0), message))
}

/// Imports that nothing in the file names.
fn unused_imports(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let scope = scope(db, file);
    if scope.imports.is_empty() {
        return Vec::new();
    }
    let mut named: FxHashSet<String> = FxHashSet::default();
    let mut warnings = Vec::new();
    for tree in items(db, file).iter().filter_map(|item| parsed(db, *item).whole()) {
        named.extend(first_names(tree));
    }
    for item in items(db, file) {
        let Some(tree) = parsed(db, *item).whole() else {
            // What cannot be read may use anything.
            return Vec::new();
        };
        let ItemKind::Use { names, .. } = &tree.kind else { continue };
        let offset = item_offset(db, *item);
        for imported in names {
            let local = imported.alias.as_ref().unwrap_or(&imported.name);
            if !named.contains(&local.text) && !tree.allows(codes::UNUSED_NAME.name) {
                let message = format!("`{}` is imported and never used", local.text);
                warnings.push(Diagnostic::new(&codes::UNUSED_NAME, local.span.shift(offset), message));
            }
        }
    }
    warnings
}

/// The first segment of each path of an item.
fn first_names(tree: &Tree) -> Vec<String> {
    let mut paths: Vec<&Path> = Vec::new();
    for expr in &tree.exprs {
        match &expr.kind {
            ExprKind::Path(path) => paths.push(path),
            ExprKind::Call { callee, .. } => paths.push(callee),
            ExprKind::Related { relation, .. } => paths.push(relation),
            _ => {}
        }
    }
    match &tree.kind {
        ItemKind::Waiver { guardrail, .. } => paths.push(guardrail),
        ItemKind::Test { steps, .. } => {
            paths.extend(steps.iter().filter_map(|step| match &step.kind {
                StepKind::Verdict { guardrail, .. } => Some(guardrail),
                StepKind::Param { path, .. } => Some(path),
                _ => None,
            }));
        }
        _ => {}
    }
    paths.into_iter().filter_map(|path| path.segments.first()).map(|name| name.text.clone()).collect()
}

/// Parameters that nothing in their package names.
fn unused_parameters(db: &dyn Db, workspace: Workspace, file: SourceFile) -> Vec<Diagnostic> {
    let mut parameters = items(db, file).iter().filter(|item| item.keyword(db) == "param").peekable();
    if parameters.peek().is_none() {
        return Vec::new();
    }
    let package = file.package(db);
    let mut named: FxHashSet<String> = FxHashSet::default();
    for other in workspace.files(db).iter().filter(|other| other.package(db) == package) {
        for item in items(db, *other) {
            match parsed(db, *item).whole() {
                Some(tree) => named.extend(last_names(tree)),
                // What cannot be read may use anything.
                None => return Vec::new(),
            }
        }
    }
    let unread = |item: &Item<'_>| {
        let tree = parsed(db, *item).tree.as_ref()?;
        let name =
            item.name(db).clone().filter(|name| !named.contains(name) && !tree.allows(codes::UNUSED_NAME.name))?;
        let message = format!("no rule of the package reads the parameter `{name}`");
        Some(Diagnostic::new(&codes::UNUSED_NAME, tree.name_span.shift(item_offset(db, *item)), message))
    };
    parameters.filter_map(unread).collect()
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
