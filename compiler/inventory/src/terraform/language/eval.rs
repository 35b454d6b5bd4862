//! Expressions to values.
//!
//! Nothing fails: what cannot be evaluated is unknown and says why. Work and depth are bounded for the whole
//! configuration, so that a few lines that double each other come to an end.

use std::cell::Cell;

use parapet_model::{Name, Node, NodeKind};

use super::blocks::{Members, Place};
use super::functions;
use super::operators;
use super::parse;
use super::program::Program;
use super::syntax::{Expr, Step};
use super::value::{list, map, node, size, text_of, unknown};

/// How deep evaluations may stand in each other.
const MOST_DEPTH: usize = 160;

/// How many values may be made for one configuration.
const MOST_WORK: usize = 10_000_000;

/// Why nothing more is evaluated.
pub(super) const TOO_LONG: &str = "evaluating the configuration takes too long";

/// How much was done.
#[derive(Default)]
pub(super) struct Budget {
    work: Cell<usize>,
    depth: Cell<usize>,
}

impl Budget {
    pub(super) fn spend(&self, work: usize) -> bool {
        self.work.set(self.work.get().saturating_add(work));
        !self.is_spent()
    }

    fn is_spent(&self) -> bool {
        self.work.get() > MOST_WORK
    }
}

/// Where an expression stands.
#[derive(Clone, Default)]
pub(super) struct Scope {
    pub(super) module: usize,
    /// `each.key` and `each.value`.
    pub(super) each: Option<(Node, Node)>,
    /// `count.index`.
    pub(super) index: Option<Node>,
    /// Variables of loops, the innermost last.
    pub(super) locals: Vec<(String, Node)>,
}

impl Scope {
    pub(super) fn of(module: usize) -> Scope {
        Scope { module, ..Scope::default() }
    }

    pub(super) fn with(&self, name: &str, value: Node) -> Scope {
        let mut scope = self.clone();
        scope.locals.push((name.to_owned(), value));
        scope
    }
}

impl Program<'_> {
    /// The value of a part of a configuration: texts are templates, all else stands for itself.
    pub(super) fn value(&self, part: &Node, scope: &Scope) -> Node {
        let Some(_guard) = self.deeper() else { return unknown("the configuration is nested too deep") };
        let span = part.span;
        let value = match &part.kind {
            NodeKind::Text(text) => return self.text(text, scope).place_all(span),
            NodeKind::List(elements) => NodeKind::List(elements.iter().map(|node| self.value(node, scope)).collect()),
            NodeKind::Map(members) => match self.members(members, scope) {
                Ok(members) => NodeKind::Map(members),
                Err(why) => return why.place_all(span),
            },
            kind => kind.clone(),
        };
        // The parts of a document are as many as they are; only what is computed of them is bounded.
        self.budget.spend(1);
        Node::new(span, value)
    }

    /// The members of an object; a key that is not known may be any of them.
    fn members(&self, members: &[(Name, Node)], scope: &Scope) -> Result<Vec<(Name, Node)>, Node> {
        let mut keyed = Vec::with_capacity(members.len());
        for (key, part) in members {
            let key = match key.contains("${") || key.contains("%{") {
                true => self.key(key, scope)?,
                false => key.clone(),
            };
            keyed.push((key, part));
        }
        Ok(self.arguments(keyed.iter().map(|(key, part)| (key, *part)), Place::Inside, scope))
    }

    fn key(&self, key: &str, scope: &Scope) -> Result<Name, Node> {
        let value = self.text(key, scope);
        let why = || {
            functions::unknown_within(&value)
                .map_or_else(|| unknown("not a key"), |found| node(NodeKind::Unknown(found)))
        };
        text_of(&value).map(Name::from).ok_or_else(why)
    }

    /// Arguments and blocks, called what they are called.
    pub(super) fn arguments<'a>(
        &self,
        members: impl Iterator<Item = (&'a Name, &'a Node)>,
        place: Place,
        scope: &Scope,
    ) -> Vec<(Name, Node)> {
        let mut values = Members::default();
        for (key, part) in members.filter(|(key, _)| &***key != "//") {
            match &**key == "dynamic" && super::blocks::is_dynamic(part, place) {
                true => self.dynamic(part, scope, &mut values),
                false => values.add(key.clone(), self.value(part, scope)),
            }
        }
        values.values
    }

    /// The value of a text.
    pub(super) fn text(&self, text: &str, scope: &Scope) -> Node {
        if !text.contains("${") && !text.contains("%{") {
            self.budget.spend(1);
            return Node::text(text);
        }
        match parse::template(text) {
            Ok(expr) => self.eval(&expr, scope),
            Err(why) => unknown(format!("not read: {why}")),
        }
    }

    fn deeper(&self) -> Option<Deeper<'_>> {
        self.budget.depth.set(self.budget.depth.get() + 1);
        let guard = Deeper(&self.budget);
        (self.budget.depth.get() <= MOST_DEPTH).then_some(guard)
    }

    pub(super) fn eval(&self, expr: &Expr, scope: &Scope) -> Node {
        let Some(_guard) = self.deeper() else { return unknown("the configuration is nested too deep") };
        if self.budget.is_spent() {
            return unknown(TOO_LONG);
        }
        let value = self.evaluated(expr, scope);
        match self.budget.spend(size(&value)) {
            true => value,
            false => unknown(TOO_LONG),
        }
    }

    fn evaluated(&self, expr: &Expr, scope: &Scope) -> Node {
        match expr {
            Expr::Null => node(NodeKind::Null),
            Expr::Bool(value) => node(NodeKind::Bool(*value)),
            Expr::Int(value) => node(NodeKind::Int(*value)),
            Expr::Float(value) => node(NodeKind::Float(*value)),
            Expr::Beyond(text) => node(NodeKind::Beyond(text.as_str().into())),
            Expr::Template(parts) => self.template(parts, scope),
            Expr::Name(name) => self.name(name, scope),
            Expr::Attribute(base, name) => self.attribute_of(base, name, scope),
            Expr::Index(base, index) => {
                let index = self.eval(index, scope);
                self.index(self.eval(base, scope), &index)
            }
            Expr::Splat(base, steps) => self.splat(base, steps, scope),
            Expr::Call { name, arguments, expands } => self.call(name, arguments, *expands, scope),
            Expr::Unary(operator, inner) => operators::unary(*operator, &self.eval(inner, scope)),
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right, scope),
            Expr::Conditional(condition, yes, no) => self.conditional(condition, yes, no, scope),
            Expr::Tuple(elements) => list(elements.iter().map(|element| self.eval(element, scope))),
            Expr::Object(members) => self.object(members, scope),
            Expr::For(looped) => self.looped(looped, scope),
        }
    }

    fn name(&self, name: &str, scope: &Scope) -> Node {
        match scope.locals.iter().rev().find(|(local, _)| local == name) {
            Some((_, value)) => value.clone(),
            None => unknown(format!("`{name}` is not known here")),
        }
    }

    fn attribute_of(&self, base: &Expr, name: &str, scope: &Scope) -> Node {
        match base {
            Expr::Name(root) if !scope.locals.iter().any(|(local, _)| local == root) => self.rooted(root, name, scope),
            Expr::Attribute(outer, ty) if matches!(&**outer, Expr::Name(root) if root == "data") => {
                self.resource(scope.module, &format!("data.{ty}.{name}"))
            }
            _ => self.attribute(self.eval(base, scope), name),
        }
    }

    /// An attribute of a value.
    pub(super) fn attribute(&self, value: Node, name: &str) -> Node {
        match &value.kind {
            NodeKind::Unknown(found) => node(NodeKind::Unknown(found.clone().opaque())),
            NodeKind::Map(members) => match super::handle::Handle::of(&value) {
                Some(handle) => self.of_handle(&handle, name),
                None => {
                    let found = members.iter().find(|(key, _)| **key == *name).map(|(_, value)| value.clone());
                    found.unwrap_or_else(|| self.missing(&value, name, format!("there is no `{name}`")))
                }
            },
            _ => self.missing(&value, name, format!("there is no `{name}`")),
        }
    }

    fn index(&self, value: Node, index: &Node) -> Node {
        match (&value.kind, &index.kind) {
            (NodeKind::Unknown(found), _) | (_, NodeKind::Unknown(found)) => {
                node(NodeKind::Unknown(found.clone().opaque()))
            }
            (NodeKind::List(elements), _) => {
                let at = text_of(index).and_then(|text| text.parse::<usize>().ok());
                // What may be there or not moves what follows.
                let sure = elements.iter().position(functions::is_perhaps).unwrap_or(elements.len());
                if sure < elements.len() && at.is_some_and(|at| at >= sure) {
                    return unknown("a list whose length is not known");
                }
                let found = at.and_then(|at| elements.get(at)).cloned();
                found.unwrap_or_else(|| self.no_element(&value, index))
            }
            // A single block may be written without its list.
            (NodeKind::Map(members), NodeKind::Int(0)) if !members.iter().any(|(key, _)| &**key == "0") => value,
            (NodeKind::Map(_), _) => match text_of(index) {
                Some(key) => self.attribute(value, &key),
                None => unknown("not a key"),
            },
            _ => self.no_element(&value, index),
        }
    }

    fn no_element(&self, value: &Node, index: &Node) -> Node {
        let why = "there is no such element";
        text_of(index).map_or_else(|| unknown(why), |key| self.missing(value, &key, why))
    }

    fn splat(&self, base: &Expr, steps: &[Step], scope: &Scope) -> Node {
        let value = self.eval(base, scope);
        let elements = match value.kind {
            NodeKind::List(elements) => elements,
            NodeKind::Null => Vec::new(),
            NodeKind::Unknown(found) => return node(NodeKind::Unknown(found.opaque())),
            kind => vec![node(kind)],
        };
        let step = |value: Node, step: &Step| match step {
            Step::Attribute(name) => self.attribute(value, name),
            Step::Index(index) => self.index(value, &self.eval(index, scope)),
        };
        list(elements.into_iter().map(|element| match &element.kind {
            NodeKind::Unknown(found) if found.is_perhaps() => element,
            _ => steps.iter().fold(element, step),
        }))
    }

    fn call(&self, name: &str, arguments: &[Expr], expands: bool, scope: &Scope) -> Node {
        match name {
            "try" => return self.attempt(arguments, scope),
            "can" => return self.can(arguments, scope),
            _ => {}
        }
        let mut values: Vec<Node> = arguments.iter().map(|expr| self.eval(expr, scope)).collect();
        if let Some(last) = expands.then(|| values.pop()).flatten() {
            match last.kind {
                NodeKind::List(elements) => values.extend(elements),
                NodeKind::Unknown(found) => return node(NodeKind::Unknown(found.opaque())),
                _ => return unknown(format!("{name}: not a list")),
            }
        }
        match (name, values.as_slice()) {
            ("file", [path]) => self.file(path, scope),
            ("abspath" | "pathexpand", _) => unknown(format!("{name}: not evaluated")),
            _ => functions::call(name, &values),
        }
    }

    fn object(&self, members: &[(Expr, Expr)], scope: &Scope) -> Node {
        let mut values: Vec<(Name, Node)> = Vec::new();
        for (key, value) in members {
            let key = self.eval(key, scope);
            let Some(name) = text_of(&key) else {
                return functions::unknown_within(&key)
                    .map_or_else(|| unknown("not a key"), |found| node(NodeKind::Unknown(found)));
            };
            values.push((name.into(), self.eval(value, scope)));
        }
        map(values)
    }
}

struct Deeper<'b>(&'b Budget);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get().saturating_sub(1));
    }
}
