//! Expressions to values.
//!
//! Nothing fails: what cannot be evaluated is unknown and says why. Work and depth are bounded for the whole
//! configuration, so that a few lines that double each other come to an end.

use std::cell::Cell;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Symbol, SymbolPart, Unknown, json};

use super::blocks::{Members, Place};
use super::functions;
use super::parse;
use super::program::Program;
use super::syntax::{Binary, Expr, For, Part, Step, Unary};
use super::value::{is_number, list, map, node, number, rounded, same, size, text_of, truth, unknown};

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
            Expr::Unary(operator, inner) => unary(*operator, &self.eval(inner, scope)),
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right, scope),
            Expr::Conditional(condition, yes, no) => self.conditional(condition, yes, no, scope),
            Expr::Tuple(elements) => list(elements.iter().map(|element| self.eval(element, scope))),
            Expr::Object(members) => self.object(members, scope),
            Expr::For(looped) => self.looped(looped, scope),
        }
    }

    fn template(&self, parts: &[Part], scope: &Scope) -> Node {
        if let [Part::Literal(text)] = parts {
            return Node::text(text.as_str());
        }
        let values: Vec<Node> = parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Node::text(text.as_str()),
                Part::Computed(expr) => self.eval(expr, scope),
            })
            .collect();
        let texts: Option<Vec<String>> = values.iter().map(text_of).collect();
        match texts {
            Some(texts) => Node::text(texts.concat()),
            None => document(&values).unwrap_or_else(|| joined(&values)),
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
            NodeKind::Map(members) => match super::program::Handle::of(&value) {
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

    fn binary(&self, operator: Binary, left: &Expr, right: &Expr, scope: &Scope) -> Node {
        let left = self.eval(left, scope);
        // Of `&&` and `||` the right side may never be evaluated.
        let is_sure = match operator {
            Binary::Or => truth(&left) == Some(false),
            Binary::And => truth(&left) == Some(true),
            _ => true,
        };
        let right = match is_sure {
            true => self.eval(right, scope),
            false => self.apart(|| self.eval(right, scope)).0,
        };
        let decided = match operator {
            Binary::Or | Binary::And => {
                let wanted = operator == Binary::Or;
                match (truth(&left), truth(&right)) {
                    (Some(a), _) | (_, Some(a)) if a == wanted => Some(node(NodeKind::Bool(wanted))),
                    (Some(_), Some(_)) => Some(node(NodeKind::Bool(!wanted))),
                    _ => None,
                }
            }
            Binary::Equal | Binary::Unequal => {
                same(&left, &right).map(|same| node(NodeKind::Bool(same == (operator == Binary::Equal))))
            }
            _ => arithmetic(operator, &left, &right),
        };
        decided.unwrap_or_else(|| {
            let found = functions::unknown_within(&left).or_else(|| functions::unknown_within(&right));
            let why = match is_number(&left) && is_number(&right) {
                true => "numbers of more digits than are told apart",
                false => "values of other types",
            };
            found.map_or_else(|| unknown(why), |found| node(NodeKind::Unknown(found)))
        })
    }

    /// Of a condition that is not known, the value is known where both ways agree.
    fn conditional(&self, condition: &Expr, yes: &Expr, no: &Expr, scope: &Scope) -> Node {
        let condition = self.eval(condition, scope);
        match truth(&condition) {
            Some(true) => self.eval(yes, scope),
            Some(false) => self.eval(no, scope),
            None => {
                // One of them is never evaluated.
                let ((yes, no), _) = self.apart(|| (self.eval(yes, scope), self.eval(no, scope)));
                match same(&yes, &no) {
                    Some(true) => yes,
                    _ => match functions::unknown_within(&condition) {
                        Some(found) => node(NodeKind::Unknown(found)),
                        None => unknown("not a condition"),
                    },
                }
            }
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

    fn looped(&self, looped: &For, scope: &Scope) -> Node {
        let source = self.eval(&looped.source, scope);
        let elements: Vec<(Node, Node)> = match source.kind {
            NodeKind::List(elements) => positioned(elements),
            NodeKind::Map(members) if !members.iter().any(|(key, _)| key.starts_with('\0')) => {
                members.into_iter().map(|(key, value)| (node(NodeKind::Text(key)), value)).collect()
            }
            NodeKind::Unknown(found) => return node(NodeKind::Unknown(found.opaque())),
            _ => return unknown("not a collection"),
        };
        match &looped.result_key {
            None => self.loop_list(looped, elements, scope),
            Some(key) => self.loop_map(looped, key, elements, scope),
        }
    }

    fn bound(&self, looped: &For, key: Node, value: Node, scope: &Scope) -> Scope {
        let scope = scope.with(&looped.value, value);
        looped.key.as_ref().map_or_else(|| scope.clone(), |name| scope.with(name, key))
    }

    fn loop_list(&self, looped: &For, elements: Vec<(Node, Node)>, scope: &Scope) -> Node {
        let mut made = Vec::new();
        for (key, value) in elements {
            if let NodeKind::Unknown(found) = &value.kind
                && found.is_perhaps()
            {
                made.push(value);
                continue;
            }
            let inner = self.bound(looped, key, value, scope);
            let kept = looped.condition.as_ref().map(|condition| self.eval(condition, &inner));
            match kept.as_ref().map(truth) {
                None | Some(Some(true)) => made.push(self.eval(&looped.result, &inner)),
                Some(Some(false)) => {}
                Some(None) => {
                    made.push(node(NodeKind::Unknown(Unknown::new(Reason::Undecided, "not known").perhaps())))
                }
            }
        }
        list(made)
    }

    fn loop_map(&self, looped: &For, key: &Expr, elements: Vec<(Node, Node)>, scope: &Scope) -> Node {
        let mut made = Members::default();
        for (at, value) in elements {
            if functions::is_perhaps(&value) {
                return unknown("a map whose keys are not known");
            }
            let inner = self.bound(looped, at, value, scope);
            let kept = looped.condition.as_ref().map(|condition| self.eval(condition, &inner));
            match kept.as_ref().map(truth) {
                None | Some(Some(true)) => {}
                Some(Some(false)) => continue,
                Some(None) => return unknown("a map whose keys are not known"),
            }
            let Some(name) = text_of(&self.eval(key, &inner)) else { return unknown("a map whose keys are not known") };
            let result = self.eval(&looped.result, &inner);
            match (made.get_mut(&name), looped.groups) {
                (Some(Node { kind: NodeKind::List(group), .. }), true) => group.push(result),
                (None, true) => made.push(name.into(), list([result])),
                (None, false) => made.push(name.into(), result),
                (Some(_), _) => return unknown(format!("two values for the key `{name}`")),
            }
        }
        map(made.values)
    }
}

/// Elements with their positions. What may be there or not moves what follows.
pub(super) fn positioned(elements: Vec<Node>) -> Vec<(Node, Node)> {
    let sure = elements.iter().position(functions::is_perhaps).unwrap_or(elements.len());
    let position = |at: usize| match at < sure {
        true => number(at),
        false => unknown("a position behind what is not known"),
    };
    elements.into_iter().enumerate().map(|(at, value)| (position(at), value)).collect()
}

struct Deeper<'b>(&'b Budget);

impl Drop for Deeper<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get().saturating_sub(1));
    }
}

fn unary(operator: Unary, value: &Node) -> Node {
    let made = match (operator, &value.kind) {
        (Unary::Not, _) => truth(value).map(|value| NodeKind::Bool(!value)),
        (Unary::Minus, NodeKind::Int(value)) => value.checked_neg().map(NodeKind::Int),
        (Unary::Minus, NodeKind::Float(value)) => Some(NodeKind::Float(-value)),
        _ => None,
    };
    match (made, functions::unknown_within(value)) {
        (Some(made), _) => node(made),
        (None, Some(found)) => node(NodeKind::Unknown(found)),
        (None, None) => unknown("not a number"),
    }
}

fn arithmetic(operator: Binary, left: &Node, right: &Node) -> Option<Node> {
    let int = |node: &Node| text_of(node).and_then(|text| text.parse::<i64>().ok());
    let (a, b) = (rounded(left)?, rounded(right)?);
    let exact = int(left).zip(int(right));
    // What is one only when it is rounded may be more or less.
    let order = || match exact {
        Some((a, b)) => Some(a.cmp(&b)),
        None => a.partial_cmp(&b).filter(|order| order.is_ne() || same(left, right) == Some(true)),
    };
    let made = match operator {
        Binary::Less => NodeKind::Bool(order()?.is_lt()),
        Binary::LessEqual => NodeKind::Bool(order()?.is_le()),
        Binary::Greater => NodeKind::Bool(order()?.is_gt()),
        Binary::GreaterEqual => NodeKind::Bool(order()?.is_ge()),
        Binary::Add => exact.and_then(|(a, b)| a.checked_add(b)).map_or(NodeKind::Float(a + b), NodeKind::Int),
        Binary::Subtract => exact.and_then(|(a, b)| a.checked_sub(b)).map_or(NodeKind::Float(a - b), NodeKind::Int),
        Binary::Multiply => exact.and_then(|(a, b)| a.checked_mul(b)).map_or(NodeKind::Float(a * b), NodeKind::Int),
        Binary::Divide if b != 0.0 => {
            let whole = exact.filter(|(a, b)| a.checked_rem(*b) == Some(0)).and_then(|(a, b)| a.checked_div(b));
            whole.map_or(NodeKind::Float(a / b), NodeKind::Int)
        }
        Binary::Remainder if b != 0.0 => {
            exact.and_then(|(a, b)| a.checked_rem(b)).map_or(NodeKind::Float(a % b), NodeKind::Int)
        }
        _ => return None,
    };
    Some(node(made))
}

/// A text of which parts are not known: a symbol where these are attributes.
fn joined(values: &[Node]) -> Node {
    let part = |value: &Node| match &value.kind {
        NodeKind::Unknown(found) => found.symbol().map(|symbol| symbol.parts().to_vec()),
        _ => text_of(value).map(|text| vec![SymbolPart::Literal(text.into())]),
    };
    let parts: Option<Vec<Vec<SymbolPart>>> = values.iter().map(part).collect();
    let found = values.iter().find_map(functions::unknown_within);
    match (parts, found) {
        (Some(parts), Some(found)) => {
            node(NodeKind::Unknown(found.standing_for(Symbol::of(parts.into_iter().flatten()))))
        }
        (None, Some(found)) => node(NodeKind::Unknown(found)),
        (_, None) => unknown("not a text"),
    }
}

/// A text that is a JSON document with unknown parts in its texts: the document, those texts unknown.
fn document(values: &[Node]) -> Option<Node> {
    let first = values.first().and_then(Node::as_text)?;
    if !first.trim_start().starts_with(['{', '[']) {
        return None;
    }
    // Private characters stand for what is not known.
    let mark = |at: usize| format!("\u{e000}{at}\u{e001}");
    let mut text = String::new();
    for (at, value) in values.iter().enumerate() {
        match text_of(value) {
            Some(part) if part.contains(['\u{e000}', '\u{e001}']) => return None,
            Some(part) => text.push_str(&part),
            None => text.push_str(&mark(at)),
        }
    }
    let mut tree = json::parse(&text).ok()?;
    restore(&mut tree, values);
    Some(tree.place_all(Span::default()))
}

fn restore(tree: &mut Node, values: &[Node]) {
    match &mut tree.kind {
        NodeKind::Text(text) if text.contains('\u{e000}') => {
            let mut parts = Vec::new();
            for piece in text.split('\u{e000}') {
                match piece.split_once('\u{e001}') {
                    Some((at, rest)) => {
                        let value = at.parse::<usize>().ok().and_then(|at| values.get(at));
                        parts.extend(value.cloned());
                        parts.push(Node::text(rest));
                    }
                    None => parts.push(Node::text(piece)),
                }
            }
            parts.retain(|part| part.as_text() != Some(""));
            *tree = match <[Node; 1]>::try_from(parts) {
                Ok([only]) => joined(&[only]),
                Err(parts) => joined(&parts),
            };
        }
        NodeKind::List(elements) => elements.iter_mut().for_each(|node| restore(node, values)),
        NodeKind::Map(members) => members.iter_mut().for_each(|(_, node)| restore(node, values)),
        _ => {}
    }
}
