//! What rules write anew when a module gets another path, because its file or folder is renamed or moved.
//!
//! Paths are followed by what they mean: those that begin at the root, those that begin at an imported module, and imports of
//! the module itself. Where the module is in another package then, `package` in its own files is written out. Manifests follow
//! in [`manifests`](crate::manifests).

use std::collections::BTreeMap;

use parapet_base::{Edit, Span};
use parapet_semantic::{Db, Item, SourceFile, Workspace, below, import_removed, item_offset, items, scope};
use parapet_syntax::{Ident, Imported, ItemKind, Path};

use crate::lenses::links;
use crate::names::{Symbol, names};
use crate::navigation::references_to;
use crate::places::{item_at, place_in, tree};

/// A module, which may be a folder, and the path that it gets.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    pub from: &'a str,
    pub to: &'a str,
}

/// The edits of each file when a module gets another path; `ours` says which files may be changed.
pub fn move_module(
    db: &dyn Db,
    workspace: Workspace,
    moved: Move<'_>,
    ours: &dyn Fn(SourceFile) -> bool,
) -> Vec<(SourceFile, Vec<Edit>)> {
    let mut all: BTreeMap<u32, (SourceFile, Vec<Edit>)> = BTreeMap::new();
    let mut add = |file: SourceFile, edits: Vec<Edit>| {
        let (_, list) = all.entry(file.id(db).0).or_insert_with(|| (file, Vec::new()));
        let apart = |edit: &Edit| list.iter().all(|known| !overlap(known.span, edit.span));
        let fresh: Vec<Edit> = edits.into_iter().filter(apart).collect();
        list.extend(fresh);
    };
    for reference in references_to(db, workspace, &Symbol::Module(moved.from.to_owned())) {
        let place = reference.place;
        if let Some((item, _)) = item_at(db, place.file, place.span.start).filter(|_| ours(place.file)) {
            add(place.file, moved.written_anew(db, item, place.span));
        }
    }
    for file in workspace.files(db).iter().filter(|file| moved.leaves_package(db, **file) && ours(**file)) {
        add(*file, packages_written_out(db, workspace, *file));
    }
    all.into_values().filter(|(_, edits)| !edits.is_empty()).collect()
}

/// The edits of a file that is moved itself: its tests name files by paths from its folder. `again` says how one is written
/// from the new folder.
pub fn move_links(db: &dyn Db, file: SourceFile, again: &dyn Fn(&str) -> Option<String>) -> Vec<Edit> {
    let edits = links(db, file).into_iter().filter_map(|link| {
        // What is written with escapes is left alone.
        let is_plain = link.place.span.text(file.text(db)) == link.path;
        let replacement = again(&link.path).filter(|path| is_plain && *path != link.path)?;
        Some(Edit { span: link.place.span, replacement })
    });
    edits.collect()
}

fn overlap(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

/// A path without its last segment, and that.
fn parts(path: &str) -> (&str, &str) {
    path.rsplit_once("::").unwrap_or(("", path))
}

impl Move<'_> {
    /// The edits of an item of which a segment, in the text of the file, means the module.
    fn written_anew(self, db: &dyn Db, item: Item<'_>, segment: Span) -> Vec<Edit> {
        let offset = item_offset(db, item);
        let import = tree(db, item).and_then(|tree| match &tree.kind {
            ItemKind::Use { path, names } => Some((path, names)),
            _ => None,
        });
        let is_it = |name: &Ident| name.span.shift(offset) == segment;
        if segment.text(item.file(db).text(db)) == "package" {
            // It means the package, whatever that is called.
            return Vec::new();
        }
        match import {
            Some((path, names)) if !path.segments.iter().any(is_it) => {
                let imported = names.iter().position(|imported| is_it(&imported.name));
                imported.map_or_else(Vec::new, |at| self.imported(db, item, (path, names), at))
            }
            Some(_) => vec![self.path(db, item, segment)],
            None => {
                let start = chain_start(item.file(db).text(db), segment.start);
                let (_, own) = parts(self.from);
                let text = Span { start, end: segment.end }.text(item.file(db).text(db));
                if start < segment.start || !scope(db, item.file(db)).imports.contains_key(text) {
                    return vec![self.path(db, item, segment)];
                }
                // It begins with an import, which is followed itself; under another name only this file knows it. A module
                // at the root is imported no more, and has its own name in all paths.
                let (parent, name) = parts(self.to);
                let follows = match parent {
                    "" => !self.is_taken(db, item.file(db)),
                    _ => text == own,
                };
                let renamed = follows && text != name;
                renamed.then(|| Edit { span: segment, replacement: name.to_owned() }).into_iter().collect()
            }
        }
    }

    /// A path whose segments up to one mean the module.
    fn path(self, db: &dyn Db, item: Item<'_>, segment: Span) -> Edit {
        let file = item.file(db);
        let span = Span { start: chain_start(file.text(db), segment.start), end: segment.end };
        let replacement = self.written(db, file, span.text(file.text(db)), self.to);
        Edit { span, replacement }
    }

    /// A path as a file writes it that has written another one so: with `package`, if that is what it is below.
    fn written(self, db: &dyn Db, file: SourceFile, before: &str, path: &str) -> String {
        let is_relative = before.split("::").next().is_some_and(|first| first.trim() == "package");
        if !is_relative || self.leaves_package(db, file) {
            return path.to_owned();
        }
        let package = &**file.package(db);
        let rest = if package.is_empty() { Some(path) } else { path.strip_prefix(package) };
        match rest.map(|rest| rest.trim_start_matches("::")) {
            Some("") if package.is_empty() => String::new(),
            Some("") => "package".to_owned(),
            Some(rest) => format!("package::{rest}"),
            None => path.to_owned(),
        }
    }

    /// An import of the module itself: `use net::shared`.
    fn imported(self, db: &dyn Db, item: Item<'_>, (path, names): (&Path, &[Imported]), at: usize) -> Vec<Edit> {
        let (Some(imported), offset) = (names.get(at), item_offset(db, item)) else { return Vec::new() };
        let ((old_parent, old), (parent, name)) = (parts(self.from), parts(self.to));
        let span = path.segments.first().zip(path.segments.last()).map(|(first, last)| first.span.to(last.span));
        let renamed = Edit { span: imported.name.span.shift(offset), replacement: name.to_owned() };
        let renamed = (name != old).then_some(renamed).into_iter();
        let Some(span) = span.filter(|_| parent != old_parent) else { return renamed.collect() };
        let parent = self.written(db, item.file(db), span.text(item.text(db)), parent);
        if parent.is_empty() {
            // A module at the root cannot be imported; paths begin with it. Where they would begin with another import, this
            // one stays, as an error to be seen.
            let is_taken = self.is_taken(db, item.file(db));
            return if is_taken { Vec::new() } else { vec![import_removed(db, item, names, imported)] };
        }
        if names.len() == 1 {
            let moved = Edit { span: span.shift(offset), replacement: parent };
            return std::iter::once(moved).chain(renamed).collect();
        }
        let alias = imported.alias.as_ref().map_or(String::new(), |alias| format!(" as {}", alias.text));
        let line =
            item.text(db).get(..span.start as usize).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let line = Span::new(line, line).shift(offset);
        vec![
            Edit { span: line, replacement: format!("use {parent}::{name}{alias}\n") },
            Edit { span: element(names, at).shift(offset), replacement: String::new() },
        ]
    }

    /// Whether a path that begins with the new name of the module means something else that a file imports.
    fn is_taken(self, db: &dyn Db, file: SourceFile) -> bool {
        let (_, name) = parts(self.to);
        scope(db, file).imports.get(name).is_some_and(|(module, name)| below(module, name) != self.from)
    }

    /// Whether a file is moved, and in another package then; a package that gets another name takes all along.
    fn leaves_package(self, db: &dyn Db, file: SourceFile) -> bool {
        let package = &**file.package(db);
        if self.from == package {
            return false;
        }
        let rest = file.module(db).strip_prefix(self.from);
        let is_moved = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        is_moved && !package.is_empty() && self.to.split("::").next() != Some(package)
    }
}

/// An element of a list of imports, with one comma.
fn element(names: &[Imported], at: usize) -> Span {
    let whole = |imported: &Imported| {
        imported.name.span.to(imported.alias.as_ref().map_or(imported.name.span, |alias| alias.span))
    };
    let own = names.get(at).map(whole).unwrap_or_default();
    let before = at.checked_sub(1).and_then(|at| names.get(at)).map(whole);
    match (names.get(at + 1).map(whole), before) {
        (Some(next), _) => Span { start: own.start, end: next.start },
        (None, Some(before)) => Span { start: before.end, end: own.end },
        (None, None) => own,
    }
}

/// Where the path begins whose segment begins at an offset.
fn chain_start(text: &str, segment: u32) -> u32 {
    let mut start = segment as usize;
    loop {
        let before = text.get(..start).and_then(|before| before.trim_end().strip_suffix("::")).map(str::trim_end);
        let name =
            before.map(|before| before.trim_end_matches(|letter: char| letter.is_alphanumeric() || letter == '_'));
        match (before, name) {
            (Some(before), Some(name)) if name.len() < before.len() => start = name.len(),
            _ => return Span::new(start, start).start,
        }
    }
}

/// The package's own name where a file writes `package`.
fn packages_written_out(db: &dyn Db, workspace: Workspace, file: SourceFile) -> Vec<Edit> {
    let mut edits = Vec::new();
    for item in items(db, file) {
        let own = names(db, workspace, *item).into_iter().filter_map(|name| match name.symbol {
            Symbol::Module(path) if name.span.text(item.text(db)) == "package" => {
                Some(Edit { span: place_in(db, *item, name.span).span, replacement: path })
            }
            _ => None,
        });
        edits.extend(own);
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const SHARED: &str = "pub const LEAST = 2\n\npub fn enough(number: Int) -> Bool = number > LEAST\n";

    /// The texts of all files afterwards.
    fn moved(files: &[(&str, &str)], from: &str, to: &str) -> Vec<String> {
        let fixture = Fixture::of(files);
        let edits = move_module(&fixture.db, fixture.workspace, Move { from, to }, &|_| true);
        fixture.after(&edits)
    }

    /// The text of one file that uses `net::shared`, when that is moved.
    fn used(text: &str, to: &str) -> String {
        let files = [("net::shared", SHARED), ("net::other", SHARED), ("shared", SHARED), ("main", text)];
        let texts = moved(&files, "net::shared", to);
        assert_eq!(texts[..3], [SHARED, SHARED, SHARED]);
        texts[3].clone()
    }

    #[test]
    fn a_new_name_is_written_wherever_the_old_one_was() {
        let main = "use net::shared\nuse net::shared::enough\nuse net::{shared as other, other as third}\n\nconst A = shared::LEAST\n\nconst B = other::LEAST\n\nconst C = net::shared::LEAST\n";
        assert_eq!(used(main, "net::common"), main.replace("shared", "common"), "and the root's `shared` is another");
    }

    #[test]
    fn names_are_imported_from_another_folder() {
        assert_eq!(used("use net::shared::enough\n", "base::shared"), "use base::shared::enough\n");
        let main = "use net::shared::{enough, LEAST as MOST}\n\nconst A = net::shared::LEAST\n";
        assert_eq!(used(main, "a::b::common"), main.replace("net::shared", "a::b::common"));
        assert_eq!(used(main, "common"), main.replace("net::shared", "common"));
        let main = "use net::other\n\nconst A = other::LEAST\n";
        assert_eq!(used(main, "a::b"), main);
    }

    #[test]
    fn modules_are_imported_from_another_folder() {
        let main = "use net::shared\n\nconst A = shared::LEAST\n";
        assert_eq!(used(main, "base::shared"), main.replace("net", "base"));
        assert_eq!(used(main, "a::b::common"), main.replace("net", "a::b").replace("shared", "common"));
        let main = "use net::shared as s\n\nconst A = s::LEAST\n";
        assert_eq!(used(main, "a::common"), main.replace("net::shared", "a::common"));
    }

    #[test]
    fn a_module_at_the_root_is_imported_no_more() {
        let main = "use net::shared\n\nconst A = shared::LEAST\n";
        assert_eq!(used(main, "common"), "const A = common::LEAST\n");
        assert_eq!(used(&main.replace("net", "package::net"), "common"), "const A = common::LEAST\n");
        let main = "//! Docs.\n\nuse net::{other, shared as s}\n\nconst A = s::LEAST + other::LEAST\n";
        let after = "//! Docs.\n\nuse net::{other}\n\nconst A = common::LEAST + other::LEAST\n";
        assert_eq!(used(main, "common"), after);
        let main = "use net::shared as s // why\n\nconst A = s::LEAST\n";
        assert_eq!(used(main, "common"), "// why\n\nconst A = common::LEAST\n");
        let main = "use net::shared\nuse net::other as common\n\nconst A = shared::LEAST + common::LEAST\n";
        assert_eq!(used(main, "common"), main, "another module has the name here");
    }

    #[test]
    fn of_several_modules_that_are_imported_one_is_moved() {
        let rest = "\n\nconst A = shared::LEAST + o::LEAST\n";
        for (before, after) in [
            ("use net::{shared, other as o}", "use base::shared\nuse net::{other as o}"),
            ("use net::{other as o, shared}", "use base::shared\nuse net::{other as o}"),
            (
                "// A.\nuse net::{\n    shared,\n    other as o,\n}",
                "// A.\nuse base::shared\nuse net::{\n    other as o,\n}",
            ),
        ] {
            assert_eq!(used(&format!("{before}{rest}"), "base::shared"), format!("{after}{rest}"));
        }
    }

    #[test]
    fn paths_by_way_of_a_folder_are_written_out() {
        let files = [("a::net::shared", SHARED), ("a::main", "use a::net\n\nconst A = net::shared::LEAST\n")];
        let texts = moved(&files, "a::net::shared", "a::base::shared");
        assert_eq!(texts[1], "use a::net\n\nconst A = a::base::shared::LEAST\n");
    }

    #[test]
    fn folders_are_moved_with_what_is_in_them() {
        let main = "use net::shared::enough\nuse net::shared\n\nconst A = shared::LEAST\n";
        let files = [("net::shared", SHARED), ("main", main)];
        assert_eq!(moved(&files, "net", "all::net")[1], main.replace("use net", "use all::net"));
    }

    #[test]
    fn package_stands_as_long_as_it_means_the_same() {
        let main =
            "use package::net::shared::enough\nuse package::net::shared\n\nconst A = package::net::shared::LEAST\n";
        let own = "use package::main::A\n\nconst B = package::net::shared::B + A\n";
        let files =
            [("acme::net::shared", own), ("acme::main", main), ("other::main", "const C = acme::net::shared::B\n")];
        let within = moved(&files, "acme::net::shared", "acme::base::shared");
        assert_eq!(within[0], own.replace("net", "base"));
        assert_eq!(within[1], main.replace("net", "base"));
        let outside = moved(&files, "acme::net::shared", "other::shared");
        assert_eq!(outside[0], "use acme::main::A\n\nconst B = other::shared::B + A\n");
        assert_eq!(outside[1], main.replace("package::net", "other"));
        assert_eq!(outside[2], "const C = other::shared::B\n");
    }

    #[test]
    fn a_package_gets_another_name() {
        let main = "use package::net::enough\nuse acme::net\nuse acme::net::LEAST\n\nconst A = acme::net::LEAST + net::LEAST\n";
        let files = [("acme::net", SHARED), ("acme::main", main), ("other::main", "const C = acme::net::LEAST\n")];
        let texts = moved(&files, "acme", "base");
        assert_eq!(texts, [SHARED.to_owned(), main.replace("acme", "base"), "const C = base::net::LEAST\n".to_owned()]);
    }

    #[test]
    fn tests_name_files_from_the_new_folder() {
        let text = "test \"t\" {\n    given inventory \"a/b.ndjson\"\n    given inventory \"c.ndjson\"\n}\n";
        let fixture = Fixture::new(text);
        let again = |path: &str| path.strip_prefix("a/").map(|rest| format!("../a/{rest}"));
        let edits = move_links(&fixture.db, fixture.file, &again);
        let shown: Vec<(&str, &str)> =
            edits.iter().map(|edit| (edit.span.text(text), edit.replacement.as_str())).collect();
        assert_eq!(shown, [("a/b.ndjson", "../a/b.ndjson")]);
    }
}
