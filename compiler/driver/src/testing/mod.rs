//! The pipeline of `parapet test`: the `test` items of rules, each in a world of its own.
//!
//! Everything is lowered on one thread ([`prepare`]), then tests run on several. What they saw of the rules is
//! [`coverage`]; whether they would notice if the rules were otherwise is the matter of [`mutation`].

mod coverage;
mod expectations;
mod flips;
mod givens;
mod mutation;
mod prepare;

use jiff::Timestamp;
use parapet_base::{Diagnostic, FileId};
use parapet_interpreter::{Engine, Recorder};
use parapet_model::{CoverageReport, MutationReport};
use parapet_semantic::Scope;

use crate::diagnostics::{diagnostics, has_errors, sort_diagnostics};
use crate::host::Host;
use crate::manifests::manifest_diagnostics;
use crate::parallel::{in_parallel, no_thread};
use crate::rules::{self, Rules, RulesError};
use crate::testing::expectations::expect;
use crate::testing::givens::stage;
use crate::testing::prepare::Prepared;

/// What `test` is asked.
pub struct TestRequest {
    pub rules: Vec<String>,
    /// Only tests whose title or module contains this.
    pub filter: Option<String>,
    pub now: Timestamp,
    /// Threads.
    pub jobs: usize,
    /// Whether to record coverage.
    pub coverage: bool,
    /// Whether to try mutants once all tests hold.
    pub mutate: bool,
}

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
    /// In the order of the files.
    pub tests: Vec<Tested>,
    /// Inputs of tests that could not be read: status 4.
    pub unreadable: bool,
    /// A test broke off, which is a fault of Parapet: status 70.
    pub fault: bool,
    pub coverage: Option<CoverageReport>,
    /// `None` where mutants were not asked for, or a test does not hold without them.
    pub mutation: Option<MutationReport>,
}

/// How it ended before any test ran.
pub enum TestRefusal {
    Usage(String),
    Rules(Box<Rules>, Vec<(FileId, Diagnostic)>),
    Fault(String),
}

/// Why a test does not hold.
struct Failure {
    message: String,
    /// An input could not be read.
    unreadable: bool,
}

impl Failure {
    fn of(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), unreadable: false }
    }
}

/// Runs the tests that the request asks for.
pub fn test(host: &dyn Host, request: &TestRequest) -> Result<TestRun, TestRefusal> {
    let rules =
        rules::load(host, &request.rules).map_err(|RulesError::Missing(message)| TestRefusal::Usage(message))?;
    if rules.packages.iter().all(|package| !package.selected || package.embedded) {
        let message =
            "there is no package here: name rules whose tests are to run (the embedded library's need its folder)";
        return Err(TestRefusal::Usage(message.to_owned()));
    }
    let mut found = diagnostics(&rules, Scope::WithTests);
    found.extend(manifest_diagnostics(&rules));
    sort_diagnostics(&mut found);
    if has_errors(&found) {
        return Err(TestRefusal::Rules(Box::new(rules), found));
    }
    let tests = prepare::tests(&rules, request.filter.as_deref());
    if let (true, Some(filter)) = (tests.is_empty(), &request.filter) {
        return Err(TestRefusal::Usage(format!("no test has {filter:?} in its title or module")));
    }
    let recorder = request.coverage.then(Recorder::default);
    let mut run = run(host, &tests, request, recorder.as_ref())?;
    let mut definitions = match request.coverage || request.mutate {
        true => prepare::definitions(&rules),
        false => Vec::new(),
    };
    run.coverage = recorder.map(|recorder| coverage::coverage(&definitions, &recorder, tests.len()));
    if request.filter.is_some() {
        // Who asks for some tests asks about what they reach.
        definitions.retain(|definition| tests.iter().any(|test| definition.is_reached_by(test)));
    }
    if request.mutate && run.tests.iter().all(|tested| tested.failure.is_none()) {
        let report = mutation::mutate(host, &tests, &definitions, request.now, request.jobs);
        run.mutation = Some(report.map_err(TestRefusal::Fault)?);
    }
    Ok(run)
}

fn run(
    host: &dyn Host,
    tests: &[Prepared],
    request: &TestRequest,
    recorder: Option<&Recorder>,
) -> Result<TestRun, TestRefusal> {
    let one = |at: usize| tests.get(at).map(|test| run_test(host, test, request.now, recorder));
    let results =
        in_parallel(request.jobs, tests.len(), &one).map_err(|error| TestRefusal::Fault(no_thread(&error)))?;
    let mut run = TestRun { tests: Vec::new(), unreadable: false, fault: false, coverage: None, mutation: None };
    for (test, result) in tests.iter().zip(results) {
        let failure = match result.flatten() {
            Some(Ok(())) => None,
            Some(Err(failure)) => {
                run.unreadable |= failure.unreadable;
                Some(failure.message)
            }
            None => {
                run.fault = true;
                Some("the test broke off: this is a fault of Parapet".to_owned())
            }
        };
        run.tests.push(Tested {
            module: test.module.clone(),
            file: test.file.clone(),
            title: test.test.title.clone(),
            line: test.line,
            failure,
        });
    }
    Ok(run)
}

fn run_test(host: &dyn Host, prepared: &Prepared, now: Timestamp, recorder: Option<&Recorder>) -> Result<(), Failure> {
    let stage = stage(host, prepared, &prepared.program, now)?;
    let engine = Engine::new(&prepared.program, &stage.world, stage.now, stage.parameters.clone()).recorded(recorder);
    let mut steps = prepared.test.steps.iter();
    steps.try_for_each(|step| expect(&engine, &prepared.test, step, &stage.slots)).map_err(Failure::of)
}
