//! Templates and plans that are open in the editor: what the guardrails find in them, at the lines that cause it.
//!
//! They are judged as `parapet check FILE` judges them, by the rules of the editor's folders, or by the standard library
//! where there are none. A run takes longer than a keystroke, so that it waits until nobody types for a moment; one at a
//! time runs, and loads the rules once for all documents. They are not kept until the next: they would take as much memory as
//! those that questions are asked of, which a run cannot use, as no edit could be taken in until it ended. A verdict that is not
//! known is a hint: it is no pass, and in a template it is common.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use parapet_driver::{Host, Prepared, Refusal, Request, System, prepare};
use parapet_ide::Encoding;
use tokio::sync::{Notify, watch};
use tower_lsp::Client;

use crate::checking::Checked;
use crate::findings::{Told, not_judged, told};
use crate::host::{Editor, Links};
use crate::proto;
use crate::publish::Changes;
use crate::world::{World, lock};

/// So long nobody must have typed.
const PAUSE: Duration = Duration::from_millis(200);

/// A larger document is not judged while it is edited.
const LARGEST: usize = 16 << 20;

/// The documents to judge, and what it takes.
pub(crate) struct Job {
    pub(crate) rules: Vec<String>,
    pub(crate) open: BTreeMap<PathBuf, String>,
    pub(crate) links: BTreeSet<PathBuf>,
    pub(crate) documents: Vec<Template>,
    pub(crate) encoding: Encoding,
    pub(crate) library: Arc<Path>,
}

/// A document that may be a template or a plan.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) path: PathBuf,
    pub(crate) uri: proto::Uri,
    pub(crate) version: i32,
}

/// The rules of a job, ready to judge any number of documents, or why they judge none.
struct Ready {
    request: Request<'static>,
    rules: Result<Prepared, String>,
}

/// Whether a document may be a template, a plan, a state, or configuration of Terraform in JSON: what is none is not read.
pub(crate) fn may_be_one(path: &Path, text: &str) -> bool {
    let is_configuration = path.to_string_lossy().ends_with(".tf.json");
    let template = text.contains("Resources") && (text.contains("AWS::") || text.contains("AWSTemplateFormatVersion"));
    let plan =
        text.contains("\"terraform_version\"") && (text.contains("planned_values") || text.contains("\"resources\""));
    text.len() <= LARGEST && (template || plan || is_configuration)
}

/// What was found in each, by its path.
type Documents = BTreeMap<PathBuf, (Template, Arc<[Told]>)>;

/// What was found in the documents that are open.
#[derive(Default)]
pub(crate) struct Judged {
    documents: Mutex<Documents>,
    /// So many changes were there when the last run began that has ended.
    through: watch::Sender<u64>,
}

impl Judged {
    /// What was found in a version of a document.
    fn of(&self, path: &Path, version: i32) -> Option<Arc<[Told]>> {
        let documents = lock(&self.documents);
        documents.get(path).filter(|(document, _)| document.version == version).map(|(_, told)| told.clone())
    }

    /// What was found in a document as it is shown, once it was judged; `None` for one that is none of these.
    pub(crate) async fn shown(&self, world: &Mutex<World>, path: &Path) -> Option<Arc<[Told]>> {
        let mut through = self.through.subscribe();
        loop {
            let version = lock(world).template(path)?;
            if let Some(told) = self.of(path, version) {
                return Some(told);
            }
            through.changed().await.ok()?;
        }
    }

    /// What was found in the documents of some paths, after so many changes.
    pub(crate) async fn after(&self, count: u64, wanted: impl Fn(&Path) -> bool) -> Vec<Checked> {
        // The server holds the other end.
        drop(self.through.subscribe().wait_for(|through| *through >= count).await);
        let documents = lock(&self.documents);
        let wanted = documents.values().filter(|(document, _)| wanted(&document.path));
        wanted.map(|(document, told)| document.checked(told)).collect()
    }

    /// Keeps what was found in a document; whether it is something else than before in the same text.
    fn keep(&self, document: Template, told: Vec<Told>) -> bool {
        let (path, version, told) = (document.path.clone(), document.version, Arc::from(told));
        let before = lock(&self.documents).insert(path, (document, Arc::clone(&told)));
        before.is_some_and(|(before, known)| before.version == version && known != told)
    }

    /// Forgets documents that are no templates any more.
    fn forget(&self, job: &Job) -> Vec<proto::Uri> {
        let mut documents = lock(&self.documents);
        let is_known = |path: &PathBuf| job.documents.iter().any(|known| known.path == *path);
        let gone: Vec<PathBuf> = documents.keys().filter(|path| !is_known(path)).cloned().collect();
        gone.iter().filter_map(|path| documents.remove(path)).map(|(document, _)| document.uri).collect()
    }
}

impl Template {
    fn checked(&self, told: &[Told]) -> Checked {
        Checked {
            path: self.path.clone(),
            uri: Some(self.uri.clone()),
            diagnostics: told.iter().map(|told| told.diagnostic.clone()).collect(),
            version: Some(self.version),
        }
    }
}

/// What judges, and whom it tells.
pub(crate) struct Judge {
    pub(crate) client: Client,
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) changes: Changes,
    pub(crate) wake: Arc<Notify>,
    pub(crate) judged: Arc<Judged>,
    /// The editor is sent what is found; it asks for it otherwise.
    pub(crate) sends: bool,
    /// An editor that asks does so again when it is told to.
    pub(crate) refreshes: bool,
}

impl Judge {
    /// Judges open templates after each change, for ever.
    pub(crate) async fn follow(self) {
        loop {
            self.wake.notified().await;
            // What comes in the pause begins it anew.
            while tokio::time::timeout(PAUSE, self.wake.notified()).await.is_ok() {}
            let count = self.changes.count();
            self.round().await;
            self.judged.through.send_replace(count);
        }
    }

    async fn round(&self) {
        let job = Arc::new(lock(&self.world).templates());
        for uri in self.judged.forget(&job) {
            if self.sends {
                self.client.publish_diagnostics(uri, Vec::new(), None).await;
            }
        }
        let (mut ready, mut is_new) = (None, false);
        for document in job.documents.clone() {
            let (job, judged, last) = (job.clone(), document.clone(), ready.take());
            let run = tokio::task::spawn_blocking(move || {
                let system = System::default();
                let host = job.host(&system);
                let ready = last.unwrap_or_else(|| Ready::of(&host, &job));
                let found = found(&host, &job, &ready, &judged);
                (ready, found)
            });
            // A fault of the engine was told on standard error; the other documents are judged all the same.
            let found = match run.await {
                Ok((rules, found)) => {
                    ready = Some(rules);
                    found
                }
                Err(_) => vec![not_judged("a fault of Parapet itself")],
            };
            let Checked { uri, diagnostics, version, .. } = document.checked(&found);
            is_new |= self.judged.keep(document, found);
            if let Some(uri) = uri.filter(|_| self.sends) {
                self.client.publish_diagnostics(uri, diagnostics, version).await;
            }
        }
        // To free rules takes time, too.
        drop(tokio::task::spawn_blocking(move || drop(ready)));
        if is_new && self.refreshes && !self.sends {
            // An editor that refuses asks with the next edit. Nothing here waits for it.
            let client = self.client.clone();
            tokio::spawn(async move { drop(client.workspace_diagnostic_refresh().await) });
        }
    }
}

impl Job {
    fn host<'h>(&'h self, system: &'h System) -> Editor<'h> {
        let links = Links { known: self.links.clone(), found: None };
        Editor { system, open: self.open.iter().map(|(path, text)| (path.clone(), text.as_str())).collect(), links }
    }
}

impl Ready {
    fn of(host: &dyn Host, job: &Job) -> Ready {
        let request = Request {
            rules: job.rules.clone(),
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            ..Request::at(host.now())
        };
        let rules = prepare(host, &request).map_err(why);
        Ready { request, rules }
    }
}

/// Why nothing was judged.
fn why(refusal: Refusal) -> String {
    match refusal {
        // The rules have errors of their own, in their files.
        Refusal::Rules(..) => "the rules do not check".to_owned(),
        Refusal::Usage(message) | Refusal::Fault(message) => message,
    }
}

fn found(host: &dyn Host, job: &Job, ready: &Ready, document: &Template) -> Vec<Told> {
    let prepared = match &ready.rules {
        Ok(prepared) => prepared,
        Err(why) => return vec![not_judged(why)],
    };
    let request = Request { inputs: vec![document.path.to_string_lossy().into_owned()], ..ready.request.clone() };
    match prepared.run(host, &request) {
        Ok((result, _)) => told(job, document, prepared.rules(), &result),
        Err(refusal) => vec![not_judged(&why(refusal))],
    }
}

#[cfg(test)]
mod tests {
    use parapet_driver::Kind;

    use super::*;
    use crate::translate::uri_of;

    /// The editor, with how often a file was opened.
    struct Counted<'e> {
        editor: Editor<'e>,
        opened: Mutex<BTreeMap<PathBuf, usize>>,
    }

    impl Host for Counted<'_> {
        fn kind(&self, path: &Path) -> std::io::Result<Kind> {
            self.editor.kind(path)
        }

        fn entries(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
            self.editor.entries(folder)
        }

        fn open(&self, path: &Path) -> std::io::Result<Box<dyn std::io::Read + '_>> {
            *lock(&self.opened).entry(path.to_owned()).or_default() += 1;
            self.editor.open(path)
        }

        fn size(&self, path: &Path) -> Option<u64> {
            self.editor.size(path)
        }

        fn real(&self, path: &Path) -> PathBuf {
            self.editor.real(path)
        }

        fn now(&self) -> jiff::Timestamp {
            self.editor.now()
        }
    }

    #[test]
    fn rules_are_loaded_once_for_all_templates() {
        let rules = "guardrail topics_are_named(t: AWS::SNS::Topic) {\n    require t.TopicName is present\n}\n";
        let template = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";
        let folder = Path::new("/nowhere/rules");
        let texts = [("main.parapet", rules), ("a.yaml", template), ("b.yaml", template)];
        let open: BTreeMap<PathBuf, String> =
            texts.iter().map(|(name, text)| (folder.join(name), (*text).to_owned())).collect();
        let documents = ["a.yaml", "b.yaml"].map(|name| Template {
            path: folder.join(name),
            uri: uri_of(&folder.join(name)).unwrap(),
            version: 1,
        });
        let job = Job {
            rules: vec![folder.to_string_lossy().into_owned()],
            open,
            links: BTreeSet::new(),
            documents: documents.to_vec(),
            encoding: Encoding::Utf16,
            library: Arc::from(folder),
        };
        let system = System::default();
        let host = Counted { editor: job.host(&system), opened: Mutex::default() };
        let ready = Ready::of(&host, &job);
        for document in &job.documents {
            let found = found(&host, &job, &ready, document);
            let lines: Vec<u32> = found.iter().map(|told| told.diagnostic.range.start.line).collect();
            assert_eq!(lines, [2]);
        }
        assert_eq!(lock(&host.opened).get(&folder.join("main.parapet")), Some(&1));
    }

    #[test]
    fn what_is_no_template_is_not_read() {
        assert!(may_be_one(Path::new("a.yaml"), "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n"));
        assert!(may_be_one(Path::new("a.json"), "{\"terraform_version\": \"1.9.0\", \"planned_values\": {}}"));
        for other in ["", "{}", "name: build\njobs:\n  Resources: 3\n", "\"AWS::SQS::Queue\""] {
            assert!(!may_be_one(Path::new("a.json"), other), "{other}");
        }
    }
}
