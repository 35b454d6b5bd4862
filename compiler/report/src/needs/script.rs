//! A script for `sh` that asks for everything and fills one folder.
//!
//! It is put together of functions that stand in `script/`, of which it holds those that it calls. A call that is not
//! answered is written down with its error, so that nothing is taken to be missing that could not be seen.

use std::collections::BTreeSet;

use parapet_model::{Name, NeededType, Needs, Preferred, ServiceCall, Way};

use super::{query, recorded};
use crate::resources::counted;

/// The parts that only some scripts need, by the functions in them, in the order in which they stand.
const PARTS: [(&str, &str); 10] = [
    ("texts", include_str!("script/texts.sh")),
    ("describe", include_str!("script/cloud_control.sh")),
    ("selected", include_str!("script/config.sh")),
    ("credential_report", include_str!("script/credential_report.sh")),
    ("public_access_block", include_str!("script/public_access_block.sh")),
    ("ldaps_settings", include_str!("script/ldaps_settings.sh")),
    ("shared_directories", include_str!("script/shared_directories.sh")),
    ("groups", include_str!("script/groups.sh")),
    ("assignments", include_str!("script/assignments.sh")),
    ("organisation", include_str!("script/organisation.sh")),
];

/// The whole script.
pub fn needs_script(needs: &Needs, preferred: Preferred) -> String {
    let mut script = Script::default();
    script.once.push("answer global - sts get-caller-identity".to_owned());
    if let Some(call) = &needs.accounts {
        script.call(call);
    }
    for needed in &needs.types {
        script.needed(needed, preferred);
    }
    script.recorded(recorded(needs, preferred));
    script.text(needs.guardrails)
}

/// What is called, and which parts that takes.
#[derive(Default)]
struct Script {
    once: Vec<String>,
    by_region: Vec<String>,
    /// What only the first region asks when there is an aggregator.
    queries: Vec<String>,
    parts: BTreeSet<String>,
    nowhere: Vec<Name>,
}

impl Script {
    fn needed(&mut self, needed: &NeededType, preferred: Preferred) {
        match needed.way(preferred) {
            Way::Answers(call) => self.call(call),
            Way::Listing(listing) => {
                self.parts.extend(["texts", "describe"].map(str::to_owned));
                let place = if needed.global { "global" } else { "\"$region\"" };
                let line = match &listing.below {
                    Some((parent, model)) => format!("describe_below {} {place} {parent} {model}", needed.name),
                    None => format!("describe {} {place}", needed.name),
                };
                self.lines(!needed.global).push(line);
            }
            Way::Recorded(_) => {}
            Way::Nowhere => self.nowhere.push(needed.name.clone()),
        }
    }

    fn call(&mut self, call: &ServiceCall) {
        let place = if call.regional { "\"$region\"" } else { "global" };
        let fine = call.fine.as_deref().unwrap_or("-");
        let line = match &call.function {
            Some(function) => function.to_string(),
            None => format!("answer {place} {fine} {}", call.call),
        };
        if let Some(function) = &call.function {
            self.parts.extend(["texts", function].map(str::to_owned));
        }
        self.lines(call.regional).push(line);
    }

    fn lines(&mut self, regional: bool) -> &mut Vec<String> {
        if regional { &mut self.by_region } else { &mut self.once }
    }

    fn recorded(&mut self, types: BTreeSet<Name>) {
        let queries = query::of_types(types);
        if queries.is_empty() {
            return;
        }
        self.parts.extend(["texts", "selected"].map(str::to_owned));
        self.queries.extend(queries.iter().enumerate().map(|(at, query)| format!("selected {} \"{query}\"", at + 1)));
    }

    fn text(&self, guardrails: usize) -> String {
        let mut text = format!(
            "#!/bin/sh\n# Fills a folder with what {} must see of one account, for `parapet check FOLDER`. It only reads.\n\
             # Made by `parapet needs --print script`.\n",
            counted(guardrails, "guardrail")
        );
        text.push_str(include_str!("script/start.sh"));
        let parts = PARTS.into_iter().filter(|(name, _)| self.parts.contains(*name));
        text.extend(parts.map(|(_, part)| part));
        for name in &self.nowhere {
            text.push_str(&format!(
                "\n# No call shows {name}: it stands in templates and plans, or in records of your own."
            ));
        }
        if !self.nowhere.is_empty() {
            text.push('\n');
        }
        text.push_str("\n# Once for the account.\n");
        text.extend(self.once.iter().map(|line| format!("{line}\n")));
        if !self.queries.is_empty() {
            let queries: String = self.queries.iter().map(|line| format!("    {line}\n")).collect();
            text.push_str(&format!("\nif [ -n \"$aggregator\" ]; then\n{queries}fi\n"));
        }
        if !self.by_region.is_empty() || !self.queries.is_empty() {
            text.push_str("\nfor region in \"$@\"; do\n");
            text.extend(self.by_region.iter().map(|line| format!("    {line}\n")));
            if !self.queries.is_empty() {
                let queries: String = self.queries.iter().map(|line| format!("        {line}\n")).collect();
                text.push_str(&format!(
                    "    if [ -z \"$aggregator\" ] && [ \"$config\" = yes ]; then\n{queries}        recorder\n    fi\n"
                ));
            }
            text.push_str("done\n");
        }
        text.push_str(include_str!("script/end.sh"));
        text
    }
}
