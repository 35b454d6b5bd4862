//! What people decided about the cases: which disagreements are meant, and how much agreement must be kept.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::case::{Case, Expected};
use crate::judge::{Actual, Outcome};
use crate::table::Summary;

/// A disagreement that was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reviewed {
    /// The line of the table.
    line: usize,
    /// What the library says, and is meant to say.
    pub(crate) verdict: Actual,
}

/// The disagreements that were reviewed, by the id of their case: what the library says, and why it is meant. A row that
/// nobody can check is an error: one of a case that is not there, one that says a case twice, or one without a reason.
pub(crate) fn differs(path: &Path, cases: &[Case]) -> Result<BTreeMap<String, Reviewed>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} is not there", path.display()))?;
    rows(&text, cases).with_context(|| path.display().to_string())
}

fn rows(text: &str, cases: &[Case]) -> Result<BTreeMap<String, Reviewed>> {
    let mut reviewed = BTreeMap::new();
    for (line, text) in lines(text) {
        let mut parts = text.splitn(3, '\t');
        let (Some(id), Some(verdict), Some(reason)) = (parts.next(), parts.next(), parts.next()) else {
            bail!("line {line}: not an id, a verdict and a reason with tabs between them");
        };
        let Some(verdict) = Actual::named(verdict) else { bail!("line {line}: `{verdict}` is no verdict") };
        if reason.trim().is_empty() {
            bail!("line {line}: no reason");
        }
        if !cases.iter().any(|case| case.id == id) {
            bail!("line {line}: no case is called `{id}`");
        }
        if let Some(Reviewed { line: before, .. }) = reviewed.insert(id.to_owned(), Reviewed { line, verdict }) {
            bail!("line {line}: `{id}` stands on line {before}, too");
        }
    }
    Ok(reviewed)
}

/// What does not hold any more: rows whose case agrees or has another verdict, and cases without a row that are expected
/// to fail and pass, or are passed over. A pass that nobody looked at is the worst that a guardrail can do, and a guardrail
/// that does not apply is as silent.
pub(crate) fn broken(differs: &BTreeMap<String, Reviewed>, cases: &[Case], outcomes: &[Outcome]) -> Vec<String> {
    let of = |(case, outcome): (&Case, &Outcome)| complaint(differs.get(&case.id), case, outcome);
    cases.iter().zip(outcomes).filter_map(of).collect()
}

fn complaint(row: Option<&Reviewed>, case: &Case, outcome: &Outcome) -> Option<String> {
    let id = &case.id;
    let actual = match outcome {
        Outcome::Judged(actual, _) => Some(*actual),
        Outcome::Uncovered | Outcome::Unread | Outcome::Unreadable(_) => None,
    };
    match (row, actual) {
        (Some(Reviewed { line, .. }), None) => Some(format!("line {line}: {id} has no verdict any more")),
        (Some(Reviewed { line, .. }), Some(actual)) if actual.agrees(case.expect) => {
            Some(format!("line {line}: {id} agrees by now, and needs no reason"))
        }
        (Some(Reviewed { line, verdict }), Some(actual)) if actual != *verdict => {
            Some(format!("line {line}: {id} is {} by now, not {}", actual.name(), verdict.name()))
        }
        (None, Some(actual)) if case.expect == Expected::Fail => {
            silence(actual).map(|silence| format!("{id} {silence}, is expected to fail, and no line says why"))
        }
        _ => None,
    }
}

/// What a verdict does that tells nobody of a finding.
fn silence(actual: Actual) -> Option<&'static str> {
    match actual {
        Actual::Pass => Some("passes"),
        Actual::Skip => Some("is passed over"),
        Actual::Fail | Actual::Unknown => None,
    }
}

/// An error where fewer cases agree than were recorded.
pub(crate) fn compare(path: &Path, summary: &Summary) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} is not there", path.display()))?;
    for (line, text) in lines(&text) {
        let Some((format, least)) = text.split_once('\t') else {
            bail!("{}:{line}: not a format, a tab and a number", path.display());
        };
        let least: usize = least.trim().parse().with_context(|| format!("{}:{line}", path.display()))?;
        let agreed = summary.get(format).copied().unwrap_or(0);
        if agreed < least {
            bail!("{format}: {agreed} cases agree, {least} did; `--record` takes the new number over");
        }
    }
    Ok(())
}

/// The text of `agreement.tsv`.
pub(crate) fn record(summary: &Summary) -> String {
    let mut text = String::from("# How many cases of each format the library agrees with; fewer is an error.\n");
    summary.iter().for_each(|(format, agreed)| text.push_str(&format!("{format}\t{agreed}\n")));
    text
}

/// Lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, expect: Expected) -> Case {
        let text = format!(
            r#"{{"id": "{id}", "control": "c", "area": "a", "rule": "t:R", "format": "cloudformation", "resource": null,
                 "expect": "{}", "input": {{}}}}"#,
            expect.name()
        );
        serde_json::from_str(&text).unwrap()
    }

    fn refused(text: &str) -> String {
        rows(text, &[case("a", Expected::Fail)]).unwrap_err().to_string()
    }

    #[test]
    fn a_row_that_nobody_can_check_is_an_error() {
        assert!(rows("# Comment.\n\na\tpass\tFor a reason.\n", &[case("a", Expected::Fail)]).is_ok());
        assert_eq!(refused("a\tpass"), "line 1: not an id, a verdict and a reason with tabs between them");
        assert_eq!(refused("a\tn/a\tFor a reason."), "line 1: `n/a` is no verdict");
        assert_eq!(refused("a\tpass\t "), "line 1: no reason");
        assert_eq!(refused("b\tpass\tFor a reason."), "line 1: no case is called `b`");
        assert_eq!(refused("a\tpass\tFor one.\na\tpass\tFor another."), "line 2: `a` stands on line 1, too");
    }

    fn complaints(text: &str, expect: Expected, outcome: Outcome) -> Vec<String> {
        let cases = [case("a", expect)];
        broken(&rows(text, &cases).unwrap(), &cases, &[outcome])
    }

    fn judged(actual: Actual) -> Outcome {
        Outcome::Judged(actual, Vec::new())
    }

    #[test]
    fn a_row_holds_the_verdict_that_was_reviewed() {
        let row = "a\tunknown\tFor a reason.";
        assert_eq!(complaints(row, Expected::Fail, judged(Actual::Unknown)), [""; 0]);
        assert_eq!(complaints(row, Expected::Fail, judged(Actual::Pass)), ["line 1: a is pass by now, not unknown"]);
        assert_eq!(
            complaints(row, Expected::Fail, judged(Actual::Fail)),
            ["line 1: a agrees by now, and needs no reason"]
        );
        assert_eq!(complaints(row, Expected::Fail, Outcome::Uncovered), ["line 1: a has no verdict any more"]);
    }

    #[test]
    fn a_pass_that_nobody_looked_at_is_an_error() {
        let passes = || judged(Actual::Pass);
        assert_eq!(complaints("", Expected::Fail, passes()), ["a passes, is expected to fail, and no line says why"]);
        assert_eq!(complaints("a\tpass\tFor a reason.", Expected::Fail, passes()), [""; 0]);
        assert_eq!(complaints("", Expected::Pass, judged(Actual::Fail)), [""; 0]);
        assert_eq!(complaints("", Expected::Skip, passes()), [""; 0]);
    }

    #[test]
    fn a_case_that_is_passed_over_is_as_silent_as_a_pass() {
        let skips = || judged(Actual::Skip);
        assert_eq!(
            complaints("", Expected::Fail, skips()),
            ["a is passed over, is expected to fail, and no line says why"]
        );
        assert_eq!(complaints("a\tskip\tFor a reason.", Expected::Fail, skips()), [""; 0]);
        assert_eq!(complaints("", Expected::Pass, skips()), [""; 0]);
        assert_eq!(complaints("", Expected::Fail, judged(Actual::Unknown)), [""; 0]);
    }
}
