//! Inventories to verdicts: twelve guardrails over a generated inventory, by every engine.
//!
//! All engines must count the same verdicts, or there is no table.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use jiff::Timestamp;
use parapet_driver::{Memory, Prepared, Request, Said, Tier, prepare};

use crate::clock::timed;
use crate::inventory;
use crate::least::Least;

/// The guardrails.
const RULES: &str = include_str!("twelve.parapet");

/// How many resources there are, for the curve.
pub(crate) const SIZES: [usize; 3] = [5_000, 20_000, 80_000];

/// Rounds of each step.
const ROUNDS: usize = 5;

/// The engines, as `--engine` names them.
pub(crate) const ENGINES: [(&str, Tier); 3] =
    [("interpreter", Tier::Interpreter), ("columns", Tier::Columns), ("jit", Tier::Jit)];

/// The peer: a tree of `serde_json` of every line, and nothing done with it.
pub(crate) const PEER: &str = "serde_json, a tree of each line";

/// What was measured at one size.
pub(crate) struct Measured {
    pub(crate) resources: usize,
    pub(crate) bytes: usize,
    pub(crate) pairs: usize,
    /// Verdicts by name.
    pub(crate) verdicts: BTreeMap<&'static str, usize>,
    /// How often programs asked the interpreter.
    pub(crate) asked: usize,
}

/// The name of a step at a size.
pub(crate) fn name(step: &str, resources: usize) -> String {
    format!("engine {step} {resources}")
}

/// Measures all sizes.
pub(crate) fn rounds(least: &mut Least) -> Result<Vec<Measured>> {
    SIZES.into_iter().map(|resources| at(resources, least)).collect()
}

fn at(resources: usize, least: &mut Least) -> Result<Measured> {
    let text = inventory::ndjson(resources, 1);
    let bytes = text.len();
    let files = [("rules.parapet".to_owned(), RULES.to_owned()), ("in.ndjson".to_owned(), text.clone())];
    let host = Memory::new(Timestamp::UNIX_EPOCH).with(files);
    let request = |tier: Tier| Request {
        rules: vec!["rules.parapet".to_owned()],
        inputs: vec!["in.ndjson".to_owned()],
        tier,
        ..Request::at(Timestamp::UNIX_EPOCH)
    };
    let prepared = prepare(&host, &request(Tier::Auto)).map_err(|_| anyhow!("the guardrails do not check"))?;
    let judged = |tier: Tier| prepared_verdicts(&prepared, &host, &request(tier));
    let (meant, _) = judged(Tier::Interpreter)?;
    let mut asked = 0;
    for _ in 0..ROUNDS {
        for (engine, tier) in ENGINES {
            let (found, stats) = judged(tier)?;
            ensure!(found == meant, "`{engine}` gives other verdicts than the interpreter");
            least.note(&name(engine, resources), stats.evaluation);
            least.note(&name("reading", resources), stats.inputs);
            asked = stats.asked.max(asked);
        }
        let tree = || text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count();
        least.note(&name(PEER, resources), timed(|| black_box(tree())).0);
    }
    let mut verdicts = BTreeMap::new();
    for (_, _, verdict) in &meant {
        *verdicts.entry(verdict.name()).or_insert(0) += 1;
    }
    Ok(Measured { resources, bytes, pairs: meant.len(), verdicts, asked })
}

fn prepared_verdicts(
    prepared: &Prepared,
    host: &Memory,
    request: &Request<'_>,
) -> Result<(Vec<Said>, parapet_driver::Stats)> {
    prepared.verdicts(host, request).map_err(|_| anyhow!("the run was refused"))
}

/// Nanoseconds for each of so many.
pub(crate) fn each(time: Duration, count: usize) -> f64 {
    time.as_nanos() as f64 / count as f64
}
