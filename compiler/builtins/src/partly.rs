//! What the known parts of a text decide that exists only after deployment.
//!
//! `arn:${partition}:iam::aws:policy/ReadOnlyAccess` is no text yet, but it does not end in `AdministratorAccess`, whatever the
//! partition. An answer stands here only where it is the same for every text that the other parts may turn out to be.

use std::sync::Arc;

use parapet_model::{Class, Glyph, Symbol, SymbolPart, Unknown, Value, glyphs_match};
use regex_syntax::hir::{Look, literal};

use crate::automaton;
use crate::glob::{Glob, Step};
use crate::members::{Case, any_equal};
use crate::table::BuiltinId;

/// Any text.
const REST: Glyph = Glyph::Run(Class::Any);

/// The answer of a builtin for a text of which parts are known; `None` where that depends on the others.
pub fn decided(id: BuiltinId, unknown: &Unknown, rest: &[Value]) -> Option<Value> {
    let symbol = unknown.symbol()?;
    let exact = |pattern: &[Glyph]| symbol.matches(pattern);
    let folded = |pattern: &[Glyph]| {
        let [text, pattern] = [&*symbol.glyphs(), pattern].map(lowered);
        glyphs_match(&text, &pattern)
    };
    let decided = match (id, rest) {
        (BuiltinId::StartsWith, [Value::Text(text)]) => exact(&[letters(text), vec![REST]].concat()),
        (BuiltinId::FoldedStartsWith, [Value::Text(text)]) => folded(&[letters(text), vec![REST]].concat()),
        (BuiltinId::EndsWith, [Value::Text(text)]) => exact(&[vec![REST], letters(text)].concat()),
        (BuiltinId::FoldedEndsWith, [Value::Text(text)]) => folded(&[vec![REST], letters(text)].concat()),
        (BuiltinId::TextContains, [Value::Text(text)]) => exact(&[vec![REST], letters(text), vec![REST]].concat()),
        (BuiltinId::FoldedContains, [Value::Text(text)]) => folded(&[vec![REST], letters(text), vec![REST]].concat()),
        (BuiltinId::TextIsEmpty, []) => exact(&[]),
        (BuiltinId::Split, [Value::Text(separator)]) => return split(unknown, symbol, separator),
        _ => None,
    };
    decided.map(Value::Bool)
}

/// Whether a known list holds a value that is not known: not where no element may be it.
pub fn contains(id: BuiltinId, arguments: &[Value]) -> Option<Value> {
    match (id, arguments) {
        (BuiltinId::ListContains, [Value::List(all) | Value::Set(all), wanted]) => {
            Some(any_equal(all.iter(), wanted, Case::Matters).value())
        }
        (BuiltinId::FoldedListContains, [Value::List(all) | Value::Set(all), wanted]) => {
            Some(any_equal(all.iter(), wanted, Case::Ignored).value())
        }
        _ => None,
    }
}

fn letters(text: &str) -> Vec<Glyph> {
    text.chars().map(Glyph::Letter).collect()
}

/// Letters in lower case; the classes hold the small letters of their capital ones.
fn lowered(glyphs: &[Glyph]) -> Vec<Glyph> {
    let lower = |glyph: &Glyph| match glyph {
        Glyph::Letter(letter) => Glyph::Letter(letter.to_ascii_lowercase()),
        other => *other,
    };
    glyphs.iter().map(lower).collect()
}

/// The answer of `like`.
pub fn like(symbol: &Symbol, pattern: &str) -> Option<bool> {
    let glyph = |step: &Step| match step {
        Step::Char(letter) => Glyph::Letter(*letter),
        Step::One(_) => Glyph::One(Class::Any),
        Step::Run(_) => REST,
    };
    let pattern: Vec<Glyph> = Glob::new(pattern).steps().iter().map(glyph).collect();
    symbol.matches(&pattern)
}

/// The answer of `matches`, where it is the same in whatever case.
pub fn matches(symbol: &Symbol, pattern: &str) -> Option<bool> {
    begins_otherwise(symbol, pattern).or_else(|| {
        let glyphs = symbol.glyphs();
        let decided = automaton::matches(pattern, &glyphs)?;
        (automaton::matches(&format!("(?i:{pattern})"), &glyphs) == Some(decided)).then_some(decided)
    })
}

/// No, where every match begins otherwise than the text, in whatever case.
fn begins_otherwise(symbol: &Symbol, pattern: &str) -> Option<bool> {
    let pattern = regex_syntax::Parser::new().parse(pattern).ok()?;
    if !pattern.properties().look_set_prefix().contains(Look::Start) {
        return None;
    }
    let begins = literal::Extractor::new().kind(literal::ExtractKind::Prefix).extract(&pattern);
    let known = symbol.beginning().to_ascii_lowercase();
    let may = |literal: &literal::Literal| {
        let wanted = literal.as_bytes().to_ascii_lowercase();
        !known.is_ascii()
            || !wanted.is_ascii()
            || known.as_bytes().starts_with(&wanted)
            || wanted.starts_with(known.as_bytes())
    };
    let may_so = |literal: &literal::Literal| may(literal) && may_begin(symbol, literal.as_bytes());
    (!begins.literals()?.iter().any(may_so)).then_some(false)
}

/// Whether the text may begin with these letters, in whatever case, by what is known of those that nobody knows yet.
fn may_begin(symbol: &Symbol, letters: &[u8]) -> bool {
    let Ok(letters) = std::str::from_utf8(letters) else { return true };
    let wanted: Vec<Glyph> = letters.chars().map(Glyph::Letter).chain([REST]).collect();
    glyphs_match(&lowered(&symbol.glyphs()), &lowered(&wanted)) != Some(false)
}

/// The pieces of a text, if the separator stands in no part that is not known.
fn split(unknown: &Unknown, symbol: &Symbol, separator: &str) -> Option<Value> {
    Some(Value::list(symbol.split(separator)?.into_iter().map(|piece| text_of(unknown, piece)).collect()))
}

/// A text, or what is known of it.
fn text_of(unknown: &Unknown, symbol: Symbol) -> Value {
    match symbol.parts() {
        [] => Value::text(""),
        [SymbolPart::Literal(text)] => Value::Text(Arc::clone(text)),
        _ => Value::Unknown(unknown.clone().standing_for(symbol)),
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
                SymbolPart::Attribute(match name {
                    "arn" => Attribute::arn(&"0:A".into(), "AWS::IAM::ManagedPolicy"),
                    "account" => Attribute::of_deployment("0", "AWS::AccountId"),
                    "plain" => {
                        let shape = parapet_model::Shape::PLAIN;
                        Attribute::other(&"0:A".into(), name).shaped(shape)
                    }
                    other => Attribute::other(&"0:A".into(), other),
                })
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
            ("<arn>/*", "*/\\*", Some(true)),
            ("<arn>", "arn:*:iam::aws:policy/AdministratorAccess", Some(false)),
            ("arn:aws:iam::<account>:root", "*::aws:*", Some(false)),
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
        let answer = |id: BuiltinId, resource: &str, rest: &[Value]| {
            let unknown = Unknown::new(parapet_model::Reason::Undecided, "later").standing_for(symbol(resource));
            decided(id, &unknown, rest).map(|value| matches!(value, Value::Bool(true)))
        };
        let resource = "arn:<p>:iam::<a>:role/app";
        let ends = |suffix: &str| answer(BuiltinId::EndsWith, resource, &[Value::text(suffix)]);
        assert_eq!([ends(":role/*"), ends("/app"), ends("1:role/app")], [Some(false), Some(true), None]);
        let starts = |prefix: &str| answer(BuiltinId::StartsWith, resource, &[Value::text(prefix)]);
        assert_eq!([starts("arn:"), starts("http"), starts("arn:aws")], [Some(true), Some(false), None]);
        let holds = |part: &str| answer(BuiltinId::TextContains, resource, &[Value::text(part)]);
        assert_eq!([holds("role"), holds("x")], [Some(true), None]);
        let account = |part: &str| answer(BuiltinId::FoldedContains, "<account>:X", &[Value::text(part)]);
        assert_eq!([account("*"), account("1"), account(":x")], [Some(false), None, Some(true)]);
        assert_eq!(answer(BuiltinId::TextIsEmpty, resource, &[]), Some(false));
        assert_eq!(answer(BuiltinId::TextIsEmpty, "<x>", &[]), None);
    }

    #[test]
    fn a_regular_expression_says_how_its_matches_begin() {
        for (text, pattern, wanted) in [
            ("<arn>", "^AKIA[0-9A-Z]{16}$", Some(false)),
            ("AKI<x>", "^AKIA[0-9A-Z]{16}$", None),
            ("<arn>", "AKIA", None),
            ("<arn>", "^(arn|AKIA)", Some(true)),
            ("<arn>", "^(?:http|AKIA)", Some(false)),
            ("<arn>", "(?m)^AKIA", Some(false)),
            ("<arn>", "^AKIA|x", None),
            ("<arn>", "^ARN", None),
            ("<x>", "^AKIA", None),
            ("<plain>", "^AKIA", None),
            ("<plain>", r"^\{\{resolve:", Some(false)),
            ("<plain>", r"^\{?resolve:", None),
            ("<x>", r"^\{\{resolve:", None),
            ("{{resolve:<x>", r"^\{\{resolve:", Some(true)),
            ("{{resolve:<plain>}}", r"^\{\{resolve:[^{}]*\}\}$", Some(true)),
            ("{{resolve:<x>}}", r"^\{\{resolve:[^{}]*\}\}$", None),
        ] {
            assert_eq!(matches(&symbol(text), pattern), wanted, "{text} matches {pattern}");
        }
    }

    #[test]
    fn a_text_splits_where_the_separator_is_known() {
        let later = |text: &str| Unknown::new(parapet_model::Reason::Undecided, "later").standing_for(symbol(text));
        let pieces = |text: &str| {
            let found = decided(BuiltinId::Split, &later(text), &[Value::text("/")])?;
            let shown = |piece: &Value| match piece {
                Value::Text(text) => text.to_string(),
                other => format!("{:?}", other.is_unknown()),
            };
            Some(found.elements()?.iter().map(shown).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(pieces("arn:aws:iam::<account>:policy/app").as_deref(), Some("true app"));
        assert_eq!(pieces("<account>/<account>").as_deref(), Some("true true"));
        assert_eq!([pieces("<x>/app"), pieces("<arn>/app")], [None, None]);
    }

    #[test]
    fn an_arn_splits_where_its_form_is_known() {
        let pieces = |ty: &str| {
            let symbol = Symbol::attribute(Attribute::arn(&"0:Own".into(), ty));
            let later = Unknown::new(parapet_model::Reason::Undecided, "later").standing_for(symbol);
            let found = decided(BuiltinId::Split, &later, &[Value::text(":")])?;
            let shown = |piece: &Value| match piece {
                Value::Text(text) => text.to_string(),
                Value::Unknown(unknown) => format!("{:?}", unknown.symbol().map(|symbol| symbol.may_be("*"))),
                other => format!("{other:?}"),
            };
            Some(found.elements()?.iter().map(shown).collect::<Vec<_>>().join(" "))
        };
        let no = "Some(false)";
        assert_eq!(pieces("AWS::SNS::Topic"), Some(format!("arn {no} sns {no} {no} {no}")));
        assert_eq!(pieces("AWS::S3::Bucket"), Some(format!("arn {no} s3   {no}")));
        assert_eq!(pieces("AWS::IAM::Role"), None);
        assert_eq!(pieces("AWS::SSM::Document"), None);
    }
}
