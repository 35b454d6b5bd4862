//! The documents in `tests/formats`: an input, and beside it what is read of it.
//!
//! A heading begins a case. The first fence is the input; `records`, `collected`, `gaps`, `deleted`, `skipped` and
//! `accounts` say what comes out, one a line, and what is not written down must not occur.

use std::path::Path;

use super::{Kept, kept};

#[derive(Default)]
struct Case {
    title: String,
    input: Option<String>,
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
        match case.input {
            None => case.input = Some(fence.join("\n")),
            Some(_) => case.expected.push((info.to_owned(), fence.join("\n"))),
        }
    }
    cases
}

fn found(kept: &Kept, what: &str) -> String {
    let lines = match what {
        "records" => kept.lines(),
        "collected" => kept.complete(),
        "gaps" => kept.gaps(),
        "deleted" => kept.deleted.clone(),
        "skipped" => kept.faults(),
        "accounts" => kept.accounts(),
        other => panic!("no fence is called {other}"),
    };
    lines.join("\n")
}

#[test]
fn inputs_give_what_stands_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/formats");
    let mut documents: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    documents.sort();
    assert!(!documents.is_empty());
    let mut wrong = Vec::new();
    for path in documents.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        for case in cases(&std::fs::read_to_string(path).unwrap()) {
            let kept = kept(case.input.as_deref().unwrap());
            for what in ["records", "collected", "gaps", "deleted", "skipped", "accounts"] {
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
