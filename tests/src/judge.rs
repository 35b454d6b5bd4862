//! One case: its programs are checked, then each fence that expects something is judged.

use parapet_driver::{TestRefusal, TestRun, test};

use crate::expectation::{ExpectedTest, expected_diagnostics, expected_tests};
use crate::markdown::{Case, Fence};
use crate::setting::{Files, files};
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
    let run = match test(&files.host, &files.rules, None, parapet_driver::Host::now(&files.host)) {
        Ok(run) => run,
        Err(TestRefusal::Usage(message)) => return vec![message],
        Err(TestRefusal::Rules(_, found)) => return vec![format!("the rules do not check: {found:?}")],
    };
    match expected_tests(fence) {
        Ok(expected) => compare(&expected, &run),
        Err(message) => vec![message],
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
