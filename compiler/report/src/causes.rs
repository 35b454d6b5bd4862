//! Unknown verdicts, grouped by cause.
//!
//! One missing permission can leave thousands of verdicts undecided, so a person is shown each reason
//! once: how many guardrails and resources it concerns, and one example. What lies behind each verdict is
//! in the JSON result.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use parapet_model::{Finding, RunResult, Verdict};

use crate::Options;
use crate::escape::{escape, shorten};
use crate::paint::{Paint, Style};
use crate::resources::{counted, guardrail, short_name};

/// Causes shown without `--all`; beyond these a person narrows the run down.
const SHOWN: usize = 40;

/// A reason may quote an input's text.
const REASON: usize = 120;

/// What tells one resource from another.
pub(crate) type Identity<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// Everything that one reason leaves undecided.
pub(crate) struct Cause<'a> {
    pub(crate) reason: &'a str,
    verdicts: usize,
    pub(crate) guardrails: BTreeSet<usize>,
    pub(crate) resources: BTreeSet<Identity<'a>>,
    /// A path that is unknown for this reason, and its finding.
    pub(crate) example: (&'a str, &'a Finding),
}

/// The section about unknowns, empty when there are none.
pub(crate) fn unknowns(result: &RunResult, options: &Options) -> io::Result<String> {
    let causes = causes(result);
    if causes.is_empty() {
        return Ok(String::new());
    }
    let paint = Paint { color: options.color };
    let mut text = paint.text(Style::Bold, "unknown, by cause:") + "\n";
    let shown = if options.all { causes.len() } else { SHOWN };
    for cause in causes.iter().take(shown) {
        text.push_str(&line(result, cause)?);
    }
    if causes.len() > shown {
        text.push_str(&format!("  and {} (all with --all)\n", counted(causes.len() - shown, "more cause")));
    }
    Ok(text + "\n")
}

/// The causes, those of most verdicts first.
pub(crate) fn causes(result: &RunResult) -> Vec<Cause<'_>> {
    let mut causes: BTreeMap<&str, Cause<'_>> = BTreeMap::new();
    for finding in result.findings.iter().filter(|finding| finding.verdict == Verdict::Unknown) {
        for (reason, path) in reasons(finding) {
            let cause = causes.entry(reason).or_insert_with(|| Cause {
                reason,
                verdicts: 0,
                guardrails: BTreeSet::new(),
                resources: BTreeSet::new(),
                example: (path, finding),
            });
            cause.verdicts += 1;
            cause.guardrails.insert(finding.guardrail);
            cause.resources.insert(identity(finding));
        }
    }
    let mut causes: Vec<Cause<'_>> = causes.into_values().collect();
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.verdicts));
    causes
}

/// Each reason of a finding once, with the first path that has it.
fn reasons(finding: &Finding) -> BTreeMap<&str, &str> {
    let mut reasons = BTreeMap::new();
    for unknown in &finding.unknown {
        reasons.entry(unknown.reason.as_str()).or_insert(unknown.path.as_str());
    }
    if reasons.is_empty() {
        reasons.insert("no reason given", "");
    }
    reasons
}

fn identity(finding: &Finding) -> Identity<'_> {
    let resource = &finding.resource;
    let [arn, account, region] = [&resource.arn, &resource.account, &resource.region].map(|field| field.as_deref());
    (&resource.resource_type, &resource.id, arn, account, region)
}

fn line(result: &RunResult, cause: &Cause<'_>) -> io::Result<String> {
    let (path, finding) = cause.example;
    let path = if path.is_empty() { String::new() } else { format!("{} in ", escape(path)) };
    Ok(format!(
        "  {}: {} × {}, such as {path}{} for {}\n",
        shorten(cause.reason, REASON),
        counted(cause.guardrails.len(), "guardrail"),
        counted(cause.resources.len(), "resource"),
        escape(&guardrail(result, finding.guardrail)?.path),
        short_name(&finding.resource),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{finding, result, unknown_finding};

    #[test]
    fn reasons_are_grouped_and_counted() {
        let mut result = result();
        result.findings = vec![
            unknown_finding(1, "logs", &[("b.Versioning", "not collected")]),
            unknown_finding(0, "one", &[("db.Port", "known after apply"), ("db.Name", "known after apply")]),
            unknown_finding(0, "two", &[("db.Port", "known after apply"), ("db.Tags", "not collected")]),
            unknown_finding(1, "two", &[("b.Name", "known after apply")]),
            finding(0, Verdict::Fail, "three"),
        ];
        assert_eq!(
            unknowns(&result, &Options::default()).unwrap(),
            "unknown, by cause:
  known after apply: 2 guardrails × 2 resources, such as db.Port in aws::database::not_public for AWS::RDS::DBInstance one
  not collected: 2 guardrails × 2 resources, such as b.Versioning in aws::storage::versioned for AWS::RDS::DBInstance logs

"
        );
    }

    #[test]
    fn many_causes_are_cut_with_a_count() {
        let mut result = result();
        let reasons: Vec<String> = (0..50).map(|at| format!("not an Int: \"{at:02}\"")).collect();
        result.findings = reasons.iter().map(|reason| unknown_finding(0, "one", &[("db.Port", reason)])).collect();
        let text = unknowns(&result, &Options::default()).unwrap();
        assert!(text.ends_with("  and 10 more causes (all with --all)\n\n"), "{text}");
        let all = Options { all: true, ..Options::default() };
        assert_eq!(unknowns(&result, &all).unwrap().lines().count(), 52);
    }
}
