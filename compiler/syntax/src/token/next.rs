//! The token that begins at a place.

use super::literal::{address, is_word, number};
use super::{Kind, Tokens};

/// The token at a byte of a text, and its length; what was read before it is in `tokens`. Strings, regular expressions
/// and what separates statements are told by whoever asks.
pub(crate) fn next(text: &[u8], at: usize, tokens: &Tokens) -> (Kind, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let before = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(0);
    let Some(first) = rest.first().copied() else { return (Kind::Bad, 0) };
    match first {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
            let (kind, length) = word(rest);
            (word_in_place(kind, rest.get(length..).unwrap_or_default()), length)
        }
        b'0'..=b'9' => number(rest),
        b':' => colon(text, at, tokens),
        b'.' => dot(rest, before),
        b'?' => question(rest),
        b'+' => (plus(rest, before), 1),
        b'-' if rest.starts_with(b"->") => (Kind::Arrow, 2),
        b'=' | b'!' | b'<' | b'>' if rest.get(1) == Some(&b'=') => (comparison(first), 2),
        _ => mark(first, rest),
    }
}

/// The word in front of a text.
pub(crate) fn word(text: &[u8]) -> (Kind, usize) {
    let length = text.iter().position(|byte| !is_word(*byte)).unwrap_or(text.len());
    (Kind::of_word(text.get(..length).unwrap_or_default()), length)
}

/// What a word is by what stands behind it.
pub(crate) fn word_in_place(kind: Kind, rest: &[u8]) -> Kind {
    match rest {
        _ if kind == Kind::Definitely && !is_the_word_definitely(rest) => Kind::Name,
        [b':', b':', ..] if kind == Kind::Name => Kind::PathHead,
        [b':', b':', next, ..] if !kind.is_reserved() && is_first_of_word(*next) => Kind::PathHead,
        _ if !is_apart(rest) => kind,
        _ if kind == Kind::Counted && binds(rest) => Kind::CountedHead,
        _ => kind.apart(),
    }
}

fn is_first_of_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a text begins with white space or a comment.
fn is_apart(text: &[u8]) -> bool {
    matches!(text, [b' ' | b'\t' | b'\r' | b'\n', ..] | [b'/', b'/', ..])
}

/// Whether a text goes on with `name in`.
fn binds(text: &[u8]) -> bool {
    let name = word_behind(text).filter(|(kind, _)| !kind.is_reserved());
    name.and_then(|(_, rest)| word_behind(rest)).is_some_and(|(kind, _)| kind == Kind::In)
}

/// The word behind the white space and the comments that a text begins with, and what follows it.
fn word_behind(text: &[u8]) -> Option<(Kind, &[u8])> {
    let rest = behind_blanks(text);
    let (kind, length) = word(rest);
    (length > 0).then_some((kind, rest.get(length..)?))
}

/// What stands behind the white space and the comments that a text begins with.
pub(crate) fn behind_blanks(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii_start();
    while rest.starts_with(b"//") {
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        rest = rest.get(line..).unwrap_or_default().trim_ascii_start();
    }
    rest
}

/// `skip if definitely x`: not where the word is an operand itself, by what stands behind it.
fn is_the_word_definitely(rest: &[u8]) -> bool {
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    !matches!(rest.first(), Some(b'(' | b'[' | b'.'))
        && !matches!(rest.get(spaces), Some(b'?' | b'=' | b'<' | b'>' | b'!' | b'}' | b';'))
}

fn colon(text: &[u8], at: usize, tokens: &Tokens) -> (Kind, usize) {
    let before = text.get(..at).unwrap_or_default();
    let rest = text.get(at..).unwrap_or_default();
    if !rest.starts_with(b"::") {
        let between = before.get(tokens.end()..).unwrap_or_default();
        let behind_word = behind_blanks(between).is_empty() && tokens.last().is_some_and(Kind::is_word);
        return (if behind_word { Kind::Colon } else { Kind::ColonElsewhere }, 1);
    }
    let touches = before.last().is_some_and(|byte| is_word(*byte));
    let in_path = touches && is_in_path(tokens);
    if in_path && rest.get(2).is_some_and(|byte| is_first_of_word(*byte)) {
        return (Kind::PathMark, 2);
    }
    // Behind `where` an address may begin, as in `where::1 in x`; behind other names the path ends.
    let is_name = in_path && tokens.last() == Some(Kind::PathHead);
    match address(rest).filter(|length| !in_path || (*length > 2 && !is_name)) {
        Some(length) => (Kind::Address, length),
        None if in_path => (Kind::PathEnd, 2),
        None => (Kind::PathMarkElsewhere, 2),
    }
}

/// Whether a path may go on behind the last token: behind a name, and behind any word of a path.
fn is_in_path(tokens: &Tokens) -> bool {
    let before = || tokens.codes().chars().rev().nth(1);
    tokens.last().is_some_and(|last| last.is_word() && (!last.is_reserved() || before() == Some(Kind::PathMark.code())))
}

fn dot(rest: &[u8], before: u8) -> (Kind, usize) {
    match rest {
        [b'.', b'.', b'=', ..] => (Kind::ClosedRange, 3),
        [b'.', b'.', ..] => (Kind::Range, 2),
        [b'.', next, ..] if is_word(before) && is_word(*next) => (Kind::TightDot, 1),
        _ if is_word(before) => (Kind::DotBehindWord, 1),
        _ => (Kind::Dot, 1),
    }
}

fn question(rest: &[u8]) -> (Kind, usize) {
    match rest {
        [_, b'.', ..] => (Kind::SafeDot, 2),
        [_, b'?', ..] => (Kind::Default, 2),
        _ => (Kind::Question, 1),
    }
}

fn plus(rest: &[u8], before: u8) -> Kind {
    if is_word(before) && is_apart(rest.get(1..).unwrap_or_default()) { Kind::PlusBehindWord } else { Kind::Plus }
}

fn comparison(first: u8) -> Kind {
    match first {
        b'=' => Kind::Equal,
        b'!' => Kind::NotEqual,
        b'<' => Kind::LessEqual,
        _ => Kind::GreaterEqual,
    }
}

fn mark(first: u8, rest: &[u8]) -> (Kind, usize) {
    let kind = match first {
        b'(' => Kind::OpenParen,
        b'[' => Kind::OpenBracket,
        b'{' => Kind::OpenBrace,
        b'-' => Kind::Minus,
        b')' => Kind::CloseParen,
        b']' => Kind::CloseBracket,
        b'}' => Kind::CloseBrace,
        b',' => Kind::Comma,
        b'=' => Kind::Assign,
        b'@' => Kind::At,
        b'*' => Kind::Times,
        b'/' => Kind::Slash,
        b'%' => Kind::Percent,
        b'|' => Kind::Bar,
        b'<' => Kind::Less,
        b'>' => Kind::Greater,
        b';' => Kind::Semicolon,
        _ => {
            let letter = rest.iter().skip(1).take_while(|byte| **byte & 0xc0 == 0x80).count();
            return (Kind::Bad, 1 + letter);
        }
    };
    (kind, 1)
}
