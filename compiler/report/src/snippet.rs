//! Lines of inputs and rules with the part that matters underlined.
//!
//! Excerpts come ready-made in the result, because the input is long closed when a report is written. A
//! snippet is drawn in the manner of rustc: an arrow to the place, a gutter with the line's number, the
//! line, and carets with a few words. Nothing here reads a file or knows what a finding is.

use parapet_model::Excerpt;

use crate::escape::{escape, spelt, width};
use crate::paint::{Paint, Style};

/// A place to show.
pub(crate) struct Snippet<'a> {
    pub(crate) path: &'a str,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) excerpt: Option<&'a Excerpt>,
    /// Escaped already.
    pub(crate) words: String,
    pub(crate) caret: char,
    pub(crate) style: Style,
}

/// How snippets of one finding are laid out.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) paint: Paint,
    /// Columns of the widest line number.
    pub(crate) gutter: usize,
    /// Columns for a line of source.
    pub(crate) columns: usize,
}

/// Draws snippets one below the other; values of one line share it.
pub(crate) fn draw(layout: Layout, snippets: &[Snippet<'_>], out: &mut String) {
    let mut last: Option<&Snippet<'_>> = None;
    for snippet in snippets {
        match last {
            Some(before) if same_line(before, snippet) => underline(layout, snippet, out),
            Some(_) => {
                empty(layout, out);
                place(layout, ":::", snippet, out);
            }
            None => place(layout, "-->", snippet, out),
        }
        last = Some(snippet);
    }
    if last.is_some_and(|snippet| snippet.excerpt.is_some()) {
        empty(layout, out);
    }
}

/// A remark below the snippets: `= help: …`.
pub(crate) fn remark(layout: Layout, kind: &str, text: &str, out: &mut String) {
    let frame = layout.paint.text(Style::Frame, &format!("{:gutter$} =", "", gutter = layout.gutter));
    let kind = if kind.is_empty() { String::new() } else { layout.paint.text(Style::Help, kind) + ": " };
    out.push_str(&format!("{frame} {kind}{text}\n"));
}

fn same_line(one: &Snippet<'_>, other: &Snippet<'_>) -> bool {
    let text = one.excerpt.zip(other.excerpt).is_some_and(|(one, other)| one.text == other.text);
    text && one.path == other.path && one.line == other.line
}

fn place(layout: Layout, arrow: &str, snippet: &Snippet<'_>, out: &mut String) {
    let arrow = layout.paint.text(Style::Frame, &format!("{:gutter$}{arrow}", "", gutter = layout.gutter));
    out.push_str(&format!("{arrow} {}:{}:{}\n", escape(snippet.path), snippet.line, snippet.column));
    let Some(excerpt) = snippet.excerpt else {
        if !snippet.words.is_empty() {
            remark(layout, "", &snippet.words, out);
        }
        return;
    };
    empty(layout, out);
    let number = format!("{:>gutter$} |", snippet.line, gutter = layout.gutter);
    let line = format!("{} {}", layout.paint.text(Style::Frame, &number), window(excerpt, layout.columns).text);
    out.push_str(line.trim_end());
    out.push('\n');
    underline(layout, snippet, out);
}

fn underline(layout: Layout, snippet: &Snippet<'_>, out: &mut String) {
    let Some(excerpt) = snippet.excerpt else { return };
    let shown = window(excerpt, layout.columns);
    let carets: String = std::iter::repeat_n(snippet.caret, shown.length).collect();
    let marked = format!("{carets} {}", snippet.words);
    let marked = layout.paint.text(snippet.style, marked.trim_end());
    let frame = layout.paint.text(Style::Frame, &format!("{:gutter$} |", "", gutter = layout.gutter));
    out.push_str(&format!("{frame} {:before$}{marked}\n", "", before = shown.before));
}

fn empty(layout: Layout, out: &mut String) {
    let frame = format!("{:gutter$} |", "", gutter = layout.gutter);
    out.push_str(&layout.paint.text(Style::Frame, &frame));
    out.push('\n');
}

/// A line as it is shown: escaped, cut, with the mark in columns.
#[derive(Debug, PartialEq, Eq)]
struct Window {
    text: String,
    before: usize,
    length: usize,
}

fn window(excerpt: &Excerpt, columns: usize) -> Window {
    let cells: Vec<String> = excerpt.text.trim_end_matches(['\r', '\n']).chars().map(cell).collect();
    let end = excerpt.before.saturating_add(excerpt.length.max(1));
    let start = first_shown(&cells, excerpt.before, end, columns);
    let mut text = String::from(if start > 0 { "…" } else { "" });
    let lead = width(&text);
    let mut used = lead;
    for cell in cells.iter().skip(start) {
        used += width(cell);
        if used > columns {
            text.push('…');
            break;
        }
        text.push_str(cell);
    }
    let columns_of = |from: usize, to: usize| -> usize {
        cells.iter().skip(from).take(to.saturating_sub(from)).map(|cell| width(cell)).sum()
    };
    let before = (lead + columns_of(start, excerpt.before)).min(width(&text));
    let length = columns_of(excerpt.before, end).min(width(&text) - before).max(1);
    Window { text, before, length }
}

/// The first character to show, so that the mark is in sight.
fn first_shown(cells: &[String], before: usize, end: usize, columns: usize) -> usize {
    let up_to = |count: usize| -> usize { cells.iter().take(count).map(|cell| width(cell)).sum() };
    if up_to(end) <= columns { 0 } else { before.min(cells.len()).saturating_sub(columns / 4) }
}

/// Tabs indent sources, so they are blanks here and not `\t`.
fn cell(character: char) -> String {
    if character == '\t' { "    ".to_owned() } else { spelt(character).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, before: usize, length: usize, columns: usize) -> (String, String) {
        let shown = window(&Excerpt { text: text.to_owned(), before, length }, columns);
        (shown.text, " ".repeat(shown.before) + &"^".repeat(shown.length))
    }

    #[test]
    fn marks_follow_escapes_tabs_and_wide_characters() {
        assert_eq!(of("\t\"表\": true", 6, 4, 80), ("    \"表\": true".into(), "          ^^^^".into()));
        assert_eq!(of("\u{1b}x: 1", 4, 1, 80), ("\\u{1b}x: 1".into(), "         ^".into()));
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let line = "0123456789".repeat(5);
        assert_eq!(of(&line, 2, 3, 20), ("01234567890123456789…".into(), "  ^^^".into()));
        assert_eq!(of(&line, 40, 3, 20), ("…567890123456789".into(), "      ^^^".into()));
        assert_eq!(of(&line, 0, 99, 10), ("0123456789…".into(), "^^^^^^^^^^^".into()));
    }

    #[test]
    fn marks_outside_of_the_line_stand_at_its_end() {
        assert_eq!(of("ab", 9, 4, 20), ("ab".into(), "  ^".into()));
        assert_eq!(of("", 0, 0, 20), ("".into(), "^".into()));
        assert_eq!(of("a: 1\r\n", 3, 1, 20), ("a: 1".into(), "   ^".into()));
    }
}
