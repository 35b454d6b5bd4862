//! The verdicts of a run against a `verdicts` fence.
//!
//! Each case is judged by every engine. A guardrail that the fence names must have exactly the listed resources and verdicts; others are free. A quoted
//! part must occur in some detail, or in some path or reason of what was unknown.

use parapet_driver::{Outcome, Refusal, Request, Tier, check};
use parapet_model::{Finding, RunResult};

use crate::expectation::{ExpectedVerdict, expected_verdicts};
use crate::markdown::Fence;
use crate::setting::{Files, request};

/// What disagrees.
pub(crate) fn judge(files: &Files, fence: &Fence) -> Vec<String> {
    let expected = match expected_verdicts(fence) {
        Ok(expected) => expected,
        Err(message) => return vec![message],
    };
    let by = |(name, tier): (&str, Tier)| {
        let wrong = match run(files, fence, tier) {
            Ok(outcome) => compare(&expected, &outcome.result),
            Err(message) => vec![message],
        };
        wrong.into_iter().map(move |wrong| format!("by {name}: {wrong}")).collect::<Vec<_>>()
    };
    ENGINES.into_iter().flat_map(by).collect()
}

/// Each must say the same.
const ENGINES: [(&str, Tier); 3] =
    [("the interpreter", Tier::Interpreter), ("columns", Tier::Columns), ("machine code", Tier::Jit)];

/// Checks the case's input as the fence asks.
pub(crate) fn result(files: &Files, fence: &Fence) -> Result<Outcome, String> {
    run(files, fence, Tier::Auto)
}

fn run(files: &Files, fence: &Fence, tier: Tier) -> Result<Outcome, String> {
    check(&files.host, &Request { tier, ..request(files, fence)? }).map_err(|refusal| match refusal {
        Refusal::Usage(message) => format!("the run ends with status 2: {message}"),
        Refusal::Rules(_, found) => format!("the rules do not check: {} diagnostics", found.len()),
        Refusal::Fault(message) => format!("the run ends with status 70: {message}"),
    })
}

fn compare(expected: &[ExpectedVerdict], result: &RunResult) -> Vec<String> {
    let mut wrong: Vec<String> = expected.iter().flat_map(|wanted| disagreement(wanted, result)).collect();
    for finding in &result.findings {
        let path = path(result, finding);
        let named = expected.iter().any(|wanted| is_called(path, &wanted.guardrail));
        let listed = expected
            .iter()
            .any(|wanted| is_called(path, &wanted.guardrail) && *finding.resource.id == *wanted.resource);
        if named && !listed {
            wrong.push(format!("{path} on {}: unexpected {}", finding.resource.id, told(finding)));
        }
    }
    wrong.extend(result.skipped.iter().filter(|skipped| skipped.error).map(|skipped| {
        format!("input line {}: {}", skipped.line.map_or("?".to_owned(), |line| line.to_string()), skipped.reason)
    }));
    wrong
}

fn disagreement(wanted: &ExpectedVerdict, result: &RunResult) -> Vec<String> {
    let place = format!("line {}: {} on {}", wanted.line, wanted.guardrail, wanted.resource);
    let found = result.findings.iter().find(|finding| {
        is_called(path(result, finding), &wanted.guardrail) && *finding.resource.id == *wanted.resource
    });
    let Some(finding) = found else {
        return vec![format!("{place}: expected {}, but there is no finding", wanted.verdict)];
    };
    let mut wrong = Vec::new();
    if finding.verdict.name() != wanted.verdict {
        wrong.push(format!("{place}: expected {}, got {}", wanted.verdict, told(finding)));
    }
    for part in wanted.parts.iter().filter(|part| !messages(finding).iter().any(|text| text.contains(part.as_str()))) {
        wrong.push(format!("{place}: nothing says {part:?}: {}", told(finding)));
    }
    if let Some(count) = wanted.details.filter(|count| *count != finding.details.len()) {
        wrong.push(format!("{place}: expected {count} details: {}", told(finding)));
    }
    wrong
}

fn path<'r>(result: &'r RunResult, finding: &Finding) -> &'r str {
    result.guardrails.get(finding.guardrail).map_or("", |guardrail| guardrail.path.as_str())
}

/// Whether a guardrail's path is this one, or ends with this name.
pub(crate) fn is_called(path: &str, name: &str) -> bool {
    path == name || path.strip_suffix(name).is_some_and(|before| before.ends_with("::"))
}

fn messages(finding: &Finding) -> Vec<String> {
    let details = finding.details.iter().map(|detail| detail.message.clone());
    details.chain(finding.unknown.iter().map(|unknown| format!("{}: {}", unknown.path, unknown.reason))).collect()
}

fn told(finding: &Finding) -> String {
    format!("{} {:?}", finding.verdict.name(), messages(finding))
}
