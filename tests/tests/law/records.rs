//! Random records with unknowns, and their refinements.

use crate::random::{Pick, Random};
use crate::shapes::{BLOCKS, Field, INTS, KEYS, Kind, SHAPES, Shape, TEXTS};

const ACCOUNTS: [&str; 2] = ["111111111111", "222222222222"];
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];

/// The lists that documents are.
static JSON_LISTS: [Kind; 3] = [Kind::Int, Kind::Text, Kind::Texts];

/// A JSON value with holes.
#[derive(Clone, Debug)]
enum Tree {
    Json(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
    /// Something unknown: of which kind it is, and whether it may be absent.
    Hole(Kind, bool),
    Absent,
}

/// A record's place, header and properties.
#[derive(Clone, Debug)]
struct Record {
    shape: &'static Shape,
    account: &'static str,
    region: &'static str,
    /// The number in the id.
    number: usize,
    /// The id, the account and the region are not known yet.
    hidden: [bool; 3],
    name: Tree,
    tags: Tree,
    properties: Tree,
}

/// What an `$inventory` line says.
#[derive(Clone, Debug)]
struct Claim {
    resource_type: &'static str,
    account: &'static str,
    region: &'static str,
}

/// Records, and what is claimed to be complete.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// Each with a key that it keeps through refinement and reordering.
    records: Vec<(usize, Record)>,
    claims: Vec<Claim>,
    unrelated: bool,
    /// How many ids there are of a type in a place.
    numbers: usize,
}

/// A random scene.
pub(crate) fn scene(random: &mut Random) -> Scene {
    crowd(random, 2)
}

/// A random scene with up to so many records of a type.
pub(crate) fn crowd(random: &mut Random, most: usize) -> Scene {
    let mut scene = Scene { records: Vec::new(), claims: Vec::new(), unrelated: false, numbers: most + 1 };
    for shape in SHAPES {
        for _ in 0..random.below(most + 1) {
            add(random, &mut scene, shape, None);
        }
    }
    for shape in SHAPES {
        for (account, region) in places(shape) {
            if random.chance(1, 2) {
                scene.claims.push(Claim { resource_type: shape.name, account, region });
            }
        }
    }
    scene
}

fn places(shape: &Shape) -> Vec<(&'static str, &'static str)> {
    let regions: &[&'static str] = if shape.global { &["global"] } else { &REGIONS };
    ACCOUNTS.iter().flat_map(|account| regions.iter().map(|region| (*account, *region))).collect()
}

/// Adds a record whose id is not taken in its place.
fn add(random: &mut Random, scene: &mut Scene, shape: &'static Shape, place: Option<(&'static str, &'static str)>) {
    let (account, region) = place.unwrap_or_else(|| *random.one_of(&places(shape)));
    let number = random.below(scene.numbers);
    let taken = scene.records.iter().any(|(_, record)| {
        (record.shape.name, record.account, record.region, record.number) == (shape.name, account, region, number)
    });
    if taken {
        return;
    }
    // What a refinement adds stands in a place that was not collected, and says so.
    let mut hidden = [1, 2, 2].map(|weight| random.chance(1, 10 * weight));
    if place.is_some() {
        hidden = [hidden[0], false, false];
    }
    // Today a reference finds its target although the id of another record is undecided, and is ambiguous once that is
    // known. What is right is that a record with an undecided id and place may be meant, too.
    hidden[0] &= !hidden[1] && !hidden[2];
    // Every reader knows the region of a global type.
    hidden[2] &= !shape.global;
    let record = Record {
        shape,
        account,
        region,
        number,
        hidden,
        name: hole(random, Kind::Text, true, 6),
        tags: hole(random, Kind::Texts, false, 6),
        properties: fields(random, shape.fields, 4),
    };
    scene.records.push((scene.records.len(), record));
}

fn fields(random: &mut Random, fields: &[Field], holes: usize) -> Tree {
    let members = fields.iter().map(|field| {
        let value = match field.required {
            false if random.chance(1, 4) => Tree::Absent,
            required => hole(random, field.kind, !required, holes),
        };
        (field.name.to_owned(), value)
    });
    Tree::Object(members.collect())
}

/// A hole one time of `holes`, else a value.
fn hole(random: &mut Random, kind: Kind, optional: bool, holes: usize) -> Tree {
    if random.chance(1, holes) { Tree::Hole(kind, optional) } else { value(random, kind, holes) }
}

fn value(random: &mut Random, kind: Kind, holes: usize) -> Tree {
    match kind {
        Kind::Bool => Tree::Json(random.chance(1, 2).to_string()),
        Kind::Int => Tree::Json(random.one_of(INTS).to_string()),
        Kind::Text => Tree::Json(format!("{:?}", random.one_of(TEXTS))),
        Kind::Cidr => Tree::Json(format!("{:?}", random.one_of(BLOCKS))),
        Kind::Enum(values) => Tree::Json(format!("{:?}", random.one_of(values))),
        Kind::Ref(target) => Tree::Json(format!("\"{}\"", id(target, random.below(3)))),
        Kind::List(element) => {
            let element = *element;
            Tree::List((0..random.below(4)).map(|_| hole(random, element, false, holes)).collect())
        }
        Kind::Record(members) => fields(random, members, holes),
        Kind::Texts => object(random, KEYS, &[Kind::Text], holes),
        Kind::Json if random.chance(1, 4) => {
            let element = &JSON_LISTS[random.below(JSON_LISTS.len())];
            value(random, Kind::List(element), holes)
        }
        Kind::Json => object(random, &["maxReceiveCount", "target"], &[Kind::Int, Kind::Text, Kind::Bool], holes),
        Kind::Policy => policy(random, holes),
    }
}

fn object(random: &mut Random, keys: &[&str], kinds: &[Kind], holes: usize) -> Tree {
    let mut members = Vec::new();
    for key in keys {
        if random.chance(2, 3) {
            let kind = *random.one_of(kinds);
            members.push(((*key).to_owned(), hole(random, kind, true, holes)));
        }
    }
    Tree::Object(members)
}

fn policy(random: &mut Random, holes: usize) -> Tree {
    let statements = (0..random.below(3)).map(|_| {
        let principal =
            *random.one_of(&["\"*\"", "{\"AWS\": \"111111111111\"}", "{\"Service\": \"ec2.amazonaws.com\"}"]);
        let members = [
            ("Effect", hole(random, Kind::Enum(&["Allow", "Deny"]), false, holes)),
            ("Action", hole(random, Kind::Enum(&["sts:AssumeRole", "sts:*", "s3:GetObject"]), false, holes)),
            ("Principal", Tree::Json(principal.to_owned())),
        ];
        Tree::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    });
    Tree::Object(vec![("Statement".to_owned(), Tree::List(statements.collect()))])
}

fn id(resource_type: &str, number: usize) -> String {
    format!("{}-{number}", resource_type.rsplit("::").next().unwrap_or_default())
}

/// A scene in which less is unknown.
pub(crate) fn refine(random: &mut Random, scene: &Scene) -> Scene {
    let mut refined = scene.clone();
    let whole = random.chance(1, 3);
    for (_, record) in &mut refined.records {
        for hidden in &mut record.hidden {
            *hidden &= !whole && random.chance(1, 2);
        }
        for tree in [&mut record.name, &mut record.tags, &mut record.properties] {
            fill(random, tree, whole);
        }
    }
    for shape in SHAPES {
        for (account, region) in places(shape) {
            if scene.is_complete(shape, account, region) || random.chance(1, 2) {
                continue;
            }
            for _ in 0..random.below(3) {
                add(random, &mut refined, shape, Some((account, region)));
            }
            refined.claims.push(Claim { resource_type: shape.name, account, region });
        }
    }
    if random.chance(1, 2) {
        refined.records.reverse();
    }
    refined
}

fn fill(random: &mut Random, tree: &mut Tree, whole: bool) {
    match tree {
        Tree::Hole(..) if !whole && random.chance(1, 2) => {}
        Tree::Hole(_, true) if random.chance(1, 4) => *tree = Tree::Absent,
        Tree::Hole(kind, _) => *tree = value(random, *kind, if whole { usize::MAX } else { 6 }),
        Tree::List(elements) => elements.iter_mut().for_each(|element| fill(random, element, whole)),
        Tree::Object(members) => members.iter_mut().for_each(|(_, member)| fill(random, member, whole)),
        Tree::Json(_) | Tree::Absent => {}
    }
}

impl Scene {
    fn is_complete(&self, shape: &Shape, account: &str, region: &str) -> bool {
        let here = |resource_type: &str, known: &str, place: &str| {
            (resource_type, known, place) == (shape.name, account, region)
        };
        let placed = self.records.iter().filter(|(_, record)| !record.hidden[1] && !record.hidden[2]);
        placed.into_iter().any(|(_, record)| here(record.shape.name, record.account, record.region))
            || self.claims.iter().any(|claim| here(claim.resource_type, claim.account, claim.region))
    }

    /// The same, with resources of a type that no guardrail asks for.
    pub(crate) fn with_unrelated(&self) -> Scene {
        Scene { unrelated: true, ..self.clone() }
    }

    pub(crate) fn reversed(&self) -> Scene {
        let mut reversed = self.clone();
        reversed.records.reverse();
        reversed
    }

    /// The keys of the records in the order of [`Scene::ndjson`].
    pub(crate) fn keys(&self) -> Vec<usize> {
        self.records.iter().map(|(key, _)| *key).collect()
    }

    /// The input's text, records first.
    pub(crate) fn ndjson(&self) -> String {
        let mut text = String::new();
        for (_, record) in &self.records {
            text.push_str(&line(record));
        }
        // Every place is named, whatever becomes known later.
        text.push_str("{\"$inventory\": {\"types\": [\"AWS::SNS::Topic\"], \"accounts\": ");
        text.push_str(&format!("{ACCOUNTS:?}, \"regions\": {REGIONS:?}}}}}\n"));
        for claim in &self.claims {
            text.push_str(&format!(
                "{{\"$inventory\": {{\"types\": [{:?}], \"accounts\": [{:?}], \"regions\": [{:?}]}}}}\n",
                claim.resource_type, claim.account, claim.region
            ));
        }
        if self.unrelated {
            // In places that are named anyway: a new place would be one where nothing was collected.
            for (number, account) in ACCOUNTS.iter().enumerate() {
                let region = REGIONS[number];
                text.push_str(&format!(
                    "{{\"type\": \"AWS::SNS::Topic\", \"id\": \"topic-{number}\", \"account\": \"{account}\", \"region\": \
                     \"{region}\", \"properties\": {{\"TopicName\": \"prod\"}}}}\n"
                ));
            }
        }
        text
    }
}

fn line(record: &Record) -> String {
    let Record { shape, account, region, number, hidden, name, tags, properties } = record;
    let known = |hidden: bool, text: &str| if hidden { UNKNOWN.to_owned() } else { format!("{text:?}") };
    let mut members = vec![
        format!("\"type\": {:?}", shape.name),
        format!("\"id\": {}", known(hidden[0], &id(shape.name, *number))),
        format!("\"account\": {}", known(hidden[1], account)),
        format!("\"region\": {}", known(hidden[2], region)),
    ];
    let rest = [("name", name), ("tags", tags), ("properties", properties)];
    let rest = rest.iter().filter(|(_, value)| !matches!(value, Tree::Absent));
    members.extend(rest.map(|(key, value)| format!("{key:?}: {}", json(value))));
    format!("{{{}}}\n", members.join(", "))
}

const UNKNOWN: &str = "{\"$unknown\": \"u\"}";

fn json(tree: &Tree) -> String {
    match tree {
        Tree::Json(text) => text.clone(),
        Tree::List(elements) => format!("[{}]", elements.iter().map(json).collect::<Vec<_>>().join(", ")),
        Tree::Object(members) => {
            let known = members.iter().filter(|(_, value)| !matches!(value, Tree::Absent));
            let members: Vec<String> = known.map(|(key, value)| format!("{key:?}: {}", json(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        Tree::Hole(..) => UNKNOWN.to_owned(),
        Tree::Absent => "null".to_owned(),
    }
}
