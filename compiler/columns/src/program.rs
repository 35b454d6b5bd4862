//! Operations on masks: a bit for each of 64 resources.
//!
//! A condition is two masks, where it can be true and where it can be false; a resource for which both are set is unknown.
//! Each mask is written once, so that the order of operations is all that a back end needs to know.

use crate::atom::Atom;

/// The number of a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mask(pub u32);

/// One operation. The first mask is the one that it writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// All ones, or all zeros.
    Set(Mask, bool),
    Not(Mask, Mask),
    And(Mask, Mask, Mask),
    Or(Mask, Mask, Mask),
    /// The first without the second.
    Without(Mask, Mask, Mask),
    /// Asks an atom of the resources in `want`; where nobody wants to know, both are zero.
    Ask {
        can_hold: Mask,
        can_fail: Mask,
        atom: u32,
        want: Mask,
    },
}

/// The body of a guardrail.
#[derive(Clone, Debug)]
pub struct Program {
    pub atoms: Vec<Atom>,
    pub ops: Vec<Op>,
    /// How many masks there are.
    pub masks: u32,
    /// Where a `skip if` holds.
    pub skipped: Mask,
    /// Where nobody knows whether a `skip if` holds, or whether the resource exists.
    pub unsure: Mask,
    /// Where a requirement is false.
    pub failed: Mask,
    /// Where a requirement is unknown.
    pub unknown: Mask,
}

impl Program {
    /// The resources to judge.
    pub const LIVE: Mask = Mask(0);
    /// The resources of which nobody knows whether they exist.
    pub const UNSURE: Mask = Mask(1);
    /// The first mask that an operation writes.
    pub const FIRST: u32 = 2;
}
