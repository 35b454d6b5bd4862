//! What an editor may write above items: how often they are used, and that a test can be run; and the files that a text
//! names.

use std::sync::Arc;

use parapet_base::Span;
use parapet_semantic::{Db, Definition, Item, SourceFile, Workspace, definition_path, items, scope};
use parapet_syntax::{ItemKind, StepKind};

use crate::names::Symbol;
use crate::navigation::references_to;
use crate::places::{Place, item_at, name_place, place_in, tree};

/// What stands above an item.
#[derive(Clone, Debug, PartialEq)]
pub enum Lens {
    /// How often it is used: [`uses`] says it.
    References,
    /// A test of this title can be run.
    Run(String),
    /// What the guardrail of this path says of the inventories that are bound, if any are.
    Verdicts(Arc<str>),
}

/// A lens and the name that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct LensAt {
    pub place: Place,
    pub lens: Lens,
}

/// The lenses of a file.
pub fn lenses(db: &dyn Db, file: SourceFile) -> Vec<LensAt> {
    let of_item = |item: &Item<'_>| {
        let lenses = match tree(db, *item).map(|tree| &tree.kind)? {
            ItemKind::Guardrail { .. } => vec![Lens::Verdicts(definition_path(db, *item)), Lens::References],
            ItemKind::Function { .. }
            | ItemKind::Relation { .. }
            | ItemKind::Constant { .. }
            | ItemKind::Parameter { .. } => vec![Lens::References],
            ItemKind::Test { title, .. } => vec![Lens::Run(title.clone())],
            ItemKind::Schema { .. } | ItemKind::Extension { .. } | ItemKind::Use { .. } | ItemKind::Waiver { .. } => {
                return None;
            }
        };
        let place = name_place(db, *item);
        Some(lenses.into_iter().map(move |lens| LensAt { place, lens }))
    };
    items(db, file).iter().filter_map(of_item).flatten().collect()
}

/// The places that use the item at an offset, its own name left out.
pub fn uses(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Vec<Place> {
    let Some((item, _)) = item_at(db, file, offset) else { return Vec::new() };
    let Some(definition) = defined(db, item) else { return Vec::new() };
    let found = references_to(db, workspace, &Symbol::Definition(definition));
    let imports =
        |place: &Place| item_at(db, place.file, place.span.start).is_some_and(|(item, _)| item.keyword(db) == "use");
    found.into_iter().filter(|found| !found.declares).map(|found| found.place).filter(|place| !imports(place)).collect()
}

fn defined<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<Definition<'db>> {
    let definition = scope(db, item.file(db)).own.get(item.name(db).as_ref()?)?;
    Some(Definition { item, ..*definition })
}

/// A path that a text names, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub place: Place,
    /// Relative to the folder of the file.
    pub path: String,
}

/// The files that the tests of a file name.
pub fn links(db: &dyn Db, file: SourceFile) -> Vec<Link> {
    let mut found = Vec::new();
    for item in items(db, file).iter().filter(|item| item.keyword(db) == "test") {
        let Some(ItemKind::Test { steps, .. }) = tree(db, *item).map(|tree| &tree.kind) else { continue };
        for step in steps {
            if let StepKind::Inventory { path, span } = &step.kind {
                let inner = inside_quotes(*span);
                found.push(Link { place: place_in(db, *item, inner), path: path.clone() });
            }
        }
    }
    found
}

fn inside_quotes(span: Span) -> Span {
    if span.end - span.start > 2 { Span { start: span.start + 1, end: span.end - 1 } } else { span }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn items_say_how_often_they_are_used_and_tests_run() {
        let shared = ("shared", "pub fn en$0ough(n: Int) -> Bool = n > 1\n");
        let main = (
            "main",
            "use shared::enough\n\nconst A = 1\n\nguardrail g(b: AWS::S3::Bucket) {\n    require true\n}\n\ntest \"t\" {\n    expect enough(A)\n    given inventory \"a/b.ndjson\"\n}\n",
        );
        let fixture = Fixture::of(&[shared, main]);
        let used = uses(&fixture.db, fixture.workspace, fixture.file, fixture.offset);
        assert_eq!(used.iter().map(|place| fixture.shown(*place)).collect::<Vec<_>>(), ["main.parapet:10 enough"]);
        let lenses: Vec<Lens> = lenses(&fixture.db, fixture.files[1]).into_iter().map(|at| at.lens).collect();
        let verdicts = Lens::Verdicts("main::g".into());
        assert_eq!(lenses, [Lens::References, verdicts, Lens::References, Lens::Run("t".to_owned())]);
        let links = links(&fixture.db, fixture.files[1]);
        assert_eq!(
            (fixture.shown(links[0].place), links[0].path.as_str()),
            ("main.parapet:11 a/b.ndjson".to_owned(), "a/b.ndjson")
        );
    }
}
