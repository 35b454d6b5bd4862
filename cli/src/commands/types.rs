//! `parapet types`.

use anyhow::{Result, bail};
use parapet_driver::model::{Properties, Property, ResourceType, Schema, Type};
use parapet_driver::{RulesError, System, load};
use serde_json::{Value, json};

use crate::arguments::Types;
use crate::output::print;

pub(crate) fn run(arguments: &Types) -> Result<u8> {
    let host = System::default();
    let rules = match load(&host, &arguments.rules) {
        Ok(rules) => rules,
        Err(RulesError::Missing(message)) => bail!("{message}"),
    };
    let schema: &Schema = &rules.schema();
    let json = arguments.format == "json";
    let Some(name) = &arguments.name else {
        print(&if json { all_json(schema) } else { all_text(schema) })?;
        return Ok(0);
    };
    if let Some(ty) = schema.resource_type(name) {
        print(&if json { type_json(ty) } else { type_text(ty) })?;
        return Ok(0);
    }
    let lower = name.to_lowercase();
    let near: Vec<&str> =
        schema.type_names().map(|name| &**name).filter(|known| known.to_lowercase().contains(&lower)).collect();
    match near.as_slice() {
        [] => {
            let hint = parapet_driver::nearest(name, schema.type_names().map(|name| &**name));
            bail!(
                "there is no resource type `{name}`{}",
                hint.map_or(String::new(), |near| format!("; did you mean `{near}`?"))
            );
        }
        _ => {
            let list: String = near.iter().map(|name| format!("{name}\n")).collect();
            print(&if json { format!("{:#}\n", json!(near)) } else { list })?;
            Ok(0)
        }
    }
}

fn all_text(schema: &Schema) -> String {
    schema.type_names().map(|name| format!("{name}\n")).collect()
}

fn all_json(schema: &Schema) -> String {
    format!("{:#}\n", json!(schema.type_names().map(|name| &**name).collect::<Vec<_>>()))
}

fn flags(property: &Property) -> Vec<&'static str> {
    let flags = [
        (property.required, "required"),
        (property.read_only, "read-only"),
        (property.write_only, "write-only"),
        (property.create_only, "create-only"),
        (property.deprecated, "deprecated"),
        (property.config_only, "AWS Config only"),
        (property.extended, "added by `extend`"),
        (property.absence_counts, "absence is not emptiness"),
    ];
    flags.into_iter().filter(|(set, _)| *set).map(|(_, name)| name).collect()
}

/// The type with all values of an enum, and the property that a reference names.
fn whole_type(ty: &Type) -> String {
    match ty {
        Type::Enum(values) if values.values.len() > 6 => {
            let values_text: Vec<String> = values.values.iter().map(|value| format!("{value:?}")).collect();
            format!("Enum<{}{}>", values_text.join(" | "), if values.open { " | …" } else { "" })
        }
        Type::Optional(inner) => format!("{}?", whole_type(inner)),
        other => other.to_string(),
    }
}

fn type_text(ty: &ResourceType) -> String {
    let mut text = format!("{}\n", ty.name);
    if !ty.identifier.is_empty() {
        text.push_str(&format!("  identifier  {}\n", ty.identifier.join(" | ")));
    }
    if let Some(arn) = &ty.arn {
        text.push_str(&format!("  ARN         {arn}\n"));
    }
    if ty.global {
        text.push_str("  region      global\n");
    }
    text.push('\n');
    text.push_str(&properties_text(&ty.properties));
    let mut records: Vec<_> = ty.records.iter().collect();
    records.sort_by(|a, b| a.0.cmp(b.0));
    for (name, fields) in records {
        text.push_str(&format!("\n{}.{name}\n{}", ty.name, properties_text(fields)));
    }
    text
}

fn properties_text(properties: &Properties) -> String {
    let mut sorted: Vec<&Property> = properties.values().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let width = sorted.iter().map(|property| property.name.len()).max().unwrap_or(0).min(44);
    let lines = sorted.iter().map(|property| {
        let flags = flags(property);
        let remark = if flags.is_empty() { String::new() } else { format!("  ({})", flags.join(", ")) };
        let default = property.default.as_ref().map_or(String::new(), |default| format!("  default {default}"));
        format!("  {:<width$}  {}{remark}{default}\n", property.name, whole_type(&property.value_type()))
    });
    lines.collect()
}

fn type_json(ty: &ResourceType) -> String {
    let fields = |properties: &Properties| -> Value {
        let mut sorted: Vec<&Property> = properties.values().collect();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        let fields = sorted.iter().map(|property| {
            let value = json!({"type": whole_type(&property.value_type()), "flags": flags(property), "default": property.default});
            (property.name.to_string(), value)
        });
        Value::Object(fields.collect())
    };
    let mut records: Vec<_> = ty.records.iter().collect();
    records.sort_by(|a, b| a.0.cmp(b.0));
    let records: serde_json::Map<String, Value> =
        records.into_iter().map(|(name, properties)| (name.to_string(), fields(properties))).collect();
    let identifier: Vec<&str> = ty.identifier.iter().map(|name| &**name).collect();
    let whole = json!({
        "name": &*ty.name, "identifier": identifier, "arn": ty.arn, "global": ty.global,
        "properties": fields(&ty.properties), "records": records,
    });
    format!("{whole:#}\n")
}
