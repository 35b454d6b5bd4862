//! Raw bytes to verdicts beside other parsers that do less: a tree of every record, and nothing done with it.
//!
//! `cargo run --release` in this folder prints a table. The inventory and the guardrails are those of the engine's bench
//! (`benches/src`). Every step runs in every round, and the least of all rounds counts: processor time of all threads.

#[path = "../../src/inventory.rs"]
mod inventory;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use jiff::Timestamp;
use parapet_driver::{Memory, Prepared, Request, Tier, prepare};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RULES: &str = include_str!("../../src/twelve.parapet");

const SIZES: [usize; 2] = [20_000, 80_000];

const ROUNDS: usize = 7;

/// The processor time of all threads.
fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The least times of steps: of the processor, and by the clock.
#[derive(Default)]
struct Least(BTreeMap<&'static str, (Duration, Duration)>);

impl Least {
    fn take<T>(&mut self, name: &'static str, step: impl FnOnce() -> T) -> T {
        let (before, started) = (now(), Instant::now());
        let given = step();
        let (processor, clock) = (now().saturating_sub(before), started.elapsed());
        let least = self.0.entry(name).or_insert((processor, clock));
        *least = (least.0.min(processor), least.1.min(clock));
        given
    }
}

/// Verdicts by name.
type Counts = BTreeMap<&'static str, usize>;

fn counts(prepared: &Prepared, host: &Memory, input: &str, jobs: usize) -> Result<Counts> {
    let request = Request { inputs: vec![input.to_owned()], jobs, ..request() };
    let (said, _) = prepared.verdicts(host, &request).map_err(|_| anyhow!("the run was refused"))?;
    let mut counts = Counts::new();
    said.iter().for_each(|(_, _, verdict)| *counts.entry(verdict.name()).or_insert(0) += 1);
    Ok(counts)
}

fn request() -> Request<'static> {
    // What the bytes hash to is for reports.
    let rules = vec!["rules.parapet".to_owned()];
    Request { rules, tier: Tier::Auto, digests: false, excerpts: false, ..Request::at(Timestamp::UNIX_EPOCH) }
}

fn main() -> Result<()> {
    println!("| resources | MB | step | processor | by the clock | of a tree of sonic-rs |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for resources in SIZES {
        let text = inventory::ndjson(resources, 1);
        let snapshot = format!("{{\"configurationItems\":[{}]}}", text.trim_end().replace('\n', ","));
        let files = [("rules.parapet", RULES), ("in.ndjson", text.as_str()), ("in.json", snapshot.as_str())];
        let host = Memory::new(Timestamp::UNIX_EPOCH).with(files.map(|(name, text)| (name.to_owned(), text.to_owned())));
        let prepared = prepare(&host, &request()).map_err(|_| anyhow!("the guardrails do not check"))?;
        let meant = counts(&prepared, &host, "in.ndjson", 1)?;
        let mut least = Least::default();
        for _ in 0..ROUNDS {
            let tree = || text.lines().filter(|line| sonic_rs::from_str::<sonic_rs::Value>(line).is_ok()).count();
            black_box(least.take("sonic-rs, a tree of each record", tree));
            let tree = || text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count();
            black_box(least.take("serde_json, a tree of each record", tree));
            let one = least.take("Parapet, a record a line, verdicts", || counts(&prepared, &host, "in.ndjson", 1))?;
            let line = least.take("Parapet, one line, verdicts", || counts(&prepared, &host, "in.json", 1))?;
            let two = least.take("Parapet, a record a line, two threads", || counts(&prepared, &host, "in.ndjson", 2))?;
            ensure!(one == meant && line == meant && two == meant, "verdicts differ: {meant:?} {one:?} {line:?} {two:?}");
        }
        let peer = least.0.get("sonic-rs, a tree of each record").map_or(1.0, |(time, _)| time.as_secs_f64());
        for (name, (processor, clock)) in &least.0 {
            println!(
                "| {resources} | {:.1} | {name} | {:.1} ms | {:.1} ms | {:.2} |",
                text.len() as f64 / 1e6,
                processor.as_secs_f64() * 1e3,
                clock.as_secs_f64() * 1e3,
                processor.as_secs_f64() / peer,
            );
        }
        println!("\n{resources} resources: {meant:?}\n");
    }
    Ok(())
}
