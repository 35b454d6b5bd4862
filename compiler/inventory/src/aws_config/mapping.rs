//! The facts about the items of each resource type, as they are packed into this build.
//!
//! `cargo xtask generate` packs `facts/config_mapping.json` (see `xtask/src/mapping.rs` for the layout). The pack
//! is opened at the first item; what it says about a type is read at the type's first item. A type without an
//! entry is taken to have the canonical shape.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use parapet_model::{Name, Node, NodeKind, ResourceType, Schema, json};
use rustc_hash::{FxHashMap, FxHashSet};

use super::fold::opened;
use super::path::{Path, Step, find, steps, walk};
use super::source::{Beginnings, Scope, Source, is_empty, members};

static PACK: &[u8] = include_bytes!("../../data/config_mapping.pack");

/// All entries.
#[derive(Default)]
pub(crate) struct Mapping {
    rename: FxHashMap<Name, Name>,
    /// Sorted by the name of the type.
    types: Vec<Packed>,
}

struct Packed {
    name: Name,
    json: String,
    entry: OnceLock<Option<Arc<Entry>>>,
}

/// What is known about the items of one resource type.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) ty: Arc<ResourceType>,
    /// Property to source; those whose name has a dot set a member of a record.
    pub(crate) map: Vec<(Target, Source)>,
    /// A record whose members count as members of the configuration.
    pub(crate) lift: Option<Path>,
    pub(crate) splits: Vec<Split>,
    /// What the format cannot show.
    pub(crate) hidden: Option<Arc<FxHashSet<Name>>>,
    /// The same for an item without `supplementaryConfiguration`.
    pub(crate) hidden_without_supplementary: Option<Arc<FxHashSet<Name>>>,
    /// Every property.
    pub(crate) everything: Arc<FxHashSet<Name>>,
}

/// A property, or a member of it.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) property: Name,
    pub(crate) within: Vec<Name>,
    /// `X.*`: the record is merged into the property.
    pub(crate) merge: bool,
}

/// How records of another type are made of an item.
#[derive(Debug)]
pub(crate) struct Split {
    pub(crate) ty: Arc<ResourceType>,
    when: Option<Path>,
    from: Option<Source>,
    over: Option<Vec<Step>>,
    pub(crate) each: Vec<(Name, Source)>,
    pub(crate) parent: Vec<(Name, Source)>,
}

impl Mapping {
    /// The mapping of this build.
    pub(crate) fn get() -> &'static Mapping {
        static MAPPING: OnceLock<Mapping> = OnceLock::new();
        MAPPING.get_or_init(|| Mapping::open(PACK).unwrap_or_default())
    }

    fn open(pack: &[u8]) -> Option<Mapping> {
        let mut text = String::new();
        flate2::read::DeflateDecoder::new(pack).read_to_string(&mut text).ok()?;
        let mut mapping = Mapping::default();
        for line in text.lines() {
            let (name, rest) = line.split_once(' ')?;
            match rest.strip_prefix("= ") {
                Some(canonical) => drop(mapping.rename.insert(name.into(), canonical.into())),
                None => mapping.types.push(Packed { name: name.into(), json: rest.to_owned(), entry: OnceLock::new() }),
            }
        }
        Some(mapping)
    }

    /// What is known about the items of a type; nothing if no schema knows the type.
    pub(crate) fn entry(&self, schema: &Schema, name: &str) -> Option<Arc<Entry>> {
        let packed =
            self.types.binary_search_by(|packed| (*packed.name).cmp(name)).ok().and_then(|at| self.types.get(at));
        match packed {
            Some(packed) => {
                packed.entry.get_or_init(|| Entry::read(Schema::embedded(), self.canonical(name), &packed.json)).clone()
            }
            None => Some(Arc::new(Entry::plain(schema.resource_type(self.canonical(name))?.clone()))),
        }
    }

    /// The canonical name of a type of AWS Config.
    pub(crate) fn canonical<'n>(&'n self, name: &'n str) -> &'n str {
        self.rename.get(name).map_or(name, |canonical| canonical)
    }

    /// The types that AWS Config records, by its own names.
    pub(crate) fn recorded(&self) -> impl Iterator<Item = &Name> {
        self.types.iter().filter(|packed| !packed.json.contains("\"recorded\":false")).map(|packed| &packed.name)
    }

    /// The types that AWS Config records, by its own names, whose items show resources of a canonical type.
    pub(crate) fn showing(&self, canonical: &str) -> Vec<Name> {
        let shows = |name: &&Name| self.covers(name).iter().any(|covered| **covered == *canonical);
        self.recorded().filter(shows).cloned().collect()
    }

    /// The sources of the pack that cannot be read: a pack with one is not fit to ship.
    #[cfg(test)]
    pub(crate) fn unread_sources(&self) -> Vec<String> {
        let mut unread = Vec::new();
        for packed in &self.types {
            let node = json::parse(&packed.json).unwrap();
            let splits = pairs(node.get("split")).flat_map(|(_, split)| ["each", "parent"].map(|part| split.get(part)));
            let sources = [node.get("map"), node.get("supplementary")].into_iter().chain(splits).flat_map(pairs);
            unread.extend(
                sources
                    .filter(|(_, node)| Source::read(node).is_none())
                    .map(|(name, _)| format!("{} {name}", packed.name)),
            );
        }
        unread
    }

    /// Whether the resources of a type, by AWS Config's name, have the region `global`.
    pub(crate) fn is_global(&self, name: &str) -> bool {
        Schema::embedded().resource_type(self.canonical(name)).is_some_and(|ty| ty.global)
    }

    /// The canonical types that are complete when this one is recorded: itself, and those split off it.
    pub(crate) fn covers(&self, name: &str) -> Vec<Name> {
        let Some(entry) = self.entry(Schema::embedded(), name) else { return Vec::new() };
        std::iter::once(&entry.ty).chain(entry.splits.iter().map(|split| &split.ty)).map(|ty| ty.name.clone()).collect()
    }
}

impl Entry {
    fn plain(ty: Arc<ResourceType>) -> Entry {
        Entry {
            everything: Arc::new(ty.properties.keys().cloned().collect()),
            ty,
            map: Vec::new(),
            lift: None,
            splits: Vec::new(),
            hidden: None,
            hidden_without_supplementary: None,
        }
    }

    /// What an item with or without `supplementaryConfiguration` cannot show.
    pub(crate) fn hides(&self, supplementary: bool) -> Option<Arc<FxHashSet<Name>>> {
        if supplementary { self.hidden.clone() } else { self.hidden_without_supplementary.clone() }
    }

    /// Reads an entry; `None` if no schema knows the type.
    fn read(schema: &Schema, canonical: &str, text: &str) -> Option<Arc<Entry>> {
        let mut entry = Entry::plain(schema.resource_type(canonical)?.clone());
        let Ok(node) = json::parse(text) else { return Some(Arc::new(entry)) };
        for (target, source) in pairs(node.get("map")) {
            match (&**target, Source::read(source)) {
                ("*", Some(Source::Path(path))) => entry.lift = Some(path),
                (_, Some(source)) => entry.map.push((Target::read(target), source)),
                (_, None) => {}
            }
        }
        entry.map.extend(supplementary(&entry.ty, node.get("supplementary")));
        entry.splits = pairs(node.get("split")).filter_map(|(name, split)| Split::read(schema, name, split)).collect();
        let mut hidden: FxHashSet<Name> = texts(node.get("hidden")).collect();
        entry.hidden = (!hidden.is_empty()).then(|| Arc::new(hidden.clone()));
        let supplementary = entry.map.iter().filter(|(_, source)| source.is_supplementary());
        hidden.extend(supplementary.map(|(target, _)| target.property.clone()));
        entry.hidden_without_supplementary = (!hidden.is_empty()).then(|| Arc::new(hidden));
        Some(Arc::new(entry))
    }
}

/// `shared_with` of `supplementaryConfiguration` is the property `SharedWith`, where the schema has one.
fn supplementary(ty: &ResourceType, node: Option<&Node>) -> Vec<(Target, Source)> {
    let read = |(name, source): (&Name, &Node)| {
        let property = ty.property_in_any_case(&name.replace('_', ""))?;
        let source = Source::read(source)?.in_supplementary();
        Some((Target { property: property.name.clone(), within: Vec::new(), merge: false }, source))
    };
    pairs(node).filter_map(read).collect()
}

fn pairs(node: Option<&Node>) -> impl Iterator<Item = (&Name, &Node)> {
    let members = node.map_or(&[][..], |node| match &node.kind {
        NodeKind::Map(members) => members,
        _ => &[],
    });
    members.iter().map(|(key, node)| (key, node))
}

fn texts(node: Option<&Node>) -> impl Iterator<Item = Name> {
    node.and_then(Node::as_list).unwrap_or_default().iter().filter_map(Node::as_text).map(Name::from)
}

/// Where the elements of a split are found: its `each` is not for the source to do.
fn source(split: &Node) -> Option<Node> {
    split.get("from")?;
    let NodeKind::Map(members) = &split.kind else { return None };
    let kept = members.iter().filter(|(key, _)| !matches!(&**key, "each" | "parent" | "over" | "when"));
    Some(Node::new(split.span, NodeKind::Map(kept.cloned().collect())))
}

impl Target {
    /// Whether the source gives the whole property.
    pub(crate) fn is_whole(&self) -> bool {
        self.within.is_empty() && !self.merge
    }

    fn read(text: &str) -> Target {
        let (path, merge) = match text.strip_suffix(".*") {
            Some(path) => (path, true),
            None => (text, false),
        };
        let mut steps = path.split('.').map(Name::from);
        Target { property: steps.next().unwrap_or_default(), within: steps.collect(), merge }
    }
}

impl Split {
    fn read(schema: &Schema, name: &str, node: &Node) -> Option<Split> {
        let text = |name: &str| node.get(name).and_then(Node::as_text);
        Some(Split {
            ty: schema.resource_type(name)?.clone(),
            when: text("when").and_then(Path::read),
            from: source(node).and_then(|node| Source::read(&node)),
            over: text("over").and_then(steps),
            each: node.get("each").and_then(members).unwrap_or_default(),
            parent: node.get("parent").and_then(members).unwrap_or_default(),
        })
    }

    /// Adds where reading the records begins.
    pub(crate) fn begin(&self, beginnings: &mut Beginnings) {
        self.when.iter().for_each(|path| beginnings.add_path(path, false));
        self.from.iter().for_each(|source| beginnings.add(source, false));
        beginnings.add_all(&self.each, self.from.is_some());
        beginnings.add_all(&self.parent, false);
    }

    /// Whether the item carries what the records are made of.
    pub(crate) fn readable(&self, scope: Scope<'_>) -> bool {
        !scope.partial && self.is_shown(scope.supplementary.is_some())
    }

    /// Whether a whole item with or without `supplementaryConfiguration` carries it.
    pub(crate) fn is_shown(&self, supplementary: bool) -> bool {
        let of_path = self.when.as_ref().is_some_and(|path| path.root == super::path::Root::Supplementary);
        let of_source = self.from.as_ref().is_some_and(Source::is_supplementary);
        supplementary || !(of_path || of_source)
    }

    /// The elements to make records of; `None` where what should hold them is something else.
    pub(crate) fn elements(&self, scope: Scope<'_>) -> Option<Vec<Node>> {
        if let Some(path) = &self.when {
            match scope.at(path) {
                Some(node) if super::path::truthy(&node) => {}
                None if self.is_elsewhere(path, scope) => return None,
                _ => return Some(Vec::new()),
            }
        }
        let Some(from) = &self.from else { return Some(vec![scope.current.clone()]) };
        let Some(found) = from.value(scope).filter(|node| !is_empty(node)) else { return Some(Vec::new()) };
        let list = match &self.over {
            Some(over) => walk(&found, over)?,
            None => found,
        };
        match list.kind {
            NodeKind::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// Whether what the path leads into is there, and has other members than the one it wants.
    fn is_elsewhere(&self, path: &Path, scope: Scope<'_>) -> bool {
        let Some((Step::Member(name), before @ [_, ..])) = path.steps.split_last() else { return false };
        let holder = scope.at(&Path { root: path.root.clone(), steps: before.to_vec() });
        holder.is_some_and(|node| {
            let inner = opened(&node).unwrap_or(node);
            !is_empty(&inner) && find(&inner, name).is_none()
        })
    }
}
