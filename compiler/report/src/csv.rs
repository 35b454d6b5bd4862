//! A row for each finding, for spreadsheets: RFC 4180.
//!
//! The columns are a contract: later versions add some on the right. Lines end in CR LF; a cell with a comma, a quote or a
//! line end stands in quotes. A cell that a spreadsheet would run as a formula gets an apostrophe before it, since names and
//! tags come from whoever may create resources.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use parapet_model::{Finding, RunResult};

use crate::escape::escape;
use crate::places::{causes, first_place, messages};
use crate::rendering::Told;
use crate::resources::{guardrail, mark, waiver};

const COLUMNS: [&str; 21] = [
    "verdict",
    "severity",
    "guardrail",
    "title",
    "type",
    "id",
    "name",
    "arn",
    "account",
    "region",
    "address",
    "messages",
    "unknown",
    "path",
    "line",
    "column",
    "pointer",
    "controls",
    "waived_until",
    "waiver_reason",
    "honored",
];

/// Writes the header, then a row for each finding.
pub(crate) fn write(result: &RunResult, findings: &Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(row(&COLUMNS.map(str::to_owned)).as_bytes())?;
    let rows = |_: usize, some: &[Cow<'_, Finding>]| {
        let rows: io::Result<String> = some.iter().map(|finding| Ok(row(&cells(result, finding)?))).collect();
        rows.map(String::into_bytes)
    };
    findings.write(&rows, out)
}

fn cells(result: &RunResult, finding: &Finding) -> io::Result<[String; 21]> {
    let guardrail = guardrail(result, finding.guardrail)?;
    let resource = &finding.resource;
    let text = |text: &Option<Arc<str>>| text.as_deref().unwrap_or_default().to_owned();
    let place = first_place(finding);
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let controls = guardrail.controls.iter();
    let controls = controls.flat_map(|(framework, ids)| ids.iter().map(move |id| format!("{framework}:{id}")));
    let waiver = finding.waived.map(|waived| waiver(result, waived.waiver)).transpose()?;
    Ok([
        finding.verdict.name().to_owned(),
        guardrail.severity.name().to_owned(),
        guardrail.path.clone(),
        guardrail.title.clone(),
        resource.resource_type.to_string(),
        resource.id.to_string(),
        text(&resource.name),
        text(&resource.arn),
        text(&resource.account),
        text(&resource.region),
        text(&resource.address),
        messages(finding).join("; "),
        causes(finding).join("; "),
        place.map(|place| place.path.to_string()).unwrap_or_default(),
        number(place.map(|place| place.line)),
        number(place.map(|place| place.column)),
        place.map(|place| place.pointer.clone()).unwrap_or_default(),
        controls.collect::<Vec<_>>().join("; "),
        waiver.and_then(|waiver| waiver.until.clone()).unwrap_or_default(),
        waiver.and_then(|waiver| waiver.reason.clone()).unwrap_or_default(),
        waiver.and_then(|waiver| waiver.honored.as_ref()).map(mark).unwrap_or_default(),
    ])
}

fn row(cells: &[String]) -> String {
    cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// One cell. Control characters are spelt out, so that a cell is one line.
fn cell(text: &str) -> String {
    let shown = escape(text);
    let formula = shown.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    let shown = if formula { format!("'{shown}") } else { shown.into_owned() };
    let quoted = shown.contains([',', '"', ';']) || shown.starts_with(' ') || shown.ends_with(' ');
    if quoted { format!("\"{}\"", shown.replace('"', "\"\"")) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use crate::testing::{
        detail, finding, honored, public, result, unknown_finding, waived_finding, waiver as a_waiver,
    };
    use parapet_model::Verdict;

    fn text(result: &RunResult, all: bool) -> String {
        let mut out = Vec::new();
        write(result, &Told::of(&result.findings, &Options { all, ..Options::default() }), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_finding_is_a_row() {
        let mut result = result();
        let details = vec![detail("open, \"wide\"", vec![public()]), detail("shut", Vec::new())];
        result.waivers = vec![a_waiver()];
        result.findings = vec![
            Finding { details, ..finding(0, Verdict::Fail, "orders") },
            unknown_finding(1, "logs", &[("b.Versioning", "not collected"), ("b.Name", "stale")]),
            waived_finding(0, Verdict::Fail, "legacy"),
            finding(0, Verdict::Pass, "good"),
        ];
        let header = COLUMNS.join(",") + "\r\n";
        let fail = "fail,critical,aws::database::not_public,Instances are private,AWS::RDS::DBInstance,orders,,,111122223333,eu-west-1,,\
            \"open, \"\"wide\"\"; shut\",,org.json,840,27,/items/840,\"fsbp:RDS.2; config:rds-public\",,,\r\n";
        let unknown = "unknown,low,aws::storage::versioned,Buckets are versioned,AWS::RDS::DBInstance,logs,,,111122223333,eu-west-1,,,\
            \"b.Versioning: not collected; b.Name: stale\",org.json,812,5,/items/812,,,,\r\n";
        assert_eq!(text(&result, false), format!("{header}{fail}{unknown}"));
        let all = text(&result, true);
        assert!(all.contains("\r\nwaived,critical,") && all.contains(",2027-01-31,moves in March,\r\n"), "{all}");
        assert!(all.contains("\r\npass,critical,"), "{all}");
        result.waivers = vec![honored()];
        assert!(text(&result, true).contains(",,moves in March,cfn_nag W9\r\n"));
    }

    #[test]
    fn no_cell_is_a_formula_or_ends_its_row() {
        for text in ["=1+1", "+1", "-1", "@x", " =1", "\u{ff1d}1"] {
            assert!(cell(text).trim_matches('"').starts_with('\''), "{text}");
        }
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        assert_eq!(cell("a\r\nb\tc\u{1b}"), "a\\r\\nb\\tc\\u{1b}");
        assert_eq!(cell("\t=1"), "\\t=1");
        assert_eq!(cell("plain ö 表"), "plain ö 表");
    }
}
