//! New names: of what stands in rules, and of files and folders, which are modules. Manifests follow.

use std::path::{Component, Path, PathBuf};

use parapet_ide::{Edit, Move, Renaming, SourceFile};

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

/// The change that a file or folder brings which is renamed or moved: its module has another path then. What leaves the rules, or
/// is none any more, changes nothing.
pub(crate) fn of_file(snapshot: &Snapshot, from: &Path, to: &Path) -> Option<proto::WorkspaceEdit> {
    let own = PathBuf::from(&**snapshot.file.path(&snapshot.db));
    let is_file = own == from;
    if is_file && to.extension() != from.extension() {
        return None;
    }
    let module = module_at(snapshot, &own, from)?;
    let renamed = module_to_be(snapshot, to, is_file)?;
    let ours = |file| snapshot.is_ours(file);
    let moved = Move { from: &module, to: &renamed };
    let mut edits = parapet_ide::move_module(&snapshot.db, snapshot.workspace, moved, &ours);
    for (file, own) in of_links(snapshot, from, to) {
        match edits.iter_mut().find(|(known, _)| *known == file) {
            Some((_, edits)) => edits.extend(own),
            None => edits.push((file, own)),
        }
    }
    let mut change = snapshot.workspace_edits(&edits);
    manifests::follow(snapshot, &mut change, |manifest| manifest.moved(&module, &renamed));
    Some(change)
}

/// The change that a module brings which gets another path, without what its files say of others.
pub(crate) fn of_module(snapshot: &Snapshot, moved: Move<'_>) -> proto::WorkspaceEdit {
    let ours = |file| snapshot.is_ours(file);
    let edits = parapet_ide::move_module(&snapshot.db, snapshot.workspace, moved, &ours);
    let mut change = snapshot.workspace_edits(&edits);
    manifests::follow(snapshot, &mut change, |manifest| manifest.moved(moved.from, moved.to));
    change
}

/// The edits of tests that are moved, of the paths of the files that they name.
fn of_links(snapshot: &Snapshot, from: &Path, to: &Path) -> Vec<(SourceFile, Vec<Edit>)> {
    let moved = snapshot.workspace.files(&snapshot.db).iter().filter_map(|file| {
        let path = Path::new(&**file.path(&snapshot.db));
        let (old, rest) = (path.parent()?, path.strip_prefix(from).ok()?);
        let new = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
        let again = |link: &str| {
            let named = plain(&old.join(link))?;
            // What moves along stays where it is, seen from the test.
            let named = named.strip_prefix(from).map(|rest| to.join(rest)).unwrap_or(named);
            let is_still_there = plain(&new.parent()?.join(link)).as_ref() == Some(&named);
            if is_still_there { None } else { relative(new.parent()?, &named) }
        };
        Some((*file, parapet_ide::move_links(&snapshot.db, *file, &again)))
    });
    moved.filter(|(_, edits)| !edits.is_empty()).collect()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => plain.pop().then_some(())?,
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(component),
        }
    }
    Some(plain)
}

/// The path from a folder to a file, as tests write it.
fn relative(folder: &Path, file: &Path) -> Option<String> {
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| "..".to_owned());
    let down = file.components().skip(shared).map(|part| Some(part.as_os_str().to_str()?.to_owned()));
    let parts: Option<Vec<String>> = up.map(Some).chain(down).collect();
    Some(parts?.join("/"))
}

/// The module that a path will be; none where it is not below the rules of a package, or of a folder.
fn module_to_be(snapshot: &Snapshot, path: &Path, is_file: bool) -> Option<String> {
    let files = snapshot.workspace.files(&snapshot.db).iter().filter(|file| snapshot.is_ours(**file));
    let mut around: Option<(PathBuf, SourceFile)> = None;
    for file in files {
        let root = root(snapshot, *file).filter(|root| path.starts_with(root));
        around = match (root, around) {
            (Some(root), Some((known, _))) if known.starts_with(&root) => Some((known, *file)),
            (Some(root), _) => Some((root, *file)),
            (None, around) => around,
        };
    }
    let (root, file) = around?;
    let below = path.strip_prefix(root).ok()?;
    let below = if is_file { below.with_extension("") } else { below.to_owned() };
    // As the path of a module is made.
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let segments = below.iter().map(|part| part.to_string_lossy().chars().map(letter).collect::<String>());
    let package = Some(file.package(&snapshot.db).to_string()).filter(|package| !package.is_empty());
    let package_alone = usize::from(package.is_some());
    let segments: Vec<String> = package.into_iter().chain(segments).collect();
    (segments.len() > package_alone).then(|| segments.join("::"))
}

/// The folder of the rules that a file is one of.
fn root(snapshot: &Snapshot, file: SourceFile) -> Option<PathBuf> {
    let package = usize::from(!file.package(&snapshot.db).is_empty());
    let below = file.module(&snapshot.db).split("::").count().checked_sub(package)?;
    Path::new(&**file.path(&snapshot.db)).ancestors().nth(below).map(Path::to_owned)
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
