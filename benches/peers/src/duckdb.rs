//! DuckDB, in a Python of its own that measures itself: `duckdb/run.py`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::counts::Counts;
use crate::step::{Found, Times};

/// What the script prints.
#[derive(Deserialize)]
struct Printed {
    processor: f64,
    clock: f64,
    counts: Vec<(String, usize)>,
}

/// One round over an inventory of a record a line.
pub(crate) fn verdicts(python: &str, inventory: &Path) -> Result<Found> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("duckdb/run.py");
    let run = Command::new(python).arg(script).arg(inventory).output().context("no Python")?;
    ensure!(run.status.success(), "DuckDB: {}", String::from_utf8_lossy(&run.stderr));
    let printed: Printed = serde_json::from_slice(&run.stdout)?;
    let mut counts = Counts::default();
    printed.counts.iter().for_each(|(verdict, count)| counts.add(verdict, *count));
    let seconds = Duration::from_secs_f64;
    let times = Times { processor: seconds(printed.processor), clock: seconds(printed.clock) };
    Ok(Found { counts: Some(counts), times: Some(times) })
}
