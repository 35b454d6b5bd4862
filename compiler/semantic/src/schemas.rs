//! The resource types of a workspace: those of AWS, and what its `schema` and `extend` items add.
//!
//! Types are known by their names everywhere in the workspace; no `use` brings them in. What an item says wrongly is
//! reported where it is checked (`check/schemas.rs`); here the first declaration of a name or field counts.

use std::sync::Arc;

use indexmap::IndexMap;
use parapet_model::{Name, Property, ResourceType, Schema, Type, header_fields};
use parapet_syntax::{Ident, ItemKind, TypeExpr};

use crate::chunks::{chunk, numbers};
use crate::db::{Db, Item, SourceFile, Workspace, items, parsed};
use crate::signatures::read_type;

/// The `schema` and `extend` items of a chunk of files.
#[salsa::tracked(returns(ref))]
fn declarations<'db>(db: &'db dyn Db, workspace: Workspace, number: usize) -> Vec<Item<'db>> {
    let files = chunk(workspace.files(db), number).iter().filter(|file| may_declare(db, **file));
    let items = files.flat_map(|file| items(db, *file)).copied();
    items.filter(|item| matches!(item.keyword(db), "schema" | "extend")).collect()
}

/// Whether the text of a file has one of the words that declarations begin with. Most have none, and need not be cut into
/// items before the first file is checked.
#[salsa::tracked(returns(copy))]
fn may_declare(db: &dyn Db, file: SourceFile) -> bool {
    let text = file.text(db);
    text.contains("schema") || text.contains("extend")
}

/// Every `schema` and `extend` item, in the order of the workspace.
#[salsa::tracked(returns(ref))]
pub fn all_declarations<'db>(db: &'db dyn Db, workspace: Workspace) -> Vec<Item<'db>> {
    numbers(workspace.files(db)).flat_map(|number| declarations(db, workspace, number)).copied().collect()
}

/// All resource types that rules of this workspace may name.
#[salsa::tracked(returns(ref))]
pub fn schema(db: &dyn Db, workspace: Workspace) -> Arc<Schema> {
    match workspace.settled(db) {
        Some(settled) => settled.schema.clone(),
        None => declared_schema(db, workspace).clone(),
    }
}

/// The same, from what all files say.
#[salsa::tracked(returns(ref))]
pub(crate) fn declared_schema(db: &dyn Db, workspace: Workspace) -> Arc<Schema> {
    let declarations = all_declarations(db, workspace);
    let mut types: IndexMap<Name, &[(Ident, TypeExpr)]> = IndexMap::new();
    let mut extensions: Vec<(Name, &[(Ident, TypeExpr)])> = Vec::new();
    for item in declarations {
        match parsed(db, *item).tree.as_ref().map(|tree| &tree.kind) {
            Some(ItemKind::Schema { name, fields }) if may_be_declared(&name.text()) => {
                types.entry(name.text().into()).or_insert(fields);
            }
            Some(ItemKind::Extension { target, fields }) => extensions.push((target.text().into(), fields)),
            _ => {}
        }
    }
    // Fields may refer to each other's types, so that the names come first.
    let named = Schema::with(types.keys().map(|name| ResourceType::own(name.clone(), Vec::new())).collect());
    let mut own: IndexMap<Name, ResourceType> = types
        .iter()
        .map(|(name, fields)| (name.clone(), ResourceType::own(name.clone(), properties(&named, fields))))
        .collect();
    for (target, fields) in extensions {
        let known = own.get(&target).cloned().or_else(|| named.resource_type(&target).map(|ty| (**ty).clone()));
        let Some(known) = known else { continue };
        let more = properties(&named, fields).into_iter().map(|property| Property { extended: true, ..property });
        own.insert(target, known.with(more.collect()));
    }
    Arc::new(Schema::with(own.into_values().collect()))
}

fn properties(schema: &Schema, fields: &[(Ident, TypeExpr)]) -> Vec<Property> {
    let mut errors = Vec::new();
    let readable = fields.iter().filter(|(name, _)| !is_header(&name.text));
    let typed = readable.map(|(name, ty)| (Name::from(name.text.as_str()), read_type(schema, ty, &mut errors)));
    typed.filter(|(_, ty)| is_recorded(ty)).map(|(name, ty)| Property::own(name, ty)).collect()
}

/// Whether every resource has a field of this name already.
pub(crate) fn is_header(name: &str) -> bool {
    header_fields().iter().any(|(known, _)| **known == *name)
}

/// Whether a program may declare a type of this name: two segments or more in capitals, none of them AWS's.
pub(crate) fn may_be_declared(name: &str) -> bool {
    let capital = |segment: &str| segment.starts_with(|letter: char| letter.is_ascii_uppercase());
    name.contains("::") && name.split("::").all(capital) && !name.starts_with("AWS::")
}

/// Whether a record of an inventory can hold values of a type.
pub(crate) fn is_recorded(ty: &Type) -> bool {
    match ty {
        Type::Resource(_) | Type::AnyResource | Type::Account | Type::Duration | Type::Never => false,
        Type::List { element, .. } => is_recorded(element),
        Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => is_recorded(inner),
        Type::Record(record) => record.fields.iter().all(|(_, ty)| is_recorded(ty)),
        Type::Bool
        | Type::Int
        | Type::Float
        | Type::String
        | Type::Time
        | Type::Ip
        | Type::Cidr
        | Type::Arn
        | Type::AccountId
        | Type::Folded
        | Type::Policy
        | Type::Json
        | Type::Enum(_)
        | Type::SchemaRecord(_)
        | Type::Ref(_)
        | Type::Error => true,
    }
}
