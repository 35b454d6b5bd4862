//! The sessions of the book: what a page tells the reader to save and to type, done word by word.
//!
//! A page with a `console` fence is a session in one empty folder. Going down the page, a fence with `file=` is saved,
//! and the prose above must have named it; a line `$ command` of a `console` fence is given to the shell, and what it
//! prints must be what stands below it. `$ echo $?` shows the status of the command before. A line `…` stands for
//! any number of lines. With `PARAPET_BLESS=1` the outputs on the pages are written anew.

use std::path::Path;

use parapet_tests::{Case, Fence, cases, pages};

use crate::process::{Folder, shell};

/// What disagrees in the book, with page and line.
pub(crate) fn run(book: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for path in pages(book).map_err(told)? {
        let text = std::fs::read_to_string(&path).map_err(told)?;
        let fences: Vec<Fence> = cases(&text).into_iter().flat_map(|case: Case| case.fences).collect();
        if !fences.iter().any(|fence| fence.kind == "console") {
            continue;
        }
        let session = hold(&fences)?;
        if std::env::var_os("PARAPET_BLESS").is_some() {
            std::fs::write(&path, session.blessed(&text)).map_err(told)?;
        }
        let name = path.strip_prefix(book).unwrap_or(&path).display();
        wrong.extend(session.wrong.iter().map(|told| format!("{name}:{told}")));
    }
    Ok(wrong)
}

/// A page that was followed.
struct Session {
    wrong: Vec<String>,
    /// For each `console` fence its first line, its number of lines, and the text that is right.
    consoles: Vec<(usize, usize, String)>,
}

impl Session {
    /// The page with the outputs that came out.
    fn blessed(&self, text: &str) -> String {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (first, count, right) in self.consoles.iter().rev() {
            lines.splice(first - 1..first - 1 + count, right.lines().map(str::to_owned));
        }
        lines.join("\n") + "\n"
    }
}

fn hold(fences: &[Fence]) -> Result<Session, String> {
    let folder = Folder::new().map_err(told)?;
    let mut session = Session { wrong: Vec::new(), consoles: Vec::new() };
    let mut status = 0;
    for fence in fences {
        if let Some(file) = fence.attribute("file") {
            if !fence.before.contains(&format!("`{file}`")) {
                session.wrong.push(format!("{}: the prose above does not name `{file}`", fence.line));
            }
            folder.write(file, &fence.text).map_err(told)?;
        }
        if fence.kind == "console" {
            console(fence, &folder, &mut status, &mut session)?;
        }
    }
    Ok(session)
}

/// Types the commands of a fence.
fn console(fence: &Fence, folder: &Folder, status: &mut i32, session: &mut Session) -> Result<(), String> {
    let mut right = String::new();
    for (line, command, expected) in commands(fence) {
        let (printed, ended) = shell(folder.path(), &command, *status).map_err(told)?;
        if !command.starts_with("echo") {
            *status = ended;
        }
        right.push_str(&format!("$ {command}\n"));
        if agrees(&expected, &printed) {
            right.push_str(&expected);
        } else {
            right.push_str(&printed);
            session.wrong.push(format!("{line}: $ {command}\n--- the page\n{expected}--- the command\n{printed}"));
        }
    }
    session.consoles.push((fence.line as usize, fence.text.lines().count(), right));
    Ok(())
}

/// The command lines of a fence with their lines on the page, and what is to come of each.
fn commands(fence: &Fence) -> Vec<(u32, String, String)> {
    let mut commands: Vec<(u32, String, String)> = Vec::new();
    for (at, line) in fence.text.lines().enumerate() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((fence.line + at as u32, command.to_owned(), String::new())),
            (None, Some((_, _, expected))) => expected.push_str(&format!("{line}\n")),
            (None, None) => {}
        }
    }
    commands
}

/// Whether a command printed what the page shows; blanks at the ends of lines and empty lines at the end do not count.
fn agrees(expected: &str, printed: &str) -> bool {
    let lines = |text: &str| text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    matches(&lines(expected), &lines(printed))
}

fn matches(expected: &[String], printed: &[String]) -> bool {
    match (expected.split_first(), printed.split_first()) {
        (None, left) => left.is_none(),
        (Some((line, rest)), _) if line.trim() == "…" => {
            (0..=printed.len()).any(|skipped| printed.get(skipped..).is_some_and(|left| matches(rest, left)))
        }
        (Some((line, rest)), Some((found, left))) => line == found && matches(rest, left),
        (Some(_), None) => false,
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[test]
fn an_ellipsis_stands_for_lines() {
    assert!(agrees("a\n…\nd\n", "a\nb\nc\nd\n\n"));
    assert!(agrees("a \n", "a\n"));
    assert!(!agrees("a\n…\nd\n", "a\nb\n"));
    assert!(!agrees("", "a\n"));
}
