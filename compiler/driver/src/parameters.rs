//! The values of parameters: from manifests, parameter files and flags, each over the one before.
//!
//! A value is checked as the default of a parameter of the same type would be, so that what a flag accepts is
//! what the language accepts. Text needs no quotes where the parameter is text.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use parapet_base::Level;
use parapet_interpreter::{Engine, World, json};
use parapet_ir::{Item as Lowered, Program};
use parapet_lower::{complete, lowered};
use parapet_model::{Type, Value};
use parapet_semantic::{
    DefinitionKind, Signature, SourceFile, Workspace, checked, definition_path, items, scope, signature,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::host::Host;
use crate::rules::{Database, Rules};

/// Parameters by path, with their values.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    pub values: FxHashMap<Arc<str>, Value>,
    /// Those that were set, with JSON values, by path.
    pub set: Vec<(String, serde_json::Value)>,
}

/// A parameter that some rules in reach declare.
pub(crate) struct Declared {
    pub path: Arc<str>,
    ty: Type,
    /// The type as its declaration writes it.
    written: String,
    /// A bare name means it before those of others: its rules are evaluated.
    selected: bool,
}

/// Why a name is that of no parameter.
pub(crate) enum Unfound<'d> {
    /// Nothing has the name; the one that is nearest, if one is near.
    Unknown(Option<&'d str>),
    /// Several parameters have it: their paths.
    Several(Vec<&'d str>),
}

/// A value that was given, before it is checked.
pub(crate) enum Given {
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
    let selected: FxHashSet<SourceFile> = rules.selected_files().collect();
    let declared = declared(&rules.db, rules.workspace, &|file| selected.contains(&file));
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
        let parameter = find(&declared, &name).map_err(|unfound| format!("{place}: {}", unfound.told(&name)))?;
        let value = evaluate(&rules.db, rules.workspace, parameter, &value)
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

/// The parameters of all rules in reach; `selected` says of which files a bare name is meant before those of others.
pub(crate) fn declared(db: &Database, workspace: Workspace, selected: &dyn Fn(SourceFile) -> bool) -> Vec<Declared> {
    let mut declared = Vec::new();
    for file in workspace.files(db) {
        let own = scope(db, *file).own.values();
        for definition in own.filter(|definition| definition.kind == DefinitionKind::Parameter) {
            if let Signature::Parameter(ty) = &*signature(db, workspace, definition.item) {
                let written = written_type(db, definition.item).unwrap_or_else(|| ty.to_string());
                declared.push(Declared {
                    path: definition_path(db, definition.item),
                    ty: ty.clone(),
                    written,
                    selected: selected(*file),
                });
            }
        }
    }
    declared
}

fn written_type(db: &Database, item: parapet_semantic::Item<'_>) -> Option<String> {
    let tree = parapet_semantic::parsed(db, item).tree.as_ref()?;
    match &tree.kind {
        parapet_syntax::ItemKind::Parameter { ty, .. } => Some(ty.span.text(item.text(db)).to_owned()),
        _ => None,
    }
}

/// The parameter of a path, or of a bare name that is unique, if need be among those of the selected packages.
pub(crate) fn find<'d>(declared: &'d [Declared], name: &str) -> Result<&'d Declared, Unfound<'d>> {
    if let Some(exact) = declared.iter().find(|parameter| *parameter.path == *name) {
        return Ok(exact);
    }
    let last = |parameter: &'d Declared| parameter.path.rsplit("::").next().unwrap_or_default();
    let mut matching: Vec<&Declared> = declared.iter().filter(|parameter| last(parameter) == name).collect();
    if matching.iter().filter(|parameter| parameter.selected).count() == 1 {
        matching.retain(|parameter| parameter.selected);
    }
    match matching.as_slice() {
        [only] => Ok(only),
        [] => {
            let names = declared.iter().flat_map(|parameter| [&*parameter.path, last(parameter)]);
            Err(Unfound::Unknown(parapet_base::nearest(name, names)))
        }
        several => Err(Unfound::Several(several.iter().map(|parameter| &*parameter.path).collect())),
    }
}

impl Unfound<'_> {
    /// What is wrong with the name.
    pub(crate) fn message(&self, name: &str) -> String {
        match self {
            Unfound::Unknown(_) => format!("there is no parameter `{name}`"),
            Unfound::Several(paths) => format!("`{name}` is not unique: {}", paths.join(", ")),
        }
    }

    /// The same with the name that may be meant.
    fn told(&self, name: &str) -> String {
        let message = self.message(name);
        match self {
            Unfound::Unknown(Some(near)) => format!("{message}; did you mean `{near}`?"),
            Unfound::Unknown(None) | Unfound::Several(_) => message,
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

/// The value that was given, checked as the default of a parameter of this type.
pub(crate) fn evaluate(
    db: &Database,
    workspace: Workspace,
    parameter: &Declared,
    given: &Given,
) -> Result<Value, String> {
    let literal = literal(given, &parameter.ty);
    if literal.contains('\n') {
        return Err("a value stands on one line".to_owned());
    }
    let file = db.value(format!("param value: {} = {literal}\n", parameter.written).into());
    let Some(item) = items(db, file).first().copied() else { return Err(format!("`{literal}` is no value")) };
    let found = &checked(db, workspace, item).diagnostics;
    if let Some(error) = found.iter().find(|diagnostic| diagnostic.level() == Level::Error) {
        return Err(format!("`{literal}` is no `{}`: {}", parameter.ty, error.message));
    }
    let Some(Lowered::Parameter(lowered)) = lowered(db, workspace, item) else {
        return Err(format!("`{literal}` is no value"));
    };
    let Some(default) = &lowered.default else { return Err("no value".to_owned()) };
    let mut program = Program::default();
    let mut wanted = Vec::new();
    parapet_ir::walk(&default.value, &mut |expr| parapet_lower::mention(&expr.kind, &mut wanted));
    complete(db, workspace, &mut program, wanted);
    let world = World::default();
    let engine = Engine::new(&program, &world, jiff::Timestamp::UNIX_EPOCH, Default::default());
    match engine.evaluate(default) {
        Value::Unknown(unknown) => Err(format!("`{literal}` has no value: {}", unknown.why())),
        value => Ok(value),
    }
}
