//! New names: of what stands in rules, and of files and folders, which are modules. Manifests follow.

use std::path::{Path, PathBuf};

use parapet_ide::{Renaming, SourceFile};

use crate::manifests;
use crate::proto;
use crate::translate::path_of;
use crate::world::Snapshot;

/// What may be renamed at an offset, or why nothing may.
pub(crate) fn at(snapshot: &Snapshot, file: SourceFile, offset: u32) -> Result<Renaming, String> {
    let ours = |file| snapshot.is_ours(file);
    parapet_ide::prepare_rename(&snapshot.db, snapshot.workspace, file, offset, &ours)
}

pub(crate) fn prepare(snapshot: &Snapshot, position: proto::Position) -> Result<proto::PrepareRenameResponse, String> {
    let found = at(snapshot, snapshot.file, snapshot.offset(position))?;
    Ok(proto::PrepareRenameResponse::RangeWithPlaceholder {
        range: snapshot.range(found.place.span),
        placeholder: found.name,
    })
}

/// The change that gives the name at an offset another one, in manifests, too.
pub(crate) fn rename(
    snapshot: &Snapshot,
    file: SourceFile,
    offset: u32,
    name: &str,
) -> Result<proto::WorkspaceEdit, String> {
    let ours = |file| snapshot.is_ours(file);
    let edits = parapet_ide::rename(&snapshot.db, snapshot.workspace, file, offset, name, &ours)?;
    let mut change = snapshot.workspace_edits(&edits);
    manifests::follow(snapshot, &mut change, |manifest| manifest.renamed(file, offset, name));
    Ok(change)
}

/// The change that a file or folder brings which is renamed and stays in its folder: its module has another path then.
/// What moves to another folder changes nothing here.
pub(crate) fn of_file(snapshot: &Snapshot, from: &Path, to: &Path) -> Option<proto::WorkspaceEdit> {
    let own = PathBuf::from(&**snapshot.file.path(&snapshot.db));
    let is_file = own == from;
    if from.parent() != to.parent() || (is_file && to.extension() != from.extension()) {
        return None;
    }
    let module = module_at(snapshot, &own, from)?;
    let name = if is_file { to.file_stem()? } else { to.file_name()? };
    // As the path of a module is made.
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let segment: String = name.to_string_lossy().chars().map(letter).collect();
    let ours = |file| snapshot.is_ours(file);
    let edits = parapet_ide::rename_module(&snapshot.db, snapshot.workspace, &module, &segment, &ours);
    let mut change = snapshot.workspace_edits(&edits);
    let renamed = match module.rsplit_once("::") {
        Some((parent, _)) => format!("{parent}::{segment}"),
        None => segment,
    };
    manifests::follow(snapshot, &mut change, |manifest| manifest.moved(&module, &renamed));
    Some(change)
}

/// The module that a path is which leads to a file, or to a folder that it is in. The folder of a package's rules is none.
fn module_at(snapshot: &Snapshot, own: &Path, path: &Path) -> Option<String> {
    let below = own.strip_prefix(path).ok()?.components().count();
    let module = snapshot.file.module(&snapshot.db);
    let segments: Vec<&str> = module.split("::").collect();
    let package = usize::from(!snapshot.file.package(&snapshot.db).is_empty());
    let kept = segments.len().checked_sub(below).filter(|kept| *kept > package)?;
    Some(segments.get(..kept)?.join("::"))
}

/// The paths of a rename.
pub(crate) fn paths(renamed: &proto::FileRename) -> Option<(PathBuf, PathBuf)> {
    let path = |uri: &str| Some(path_of(&uri.parse().ok()?));
    Some((path(&renamed.old_uri)?, path(&renamed.new_uri)?))
}
