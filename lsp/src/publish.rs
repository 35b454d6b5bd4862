//! Diagnostics without being asked: after each change the open files are checked first, then all others.
//!
//! One task does it. A change while it works cancels what it does, and it begins again with the new text; a file whose
//! diagnostics are as they were is not sent again, unless it is open and was edited.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use parapet_driver::diagnostics_of;
use parapet_ide::{Lines, too_large};
use rustc_hash::FxHasher;
use salsa::Cancelled;
use tokio::sync::{Notify, watch};
use tower_lsp::Client;

use crate::proto;
use crate::translate::{plain_diagnostic, range_of, uri_of};
use crate::world::{TooLarge, Work, World, lock};

/// The diagnostics of a file, to be sent.
struct Published {
    path: PathBuf,
    /// Where there is something to send, or the file is open.
    uri: Option<proto::Uri>,
    diagnostics: Vec<proto::Diagnostic>,
    /// Of the text that was checked, where it is open.
    version: Option<i32>,
}

/// What was sent last of the files that something was sent of: the version of the text, if it is open, and a digest.
type Sent = BTreeMap<PathBuf, (Option<i32>, u64, proto::Uri)>;

/// Counts changes: who works on something looks whether it is still wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(Arc<AtomicU64>);

impl Changes {
    /// Something changed.
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// What the task works with.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) changes: Changes,
    pub(crate) wake: Arc<Notify>,
    /// Everything was checked once.
    pub(crate) settled: watch::Sender<bool>,
}

/// Sends diagnostics after each change, for ever.
pub(crate) async fn publish(publisher: Publisher) {
    let mut sent = Sent::new();
    loop {
        publisher.wake.notified().await;
        while !round(&publisher, &mut sent).await {}
        publisher.settled.send_replace(true);
    }
}

/// Checks everything once; `false` if something changed meanwhile, so that the open files are to be looked at again.
///
/// No snapshot lives while something is sent: an edit waits for it, and what is sent waits for the task that the edit keeps.
async fn round(publisher: &Publisher, sent: &mut Sent) -> bool {
    let Publisher { client, world, changes, .. } = publisher;
    let began = changes.count();
    let (work, large) = lock(world).work();
    let Some(open) = check(work, Files::Open, changes.clone(), began).await else { return false };
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for TooLarge { path, uri, version, size } in large {
        let diagnostics = vec![plain_diagnostic(proto::Range::default(), &too_large(size))];
        seen.insert(path.clone());
        send(client, sent, Published { path, uri: Some(uri), diagnostics, version: Some(version) }).await;
    }
    for published in open {
        seen.insert(published.path.clone());
        send(client, sent, published).await;
    }
    if changes.count() != began {
        return false;
    }
    let (work, _) = lock(world).work();
    let Some(others) = check(work, Files::Others, changes.clone(), began).await else { return false };
    for published in others {
        if changes.count() != began {
            return false;
        }
        seen.insert(published.path.clone());
        send(client, sent, published).await;
    }
    // What is gone has nothing to say any more.
    let gone: Vec<PathBuf> = sent.keys().filter(|path| !seen.contains(path.as_path())).cloned().collect();
    for path in gone {
        if let Some((_, digest, uri)) = sent.remove(&path)
            && digest != digest_of(&[])
        {
            client.publish_diagnostics(uri, Vec::new(), None).await;
        }
    }
    true
}

/// Which files are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
    Open,
    /// Those that are not open, and what no query finds.
    Others,
}

/// Checks files on a thread of its own; `None` if the text changed meanwhile, or something else that goes before the files
/// that are not open.
async fn check(work: Vec<Work>, which: Files, changes: Changes, began: u64) -> Option<Vec<Published>> {
    let checked = tokio::task::spawn_blocking(move || {
        let wanted = || which == Files::Open || changes.count() == began;
        let all = || {
            let mut found = Vec::new();
            for work in &work {
                found.extend(checked(work, which, &wanted)?);
            }
            Some(found)
        };
        Cancelled::catch(AssertUnwindSafe(all)).ok().flatten()
    });
    // A fault of the checker was told on standard error; the server goes on with the next edit.
    checked.await.unwrap_or(Some(Vec::new()))
}

fn checked(work: &Work, which: Files, wanted: &dyn Fn() -> bool) -> Option<Vec<Published>> {
    let snapshot = &work.snapshot;
    let mut found: Vec<Published> = Vec::new();
    let (open, others) = work.files.split_at_checked(work.open).unwrap_or_default();
    for file in if which == Files::Open { open } else { others } {
        if !wanted() {
            return None;
        }
        let path = PathBuf::from(&**file.path(&snapshot.db));
        let own = diagnostics_of(&snapshot.db, snapshot.workspace, *file);
        let version = work.versions.get(&path).copied();
        let uri = if version.is_some() || !own.is_empty() { snapshot.uri(*file) } else { None };
        let diagnostics = own.iter().map(|diagnostic| snapshot.diagnostic(*file, diagnostic)).collect();
        found.push(Published { path, uri, diagnostics, version });
    }
    if which == Files::Others {
        problems(work, &mut found);
    }
    Some(found)
}

/// Adds what is wrong with manifests and files that cannot be read.
fn problems(work: &Work, found: &mut Vec<Published>) {
    let snapshot = &work.snapshot;
    for (path, text, diagnostic) in &work.problems {
        let range = range_of(&Lines::new(text), text, diagnostic.span, snapshot.encoding);
        let diagnostic = plain_diagnostic(range, diagnostic);
        let uri = snapshot.uris.get(path).cloned().or_else(|| uri_of(path));
        match found.iter_mut().find(|known| known.path == *path) {
            Some(known) => {
                known.uri = known.uri.take().or(uri);
                known.diagnostics.push(diagnostic);
            }
            None => {
                let version = work.versions.get(path).copied();
                found.push(Published { path: path.clone(), uri, diagnostics: vec![diagnostic], version });
            }
        }
    }
}

/// Sends the diagnostics of a file, unless they were sent for this text.
async fn send(client: &Client, sent: &mut Sent, published: Published) {
    let Published { path, uri, diagnostics, version } = published;
    let digest = digest_of(&diagnostics);
    let uri = match sent.get(&path) {
        None if version.is_none() && diagnostics.is_empty() => return,
        Some((known, before, _)) if (*known, *before) == (version, digest) => return,
        None => uri,
        Some((_, _, known)) => uri.or_else(|| Some(known.clone())),
    };
    let Some(uri) = uri else { return };
    sent.insert(path, (version, digest, uri.clone()));
    client.publish_diagnostics(uri, diagnostics, version).await;
}

fn digest_of(diagnostics: &[proto::Diagnostic]) -> u64 {
    let mut hasher = FxHasher::default();
    for diagnostic in diagnostics {
        serde_json::to_string(diagnostic).unwrap_or_default().hash(&mut hasher);
    }
    diagnostics.len().hash(&mut hasher);
    hasher.finish()
}
