//! The outside world: files, standard input, the clock.
//!
//! Only a host touches them, so that every pipeline also runs in memory.

mod memory;
mod once;
mod replacing;
mod seen;

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
pub use memory::Memory;
pub(crate) use seen::{Noting, Seen};

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    /// A named pipe, a socket or a device: reading it may wait for ever, so that only one that is named is read.
    Stream,
}

/// What a file had when it was looked at: its size, when it was written, in nanoseconds since 1970, and what tells it from
/// another of the same size and time, such as one that was unpacked from an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub size: u64,
    pub written: u128,
    /// The number of the file, and when it or what is noted of it changed last: nobody sets that time. Nothing where the system
    /// does not tell.
    pub identity: Option<(u64, i64, i64)>,
}

/// Files, standard input, the clock.
pub trait Host: Sync {
    /// What a path is; an error when there is nothing or it may not be seen.
    fn kind(&self, path: &Path) -> io::Result<Kind>;

    /// The entries of a folder, sorted.
    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// A file's bytes from its start; `-` is standard input. It, and a pipe, gives the same bytes each time.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>>;

    /// The same file, to be read from anywhere, where it is one that can be.
    fn open_anywhere(&self, _path: &Path) -> Option<Box<dyn Anywhere + '_>> {
        None
    }

    /// A file's size in bytes, where it is known.
    fn size(&self, path: &Path) -> Option<u64>;

    /// What changes when a file's bytes do, where the host can tell.
    fn mark(&self, _path: &Path) -> Option<Mark> {
        None
    }

    /// The path with links resolved, to know a folder that was visited before.
    fn real(&self, path: &Path) -> PathBuf;

    fn now(&self) -> Timestamp;

    /// Puts `after` in the place of a file that holds `before`, as a whole or not at all. Hosts need not be able to.
    fn replace(&self, path: &Path, _before: &[u8], _after: &[u8]) -> io::Result<Replaced> {
        Err(io::Error::new(io::ErrorKind::Unsupported, format!("{} cannot be written", path.display())))
    }
}

/// A file whose bytes are read in any order, by any thread.
pub trait Anywhere: Send + Sync {
    /// The bytes that begin at an offset; fewer where the file ends before.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>>;
}

impl Anywhere for &[u8] {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        Ok(rest.get(..length).unwrap_or(rest).to_vec())
    }
}

#[cfg(unix)]
impl Anywhere for std::fs::File {
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        let mut read = 0;
        while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match std::os::unix::fs::FileExt::read_at(self, rest, offset + read as u64) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        bytes.truncate(read);
        Ok(bytes)
    }
}

/// What became of a file that was to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    Done,
    /// It does not hold any more what it held when it was read, and was left alone.
    ChangedMeanwhile,
}

/// The real world.
#[derive(Default)]
pub struct System {
    /// Standard input, and named pipes, such as `<(…)` of a shell.
    once: once::Once,
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;

    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> Option<(u64, i64, i64)> {
    use std::os::unix::fs::MetadataExt;

    Some((metadata.ino(), metadata.ctime(), metadata.ctime_nsec()))
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<(u64, i64, i64)> {
    None
}

impl Host for System {
    fn kind(&self, path: &Path) -> io::Result<Kind> {
        if path == Path::new("-") {
            return Ok(Kind::File);
        }
        let metadata = std::fs::metadata(path)?;
        Ok(match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => Kind::Folder,
            (false, true) => Kind::File,
            (false, false) => Kind::Stream,
        })
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let entries: io::Result<Vec<PathBuf>> = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
        let mut entries = entries?;
        entries.sort();
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read + '_>> {
        match path == Path::new("-") {
            true => self.once.open(path, || Ok(io::stdin().lock())),
            false if is_pipe(path) => self.once.open(path, || std::fs::File::open(path)),
            false => Ok(Box::new(std::fs::File::open(path)?)),
        }
    }

    #[cfg(unix)]
    fn open_anywhere(&self, path: &Path) -> Option<Box<dyn Anywhere + '_>> {
        let is_file = path != Path::new("-") && std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
        let file = is_file.then(|| std::fs::File::open(path).ok()).flatten()?;
        Some(Box::new(file))
    }

    fn size(&self, path: &Path) -> Option<u64> {
        std::fs::metadata(path).ok().map(|metadata| metadata.len())
    }

    fn mark(&self, path: &Path) -> Option<Mark> {
        let metadata = std::fs::metadata(path).ok()?;
        let written = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Mark { size: metadata.len(), written: written.as_nanos(), identity: identity(&metadata) })
    }

    fn real(&self, path: &Path) -> PathBuf {
        std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn replace(&self, path: &Path, before: &[u8], after: &[u8]) -> io::Result<Replaced> {
        replacing::replace(path, before, after)
    }
}

pub use parapet_base::shown;

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    #[test]
    fn a_file_of_the_same_size_and_time_is_another() {
        let path = std::env::temp_dir().join(format!("parapet-mark-{}", std::process::id()));
        let beside = path.with_extension("new");
        let mark = |text: &str| {
            std::fs::write(&beside, text).unwrap();
            File::open(&beside).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
            std::fs::rename(&beside, &path).unwrap();
            System::default().mark(&path).unwrap()
        };
        let marks = [mark("true"), mark("null")];
        std::fs::remove_file(&path).unwrap();
        assert_eq!((marks[0].size, marks[0].written), (marks[1].size, marks[1].written));
        assert_ne!(marks[0], marks[1]);
    }
}
