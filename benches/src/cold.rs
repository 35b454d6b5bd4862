//! Everything that `check` does with rules before it reads an input, from nothing: stage by stage, on one thread.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Result, anyhow};
use parapet_driver::{Rules, Scope, diagnostics, load, select};
use parapet_semantic::{items, parsed};
use parapet_syntax::{LaidOut, split};

use crate::clock::timed;
use crate::least::Least;
use crate::memory::Memory;
use crate::rules::File;

/// The stages, in order.
pub(crate) const STAGES: [&str; 5] = ["load", "split", "parse", "check", "lower"];

/// The peers: what other parsers make of as many bytes.
pub(crate) const PEERS: [&str; 2] = ["grammar alone", "serde_json, as much JSON"];

/// Loads, checks and lowers all rules once, and notes what each stage takes and all together (`all`).
pub(crate) fn round(memory: &Memory, least: &mut Least) -> Result<Rules> {
    let mut all = Duration::ZERO;
    let mut note = |stage: &str, time: Duration| {
        all += time;
        least.note(stage, time);
    };
    let (time, rules) = timed(|| load(memory, &["rules".to_owned()]));
    let rules = rules.map_err(|_| anyhow!("the generated rules cannot be loaded"))?;
    note("load", time);
    let files = || rules.selected_files();
    note("split", timed(|| files().map(|file| items(&rules.db, file).len()).sum::<usize>()).0);
    let parse =
        || files().flat_map(|file| items(&rules.db, file)).filter(|item| parsed(&rules.db, **item).partial).count();
    note("parse", timed(parse).0);
    note("check", timed(|| diagnostics(&rules, Scope::WithoutTests)).0);
    let (time, selected) = timed(|| select(&rules, &Default::default(), jiff::Timestamp::UNIX_EPOCH));
    note("lower", time);
    selected.map_err(|message| anyhow!(message))?;
    least.note("all", all);
    Ok(rules)
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
