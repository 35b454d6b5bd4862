//! What a test expects, against what the engine says.

use parapet_interpreter::{Engine, Subject, display};
use parapet_ir::{Guardrail, Outcome, Population, Slot, Step, StepKind, Target, Test};
use parapet_model::{AccountIndex, Truth, Value, Verdict};

/// Judges one step of a test; `Err` says what disagrees.
pub(super) fn expect(engine: &Engine<'_>, test: &Test, step: &Step, slots: &[(Slot, Value)]) -> Result<(), String> {
    match &step.kind {
        StepKind::Verdict { guardrail, outcome, target, with } => {
            let guardrail = engine.guardrail(guardrail).ok_or_else(|| format!("`{guardrail}` is not there"))?;
            match target {
                Target::Given(slot) => expect_on(engine, guardrail, *outcome, slots, *slot, with.as_deref()),
                Target::Count(count) => expect_count(engine, guardrail, *outcome, *count, with.as_deref()),
            }
        }
        StepKind::Holds { condition, text } => match engine.evaluate_condition(condition, test.slots, slots) {
            (Truth::True, _) => Ok(()),
            (truth, reads) => {
                let state = if truth == Truth::False { "is false" } else { "is unknown" };
                let values: Vec<String> = reads
                    .iter()
                    .map(|read| format!("\n  {} is {}", read.text, display(engine.world(), &read.value)))
                    .collect();
                Err(format!("`{text}` {state}{}", values.concat()))
            }
        },
        StepKind::Resource { .. } | StepKind::Inventory { .. } | StepKind::Now(_) | StepKind::Param { .. } => Ok(()),
    }
}

/// The subject that a slot names.
pub(super) fn subject(slots: &[(Slot, Value)], slot: Slot) -> Option<Subject> {
    slots.iter().find(|(known, _)| *known == slot).and_then(|(_, value)| match value {
        Value::Resource(id) => Some(Subject::Resource(*id)),
        Value::Account(account) => Some(Subject::Account(*account)),
        _ => None,
    })
}

fn verdict_of(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Passes => Verdict::Pass,
        Outcome::Fails => Verdict::Fail,
        Outcome::Skips => Verdict::NotApplicable,
        Outcome::Unknown => Verdict::Unknown,
    }
}

fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passes",
        Verdict::Fail => "fails",
        Verdict::Unknown => "is unknown",
        Verdict::NotApplicable => "skips",
        // No waiver is looked at in tests.
        Verdict::Waived => "is waived",
    }
}

/// What a subject's verdict and messages are, for the text of a failure.
fn told(engine: &Engine<'_>, guardrail: &Guardrail, subject: Subject) -> (Verdict, Vec<String>) {
    let judgement = engine.explain(guardrail, subject);
    let mut lines: Vec<String> = judgement.details.iter().map(|detail| detail.message.clone()).collect();
    lines.extend(judgement.unknown.iter().map(|cause| format!("{}: {}", cause.path, cause.why)));
    (judgement.verdict, lines)
}

fn expect_on(
    engine: &Engine<'_>,
    guardrail: &Guardrail,
    outcome: Outcome,
    slots: &[(Slot, Value)],
    slot: Slot,
    with: Option<&str>,
) -> Result<(), String> {
    let subject = subject(slots, slot).ok_or("the expectation names nothing that was given")?;
    // Reasons cost more than the verdict, and are wanted for messages and disagreements only.
    if with.is_none() && engine.judge(guardrail, subject) == verdict_of(outcome) {
        return Ok(());
    }
    let (verdict, lines) = told(engine, guardrail, subject);
    let indented: String = lines.iter().map(|line| format!("\n  {line}")).collect();
    if verdict != verdict_of(outcome) {
        return Err(format!(
            "`{}` was expected that it {}, but it {}{indented}",
            guardrail.path,
            words(verdict_of(outcome)),
            words(verdict)
        ));
    }
    match with {
        Some(part) if !lines.iter().any(|line| line.contains(part)) => Err(format!(
            "`{}` {} as expected, but no message contains {part:?}{indented}",
            guardrail.path,
            words(verdict)
        )),
        _ => Ok(()),
    }
}

fn expect_count(
    engine: &Engine<'_>,
    guardrail: &Guardrail,
    outcome: Outcome,
    count: u64,
    with: Option<&str>,
) -> Result<(), String> {
    let world = engine.world();
    let subjects: Vec<Subject> = match &guardrail.population {
        Population::Types(types) => {
            types.iter().flat_map(|name| world.of_type(name)).map(|id| Subject::Resource(*id)).collect()
        }
        Population::AllResources => world.ids().map(Subject::Resource).collect(),
        Population::Accounts => {
            (0..world.accounts().len()).map(|at| Subject::Account(AccountIndex(at as u32))).collect()
        }
    };
    let matching = subjects.iter().filter(|subject| {
        let Some(part) = with else { return engine.judge(guardrail, **subject) == verdict_of(outcome) };
        let (verdict, lines) = told(engine, guardrail, **subject);
        verdict == verdict_of(outcome) && lines.iter().any(|line| line.contains(part))
    });
    let found = matching.count() as u64;
    if found == count {
        return Ok(());
    }
    let of = subjects.len();
    Err(format!(
        "`{}` was expected that it {} on {count} resources, but it does on {found} of {of}",
        guardrail.path,
        words(verdict_of(outcome))
    ))
}
