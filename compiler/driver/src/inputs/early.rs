//! Small files, read before it is known what rules read of them.
//!
//! Reading a plan takes about as long as checking the rules: both are done at the same time, and what was read is typed when the
//! rules are known. Of items of AWS Config no more is read than rules read, so that they are left for later.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use rustc_hash::FxHashMap;

use parapet_inventory::{Delivered, Taking};

use super::Reading;
use super::files::found_files;
use super::parts::{self, Outcome, Passed};
use crate::host::{Host, Kind};

/// What files gave, by path.
#[derive(Default)]
pub(crate) struct Early(FxHashMap<PathBuf, Whole>);

/// What one file gave.
pub(super) struct Whole {
    pub(super) delivered: Vec<Delivered>,
    pub(super) outcome: io::Result<Outcome>,
}

/// The most bytes of all files: what is read stays in memory as it is.
const MOST: u64 = 4 << 20;

/// Whether these inputs are files so small that they can be read early.
pub(crate) fn may_be_read(host: &dyn Host, paths: &[String]) -> bool {
    let size = |path: &String| {
        let path = Path::new(path);
        let is_file = path != Path::new("-") && matches!(host.kind(path), Ok(Kind::File));
        is_file.then(|| host.size(path)).flatten()
    };
    let sizes: Option<Vec<u64>> = paths.iter().map(size).collect();
    sizes.is_some_and(|sizes| sizes.iter().sum::<u64>() <= MOST)
}

/// Reads files; the projection of `reading` does not matter.
pub(crate) fn read(host: &dyn Host, paths: &[String], reading: &Reading<'_>) -> Early {
    let mut skipped = Vec::new();
    let files = found_files(host, paths, &mut skipped);
    // What passes is told when it is taken.
    let passed = Passed { bytes: AtomicU64::new(0), total: 0, tell: &|_, _| {}, digests: reading.digests };
    let read = files.iter().enumerate().filter_map(|(at, file)| {
        let mut delivered = Vec::new();
        let outcome = {
            let mut sink = Taking(|one| delivered.push(one));
            parts::deliver(host, (file, at as u32), reading, (&passed, 1), &mut sink)
        };
        is_read_whole(&outcome).then(|| (file.path.clone(), Whole { delivered, outcome }))
    });
    Early(read.collect())
}

/// Whether reading makes the same of a file, whatever rules read of it.
fn is_read_whole(outcome: &io::Result<Outcome>) -> bool {
    let formats = outcome.as_ref().ok().and_then(|(summary, _)| summary.as_ref().ok()).map(|summary| &summary.formats);
    formats.is_some_and(|formats| !formats.is_empty() && !formats.contains(&parapet_inventory::AWS_CONFIG))
}

impl Early {
    pub(super) fn take(&mut self, path: &Path) -> Option<Whole> {
        self.0.remove(path)
    }
}
