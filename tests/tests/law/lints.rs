//! What the lints say of a guardrail holds: one that never fails fails on no record, one that never passes passes on none.
//!
//! The programs and scenes are those of the law, unknowns and all. `PARAPET_LINTS_PROGRAMS` says how many programs are
//! tried, `PARAPET_LINTS_SEED` where the random numbers begin.

use parapet_driver::{Scope, diagnostics, load_text};
use parapet_model::Verdict;

use crate::generate;
use crate::judge::Program;
use crate::random::Random;
use crate::records::crowd;
use crate::{on_a_large_stack, setting, tell};

/// The resources of a scene.
const CROWD: usize = 60;

/// Codes that say of a guardrail what comes of it, and the verdict that must not. A record of which nobody knows whether it
/// is skipped may pass.
const NEVER: [(&str, Verdict); 3] = [("W0209", Verdict::Fail), ("W0211", Verdict::Pass), ("W0213", Verdict::Fail)];

/// What the lints say of the guardrails of a program: their paths, and what must not come of them.
fn said(text: &str) -> Vec<(String, &'static str, Verdict)> {
    let rules = load_text("main.parapet", text);
    let found = diagnostics(&rules, Scope::WithTests).into_iter().map(|(_, found)| found);
    let said = found.filter_map(|found| {
        let (code, never) = NEVER.into_iter().find(|(code, _)| *code == found.code.code)?;
        let before = text.get(..found.span.end as usize)?;
        let name = before.rsplit_once("guardrail ")?.1.split('(').next()?;
        Some((format!("main::{name}"), code, never))
    });
    said.collect()
}

#[test]
fn what_the_lints_say_holds() {
    on_a_large_stack(|| {
        let (programs, seed) = (setting("PARAPET_LINTS_PROGRAMS", 24), setting("PARAPET_LINTS_SEED", 1));
        let (mut lints, mut verdicts) = (0u64, 0u64);
        for program in 0..programs {
            let mut random = Random::new(seed.wrapping_mul(9_000_011).wrapping_add(program));
            let text = generate::program(&mut random);
            let said = said(&text);
            if said.is_empty() {
                continue;
            }
            lints += said.len() as u64;
            let scene = crowd(&mut random, CROWD);
            for ((path, record), verdict) in Program::load(&text).judge(&scene) {
                for (_, code, never) in said.iter().filter(|(of, ..)| *of == path) {
                    verdicts += 1;
                    assert!(
                        verdict != *never,
                        "{code}, but record {record} is {}\n{}\n{}",
                        verdict.name(),
                        generate::only(&text, &path),
                        scene.ndjson()
                    );
                }
            }
        }
        tell(&format!("{programs} programs: {lints} lints held against {verdicts} verdicts"));
        assert!(lints * 4 >= programs && verdicts > lints, "only {lints} lints, {verdicts} verdicts");
    });
}
