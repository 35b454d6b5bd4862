//! What shows that an inventory holds all resources of a type in an account and region, and what contradicts it.

/// The stronger is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// There is a record of the type there.
    Seen,
    /// A configuration recorder covers the type.
    Recorder,
    /// A call that lists them all was answered to its end, or whoever collected them says so.
    Listed,
    /// Whoever runs Parapet says so.
    Claimed,
}
