//! Imports: what a file takes from other modules and does not need.
//!
//! A name counts as used when a path of the file begins with it. What does not parse may use whatever its text
//! mentions, and what is offered in place of a misspelt or deprecated name is about to be used. Removing an import that
//! nothing names changes nothing else, so that `lint --fix` does it. An import that leads nowhere has an error of its own.

use parapet_base::{Diagnostic, Edit, Span, codes};
use parapet_syntax::{Imported, ItemKind, Path, StepKind, Tree};
use rustc_hash::FxHashSet;

use crate::db::{Db, Item, SourceFile, Workspace, item_offset, items, parsed, split_file};
use crate::names::{below, import, member, module_exists, scope};
use crate::removal;

/// Imports that nothing in the file names, with the items that hold them; `found` is what is wrong with its items.
pub(crate) fn unused_imports<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    file: SourceFile,
    found: &[Diagnostic],
) -> Vec<(Item<'db>, Diagnostic)> {
    let mut imports = imports(db, file).peekable();
    if imports.peek().is_none() {
        return Vec::new();
    }
    let mut named = named(db, file);
    let offered = found.iter().flat_map(|diagnostic| &diagnostic.suggestions).flat_map(|offer| &offer.edits);
    named.extend(offered.map(|edit| edit.replacement.as_str()));
    let mut warnings = Vec::new();
    for (item, names) in imports {
        for imported in names {
            let local = imported.alias.as_ref().unwrap_or(&imported.name);
            if named.contains(local.text.as_str()) || !leads_somewhere(db, workspace, file, &local.text) {
                continue;
            }
            let message = format!("`{}` is imported and never used", local.text);
            let diagnostic = Diagnostic::new(&codes::UNUSED_NAME, local.span.shift(item_offset(db, item)), message);
            warnings.push((item, without(db, diagnostic, item, names, imported)));
        }
    }
    warnings
}

/// Whether an imported name stands for an item or a module.
fn leads_somewhere(db: &dyn Db, workspace: Workspace, file: SourceFile, local: &str) -> bool {
    import(db, file, local.into()).as_ref().is_none_or(|(module, name)| {
        member(db, workspace, file, module, name).is_ok() || module_exists(db, workspace, &below(module, name))
    })
}

/// Offers to take one name out of a `use`.
pub(crate) fn without(
    db: &dyn Db,
    diagnostic: Diagnostic,
    item: Item<'_>,
    names: &[Imported],
    imported: &Imported,
) -> Diagnostic {
    let edit = import_removed(db, item, names, imported);
    let message = match &*edit.replacement {
        "" => "remove the import",
        _ => "remove the import and keep its comments",
    };
    diagnostic.fix(edit.span, edit.replacement, message)
}

/// The edit that takes one name out of a `use`, which goes with its last name; comments in it stay.
pub fn import_removed(db: &dyn Db, item: Item<'_>, names: &[Imported], imported: &Imported) -> Edit {
    let text = item.text(db);
    let offset = item_offset(db, item);
    let [_] = names else {
        let last = imported.alias.as_ref().unwrap_or(&imported.name);
        let element = removal::list_element(text, imported.name.span.to(last.span));
        return Edit { span: element.shift(offset), replacement: String::new() };
    };
    let whole = Span::new(0, text.len()).shift(offset);
    match comments(text) {
        kept if kept.is_empty() => Edit { span: removal::item(item.file(db).text(db), whole), replacement: kept },
        kept => Edit { span: whole, replacement: kept },
    }
}

/// The comments of an import, a line each: they may be about something else. What documents the import goes with it; what is
/// written like documentation elsewhere in it would document the next item, and is kept as a comment.
fn comments(text: &str) -> String {
    let import = text.lines().skip_while(|line| !line.starts_with("use ") && !line.starts_with("pub use "));
    let comment = |line: &str| {
        let text = line.get(line.find("//")?..)?.trim_end();
        Some(format!("//{}", text.trim_start_matches('/')))
    };
    import.filter_map(comment).collect::<Vec<String>>().join("\n")
}

/// The `use` items of a file and what they import.
fn imports<'db>(db: &'db dyn Db, file: SourceFile) -> impl Iterator<Item = (Item<'db>, &'db [Imported])> {
    let trees = items(db, file).iter().filter_map(|item| Some((*item, parsed(db, *item).tree.as_ref()?)));
    trees.filter_map(|(item, tree)| match &tree.kind {
        // `use aws` does not say what it imports, which is an error of its own.
        ItemKind::Use { path, names } if !path.segments.is_empty() => Some((item, names.as_slice())),
        _ => None,
    })
}

/// Every name that a path of the file begins with, or that text which was not understood mentions.
fn named(db: &dyn Db, file: SourceFile) -> FxHashSet<&str> {
    let mut named: FxHashSet<&str> = FxHashSet::default();
    for item in items(db, file) {
        let parsed = parsed(db, *item);
        named.extend(parsed.tree.iter().flat_map(first_names));
        let is_import = item.keyword(db) == "use";
        if !parsed.errors.is_empty() && !is_import {
            named.extend(words(item.text(db)));
        }
    }
    if !split_file(db, file).errors.is_empty() {
        named.extend(between_items(db, file).into_iter().flat_map(words));
    }
    named
}

/// The text that belongs to no item.
fn between_items(db: &dyn Db, file: SourceFile) -> Vec<&str> {
    let text = file.text(db);
    let mut parts = Vec::new();
    let mut at = 0;
    for item in &split_file(db, file).items {
        let start = item.offset as usize;
        parts.extend(text.get(at..start));
        at = start + item.text.len();
    }
    parts.extend(text.get(at..));
    parts
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// The first segment of each path of an item. Without a catch-all: an import that a new construct names must not go.
fn first_names(tree: &Tree) -> Vec<&str> {
    let paths = tree.exprs.iter().filter_map(|expr| expr.kind.naming().path()).chain(paths_of_item(&tree.kind));
    paths.filter_map(|path| path.segments.first()).map(|name| name.text.as_str()).collect()
}

/// The paths of an item outside of its expressions. Types are no names of modules.
fn paths_of_item(kind: &ItemKind) -> Vec<&Path> {
    match kind {
        ItemKind::Waiver { guardrail, .. } => vec![guardrail],
        ItemKind::Test { steps, .. } => steps.iter().filter_map(|step| path_of_step(&step.kind)).collect(),
        ItemKind::Guardrail { .. }
        | ItemKind::Function { .. }
        | ItemKind::Relation { .. }
        | ItemKind::Constant { .. }
        | ItemKind::Parameter { .. }
        | ItemKind::Schema { .. }
        | ItemKind::Extension { .. }
        | ItemKind::Use { .. } => Vec::new(),
    }
}

fn path_of_step(kind: &StepKind) -> Option<&Path> {
    match kind {
        StepKind::Verdict { guardrail, .. } => Some(guardrail),
        StepKind::Param { path, .. } => Some(path),
        StepKind::Resource { .. } | StepKind::Inventory { .. } | StepKind::Now(_) | StepKind::Holds(_) => None,
    }
}

/// Names that a file imports a second time; a second import of the very same thing can go.
pub(crate) fn repeated_imports(db: &dyn Db, file: SourceFile) -> Vec<Diagnostic> {
    let scope = scope(db, file);
    let repeated = scope.imported_twice.iter().map(|twice| {
        let message = format!("`{}` is imported twice into this module", twice.name);
        let diagnostic =
            Diagnostic::new(&codes::DUPLICATE_NAME, twice.span.shift(item_offset(db, twice.item)), message);
        if scope.imports.get(&twice.name) != Some(&twice.target) {
            return diagnostic;
        }
        let place = |imported: &&Imported| imported.alias.as_ref().unwrap_or(&imported.name).span == twice.span;
        let names = imports(db, file).find(|(item, _)| *item == twice.item).map(|(_, names)| names).unwrap_or_default();
        match names.iter().find(place) {
            Some(imported) => without(db, diagnostic, twice.item, names, imported),
            None => diagnostic,
        }
    });
    repeated.collect()
}
