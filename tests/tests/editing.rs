//! Long random sessions of an editor: after each step the diagnostics are those of a check from nothing.
//!
//! Files of three packages use each other's constants, functions, parameters, relations and types. A step edits one file
//! or several, adds one or takes one away; after some nothing is asked. `PARAPET_EDITING_STEPS` says how many steps are
//! made, and `PARAPET_EDITING_SEED` where the random numbers begin.
#![cfg(test)]

#[path = "law/random.rs"]
mod random;
#[path = "editing/texts.rs"]
mod texts;

use std::collections::BTreeSet;
use std::sync::Arc;

use parapet_base::{Diagnostic, FileId, Span};
use parapet_driver::{Package, Rules, Scope, diagnostics};
use parapet_model::PackageInfo;
use parapet_semantic::SourceFile;
use salsa::Durability;

use crate::random::{Pick, Random};
use crate::texts::{MODULES, edited, file};

type Found = Vec<(FileId, Diagnostic)>;

/// The packages by name; of the last only what others import is looked at.
const PACKAGES: [(&str, bool); 3] = [("", true), ("own", true), ("lib", false)];

/// What a session comes upon at least: names and types that come and go, circles, constants without a value, and lints that
/// rest on the whole package.
const SEEN: [&str; 12] =
    ["E0001", "E0103", "E0201", "E0202", "E0203", "E0204", "E0205", "E0206", "E0207", "E0304", "W0202", "W0210"];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn packages() -> Vec<Package> {
    let package = |(name, selected): (&str, bool)| Package {
        info: PackageInfo { name: name.to_owned(), version: None, sha256: String::new() },
        manifest: None,
        manifest_path: None,
        selected,
        embedded: false,
        files: Vec::new(),
    };
    PACKAGES.into_iter().map(package).collect()
}

/// Puts a file into the package of its module.
fn add(rules: &mut Rules, module: &str, id: u32, text: Arc<str>) {
    let package = PACKAGES.iter().rposition(|(name, _)| module.starts_with(&format!("{name}::"))).unwrap_or(0);
    let path = format!("{}.parapet", module.replace("::", "/")).into();
    let file = SourceFile::builder(FileId(id), path, PACKAGES[package].0.into(), module.into(), text);
    let file = file.durability(Durability::MEDIUM).new(&rules.db);
    rules.packages[package].files.push(file);
}

/// The same files in a database of their own, where nothing was asked or edited before.
fn afresh(rules: &Rules) -> Rules {
    let mut fresh = Rules { packages: packages(), texts: rules.texts.clone(), ..Rules::default() };
    for file in rules.packages.iter().flat_map(|package| &package.files) {
        add(&mut fresh, file.module(&rules.db), file.id(&rules.db).0, file.text(&rules.db).clone());
    }
    fresh.list();
    fresh
}

/// A session.
struct Session {
    rules: Rules,
    random: Random,
    /// The file that was edited last, and what it said before.
    last: Option<(SourceFile, Arc<str>)>,
    codes: BTreeSet<&'static str>,
    /// Steps after which a file that was not edited had other diagnostics.
    elsewhere: usize,
}

impl Session {
    fn new(seed: u64) -> Session {
        let rules = Rules { packages: packages(), ..Rules::default() };
        let mut session =
            Session { rules, random: Random::new(seed), last: None, codes: BTreeSet::new(), elsewhere: 0 };
        for module in MODULES {
            session.add(module);
        }
        session.rules.list();
        session
    }

    fn files(&self) -> Vec<SourceFile> {
        self.rules.packages.iter().flat_map(|package| package.files.iter().copied()).collect()
    }

    fn add(&mut self, module: &str) {
        let text: Arc<str> = file(&mut self.random, module).into();
        let id = self.rules.texts.len() as u32;
        self.rules.texts.push((module.to_owned(), text.clone()));
        add(&mut self.rules, module, id, text);
    }

    /// Makes a step, and says which file was edited, if only one was.
    fn step(&mut self) -> Option<FileId> {
        let files = self.files();
        let last = self.last.take();
        if let Some(back) = last.filter(|(file, _)| files.contains(file) && self.random.chance(1, 2)) {
            let id = back.0.id(&self.rules.db);
            self.rules.edit([back]);
            return Some(id);
        }
        match self.random.below(40) {
            0..=3 if files.len() < MODULES.len() => self.add_again(),
            0 => self.add_again(),
            1 if files.len() > 4 => {
                let gone = *self.random.one_of(&files);
                self.remove(gone);
            }
            2 => {
                let edits: Vec<_> = files.iter().map(|file| (*file, self.edited(*file))).collect();
                self.rules.edit(edits);
            }
            _ => {
                let file = *self.random.one_of(&files);
                self.last = Some((file, file.text(&self.rules.db).clone()));
                let text = self.edited(file);
                self.rules.edit([(file, text)]);
                return Some(file.id(&self.rules.db));
            }
        }
        None
    }

    /// Adds a file: of a module that is not there, if one is missing.
    fn add_again(&mut self) {
        let there: Vec<Arc<str>> = self.files().iter().map(|file| file.module(&self.rules.db).clone()).collect();
        let missing = MODULES.into_iter().find(|module| there.iter().all(|known| **known != **module));
        let module = missing.unwrap_or_else(|| *self.random.one_of(&MODULES));
        self.add(module);
        self.rules.list();
    }

    fn remove(&mut self, gone: SourceFile) {
        self.rules.packages.iter_mut().for_each(|package| package.files.retain(|file| *file != gone));
        self.rules.list();
    }

    fn edited(&mut self, file: SourceFile) -> Arc<str> {
        let module = file.module(&self.rules.db).clone();
        let text = file.text(&self.rules.db).clone();
        // Files stay small, however often items are put in.
        match text.len() > 1500 {
            true => crate::file(&mut self.random, &module).into(),
            false => edited(&mut self.random, &module, &text).into(),
        }
    }

    /// Asks the edited database and a fresh one.
    fn compare(&mut self, step: u64, scope: Scope) -> Found {
        let found = diagnostics(&self.rules, scope);
        let fresh = diagnostics(&afresh(&self.rules), scope);
        let [more, less] = [without(&found, &fresh), without(&fresh, &found)];
        assert!(found == fresh, "step {step}, {scope:?}: found\n{more}instead of\n{less}{}", told(&self.rules));
        self.codes.extend(found.iter().map(|(_, diagnostic)| diagnostic.code.code));
        found
    }
}

/// The diagnostics of one list that another lacks, a line each.
fn without(found: &Found, other: &Found) -> String {
    let line = |(file, found): &(FileId, Diagnostic)| {
        let Diagnostic { code, span, message, labels, notes, suggestions, .. } = found;
        format!("{file:?} {} {span:?} {message} {labels:?} {notes:?} {suggestions:?}\n", code.code)
    };
    found.iter().filter(|found| !other.contains(found)).map(line).collect()
}

/// The files as they are.
fn told(rules: &Rules) -> String {
    let files = rules.packages.iter().flat_map(|package| &package.files);
    let db = &rules.db;
    files.map(|file| format!("=== {:?} {}\n{}", file.id(db), file.module(db), file.text(db))).collect()
}

/// What is found in other files, places apart: those of labels in the edited file move.
fn elsewhere(found: &Found, edited: FileId) -> Vec<(FileId, Span, &str)> {
    let others = found.iter().filter(|(file, _)| *file != edited);
    others.map(|(file, diagnostic)| (*file, diagnostic.span, diagnostic.message.as_str())).collect()
}

/// Of names that are as near to a misspelt one the first is offered, so that their order is seen elsewhere, too.
#[test]
fn names_and_fields_that_change_places_are_seen_elsewhere() {
    let user =
        "const MOST = m1::LEAST_0\n\nguardrail owned(q: AWS::SQS::Queue) {\n    require q.team_0 is present\n}\n";
    let names = ["pub const LEAST_1 = 1\n", "pub const LEAST_2 = 2\n"];
    let fields = ["    team_1: Int?\n", "    team_2: Int?\n"];
    let text = |[first, second]: [usize; 2]| -> Arc<str> {
        let types = format!("extend AWS::SQS::Queue {{\n{}{}}}\n", fields[first], fields[second]);
        format!("{}\n{}\n{types}", names[first], names[second]).into()
    };
    let mut rules = Rules { packages: packages(), ..Rules::default() };
    add(&mut rules, "m0", 0, user.into());
    add(&mut rules, "m1", 1, text([0, 1]));
    rules.list();
    let offered = |rules: &Rules| -> BTreeSet<String> {
        let found = diagnostics(rules, Scope::WithTests);
        assert_eq!(found, diagnostics(&afresh(rules), Scope::WithTests));
        let suggestions = found.iter().flat_map(|(_, found)| &found.suggestions);
        suggestions.flat_map(|offer| &offer.edits).map(|edit| edit.replacement.clone()).collect()
    };
    let named = |names: [&str; 2]| BTreeSet::from(names.map(str::to_owned));
    assert!(offered(&rules).is_superset(&named(["LEAST_1", "team_1"])), "{:?}", offered(&rules));
    let file = rules.packages[0].files[1];
    rules.edit([(file, text([1, 0]))]);
    assert!(offered(&rules).is_superset(&named(["LEAST_2", "team_2"])), "{:?}", offered(&rules));
}

#[test]
fn after_each_step_the_diagnostics_are_those_of_a_fresh_check() {
    let mut session = Session::new(setting("PARAPET_EDITING_SEED", 5));
    let steps = setting("PARAPET_EDITING_STEPS", 300);
    let mut before = session.compare(0, Scope::WithTests);
    for step in 1..=steps {
        let edited = session.step();
        if session.random.chance(1, 6) {
            continue;
        }
        if session.random.chance(1, 6) {
            session.compare(step, Scope::WithoutTests);
        }
        let found = session.compare(step, Scope::WithTests);
        session.elsewhere +=
            usize::from(edited.is_some_and(|edited| elsewhere(&before, edited) != elsewhere(&found, edited)));
        before = found;
    }
    // A session that shows little would prove little.
    for code in SEEN {
        assert!(session.codes.contains(code), "{code} is not among {:?}", session.codes);
    }
    assert!(session.elsewhere >= steps as usize / 10, "{} of {steps}", session.elsewhere);
}
