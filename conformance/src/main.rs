//! Runs the standard library over cases that other projects decided: `cargo xtask conformance FOLDER`.
//!
//! Each line of a `*.jsonl` file is a document, a control and the verdict that a project expects of it. The guardrails
//! that carry the control's name (`@control(concept: "…")`) judge the document; how far they agree is printed by
//! source, format and area. The cases belong to other projects: they are read in place and never become part of this
//! repository. A line that cannot be read is an error, and so is less agreement than `agreement.tsv` records, a verdict
//! that is not the one that `differs-on-purpose.tsv` has of a disagreement, and a pass that is expected to be a failure
//! and has no line there. Other disagreement is none: it is a number to know.

mod case;
mod document;
mod judge;
mod owner;
mod reviewed;
mod table;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow, bail};

use crate::case::Case;
use crate::judge::{Judge, Outcome};

const USAGE: &str = "usage: cargo xtask conformance FOLDER [--cases FILE] [--record]";

/// Where what was reviewed and recorded stands, from the workspace's root.
const OWN: &str = "tests/conformance";

fn main() -> Result<()> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the crate has no parent folder")?;
    let (cases, unread) = case::read(&arguments.folder)?;
    let differs = reviewed::differs(&root.join(OWN).join("differs-on-purpose.tsv"), &cases)?;
    let outcomes = judged(&cases)?;
    let mut out = std::io::stdout().lock();
    let summary = table::print(&mut out, &cases, &outcomes, &differs)?;
    if let Some(path) = &arguments.cases {
        std::fs::write(path, table::every_case(&cases, &outcomes, &differs))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    for fault in &unread {
        writeln!(out, "not read: {fault}")?;
    }
    let changed = reviewed::broken(&differs, &cases, &outcomes);
    for complaint in &changed {
        writeln!(out, "differs-on-purpose.tsv: {complaint}")?;
    }
    let recorded = root.join(OWN).join("agreement.tsv");
    match arguments.record {
        true => std::fs::write(&recorded, reviewed::record(&summary)).context("agreement.tsv cannot be written")?,
        false => reviewed::compare(&recorded, &summary)?,
    }
    if !changed.is_empty() {
        bail!("{} verdicts are not those that were reviewed", changed.len());
    }
    let broken = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Unreadable(_))).count();
    if !unread.is_empty() || broken > 0 {
        bail!("{} lines are no cases, {broken} documents cannot be read", unread.len());
    }
    Ok(())
}

/// Judges all cases, on every core.
fn judged(cases: &[Case]) -> Result<Vec<Outcome>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    // The database of rules belongs to one thread.
    let work = || -> Result<()> {
        let judge = Judge::new()?;
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = judge.outcome(case);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((case.at, outcome));
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let spawned: std::io::Result<Vec<_>> = (0..threads)
            .map(|_| std::thread::Builder::new().stack_size(parapet_driver::STACK).spawn_scoped(scope, work))
            .collect();
        for thread in spawned? {
            thread.join().map_err(|_| anyhow!("a thread broke off"))??;
        }
        anyhow::Ok(())
    })?;
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, outcome)| outcome).collect())
}

struct Arguments {
    folder: PathBuf,
    /// A file that gets a line for each case.
    cases: Option<PathBuf>,
    /// Writes the agreement that was reached as what must be kept.
    record: bool,
}

impl Arguments {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Arguments> {
        let folder = PathBuf::from(arguments.next().context(USAGE)?);
        let mut read = Arguments { folder, cases: None, record: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--cases" => read.cases = Some(PathBuf::from(arguments.next().context(USAGE)?)),
                "--record" => read.record = true,
                _ => bail!(USAGE),
            }
        }
        Ok(read)
    }
}
