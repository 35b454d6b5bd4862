//! The pipeline behind `fmt`: finds files, formats them, and writes those that differ.
//!
//! Each file stands for itself: one that cannot be read or written keeps no other from being formatted. A file is
//! replaced as a whole or not at all. A byte-order mark is dropped, and line ends become `\n`.

use std::io::Read;
use std::path::{Path, PathBuf};

use parapet_base::{Diagnostic, Edit, Span, codes};
use parapet_syntax::{MOST_BYTES, format, line_edits, too_large};

use crate::host::{Host, Kind, Replaced, shown};
use crate::rules::{RulesError, below};

/// Whether files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    /// Files that differ are rewritten.
    Rewrite,
    /// Nothing is written.
    Check,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum FileOutcome {
    /// It is formatted already.
    Same,
    /// It differs: the lines to replace.
    Differs(Vec<Edit>),
    /// It was rewritten.
    Rewritten,
    /// Standard input, formatted.
    Printed(String),
    /// It was changed by somebody else in between, and left alone.
    ChangedMeanwhile,
    /// It cannot be read or written.
    Failed(String),
}

/// A file that was asked to be formatted.
#[derive(Clone, Debug)]
pub struct FormattedFile {
    /// As reports show it.
    pub path: String,
    /// What it held.
    pub text: String,
    pub outcome: FileOutcome,
    /// Why parts of it do not parse; they are as they were.
    pub diagnostics: Vec<Diagnostic>,
    /// Parts that the formatter would have changed in meaning and left: faults of Parapet.
    pub faults: Vec<Span>,
}

/// Formats what `paths` name: files, folders with all `.parapet` files below, `-` for standard input; without paths, the
/// rules of the package in the current folder. An error when there is nothing to format.
pub fn format_files(host: &dyn Host, paths: &[String], writing: Writing) -> Result<Vec<FormattedFile>, String> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in if paths.is_empty() { vec![own_rules(host)?] } else { paths.iter().map(PathBuf::from).collect() } {
        match host.kind(&path) {
            Ok(Kind::File | Kind::Stream) => files.push(path),
            Ok(Kind::Folder) => {
                let found = below(host, &path).map_err(|RulesError::Missing(message)| message)?;
                if found.is_empty() {
                    return Err(format!("no `.parapet` file below `{}`", shown(&path)));
                }
                files.extend(found);
            }
            Err(error) => return Err(format!("`{}` cannot be read: {error}", shown(&path))),
        }
    }
    let mut seen: Vec<PathBuf> = Vec::new();
    files.retain(|file| {
        let real = host.real(file);
        let new = !seen.contains(&real);
        if new {
            seen.push(real);
        }
        new
    });
    Ok(files.iter().map(|file| format_file(host, file, writing)).collect())
}

/// Where the package of the current folder has its rules.
fn own_rules(host: &dyn Host) -> Result<PathBuf, String> {
    let mut text = String::new();
    let manifest = Path::new("parapet.toml");
    if !host.kind(manifest).is_ok_and(|kind| kind == Kind::File) {
        return Err("there is no `parapet.toml` here: name the files or folders to format".to_owned());
    }
    host.open(manifest)
        .and_then(|mut reader| reader.read_to_string(&mut text))
        .map_err(|error| format!("`parapet.toml` cannot be read: {error}"))?;
    match parapet_package::parse(&text) {
        Ok(manifest) => Ok(PathBuf::from(manifest.rules)),
        Err(error) => Err(format!("`parapet.toml`: {}", error.message)),
    }
}

fn format_file(host: &dyn Host, path: &Path, writing: Writing) -> FormattedFile {
    let shown = if path == Path::new("-") { "<stdin>".to_owned() } else { shown(path) };
    let ended = |text: &str, outcome: FileOutcome, diagnostics: Vec<Diagnostic>| FormattedFile {
        path: shown.clone(),
        text: text.to_owned(),
        outcome,
        diagnostics,
        faults: Vec::new(),
    };
    let bytes = match read(host, path) {
        Ok(bytes) => bytes,
        Err(error) => return ended("", FileOutcome::Failed(format!("cannot be read: {error}")), Vec::new()),
    };
    if bytes.len() > MOST_BYTES {
        let head: String = String::from_utf8_lossy(&bytes).chars().take(200).collect();
        return ended(&head, FileOutcome::Same, vec![too_large(bytes.len())]);
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("the file is not UTF-8: byte {at} begins no character");
            let diagnostic = Diagnostic::new(&codes::BAD_FILE, Span::new(at, at + 1), message);
            return ended(&String::from_utf8_lossy(&bytes), FileOutcome::Same, vec![diagnostic]);
        }
    };
    let formatted = format(text);
    let outcome = outcome(host, path, &bytes, text, formatted.text, writing);
    FormattedFile {
        path: shown,
        text: text.to_owned(),
        outcome,
        diagnostics: formatted.errors,
        faults: formatted.faults,
    }
}

/// The bytes of a file, up to one more than is allowed: that is enough to know that it is too large.
fn read(host: &dyn Host, path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    host.open(path)?.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn outcome(host: &dyn Host, path: &Path, bytes: &[u8], text: &str, formatted: String, writing: Writing) -> FileOutcome {
    let same = bytes == formatted.as_bytes();
    match writing {
        Writing::Check if same => FileOutcome::Same,
        Writing::Check => FileOutcome::Differs(line_edits(text, &formatted)),
        Writing::Rewrite if path == Path::new("-") => FileOutcome::Printed(formatted),
        Writing::Rewrite if same => FileOutcome::Same,
        Writing::Rewrite if formatted.len() > MOST_BYTES => {
            FileOutcome::Failed(format!("cannot be written: formatted it would have more than {MOST_BYTES} bytes"))
        }
        Writing::Rewrite => match host.replace(path, bytes, formatted.as_bytes()) {
            Ok(Replaced::Done) => FileOutcome::Rewritten,
            Ok(Replaced::ChangedMeanwhile) => FileOutcome::ChangedMeanwhile,
            Err(error) => FileOutcome::Failed(format!("cannot be written: {error}")),
        },
    }
}
