//! Raw bytes to verdicts, beside other ways to the same verdicts and beside parsers that do less.
//!
//! `benches/peers/run` prints a table. The inventory and the guardrails are those of the engine's bench (`benches/src`).
//! What all count is compared before anything is measured. Then every step runs in every round, and the least of all rounds counts.

mod counts;
mod duckdb;
#[path = "../../src/inventory.rs"]
mod inventory;
mod parapet;
mod rego;
mod step;
mod structs;

use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use parapet::Parapet;
use step::{Found, Step};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [5_000, 20_000, 80_000];

/// Rounds of the fast steps.
const ROUNDS: usize = 7;

/// Rounds of those that take seconds.
const FEW: usize = 3;

/// The step that the others are compared with.
const PEER: &str = "sonic-rs, a tree of each record";

fn main() -> Result<ExitCode> {
    let python = std::env::args().nth(1);
    if python.is_none() {
        println!("DuckDB is left out: the first argument would be a Python that has it.\n");
    }
    let mut all_agree = true;
    println!("| resources | MB | step | processor | by the clock | of a tree of sonic-rs | verdicts |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut notes = String::new();
    for resources in SIZES {
        let text = inventory::ndjson(resources, 1);
        let path = std::env::temp_dir().join(format!("parapet-peers-{}-{resources}.ndjson", std::process::id()));
        std::fs::write(&path, &text)?;
        let measured = measure(&text, python.as_deref(), &path);
        std::fs::remove_file(&path)?;
        let (rows, note, agree) = measured?;
        rows.iter().for_each(|row| println!("| {resources} | {:.1} | {row} |", text.len() as f64 / 1e6));
        notes.push_str(&format!("\n{resources} resources: {note}"));
        all_agree &= agree;
    }
    println!("{notes}");
    Ok(if all_agree { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The rows of one inventory, what Parapet counts, and whether all count that.
fn measure(text: &str, python: Option<&str>, path: &Path) -> Result<(Vec<String>, String, bool)> {
    let parapet = Parapet::new(text)?;
    let policy = rego::Policy::new()?;
    let mut steps = steps(text, &parapet, &policy);
    if let Some(python) = python {
        steps.push(Step::new("DuckDB, one thread", FEW, || duckdb::verdicts(python, path)));
    }
    let meant = parapet.verdicts(parapet::LINES, 1)?;
    steps.iter_mut().try_for_each(Step::count)?;
    for round in 0..ROUNDS {
        steps.iter_mut().try_for_each(|step| step.round(round))?;
    }
    let said = |step: &Step<'_>| step.counts.as_ref().map(|counts| counts.beside(&meant));
    let agree = steps.iter().filter_map(said).all(|said| said == "same");
    let peer = steps.iter().find(|step| step.name == PEER).and_then(|step| step.least).context("no peer")?;
    let row = |step: &Step<'_>| {
        let times = step.least?;
        let (processor, clock) = (times.processor.as_secs_f64(), times.clock.as_secs_f64());
        Some(format!(
            "{} | {:.1} ms | {:.1} ms | {:.2} | {}",
            step.name,
            processor * 1e3,
            clock * 1e3,
            processor / peer.processor.as_secs_f64(),
            said(step).unwrap_or_default(),
        ))
    };
    Ok((steps.iter().filter_map(row).collect(), meant.to_string(), agree))
}

fn steps<'s>(text: &'s str, parapet: &'s Parapet, policy: &'s rego::Policy) -> Vec<Step<'s>> {
    let bytes = text.as_bytes();
    let judge = |input: &'static str, jobs: usize| move || Ok(Found::from(parapet.verdicts(input, jobs)?));
    vec![
        Step::new(PEER, ROUNDS, move || trees(text, |line| Ok(sonic_rs::from_str::<sonic_rs::Value>(line)?))),
        Step::new("`serde_json`, a tree of each record", ROUNDS, move || {
            trees(text, |line| Ok(serde_json::from_str::<serde_json::Value>(line)?))
        }),
        Step::new("Parapet, a record a line", ROUNDS, judge(parapet::LINES, 1)),
        Step::new("Parapet, one line", ROUNDS, judge(parapet::SNAPSHOT, 1)),
        Step::new("Parapet, a record a line, two threads", ROUNDS, judge(parapet::LINES, 2)),
        Step::new("by hand, structs of sonic-rs", ROUNDS, move || {
            Ok(structs::verdicts::<structs::Sonic>(black_box(bytes))?.into())
        }),
        Step::new("by hand, structs of `serde_json`", ROUNDS, move || {
            Ok(structs::verdicts::<structs::SerdeJson>(black_box(bytes))?.into())
        }),
        Step::new("regorus", FEW, move || Ok(policy.verdicts(black_box(text))?.into())),
    ]
}

/// A tree of each line, and nothing made of it.
fn trees<T>(text: &str, tree: impl Fn(&str) -> Result<T>) -> Result<Found> {
    let mut lines = 0;
    for line in text.lines() {
        black_box(tree(line)?);
        lines += 1;
    }
    ensure!(lines > 0, "an empty inventory");
    Ok(Found { counts: None, times: None })
}
