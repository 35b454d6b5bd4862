//! Workflow commands of GitHub Actions: `::error file=…,line=…::message`.
//!
//! One command a line; what would end the line or a property is percent-encoded, so that no text can begin a command of its
//! own. Source: "Workflow commands for GitHub Actions" and the runner's `ActionCommand`.

/// A command with its properties and its message, and the line end.
pub(crate) fn command_of(name: &str, properties: &[(&str, String)], message: &str) -> String {
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
    format!("::{name} {}::{}\n", properties.join(","), data(message))
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
