//! The book in `docs/`: its examples hold, every page is in the summary, and every link leads somewhere.
#![cfg(test)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use parapet_tests::{anchors, links, pages, run_book};

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").canonicalize().expect("the book is there")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn examples_hold() {
    let wrong = run_book(&book()).expect("the book can be read");
    assert!(wrong.is_empty(), "{} examples disagree\n\n{}\n", wrong.len(), wrong.join("\n\n"));
}

/// mdBook leaves out a page that the summary does not name, and makes an empty one of a name without a page.
#[test]
fn the_summary_names_every_page_once() {
    let book = book();
    let named: Vec<PathBuf> =
        links(&read(&book.join("SUMMARY.md"))).iter().map(|link| book.join(&link.target)).collect();
    let once: BTreeSet<&PathBuf> = named.iter().collect();
    assert_eq!(once.len(), named.len(), "the summary names a page twice");
    let all = pages(&book).expect("the book can be read");
    let there: BTreeSet<&PathBuf> = all.iter().filter(|path| !path.ends_with("SUMMARY.md")).collect();
    let missing: Vec<&&PathBuf> = there.difference(&once).collect();
    let nowhere: Vec<&&PathBuf> = once.difference(&there).collect();
    assert!(missing.is_empty() && nowhere.is_empty(), "not in the summary: {missing:?}; no page: {nowhere:?}");
}

#[test]
fn links_lead_somewhere() {
    let mut wrong = Vec::new();
    for page in pages(&book()).expect("the book can be read") {
        for link in links(&read(&page)) {
            if let Some(reason) = broken(&page, &link.target) {
                wrong.push(format!("{}:{}: {}: {reason}", page.display(), link.line, link.target));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why a link leads nowhere. Other sites are not asked.
fn broken(page: &Path, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = if path.is_empty() { page.to_owned() } else { page.parent()?.join(path) };
    if !file.exists() {
        return Some("there is no such file".to_owned());
    }
    let known = anchor.is_empty() || anchors(&read(&file)).iter().any(|known| known == anchor);
    (!known).then(|| "the page has no such heading".to_owned())
}
