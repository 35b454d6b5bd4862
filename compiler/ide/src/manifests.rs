//! What editors ask of a manifest, `parapet.toml`, and what a rename changes in it.
//!
//! A manifest is no file of the database: its text is given. What is typed in it is often no whole manifest, so that the
//! place of a cursor is told by the lines before it. A key of `[params]` is a path, or a bare name that one parameter has;
//! of several, one of the rules of the editor's folders goes before those of libraries, as it does when rules are checked.

mod outline;

use parapet_base::{Diagnostic, Edit, Span};
use parapet_model::Type;
use parapet_package::{Key, PACKAGE_KEYS, SECTIONS, keys};
use parapet_semantic::{
    Db, Definition, DefinitionKind, Signature, SourceFile, Workspace, below, definition_path, scope, signature,
};

use crate::completion::{Completion, Completions, Offer, ranked};
use crate::hover::{describe, headline};
use crate::names::{Symbol, name_at};
use crate::navigation::{Target, target};
use crate::places::{item_at, touches};

pub use outline::ManifestEntry;
use outline::sections;

/// The edition of the language.
const EDITION: &str = "2027";

/// What stands in a manifest and what it may name.
#[derive(Clone, Copy)]
pub struct InManifest<'a> {
    pub db: &'a dyn Db,
    pub workspace: Workspace,
    pub text: &'a str,
    /// Which files are no library.
    pub ours: &'a dyn Fn(SourceFile) -> bool,
}

impl<'a> InManifest<'a> {
    /// What the key or section at an offset is: its place, and Markdown.
    pub fn hover(self, offset: u32) -> Option<(Span, String)> {
        let Some(key) = self.key_at(offset) else { return self.hover_section(offset) };
        let text = match key.section.as_str() {
            "package" => {
                let (name, docs) = PACKAGE_KEYS.into_iter().find(|(name, _)| *name == key.name)?;
                format!("`{name}`\n\n{docs}")
            }
            "params" => {
                let parameter = self.parameter(&key.name)?;
                describe(self.db, self.workspace, &Symbol::Definition(parameter), None)?
            }
            _ => return None,
        };
        Some((key.span, text))
    }

    /// Where the parameter is declared that the key at an offset names.
    pub fn definition(self, offset: u32) -> Option<Target> {
        let key = self.key_at(offset).filter(|key| key.section == "params")?;
        target(self.db, self.workspace, &Symbol::Definition(self.parameter(&key.name)?))
    }

    /// The name in the key at an offset, and where its parameter is declared: what a rename there is about.
    pub fn renaming(self, offset: u32) -> Option<(Span, Target)> {
        let target = self.definition(offset)?;
        let key = self.key_at(offset)?;
        let start = key.span.start as usize + key.span.text(self.text).rfind(key.name.rsplit("::").next()?)?;
        let length = key.name.rsplit("::").next()?.len();
        Some((Span::new(start, start + length), target))
    }

    /// The name of the package, if an offset is in it: without its quotes.
    pub fn package_name(self, offset: u32) -> Option<Span> {
        let key = keys(self.text).into_iter().find(|key| key.section == "package" && key.name == "name")?;
        let inner = Span { start: key.value.start + 1, end: key.value.end.checked_sub(1)? };
        let is_quoted = key.value.text(self.text).starts_with(['"', '\'']) && inner.start <= inner.end;
        (is_quoted && touches(key.value, offset)).then_some(inner)
    }

    /// Whether a package can be called so, or why not.
    pub fn can_be_called(self, name: &str) -> Result<(), String> {
        parapet_package::parse(&format!("[package]\nname = {name:?}\n")).map_err(|error| error.message)?;
        let module = name.replace('-', "_");
        let is_taken = self.workspace.files(self.db).iter().any(|file| **file.package(self.db) == *module);
        if is_taken { Err(format!("`{name}` is a package already")) } else { Ok(()) }
    }

    /// What may stand at an offset.
    pub fn completions(self, offset: u32) -> Completions {
        let Some(before) = self.text.get(..offset as usize) else { return Completions::default() };
        let line = before.rsplit('\n').next().unwrap_or_default();
        let above = before.get(..before.len() - line.len()).unwrap_or_default();
        let bare = line.trim_start();
        if let Some(typed) = bare.strip_prefix('[').filter(|typed| !typed.contains(']')) {
            let offers = SECTIONS.map(|(name, docs)| offer(Offer::Module, name, docs));
            return ranked(offers.into(), typed, self.replaced(offset, typed.len()));
        }
        let section = above.lines().rev().find_map(|line| line.trim().strip_prefix('[')?.split(']').next());
        match (section, line.split_once('=')) {
            (None, None) if !bare.starts_with('#') => self.beginning(offset, bare),
            (Some("package"), None) => self.package_keys(offset, bare),
            (Some("package"), Some((key, value))) if key.trim() == "edition" => {
                self.valued(offset, value, vec![offer(Offer::Value, &format!("\"{EDITION}\""), "the only edition")])
            }
            (Some("params"), None) if !bare.starts_with('#') => self.parameters(offset, bare),
            (Some("params"), Some((key, value))) => self.values(offset, key, value),
            _ => Completions::default(),
        }
    }

    /// A section, where none began yet.
    fn beginning(self, offset: u32, typed: &str) -> Completions {
        let known = sections(self.text);
        let is_new = |name: &str| known.iter().all(|section| section.name.text(self.text) != name);
        let offers = SECTIONS.into_iter().zip(0..).filter(|((name, _), _)| is_new(name));
        let offers = offers.map(|((name, docs), rank)| Completion {
            insert: if name == "package" { format!("[{name}]\nname = \"$1\"\n$0") } else { format!("[{name}]\n$0") },
            snippet: true,
            rank,
            ..offer(Offer::Module, &format!("[{name}]"), docs)
        });
        ranked(offers.collect(), typed, self.replaced(offset, typed.len()))
    }

    /// An error of a manifest that names a section or key that there is not, with the nearest that there is.
    pub fn with_meant(self, error: Diagnostic) -> Diagnostic {
        let written = error.span.text(self.text).to_owned();
        let is_section = sections(self.text).iter().any(|section| section.name == error.span);
        let key = keys(self.text).into_iter().find(|key| key.section == "package" && key.span == error.span);
        let near = match key {
            _ if is_section => parapet_base::nearest(&written, SECTIONS.map(|(name, _)| name)),
            Some(key) => {
                let given = keys(self.text);
                let is_new = |name: &&str| given.iter().all(|key| key.section != "package" || key.name != *name);
                let known = PACKAGE_KEYS.into_iter().map(|(name, _)| name).filter(is_new);
                parapet_base::nearest(&key.name, known)
            }
            None => None,
        };
        match near.filter(|near| *near != written) {
            Some(near) => {
                let span = error.span;
                error.suggest(span, near, format!("did you mean `{near}`?"))
            }
            None => error,
        }
    }

    /// The edits of this manifest when the name at an offset of some rules becomes another one.
    pub fn renamed(self, file: SourceFile, offset: u32, name: &str) -> Vec<Edit> {
        let Some(definition) = self.parameter_at(file, offset) else { return Vec::new() };
        let own = definition.item.name(self.db).as_deref().unwrap_or_default();
        let means = |key: &&Key| self.parameter(&key.name).is_some_and(|found| found.item == definition.item);
        let keys = self.parameter_keys();
        let edits = keys.iter().filter(means).filter_map(|key| self.renamed_key(key, definition, own, name));
        // A bare name that means another parameter would not be that one's alone.
        let others = keys.iter().filter(|key| key.name == name).filter_map(|key| {
            let other = self.parameter(&key.name)?;
            Some(self.as_path(key, definition_path(self.db, other.item).as_ref()))
        });
        edits.chain(others).collect()
    }

    /// The parameter that is named at an offset of some rules.
    fn parameter_at(self, file: SourceFile, offset: u32) -> Option<Definition<'a>> {
        let (item, within) = item_at(self.db, file, offset)?;
        match name_at(self.db, self.workspace, item, within)?.symbol {
            Symbol::Definition(definition) => Some(definition).filter(|found| found.kind == DefinitionKind::Parameter),
            _ => None,
        }
    }

    /// The key with another name. A bare one that others have, too, becomes a path.
    fn renamed_key(self, key: &Key, definition: Definition<'a>, own: &str, name: &str) -> Option<Edit> {
        let is_taken = || self.declared().any(|other| other.item.name(self.db).as_deref() == Some(name));
        if key.name == own && is_taken() {
            return Some(self.as_path(key, &below(definition.item.file(self.db).module(self.db), name)));
        }
        let written = key.span.text(self.text);
        let start = key.span.start as usize + written.rfind(own)?;
        Some(Edit { span: Span::new(start, start + own.len()), replacement: name.to_owned() })
    }

    fn as_path(self, key: &Key, path: &str) -> Edit {
        Edit { span: key.span, replacement: format!("\"{path}\"") }
    }

    /// The edits of this manifest when a module becomes another one: keys that are paths of it, or below it.
    pub fn moved(self, module: &str, to: &str) -> Vec<Edit> {
        let edits = self.parameter_keys().into_iter().filter_map(|key| {
            key.name.strip_prefix(module)?.strip_prefix("::")?;
            let start = key.span.start as usize + key.span.text(self.text).find(module)?;
            Some(Edit { span: Span::new(start, start + module.len()), replacement: to.to_owned() })
        });
        edits.collect()
    }

    fn key_at(self, offset: u32) -> Option<Key> {
        keys(self.text).into_iter().find(|key| touches(key.span, offset))
    }

    fn parameter_keys(self) -> Vec<Key> {
        keys(self.text).into_iter().filter(|key| key.section == "params").collect()
    }

    /// All parameters in reach.
    fn declared(self) -> impl Iterator<Item = Definition<'a>> {
        let all = self.workspace.files(self.db).iter().flat_map(move |file| scope(self.db, *file).own.values());
        all.copied().filter(|definition| definition.kind == DefinitionKind::Parameter)
    }

    fn parameter(self, key: &str) -> Option<Definition<'a>> {
        if key.contains("::") {
            return self.declared().find(|definition| *definition_path(self.db, definition.item) == *key);
        }
        let named = self.declared().filter(|definition| definition.item.name(self.db).as_deref() == Some(key));
        let (own, others): (Vec<_>, Vec<_>) = named.partition(|definition| (self.ours)(definition.item.file(self.db)));
        match (own.as_slice(), others.as_slice()) {
            ([only], _) | ([], [only]) => Some(*only),
            _ => None,
        }
    }

    fn package_keys(self, offset: u32, typed: &str) -> Completions {
        let known = keys(self.text);
        let is_new = |name: &str| known.iter().all(|key| key.section != "package" || key.name != name);
        let offers = PACKAGE_KEYS.into_iter().filter(|(name, _)| is_new(name)).map(|(name, docs)| Completion {
            insert: format!("{name} = \"$1\""),
            snippet: true,
            ..offer(Offer::Property, name, docs)
        });
        ranked(offers.collect(), typed, self.replaced(offset, typed.len()))
    }

    fn parameters(self, offset: u32, typed: &str) -> Completions {
        // An editor closes the quotes; the key brings its own.
        let after = self.text.get(offset as usize..).unwrap_or_default();
        let closing = typed.starts_with('"') && after.starts_with('"');
        let rest = after.get(usize::from(closing)..).unwrap_or_default();
        let equals = if rest.trim_start_matches(' ').starts_with('=') { "" } else { " = " };
        let known: Vec<String> = self.parameter_keys().into_iter().map(|key| key.name).collect();
        let offers = self.declared().filter_map(|definition| {
            let path = definition_path(self.db, definition.item);
            let name = definition.item.name(self.db).as_deref()?;
            let module = definition.item.file(self.db).module(self.db);
            let ours = (self.ours)(definition.item.file(self.db));
            known.iter().all(|known| **known != *path).then(|| Completion {
                insert: format!("\"{path}\"{equals}"),
                rank: if ours { 1 } else { 5 },
                key: format!("definition:{module}:{name}"),
                ..offer(Offer::Parameter, &path, &headline(self.db, self.workspace, definition))
            })
        });
        let mut replaces = self.replaced(offset, typed.len());
        replaces.end += u32::from(closing);
        ranked(offers.collect(), typed.trim_start_matches('"'), replaces)
    }

    fn values(self, offset: u32, key: &str, value: &str) -> Completions {
        let key = key.trim().trim_matches('"');
        let Some(parameter) = self.parameter(key) else { return Completions::default() };
        let Signature::Parameter(ty) = &*signature(self.db, self.workspace, parameter.item) else {
            return Completions::default();
        };
        let inner = value.trim_start().strip_prefix('[');
        let wanted = inner.and_then(|_| ty.required().element()).unwrap_or(ty.required());
        let value = inner.map_or(value, |inner| inner.rsplit(',').next().unwrap_or_default());
        let offers: Vec<Completion> = match wanted {
            Type::Bool => ["true", "false"].map(|value| offer(Offer::Value, value, "Bool")).into(),
            Type::Enum(values) => {
                values.values.iter().map(|value| offer(Offer::Value, &format!("\"{value}\""), "")).collect()
            }
            Type::List { element, .. } => vec![list(element)],
            Type::Set(element) => vec![list(element)],
            _ => Vec::new(),
        };
        self.valued(offset, value, offers)
    }

    /// Offers in the place of a value as far as it is written, with its quotes.
    fn valued(self, offset: u32, value: &str, offers: Vec<Completion>) -> Completions {
        let typed = value.trim_start();
        let quoted =
            typed.starts_with('"') && self.text.get(offset as usize..).is_some_and(|rest| rest.starts_with('"'));
        let mut replaces = self.replaced(offset, typed.len());
        replaces.end += u32::from(quoted);
        ranked(offers, typed, replaces)
    }

    /// So many bytes before an offset.
    fn replaced(self, offset: u32, typed: usize) -> Span {
        Span { start: offset.saturating_sub(Span::new(typed, 0).start), end: offset }
    }
}

/// A list to fill in.
fn list(element: &Type) -> Completion {
    let is_plain = matches!(element, Type::Bool | Type::Int | Type::Float);
    let insert = if is_plain { "[$0]" } else { "[\"$0\"]" };
    Completion { insert: insert.to_owned(), snippet: true, ..offer(Offer::Value, "[…]", &format!("of `{element}`")) }
}

fn offer(offer: Offer, label: &str, detail: &str) -> Completion {
    Completion {
        offer,
        label: label.to_owned(),
        detail: detail.to_owned(),
        insert: label.to_owned(),
        snippet: false,
        replaces: Span::default(),
        rank: 3,
        more: Vec::new(),
        deprecated: false,
        key: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const RULES: &str = "/// How long.\nparam days: Int = 7\n\nparam strict: Bool = false\n\nguardrail x(q: AWS::SQS::Queue) {\n    require (q.DelaySeconds ?? 0) < days or not strict\n}\n";
    const OTHER: &str = "param days: Int = 3\n";

    const LISTS: &str = "param texts: List<String> = []\n\nparam flags: List<Bool> = []\n";

    fn fixture() -> Fixture {
        let library = "param strict: Bool = true\n";
        Fixture::of(&[("acme::main", RULES), ("acme::other", OTHER), ("acme::lists", LISTS), ("aws::lib", library)])
    }

    /// Asks of a manifest in which `$0` marks the cursor.
    fn at<T>(text: &str, ask: impl FnOnce(InManifest<'_>, u32) -> T) -> T {
        let fixture = fixture();
        let offset = text.find("$0").unwrap_or_default();
        let text = text.replacen("$0", "", 1);
        let ours = |file: SourceFile| !file.path(&fixture.db).starts_with("aws/");
        let manifest = InManifest { db: &fixture.db, workspace: fixture.workspace, text: &text, ours: &ours };
        ask(manifest, Span::new(offset, 0).start)
    }

    fn labels(text: &str) -> Vec<String> {
        at(text, |manifest, offset| manifest.completions(offset).items.into_iter().map(|item| item.label).collect())
    }

    /// The manifest when the name of some rules becomes another.
    fn renamed(text: &str, rules: &str, name: &str) -> String {
        at(text, |manifest, _| {
            let files = manifest.workspace.files(manifest.db);
            let offset = Span::new(rules.find("$0").unwrap(), 0).start;
            let edits = manifest.renamed(files[0], offset, name);
            edited(text, edits)
        })
    }

    fn edited(text: &str, mut edits: Vec<Edit>) -> String {
        let mut text = text.to_owned();
        edits.sort_by_key(|edit| edit.span);
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
        text
    }

    #[test]
    fn keys_say_what_they_are() {
        let hover = |text: &str| at(text, |manifest, offset| manifest.hover(offset).map(|(_, text)| text));
        assert!(hover("[package]\nna$0me = \"acme\"\n").unwrap().starts_with("`name`\n\nNeeded"));
        let parameter = hover("[params]\n\"acme::main::da$0ys\" = 3\n").unwrap();
        assert!(parameter.contains("param days: Int = 7") && parameter.contains("How long."), "{parameter}");
        assert_eq!(hover("[params]\nda$0ys = 3\n"), None, "two parameters have the name");
        assert!(hover("[params]\nstr$0ict = true\n").unwrap().contains("in `acme::main`"), "one's own goes before");
        assert_eq!(hover("[params]\n\"acme::main::no$0ne\" = 3\n"), None);
    }

    #[test]
    fn sections_and_keys_are_an_outline() {
        let text = "# A.\n[package]\nname = \"acme\"\n\n[params]\nstrict = true\nnames = [\n    \"a\",\n]\n";
        let (outline, folds) = at(text, |manifest, _| (manifest.outline(), manifest.folds()));
        let shown = |entry: &ManifestEntry| format!("{} {}", entry.name, entry.detail).trim().to_owned();
        let all: Vec<String> =
            outline.iter().flat_map(|section| std::iter::once(section).chain(&section.children)).map(shown).collect();
        assert_eq!(all, ["package", "name \"acme\"", "params", "strict true", "names"]);
        assert!(outline.iter().all(|section| section.children.iter().all(|key| key.whole.end <= section.whole.end)));
        let folds: Vec<&str> = folds.iter().map(|span| span.text(text)).collect();
        let params = "[params]\nstrict = true\nnames = [\n    \"a\",\n]";
        assert_eq!(folds, ["[package]\nname = \"acme\"", params, "names = [\n    \"a\",\n]"]);
        let hover = at("[par$0ams]\n", |manifest, offset| manifest.hover(offset).unwrap().1);
        assert!(hover.starts_with("`[params]`\n\nValues of parameters"), "{hover}");
    }

    #[test]
    fn keys_are_references_of_their_parameters() {
        let text = "[params]\n\"acme::main::str$0ict\" = true\nstrict = false\n\"acme::main::days\" = 3\nnone = 3\n";
        let shown = |manifest: InManifest<'_>, spans: Vec<Span>| {
            spans.into_iter().map(|span| span.text(manifest.text).to_owned()).collect::<Vec<_>>()
        };
        let both = ["\"acme::main::strict\"", "strict"];
        assert_eq!(at(text, |manifest, offset| shown(manifest, manifest.highlights(offset))), both);
        let used = RULES.find("not strict").unwrap() + 5;
        let of_rules = |offset: usize| {
            at(text, |manifest, _| {
                let file = manifest.workspace.files(manifest.db)[0];
                shown(manifest, manifest.keys_of(file, Span::new(offset, 0).start))
            })
        };
        assert_eq!(of_rules(used), both);
        assert_eq!(of_rules(RULES.find("guardrail x").unwrap() + 10), [""; 0], "no parameter");
    }

    #[test]
    fn misspelt_keys_and_sections_are_told_apart() {
        let meant = |text: &str| {
            at(text, |manifest, _| {
                let error = parapet_package::parse(manifest.text).unwrap_err();
                let error = Diagnostic::new(&parapet_base::codes::BAD_MANIFEST, error.span, error.message);
                let edits = manifest.with_meant(error).suggestions.into_iter().flat_map(|offer| offer.edits);
                edited(manifest.text, edits.collect())
            })
        };
        assert_eq!(meant("[package]\nnme = \"x\"\n"), "[package]\nname = \"x\"\n");
        assert_eq!(meant("[package]\nname = \"x\"\n\n[parms]\n"), "[package]\nname = \"x\"\n\n[params]\n");
        let far = "[package]\nname = \"x\"\ncolours = \"red\"\n";
        assert_eq!(meant(far), far);
    }

    #[test]
    fn keys_lead_to_their_parameters() {
        let line = at("[params]\n\"acme::other::da$0ys\" = 3\n", |manifest, offset| {
            let target = manifest.definition(offset).unwrap();
            target.name.file.path(manifest.db).to_string()
        });
        assert_eq!(line, "acme/other.parapet");
    }

    #[test]
    fn the_package_can_be_called_something_else() {
        let text = "[package]\nname = \"ac$0me\"\n";
        let name = |manifest: InManifest<'_>, offset| {
            manifest.package_name(offset).map(|span| span.text(manifest.text).to_owned())
        };
        assert_eq!(at(text, name), Some("acme".to_owned()));
        assert_eq!(at("[package]\nna$0me = \"acme\"\n", name), None);
        assert_eq!(at("[package]\nname = 3$0\n", name), None);
        let why = |name: &str| at(text, |manifest, _| manifest.can_be_called(name)).unwrap_err();
        assert_eq!(at(text, |manifest, _| manifest.can_be_called("base-rules")), Ok(()));
        assert!(why("Two words").contains("is no package name"));
        assert_eq!(why("aws"), "`aws` is a package already");
    }

    #[test]
    fn sections_keys_and_values_are_offered() {
        assert_eq!(labels("[pa$0"), ["package", "params"]);
        assert_eq!(labels("[package]\nname = \"a\"\nver$0"), ["version"]);
        assert!(!labels("[package]\nname = \"a\"\n$0").contains(&"name".to_owned()));
        assert_eq!(labels("[params]\n\"acme::m$0\""), ["acme::main::days", "acme::main::strict"]);
        assert_eq!(labels("[params]\n\"acme::main::days\" = 1\n\"acme::m$0"), ["acme::main::strict"]);
        assert_eq!(labels("[params]\ndays$0"), ["acme::main::days", "acme::other::days"]);
        assert_eq!(labels("[params]\n\"acme::main::strict\" = $0"), ["false", "true"]);
        assert_eq!(labels("# [pa$0"), [""; 0]);
        assert_eq!(labels("$0"), ["[package]", "[params]"]);
        assert_eq!(labels("# A.\n\n$0\n[package]\nname = \"a\"\n"), ["[params]"]);
        assert_eq!(labels("[package]\nedition = \"$0\""), ["\"2027\""]);
        assert_eq!(labels("[params]\n\"acme::lists::texts\" = $0"), ["[…]"]);
        assert_eq!(labels("[params]\n\"acme::lists::flags\" = [true, f$0]"), ["false"]);
    }

    #[test]
    fn a_key_is_put_in_with_its_quotes() {
        for (text, expected) in [
            ("[params]\ndays$0", "[params]\n\"acme::main::days\" = "),
            ("[params]\n\"acme::main::d$0\"", "[params]\n\"acme::main::days\" = "),
            ("[params]\n\"acme::main::d$0\" = 4", "[params]\n\"acme::main::days\" = 4"),
        ] {
            let item = at(text, |manifest, offset| manifest.completions(offset).items.remove(0));
            let edit = Edit { span: item.replaces, replacement: item.insert };
            assert_eq!(edited(&text.replace("$0", ""), vec![edit]), expected);
        }
    }

    #[test]
    fn keys_follow_their_parameters() {
        let days = RULES.replace("param da", "param $0da");
        let text = "[params]\n\"acme::main::days\" = 3\n\"acme::other::days\" = 4\nstrict = true\n";
        assert_eq!(renamed(text, &days, "hours"), text.replace("main::days", "main::hours"));
        let strict = RULES.replace("not str", "not str$0");
        assert_eq!(renamed(text, &strict, "exact"), text.replace("strict", "exact"));
        let path = text.replace("strict", "\"acme::main::days\"");
        assert_eq!(renamed(text, &strict, "days"), path, "a bare name that others have, too, would be none");
        let days = RULES.replace("param da", "param $0da");
        let bare = "[params]\nstrict = true\n";
        assert_eq!(renamed(bare, &days, "strict"), bare.replace("strict", "\"acme::main::strict\""));
        let guardrail = RULES.replace("guardrail x", "guardrail $0x");
        assert_eq!(renamed(text, &guardrail, "days"), text, "no parameter");
    }

    #[test]
    fn a_rename_at_a_key_is_about_its_last_name() {
        let text = "[params]\n\"acme::main::da$0ys\" = 3\n";
        let (name, place) = at(text, |manifest, offset| {
            let (span, target) = manifest.renaming(offset).unwrap();
            (span.text(manifest.text).to_owned(), target.name.span.text(target.name.file.text(manifest.db)).to_owned())
        });
        assert_eq!((name.as_str(), place.as_str()), ("days", "days"));
    }

    #[test]
    fn keys_follow_their_modules() {
        let text = "[params]\n\"acme::main::days\" = 3\n\"acme::mainly::days\" = 4\ndays = 1\n";
        let moved = at(text, |manifest, _| edited(text, manifest.moved("acme::main", "acme::first")));
        assert_eq!(moved, text.replace("acme::main::", "acme::first::"));
    }
}
