//! The disk, with what is open in the editor in the place of what lies there.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use parapet_driver::{Host, Kind, Mark, System};
use rustc_hash::FxHasher;

/// Files as the editor shows them; all others as the disk has them.
pub(crate) struct Editor<'o> {
    pub(crate) system: &'o System,
    /// The texts of open documents, by path.
    pub(crate) open: BTreeMap<PathBuf, &'o str>,
}

impl Editor<'_> {
    /// What open documents a folder has, itself and below: the first step to each.
    fn below<'s>(&'s self, folder: &'s Path) -> impl Iterator<Item = &'s OsStr> + 's {
        let steps = self.open.keys().filter_map(move |path| path.strip_prefix(folder).ok()?.components().next());
        steps.map(Component::as_os_str)
    }
}

impl Host for Editor<'_> {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        if self.open.contains_key(path) {
            return Ok(Kind::File);
        }
        let kind = self.system.kind(path);
        if kind.is_err() && self.below(path).next().is_some() { Ok(Kind::Folder) } else { kind }
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let open: Vec<PathBuf> = self.below(folder).map(|name| folder.join(name)).collect();
        let mut entries = match self.system.entries(folder) {
            // It is made when the document is saved.
            Err(_) if !open.is_empty() => Vec::new(),
            entries => entries?,
        };
        entries.extend(open);
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
