//! A progress line on standard error, for work that takes a while.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::arguments::When;
use crate::output::tell;

/// Tells how far the reading is, at most ten times a second and not before half a second has passed.
pub(crate) struct Progress {
    shown: bool,
    started: Instant,
    /// Milliseconds after the start when the line was last drawn; 0 if never.
    last: AtomicU64,
}

impl Progress {
    pub(crate) fn new(when: When) -> Progress {
        let shown = match when {
            When::Always => true,
            When::Never => false,
            When::Auto => std::io::stderr().is_terminal(),
        };
        Progress { shown, started: Instant::now(), last: AtomicU64::new(0) }
    }

    /// `done` of `total` bytes were read; a total of 0 is not known.
    pub(crate) fn bytes(&self, done: u64, total: u64) {
        if !self.shown {
            return;
        }
        let now = self.started.elapsed().as_millis() as u64;
        if now < self.last.load(Ordering::Relaxed).max(400) + 100 {
            return;
        }
        self.last.store(now, Ordering::Relaxed);
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1u32 << 20);
        let line = match done.saturating_mul(100).checked_div(total) {
            Some(percent) => {
                format!("reading {:.1} of {:.1} MiB ({}%)", mebibytes(done), mebibytes(total), percent.min(100))
            }
            None => format!("reading {:.1} MiB", mebibytes(done)),
        };
        tell(&format!("\r\u{1b}[2K{line}"));
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        if self.shown && self.last.load(Ordering::Relaxed) > 0 {
            tell("\r\u{1b}[2K");
        }
    }
}
