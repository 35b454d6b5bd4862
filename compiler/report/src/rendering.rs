//! Findings made, rendered and written in their order, by several threads.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::channel;
use std::sync::{Condvar, Mutex, PoisonError};

use parapet_model::{Finding, FindingSource};

use crate::Options;

/// Findings that a thread makes at once.
const CHUNK: usize = 128;

/// So many chunks for each thread are in memory, at most.
const AHEAD: usize = 8;

/// Findings are explained by an interpreter, and expressions nest as deeply as the parser allows.
const STACK: usize = 64 << 20;

/// Renders findings, of which the first has this place among those that are told.
pub(crate) type Render<'r> = dyn Fn(usize, &[Cow<'_, Finding>]) -> io::Result<Vec<u8>> + Sync + 'r;

/// The findings that are told: those that matter, or all of them.
pub(crate) struct Told<'f> {
    source: &'f dyn FindingSource,
    /// Indices into the source.
    told: Vec<usize>,
    jobs: usize,
}

impl<'f> Told<'f> {
    pub(crate) fn of(source: &'f dyn FindingSource, options: &Options) -> Told<'f> {
        let is_told = |verdict| options.all || crate::matters(verdict);
        let verdicts = source.verdicts().into_iter().enumerate();
        let told = verdicts.filter(|(_, (_, verdict))| is_told(*verdict)).map(|(at, _)| at).collect();
        Told { source, told, jobs: options.jobs }
    }

    pub(crate) fn len(&self) -> usize {
        self.told.len()
    }

    /// Writes what is made of them, on so many threads as the options say; what is written is the same with any number.
    pub(crate) fn write(&self, render: &Render<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let rendered = |at: usize| {
            let first = at * CHUNK;
            let chunk = self.told.get(first..self.len().min(first + CHUNK)).unwrap_or_default();
            render(first, &self.source.made(chunk)?)
        };
        write_in_order(self.len().div_ceil(CHUNK), self.jobs, &rendered, out)
    }
}

/// Writes so many chunks in their order, which threads render ahead.
fn write_in_order(
    count: usize,
    jobs: usize,
    rendered: &(dyn Fn(usize) -> io::Result<Vec<u8>> + Sync),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let jobs = jobs.clamp(1, count.max(1));
    let turns = Turns { state: Mutex::default(), moved: Condvar::new(), count, window: jobs * AHEAD };
    std::thread::scope(|scope| {
        let (done, chunks) = channel();
        for _ in 0..jobs.min(count) {
            let (done, turns) = (done.clone(), &turns);
            let work = move || {
                while let Some(at) = turns.take() {
                    // Who waits for the chunk must learn of a fault, and not wait for ever.
                    let text = catch_unwind(AssertUnwindSafe(|| rendered(at)));
                    let text = text.unwrap_or_else(|_| Err(io::Error::other("a thread of the report broke off")));
                    if done.send((at, text)).is_err() {
                        return;
                    }
                }
            };
            if let Err(error) = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work) {
                turns.end();
                return Err(error);
            }
        }
        drop(done);
        let mut early = BTreeMap::new();
        for at in 0..count {
            let text = loop {
                if let Some(text) = early.remove(&at) {
                    break text;
                }
                match chunks.recv() {
                    Ok((at, text)) => drop(early.insert(at, text)),
                    Err(_) => break Err(io::Error::other("the threads of the report are gone")),
                }
            };
            if let Err(error) = text.and_then(|text: Vec<u8>| out.write_all(&text)) {
                turns.end();
                return Err(error);
            }
            turns.wrote();
        }
        Ok(())
    })
}

/// Which chunk is whose. A chunk is not begun before those long before it are written.
struct Turns {
    state: Mutex<State>,
    moved: Condvar,
    count: usize,
    window: usize,
}

#[derive(Default)]
struct State {
    next: usize,
    written: usize,
    ended: bool,
}

impl Turns {
    fn take(&self) -> Option<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while !state.ended && state.next < self.count && state.next >= state.written + self.window {
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let is_left = !state.ended && state.next < self.count;
        is_left.then(|| {
            state.next += 1;
            state.next - 1
        })
    }

    fn wrote(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).written += 1;
        self.moved.notify_all();
    }

    fn end(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use parapet_model::Verdict;

    use super::*;
    use crate::testing::finding;

    fn findings(count: usize) -> Vec<Finding> {
        (0..count).map(|at| finding(at, Verdict::Fail, &at.to_string())).collect()
    }

    fn told(findings: &Vec<Finding>, jobs: usize) -> Told<'_> {
        Told::of(findings, &Options { jobs, ..Options::default() })
    }

    fn ids(first: usize, some: &[Cow<'_, Finding>]) -> Vec<u8> {
        assert_eq!(some.first().map(|finding| finding.guardrail), Some(first));
        some.iter().flat_map(|finding| format!("{} ", finding.resource.id).into_bytes()).collect()
    }

    #[test]
    fn the_order_is_that_of_the_source() {
        for count in [0, 1, CHUNK, 5000] {
            let findings = findings(count);
            let meant: String = (0..count).map(|at| format!("{at} ")).collect();
            for jobs in [0, 1, 2, 3, 64] {
                let mut out = Vec::new();
                told(&findings, jobs).write(&|first, some| Ok(ids(first, some)), &mut out).unwrap();
                assert_eq!(String::from_utf8(out).unwrap(), meant, "{jobs}");
            }
        }
    }

    #[test]
    fn a_fault_of_any_thread_ends_the_whole() {
        let findings = findings(20_000);
        for bad in [0, 300, 19_999] {
            for panics in [false, true] {
                let render = |first: usize, some: &[Cow<'_, Finding>]| match first <= bad && bad < first + some.len() {
                    true if panics => panic!("a fault on purpose"),
                    true => Err(io::Error::other("a fault on purpose")),
                    false => Ok(Vec::new()),
                };
                for jobs in [1, 2, 5] {
                    assert!(told(&findings, jobs).write(&render, &mut Vec::new()).is_err(), "{bad} {jobs}");
                }
            }
        }
    }

    #[test]
    fn who_cannot_write_any_more_makes_no_more() {
        struct Full;
        impl io::Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::Error::other("full"))
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let findings = findings(50_000);
        let made = std::sync::atomic::AtomicUsize::new(0);
        let render = |_: usize, some: &[Cow<'_, Finding>]| {
            made.fetch_add(some.len(), std::sync::atomic::Ordering::Relaxed);
            Ok(vec![b'x'])
        };
        assert!(told(&findings, 2).write(&render, &mut Full).is_err());
        assert!(made.into_inner() <= 2 * 2 * AHEAD * CHUNK);
    }
}
