//! Opening the packed schemas, and the first types of them. Each measurement is a process of its own, because a process
//! opens them once.

use std::time::Duration;

use anyhow::{Context, Result};
use parapet_model::Schema;

use crate::clock::timed;
use crate::least::Least;

/// The argument that makes this program measure once.
pub(crate) const ARGUMENT: &str = "--schema-once";

/// What is measured, in order.
pub(crate) const STEPS: [&str; 3] = ["the pack and the first type", "a second type", "a type of another chunk"];

/// Measures in this process; gives nanoseconds.
pub(crate) fn once() -> String {
    let open = |name: &str| timed(|| Schema::embedded().resource_type(name).is_some()).0.as_nanos().to_string();
    ["AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::S3::Bucket"].map(open).join(" ")
}

/// Measures in a process of its own.
pub(crate) fn round(least: &mut Least) -> Result<()> {
    let output = std::process::Command::new(std::env::current_exe()?).arg(ARGUMENT).output()?;
    let text = String::from_utf8(output.stdout)?;
    for (step, nanoseconds) in STEPS.iter().zip(text.split_whitespace()) {
        least.note(step, Duration::from_nanos(nanoseconds.parse().context("no number")?));
    }
    Ok(())
}
