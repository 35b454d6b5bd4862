//! Marks in the comments of YAML: `checkov:skip=ID:reason`, `trivy:ignore:ID`.
//!
//! What looks like a comment inside of a scalar, as in a script, is none.

use std::collections::BTreeMap;

use parapet_base::Span;
use parapet_model::{Document, Name, Node, NodeKind, Tool};

use super::regions::Regions;
use super::{Suppression, Suppressions};

const CHECKOV: &str = "checkov:skip=";
const TRIVY: &str = "trivy:ignore:";

/// A comment from its `#` to the end of the line.
struct Comment<'t> {
    start: usize,
    text: &'t str,
}

/// The marks in the comments of a template in YAML.
pub(super) fn read(document: &Document, resources: &[&Node], tools: &[Tool], marks: &mut Suppressions) {
    let regions = Regions::of(&document.text, resources);
    for comment in comments(document) {
        let at = |offset: usize, length: usize| {
            let start = comment.start + offset;
            Span::new(start, start + length)
        };
        if tools.contains(&Tool::Checkov)
            && let Some(offset) = comment.text.find(CHECKOV)
        {
            let about = regions.inside(comment.start);
            let rest = comment.text.get(offset..).unwrap_or_default();
            let span = at(offset, rest.len());
            let mark = |(id, reason)| Suppression { tool: Tool::Checkov, id, reason, until: None, span, about };
            marks.found.extend(skips(rest).into_iter().map(mark));
        }
        if tools.contains(&Tool::Trivy) {
            // A comment above a resource is about it, too.
            let about = regions.inside(comment.start).or_else(|| regions.below(comment.start));
            for (offset, word) in ignores(comment.text) {
                let span = at(offset, word.len());
                match ignored(word) {
                    Ok((id, until)) => {
                        marks.found.push(Suppression { tool: Tool::Trivy, id, reason: None, until, span, about });
                    }
                    Err(why) => marks.unread.push((span, why)),
                }
            }
        }
    }
}

/// `checkov:skip=CKV_AWS_18,CKV_AWS_21: a bucket of logs`: the ids, each with the reason.
fn skips(rest: &str) -> Vec<(Name, Option<String>)> {
    let rest = rest.strip_prefix(CHECKOV).unwrap_or_default().trim();
    let end = rest.find(|letter: char| letter == ':' || letter.is_whitespace()).unwrap_or(rest.len());
    let (ids, reason) = rest.split_at_checked(end).unwrap_or_default();
    let reason = reason.strip_prefix(':').map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
    ids.split(',').filter(|id| !id.is_empty()).map(|id| (id.into(), reason.clone())).collect()
}

/// `trivy:ignore:AWS-0086`, and `trivy:ignore:AWS-0086:exp:2027-01-31`, which ends.
fn ignored(word: &str) -> Result<(Name, Option<String>), String> {
    let mut parts = word.strip_prefix(TRIVY).unwrap_or_default().split(':');
    let id = parts.next().unwrap_or_default();
    if id.is_empty() || id == "*" || id.contains('[') {
        return Err(format!("`{word}` names no rule by itself"));
    }
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => Ok((id.into(), None)),
        (Some("exp"), Some(day), None) if is_day(day) => Ok((id.into(), Some(day.to_owned()))),
        _ => Err(format!("`{word}` counts under conditions that are not known here")),
    }
}

fn is_day(text: &str) -> bool {
    text.len() == "2027-01-31".len() && parapet_model::parse_time(&format!("{text}T00:00:00Z")).is_some()
}

/// The words of a comment that begin as Trivy's marks do, and where.
fn ignores(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let begins = |at: &usize| {
        let before = text.get(..*at).unwrap_or_default().chars().next_back();
        before.is_none_or(|letter| letter == '#' || letter.is_whitespace())
    };
    let found = text.match_indices(TRIVY).map(|(at, _)| at).filter(begins);
    found.filter_map(|at| Some((at, text.get(at..)?.split_whitespace().next()?)))
}

/// The comments of a text: from a `#` that begins a line or follows white space, and stands in no scalar.
fn comments(document: &Document) -> Vec<Comment<'_>> {
    let mut scalars = BTreeMap::new();
    leaves(&document.tree, &mut scalars);
    let in_scalar = |at: usize| scalars.range(..=at).next_back().is_some_and(|(_, end)| *end > at);
    let mut comments = Vec::new();
    let mut start = 0;
    for line in document.text.split_inclusive('\n') {
        let opens = |at: &usize| {
            let before = line.get(..*at).unwrap_or_default().chars().next_back();
            before.is_none_or(char::is_whitespace) && !in_scalar(start + at) && !is_in_key(line, *at)
        };
        if let Some(at) = line.match_indices('#').map(|(at, _)| at).find(opens) {
            comments.push(Comment { start: start + at, text: line.get(at..).unwrap_or_default().trim_end() });
        }
        start += line.len();
    }
    comments
}

/// Whether a place of a line is inside of a key in quotes: the quote ends before a `:`.
fn is_in_key(line: &str, at: usize) -> bool {
    let (before, rest) = line.split_at_checked(at).unwrap_or_default();
    ['"', '\''].into_iter().any(|quote| {
        let behind = rest.split_once(quote).map(|(_, behind)| behind.trim_start());
        before.matches(quote).count() % 2 == 1 && behind.is_some_and(|behind| behind.starts_with(':'))
    })
}

/// Where the scalars of a tree begin and end.
fn leaves(node: &Node, scalars: &mut BTreeMap<usize, usize>) {
    match &node.kind {
        NodeKind::Map(members) => members.iter().for_each(|(_, member)| leaves(member, scalars)),
        NodeKind::List(elements) => elements.iter().for_each(|element| leaves(element, scalars)),
        NodeKind::Text(_) => {
            let end = scalars.entry(node.span.start as usize).or_insert(0);
            *end = (*end).max(node.span.end as usize);
        }
        NodeKind::Null
        | NodeKind::Bool(_)
        | NodeKind::Int(_)
        | NodeKind::Float(_)
        | NodeKind::Beyond(_)
        | NodeKind::Unknown(_) => {}
    }
}
