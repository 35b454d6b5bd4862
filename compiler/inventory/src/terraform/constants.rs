//! Constants of a plan's configuration that are not to be shown.
//!
//! The configuration repeats what a plan marks elsewhere: the constants of arguments that are sensitive once they are
//! attributes, those that calls hand to sensitive variables, and the values of variables that such arguments refer to. What
//! is marked in one instance of a resource, or in one of several blocks, is struck in all of them.

use parapet_base::Span;
use parapet_model::{Node, NodeKind};
use rustc_hash::FxHashMap;

use super::address::module_steps;
use super::configuration::references;
use super::secrets::is_true;
use crate::element::member_text;

/// Marks of all instances of a resource.
#[derive(Default)]
struct Marks<'t> {
    all: bool,
    members: FxHashMap<&'t str, Marks<'t>>,
}

impl<'t> Marks<'t> {
    fn add(&mut self, mark: &'t Node) {
        match &mark.kind {
            NodeKind::Bool(value) => self.all |= value,
            NodeKind::List(parts) => parts.iter().for_each(|part| self.add(part)),
            NodeKind::Map(members) => {
                members.iter().for_each(|(name, part)| self.members.entry(name).or_default().add(part));
            }
            _ => {}
        }
    }

    fn is_any(&self) -> bool {
        self.all || self.members.values().any(Marks::is_any)
    }
}

/// A module of the configuration, in the one that calls it.
struct Level<'l, 't> {
    path: String,
    module: &'t Node,
    caller: Option<(&'l Level<'l, 't>, &'t Node)>,
}

struct Striking<'t, 'p> {
    tree: &'t Node,
    /// By the names of the calls and `type.name`.
    marks: FxHashMap<(String, String), Marks<'t>>,
    places: &'p mut Vec<Span>,
}

/// Adds the places of constants that are not to be shown.
pub(super) fn add(tree: &Node, places: &mut Vec<Span>) {
    let Some(module) = tree.get("configuration").and_then(|node| node.get("root_module")) else { return };
    let mut striking = Striking { tree, marks: marks(tree), places };
    striking.module(&Level { path: String::new(), module, caller: None });
}

/// What changes and planned values mark.
fn marks(tree: &Node) -> FxHashMap<(String, String), Marks<'_>> {
    let mut marks: FxHashMap<(String, String), Marks<'_>> = FxHashMap::default();
    for node in tree.get("resource_changes").and_then(Node::as_list).unwrap_or_default() {
        let change = node.get("change");
        let marked = ["before_sensitive", "after_sensitive"].map(|name| change.and_then(|change| change.get(name)));
        put(node, marked.into_iter().flatten(), &mut marks);
    }
    let root = tree.get("planned_values").and_then(|values| values.get("root_module"));
    root.into_iter().for_each(|module| add_planned(module, &mut marks));
    marks
}

fn add_planned<'t>(module: &'t Node, marks: &mut FxHashMap<(String, String), Marks<'t>>) {
    let listed = |name: &str| module.get(name).and_then(Node::as_list).unwrap_or_default();
    listed("resources").iter().for_each(|node| put(node, node.get("sensitive_values").into_iter(), marks));
    listed("child_modules").iter().for_each(|child| add_planned(child, marks));
}

fn put<'t>(node: &'t Node, marked: impl Iterator<Item = &'t Node>, marks: &mut FxHashMap<(String, String), Marks<'t>>) {
    let module = match member_text(node, "module_address") {
        Some(module) => module_steps(module),
        None => member_text(node, "address").and_then(super::module_of),
    };
    let Some(((steps, ty), name)) = module.zip(member_text(node, "type")).zip(member_text(node, "name")) else {
        return;
    };
    let path = steps.iter().map(|step| format!("/{}", step.name)).collect();
    let data = if member_text(node, "mode") == Some("data") { "data." } else { "" };
    let own = marks.entry((path, format!("{data}{ty}.{name}"))).or_default();
    marked.for_each(|mark| own.add(mark));
}

impl<'t> Striking<'t, '_> {
    fn module(&mut self, level: &Level<'_, 't>) {
        for resource in level.module.get("resources").and_then(Node::as_list).unwrap_or_default() {
            let address = member_text(resource, "address").unwrap_or_default().to_owned();
            let Some(expressions) = resource.get("expressions") else { continue };
            if let Some(marks) = self.marks.remove(&(level.path.clone(), address)) {
                self.marked(expressions, &marks, level);
            }
        }
        let Some(Node { kind: NodeKind::Map(calls), .. }) = level.module.get("module_calls") else { return };
        for (name, call) in calls {
            let Some(module) = call.get("module") else { continue };
            if let Some(Node { kind: NodeKind::Map(variables), .. }) = module.get("variables") {
                let sensitive = variables.iter().filter(|(_, variable)| is_true(variable.get("sensitive")));
                let given = sensitive.filter_map(|(name, _)| call.get("expressions")?.get(name));
                given.for_each(|expression| self.whole(expression, level));
            }
            self.module(&Level { path: format!("{}/{name}", level.path), module, caller: Some((level, call)) });
        }
    }

    /// Strikes what is marked of an expression, or of blocks.
    fn marked(&mut self, expression: &'t Node, marks: &Marks<'_>, level: &Level<'_, 't>) {
        let is_value = expression.get("constant_value").is_some() || !references(expression).is_empty();
        if marks.all || (is_value && marks.is_any()) {
            return self.whole(expression, level);
        }
        match &expression.kind {
            NodeKind::List(blocks) => blocks.iter().for_each(|block| self.marked(block, marks, level)),
            NodeKind::Map(members) => {
                for (part, marks) in members.iter().filter_map(|(name, part)| Some((part, marks.members.get(&**name)?)))
                {
                    self.marked(part, marks, level);
                }
            }
            _ => {}
        }
    }

    /// Strikes the constants of an expression, and what it refers to.
    fn whole(&mut self, expression: &'t Node, level: &Level<'_, 't>) {
        if let Some(constant) = expression.get("constant_value") {
            return self.places.push(constant.span);
        }
        let references = references(expression);
        match &expression.kind {
            _ if !references.is_empty() => {
                let variables = references.iter().filter_map(|reference| reference.strip_prefix("var."));
                variables.for_each(|name| self.variable(name.split(['.', '[']).next().unwrap_or(name), level));
            }
            NodeKind::List(blocks) => blocks.iter().for_each(|block| self.whole(block, level)),
            NodeKind::Map(members) => members.iter().for_each(|(_, part)| self.whole(part, level)),
            _ => {}
        }
    }

    /// Strikes the values of a variable.
    fn variable(&mut self, name: &str, level: &Level<'_, 't>) {
        let default =
            level.module.get("variables").and_then(|node| node.get(name)).and_then(|node| node.get("default"));
        self.places.extend(default.map(|node| node.span));
        match level.caller {
            Some((caller, call)) => {
                let given = call.get("expressions").and_then(|expressions| expressions.get(name));
                given.into_iter().for_each(|expression| self.whole(expression, caller));
            }
            None => {
                let value =
                    self.tree.get("variables").and_then(|node| node.get(name)).and_then(|node| node.get("value"));
                self.places.extend(value.map(|node| node.span));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use parapet_model::json;

    /// The texts that are struck.
    fn hidden(text: &str) -> Vec<&str> {
        let mut places = Vec::new();
        super::add(&json::parse(text).unwrap(), &mut places);
        places.sort_by_key(|span| span.start);
        places.dedup();
        places.into_iter().filter_map(|span| text.get(span.range())).collect()
    }

    #[test]
    fn constants_of_marked_attributes_hide() {
        let plan = r#"{"resource_changes": [
            {"address": "t.a[0]", "type": "t", "name": "a", "change": {"after_sensitive": {"b": [{"x": true}, {}]}}},
            {"address": "t.a[1]", "type": "t", "name": "a", "change": {"before_sensitive": {"tags": {"k": true}, "open": false}}},
            {"address": "module.m[\"k\"].t.a", "type": "t", "name": "a", "change": {"after_sensitive": {"y": true}}},
            {"address": "module.m[\"k\"].t.b", "type": "t", "name": "b", "change": {"after_sensitive": true}}],
          "planned_values": {"root_module": {"resources": [{"address": "t.c", "type": "t", "name": "c", "sensitive_values": {"p": true}}]}},
          "configuration": {"root_module": {
            "resources": [
              {"address": "t.a", "expressions": {"b": [{"x": {"constant_value": 1}, "z": {"constant_value": 0}}, {"x": {"constant_value": 2}}], "tags": {"constant_value": {"k": 3}}, "open": {"constant_value": 0}}},
              {"address": "t.c", "expressions": {"p": {"constant_value": 4}, "y": {"constant_value": 0}}}],
            "module_calls": {"m": {"module": {"resources": [
              {"address": "t.a", "expressions": {"y": {"constant_value": 5}, "p": {"constant_value": 0}}},
              {"address": "t.b", "expressions": {"q": [{"r": {"constant_value": 6}}]}}]}}}}}}"#;
        assert_eq!(hidden(plan), ["1", "2", "{\"k\": 3}", "4", "5", "6"]);
    }

    #[test]
    fn what_is_handed_to_sensitive_variables_hides() {
        let plan = r#"{"configuration": {"root_module": {"module_calls": {"m": {
            "expressions": {"s": {"constant_value": 1}, "o": {"constant_value": 0}},
            "module": {"variables": {"s": {"sensitive": true}, "o": {}}, "module_calls": {"n": {
              "expressions": {"s": {"constant_value": 2}}, "module": {"variables": {"s": {"sensitive": true}}}}}}}}}}}"#;
        assert_eq!(hidden(plan), ["1", "2"]);
    }

    #[test]
    fn variables_of_marked_attributes_hide() {
        let plan = r#"{"variables": {"v": {"value": 1}, "o": {"value": 0}},
          "resource_changes": [{"address": "module.m.t.a", "type": "t", "name": "a", "change": {"after_sensitive": {"y": true, "w": true}}}],
          "configuration": {"root_module": {"variables": {"v": {"default": 2}}, "module_calls": {"m": {
            "expressions": {"p": {"references": ["var.v.x", "var.v"]}, "q": {"constant_value": 3}},
            "module": {"variables": {"p": {"default": 4}, "q": {}}, "resources": [
              {"address": "t.a", "expressions": {"y": {"references": ["var.p"]}, "w": {"references": ["var.q"]}, "o": {"references": ["var.o"]}}}]}}}}}}"#;
        assert_eq!(hidden(plan), ["1", "2", "3", "4"]);
    }
}
