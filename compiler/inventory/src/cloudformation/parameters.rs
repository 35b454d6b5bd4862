//! Files of parameter values: `--parameters FILE`.
//!
//! Three forms are known, in JSON and in YAML: the list of the CloudFormation command line
//! (`[{"ParameterKey": …, "ParameterValue": …}]`), the object of CodePipeline (`{"Parameters": {…}}`), and a plain map.
//! A key that begins with `AWS::` sets a pseudo parameter: `AWS::Region`, `AWS::AccountId`.

use parapet_model::{Name, Node, NodeKind, Unknown};

use super::tags;
use super::text::as_written;
use super::texts::scalar;
use crate::yaml;

/// The longest file.
const MOST_BYTES: usize = 1 << 20;

/// Values of parameters, by name; the later ones win.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    values: Vec<(Name, Node)>,
    /// Others may be given, for this reason.
    others: Option<Unknown>,
}

impl Parameters {
    /// No values.
    pub fn none() -> &'static Parameters {
        static NONE: Parameters = Parameters { values: Vec::new(), others: None };
        &NONE
    }

    /// Adds what the text of a file says; `Err` says what is wrong with it.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        if text.len() > MOST_BYTES {
            return Err(format!("a file of parameters has at most {MOST_BYTES} bytes"));
        }
        let tree = match parapet_model::json::parse(text) {
            Ok(tree) => tree,
            Err(error) if text.trim_start().starts_with(['{', '[']) => {
                return Err(at(text, error.offset, &error.message));
            }
            Err(_) => yaml::parse(text, tags::long_form).map_err(|error| at(text, error.offset, &error.message))?,
        };
        for (name, value) in entries(as_written(tree, text))? {
            self.values.retain(|(other, _)| *other != name);
            self.values.push((name, value));
        }
        Ok(())
    }

    pub(crate) fn of(values: Vec<(Name, Node)>) -> Parameters {
        Parameters { values, others: None }
    }

    /// These, and perhaps any others.
    pub(crate) fn and_others(self, why: Unknown) -> Parameters {
        Parameters { others: Some(why), ..self }
    }

    /// Why a parameter that is not among the values may have one all the same.
    pub(crate) fn others(&self) -> Option<&Unknown> {
        self.others.as_ref()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        self.values.iter().find(|(key, _)| &**key == name).map(|(_, value)| value)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &(Name, Node)> {
        self.values.iter()
    }
}

fn at(text: &str, offset: usize, message: &str) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("{line}:{column}: {message}")
}

fn entries(tree: Node) -> Result<Vec<(Name, Node)>, String> {
    let members = match tree.kind {
        NodeKind::List(elements) => return elements.into_iter().map(entry).collect(),
        NodeKind::Map(mut members) => match members.iter().position(|(key, _)| &**key == "Parameters") {
            Some(at) => match members.swap_remove(at).1.kind {
                NodeKind::Map(members) => members,
                kind @ NodeKind::List(_) => return entries(Node::new(tree.span, kind)),
                _ => return Err("`Parameters` is not a map".to_owned()),
            },
            None => members,
        },
        NodeKind::Null => Vec::new(),
        _ => return Err("neither a list nor a map of parameters".to_owned()),
    };
    members.into_iter().map(|(name, value)| Ok((name.clone(), value_of(&name, value)?))).collect()
}

/// `{"ParameterKey": "Env", "ParameterValue": "prod"}`, or `"Env=prod"` as `deploy --parameter-overrides` takes it.
fn entry(node: Node) -> Result<(Name, Node), String> {
    if let Some((name, value)) = node.as_text().and_then(|text| text.split_once('=')) {
        return Ok((name.into(), Node::new(node.span, NodeKind::Text(value.into()))));
    }
    let Some(name) = node.get("ParameterKey").and_then(Node::as_text).map(Name::from) else {
        return Err("an element of the list has no `ParameterKey`".to_owned());
    };
    match node.get("ParameterValue") {
        Some(value) => Ok((name.clone(), value_of(&name, value.clone())?)),
        None => Err(format!("parameter `{name}` has no `ParameterValue`")),
    }
}

fn value_of(name: &str, node: Node) -> Result<Node, String> {
    match &node.kind {
        NodeKind::List(elements) if elements.iter().all(|element| scalar(&element.kind).is_some()) => Ok(node),
        kind => match scalar(kind) {
            Some(text) => Ok(Node::new(node.span, NodeKind::Text(text.into()))),
            None => Err(format!("the value of parameter `{name}` is neither a text nor a list of texts")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let mut parameters = Parameters::default();
        parameters.add(text)?;
        let shown = parameters.iter().map(|(name, value)| match &value.kind {
            NodeKind::List(elements) => format!("{name}: {} elements", elements.len()),
            kind => format!("{name}: {}", scalar(kind).unwrap()),
        });
        Ok(shown.collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn three_forms_are_known() {
        let list =
            r#"[{"ParameterKey": "Env", "ParameterValue": "prod"}, {"ParameterKey": "Size", "ParameterValue": "2"}]"#;
        for text in
            [list, r#"{"Parameters": {"Env": "prod", "Size": 2}}"#, "Env: prod\nSize: 2\n", r#"["Env=prod", "Size=2"]"#]
        {
            assert_eq!(read(text).unwrap(), "Env: prod, Size: 2", "{text}");
        }
        assert_eq!(
            read("Zones: [a, b]\nAWS::Region: eu-west-1\n").unwrap(),
            "Zones: 2 elements, AWS::Region: eu-west-1"
        );
        assert_eq!(read("# nothing\n").unwrap(), "");
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(read("{\"a\": 1,\n \"a\" 2}").unwrap_err(), "2:6: expected `:` after a key");
        assert!(read("a: 1\na: 2\n").unwrap_err().starts_with("2:1: the key \"a\" occurs twice"));
        assert!(read("3").unwrap_err().contains("neither a list nor a map"));
        assert!(read("a: {b: c}").unwrap_err().contains("`a` is neither"));
        assert!(read("[{\"ParameterKey\": \"a\"}]").unwrap_err().contains("`a` has no"));
    }
}
