//! `parapet needs`.

use anyhow::{Result, bail};
use parapet_driver::model::Preferred;
use parapet_driver::{Host, Refusal, RulesError, Scope, System, diagnostics, has_errors, load, needs, select};
use parapet_report::{needs_json, needs_policy, needs_query, needs_script, needs_text, undecided_actions};

use crate::arguments::{Needs, Print, Source, When};
use crate::output::{TEXT, print, refuse, selection, tell};

pub(crate) fn run(arguments: &Needs) -> Result<u8> {
    if arguments.format != TEXT && arguments.print != Print::Types {
        bail!("`--format` is for the types: a policy is JSON, a query SQL, a script `sh`");
    }
    let host = System::default();
    let rules = match load(&host, &arguments.selection.rules) {
        Ok(rules) => rules,
        Err(RulesError::Missing(message)) => return refuse(Refusal::Usage(message), TEXT, When::Auto),
    };
    let found = diagnostics(&rules, Scope::WithoutTests);
    if has_errors(&found) {
        return refuse(Refusal::Rules(Box::new(rules), found), TEXT, When::Auto);
    }
    let selected = match select(&rules, &selection(&arguments.selection), host.now()) {
        Ok(selected) => selected,
        Err(message) => return refuse(Refusal::Usage(message), TEXT, When::Auto),
    };
    let needs = needs(&selected, &rules.schema());
    let preferred = match arguments.from {
        Source::CloudControl => Preferred::CloudControl,
        Source::Config => Preferred::Config,
    };
    let text = match (arguments.print, arguments.format.as_str()) {
        (Print::Types, TEXT) => needs_text(&needs, preferred),
        (Print::Types, _) => needs_json(&needs, preferred),
        (Print::Policy, _) => needs_policy(&needs, preferred),
        (Print::Query, _) => needs_query(&needs),
        (Print::Script, _) => needs_script(&needs, preferred),
    };
    print(&text)?;
    let undecided = undecided_actions(&needs, preferred);
    if arguments.print == Print::Policy && !undecided.is_empty() {
        let names: Vec<&str> = undecided.iter().map(|name| &***name).collect();
        tell(&format!(
            "note: the actions that reading these takes are not known, and not in the policy: {}\n",
            names.join(", ")
        ));
    }
    Ok(0)
}
