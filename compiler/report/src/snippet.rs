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
    window_of(&Line::of(excerpt.text.trim_end_matches(['\r', '\n'])), excerpt, columns)
}

fn window_of(line: &Line<'_>, excerpt: &Excerpt, columns: usize) -> Window {
    let end = excerpt.before.saturating_add(excerpt.length.max(1));
    // So that the mark is in sight.
    let start = match line.columns(0, end) <= columns {
        true => 0,
        false => excerpt.before.min(line.count()).saturating_sub(columns / 4),
    };
    let mut text = String::from(if start > 0 { "…" } else { "" });
    let lead = width(&text);
    let fitting = line.fitting(start, columns.saturating_sub(lead));
    line.push(start, fitting, &mut text);
    if fitting < line.count() {
        text.push('…');
    }
    let before = (lead + line.columns(start, excerpt.before)).min(width(&text));
    let length = line.columns(excerpt.before, end).min(width(&text) - before).max(1);
    Window { text, before, length }
}

/// A line by the cells of its characters. Those of most take one column each, and are the characters themselves.
enum Line<'l> {
    Plain(&'l str),
    Cells(Vec<String>),
}

impl<'l> Line<'l> {
    fn of(text: &'l str) -> Line<'l> {
        match text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
            true => Line::Plain(text),
            false => Line::Cells(text.chars().map(cell).collect()),
        }
    }

    fn count(&self) -> usize {
        match self {
            Line::Plain(text) => text.len(),
            Line::Cells(cells) => cells.len(),
        }
    }

    /// The columns of the cells from one to another.
    fn columns(&self, from: usize, to: usize) -> usize {
        match self {
            Line::Plain(text) => to.min(text.len()).saturating_sub(from),
            Line::Cells(cells) => cells.iter().take(to).skip(from).map(|cell| width(cell)).sum(),
        }
    }

    /// The cell behind the last that fits into so many columns.
    fn fitting(&self, start: usize, columns: usize) -> usize {
        match self {
            Line::Plain(text) => start.saturating_add(columns).min(text.len()),
            Line::Cells(cells) => {
                let mut used = 0;
                let fits = |cell: &&String| {
                    used += width(cell);
                    used <= columns
                };
                start + cells.iter().skip(start).take_while(fits).count()
            }
        }
    }

    fn push(&self, from: usize, to: usize, out: &mut String) {
        match self {
            Line::Plain(text) => out.push_str(text.get(from..to).unwrap_or_default()),
            Line::Cells(cells) => cells.iter().take(to).skip(from).for_each(|cell| out.push_str(cell)),
        }
    }
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
    fn plain_lines_are_shown_as_all_others_are() {
        let text = "a line of forty letters, more or less, ok";
        let cells = Line::Cells(text.chars().map(cell).collect());
        for before in 0..text.len() + 2 {
            for length in [0, 1, 3, 20, 60] {
                for columns in [1, 2, 5, 12, 39, 41, 80] {
                    let excerpt = Excerpt { text: text.to_owned(), before, length };
                    let plain = window(&excerpt, columns);
                    assert_eq!(plain, window_of(&cells, &excerpt, columns), "{before} {length} {columns}");
                }
            }
        }
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
