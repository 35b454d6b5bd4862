//! The text form of the representation, for tests and for people.
//!
//! One node a line, parts indented below it; types stand behind a colon. The text is for reading, nothing
//! parses it.

use std::fmt::Write;

use parapet_model::Value;

use crate::data::*;
use crate::visit::children;

/// The text of a guardrail.
pub fn print_guardrail(guardrail: &Guardrail) -> String {
    let mut printer = Printer::default();
    let (resource, population) = (guardrail.resource.0, population(&guardrail.population));
    let head = format!("guardrail {} %{resource}: {population} slots={}", guardrail.path, guardrail.slots);
    printer.line(0, &head);
    printer.statements(1, &guardrail.body);
    printer.out
}

/// The text of a function.
pub fn print_function(function: &Function) -> String {
    let mut printer = Printer::default();
    let parameters: Vec<String> = function.parameters.iter().map(|slot| format!("%{}", slot.0)).collect();
    printer.line(0, &format!("fn {}({}) slots={}", function.path, parameters.join(", "), function.slots));
    printer.expr(1, &function.body);
    printer.out
}

fn population(population: &Population) -> String {
    match population {
        Population::Types(types) => types.join(" | "),
        Population::AllResources => "Resource".to_owned(),
        Population::Accounts => "Account".to_owned(),
    }
}

#[derive(Default)]
struct Printer {
    out: String,
}

impl Printer {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:width$}{text}", "", width = depth * 2);
    }

    fn statements(&mut self, depth: usize, statements: &[Statement]) {
        for statement in statements {
            self.statement(depth, statement);
        }
    }

    fn statement(&mut self, depth: usize, statement: &Statement) {
        let guards: Vec<String> = statement.guards.iter().map(|guard| format!("r{}", guard.0)).collect();
        let under = if guards.is_empty() { String::new() } else { format!(" under {}", guards.join(", ")) };
        match &statement.kind {
            StatementKind::Let { slot, value, .. } => {
                self.line(depth, &format!("let %{}{under}", slot.0));
                self.expr(depth + 1, value);
            }
            StatementKind::Skip { definitely, condition } => {
                self.line(depth, &format!("skip if{}{under}", if *definitely { " definitely" } else { "" }));
                self.expr(depth + 1, condition);
            }
            StatementKind::Require { id, condition, message, .. } => {
                self.line(depth, &format!("require r{}{under}", id.0));
                self.expr(depth + 1, condition);
                for part in message.iter().flatten() {
                    match part {
                        MessagePart::Text(text) => self.line(depth + 1, &format!("says {text:?}")),
                        MessagePart::Value(value) => {
                            self.line(depth + 1, "says");
                            self.expr(depth + 2, value);
                        }
                    }
                }
            }
            StatementKind::For { binding, body } => {
                self.line(depth, &format!("for %{}{under}", binding.slot.0));
                self.binding(depth + 1, binding);
                self.statements(depth + 1, body);
            }
            StatementKind::If { condition, then, otherwise } => {
                self.line(depth, &format!("if{under}"));
                self.expr(depth + 1, condition);
                self.line(depth, "then");
                self.statements(depth + 1, then);
                self.line(depth, "else");
                self.statements(depth + 1, otherwise);
            }
        }
    }

    fn binding(&mut self, depth: usize, binding: &Binding) {
        match &binding.source {
            Source::Elements(source) => {
                self.line(depth, "in");
                self.expr(depth + 1, source);
            }
            Source::Resources(resources) => self.resources(depth, resources),
            Source::Accounts => self.line(depth, "in accounts"),
        }
        if let Some(filter) = &binding.filter {
            self.line(depth, "where");
            self.expr(depth + 1, filter);
        }
    }

    fn resources(&mut self, depth: usize, resources: &Resources) {
        let types = resources.types.as_ref().map_or_else(|| "Resource".to_owned(), |types| types.join(" | "));
        self.line(depth, &format!("in resources {types}{}", if resources.reads_place { " by place" } else { "" }));
        if let Some(join) = &resources.join {
            let key = match &join.key {
                JoinKey::Header(name) => format!("header {name}"),
                JoinKey::Tag(key) => format!("tag {key:?}"),
                JoinKey::Property(name) => name.to_string(),
            };
            self.line(depth + 1, &format!("join {key} =="));
            self.expr(depth + 2, &join.value);
        }
        for (what, value) in [("account", &resources.account), ("region", &resources.region)] {
            if let Some(value) = value {
                self.line(depth + 1, &format!("{what} =="));
                self.expr(depth + 2, value);
            }
        }
    }

    fn expr(&mut self, depth: usize, expr: &Expr) {
        self.line(depth, &format!("{}: {}", head(&expr.kind), expr.ty));
        match &expr.kind {
            ExprKind::Quantified { binding, body, .. } => {
                self.binding(depth + 1, binding);
                self.line(depth + 1, "holds");
                self.expr(depth + 2, body);
            }
            ExprKind::Count(binding) | ExprKind::First(binding) => self.binding(depth + 1, binding),
            ExprKind::Comprehension { element, binding } => {
                self.binding(depth + 1, binding);
                self.line(depth + 1, "gives");
                self.expr(depth + 2, element);
            }
            ExprKind::Resources(resources) => self.resources(depth + 1, resources),
            _ => {
                let mut parts = Vec::new();
                children(expr, &mut |part| parts.push(part));
                parts.into_iter().for_each(|part| self.expr(depth + 1, part));
            }
        }
    }
}

fn head(kind: &ExprKind) -> String {
    let negation = |negated: bool| if negated { "not " } else { "" };
    match kind {
        ExprKind::Value(value) => format!("value {}", literal(value)),
        ExprKind::Now => "now".to_owned(),
        ExprKind::Slot(slot, _) => format!("%{}", slot.0),
        ExprKind::Constant(path) => format!("const {path}"),
        ExprKind::Parameter(path) => format!("param {path}"),
        ExprKind::Header { name, .. } => format!("header {name}"),
        ExprKind::Property { name, empty, .. } => format!("property {name}{}", if_empty(*empty)),
        ExprKind::Field { name, empty, .. } => format!("field {name}{}", if_empty(*empty)),
        ExprKind::ArnPart { part, .. } => format!("arn part {part}"),
        ExprKind::Member { name, .. } => format!("member {name}"),
        ExprKind::Index { .. } => "index".to_owned(),
        ExprKind::Follow { .. } => "follow".to_owned(),
        ExprKind::Safe { slot, .. } => format!("safe %{}", slot.0),
        ExprKind::Coalesce { .. } => "coalesce".to_owned(),
        ExprKind::IsPresent { absent, .. } => format!("is {}", if *absent { "absent" } else { "present" }),
        ExprKind::IsType { types, .. } => format!("is {}", types.join(" | ")),
        ExprKind::Not(_) => "not".to_owned(),
        ExprKind::Negate(_) => "negate".to_owned(),
        ExprKind::And(..) => "and".to_owned(),
        ExprKind::Or(..) => "or".to_owned(),
        ExprKind::Equal { negated, equality, .. } => format!("{}equal {equality:?}", negation(*negated)),
        ExprKind::Order { op, .. } => format!("order {}", op.symbol()),
        ExprKind::In { negated, equality, .. } => format!("{}in {equality:?}", negation(*negated)),
        ExprKind::InBlock { negated, .. } => format!("{}in block", negation(*negated)),
        ExprKind::InRange { inclusive, negated, .. } => {
            format!("{}in range{}", negation(*negated), if *inclusive { " inclusive" } else { "" })
        }
        ExprKind::Like { pattern: Pattern::Constant(text, _), .. } => format!("like {text:?}"),
        ExprKind::Like { .. } => "like".to_owned(),
        ExprKind::Matches { pattern, .. } => format!("matches /{pattern}/"),
        ExprKind::Subset { .. } => "subset".to_owned(),
        ExprKind::Intersects { .. } => "intersects".to_owned(),
        ExprKind::Arithmetic { op, .. } => format!("arithmetic {}", op.symbol()),
        ExprKind::Quantified { all, binding, .. } => {
            format!("{} %{}", if *all { "all" } else { "any" }, binding.slot.0)
        }
        ExprKind::Count(binding) => format!("count %{}", binding.slot.0),
        ExprKind::First(binding) => format!("first %{}", binding.slot.0),
        ExprKind::Comprehension { binding, .. } => format!("comprehension %{}", binding.slot.0),
        ExprKind::Resources(_) => "resources".to_owned(),
        ExprKind::Accounts => "accounts".to_owned(),
        ExprKind::If { .. } => "if".to_owned(),
        ExprKind::List(_) => "list".to_owned(),
        ExprKind::Set(_) => "set".to_owned(),
        ExprKind::Map(entries) => format!("map {}", keys(entries)),
        ExprKind::Record(entries) => format!("record {}", keys(entries)),
        ExprKind::Block { lets, .. } => {
            format!("block {}", lets.iter().map(|(slot, _)| format!("%{}", slot.0)).collect::<Vec<_>>().join(" "))
        }
        ExprKind::Call { function, .. } => format!("call {function}"),
        ExprKind::Closure { relation, by_way_of, .. } => {
            format!("closure {relation} by way of {}", population(by_way_of))
        }
        ExprKind::Builtin { id, .. } => format!("builtin {id:?}"),
        ExprKind::Cast(_) => "cast".to_owned(),
        ExprKind::ToPolicy(_) => "to policy".to_owned(),
    }
}

fn if_empty(empty: Empty) -> &'static str {
    match empty {
        Empty::Absent => "",
        Empty::List | Empty::Set | Empty::Map => " or empty",
    }
}

fn keys(entries: &[(parapet_model::Name, Expr)]) -> String {
    entries.iter().map(|(key, _)| &**key).collect::<Vec<_>>().join(" ")
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Time(value) => value.to_string(),
        Value::Duration(value) => value.to_string(),
        Value::Ip(value) => value.to_string(),
        Value::Cidr(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}
