//! A file into items: each stands where it says, and no line is lost without a word.

use parapet_base::Diagnostic;
use parapet_syntax::{ItemText, split};

use super::places::lie_in;
use super::{Behaviour, Target, Tried, hold};

/// See the module.
#[derive(Default)]
pub struct SplitFile;

impl Target for SplitFile {
    fn try_text(&mut self, text: &str) -> Tried {
        let split = split(text);
        let mut behaviour = Behaviour::default();
        let mut end = 0;
        for item in &split.items {
            let start = item.offset as usize;
            let here = text.get(start..start + item.text.len());
            hold(here == Some(&item.text), "an item's text stands at its offset", || format!("{item:?}"))?;
            hold(start >= end, "items stand one after the other", || format!("{item:?}"))?;
            end = start + item.text.len();
            behaviour.saw((item.keyword, item.name.is_some(), item.public));
        }
        for error in &split.errors {
            lie_in(text, error, &|_| None)?;
            behaviour.saw(&error.primary);
            behaviour.saw(!error.suggestions.is_empty());
        }
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let told = || format!("line {line:?} at {at} is in no item and in no error");
            hold(is_accounted_for(at, line, &split.items, &split.errors), "no line is dropped in silence", told)?;
            at += line.len();
        }
        Ok(behaviour)
    }
}

/// Comments and blank lines may stand between items; what else does is an error.
fn is_accounted_for(at: usize, line: &str, items: &[ItemText], errors: &[Diagnostic]) -> bool {
    let bare = line.trim();
    let before = items.partition_point(|item| item.offset as usize <= at);
    let inside = before
        .checked_sub(1)
        .and_then(|before| items.get(before))
        .is_some_and(|item| at < item.offset as usize + item.text.len());
    bare.is_empty() || bare.starts_with("//") || inside || !errors.is_empty()
}
