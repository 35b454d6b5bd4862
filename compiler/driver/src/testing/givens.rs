//! What a test gives: resources, accounts, and the slots that name them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use parapet_interpreter::{Account, Coverage, Engine, World};
use parapet_ir::{Expr, ExprKind, Program, Projection, Slot, Step, StepKind, Test, walk};
use parapet_model::{AccountIndex, Form, Held, Name, Origin, Reason, Resource, ResourceId, Schema, Value, missing};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::host::Host;
use crate::inputs::{self, Reading};
use crate::parallel::no_thread;
use crate::testing::Failure;
use crate::testing::prepare::Prepared;

/// The stage of a test: its world, its time, its parameters.
pub(super) struct Stage {
    pub(super) world: World,
    pub(super) now: Timestamp,
    pub(super) parameters: FxHashMap<Arc<str>, Value>,
    pub(super) slots: Vec<(Slot, Value)>,
}

/// A closed world of these resources and accounts.
pub(super) fn closed(resources: Vec<Resource>, accounts: Vec<Account>) -> World {
    let coverage = Coverage { closed: true, ..Coverage::default() };
    let mut world = World::new(resources, &coverage, &FxHashSet::default(), false);
    world.describe_accounts(accounts);
    world
}

/// Builds what a test gives.
pub(super) fn stage(host: &dyn Host, prepared: &Prepared, program: &Program, now: Timestamp) -> Result<Stage, Failure> {
    let test = &prepared.test;
    let (now, parameters) = settings(test, program, now)?;
    let mut given = Given {
        test,
        schema: &prepared.schema,
        program,
        now,
        parameters,
        resources: Vec::new(),
        accounts: Vec::new(),
        slots: vec![],
    };
    test.steps.iter().for_each(|step| given.step(step));
    let projection = wanted(program, &test.steps);
    for step in &test.steps {
        if let StepKind::Inventory { path } = &step.kind {
            given.resources.extend(inventory(host, prepared, path, &projection, now)?);
        }
    }
    let world = closed(given.resources, given.accounts);
    Ok(Stage { world, now, parameters: given.parameters, slots: given.slots })
}

/// The time and the parameters that a test sets.
fn settings(
    test: &Test,
    program: &Program,
    now: Timestamp,
) -> Result<(Timestamp, FxHashMap<Arc<str>, Value>), Failure> {
    let (mut given_now, mut parameters) = (now, FxHashMap::default());
    let nothing = World::default();
    let engine = Engine::new(program, &nothing, now, FxHashMap::default());
    for step in &test.steps {
        match &step.kind {
            StepKind::Now(value) => match engine.evaluate_expr(value, test.slots) {
                Value::Time(time) => given_now = time,
                _ => return Err(Failure::of("`given now` has no value")),
            },
            StepKind::Param { path, value } => {
                parameters.insert(path.clone(), engine.evaluate_expr(value, test.slots));
            }
            StepKind::Resource { .. }
            | StepKind::Inventory { .. }
            | StepKind::Verdict { .. }
            | StepKind::Holds { .. } => {}
        }
    }
    Ok((given_now, parameters))
}

/// What was given so far.
struct Given<'t> {
    test: &'t Test,
    schema: &'t Schema,
    program: &'t Program,
    now: Timestamp,
    parameters: FxHashMap<Arc<str>, Value>,
    resources: Vec<Resource>,
    accounts: Vec<Account>,
    slots: Vec<(Slot, Value)>,
}

impl Given<'_> {
    fn step(&mut self, step: &Step) {
        let StepKind::Resource { slot, name, resource_type, fields } = &step.kind else { return };
        // What was given before may be read: a resource given as a reference stands for its id.
        let reads = fields.iter().filter_map(|(_, value)| value.as_ref()).any(reads_givens);
        let world = match reads {
            true => closed(self.resources.clone(), self.accounts.clone()),
            false => World::default(),
        };
        let engine = Engine::new(self.program, &world, self.now, self.parameters.clone());
        let values = fields.iter().map(|(field, value)| {
            let value = match value {
                Some(value) => engine.evaluate_with(value, self.test.slots, &self.slots),
                None => Value::unknown(Reason::Undecided, "given as unknown"),
            };
            (field.clone(), value)
        });
        let values: Vec<(Name, Value)> = values.collect();
        if &**resource_type == "Account" {
            self.slots.push((*slot, Value::Account(AccountIndex(self.accounts.len() as u32))));
            self.accounts.push(build_account(values));
        } else {
            self.slots.push((*slot, Value::Resource(ResourceId(self.resources.len() as u32))));
            self.resources.push(build(self.schema, resource_type, name, values));
        }
    }
}

/// Whether an expression may ask for what was given: literals do not.
fn reads_givens(value: &Expr) -> bool {
    let mut reads = false;
    walk(value, &mut |part| {
        let plain = matches!(
            part.kind,
            ExprKind::Value(_)
                | ExprKind::Now
                | ExprKind::List(_)
                | ExprKind::Set(_)
                | ExprKind::Map(_)
                | ExprKind::Record(_)
                | ExprKind::Arithmetic { .. }
                | ExprKind::Cast(_)
                | ExprKind::ToPolicy(_)
        );
        reads |= !plain;
    });
    reads
}

fn inventory(
    host: &dyn Host,
    prepared: &Prepared,
    path: &str,
    projection: &Projection,
    now: Timestamp,
) -> Result<Vec<Resource>, Failure> {
    let file = PathBuf::from(&prepared.file);
    let path = file.parent().unwrap_or(Path::new("")).join(path).to_string_lossy().into_owned();
    let reading = Reading {
        projection,
        schema: prepared.schema.clone(),
        format: None,
        collected: Vec::new(),
        as_of: now,
        max_age: None,
        place: (None, None),
        parameters: Default::default(),
        open_world: false,
        var_files: Vec::new(),
        strict: false,
        early: Default::default(),
        digests: false,
        jobs: 1,
        progress: &|_, _| {},
    };
    let unread = |error| Failure { message: no_thread(&error), unreadable: true };
    let inputs = inputs::read(host, std::slice::from_ref(&path), &reading).map_err(unread)?;
    match inputs.skipped.iter().find(|skipped| skipped.error) {
        Some(skipped) => {
            let place = skipped.line.map_or(String::new(), |line| format!(":{line}"));
            let message = format!("{}{place}: {}", skipped.path, skipped.reason);
            Err(Failure { message, unreadable: true })
        }
        None => Ok(inputs.resources.into_vec()),
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
    let mut properties = Held::default();
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
        properties: Held::default(),
        blank: None,
        existence: None,
        owner: None,
        form: Form::default(),
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
            _ if !value.is_absent() => properties.insert(field, value),
            _ => {}
        }
    }
    resource.properties = properties;
    resource
}
