//! The files of a run: those that are named, and those of folders that are.

use std::io::Read;
use std::path::{Path, PathBuf};

use parapet_inventory as inventory;
use parapet_model::Skipped;
use rustc_hash::FxHashMap;

use crate::host::{Host, Kind, shown};

/// A file to read.
pub(super) struct FoundFile {
    pub(super) path: PathBuf,
    /// The folder that was named, in which it was found; `None` for a file that was named itself.
    pub(super) within: Option<PathBuf>,
}

/// The files of all paths, each once; what is not read is skipped.
pub(super) fn found_files(host: &dyn Host, paths: &[String], skipped: &mut Vec<Skipped>) -> Vec<FoundFile> {
    let mut files = Vec::new();
    for path in paths {
        find(host, Path::new(path), &mut files, skipped);
    }
    leave_out_modules(host, &mut files, skipped);
    leave_out_repeated(host, &mut files, skipped);
    files
}

/// The files to read.
fn find(host: &dyn Host, path: &Path, files: &mut Vec<FoundFile>, skipped: &mut Vec<Skipped>) {
    match host.kind(path) {
        Ok(Kind::File | Kind::Stream) => files.push(FoundFile { path: path.to_owned(), within: None }),
        Ok(Kind::Folder) => walk(host, (path, path), &mut Vec::new(), files, skipped),
        Err(error) => skipped.push(fault(path, format!("cannot be read: {error}"))),
    }
}

/// Leaves out what is named more than once, itself or by its folder. Who names a file wants to know that it is no input.
fn leave_out_repeated(host: &dyn Host, files: &mut Vec<FoundFile>, skipped: &mut Vec<Skipped>) {
    let mut known: FxHashMap<PathBuf, usize> = FxHashMap::default();
    let mut kept: Vec<FoundFile> = Vec::new();
    for file in files.drain(..) {
        let place = place(host, &file.path);
        match known.get(&place).and_then(|at| kept.get_mut(*at)) {
            Some(first) => {
                first.within = first.within.take().filter(|_| file.within.is_some());
                let reason = "named more than once, and read once".to_owned();
                skipped.push(Skipped { error: false, ..fault(&file.path, reason) });
            }
            None => {
                known.insert(place, kept.len());
                kept.push(file);
            }
        }
    }
    *files = kept;
}

/// Where a file stands, however its folder is called. A link beside its file, or in another folder, is an input of its own.
fn place(host: &dyn Host, path: &Path) -> PathBuf {
    // Standard input is no file of that name.
    if path == Path::new("-") {
        return path.to_owned();
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    host.real(folder).join(path.file_name().unwrap_or_default())
}

pub(super) fn fault(path: &Path, reason: String) -> Skipped {
    Skipped { path: shown(path), line: None, column: None, reason, error: true }
}

fn walk(
    host: &dyn Host,
    (root, folder): (&Path, &Path),
    seen: &mut Vec<PathBuf>,
    files: &mut Vec<FoundFile>,
    skipped: &mut Vec<Skipped>,
) {
    let real = host.real(folder);
    if seen.contains(&real) {
        return;
    }
    seen.push(real);
    let entries = match host.entries(folder) {
        Ok(entries) => entries,
        Err(error) => return skipped.push(fault(folder, format!("cannot be read: {error}"))),
    };
    let assembly = assembly(host, folder);
    for path in entries {
        // Assets of the CDK are no inputs, whatever they look like.
        if assembly.as_ref().is_some_and(|assembly| !is_named(assembly, &path)) {
            skipped.push(Skipped { error: false, ..fault(&path, "an asset of the CDK, not an input".to_owned()) });
            continue;
        }
        match host.kind(&path) {
            Ok(Kind::Folder) => walk(host, (root, &path), seen, files, skipped),
            Ok(Kind::File) => files.push(FoundFile { path, within: Some(root.to_owned()) }),
            Ok(Kind::Stream) => skipped.push(Skipped { error: false, ..fault(&path, STREAM.to_owned()) }),
            Err(error) => skipped.push(fault(&path, format!("cannot be read: {error}"))),
        }
    }
}

/// Why what no file is stands in no folder of inputs.
const STREAM: &str = "a named pipe, a socket or a device, which is read only where it is named itself";

/// What the CDK says of a folder that it wrote.
fn assembly(host: &dyn Host, folder: &Path) -> Option<inventory::Assembly> {
    let path = folder.join("manifest.json");
    let bytes = host.kind(&path).ok().filter(|kind| *kind == Kind::File).and_then(|_| {
        let beside: &dyn inventory::Files = &Beside { host, named: &[] };
        beside.read(&path, MOST_MANIFEST).ok()
    });
    inventory::Assembly::read(std::str::from_utf8(&bytes?).ok()?)
}

/// A longer `manifest.json` is not one of the CDK.
const MOST_MANIFEST: usize = 16 << 20;

/// Whether an entry of the CDK's folder is a template, or a folder with more of them.
fn is_named(assembly: &inventory::Assembly, path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    assembly.templates.iter().chain(&assembly.folders).any(|named| *named == name)
}

/// The modules of a folder of Terraform configuration are read where they are called.
fn leave_out_modules(host: &dyn Host, files: &mut Vec<FoundFile>, skipped: &mut Vec<Skipped>) {
    let walked = files.iter().filter(|file| file.within.is_some()).map(|file| file.path.as_path());
    let beside = Beside { host, named: &[] };
    let called = inventory::called_modules(walked, &beside);
    files.retain(|file| {
        let is_called = file.within.is_some() && inventory::is_in_module(&file.path, &called, &beside);
        if is_called {
            let reason = "a module of Terraform configuration, read where it is called".to_owned();
            skipped.push(Skipped { error: false, ..fault(&file.path, reason) });
        }
        !is_called
    });
}

/// The host's files, for inputs that refer to others.
pub(super) struct Beside<'h> {
    pub(super) host: &'h dyn Host,
    /// What the caller names, whatever it is.
    pub(super) named: &'h [PathBuf],
}

impl inventory::Files for Beside<'_> {
    fn read(&self, path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
        let is_named = self.named.iter().any(|named| named == path);
        if !is_named && self.host.kind(path)? == Kind::Stream {
            return Err(std::io::Error::other(STREAM));
        }
        let mut bytes = Vec::new();
        self.host.open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > most {
            return Err(std::io::Error::other(format!("{} has more than {most} bytes", shown(path))));
        }
        Ok(bytes)
    }

    fn entries(&self, folder: &Path) -> std::io::Result<Vec<PathBuf>> {
        self.host.entries(folder)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.host.real(path)
    }
}
