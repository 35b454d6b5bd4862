//! Checks the files of all projects, on as many threads as the machine runs at once.
//!
//! Each thread has a snapshot of its own and takes the next file. All of them stop when the text changes, or when nobody
//! wants to know any more; then there is no answer, for half of one would look like a whole.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use parapet_driver::{
    Diagnostic, diagnostics_of, lone_diagnostics_of, manifest_diagnostics_of, read_through, read_together,
};
use parapet_ide::{Lines, SourceFile, too_large};
use rustc_hash::FxHasher;
use salsa::Cancelled;

use crate::proto;
use crate::translate::{plain_diagnostic, range_of, uri_of};
use crate::world::{TooLarge, Work, World, lock};

/// More threads than this would leave none for questions.
const MOST_THREADS: usize = 8;

/// What is wrong with a file.
pub(crate) struct Checked {
    pub(crate) path: PathBuf,
    /// Where there is something to say, or the file is open.
    pub(crate) uri: Option<proto::Uri>,
    pub(crate) diagnostics: Vec<proto::Diagnostic>,
    /// Of the text that was checked, where it is open.
    pub(crate) version: Option<i32>,
}

/// Which files are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Files {
    Open,
    /// The open ones, as far as it can be said before all others are read.
    First,
    /// Those of a part of all, for nobody to see.
    Part,
    /// Those that are not open, manifests, and what no query finds.
    Others,
    /// All, of which few were read yet.
    All,
}

impl Files {
    /// The files that are checked alone before anything is asked that rests on all of them: one thread would have to read
    /// them all for it, while the others wait.
    fn alone_first(self, work: &Work) -> &[SourceFile] {
        match self {
            Files::First | Files::Open | Files::Part | Files::Others => &[],
            Files::All => &work.files,
        }
    }
}

/// Whether an answer is still wanted.
pub(crate) type Wanted = Arc<dyn Fn() -> bool + Send + Sync>;

/// Who has it reads the rules through.
pub(crate) type Reading = tokio::sync::Mutex<()>;

/// What is wrong with each file, in the order of the files; `None` if the text changed meanwhile, or nobody wants to know.
pub(crate) async fn check(work: Vec<Work>, which: Files, wanted: Wanted) -> Option<Vec<Checked>> {
    let problems = match which {
        Files::First | Files::Open | Files::Part => Vec::new(),
        Files::Others | Files::All => work.iter().flat_map(problems).collect(),
    };
    let count: usize = work.iter().map(|work| files(work, which).len()).sum();
    let next = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(count.max(1));
    let shares = (0..threads).map(|_| {
        let (work, next, wanted) = (work.clone(), next.clone(), wanted.clone());
        tokio::task::spawn_blocking(move || share(&work, which, &next, &wanted))
    });
    let shares: Vec<_> = shares.collect();
    // The threads have snapshots of their own, and an edit waits until all are gone.
    drop(work);
    let mut found = BTreeMap::new();
    let mut complete = true;
    for share in shares {
        match share.await.ok().flatten() {
            Some(share) => found.extend(share),
            None => complete = false,
        }
    }
    complete.then(|| with_problems(found.into_values().collect(), problems))
}

/// Reads the files of all projects in parts, unless they were since they were loaded; `false` as for [`check`]. Trees of ten
/// thousand rules would take more memory than all that is found in them, and memory that was taken once is hardly given back: so
/// the trees of a part go before the next is read.
pub(crate) async fn read_all(world: &Mutex<World>, reading: &Reading, wanted: &Wanted) -> bool {
    // Two that do it would break each other off.
    let _one = reading.lock().await;
    let loaded = lock(world).loading();
    for number in 0.. {
        let work = lock(world).part(number);
        if work.is_empty() {
            break;
        }
        if check(work, Files::Part, wanted.clone()).await.is_none() {
            return false;
        }
        lock(world).let_go();
    }
    // Loaded anew meanwhile, they are read by who comes next.
    lock(world).has_read(loaded);
    true
}

fn files(work: &Work, which: Files) -> &[SourceFile] {
    let (open, others) = work.files.split_at_checked(work.open).unwrap_or_default();
    match which {
        Files::First | Files::Open => open,
        Files::Others => others,
        Files::All | Files::Part => &work.files,
    }
}

/// What one thread does: it takes the next file until there is none. With each file stands which one it is.
fn share(
    work: &[Work],
    which: Files,
    [alone, next]: &[AtomicUsize; 2],
    wanted: &Wanted,
) -> Option<Vec<(usize, Checked)>> {
    let all = |files: fn(&Work, Files) -> &[SourceFile]| {
        let all = work.iter().flat_map(move |work| files(work, which).iter().map(move |file| (work, *file)));
        all.collect::<Vec<(&Work, SourceFile)>>()
    };
    let first = all(|work, which| which.alone_first(work));
    while let Some((work, file)) = first.get(alone.fetch_add(1, Ordering::Relaxed)) {
        if !wanted() {
            return None;
        }
        // A fault comes again when the file is checked.
        drop(caught(|| lone_diagnostics_of(&work.snapshot.db, work.snapshot.workspace, *file))?);
    }
    let all = all(files);
    let mut found = Vec::new();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let Some((work, file)) = all.get(at) else {
            // One thread comes first to the end; by then the rules were read.
            let manifests = if at == all.len() { behind(work, which)? } else { Vec::new() };
            found.extend(manifests.into_iter().enumerate().map(|(number, checked)| (at + number, checked)));
            return Some(found);
        };
        if !wanted() {
            return None;
        }
        found.push((at, checked(work, *file, which)?));
    }
}

/// What is found, or the fault that was met; `None` if the text changed.
fn caught<T>(find: impl FnOnce() -> T) -> Option<Result<T, Fault>> {
    match catch_unwind(AssertUnwindSafe(|| Cancelled::catch(AssertUnwindSafe(find)))) {
        Ok(Ok(found)) => Some(Ok(found)),
        // The fault is that of another thread, in what this one waited for.
        Ok(Err(Cancelled::PropagatedPanic)) | Err(_) => Some(Err(Fault)),
        Ok(Err(_)) => None,
    }
}

/// The checker broke off. Why, stands on standard error.
struct Fault;

/// What is wrong with one file; `None` if the text changed. A fault of the checker hides no other file.
fn checked(work: &Work, file: SourceFile, which: Files) -> Option<Checked> {
    let snapshot = &work.snapshot;
    let path = PathBuf::from(&**file.path(&snapshot.db));
    let version = work.versions.get(&path).copied();
    let diagnostics = || {
        let own = match which {
            Files::First => lone_diagnostics_of(&snapshot.db, snapshot.workspace, file),
            Files::Part => {
                read_through(&snapshot.db, snapshot.workspace, file);
                return Vec::new();
            }
            Files::Open | Files::Others | Files::All => diagnostics_of(&snapshot.db, snapshot.workspace, file),
        };
        own.iter().map(|found| snapshot.diagnostic(file, found)).collect()
    };
    let diagnostics: Vec<proto::Diagnostic> = caught(diagnostics)?.unwrap_or_else(|fault| vec![fault.told()]);
    let uri = if version.is_some() || !diagnostics.is_empty() { snapshot.uri(file) } else { None };
    Some(Checked { path, uri, diagnostics, version })
}

/// What is found when all files were: what manifests say of parameters that there are not; `None` if the text changed.
fn behind(work: &[Work], which: Files) -> Option<Vec<Checked>> {
    match which {
        Files::First | Files::Open | Files::Part => return Some(Vec::new()),
        Files::Others => {}
        // Who types first need not wait for it.
        Files::All => work
            .iter()
            .try_for_each(|work| caught(|| read_together(&work.snapshot.db, work.snapshot.workspace)).map(drop))?,
    }
    let manifests = work.iter().flat_map(|work| work.snapshot.manifests.iter().map(move |known| (work, known)));
    manifests.map(|(work, (path, text))| manifest(work, path, text)).collect()
}

fn manifest(work: &Work, path: &Path, text: &str) -> Option<Checked> {
    let snapshot = &work.snapshot;
    let lines = Lines::new(text);
    let diagnostics = || {
        let found = manifest_diagnostics_of(&snapshot.db, snapshot.workspace, text).into_iter();
        let shown = |found: Diagnostic| plain_diagnostic(range_of(&lines, text, found.span, snapshot.encoding), &found);
        found.map(shown).collect()
    };
    Some(Checked {
        path: path.to_owned(),
        uri: snapshot.uris.get(path).cloned().or_else(|| uri_of(path)),
        diagnostics: caught(diagnostics)?.unwrap_or_else(|fault| vec![fault.told()]),
        version: work.versions.get(path).copied(),
    })
}

impl Fault {
    /// What is told of the file.
    fn told(self) -> proto::Diagnostic {
        proto::Diagnostic {
            severity: Some(proto::DiagnosticSeverity::ERROR),
            source: Some("parapet".to_owned()),
            message: "not checked, by a fault of Parapet itself".to_owned(),
            ..proto::Diagnostic::default()
        }
    }
}

/// What is wrong with manifests and with files that cannot be read.
fn problems(work: &Work) -> impl Iterator<Item = Checked> {
    let snapshot = &work.snapshot;
    work.problems.iter().map(|(path, text, diagnostic)| {
        let range = range_of(&Lines::new(text), text, diagnostic.span, snapshot.encoding);
        Checked {
            path: path.clone(),
            uri: snapshot.uris.get(path).cloned().or_else(|| uri_of(path)),
            diagnostics: vec![plain_diagnostic(range, diagnostic)],
            version: work.versions.get(path).copied(),
        }
    })
}

/// Adds problems to what was found of their files.
fn with_problems(mut found: Vec<Checked>, problems: Vec<Checked>) -> Vec<Checked> {
    for problem in problems {
        match found.iter_mut().find(|known| known.path == problem.path) {
            Some(known) => {
                known.uri = known.uri.take().or(problem.uri);
                known.diagnostics.extend(problem.diagnostics);
            }
            None => found.push(problem),
        }
    }
    found
}

impl From<TooLarge> for Checked {
    /// The one thing that is said of a document that is not read.
    fn from(TooLarge { path, uri, version, size }: TooLarge) -> Checked {
        let diagnostics = vec![plain_diagnostic(proto::Range::default(), &too_large(size))];
        Checked { path, uri: Some(uri), diagnostics, version: Some(version) }
    }
}

/// A number that tells diagnostics from others.
pub(crate) fn digest_of(diagnostics: &[proto::Diagnostic]) -> u64 {
    let mut hasher = FxHasher::default();
    for diagnostic in diagnostics {
        serde_json::to_string(diagnostic).unwrap_or_default().hash(&mut hasher);
    }
    diagnostics.len().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// Work on a folder with so many files, and what keeps them.
    fn work_on(count: usize) -> (Vec<Work>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..count {
            let next = (number + 1) % count;
            let text = format!("use f{next}::A{next}\n\npub const A{number} = 1\n\nconst B = A{next} + c\n");
            std::fs::write(folder.path().join(format!("f{number}.parapet")), text).unwrap();
        }
        let mut world = World::new(folder.path().join(".library"));
        world.set_folders(vec![folder.path().to_owned()]);
        let (work, _) = world.work();
        (work, folder)
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        crate::runtime().unwrap().block_on(future)
    }

    #[test]
    fn files_are_checked_once_and_in_their_order() {
        let (work, _folder) = work_on(40);
        let paths: Vec<PathBuf> =
            work[0].files.iter().map(|file| PathBuf::from(&**file.path(&work[0].snapshot.db))).collect();
        let found = run(check(work, Files::All, Arc::new(|| true))).unwrap();
        assert_eq!(found.iter().map(|checked| checked.path.clone()).collect::<Vec<_>>(), paths);
        let unknown = |checked: &Checked| checked.diagnostics.iter().any(|found| found.message.contains("`c`"));
        assert!(found.iter().all(unknown));
    }

    #[test]
    fn who_is_not_wanted_any_more_stops_and_says_nothing() {
        let (work, _folder) = work_on(40);
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let wanted: Wanted = Arc::new(move || counted.fetch_add(1, Ordering::SeqCst) < 3);
        assert!(run(check(work, Files::All, wanted)).is_none());
        assert!(asked.load(Ordering::SeqCst) <= 3 + MOST_THREADS, "no thread goes on");
    }
}
