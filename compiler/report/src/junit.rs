//! JUnit XML, for the test pages of CI systems: a suite for each guardrail, a case for each resource.
//!
//! A failure is a `failure`, and so is an unknown that counts under `--fail-on`; any other unknown, and what is waived, is
//! `skipped` with its reason, and so is a vacuous guardrail: none of them is a pass. Inputs that could not be read are `error`s of
//! a suite of their own. Nothing here took time of its own, so that times are 0.

use std::io;

use parapet_model::{Finding, GuardrailInfo, RunResult, Verdict};

use crate::Options;
use crate::places::{causes, described, first_place, messages};
use crate::resources::{advice, full_name, waiver, waiver_terms};
use crate::xml::Xml;

/// What became of a case.
enum Outcome {
    Passed,
    /// The message, and the text in full.
    Failed(String, Vec<String>),
    Broken(String),
    Skipped(String),
}

struct Case {
    name: String,
    /// File and line.
    place: Option<(String, u32)>,
    outcome: Outcome,
}

struct Suite<'a> {
    name: &'a str,
    guardrail: Option<&'a GuardrailInfo>,
    cases: Vec<Case>,
}

/// Writes the suites, those of inputs first.
pub(crate) fn write(result: &RunResult, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut suites: Vec<Suite<'_>> = Vec::new();
    let inputs = inputs(result);
    if !inputs.is_empty() {
        suites.push(Suite { name: "inputs", guardrail: None, cases: inputs });
    }
    let mut cases: Vec<Vec<Case>> = result.guardrails.iter().map(|_| Vec::new()).collect();
    for finding in &result.findings {
        let missing = || io::Error::other("the result refers to a guardrail that it does not hold");
        let guardrail = result.guardrails.get(finding.guardrail).ok_or_else(missing)?;
        if let Some(outcome) = outcome(result, options, guardrail, finding)?
            && let Some(cases) = cases.get_mut(finding.guardrail)
        {
            let place = first_place(finding).map(|place| (place.path.to_string(), place.line));
            cases.push(Case { name: full_name(&finding.resource), place, outcome });
        }
    }
    for (index, reason) in &result.vacuous {
        if let Some(cases) = cases.get_mut(*index) {
            let outcome = Outcome::Skipped(format!("vacuous, which is not a pass: {reason}"));
            cases.push(Case { name: reason.clone(), place: None, outcome });
        }
    }
    let suite = |(guardrail, cases)| guardrail_suite(guardrail, cases);
    suites.extend(result.guardrails.iter().zip(cases).map(suite));
    out.write_all(document(&suites).as_bytes())
}

fn guardrail_suite(guardrail: &GuardrailInfo, cases: Vec<Case>) -> Suite<'_> {
    Suite { name: &guardrail.path, guardrail: Some(guardrail), cases }
}

/// Inputs that could not be read whole.
fn inputs(result: &RunResult) -> Vec<Case> {
    let errors = result.skipped.iter().filter(|skipped| skipped.error);
    let case = |skipped: &parapet_model::Skipped| Case {
        name: skipped.line.map_or(skipped.path.clone(), |line| format!("{}:{line}", skipped.path)),
        place: Some((skipped.path.clone(), skipped.line.unwrap_or(1))),
        outcome: Outcome::Broken(skipped.reason.clone()),
    };
    errors.map(case).collect()
}

/// `None` for what is not told of: `n/a` without `--all`.
fn outcome(
    result: &RunResult,
    options: &Options,
    guardrail: &GuardrailInfo,
    finding: &Finding,
) -> io::Result<Option<Outcome>> {
    Ok(Some(match finding.verdict {
        Verdict::Pass => Outcome::Passed,
        Verdict::NotApplicable if !options.all => return Ok(None),
        Verdict::NotApplicable => Outcome::Skipped("n/a: the guardrail does not apply".to_owned()),
        Verdict::Fail => failed(guardrail, finding, "does not hold"),
        Verdict::Unknown if options.fail_on.counts(guardrail, Verdict::Unknown) => {
            failed(guardrail, finding, "unknown")
        }
        Verdict::Unknown => Outcome::Skipped(format!("unknown: {}", causes(finding).join("; "))),
        Verdict::Waived => {
            let waiver = finding.waived.map(|waived| waiver(result, waived.waiver)).transpose()?;
            let terms = waiver.map(waiver_terms);
            Outcome::Skipped(format!("waived{}", terms.unwrap_or_default()))
        }
    }))
}

fn failed(guardrail: &GuardrailInfo, finding: &Finding, otherwise: &str) -> Outcome {
    let messages = messages(finding);
    let mut lines: Vec<String> = messages.iter().map(|message| (*message).to_owned()).collect();
    lines.extend(causes(finding).into_iter().map(|cause| format!("unknown: {cause}")));
    let values = finding.details.iter().flat_map(|detail| &detail.values);
    let placed = values.filter_map(|value| Some((value, value.source.as_ref()?)));
    lines.extend(
        placed.map(|(value, place)| format!("{}:{}:{}: {}", place.path, place.line, place.column, described(value))),
    );
    let rules = finding.details.iter().map(|detail| &detail.rule);
    lines.extend(rules.map(|rule| format!("{}:{}:{}: the requirement", rule.path, rule.line, rule.column)));
    lines.dedup();
    lines.extend(advice(&guardrail.fix).map(|fix| format!("fix: {fix}")));
    Outcome::Failed(messages.first().map_or(otherwise.to_owned(), |message| (*message).to_owned()), lines)
}

fn document(suites: &[Suite<'_>]) -> String {
    let mut xml = Xml::new();
    let all = suites.iter().flat_map(|suite| &suite.cases);
    let counts = counts(all);
    xml.open("testsuites", &[&[("name", "parapet")][..], &named(&counts)].concat());
    for suite in suites {
        write_suite(&mut xml, suite);
    }
    xml.close();
    xml.out
}

fn write_suite(xml: &mut Xml, suite: &Suite<'_>) {
    let counts = counts(suite.cases.iter());
    xml.open("testsuite", &[&[("name", suite.name)][..], &named(&counts)].concat());
    if let Some(guardrail) = suite.guardrail {
        xml.open("properties", &[]);
        xml.empty("property", &[("name", "title"), ("value", &guardrail.title)]);
        xml.empty("property", &[("name", "severity"), ("value", guardrail.severity.name())]);
        for (framework, ids) in &guardrail.controls {
            xml.empty("property", &[("name", &format!("control.{framework}")), ("value", &ids.join(", "))]);
        }
        xml.close();
    }
    for case in &suite.cases {
        write_case(xml, suite, case);
    }
    xml.close();
}

fn write_case(xml: &mut Xml, suite: &Suite<'_>, case: &Case) {
    let line = case.place.as_ref().map(|(_, line)| line.to_string()).unwrap_or_default();
    let mut attributes = vec![("classname", suite.name), ("name", case.name.as_str()), ("time", "0")];
    if let Some((path, _)) = &case.place {
        attributes.extend([("file", path.as_str()), ("line", line.as_str())]);
    }
    if matches!(case.outcome, Outcome::Passed) {
        return xml.empty("testcase", &attributes);
    }
    xml.open("testcase", &attributes);
    match &case.outcome {
        Outcome::Passed => {}
        Outcome::Failed(message, lines) => {
            let severity = suite.guardrail.map_or("error", |guardrail| guardrail.severity.name());
            xml.text("failure", &[("message", message), ("type", severity)], lines);
        }
        Outcome::Broken(reason) => xml.empty("error", &[("message", reason), ("type", "input")]),
        Outcome::Skipped(reason) => xml.empty("skipped", &[("message", reason)]),
    }
    xml.close();
}

/// Cases, failures, errors, skipped.
fn counts<'c>(cases: impl Iterator<Item = &'c Case>) -> [String; 4] {
    let mut counts = [0usize; 4];
    for case in cases {
        let [tests, failures, errors, skipped] = &mut counts;
        *tests += 1;
        match case.outcome {
            Outcome::Passed => {}
            Outcome::Failed(..) => *failures += 1,
            Outcome::Broken(_) => *errors += 1,
            Outcome::Skipped(_) => *skipped += 1,
        }
    }
    counts.map(|count| count.to_string())
}

fn named([tests, failures, errors, skipped]: &[String; 4]) -> [(&str, &str); 5] {
    [("tests", tests), ("failures", failures), ("errors", errors), ("skipped", skipped), ("time", "0")]
}

#[cfg(test)]
mod tests {
    use parapet_model::{FailOn, Skipped};

    use super::*;
    use crate::testing::{detail, finding, public, result, unknown_finding, waived_finding, waiver as a_waiver};

    fn text(result: &RunResult, options: Options) -> String {
        let mut out = Vec::new();
        write(result, &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn full() -> RunResult {
        let mut result = result();
        let details = vec![detail("open <wide>", vec![public()])];
        result.waivers = vec![a_waiver()];
        result.findings = vec![
            Finding { details, ..finding(0, Verdict::Fail, "orders") },
            finding(0, Verdict::Pass, "good"),
            unknown_finding(0, "later", &[("db.Port", "known after apply")]),
            waived_finding(0, Verdict::Fail, "legacy"),
            finding(0, Verdict::NotApplicable, "old"),
        ];
        result.vacuous = vec![(1, "no resource".into())];
        result.skipped = vec![
            Skipped { path: "a.json".into(), line: Some(3), column: Some(9), reason: "malformed".into(), error: true },
            Skipped { path: "b".into(), line: None, column: None, reason: "no reader".into(), error: false },
        ];
        result
    }

    #[test]
    fn suites_are_guardrails_and_cases_resources() {
        assert_eq!(
            text(&full(), Options::default()),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="parapet" tests="6" failures="1" errors="1" skipped="3" time="0">
  <testsuite name="inputs" tests="1" failures="0" errors="1" skipped="0" time="0">
    <testcase classname="inputs" name="a.json:3" time="0" file="a.json" line="3">
      <error message="malformed" type="input"/>
    </testcase>
  </testsuite>
  <testsuite name="aws::database::not_public" tests="4" failures="1" errors="0" skipped="2" time="0">
    <properties>
      <property name="title" value="Instances are private"/>
      <property name="severity" value="critical"/>
      <property name="control.fsbp" value="RDS.2"/>
      <property name="control.config" value="rds-public"/>
    </properties>
    <testcase classname="aws::database::not_public" name="AWS::RDS::DBInstance orders, account 111122223333, region eu-west-1" time="0" file="org.json" line="840">
      <failure message="open &lt;wide&gt;" type="critical">open &lt;wide&gt;
org.json:840:27: db.PubliclyAccessible is true
rules/database.parapet:20:13: the requirement
fix: Set `PubliclyAccessible` to `false`. Then move it.</failure>
    </testcase>
    <testcase classname="aws::database::not_public" name="AWS::RDS::DBInstance good, account 111122223333, region eu-west-1" time="0" file="org.json" line="812"/>
    <testcase classname="aws::database::not_public" name="AWS::RDS::DBInstance later, account 111122223333, region eu-west-1" time="0" file="org.json" line="812">
      <skipped message="unknown: db.Port: known after apply"/>
    </testcase>
    <testcase classname="aws::database::not_public" name="AWS::RDS::DBInstance legacy, account 111122223333, region eu-west-1" time="0" file="org.json" line="812">
      <skipped message="waived until 2027-01-31: moves in March"/>
    </testcase>
  </testsuite>
  <testsuite name="aws::storage::versioned" tests="1" failures="0" errors="0" skipped="1" time="0">
    <properties>
      <property name="title" value="Buckets are versioned"/>
      <property name="severity" value="low"/>
    </properties>
    <testcase classname="aws::storage::versioned" name="no resource" time="0">
      <skipped message="vacuous, which is not a pass: no resource"/>
    </testcase>
  </testsuite>
</testsuites>
"#
        );
    }

    #[test]
    fn an_unknown_that_counts_is_a_failure() {
        let fail_on = FailOn { severity: None, unknown: true, vacuous: false };
        let printed = text(&full(), Options { fail_on, all: true, ..Options::default() });
        let failure = "<failure message=\"unknown\" type=\"critical\">unknown: db.Port: known after apply\n";
        assert!(printed.contains(failure), "{printed}");
        assert!(printed.contains("<skipped message=\"n/a: the guardrail does not apply\"/>"), "{printed}");
        let mut result = full();
        result.guardrails[0].fail_closed = true;
        assert!(text(&result, Options::default()).contains("failures=\"2\""));
    }
}
