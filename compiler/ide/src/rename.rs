//! Gives a name to something that has one already, wherever it is named.
//!
//! What would mean something else afterwards is refused with a reason: a name that is taken, that is none, or that another
//! one hides. Texts (documentation, `@deprecated`) stay as they are; manifests follow in [`manifests`](crate::manifests), and
//! modules get other names in [`moves`](crate::moves).

use std::collections::BTreeMap;

use parapet_base::{Edit, Span};
use parapet_semantic::{Db, Item, SourceFile, Workspace, inferred, item_offset, items, parsed, scope};
use parapet_syntax::{ItemText, parse};

use crate::names::{Symbol, name_at, names};
use crate::navigation::{references_to, target};
use crate::places::{Place, item_at, place_in};

/// A name that may be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Renaming {
    pub place: Place,
    pub name: String,
}

/// What may be renamed at an offset, or why nothing may; `ours` says which files may be changed.
pub fn prepare_rename(
    db: &dyn Db,
    workspace: Workspace,
    file: SourceFile,
    offset: u32,
    ours: &dyn Fn(SourceFile) -> bool,
) -> Result<Renaming, String> {
    let (renaming, _) = found(db, workspace, file, offset, ours)?;
    Ok(renaming)
}

/// The edits of each file that give the name at an offset another one.
pub fn rename(
    db: &dyn Db,
    workspace: Workspace,
    file: SourceFile,
    offset: u32,
    name: &str,
    ours: &dyn Fn(SourceFile) -> bool,
) -> Result<Vec<(SourceFile, Vec<Edit>)>, String> {
    let (renaming, symbol) = found(db, workspace, file, offset, ours)?;
    if renaming.name == name {
        return Ok(Vec::new());
    }
    if name.contains("::") && !matches!(symbol, Symbol::Type(_)) {
        return Err(format!("`{name}` is a path, and a name is one word: what is renamed stays in its module"));
    }
    // Under the name of an import only this file knows it.
    let alias = own_name(db, workspace, &symbol).is_some_and(|own| own != renaming.name);
    let text = |place: Place| place.span.text(place.file.text(db));
    let places: Vec<Place> = references_to(db, workspace, &symbol)
        .into_iter()
        .map(|reference| reference.place)
        .filter(|place| text(*place) == renaming.name && (!alias || place.file == file))
        .collect();
    let mut edits: BTreeMap<u32, (SourceFile, Vec<Edit>)> = BTreeMap::new();
    for place in &places {
        let (_, list) = edits.entry(place.file.id(db).0).or_insert_with(|| (place.file, Vec::new()));
        list.push(Edit { span: place.span, replacement: name.to_owned() });
    }
    for (file, edits) in edits.values() {
        still_means_the_same(db, workspace, *file, edits, &symbol, name)?;
    }
    Ok(edits.into_values().collect())
}

fn found<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    file: SourceFile,
    offset: u32,
    ours: &dyn Fn(SourceFile) -> bool,
) -> Result<(Renaming, Symbol<'db>), String> {
    let nothing = || "there is no name here".to_owned();
    let (item, within) = item_at(db, file, offset).ok_or_else(nothing)?;
    let occurrence = name_at(db, workspace, item, within).ok_or_else(nothing)?;
    let what = match &occurrence.symbol {
        Symbol::Local { .. } | Symbol::Definition(_) => None,
        Symbol::Type(_) => {
            target(db, workspace, &occurrence.symbol).is_none().then_some("a type of AWS or of the language")
        }
        Symbol::Module(_) => Some("a module, which is called like its file"),
        Symbol::Field(_) => Some("a property: inventories have it under this name"),
        Symbol::Builtin(_) => Some("a built-in"),
        Symbol::Attribute(_) | Symbol::Lint(_) | Symbol::Severity(_) => Some("a word of the language"),
    };
    if let Some(what) = what {
        return Err(format!("this is {what}"));
    }
    let declared = target(db, workspace, &occurrence.symbol).map(|target| target.name.file);
    let place = place_in(db, item, occurrence.span);
    let name = place.span.text(file.text(db)).to_owned();
    let alias = own_name(db, workspace, &occurrence.symbol).is_some_and(|own| own != name);
    if !alias && !declared.is_some_and(ours) {
        return Err("this is part of a library".to_owned());
    }
    Ok((Renaming { place, name }, occurrence.symbol))
}

/// The name that a symbol has where it is declared.
fn own_name(db: &dyn Db, workspace: Workspace, symbol: &Symbol<'_>) -> Option<String> {
    match symbol {
        Symbol::Local { item, local } => Some(inferred(db, workspace, *item).local(*local)?.name.clone()),
        Symbol::Definition(definition) => definition.item.name(db).clone(),
        Symbol::Type(name) => Some(name.clone()),
        Symbol::Module(_)
        | Symbol::Field(_)
        | Symbol::Builtin(_)
        | Symbol::Attribute(_)
        | Symbol::Lint(_)
        | Symbol::Severity(_) => None,
    }
}

/// Whether the items of a file can be read with the new name, and nothing in them has it already.
fn still_means_the_same<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    file: SourceFile,
    edits: &[Edit],
    symbol: &Symbol<'db>,
    name: &str,
) -> Result<(), String> {
    let taken = |what: &str| Err(format!("`{name}` is {what} in `{}` already", file.path(db)));
    if matches!(symbol, Symbol::Definition(_)) {
        let scope = scope(db, file);
        if scope.own.contains_key(name) || scope.imports.contains_key(name) {
            return taken("a name");
        }
    }
    for item in items(db, file) {
        let offset = item_offset(db, *item);
        let whole = Span::new(0, item.text(db).len()).shift(offset);
        let own: Vec<&Edit> =
            edits.iter().filter(|edit| whole.start <= edit.span.start && edit.span.end <= whole.end).collect();
        if own.is_empty() {
            continue;
        }
        let locals = &inferred(db, workspace, *item).locals;
        let is_own = |span: Span| own.iter().any(|edit| edit.span == span.shift(offset));
        if locals.iter().any(|local| local.name == name && !is_own(local.span)) {
            return taken("a local");
        }
        let meant = names(db, workspace, *item).into_iter().any(|other| {
            let word = other.span.text(item.text(db));
            word == name && matches!(other.symbol, Symbol::Definition(_) | Symbol::Builtin(_)) && !is_own(other.span)
        });
        if meant && matches!(symbol, Symbol::Local { .. }) {
            return taken("used for something else");
        }
        can_be_read(db, *item, &own, offset, name)?;
    }
    Ok(())
}

fn can_be_read<'db>(db: &'db dyn Db, item: Item<'db>, edits: &[&Edit], offset: u32, name: &str) -> Result<(), String> {
    let mut text = item.text(db).to_string();
    let mut edits: Vec<&&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    for edit in edits.into_iter().rev() {
        let start = (edit.span.start.saturating_sub(offset)) as usize;
        let end = (edit.span.end.saturating_sub(offset)) as usize;
        if text.get(start..end).is_some() {
            text.replace_range(start..end, name);
        }
    }
    let read = parse(&ItemText {
        offset: 0,
        text: text.into(),
        keyword: item.keyword(db),
        name: item.name(db).clone(),
        public: item.public(db),
    });
    let before = parsed(db, item).errors.len();
    match read.errors.first() {
        Some(error) if read.errors.len() > before => Err(format!("`{name}` is no name here: {}", error.message)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    /// The texts of all files afterwards, or why not.
    fn renamed(fixture: &Fixture, name: &str) -> Result<Vec<String>, String> {
        let ours = |file: SourceFile| !file.path(&fixture.db).starts_with("aws/");
        let edits = rename(&fixture.db, fixture.workspace, fixture.file, fixture.offset, name, &ours)?;
        Ok(fixture.after(&edits))
    }

    const SHARED: &str = "pub fn enough(number: Int) -> Bool = number > 2\n";
    const MAIN: &str = "use shared::enough\n\nguardrail x(q: AWS::SQS::Queue) {\n    let wait = q.DelaySeconds ?? 0\n    require enough(number: wait)\n        else \"{wait}\"\n}\n";

    #[test]
    fn a_path_is_refused_as_a_name() {
        let fixture = Fixture::of(&[("shared", SHARED), ("main", &MAIN.replace("require en", "require e$0n"))]);
        let why = renamed(&fixture, "shared::plenty").unwrap_err();
        assert_eq!(why, "`shared::plenty` is a path, and a name is one word: what is renamed stays in its module");
    }

    #[test]
    fn definitions_across_files() {
        let fixture = Fixture::of(&[("shared", SHARED), ("main", &MAIN.replace("require en", "require e$0n"))]);
        let texts = renamed(&fixture, "plenty").unwrap();
        assert_eq!(texts, [SHARED.replace("enough", "plenty"), MAIN.replace("enough", "plenty")]);
    }

    #[test]
    fn parameters_with_the_names_before_arguments() {
        let fixture = Fixture::of(&[("shared", &SHARED.replace("(num", "(n$0um")), ("main", MAIN)]);
        let texts = renamed(&fixture, "count_of").unwrap_or_default();
        assert_eq!(texts, [SHARED.replace("number", "count_of"), MAIN.replace("number:", "count_of:")]);
    }

    #[test]
    fn locals_and_messages() {
        let fixture = Fixture::of(&[("shared", SHARED), ("main", &MAIN.replace("let wa", "let w$0a"))]);
        assert_eq!(renamed(&fixture, "delay").unwrap()[1], MAIN.replace("wait", "delay"));
    }

    #[test]
    fn other_names_of_imports_are_this_files() {
        let main =
            MAIN.replace("shared::enough", "shared::{enough as fine}").replace("require enough", "require fi$0ne");
        let fixture = Fixture::of(&[("shared", SHARED), ("main", &main)]);
        let texts = renamed(&fixture, "good").unwrap();
        assert_eq!(texts, [SHARED.to_owned(), main.replace("$0", "").replace("fine", "good")]);
    }

    #[test]
    fn types_of_ones_own() {
        let text = "schema Acme::Th$0ing {\n    size: Int\n}\n\nguardrail x(t: Acme::Thing) {\n    require any o in Acme::Thing: o.size == t.size\n}\n";
        let texts = renamed(&Fixture::new(text), "Acme::Item").unwrap();
        assert_eq!(texts, [text.replace("$0", "").replace("Acme::Thing", "Acme::Item")]);
    }

    #[test]
    fn what_would_mean_something_else_is_refused() {
        let refused = |place: &str, with: &str, name: &str| {
            let shared = "pub fn enough(number: Int) -> Bool = number > 2\n\npub const OTHER = 1\n";
            renamed(&Fixture::of(&[("shared", shared), ("main", &MAIN.replacen(place, with, 1))]), name).unwrap_err()
        };
        assert_eq!(refused("require en", "require e$0n", "OTHER"), "`OTHER` is a name in `shared.parapet` already");
        assert_eq!(refused("require en", "require e$0n", "wait"), "`wait` is a local in `main.parapet` already");
        assert_eq!(refused("let wa", "let w$0a", "q"), "`q` is a local in `main.parapet` already");
        assert_eq!(
            refused("let wa", "let w$0a", "enough"),
            "`enough` is used for something else in `main.parapet` already"
        );
        assert!(refused("let wa", "let w$0a", "let").starts_with("`let` is no name here"));
        assert!(refused("let wa", "let w$0a", "two words").starts_with("`two words` is no name here"));
        assert_eq!(refused("q.Delay", "q.De$0lay", "x"), "this is a property: inventories have it under this name");
        assert_eq!(refused("SQS::Q", "SQS::Q$0", "x"), "this is a type of AWS or of the language");
        assert_eq!(refused("require en", "req$0uire en", "x"), "there is no name here");
    }

    #[test]
    fn libraries_stay_as_they_are() {
        let fixture = Fixture::of(&[
            ("aws::shared", SHARED),
            ("main", &MAIN.replace("shared::", "aws::shared::").replace("require en", "require e$0n")),
        ]);
        assert_eq!(renamed(&fixture, "plenty").unwrap_err(), "this is part of a library");
    }
}
