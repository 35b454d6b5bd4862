//! What guardrails must see, for `parapet needs`: a summary for people, one for programs, an IAM policy, the query for AWS
//! Config, a script that collects it.

mod policy;
mod query;
mod script;
mod text;

use std::collections::BTreeSet;

use parapet_model::{Name, NeededType, Needs, Preferred, Way};
use serde::Serialize;

pub use policy::{needs_policy, undecided_actions};
pub use query::needs_query;
pub use script::needs_script;
pub use text::needs_text;

/// The needs as JSON, pretty printed, with a final line break.
pub fn needs_json(needs: &Needs, preferred: Preferred) -> String {
    let document = Document {
        schema: "parapet.needs/1",
        guardrails: needs.guardrails,
        types: needs.types.iter().map(|needed| entry(needed, preferred)).collect(),
        accounts: needs.accounts.is_some(),
        everything: needs.everything,
        actions: policy::actions(needs, preferred).into_iter().map(|action| action.to_string()).collect(),
        queries: query::queries(needs),
    };
    // Serialising strings into memory has no way to fail.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Document<'n> {
    schema: &'static str,
    guardrails: usize,
    types: Vec<Entry<'n>>,
    /// The name, e-mail address, unit or tags of accounts are read.
    accounts: bool,
    everything: bool,
    actions: Vec<String>,
    queries: Vec<String>,
}

#[derive(Serialize)]
struct Entry<'n> {
    #[serde(rename = "type")]
    name: &'n str,
    properties: Vec<&'n str>,
    complete: bool,
    source: &'static str,
    calls: Vec<&'n str>,
    recorded: Vec<&'n str>,
}

fn entry(needed: &NeededType, preferred: Preferred) -> Entry<'_> {
    Entry {
        name: &needed.name,
        properties: needed.properties.iter().map(|name| &**name).collect(),
        complete: needed.complete,
        source: source(needed.way(preferred)),
        calls: needed.answers.iter().map(|call| &*call.call).collect(),
        recorded: needed.recorded.iter().map(|name| &**name).collect(),
    }
}

/// The input format that a way ends in.
fn source(way: Way<'_>) -> &'static str {
    match way {
        Way::Answers(_) => "service-answers",
        Way::Listing(_) => "cloud-control",
        Way::Recorded(_) => "aws-config",
        Way::Nowhere => "none",
    }
}

/// The types of AWS Config that are asked for, by its own names, where this is the way.
fn recorded(needs: &Needs, preferred: Preferred) -> BTreeSet<Name> {
    let names = needs.types.iter().filter_map(|needed| match needed.way(preferred) {
        Way::Recorded(names) => Some(names),
        Way::Answers(_) | Way::Listing(_) | Way::Nowhere => None,
    });
    names.flatten().cloned().collect()
}

#[cfg(test)]
mod tests;
