//! The Markdown cases of `tests/cli`: files, and command lines with what must come of them.
//!
//! Fences with `file=` are laid out in an empty folder. A `console` fence has command lines, `$ parapet …`, each
//! followed by expectations: `status N`, `stdout "part"`, `stderr "part"`, `no stdout "part"`, `no stderr "part"`,
//! `file NAME "part"`, `no file NAME "part"`, `empty stdout`, `empty stderr`, and `json POINTER VALUE` of standard output. `stdin FILE` gives that file to the command.

use std::path::Path;

use parapet_tests::{Case, Fence, Word, cases, files, words};
use serde_json::Value;

use crate::process::{Ended, Folder, parapet};

/// What disagrees in the suite, with file and heading.
pub(crate) fn run(suite: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for path in files(suite).map_err(|error| error.to_string())? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        for case in cases(&text) {
            let told = judge(&case).unwrap_or_else(|error| vec![error]);
            if !told.is_empty() {
                wrong.push(format!("{name}:{} {}\n    {}", case.line, case.title, told.join("\n    ")));
            }
        }
    }
    Ok(wrong)
}

/// A command line and what is expected of it.
struct Step {
    line: u32,
    args: Vec<String>,
    stdin: Option<String>,
    expected: Vec<Vec<Word>>,
}

fn judge(case: &Case) -> Result<Vec<String>, String> {
    let folder = Folder::new().map_err(|error| error.to_string())?;
    for fence in &case.fences {
        if let Some(file) = fence.attribute("file") {
            folder.write(file, &fence.text).map_err(|error| error.to_string())?;
        }
    }
    let mut wrong = Vec::new();
    for step in case.fences_of("console").flat_map(steps) {
        let input = match &step.stdin {
            Some(file) => std::fs::read_to_string(folder.path().join(file)).map_err(|error| error.to_string())?,
            None => String::new(),
        };
        let ended = parapet(folder.path(), &step.args, &input).map_err(|error| error.to_string())?;
        let told: Vec<String> = step.expected.iter().filter_map(|words| disagreement(words, &ended, &folder)).collect();
        if !told.is_empty() {
            wrong.push(format!("line {}: {}{}", step.line, told.join("; "), shown(&ended)));
        }
    }
    Ok(wrong)
}

/// The beginning of what a process left, for the text of a failure.
fn shown(ended: &Ended) -> String {
    let stdout = ended.stdout.lines().take(25);
    let stderr = ended.stderr.lines().take(25);
    stdout.chain(stderr).map(|line| format!("\n      | {line}")).collect()
}

fn steps(fence: &Fence) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, text) in fence.text.lines().enumerate() {
        let mut words = words(text);
        let first = words.first().map(|word| word.text().to_owned()).unwrap_or_default();
        match (first.as_str(), steps.last_mut()) {
            ("$", _) => {
                let args = words.iter().skip(2).map(|word| word.text().to_owned()).collect();
                steps.push(Step { line: fence.line + at as u32, args, stdin: None, expected: Vec::new() });
            }
            ("stdin", Some(step)) => step.stdin = words.pop().map(|word| word.text().to_owned()),
            ("", _) | (_, None) => {}
            (_, Some(step)) => step.expected.push(words),
        }
    }
    steps
}

fn disagreement(words: &[Word], ended: &Ended, folder: &Folder) -> Option<String> {
    let texts: Vec<&str> = words.iter().map(Word::text).collect();
    match texts.as_slice() {
        ["status", wanted] => {
            let found = ended.status.map_or("none".to_owned(), |status| status.to_string());
            (found != *wanted).then(|| format!("status {found}, expected {wanted}"))
        }
        ["stdout", part] => lacks("standard output", &ended.stdout, part),
        ["stderr", part] => lacks("standard error", &ended.stderr, part),
        ["no", "stdout", part] => has("standard output", &ended.stdout, part),
        ["no", "stderr", part] => has("standard error", &ended.stderr, part),
        ["empty", "stdout"] => (!ended.stdout.is_empty()).then(|| "standard output is not empty".to_owned()),
        ["empty", "stderr"] => (!ended.stderr.is_empty()).then(|| "standard error is not empty".to_owned()),
        ["no", "file", name, part] => match std::fs::read_to_string(folder.path().join(name)) {
            Ok(text) => has(name, &text, part),
            Err(error) => Some(format!("{name} cannot be read: {error}")),
        },
        ["file", name, part] => {
            lacks(name, &std::fs::read_to_string(folder.path().join(name)).unwrap_or_default(), part)
        }
        ["json", pointer, wanted] => json(&ended.stdout, pointer, wanted),
        _ => Some(format!("{texts:?} is no expectation")),
    }
}

fn lacks(what: &str, text: &str, part: &str) -> Option<String> {
    (!text.contains(part)).then(|| format!("{what} lacks {part:?}"))
}

fn has(what: &str, text: &str, part: &str) -> Option<String> {
    text.contains(part).then(|| format!("{what} has {part:?}"))
}

/// Texts are compared without quotes, all else as JSON; `missing` says that nothing is there.
fn json(text: &str, pointer: &str, wanted: &str) -> Option<String> {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => return Some(format!("standard output is no JSON: {error}")),
    };
    let found = match document.pointer(pointer) {
        None => "missing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    (found != wanted).then(|| format!("{pointer} is {found}, expected {wanted}"))
}
