//! What separates, what is blank, what never closes.

use super::*;

fn marked(text: &str) -> String {
    let layout = lay_out(text);
    assert!(layout.errors.is_empty(), "{:?}", layout.errors);
    let laid_out = layout.laid_out(text);
    assert_eq!(laid_out.len(), text.len());
    laid_out.replace('\u{1e}', "¶").replace('\n', " ")
}

#[test]
fn a_line_end_separates_unless_something_goes_on() {
    assert_eq!(marked("a\nb"), "a¶b");
    assert_eq!(marked("a ==\nb"), "a == b");
    assert_eq!(marked("a\n  and b"), "a   and b");
    assert_eq!(marked("a\n- b"), "a¶- b");
    assert_eq!(marked("a\n(b)"), "a¶(b)");
    assert_eq!(marked("a\n.b\n?.c"), "a .b ?.c");
    assert_eq!(marked("f(a,\nb\n)"), "f(a, b )");
    assert_eq!(marked("a not\n in b"), "a not  in b");
    assert_eq!(marked("a\nnot in b"), "a not in b");
    assert_eq!(marked("a\nnot b"), "a¶not b");
    assert_eq!(marked("x as List<T>\nrequire y"), "x as List<T>¶require y");
    assert_eq!(marked("x as List<Set<T>>\nif y"), "x as List<Set<T>>¶if y");
    assert_eq!(marked("a >\nb"), "a > b");
}

#[test]
fn a_comment_opens_no_block() {
    assert_eq!(marked("[\nif a then b else c // {\n]"), "[ if a then b else c      ]");
}

/// Places lie at the borders of characters, however wide those are.
#[test]
fn errors_at_the_end_of_a_text_name_whole_characters() {
    let many = format!("guardrail {}", "\u{1f600}".repeat(MOST_OPERATORS));
    for text in ["guardrail (){\u{1f600}", "guardrail \u{1f600}\n    a}", "guardrail a{}\u{1f600}", &many] {
        let errors = lay_out(text).errors;
        let places =
            errors.iter().flat_map(|error| [error.span].into_iter().chain(error.labels.iter().map(|label| label.span)));
        for place in places {
            assert!(text.get(place.range()).is_some(), "{text:?}: {place:?}");
        }
    }
}

#[test]
fn comments_are_blank_and_strings_are_not() {
    assert_eq!(marked("a // b\nc"), "a     ¶c");
    assert_eq!(marked("\"// no\""), "\"// no\"");
    assert_eq!(marked("require a else \"{b ?? \"//\"} c\" // d\ne"), "require a else \"{b ?? \"//\"} c\"     ¶e");
}

#[test]
fn only_a_statements_else_begins_a_template() {
    let open = lay_out("require if a then b else \"{\" else \"{x}\"");
    assert!(open.errors.is_empty(), "{:?}", open.errors);
}

#[test]
fn what_never_closes_is_named_where_it_opens() {
    assert_eq!(lay_out("a (b\nrequire c").errors[0].span, Span::new(2, 3));
    assert_eq!(lay_out("\"abc\n").errors[0].code.code, "E0002");
    assert_eq!(lay_out("(]").errors[0].code.code, "E0003");
    assert_eq!(lay_out(&"(".repeat(100_000)).errors[0].code.code, "E0004");
    assert_eq!(lay_out(&"not ".repeat(100_000)).errors[0].code.code, "E0004");
}
