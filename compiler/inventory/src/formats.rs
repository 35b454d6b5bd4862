//! The input formats: their names, and how a record of each is known.
//!
//! Detection is per record, by keys, in the order of [`FORMATS`]: one input may mix formats. A record that none
//! of them knows is an error once one record of the input was recognised.

use std::path::Path;

use parapet_model::{Node, NodeKind, Property, ResourceType};

use crate::aws_config;
use crate::cloud_control;
use crate::cloudformation;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::fresh;
use crate::ndjson;
use crate::service_answers;
use crate::terraform;

/// An input format.
pub struct Format {
    /// Its name for `--input-format` and in reports.
    pub name: &'static str,
    /// What it is, for people.
    pub what: &'static str,
    /// What it is recognised by, for people.
    pub detection: &'static str,
    recognises: fn(&Element<'_>) -> bool,
    deliver: fn(&mut Delivery<'_>, Element<'_>),
    hides: fn(&ResourceType, &Property) -> bool,
}

impl Format {
    /// Whether no record of this format shows a property, so that it is unknown there.
    pub fn hides(&self, ty: &ResourceType, property: &Property) -> bool {
        (self.hides)(ty, property)
    }
}

/// Every format, in the order of detection.
pub static FORMATS: &[Format] = &[
    Format {
        name: aws_config::NAME,
        what: "AWS Config snapshots, histories, configuration items, query answers and rule events",
        detection: "`configurationItems`, `Results`, `invokingEvent`; records with `resourceType`",
        recognises: aws_config::recognises,
        deliver: aws_config::deliver,
        hides: aws_config::hides,
    },
    Format {
        name: "cloud-control",
        what: "answers of the Cloud Control API: get-resource, list-resources",
        detection: "`ResourceDescriptions`; records with `TypeName`",
        recognises: cloud_control::recognises,
        deliver: cloud_control::deliver,
        hides: cloud_control::hides,
    },
    Format {
        name: cloudformation::NAME,
        what: "CloudFormation templates, in JSON or YAML, with nested ones and the folders of the CDK",
        detection: "`Resources` whose members have a `Type`; `AWSTemplateFormatVersion`",
        recognises: cloudformation::recognises,
        deliver: cloudformation::deliver,
        hides: fresh::hides,
    },
    Format {
        name: service_answers::NAME,
        what: "answers of other `aws` calls, credential reports, `accounts.csv`",
        detection: "`$answer`; keys such as `SummaryMap` and `PasswordPolicy`; the first line of a table",
        recognises: service_answers::recognises,
        deliver: service_answers::deliver,
        hides: service_answers::hides,
    },
    Format {
        name: "ndjson",
        what: "Parapet's own records, one a line",
        detection: "records whose `type` names a resource type; `$inventory`",
        recognises: ndjson::recognises,
        deliver: ndjson::deliver,
        hides: |_, _| false,
    },
    Format {
        name: "terraform-plan",
        what: "Terraform plans, as `terraform show -json PLANFILE` prints them",
        detection: "`format_version` with `planned_values`, `resource_changes` or `configuration`",
        recognises: terraform::is_plan,
        deliver: terraform::deliver_plan,
        hides: fresh::hides,
    },
    Format {
        name: "terraform-state",
        what: "Terraform states, as `terraform show -json` prints them, and state files of version 4",
        detection: "`format_version` with `values`; `version` with `terraform_version` and `lineage`",
        recognises: terraform::is_state,
        deliver: terraform::deliver_state,
        hides: |_, property| property.config_only || property.extended,
    },
    Format {
        name: "terraform",
        what: "Terraform configuration in JSON (`.tf.json`), evaluated as far as it is known",
        detection: "nothing but `resource`, `data`, `module`, `variable` and the other blocks",
        recognises: terraform::is_configuration,
        deliver: terraform::deliver_configuration,
        hides: fresh::hides,
    },
];

/// The format of this name.
pub(crate) fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// The format that a record is in.
pub(crate) fn recognised(element: &Element<'_>) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.recognises)(element))
}

/// Delivers a record by the format that it is in.
pub(crate) fn deliver(cx: &mut Delivery<'_>, element: Element<'_>) {
    let format = cx.asked.or_else(|| recognised(&element));
    match format {
        Some(format) => {
            cx.recognised(format);
            (format.deliver)(cx, element);
        }
        None => cx.unrecognised(&element, unknown(&element.node)),
    }
}

fn unknown(node: &Node) -> String {
    match &node.kind {
        NodeKind::Map(members) => {
            let keys: Vec<String> = members.iter().take(5).map(|(key, _)| format!("`{key}`")).collect();
            format!("not a record of any known format: an object with {}", keys.join(", "))
        }
        _ => "not a record of any known format: not an object".to_owned(),
    }
}

/// Endings of names of what certainly is no input: programs, texts for people, settings.
const NO_INPUTS: [&str; 36] = [
    "bat",
    "c",
    "cfg",
    "cjs",
    "cpp",
    "cs",
    "css",
    "editorconfig",
    "go",
    "gradle",
    "h",
    "html",
    "ini",
    "java",
    "js",
    "jsx",
    "kt",
    "lock",
    "lua",
    "md",
    "mjs",
    "parapet",
    "php",
    "pl",
    "ps1",
    "py",
    "pyi",
    "rb",
    "rs",
    "rst",
    "scala",
    "sh",
    "swift",
    "toml",
    "ts",
    "tsx",
];

/// Whether a file is no input by its name alone. Any other that is empty may be what is left of an answer that was never
/// written.
pub fn is_no_input(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match name.rsplit_once('.') {
        // `.gitkeep`
        Some(("", _)) => true,
        Some((_, ending)) => NO_INPUTS.contains(&ending),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_other_things_are_no_inputs() {
        for name in ["a/__init__.py", ".gitkeep", "README.md"] {
            assert!(is_no_input(Path::new(name)), "{name}");
        }
        for name in ["x.json", "terraform.tfstate", "terraform.tfstate.backup", "list-users", "users.txt", "t.template"]
        {
            assert!(!is_no_input(Path::new(name)), "{name}");
        }
    }
}
