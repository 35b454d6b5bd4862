//! The program of a guardrail, operation by operation.

use parapet_model::Verdict;

use crate::answers::{Answers, Oracle};
use crate::program::{Mask, Op, Program};

/// A word of 64 resources to judge.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The number of the word in its table.
    pub word: usize,
    /// The resources to judge.
    pub live: u64,
    /// Those of which nobody knows whether they exist.
    pub unsure: u64,
}

/// What a guardrail says of 64 resources. A resource that was judged and stands in no mask passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    pub not_applicable: u64,
    pub fail: u64,
    pub unknown: u64,
}

impl Verdicts {
    /// From what the statements came to.
    pub fn of(live: u64, skipped: u64, unsure: u64, failed: u64, unknown: u64) -> Verdicts {
        let judged = live & !skipped;
        let fail = judged & failed & !unsure;
        let unknown = judged & ((failed & unsure) | (unknown & !failed));
        Verdicts { not_applicable: live & skipped, fail, unknown }
    }

    /// The verdict of one of the resources.
    pub fn get(&self, at: u32) -> Verdict {
        let has = |mask: u64| mask >> at & 1 == 1;
        match (has(self.not_applicable), has(self.fail), has(self.unknown)) {
            (true, ..) => Verdict::NotApplicable,
            (false, true, _) => Verdict::Fail,
            (false, false, true) => Verdict::Unknown,
            (false, false, false) => Verdict::Pass,
        }
    }
}

/// Judges a word; `masks` is room that is used again.
pub fn execute(program: &Program, answers: &Answers, oracle: &dyn Oracle, row: Row, masks: &mut Vec<u64>) -> Verdicts {
    masks.clear();
    masks.resize(program.masks as usize, 0);
    let set = |masks: &mut Vec<u64>, mask: Mask, value: u64| {
        masks.get_mut(mask.0 as usize).into_iter().for_each(|mask| *mask = value);
    };
    let get = |masks: &Vec<u64>, mask: Mask| masks.get(mask.0 as usize).copied().unwrap_or(0);
    set(masks, Program::LIVE, row.live);
    set(masks, Program::UNSURE, row.unsure);
    for op in &program.ops {
        match *op {
            Op::Set(to, ones) => set(masks, to, if ones { u64::MAX } else { 0 }),
            Op::Not(to, a) => {
                let value = !get(masks, a);
                set(masks, to, value);
            }
            Op::And(to, a, b) => {
                let value = get(masks, a) & get(masks, b);
                set(masks, to, value);
            }
            Op::Or(to, a, b) => {
                let value = get(masks, a) | get(masks, b);
                set(masks, to, value);
            }
            Op::Without(to, a, b) => {
                let value = get(masks, a) & !get(masks, b);
                set(masks, to, value);
            }
            Op::Ask { can_hold, can_fail, atom, want } => {
                let want = get(masks, want);
                if want != 0 {
                    let (holds, fails) = answers.word(program, atom, oracle, row.word, want);
                    set(masks, can_hold, holds);
                    set(masks, can_fail, fails);
                }
            }
        }
    }
    let of = |mask: Mask| get(masks, mask);
    Verdicts::of(row.live, of(program.skipped), of(program.unsure), of(program.failed), of(program.unknown))
}
