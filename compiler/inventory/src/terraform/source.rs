//! What the facts say about one property, and how it is computed from the attributes of a resource.
//!
//! A source is a path (`a`, `a[0].b`, `a[]`, `.`), a list or record of sources, or an object with an operation;
//! `facts/README.md` lists them. Sources are read once and executed for every resource. What is not known stays so:
//! an operation on an unknown value gives an unknown one, never nothing.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Unknown, json};
use regex::Regex;

/// See the module.
#[derive(Debug)]
pub(super) enum Source {
    Path(Path),
    List(Vec<Source>),
    Record(Vec<(Name, Source)>),
    First(Vec<Source>),
    /// Lists one after another, their elements mapped.
    Concat(Vec<Path>, Option<Members>),
    /// The names whose paths lead to something: alone, or in records of a name and what is there.
    Derive(Vec<(Name, Path)>, Option<[Name; 2]>),
    /// The first name whose path leads to something.
    Which(Vec<(Name, Path)>),
    /// Records of `Key` and `Value`.
    Pairs(Vec<(Name, Path)>),
    Flatten(Flatten),
    Take(Box<Take>),
    Const(Node),
    /// There is something that no rule translates.
    Unknown,
}

type Members = Vec<(Name, Source)>;

type Path = Vec<Step>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Member(Name),
    Each,
    At(usize),
}

/// One record for each element of each of some lists, with common members repeated.
#[derive(Debug)]
pub(super) struct Flatten {
    from: Path,
    common: Members,
    lists: Vec<FlatList>,
}

#[derive(Debug)]
struct FlatList {
    to: Name,
    over: Over,
}

#[derive(Debug)]
enum Over {
    /// Each element, or the one value.
    Path(Path),
    /// While the flag holds, this attribute of the resource.
    Own { flag: Path, own: Path },
}

#[derive(Debug)]
pub(super) struct Take {
    from: Path,
    work: Vec<Work>,
}

#[derive(Debug)]
enum Work {
    Json,
    Values(Vec<(Name, Node)>),
    Regex(Regex),
    Wrap,
    Exists,
    Each(Members),
}

/// What sources are computed from: the attributes of a resource, and the part of them that is being mapped.
#[derive(Clone, Copy)]
pub(super) struct Scope<'n> {
    pub(super) root: &'n Node,
    pub(super) current: &'n Node,
}

impl<'n> Scope<'n> {
    pub(super) fn of(values: &'n Node) -> Scope<'n> {
        Scope { root: values, current: values }
    }

    pub(super) fn inside<'e>(&self, current: &'e Node) -> Scope<'e>
    where
        'n: 'e,
    {
        Scope { root: self.root, current }
    }
}

impl Source {
    /// Reads a source from its JSON; nothing if it is not one.
    pub(super) fn read(node: &Node) -> Option<Source> {
        match &node.kind {
            NodeKind::Text(text) if &**text == "unknown" => Some(Source::Unknown),
            NodeKind::Text(text) => path(text).map(Source::Path),
            NodeKind::List(list) => list.iter().map(Source::read).collect::<Option<_>>().map(Source::List),
            NodeKind::Map(members) => {
                let operation = members.iter().find_map(|(key, value)| Source::operation(key, value, node));
                operation.unwrap_or_else(|| self::members(node).map(Source::Record))
            }
            _ => None,
        }
    }

    fn operation(key: &str, value: &Node, node: &Node) -> Option<Option<Source>> {
        let list = |value: &Node| value.as_list()?.iter().map(Source::read).collect::<Option<Vec<_>>>();
        Some(match key {
            "const" => Some(Source::Const(Node::new(Span::default(), value.kind.clone()))),
            "first" => list(value).map(Source::First),
            "concat" => concat(value, node.get("each")),
            "derive" => named_paths(value).and_then(|paths| Some(Source::Derive(paths, pair(node.get("as"))?))),
            "which" => named_paths(value).map(Source::Which),
            "kv" => named_paths(value).map(Source::Pairs),
            "flatten" => Flatten::read(node).map(Source::Flatten),
            "from" if node.get("flatten").is_none() => Take::read(node).map(|take| Source::Take(Box::new(take))),
            _ => return None,
        })
    }

    /// The value for a resource; `null` is nothing.
    pub(super) fn value(&self, scope: Scope<'_>) -> Option<Node> {
        match self {
            Source::Path(path) => walk(scope.current, path),
            Source::List(sources) => {
                let elements: Vec<Node> = sources.iter().filter_map(|source| source.value(scope)).collect();
                made_of(elements.iter().map(|node| node.span), NodeKind::List(elements.clone()))
            }
            Source::Record(sources) => {
                let members = record(sources, scope);
                if let [(_, first), ..] = members.as_slice()
                    && members.iter().all(|(_, node)| is_perhaps(node))
                {
                    return Some(first.clone());
                }
                made_of(members.iter().map(|(_, node)| node.span), NodeKind::Map(members.clone()))
            }
            Source::First(sources) => sources.iter().find_map(|source| source.value(scope)),
            Source::Concat(paths, each) => concatenated(paths, each.as_deref(), scope),
            Source::Derive(paths, pair) => derived(paths, pair.as_ref(), scope),
            Source::Which(paths) => which(paths, scope),
            Source::Pairs(paths) => pairs(paths, scope),
            Source::Flatten(flatten) => flatten.value(scope),
            Source::Take(take) => take.value(scope),
            Source::Const(node) => Some(node.clone()),
            Source::Unknown => Some(unknown_at(scope.current.span, "not translated from Terraform")),
        }
    }

    /// Whether it reads an attribute of the resource.
    pub(super) fn reads(&self, attribute: &str) -> bool {
        let begins = |path: &Path| matches!(path.first(), Some(Step::Member(name)) if **name == *attribute);
        match self {
            Source::Path(path) => begins(path),
            Source::List(sources) | Source::First(sources) => sources.iter().any(|source| source.reads(attribute)),
            Source::Record(sources) => sources.iter().any(|(_, source)| source.reads(attribute)),
            Source::Concat(paths, _) => paths.iter().any(begins),
            Source::Derive(paths, _) | Source::Which(paths) | Source::Pairs(paths) => {
                paths.iter().any(|(_, path)| begins(path))
            }
            Source::Flatten(flatten) => begins(&flatten.from),
            Source::Take(take) => begins(&take.from),
            Source::Const(_) | Source::Unknown => false,
        }
    }

    /// The attribute that alone gives the value.
    pub(super) fn attribute(&self) -> Option<&Name> {
        match self {
            Source::Path(path) => only_member(path),
            Source::Take(take) if take.work.iter().all(|work| matches!(work, Work::Json)) => only_member(&take.from),
            _ => None,
        }
    }
}

fn only_member(path: &[Step]) -> Option<&Name> {
    match path {
        [Step::Member(name)] => Some(name),
        _ => None,
    }
}

/// The steps of a path; `.` is the value itself.
pub(super) fn path(text: &str) -> Option<Path> {
    let mut steps = Vec::new();
    for part in text.split('.').filter(|part| !part.is_empty()) {
        let (name, bracket) = match part.split_once('[') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(']')?)),
            None => (part, None),
        };
        if !name.is_empty() {
            steps.push(Step::Member(name.into()));
        }
        match bracket {
            Some("") => steps.push(Step::Each),
            Some(index) => steps.push(Step::At(index.parse().ok()?)),
            None => {}
        }
    }
    Some(steps)
}

/// What a path leads to; what lies in something unknown is unknown.
pub(super) fn walk(node: &Node, steps: &[Step]) -> Option<Node> {
    let Some((step, rest)) = steps.split_first() else { return (!node.is_null()).then(|| node.clone()) };
    if let NodeKind::Unknown(unknown) = &node.kind {
        // A block that is not known may not be there.
        return Some(Node::new(node.span, NodeKind::Unknown(unknown.clone().opaque().perhaps())));
    }
    match (step, &node.kind) {
        (Step::Member(name), NodeKind::Map(_)) => walk(node.get(name)?, rest),
        // A single block stands in a list of one.
        (Step::Member(_), NodeKind::List(elements)) => walk(elements.first()?, steps),
        (Step::Each, NodeKind::List(elements)) => {
            let elements = elements.iter().filter_map(|element| walk(element, rest)).collect();
            Some(Node::new(node.span, NodeKind::List(elements)))
        }
        (Step::Each, NodeKind::Null) => None,
        (Step::Each, _) => Some(Node::new(node.span, NodeKind::List(vec![walk(node, rest)?]))),
        (Step::At(index), NodeKind::List(elements)) => walk(elements.get(*index)?, rest),
        (Step::At(0), NodeKind::Map(_)) => walk(node, rest),
        _ => None,
    }
}

/// Whether nobody knows that there is something.
pub(super) fn is_perhaps(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Unknown(unknown) if unknown.is_perhaps())
}

/// The members of a record of sources.
pub(super) fn members(node: &Node) -> Option<Members> {
    let NodeKind::Map(members) = &node.kind else { return None };
    members.iter().map(|(key, node)| Some((key.clone(), Source::read(node)?))).collect()
}

/// The members that have a value.
pub(super) fn record(sources: &[(Name, Source)], scope: Scope<'_>) -> Vec<(Name, Node)> {
    sources.iter().filter_map(|(name, source)| Some((name.clone(), source.value(scope)?))).collect()
}

fn made_of(spans: impl Iterator<Item = Span>, kind: NodeKind) -> Option<Node> {
    let places = spans.filter(|span| span.end > span.start);
    let empty = match &kind {
        NodeKind::List(elements) => elements.is_empty(),
        NodeKind::Map(members) => members.is_empty(),
        _ => false,
    };
    (!empty).then(|| Node::new(places.reduce(Span::to).unwrap_or_default(), kind))
}

pub(super) fn unknown_at(span: Span, why: &str) -> Node {
    Node::new(span, NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

fn named_paths(node: &Node) -> Option<Vec<(Name, Path)>> {
    let NodeKind::Map(members) = &node.kind else { return None };
    members.iter().map(|(name, node)| Some((name.clone(), path(node.as_text()?)?))).collect()
}

/// `{"KeyType": "key", "AttributeName": "value"}`: the members for the name and for what is there.
fn pair(node: Option<&Node>) -> Option<Option<[Name; 2]>> {
    let Some(node) = node else { return Some(None) };
    let NodeKind::Map(members) = &node.kind else { return None };
    let named =
        |what: &str| members.iter().find(|(_, node)| node.as_text() == Some(what)).map(|(name, _)| name.clone());
    Some(Some([named("key")?, named("value")?]))
}

fn concat(value: &Node, each: Option<&Node>) -> Option<Source> {
    let paths = value.as_list()?.iter().map(|node| path(node.as_text()?)).collect::<Option<_>>()?;
    let each = match each {
        Some(each) => Some(members(each)?),
        None => None,
    };
    Some(Source::Concat(paths, each))
}

fn concatenated(paths: &[Path], each: Option<&[(Name, Source)]>, scope: Scope<'_>) -> Option<Node> {
    let mut elements = Vec::new();
    for path in paths {
        match walk(scope.current, path) {
            Some(Node { kind: NodeKind::List(list), .. }) => elements.extend(list),
            Some(Node { kind: NodeKind::Unknown(unknown), span }) => {
                elements.push(Node::new(span, NodeKind::Unknown(unknown.perhaps())));
            }
            Some(other) => elements.push(other),
            None => {}
        }
    }
    let elements = elements.into_iter().map(|node| mapped_one(node, each, scope)).collect::<Vec<_>>();
    made_of(elements.iter().map(|node| node.span), NodeKind::List(elements.clone()))
}

fn mapped_one(node: Node, each: Option<&[(Name, Source)]>, scope: Scope<'_>) -> Node {
    match (each, &node.kind) {
        (None, _) | (_, NodeKind::Unknown(_)) => node,
        (Some(each), kind) => match record(each, scope.inside(&node)) {
            members if members.is_empty() && !matches!(kind, NodeKind::Map(_) | NodeKind::Null) => {
                unknown_at(node.span, NO_BLOCK)
            }
            members => Node::new(node.span, NodeKind::Map(members)),
        },
    }
}

/// Why nothing is known of a block of another shape.
const NO_BLOCK: &str = "no block stands here, but something else";

/// Whether something is there that is neither `false` nor empty; `None` while nobody knows.
fn holds(node: &Node) -> Option<bool> {
    Some(match &node.kind {
        NodeKind::Unknown(_) => return None,
        NodeKind::Null => false,
        NodeKind::Bool(value) => *value,
        NodeKind::Text(text) => !text.is_empty(),
        NodeKind::List(elements) => !elements.is_empty(),
        NodeKind::Map(_) | NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Beyond(_) => true,
    })
}

fn derived(paths: &[(Name, Path)], pair: Option<&[Name; 2]>, scope: Scope<'_>) -> Option<Node> {
    let mut elements = Vec::new();
    for (name, path) in paths {
        let Some(found) = walk(scope.current, path) else { continue };
        let key = Node::new(found.span, NodeKind::Text(name.clone()));
        match (holds(&found), pair) {
            (Some(false), _) => {}
            (Some(true), None) => elements.push(key),
            (_, Some([key_name, value_name])) => {
                let members = vec![(key_name.clone(), key), (value_name.clone(), found.clone())];
                elements.push(Node::new(found.span, NodeKind::Map(members)));
            }
            (None, None) => elements.push(perhaps(&found)),
        }
    }
    made_of(elements.iter().map(|node| node.span), NodeKind::List(elements.clone()))
}

/// An element that may not be there, for what is not known.
fn perhaps(node: &Node) -> Node {
    let unknown = match &node.kind {
        NodeKind::Unknown(unknown) => unknown.clone().opaque(),
        _ => Unknown::new(Reason::Undecided, "known after apply"),
    };
    Node::new(node.span, NodeKind::Unknown(unknown.perhaps()))
}

fn which(paths: &[(Name, Path)], scope: Scope<'_>) -> Option<Node> {
    let mut undecided = None;
    for (name, path) in paths {
        match walk(scope.current, path).map(|node| (holds(&node), node)) {
            Some((Some(true), node)) => return Some(Node::new(node.span, NodeKind::Text(name.clone()))),
            Some((None, node)) => undecided = undecided.or(Some(node)),
            Some((Some(false), _)) | None => {}
        }
    }
    undecided
}

fn pairs(paths: &[(Name, Path)], scope: Scope<'_>) -> Option<Node> {
    let pair = |(name, path): &(Name, Path)| {
        let value = walk(scope.current, path)?;
        let key = Node::new(value.span, NodeKind::Text(name.clone()));
        Some(Node::new(value.span, NodeKind::Map(vec![("Key".into(), key), ("Value".into(), value)])))
    };
    let elements: Vec<Node> = paths.iter().filter_map(pair).collect();
    made_of(elements.iter().map(|node| node.span), NodeKind::List(elements.clone()))
}

impl Flatten {
    fn read(node: &Node) -> Option<Flatten> {
        let text = |node: &Node, name: &str| node.get(name).and_then(Node::as_text).and_then(path);
        let list = |node: &Node| {
            let over = match (text(node, "over"), text(node, "when"), text(node, "own")) {
                (Some(over), _, _) => Over::Path(over),
                (None, Some(flag), Some(own)) => Over::Own { flag, own },
                _ => return None,
            };
            Some(FlatList { to: node.get("to")?.as_text()?.into(), over })
        };
        Some(Flatten {
            from: text(node, "from")?,
            common: node.get("common").map_or(Some(Vec::new()), members)?,
            lists: node.get("flatten")?.as_list()?.iter().map(list).collect::<Option<_>>()?,
        })
    }

    fn value(&self, scope: Scope<'_>) -> Option<Node> {
        let from = walk(scope.current, &self.from)?;
        let outers: &[Node] = match &from.kind {
            NodeKind::List(list) => list,
            NodeKind::Unknown(_) => return Some(from),
            _ => std::slice::from_ref(&from),
        };
        let mut records = Vec::new();
        for outer in outers {
            match outer.kind {
                NodeKind::Unknown(_) => records.push(outer.clone()),
                NodeKind::Map(_) | NodeKind::Null => self.records(scope.inside(outer), &mut records),
                _ => records.push(unknown_at(outer.span, NO_BLOCK)),
            }
        }
        Some(Node::new(from.span, NodeKind::List(records)))
    }

    fn records(&self, scope: Scope<'_>, records: &mut Vec<Node>) {
        let common = record(&self.common, scope);
        let made = |to: &Name, value: Node, span: Span| {
            let members = common.iter().cloned().chain([(to.clone(), value)]).collect();
            Node::new(span, NodeKind::Map(members))
        };
        for list in &self.lists {
            match &list.over {
                Over::Path(path) => match walk(scope.current, path) {
                    Some(Node { kind: NodeKind::List(elements), .. }) => {
                        records.extend(elements.into_iter().map(|element| match &element.kind {
                            NodeKind::Unknown(unknown) if unknown.is_perhaps() => element,
                            _ => made(&list.to, element.clone(), element.span),
                        }));
                    }
                    // One that is not known may be a list of several.
                    Some(node @ Node { kind: NodeKind::Unknown(_), .. }) => {
                        records.push(made(&list.to, node.clone(), node.span));
                        if path.contains(&Step::Each) {
                            records.push(perhaps(&node));
                        }
                    }
                    Some(node) if holds(&node) == Some(true) => records.push(made(&list.to, node.clone(), node.span)),
                    Some(_) | None => {}
                },
                Over::Own { flag, own } => match walk(scope.current, flag).map(|node| (holds(&node), node)) {
                    Some((Some(true), node)) => {
                        let own = walk(scope.root, own).unwrap_or_else(|| unknown_at(node.span, "known after apply"));
                        records.push(made(&list.to, own, node.span));
                    }
                    Some((None, node)) => records.push(perhaps(&node)),
                    Some((Some(false), _)) | None => {}
                },
            }
        }
    }
}

impl Take {
    fn read(node: &Node) -> Option<Take> {
        let mut work = Vec::new();
        let NodeKind::Map(members) = &node.kind else { return None };
        for (key, value) in members {
            match &**key {
                "from" | "tf" => {}
                "decode" => work.push(Work::Json),
                "values" => match &value.kind {
                    NodeKind::Map(values) => work.push(Work::Values(values.clone())),
                    _ => return None,
                },
                "bool_to" => {
                    let [yes, no] = value.as_list()? else { return None };
                    work.push(Work::Values(vec![("true".into(), yes.clone()), ("false".into(), no.clone())]));
                }
                "regex" => work.push(Work::Regex(Regex::new(value.as_text()?).ok()?)),
                "wrap" => work.insert(0, Work::Wrap),
                "exists" => work.push(Work::Exists),
                "each" => work.push(Work::Each(self::members(value)?)),
                _ => return None,
            }
        }
        Some(Take { from: path(node.get("from")?.as_text()?)?, work })
    }

    fn value(&self, scope: Scope<'_>) -> Option<Node> {
        match walk(scope.current, &self.from) {
            Some(found) => self.work.iter().try_fold(found, |node, work| work.done(node, scope)),
            None if self.work.iter().any(|work| matches!(work, Work::Exists)) => {
                Some(Node::new(Span::default(), NodeKind::Bool(false)))
            }
            None => None,
        }
    }
}

impl Work {
    fn done(&self, node: Node, scope: Scope<'_>) -> Option<Node> {
        let span = node.span;
        if let NodeKind::Unknown(unknown) = &node.kind {
            let unknown = match self {
                // The document is what the text says.
                Work::Json => unknown.clone(),
                Work::Wrap => return Some(Node::new(span, NodeKind::List(vec![node]))),
                Work::Values(_) | Work::Regex(_) | Work::Exists | Work::Each(_) => unknown.clone().opaque(),
            };
            return Some(Node::new(span, NodeKind::Unknown(unknown)));
        }
        match self {
            Work::Json => Some(match node.as_text().and_then(|text| json::parse(text).ok()) {
                Some(inner) => inner.place_all(span),
                None => node,
            }),
            Work::Values(values) => Some(chosen(node, values)),
            Work::Regex(pattern) => {
                let group = pattern.captures(node.as_text()?)?.get(1)?;
                Some(Node::new(span, NodeKind::Text(group.as_str().into())))
            }
            Work::Wrap => Some(Node::new(span, NodeKind::List(vec![node]))),
            Work::Exists => Some(Node::new(span, NodeKind::Bool(holds(&node).unwrap_or(true)))),
            Work::Each(each) => Some(match node.kind {
                NodeKind::List(list) => {
                    let elements = list.into_iter().map(|element| mapped_one(element, Some(each), scope)).collect();
                    Node::new(span, NodeKind::List(elements))
                }
                _ => mapped_one(node, Some(each), scope),
            }),
        }
    }
}

/// The value that stands for this one, else itself.
fn chosen(node: Node, values: &[(Name, Node)]) -> Node {
    let text: Option<Name> = match &node.kind {
        NodeKind::Bool(value) => Some(value.to_string().into()),
        NodeKind::Text(text) => Some(text.clone()),
        NodeKind::Int(number) => Some(number.to_string().into()),
        _ => None,
    };
    let found = text.and_then(|text| values.iter().find(|(key, _)| *key == text));
    found.map_or(node.clone(), |(_, value)| Node::new(node.span, value.kind.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::show;

    fn value(source: &str, values: &str) -> String {
        let source = Source::read(&json::parse(source).unwrap()).unwrap();
        let mut values = json::parse(values).unwrap();
        unknown_where_marked(&mut values);
        source.value(Scope::of(&values)).map_or("nothing".to_owned(), |node| show(&node))
    }

    /// `"?"` stands for an unknown value.
    fn unknown_where_marked(node: &mut Node) {
        match &mut node.kind {
            NodeKind::Text(text) if &**text == "?" => *node = unknown_at(node.span, "later"),
            NodeKind::List(list) => list.iter_mut().for_each(unknown_where_marked),
            NodeKind::Map(members) => members.iter_mut().for_each(|(_, node)| unknown_where_marked(node)),
            _ => {}
        }
    }

    #[test]
    fn paths_lead_through_blocks() {
        assert_eq!(value(r#""a[0].b""#, r#"{"a": [{"b": 1}]}"#), "1");
        assert_eq!(value(r#""a[0].b""#, r#"{"a": []}"#), "nothing");
        assert_eq!(value(r#""a[].b""#, r#"{"a": [{"b": 1}, {"b": "?"}, {}]}"#), "[1,?later]");
        assert_eq!(value(r#""a[0].b""#, r#"{"a": "?"}"#), "?later");
    }

    #[test]
    fn operations_keep_what_is_not_known() {
        let scheme = r#"{"from": "internal", "bool_to": ["internal", "internet-facing"]}"#;
        assert_eq!(value(scheme, r#"{"internal": true}"#), "\"internal\"");
        assert_eq!(value(scheme, r#"{"internal": "?"}"#), "?later");
        assert_eq!(value(r#"{"from": "a", "exists": true}"#, r#"{"a": "?"}"#), "?later");
        assert_eq!(value(r#"{"which": {"VPC": "v", "Subnet": "s"}}"#, r#"{"v": "?", "s": "x"}"#), "\"Subnet\"");
        assert_eq!(value(r#"{"derive": {"A": "a", "B": "b"}}"#, r#"{"a": true, "b": "?"}"#), "[\"A\",?later]");
        assert_eq!(value(r#"{"kv": {"k": "a"}}"#, r#"{"a": 1}"#), r#"[{Key:"k",Value:1}]"#);
    }

    #[test]
    fn rules_are_flattened_one_block_each() {
        let rules = r#"{"from": "ingress[]", "flatten": [{"over": "cidr_blocks[]", "to": "CidrIp"},
            {"when": "self", "to": "Group", "own": "id"}], "common": {"FromPort": "from_port"}}"#;
        let known = r#"{"id": "sg", "ingress": [{"from_port": 22, "cidr_blocks": ["a", "b"], "self": true}]}"#;
        assert_eq!(
            value(rules, known),
            r#"[{FromPort:22,CidrIp:"a"},{FromPort:22,CidrIp:"b"},{FromPort:22,Group:"sg"}]"#
        );
        let unknown = r#"{"ingress": [{"from_port": 22, "cidr_blocks": "?", "self": "?"}]}"#;
        assert_eq!(value(rules, unknown), "[{FromPort:22,CidrIp:?later},?later,?later]");
        assert_eq!(value(rules, r#"{"ingress": "?"}"#), "?later");
    }
}
