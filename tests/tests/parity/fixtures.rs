//! The architectures: their files, the names of their resources in each form, and what must come out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::tables::lines;

/// A way to show an architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    CloudFormation,
    Terraform,
    AwsConfig,
    CloudControl,
}

pub(crate) const FORMS: [Form; 4] = [Form::CloudFormation, Form::Terraform, Form::AwsConfig, Form::CloudControl];

impl Form {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Form::CloudFormation => "cloudformation",
            Form::Terraform => "terraform",
            Form::AwsConfig => "aws-config",
            Form::CloudControl => "cloud-control",
        }
    }

    pub(crate) fn file(self) -> &'static str {
        match self {
            Form::CloudFormation => "template.yaml",
            Form::Terraform => "plan.json",
            Form::AwsConfig => "config.ndjson",
            Form::CloudControl => "cloud-control.ndjson",
        }
    }
}

/// The architecture as it should be, or with weaknesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Variant {
    Passing,
    Failing,
}

pub(crate) const VARIANTS: [Variant; 2] = [Variant::Passing, Variant::Failing];

impl Variant {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Variant::Passing => "passing",
            Variant::Failing => "failing",
        }
    }
}

/// A resource of an architecture.
pub(crate) struct Named {
    /// Its type, or several where the forms have it as different ones.
    types: Vec<String>,
    /// What each form calls it. `None` where the form has no such resource. A `*` at the end stands for any text.
    ids: [Option<String>; 4],
}

impl Named {
    pub(crate) fn is_in(&self, form: Form) -> bool {
        self.ids[form as usize].is_some()
    }

    fn is_called(&self, form: Form, ty: &str, called: &str) -> bool {
        let is = |id: &String| match id.strip_suffix('*') {
            Some(beginning) => called.starts_with(beginning),
            None => id == called,
        };
        self.types.iter().any(|own| own == ty) && self.ids[form as usize].as_ref().is_some_and(is)
    }
}

/// A folder of `tests/parity`.
pub(crate) struct Architecture {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// The resources, by the name that the tables use.
    pub(crate) resources: BTreeMap<String, Named>,
    /// What must come out, by guardrail and resource. `None` where the variant has no such resource.
    pub(crate) expected: BTreeMap<(String, String), [Option<String>; 2]>,
}

impl Architecture {
    /// The name of what a form calls `called`.
    pub(crate) fn resource(&self, form: Form, ty: &str, called: &str) -> Option<&str> {
        let found = self.resources.iter().find(|(_, named)| named.is_called(form, ty, called));
        found.map(|(name, _)| name.as_str())
    }

    pub(crate) fn file(&self, variant: Variant, form: Form) -> PathBuf {
        self.folder.join(variant.name()).join(form.file())
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("parity")
}

/// All architectures, by name.
pub(crate) fn architectures() -> Vec<Architecture> {
    let entries = std::fs::read_dir(root()).expect("the folder of architectures");
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.into_iter().map(architecture).collect()
}

fn architecture(folder: PathBuf) -> Architecture {
    let name = folder.file_name().unwrap().to_string_lossy().into_owned();
    let resources = lines(&folder.join("resources.tsv"), 6).into_iter().map(|line| {
        let [name, types, ids @ ..] = <[String; 6]>::try_from(line).unwrap();
        (name, Named { types: types.split(' ').map(str::to_owned).collect(), ids: ids.map(optional) })
    });
    let expected = lines(&folder.join("verdicts.tsv"), 4).into_iter().map(|line| {
        let [guardrail, resource, verdicts @ ..] = <[String; 4]>::try_from(line).unwrap();
        ((guardrail, resource), verdicts.map(optional))
    });
    Architecture { name, resources: resources.collect(), expected: expected.collect(), folder }
}

fn optional(text: String) -> Option<String> {
    (text != "-").then_some(text)
}
