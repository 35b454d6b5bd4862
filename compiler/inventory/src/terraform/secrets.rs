//! What of a plan or state is not to be shown: what it marks, and what its name says.
//!
//! Marks stand beside the values, and a plan repeats the values: as they were, as they will be, as variables, in the
//! configuration. All of these are struck from the text of the document, of which reports show parts. States of
//! before Terraform 1.6 do not mark what the provider calls sensitive, so that names count in any case.

use parapet_base::Span;
use parapet_model::{Node, NodeKind};

use super::constants;

/// Attributes that are secret whatever they are.
const SECRET: [&str; 10] = [
    "password",
    "master_password",
    "master_user_password",
    "secret_string",
    "secret_binary",
    "private_key",
    "auth_token",
    "client_secret",
    "oauth_token",
    "secret",
];

/// Ends of the names of texts that are secret.
const ENDINGS: [&str; 6] = ["password", "passphrase", "secret_key", "private_key", "shared_secret", "api_key"];

/// Values, and what marks parts of them.
const MARKED: [[&str; 2]; 4] = [
    ["after", "after_sensitive"],
    ["before", "before_sensitive"],
    ["values", "sensitive_values"],
    ["attributes", "sensitive_attributes"],
];

/// Whether nobody should see an attribute, whether it is marked or not.
pub(super) fn is_secret(name: &str, value: &Node) -> bool {
    let is_text = value.as_text().is_some();
    !value.is_null() && (SECRET.contains(&name) || is_text && ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

/// The places of a document that are not to be shown.
pub(super) fn places(tree: &Node) -> Vec<Span> {
    let mut places = Vec::new();
    add(tree, &mut places);
    constants::add(tree, &mut places);
    let root = tree.get("configuration").and_then(|node| node.get("root_module"));
    if let Some(Node { kind: NodeKind::Map(variables), .. }) = root.and_then(|root| root.get("variables")) {
        for (name, _) in variables.iter().filter(|(_, variable)| is_true(variable.get("sensitive"))) {
            let value = tree.get("variables").and_then(|node| node.get(name)).and_then(|node| node.get("value"));
            places.extend(value.map(|value| value.span));
        }
    }
    places
}

fn add(node: &Node, places: &mut Vec<Span>) {
    match &node.kind {
        NodeKind::List(elements) => elements.iter().for_each(|element| add(element, places)),
        NodeKind::Map(members) => {
            for [values, marks] in MARKED {
                if let Some((values, marks)) = node.get(values).zip(node.get(marks)) {
                    add_marked(values, marks, places);
                }
            }
            if is_true(node.get("sensitive")) {
                places.extend(["value", "default"].iter().filter_map(|name| node.get(name)).map(|value| value.span));
            }
            for (name, value) in members {
                let constant = value.get("constant_value");
                match constant.unwrap_or(value) {
                    secret if is_secret(name, secret) && !is_expression(value) => places.push(secret.span),
                    _ => add(value, places),
                }
            }
        }
        _ => {}
    }
}

/// What an argument refers to is no secret.
fn is_expression(value: &Node) -> bool {
    value.get("references").is_some()
}

fn add_marked(values: &Node, marks: &Node, places: &mut Vec<Span>) {
    match (&marks.kind, &values.kind) {
        (NodeKind::Bool(true), _) => places.push(values.span),
        (NodeKind::Map(marks), _) => {
            for (value, mark) in marks.iter().filter_map(|(name, mark)| Some((values.get(name)?, mark))) {
                add_marked(value, mark, places);
            }
        }
        // The paths of a state file; each hides the whole attribute.
        (NodeKind::List(paths), NodeKind::Map(_)) => {
            places
                .extend(paths.iter().filter_map(marked_name).filter_map(|name| values.get(name)).map(|node| node.span));
        }
        (NodeKind::List(marks), NodeKind::List(values)) => {
            values.iter().zip(marks).for_each(|(value, mark)| add_marked(value, mark, places));
        }
        _ => {}
    }
}

/// The attribute that a path of a state file begins with.
pub(super) fn marked_name(path: &Node) -> Option<&str> {
    path.as_list()?.first()?.get("value")?.as_text()
}

pub(super) fn is_true(node: Option<&Node>) -> bool {
    matches!(node.map(|node| &node.kind), Some(NodeKind::Bool(true)))
}

#[cfg(test)]
mod tests {
    use parapet_model::json;

    use super::*;

    /// The texts that are struck.
    fn hidden(text: &str) -> Vec<&str> {
        let mut places = places(&json::parse(text).unwrap());
        places.sort_by_key(|span| span.start);
        places.dedup();
        places.into_iter().filter_map(|span| text.get(span.range())).collect()
    }

    #[test]
    fn marks_and_names_hide() {
        let change = r#"{"before": {"a": 1, "b": [2, 3]}, "before_sensitive": {"b": [false, true]}, "after": {"a": 4}, "after_sensitive": true}"#;
        assert_eq!(hidden(change), ["3", "{\"a\": 4}"]);
        let file = r#"{"attributes": {"a": {"x": 1}, "b": 2}, "sensitive_attributes": [[{"type": "get_attr", "value": "a"}, {"value": "x"}]]}"#;
        assert_eq!(hidden(file), ["{\"x\": 1}"]);
        assert_eq!(hidden(r#"{"o": {"sensitive": true, "value": 1}, "p": {"sensitive": false, "value": 2}}"#), ["1"]);
        let names = r#"{"user_password": "a", "manage_master_user_password": true, "password": 5, "secret": null, "b": {"passphrase": "c"}}"#;
        assert_eq!(hidden(names), ["\"a\"", "5", "\"c\""]);
    }

    #[test]
    fn variables_and_constants_of_the_configuration_hide() {
        let plan = r#"{"variables": {"v": {"value": "a"}, "w": {"value": "b"}}, "configuration": {"root_module": {
            "variables": {"v": {"sensitive": true, "default": "c"}, "w": {}},
            "resources": [{"expressions": {"password": {"constant_value": "d"}, "auth_token": {"references": ["var.v"]}}}]}}}"#;
        assert_eq!(hidden(plan), ["\"a\"", "\"c\"", "\"d\""]);
    }
}
