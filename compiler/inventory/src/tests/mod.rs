//! Readers from the outside: bytes in, what the sink got out, as text.

mod aws_config;
mod cloud_control;
mod compression;
mod documents;
mod faults;
mod mapping;
mod memory;
mod ndjson;
mod positions;
mod projected;
mod service_answers;
mod streaming;
mod terraform;

use std::io::Read;

use parapet_model::{Name, Node, NodeKind, Record, Resource, Schema, Value};
use rustc_hash::FxHashMap;

use crate::{
    Addition, Collected, Error, Fact, Gap, Given, Limits, Organisation, Sink, Skip, Source, Summary, Told, Types, read,
};

/// Keeps everything.
#[derive(Default)]
pub(super) struct Kept {
    /// For a resource that has none, a record of its type and origin.
    pub(super) records: Vec<Record>,
    /// By their indexes in `records`.
    pub(super) typed: FxHashMap<usize, Resource>,
    pub(super) collected: Vec<Collected>,
    pub(super) gaps: Vec<Gap>,
    pub(super) additions: Vec<Addition>,
    pub(super) ended: Vec<String>,
    pub(super) deleted: Vec<String>,
    pub(super) skips: Vec<Skip>,
    pub(super) organisation: Organisation,
}

impl Sink for Kept {
    fn record(&mut self, record: Record) {
        self.records.push(record);
    }

    fn typed(&mut self, typed: Box<Resource>) {
        let given = Given::of_resource(&typed);
        let resource = *typed;
        // Reading it again must begin as it would by its record.
        let text = |value: &Value| value.as_text().map(Name::from);
        assert_eq!(given.account, text(&resource.account));
        assert_eq!(given.pointer, resource.pointer);
        let record = Record::new(resource.resource_type.clone(), resource.origin);
        self.typed.insert(self.records.len(), resource);
        self.records.push(record);
    }

    fn collected(&mut self, collected: Collected) {
        self.collected.push(collected);
    }

    fn incomplete(&mut self, gap: Gap) {
        self.gaps.push(gap);
    }

    fn ended(&mut self, record: Record) {
        let id = record.id.as_ref().map_or("-".to_owned(), plain);
        self.ended.push(format!("{} {id}", record.resource_type));
    }

    fn added(&mut self, addition: Addition) {
        self.additions.push(addition);
    }

    fn deleted(&mut self, record: Record) {
        self.deleted.push(record.resource_type.to_string());
    }

    fn skipped(&mut self, skipped: Skip) {
        self.skips.push(skipped);
    }

    fn told(&mut self, fact: Fact) {
        self.organisation.tell(fact);
    }
}

impl Kept {
    /// One line per record: type, id or else address, properties.
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |record: &Record| {
            let properties: Vec<String> =
                record.properties.iter().map(|(name, node)| format!("{name}={}", show(node))).collect();
            let address = || record.address.as_deref().unwrap_or("-").to_owned();
            let id = record.id.as_ref().map_or_else(address, plain);
            format!("{} {id} {}", record.resource_type, properties.join(" ")).trim_end().to_owned()
        };
        self.records.iter().map(line).collect()
    }

    pub(super) fn ids(&self) -> Vec<String> {
        self.records.iter().map(|record| record.id.as_ref().map_or("-".to_owned(), plain)).collect()
    }

    /// The address and the region of each record.
    pub(super) fn regions(&self) -> Vec<String> {
        let line = |record: &Record| {
            let region = record.region.as_ref().map_or("-".to_owned(), plain);
            format!("{} {region}", record.address.as_deref().unwrap_or("-"))
        };
        self.records.iter().map(line).collect()
    }

    /// `line:column reason` of every skip, errors with `!`.
    pub(super) fn faults(&self) -> Vec<String> {
        let line =
            |skip: &Skip| format!("{}{}:{} {}", if skip.error { "!" } else { "" }, skip.line, skip.column, skip.reason);
        self.skips.iter().map(line).collect()
    }

    /// `types in accounts and regions` of everything that was collected.
    pub(super) fn complete(&self) -> Vec<String> {
        let names =
            |names: &Option<Vec<parapet_model::Name>>| names.as_ref().map_or("all".to_owned(), |names| names.join(","));
        let line = |collected: &Collected| {
            let types = match &collected.types {
                Types::All => "all".to_owned(),
                Types::Listed(names) => names.join(","),
            };
            format!("{types} in {} {}", names(&collected.accounts), names(&collected.regions))
        };
        self.collected.iter().map(line).collect()
    }

    /// `types in account and region: why` of everything that may lack something.
    pub(super) fn gaps(&self) -> Vec<String> {
        let named = |name: &Option<parapet_model::Name>| name.as_deref().unwrap_or("any").to_owned();
        let line = |gap: &Gap| {
            let types = match &gap.types {
                Types::All => "all".to_owned(),
                Types::Listed(names) => names.join(","),
            };
            format!("{types} in {} {} beats {:?}: {}", named(&gap.account), named(&gap.region), gap.beats, gap.why)
        };
        self.gaps.iter().map(line).collect()
    }

    /// `type key: property` of what is done to resources outside, `+` where it is one element more.
    pub(super) fn additions(&self) -> Vec<String> {
        let line = |addition: &Addition| {
            let key = addition.key.as_deref().unwrap_or("any");
            let sign = if addition.appends { "+" } else { "" };
            format!("{} {key}: {}{sign} by {}", addition.resource_type, addition.property, addition.address)
        };
        self.additions.iter().map(line).collect()
    }

    /// What is told of each account; `?` is what is not.
    pub(super) fn accounts(&self) -> Vec<String> {
        let told = |told: &Told<parapet_model::Name>| match told {
            Told::Never => "?".to_owned(),
            Told::Once(text) => text.to_string(),
            Told::Differently => "differs".to_owned(),
        };
        let line = |id: &parapet_model::Name| {
            let account = self.organisation.account(id).unwrap_or_default();
            let path = account.path.map_or("?".to_owned(), |path| path.map_or_else(|why| why, |path| path.to_string()));
            let tags = match account.tags {
                Told::Once(tags) => {
                    tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
                }
                Told::Never => "?".to_owned(),
                Told::Differently => "differs".to_owned(),
            };
            format!("{id} name={} email={} ou={path} tags={tags}", told(&account.name), told(&account.email))
        };
        self.organisation.accounts().into_iter().map(line).collect()
    }

    /// A property of the first record.
    pub(super) fn property(&self, name: &str) -> String {
        self.records[0].property(name).map_or("nothing".to_owned(), show)
    }

    /// Whether the first record cannot show a property.
    pub(super) fn hides(&self, name: &str) -> bool {
        self.records[0].form.unobservable.as_ref().is_some_and(|names| names.contains(name))
    }
}

/// Reads an input whole.
pub(super) fn kept(input: impl AsRef<[u8]>) -> Kept {
    let (kept, summary) = attempt(input, None);
    summary.unwrap();
    kept
}

pub(super) fn attempt(input: impl AsRef<[u8]>, hint: Option<&str>) -> (Kept, Result<Summary, Error>) {
    let mut kept = Kept::default();
    let source = Source { format: hint, ..Source::alone(Schema::embedded(), 0) };
    let summary = read(&source, &mut input.as_ref(), &mut kept);
    projected::agrees(&source, input.as_ref(), &kept);
    (kept, summary)
}

/// Reads an input a few bytes at a time.
pub(super) fn kept_in_chunks(input: &[u8], chunk: usize) -> Kept {
    let mut kept = Kept::default();
    let limits = Limits { chunk, ..Limits::default() };
    let source = Source { limits, ..Source::alone(Schema::embedded(), 0) };
    read(&source, &mut Drip { rest: input }, &mut kept).unwrap();
    kept
}

/// A reader that gives one byte at a time.
struct Drip<'b> {
    rest: &'b [u8],
}

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(1);
        self.rest.read(&mut buffer[..length])
    }
}

fn plain(node: &Node) -> String {
    node.as_text().map_or_else(|| show(node), str::to_owned)
}

/// A node as JSON, an unknown as `?why`.
pub(super) fn show(node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Int(value) => value.to_string(),
        NodeKind::Float(value) => value.to_string(),
        NodeKind::Beyond(text) => text.to_string(),
        NodeKind::Text(text) => format!("{text:?}"),
        NodeKind::List(list) => format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(",")),
        NodeKind::Map(members) => {
            let members = members.iter().map(|(key, node)| format!("{key}:{}", show(node)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        NodeKind::Unknown(unknown) => format!("?{}", unknown.why()),
    }
}
