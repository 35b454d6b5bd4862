//! One file, read apart from all others.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use indexmap::IndexSet;
use jiff::Timestamp;
use parapet_interpreter::{Collected, Gap};
use parapet_inventory as inventory;
use parapet_inventory::{Fact, Given, Limits, Sink};
use parapet_model::{InputInfo, Name, Resource, Resources, Sharing, Skipped};
use rustc_hash::FxBuildHasher;
use sha2::{Digest, Sha256};

use super::Reading;
use super::files::{Beside, FoundFile, fault};
use super::handing;
use super::loader::{Loader, unread_tags, wanted_with_tags};
use super::merging::DatedList;
use crate::host::{Host, shown};
use crate::rules::hex;
use crate::strangers::Strangers;

/// What a file holds, before anything is known of other files.
#[derive(Default)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    /// [`parapet_model::Origin::input`] of its records.
    pub(super) input: u32,
    /// `None` for a file of a folder that no reader is for.
    pub(super) info: Option<InputInfo>,
    /// It says all that there is.
    pub(super) is_world: bool,
    pub(super) unseen: Vec<Name>,
    pub(super) resources: Resources,
    /// What reading each again needs, where the resource does not say it.
    pub(super) given: Vec<Option<Box<Given>>>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) deleted: usize,
    pub(super) stale: usize,
    pub(super) strangers: Strangers,
    /// The oldest and the newest capture.
    pub(super) captured: Option<(Timestamp, Timestamp)>,
    pub(super) lists: Vec<DatedList>,
    pub(super) asked_recorders: IndexSet<Collected, FxBuildHasher>,
    pub(super) collected: IndexSet<Collected, FxBuildHasher>,
    pub(super) gaps: IndexSet<Gap, FxBuildHasher>,
    pub(super) gone: Vec<Resource>,
    pub(super) additions: Vec<inventory::Addition>,
    pub(super) facts: Vec<Fact>,
}

impl Part {
    /// Of a file whose reader broke off, which it never should.
    pub(super) fn broken(path: &Path) -> Part {
        let reason = "reading it broke off: this is a fault of Parapet".to_owned();
        let info = info(path, "unreadable".to_owned(), String::new());
        Part { path: path.to_owned(), info: Some(info), skipped: vec![fault(path, reason)], ..Part::default() }
    }
}

/// How much of all files was read.
pub(super) struct Passed<'p> {
    pub(super) bytes: AtomicU64,
    /// Of all files, as far as known.
    pub(super) total: u64,
    /// Told both.
    pub(super) tell: &'p (dyn Fn(u64, u64) + Sync),
    /// Whether files are hashed.
    pub(super) digests: bool,
}

impl Passed<'_> {
    pub(super) fn hash(&self) -> Option<Sha256> {
        self.digests.then(Sha256::new)
    }
}

/// Files smaller than this are read sooner than threads are started for them.
const LARGE: u64 = 1 << 20;

/// Reads a file, whose records are of this input. A large one is read by so many threads, if they are more than one.
pub(super) fn read(
    host: &dyn Host,
    (file, input): (&FoundFile, u32),
    reading: &Reading<'_>,
    (passed, threads): (&Passed<'_>, usize),
) -> Part {
    let path = file.path.as_path();
    let mut part = Part { path: path.to_owned(), input, ..Part::default() };
    let mut loader = Loader { part: &mut part, reading, unread: unread_tags(), sharing: Sharing::default() };
    let early = reading.early.lock().unwrap_or_else(PoisonError::into_inner).take(path);
    let read = match early {
        Some(whole) => {
            whole.delivered.into_iter().for_each(|delivered| delivered.into(&mut loader));
            whole.outcome
        }
        None => deliver(host, (file, input), reading, (passed, threads), &mut loader),
    };
    let (outcome, hash) = match read {
        Ok(read) => read,
        Err(error) => {
            part.skipped.push(fault(path, format!("cannot be read: {error}")));
            return part;
        }
    };
    let digest = hash.map(|hash| hex(&hash.finalize())).unwrap_or_default();
    part.resources.close();
    match outcome {
        Ok(summary) => {
            part.is_world = summary.world;
            part.unseen = summary.unseen.iter().map(|name| Name::from(*name)).collect();
            let format = if summary.formats.is_empty() { "unreadable".to_owned() } else { summary.formats.join("+") };
            part.info = Some(info(path, format, digest));
        }
        Err(error @ (inventory::Error::Unrecognised | inventory::Error::NotYet(_))) if file.within.is_some() => {
            part.skipped.push(Skipped { error: false, ..fault(path, error.to_string()) });
        }
        Err(inventory::Error::Empty) if file.within.is_some() && inventory::is_no_input(path) => {
            part.skipped.push(Skipped { error: false, ..fault(path, inventory::Error::Empty.to_string()) });
        }
        Err(error) => {
            part.info = Some(info(path, "unreadable".to_owned(), digest));
            part.skipped.push(fault(path, error.to_string()));
        }
    }
    part
}

/// What became of an input, and the hash of its bytes, if that is asked for.
pub(super) type Outcome = (Result<inventory::Summary, inventory::Error>, Option<Sha256>);

/// Delivers what a file holds, a large one on so many threads.
pub(super) fn deliver(
    host: &dyn Host,
    (file, input): (&FoundFile, u32),
    reading: &Reading<'_>,
    (passed, threads): (&Passed<'_>, usize),
    sink: &mut (dyn Sink + Send),
) -> std::io::Result<Outcome> {
    let path = file.path.as_path();
    let beside = Beside { host, named: &reading.var_files };
    let wanted = wanted_with_tags(reading.projection);
    let source = inventory::Source {
        schema: &reading.schema,
        input,
        path,
        format: reading.format.as_deref(),
        limits: Limits::default(),
        files: &beside,
        parameters: &reading.parameters,
        within: file.within.as_deref().unwrap_or(Path::new("")),
        var_files: &reading.var_files,
        wanted: (!reading.strict).then_some(&wanted),
        placed: false,
    };
    match threads > 1 && host.size(path).is_some_and(|size| size >= LARGE) {
        true => on_threads(host, &source, passed, sink, threads),
        false => on_one(host, &source, passed, sink),
    }
}

fn on_one(
    host: &dyn Host,
    source: &inventory::Source<'_>,
    passed: &Passed<'_>,
    sink: &mut dyn Sink,
) -> std::io::Result<Outcome> {
    let mut hashing = Hashing { inner: host.open(source.path)?, hash: passed.hash(), passed };
    let outcome = inventory::read(source, &mut hashing, sink);
    // Whatever the reader left unread belongs to the file's digest all the same.
    if hashing.hash.is_some() {
        let _ = std::io::copy(&mut hashing, &mut std::io::sink());
    }
    Ok((outcome, hashing.hash))
}

fn on_threads(
    host: &dyn Host,
    source: &inventory::Source<'_>,
    passed: &Passed<'_>,
    sink: &mut (dyn Sink + Send),
    threads: usize,
) -> std::io::Result<Outcome> {
    let read = handing::reading(host, source.path, passed, |bytes| {
        handing::delivering(sink, |sink| inventory::read_on(threads, source, bytes, sink))
    });
    let (outcome, hash) = read??;
    Ok((outcome??, hash))
}

/// How reports show a file; how many of its resources count is known when all files are.
fn info(path: &Path, format: String, sha256: String) -> InputInfo {
    InputInfo { path: shown(path), format, resources: 0, sha256, onto: false }
}

/// Hashes what passes, and tells how much it is.
pub(super) struct Hashing<'h> {
    pub(super) inner: Box<dyn Read + 'h>,
    pub(super) hash: Option<Sha256>,
    pub(super) passed: &'h Passed<'h>,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if let Some(hash) = &mut self.hash {
            hash.update(buffer.get(..read).unwrap_or_default());
        }
        let before = self.passed.bytes.fetch_add(read as u64, Ordering::Relaxed);
        (self.passed.tell)(before + read as u64, self.passed.total);
        Ok(read)
    }
}
