//! `aws_iam_policy_document`: blocks to a policy document.
//!
//! The document is a node like any other, so that parts of it may be unknown while the rest is known. Documents that
//! it builds on come first, those that override it last; a statement replaces the one before that has its `sid`.

use parapet_model::{Name, Node, NodeKind, json};
use rustc_hash::FxHashMap;

use super::source::{unknown_at, walk};

/// The most that one expression is followed to.
pub(super) const MOST_TARGETS: usize = 4096;

/// The document that a data source with these attributes makes; its text where that is known.
pub(super) fn document(values: &Node) -> Option<Node> {
    made(values, Vec::new())
}

/// The document as far as a plan shows what a text that refers to it will be: `dynamic` blocks leave no trace there, nor
/// does a function that the text went through. A text that is not known, of a document that is, is another one.
pub(super) fn open_document(values: &Node) -> Option<Node> {
    let why = "known after apply: a plan does not tell what else the text holds";
    match made(values, vec![perhaps(&unknown_at(values.span, why))])?.kind {
        NodeKind::Text(_) => None,
        kind => Some(Node::new(values.span, kind)),
    }
}

/// The document, with more statements of its own.
fn made(values: &Node, more: Vec<Node>) -> Option<Node> {
    if let Some(text) = values.get("json").filter(|node| node.as_text().is_some_and(|text| !text.is_empty())) {
        return Some(text.clone());
    }
    let mut statements = Vec::new();
    for name in ["source_json", "source_policy_documents"] {
        merge_sources(&mut statements, values.get(name));
    }
    let mut own = match values.get("statement") {
        Some(Node { kind: NodeKind::List(blocks), .. }) => blocks.iter().map(statement).collect(),
        Some(block @ Node { kind: NodeKind::Map(_), .. }) => vec![statement(block)],
        Some(unknown @ Node { kind: NodeKind::Unknown(_), .. }) => vec![perhaps(unknown)],
        _ => Vec::new(),
    };
    own.extend(more);
    merge(&mut statements, own);
    for name in ["override_json", "override_policy_documents"] {
        merge_sources(&mut statements, values.get(name));
    }
    let version = values.get("version").filter(|node| !node.is_null()).cloned();
    let members = vec![
        ("Version".into(), version.unwrap_or_else(|| Node::text("2012-10-17"))),
        ("Statement".into(), Node::new(values.span, NodeKind::List(statements))),
    ];
    Some(Node::new(values.span, NodeKind::Map(members)))
}

/// The statements of documents that are given as texts.
fn add_sources(node: &Node, statements: &mut Vec<Node>) {
    match &node.kind {
        NodeKind::Text(text) if text.is_empty() => {}
        NodeKind::Text(text) => match json::parse(text) {
            Ok(document) => add_sources(&document.place_all(node.span), statements),
            Err(_) => statements.push(perhaps(&unknown_at(node.span, "not a policy document"))),
        },
        NodeKind::List(texts) => texts.iter().for_each(|text| add_sources(text, statements)),
        NodeKind::Map(_) => match node.get("Statement").map(|node| (&node.kind, node)) {
            Some((NodeKind::List(list), _)) => statements.extend(list.iter().cloned()),
            Some((_, one)) => statements.push(one.clone()),
            None => {}
        },
        NodeKind::Unknown(_) => statements.push(perhaps(node)),
        NodeKind::Null | NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Beyond(_) => {}
    }
}

/// Any number of statements.
fn perhaps(node: &Node) -> Node {
    let kind = match &node.kind {
        NodeKind::Unknown(unknown) => NodeKind::Unknown(unknown.clone().opaque().perhaps()),
        kind => kind.clone(),
    };
    Node::new(node.span, kind)
}

/// Merges documents one after another.
fn merge_sources(statements: &mut Vec<Node>, documents: Option<&Node>) {
    let Some(documents) = documents else { return };
    let each = match &documents.kind {
        NodeKind::List(each) => each.as_slice(),
        _ => std::slice::from_ref(documents),
    };
    for document in each {
        let mut added = Vec::new();
        add_sources(document, &mut added);
        merge(statements, added);
    }
}

/// Adds the statements of a document; one with a `Sid` replaces those that have it.
fn merge(statements: &mut Vec<Node>, added: Vec<Node>) {
    let mut known = Known::of(statements);
    for statement in added {
        let (replaced, in_doubt) = match sid(&statement) {
            Sid::None => (&[][..], Vec::new()),
            Sid::Text(text) => (known.by_sid.get(text).map_or(&[][..], Vec::as_slice), std::mem::take(&mut known.open)),
            Sid::Open => (&[][..], known.take_all()),
        };
        for at in in_doubt {
            let Some(before) = statements.get_mut(at) else { continue };
            *before = perhaps(&unknown_at(before.span, "another statement may replace it"));
        }
        for at in replaced {
            statements.get_mut(*at).into_iter().for_each(|before| *before = statement.clone());
        }
        if replaced.is_empty() {
            statements.push(statement);
        }
    }
}

/// What tells a statement from others of a document.
enum Sid<'s> {
    None,
    Text(&'s Name),
    /// Nobody knows.
    Open,
}

fn sid(statement: &Node) -> Sid<'_> {
    match (&statement.kind, statement.get("Sid").map(|node| &node.kind)) {
        (NodeKind::Unknown(_), _) | (_, Some(NodeKind::Unknown(_))) => Sid::Open,
        (_, Some(NodeKind::Text(text))) if !text.is_empty() => Sid::Text(text),
        _ => Sid::None,
    }
}

/// Where statements are that others may replace.
#[derive(Default)]
struct Known {
    by_sid: FxHashMap<Name, Vec<usize>>,
    /// Those whose `Sid` is not known. Of what is not known as a whole nothing is lost.
    open: Vec<usize>,
}

impl Known {
    fn of(statements: &[Node]) -> Known {
        let mut known = Known::default();
        for (at, statement) in statements.iter().enumerate() {
            match sid(statement) {
                Sid::Text(text) => known.by_sid.entry(text.clone()).or_default().push(at),
                Sid::Open if !matches!(statement.kind, NodeKind::Unknown(_)) => known.open.push(at),
                Sid::None | Sid::Open => {}
            }
        }
        known
    }

    /// All of them, which are known no longer.
    fn take_all(&mut self) -> Vec<usize> {
        let named = std::mem::take(&mut self.by_sid).into_values().flatten();
        named.chain(std::mem::take(&mut self.open)).collect()
    }
}

/// `actions` is `Action`, and so on; `effect` is `Allow` where nobody says otherwise.
fn statement(block: &Node) -> Node {
    if matches!(block.kind, NodeKind::Unknown(_)) {
        return block.clone();
    }
    let mut members: Vec<(Name, Node)> = Vec::new();
    let mut put = |name: &str, node: Option<Node>| members.extend(node.map(|node| (name.into(), node)));
    let given = |name: &str| block.get(name).filter(|node| !is_nothing(node)).cloned();
    put("Sid", given("sid"));
    put("Effect", Some(given("effect").unwrap_or_else(|| Node::text("Allow"))));
    put("Action", given("actions"));
    put("NotAction", given("not_actions"));
    put("Resource", given("resources"));
    put("NotResource", given("not_resources"));
    put("Principal", given("principals").map(|node| principals(&node)));
    put("NotPrincipal", given("not_principals").map(|node| principals(&node)));
    put("Condition", given("condition").map(|node| conditions(&node)));
    Node::new(block.span, NodeKind::Map(members))
}

fn is_nothing(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Null => true,
        NodeKind::Text(text) => text.is_empty(),
        NodeKind::List(list) => list.is_empty(),
        _ => false,
    }
}

fn blocks(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::List(blocks) => blocks,
        _ => std::slice::from_ref(node),
    }
}

/// Adds values to the list of a key.
fn add(members: &mut Vec<(Name, Node)>, key: &str, values: Node) {
    let elements = match values.kind {
        NodeKind::List(elements) => elements,
        kind => vec![Node::new(values.span, kind)],
    };
    match members.iter_mut().find(|(name, _)| **name == *key) {
        Some((_, Node { kind: NodeKind::List(before), .. })) => before.extend(elements),
        _ => members.push((key.into(), Node::new(values.span, NodeKind::List(elements)))),
    }
}

/// The part of a block, unknown where the block is.
fn part(block: &Node, name: &str) -> Node {
    walk(block, &[super::source::Step::Member(name.into())])
        .unwrap_or_else(|| Node::new(block.span, NodeKind::List(Vec::new())))
}

/// Principals by their type; `{type = "*", identifiers = ["*"]}` is everybody.
fn principals(node: &Node) -> Node {
    let mut members: Vec<(Name, Node)> = Vec::new();
    for block in blocks(node) {
        let ty = part(block, "type");
        match ty.as_text() {
            Some("*") => return Node::new(block.span, NodeKind::Text("*".into())),
            Some(ty) => add(&mut members, ty, part(block, "identifiers")),
            None => return unknown_at(block.span, "known after apply"),
        }
    }
    Node::new(node.span, NodeKind::Map(members))
}

fn conditions(node: &Node) -> Node {
    let mut operators: Vec<(Name, Node)> = Vec::new();
    for block in blocks(node) {
        let (test, variable) = (part(block, "test"), part(block, "variable"));
        let (Some(test), Some(variable)) = (test.as_text(), variable.as_text()) else {
            return unknown_at(block.span, "known after apply");
        };
        let values = part(block, "values");
        match operators.iter_mut().find(|(name, _)| **name == *test) {
            Some((_, Node { kind: NodeKind::Map(keys), .. })) => add(keys, variable, values),
            _ => {
                let mut keys = Vec::new();
                add(&mut keys, variable, values);
                operators.push((test.into(), Node::new(block.span, NodeKind::Map(keys))));
            }
        }
    }
    Node::new(node.span, NodeKind::Map(operators))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &str) -> String {
        document(&json::parse(values).unwrap()).map_or("nothing".to_owned(), |node| crate::tests::show(&node))
    }

    #[test]
    fn blocks_make_a_document() {
        let values = r#"{"statement": [{"actions": ["s3:GetObject"], "resources": ["*"], "principals": [
            {"type": "AWS", "identifiers": ["1"]}, {"type": "AWS", "identifiers": ["2"]}],
            "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}]}]}"#;
        let statement = r#"{Effect:"Allow",Action:["s3:GetObject"],Resource:["*"],Principal:{AWS:["1","2"]},Condition:{Bool:{aws:SecureTransport:["false"]}}}"#;
        assert_eq!(shown(values), format!(r#"{{Version:"2012-10-17",Statement:[{statement}]}}"#));
    }

    #[test]
    fn documents_build_on_others() {
        let values = r#"{"source_policy_documents": ["{\"Statement\": [{\"Sid\": \"a\"}, {\"Sid\": \"b\"}]}"],
            "override_policy_documents": ["{\"Statement\": {\"Sid\": \"a\", \"Effect\": \"Deny\"}}"]}"#;
        assert_eq!(shown(values), r#"{Version:"2012-10-17",Statement:[{Sid:"a",Effect:"Deny"},{Sid:"b"}]}"#);
    }

    #[test]
    fn statements_replace_those_of_their_sid() {
        let values = r#"{"source_policy_documents": ["{\"Statement\": [{\"Sid\": \"a\"}, {\"Sid\": \"b\"}, {}]}"],
            "statement": [{"sid": "a", "effect": "Deny"}, {"effect": "Deny"}]}"#;
        let merged = r#"{Version:"2012-10-17",Statement:[{Sid:"a",Effect:"Deny"},{Sid:"b"},{},{Effect:"Deny"}]}"#;
        assert_eq!(shown(values), merged);
    }

    #[test]
    fn what_is_not_known_may_replace_any_with_a_sid() {
        let mut values = json::parse(r#"{"statement": [{"sid": "a"}, {}], "override_policy_documents": [1]}"#).unwrap();
        let NodeKind::Map(members) = &mut values.kind else { panic!() };
        members[1].1 = unknown_at(Default::default(), "later");
        let shown = document(&values).map(|node| crate::tests::show(&node)).unwrap();
        let statements = r#"[?another statement may replace it,{Effect:"Allow"},?later]"#;
        assert_eq!(shown, format!(r#"{{Version:"2012-10-17",Statement:{statements}}}"#));
    }

    #[test]
    fn what_may_replace_any_is_asked_of_each_once() {
        let mut values = json::parse(
            r#"{"source_policy_documents": [{"Statement": [{"Sid": "a"}, {"Sid": "?"}, {}, {"Sid": "b"}]}],
                "statement": [{"sid": "b", "effect": "Deny"}, {"sid": "b"}, {}], "override_policy_documents": [{"Statement": {"Sid": "?"}}]}"#,
        )
        .unwrap();
        fn open(node: &mut Node) {
            match &mut node.kind {
                NodeKind::Text(text) if &**text == "?" => *node = unknown_at(node.span, "later"),
                NodeKind::List(parts) => parts.iter_mut().for_each(open),
                NodeKind::Map(members) => members.iter_mut().for_each(|(_, node)| open(node)),
                _ => {}
            }
        }
        open(&mut values);
        let shown = document(&values).map(|node| crate::tests::show(&node)).unwrap();
        let doubt = "?another statement may replace it";
        let statements = format!(r#"[{doubt},{doubt},{{}},{doubt},{{Effect:"Allow"}},{{Sid:?later}}]"#);
        assert_eq!(shown, format!(r#"{{Version:"2012-10-17",Statement:{statements}}}"#));
    }

    #[test]
    fn many_statements_replace_as_many() {
        let many =
            |more: &str| (0..40_000).map(|at| format!(r#"{{"Sid": "s{at}"{more}}}"#)).collect::<Vec<_>>().join(",");
        let (before, after) = (many(""), many(r#", "Effect": "Deny""#));
        let values = format!(
            r#"{{"source_policy_documents": [{{"Statement": [{before}]}}], "override_policy_documents": [{{"Statement": [{after}]}}]}}"#
        );
        let made = document(&json::parse(&values).unwrap()).unwrap();
        let statements = made.get("Statement").and_then(Node::as_list).unwrap();
        assert_eq!(statements.len(), 40_000);
        assert!(statements.iter().all(|statement| statement.get("Effect").is_some()));
    }

    #[test]
    fn everybody_is_a_star() {
        let values = r#"{"statement": [{"effect": "Allow", "principals": [{"type": "*", "identifiers": ["*"]}]}]}"#;
        assert_eq!(shown(values), r#"{Version:"2012-10-17",Statement:[{Effect:"Allow",Principal:"*"}]}"#);
    }
}
