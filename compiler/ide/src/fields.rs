//! What stands behind a dot: the fields of a type, from the schemas and the language.

use parapet_builtins::{Builtin, apply};
use parapet_model::{
    ARN_FIELDS, Name, Property, RefTarget, Schema, Type, account_fields, header_fields, policy_fields,
};

/// Whose field it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A resource type.
    Resource(Name),
    /// A record of a resource type's schema.
    Record { owner: Name, record: Name },
    /// The header that every resource has.
    Header,
    /// A type of the language: `Policy`, `Account`, `Arn`, `Statement`.
    Language(String),
}

/// A field of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub owner: Owner,
    pub name: Name,
    /// As programs see it: optional where it may be absent.
    pub ty: Type,
    /// What the schema says of it.
    pub property: Option<Property>,
}

/// The fields of a value of this type, in the order of the schema, required ones first; of a reference, those of what it
/// refers to. An absent value counts as present: an error says so where it is read.
pub(crate) fn fields(schema: &Schema, ty: &Type) -> Vec<Field> {
    match ty.required() {
        Type::Resource(names) => resource_fields(schema, names),
        Type::Ref(targets) => resource_fields(schema, &ref_types(targets)),
        Type::AnyResource => listed(Owner::Header, header_fields()),
        Type::SchemaRecord(named) => record_fields(schema, &named.owner, &named.record),
        Type::Account => listed(Owner::Language("Account".to_owned()), account_fields()),
        Type::Policy => listed(Owner::Language("Policy".to_owned()), policy_fields()),
        Type::Record(record) => {
            let name = record.name.as_ref().map_or_else(|| "{ … }".to_owned(), ToString::to_string);
            listed(Owner::Language(name), record.fields.clone())
        }
        Type::Arn => {
            let fields = ARN_FIELDS.iter().map(|field| (Name::from(*field), Type::String)).collect();
            listed(Owner::Language("Arn".to_owned()), fields)
        }
        Type::Bool
        | Type::Int
        | Type::Float
        | Type::String
        | Type::Time
        | Type::Duration
        | Type::Ip
        | Type::Cidr
        | Type::AccountId
        | Type::Folded
        | Type::Json
        | Type::Enum(_)
        | Type::List { .. }
        | Type::Set(_)
        | Type::Map(_)
        | Type::Optional(_)
        | Type::Never
        | Type::Error => Vec::new(),
    }
}

/// The field of this name.
pub(crate) fn field(schema: &Schema, ty: &Type, name: &str) -> Option<Field> {
    fields(schema, ty).into_iter().find(|field| *field.name == *name)
}

/// The methods that values of this type have.
pub(crate) fn methods(ty: &Type) -> Vec<&'static Builtin> {
    let takes = |builtin: &&'static Builtin| builtin.method && apply(builtin, &[ty.required().clone()]).is_ok();
    parapet_builtins::all().iter().filter(takes).collect()
}

fn ref_types(targets: &[RefTarget]) -> Vec<Name> {
    let mut names: Vec<Name> = targets.iter().map(|target| target.resource.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// The properties that all of the types have, and the header.
fn resource_fields(schema: &Schema, names: &[Name]) -> Vec<Field> {
    let types: Vec<_> = names.iter().filter_map(|name| schema.resource_type(name)).collect();
    let Some((first, rest)) = types.split_first() else { return Vec::new() };
    let shared =
        first.properties.values().filter(|property| rest.iter().all(|ty| ty.property(&property.name).is_some()));
    let mut fields: Vec<Field> =
        shared.map(|property| of_property(Owner::Resource(first.name.clone()), property)).collect();
    required_first(&mut fields);
    let header = header_fields();
    fields.retain(|field| header.iter().all(|(name, _)| *name != field.name));
    fields.extend(listed(Owner::Header, header));
    fields
}

fn record_fields(schema: &Schema, owner: &Name, record: &Name) -> Vec<Field> {
    let properties = schema.record(owner, record).into_iter().flat_map(|properties| properties.values());
    let whose = || Owner::Record { owner: owner.clone(), record: record.clone() };
    let mut fields: Vec<Field> = properties.map(|property| of_property(whose(), property)).collect();
    required_first(&mut fields);
    fields
}

fn of_property(owner: Owner, property: &Property) -> Field {
    Field { owner, name: property.name.clone(), ty: property.value_type(), property: Some(property.clone()) }
}

fn required_first(fields: &mut [Field]) {
    fields.sort_by_key(|field| !field.property.as_ref().is_some_and(|property| property.required));
}

fn listed(owner: Owner, fields: Vec<(Name, Type)>) -> Vec<Field> {
    fields.into_iter().map(|(name, ty)| Field { owner: owner.clone(), name, ty, property: None }).collect()
}
