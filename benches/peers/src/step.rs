//! What is measured: a step, how often it runs, and its least times.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::counts::Counts;

/// What a step found: the counts, where it judges. A program of its own measures itself.
pub(crate) struct Found {
    pub(crate) counts: Option<Counts>,
    pub(crate) times: Option<Times>,
}

impl From<Counts> for Found {
    fn from(counts: Counts) -> Found {
        Found { counts: Some(counts), times: None }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// Of all threads.
    pub(crate) processor: Duration,
    pub(crate) clock: Duration,
}

pub(crate) struct Step<'s> {
    pub(crate) name: String,
    rounds: usize,
    run: Box<dyn Fn() -> Result<Found> + 's>,
    /// Of the first run, which is not measured.
    pub(crate) counts: Option<Counts>,
    pub(crate) least: Option<Times>,
}

impl<'s> Step<'s> {
    pub(crate) fn new(name: impl Into<String>, rounds: usize, run: impl Fn() -> Result<Found> + 's) -> Step<'s> {
        Step { name: name.into(), rounds, run: Box::new(run), counts: None, least: None }
    }

    /// Runs once and notes what is counted.
    pub(crate) fn count(&mut self) -> Result<()> {
        self.counts = (self.run)()?.counts;
        Ok(())
    }

    /// Takes part in a round, if it is not done.
    pub(crate) fn round(&mut self, round: usize) -> Result<()> {
        if round >= self.rounds {
            return Ok(());
        }
        let (before, started) = (processor(), Instant::now());
        let found = (self.run)()?;
        let own = Times { processor: processor().saturating_sub(before), clock: started.elapsed() };
        ensure!(found.counts == self.counts, "`{}` does not always count the same", self.name);
        let times = found.times.unwrap_or(own);
        let least = self.least.unwrap_or(times);
        let clock = least.clock.min(times.clock);
        self.least = Some(Times { processor: least.processor.min(times.processor), clock });
        Ok(())
    }
}

/// The processor time of all threads.
fn processor() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
