//! Values as messages print them.

use jiff::SignedDuration;
use parapet_model::{AccountIndex, Attribute, Symbol, SymbolPart, Unknown, Value};

use crate::world::World;

/// A value in a message: absent ones print `absent`, unknown ones `unknown (reason)`, and texts that exist only after
/// deployment what is known of them.
pub fn display(world: &World, value: &Value) -> String {
    match value {
        Value::Absent => "absent".to_owned(),
        Value::Unknown(unknown) => match unknown.symbol() {
            Some(symbol) => symbolic(world, symbol),
            None => format!("unknown ({})", unknown.why()),
        },
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Time(time) => time.to_string(),
        Value::Duration(duration) => display_duration(*duration),
        Value::Ip(address) => address.to_string(),
        Value::Cidr(block) => block.to_string(),
        Value::List(elements) | Value::Set(elements) => {
            elements.iter().map(|element| display(world, element)).collect::<Vec<_>>().join(", ")
        }
        Value::Map(entries) | Value::Record(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key}: {}", display(world, value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Resource(id) => {
            world.resource(*id).map_or_else(|| "?".to_owned(), |resource| resource.label().to_owned())
        }
        Value::Account(account) => account_id(world, *account),
        Value::Count(count) => match count.most {
            Some(most) => format!("{} to {most}", count.least),
            None => format!("at least {}", count.least),
        },
    }
}

/// What is known of a text: a resource's name in its document for its identifier, `${…}` for what stands among known parts.
fn symbolic(world: &World, symbol: &Symbol) -> String {
    if let Some(attribute) = symbol.alone().filter(|attribute| world.owned(&attribute.owner).is_some()) {
        return named(world, attribute);
    }
    let part = |part: &SymbolPart| match part {
        SymbolPart::Literal(text) => text.to_string(),
        SymbolPart::Attribute(attribute) => format!("${{{}}}", named(world, attribute)),
    };
    symbol.parts().iter().map(part).collect()
}

/// `Bucket`, `Bucket.Arn`, or the name of what belongs to no resource: a parameter, a region.
fn named(world: &World, attribute: &Attribute) -> String {
    match (world.owned(&attribute.owner).map(|resource| resource.label()), &*attribute.name) {
        (Some(label), "id") => label.to_owned(),
        (Some(label), "arn") => format!("{label}.Arn"),
        (Some(label), name) => format!("{label}.{name}"),
        (None, name) => name.to_owned(),
    }
}

fn account_id(world: &World, account: AccountIndex) -> String {
    match world.account_field(account, "id") {
        Value::Text(id) => id.to_string(),
        Value::Unknown(unknown) => format!("unknown ({})", unknown.why()),
        _ => "?".to_owned(),
    }
}

/// `90d`, `1d 12h`, `-30m`, `1.5s`.
pub fn display_duration(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().unsigned_abs();
    let nanos = duration.subsec_nanos().unsigned_abs();
    let parts = [(seconds / 86_400, "d"), (seconds % 86_400 / 3_600, "h"), (seconds % 3_600 / 60, "m")];
    let mut parts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if nanos > 0 {
        let fraction = format!("{nanos:09}");
        parts.push(format!("{}.{}s", seconds % 60, fraction.trim_end_matches('0')));
    } else if !seconds.is_multiple_of(60) || parts.is_empty() {
        parts.push(format!("{}s", seconds % 60));
    }
    let sign = if duration.is_negative() { "-" } else { "" };
    format!("{sign}{}", parts.join(" "))
}

/// A value as JSON; `None` when absent or unknown as a whole.
pub fn json(world: &World, value: &Value) -> Option<serde_json::Value> {
    use serde_json::Value as Json;
    Some(match value {
        Value::Absent | Value::Unknown(_) => return None,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        Value::Float(value) => Json::from(*value),
        Value::List(elements) | Value::Set(elements) => Json::Array(
            elements.iter().map(|element| json(world, element).unwrap_or_else(|| unknown_json(element))).collect(),
        ),
        Value::Map(entries) | Value::Record(entries) => {
            let entries = entries.iter().filter(|(_, value)| !value.is_absent());
            let entries = entries
                .map(|(key, value)| (key.to_string(), json(world, value).unwrap_or_else(|| unknown_json(value))));
            Json::Object(entries.collect())
        }
        other => Json::String(display(world, other)),
    })
}

/// `{"$unknown": "…"}`, as neutral records write it; `null` for what is absent.
fn unknown_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Unknown(unknown) => serde_json::json!({ "$unknown": why(unknown) }),
        _ => serde_json::Value::Null,
    }
}

fn why(unknown: &Unknown) -> String {
    unknown.why().to_owned()
}
