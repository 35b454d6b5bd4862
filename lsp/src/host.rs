//! The disk, with what is open in the editor in the place of what lies there.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use parapet_driver::{Anywhere, Host, Kind, Mark, System};
use rustc_hash::FxHasher;

use crate::manifests;
use crate::world::lock;

/// Files as the editor shows them; all others as the disk has them.
pub(crate) struct Editor<'o> {
    pub(crate) system: &'o System,
    /// The texts of open documents, by path.
    pub(crate) open: BTreeMap<PathBuf, &'o str>,
    pub(crate) links: Links,
}

/// What stands among rules and cannot be read: links that lead nowhere or to themselves, named pipes. A command refuses such
/// rules; an editor shows all others, and is told.
#[derive(Default)]
pub(crate) struct Links {
    /// Those that are passed over.
    pub(crate) known: BTreeSet<PathBuf>,
    /// Where rules are loaded: those that are found then are passed over, too.
    pub(crate) found: Option<Mutex<BTreeSet<PathBuf>>>,
}

impl Links {
    /// Passes over what is found, and keeps it.
    pub(crate) fn looking() -> Links {
        Links { known: BTreeSet::new(), found: Some(Mutex::default()) }
    }

    fn pass_over(&self, system: &System, path: &Path) -> bool {
        let Some(found) = &self.found else { return self.known.contains(path) };
        let is_dead = may_be_rules(path) && !is_readable(system, path);
        if is_dead {
            lock(found).insert(path.to_owned());
        }
        is_dead
    }
}

/// Whether something is there that is read when it is named, or a folder.
pub(crate) fn is_readable(system: &System, path: &Path) -> bool {
    match system.kind(path) {
        Ok(Kind::File | Kind::Folder) => true,
        // What never ends; only files of rules are read, whatever else lies there.
        Ok(Kind::Stream) => path.extension().is_none(),
        Err(_) => false,
    }
}

/// Whether a name is that of rules, a manifest or a folder. Editors mark by links, `.#zones.parapet`, what is edited.
fn may_be_rules(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !name.starts_with('.')
        && (path.extension().is_none_or(|extension| extension == "parapet") || manifests::is_one(path))
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
        entries.retain(|path| !self.links.pass_over(self.system, path));
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

    fn open_anywhere(&self, path: &Path) -> Option<Box<dyn Anywhere + '_>> {
        match self.open.get(path) {
            Some(text) => Some(Box::new(text.as_bytes())),
            None => self.system.open_anywhere(path),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_from_anywhere_as_the_editor_shows_them() {
        let folder = std::env::temp_dir().join(format!("parapet-host-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let paths = ["open", "saved", "missing"].map(|name| folder.join(name));
        std::fs::write(&paths[0], "on the disk").unwrap();
        std::fs::write(&paths[1], "on the disk").unwrap();
        let system = System::default();
        let host = Editor {
            system: &system,
            open: BTreeMap::from([(paths[0].clone(), "as it is shown")]),
            links: Links::default(),
        };
        let read = |path| Some(host.open_anywhere(path)?.read_at(3, 3).unwrap());
        let [open, saved, missing] = paths.each_ref().map(|path| read(path));
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((open.as_deref(), saved.as_deref(), missing), (Some(&b"it "[..]), Some(&b"the"[..]), None));
    }
}
