//! Parapet itself, from bytes in memory.

use anyhow::{Result, anyhow};
use jiff::Timestamp;
use parapet_driver::{Memory, Prepared, Request, Tier, prepare};

use crate::counts::Counts;

const RULES: &str = include_str!("../../src/twelve.parapet");

/// The guardrails, checked, and the inventory in two formats.
pub(crate) struct Parapet {
    host: Memory,
    prepared: Prepared,
}

/// A record a line.
pub(crate) const LINES: &str = "in.ndjson";

/// A snapshot: all records in one line.
pub(crate) const SNAPSHOT: &str = "in.json";

impl Parapet {
    pub(crate) fn new(text: &str) -> Result<Parapet> {
        let snapshot = format!("{{\"configurationItems\":[{}]}}", text.trim_end().replace('\n', ","));
        let files = [("rules.parapet", RULES), (LINES, text), (SNAPSHOT, snapshot.as_str())];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let host = Memory::new(Timestamp::UNIX_EPOCH).with(files);
        let prepared = prepare(&host, &request()).map_err(|_| anyhow!("the guardrails do not check"))?;
        Ok(Parapet { host, prepared })
    }

    pub(crate) fn verdicts(&self, input: &str, jobs: usize) -> Result<Counts> {
        let request = Request { inputs: vec![input.to_owned()], jobs, ..request() };
        let (said, _) = self.prepared.verdicts(&self.host, &request).map_err(|_| anyhow!("the run was refused"))?;
        let mut counts = Counts::default();
        said.iter().for_each(|(_, _, verdict)| counts.add(verdict.name(), 1));
        Ok(counts)
    }
}

fn request() -> Request<'static> {
    // What the bytes hash to is for reports.
    let rules = vec!["rules.parapet".to_owned()];
    Request { rules, tier: Tier::Auto, digests: false, excerpts: false, ..Request::at(Timestamp::UNIX_EPOCH) }
}
