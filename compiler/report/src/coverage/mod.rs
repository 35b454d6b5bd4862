//! The coverage of `parapet test`, in the formats that `--coverage` takes.
//!
//! [`COVERAGE_FORMATS`] is the table; equal coverage gives equal bytes.

mod json;
mod lcov;
mod text;

use parapet_model::CoverageReport;

/// A format of coverage.
#[derive(Clone, Copy, Debug)]
pub struct CoverageFormat {
    /// What `--coverage` takes.
    pub name: &'static str,
    /// One line for `--help`.
    pub description: &'static str,
    /// The report, in colours where the flag says so.
    pub write: fn(&CoverageReport, bool) -> String,
}

/// Every format, the default first.
pub static COVERAGE_FORMATS: &[CoverageFormat] = &[
    CoverageFormat { name: "text", description: "a table of modules, and what was never seen", write: text::write },
    CoverageFormat { name: "json", description: "every point, `parapet.coverage/1`", write: json::write },
    CoverageFormat { name: "lcov", description: "a tracefile for editors and coverage services", write: lcov::write },
];

#[cfg(test)]
mod tests {
    use parapet_model::{CoverageReport, CoveredDefinition, CoveredModule, CoveredPoint, DefinitionKind};

    fn point(kind: &'static str, line: u32, text: &str, outcomes: &[(&'static str, u64)]) -> CoveredPoint {
        CoveredPoint { kind, line, column: 13, text: text.into(), outcomes: outcomes.to_vec() }
    }

    /// A guardrail with a hole, one that nothing judged, and a function.
    pub(super) fn report() -> CoverageReport {
        let definition = |path: &str, kind, line, points| CoveredDefinition { path: path.into(), kind, line, points };
        let held = vec![
            point("skip if", 3, "db.Engine == \"x\"", &[("true", 1), ("false", 4)]),
            point("require", 5, "not public(db)", &[("true", 4), ("false", 0)]),
        ];
        let lost = vec![point("for", 12, "for rule in group.Rules", &[("entered", 0)])];
        let function = vec![
            point("??", 20, "db.Public ?? false", &[("present", 2), ("absent", 0)]),
            point("if", 20, "db.Old", &[("true", 0), ("false", 0)]),
        ];
        CoverageReport {
            tests: 2,
            modules: vec![CoveredModule {
                module: "acme::database".into(),
                path: "rules/database.parapet".into(),
                definitions: vec![
                    definition("acme::database::held", DefinitionKind::Guardrail, 2, held),
                    definition("acme::database::lost", DefinitionKind::Guardrail, 11, lost),
                    definition("acme::database::public", DefinitionKind::Function, 19, function),
                ],
            }],
        }
    }
}
