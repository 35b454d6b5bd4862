//! The guardrails in reach, for `parapet list`.
//!
//! As a table for people, as `parapet.guardrails/1` for programs, both in the order given. Titles come
//! last in the table, since they are what may be cut.

use parapet_model::{GuardrailInfo, Severity};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::Options;
use crate::escape::{escape, shorten, width};
use crate::paint::{Paint, Style};
use crate::resources::{controls, counted};

/// What a resource type, a list of controls and a path may take before they are cut.
const CELL: usize = 60;

/// A table: severity, path, types, controls, title; then the count.
pub fn list_text(guardrails: &[GuardrailInfo], options: &Options) -> String {
    let paint = Paint { color: options.color };
    let rows: Vec<[String; 4]> = guardrails.iter().map(cells).collect();
    let widths = [column(&rows, 0), column(&rows, 1), column(&rows, 2)];
    let mut text = String::new();
    for (row, guardrail) in rows.iter().zip(guardrails) {
        text.push_str(&line(paint, options.width, guardrail.severity, row, widths));
        text.push('\n');
    }
    text + &counted(guardrails.len(), "guardrail") + "\n"
}

/// The list as JSON, pretty printed, with a final line break.
pub fn list_json(guardrails: &[GuardrailInfo]) -> String {
    let document = Document { schema: "parapet.guardrails/1", guardrails: guardrails.iter().map(entry).collect() };
    // Serialising strings into memory has no way to fail.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    guardrails: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    path: &'a str,
    title: &'a str,
    severity: &'static str,
    types: &'a [String],
    controls: Map<String, Value>,
    params: &'a [String],
    package: &'a str,
}

fn entry(guardrail: &GuardrailInfo) -> Entry<'_> {
    Entry {
        path: &guardrail.path,
        title: &guardrail.title,
        severity: guardrail.severity.name(),
        types: &guardrail.types,
        controls: controls(guardrail),
        params: &guardrail.params,
        package: &guardrail.package,
    }
}

/// Path, types, controls, title.
fn cells(guardrail: &GuardrailInfo) -> [String; 4] {
    let ids =
        guardrail.controls.iter().flat_map(|(framework, ids)| ids.iter().map(move |id| format!("{framework}:{id}")));
    [
        shorten(&guardrail.path, CELL),
        shorten(&guardrail.types.join(" "), CELL),
        shorten(&ids.collect::<Vec<_>>().join(" "), CELL),
        escape(&guardrail.title).into_owned(),
    ]
}

fn column(rows: &[[String; 4]], at: usize) -> usize {
    rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell)).max().unwrap_or(0)
}

fn line(paint: Paint, limit: Option<usize>, severity: Severity, row: &[String; 4], widths: [usize; 3]) -> String {
    let mut rest = String::new();
    for (cell, wide) in row.iter().zip(widths) {
        let blanks = wide.saturating_sub(width(cell));
        rest.push_str(&format!("  {cell}{:blanks$}", ""));
    }
    if let Some(title) = row.last() {
        rest.push_str(&format!("  {title}"));
    }
    let name = format!("{:8}", severity.name());
    let rest = rest.trim_end();
    let rest =
        limit.map_or_else(|| rest.to_owned(), |columns| shorten(rest, columns.saturating_sub(name.len()).max(20)));
    paint.text(Style::Severity(severity), &name) + &rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bucket_guardrail, instance_guardrail};

    #[test]
    fn tables_are_aligned_and_cut() {
        let guardrails = [instance_guardrail(), bucket_guardrail()];
        assert_eq!(
            list_text(&guardrails, &Options::default()),
            "critical  aws::database::not_public  AWS::RDS::DBInstance  fsbp:RDS.2 config:rds-public  Instances are private
low       aws::storage::versioned    AWS::S3::Bucket                                     Buckets are versioned
2 guardrails
"
        );
        let narrow = Options { width: Some(40), ..Options::default() };
        assert!(list_text(&guardrails, &narrow).starts_with("critical  aws::database::not_public  AW…\n"));
    }

    #[test]
    fn json_holds_what_scripts_need() {
        assert_eq!(
            list_json(&[instance_guardrail()]),
            r#"{
  "schema": "parapet.guardrails/1",
  "guardrails": [
    {
      "path": "aws::database::not_public",
      "title": "Instances are private",
      "severity": "critical",
      "types": [
        "AWS::RDS::DBInstance"
      ],
      "controls": {
        "fsbp": [
          "RDS.2"
        ],
        "config": [
          "rds-public"
        ]
      },
      "params": [],
      "package": "aws"
    }
  ]
}
"#
        );
    }
}
