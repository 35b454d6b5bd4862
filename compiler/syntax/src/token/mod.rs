//! What the grammar reads: the tokens of an item, each as one character.
//!
//! pest matches characters, and everything it does for one of them costs the same whether that is a letter of a long
//! word or a whole word. So the text is cut into tokens first, and `grammar.pest` is a grammar of their [codes](Kind): a
//! word of the language is a letter or a digit, whatever its length, and there is no white space. Where it matters that
//! two tokens touch, the code says so.

mod kind;
mod literal;
mod next;
mod template;

use parapet_base::Span;

pub(crate) use kind::Kind;
pub(crate) use next::{behind_blanks, next, word, word_in_place};
pub(crate) use template::template;

/// Whether the language gives a word a meaning of its own, everywhere or in some places.
pub fn is_word_of_language(word: &str) -> bool {
    Kind::of_word(word.as_bytes()) != Kind::Name
}

/// Tokens in order: their codes as a text, and where each of them stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    codes: String,
    /// For each byte of the codes, the place of its token.
    places: Vec<Span>,
    last: Option<Kind>,
}

impl Tokens {
    pub(crate) fn with_capacity(tokens: usize) -> Tokens {
        Tokens { codes: String::with_capacity(tokens), places: Vec::with_capacity(tokens), last: None }
    }

    pub(crate) fn push(&mut self, kind: Kind, start: usize, end: usize) {
        let code = kind.code();
        self.last = Some(kind);
        self.codes.push(code);
        self.places.resize(self.codes.len(), Span::new(start, end));
    }

    /// The last token's kind becomes another of as long a code.
    pub(crate) fn rename_last(&mut self, to: Kind) {
        self.codes.pop();
        self.codes.push(to.code());
        self.last = Some(to);
    }

    /// The kind of the last token.
    pub(crate) fn last(&self) -> Option<Kind> {
        self.last
    }

    /// The byte behind the last token.
    pub(crate) fn end(&self) -> usize {
        self.places.last().map_or(0, |place| place.end as usize)
    }

    /// The codes of all tokens.
    pub(crate) fn codes(&self) -> &str {
        &self.codes
    }

    /// The codes of the tokens that stand wholly within a range of bytes, and where in [`Tokens::codes`] they begin.
    pub(crate) fn within(&self, bytes: &std::ops::Range<usize>) -> (&str, usize) {
        let from = self.places.partition_point(|place| (place.start as usize) < bytes.start);
        let to = self.places.partition_point(|place| place.end as usize <= bytes.end);
        (self.codes.get(from..to).unwrap_or_default(), from)
    }

    /// The place of the token at a byte of the codes.
    pub(crate) fn place(&self, at: usize) -> Option<Span> {
        self.places.get(at).copied()
    }

    /// The code at a byte of the codes.
    pub(crate) fn code(&self, at: usize) -> Option<char> {
        self.codes.get(at..).and_then(|rest| rest.chars().next())
    }
}
