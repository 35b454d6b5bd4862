//! Texts.
//!
//! Lengths count code points and case is Unicode's. The `folded_` meanings are for actions, condition keys and
//! operators, whose ASCII letters are equal in either case: lower-casing those keeps every offset, so that
//! pieces are found in a lower-cased copy and cut out of the text as it is written.

use parapet_model::{Value, json};

use crate::Context;
use crate::arguments::{bounded_list, bounded_text, doubt, int, overflow, present, undecided};

pub(crate) fn len(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => int(text.chars().count()),
        _ => undecided(arguments),
    }
}

pub(crate) fn is_empty(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => Value::Bool(text.is_empty()),
        _ => undecided(arguments),
    }
}

pub(crate) fn lower(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => Value::text(text.to_lowercase()),
        _ => undecided(arguments),
    }
}

pub(crate) fn upper(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => Value::text(text.to_uppercase()),
        _ => undecided(arguments),
    }
}

pub(crate) fn trim(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => Value::text(text.trim()),
        _ => undecided(arguments),
    }
}

pub(crate) fn starts_with(_: &Context, arguments: &[Value]) -> Value {
    test(arguments, |text, prefix| text.starts_with(prefix))
}

pub(crate) fn ends_with(_: &Context, arguments: &[Value]) -> Value {
    test(arguments, |text, suffix| text.ends_with(suffix))
}

pub(crate) fn contains(_: &Context, arguments: &[Value]) -> Value {
    test(arguments, |text, part| text.contains(part))
}

pub(crate) fn folded_starts_with(_: &Context, arguments: &[Value]) -> Value {
    test(arguments, |text, prefix| text.to_ascii_lowercase().starts_with(&prefix.to_ascii_lowercase()))
}

pub(crate) fn folded_ends_with(_: &Context, arguments: &[Value]) -> Value {
    test(arguments, |text, suffix| text.to_ascii_lowercase().ends_with(&suffix.to_ascii_lowercase()))
}

pub(crate) fn folded_contains(_: &Context, arguments: &[Value]) -> Value {
    test(arguments, |text, part| text.to_ascii_lowercase().contains(&part.to_ascii_lowercase()))
}

fn test(arguments: &[Value], holds: fn(&str, &str) -> bool) -> Value {
    match arguments {
        [Value::Text(text), Value::Text(other)] => Value::Bool(holds(text, other)),
        _ => undecided(arguments),
    }
}

pub(crate) fn split(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text), Value::Text(separator)] if separator.is_empty() => {
            bounded_list(text.chars().map(|character| Value::text(character.to_string())))
        }
        [Value::Text(text), Value::Text(separator)] => bounded_list(text.split(&**separator).map(Value::text)),
        _ => undecided(arguments),
    }
}

pub(crate) fn folded_split(cx: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text), Value::Text(separator)] if !separator.is_empty() => {
            bounded_list(folded_pieces(text, separator).into_iter().map(Value::text))
        }
        _ => split(cx, arguments),
    }
}

pub(crate) fn replace(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text), Value::Text(from), Value::Text(_)] if from.is_empty() => Value::Text(text.clone()),
        [Value::Text(text), Value::Text(from), Value::Text(to)] => {
            joined(&text.split(&**from).collect::<Vec<&str>>(), to)
        }
        _ => undecided(arguments),
    }
}

pub(crate) fn folded_replace(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text), Value::Text(from), Value::Text(_)] if from.is_empty() => Value::Text(text.clone()),
        [Value::Text(text), Value::Text(from), Value::Text(to)] => joined(&folded_pieces(text, from), to),
        _ => undecided(arguments),
    }
}

/// The pieces between occurrences of a separator, which is not empty, in any case.
fn folded_pieces<'t>(text: &'t str, separator: &str) -> Vec<&'t str> {
    let (lower, separator) = (text.to_ascii_lowercase(), separator.to_ascii_lowercase());
    let mut start = 0;
    let mut pieces = Vec::new();
    for piece in lower.split(&separator) {
        pieces.push(text.get(start..start + piece.len()).unwrap_or_default());
        start += piece.len() + separator.len();
    }
    pieces
}

/// The texts with a separator between each two.
fn joined(pieces: &[&str], separator: &str) -> Value {
    let between = separator.len().saturating_mul(pieces.len().saturating_sub(1));
    let bytes = pieces.iter().fold(between, |sum, piece| sum.saturating_add(piece.len()));
    bounded_text(bytes, || pieces.join(separator))
}

pub(crate) fn join(_: &Context, arguments: &[Value]) -> Value {
    let [Value::List(elements) | Value::Set(elements), Value::Text(separator)] = arguments else {
        return undecided(arguments);
    };
    match doubt(elements.iter()) {
        Some(unknown) => Value::Unknown(unknown),
        // `null` in a list is no text.
        None => joined(&elements.iter().filter_map(Value::as_text).collect::<Vec<&str>>(), separator),
    }
}

pub(crate) fn parse_int(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Text(text)] = arguments else { return undecided(arguments) };
    match text.parse() {
        Ok(number) => Value::Int(number),
        Err(_) if is_whole(text.strip_prefix(['+', '-']).unwrap_or(text)) => overflow(),
        Err(_) => Value::Absent,
    }
}

fn is_whole(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Rust reads `inf` and `nan`, too; they are no numbers of the language.
pub(crate) fn parse_float(_: &Context, arguments: &[Value]) -> Value {
    let [Value::Text(text)] = arguments else { return undecided(arguments) };
    let decimal = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match text.parse::<f64>() {
        Ok(number) if decimal && number.is_finite() => Value::Float(number),
        Ok(_) if decimal => overflow(),
        Ok(_) | Err(_) => Value::Absent,
    }
}

pub(crate) fn json(_: &Context, arguments: &[Value]) -> Value {
    match arguments {
        [Value::Text(text)] => present(json::parse(text).ok().map(|node| parapet_model::json_value(&node))),
        _ => undecided(arguments),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use parapet_model::{Reason, Truth, equal};

    use super::*;

    const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

    fn texts(texts: &[&str]) -> Value {
        Value::list(texts.iter().map(|text| Value::text(*text)).collect())
    }

    fn call(meaning: fn(&Context, &[Value]) -> Value, arguments: &[&str]) -> Value {
        meaning(&CX, &arguments.iter().map(|text| Value::text(*text)).collect::<Vec<Value>>())
    }

    #[track_caller]
    fn gives(found: Value, wanted: Value) {
        assert_eq!(equal(&found, &wanted), Truth::True, "{found:?}, not {wanted:?}");
    }

    #[test]
    fn lengths_count_code_points() {
        gives(call(len, &["é😀"]), Value::Int(2));
        gives(call(len, &[""]), Value::Int(0));
        gives(call(is_empty, &[" "]), Value::Bool(false));
        gives(call(trim, &["\t a b\u{a0}"]), Value::text("a b"));
        gives(call(upper, &["straße"]), Value::text("STRASSE"));
        gives(call(lower, &["ÀB"]), Value::text("àb"));
    }

    #[test]
    fn splitting_keeps_empty_pieces() {
        gives(call(split, &["a,,b", ","]), texts(&["a", "", "b"]));
        gives(call(split, &["", ","]), texts(&[""]));
        gives(call(split, &["aé", ""]), texts(&["a", "é"]));
        gives(call(split, &["", ""]), texts(&[]));
        gives(call(replace, &["aaa", "aa", "b"]), Value::text("ba"));
        gives(call(replace, &["abc", "", "x"]), Value::text("abc"));
    }

    #[test]
    fn folded_texts_ignore_ascii_case() {
        gives(call(folded_starts_with, &["iam:passrole", "IAM:Pass"]), Value::Bool(true));
        gives(call(folded_ends_with, &["StringEqualsIfExists", "ifexists"]), Value::Bool(true));
        gives(call(folded_contains, &["aws:PrincipalOrgID", "orgid"]), Value::Bool(true));
        gives(call(starts_with, &["iam:passrole", "IAM:Pass"]), Value::Bool(false));
        gives(call(folded_split, &["aXéxB", "x"]), texts(&["a", "é", "B"]));
        gives(call(folded_replace, &["S3:Get*", "s3:", ""]), Value::text("Get*"));
    }

    #[test]
    fn numbers_are_read_strictly() {
        gives(call(parse_int, &["-42"]), Value::Int(-42));
        gives(call(parse_int, &["+042"]), Value::Int(42));
        gives(call(parse_float, &["1e3"]), Value::Float(1000.0));
        for text in ["", "-", " 1", "1.0", "0x10", "1_000", "٣"] {
            assert!(call(parse_int, &[text]).is_absent(), "{text}");
        }
        for text in ["", "inf", "NaN", "-infinity", "1 ", "e", ".", "1e"] {
            assert!(call(parse_float, &[text]).is_absent(), "{text}");
        }
        assert!(call(parse_int, &["9223372036854775808"]).is_unknown());
        assert!(call(parse_float, &["1e999"]).is_unknown());
    }

    #[test]
    fn joins_need_every_text() {
        gives(join(&CX, &[texts(&["a", "b"]), Value::text(", ")]), Value::text("a, b"));
        gives(join(&CX, &[texts(&[]), Value::text(", ")]), Value::text(""));
        let later = Value::unknown(Reason::Undecided, "later");
        assert!(join(&CX, &[Value::list(vec![Value::text("a"), later]), Value::text("")]).is_unknown());
    }

    #[test]
    fn growth_is_bounded() {
        let mut text = Value::text("ab".repeat(1 << 10));
        for _ in 0..40 {
            let doubled = replace(&CX, &[text.clone(), Value::text("b"), Value::text("bb")]);
            if doubled.is_unknown() {
                return;
            }
            text = doubled;
        }
        panic!("a text of {} bytes", text.as_text().unwrap().len());
    }

    #[test]
    fn documents_are_read_and_null_is_absent() {
        assert!(matches!(call(json, &["{\"a\": 1}"]), Value::Map(map) if map.len() == 1));
        assert!(call(json, &["null"]).is_absent());
        assert!(call(json, &["{"]).is_absent());
    }
}
