//! Construct by construct, input beside output; whatever is formatted here is formatted twice.

use super::*;

fn formatted(text: &str) -> String {
    let once = format(text);
    assert_eq!(once.faults, [], "{text}\n--\n{}", once.text);
    assert_eq!(once.errors, [], "{text}");
    let twice = format(&once.text);
    assert_eq!(twice.text, once.text, "not idempotent: {text}");
    once.text
}

fn comes_to(before: &str, after: &str) {
    assert_eq!(formatted(before), after);
}

#[test]
fn nothing_is_something_that_is_formatted() {
    comes_to("", "");
    comes_to("\n\n", "");
    comes_to("// only a comment", "// only a comment\n");
    comes_to("\n\n//! Docs.\n\n\n// One.\n// Two.\n\n\n", "//! Docs.\n\n// One.\n// Two.\n");
}

#[test]
fn short_items_stay_together_as_they_are() {
    comes_to("use a::b\nuse a::c\n\n\nconst A=1\n", "use a::b\nuse a::c\n\nconst A = 1\n");
    comes_to(
        "const A = 1\nfn f() -> Int = A\nfn g() -> Int = A",
        "const A = 1\n\nfn f() -> Int = A\n\nfn g() -> Int = A\n",
    );
    comes_to("const A = 1\n// Of f.\nfn f() -> Int = A", "const A = 1\n\n// Of f.\nfn f() -> Int = A\n");
}

#[test]
fn attributes_stand_above_their_item() {
    comes_to("@severity ( high ) @mandatory guardrail g(r:T){}", "@severity(high)\n@mandatory\nguardrail g(r: T) {}\n");
    comes_to(
        "/// Docs.\n// why\n@allow(a,b,)\n// what\nconst A = 1",
        "/// Docs.\n// why\n@allow(a, b)\n// what\nconst A = 1\n",
    );
}

#[test]
fn messages_stand_below_their_requirement() {
    comes_to(
        "guardrail g(r: T) { require r.a==1 else \"{ r.a }  {{\"\nskip if definitely r.b }",
        "guardrail g(r: T) {\n    require r.a == 1\n        else \"{ r.a }  {{\"\n    skip if definitely r.b\n}\n",
    );
}

#[test]
fn conditions_break_before_their_operators() {
    let long = "a".repeat(60);
    comes_to(
        &format!("guardrail g(r: T) {{ require r.{long} and r.{long} or not (r.b or r.c) }}"),
        &format!(
            "guardrail g(r: T) {{\n    require r.{long}\n            and r.{long}\n        or not (r.b or r.c)\n}}\n"
        ),
    );
    comes_to(
        &format!("fn f(r: T) -> Bool = any x in r.{long}: x.{long} == 1"),
        &format!("fn f(r: T) -> Bool =\n    any x in r.{long}:\n        x.{long} == 1\n"),
    );
}

#[test]
fn conditionals_break_before_else() {
    let long = "a".repeat(40);
    comes_to(
        &format!("fn f() -> T {{ if {long} then 1 else if {long} == {long} then {long} else 3 }}"),
        &format!(
            "fn f() -> T {{\n    if {long} then 1\n    else if {long} == {long}\n        then {long}\n    else 3\n}}\n"
        ),
    );
    comes_to(
        &format!("const A = (if {long} then {long} else {long})"),
        &format!("const A =\n    (if {long} then {long}\n        else {long})\n"),
    );
}

#[test]
fn an_address_keeps_its_distance_from_a_colon() {
    comes_to("const A = all x in ::1 : x", "const A = all x in ::1 : x\n");
    comes_to("const A = all x in ::/0 : x", "const A = all x in ::/0: x\n");
    comes_to("const A = all x in a::b : x", "const A = all x in a::b: x\n");
}

#[test]
fn relations_and_schemas() {
    comes_to(
        "pub relation  admits( a:T,b :T )=any r in a.rs:r.id==b.id\nguardrail g(r: T) { require not (r  admits+  r) }",
        "pub relation admits(a: T, b: T) = any r in a.rs: r.id == b.id\n\n\
         guardrail g(r: T) {\n    require not (r admits+ r)\n}\n",
    );
    comes_to(
        "schema My::Type { // type\n  // first\n a:Int,b : List<T>? // b\n\n\n where:{c:Int}\n}\nextend AWS::A::B{}",
        "schema My::Type { // type\n    // first\n    a: Int\n    b: List<T>? // b\n\n    where: { c: Int }\n}\n\n\
         extend AWS::A::B {}\n",
    );
    comes_to("schema A::B { a: Lst<T>, b: Int }", "schema A::B {\n    a: Lst<T>,\n    b: Int\n}\n");
    comes_to("schema A::B { a: of, b: Int, }", "schema A::B {\n    a: of,\n    b: Int\n}\n");
}

#[test]
fn brackets_hold_one_element_a_line_or_all() {
    let long = "a".repeat(60);
    comes_to(
        &format!("const A = [ \"{long}\" ,\"{long}\"]"),
        &format!("const A = [\n    \"{long}\",\n    \"{long}\",\n]\n"),
    );
    comes_to("const A = { a:1 , }", "const A = { a: 1 }\n");
    comes_to("const A = [\n  1,\n]", "const A = [1]\n");
    comes_to(
        &format!("const A = [{{ a: \"{long}\", b: \"{long}\" }}]"),
        &format!("const A = [{{\n    a: \"{long}\",\n    b: \"{long}\",\n}}]\n"),
    );
}

#[test]
fn numbers_and_imports_fill_their_lines() {
    let numbers: Vec<String> = (1000..1030).map(|number| number.to_string()).collect();
    let text = formatted(&format!("const A = [{}]", numbers.join(",")));
    assert_eq!(text.lines().count(), 4);
    let text =
        formatted(&format!("use a::{{{}}}", numbers.iter().map(|n| format!("n{n}")).collect::<Vec<_>>().join(",")));
    assert_eq!(text.lines().count(), 5);
}

#[test]
fn comments_stay_where_they_are() {
    let text = "\
guardrail g(r: T) { // header
    // first
    let a = [ // open
        1, // one
        // two
        2 // after
        // last
    ] // list

    // if
    if a == 1 { // then
        require r.b // why
            // or so
            and r.c // end
            // message
            else \"no\" // said
    } // branch
    else { // otherwise
        // nothing
    }
    // end
} // item
// below

// at the end
";
    let expected = "\
guardrail g(r: T) { // header
    // first
    let a = [ // open
        1, // one
        // two
        2, // after
        // last
    ] // list

    // if
    if a == 1 { // then
        require r.b // why
            // or so
            and r.c // end
            // message
            else \"no\" // said
    } else { // branch
        // otherwise
        // nothing
    }
    // end
} // item
// below

// at the end
";
    comes_to(text, expected);
}

#[test]
fn a_semicolon_becomes_a_line_end_where_that_says_the_same() {
    comes_to(
        "fn f() -> Int { let a = 1; let b = 2; a + b }",
        "fn f() -> Int {\n    let a = 1\n    let b = 2\n    a + b\n}\n",
    );
    comes_to("fn f() -> T { let a = 1; { b: a } }", "fn f() -> T {\n    let a = 1;\n    { b: a }\n}\n");
    comes_to(
        "fn f(where: Int) -> Int { let a = 1; where + a }",
        "fn f(where: Int) -> Int {\n    let a = 1;\n    where + a\n}\n",
    );
    comes_to("fn f(of: Int) -> Int { let a = of; a }", "fn f(of: Int) -> Int {\n    let a = of;\n    a\n}\n");
}

#[test]
fn line_ends_become_one_kind() {
    comes_to("// a\r\n/// b\r\nconst A = 1 // c\r\n", "// a\n/// b\nconst A = 1 // c\n");
    comes_to("const A = 1", "const A = 1\n");
}

#[test]
fn a_line_break_of_markdown_stays() {
    comes_to("/// a  \t\n/// b \n///  \nconst A = 1", "/// a  \n/// b\n///\nconst A = 1\n");
}

#[test]
fn indented_documentation_does_not_become_some() {
    comes_to(
        "const A = 1\n    /// not docs\n    //! nor these\nconst B = 2",
        "const A = 1\n    /// not docs\n    //! nor these\nconst B = 2\n",
    );
    comes_to("   // a\nconst A = 1", "// a\nconst A = 1\n");
}

#[test]
fn what_does_not_parse_stays_as_it_is() {
    let broken = "guardrail b( r :T ) {\n  require   (r.a ?? == 3  \n\n\n  }";
    let text = format!("const   A=1\n{broken}\n\n\nconst   B=2\n");
    let once = format(&text);
    assert_eq!(once.text, format!("const A = 1\n\n{broken}\n\nconst B = 2\n"));
    assert_eq!(once.errors.len(), 1);
    assert_eq!(format(&once.text).text, once.text);
}

#[test]
fn stray_text_stays_as_it_is() {
    let once = format("const   A=1\nand   some\n\n\nmore   text\nconst   B=2\n");
    assert_eq!(once.text, "const A = 1\nand   some\n\n\nmore   text\nconst B = 2\n");
    assert_eq!(once.errors.len(), 2);
}

#[test]
fn a_range_formats_the_items_that_it_touches() {
    let text = "const   A=1\nconst   B=2\n\nfn  f(  )->Int{\n1\n}\n";
    let edits = format_range(text, Span::new(14, 14));
    assert_eq!(edits, [Edit { span: Span::new(12, 23), replacement: "const B = 2".to_owned() }]);
    let mut whole = text.to_owned();
    for edit in format_range(text, Span::new(0, text.len())).into_iter().rev() {
        whole.replace_range(edit.span.range(), &edit.replacement);
    }
    assert_eq!(whole, "const A = 1\nconst B = 2\n\nfn f() -> Int {\n    1\n}\n");
}
