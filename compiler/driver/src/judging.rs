//! Every guardrail on every resource of its population, on all cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use parapet_builtins::glob;
use parapet_interpreter::{Engine, Subject, World};
use parapet_ir::{Guardrail, Population};
use parapet_model::{AccountIndex, Name, ResourceId, Value, Verdict, Waived};

use crate::check::{Refusal, Request};
use crate::selection::Selected;
use crate::tiers::{Rows, Tiers};

/// What a guardrail said of a subject: there are as many of them as resources and guardrails, so that they are small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) subject: Subject,
    guardrail: u32,
    pub(crate) verdict: Verdict,
    /// [`NO_WAIVER`] for what none covers.
    waiver: u32,
}

const NO_WAIVER: u32 = u32::MAX;

impl Judged {
    pub(crate) fn new(subject: Subject, guardrail: usize, verdict: Verdict) -> Judged {
        Judged { subject, guardrail: guardrail as u32, verdict, waiver: NO_WAIVER }
    }

    /// The index of the guardrail.
    pub(crate) fn guardrail(&self) -> usize {
        self.guardrail as usize
    }

    /// The verdict that results tell.
    pub(crate) fn told(&self) -> Verdict {
        if self.waiver == NO_WAIVER { self.verdict } else { Verdict::Waived }
    }

    /// The waiver that covers it.
    pub(crate) fn waived(&self) -> Option<Waived> {
        (self.waiver != NO_WAIVER).then_some(Waived { verdict: self.verdict, waiver: self.waiver as usize })
    }

    /// Covers it, unless another waiver does.
    pub(crate) fn waive(&mut self, waiver: usize) {
        if self.waiver == NO_WAIVER {
            self.waiver = waiver as u32;
        }
    }
}

/// How a run was evaluated.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evaluation {
    /// The time that each guardrail took, on all threads together.
    pub(crate) times: Vec<Duration>,
    /// How many guardrails ran as programs over columns.
    pub(crate) programs: usize,
    /// How many of these as machine code.
    pub(crate) compiled: usize,
    /// How often the interpreter was asked of a part of one.
    pub(crate) asked: usize,
    /// The guardrails that could not be lowered, and why.
    pub(crate) unlowered: Vec<(usize, &'static str)>,
}

/// A piece of the work: a guardrail, and what it judges.
struct Piece<'w> {
    guardrail: usize,
    what: What<'w>,
}

enum What<'w> {
    /// Each for itself, by the interpreter.
    Subjects(Vec<Subject>),
    /// Words of 64 resources of a type, by a program: the number of the first, and which resources of each are judged.
    Words { name: Name, rows: &'w Rows<'w>, first: usize, live: Vec<u64> },
}

/// What a guardrail is known to say, of all that it judges.
pub(crate) type Said<'s> = dyn Fn(usize) -> Option<&'s [(Subject, Verdict)]> + 's;

/// Resources that the interpreter judges at once.
const SUBJECTS: usize = 256;

/// Words of a piece.
const WORDS: usize = 64;

/// Judges every pair; the result is in the order of subjects, then guardrails.
pub(crate) fn evaluate(
    engine: &Engine<'_>,
    selected: &Selected,
    request: &Request<'_>,
    (world, said): (&World, &Said<'_>),
) -> Result<(Vec<Judged>, Evaluation), Refusal> {
    let guardrails = &selected.program.guardrails;
    let asked = |(at, guardrail): (usize, &Arc<Guardrail>)| match said(at) {
        Some(_) => Vec::new(),
        None => subjects(guardrail, request, world),
    };
    let subjects: Vec<Vec<Subject>> = guardrails.iter().enumerate().map(asked).collect();
    let tiers = Tiers::new(selected, world, request.tier, |at| subjects.get(at).map_or(0, Vec::len));
    let mut work: Vec<Piece<'_>> = Vec::new();
    for (at, (guardrail, subjects)) in guardrails.iter().zip(&subjects).enumerate() {
        match tiers.tables(at, guardrail, world) {
            Some(tables) => {
                for (name, rows) in tables {
                    work.extend(words(at, name, rows, subjects));
                }
            }
            None => work.extend(
                subjects.chunks(SUBJECTS).map(|chunk| Piece { guardrail: at, what: What::Subjects(chunk.to_vec()) }),
            ),
        }
    }
    let next = AtomicUsize::new(0);
    let results = Mutex::new((Vec::new(), vec![Duration::ZERO; guardrails.len()]));
    run_parallel(request.jobs, &|| {
        let (mut own, mut times, mut masks) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(piece) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(guardrail) = guardrails.get(piece.guardrail) else { continue };
            let started = Instant::now();
            judge(engine, &tiers, (piece, guardrail), &mut own, &mut masks);
            times.push((piece.guardrail, started.elapsed()));
        }
        let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
        results.0.append(&mut own);
        for (at, time) in times {
            results.1.get_mut(at).into_iter().for_each(|all| *all += time);
        }
    })?;
    let (mut judged, times) = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    for at in 0..guardrails.len() {
        let before = said(at).unwrap_or_default().iter();
        judged.extend(before.map(|(subject, verdict)| Judged::new(*subject, at, *verdict)));
    }
    judged.sort_unstable_by_key(|judged| (judged.subject, judged.guardrail()));
    let (programs, compiled, asked) = tiers.counts();
    Ok((judged, Evaluation { times, programs, compiled, asked, unlowered: tiers.unlowered }))
}

fn judge(
    engine: &Engine<'_>,
    tiers: &Tiers<'_>,
    (piece, guardrail): (&Piece<'_>, &Guardrail),
    judged: &mut Vec<Judged>,
    masks: &mut Vec<u64>,
) {
    let at = piece.guardrail;
    let verdict = |subject: Subject, verdict: Verdict| Judged::new(subject, at, verdict);
    match &piece.what {
        What::Subjects(subjects) => {
            judged.extend(subjects.iter().map(|subject| verdict(*subject, engine.judge(guardrail, *subject))));
        }
        What::Words { name, rows, first, live } => {
            for (word, live) in live.iter().enumerate().map(|(at, live)| (first + at, *live)) {
                let said = tiers.judge(engine, (at, guardrail), (name, rows), (word, live), masks);
                let mut left = live;
                while left != 0 {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    let Some(id) = rows.ids.get(word * 64 + bit as usize) else { continue };
                    let subject = Subject::Resource(*id);
                    let said = said.map_or_else(|| engine.judge(guardrail, subject), |said| said.get(bit));
                    judged.push(verdict(subject, said));
                }
            }
        }
    }
}

/// The words of a type with resources that are judged.
fn words<'w>(guardrail: usize, name: Name, rows: &'w Rows<'w>, subjects: &[Subject]) -> Vec<Piece<'w>> {
    let mut live = vec![0u64; rows.table.words()];
    let judged = |id: &ResourceId| subjects.binary_search(&Subject::Resource(*id)).is_ok();
    for (row, _) in rows.ids.iter().enumerate().filter(|(_, id)| judged(id)) {
        live.get_mut(row / 64).into_iter().for_each(|word| *word |= 1 << (row % 64));
    }
    let piece = |(at, live): (usize, &[u64])| Piece {
        guardrail,
        what: What::Words { name: name.clone(), rows, first: at * WORDS, live: live.to_vec() },
    };
    live.chunks(WORDS).enumerate().filter(|(_, live)| live.iter().any(|word| *word != 0)).map(piece).collect()
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
    let admitted = |id: &ResourceId| {
        let Some(here) = world.whereabouts(*id) else { return false };
        request.selection.admits_type(here.resource_type) && in_place(here.account, Some(here.region))
    };
    match &guardrail.population {
        Population::Types(types) => {
            let mut ids: Vec<ResourceId> = types.iter().flat_map(|name| world.of_type(name)).copied().collect();
            ids.sort_unstable();
            ids.retain(admitted);
            ids.into_iter().map(Subject::Resource).collect()
        }
        Population::AllResources => world.ids().filter(admitted).map(Subject::Resource).collect(),
        Population::Accounts => {
            let accounts = world.accounts().iter().enumerate().filter(|(_, account)| in_place(&account.id, None));
            accounts.map(|(at, _)| Subject::Account(AccountIndex(at as u32))).collect()
        }
    }
}
