//! More about an offer than its line says, by a key that is made with it and asked about later.

use parapet_builtins::{Builtin, builtin};
use parapet_model::Type;
use parapet_semantic::{Db, Workspace, modules, schema, scope};

use crate::fields::{Field, Owner, field};
use crate::hover::{describe, describe_builtin, describe_field, describe_type, headline};
use crate::names::Symbol;

/// The methods of this name that a value has, by their numbers among all of the name.
pub(super) fn method_key(name: &str, methods: &[&Builtin]) -> String {
    let all = parapet_builtins::named(name, true).enumerate();
    let here = all.filter(|(_, entry)| methods.iter().any(|method| std::ptr::eq(*method, builtin(entry.id))));
    let numbers: Vec<String> = here.map(|(number, _)| number.to_string()).collect();
    format!("method:{name}:{}", numbers.join(","))
}

pub(super) fn field_key(field: &Field) -> String {
    match &field.owner {
        Owner::Resource(owner) => format!("field:{owner}:{}", field.name),
        Owner::Record { owner, record } => format!("record:{owner}.{record}:{}", field.name),
        Owner::Header | Owner::Language(_) => String::new(),
    }
}

/// More about an offer, by its key: Markdown.
pub fn documentation(db: &dyn Db, workspace: Workspace, key: &str) -> Option<String> {
    let (kind, rest) = key.split_once(':')?;
    let schema = schema(db, workspace);
    match kind {
        "type" => Some(describe_type(schema, rest)),
        "builtin" => {
            let (name, method) = rest.split_once(':')?;
            let overloads = parapet_builtins::named(name, method == "true");
            let parts: Vec<String> = overloads.map(|entry| describe_builtin(builtin(entry.id))).collect();
            (!parts.is_empty()).then(|| parts.join("\n\n---\n\n"))
        }
        "method" => {
            let (name, numbers) = rest.split_once(':')?;
            let numbers: Vec<usize> = numbers.split(',').filter_map(|number| number.parse().ok()).collect();
            let overloads = parapet_builtins::named(name, true).enumerate();
            let own = overloads.filter(|(number, _)| numbers.contains(number));
            let parts: Vec<String> = own.map(|(_, entry)| describe_builtin(builtin(entry.id))).collect();
            (!parts.is_empty()).then(|| parts.join("\n\n---\n\n"))
        }
        "definition" => {
            let (module, name) = rest.rsplit_once(':')?;
            let file = *modules(db, workspace).get(module)?;
            let definition = *scope(db, file).own.get(name)?;
            describe(db, workspace, &Symbol::Definition(definition), None)
                .or_else(|| Some(headline(db, workspace, definition)))
        }
        "field" => {
            let (owner, name) = rest.rsplit_once(':')?;
            Some(describe_field(&field(schema, &Type::resource(owner), name)?, None))
        }
        "record" => {
            let (record, name) = rest.rsplit_once(':')?;
            let (owner, record) = record.rsplit_once('.')?;
            Some(describe_field(&field(schema, &Type::schema_record(owner.into(), record.into()), name)?, None))
        }
        _ => None,
    }
}
