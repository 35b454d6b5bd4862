//! The functions of Terraform's language that need nothing but their arguments.
//!
//! What a function cannot do with its arguments gives an unknown value that says so; so does a function that is not
//! here. What it makes is bounded in size. An unknown argument makes the result unknown, unless the result does not
//! depend on it: the length of a list with an unknown element is known.

mod collections;
mod encoding;
mod texts;

use parapet_base::Span;
use parapet_model::{Node, NodeKind, Reason, Unknown, json};

use super::cidr;
use super::handle::Handle;
use super::value::{list, node, text_of, unknown};
use crate::base64;
pub(super) use crate::terraform::source::is_perhaps;
pub(super) use collections::has_perhaps;
pub(super) use collections::set_of;
use collections::{
    bounded, chunks, coalesce, coalesce_list, compact, concat, contains, distinct, element, elements, elements_of,
    extreme, flattened, keys, length, lookup, merge, range, sets, slice, sorted, sum, union, values, zipmap,
};
pub(super) use encoding::encoded;
use texts::{format, format_list, joined, of_texts, text, texts};

/// The most elements or bytes that a function makes.
const MOST_MADE: usize = 1 << 20;

type Made = Result<Node, String>;

/// The value of a call.
pub(super) fn call(name: &str, arguments: &[Node]) -> Node {
    if let Some(made) = tolerant(name, arguments) {
        return made.unwrap_or_else(|why| unknown(format!("{name}: {why}")));
    }
    if let Some(found) = arguments.iter().find_map(unknown_within) {
        return Node::new(Span::default(), NodeKind::Unknown(found));
    }
    strict(name, arguments).unwrap_or_else(|why| unknown(format!("{name}: {why}")))
}

/// Why a value, or a part of it, is not known.
pub(super) fn unknown_within(value: &Node) -> Option<Unknown> {
    match &value.kind {
        NodeKind::Unknown(unknown) => Some(unknown.clone().opaque()),
        NodeKind::List(elements) => elements.iter().find_map(unknown_within),
        NodeKind::Map(_) if Handle::of(value).is_some() => {
            Some(Unknown::new(Reason::Undecided, "a resource as a whole"))
        }
        NodeKind::Map(members) => members.iter().find_map(|(_, value)| unknown_within(value)),
        _ => None,
    }
}

fn is_unknown(value: &Node) -> bool {
    matches!(value.kind, NodeKind::Unknown(_))
}

/// Functions that do not need to know everything of their arguments.
fn tolerant(name: &str, arguments: &[Node]) -> Option<Made> {
    let first_unknown = arguments.first().is_some_and(is_unknown);
    Some(match (name, arguments) {
        ("tolist" | "tomap" | "sensitive" | "nonsensitive" | "ephemeralasnull", [one]) => Ok(one.clone()),
        ("toset", [one]) if first_unknown => Ok(one.clone()),
        ("toset", [one]) => elements(one).and_then(|elements| bounded(set_of(elements))),
        ("concat", _) => concat(arguments),
        ("flatten", [one]) if !first_unknown => flattened(one),
        ("length", [one]) if !first_unknown => length(one),
        ("keys", [one]) if !first_unknown => keys(one),
        ("values", [one]) if !first_unknown => values(one),
        ("merge", _) if !arguments.iter().any(is_unknown) => merge(arguments),
        ("lookup", [one, key, ..]) if !first_unknown && !is_unknown(key) => lookup(one, key, arguments.get(2)),
        ("element", [one, at]) if !first_unknown && !is_unknown(at) => element(one, at),
        ("one", [one]) if !first_unknown => match elements_of(one)?.as_slice() {
            [] => Ok(node(NodeKind::Null)),
            [only] if !is_perhaps(only) => Ok(only.clone()),
            _ => Err("more than one element".to_owned()),
        },
        ("slice", [one, from, to]) if !first_unknown => slice(one, from, to),
        ("reverse", [one]) if !first_unknown && !has_perhaps(one) => {
            elements(one).map(|elements| list(elements.iter().rev().cloned()))
        }
        ("zipmap", [names, values]) if unknown_within(names).is_none() && !is_unknown(values) => zipmap(names, values),
        ("jsonencode", [one]) if !first_unknown && unknown_within(one).is_some() => match one.kind {
            // A document of which parts are not known.
            NodeKind::Map(_) | NodeKind::List(_) => Ok(one.clone()),
            _ => Err("not known".to_owned()),
        },
        ("jsondecode", [one]) if matches!(one.kind, NodeKind::Map(_) | NodeKind::List(_)) => Ok(one.clone()),
        ("contains", [one, wanted]) if !first_unknown && !is_unknown(wanted) => contains(one, wanted),
        ("coalesce", _) => coalesce(arguments),
        ("coalescelist", _) => coalesce_list(arguments),
        _ => return None,
    })
}

/// Functions whose arguments are known.
fn strict(name: &str, arguments: &[Node]) -> Made {
    match (name, arguments) {
        ("jsonencode", [one]) => text(encoded(one)),
        ("jsondecode", [one]) => {
            let source = text_of(one).ok_or("not a text")?;
            json::parse(&source).map(|node| node.place_all(Span::default())).map_err(|error| error.message)
        }
        ("format", [first, rest @ ..]) => text(format(&text_of(first).ok_or("not a text")?, rest)?),
        ("formatlist", [first, rest @ ..]) => format_list(first, rest),
        ("join", [separator, lists @ ..]) => joined(separator, lists),
        ("distinct", [one]) => bounded(distinct(elements(one)?)),
        ("sort", [one]) => Ok(list(sorted(texts(elements(one)?)?).into_iter().map(node))),
        ("compact", [one]) => compact(one),
        ("chunklist", [one, size]) => chunks(one, size),
        ("range", _) => range(arguments),
        ("setunion", sets) => union(sets),
        ("setintersection", [first, rest @ ..]) => sets(first, rest, true),
        ("setsubtract", [first, second]) => sets(first, std::slice::from_ref(second), false),
        ("tostring" | "tonumber" | "tobool", [one]) => converted(name, one),
        ("alltrue" | "anytrue", [one]) => {
            let is_true = |node: &Node| text_of(node).as_deref() == Some("true");
            let elements = elements(one)?;
            let holds = if name == "alltrue" { elements.iter().all(is_true) } else { elements.iter().any(is_true) };
            Ok(node(NodeKind::Bool(holds)))
        }
        ("max" | "min", numbers) => extreme(name, numbers),
        ("sum", [one]) => sum(elements(one)?),
        ("base64encode", [one]) => text(base64::encoded(&text_of(one).ok_or("not a text")?)),
        ("cidrsubnet", [block, bits, net]) => cidr::subnet(block, bits, net),
        ("cidrhost", [block, host]) => cidr::host(block, host),
        ("cidrnetmask", [block]) => cidr::netmask(block),
        ("cidrsubnets", [block, bits @ ..]) => cidr::subnets(block, bits),
        _ => of_texts(name, &texts(arguments).map_err(|_| "not evaluated".to_owned())?),
    }
}

/// `tostring`, `tonumber`, `tobool`.
fn converted(name: &str, one: &Node) -> Made {
    match (name, &one.kind) {
        (_, NodeKind::Null) | ("tonumber", NodeKind::Int(_) | NodeKind::Float(_)) | ("tobool", NodeKind::Bool(_)) => {
            Ok(one.clone())
        }
        ("tostring", _) => text(text_of(one).ok_or("not a text")?),
        ("tonumber", NodeKind::Text(text)) => {
            json::parse(text).ok().filter(is_number).ok_or_else(|| "not a number".to_owned())
        }
        ("tonumber", _) => Err("not a number".to_owned()),
        (_, NodeKind::Text(text)) if matches!(&**text, "true" | "false") => Ok(node(NodeKind::Bool(&**text == "true"))),
        _ => Err("not a truth".to_owned()),
    }
}

fn is_number(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Int(_) | NodeKind::Float(_))
}

/// An unknown value of a function's result.
#[cfg(test)]
pub(super) fn later() -> Node {
    node(NodeKind::Unknown(Unknown::new(Reason::Undecided, "later")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::show;

    fn calls(name: &str, arguments: &str) -> String {
        let arguments = json::parse(&format!("[{arguments}]")).unwrap();
        let mut arguments = arguments.as_list().unwrap().to_vec();
        fn mark(node: &mut Node) {
            match &mut node.kind {
                NodeKind::Text(text) if &**text == "?" => *node = later(),
                NodeKind::List(list) => list.iter_mut().for_each(mark),
                NodeKind::Map(members) => members.iter_mut().for_each(|(_, node)| mark(node)),
                _ => {}
            }
        }
        arguments.iter_mut().for_each(mark);
        show(&call(name, &arguments))
    }

    #[test]
    fn of_known_arguments() {
        for (name, arguments, value) in [
            ("jsonencode", r#"{"b": [1, true, null], "a": "<\n"}"#, r#""{\"a\":\"\\u003c\\n\",\"b\":[1,true,null]}""#),
            ("jsondecode", r#""{\"a\": 1}""#, "{a:1}"),
            ("format", r#""%s-%03d-%%", "x", 7"#, "\"x-007-%\""),
            ("formatlist", r#""%s/%s", ["a", "b"], "c""#, r#"["a/c","b/c"]"#),
            ("join", r#"",", ["a", 1, true]"#, "\"a,1,true\""),
            ("split", r#"",", "a,b""#, r#"["a","b"]"#),
            ("concat", r#"[1], [], [2]"#, "[1,2]"),
            ("merge", r#"{"a": 1, "b": 1}, null, {"b": 2}"#, "{a:1,b:2}"),
            ("lookup", r#"{"a": 1}, "b", 3"#, "3"),
            ("element", r#"["a", "b"], 3"#, "\"b\""),
            ("length", r#""aé""#, "2"),
            ("toset", r#"["b", "a", "b"]"#, r#"["b","a"]"#),
            ("lower", r#""Ab""#, "\"ab\""),
            ("replace", r#""a.b.c", ".", "-""#, "\"a-b-c\""),
            ("replace", r#""a1b22", "/[0-9]+/", "_""#, "\"a_b_\""),
            ("coalesce", r#"null, "", "x""#, "\"x\""),
            ("contains", r#"["a"], "a""#, "true"),
            ("keys", r#"{"b": 1, "a": 2}"#, r#"["a","b"]"#),
            ("values", r#"{"b": 1, "a": 2}"#, "[2,1]"),
            ("flatten", "[[1, [2]], [], 3]", "[1,2,3]"),
            ("distinct", "[1, 1, 2]", "[1,2]"),
            ("compact", r#"["a", "", null]"#, "[\"a\"]"),
            ("range", "1, 7, 2", "[1,3,5]"),
            ("zipmap", r#"["a"], [1]"#, "{a:1}"),
            ("setunion", r#"["a"], ["a", "b"]"#, r#"["a","b"]"#),
            ("setsubtract", r#"["a", "b"], ["a"]"#, "[\"b\"]"),
            ("tonumber", "\"12\"", "12"),
            ("tostring", "12", "\"12\""),
            ("base64encode", "\"hello\"", "\"aGVsbG8=\""),
            ("substr", r#""hello", 1, 3"#, "\"ell\""),
            ("one", r#"["a"]"#, "\"a\""),
            ("max", "1, 5, 3", "5"),
            ("sum", "[1, 2]", "3"),
            ("cidrsubnet", r#""10.0.0.0/16", 8, 2"#, "\"10.0.2.0/24\""),
        ] {
            assert_eq!(calls(name, arguments), value, "{name}({arguments})");
        }
    }

    #[test]
    fn of_arguments_that_are_not_known() {
        for (name, arguments, value) in [
            ("length", r#"["?", 1]"#, "2"),
            ("concat", r#"[1], "?""#, "[1,?later]"),
            ("contains", r#"["?", "a"], "a""#, "true"),
            ("toset", r#"["?", "a", "a"]"#, r#"[?later,"a"]"#),
            ("toset", r#"["?", "?"]"#, "[?later,?later]"),
            ("toset", r#"[{"a": "?", "b": 1}, {"a": 1, "b": 2}]"#, "[{a:?later,b:1},{a:1,b:2}]"),
            ("contains", r#"["?", "a"], "b""#, "?later"),
            ("merge", r#"{"a": "?"}, {"b": 1}"#, "{a:?later,b:1}"),
            ("merge", r#"{"a": 1}, "?""#, "?later"),
            ("join", r#"",", ["?"]"#, "?later"),
            ("coalesce", r#""?", "a""#, "?later"),
            ("keys", r#"{"a": "?"}"#, "[\"a\"]"),
            ("jsonencode", r#"{"a": "?"}"#, "{a:?later}"),
            ("format", r#""%s", "?""#, "?later"),
        ] {
            assert_eq!(calls(name, arguments), value, "{name}({arguments})");
        }
    }

    #[test]
    fn what_cannot_be_done_is_unknown_and_bounded() {
        assert_eq!(calls("nosuch", "1"), "?nosuch: not evaluated");
        assert_eq!(calls("format", r#""%s""#), "?format: too few arguments");
        assert_eq!(calls("range", "100000000"), "?range: more than 1024 numbers");
        assert_eq!(calls("tonumber", "\"x\""), "?tonumber: not a number");
        assert_eq!(calls("cidrsubnet", r#""10.0.0.0/16", 20, 2"#), "?cidrsubnet: not a block");
        let long = "a".repeat(3000);
        assert_eq!(calls("replace", &format!("\"{long}\", \"a\", \"{long}\"")), "?replace: a text that is too long");
    }
}
