//! The needs for people: a line for each type, then what stands elsewhere or nowhere.

use parapet_model::{NeededType, Needs, Preferred, Way};

use super::{policy, query, source, undecided_actions};
use crate::resources::counted;

/// A table of types with their source and calls, and what follows from it.
pub fn needs_text(needs: &Needs, preferred: Preferred) -> String {
    let width = needs.types.iter().map(|needed| needed.name.len()).max().unwrap_or(0);
    let mut text: String = needs.types.iter().map(|needed| line(needed, preferred, width)).collect();
    if let Some(call) = &needs.accounts {
        text.push_str(&format!(
            "{:width$}  {:15}  {}: name, e-mail address, unit, tags\n",
            "Account", "service-answers", call.call
        ));
    }
    let complete = needs.types.iter().filter(|needed| needed.complete).count();
    text.push_str(&format!(
        "{} read {}, {complete} of them as a whole (*)\n",
        counted(needs.guardrails, "guardrail"),
        counted(needs.types.len(), "resource type")
    ));
    if needs.everything {
        text.push_str("some guardrail asks for resources of every type: collect whatever there is\n");
    }
    let actions = policy::actions(needs, preferred).len();
    let queries = query::queries(needs).len();
    text.push_str(&format!(
        "--print policy: {}; --print query: {}; --print script: what fills a folder for `parapet check`\n",
        counted(actions, "IAM action"),
        match queries {
            1 => "1 query for AWS Config".to_owned(),
            count => format!("{count} queries for AWS Config"),
        },
    ));
    let undecided = undecided_actions(needs, preferred);
    if !undecided.is_empty() {
        let names: Vec<&str> = undecided.iter().map(|name| &***name).collect();
        text.push_str(&format!(
            "the actions that reading these takes are not known, and so not in the policy (`aws cloudformation describe-type` tells): {}\n",
            names.join(", ")
        ));
    }
    text
}

fn line(needed: &NeededType, preferred: Preferred, width: usize) -> String {
    let way = needed.way(preferred);
    let how = match way {
        Way::Answers(call) => call.call.to_string(),
        Way::Listing(listing) => match &listing.below {
            Some((parent, _)) => format!("listed for each {parent}"),
            None => String::new(),
        },
        Way::Recorded(names) if names.iter().any(|name| **name == *needed.name) => String::new(),
        Way::Recorded(names) => {
            let names: Vec<&str> = names.iter().map(|name| &**name).collect();
            format!("with {}", names.join(", "))
        }
        Way::Nowhere => "no call shows it".to_owned(),
    };
    let mark = if needed.complete { "*" } else { " " };
    let line = format!("{:width$}{mark} {:15}  {how}", needed.name, source(way));
    format!("{}\n", line.trim_end())
}
