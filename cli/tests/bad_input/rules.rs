//! Rules that are no rules.

use super::*;

#[test]
fn what_is_not_closed_is_named_where_it_opens() {
    bad_rules(guardrail("require q.QueueName == \"abc"), "E0002", "2:28");
    bad_rules("guardrail g(q: AWS::SQS::Queue) {\n    require true\n", "E0003", "1:33");
    bad_rules(guardrail("require (q.QueueName == \"a\""), "E0003", "2:13");
    bad_rules(guardrail("require q.QueueName in [\"a\""), "E0003", "2:28");
    bad_rules("guardrail g(q: AWS::SQS::Queue) {\n    for x in q.Tags {\n    require true\n}\n", "E0003", "");
}

#[test]
fn what_is_no_rule_is_named() {
    bad_rules("hello world\n", "E0001", "1:1");
    bad_rules(guardrail("require \u{0} true"), "E0001", "2:13");
    bad_rules(guardrail("require true true"), "E0001", "2:18");
    bad_rules(b"guardrail g(q: AWS::SQS::Queue) {\n    require q.QueueName == \"\xff\"\n}\n", "E0007", "2:29");
}

#[test]
fn nested_brackets_are_refused() {
    bad_rules(guardrail(&format!("require {}true{}", "(".repeat(DEEP), ")".repeat(DEEP))), "E0004", "2:76");
    bad_rules(guardrail(&format!("require {}", "(".repeat(DEEP))), "E0004", "2:76");
    bad_rules(guardrail(&format!("require {}{}", "[".repeat(DEEP), "]".repeat(DEEP))), "E0004", "2:76");
    bad_rules(guardrail(&format!("require {}1{}", "{a: ".repeat(DEEP), "}".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require {}{}", "f(".repeat(DEEP), ")".repeat(DEEP))), "E0004", "2:140");
    bad_rules(guardrail(&format!("{}{}", "for x in q.Tags {\n".repeat(DEEP), "}".repeat(DEEP))), "E0004", "65:");
    bad_rules(format!("fn f(x: Int{}) -> Int = 1\n", "?".repeat(DEEP)), "E0004", "1:");
}

#[test]
fn nested_types_are_refused() {
    let rules = format!("fn f(x: {}Int{}) -> Int = 1\n", "List<".repeat(DEEP), ">".repeat(DEEP));
    bad_rules(rules, "E0004", "1:333");
}

#[test]
fn nested_operators_are_refused() {
    for (prefix, end) in [("not ", "true"), ("-", "1 == 1"), ("- ", "1 == 1"), ("if true then true else ", "true")] {
        bad_rules(guardrail(&format!("require {}{end}", prefix.repeat(DEEP))), "E0004", "2:");
    }
    let ifs = format!("require {}true{}", "if true then ".repeat(DEEP), " else false".repeat(DEEP));
    bad_rules(guardrail(&ifs), "E0004", "2:");
}

#[test]
fn long_chains_are_refused() {
    for (operand, operator, end) in [
        ("true", " and ", ""),
        ("true", " or ", ""),
        ("1", " + ", " == 1"),
        ("1", " * ", " == 1"),
        ("1", " == ", ""),
        ("q.DelaySeconds", " ?? ", " == 1"),
    ] {
        bad_rules(guardrail(&format!("require {}{end}", vec![operand; DEEP].join(operator))), "E0004", "2:");
    }
    bad_rules(guardrail(&format!("require q{}", ".a".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require q{}", "?.a".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require {} == 1", vec!["1"; DEEP].join("\n + "))), "E0004", "258:");
}

#[test]
fn deep_binders_casts_indexes_and_else_ifs_are_refused() {
    for binder in ["any x in q.Tags: ", "all x in q.Tags: ", "no x in q.Tags: "] {
        bad_rules(guardrail(&format!("require {}true", binder.repeat(DEEP))), "E0004", "2:");
    }
    bad_rules(guardrail(&format!("require q.RedrivePolicy{} is absent", " as Json".repeat(DEEP))), "E0004", "2:");
    bad_rules(guardrail(&format!("require q.RedrivePolicy{} is absent", "[0]".repeat(DEEP))), "E0004", "2:");
    let branches = "if q.QueueName == \"x\" { require false } else ".repeat(DEEP);
    bad_rules(guardrail(&format!("{branches}{{ require false }}")), "E0004", "2:");
}

#[test]
fn many_items_and_statements_are_read() {
    let guardrails: String =
        (0..2_000).map(|at| guardrail("require true").replace("named", &format!("g{at}"))).collect();
    with_rules(guardrails.replace("true", "q.QueueName == \"good\"")).check("in.ndjson").ends(0).prints("2000 pass");
    let lets: Vec<String> = (1..2_000).map(|at| format!("let a{at} = a{} + 1", at - 1)).collect();
    let body = format!("let a0 = q.DelaySeconds ?? 0\n{}\nrequire a1999 > 1", lets.join("\n"));
    with_rules(guardrail(&body)).check("in.ndjson").ends(0);
}

/// What is said of one statement does not ask all others.
#[test]
fn many_statements_of_one_guardrail_take_their_share_of_time() {
    let lines = |line: fn(usize) -> String| (0..20_000).map(|at| line(at) + "\n").collect::<String>();
    let lints = |body: String, status| {
        with_rules(guardrail(&body)).parapet(&["lint", "rules.parapet"]).ends(status);
    };
    let lets = lines(|at| format!("let a{at} = q.DelaySeconds ?? 0"));
    lints(lines(|at| format!("require q.id != \"{at}\"")), 0);
    lints(lines(|at| format!("skip if q.id == \"{at}\"")) + "require q.id != \"a\"", 0);
    lints(lets.clone() + &lines(|at| format!("require a{at} != -1")), 0);
    lints(lets + &lines(|at| format!("require b{at} != -1")), 1);
}

#[test]
fn a_file_of_20_megabytes_is_refused() {
    let text = format!("// {}\n", "x".repeat(1_000)).repeat(20_000);
    bad_rules(format!("{text}{}", guardrail("require true")), "E0007", "1:1");
}

#[test]
fn what_needs_itself_is_named() {
    let needs = guardrail("require f(1) == 1");
    bad_rules(format!("fn f(x: Int) -> Int = f(x)\n{needs}"), "E0204", "1:23");
    bad_rules(format!("fn f(x: Int) -> Int = h(x)\nfn h(x: Int) -> Int = f(x)\n{needs}"), "E0204", "1:23");
    bad_rules(format!("const A = A\n{}", guardrail("require A == 1")), "E0204", "1:11");
    bad_rules(format!("const A = B\nconst B = A\n{}", guardrail("require A == 1")), "E0204", "1:11");
    bad_rules(format!("const A = f(1)\nfn f(x: Int) -> Int = x + A\n{needs}"), "E0204", "1:11");
}

#[test]
fn definitions_build_on_each_other_to_a_bounded_depth() {
    let chains = |length: usize| {
        let functions: String = (0..length).map(|at| format!("fn f{at}(x: Int) -> Int = f{}(x)\n", at + 1)).collect();
        let constants: String = (0..length).map(|at| format!("const A{at} = A{}\n", at + 1)).collect();
        let ends = format!("fn f{length}(x: Int) -> Int = x\nconst A{length} = 1\n");
        format!("{functions}{constants}{ends}{}", guardrail("require f0(A0) == 1"))
    };
    with_rules(chains(50)).check("in.ndjson").ends(0);
    bad_rules(chains(800), "E0004", "");
}

/// Forty functions that call the next one twice would run for years.
#[test]
fn calls_that_multiply_are_refused() {
    let chain: String =
        (0..40).map(|at| format!("fn f{at}(x: Int) -> Int = f{next}(x) + f{next}(x)\n", next = at + 1)).collect();
    let rules = format!("{chain}fn f40(x: Int) -> Int = x\n{}", guardrail("require f0(1) == 1"));
    bad_rules(rules, "E0004", "");
}

#[test]
fn unknown_attributes_are_named() {
    bad_rules(format!("@severty(high)\n{}", guardrail("require true")), "E0301", "1:2");
    bad_rules(format!("@severity(hig)\n{}", guardrail("require true")), "E0301", "1:1");
}
