//! The pipeline of `parapet test`: the `test` items of rules, each in a world of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use parapet_base::{Diagnostic, FileId, LineIndex};
use parapet_interpreter::{Account, Coverage, Engine, Subject, World, display};
use parapet_ir::{
    Expr, Guardrail, Item as Lowered, Outcome, Program, Projection, Slot, Step, StepKind, Target, Test, walk,
    walk_statements,
};
use parapet_lower::{by_path, complete, lowered, mention};
use parapet_model::{AccountIndex, Name, Origin, Reason, Resource, ResourceId, Schema, Truth, Value, Verdict, missing};
use parapet_semantic::{Scope, SourceFile, item_offset, items};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::diagnostics::{diagnostics, has_errors};
use crate::host::Host;
use crate::inputs::{self, Reading};
use crate::rules::{self, Rules, RulesError};

/// A test that ran.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The module.
    pub module: String,
    pub file: String,
    pub title: String,
    pub line: u32,
    /// What disagreed; `None` when the test holds.
    pub failure: Option<String>,
}

/// What a run of `test` gave.
pub struct TestRun {
    pub tests: Vec<Tested>,
    /// Inputs of tests that could not be read: status 4.
    pub unreadable: bool,
}

/// How it ended before any test ran.
pub enum TestRefusal {
    Usage(String),
    Rules(Box<Rules>, Vec<(FileId, Diagnostic)>),
}

/// Runs the tests of these rules whose title or module contains `filter`.
pub fn test(host: &dyn Host, named: &[String], filter: Option<&str>, now: Timestamp) -> Result<TestRun, TestRefusal> {
    let rules = rules::load(host, named).map_err(|RulesError::Missing(message)| TestRefusal::Usage(message))?;
    let found = diagnostics(&rules, Scope::WithTests);
    if has_errors(&found) {
        return Err(TestRefusal::Rules(Box::new(rules), found));
    }
    let mut run = TestRun { tests: Vec::new(), unreadable: false };
    for file in rules.selected_files() {
        for item in items(&rules.db, file).iter().filter(|item| item.keyword(&rules.db) == "test") {
            let Some(Lowered::Test(test)) =
                lowered(&rules.db, rules.workspace, *item).map(|lowered| (*lowered).clone())
            else {
                continue;
            };
            let module = file.module(&rules.db).to_string();
            if filter.is_some_and(|filter| !test.title.contains(filter) && !module.contains(filter)) {
                continue;
            }
            let line =
                LineIndex::new(file.text(&rules.db)).position(file.text(&rules.db), item_offset(&rules.db, *item)).line;
            let mut runner = Runner { host, rules: &rules, file, test: &test, now, unreadable: false };
            let failure = runner.run().err();
            run.unreadable |= runner.unreadable;
            run.tests.push(Tested {
                module,
                file: file.path(&rules.db).to_string(),
                title: test.title.clone(),
                line,
                failure,
            });
        }
    }
    Ok(run)
}

/// What a test gives: resources, accounts, and the slots that name them.
#[derive(Default)]
struct Given {
    resources: Vec<Resource>,
    accounts: Vec<Account>,
    slots: Vec<(Slot, Value)>,
}

struct Runner<'r> {
    host: &'r dyn Host,
    rules: &'r Rules,
    file: SourceFile,
    test: &'r Test,
    now: Timestamp,
    unreadable: bool,
}

impl Runner<'_> {
    fn run(&mut self) -> Result<(), String> {
        let program = self.program();
        let mut parameters = FxHashMap::default();
        let nothing = World::default();
        let mut now = self.now;
        {
            let engine = Engine::new(&program, &nothing, now, FxHashMap::default());
            for step in &self.test.steps {
                match &step.kind {
                    StepKind::Now(value) => match engine.evaluate_expr(value, self.test.slots) {
                        Value::Time(time) => now = time,
                        _ => return Err("`given now` has no value".to_owned()),
                    },
                    StepKind::Param { path, value } => {
                        parameters.insert(path.clone(), engine.evaluate_expr(value, self.test.slots));
                    }
                    StepKind::Resource { .. }
                    | StepKind::Inventory { .. }
                    | StepKind::Verdict { .. }
                    | StepKind::Holds { .. } => {}
                }
            }
        }
        let Given { resources, accounts, slots } = self.resources(&program, now, &parameters)?;
        let coverage = Coverage { closed: true, collected: Vec::new() };
        let mut world = World::new(resources, &coverage, &FxHashSet::default(), false);
        world.describe_accounts(accounts);
        let engine = Engine::new(&program, &world, now, parameters);
        self.test.steps.iter().try_for_each(|step| self.expect(&engine, step, &slots))
    }

    /// The guardrails that the test names, and all that they and the test's expressions need.
    fn program(&self) -> Program {
        let mut program = Program::default();
        let mut wanted: Vec<Arc<str>> = Vec::new();
        for step in &self.test.steps {
            let mut expression = |expr: &Expr| walk(expr, &mut |part| mention(&part.kind, &mut wanted));
            match &step.kind {
                StepKind::Resource { fields, .. } => {
                    fields.iter().filter_map(|(_, value)| value.as_ref()).for_each(expression)
                }
                StepKind::Now(value) | StepKind::Param { value, .. } => expression(value),
                StepKind::Holds { condition, .. } => expression(condition),
                StepKind::Inventory { .. } => {}
                StepKind::Verdict { guardrail, .. } => {
                    let known = program.guardrails.iter().any(|known| known.path == *guardrail);
                    if let (false, Some(lowered)) = (known, by_path(&self.rules.db, self.rules.workspace, guardrail))
                        && let Lowered::Guardrail(guardrail) = &*lowered
                    {
                        walk_statements(&guardrail.body, &mut |part| mention(&part.kind, &mut wanted));
                        program.guardrails.push(Arc::new(guardrail.clone()));
                    }
                }
            }
        }
        complete(&self.rules.db, self.rules.workspace, &mut program, wanted);
        program
    }

    /// The given resources, those built first, and the slots that name them.
    fn resources(
        &mut self,
        program: &Program,
        now: Timestamp,
        parameters: &FxHashMap<Arc<str>, Value>,
    ) -> Result<Given, String> {
        let Given { mut resources, mut accounts, mut slots } = Given::default();
        for step in &self.test.steps {
            let StepKind::Resource { slot, name, resource_type, fields } = &step.kind else { continue };
            // What was given before may be read: a resource given as a reference stands for its id.
            let mut world = World::new(
                resources.clone(),
                &Coverage { closed: true, collected: Vec::new() },
                &FxHashSet::default(),
                false,
            );
            world.describe_accounts(accounts.clone());
            let engine = Engine::new(program, &world, now, parameters.clone());
            let values = fields.iter().map(|(field, value)| {
                let value = match value {
                    Some(value) => engine.evaluate_with(value, self.test.slots, &slots),
                    None => Value::unknown(Reason::Undecided, "given as unknown"),
                };
                (field.clone(), value)
            });
            let values: Vec<(Name, Value)> = values.collect();
            if &**resource_type == "Account" {
                slots.push((*slot, Value::Account(AccountIndex(accounts.len() as u32))));
                accounts.push(build_account(values));
                continue;
            }
            slots.push((*slot, Value::Resource(ResourceId(resources.len() as u32))));
            resources.push(build(&self.rules.schema(), resource_type, name, values));
        }
        let projection = wanted(program, &self.test.steps);
        for step in &self.test.steps {
            if let StepKind::Inventory { path } = &step.kind {
                resources.extend(self.inventory(path, &projection, now)?);
            }
        }
        Ok(Given { resources, accounts, slots })
    }

    fn inventory(&mut self, path: &str, projection: &Projection, now: Timestamp) -> Result<Vec<Resource>, String> {
        let file = PathBuf::from(self.file.path(&self.rules.db).to_string());
        let path = file.parent().unwrap_or(Path::new("")).join(path).to_string_lossy().into_owned();
        let reading = Reading {
            projection,
            schema: self.rules.schema(),
            format: None,
            collected: Vec::new(),
            as_of: now,
            max_age: None,
            progress: &|_, _| {},
        };
        let inputs = inputs::read(self.host, std::slice::from_ref(&path), &reading);
        match inputs.skipped.iter().find(|skipped| skipped.error) {
            Some(skipped) => {
                self.unreadable = true;
                let place = skipped.line.map_or(String::new(), |line| format!(":{line}"));
                Err(format!("{}{place}: {}", skipped.path, skipped.reason))
            }
            None => Ok(inputs.resources),
        }
    }

    fn expect(&self, engine: &Engine<'_>, step: &Step, slots: &[(Slot, Value)]) -> Result<(), String> {
        match &step.kind {
            StepKind::Verdict { guardrail, outcome, target, with } => {
                let guardrail = engine.guardrail(guardrail).ok_or_else(|| format!("`{guardrail}` is not there"))?;
                match target {
                    Target::Given(slot) => expect_on(engine, guardrail, *outcome, slots, *slot, with.as_deref()),
                    Target::Count(count) => expect_count(engine, guardrail, *outcome, *count, with.as_deref()),
                }
            }
            StepKind::Holds { condition, text } => match engine.evaluate_condition(condition, self.test.slots, slots) {
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
            StepKind::Resource { .. } | StepKind::Inventory { .. } | StepKind::Now(_) | StepKind::Param { .. } => {
                Ok(())
            }
        }
    }
}

/// What the given inventories must be read for.
fn wanted(program: &Program, steps: &[Step]) -> Projection {
    let mut projection = Projection::of(program);
    for step in steps {
        if let StepKind::Holds { condition, .. } = &step.kind {
            walk(condition, &mut |part| projection.expr(part));
        }
    }
    projection
}

/// An account; what is not mentioned is unknown, but for the tags.
fn build_account(values: Vec<(Name, Value)>) -> Account {
    let mut account = Account::of_id(Value::text("123456789012"));
    account.tags = Value::Map(Arc::default());
    for (field, value) in values {
        match &*field {
            "id" => account.id = value,
            "name" => account.name = value,
            "email" => account.email = value,
            "ou" => account.ou = value,
            _ => account.tags = value,
        }
    }
    account
}

/// A resource whose id and name are its name; what is not mentioned is absent, or unknown where it is required.
fn build(schema: &Schema, resource_type: &Name, name: &Arc<str>, values: Vec<(Name, Value)>) -> Resource {
    let mut properties: FxHashMap<Name, Value> = FxHashMap::default();
    if let Some(ty) = schema.resource_type(resource_type) {
        properties = ty.properties.values().map(|property| (property.name.clone(), missing(property))).collect();
    }
    let text = |text: &str| Value::text(text);
    let mut resource = Resource {
        resource_type: resource_type.clone(),
        id: Value::Text(name.clone()),
        arn: text(&format!("arn:aws:parapet:test-region-1:123456789012:given/{name}")),
        name: Value::Text(name.clone()),
        account: text("123456789012"),
        region: text(if schema.resource_type(resource_type).is_some_and(|ty| ty.global) {
            "global"
        } else {
            "test-region-1"
        }),
        tags: Value::Map(Arc::default()),
        captured: Value::Absent,
        address: None,
        properties: FxHashMap::default(),
        blank: None,
        origin: Origin::default(),
        pointer: "".into(),
    };
    for (field, value) in values {
        match &*field {
            "id" => resource.id = value,
            "arn" => resource.arn = value,
            "name" => resource.name = value,
            "account" => resource.account = value,
            "region" => resource.region = value,
            "tags" => resource.tags = value,
            "captured" => resource.captured = value,
            _ if !value.is_absent() => drop(properties.insert(field, value)),
            _ => {}
        }
    }
    resource.properties = properties;
    resource
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
    let subject = slots.iter().find(|(known, _)| *known == slot).and_then(|(_, value)| match value {
        Value::Resource(id) => Some(Subject::Resource(*id)),
        Value::Account(account) => Some(Subject::Account(*account)),
        _ => None,
    });
    let subject = subject.ok_or("the expectation names nothing that was given")?;
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
        parapet_ir::Population::Types(types) => {
            types.iter().flat_map(|name| world.of_type(name)).map(|id| Subject::Resource(*id)).collect()
        }
        parapet_ir::Population::AllResources => world.resources().map(|(id, _)| Subject::Resource(id)).collect(),
        parapet_ir::Population::Accounts => {
            (0..world.accounts().len()).map(|at| Subject::Account(parapet_model::AccountIndex(at as u32))).collect()
        }
    };
    let matching = subjects.iter().filter(|subject| {
        let (verdict, lines) = told(engine, guardrail, **subject);
        verdict == verdict_of(outcome) && with.is_none_or(|part| lines.iter().any(|line| line.contains(part)))
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
