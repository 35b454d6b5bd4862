//! Diagnostics for code scanning: SARIF 2.1.0.
//!
//! Each code that occurs is a rule, whose help is its page. A result's fingerprint is made of its code, the item that it
//! is in and the text that it is about, so that it stays when lines above it move. Suggestions are fixes; the property
//! `applicability` says which of them need no person.

use std::collections::BTreeMap;

use parapet_base::{Code, Diagnostic, FileId, Level, Span, Suggestion};
use sha2::{Digest, Sha256};

use crate::diagnostics::{Diagnosed, Owner};
use crate::sarif::{
    ArtifactChange, ArtifactLocation, Configuration, Content, Contents, Fix, Invocation, Location, Log,
    LogicalLocation, Message, Outcome, PhysicalLocation, Region, Replacement, Rule,
};
use crate::sources::{Source, Sources};

/// The log of a run of `parapet lint`, pretty printed, with a final line break.
pub(crate) fn diagnostics_sarif(diagnosed: &Diagnosed<'_>) -> String {
    let sources = Sources::load(diagnosed.found, diagnosed.files);
    let mut codes: Vec<&'static Code> = diagnosed.found.iter().map(|(_, diagnostic)| diagnostic.code).collect();
    codes.sort();
    codes.dedup();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let results = diagnosed.found.iter().map(|(file, diagnostic)| {
        let owner = (diagnosed.owners)(*file, diagnostic.span);
        let print = fingerprint(sources.get(*file), diagnostic, owner.as_ref());
        let ordinal = seen.entry(print.clone()).and_modify(|times| *times += 1).or_insert(1);
        let print = format!("{print}:{ordinal}");
        result(&sources, &codes, *file, diagnostic, owner, print)
    });
    let results = results.collect();
    let invocation =
        Invocation { execution_successful: true, exit_code: None, tool_execution_notifications: Vec::new() };
    Log::new(Contents {
        kind: "lint",
        rules: codes.iter().map(|code| rule(code)).collect(),
        results,
        invocation,
        artifacts: Vec::new(),
        column_kind: "utf16CodeUnits",
        properties: BTreeMap::new(),
    })
    .print()
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

fn rule(code: &Code) -> Rule {
    let page = code.page.split_once('\n').map_or(code.page, |(_, page)| page).trim();
    let opening = page.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    Rule {
        id: code.code.to_owned(),
        name: code.name.to_owned(),
        short_description: Message::of(code.summary.trim()),
        full_description: Message::of(&opening),
        help: Message::markdown(page),
        default_configuration: Configuration { level: level(code.level) },
        properties: BTreeMap::from([("since", code.since.into())]),
    }
}

fn result(
    sources: &Sources,
    codes: &[&Code],
    file: FileId,
    diagnostic: &Diagnostic,
    owner: Option<Owner>,
    print: String,
) -> Outcome {
    let logical = owner.into_iter().map(|owner| LogicalLocation {
        fully_qualified_name: owner.path(),
        kind: if owner.kind == "fn" { "function" } else { owner.kind },
    });
    let primary = location(sources, file, diagnostic.span, &diagnostic.primary);
    let primary = primary.map(|place| Location { logical_locations: logical.collect(), ..place });
    let labels = diagnostic.labels.iter();
    let labels = labels.filter_map(|label| location(sources, label.file.unwrap_or(file), label.span, &label.message));
    let message = std::iter::once(&diagnostic.message).chain(&diagnostic.notes).map(String::as_str);
    Outcome {
        rule_id: diagnostic.code.code.to_owned(),
        rule_index: codes.iter().position(|code| *code == diagnostic.code).unwrap_or_default(),
        kind: None,
        level: level(diagnostic.level()),
        message: Message::of(&message.collect::<Vec<_>>().join("\n")),
        locations: primary.into_iter().collect(),
        related_locations: labels.collect(),
        partial_fingerprints: BTreeMap::from([("parapet/v1", print)]),
        fixes: diagnostic.suggestions.iter().filter_map(|suggestion| fix(sources.get(file)?, suggestion)).collect(),
        baseline_state: None,
        suppressions: None,
        properties: BTreeMap::new(),
    }
}

fn location(sources: &Sources, file: FileId, span: Span, message: &str) -> Option<Location> {
    let source = sources.get(file)?;
    let physical_location =
        PhysicalLocation { artifact_location: ArtifactLocation::of(&source.path), region: Some(region(source, span)) };
    let message = (!message.is_empty()).then(|| Message::of(message));
    Some(Location { physical_location: Some(physical_location), logical_locations: Vec::new(), message })
}

fn region(source: &Source, span: Span) -> Region {
    let (start, end) = source.utf16_positions(span);
    Region { start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column }
}

fn fix(source: &Source, suggestion: &Suggestion) -> Option<Fix> {
    let replacements = suggestion.edits.iter().map(|edit| Replacement {
        deleted_region: region(source, edit.span),
        inserted_content: (!edit.replacement.is_empty()).then(|| Content { text: edit.replacement.clone() }),
    });
    let replacements: Vec<Replacement> = replacements.collect();
    let change = ArtifactChange { artifact_location: ArtifactLocation::of(&source.path), replacements };
    (!change.replacements.is_empty()).then(|| Fix {
        description: Message::of(&suggestion.message),
        artifact_changes: vec![change],
        properties: BTreeMap::from([("applicability", suggestion.applicability.name())]),
    })
}

/// A digest of what stays when the file is edited elsewhere.
fn fingerprint(source: Option<&Source>, diagnostic: &Diagnostic, owner: Option<&Owner>) -> String {
    let text = source.and_then(|source| source.text.get(source.range(diagnostic.span))).unwrap_or_default();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let place = owner.map(Owner::path).or_else(|| source.map(|source| source.path.clone())).unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [diagnostic.code.code, &place, &text] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use parapet_base::codes;
    use serde_json::Value;

    use super::*;
    use crate::sources::SourceText;

    const TEXT: &str = "use a::b\n/// 𝒜é\nlet 𝒜 = é.x\n";

    fn log(text: &str, found: &[(FileId, Diagnostic)]) -> Value {
        let files =
            |id: FileId| (id == FileId(0)).then(|| SourceText { path: "my rules/a.parapet".into(), text: text.into() });
        let owners = |_: FileId, span: Span| {
            Some(Owner { module: "a".into(), item: (span.start > 8).then(|| "g".into()), kind: "fn" })
        };
        let printed = diagnostics_sarif(&Diagnosed { found, files: &files, owners: &owners });
        serde_json::from_str(&printed).unwrap()
    }

    fn at(text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap();
        Span::new(start, start + part.len())
    }

    fn unknown(text: &str) -> (FileId, Diagnostic) {
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_PROPERTY, at(text, "x\n").to(at(text, "x")), "no `x`");
        let span = at(text, "é.x");
        let span = Span { start: span.end - 1, end: span.end };
        let diagnostic = Diagnostic { span, ..diagnostic };
        let diagnostic = diagnostic.label(at(text, "𝒜 ="), "this").note("a note").suggest(span, "y", "call it `y`");
        (FileId(0), diagnostic)
    }

    #[test]
    fn columns_count_utf16_units() {
        let log = log(TEXT, &[unknown(TEXT)]);
        let result = &log["runs"][0]["results"][0];
        assert_eq!(log["runs"][0]["columnKind"], "utf16CodeUnits");
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20rules/a.parapet");
        // `let 𝒜 = é.x`: `𝒜` is two units, `é` is one.
        assert_eq!(place["region"].to_string(), r#"{"startLine":3,"startColumn":12,"endLine":3,"endColumn":13}"#);
        let related = &result["relatedLocations"][0];
        assert_eq!(related["message"]["text"], "this");
        assert_eq!(
            related["physicalLocation"]["region"].to_string(),
            r#"{"startLine":3,"startColumn":5,"endLine":3,"endColumn":9}"#
        );
        assert_eq!(result["message"]["text"], "no `x`\na note");
    }

    #[test]
    fn suggestions_are_fixes() {
        let (file, diagnostic) = unknown(TEXT);
        let log = log(TEXT, &[(file, diagnostic.fix(at(TEXT, "use a::b\n"), "", "remove it"))]);
        let fixes = &log["runs"][0]["results"][0]["fixes"];
        assert_eq!(fixes[0]["properties"]["applicability"], "maybe");
        assert_eq!(fixes[0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"], "y");
        assert_eq!(fixes[1]["properties"]["applicability"], "machine");
        assert_eq!(
            fixes[1]["artifactChanges"][0]["replacements"].to_string(),
            r#"[{"deletedRegion":{"startLine":1,"startColumn":1,"endLine":2,"endColumn":1}}]"#
        );
    }

    #[test]
    fn fingerprints_stay_when_lines_move() {
        let print = |text: &str, found: &[(FileId, Diagnostic)]| -> Vec<String> {
            let log = log(text, found);
            let results = log["runs"][0]["results"].as_array().unwrap().clone();
            let print = |result: &Value| result["partialFingerprints"]["parapet/v1"].as_str().unwrap().to_owned();
            results.iter().map(print).collect()
        };
        let before = print(TEXT, &[unknown(TEXT), unknown(TEXT)]);
        assert_ne!(before[0], before[1], "repeats are told apart");
        let moved = format!("// One more.\n\n{TEXT}");
        assert_eq!(print(&moved, &[unknown(&moved), unknown(&moved)]), before);
        let (file, other) = unknown(TEXT);
        let other = Diagnostic { span: at(TEXT, "é"), ..other };
        assert_ne!(print(TEXT, &[(file, other)])[0], before[0]);
    }

    #[test]
    fn rules_are_the_codes_that_occur() {
        let (file, diagnostic) = unknown(TEXT);
        let lint = Diagnostic::new(&codes::UNUSED_NAME, Span::new(4, 8), "unused");
        let lost = Diagnostic::new(&codes::SYNTAX, Span::new(0, 0), "lost");
        let log = log(TEXT, &[(file, lint), (file, diagnostic), (FileId(9), lost)]);
        let run = &log["runs"][0];
        let ids: Vec<&str> = run["tool"]["driver"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["E0001", "E0101", "W0202"]);
        let rule = &run["tool"]["driver"]["rules"][2];
        assert_eq!(rule["name"], "unused_name");
        assert_eq!(rule["defaultConfiguration"]["level"], "warning");
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Example"));
        assert_eq!(run["results"][0]["ruleIndex"], 2);
        assert_eq!(run["results"][0]["level"], "warning");
        assert_eq!(run["results"][2]["locations"], Value::Null, "a lost file has no place");
        assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    }
}
