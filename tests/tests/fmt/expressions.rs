//! Random expressions and types.

use super::{Before, LITERALS, NAMES, Program, TYPES};
use crate::random::{Pick, Random};

/// Something that is followed by a block: it ends in what cannot take the block's brace for its own.
pub(super) fn condition(program: &mut Program, random: &mut Random, depth: usize) {
    if random.chance(1, 3) {
        operand(program, random, depth);
        return;
    }
    operand(program, random, depth);
    program.put_one(random, &["and", "or", "==", "<", "in"]);
    operand(program, random, depth.saturating_sub(1));
}

/// What may follow an operand in an expression.
pub(super) fn tail(program: &mut Program, random: &mut Random, depth: usize) {
    if random.chance(1, 2) {
        program.put_one(random, &["and", "or", "+", "==", "??"]);
        operand(program, random, depth);
    }
}

pub(super) fn expr(program: &mut Program, random: &mut Random, depth: usize) {
    if depth == 0 {
        return operand(program, random, 0);
    }
    match random.below(12) {
        0 => {
            for number in 0..2 + random.below(5) {
                if number > 0 {
                    program.put_one(random, &["and", "or"]);
                }
                operand(program, random, depth - 1);
            }
        }
        1 => {
            program.put("not");
            operand(program, random, depth - 1);
        }
        2 => {
            program.put("if");
            operand(program, random, depth - 1);
            program.put("then");
            operand(program, random, depth - 1);
            program.put("else");
            expr(program, random, depth - 1);
        }
        3 => {
            program.puts(&[*random.one_of(&["any", "all", "no"]), "item", "in"]);
            operand(program, random, depth - 1);
            if random.chance(1, 2) {
                program.put("where");
                operand(program, random, depth - 1);
            }
            program.put(":");
            expr(program, random, depth - 1);
        }
        4 => {
            operand(program, random, depth - 1);
            match random.below(5) {
                0 => program.puts(&["is", "present"]),
                1 => program.puts(&["matches", "/^a[/]\\/ .*$/"]),
                2 => {
                    program.put("not");
                    program.put("in");
                    operand(program, random, depth - 1);
                }
                3 => {
                    program.put("subset");
                    program.put("of");
                    operand(program, random, depth - 1);
                }
                _ => {
                    program.put("is");
                    program.put("AWS::RDS::DBInstance");
                }
            }
        }
        5 => {
            program.puts(&[*random.one_of(&["count", "first"])]);
            program.after(Before::Spaces, "item");
            program.put("in");
            operand(program, random, depth - 1);
            if random.chance(1, 2) {
                program.put("where");
                operand(program, random, depth - 1);
            }
        }
        6 if random.chance(1, 4) => {
            operand(program, random, depth - 1);
            program.one_after(Before::Spaces, random, &["r0", "r1+", "acme::r0+"]);
            program.one_after(Before::Spaces, random, &NAMES);
        }
        6 => {
            operand(program, random, depth - 1);
            program.put_one(random, &["==", "!=", "<=", ">", "like", "in", "intersects"]);
            operand(program, random, depth - 1);
        }
        7 => {
            operand(program, random, depth - 1);
            program.put_one(random, &["+", "-", "*", "%", "??"]);
            operand(program, random, depth - 1);
        }
        8 => {
            program.put("x");
            program.put("in");
            operand(program, random, 0);
            program.put_one(random, &["..", "..="]);
            operand(program, random, 0);
        }
        _ => operand(program, random, depth),
    }
}

/// An expression that needs no brackets beside an operator.
pub(super) fn operand(program: &mut Program, random: &mut Random, depth: usize) {
    if depth == 0 {
        let name = random.chance(1, 2);
        return program.put(random.one_of::<&str>(if name { &NAMES } else { &LITERALS }));
    }
    match random.below(9) {
        0 => {
            program.put("(");
            expr(program, random, depth - 1);
            program.put(")");
        }
        1 => {
            program.put("[");
            list(program, random, 5, |program, random| expr(program, random, depth - 1));
            program.put("]");
        }
        2 => {
            program.put("[");
            expr(program, random, depth - 1);
            program.puts(&["for", "item", "in"]);
            operand(program, random, depth - 1);
            if random.chance(1, 2) {
                program.put("if");
                operand(program, random, depth - 1);
            }
            program.put("]");
        }
        3 => {
            program.put("(");
            record(program, random, depth - 1);
            program.put(")");
        }
        4 | 5 => {
            program.put_one(random, &NAMES);
            for _ in 0..1 + random.below(3) {
                program.put_one(random, &[".", "?."]);
                program.one_after(Before::Spaces, random, &["tags", "where", "in", "SubnetIds"]);
                if random.chance(1, 3) {
                    program.after(Before::Spaces, "(");
                    list(program, random, 3, |program, random| argument(program, random, depth - 1));
                    program.put(")");
                }
            }
        }
        6 => {
            program.put("aws::network::opens");
            program.after(Before::Spaces, "(");
            list(program, random, 4, |program, random| argument(program, random, depth - 1));
            program.put(")");
        }
        7 => {
            program.put("json");
            program.after(Before::Spaces, "[");
            expr(program, random, depth - 1);
            program.put("]");
            program.puts(&["as", "List<String>"]);
        }
        _ => {
            program.put("(");
            program.puts(&["-"]);
            program.put("7");
            program.put(")");
        }
    }
}

pub(super) fn argument(program: &mut Program, random: &mut Random, depth: usize) {
    if random.chance(1, 3) {
        program.put_one(random, &["key", "where", "if"]);
        program.after(Before::Spaces, ":");
    }
    expr(program, random, depth);
}

pub(super) fn record(program: &mut Program, random: &mut Random, depth: usize) {
    program.put("{");
    let quoted = random.chance(1, 4);
    list(program, random, 4, |program, random| {
        let keys: &[&str] = if quoted { &["\"a:b\""] } else { &["A", "require", "for", "Key"] };
        program.put_one(random, keys);
        program.after(Before::Spaces, ":");
        expr(program, random, depth);
    });
    program.put("}");
}

pub(super) fn typed_name(program: &mut Program, random: &mut Random) {
    program.put_one(random, &NAMES);
    program.after(Before::Spaces, ":");
    ty(program, random);
}

pub(super) fn ty(program: &mut Program, random: &mut Random) {
    program.put_one(random, &TYPES);
    while random.chance(1, 5) {
        program.put("|");
        program.put_one(random, &TYPES);
    }
}

/// Elements with commas between, and sometimes one behind the last.
pub(super) fn list(
    program: &mut Program,
    random: &mut Random,
    most: usize,
    mut element: impl FnMut(&mut Program, &mut Random),
) {
    let count = random.below(most + 1);
    for number in 0..count {
        if number > 0 {
            program.put(",");
        }
        element(program, random);
    }
    if count > 0 && random.chance(1, 3) {
        program.put(",");
    }
}
