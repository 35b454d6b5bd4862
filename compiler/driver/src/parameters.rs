//! The values of parameters: from manifests, parameter files and flags, each over the one before.
//!
//! A value is checked as the default of a parameter of the same type would be, so that what a flag accepts is
//! what the language accepts. Text needs no quotes where the parameter is text.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use parapet_base::{FileId, Level};
use parapet_interpreter::{Engine, World, json};
use parapet_ir::{Item as Lowered, Program};
use parapet_lower::{complete, lowered};
use parapet_model::{Type, Value};
use parapet_semantic::{DefinitionKind, Signature, SourceFile, checked, definition_path, items, scope, signature};
use rustc_hash::FxHashMap;

use crate::host::Host;
use crate::rules::Rules;

/// Parameters by path, with their values.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    pub values: FxHashMap<Arc<str>, Value>,
    /// Those that were set, with JSON values, by path.
    pub set: Vec<(String, serde_json::Value)>,
}

/// A parameter that some rules in reach declare.
struct Declared {
    path: Arc<str>,
    ty: Type,
    /// The type as its declaration writes it.
    written: String,
    /// Its package is one whose rules are evaluated.
    selected: bool,
}

/// A value that was given, before it is checked.
enum Given {
    /// From the command line.
    Text(String),
    Toml(toml::Value),
    Json(serde_json::Value),
}

/// Reads all values, complaining of unknown, ill-typed and doubly named parameters.
pub(crate) fn read(
    host: &dyn Host,
    rules: &Rules,
    flags: &[(String, String)],
    files: &[String],
) -> Result<Parameters, String> {
    let declared = declared(rules);
    let mut given: Vec<(String, Given, String)> = Vec::new();
    for package in rules.packages.iter().filter(|package| package.selected) {
        for (path, value) in package.manifest.iter().flat_map(|manifest| &manifest.params) {
            let at = package.manifest_path.clone().unwrap_or_else(|| "parapet.toml".to_owned());
            given.push((path.clone(), Given::Toml(value.clone()), format!("`[params]` of {at}")));
        }
    }
    for file in files {
        given.extend(read_file(host, file)?);
    }
    for (path, value) in flags {
        given.push((path.clone(), Given::Text(value.clone()), "`--param`".to_owned()));
    }
    let mut parameters = Parameters::default();
    let world = World::default();
    for (name, value, place) in given {
        let parameter = find(&declared, &name).map_err(|message| format!("{place}: {message}"))?;
        let text = literal(&value, &parameter.ty);
        let value = evaluate(rules, parameter, &text)
            .map_err(|message| format!("{place}: parameter `{}`: {message}", parameter.path))?;
        let shown = json(&world, &value).unwrap_or(serde_json::Value::Null);
        parameters.set.retain(|(path, _)| **path != *parameter.path);
        parameters.set.push((parameter.path.to_string(), shown));
        parameters.values.insert(parameter.path.clone(), value);
    }
    parameters.set.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(parameters)
}

/// Parameters without a value or a default that the program reads.
pub(crate) fn unset(program: &Program, parameters: &Parameters) -> Vec<String> {
    let lacking = program.parameters.values().filter(|parameter| parameter.default.is_none());
    let mut unset: Vec<String> = lacking
        .filter(|parameter| !parameters.values.contains_key(&parameter.path))
        .map(|parameter| parameter.path.to_string())
        .collect();
    unset.sort();
    unset
}

fn read_file(host: &dyn Host, file: &str) -> Result<Vec<(String, Given, String)>, String> {
    let mut text = String::new();
    let opened = host.open(Path::new(file));
    opened
        .and_then(|mut reader| reader.read_to_string(&mut text))
        .map_err(|error| format!("`{file}` cannot be read: {error}"))?;
    let place = format!("`{file}`");
    if text.trim_start().starts_with('{') {
        let json: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).map_err(|error| format!("{place}: {error}"))?;
        return Ok(json.into_iter().map(|(path, value)| (path, Given::Json(value), place.clone())).collect());
    }
    let table: toml::Table = toml::from_str(&text).map_err(|error| format!("{place}: {error}"))?;
    let params = match table.get("params") {
        Some(toml::Value::Table(params)) if table.len() == 1 => params.clone(),
        _ => table,
    };
    Ok(params.into_iter().map(|(path, value)| (path, Given::Toml(value), place.clone())).collect())
}

fn declared(rules: &Rules) -> Vec<Declared> {
    let mut declared = Vec::new();
    let files = rules.packages.iter().flat_map(|package| package.files.iter().map(|file| (file, package.selected)));
    for (file, selected) in files {
        for definition in
            scope(&rules.db, *file).own.values().filter(|definition| definition.kind == DefinitionKind::Parameter)
        {
            if let Signature::Parameter(ty) = &*signature(&rules.db, rules.workspace, definition.item) {
                let written = written_type(&rules.db, definition.item).unwrap_or_else(|| ty.to_string());
                declared.push(Declared {
                    path: definition_path(&rules.db, definition.item),
                    ty: ty.clone(),
                    written,
                    selected,
                });
            }
        }
    }
    declared
}

fn written_type(db: &crate::rules::Database, item: parapet_semantic::Item<'_>) -> Option<String> {
    let tree = parapet_semantic::parsed(db, item).tree.as_ref()?;
    match &tree.kind {
        parapet_syntax::ItemKind::Parameter { ty, .. } => Some(ty.span.text(item.text(db)).to_owned()),
        _ => None,
    }
}

/// The parameter of a path, or of a bare name that is unique, if need be among those of the selected packages.
fn find<'d>(declared: &'d [Declared], name: &str) -> Result<&'d Declared, String> {
    if let Some(exact) = declared.iter().find(|parameter| *parameter.path == *name) {
        return Ok(exact);
    }
    let last = |parameter: &Declared| parameter.path.rsplit("::").next().unwrap_or_default() == name;
    let mut matching: Vec<&Declared> = declared.iter().filter(|parameter| last(parameter)).collect();
    if matching.iter().filter(|parameter| parameter.selected).count() == 1 {
        matching.retain(|parameter| parameter.selected);
    }
    match matching.as_slice() {
        [only] => Ok(only),
        [] => {
            let names = declared
                .iter()
                .flat_map(|parameter| [&*parameter.path, parameter.path.rsplit("::").next().unwrap_or_default()]);
            let hint =
                parapet_base::nearest(name, names).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            Err(format!("there is no parameter `{name}`{hint}"))
        }
        several => {
            let paths: Vec<&str> = several.iter().map(|parameter| &*parameter.path).collect();
            Err(format!("`{name}` is not unique: {}", paths.join(", ")))
        }
    }
}

/// The value as the language writes it.
fn literal(given: &Given, ty: &Type) -> String {
    match given {
        Given::Text(text) if ty.required().is_text() && !text.trim_start().starts_with('"') => format!("{text:?}"),
        Given::Text(text) => text.clone(),
        Given::Toml(value) => toml_literal(value, ty.required()),
        Given::Json(value) => json_literal(value, ty.required()),
    }
}

/// Text stands in quotes where the type is text, or anything; a time or an address stands bare.
fn text_literal(text: &str, ty: &Type) -> String {
    let bare = matches!(ty, Type::Time | Type::Duration | Type::Ip | Type::Cidr);
    match (bare, ty) {
        (true, Type::Cidr) if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) => {
            format!("cidr({text:?})")
        }
        (true, Type::Ip) if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) => format!("ip({text:?})"),
        (true, _) => text.to_owned(),
        (false, _) => format!("{text:?}"),
    }
}

fn inner(ty: &Type, name: &str) -> Type {
    match ty {
        Type::List { element, .. } | Type::Set(element) => element.required().clone(),
        Type::Map(value) => value.required().clone(),
        Type::Record(record) => {
            let field = record.fields.iter().find(|(known, _)| **known == *name);
            field.map_or(Type::Json, |(_, ty)| ty.required().clone())
        }
        _ => Type::Json,
    }
}

fn entries(ty: &Type, entries: Vec<(String, String)>) -> String {
    let quoted = !matches!(ty, Type::Record(_) | Type::SchemaRecord(_));
    let entries = entries
        .into_iter()
        .map(|(key, value)| if quoted { format!("{key:?}: {value}") } else { format!("{key}: {value}") });
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

fn toml_literal(value: &toml::Value, ty: &Type) -> String {
    match value {
        toml::Value::String(text) => text_literal(text, ty),
        toml::Value::Integer(int) => int.to_string(),
        toml::Value::Float(float) => format!("{float:?}"),
        toml::Value::Boolean(value) => value.to_string(),
        toml::Value::Datetime(time) => time.to_string(),
        toml::Value::Array(elements) => {
            let element = inner(ty, "");
            format!("[{}]", elements.iter().map(|value| toml_literal(value, &element)).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(table) => {
            entries(ty, table.iter().map(|(key, value)| (key.clone(), toml_literal(value, &inner(ty, key)))).collect())
        }
    }
}

fn json_literal(value: &serde_json::Value, ty: &Type) -> String {
    match value {
        serde_json::Value::String(text) => text_literal(text, ty),
        serde_json::Value::Array(elements) => {
            let element = inner(ty, "");
            format!("[{}]", elements.iter().map(|value| json_literal(value, &element)).collect::<Vec<_>>().join(", "))
        }
        serde_json::Value::Object(members) => entries(
            ty,
            members.iter().map(|(key, value)| (key.clone(), json_literal(value, &inner(ty, key)))).collect(),
        ),
        other => other.to_string(),
    }
}

/// The value of a literal, checked as the default of a parameter of this type.
fn evaluate(rules: &Rules, parameter: &Declared, literal: &str) -> Result<Value, String> {
    if literal.contains('\n') {
        return Err("a value stands on one line".to_owned());
    }
    let text: Arc<str> = format!("param value: {} = {literal}\n", parameter.written).into();
    let db = &rules.db;
    let file = SourceFile::new(db, FileId(u32::MAX), "value".into(), "".into(), "value".into(), text);
    let Some(item) = items(db, file).first().copied() else { return Err(format!("`{literal}` is no value")) };
    let found = &checked(db, rules.workspace, item).diagnostics;
    if let Some(error) = found.iter().find(|diagnostic| diagnostic.level() == Level::Error) {
        return Err(format!("`{literal}` is no `{}`: {}", parameter.ty, error.message));
    }
    let Some(Lowered::Parameter(lowered)) = lowered(db, rules.workspace, item) else {
        return Err(format!("`{literal}` is no value"));
    };
    let Some(default) = &lowered.default else { return Err("no value".to_owned()) };
    let mut program = Program::default();
    let mut wanted = Vec::new();
    parapet_ir::walk(&default.value, &mut |expr| parapet_lower::mention(&expr.kind, &mut wanted));
    complete(db, rules.workspace, &mut program, wanted);
    let world = World::default();
    let engine = Engine::new(&program, &world, jiff::Timestamp::UNIX_EPOCH, Default::default());
    match engine.evaluate(default) {
        Value::Unknown(unknown) => Err(format!("`{literal}` has no value: {}", unknown.why())),
        value => Ok(value),
    }
}
