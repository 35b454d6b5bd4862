//! The values of literals.
//!
//! The grammar has found where a literal ends; here it gets its value, or a diagnostic when it has none.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::{SignedDuration, Timestamp};
use parapet_base::{Diagnostic, Span, codes};

use crate::tree::ExprKind;

/// The value of an address literal: an address, or a block without host bits.
pub(crate) fn address(text: &str, span: Span) -> Result<ExprKind, Diagnostic> {
    if !text.contains('/') {
        return text.parse::<IpAddr>().map(ExprKind::Ip).map_err(|_| bad(span, format!("`{text}` is not an address")));
    }
    let block: IpNet = text.parse().map_err(|_| bad(span, format!("`{text}` is not an address block")))?;
    host_bits(block, span).map_or(Ok(ExprKind::Cidr(block)), Err)
}

/// The error of a block with host bits set, offering the block that was probably meant.
pub fn host_bits(block: IpNet, span: Span) -> Option<Diagnostic> {
    let truncated = block.trunc();
    (truncated != block).then(|| {
        bad(span, format!("`{block}` has host bits set")).primary("a block begins at its first address").suggest(
            span,
            truncated.to_string(),
            format!("the block is `{truncated}`"),
        )
    })
}

fn bad(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(&codes::BAD_LITERAL, span, message)
}

/// `90d`, `12h`, `30m`, `15s`.
pub(crate) fn duration(text: &str, span: Span) -> Result<ExprKind, Diagnostic> {
    let too_long = || bad(span, format!("`{text}` is longer than a duration can be"));
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(too_long)?;
    let seconds = match unit {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        _ => 1,
    };
    let total = number.parse::<i64>().ok().and_then(|number| number.checked_mul(seconds)).ok_or_else(too_long)?;
    Ok(ExprKind::Duration(SignedDuration::from_secs(total)))
}

/// `2027-01-31`, its midnight UTC, or a full time with a zone.
pub(crate) fn time(text: &str, span: Span) -> Result<ExprKind, Diagnostic> {
    let full = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
    let zoned = full.ends_with('Z') || full.rsplit_once('T').is_some_and(|(_, time)| time.contains(['+', '-']));
    if !zoned {
        return Err(bad(span, format!("`{text}` names no zone")).suggest(span, format!("{text}Z"), "`Z` is UTC"));
    }
    full.parse::<Timestamp>()
        .map(ExprKind::Time)
        .map_err(|_| bad(span, format!("`{text}` is not a date or time that exists")))
}

pub(crate) fn int(text: &str, span: Span) -> Result<ExprKind, Diagnostic> {
    let digits = text.replace('_', "");
    digits.parse().map(ExprKind::Int).map_err(|_| bad(span, format!("`{text}` does not fit 64 bits")))
}

pub(crate) fn float(text: &str, span: Span) -> Result<ExprKind, Diagnostic> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(ExprKind::Float(value)),
        _ => Err(bad(span, format!("`{text}` is beyond what a `Float` holds"))),
    }
}

/// The text of a string between its quotes: `\n \r \t \" \\ \u{…}`; other escapes are errors.
pub(crate) fn unescape(raw: &str, span: Span) -> Result<String, Diagnostic> {
    let mut out = String::with_capacity(raw.len());
    let mut letters = raw.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        let place = |length: usize| Span::new(span.start as usize + at, span.start as usize + at + length);
        match letters.next().map(|(_, letter)| letter) {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('"') => out.push('"'),
            Some('\\') => out.push('\\'),
            Some('u') => {
                let digits: String =
                    letters.by_ref().map(|(_, letter)| letter).take_while(|letter| *letter != '}').collect();
                let code = digits.strip_prefix('{').and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let code = code.and_then(char::from_u32);
                out.push(
                    code.ok_or_else(|| {
                        bad(place(2), "`\\u{…}` takes the hexadecimal number of a character".to_owned())
                    })?,
                );
            }
            Some(other) => {
                let message =
                    format!("`\\{other}` is no escape; a backslash itself is `\\\\`, or use a raw string `r\"…\"`");
                return Err(bad(place(1 + other.len_utf8()), message));
            }
            None => return Err(bad(place(1), "a backslash at the end of a string".to_owned())),
        }
    }
    Ok(out)
}
