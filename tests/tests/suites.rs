//! One test a suite folder; each runs every case and tells all that disagree.

use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn holds(paths: &[PathBuf]) {
    let wrong = parapet_tests::run(paths).expect("the suite can be read");
    assert!(wrong.is_empty(), "{} cases disagree\n\n{}\n", wrong.len(), wrong.join("\n\n"));
}

fn suite(name: &str) {
    holds(&parapet_tests::files(&folder(name)).expect("the folder can be read"));
}

#[test]
fn language() {
    suite("language");
}

#[test]
fn verdicts() {
    suite("verdicts");
}

#[test]
fn reports() {
    suite("reports");
}

#[test]
fn ir() {
    suite("ir");
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
