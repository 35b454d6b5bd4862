//! Programs that nobody writes, up to the limits of what parses.

use crate::{on_a_large_stack, same};

fn holds(text: &str) -> String {
    assert!(same::parses(text), "{}", text.chars().take(300).collect::<String>());
    same::formatted(text).unwrap_or_else(|wrong| panic!("{wrong}"))
}

#[test]
fn brackets_nest_to_the_limit() {
    on_a_large_stack(|| {
        for [open, close] in [["(", ")"], ["[", "]"], ["f(", ")"], ["{ a: ", " }"], ["(x + ", ")"], ["x[", "]"]] {
            let text = format!("const A = {}1{}", open.repeat(64), close.repeat(64));
            holds(&text);
            let commented = text.replace(['(', '['], "( // c\n").replace("(x", "(\n// d\nx");
            if open != "[" && open != "x[" {
                holds(&commented);
            }
        }
        let types = format!("param p: {}Int{}", "List<".repeat(60), ">".repeat(60));
        assert_eq!(holds(&types), format!("{types}\n"));
    });
}

#[test]
fn operators_and_branches_follow_each_other_to_the_limit() {
    on_a_large_stack(|| {
        for operator in [" and ", " or ", " + ", " ?? ", " == 1 and "] {
            let text = format!("const A = {}", vec!["name"; 80].join(operator));
            assert!(holds(&text).lines().all(|line| line.len() <= 100));
        }
        holds(&format!("const A = {}x", "not ".repeat(200)));
        holds(&format!("const A = {}x", "if a then b else ".repeat(100)));
        holds(&format!("const A = {}x", "any a in b: ".repeat(60)));
        holds(&format!("guardrail g(r: T) {{ if a {{ require b }} {} }}", "else if c {\n require d }".repeat(150)));
        holds(&format!("guardrail g(r: T) {{ {}require a{} }}", "for x in xs { ".repeat(60), "}".repeat(60)));
    });
}

#[test]
fn long_texts_stay_whole() {
    on_a_large_stack(|| {
        let long = "größer // ".repeat(500);
        let text =
            holds(&format!("guardrail g(r: T) {{ require r.a == \"{long}\" else \"{long}{{r.a}}\" }} // {long}"));
        assert_eq!(text.matches(&long).count(), 2);
        holds(&format!("const A = [{}]", vec!["\"ä\""; 2_000].join(",")));
    });
}

#[test]
fn one_line_and_many_say_the_same() {
    on_a_large_stack(|| {
        let line = "guardrail g(r: T | U,) { let a = [1, 2][0]; skip if a == 1; for x in [{ b: 1 }] where x.b == 1 { require x.b in 1..=2 and not (x.b is absent) else \"{x}\" }; if a { } else { require true } }";
        let tokens = line
            .replace(" and ", "\nand\n")
            .replace(" == ", "\n==\n")
            .replace(", ", "\n,\n")
            .replace("{ ", "{\n")
            .replace(" }", "\n }")
            .replace("; ", "\n");
        assert!(same::parses(&tokens), "{tokens}");
        assert_eq!(holds(line), holds(&tokens));
        assert_eq!(holds(line), holds(&tokens.replace('\n', "\r\n")));
    });
}
