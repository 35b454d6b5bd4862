//! Tries a target on text after text, for a time or a number of texts.
//!
//! A worker with the stack of the product tries them; panics are caught there, and whoever waits for it sees texts that
//! never end. What behaves in a new way joins the texts that others are made of. A finding is made small and named by
//! its promise or the place of its panic, so that each counts once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustc_hash::FxHashSet;

use crate::minimise::minimise;
use crate::mutate::mutate;
use crate::targets::{Behaviour, Target, named};
use parapet_random::Random;

/// Longer than this no text of a few kilobytes may take.
pub const MOST_TIME: Duration = Duration::from_secs(2);

/// The name of the finding that a text takes longer than [`MOST_TIME`].
const TOO_LONG: &str = "takes too long";

/// After this long a text counts as one that never ends.
const NEVER: Duration = Duration::from_secs(60);

/// Texts that others are made of; of more the oldest are let go.
const MOST_KEPT: usize = 4000;

/// Small texts say most; of long ones only a part is tried.
const MOST_SEED_BYTES: usize = 3000;

/// When a run ends.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub time: Duration,
    pub executions: u64,
}

/// A text that breaks a promise, panics or takes too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The promise, or where it panics.
    pub name: String,
    pub how: String,
    pub text: String,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    pub executions: u64,
    pub time: Duration,
    /// Texts that behaved in a new way.
    pub kept: usize,
    /// By name.
    pub findings: Vec<Finding>,
    /// The longest that one text took.
    pub slowest: Duration,
}

/// What the waiting thread looks at.
type Current<'c> = &'c Mutex<Option<(Instant, String)>>;

thread_local! {
    /// Message and place of the last panic of this thread.
    static LAST_PANIC: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Runs a target. With `current`, each text stands in that file while it is tried: what ends the process is found there.
pub fn run(target: &str, seeds: &[String], seed: u64, limit: Limit, current: Option<&Path>) -> Result<Summary> {
    if named(target).is_none() {
        bail!("no target `{target}`; there are {}", crate::targets::NAMES.join(", "));
    }
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a panic").to_owned();
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        LAST_PANIC.with_borrow_mut(|last| *last = Some((place, message)));
    }));
    let watched = Mutex::new(None);
    let work = || Runner::new(target, seeds, seed, &watched, current).run(limit);
    let summary = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(parapet_driver::STACK).spawn_scoped(scope, work)?;
        while !worker.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
            let watched = watched.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((started, text)) = watched.as_ref().filter(|(started, _)| started.elapsed() > NEVER) {
                // The worker cannot be stopped, so that the process ends with it.
                let seconds = started.elapsed().as_secs();
                bail_out(&format!("a text takes longer than {seconds} s:\n{text}"));
            }
        }
        worker.join().ok().context("the worker panicked")
    });
    drop(std::panic::take_hook());
    summary
}

fn bail_out(message: &str) {
    use std::io::Write;
    // Whether or not anyone reads it, the process ends.
    let _ = writeln!(std::io::stderr(), "{message}");
    std::process::exit(70);
}

struct Runner<'r> {
    name: &'r str,
    target: Option<Box<dyn Target>>,
    random: Random,
    seeds: &'r [String],
    pool: Vec<String>,
    seen: FxHashSet<u64>,
    findings: BTreeMap<String, Finding>,
    summary: Summary,
    watched: Current<'r>,
    current: Option<&'r Path>,
}

impl<'r> Runner<'r> {
    fn new(
        name: &'r str,
        seeds: &'r [String],
        seed: u64,
        watched: Current<'r>,
        current: Option<&'r Path>,
    ) -> Runner<'r> {
        Runner {
            name,
            target: named(name),
            random: Random::new(seed),
            seeds,
            pool: Vec::new(),
            seen: FxHashSet::default(),
            findings: BTreeMap::new(),
            summary: Summary::default(),
            watched,
            current,
        }
    }

    fn run(mut self, limit: Limit) -> Summary {
        let started = Instant::now();
        let mut next_seed = 0;
        while started.elapsed() < limit.time && self.summary.executions < limit.executions {
            // Every seed has its turn, however soon the others lead to something new.
            let text = match self.seeds.get(next_seed) {
                Some(seed) if self.random.chance(1, 2) || self.pool.is_empty() => {
                    next_seed += 1;
                    self.part(seed)
                }
                _ => {
                    let base = self.random.pick(&self.pool).cloned().unwrap_or_default();
                    mutate(&mut self.random, &base, self.seeds)
                }
            };
            self.summary.executions += 1;
            self.look_at(text);
        }
        self.summary.time = started.elapsed();
        self.summary.kept = self.pool.len();
        self.summary.findings = self.findings.into_values().collect();
        self.summary
    }

    /// Some neighbouring lines of a long seed, the whole of a short one.
    fn part(&mut self, seed: &str) -> String {
        if seed.len() <= MOST_SEED_BYTES {
            return seed.to_owned();
        }
        let starts: Vec<usize> = seed.match_indices("\n\n").map(|(at, _)| at + 2).collect();
        let start = self.random.pick(&starts).copied().unwrap_or(0);
        let rest = seed.get(start..).unwrap_or_default();
        rest.get(..rest.floor_char_boundary(MOST_SEED_BYTES)).unwrap_or_default().to_owned()
    }

    fn look_at(&mut self, text: String) {
        let (found, behaviour) = self.try_text(&text);
        if let Some((name, how)) = found {
            self.keep(name, how, text);
            return;
        }
        let new = behaviour.0.into_iter().filter(|what| self.seen.insert(*what)).count();
        if new > 0 {
            if self.pool.len() >= MOST_KEPT {
                self.pool.remove(0);
            }
            self.pool.push(text);
        }
    }

    /// Tries a text; gives name and words of what is wrong.
    fn try_text(&mut self, text: &str) -> (Option<(String, String)>, Behaviour) {
        let started = Instant::now();
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = Some((started, text.to_owned()));
        if let Some(current) = self.current {
            // Without the file the run is still good.
            let _ = std::fs::write(current, text);
        }
        let Some(target) = &mut self.target else { return (None, Behaviour::default()) };
        let tried = catch_unwind(AssertUnwindSafe(|| target.try_text(text)));
        let took = started.elapsed();
        *self.watched.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.summary.slowest = self.summary.slowest.max(took);
        match tried {
            Err(_) => {
                // What the target remembers may be half made.
                self.target = named(self.name);
                let (place, message) = LAST_PANIC.with_borrow_mut(Option::take).unwrap_or_default();
                (Some((format!("panic at {place}"), message)), Behaviour::default())
            }
            Ok(Err(broken)) => (Some((broken.promise.to_owned(), broken.how)), Behaviour::default()),
            Ok(Ok(_)) if took > MOST_TIME => (Some((TOO_LONG.to_owned(), format!("{took:?}"))), Behaviour::default()),
            Ok(Ok(behaviour)) => (None, behaviour),
        }
    }

    /// Makes a finding small, unless one of its name is known.
    fn keep(&mut self, name: String, how: String, text: String) {
        if self.findings.contains_key(&name) {
            return;
        }
        // What another program on the machine made slow is not slow again.
        if self.try_text(&text).0.is_none_or(|(again, _)| again != name) {
            return;
        }
        let small = minimise(&text, |text| self.try_text(text).0.is_some_and(|(again, _)| again == name));
        let how = self.try_text(&small).0.map_or(how, |(_, how)| how);
        self.findings.insert(name.clone(), Finding { name, how, text: small });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A few seconds of every target; the folder `corpus` holds what long runs found. How long a text takes is no matter
    /// here: other tests run beside this one, unoptimised.
    #[test]
    fn a_short_run_finds_nothing() {
        for target in crate::targets::NAMES {
            let seeds = crate::seeds::of(target).unwrap();
            let limit = Limit { time: Duration::from_secs(4), executions: 200 };
            let mut summary = run(target, &seeds, 1, limit, None).unwrap();
            summary.findings.retain(|finding| finding.name != TOO_LONG);
            assert!(summary.findings.is_empty(), "{target}: {:#?}", summary.findings);
            assert!(summary.executions > 0);
        }
    }

    #[test]
    fn the_corpus_breaks_nothing() {
        for target in crate::targets::NAMES {
            let mut tried = named(target).unwrap();
            for (path, text) in crate::seeds::corpus(target).unwrap() {
                assert!(tried.try_text(&text).is_ok(), "{}: {:?}", path.display(), tried.try_text(&text));
            }
        }
    }
}
