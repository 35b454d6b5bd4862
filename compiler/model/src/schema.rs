//! The resource types and their properties, from the schemas that CloudFormation publishes.
//!
//! The facts come compressed in chunks (`cargo xtask generate` makes them); a type is decoded when it is
//! first asked for. Terms such as `~[#Ingress] !` are explained in `facts/README.md`. What a property means
//! for the language (optional, reference, enum) is decided here, once.

use std::io::Read;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::{EnumType, Name, RecordType, RefTarget, Type};

/// A property of a resource type, or a field of one of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    pub name: Name,
    /// The type without optionality.
    pub ty: Type,
    pub required: bool,
    pub read_only: bool,
    pub write_only: bool,
    pub create_only: bool,
    pub deprecated: bool,
    /// Only inventories of AWS Config have it.
    pub config_only: bool,
    /// An absent list means something else than an empty one.
    pub absence_counts: bool,
    /// An `extend` added it: only neutral records have it.
    pub extended: bool,
    /// The schema's default, as JSON text.
    pub default: Option<Box<str>>,
}

impl Property {
    /// A property of a program's own schema: optional, or a collection that may be absent, as its type says.
    pub fn own(name: Name, ty: Type) -> Property {
        let (ty, required, absence_counts) = match ty {
            Type::Optional(inner) => {
                let collection = inner.is_collection();
                (*inner, false, collection)
            }
            plain if plain.is_collection() => (plain, false, false),
            plain => (plain, true, false),
        };
        Property {
            name,
            ty,
            required,
            read_only: false,
            write_only: false,
            create_only: false,
            deprecated: false,
            config_only: false,
            absence_counts,
            extended: false,
            default: None,
        }
    }

    /// The type as programs see it: `T?` unless required or a collection.
    pub fn value_type(&self) -> Type {
        let plain = self.required || (self.ty.is_collection() && !self.absence_counts);
        if plain { self.ty.clone() } else { self.ty.clone().optional() }
    }
}

/// The properties of a type or record, by name.
pub type Properties = IndexMap<Name, Property, rustc_hash::FxBuildHasher>;

/// One resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceType {
    pub name: Name,
    /// The properties that make the primary identifier.
    pub identifier: Vec<Name>,
    /// Such as `arn:${Partition}:rds:${Region}:${Account}:db:${DbInstanceName}`.
    pub arn: Option<Box<str>>,
    /// The property that holds the tags.
    pub tags: Option<Name>,
    /// Its resources have the region `global`.
    pub global: bool,
    pub properties: Properties,
    pub records: FxHashMap<Name, Properties>,
    lower: FxHashMap<String, Name>,
}

/// Types of which an account, or each region of it, has one resource at most, whatever it is called.
const SETTINGS: [&str; 4] = [
    "AWS::EC2::EbsEncryptionByDefault",
    "AWS::IAM::AccountPasswordPolicy",
    "AWS::IAM::AccountSummary",
    "AWS::S3::AccountPublicAccessBlock",
];

/// Whether its one resource is a setting of an account or region.
pub fn is_setting(resource_type: &str) -> bool {
    SETTINGS.contains(&resource_type)
}

impl ResourceType {
    /// A type of a program's own schema.
    pub fn own(name: Name, properties: Vec<Property>) -> ResourceType {
        let ty = ResourceType {
            name,
            identifier: Vec::new(),
            arn: None,
            tags: None,
            global: false,
            properties: Properties::default(),
            records: FxHashMap::default(),
            lower: FxHashMap::default(),
        };
        ty.with(properties)
    }

    /// The type with these properties too, as far as it has none of that name yet.
    pub fn with(mut self, properties: Vec<Property>) -> ResourceType {
        for property in properties {
            if self.property_in_any_case(&property.name).is_none() {
                self.lower.insert(property.name.to_ascii_lowercase(), property.name.clone());
                self.properties.insert(property.name.clone(), property);
            }
        }
        self
    }

    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.get(name)
    }

    /// The property whose name is this in any case.
    pub fn property_in_any_case(&self, name: &str) -> Option<&Property> {
        self.properties.get(name).or_else(|| {
            let exact = self.lower.get(&name.to_ascii_lowercase())?;
            self.properties.get(exact)
        })
    }
}

/// All resource types: those of AWS, and those that a program adds or extends.
pub struct Schema {
    pack: &'static Pack,
    /// By name; an extended type of AWS stands here with all its properties.
    own: FxHashMap<Name, Arc<ResourceType>>,
    /// The names of all types, sorted, where there are more than the pack has.
    names: Option<Vec<Name>>,
}

/// Equal when the same types were added to the schemas that this build carries, with their fields in the same order:
/// of two that are as near to a misspelt one, the first is offered.
impl PartialEq for Schema {
    fn eq(&self, other: &Schema) -> bool {
        let in_order = |(name, ty): (&Name, &Arc<ResourceType>)| {
            other.own.get(name).is_some_and(|other| ty.properties.as_slice() == other.properties.as_slice())
        };
        self.own == other.own && self.own.iter().all(in_order)
    }
}

impl Eq for Schema {}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").field("own", &self.own).finish_non_exhaustive()
    }
}

impl Schema {
    /// The schemas that this build carries.
    pub fn embedded() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::with(Vec::new()))
    }

    /// These schemas and those; a type of a name that there is stands for it.
    pub fn with(types: Vec<ResourceType>) -> Schema {
        let pack = Pack::embedded();
        let added: Vec<Name> =
            types.iter().map(|ty| ty.name.clone()).filter(|name| !pack.index.contains_key(name)).collect();
        let names = (!added.is_empty()).then(|| {
            let mut names = [pack.names.as_slice(), added.as_slice()].concat();
            names.sort();
            names.dedup();
            names
        });
        Schema { pack, own: types.into_iter().map(|ty| (ty.name.clone(), Arc::new(ty))).collect(), names }
    }

    /// The names of all types, sorted.
    pub fn type_names(&self) -> impl Iterator<Item = &Name> {
        self.names.as_ref().unwrap_or(&self.pack.names).iter()
    }

    pub fn has_type(&self, name: &str) -> bool {
        self.own.contains_key(name) || self.pack.index.contains_key(name)
    }

    /// The type of this name.
    pub fn resource_type(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.own.get(name).or_else(|| self.pack.resource_type(name))
    }

    /// The fields of a record of a type's schema.
    pub fn record(&self, owner: &str, record: &str) -> Option<&Properties> {
        self.resource_type(owner)?.records.get(record)
    }
}

/// The packed schemas of AWS.
struct Pack {
    names: Vec<Name>,
    index: FxHashMap<Name, (usize, usize)>,
    types: Vec<OnceLock<Arc<ResourceType>>>,
    chunks: Vec<(&'static [u8], OnceLock<Vec<String>>)>,
    header: OnceLock<Header>,
    header_bytes: &'static [u8],
}

/// Tables that the types of all chunks share.
#[derive(Default)]
struct Header {
    /// The values of each as a JSON array: few are ever asked for.
    enums: Vec<String>,
    refs: Vec<Option<RefTarget>>,
}

static PACK: &[u8] = include_bytes!("../data/schema.pack");

impl Pack {
    fn embedded() -> &'static Pack {
        static THE_PACK: OnceLock<Pack> = OnceLock::new();
        THE_PACK.get_or_init(|| Pack::open(PACK).unwrap_or_else(Pack::empty))
    }

    fn empty() -> Pack {
        Pack {
            names: Vec::new(),
            index: FxHashMap::default(),
            types: Vec::new(),
            chunks: Vec::new(),
            header: OnceLock::new(),
            header_bytes: &[],
        }
    }

    /// Reads the index of a pack: see `xtask/src/schema.rs` for the layout.
    fn open(pack: &'static [u8]) -> Option<Pack> {
        let mut schema = Pack::empty();
        let mut rest = pack;
        let index = inflate(take_block(&mut rest)?)?;
        schema.header_bytes = take_block(&mut rest)?;
        while let Some(chunk) = take_block(&mut rest) {
            schema.chunks.push((chunk, OnceLock::new()));
        }
        for (at, line) in index.lines().enumerate() {
            let (chunk, name) = line.split_once(' ')?;
            let (chunk, row) = chunk.split_once(':')?;
            let name = Name::from(name);
            schema.index.insert(name.clone(), (at, chunk.parse::<usize>().ok()? << 16 | row.parse::<usize>().ok()?));
            schema.names.push(name);
            schema.types.push(OnceLock::new());
        }
        Some(schema)
    }

    fn resource_type(&self, name: &str) -> Option<&Arc<ResourceType>> {
        let (at, place) = self.index.get(name)?;
        let slot = self.types.get(*at)?;
        if let Some(ty) = slot.get() {
            return Some(ty);
        }
        let (bytes, lines) = self.chunks.get(place >> 16)?;
        let lines = lines
            .get_or_init(|| inflate(bytes).map(|text| text.lines().map(str::to_owned).collect()).unwrap_or_default());
        let json: Json = serde_json::from_str(lines.get(place & 0xffff)?).ok()?;
        let ty = Arc::new(self.decode(&json)?);
        Some(slot.get_or_init(|| ty))
    }

    fn header(&self) -> &Header {
        self.header
            .get_or_init(|| inflate(self.header_bytes).and_then(|text| Header::read(&text, self)).unwrap_or_default())
    }

    fn decode(&self, json: &Json) -> Option<ResourceType> {
        let name = Name::from(json.get("t")?.as_str()?);
        let terms = Terms { header: self.header(), owner: name.clone() };
        let properties = terms.properties(json.get("p")?.as_object()?);
        let lower = properties.keys().map(|key| (key.to_ascii_lowercase(), key.clone())).collect();
        let records = json.get("d").and_then(Json::as_object).into_iter().flatten();
        let records = records
            .filter_map(|(record, fields)| Some((Name::from(record.as_str()), terms.properties(fields.as_object()?))));
        Some(ResourceType {
            identifier: names(json.get("id")),
            arn: json.get("arn").and_then(Json::as_str).map(Into::into),
            tags: json.get("tag").and_then(Json::as_str).map(Name::from),
            global: json.get("g").is_some(),
            records: records.collect(),
            name,
            properties,
            lower,
        })
    }
}

fn names(json: Option<&Json>) -> Vec<Name> {
    json.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).map(Name::from).collect()
}

fn take_block<'p>(rest: &mut &'p [u8]) -> Option<&'p [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (block, after) = after.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *rest = after;
    Some(block)
}

fn inflate(bytes: &[u8]) -> Option<String> {
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(bytes).read_to_string(&mut text).ok()?;
    Some(text)
}

impl Header {
    /// Reads the targets of references in the first line, and an enum in each other one.
    fn read(text: &str, schema: &Pack) -> Option<Header> {
        let (refs, enums) = text.split_once('\n')?;
        let refs: Vec<&str> = serde_json::from_str(refs).ok()?;
        Some(Header {
            enums: enums.lines().map(str::to_owned).collect(),
            refs: refs.into_iter().map(|text| ref_target(text, schema)).collect(),
        })
    }

    fn values(&self, index: usize) -> Option<Vec<Name>> {
        serde_json::from_str::<Json>(self.enums.get(index)?).ok().map(|values| names(Some(&values)))
    }
}

/// `AWS::EC2::VPC.Id`: the type, and the property that holds the text. A reference to a type that no schema
/// has is a plain string.
fn ref_target(text: &str, schema: &Pack) -> Option<RefTarget> {
    let (resource, property) = text.split_once('.').unwrap_or((text, "Id"));
    let resource = match resource {
        "AWS::ACM::Certificate" => "AWS::CertificateManager::Certificate",
        other => other,
    };
    let (resource, _) = schema.index.get_key_value(resource)?;
    Some(RefTarget { resource: resource.clone(), property: Some(property.into()) })
}

/// Reads the terms of one resource type.
struct Terms<'h> {
    header: &'h Header,
    owner: Name,
}

impl Terms<'_> {
    fn properties(&self, members: &serde_json::Map<String, Json>) -> Properties {
        let members = members.iter().filter_map(|(name, term)| Some((name, term.as_str()?)));
        members.map(|(name, term)| (Name::from(name.as_str()), self.property(name, term))).collect()
    }

    fn property(&self, name: &str, term: &str) -> Property {
        let (term, flags) = term.split_once(' ').unwrap_or((term, ""));
        let (flags, default) = match flags.split_once('?') {
            Some((flags, default)) => (flags, Some(default.into())),
            None => (flags, None),
        };
        Property {
            name: name.into(),
            ty: self.term(term),
            required: flags.contains('!'),
            read_only: flags.contains('^'),
            write_only: flags.contains('-'),
            create_only: flags.contains('='),
            deprecated: flags.contains('x'),
            config_only: flags.contains('c'),
            absence_counts: flags.contains('a'),
            extended: false,
            default,
        }
    }

    fn term(&self, term: &str) -> Type {
        let mut rest = term;
        let first = self.one(&mut rest);
        let mut all = vec![first];
        while let Some(after) = rest.strip_prefix('|') {
            rest = after;
            all.push(self.one(&mut rest));
        }
        join_union(all)
    }

    fn one(&self, rest: &mut &str) -> Type {
        let ordered = match rest.strip_prefix('~') {
            Some(after) => {
                *rest = after;
                false
            }
            None => true,
        };
        let Some(letter) = rest.chars().next() else { return Type::Json };
        *rest = rest.get(letter.len_utf8()..).unwrap_or("");
        let ty = match letter {
            'b' => Type::Bool,
            'i' => Type::Int,
            'f' | 'n' => Type::Float,
            's' => Type::String,
            't' => Type::Time,
            'c' => Type::Cidr,
            'P' => Type::Policy,
            'J' | 'j' => Type::Json,
            'u' => Type::Record(Arc::new(RecordType { name: None, fields: Vec::new() })),
            'e' => self.enumeration(rest),
            '#' => self.record(rest),
            '[' => {
                let element = self.inside(rest, ']');
                *rest = rest.strip_prefix('u').unwrap_or(rest);
                Type::List { element: Box::new(element), ordered }
            }
            '<' => Type::Set(Box::new(self.inside(rest, '>'))),
            '{' => Type::Map(Box::new(self.inside(rest, '}'))),
            _ => Type::Json,
        };
        self.reference(ty, rest)
    }

    fn inside(&self, rest: &mut &str, close: char) -> Type {
        let mut all = vec![self.one(rest)];
        while let Some(after) = rest.strip_prefix('|') {
            *rest = after;
            all.push(self.one(rest));
        }
        *rest = rest.strip_prefix(close).unwrap_or(rest);
        join_union(all)
    }

    fn enumeration(&self, rest: &mut &str) -> Type {
        let index = take_number(rest);
        let open = rest.starts_with('~');
        *rest = rest.strip_prefix('~').unwrap_or(rest);
        let values = index.and_then(|index| self.header.values(index));
        values.map_or(Type::String, |values| Type::Enum(Arc::new(EnumType { values, open })))
    }

    fn record(&self, rest: &mut &str) -> Type {
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        let record = Name::from(rest.get(..end).unwrap_or(""));
        *rest = rest.get(end..).unwrap_or("");
        Type::schema_record(self.owner.clone(), record)
    }

    /// `>6,60` after a text: what it refers to. Inside `<…>` a `>` that no number follows closes the set.
    fn reference(&self, ty: Type, rest: &mut &str) -> Type {
        let Some(mut after) =
            rest.strip_prefix('>').filter(|after| after.starts_with(|letter: char| letter.is_ascii_digit()))
        else {
            return ty;
        };
        let mut targets: Vec<RefTarget> = Vec::new();
        while let Some(index) = take_number(&mut after) {
            targets.extend(self.header.refs.get(index).cloned().flatten());
            match after.strip_prefix(',') {
                Some(next) => after = next,
                None => break,
            }
        }
        *rest = after;
        targets.sort_by(|a, b| a.resource.cmp(&b.resource));
        if targets.is_empty() { ty } else { Type::Ref(targets.into()) }
    }
}

fn take_number(rest: &mut &str) -> Option<usize> {
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    let number = rest.get(..end)?.parse().ok()?;
    *rest = rest.get(end..).unwrap_or("");
    Some(number)
}

/// A union of scalars reads as text; any other mixture is a document.
fn join_union(mut all: Vec<Type>) -> Type {
    if all.len() == 1 {
        return all.pop().unwrap_or(Type::Json);
    }
    let scalar = |ty: &Type| ty.is_text() || matches!(ty, Type::Bool | Type::Int | Type::Float);
    if all.iter().all(scalar) { Type::String } else { Type::Json }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty(owner: &str, path: &[&str]) -> Type {
        let schema = Schema::embedded();
        let mut properties = &schema.resource_type(owner).unwrap().properties;
        for (at, step) in path.iter().enumerate() {
            let property = &properties[*step];
            if at + 1 == path.len() {
                return property.value_type();
            }
            let mut ty = &property.ty;
            while let Some(element) = ty.element() {
                ty = element;
            }
            let Type::SchemaRecord(named) = ty else { panic!("{step} is {ty}") };
            properties = schema.record(&named.owner, &named.record).unwrap();
        }
        panic!("no path")
    }

    #[test]
    fn every_type_is_there_and_reads() {
        let schema = Schema::embedded();
        let names: Vec<Name> = schema.type_names().cloned().collect();
        assert_eq!(names.len(), 1854 + 10);
        for name in names {
            let ty = schema.resource_type(&name).unwrap();
            assert!(!ty.properties.is_empty() || !ty.identifier.is_empty(), "{name}");
            for properties in std::iter::once(&ty.properties).chain(ty.records.values()) {
                for property in properties.values() {
                    if let Type::SchemaRecord(named) = &property.ty {
                        assert!(schema.record(&named.owner, &named.record).is_some(), "{name}.{}", property.name);
                    }
                }
            }
        }
    }

    #[test]
    fn terms_mean_what_the_facts_say() {
        let db = "AWS::RDS::DBInstance";
        assert_eq!(ty(db, &["PubliclyAccessible"]).to_string(), "Bool?");
        assert_eq!(ty(db, &["DBSubnetGroupName"]).to_string(), "Ref<AWS::RDS::DBSubnetGroup>?");
        assert_eq!(ty(db, &["Port"]).to_string(), "Int?");
        assert_eq!(ty("AWS::RDS::DBSubnetGroup", &["SubnetIds"]).to_string(), "List<Ref<AWS::EC2::Subnet>>");
        assert_eq!(ty("AWS::EC2::SecurityGroup", &["SecurityGroupIngress", "CidrIp"]).to_string(), "Cidr?");
        assert_eq!(
            ty("AWS::EC2::SecurityGroup", &["SecurityGroupEgress"]).to_string(),
            "List<AWS::EC2::SecurityGroup.Egress>?"
        );
        assert_eq!(ty("AWS::IAM::Role", &["ManagedPolicyArns"]).to_string(), "Set<Ref<AWS::IAM::ManagedPolicy>>");
        assert_eq!(ty("AWS::IAM::Role", &["AssumeRolePolicyDocument"]).to_string(), "Policy");
        assert_eq!(ty("AWS::IAM::Role", &["RoleLastUsed", "LastUsedDate"]).to_string(), "Time?");
        assert_eq!(
            ty("AWS::Cognito::UserPool", &["MfaConfiguration"]).to_string(),
            "Enum<\"OFF\" | \"ON\" | \"OPTIONAL\">?"
        );
        assert!(Schema::embedded().resource_type("AWS::IAM::Role").unwrap().global);
    }

    #[test]
    fn the_pack_is_small() {
        assert!(PACK.len() < 700_000, "{}", PACK.len());
    }
}
