//! The smallest IAM policy under which the script is answered.

use std::collections::BTreeSet;

use parapet_model::{Name, Needs, Preferred, Way};
use serde_json::json;

use super::recorded;

/// A policy document, pretty printed, with a final line break. Actions that list cannot be limited to resources.
pub fn needs_policy(needs: &Needs, preferred: Preferred) -> String {
    let actions: Vec<String> = actions(needs, preferred).into_iter().map(|action| action.to_string()).collect();
    let statement = json!({"Sid": "ParapetReads", "Effect": "Allow", "Action": actions, "Resource": "*"});
    let document = json!({"Version": "2012-10-17", "Statement": [statement]});
    // Serialising strings into memory has no way to fail.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Everything that the script asks, sorted.
pub(super) fn actions(needs: &Needs, preferred: Preferred) -> BTreeSet<Name> {
    let mut actions: BTreeSet<Name> = needs.accounts.iter().flat_map(|call| &call.actions).cloned().collect();
    for needed in &needs.types {
        match needed.way(preferred) {
            Way::Answers(call) => actions.extend(call.actions.iter().cloned()),
            Way::Listing(listing) => {
                actions.extend(needs.cloud_control.iter().cloned());
                actions.extend(listing.actions.iter().flatten().cloned());
            }
            Way::Recorded(_) | Way::Nowhere => {}
        }
    }
    if !recorded(needs, preferred).is_empty() {
        actions.extend(needs.config.iter().cloned());
    }
    actions
}

/// The types that Cloud Control lists with actions that are not known: the policy lacks those.
pub fn undecided_actions(needs: &Needs, preferred: Preferred) -> Vec<&Name> {
    let undecided = needs.types.iter().filter(|needed| match needed.way(preferred) {
        Way::Listing(listing) => listing.actions.is_none(),
        Way::Answers(_) | Way::Recorded(_) | Way::Nowhere => false,
    });
    undecided.map(|needed| &needed.name).collect()
}
