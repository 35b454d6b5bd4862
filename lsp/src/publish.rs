//! Diagnostics without being asked: after each change the open files are checked first, then all others. Where all rules
//! were just loaded, what is said first of the open ones leaves out what rests on all others.
//!
//! One task does it. A change while it works cancels what it does, and it begins again with the new text; a file whose
//! diagnostics are as they were is not sent again, unless it is open and was edited.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tower_lsp::Client;

use crate::checking::{Checked, Files, Reading, Wanted, check, digest_of, read_all};
use crate::proto;
use crate::server::complain;
use crate::world::{TooLarge, Work, World, lock};

/// So long nobody must have typed before files are checked again that are not open.
const PAUSE: Duration = Duration::from_millis(50);

/// What was sent.
#[derive(Default)]
struct Sent {
    /// The last of each file that something was sent of: the version of the text, if it is open, and a digest.
    files: BTreeMap<PathBuf, (Option<i32>, u64, proto::Uri)>,
    /// Which loading of the rules was checked as a whole.
    loaded: u64,
}

/// Counts changes: who works on something looks whether it is still wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(Arc<AtomicU64>);

impl Changes {
    /// Something changed.
    pub(crate) fn note(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// What the task works with.
pub(crate) struct Publisher {
    pub(crate) client: Client,
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) changes: Changes,
    pub(crate) wake: Arc<Notify>,
    pub(crate) reading: Arc<Reading>,
    /// Everything was checked once.
    pub(crate) settled: watch::Sender<bool>,
}

/// Sends diagnostics after each change, for ever.
pub(crate) async fn publish(publisher: Publisher) {
    let mut sent = Sent::default();
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
    let counted = changes.clone();
    let unchanged: Wanted = Arc::new(move || counted.count() == began);
    let (work, large, loaded) = all(world);
    let cold = loaded != sent.loaded;
    // What is open is worth its time even if more was typed: the answer of an older text shows until the next comes.
    let first = check(work, if cold { Files::First } else { Files::Open }, Arc::new(|| true)).await;
    let Some(first) = first else { return false };
    complain(client, world).await;
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    for checked in large.into_iter().map(Checked::from).chain(first) {
        seen.insert(checked.path.clone());
        send(client, sent, checked).await;
    }
    // Who types on is not kept from answers by files that are not in view.
    let typed_on = !cold && tokio::time::timeout(PAUSE, publisher.wake.notified()).await.is_ok();
    if typed_on || !unchanged() {
        return false;
    }
    if cold && !read_all(world, &publisher.reading, &unchanged).await {
        return false;
    }
    let (work, _, loaded) = all(world);
    let rest = check(work, if cold { Files::All } else { Files::Others }, unchanged.clone()).await;
    let Some(rest) = rest else { return false };
    sent.loaded = loaded;
    for checked in rest {
        if !unchanged() {
            return false;
        }
        seen.insert(checked.path.clone());
        send(client, sent, checked).await;
    }
    // What is gone has nothing to say any more.
    let gone: Vec<PathBuf> = sent.files.keys().filter(|path| !seen.contains(path.as_path())).cloned().collect();
    for path in gone {
        if let Some((_, digest, uri)) = sent.files.remove(&path)
            && digest != digest_of(&[])
        {
            client.publish_diagnostics(uri, Vec::new(), None).await;
        }
    }
    true
}

/// All that there is to check, and which loading it is of.
fn all(world: &Mutex<World>) -> (Vec<Work>, Vec<TooLarge>, u64) {
    let mut world = lock(world);
    let (work, large) = world.work();
    (work, large, world.loaded)
}

/// Sends the diagnostics of a file, unless they were sent for this text.
async fn send(client: &Client, sent: &mut Sent, checked: Checked) {
    let Checked { path, uri, diagnostics, version } = checked;
    let digest = digest_of(&diagnostics);
    let uri = match sent.files.get(&path) {
        None if version.is_none() && diagnostics.is_empty() => return,
        Some((known, before, _)) if (*known, *before) == (version, digest) => return,
        None => uri,
        Some((_, _, known)) => uri.or_else(|| Some(known.clone())),
    };
    let Some(uri) = uri else { return };
    sent.files.insert(path, (version, digest, uri.clone()));
    client.publish_diagnostics(uri, diagnostics, version).await;
}
