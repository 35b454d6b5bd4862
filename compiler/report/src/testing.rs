//! Small results by hand, for the tests of this crate.

use parapet_model::{
    Detail, Excerpt, Finding, FoundResource, GuardrailInfo, Honored, InputInfo, PackageInfo, RulePlace, RunResult,
    SeenValue, Severity, SourcePlace, Summary, Tool, UnknownPath, Verdict, Waived, WaiverInfo, WaiverState,
};
use serde_json::json;

pub(crate) fn instance_guardrail() -> GuardrailInfo {
    GuardrailInfo {
        path: "aws::database::not_public".into(),
        package: "aws".into(),
        title: "Instances are private".into(),
        rationale: String::new(),
        fix: "\nSet `PubliclyAccessible` to `false`.\nThen move it.".into(),
        severity: Severity::Critical,
        types: vec!["AWS::RDS::DBInstance".into()],
        controls: vec![("fsbp".into(), vec!["RDS.2".into()]), ("config".into(), vec!["rds-public".into()])],
        params: Vec::new(),
        tags: Vec::new(),
        since: None,
        deprecated: None,
        fail_closed: false,
        mandatory: false,
        pending: None,
    }
}

pub(crate) fn bucket_guardrail() -> GuardrailInfo {
    GuardrailInfo {
        path: "aws::storage::versioned".into(),
        title: "Buckets are versioned".into(),
        fix: String::new(),
        severity: Severity::Low,
        types: vec!["AWS::S3::Bucket".into()],
        controls: Vec::new(),
        ..instance_guardrail()
    }
}

pub(crate) fn excerpt(text: &str, marked: &str) -> Excerpt {
    let (before, _) = text.split_once(marked).unwrap();
    Excerpt { text: text.into(), before: before.chars().count(), length: marked.chars().count() }
}

pub(crate) fn place(line: u32, column: u32, excerpt: Option<Excerpt>) -> SourcePlace {
    let length = excerpt.as_ref().map_or(1, |excerpt| excerpt.length as u32);
    let (end, pointer) = ((line, column + length), format!("/items/{line}"));
    SourcePlace { path: "org.json".into(), line, column, end, pointer, excerpt }
}

/// A value at line 840 that decides a requirement.
pub(crate) fn public() -> SeenValue {
    let line = excerpt("    \"publiclyAccessible\": true,", "true");
    SeenValue {
        expression: "db.PubliclyAccessible".into(),
        value: Some(json!(true)),
        unknown: None,
        source: Some(place(840, 27, Some(line))),
    }
}

pub(crate) fn detail(message: &str, values: Vec<SeenValue>) -> Detail {
    let excerpt = excerpt("    require not db.PubliclyAccessible", "not db.PubliclyAccessible");
    let rule = RulePlace { path: "rules/database.parapet".into(), line: 20, column: 13, end: (20, 38), excerpt };
    Detail { message: message.into(), rule: rule.into(), values, counterexamples: 0 }
}

pub(crate) fn finding(guardrail: usize, verdict: Verdict, id: &str) -> Finding {
    let resource = FoundResource {
        resource_type: "AWS::RDS::DBInstance".into(),
        id: id.into(),
        name: None,
        arn: None,
        account: Some("111122223333".into()),
        region: Some("eu-west-1".into()),
        address: None,
        source: Some(place(812, 5, Some(excerpt("  {\"id\": \"orders\"},", "{\"id\": \"orders\"}")))),
    };
    Finding { guardrail, verdict, resource, details: Vec::new(), unknown: Vec::new(), waived: None }
}

pub(crate) fn unknown_finding(guardrail: usize, id: &str, unknown: &[(&str, &str)]) -> Finding {
    let path = |(path, reason): &(&str, &str)| UnknownPath { path: (*path).into(), reason: (*reason).into() };
    Finding { unknown: unknown.iter().map(path).collect(), ..finding(guardrail, Verdict::Unknown, id) }
}

/// A waiver that covers one finding.
pub(crate) fn waiver() -> WaiverInfo {
    WaiverInfo {
        guardrail: "aws::database::not_public".into(),
        honored: None,
        path: "rules/waivers.parapet".into(),
        line: 3,
        column: 7,
        until: Some("2027-01-31".into()),
        reason: Some("moves in March".into()),
        owner: None,
        ticket: Some("SEC-1".into()),
        state: WaiverState::Used,
        ends_soon: false,
        waived: 1,
        undecided: None,
    }
}

/// The same as the mark of another tool, which has no end.
pub(crate) fn honored() -> WaiverInfo {
    WaiverInfo {
        honored: Some(Honored { tool: Tool::CfnNag, id: "W9".into() }),
        path: "template.yaml".into(),
        until: None,
        ticket: None,
        ..waiver()
    }
}

/// A finding that the first waiver of the result covers.
pub(crate) fn waived_finding(guardrail: usize, verdict: Verdict, id: &str) -> Finding {
    Finding { waived: Some(Waived { verdict, waiver: 0 }), ..finding(guardrail, Verdict::Waived, id) }
}

/// Two guardrails, one input, no finding.
pub(crate) fn result() -> RunResult {
    RunResult {
        as_of: "2026-11-23T00:00:00Z".into(),
        rules: vec![PackageInfo { name: "aws".into(), version: None, sha256: "ab".into() }],
        request: Vec::new(),
        params: vec![("aws::max_age".into(), json!({"b": 1, "a": [2]}))],
        inputs: vec![InputInfo {
            path: "org.json".into(),
            format: "aws-config".into(),
            resources: 3,
            sha256: "cd".into(),
            onto: false,
        }],
        summary: Summary { resources: 3, guardrails: 2, pass: 0, fail: 0, unknown: 0, not_applicable: 0, waived: 0 },
        baseline: None,
        guardrails: vec![instance_guardrail(), bucket_guardrail()],
        findings: Vec::new(),
        vacuous: Vec::new(),
        waivers: Vec::new(),
        skipped: Vec::new(),
        types: Vec::new(),
        unknown_properties: Vec::new(),
        counts: Vec::new(),
        captured: None,
        notices: Vec::new(),
    }
}
