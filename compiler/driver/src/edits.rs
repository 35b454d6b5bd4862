//! Several edits of one text at once.
//!
//! A suggestion is applied as a whole or not at all. Of two that touch the same text the first wins, so that the outcome
//! does not depend on what was found first; the other waits until the text was looked at again.

use parapet_base::{Edit, Suggestion};

/// The text with as many suggestions applied as get along, and which of them those are.
pub(crate) fn apply(text: &str, suggestions: &[&Suggestion]) -> (String, Vec<usize>) {
    let mut ordered: Vec<(usize, &Suggestion)> = suggestions.iter().copied().enumerate().collect();
    ordered.retain(|(_, suggestion)| is_sound(text, suggestion));
    ordered.sort_by_key(|(_, suggestion)| suggestion.edits.iter().map(|edit| edit.span).min());
    let mut taken: Vec<&Edit> = Vec::new();
    let mut applied = Vec::new();
    for (at, suggestion) in ordered {
        if suggestion.edits.iter().all(|edit| taken.iter().all(|other| gets_along(edit, other))) {
            taken.extend(&suggestion.edits);
            applied.push(at);
        }
    }
    taken.sort_by_key(|edit| edit.span);
    (edited(text, &taken), applied)
}

/// Whether a suggestion changes the text, and its edits lie in it and beside each other.
fn is_sound(text: &str, suggestion: &Suggestion) -> bool {
    let edits = &suggestion.edits;
    let inside = |edit: &Edit| text.get(edit.span.range()).is_some();
    let apart = |(at, edit): (usize, &Edit)| edits.iter().skip(at + 1).all(|other| gets_along(edit, other));
    edits.iter().all(inside)
        && edits.iter().enumerate().all(apart)
        && edits.iter().any(|edit| edit.span.text(text) != edit.replacement)
}

/// Whether two edits leave each other's text alone. What is put in at the border of another edit could come before or
/// after it, so that this does not count.
fn gets_along(a: &Edit, b: &Edit) -> bool {
    let (first, second) = if a.span <= b.span { (a, b) } else { (b, a) };
    let puts_in = first.span.start == first.span.end || second.span.start == second.span.end;
    first.span.end < second.span.start || (first.span.end == second.span.start && !puts_in)
}

/// The text with edits that are sorted and apart.
fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.span.start as usize).unwrap_or_default());
        out.push_str(&edit.replacement);
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use parapet_base::{Applicability, Span};

    use super::*;

    fn suggestion(edits: &[(usize, usize, &str)]) -> Suggestion {
        let edit = |(start, end, text): &(usize, usize, &str)| Edit {
            span: Span::new(*start, *end),
            replacement: (*text).to_owned(),
        };
        let edits = edits.iter().map(edit).collect();
        Suggestion { message: String::new(), edits, applicability: Applicability::Machine }
    }

    fn applied(text: &str, suggestions: &[Suggestion]) -> (String, usize) {
        let (text, applied) = apply(text, &suggestions.iter().collect::<Vec<_>>());
        (text, applied.len())
    }

    #[test]
    fn edits_are_applied_by_place() {
        let all = [suggestion(&[(4, 5, "X")]), suggestion(&[(0, 1, ""), (2, 2, "yy")])];
        assert_eq!(applied("abcdef", &all), ("byycdXf".to_owned(), 2));
    }

    #[test]
    fn the_first_of_two_that_overlap_wins() {
        let all = [suggestion(&[(2, 5, "2")]), suggestion(&[(0, 3, "1")]), suggestion(&[(5, 6, "3")])];
        assert_eq!(applied("abcdef", &all), ("1de3".to_owned(), 2));
    }

    #[test]
    fn what_is_put_in_at_a_border_waits() {
        let all = [suggestion(&[(0, 2, "")]), suggestion(&[(2, 2, "x")]), suggestion(&[(2, 2, "y")])];
        assert_eq!(applied("abc", &all), ("c".to_owned(), 1));
        assert_eq!(applied("abc", &all[1..]), ("abxc".to_owned(), 1));
    }

    #[test]
    fn all_edits_of_a_suggestion_or_none() {
        let all = [suggestion(&[(0, 1, "A")]), suggestion(&[(0, 1, "B"), (2, 3, "C")])];
        assert_eq!(applied("abc", &all), ("Abc".to_owned(), 1));
    }

    #[test]
    fn what_lies_outside_or_inside_a_character_is_left_out() {
        let all = [suggestion(&[(1, 2, "x")]), suggestion(&[(9, 9, "x")]), suggestion(&[(2, 1, "x")])];
        assert_eq!(applied("ä", &all), ("ä".to_owned(), 0));
        assert_eq!(applied("äb", &[suggestion(&[(2, 3, "c")])]), ("äc".to_owned(), 1));
    }

    #[test]
    fn what_changes_nothing_does_not_count() {
        assert_eq!(applied("abc", &[suggestion(&[(0, 1, "a")]), suggestion(&[])]), ("abc".to_owned(), 0));
    }
}
