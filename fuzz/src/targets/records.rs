//! Inventories: what is read of them whole, by what rules read, and on several threads is the same.

use std::collections::BTreeSet;

use parapet_base::Span;
use parapet_inventory::{Addition, Collected, Fact, Gap, Sink, Skip, Source, read, read_on};
use parapet_model::json::{Glance, parse};
use parapet_model::{Findings, Name, NodeKind, Record, Resource, Schema};
use rustc_hash::FxHashSet;

use super::{Behaviour, Target, Tried, hold};

/// See the module.
#[derive(Default)]
pub struct Records;

/// Objects whose own members are listed.
const OPENED: [&[u8]; 2] = [b"configuration", b"supplementaryConfiguration"];

/// Some properties of a type.
fn wanted(ty: &str) -> FxHashSet<Name> {
    let is_wanted = |name: &&Name| !name.bytes().map(usize::from).sum::<usize>().is_multiple_of(3);
    let ty = Schema::embedded().resource_type(ty);
    ty.iter().flat_map(|ty| ty.properties.keys()).filter(is_wanted).cloned().collect()
}

/// What was delivered, as text.
#[derive(Default)]
struct Kept {
    resources: Vec<String>,
    skips: Vec<Skip>,
    others: BTreeSet<String>,
}

impl Kept {
    fn keep(&mut self, resource: &Resource, findings: &Findings) {
        let properties: BTreeSet<String> =
            resource.properties.iter().map(|(name, value)| format!("{name} {value:?}")).collect();
        let header = ["id", "arn", "name", "account", "region", "captured"].map(|name| resource.header(name));
        let Resource { resource_type, origin, form, .. } = resource;
        self.resources.push(format!("{resource_type} {origin:?} {form:?} {header:?} {properties:?} {findings:?}"));
    }

    fn other(&mut self, what: &dyn std::fmt::Debug) {
        self.others.insert(format!("{what:?}"));
    }
}

impl Sink for Kept {
    fn record(&mut self, record: Record) {
        let wanted = wanted(&record.resource_type);
        let (resource, findings) = Resource::read(Schema::embedded(), &record, Some(&wanted));
        self.keep(&resource, &findings);
    }

    fn typed(&mut self, typed: Box<Resource>) {
        self.keep(&typed, &Findings::default());
    }

    fn collected(&mut self, collected: Collected) {
        self.other(&collected);
    }

    fn incomplete(&mut self, gap: Gap) {
        self.other(&gap);
    }

    fn deleted(&mut self, record: Record) {
        self.other(&(record.resource_type, record.origin));
    }

    fn ended(&mut self, record: Record) {
        self.other(&(record.resource_type, record.origin));
    }

    fn added(&mut self, addition: Addition) {
        self.other(&addition);
    }

    fn skipped(&mut self, skip: Skip) {
        self.skips.push(skip);
    }

    fn told(&mut self, fact: Fact) {
        self.other(&fact);
    }
}

impl Target for Records {
    fn try_text(&mut self, text: &str) -> Tried {
        let mut behaviour = Behaviour::default();
        glance(text, &mut behaviour)?;
        let source = Source::alone(Schema::embedded(), 0);
        let mut whole = Kept::default();
        let meant = read(&source, &mut text.as_bytes(), &mut whole);
        behaviour.saw(whole.resources.len());
        for skip in &whole.skips {
            // Without the names in it.
            behaviour.saw(skip.reason.split('`').step_by(2).collect::<Vec<_>>());
        }
        for part in whole.resources.iter().flat_map(|resource| resource.split_whitespace().take(1)) {
            behaviour.saw(part);
        }
        let told = |kept: &Kept| (kept.resources.clone(), kept.skips.clone(), kept.others.clone());
        let same = |kept: &Kept, outcome: String, promise: &'static str| {
            let how = || format!("{:?}\n{:?}\n{outcome}\n{meant:?}", told(kept), told(&whole));
            hold(told(kept) == told(&whole) && outcome == format!("{meant:?}"), promise, how)
        };
        // A key that occurs twice is seen only where it is read.
        if !whole.skips.iter().any(|skip| skip.reason.contains("twice")) {
            let source = Source { wanted: Some(&wanted), ..source };
            let mut parts = Kept::default();
            let outcome = read(&source, &mut text.as_bytes(), &mut parts);
            same(&parts, format!("{outcome:?}"), "what is read by parts is what is read whole")?;
        }
        let mut threads = Kept::default();
        if let Ok(outcome) = read_on(2, &source, &mut text.as_bytes(), &mut threads) {
            same(&threads, format!("{outcome:?}"), "threads read what one reads")?;
        }
        Ok(behaviour)
    }
}

/// What is seen at a glance of each line is what the parser finds in it.
fn glance(text: &str, behaviour: &mut Behaviour) -> Result<(), super::Broken> {
    let mut glance = Glance::default();
    for line in text.lines().filter(|line| line.starts_with('{')) {
        let node = parse(line.trim_end());
        let end = glance.at(line.as_bytes(), &OPENED);
        behaviour.saw((end.is_some(), node.is_ok()));
        match (end, node) {
            (Some(end), Ok(node)) => {
                let NodeKind::Map(members) = &node.kind else { continue };
                let listed = glance.members.iter().map(|place| (line.get(place.key.range()), place.value));
                let found = members.iter().map(|(key, node)| (Some(&**key), node.span));
                let same = end == line.trim_end().len() && listed.eq(found);
                hold(same, "a glance lists what the parser finds", || format!("{line}\n{:?}", glance.members))?;
                for place in &glance.inner {
                    let at = Span::new(place.value.start as usize, place.value.end as usize);
                    let same = glance.pointer_to(line, at) == node.pointer_to(at);
                    hold(same, "a glance leads where the tree leads", || format!("{line}\n{place:?}"))?;
                }
            }
            // The parser refuses keys that occur twice far inside.
            (Some(end), Err(error)) => {
                let known = error.message.contains("twice") || end < line.trim_end().len();
                hold(known, "a glance refuses what the parser refuses", || format!("{line}\n{}", error.message))?;
            }
            (None, Ok(_)) => {
                let many = line.matches(':').count() > 256;
                let known = many || line.contains('\\') || parse_is_large(line);
                hold(known, "a glance takes what the parser takes", || line.to_owned())?;
            }
            (None, Err(_)) => {}
        }
    }
    Ok(())
}

/// Whether a line may hold more members than are listed.
fn parse_is_large(line: &str) -> bool {
    line.len() > 2048 && line.matches(',').count() > 200
}
