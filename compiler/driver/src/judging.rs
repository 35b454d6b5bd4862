//! Every guardrail on every resource of its population, on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use parapet_builtins::glob;
use parapet_interpreter::{Engine, Subject, World};
use parapet_ir::{Guardrail, Population};
use parapet_model::{AccountIndex, Resource, ResourceId, Value, Verdict, Waived};

use crate::check::{Refusal, Request};
use crate::selection::Selected;

/// What a guardrail said of a subject.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) subject: Subject,
    /// The index of the guardrail.
    pub(crate) guardrail: usize,
    pub(crate) verdict: Verdict,
    /// The waiver that covers it.
    pub(crate) waiver: Option<usize>,
}

impl Judged {
    /// The verdict that results tell.
    pub(crate) fn told(&self) -> Verdict {
        if self.waiver.is_some() { Verdict::Waived } else { self.verdict }
    }

    pub(crate) fn waived(&self) -> Option<Waived> {
        self.waiver.map(|waiver| Waived { verdict: self.verdict, waiver })
    }
}

/// Judges every pair; the result is in the order of subjects, then guardrails. With the time that each guardrail took,
/// on all threads together.
pub(crate) fn evaluate(
    engine: &Engine<'_>,
    selected: &Selected,
    request: &Request<'_>,
    world: &World,
) -> Result<(Vec<Judged>, Vec<Duration>), Refusal> {
    let mut work: Vec<(usize, Vec<Subject>)> = Vec::new();
    for (at, guardrail) in selected.program.guardrails.iter().enumerate() {
        let subjects = subjects(guardrail, request, world);
        work.extend(subjects.chunks(256).map(|chunk| (at, chunk.to_vec())));
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new((Vec::new(), vec![Duration::ZERO; selected.program.guardrails.len()]));
    run_parallel(request.jobs, &|| {
        let (mut own, mut times) = (Vec::new(), Vec::new());
        while let Some((at, subjects)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(guardrail) = selected.program.guardrails.get(*at) else { continue };
            let started = Instant::now();
            own.extend(subjects.iter().map(|subject| Judged {
                subject: *subject,
                guardrail: *at,
                verdict: engine.judge(guardrail, *subject),
                waiver: None,
            }));
            times.push((*at, started.elapsed()));
        }
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        results.0.append(&mut own);
        for (at, time) in times {
            results.1.get_mut(at).into_iter().for_each(|all| *all += time);
        }
    })?;
    let (mut judged, times) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    judged.sort_unstable_by_key(|judged| (judged.subject, judged.guardrail));
    Ok((judged, times))
}

/// Expressions nest as deeply as the parser allows, so that threads get room for it.
pub const STACK: usize = 64 << 20;

fn run_parallel(jobs: usize, work: &(dyn Fn() + Sync)) -> Result<(), Refusal> {
    std::thread::scope(|scope| {
        let spawned: Result<Vec<_>, std::io::Error> =
            (0..jobs.max(1)).map(|_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)).collect();
        let handles = spawned.map_err(|error| Refusal::Fault(format!("no thread can be started: {error}")))?;
        let crashed = handles.into_iter().map(std::thread::ScopedJoinHandle::join).filter(Result::is_err).count();
        if crashed > 0 { Err(Refusal::Fault("a thread of the evaluation broke off".to_owned())) } else { Ok(()) }
    })
}

fn subjects(guardrail: &Guardrail, request: &Request<'_>, world: &World) -> Vec<Subject> {
    // What may lie there is judged: a template does not say where it will be deployed.
    let in_place = |account: &Value, region: Option<&Value>| {
        let wanted = |id: &str| request.accounts.iter().any(|account| account == id);
        let by_account = request.accounts.is_empty() || account.as_text().is_none_or(wanted);
        let wanted = |name: &str| request.regions.iter().any(|glob| glob::like(name, glob));
        let by_region = request.regions.is_empty() || region.and_then(Value::as_text).is_none_or(wanted);
        by_account && by_region
    };
    let admitted = |resource: &Resource| {
        request.selection.admits_type(&resource.resource_type) && in_place(&resource.account, Some(&resource.region))
    };
    match &guardrail.population {
        Population::Types(types) => {
            let mut ids: Vec<ResourceId> = types.iter().flat_map(|name| world.of_type(name)).copied().collect();
            ids.sort_unstable();
            ids.retain(|id| world.resource(*id).is_some_and(admitted));
            ids.into_iter().map(Subject::Resource).collect()
        }
        Population::AllResources => {
            world.resources().filter(|(_, resource)| admitted(resource)).map(|(id, _)| Subject::Resource(id)).collect()
        }
        Population::Accounts => {
            let accounts = world.accounts().iter().enumerate().filter(|(_, account)| in_place(&account.id, None));
            accounts.map(|(at, _)| Subject::Account(AccountIndex(at as u32))).collect()
        }
    }
}
