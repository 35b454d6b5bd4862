//! The least of several measurements of the same steps.
//!
//! What disturbs a measurement makes it longer, so that the least comes nearest to what the step itself takes. The steps
//! of a round are measured one after the other, and the rounds follow each other: a machine that is slow for a while is
//! slow for a step and its peer alike.

use std::time::Duration;

/// Rounds of one table.
pub(crate) const ROUNDS: usize = 7;

/// The least times of steps, by name, in the order of the first round.
#[derive(Debug, Default)]
pub(crate) struct Least(Vec<(String, Duration)>);

impl Least {
    /// Notes a measurement.
    pub(crate) fn note(&mut self, name: &str, time: Duration) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, least)) => *least = time.min(*least),
            None => self.0.push((name.to_owned(), time)),
        }
    }

    /// The least time of a step; none was noted, then zero.
    pub(crate) fn of(&self, name: &str) -> Duration {
        self.0.iter().find(|(known, _)| known == name).map_or(Duration::ZERO, |(_, least)| *least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_counts() {
        let mut least = Least::default();
        for time in [3, 1, 2] {
            least.note("a", Duration::from_millis(time));
        }
        assert_eq!(least.of("a"), Duration::from_millis(1));
        assert_eq!(least.of("b"), Duration::ZERO);
    }
}
