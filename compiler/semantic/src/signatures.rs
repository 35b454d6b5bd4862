//! What an item offers to others: the types of its header.
//!
//! A signature never depends on a body, with one exception: a constant has the type of its expression.
//! Constants that are circular or nest too deeply have the type [`Type::Error`], so that this ends.

use std::sync::Arc;

use parapet_model::{Name, Schema, Type, language_record};
use parapet_syntax::{Ident, ItemKind, TypeExpr, TypeKind};

use crate::cycles::excess;
use crate::db::{Db, Item, Workspace, parsed};
use crate::schemas::schema;
use crate::typed::{Population, TypedItem};

/// The types of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    Guardrail(Option<Population>),
    Function {
        parameters: Vec<(String, Type)>,
        result: Type,
        deprecated: Option<String>,
    },
    /// The types of both sides; `None` for a relation that does not have two.
    Relation {
        sides: Option<[Type; 2]>,
        deprecated: Option<String>,
    },
    Constant(Type),
    Parameter(Type),
    /// The item does not parse, or is nothing that others use.
    None,
}

/// A type expression's error: the span and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeError {
    pub span: parapet_base::Span,
    pub message: String,
    pub nearest: Option<String>,
}

/// The signature of an item.
#[salsa::tracked(returns(clone))]
pub fn signature<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Arc<Signature> {
    let Some(tree) = &parsed(db, item).tree else { return Arc::new(Signature::None) };
    let schema: &Schema = schema(db, workspace);
    let mut errors = Vec::new();
    Arc::new(match &tree.kind {
        ItemKind::Guardrail { population, .. } => {
            Signature::Guardrail(population_of(&read_type(schema, population, &mut errors)))
        }
        ItemKind::Function { parameters, result, .. } => Signature::Function {
            parameters: parameters
                .iter()
                .map(|(name, ty)| (name.text.clone(), read_type(schema, ty, &mut errors)))
                .collect(),
            result: read_type(schema, result, &mut errors),
            deprecated: crate::attributes::deprecated(tree),
        },
        ItemKind::Relation { parameters, .. } => Signature::Relation {
            sides: match parameters.as_slice() {
                [(_, left), (_, right)] => Some([left, right].map(|ty| read_type(schema, ty, &mut errors))),
                _ => None,
            },
            deprecated: crate::attributes::deprecated(tree),
        },
        ItemKind::Constant { .. } if excess(db, workspace, item).is_some() => Signature::Constant(Type::Error),
        ItemKind::Constant { .. } => match &crate::checked(db, workspace, item).item {
            TypedItem::Constant { value } => Signature::Constant(value.ty.clone()),
            _ => Signature::Constant(Type::Error),
        },
        ItemKind::Parameter { ty, .. } => Signature::Parameter(read_type(schema, ty, &mut errors)),
        ItemKind::Use { .. }
        | ItemKind::Test { .. }
        | ItemKind::Waiver { .. }
        | ItemKind::Schema { .. }
        | ItemKind::Extension { .. } => Signature::None,
    })
}

/// What a guardrail over this type ranges over.
pub(crate) fn population_of(ty: &Type) -> Option<Population> {
    match ty {
        Type::Resource(names) => Some(Population::Types(names.clone())),
        Type::AnyResource => Some(Population::AllResources),
        Type::Account => Some(Population::Accounts),
        _ => None,
    }
}

/// The type that a type expression means; what is wrong is added to `errors`.
pub fn read_type(schema: &Schema, expr: &TypeExpr, errors: &mut Vec<TypeError>) -> Type {
    match &expr.kind {
        TypeKind::Named { path, record: None } => named(schema, &path.text(), path.span, errors),
        TypeKind::Named { path, record: Some(record) } => {
            schema_record(schema, &path.text(), path.span, record, errors)
        }
        TypeKind::Generic { name, argument } => generic(schema, &name.text(), name.span, argument, errors),
        TypeKind::Error => Type::Error,
        TypeKind::Optional(inner) => optional(read_type(schema, inner, errors), expr, errors),
        TypeKind::Union(members) => union(schema, members, expr, errors),
        TypeKind::Record(fields) => {
            let fields = fields
                .iter()
                .map(|(name, ty)| (Name::from(name.text.as_str()), read_type(schema, ty, errors)))
                .collect();
            Type::Record(Arc::new(parapet_model::RecordType { name: None, fields }))
        }
    }
}

/// The names of types of the language; `Set`, `Map` and `Ref` take an argument always.
pub const NAMES: [&str; 18] = [
    "Bool",
    "Int",
    "Float",
    "String",
    "Time",
    "Duration",
    "Ip",
    "Cidr",
    "Arn",
    "AccountId",
    "Policy",
    "Json",
    "Resource",
    "Account",
    "Statement",
    "Principals",
    "Condition",
    "List",
];

fn named(schema: &Schema, name: &str, span: parapet_base::Span, errors: &mut Vec<TypeError>) -> Type {
    match name {
        "Bool" => Type::Bool,
        "Int" => Type::Int,
        "Float" => Type::Float,
        "String" => Type::String,
        "Time" => Type::Time,
        "Duration" => Type::Duration,
        "Ip" => Type::Ip,
        "Cidr" => Type::Cidr,
        "Arn" => Type::Arn,
        "AccountId" => Type::AccountId,
        "Policy" => Type::Policy,
        "Json" => Type::Json,
        "Resource" => Type::AnyResource,
        "Account" => Type::Account,
        _ => match (language_record(name), schema.resource_type(name)) {
            (Some(record), _) => Type::Record(record),
            (None, Some(ty)) => Type::resource(ty.name.clone()),
            (None, None) => unknown_type(schema, name, span, errors),
        },
    }
}

fn unknown_type(schema: &Schema, name: &str, span: parapet_base::Span, errors: &mut Vec<TypeError>) -> Type {
    let nearest = nearest_type(schema, name);
    errors.push(TypeError { span, message: format!("there is no type `{name}`"), nearest });
    Type::Error
}

/// The type most like a misspelt name.
pub(crate) fn nearest_type(schema: &Schema, name: &str) -> Option<String> {
    let all = NAMES.into_iter().chain(schema.type_names().map(|name| &**name));
    if let Some(near) = parapet_base::nearest(name, all) {
        return Some(near.to_owned());
    }
    // `AWS::DBInstance`: the right last segment in another service.
    let last = name.rsplit("::").next()?;
    schema
        .type_names()
        .find(|known| known.rsplit("::").next().is_some_and(|known| known.eq_ignore_ascii_case(last)))
        .map(|name| name.to_string())
}

fn schema_record(
    schema: &Schema,
    owner: &str,
    span: parapet_base::Span,
    record: &Ident,
    errors: &mut Vec<TypeError>,
) -> Type {
    let Some(ty) = schema.resource_type(owner) else { return unknown_type(schema, owner, span, errors) };
    match ty.records.get_key_value(record.text.as_str()) {
        Some((record, _)) => Type::schema_record(ty.name.clone(), record.clone()),
        None => {
            let mut names: Vec<&str> = ty.records.keys().map(|name| &**name).collect();
            names.sort_unstable();
            let nearest = parapet_base::nearest(&record.text, names).map(str::to_owned);
            errors.push(TypeError {
                span: record.span,
                message: format!("`{owner}` has no record `{}`", record.text),
                nearest,
            });
            Type::Error
        }
    }
}

fn generic(
    schema: &Schema,
    name: &str,
    span: parapet_base::Span,
    argument: &TypeExpr,
    errors: &mut Vec<TypeError>,
) -> Type {
    let inner = read_type(schema, argument, errors);
    match (name, &inner) {
        ("List", _) => Type::list(inner),
        ("Set", _) => Type::set(inner),
        ("Map", _) => Type::map(inner),
        ("Ref", Type::Resource(names)) => Type::Ref(
            names.iter().map(|name| parapet_model::RefTarget { resource: name.clone(), property: None }).collect(),
        ),
        (_, Type::Error) => Type::Error,
        ("Ref", _) => {
            errors.push(TypeError {
                span: argument.span,
                message: format!("`Ref` takes a resource type, not `{inner}`"),
                nearest: None,
            });
            Type::Error
        }
        _ => {
            let nearest = parapet_base::nearest(name, ["List", "Set", "Map", "Ref"]).map(str::to_owned);
            errors.push(TypeError { span, message: format!("there is no type `{name}<…>`"), nearest });
            Type::Error
        }
    }
}

fn optional(inner: Type, expr: &TypeExpr, errors: &mut Vec<TypeError>) -> Type {
    if inner.is_optional() {
        errors.push(TypeError { span: expr.span, message: format!("`{inner}` is optional already"), nearest: None });
    }
    inner.optional()
}

fn union(schema: &Schema, members: &[TypeExpr], expr: &TypeExpr, errors: &mut Vec<TypeError>) -> Type {
    let mut names: Vec<Name> = Vec::new();
    for member in members {
        match read_type(schema, member, errors) {
            Type::Resource(more) => names.extend(more.iter().cloned()),
            Type::Error => return Type::Error,
            other => {
                let message = format!("a union joins resource types; `{other}` is none");
                errors.push(TypeError { span: member.span.to(expr.span), message, nearest: None });
                return Type::Error;
            }
        }
    }
    names.sort();
    names.dedup();
    Type::Resource(names.into())
}
