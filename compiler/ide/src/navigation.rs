//! From a name to where it is given its meaning, and to all places that use it.

use parapet_base::Span;
use parapet_model::Type;
use parapet_semantic::{Db, Item, SourceFile, Workspace, all_declarations, inferred, items, modules};
use parapet_syntax::{Ident, ItemKind};

use crate::fields::{Field, Owner};
use crate::names::{Occurrence, Symbol, name_at, names};
use crate::places::{Place, item_at, name_place, place_in, tree, whole_place};

/// Where something is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The name.
    pub name: Place,
    /// All of it.
    pub whole: Place,
}

/// A place that uses a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub place: Place,
    /// The name is given its meaning here.
    pub declares: bool,
}

/// Where the name at an offset is declared. What is part of Parapet, as built-ins and types of AWS, is in no file.
pub fn definition(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Option<Target> {
    let (item, within) = item_at(db, file, offset)?;
    target(db, workspace, &name_at(db, workspace, item, within)?.symbol)
}

/// Where the type of the value at an offset is declared.
pub fn type_definition(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Option<Target> {
    let (item, within) = item_at(db, file, offset)?;
    let name = name_at(db, workspace, item, within)?;
    let ty = match &name.symbol {
        Symbol::Type(_) => return target(db, workspace, &name.symbol),
        _ => name.ty?,
    };
    let names = named_types(&ty);
    names.into_iter().find_map(|name| target(db, workspace, &Symbol::Type(name)))
}

/// The names of resource types that a type is made of.
fn named_types(ty: &Type) -> Vec<String> {
    match ty.required() {
        Type::Resource(names) => names.iter().map(ToString::to_string).collect(),
        Type::Ref(targets) => targets.iter().map(|target| target.resource.to_string()).collect(),
        Type::List { element, .. } | Type::Set(element) | Type::Map(element) => named_types(element),
        _ => Vec::new(),
    }
}

pub(crate) fn target<'db>(db: &'db dyn Db, workspace: Workspace, symbol: &Symbol<'db>) -> Option<Target> {
    match symbol {
        Symbol::Local { item, local } => {
            let span = inferred(db, workspace, *item).local(*local)?.span;
            let name = place_in(db, *item, span);
            Some(Target { name, whole: name })
        }
        Symbol::Definition(definition) => {
            Some(Target { name: name_place(db, definition.item), whole: whole_place(db, definition.item) })
        }
        Symbol::Module(path) => {
            let file = *modules(db, workspace).get(path.as_str())?;
            let start = Place { file, span: Span::new(0, 0) };
            Some(Target { name: start, whole: start })
        }
        Symbol::Type(name) => {
            let (item, name, _) = own_types(db, workspace).find(|(_, known, _)| known.0 == *name)?;
            Some(Target { name: place_in(db, item, name.1), whole: whole_place(db, item) })
        }
        Symbol::Field(field) => field_target(db, workspace, field),
        Symbol::Builtin(_) | Symbol::Attribute(_) | Symbol::Lint(_) | Symbol::Severity(_) => None,
    }
}

type OwnType<'db> = (Item<'db>, (String, Span), Vec<&'db Ident>);

/// The `schema` and `extend` items of the workspace: the type's name, and the fields.
fn own_types<'db>(db: &'db dyn Db, workspace: Workspace) -> impl Iterator<Item = OwnType<'db>> {
    all_declarations(db, workspace).iter().filter_map(move |item| match &tree(db, *item)?.kind {
        ItemKind::Schema { name: path, fields } | ItemKind::Extension { target: path, fields } => {
            let fields = fields.iter().map(|(name, _)| name).collect();
            Some((*item, (path.text(), path.span), fields))
        }
        ItemKind::Guardrail { .. }
        | ItemKind::Function { .. }
        | ItemKind::Relation { .. }
        | ItemKind::Constant { .. }
        | ItemKind::Parameter { .. }
        | ItemKind::Use { .. }
        | ItemKind::Test { .. }
        | ItemKind::Waiver { .. } => None,
    })
}

fn field_target(db: &dyn Db, workspace: Workspace, field: &Field) -> Option<Target> {
    let Owner::Resource(owner) = &field.owner else { return None };
    own_types(db, workspace).filter(|(_, (name, _), _)| **name == **owner).find_map(|(item, _, fields)| {
        let found = fields.into_iter().find(|known| known.text == *field.name)?;
        let name = place_in(db, item, found.span);
        Some(Target { name, whole: name })
    })
}

/// All places that name what the name at an offset means, the declaration among them, by file and place.
pub fn references(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Vec<Reference> {
    let Some((item, within)) = item_at(db, file, offset) else { return Vec::new() };
    match name_at(db, workspace, item, within) {
        Some(name) => references_to(db, workspace, &name.symbol),
        None => Vec::new(),
    }
}

/// The places of one file that name what the name at an offset means.
pub fn highlights(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Vec<Reference> {
    let Some((item, within)) = item_at(db, file, offset) else { return Vec::new() };
    let Some(name) = name_at(db, workspace, item, within) else { return Vec::new() };
    uses_in(db, workspace, file, &name.symbol)
}

/// All places that name a symbol.
pub(crate) fn references_to<'db>(db: &'db dyn Db, workspace: Workspace, symbol: &Symbol<'db>) -> Vec<Reference> {
    let mut found: Vec<Reference> =
        workspace.files(db).iter().flat_map(|file| uses_in(db, workspace, *file, symbol)).collect();
    found.dedup();
    found
}

fn uses_in<'db>(db: &'db dyn Db, workspace: Workspace, file: SourceFile, symbol: &Symbol<'db>) -> Vec<Reference> {
    // Most files do not have the word, and are not looked at closer. A local that is no parameter is in one item.
    let Some(word) = word_of(db, workspace, symbol) else { return Vec::new() };
    if !has_import_of(db, file, &word) && !file.text(db).contains(&word) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for item in items(db, file) {
        db.unwind_if_revision_cancelled();
        let imported = matches!(symbol, Symbol::Definition(_) | Symbol::Module(_));
        if !imported && !item.text(db).contains(&word) {
            continue;
        }
        let uses = names(db, workspace, *item).into_iter().filter(|name| means(&name.symbol, symbol));
        found.extend(
            uses.map(|name: Occurrence<'_>| Reference {
                place: place_in(db, *item, name.span),
                declares: name.declares,
            }),
        );
    }
    found
}

/// Whether a file names something by another name.
fn has_import_of(db: &dyn Db, file: SourceFile, word: &str) -> bool {
    parapet_semantic::scope(db, file).imports.values().any(|(_, name)| name == word)
}

/// The word that stands wherever a symbol is named, but for imports under another name.
fn word_of(db: &dyn Db, workspace: Workspace, symbol: &Symbol<'_>) -> Option<String> {
    match symbol {
        Symbol::Local { item, local } => Some(inferred(db, workspace, *item).local(*local)?.name.clone()),
        Symbol::Definition(definition) => definition.item.name(db).clone(),
        Symbol::Module(path) => path.rsplit("::").next().map(str::to_owned),
        Symbol::Type(name) => Some(name.clone()),
        Symbol::Field(field) => Some(field.name.to_string()),
        Symbol::Builtin(ids) => ids.first().map(|id| parapet_builtins::builtin(*id).name.to_owned()),
        Symbol::Attribute(name) => Some(name.clone()),
        Symbol::Lint(code) => Some(code.name.to_owned()),
        Symbol::Severity(severity) => Some(severity.name().to_owned()),
    }
}

/// Whether two names mean the same.
pub(crate) fn means(a: &Symbol<'_>, b: &Symbol<'_>) -> bool {
    match (a, b) {
        (Symbol::Definition(a), Symbol::Definition(b)) => a.item == b.item,
        (Symbol::Field(a), Symbol::Field(b)) => a.name == b.name && a.owner == b.owner,
        (Symbol::Builtin(a), Symbol::Builtin(b)) => a.iter().any(|id| b.contains(id)),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const SHARED: &str = "pub const LEAST = 2\n\npub fn enough(number: Int) -> Bool = number > LEAST\n";

    fn target_of(fixture: &Fixture) -> Option<String> {
        let target = definition(&fixture.db, fixture.workspace, fixture.file, fixture.offset)?;
        Some(fixture.shown(target.name))
    }

    fn used(fixture: &Fixture) -> Vec<String> {
        let found = references(&fixture.db, fixture.workspace, fixture.file, fixture.offset);
        found
            .iter()
            .map(|found| format!("{}{}", if found.declares { "*" } else { "" }, fixture.shown(found.place)))
            .collect()
    }

    #[test]
    fn definitions_across_files() {
        let main = "use shared::{enough, LEAST as least}\n\nguardrail x(q: AWS::SQS::Queue) {\n    require enou$0gh(number: q.DelaySeconds ?? 0)\n}\n";
        let fixture = Fixture::of(&[("shared", SHARED), ("main", main)]);
        assert_eq!(target_of(&fixture).unwrap(), "shared.parapet:3 enough");
        let fixture =
            Fixture::of(&[("shared", SHARED), ("main", &main.replace("$0", "").replace("(number:", "(num$0ber:"))]);
        assert_eq!(target_of(&fixture).unwrap(), "shared.parapet:3 number");
        let fixture =
            Fixture::of(&[("shared", SHARED), ("main", &main.replace("$0", "").replace("use sha", "use sh$0a"))]);
        assert_eq!(target_of(&fixture).unwrap(), "shared.parapet:1 ");
    }

    #[test]
    fn locals_types_and_fields_of_ones_own() {
        let text = "schema Acme::Thing {\n    size: Int\n}\n\nguardrail x(t: Acme::Thing) {\n    let big = t.size > 3\n    require not big\n}\n";
        let at = |place: &str, with: &str| target_of(&Fixture::new(&text.replace(place, with)));
        assert_eq!(at("not big", "not b$0ig").unwrap(), "main.parapet:6 big");
        assert_eq!(at("t.size", "t.si$0ze").unwrap(), "main.parapet:2 size");
        assert_eq!(at("(t: Acme::Thing", "(t: Acme::Th$0ing").unwrap(), "main.parapet:1 Acme::Thing");
        let fixture = Fixture::new(&text.replace("= t.size", "= t$0.size"));
        let target = type_definition(&fixture.db, fixture.workspace, fixture.file, fixture.offset).unwrap();
        assert_eq!(fixture.shown(target.name), "main.parapet:1 Acme::Thing");
    }

    #[test]
    fn references_across_files_with_other_names() {
        let main = "use shared::{enough, LEAST as least}\n\nguardrail x(q: AWS::SQS::Queue) {\n    require enough(q.DelaySeconds ?? least)\n}\n";
        let fixture = Fixture::of(&[("shared", &SHARED.replacen("LEAST", "LE$0AST", 1)), ("main", main)]);
        assert_eq!(
            used(&fixture),
            [
                "*shared.parapet:1 LEAST",
                "shared.parapet:3 LEAST",
                "main.parapet:1 LEAST",
                "main.parapet:1 least",
                "main.parapet:4 least",
            ]
        );
    }

    #[test]
    fn references_of_locals_stay_in_their_item() {
        let text = "guardrail a(q: AWS::SQS::Queue) {\n    require q$0.name != q.id\n}\n\nguardrail b(q: AWS::SQS::Queue) {\n    require q.name != \"\"\n        else \"{q.name}\"\n}\n";
        let fixture = Fixture::new(text);
        assert_eq!(used(&fixture), ["*main.parapet:1 q", "main.parapet:2 q", "main.parapet:2 q"]);
        let fixture = Fixture::new(&text.replace("$0", "").replace("\"{q.name}", "\"{q$0.name}"));
        assert_eq!(used(&fixture), ["*main.parapet:5 q", "main.parapet:6 q", "main.parapet:7 q"]);
    }

    #[test]
    fn guardrails_in_tests_and_waivers() {
        let text = "guardrail na$0med(q: AWS::SQS::Queue) {\n    require q.QueueName is present\n}\n\ntest \"t\" {\n    given good = AWS::SQS::Queue {}\n    expect named fails on good\n}\n\nwaive named {\n    resources like \"a\"\n    until 2027-01-31\n    reason \"b\"\n}\n";
        let fixture = Fixture::new(text);
        assert_eq!(used(&fixture), ["*main.parapet:1 named", "main.parapet:7 named", "main.parapet:10 named"]);
    }

    #[test]
    fn properties_are_found_by_their_type() {
        let text = "guardrail a(q: AWS::SQS::Queue) {\n    require q.Queue$0Name is present\n}\n\nguardrail b(q: AWS::SQS::Queue) {\n    require q.QueueName != \"\"\n}\n";
        assert_eq!(used(&Fixture::new(text)).len(), 2);
    }
}
