//! What tests would not notice: plain data for reports.

use crate::Tally;

/// The outcome of mutation testing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MutationReport {
    /// Changes of rules.
    pub rules: Noticed,
    /// Values that passing fixtures show.
    pub fixtures: Noticed,
    /// What no test notices, in the order of the files.
    pub survivors: Vec<Survivor>,
}

/// How many mutants there were, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Noticed {
    pub killed: usize,
    pub survived: usize,
    /// Survivors that an attribute accepts: they count neither way.
    pub accepted: usize,
}

impl Noticed {
    /// Killed ones among those that count.
    pub fn tally(self) -> Tally {
        Tally { seen: self.killed, all: self.killed + self.survived }
    }
}

impl MutationReport {
    /// Both families together.
    pub fn tally(&self) -> Tally {
        self.rules.tally().plus(self.fixtures.tally())
    }
}

/// What a surviving mutant changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MutantKind {
    /// A guardrail or a function that it calls.
    Rule,
    /// A value of the resources that a test gives.
    Fixture,
}

impl MutantKind {
    pub fn name(self) -> &'static str {
        match self {
            MutantKind::Rule => "rule",
            MutantKind::Fixture => "fixture",
        }
    }
}

/// A mutant that no test notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    pub kind: MutantKind,
    /// The guardrail or function.
    pub definition: String,
    pub path: String,
    pub line: u32,
    pub column: u32,
    /// What the rule says there, on one line.
    pub text: String,
    /// What it was changed to, in words.
    pub change: String,
    /// `@allow(surviving_mutant)` stands on the definition.
    pub accepted: bool,
    /// How many tests reach the definition.
    pub tests: usize,
}
