//! `parapet check --watch`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use parapet_driver::model::{RunResult, Verdict};
use parapet_driver::{Host, Refusal, Request, System, Watch, pause, shown};

use super::Run;
use crate::output::tell;
use crate::progress::Progress;

/// So many findings are named that are new, and so many that are no more.
const MOST_NAMED: usize = 10;

/// Checks, and again whenever something changes. Ends by itself only where the request cannot be fulfilled at all.
pub(super) fn watch(run: &Run<'_>, host: &System, request: &Request<'_>, progress: &Progress) -> Result<u8> {
    let read = [&request.inputs, &request.onto, &request.rules, &request.params_files];
    if read.into_iter().flatten().any(|path| path == "-") {
        bail!("`--watch`: standard input cannot be read again; name files or folders");
    }
    let mut watch = Watch::new();
    let mut before: Option<BTreeSet<Said>> = None;
    let given = run.arguments.setting.as_of.is_some();
    loop {
        let as_of = if given { request.as_of } else { host.now() };
        let outcome = watch.run(host, &Request { as_of, ..request.clone() });
        progress.end();
        match outcome {
            Ok(outcome) => {
                run.report(&outcome)?;
                let after = said(&outcome.result);
                tell(&before.replace(after.clone()).map_or_else(String::new, |before| differences(&before, &after)));
                tell(&format!("judged {} of {} guardrails\n", watch.judged(), outcome.result.guardrails.len()));
            }
            // What is not there at the start is a slip of the command line; later it is somebody's edit.
            Err(refusal @ Refusal::Usage(_)) if before.is_none() => return run.refuse(refusal),
            Err(refusal) => drop(run.refuse(refusal)?),
        }
        tell("watching for changes; interrupt to end\n");
        let changed: Vec<String> = next_change(&watch, host).iter().map(|path| shown(path)).collect();
        tell(&format!("changed: {}\n", named(&changed)));
    }
}

/// Waits for a change, and a moment longer: editors write in several steps. What changes later is another change.
fn next_change(watch: &Watch, host: &System) -> Vec<PathBuf> {
    const MOMENT: Duration = Duration::from_millis(40);
    loop {
        let started = Instant::now();
        let changed = watch.changed(host);
        if !changed.is_empty() {
            std::thread::sleep(MOMENT);
            return changed;
        }
        std::thread::sleep(pause(started.elapsed()));
    }
}

/// A finding as it is known again: the guardrail, the resource and the verdict.
type Said = (String, String, &'static str);

fn said(result: &RunResult) -> BTreeSet<Said> {
    let told = result.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Fail | Verdict::Unknown));
    told.map(|finding| {
        let guardrail = result.guardrails.get(finding.guardrail).map_or("?", |info| &info.path);
        let resource = &finding.resource;
        let place = [&resource.account, &resource.region].map(|part| part.as_deref().unwrap_or("?"));
        let resource = format!("{} {} ({})", resource.resource_type, resource.id, place.join(", "));
        (guardrail.to_owned(), resource, finding.verdict.name())
    })
    .collect()
}

/// What is new, and what is no more.
fn differences(before: &BTreeSet<Said>, after: &BTreeSet<Said>) -> String {
    let told = |what: &str, said: Vec<&Said>| {
        let lines = said
            .iter()
            .take(MOST_NAMED)
            .map(|(guardrail, resource, verdict)| format!("  {what} {verdict}: {guardrail}, {resource}\n"));
        let more = said.len().saturating_sub(MOST_NAMED);
        let rest = if more > 0 { format!("  {what}: {more} more\n") } else { String::new() };
        lines.chain([rest]).collect::<String>()
    };
    let new: Vec<&Said> = after.difference(before).collect();
    let gone: Vec<&Said> = before.difference(after).collect();
    let summary = format!("{} new, {} no more\n", new.len(), gone.len());
    summary + &told("new", new) + &told("no more", gone)
}

fn named(paths: &[String]) -> String {
    let more = paths.len().saturating_sub(MOST_NAMED);
    let named = paths.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}
