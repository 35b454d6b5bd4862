//! The words of a text as they look: comments, strings, numbers, words of the language. What a name means says
//! [`names`](crate::names); here it is only a word.

use parapet_base::Span;

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Comment,
    /// `///` and `//!`.
    Docs,
    Text,
    Number,
    Word,
    /// `{`, `(`, `[`.
    Open,
    Close,
    /// A `,`.
    Comma,
    /// A `.` or `?.`, behind which a name stands.
    Dot,
}

/// The pieces of a text, in order. Marks that nobody asks about are left out. A hole of a message is read like any other
/// text between the pieces of the message.
pub(crate) fn pieces(text: &str) -> Vec<(Span, Look)> {
    let mut reader = Reader { text, at: 0, found: Vec::new(), holes: Vec::new() };
    while reader.at < text.len() {
        reader.next();
    }
    reader.found
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    found: Vec<(Span, Look)>,
    /// How many braces are open in each hole that is open.
    holes: Vec<u32>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn push(&mut self, length: usize, look: Look) {
        self.found.push((Span::new(self.at, self.at + length), look));
        self.at += length;
    }

    fn next(&mut self) {
        let rest = self.rest();
        let Some(letter) = rest.chars().next() else { return };
        let while_fits = |fits: fn(char) -> bool| rest.find(|letter| !fits(letter)).unwrap_or(rest.len());
        match letter {
            '/' if rest.starts_with("//") => {
                let length = rest.find('\n').unwrap_or(rest.len());
                let docs = rest.starts_with("//!") || (rest.starts_with("///") && !rest.starts_with("////"));
                self.push(length, if docs { Look::Docs } else { Look::Comment });
            }
            '"' => self.string(1),
            '0'..='9' => {
                let length = while_fits(|letter| letter.is_alphanumeric() || ".:_-/".contains(letter));
                let number = rest.get(..length).unwrap_or("");
                self.push(number_length(number), Look::Number);
            }
            _ if letter.is_alphabetic() || letter == '_' => {
                let length = while_fits(|letter| letter.is_alphanumeric() || letter == '_');
                self.push(length, Look::Word);
            }
            '{' | '(' | '[' => {
                if let Some(open) = self.holes.last_mut() {
                    *open += 1;
                }
                self.push(1, Look::Open);
            }
            '}' if self.holes.last() == Some(&0) => {
                self.holes.pop();
                self.string(1);
            }
            '}' | ')' | ']' => {
                if let Some(open) = self.holes.last_mut() {
                    *open = open.saturating_sub(1);
                }
                self.push(1, Look::Close);
            }
            ',' => self.push(1, Look::Comma),
            '.' => self.push(1, Look::Dot),
            // A string ends with its line, and so does every hole in it.
            '\n' => {
                self.holes.clear();
                self.at += 1;
            }
            _ => self.at += letter.len_utf8(),
        }
    }

    /// A string from its first quote, or from behind a hole, to its end or the next hole.
    fn string(&mut self, skipped: usize) {
        let rest = self.rest();
        let mut letters = rest.char_indices().skip(skipped);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => _ = letters.next(),
                '"' => return self.push(at + 1, Look::Text),
                '\n' => return self.push(at, Look::Text),
                '{' => {
                    self.push(at + 1, Look::Text);
                    self.holes.push(0);
                    return;
                }
                _ => {}
            }
        }
        self.push(rest.len(), Look::Text);
    }
}

/// How much of digits and marks is one literal: `10.0.0.0/8`, `2026-01-01`, `90d`, `1.5`, but `1` of `1..3` and of `1-2`.
fn number_length(text: &str) -> usize {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '_').unwrap_or(text.len());
    let word = |text: &str| text.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(text.len());
    let rest = text.get(digits..).unwrap_or("");
    let is_date = digits == 4
        && rest.starts_with('-')
        && rest.get(1..3).is_some_and(|month| month.chars().all(|letter| letter.is_ascii_digit()));
    let is_address = rest.starts_with('.') && text.matches('.').count() >= 3 && !text.contains("..");
    if is_date {
        return text.find(|letter: char| !(letter.is_alphanumeric() || "-:.".contains(letter))).unwrap_or(text.len());
    }
    if is_address {
        return text.trim_end_matches(['.', ':', '-', '/']).len();
    }
    match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with(|letter: char| letter.is_ascii_digit()) => digits + 1 + word(fraction),
        _ => word(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let relevant = pieces(text).into_iter().filter(|(_, look)| !matches!(look, Look::Open | Look::Close));
        relevant.map(|(span, look)| format!("{look:?} {}", span.text(text))).collect()
    }

    #[test]
    fn words_strings_and_comments() {
        assert_eq!(shown("let a // b\n"), ["Word let", "Word a", "Comment // b"]);
        assert_eq!(shown("/// a\n//! b\n//// c"), ["Docs /// a", "Docs //! b", "Comment //// c"]);
        assert_eq!(shown("\"a // \\\" b\" x"), ["Text \"a // \\\" b\"", "Word x"]);
        assert_eq!(shown("\"open\nx"), ["Text \"open", "Word x"]);
    }

    #[test]
    fn holes_of_messages() {
        assert_eq!(
            shown("\"{a.b[\"c\"]} d {e}\""),
            ["Text \"{", "Word a", "Dot .", "Word b", "Text \"c\"", "Text } d {", "Word e", "Text }\""]
        );
        assert_eq!(shown("\"{a\nb"), ["Text \"{", "Word a", "Word b"]);
    }

    #[test]
    fn numbers_addresses_and_dates() {
        assert_eq!(
            shown("1 90d 1.5 10.0.0.0/8 2026-01-31T12:00:00Z"),
            ["Number 1", "Number 90d", "Number 1.5", "Number 10.0.0.0/8", "Number 2026-01-31T12:00:00Z"]
        );
        assert_eq!(shown("1..3"), ["Number 1", "Dot .", "Dot .", "Number 3"]);
        assert_eq!(shown("1-2"), ["Number 1", "Number 2"]);
    }
}
