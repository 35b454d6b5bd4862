//! Findings as annotations of a pull request: workflow commands of GitHub Actions.
//!
//! What counts for the exit status is an `error`, every other failure and unknown a `warning`; an input that could not be read
//! is an `error`, too. A job shows ten of each kind, so that what counts and is severe comes first. A page for all of it is
//! the matter of the Markdown summary.

use std::cmp::Reverse;
use std::io;

use parapet_model::{Finding, GuardrailInfo, RunResult, Skipped, Verdict};

use crate::Options;
use crate::escape::escape;
use crate::places::{causes, first_place, messages};
use crate::resources::{advice, full_name, guardrail};
use crate::workflow::command_of;

/// Writes a command for each input in error and each finding.
pub(crate) fn write(result: &RunResult, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    for skipped in result.skipped.iter().filter(|skipped| skipped.error) {
        out.write_all(input(skipped).as_bytes())?;
    }
    let mut told: Vec<(bool, &GuardrailInfo, &Finding)> = Vec::new();
    for finding in result.findings.iter().filter(|finding| crate::matters(finding.verdict)) {
        let guardrail = guardrail(result, finding.guardrail)?;
        told.push((options.fail_on.counts(guardrail, finding.verdict), guardrail, finding));
    }
    told.sort_by_key(|(counts, guardrail, _)| Reverse((*counts, guardrail.severity)));
    for (counts, guardrail, finding) in told {
        out.write_all(command(counts, guardrail, finding).as_bytes())?;
    }
    Ok(())
}

fn input(skipped: &Skipped) -> String {
    let numbers = [("line", skipped.line), ("col", skipped.column)];
    let mut properties = vec![("file", skipped.path.clone())];
    properties.extend(numbers.into_iter().filter_map(|(name, number)| Some((name, number?.to_string()))));
    properties.push(("title", "input".to_owned()));
    command_of("error", &properties, &escape(&skipped.reason))
}

fn command(counts: bool, guardrail: &GuardrailInfo, finding: &Finding) -> String {
    let mut properties: Vec<(&str, String)> = Vec::new();
    if let Some(place) = first_place(finding).filter(|place| place.is_in_file()) {
        let (end_line, end_column) = place.end;
        properties.push(("file", place.path.to_string()));
        properties.push(("line", place.line.to_string()));
        properties.push(("endLine", end_line.to_string()));
        if end_line == place.line {
            properties.push(("col", place.column.to_string()));
            properties.push(("endColumn", end_column.to_string()));
        }
    }
    properties.push(("title", format!("{} {}", guardrail.severity.name(), guardrail.path)));
    command_of(if counts { "error" } else { "warning" }, &properties, &message(guardrail, finding))
}

fn message(guardrail: &GuardrailInfo, finding: &Finding) -> String {
    let state = if finding.verdict == Verdict::Unknown { " (unknown)" } else { "" };
    let mut lines = vec![format!("{}{state}", guardrail.title), full_name(&finding.resource)];
    lines.extend(messages(finding).iter().map(|message| (*message).to_owned()));
    lines.extend(causes(finding).into_iter().map(|cause| format!("unknown: {cause}")));
    lines.extend(guardrail.pending.iter().map(|date| format!("takes effect on {date}")));
    lines.extend(advice(&guardrail.fix).map(|fix| format!("help: {fix}")));
    // A log shows commands on a terminal, too: no text moves its cursor.
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use parapet_model::FailOn;

    use super::*;
    use crate::testing::{detail, finding, public, result, unknown_finding, waived_finding};

    fn text(result: &RunResult, options: Options) -> String {
        let mut out = Vec::new();
        write(result, &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_counts_and_is_severe_comes_first() {
        let mut result = result();
        let details = vec![detail("open", vec![public()])];
        result.findings = vec![
            unknown_finding(0, "later", &[("db.Port", "known after apply")]),
            finding(1, Verdict::Fail, "logs"),
            Finding { details, ..finding(0, Verdict::Fail, "orders") },
            waived_finding(0, Verdict::Fail, "legacy"),
            finding(0, Verdict::Pass, "good"),
        ];
        let skipped = Skipped { path: "a:b".into(), line: Some(3), column: None, reason: "bad".into(), error: true };
        result.skipped = vec![skipped];
        let printed = text(&result, Options { all: true, ..Options::default() });
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.len(), 4, "{printed}");
        assert_eq!(lines[0], "::error file=a%3Ab,line=3,title=input::bad");
        assert_eq!(
            lines[1],
            "::error file=org.json,line=840,endLine=840,col=27,endColumn=31,title=critical aws%3A%3Adatabase%3A%3Anot_public::\
             Instances are private%0AAWS::RDS::DBInstance orders, account 111122223333, region eu-west-1%0Aopen%0Ahelp: Set `PubliclyAccessible` to `false`. Then move it."
        );
        assert!(
            lines[2].starts_with("::error file=org.json,line=812,") && lines[2].contains("title=low "),
            "{printed}"
        );
        assert!(lines[3].starts_with("::warning ") && lines[3].contains("(unknown)"), "{printed}");
    }

    #[test]
    fn levels_follow_what_counts() {
        let mut result = result();
        result.findings = vec![finding(1, Verdict::Fail, "logs"), unknown_finding(0, "later", &[("a", "b")])];
        let fail_on = FailOn { severity: Some(parapet_model::Severity::High), unknown: true, vacuous: false };
        let printed = text(&result, Options { fail_on, ..Options::default() });
        let lines: Vec<&str> = printed.lines().collect();
        assert!(lines[0].starts_with("::error ") && lines[0].contains("(unknown)"), "{printed}");
        assert!(lines[1].starts_with("::warning "), "{printed}");
    }

    #[test]
    fn no_name_begins_a_command_of_its_own() {
        let mut result = result();
        let mut found = finding(0, Verdict::Fail, "x\n::stop-commands::y\u{1b}[2J");
        found.resource.source = None;
        result.findings = vec![found];
        let printed = text(&result, Options::default());
        assert_eq!(printed.lines().count(), 1, "{printed}");
        assert!(printed.starts_with("::error title=critical aws%3A%3Adatabase"), "{printed}");
        assert!(!printed.contains('\u{1b}'), "{printed}");
    }
}
