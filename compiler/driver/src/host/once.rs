//! What can be read once only, kept to be read again: positions are looked up when all is judged.
//!
//! It stays in memory up to a size, and beyond lies in a temporary file that has no name.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tempfile::SpooledTempFile;

/// The most bytes of one that are held in memory.
const MOST_IN_MEMORY: usize = 64 << 20;

/// One that was read, or why it could not be.
type Held = Arc<OnceLock<io::Result<Mutex<SpooledTempFile>>>>;

/// See the module.
#[derive(Default)]
pub(super) struct Once {
    held: Mutex<BTreeMap<PathBuf, Held>>,
}

impl Once {
    /// Reads from the start what `read` gives, now or before. Who asks for the same one waits until it is there; others
    /// do not, for their writers may be waiting for this one.
    pub(super) fn open<'r, R: Read>(
        &self,
        path: &Path,
        read: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<Box<dyn Read + 'r>> {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let held = all.entry(path.to_owned()).or_default().clone();
        drop(all);
        let whole = held.get_or_init(|| {
            let mut spooled = SpooledTempFile::new(MOST_IN_MEMORY);
            io::copy(&mut read()?, &mut spooled)?;
            Ok(Mutex::new(spooled))
        });
        match whole {
            Ok(_) => Ok(Box::new(Again { held, at: 0 })),
            Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
        }
    }
}

/// A reader of what is held, at a place of its own.
struct Again {
    held: Held,
    at: u64,
}

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(Ok(file)) = self.held.get() else { return Ok(0) };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(once: &Once, name: &str, bytes: &[u8]) -> Vec<u8> {
        let mut read = Vec::new();
        once.open(Path::new(name), || Ok(bytes)).unwrap().read_to_end(&mut read).unwrap();
        read
    }

    #[test]
    fn what_is_read_once_is_there_again() {
        let once = Once::default();
        assert_eq!(whole(&once, "a", b"first"), b"first");
        assert_eq!(whole(&once, "a", b"second"), b"first");
        assert_eq!(whole(&once, "b", b"other"), b"other");
        let (mut one, mut two) =
            (once.open(Path::new("a"), || Ok(&b""[..])).unwrap(), once.open(Path::new("a"), || Ok(&b""[..])).unwrap());
        let (mut a, mut b) = ([0; 2], [0; 3]);
        one.read_exact(&mut a).unwrap();
        two.read_exact(&mut b).unwrap();
        assert_eq!((&a, &b), (b"fi", b"fir"));
        let large = vec![7; MOST_IN_MEMORY + 1];
        assert_eq!(whole(&once, "c", &large).len(), large.len());
    }

    #[test]
    fn what_cannot_be_read_stays_so() {
        let once = Once::default();
        for _ in 0..2 {
            let opened = once.open(Path::new("a"), || Err::<&[u8], _>(io::Error::other("gone")));
            assert_eq!(opened.err().unwrap().to_string(), "gone");
        }
    }

    /// Whoever writes to the second pipe may wait until the first was read.
    #[test]
    fn one_that_waits_keeps_no_other_waiting() {
        let once = Once::default();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let once = &once;
            let second = scope.spawn(move || {
                let late = || wait.recv().map(|()| &b"second"[..]).map_err(io::Error::other);
                let mut read = Vec::new();
                once.open(Path::new("2"), late).unwrap().read_to_end(&mut read).map(|_| read)
            });
            assert_eq!(whole(once, "1", b"first"), b"first");
            go.send(()).unwrap();
            assert_eq!(second.join().unwrap().unwrap(), b"second");
        });
    }
}
