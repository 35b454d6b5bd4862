//! Policies: whether some statement lets a stranger in.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Text;

/// A percent-encoded text.
pub(super) fn decoded(text: &str) -> Option<Cow<'_, [u8]>> {
    let bytes = text.as_bytes();
    if memchr::memchr(b'%', bytes).is_none() {
        return Some(Cow::Borrowed(bytes));
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'%' => digit(*rest.next()?)? << 4 | digit(*rest.next()?)?,
            other => *other,
        });
    }
    Some(Cow::Owned(decoded))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Policy {
    pub(super) statement: Statements,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    #[serde(borrow)]
    effect: Text<'a>,
    #[serde(default)]
    principal: Principal,
}

impl Statement<'_> {
    fn names_stranger(&self) -> bool {
        self.effect.is("Allow") && self.principal.is_anyone
    }
}

/// One statement or several.
pub(super) struct Statements {
    pub(super) names_stranger: bool,
}

/// `"*"`, or kinds of principals: `{"AWS": "*"}`, `{"AWS": ["…"]}`.
#[derive(Default)]
struct Principal {
    is_anyone: bool,
}

/// A text or several, of which one is `*`.
struct Starred(bool);

impl<'de> Deserialize<'de> for Statements {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Statements;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("statements")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Statements, A::Error> {
                let mut names_stranger = false;
                while let Some(statement) = all.next_element::<Statement<'de>>()? {
                    names_stranger |= statement.names_stranger();
                }
                Ok(Statements { names_stranger })
            }

            fn visit_map<A: MapAccess<'de>>(self, one: A) -> Result<Statements, A::Error> {
                let statement = Statement::deserialize(MapAccessDeserializer::new(one))?;
                Ok(Statements { names_stranger: statement.names_stranger() })
            }
        }
        from.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for Principal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Principal;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("principals")
            }

            fn visit_str<E>(self, text: &str) -> Result<Principal, E> {
                Ok(Principal { is_anyone: text == "*" })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut kinds: A) -> Result<Principal, A::Error> {
                let mut is_anyone = false;
                while let Some(kind) = kinds.next_key::<Text<'de>>()? {
                    match kind.is("AWS") {
                        true => is_anyone |= kinds.next_value::<Starred>()?.0,
                        false => drop(kinds.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Principal { is_anyone })
            }
        }
        from.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for Starred {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Starred;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("a text or texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<Starred, E> {
                Ok(Starred(text == "*"))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Starred, A::Error> {
                let mut found = false;
                while let Some(text) = all.next_element::<Text<'de>>()? {
                    found |= text.is("*");
                }
                Ok(Starred(found))
            }
        }
        from.deserialize_any(Read)
    }
}
