//! `parapet test`.

use anyhow::Result;
use parapet_driver::{Host, Refusal, System, TestRefusal, test};
use parapet_report::{TestOutcome, tests_text};

use crate::arguments::Test;
use crate::output::{TEXT, print, refuse, stdout_colored};

pub(crate) fn run(arguments: &Test) -> Result<u8> {
    let host = System::default();
    let run = match test(&host, &arguments.paths, arguments.filter.as_deref(), host.now()) {
        Ok(run) => run,
        Err(TestRefusal::Usage(message)) => return refuse(Refusal::Usage(message), TEXT, arguments.color),
        Err(TestRefusal::Rules(rules, found)) => return refuse(Refusal::Rules(rules, found), TEXT, arguments.color),
    };
    let failed = run.tests.iter().any(|tested| tested.failure.is_some());
    let outcomes: Vec<TestOutcome> = run
        .tests
        .into_iter()
        .map(|tested| TestOutcome {
            file: tested.file,
            title: format!("{} \"{}\"", tested.module, tested.title),
            line: tested.line,
            failure: tested.failure,
        })
        .collect();
    print(&tests_text(&outcomes, stdout_colored(arguments.color)))?;
    Ok(match (run.unreadable, failed) {
        (true, _) => 4,
        (false, true) => 1,
        (false, false) => 0,
    })
}
