//! The keys of a manifest and where they stand, for editors: of a manifest that is wrong, too, as far as it can be read.

use parapet_base::Span;
use toml::de::{DeTable, DeValue};

/// The sections, with what each holds.
pub const SECTIONS: [(&str, &str); 2] = [
    ("package", "What the package is called, and where its rules are."),
    ("params", "Values of parameters, by their paths in quotes, of one's own rules and of the standard library."),
];

/// The keys of `[package]`, with what each says.
pub const PACKAGE_KEYS: [(&str, &str); 6] = [
    ("name", "Needed: lower-case letters, digits, `-` and `_`, beginning with a letter. In paths `-` is written `_`."),
    ("version", "A semantic version; it stands in results."),
    ("description", "Words for people."),
    ("edition", "The edition of the language; the only one is `2027`."),
    ("parapet", "The versions of Parapet that the package is for; recorded, and not enforced by this version."),
    ("rules", "The folder of the rules, if it is another one than `rules`."),
];

/// A key of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub section: String,
    /// Without quotes.
    pub name: String,
    /// With its quotes.
    pub span: Span,
    /// Where its value stands.
    pub value: Span,
}

/// The keys of all sections, in the order of the text.
pub fn keys(text: &str) -> Vec<Key> {
    let (table, _) = DeTable::parse_recoverable(text);
    let mut keys = Vec::new();
    for (section, entries) in table.get_ref() {
        let DeValue::Table(entries) = entries.get_ref() else { continue };
        for (key, value) in entries {
            let (span, value) = (key.span(), value.span());
            keys.push(Key {
                section: section.get_ref().to_string(),
                name: key.get_ref().to_string(),
                span: Span::new(span.start, span.end),
                value: Span::new(value.start, value.end),
            });
        }
    }
    keys.sort_by_key(|key| key.span);
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_places() {
        let text = "[package]\nname = \"a\"\n\n[params]\n\"a::b::days\" = 14 # c\nplain = [\n    1,\n]\n";
        let shown =
            |key: &Key| format!("{}/{} {} {}", key.section, key.name, key.span.text(text), key.value.text(text));
        let all: Vec<String> = keys(text).iter().map(shown).collect();
        let expected =
            ["package/name name \"a\"", "params/a::b::days \"a::b::days\" 14", "params/plain plain [\n    1,\n]"];
        assert_eq!(all, expected);
    }

    #[test]
    fn a_manifest_that_is_wrong_has_the_keys_that_can_be_read() {
        let text = "[package]\nname = \n[params]\n\"a::b\" = 1\n\"c::";
        let names: Vec<String> = keys(text).into_iter().map(|key| key.name).collect();
        assert!(names.contains(&"a::b".to_owned()), "{names:?}");
    }

    #[test]
    fn every_key_of_the_package_is_known_here() {
        for (key, _) in PACKAGE_KEYS {
            let value = match key {
                "version" => "1.0.0",
                "edition" => "2027",
                _ => "a",
            };
            let name = if key == "name" { "" } else { "name = \"a\"\n" };
            assert!(crate::parse(&format!("[package]\n{name}{key} = \"{value}\"\n")).is_ok(), "{key}");
        }
    }
}
