//! The cases of a folder.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One case, as a line has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Case {
    /// Its place among all cases.
    #[serde(skip)]
    pub(crate) at: usize,
    /// `access` or `adjacent`.
    #[serde(skip)]
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) control: String,
    pub(crate) area: String,
    /// The tool and its rule, such as `guard:RDS_…`.
    pub(crate) rule: String,
    pub(crate) format: String,
    /// The logical id or address that the verdict is about; the whole document without one.
    pub(crate) resource: Option<String>,
    pub(crate) expect: Expected,
    #[serde(default)]
    pub(crate) params: Option<serde_json::Value>,
    pub(crate) input: serde_json::Value,
}

/// What the source's project expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Expected {
    Pass,
    Fail,
    Skip,
}

impl Expected {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Expected::Pass => "pass",
            Expected::Fail => "fail",
            Expected::Skip => "skip",
        }
    }
}

impl Case {
    /// The tool that decided it.
    pub(crate) fn tool(&self) -> &str {
        self.rule.split(':').next().unwrap_or(&self.rule)
    }
}

/// Every case of the files `access-*.jsonl` and `adjacent-*.jsonl`, in the order of their names, and the lines that are
/// none. An empty folder is an error: nothing would be shown by it.
pub(crate) fn read(folder: &Path) -> Result<(Vec<Case>, Vec<String>)> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("{} is not there", folder.display()))?;
    let names: BTreeSet<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name.ends_with(".jsonl") && name.contains('-'))
        .collect();
    let (mut cases, mut faults) = (Vec::new(), Vec::new());
    for name in &names {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let kind = name.split('-').next().unwrap_or_default();
        for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            match serde_json::from_str::<Case>(text) {
                Ok(case) => cases.push(Case { at: cases.len(), kind: kind.to_owned(), ..case }),
                Err(error) => faults.push(format!("{name}:{}: {error}", line + 1)),
            }
        }
    }
    if cases.is_empty() {
        bail!("{} holds no cases", folder.display());
    }
    Ok((cases, faults))
}
