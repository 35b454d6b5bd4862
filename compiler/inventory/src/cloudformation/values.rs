//! What the parameters of a stack and the pseudo parameters stand for.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Attribute, Name, Node, NodeKind, Reason, Shape, Symbol, Unknown};
use rustc_hash::FxHashMap;

use super::parameters::Parameters;
use super::template::Template;
use super::texts::scalar;

/// A parameter's value.
pub(crate) enum Value {
    Known(Node),
    /// It decides conditions, and nobody gets to see it.
    Hidden {
        value: Node,
        shown: Unknown,
    },
    Later(Unknown),
}

/// See the module.
pub(crate) struct Values {
    parameters: FxHashMap<Name, Value>,
    pseudo: FxHashMap<Name, Node>,
    /// Tells the deployment from all others; its stacks share an account and a region.
    deployment: String,
    /// What parameters belong to.
    stack: Arc<str>,
}

impl Values {
    /// The values of a template's parameters. `place` tells the stack from all others of the run, `deployment` its
    /// input from all others.
    pub(crate) fn of(template: &Template, given: &Parameters, place: &str, deployment: &str) -> Values {
        let stack: Arc<str> = format!("{place}#stack").into();
        let mut values = Values {
            parameters: FxHashMap::default(),
            pseudo: FxHashMap::default(),
            deployment: deployment.to_owned(),
            stack,
        };
        for (name, value) in given.iter().filter(|(name, _)| name.starts_with("AWS::")) {
            values.pseudo.insert(name.clone(), value.clone());
        }
        for (name, declaration) in &template.parameters {
            let value = match (given.get(name), given.others()) {
                (None, Some(why)) => Value::Later(why.clone()),
                (value, _) => values.parameter(name, declaration, value),
            };
            values.parameters.insert(name.clone(), value);
        }
        values
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.parameters.get(name)
    }

    /// The account, the region and the like, which nested stacks share.
    pub(crate) fn shared(&self) -> Vec<(Name, Node)> {
        let own = |name: &Name| matches!(&**name, "AWS::StackName" | "AWS::StackId");
        self.pseudo.iter().filter(|(name, _)| !own(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// A pseudo parameter but `AWS::NoValue`; `None` where there is none of that name.
    pub(crate) fn pseudo(&self, name: &str, span: Span) -> Option<Node> {
        if let Some(value) = self.pseudo.get(name) {
            return Some(value.clone().place_all(span));
        }
        let region = self.pseudo.get("AWS::Region").and_then(Node::as_text);
        let text = |text: &str| Some(Node::new(span, NodeKind::Text(text.into())));
        let later = |attribute: Attribute, what: &str| {
            let unknown = Unknown::new(Reason::Undecided, format!("{what} is known at deployment"));
            Some(Node::new(span, NodeKind::Unknown(unknown.standing_for(Symbol::attribute(attribute)))))
        };
        let shared = |what| later(Attribute::of_deployment(&self.deployment, name), what);
        match (name, region) {
            ("AWS::Partition", Some(region)) => text(partition(region)),
            ("AWS::URLSuffix", Some(region)) => text(suffix(region)),
            ("AWS::AccountId", _) => shared("the account"),
            ("AWS::Region", _) => shared("the region"),
            ("AWS::Partition", None) => shared("the partition"),
            ("AWS::URLSuffix", None) => shared("the domain"),
            ("AWS::StackName" | "AWS::StackId", _) => later(self.attribute(name), "the name of the stack"),
            ("AWS::NotificationARNs", _) => {
                let unknown = Unknown::new(Reason::Undecided, "where the stack reports to is known at deployment");
                Some(Node::new(span, NodeKind::Unknown(unknown)))
            }
            _ => None,
        }
    }

    fn parameter(&self, name: &Name, declaration: &Node, given: Option<&Node>) -> Value {
        let ty = declaration.get("Type").and_then(Node::as_text).unwrap_or("String");
        let is_list = ty == "CommaDelimitedList" || ty.contains("List<");
        let later = |why: String| {
            let unknown = Unknown::new(Reason::Undecided, why);
            match is_list {
                true => unknown,
                false => unknown.standing_for(Symbol::attribute(self.attribute(name))),
            }
        };
        let value = given.or_else(|| declaration.get("Default")).filter(|node| !node.is_null());
        let Some(value) = value else { return Value::Later(later(format!("parameter `{name}` has no value"))) };
        if ty.starts_with("AWS::SSM::Parameter::Value") {
            let key = value.as_text().map(|key| format!(" `{key}`")).unwrap_or_default();
            return Value::Later(later(format!(
                "parameter `{name}` is read from the SSM parameter{key} at deployment"
            )));
        }
        let value = if is_list { elements(value) } else { one_text(value) };
        match declaration.get("NoEcho").map(|node| &node.kind) {
            Some(NodeKind::Bool(true)) => self.hidden(name, value, given),
            Some(NodeKind::Text(text)) if text.eq_ignore_ascii_case("true") => self.hidden(name, value, given),
            _ => Value::Known(value),
        }
    }

    /// A value that nobody gets to see. Of a default, which everybody reads in the template, is known whether it refers to
    /// something; what is given to a deployment is the business of who gives it.
    fn hidden(&self, name: &Name, value: Node, given: Option<&Node>) -> Value {
        let shown = Unknown::new(Reason::Undecided, format!("parameter `{name}` is hidden (NoEcho)"));
        let refers = value.as_text().is_none_or(|text| text.contains(['{', '}']));
        let shape = if given.is_some() || refers { Shape::ANY } else { Shape::PLAIN };
        let attribute = self.attribute(name).shaped(shape);
        Value::Hidden { value, shown: shown.standing_for(Symbol::attribute(attribute)) }
    }

    fn attribute(&self, name: &str) -> Attribute {
        Attribute::other(&self.stack, name)
    }
}

/// The partition of a region.
fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

fn suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// A parameter is a text, also one that is written as a number.
fn one_text(node: &Node) -> Node {
    match scalar(&node.kind) {
        Some(text) => Node::new(node.span, NodeKind::Text(text.into())),
        None => node.clone(),
    }
}

/// The elements of a list, written with commas or as one.
fn elements(node: &Node) -> Node {
    let kind = match &node.kind {
        NodeKind::List(elements) => NodeKind::List(elements.iter().map(one_text).collect()),
        kind => match scalar(kind) {
            Some(text) if text.is_empty() => NodeKind::List(Vec::new()),
            Some(text) => {
                let element = |text: &str| Node::new(node.span, NodeKind::Text(text.trim().into()));
                NodeKind::List(text.split(',').map(element).collect())
            }
            None => kind.clone(),
        },
    };
    Node::new(node.span, kind)
}
