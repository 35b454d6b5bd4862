//! regorus: the twelve guardrails in Rego, each record an input.
//!
//! Rego sees one input at a time. What needs all of them is told it as data: the rules of security groups by account and region,
//! and records that others contradict. All else is in `twelve.rego`.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use jiff::Timestamp;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::RegoVM;
use regorus::rvm::program::Program;
use regorus::{Engine, Value};

use crate::counts::Counts;

const ENTRY: &str = "data.guardrails.said";

/// The guardrails, compiled for the virtual machine of regorus.
pub(crate) struct Policy(Arc<Program>);

impl Policy {
    pub(crate) fn new() -> Result<Policy> {
        let mut engine = Engine::new();
        engine.add_policy("twelve.rego".to_owned(), include_str!("twelve.rego").to_owned())?;
        let compiled = engine.compile_with_entrypoint(&ENTRY.into())?;
        let program = Compiler::compile_from_policy(&compiled, &[ENTRY]);
        Ok(Policy(program.map_err(|error| anyhow!("the policy does not compile: {error}"))?))
    }

    pub(crate) fn verdicts(&self, text: &str) -> Result<Counts> {
        let records = latest(text)?;
        let mut machine = RegoVM::new();
        machine.load_program(self.0.clone());
        machine.set_data(data(&records)?).map_err(|error| anyhow!("the data: {error}"))?;
        let mut counts = Counts::default();
        for record in records.into_values() {
            machine.set_input(record.value);
            let said = machine.execute().map_err(|error| anyhow!("a record: {error}"))?;
            // Of most types no guardrail says anything.
            for verdict in said.as_object().into_iter().flat_map(|said| said.values()) {
                counts.add(verdict.as_string()?, 1);
            }
        }
        Ok(counts)
    }
}

/// The record of a resource that counts.
struct Latest {
    value: Value,
    /// Whether another record of the same time says something else.
    contradicted: bool,
}

/// The latest records by ARN.
fn latest(text: &str) -> Result<BTreeMap<Arc<str>, Latest>> {
    let mut records: BTreeMap<Arc<str>, Latest> = BTreeMap::new();
    for line in text.lines() {
        let mut now = Latest { value: Value::from_json_str(line)?, contradicted: false };
        let arn = text_of(&now.value, "ARN")?;
        if let Some(before) = records.get(&arn) {
            let (then, time) = (captured(&before.value)?, captured(&now.value)?);
            if time < then {
                continue;
            }
            now.contradicted = time == then && (before.contradicted || differ(&before.value, &now.value));
        }
        records.insert(arn, now);
    }
    Ok(records)
}

/// What the guardrails are told of other records.
fn data(records: &BTreeMap<Arc<str>, Latest>) -> Result<Value> {
    let mut contradicted = Value::new_object();
    let mut groups: BTreeMap<String, Value> = BTreeMap::new();
    for (arn, record) in records {
        if record.contradicted {
            contradicted.as_object_mut()?.insert(Value::String(arn.clone()), true.into());
        }
        let value = &record.value;
        if &*text_of(value, "resourceType")? != "AWS::EC2::SecurityGroup" {
            continue;
        }
        let place = format!("{}/{}", text_of(value, "awsAccountId")?, text_of(value, "awsRegion")?);
        if !record.contradicted {
            let here = groups.entry(place).or_insert_with(Value::new_object);
            let configuration = &value["configuration"];
            here.as_object_mut()?.insert(configuration["groupId"].clone(), configuration["ipPermissions"].clone());
        }
    }
    let mut by_place = Value::new_object();
    for (place, here) in groups {
        by_place.as_object_mut()?.insert(place.into(), here);
    }
    let mut data = Value::new_object();
    for (name, value) in [("contradicted", contradicted), ("groups", by_place)] {
        data.as_object_mut()?.insert(name.into(), value);
    }
    Ok(data)
}

fn text_of(record: &Value, name: &str) -> Result<Arc<str>> {
    Ok(record[name].as_string().context("a header that is no text")?.clone())
}

fn captured(record: &Value) -> Result<Timestamp> {
    Ok(text_of(record, "configurationItemCaptureTime")?.parse()?)
}

/// Whether two records of a group say different things of what guardrails read. No other type has several records.
fn differ(a: &Value, b: &Value) -> bool {
    a["configuration"]["ipPermissions"] != b["configuration"]["ipPermissions"]
}
