//! Copies the facts about collecting resources to where the driver embeds them, without notes and white space.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// The copy's path from the workspace's root.
pub(crate) const PACK: &str = "compiler/driver/data/collection.json";

/// The bytes of the copy, from the facts in `facts`.
pub(crate) fn pack(facts: &Path) -> Result<Vec<u8>> {
    let mut facts: Value = serde_json::from_str(&std::fs::read_to_string(facts.join("collection.json"))?)?;
    let members = facts.as_object_mut().context("the facts are an object")?;
    members.remove("note");
    members.remove("evidence");
    let mut bytes = serde_json::to_vec(&facts)?;
    bytes.push(b'\n');
    Ok(bytes)
}
