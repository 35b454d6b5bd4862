//! Guardrails to programs.
//!
//! `and`, `or` and `not` become operations on masks; the right side of a connective is asked only where the left one
//! decides nothing. What reads at most one property is one atom, whatever it is made of, for its table is small.

use std::sync::Arc;

use parapet_ir::{
    Expr, ExprKind, Guardrail, Population, RequireId, Slot, Statement, StatementKind, walk, walk_statements,
};
use parapet_model::Value;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::atom::{Atom, Part};
use crate::dependence::{Analysis, Dependence};
use crate::program::{Mask, Op, Program};

/// How a guardrail is evaluated.
#[derive(Clone, Debug)]
pub enum Plan {
    Program(Program),
    /// By the interpreter, each resource for itself, and why.
    Each(&'static str),
}

/// Lowers the guardrails of a program.
pub struct Planner<'p> {
    analysis: Analysis<'p>,
}

impl<'p> Planner<'p> {
    /// For the guardrails of this program.
    pub fn new(program: &'p parapet_ir::Program) -> Planner<'p> {
        Planner { analysis: Analysis::new(program) }
    }

    /// How one of them is evaluated.
    pub fn plan(&mut self, guardrail: &Guardrail) -> Plan {
        plan(&mut self.analysis, guardrail)
    }
}

fn plan(analysis: &mut Analysis<'_>, guardrail: &Guardrail) -> Plan {
    if guardrail.population == Population::Accounts {
        return Plan::Each("it judges accounts");
    }
    analysis.forget_lets();
    let mut lowering = Lowering {
        analysis,
        branches: 0,
        subject: guardrail.resource,
        lets: Vec::new(),
        atoms: Vec::new(),
        ops: Vec::new(),
        masks: Program::FIRST,
        requires: FxHashMap::default(),
        skipped: Program::LIVE,
        unsure: Program::UNSURE,
        failed: Program::LIVE,
        unknown: Program::LIVE,
    };
    match lowering.body(&guardrail.body) {
        Ok(()) => Plan::Program(lowering.program()),
        Err(why) => Plan::Each(why),
    }
}

/// Where a condition can be true, and where it can be false.
#[derive(Clone, Copy)]
struct Truth {
    can_hold: Mask,
    can_fail: Mask,
}

/// A `let` of the guardrail.
struct Let {
    slot: Slot,
    value: Arc<Expr>,
    guards: Vec<RequireId>,
}

struct Lowering<'a, 'p> {
    analysis: &'a mut Analysis<'p>,
    subject: Slot,
    /// How many branches stand around a statement.
    branches: usize,
    lets: Vec<Let>,
    atoms: Vec<Atom>,
    ops: Vec<Op>,
    masks: u32,
    /// What requirements came to; true where they were not evaluated.
    requires: FxHashMap<RequireId, Truth>,
    skipped: Mask,
    unsure: Mask,
    failed: Mask,
    unknown: Mask,
}

/// Atoms that read more than this many properties at once are seldom equal.
const MOST_KEYS: usize = 6;

impl Lowering<'_, '_> {
    fn program(self) -> Program {
        Program {
            atoms: self.atoms,
            ops: self.ops,
            masks: self.masks,
            skipped: self.skipped,
            unsure: self.unsure,
            failed: self.failed,
            unknown: self.unknown,
        }
    }

    fn fresh(&mut self) -> Mask {
        self.masks += 1;
        Mask(self.masks - 1)
    }

    fn constant(&mut self, ones: bool) -> Mask {
        let to = self.fresh();
        self.ops.push(Op::Set(to, ones));
        to
    }

    fn and(&mut self, a: Mask, b: Mask) -> Mask {
        let to = self.fresh();
        self.ops.push(Op::And(to, a, b));
        to
    }

    fn or(&mut self, a: Mask, b: Mask) -> Mask {
        let to = self.fresh();
        self.ops.push(Op::Or(to, a, b));
        to
    }

    fn without(&mut self, a: Mask, b: Mask) -> Mask {
        let to = self.fresh();
        self.ops.push(Op::Without(to, a, b));
        to
    }

    fn both(&mut self, a: Truth, b: Truth) -> Truth {
        Truth { can_hold: self.and(a.can_hold, b.can_hold), can_fail: self.or(a.can_fail, b.can_fail) }
    }

    fn body(&mut self, statements: &[Statement]) -> Result<(), &'static str> {
        self.skipped = self.constant(false);
        self.failed = self.constant(false);
        self.unknown = self.constant(false);
        let under = Truth { can_hold: self.constant(true), can_fail: self.constant(false) };
        self.statements(statements, Program::LIVE, under)
    }

    /// Statements that the resources in `live` come to, and that count as far as `under` holds.
    fn statements(&mut self, statements: &[Statement], live: Mask, under: Truth) -> Result<(), &'static str> {
        statements.iter().try_for_each(|statement| self.statement(statement, live, under))
    }

    fn statement(&mut self, statement: &Statement, live: Mask, under: Truth) -> Result<(), &'static str> {
        // Whoever is skipped is judged already.
        let live = self.without(live, self.skipped);
        let (here, guards) = self.guarded(statement, live)?;
        match &statement.kind {
            StatementKind::Let { slot, value, .. } => {
                let value = Arc::new(value.clone());
                self.analysis.bind(*slot, &value, self.subject);
                self.lets.push(Let { slot: *slot, value, guards: statement.guards.clone() });
            }
            StatementKind::Skip { .. } if self.branches > 0 => return Err("a `skip if` in a branch"),
            StatementKind::Skip { definitely, condition } => {
                let condition = self.condition(condition, here, &statement.guards)?;
                let truth = match guards {
                    Some(guards) => self.both(guards, condition),
                    None => condition,
                };
                let holds = self.without(truth.can_hold, truth.can_fail);
                let holds = self.and(here, holds);
                self.skipped = self.or(self.skipped, holds);
                if !*definitely {
                    let unknown = self.and(truth.can_hold, truth.can_fail);
                    let unknown = self.and(here, unknown);
                    self.unsure = self.or(self.unsure, unknown);
                }
            }
            StatementKind::Require { id, condition, .. } => {
                let raw = self.condition(condition, here, &statement.guards)?;
                self.note(*id, raw, live, here);
                self.require(raw, here, under);
            }
            StatementKind::For { .. } => {
                self.stands_alone(statement)?;
                let raw = self.part(Part::Loop(Arc::new(statement.clone())), here, &statement.guards)?;
                self.require(raw, here, under);
            }
            StatementKind::If { condition, then, otherwise } => {
                let truth = self.condition(condition, here, &statement.guards)?;
                self.branches += 1;
                let so = self.and(here, truth.can_hold);
                let inside = self.both(under, truth);
                self.statements(then, so, inside)?;
                let not = self.and(here, truth.can_fail);
                let turned = Truth { can_hold: truth.can_fail, can_fail: truth.can_hold };
                let inside = self.both(under, turned);
                self.statements(otherwise, not, inside)?;
                self.branches -= 1;
            }
        }
        Ok(())
    }

    /// Where a statement is evaluated, and what the requirements that it leans on came to.
    fn guarded(&mut self, statement: &Statement, live: Mask) -> Result<(Mask, Option<Truth>), &'static str> {
        let mut here = live;
        let mut all: Option<Truth> = None;
        for guard in &statement.guards {
            let truth = *self.requires.get(guard).ok_or("a statement leans on a requirement of a loop")?;
            let fails = self.without(truth.can_fail, truth.can_hold);
            here = self.without(here, fails);
            all = Some(match all {
                Some(all) => self.both(all, truth),
                None => truth,
            });
        }
        Ok((here, all))
    }

    /// Notes what a requirement came to: false where what it leans on is false, true where nobody came to it.
    fn note(&mut self, id: RequireId, raw: Truth, live: Mask, here: Mask) {
        let silent = self.without(live, here);
        let can_fail = self.and(raw.can_fail, here);
        let can_fail = self.or(can_fail, silent);
        let elsewhere = self.fresh();
        self.ops.push(Op::Not(elsewhere, live));
        let can_hold = self.and(raw.can_hold, here);
        let can_hold = self.or(can_hold, elsewhere);
        self.requires.insert(id, Truth { can_hold, can_fail });
    }

    /// A requirement counts as far as the conditions around it hold.
    fn require(&mut self, raw: Truth, here: Mask, under: Truth) {
        let can_hold = self.or(under.can_fail, raw.can_hold);
        let can_fail = self.and(under.can_hold, raw.can_fail);
        let fails = self.without(can_fail, can_hold);
        let fails = self.and(here, fails);
        self.failed = self.or(self.failed, fails);
        let unknown = self.and(can_hold, can_fail);
        let unknown = self.and(here, unknown);
        self.unknown = self.or(self.unknown, unknown);
    }

    /// Nothing in the loop may lean on a requirement outside of it, but for those that the loop itself leans on.
    fn stands_alone(&self, statement: &Statement) -> Result<(), &'static str> {
        let mut own: FxHashSet<RequireId> = statement.guards.iter().copied().collect();
        match within(statement, &mut own) {
            true => Ok(()),
            false => Err("a loop leans on a requirement outside of it"),
        }
    }

    /// A condition, asked of the resources in `want`.
    fn condition(&mut self, expr: &Expr, want: Mask, guards: &[RequireId]) -> Result<Truth, &'static str> {
        let dependence = self.analysis.expr(expr, self.subject);
        match &expr.kind {
            ExprKind::Value(Value::Bool(value)) => {
                return Ok(Truth { can_hold: self.constant(*value), can_fail: self.constant(!*value) });
            }
            ExprKind::Not(inner) => {
                let inner = self.condition(inner, want, guards)?;
                return Ok(Truth { can_hold: inner.can_fail, can_fail: inner.can_hold });
            }
            _ if !dependence.open && dependence.keys.len() <= 1 => {}
            ExprKind::And(left, right) => {
                let left = self.condition(left, want, guards)?;
                let want = self.and(want, left.can_hold);
                let right = self.condition(right, want, guards)?;
                return Ok(self.both(left, right));
            }
            ExprKind::Or(left, right) => {
                let left = self.condition(left, want, guards)?;
                let want = self.and(want, left.can_fail);
                let right = self.condition(right, want, guards)?;
                let can_hold = self.or(left.can_hold, right.can_hold);
                return Ok(Truth { can_hold, can_fail: self.and(left.can_fail, right.can_fail) });
            }
            _ => {}
        }
        self.atom(Part::Condition(Arc::new(expr.clone())), dependence, want, guards)
    }

    fn part(&mut self, part: Part, want: Mask, guards: &[RequireId]) -> Result<Truth, &'static str> {
        let dependence = match &part {
            Part::Condition(expr) => self.analysis.expr(expr, self.subject),
            Part::Loop(statement) => self.analysis.statement(statement, self.subject),
        };
        self.atom(part, dependence, want, guards)
    }

    fn atom(
        &mut self,
        part: Part,
        dependence: Dependence,
        want: Mask,
        guards: &[RequireId],
    ) -> Result<Truth, &'static str> {
        let lets = self.lets_of(&part, guards)?;
        let keys: Vec<_> = dependence.keys.into_iter().collect();
        let open = dependence.open || keys.len() > MOST_KEYS;
        let atom = self.atoms.len() as u32;
        self.atoms.push(Atom { lets, part, keys, open });
        let (can_hold, can_fail) = (self.fresh(), self.fresh());
        self.ops.push(Op::Ask { can_hold, can_fail, atom, want });
        Ok(Truth { can_hold, can_fail })
    }

    /// The `let`s that a part reads, in order. One that is evaluated only where a requirement is not false must not be read by
    /// what is evaluated elsewhere, too.
    fn lets_of(&self, part: &Part, guards: &[RequireId]) -> Result<Vec<(Slot, Arc<Expr>)>, &'static str> {
        let mut read: FxHashSet<Slot> = FxHashSet::default();
        let mut visit = |expr: &Expr| {
            if let ExprKind::Slot(slot, _) = &expr.kind {
                read.insert(*slot);
            }
        };
        match part {
            Part::Condition(expr) => walk(expr, &mut visit),
            Part::Loop(statement) => walk_statements(std::slice::from_ref(statement), &mut visit),
        }
        let mut wanted: Vec<(Slot, Arc<Expr>)> = Vec::new();
        for known in self.lets.iter().rev().filter(|known| known.slot != self.subject) {
            if !read.contains(&known.slot) {
                continue;
            }
            if known.guards.iter().any(|guard| !guards.contains(guard)) {
                return Err("a `let` leans on a requirement that its reader does not lean on");
            }
            walk(&known.value, &mut |expr| {
                if let ExprKind::Slot(slot, _) = &expr.kind {
                    read.insert(*slot);
                }
            });
            wanted.push((known.slot, known.value.clone()));
        }
        wanted.reverse();
        Ok(wanted)
    }
}

/// Whether all that the statement and those in it lean on is among these, or in it before.
fn within(statement: &Statement, own: &mut FxHashSet<RequireId>) -> bool {
    if !statement.guards.iter().all(|guard| own.contains(guard)) {
        return false;
    }
    match &statement.kind {
        StatementKind::Let { .. } => true,
        // It would end the guardrail from within.
        StatementKind::Skip { .. } => false,
        StatementKind::Require { id, .. } => {
            own.insert(*id);
            true
        }
        StatementKind::For { body, .. } => body.iter().all(|statement| within(statement, own)),
        StatementKind::If { then, otherwise, .. } => {
            then.iter().chain(otherwise).all(|statement| within(statement, own))
        }
    }
}
