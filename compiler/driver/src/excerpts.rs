//! Lines of inputs and rules for reports to show, cut around what matters.

use parapet_base::Span;
use parapet_model::Excerpt;

/// The most characters that an excerpt shows of a line before what matters, of that, and after it.
pub(crate) type Width = [usize; 3];

/// Inputs are often one long line.
pub(crate) const INPUT: Width = [44, 60, 28];

/// Rules are lines that people wrote.
pub(crate) const RULE: Width = [40, 110, 40];

/// The line around a span, cut on both sides. No more of the text is looked at than is shown.
pub(crate) fn excerpt(text: &str, span: Span, [most_before, most_value, most_after]: Width) -> Option<Excerpt> {
    let value = text.get(span.range())?;
    let mut shown = before(text.get(..span.start as usize)?, most_before);
    let lead = shown.chars().count();
    let (cut, is_cut) = start_of_line(value, most_value);
    shown.push_str(cut);
    // What goes on in another line has nothing after it.
    let ends_here = !is_cut && cut.len() == value.len();
    if ends_here {
        let (after, is_cut) = start_of_line(text.get(span.end as usize..)?, most_after);
        shown.push_str(after);
        shown.push_str(if is_cut { "…" } else { "" });
    } else if is_cut {
        shown.push('…');
    }
    Some(Excerpt { text: shown.trim_end().to_owned(), before: lead, length: cut.chars().count().max(1) })
}

/// The end of the last line, without its indent if it is whole.
fn before(text: &str, most: usize) -> String {
    let mut reversed: Vec<char> = text.chars().rev().take_while(|letter| *letter != '\n').take(most + 2).collect();
    let is_cut = reversed.len() > most + 1;
    if is_cut {
        reversed.truncate(most);
        reversed.push('…');
    }
    let shown: String = reversed.into_iter().rev().collect();
    if is_cut { shown } else { shown.trim_start().to_owned() }
}

/// So many characters of the first line, and whether it has more.
fn start_of_line(text: &str, most: usize) -> (&str, bool) {
    let mut letters = text.char_indices().take_while(|(_, letter)| *letter != '\n').skip(most);
    match letters.next() {
        Some((end, _)) => (text.get(..end).unwrap_or_default(), true),
        None => {
            let last = text.chars().take(most).take_while(|letter| *letter != '\n').map(char::len_utf8).sum();
            (text.get(..last).unwrap_or_default(), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, span: Span) -> (String, usize, usize) {
        let excerpt = excerpt(text, span, [4, 3, 2]).unwrap();
        (excerpt.text, excerpt.before, excerpt.length)
    }

    #[test]
    fn an_excerpt_is_of_one_line_and_cut_on_both_sides() {
        assert_eq!(shown("x\n  ab\n", Span::new(4, 6)), ("ab".to_owned(), 0, 2));
        assert_eq!(shown("0123456abcd", Span::new(7, 10)), ("…3456abcd".to_owned(), 5, 3));
        assert_eq!(shown("0123öabc456", Span::new(6, 9)), ("0123öabc45…".to_owned(), 5, 3));
        assert_eq!(shown("{abcdef}", Span::new(0, 8)), ("{ab…".to_owned(), 0, 3));
        assert_eq!(shown("a{\n}b", Span::new(1, 4)), ("a{".to_owned(), 1, 1));
        assert_eq!(shown("a\nb", Span::new(1, 1)), ("a".to_owned(), 1, 1));
    }
}
