//! A host that notes what was looked at, so that it can be told whether it would look the same again.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::{Anywhere, Host, Kind, Mark};

/// What was seen of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Sight {
    /// Nothing is there, or it may not be seen.
    Nothing,
    File(Option<Mark>),
    Folder(Vec<PathBuf>),
    Stream,
}

/// What was looked at, and what was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(BTreeMap<PathBuf, Sight>);

impl Seen {
    /// The paths that look otherwise now, in order.
    pub(crate) fn changed(&self, host: &dyn Host) -> Vec<PathBuf> {
        self.0.iter().filter(|(path, before)| sight(host, path) != **before).map(|(path, _)| path.clone()).collect()
    }
}

fn sight(host: &dyn Host, path: &Path) -> Sight {
    match host.kind(path) {
        Err(_) => Sight::Nothing,
        Ok(Kind::File) => Sight::File(host.mark(path)),
        Ok(Kind::Folder) => host.entries(path).map_or(Sight::Nothing, Sight::Folder),
        Ok(Kind::Stream) => Sight::Stream,
    }
}

/// Another host, of which is noted what was looked at. What is noted was seen before it was read, so that a change while it
/// is read is noticed.
pub(crate) struct Noting<'h> {
    host: &'h dyn Host,
    seen: Mutex<Seen>,
}

impl<'h> Noting<'h> {
    pub(crate) fn new(host: &'h dyn Host) -> Noting<'h> {
        Noting { host, seen: Mutex::default() }
    }

    pub(crate) fn seen(self) -> Seen {
        self.seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, path: &Path) {
        let known = |seen: &Seen| seen.0.contains_key(path);
        if !known(&self.seen.lock().unwrap_or_else(PoisonError::into_inner)) {
            let sight = sight(self.host, path);
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.0.entry(path.to_owned()).or_insert(sight);
        }
    }
}

impl Host for Noting<'_> {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        self.note(path);
        self.host.kind(path)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.note(folder);
        self.host.entries(folder)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        self.note(path);
        self.host.open(path)
    }

    fn open_anywhere(&self, path: &Path) -> Option<Box<dyn Anywhere + '_>> {
        self.note(path);
        self.host.open_anywhere(path)
    }

    fn size(&self, path: &Path) -> Option<u64> {
        self.host.size(path)
    }

    fn mark(&self, path: &Path) -> Option<Mark> {
        self.host.mark(path)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.host.real(path)
    }

    fn now(&self) -> Timestamp {
        self.host.now()
    }
}
