//! The library's verdict on a case.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use jiff::Timestamp;
use parapet_driver::{Memory, Prepared, Refusal, Request, prepare};
use parapet_model::{Finding, RunResult, Tool, Verdict, json, policy};

use crate::case::{Case, Expected};
use crate::document::{self, Document};
use crate::owner;

/// When cases are judged that do not say when.
const AS_OF: &str = "2026-11-23T00:00:00Z";

/// How the account of a run names answers of calls that no reader is for.
const UNREAD: &str = "nobody reads answers to";

/// The library, ready to judge.
pub(crate) struct Judge {
    prepared: Prepared,
    as_of: Timestamp,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The verdict of the mapped guardrails, and which they are.
    Judged(Actual, Vec<Arc<str>>),
    /// No guardrail carries the control.
    Uncovered,
    /// The answers are of calls that nobody reads: what they show is read from other inputs.
    Unread,
    /// The document cannot be read.
    Unreadable(String),
}

/// What the mapped guardrails together say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actual {
    Pass,
    Fail,
    Skip,
    Unknown,
}

impl Actual {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Actual::Pass => "pass",
            Actual::Fail => "fail",
            Actual::Skip => "skip",
            Actual::Unknown => "unknown",
        }
    }

    /// The one of that name.
    pub(crate) fn named(name: &str) -> Option<Actual> {
        [Actual::Pass, Actual::Fail, Actual::Skip, Actual::Unknown].into_iter().find(|actual| actual.name() == name)
    }

    /// Whether this is what the case expects.
    pub(crate) fn agrees(self, expected: Expected) -> bool {
        self.name() == expected.name()
    }
}

impl Judge {
    pub(crate) fn new() -> Result<Judge> {
        let as_of = AS_OF.parse()?;
        let nothing = Memory::new(as_of);
        let prepared = prepare(&nothing, &request(as_of, None)).map_err(told)?;
        Ok(Judge { prepared, as_of })
    }

    pub(crate) fn outcome(&self, case: &Case) -> Outcome {
        let Some(document) = document::of(case) else { return policies(case) };
        let result = match self.run(case, document) {
            Ok(result) => result,
            Err(error) => return Outcome::Unreadable(format!("{error:#}")),
        };
        // A record in error has a place, and the others are read; a document that is not read has none.
        if let Some(fault) = result.skipped.iter().find(|skipped| skipped.error && skipped.line.is_none()) {
            return Outcome::Unreadable(format!("{}: {}", fault.path, fault.reason));
        }
        let unread = |result: &RunResult| result.skipped.iter().any(|skipped| skipped.reason.starts_with(UNREAD));
        match self.verdict(case, &result) {
            Outcome::Judged(Actual::Skip, _) if case.format == "aws-api" && unread(&result) => Outcome::Unread,
            outcome => outcome,
        }
    }

    fn run(&self, case: &Case, document: Document) -> Result<RunResult> {
        let as_of = self.time(case);
        let memory = Memory::new(as_of).with(document.files.clone());
        let mut request = request(as_of, document.format);
        // A project's own marks are part of what it expects: what they cover is not judged.
        // The rules of cfn-guard's registry read those of cfn_nag, too.
        let also = |tool: &Tool| case.tool() == Tool::Guard.name() && *tool == Tool::CfnNag;
        request.honor = Tool::ALL.into_iter().filter(|tool| tool.name() == case.tool() || also(tool)).collect();
        request.inputs = document.files.first().map(|(name, _)| name.clone()).into_iter().collect();
        self.prepared.run(&memory, &request).map(|(result, _)| result).map_err(told)
    }

    /// The moment that the case counts ages from.
    fn time(&self, case: &Case) -> Timestamp {
        let now = case.params.as_ref().and_then(|params| params.get("now")).and_then(serde_json::Value::as_str);
        now.and_then(parapet_model::parse_time).unwrap_or(self.as_of)
    }

    fn verdict(&self, case: &Case, result: &RunResult) -> Outcome {
        let mapped: Vec<usize> = result
            .guardrails
            .iter()
            .enumerate()
            .filter(|(_, info)| {
                info.controls
                    .iter()
                    .any(|(framework, ids)| &**framework == "concept" && ids.iter().any(|id| **id == *case.control))
            })
            .map(|(at, _)| at)
            .collect();
        if mapped.is_empty() {
            return Outcome::Uncovered;
        }
        let of_mapped = || result.findings.iter().filter(|finding| mapped.contains(&finding.guardrail));
        let owners = owner::of(case);
        let about = |finding: &&Finding| is_about(finding, case) || owners.iter().any(|name| is_called(finding, name));
        // What is said of other resources of the document says nothing about the one that the case names.
        let relevant: Vec<&Finding> = of_mapped().filter(about).collect();
        let paths =
            mapped.iter().filter_map(|at| result.guardrails.get(*at)).map(|info| Arc::from(&*info.path)).collect();
        Outcome::Judged(together(&relevant), paths)
    }
}

/// Fails where one fails, else unknown where one is, else passes where one does.
fn together(findings: &[&Finding]) -> Actual {
    let any = |wanted: Verdict| findings.iter().any(|finding| finding.verdict == wanted);
    match (any(Verdict::Fail), any(Verdict::Unknown), any(Verdict::Pass)) {
        (true, _, _) => Actual::Fail,
        (_, true, _) => Actual::Unknown,
        (_, _, true) => Actual::Pass,
        _ => Actual::Skip,
    }
}

fn is_about(finding: &Finding, case: &Case) -> bool {
    case.resource.as_ref().is_none_or(|name| is_called(finding, name))
}

fn is_called(finding: &Finding, name: &str) -> bool {
    let resource = &finding.resource;
    [Some(&*resource.id), resource.address.as_deref(), resource.name.as_deref(), resource.arn.as_deref()]
        .contains(&Some(name))
}

/// A pair of policies is read as what it is; comparing them asks for reasoning that no guardrail does.
fn policies(case: &Case) -> Outcome {
    for key in ["reference", "candidate"] {
        let Some(document) = case.input.get(key) else { return Outcome::Unreadable(format!("no `{key}`")) };
        let node = match json::parse(&document.to_string()) {
            Ok(node) => node,
            Err(error) => return Outcome::Unreadable(format!("`{key}`: {}", error.message)),
        };
        if policy::from_node(&node).is_unknown() {
            return Outcome::Unreadable(format!("`{key}` is not read as a policy"));
        }
    }
    Outcome::Uncovered
}

fn request(as_of: Timestamp, format: Option<&str>) -> Request<'static> {
    Request {
        rules: vec!["aws".to_owned()],
        input_format: format.map(str::to_owned),
        all: true,
        jobs: 1,
        ..Request::at(as_of)
    }
}

fn told(refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::Usage(message) | Refusal::Fault(message) => anyhow!(message),
        Refusal::Rules(_, found) => anyhow!("the library does not check: {} diagnostics", found.len()),
    }
}
