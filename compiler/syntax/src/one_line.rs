//! Text of a program on one line, for messages: without comments, whatever its layout.

use std::iter::Peekable;
use std::str::Chars;

/// The text without comments and with one space for each run of white space; strings and regular expressions are left
/// as they are.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut gap = false;
    while let Some(letter) = letters.next() {
        let regex = letter == '/' && ends_with_word(&out, "matches");
        if letter == '/' && !regex && letters.peek() == Some(&'/') {
            while letters.next_if(|letter| *letter != '\n').is_some() {}
            gap = true;
            continue;
        }
        if letter.is_whitespace() {
            gap = true;
            continue;
        }
        let raw = letter == '"' && !gap && ends_with_word(&out, "r");
        let tight = out.ends_with(['(', '[', '.']) || matches!(letter, ')' | ']' | '.' | ',');
        if std::mem::take(&mut gap) && !out.is_empty() && !tight {
            out.push(' ');
        }
        out.push(letter);
        match letter {
            '"' => rest_of(&mut letters, &mut out, '"', !raw),
            '/' if regex => rest_of(&mut letters, &mut out, '/', true),
            _ => {}
        }
    }
    out
}

/// Whether a text ends with a word that stands by itself.
fn ends_with_word(text: &str, word: &str) -> bool {
    let before = text.strip_suffix(word);
    before.is_some_and(|before| !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
}

/// Takes over a literal up to the mark that closes it, at the line's end at the latest. In brackets `[…]` a `/` closes nothing.
fn rest_of(letters: &mut Peekable<Chars<'_>>, out: &mut String, close: char, escapes: bool) {
    let (mut escaped, mut class) = (false, false);
    while let Some(letter) = letters.next_if(|letter| *letter != '\n') {
        out.push(letter);
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '\\' => escaped = escapes,
            '[' if close == '/' => class = true,
            ']' => class = false,
            _ if letter == close && !class => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn comments_and_line_ends_go_and_strings_stay() {
        assert_eq!(one_line("a // b\n  == \"q  //\" and (\n  c)"), "a == \"q  //\" and (c)");
        assert_eq!(one_line("f(\n a,\n b\n)"), "f(a, b)");
        assert_eq!(one_line("x\n  .y"), "x.y");
    }

    #[test]
    fn what_stands_in_a_literal_is_no_layout() {
        for text in
            ["x matches /a  b[/\"] c/", "x matches /https?:\\/\\/a  b/", r#"x == r"a\" and y == "b  c""#, r#""a\"  b""#]
        {
            assert_eq!(one_line(text), text);
        }
    }
}
