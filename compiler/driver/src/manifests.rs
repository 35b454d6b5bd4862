//! What is wrong with the values that a manifest gives to parameters, key by key.
//!
//! `check` refuses to run for the first of them, as for one of a flag; here each has its place, for `lint` and for editors.
//! A manifest that cannot be read has none of them: [`read_manifest`] says what is wrong with it.

use parapet_base::{Diagnostic, FileId, Span, codes};
use parapet_package::{Key, Manifest, keys};
use parapet_semantic::{SourceFile, Workspace};
use rustc_hash::FxHashSet;

use crate::parameters::{Declared, Given, Unfound, declared, evaluate, find};
use crate::rules::{Database, Rules, read_manifest};

/// The package that every other may use.
const LIBRARY: &str = "aws";

/// What is wrong with `[params]` in the text of a manifest: names that no parameter in reach has, and values of another type.
/// A bare name means what it means to `check` of this package alone, as long as it means something there.
pub fn manifest_diagnostics_of(db: &Database, workspace: Workspace, text: &str) -> Vec<Diagnostic> {
    let Some(manifest) = as_far_as_read(text) else { return Vec::new() };
    if manifest.params.is_empty() {
        return Vec::new();
    }
    let package = manifest.module_name();
    let declared = declared(db, workspace, &|file| **file.package(db) == *package);
    let is_near = |parameter: &Declared| {
        let root = parameter.path.split("::").next().unwrap_or_default();
        root == package || root == LIBRARY
    };
    let (near, far): (Vec<Declared>, Vec<Declared>) = declared.into_iter().partition(is_near);
    of_manifest(db, workspace, (&manifest, text), &[&near, &far])
}

/// What a manifest says of parameters, also if a key or value of `[package]` is in error.
fn as_far_as_read(text: &str) -> Option<Manifest> {
    if let Ok(manifest) = read_manifest(text) {
        return Some(manifest);
    }
    let all = keys(text);
    let in_section = |section: &'static str| all.iter().filter(move |key| key.section == section);
    let named = in_section("package").find(|key| parapet_base::nearest(&key.name, ["name"]).is_some());
    let name = named.map_or("\"\"", |key| key.value.text(text));
    let params = in_section("params").map(|key| format!("{} = {}\n", key.span.text(text), key.value.text(text)));
    let params: String = params.collect();
    let with = |name: &str| read_manifest(&format!("[package]\nname = {name}\n\n[params]\n{params}")).ok();
    with(name).or_else(|| with("\"a\""))
}

/// The same of the manifests of all selected packages, where a bare name means what it means to `check` of them all.
pub fn manifest_diagnostics(rules: &Rules) -> Vec<(FileId, Diagnostic)> {
    let mut manifests = rules.packages.iter().filter(|package| package.selected).filter_map(|package| {
        let (manifest, path) = (package.manifest.as_ref()?, package.manifest_path.as_ref()?);
        let at = rules.texts.iter().position(|(known, _)| known == path)?;
        (!manifest.params.is_empty()).then_some((manifest, at))
    });
    let Some(first) = manifests.next() else { return Vec::new() };
    let selected: FxHashSet<SourceFile> = rules.selected_files().collect();
    let declared = declared(&rules.db, rules.workspace, &|file| selected.contains(&file));
    let found = std::iter::once(first).chain(manifests).flat_map(|(manifest, at)| {
        let text = rules.texts.get(at).map_or("", |(_, text)| text);
        let found = of_manifest(&rules.db, rules.workspace, (manifest, text), &[&declared]);
        found.into_iter().map(move |diagnostic| (FileId(Span::new(at, at).start), diagnostic))
    });
    found.collect()
}

/// `reach` is the parameters that a name may mean, those first that go before others.
fn of_manifest(
    db: &Database,
    workspace: Workspace,
    (manifest, text): (&Manifest, &str),
    reach: &[&[Declared]],
) -> Vec<Diagnostic> {
    let keys = keys(text).into_iter().filter(|key| key.section == "params");
    let wrong = keys.filter_map(|key| match named(reach, &key.name) {
        Ok(parameter) => {
            let value = manifest.params.get(&key.name)?;
            let wrong = evaluate(db, workspace, parameter, &Given::Toml(value.clone())).err()?;
            let message = format!("parameter `{}`: {wrong}", parameter.path);
            Some(Diagnostic::new(&codes::BAD_MANIFEST, key.value, message))
        }
        Err(unfound) => Some(no_parameter(&key, &unfound)),
    });
    wrong.collect()
}

fn named<'d>(reach: &[&'d [Declared]], name: &str) -> Result<&'d Declared, Unfound<'d>> {
    let mut unknown = Unfound::Unknown(None);
    for declared in reach {
        match (find(declared, name), &unknown) {
            (Err(Unfound::Unknown(near)), Unfound::Unknown(None)) => unknown = Unfound::Unknown(near),
            (Err(Unfound::Unknown(_)), _) => {}
            (found, _) => return found,
        }
    }
    Err(unknown)
}

fn no_parameter(key: &Key, unfound: &Unfound<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::new(&codes::BAD_MANIFEST, key.span, unfound.message(&key.name));
    let written = |name: &str| format!("\"{name}\"");
    match unfound {
        Unfound::Unknown(None) => diagnostic,
        Unfound::Unknown(Some(near)) => diagnostic.suggest(key.span, written(near), format!("did you mean `{near}`?")),
        Unfound::Several(paths) => paths.iter().fold(diagnostic, |diagnostic, path| {
            diagnostic.suggest(key.span, written(path), format!("give a value to `{path}`"))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Memory;
    use crate::rules::load;

    const RULES: &str = "param days: Int = 7\n\nparam window: Duration = 30d\n\nparam names: Set<String> = []\n\nparam strict: Bool = false\n";
    const OTHER: &str = "param strict: Bool = true\n\nparam max_key_age: Duration = 90d\n";

    /// What is wrong with these values: what the place holds, the message, and what is offered instead.
    fn found(params: &str, all: bool) -> Vec<(String, String, Vec<String>)> {
        let text = format!("[package]\nname = \"a-b\"\n\n[params]\n{params}");
        let files = [
            ("/w/one/parapet.toml".to_owned(), text.clone()),
            ("/w/one/rules/net.parapet".to_owned(), RULES.to_owned()),
            ("/w/two/parapet.toml".to_owned(), "[package]\nname = \"two\"\n".to_owned()),
            ("/w/two/rules/net.parapet".to_owned(), OTHER.to_owned()),
        ];
        let host = Memory::new(jiff::Timestamp::UNIX_EPOCH).with(files);
        let rules = load(&host, &["/w/one".to_owned(), "/w/two".to_owned()]).unwrap();
        let found = match all {
            true => {
                let found = manifest_diagnostics(&rules).into_iter();
                let of_one =
                    |(file, found)| (rules.source(file).unwrap().path == "/w/one/parapet.toml").then_some(found);
                found.map(|found| of_one(found).unwrap()).collect()
            }
            false => manifest_diagnostics_of(&rules.db, rules.workspace, &text),
        };
        let shown = found.into_iter().map(|found: Diagnostic| {
            let offers = found.suggestions.iter().map(|offer| offer.edits[0].replacement.clone()).collect();
            (found.span.text(&text).to_owned(), found.message, offers)
        });
        shown.collect()
    }

    #[test]
    fn what_is_right_is_left_alone() {
        let right = "days = 3\n\"a_b::net::window\" = \"14d\"\nnames = [\"a\"]\n";
        for all in [false, true] {
            assert_eq!(found(right, all), []);
        }
        assert_eq!(found("days = ", false), [], "what cannot be read is told elsewhere");
        assert_eq!(found("strict = true\n", false), [], "the package's own goes before");
        assert_eq!(found("max_key_age = \"30d\"\n", false), [], "and the library's before those of others");
        assert_eq!(found("\"two::net::strict\" = true\n", false), []);
    }

    #[test]
    fn an_error_of_the_package_hides_none_of_its_values() {
        let params = "\n[params]\ndays = \"x\"\n";
        for package in ["nme = \"a-b\"\n", "name = \"a-b\"\nedition = \"1\"\n", "name = 3\n"] {
            let text = format!("[package]\n{package}{params}");
            let host = Memory::new(jiff::Timestamp::UNIX_EPOCH).with([
                ("/w/one/parapet.toml".to_owned(), "[package]\nname = \"a-b\"\n".to_owned()),
                ("/w/one/rules/net.parapet".to_owned(), RULES.to_owned()),
            ]);
            let rules = load(&host, &["/w/one".to_owned()]).unwrap();
            let found = manifest_diagnostics_of(&rules.db, rules.workspace, &text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].span.text(&text), "\"x\"");
        }
    }

    #[test]
    fn names_that_no_parameter_has_are_told_at_the_key() {
        let (key, path) = ("\"a_b::net::dayz\"", "\"a_b::net::days\"");
        let expected = (key.to_owned(), "there is no parameter `a_b::net::dayz`".to_owned(), vec![path.to_owned()]);
        for all in [false, true] {
            assert_eq!(found(&format!("{key} = 3\n"), all), vec![expected.clone()]);
        }
        let unknown = found("colour_of_the_sky = 3\n", false);
        assert_eq!(
            unknown,
            [("colour_of_the_sky".to_owned(), "there is no parameter `colour_of_the_sky`".to_owned(), vec![])]
        );
        let several = found("strict = true\n", true);
        assert_eq!(several[0].1, "`strict` is not unique: a_b::net::strict, two::net::strict");
        assert_eq!(several[0].2, ["\"a_b::net::strict\"", "\"two::net::strict\""]);
    }

    #[test]
    fn values_of_another_type_are_told_at_the_value() {
        for (params, place) in [
            ("days = \"three\"\n", "\"three\""),
            ("window = 14\n", "14"),
            ("names = [1]\n", "[1]"),
            ("days = 9223372036854775807\nnames = \"a\"\n", "\"a\""),
        ] {
            let found = found(params, false);
            assert_eq!(found.len(), 1, "{params}: {found:?}");
            assert_eq!(found[0].0, place);
            assert!(found[0].1.starts_with("parameter `a_b::net::"), "{found:?}");
        }
    }

    #[test]
    fn each_key_is_told() {
        assert_eq!(found("days = true\nnone_at_all = 1\nwindow = \"x\"\n", true).len(), 3);
    }
}
