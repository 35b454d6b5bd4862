//! Numbers, and the times, durations and addresses that begin like one: which of them stands at a place, and how far.
//!
//! They are tried in the order of [`LITERALS`], and the first that matches and that no letter or digit follows is it.

use super::Kind;

/// Takes a literal from the front of a text, and gives what is left.
type Take = for<'t> fn(&'t [u8]) -> Option<&'t [u8]>;

const LITERALS: [(Take, Kind); 6] = [
    (time, Kind::Time),
    (duration, Kind::Duration),
    (ipv4, Kind::Address),
    (ipv6, Kind::Address),
    (float, Kind::Float),
    (int, Kind::Int),
];

/// The literal that begins with the digit in front of a text, and its length.
pub(super) fn number(text: &[u8]) -> (Kind, usize) {
    let run = text.iter().take_while(|byte| is_word(**byte)).count();
    // Most numbers are just that.
    if matches!(text.get(run), Some(b' ' | b')' | b',' | b']' | b'\n'))
        && text.get(..run).is_some_and(|run| run.iter().all(u8::is_ascii_digit))
    {
        return (Kind::Int, run);
    }
    let found = LITERALS.iter().find_map(|(take, kind)| {
        let rest = take(text).filter(|rest| !rest.first().is_some_and(|byte| is_word(*byte)))?;
        Some((*kind, text.len() - rest.len()))
    });
    found.unwrap_or((Kind::Bad, run))
}

/// The length of the address that begins with the `::` in front of a text.
pub(super) fn address(text: &[u8]) -> Option<usize> {
    let rest = ipv6(text).filter(|rest| !rest.first().is_some_and(|byte| is_word(*byte)))?;
    Some(text.len() - rest.len())
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Takes up to `most` bytes of a class, at least `least`.
fn some(text: &[u8], least: usize, most: usize, class: fn(&u8) -> bool) -> Option<&[u8]> {
    let count = text.iter().take(most).take_while(|byte| class(byte)).count();
    if count < least { None } else { text.get(count..) }
}

fn digits(text: &[u8]) -> Option<&[u8]> {
    some(text, 1, usize::MAX, u8::is_ascii_digit)
}

/// `take` or nothing.
fn maybe<'t>(text: &'t [u8], take: impl Fn(&'t [u8]) -> Option<&'t [u8]>) -> &'t [u8] {
    take(text).unwrap_or(text)
}

fn time(text: &[u8]) -> Option<&[u8]> {
    let number = |text, count| some(text, count, count, u8::is_ascii_digit);
    let after = |text, mark: &[u8]| number(<[u8]>::strip_prefix(text, mark)?, 2);
    let day = after(after(number(text, 4)?, b"-")?, b"-")?;
    Some(maybe(day, |text| {
        let minutes = after(after(text, b"T")?, b":")?;
        let time = maybe(minutes, |text| {
            let seconds = after(text, b":")?;
            Some(maybe(seconds, |text| digits(text.strip_prefix(b".")?)))
        });
        Some(maybe(time, |text| match text {
            [b'Z', rest @ ..] => Some(rest),
            [b'+' | b'-', rest @ ..] => after(number(rest, 2)?, b":"),
            _ => None,
        }))
    }))
}

fn duration(text: &[u8]) -> Option<&[u8]> {
    match digits(text)? {
        [b'd' | b'h' | b'm' | b's', rest @ ..] => Some(rest),
        _ => None,
    }
}

fn ipv4(text: &[u8]) -> Option<&[u8]> {
    Some(maybe(four_numbers(text)?, prefix_length))
}

fn four_numbers(text: &[u8]) -> Option<&[u8]> {
    let number = |text| some(text, 1, 3, u8::is_ascii_digit);
    let mut rest = number(text)?;
    for _ in 0..3 {
        rest = number(rest.strip_prefix(b".")?)?;
    }
    Some(rest)
}

fn prefix_length(text: &[u8]) -> Option<&[u8]> {
    some(text.strip_prefix(b"/")?, 1, 3, u8::is_ascii_digit)
}

fn ipv6(text: &[u8]) -> Option<&[u8]> {
    let hexadecimal = |text| some(text, 0, 4, u8::is_ascii_hexdigit);
    let group = |text| hexadecimal(text)?.strip_prefix(b":");
    let mut rest = group(group(text)?)?;
    for _ in 2..8 {
        rest = maybe(rest, group);
    }
    let last = four_numbers(rest).or_else(|| hexadecimal(rest))?;
    Some(maybe(last, prefix_length))
}

fn float(text: &[u8]) -> Option<&[u8]> {
    let whole = digits(digits(text)?.strip_prefix(b".")?)?;
    let rest = maybe(whole, |text| match text {
        [b'e' | b'E', b'+' | b'-', rest @ ..] | [b'e' | b'E', rest @ ..] => digits(rest),
        _ => None,
    });
    let goes_on = matches!(rest, [b'.', digit, ..] if digit.is_ascii_digit());
    (!goes_on).then_some(rest)
}

fn int(text: &[u8]) -> Option<&[u8]> {
    let mut rest = digits(text)?;
    while let Some(more) = rest.strip_prefix(b"_").and_then(digits) {
        rest = more;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Kind, &str) {
        let (kind, length) = number(text.as_bytes());
        (kind, text.get(..length).unwrap())
    }

    #[test]
    fn the_longest_literal_is_taken() {
        assert_eq!(of("1_000 "), (Kind::Int, "1_000"));
        assert_eq!(of("7)"), (Kind::Int, "7"));
        assert_eq!(of("1..2"), (Kind::Int, "1"));
        assert_eq!(of("1.5.x"), (Kind::Float, "1.5"));
        assert_eq!(of("1.5e-3"), (Kind::Float, "1.5e-3"));
        assert_eq!(of("90d,"), (Kind::Duration, "90d"));
        assert_eq!(of("2027-01-31 "), (Kind::Time, "2027-01-31"));
        assert_eq!(of("2027-01-31T10:00:00.25+01:00"), (Kind::Time, "2027-01-31T10:00:00.25+01:00"));
        assert_eq!(of("10.0.0.0/8//"), (Kind::Address, "10.0.0.0/8"));
        assert_eq!(of("2001:db8::1/64"), (Kind::Address, "2001:db8::1/64"));
        assert_eq!(of("64::10.0.0.1 "), (Kind::Address, "64::10.0.0.1"));
        assert_eq!(address(b"::/0"), Some(4));
    }

    #[test]
    fn a_letter_behind_a_number_belongs_to_it() {
        assert_eq!(of("12abc)"), (Kind::Bad, "12abc"));
        assert_eq!(of("1_"), (Kind::Bad, "1_"));
        assert_eq!(of("1.5.2"), (Kind::Int, "1"));
        assert_eq!(of("10.0.0.1000"), (Kind::Int, "10"));
    }
}
