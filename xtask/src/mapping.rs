//! Packs the facts about AWS Config items into the compact form that the inventory crate embeds.
//!
//! One line per type, sorted by name, all of it deflated: `OLD = NEW` for a type that has another name in the
//! canon, else `TYPE {…}` with what reading an item takes: `map`, `split`, `supplementary`, `hidden` (what the
//! item does not carry), and `"recorded":false` for a type that AWS Config does not record. Notes, evidence
//! and statistics stay in the facts.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Map, Value, json};

/// The pack's path from the workspace's root.
pub(crate) const PACK: &str = "compiler/inventory/data/config_mapping.pack";

/// What an entry keeps as it is.
const KEPT: [&str; 3] = ["map", "split", "supplementary"];

/// What the item does not carry, by the reason why.
const HIDDEN: [&str; 3] = ["no_source", "no_source_read_only", "absent"];

/// The bytes of the pack, from the facts in `facts`.
pub(crate) fn pack(facts: &Path) -> Result<Vec<u8>> {
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(facts.join("config_mapping.json"))?)?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(lines(&facts)?.as_bytes())?;
    Ok(encoder.finish()?)
}

fn lines(facts: &Value) -> Result<String> {
    let types = facts.get("types").and_then(Value::as_object).context("the facts have no types")?;
    let mut renames: Vec<(&str, &str)> = Vec::new();
    let renamed = facts.get("type_rename").and_then(Value::as_object).context("the facts rename no types")?;
    renames.extend(renamed.iter().filter_map(|(name, canonical)| Some((name.as_str(), canonical.as_str()?))));
    let own = types.iter().filter_map(|(name, entry)| Some((name.as_str(), entry.get("cfn")?.as_str()?)));
    renames.extend(own);
    renames.sort_unstable();
    renames.dedup();
    let mut lines: String = renames.iter().map(|(name, canonical)| format!("{name} = {canonical}\n")).collect();
    // Types that only AWS Config has need no entry to be recorded.
    let config_only = facts.get("config_only_types").and_then(Value::as_array).into_iter().flatten();
    let mut names: Vec<&str> = types.keys().map(String::as_str).chain(config_only.filter_map(Value::as_str)).collect();
    names.sort_unstable();
    names.dedup();
    let plain = Map::new();
    for name in names {
        let entry = types.get(name).and_then(Value::as_object).unwrap_or(&plain);
        lines.push_str(&format!("{name} {}\n", serde_json::to_string(&stripped(entry))?));
    }
    Ok(lines)
}

fn stripped(entry: &Map<String, Value>) -> Value {
    let mut kept: Map<String, Value> = Map::new();
    for key in KEPT {
        kept.extend(entry.get(key).map(|value| (key.to_owned(), without_notes(value))));
    }
    let hidden = HIDDEN.iter().filter_map(|key| entry.get(*key)?.as_array()).flatten();
    let mut hidden: Vec<&str> = hidden.filter_map(Value::as_str).collect();
    hidden.sort_unstable();
    hidden.dedup();
    if !hidden.is_empty() {
        kept.insert("hidden".into(), json!(hidden));
    }
    if entry.get("shape").and_then(Value::as_str).is_some_and(|shape| shape.starts_with("not recorded")) {
        kept.insert("recorded".into(), json!(false));
    }
    Value::Object(kept)
}

fn without_notes(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, value)| *key != "note" || !value.is_string());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_notes(value))).collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(without_notes).collect()),
        other => other.clone(),
    }
}
