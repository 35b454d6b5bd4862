//! Files to declarations: the folder of a module, and what it refers to by path.
//!
//! All `.tf.json` files of a folder are one module; those that override others come last. Nothing is read outside of
//! the folder that the input names, links resolved. Files are few and bounded in size.

use std::io;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Name, Node, NodeKind, json};

use super::blocks::{first, labelled};
use rustc_hash::{FxHashMap, FxHashSet};

use super::declare::{Place, declare};
use super::program::{Declaration, Declarations, File, Module, Program};
use crate::source::Files;
use crate::utf16;

/// The most files of one module.
const MOST_FILES: usize = 1000;

/// The most bytes of a file.
const MOST_BYTES: usize = 16 << 20;

/// Why a file in Terraform's own syntax is not read.
const HCL: &str = "only JSON is read";

/// The most bytes of a file that `file` reads.
const MOST_TEXT: usize = 1 << 20;

/// Declares the root module: the file that is at hand, and those beside it. Gives the file's number.
pub(super) fn root(program: &mut Program<'_>, own: Arc<Document>) -> (Rc<Declarations>, usize) {
    let path = program.source.path.to_owned();
    let folder = folder_of(&path);
    let mut declarations = Declarations { folder: folder.clone(), ..Declarations::default() };
    let listed = match path.as_os_str().is_empty() {
        true => Ok(Vec::new()),
        false => entries(program.source.files, &path),
    };
    let unlisted = listed.as_ref().err().map(|error| format!("{} cannot be listed: {error}", folder.display()));
    let mut names = listed.unwrap_or_default();
    let is_own = |other: &PathBuf| other.file_name().is_some() && other.file_name() == path.file_name();
    if !names.iter().any(is_own) {
        names.push(path.clone());
    }
    if path.as_os_str().is_empty() {
        let file = declare_file(program, &mut declarations, path, own);
        return (Rc::new(declarations), file);
    }
    if let Some(why) = &unlisted {
        leave_open(program, &mut declarations, why);
    }
    let mut unread = set_variables(program, &names);
    unread.extend(unlisted.map(|why| format!("{why}; what else stands in it is not read")));
    // In a folder that is read, what is written in HCL is said wherever it stands.
    let says_native = program.source.within.as_os_str().is_empty();
    let mut own_file = 0;
    for name in in_order(names) {
        if is_own(&name) {
            own_file = declare_file(program, &mut declarations, name, own.clone());
        } else if let Err(why) = declare_path(program, &mut declarations, &name) {
            // It may take over resources that were there before.
            program.imports.set(true);
            unread.extend(Some(why).filter(|_| says_native || !is_native(&name_of(&name))));
        }
    }
    let notes = unread.into_iter().map(|why| (own_file, Span::default(), why));
    program.notes.borrow_mut().extend(notes);
    (Rc::new(declarations), own_file)
}

/// What stands beside a file. Where files stand on no disk, the folder of one that is in none has no name.
fn entries(files: &dyn Files, path: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = files.entries(&folder_of(path));
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => {
            listed.or_else(|error| files.entries(folder).map_err(|_| error))
        }
        _ => listed,
    }
}

/// There may be any declarations, values of variables and imports beside the file.
fn leave_open(program: &mut Program<'_>, declarations: &mut Declarations, why: &str) {
    declarations.partial = true;
    program.partial.set(true);
    program.imports.set(true);
    program.unread = Some(why.into());
}

/// Whether a file is configuration in HCL.
fn is_native(name: &str) -> bool {
    name.ends_with(".tf")
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Overriding files come last, and all others in the order of their names.
fn in_order(names: Vec<PathBuf>) -> Vec<PathBuf> {
    let (last, first): (Vec<_>, Vec<_>) = names.into_iter().partition(|path| overrides(&name_of(path)));
    first.into_iter().chain(last).collect()
}

fn overrides(name: &str) -> bool {
    name == "override.tf.json" || name.ends_with("_override.tf.json")
}

/// Declares what a file beside the others says; else why it is not read.
fn declare_path(program: &Program<'_>, declarations: &mut Declarations, path: &Path) -> Result<(), String> {
    let name = name_of(path);
    let read = match (name.ends_with(".tf.json"), is_native(&name)) {
        (false, false) => return Ok(()),
        (_, true) => Err(HCL.to_owned()),
        _ if program.files.borrow().len() > MOST_FILES => Err(format!("there are more than {MOST_FILES} files")),
        _ => parsed(program, path),
    };
    match read {
        Ok(document) => {
            declare_file(program, declarations, path.to_owned(), document);
            Ok(())
        }
        Err(why) => {
            declarations.partial = true;
            program.partial.set(true);
            Err(format!("{} is not read: {why}", path.display()))
        }
    }
}

fn parsed(program: &Program<'_>, path: &Path) -> Result<Arc<Document>, String> {
    let text = read(program.source.files, path, MOST_BYTES)?;
    let tree = json::parse(&text).map_err(|error| error.message)?;
    let path = parapet_base::shown(path);
    Ok(Arc::new(Document { path: path.into(), text: text.into(), tree }))
}

fn read(files: &dyn Files, path: &Path, most: usize) -> Result<String, String> {
    let bytes = files.read(path, most).map_err(|error| error.to_string())?;
    let text = utf16::text(bytes).map_err(|error| error.to_string())?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn declare_file(
    program: &Program<'_>,
    declarations: &mut Declarations,
    path: PathBuf,
    document: Arc<Document>,
) -> usize {
    let file = program.files.borrow().len();
    let place = Place { file, overrides: overrides(&name_of(&path)) };
    let tree = document.tree.clone();
    program.files.borrow_mut().push(Rc::new(File { path, document }));
    let NodeKind::Map(blocks) = tree.kind else {
        program.note(file, tree.span, "it is no object of blocks and is not read".to_owned());
        return file;
    };
    for (kind, node) in &blocks {
        declare(program, declarations, &place, kind, node);
    }
    file
}

/// Variables that files of the folder set, and those that the command line names; the later wins. A file that cannot
/// be read may set any of them. Gives what is not read.
fn set_variables(program: &mut Program<'_>, names: &[PathBuf]) -> Vec<String> {
    let mut beside: Vec<(u8, &PathBuf)> = names.iter().filter_map(|path| Some((turn(&name_of(path))?, path))).collect();
    beside.sort();
    let beside: Vec<PathBuf> = beside.into_iter().map(|(_, path)| path.clone()).collect();
    let mut unread = Vec::new();
    for path in beside.iter().chain(program.source.var_files) {
        match variables(program, path) {
            Ok(members) => program
                .given
                .extend(members.into_iter().map(|(name, node)| (name.to_string(), node.place_all(Span::default())))),
            Err(why) => {
                program.given.clear();
                program.unread = Some(format!("{} may set it, and is not read", path.display()).into());
                unread.push(format!("{} is not read: {why}", path.display()));
            }
        }
    }
    unread
}

/// When a file of the folder sets variables, if it does.
fn turn(name: &str) -> Option<u8> {
    match name {
        "terraform.tfvars" => Some(0),
        "terraform.tfvars.json" => Some(1),
        _ if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => Some(2),
        _ => None,
    }
}

fn variables(program: &Program<'_>, path: &Path) -> Result<Vec<(Name, Node)>, String> {
    if name_of(path).ends_with(".tfvars") {
        return Err(HCL.to_owned());
    }
    let text = read(program.source.files, path, MOST_BYTES)?;
    match json::parse(&text).map_err(|error| error.message)?.kind {
        NodeKind::Map(members) => Ok(members),
        _ => Err("it is no object".to_owned()),
    }
}

/// The declarations of a module that is called.
pub(super) fn called(program: &Program<'_>, caller: &Module, call: &Declaration) -> Result<Rc<Declarations>, String> {
    let source = call.body.get("source").and_then(Node::as_text).ok_or("it has no `source`")?;
    if !source.starts_with("./") && !source.starts_with("../") {
        return Err(format!("its source `{source}` is not a folder beside it"));
    }
    let folder = normal(&caller.declarations.folder.join(source));
    if !is_inside(program, &folder) {
        return Err(format!("its source `{source}` leaves the folder that is read"));
    }
    if caller.chain.contains(&program.source.files.real(&folder)) {
        return Err("modules call each other in a circle".to_owned());
    }
    if let Some(known) = program.folders.borrow().get(&folder) {
        return Ok(known.clone());
    }
    let names = program.source.files.entries(&folder).map_err(|error| error.to_string())?;
    let mut declarations = Declarations { folder: folder.clone(), ..Declarations::default() };
    let modules = names.iter().filter(|path| name_of(path).ends_with(".tf.json") || name_of(path).ends_with(".tf"));
    if modules.count() == 0 {
        return Err(format!("there is no configuration in `{source}`"));
    }
    for path in in_order(names) {
        if let Err(why) = declare_path(program, &mut declarations, &path) {
            program.note(call.file, call.body.span, why);
        }
    }
    let declarations = Rc::new(declarations);
    program.folders.borrow_mut().insert(folder, declarations.clone());
    Ok(declarations)
}

/// The folders that configuration among these files calls as modules, links resolved. A circle of modules that nobody
/// else calls is none: each of it stands for itself, and says what is wrong.
pub fn called_modules<'f>(paths: impl Iterator<Item = &'f Path>, files: &dyn Files) -> FxHashSet<PathBuf> {
    let mut calls: FxHashMap<PathBuf, FxHashSet<PathBuf>> = FxHashMap::default();
    for path in paths.filter(|path| name_of(path).ends_with(".tf.json")) {
        let own = calls.entry(files.real(&normal(&folder_of(path)))).or_default();
        let text = read(files, path, MOST_BYTES).ok();
        let Some(tree) = text.and_then(|text| json::parse(&text).ok()) else { continue };
        for (_, body) in tree.get("module").map(labelled).unwrap_or_default() {
            let source = first(body).get("source").and_then(Node::as_text);
            let local = source.filter(|source| source.starts_with("./") || source.starts_with("../"));
            own.extend(local.map(|source| files.real(&normal(&folder_of(path).join(source)))));
        }
    }
    let called: FxHashSet<&PathBuf> = calls.values().flatten().collect();
    let mut open: Vec<&PathBuf> = calls.keys().filter(|folder| !called.contains(folder)).collect();
    let mut reached: FxHashSet<PathBuf> = FxHashSet::default();
    while let Some(folder) = open.pop() {
        let next = calls.get(folder).into_iter().flatten();
        open.extend(next.filter(|next| reached.insert((*next).clone())));
    }
    reached
}

/// Whether a file of configuration stands in one of these folders.
pub fn is_in_module(path: &Path, called: &FxHashSet<PathBuf>, files: &dyn Files) -> bool {
    name_of(path).ends_with(".tf.json") && !called.is_empty() && called.contains(&files.real(&normal(&folder_of(path))))
}

/// The path without `.` and `..`, as far as it goes.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    if normal.as_os_str().is_empty() { PathBuf::from(".") } else { normal }
}

/// Whether a path lies in the folder that the input names, links resolved.
fn is_inside(program: &Program<'_>, path: &Path) -> bool {
    let within = match program.source.within.as_os_str().is_empty() {
        true => folder_of(program.source.path),
        false => program.source.within.to_owned(),
    };
    let real = |path: &Path| normal(&program.source.files.real(&normal(path)));
    let (within, path) = (real(&within), real(path));
    let leaves = path.components().any(|part| part == Component::ParentDir);
    (path.starts_with(&within) || (within == Path::new(".") && path.is_relative())) && !leaves
}

/// A text file inside the folder.
pub(super) fn text(program: &Program<'_>, module: &Module, name: &str) -> Result<String, String> {
    let path = Path::new(name);
    let own = &module.declarations.folder;
    let path = match path.is_absolute() || path.starts_with(own) {
        true => path.to_owned(),
        false => folder_of(program.source.path).join(path),
    };
    let path = normal(&path);
    match is_inside(program, &path) {
        true => read(program.source.files, &path, MOST_TEXT),
        false => Err(format!("`{name}` is outside of the folder that is read")),
    }
}
