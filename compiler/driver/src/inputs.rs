//! Inputs to resources.
//!
//! Files are read at the same time; each record is typed at once, as far as the program reads it. Of several
//! records of one resource the latest capture stays.

pub(crate) mod early;
mod files;
mod handing;
mod loader;
mod merging;
mod parts;

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use hashbrown::HashTable;
use indexmap::IndexSet;
use jiff::{SignedDuration, Timestamp};
use parapet_interpreter::{Collected, Coverage, Gap};
use parapet_inventory as inventory;
use parapet_inventory::{Given, Organisation};
use parapet_ir::Projection;
use parapet_model::{InputInfo, Name, Origin, Resource, Resources, Schema, Skipped};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::host::Host;
use crate::parallel::in_parallel;
use crate::strangers::Strangers;

pub(crate) use early::Early;
use files::found_files;
pub(crate) use loader::{unread_tags, wanted, wanted_with_tags};
use merging::DatedList;
pub(crate) use merging::agreed;
use parts::{Part, Passed};

/// How inputs are read.
pub(crate) struct Reading<'r> {
    pub projection: &'r Projection,
    pub format: Option<String>,
    /// Types that the caller says were collected completely.
    pub collected: Vec<Name>,
    pub as_of: Timestamp,
    pub max_age: Option<SignedDuration>,
    /// The account and region of records that name none: those of the inventory that they are a change of.
    pub place: (Option<Name>, Option<Name>),
    /// What the parameters of templates stand for.
    pub parameters: inventory::Parameters,
    /// A template or plan does not say all that there is.
    pub open_world: bool,
    /// Files that set variables of Terraform configuration.
    pub var_files: Vec<PathBuf>,
    /// The resource types that rules may name.
    pub schema: Arc<Schema>,
    /// What nobody reads is parsed all the same.
    pub strict: bool,
    /// What was read before the projection was known.
    pub early: Mutex<Early>,
    /// Whether the result says what the bytes of each input hash to.
    pub digests: bool,
    /// How many files are read at once.
    pub jobs: usize,
    /// Told the bytes read so far, and all of them where known.
    pub progress: &'r (dyn Fn(u64, u64) + Sync),
}

/// What the inputs hold.
pub(crate) struct Inputs {
    /// What they were read by.
    pub schema: Arc<Schema>,
    pub resources: Resources,
    /// What reading each resource again needs, where the resource does not say it ([`Given::of_resource`]).
    pub given: Vec<Option<Box<Given>>>,
    pub coverage: Coverage,
    /// What is told of accounts.
    pub organisation: Organisation,
    pub infos: Vec<InputInfo>,
    /// Paths by [`Origin::input`].
    pub paths: Vec<PathBuf>,
    pub skipped: Vec<Skipped>,
    pub deleted: usize,
    pub duplicates: usize,
    pub stale: usize,
    pub strangers: Strangers,
    pub captured: Option<(Timestamp, Timestamp)>,
    /// Whole lists that say when they were asked for.
    lists: Vec<DatedList>,
    /// What recorders cover that were asked for.
    asked_recorders: IndexSet<Collected, FxBuildHasher>,
    collected: IndexSet<Collected, FxBuildHasher>,
    gaps: IndexSet<Gap, FxBuildHasher>,
    /// How many inputs say all that there is.
    worlds: usize,
    /// The latest record of each resource that can be told from others.
    identities: HashTable<u32>,
    dead: FxHashSet<usize>,
    /// Those of the same time, by the latest record.
    rivals: FxHashMap<usize, Vec<usize>>,
    /// Records that are left out, but of the time of one that stays, by the number of its resource.
    pub(crate) compared: FxHashMap<usize, Vec<Again>>,
    /// Deleted resources.
    pub(crate) gone: Vec<Resource>,
    /// What is added to resources of other inputs.
    pub(crate) additions: Vec<inventory::Addition>,
}

/// What it takes to read a record again.
pub(crate) struct Again {
    pub origin: Origin,
    pub given: Given,
}

/// Reads files and folders: each file by itself, some at once, and then one after the other in the order given.
pub(crate) fn read(host: &dyn Host, paths: &[String], reading: &Reading<'_>) -> std::io::Result<Inputs> {
    let mut inputs = Inputs::new(reading.schema.clone());
    let files = found_files(host, paths, &mut inputs.skipped);
    let total = files.iter().filter_map(|file| host.size(&file.path)).sum();
    let passed = Passed { bytes: AtomicU64::new(0), total, tell: reading.progress, digests: reading.digests };
    let threads = reading.jobs / files.len().max(1);
    let part = |at: usize| files.get(at).map(|file| parts::read(host, (file, at as u32), reading, (&passed, threads)));
    let parts = in_parallel(reading.jobs, files.len(), &part)?;
    for (part, file) in parts.into_iter().zip(&files) {
        inputs.absorb(part.flatten().unwrap_or_else(|| Part::broken(&file.path)));
    }
    inputs.cover(&reading.collected);
    // A document beside a live inventory says nothing of what else is in its account.
    inputs.coverage.closed = !reading.open_world && inputs.worlds > 0 && inputs.worlds == inputs.infos.len();
    inputs.drop_duplicates();
    Ok(inputs)
}

impl Inputs {
    fn new(schema: Arc<Schema>) -> Inputs {
        Inputs {
            schema,
            resources: Resources::default(),
            given: Vec::new(),
            coverage: Coverage::default(),
            organisation: Organisation::default(),
            infos: Vec::new(),
            paths: Vec::new(),
            skipped: Vec::new(),
            deleted: 0,
            duplicates: 0,
            stale: 0,
            strangers: Strangers::default(),
            captured: None,
            lists: Vec::new(),
            asked_recorders: IndexSet::default(),
            collected: IndexSet::default(),
            gaps: IndexSet::default(),
            worlds: 0,
            identities: HashTable::new(),
            dead: FxHashSet::default(),
            rivals: FxHashMap::default(),
            compared: FxHashMap::default(),
            gone: Vec::new(),
            additions: Vec::new(),
        }
    }

    /// Adds what a file holds, which comes after all before it.
    fn absorb(&mut self, part: Part) {
        self.paths.push(part.path);
        let first = self.resources.len();
        match first {
            0 => (self.resources, self.given) = (part.resources, part.given),
            _ => {
                self.resources.append(part.resources);
                self.given.extend(part.given);
            }
        }
        self.identify_from(first);
        self.infos.extend(part.info);
        self.worlds += usize::from(part.is_world);
        self.coverage.unseen.extend(part.unseen);
        self.skipped.extend(part.skipped);
        self.deleted += part.deleted;
        self.stale += part.stale;
        self.strangers.append(part.strangers);
        self.captured = match (self.captured, part.captured) {
            (Some((oldest, newest)), Some((first, last))) => Some((oldest.min(first), newest.max(last))),
            (before, captured) => before.or(captured),
        };
        self.lists.extend(part.lists);
        self.asked_recorders.extend(part.asked_recorders);
        self.collected.extend(part.collected);
        self.gaps.extend(part.gaps);
        self.gone.extend(part.gone);
        self.additions.extend(part.additions);
        part.facts.into_iter().for_each(|fact| self.organisation.tell(fact));
    }

    /// The inputs of some of these resources and of all of others behind them, of which there are these now.
    pub(crate) fn with(&self, kept: &[usize], mut others: Inputs, resources: Vec<Resource>) -> Inputs {
        let mut given: Vec<Option<Box<Given>>> = kept.iter().filter_map(|at| self.given.get(*at)).cloned().collect();
        given.append(&mut others.given);
        let joined = |a: &[PathBuf], b: Vec<PathBuf>| a.iter().cloned().chain(b).collect();
        let mut strangers = self.strangers.clone();
        strangers.append(others.strangers);
        Inputs {
            schema: self.schema.clone(),
            resources: resources.into(),
            given,
            coverage: self.coverage.clone(),
            infos: self.infos.iter().cloned().chain(others.infos).collect(),
            paths: joined(&self.paths, others.paths),
            skipped: self.skipped.iter().cloned().chain(others.skipped).collect(),
            deleted: self.deleted + others.deleted,
            duplicates: self.duplicates + others.duplicates,
            stale: self.stale + others.stale,
            strangers,
            captured: self.captured,
            lists: Vec::new(),
            asked_recorders: IndexSet::default(),
            collected: IndexSet::default(),
            gaps: IndexSet::default(),
            worlds: 0,
            identities: HashTable::new(),
            dead: FxHashSet::default(),
            rivals: FxHashMap::default(),
            compared: FxHashMap::default(),
            gone: Vec::new(),
            additions: Vec::new(),
            organisation: self.organisation.clone(),
        }
    }
}
