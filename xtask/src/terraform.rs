//! Packs the facts about the Terraform AWS provider into the compact form that the inventory crate embeds.
//!
//! `terraform_mapping.json` says which attribute is which property, `terraform_folds.json` how that is carried out,
//! `tf_types.ndjson` which attributes there are. One line per entry, all of it deflated: `type NAME {…}` for each
//! canonical type that a Terraform type gives, `attributes NAME a b* c`, `split {…}`, `fold {…}`, `drop NAME why`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Map, Value, json};

/// The pack's path from the workspace's root.
pub(crate) const PACK: &str = "compiler/inventory/data/terraform.pack";

type Members = Map<String, Value>;

/// The bytes of the pack, from the facts in `facts`.
pub(crate) fn pack(facts: &Path) -> Result<Vec<u8>> {
    let mapping = document(&facts.join("terraform_mapping.json"))?;
    let folds = document(&facts.join("terraform_folds.json"))?;
    let types = std::fs::read_to_string(facts.join("tf_types.ndjson"))?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(lines(&mapping, &folds, &types)?.as_bytes())?;
    Ok(encoder.finish()?)
}

fn document(path: &Path) -> Result<Value> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

#[expect(clippy::indexing_slicing, reason = "a JSON value gives null for what it does not have")]
fn lines(mapping: &Value, folds: &Value, types: &str) -> Result<String> {
    let mut lines = String::new();
    for (name, entries) in entries(mapping, folds)? {
        for entry in entries {
            lines.push_str(&format!("type {name} {}\n", serde_json::to_string(&entry)?));
        }
    }
    for line in types.lines() {
        let ty: Value = serde_json::from_str(line)?;
        let (Some(name), Some(attributes)) = (ty["t"].as_str(), ty["p"].as_object()) else { continue };
        // `name*` is a block.
        let mark = |term: &Value| if term.as_str().is_some_and(|term| term.contains('#')) { "*" } else { "" };
        let names: Vec<String> = attributes.iter().map(|(name, term)| format!("{name}{}", mark(term))).collect();
        lines.push_str(&format!("attributes {name} {}\n", names.join(" ")));
    }
    for kind in ["split", "fold"] {
        for entry in folds[kind].as_array().context("a list of entries is missing")? {
            lines.push_str(&format!("{kind} {}\n", serde_json::to_string(entry)?));
        }
    }
    for (name, why) in members(&folds["drop"]) {
        lines.push_str(&format!("drop {name} {}\n", why.as_str().unwrap_or_default()));
    }
    Ok(lines)
}

/// What each Terraform type gives.
#[expect(clippy::indexing_slicing, reason = "a JSON value gives null for what it does not have")]
fn entries(mapping: &Value, folds: &Value) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut entries: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (cfn, facts) in mapping["types"].as_object().context("the facts have no types")? {
        for name in facts["tf"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let mut map: Members = members(&facts["loose"]).collect();
            map.extend(members(&facts["rename"]));
            map.retain(|_, source| source["tf"].as_str().is_none_or(|only| only == name));
            entries.entry(name.to_owned()).or_default().push(json!({"cfn": cfn, "map": map}));
        }
    }
    let own: Vec<&str> =
        folds["identifiers_of_their_own"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, change) in members(&folds["types"]) {
        if change["none"] == json!(true) {
            entries.remove(&name);
            continue;
        }
        let like = change["like"].as_str().map(|like| &folds["types"][like]);
        let list = entries.entry(name).or_default();
        if list.is_empty() {
            list.push(json!({"map": {}}));
        }
        for entry in list.iter_mut() {
            like.into_iter().for_each(|like| overlay(entry, like));
            overlay(entry, &change);
        }
    }
    for (name, list) in &mut entries {
        if own.contains(&name.as_str()) {
            list.iter_mut().for_each(|entry| entry["own"] = json!(true));
        }
    }
    Ok(entries)
}

#[expect(clippy::indexing_slicing, reason = "a JSON value gives null for what it does not have")]
fn overlay(entry: &mut Value, change: &Value) {
    for (property, source) in members(&change["map"]) {
        match source {
            Value::Null => drop(entry["map"].as_object_mut().map(|map| map.remove(&property))),
            source => entry["map"][property] = source,
        }
    }
    if let Some(cfn) = change["cfn"].as_str() {
        entry["cfn"] = json!(cfn);
    }
    if let Some(when) = entry["cfn"].as_str().and_then(|cfn| change["when"].get(cfn)) {
        entry["when"] = when.clone();
    }
    for key in ["empty", "absent", "default", "name"] {
        if !change[key].is_null() {
            entry[key] = change[key].clone();
        }
    }
}

fn members(value: &Value) -> impl Iterator<Item = (String, Value)> {
    value.as_object().cloned().unwrap_or_default().into_iter()
}
