//! The disk, with what is open in the editor in the place of what lies there.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use parapet_driver::{Host, Kind, Mark, System};
use rustc_hash::FxHasher;

/// Files as the editor shows them; all others as the disk has them.
pub(crate) struct Editor<'o> {
    pub(crate) system: &'o System,
    /// The texts of open documents, by path.
    pub(crate) open: BTreeMap<PathBuf, &'o str>,
}

impl Host for Editor<'_> {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        if self.open.contains_key(path) { Ok(Kind::File) } else { self.system.kind(path) }
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut entries = self.system.entries(folder)?;
        entries.extend(self.open.keys().filter(|path| path.parent() == Some(folder)).cloned());
        entries.sort();
        entries.dedup();
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        match self.open.get(path) {
            Some(text) => Ok(Box::new(text.as_bytes())),
            None => self.system.open(path),
        }
    }

    fn size(&self, path: &Path) -> Option<u64> {
        self.open.get(path).map(|text| text.len() as u64).or_else(|| self.system.size(path))
    }

    fn mark(&self, path: &Path) -> Option<Mark> {
        match self.open.get(path) {
            Some(text) => {
                let mut hasher = FxHasher::default();
                text.hash(&mut hasher);
                Some(Mark { size: text.len() as u64, written: u128::from(hasher.finish()), identity: None })
            }
            None => self.system.mark(path),
        }
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.system.real(path)
    }

    fn now(&self) -> jiff::Timestamp {
        self.system.now()
    }
}
