//! What people decided about the cases: which disagreements are meant, and how much agreement must be kept.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::case::Case;
use crate::judge::Outcome;
use crate::table::Summary;

/// The ids of disagreements that were reviewed, with the reason. An id that no case has is an error: the list would
/// excuse what nobody can check.
pub(crate) fn differs(path: &Path, cases: &[Case]) -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} is not there", path.display()))?;
    let mut reviewed = BTreeMap::new();
    for (line, text) in lines(&text) {
        let Some((id, reason)) = text.split_once('\t').filter(|(_, reason)| !reason.trim().is_empty()) else {
            bail!("{}:{line}: not an id, a tab and a reason", path.display());
        };
        if !cases.iter().any(|case| case.id == id) {
            bail!("{}:{line}: no case is called `{id}`", path.display());
        }
        reviewed.insert(id.to_owned(), reason.to_owned());
    }
    Ok(reviewed)
}

/// The cases with a reason for a disagreement that is no more.
pub(crate) fn settled<'c>(differs: &BTreeMap<String, String>, cases: &'c [Case], outcomes: &[Outcome]) -> Vec<&'c str> {
    let agrees = |(case, outcome): &(&Case, &Outcome)| match outcome {
        Outcome::Judged(actual, _) => actual.agrees(case.expect),
        Outcome::Uncovered | Outcome::Unread | Outcome::Unreadable(_) => false,
    };
    let reviewed = cases.iter().zip(outcomes).filter(|(case, _)| differs.contains_key(&case.id));
    reviewed.filter(agrees).map(|(case, _)| case.id.as_str()).collect()
}

/// An error where fewer cases agree than were recorded.
pub(crate) fn compare(path: &Path, summary: &Summary) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} is not there", path.display()))?;
    for (line, text) in lines(&text) {
        let Some((format, least)) = text.split_once('\t') else {
            bail!("{}:{line}: not a format, a tab and a number", path.display());
        };
        let least: usize = least.trim().parse().with_context(|| format!("{}:{line}", path.display()))?;
        let agreed = summary.get(format).copied().unwrap_or(0);
        if agreed < least {
            bail!("{format}: {agreed} cases agree, {least} did; `--record` takes the new number over");
        }
    }
    Ok(())
}

/// The text of `agreement.tsv`.
pub(crate) fn record(summary: &Summary) -> String {
    let mut text = String::from("# How many cases of each format the library agrees with; fewer is an error.\n");
    summary.iter().for_each(|(format, agreed)| text.push_str(&format!("{format}\t{agreed}\n")));
    text
}

/// Lines that say something, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}
