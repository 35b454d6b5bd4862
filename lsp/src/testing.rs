//! Runs the tests of rules as the editor shows them, saved or not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use parapet_driver::{Host, System, TestRefusal, TestRequest, Tested, test};
use serde_json::{Value, json};

use crate::host::{Editor, Links};
use crate::translate::uri_of;

/// What is to be run: the rules of one project, with the texts of open documents.
pub(crate) struct Job {
    pub(crate) rules: Vec<String>,
    pub(crate) open: BTreeMap<PathBuf, String>,
    pub(crate) links: BTreeSet<PathBuf>,
    /// The file whose tests are wanted.
    pub(crate) file: PathBuf,
    /// Only the test of this title.
    pub(crate) title: Option<String>,
}

/// Runs the tests of a file, or one of them: `{"tests": [{"title", "uri", "line", "passed", "message"}]}`, or
/// `{"error"}` where none ran.
pub(crate) fn run(job: &Job) -> Value {
    let system = System::default();
    let open = job.open.iter().map(|(path, text)| (path.clone(), text.as_str())).collect();
    let links = Links { known: job.links.clone(), found: None };
    let host = Editor { system: &system, open, links };
    let request = TestRequest {
        rules: job.rules.clone(),
        filter: job.title.clone(),
        now: host.now(),
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        coverage: false,
        mutate: false,
    };
    match test(&host, &request) {
        Ok(run) => {
            let wanted = |tested: &&Tested| {
                Path::new(&tested.file) == job.file && job.title.as_ref().is_none_or(|title| tested.title == *title)
            };
            json!({ "tests": run.tests.iter().filter(wanted).map(shown).collect::<Vec<_>>() })
        }
        Err(TestRefusal::Usage(message) | TestRefusal::Fault(message)) => json!({ "error": message }),
        Err(TestRefusal::Rules(rules, found)) => {
            let first = found.iter().find(|(_, found)| found.level() == parapet_driver::Level::Error);
            let place = first.and_then(|(file, _)| rules.source(*file)).map(|source| source.path).unwrap_or_default();
            let message = first.map(|(_, found)| found.message.clone()).unwrap_or_default();
            json!({ "error": format!("the rules do not check: {place}: {message}") })
        }
    }
}

fn shown(tested: &Tested) -> Value {
    json!({
        "title": tested.title,
        "uri": uri_of(Path::new(&tested.file)).map(|uri| uri.as_str().to_owned()),
        // As the protocol counts.
        "line": tested.line.saturating_sub(1),
        "passed": tested.failure.is_none(),
        "message": tested.failure,
    })
}
