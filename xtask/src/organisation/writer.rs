//! Writes the organisation as files.
//!
//! AWS Config snapshots of ten accounts each, compressed with zstd, one item a line so that positions are easy to
//! find; Cloud Control descriptions as lines of JSON; the table of faults. Equal organisations give equal bytes.

use std::fs;
use std::io;
use std::path::Path;

use super::accounts::ACCOUNTS_PER_FILE;
use super::faults::Planted;
use super::history::History;
use super::item::{Item, Shelf};

const LEVEL: i32 = 19;

/// Writes inventory and table below a folder.
pub(crate) fn write(folder: &Path, live: &[Item], history: &History, planted: &[Planted]) -> io::Result<()> {
    let inventory = folder.join("inventory");
    let snapshots = inventory.join("config");
    fs::create_dir_all(&snapshots)?;
    let last = live.iter().map(|item| item.account).max().unwrap_or(0);
    for file in 0..=last / ACCOUNTS_PER_FILE {
        let text = snapshot(file, live, history);
        let name = format!("snapshot-{}.json.zst", file + 1);
        fs::write(snapshots.join(name), zstd::encode_all(text.as_bytes(), LEVEL)?)?;
    }
    fs::write(inventory.join("cloud-control.ndjson"), lines(live, Shelf::SignIn))?;
    let workloads = lines(live, Shelf::Workloads);
    fs::write(inventory.join("cloud-control-workloads.ndjson.zst"), zstd::encode_all(workloads.as_bytes(), LEVEL)?)?;
    fs::write(folder.join("planted.tsv"), table(planted))
}

fn snapshot(file: usize, live: &[Item], history: &History) -> String {
    let here = |item: &&Item| item.shelf == Shelf::Snapshot && item.account / ACCOUNTS_PER_FILE == file;
    let all = history.before.iter().chain(live).chain(&history.after).filter(here);
    let items: Vec<String> = all.map(|item| item.record.to_string()).collect();
    let id = format!("0c0f0000-0000-4000-8000-{:012}", file + 1);
    let items = items.join(",\n");
    format!("{{\"fileVersion\":\"1.0\",\"configSnapshotId\":\"{id}\",\"configurationItems\":[\n{items}\n]}}\n")
}

fn lines(live: &[Item], shelf: Shelf) -> String {
    live.iter().filter(|item| item.shelf == shelf).map(|item| format!("{}\n", item.record)).collect()
}

fn table(planted: &[Planted]) -> String {
    let mut text = "what\tresource type\tresource\taccount\n".to_owned();
    for fault in planted {
        text.push_str(&format!("{}\t{}\t{}\t{}\n", fault.what, fault.kind, fault.resource, fault.account));
    }
    text
}
