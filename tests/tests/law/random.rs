//! Random numbers for the suites.

pub(crate) use parapet_random::Random;

/// Choosing where there is something to choose from.
pub(crate) trait Pick {
    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T;
}

impl Pick for Random {
    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        self.pick(of).unwrap()
    }
}
