//! The pieces of a SARIF 2.1.0 log: log, run, rules, results, places, fixes.
//!
//! Only what Parapet says is here, each object with the fields that it fills; absent ones are left out. Lines and columns
//! begin at 1, ends are exclusive. What a log is about is the matter of the file that
//! builds it. Source: "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", OASIS.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::escape::escape;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What relative paths are relative to: the folder in which Parapet ran.
const BASE: &str = "%SRCROOT%";

#[derive(Serialize)]
pub(crate) struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run {
    tool: Tool,
    automation_details: AutomationDetails,
    invocations: Vec<Invocation>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    original_uri_base_ids: BTreeMap<&'static str, BaseFolder>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<Artifact>,
    column_kind: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<&'static str, serde_json::Value>,
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Rule>,
}

/// Which kind of run this is, so that an upload of one kind does not replace one of another.
#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

/// How the run went.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invocation {
    pub(crate) execution_successful: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tool_execution_notifications: Vec<Notification>,
}

/// Something about the run that is no result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification {
    pub(crate) level: &'static str,
    pub(crate) message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) associated_rule: Option<RuleReference>,
}

#[derive(Serialize)]
pub(crate) struct RuleReference {
    pub(crate) id: String,
    pub(crate) index: usize,
}

/// A file that was read.
#[derive(Serialize)]
pub(crate) struct Artifact {
    pub(crate) location: ArtifactLocation,
    pub(crate) roles: Vec<&'static str>,
    pub(crate) hashes: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct BaseFolder {
    description: Message,
}

/// Plain words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Message {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
}

/// What a result breaks.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) short_description: Message,
    pub(crate) full_description: Message,
    pub(crate) help: Message,
    pub(crate) default_configuration: Configuration,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) properties: BTreeMap<&'static str, serde_json::Value>,
}

#[derive(Serialize)]
pub(crate) struct Configuration {
    pub(crate) level: &'static str,
}

/// Why a result does not count.
#[derive(Serialize)]
pub(crate) struct Suppression {
    pub(crate) kind: &'static str,
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) justification: Option<String>,
    pub(crate) location: Location,
    pub(crate) properties: BTreeMap<&'static str, String>,
}

/// A result; `Result` would be the better word.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    pub(crate) rule_id: String,
    pub(crate) rule_index: usize,
    /// Left out where the result is a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    pub(crate) level: &'static str,
    pub(crate) message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fixes: Vec<Fix>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) baseline_state: Option<&'static str>,
    /// Of a run either all results have this, or none: an empty list says that a result counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suppressions: Option<Vec<Suppression>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) properties: BTreeMap<&'static str, serde_json::Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) physical_location: Option<PhysicalLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) logical_locations: Vec<LogicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalLocation {
    pub(crate) artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) region: Option<Region>,
}

/// Where something stands by its name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogicalLocation {
    pub(crate) fully_qualified_name: String,
    pub(crate) kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region {
    pub(crate) start_line: u32,
    pub(crate) start_column: u32,
    pub(crate) end_line: u32,
    pub(crate) end_column: u32,
}

/// What a run says.
pub(crate) struct Contents {
    /// Tells runs of different commands apart.
    pub(crate) kind: &'static str,
    pub(crate) rules: Vec<Rule>,
    pub(crate) results: Vec<Outcome>,
    pub(crate) invocation: Invocation,
    pub(crate) artifacts: Vec<Artifact>,
    /// What columns count: `utf16CodeUnits` or `unicodeCodePoints`.
    pub(crate) column_kind: &'static str,
    pub(crate) properties: BTreeMap<&'static str, serde_json::Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fix {
    pub(crate) description: Message,
    pub(crate) artifact_changes: Vec<ArtifactChange>,
    pub(crate) properties: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArtifactChange {
    pub(crate) artifact_location: ArtifactLocation,
    pub(crate) replacements: Vec<Replacement>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replacement {
    pub(crate) deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inserted_content: Option<Content>,
}

#[derive(Serialize)]
pub(crate) struct Content {
    pub(crate) text: String,
}

impl Log {
    /// A log of one run of `parapet`.
    pub(crate) fn new(contents: Contents) -> Log {
        let Contents { kind, rules, results, invocation, artifacts, column_kind, properties } = contents;
        let version = env!("CARGO_PKG_VERSION");
        let driver = Driver {
            name: "parapet",
            version,
            semantic_version: version,
            information_uri: env!("CARGO_PKG_REPOSITORY"),
            rules,
        };
        let folder = BaseFolder { description: Message::of("The folder in which Parapet ran.") };
        let run = Run {
            tool: Tool { driver },
            automation_details: AutomationDetails { id: format!("parapet/{kind}/") },
            invocations: vec![invocation],
            original_uri_base_ids: BTreeMap::from([(BASE, folder)]),
            artifacts,
            column_kind,
            properties,
            results,
        };
        Log { schema: SCHEMA, version: "2.1.0", runs: vec![run] }
    }

    /// The log as JSON, pretty printed, with a final line break.
    pub(crate) fn print(&self) -> String {
        // Serialising strings and numbers into memory has no way to fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl Message {
    /// Words that may come from rules or inputs: one line each, and without the form `[…](…)`, which viewers make a link.
    pub(crate) fn of(text: &str) -> Message {
        let lines: Vec<String> = text.lines().map(|line| escape(line).replace("](", "] (")).collect();
        Message { text: lines.join("\n"), markdown: None }
    }

    /// Words of Parapet's own, in Markdown.
    pub(crate) fn markdown(text: &str) -> Message {
        Message { markdown: Some(text.to_owned()), ..Message::of(text) }
    }
}

impl ArtifactLocation {
    /// A file by the path that messages show.
    pub(crate) fn of(path: &str) -> ArtifactLocation {
        let encoded = percent_encoded(path);
        let drive = path.get(1..3) == Some(":/") && path.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if drive {
            return ArtifactLocation { uri: format!("file:///{}", encoded.replacen("%3A", ":", 1)), uri_base_id: None };
        }
        if path.starts_with('/') {
            return ArtifactLocation { uri: format!("file://{encoded}"), uri_base_id: None };
        }
        // A path that leads out of the base is not below it.
        let below = path.split('/').all(|segment| segment != "..");
        ArtifactLocation { uri: encoded, uri_base_id: below.then_some(BASE) }
    }
}

/// The path with all but unreserved characters and `/` as `%XX` of their UTF-8 bytes.
fn percent_encoded(path: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'/' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    path.bytes().map(encoded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        let of = |path| serde_json::to_string(&ArtifactLocation::of(path)).unwrap();
        assert_eq!(of("rules/a.parapet"), r#"{"uri":"rules/a.parapet","uriBaseId":"%SRCROOT%"}"#);
        assert_eq!(of("my rules/ä#1.parapet"), r#"{"uri":"my%20rules/%C3%A4%231.parapet","uriBaseId":"%SRCROOT%"}"#);
        assert_eq!(of("a:b.parapet"), r#"{"uri":"a%3Ab.parapet","uriBaseId":"%SRCROOT%"}"#);
        assert_eq!(of("../a.parapet"), r#"{"uri":"../a.parapet"}"#);
        assert_eq!(of("/tmp/a b.parapet"), r#"{"uri":"file:///tmp/a%20b.parapet"}"#);
        assert_eq!(of("C:/a.parapet"), r#"{"uri":"file:///C:/a.parapet"}"#);
    }

    #[test]
    fn messages_make_no_links_and_no_surprises() {
        assert_eq!(Message::of("[a](http://b)\nc\u{1b}").text, "[a] (http://b)\nc\\u{1b}");
    }
}
