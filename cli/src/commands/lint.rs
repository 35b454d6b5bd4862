//! `parapet lint`.

use anyhow::{Context, Result};
use parapet_driver::{
    Fixes, Host, Level, Refusal, RulesError, Scope, System, chosen_inputs, diagnostics, ending_waivers, fix, load,
    manifest_diagnostics, sort_diagnostics, unobservable,
};
use parapet_report::{DIAGNOSTIC_FORMATS, escape};

use crate::arguments::Lint;
use crate::output::{TEXT, as_of, complain, destinations, diagnostics_as, print, refuse, stdout_colored, tell};

pub(crate) fn run(arguments: &Lint) -> Result<u8> {
    let known: Vec<&str> = DIAGNOSTIC_FORMATS.iter().map(|format| format.name).collect();
    let destinations = destinations(&arguments.formats, &known)?;
    let host = System::default();
    let mut rules = match load(&host, &arguments.paths) {
        Ok(rules) => rules,
        Err(RulesError::Missing(message)) => return refuse(Refusal::Usage(message), TEXT, arguments.color),
    };
    let inputs = match chosen_inputs(&arguments.inputs) {
        Ok(inputs) => inputs,
        Err(message) => return refuse(Refusal::Usage(message), TEXT, arguments.color),
    };
    let as_of = as_of(arguments.as_of.as_deref(), host.now())?;
    let fixes = if arguments.fix { fix(&host, &mut rules) } else { Fixes::default() };
    report(&fixes);
    let mut found = diagnostics(&rules, Scope::WithTests);
    found.extend(manifest_diagnostics(&rules));
    found.extend(unobservable(&rules, &inputs));
    found.extend(ending_waivers(&rules, as_of));
    sort_diagnostics(&mut found);
    for destination in &destinations {
        match &destination.file {
            None => print(&diagnostics_as(&destination.format, &rules, &found, stdout_colored(arguments.color)))?,
            Some(path) => std::fs::write(path, diagnostics_as(&destination.format, &rules, &found, false))
                .with_context(|| format!("`{}` cannot be written", path.display()))?,
        }
    }
    let fails = |level: Level| level == Level::Error || arguments.deny_warnings;
    let failed = found.iter().any(|(_, diagnostic)| fails(diagnostic.level()));
    Ok(u8::from(failed || !fixes.problems.is_empty()))
}

/// Says on standard error what was fixed, and what could not be.
fn report(fixes: &Fixes) {
    for fixed in &fixes.fixed {
        let word = if fixed.fixes == 1 { "fix" } else { "fixes" };
        tell(&format!("fixed: {}: {} {word}\n", escape(&fixed.path), fixed.fixes));
    }
    for problem in &fixes.problems {
        complain(&escape(problem));
    }
}
