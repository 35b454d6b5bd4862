//! One item, formatted and compared with what it was.
//!
//! The formatted text is read again: it must have the same tokens in the same structure, and the same comments in the
//! same order; and formatting it once more must change nothing. An item that does not come out so keeps its text, and the
//! caller is told, for that is a fault of the formatter.

use parapet_base::Diagnostic;

use super::document;
use super::writer::{Comment, Writer};
use crate::layout::{Layout, SEPARATOR};
use crate::pair::Pairs;
use crate::parse;
use crate::split::ItemText;

/// Comments move to where they can stay in this many rounds; two are usual.
const MOST_ROUNDS: usize = 6;

/// What formatting an item comes to.
pub(super) enum Outcome {
    /// Its text in the style, without a line end; and comments that stood in it and now stand below it.
    Formatted { text: String, below: String },
    /// It does not parse.
    Broken(Vec<Diagnostic>),
    /// The formatter does not keep it as it is.
    Fault,
}

/// Formats an item up to the end of the line of its last token; with that end. Comments below belong to no item.
pub(super) fn format_item(item: &ItemText) -> (Outcome, usize) {
    let broken = || (Outcome::Broken(parse::parse(item).errors), item.text.len());
    let Some(layout) = parse::laid_out(item) else { return broken() };
    let Some(forest) = parse::forest(&item.text, &layout) else { return broken() };
    let (pairs, laid_out) = (forest.roots(), layout.laid_out(&item.text));
    let end = last_line_end(&laid_out);
    let text = item.text.get(..end).unwrap_or_default();
    let comments = comments(text, &layout);
    let Some(first) = written(pairs, &laid_out, end, &comments) else {
        return (Outcome::Fault, end);
    };
    if first == text {
        return (Outcome::Formatted { text: first, below: String::new() }, end);
    }
    (settled(item, first, pairs, &comments).unwrap_or(Outcome::Fault), end)
}

/// The text to which formatting comes, if it comes to one that says the same.
fn settled(item: &ItemText, first: String, pairs: Pairs<'_>, comments: &[Comment<'_>]) -> Option<Outcome> {
    let mut now = ItemText { text: first.into(), ..item.clone() };
    for _ in 0..MOST_ROUNDS {
        let layout = parse::laid_out(&now)?;
        let forest = parse::forest(&now.text, &layout)?;
        let (found, laid_out) = (forest.roots(), layout.laid_out(&now.text));
        let kept = self::comments(&now.text, &layout);
        if !pairs.is_same(found) || !same_comments(comments, &kept) {
            return None;
        }
        let mut next = written(found, &laid_out, now.text.len(), &kept)?;
        if *next == *now.text {
            let below = next.split_off(last_line_end(&laid_out));
            return Some(Outcome::Formatted { text: next, below });
        }
        now.text = next.into();
    }
    None
}

fn written<'t>(pairs: Pairs<'t>, laid_out: &'t str, end: usize, comments: &'t [Comment<'t>]) -> Option<String> {
    let mut writer = Writer::new(laid_out.get(..end)?, comments);
    for pair in pairs {
        writer.item(pair);
    }
    writer.comments_inside();
    let mut text = document::print(&writer.finish()?);
    text.truncate(text.trim_end_matches('\n').len());
    Some(text)
}

/// The end of the line on which the last token ends.
fn last_line_end(laid_out: &str) -> usize {
    let separator = char::from(SEPARATOR);
    let last = laid_out.trim_end_matches([' ', '\t', '\r', '\n', ';', separator]).len();
    let rest = laid_out.get(last..).unwrap_or_default();
    last + rest.find(['\n', separator]).unwrap_or(rest.len())
}

/// The comments of an item, documentation included, in order.
fn comments<'t>(text: &'t str, layout: &Layout) -> Vec<Comment<'t>> {
    let mut comments: Vec<Comment<'t>> = Vec::new();
    for span in &layout.comments {
        let Some(found) = text.get(span.range()) else { continue };
        let start = span.start as usize;
        let in_column_0 = text.get(..start).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
        comments.push(Comment { start, text: found.trim_end(), margin: in_column_0 && found.starts_with("//!") });
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("///") {
            comments.push(Comment { start, text: documentation(line), margin: true });
        }
        start += line.len();
    }
    comments.sort_by_key(|comment| comment.start);
    comments
}

/// A line of documentation without white space behind it, but for two spaces, which are a line break in Markdown.
fn documentation(line: &str) -> &str {
    let line = line.trim_end_matches(['\n', '\r']);
    let bare = line.trim_end();
    let is_break = bare.len() > 3 && line.get(bare.len()..).is_some_and(|rest| rest.starts_with("  "));
    if is_break { line.get(..bare.len() + 2).unwrap_or(bare) } else { bare }
}

fn same_comments(before: &[Comment<'_>], after: &[Comment<'_>]) -> bool {
    let same = |(a, b): (&Comment<'_>, &Comment<'_>)| a.text == b.text && a.margin == b.margin;
    before.len() == after.len() && before.iter().zip(after).all(same)
}
