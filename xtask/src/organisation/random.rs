//! Deterministic pseudo-random numbers for the made-up organisation.
//!
//! SplitMix64: one 64-bit state, one output a step, the same sequence on every platform. A stream is made for a
//! purpose (`Random::of(seed, &["services", account])`), so that a draw added in one place moves nothing elsewhere.
//! Not for anything that needs unpredictability.

/// A stream of numbers.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// The stream of one purpose under a seed.
    pub(crate) fn of(seed: u64, purpose: &[&str]) -> Random {
        let mut state = seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in purpose.join("\u{1f}").bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Random { state }
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in `0..bound`; 0 when the bound is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        let drawn = self.next().checked_rem(bound).unwrap_or(0);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// One of the choices; `None` when there is none.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_stream_repeats_and_purposes_differ() {
        let draws = |purpose: &str| {
            let mut random = Random::of(7, &[purpose]);
            (0..4).map(|_| random.next()).collect::<Vec<_>>()
        };
        assert_eq!(draws("faults"), draws("faults"));
        assert_ne!(draws("faults"), draws("services"));
    }

    #[test]
    fn a_draw_stays_below_its_bound() {
        let mut random = Random::of(1, &[]);
        assert!((0..100).all(|_| random.below(3) < 3));
        assert_eq!(random.below(0), 0);
    }
}
