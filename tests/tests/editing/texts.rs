//! Random files that use each other, and random edits of them.
//!
//! There are few names, so that most of them lead somewhere, some to each other in a circle, and some nowhere. The files of
//! one package check until they are damaged: some lints are given only where a package has no error.

use crate::random::{Pick, Random};

/// The modules that files have, and that paths name.
pub(crate) const MODULES: [&str; 8] =
    ["m0", "m1", "deep::m2", "own::m0", "own::m1", "own::more_test", "lib::m0", "lib::m1"];

/// What parts of an edited text may be replaced by.
const DEBRIS: [&str; 12] = ["", "\n", "}", "{", "(", "\"", " ", "require q.", "pub ", "guardra ", "// ", "??"];

/// The modules of the package whose files check.
const TIDY: [&str; 3] = ["own::m0", "own::m1", "own::more_test"];

/// A text for the file of a module.
pub(crate) fn file(random: &mut Random, module: &str) -> String {
    if let Some(number) = TIDY.iter().position(|tidy| *tidy == module) {
        return tidy(random, number);
    }
    let mut items: Vec<String> = (0..random.below(3)).map(|_| import(random)).collect();
    items.extend((0..2 + random.below(4)).map(|_| item(random)));
    items.join("\n\n") + "\n"
}

/// A file that checks as long as the other tidy modules are there.
fn tidy(random: &mut Random, number: usize) -> String {
    let other = random.below(TIDY.len());
    let module = TIDY[other];
    let least = match number {
        // What is added to the greatest number overflows, which is seen where it is added.
        0 if random.chance(1, 3) => i64::MAX.to_string(),
        0 => random.below(10).to_string(),
        _ => format!("own::m0::LEAST_OF_0 + {}", random.below(10)),
    };
    let allow = *random.one_of(&["", "@allow(unused_name)\n", "@allow(never_fails)\n"]);
    let import = format!("use {module}::{{small_of_{other} as few}}\n\n");
    let few = *random.one_of(&["few", "few", "m0::small_of_0"]);
    let few = if few == "few" { few.to_owned() } else { format!("own::{few}") };
    let limit = match random.below(3) {
        0 => format!("LEAST_OF_{number}"),
        1 => format!("limit_of_{number}"),
        _ => format!("{module}::limit_of_{other}"),
    };
    format!(
        "{import}pub const LEAST_OF_{number} = {least}\n\n{allow}param limit_of_{number}: Int = {}\n\n\
         pub fn small_of_{number}(n: Int) -> Bool = n < {limit}\n\n\
         /// Delays.\n{}@severity(low)\nguardrail delayed_of_{number}(q: AWS::SQS::Queue) {{\n    \
         require {few}(q.DelaySeconds ?? 0)\n}}\n",
        random.below(10),
        random.one_of(&["", "@allow(unused_name)\n", "@allow(missing_fix)\n"]),
    )
}

/// The text of a module's file after one edit: of an item as a whole, or of some letters.
pub(crate) fn edited(random: &mut Random, module: &str, text: &str) -> String {
    if TIDY.contains(&module) && random.chance(2, 3) {
        return file(random, module);
    }
    let mut items: Vec<String> = text.trim_end().split("\n\n").map(str::to_owned).collect();
    let at = random.below(items.len());
    match random.below(12) {
        0..=2 => items[at] = item(random),
        3 => items.insert(at, item(random)),
        4 => items.push(item(random)),
        5 => drop(items.remove(at)),
        6 => items.insert(0, import(random)),
        7 => items.swap(0, at),
        8 => items[at] = renamed(random, &items[at]),
        9 => items[at].insert_str(0, "// A comment.\n"),
        10 => items[at] = damaged(random, &items[at]),
        _ => items[at] = items[at].replacen(char::is_numeric, &random.below(10).to_string(), 1),
    }
    items.join("\n\n") + "\n"
}

/// Some letters replaced by something that rarely fits.
fn damaged(random: &mut Random, text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let start = random.below(letters.len() + 1);
    let end = (start + random.below(6)).min(letters.len());
    let middle = *random.one_of(&DEBRIS);
    letters[..start].iter().copied().chain(middle.chars()).chain(letters[end..].iter().copied()).collect()
}

/// Another name for the first name in a text that has one.
fn renamed(random: &mut Random, text: &str) -> String {
    let Some(at) = text.to_lowercase().find("_of_") else { return text.to_owned() };
    let end = at + "_of_".len();
    format!("{}{}{}", text.get(..end).unwrap_or_default(), random.below(4), text.get(end + 1..).unwrap_or_default())
}

/// One of four names of a kind; those of constants are in capitals.
fn name(random: &mut Random, kind: &str) -> String {
    let of = if kind == "LEAST" { "OF" } else { "of" };
    format!("{kind}_{of}_{}", random.below(4))
}

fn import(random: &mut Random) -> String {
    let module = *random.one_of(&MODULES);
    let kind = *random.one_of(&["LEAST", "small", "limit", "leads"]);
    let first = name(random, kind);
    let second = name(random, "LEAST");
    match random.below(5) {
        0 => format!("use {module}::{{{first} as {second}}}"),
        1 => format!("use package::m{}::{{{first}, {second}}}", random.below(2)),
        2 => "use own::{m0, m1}".to_owned(),
        _ => format!("use {module}::{{{first}, {second}}}"),
    }
}

/// A name of this kind as it stands in an expression: alone, or by a path.
fn path(random: &mut Random, kind: &str) -> String {
    let name = name(random, kind);
    match random.below(6) {
        0 => format!("{}::{name}", random.one_of(&MODULES)),
        1 => format!("package::m{}::{name}", random.below(2)),
        2 => format!("m{}::{name}", random.below(2)),
        _ => name,
    }
}

fn item(random: &mut Random) -> String {
    let public = *random.one_of(&["", "pub ", "pub "]);
    let allow = *random.one_of(&["", "", "", "@allow(unused_name)\n", "@allow(never_fails)\n"]);
    match random.below(16) {
        0..=3 => format!("{public}const {} = {}", name(random, "LEAST"), number(random, 2)),
        4..=6 => {
            let ty = *random.one_of(&["Int", "Int", "Int?"]);
            format!("{public}fn {}(n: {ty}) -> Bool = {}", name(random, "small"), condition(random, "n ?? 0"))
        }
        7 | 8 => {
            let ty = *random.one_of(&["Int", "Int", "String"]);
            format!("{allow}param {}: {ty} = {}", name(random, "limit"), number(random, 1))
        }
        9 => format!(
            "{public}relation {}(a: AWS::SQS::Queue, b: AWS::SQS::Queue) =\n    a.id == b.name and {}",
            name(random, "leads"),
            condition(random, "1")
        ),
        10 => format!("schema Own::Type{} {{\n    size: {}\n}}", random.below(2), random.one_of(&["Int", "Int?"])),
        11 => {
            let ty = *random.one_of(&["Int?", "String?", "Own::Type0"]);
            format!("extend AWS::SQS::Queue {{\n    team_{}: {ty}\n}}", random.below(2))
        }
        12 => format!(
            "test \"some {}\" {{\n    given queue = AWS::SQS::Queue {{ DelaySeconds: {} }}\n    expect {}\n}}",
            random.below(3),
            random.below(9),
            condition(random, "1")
        ),
        13 => format!(
            "{allow}guardrail {}(t: Own::Type{}) {{\n    require {}\n}}",
            name(random, "sized"),
            random.below(2),
            condition(random, "t.size ?? 0")
        ),
        _ => format!(
            "/// Delays.\n{allow}@severity(low)\nguardrail {}(q: AWS::SQS::Queue) {{\n    require {}\n    require q.team_{} is present\n}}",
            name(random, "delayed"),
            condition(random, "q.DelaySeconds ?? 0"),
            random.below(2)
        ),
    }
}

/// A `Bool`, as a rule about a number.
fn condition(random: &mut Random, about: &str) -> String {
    match random.below(6) {
        0 => format!("({about}) > {}", number(random, 1)),
        1 => format!("({about}) < {}", path(random, "limit")),
        2 => format!("{}({about}) and {}({})", path(random, "small"), path(random, "small"), number(random, 1)),
        3 => format!("({about}) in [{}, {}]", number(random, 0), number(random, 0)),
        _ => format!("{}({about})", path(random, "small")),
    }
}

/// An `Int`, as a rule.
fn number(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 4 } else { 8 }) {
        0 | 1 => random.below(10).to_string(),
        2 => path(random, "LEAST"),
        3 => random.one_of(&["9223372036854775807", "0", "2.5", "\"a\""]).to_string(),
        4 => format!("{} / {}", number(random, depth - 1), number(random, depth - 1)),
        _ => format!("{} + {}", number(random, depth - 1), path(random, "LEAST")),
    }
}
