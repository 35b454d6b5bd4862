//! Live verdicts: from an edit in the body of a guardrail until the editor is told that what stands above it is something
//! else. As in [`crate::editor`], time is what goes by, with the pause that the server waits for.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use crate::editor::{Editor, Times};
use crate::{inventory, rules};

/// The guardrails.
const RULES: &str = include_str!("twelve.parapet");

/// How many guardrails they are.
pub(crate) const GUARDRAILS: usize = 12;

/// How many resources are bound.
const RESOURCES: usize = 100_000;

/// What takes longer does not come.
const LONG: Duration = Duration::from_secs(60);

/// Edits of each kind.
const ROUNDS: usize = 40;

/// What is measured, with the limit in milliseconds; 0 is none.
pub(crate) const STEPS: [(&str, u32); 4] = [
    ("from the start to what guardrails say of 100000 resources that are bound", 0),
    ("from an edit in a body to what the guardrail says of 100000 resources", 150),
    ("the same, where it goes through lists", 150),
    ("the same, where it reads another property, which is read from the records of its type", 1000),
];

/// What stands in a line, and what is written there instead, so that other resources fail.
const EDITS: [(&str, &str, &str); 2] =
    [("queue.ReceiveMessageWaitTimeSeconds", "> 0", "> 20"), ("rule.FromPort ?? 0", "<= 22", "<= 2")];

/// A line, and what else it may read.
const READS: &str = "volume.Encrypted ?? false";
const PROPERTIES: [&str; 5] = ["Size", "Iops", "SnapshotId", "KmsKeyId", "Throughput"];

/// The times of each step, in the order of [`STEPS`].
pub(crate) fn measure() -> Result<Vec<Times>> {
    let folder = std::env::temp_dir().join(format!("parapet-bench-{}-live", std::process::id()));
    std::fs::create_dir_all(folder.join(rules::FOLDER))?;
    let path = format!("{}/twelve.parapet", rules::FOLDER);
    std::fs::write(folder.join(&path), RULES)?;
    std::fs::write(folder.join("in.ndjson"), inventory::ndjson(RESOURCES, 1))?;
    let runtime = parapet_lsp::runtime()?;
    let times = runtime.block_on(talk(&folder, &path));
    runtime.shutdown_background();
    std::fs::remove_dir_all(&folder)?;
    times
}

async fn talk(folder: &Path, path: &str) -> Result<Vec<Times>> {
    let options = json!({ "commands": true, "inventories": ["../in.ndjson"] });
    let begin = Instant::now();
    let mut editor = Editor::start(folder, path, RULES, options).await?;
    refreshed(&mut editor).await?;
    let mut steps = vec![Times(vec![begin.elapsed()])];
    for (words, from, to) in EDITS {
        let new = |old: &str, _| old.replacen(from, to, 1);
        steps.push(there_and_back(&mut editor, words, ROUNDS, new).await?);
    }
    let reads = |old: &str, round| {
        let property = PROPERTIES.get(round).copied().unwrap_or_default();
        old.replacen(READS, &format!("volume.{property} is absent"), 1)
    };
    steps.push(there_and_back(&mut editor, READS, PROPERTIES.len(), reads).await?);
    Ok(steps)
}

/// Writes a line anew and as it was, so often; the times of the former.
async fn there_and_back(
    editor: &mut Editor,
    words: &str,
    rounds: usize,
    new: impl Fn(&str, usize) -> String,
) -> Result<Times> {
    let (line, old) = RULES.lines().enumerate().find(|(_, line)| line.contains(words)).context("no line")?;
    let mut times: Vec<Duration> = Vec::new();
    for round in 0..rounds {
        let begin = Instant::now();
        editor.write_line(line, &new(old, round)).await?;
        refreshed(editor).await?;
        times.push(begin.elapsed());
        editor.write_line(line, old).await?;
        refreshed(editor).await?;
    }
    Ok(Times(times))
}

/// Waits until the editor is told to ask for lenses again.
async fn refreshed(editor: &mut Editor) -> Result<()> {
    let refresh = editor.receive(|message| message.contains("\"method\":\"workspace/codeLens/refresh\""));
    tokio::time::timeout(LONG, refresh).await.context("the edit changes nothing")??;
    Ok(())
}
