//! How many pairs have which verdict, and where two peers differ.

use std::collections::BTreeMap;
use std::fmt;

/// Counts by the name of the verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts(BTreeMap<String, usize>);

impl Counts {
    pub(crate) fn add(&mut self, verdict: &str, count: usize) {
        match self.0.get_mut(verdict) {
            Some(counted) => *counted += count,
            None => drop(self.0.insert(verdict.to_owned(), count)),
        }
    }

    /// `same`, or what these have more and less: `-21 pass, +21 unknown`.
    pub(crate) fn beside(&self, meant: &Counts) -> String {
        let of = |counts: &Counts, name: &str| counts.0.get(name).map_or(0, |count| *count as i64);
        let mut names: Vec<&String> = self.0.keys().chain(meant.0.keys()).collect();
        names.sort();
        names.dedup();
        let more = |name: &&String| Some(of(self, name) - of(meant, name)).filter(|more| *more != 0);
        let differences: Vec<String> =
            names.iter().filter_map(|name| Some(format!("{:+} {name}", more(name)?))).collect();
        if differences.is_empty() { "same".to_owned() } else { differences.join(", ") }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.0.iter().map(|(name, count)| format!("{count} {name}")).collect();
        to.write_str(&counts.join(", "))
    }
}
