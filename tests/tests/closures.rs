//! `name+` beside its definition: what a relation says of each pair, step by step.
//!
//! The relations are of many forms, since what one step can lead to is found by indexes, and where an index says enough
//! the condition is not evaluated at all. Records are random: values, absent ones, unknown ones. The world is closed, so
//! that the resources are all nodes.
#![cfg(test)]

#[path = "law/random.rs"]
mod random;

use std::sync::Arc;

use jiff::Timestamp;
use parapet_driver::{Level, Scope, Selected, Selection, diagnostics, load_text, select};
use parapet_interpreter::{Coverage, Engine, Recorder, Subject, World};
use parapet_inventory::{Sink, Skip, Source};
use parapet_ir::Projection;
use parapet_model::{Record, Resource, ResourceId, Schema, Value, Verdict};

use crate::random::{Pick, Random};

const PRELUDE: &str = "param target: String = \"\"

relation hop(a: AWS::EC2::SecurityGroup, b: AWS::EC2::SecurityGroup) = b.tags[\"name\"] == (a.tags[\"next\"] ?? \"\")

fn linked(x: AWS::EC2::SecurityGroup, y: AWS::EC2::SecurityGroup, text: String) -> Bool {
    let next = x.tags[\"next\"] ?? \"\"
    next == y.tags[\"name\"] and text != \"n1\"
}
";

/// Conditions on `a` and `b`.
const CONDITIONS: &[&str] = &[
    "any rule in a.SecurityGroupIngress: rule.SourceSecurityGroupId == b.id",
    "any rule in a.SecurityGroupIngress where rule.IpProtocol == \"tcp\": rule.SourceSecurityGroupId == b.id",
    "any rule in a.SecurityGroupIngress where rule.Description == (a.VpcId ?? \"\"): b.id == rule.SourceSecurityGroupId",
    // More is asked of the same target.
    "any rule in a.SecurityGroupIngress: rule.SourceSecurityGroupId == b.id and (rule.Description ?? \"\") == b.tags[\"name\"]",
    "any rule in a.SecurityGroupIngress: (rule.Description ?? \"\") == b.tags[\"name\"] and rule.SourceSecurityGroupId == b.id",
    "any rule in a.SecurityGroupIngress where (rule.Description ?? \"\") == b.VpcId: rule.SourceSecurityGroupId == b.id",
    "any rule in a.SecurityGroupIngress where b.VpcId is present: rule.SourceSecurityGroupId == b.id",
    "any rule in a.SecurityGroupIngress: rule.SourceSecurityGroupId == b.id and (b.tags[\"name\"] ?? \"\") != \"n1\"",
    "a.account == b.account and any rule in a.SecurityGroupIngress: rule.SourceSecurityGroupId == b.id",
    "a.region == b.region and a.account == b.account and a.tags[\"next\"] == b.id",
    "b.tags[\"name\"] == (a.tags[\"next\"] ?? \"\") and a.VpcId is present and a.VpcId == b.VpcId",
    // More is asked of the source.
    "b.tags[\"name\"] == (a.tags[\"next\"] ?? \"\") and a.VpcId is present",
    "a.VpcId == \"n2\" and b.tags[\"name\"] == (a.tags[\"next\"] ?? \"\")",
    "any rule in a.SecurityGroupIngress: rule.SourceSecurityGroupId == b.id and rule.Description == \"n1\"",
    // Equalities alone.
    "b.tags[\"name\"] == (a.tags[\"next\"] ?? \"\")",
    "a.VpcId is present and a.VpcId == b.VpcId and a.id != b.id",
    "(a.tags[\"next\"] ?? \"n3\") == b.id",
    "b.id in a.tags.values()",
    "b.id in [\"n0\", a.VpcId ?? \"n1\"]",
    // One of several.
    "b.tags[\"name\"] == (a.tags[\"next\"] ?? \"\") or a.VpcId == b.id",
    "a.VpcId is absent or a.tags[\"next\"] == b.id",
    "a.tags[\"next\"] == b.id or a.VpcId == \"n1\"",
    "if a.VpcId is present then a.tags[\"next\"] == b.id else a.id == b.tags[\"name\"]",
    "if b.VpcId is present then a.tags[\"next\"] == b.id else a.id == b.tags[\"name\"]",
    // By way of others.
    "linked(a, b, a.id)",
    "linked(a, b, b.id)",
    "linked(b, a, a.id)",
    "any other in AWS::EC2::SecurityGroup where other.VpcId == (a.VpcId ?? \"\"): other.tags[\"next\"] == b.id",
    "any other in AWS::EC2::SecurityGroup where other.VpcId == (b.VpcId ?? \"\"): other.tags[\"next\"] == a.id",
    "a hop b and a.VpcId is present and a.VpcId == b.VpcId",
    "a hop+ b and (any rule in a.SecurityGroupIngress: rule.SourceSecurityGroupId == b.id)",
    "b hop+ a",
    "any x in AWS::EC2::SecurityGroup where x hop+ a: x.VpcId == b.id",
    "true",
    "a.VpcId == \"n1\"",
];

/// A guardrail fails where the truth that it is about is true.
const GUARDRAILS: &str = "
guardrail step(a: AWS::EC2::SecurityGroup) {
    require all b in AWS::EC2::SecurityGroup where b.id == target: not (a leads b)
}

guardrail way(a: AWS::EC2::SecurityGroup) {
    require all b in AWS::EC2::SecurityGroup where b.id == target: not (a leads+ b)
}

guardrail round(a: AWS::EC2::SecurityGroup) {
    require not (a leads+ a)
}

guardrail ends(a: AWS::EC2::SecurityGroup) {
    require no b in AWS::EC2::SecurityGroup: a leads+ b
}

guardrail starts(a: AWS::EC2::SecurityGroup) {
    require no b in AWS::EC2::SecurityGroup: b leads+ a
}

guardrail named(a: AWS::EC2::SecurityGroup) {
    require no b in AWS::EC2::SecurityGroup where b leads+ a: (b.tags[\"name\"] ?? \"\") == \"n1\"
}
";

#[derive(Default)]
struct Collector(Vec<Record>);

impl Sink for Collector {
    fn record(&mut self, record: Record) {
        self.0.push(record);
    }

    /// Nothing is said of what is wanted, so that everything has a record.
    fn typed(&mut self, _: Box<Resource>) {}

    fn collected(&mut self, _: parapet_inventory::Collected) {}
    fn incomplete(&mut self, _: parapet_inventory::Gap) {}
    fn ended(&mut self, _: Record) {}
    fn added(&mut self, _: parapet_inventory::Addition) {}

    fn deleted(&mut self, _: Record) {}

    fn skipped(&mut self, skip: Skip) {
        panic!("{}", skip.reason);
    }
}

/// A text, an unknown one, or none.
fn value(random: &mut Random) -> Option<String> {
    match random.below(9) {
        0 => Some("{\"$unknown\": \"later\"}".to_owned()),
        1 => None,
        _ => Some(format!("\"n{}\"", random.below(6))),
    }
}

fn object(random: &mut Random, fixed: &str, names: &[&str]) -> String {
    let fields = names.iter().filter_map(|name| Some(format!("\"{name}\": {}", value(random)?)));
    let fields: Vec<String> = std::iter::once(fixed.to_owned()).filter(|text| !text.is_empty()).chain(fields).collect();
    format!("{{{}}}", fields.join(", "))
}

fn resources(random: &mut Random) -> Vec<Resource> {
    let mut text = String::new();
    for number in 0..1 + random.below(6) {
        let rules: Vec<String> = (0..random.below(4))
            .map(|_| {
                let protocol = if random.chance(1, 8) {
                    "{\"$unknown\": \"later\"}"
                } else {
                    *random.one_of(&["\"tcp\"", "\"udp\""])
                };
                object(random, &format!("\"IpProtocol\": {protocol}"), &["SourceSecurityGroupId", "Description"])
            })
            .collect();
        let rules = if random.chance(1, 9) {
            "{\"$unknown\": \"later\"}".to_owned()
        } else {
            format!("[{}]", rules.join(", "))
        };
        let fixed = format!("\"GroupDescription\": \"d\", \"SecurityGroupIngress\": {rules}");
        let properties = object(random, &fixed, &["VpcId"]);
        let tags = object(random, "", &["next", "name"]);
        let account =
            if random.chance(1, 6) { "" } else { *random.one_of(&["\"account\": \"1\", ", "\"account\": \"2\", "]) };
        text += &format!(
            "{{\"type\": \"AWS::EC2::SecurityGroup\", \"id\": \"n{number}\", {account}\"region\": \"r\", \"tags\": {tags}, \"properties\": {properties}}}\n"
        );
    }
    let mut collector = Collector::default();
    parapet_inventory::read(&Source::alone(Schema::embedded(), 0), &mut text.as_bytes(), &mut collector).unwrap();
    collector.0.iter().map(|record| Resource::read(Schema::embedded(), record, None).0).collect()
}

/// What a relation says, from false to true.
type Matrix = Vec<Vec<Verdict>>;

fn known(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Unknown => 1,
        Verdict::Fail => 2,
        Verdict::NotApplicable => panic!("nothing is skipped"),
        Verdict::Waived => panic!("nothing is skipped"),
    }
}

/// The best way by way of the first so many nodes, for all of them in turn.
fn closed(mut ways: Matrix) -> Matrix {
    for by in 0..ways.len() {
        for from in 0..ways.len() {
            for to in 0..ways.len() {
                let through = std::cmp::min_by_key(ways[from][by], ways[by][to], |verdict| known(*verdict));
                ways[from][to] = std::cmp::max_by_key(ways[from][to], through, |verdict| known(*verdict));
            }
        }
    }
    ways
}

fn any(truths: impl Iterator<Item = Verdict>) -> Verdict {
    truths.max_by_key(|verdict| known(*verdict)).unwrap_or(Verdict::Pass)
}

struct Scene<'p> {
    program: &'p Selected,
    world: &'p World,
    recorder: Option<&'p Recorder>,
}

impl Scene<'_> {
    fn engine(&self, target: usize) -> Engine<'_> {
        let set = [(Arc::from("main::target"), Value::text(format!("n{target}")))];
        let program = &self.program.program;
        Engine::new(program, self.world, Timestamp::UNIX_EPOCH, set.into_iter().collect()).recorded(self.recorder)
    }

    /// The verdicts of a guardrail on each resource, by judging or, as they must be the same, explaining.
    fn verdicts(&self, engine: &Engine<'_>, guardrail: &str, explain: bool) -> Vec<Verdict> {
        let guardrail = engine.guardrail(&format!("main::{guardrail}")).unwrap();
        let subjects = (0..self.world.len()).map(|at| Subject::Resource(ResourceId(at as u32)));
        let verdict = |subject| match explain {
            true => engine.explain(guardrail, subject).verdict,
            false => engine.judge(guardrail, subject),
        };
        subjects.map(verdict).collect()
    }

    /// Of each pair.
    fn matrix(&self, guardrail: &str) -> Matrix {
        let of: Vec<Vec<Verdict>> =
            (0..self.world.len()).map(|target| self.verdicts(&self.engine(target), guardrail, false)).collect();
        (0..of.len()).map(|from| of.iter().map(|column| column[from]).collect()).collect()
    }
}

fn agree(scene: &Scene<'_>, condition: &str) -> [usize; 3] {
    let steps = scene.matrix("step");
    let ways = closed(steps.clone());
    let said = || format!("{condition}\n{:?}\n{steps:?}", scene.world);
    assert_eq!(scene.matrix("way"), ways, "{}", said());
    let nodes = 0..scene.world.len();
    for explain in [false, true] {
        // One engine is asked all of it, so that what one question found serves another.
        let engine = scene.engine(0);
        let round: Vec<Verdict> = nodes.clone().map(|node| ways[node][node]).collect();
        assert_eq!(scene.verdicts(&engine, "round", explain), round, "{}", said());
        let ends: Vec<Verdict> = nodes.clone().map(|node| any(ways[node].iter().copied())).collect();
        assert_eq!(scene.verdicts(&engine, "ends", explain), ends, "{}", said());
        let starts: Vec<Verdict> = nodes.clone().map(|node| any(ways.iter().map(|of| of[node]))).collect();
        assert_eq!(scene.verdicts(&engine, "starts", explain), starts, "{}", said());
    }
    let named = scene.verdicts(&scene.engine(0), "named", true);
    assert_eq!(scene.verdicts(&scene.engine(0), "named", false), named, "{}", said());
    let mut tally = [0; 3];
    ways.iter().flatten().for_each(|verdict| tally[known(*verdict)] += 1);
    tally
}

fn compare(recorded: bool, scenes: usize) {
    let mut random = Random::new(if recorded { 5 } else { 1 });
    for condition in CONDITIONS {
        let text = format!(
            "{PRELUDE}\nrelation leads(a: AWS::EC2::SecurityGroup, b: AWS::EC2::SecurityGroup) =\n    {condition}\n{GUARDRAILS}"
        );
        let rules = load_text("main.parapet", &text);
        let faults: Vec<String> = diagnostics(&rules, Scope::WithTests)
            .into_iter()
            .filter(|(_, found)| found.level() == Level::Error)
            .map(|(_, found)| {
                format!(
                    "{}: {}",
                    text.get(found.span.start as usize..found.span.end as usize).unwrap_or_default(),
                    found.message
                )
            })
            .collect();
        assert!(faults.is_empty(), "{condition}\n{}", faults.join("\n"));
        let program = select(&rules, &Selection::default(), Timestamp::UNIX_EPOCH).unwrap();
        let projection = Projection::of(&program.program);
        let recorder = recorded.then(Recorder::default);
        let mut tally = [0; 3];
        for _ in 0..scenes {
            let coverage = Coverage { closed: true, ..Coverage::default() };
            let world = World::new(resources(&mut random), &coverage, &projection.collections, projection.everything);
            let scene = Scene { program: &program, world: &world, recorder: recorder.as_ref() };
            let found = agree(&scene, condition);
            tally.iter_mut().zip(found).for_each(|(all, more)| *all += more);
        }
        let plain = *condition == "true";
        assert!(
            plain || recorded || tally.iter().all(|times| *times > 0),
            "{condition}: {tally:?} are false, unknown, true"
        );
    }
}

#[test]
fn a_closure_is_what_its_steps_make_of_it() {
    compare(false, 40);
}

#[test]
fn a_closure_is_the_same_while_a_recorder_listens() {
    compare(true, 4);
}
