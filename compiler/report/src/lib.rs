//! Results and diagnostics to output formats.
//!
//! [`FORMATS`] is the table of what `parapet check` can write, [`DIAGNOSTIC_FORMATS`] that of `parapet lint`: one file
//! and one line a format. Beside them stand the accounting lines for standard error, diagnostics, the list of guardrails, what they need to see, and the
//! outcome of `parapet test`. Everything here turns plain data into text; nothing opens a file, looks at the
//! terminal or decides an exit status.

mod accounting;
mod causes;
mod coverage;
mod csv;
mod diagnostics;
mod diagnostics_github;
mod diagnostics_json;
mod diagnostics_sarif;
mod diagnostics_text;
mod escape;
mod findings_github;
mod findings_sarif;
mod guardrails;
mod json;
mod junit;
mod markdown;
mod mutation;
mod ndjson;
mod needs;
mod outcomes;
mod paint;
mod places;
mod rendering;
mod resources;
mod sarif;
mod snippet;
mod sources;
#[cfg(test)]
mod testing;
mod text;
mod workflow;
mod xml;

use std::io;

use parapet_model::{FailOn, FindingSource, RunResult, Verdict};

use crate::rendering::Told;

pub use accounting::{accounting, skipped};
pub use coverage::{COVERAGE_FORMATS, CoverageFormat};
pub use diagnostics::{DIAGNOSTIC_FORMATS, Diagnosed, DiagnosticFormat, Owner, diagnostic_format_named};
pub use diagnostics_json::diagnostics_json;
pub use diagnostics_text::diagnostics_text;
pub use escape::escape;
pub use guardrails::{list_json, list_text};
pub use mutation::{MUTATION_FORMATS, MutationFormat};
pub use needs::{needs_json, needs_policy, needs_query, needs_script, needs_text, undecided_actions};
pub use outcomes::{TestOutcome, tests_text};
pub use resources::waiver_terms;
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
    /// Which verdicts count.
    pub fail_on: FailOn,
    /// The exit status of the run.
    pub status: u8,
    /// How many threads may write it; none is one.
    pub jobs: usize,
}

/// An output format for the result of a run.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What `--format` takes.
    pub name: &'static str,
    /// One line for `--help`.
    pub description: &'static str,
    /// It tells of passes in any case, so that the result must hold them.
    pub tells_passes: bool,
    /// It tells what inputs hash to.
    pub tells_digests: bool,
    /// It shows lines of inputs.
    pub shows_excerpts: bool,
    write: Write,
}

/// Whether a verdict is a finding, also where nobody asks for all.
fn matters(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Fail | Verdict::Unknown => true,
        Verdict::Pass | Verdict::NotApplicable | Verdict::Waived => false,
    }
}

/// How a format writes a result.
#[derive(Clone, Copy, Debug)]
enum Write {
    /// With all findings, which the result holds.
    Whole(fn(&RunResult, &Options, &mut dyn io::Write) -> io::Result<()>),
    /// With findings that are made one after the other.
    Streamed(fn(&RunResult, &Told<'_>, &mut dyn io::Write) -> io::Result<()>),
}

impl Format {
    /// Writes a result that holds its findings.
    pub fn write(&self, result: &RunResult, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
        match self.write {
            Write::Whole(write) => write(result, options, out),
            Write::Streamed(_) => self.stream(result, &result.findings, options, out),
        }
    }

    /// Whether it can write findings that the result does not hold, as they are made.
    pub fn streams(&self) -> bool {
        matches!(self.write, Write::Streamed(_))
    }

    /// Writes a result whose findings come from elsewhere; they are told in the order in which they come.
    ///
    /// Errors: a finding cannot be made or written, or the format does not [stream](Format::streams).
    pub fn stream(
        &self,
        result: &RunResult,
        findings: &dyn FindingSource,
        options: &Options,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        match self.write {
            Write::Whole(_) => Err(io::Error::other(format!("`{}` takes all findings at once", self.name))),
            Write::Streamed(write) => write(result, &Told::of(findings, options), out),
        }
    }
}

/// Every output format, the default first.
pub static FORMATS: &[Format] = &[
    Format {
        name: "text",
        description: "findings with their places, for people",
        tells_passes: false,
        tells_digests: false,
        shows_excerpts: true,
        write: Write::Whole(text::write),
    },
    Format {
        name: "json",
        description: "the whole result, `parapet.results/1`",
        tells_passes: false,
        tells_digests: true,
        shows_excerpts: false,
        write: Write::Streamed(json::write),
    },
    Format {
        name: "ndjson",
        description: "the same, a finding a line, `parapet.findings/1`",
        tells_passes: false,
        tells_digests: true,
        shows_excerpts: false,
        write: Write::Streamed(ndjson::write),
    },
    Format {
        name: "sarif",
        description: "SARIF 2.1.0, for code scanning",
        tells_passes: false,
        tells_digests: true,
        shows_excerpts: false,
        write: Write::Whole(findings_sarif::write),
    },
    Format {
        name: "junit",
        description: "JUnit XML: a suite a guardrail, a case a resource",
        tells_passes: true,
        tells_digests: false,
        shows_excerpts: false,
        write: Write::Whole(junit::write),
    },
    Format {
        name: "github",
        description: "workflow commands, for annotations of a pull request",
        tells_passes: false,
        tells_digests: false,
        shows_excerpts: false,
        write: Write::Whole(findings_github::write),
    },
    Format {
        name: "markdown",
        description: "a summary, for a pull request or the page of a job",
        tells_passes: false,
        tells_digests: false,
        shows_excerpts: false,
        write: Write::Whole(markdown::write),
    },
    Format {
        name: "csv",
        description: "a row a finding, for spreadsheets",
        tells_passes: false,
        tells_digests: false,
        shows_excerpts: false,
        write: Write::Streamed(csv::write),
    },
];

/// The format that `--format` calls `name`.
pub fn format_named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A digest is only computed for who tells it.
    #[test]
    fn who_shows_lines_of_inputs_says_so() {
        let mut result = testing::result();
        let mut finding = testing::finding(0, Verdict::Fail, "orders");
        let value = parapet_model::SeenValue {
            expression: "db.Port".into(),
            value: None,
            unknown: None,
            source: Some(testing::place(7, 1, Some(testing::excerpt("what stands there", "stands")))),
        };
        finding.details = vec![testing::detail("a message", vec![value])];
        result.findings = vec![finding];
        for format in FORMATS {
            let mut out = Vec::new();
            format.write(&result, &Options::default(), &mut out).unwrap();
            let shows = String::from_utf8(out).unwrap().contains("what stands there");
            assert_eq!(shows, format.shows_excerpts, "{}", format.name);
        }
    }

    #[test]
    fn who_tells_digests_says_so() {
        let result = testing::result();
        let digest = format!("\"{}\"", result.inputs[0].sha256);
        for format in FORMATS {
            let mut out = Vec::new();
            format.write(&result, &Options::default(), &mut out).unwrap();
            let tells = String::from_utf8(out).unwrap().contains(&digest);
            assert_eq!(tells, format.tells_digests, "{}", format.name);
        }
    }
}
