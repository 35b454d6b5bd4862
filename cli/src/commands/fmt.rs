//! `parapet fmt`.

use anyhow::Result;
use parapet_driver::{Diagnostic, Edit, FileId, FileOutcome, FormattedFile, Refusal, System, Writing, format_files};
use parapet_report::{SourceText, diagnostics_text, escape};

use crate::arguments::Fmt;
use crate::output::{complain, print, refuse, stderr_colored, tell};

/// The most lines of a difference that are shown of one file.
const MOST_LINES: usize = 24;

pub(crate) fn run(arguments: &Fmt) -> Result<u8> {
    let writing = if arguments.check { Writing::Check } else { Writing::Rewrite };
    let files = match format_files(&System::default(), &arguments.paths, writing) {
        Ok(files) => files,
        Err(message) => return refuse(Refusal::Usage(message), "text", arguments.color),
    };
    for file in &files {
        tell_of(file)?;
    }
    tell_diagnostics(&files, stderr_colored(arguments.color));
    let faulty = files.iter().filter(|file| !file.faults.is_empty());
    for file in faulty.clone() {
        let lines: Vec<String> = file.faults.iter().map(|fault| line_of(&file.text, fault.start).to_string()).collect();
        let message = format!("{}: what begins at line {} was left as it is", file.path, lines.join(", "));
        refuse(Refusal::Fault(message), "text", arguments.color)?;
    }
    let failed = |file: &FormattedFile| matches!(file.outcome, FileOutcome::Failed(_) | FileOutcome::ChangedMeanwhile);
    let differs = |file: &FormattedFile| matches!(file.outcome, FileOutcome::Differs(_));
    Ok(if faulty.count() > 0 {
        70
    } else if files.iter().any(failed) {
        2
    } else if files.iter().any(|file| !file.diagnostics.is_empty()) {
        3
    } else {
        u8::from(files.iter().any(differs))
    })
}

/// Says what became of one file.
fn tell_of(file: &FormattedFile) -> Result<()> {
    match &file.outcome {
        FileOutcome::Same => {}
        FileOutcome::Printed(text) => print(text)?,
        FileOutcome::Rewritten => tell(&format!("formatted {}\n", escape(&file.path))),
        FileOutcome::Differs(edits) => print(&difference(file, edits))?,
        FileOutcome::Failed(message) => complain(&format!("`{}` {message}", escape(&file.path))),
        FileOutcome::ChangedMeanwhile => {
            complain(&format!(
                "`{}` was changed meanwhile by another program, and is left as it is",
                escape(&file.path)
            ));
        }
    }
    Ok(())
}

/// A file that is not formatted: the first lines that would change.
fn difference(file: &FormattedFile, edits: &[Edit]) -> String {
    let mut lines = Vec::new();
    for edit in edits {
        let first = line_of(&file.text, edit.span.start);
        let removed = (first..).zip(edit.span.text(&file.text).lines());
        lines.extend(removed.map(|(number, line)| format!("{number:>6} -{}", escape(line))));
        lines.extend(edit.replacement.lines().map(|line| format!("       +{}", escape(line))));
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    if more > 0 {
        lines.push(format!("       … {more} more lines"));
    }
    let lines: String = lines.into_iter().map(|line| line.trim_end().to_owned() + "\n").collect();
    format!("{} is not formatted\n{lines}", escape(&file.path))
}

/// The number of the line on which a byte stands.
fn line_of(text: &str, byte: u32) -> usize {
    text.bytes().take(byte as usize).filter(|byte| *byte == b'\n').count() + 1
}

fn tell_diagnostics(files: &[FormattedFile], color: bool) {
    let mut found: Vec<(FileId, Diagnostic)> = Vec::new();
    for (id, file) in (0..).zip(files) {
        found.extend(file.diagnostics.iter().map(|diagnostic| (FileId(id), diagnostic.clone())));
    }
    let source = |id: FileId| {
        let file = files.get(id.0 as usize)?;
        Some(SourceText { path: file.path.clone(), text: file.text.as_str().into() })
    };
    if !found.is_empty() {
        tell(&diagnostics_text(&found, &source, color));
    }
}
