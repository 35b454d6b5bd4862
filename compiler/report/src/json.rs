//! The whole result for programs: `parapet.results/1`.
//!
//! The structs below are the schema, keys in the order of the document; findings are written as they are
//! rendered, so that many of them take no second copy. What is not known of a resource is `null`, an unknown
//! value is `{"$unknown": reason}`, an absent one `null`.

use std::borrow::Cow;
use std::io;

use parapet_model::{
    BaselineInfo, Detail, Finding, FoundResource, InputInfo, RunResult, SeenValue, Skipped, SourcePlace, UnknownPath,
    UnknownProperty, WaiverInfo,
};
use serde::Serialize;
use serde::ser::{Error, Serializer};
use serde_json::ser::{Formatter, PrettyFormatter};
use serde_json::{Map, Value, json};

use crate::rendering::Told;
use crate::resources::{self, controls, guardrail};

/// Writes the result, pretty printed, with a final line break.
pub(crate) fn write(result: &RunResult, findings: &Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let document = serde_json::to_string_pretty(&document("parapet.results/1", result, [(); 0])?)?;
    // A line break is none of a text's characters.
    let (before, after) = document.split_once(NONE).ok_or_else(|| io::Error::other("the result has no findings"))?;
    if findings.len() == 0 {
        return writeln!(out, "{document}");
    }
    write!(out, "{before}{}[", NONE.trim_end_matches("[]"))?;
    let render = |first: usize, some: &[Cow<'_, Finding>]| {
        let mut text = Vec::new();
        for (at, finding) in some.iter().enumerate() {
            text.extend_from_slice(if first + at == 0 { b"\n    " } else { b",\n    " });
            Whole(result, finding).serialize(&mut inside(&mut text)?)?;
        }
        Ok(text)
    };
    findings.write(&render, out)?;
    writeln!(out, "\n  ]{after}")?;
    out.flush()
}

/// How a document says that there are no findings.
const NONE: &str = "\n  \"findings\": []";

/// Writes elements of a list in an object, indented as they are there.
fn inside(text: &mut Vec<u8>) -> io::Result<serde_json::Serializer<&mut Vec<u8>, PrettyFormatter<'static>>> {
    let mut formatter = PrettyFormatter::new();
    formatter.begin_object(&mut io::sink())?;
    formatter.begin_array(&mut io::sink())?;
    Ok(serde_json::Serializer::with_formatter(text, formatter))
}

/// All that a result says beside the findings, and those in some form.
pub(crate) fn document<'a, F: Serialize>(
    schema: &'static str,
    result: &'a RunResult,
    findings: F,
) -> io::Result<impl Serialize + use<'a, F>> {
    let vacuous: io::Result<Vec<Vacuous<'_>>> = result.vacuous.iter().map(|entry| vacuous(result, entry)).collect();
    Ok(Document {
        schema,
        parapet: env!("CARGO_PKG_VERSION"),
        as_of: &result.as_of,
        rules: result.rules.iter().map(package).collect(),
        params: result.params.iter().cloned().collect(),
        request: result.request.iter().cloned().collect(),
        inputs: result.inputs.iter().map(input).collect(),
        summary: summary(result),
        baseline: result.baseline.as_ref().map(baseline),
        findings,
        vacuous: vacuous?,
        waivers: result.waivers.iter().map(waiver).collect(),
        skipped: result.skipped.iter().map(skipped).collect(),
        counts: result
            .counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| Counted { what, count: *count })
            .collect(),
        unknown_properties: result.unknown_properties.iter().map(unknown_property).collect(),
        notices: result.notices.iter().map(String::as_str).collect(),
    })
}

#[derive(Serialize)]
struct Document<'a, F> {
    schema: &'static str,
    parapet: &'static str,
    as_of: &'a str,
    rules: Vec<Package<'a>>,
    params: Map<String, Value>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    request: Map<String, Value>,
    inputs: Vec<Input<'a>>,
    summary: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline<'a>>,
    findings: F,
    vacuous: Vec<Vacuous<'a>>,
    waivers: Vec<Waiver<'a>>,
    skipped: Vec<Passed<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    counts: Vec<Counted<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown_properties: Vec<Strange<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<&'a str>,
}

/// Records that were left out, findings that were there before a change.
#[derive(Serialize)]
struct Counted<'a> {
    what: &'a str,
    count: usize,
}

/// A property that no schema knows, and where it stands at first.
#[derive(Serialize)]
struct Strange<'a> {
    #[serde(rename = "type")]
    resource_type: &'a str,
    property: &'a str,
    count: usize,
    source: Start<'a>,
}

#[derive(Serialize)]
struct Start<'a> {
    path: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Package<'a> {
    package: &'a str,
    version: Option<&'a str>,
    sha256: &'a str,
}

#[derive(Serialize)]
struct Input<'a> {
    path: &'a str,
    format: &'a str,
    resources: usize,
    sha256: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    onto: bool,
}

#[derive(Serialize)]
struct Counts {
    resources: usize,
    guardrails: usize,
    pass: usize,
    fail: usize,
    unknown: usize,
    na: usize,
    waived: usize,
}

/// What an earlier result had already.
#[derive(Serialize)]
struct Baseline<'a> {
    path: &'a str,
    sha256: &'a str,
    fail: usize,
    unknown: usize,
    changed: usize,
}

#[derive(Serialize)]
struct Vacuous<'a> {
    guardrail: &'a str,
    reason: &'a str,
}

/// A waiver of the rules.
#[derive(Serialize)]
struct Waiver<'a> {
    guardrail: &'a str,
    #[serde(flatten)]
    terms: Terms<'a>,
    /// `used`, `unused`, `expired`, or `idle` where the run did not ask for what it covers.
    state: &'static str,
    ends_soon: bool,
    waived: usize,
}

/// Where a waiver stands, and what it says.
#[derive(Serialize)]
struct Terms<'a> {
    path: &'a str,
    line: u32,
    /// `null` where a mark of another tool has no end.
    until: Option<&'a str>,
    /// `null` where a mark of another tool gives none.
    reason: Option<&'a str>,
    owner: Option<&'a str>,
    ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    honored: Option<Mark<'a>>,
}

/// A mark of another tool.
#[derive(Serialize)]
struct Mark<'a> {
    tool: &'static str,
    id: &'a str,
}

/// The waiver of a finding.
#[derive(Serialize)]
struct Covering<'a> {
    #[serde(flatten)]
    terms: Terms<'a>,
    /// What the verdict would be without it.
    verdict: &'static str,
}

/// A [`Skipped`].
#[derive(Serialize)]
struct Passed<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    reason: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    error: bool,
}

/// A finding together with the result that holds its guardrail.
pub(crate) struct Whole<'a>(pub(crate) &'a RunResult, pub(crate) &'a Finding);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Whole(result, finding) = self;
        let guardrail = guardrail(result, finding.guardrail).map_err(S::Error::custom)?;
        let entry = Entry {
            guardrail: &guardrail.path,
            title: &guardrail.title,
            severity: guardrail.severity.name(),
            verdict: finding.verdict.name(),
            controls: controls(guardrail),
            resource: resource(&finding.resource),
            details: finding.details.iter().map(detail).collect(),
            unknown: finding.unknown.iter().map(unknown).collect(),
            waiver: covering(result, finding).map_err(S::Error::custom)?,
        };
        entry.serialize(serializer)
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    guardrail: &'a str,
    title: &'a str,
    severity: &'static str,
    verdict: &'static str,
    controls: Map<String, Value>,
    resource: Resource<'a>,
    details: Vec<Requirement<'a>>,
    unknown: Vec<Unknown<'a>>,
    waiver: Option<Covering<'a>>,
}

#[derive(Serialize)]
struct Resource<'a> {
    #[serde(rename = "type")]
    resource_type: &'a str,
    id: &'a str,
    name: Option<&'a str>,
    arn: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
    address: Option<&'a str>,
    source: Option<Source<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    pointer: &'a str,
}

/// A [`Detail`].
#[derive(Serialize)]
struct Requirement<'a> {
    message: &'a str,
    rule: Rule<'a>,
    values: Vec<Seen<'a>>,
    /// Only where the message's one is the first of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    counterexamples: Option<usize>,
}

#[derive(Serialize)]
struct Rule<'a> {
    path: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Seen<'a> {
    expression: &'a str,
    value: Value,
    source: Option<Source<'a>>,
}

#[derive(Serialize)]
struct Unknown<'a> {
    path: &'a str,
    reason: &'a str,
}

fn waiver(info: &WaiverInfo) -> Waiver<'_> {
    Waiver {
        guardrail: &info.guardrail,
        terms: terms(info),
        state: info.state.name(),
        ends_soon: info.ends_soon,
        waived: info.waived,
    }
}

fn terms(info: &WaiverInfo) -> Terms<'_> {
    Terms {
        path: &info.path,
        line: info.line,
        until: info.until.as_deref(),
        reason: info.reason.as_deref(),
        owner: info.owner.as_deref(),
        ticket: info.ticket.as_deref(),
        honored: info.honored.as_ref().map(|honored| Mark { tool: honored.tool.name(), id: &honored.id }),
    }
}

fn covering<'a>(result: &'a RunResult, finding: &'a Finding) -> io::Result<Option<Covering<'a>>> {
    let Some(waived) = finding.waived else { return Ok(None) };
    let terms = terms(resources::waiver(result, waived.waiver)?);
    Ok(Some(Covering { terms, verdict: waived.verdict.name() }))
}

fn package(info: &parapet_model::PackageInfo) -> Package<'_> {
    Package { package: &info.name, version: info.version.as_deref(), sha256: &info.sha256 }
}

fn input(info: &InputInfo) -> Input<'_> {
    let InputInfo { path, format, resources, sha256, onto } = info;
    Input { path, format, resources: *resources, sha256, onto: *onto }
}

fn summary(result: &RunResult) -> Counts {
    let summary = &result.summary;
    Counts {
        resources: summary.resources,
        guardrails: summary.guardrails,
        pass: summary.pass,
        fail: summary.fail,
        unknown: summary.unknown,
        na: summary.not_applicable,
        waived: summary.waived,
    }
}

fn baseline(info: &BaselineInfo) -> Baseline<'_> {
    let BaselineInfo { path, sha256, fail, unknown, changed } = info;
    Baseline { path, sha256, fail: *fail, unknown: *unknown, changed: *changed }
}

fn vacuous<'a>(result: &'a RunResult, entry: &'a (usize, String)) -> io::Result<Vacuous<'a>> {
    Ok(Vacuous { guardrail: &guardrail(result, entry.0)?.path, reason: &entry.1 })
}

fn unknown_property(unknown: &UnknownProperty) -> Strange<'_> {
    Strange {
        resource_type: &unknown.resource_type,
        property: &unknown.property,
        count: unknown.count,
        source: Start { path: &unknown.path, line: unknown.line, column: unknown.column },
    }
}

fn skipped(skipped: &Skipped) -> Passed<'_> {
    Passed {
        path: &skipped.path,
        line: skipped.line,
        column: skipped.column,
        reason: &skipped.reason,
        error: skipped.error,
    }
}

fn resource(resource: &FoundResource) -> Resource<'_> {
    Resource {
        resource_type: &resource.resource_type,
        id: &resource.id,
        name: resource.name.as_deref(),
        arn: resource.arn.as_deref(),
        account: resource.account.as_deref(),
        region: resource.region.as_deref(),
        address: resource.address.as_deref(),
        source: resource.source.as_ref().map(source),
    }
}

fn source(place: &SourcePlace) -> Source<'_> {
    Source { path: &place.path, line: place.line, column: place.column, pointer: &place.pointer }
}

fn detail(detail: &Detail) -> Requirement<'_> {
    Requirement {
        message: &detail.message,
        rule: Rule { path: &detail.rule.path, line: detail.rule.line, column: detail.rule.column },
        values: detail.values.iter().map(seen).collect(),
        counterexamples: Some(detail.counterexamples).filter(|count| *count > 1),
    }
}

fn seen(seen: &SeenValue) -> Seen<'_> {
    let value = match (&seen.unknown, &seen.value) {
        (Some(reason), _) => json!({"$unknown": reason}),
        (None, Some(value)) => value.clone(),
        (None, None) => Value::Null,
    };
    Seen { expression: &seen.expression, value, source: seen.source.as_ref().map(source) }
}

fn unknown(unknown: &UnknownPath) -> Unknown<'_> {
    Unknown { path: &unknown.path, reason: &unknown.reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use crate::testing::{detail, finding, public, result, waived_finding, waiver};
    use parapet_model::Verdict;

    fn text(result: &RunResult, options: Options) -> String {
        let mut out = Vec::new();
        write(result, &Told::of(&result.findings, &options), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn full() -> RunResult {
        let mut result = result();
        let hidden = SeenValue {
            expression: "db.Port".into(),
            value: None,
            unknown: Some("known after apply".into()),
            source: None,
        };
        let absent = SeenValue { unknown: None, ..hidden.clone() };
        let unknown = vec![UnknownPath { path: "db.Port".into(), reason: "known after apply".into() }];
        let open = detail("open", vec![public(), hidden, absent]);
        let details =
            vec![Detail { counterexamples: 1, ..open }, Detail { counterexamples: 3, ..detail("shut", Vec::new()) }];
        result.findings = vec![
            finding(1, Verdict::Pass, "logs"),
            Finding { details, unknown, ..finding(0, Verdict::Fail, "orders") },
        ];
        result.vacuous = vec![(1, "no resource".into())];
        result.waivers = vec![waiver()];
        let skipped =
            Skipped { path: "a".into(), line: Some(3), column: None, reason: "malformed".into(), error: true };
        result.skipped = vec![
            skipped.clone(),
            Skipped { line: None, error: false, reason: "not an input that a reader knows".into(), ..skipped },
        ];
        result
    }

    #[test]
    fn the_document_follows_its_schema() {
        let text = text(&full(), Options::default());
        let compact: Value = serde_json::from_str(&text).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let expected = [
            &format!(r#"{{"schema":"parapet.results/1","parapet":"{version}","as_of":"2026-11-23T00:00:00Z","#),
            r#""rules":[{"package":"aws","version":null,"sha256":"ab"}],"params":{"aws::max_age":{"b":1,"a":[2]}},"#,
            r#""inputs":[{"path":"org.json","format":"aws-config","resources":3,"sha256":"cd"}],"#,
            r#""summary":{"resources":3,"guardrails":2,"pass":0,"fail":0,"unknown":0,"na":0,"waived":0},"#,
            r#""findings":[{"guardrail":"aws::database::not_public","title":"Instances are private","#,
            r#""severity":"critical","verdict":"fail","controls":{"fsbp":["RDS.2"],"config":["rds-public"]},"#,
            r#""resource":{"type":"AWS::RDS::DBInstance","id":"orders","name":null,"arn":null,"#,
            r#""account":"111122223333","region":"eu-west-1","address":null,"#,
            r#""source":{"path":"org.json","line":812,"column":5,"pointer":"/items/812"}},"#,
            r#""details":[{"message":"open","rule":{"path":"rules/database.parapet","line":20,"column":13},"#,
            r#""values":[{"expression":"db.PubliclyAccessible","value":true,"#,
            r#""source":{"path":"org.json","line":840,"column":27,"pointer":"/items/840"}},"#,
            r#"{"expression":"db.Port","value":{"$unknown":"known after apply"},"source":null},"#,
            r#"{"expression":"db.Port","value":null,"source":null}]},"#,
            r#"{"message":"shut","rule":{"path":"rules/database.parapet","line":20,"column":13},"#,
            r#""values":[],"counterexamples":3}],"#,
            r#""unknown":[{"path":"db.Port","reason":"known after apply"}],"waiver":null}],"#,
            r#""vacuous":[{"guardrail":"aws::storage::versioned","reason":"no resource"}],"#,
            r#""waivers":[{"guardrail":"aws::database::not_public","path":"rules/waivers.parapet","line":3,"#,
            r#""until":"2027-01-31","reason":"moves in March","owner":null,"ticket":"SEC-1","#,
            r#""state":"used","ends_soon":false,"waived":1}],"#,
            r#""skipped":[{"path":"a","line":3,"reason":"malformed","error":true},"#,
            r#"{"path":"a","reason":"not an input that a reader knows"}]}"#,
        ];
        assert_eq!(compact.to_string(), expected.concat());
        assert!(text.starts_with("{\n  \"schema\": \"parapet.results/1\",\n  \"parapet\": "));
        assert!(text.ends_with("\n}\n"));
    }

    #[test]
    fn all_adds_passes_and_the_bytes_stay_equal() {
        let result = full();
        let all = Options { all: true, ..Options::default() };
        assert!(text(&result, all).contains("\"verdict\": \"pass\""));
        assert_eq!(text(&result, all), text(&result, all));
    }

    #[test]
    fn a_waived_finding_names_its_waiver_and_what_it_would_be() {
        let mut result = full();
        result.findings = vec![waived_finding(0, Verdict::Unknown, "legacy")];
        assert!(text(&result, Options::default()).contains("\"findings\": [],"));
        let all: Value = serde_json::from_str(&text(&result, Options { all: true, ..Options::default() })).unwrap();
        let finding = &all["findings"][0];
        assert_eq!(finding["verdict"], "waived");
        assert_eq!(
            finding["waiver"].to_string(),
            r#"{"path":"rules/waivers.parapet","line":3,"until":"2027-01-31","reason":"moves in March","owner":null,"ticket":"SEC-1","verdict":"unknown"}"#
        );
        result.waivers.clear();
        assert!(
            write(&result, &Told::of(&result.findings, &Options { all: true, ..Options::default() }), &mut Vec::new())
                .is_err()
        );
    }

    #[test]
    fn a_guardrail_that_is_missing_is_an_error() {
        let mut result = full();
        result.guardrails.truncate(1);
        assert!(write(&result, &Told::of(&result.findings, &Options::default()), &mut Vec::new()).is_err());
        result.vacuous.clear();
        assert!(
            write(&result, &Told::of(&result.findings, &Options { all: true, ..Options::default() }), &mut Vec::new())
                .is_err()
        );
    }
}
