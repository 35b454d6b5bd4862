//! `parapet list`.

use anyhow::Result;
use parapet_driver::Scope;
use parapet_driver::{
    Host, Refusal, RulesError, System, diagnostics, has_errors, load, manifest_diagnostics, select, sort_diagnostics,
};
use parapet_report::{Options, list_json, list_text};

use crate::arguments::{List, When};
use crate::output::{TEXT, print, refuse, selection};

pub(crate) fn run(arguments: &List) -> Result<u8> {
    let host = System::default();
    let rules = match load(&host, &arguments.selection.rules) {
        Ok(rules) => rules,
        Err(RulesError::Missing(message)) => return refuse(Refusal::Usage(message), TEXT, When::Auto),
    };
    let mut found = diagnostics(&rules, Scope::WithoutTests);
    found.extend(manifest_diagnostics(&rules));
    sort_diagnostics(&mut found);
    if has_errors(&found) {
        return refuse(Refusal::Rules(Box::new(rules), found), &arguments.format, When::Auto);
    }
    let selected = match select(&rules, &selection(&arguments.selection), host.now()) {
        Ok(selected) => selected,
        Err(message) => return refuse(Refusal::Usage(message), TEXT, When::Auto),
    };
    let options = Options { all: true, ..Options::default() };
    print(&if arguments.format == "json" { list_json(&selected.infos) } else { list_text(&selected.infos, &options) })?;
    Ok(0)
}
