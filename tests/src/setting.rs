//! The files of a case, and the request that the attributes of a fence ask for.

use jiff::{SignedDuration, Timestamp};
use parapet_driver::{Documents, Memory, Request, Selection};

use crate::markdown::{Case, Fence};

/// The time of evaluation where a fence says nothing else.
pub(crate) const AS_OF: &str = "2026-11-23T00:00:00Z";

/// A case's files in memory.
pub(crate) struct Files {
    pub(crate) host: Memory,
    /// What `--rules` would name.
    pub(crate) rules: Vec<String>,
    pub(crate) inputs: Vec<String>,
}

/// Lays out the files of a case: rules below `rules` or, with a manifest, below `pkg/rules`; the input beside.
pub(crate) fn files(case: &Case) -> Result<Files, String> {
    let packaged = case.fences_of("toml").any(|fence| fence.attribute("file") == Some("parapet.toml"));
    let below = if packaged { "pkg/rules" } else { "rules" };
    let mut host = Memory::new(time(AS_OF)?);
    let mut inputs: Vec<String> = Vec::new();
    for fence in &case.fences {
        let file = fence.attribute("file");
        let path = match (fence.kind.as_str(), file) {
            ("parapet", file) => format!("{below}/{}", file.unwrap_or("main.parapet")),
            ("toml", Some("parapet.toml")) => "pkg/parapet.toml".to_owned(),
            ("ndjson" | "json" | "toml", Some(file)) => format!("{below}/{file}"),
            ("ndjson", None) => "input.ndjson".to_owned(),
            ("input", file) => file.ok_or("an `input` fence needs `file=`")?.to_owned(),
            _ => continue,
        };
        if fence.kind == "parapet" && host.holds(&path) {
            return Err(format!("two programs are called {path}; give one `file=`"));
        }
        host.append(&path, &fence.text);
        let input = fence.kind == "input" || (fence.kind == "ndjson" && file.is_none());
        if input && !inputs.contains(&path) {
            inputs.push(path);
        }
    }
    Ok(Files { host, rules: vec![if packaged { "pkg" } else { "rules" }.to_owned()], inputs })
}

/// The request of a fence: `as_of=`, `param=`, `collected=`, `max_age=`, `guardrail=`, `account=`, `region=`.
pub(crate) fn request(files: &Files, fence: &Fence) -> Result<Request<'static>, String> {
    let all = |name: &str| fence.attributes_named(name).map(str::to_owned).collect::<Vec<_>>();
    let param = |text: &str| text.split_once('=').map(|(path, value)| (path.to_owned(), value.to_owned()));
    let params: Option<Vec<(String, String)>> = fence.attributes_named("param").map(param).collect();
    Ok(Request {
        rules: files.rules.clone(),
        selection: Selection { guardrails: all("guardrail"), ..Selection::default() },
        accounts: all("account"),
        regions: all("region"),
        inputs: files.inputs.clone(),
        params: params.ok_or("`param=` takes `NAME=VALUE`")?,
        keep_going: fence.attribute("keep_going").is_some(),
        all: true,
        collected: all("collected"),
        max_age: fence.attribute("max_age").map(hours).transpose()?,
        documents: Documents {
            parameters: all("parameters"),
            var_files: all("var_file"),
            open_world: fence.attribute("world") == Some("open"),
        },
        ..Request::at(time(fence.attribute("as_of").unwrap_or(AS_OF))?)
    })
}

/// Reads a time of the suites.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("`{text}` is no time: {error}"))
}

/// Reads `36h`.
fn hours(text: &str) -> Result<SignedDuration, String> {
    let hours = text.strip_suffix('h').and_then(|hours| hours.parse().ok());
    hours.map(SignedDuration::from_hours).ok_or(format!("`max_age={text}` is no number of hours such as `36h`"))
}
