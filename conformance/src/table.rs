//! Agreement as tables.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::Result;

use crate::case::Case;
use crate::judge::{Actual, Outcome};
use crate::reviewed::Reviewed;

/// How many cases agree, by format.
pub(crate) type Summary = BTreeMap<String, usize>;

/// The cases of one row.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    cases: usize,
    covered: usize,
    agree: usize,
    /// Disagreements that are meant, with a verdict.
    meant: usize,
    /// The same, unknown.
    meant_unknown: usize,
    disagree: usize,
    unknown: usize,
    unread: usize,
    unreadable: usize,
}

impl Row {
    fn add(&mut self, case: &Case, outcome: &Outcome, reviewed: bool) {
        self.cases += 1;
        match outcome {
            Outcome::Judged(actual, _) => {
                self.covered += 1;
                match actual {
                    _ if actual.agrees(case.expect) => self.agree += 1,
                    Actual::Unknown if reviewed => self.meant_unknown += 1,
                    _ if reviewed => self.meant += 1,
                    Actual::Unknown => self.unknown += 1,
                    Actual::Pass | Actual::Fail | Actual::Skip => self.disagree += 1,
                }
            }
            Outcome::Uncovered => {}
            Outcome::Unread => self.unread += 1,
            Outcome::Unreadable(_) => self.unreadable += 1,
        }
    }

    fn cells(self) -> String {
        let Row { cases, covered, agree, meant, meant_unknown, disagree, unknown, unread, unreadable } = self;
        let of = |part: usize, all: usize| match all {
            0 => "–".to_owned(),
            all => format!("{:.1} %", part as f64 * 100.0 / all as f64),
        };
        format!(
            "{cases} | {covered} | {agree} | {disagree} | {unknown} | {meant} | {meant_unknown} | {unread} | {unreadable} \
             | {} | {} |",
            of(agree, covered),
            of(agree, cases)
        )
    }
}

const HEAD: &str = "cases | covered | agree | disagree | unknown | meant | meant unknown | no reader | unreadable | of covered | of all |";

/// Prints a table for each way to group the cases, then what is not covered.
pub(crate) fn print(
    out: &mut impl Write,
    cases: &[Case],
    outcomes: &[Outcome],
    differs: &BTreeMap<String, Reviewed>,
) -> Result<Summary> {
    type Key = fn(&Case) -> String;
    let groups: [(&str, Key); 3] = [
        ("source", |case| case.tool().to_owned()),
        ("format", |case| format!("{} {}", case.kind, case.format)),
        ("area", |case| case.area.clone()),
    ];
    let mut summary = Summary::new();
    for (title, key) in groups {
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        for (case, outcome) in cases.iter().zip(outcomes) {
            let reviewed = differs.contains_key(&case.id);
            rows.entry(key(case)).or_default().add(case, outcome, reviewed);
            rows.entry("~ all".to_owned()).or_default().add(case, outcome, reviewed);
        }
        writeln!(out, "\n| {title} | {HEAD}\n|{}", " --- |".repeat(12))?;
        for (name, row) in &rows {
            writeln!(out, "| {} | {}", name.trim_start_matches("~ "), row.cells())?;
        }
        if title == "format" {
            summary = rows
                .into_iter()
                .filter(|(name, _)| !name.starts_with('~'))
                .map(|(name, row)| (name, row.agree))
                .collect();
        }
    }
    uncovered(out, cases, outcomes)?;
    Ok(summary)
}

/// The controls that no guardrail carries, most cases first.
fn uncovered(out: &mut impl Write, cases: &[Case], outcomes: &[Outcome]) -> Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let missing =
        cases.iter().zip(outcomes).filter(|(case, outcome)| case.kind == "access" && **outcome == Outcome::Uncovered);
    missing.for_each(|(case, _)| *counts.entry(&case.control).or_default() += 1);
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(control, count)| (usize::MAX - count, *control));
    let listed: Vec<String> = counts.iter().map(|(control, count)| format!("{control} ({count})")).collect();
    writeln!(out, "\n{} controls about access that no guardrail carries: {}", listed.len(), listed.join(", "))?;
    Ok(())
}

/// A line for each case: id, format, control, resource, expected, actual, guardrails or what is wrong.
pub(crate) fn every_case(cases: &[Case], outcomes: &[Outcome], differs: &BTreeMap<String, Reviewed>) -> String {
    let mut text = String::from("id\tformat\tcontrol\tresource\texpected\tactual\tagrees\tby\n");
    for (case, outcome) in cases.iter().zip(outcomes) {
        let (actual, agrees, by) = match outcome {
            Outcome::Judged(actual, paths) => {
                let agrees = match (actual.agrees(case.expect), differs.contains_key(&case.id)) {
                    (true, _) => "yes",
                    (false, true) => "meant",
                    (false, false) => "no",
                };
                (actual.name(), agrees, paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            }
            Outcome::Uncovered => ("uncovered", "no", String::new()),
            Outcome::Unread => ("no reader", "no", String::new()),
            Outcome::Unreadable(why) => ("unreadable", "no", why.clone()),
        };
        let resource = case.resource.as_deref().unwrap_or("-");
        let (format, control, expected) = (&case.format, &case.control, case.expect.name());
        text.push_str(&format!("{}\t{format}\t{control}\t{resource}\t{expected}\t{actual}\t{agrees}\t{by}\n", case.id));
    }
    text
}
