//! The cases of `tests/acceptance`: what its `README.md` says of `case.json`, judged as its `run.py` does.
//!
//! Cases are judged with the interpreter.

use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::{Map, Value};

use crate::process::{Ended, Folder, parapet};

/// A folder with a `case.json`.
pub(crate) struct Case {
    pub(crate) name: String,
    folder: PathBuf,
    runs: Vec<Value>,
}

/// Every case of the suite, sorted by name.
pub(crate) fn cases(suite: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(suite).map_err(told)? {
        let folder = entry.map_err(told)?.path();
        let Ok(text) = std::fs::read_to_string(folder.join("case.json")) else { continue };
        let case: Value = serde_json::from_str(&text).map_err(told)?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        cases.push(Case { name, folder, runs: items(&case, "runs").to_vec() });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

/// What disagrees in a case.
pub(crate) fn judge(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, run) in case.runs.iter().enumerate() {
        let judged = judge_run(case, run).unwrap_or_else(|error| vec![error]);
        wrong.extend(judged.into_iter().map(|text| format!("{}: run {number}: {text}", case.name)));
    }
    wrong
}

fn judge_run(case: &Case, run: &Value) -> Result<Vec<String>, String> {
    let folder = Folder::new().map_err(told)?;
    folder.copy(&case.folder).map_err(told)?;
    match run.get("fmt") {
        Some(wanted) => formatted(run, wanted, &folder),
        None => judge_in(run, &folder),
    }
}

/// Formats a file twice, keeps the result, and does the run `then` with it.
fn formatted(run: &Value, wanted: &Value, folder: &Folder) -> Result<Vec<String>, String> {
    let file = folder.path().join(text(wanted, "file"));
    let before = std::fs::read_to_string(&file).map_err(told)?;
    let fmt = |text: &str| parapet(folder.path(), &["fmt".to_owned(), "-".to_owned()], text).map_err(told);
    let once = fmt(&before)?;
    if once.status != Some(0) {
        return Ok(vec![format!("fmt - exits {:?}: {}", once.status, once.stderr)]);
    }
    let lost = strings(wanted, "keeps").filter(|kept| !once.stdout.contains(kept));
    let mut wrong: Vec<String> = lost.map(|kept| format!("fmt loses {kept:?}")).collect();
    if fmt(&once.stdout)?.stdout != once.stdout {
        wrong.push("fmt is not idempotent".to_owned());
    }
    std::fs::write(&file, &once.stdout).map_err(told)?;
    let check = ["fmt", "--check", "rules"].map(str::to_owned);
    if parapet(folder.path(), &check, "").map_err(told)?.status != Some(0) {
        wrong.push("fmt --check refuses what fmt wrote".to_owned());
    }
    wrong.extend(run.get("then").map_or(Ok(Vec::new()), |then| judge_in(then, folder))?);
    Ok(wrong)
}

fn judge_in(run: &Value, folder: &Folder) -> Result<Vec<String>, String> {
    let args = arguments(run);
    let ended = parapet(folder.path(), &args, "").map_err(told)?;
    let mut wrong = Vec::new();
    if run.get("diagnostics").is_some() {
        wrong.extend(diagnostics(run, &ended)?);
    }
    if run.get("verdicts").is_some() {
        let result: Value = serde_json::from_str(&ended.stdout)
            .map_err(|error| format!("standard output is no result: {error}: {}", ended.stderr))?;
        wrong.extend(results(run, &result)?);
        wrong.extend(law(run, folder, &args, &result)?);
    }
    wrong.extend(status(run, &ended));
    let both = format!("{}{}", ended.stdout, ended.stderr);
    wrong.extend(lacks("output", strings(run, "output"), &both)?);
    wrong.extend(lacks("standard error", strings(run, "stderr"), &ended.stderr)?);
    Ok(wrong)
}

fn arguments(run: &Value) -> Vec<String> {
    let mut args: Vec<String> = strings(run, "args").map(str::to_owned).collect();
    if run.get("diagnostics").is_some() && !args.iter().any(|arg| arg == "--format") {
        args.extend(["--format".to_owned(), "json".to_owned()]);
    }
    if run.get("verdicts").is_some() && args.first().is_some_and(|command| command == "check") {
        args.extend(["--engine".to_owned(), "interpreter".to_owned()]);
    }
    args
}

fn status(run: &Value, ended: &Ended) -> Option<String> {
    let wanted = match run.get("exit") {
        None | Some(Value::Null) => return None,
        Some(Value::Array(several)) => several.clone(),
        Some(one) => vec![one.clone()],
    };
    let found = ended.status.map(i64::from);
    let agrees = wanted.iter().any(|status| status.as_i64() == found);
    (!agrees).then(|| format!("status {found:?}, expected {wanted:?}: {}", ended.stderr))
}

fn lacks<'t>(what: &str, patterns: impl Iterator<Item = &'t str>, text: &str) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for pattern in patterns {
        if !matches(pattern, text)? {
            wrong.push(format!("{what} lacks {pattern:?}"));
        }
    }
    Ok(wrong)
}

/// Verdicts, details, unknowns and vacuous guardrails of a result.
fn results(run: &Value, result: &Value) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for (guardrail, expected) in run.get("verdicts").and_then(Value::as_object).into_iter().flatten() {
        let partial = run.get("partial").and_then(Value::as_bool).unwrap_or(false);
        wrong.extend(verdicts(result, guardrail, expected, partial));
    }
    for never in items(run, "never") {
        let part = |at: usize| never.get(at).and_then(Value::as_str).unwrap_or_default();
        if verdict(result, part(0), part(1)) == Some(part(2)) {
            wrong.push(format!("{} on {} must not be {}", part(0), part(1), part(2)));
        }
    }
    for detail in items(run, "details") {
        wrong.extend(details(result, detail)?);
    }
    for unknown in items(run, "unknown") {
        let found = finding(result, text(unknown, "guardrail"), text(unknown, "resource"));
        let told = found.and_then(|found| found.get("unknown")).map(Value::to_string).unwrap_or_default();
        if !matches(text(unknown, "message"), &told)? {
            wrong.push(format!("unknown {told} does not name {:?}", text(unknown, "message")));
        }
    }
    for name in strings(run, "vacuous") {
        if !items(result, "vacuous").iter().any(|vacuous| is_called(text(vacuous, "guardrail"), name)) {
            wrong.push(format!("{name} is not listed as vacuous"));
        }
    }
    Ok(wrong)
}

fn verdicts(result: &Value, guardrail: &str, expected: &Value, partial: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(expected) = expected.as_object() else { return vec![format!("{guardrail}: no verdicts are expected")] };
    for (resource, wanted) in expected {
        let found = verdict(result, guardrail, resource).unwrap_or("nothing");
        if !wanted.as_str().unwrap_or_default().split('|').any(|wanted| wanted == found) {
            wrong.push(format!("{guardrail} on {resource}: expected {wanted}, got {found}"));
        }
    }
    for found in items(result, "findings").iter().filter(|found| is_called(text(found, "guardrail"), guardrail)) {
        let resource = found.get("resource").map(|resource| text(resource, "id")).unwrap_or_default();
        if !partial && !expected.contains_key(resource) {
            wrong.push(format!("{guardrail} on {resource}: unexpected {}", text(found, "verdict")));
        }
    }
    wrong
}

fn details(result: &Value, wanted: &Value) -> Result<Vec<String>, String> {
    let (guardrail, resource) = (text(wanted, "guardrail"), text(wanted, "resource"));
    let found = finding(result, guardrail, resource);
    let messages: Vec<&str> = found
        .map(|found| items(found, "details"))
        .unwrap_or_default()
        .iter()
        .map(|detail| text(detail, "message"))
        .collect();
    let mut wrong = Vec::new();
    let place = format!("{guardrail} on {resource}");
    if wanted.get("count").and_then(Value::as_u64).is_some_and(|count| count != messages.len() as u64) {
        wrong.push(format!("{place}: {messages:?} are not {} details", wanted.get("count").unwrap_or(&Value::Null)));
    }
    if let Some(pattern) = wanted.get("message").and_then(Value::as_str) {
        let mut all = !messages.is_empty();
        for message in &messages {
            all &= matches(pattern, message)?;
        }
        if !all {
            wrong.push(format!("{place}: not all of {messages:?} match {pattern:?}"));
        }
    }
    for pattern in strings(wanted, "messages") {
        let mut some = false;
        for message in &messages {
            some |= matches(pattern, message)?;
        }
        if !some {
            wrong.push(format!("{place}: none of {messages:?} matches {pattern:?}"));
        }
    }
    Ok(wrong)
}

/// Every way to know the unknowns leaves a decided verdict as it is, but that `pass` may turn into `na`.
fn law(run: &Value, folder: &Folder, args: &[String], result: &Value) -> Result<Vec<String>, String> {
    let Some(choices) = run.get("law").and_then(Value::as_object) else { return Ok(Vec::new()) };
    let before = decided(result);
    let input = std::fs::read_to_string(folder.path().join("input.ndjson")).map_err(told)?;
    let records: Result<Vec<Value>, _> = input.lines().map(serde_json::from_str).collect();
    let records = records.map_err(told)?;
    let mut wrong = Vec::new();
    for choice in combinations(choices) {
        let lines: Vec<String> = records.iter().map(|record| refined(record, &choice).to_string()).collect();
        folder.write("input.ndjson", &(lines.join("\n") + "\n")).map_err(told)?;
        let ended = parapet(folder.path(), args, "").map_err(told)?;
        let after: Value = serde_json::from_str(&ended.stdout).map_err(told)?;
        let after = decided(&after);
        for (place, verdict) in before.iter().filter(|(_, verdict)| verdict != "unknown") {
            let now = after.iter().find(|(other, _)| other == place).map_or("nothing", |(_, now)| now.as_str());
            if now != verdict && (verdict.as_str(), now) != ("pass", "na") {
                wrong.push(format!("with {choice:?}: {place} turns from {verdict} to {now}"));
            }
        }
    }
    wrong.truncate(5);
    Ok(wrong)
}

/// Guardrail and resource, with the verdict.
fn decided(result: &Value) -> Vec<(String, String)> {
    let place = |found: &Value| {
        let resource =
            found.get("resource").map(|resource| format!("{} {}", text(resource, "type"), text(resource, "id")));
        format!("{} on {}", text(found, "guardrail"), resource.unwrap_or_default())
    };
    items(result, "findings").iter().map(|found| (place(found), text(found, "verdict").to_owned())).collect()
}

/// Every choice of one value for each name.
fn combinations(choices: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let mut all = vec![Map::new()];
    for (name, values) in choices {
        let values = values.as_array().map_or(&[][..], Vec::as_slice);
        let with = |choice: &Map<String, Value>, value: &Value| {
            let mut choice = choice.clone();
            choice.insert(name.clone(), value.clone());
            choice
        };
        all = all.iter().flat_map(|choice| values.iter().map(move |value| with(choice, value))).collect();
    }
    all
}

/// The value with each `{"$unknown": NAME}` replaced by what was chosen for the name.
fn refined(value: &Value, choice: &Map<String, Value>) -> Value {
    match value {
        Value::Object(members) => {
            let name = members.get("$unknown").filter(|_| members.len() == 1).and_then(Value::as_str);
            if let Some(chosen) = name.and_then(|name| choice.get(name)) {
                return chosen.clone();
            }
            Value::Object(members.iter().map(|(key, value)| (key.clone(), refined(value, choice))).collect())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(|element| refined(element, choice)).collect()),
        other => other.clone(),
    }
}

fn diagnostics(run: &Value, ended: &Ended) -> Result<Vec<String>, String> {
    let document: Value = serde_json::from_str(&ended.stdout)
        .map_err(|error| format!("standard output is no parapet.diagnostics/1: {error}: {}", ended.stderr))?;
    if text(&document, "schema") != "parapet.diagnostics/1" {
        return Err("the schema is not parapet.diagnostics/1".to_owned());
    }
    let found = items(&document, "diagnostics");
    let mut wrong = Vec::new();
    for wanted in items(run, "diagnostics") {
        let mut there = found.iter().filter(|found| {
            is_at(wanted, found) && text(wanted, "severity").split('|').any(|level| level == text(found, "severity"))
        });
        let pattern = text(wanted, "message");
        if !there.any(|found| matches(pattern, &found.to_string()).unwrap_or(false)) {
            wrong.push(format!("no diagnostic {pattern:?} at {wanted}"));
        }
    }
    if run.get("no_other_errors").and_then(Value::as_bool) == Some(true) {
        let wanted = |found: &Value| {
            items(run, "diagnostics")
                .iter()
                .any(|wanted| text(wanted, "severity").contains("error") && is_at(wanted, found))
        };
        let others = found.iter().filter(|found| text(found, "severity") == "error" && !wanted(found));
        wrong.extend(others.map(|found| format!("unexpected error {found}")));
    }
    Ok(wrong)
}

/// Whether a diagnostic stands where a wanted one, or its alternative, may stand.
fn is_at(wanted: &Value, found: &Value) -> bool {
    let places = [Some(wanted), wanted.get("or")];
    places.into_iter().flatten().any(|place| {
        text(found, "path").ends_with(text(place, "file"))
            && items(place, "lines").iter().any(|line| line.as_u64() == found.get("line").and_then(Value::as_u64))
    })
}

fn finding<'r>(result: &'r Value, guardrail: &str, resource: &str) -> Option<&'r Value> {
    items(result, "findings").iter().find(|found| {
        is_called(text(found, "guardrail"), guardrail)
            && found.get("resource").is_some_and(|found| text(found, "id") == resource)
    })
}

fn verdict<'r>(result: &'r Value, guardrail: &str, resource: &str) -> Option<&'r str> {
    finding(result, guardrail, resource).map(|found| text(found, "verdict"))
}

fn is_called(path: &str, name: &str) -> bool {
    path == name || path.strip_suffix(name).is_some_and(|before| before.ends_with("::"))
}

fn matches(pattern: &str, text: &str) -> Result<bool, String> {
    Ok(Regex::new(pattern).map_err(told)?.is_match(text))
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn strings<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    items(value, key).iter().filter_map(Value::as_str)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
