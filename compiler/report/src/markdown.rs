//! A summary for a pull request or the page of a job, in the Markdown of GitHub and GitLab.
//!
//! Counts first, then what failed by severity, a foldable part for each guardrail; then the causes of unknowns, what is waived,
//! vacuous guardrails and inputs in error. A comment holds 65,536 characters, so that the text is bounded: what has no room is
//! counted, never dropped in silence. Text from inputs can make no markup, link or mention.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;

use parapet_model::{Finding, RunResult, Severity, Verdict};

use crate::Options;
use crate::causes::causes;
use crate::escape::{escape, shorten};
use crate::places::{first_place, messages};
use crate::resources::{counted, guardrail, short_name, waiver, why};

/// Bytes of the whole: a comment on GitHub holds 65,536 characters.
const MOST: usize = 60_000;
/// Bytes that stay free for the sections after the failures.
const REST: usize = 12_000;
/// Rows of one guardrail, and of each of the later sections.
const ROWS: usize = 50;
/// Characters of a cell.
const CELL: usize = 300;

/// Writes the summary.
pub(crate) fn write(result: &RunResult, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = head(result);
    failures(result, options, &mut text)?;
    let later = [unknowns(result)?, waived(result, options)?, vacuous(result)?, inputs(result)];
    for section in later.iter().filter(|section| !section.is_empty()) {
        if text.len() + section.len() <= MOST {
            text.push_str(section);
        } else {
            let title = section.lines().next().unwrap_or_default();
            let closed = if title.starts_with("<details>") { "</details>\n\n" } else { "" };
            text.push_str(&format!("{title}\n\nThis part has no room here.\n\n{closed}"));
        }
    }
    out.write_all((text.trim_end().to_owned() + "\n").as_bytes())
}

/// The title and the counts.
fn head(result: &RunResult) -> String {
    let counts = &result.summary;
    let decided = counts.pass + counts.fail + counts.waived + counts.not_applicable;
    let mut title = match (counts.fail, decided) {
        (0, 0) => "nothing was decided".to_owned(),
        (0, _) => "nothing failed".to_owned(),
        (fail, _) => format!("{fail} failed"),
    };
    if counts.unknown > 0 {
        title.push_str(&format!(", {} unknown", counts.unknown));
    }
    let errors = result.skipped.iter().filter(|skipped| skipped.error).count();
    if errors > 0 {
        title.push_str(&format!(", {}", counted(errors, "input error")));
    }
    let mut rows = vec![
        ("pass", counts.pass),
        ("fail", counts.fail),
        ("unknown", counts.unknown),
        ("n/a", counts.not_applicable),
        ("waived", counts.waived),
    ];
    rows.extend(result.baseline.as_ref().map(|baseline| ("in the baseline", baseline.fail + baseline.unknown)));
    let names: String = rows.iter().map(|(name, _)| format!(" {name} |")).collect();
    let line: String = rows.iter().map(|_| " ---: |").collect();
    let values: String = rows.iter().map(|(_, count)| format!(" {count} |")).collect();
    let (resources, guardrails) = (counted(counts.resources, "resource"), counted(counts.guardrails, "guardrail"));
    let read = format!("{resources}, {guardrails}, as of {}.", result.as_of);
    let text = format!("## Parapet: {title}\n\n|{names}\n|{line}\n|{values}\n\n{read}\n\n");
    text + &change(result)
}

/// What the inputs are a change of, and what it did.
fn change(result: &RunResult) -> String {
    let onto: Vec<String> = result.inputs.iter().filter(|input| input.onto).map(|input| inline(&input.path)).collect();
    let Some(first) = onto.first() else { return String::new() };
    let more = if onto.len() > 1 { format!(" and {}", counted(onto.len() - 1, "more input")) } else { String::new() };
    let counts = result.counts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(what, count)| format!("{}: {count}", prose(what))).collect();
    format!("A change on top of {first}{more}. {}\n\n", counts.join("; "))
}

/// What failed: severities from above, guardrails in the order of their paths.
fn failures(result: &RunResult, options: &Options, text: &mut String) -> io::Result<()> {
    let mut groups: BTreeMap<(Reverse<Severity>, usize), Vec<&Finding>> = BTreeMap::new();
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    for finding in result.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        let severity = guardrail(result, finding.guardrail)?.severity;
        groups.entry((Reverse(severity), finding.guardrail)).or_default().push(finding);
        *counts.entry(severity).or_default() += 1;
    }
    let mut shown: Option<Severity> = None;
    let mut left_out = (0, 0);
    for ((Reverse(severity), index), findings) in &groups {
        let mut part = String::new();
        if shown != Some(*severity) {
            let count = counts.get(severity).copied().unwrap_or_default();
            part = format!("### {}: {count}\n\n", capital(severity.name()));
        }
        part.push_str(&one_guardrail(result, options, *index, findings)?);
        if left_out.0 > 0 || text.len() + part.len() > MOST - REST {
            left_out = (left_out.0 + 1, left_out.1 + findings.len());
            continue;
        }
        shown = Some(*severity);
        text.push_str(&part);
    }
    if left_out.0 > 0 {
        let (guardrails, findings) = (counted(left_out.0, "more guardrail"), counted(left_out.1, "failure"));
        text.push_str(&format!("And {guardrails} with {findings}, for which there is no room here.\n\n"));
    }
    Ok(())
}

/// A foldable table of the resources on which a guardrail fails.
fn one_guardrail(result: &RunResult, options: &Options, index: usize, findings: &[&Finding]) -> io::Result<String> {
    let info = guardrail(result, index)?;
    let counts = options.fail_on.counts(info, Verdict::Fail);
    let state = if counts { "" } else { ", does not count" };
    let mut text = format!(
        "<details>\n<summary><code>{}</code>: {} ({}{state})</summary>\n\n",
        inline(&info.path),
        inline(&info.title),
        findings.len()
    );
    text.push_str("| resource | account | region | finding | place |\n| --- | --- | --- | --- | --- |\n");
    for finding in findings.iter().take(ROWS) {
        text.push_str(&row(finding));
    }
    if findings.len() > ROWS {
        text.push_str(&format!("\nAnd {}.\n", counted(findings.len() - ROWS, "more resource")));
    }
    if let Some(fix) = info.fix.trim().split("\n\n").next().filter(|fix| !fix.is_empty()) {
        text.push_str(&format!("\nFix: {}\n", prose(fix)));
    }
    Ok(text + "\n</details>\n\n")
}

fn row(finding: &Finding) -> String {
    let resource = &finding.resource;
    let place = first_place(finding).map(|place| format!("{}:{}:{}", place.path, place.line, place.column));
    let cells = [
        inline(&short_name(resource)),
        inline(resource.account.as_deref().unwrap_or_default()),
        inline(resource.region.as_deref().unwrap_or_default()),
        messages(finding).into_iter().map(inline).collect::<Vec<_>>().join("<br>"),
        place.as_deref().map(inline).unwrap_or_default(),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// Why verdicts are unknown, the cause of most first.
fn unknowns(result: &RunResult) -> io::Result<String> {
    let causes = causes(result);
    if causes.is_empty() {
        return Ok(String::new());
    }
    let mut text = format!("### Unknown: {}\n\n", result.summary.unknown);
    text.push_str("| cause | guardrails | resources | such as |\n| --- | ---: | ---: | --- |\n");
    for cause in causes.iter().take(ROWS) {
        let (path, finding) = cause.example;
        let example = [path, &guardrail(result, finding.guardrail)?.path, &short_name(&finding.resource)].map(inline);
        let example = example.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let counts = (cause.guardrails.len(), cause.resources.len());
        text.push_str(&format!("| {} | {} | {} | {example} |\n", inline(cause.reason), counts.0, counts.1));
    }
    Ok(ended(text, causes.len(), "more cause"))
}

/// What is waived, by waiver; each finding with `--all`.
fn waived(result: &RunResult, options: &Options) -> io::Result<String> {
    if result.summary.waived == 0 {
        return Ok(String::new());
    }
    let mut rows: Vec<[String; 4]> = Vec::new();
    for finding in result.findings.iter().filter(|_| options.all) {
        let Some(waived) = finding.waived else { continue };
        let waiver = waiver(result, waived.waiver)?;
        let path = &guardrail(result, finding.guardrail)?.path;
        let until = waiver.until.as_deref().unwrap_or_default();
        rows.push([path, &short_name(&finding.resource), until, &why(waiver)].map(inline));
    }
    for waiver in result.waivers.iter().filter(|waiver| !options.all && waiver.waived > 0) {
        let covered = counted(waiver.waived, "finding");
        let until = waiver.until.as_deref().unwrap_or_default();
        rows.push([&waiver.guardrail, covered.as_str(), until, &why(waiver)].map(inline));
    }
    let mut text = format!("### Waived: {}\n\n", result.summary.waived);
    text.push_str("| guardrail | what | until | reason |\n| --- | --- | --- | --- |\n");
    for row in rows.iter().take(ROWS) {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    Ok(ended(text, rows.len(), "more row"))
}

/// Guardrails that met nothing, folded away.
fn vacuous(result: &RunResult) -> io::Result<String> {
    if result.vacuous.is_empty() {
        return Ok(String::new());
    }
    let count = counted(result.vacuous.len(), "vacuous guardrail");
    let mut text = format!("<details><summary>{count}, which is not a pass</summary>\n\n");
    for (index, reason) in result.vacuous.iter().take(ROWS) {
        text.push_str(&format!("- <code>{}</code>: {}\n", inline(&guardrail(result, *index)?.path), inline(reason)));
    }
    Ok(ended(text, result.vacuous.len(), "more guardrail") + "</details>\n\n")
}

/// Inputs that could not be read whole: what is in them is not judged.
fn inputs(result: &RunResult) -> String {
    let errors: Vec<_> = result.skipped.iter().filter(|skipped| skipped.error).collect();
    if errors.is_empty() {
        return String::new();
    }
    let mut text = format!("### Inputs in error: {}\n\n", errors.len());
    for skipped in errors.iter().take(ROWS) {
        let numbers = [skipped.line, skipped.column].into_iter().map_while(|number| number);
        let place: String = numbers.map(|number| format!(":{number}")).collect();
        text.push_str(&format!("- {}{place}: {}\n", inline(&skipped.path), inline(&skipped.reason)));
    }
    ended(text, errors.len(), "more error")
}

/// Says how many of a section's entries are not shown, and ends it.
fn ended(text: String, count: usize, noun: &str) -> String {
    match count.checked_sub(ROWS).filter(|rest| *rest > 0) {
        Some(rest) => format!("{text}\nAnd {}.\n\n", counted(rest, noun)),
        None => text + "\n",
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Text of inputs and rules on one line, without any meaning of its own.
fn inline(text: &str) -> String {
    let character = |character: char| match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        // No mention, whoever is called so.
        '@' => "@<!-- -->".to_owned(),
        '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '$' => {
            format!("&#{};", u32::from(character))
        }
        ordinary => ordinary.to_string(),
    };
    // Without its scheme no address becomes a link.
    shorten(text, CELL).chars().map(character).collect::<String>().replace("://", ":<!-- -->//")
}

/// Markdown of a rule, on one line: code and emphasis stay, markup and mentions do not.
fn prose(text: &str) -> String {
    // Where one back-tick has no partner, none opens code for certain.
    let paired = text.matches('`').count().is_multiple_of(2);
    let mut code = false;
    let mut shown = String::new();
    for character in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        code ^= paired && character == '`';
        match character {
            '<' if !code => shown.push_str("&lt;"),
            '@' if !code => shown.push_str("@<!-- -->"),
            ordinary => shown.push_str(&escape(&ordinary.to_string())),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use parapet_model::{FailOn, Skipped};

    use super::*;
    use crate::testing::{
        detail, finding, instance_guardrail, public, result, unknown_finding, waived_finding, waiver as a_waiver,
    };

    fn text(result: &RunResult, options: Options) -> String {
        let mut out = Vec::new();
        write(result, &options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn everything_has_its_section() {
        let mut result = result();
        let details = vec![detail("open | wide", vec![public()]), detail("shut", Vec::new())];
        result.waivers = vec![a_waiver()];
        result.findings = vec![
            finding(1, Verdict::Fail, "logs"),
            Finding { details, ..finding(0, Verdict::Fail, "orders") },
            unknown_finding(0, "later", &[("db.Port", "known after apply")]),
            waived_finding(0, Verdict::Fail, "legacy"),
        ];
        (result.summary.fail, result.summary.unknown, result.summary.waived) = (2, 1, 1);
        result.vacuous = vec![(1, "no resource".into())];
        let skipped = Skipped { path: "a".into(), line: Some(3), column: Some(9), reason: "bad".into(), error: true };
        result.skipped = vec![skipped];
        let fail_on = FailOn { severity: Some(Severity::High), ..FailOn::default() };
        assert_eq!(
            text(&result, Options { fail_on, ..Options::default() }),
            r#"## Parapet: 2 failed, 1 unknown, 1 input error

| pass | fail | unknown | n/a | waived |
| ---: | ---: | ---: | ---: | ---: |
| 0 | 2 | 1 | 0 | 1 |

3 resources, 2 guardrails, as of 2026-11-23T00:00:00Z.

### Critical: 1

<details>
<summary><code>aws::database::not&#95;public</code>: Instances are private (1)</summary>

| resource | account | region | finding | place |
| --- | --- | --- | --- | --- |
| AWS::RDS::DBInstance orders | 111122223333 | eu-west-1 | open &#124; wide<br>shut | org.json:840:27 |

Fix: Set `PubliclyAccessible` to `false`. Then move it.

</details>

### Low: 1

<details>
<summary><code>aws::storage::versioned</code>: Buckets are versioned (1, does not count)</summary>

| resource | account | region | finding | place |
| --- | --- | --- | --- | --- |
| AWS::RDS::DBInstance logs | 111122223333 | eu-west-1 |  | org.json:812:5 |

</details>

### Unknown: 1

| cause | guardrails | resources | such as |
| --- | ---: | ---: | --- |
| known after apply | 1 | 1 | db.Port, aws::database::not&#95;public, AWS::RDS::DBInstance later |

### Waived: 1

| guardrail | what | until | reason |
| --- | --- | --- | --- |
| aws::database::not&#95;public | 1 finding | 2027-01-31 | moves in March |

<details><summary>1 vacuous guardrail, which is not a pass</summary>

- <code>aws::storage::versioned</code>: no resource

</details>

### Inputs in error: 1

- a:3:9: bad
"#
        );
        let all = text(&result, Options { all: true, ..Options::default() });
        assert!(all.contains("| AWS::RDS::DBInstance legacy | 2027-01-31 |"), "{all}");
    }

    #[test]
    fn inputs_make_no_markup_links_or_mentions() {
        let hostile = "`x` | </details> [a](http://b) @team\n# <img src=x> \\| **b** $(c)\u{202e}";
        let shown = inline(hostile);
        for markup in ["`", "</details>", "<img", "@team", "](", "http://", "**", "|", "\n", "\u{202e}"] {
            assert!(!shown.contains(markup), "{markup}: {shown}");
        }
        assert_eq!(prose("Set `<a>`\nnot <b> @me"), "Set `<a>` not &lt;b> @<!-- -->me");
    }

    #[test]
    fn what_has_no_room_is_counted() {
        let mut result = result();
        let details = vec![detail(&"x".repeat(200), vec![public()])];
        result.guardrails = (0..40).map(|_| instance_guardrail()).collect();
        for at in 0..40 * 60 {
            let found = finding(at / 60, Verdict::Fail, &format!("db-{at}"));
            result.findings.push(Finding { details: details.clone(), ..found });
        }
        result.summary.fail = result.findings.len();
        result.vacuous = (0..90).map(|at| (at % 40, "no resource".into())).collect();
        let text = text(&result, Options::default());
        assert!(text.len() <= MOST, "{}", text.len());
        assert!(text.contains("\nAnd 10 more resources.\n"), "{text}");
        let rest = 40 - text.matches("<summary><code>").count();
        assert!(rest < 40, "{text}");
        let told = format!("And {rest} more guardrails with {} failures, for which there is no room here.", rest * 60);
        assert!(text.contains(&told), "{told}: {text}");
        assert!(text.contains("And 40 more guardrails.\n"), "{text}");
    }
}
