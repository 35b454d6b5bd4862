//! Diagnostics without being asked: after each change the open files are checked first, then all others.
//!
//! One task does it. A change while it works cancels what it does, and it begins again with the new text; a file whose
//! diagnostics are as they were is not sent again, unless it is open and was edited.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use parapet_driver::diagnostics_of;
use parapet_ide::{Lines, too_large};
use rustc_hash::FxHasher;
use salsa::Cancelled;
use tokio::sync::Notify;
use tower_lsp::Client;

use crate::proto;
use crate::translate::{plain_diagnostic, range_of, uri_of};
use crate::world::{TooLarge, Work, World};

/// The diagnostics of a file, to be sent.
struct Published {
    path: PathBuf,
    uri: proto::Uri,
    diagnostics: Vec<proto::Diagnostic>,
    /// Of the text that was checked, where it is open.
    version: Option<i32>,
}

/// What was sent last: the version of the text, if it is open, and a digest of the diagnostics.
type Sent = BTreeMap<PathBuf, (Option<i32>, u64, proto::Uri)>;

/// Sends diagnostics after each change, for ever.
pub(crate) async fn publish(client: Client, world: Arc<Mutex<World>>, wake: Arc<Notify>, settled: Arc<Notify>) {
    let mut sent = Sent::new();
    loop {
        wake.notified().await;
        while !round(&client, &world, &mut sent).await {}
        settled.notify_waiters();
    }
}

/// Checks everything once; `false` if an edit came between.
///
/// No snapshot lives while something is sent: an edit waits for it, and what is sent waits for the task that the edit keeps.
async fn round(client: &Client, world: &Arc<Mutex<World>>, sent: &mut Sent) -> bool {
    let (work, large) = lock(world).work();
    let Some(open) = check(work, Files::Open).await else { return false };
    let mut seen: Vec<PathBuf> = Vec::new();
    for TooLarge { path, uri, version, size } in large {
        let diagnostics = vec![plain_diagnostic(proto::Range::default(), &too_large(size))];
        seen.push(path.clone());
        send(client, sent, Published { path, uri, diagnostics, version: Some(version) }).await;
    }
    for published in open {
        seen.push(published.path.clone());
        send(client, sent, published).await;
    }
    let (work, _) = lock(world).work();
    let Some(others) = check(work, Files::Others).await else { return false };
    for published in others {
        seen.push(published.path.clone());
        send(client, sent, published).await;
    }
    // What is gone has nothing to say any more.
    let gone: Vec<PathBuf> = sent.keys().filter(|path| !seen.contains(path)).cloned().collect();
    for path in gone {
        if let Some((_, digest, uri)) = sent.remove(&path)
            && digest != digest_of(&[])
        {
            client.publish_diagnostics(uri, Vec::new(), None).await;
        }
    }
    true
}

pub(crate) fn lock(world: &Mutex<World>) -> std::sync::MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which files are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
    Open,
    /// Those that are not open, and what no query finds.
    Others,
}

/// Checks files on a thread of its own; `None` if the text changed meanwhile.
async fn check(work: Vec<Work>, which: Files) -> Option<Vec<Published>> {
    let checked = tokio::task::spawn_blocking(move || {
        let all = || work.iter().flat_map(|work| checked(work, which)).collect::<Vec<_>>();
        Cancelled::catch(AssertUnwindSafe(all)).ok()
    });
    // A fault of the checker was told on standard error; the server goes on with the next edit.
    checked.await.unwrap_or_default()
}

fn checked(work: &Work, which: Files) -> Vec<Published> {
    let snapshot = &work.snapshot;
    let mut found: Vec<Published> = Vec::new();
    let (open, others) = work.files.split_at_checked(work.open).unwrap_or_default();
    for file in if which == Files::Open { open } else { others } {
        let path = PathBuf::from(&**file.path(&snapshot.db));
        let own = diagnostics_of(&snapshot.db, snapshot.workspace, *file);
        let Some(uri) = snapshot.uri(*file) else { continue };
        let diagnostics = own.iter().map(|diagnostic| snapshot.diagnostic(*file, diagnostic)).collect();
        let version = work.versions.get(&path).copied();
        found.push(Published { path, uri, diagnostics, version });
    }
    if which == Files::Others {
        problems(work, &mut found);
    }
    found
}

/// Adds what is wrong with manifests and files that cannot be read.
fn problems(work: &Work, found: &mut Vec<Published>) {
    let snapshot = &work.snapshot;
    for (path, text, diagnostic) in &work.problems {
        let range = range_of(&Lines::new(text), text, diagnostic.span, snapshot.encoding);
        let diagnostic = plain_diagnostic(range, diagnostic);
        match found.iter_mut().find(|known| known.path == *path) {
            Some(known) => known.diagnostics.push(diagnostic),
            None => {
                let uri = snapshot.uris.get(path).cloned().or_else(|| uri_of(path));
                let version = work.versions.get(path).copied();
                found.extend(uri.map(|uri| Published {
                    path: path.clone(),
                    uri,
                    diagnostics: vec![diagnostic],
                    version,
                }));
            }
        }
    }
}

/// Sends the diagnostics of a file, unless they were sent for this text.
async fn send(client: &Client, sent: &mut Sent, published: Published) {
    let Published { path, uri, diagnostics, version } = published;
    let digest = digest_of(&diagnostics);
    let known = sent.get(&path).map(|(version, digest, _)| (*version, *digest));
    let is_new = match known {
        None => version.is_some() || !diagnostics.is_empty(),
        Some(known) => known != (version, digest),
    };
    sent.insert(path, (version, digest, uri.clone()));
    if is_new {
        client.publish_diagnostics(uri, diagnostics, version).await;
    }
}

fn digest_of(diagnostics: &[proto::Diagnostic]) -> u64 {
    let mut hasher = FxHasher::default();
    for diagnostic in diagnostics {
        serde_json::to_string(diagnostic).unwrap_or_default().hash(&mut hasher);
    }
    diagnostics.len().hash(&mut hasher);
    hasher.finish()
}
