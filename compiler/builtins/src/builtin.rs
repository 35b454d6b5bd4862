//! What the table says of a builtin, and how one is found.
//!
//! Entries are built once, in the order of the ids, so that an id is an index. Overloads share a name and
//! stand next to each other; the first whose first parameter fits is the one that is called.

use jiff::Timestamp;
use parapet_model::{Type, Value};

use crate::table::{BuiltinId, TABLE};

/// One entry of the table.
pub struct Builtin {
    pub id: BuiltinId,
    pub name: &'static str,
    /// Markdown: what it says, then an example.
    pub doc: &'static str,
    /// The version that brought it.
    pub since: &'static str,
    pub parameters: Vec<Parameter>,
    pub result: Type,
    /// Called as `receiver.name(rest)`; else as `name(all)`.
    pub method: bool,
    /// The meaning. No argument is itself unknown or absent; what is inside of one may be.
    pub eval: fn(&Context, &[Value]) -> Value,
}

/// A parameter; the first one of a method is its receiver.
pub struct Parameter {
    pub name: &'static str,
    pub ty: Type,
    /// It may be left out.
    pub optional: bool,
}

/// What a meaning may depend on beside its arguments.
pub struct Context {
    /// The time of evaluation, an input of the run.
    pub now: Timestamp,
}

/// All builtins, in the order of their ids.
pub fn all() -> &'static [Builtin] {
    &TABLE
}

/// The entry of an id.
#[expect(clippy::indexing_slicing, reason = "the table has one entry for each id, in their order; a test holds it")]
pub fn builtin(id: BuiltinId) -> &'static Builtin {
    &TABLE[id as usize]
}

/// The builtins of a name, functions or methods; several are overloads, told apart by the type of their first
/// argument, in order.
pub fn named(name: &str, method: bool) -> impl Iterator<Item = &'static Builtin> {
    all().iter().filter(move |builtin| builtin.name == name && builtin.method == method)
}

/// The text of doc attributes without the space that follows each `///`. Called once for each entry.
pub(crate) fn doc_text(lines: &[&'static str]) -> &'static str {
    let lines: Vec<&str> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_indexes() {
        for (at, entry) in all().iter().enumerate() {
            assert_eq!(entry.id as usize, at);
            assert_eq!(builtin(entry.id).name, entry.name);
        }
    }

    #[test]
    fn every_entry_says_what_it_means_and_shows_it() {
        for entry in all() {
            assert!(entry.doc.contains("\n\nExample: `"), "{} has no example", entry.name);
            assert!(entry.doc.contains(&format!("{}(", entry.name)), "the example of {} is another's", entry.name);
            assert!(entry.method <= !entry.parameters.is_empty(), "{} has no receiver", entry.name);
        }
    }

    #[test]
    fn names_lead_to_overloads_in_order() {
        let ids: Vec<BuiltinId> = named("len", true).map(|entry| entry.id).collect();
        assert_eq!(ids, [BuiltinId::TextLen, BuiltinId::ListLen, BuiltinId::MapLen]);
        assert_eq!(named("len", false).count(), 0);
    }
}
