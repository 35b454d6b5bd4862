//! Guardrails lowered to programs, each once a run, whoever needs it first: also before it is known what they judge.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parapet_columns::{Plan, Planner, Program};
use parapet_ir::Guardrail;
use parapet_jit::Compiled;

use crate::tiers::Tier;

/// By guardrail.
#[derive(Default)]
pub(crate) struct Programs {
    guardrails: Vec<Forms>,
    /// How many programs were made before anybody asked for them.
    ahead: AtomicUsize,
}

#[derive(Default)]
struct Forms {
    plan: OnceLock<Plan>,
    /// `None`: this machine lets none be made.
    code: OnceLock<Option<Compiled>>,
}

/// Inputs of fewer bytes are read sooner than a thread is worth starting.
pub(crate) const LARGE: u64 = 16 << 20;

/// Inputs of so many bytes have so many resources that machine code is made for the programs.
const HUGE: u64 = 256 << 20;

impl Programs {
    pub(crate) fn of(count: usize) -> Programs {
        Programs {
            guardrails: std::iter::repeat_with(Forms::default).take(count).collect(),
            ahead: AtomicUsize::new(0),
        }
    }

    /// How a guardrail is evaluated.
    pub(crate) fn plan(&self, at: usize, guardrail: &Guardrail, planner: &mut Planner<'_>) -> Option<&Plan> {
        self.guardrails.get(at).map(|forms| forms.plan.get_or_init(|| planner.plan(guardrail)))
    }

    /// The machine code of its program; `None` where there can be none.
    pub(crate) fn code(&self, at: usize, program: &Program) -> Option<&Compiled> {
        self.guardrails.get(at)?.code.get_or_init(|| Compiled::new(program).ok()).as_ref()
    }

    /// Whether there is machine code for it already.
    pub(crate) fn is_compiled(&self, at: usize) -> bool {
        self.guardrails.get(at).is_some_and(|forms| matches!(forms.code.get(), Some(Some(_))))
    }

    /// Makes what inputs of so many bytes need, until it is all made or nobody waits for it any more.
    pub(crate) fn make(&self, program: &parapet_ir::Program, tier: Tier, bytes: u64, ended: &AtomicBool) {
        let compiles = match tier {
            Tier::Interpreter => return,
            Tier::Columns => false,
            Tier::Jit => true,
            Tier::Auto => bytes >= HUGE,
        };
        let mut planner = Planner::new(program);
        for (at, guardrail) in program.guardrails.iter().enumerate() {
            if ended.load(Ordering::Relaxed) {
                return;
            }
            if let Some(Plan::Program(program)) = self.plan(at, guardrail, &mut planner) {
                if compiles {
                    self.code(at, program);
                }
                self.ahead.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How many programs were made ahead.
    pub(crate) fn ahead(&self) -> usize {
        self.ahead.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{Memory, Request, prepare};

    const RULES: &str = "guardrail held(db: AWS::RDS::DBInstance) { require db.StorageEncrypted ?? false }
guardrail kept(db: AWS::RDS::DBInstance) { require (db.BackupRetentionPeriod ?? 0) >= 7 }
guardrail known(account: Account) { require account.id like \"1*\" }
";

    /// A thread that comes late makes nothing, so that it is tried again.
    #[test]
    fn a_run_over_large_inputs_makes_them_while_it_reads() {
        let item = "{\"resourceType\":\"AWS::RDS::DBInstance\",\"resourceId\":\"a\",\"awsAccountId\":\"1\",\"awsRegion\":\"eu-west-1\",\
                    \"configuration\":{\"dBInstanceIdentifier\":\"a\",\"storageEncrypted\":true}}";
        let files = [("r.parapet", RULES.to_owned()), ("in.ndjson", item.to_owned() + &"\n".repeat(LARGE as usize))];
        let host = Memory::new(Timestamp::UNIX_EPOCH).with(files.map(|(name, text)| (name.to_owned(), text)));
        let request = |jobs: usize| {
            let (rules, inputs) = (vec!["r.parapet".to_owned()], vec!["in.ndjson".to_owned()]);
            Request { rules, inputs, jobs, digests: false, ..Request::at(Timestamp::UNIX_EPOCH) }
        };
        let ahead = |jobs: usize| match crate::check(&host, &request(jobs)) {
            Ok(outcome) => outcome.stats.ahead,
            Err(_) => panic!("the request is refused"),
        };
        assert_eq!(ahead(1), 0);
        assert!((0..20).any(|_| ahead(2) == 2));
    }

    #[test]
    fn programs_are_made_ahead_until_nobody_waits_for_them() {
        let host = Memory::new(Timestamp::UNIX_EPOCH).with([("r.parapet".to_owned(), RULES.to_owned())]);
        let request = Request { rules: vec!["r.parapet".to_owned()], ..Request::at(Timestamp::UNIX_EPOCH) };
        for (tier, bytes, ended, meant) in [
            (Tier::Jit, 0, false, (2, 2)),
            (Tier::Jit, 0, true, (0, 0)),
            (Tier::Auto, HUGE, false, (2, 2)),
            (Tier::Auto, LARGE, false, (2, 0)),
            (Tier::Columns, HUGE, false, (2, 0)),
            (Tier::Interpreter, HUGE, false, (0, 0)),
        ] {
            let Ok(prepared) = prepare(&host, &request) else { panic!("the rules do not check") };
            let programs = Programs::of(prepared.program().guardrails.len());
            programs.make(prepared.program(), tier, bytes, &AtomicBool::new(ended));
            let compiled = (0..programs.guardrails.len()).filter(|at| programs.is_compiled(*at)).count();
            assert_eq!((programs.ahead(), compiled), meant, "{tier:?} {bytes} {ended}");
        }
    }
}
