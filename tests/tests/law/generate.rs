//! Random guardrails, as text. Most of them check; those that do not are counted and left out.

#[path = "conditions.rs"]
mod conditions;

use crate::judge::errors;
use crate::random::{Pick, Random};
use crate::shapes::{Field, INTS, Kind, SHAPES, TEXTS, shape};

/// How many guardrails a program has.
pub(crate) const GUARDRAILS: usize = 8;

const PRELUDE: &str = "const PORTS = [22, 443]

const NAMES = [\"a\", \"prod\", \"12\"]

param limit: Int = 3

fn small(flag: Bool, number: Int) -> Bool = if flag then number < limit else number in 1..=22

fn alike(left: String, right: String) -> Bool = left == right or left.starts_with(right)

fn twice(number: Int) -> Int {
    let double = number + number
    double
}";

/// What a statement of a policy reads as.
const STATEMENT: &[Field] = &[
    Field { name: "effect", kind: Kind::Enum(&["Allow", "Deny"]), required: true },
    Field { name: "actions", kind: Kind::List(&Kind::Text), required: true },
    Field { name: "sid", kind: Kind::Text, required: false },
];

/// A program of [`GUARDRAILS`] guardrails.
pub(crate) fn program(random: &mut Random) -> String {
    let mut items = vec![PRELUDE.to_owned()];
    items.extend(SHAPES.iter().map(|shape| relation(random, shape.name)));
    let errors = errors(&items.join("\n\n"));
    let mut start = 0;
    for (item, resource) in items.iter_mut().zip(std::iter::once("").chain(SHAPES.iter().map(|shape| shape.name))) {
        let end = start + item.len();
        if errors.iter().any(|at| (start..end).contains(at)) {
            *item = plain_relation(resource);
        }
        start = end + 2;
    }
    items.extend((0..GUARDRAILS).map(|number| guardrail(random, number)));
    items.join("\n\n")
}

/// What names of relations begin with.
pub(crate) const RELATION: &str = "leads_";

/// The name of the relation between two resources of a type.
fn relation_of(resource: &str) -> String {
    format!("{RELATION}{}", resource.replace("::", "_").to_lowercase())
}

fn plain_relation(resource: &str) -> String {
    format!("relation {}(a: {resource}, b: {resource}) =\n    a.id == b.name", relation_of(resource))
}

/// A relation: as a rule an equality of a part of the one with the other's name, so that ways have several steps.
fn relation(random: &mut Random, resource: &'static str) -> String {
    let side = |name: &str| Variable { name: name.to_owned(), kind: Kind::Ref(resource) };
    let mut generator =
        Generator { random, variables: vec![side("a"), side("b")], next: 0, lines: Vec::new(), relations: false };
    let condition = generator.truth(2);
    let joined = match generator.random.below(6) {
        0 => condition,
        1 => format!("a.account == b.account and {condition}"),
        2 => format!("b.id in a.tags.values() and {condition}"),
        3 => "any value in a.tags.values(): value == b.id or b.name == value".to_owned(),
        4 => format!("{condition} or (a.tags[\"next\"] ?? \"\") == b.name"),
        _ => format!("any value in a.tags.values() where {condition}: value == b.id"),
    };
    format!("relation {}(a: {resource}, b: {resource}) =\n    {joined}", relation_of(resource))
}

/// The program with one guardrail alone.
pub(crate) fn only(text: &str, path: &str) -> String {
    let header = format!("guardrail {}(", path.rsplit("::").next().unwrap_or_default());
    text.split("\n\n")
        .filter(|item| !item.starts_with("guardrail") || item.starts_with(&header))
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn guardrail(random: &mut Random, number: usize) -> String {
    let subject = random.one_of(SHAPES);
    let everything = random.chance(1, 10);
    let variables = vec![Variable { name: "r".to_owned(), kind: Kind::Ref(subject.name) }];
    let mut generator = Generator { random, variables, next: 0, lines: Vec::new(), relations: true };
    if everything {
        generator.line(1, &format!("skip if not (r is {})", subject.name));
    }
    if generator.random.chance(1, 2) {
        let condition = generator.truth(2);
        generator.line(1, &format!("skip if {condition}"));
    }
    generator.statements(1, 2);
    let condition = generator.truth(3);
    generator.line(1, &format!("require {condition}"));
    let population = if everything { "Resource" } else { subject.name };
    format!("guardrail g{number}(r: {population}) {{\n{}\n}}", generator.lines.join("\n"))
}

/// A name in scope. A resource counts as a reference to itself.
#[derive(Clone)]
struct Variable {
    name: String,
    kind: Kind,
}

/// A way to a value: its text, its type, whether it may be absent.
#[derive(Clone)]
struct Path {
    text: String,
    kind: Kind,
    optional: bool,
}

struct Generator<'r> {
    random: &'r mut Random,
    variables: Vec<Variable>,
    next: usize,
    lines: Vec<String>,
    /// Relations may be used: not in relations themselves.
    relations: bool,
}

impl Generator<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.lines.push(format!("{}{text}", "    ".repeat(depth)));
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        format!("x{}", self.next)
    }

    // Statements.

    fn statements(&mut self, depth: usize, most: usize) {
        for _ in 0..self.random.below(most + 1) {
            self.statement(depth);
        }
    }

    fn block(&mut self, depth: usize) {
        let known = self.variables.len();
        self.statements(depth, 1);
        let condition = self.truth(2);
        self.line(depth, &format!("require {condition}"));
        self.variables.truncate(known);
    }

    fn statement(&mut self, depth: usize) {
        match self.random.below(if depth > 2 { 3 } else { 6 }) {
            0 => self.binding(depth),
            1 => {
                let condition = self.truth(2);
                let message = if self.random.chance(1, 3) { " else \"of {r.id}: {r.name}\"" } else { "" };
                self.line(depth, &format!("require {condition}{message}"));
            }
            2 => self.presence(depth),
            3 => {
                let condition = self.truth(2);
                self.line(depth, &format!("if {condition} {{"));
                self.block(depth + 1);
                if self.random.chance(1, 2) {
                    self.line(depth, "} else {");
                    self.block(depth + 1);
                }
                self.line(depth, "}");
            }
            _ => self.loop_over(depth),
        }
    }

    fn binding(&mut self, depth: usize) {
        let name = self.fresh();
        let (kind, value) = match self.random.below(3) {
            0 => (Kind::Bool, self.truth(2)),
            1 => (Kind::Int, self.number(2)),
            _ => (Kind::Text, self.text(2)),
        };
        self.line(depth, &format!("let {name} = {value}"));
        self.variables.push(Variable { name, kind });
    }

    /// `require x is present`, and what may be read thereafter.
    fn presence(&mut self, depth: usize) {
        let optional: Vec<Path> = self.paths().into_iter().filter(|path| path.optional).collect();
        if optional.is_empty() {
            return;
        }
        let path = self.random.one_of(&optional).clone();
        self.line(depth, &format!("require {} is present", path.text));
        if !path.text.contains("?.") {
            self.variables.push(Variable { name: path.text, kind: path.kind });
        }
    }

    fn loop_over(&mut self, depth: usize) {
        let Some((source, kind)) = self.collection(true) else { return };
        let known = self.variables.len();
        let name = self.fresh();
        self.variables.push(Variable { name: name.clone(), kind });
        let filter = if self.random.chance(1, 2) { format!(" where {}", self.truth(1)) } else { String::new() };
        self.line(depth, &format!("for {name} in {source}{filter} {{"));
        self.block(depth + 1);
        self.line(depth, "}");
        self.variables.truncate(known);
    }

    // Ways to values.

    fn paths(&self) -> Vec<Path> {
        let mut paths = Vec::new();
        for variable in &self.variables {
            let path = Path { text: variable.name.clone(), kind: variable.kind, optional: false };
            reach(path, 3, &mut paths);
        }
        paths
    }

    fn path(&mut self, wanted: impl Fn(Kind) -> bool) -> Option<Path> {
        let paths: Vec<Path> = self.paths().into_iter().filter(|path| wanted(path.kind)).collect();
        if paths.is_empty() { None } else { Some(self.random.one_of(&paths).clone()) }
    }

    /// A collection and its element's kind.
    fn collection(&mut self, whole_types: bool) -> Option<(String, Kind)> {
        if whole_types && self.random.chance(1, 3) {
            let name = self.random.one_of(SHAPES).name;
            return Some((name.to_owned(), Kind::Ref(name)));
        }
        if self.random.chance(1, 6) {
            return Some(("PORTS".to_owned(), Kind::Int));
        }
        let path = self.path(|kind| matches!(kind, Kind::List(_)))?;
        match path.kind {
            Kind::List(element) => Some((path.text, *element)),
            _ => None,
        }
    }

    // Expressions. All but the simplest stand in parentheses.

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.leaf();
        }
        match self.random.below(12) {
            0 => format!("(not {})", self.truth(depth - 1)),
            1 | 2 => format!("({} and {})", self.truth(depth - 1), self.truth(depth - 1)),
            3 | 4 => format!("({} or {})", self.truth(depth - 1), self.truth(depth - 1)),
            5 => {
                let (condition, then) = (self.truth(depth - 1), self.truth(depth - 1));
                format!("(if {condition} then {then} else {})", self.truth(depth - 1))
            }
            6 => format!("small({}, {})", self.truth(depth - 1), self.number(depth - 1)),
            7..=9 => self.quantified(depth),
            10 if self.relations => self.related(depth),
            _ => self.leaf(),
        }
    }

    /// A resource and another of its type, in one step or more.
    fn related(&mut self, depth: usize) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Ref(_))) else { return self.leaf() };
        let Kind::Ref(resource) = path.kind else { return self.leaf() };
        if path.optional {
            return self.leaf();
        }
        let relation = relation_of(resource);
        let closed = if self.random.chance(2, 3) { "+" } else { "" };
        let filter = match self.random.below(3) {
            0 => format!(" where x.id == {}", self.text(1)),
            1 => format!(" where {}", self.truth(depth - 1)),
            _ => String::new(),
        };
        match self.random.below(4) {
            0 => format!("({0} {relation}{closed} {0})", path.text),
            1 => format!("(any x in {resource}{filter}: {} {relation}{closed} x)", path.text),
            2 => format!("(any x in {resource}{filter}: x {relation}{closed} {})", path.text),
            _ => format!("(all x in {resource}{filter}: {} {relation}{closed} x)", path.text),
        }
    }

    fn quantified(&mut self, depth: usize) -> String {
        let Some((source, kind)) = self.collection(true) else { return self.leaf() };
        let known = self.variables.len();
        let name = self.fresh();
        self.variables.push(Variable { name: name.clone(), kind });
        let join = self.join(&source, &name);
        let filter = match (&join, self.random.chance(1, 2)) {
            (Some(join), true) => format!(" where {join}"),
            (_, false) => String::new(),
            (None, true) => format!(" where {}", self.truth(depth - 1)),
        };
        let mut body = self.truth(depth - 1);
        if let (Some(join), true) = (&join, filter.is_empty()) {
            body = format!("{join} and {body}");
        }
        let text = match self.random.below(6) {
            0 => format!("(any {name} in {source}{filter}: {body})"),
            1 => format!("(all {name} in {source}{filter}: {body})"),
            2 => format!("(no {name} in {source}{filter}: {body})"),
            3 => format!("((count {name} in {source} where {body}) {} {})", self.order(), self.random.below(3)),
            4 if source.contains("::") => format!("((count {name} in {source} where {body}) in [0, 2])"),
            4 => format!("((first {name} in {source} where {body}) is present)"),
            _ if source.contains("::") => format!("(any {name} in {source}: {body})"),
            _ => format!("([{name} for {name} in {source} if {body}].len() {} {})", self.order(), self.random.below(3)),
        };
        self.variables.truncate(known);
        text
    }

    /// A condition that fixes the account, the region, or a reference of a collection's element.
    fn join(&mut self, source: &str, name: &str) -> Option<String> {
        if !source.contains("::") {
            return None;
        }
        match self.random.below(4) {
            0 => None,
            1 => Some(format!("{name}.account == r.account and {name}.region == r.region")),
            2 => Some(format!("{name}.id == {}", self.text(1))),
            _ => {
                let reference = shape(source).fields.iter().find(|field| matches!(field.kind, Kind::Ref(_)))?;
                let joined = format!("{name}.{} == r.id", reference.name);
                Some(if self.random.chance(1, 2) { joined } else { format!("{joined} and {name}.region == r.region") })
            }
        }
    }

    fn number(&mut self, depth: usize) -> String {
        let literal = |random: &mut Random| match *random.one_of(INTS) {
            number if number < 0 => format!("({number})"),
            number => number.to_string(),
        };
        if depth == 0 || self.random.chance(1, 4) {
            return literal(self.random);
        }
        match self.random.below(9) {
            0 => {
                let operator = *self.random.one_of(&["+", "-", "*", "/", "%"]);
                format!("({} {operator} {})", self.number(depth - 1), self.number(depth - 1))
            }
            1 => format!("twice({})", self.number(depth - 1)),
            2 => {
                let (condition, then) = (self.truth(depth - 1), self.number(depth - 1));
                format!("(if {condition} then {then} else {})", self.number(depth - 1))
            }
            3 => format!("{}.len()", self.text(depth - 1)),
            4 => match self.path(|kind| matches!(kind, Kind::Json)) {
                Some(path) => {
                    let dot = if path.optional { "?." } else { "." };
                    format!("(({}{dot}maxReceiveCount as Int) ?? 3)", path.text)
                }
                None => "limit".to_owned(),
            },
            5 => match self.collection(false) {
                Some((source, Kind::Int)) => format!("({source}.max() ?? 0)"),
                Some((source, _)) => format!("{source}.len()"),
                None => "limit".to_owned(),
            },
            _ => match self.path(|kind| matches!(kind, Kind::Int)) {
                Some(path) => self.present(&path, "3", "22"),
                None => literal(self.random),
            },
        }
    }

    fn text(&mut self, depth: usize) -> String {
        let literal = |random: &mut Random| format!("{:?}", random.one_of(TEXTS));
        if depth == 0 || self.random.chance(1, 3) {
            return literal(self.random);
        }
        match self.random.below(6) {
            0 => format!("{}.upper()", self.text(depth - 1)),
            1 => format!("({} + {})", self.text(depth - 1), self.text(depth - 1)),
            _ => match self.path(|kind| matches!(kind, Kind::Text)) {
                Some(path) => self.present(&path, "\"a\"", "\"prod\""),
                None => literal(self.random),
            },
        }
    }
}

/// All ways on from a path.
fn reach(path: Path, depth: usize, paths: &mut Vec<Path>) {
    let dot = if path.optional { "?." } else { "." };
    let on = |name: &str, kind: Kind, required: bool| {
        let whole = matches!(kind, Kind::List(_) | Kind::Texts);
        Path { text: format!("{}{dot}{name}", path.text), kind, optional: !whole && (path.optional || !required) }
    };
    let fields: &[Field] = match path.kind {
        Kind::Ref(target) => shape(target).fields,
        Kind::Record(fields) => fields,
        _ => &[],
    };
    if depth > 0 {
        for field in fields {
            reach(on(field.name, field.kind, field.required), depth - 1, paths);
        }
        if let Kind::Ref(_) = path.kind {
            for (name, kind) in
                [("id", Kind::Text), ("name", Kind::Text), ("region", Kind::Text), ("tags", Kind::Texts)]
            {
                paths.push(on(name, kind, true));
            }
        }
        if let Kind::Policy = path.kind {
            paths.push(on("statements", Kind::List(&Kind::Record(STATEMENT)), true));
        }
    }
    paths.push(path);
}
