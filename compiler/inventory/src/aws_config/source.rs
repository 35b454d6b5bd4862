//! What a mapping says about one property, and how it is computed from an item.
//!
//! A source is a path, a list or record of sources, or an object with a path and what to do with what is there;
//! `facts/README.md` lists the operations. Sources are read once per resource type and then executed for each
//! item. Nothing that is not in the item is made up: a source without a value gives nothing, or its `default`.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};

use super::path::{Path, Root, Step, is_no_container, steps, unreadable, walk};
use super::work::{Decode, Work, decode, decoding, work};

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
            Source::First(sources) => {
                let mut found: Vec<Node> = sources.iter().filter_map(|source| source.value(scope)).collect();
                let known = found.iter().position(|node| !matches!(node.kind, NodeKind::Unknown(_)));
                (!found.is_empty()).then(|| found.swap_remove(known.unwrap_or(0)))
            }
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

/// Where sources begin to read: members of what they are computed from, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Beginnings {
    pub(crate) configuration: Vec<String>,
    pub(crate) supplementary: Vec<String>,
    pub(crate) envelope: Vec<String>,
    /// Some source reads the relations of the item.
    pub(crate) relations: bool,
    /// Some source does not begin with a member.
    pub(crate) anywhere: bool,
}

impl Beginnings {
    /// Adds those of a path; of one that begins in an element nothing more is known.
    pub(crate) fn add_path(&mut self, path: &Path, in_element: bool) {
        let list = match &path.root {
            Root::Current if in_element => return,
            Root::Current => &mut self.configuration,
            Root::Envelope => &mut self.envelope,
            Root::Supplementary => &mut self.supplementary,
            Root::Relation(_) => {
                self.relations = true;
                return;
            }
        };
        match path.steps.first() {
            Some(Step::Member(name)) => list.push(name.to_ascii_lowercase()),
            _ => self.anywhere = true,
        }
    }

    pub(crate) fn add(&mut self, source: &Source, in_element: bool) {
        match source {
            Source::Path(path) => self.add_path(path, in_element),
            Source::List(sources) | Source::First(sources) => {
                sources.iter().for_each(|source| self.add(source, in_element));
            }
            Source::Record(members) => self.add_all(members, in_element),
            Source::Flatten(flatten) => {
                self.add_path(&flatten.from, in_element);
                self.add_all(&flatten.common, true);
                flatten.lists.iter().for_each(|list| self.add_all(&list.each, true));
            }
            Source::Take(take) => {
                self.add_path(&take.from, in_element);
                take.alt.iter().for_each(|path| self.add_path(path, in_element));
                for work in &take.work {
                    match work {
                        Work::Each(each) | Work::Keyed { each: Some(each), .. } => self.add_all(each, true),
                        Work::Keyed { each: None, .. }
                        | Work::Exists
                        | Work::Equals(_)
                        | Work::Values(_)
                        | Work::Drop(_)
                        | Work::Regex(_)
                        | Work::Join(_)
                        | Work::Split(_) => {}
                    }
                }
            }
        }
    }

    pub(crate) fn add_all(&mut self, members: &[(Name, Source)], in_element: bool) {
        members.iter().for_each(|(_, source)| self.add(source, in_element));
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

    pub(crate) fn inside<'n>(&self, current: &'n Node) -> Scope<'n>
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
        if matches!(from.kind, NodeKind::Unknown(_)) {
            return Some(from);
        }
        for outer in from.as_list()? {
            if is_no_container(outer) {
                records.push(unreadable(outer));
                continue;
            }
            let common = record(&self.common, scope.inside(outer));
            for list in &self.lists {
                let elements = list.elements(outer);
                records.extend(elements.iter().filter(|node| matches!(node.kind, NodeKind::Unknown(_))).cloned());
                for element in elements.as_ref().and_then(Node::as_list).unwrap_or_default() {
                    let mut members = common.clone();
                    let own = record(&list.each, scope.inside(element));
                    records.push(match own.is_empty() && is_no_container(element) {
                        true => unreadable(element),
                        false => {
                            members.extend(own);
                            Node::new(element.span, NodeKind::Map(members))
                        }
                    });
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
        let lacking = |node: &Node| is_empty(node) || matches!(node.kind, NodeKind::Unknown(_));
        let other = match (&self.alt, main.as_ref().is_none_or(lacking)) {
            (Some(alt), true) => scope.at(alt).and_then(|node| self.decoded(node)).filter(|node| !is_empty(node)),
            _ => None,
        };
        // The tags of an item are a map, and no list of records that could be mapped.
        if other.is_some() && self.alt.as_ref().is_some_and(|alt| alt.root == Root::Envelope) {
            return other;
        }
        match other.or(main).or_else(|| self.default(scope)) {
            Some(found) => self.work.iter().try_fold(found, |node, work| work.done(node, scope)),
            None => self.missing(scope),
        }
    }

    /// Of a value that is not there, `exists` is false.
    fn missing(&self, scope: Scope<'_>) -> Option<Node> {
        let asked = self.work.iter().any(|work| matches!(work, Work::Exists));
        (asked && !scope.partial).then(|| Node::new(scope.current.span, NodeKind::Bool(false)))
    }

    fn default(&self, scope: Scope<'_>) -> Option<Node> {
        let default = self.default.clone().filter(|_| !scope.partial)?;
        Some(default.place_all(scope.current.span))
    }

    fn decoded(&self, node: Node) -> Option<Node> {
        let node = match &self.decode {
            Some(decoding) => decode(node, decoding),
            None => node,
        };
        match &self.path {
            Some(_) if is_no_container(&node) => Some(unreadable(&node)),
            Some(path) => walk(&node, path),
            None => Some(node).filter(|node| !node.is_null()),
        }
    }
}

/// The path; one to a map whose keys are wanted leads to the map itself.
fn from(path: &str, keyed: bool) -> Option<Path> {
    Path::read(if keyed { path.strip_suffix("{}")? } else { path })
}
