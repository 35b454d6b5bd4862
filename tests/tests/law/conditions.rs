//! Conditions without conditions in them: tests of a value in scope.

use super::{Generator, Path, Variable};
use crate::random::Pick;
use crate::shapes::{BLOCKS, Field, KEYS, Kind, TEXTS, shape};

impl Generator<'_> {
    pub(super) fn order(&mut self) -> &'static str {
        self.random.one_of::<&str>(&["==", "!=", "<", "<=", ">", ">="])
    }

    pub(super) fn leaf(&mut self) -> String {
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
    pub(super) fn present(&mut self, path: &Path, one: &str, other: &str) -> String {
        let default = if self.random.chance(1, 2) { one } else { other };
        if path.optional { format!("({} ?? {default})", path.text) } else { path.text.clone() }
    }

    pub(super) fn text_test(&mut self) -> String {
        let (left, right) = (self.text(1), self.text(1));
        match self.random.below(6) {
            0 => format!("({left} == {right})"),
            1 => format!("({left} like \"{}*\")", self.random.one_of(TEXTS)),
            2 => format!("({left} matches /^{}/)", self.random.one_of(&["a", "prod$", "[ab]+$", "."])),
            3 => format!("({left} not in NAMES)"),
            4 => format!("{left}.contains({right})"),
            _ => format!("alike({left}, {right})"),
        }
    }

    pub(super) fn presence_test(&mut self) -> String {
        let optional: Vec<Path> = self.paths().into_iter().filter(|path| path.optional).collect();
        if optional.is_empty() {
            return self.text_test();
        }
        let test = if self.random.chance(1, 2) { "present" } else { "absent" };
        format!("({} is {test})", self.random.one_of(&optional).text)
    }

    pub(super) fn enum_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Enum(_))) else { return self.presence_test() };
        let Kind::Enum(values) = path.kind else { return self.presence_test() };
        let (one, other) = (format!("{:?}", self.random.one_of(values)), format!("{:?}", self.random.one_of(values)));
        let value = self.present(&path, &one, &other);
        match self.random.below(3) {
            0 => format!("({value} == {one})"),
            1 => format!("({value} != {other})"),
            _ => format!("({value} in [{one}, {other}])"),
        }
    }

    pub(super) fn block_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Cidr)) else { return self.enum_test() };
        let value = self.present(&path, "10.0.0.0/8", "0.0.0.0/0");
        let block = *self.random.one_of(BLOCKS);
        match self.random.below(4) {
            0 => format!("({value} in {block})"),
            1 => format!("({value} == {block})"),
            2 => format!("{value}.is_private()"),
            _ => format!("{value}.overlaps({block})"),
        }
    }

    pub(super) fn list_test(&mut self) -> String {
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

    pub(super) fn map_test(&mut self) -> String {
        let Some(path) = self.path(|kind| matches!(kind, Kind::Texts)) else { return self.list_test() };
        let (map, key) = (path.text, *self.random.one_of(KEYS));
        match self.random.below(5) {
            0 => format!("{map}.contains({key:?})"),
            1 => format!("({map}.len() {} 1)", self.order()),
            2 => format!("{map}.is_empty()"),
            3 => format!("({key:?} in {map}.keys())"),
            _ => format!("(({map}[{key:?}] ?? \"a\") == {})", self.text(0)),
        }
    }

    pub(super) fn statement_test(&mut self) -> String {
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
    pub(super) fn whole_equality(&mut self) -> String {
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
            false => format!("({} == {})", path.text, self.random.one_of(&others).text),
        }
    }

    /// Tests on a list that a comprehension makes.
    pub(super) fn made_list_test(&mut self) -> String {
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

    pub(super) fn json_test(&mut self) -> String {
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
                format!("(({json} as {}) is present)", self.random.one_of(&shapes))
            }
            4 => format!("(({json} as Map<String>)?.len() {} 1)", self.order()),
            5 => format!("({} in ({json} as List<Int>) ?? PORTS)", self.number(0)),
            _ => format!("({json} == {{ \"maxReceiveCount\": {}, \"target\": \"a\" }})", self.number(0)),
        }
    }

    /// A property of the first element that there is.
    pub(super) fn first_test(&mut self) -> String {
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
    pub(super) fn optional_equality(&mut self) -> String {
        let scalar = |kind| matches!(kind, Kind::Bool | Kind::Int | Kind::Text);
        let Some(path) = self.path(scalar) else { return self.text_test() };
        let value = match path.kind {
            Kind::Bool => "true".to_owned(),
            Kind::Int => self.number(0),
            _ => self.text(0),
        };
        format!("({} == {value})", path.text)
    }
}
