//! The matrix: what the library says about each resource of each architecture, form by form.

use std::collections::{BTreeMap, BTreeSet};

use parapet_driver::{Documents, Prepared, Request, System, Tier, prepare};
use parapet_model::{Finding, RunResult, Verdict};

use crate::fixtures::{Architecture, FORMS, Form, VARIANTS, Variant};

/// A guardrail and a resource of a variant of an architecture.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) guardrail: String,
    pub(crate) architecture: String,
    pub(crate) variant: Variant,
    pub(crate) resource: String,
}

/// A verdict, with its causes where it is unknown.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) verdict: &'static str,
    pub(crate) causes: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Matrix {
    pub(crate) cells: BTreeMap<Place, [Option<Said>; 4]>,
    /// The guardrails of the library, without the package.
    pub(crate) guardrails: BTreeSet<String>,
    /// What was found on a resource that no table names, and what was not read.
    pub(crate) strays: Vec<String>,
}

impl Matrix {
    pub(crate) fn of(architectures: &[Architecture]) -> Matrix {
        let mut matrix = Matrix::default();
        for architecture in architectures {
            let Ok(prepared) = prepare(&System::default(), &request(architecture)) else {
                panic!("the library checks")
            };
            for (variant, form) in VARIANTS.into_iter().flat_map(|variant| FORMS.map(|form| (variant, form))) {
                matrix.add(architecture, variant, form, &prepared);
            }
        }
        matrix
    }

    fn add(&mut self, architecture: &Architecture, variant: Variant, form: Form, prepared: &Prepared) {
        let file = format!("{}/{}/{}", architecture.name, variant.name(), form.file());
        let Some(result) = run(architecture, variant, form, prepared) else { panic!("{file} is not checked") };
        // Resources of types that no guardrail could judge are listed, too, and are no errors.
        let errors = result.skipped.iter().filter(|skipped| skipped.error);
        self.strays.extend(errors.map(|skipped| format!("{file}: not read: {}", skipped.reason)));
        self.guardrails.extend(result.guardrails.iter().map(|info| short(&info.path)));
        for finding in &result.findings {
            let guardrail = short(&result.guardrails[finding.guardrail].path);
            let (ty, called) = (&finding.resource.resource_type, called(finding, form));
            match architecture.resource(form, ty, called) {
                Some(resource) => {
                    let resource = resource.to_owned();
                    let place = Place { guardrail, architecture: architecture.name.clone(), variant, resource };
                    let before = self.cells.entry(place).or_default()[form as usize].replace(said(finding));
                    if before.is_some() {
                        self.strays.push(format!("{file}: two resources are called {called}"));
                    }
                }
                // Every live inventory names its account; only some architectures are about it.
                None if **ty == *"Account" => {}
                None => {
                    let stray =
                        format!("{file}: {guardrail} speaks of {ty} {called}, which resources.tsv does not name");
                    self.strays.push(stray);
                }
            }
        }
    }
}

/// Documents call a resource by its address, inventories by its identifier.
fn called(finding: &Finding, form: Form) -> &str {
    let address = finding.resource.address.as_deref();
    match form {
        Form::CloudFormation | Form::Terraform => address.unwrap_or(&finding.resource.id),
        Form::AwsConfig | Form::CloudControl => &finding.resource.id,
    }
}

fn said(finding: &Finding) -> Said {
    let verdict = match finding.verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Unknown => "unknown",
        Verdict::NotApplicable => "n/a",
        Verdict::Waived => "waived",
    };
    let causes = finding.unknown.iter().map(|cause| format!("{}: {}", cause.path, cause.reason)).collect();
    Said { verdict, causes }
}

fn short(path: &str) -> String {
    path.trim_start_matches("aws::").to_owned()
}

fn request(architecture: &Architecture) -> Request<'static> {
    let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    // A template may be checked for an account.
    let parameters = architecture.folder.join("parameters.json");
    let parameters = if parameters.exists() { vec![text(parameters)] } else { Vec::new() };
    Request {
        rules: vec!["aws".to_owned()],
        params_files: vec![text(architecture.folder.join("params.toml"))],
        all: true,
        documents: Documents { parameters, ..Documents::default() },
        jobs: 2,
        ..Request::at("2026-11-23T00:00:00Z".parse().unwrap())
    }
}

fn run(architecture: &Architecture, variant: Variant, form: Form, prepared: &Prepared) -> Option<RunResult> {
    let inputs = vec![architecture.file(variant, form).to_string_lossy().into_owned()];
    let host = System::default();
    let request = |tier: Tier| Request { inputs: inputs.clone(), tier, ..request(architecture) };
    let said = |tier: Tier| prepared.verdicts(&host, &request(tier)).ok().map(|(said, _)| said);
    let meant = said(Tier::Interpreter)?;
    for tier in [Tier::Columns, Tier::Jit] {
        assert_eq!(said(tier).as_ref(), Some(&meant), "{}: {tier:?} says something else", inputs.concat());
    }
    prepared.run(&host, &request(Tier::Auto)).ok().map(|(result, _)| result)
}

impl std::fmt::Display for Matrix {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, cells) in &self.cells {
            let said = cells.each_ref().map(|said| said.as_ref().map_or("-", |said| said.verdict));
            let Place { guardrail, architecture, variant, resource } = place;
            writeln!(out, "{guardrail}\t{architecture}/{}/{resource}\t{}", variant.name(), said.join("\t"))?;
        }
        Ok(())
    }
}
