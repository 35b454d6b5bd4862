//! `@allow`: which lints an item takes upon itself, and which of them it has.
//!
//! A lint that an item allows is looked for all the same, and then left out; so an `@allow` that leaves nothing out is
//! known, and is itself a lint. While a package has errors nothing is said: what they hide may need it, in other items, too.

use std::sync::Arc;

use parapet_base::{Code, Diagnostic, Level, codes};
use parapet_syntax::{ExprId, ExprKind, Tree};

use crate::check::checked;
use crate::db::{Db, Item, SourceFile, Workspace, item_offset, items, parsed, split_file};
use crate::removal;
use crate::unread::files_of;

/// Whether the item allows this diagnostic.
pub(crate) fn is_allowed(tree: &Tree, diagnostic: &Diagnostic) -> bool {
    diagnostic.code.may_be_allowed() && tree.allows(diagnostic.code.name)
}

/// The `@allow`s of an item that leave nothing out; `of_file` is what they leave out of the lints of the whole file.
pub(crate) fn unused_allows(
    db: &dyn Db,
    workspace: Workspace,
    item: Item<'_>,
    of_file: &[(Item<'_>, &'static Code)],
) -> Vec<Diagnostic> {
    let Some(tree) = &parsed(db, item).tree else { return Vec::new() };
    if tree.attribute("allow").is_none() || tree.allows(codes::UNUSED_ALLOW.name) {
        return Vec::new();
    }
    let checked = checked(db, workspace, item);
    let of_file = of_file.iter().filter(|(holder, _)| *holder == item).map(|(_, code)| code.name);
    let needed: Vec<&str> = checked.allowed.iter().map(|code| code.name).chain(of_file).collect();
    let mut seen: Vec<&str> = Vec::new();
    let mut unused = Vec::new();
    for (value, lint) in allowed_names(tree) {
        let why = if seen.contains(&lint) { "it is allowed already" } else { "nothing needs it" };
        // Which inputs and which day are meant is known only where they are named, what survives only where tests run.
        let of_the_run =
            [&codes::UNOBSERVABLE_PROPERTY, &codes::EXPIRED_WAIVER, &codes::ENDING_WAIVER, &codes::SURVIVING_MUTANT];
        let unknown = of_the_run.iter().any(|code| code.name == lint);
        if seen.contains(&lint) || (!needed.contains(&lint) && !unknown) {
            unused.push(unused_allow(db, item, tree, value, &format!("`{lint}` is allowed here, and {why}")));
        }
        seen.push(lint);
    }
    let hidden = !unused.is_empty() && has_errors(db, workspace, item.file(db).package(db).clone());
    if hidden { Vec::new() } else { unused }
}

/// Whether anything of a package does not check.
#[salsa::tracked(returns(copy))]
fn has_errors(db: &dyn Db, workspace: Workspace, package: Arc<str>) -> bool {
    files_of(db, workspace, package).iter().any(|file| file_has_errors(db, workspace, *file))
}

#[salsa::tracked(returns(copy))]
fn file_has_errors(db: &dyn Db, workspace: Workspace, file: SourceFile) -> bool {
    let is_error = |diagnostic: &Diagnostic| diagnostic.level() == Level::Error;
    split_file(db, file).errors.iter().any(is_error)
        || items(db, file).iter().any(|item| checked(db, workspace, *item).diagnostics.iter().any(is_error))
}

/// The names in the `@allow`s of an item.
fn allowed_names(tree: &Tree) -> impl Iterator<Item = (ExprId, &str)> {
    let attributes = tree.attributes.iter().filter(|attribute| attribute.name.text == "allow");
    attributes.flat_map(|attribute| &attribute.arguments).filter_map(|(_, value)| match &tree.expr(*value).kind {
        ExprKind::Path(path) => path.single().map(|name| (*value, name.text.as_str())),
        _ => None,
    })
}

fn unused_allow(db: &dyn Db, item: Item<'_>, tree: &Tree, value: ExprId, message: &str) -> Diagnostic {
    let offset = item_offset(db, item);
    let span = tree.span(value);
    let diagnostic = Diagnostic::new(&codes::UNUSED_ALLOW, span.shift(offset), message);
    let holder = tree.attributes.iter().find(|attribute| attribute.arguments.iter().any(|(_, own)| *own == value));
    let text = item.text(db);
    match holder {
        Some(attribute) if attribute.arguments.len() == 1 => {
            diagnostic.fix(removal::with_lines(text, attribute.span).shift(offset), "", "remove the `@allow`")
        }
        Some(_) => diagnostic.fix(removal::list_element(text, span).shift(offset), "", "remove it from the `@allow`"),
        None => diagnostic,
    }
}
