//! What a run was asked, for whoever wants to repeat it: what bears on verdicts and was not left as it is.

use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::check::Request;
use crate::host::Host;
use crate::rules::hex;

/// Longer files have no digest.
const MOST_BYTES: u64 = 64 << 20;

/// By the names of the flags; files with their digests.
pub(crate) fn asked(host: &dyn Host, request: &Request<'_>) -> Vec<(String, Value)> {
    let selection = &request.selection;
    let files = |paths: &[String]| -> Vec<Value> { paths.iter().map(|path| file(host, path)).collect() };
    let texts = |texts: &[String]| -> Vec<Value> { texts.iter().map(|text| json!(text)).collect() };
    let lists: [(&str, Vec<Value>); 11] = [
        ("guardrail", texts(&selection.guardrails)),
        ("control", texts(&selection.controls)),
        ("type", texts(&selection.types)),
        ("account", texts(&request.accounts)),
        ("region", texts(&request.regions)),
        ("params", files(&request.params_files)),
        ("parameters", files(&request.documents.parameters)),
        ("var_file", files(&request.documents.var_files)),
        ("onto", texts(&request.onto)),
        ("collected", texts(&request.collected)),
        ("honor", request.honor.iter().map(|tool| json!(tool.name())).collect()),
    ];
    let single: [(&str, Option<Value>); 5] = [
        ("severity", selection.severity.map(|severity| json!(severity.name()))),
        ("input_format", request.input_format.as_ref().filter(|format| *format != "auto").map(|format| json!(format))),
        ("max_age", request.max_age.map(|age| json!(parapet_interpreter::display_duration(age)))),
        ("world", request.documents.open_world.then(|| json!("open"))),
        ("keep_going", request.keep_going.then(|| json!(true))),
    ];
    let lists = lists.into_iter().filter(|(_, values)| !values.is_empty());
    let lists = lists.map(|(name, values)| (name.to_owned(), Value::Array(values)));
    lists.chain(single.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)))).collect()
}

/// A file that a flag names; the run read it before.
fn file(host: &dyn Host, path: &str) -> Value {
    let mut bytes = Vec::new();
    let read = host.open(Path::new(path)).and_then(|reader| reader.take(MOST_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => json!({"path": path, "sha256": hex(&Sha256::digest(&bytes))}),
        Err(_) => json!({"path": path}),
    }
}
