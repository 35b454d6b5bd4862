//! Judges scenes: through the engine, and through the whole pipeline of `check`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use parapet_driver::{
    Level, Memory, Request, Rules, Scope, Selected, Selection, check, diagnostics, load_text, select,
};
use parapet_interpreter::{Collected, Coverage, Engine, Subject, World};
use parapet_inventory::{Sink, Skip, Source, Types};
use parapet_ir::{Population, Projection};
use parapet_model::{Record, Resource, ResourceId, Schema, Verdict};
use parapet_report::{FORMATS, Options};

use crate::records::Scene;

/// Verdicts by guardrail and key of the record.
pub(crate) type Verdicts = BTreeMap<(String, usize), Verdict>;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A program that was checked.
pub(crate) struct Program {
    _rules: Rules,
    selected: Selected,
    projection: Projection,
}

/// Where the errors of a program stand, in bytes.
pub(crate) fn errors(text: &str) -> Vec<usize> {
    let rules = load_text("main.parapet", text);
    let found = diagnostics(&rules, Scope::WithTests).into_iter().map(|(_, found)| found);
    found.filter(|found| found.level() == Level::Error).map(|found| found.span.start as usize).collect()
}

/// What a reader delivers.
#[derive(Default)]
struct Collector {
    records: Vec<Record>,
    coverage: Coverage,
    skipped: Vec<String>,
}

impl Sink for Collector {
    fn record(&mut self, record: Record) {
        self.records.push(record);
    }

    /// Nothing is said of what is wanted, so that everything has a record.
    fn typed(&mut self, _: Box<Resource>) {}

    fn collected(&mut self, collected: parapet_inventory::Collected) {
        let types = match collected.types {
            Types::All => None,
            Types::Listed(types) => Some(types),
        };
        let (accounts, regions) = (collected.accounts, collected.regions);
        self.coverage.collected.push(Collected { types, accounts, regions, by: parapet_model::Proof::Listed });
    }

    fn incomplete(&mut self, gap: parapet_inventory::Gap) {
        self.skipped.push(gap.why);
    }

    fn deleted(&mut self, _: Record) {}

    fn ended(&mut self, _: Record) {}

    fn added(&mut self, _: parapet_inventory::Addition) {}

    fn skipped(&mut self, skipped: Skip) {
        self.skipped.push(skipped.reason);
    }
}

impl Program {
    /// Loads a program; guardrails that do not check are left out.
    pub(crate) fn load(text: &str) -> Program {
        let rules = load_text("main.parapet", text);
        let selected = select(&rules, &Selection::default(), NOW).unwrap();
        let projection = Projection::of(&selected.program);
        Program { _rules: rules, selected, projection }
    }

    /// How many guardrails check.
    pub(crate) fn len(&self) -> usize {
        self.selected.program.guardrails.len()
    }

    pub(crate) fn judge(&self, scene: &Scene) -> Verdicts {
        self.each(scene, |engine, guardrail, subject| engine.judge(guardrail, subject))
    }

    /// The verdicts of explanations, which must not depend on how much is explained.
    pub(crate) fn explain(&self, scene: &Scene) -> Verdicts {
        self.each(scene, |engine, guardrail, subject| {
            let explained = engine.explain(guardrail, subject).verdict;
            assert_eq!(explained, engine.trace(guardrail, subject).verdict);
            explained
        })
    }

    fn each(
        &self,
        scene: &Scene,
        verdict: impl Fn(&Engine<'_>, &parapet_ir::Guardrail, Subject) -> Verdict,
    ) -> Verdicts {
        let mut collector = Collector::default();
        let text = scene.ndjson();
        parapet_inventory::read(&Source::alone(Schema::embedded(), 0), &mut text.as_bytes(), &mut collector).unwrap();
        assert!(collector.skipped.is_empty(), "{:?}\n{text}", collector.skipped);
        let resources = collector.records.iter().map(|record| {
            let (resource, findings) = Resource::read(Schema::embedded(), record, None);
            assert!(findings.errors.is_empty(), "{:?}\n{text}", findings.errors);
            resource
        });
        let resources: Vec<Resource> = resources.collect();
        let world =
            World::new(resources, &collector.coverage, &self.projection.collections, self.projection.everything);
        let engine = Engine::new(&self.selected.program, &world, NOW, Default::default());
        let keys = scene.keys();
        let mut verdicts = Verdicts::new();
        for guardrail in &self.selected.program.guardrails {
            let subjects: Vec<ResourceId> = match &guardrail.population {
                Population::Types(types) => types.iter().flat_map(|name| world.of_type(name)).copied().collect(),
                Population::AllResources => world.ids().collect(),
                Population::Accounts => Vec::new(),
            };
            for id in subjects {
                let Some(key) = keys.get(id.0 as usize) else { continue };
                let verdict = verdict(&engine, guardrail, Subject::Resource(id));
                verdicts.insert((guardrail.path.to_string(), *key), verdict);
            }
        }
        verdicts
    }

    /// Whether a guardrail may see the order of records: by the first of a collection, or a list made of one.
    pub(crate) fn asks_for_order(&self, text: &str) -> bool {
        text.contains("(first") || text.contains("[0]")
    }

    /// The program without the guardrails that do not check.
    pub(crate) fn checked_text(&self, text: &str) -> String {
        let checked = |item: &str| {
            let name = item.strip_prefix("guardrail ").and_then(|rest| rest.split('(').next());
            name.is_none_or(|name| {
                self.selected.program.guardrails.iter().any(|known| *known.path == *format!("main::{name}"))
            })
        };
        text.split("\n\n").filter(|item| checked(item)).collect::<Vec<_>>().join("\n\n")
    }
}

/// The bytes of all reports of a run.
pub(crate) fn report(text: &str, scene: &Scene, jobs: usize) -> String {
    let files = [("main.parapet", text.to_owned()), ("in.ndjson", scene.ndjson())];
    let host = Memory::new(NOW).with(files.map(|(path, text)| (path.to_owned(), text)));
    let request = Request {
        rules: vec!["main.parapet".to_owned()],
        inputs: vec!["in.ndjson".to_owned()],
        keep_going: true,
        all: true,
        jobs,
        ..Request::at(NOW)
    };
    let Ok(outcome) = check(&host, &request) else { panic!("the run was refused\n{text}") };
    let mut bytes = Vec::new();
    for format in FORMATS {
        format.write(&outcome.result, &Options { all: true, ..Options::default() }, &mut bytes).unwrap();
    }
    bytes.extend(parapet_report::accounting(&outcome.result).bytes());
    String::from_utf8(bytes).unwrap()
}
