//! Findings for code scanning: SARIF 2.1.0.
//!
//! Each guardrail of the run is a rule. A failure is a result of kind `fail` with the level of its severity. An unknown is of
//! kind `open`, which is SARIF's word for "there was not enough information to decide", and has no level; one that counts
//! under `--fail-on` is of kind `fail`, like what it counts as. What is waived is suppressed. Fingerprints are made of guardrail and
//! resource, so that they stay when lines move and inputs change their order. Columns count characters.

use std::collections::BTreeMap;
use std::io;

use parapet_model::{
    Detail, Finding, GuardrailInfo, InputInfo, RulePlace, RunResult, Severity, Skipped, SourcePlace, Verdict,
    WaiverInfo,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Options;
use crate::places::{causes, described, first_place, messages};
use crate::resources::{controls, guardrail, short_name, waiver};
use crate::sarif::{
    Artifact, ArtifactLocation, Configuration, Contents, Invocation, Location, Log, LogicalLocation, Message,
    Notification, Outcome, PhysicalLocation, Region, Rule, RuleReference, Suppression,
};

/// Places beside the first, of one result.
const RELATED: usize = 20;

/// Writes the log, pretty printed, with a final line break.
pub(crate) fn write(result: &RunResult, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut results = Vec::new();
    for finding in result.findings.iter().filter(|finding| options.all || is_told(finding.verdict)) {
        let guardrail = guardrail(result, finding.guardrail)?;
        let print = fingerprint(guardrail, finding);
        // Two resources that nothing tells apart are told apart by their order.
        let ordinal = seen.entry(print.clone()).and_modify(|times| *times += 1).or_insert(1);
        results.push(outcome(result, options, guardrail, finding, format!("{print}:{ordinal}"))?);
    }
    let contents = Contents {
        kind: "check",
        rules: result.guardrails.iter().map(rule).collect(),
        results,
        invocation: invocation(result, options),
        artifacts: result.inputs.iter().map(artifact).collect(),
        column_kind: "unicodeCodePoints",
        properties: BTreeMap::from([("asOf", json!(result.as_of))]),
    };
    out.write_all(Log::new(contents).print().as_bytes())
}

/// What is waived is told of in any case, as suppressed.
fn is_told(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Fail | Verdict::Unknown | Verdict::Waived => true,
        Verdict::Pass | Verdict::NotApplicable => false,
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The score by which code scanning tells critical, high, medium and low; `info` is no fault of security.
fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

fn rule(info: &GuardrailInfo) -> Rule {
    let about = if info.rationale.trim().is_empty() { info.title.trim() } else { info.rationale.trim() };
    let fix = info.fix.trim();
    let help = if fix.is_empty() { about.to_owned() } else { format!("{about}\n\n## Fix\n\n{fix}") };
    let tags = std::iter::once("security".to_owned()).chain(info.tags.iter().cloned());
    let mut properties = BTreeMap::from([
        ("tags", json!(tags.collect::<Vec<_>>())),
        ("severity", json!(info.severity.name())),
        ("package", json!(info.package)),
    ]);
    properties.extend(score(info.severity).map(|score| ("security-severity", json!(score))));
    if !info.controls.is_empty() {
        properties.insert("controls", Value::Object(controls(info)));
    }
    Rule {
        id: info.path.clone(),
        name: info.path.rsplit("::").next().unwrap_or_default().to_owned(),
        short_description: Message::of(&info.title),
        full_description: Message::of(about.split("\n\n").next().unwrap_or_default()),
        help: Message::markdown(&help),
        default_configuration: Configuration { level: level(info.severity) },
        properties,
    }
}

fn outcome(
    result: &RunResult,
    options: &Options,
    info: &GuardrailInfo,
    finding: &Finding,
    print: String,
) -> io::Result<Outcome> {
    let waiver = finding.waived.map(|waived| waiver(result, waived.waiver)).transpose()?;
    let verdict = finding.waived.map_or(finding.verdict, |waived| waived.verdict);
    let kind = kind(verdict, options.fail_on.counts(info, verdict));
    let related = related(finding);
    let mut properties = BTreeMap::from([("verdict", json!(finding.verdict.name()))]);
    if related.len() > RELATED {
        properties.insert("relatedLocationsLeftOut", json!(related.len() - RELATED));
    }
    // Only what is of kind `fail` has a level.
    let level = if kind.is_some() { "none" } else { level(info.severity) };
    // Code scanning of GitHub knows a result by the second of the two.
    let prints = ["parapet/v1", "primaryLocationLineHash"].map(|name| (name, print.clone()));
    Ok(Outcome {
        rule_id: info.path.clone(),
        rule_index: finding.guardrail,
        kind,
        level,
        message: Message::of(&message(info, finding)),
        locations: vec![location(finding)],
        related_locations: related.into_iter().take(RELATED).collect(),
        partial_fingerprints: BTreeMap::from(prints),
        fixes: Vec::new(),
        baseline_state: result.baseline.as_ref().map(|_| "new"),
        suppressions: Some(waiver.map(suppression).into_iter().collect()),
        properties,
    })
}

/// The kind of a result; `None` where it is a failure.
fn kind(verdict: Verdict, counts: bool) -> Option<&'static str> {
    match verdict {
        Verdict::Fail => None,
        Verdict::Unknown if counts => None,
        Verdict::Unknown => Some("open"),
        Verdict::Pass => Some("pass"),
        Verdict::NotApplicable => Some("notApplicable"),
        Verdict::Waived => Some("review"),
    }
}

fn message(info: &GuardrailInfo, finding: &Finding) -> String {
    let messages = messages(finding);
    let first = messages.first().copied().unwrap_or(&info.title);
    let mut lines = vec![format!("{}: {first}", short_name(&finding.resource))];
    lines.extend(messages.iter().skip(1).map(|message| (*message).to_owned()));
    lines.extend(causes(finding).into_iter().map(|cause| format!("unknown: {cause}")));
    lines.join("\n")
}

/// The first value that decided, else the resource; by name in any case.
fn location(finding: &Finding) -> Location {
    let resource = &finding.resource;
    let name = resource.arn.as_ref().map_or_else(|| short_name(resource), |arn| arn.to_string());
    let logical = LogicalLocation { fully_qualified_name: name, kind: "resource" };
    let physical =
        first_place(finding).filter(|place| place.is_in_file()).map(|place| physical(&place.path, in_input(place)));
    Location { physical_location: physical, logical_locations: vec![logical], message: None }
}

/// The requirements in the rules, each with the values that it read.
fn related(finding: &Finding) -> Vec<Location> {
    let of_detail = |detail: &Detail| {
        let rule = related_place(physical(&detail.rule.path, in_rule(&detail.rule)), &detail.message);
        let values = detail.values.iter().filter_map(|value| {
            let place = value.source.as_ref().filter(|place| place.is_in_file())?;
            Some(related_place(physical(&place.path, in_input(place)), &described(value)))
        });
        std::iter::once(rule).chain(values).collect::<Vec<_>>()
    };
    finding.details.iter().flat_map(of_detail).collect()
}

fn related_place(physical: PhysicalLocation, message: &str) -> Location {
    let message = Some(Message::of(message));
    Location { physical_location: Some(physical), logical_locations: Vec::new(), message }
}

fn physical(path: &str, region: Region) -> PhysicalLocation {
    PhysicalLocation { artifact_location: ArtifactLocation::of(path), region: Some(region) }
}

fn in_input(place: &SourcePlace) -> Region {
    region((place.line, place.column), place.end)
}

fn in_rule(place: &RulePlace) -> Region {
    region((place.line, place.column), place.end)
}

fn region((start_line, start_column): (u32, u32), (end_line, end_column): (u32, u32)) -> Region {
    Region { start_line, start_column, end_line, end_column }
}

/// A waiver of rules stands outside of what it is about; the mark of another tool stands in it.
fn suppression(waiver: &WaiverInfo) -> Suppression {
    let tool = waiver.honored.as_ref().map(|honored| honored.tool.name().to_owned());
    let rule = waiver.honored.as_ref().map(|honored| honored.id.clone());
    let (owner, ticket, until) = (waiver.owner.clone(), waiver.ticket.clone(), waiver.until.clone());
    let named = [("owner", owner), ("ticket", ticket), ("until", until), ("honored", tool), ("id", rule)];
    let place = region((waiver.line, waiver.column), (waiver.line, waiver.column));
    Suppression {
        kind: if waiver.honored.is_some() { "inSource" } else { "external" },
        status: "accepted",
        justification: waiver.reason.clone(),
        location: Location {
            physical_location: Some(physical(&waiver.path, place)),
            logical_locations: Vec::new(),
            message: None,
        },
        properties: named.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
    }
}

fn invocation(result: &RunResult, options: &Options) -> Invocation {
    let skipped = result.skipped.iter().map(notification);
    let vacuous = result.vacuous.iter().filter_map(|(index, reason)| {
        let id = result.guardrails.get(*index)?.path.clone();
        Some(Notification {
            level: "note",
            message: Message::of(&format!("`{id}` is vacuous, which is not a pass: {reason}")),
            locations: Vec::new(),
            associated_rule: Some(RuleReference { id, index: *index }),
        })
    });
    Invocation {
        // Rules that do not check and inputs that cannot be read leave a run incomplete; failures do not.
        execution_successful: !matches!(options.status, 3 | 4 | 70),
        exit_code: Some(options.status),
        tool_execution_notifications: skipped.chain(vacuous).collect(),
    }
}

fn notification(skipped: &Skipped) -> Notification {
    let region = skipped.line.map(|line| {
        let column = skipped.column.unwrap_or(1);
        region((line, column), (line, column))
    });
    let physical = PhysicalLocation { artifact_location: ArtifactLocation::of(&skipped.path), region };
    let place = Location { physical_location: Some(physical), logical_locations: Vec::new(), message: None };
    Notification {
        level: if skipped.error { "error" } else { "note" },
        message: Message::of(&skipped.reason),
        locations: vec![place],
        associated_rule: None,
    }
}

fn artifact(input: &InputInfo) -> Artifact {
    Artifact {
        location: ArtifactLocation::of(&input.path),
        roles: vec!["analysisTarget"],
        hashes: BTreeMap::from([("sha-256", input.sha256.clone())]),
    }
}

/// A digest of guardrail and resource.
fn fingerprint(guardrail: &GuardrailInfo, finding: &Finding) -> String {
    let mut hash = Sha256::new();
    for part in [guardrail.path.as_str(), &finding.resource.identity()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use parapet_model::FailOn;

    use super::*;
    use crate::testing::{
        detail, finding, honored, place, public, result, unknown_finding, waived_finding, waiver as a_waiver,
    };

    fn log(result: &RunResult, options: Options) -> Value {
        let mut out = Vec::new();
        write(result, &options, &mut out).unwrap();
        serde_json::from_slice::<Value>(&out).unwrap()["runs"][0].clone()
    }

    fn full() -> RunResult {
        let mut result = result();
        result.waivers = vec![a_waiver()];
        result.findings = vec![
            Finding { details: vec![detail("open", vec![public()])], ..finding(0, Verdict::Fail, "orders") },
            unknown_finding(1, "logs", &[("b.Versioning", "not collected")]),
            waived_finding(0, Verdict::Fail, "legacy"),
            finding(0, Verdict::Pass, "good"),
        ];
        result.vacuous = vec![(1, "no resource".into())];
        let skipped =
            Skipped { path: "a".into(), line: Some(3), column: Some(2), reason: "malformed".into(), error: true };
        result.skipped = vec![skipped];
        result
    }

    /// The rules of the standard that a consumer trips over, of a log with everything in it.
    #[test]
    fn the_structure_is_that_of_the_standard() {
        let fail_on = FailOn { unknown: true, ..FailOn::default() };
        for options in [
            Options::default(),
            Options { all: true, status: 4, ..Options::default() },
            Options { fail_on, ..Options::default() },
        ] {
            let run = log(&full(), options);
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            for result in run["results"].as_array().unwrap() {
                let index = result["ruleIndex"].as_u64().unwrap() as usize;
                assert_eq!(rules[index]["id"], result["ruleId"]);
                let kind = result["kind"].as_str().unwrap_or("fail");
                assert!(["fail", "open", "pass", "notApplicable"].contains(&kind), "{kind}");
                assert_eq!(result["level"] == "none", kind != "fail", "{result}");
                assert!(result["suppressions"].is_array(), "all results have them, or none");
                assert!(!result["message"]["text"].as_str().unwrap().is_empty());
                let places = result["locations"].as_array().into_iter().chain(result["relatedLocations"].as_array());
                for place in places.flatten() {
                    let region = &place["physicalLocation"]["region"];
                    let [start_line, start_column, end_line, end_column] =
                        ["startLine", "startColumn", "endLine", "endColumn"].map(|name| region[name].as_u64().unwrap());
                    assert!(start_line > 0 && start_column > 0, "{region}");
                    assert!((end_line, end_column) >= (start_line, start_column), "{region}");
                }
            }
            for rule in rules {
                for name in ["shortDescription", "fullDescription", "help"] {
                    assert!(!rule[name]["text"].as_str().unwrap().is_empty(), "{rule}");
                }
            }
        }
    }

    #[test]
    fn kinds_levels_and_suppressions() {
        let run = log(&full(), Options::default());
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 3);
        assert_eq!((&results[0]["kind"], &results[0]["level"]), (&Value::Null, &json!("error")));
        assert_eq!(results[0]["suppressions"], json!([]));
        assert_eq!((&results[1]["kind"], &results[1]["level"]), (&json!("open"), &json!("none")));
        assert_eq!(results[2]["level"], "error");
        assert_eq!(
            results[2]["suppressions"][0].to_string(),
            r#"{"kind":"external","status":"accepted","justification":"moves in March","location":{"physicalLocation":{"artifactLocation":{"uri":"rules/waivers.parapet","uriBaseId":"%SRCROOT%"},"region":{"startLine":3,"startColumn":7,"endLine":3,"endColumn":7}}},"properties":{"ticket":"SEC-1","until":"2027-01-31"}}"#
        );
        let marked = log(&RunResult { waivers: vec![honored()], ..full() }, Options::default());
        let suppression = &marked["results"][2]["suppressions"][0];
        assert_eq!(suppression["kind"], "inSource");
        assert_eq!(suppression["properties"], json!({"honored": "cfn_nag", "id": "W9"}));
        let fail_on = FailOn { unknown: true, ..FailOn::default() };
        let counted = log(&full(), Options { fail_on, ..Options::default() });
        assert_eq!((&counted["results"][1]["kind"], &counted["results"][1]["level"]), (&Value::Null, &json!("note")));
        assert_eq!(log(&full(), Options { all: true, ..Options::default() })["results"][3]["kind"], "pass");
    }

    #[test]
    fn places_are_those_of_values_and_requirements() {
        let run = log(&full(), Options::default());
        let result = &run["results"][0];
        assert_eq!(
            result["locations"][0].to_string(),
            r#"{"physicalLocation":{"artifactLocation":{"uri":"org.json","uriBaseId":"%SRCROOT%"},"region":{"startLine":840,"startColumn":27,"endLine":840,"endColumn":31}},"logicalLocations":[{"fullyQualifiedName":"AWS::RDS::DBInstance orders","kind":"resource"}]}"#
        );
        assert_eq!(result["message"]["text"], "AWS::RDS::DBInstance orders: open");
        let related = result["relatedLocations"].as_array().unwrap();
        assert_eq!(related[0]["physicalLocation"]["artifactLocation"]["uri"], "rules/database.parapet");
        assert_eq!(related[1]["message"]["text"], "db.PubliclyAccessible is true");
        assert_eq!(result["properties"]["relatedLocationsLeftOut"], Value::Null);
    }

    #[test]
    fn standard_input_is_no_file_and_what_is_left_out_is_counted() {
        let mut result = full();
        let mut piped = public();
        piped.source.as_mut().unwrap().path = "-".into();
        result.findings[0].details = vec![detail("open", vec![piped]); RELATED + 2];
        result.findings[0].resource.source = None;
        let told = &log(&result, Options::default())["results"][0];
        assert_eq!(told["locations"][0]["physicalLocation"], Value::Null);
        assert_eq!(told["relatedLocations"].as_array().unwrap().len(), RELATED);
        assert_eq!(told["properties"]["relatedLocationsLeftOut"], 2);
    }

    fn prints(result: &RunResult) -> Vec<String> {
        let run = log(result, Options::default());
        let print = |result: &Value| result["partialFingerprints"]["parapet/v1"].as_str().unwrap().to_owned();
        run["results"].as_array().unwrap().iter().map(print).collect()
    }

    #[test]
    fn fingerprints_are_those_of_the_resource() {
        let before = prints(&full());
        assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
        let mut moved = full();
        moved.findings.reverse();
        for finding in &mut moved.findings {
            finding.resource.source = Some(place(1, 1, None));
            finding.details.clear();
        }
        let mut after = prints(&moved);
        after.reverse();
        assert_eq!(before, after, "lines, messages and order do not matter");
    }

    #[test]
    fn one_address_in_two_inputs_has_two_fingerprints() {
        let mut result = full();
        for finding in &mut result.findings {
            finding.resource.account = None;
        }
        let before = prints(&result);
        for finding in &mut result.findings {
            finding.resource.source = Some(SourcePlace { path: "other.json".into(), ..place(1, 1, None) });
        }
        assert!(prints(&result).iter().zip(before).all(|(after, before)| *after != before));
    }

    #[test]
    fn the_run_says_how_it_ended() {
        let run = log(&full(), Options { status: 4, ..Options::default() });
        let invocation = &run["invocations"][0];
        assert_eq!((&invocation["executionSuccessful"], &invocation["exitCode"]), (&json!(false), &json!(4)));
        let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notifications[0]["level"], "error");
        assert_eq!(notifications[0]["message"]["text"], "malformed");
        assert_eq!(notifications[1]["associatedRule"], json!({"id": "aws::storage::versioned", "index": 1}));
        assert_eq!(run["artifacts"][0]["hashes"]["sha-256"], "cd");
        let successful = log(&full(), Options { status: 1, ..Options::default() });
        assert_eq!(successful["invocations"][0]["executionSuccessful"], true);
    }

    #[test]
    fn rules_hold_what_guardrails_say() {
        let run = log(&full(), Options::default());
        let rule = &run["tool"]["driver"]["rules"][0];
        assert_eq!(rule["properties"]["security-severity"], "9.5");
        assert_eq!(rule["properties"]["controls"], json!({"fsbp": ["RDS.2"], "config": ["rds-public"]}));
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Fix\n\nSet `PubliclyAccessible`"));
    }
}
