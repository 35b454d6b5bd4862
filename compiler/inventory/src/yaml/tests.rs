//! YAML to trees.

use parapet_model::{Node, NodeKind};

use super::parse;

fn upper(tag: &str, node: Node) -> Result<Node, String> {
    match tag {
        "Ref" => Ok(Node::new(node.span, NodeKind::Map(vec![("Ref".into(), node)]))),
        _ => Err(format!("no tag `!{tag}`")),
    }
}

fn shown(node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Int(value) => value.to_string(),
        NodeKind::Float(value) => format!("{value:?}"),
        NodeKind::Beyond(text) => text.to_string(),
        NodeKind::Text(text) => format!("{text:?}"),
        NodeKind::List(elements) => format!("[{}]", elements.iter().map(shown).collect::<Vec<_>>().join(", ")),
        NodeKind::Map(members) => {
            let members: Vec<String> = members.iter().map(|(key, node)| format!("{key}: {}", shown(node))).collect();
            format!("{{{}}}", members.join(", "))
        }
        NodeKind::Unknown(unknown) => format!("?{}", unknown.why()),
    }
}

#[track_caller]
fn gives(text: &str, wanted: &str) {
    assert_eq!(parse(text, upper).map(|node| shown(&node)), Ok(wanted.to_owned()), "{text}");
}

#[track_caller]
fn fails(text: &str, offset: usize, message: &str) {
    let error = parse(text, upper).unwrap_err();
    assert!(error.message.contains(message), "{}", error.message);
    assert_eq!(error.offset, offset, "{}", error.message);
}

#[test]
fn scalars_are_what_json_and_yaml_agree_on() {
    gives(
        "[a, 1, -2.5, true, False, ~, null, '1', \"true\"]",
        r#"["a", 1, -2.5, true, false, null, null, "1", "true"]"#,
    );
    gives(
        "[yes, on, 0755, 1:30, 2012-10-17, 0x1F, 012345678901, 123456789012, 1_000, .5, 1e400]",
        r#"["yes", "on", "0755", "1:30", "2012-10-17", "0x1F", "012345678901", "123456789012", "1_000", ".5", "1e400"]"#,
    );
    gives("[!!str 5, ! 7, !!int 5, !!bool true]", r#"["5", 7, 5, true]"#);
    gives("a:\nb: ''\n", r#"{a: null, b: ""}"#);
    gives("a: |\n  x\n  y\nb: >-\n  x\n  y\n", r#"{a: "x\ny\n", b: "x y"}"#);
}

#[test]
fn tags_aliases_and_merges() {
    gives("a: !Ref B\n", r#"{a: {Ref: "B"}}"#);
    gives("a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n  l: 2\n", "{a: {k: 1}, b: {k: 1}, c: {l: 2, k: 1}}");
    gives("a: &x {k: 1}\nc:\n  <<: [*x, {k: 3, m: 4}]\n  k: 2\n", "{a: {k: 1}, c: {k: 2, m: 4}}");
    gives("123456789012: x\ntrue: y\n", r#"{123456789012: "x", true: "y"}"#);
}

#[test]
fn spans_are_those_of_the_values() {
    let text = "# ü\nResources:\n  Bücket: # one\n    Name: ärger\n    List:\n    - a\n    - !Ref  b\n\n# end\n";
    let root = parse(text, upper).unwrap();
    let at = |node: &Node| text.get(node.span.range()).unwrap().to_owned();
    let bucket = root.get("Resources").and_then(|node| node.get("Bücket")).unwrap();
    assert_eq!(at(bucket.get("Name").unwrap()), "ärger");
    let list = bucket.get("List").unwrap();
    assert_eq!(at(list), "a\n    - !Ref  b");
    assert_eq!(at(&list.as_list().unwrap()[0]), "a");
    assert_eq!(at(&list.as_list().unwrap()[1]), "!Ref  b");
    assert_eq!(at(bucket), "Name: ärger\n    List:\n    - a\n    - !Ref  b");
}

#[test]
fn what_is_wrong_is_said_where_it_is() {
    fails("a: 1\nb: 2\na: 3\n", 10, "\"a\" occurs twice");
    fails("a: !Foo x\n", 3, "no tag `!Foo`");
    fails("a: !!python/object x\n", 3, "!!python/object");
    fails("a: 1\n---\nb: 2\n", 5, "second document");
    fails("? [a]\n: b\n", 2, "a key is a text");
    fails("a:\n\tb: 1\n", 4, "tabs disallowed");
    fails("a: [1\n", 6, "expected ',' or ']'");
    fails("a: *none\n", 3, "unknown anchor");
    fails("a: &x [*x]\n", 7, "an alias of something that holds it");
    fails("a: !!int x\n", 3, "is not what its tag `!!int` says");
    fails("<<: 3\n", 4, "`<<` takes a map");
    fails("a: 'x\n", 3, "unexpected end of stream");
    fails("a: \"\\q\"\n", 3, "unknown escape character");
    fails("a: b: c\n", 4, "mapping values are not allowed");
}

#[test]
fn depth_and_aliases_are_bounded() {
    fails(&"[".repeat(100_000), 255, "recursion limit");
    fails(&format!("a: {}1{}", "[".repeat(100), "]".repeat(100)), 102, "nested deeper than 100 levels");
    assert!(parse(&format!("a: {}1{}", "[".repeat(98), "]".repeat(98)), upper).is_ok());
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", "));
    }
    assert!(parse(&bomb, upper).unwrap_err().message.contains("more than 500000 values"));
}
