//! `parapet lint --fix`: applies the suggestions that need no person.
//!
//! All is done in memory first, in rounds: the suggestions that get along are applied, the rules are checked again, and
//! what a file's fixes broke is undone in that file. Then each file that changed is written at once, unless it changed on
//! the disk meanwhile. Only files of the selected packages are touched; the embedded library and dependencies never are.

mod alone;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parapet_base::{Applicability, Diagnostic, FileId, Level, Suggestion};
use parapet_semantic::{Scope, SourceFile};

use crate::diagnostics::diagnostics;
use crate::edits::apply;
use crate::host::{Host, Replaced};
use crate::rules::Rules;

pub use alone::Fixing;

/// After so many rounds suggestions that call each other forth are left to a person.
const MOST_ROUNDS: usize = 10;

/// A file that was fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    pub path: String,
    /// How many suggestions were applied.
    pub fixes: usize,
}

/// What was fixed, and what stood in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fixes {
    /// By path.
    pub fixed: Vec<Fixed>,
    /// Files that could not be fixed, with the reason.
    pub problems: Vec<String>,
}

/// Files that are one on the disk, and have one text.
struct Group {
    files: Vec<SourceFile>,
    path: String,
    original: Arc<str>,
    fixes: usize,
    /// Its fixes broke something.
    frozen: bool,
}

/// A suggestion that is applied unasked; of several ways to mend one thing, the first.
fn machine(diagnostic: &Diagnostic) -> Option<&Suggestion> {
    diagnostic.suggestions.iter().find(|suggestion| suggestion.applicability == Applicability::Machine)
}

/// Fixes the files of the selected packages on the disk; `rules` are then what the disk holds.
pub fn fix(host: &dyn Host, rules: &mut Rules) -> Fixes {
    let mut fixes = Fixes::default();
    let groups = rounds(rules, groups(rules, &|path| host.real(Path::new(path))), &mut fixes);
    for group in groups.into_iter().filter(|group| group.fixes > 0) {
        match written(host, rules, &group) {
            Ok(()) => fixes.fixed.push(Fixed { path: group.path, fixes: group.fixes }),
            Err(problem) => {
                set_text(rules, &group, &group.original);
                fixes.problems.push(problem);
            }
        }
    }
    fixes
}

/// Fixes the selected rules in memory only.
pub fn fix_in_memory(rules: &mut Rules) -> Fixes {
    let mut fixes = Fixes::default();
    let groups = rounds(rules, groups(rules, &|path| PathBuf::from(path)), &mut fixes);
    let fixed = groups.into_iter().filter(|group| group.fixes > 0);
    fixes.fixed = fixed.map(|group| Fixed { path: group.path, fixes: group.fixes }).collect();
    fixes
}

/// The files that may be fixed, by path.
fn groups(rules: &Rules, real: &dyn Fn(&str) -> PathBuf) -> Vec<Group> {
    let mut groups: BTreeMap<PathBuf, Group> = BTreeMap::new();
    for package in rules.packages.iter().filter(|package| package.selected && !package.embedded) {
        for file in &package.files {
            let (path, text) = (file.path(&rules.db), file.text(&rules.db));
            let group = groups.entry(real(path)).or_insert_with(|| Group {
                files: Vec::new(),
                path: path.to_string(),
                original: text.clone(),
                fixes: 0,
                frozen: false,
            });
            group.files.push(*file);
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by(|a, b| a.path.cmp(&b.path));
    groups
}

fn rounds(rules: &mut Rules, mut groups: Vec<Group>, fixes: &mut Fixes) -> Vec<Group> {
    let mut found = diagnostics(rules, Scope::WithTests);
    for _ in 0..MOST_ROUNDS {
        let changed = round(rules, &mut groups, &found);
        if changed.is_empty() {
            break;
        }
        found = undo_what_breaks(rules, &mut groups, &found, changed, fixes);
    }
    groups
}

/// A group that a round changed, as it was before.
struct Changed {
    group: usize,
    ids: Vec<FileId>,
    text: Arc<str>,
    fixes: usize,
    /// How many errors the round mended. Behind each another may come to light, which is not the round's doing.
    errors: usize,
}

/// Applies what gets along in each file, and edits all files at once.
fn round(rules: &mut Rules, groups: &mut [Group], found: &[(FileId, Diagnostic)]) -> Vec<Changed> {
    let mut changed = Vec::new();
    let mut edits = Vec::new();
    for (at, group) in groups.iter_mut().enumerate().filter(|(_, group)| !group.frozen) {
        let Some(first) = group.files.first() else { continue };
        let id = first.id(&rules.db);
        let here = found.iter().filter(|(file, _)| *file == id);
        let (levels, suggestions): (Vec<Level>, Vec<&Suggestion>) =
            here.filter_map(|(_, diagnostic)| Some((diagnostic.level(), machine(diagnostic)?))).unzip();
        let before = first.text(&rules.db).clone();
        let (text, applied) = apply(&before, &suggestions);
        if applied.is_empty() {
            continue;
        }
        edits.extend(edits_of(group, &text.into()));
        let errors = applied.iter().filter(|at| levels.get(**at) == Some(&Level::Error)).count();
        let ids = group.files.iter().map(|file| file.id(&rules.db)).collect();
        changed.push(Changed { group: at, ids, text: before, fixes: group.fixes, errors });
        group.fixes += applied.len();
    }
    rules.edit(edits);
    changed
}

/// Checks again. Where a file that was fixed has errors that it did not have, more than were mended in it, its fixes of
/// this round are undone; where another file has one, those of all are. Gives what is found in the end.
fn undo_what_breaks(
    rules: &mut Rules,
    groups: &mut [Group],
    before: &[(FileId, Diagnostic)],
    mut changed: Vec<Changed>,
    fixes: &mut Fixes,
) -> Vec<(FileId, Diagnostic)> {
    let known = errors(before);
    loop {
        let found = diagnostics(rules, Scope::WithTests);
        let mut broken = broken(&known, &found);
        for changed in &changed {
            came_to_light(&mut broken, &changed.ids, changed.errors);
        }
        let Some(why) = broken.keys().next().map(|(_, message)| message.clone()) else { return found };
        let is_broken = |changed: &Changed| broken.keys().any(|(id, _)| changed.ids.contains(id));
        let (mut undone, kept): (Vec<Changed>, Vec<Changed>) = changed.into_iter().partition(is_broken);
        changed = kept;
        if undone.is_empty() {
            undone = std::mem::take(&mut changed);
        }
        if undone.is_empty() {
            return found;
        }
        for undone in undone {
            undo(rules, groups, &undone, &why, fixes);
        }
    }
}

/// Takes out the errors of files in which as many were mended as are new.
fn came_to_light(broken: &mut BTreeMap<(FileId, String), usize>, ids: &[FileId], mended: usize) {
    // Files that are one on the disk have the same errors.
    let here = broken.iter().filter(|((id, _), _)| Some(id) == ids.first());
    if here.map(|(_, times)| times).sum::<usize>() <= mended {
        broken.retain(|(id, _), _| !ids.contains(id));
    }
}

fn undo(rules: &mut Rules, groups: &mut [Group], undone: &Changed, why: &str, fixes: &mut Fixes) {
    let Some(group) = groups.get_mut(undone.group) else { return };
    set_text(rules, group, &undone.text);
    group.fixes = undone.fixes;
    group.frozen = true;
    fixes.problems.push(format!("`{}`: fixes were undone, because they lead to an error: {why}", group.path));
}

/// The errors by file and message, each with its number of times.
fn errors(found: &[(FileId, Diagnostic)]) -> BTreeMap<(FileId, &str), usize> {
    let mut errors = BTreeMap::new();
    for (file, diagnostic) in found.iter().filter(|(_, diagnostic)| diagnostic.level() == Level::Error) {
        *errors.entry((*file, diagnostic.message.as_str())).or_insert(0) += 1;
    }
    errors
}

/// Errors that were not there, or not as often, and how many more they are.
fn broken(
    known: &BTreeMap<(FileId, &str), usize>,
    found: &[(FileId, Diagnostic)],
) -> BTreeMap<(FileId, String), usize> {
    let more = errors(found).into_iter().filter_map(|(error, times)| {
        let more = times.saturating_sub(known.get(&error).copied().unwrap_or(0));
        (more > 0).then(|| ((error.0, error.1.to_owned()), more))
    });
    more.collect()
}

fn set_text(rules: &mut Rules, group: &Group, text: &Arc<str>) {
    rules.edit(edits_of(group, text));
}

fn edits_of(group: &Group, text: &Arc<str>) -> Vec<(SourceFile, Arc<str>)> {
    group.files.iter().map(|file| (*file, text.clone())).collect()
}

/// What files may begin with, and what is no part of their text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Writes the new text, or says why not.
fn written(host: &dyn Host, rules: &Rules, group: &Group) -> Result<(), String> {
    let Some(file) = group.files.first() else { return Ok(()) };
    let path = Path::new(&group.path);
    if group.path == "-" {
        return Err("standard input cannot be fixed, because nothing can be written there".to_owned());
    }
    let told = |error: std::io::Error| format!("`{}` cannot be fixed: {error}", group.path);
    let mut bytes = Vec::new();
    host.open(path).and_then(|mut reader| reader.read_to_end(&mut bytes)).map_err(told)?;
    let mark = if bytes.starts_with(BYTE_ORDER_MARK.as_bytes()) { BYTE_ORDER_MARK } else { "" };
    let changed = || format!("`{}` changed while it was looked at, and was left alone", group.path);
    if bytes.get(mark.len()..) != Some(group.original.as_bytes()) {
        return Err(changed());
    }
    let text = format!("{mark}{}", file.text(&rules.db));
    match host.replace(path, &bytes, text.as_bytes()).map_err(told)? {
        Replaced::Done => Ok(()),
        Replaced::ChangedMeanwhile => Err(changed()),
    }
}

#[cfg(test)]
mod tests;
