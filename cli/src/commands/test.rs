//! `parapet test`.
//!
//! Outcomes, coverage and mutants go to standard output, unless a document for programs has it for itself; then what
//! is for people goes to standard error.

use anyhow::{Context, Result, bail};
use parapet_driver::model::Tally;
use parapet_driver::{Host, Refusal, System, TestRefusal, TestRequest, TestRun, test};
use parapet_report::{COVERAGE_FORMATS, MUTATION_FORMATS, TestOutcome, tests_text};

use crate::arguments::{Destination, Test};
use crate::output::{TEXT, complain, print, refuse, stderr_colored, stdout_colored, tell};

pub(crate) fn run(arguments: &Test) -> Result<u8> {
    let known: Vec<&str> = COVERAGE_FORMATS.iter().map(|format| format.name).collect();
    let coverage = Destination::parse_all("--coverage", &arguments.coverage, &known)?;
    let known: Vec<&str> = MUTATION_FORMATS.iter().map(|format| format.name).collect();
    let mutate = Destination::parse_all("--mutate", &arguments.mutate, &known)?;
    let documents = coverage.iter().chain(&mutate).filter(|destination| is_document(destination)).count();
    if documents > 1 {
        bail!("only one document goes to standard output; give the others a file: `--coverage json=FILE`");
    }
    let host = System::default();
    let request = TestRequest {
        rules: arguments.paths.clone(),
        filter: arguments.filter.clone(),
        now: host.now(),
        jobs: arguments
            .jobs
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
            .clamp(1, 256),
        coverage: !coverage.is_empty() || arguments.min_coverage.is_some(),
        mutate: !mutate.is_empty() || arguments.min_score.is_some(),
    };
    let run = match test(&host, &request) {
        Ok(run) => run,
        Err(TestRefusal::Usage(message)) => return refuse(Refusal::Usage(message), TEXT, arguments.color),
        Err(TestRefusal::Rules(rules, found)) => return refuse(Refusal::Rules(rules, found), TEXT, arguments.color),
        Err(TestRefusal::Fault(message)) => return refuse(Refusal::Fault(message), TEXT, arguments.color),
    };
    let output = Output { arguments, to_stderr: documents > 0 };
    output.outcomes(&run)?;
    output.coverage(&coverage, &run)?;
    output.mutation(&mutate, &run)?;
    if request.mutate && run.mutation.is_none() {
        complain("mutants are tried only when every test holds");
    }
    let below = is_below("coverage", arguments.min_coverage, run.coverage.as_ref().map(|report| report.tally()))
        | is_below("the score of mutants", arguments.min_score, run.mutation.as_ref().map(|report| report.tally()));
    Ok(status(&run, below))
}

/// Whether this is for programs and goes to standard output.
fn is_document(destination: &Destination) -> bool {
    destination.file.is_none() && destination.format != TEXT
}

fn status(run: &TestRun, below: bool) -> u8 {
    let failed = run.tests.iter().any(|tested| tested.failure.is_some());
    match (run.fault, run.unreadable, failed || below) {
        (true, _, _) => 70,
        (false, true, _) => 4,
        (false, false, true) => 1,
        (false, false, false) => 0,
    }
}

fn is_below(what: &str, least: Option<u8>, tally: Option<Tally>) -> bool {
    let (Some(least), Some(tally)) = (least, tally) else { return false };
    if tally.reaches(least) {
        return false;
    }
    match tally.percent() {
        Some(percent) => complain(&format!("{what} is {percent:.1} %, below the minimum of {least} %")),
        None => complain(&format!("there is nothing to test, so {what} is below the minimum of {least} %")),
    }
    true
}

/// Where the parts of a run go.
struct Output<'a> {
    arguments: &'a Test,
    /// Standard output belongs to a document.
    to_stderr: bool,
}

impl Output<'_> {
    fn outcomes(&self, run: &TestRun) -> Result<()> {
        let outcomes: Vec<TestOutcome> = run
            .tests
            .iter()
            .map(|tested| TestOutcome {
                module: tested.module.clone(),
                path: tested.file.clone(),
                title: tested.title.clone(),
                line: tested.line,
                failure: tested.failure.clone(),
            })
            .collect();
        if run.tests.is_empty() {
            tell("note: there is no test in these rules\n");
        }
        self.text(&|color| tests_text(&outcomes, color))
    }

    fn coverage(&self, destinations: &[Destination], run: &TestRun) -> Result<()> {
        let Some(report) = &run.coverage else { return Ok(()) };
        destinations.iter().try_for_each(|destination| {
            let format = COVERAGE_FORMATS.iter().find(|format| format.name == destination.format);
            format.map_or(Ok(()), |format| self.put(destination, &|color| (format.write)(report, color)))
        })
    }

    fn mutation(&self, destinations: &[Destination], run: &TestRun) -> Result<()> {
        let Some(report) = &run.mutation else { return Ok(()) };
        destinations.iter().try_for_each(|destination| {
            let format = MUTATION_FORMATS.iter().find(|format| format.name == destination.format);
            format.map_or(Ok(()), |format| self.put(destination, &|color| (format.write)(report, color)))
        })
    }

    fn put(&self, destination: &Destination, write: &dyn Fn(bool) -> String) -> Result<()> {
        match &destination.file {
            None if is_document(destination) => print(&write(false)),
            None => self.text(&|color| format!("\n{}", write(color))),
            Some(path) => {
                std::fs::write(path, write(false)).with_context(|| format!("`{}` cannot be written", path.display()))
            }
        }
    }

    /// What is for people.
    fn text(&self, write: &dyn Fn(bool) -> String) -> Result<()> {
        if self.to_stderr {
            tell(&write(stderr_colored(self.arguments.color)));
            return Ok(());
        }
        print(&write(stdout_colored(self.arguments.color)))
    }
}
