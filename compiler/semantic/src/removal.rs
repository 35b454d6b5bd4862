//! What to delete so that a list or a file without one of its parts still reads well.
//!
//! A part goes with its comma, and with its line where it has one to itself. Comments beside it stay: they may be
//! about something else. Spans are bytes of the text given.

use parapet_base::Span;

/// What to delete of a comma list that keeps other elements.
pub(crate) fn list_element(text: &str, element: Span) -> Span {
    let (start, end) = (element.start as usize, element.end as usize);
    if let Some(comma) = comma_after(text, end) {
        return with_blanks(text, start, comma + 1);
    }
    let before = text.get(..start).unwrap_or_default().trim_end();
    match before.strip_suffix(',') {
        Some(kept) if !in_comment(before) => Span::new(kept.len(), end),
        // A comma may stay behind the last element.
        Some(_) | None => with_blanks(text, start, end),
    }
}

/// What to delete of something that stands between others: its lines, where nothing else stands on them.
pub(crate) fn with_lines(text: &str, span: Span) -> Span {
    with_blanks(text, span.start as usize, span.end as usize)
}

/// The same, and one of the two blank lines that would then follow each other.
pub(crate) fn item(text: &str, span: Span) -> Span {
    let span = with_lines(text, span);
    let before = text.get(..span.start as usize).unwrap_or_default();
    let after = text.get(span.end as usize..).unwrap_or_default();
    let blank_before = before.is_empty() || before.ends_with("\n\n") || before.ends_with("\r\n\r\n");
    let blank_after = line_end(after).filter(|_| blank_before && (before.is_empty() || before.ends_with('\n')));
    Span::new(span.start as usize, span.end as usize + blank_after.unwrap_or(0))
}

/// The bytes of the line break that a text begins with.
fn line_end(text: &str) -> Option<usize> {
    if text.starts_with("\r\n") { Some(2) } else { text.starts_with('\n').then_some(1) }
}

/// The place of the comma that follows, over blanks and comments.
fn comma_after(text: &str, at: usize) -> Option<usize> {
    let mut rest = text.get(at..)?;
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix("//") {
            Some(comment) => rest = comment.get(comment.find('\n')?..)?,
            None => return rest.starts_with(',').then(|| text.len() - rest.len()),
        }
    }
}

/// Whether the text ends inside a line comment.
fn in_comment(text: &str) -> bool {
    text.rsplit('\n').next().is_some_and(|line| line.contains("//"))
}

/// `start..end` with its line, if it has one to itself; else with the blanks that would be left over.
fn with_blanks(text: &str, start: usize, end: usize) -> Span {
    let is_blank = |letter: char| letter == ' ' || letter == '\t';
    let before = text.get(..start).unwrap_or_default();
    let after = text.get(end..).unwrap_or_default();
    let indent = before.trim_end_matches(is_blank).len();
    let trailing = after.len() - after.trim_start_matches(is_blank).len();
    let rest = after.get(trailing..).unwrap_or_default();
    let line_begins = indent == 0 || before.get(..indent).is_some_and(|before| before.ends_with('\n'));
    match line_end(rest) {
        Some(line_end) if line_begins => Span::new(indent, end + trailing + line_end),
        Some(_) => Span::new(indent, end),
        None if rest.is_empty() => Span::new(indent, end + trailing),
        None => Span::new(start, end + trailing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, part: &str, remove: impl Fn(&str, Span) -> Span) -> String {
        let start = text.find(part).unwrap();
        let span = remove(text, Span::new(start, start + part.len()));
        let kept = [text.get(..span.start as usize), text.get(span.end as usize..)];
        kept.into_iter().map(Option::unwrap).collect()
    }

    #[test]
    fn an_element_goes_with_its_comma() {
        assert_eq!(without("{ax, bx}", "ax", list_element), "{bx}");
        assert_eq!(without("{ax, bx}", "bx", list_element), "{ax}");
        assert_eq!(without("{ax, bx, }", "bx", list_element), "{ax, }");
        assert_eq!(without("{ax , bx}", "ax", list_element), "{bx}");
    }

    #[test]
    fn an_element_goes_with_its_line() {
        let text = "{\n    ax, // about a\n    bx,\n    cx\n}";
        assert_eq!(without(text, "ax", list_element), "{\n    // about a\n    bx,\n    cx\n}");
        assert_eq!(without(text, "bx", list_element), "{\n    ax, // about a\n    cx\n}");
        assert_eq!(without(text, "cx", list_element), "{\n    ax, // about a\n    bx\n}");
        assert_eq!(without("{\r\n  ax,\r\n  bx,\r\n}", "bx", list_element), "{\r\n  ax,\r\n}");
        assert_eq!(without("{ax, bx,\n    cx}", "bx", list_element), "{ax,\n    cx}");
    }

    #[test]
    fn a_comma_in_a_comment_separates_nothing() {
        assert_eq!(without("{\n  ax, // one,\n  bx\n}", "bx", list_element), "{\n  ax, // one,\n}");
        assert_eq!(without("{ax // one,\n}", "ax", list_element), "{// one,\n}");
    }

    #[test]
    fn an_item_goes_with_one_of_its_blank_lines() {
        assert_eq!(without("use a\n\nfn b\n", "use a", item), "fn b\n");
        assert_eq!(without("use a\nuse c\n\nfn b\n", "use a", item), "use c\n\nfn b\n");
        assert_eq!(without("//! Docs.\n\nuse a\n\nfn b\n", "use a", item), "//! Docs.\n\nfn b\n");
        assert_eq!(without("fn b\n\nuse a", "use a", item), "fn b\n\n");
    }

    #[test]
    fn no_span_can_make_it_panic() {
        let text = "ä, // ö\r\n, ü";
        for start in 0..20 {
            for end in 0..20 {
                let span = Span { start, end };
                for span in [list_element(text, span), with_lines(text, span), item(text, span)] {
                    let _ = span.text(text);
                }
            }
        }
    }
}
