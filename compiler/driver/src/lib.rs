//! The database, the host, and the pipelines behind the commands.
//!
//! A pipeline takes a [`Host`] and a request and gives plain data; printing and exit statuses are the command's.

mod asked;
mod baseline;
mod check;
mod diagnostics;
mod edits;
mod excerpts;
mod explaining;
mod filling;
mod fixing;
mod formatting;
mod holding;
mod honoring;
mod host;
mod inputs;
mod judging;
mod known;
mod lowered;
mod manifests;
mod needs;
mod observing;
mod onto;
mod parallel;
mod parameters;
mod places;
mod reading;
mod rules;
mod selection;
mod status;
mod strangers;
mod summing;
mod telling;
mod testing;
mod tiers;
mod waivers;
mod waiving;
mod watching;
mod world;

pub use check::{Documents, Outcome, Prepared, Refusal, Request, Said, Stats, Tell, check, check_and_tell, prepare};
pub use diagnostics::{diagnostics, diagnostics_of, has_errors, lone_diagnostics_of, read_through, sort_diagnostics};
pub use explaining::{ExplainedStep, Explanation, Explanations, explain};
pub use fixing::{Fixed, Fixes, Fixing, fix, fix_in_memory};
pub use formatting::{FileOutcome, FormattedFile, Writing, format_files};
pub use holding::{Field, Held};
pub use host::{Anywhere, Host, Kind, Mark, Memory, Replaced, System, shown};
pub use judging::STACK;
pub use manifests::{manifest_diagnostics, manifest_diagnostics_of};
pub use needs::needs;
pub use observing::{chosen_inputs, unobservable};
pub use parapet_model::FailOn;
pub use rules::{Database, Package, Rules, RulesError, load, load_text, read_manifest};
pub use selection::{Selected, Selection, select};
pub use status::{parse_fail_on, status, status_of};
pub use testing::{TestRefusal, TestRequest, TestRun, Tested, test};
pub use tiers::Tier;
pub use waivers::ending_waivers;
pub use watching::{Found, Tally, Watch, pause};

// What the commands name of the crates below, so that they depend on the driver alone.
pub use parapet_base::{Diagnostic, Edit, FileId, Level, code_named, nearest};
pub use parapet_interpreter::Subject;
pub use parapet_model as model;
pub use parapet_package::Manifest;
pub use parapet_semantic::{Scope, read_together};
