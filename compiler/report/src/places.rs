//! Where a finding stands and what it says, for the formats that give each finding one place and one text.

use parapet_model::{Finding, SeenValue, SourcePlace};

use crate::escape::shorten;

/// Columns of a value beside its place.
const VALUE: usize = 80;

/// The first value that a requirement read, else the resource.
pub(crate) fn first_place(finding: &Finding) -> Option<&SourcePlace> {
    let values = finding.details.iter().flat_map(|detail| &detail.values);
    values.filter_map(|value| value.source.as_ref()).next().or(finding.resource.source.as_ref())
}

/// The message of each requirement, once.
pub(crate) fn messages(finding: &Finding) -> Vec<&str> {
    let mut messages: Vec<&str> = Vec::new();
    for detail in &finding.details {
        if !messages.contains(&detail.message.as_str()) {
            messages.push(&detail.message);
        }
    }
    messages
}

/// What was not known, and why: `db.Port: known after apply`.
pub(crate) fn causes(finding: &Finding) -> Vec<String> {
    finding.unknown.iter().map(|unknown| format!("{}: {}", unknown.path, unknown.reason)).collect()
}

/// `db.Port is 5432`.
pub(crate) fn described(value: &SeenValue) -> String {
    let expression = shorten(&value.expression, VALUE);
    match (&value.unknown, &value.value) {
        (Some(reason), _) => format!("{expression} is unknown ({})", shorten(reason, VALUE)),
        (None, Some(json)) => format!("{expression} is {}", shorten(&json.to_string(), VALUE)),
        (None, None) => format!("{expression} is absent"),
    }
}
