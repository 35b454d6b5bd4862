//! One case: its programs are checked, then each fence that expects something is judged.

use parapet_driver::{Host, TestRefusal, TestRequest, TestRun, test};

use crate::expectation::{ExpectedTest, expected_diagnostics, expected_tests};
use crate::markdown::{Case, Fence};
use crate::setting::{Files, files};
use crate::words::words;
use crate::{fixes, programs, snapshots, verdicts};

/// Kinds of fences that are laid out as files.
const GIVEN: [&str; 5] = ["parapet", "ndjson", "json", "toml", "input"];

/// What disagrees in a case.
pub(crate) fn judge(case: &Case) -> Vec<String> {
    let files = match files(case) {
        Ok(files) => files,
        Err(message) => return vec![message],
    };
    let mut wrong = match case.fences_of("parapet").next() {
        Some(_) => programs::judge(case, &files),
        None => Vec::new(),
    };
    for fence in case.fences.iter().filter(|fence| !GIVEN.contains(&fence.kind.as_str())) {
        wrong.extend(match fence.kind.as_str() {
            "verdicts" => verdicts::judge(&files, fence),
            "vacuous" => vacuous(&files, fence),
            "notices" => notices(&files, fence),
            "tests" => tests(&files, fence),
            "mutants" => mutants(&files, fence),
            "fixed" => fixes::judge(case, fence),
            "snapshot" | "ir" => snapshots::judge(&files, fence),
            "text" => Vec::new(),
            kind => vec![format!("line {}: no fence is called `{kind}`", fence.line)],
        });
    }
    if expects_nothing(case) {
        wrong.push("the case has no program and expects nothing".to_owned());
    }
    wrong
}

fn expects_nothing(case: &Case) -> bool {
    case.fences.iter().all(|fence| {
        GIVEN.contains(&fence.kind.as_str())
            && (fence.kind != "parapet"
                || (fence.text.trim().is_empty() && expected_diagnostics(&fence.text).is_empty()))
    })
}

/// The guardrails of a `vacuous` fence must be exactly the vacuous ones.
fn vacuous(files: &Files, fence: &Fence) -> Vec<String> {
    let result = match verdicts::result(files, fence) {
        Ok(outcome) => outcome.result,
        Err(message) => return vec![message],
    };
    let found: Vec<&str> = result
        .vacuous
        .iter()
        .filter_map(|(at, _)| result.guardrails.get(*at).map(|guardrail| guardrail.path.as_str()))
        .collect();
    let expected: Vec<&str> = fence.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let missing = expected.iter().filter(|name| !found.iter().any(|path| verdicts::is_called(path, name)));
    let more = found.iter().filter(|path| !expected.iter().any(|name| verdicts::is_called(path, name)));
    let missing = missing.map(|name| format!("{name} is not vacuous"));
    missing.chain(more.map(|path| format!("{path} is vacuous"))).collect()
}

/// Each line of a `notices` fence must be part of a notice of the run.
fn notices(files: &Files, fence: &Fence) -> Vec<String> {
    let result = match verdicts::result(files, fence) {
        Ok(outcome) => outcome.result,
        Err(message) => return vec![message],
    };
    let parts = fence.text.lines().map(str::trim).filter(|line| !line.is_empty());
    let missing = parts.filter(|part| !result.notices.iter().any(|notice| notice.contains(part)));
    missing.map(|part| format!("no notice says {part:?}: {:?}", result.notices)).collect()
}

fn tests(files: &Files, fence: &Fence) -> Vec<String> {
    let run = match run(files, false) {
        Ok(run) => run,
        Err(message) => return vec![message],
    };
    match expected_tests(fence) {
        Ok(expected) => compare(&expected, &run),
        Err(message) => vec![message],
    }
}

/// The lines of a `mutants` fence, in quotes, are the changes that no test notices, in the order of the text.
fn mutants(files: &Files, fence: &Fence) -> Vec<String> {
    let run = match run(files, true) {
        Ok(run) => run,
        Err(message) => return vec![message],
    };
    let Some(report) = run.mutation else { return vec!["a test does not hold, so no mutant was tried".to_owned()] };
    let mut told = report.survivors.iter();
    let mut wrong = Vec::new();
    for line in fence.text.lines() {
        let parts = words(line);
        match told.next().map(|survivor| (survivor, format!("{} in `{}`", survivor.change, survivor.text))) {
            Some((_, text)) if parts.iter().all(|part| text.contains(part.text())) => {}
            Some((survivor, text)) => wrong.push(format!("line {} of the rules: {text}, not {line}", survivor.line)),
            None => wrong.push(format!("no survivor is {line}")),
        }
    }
    wrong.extend(told.map(|survivor| {
        format!("line {} of the rules: {} in `{}` survives, too", survivor.line, survivor.change, survivor.text)
    }));
    wrong
}

fn run(files: &Files, mutate: bool) -> Result<TestRun, String> {
    let now = files.host.now();
    let request = TestRequest { rules: files.rules.clone(), filter: None, now, jobs: 1, coverage: false, mutate };
    match test(&files.host, &request) {
        Ok(run) => Ok(run),
        Err(TestRefusal::Usage(message) | TestRefusal::Fault(message)) => Err(message),
        Err(TestRefusal::Rules(_, found)) => Err(format!("the rules do not check: {found:?}")),
    }
}

fn compare(expected: &[ExpectedTest], run: &TestRun) -> Vec<String> {
    let mut wrong = Vec::new();
    for wanted in expected {
        let Some(tested) = run.tests.iter().find(|tested| tested.title == wanted.title) else {
            wrong.push(format!("no test is called {:?}", wanted.title));
            continue;
        };
        let told = tested.failure.clone().unwrap_or_default();
        if wanted.passes != tested.failure.is_none() {
            let outcome = if wanted.passes { "passes" } else { "fails" };
            wrong.push(format!("test {:?}: expected that it {outcome}: {told}", wanted.title));
        }
        let missing = wanted.parts.iter().filter(|part| !told.contains(part.as_str()));
        wrong.extend(missing.map(|part| format!("test {:?}: nothing says {part:?}: {told}", wanted.title)));
    }
    let more = run.tests.iter().filter(|tested| !expected.iter().any(|wanted| wanted.title == tested.title));
    wrong.extend(more.map(|tested| format!("test {:?} is not expected", tested.title)));
    wrong
}
