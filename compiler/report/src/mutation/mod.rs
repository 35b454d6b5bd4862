//! What `parapet test --mutate` found, in the formats that it takes.

mod json;
mod text;

use parapet_model::MutationReport;

/// A format of mutation testing.
#[derive(Clone, Copy, Debug)]
pub struct MutationFormat {
    /// What `--mutate` takes.
    pub name: &'static str,
    /// One line for `--help`.
    pub description: &'static str,
    /// The report, in colours where the flag says so.
    pub write: fn(&MutationReport, bool) -> String,
}

/// Every format, the default first.
pub static MUTATION_FORMATS: &[MutationFormat] = &[
    MutationFormat {
        name: "text",
        description: "the scores, and each change that no test notices",
        write: text::write,
    },
    MutationFormat { name: "json", description: "the same for programs, `parapet.mutation/1`", write: json::write },
];

#[cfg(test)]
mod tests {
    use parapet_model::{MutantKind, MutationReport, Noticed, Survivor};

    /// A survivor of each kind, and one that is accepted.
    pub(super) fn report() -> MutationReport {
        let survivor = Survivor {
            kind: MutantKind::Rule,
            definition: "acme::ports::low".into(),
            path: "rules/ports.parapet".into(),
            line: 6,
            column: 13,
            text: "rule.FromPort >= 23".into(),
            change: "`>=` became `>`".into(),
            accepted: false,
            tests: 2,
        };
        let accepted = Survivor { line: 9, accepted: true, ..survivor.clone() };
        let lost = Survivor { line: 12, definition: "acme::ports::lost".into(), tests: 0, ..survivor.clone() };
        let fixture = Survivor {
            kind: MutantKind::Fixture,
            line: 5,
            text: "rule.Description".into(),
            change: "whatever its value, the passing fixtures pass".into(),
            ..survivor.clone()
        };
        let survivors = vec![survivor, accepted, lost.clone(), lost, fixture];
        MutationReport {
            rules: Noticed { killed: 5, survived: 3, accepted: 1 },
            fixtures: Noticed { killed: 2, survived: 1, accepted: 0 },
            survivors,
        }
    }
}
