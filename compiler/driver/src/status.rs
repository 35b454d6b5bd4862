//! The exit status of `parapet check`.

use parapet_model::{FailOn, FindingSource, RunResult, Severity};

/// Reads a comma list; its entries add to each other.
pub fn parse_fail_on(text: &str) -> Result<FailOn, String> {
    let mut fail_on = FailOn { severity: None, unknown: false, vacuous: false };
    for entry in text.split(',').map(str::trim) {
        match entry {
            "unknown" => fail_on.unknown = true,
            "vacuous" => fail_on.vacuous = true,
            "never" => {}
            _ => match Severity::named(entry) {
                Some(severity) => {
                    fail_on.severity = Some(fail_on.severity.map_or(severity, |known| known.min(severity)))
                }
                None => {
                    let known = "a severity (info, low, medium, high, critical), unknown, vacuous, or never";
                    return Err(format!("`{entry}` is not one of {known}"));
                }
            },
        }
    }
    Ok(fail_on)
}

/// The status of a finished run: 4 before 1 before 5 before 0; `rules_failed` is 3 above all.
pub fn status(result: &RunResult, fail_on: FailOn, rules_failed: bool, exit_zero: bool) -> u8 {
    status_of((result, &result.findings), fail_on, rules_failed, exit_zero)
}

/// The same of a result whose findings come from elsewhere.
pub fn status_of(
    (result, findings): (&RunResult, &dyn FindingSource),
    fail_on: FailOn,
    rules_failed: bool,
    exit_zero: bool,
) -> u8 {
    if rules_failed {
        return 3;
    }
    if result.skipped.iter().any(|skipped| skipped.error) {
        return 4;
    }
    let status = if failures(result, findings, fail_on) {
        1
    } else if undecided(result, fail_on) {
        5
    } else {
        0
    };
    if exit_zero { 0 } else { status }
}

fn failures(result: &RunResult, findings: &dyn FindingSource, fail_on: FailOn) -> bool {
    findings.verdicts().into_iter().any(|(guardrail, verdict)| {
        let guardrail = result.guardrails.get(guardrail);
        guardrail.is_some_and(|guardrail| fail_on.counts_as_failure(guardrail, verdict))
    })
}

fn undecided(result: &RunResult, fail_on: FailOn) -> bool {
    let summary = &result.summary;
    // What the baseline has is left out of the findings, and was judged all the same.
    let known = result.baseline.as_ref().map_or((0, 0), |baseline| (baseline.fail, baseline.unknown));
    let unknown = summary.unknown + known.1;
    let verdicts = summary.pass + summary.fail + known.0 + unknown + summary.not_applicable;
    let decided_nothing = summary.resources == 0 || (verdicts > 0 && unknown == verdicts);
    decided_nothing || (fail_on.unknown && summary.unknown > 0) || (fail_on.vacuous && !result.vacuous.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_add_to_each_other() {
        assert_eq!(
            parse_fail_on("high,unknown"),
            Ok(FailOn { severity: Some(Severity::High), unknown: true, vacuous: false })
        );
        assert_eq!(parse_fail_on("unknown").unwrap().severity, None);
        assert_eq!(parse_fail_on("never"), Ok(FailOn { severity: None, unknown: false, vacuous: false }));
        assert!(parse_fail_on("hihg").is_err());
    }
}
