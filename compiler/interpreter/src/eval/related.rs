//! Closed relations, and which resources one step of them can lead to at all.

use std::sync::Arc;

use parapet_ir::{JoinKey, Population, walk};
use parapet_model::Equality;

use super::*;
use crate::relations::{Graph, Node};

/// Steps of a way that an explanation shows the values of.
const MOST_STEPS_SHOWN: usize = 8;

/// Ways over more nodes than this are told by their ends.
const MOST_NODES_SHOWN: usize = 12;

impl Eval<'_> {
    /// `left relation+ right`.
    pub(super) fn closure(
        &mut self,
        (relation, by_way_of): (&Arc<str>, &Population),
        left: &Expr,
        right: &Expr,
        text: &Arc<str>,
    ) -> Value {
        let (from, to) = self.pair(left, right);
        self.origin = Origin::default();
        if let Some(unknown) = compute::unknown_of(&from, &to) {
            return Value::Unknown(unknown);
        }
        let Some(graph) = self.engine.graph(relation, by_way_of) else {
            return Value::unknown(Reason::Other, format!("the relation `{relation}` is not there"));
        };
        let (Some(from), Some(to)) = (node(&from), node(&to)) else {
            return Value::unknown(Reason::Other, "an absent value where a resource was expected");
        };
        match graph.leads(self.engine, from, to) {
            Truth::Unknown(unknown) => Value::Unknown(unknown.at(text)),
            truth => {
                if truth == Truth::True && self.tracer.is_some() {
                    self.show_way(&graph, from, to, text);
                }
                truth.value()
            }
        }
    }

    /// Adds the way to what was read: the resources on it, and what makes each step.
    fn show_way(&mut self, graph: &Graph, from: Node, to: Node, text: &Arc<str>) {
        let way = graph.way(self.engine, from, to);
        let name = |node: &Node| crate::text::display(self.engine.world, &graph.value(*node));
        let names: Vec<String> = match way.len() {
            0..=MOST_NODES_SHOWN => way.iter().map(name).collect(),
            // A long way is told by its ends.
            long => {
                let (first, last) = (way.iter().take(4), way.iter().skip(long.saturating_sub(4)));
                let between = std::iter::once(format!("… {} more …", long.saturating_sub(8)));
                first.map(name).chain(between).chain(last.map(name)).collect()
            }
        };
        if let Some(tracer) = &mut self.tracer {
            tracer.read(Read { text: text.clone(), value: Value::text(names.join(" → ")), place: None });
        }
        let function = graph.function();
        let [left, right] = function.parameters.as_slice() else { return };
        for (a, b) in way.iter().zip(way.iter().skip(1)).take(MOST_STEPS_SHOWN) {
            let mut step = Eval::new(self.engine, function.slots, self.subject, self.tracer.take());
            for (slot, node) in [(left, a), (right, b)] {
                let value = graph.value(*node);
                let origin = match value {
                    Value::Resource(id) => step.resource_origin(id),
                    _ => Origin::default(),
                };
                step.set(*slot, value, origin);
            }
            step.eval(&function.body);
            self.tracer = step.tracer.take();
        }
    }

    /// The real resources for which a condition on `target` can be other than false, in input order; `None` for any.
    ///
    /// Everything else that the condition reads must be set. It looks for equalities with a property or header of the
    /// target, which the world has an index of.
    pub(crate) fn possible(&mut self, condition: &Expr, target: Slot, graph: &Graph) -> Option<Vec<Node>> {
        let mut found = self.find_possible(condition, target, graph.types()?)?;
        found.sort_unstable();
        found.dedup();
        Some(found.into_iter().map(|id| id.0).collect())
    }

    pub(super) fn find_possible(&mut self, condition: &Expr, target: Slot, types: &[Name]) -> Option<Vec<ResourceId>> {
        match &condition.kind {
            ExprKind::Value(Value::Bool(false)) => Some(Vec::new()),
            ExprKind::And(left, right) => {
                self.find_possible(left, target, types).or_else(|| self.find_possible(right, target, types))
            }
            ExprKind::Or(left, right) => {
                let mut found = self.find_possible(left, target, types)?;
                found.extend(self.find_possible(right, target, types)?);
                Some(found)
            }
            ExprKind::Equal { left, right, negated: false, equality: Equality::Plain } => {
                let value = match (key_of(left, target), key_of(right, target)) {
                    (Some(key), None) if independent(right, target) => (key, right),
                    (None, Some(key)) if independent(left, target) => (key, left),
                    _ => return None,
                };
                let (key, value) = (value.0, self.eval(value.1));
                self.lookup(&key, &value, types)
            }
            ExprKind::In { item, collection, negated: false, equality: Equality::Plain } => {
                let key = key_of(item, target).filter(|_| independent(collection, target))?;
                let collection = self.eval(collection);
                let mut found = Vec::new();
                for element in collection.elements()?.iter() {
                    found.extend(self.lookup(&key, element, types)?);
                }
                Some(found)
            }
            ExprKind::Quantified { all: false, binding, body } => self.possible_of_any(binding, body, target, types),
            ExprKind::If { condition, then, otherwise } if independent(condition, target) => {
                match self.truth(condition) {
                    Truth::True => self.find_possible(then, target, types),
                    Truth::False => self.find_possible(otherwise, target, types),
                    Truth::Unknown(_) => {
                        let mut found = self.find_possible(then, target, types)?;
                        found.extend(self.find_possible(otherwise, target, types)?);
                        Some(found)
                    }
                }
            }
            ExprKind::Block { lets, result } => {
                for (slot, value) in lets {
                    if !independent(value, target) {
                        return None;
                    }
                    let value = self.eval(value);
                    let origin = self.take_origin();
                    self.set(*slot, value, origin);
                }
                self.find_possible(result, target, types)
            }
            ExprKind::Call { function, arguments } => self.possible_of_call(function, arguments, target, types),
            ExprKind::Closure { relation, by_way_of, left, right, .. }
                if key_of(right, target).is_some_and(|key| matches!(key, Key::Itself)) && independent(left, target) =>
            {
                let Value::Resource(from) = self.eval(left) else { return None };
                let graph = self.engine.graph(relation, by_way_of)?;
                Some(graph.ends(self.engine, from.0).into_iter().map(ResourceId).collect())
            }
            _ => None,
        }
    }

    fn possible_of_any(
        &mut self,
        binding: &Binding,
        body: &Expr,
        target: Slot,
        types: &[Name],
    ) -> Option<Vec<ResourceId>> {
        let source_depends = match &binding.source {
            Source::Elements(source) => !independent(source, target),
            Source::Resources(resources) => {
                let values = resources.join.as_ref().map(|join| &join.value).into_iter();
                values.chain(&resources.account).chain(&resources.region).any(|value| !independent(value, target))
            }
            Source::Accounts => false,
        };
        if source_depends {
            return None;
        }
        let mut found = Vec::new();
        for element in self.elements(binding).ok()? {
            self.set(binding.slot, element.value.clone(), element.origin.clone());
            match &binding.filter {
                Some(filter) if independent(filter, target) => {
                    if self.truth(filter) == Truth::False {
                        continue;
                    }
                    found.extend(self.find_possible(body, target, types)?);
                }
                Some(filter) => {
                    let by_filter = self.find_possible(filter, target, types);
                    found.extend(by_filter.or_else(|| self.find_possible(body, target, types))?);
                }
                None => found.extend(self.find_possible(body, target, types)?),
            }
        }
        Some(found)
    }

    /// Of the stand-ins for what was not collected, those in the account and region that a condition fixes.
    pub(crate) fn uncollected_ends(&mut self, condition: &Expr, target: Slot, stand_ins: &[Node]) -> Vec<Node> {
        if stand_ins.is_empty() {
            return Vec::new();
        }
        let mut fixed: Vec<(Name, Value)> = Vec::new();
        for part in conjuncts(condition) {
            let ExprKind::Equal { left, right, negated: false, equality: Equality::Plain } = &part.kind else {
                continue;
            };
            for (key, value) in [(left, right), (right, left)] {
                if let Some(Key::Join(JoinKey::Header(name))) = key_of(key, target)
                    && matches!(&*name, "account" | "region")
                    && independent(value, target)
                {
                    fixed.push((name, self.eval(value)));
                }
            }
        }
        let elsewhere = |resource: &Resource| {
            fixed.iter().any(|(name, value)| match (value, resource.header(name)) {
                (Value::Text(wanted), Value::Text(text)) => *wanted != text,
                _ => false,
            })
        };
        let world = self.engine.world;
        let there = |node: &&Node| world.resource(ResourceId(**node)).is_none_or(|resource| !elsewhere(resource));
        stand_ins.iter().filter(there).copied().collect()
    }

    /// A call that is handed the target itself: its body decides.
    fn possible_of_call(
        &mut self,
        function: &Arc<str>,
        arguments: &[Expr],
        target: Slot,
        types: &[Name],
    ) -> Option<Vec<ResourceId>> {
        let callee = self.engine.function(function)?;
        let mut inner = Eval::new(self.engine, callee.slots, self.subject, None);
        let mut inner_target = None;
        for (slot, argument) in callee.parameters.iter().zip(arguments) {
            if matches!(&argument.kind, ExprKind::Slot(read, _) if *read == target) {
                if inner_target.replace(*slot).is_some() {
                    return None;
                }
            } else if independent(argument, target) {
                let value = self.eval(argument);
                let origin = self.take_origin();
                inner.set(*slot, value, origin);
            } else {
                return None;
            }
        }
        inner.find_possible(&callee.body, inner_target?, types)
    }

    /// The resources whose key may equal a value; `None` when any may.
    fn lookup(&self, key: &Key, value: &Value, types: &[Name]) -> Option<Vec<ResourceId>> {
        let text: Arc<str> = match (key, value) {
            (_, Value::Absent) => return Some(Vec::new()),
            (Key::Itself, Value::Resource(id)) if !self.engine.world.is_stand_in(*id) => return Some(vec![*id]),
            (Key::Join(_), Value::Text(text)) => text.clone(),
            (Key::Join(_), Value::Int(int)) => int.to_string().into(),
            _ => return None,
        };
        let Key::Join(key) = key else { return None };
        let mut found = Vec::new();
        for name in types {
            let index = self.engine.world.join_index(name, key);
            found.extend_from_slice(index.get(&text));
            found.extend_from_slice(&index.undecided);
        }
        Some(found)
    }
}

/// What of the target an equality compares.
enum Key {
    Itself,
    Join(JoinKey),
}

fn key_of(value: &Expr, target: Slot) -> Option<Key> {
    let is_target = |base: &Expr| matches!(&base.kind, ExprKind::Slot(slot, _) if *slot == target);
    let hashable = value.ty.required().is_text() || matches!(value.ty.required(), Type::Int);
    match &value.kind {
        _ if is_target(value) => Some(Key::Itself),
        ExprKind::Index { base, index, .. } => match (&base.kind, &index.kind) {
            (ExprKind::Header { base, name, .. }, ExprKind::Value(Value::Text(key)))
                if &**name == "tags" && is_target(base) =>
            {
                Some(Key::Join(JoinKey::Tag(key.clone())))
            }
            _ => None,
        },
        ExprKind::Header { base, name, .. } if hashable && is_target(base) => {
            Some(Key::Join(JoinKey::Header(name.clone())))
        }
        ExprKind::Property { base, name, .. } if hashable && is_target(base) => {
            Some(Key::Join(JoinKey::Property(name.clone())))
        }
        _ => None,
    }
}

/// The operands of nested `and`s.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    match &condition.kind {
        ExprKind::And(left, right) => [conjuncts(left), conjuncts(right)].concat(),
        _ => vec![condition],
    }
}

fn independent(value: &Expr, target: Slot) -> bool {
    let mut found = false;
    walk(value, &mut |part| found |= matches!(&part.kind, ExprKind::Slot(slot, _) if *slot == target));
    !found
}

fn node(value: &Value) -> Option<Node> {
    match value {
        Value::Resource(id) => Some(id.0),
        Value::Account(account) => Some(account.0),
        _ => None,
    }
}
