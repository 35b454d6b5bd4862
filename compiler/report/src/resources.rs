//! Resources and guardrails of a result in words, shared by the outputs for people.
//!
//! A resource is named by type and identifier, then by what tells it from its namesakes. A guardrail that
//! a result refers to but does not hold is a fault of whoever made the result, so it becomes an error and
//! no finding is left out.

use std::io;
use std::sync::Arc;

use parapet_model::{FoundResource, GuardrailInfo, Honored, RunResult, WaiverInfo};
use serde_json::{Map, Value};

use crate::escape::{escape, shorten};

/// Columns of a waiver's reason.
const REASON: usize = 80;

/// `AWS::RDS::DBInstance orders`.
pub(crate) fn short_name(resource: &FoundResource) -> String {
    format!("{} {}", escape(&resource.resource_type), escape(&resource.id))
}

/// The short name, and in which account and region it is.
pub(crate) fn full_name(resource: &FoundResource) -> String {
    let mut text = short_name(resource);
    let differs = |other: &&Arc<str>| **other != resource.id && !other.is_empty();
    if let Some(name) = resource.name.as_ref().filter(differs) {
        text.push_str(&format!(" \"{}\"", escape(name)));
    }
    let address = resource.address.as_ref().filter(differs);
    for (label, value) in
        [("address", address), ("account", resource.account.as_ref()), ("region", resource.region.as_ref())]
    {
        if let Some(value) = value {
            text.push_str(&format!(", {label} {}", escape(value)));
        }
    }
    text
}

/// The guardrail at an index of the result.
pub(crate) fn guardrail(result: &RunResult, index: usize) -> io::Result<&GuardrailInfo> {
    let missing = || io::Error::other(format!("the result refers to guardrail {index}, which it does not hold"));
    result.guardrails.get(index).ok_or_else(missing)
}

/// The first paragraph of what mends a finding, or the first point of a list, in one line.
pub(crate) fn advice(fix: &str) -> Option<String> {
    let lines = fix.lines().map(str::trim).skip_while(|line| line.is_empty());
    let is_point = |line: &str| line.starts_with("- ") || line.starts_with("* ");
    let ends = |(at, line): &(usize, &str)| line.is_empty() || (*at > 0 && is_point(line));
    let paragraph: Vec<&str> = lines.enumerate().take_while(|line| !ends(line)).map(|(_, line)| line).collect();
    (!paragraph.is_empty()).then(|| paragraph.join(" "))
}

/// The waiver at an index of the result.
pub(crate) fn waiver(result: &RunResult, index: usize) -> io::Result<&WaiverInfo> {
    let missing = || io::Error::other(format!("the result refers to waiver {index}, which it does not hold"));
    result.waivers.get(index).ok_or_else(missing)
}

/// ` until 2027-01-31: moves in March`, ` by cfn_nag W9: a reason`: whose mark a waiver is, how long it counts, and why.
pub fn waiver_terms(waiver: &WaiverInfo) -> String {
    terms(waiver, |reason| escape(reason).into_owned())
}

/// The same with a reason that a line has room for.
pub(crate) fn short_terms(waiver: &WaiverInfo) -> String {
    terms(waiver, |reason| shorten(reason, REASON))
}

fn terms(waiver: &WaiverInfo, told: impl Fn(&str) -> String) -> String {
    let by = waiver.honored.as_ref().map(|honored| format!(" by {}", mark(honored)));
    let until = waiver.until.as_ref().map(|until| format!(" until {}", escape(until)));
    let reason = waiver.reason.as_ref().map(|reason| format!(": {}", told(reason)));
    [by, until, reason].into_iter().flatten().collect()
}

/// `cfn_nag W9`
pub(crate) fn mark(honored: &Honored) -> String {
    format!("{} {}", honored.tool.name(), escape(&honored.id))
}

/// Why something is waived, and by whose mark if it is another tool's.
pub(crate) fn why(waiver: &WaiverInfo) -> String {
    let parts = [waiver.honored.as_ref().map(mark), waiver.reason.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

/// Controls as an object of lists, frameworks in the order written.
pub(crate) fn controls(guardrail: &GuardrailInfo) -> Map<String, Value> {
    let mut object = Map::new();
    for (framework, ids) in &guardrail.controls {
        let list = object.entry(framework.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.extend(ids.iter().map(|id| Value::from(id.as_str())));
        }
    }
    object
}

/// `1 resource`, `2 resources`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_the_first_paragraph_or_point() {
        for (fix, told) in [
            ("\nLet the service keep it;\nTerraform `x`.\n\nChange it.", "Let the service keep it; Terraform `x`."),
            ("- CLI: `a\n  b`.\n- Terraform: `c`.", "- CLI: `a b`."),
            ("Do this:\n- CLI: `a`.", "Do this:"),
        ] {
            assert_eq!(advice(fix).as_deref(), Some(told));
        }
        assert_eq!(advice("\n \n"), None);
    }
}
