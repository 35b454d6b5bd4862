//! `parapet lint`.

use anyhow::Result;
use parapet_driver::Level;
use parapet_driver::Scope;
use parapet_driver::{Refusal, RulesError, System, diagnostics, load};

use crate::arguments::Lint;
use crate::output::{diagnostics_as_json, diagnostics_as_text, print, refuse, stdout_colored};

pub(crate) fn run(arguments: &Lint) -> Result<u8> {
    let host = System::default();
    let rules = match load(&host, &arguments.paths) {
        Ok(rules) => rules,
        Err(RulesError::Missing(message)) => return refuse(Refusal::Usage(message), false, arguments.color),
    };
    let found = diagnostics(&rules, Scope::WithTests);
    if arguments.format == "json" {
        print(&diagnostics_as_json(&rules, &found))?;
    } else {
        print(&diagnostics_as_text(&rules, &found, stdout_colored(arguments.color)))?;
    }
    let fails = |level: Level| level == Level::Error || arguments.deny_warnings;
    Ok(u8::from(found.iter().any(|(_, diagnostic)| fails(diagnostic.level()))))
}
