//! The documents in `tests/formats`: an input, and beside it what is read of it.
//!
//! A heading begins a case. The first fence is the input, those with `file=` are files beside it, with `utf-16` in that
//! encoding; the [`OUTCOMES`] say what comes out, one a line, and what is not written down must not occur; `regions`, where it is there, the regions of the records.

use std::path::Path;

use parapet_model::Schema;

use super::Kept;
use super::memory::Memory;
use crate::{Source, read};

#[derive(Default)]
struct Case {
    title: String,
    /// The name of the input, and its bytes.
    input: Option<(String, Vec<u8>)>,
    files: Memory,
    expected: Vec<(String, String)>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("# ") {
            cases.push(Case { title: title.to_owned(), ..Case::default() });
        }
        let Some(info) = line.strip_prefix("```") else { continue };
        let fence: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let case = cases.last_mut().expect("a fence stands below a heading");
        let text = fence.join("\n");
        let file = info.split(' ').find_map(|word| word.strip_prefix("file="));
        let bytes = match info.ends_with(" utf-16") {
            true => "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
            false => text.clone().into_bytes(),
        };
        if let Some(file) = file {
            case.files.files.insert(file.into(), bytes.clone());
        }
        match (&case.input, file) {
            (None, file) => case.input = Some((file.unwrap_or_default().to_owned(), bytes)),
            (Some(_), Some(_)) => {}
            (Some(_), None) => case.expected.push((info.to_owned(), text)),
        }
    }
    cases
}

fn kept(case: &Case) -> Kept {
    let mut kept = Kept::default();
    let (path, bytes) = case.input.as_ref().expect("a case has an input");
    let source = Source { path: Path::new(path), files: &case.files, ..Source::alone(Schema::embedded(), 0) };
    read(&source, &mut bytes.as_slice(), &mut kept).unwrap();
    kept
}

fn found(kept: &Kept, what: &str) -> String {
    let lines = match what {
        "records" => kept.lines(),
        "collected" => kept.complete(),
        "gaps" => kept.gaps(),
        "deleted" => kept.deleted.clone(),
        "ended" => kept.ended.clone(),
        "added" => kept.additions(),
        "skipped" => kept.faults(),
        "accounts" => kept.accounts(),
        "regions" => kept.regions(),
        other => panic!("no fence is called {other}"),
    };
    lines.join("\n")
}

/// Everything that an input can give.
const OUTCOMES: [&str; 8] = ["records", "collected", "gaps", "deleted", "ended", "added", "skipped", "accounts"];

#[test]
fn inputs_give_what_stands_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats");
    let mut documents: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.sort();
    assert!(!documents.is_empty());
    let mut wrong = Vec::new();
    for path in documents.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        for case in cases(&std::fs::read_to_string(path).unwrap()) {
            let kept = kept(&case);
            let asked = case.expected.iter().any(|(info, _)| info == "regions").then_some("regions");
            for what in OUTCOMES.into_iter().chain(asked) {
                let expected = case.expected.iter().find(|(info, _)| info == what).map_or("", |(_, text)| text);
                let found = found(&kept, what);
                if found != expected {
                    wrong.push(format!(
                        "{}: {}: {what}\n{found}\n\nand not\n\n{expected}\n",
                        path.display(),
                        case.title
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
