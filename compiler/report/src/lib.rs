//! Results and diagnostics to output formats.
//!
//! [`FORMATS`] is the table of what `parapet check` can write, [`DIAGNOSTIC_FORMATS`] that of `parapet lint`: one file
//! and one line a format. Beside them stand the accounting lines for standard error, diagnostics, the list of guardrails, what they need to see, and the
//! outcome of `parapet test`. Everything here turns plain data into text; nothing opens a file, looks at the
//! terminal or decides an exit status.

mod accounting;
mod causes;
mod coverage;
mod diagnostics;
mod diagnostics_github;
mod diagnostics_json;
mod diagnostics_sarif;
mod diagnostics_text;
mod escape;
mod guardrails;
mod json;
mod mutation;
mod needs;
mod outcomes;
mod paint;
mod resources;
mod sarif;
mod snippet;
mod sources;
#[cfg(test)]
mod testing;
mod text;

use std::io;

use parapet_model::RunResult;

pub use accounting::accounting;
pub use coverage::{COVERAGE_FORMATS, CoverageFormat};
pub use diagnostics::{DIAGNOSTIC_FORMATS, Diagnosed, DiagnosticFormat, Owner, diagnostic_format_named};
pub use diagnostics_json::diagnostics_json;
pub use diagnostics_text::diagnostics_text;
pub use escape::escape;
pub use guardrails::{list_json, list_text};
pub use mutation::{MUTATION_FORMATS, MutationFormat};
pub use needs::{needs_json, needs_policy, needs_query, needs_script, needs_text, undecided_actions};
pub use outcomes::{TestOutcome, tests_text};
pub use sources::SourceText;

/// How to write a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// ANSI colours.
    pub color: bool,
    /// Passes and `n/a` too, and lists in full.
    pub all: bool,
    /// The columns of the terminal, where there is one.
    pub width: Option<usize>,
}

/// An output format for the result of a run.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What `--format` takes.
    pub name: &'static str,
    /// One line for `--help`.
    pub description: &'static str,
    pub write: fn(&RunResult, &Options, &mut dyn io::Write) -> io::Result<()>,
}

/// Every output format, the default first.
pub static FORMATS: &[Format] = &[
    Format { name: "text", description: "findings with their places, for people", write: text::write },
    Format { name: "json", description: "the whole result, `parapet.results/1`", write: json::write },
];

/// The format that `--format` calls `name`.
pub fn format_named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
