//! Live verdicts: what guardrails say of inventories while they are written.
//!
//! The editor names inventories. After each edit the rules are judged as the editor shows them, saved or not, by a
//! [`Watch`] that keeps the inventories in memory: what was not edited is not asked again. Above each guardrail stands what
//! it says, and what the edits that are not saved yet change. A run takes longer than a keystroke, so that it waits until
//! nobody types for a moment; one at a time runs, and no question of the editor waits for it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parapet_driver::model::Skipped;
use parapet_driver::{Found, Held, Host, Kind, Refusal, Request, Subject, System, Tally, Watch};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::sync::Notify;
use tower_lsp::Client;

use crate::host::{Editor, Links};
use crate::proto;
use crate::translate::uri_of;
use crate::world::{World, lock};

/// So long nobody must have typed.
const PAUSE: Duration = Duration::from_millis(30);

/// So often the inventories on the disk are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// So many resources are shown of one guardrail.
const MOST_PLACES: usize = 500;

/// What it takes to judge: rules, inventories, and what is open.
pub(crate) struct Job {
    pub(crate) rules: Vec<String>,
    pub(crate) inventories: Vec<PathBuf>,
    pub(crate) open: BTreeMap<PathBuf, String>,
    pub(crate) links: BTreeSet<PathBuf>,
}

/// What stands above guardrails, by their paths.
#[derive(Default, PartialEq)]
pub(crate) struct Shown {
    lenses: FxHashMap<Arc<str>, Line>,
    /// Why nothing is known.
    refused: Option<String>,
}

/// What stands above one guardrail.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Line {
    pub(crate) title: String,
    /// What fails; where nothing does, what is unknown.
    pub(crate) places: Vec<proto::Location>,
    /// What the edits that are not saved change; nothing where they change nothing.
    pub(crate) changes: Vec<Change>,
}

/// What begins to fail by edits, or fails no more.
#[derive(Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) command: &'static str,
    pub(crate) title: String,
    pub(crate) places: Vec<proto::Location>,
}

impl Shown {
    /// What stands above a guardrail; nothing where no inventory is bound.
    pub(crate) fn line(&self, guardrail: &str) -> Option<Line> {
        let refused = self.refused.as_ref();
        let line = self.lenses.get(guardrail).cloned();
        line.or_else(|| refused.map(|why| Line { title: format!("not judged: {why}"), ..Line::default() }))
    }
}

/// What is kept between runs.
#[derive(Default)]
struct Kept {
    watch: Watch,
    job: (Vec<String>, Vec<PathBuf>),
    /// What fails by the rules as they were saved last, by guardrail.
    saved: Option<FxHashMap<Arc<str>, FxHashSet<Subject>>>,
    /// [`Watch::moves`] then.
    moves: u64,
    /// Why an inventory was not read as a whole, as it was told last.
    told: String,
    /// [`Watch::reads`] when it was last asked what inventories hold.
    reads: u64,
}

/// Judges after each change, for ever.
pub(crate) async fn follow(
    client: Client,
    world: Arc<Mutex<World>>,
    (shown, held): (Arc<Mutex<Shown>>, Arc<Mutex<Arc<Held>>>),
    wake: Arc<Notify>,
    refreshes: bool,
) {
    let mut kept = Kept::default();
    loop {
        let woken = tokio::time::timeout(LOOK, wake.notified()).await.is_ok();
        // What comes in the pause begins it anew.
        while woken && tokio::time::timeout(PAUSE, wake.notified()).await.is_ok() {}
        let Some(job) = lock(&world).live() else {
            kept = Kept::default();
            *lock(&held) = Arc::default();
            if std::mem::take(&mut *lock(&shown)) != Shown::default() && refreshes {
                drop(client.code_lens_refresh().await);
            }
            continue;
        };
        let holds = held.clone();
        let run = tokio::task::spawn_blocking(move || {
            let found = judged(&mut kept, &job, woken);
            if kept.reads != kept.watch.reads() {
                kept.reads = kept.watch.reads();
                *lock(&holds) = Arc::new(kept.watch.held());
            }
            (kept, found)
        });
        // A fault of the engine was told on standard error; the next change is judged all the same.
        let Ok((state, found)) = run.await else {
            kept = Kept::default();
            continue;
        };
        kept = state;
        let Some((found, trouble)) = found else { continue };
        if kept.told != trouble {
            kept.told = trouble.clone();
            if !trouble.is_empty() {
                client.show_message(proto::MessageType::WARNING, trouble).await;
            }
        }
        let is_new = {
            let mut shown = lock(&shown);
            let is_new = *shown != found;
            *shown = found;
            is_new
        };
        if is_new && refreshes {
            // An editor that refuses asks when it likes.
            drop(client.code_lens_refresh().await);
        }
    }
}

/// What guardrails say, and what could not be read; `None` where nothing changed.
fn judged(kept: &mut Kept, job: &Job, woken: bool) -> Option<(Shown, String)> {
    let system = System::default();
    let open = job.open.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    let links = Links { known: job.links.clone(), found: None };
    let host = Editor { system: &system, open, links };
    let asked = (job.rules.clone(), job.inventories.clone());
    if kept.job != asked {
        *kept = Kept { job: asked, ..Kept::default() };
    } else if !woken && kept.watch.changed(&host).is_empty() {
        return None;
    }
    // What never ends would end all verdicts.
    let is_stream = |path: &&PathBuf| host.kind(path).is_ok_and(|kind| kind == Kind::Stream);
    let (streams, inventories): (Vec<&PathBuf>, Vec<&PathBuf>) = job.inventories.iter().partition(is_stream);
    let request = Request {
        rules: job.rules.clone(),
        inputs: inventories.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
        // Guardrails that are half written hide no others.
        keep_going: true,
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        ..Request::at(host.now())
    };
    let tallies = match kept.watch.tallies(&host, &request) {
        Ok(tallies) => tallies,
        Err(Refusal::Rules(..)) => return Some((refused("the rules do not check".to_owned()), String::new())),
        Err(Refusal::Usage(why) | Refusal::Fault(why)) => return Some((refused(why), String::new())),
    };
    let moves = kept.watch.moves();
    // What failed in other inventories says nothing of these.
    if is_saved(job) || kept.saved.is_none() || kept.moves != moves {
        kept.moves = moves;
        let fails = |tally: &Tally| (tally.guardrail.clone(), tally.fail.iter().copied().collect());
        kept.saved = Some(tallies.iter().map(fails).collect());
    }
    let is_folder = |path: &&PathBuf| host.kind(path).is_ok_and(|kind| kind == Kind::Folder);
    let folders: Vec<&PathBuf> = inventories.iter().copied().filter(is_folder).collect();
    let trouble = Trouble::of(&kept.watch, &streams, &folders);
    let line = |tally: &Tally| (tally.guardrail.clone(), line(kept, tally, &trouble));
    let lenses = tallies.iter().map(line).collect();
    Some((Shown { lenses, refused: None }, trouble.told()))
}

fn refused(why: String) -> Shown {
    Shown { refused: Some(why), ..Shown::default() }
}

/// Whether all rules that are open are on the disk as they are shown.
fn is_saved(job: &Job) -> bool {
    let is_rules = |path: &Path| path.extension().is_some_and(|extension| extension == "parapet");
    let mut rules = job.open.iter().filter(|(path, _)| is_rules(path));
    rules.all(|(path, text)| std::fs::read_to_string(path).is_ok_and(|saved| saved == *text))
}

fn line(kept: &Kept, tally: &Tally, trouble: &Trouble) -> Line {
    let (new, gone) = changed(kept, tally);
    let changes: Vec<String> = [(new.len(), "new"), (gone.len(), "no more")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let counts = [
        (tally.fail.len(), "fail"),
        (tally.unknown.len(), "unknown"),
        (tally.pass, "pass"),
        (tally.not_applicable, "n/a"),
        (tally.waived, "waived"),
    ];
    let told = counts.into_iter().filter(|(count, what)| *count > 0 || (*what == "fail" && !changes.is_empty()));
    let told = told.map(|(count, what)| match (what, changes.is_empty()) {
        ("fail", false) => format!("{count} fail ({})", changes.join(", ")),
        _ => format!("{count} {what}"),
    });
    let told: Vec<String> = told.collect();
    let title = match (told.is_empty(), trouble.broken.first()) {
        (true, None) => "no resource".to_owned(),
        (true, Some(broken)) => format!("not judged: {broken}"),
        (false, None) => told.join(", "),
        // What was not read may say something else.
        (false, Some(_)) => format!("{}, in part", told.join(", ")),
    };
    let shown = if tally.fail.is_empty() { &tally.unknown } else { &tally.fail };
    Line {
        title,
        places: places(kept, shown),
        changes: [("parapet.showNew", "start", new), ("parapet.showNoMore", "stop", gone)]
            .into_iter()
            .filter(|(_, _, subjects)| !subjects.is_empty())
            .map(|(command, verb, subjects)| {
                let one = if subjects.len() == 1 { "s" } else { "" };
                let title = format!("{} {verb}{one} failing", subjects.len());
                Change { command, title, places: places(kept, &subjects) }
            })
            .collect(),
    }
}

/// What fails and did not by the rules as they were saved last, and what failed by those and does not now.
fn changed(kept: &Kept, tally: &Tally) -> (Vec<Subject>, Vec<Subject>) {
    let Some(before) = kept.saved.as_ref().and_then(|saved| saved.get(&tally.guardrail)) else {
        return (Vec::new(), Vec::new());
    };
    let now: FxHashSet<Subject> = tally.fail.iter().copied().collect();
    let new = tally.fail.iter().copied().filter(|subject| !before.contains(subject)).collect();
    let mut gone: Vec<Subject> = before.difference(&now).copied().collect();
    gone.sort_unstable();
    (new, gone)
}

/// The places of the first of some resources.
fn places(kept: &Kept, subjects: &[Subject]) -> Vec<proto::Location> {
    subjects.iter().filter_map(|subject| location(kept.watch.found(*subject)?)).take(MOST_PLACES).collect()
}

/// Where a record begins.
fn location(found: Found) -> Option<proto::Location> {
    let start = proto::Position { line: found.line.saturating_sub(1), character: found.column.saturating_sub(1) };
    Some(proto::Location { uri: uri_of(&found.path?)?, range: proto::Range { start, end: start } })
}

/// What is wrong with the inventories.
#[derive(Default)]
struct Trouble {
    /// What was not read, or not to its end: what stands above guardrails is of a part.
    broken: Vec<String>,
    /// What holds nothing that a reader knows.
    passed_over: Vec<String>,
}

impl Trouble {
    fn of(watch: &Watch, streams: &[&PathBuf], folders: &[&PathBuf]) -> Trouble {
        let stream = |path: &&PathBuf| format!("{}: a named pipe, a socket or a device", path.display());
        let empty = folders.iter().filter(|folder| !watch.has_read(folder));
        let empty = empty.map(|folder| format!("{}: nothing in it is an input", folder.display()));
        Trouble {
            broken: streams.iter().map(stream).chain(watch.broken().into_iter().map(named)).collect(),
            passed_over: watch.passed_over().into_iter().map(named).chain(empty).collect(),
        }
    }

    /// What is told of it; nothing where all is read.
    fn told(&self) -> String {
        let broken = first_of("an inventory is not read as a whole", &self.broken);
        let others = first_of("passed over among the inventories", &self.passed_over);
        broken.into_iter().chain(others).collect::<Vec<_>>().join("; ")
    }
}

fn named(skipped: Skipped) -> String {
    let line = skipped.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}: {}", skipped.path, skipped.reason)
}

fn first_of(what: &str, all: &[String]) -> Option<String> {
    let more = if all.len() > 1 { format!(", and {} more", all.len() - 1) } else { String::new() };
    all.first().map(|first| format!("{what}: {first}{more}"))
}
