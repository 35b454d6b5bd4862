//! What an evaluation saw at the places that decide: the data of coverage.
//!
//! An engine that was given a [`Recorder`] tells it each decision as it makes it; one without pays a test of an
//! `Option`. What is unknown is no outcome. Several engines may share a recorder: counts only add up.

use std::sync::{Arc, Mutex, PoisonError};

use parapet_base::Span;
use parapet_ir::PointKind;
use parapet_model::Truth;
use rustc_hash::FxHashMap;

/// A decision, by definition, span and kind.
type Key = (Arc<str>, Span, PointKind);

/// How often each decision came out either way.
#[derive(Debug, Default)]
pub struct Recorder {
    seen: Mutex<FxHashMap<Key, Seen>>,
}

/// How often a point came out as the first and as the second of its outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub first: u64,
    pub second: u64,
}

impl Seen {
    /// By the place of an outcome in [`PointKind::outcomes`].
    pub fn of(self, outcome: usize) -> u64 {
        if outcome == 0 { self.first } else { self.second }
    }
}

impl Recorder {
    /// What was seen at a point.
    pub fn seen(&self, definition: &Arc<str>, span: Span, kind: PointKind) -> Seen {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&(definition.clone(), span, kind)).copied().unwrap_or_default()
    }

    pub(crate) fn record(&self, definition: &Arc<str>, span: Span, kind: PointKind, first: bool) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.entry((definition.clone(), span, kind)).or_default();
        let count = if first { &mut seen.first } else { &mut seen.second };
        *count = count.saturating_add(1);
    }

    /// Records a truth; an unknown one is no outcome.
    pub(crate) fn truth(&self, definition: &Arc<str>, span: Span, kind: PointKind, truth: &Truth) {
        match truth {
            Truth::True => self.record(definition, span, kind, true),
            Truth::False => self.record(definition, span, kind, false),
            Truth::Unknown(_) => {}
        }
    }
}
