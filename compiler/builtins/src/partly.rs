//! What the known parts of a text decide that exists only after deployment.
//!
//! `arn:${partition}:iam::aws:policy/ReadOnlyAccess` is no text yet, but it does not end in `AdministratorAccess`, whatever the
//! partition. An answer stands here only where it is the same for every text that the other parts may turn out to be.

use parapet_model::{Symbol, SymbolPart, Value};

use crate::members::any_equal;
use crate::table::BuiltinId;

/// The answer of a builtin for a text of which parts are known; `None` where that depends on the others.
pub fn decided(id: BuiltinId, symbol: &Symbol, rest: &[Value]) -> Option<bool> {
    match (id, rest) {
        (BuiltinId::StartsWith, [Value::Text(prefix)]) => starts_with(symbol.beginning(), prefix),
        (BuiltinId::FoldedStartsWith, [Value::Text(prefix)]) => {
            starts_with(&symbol.beginning().to_ascii_lowercase(), &prefix.to_ascii_lowercase())
        }
        (BuiltinId::EndsWith, [Value::Text(suffix)]) => ends_with(symbol.end(), suffix),
        (BuiltinId::FoldedEndsWith, [Value::Text(suffix)]) => {
            ends_with(&symbol.end().to_ascii_lowercase(), &suffix.to_ascii_lowercase())
        }
        (BuiltinId::TextContains, [Value::Text(part)]) => {
            symbol.literals().any(|text| text.contains(&**part)).then_some(true)
        }
        (BuiltinId::TextIsEmpty, []) => (!symbol.may_be("")).then_some(false),
        _ => None,
    }
}

/// Whether a known list holds a value that is not known: not where no element may be it.
pub fn contains(id: BuiltinId, arguments: &[Value]) -> Option<Value> {
    match (id, arguments) {
        (BuiltinId::ListContains | BuiltinId::FoldedListContains, [Value::List(all) | Value::Set(all), wanted]) => {
            Some(any_equal(all.iter(), wanted).value())
        }
        _ => None,
    }
}

fn starts_with(known: &str, prefix: &str) -> Option<bool> {
    match known.starts_with(prefix) {
        true => Some(true),
        false => (!prefix.starts_with(known)).then_some(false),
    }
}

fn ends_with(known: &str, suffix: &str) -> Option<bool> {
    match known.ends_with(suffix) {
        true => Some(true),
        false => (!suffix.ends_with(known)).then_some(false),
    }
}

/// The answer of `like`.
pub fn like(symbol: &Symbol, pattern: &str) -> Option<bool> {
    let pattern: Vec<char> = pattern.chars().collect();
    if pattern.contains(&'\\') {
        return None;
    }
    let text: Vec<Option<char>> = symbol.parts().iter().flat_map(letters).collect();
    if text.len().saturating_mul(pattern.len()) > 1 << 20 {
        return None;
    }
    match (matches(&pattern, &text, Unknown::Refuses), matches(&pattern, &text, Unknown::Admits)) {
        (true, _) => Some(true),
        (false, false) => Some(false),
        (false, true) => None,
    }
}

/// The letters of a part; what is not known is one `None`, which stands for any text.
fn letters(part: &SymbolPart) -> Vec<Option<char>> {
    match part {
        SymbolPart::Literal(text) => text.chars().map(Some).collect(),
        SymbolPart::Attribute(attribute) if attribute.unique && &*attribute.name == "arn" => {
            "arn:".chars().map(Some).chain([None]).collect()
        }
        SymbolPart::Attribute(_) => vec![None],
    }
}

/// Whether what is not known fits where the pattern says what stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// It may: the pattern matches some text.
    Admits,
    /// Only `*` takes it: the pattern matches every text.
    Refuses,
}

/// Whether a pattern matches, letter by letter: `reached` are the places of the pattern that what was read leads to.
fn matches(pattern: &[char], text: &[Option<char>], unknown: Unknown) -> bool {
    let mut reached = vec![false; pattern.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    pass_stars(pattern, &mut reached);
    for letter in text {
        let mut next = vec![false; pattern.len() + 1];
        for (at, wanted) in pattern.iter().enumerate().filter(|(at, _)| reached.get(*at) == Some(&true)) {
            let (stays, goes) = match (letter, wanted) {
                (_, '*') => (true, false),
                (Some(_), '?') => (false, true),
                (Some(letter), wanted) => (false, letter == wanted),
                (None, _) => (false, false),
            };
            set(&mut next, at, stays);
            set(&mut next, at + 1, goes);
        }
        if letter.is_none() && unknown == Unknown::Admits {
            // Any number of places may be passed.
            let first = reached.iter().position(|is| *is).unwrap_or(reached.len());
            next.iter_mut().skip(first).for_each(|is| *is = true);
        }
        pass_stars(pattern, &mut next);
        reached = next;
    }
    reached.last() == Some(&true)
}

fn set(places: &mut [bool], at: usize, is: bool) {
    if let Some(place) = places.get_mut(at) {
        *place |= is;
    }
}

/// A star may stand for nothing.
fn pass_stars(pattern: &[char], reached: &mut [bool]) {
    for (at, wanted) in pattern.iter().enumerate() {
        let here = reached.get(at) == Some(&true);
        set(reached, at + 1, here && *wanted == '*');
    }
}

#[cfg(test)]
mod tests {
    use parapet_model::Attribute;

    use super::*;

    /// `<x>` stands for an attribute.
    fn symbol(text: &str) -> Symbol {
        let parts = text.split_inclusive('>').flat_map(|piece| {
            let (literal, name) = piece.split_once('<').unwrap_or((piece, ""));
            let attribute = |name: &str| {
                let name = name.trim_end_matches('>');
                SymbolPart::Attribute(Attribute { owner: "0:A".into(), name: name.into(), unique: name == "arn" })
            };
            let attribute = piece.contains('<').then(|| attribute(name));
            [Some(SymbolPart::Literal(literal.into())), attribute].into_iter().flatten().collect::<Vec<_>>()
        });
        Symbol::of(parts)
    }

    #[test]
    fn patterns_are_decided_by_what_is_known() {
        let policy = "arn:<p>:iam::aws:policy/ReadOnlyAccess";
        for (text, pattern, wanted) in [
            (policy, "arn:*:iam::aws:policy/AdministratorAccess", Some(false)),
            (policy, "arn:*:iam::aws:policy/*", Some(true)),
            (policy, "arn:aws:iam::aws:policy/*", None),
            ("<x>", "*", Some(true)),
            ("<x>", "a*", None),
            ("<x>-logs", "*logs", Some(true)),
            ("<x>-logs", "?-logs", None),
            ("<x>-logs", "*data", Some(false)),
            ("<arn>", "arn:*", Some(true)),
            ("<arn>", "s3:*", Some(false)),
            ("<arn>/*", "*/\\*", None),
        ] {
            assert_eq!(like(&symbol(text), pattern), wanted, "{text} like {pattern}");
        }
    }

    #[test]
    fn an_empty_list_holds_nothing() {
        let later = || Value::unknown(parapet_model::Reason::Undecided, "later");
        let found = |all: Vec<Value>| contains(BuiltinId::ListContains, &[Value::list(all), later()]).unwrap();
        assert!(matches!(found(Vec::new()), Value::Bool(false)));
        assert!(found(vec![Value::text("a")]).is_unknown());
    }

    #[test]
    fn ends_are_decided_by_what_is_known() {
        let text = |text: &str| [Value::text(text)];
        let resource = symbol("arn:<p>:iam::<a>:role/app");
        let ends = |suffix: &str| decided(BuiltinId::EndsWith, &resource, &text(suffix));
        assert_eq!([ends(":role/*"), ends("/app"), ends("1:role/app")], [Some(false), Some(true), None]);
        let starts = |prefix: &str| decided(BuiltinId::StartsWith, &resource, &text(prefix));
        assert_eq!([starts("arn:"), starts("http"), starts("arn:aws")], [Some(true), Some(false), None]);
        let holds = |part: &str| decided(BuiltinId::TextContains, &resource, &text(part));
        assert_eq!([holds("role"), holds("x")], [Some(true), None]);
        assert_eq!(decided(BuiltinId::TextIsEmpty, &resource, &[]), Some(false));
        assert_eq!(decided(BuiltinId::TextIsEmpty, &symbol("<x>"), &[]), None);
    }
}
