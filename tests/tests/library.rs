//! The standard library's own tests see what its rules can do, and would notice if the rules were otherwise.

use std::path::Path;
use std::sync::Arc;

use parapet_driver::{Host, System, TestRequest, TestRun, load, test};
use parapet_ir::{
    Program, function_mutants, guardrail_mutants, mutated_function, mutated_guardrail, print_function, print_guardrail,
    verify,
};
use parapet_lower::{guardrails, program};

fn library() -> Vec<String> {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib/aws");
    vec![library.to_string_lossy().into_owned()]
}

/// `None` when the library does not check.
fn run(jobs: usize) -> Option<TestRun> {
    let host = System::default();
    let request = TestRequest { rules: library(), filter: None, now: host.now(), jobs, coverage: true, mutate: true };
    test(&host, &request).ok()
}

/// Survivors that cannot be told apart from the rule are explained in `docs/reference/testing.md`, each one of them, and
/// none besides.
#[test]
fn coverage_and_score_are_high() {
    let run = run(2).expect("the library checks");
    let failed: Vec<&str> =
        run.tests.iter().filter(|tested| tested.failure.is_some()).map(|tested| tested.title.as_str()).collect();
    assert_eq!(failed, [""; 0]);
    let coverage = run.coverage.expect("coverage was asked for");
    assert!(coverage.tally().reaches(95), "{:?}", coverage.tally());
    let mutation = run.mutation.expect("mutants were asked for");
    assert!(mutation.rules.tally().all > 1000 && mutation.fixtures.tally().all > 150, "{mutation:?}");
    assert!(mutation.rules.tally().reaches(95), "{:#?}", mutation.survivors);
    assert!(mutation.fixtures.tally().reaches(95), "{:#?}", mutation.survivors);
    assert!(mutation.rules.accepted <= 10, "{:#?}", mutation.survivors);
    let mut survivors: Vec<[String; 3]> = mutation
        .survivors
        .iter()
        .map(|survivor| {
            let accepted = if survivor.accepted { " (accepted)" } else { "" };
            let place = format!("`{}`{accepted}", survivor.definition.trim_start_matches("aws::"));
            [place, format!("`{}`", survivor.text), survivor.change.clone()]
        })
        .collect();
    survivors.sort();
    assert_eq!(survivors, explained(), "the table of survivors in docs/reference/testing.md is another");
}

/// The survivors that the table of the page explains, a row each: the definition, its text, and the change.
fn explained() -> Vec<[String; 3]> {
    let page = include_str!("../../docs/reference/testing.md");
    let table = page.split("### Survivors of the standard library").last().unwrap_or_default();
    let rows = table.lines().skip_while(|line| !line.starts_with("| ---")).skip(1).filter(|line| line.starts_with('|'));
    let cells = |row: &str| -> [String; 3] {
        let mut cells = row.trim_matches(['|', ' ']).split(" | ").map(|cell| cell.replace(r"\|", "|"));
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    };
    let mut explained: Vec<[String; 3]> = rows.map(cells).collect();
    explained.sort();
    explained
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (one, two) = run(1).zip(run(2)).expect("the library checks");
    assert_eq!(one.coverage, two.coverage);
    assert_eq!(one.mutation, two.mutation);
}

/// Each is a program that an engine may run, and another one than the rule.
#[test]
fn every_mutant_verifies() {
    let rules = load(&System::default(), &library()).expect("the library is there");
    let items: Vec<_> =
        rules.selected_files().flat_map(|file| guardrails(&rules.db, file)).map(|(_, item)| item).collect();
    let whole = program(&rules.db, rules.workspace, &items);
    let mut tried = 0;
    let mut check = |mutated: &Program, path: &str, change: &str| {
        assert_eq!(verify(mutated), [], "{path}: {change}");
        tried += 1;
    };
    for guardrail in &whole.guardrails {
        let plain = print_guardrail(&mutated_guardrail(guardrail, None));
        for mutant in guardrail_mutants(guardrail) {
            let mutated = mutated_guardrail(guardrail, Some(&mutant));
            assert_ne!(print_guardrail(&mutated), plain, "{}: {}", guardrail.path, mutant.change);
            let alone = Program { guardrails: vec![Arc::new(mutated)], ..whole.clone() };
            check(&alone, &guardrail.path, &mutant.change);
        }
    }
    for function in whole.functions.values() {
        let plain = print_function(&mutated_function(function, None));
        for mutant in function_mutants(function) {
            let mutated = mutated_function(function, Some(&mutant));
            assert_ne!(print_function(&mutated), plain, "{}: {}", function.path, mutant.change);
            let mut program = Program { guardrails: Vec::new(), ..whole.clone() };
            program.functions.insert(function.path.clone(), Arc::new(mutated));
            check(&program, &function.path, &mutant.change);
        }
    }
    assert!(tried > 1000, "{tried}");
}
