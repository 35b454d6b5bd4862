//! Every lint can be allowed by its name: the example of its page is silent once its items allow it.
#![cfg(test)]

use parapet_base::{Level, codes};
use parapet_driver::{chosen_inputs, diagnostics, ending_waivers, load_text, unobservable};
use parapet_semantic::Scope;

/// The program with `@allow(lint)` on each item that may have it.
fn allowing(program: &str, lint: &str) -> String {
    let keywords = ["guardrail ", "fn ", "pub fn ", "const ", "param ", "use ", "test ", "waive "];
    let lines = program.lines().map(|line| match keywords.iter().any(|keyword| line.starts_with(keyword)) {
        true => format!("@allow({lint})\n{line}\n"),
        false => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn every_lint_can_be_allowed() {
    // What survives is found by running tests, not by checking.
    let others = [codes::UNUSED_ALLOW.code, codes::SURVIVING_MUTANT.code];
    for code in codes::ALL.iter().filter(|code| code.may_be_allowed() && !others.contains(&code.code)) {
        let gives = |program: &str| {
            let rules = load_text("main.parapet", program);
            let mut found = diagnostics(&rules, Scope::WithTests);
            found.extend(ending_waivers(&rules, "2026-11-23T00:00:00Z".parse().unwrap()));
            found.extend(unobservable(&rules, &chosen_inputs(&["aws-config".to_owned()]).unwrap()));
            let errors =
                found.iter().filter(|(_, found)| found.code.code != code.code && found.level() == Level::Error);
            assert_eq!(errors.count(), 0, "{}: {found:?}", code.code);
            found.iter().any(|(_, found)| found.code.code == code.code)
        };
        let cases = parapet_tests::cases(code.page);
        let programs: Vec<&str> = cases
            .iter()
            .flat_map(|case| case.fences_of("parapet"))
            .map(|fence| fence.text.as_str())
            .filter(|program| program.contains(&format!("[{}]", code.code)))
            .collect();
        assert!(!programs.is_empty(), "{} has no example", code.code);
        for program in programs {
            assert!(gives(program), "{}: {program}", code.code);
            assert!(!gives(&allowing(program, code.name)), "{} cannot be allowed: {program}", code.code);
        }
    }
}

#[test]
fn errors_cannot_be_allowed_but_for_one() {
    let allowed: Vec<&str> = codes::ALL
        .iter()
        .filter(|code| code.level == Level::Error && code.may_be_allowed())
        .map(|code| code.name)
        .collect();
    assert_eq!(allowed, ["absence_passes"]);
}
