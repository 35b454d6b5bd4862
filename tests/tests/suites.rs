//! One test a suite folder; each runs every case and tells all that disagree.

use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// `Err` with everything that disagrees.
fn suite(name: &str) -> Result<(), String> {
    let files = parapet_tests::files(&folder(name)).map_err(|error| format!("{name}: {error:?}"))?;
    let wrong = parapet_tests::run(&files).map_err(|error| format!("{name}: {error:?}"))?;
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{} cases disagree\n\n{}\n", wrong.len(), wrong.join("\n\n"))),
    }
}

#[test]
fn language() -> Result<(), String> {
    suite("language")
}

#[test]
fn verdicts() -> Result<(), String> {
    suite("verdicts")
}

#[test]
fn reports() -> Result<(), String> {
    suite("reports")
}

#[test]
fn ir() -> Result<(), String> {
    suite("ir")
}

/// The pages of the diagnostics: each example gives what its page says, and is mended by what the page says.
#[test]
fn pages() -> Result<(), String> {
    suite("../compiler/base/src/codes")
}

/// Every case there is as the contract wants it and comes out otherwise; one that comes out right moves to its chapter.
#[test]
fn known_wrong() {
    let path = folder("known-wrong.md");
    let text = std::fs::read_to_string(&path).expect("the file can be read");
    let wrong = parapet_tests::run(&[path]).expect("the suite can be read");
    for case in parapet_tests::cases(&text) {
        let place = format!("known-wrong.md:{} ", case.line);
        assert!(
            wrong.iter().any(|told| told.starts_with(&place)),
            "{} is right now: move it to its chapter",
            case.title
        );
    }
}
