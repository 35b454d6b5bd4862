//! Everything that `lint` does, and `check` before it reads an input, from nothing: stage by stage, on one thread.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Result, anyhow};
use parapet_driver::{Memory, Rules, Scope, diagnostics, load, select};
use parapet_semantic::{file_diagnostics, items, parsed};
use parapet_syntax::{LaidOut, split};

use crate::clock::timed;
use crate::least::Least;
use crate::rules::{FOLDER, File};

/// The stages, in order.
pub(crate) const STAGES: [&str; 5] = ["load", "split", "parse", "check", "lower"];

/// From nothing to the diagnostics of all items, tests too.
pub(crate) const LINT: &str = "all that `lint` does";

/// From nothing to guardrails that can be evaluated.
pub(crate) const CHECK: &str = "all that `check` does";

/// The peers: what other parsers make of as many bytes.
pub(crate) const PEERS: [&str; 2] = ["grammar alone", "serde_json, as much JSON"];

/// Three times from nothing: all that `lint` does, all that `check` does before it reads an input, and the stages of these,
/// one after the other; notes what each of them takes.
pub(crate) fn round(memory: &Memory, least: &mut Least) -> Result<Rules> {
    let whole = |scope: Scope| {
        timed(|| -> Result<Rules> {
            let rules = loaded(memory)?;
            black_box(diagnostics(&rules, scope));
            if scope == Scope::WithoutTests {
                selected(&rules)?;
            }
            Ok(rules)
        })
    };
    for (name, scope) in [(LINT, Scope::WithTests), (CHECK, Scope::WithoutTests)] {
        let (time, rules) = whole(scope);
        drop(rules?);
        least.note(name, time);
    }
    let mut note = |stage: &str, time: Duration| least.note(stage, time);
    let (time, rules) = timed(|| loaded(memory));
    let rules = rules?;
    note("load", time);
    let files = || rules.selected_files();
    note("split", timed(|| files().map(|file| items(&rules.db, file).len()).sum::<usize>()).0);
    let parse =
        || files().flat_map(|file| items(&rules.db, file)).filter(|item| parsed(&rules.db, **item).partial).count();
    note("parse", timed(parse).0);
    let check = || {
        rules.selected_files().map(|file| file_diagnostics(&rules.db, rules.workspace, file, Scope::WithoutTests).len())
    };
    note("check", timed(|| check().sum::<usize>()).0);
    let (time, selected) = timed(|| selected(&rules));
    note("lower", time);
    selected.map(|()| rules)
}

fn loaded(memory: &Memory) -> Result<Rules> {
    load(memory, &[FOLDER.to_owned()]).map_err(|_| anyhow!("the generated rules cannot be loaded"))
}

fn selected(rules: &Rules) -> Result<()> {
    let selected = select(rules, &Default::default(), jiff::Timestamp::UNIX_EPOCH);
    selected.map(|selected| drop(black_box(selected))).map_err(|message| anyhow!(message))
}

/// The peers, over the same bytes.
pub(crate) fn peers(files: &[File], json: &str, least: &mut Least) {
    let split: Vec<_> = files.iter().flat_map(|file| split(&file.text).items).collect();
    let laid_out: Vec<LaidOut> = split.iter().filter_map(LaidOut::of).collect();
    let [grammar, serde] = PEERS;
    least.note(grammar, timed(|| black_box(laid_out.iter().filter(|item| item.matches()).count())).0);
    least.note(serde, timed(|| black_box(serde_json::from_str::<serde_json::Value>(json).is_ok())).0);
}

/// So many bytes of JSON with about as many strings, numbers and nestings as rules have.
pub(crate) fn json(bytes: usize) -> String {
    let mut json = String::from("[");
    while json.len() + 140 < bytes {
        let number = json.len();
        json.push_str(&format!(
            "{{\"name\": \"rule_{number}\", \"severity\": \"high\", \"requires\": [{{\"path\": [\"db\", \"Size\"], \"least\": {number}}}], \"fix\": null}},\n"
        ));
    }
    json.push_str("null]");
    json
}
