//! The files of one case, in memory.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use parapet_driver::{Host, Kind};

/// See the module.
pub(crate) struct Memory {
    files: BTreeMap<PathBuf, String>,
    entries: BTreeMap<PathBuf, Vec<PathBuf>>,
}

impl Memory {
    /// These files and the folders that they stand in.
    pub(crate) fn of(files: Vec<(String, String)>) -> Memory {
        let mut memory = Memory { files: BTreeMap::new(), entries: BTreeMap::new() };
        for (path, text) in files {
            let mut path = PathBuf::from(path);
            memory.files.insert(path.clone(), text);
            while let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned) {
                let entries = memory.entries.entry(folder.clone()).or_default();
                if !entries.contains(&path) {
                    entries.push(path);
                }
                path = folder;
            }
        }
        memory
    }
}

impl Host for Memory {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        match (self.files.contains_key(path), self.entries.contains_key(path)) {
            (true, _) => Ok(Kind::File),
            (false, true) => Ok(Kind::Folder),
            (false, false) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.entries.get(folder).cloned().ok_or(io::ErrorKind::NotFound.into())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        self.files
            .get(path)
            .map(|text| Box::new(text.as_bytes()) as Box<dyn Read>)
            .ok_or(io::ErrorKind::NotFound.into())
    }

    fn size(&self, path: &Path) -> Option<u64> {
        self.files.get(path).map(|text| text.len() as u64)
    }

    fn real(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
}
