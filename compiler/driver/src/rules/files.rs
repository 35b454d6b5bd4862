//! The files of a folder of rules, and the modules that they are.
//!
//! What stands in the folder and cannot be read is an error: rules that are left out in silence judge nothing.

use std::path::{Path, PathBuf};

use super::{RulesError, missing};
use crate::host::{Host, Kind, shown};

/// The `.parapet` files below a folder, sorted folder by folder; hidden folders are passed over.
pub(crate) fn below(host: &dyn Host, folder: &Path) -> Result<Vec<PathBuf>, RulesError> {
    let mut files = Vec::new();
    collect(host, folder, &mut Vec::new(), &mut files)?;
    Ok(files)
}

fn collect(
    host: &dyn Host,
    folder: &Path,
    seen: &mut Vec<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> Result<(), RulesError> {
    let real = host.real(folder);
    if seen.contains(&real) {
        return Ok(());
    }
    seen.push(real);
    for path in host.entries(folder).map_err(|error| missing(folder, &error))? {
        let is_rules = path.extension().is_some_and(|extension| extension == "parapet");
        match host.kind(&path) {
            Ok(Kind::Folder) if !is_hidden(&path) => collect(host, &path, seen, files)?,
            Ok(Kind::File) if is_rules => files.push(path),
            Ok(Kind::Stream) if is_rules => return Err(stream(&path)),
            Ok(Kind::File | Kind::Folder | Kind::Stream) => {}
            Err(error) if may_be_rules(&path) => return Err(missing(&path, &error)),
            Err(_) => {}
        }
    }
    Ok(())
}

/// Whether what cannot be seen, such as a link that leads nowhere, may be rules: a file of them, or a folder, whose name
/// has no ending as a rule. Editors mark by such links, `.#zones.parapet`, what is being edited.
fn may_be_rules(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match path.extension() {
        Some(extension) => extension == "parapet" && !name.starts_with(".#"),
        None => !is_hidden(path),
    }
}

fn stream(path: &Path) -> RulesError {
    RulesError::Missing(format!("`{}` is a named pipe, a socket or a device, and no file", shown(path)))
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// The module path of a file below a package's root.
pub(super) fn module_path(package: &str, below: &Path) -> String {
    let below = below.with_extension("");
    let parts = below.components().map(|part| segment(&part.as_os_str().to_string_lossy()));
    std::iter::once(package.to_owned())
        .filter(|package| !package.is_empty())
        .chain(parts)
        .collect::<Vec<_>>()
        .join("::")
}

/// A file or folder name as a segment of a path.
fn segment(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect()
}

/// The first folder on the way to a file of rules, else the file, whose name is none of a module.
pub(super) fn bad_segment(below: &Path) -> Option<PathBuf> {
    let mut way = PathBuf::new();
    below.components().find_map(|part| {
        way.push(part);
        let name = if way == below { below.file_stem()? } else { part.as_os_str() };
        (!is_name(&name.to_string_lossy())).then(|| way.clone())
    })
}

/// Whether a name is in `snake_case`. For a `-` the path has `_`.
fn is_name(stem: &str) -> bool {
    stem.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && stem.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter))
}
