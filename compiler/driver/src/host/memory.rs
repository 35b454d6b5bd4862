//! A host in memory: files by path, a clock that stands still.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Anywhere, Host, Kind};

/// Files that stand on no disk. A folder exists where a file lies below it.
#[derive(Clone, Debug)]
pub struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// What stands in a folder, sorted.
    entries: BTreeMap<PathBuf, Vec<PathBuf>>,
    now: Timestamp,
}

impl Memory {
    /// No file yet; its clock says `now`.
    pub fn new(now: Timestamp) -> Memory {
        Memory { files: BTreeMap::new(), entries: BTreeMap::new(), now }
    }

    /// The same with these files: paths and what they hold.
    pub fn with(mut self, files: impl IntoIterator<Item = (String, String)>) -> Memory {
        for (path, text) in files {
            self.append(&path, &text);
        }
        self
    }

    /// Appends to a file, which is made where it is missing.
    pub fn append(&mut self, path: &str, text: &str) {
        let mut path = PathBuf::from(path);
        self.files.entry(path.clone()).or_default().extend_from_slice(text.as_bytes());
        while let Some(folder) = path.parent().map(Path::to_owned).filter(|folder| *folder != path) {
            let entries = self.entries.entry(folder.clone()).or_default();
            match entries.binary_search(&path) {
                Ok(_) => return,
                Err(at) => entries.insert(at, path),
            }
            path = folder;
        }
    }

    /// Whether there is such a file.
    pub fn holds(&self, path: &str) -> bool {
        self.files.contains_key(Path::new(path))
    }
}

fn missing(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("nothing is called {}", path.display()))
}

impl Host for Memory {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        match (self.files.contains_key(path), self.entries.contains_key(path)) {
            (true, _) => Ok(Kind::File),
            (false, true) => Ok(Kind::Folder),
            (false, false) => Err(missing(path)),
        }
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.entries.get(folder).cloned().ok_or_else(|| missing(folder))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        match self.files.get(path) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(missing(path)),
        }
    }

    fn open_anywhere(&self, path: &Path) -> Option<Box<dyn Anywhere + '_>> {
        self.files.get(path).map(|bytes| Box::new(bytes.as_slice()) as Box<dyn Anywhere + '_>)
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
