//! The outline of a file, and the search through all of them.

use parapet_base::Span;
use parapet_semantic::{Db, Item, SourceFile, Workspace, items};
use parapet_syntax::{ItemKind, Path, Tree};

use crate::places::{Place, place_in, tree, whole_place};

/// What an entry of an outline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Guardrail,
    Function,
    Relation,
    Constant,
    Parameter,
    Test,
    Waiver,
    Schema,
    Extension,
    Field,
}

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub kind: Kind,
    pub name: String,
    /// What it ranges over, or its type.
    pub detail: String,
    pub place: Place,
    pub whole: Place,
    pub deprecated: bool,
    pub children: Vec<Entry>,
}

/// The outline of a file: its items but imports, in order.
pub fn outline(db: &dyn Db, file: SourceFile) -> Vec<Entry> {
    items(db, file).iter().filter_map(|item| entry(db, *item)).collect()
}

/// The items of all files whose name has the letters of a query, in their order and in any case; those where they stand
/// together come first. At most so many.
pub fn search(db: &dyn Db, workspace: Workspace, query: &str, most: usize) -> Vec<Entry> {
    let query = Query::new(query);
    let mut found: Vec<(u8, &str, Item<'_>)> = Vec::new();
    for file in workspace.files(db) {
        db.unwind_if_revision_cancelled();
        for item in items(db, *file) {
            let name = item.name(db).as_deref().unwrap_or_default();
            found.extend(query.rank(name).map(|rank| (rank, name, *item)));
        }
    }
    found.sort_by_key(|(rank, name, _)| (*rank, *name));
    let shown = found.into_iter().filter_map(|(.., item)| Some(Entry { children: Vec::new(), ..entry(db, item)? }));
    shown.take(most).collect()
}

/// What is looked for. Names are compared without regard to case.
pub(crate) struct Query {
    small: String,
}

impl Query {
    pub(crate) fn new(text: &str) -> Query {
        Query { small: text.to_lowercase() }
    }

    /// How well a name answers, from 0; `None` where it does not.
    pub(crate) fn rank(&self, name: &str) -> Option<u8> {
        // Most names do not have the letters, and need no copy of theirs.
        if name.is_ascii() {
            let mut letters = name.bytes();
            let mut wanted = self.small.bytes();
            if !wanted.all(|wanted| letters.any(|letter| letter.to_ascii_lowercase() == wanted)) {
                return None;
            }
        }
        let name = name.to_lowercase();
        if name.starts_with(&self.small) {
            return Some(0);
        }
        if name.contains(&self.small) {
            return Some(1);
        }
        let mut letters = name.chars();
        self.small.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(2)
    }
}

fn entry<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Entry> {
    let tree = tree(db, item)?;
    let text = item.text(db);
    let name = item.name(db).clone().unwrap_or_default();
    let at = |span: Span| place_in(db, item, span);
    let plain = |kind: Kind, detail: String| Entry {
        kind,
        name: name.clone(),
        detail,
        place: at(tree.name_span),
        whole: whole_place(db, item),
        deprecated: tree.attribute("deprecated").is_some(),
        children: Vec::new(),
    };
    Some(match &tree.kind {
        ItemKind::Guardrail { population, .. } => plain(Kind::Guardrail, population.span.text(text).to_owned()),
        ItemKind::Function { result, .. } => plain(Kind::Function, result.span.text(text).to_owned()),
        ItemKind::Relation { .. } => plain(Kind::Relation, String::new()),
        ItemKind::Constant { .. } => plain(Kind::Constant, String::new()),
        ItemKind::Parameter { ty, .. } => plain(Kind::Parameter, ty.span.text(text).to_owned()),
        ItemKind::Schema { name: path, fields } => {
            with_fields(plain(Kind::Schema, String::new()), path, tree, fields, at, text)
        }
        ItemKind::Extension { target: path, fields } => {
            with_fields(plain(Kind::Extension, String::new()), path, tree, fields, at, text)
        }
        ItemKind::Use { .. } => return None,
        ItemKind::Test { title, .. } => Entry { name: title.clone(), ..plain(Kind::Test, String::new()) },
        ItemKind::Waiver { guardrail, .. } => {
            Entry { name: guardrail.text(), place: at(guardrail.span), ..plain(Kind::Waiver, String::new()) }
        }
    })
}

fn with_fields(
    entry: Entry,
    path: &Path,
    tree: &Tree,
    fields: &[(parapet_syntax::Ident, parapet_syntax::TypeExpr)],
    at: impl Fn(Span) -> Place,
    text: &str,
) -> Entry {
    let deprecated = tree.attribute("deprecated").is_some();
    let children = fields.iter().map(|(name, ty)| Entry {
        kind: Kind::Field,
        name: name.text.clone(),
        detail: ty.span.text(text).to_owned(),
        place: at(name.span),
        whole: at(name.span.to(ty.span)),
        deprecated: false,
        children: Vec::new(),
    });
    Entry { name: path.text(), place: at(path.span), deprecated, children: children.collect(), ..entry }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const TEXT: &str = "use a::b\n\nconst ONE = 1\n\nschema Acme::Thing {\n    size: Int\n}\n\n@deprecated(\"x\")\nguardrail named(q: AWS::SQS::Queue) {\n    require q.QueueName is present\n}\n\ntest \"a title\" {\n    expect true\n}\n";

    #[test]
    fn an_outline_has_the_items_and_their_fields() {
        let fixture = Fixture::new(TEXT);
        let found = outline(&fixture.db, fixture.file);
        let shown: Vec<String> =
            found.iter().map(|entry| format!("{:?} {} {}", entry.kind, entry.name, entry.detail)).collect();
        assert_eq!(shown, ["Constant ONE ", "Schema Acme::Thing ", "Guardrail named AWS::SQS::Queue", "Test a title "]);
        assert_eq!(found[1].children[0].name, "size");
        assert!(found[2].deprecated);
        assert_eq!(fixture.shown(found[2].place), "main.parapet:10 named");
    }

    #[test]
    fn a_search_takes_letters_in_their_order() {
        let fixture = Fixture::of(&[("a", "const ONE = 1\n\nconst ALONE = 1\n"), ("b", TEXT)]);
        let found = |query: &str| {
            search(&fixture.db, fixture.workspace, query, 10).into_iter().map(|entry| entry.name).collect::<Vec<_>>()
        };
        assert_eq!(found("one"), ["ONE", "ONE", "ALONE"]);
        assert_eq!(found("nmd"), ["named"]);
        assert_eq!(found("nothing"), [""; 0]);
    }
}
