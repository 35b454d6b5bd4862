//! The book in `docs/` as a suite: its pages, and their examples as cases.
//!
//! A page is read by people first, so that its examples need no headings of their own: each `parapet` fence without
//! `file=` begins a case, as a heading does. Programs may not warn, unless they announce it. Fences of other languages
//! are shown only. On a page with a `console` fence the fences with `file=` belong to the session that the page
//! shows, which `cli/tests/suites/session.rs` holds; here they are left out. Generated pages are tested at their source.

use std::path::{Path, PathBuf};

use crate::markdown::{Case, Fence, cases};
use crate::suite::run_cases;

/// Fences that are shown and not run.
const SHOWN: [&str; 10] = ["text", "sh", "yaml", "json", "markdown", "python", "rego", "guard", "hcl", "console"];

/// The Markdown files of the book, also those in folders, sorted.
pub fn pages(book: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(book)? {
        let path = entry?.path();
        if path.is_dir() {
            pages.extend(self::pages(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}

/// Runs the examples of the book and says what disagrees, with page and heading; empty when all is well.
pub fn run_book(book: &Path) -> std::io::Result<Vec<String>> {
    let mut all = Vec::new();
    for path in pages(book)? {
        let text = std::fs::read_to_string(&path)?;
        let name = path.strip_prefix(book).unwrap_or(&path).to_string_lossy().into_owned();
        if !text.starts_with("<!-- Generated") {
            all.extend(examples(&text).into_iter().map(|case| (name.clone(), case)));
        }
    }
    Ok(run_cases(all))
}

/// The examples of a page.
fn examples(text: &str) -> Vec<Case> {
    let cases = cases(text);
    let session = cases.iter().any(|case| case.fences_of("console").next().is_some());
    cases.iter().flat_map(|case| split(case, session)).collect()
}

/// What stands below a heading, as one case for each program.
fn split(case: &Case, session: bool) -> Vec<Case> {
    let mut examples: Vec<Case> = Vec::new();
    for fence in case.fences.iter().filter(|fence| runs(fence, session)) {
        let begins = is_lone_program(fence) && examples.last().is_some_and(has_program);
        if examples.is_empty() || begins {
            examples.push(Case { title: case.title.clone(), line: fence.line, fences: Vec::new() });
        }
        if let Some(example) = examples.last_mut() {
            example.fences.push(without_warnings(fence));
        }
    }
    examples
}

fn runs(fence: &Fence, session: bool) -> bool {
    let kind = fence.kind.as_str();
    match fence.attribute("file") {
        Some(_) => !session,
        None => !SHOWN.contains(&kind) && kind != "toml",
    }
}

fn is_lone_program(fence: &Fence) -> bool {
    fence.kind == "parapet" && fence.attribute("file").is_none()
}

fn has_program(case: &Case) -> bool {
    case.fences.iter().any(|fence| ["parapet", "verdicts", "tests"].contains(&fence.kind.as_str()))
}

fn without_warnings(fence: &Fence) -> Fence {
    let mut fence = fence.clone();
    if fence.kind == "parapet" {
        fence.attributes.push(("warnings".to_owned(), "exact".to_owned()));
    }
    fence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(case: &Case) -> Vec<&str> {
        case.fences.iter().map(|fence| fence.kind.as_str()).collect()
    }

    #[test]
    fn each_lone_program_is_a_case() {
        let found = examples("# A\n```parapet\n```\n```yaml\n```\n```ndjson\n```\n```verdicts\n```\n```parapet\n```\n");
        let kinds: Vec<Vec<&str>> = found.iter().map(kinds).collect();
        assert_eq!(kinds, [vec!["parapet", "ndjson", "verdicts"], vec!["parapet"]]);
        assert_eq!(found[1].fences[0].attribute("warnings"), Some("exact"));
    }

    #[test]
    fn files_of_one_heading_are_one_case() {
        let found =
            examples("# A\n```parapet file=a.parapet\n```\n```parapet file=b.parapet\n```\n## B\n```parapet\n```\n");
        assert_eq!(found.iter().map(|case| case.fences.len()).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn the_files_of_a_session_are_left_out() {
        let found = examples("# A\n```parapet file=a.parapet\n```\n```console\n$ parapet lint\n```\n```parapet\n```\n");
        assert_eq!(found.iter().map(kinds).collect::<Vec<_>>(), [vec!["parapet"]]);
    }
}
