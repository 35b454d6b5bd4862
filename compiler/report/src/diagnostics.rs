//! What `parapet lint` prints, and `parapet check` where rules do not check.
//!
//! [`DIAGNOSTIC_FORMATS`] is the table: one file and one line a format.

use parapet_base::{Diagnostic, FileId, Span};

use crate::diagnostics_github::diagnostics_github;
use crate::diagnostics_json::diagnostics_json;
use crate::diagnostics_sarif::diagnostics_sarif;
use crate::diagnostics_text::diagnostics_text;
use crate::sources::SourceText;

/// What a place belongs to: the module, and the item in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub module: String,
    pub item: Option<String>,
    /// The item's keyword, or `module`.
    pub kind: &'static str,
}

impl Owner {
    /// `aws::network::opens`, or the module alone.
    pub(crate) fn path(&self) -> String {
        let parts = [Some(self.module.as_str()), self.item.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("::")
    }
}

/// Diagnostics, and what is known of the files that they are about.
#[derive(Clone, Copy)]
pub struct Diagnosed<'d> {
    /// In the order in which they are printed.
    pub found: &'d [(FileId, Diagnostic)],
    pub files: &'d dyn Fn(FileId) -> Option<SourceText>,
    pub owners: &'d dyn Fn(FileId, Span) -> Option<Owner>,
}

/// An output format for diagnostics.
#[derive(Clone, Copy, Debug)]
pub struct DiagnosticFormat {
    /// What `--format` takes.
    pub name: &'static str,
    /// One line for `--help`.
    pub description: &'static str,
    /// The text of the diagnostics; with ANSI colours, where the format has them.
    pub print: fn(&Diagnosed<'_>, color: bool) -> String,
}

/// Every output format for diagnostics, the default first.
pub static DIAGNOSTIC_FORMATS: &[DiagnosticFormat] = &[
    DiagnosticFormat {
        name: "text",
        description: "diagnostics with their lines, for people",
        print: |diagnosed, color| diagnostics_text(diagnosed.found, diagnosed.files, color),
    },
    DiagnosticFormat {
        name: "json",
        description: "`parapet.diagnostics/1`",
        print: |diagnosed, _| diagnostics_json(diagnosed.found, diagnosed.files),
    },
    DiagnosticFormat {
        name: "sarif",
        description: "SARIF 2.1.0, for code scanning",
        print: |diagnosed, _| diagnostics_sarif(diagnosed),
    },
    DiagnosticFormat {
        name: "github",
        description: "workflow commands, for annotations of a pull request",
        print: |diagnosed, _| diagnostics_github(diagnosed),
    },
];

/// The format that `--format` calls `name`.
pub fn diagnostic_format_named(name: &str) -> Option<&'static DiagnosticFormat> {
    DIAGNOSTIC_FORMATS.iter().find(|format| format.name == name)
}
