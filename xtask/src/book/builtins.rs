//! The page of the built-ins: a table for each family, a row for each entry.
//!
//! The family follows from the types of the entry, so that a new one finds its place by itself.

use parapet_builtins::{Builtin, all};
use parapet_model::Type;

use super::{cell, mark};

/// What stands above the tables.
const PREFACE: &str = include_str!("builtins.md");

/// A table of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Strings,
    Collections,
    Numbers,
    Time,
    Network,
    Forms,
    Policies,
    Others,
}

impl Family {
    const ALL: [Family; 8] = [
        Family::Strings,
        Family::Collections,
        Family::Numbers,
        Family::Time,
        Family::Network,
        Family::Forms,
        Family::Policies,
        Family::Others,
    ];

    fn title(self) -> &'static str {
        match self {
            Family::Strings => "Strings",
            Family::Collections => "Lists, sets and maps",
            Family::Numbers => "Numbers",
            Family::Time => "Time",
            Family::Network => "Network",
            Family::Forms => "Texts with a form of their own",
            Family::Policies => "Policies, as they are written",
            Family::Others => "Others",
        }
    }

    /// The family of an entry with this receiver and result. What reads text belongs to what it makes of it.
    fn of(receiver: &str, result: &str) -> Family {
        let of_type = |name: &str| match name.split('<').next().unwrap_or_default() {
            "List" | "Set" | "Map" => Family::Collections,
            "Int" | "Float" | "Number" => Family::Numbers,
            "Time" | "Duration" => Family::Time,
            "Ip" | "Cidr" => Family::Network,
            "Arn" | "Json" => Family::Forms,
            "Policy" | "Statement" | "Principals" => Family::Policies,
            "String" | "Folded" | "Bool" => Family::Strings,
            _ => Family::Others,
        };
        match (of_type(receiver), result.strip_suffix('?')) {
            (Family::Strings, Some(made)) => of_type(made),
            (family, _) => family,
        }
    }
}

/// The page.
pub(super) fn page() -> String {
    let mut page = mark("compiler/builtins/src/table.rs and xtask/src/book/builtins.md");
    page.push_str(PREFACE);
    for family in Family::ALL {
        let mut entries = all().iter().filter(|entry| family_of(entry) == family).peekable();
        if entries.peek().is_some() {
            page.push_str(&format!("\n## {}\n\n| built-in | says | example |\n| --- | --- | --- |\n", family.title()));
            page.extend(entries.map(row));
        }
    }
    page
}

fn family_of(entry: &Builtin) -> Family {
    let receiver = entry.parameters.first().map_or_else(String::new, |parameter| parameter.ty.to_string());
    Family::of(&receiver, &entry.result.to_string())
}

fn row(entry: &Builtin) -> String {
    let (says, example) = entry.doc.split_once("\n\nExample: ").unwrap_or((entry.doc, ""));
    let since = if entry.since == "0.1.0" { String::new() } else { format!(" Since {}.", entry.since) };
    format!("| `{}` | {}{since} | {} |\n", cell(&signature(entry)), cell(says), cell(example.trim()))
}

/// `(text: String).starts_with(prefix: String) -> Bool`, or `age(time: Time) -> Duration`.
fn signature(entry: &Builtin) -> String {
    let parameters = entry.parameters.iter().map(|parameter| {
        let mark = if parameter.optional { "?" } else { "" };
        format!("{}{mark}: {}", parameter.name, shown(&parameter.ty))
    });
    let parameters: Vec<String> = parameters.collect();
    let result = shown(&entry.result);
    match parameters.split_first() {
        Some((receiver, rest)) if entry.method => {
            format!("({receiver}).{}({}) -> {result}", entry.name, rest.join(", "))
        }
        _ => format!("{}({}) -> {result}", entry.name, parameters.join(", ")),
    }
}

/// The type as the table writes it: text without regard to case, which elsewhere prints as text, is told apart.
fn shown(ty: &Type) -> String {
    match ty {
        Type::Folded => "Folded".to_owned(),
        Type::List { element, .. } => format!("List<{}>", shown(element)),
        Type::Set(element) => format!("Set<{}>", shown(element)),
        Type::Map(value) => format!("Map<{}>", shown(value)),
        Type::Optional(inner) => format!("{}?", shown(inner)),
        other => other.to_string(),
    }
}
