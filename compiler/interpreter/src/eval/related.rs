//! Closed relations, and the ways that explain them.

use std::sync::Arc;

use parapet_ir::Population;

use super::*;
use crate::reach::{Node, TOLD};
use crate::relations::Graph;

/// Steps of a way that an explanation shows the values of.
const MOST_STEPS_SHOWN: usize = 8;

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
        let mut names: Vec<String> = way.first.iter().map(name).collect();
        if !way.last.is_empty() {
            names.truncate(TOLD);
            names.push(match way.length {
                Some(length) => format!("… {} more …", length.saturating_sub(names.len() + way.last.len())),
                None => "…".to_owned(),
            });
            names.extend(way.last.iter().map(name));
        }
        if let Some(tracer) = &mut self.tracer {
            tracer.read(Read { text: text.clone(), value: Value::text(names.join(" → ")), place: None });
        }
        let function = graph.function();
        let [left, right] = function.parameters.as_slice() else { return };
        for (a, b) in way.first.iter().zip(way.first.iter().skip(1)).take(MOST_STEPS_SHOWN) {
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

    /// Of the stand-ins for what was not collected, those in the account and region that a condition fixes.
    pub(crate) fn uncollected_ends(&mut self, condition: &Expr, target: Slot, stand_ins: &[Node]) -> Vec<Node> {
        if stand_ins.is_empty() {
            return Vec::new();
        }
        let wanted = self.wanted_place(condition, target);
        let world = self.engine.world;
        let there = |node: &&Node| world.whereabouts(ResourceId(**node)).is_none_or(|here| wanted.admits(here));
        stand_ins.iter().filter(there).copied().collect()
    }
}

fn node(value: &Value) -> Option<Node> {
    match value {
        Value::Resource(id) => Some(id.0),
        Value::Account(account) => Some(account.0),
        _ => None,
    }
}
