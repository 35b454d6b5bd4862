//! A host in memory: files by path, a clock that stands still.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use parapet_driver::{Host, Kind};

/// Files of one case. A folder exists when a file lies below it.
pub(crate) struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
    now: Timestamp,
}

impl Memory {
    pub(crate) fn new(now: Timestamp) -> Memory {
        Memory { files: BTreeMap::new(), now }
    }

    /// Appends to a file, which is made where it is missing.
    pub(crate) fn append(&mut self, path: &str, text: &str) {
        self.files.entry(PathBuf::from(path)).or_default().extend_from_slice(text.as_bytes());
    }

    pub(crate) fn holds(&self, path: &str) -> bool {
        self.files.contains_key(Path::new(path))
    }
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("nothing is called {}", path.display()))
}

impl Host for Memory {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        if self.files.contains_key(path) {
            return Ok(Kind::File);
        }
        let below = self.files.keys().any(|file| file.starts_with(path));
        if below { Ok(Kind::Folder) } else { Err(missing(path)) }
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let below = self.files.keys().filter_map(|file| file.strip_prefix(folder).ok());
        let mut entries: Vec<PathBuf> =
            below.filter_map(|file| file.components().next()).map(|first| folder.join(first)).collect();
        entries.dedup();
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        match self.files.get(path) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(missing(path)),
        }
    }

    fn size(&self, path: &Path) -> Option<u64> {
        self.files.get(path).map(|bytes| bytes.len() as u64)
    }

    fn real(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn now(&self) -> Timestamp {
        self.now
    }
}
