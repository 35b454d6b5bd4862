//! `--baseline FILE`: only what an earlier result does not have.
//!
//! A finding is known if the earlier result has one of the same guardrail, resource and verdict; lines do not matter. Each
//! earlier finding accounts for one of now, so that of two resources which nothing tells apart one stays. A baseline that
//! cannot be read whole is refused: half of one would be no baseline.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use parapet_model::{BaselineInfo, Finding, FoundResource, RunResult, SourcePlace, Verdict};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::host::Host;
use crate::rules::hex;

/// What the result of `--format json` calls itself.
const SCHEMA: &str = "parapet.results/1";

/// Guardrail, resource and verdict.
type Key = (String, String, &'static str);

/// The findings of an earlier result.
#[derive(Clone)]
pub(crate) struct Baseline {
    path: String,
    sha256: String,
    /// The messages of each finding, by what it is about.
    known: FxHashMap<Key, Vec<Vec<String>>>,
}

impl Baseline {
    /// Reads an earlier result; what is wrong with it is a matter of usage.
    pub(crate) fn read(host: &dyn Host, path: &str) -> Result<Baseline, String> {
        let mut bytes = Vec::new();
        let opened = host.open(Path::new(path));
        opened
            .and_then(|mut reader| reader.read_to_end(&mut bytes))
            .map_err(|error| format!("the baseline `{path}` cannot be read: {error}"))?;
        let wrong = |what: &str| format!("the baseline `{path}` is no result of `--format json`: {what}");
        let document: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(&error.to_string()))?;
        let schema = document.get("schema").and_then(Value::as_str);
        if schema != Some(SCHEMA) {
            return Err(wrong(&format!("`schema` is not `{SCHEMA}`")));
        }
        let findings =
            document.get("findings").and_then(Value::as_array).ok_or_else(|| wrong("it has no `findings`"))?;
        let mut known: FxHashMap<Key, Vec<Vec<String>>> = FxHashMap::default();
        for (at, finding) in findings.iter().enumerate() {
            let lacks = |what: &str| wrong(&format!("`/findings/{at}` has no {what}"));
            let (key, messages) = earlier(finding).map_err(lacks)?;
            known.entry(key).or_default().push(messages);
        }
        Ok(Baseline { path: path.to_owned(), sha256: hex(&Sha256::digest(&bytes)), known })
    }

    /// Takes what is known out of a result and its counts.
    pub(crate) fn leave_out(mut self, result: &mut RunResult) {
        let mut info = BaselineInfo { path: self.path, sha256: self.sha256, fail: 0, unknown: 0, changed: 0 };
        let guardrails = &result.guardrails;
        result.findings.retain(|finding| {
            let Some(guardrail) = guardrails.get(finding.guardrail) else { return true };
            let count = match finding.verdict {
                Verdict::Fail => &mut info.fail,
                Verdict::Unknown => &mut info.unknown,
                Verdict::Pass | Verdict::NotApplicable | Verdict::Waived => return true,
            };
            let key = (guardrail.path.clone(), finding.resource.identity(), finding.verdict.name());
            let Some(known) = self.known.get_mut(&key).filter(|known| !known.is_empty()) else { return true };
            let messages = messages(finding);
            let same = known.iter().position(|earlier| *earlier == messages);
            known.swap_remove(same.unwrap_or_default());
            *count += 1;
            info.changed += usize::from(same.is_none());
            false
        });
        result.summary.fail = result.summary.fail.saturating_sub(info.fail);
        result.summary.unknown = result.summary.unknown.saturating_sub(info.unknown);
        result.baseline = Some(info);
    }
}

/// What a finding says, whatever the order of its requirements.
fn messages(finding: &Finding) -> Vec<String> {
    let mut messages: Vec<String> = finding.details.iter().map(|detail| detail.message.clone()).collect();
    messages.sort();
    messages
}

/// The key and messages of a finding in JSON; what it lacks is the error.
fn earlier(finding: &Value) -> Result<(Key, Vec<String>), &'static str> {
    let guardrail = finding.get("guardrail").and_then(Value::as_str).ok_or("`guardrail`")?;
    let verdict = finding.get("verdict").and_then(Value::as_str).and_then(named).ok_or("known `verdict`")?;
    let resource = finding.get("resource").and_then(Value::as_object).ok_or("`resource`")?;
    let identity = resource_of(resource)?.identity();
    let details = finding.get("details").and_then(Value::as_array).ok_or("`details`")?;
    let message = |detail: &Value| detail.get("message").and_then(Value::as_str).map(str::to_owned);
    let mut messages: Vec<String> = details.iter().filter_map(message).collect();
    messages.sort();
    Ok(((guardrail.to_owned(), identity, verdict.name()), messages))
}

fn named(name: &str) -> Option<Verdict> {
    let all = [Verdict::Pass, Verdict::Fail, Verdict::Unknown, Verdict::NotApplicable, Verdict::Waived];
    all.into_iter().find(|verdict| verdict.name() == name)
}

fn resource_of(resource: &Map<String, Value>) -> Result<FoundResource, &'static str> {
    let text = |name: &str| resource.get(name).and_then(Value::as_str).map(Arc::<str>::from);
    let path = resource.get("source").and_then(|source| source.get("path")).and_then(Value::as_str);
    Ok(FoundResource {
        resource_type: text("type").ok_or("`resource.type`")?,
        id: text("id").ok_or("`resource.id`")?,
        name: text("name"),
        arn: text("arn"),
        account: text("account"),
        region: text("region"),
        address: text("address"),
        source: path.map(nowhere_in),
    })
}

/// Of the place in an input only the input counts.
fn nowhere_in(path: &str) -> SourcePlace {
    SourcePlace { path: Arc::from(path), line: 1, column: 1, end: (1, 1), pointer: String::new(), excerpt: None }
}
