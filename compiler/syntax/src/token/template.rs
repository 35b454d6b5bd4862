//! The tokens of a message: its texts, and the expressions in braces.

use super::next::next;
use super::{Kind, Tokens};

/// Reads the message that stands from one byte to another, its quotes included.
pub(crate) fn template(text: &[u8], start: usize, end: usize, tokens: &mut Tokens) {
    // No token of a message reaches behind it.
    let text = text.get(..end - 1).unwrap_or_default();
    tokens.push(Kind::OpenTemplate, start, start + 1);
    let mut at = start + 1;
    while at < text.len() {
        let from = at;
        let rest = text.get(at..).unwrap_or_default();
        let kind = match rest {
            [b'{', b'{', ..] | [b'}', b'}', ..] => {
                at += 2;
                Kind::TemplateBrace
            }
            [b'{', ..] => {
                at = interpolation(text, at, tokens);
                continue;
            }
            [b'}', ..] => {
                at += 1;
                Kind::Bad
            }
            _ => {
                at += length_of_text(rest);
                Kind::TemplateText
            }
        };
        tokens.push(kind, from, at);
    }
    tokens.push(Kind::CloseTemplate, text.len(), text.len() + 1);
}

/// The length of the text in front: up to a brace, but that `\u{…}` has braces of its own.
fn length_of_text(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match text.get(at..).unwrap_or_default() {
            [] | [b'{' | b'}', ..] => return at,
            [b'\\', b'u', b'{', escape @ ..] => {
                let digits = escape.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
                let closed = digits > 0 && escape.get(digits) == Some(&b'}');
                at += if closed { digits + 4 } else { 2 };
            }
            [b'\\', _, ..] => at += 2,
            _ => at += 1,
        }
    }
}

/// Reads `{expr}` and gives the byte behind it.
fn interpolation(text: &[u8], start: usize, tokens: &mut Tokens) -> usize {
    tokens.push(Kind::OpenInterpolation, start, start + 1);
    let (mut at, mut depth) = (start + 1, 0usize);
    while let Some(byte) = text.get(at).copied() {
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = match byte {
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'}' if depth == 0 => {
                tokens.push(Kind::CloseInterpolation, at, at + 1);
                return at + 1;
            }
            b'"' | b'r' if rest.starts_with(b"r\"") || byte == b'"' => quoted(rest),
            b'/' if tokens.last() == Some(Kind::Matches) => regex(rest),
            _ => next(text, at, tokens),
        };
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        tokens.push(kind, at, at + length);
        at += length.max(1);
    }
    at
}

/// The string in front, raw if it begins so.
fn quoted(text: &[u8]) -> (Kind, usize) {
    let raw = text.starts_with(b"r");
    let mut at = if raw { 2 } else { 1 };
    loop {
        match text.get(at..).unwrap_or_default() {
            [] => return (Kind::Bad, text.len()),
            [b'"', ..] => return (if raw { Kind::RawString } else { Kind::String }, at + 1),
            [b'\\', _, ..] if !raw => at += 2,
            _ => at += 1,
        }
    }
}

/// The regular expression in front. In brackets `[…]` a `/` closes nothing.
fn regex(text: &[u8]) -> (Kind, usize) {
    let (mut at, mut class) = (1, false);
    loop {
        match text.get(at..).unwrap_or_default() {
            [] => return (Kind::Bad, text.len()),
            [b'/', ..] if !class && at > 1 => return (Kind::Regex, at + 1),
            [b'\\', _, ..] => at += 2,
            [byte, ..] => {
                class = (class || *byte == b'[') && *byte != b']';
                at += 1;
            }
        }
    }
}
