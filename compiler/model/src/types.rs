//! The types of the language.
//!
//! [`Type`] is what the checker infers, what the schemas declare and what builtins are typed by. Records
//! of a schema are named, not expanded, because they may contain themselves; [`crate::Schema`] expands one
//! level at a time. Absence is part of a type ([`Type::Optional`]); being unknown is not.

use std::fmt;
use std::sync::Arc;

/// A shared piece of text: names of types and properties, values of enums.
pub type Name = Arc<str>;

/// What a value can be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Bool,
    Int,
    Float,
    String,
    Time,
    Duration,
    Ip,
    Cidr,
    Arn,
    AccountId,
    /// A `String` that compares without regard to case: operators and keys of policy conditions, actions.
    Folded,
    /// An IAM policy document.
    Policy,
    /// An untyped document.
    Json,
    /// Text out of a list of values.
    Enum(Arc<EnumType>),
    /// `ordered` is false for lists whose order means nothing: they compare as multisets.
    List {
        element: Box<Type>,
        ordered: bool,
    },
    Set(Box<Type>),
    /// Keys are strings.
    Map(Box<Type>),
    /// A named record of a resource type's schema, such as `AWS::EC2::SecurityGroup.Ingress`.
    SchemaRecord(Arc<SchemaRecord>),
    /// A record with these fields, in this order.
    Record(Arc<RecordType>),
    Optional(Box<Type>),
    /// A resource of one of these types, sorted by name and never empty.
    Resource(Arc<[Name]>),
    /// `Resource`: of any type.
    AnyResource,
    Account,
    /// Text that refers to a resource.
    Ref(Arc<[RefTarget]>),
    /// The element type of an empty list literal: it fits wherever a type is wanted.
    Never,
    /// What an expression in error has: it fits everywhere and is never complained about again.
    Error,
}

/// Which record of which resource type's schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SchemaRecord {
    /// `AWS::EC2::SecurityGroup`.
    pub owner: Name,
    /// `Ingress`.
    pub record: Name,
}

/// The values of an enum; `open` when others occur too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnumType {
    pub values: Vec<Name>,
    pub open: bool,
}

/// A record type that no schema names; `name` is set for those of the language (`Statement`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordType {
    pub name: Option<Name>,
    pub fields: Vec<(Name, Type)>,
}

/// What a reference may point to: a type, and the property of it that holds the text (`None`: its `id`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefTarget {
    pub resource: Name,
    pub property: Option<Name>,
}

impl Type {
    pub fn list(element: Type) -> Type {
        Type::List { element: Box::new(element), ordered: true }
    }

    /// A record of a resource type's schema.
    pub fn schema_record(owner: Name, record: Name) -> Type {
        Type::SchemaRecord(Arc::new(SchemaRecord { owner, record }))
    }

    pub fn set(element: Type) -> Type {
        Type::Set(Box::new(element))
    }

    pub fn map(value: Type) -> Type {
        Type::Map(Box::new(value))
    }

    /// A single resource type.
    pub fn resource(name: impl Into<Name>) -> Type {
        Type::Resource(Arc::from(vec![name.into()]))
    }

    /// `T?`; an optional of an optional is one optional.
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Error => self,
            other => Type::Optional(Box::new(other)),
        }
    }

    /// `T` of `T?`, and any other type as it is.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// Lists, sets and maps: absent ones read as empty.
    pub fn is_collection(&self) -> bool {
        matches!(self, Type::List { .. } | Type::Set(_) | Type::Map(_))
    }

    /// Types whose values are text and compare as text.
    pub fn is_text(&self) -> bool {
        matches!(self, Type::String | Type::Folded | Type::Enum(_) | Type::Arn | Type::AccountId | Type::Ref(_))
    }

    /// What iterating over a value of this type gives.
    pub fn element(&self) -> Option<&Type> {
        match self {
            Type::List { element, .. } | Type::Set(element) => Some(element),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("Bool"),
            Type::Int => f.write_str("Int"),
            Type::Float => f.write_str("Float"),
            Type::String | Type::Folded => f.write_str("String"),
            Type::Time => f.write_str("Time"),
            Type::Duration => f.write_str("Duration"),
            Type::Ip => f.write_str("Ip"),
            Type::Cidr => f.write_str("Cidr"),
            Type::Arn => f.write_str("Arn"),
            Type::AccountId => f.write_str("AccountId"),
            Type::Policy => f.write_str("Policy"),
            Type::Json => f.write_str("Json"),
            Type::Enum(values) => write_enum(f, values),
            Type::List { element, .. } => write!(f, "List<{element}>"),
            Type::Set(element) => write!(f, "Set<{element}>"),
            Type::Map(value) => write!(f, "Map<{value}>"),
            Type::SchemaRecord(named) => write!(f, "{}.{}", named.owner, named.record),
            Type::Record(record) => write_record(f, record),
            Type::Optional(inner) => write!(f, "{inner}?"),
            Type::Resource(names) => f.write_str(&names.join(" | ")),
            Type::AnyResource => f.write_str("Resource"),
            Type::Account => f.write_str("Account"),
            Type::Ref(targets) => write_ref(f, targets),
            Type::Never => f.write_str("Never"),
            Type::Error => f.write_str("?"),
        }
    }
}

fn write_enum(f: &mut fmt::Formatter<'_>, values: &EnumType) -> fmt::Result {
    f.write_str("Enum<")?;
    for (at, value) in values.values.iter().enumerate() {
        if at == 6 {
            write!(f, " | …{} more", values.values.len() - at)?;
            break;
        }
        write!(f, "{}{value:?}", if at == 0 { "" } else { " | " })?;
    }
    f.write_str(if values.open { " | …>" } else { ">" })
}

fn write_record(f: &mut fmt::Formatter<'_>, record: &RecordType) -> fmt::Result {
    if let Some(name) = &record.name {
        return f.write_str(name);
    }
    f.write_str("{ ")?;
    for (at, (name, ty)) in record.fields.iter().enumerate() {
        write!(f, "{}{name}: {ty}", if at == 0 { "" } else { ", " })?;
    }
    f.write_str(" }")
}

fn write_ref(f: &mut fmt::Formatter<'_>, targets: &[RefTarget]) -> fmt::Result {
    let mut names: Vec<&str> = targets.iter().map(|target| &*target.resource).collect();
    names.dedup();
    write!(f, "Ref<{}>", names.join(" | "))
}

/// The record types of the language: `Statement`, `Principals`, `Condition`.
pub fn language_record(name: &str) -> Option<Arc<RecordType>> {
    let strings = || Type::list(Type::String);
    let fields: Vec<(&str, Type)> = match name {
        "Condition" => vec![("operator", Type::Folded), ("key", Type::Folded), ("values", strings())],
        "Principals" => vec![
            ("anyone", Type::Bool),
            ("aws", strings()),
            ("services", strings()),
            ("federated", strings()),
            ("canonical", strings()),
        ],
        "Statement" => vec![
            ("sid", Type::String.optional()),
            ("effect", Type::Enum(Arc::new(EnumType { values: vec!["Allow".into(), "Deny".into()], open: false }))),
            ("actions", Type::list(Type::Folded)),
            ("not_actions", Type::list(Type::Folded)),
            ("resources", strings()),
            ("not_resources", strings()),
            ("principals", Type::Record(language_record("Principals")?)),
            ("not_principals", Type::Record(language_record("Principals")?)),
            ("conditions", Type::list(Type::Record(language_record("Condition")?))),
        ],
        _ => return None,
    };
    let fields = fields.into_iter().map(|(field, ty)| (Name::from(field), ty)).collect();
    Some(Arc::new(RecordType { name: Some(name.into()), fields }))
}

/// The fields of a [`Type::Policy`].
pub fn policy_fields() -> Vec<(Name, Type)> {
    let statement = language_record("Statement").map_or(Type::Error, Type::Record);
    vec![
        ("version".into(), Type::String.optional()),
        ("id".into(), Type::String.optional()),
        ("statements".into(), Type::list(statement)),
    ]
}

/// The fields of an [`Type::Arn`].
pub const ARN_FIELDS: [&str; 5] = ["partition", "service", "region", "account", "resource"];

/// The header that every resource has.
pub fn header_fields() -> Vec<(Name, Type)> {
    vec![
        ("id".into(), Type::String),
        ("arn".into(), Type::Arn),
        ("name".into(), Type::String),
        ("type".into(), Type::String),
        ("account".into(), Type::AccountId),
        ("region".into(), Type::String),
        ("tags".into(), Type::map(Type::String)),
        ("captured".into(), Type::Time.optional()),
    ]
}

/// What an `Account` has; it has no other properties.
pub fn account_fields() -> Vec<(Name, Type)> {
    vec![
        ("id".into(), Type::AccountId),
        ("name".into(), Type::String),
        ("email".into(), Type::String),
        ("ou".into(), Type::String),
        ("tags".into(), Type::map(Type::String)),
    ]
}
