//! What readers deliver, and what guardrails see of it.
//!
//! A [`Record`] is canonical (names and nesting of the CloudFormation schema) but untyped; [`Resource::read`]
//! types the properties that somebody wants. The header (`id`, `arn`, `name`, …) is completed here: an ARN
//! that no record names is built from the schema's template where its parts are known.

use std::sync::Arc;

use parapet_base::Span;
use rustc_hash::FxHashSet;

use crate::reading::{Reading, Stranger, missing};
use crate::{
    Attribute, Held, Name, Node, NodeKind, Property, Reason, ResourceType, Schema, Symbol, Type, Unknown, Value,
};

/// Where a record stands: an input, the bytes of the record in it, and which of the resources made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Origin {
    /// Index of the input, in the order given.
    pub input: u32,
    /// Byte offset of the record in the (decompressed) input.
    pub offset: u64,
    /// Bytes of the record.
    pub length: u64,
    /// The line of the first byte, from 1.
    pub line: u32,
    /// The column of the first byte, from 1.
    pub column: u32,
    /// 0 for the record's own resource, then the resources split off it, in order.
    pub part: u32,
}

/// What a property that the record lacks means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// A live record of a format that leaves write-only properties out.
    pub live: bool,
    /// Properties that the format cannot show for this type.
    pub unobservable: Option<Arc<FxHashSet<Name>>>,
    /// A resource of a template or plan: what only deployment decides is not decided yet.
    pub planned: bool,
    /// All resources of the document go to one account and region.
    pub one_place: bool,
    /// What is not known of the identifier is made up, so that nothing else has it.
    pub generated: bool,
    /// The document leaves the resource as it is.
    pub unchanged: bool,
}

/// A whole file that resources were made of, kept for the positions of their values: templates, plans.
#[derive(Debug)]
pub struct Document {
    /// As reports show it.
    pub path: Arc<str>,
    pub text: Arc<str>,
    /// The tree of the text as it stands, its spans relative to the text.
    pub tree: Node,
}

/// One resource as a reader delivers it.
#[derive(Clone, Debug)]
pub struct Record {
    pub resource_type: Name,
    pub id: Option<Node>,
    pub arn: Option<Node>,
    pub name: Option<Node>,
    pub account: Option<Node>,
    pub region: Option<Node>,
    /// A map, or a list of `{Key, Value}`.
    pub tags: Option<Node>,
    pub captured: Option<Node>,
    /// How the input itself names it: a logical id, a Terraform address.
    pub address: Option<Arc<str>>,
    pub properties: Vec<(Name, Node)>,
    pub form: Form,
    pub origin: Origin,
    /// The JSON pointer of the record in its document (`/configurationItems/41`), empty for a line of its own.
    pub pointer: Arc<str>,
    /// What tells a resource of a template or plan from all others of the run, for [`Attribute::owner`].
    pub owner: Option<Arc<str>>,
    /// Why it is not known whether the resource will exist at all: a condition that nobody has decided.
    pub existence: Option<Unknown>,
    /// The file whose text the spans of the record's nodes refer to, where that is not the record's own bytes.
    pub document: Option<Arc<Document>>,
    /// The record in its [`Record::document`].
    pub span: Span,
}

impl Record {
    pub fn new(resource_type: impl Into<Name>, origin: Origin) -> Record {
        Record {
            resource_type: resource_type.into(),
            id: None,
            arn: None,
            name: None,
            account: None,
            region: None,
            tags: None,
            captured: None,
            address: None,
            properties: Vec::new(),
            form: Form::default(),
            origin,
            pointer: "".into(),
            owner: None,
            existence: None,
            document: None,
            span: Span::default(),
        }
    }

    /// A property typed by the schema; `None` where reading it found something wrong with it, or the type has none of the name.
    pub fn value_of(&self, schema: &Schema, name: &str) -> Option<Value> {
        let ty = schema.resource_type(&self.resource_type)?;
        let property = ty.property(name)?;
        let mut reading = Reading::new(schema);
        let node = self.properties.iter().find(|(key, _)| **key == *name).map(|(_, node)| node);
        let value = read_property(&mut reading, self, (Some(&**ty), property), node);
        (reading.errors.is_empty() && reading.strangers.is_empty()).then_some(value)
    }

    /// The tags; `None` where reading them found something wrong.
    pub fn tags_value(&self, schema: &Schema) -> Option<Value> {
        let ty = schema.resource_type(&self.resource_type)?;
        let mut reading = Reading::new(schema);
        let present = members(ty, self, &mut reading);
        let value = tags(self, Some(ty), &present, &mut reading);
        (reading.errors.is_empty() && reading.strangers.is_empty()).then_some(value)
    }

    /// A property by its name in any case.
    pub fn property(&self, name: &str) -> Option<&Node> {
        self.properties.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, node)| node)
    }
}

/// A resource as guardrails see it. Headers are values, for they too may be unknown.
#[derive(Clone, Debug)]
pub struct Resource {
    pub resource_type: Name,
    pub id: Value,
    pub arn: Value,
    pub name: Value,
    pub account: Value,
    pub region: Value,
    pub tags: Value,
    pub captured: Value,
    pub address: Option<Arc<str>>,
    pub properties: Held,
    /// Set when every property is unknown for one reason: stale, or a stand-in for what was not collected.
    pub blank: Option<Unknown>,
    /// [`Record::existence`].
    pub existence: Option<Unknown>,
    /// [`Record::owner`].
    pub owner: Option<Arc<str>>,
    /// [`Record::form`].
    pub form: Form,
    pub origin: Origin,
    pub pointer: Arc<str>,
}

/// What reading a record found wrong with it, and could not use.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Two spellings of one member: the record is in error and must not be evaluated.
    pub errors: Vec<(Span, String)>,
    /// Members that no schema knows.
    pub strangers: Vec<Stranger>,
}

impl Resource {
    /// Types a record's header, and the properties that `wanted` names (`None`: all).
    pub fn read(schema: &Schema, record: &Record, wanted: Option<&FxHashSet<Name>>) -> (Resource, Findings) {
        let ty = schema.resource_type(&record.resource_type);
        let mut reading = Reading::new(schema);
        let present = ty.map(|ty| members(ty, record, &mut reading)).unwrap_or_default();
        let mut properties = Held::with_capacity(wanted.map_or(0, FxHashSet::len));
        for property in ty.map(|ty| chosen(ty, wanted)).unwrap_or_default() {
            let node = present.get(&property.name);
            let value = read_property(&mut reading, record, (ty.map(|ty| &**ty), property), node);
            properties.insert(property.name.clone(), value);
        }
        let mut resource = header(record, ty.map(|ty| &**ty), &present, &mut reading);
        resource.properties = properties;
        (resource, Findings { errors: reading.errors, strangers: reading.strangers })
    }

    /// A property's value. What was not read, because nobody wanted it, is unknown: never absent.
    pub fn property(&self, name: &str) -> Value {
        match (&self.blank, self.properties.get(name)) {
            (Some(unknown), _) => Value::Unknown(unknown.clone()),
            (None, Some(value)) => value.clone(),
            (None, None) => Resource::unread(name),
        }
    }

    /// What is known of a property that nobody wanted to be read.
    pub(crate) fn unread(name: &str) -> Value {
        Value::unknown(Reason::Other, format!("`{name}` was not read from the input"))
    }

    /// A field of the header.
    pub fn header(&self, name: &str) -> Value {
        match name {
            "id" => self.id.clone(),
            "arn" => self.arn.clone(),
            "name" => self.name.clone(),
            "type" => Value::Text(self.resource_type.clone()),
            "account" => self.account.clone(),
            "region" => self.region.clone(),
            "tags" => self.blank.clone().map_or_else(|| self.tags.clone(), Value::Unknown),
            "captured" => self.captured.clone(),
            _ => Value::Absent,
        }
    }

    /// The header's id as text, empty when it is unknown.
    pub fn id_text(&self) -> &str {
        self.id.as_text().unwrap_or("")
    }

    /// How messages call it: its id, else its address in the input.
    pub fn label(&self) -> &str {
        self.id.as_text().or(self.address.as_deref()).unwrap_or("?")
    }
}

/// The properties that are wanted, in the order of the schema.
fn chosen<'t>(ty: &'t ResourceType, wanted: Option<&FxHashSet<Name>>) -> Vec<&'t Property> {
    let Some(wanted) = wanted else { return ty.properties.values().collect() };
    let mut chosen: Vec<(usize, &Property)> =
        wanted.iter().filter_map(|name| ty.properties.get_full(name).map(|(at, _, property)| (at, property))).collect();
    chosen.sort_unstable_by_key(|(at, _)| *at);
    chosen.into_iter().map(|(_, property)| property).collect()
}

/// The members of a record by the property that they spell.
#[derive(Default)]
struct Present<'r>(Vec<(&'r Name, &'r Node)>);

impl<'r> Present<'r> {
    fn get(&self, name: &str) -> Option<&'r Node> {
        self.0.iter().find(|(own, _)| ***own == *name).map(|(_, node)| *node)
    }

    /// Sets a member; the one before it, if there is one.
    fn insert(&mut self, name: &'r Name, node: &'r Node) -> Option<&'r Node> {
        match self.0.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => Some(std::mem::replace(own, node)),
            None => {
                self.0.push((name, node));
                None
            }
        }
    }
}

/// The record's members by the property they spell, two spellings of one being an error.
fn members<'r>(ty: &'r ResourceType, record: &'r Record, reading: &mut Reading<'_>) -> Present<'r> {
    let mut present = Present(Vec::with_capacity(record.properties.len()));
    for (key, node) in &record.properties {
        let Some(property) = ty.property_in_any_case(key) else {
            reading.strangers.push(Stranger { path: key.to_string(), span: node.span });
            continue;
        };
        let before = present.insert(&property.name, node);
        if before.is_some_and(|before| !before.is_null()) && !node.is_null() {
            reading.errors.push((node.span, format!("two spellings of the property `{}`", property.name)));
        }
    }
    present
}

fn read_property(
    reading: &mut Reading<'_>,
    record: &Record,
    (ty, property): (Option<&ResourceType>, &Property),
    node: Option<&Node>,
) -> Value {
    if node.is_some_and(|node| !node.is_null()) {
        return reading.property(property, node);
    }
    // A resource that is yet to be made does not have it, the record says.
    if record.form.planned && (property.config_only || property.read_only) && node.is_some() {
        return Value::Absent;
    }
    let hidden = record.form.unobservable.as_ref().is_some_and(|names| names.contains(&property.name));
    if hidden || ((record.form.live || record.form.planned) && (property.config_only || property.extended)) {
        return Value::unknown(Reason::NotObservable, "not observable: this input format does not show it");
    }
    if record.form.live && property.write_only {
        return Value::unknown(Reason::NotObservable, "not observable: a live inventory never shows this property");
    }
    match &record.owner {
        Some(owner) if record.form.planned && property.read_only => {
            let attribute = ty.map(|ty| Attribute::of(owner, ty, &property.name));
            let always = property.required || attribute.as_ref().is_some_and(|attribute| attribute.unique);
            let unknown = undecided(attribute);
            Value::Unknown(if always { unknown } else { unknown.perhaps() })
        }
        // What is there has what a template leaves to the service; a record without it leaves it out.
        _ if record.form.live && property.absence_counts => {
            Value::unknown(Reason::NotInRecord, "what is there has it, but not the record")
        }
        _ => missing(property),
    }
}

/// An attribute that only deployment decides.
fn undecided(attribute: Option<Attribute>) -> Unknown {
    let unknown = Unknown::new(Reason::Undecided, "known after deployment");
    match attribute {
        Some(attribute) => unknown.standing_for(Symbol::attribute(attribute)),
        None => unknown,
    }
}

fn header(record: &Record, ty: Option<&ResourceType>, present: &Present<'_>, reading: &mut Reading<'_>) -> Resource {
    let global = ty.is_some_and(|ty| ty.global);
    let planned = record.owner.as_ref().filter(|_| record.form.planned);
    let required = |node: Option<&Node>, what: &str| match node.map(|node| (node, &node.kind)) {
        None | Some((_, NodeKind::Null)) => Value::unknown(Reason::NotInRecord, format!("the record names no {what}")),
        Some((_, NodeKind::Unknown(unknown))) => Value::Unknown(unknown.clone()),
        Some((node, _)) => match Reading::new(Schema::embedded()).value(&Type::String, node) {
            Value::Absent => Value::unknown(Reason::NotInRecord, format!("the record names no {what}")),
            value => value,
        },
    };
    let account = required(record.account.as_ref(), "account");
    let region = if global { Value::text("global") } else { required(record.region.as_ref(), "region") };
    let id = match (&record.id, planned.zip(ty)) {
        (None, Some((owner, ty))) => {
            let id = own_id(owner, ty, present);
            let set = ty.identifier.iter().any(|part| present.get(part).is_some());
            let shared = set && !record.form.one_place && !record.form.generated;
            Value::Unknown(undecided(Some(if shared { id } else { id.distinct(ty) })))
        }
        (None, None) => record.address.clone().map_or_else(|| required(None, "id"), Value::Text),
        (id, _) => required(id.as_ref(), "id"),
    };
    let tags = tags(record, ty, present, reading);
    let arn = match &record.arn {
        Some(node) if !node.is_null() => required(Some(node), "ARN"),
        _ => ty.map_or_else(|| required(None, "ARN"), |ty| built_arn(ty, present, [&id, &account, &region])),
    };
    let arn = match (arn, planned) {
        (Value::Unknown(_), Some(owner)) if record.arn.as_ref().is_none_or(Node::is_null) => {
            Value::Unknown(undecided(Some(Attribute::arn(owner, &record.resource_type))))
        }
        (arn, _) => arn,
    };
    let name = match &record.name {
        Some(node) if !node.is_null() && node.as_text() != Some("") => required(Some(node), "name"),
        _ => tagged_name(&tags).unwrap_or_else(|| id.clone()),
    };
    let captured = record.captured.as_ref().map_or(Value::Absent, |node| reading.value(&Type::Time, node));
    Resource {
        resource_type: ty.map_or_else(|| record.resource_type.clone(), |ty| ty.name.clone()),
        id,
        arn,
        name,
        account,
        region,
        tags,
        captured,
        address: record.address.clone(),
        properties: Held::default(),
        blank: None,
        existence: record.existence.clone(),
        owner: record.owner.clone(),
        form: record.form.clone(),
        origin: record.origin,
        pointer: record.pointer.clone(),
    }
}

/// The identifier that deployment decides; what the document puts it together of is known.
fn own_id(owner: &Arc<str>, ty: &ResourceType, present: &Present<'_>) -> Attribute {
    let id = Attribute::id(owner, ty);
    let [only] = ty.identifier.as_slice() else { return id };
    match present.get(only).map(|node| &node.kind) {
        Some(NodeKind::Unknown(unknown)) => unknown.symbol().map_or(id.clone(), |symbol| id.made_of(symbol)),
        _ => id,
    }
}

fn tagged_name(tags: &Value) -> Option<Value> {
    match tags {
        Value::Map(tags) => tags.get("Name").filter(|name| name.as_text() != Some("")).cloned(),
        Value::Unknown(unknown) => Some(Value::Unknown(unknown.clone())),
        _ => None,
    }
}

/// The tags as a map: the record's own, else the schema's tag property.
fn tags(record: &Record, ty: Option<&ResourceType>, present: &Present<'_>, reading: &mut Reading<'_>) -> Value {
    let property = ty.and_then(|ty| ty.tags.as_ref()).and_then(|name| present.get(name));
    let node = record.tags.as_ref().filter(|node| !node.is_null()).or(property);
    let Some(node) = node else { return Value::Map(Arc::default()) };
    let NodeKind::List(list) = &node.kind else { return reading.value(&Type::map(Type::String), node) };
    let mut map = crate::Fields::default();
    for element in list {
        match &element.kind {
            NodeKind::Unknown(unknown) => return Value::Unknown(unknown.clone()),
            NodeKind::Map(members) => {
                let find = |names: [&str; 2]| {
                    members
                        .iter()
                        .find(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)))
                        .map(|(_, node)| node)
                };
                let key = find(["key", "tagkey"]).and_then(Node::as_text);
                let value = find(["value", "tagvalue"])
                    .map_or_else(|| Value::text(""), |node| reading.value(&Type::String, node));
                match key {
                    Some(key) => drop(map.insert(key.into(), if value.is_absent() { Value::text("") } else { value })),
                    None => return Value::unknown(Reason::Unreadable, "not a list of tags"),
                }
            }
            _ => return Value::unknown(Reason::Unreadable, "not a list of tags"),
        }
    }
    Value::Map(Arc::new(map))
}

/// The ARN by the schema's template: a variable is the property of that name, or the one-part identifier,
/// which if it is an ARN is the ARN; `…NameWithPath` is path and name.
fn built_arn(ty: &ResourceType, present: &Present<'_>, [id, account, region]: [&Value; 3]) -> Value {
    let one_part = if ty.identifier.len() == 1 { Some(id) } else { None };
    if let Some(text) = one_part.and_then(Value::as_text).filter(|text| text.starts_with("arn:")) {
        return Value::text(text);
    }
    let Some(template) = &ty.arn else {
        return Value::unknown(Reason::NotInRecord, "the record names no ARN, and the type has no template for one");
    };
    let mut text = String::new();
    let mut rest: &str = template;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((variable, after)) = after.split_once('}') else { break };
        text.push_str(before);
        let value = match variable {
            "Partition" => partition(region),
            "Region" => region.clone(),
            "Account" => account.clone(),
            _ => variable_of(ty, present, one_part, variable),
        };
        match value {
            Value::Text(part) => text.push_str(&part),
            Value::Unknown(unknown) => return Value::Unknown(unknown),
            _ => {
                return Value::unknown(
                    Reason::NotInRecord,
                    format!("the ARN needs `{variable}`, which the record lacks"),
                );
            }
        }
        rest = after;
    }
    text.push_str(rest);
    Value::text(text)
}

fn partition(region: &Value) -> Value {
    match region {
        Value::Text(region) if region.starts_with("cn-") => Value::text("aws-cn"),
        Value::Text(region) if region.starts_with("us-gov-") => Value::text("aws-us-gov"),
        Value::Text(_) => Value::text("aws"),
        other => other.clone(),
    }
}

fn variable_of(ty: &ResourceType, present: &Present<'_>, id: Option<&Value>, variable: &str) -> Value {
    let text = |name: &str| {
        let property = ty.property_in_any_case(name)?;
        present
            .get(&property.name)
            .filter(|node| !node.is_null())
            .map(|node| Reading::new(Schema::embedded()).value(&Type::String, node))
    };
    if let Some(stem) = variable.strip_suffix("WithPath") {
        let name = text(stem).or_else(|| id.cloned()).unwrap_or(Value::Absent);
        let path = text("Path").unwrap_or_else(|| Value::text("/"));
        return match (path, name) {
            (Value::Text(path), Value::Text(name)) => {
                Value::text(format!("{}{name}", path.strip_prefix('/').unwrap_or(&path)))
            }
            (Value::Unknown(unknown), _) | (_, Value::Unknown(unknown)) => Value::Unknown(unknown),
            _ => Value::Absent,
        };
    }
    text(variable).or_else(|| id.cloned()).unwrap_or(Value::Absent)
}
