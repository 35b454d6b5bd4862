//! Files in memory, for inputs that refer to others.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::Files;

/// See the module.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) files: BTreeMap<PathBuf, Vec<u8>>,
    /// Links and what they lead to.
    pub(super) links: BTreeMap<PathBuf, PathBuf>,
}

impl Memory {
    pub(super) fn of(files: &[(&str, &str)]) -> Memory {
        let files = files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect();
        Memory { files, links: BTreeMap::new() }
    }
}

impl Files for Memory {
    fn read(&self, path: &Path, most: usize) -> io::Result<Vec<u8>> {
        let text = self.files.get(path).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "not there"))?;
        assert!(text.len() <= most);
        Ok(text.clone())
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let entries: Vec<PathBuf> = self.files.keys().filter(|path| path.parent() == Some(folder)).cloned().collect();
        if entries.is_empty() { Err(io::Error::new(io::ErrorKind::NotFound, "not there")) } else { Ok(entries) }
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.links.get(path).cloned().unwrap_or_else(|| path.to_owned())
    }
}
