//! Findings that reports take one after the other.

use std::borrow::Cow;
use std::io;

use crate::{Finding, Verdict};

/// The findings of a result in their order, of which not all need to be in memory at once.
pub trait FindingSource: Sync {
    /// The guardrail (an index into [`crate::RunResult::guardrails`]) and the verdict of each.
    fn verdicts(&self) -> Vec<(usize, Verdict)>;

    /// Those at these indices. Errors: one of them cannot be made.
    fn made(&self, at: &[usize]) -> io::Result<Vec<Cow<'_, Finding>>>;
}

impl FindingSource for Vec<Finding> {
    fn verdicts(&self) -> Vec<(usize, Verdict)> {
        self.iter().map(|finding| (finding.guardrail, finding.verdict)).collect()
    }

    fn made(&self, at: &[usize]) -> io::Result<Vec<Cow<'_, Finding>>> {
        let missing = || io::Error::other("a finding is asked for that is not there");
        at.iter().map(|at| self.get(*at).map(Cow::Borrowed).ok_or_else(missing)).collect()
    }
}
