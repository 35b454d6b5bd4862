//! Inputs to resources.
//!
//! Files are read one after another; each record is typed at once, as far as the program reads it. Of several
//! records of one resource the latest capture stays.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use jiff::{SignedDuration, Timestamp};
use parapet_base::Span;
use parapet_interpreter::{Collected, Coverage, Gap};
use parapet_inventory as inventory;
use parapet_inventory::{By, Fact, Given, Limits, Organisation, Sink, Skip, Types};
use parapet_ir::Projection;
use parapet_model::{
    InputInfo, Name, Node, NodeKind, Proof, Reason, Record, Resource, Schema, Skipped, Truth, Unknown, Value, equal,
    is_setting,
};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use crate::host::{Host, Kind, shown};
use crate::rules::hex;

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

type Identity = (Name, Option<Arc<str>>, [Option<Arc<str>>; 4]);

/// Reads files and folders in the order given.
pub(crate) fn read(host: &dyn Host, paths: &[String], reading: &Reading<'_>) -> Inputs {
    let mut inputs = Inputs::new(reading.schema.clone());
    let mut files: Vec<FoundFile> = Vec::new();
    for path in paths {
        find(host, Path::new(path), &mut files, &mut inputs.skipped);
    }
    leave_out_modules(host, &mut files, &mut inputs.skipped);
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

/// A file to read.
struct FoundFile {
    path: PathBuf,
    /// The folder that was named, in which it was found; `None` for a file that was named itself.
    within: Option<PathBuf>,
}

/// The files to read.
fn find(host: &dyn Host, path: &Path, files: &mut Vec<FoundFile>, skipped: &mut Vec<Skipped>) {
    match host.kind(path) {
        Ok(Kind::File) => files.push(FoundFile { path: path.to_owned(), within: None }),
        Ok(Kind::Folder) => walk(host, (path, path), &mut Vec::new(), files, skipped),
        Err(error) => skipped.push(fault(path, format!("cannot be read: {error}"))),
    }
}

fn fault(path: &Path, reason: String) -> Skipped {
    Skipped { path: shown(path), line: None, column: None, reason, error: true }
}

fn walk(
    host: &dyn Host,
    (root, folder): (&Path, &Path),
    seen: &mut Vec<PathBuf>,
    files: &mut Vec<FoundFile>,
    skipped: &mut Vec<Skipped>,
) {
    let real = host.real(folder);
    if seen.contains(&real) {
        return;
    }
    seen.push(real);
    let entries = match host.entries(folder) {
        Ok(entries) => entries,
        Err(error) => return skipped.push(fault(folder, format!("cannot be read: {error}"))),
    };
    let assembly = assembly(host, folder);
    for path in entries {
        // Assets of the CDK are no inputs, whatever they look like.
        if assembly.as_ref().is_some_and(|assembly| !is_named(assembly, &path)) {
            skipped.push(Skipped { error: false, ..fault(&path, "an asset of the CDK, not an input".to_owned()) });
            continue;
        }
        match host.kind(&path) {
            Ok(Kind::Folder) => walk(host, (root, &path), seen, files, skipped),
            Ok(Kind::File) => files.push(FoundFile { path, within: Some(root.to_owned()) }),
            Err(error) => skipped.push(fault(&path, format!("cannot be read: {error}"))),
        }
    }
}

/// What the CDK says of a folder that it wrote.
fn assembly(host: &dyn Host, folder: &Path) -> Option<inventory::Assembly> {
    let path = folder.join("manifest.json");
    let bytes = host.kind(&path).ok().filter(|kind| *kind == Kind::File).and_then(|_| {
        let beside: &dyn inventory::Files = &Beside(host);
        beside.read(&path, MOST_MANIFEST).ok()
    });
    inventory::Assembly::read(std::str::from_utf8(&bytes?).ok()?)
}

/// A longer `manifest.json` is not one of the CDK.
const MOST_MANIFEST: usize = 16 << 20;

/// Whether an entry of the CDK's folder is a template, or a folder with more of them.
fn is_named(assembly: &inventory::Assembly, path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    assembly.templates.iter().chain(&assembly.folders).any(|named| *named == name)
}

/// The modules of a folder of Terraform configuration are read where they are called.
fn leave_out_modules(host: &dyn Host, files: &mut Vec<FoundFile>, skipped: &mut Vec<Skipped>) {
    let walked = files.iter().filter(|file| file.within.is_some()).map(|file| file.path.as_path());
    let called = inventory::called_modules(walked, &Beside(host));
    files.retain(|file| {
        let is_called = file.within.is_some() && inventory::is_in_module(&file.path, &called, &Beside(host));
        if is_called {
            let reason = "a module of Terraform configuration, read where it is called".to_owned();
            skipped.push(Skipped { error: false, ..fault(&file.path, reason) });
        }
        !is_called
    });
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
        files: &Beside(host),
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

/// The host's files, for inputs that refer to others.
struct Beside<'h>(&'h dyn Host);

impl inventory::Files for Beside<'_> {
    fn read(&self, path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > most {
            return Err(std::io::Error::other(format!("{} has more than {most} bytes", shown(path))));
        }
        Ok(bytes)
    }

    fn entries(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
        self.0.entries(folder)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.0.real(path)
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

struct Loader<'l> {
    inputs: &'l mut Inputs,
    reading: &'l Reading<'l>,
    path: String,
}

impl Sink for Loader<'_> {
    fn record(&mut self, mut record: Record) {
        let named = |name: &Name| Node::new(Span::default(), NodeKind::Text(name.clone()));
        let (account, region) = &self.reading.place;
        record.account = record.account.or_else(|| account.as_ref().map(named));
        record.region = record.region.or_else(|| region.as_ref().map(named));
        static NOTHING: std::sync::OnceLock<FxHashSet<Name>> = std::sync::OnceLock::new();
        let wanted = self
            .reading
            .projection
            .wanted(&record.resource_type)
            .unwrap_or_else(|| NOTHING.get_or_init(FxHashSet::default));
        let (mut resource, findings) = Resource::read(&self.reading.schema, &record, Some(wanted));
        self.inputs.unknown_members += findings.unknown_members;
        if let Some((_, message)) = findings.errors.first() {
            let origin = record.origin;
            let reason = format!("{} {}: {message}", record.resource_type, resource.label());
            self.inputs.skipped.push(Skipped {
                path: self.path.clone(),
                line: Some(origin.line),
                column: Some(origin.column),
                reason,
                error: true,
            });
            return;
        }
        self.age(&mut resource);
        self.inputs.add(resource, Given::of(&record));
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
        let (by, asked) = match collected.by {
            By::Listing => (Proof::Listed, false),
            By::Recorder => (Proof::Recorder, false),
            By::AskedRecorder => (Proof::Recorder, true),
        };
        let entry = Collected { types, accounts: collected.accounts, regions: collected.regions, by };
        let entries = if asked { &mut self.inputs.asked_recorders } else { &mut self.inputs.collected };
        entries.insert(entry);
    }

    fn incomplete(&mut self, gap: inventory::Gap) {
        let types = match gap.types {
            Types::All => None,
            Types::Listed(types) => Some(types),
        };
        let (account, region, why) = (gap.account, gap.region, gap.why.into());
        self.inputs.gaps.insert(Gap { types, account, region, beats: gap.beats, why });
    }

    fn deleted(&mut self, record: Record) {
        self.inputs.deleted += 1;
        self.ended(record);
    }

    fn ended(&mut self, record: Record) {
        let (resource, _) = Resource::read(&self.reading.schema, &record, Some(&FxHashSet::default()));
        self.inputs.gone.push(resource);
    }

    fn added(&mut self, addition: inventory::Addition) {
        self.inputs.additions.push(addition);
    }

    fn skipped(&mut self, skipped: Skip) {
        self.inputs.skipped.push(Skipped {
            path: self.path.clone(),
            line: Some(skipped.line),
            column: Some(skipped.column),
            reason: skipped.reason,
            error: skipped.error,
        });
    }

    fn told(&mut self, fact: Fact) {
        self.inputs.organisation.tell(fact);
    }
}

impl Loader<'_> {
    fn is_too_old(&self, captured: Timestamp) -> bool {
        let age = self.reading.as_of.duration_since(captured);
        self.reading.max_age.is_some_and(|limit| age > limit)
    }

    /// Notes the capture time; a record older than the limit is unknown.
    fn age(&mut self, resource: &mut Resource) {
        let Value::Time(captured) = resource.captured else { return };
        let span = self.inputs.captured.get_or_insert((captured, captured));
        *span = (span.0.min(captured), span.1.max(captured));
        let age = self.reading.as_of.duration_since(captured);
        if let Some(limit) = self.reading.max_age.filter(|limit| age > *limit) {
            let why = format!(
                "stale: captured {captured}, more than {} before",
                parapet_interpreter::display_duration(limit)
            );
            resource.blank = Some(Unknown::new(Reason::Stale, why));
            self.inputs.stale += 1;
        }
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

    /// Notes what is collected, where all is read.
    fn cover(&mut self, claimed: &[Name]) {
        let asked = std::mem::take(&mut self.asked_recorders);
        let mut collected = std::mem::take(&mut self.collected);
        collected.extend(asked.into_iter().filter(|recorder| self.recorded(recorder)));
        if !claimed.is_empty() {
            let types = Some(claimed.to_vec());
            collected.insert(Collected { types, accounts: None, regions: None, by: Proof::Claimed });
        }
        self.coverage.collected = collected.into_iter().collect();
        self.coverage.gaps = std::mem::take(&mut self.gaps).into_iter().collect();
    }

    /// Whether records of AWS Config are among the inputs, and of the recorder's account, where they name one: what it covers
    /// is in the inputs only if something that it recorded is.
    fn recorded(&self, recorder: &Collected) -> bool {
        let is_config = |info: &&InputInfo| info.format.split('+').any(|format| format == "aws-config");
        let paths: FxHashSet<&str> = self.infos.iter().filter(is_config).map(|info| info.path.as_str()).collect();
        let inputs: Vec<bool> = self.paths.iter().map(|path| paths.contains(shown(path).as_str())).collect();
        let of_config = |resource: &&Resource| inputs.get(resource.origin.input as usize).is_some_and(|config| *config);
        let mut accounts = self.resources.iter().filter(of_config).filter_map(|own| own.account.as_text()).peekable();
        let own = |account: &str| recorder.accounts.iter().flatten().any(|recorded| **recorded == *account);
        !paths.is_empty() && (accounts.peek().is_none() || accounts.any(own))
    }

    fn add(&mut self, mut resource: Resource, given: Given) {
        let identity = identity(&resource);
        let at = self.resources.len();
        if let Some(identity) = identity {
            match self.identities.get(&identity).copied() {
                None => drop(self.identities.insert(identity, at)),
                Some(before) => {
                    self.duplicates += 1;
                    let clashes =
                        |other: &Resource| captured(other) == captured(&resource) && contradict(other, &resource);
                    if self.resources.get(before).is_some_and(clashes) {
                        let why = "two records of one time, or of no time, say different things of it";
                        resource.blank = Some(Unknown::new(Reason::Other, why));
                    }
                    let older = self.resources.get(before).is_some_and(|before| captured(before) > captured(&resource));
                    let dead = if older { at } else { before };
                    self.dead.insert(dead);
                    if !older {
                        self.identities.insert(identity, at);
                    }
                }
            }
        }
        self.resources.push(resource);
        self.given.push(given);
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

    /// Resources that were deleted after they were captured are no more.
    fn bury(&mut self) {
        for gone in &self.gone {
            let Some(at) = identity(gone).and_then(|identity| self.identities.get(&identity).copied()) else {
                continue;
            };
            let Some(resource) = self.resources.get_mut(at) else { continue };
            match (captured(resource), captured(gone)) {
                (None, None) => {
                    let why = "one input has it, another says that it is no more, and neither says when";
                    resource.existence = Some(Unknown::new(Reason::Other, why));
                }
                (seen, ended) if seen > ended => {}
                _ => drop(self.dead.insert(at)),
            }
        }
    }

    /// The dead, with what was split off them.
    fn with_satellites(&mut self) -> FxHashSet<usize> {
        let mut dead = std::mem::take(&mut self.dead);
        // Resources of a document share its origin, and none of them was split off another.
        let whole = |resource: &&Resource| resource.origin.part == 0 && resource.owner.is_none();
        let parents = dead.iter().filter_map(|at| self.resources.get(*at)).filter(whole);
        let origins: FxHashSet<(u32, u64)> =
            parents.map(|parent| (parent.origin.input, parent.origin.offset)).collect();
        let ended = self
            .resources
            .iter()
            .enumerate()
            .filter(|(_, resource)| origins.contains(&(resource.origin.input, resource.origin.offset)));
        dead.extend(ended.map(|(at, _)| at));
        dead
    }

    /// Leaves out the records that a later capture replaced, and counts resources by input anew.
    fn drop_duplicates(&mut self) {
        self.bury();
        let dead = self.with_satellites();
        let mut at = 0;
        let mut keep = |_: &Resource| {
            at += 1;
            !dead.contains(&(at - 1))
        };
        self.resources.retain(|resource| keep(resource));
        let mut at = 0;
        self.given.retain(|_| {
            at += 1;
            !dead.contains(&(at - 1))
        });
        let mut counts: IndexMap<u32, usize> = IndexMap::new();
        for resource in &self.resources {
            *counts.entry(resource.origin.input).or_insert(0) += 1;
        }
        let shown_paths: Vec<String> = self.paths.iter().map(|path| shown(path)).collect();
        for info in &mut self.infos {
            let input = shown_paths.iter().position(|path| *path == info.path).map_or(u32::MAX, |at| at as u32);
            info.resources = counts.get(&input).copied().unwrap_or(0);
        }
        self.identities = FxHashMap::default();
    }
}

fn captured(resource: &Resource) -> Option<Timestamp> {
    match resource.captured {
        Value::Time(time) => Some(time),
        _ => None,
    }
}

/// Whether two records say different things: what one of them cannot tell is no difference.
fn contradict(a: &Resource, b: &Resource) -> bool {
    let is_silent = |value: &Value| match value {
        Value::Absent | Value::Unknown(_) => true,
        Value::List(elements) | Value::Set(elements) => elements.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    };
    a.blank.is_none()
        && b.blank.is_none()
        && a.properties.iter().any(|(name, value)| {
            let other = b.properties.get(name).unwrap_or(&Value::Absent);
            let unknown = value.is_unknown() || other.is_unknown();
            !(unknown || is_silent(value) && is_silent(other)) && equal(value, other) == Truth::False
        })
}

/// The ARN; without one, type, account, region, id and name. A resource of which neither is known is itself, and so is
/// each resource of a template or plan: two of one name may never exist at once.
fn identity(resource: &Resource) -> Option<Identity> {
    if resource.owner.is_some() {
        return None;
    }
    let text = |value: &Value| match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    };
    if is_setting(&resource.resource_type) {
        let place = [text(&resource.account), text(&resource.region), None, None];
        return Some((resource.resource_type.clone(), None, place)).filter(|(_, _, [account, ..])| account.is_some());
    }
    if let Some(arn) = text(&resource.arn) {
        return Some((resource.resource_type.clone(), Some(arn), [None, None, None, None]));
    }
    text(&resource.id)?;
    let parts = [text(&resource.account), text(&resource.region), text(&resource.id), text(&resource.name)];
    Some((resource.resource_type.clone(), None, parts))
}
