//! The standard library as files that an editor can open.
//!
//! The library is part of the binary. When an editor is led into it, the file is written to a cache folder of the user, one
//! for each version, and read-only: what is changed there changes nothing.

use std::path::{Path, PathBuf};

/// The folder of the files of this version.
pub(crate) fn folder() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = variable("XDG_CACHE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(std::env::temp_dir);
    cache.join("parapet").join("library").join(env!("CARGO_PKG_VERSION"))
}

/// Writes a file of the library, unless it is there.
pub(crate) fn write(folder: &Path, path: &str, text: &str) -> Option<PathBuf> {
    let file = folder.join(path);
    if std::fs::read(&file).is_ok_and(|known| known == text.as_bytes()) {
        return Some(file);
    }
    std::fs::create_dir_all(file.parent()?).ok()?;
    // Another version of the text, left by another build, is read-only too.
    drop(std::fs::remove_file(&file));
    std::fs::write(&file, text).ok()?;
    let mut permissions = std::fs::metadata(&file).ok()?.permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&file, permissions).ok()?;
    Some(file)
}
