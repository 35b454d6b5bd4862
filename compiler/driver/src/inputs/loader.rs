//! What readers deliver, typed at once as far as the program reads it.

use std::borrow::Cow;

use jiff::Timestamp;
use parapet_base::Span;
use parapet_interpreter::{Collected, Gap};
use parapet_inventory as inventory;
use parapet_inventory::{By, Fact, Given, Sink, Skip, Types, versioned};
use parapet_ir::Projection;
use parapet_model::{Name, Node, NodeKind, Proof, Reason, Record, Resource, Sharing, Skipped, Unknown, Value};
use rustc_hash::FxHashSet;

use super::Reading;
use super::parts::Part;
use crate::host::shown;

/// Puts what the reader of one file delivers into its part.
pub(super) struct Loader<'l> {
    pub(super) part: &'l mut Part,
    pub(super) reading: &'l Reading<'l>,
    /// The tags of resources whose tags no rule reads.
    pub(super) unread: Value,
    pub(super) sharing: Sharing,
}

/// The tags of resources whose tags no rule reads.
pub(crate) fn unread_tags() -> Value {
    Value::unknown(Reason::Other, "tags were not read from the input")
}

impl Sink for Loader<'_> {
    fn record(&mut self, mut record: Record) {
        let named = |name: &Name| Node::new(Span::default(), NodeKind::Text(name.clone()));
        let (account, region) = &self.reading.place;
        record.account = record.account.or_else(|| account.as_ref().map(named));
        record.region = record.region.or_else(|| region.as_ref().map(named));
        let wanted = wanted(self.reading.projection, &record.resource_type);
        let (resource, findings) = Resource::read(&self.reading.schema, &record, Some(&wanted));
        self.part.strangers.add(&self.part.path, &record, &resource.resource_type, findings.strangers);
        if let Some((_, message)) = findings.errors.first() {
            let origin = record.origin;
            let reason = format!("{} {}: {message}", record.resource_type, resource.label());
            self.part.skipped.push(Skipped {
                path: shown(&self.part.path),
                line: Some(origin.line),
                column: Some(origin.column),
                reason,
                error: true,
            });
            return;
        }
        self.keep(resource, Some(Box::new(Given::of(&record))));
    }

    fn typed(&mut self, typed: Box<Resource>) {
        self.keep(*typed, None);
    }

    fn collected(&mut self, collected: inventory::Collected) {
        let types = match collected.types {
            Types::All => None,
            Types::Listed(types) => Some(types),
        };
        let captured = collected.captured.and_then(|captured| parapet_model::parse_time(&captured));
        if captured.is_some_and(|captured| self.is_too_old(captured)) {
            return;
        }
        if let (By::Listing, Some(time), Some(types)) = (collected.by, captured, &types) {
            let input = self.part.input;
            let places = collected.accounts.iter().flatten().flat_map(|account| {
                collected.regions.iter().flatten().map(move |region| (account.clone(), region.clone()))
            });
            let of_place =
                |place: (Name, Name)| types.iter().map(move |ty| ((ty.clone(), place.clone()), (time, input)));
            self.part.lists.extend(places.flat_map(of_place));
        }
        let (by, asked) = match collected.by {
            By::Listing => (Proof::Listed, false),
            By::Recorder => (Proof::Recorder, false),
            By::AskedRecorder => (Proof::Recorder, true),
        };
        let entry = Collected { types, accounts: collected.accounts, regions: collected.regions, by };
        let entries = if asked { &mut self.part.asked_recorders } else { &mut self.part.collected };
        entries.insert(entry);
    }

    fn incomplete(&mut self, gap: inventory::Gap) {
        let types = match gap.types {
            Types::All => None,
            Types::Listed(types) => Some(types),
        };
        let (account, region, why) = (gap.account, gap.region, gap.why.into());
        self.part.gaps.insert(Gap { types, account, region, beats: gap.beats, why });
    }

    fn deleted(&mut self, record: Record) {
        self.part.deleted += 1;
        self.ended(record);
    }

    fn ended(&mut self, record: Record) {
        let (resource, _) = Resource::read(&self.reading.schema, &record, Some(&FxHashSet::default()));
        self.part.gone.push(resource);
    }

    fn added(&mut self, addition: inventory::Addition) {
        self.part.additions.push(addition);
    }

    fn skipped(&mut self, skipped: Skip) {
        self.part.skipped.push(Skipped {
            path: shown(&self.part.path),
            line: Some(skipped.line),
            column: Some(skipped.column),
            reason: skipped.reason,
            error: skipped.error,
        });
    }

    fn told(&mut self, fact: Fact) {
        self.part.facts.push(fact);
    }
}

/// The properties of a type that are kept: what rules read, and by what a change of one with versions is known.
pub(crate) fn wanted<'p>(projection: &'p Projection, ty: &str) -> Cow<'p, FxHashSet<Name>> {
    match (projection.wanted(ty), versioned(ty)) {
        (None, _) => Cow::Owned(FxHashSet::default()),
        (Some(read), None) => Cow::Borrowed(read),
        (Some(read), Some(versioned)) => {
            let more = versioned.properties().map(Name::from);
            Cow::Owned(read.iter().cloned().chain(more).collect())
        }
    }
}

/// The same, with the tags of types whose tags rules read.
pub(crate) fn wanted_with_tags(projection: &Projection) -> impl Fn(&str) -> FxHashSet<Name> + Sync {
    |ty: &str| {
        let mut wanted = wanted(projection, ty).into_owned();
        if projection.reads_tags(ty) {
            wanted.insert(inventory::TAGS.into());
        }
        wanted
    }
}

impl Loader<'_> {
    fn keep(&mut self, mut resource: Resource, given: Option<Box<Given>>) {
        self.age(&mut resource);
        if !self.reading.projection.reads_tags(&resource.resource_type) {
            resource.tags = self.unread.clone();
        }
        self.sharing.share(&mut resource);
        // What is looked at again and again, from other resources, is there at once.
        match self.reading.projection.joins(&resource.resource_type) {
            true => self.part.resources.push(resource),
            false => self.part.resources.pack(resource),
        }
        self.part.given.push(given);
    }

    fn is_too_old(&self, captured: Timestamp) -> bool {
        let age = self.reading.as_of.duration_since(captured);
        self.reading.max_age.is_some_and(|limit| age > limit)
    }

    /// Notes the capture time; a record older than the limit is unknown.
    fn age(&mut self, resource: &mut Resource) {
        let Value::Time(captured) = resource.captured else { return };
        let span = self.part.captured.get_or_insert((captured, captured));
        *span = (span.0.min(captured), span.1.max(captured));
        let age = self.reading.as_of.duration_since(captured);
        if let Some(limit) = self.reading.max_age.filter(|limit| age > *limit) {
            let why = format!(
                "stale: captured {captured}, more than {} before",
                parapet_interpreter::display_duration(limit)
            );
            resource.blank = Some(Unknown::new(Reason::Stale, why));
            self.part.stale += 1;
        }
    }
}
