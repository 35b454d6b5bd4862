//! Paths into an item, the smallest part of a mapping: `ipPermissions[].ipRanges[0]`.
//!
//! `a.b` is a member, `a[]` each element, `a[0]` one, `a[1:]` those from it on, `a[?k]` the first element with
//! `k` (`a[?k=v]`: whose `k` is `v`) or all of them at the end of a path, `a[?!k]` all without, `m{}` a map as a
//! list. On the way, text that holds JSON is opened and `{"value": x}` stands for `x`. Members match in any case.

use parapet_model::{Name, Node, NodeKind, Reason, Unknown};

use super::fold::{opened, unwrapped};

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Root {
    /// In the configuration, or in the element that is being mapped.
    Current,
    /// `envelope.…`: in the item.
    Envelope,
    /// `supplementary.…`: in the item's `supplementaryConfiguration`.
    Supplementary,
    /// `relation:T`: the id of the related resource of this type.
    Relation(Name),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) root: Root,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Member(Name),
    Each,
    At(usize),
    From(usize),
    With(Name),
    Without(Name),
    Where(Name, Name),
    Entries,
}

impl Path {
    /// Reads a path; `.` is the current value, a final `.*` says that its members are meant.
    pub(crate) fn read(text: &str) -> Option<Path> {
        if let Some(resource_type) = text.strip_prefix("relation:") {
            return Some(Path { root: Root::Relation(resource_type.into()), steps: Vec::new() });
        }
        let (root, rest) = match (text.strip_prefix("envelope."), text.strip_prefix("supplementary.")) {
            (Some(rest), _) => (Root::Envelope, rest),
            (_, Some(rest)) => (Root::Supplementary, rest),
            _ => (Root::Current, text),
        };
        Some(Path { root, steps: steps(rest.strip_suffix(".*").unwrap_or(rest))? })
    }
}

/// The steps of a path without its root.
pub(crate) fn steps(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        rest = match rest.chars().next()? {
            '.' => rest.get(1..)?,
            '[' => {
                let (inside, after) = rest.get(1..)?.split_once(']')?;
                steps.push(bracket(inside)?);
                after
            }
            '{' => {
                steps.push(Step::Entries);
                rest.strip_prefix("{}")?
            }
            _ => {
                let end = rest.find(['.', '[', '{']).unwrap_or(rest.len());
                steps.push(Step::Member(rest.get(..end)?.into()));
                rest.get(end..)?
            }
        };
    }
    Some(steps)
}

fn bracket(inside: &str) -> Option<Step> {
    if let Some(test) = inside.strip_prefix('?') {
        return Some(match (test.strip_prefix('!'), test.split_once('=')) {
            (Some(name), _) => Step::Without(name.into()),
            (None, Some((name, value))) => Step::Where(name.into(), value.into()),
            (None, None) => Step::With(test.into()),
        });
    }
    match inside.strip_suffix(':') {
        Some(from) => from.parse().ok().map(Step::From),
        None if inside.is_empty() => Some(Step::Each),
        None => inside.parse().ok().map(Step::At),
    }
}

/// What a path leads to; `null` is nothing, and what stands in its way is not known. What it begins in may be anything: some
/// lists have texts beside records.
pub(crate) fn walk(node: &Node, steps: &[Step]) -> Option<Node> {
    let is_known = !matches!(node.kind, NodeKind::Unknown(_));
    if !steps.is_empty() && is_known && is_no_container(node) {
        return None;
    }
    go(node, steps)
}

fn go(node: &Node, steps: &[Step]) -> Option<Node> {
    let Some((step, rest)) = steps.split_first() else { return (!node.is_null()).then(|| node.clone()) };
    if let Some(inner) = opened(node) {
        return go(&inner, steps);
    }
    if is_no_container(node) {
        return Some(unreadable(node));
    }
    match step {
        Step::Member(name) => match find(node, name) {
            Some(member) => go(member, rest),
            None => go(unwrapped(node)?, steps),
        },
        Step::Each => Some(list(node, elements(node)?.iter(), rest)),
        Step::At(index) => go(elements(node)?.get(*index)?, rest),
        Step::From(index) => Some(list(node, elements(node)?.iter().skip(*index), rest)),
        Step::With(name) => first(node, rest, |element| find(element, name).is_some_and(truthy)),
        Step::Where(name, value) => first(node, rest, |element| {
            find(element, name).and_then(Node::as_text).is_some_and(|text| *text == **value)
        }),
        Step::Without(name) => {
            let chosen = elements(node)?.iter().filter(|element| !find(element, name).is_some_and(truthy));
            Some(list(node, chosen, rest))
        }
        Step::Entries => Some(entries(node, rest)),
    }
}

/// Something that has neither members nor elements, where an item has one with them.
pub(crate) fn is_no_container(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => false,
        NodeKind::Text(text) => !text.trim().is_empty() && opened(node).is_none(),
        NodeKind::Bool(_) | NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Beyond(_) | NodeKind::Unknown(_) => true,
    }
}

/// What stands for a value of another shape.
pub(crate) fn unreadable(node: &Node) -> Node {
    match &node.kind {
        NodeKind::Unknown(_) => node.clone(),
        _ => {
            Node::new(node.span, NodeKind::Unknown(Unknown::new(Reason::Other, "the item has no object or list here")))
        }
    }
}

/// The elements of a list, also of `{"items": […], "quantity": n}`; one record stands for a list of it.
fn elements(node: &Node) -> Option<&[Node]> {
    match &node.kind {
        NodeKind::List(elements) => Some(elements),
        NodeKind::Map(_) => match unwrapped(node) {
            Some(inner) => elements(inner),
            None => Some(std::slice::from_ref(node)),
        },
        _ => None,
    }
}

fn list<'n>(place: &Node, elements: impl Iterator<Item = &'n Node>, rest: &[Step]) -> Node {
    Node::new(place.span, NodeKind::List(elements.filter_map(|element| go(element, rest)).collect()))
}

fn first(node: &Node, rest: &[Step], test: impl Fn(&Node) -> bool) -> Option<Node> {
    let elements = elements(node)?;
    // One that cannot be read may be the one.
    let chosen = |element: &&Node| is_no_container(element) || test(element);
    match rest.is_empty() {
        true => Some(list(node, elements.iter().filter(chosen), rest)),
        false => go(elements.iter().find(chosen)?, rest),
    }
}

/// A map as a list: of its values if they are records, else of keys and values.
fn entries(node: &Node, rest: &[Step]) -> Node {
    let members = match &node.kind {
        NodeKind::Map(members) => members.as_slice(),
        _ => &[],
    };
    let entry = |(key, value): &(Name, Node)| match &value.kind {
        NodeKind::Map(_) => value.clone(),
        _ => {
            let key = Node::new(value.span, NodeKind::Text(key.clone()));
            Node::new(value.span, NodeKind::Map(vec![("Key".into(), key), ("Value".into(), value.clone())]))
        }
    };
    let list = Node::new(node.span, NodeKind::List(members.iter().map(entry).collect()));
    match rest.is_empty() {
        true => list,
        false => walk(&list, rest).unwrap_or(Node::new(node.span, NodeKind::Null)),
    }
}

/// A member by its name, exactly or else in any case.
pub(crate) fn find<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let NodeKind::Map(members) = &node.kind else { return None };
    let exact = members.iter().find(|(key, _)| **key == *name);
    exact.or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))).map(|(_, node)| node)
}

/// Whether something is there that is not `false`, empty or zero.
pub(crate) fn truthy(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Null => false,
        NodeKind::Bool(value) => *value,
        NodeKind::Text(text) => !text.is_empty() && !text.eq_ignore_ascii_case("false"),
        NodeKind::List(elements) => !elements.is_empty(),
        NodeKind::Map(members) => !members.is_empty(),
        NodeKind::Int(value) => *value != 0,
        NodeKind::Float(value) => *value != 0.0,
        NodeKind::Beyond(_) | NodeKind::Unknown(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use parapet_model::json::parse;

    use super::*;

    /// A node as JSON text, without places.
    fn show(node: &Node) -> String {
        match &node.kind {
            NodeKind::Null => "null".to_owned(),
            NodeKind::Bool(value) => value.to_string(),
            NodeKind::Int(value) => value.to_string(),
            NodeKind::Float(value) => value.to_string(),
            NodeKind::Beyond(text) => text.to_string(),
            NodeKind::Text(text) => format!("{text:?}"),
            NodeKind::List(list) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(",")),
            NodeKind::Map(map) => {
                format!(
                    "{{{}}}",
                    map.iter().map(|(key, node)| format!("{key:?}:{}", show(node))).collect::<Vec<_>>().join(",")
                )
            }
            NodeKind::Unknown(_) => "?".to_owned(),
        }
    }

    fn at(text: &str, path: &str) -> String {
        let path = Path::read(path).unwrap();
        walk(&parse(text).unwrap(), &path.steps).map_or("nothing".to_owned(), |node| show(&node))
    }

    #[test]
    fn members_and_elements() {
        let text = r#"{"a": {"B": [{"c": 1}, {"c": null}, {"c": 3}]}, "n": null}"#;
        assert_eq!(at(text, "a.b[].c"), "[1,3]");
        assert_eq!(at(text, "a.b[0].c"), "1");
        assert_eq!(at(text, "a.b[1:].c"), "[3]");
        assert_eq!(at(text, "a.b[7].c"), "nothing");
        assert_eq!(at(text, "n"), "nothing");
        assert_eq!(at(text, "n.x[]"), "nothing");
        assert_eq!(at("[1, 2]", "[]"), "[1,2]");
        assert_eq!(at("7", "."), "7");
    }

    #[test]
    fn elements_are_chosen() {
        let text = r#"{"l": [{"k": "x", "v": 1, "p": true}, {"k": "y", "v": 2, "p": false}, {"k": "y", "v": 3}]}"#;
        assert_eq!(at(text, "l[?p].v"), "1");
        assert_eq!(at(text, "l[?!p].v"), "[2,3]");
        assert_eq!(at(text, "l[?k=y].v"), "2");
        assert_eq!(at(text, "l[?k=z].v"), "nothing");
        assert_eq!(at(text, "l[?p]"), r#"[{"k":"x","v":1,"p":true}]"#);
    }

    #[test]
    fn texts_and_wrappings_are_opened() {
        assert_eq!(at(r#"{"p": "{\"q\": [\"{\\\"r\\\": 5}\"]}"}"#, "p.q[0].r"), "5");
        assert_eq!(at(r#"{"p": ""}"#, "p.q"), "nothing");
        assert_eq!(at("7", "p.q"), "nothing");
        assert_eq!(at(r#"{"s": {"value": {"t": 2}}}"#, "s.t"), "2");
        assert_eq!(at(r#"{"s": {"items": [4], "quantity": 1}}"#, "s[]"), "[4]");
        assert_eq!(at(r#"{"s": {"a": 1}}"#, "s[].a"), "[1]");
    }

    #[test]
    fn what_a_path_cannot_go_through_is_not_known() {
        assert_eq!(at(r#"{"p": "no json"}"#, "p.q"), "?");
        assert_eq!(at(r#"{"p": "{\"q\":"}"#, "p.q"), "?");
        assert_eq!(at(r#"{"l": "x"}"#, "l[]"), "?");
        assert_eq!(at(r#"{"l": [5, {"a": 1}]}"#, "l[].a"), "[?,1]");
        assert_eq!(at(r#"{"l": [5]}"#, "l[?k=v].a"), "?");
        assert_eq!(at(r#"{"l": "x"}"#, "l{}"), "?");
    }

    #[test]
    fn maps_are_lists() {
        assert_eq!(at(r#"{"t": {"a": "b"}}"#, "t{}"), r#"[{"Key":"a","Value":"b"}]"#);
        assert_eq!(at(r#"{"t": {"a": {"k": 1}, "b": {"k": 2}}}"#, "t{}[?k=1]"), "[]");
        assert_eq!(at(r#"{"t": {"a": {"k": "x"}, "b": {"k": "y"}}}"#, "t{}[?k=y]"), r#"[{"k":"y"}]"#);
    }

    #[test]
    fn roots_are_told_apart() {
        assert_eq!(Path::read("envelope.tags").unwrap().root, Root::Envelope);
        assert_eq!(Path::read("supplementary.A.b").unwrap().root, Root::Supplementary);
        assert_eq!(
            Path::read("relation:AWS::EC2::NetworkAcl").unwrap().root,
            Root::Relation("AWS::EC2::NetworkAcl".into())
        );
        assert_eq!(Path::read("firewall.*").unwrap().steps, [Step::Member("firewall".into())]);
        assert_eq!(Path::read("Condition.ArnLike.AWS:SourceArn").unwrap().steps.len(), 3);
        assert!(Path::read("a[x]").is_none() && Path::read("a[0").is_none());
    }
}
