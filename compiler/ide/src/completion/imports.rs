//! The edit that brings a name into a file.

use parapet_base::{Edit, Span};
use parapet_semantic::{Db, Item, SourceFile, item_offset, items};
use parapet_syntax::{Imported, ItemKind};

use crate::places::tree;

/// What to change in a file so that it imports a name of a module: the `use` of that module names it too, or a new one
/// stands below the others.
pub(crate) fn import(db: &dyn Db, file: SourceFile, module: &str, name: &str) -> Edit {
    let uses = items(db, file).iter().filter(|item| item.keyword(db) == "use");
    let of_module = uses.clone().find_map(|item| widened(db, *item, module, name));
    of_module.unwrap_or_else(|| {
        let after = uses.last().map(|item| item_offset(db, *item) as usize + item.text(db).trim_end().len());
        new_import(file.text(db), after, module, name)
    })
}

/// The `use` with one name more, if it is of the module.
fn widened<'db>(db: &'db dyn Db, item: Item<'db>, module: &str, name: &str) -> Option<Edit> {
    let text = item.text(db);
    let ItemKind::Use { path, names } = &tree(db, item)?.kind else { return None };
    // Comments and documentation in an import stay where they are: such a one is left alone.
    if path.text() != module || text.contains("//") || text.starts_with("pub") {
        return None;
    }
    let shown = |imported: &Imported| match &imported.alias {
        Some(alias) => format!("{} as {}", imported.name.text, alias.text),
        None => imported.name.text.clone(),
    };
    let mut all: Vec<String> = names.iter().map(shown).collect();
    all.push(name.to_owned());
    all.sort();
    let written = parapet_syntax::format(&format!("use {module}::{{{}}}\n", all.join(", "))).text;
    let span = Span::new(0, text.trim_end().len()).shift(item_offset(db, item));
    Some(Edit { span, replacement: written.trim_end().to_owned() })
}

fn new_import(text: &str, after: Option<usize>, module: &str, name: &str) -> Edit {
    let line = format!("use {module}::{name}");
    match after {
        Some(at) => Edit { span: Span::new(at, at), replacement: format!("\n{line}") },
        None => {
            let docs: usize = text.split_inclusive('\n').take_while(|line| line.starts_with("//!")).map(str::len).sum();
            let before = if docs == 0 { "" } else { "\n" };
            let gap = if text.get(docs..).is_some_and(|rest| rest.starts_with('\n')) { "\n" } else { "\n\n" };
            Edit { span: Span::new(docs, docs), replacement: format!("{before}{line}{gap}") }
        }
    }
}
