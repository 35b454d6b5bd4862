//! Replaces a file by another text in one step, so that nobody ever reads half of it.
//!
//! The new bytes are written to a file beside it, which takes over permissions and owner, and then its name. What changed
//! since it was read, and what may not be written, is left alone. Two writers in the same instant are not kept apart: the
//! file is looked at right before the step, not during it.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::Replaced;

/// Replaces the bytes of a file, if they are still those of `before`; of a link, those of what it leads to.
pub(crate) fn replace(path: &Path, before: &[u8], after: &[u8]) -> io::Result<Replaced> {
    let target = std::fs::canonicalize(path)?;
    let metadata = std::fs::metadata(&target)?;
    // Reading a pipe again would wait for ever.
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file, and cannot be written"));
    }
    if metadata.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the file is read-only"));
    }
    if std::fs::read(&target)? != before {
        return Ok(Replaced::ChangedMeanwhile);
    }
    let (beside, file) = create_beside(&target)?;
    let outcome = write(file, &metadata, after).and_then(|()| {
        if std::fs::read(&target)? != before {
            return Ok(Replaced::ChangedMeanwhile);
        }
        std::fs::rename(&beside, &target).map(|()| Replaced::Done)
    });
    if !matches!(outcome, Ok(Replaced::Done)) {
        // The first error counts; a file that cannot be removed either is named by it no better.
        drop(std::fs::remove_file(&beside));
    }
    outcome
}

/// A new file in the same folder, hidden and of a name that no other has.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let beside = target.with_file_name(format!(".{name}.{}-{number}.new", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 10_000 => {}
            Err(error) => return Err(error),
        }
    }
}

fn write(mut file: File, like: &Metadata, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    take_over_owner(&file, like)?;
    file.set_permissions(like.permissions())?;
    file.sync_all()
}

#[cfg(unix)]
fn take_over_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid()))
        .map_err(|error| io::Error::new(error.kind(), format!("its owner cannot be kept: {error}")))
}

#[cfg(not(unix))]
fn take_over_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// A folder that is removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("parapet-replacing-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn names(&self) -> Vec<String> {
            let entries = std::fs::read_dir(&self.0).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
            names.sort();
            names
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn permissions_stay_and_nothing_lies_beside() {
        let folder = Folder::new("permissions");
        let path = folder.0.join("a");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(replace(&path, b"old", b"new").unwrap(), Replaced::Done);
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(folder.names(), ["a"]);
    }

    #[test]
    fn what_changed_is_left_alone() {
        let folder = Folder::new("changed");
        let path = folder.0.join("a");
        std::fs::write(&path, "other").unwrap();
        assert_eq!(replace(&path, b"old", b"new").unwrap(), Replaced::ChangedMeanwhile);
        assert_eq!(std::fs::read(&path).unwrap(), b"other");
        assert_eq!(folder.names(), ["a"]);
    }

    #[test]
    fn what_is_read_only_is_left_alone() {
        let folder = Folder::new("read-only");
        let path = folder.0.join("a");
        std::fs::write(&path, "old").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
        let error = replace(&path, b"old", b"new").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = Folder::new("link");
        let (path, link) = (folder.0.join("a"), folder.0.join("link"));
        std::fs::write(&path, "old").unwrap();
        symlink("a", &link).unwrap();
        assert_eq!(replace(&link, b"old", b"new").unwrap(), Replaced::Done);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }
}
