//! Which guardrails are evaluated as programs over columns, and how a word of 64 resources is judged.
//!
//! A guardrail whose population is small is left to the interpreter: lowering it would take longer than judging. All others
//! become programs, as far as they can; what a program cannot say of a resource it asks the interpreter.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use parapet_columns::{Answers, Atom, Key, Oracle, Part, Plan, Planner, Program, Row, Table, Verdicts, execute};
use parapet_interpreter::{Engine, World};
use parapet_ir::{Guardrail, Population};
use parapet_model::{Name, Reason, ResourceId, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::lowered::Programs;
use crate::selection::Selected;

/// How guardrails are evaluated. The verdicts are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// As it is fastest.
    #[default]
    Auto,
    /// Each resource for itself, by the reference interpreter.
    Interpreter,
    /// 64 resources at a time, wherever a guardrail can be lowered.
    Columns,
    /// The same as machine code, where this machine lets it be made.
    Jit,
}

/// Populations smaller than this are judged sooner than a guardrail is lowered.
const FEW: usize = 128;

/// Populations smaller than this are judged sooner than a program is compiled.
const MANY: usize = 1 << 16;

/// The resources of one type.
pub(crate) struct Rows<'w> {
    pub(crate) ids: &'w [ResourceId],
    pub(crate) table: Table<'w>,
    /// Those of which nobody knows whether they exist, a bit each.
    unsure: Vec<u64>,
}

/// The programs of a run, and the tables that they run over.
pub(crate) struct Tiers<'w> {
    lowered: &'w Programs,
    /// By guardrail; `None` for what the interpreter judges.
    programs: Vec<Option<&'w Program>>,
    /// Why it does, where the guardrail could not be lowered.
    pub(crate) unlowered: Vec<(usize, &'static str)>,
    tables: FxHashMap<Name, Rows<'w>>,
    answers: FxHashMap<(usize, Name), OnceLock<Answers>>,
    /// The guardrails that run as machine code, where it can be made.
    compiled: FxHashSet<usize>,
    /// How often the interpreter was asked of an atom.
    asked: AtomicUsize,
}

impl<'w> Tiers<'w> {
    /// Lowers what is worth it; `count` says how many resources a guardrail judges.
    pub(crate) fn new(
        selected: &'w Selected,
        world: &'w World,
        tier: Tier,
        count: impl Fn(usize) -> usize,
    ) -> Tiers<'w> {
        let mut tiers = Tiers {
            lowered: &selected.lowered,
            programs: Vec::new(),
            unlowered: Vec::new(),
            tables: FxHashMap::default(),
            answers: FxHashMap::default(),
            compiled: FxHashSet::default(),
            asked: AtomicUsize::new(0),
        };
        let mut planner = Planner::new(&selected.program);
        for (at, guardrail) in selected.program.guardrails.iter().enumerate() {
            let lowers = match tier {
                Tier::Interpreter => false,
                Tier::Columns | Tier::Jit => true,
                Tier::Auto => count(at) >= FEW,
            };
            let compiles = match tier {
                Tier::Interpreter | Tier::Columns => false,
                Tier::Jit => true,
                Tier::Auto => count(at) >= MANY,
            };
            if compiles {
                tiers.compiled.insert(at);
            }
            let plan = lowers.then(|| selected.lowered.plan(at, guardrail, &mut planner)).flatten();
            tiers.programs.push(match plan {
                Some(Plan::Program(program)) => Some(program),
                Some(Plan::Each(why)) => {
                    tiers.unlowered.push((at, *why));
                    None
                }
                None => None,
            });
            if tiers.programs.last().is_some_and(Option::is_some) {
                for name in types(guardrail, world) {
                    tiers.tables.entry(name.clone()).or_insert_with(|| Rows::new(world, &name));
                    tiers.answers.insert((at, name), OnceLock::new());
                }
            }
        }
        tiers
    }

    /// The types that a guardrail's program runs over, with their resources; `None` without a program.
    pub(crate) fn tables(&self, at: usize, guardrail: &Guardrail, world: &World) -> Option<Vec<(Name, &Rows<'w>)>> {
        self.programs.get(at)?.as_ref()?;
        let tables = types(guardrail, world).into_iter();
        Some(tables.filter_map(|name| self.tables.get(&name).map(|rows| (name, rows))).collect())
    }

    /// What a guardrail says of the live resources of a word.
    pub(crate) fn judge(
        &self,
        engine: &Engine<'_>,
        (at, guardrail): (usize, &Guardrail),
        (name, rows): (&Name, &Rows<'w>),
        (word, live): (usize, u64),
        masks: &mut Vec<u64>,
    ) -> Option<Verdicts> {
        let program = (*self.programs.get(at)?)?;
        let answers = self.answers.get(&(at, name.clone()))?.get_or_init(|| Answers::new(program, &rows.table));
        let row = Row { word, live, unsure: rows.unsure.get(word).copied().unwrap_or(0) };
        let oracle = Interpreter { engine, guardrail, ids: rows.ids, asked: &self.asked };
        let compiled = self.compiled.contains(&at).then(|| self.lowered.code(at, program)).flatten();
        let judged = compiled.and_then(|code| code.judge(program, answers, &oracle, row));
        Some(judged.unwrap_or_else(|| execute(program, answers, &oracle, row, masks)))
    }

    /// How many guardrails ran as programs, how many of those as machine code, and how often the interpreter was asked of a
    /// part of one.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let compiled = self.compiled.iter().filter(|at| self.lowered.is_compiled(**at)).count();
        (self.programs.iter().flatten().count(), compiled, self.asked.load(Ordering::Relaxed))
    }
}

/// The types of which a guardrail judges resources.
fn types(guardrail: &Guardrail, world: &World) -> Vec<Name> {
    match &guardrail.population {
        Population::Types(types) => types.to_vec(),
        Population::AllResources => world.types(),
        Population::Accounts => Vec::new(),
    }
}

impl<'w> Rows<'w> {
    fn new(world: &'w World, name: &str) -> Rows<'w> {
        let ids = world.of_type(name);
        let value = move |row: usize, key: &Key| {
            let value = ids.get(row).and_then(|id| match key {
                Key::Property(name) => world.property(*id, name),
                Key::Header(name) => world.header(*id, name),
            });
            value.unwrap_or_else(|| Value::unknown(Reason::Other, "no resource"))
        };
        let mut unsure = vec![0; ids.len().div_ceil(64)];
        for row in 0..ids.len() {
            if ids.get(row).and_then(|id| world.kept(*id)).is_some_and(|resource| resource.existence.is_some()) {
                unsure.get_mut(row / 64).into_iter().for_each(|word: &mut u64| *word |= 1 << (row % 64));
            }
        }
        Rows { ids, table: Table::new(ids.len(), value), unsure }
    }
}

/// The interpreter, asked of atoms.
struct Interpreter<'a> {
    engine: &'a Engine<'a>,
    guardrail: &'a Guardrail,
    ids: &'a [ResourceId],
    asked: &'a AtomicUsize,
}

impl Oracle for Interpreter<'_> {
    fn ask(&self, atom: &Atom, row: usize) -> u8 {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let Some(id) = self.ids.get(row) else { return parapet_columns::UNKNOWN };
        let part = match &atom.part {
            Part::Condition(condition) => parapet_interpreter::Part::Condition(condition),
            Part::Loop(statement) => parapet_interpreter::Part::Loop(statement),
        };
        Atom::answer(self.engine.part(self.guardrail, *id, &atom.lets, part))
    }
}
