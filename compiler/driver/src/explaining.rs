//! The pipeline of `parapet explain GUARDRAIL RESOURCE`: step by step, why a guardrail gave its verdict.

use parapet_interpreter::{Engine, Subject, World};
use parapet_ir::{Guardrail, Projection};
use parapet_model::{ResourceId, RulePlace, SeenValue, Skipped, UnknownPath, Verdict, WaiverInfo};
use parapet_semantic::Scope;

use crate::check::{Refusal, Request};
use crate::diagnostics::{diagnostics, has_errors};
use crate::host::Host;
use crate::parameters;
use crate::places::{Places, Sources};
use crate::reading::read_inputs;
use crate::rules::{self, RulesError};
use crate::selection::select;
use crate::telling::{RuleSources, seen};
use crate::waiving::Waivers;
use crate::world::world;

/// A statement that was evaluated.
pub struct ExplainedStep {
    pub depth: usize,
    /// `let`, `skip if`, `require`, `for`, `if`.
    pub what: &'static str,
    /// What came of it: `true`, `false`, `unknown (…)`, a value.
    pub outcome: String,
    pub rule: RulePlace,
    pub values: Vec<SeenValue>,
}

/// The way to a verdict.
pub struct Explanation {
    pub guardrail: String,
    pub resource_type: String,
    pub resource: String,
    pub verdict: Verdict,
    pub steps: Vec<ExplainedStep>,
    pub messages: Vec<String>,
    pub unknown: Vec<UnknownPath>,
    /// The waiver that keeps the verdict from counting.
    pub waiver: Option<WaiverInfo>,
}

/// What an explanation tells.
pub struct Explanations {
    /// One for each resource that is called so; none where the guardrail ranges over none.
    pub explanations: Vec<Explanation>,
    /// Records of the input that could not be read: the resource may be one of them, or another one that it leads to.
    pub broken: Vec<Skipped>,
}

/// Explains the guardrail of `request.selection` on each resource whose id, name, ARN or address is `resource`.
pub fn explain(host: &dyn Host, request: &Request<'_>, resource: &str) -> Result<Explanations, Refusal> {
    let rules = rules::load(host, &request.rules).map_err(|RulesError::Missing(message)| Refusal::Usage(message))?;
    let found = diagnostics(&rules, Scope::WithoutTests);
    if has_errors(&found) {
        return Err(Refusal::Rules(Box::new(rules), found));
    }
    let mut selected = select(&rules, &request.selection, request.as_of).map_err(Refusal::Usage)?;
    let mut waivers = Waivers::join(&rules, &mut selected, request.as_of);
    let parameters = parameters::read(host, &rules, &request.params, &request.params_files).map_err(Refusal::Usage)?;
    let projection = Projection::of(&selected.program);
    let mut inputs = read_inputs(host, &rules, request, &request.inputs, (None, None), &projection)?;
    let broken = inputs.skipped.iter().filter(|skipped| skipped.error).cloned().collect();
    let world = world(&mut inputs, &projection);
    let engine = Engine::new(&selected.program, &world, request.as_of, parameters.values);
    let mut explanations = Vec::new();
    for (at, guardrail) in selected.program.guardrails.iter().enumerate() {
        for subject in subjects(&world, guardrail, resource) {
            let judgement = engine.trace(guardrail, subject);
            let mut wanted: Vec<ResourceId> = Vec::new();
            let reads = judgement.steps.iter().flat_map(|step| &step.reads);
            wanted.extend(reads.filter_map(|read| read.place.as_ref()).map(|place| place.resource));
            wanted.sort_unstable();
            wanted.dedup();
            let sources = Sources::open(host, &inputs, &world, || Ok(wanted), None)?;
            let places = Places::new(&sources);
            let Some(source) = RuleSources::new(&rules).of(&guardrail.path) else { continue };
            let steps = judgement.steps.iter().map(|step| ExplainedStep {
                depth: step.depth,
                what: step.what,
                outcome: step.outcome.clone(),
                rule: source.place(step.span),
                values: step.reads.iter().map(|read| seen(&world, &places, read)).collect(),
            });
            let waived = match judgement.verdict {
                Verdict::Fail | Verdict::Unknown => waivers.covering(&engine, at, subject),
                Verdict::Pass | Verdict::NotApplicable | Verdict::Waived => None,
            };
            let (resource_type, label) = named(&world, subject);
            explanations.push(Explanation {
                guardrail: guardrail.path.to_string(),
                resource_type,
                resource: label,
                verdict: judgement.verdict,
                steps: steps.collect(),
                messages: judgement.details.iter().map(|detail| detail.message.clone()).collect(),
                unknown: judgement
                    .unknown
                    .iter()
                    .map(|cause| UnknownPath { path: cause.path.to_string(), reason: cause.why.to_string() })
                    .collect(),
                waiver: waived.and_then(|at| waivers.infos.get(at)).cloned(),
            });
        }
    }
    Ok(Explanations { explanations, broken })
}

fn named(world: &World, subject: Subject) -> (String, String) {
    match subject {
        Subject::Resource(id) => match world.resource(id) {
            Some(resource) => (resource.resource_type.to_string(), resource.label().to_owned()),
            None => ("Resource".to_owned(), "?".to_owned()),
        },
        Subject::Account(account) => {
            let id = world.account_field(account, "id");
            ("Account".to_owned(), id.as_text().unwrap_or("?").to_owned())
        }
    }
}

fn subjects(world: &World, guardrail: &Guardrail, wanted: &str) -> Vec<Subject> {
    let ranges_over = |name: &str| match &guardrail.population {
        parapet_ir::Population::Types(types) => types.iter().any(|ty| **ty == *name),
        parapet_ir::Population::AllResources => true,
        parapet_ir::Population::Accounts => false,
    };
    let resources = world.resources().filter(|(_, resource)| {
        let texts = [&resource.id, &resource.name, &resource.arn];
        let called =
            texts.into_iter().any(|text| text.as_text() == Some(wanted)) || resource.address.as_deref() == Some(wanted);
        called && ranges_over(&resource.resource_type)
    });
    let mut subjects: Vec<Subject> = resources.map(|(id, _)| Subject::Resource(id)).collect();
    if guardrail.population == parapet_ir::Population::Accounts {
        let accounts = world.accounts().iter().enumerate().filter(|(_, account)| account.id.as_text() == Some(wanted));
        subjects.extend(accounts.map(|(at, _)| Subject::Account(parapet_model::AccountIndex(at as u32))));
    }
    subjects
}
