//! The query that AWS Config is asked, of one account or of an aggregator.

use std::collections::BTreeSet;

use parapet_model::{Name, Needs, Preferred};

use super::recorded;

/// All that the reader of items looks at. A `*` would leave out the configuration.
const CHOSEN: &str = "SELECT accountId, awsRegion, arn, configurationItemCaptureTime, configurationItemStatus, \
                      resourceId, resourceName, resourceType, configuration, supplementaryConfiguration, \
                      relationships, tags WHERE resourceType IN (";

/// The longest expression that AWS Config takes.
const MOST: usize = 4096;

/// What AWS Config records of itself: which types are complete.
const RECORDER: &str = "AWS::Config::ConfigurationRecorder";

/// The queries, one a line.
pub fn needs_query(needs: &Needs) -> String {
    queries(needs).into_iter().map(|query| query + "\n").collect()
}

/// Queries for all that AWS Config records of what is needed.
pub(super) fn queries(needs: &Needs) -> Vec<String> {
    of_types(recorded(needs, Preferred::Config))
}

/// Queries for these types, as few as the limit allows.
pub(super) fn of_types(mut types: BTreeSet<Name>) -> Vec<String> {
    if types.is_empty() {
        return Vec::new();
    }
    types.insert(RECORDER.into());
    let mut queries: Vec<String> = Vec::new();
    for name in types {
        let quoted = format!("'{name}'");
        match queries.last_mut().filter(|query| query.len() + quoted.len() + 3 <= MOST) {
            Some(query) => query.push_str(&format!(", {quoted}")),
            None => queries.push(format!("{CHOSEN}{quoted}")),
        }
    }
    queries.into_iter().map(|query| query + ")").collect()
}
