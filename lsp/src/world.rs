//! What the server keeps between requests: open documents, and the rules of the folders of the editor.
//!
//! One writer holds it behind a lock. Edits change the text of a document at once; the database learns of them when the
//! next question is asked, so that a burst of edits costs one. Questions are asked of a [`Snapshot`], which must not
//! outlive its request: the next edit waits until it is gone.

mod jobs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parapet_driver::{Database, Diagnostic, FileId, Host, Manifest, Rules, RulesError, System, load, read_manifest};
use parapet_ide::{Encoding, SourceFile, Workspace};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::discovery::discover;
use crate::document::{Document, Sort};
use crate::host::{Editor, Links, is_readable};
use crate::manifests;
use crate::proto::{TextDocumentContentChangeEvent, Uri};
use crate::translate::is_embedded;

/// The trees of so many items are kept between edits: those of some seventy files. More take memory, and are made again in
/// no time.
const KEPT: usize = 1024;

/// So many files are read before trees are let go of, as long as nothing is known of the rules yet.
const PART: usize = 128;

/// Rules that are checked together.
struct Project {
    rules: Rules,
    /// What was loaded: folders and files.
    named: Vec<String>,
    files: FxHashMap<PathBuf, SourceFile>,
    /// A file that is in no folder of the editor: it goes when it is closed.
    lone: bool,
}

/// Everything that the server knows.
pub(crate) struct World {
    system: System,
    pub(crate) encoding: Encoding,
    folders: Vec<PathBuf>,
    projects: Vec<Project>,
    documents: BTreeMap<PathBuf, Document>,
    /// The names that the editor has for open documents.
    uris: Arc<BTreeMap<PathBuf, Uri>>,
    library: Arc<Path>,
    /// What guardrails are judged on while they are written.
    inventories: Vec<PathBuf>,
    /// Files came or went: what is on the disk is read anew.
    stale: bool,
    /// How often the rules of the folders were loaded.
    pub(crate) loaded: u64,
    /// Which loading was read through.
    read: u64,
    /// What is wrong with manifests that are open. What they said before still holds.
    wrong: BTreeMap<PathBuf, (Arc<str>, Diagnostic)>,
    /// What stands among rules and is passed over.
    links: BTreeSet<PathBuf>,
    /// What could not be loaded, to be told once.
    pub(crate) complaints: Vec<String>,
}

/// The rules at one moment, for one question.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) db: Database,
    pub(crate) workspace: Workspace,
    pub(crate) file: SourceFile,
    pub(crate) encoding: Encoding,
    pub(crate) uris: Arc<BTreeMap<PathBuf, Uri>>,
    pub(crate) library: Arc<Path>,
    /// The manifests of the packages, with their texts.
    pub(crate) manifests: Arc<[(PathBuf, Arc<str>)]>,
}

/// What is to be checked of one project.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) snapshot: Snapshot,
    /// The files whose diagnostics are shown: the open ones, then the others.
    pub(crate) files: Arc<[SourceFile]>,
    /// How many of them are open.
    pub(crate) open: usize,
    /// The versions of the open ones.
    pub(crate) versions: Arc<BTreeMap<PathBuf, i32>>,
    /// What no query finds, by path, with the text that it is about.
    pub(crate) problems: Arc<[(PathBuf, Arc<str>, Diagnostic)]>,
}

/// An open document that is not read, because nobody wrote it.
pub(crate) struct TooLarge {
    pub(crate) path: PathBuf,
    pub(crate) uri: Uri,
    pub(crate) version: i32,
    pub(crate) size: usize,
}

/// Whether a file is one of these rules, or a manifest of theirs.
fn knows(rules: &Rules, path: &Path) -> bool {
    rules.texts.iter().any(|(known, _)| Path::new(known) == path)
}

/// Whether a path is that of a file of these rules, of a manifest of theirs, or of a folder that has some.
fn has_below(rules: &Rules, path: &Path) -> bool {
    rules.texts.iter().any(|(known, _)| Path::new(known).starts_with(path))
}

/// Holds what is shared, even after a fault of another thread: the server goes on with the next edit.
pub(crate) fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// Nothing yet; files of the standard library are written to `library` when an editor is led to them.
    pub(crate) fn new(library: PathBuf) -> World {
        World {
            system: System::default(),
            encoding: Encoding::Utf16,
            folders: Vec::new(),
            projects: Vec::new(),
            documents: BTreeMap::new(),
            uris: Arc::default(),
            library: library.into(),
            inventories: Vec::new(),
            stale: false,
            loaded: 0,
            read: 0,
            wrong: BTreeMap::new(),
            links: BTreeSet::new(),
            complaints: Vec::new(),
        }
    }

    /// The folders of the editor; their rules are read when the first question is asked.
    pub(crate) fn set_folders(&mut self, folders: Vec<PathBuf>) {
        self.folders = folders;
        self.stale = true;
    }

    pub(crate) fn change_folders(&mut self, added: Vec<PathBuf>, removed: &[PathBuf]) {
        self.folders.retain(|folder| !removed.contains(folder));
        self.folders.extend(added);
        self.stale = true;
    }

    pub(crate) fn open(&mut self, path: PathBuf, document: Document) {
        Arc::make_mut(&mut self.uris).insert(path.clone(), document.uri.clone());
        self.documents.insert(path, document);
    }

    pub(crate) fn change(&mut self, path: &Path, version: i32, changes: Vec<TextDocumentContentChangeEvent>) {
        if let Some(document) = self.documents.get_mut(path) {
            document.change(version, changes, self.encoding);
        }
    }

    /// The version of an open document.
    pub(crate) fn version(&self, path: &Path) -> Option<i32> {
        Some(self.documents.get(path)?.version)
    }

    /// The text of a closed document is again what the disk has.
    pub(crate) fn close(&mut self, path: &Path) {
        Arc::make_mut(&mut self.uris).remove(path);
        let Some(document) = self.documents.remove(path) else { return };
        if document.sort == Sort::Manifest {
            let is_saved = std::fs::read_to_string(path).is_ok_and(|text| text == document.text);
            self.stale |= self.wrong.remove(path).is_some() || !is_saved;
            return;
        }
        self.projects.retain(|project| !(project.lone && project.files.contains_key(path)));
        self.read_again(path);
    }

    /// A file on the disk came, went or changed.
    pub(crate) fn changed_on_disk(&mut self, path: &Path) {
        if self.documents.contains_key(path) {
            return;
        }
        self.read_again(path);
    }

    fn read_again(&mut self, path: &Path) {
        if path.starts_with(&*self.library) {
            return;
        }
        let text = std::fs::read_to_string(path).ok().filter(|text| text.len() <= parapet_ide::MOST_BYTES);
        let known = self.projects.iter_mut().find_map(|project| {
            let file = *project.files.get(path)?;
            Some((project, file))
        });
        match (known, text) {
            (Some((project, file)), Some(text)) => project.rules.edit([(file, text.into())]),
            // It came or went, or is something else than rules, as a manifest.
            (Some(_), None) | (None, Some(_)) => self.stale = true,
            // A manifest or a folder went.
            (None, None) => self.stale |= self.projects.iter().any(|project| has_below(&project.rules, path)),
        }
    }

    /// Tells the database of all edits since it was last asked.
    fn sync(&mut self) {
        self.look_at_links();
        if std::mem::take(&mut self.stale) {
            self.load_folders();
        }
        let dirty: Vec<PathBuf> =
            self.documents.iter().filter(|(_, document)| document.dirty).map(|(path, _)| path.clone()).collect();
        let mut loaded = false;
        for path in dirty {
            let Some(document) = self.documents.get_mut(&path) else { continue };
            if !std::mem::take(&mut document.dirty) || path.starts_with(&*self.library) {
                continue;
            }
            if document.sort == Sort::Manifest {
                let text = document.text.as_str().into();
                self.read_manifest(&path, text);
                continue;
            }
            // What is too large is not read; see `too_large`.
            let text: Arc<str> = if document.text.len() > parapet_ide::MOST_BYTES { "" } else { &document.text }.into();
            if let Some((at, file)) = self.locate(&path) {
                if let Some(project) = self.projects.get_mut(at)
                    && *file.text(&project.rules.db) != text
                {
                    project.rules.edit([(file, text)]);
                }
                continue;
            }
            // A new file of a folder is found when the folder is read again.
            if !loaded && self.folders.iter().any(|folder| path.starts_with(folder)) {
                self.load_folders();
                loaded = true;
            }
            if self.locate(&path).is_none() {
                self.load(&[path], true);
            }
        }
    }

    /// A manifest was edited. What it says of files makes them be read anew; all else is asked of its text.
    fn read_manifest(&mut self, path: &Path, text: Arc<str>) {
        let manifest = match read_manifest(&text) {
            Ok(manifest) => manifest,
            Err(problem) => {
                self.wrong.insert(path.to_owned(), (text, problem));
                return;
            }
        };
        self.wrong.remove(path);
        let mut projects = self.projects.iter_mut();
        let Some(rules) = projects.find_map(|project| knows(&project.rules, path).then_some(&mut project.rules)) else {
            return;
        };
        let same = |known: &Manifest| (&known.name, &known.rules) == (&manifest.name, &manifest.rules);
        let own = |package: &&parapet_driver::Package| package.manifest_path.as_deref().map(Path::new) == Some(path);
        let is_wrong = |(file, _): &(FileId, Diagnostic)| {
            rules.source(*file).is_some_and(|source| Path::new(&source.path) == path)
        };
        if rules.problems.iter().any(is_wrong)
            || !rules.packages.iter().find(own).and_then(|package| package.manifest.as_ref()).is_some_and(same)
        {
            self.load_folders();
            return;
        }
        for (known, old) in &mut rules.texts {
            if Path::new(known) == path {
                *old = text.clone();
            }
        }
    }

    /// A manifest, for one question.
    pub(crate) fn manifest(&mut self, path: &Path) -> Option<manifests::Manifest> {
        self.sync();
        let project = self.projects.iter().find(|project| knows(&project.rules, path))?;
        let files = project.rules.packages.iter().flat_map(|package| &package.files);
        let own = files.clone().find(|file| !is_embedded(Path::new(&**file.path(&project.rules.db))));
        let file = *own.or_else(|| files.clone().next())?;
        let text = match self.documents.get(path) {
            Some(document) => document.text.as_str().into(),
            None => project.rules.texts.iter().find(|(known, _)| Path::new(known) == path)?.1.clone(),
        };
        Some(manifests::Manifest::new(self.snapshot_of(project, file), text))
    }

    /// A snapshot by a file that is at a path, or in the folder there.
    pub(crate) fn snapshot_below(&mut self, path: &Path) -> Option<Snapshot> {
        self.sync();
        self.projects.iter().find_map(|project| {
            let mut below = project.files.iter().filter(|(known, _)| known.starts_with(path));
            let (_, file) = below.next()?;
            Some(self.snapshot_of(project, *file))
        })
    }

    fn locate(&self, path: &Path) -> Option<(usize, SourceFile)> {
        let mut projects = self.projects.iter().enumerate();
        projects.find_map(|(at, project)| Some((at, *project.files.get(path)?)))
    }

    /// Reads the rules of all folders.
    fn load_folders(&mut self) {
        let mut packages = Vec::new();
        let mut others: Vec<Vec<PathBuf>> = Vec::new();
        for folder in self.folders.clone() {
            let host = self.host();
            let found = discover(&host, &folder);
            packages.extend(found.packages);
            others.extend(found.loose.into_iter().chain(found.files).map(|path| vec![path]));
        }
        self.projects.clear();
        self.loaded += 1;
        packages.sort();
        packages.dedup();
        if !packages.is_empty() && !self.load_together(&packages) {
            others.extend(packages.into_iter().map(|package| vec![package]));
        }
        for roots in others {
            self.load(&roots, false);
        }
        let unknown = self.rules().map(|(path, _)| path);
        let lone: Vec<PathBuf> =
            unknown.filter(|path| self.locate(path).is_none() && !path.starts_with(&*self.library)).cloned().collect();
        for path in lone {
            self.load(&[path], true);
        }
    }

    /// Reads packages as one world; `false` where two of them have one name, or one cannot be read, so that each must be one of
    /// its own.
    fn load_together(&mut self, packages: &[PathBuf]) -> bool {
        if !self.load(packages, false) {
            // Each by itself says so again.
            self.complaints.pop();
            return false;
        }
        let Some(project) = self.projects.last() else { return true };
        let mut names: Vec<&str> = project.rules.packages.iter().map(|package| package.info.name.as_str()).collect();
        names.sort_unstable();
        let unique = names.windows(2).all(|pair| pair.first() != pair.last());
        if !unique {
            self.projects.pop();
        }
        unique
    }

    /// The open documents that are rules.
    fn rules(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.documents.iter().filter(|(_, document)| document.sort == Sort::Rules)
    }

    fn host(&self) -> Editor<'_> {
        let open = self.documents.iter().map(|(path, document)| (path.clone(), document.text.as_str()));
        Editor { system: &self.system, open: open.collect(), links: Links::default() }
    }

    /// Reads rules; `false` where they cannot be read, which is a complaint.
    fn load(&mut self, roots: &[PathBuf], lone: bool) -> bool {
        let named: Vec<String> = roots.iter().map(|root| root.to_string_lossy().into_owned()).collect();
        let host = Editor { links: Links::looking(), ..self.host() };
        let loaded = load(&host, &named);
        let links = host.links.found.map(|links| links.into_inner().unwrap_or_else(PoisonError::into_inner));
        self.pass_over(links.unwrap_or_default());
        match loaded {
            Ok(mut rules) => {
                rules.workspace.keep(&mut rules.db, KEPT);
                let own = rules.packages.iter().filter(|package| !package.embedded);
                let files = own.flat_map(|package| &package.files);
                let files = files.map(|file| (PathBuf::from(&**file.path(&rules.db)), *file)).collect();
                let project = Project { rules, named: named.clone(), files, lone };
                for (path, document) in &mut self.documents {
                    if project.files.contains_key(path) && document.text.len() <= parapet_ide::MOST_BYTES {
                        document.dirty = false;
                    }
                }
                self.projects.push(project);
                true
            }
            Err(RulesError::Missing(message)) => {
                self.complaints.push(message);
                false
            }
        }
    }

    /// What stands among rules and cannot be read is told once.
    fn pass_over(&mut self, links: BTreeSet<PathBuf>) {
        for path in links {
            let why = match self.system.kind(&path) {
                Ok(_) => "a named pipe, a socket or a device".to_owned(),
                Err(error) => format!("cannot be read: {error}"),
            };
            let message = format!("`{}` is passed over: {why}", path.display());
            if self.links.insert(path) {
                self.complaints.push(message);
            }
        }
    }

    /// Whether something that was passed over can be read now. Editors tell of no folders, so that it is looked at.
    fn look_at_links(&mut self) {
        let system = &self.system;
        let before = self.links.len();
        let mut can_be_read = false;
        self.links.retain(|path| {
            let readable = is_readable(system, path);
            can_be_read |= readable;
            !readable && path.symlink_metadata().is_ok()
        });
        self.stale |= can_be_read && self.links.len() < before;
    }

    /// The rules as they are now, for a question about a file; `None` for one that is not known.
    pub(crate) fn snapshot(&mut self, path: &Path) -> Option<Snapshot> {
        self.sync();
        if let Ok(below) = path.strip_prefix(&*self.library) {
            self.have_a_project();
            let project = self.projects.first()?;
            let wanted = below.to_string_lossy().replace('\\', "/");
            let embedded = project.rules.packages.iter().filter(|package| package.embedded);
            let mut files = embedded.flat_map(|package| &package.files);
            let file = *files.find(|file| **file.path(&project.rules.db) == *wanted)?;
            return Some(self.snapshot_of(project, file));
        }
        let (at, file) = self.locate(path)?;
        Some(self.snapshot_of(self.projects.get(at)?, file))
    }

    /// A snapshot of each project, by one of its files.
    pub(crate) fn snapshots(&mut self) -> Vec<Snapshot> {
        self.sync();
        let projects = self.projects.iter().filter_map(|project| {
            let file = *project.files.values().next()?;
            Some(self.snapshot_of(project, file))
        });
        projects.collect()
    }

    /// The library can be looked at where there are no rules, too.
    fn have_a_project(&mut self) {
        if self.projects.is_empty() {
            self.load(&[PathBuf::from("aws")], false);
        }
    }

    fn snapshot_of(&self, project: &Project, file: SourceFile) -> Snapshot {
        Snapshot {
            db: project.rules.db.clone(),
            workspace: project.rules.workspace,
            file,
            encoding: self.encoding,
            uris: self.uris.clone(),
            library: self.library.clone(),
            manifests: self.manifests_of(&project.rules),
        }
    }

    fn manifests_of(&self, rules: &Rules) -> Arc<[(PathBuf, Arc<str>)]> {
        let texts = rules.texts.iter().filter(|(path, _)| manifests::is_one(Path::new(path)));
        let shown = texts.map(|(path, text)| {
            let path = PathBuf::from(path);
            let open = self.documents.get(&path).map(|document| document.text.as_str().into());
            (path, open.unwrap_or_else(|| text.clone()))
        });
        shown.collect()
    }

    /// All that there is to check, and documents that are too large to be.
    pub(crate) fn work(&mut self) -> (Vec<Work>, Vec<TooLarge>) {
        self.sync();
        let versions = self.documents.iter().map(|(path, document)| (path.clone(), document.version));
        let versions = Arc::new(versions.collect());
        let work = self.projects.iter().filter_map(|project| self.work_of(project, &versions)).collect();
        let large = self.rules().filter(|(_, document)| document.text.len() > parapet_ide::MOST_BYTES);
        let large = large.map(|(path, document)| TooLarge {
            path: path.clone(),
            uri: document.uri.clone(),
            version: document.version,
            size: document.text.len(),
        });
        (work, large.collect())
    }

    /// The files of a part of what is to be read through; none behind the last part, or if all was read. What is small is read
    /// at once.
    pub(crate) fn part(&mut self, number: usize) -> Vec<Work> {
        let (mut work, _) = self.work();
        if self.read == self.loaded || work.iter().all(|work| work.files.len() <= PART) {
            return Vec::new();
        }
        for work in &mut work {
            work.files = work.files.iter().copied().skip(number * PART).take(PART).collect();
        }
        work.retain(|work| !work.files.is_empty());
        work
    }

    /// How often the rules of the folders were loaded, with what is to be loaded now.
    pub(crate) fn loading(&mut self) -> u64 {
        self.sync();
        self.loaded
    }

    /// Lets go of the trees of a part that was read.
    pub(crate) fn let_go(&mut self) {
        self.projects.iter_mut().for_each(|project| project.rules.let_go());
    }

    /// What was loaded so often was read through.
    pub(crate) fn has_read(&mut self, loaded: u64) {
        self.read = loaded;
    }

    /// The same of one file.
    pub(crate) fn work_on(&mut self, path: &Path) -> (Vec<Work>, Vec<TooLarge>) {
        let (mut work, mut large) = self.work();
        for work in &mut work {
            let db = &work.snapshot.db;
            work.files = work.files.iter().copied().filter(|file| Path::new(&**file.path(db)) == path).collect();
            work.problems = work.problems.iter().filter(|(known, _, _)| known == path).cloned().collect();
            let manifests = work.snapshot.manifests.iter().filter(|(known, _)| known == path);
            work.snapshot.manifests = manifests.cloned().collect();
        }
        large.retain(|document| document.path == path);
        (work, large)
    }

    fn work_of(&self, project: &Project, versions: &Arc<BTreeMap<PathBuf, i32>>) -> Option<Work> {
        let rules = &project.rules;
        let in_editor: FxHashSet<SourceFile> =
            self.rules().filter_map(|(path, _)| project.files.get(path).copied()).collect();
        let own = rules.packages.iter().filter(|package| package.selected && !package.embedded);
        let (open, closed): (Vec<SourceFile>, Vec<SourceFile>) =
            own.flat_map(|package| package.files.iter().copied()).partition(|file| in_editor.contains(file));
        let problems = rules.problems.iter().filter_map(|(id, diagnostic)| {
            let source = rules.source(*id)?;
            Some((PathBuf::from(source.path), source.text, diagnostic.clone()))
        });
        // An open manifest is as the editor shows it.
        let is_open = |path: &Path| self.documents.get(path).is_some_and(|known| known.sort == Sort::Manifest);
        let wrong = self.wrong.iter().filter(|(path, _)| knows(rules, path));
        let wrong = wrong.map(|(path, (text, diagnostic))| (path.clone(), text.clone(), diagnostic.clone()));
        // What is said of its folders was found in this text.
        let is_read = |path: &Path| {
            rules.packages.iter().any(|package| package.manifest_path.as_deref().map(Path::new) == Some(path))
        };
        let problems = problems
            .filter(|(path, ..)| !is_open(path) || is_read(path) && !self.wrong.contains_key(path))
            .chain(wrong);
        let first = open
            .first()
            .or(closed.first())
            .copied()
            .or_else(|| rules.packages.iter().find_map(|package| package.files.first().copied()))?;
        Some(Work {
            snapshot: self.snapshot_of(project, first),
            open: open.len(),
            versions: versions.clone(),
            files: open.into_iter().chain(closed).collect(),
            problems: problems.collect(),
        })
    }
}
