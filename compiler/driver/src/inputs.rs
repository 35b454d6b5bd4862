//! Inputs to resources.
//!
//! Files are read one after another; each record is typed at once, as far as the program reads it. Of several
//! records of one resource the latest capture stays.

mod files;
mod loader;
mod merging;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexSet;
use jiff::{SignedDuration, Timestamp};
use parapet_interpreter::{Collected, Coverage, Gap};
use parapet_inventory as inventory;
use parapet_inventory::{Given, Limits, Organisation};
use parapet_ir::Projection;
use parapet_model::{InputInfo, Name, Resource, Schema, Skipped};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use crate::host::{Host, shown};
use crate::rules::hex;

use files::{Beside, FoundFile, fault, find, leave_out_modules, leave_out_repeated};
use loader::Loader;
use merging::{DatedList, Identity};

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
    /// Told the bytes read so far, and all of them where known.
    pub progress: &'r (dyn Fn(u64, u64) + Sync),
}

/// What the inputs hold.
pub(crate) struct Inputs {
    /// What they were read by.
    pub schema: Arc<Schema>,
    pub resources: Vec<Resource>,
    /// What reading each resource again needs.
    pub given: Vec<Given>,
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
    pub unknown_members: usize,
    pub captured: Option<(Timestamp, Timestamp)>,
    /// Whole lists that say when they were asked for.
    lists: Vec<DatedList>,
    /// What recorders cover that were asked for.
    asked_recorders: IndexSet<Collected, FxBuildHasher>,
    collected: IndexSet<Collected, FxBuildHasher>,
    gaps: IndexSet<Gap, FxBuildHasher>,
    /// How many inputs say all that there is.
    worlds: usize,
    identities: FxHashMap<Identity, usize>,
    dead: FxHashSet<usize>,
    /// Deleted resources.
    pub(crate) gone: Vec<Resource>,
    /// What is added to resources of other inputs.
    pub(crate) additions: Vec<inventory::Addition>,
}

/// Reads files and folders in the order given.
pub(crate) fn read(host: &dyn Host, paths: &[String], reading: &Reading<'_>) -> Inputs {
    let mut inputs = Inputs::new(reading.schema.clone());
    let mut files: Vec<FoundFile> = Vec::new();
    for path in paths {
        find(host, Path::new(path), &mut files, &mut inputs.skipped);
    }
    leave_out_modules(host, &mut files, &mut inputs.skipped);
    leave_out_repeated(host, &mut files, &mut inputs.skipped);
    let total = files.iter().filter_map(|file| host.size(&file.path)).sum();
    let mut before = 0;
    for file in files {
        read_file(host, &file, reading, (before, total), &mut inputs);
        before += host.size(&file.path).unwrap_or(0);
    }
    inputs.cover(&reading.collected);
    // A document beside a live inventory says nothing of what else is in its account.
    inputs.coverage.closed = !reading.open_world && inputs.worlds > 0 && inputs.worlds == inputs.infos.len();
    inputs.drop_duplicates();
    inputs
}

fn read_file(host: &dyn Host, file: &FoundFile, reading: &Reading<'_>, done: (u64, u64), inputs: &mut Inputs) {
    let path = file.path.as_path();
    let input = inputs.paths.len() as u32;
    inputs.paths.push(path.to_owned());
    let reader = match host.open(path) {
        Ok(reader) => reader,
        Err(error) => return inputs.skipped.push(fault(path, format!("cannot be read: {error}"))),
    };
    let mut hashing = Hashing { inner: reader, hash: Sha256::new(), bytes: 0, done, progress: reading.progress };
    let before = inputs.resources.len();
    let mut loader = Loader { inputs, reading, path: shown(path) };
    let source = inventory::Source {
        schema: &reading.schema,
        input,
        path,
        format: reading.format.as_deref(),
        limits: Limits::default(),
        files: &Beside { host, named: &reading.var_files },
        parameters: &reading.parameters,
        within: file.within.as_deref().unwrap_or(Path::new("")),
        var_files: &reading.var_files,
    };
    let outcome = inventory::read(&source, &mut hashing, &mut loader);
    // Whatever the reader left unread belongs to the file's digest all the same.
    let _ = std::io::copy(&mut hashing, &mut std::io::sink());
    let info = |format: String| InputInfo {
        path: shown(path),
        format,
        resources: 0,
        sha256: hex(&hashing.hash.clone().finalize()),
        onto: false,
    };
    match outcome {
        Ok(summary) => {
            inputs.worlds += usize::from(summary.world);
            let unseen = summary.unseen.iter().map(|name| Name::from(*name));
            inputs.coverage.unseen.extend(unseen);
            let resources = inputs.resources.len() - before;
            let format = if summary.formats.is_empty() { "unreadable".to_owned() } else { summary.formats.join("+") };
            inputs.infos.push(InputInfo { resources, ..info(format) });
        }
        Err(error @ (inventory::Error::Unrecognised | inventory::Error::NotYet(_))) if file.within.is_some() => {
            inputs.skipped.push(Skipped { error: false, ..fault(path, error.to_string()) });
        }
        Err(error) => {
            inputs.infos.push(info("unreadable".to_owned()));
            inputs.skipped.push(fault(path, error.to_string()));
        }
    }
}

/// Hashes what passes, and tells how far it is.
struct Hashing<'h> {
    inner: Box<dyn Read + 'h>,
    hash: Sha256,
    bytes: u64,
    done: (u64, u64),
    progress: &'h (dyn Fn(u64, u64) + Sync),
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(buffer.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        (self.progress)(self.done.0 + self.bytes, self.done.1);
        Ok(read)
    }
}

impl Inputs {
    fn new(schema: Arc<Schema>) -> Inputs {
        Inputs {
            schema,
            resources: Vec::new(),
            given: Vec::new(),
            coverage: Coverage::default(),
            organisation: Organisation::default(),
            infos: Vec::new(),
            paths: Vec::new(),
            skipped: Vec::new(),
            deleted: 0,
            duplicates: 0,
            stale: 0,
            unknown_members: 0,
            captured: None,
            lists: Vec::new(),
            asked_recorders: IndexSet::default(),
            collected: IndexSet::default(),
            gaps: IndexSet::default(),
            worlds: 0,
            identities: FxHashMap::default(),
            dead: FxHashSet::default(),
            gone: Vec::new(),
            additions: Vec::new(),
        }
    }

    /// Some resources of these inputs, and all of others behind them.
    pub(crate) fn with(&self, kept: &[usize], mut others: Inputs) -> Inputs {
        let shift = self.paths.len() as u32;
        for resource in &mut others.resources {
            resource.origin.input += shift;
        }
        let of_kept = || kept.iter().filter_map(|at| self.resources.get(*at).zip(self.given.get(*at)));
        let (mut resources, mut given): (Vec<Resource>, Vec<Given>) =
            of_kept().map(|(resource, given)| (resource.clone(), given.clone())).unzip();
        resources.append(&mut others.resources);
        given.append(&mut others.given);
        let joined = |a: &[PathBuf], b: Vec<PathBuf>| a.iter().cloned().chain(b).collect();
        Inputs {
            schema: self.schema.clone(),
            resources,
            given,
            coverage: self.coverage.clone(),
            infos: self.infos.iter().cloned().chain(others.infos).collect(),
            paths: joined(&self.paths, others.paths),
            skipped: self.skipped.iter().cloned().chain(others.skipped).collect(),
            deleted: self.deleted + others.deleted,
            duplicates: self.duplicates + others.duplicates,
            stale: self.stale + others.stale,
            unknown_members: self.unknown_members + others.unknown_members,
            captured: self.captured,
            lists: Vec::new(),
            asked_recorders: IndexSet::default(),
            collected: IndexSet::default(),
            gaps: IndexSet::default(),
            worlds: 0,
            identities: FxHashMap::default(),
            dead: FxHashSet::default(),
            gone: Vec::new(),
            additions: Vec::new(),
            organisation: self.organisation.clone(),
        }
    }
}
