//! Type constraints of variables: what a value becomes by them.
//!
//! `object({public = optional(bool, true)})` gives defaults to what nobody sets and drops what it does not name; a
//! simple type converts. A constraint that cannot be read, or that a value does not meet, leaves nothing known.

use parapet_model::{Name, Node, NodeKind, json};

use super::eval::Scope;
use super::functions::set_of;
use super::handle::Handle;
use super::parse;
use super::program::Program;
use super::read::expression_in;
use super::syntax::Expr;
use super::value::{map, node, text_of, truth, unknown};

impl Program<'_> {
    /// The value as a variable of this type has it.
    pub(super) fn typed(&self, value: Node, constraint: &Node) -> Node {
        let Some(text) = constraint.as_text() else { return unknown("the variable's type is not read") };
        match parse::template(&format!("${{{}}}", expression_in(text))) {
            Ok(ty) => self.converted(value, &ty),
            Err(why) => unknown(format!("the variable's type is not read: {why}")),
        }
    }

    fn converted(&self, value: Node, ty: &Expr) -> Node {
        if matches!(value.kind, NodeKind::Unknown(_) | NodeKind::Null) || Handle::of(&value).is_some() {
            return value;
        }
        match ty {
            Expr::Name(simple) => converted_simply(value, simple),
            Expr::Call { name, arguments, .. } => match (name.as_str(), arguments.as_slice()) {
                ("object", [Expr::Object(attributes)]) => self.object_of(value, attributes),
                ("optional", [inner, ..]) => self.converted(value, inner),
                ("list" | "set", [inner]) => match value.kind {
                    NodeKind::List(elements) => {
                        let elements: Vec<Node> =
                            elements.into_iter().map(|element| self.converted(element, inner)).collect();
                        node(NodeKind::List(if name == "set" { set_of(&elements) } else { elements }))
                    }
                    _ => unknown(format!("the variable is no {name}")),
                },
                ("map", [inner]) => match value.kind {
                    NodeKind::Map(members) => {
                        map(members.into_iter().map(|(key, value)| (key, self.converted(value, inner))).collect())
                    }
                    _ => unknown("the variable is no map"),
                },
                ("tuple", [Expr::Tuple(types)]) => match value.kind {
                    NodeKind::List(elements) if elements.len() == types.len() => {
                        let elements = elements.into_iter().zip(types).map(|(element, ty)| self.converted(element, ty));
                        node(NodeKind::List(elements.collect()))
                    }
                    _ => unknown("the variable is no such tuple"),
                },
                _ => unknown(format!("the variable's type is not read: `{name}`")),
            },
            _ => unknown("the variable's type is not read"),
        }
    }

    fn object_of(&self, value: Node, attributes: &[(Expr, Expr)]) -> Node {
        let NodeKind::Map(members) = value.kind else { return unknown("the variable is no object") };
        let mut typed: Vec<(Name, Node)> = Vec::new();
        for (key, ty) in attributes {
            let Some(key) = text_of(&self.eval(key, &Scope::default())) else {
                return unknown("the variable's type is not read");
            };
            let given = members.iter().find(|(name, _)| **name == *key).map(|(_, value)| value.clone());
            let optional = match ty {
                Expr::Call { name, arguments, .. } if name == "optional" => Some(arguments.get(1)),
                _ => None,
            };
            let value = match (given, optional) {
                (Some(value), None) => value,
                (Some(value), Some(default)) if !value.is_null() || default.is_none() => value,
                (_, Some(Some(default))) => self.eval(default, &Scope::default()),
                (_, Some(None)) => node(NodeKind::Null),
                (None, None) => return unknown(format!("the variable has no `{key}`")),
            };
            typed.push((key.into(), self.converted(value, ty)));
        }
        map(typed)
    }
}

fn converted_simply(value: Node, ty: &str) -> Node {
    let converted = match ty {
        "string" => text_of(&value).map(Node::text),
        "bool" => truth(&value).map(|value| node(NodeKind::Bool(value))),
        "number" => match &value.kind {
            NodeKind::Int(_) | NodeKind::Float(_) | NodeKind::Beyond(_) => Some(value),
            NodeKind::Text(text) => {
                json::parse(text).ok().filter(|node| matches!(node.kind, NodeKind::Int(_) | NodeKind::Float(_)))
            }
            _ => None,
        },
        "set" => Some(value.as_list().map(|elements| node(NodeKind::List(set_of(elements)))).unwrap_or(value)),
        "any" | "list" | "map" => Some(value),
        _ => None,
    };
    converted.unwrap_or_else(|| unknown(format!("the variable is no {ty}")))
}
