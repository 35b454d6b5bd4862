//! Texts of templates: JSON or YAML to a tree.

use std::path::Path;

use parapet_model::json::{self, JsonError};
use parapet_model::{Node, NodeKind};

use super::evaluate::Walk;
use super::tags;
use crate::yaml;

/// The longest template. CloudFormation takes 1 MB.
pub(crate) const MOST_BYTES: usize = 4 << 20;

/// The tree of a template's text. What begins as JSON is YAML only where the file's name says so: JSON without a comma
/// would be YAML of another meaning.
pub(crate) fn tree(path: &Path, text: &str) -> Result<Node, JsonError> {
    match (text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']), json::parse(text)) {
        (_, Ok(tree)) => Ok(tree),
        (true, Err(error)) if !is_named_yaml(path) => Err(error),
        (_, Err(_)) => yaml::parse(text, tags::long_form),
    }
}

/// A tree whose numbers are no other text than the one that is written: `1.10` and `8.0` are versions as often as numbers, and a
/// text is read as a number where one is wanted.
pub(crate) fn as_written(tree: Node, text: &str) -> Node {
    let kind = match tree.kind {
        NodeKind::Float(value) => match text.get(tree.span.range()).map(str::trim) {
            Some(written) if written.parse() == Ok(value) && written != value.to_string() => {
                NodeKind::Text(written.into())
            }
            _ => NodeKind::Float(value),
        },
        NodeKind::List(elements) => {
            NodeKind::List(elements.into_iter().map(|element| as_written(element, text)).collect())
        }
        NodeKind::Map(members) => {
            NodeKind::Map(members.into_iter().map(|(key, node)| (key, as_written(node, text))).collect())
        }
        other => other,
    };
    Node::new(tree.span, kind)
}

/// Whether the name of a file says that it is YAML.
pub(crate) fn is_named_yaml(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    matches!(extension.as_deref(), Some("yaml" | "yml" | "template"))
}

/// A fault with its line and column before it.
pub(crate) fn located(text: &str, error: &JsonError) -> String {
    let offset = u32::try_from(error.offset).unwrap_or(u32::MAX);
    let place = Walk::new(text).place(parapet_base::Span { start: offset, end: offset });
    format!("{}:{}: {}", place.line, place.column, error.message)
}

/// Whether a text looks like a template in YAML: one of the sections that only templates have begins a line.
pub(crate) fn looks_like_yaml(text: &str) -> bool {
    const SECTIONS: [&str; 3] = ["Resources", "AWSTemplateFormatVersion", "Transform"];
    let begins = |line: &str| {
        let line = line.strip_prefix("--- ").unwrap_or(line);
        SECTIONS.iter().any(|section| {
            let bare = line.trim_start_matches(['"', '\'']);
            let quoted = line.len() - bare.len() <= 1;
            let rest = bare.strip_prefix(section).map(|rest| rest.trim_start_matches(['"', '\'']));
            quoted && rest.is_some_and(|rest| rest.trim_start().starts_with(':'))
        })
    };
    text.trim_start_matches('\u{feff}').lines().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_told_by_their_sections() {
        for text in ["Resources:\n  A: {}\n", "# x\n---\nAWSTemplateFormatVersion: '2010-09-09'\n", "\"Resources\" :\n"]
        {
            assert!(looks_like_yaml(text), "{text}");
        }
        for text in ["resources:\n", "a:\n  Resources:\n", "ResourcesX: 1\n", "hello", ""] {
            assert!(!looks_like_yaml(text), "{text}");
        }
    }

    #[test]
    fn the_fault_is_that_of_the_form() {
        let fault =
            |path: &str, text: &str| tree(Path::new(path), text).map_err(|error| located(text, &error)).map(drop);
        assert_eq!(fault("a.json", "{\"a\": 1\n 2}"), Err("2:2: expected `,` or `}` in an object".to_owned()));
        assert_eq!(fault("a.json", "{\"a\": 1,}"), Err("1:9: expected a key in double quotes".to_owned()));
        assert_eq!(fault("a.yaml", "{\"a\": 1,}"), Ok(()));
        let text = "a:\n  b: 1\n  b: 2\n";
        assert_eq!(fault("a.json", text), Err("3:3: the key \"b\" occurs twice in one map".to_owned()));
    }
}
