//! Random programs as tokens: every construct of the grammar, whatever it means.
//!
//! The programs parse; they need not check. Between tokens stand no spaces yet: `layout.rs` writes them.

#[path = "expressions.rs"]
mod expressions;

use expressions::{argument, condition, expr, list, operand, record, tail, ty, typed_name};

use crate::random::Pick;
use crate::random::Random;

/// A token, and what may stand before it.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) before: Before,
}

/// What may stand before a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Before {
    /// Spaces, and where the language lets a statement go on, line ends and comments.
    Layout,
    /// Spaces.
    Spaces,
    /// Nothing.
    Nothing,
    /// The end of a statement.
    Statement,
    /// The end of a line, and comments; the token is in column 0.
    Item,
}

const NAMES: [&str; 8] = ["db", "group", "rule", "x", "resources", "unknown", "passes", "very_long_name_of_a_thing"];
const LITERALS: [&str; 18] = [
    "0",
    "1_000",
    "0.25",
    "90d",
    "12h",
    "2027-01-31",
    "2027-01-31T10:00:00Z",
    "10.0.0.0/8",
    "10.1.2.3",
    "::/0",
    "2001:db8::1",
    "\"text\"",
    "\"// no comment\"",
    "\"a \\\"b\\\" {c}\"",
    "r\"\\d+ // {\"",
    "true",
    "now",
    "\"größer\"",
];
const TYPES: [&str; 7] = [
    "Int",
    "String?",
    "List<String>",
    "Set<List<Int>>",
    "AWS::RDS::DBInstance",
    "AWS::EC2::SecurityGroup.Ingress",
    "Map<Json>?",
];
const TEMPLATES: [&str; 5] = [
    "\"plain\"",
    "\"{ db.id } is {db.Engine??\"?\"} // not a remark\"",
    "\"{{literal}} {x  +  1}\"",
    "\"{f(\"}\", [1,2])}\"",
    "\"\"",
];

/// Tokens as they come.
#[derive(Default)]
pub(crate) struct Program {
    pub(crate) tokens: Vec<Token>,
}

impl Program {
    fn put(&mut self, text: &str) {
        self.tokens.push(Token { text: text.to_owned(), before: Before::Layout });
    }

    fn after(&mut self, before: Before, text: &str) {
        self.tokens.push(Token { text: text.to_owned(), before });
    }

    fn put_one(&mut self, random: &mut Random, of: &[&str]) {
        self.put(random.one_of::<&str>(of));
    }

    fn one_after(&mut self, before: Before, random: &mut Random, of: &[&str]) {
        self.after(before, random.one_of::<&str>(of));
    }

    fn puts(&mut self, texts: &[&str]) {
        texts.iter().for_each(|text| self.put(text));
    }

    /// The last token that was begun at `at` begins a statement or an item.
    fn begins(&mut self, at: usize, before: Before) {
        self.tokens[at].before = before;
    }
}

/// A program of a few items.
pub(crate) fn program(random: &mut Random) -> Program {
    let mut program = Program::default();
    for number in 0..1 + random.below(4) {
        item(&mut program, random, number);
    }
    program
}

fn item(program: &mut Program, random: &mut Random, number: usize) {
    while random.chance(1, 3) {
        attribute(program, random);
    }
    let at = program.tokens.len();
    match random.below(9) {
        7 => relation(program, random, number),
        8 => schema(program, random),
        0 | 1 => guardrail(program, random, number),
        2 => function(program, random, number),
        3 => {
            constant(program, random, number);
        }
        4 => import(program, random),
        5 => test(program, random),
        _ => waiver(program, random),
    }
    program.begins(at, Before::Item);
}

fn attribute(program: &mut Program, random: &mut Random) {
    program.after(Before::Item, "@");
    program.one_after(Before::Nothing, random, &["severity", "control", "mandatory", "allow"]);
    if random.chance(2, 3) {
        program.after(Before::Spaces, "(");
        list(program, random, 3, |program, random| argument(program, random, 1));
        program.put(")");
    }
}

fn guardrail(program: &mut Program, random: &mut Random, number: usize) {
    program.put("guardrail");
    program.after(Before::Spaces, &format!("g{number}"));
    program.after(Before::Spaces, "(");
    program.put("r");
    program.put(":");
    ty(program, random);
    if random.chance(1, 4) {
        program.put(",");
    }
    program.put(")");
    block(program, random, 2);
}

fn function(program: &mut Program, random: &mut Random, number: usize) {
    let public = random.chance(1, 3);
    if public {
        program.put("pub");
    }
    program.after(Before::Spaces, "fn");
    program.after(Before::Spaces, &format!("f{number}"));
    program.after(Before::Spaces, "(");
    list(program, random, 3, typed_name);
    program.put(")");
    program.after(Before::Spaces, "->");
    ty(program, random);
    if random.chance(1, 2) {
        program.put("=");
        expr(program, random, 3);
        return;
    }
    program.put("{");
    for _ in 0..random.below(3) {
        let at = program.tokens.len();
        bound(program, random);
        program.begins(at, Before::Statement);
    }
    let at = program.tokens.len();
    // A result that could go on with the line before needs a `;`; unit tests have it.
    program.put_one(random, &NAMES);
    program.begins(at, Before::Statement);
    tail(program, random, 2);
    program.put("}");
}

fn relation(program: &mut Program, random: &mut Random, number: usize) {
    program.put("relation");
    program.after(Before::Spaces, &format!("r{number}"));
    program.after(Before::Spaces, "(");
    list(program, random, 3, typed_name);
    program.put(")");
    program.put("=");
    expr(program, random, 3);
}

fn schema(program: &mut Program, random: &mut Random) {
    program.put_one(random, &["schema", "extend"]);
    program.after(Before::Spaces, "My::Type");
    program.put("{");
    let commas = random.chance(1, 2);
    for number in 0..random.below(4) {
        if commas && number > 0 {
            program.put(",");
        }
        let at = program.tokens.len();
        typed_name(program, random);
        program.begins(at, if commas { Before::Layout } else { Before::Statement });
    }
    program.put("}");
}

fn constant(program: &mut Program, random: &mut Random, number: usize) {
    if random.chance(1, 2) {
        program.put("const");
        program.after(Before::Spaces, &format!("C{number}"));
    } else {
        program.put("param");
        program.after(Before::Spaces, &format!("p{number}"));
        program.after(Before::Spaces, ":");
        ty(program, random);
    }
    program.put("=");
    expr(program, random, 4);
}

fn import(program: &mut Program, random: &mut Random) {
    program.put("use");
    program.one_after(Before::Spaces, random, &["aws::network", "package::a::b", "acme"]);
    if random.chance(1, 4) {
        program.put("as");
        program.put("other");
        return;
    }
    program.after(Before::Nothing, "::");
    program.put("{");
    list(program, random, 9, |program, random| {
        program.put_one(random, &NAMES);
        if random.chance(1, 4) {
            program.puts(&["as", "other_name"]);
        }
    });
    program.put("}");
}

fn test(program: &mut Program, random: &mut Random) {
    program.put("test");
    program.after(Before::Spaces, "\"a title // {\"");
    program.put("{");
    for _ in 0..random.below(4) {
        let at = program.tokens.len();
        step(program, random);
        program.begins(at, Before::Statement);
    }
    program.put("}");
}

fn step(program: &mut Program, random: &mut Random) {
    match random.below(6) {
        0 | 1 => {
            program.put("given");
            program.after(Before::Spaces, "one");
            program.put("=");
            program.put("AWS::RDS::DBInstance");
            record(program, random, 2);
        }
        2 => {
            program.put("given");
            program.after(Before::Spaces, "now");
            program.put("=");
            program.put("2027-01-31");
        }
        3 => {
            program.put("given");
            program.after(Before::Spaces, "inventory");
            program.after(Before::Spaces, "\"file.json\"");
        }
        4 => {
            program.put("expect");
            program.after(Before::Spaces, "g0");
            match random.below(3) {
                0 => program.after(Before::Spaces, "fails"),
                1 => program.puts(&["is", "unknown"]),
                _ => program.after(Before::Spaces, "passes"),
            }
            program.after(Before::Spaces, "on");
            if random.chance(1, 2) {
                program.after(Before::Spaces, "one");
            } else {
                program.after(Before::Spaces, "2");
                program.after(Before::Spaces, "resources");
            }
            if random.chance(1, 2) {
                program.after(Before::Spaces, "with");
                program.after(Before::Spaces, "\"part // of it\"");
            }
        }
        _ => {
            program.put("expect");
            program.after(Before::Spaces, "x");
            tail(program, random, 2);
        }
    }
}

fn waiver(program: &mut Program, random: &mut Random) {
    program.put("waive");
    program.after(Before::Spaces, "acme::g0");
    program.put("{");
    for _ in 0..random.below(4) {
        let at = program.tokens.len();
        match random.below(4) {
            0 => program.puts(&["resources", "like", "\"arn:*\""]),
            1 => {
                program.put("for");
                program.put("r");
                program.after(Before::Spaces, ":");
                ty(program, random);
                program.put("where");
                expr(program, random, 2);
            }
            2 => {
                program.put("until");
                program.after(Before::Spaces, "2027-01-31");
            }
            _ => {
                program.put("reason");
                program.after(Before::Spaces, "\"because // so\"");
            }
        }
        program.begins(at, Before::Statement);
    }
    program.put("}");
}

fn block(program: &mut Program, random: &mut Random, depth: usize) {
    program.put("{");
    for _ in 0..random.below(4) {
        let at = program.tokens.len();
        statement(program, random, depth);
        program.begins(at, Before::Statement);
    }
    program.put("}");
}

fn statement(program: &mut Program, random: &mut Random, depth: usize) {
    match random.below(if depth == 0 { 4 } else { 6 }) {
        0 => bound(program, random),
        1 => {
            program.puts(&["skip", "if"]);
            if random.chance(1, 2) {
                program.put("definitely");
            }
            condition(program, random, 3);
        }
        2 | 3 => {
            program.put("require");
            expr(program, random, 4);
            if random.chance(1, 2) {
                program.put("else");
                program.put_one(random, &TEMPLATES);
            }
        }
        4 => {
            program.puts(&["for", "item", "in"]);
            operand(program, random, 2);
            if random.chance(1, 2) {
                program.put("where");
                condition(program, random, 2);
            }
            block(program, random, depth - 1);
        }
        _ => {
            program.put("if");
            condition(program, random, 3);
            block(program, random, depth - 1);
            if random.chance(1, 2) {
                program.put("else");
                if random.chance(1, 3) {
                    program.put("if");
                    condition(program, random, 2);
                }
                block(program, random, depth - 1);
            }
        }
    }
}

fn bound(program: &mut Program, random: &mut Random) {
    program.put("let");
    program.put_one(random, &NAMES);
    program.put("=");
    expr(program, random, 3);
}
