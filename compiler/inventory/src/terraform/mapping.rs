//! The facts about Terraform's resource types, as they are packed into this build.
//!
//! `cargo xtask generate` packs `facts/terraform_mapping.json` and what carries it out (see `xtask/src/terraform.rs`
//! for the layout). A Terraform type gives canonical types, or it is folded into others, or it is left out by name;
//! one that the facts do not mention is not mapped, which its reader says. `awscc` types need no facts: they are
//! the canonical ones in another spelling.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use parapet_base::Span;
use parapet_model::{Attribute, Name, Node, NodeKind, ResourceType, Schema, json};
use rustc_hash::FxHashMap;

use super::satellites::{Fold, Split, condition, meets};
use super::shape::{shaped, squashed};
use super::source::{Scope, Source, Step, members, path};

static PACK: &[u8] = include_bytes!("../../data/terraform.pack");

/// All entries.
#[derive(Default)]
pub(super) struct Mapping {
    types: FxHashMap<Name, Vec<Arc<Entry>>>,
    attributes: FxHashMap<Name, Vec<Name>>,
    /// The attributes of each type that are blocks.
    blocks: FxHashMap<Name, Vec<Name>>,
    splits: FxHashMap<Name, Vec<Split>>,
    folds: FxHashMap<Name, Vec<Fold>>,
    dropped: FxHashMap<Name, Name>,
    /// Canonical types by their squashed names, for `awscc`.
    canonical: FxHashMap<String, Name>,
}

/// A canonical type that a Terraform type gives.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ty: Arc<ResourceType>,
    map: Vec<(Name, Source)>,
    /// An attribute must have this value.
    when: Option<(Name, Name)>,
    /// Terraform's `id` is not the canonical identifier.
    own_id: bool,
    /// The attribute by which other resources name it, where that is neither `id` nor `arn` nor `name`.
    name: Option<Name>,
    /// Collections whose absence means that there is nothing.
    empty: Vec<Name>,
    absent: Vec<Absence>,
    /// What the provider sends where nobody gives an attribute, as it documents.
    defaults: Vec<(Name, Node)>,
}

/// An attribute that is absent where nobody gives it, if another has a value.
#[derive(Debug)]
struct Absence {
    path: Vec<Step>,
    when: Option<(Name, Name)>,
}

/// What it means that nobody sets an attribute whose value is not known yet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unset {
    /// The service decides.
    Unknown,
    /// There is nothing: other resources stand for it.
    Absent,
    /// The same, if other resources are folded into this property. Otherwise a `dynamic` block may set it, of which a
    /// plan shows nothing.
    Open(Name),
}

impl Mapping {
    /// The mapping of this build.
    pub(super) fn get() -> &'static Mapping {
        static MAPPING: OnceLock<Mapping> = OnceLock::new();
        MAPPING.get_or_init(|| Mapping::open(PACK, Schema::embedded()).unwrap_or_default())
    }

    fn open(pack: &[u8], schema: &Schema) -> Option<Mapping> {
        let mut text = String::new();
        flate2::read::DeflateDecoder::new(pack).read_to_string(&mut text).ok()?;
        let mut mapping = Mapping::default();
        for line in text.lines() {
            mapping.line(schema, line);
        }
        for name in schema.type_names() {
            mapping.canonical.insert(squashed(name.strip_prefix("AWS::").unwrap_or(name)), name.clone());
        }
        Some(mapping)
    }

    fn line(&mut self, schema: &Schema, line: &str) -> Option<()> {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "type" => {
                let (name, json) = rest.split_once(' ')?;
                let entry = Entry::read(schema, &json::parse(json).ok()?)?;
                self.types.entry(name.into()).or_default().push(Arc::new(entry));
            }
            "attributes" => {
                let (name, attributes) = rest.split_once(' ')?;
                let blocks = attributes.split(' ').filter_map(|attribute| attribute.strip_suffix('*'));
                self.blocks.insert(name.into(), blocks.map(Name::from).collect());
                let plain = attributes.split(' ').map(|attribute| attribute.trim_end_matches('*').into());
                self.attributes.insert(name.into(), plain.collect());
            }
            "split" => {
                let node = json::parse(rest).ok()?;
                for name in node.get("tf")?.as_list()?.iter().filter_map(Node::as_text) {
                    self.splits.entry(name.into()).or_default().push(Split::read(schema, &node)?);
                }
            }
            "fold" => {
                let node = json::parse(rest).ok()?;
                let name = node.get("tf")?.as_text()?;
                self.folds.entry(name.into()).or_default().push(Fold::read(schema, &node)?);
            }
            _ => {
                let (name, why) = rest.split_once(' ')?;
                self.dropped.insert(name.into(), why.into());
            }
        }
        Some(())
    }

    /// The canonical type of a resource: the one whose condition its attributes meet.
    pub(super) fn entry(&self, name: &str, values: &Node) -> Option<Arc<Entry>> {
        if let Some(rest) = name.strip_prefix("awscc_") {
            let ty = Schema::embedded().resource_type(self.canonical.get(&squashed(rest))?)?;
            return Some(Arc::new(Entry::plain(ty.clone())));
        }
        self.types.get(name)?.iter().find(|entry| entry.meets(values)).cloned()
    }

    /// The canonical type that a Terraform type gives most often, for what refers to it.
    pub(super) fn referred(&self, name: &str) -> Option<Arc<Entry>> {
        match name.strip_prefix("awscc_") {
            Some(_) => self.entry(name, &Node::new(Default::default(), NodeKind::Null)),
            None => self.types.get(name)?.first().cloned(),
        }
    }

    /// The attribute that is the name of a resource.
    pub(super) fn name_attribute(&self, name: &str) -> &str {
        self.types.get(name).and_then(|entries| entries.first()).map_or("name", |entry| entry.name_attribute())
    }

    /// The attributes that a type has, where the facts know them.
    pub(super) fn attributes(&self, name: &str) -> &[Name] {
        self.attributes.get(name).map_or(&[], Vec::as_slice)
    }

    /// The attributes that a type has; where the facts do not know them, those that the canonical type has.
    pub(super) fn all_attributes(&self, name: &str) -> Vec<Name> {
        match (self.attributes(name), self.referred(name)) {
            ([], Some(entry)) => entry.ty.properties.keys().map(|name| snake(name).into()).collect(),
            (known, _) => known.to_vec(),
        }
    }

    pub(super) fn splits(&self, name: &str) -> &[Split] {
        self.splits.get(name).map_or(&[], Vec::as_slice)
    }

    /// The splits that a Terraform type may stand beside: the type that has each, and its place among that type's.
    pub(super) fn splits_beside<'m>(&'m self, ty: &'m Name) -> impl Iterator<Item = (&'m Name, usize, &'m Split)> {
        let each = self
            .splits
            .iter()
            .flat_map(|(name, splits)| splits.iter().enumerate().map(move |(at, split)| (name, at, split)));
        each.filter(move |(_, _, split)| split.beside.as_ref() == Some(ty))
    }

    pub(super) fn folds(&self, name: &str) -> &[Fold] {
        self.folds.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether resources of a type have canonical types, whichever it is.
    pub(super) fn is_mapped(&self, name: &str) -> bool {
        self.types.contains_key(name)
    }

    /// Why a type is left out.
    pub(super) fn dropped(&self, name: &str) -> Option<&Name> {
        self.dropped.get(name)
    }

    /// Whether an attribute is a block or several.
    pub(super) fn is_block(&self, name: &str, attribute: &str) -> bool {
        self.blocks.get(name).is_some_and(|blocks| blocks.iter().any(|block| **block == *attribute))
    }

    /// What is folded into this type.
    pub(super) fn folds_into<'m>(&'m self, ty: &'m str) -> impl Iterator<Item = &'m Fold> {
        self.folds.values().flatten().filter(move |fold| *fold.into == *ty && !fold.nothing)
    }
}

impl Entry {
    fn plain(ty: Arc<ResourceType>) -> Entry {
        Entry {
            ty,
            map: Vec::new(),
            when: None,
            own_id: false,
            name: None,
            empty: Vec::new(),
            absent: Vec::new(),
            defaults: Vec::new(),
        }
    }

    fn read(schema: &Schema, node: &Node) -> Option<Entry> {
        let ty = schema.resource_type(node.get("cfn")?.as_text()?)?.clone();
        let empty = node.get("empty").and_then(Node::as_list).unwrap_or_default();
        Some(Entry {
            map: members(node.get("map")?)?,
            when: condition(node.get("when")),
            own_id: node.get("own").is_some(),
            name: node.get("name").and_then(Node::as_text).map(Name::from),
            absent: node.get("absent").map_or(Some(Vec::new()), absences)?,
            defaults: node.get("default").map_or(Some(Vec::new()), constants)?,
            empty: empty.iter().filter_map(Node::as_text).map(Name::from).collect(),
            ..Entry::plain(ty)
        })
    }

    /// The attributes that are absent where nobody gives them.
    pub(super) fn absent(&self, values: &Node) -> impl Iterator<Item = &[Step]> {
        let holds = |absence: &&Absence| absence.when.as_ref().is_none_or(|when| meets(when, values) == Some(true));
        self.absent.iter().filter(holds).map(|absence| absence.path.as_slice())
    }

    /// What the provider sends for attributes that nobody gives.
    pub(super) fn defaults(&self) -> &[(Name, Node)] {
        &self.defaults
    }

    fn meets(&self, values: &Node) -> bool {
        self.when.as_ref().is_none_or(|when| meets(when, values) == Some(true))
    }

    /// The canonical properties of a resource with these attributes.
    pub(super) fn properties(&self, schema: &Schema, values: &Node) -> Vec<(Name, Node)> {
        let by_name = by_squashed_name(values);
        let mut properties = Vec::new();
        for property in self.ty.properties.values().filter(|property| Some(&property.name) != self.ty.tags.as_ref()) {
            let source = self.map.iter().find(|(name, _)| *name == property.name).map(|(_, source)| source);
            let node = match source {
                Some(source) => source.value(Scope::of(values)),
                None => by_name.get(&squashed(&property.name)).map(|node| (*node).clone()),
            };
            let node = node.and_then(|node| shaped(schema, &property.ty, node));
            properties.extend(node.map(|node| (property.name.clone(), node)));
        }
        let is_missing = |name: &&Name| !properties.iter().any(|(known, _): &(Name, Node)| known == *name);
        let missing: Vec<Name> = self.empty.iter().filter(is_missing).cloned().collect();
        properties
            .extend(missing.into_iter().map(|name| (name, Node::new(Default::default(), NodeKind::List(Vec::new())))));
        properties
    }

    /// The attribute of a resource that an attribute of Terraform is.
    pub(super) fn attribute(&self, owner: &Arc<str>, name: Option<&str>) -> Attribute {
        match name {
            None | Some("id") => Attribute::id(owner, &self.ty),
            Some("arn") => Attribute::arn(owner, &self.ty.name),
            Some(name) => match self.property_of(name) {
                Some(property) => Attribute::of(owner, &self.ty, &property),
                None => Attribute::other(owner, format!("terraform {name}")),
            },
        }
    }

    /// What it means that nobody sets an attribute whose value is not known yet.
    pub(super) fn where_unset(&self, name: &str, attribute: &str) -> Unset {
        let wanted = squashed(attribute);
        let read = |property: &&Name| match self.map.iter().find(|(name, _)| name == *property) {
            Some((_, source)) => source.reads(attribute),
            None => squashed(property) == wanted,
        };
        let Some(property) = self.ty.properties.keys().find(read) else { return Unset::Unknown };
        let mut folds = Mapping::get().folds_into(&self.ty.name).filter(|fold| fold.property == *property).peekable();
        match (folds.peek().is_some(), Mapping::get().is_block(name, attribute) && folds.any(|fold| fold.appends)) {
            (false, _) => Unset::Unknown,
            (true, false) => Unset::Absent,
            (true, true) => Unset::Open(property.clone()),
        }
    }

    /// The property that an attribute alone gives.
    fn property_of(&self, attribute: &str) -> Option<Name> {
        let mapped = self.map.iter().find(|(_, source)| source.attribute().is_some_and(|name| **name == *attribute));
        let wanted = squashed(attribute);
        let free = |property: &Name| !self.map.iter().any(|(name, _)| name == property) && squashed(property) == wanted;
        mapped.map(|(name, _)| name.clone()).or_else(|| self.ty.properties.keys().find(|name| free(name)).cloned())
    }

    /// The attribute whose value is Terraform's `id`, because it gives the canonical identifier.
    pub(super) fn identifier_attribute(&self) -> Option<String> {
        let [identifier] = self.ty.identifier.as_slice() else { return None };
        if self.own_id || self.ty.property(identifier).is_some_and(|property| property.read_only) {
            return None;
        }
        match self.map.iter().find(|(name, _)| name == identifier) {
            Some((_, source)) => source.attribute().map(|name| name.to_string()),
            None => Some(snake(identifier)),
        }
    }

    /// The attribute that is its name, as other resources call it.
    pub(super) fn name_attribute(&self) -> &str {
        self.name.as_deref().unwrap_or("name")
    }

    /// Whether Terraform's `id` is the canonical identifier.
    pub(super) fn id_is_identifier(&self) -> bool {
        !self.own_id && self.ty.identifier.len() == 1
    }
}

fn absences(node: &Node) -> Option<Vec<Absence>> {
    let NodeKind::Map(members) = &node.kind else { return None };
    let absence = |(name, when): &(Name, Node)| Some(Absence { path: path(name)?, when: condition(Some(when)) });
    members.iter().map(absence).collect()
}

fn constants(node: &Node) -> Option<Vec<(Name, Node)>> {
    let NodeKind::Map(members) = &node.kind else { return None };
    Some(members.iter().map(|(name, node)| (name.clone(), node.clone().place_all(Span::default()))).collect())
}

/// `RepositoryName` is `repository_name`, `DBProxyName` is `db_proxy_name`.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(|after| after.is_ascii_lowercase())
            });
        if starts {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn by_squashed_name(values: &Node) -> FxHashMap<String, &Node> {
    let NodeKind::Map(members) = &values.kind else { return FxHashMap::default() };
    members.iter().map(|(name, node)| (squashed(name), node)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_pack_reads() {
        let mut text = String::new();
        flate2::read::DeflateDecoder::new(PACK).read_to_string(&mut text).unwrap();
        let mut mapping = Mapping::default();
        let unread: Vec<&str> = text.lines().filter(|line| mapping.line(Schema::embedded(), line).is_none()).collect();
        assert!(unread.is_empty(), "{unread:#?}");
        assert!(mapping.types.len() > 95 && mapping.folds.len() > 60);
    }

    #[test]
    fn what_is_folded_goes_where_the_schema_has_a_place() {
        let schema = Schema::embedded();
        for fold in Mapping::get().folds.values().flatten().filter(|fold| !fold.nothing) {
            let ty = schema.resource_type(&fold.into).unwrap();
            assert!(ty.property(&fold.property).is_some(), "{} {}", fold.into, fold.property);
        }
        for entry in Mapping::get().types.values().flatten() {
            for (name, _) in &entry.map {
                assert!(entry.ty.property(name).is_some(), "{} {name}", entry.ty.name);
            }
        }
    }

    #[test]
    fn awscc_is_the_schema_in_another_spelling() {
        let values = json::parse(r#"{"instance_type": "t3.micro", "id": "i-1"}"#).unwrap();
        let entry = Mapping::get().entry("awscc_ec2_instance", &values).unwrap();
        assert_eq!(&*entry.ty.name, "AWS::EC2::Instance");
        let properties = entry.properties(Schema::embedded(), &values);
        assert!(properties.iter().any(|(name, _)| &**name == "InstanceType"));
        assert!(Mapping::get().entry("awscc_no_such_thing", &values).is_none());
    }

    #[test]
    fn attributes_are_called_by_their_properties() {
        let owner: Arc<str> = "0:x".into();
        let name = |ty: &str, attribute: Option<&str>| {
            Mapping::get().referred(ty).unwrap().attribute(&owner, attribute).name.to_string()
        };
        assert_eq!(name("aws_security_group", Some("id")), "id");
        assert_eq!(name("aws_iam_role", Some("name")), "id");
        assert_eq!(name("aws_lb", Some("id")), "arn");
        assert_eq!(name("aws_subnet", Some("vpc_id")), "VpcId");
        assert_eq!(name("aws_subnet", Some("no_such_thing")), "terraform no_such_thing");
        assert_eq!(Mapping::get().referred("aws_iam_role").unwrap().identifier_attribute().as_deref(), Some("name"));
        assert_eq!(Mapping::get().referred("aws_s3_bucket").unwrap().identifier_attribute().as_deref(), Some("bucket"));
        assert_eq!(Mapping::get().referred("aws_security_group").unwrap().identifier_attribute(), None);
        let names = ["aws_elasticsearch_domain", "aws_lb", "aws_unknown"].map(|ty| Mapping::get().name_attribute(ty));
        assert_eq!(names, ["domain_name", "name", "name"]);
    }
}
