//! Whether tests would notice if the rules were otherwise.
//!
//! Each guardrail, function and constant of the selected rules is changed in one place at a time ([`parapet_ir::Mutant`]), and the
//! tests that reach it run on the changed program until one fails. What no test notices survives. The second family,
//! [`super::flips`], leaves the rules alone and changes what passing fixtures show.

use std::sync::Arc;

use jiff::Timestamp;
use parapet_interpreter::Engine;
use parapet_ir::{
    ExprKind, Mutant, Program, StepKind, constant_mutants, function_mutants, guardrail_mutants, mutated_constant,
    mutated_function, mutated_guardrail, walk,
};
use parapet_lower::mention;
use parapet_model::{MutantKind, MutationReport, Noticed, Survivor};

use crate::host::Host;
use crate::parallel::{in_parallel, no_thread};
use crate::testing::expectations::expect;
use crate::testing::flips;
use crate::testing::givens::{Stage, stage};
use crate::testing::prepare::{Body, Definition, Prepared};

/// A test and the stage that it plays on; the stage does not change with the rules, unless its givens name them.
pub(super) struct Staged<'t> {
    pub(super) prepared: &'t Prepared,
    pub(super) stage: Stage,
    gives_by_names: bool,
}

/// A definition, one of its changes, and the tests that reach it.
struct Trial<'t> {
    definition: &'t Definition,
    /// `None`: no change at all, which no test may notice.
    mutant: Option<Mutant>,
    tests: Arc<Vec<usize>>,
}

/// Tries all mutants of these definitions. All tests must hold.
pub(super) fn mutate(
    host: &dyn Host,
    tests: &[Prepared],
    definitions: &[Definition],
    now: Timestamp,
    jobs: usize,
) -> Result<MutationReport, String> {
    let thread = |error: std::io::Error| no_thread(&error);
    let staged = |at: usize| tests.get(at).and_then(|prepared| set(host, prepared, now));
    let staged: Vec<Option<Staged<'_>>> =
        in_parallel(jobs, tests.len(), &staged).map_err(thread)?.into_iter().map(Option::flatten).collect();
    let Some(staged) = staged.into_iter().collect::<Option<Vec<_>>>() else {
        return Err("the stage of a test that holds cannot be set again".to_owned());
    };
    let trials: Vec<Trial<'_>> = definitions.iter().flat_map(|definition| trials(definition, &staged)).collect();
    let one = |at: usize| trials.get(at).is_some_and(|trial| trial.is_noticed(host, &staged, now));
    let results = in_parallel(jobs, trials.len(), &one).map_err(thread)?;
    let mut report = MutationReport::default();
    for (trial, noticed) in trials.iter().zip(results) {
        let Some(noticed) = noticed else {
            return Err(format!("`{}` broke off with {}", trial.definition.path(), trial.change()));
        };
        trial.count(noticed, &mut report)?;
    }
    flips::flip(&staged, definitions, jobs, &mut report)?;
    Ok(report)
}

fn set<'t>(host: &dyn Host, prepared: &'t Prepared, now: Timestamp) -> Option<Staged<'t>> {
    let stage = stage(host, prepared, &prepared.program, now).ok()?;
    let mut gives_by_names = false;
    for step in &prepared.test.steps {
        let mut named = |expr| walk(expr, &mut |part| gives_by_names |= names(&part.kind));
        match &step.kind {
            StepKind::Resource { fields, .. } => fields.iter().filter_map(|(_, value)| value.as_ref()).for_each(named),
            StepKind::Now(value) | StepKind::Param { value, .. } => named(value),
            StepKind::Inventory { .. } | StepKind::Verdict { .. } | StepKind::Holds { .. } => {}
        }
    }
    Some(Staged { prepared, stage, gives_by_names })
}

/// Whether an expression is evaluated by the rules.
fn names(kind: &ExprKind) -> bool {
    let mut found = Vec::new();
    mention(kind, &mut found);
    !found.is_empty()
}

/// The trials of a definition: first without a change, then every mutant.
fn trials<'t>(definition: &'t Definition, staged: &[Staged<'_>]) -> Vec<Trial<'t>> {
    let mut tests: Vec<usize> = staged
        .iter()
        .enumerate()
        .filter(|(_, staged)| definition.is_reached_by(staged.prepared))
        .map(|(at, _)| at)
        .collect();
    // The tests of the definition's own module are the likeliest to notice, the small ones the quickest.
    tests.sort_by_key(|at| {
        let prepared = staged.get(*at).map(|staged| staged.prepared);
        let own = prepared.is_some_and(|prepared| prepared.module.starts_with(&definition.text.module));
        (!own, prepared.map_or(0, |prepared| prepared.test.steps.len()), *at)
    });
    let tests = Arc::new(tests);
    let mutants = match &definition.body {
        Body::Guardrail(guardrail) => guardrail_mutants(guardrail),
        Body::Function(function) => function_mutants(function),
        Body::Constant(constant) => constant_mutants(constant),
    };
    let all = std::iter::once(None).chain(mutants.into_iter().map(Some));
    all.map(|mutant| Trial { definition, mutant, tests: tests.clone() }).collect()
}

impl Trial<'_> {
    fn change(&self) -> &str {
        self.mutant.as_ref().map_or("no change", |mutant| &mutant.change)
    }

    fn is_noticed(&self, host: &dyn Host, staged: &[Staged<'_>], now: Timestamp) -> bool {
        let mutant = self.mutant.as_ref();
        let body = match &self.definition.body {
            Body::Guardrail(guardrail) => Body::Guardrail(Arc::new(mutated_guardrail(guardrail, mutant))),
            Body::Function(function) => Body::Function(Arc::new(mutated_function(function, mutant))),
            Body::Constant(constant) => Body::Constant(Arc::new(mutated_constant(constant, mutant))),
        };
        let mut tests = self.tests.iter().filter_map(|at| staged.get(*at));
        tests.any(|staged| !holds(host, staged, &body, now))
    }

    fn count(&self, noticed: bool, report: &mut MutationReport) -> Result<(), String> {
        let Some(mutant) = &self.mutant else {
            let path = self.definition.path();
            return if noticed { Err(format!("`{path}` means something else without its joins")) } else { Ok(()) };
        };
        let accepted = self.definition.accepts_survivors;
        tally(&mut report.rules, noticed, accepted);
        if !noticed {
            let text = &self.definition.text;
            let place = text.position(mutant.span);
            report.survivors.push(Survivor {
                kind: MutantKind::Rule,
                definition: self.definition.path().to_string(),
                path: text.file.clone(),
                line: place.line,
                column: place.column,
                text: text.shown_in_context(mutant.span),
                change: mutant.change.clone(),
                accepted,
                tests: self.tests.len(),
            });
        }
        Ok(())
    }
}

/// Counts a mutant.
pub(super) fn tally(noticed: &mut Noticed, killed: bool, accepted: bool) {
    match (killed, accepted) {
        (true, _) => noticed.killed += 1,
        (false, true) => noticed.accepted += 1,
        (false, false) => noticed.survived += 1,
    }
}

/// Whether a test holds with this body in place of the definition of the same path.
fn holds(host: &dyn Host, staged: &Staged<'_>, body: &Body, now: Timestamp) -> bool {
    let prepared = staged.prepared;
    let program = with(&prepared.program, body);
    let fresh = match body {
        Body::Function(_) | Body::Constant(_) if staged.gives_by_names => match stage(host, prepared, &program, now) {
            Ok(stage) => Some(stage),
            Err(_) => return false,
        },
        Body::Function(_) | Body::Constant(_) | Body::Guardrail(_) => None,
    };
    let stage = fresh.as_ref().unwrap_or(&staged.stage);
    let engine = Engine::new(&program, &stage.world, stage.now, stage.parameters.clone());
    let concerned = |kind: &StepKind| match (body, kind) {
        (Body::Guardrail(mutated), StepKind::Verdict { guardrail, .. }) => mutated.path == *guardrail,
        (Body::Guardrail(_), StepKind::Holds { .. }) => false,
        (Body::Function(_) | Body::Constant(_), _) | (_, StepKind::Resource { .. } | StepKind::Inventory { .. }) => {
            true
        }
        (_, StepKind::Now(_) | StepKind::Param { .. }) => true,
    };
    let mut steps = prepared.test.steps.iter().filter(|step| concerned(&step.kind));
    steps.all(|step| expect(&engine, &prepared.test, step, &stage.slots).is_ok())
}

fn with(program: &Program, body: &Body) -> Program {
    let mut program = program.clone();
    match body {
        Body::Guardrail(guardrail) => {
            if let Some(place) = program.guardrails.iter_mut().find(|known| known.path == guardrail.path) {
                *place = guardrail.clone();
            }
        }
        Body::Function(function) => {
            program.functions.insert(function.path.clone(), function.clone());
        }
        Body::Constant(constant) => {
            program.constants.insert(constant.path.clone(), constant.clone());
        }
    }
    program
}
