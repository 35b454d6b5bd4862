//! The suites of the product: Markdown files with input beside expectation, and what runs them.
//!
//! [`run`] takes a folder; each heading of its files is a case, whose fenced blocks are programs, inputs and what
//! must come of them ([`Case`]). A case runs in process and in memory, through the pipelines of `parapet_driver`.
//! What the fences mean is on the page `tests/README.md`. Nothing here starts the `parapet` binary: that is the
//! matter of `cli/tests/suites.rs`, which reads its cases with this crate.

mod book;
mod expectation;
mod fixes;
mod judge;
mod links;
mod markdown;
mod programs;
mod setting;
mod snapshots;
mod suite;
mod verdicts;
mod words;

pub use book::{pages, run_book};
pub use links::{Link, anchors, links};
pub use markdown::{Case, Fence, cases};
pub use suite::{files, run};
pub use words::{Word, words};

/// Whether `parapet lint --fix` would change a program of the case.
pub fn can_be_fixed(case: &Case) -> bool {
    fixes::wants_a_fence(case)
}
