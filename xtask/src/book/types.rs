//! The index of the resource types: a table for each service, a row for each type.

use parapet_model::{ResourceType, Schema};

use super::mark;

/// What stands above the tables; `{count}` is the number of types.
const PREFACE: &str = "\
# Resource types

Parapet knows {count} resource types. For each the table says how many properties it has, those of its records counted
apart, and which properties identify it. A type marked *global* has the region `global`.
`parapet types AWS::RDS::DBInstance` shows the properties themselves.
";

/// The page.
pub(super) fn page() -> String {
    let schema = Schema::embedded();
    let mut types: Vec<&ResourceType> =
        schema.type_names().filter_map(|name| schema.resource_type(name)).map(|ty| &**ty).collect();
    types.sort_by(|a, b| a.name.cmp(&b.name));
    let mut page = mark("facts/, by way of the embedded schemas");
    page.push_str(&PREFACE.replace("{count}", &thousands(types.len())));
    let mut service = "";
    for ty in types {
        let (prefix, name) = ty.name.rsplit_once("::").unwrap_or(("", &*ty.name));
        if prefix != service {
            service = prefix;
            page.push_str(&format!(
                "\n## {service}\n\n| type | properties | in records | identifier |\n| --- | --- | --- | --- |\n"
            ));
        }
        page.push_str(&row(ty, name));
    }
    page
}

fn row(ty: &ResourceType, name: &str) -> String {
    let nested: usize = ty.records.values().map(|fields| fields.len()).sum();
    let identifier = ty.identifier.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ");
    let global = if ty.global { " *global*" } else { "" };
    format!("| {name}{global} | {} | {nested} | {identifier} |\n", ty.properties.len())
}

/// `1,858`
fn thousands(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1000), number % 1000),
    }
}
