//! The binary against the suites of the product: `tests/acceptance`, `tests/cli`, and the book in `docs`.
//!
//! Everything here starts `parapet` as a process, in a folder of its own that holds a fresh copy of the case's files.
//! What the language means is tested in process by the crate `parapet-tests`; here it is flags, streams and statuses.

mod acceptance;
mod console;
#[cfg(test)]
mod fixing;
mod flags;
#[cfg(test)]
mod fmt;
mod process;
#[cfg(unix)]
mod session;

use std::path::{Path, PathBuf};

fn suite(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(name)
}

#[test]
fn acceptance_cases_hold() {
    let cases = acceptance::cases(&suite("acceptance")).expect("the cases can be read");
    let wrong: Vec<String> = cases.iter().flat_map(acceptance::judge).collect();
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn console_cases_hold() {
    let wrong = console::run(&suite("cli")).expect("the suite can be read");
    assert!(wrong.is_empty(), "{} cases disagree\n\n{}\n", wrong.len(), wrong.join("\n\n"));
}

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// What the book shows on a terminal is what a reader gets who follows it word by word.
#[cfg(unix)]
#[test]
fn sessions_of_the_book_hold() {
    let wrong = session::run(&book()).expect("the book can be read");
    assert!(wrong.is_empty(), "{} outputs disagree\n\n{}\n", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn pages_of_commands_tell_every_flag_and_no_other() {
    let wrong = flags::run(&book()).expect("the book can be read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn scripts_of_the_book_use_flags_that_exist() {
    let wrong = flags::scripts(&book()).expect("the book can be read");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
