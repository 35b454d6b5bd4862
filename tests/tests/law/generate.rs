//! Random guardrails, as text. Most of them check; those that do not are counted and left out.

use crate::judge::errors;
use crate::random::Random;
use crate::shapes::{BLOCKS, Field, INTS, KEYS, Kind, SHAPES, TEXTS, shape};

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

/// The name of the relation between two resources of a type.
fn relation_of(resource: &str) -> String {
    format!("leads_{}", resource.replace("::", "_").to_lowercase())
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
    let subject = random.pick(SHAPES);
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
        let path = self.random.pick(&optional).clone();
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
        if paths.is_empty() { None } else { Some(self.random.pick(&paths).clone()) }
    }

    /// A collection and its element's kind.
    fn collection(&mut self, whole_types: bool) -> Option<(String, Kind)> {
        if whole_types && self.random.chance(1, 3) {
            let name = self.random.pick(SHAPES).name;
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

    fn order(&mut self) -> &'static str {
        self.random.pick::<&str>(&["==", "!=", "<", "<=", ">", ">="])
    }

    fn leaf(&mut self) -> String {
        match self.random.below(17) {
            0 => format!("({} {} {})", self.number(1), self.order(), self.number(1)),
            1 => format!("({} in {}..{})", self.number(1), self.random.below(3), 2 + self.random.below(400)),
            2 => format!("({} in PORTS)", self.number(1)),
            3 => self.text_test(),
            4 => self.presence_test(),
            5 | 6 => self.enum_test(),
            7 => self.block_test(),
            8 => self.list_test(),
            9 => self.map_test(),
            10 => self.statement_test(),
            11 => self.optional_equality(),
            12 => self.whole_equality(),
            13 => self.made_list_test(),
            14 => self.json_test(),
            _ => match self.path(|kind| matches!(kind, Kind::Bool)) {
                Some(path) => self.present(&path, "true", "false"),
                None => self.presence_test(),
            },
        }
    }

    /// The path with what its absence means.
    fn present(&mut self, path: &Path, one: &str, other: &str) -> String {
        let default = if self.random.chance(1, 2) { one } else { other };
        if path.optional { format!("({} ?? {default})", path.text) } else { path.text.clone() }
    }

    fn text_test(&mut self) -> String {
        let (left, right) = (self.text(1), self.text(1));
        match self.random.below(6) {
            0 => format!("({left} == {right})"),
            1 => format!("({left} like \"{}*\")", self.random.pick(TEXTS)),
            2 => format!("({left} matches /^{}/)", self.random.pick(&["a", "prod$", "[ab]+$", "."])),
            3 => format!("({left} not in NAMES)"),
            4 => format!("{left}.contains({right})"),
            _ => format!("alike({left}, {right})"),
        }
    }

    fn presence_test(&mut self) -> String {
        let optional: Vec<Path> = self.paths().into_iter().filter(|path| path.optional).collect();
        if optional.is_empty() {
            return self.text_test();
        }
        let test = if self.random.chance(1, 2) { "present" } else { "absent" };
        format!("({} is {test})", self.random.pick(&optional).text)
    }

    fn enum_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Enum(_))) else { return self.presence_test() };
        let Kind::Enum(values) = path.kind else { return self.presence_test() };
        let (one, other) = (format!("{:?}", self.random.pick(values)), format!("{:?}", self.random.pick(values)));
        let value = self.present(&path, &one, &other);
        match self.random.below(3) {
            0 => format!("({value} == {one})"),
            1 => format!("({value} != {other})"),
            _ => format!("({value} in [{one}, {other}])"),
        }
    }

    fn block_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Cidr)) else { return self.enum_test() };
        let value = self.present(&path, "10.0.0.0/8", "0.0.0.0/0");
        let block = *self.random.pick(BLOCKS);
        match self.random.below(4) {
            0 => format!("({value} in {block})"),
            1 => format!("({value} == {block})"),
            2 => format!("{value}.is_private()"),
            _ => format!("{value}.overlaps({block})"),
        }
    }

    fn list_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::List(Kind::Text | Kind::Enum(_) | Kind::Ref(_)))) else {
            return self.text_test();
        };
        let list = path.text;
        match (path.kind, self.random.below(6)) {
            (_, 0) => format!("{list}.is_empty()"),
            (Kind::List(Kind::Text), 1) => format!("({list} subset of NAMES)"),
            (Kind::List(Kind::Text), 2) => format!("({list} intersects NAMES)"),
            (Kind::List(Kind::Text), 3) => format!("({list} == [{}])", self.text(0)),
            (Kind::List(Kind::Text), 4) => format!("({} in {list})", self.text(1)),
            (Kind::List(Kind::Text), 5) => format!("({list}.distinct().len() {} 1)", self.order()),
            (Kind::List(Kind::Enum(_)), _) => format!("(\"email\" in {list})"),
            _ => format!("({list}.len() {} {})", self.order(), self.random.below(3)),
        }
    }

    fn map_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Texts)) else { return self.list_test() };
        let (map, key) = (path.text, *self.random.pick(KEYS));
        match self.random.below(5) {
            0 => format!("{map}.contains({key:?})"),
            1 => format!("({map}.len() {} 1)", self.order()),
            2 => format!("{map}.is_empty()"),
            3 => format!("({key:?} in {map}.keys())"),
            _ => format!("(({map}[{key:?}] ?? \"a\") == {})", self.text(0)),
        }
    }

    fn statement_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Record(fields) if fields[0].name == "effect")) else {
            return self.map_test();
        };
        let statement = path.text;
        match self.random.below(4) {
            0 => format!("{statement}.covers_action(\"sts:AssumeRole\")"),
            1 => format!("{statement}.principals.anyone"),
            2 => format!("(\"111111111111\" in {statement}.principals.accounts())"),
            _ => format!("{statement}.has_condition(\"aws:SourceArn\")"),
        }
    }

    /// Two records, lists or resources.
    fn whole_equality(&mut self) -> String {
        let whole = |kind| matches!(kind, Kind::Record(_) | Kind::List(_) | Kind::Ref(_) | Kind::Texts);
        let Some(path) = self.path(whole) else { return self.list_test() };
        let alike = |kind: Kind| match (path.kind, kind) {
            (Kind::List(Kind::Ref(a)), Kind::List(Kind::Ref(b))) => a == b,
            (Kind::List(Kind::Record(a)), Kind::List(Kind::Record(b))) => a[0].name == b[0].name,
            (Kind::List(Kind::Text), Kind::List(Kind::Text)) => true,
            (Kind::Record(a), Kind::Record(b)) => a[0].name == b[0].name,
            (Kind::Ref(a), Kind::Ref(b)) => a == b,
            (Kind::Texts, Kind::Texts) => true,
            _ => false,
        };
        let others: Vec<Path> =
            self.paths().into_iter().filter(|other| alike(other.kind) && !(other.optional && path.optional)).collect();
        match others.is_empty() {
            true => self.list_test(),
            false => format!("({} == {})", path.text, self.random.pick(&others).text),
        }
    }

    /// Tests on a list that a comprehension makes.
    fn made_list_test(&mut self) -> String {
        let Some((source, kind)) = self.collection(true) else { return self.list_test() };
        let known = self.variables.len();
        let name = self.fresh();
        self.variables.push(Variable { name: name.clone(), kind });
        let filter = if self.random.chance(1, 2) { format!(" if {}", self.truth(1)) } else { String::new() };
        // The order of a whole type's resources is the input's.
        let test = match self.random.below(if source.contains("::") { 5 } else { 8 }) {
            0 => format!("([{} for {name} in {source}{filter}].sum() {} 3)", self.number(1), self.order()),
            1 => format!("(([{} for {name} in {source}{filter}].max() ?? 3) {} 3)", self.number(1), self.order()),
            2 => format!("({} in [{} for {name} in {source}{filter}])", self.text(0), self.text(1)),
            3 => format!("([{} for {name} in {source}{filter}].to_set() intersects NAMES)", self.text(1)),
            4 => format!("([{} for {name} in {source}{filter}].distinct().len() {} 1)", self.text(1), self.order()),
            5 => format!("([{} for {name} in {source}{filter}].join(\"-\") == \"a\")", self.text(1)),
            6 => format!("(([{} for {name} in {source}{filter}][0] ?? 3) {} 3)", self.number(1), self.order()),
            _ => format!("([{} for {name} in {source}{filter}] == PORTS)", self.number(1)),
        };
        self.variables.truncate(known);
        test
    }

    fn json_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Json)) else { return self.first_test() };
        let dot = if path.optional { "?." } else { "." };
        let json = path.text;
        match self.random.below(7) {
            0 => format!("((({json}{dot}target as String) ?? \"a\") == {})", self.text(0)),
            1 => format!("({json}{dot}target is absent)"),
            2 => format!("((({json}{dot}maxReceiveCount as Bool) ?? false))"),
            3 => {
                let shapes =
                    ["Map<String>", "Map<Json>", "List<Int>", "List<Json>", "List<Map<String>>", "{ target: String }"];
                format!("(({json} as {}) is present)", self.random.pick(&shapes))
            }
            4 => format!("(({json} as Map<String>)?.len() {} 1)", self.order()),
            5 => format!("({} in ({json} as List<Int>) ?? PORTS)", self.number(0)),
            _ => format!("({json} == {{ \"maxReceiveCount\": {}, \"target\": \"a\" }})", self.number(0)),
        }
    }

    /// A property of the first element that there is.
    fn first_test(&mut self) -> String {
        let Some((source, kind)) = self.collection(false) else { return self.list_test() };
        let fields: &[Field] = match kind {
            Kind::Ref(target) => shape(target).fields,
            Kind::Record(fields) => fields,
            _ => return self.list_test(),
        };
        let Some(field) = fields.iter().find(|field| matches!(field.kind, Kind::Text)) else { return self.list_test() };
        let known = self.variables.len();
        let name = self.fresh();
        self.variables.push(Variable { name: name.clone(), kind });
        let condition = self.truth(1);
        self.variables.truncate(known);
        format!("(((first {name} in {source} where {condition})?.{} ?? \"a\") == {})", field.name, self.text(0))
    }

    /// Absent equals nothing.
    fn optional_equality(&mut self) -> String {
        let scalar = |kind| matches!(kind, Kind::Bool | Kind::Int | Kind::Text);
        let Some(path) = self.path(scalar) else { return self.text_test() };
        let value = match path.kind {
            Kind::Bool => "true".to_owned(),
            Kind::Int => self.number(0),
            _ => self.text(0),
        };
        format!("({} == {value})", path.text)
    }

    fn number(&mut self, depth: usize) -> String {
        let literal = |random: &mut Random| match *random.pick(INTS) {
            number if number < 0 => format!("({number})"),
            number => number.to_string(),
        };
        if depth == 0 || self.random.chance(1, 4) {
            return literal(self.random);
        }
        match self.random.below(9) {
            0 => {
                let operator = *self.random.pick(&["+", "-", "*", "/", "%"]);
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
        let literal = |random: &mut Random| format!("{:?}", random.pick(TEXTS));
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
