//! Formats programs: one style, whatever the layout of the input.
//!
//! A file is split into items. Each item that parses is written anew from what the grammar found: a document of tokens
//! and places to break ([`document`]), with the comments put back where they stood ([`writer`]). From the layout of the
//! input come only comments and empty lines between statements. Items that do not parse, and text that belongs to no item,
//! stay byte for byte. Nothing is reordered, and what the result says is compared with what the input said ([`item`]).

mod brackets;
mod document;
mod expressions;
mod item;
mod items;
mod lines;
mod pieces;
mod writer;

use parapet_base::{Diagnostic, Edit, Span};

use crate::split::{ItemText, Split, split};
use item::{Outcome, format_item};
pub use lines::line_edits;
use pieces::Pieces;

/// A formatted file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Formatted {
    /// The text in the style of the language; items that do not parse are as they were.
    pub text: String,
    /// Why items do not parse, by places in the input.
    pub errors: Vec<Diagnostic>,
    /// Items that the formatter would have changed in meaning, and therefore left: faults of Parapet.
    pub faults: Vec<Span>,
}

/// Formats a file. Line ends become `\n`.
pub fn format(text: &str) -> Formatted {
    let split = split(text);
    let mut formatted = Formatted { errors: split.errors.clone(), ..Formatted::default() };
    let mut pieces = Pieces::default();
    let mut at = 0;
    for item in &split.items {
        let offset = item.offset as usize;
        pieces.between(text.get(at..offset).unwrap_or_default());
        let (outcome, end) = format_item(item);
        match outcome {
            Outcome::Formatted { text, below } => {
                pieces.item(text, item.keyword);
                pieces.between(&below);
            }
            Outcome::Broken(errors) => {
                formatted.errors.extend(errors.into_iter().map(|error| error.shift(item.offset)));
                pieces.broken(item.text.to_string());
            }
            Outcome::Fault => {
                formatted.faults.push(Span::new(offset, offset + end));
                pieces.broken(item.text.get(..end).unwrap_or_default().to_owned());
            }
        }
        at = offset + end;
    }
    pieces.between(text.get(at..).unwrap_or_default());
    formatted.text = pieces.text();
    formatted.errors.sort_by_key(|error| error.span);
    if formatted.text != text && !is_split_alike(&split, &formatted.text) {
        formatted.text = text.to_owned();
        formatted.faults.push(Span::new(0, text.len()));
    }
    formatted
}

/// Formats the items that a range of the file touches, and gives the lines to replace. Items that do not parse stay.
pub fn format_range(text: &str, range: Span) -> Vec<Edit> {
    let mut edits = Vec::new();
    for item in split(text).items {
        let whole = Span::new(item.offset as usize, item.offset as usize + item.text.len());
        if whole.start > range.end || range.start > whole.end {
            continue;
        }
        let (outcome, end) = format_item(&item);
        if let (Outcome::Formatted { text, below }, Some(before)) = (outcome, item.text.get(..end)) {
            let written = text + &below;
            let moved = |edit: Edit| Edit { span: edit.span.shift(item.offset), ..edit };
            edits.extend(line_edits(before, &written).into_iter().map(moved));
        }
    }
    edits
}

/// Whether the formatted text is split into the same items with the same documentation.
fn is_split_alike(before: &Split, formatted: &str) -> bool {
    let after = split(formatted);
    let same = |(a, b): (&ItemText, &ItemText)| a.keyword == b.keyword && a.name == b.name && a.public == b.public;
    let docs = |docs: &str| docs.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    before.items.len() == after.items.len()
        && before.items.iter().zip(&after.items).all(same)
        && before.errors.len() == after.errors.len()
        && docs(&before.module_docs) == docs(&after.module_docs)
}

#[cfg(test)]
mod tests;
