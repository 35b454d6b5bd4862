//! What a mapping says about one property, and how it is computed from an item.
//!
//! A source is a path, a list or record of sources, or an object with a path and what to do with what is there;
//! `facts/README.md` lists the operations. Sources are read once per resource type and then executed for each
//! item. Nothing that is not in the item is made up: a source without a value gives nothing, or its `default`.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, json, policy};
use regex::Regex;

use super::path::{Path, Root, Step, steps, truthy, walk};

/// A source of a property; see the module.
#[derive(Debug)]
pub(crate) enum Source {
    Path(Path),
    List(Vec<Source>),
    Record(Vec<(Name, Source)>),
    First(Vec<Source>),
    Flatten(Flatten),
    Take(Box<Take>),
}

/// One record per element of each list, with common members repeated.
#[derive(Debug)]
pub(crate) struct Flatten {
    from: Path,
    common: Vec<(Name, Source)>,
    lists: Vec<FlatList>,
}

#[derive(Debug)]
struct FlatList {
    over: Vec<Step>,
    alt: Option<Vec<Step>>,
    each: Vec<(Name, Source)>,
}

/// What a path leads to, worked on.
#[derive(Debug)]
pub(crate) struct Take {
    from: Path,
    alt: Option<Path>,
    decode: Option<Vec<Decode>>,
    path: Option<Vec<Step>>,
    default: Option<Node>,
    work: Vec<Work>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decode {
    Json,
    Url,
    Bool,
    Base64,
}

/// One operation on a value that is there; `exists` and `equals` answer for one that is not.
#[derive(Debug)]
enum Work {
    Exists,
    Equals(Node),
    /// The value for which this one stands, else the one for any other.
    Values(Vec<(Name, Node)>),
    Drop(Node),
    Regex(Regex),
    Join(Vec<Part>),
    /// A text to the list of its parts.
    Split(String),
    /// A map as a list of records that have its keys in these members.
    Keyed {
        members: Vec<Name>,
        split: Option<String>,
        each: Option<Vec<(Name, Source)>>,
    },
    Each(Vec<(Name, Source)>),
}

#[derive(Debug)]
enum Part {
    Path(Vec<Step>),
    Literal(String),
}

/// What sources are computed from.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'i> {
    /// The configuration, or the element that is being mapped.
    pub(crate) current: &'i Node,
    /// The item.
    pub(crate) item: &'i Node,
    pub(crate) supplementary: Option<&'i Node>,
    /// Absence in the item proves nothing.
    pub(crate) partial: bool,
}

impl Source {
    /// Reads a source from its JSON; nothing if it is not one.
    pub(crate) fn read(node: &Node) -> Option<Source> {
        match &node.kind {
            NodeKind::Text(text) => Path::read(text).map(Source::Path),
            NodeKind::List(list) => list.iter().map(Source::read).collect::<Option<_>>().map(Source::List),
            NodeKind::Map(_) if node.get("flatten").is_some() => Flatten::read(node).map(Source::Flatten),
            NodeKind::Map(_) if node.get("from").is_some() => Take::read(node).map(|take| Source::Take(Box::new(take))),
            NodeKind::Map(_) if node.get("first").is_some() => {
                let list = node.get("first")?.as_list()?;
                list.iter().map(Source::read).collect::<Option<_>>().map(Source::First)
            }
            NodeKind::Map(_) => members(node).map(Source::Record),
            _ => None,
        }
    }

    /// The value for an item; `null` is nothing.
    pub(crate) fn value(&self, scope: Scope<'_>) -> Option<Node> {
        match self {
            Source::Path(path) => scope.at(path),
            Source::List(sources) => {
                let elements: Vec<Node> = sources.iter().filter_map(|source| source.value(scope)).collect();
                let span = covering(elements.iter().map(|node| node.span))?;
                Some(Node::new(span, NodeKind::List(elements)))
            }
            Source::Record(sources) => {
                let members: Vec<(Name, Node)> =
                    record(sources, scope).into_iter().filter(|(_, node)| !is_empty(node)).collect();
                let span = covering(members.iter().map(|(_, node)| node.span))?;
                Some(Node::new(span, NodeKind::Map(members)))
            }
            Source::First(sources) => sources.iter().find_map(|source| source.value(scope)),
            Source::Flatten(flatten) => flatten.value(scope),
            Source::Take(take) => take.value(scope),
        }
    }

    /// The same, its path beginning in `supplementaryConfiguration`.
    pub(crate) fn in_supplementary(mut self) -> Source {
        match &mut self {
            Source::Path(path) => path.root = Root::Supplementary,
            Source::Take(take) => take.from.root = Root::Supplementary,
            Source::Flatten(flatten) => flatten.from.root = Root::Supplementary,
            Source::First(_) | Source::List(_) | Source::Record(_) => {}
        }
        self
    }

    /// Whether some of it stands in `supplementaryConfiguration`.
    pub(crate) fn is_supplementary(&self) -> bool {
        let of_members = |members: &[(Name, Source)]| members.iter().any(|(_, source)| source.is_supplementary());
        match self {
            Source::Path(path) => path.root == Root::Supplementary,
            Source::List(sources) | Source::First(sources) => sources.iter().any(Source::is_supplementary),
            Source::Record(members) => of_members(members),
            Source::Flatten(flatten) => flatten.from.root == Root::Supplementary,
            Source::Take(take) => take.from.root == Root::Supplementary,
        }
    }
}

/// The members of a record of sources.
pub(crate) fn members(node: &Node) -> Option<Vec<(Name, Source)>> {
    let NodeKind::Map(members) = &node.kind else { return None };
    members.iter().map(|(key, node)| Some((key.clone(), Source::read(node)?))).collect()
}

/// The members that have a value.
pub(crate) fn record(sources: &[(Name, Source)], scope: Scope<'_>) -> Vec<(Name, Node)> {
    sources.iter().filter_map(|(name, source)| Some((name.clone(), source.value(scope)?))).collect()
}

fn covering(spans: impl Iterator<Item = Span>) -> Option<Span> {
    spans.reduce(Span::to)
}

/// Nothing, or an empty list or object.
pub(crate) fn is_empty(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Null => true,
        NodeKind::List(elements) => elements.is_empty(),
        NodeKind::Map(members) => members.is_empty(),
        NodeKind::Bool(_)
        | NodeKind::Int(_)
        | NodeKind::Float(_)
        | NodeKind::Beyond(_)
        | NodeKind::Text(_)
        | NodeKind::Unknown(_) => false,
    }
}

impl Scope<'_> {
    /// What a path leads to.
    pub(crate) fn at(&self, path: &Path) -> Option<Node> {
        match &path.root {
            Root::Current => walk(self.current, &path.steps),
            Root::Envelope => walk(self.item, &path.steps),
            Root::Supplementary => walk(self.supplementary?, &path.steps),
            Root::Relation(resource_type) => {
                let related = self.item.get("relationships")?.as_list()?;
                let of_type = |node: &&Node| node.get("resourceType").and_then(Node::as_text) == Some(resource_type);
                related.iter().find(of_type)?.get("resourceId").filter(|node| !node.is_null()).cloned()
            }
        }
    }

    fn inside<'n>(&self, current: &'n Node) -> Scope<'n>
    where
        Self: 'n,
    {
        Scope { current, ..*self }
    }
}

impl Flatten {
    fn read(node: &Node) -> Option<Flatten> {
        let list = |node: &Node| {
            Some(FlatList {
                over: steps(node.get("over")?.as_text()?)?,
                alt: node.get("alt").and_then(Node::as_text).and_then(steps),
                each: members(node.get("each")?)?,
            })
        };
        Some(Flatten {
            from: Path::read(node.get("from")?.as_text()?)?,
            common: node.get("common").map_or(Some(Vec::new()), members)?,
            lists: node.get("flatten")?.as_list()?.iter().map(list).collect::<Option<_>>()?,
        })
    }

    fn value(&self, scope: Scope<'_>) -> Option<Node> {
        let from = scope.at(&self.from)?;
        let mut records = Vec::new();
        for outer in from.as_list()? {
            let common = record(&self.common, scope.inside(outer));
            for list in &self.lists {
                let elements = list.elements(outer);
                for element in elements.as_ref().and_then(Node::as_list).unwrap_or_default() {
                    let mut members = common.clone();
                    members.extend(record(&list.each, scope.inside(element)));
                    records.push(Node::new(element.span, NodeKind::Map(members)));
                }
            }
        }
        Some(Node::new(from.span, NodeKind::List(records)))
    }
}

impl FlatList {
    fn elements(&self, outer: &Node) -> Option<Node> {
        let elements = walk(outer, &self.over).filter(|node| !is_empty(node));
        elements.or_else(|| walk(outer, self.alt.as_deref()?))
    }
}

impl Take {
    fn read(node: &Node) -> Option<Take> {
        let text = |name: &str| node.get(name).and_then(Node::as_text);
        Some(Take {
            from: from(text("from")?, node.get("key").is_some())?,
            alt: text("alt").map_or(Some(None), |path| Path::read(path).map(Some))?,
            decode: text("decode").map_or(Some(None), |names| decoding(names).map(Some))?,
            path: text("path").map_or(Some(None), |path| steps(path).map(Some))?,
            default: node.get("default").cloned(),
            work: work(node)?,
        })
    }

    fn value(&self, scope: Scope<'_>) -> Option<Node> {
        let main = scope.at(&self.from).and_then(|node| self.decoded(node));
        let other = match (&self.alt, main.as_ref().is_none_or(is_empty)) {
            (Some(alt), true) => scope.at(alt).and_then(|node| self.decoded(node)).filter(|node| !is_empty(node)),
            _ => None,
        };
        // The tags of an item are a map, and no list of records that could be mapped.
        if other.is_some() && self.alt.as_ref().is_some_and(|alt| alt.root == Root::Envelope) {
            return other;
        }
        let found = other.or(main).or_else(|| self.default.clone().filter(|_| !scope.partial));
        self.work.iter().try_fold(found, |value, work| work.done(value, scope)).flatten()
    }

    fn decoded(&self, node: Node) -> Option<Node> {
        let node = match &self.decode {
            Some(decoding) => decode(node, decoding),
            None => node,
        };
        match &self.path {
            Some(path) => walk(&node, path),
            None => Some(node).filter(|node| !node.is_null()),
        }
    }
}

/// The path; one to a map whose keys are wanted leads to the map itself.
fn from(path: &str, keyed: bool) -> Option<Path> {
    Path::read(if keyed { path.strip_suffix("{}")? } else { path })
}

/// `url+json`: one after the other.
fn decoding(names: &str) -> Option<Vec<Decode>> {
    let decoding = |name: &str| match name {
        "json" => Some(Decode::Json),
        "url" => Some(Decode::Url),
        "bool" => Some(Decode::Bool),
        "base64" => Some(Decode::Base64),
        _ => None,
    };
    names.split(['+', '-']).map(decoding).collect()
}

/// What the text says; text that does not decode, and what is no text, stays as it is.
fn decode(node: Node, decoding: &[Decode]) -> Node {
    decoding.iter().fold(node, |node, how| {
        let NodeKind::Text(text) = &node.kind else { return node };
        let decoded = match how {
            Decode::Json => json::parse(text).ok().map(|inner| inner.place_all(node.span)),
            Decode::Url => Some(Node::new(node.span, NodeKind::Text(policy::percent_decode(text).into()))),
            Decode::Bool => boolean(text).map(|value| Node::new(node.span, NodeKind::Bool(value))),
            Decode::Base64 => base64(text).map(|text| Node::new(node.span, NodeKind::Text(text.into()))),
        };
        decoded.unwrap_or(node)
    })
}

fn boolean(text: &str) -> Option<bool> {
    let text = text.trim_matches('"');
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    (is("true") || is("false")).then(|| is("true"))
}

/// The text in standard or URL-safe base64.
fn base64(text: &str) -> Option<String> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        bits = (bits << 6) | u32::from(digit(byte)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The operations of a source, in the order in which they are done.
fn work(node: &Node) -> Option<Vec<Work>> {
    let mut work = Vec::new();
    let each = match node.get("each") {
        Some(each) => Some(members(each)?),
        None => None,
    };
    match (node.get("key"), each) {
        (Some(key), each) => {
            let members = match &key.kind {
                NodeKind::List(list) => list.iter().filter_map(Node::as_text).map(Name::from).collect(),
                _ => vec![key.as_text()?.into()],
            };
            let split = node.get("split").and_then(Node::as_text).map(str::to_owned);
            work.push(Work::Keyed { members, split, each });
        }
        (None, Some(each)) => work.push(Work::Each(each)),
        (None, None) => work.extend(node.get("split").and_then(Node::as_text).map(|text| Work::Split(text.to_owned()))),
    }
    if let Some(pattern) = node.get("regex") {
        work.push(Work::Regex(Regex::new(pattern.as_text()?).ok()?));
    }
    if let Some(parts) = node.get("join") {
        work.push(Work::Join(parts.as_list()?.iter().map(part).collect::<Option<_>>()?));
    }
    if let Some(values) = node.get("values") {
        let NodeKind::Map(members) = &values.kind else { return None };
        work.push(Work::Values(members.clone()));
    }
    work.extend(node.get("drop").cloned().map(Work::Drop));
    work.extend(node.get("equals").cloned().map(Work::Equals));
    work.extend(node.get("exists").map(|_| Work::Exists));
    Some(work)
}

/// What begins like a name is a path into the element, the rest stands for itself.
fn part(node: &Node) -> Option<Part> {
    let text = node.as_text()?;
    match text.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
        true => steps(text).map(Part::Path),
        false => Some(Part::Literal(text.to_owned())),
    }
}

impl Work {
    /// The outer `None` ends the work: there is nothing, and nothing will come of it.
    fn done(&self, value: Option<Node>, scope: Scope<'_>) -> Option<Option<Node>> {
        let Some(node) = value else {
            let exists_not = matches!(self, Work::Exists) && !scope.partial;
            return Some(exists_not.then(|| Node::new(scope.current.span, NodeKind::Bool(false))));
        };
        let span = node.span;
        Some(match self {
            Work::Exists => Some(Node::new(span, NodeKind::Bool(truthy(&node)))),
            Work::Equals(wanted) => Some(Node::new(span, NodeKind::Bool(same(scalar(&node), wanted)))),
            Work::Values(values) => {
                let text = text(scalar(&node))?;
                let chosen = values
                    .iter()
                    .find(|(key, _)| **key == *text)
                    .or_else(|| values.iter().find(|(key, _)| &**key == "*"));
                chosen.map(|(_, node)| node.clone().place_all(span))
            }
            Work::Drop(unwanted) => dropped(node, unwanted),
            Work::Regex(pattern) => {
                let text = text(scalar(&node))?;
                let group = pattern.captures(&text).and_then(|groups| groups.get(1))?;
                Some(Node::new(span, NodeKind::Text(group.as_str().into())))
            }
            Work::Join(parts) => Some(joined(node, parts)),
            Work::Split(separator) => Some(parted(node, separator)),
            Work::Keyed { members, split, each } => {
                Some(keyed(node, members, split.as_deref(), each.as_deref(), scope))
            }
            Work::Each(sources) => Some(mapped(node, sources, scope)),
        })
    }
}

/// Of `{"value": x}`, the `x`.
fn scalar(node: &Node) -> &Node {
    super::fold::unwrapped(node).unwrap_or(node)
}

fn text(node: &Node) -> Option<Name> {
    match &node.kind {
        NodeKind::Text(text) | NodeKind::Beyond(text) => Some(text.clone()),
        NodeKind::Int(number) => Some(number.to_string().into()),
        NodeKind::Float(number) => Some(number.to_string().into()),
        NodeKind::Bool(value) => Some(value.to_string().into()),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Unknown(_) => None,
    }
}

fn same(node: &Node, wanted: &Node) -> bool {
    text(node).is_some() && text(node) == text(wanted)
}

/// Nothing for the unwanted value; of a record, the rest without the members of an unwanted list.
fn dropped(node: Node, unwanted: &Node) -> Option<Node> {
    let Some(names) = unwanted.as_list() else { return Some(node).filter(|node| !same(scalar(node), unwanted)) };
    let is_unwanted = |key: &Name| names.iter().any(|name| name.as_text() == Some(key));
    match node.kind {
        NodeKind::Map(members) => {
            let kept = members.into_iter().filter(|(key, _)| !is_unwanted(key)).collect();
            Some(Node::new(node.span, NodeKind::Map(kept)))
        }
        kind => Some(Node::new(node.span, kind)),
    }
}

fn joined(node: Node, parts: &[Part]) -> Node {
    let join = |element: &Node| {
        let part = |part: &Part| match part {
            Part::Literal(literal) => Some(Name::from(literal.as_str())),
            Part::Path(path) => walk(element, path).as_ref().and_then(text),
        };
        let parts: Option<Vec<Name>> = parts.iter().map(part).collect();
        Some(Node::new(element.span, NodeKind::Text(parts?.concat().into())))
    };
    match node.as_list() {
        Some(list) => Node::new(node.span, NodeKind::List(list.iter().filter_map(join).collect())),
        None => join(&node).unwrap_or(Node::new(node.span, NodeKind::Null)),
    }
}

fn parted(node: Node, separator: &str) -> Node {
    let NodeKind::Text(text) = &node.kind else { return node };
    let parts = text.split(separator).map(str::trim).filter(|part| !part.is_empty());
    Node::new(node.span, NodeKind::List(parts.map(|part| Node::new(node.span, NodeKind::Text(part.into()))).collect()))
}

/// The elements of a list, or the one record, member by member.
fn mapped(node: Node, sources: &[(Name, Source)], scope: Scope<'_>) -> Node {
    let map = |element: &Node| Node::new(element.span, NodeKind::Map(record(sources, scope.inside(element))));
    match &node.kind {
        NodeKind::List(list) => Node::new(node.span, NodeKind::List(list.iter().map(map).collect())),
        NodeKind::Map(_) => map(&node),
        _ => node,
    }
}

/// `{"*/GET": {…}}` with the members `ResourcePath` and `HttpMethod` split by `/`: the last part is the last
/// member's, for the first may itself have the separator.
fn keyed(node: Node, names: &[Name], split: Option<&str>, each: Option<&[(Name, Source)]>, scope: Scope<'_>) -> Node {
    let NodeKind::Map(entries) = &node.kind else { return node };
    let entry = |(key, value): &(Name, Node)| {
        let parts: Vec<&str> = match split {
            Some(separator) => key.rsplitn(names.len(), separator).collect(),
            None => vec![key],
        };
        let text = |part: &str| Node::new(value.span, NodeKind::Text(part.into()));
        let mut members: Vec<(Name, Node)> = names.iter().cloned().zip(parts.into_iter().rev().map(text)).collect();
        match (each, &value.kind) {
            (Some(each), _) => members.extend(record(each, scope.inside(value))),
            (None, NodeKind::Map(own)) => members.extend(own.iter().cloned()),
            (None, _) => members.push(("Value".into(), value.clone())),
        }
        Node::new(value.span, NodeKind::Map(members))
    };
    Node::new(node.span, NodeKind::List(entries.iter().map(entry).collect()))
}
