//! The server of one editor: what it holds, how questions run beside edits, and what works by itself.
//!
//! Questions run on threads of their own with a snapshot of the database, and end when the next edit comes. What works by
//! itself, as the task that sends diagnostics, begins with the conversation and ends with it. What the editor asks and
//! tells is in [`crate::handlers`].

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use parapet_driver::Held;
use salsa::Cancelled;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tower_lsp::Client;

use crate::capabilities::Can;
use crate::checking::Reading;
use crate::live::{self, Shown};
use crate::manifests::Manifest;
use crate::proto::{self, Error, ErrorCode, Result};
use crate::publish::{Changes, Publisher, publish};
use crate::templates::{Judge, Judged};
use crate::translate::path_of;
use crate::world::{Snapshot, World, lock};

/// So often a question is asked again that edits broke off, or the trees that were let go of while all is read for the first time.
const MOST_TRIES: usize = 100;

/// The server of one editor.
pub(crate) struct Parapet {
    client: Client,
    pub(crate) world: Arc<Mutex<World>>,
    /// Something changed: diagnostics are due.
    wake: Arc<Notify>,
    pub(crate) changes: Changes,
    pub(crate) reading: Arc<Reading>,
    /// Templates are due.
    judge: Arc<Notify>,
    /// Live verdicts are due.
    live: Arc<Notify>,
    /// What was found in templates.
    pub(crate) judged: Arc<Judged>,
    /// What stands above guardrails.
    pub(crate) shown: Arc<Mutex<Shown>>,
    /// The texts that the inventories hold.
    pub(crate) held: Arc<Mutex<Arc<Held>>>,
    can: Arc<Mutex<Can>>,
    /// What works by itself, and ends with the conversation.
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Parapet {
    pub(crate) fn new(client: Client, library: PathBuf) -> Parapet {
        Parapet {
            client,
            world: Arc::new(Mutex::new(World::new(library))),
            wake: Arc::default(),
            judge: Arc::default(),
            live: Arc::default(),
            judged: Arc::default(),
            shown: Arc::default(),
            held: Arc::default(),
            changes: Changes::default(),
            reading: Arc::default(),
            can: Arc::default(),
            tasks: Mutex::default(),
        }
    }

    pub(crate) fn can(&self) -> Can {
        *lock(&self.can)
    }

    /// The editor says what it can do.
    pub(crate) fn learn(&self, can: Can) {
        *lock(&self.can) = can;
    }

    /// Asks a question about a document; of one that is not known there is nothing to say. If an edit of another one breaks it
    /// off, it is asked again: its places mean what they meant.
    pub(crate) async fn query<T: Default + Send + 'static>(
        &self,
        uri: &proto::Uri,
        ask: impl Fn(&Snapshot) -> T + Clone + Send + 'static,
    ) -> Result<T> {
        let path = path_of(uri);
        self.ask_again(Some(&path), || (lock(&self.world).snapshot(&path), ask.clone())).await
    }

    /// Asks a question that the next letter does not make idle, as of a whole document: if one comes between, it is asked again
    /// of the new text.
    pub(crate) async fn query_again<T: Default + Send + 'static>(
        &self,
        uri: &proto::Uri,
        ask: impl Fn(&Snapshot) -> T + Clone + Send + 'static,
    ) -> Result<T> {
        let path = path_of(uri);
        self.ask_again(None, || (lock(&self.world).snapshot(&path), ask.clone())).await
    }

    /// The same of a file or folder that is to be renamed.
    pub(crate) async fn query_below<T: Default + Send + 'static>(
        &self,
        path: &Path,
        ask: impl Fn(&Snapshot) -> T + Clone + Send + 'static,
    ) -> Result<T> {
        self.ask_again(None, || (lock(&self.world).snapshot_below(path), ask.clone())).await
    }

    /// Asks a question about a manifest.
    pub(crate) async fn query_manifest<T: Default + Send + 'static>(
        &self,
        path: &Path,
        ask: impl Fn(&Manifest) -> T + Clone + Send + 'static,
    ) -> Result<T> {
        self.ask_again(Some(path), || (lock(&self.world).manifest(path), ask.clone())).await
    }

    /// Asks until no edit breaks it off, or one does of the document that the question is about. What is known is dropped on
    /// the thread of the question: an edit waits for it.
    async fn ask_again<S: Send + 'static, T: Default + Send + 'static, A>(
        &self,
        about: Option<&Path>,
        question: impl Fn() -> (Option<S>, A),
    ) -> Result<T>
    where
        A: FnOnce(&S) -> T + Send + 'static,
    {
        let version = || about.map(|path| lock(&self.world).version(path));
        let asked = version();
        for _ in 0..MOST_TRIES {
            let (Some(known), ask) = question() else { return Ok(T::default()) };
            match on_thread(move || ask(&known)).await {
                Err(error) if error.code == ErrorCode::ContentModified && version() == asked => {}
                answer => return answer,
            }
        }
        Err(modified())
    }

    /// Asks a question about each project. All snapshots are on the thread of the question: one that waited here for its turn
    /// would wait for the task that an edit keeps until it is gone.
    pub(crate) async fn query_all<T: Send + 'static>(
        &self,
        ask: impl Fn(&Snapshot) -> Vec<T> + Clone + Send + 'static,
    ) -> Result<Vec<T>> {
        self.ask_again(None, || {
            let (snapshots, ask) = (lock(&self.world).snapshots(), ask.clone());
            (Some(snapshots), move |snapshots: &Vec<Snapshot>| snapshots.iter().flat_map(ask).collect())
        })
        .await
    }

    /// Diagnostics are due, and what could not be loaded is told.
    pub(crate) async fn changed(&self) {
        self.changes.note();
        self.wake.notify_one();
        self.judge.notify_one();
        self.live.notify_one();
        complain(&self.client, &self.world).await;
    }

    /// Begins to check. Nothing here waits for the editor: one that never answers is served all the same.
    pub(crate) async fn begin(&self) {
        let can = self.can();
        if can.watch {
            self.spawn(register(self.client.clone()));
        }
        let judge = Judge {
            client: self.client.clone(),
            world: self.world.clone(),
            changes: self.changes.clone(),
            wake: self.judge.clone(),
            judged: self.judged.clone(),
            sends: !can.pull,
            refreshes: can.refresh,
        };
        self.spawn(judge.follow());
        if can.commands {
            let (client, world) = (self.client.clone(), self.world.clone());
            let shown = (self.shown.clone(), self.held.clone());
            self.spawn(live::follow(client, world, shown, self.live.clone(), can.lenses));
        }
        if !can.pull {
            let (settled, first) = watch::channel(false);
            self.spawn(publish(Publisher {
                client: self.client.clone(),
                world: self.world.clone(),
                changes: self.changes.clone(),
                wake: self.wake.clone(),
                reading: self.reading.clone(),
                settled,
            }));
            if can.progress {
                self.spawn(progress(self.client.clone(), first));
            }
        }
        self.changed().await;
    }

    /// Asks the editor to ask again: it knows of edits, and of nothing else that changes diagnostics.
    pub(crate) fn refresh(&self) {
        let can = self.can();
        if can.pull && can.refresh {
            let client = self.client.clone();
            // An editor that refuses asks with the next edit.
            self.spawn(async move { drop(client.workspace_diagnostic_refresh().await) });
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let handle = tokio::spawn(task).abort_handle();
        let mut tasks = lock(&self.tasks);
        tasks.retain(|task| !task.is_finished());
        tasks.push(handle);
    }
}

impl Drop for Parapet {
    fn drop(&mut self) {
        // A check on a thread of its own looks whether it is still wanted.
        self.changes.note();
        let tasks = std::mem::take(&mut *lock(&self.tasks));
        tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Tells what could not be loaded, once.
pub(crate) async fn complain(client: &Client, world: &Mutex<World>) {
    let complaints = std::mem::take(&mut lock(world).complaints);
    for complaint in complaints {
        client.show_message(proto::MessageType::WARNING, complaint).await;
    }
}

/// Shows a bar until everything was checked for the first time.
async fn progress(client: Client, mut first: watch::Receiver<bool>) {
    let token = proto::NumberOrString::String("parapet/check".to_owned());
    if client.create_work_done_progress(token.clone()).await.is_err() {
        return;
    }
    let bar = client.progress(token, "Checking guardrails").begin().await;
    // The sender goes with the server.
    drop(first.wait_for(|done| *done).await);
    bar.finish().await;
}

/// Asks the editor to tell of files that change on the disk.
async fn register(client: Client) {
    let watchers = ["**/*.parapet", "**/parapet.toml"]
        .map(|glob| proto::FileSystemWatcher { glob_pattern: proto::GlobPattern::String(glob.to_owned()), kind: None });
    let options = proto::DidChangeWatchedFilesRegistrationOptions { watchers: watchers.to_vec() };
    let registration = proto::Registration {
        id: "parapet/files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: serde_json::to_value(options).ok(),
    };
    // An editor that refuses tells of no changes on the disk; all else works.
    drop(client.register_capability(vec![registration]).await);
}

async fn on_thread<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let answer = tokio::task::spawn_blocking(move || Cancelled::catch(AssertUnwindSafe(ask)));
    match answer.await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(_)) => Err(modified()),
        Err(_) => Err(Error::internal_error()),
    }
}

/// The refusal that an editor passes over: it asks again where it still wants to know.
fn modified() -> Error {
    Error { code: ErrorCode::ContentModified, message: "the text changed meanwhile".into(), data: None }
}
