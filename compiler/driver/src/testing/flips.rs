//! Values that passing fixtures show, changed: does the guardrail depend on what it reads?
//!
//! For each `expect g passes on r` the values that led to the verdict are replaced by others of their kind, one at a
//! time: the truth turned, the text by what the rule compares with, the list emptied. A value that may be anything
//! in every passing fixture of a guardrail, although the guardrail reads it, survives. To be unknown is no such change:
//! whatever is read strictly would count. Truths, numbers, texts, lists of texts and policies are flipped; records and
//! other lists are not, for their parts are.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use parapet_interpreter::{Engine, Place, Step, Subject, World};
use parapet_ir::{
    Expr, ExprKind, Guardrail, Outcome, Program, StepKind, Target, mutated_function, mutated_guardrail, walk,
    walk_statements,
};
use parapet_lower::mention;
use parapet_model::{
    MutantKind, MutationReport, Resource, Survivor, Truth, Type, Value, Verdict, equal, parse_cidr, policy,
};
use serde_json::json;

use crate::parallel::{in_parallel, no_thread};
use crate::testing::expectations::subject;
use crate::testing::givens::closed;
use crate::testing::mutation::{Staged, tally};
use crate::testing::prepare::{Body, Definition};

/// What was read, as the rule writes it, and whether some change of it was seen.
type Reads = BTreeMap<Arc<str>, bool>;

/// A passing fixture of a guardrail.
struct Fixture<'t> {
    staged: &'t Staged<'t>,
    /// Without planned joins, which would hide what a condition does not admit.
    program: Program,
    guardrail: Arc<Guardrail>,
    subject: Subject,
}

/// Flips the passing fixtures of these definitions and counts what came of it.
pub(super) fn flip(
    staged: &[Staged<'_>],
    definitions: &[Definition],
    jobs: usize,
    report: &mut MutationReport,
) -> Result<(), String> {
    let guardrails: Vec<(&Definition, &Arc<Guardrail>)> = definitions
        .iter()
        .filter_map(|definition| match &definition.body {
            Body::Guardrail(guardrail) => Some((definition, guardrail)),
            Body::Function(_) | Body::Constant(_) => None,
        })
        .collect();
    let one = |at: usize| {
        let fixtures = guardrails.get(at).map(|(_, guardrail)| fixtures(staged, guardrail)).unwrap_or_default();
        let mut reads = Reads::new();
        fixtures.iter().for_each(|fixture| fixture.flip(&mut reads));
        (reads, fixtures.len())
    };
    let results = in_parallel(jobs, guardrails.len(), &one).map_err(|error| no_thread(&error))?;
    for ((definition, _), result) in guardrails.iter().zip(results) {
        let Some((reads, fixtures)) = result else {
            return Err(format!("`{}` broke off with another value", definition.path()));
        };
        for (text, noticed) in reads {
            tally(&mut report.fixtures, noticed, definition.accepts_survivors);
            if !noticed {
                report.survivors.push(survivor(definition, &text, fixtures));
            }
        }
    }
    Ok(())
}

fn survivor(definition: &Definition, text: &str, tests: usize) -> Survivor {
    let place = definition.text.position(definition.text.name);
    Survivor {
        kind: MutantKind::Fixture,
        definition: definition.path().to_string(),
        path: definition.text.file.clone(),
        line: place.line,
        column: place.column,
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        change: "whatever its value, the passing fixtures pass".to_owned(),
        accepted: definition.accepts_survivors,
        tests,
    }
}

/// A world is built anew for each other value: larger ones are not flipped.
const MOST_RESOURCES: usize = 10_000;

/// Where tests expect this guardrail to pass.
fn fixtures<'t>(staged: &'t [Staged<'t>], guardrail: &Arc<Guardrail>) -> Vec<Fixture<'t>> {
    let mut found = Vec::new();
    for staged in staged.iter().filter(|staged| staged.stage.world.len() <= MOST_RESOURCES) {
        let known = staged.prepared.program.guardrails.iter().find(|known| known.path == guardrail.path);
        let Some(guardrail) = known.map(|known| Arc::new(mutated_guardrail(known, None))) else { continue };
        let program = unplanned(&staged.prepared.program);
        for step in &staged.prepared.test.steps {
            if let StepKind::Verdict { guardrail: named, outcome: Outcome::Passes, target: Target::Given(slot), .. } =
                &step.kind
                && *named == guardrail.path
                && let Some(subject) = subject(&staged.stage.slots, *slot)
            {
                found.push(Fixture { staged, program: program.clone(), guardrail: guardrail.clone(), subject });
            }
        }
    }
    found
}

fn unplanned(program: &Program) -> Program {
    let mut program = program.clone();
    for function in program.functions.values_mut() {
        *function = Arc::new(mutated_function(function, None));
    }
    program
}

impl Fixture<'_> {
    fn flip(&self, reads: &mut Reads) {
        let stage = &self.staged.stage;
        let engine = Engine::new(&self.program, &stage.world, stage.now, stage.parameters.clone());
        let mut literals = literals(&self.program, &self.guardrail);
        literals.extend(identifiers(&stage.world));
        for step in engine.trace(&self.guardrail, self.subject).steps {
            for read in step.reads {
                let Some(place) = &read.place else { continue };
                if reads.get(&read.text) == Some(&true) {
                    continue;
                }
                // What was computed from a place is another value than the one that stands there.
                if !self.holds(place, &read.value) {
                    continue;
                }
                let others = others(&read.value, self.kind(place).as_ref(), &literals);
                if others.is_empty() {
                    continue;
                }
                let noticed = others.iter().any(|other| self.verdict(place, other) != Some(Verdict::Pass));
                *reads.entry(read.text).or_default() |= noticed;
            }
        }
    }

    /// Whether this value stands at this place, which is a property or below one.
    fn holds(&self, place: &Place, value: &Value) -> bool {
        let Some((Step::Property(name), rest)) = place.path.split_first() else { return false };
        let Some(resource) = self.staged.stage.world.resource(place.resource) else { return false };
        let mut there = resource.properties.get(name).unwrap_or(&Value::Absent);
        for step in rest {
            there = match (there, step) {
                (Value::Record(fields), Step::Property(name)) => fields.get(name).unwrap_or(&Value::Absent),
                (Value::Map(entries), Step::Property(name)) => entries.get(name).unwrap_or(&Value::Absent),
                (Value::List(elements) | Value::Set(elements), Step::Index(at)) => {
                    elements.get(*at).unwrap_or(&Value::Absent)
                }
                _ => return false,
            };
        }
        (there.is_absent() && value.is_absent()) || equal(there, value) == Truth::True
    }

    /// The type of a property of a resource, without optionality.
    fn kind(&self, place: &Place) -> Option<Type> {
        let [Step::Property(name)] = place.path.as_slice() else { return None };
        let resource = self.staged.stage.world.resource(place.resource)?;
        let ty = self.staged.prepared.schema.resource_type(&resource.resource_type)?;
        ty.properties.get(name).map(|property| property.ty.clone())
    }

    /// The verdict when this place holds another value; `None` where that cannot be.
    fn verdict(&self, place: &Place, other: &Value) -> Option<Verdict> {
        let stage = &self.staged.stage;
        let mut resources: Vec<Resource> = stage.world.resources().map(|(_, resource)| resource.into_owned()).collect();
        let resource = resources.get_mut(place.resource.0 as usize)?;
        let (Some(Step::Property(name)), rest) = (place.path.first(), place.path.get(1..)?) else { return None };
        let whole = resource.properties.get(name).cloned().unwrap_or(Value::Absent);
        resource.properties.insert(name.clone(), put(&whole, rest, other));
        let world = closed(resources, stage.world.accounts().to_vec());
        let engine = Engine::new(&self.program, &world, stage.now, stage.parameters.clone());
        Some(engine.judge(&self.guardrail, self.subject))
    }
}

/// `whole` with `other` at the end of the path.
fn put(whole: &Value, path: &[Step], other: &Value) -> Value {
    let Some((step, rest)) = path.split_first() else { return other.clone() };
    match (whole, step) {
        (Value::Record(fields), Step::Property(name)) => {
            let mut fields = (**fields).clone();
            let field = put(fields.get(name).unwrap_or(&Value::Absent), rest, other);
            fields.insert(name.clone(), field);
            Value::Record(Arc::new(fields))
        }
        (Value::Map(entries), Step::Property(name)) => {
            let mut entries = (**entries).clone();
            let entry = put(entries.get(name).unwrap_or(&Value::Absent), rest, other);
            entries.insert(name.clone(), entry);
            Value::Map(Arc::new(entries))
        }
        (Value::List(elements), Step::Index(at)) => Value::List(Arc::new(put_element(elements, *at, rest, other))),
        (Value::Set(elements), Step::Index(at)) => Value::Set(Arc::new(put_element(elements, *at, rest, other))),
        _ => whole.clone(),
    }
}

fn put_element(elements: &[Value], at: usize, rest: &[Step], other: &Value) -> Vec<Value> {
    let put = |(index, value): (usize, &Value)| if index == at { put(value, rest, other) } else { value.clone() };
    elements.iter().enumerate().map(put).collect()
}

/// What a text may refer to: the identifiers of all that is given.
fn identifiers(world: &World) -> Vec<Value> {
    let resources = world.resources().map(|(_, resource)| resource).take(MOST_LITERALS);
    resources.flat_map(|resource| [resource.id.clone(), resource.arn.clone()]).filter(is_text).collect()
}

/// More values than these say nothing new.
const MOST_LITERALS: usize = 200;

/// The texts and numbers that the guardrail, and what it calls, compares with.
fn literals(program: &Program, guardrail: &Guardrail) -> Vec<Value> {
    let (mut found, mut wanted): (Vec<Value>, Vec<Arc<str>>) = (Vec::new(), Vec::new());
    let mut seen: Vec<Arc<str>> = Vec::new();
    let mut look = |part: &Expr, wanted: &mut Vec<Arc<str>>| {
        mention(&part.kind, wanted);
        match &part.kind {
            ExprKind::Value(value @ (Value::Text(_) | Value::Int(_) | Value::Cidr(_)))
                if found.len() < MOST_LITERALS =>
            {
                found.push(value.clone());
            }
            ExprKind::Like { pattern: parapet_ir::Pattern::Constant(text, _), .. } => {
                found.push(Value::text(text.replace('*', "")));
                found.push(Value::text(text.replace('*', "x")));
            }
            _ => {}
        }
    };
    walk_statements(&guardrail.body, &mut |part| look(part, &mut wanted));
    while let Some(path) = wanted.pop() {
        if seen.contains(&path) {
            continue;
        }
        seen.push(path.clone());
        let parameter = program.parameters.get(&path).and_then(|parameter| parameter.default.as_ref());
        let bodies = [
            program.functions.get(&path).map(|function| &function.body),
            program.constants.get(&path).map(|constant| &constant.value),
            parameter.map(|default| &default.value),
        ];
        for body in bodies.into_iter().flatten() {
            walk(body, &mut |part| look(part, &mut wanted));
        }
    }
    found
}

/// Other values of the kind of this one; none where nothing is known of its kind.
fn others(value: &Value, kind: Option<&Type>, literals: &[Value]) -> Vec<Value> {
    let mut others: Vec<Value> = match value {
        Value::Bool(truth) => vec![Value::Bool(!truth)],
        Value::Text(_) => texts(literals),
        Value::Int(_) => numbers(literals),
        Value::Float(float) => vec![Value::Float(-1.0), Value::Float(float + 1.0), Value::Float(1e9)],
        Value::Time(_) => times(),
        Value::Cidr(_) => blocks(literals),
        Value::Record(fields) if fields.contains_key("statements") => policies(literals),
        Value::List(elements) if elements.iter().all(is_text) && !elements.is_empty() => {
            let single = texts(literals).into_iter().map(|text| Value::list(vec![text]));
            return single.chain([Value::list(Vec::new())]).collect();
        }
        Value::Absent => {
            return match kind {
                Some(Type::Bool) => vec![Value::Bool(true), Value::Bool(false)],
                Some(Type::Int) => numbers(literals),
                Some(Type::Time) => times(),
                Some(Type::Cidr) => blocks(literals),
                Some(Type::Policy) => policies(literals),
                Some(ty) if ty.is_text() => texts(literals),
                Some(_) | None => Vec::new(),
            };
        }
        Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => return Vec::new(),
        Value::Unknown(_) | Value::Count(_) | Value::Duration(_) | Value::Ip(_) => return Vec::new(),
        Value::Resource(_) | Value::Account(_) => return Vec::new(),
    };
    others.push(Value::Absent);
    others
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

fn texts(literals: &[Value]) -> Vec<Value> {
    let texts = literals.iter().filter(|literal| is_text(literal)).cloned();
    texts.chain([Value::text("~"), Value::text("*"), Value::text("0")]).collect()
}

/// What the rule compares with, and what lies just beside it.
fn numbers(literals: &[Value]) -> Vec<Value> {
    let mut numbers = vec![i64::from(i32::MIN), 0, 1, i64::from(i32::MAX)];
    for literal in literals {
        if let Value::Int(int) = literal {
            numbers.extend([int.saturating_sub(1), *int, int.saturating_add(1)]);
        }
    }
    numbers.into_iter().map(Value::Int).collect()
}

fn blocks(literals: &[Value]) -> Vec<Value> {
    let world = ["0.0.0.0/0", "::/0"].into_iter().filter_map(parse_cidr).map(Value::Cidr);
    literals.iter().filter(|literal| matches!(literal, Value::Cidr(_))).cloned().chain(world).collect()
}

fn times() -> Vec<Value> {
    [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX].map(Value::Time).to_vec()
}

/// Policies that admit everybody, everything but little, and whoever the rule speaks of.
fn policies(literals: &[Value]) -> Vec<Value> {
    let mut statements = vec![
        json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
        json!({"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "*", "Resource": "*"}),
        json!({"Effect": "Allow", "NotPrincipal": {"AWS": "0"}, "NotAction": "~", "NotResource": "~"}),
    ];
    for text in literals.iter().filter_map(Value::as_text) {
        statements.push(json!({"Effect": "Allow", "Principal": {"Federated": text}, "Action": "*", "Resource": "*"}));
        statements.push(json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": text, "Resource": "*"}));
    }
    let policy = |statement| policy::from_text(&json!({"Statement": [statement]}).to_string());
    statements.into_iter().map(policy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str) -> Step {
        Step::Property(name.into())
    }

    #[test]
    fn a_value_is_put_where_its_path_leads() {
        let rule = Value::Record(Arc::new([("Port".into(), Value::Int(22))].into_iter().collect()));
        let rules = Value::list(vec![rule.clone(), rule]);
        let path = [Step::Index(1), step("Port")];
        let Value::List(changed) = put(&rules, &path, &Value::Int(80)) else { panic!("no list") };
        let port = |at: usize| match &changed[at] {
            Value::Record(fields) => equal(&fields["Port"], &Value::Int(80)),
            _ => Truth::False,
        };
        assert_eq!((port(0), port(1)), (Truth::False, Truth::True));
        let unchanged = put(&rules, &[step("Port")], &Value::Int(80));
        assert_eq!(equal(&unchanged, &rules), Truth::True);
    }

    #[test]
    fn other_values_are_of_the_kind_and_never_unknown() {
        let literals = [Value::text("OFF"), Value::Int(22)];
        for value in [Value::Bool(true), Value::text("ON"), Value::Int(1), Value::list(vec![Value::text("a")])] {
            let others = others(&value, None, &literals);
            assert!(!others.is_empty() && others.iter().all(|other| other.unknown_within().is_none()), "{value:?}");
        }
        assert!(others(&Value::Absent, None, &literals).is_empty());
        assert_eq!(others(&Value::Absent, Some(&Type::Bool), &literals).len(), 2);
        assert!(policies(&literals).iter().all(|policy| policy.unknown_within().is_none()));
    }
}
