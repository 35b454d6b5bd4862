//! The last lines on standard error: what was read, what nobody looks at, what was skipped.
//!
//! Nothing is dropped in silence, so every count of the result has a line here. Lists are cut with a
//! count of the rest, but errors of inputs and vacuous guardrails are named, as scripts look for them.

use std::collections::BTreeSet;

use parapet_model::{
    BaselineInfo, RunResult, Skipped, Tool, UNKNOWN_PROPERTIES, UnknownProperty, WaiverInfo, WaiverState,
};

use crate::escape::escape;
use crate::resources::{counted, mark};

/// Names shown of each list before "and N more".
const INPUTS: usize = 20;
const TYPES: usize = 10;
const VACUOUS: usize = 50;
const ERRORS: usize = 200;
const SKIPPED: usize = 20;
const WAIVERS: usize = 50;
const UNKNOWN: usize = 20;

/// The accounting of a run, one fact a line.
pub fn accounting(result: &RunResult) -> String {
    let mut lines = inputs(result);
    lines.extend(types(result));
    lines.extend(unseen(result));
    lines.extend(vacuous(result));
    lines.extend(skipped(&result.skipped));
    for (name, count) in result.counts.iter().filter(|(_, count)| *count > 0) {
        lines.push(format!("{}: {count}", escape(name)));
        if name == UNKNOWN_PROPERTIES {
            lines.extend(unknown_properties(&result.unknown_properties));
        }
    }
    if let Some((oldest, newest)) = &result.captured {
        lines.push(format!("captured: oldest {}, newest {}", escape(oldest), escape(newest)));
    }
    lines.extend(result.baseline.as_ref().map(baseline));
    lines.extend(waivers(result));
    lines.extend(result.notices.iter().map(|notice| format!("note: {}", escape(notice))));
    lines.into_iter().map(|line| line + "\n").collect()
}

fn inputs(result: &RunResult) -> Vec<String> {
    let inputs = counted(result.inputs.len(), "input");
    let mut lines = vec![format!("read {inputs}: {}", counted(result.summary.resources, "resource"))];
    for input in result.inputs.iter().take(INPUTS) {
        let resources = counted(input.resources, "resource");
        let onto = if input.onto { ", of what the others change" } else { "" };
        lines.push(format!("  {}: {}, {resources}{onto}", escape(&input.path), escape(&input.format)));
    }
    lines.extend(more(result.inputs.len(), INPUTS, "input"));
    lines
}

/// The types of most resources first.
fn types(result: &RunResult) -> Option<String> {
    let types: Vec<(&str, usize)> = result.types.iter().map(|(name, count, _)| (name.as_str(), *count)).collect();
    (!types.is_empty()).then(|| format!("types: {}", most(types)))
}

/// Resources of types that no guardrail ranges over.
fn unseen(result: &RunResult) -> Option<String> {
    let types = result.types.iter().filter(|(_, _, looked_at)| !looked_at);
    let types: Vec<(&str, usize)> = types.map(|(name, count, _)| (name.as_str(), *count)).collect();
    let resources = types.iter().map(|(_, count)| count).sum();
    (resources > 0).then(|| format!("no guardrail looks at {}: {}", counted(resources, "resource"), most(types)))
}

fn most(mut types: Vec<(&str, usize)>) -> String {
    types.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    let mut names: Vec<String> =
        types.iter().take(TYPES).map(|(name, count)| format!("{} {count}", escape(name))).collect();
    if types.len() > TYPES {
        names.push(format!("and {}", counted(types.len() - TYPES, "more type")));
    }
    names.join(", ")
}

fn vacuous(result: &RunResult) -> Vec<String> {
    if result.vacuous.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("vacuous: {}", counted(result.vacuous.len(), "guardrail"))];
    for (index, reason) in result.vacuous.iter().take(VACUOUS) {
        let path = result.guardrails.get(*index).map_or("a guardrail that the result lacks", |info| &info.path);
        lines.push(format!("  {}: {}", escape(path), escape(reason)));
    }
    lines.extend(more(result.vacuous.len(), VACUOUS, "guardrail"));
    lines
}

/// Each with how often it occurs, and where at first.
fn unknown_properties(unknown: &[UnknownProperty]) -> Vec<String> {
    let line = |unknown: &UnknownProperty| {
        let (ty, property) = (escape(&unknown.resource_type), escape(&unknown.property));
        let place = format!("{}:{}:{}", escape(&unknown.path), unknown.line, unknown.column);
        match unknown.count {
            1 => format!("  {place}: {ty} has no {property}"),
            count => format!("  {place}: {ty} has no {property}; {count} times"),
        }
    };
    let mut lines: Vec<String> = unknown.iter().take(UNKNOWN).map(line).collect();
    lines.extend(more(unknown.len(), UNKNOWN, "name"));
    lines
}

/// What an earlier result had already.
fn baseline(info: &BaselineInfo) -> String {
    let changed =
        if info.changed > 0 { format!(", {} of them with other messages", info.changed) } else { String::new() };
    let counts = format!("{} fail, {} unknown", info.fail, info.unknown);
    format!("in the baseline {} already: {counts}{changed}", escape(&info.path))
}

/// What is waived, then the waivers that somebody should look at.
fn waivers(result: &RunResult) -> Vec<String> {
    let mut lines = Vec::new();
    if result.summary.waived > 0 {
        lines.push(format!("waived: {} by {}", counted(result.summary.waived, "finding"), by_whom(result)));
    }
    let remarks: Vec<String> = result.waivers.iter().flat_map(remarks).collect();
    lines.extend(remarks.iter().take(WAIVERS).cloned());
    lines.extend(more(remarks.len(), WAIVERS, "remark"));
    lines
}

/// `2 waivers, 1 mark of cfn_nag`: each mark counts once, for whichever guardrails it is honoured.
fn by_whom(result: &RunResult) -> String {
    let used = || result.waivers.iter().filter(|waiver| waiver.waived > 0);
    let own = used().filter(|waiver| waiver.honored.is_none()).count();
    let mut parts: Vec<String> = (own > 0).then(|| counted(own, "waiver")).into_iter().collect();
    for tool in Tool::ALL {
        let of_tool = used().filter_map(|waiver| Some((waiver, waiver.honored.as_ref()?)));
        let marks: BTreeSet<(&str, u32, u32, &str)> = of_tool
            .filter(|(_, honored)| honored.tool == tool)
            .map(|(waiver, honored)| (&*waiver.path, waiver.line, waiver.column, &*honored.id))
            .collect();
        if !marks.is_empty() {
            parts.push(format!("{} of {}", counted(marks.len(), "mark"), tool.name()));
        }
    }
    parts.join(", ")
}

fn remarks(waiver: &WaiverInfo) -> Vec<String> {
    let until = escape(waiver.until.as_deref().unwrap_or_default());
    let state = match waiver.state {
        WaiverState::Used | WaiverState::Idle => None,
        WaiverState::CoversNothing => Some("is unused: it covers no resource that was judged".to_owned()),
        WaiverState::NotNeeded => Some("is unused: what it covers neither fails nor is unknown".to_owned()),
        WaiverState::Expired => Some(format!("ended on {until} and waives nothing")),
    };
    let ending = waiver.ends_soon.then(|| format!("ends on {until}"));
    let undecided = waiver.undecided.as_ref().map(|(count, why)| {
        format!("does not waive {} that it may cover: {}", counted(*count, "finding"), escape(why))
    });
    let place = format!("{}:{}:{}", escape(&waiver.path), waiver.line, waiver.column);
    let what = match &waiver.honored {
        None => format!("this waiver of `{}`", escape(&waiver.guardrail)),
        Some(honored) => format!("the mark {} for `{}`", mark(honored), escape(&waiver.guardrail)),
    };
    let remarks = [state, ending, undecided].into_iter().flatten();
    remarks.map(|remark| format!("note: {place}: {what} {remark}")).collect()
}

/// The lines that tell what was not read. Errors first: they decide the exit status.
pub fn skipped(skipped: &[Skipped]) -> Vec<String> {
    let (errors, others): (Vec<&Skipped>, Vec<&Skipped>) = skipped.iter().partition(|skipped| skipped.error);
    let mut lines: Vec<String> =
        errors.iter().take(ERRORS).map(|skipped| format!("error: {}", named(skipped))).collect();
    lines.extend(more(errors.len(), ERRORS, "error"));
    if !others.is_empty() {
        lines.push(format!("skipped: {}", counted(others.len(), "part")));
        lines.extend(others.iter().take(SKIPPED).map(|skipped| format!("  {}", named(skipped))));
        lines.extend(more(others.len(), SKIPPED, "part"));
    }
    lines
}

fn named(skipped: &Skipped) -> String {
    let numbers = [skipped.line, skipped.column].into_iter().map_while(|number| number);
    let place: String = numbers.map(|number| format!(":{number}")).collect();
    format!("{}{place}: {}", escape(&skipped.path), escape(&skipped.reason))
}

fn more(count: usize, shown: usize, noun: &str) -> Option<String> {
    let rest = count.checked_sub(shown).filter(|rest| *rest > 0)?;
    Some(format!("  and {}", counted(rest, &format!("more {noun}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{result, waiver};

    #[test]
    fn every_count_has_its_line() {
        let mut result = result();
        result.types = vec![("AWS::A::B".into(), 1, true), ("AWS::C::D".into(), 2, false)];
        result.vacuous = vec![(1, "no resource".into())];
        let skipped =
            Skipped { path: "a".into(), line: Some(3), column: Some(9), reason: "bad\nline".into(), error: true };
        result.skipped = vec![Skipped { line: None, error: false, ..skipped.clone() }, skipped];
        result.counts = vec![("deleted".into(), 4), ("older duplicates".into(), 0), (UNKNOWN_PROPERTIES.into(), 25)];
        let unknown = |count: usize, property: &str| UnknownProperty {
            resource_type: "AWS::A::B".into(),
            property: property.into(),
            count,
            path: "a".into(),
            line: 3,
            column: 9,
        };
        result.unknown_properties = vec![unknown(3, "Ingress.Cidrr"), unknown(1, "b\nd")];
        result.unknown_properties.extend((0..21).map(|_| unknown(1, "More")));
        result.captured = Some(("2025-01-01T00:00:00Z".into(), "2026-01-01T00:00:00Z".into()));
        result.notices = vec!["`a::b` is deprecated: use `a::c`".into()];
        assert_eq!(
            accounting(&result),
            "read 1 input: 3 resources
  org.json: aws-config, 3 resources
types: AWS::C::D 2, AWS::A::B 1
no guardrail looks at 2 resources: AWS::C::D 2
vacuous: 1 guardrail
  aws::storage::versioned: no resource
error: a:3:9: bad\\nline
skipped: 1 part
  a: bad\\nline
deleted: 4
properties that no schema knows: 25
  a:3:9: AWS::A::B has no Ingress.Cidrr; 3 times
  a:3:9: AWS::A::B has no b\\nd
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  a:3:9: AWS::A::B has no More
  and 3 more names
captured: oldest 2025-01-01T00:00:00Z, newest 2026-01-01T00:00:00Z
note: `a::b` is deprecated: use `a::c`
"
        );
    }

    #[test]
    fn waivers_that_somebody_should_look_at_are_named() {
        let mut result = result();
        let of = |state, ends_soon| WaiverInfo { state, ends_soon, waived: 0, ..waiver() };
        let undecided = Some((2, "db.Engine: known after apply".into()));
        result.waivers = vec![
            waiver(),
            of(WaiverState::Expired, false),
            of(WaiverState::CoversNothing, true),
            WaiverInfo { undecided, ..of(WaiverState::NotNeeded, false) },
            of(WaiverState::Idle, false),
        ];
        result.summary.waived = 1;
        let head = "note: rules/waivers.parapet:3:7: this waiver of `aws::database::not_public`";
        assert_eq!(
            accounting(&result),
            format!(
                "read 1 input: 3 resources
  org.json: aws-config, 3 resources
waived: 1 finding by 1 waiver
{head} ended on 2027-01-31 and waives nothing
{head} is unused: it covers no resource that was judged
{head} ends on 2027-01-31
{head} is unused: what it covers neither fails nor is unknown
{head} does not waive 2 findings that it may cover: db.Engine: known after apply
"
            )
        );
    }

    #[test]
    fn long_lists_say_how_much_is_left() {
        let mut result = result();
        result.types = (0..13).map(|at| (format!("AWS::A::B{at:02}"), 1, true)).collect();
        result.vacuous = (0..60).map(|_| (9, "no resource".into())).collect();
        let text = accounting(&result);
        assert!(text.contains("AWS::A::B09 1, and 3 more types\n"), "{text}");
        assert!(text.contains("  and 10 more guardrails\n"), "{text}");
    }
}
