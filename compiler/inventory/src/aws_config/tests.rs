//! Random items of every type that AWS Config records, for what must hold of all of them.
//!
//! Items are grown from the facts that mappings are made of and from the schemas, so that they have what properties are made
//! of; then some of it is spoiled: other cases, `null`, wrappings, JSON in texts, scalars for lists. Members are taken again
//! from a pool, so that many items say the same.

use parapet_model::{Name, Node, NodeKind, ResourceType, Schema, Type, json};
use parapet_random::Random;

use super::path::{Path, Root, Step};

/// A JSON value that is being made.
#[derive(Clone, Debug)]
enum Made {
    Raw(String),
    List(Vec<Made>),
    Map(Vec<(String, Made)>),
}

/// The facts of the types, by AWS Config's names.
pub(crate) fn facts() -> Vec<(Name, Node)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../facts/config_mapping.json");
    let node = json::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    match node.get("types").map(|types| types.kind.clone()) {
        Some(NodeKind::Map(types)) => types,
        _ => Vec::new(),
    }
}

/// Makes items of one type.
pub(crate) struct Maker<'r> {
    random: &'r mut Random,
    name: &'r str,
    facts: &'r Node,
    ty: &'static ResourceType,
    pool: Vec<(String, Vec<Made>)>,
    /// The item has nearly nothing unusual about it, but for its values.
    usual: bool,
}

/// An item while it grows.
struct Item {
    configuration: Made,
    supplementary: Made,
    envelope: Made,
}

const SCALARS: [&str; 24] = [
    "true",
    "false",
    "null",
    "0",
    "1",
    "443",
    "-1",
    "128.0",
    "1e3",
    "123456789012345678901234567890",
    "\"\"",
    "\"true\"",
    "\"FALSE\"",
    "\"443\"",
    "\"a\"",
    "\"Enabled\"",
    "\"Off\"",
    "\"*\"",
    "\"10.0.0.0/8\"",
    "\"arn:aws:iam::111122223333:role/a/b\"",
    "\"2024-01-01T00:00:00Z\"",
    "1700000000000",
    "\"sg-1\"",
    "\"\\u00e9\"",
];

const POLICIES: [&str; 5] = [
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
    r#"{"Statement":{"Effect":"Deny","Principal":{"AWS":["1"]},"Action":["a:b"],"Resource":"*"}}"#,
    "{}",
    r#"{"Statement":[]}"#,
    "7",
];

impl<'r> Maker<'r> {
    pub(crate) fn new(random: &'r mut Random, name: &'r str, facts: &'r Node) -> Option<Maker<'r>> {
        let canonical = super::Mapping::get().canonical(name);
        let ty = Schema::embedded().resource_type(canonical)?;
        Some(Maker { random, name, facts, ty, pool: Vec::new(), usual: false })
    }

    /// The text of an item.
    pub(crate) fn item(&mut self, at: usize) -> String {
        self.usual = self.random.chance(2, 3);
        let map = || Made::Map(Vec::new());
        let mut item = Item { configuration: map(), supplementary: map(), envelope: map() };
        self.by_schema(&mut item);
        let facts = self.facts;
        for part in ["map", "supplementary"] {
            for (_, source) in members(facts.get(part)) {
                let mut grown = Item { configuration: map(), supplementary: map(), envelope: map() };
                match part {
                    "map" => self.grow(&mut grown, source),
                    _ => {
                        let Some(text) = source.as_text().or_else(|| source.get("from")?.as_text()) else { continue };
                        let text = text.trim_end_matches("{}");
                        self.plant(&mut grown, &format!("supplementary.{text}"), None);
                    }
                }
                if self.random.chance(4, 5) {
                    merge(&mut item.configuration, grown.configuration);
                    merge(&mut item.supplementary, grown.supplementary);
                    merge(&mut item.envelope, grown.envelope);
                }
            }
        }
        for (_, split) in members(facts.get("split")) {
            if self.random.chance(4, 5) {
                self.split(&mut item, split);
            }
        }
        self.finish(item, at)
    }

    fn by_schema(&mut self, item: &mut Item) {
        let mut grown = Made::Map(Vec::new());
        let ty = self.ty;
        let properties: Vec<_> = ty.properties.values().collect();
        for property in properties {
            if self.random.chance(1, 2) {
                continue;
            }
            let key = self.cased(&property.name);
            let value = self.of_type(&property.ty, 0);
            merge(&mut grown, Made::Map(vec![(key, value)]));
        }
        merge(&mut item.configuration, grown);
    }

    fn cased(&mut self, name: &str) -> String {
        let choice = if self.usual { 4 } else { self.random.below(12) };
        match choice {
            0 => name.to_ascii_lowercase(),
            1 => name.to_ascii_uppercase(),
            2 | 3 => name.to_owned(),
            _ => {
                let mut text = name.to_owned();
                text.get_mut(..1).into_iter().for_each(str::make_ascii_lowercase);
                text
            }
        }
    }

    fn scalar(&mut self) -> Made {
        Made::Raw(self.random.pick(&SCALARS).copied().unwrap_or("0").to_owned())
    }

    fn of_type(&mut self, ty: &Type, depth: usize) -> Made {
        if depth > 4 || self.random.chance(1, 12) {
            return self.scalar();
        }
        match ty {
            Type::Optional(inner) => self.of_type(inner, depth),
            Type::List { element, .. } | Type::Set(element) => {
                let count = self.random.below(3);
                Made::List((0..count).map(|_| self.of_type(element, depth + 1)).collect())
            }
            Type::Map(inner) => Made::Map(vec![
                ("k".to_owned(), self.of_type(inner, depth + 1)),
                ("K".to_owned(), self.of_type(inner, depth + 1)),
            ]),
            Type::SchemaRecord(named) => {
                let Some(record) = Schema::embedded().record(&named.owner, &named.record) else {
                    return self.scalar();
                };
                let mut made = Vec::new();
                for property in record.values() {
                    if self.random.chance(1, 2) {
                        made.push((self.cased(&property.name), self.of_type(&property.ty, depth + 1)));
                    }
                }
                Made::Map(made)
            }
            Type::Policy | Type::Json => Made::Raw(self.policy()),
            Type::Bool if self.random.chance(3, 4) => {
                Made::Raw(self.random.pick(&["true", "false"]).copied().unwrap_or("true").to_owned())
            }
            Type::Enum(values) => Made::Raw(format!("{:?}", format!("{values:?}").get(..6).unwrap_or_default())),
            _ => self.scalar(),
        }
    }

    fn policy(&mut self) -> String {
        let policy = self.random.pick(&POLICIES).copied().unwrap_or("{}");
        match self.random.below(3) {
            0 => policy.to_owned(),
            1 => format!("{policy:?}"),
            _ => {
                let encoded: String = policy.bytes().map(|byte| format!("%{byte:02X}")).collect();
                format!("\"{encoded}\"")
            }
        }
    }

    fn split(&mut self, item: &mut Item, split: &Node) {
        if let Some(when) = split.get("when").and_then(Node::as_text) {
            self.plant(item, when, None);
        }
        let mut element = Item {
            configuration: Made::Map(Vec::new()),
            supplementary: Made::Map(Vec::new()),
            envelope: Made::Map(Vec::new()),
        };
        for (_, source) in members(split.get("each")) {
            self.grow(&mut element, source);
        }
        merge(&mut item.supplementary, element.supplementary);
        match split.get("from").and_then(Node::as_text) {
            Some(from) => {
                let over = split.get("over").and_then(Node::as_text).unwrap_or_default();
                let path = if over.is_empty() { from.to_owned() } else { format!("{from}.{over}") };
                self.plant(item, &path, Some(element.configuration));
            }
            None => merge(&mut item.configuration, element.configuration),
        }
        for (_, source) in members(split.get("parent")) {
            self.grow(item, source);
        }
    }

    /// Puts what a source reads into an item.
    fn grow(&mut self, item: &mut Item, source: &Node) {
        match &source.kind {
            NodeKind::Text(path) => self.plant(item, path, None),
            NodeKind::List(list) => list.iter().for_each(|source| self.grow(item, source)),
            NodeKind::Map(_) if source.get("first").is_some() => {
                for source in source.get("first").and_then(Node::as_list).unwrap_or_default() {
                    self.grow(item, source);
                }
            }
            NodeKind::Map(_) if source.get("from").is_some() => self.take(item, source),
            NodeKind::Map(all) => all.iter().for_each(|(_, source)| self.grow(item, source)),
            _ => {}
        }
    }

    fn take(&mut self, item: &mut Item, source: &Node) {
        let from = source.get("from").and_then(Node::as_text).unwrap_or_default();
        let mut element = Item {
            configuration: Made::Map(Vec::new()),
            supplementary: Made::Map(Vec::new()),
            envelope: Made::Map(Vec::new()),
        };
        for part in ["each", "common"] {
            for (_, source) in members(source.get(part)) {
                self.grow(&mut element, source);
            }
        }
        for list in source.get("flatten").and_then(Node::as_list).unwrap_or_default() {
            let mut inner = Item {
                configuration: Made::Map(Vec::new()),
                supplementary: Made::Map(Vec::new()),
                envelope: Made::Map(Vec::new()),
            };
            for (_, source) in members(list.get("each")) {
                self.grow(&mut inner, source);
            }
            for over in ["over", "alt"].iter().filter_map(|name| list.get(name)?.as_text()) {
                if self.random.chance(2, 3) {
                    self.plant(&mut element, over, Some(inner.configuration.clone()));
                }
            }
        }
        let leaf = match &element.configuration {
            Made::Map(members) if members.is_empty() => None,
            _ => Some(element.configuration),
        };
        merge(&mut item.supplementary, element.supplementary);
        merge(&mut item.envelope, element.envelope);
        let rest = source.get("path").and_then(Node::as_text).map(|path| format!(".{path}")).unwrap_or_default();
        self.plant(item, &format!("{from}{rest}"), leaf.clone());
        if let Some(alt) = source.get("alt").and_then(Node::as_text)
            && self.random.chance(1, 2)
        {
            self.plant(item, &format!("{alt}{rest}"), leaf);
        }
    }

    fn plant(&mut self, item: &mut Item, path: &str, leaf: Option<Made>) {
        let Some(path) = Path::read(path) else { return };
        let leaf =
            leaf.unwrap_or_else(|| if self.random.chance(1, 5) { Made::Raw(self.policy()) } else { self.scalar() });
        let made = self.built(&path.steps, leaf);
        match &path.root {
            Root::Current => merge(&mut item.configuration, made),
            Root::Envelope => merge(&mut item.envelope, made),
            Root::Supplementary => merge(&mut item.supplementary, made),
            Root::Relation(name) => {
                let related =
                    format!("{{\"resourceType\":\"{name}\",\"resourceId\":\"acl-{}\"}}", self.random.below(2));
                let list = Made::List(vec![Made::Raw(related)]);
                merge(&mut item.envelope, Made::Map(vec![("relationships".to_owned(), list)]));
            }
        }
    }

    fn built(&mut self, steps: &[Step], leaf: Made) -> Made {
        let Some((step, rest)) = steps.split_first() else { return leaf };
        let inner = self.built(rest, leaf.clone());
        let with = |inner: Made, name: &str, text: &str| match inner {
            Made::Map(mut members) => {
                members.retain(|(key, _)| key != name);
                members.push((name.to_owned(), Made::Raw(text.to_owned())));
                Made::Map(members)
            }
            other => other,
        };
        match step {
            Step::Member(name) => Made::Map(vec![(name.to_string(), inner)]),
            Step::Each | Step::At(_) | Step::From(_) => match self.random.below(8) {
                0 => inner,
                1 => Made::Map(vec![
                    ("items".to_owned(), Made::List(vec![inner])),
                    ("quantity".to_owned(), Made::Raw("1".to_owned())),
                ]),
                2 => Made::List(vec![]),
                3 | 4 => Made::List(vec![inner, self.built(rest, leaf)]),
                _ => Made::List(vec![inner]),
            },
            Step::With(name) => Made::List(vec![with(inner, name, "true")]),
            Step::Without(name) => Made::List(vec![with(inner, name, "false")]),
            Step::Where(name, value) => Made::List(vec![with(inner, name, &format!("{value:?}"))]),
            Step::Entries => Made::Map(vec![("e1".to_owned(), inner)]),
        }
    }

    /// Spoils some of a value.
    fn spoiled(&mut self, made: Made, depth: usize) -> Made {
        if self.random.chance(1, 30) {
            return match self.random.below(9) {
                0 => Made::Raw("null".to_owned()),
                1 => Made::Map(vec![("value".to_owned(), made)]),
                2 => Made::Raw(format!("{:?}", text(&made))),
                3 => Made::List(vec![made]),
                4 => Made::Map(vec![
                    ("items".to_owned(), Made::List(vec![made])),
                    ("quantity".to_owned(), Made::Raw("1".to_owned())),
                ]),
                5 => Made::Raw("{}".to_owned()),
                6 => Made::Raw("[]".to_owned()),
                7 => Made::Raw(format!("{:?}", format!("{:?}", text(&made)))),
                _ => self.scalar(),
            };
        }
        match made {
            Made::Raw(raw) => Made::Raw(raw),
            Made::List(list) => Made::List(list.into_iter().map(|made| self.spoiled(made, depth + 1)).collect()),
            Made::Map(members) => {
                let mut spoiled = Vec::new();
                for (key, made) in members {
                    let made = self.spoiled(made, depth + 1);
                    match self.random.below(120) {
                        0 => spoiled.push((key.to_ascii_uppercase(), made)),
                        1 => spoiled.push((key.to_ascii_lowercase(), made)),
                        2 => {
                            spoiled.push((key.to_ascii_uppercase(), made.clone()));
                            spoiled.push((key, made));
                        }
                        3 => {}
                        4 => {
                            spoiled.push((key, made));
                            spoiled.push(("zz".to_owned(), Made::Raw("[1]".to_owned())));
                        }
                        5 if depth == 0 => spoiled.push(("value".to_owned(), made)),
                        _ => spoiled.push((key, made)),
                    }
                }
                distinct(&mut spoiled);
                Made::Map(spoiled)
            }
        }
    }

    /// Members as they are, or as an earlier item had them.
    fn pooled(&mut self, place: &str, made: Made) -> Made {
        let Made::Map(members) = made else { return made };
        let mut kept = Vec::new();
        for (key, value) in members {
            if self.random.chance(1, 8) {
                continue;
            }
            let place = format!("{place} {key}");
            let at = match self.pool.iter().position(|(name, _)| *name == place) {
                Some(at) => at,
                None => {
                    self.pool.push((place, Vec::new()));
                    self.pool.len() - 1
                }
            };
            let pool = &mut self.pool[at].1;
            let value = match self.random.pick(pool) {
                Some(known) if self.random.clone().chance(2, 3) => known.clone(),
                _ => value,
            };
            let _ = self.random.number();
            pool.push(value.clone());
            kept.push((key, value));
        }
        if self.random.chance(1, 4) {
            let by = self.random.below(kept.len());
            kept.rotate_left(by);
        }
        Made::Map(kept)
    }

    fn finish(&mut self, item: Item, at: usize) -> String {
        let usual = self.usual;
        let configuration = self.pooled("configuration", item.configuration);
        let configuration = self.spoiled(configuration, 0);
        let supplementary = self.pooled("supplementary", item.supplementary);
        let supplementary = self.spoiled(supplementary, 0);
        let envelope = self.pooled("envelope", item.envelope);
        let mut members: Vec<(String, String)> = Vec::new();
        let mut add = |key: &str, value: String| members.push((key.to_owned(), value));
        add("resourceType", format!("{:?}", self.name));
        let configuration = text(&configuration);
        match self.random.below(40) + if usual { 4 } else { 0 } {
            0 => add("configuration", format!("{configuration:?}")),
            1 => add("configuration", "null".to_owned()),
            2 => add("configuration", format!("{{\"value\":{configuration}}}")),
            3 => {}
            _ => add("configuration", configuration),
        }
        let supplementary = text(&supplementary);
        match self.random.below(12) {
            0 => {}
            _ if usual && !supplementary.starts_with('{') => {}
            1 => add("supplementaryConfiguration", "null".to_owned()),
            2 => add("supplementaryConfiguration", format!("{supplementary:?}")),
            3 => add("supplementaryConfiguration", "{}".to_owned()),
            _ => add("supplementaryConfiguration", supplementary),
        }
        let pick = |random: &mut Random, of: &[&str]| match of.first() {
            Some(first) if usual && !random.chance(1, 20) => (*first).to_owned(),
            _ => random.pick(of).copied().unwrap_or_default().to_owned(),
        };
        let tags = [
            self.random.pick(&["", "null", "{}", r#"{"a":"b"}"#]).copied().unwrap_or_default(),
            "",
            "{}",
            "[]",
            "null",
            r#"{"a":"b"}"#,
            r#"[{"key":"a","value":"b"}]"#,
            r#""{\"c\":\"d\"}""#,
            "7",
        ];
        for (key, values) in [
            ("tags", &tags[..]),
            ("resourceId", &["\"r\"", "\"s\"", "", "null", "7"]),
            ("resourceName", &["\"n\"", "", "\"\"", "{}"]),
            ("arn", &["\"arn:aws:x:eu-west-1:111122223333:y/z\"", "", "\"z\"", "null"]),
            ("ARN", &["", "", "", "\"arn:aws:x:eu-west-1:444455556666:y/z\""]),
            ("accountId", &["\"111122223333\"", "", "null", "\"\""]),
            ("awsAccountId", &["\"222233334444\"", "", ""]),
            ("awsRegion", &["\"eu-west-1\"", "\"global\"", "", "null"]),
            ("configurationItemCaptureTime", &["\"2024-05-01T00:00:00Z\"", "1700000000", "\"x\"", ""]),
            (
                "configurationItemStatus",
                &[
                    "\"OK\"",
                    "",
                    "\"ResourceDiscovered\"",
                    "\"OK\"",
                    "\"OK\"",
                    "\"OK\"",
                    "\"ResourceNotRecorded\"",
                    "null",
                ],
            ),
            ("configurationStateId", &["1", "{\"a\": [1e999]}", ""]),
        ] {
            let value = pick(self.random, values);
            if !value.is_empty() {
                add(key, value);
            }
        }
        if let Made::Map(envelope) = envelope {
            for (key, value) in envelope {
                if !members.iter().any(|(known, _)| *known == key) {
                    members.push((key, text(&value)));
                }
            }
        }
        let by = self.random.below(members.len());
        members.rotate_left(by);
        let members: Vec<String> = members.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
        let mark = if self.random.chance(1, 2) { format!(", \"mark\": {at}") } else { String::new() };
        format!("{{{}{mark}}}", members.join(", "))
    }
}

fn distinct(members: &mut Vec<(String, Made)>) {
    let mut known = Vec::new();
    members.retain(|(key, _)| {
        let new = !known.contains(key);
        known.push(key.clone());
        new
    });
}

fn members(node: Option<&Node>) -> impl Iterator<Item = (&Name, &Node)> {
    let members = match node.map(|node| &node.kind) {
        Some(NodeKind::Map(members)) => members.as_slice(),
        _ => &[],
    };
    members.iter().map(|(key, node)| (key, node))
}

fn merge(into: &mut Made, other: Made) {
    match (into, other) {
        (Made::Map(members), Made::Map(others)) => {
            for (key, value) in others {
                match members.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => merge(known, value),
                    None => members.push((key, value)),
                }
            }
        }
        (Made::List(list), Made::List(others)) if !list.is_empty() => {
            for (known, value) in list.iter_mut().zip(others) {
                merge(known, value);
            }
        }
        (into, other) => *into = other,
    }
}

fn text(made: &Made) -> String {
    match made {
        Made::Raw(raw) => raw.clone(),
        Made::List(list) => format!("[{}]", list.iter().map(text).collect::<Vec<_>>().join(",")),
        Made::Map(members) => {
            let members = members.iter().map(|(key, made)| format!("{key:?}:{}", text(made)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}
