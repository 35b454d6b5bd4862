//! Reads inputs of other projects in place, where they are at hand: every file must be read whole.
//!
//! The files are not part of this repository. A file that no reader of this version is for is left out by name.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Inputs that this version has readers for, with how many records may be left unread.
const FILES: [(&str, usize); 13] = [
    ("moto-inventory.ndjson", 0),
    // One item is of a type that no schema has.
    ("aws-config-items.ndjson", 1),
    ("aws-config-rule-event-rds.json", 0),
    ("aws-config-select-resource-config-ecr.json", 0),
    ("cloudcontrol-list-resources.json", 0),
    ("cloudformation-intrinsics.json", 0),
    // Types that are not mapped, a resource of another provider, and a policy without its domain.
    ("tfplan-0.12-55-resources.json", 13),
    ("tfplan-0.13-iam-attachments.json", 0),
    ("tfplan-1.0-bucket-policies.json", 0),
    ("tfplan-1.0-modules.json", 0),
    // One resource of another provider.
    ("tfplan-1.1-drift-prior-state.json", 1),
    ("tfplan-after-unknown.json", 0),
    ("tfplan-nested-modules.json", 0),
];

/// Checks each file with the standard library; a status of 4 or more skipped records than known is an error.
pub(crate) fn check(root: &Path, folder: &Path) -> Result<()> {
    for (name, unread) in FILES {
        let path = folder.join(name);
        let output = Command::new(env!("CARGO"))
            .current_dir(root)
            .args([
                "run",
                "--quiet",
                "--release",
                "--package",
                "parapet",
                "--",
                "check",
                "--format",
                "json",
                "--as-of",
                "2026-11-23",
            ])
            .arg(path.canonicalize().with_context(|| format!("{} is not there", path.display()))?)
            .output()?;
        let result: serde_json::Value =
            serde_json::from_slice(&output.stdout).with_context(|| format!("{name}: no result"))?;
        let count = |key: &str| result.get(key).and_then(serde_json::Value::as_array).map_or(0, Vec::len);
        let resources = result.pointer("/summary/resources").and_then(serde_json::Value::as_u64).unwrap_or(0);
        if !matches!(output.status.code(), Some(0 | 1 | 5)) || count("skipped") > unread || resources == 0 {
            bail!(
                "{name}: status {:?}, {resources} resources, {} records skipped",
                output.status.code(),
                count("skipped")
            );
        }
        writeln!(std::io::stdout(), "{name}: {resources} resources, {} skipped as known", count("skipped"))?;
    }
    Ok(())
}
