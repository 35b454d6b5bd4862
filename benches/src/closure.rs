//! The closure of a relation: `group admits+ group`, asked of one group of graphs of several shapes and sizes, and what
//! is asked of every group of a chain.

use anyhow::{Context, Result, anyhow};
use parapet_driver::{Selection, load_text, select};
use parapet_interpreter::{Coverage, Engine, Subject, World};
use parapet_inventory::{Sink, Skip, Source};
use parapet_ir::{Guardrail, Program, Projection};
use parapet_model::{Record, Resource, ResourceId, Schema};
use std::fmt::Write;
use std::hint::black_box;

use crate::clock::timed;
use crate::least::{Least, ROUNDS};

const PROGRAM: &str = "relation admits(a: AWS::EC2::SecurityGroup, b: AWS::EC2::SecurityGroup) =
    any rule in a.SecurityGroupIngress: rule.SourceSecurityGroupId == b.id

guardrail group_is_in_no_circle(group: AWS::EC2::SecurityGroup) {
    require not (group admits+ group)
}

guardrail does_not_lead_to_the_last(group: AWS::EC2::SecurityGroup) {
    require no last in AWS::EC2::SecurityGroup where last.tags[\"last\"] == \"yes\": group admits+ last
}

guardrail is_led_to(group: AWS::EC2::SecurityGroup) {
    require any other in AWS::EC2::SecurityGroup: other admits+ group
}
";

/// Numbers of edges.
pub(crate) const SIZES: [usize; 3] = [1_000, 10_000, 100_000];

/// Numbers of edges of the chains of which every group is asked.
pub(crate) const CHAINS: [usize; 2] = [2_000, 20_000];

/// What is asked of every group of a chain: how it is told, the guardrail, and whether its verdicts are explained.
pub(crate) const QUESTIONS: [(&str, &str, bool); 4] = [
    ("`group admits+ group`", "group_is_in_no_circle", false),
    ("`group admits+ last`", "does_not_lead_to_the_last", false),
    ("`group admits+ last`, each explained", "does_not_lead_to_the_last", true),
    ("`any other in T: other admits+ group`", "is_led_to", false),
];

/// How the edges lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Each node leads to the next one.
    Chain,
    /// And the last to the first.
    Cycle,
    /// Each node leads to all others.
    Dense,
}

impl Shape {
    /// All shapes.
    pub(crate) const ALL: [Shape; 3] = [Shape::Chain, Shape::Cycle, Shape::Dense];

    /// The name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Shape::Chain => "chain",
            Shape::Cycle => "cycle",
            Shape::Dense => "dense",
        }
    }

    /// How many nodes have so many edges, and the targets of one of them.
    fn nodes(self, edges: usize) -> usize {
        match self {
            Shape::Chain => edges + 1,
            Shape::Cycle => edges,
            Shape::Dense => (edges as f64).sqrt().round() as usize,
        }
    }

    fn targets(self, node: usize, nodes: usize) -> std::ops::Range<usize> {
        match self {
            Shape::Chain => node + 1..(node + 2).min(nodes),
            Shape::Cycle => (node + 1) % nodes..(node + 1) % nodes + 1,
            Shape::Dense => 0..nodes,
        }
    }
}

/// The name of a measurement.
pub(crate) fn name(shape: Shape, edges: usize) -> String {
    format!("{} {edges}", shape.name())
}

/// Measures all shapes and sizes.
pub(crate) fn rounds(least: &mut Least) -> Result<()> {
    let rules = load_text("main.parapet", PROGRAM);
    let selected =
        select(&rules, &Selection::default(), jiff::Timestamp::UNIX_EPOCH).map_err(|message| anyhow!(message))?;
    let projection = Projection::of(&selected.program);
    let world = |shape, edges| -> Result<World> {
        let closed = Coverage { closed: true, ..Coverage::default() };
        Ok(World::new(resources(shape, edges)?, &closed, &projection.collections, projection.everything))
    };
    for shape in Shape::ALL {
        for edges in SIZES {
            let world = world(shape, edges)?;
            for _ in 0..ROUNDS {
                let engine = engine(&selected.program, &world);
                let guardrail = named(&engine, "group_is_in_no_circle")?;
                let judge = || black_box(engine.judge(guardrail, Subject::Resource(ResourceId(0))));
                least.note(&name(shape, edges), timed(judge).0);
            }
        }
    }
    for edges in CHAINS {
        let world = world(Shape::Chain, edges)?;
        for _ in 0..ROUNDS {
            for (question, guardrail, explained) in QUESTIONS {
                let engine = engine(&selected.program, &world);
                let guardrail = named(&engine, guardrail)?;
                let ask = || every(&engine, guardrail, explained);
                least.note(&asked(question, edges), timed(ask).0);
            }
        }
    }
    Ok(())
}

/// The name of a measurement of all groups.
pub(crate) fn asked(question: &str, edges: usize) -> String {
    format!("{question} {edges}")
}

fn engine<'p>(program: &'p Program, world: &'p World) -> Engine<'p> {
    Engine::new(program, world, jiff::Timestamp::UNIX_EPOCH, Default::default())
}

fn named<'p>(engine: &Engine<'p>, name: &str) -> Result<&'p Guardrail> {
    engine.guardrail(&format!("main::{name}")).with_context(|| format!("the guardrail `{name}` does not check"))
}

fn every(engine: &Engine<'_>, guardrail: &Guardrail, explained: bool) {
    for (id, _) in engine.world().resources() {
        let subject = Subject::Resource(id);
        match explained {
            true => drop(black_box(engine.explain(guardrail, subject))),
            false => drop(black_box(engine.judge(guardrail, subject))),
        }
    }
}

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

    fn skipped(&mut self, _: Skip) {}
}

fn resources(shape: Shape, edges: usize) -> Result<Vec<Resource>> {
    let nodes = shape.nodes(edges);
    let mut text = String::new();
    for node in 0..nodes {
        let rules: Vec<String> = shape
            .targets(node, nodes)
            .map(|target| format!("{{\"IpProtocol\": \"tcp\", \"SourceSecurityGroupId\": \"sg-{target}\"}}"))
            .collect();
        let tags = if node + 1 == nodes { "{\"last\": \"yes\"}" } else { "{}" };
        writeln!(
            text,
            "{{\"type\": \"AWS::EC2::SecurityGroup\", \"id\": \"sg-{node}\", \"account\": \"111122223333\", \"region\": \"eu-west-1\", \"tags\": {tags}, \
             \"properties\": {{\"GroupDescription\": \"d\", \"SecurityGroupIngress\": [{}]}}}}",
            rules.join(", ")
        )?;
    }
    let mut collector = Collector::default();
    parapet_inventory::read(&Source::alone(Schema::embedded(), 0), &mut text.as_bytes(), &mut collector)?;
    Ok(collector.0.iter().map(|record| Resource::read(Schema::embedded(), record, None).0).collect())
}
