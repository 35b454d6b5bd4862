//! The reference interpreter: it defines what a guardrail means, and explains verdicts.
//!
//! An [`Engine`] evaluates a program over a [`World`], one resource at a time; the reference page
//! `docs/reference/semantics.md` says the same in rules. It reads no files and knows no clock.

mod compute;
mod coverage;
mod engine;
mod eval;
mod index;
mod reach;
mod recorder;
mod relations;
mod text;
mod ties;
mod trace;
mod world;

pub use coverage::{Collected, Coverage, Gap, seen};
pub use engine::{Engine, Explained, Judgement, Part, Subject, TraceStep};
pub use recorder::{Recorder, Seen};
pub use text::{display, display_duration, json};
pub use trace::{Place, Read, Step};
pub use world::{Account, World};
