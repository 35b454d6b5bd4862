//! What tests saw of rules: plain data for reports.

/// What was seen, and what there is to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub seen: usize,
    pub all: usize,
}

impl Tally {
    /// Percent with one decimal, rounded down; `None` where there is nothing to see, which is no success.
    pub fn percent(self) -> Option<f64> {
        let tenths = self.seen.checked_mul(1000)?.checked_div(self.all)?;
        Some(tenths as f64 / 10.0)
    }

    /// Whether at least `least` percent were seen; nothing to see reaches 0 only.
    pub fn reaches(self, least: u8) -> bool {
        if self.all == 0 { least == 0 } else { self.seen * 100 >= self.all * usize::from(least) }
    }

    /// Both together.
    pub fn plus(self, other: Tally) -> Tally {
        Tally { seen: self.seen + other.seen, all: self.all + other.all }
    }
}

/// The coverage of a run of tests, module by module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoverageReport {
    /// How many tests ran.
    pub tests: usize,
    pub modules: Vec<CoveredModule>,
}

/// The coverage of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredModule {
    pub module: String,
    /// The file, as reports show it.
    pub path: String,
    pub definitions: Vec<CoveredDefinition>,
}

/// What a definition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefinitionKind {
    Guardrail,
    Function,
    Relation,
    Constant,
}

impl DefinitionKind {
    pub fn name(self) -> &'static str {
        match self {
            DefinitionKind::Guardrail => "guardrail",
            DefinitionKind::Function => "function",
            DefinitionKind::Relation => "relation",
            DefinitionKind::Constant => "constant",
        }
    }
}

/// The coverage of a guardrail, function or relation that decides anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredDefinition {
    pub path: String,
    pub kind: DefinitionKind,
    pub line: u32,
    pub points: Vec<CoveredPoint>,
}

/// A place that decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoveredPoint {
    /// As a rule spells it: `require`, `skip if`, `if`, `for`, `??`.
    pub kind: &'static str,
    pub line: u32,
    pub column: u32,
    /// What is decided, on one line.
    pub text: String,
    /// Each outcome that there may be, and how often it was seen.
    pub outcomes: Vec<(&'static str, u64)>,
}

impl CoverageReport {
    pub fn tally(&self) -> Tally {
        self.modules.iter().fold(Tally::default(), |sum, module| sum.plus(module.tally()))
    }
}

impl CoveredModule {
    pub fn tally(&self) -> Tally {
        self.definitions.iter().fold(Tally::default(), |sum, definition| sum.plus(definition.tally()))
    }
}

impl CoveredDefinition {
    pub fn tally(&self) -> Tally {
        self.points.iter().fold(Tally::default(), |sum, point| sum.plus(point.tally()))
    }
}

impl CoveredPoint {
    pub fn tally(&self) -> Tally {
        Tally { seen: self.outcomes.iter().filter(|(_, count)| *count > 0).count(), all: self.outcomes.len() }
    }

    /// How often it decided at all.
    pub fn hits(&self) -> u64 {
        self.outcomes.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_rounded_down_and_nothing_is_no_success() {
        assert_eq!(Tally { seen: 1999, all: 2000 }.percent(), Some(99.9));
        assert_eq!(Tally { seen: 2, all: 3 }.percent(), Some(66.6));
        assert_eq!(Tally::default().percent(), None);
        assert!(Tally { seen: 2, all: 3 }.reaches(66) && !Tally { seen: 2, all: 3 }.reaches(67));
        assert!(Tally::default().reaches(0) && !Tally::default().reaches(1));
    }
}
