//! Every program of the repository.

use std::path::{Path, PathBuf};

use parapet_driver::{diagnostics, load_text};
use parapet_semantic::Scope;

use crate::{on_a_large_stack, same};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files below a folder whose names end so, sorted.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(files(&path, ending));
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
    found
}

fn codes(text: &str) -> Vec<&'static str> {
    let rules = load_text("main.parapet", text);
    let mut codes: Vec<&str> =
        diagnostics(&rules, Scope::WithTests).iter().map(|(_, diagnostic)| diagnostic.code.code).collect();
    codes.sort_unstable();
    codes
}

/// What of a program's own comments is in its lines, in order.
fn comment_lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with("//")).collect()
}

#[test]
fn every_file_keeps_its_meaning_and_its_diagnostics() {
    on_a_large_stack(|| {
        let files = files(&root(), ".parapet");
        assert!(files.len() > 40);
        for path in files {
            let text = std::fs::read_to_string(&path).unwrap();
            let formatted = same::formatted(&text).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
            if formatted != text {
                assert_eq!(codes(&text), codes(&formatted), "{}", path.display());
            }
            assert_eq!(comment_lines(&text), comment_lines(&formatted), "{}", path.display());
        }
    });
}

#[test]
fn every_program_of_a_page_keeps_its_meaning() {
    on_a_large_stack(|| {
        let mut programs = 0;
        for path in files(&root(), ".md") {
            let text = std::fs::read_to_string(&path).unwrap();
            for case in parapet_tests::cases(&text) {
                for fence in case.fences_of("parapet") {
                    programs += 1;
                    let formatted = same::formatted(&fence.text);
                    formatted.unwrap_or_else(|wrong| panic!("{}:{}: {wrong}", path.display(), fence.line));
                }
            }
        }
        assert!(programs > 300, "only {programs} programs");
    });
}

/// The standard library and the examples are in the one style.
#[test]
fn rules_to_read_are_formatted() {
    on_a_large_stack(|| {
        for folder in ["stdlib", "examples"] {
            for path in files(&root().join(folder), ".parapet") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert_eq!(parapet_syntax::format(&text).text, text, "{}: run `parapet fmt {folder}`", path.display());
            }
        }
    });
}
