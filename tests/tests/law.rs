//! The law of the language: refining an unknown never flips a decided verdict (`pass` may become `n/a`).
//!
//! Random guardrails over real types are written as text and checked by the real checker; random records with
//! unknowns are read by the real reader. Then the unknowns are refined: to values, to absence where that may be,
//! and by resources of types that were not collected. Every verdict that was decided must stay. `PARAPET_LAW_PROGRAMS`
//! says how many programs are tried, `PARAPET_LAW_SEED` where the random numbers begin.
#![cfg(test)]

#[path = "law/engines.rs"]
mod engines;
#[path = "law/generate.rs"]
mod generate;
#[path = "law/judge.rs"]
mod judge;
#[path = "law/random.rs"]
mod random;
#[path = "law/records.rs"]
mod records;
#[path = "law/shapes.rs"]
mod shapes;

use std::io::Write;

use parapet_model::Verdict;

use crate::judge::{Program, Verdicts};
use crate::random::Random;
use crate::records::{Scene, refine, scene};

/// What a run of the test came to.
#[derive(Default)]
struct Tally {
    generated: usize,
    checked: usize,
    triples: usize,
    decided: usize,
    /// Verdicts that were unknown, and are not once more is known.
    settled: usize,
    violations: Vec<String>,
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Says how much was tried, when more than usual was asked for.
fn tell(text: &str) {
    let asked =
        ["PARAPET_LAW_PROGRAMS", "PARAPET_ENGINES_PROGRAMS"].into_iter().any(|name| std::env::var_os(name).is_some());
    if asked {
        writeln!(std::io::stdout(), "{text}").unwrap();
    }
}

/// Expressions nest a little, and unoptimised frames are large.
fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn refining_an_unknown_never_flips_a_decided_verdict() {
    on_a_large_stack(|| {
        let mut tally = Tally::default();
        let (programs, seed) = (setting("PARAPET_LAW_PROGRAMS", 30), setting("PARAPET_LAW_SEED", 1));
        for program in 0..programs {
            try_program(seed.wrapping_mul(1_000_003).wrapping_add(program), &mut tally);
        }
        let Tally { generated, checked, triples, decided, settled, violations } = tally;
        tell(&format!(
            "{generated} guardrails, {checked} check, {triples} triples, {decided} decided before, {settled} after"
        ));
        assert!(violations.is_empty(), "{} violations\n\n{}", violations.len(), violations.join("\n\n"));
        assert!(checked * 10 >= generated * 7, "only {checked} of {generated} guardrails check");
        assert!(triples as u64 >= 30 * programs, "only {triples} triples");
        assert!(decided * 4 >= triples, "only {decided} of {triples} verdicts are decided");
        assert!(settled * 20 >= triples, "only {settled} of {triples} verdicts become decided");
    });
}

fn try_program(seed: u64, tally: &mut Tally) {
    let mut random = Random::new(seed);
    let text = generate::program(&mut random);
    let program = Program::load(&text);
    tally.generated += generate::GUARDRAILS;
    tally.checked += program.len();
    for _ in 0..2 {
        let before = scene(&mut random);
        let judged = program.judge(&before);
        for _ in 0..4 {
            let after = refine(&mut random, &before);
            let verdicts = program.judge(&after);
            compare(&text, seed, &before, &after, &judged, &verdicts, tally);
        }
    }
}

fn compare(
    text: &str,
    seed: u64,
    before: &Scene,
    after: &Scene,
    judged: &Verdicts,
    refined: &Verdicts,
    tally: &mut Tally,
) {
    for ((guardrail, record), verdict) in judged {
        tally.triples += 1;
        tally.decided += usize::from(*verdict != Verdict::Unknown);
        let later = refined[&(guardrail.clone(), *record)];
        tally.settled += usize::from(*verdict == Verdict::Unknown && later != Verdict::Unknown);
        let kept = *verdict == Verdict::Unknown
            || *verdict == later
            || (*verdict, later) == (Verdict::Pass, Verdict::NotApplicable);
        if !kept && tally.violations.len() < 20 {
            let (was, is) = (verdict.name(), later.name());
            tally.violations.push(format!(
                "seed {seed}: {guardrail} on record {record}: {was}, refined {is}\n{}\n--- before\n{}\n--- after\n{}",
                generate::only(text, guardrail),
                before.ndjson(),
                after.ndjson()
            ));
        }
    }
}

/// Records of other types, accounts apart, are no matter of guardrails that do not ask for them.
#[test]
fn unrelated_resources_and_the_order_of_records_change_no_verdict() {
    on_a_large_stack(|| {
        let mut random = Random::new(setting("PARAPET_LAW_SEED", 1) ^ 0xfeed);
        for _ in 0..setting("PARAPET_LAW_PROGRAMS", 30) / 2 {
            let text = generate::program(&mut random);
            let program = Program::load(&text);
            let scene = scene(&mut random);
            let judged = program.judge(&scene);
            assert_eq!(judged, program.judge(&scene.with_unrelated()), "{text}\n{}", scene.ndjson());
            if !program.asks_for_order(&text) {
                assert_eq!(judged, program.judge(&scene.reversed()), "{text}\n{}", scene.ndjson());
            }
        }
    });
}

#[test]
fn an_explanation_has_the_verdict_that_was_judged() {
    on_a_large_stack(|| {
        let mut random = Random::new(setting("PARAPET_LAW_SEED", 1) ^ 0xcafe);
        for _ in 0..setting("PARAPET_LAW_PROGRAMS", 30) / 2 {
            let text = generate::program(&mut random);
            let program = Program::load(&text);
            let scene = scene(&mut random);
            assert_eq!(program.judge(&scene), program.explain(&scene), "{text}\n{}", scene.ndjson());
        }
    });
}

#[test]
fn a_run_gives_the_same_bytes_with_any_number_of_threads() {
    on_a_large_stack(|| {
        let mut random = Random::new(setting("PARAPET_LAW_SEED", 1) ^ 0xbead);
        for _ in 0..setting("PARAPET_LAW_PROGRAMS", 30) / 6 {
            let text = generate::program(&mut random);
            let program = Program::load(&text);
            let text = program.checked_text(&text);
            let scene = scene(&mut random);
            let once = judge::report(&text, &scene, 1);
            assert_eq!(once, judge::report(&text, &scene, 1), "{text}\n{}", scene.ndjson());
            assert_eq!(once, judge::report(&text, &scene, 4), "{text}\n{}", scene.ndjson());
        }
    });
}
