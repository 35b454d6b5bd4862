//! The law of the language, tried on every entry of the table: refining an unknown never flips a decided answer.
//!
//! Arguments are drawn from the signature: all short collections over a few known elements and unknowns, each
//! unknown with a name that says what it may turn out to be. Every answer that is decided, or has decided parts,
//! must be the answer to each way of putting values for the unknowns.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use parapet_model::{Fields, Reason, Type, Value, policy, set_of};

use crate::{Builtin, Context, all};

const CX: Context = Context { now: Timestamp::UNIX_EPOCH };

#[test]
fn refining_an_unknown_never_flips_a_decided_answer() {
    let tried: usize = all().iter().map(try_all).sum();
    assert!(tried > 30_000, "{tried} cases only");
}

/// Two parameters with unknowns, or one, are tried in all combinations.
fn try_all(builtin: &Builtin) -> usize {
    let mut calls: Vec<Vec<Value>> = vec![Vec::new()];
    for (at, parameter) in builtin.parameters.iter().enumerate() {
        let samples = samples(&parameter.ty, at);
        assert!(!samples.is_empty(), "no sample of {}", parameter.ty);
        calls = calls
            .iter()
            .flat_map(|call| samples.iter().map(|value| [&call[..], std::slice::from_ref(value)].concat()))
            .collect();
    }
    calls.iter().map(|arguments| try_call(builtin, arguments)).sum()
}

fn try_call(builtin: &Builtin, arguments: &[Value]) -> usize {
    let before = (builtin.eval)(&CX, arguments);
    if before.is_unknown() {
        return 0;
    }
    let mut names = Vec::new();
    arguments.iter().for_each(|argument| collect_unknowns(argument, &mut names));
    let ways = assignments(&names);
    for way in &ways {
        let refined: Vec<Value> = arguments.iter().map(|argument| refine(argument, way)).collect();
        let after = (builtin.eval)(&CX, &refined);
        let agree = match (&before, &after) {
            (Value::Count(open), Value::Int(count)) => {
                open.least <= *count && open.most.is_none_or(|most| *count <= most)
            }
            (Value::List(before), Value::List(after)) if Value::open_end(before).is_some() => fits(before, after, way),
            (before, after) => format!("{:?}", refine(before, way)) == format!("{after:?}"),
        };
        assert!(agree, "{:?}: {before:?} of {arguments:?}, but {after:?} of {refined:?}", builtin.id);
    }
    ways.len()
}

/// Whether a list is one that an open one may turn out to be: what may be there stands for any number of elements.
fn fits(before: &[Value], after: &[Value], way: &Assignment) -> bool {
    match (before, after) {
        ([], after) => after.is_empty(),
        ([Value::Unknown(unknown), rest @ ..], after) if unknown.is_perhaps() => {
            (0..=after.len()).any(|taken| fits(rest, &after[taken..], way))
        }
        ([first, rest @ ..], [found, others @ ..]) => {
            format!("{:?}", refine(first, way)) == format!("{found:?}") && fits(rest, others, way)
        }
        (_, []) => false,
    }
}

type Assignment = IndexMap<Arc<str>, Value>;

fn assignments(names: &[Arc<str>]) -> Vec<Assignment> {
    let mut ways = vec![Assignment::new()];
    for name in names {
        let values = values_of(name);
        let with = |way: &Assignment, value: &Value| {
            let mut way = way.clone();
            way.insert(name.clone(), value.clone());
            way
        };
        ways = ways.iter().flat_map(|way| values.iter().map(move |value| with(way, value))).collect();
    }
    ways
}

fn collect_unknowns(value: &Value, names: &mut Vec<Arc<str>>) {
    match value {
        Value::Unknown(unknown) if !names.iter().any(|name| **name == *unknown.why()) => {
            names.push(unknown.why().into())
        }
        Value::List(elements) | Value::Set(elements) => {
            elements.iter().for_each(|value| collect_unknowns(value, names))
        }
        Value::Map(fields) | Value::Record(fields) => fields.values().for_each(|value| collect_unknowns(value, names)),
        _ => {}
    }
}

/// The value with its unknowns known.
fn refine(value: &Value, way: &Assignment) -> Value {
    let fields = |fields: &Fields| -> Fields {
        let refined = fields.iter().map(|(name, value)| (name.clone(), refine(value, way)));
        refined.filter(|(_, value)| !value.is_absent()).collect()
    };
    match value {
        Value::Unknown(unknown) => way.get(unknown.why()).cloned().unwrap_or_else(|| value.clone()),
        Value::List(elements) => Value::list(elements.iter().map(|value| refine(value, way)).collect()),
        Value::Set(elements) => set_of(elements.iter().map(|value| refine(value, way)).collect()),
        Value::Map(entries) => Value::Map(Arc::new(fields(entries))),
        Value::Record(entries) => Value::Record(Arc::new(fields(entries))),
        other => other.clone(),
    }
}

/// An unknown that may turn out to be one of a kind, or absent.
fn unknown(kind: &str, at: usize) -> Value {
    Value::unknown(Reason::Undecided, format!("{kind} {at}"))
}

/// What an unknown of this name may turn out to be.
fn values_of(name: &str) -> Vec<Value> {
    let kind = name.split(' ').next().unwrap_or_default();
    let mut values = scalars(kind);
    values.push(match kind {
        "list" => Value::list(vec![Value::Int(1), Value::Int(2)]),
        "patterns" => Value::list(vec![Value::text("s3:get*"), Value::text("arn:aws:s3:::a*")]),
        "anyone" => Value::Bool(true),
        _ => Value::Absent,
    });
    values
}

fn scalars(kind: &str) -> Vec<Value> {
    let texts = |texts: &[&str]| texts.iter().map(|text| Value::text(*text)).collect();
    match kind {
        "Int" => vec![Value::Int(1), Value::Int(2)],
        "Float" => vec![Value::Float(0.5), Value::Float(1.5)],
        "String" => texts(&["a", "A"]),
        "Duration" => {
            vec![Value::Duration(SignedDuration::from_secs(60)), Value::Duration(SignedDuration::from_secs(90))]
        }
        "effect" => texts(&["Allow", "Deny"]),
        "pattern" => texts(&["s3:*", "s3:getobject", "arn:aws:s3:::a", "*"]),
        "key" => texts(&["aws:SourceIp", "aws:sourceip", "k"]),
        "principal" => texts(&["arn:aws:iam::111122223333:root", "*"]),
        "list" | "patterns" => vec![Value::list(Vec::new()), Value::list(vec![Value::Int(1)])],
        "anyone" => vec![Value::Bool(false)],
        other => panic!("{other}"),
    }
}

/// Arguments for a parameter; `at` tells the unknowns of one from those of another.
fn samples(ty: &Type, at: usize) -> Vec<Value> {
    match ty {
        Type::List { element, .. } => [lists(element, at), sets(element, at)].concat(),
        Type::Set(element) => sets(element, at),
        Type::Map(_) => maps(at),
        Type::Policy => policies(),
        Type::Time => vec![Value::Time(Timestamp::from_second(-60).unwrap())],
        Type::Ip => vec![Value::Ip("10.0.0.1".parse().unwrap())],
        Type::Cidr => vec![Value::Cidr("10.0.0.0/8".parse().unwrap())],
        Type::Bool => vec![Value::Bool(true)],
        Type::Record(record) if !record.fields.is_empty() => match record.name.as_deref() {
            Some("Statement") => statements(),
            Some("Principals") => principals(),
            other => panic!("{other:?}"),
        },
        Type::String => scalars("String").into_iter().chain(scalars("pattern")).chain(scalars("key")).collect(),
        other => scalars(kind(other)),
    }
}

/// The kind of scalar that stands for a type, variables included.
fn kind(ty: &Type) -> &'static str {
    match ty {
        Type::Float => "Float",
        Type::Duration => "Duration",
        ty if ty.is_text() => "String",
        _ => "Int",
    }
}

/// All lists of up to three of these, with an unknown of the kind among them.
fn short_lists(known: &[Value], kind: &str, at: usize) -> Vec<Vec<Value>> {
    let mut all = vec![Vec::new()];
    let mut last: Vec<Vec<Value>> = all.clone();
    for position in 0..3 {
        let choices = [known, &[unknown(kind, at * 10 + position)]].concat();
        last = last
            .iter()
            .flat_map(|list| choices.iter().map(|value| [&list[..], std::slice::from_ref(value)].concat()))
            .collect();
        all.extend(last.clone());
    }
    all
}

fn lists(element: &Type, at: usize) -> Vec<Value> {
    match element {
        Type::List { element, .. } => {
            let inner = short_lists(&scalars(kind(element))[..1], kind(element), at);
            let known: Vec<Value> = inner
                .into_iter()
                .take(6)
                .map(Value::list)
                .chain([set_of(vec![unknown("Int", 7), Value::Int(1)])])
                .collect();
            short_lists(&known, "list", at).into_iter().filter(|list| list.len() < 3).map(Value::list).collect()
        }
        element => short_lists(&scalars(kind(element)), kind(element), at).into_iter().map(Value::list).collect(),
    }
}

fn sets(element: &Type, at: usize) -> Vec<Value> {
    lists(element, at).into_iter().map(|list| set_of(list.elements().unwrap().to_vec())).collect()
}

fn maps(at: usize) -> Vec<Value> {
    let entry = |list: Vec<Value>| ["a", "A", "s3:*"].into_iter().map(Arc::from).zip(list).collect::<Fields>();
    short_lists(&scalars("Int"), "Int", at).into_iter().map(|list| Value::Map(Arc::new(entry(list)))).collect()
}

fn record(fields: &[(&str, Value)]) -> Value {
    Value::Record(Arc::new(fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect()))
}

fn policies() -> Vec<Value> {
    let statement = |effect: Value| record(&[("effect", effect), ("sid", Value::text("x"))]);
    let known =
        scalars("effect").into_iter().map(statement).chain([statement(unknown("effect", 9))]).collect::<Vec<Value>>();
    let lists = short_lists(&known, "effect", 0);
    lists.into_iter().map(|statements| record(&[("statements", Value::list(statements))])).collect()
}

fn statements() -> Vec<Value> {
    let mut lists: Vec<Value> = short_lists(&scalars("pattern"), "pattern", 0).into_iter().map(Value::list).collect();
    lists.retain(|list| list.elements().unwrap().len() < 3);
    lists.push(unknown("patterns", 8));
    let fields = ["actions", "not_actions", "resources", "not_resources"];
    let mut all: Vec<Value> =
        fields.iter().flat_map(|field| lists.iter().map(|list| record(&[(field, list.clone())]))).collect();
    let both = |list: &Value| record(&[("actions", list.clone()), ("not_actions", unknown("patterns", 9))]);
    all.extend(lists.iter().map(both));
    let condition =
        |key: Value| record(&[("key", key), ("values", Value::list(vec![Value::text("v"), unknown("key", 6)]))]);
    let known: Vec<Value> = scalars("key").into_iter().chain([unknown("key", 7)]).map(condition).collect();
    let conditions = short_lists(&known, "key", 2).into_iter().filter(|list| list.len() < 3);
    all.extend(conditions.map(|list| record(&[("conditions", Value::list(list))])));
    all
}

fn principals() -> Vec<Value> {
    let parts = [Value::Bool(false), Value::Bool(true), unknown("anyone", 0)];
    let lists = short_lists(&scalars("principal"), "principal", 0).into_iter().map(Value::list);
    let lists: Vec<Value> = lists.chain([unknown("patterns", 8)]).collect();
    let one = |anyone: &Value, list: &Value| record(&[("anyone", anyone.clone()), ("aws", list.clone())]);
    let all = parts.iter().flat_map(|anyone| lists.iter().map(move |list| one(anyone, list)));
    all.chain([policy::from_text("{\"Statement\": []}")]).collect()
}
