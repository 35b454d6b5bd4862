//! Findings for people, in the manner of a compiler.
//!
//! Failures come in full: the guardrail, the resource, and for each requirement the line of the input
//! beside the line of the rule. Unknown verdicts are grouped by cause, vacuous guardrails listed, and the
//! last line counts. A fix is told once per guardrail, at its first finding: with 500 accounts, once is
//! enough. All text from inputs is escaped on its way out.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use parapet_model::{Detail, Finding, GuardrailInfo, RunResult, Severity, SourcePlace, Verdict};

use crate::Options;
use crate::causes::unknowns;
use crate::escape::{escape, shorten, width};
use crate::paint::{Paint, Style};
use crate::places::described;
use crate::resources::{advice, counted, full_name, guardrail, short_name, short_terms, waiver};
use crate::snippet::{Layout, Snippet, draw, remark};

/// Columns where the terminal does not say.
const WIDTH: usize = 140;
/// Columns of a message.
const MESSAGE: usize = 600;
/// Without `--all`: details of one finding, and guardrails of one vacuous reason.
const DETAILS: usize = 10;
const VACUOUS: usize = 10;

/// Writes the report.
pub(crate) fn write(result: &RunResult, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut helped = BTreeSet::new();
    for finding in result.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        let guardrail = guardrail(result, finding.guardrail)?;
        let first = helped.insert(finding.guardrail);
        let help = if first { advice(&guardrail.fix) } else { None };
        out.write_all(failure(options, guardrail, finding, help.as_deref()).as_bytes())?;
    }
    if options.all {
        write_others(result, options, out)?;
    }
    out.write_all(unknowns(result, options)?.as_bytes())?;
    out.write_all(vacuous(result, options)?.as_bytes())?;
    out.write_all(summary(result, options)?.as_bytes())
}

/// One failing finding in full.
fn failure(options: &Options, guardrail: &GuardrailInfo, finding: &Finding, help: Option<&str>) -> String {
    let layout = layout(options, finding);
    let mut text = header(layout.paint, guardrail);
    text.push_str(&format!("  {}\n", full_name(&finding.resource)));
    let shown = if options.all { finding.details.len() } else { DETAILS };
    for detail in finding.details.iter().take(shown) {
        draw_detail(layout, finding, detail, &mut text);
    }
    if finding.details.is_empty() {
        draw(layout, &places(finding.resource.source.as_ref(), String::new()), &mut text);
    }
    if finding.details.len() > shown {
        let more = counted(finding.details.len() - shown, "more requirement");
        remark(layout, "note", &format!("{more} of this resource, shown with --all"), &mut text);
    }
    if let Some(date) = &guardrail.pending {
        remark(layout, "note", &format!("takes effect on {}; until then it does not count", escape(date)), &mut text);
    }
    if let Some(help) = help {
        remark(layout, "help", &escape(help), &mut text);
    }
    text + "\n"
}

/// `critical[aws::database::not_public]: Instances are private`.
fn header(paint: Paint, guardrail: &GuardrailInfo) -> String {
    let start = format!("{}[{}]", guardrail.severity.name(), escape(&guardrail.path));
    let start = paint.text(Style::Severity(guardrail.severity), &start);
    format!("{start}: {}\n", paint.text(Style::Bold, &escape(&guardrail.title)))
}

/// The gutter is as wide as the largest line number of the finding.
fn layout(options: &Options, finding: &Finding) -> Layout {
    let inputs = finding.details.iter().flat_map(|detail| &detail.values).filter_map(|value| value.source.as_ref());
    let lines = inputs.chain(&finding.resource.source).map(|place| place.line);
    let largest = lines.chain(finding.details.iter().map(|detail| detail.rule.line)).max().unwrap_or(0);
    let gutter = width(&largest.to_string()).max(2);
    let columns = options.width.unwrap_or(WIDTH).saturating_sub(gutter + 4).max(30);
    Layout { paint: Paint { color: options.color }, gutter, columns }
}

/// A requirement: its message, where its values stand in the input, where it stands in the rules.
fn draw_detail(layout: Layout, finding: &Finding, detail: &Detail, text: &mut String) {
    text.push_str(&layout.paint.text(Style::Bold, &format!("  {}", shorten(&detail.message, MESSAGE))));
    text.push('\n');
    let placed = detail.values.iter().filter(|value| value.source.is_some());
    let mut snippets: Vec<Snippet<'_>> =
        placed.flat_map(|value| places(value.source.as_ref(), described(value))).collect();
    if snippets.is_empty() {
        snippets = places(finding.resource.source.as_ref(), String::new());
    }
    snippets.push(Snippet {
        path: &detail.rule.path,
        line: detail.rule.line,
        column: detail.rule.column,
        excerpt: Some(&detail.rule.excerpt),
        words: String::new(),
        caret: '-',
        style: Style::Frame,
    });
    draw(layout, &snippets, text);
    for value in detail.values.iter().filter(|value| value.source.is_none()) {
        remark(layout, "", &described(value), text);
    }
    if detail.counterexamples > 1 {
        remark(layout, "note", &format!("the first of {} counterexamples", detail.counterexamples), text);
    }
}

fn places(place: Option<&SourcePlace>, words: String) -> Vec<Snippet<'_>> {
    let snippet = place.map(|place| Snippet {
        path: &place.path,
        line: place.line,
        column: place.column,
        excerpt: place.excerpt.as_ref(),
        words,
        caret: '^',
        style: Style::Bad,
    });
    snippet.into_iter().collect()
}

/// Passes, `n/a` and what is waived, one line each.
fn write_others(result: &RunResult, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let paint = Paint { color: options.color };
    let mut any = false;
    for finding in &result.findings {
        let word = match finding.verdict {
            Verdict::Pass => paint.text(Style::Good, "pass"),
            Verdict::NotApplicable => paint.text(Style::Frame, "n/a "),
            Verdict::Waived => paint.text(Style::Help, "waived"),
            Verdict::Fail | Verdict::Unknown => continue,
        };
        let path = escape(&guardrail(result, finding.guardrail)?.path);
        writeln!(out, "{word} {path}: {}{}", short_name(&finding.resource), terms(result, finding)?)?;
        any = true;
    }
    if any { out.write_all(b"\n") } else { Ok(()) }
}

/// ` until 2027-01-31: moves in March (rules/waivers.parapet:3)` of a finding that is waived.
fn terms(result: &RunResult, finding: &Finding) -> io::Result<String> {
    let Some(waived) = finding.waived else { return Ok(String::new()) };
    let waiver = waiver(result, waived.waiver)?;
    Ok(format!("{} ({}:{})", short_terms(waiver), escape(&waiver.path), waiver.line))
}

/// Guardrails that judged nothing, by reason.
fn vacuous(result: &RunResult, options: &Options) -> io::Result<String> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (index, reason) in &result.vacuous {
        reasons.entry(reason).or_default().push(&guardrail(result, *index)?.path);
    }
    if reasons.is_empty() {
        return Ok(String::new());
    }
    let title = "vacuous, which is not a pass:";
    let mut text = Paint { color: options.color }.text(Style::Bold, title) + "\n";
    for (reason, paths) in reasons {
        let shown = if options.all { paths.len() } else { VACUOUS };
        let mut names: Vec<String> = paths.iter().take(shown).map(|path| escape(path).into_owned()).collect();
        if paths.len() > shown {
            names.push(format!("and {} more", paths.len() - shown));
        }
        text.push_str(&format!("  {}: {}\n", escape(reason), names.join(", ")));
    }
    Ok(text + "\n")
}

/// `9 pass, 3 fail (1 critical, 2 low), 0 unknown, 4 n/a, 1 waived`.
fn summary(result: &RunResult, options: &Options) -> io::Result<String> {
    let paint = Paint { color: options.color };
    let counts = &result.summary;
    let mut failed = format!("{} fail{}", counts.fail, by_severity(result)?);
    if counts.fail > 0 {
        failed = paint.text(Style::Bad, &failed);
    }
    let passed = format!("{} pass", counts.pass);
    let waived = if counts.waived > 0 { format!(", {} waived", counts.waived) } else { String::new() };
    Ok(format!("{passed}, {failed}, {} unknown, {} n/a{waived}\n", counts.unknown, counts.not_applicable))
}

fn by_severity(result: &RunResult) -> io::Result<String> {
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in result.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        *counts.entry(guardrail(result, finding.guardrail)?.severity).or_default() += 1;
    }
    let parts: Vec<String> =
        counts.iter().rev().map(|(severity, count)| format!("{count} {}", severity.name())).collect();
    Ok(if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) })
}

#[cfg(test)]
mod tests {
    use parapet_model::SeenValue;
    use serde_json::json;

    use super::*;
    use crate::testing::{detail, excerpt, finding, place, public, result, waived_finding, waiver};

    fn text(result: &RunResult, options: Options) -> String {
        let mut out = Vec::new();
        write(result, &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn failing(id: &str, details: Vec<Detail>) -> Finding {
        Finding { details, ..finding(0, Verdict::Fail, id) }
    }

    #[test]
    fn a_failure_shows_input_rule_and_help_once() {
        let mut result = result();
        let absent = SeenValue { expression: "db.Port".into(), value: None, unknown: None, source: None };
        let mut first = failing("orders", vec![detail("orders has a public endpoint", vec![public(), absent])]);
        first.resource.name = Some("Orders".into());
        result.findings =
            vec![first, failing("two", vec![Detail { counterexamples: 3, ..detail("no reason seen", Vec::new()) }])];
        result.summary.fail = 2;
        assert_eq!(
            text(&result, Options::default()),
            r#"critical[aws::database::not_public]: Instances are private
  AWS::RDS::DBInstance orders "Orders", account 111122223333, region eu-west-1
  orders has a public endpoint
   --> org.json:840:27
    |
840 |     "publiclyAccessible": true,
    |                           ^^^^ db.PubliclyAccessible is true
    |
   ::: rules/database.parapet:20:13
    |
 20 |     require not db.PubliclyAccessible
    |             -------------------------
    |
    = db.Port is absent
    = help: Set `PubliclyAccessible` to `false`. Then move it.

critical[aws::database::not_public]: Instances are private
  AWS::RDS::DBInstance two, account 111122223333, region eu-west-1
  no reason seen
   --> org.json:812:5
    |
812 |   {"id": "orders"},
    |   ^^^^^^^^^^^^^^^^
    |
   ::: rules/database.parapet:20:13
    |
 20 |     require not db.PubliclyAccessible
    |             -------------------------
    |
    = note: the first of 3 counterexamples

0 pass, 2 fail (2 critical), 0 unknown, 0 n/a
"#
        );
    }

    #[test]
    fn values_of_one_line_share_it() {
        let line = "{\"from\": 1, \"to\": 2}";
        let value = |name: &str, mark: &str, json| SeenValue {
            expression: name.into(),
            value: Some(json),
            unknown: None,
            source: Some(place(7, 1, Some(excerpt(line, mark)))),
        };
        let values = vec![value("rule.FromPort", "1", json!(1)), value("rule.ToPort", "2", json!("x".repeat(100)))];
        let mut result = result();
        result.findings = vec![failing("orders", vec![detail("open", values)])];
        let long = format!("             ^ rule.ToPort is \"{}…", "x".repeat(78));
        let text = text(&result, Options::default());
        assert!(text.contains(&format!("  7 | {line}\n")), "{text}");
        assert!(text.contains("         ^ rule.FromPort is 1\n"), "{text}");
        assert!(text.contains(&long), "{text}");
        assert_eq!(text.matches(line).count(), 1);
    }

    #[test]
    fn inputs_cannot_forge_output() {
        let mut result = result();
        let mut forged = failing("x\n99 pass, 0 fail\u{1b}[2J", vec![detail("a\nb\r", Vec::new())]);
        forged.resource.name = Some("\u{202e}".into());
        result.findings = vec![forged];
        let text = text(&result, Options::default());
        assert!(text.contains("x\\n99 pass, 0 fail\\u{1b}[2J \"\\u{202e}\""), "{text}");
        assert!(text.contains("  a\\nb\\r\n"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text}");
    }

    #[test]
    fn all_shows_passes_and_every_requirement() {
        let mut result = result();
        let details = (0..12).map(|at| detail(&format!("open to {at}"), Vec::new())).collect();
        result.findings = vec![
            finding(1, Verdict::Pass, "logs"),
            failing("orders", details),
            finding(1, Verdict::NotApplicable, "old"),
        ];
        result.vacuous = vec![(1, "no resource".into())];
        result.guardrails[0].pending = Some("2027-01-01".into());
        let brief = text(&result, Options::default());
        assert!(
            !brief.contains("open to 10") && brief.contains("= note: 2 more requirements of this resource"),
            "{brief}"
        );
        assert!(brief.contains("= note: takes effect on 2027-01-01; until then it does not count"), "{brief}");
        let whole = text(&result, Options { all: true, ..Options::default() });
        assert!(whole.contains("open to 11"), "{whole}");
        assert!(whole.ends_with(
            "
pass aws::storage::versioned: AWS::RDS::DBInstance logs
n/a  aws::storage::versioned: AWS::RDS::DBInstance old

vacuous, which is not a pass:
  no resource: aws::storage::versioned

0 pass, 0 fail (1 critical), 0 unknown, 0 n/a
"
        ));
    }

    #[test]
    fn what_is_waived_is_counted_and_listed_with_all() {
        let mut result = result();
        result.findings = vec![waived_finding(0, Verdict::Fail, "legacy")];
        result.waivers = vec![waiver()];
        result.summary.waived = 1;
        assert_eq!(text(&result, Options::default()), "0 pass, 0 fail, 0 unknown, 0 n/a, 1 waived\n");
        let all = text(&result, Options { all: true, ..Options::default() });
        let listed = "waived aws::database::not_public: AWS::RDS::DBInstance legacy until 2027-01-31: moves in March (rules/waivers.parapet:3)\n";
        assert!(all.starts_with(listed), "{all}");
    }

    #[test]
    fn colours_come_only_when_asked() {
        let mut result = result();
        result.findings = vec![failing("orders", vec![detail("open", vec![public()])])];
        assert!(!text(&result, Options::default()).contains('\u{1b}'));
        let colored = text(&result, Options { color: true, ..Options::default() });
        assert!(colored.starts_with("\u{1b}[1;31mcritical[aws::database::not_public]\u{1b}[0m: "), "{colored}");
    }
}
