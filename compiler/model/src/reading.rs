//! Nodes of an input to values of a type.
//!
//! "A value that its type cannot read is unknown, never absent": whatever does not fit becomes unknown with
//! the text that did not. Names of record members match in any case; two spellings of one member are an
//! error of the record, which is collected, not returned, so that the rest is still read.

use std::net::IpAddr;
use std::sync::Arc;

use indexmap::IndexMap;
use ipnet::IpNet;
use jiff::Timestamp;
use parapet_base::Span;

use crate::{Name, Node, NodeKind, Properties, Property, Reason, Schema, Type, Value, policy};

/// Reads nodes by the schema.
pub struct Reading<'s> {
    schema: &'s Schema,
    /// Two spellings of one member: an error of the record.
    pub errors: Vec<(Span, String)>,
    /// Members that no schema knows.
    pub strangers: Vec<Stranger>,
}

/// A member that no schema knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stranger {
    /// The way to it, by the names of the schema, and its name as it is written: `Ingress.Cidr`.
    pub path: String,
    /// Its value.
    pub span: Span,
}

impl<'s> Reading<'s> {
    pub fn new(schema: &'s Schema) -> Reading<'s> {
        Reading { schema, errors: Vec::new(), strangers: Vec::new() }
    }

    /// The value of a property, present or not.
    pub fn property(&mut self, property: &Property, node: Option<&Node>) -> Value {
        match node {
            Some(node) if !says_nothing(&property.ty, node) => self.inside(property, node),
            _ => missing(property),
        }
    }

    /// The value of a property that is there; strangers in it have its name before theirs.
    fn inside(&mut self, property: &Property, node: &Node) -> Value {
        let before = self.strangers.len();
        let value = self.value(&property.ty, node);
        for stranger in self.strangers.iter_mut().skip(before) {
            stranger.path.insert(0, '.');
            stranger.path.insert_str(0, &property.name);
        }
        value
    }

    /// The value that a node has as a `ty`; `null` is absent.
    pub fn value(&mut self, ty: &Type, node: &Node) -> Value {
        match &node.kind {
            NodeKind::Unknown(unknown) => return Value::Unknown(unknown.clone()),
            NodeKind::Null => return if ty.is_collection() { empty(ty) } else { Value::Absent },
            _ => {}
        }
        match ty {
            Type::Optional(inner) => self.value(inner, node),
            Type::Json => json_value(node),
            Type::Policy => policy::from_node(node),
            Type::List { element, .. } => {
                self.elements(element, node).map_or_else(|| unreadable("List", node), Value::list)
            }
            Type::Set(element) => self.elements(element, node).map_or_else(|| unreadable("Set", node), set_of),
            Type::Map(inner) => self.map(inner, node),
            Type::SchemaRecord(named) => self.record(&named.owner, &named.record, node),
            Type::Record(record) => match &node.kind {
                NodeKind::Map(_) if record.fields.is_empty() => Value::Record(Arc::default()),
                NodeKind::Map(_) => self.plain_record(&record.fields, node),
                _ => unreadable("record", node),
            },
            scalar => read_scalar(scalar, node),
        }
    }

    fn elements(&mut self, element: &Type, node: &Node) -> Option<Vec<Value>> {
        let list = match &node.kind {
            NodeKind::List(list) => list,
            NodeKind::Text(text) if text.starts_with('[') => {
                let inner = crate::json::parse(text).ok()?.place_all(node.span);
                return inner.as_list().map(|list| list.iter().map(|node| self.value(element, node)).collect());
            }
            _ => return None,
        };
        Some(list.iter().map(|node| self.value(element, node)).collect())
    }

    fn map(&mut self, inner: &Type, node: &Node) -> Value {
        let NodeKind::Map(members) = &node.kind else { return unreadable("Map", node) };
        let members = members.iter().filter(|(_, node)| !node.is_null());
        Value::Map(Arc::new(members.map(|(key, node)| (key.clone(), self.value(inner, node))).collect()))
    }

    fn plain_record(&mut self, fields: &[(Name, Type)], node: &Node) -> Value {
        let own = fields.iter().map(|(name, ty)| (name.clone(), Property::own(name.clone(), ty.clone())));
        self.members(&own.collect(), node)
    }

    fn record(&mut self, owner: &str, record: &str, node: &Node) -> Value {
        match self.schema.record(owner, record) {
            Some(properties) => self.members(properties, node),
            None => json_value(node),
        }
    }

    /// The members of a record; a required one that it lacks is unknown.
    fn members(&mut self, properties: &Properties, node: &Node) -> Value {
        let NodeKind::Map(members) = &node.kind else { return unreadable("record", node) };
        let mut fields = crate::Fields::with_capacity_and_hasher(members.len(), Default::default());
        let found = self.match_members(properties, members);
        for (property, node) in found {
            match node {
                Some(node) if !says_nothing(&property.ty, node) => {
                    fields.insert(property.name.clone(), self.inside(property, node));
                }
                _ if property.required => {
                    fields.insert(property.name.clone(), missing(property));
                }
                _ => {}
            }
        }
        Value::Record(Arc::new(fields))
    }

    /// Pairs the properties that are required or present with their nodes, in schema order.
    fn match_members<'n, 'p>(
        &mut self,
        properties: &'p Properties,
        members: &'n [(Name, Node)],
    ) -> Vec<(&'p Property, Option<&'n Node>)> {
        let mut found: IndexMap<&Name, (&'p Property, Option<&'n Node>), rustc_hash::FxBuildHasher> =
            IndexMap::default();
        for (key, node) in members {
            let property =
                properties.get(key).or_else(|| properties.values().find(|p| p.name.eq_ignore_ascii_case(key)));
            let Some(property) = property else {
                self.strangers.push(Stranger { path: key.to_string(), span: node.span });
                continue;
            };
            let before = found.insert(&property.name, (property, Some(node)));
            if before.is_some_and(|(_, other)| other.is_some_and(|other| !other.is_null()) && !node.is_null()) {
                self.errors.push((node.span, format!("two spellings of `{}` in one record", property.name)));
            }
        }
        for property in properties.values().filter(|property| property.required) {
            found.entry(&property.name).or_insert((property, None));
        }
        found.into_values().collect()
    }
}

/// Whether a node stands for nothing: `null`, or `""` where a policy may stand, which is how services answer that there
/// is none.
fn says_nothing(ty: &Type, node: &Node) -> bool {
    let is_policy = match ty {
        Type::Optional(inner) => **inner == Type::Policy,
        ty => *ty == Type::Policy,
    };
    node.is_null() || (is_policy && node.as_text().is_some_and(|text| text.trim().is_empty()))
}

/// What stands for a property that the record lacks.
pub fn missing(property: &Property) -> Value {
    if property.required {
        Value::unknown(Reason::NotInRecord, "required, but not in the record")
    } else if property.ty.is_collection() && !property.absence_counts {
        empty(&property.ty)
    } else {
        Value::Absent
    }
}

/// The empty collection of a collection type; absent for any other.
pub fn empty(ty: &Type) -> Value {
    match ty {
        Type::List { .. } => Value::list(Vec::new()),
        Type::Set(_) => Value::Set(Arc::default()),
        Type::Map(_) => Value::Map(Arc::default()),
        _ => Value::Absent,
    }
}

/// A set of these elements: the first of equals stays. Unknown elements stay, all of them.
pub fn set_of(elements: Vec<Value>) -> Value {
    let mut kept: Vec<Value> = Vec::with_capacity(elements.len());
    let mut texts = rustc_hash::FxHashSet::default();
    for element in elements {
        let fresh = match &element {
            Value::Text(text) => texts.insert(text.clone()),
            other => !kept.iter().any(|known| crate::equal(known, other) == crate::Truth::True),
        };
        if fresh {
            kept.push(element);
        }
    }
    Value::Set(Arc::new(kept))
}

fn unreadable(ty: &str, node: &Node) -> Value {
    let article = if ty.starts_with(['A', 'I']) { "an" } else { "a" };
    Value::unknown(Reason::Unreadable, format!("not {article} {ty}: {}", excerpt(node)))
}

/// The node as JSON text, cut to what a message can carry.
fn excerpt(node: &Node) -> String {
    let text = match &node.kind {
        NodeKind::Null => "null".to_owned(),
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Int(value) => value.to_string(),
        NodeKind::Float(value) => value.to_string(),
        NodeKind::Beyond(text) => text.to_string(),
        NodeKind::Text(text) => format!("{text:?}"),
        NodeKind::List(_) => "a list".to_owned(),
        NodeKind::Map(_) => "an object".to_owned(),
        NodeKind::Unknown(_) => "unknown".to_owned(),
    };
    if text.chars().count() <= 60 { text } else { text.chars().take(57).chain("…".chars()).collect() }
}

fn read_scalar(ty: &Type, node: &Node) -> Value {
    let read = match ty {
        Type::Bool => read_bool(node),
        Type::Int => read_int(node),
        Type::Float => read_float(node),
        Type::Time => read_time(node),
        Type::Cidr => node.as_text().and_then(parse_cidr).map(Value::Cidr),
        Type::Ip => node.as_text().and_then(|text| text.trim().parse::<IpAddr>().ok()).map(Value::Ip),
        Type::Duration => node.as_text().and_then(|text| text.parse().ok()).map(Value::Duration),
        _ => read_text(node),
    };
    read.unwrap_or_else(|| unreadable(&ty.to_string(), node))
}

fn read_bool(node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::Bool(value) => Some(Value::Bool(*value)),
        NodeKind::Text(text) if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        NodeKind::Text(text) if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        _ => None,
    }
}

fn read_int(node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::Int(value) => Some(Value::Int(*value)),
        NodeKind::Float(value) => whole(*value).map(Value::Int),
        NodeKind::Text(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| whole(text.parse().ok()?)).map(Value::Int)
        }
        _ => None,
    }
}

/// The integer that a float is, if it is one and exact.
fn whole(value: f64) -> Option<i64> {
    let exact = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
    exact.then_some(value as i64)
}

fn read_float(node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::Int(value) => Some(Value::Float(*value as f64)),
        NodeKind::Float(value) => Some(Value::Float(*value)),
        NodeKind::Text(text) => text.trim().parse().ok().filter(|value: &f64| value.is_finite()).map(Value::Float),
        _ => None,
    }
}

fn read_text(node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::Text(text) => Some(Value::Text(text.clone())),
        NodeKind::Int(value) => Some(Value::text(value.to_string())),
        NodeKind::Bool(value) => Some(Value::text(value.to_string())),
        NodeKind::Float(value) => Some(Value::text(value.to_string())),
        NodeKind::Beyond(text) => Some(Value::Text(text.clone())),
        _ => None,
    }
}

/// ISO 8601 text, or milliseconds since the epoch.
fn read_time(node: &Node) -> Option<Value> {
    match &node.kind {
        NodeKind::Text(text) => parse_time(text).map(Value::Time),
        NodeKind::Int(value) => epoch(*value),
        NodeKind::Float(value) => {
            Timestamp::from_millisecond((*value * if value.abs() < 1e11 { 1e3 } else { 1.0 }) as i64)
                .ok()
                .map(Value::Time)
        }
        _ => None,
    }
}

/// Seconds below 10¹¹ (the year 5138), else milliseconds: services write either.
fn epoch(value: i64) -> Option<Value> {
    let time =
        if value.abs() < 100_000_000_000 { Timestamp::from_second(value) } else { Timestamp::from_millisecond(value) };
    time.ok().map(Value::Time)
}

/// A time as AWS writes them: ISO 8601 with a zone, without one (UTC), or a bare date (its midnight UTC).
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let utc = if text.len() == 10 { format!("{text}T00:00:00Z") } else { format!("{text}Z") };
    if let Ok(time) = utc.parse::<Timestamp>() {
        return Some(time);
    }
    // `2026-04-22T13:13:17.718+0000`, as some services write the zone.
    let (head, zone) = text.split_at_checked(text.len().checked_sub(5)?)?;
    let (hours, minutes) = zone.split_at_checked(3)?;
    format!("{head}{hours}:{minutes}").parse().ok()
}

/// A block as inputs write it; host bits are ignored, as AWS does, and a bare address is a block of one.
pub fn parse_cidr(text: &str) -> Option<IpNet> {
    let text = text.trim();
    match text.parse::<IpNet>() {
        Ok(block) => Some(block.trunc()),
        Err(_) => text.parse::<IpAddr>().ok().map(IpNet::from),
    }
}

/// A document as a value: objects are maps, arrays lists, `null` absent.
pub fn json_value(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Absent,
        NodeKind::Bool(value) => Value::Bool(*value),
        NodeKind::Int(value) => Value::Int(*value),
        NodeKind::Float(value) => Value::Float(*value),
        NodeKind::Beyond(text) => Value::unknown(Reason::Unreadable, format!("a number beyond 64 bits: {text}")),
        NodeKind::Text(text) => match text.trim_start().starts_with(['{', '[']).then(|| crate::json::parse(text)) {
            Some(Ok(inner)) => json_value(&inner),
            _ => Value::Text(text.clone()),
        },
        NodeKind::List(elements) => Value::list(elements.iter().map(json_value).collect()),
        NodeKind::Map(members) => {
            let present = members.iter().map(|(key, node)| (key.clone(), json_value(node)));
            Value::Map(Arc::new(present.filter(|(_, value)| !value.is_absent()).collect()))
        }
        NodeKind::Unknown(unknown) => Value::Unknown(unknown.clone()),
    }
}
