//! Random numbers that are the same everywhere, for tests, benches and generators: whatever they make can be made again.
//!
//! SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): one 64-bit state, one output a
//! step. A library's sequence may change from version to version, and with it what is made of it and kept in the
//! repository. Not for anything that nobody should foresee.

use std::ops::Range;

/// A sequence of random numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The sequence of one purpose under a seed, so that a number drawn for one moves nothing elsewhere.
    pub fn of(seed: u64, purpose: &[&str]) -> Random {
        let mut state = seed ^ 0xcbf2_9ce4_8422_2325;
        for byte in purpose.join("\u{1f}").bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Random(state)
    }

    /// The next number, of all that there are.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 where that is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        let drawn = self.number().checked_rem(bound).unwrap_or(0);
        usize::try_from(drawn).unwrap_or(0)
    }

    /// True `times` of `of` times.
    pub fn chance(&mut self, times: usize, of: usize) -> bool {
        self.below(of) < times
    }

    /// One of these; `None` of none.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// A range below `bound`, more often short than long.
    pub fn range(&mut self, bound: usize) -> Range<usize> {
        let start = self.below(bound);
        let most = if self.chance(3, 4) { 6 } else { bound };
        start..(start + 1 + self.below(most)).min(bound)
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_sequence_repeats_and_purposes_differ() {
        let draws = |purpose: &str| {
            let mut random = Random::of(7, &[purpose]);
            (0..4).map(|_| random.number()).collect::<Vec<_>>()
        };
        assert_eq!(draws("faults"), draws("faults"));
        assert_ne!(draws("faults"), draws("services"));
        // The first number of the published sequence for the seed 0.
        assert_eq!(Random::new(0).number(), 0xe220_a839_7b1d_cdaf);
    }

    #[test]
    fn a_number_stays_below_its_bound() {
        let mut random = Random::of(1, &[]);
        assert!((0..100).all(|_| random.below(3) < 3));
        assert_eq!(random.below(0), 0);
        assert!((0..100).all(|_| random.range(9).end <= 9));
        assert_eq!(random.pick::<u8>(&[]), None);
    }
}
