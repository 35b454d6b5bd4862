//! Finds rules and loads them into the database.
//!
//! What `--rules` names is a file, a folder, a package with a manifest, or the embedded standard library `aws`,
//! which is in reach in any case. Only what is named is evaluated; the rest may be used.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use parapet_base::{Diagnostic, FileId, Span, codes};
use parapet_model::{PackageInfo, Schema};
use parapet_package::Manifest;
use parapet_report::{Owner, SourceText};
use parapet_semantic::{SourceFile, Workspace, schema};
use rustc_hash::{FxHashMap, FxHashSet};
use salsa::Durability;
use sha2::{Digest, Sha256};

use crate::host::{Host, Kind, shown};

mod files;

pub(crate) use files::below;
use files::{bad_segment, module_path};

include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));

/// The salsa database.
#[salsa::db]
#[derive(Clone, Default)]
pub struct Database {
    storage: salsa::Storage<Self>,
    /// What values of parameters were read in, by their texts: nothing that enters the database leaves it again.
    values: Arc<Mutex<FxHashMap<Arc<str>, SourceFile>>>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl parapet_semantic::Db for Database {}

impl Database {
    /// A text of its own, which no module is, to read a value in.
    pub(crate) fn value(&self, text: Arc<str>) -> SourceFile {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        *values.entry(text.clone()).or_insert_with(|| {
            let file = SourceFile::builder(FileId(u32::MAX), "value".into(), "".into(), "value".into(), text);
            file.durability(Durability::HIGH).new(self)
        })
    }
}

/// A file of a package before it enters the database.
struct Text {
    path: String,
    module: String,
    text: String,
    /// The file or folder whose name is none of a module.
    bad_name: Option<PathBuf>,
}

/// A package that `--rules` names, or the standard library.
pub struct Package {
    pub info: PackageInfo,
    pub manifest: Option<Manifest>,
    pub manifest_path: Option<String>,
    /// Its rules are evaluated.
    pub selected: bool,
    /// It is part of the binary, and stands in no file.
    pub embedded: bool,
    pub files: Vec<SourceFile>,
}

/// All rules in reach.
pub struct Rules {
    pub db: Database,
    pub workspace: Workspace,
    pub packages: Vec<Package>,
    /// Problems that no query finds: unreadable files, manifests.
    pub problems: Vec<(FileId, Diagnostic)>,
    /// Paths and texts by [`FileId`], manifests included.
    pub texts: Vec<(String, Arc<str>)>,
    pub notices: Vec<String>,
}

/// Why rules could not be found at all.
#[derive(Debug)]
pub enum RulesError {
    /// Nothing is there, or it may not be read: a matter of usage.
    Missing(String),
}

struct Loader<'h> {
    host: &'h dyn Host,
    rules: Rules,
    /// Files that were read, links resolved.
    read: FxHashSet<PathBuf>,
}

/// Loads what `named` says; without names, the package of the current folder, else the standard library. A file that is
/// named beside its folder, and a folder beside one that it is in, are the modules that they are there, and read once: so
/// outer folders come first, and files last.
pub fn load(host: &dyn Host, named: &[String]) -> Result<Rules, RulesError> {
    let mut loader = Loader::new(host);
    let own = host.kind(Path::new("parapet.toml")).is_ok_and(|kind| kind == Kind::File);
    let default = [if own { "." } else { "aws" }.to_owned()];
    let mut seen: Vec<PathBuf> = Vec::new();
    let is_file = |name: &&String| matches!(host.kind(Path::new(name)), Ok(Kind::File | Kind::Stream));
    let named = if named.is_empty() { &default[..] } else { named };
    let (files, mut others): (Vec<&String>, Vec<&String>) = named.iter().partition(is_file);
    let folders: Vec<PathBuf> = others.iter().map(|name| host.real(Path::new(name))).collect();
    let depth = |name: &str| {
        let real = host.real(Path::new(name));
        folders.iter().filter(|other| real.starts_with(other) && **other != real).count()
    };
    others.sort_by_cached_key(|name| depth(name));
    for name in others.into_iter().chain(files) {
        let real = host.real(Path::new(name));
        if !seen.contains(&real) {
            seen.push(real);
            loader.named(name)?;
        }
    }
    if !loader.rules.packages.iter().any(|package| package.info.name == "aws") {
        loader.standard_library(false);
    }
    loader.rules.list();
    Ok(loader.rules)
}

/// Loads one text as a package of its own, with the standard library: for tests and documentation.
pub fn load_text(path: &str, text: &str) -> Rules {
    let host = crate::host::System::default();
    let mut loader = Loader::new(&host);
    let text = Text { path: path.to_owned(), module: "main".to_owned(), text: text.to_owned(), bad_name: None };
    loader.package("", None, None, vec![text], true);
    loader.standard_library(false);
    loader.rules.list();
    loader.rules
}

impl<'h> Loader<'h> {
    fn new(host: &'h dyn Host) -> Loader<'h> {
        Loader { host, rules: Rules::default(), read: FxHashSet::default() }
    }

    fn named(&mut self, name: &str) -> Result<(), RulesError> {
        let path = Path::new(name);
        match self.host.kind(path) {
            Ok(Kind::File | Kind::Stream) if self.read.contains(&self.host.real(path)) => Ok(()),
            Ok(Kind::File | Kind::Stream) => self.lone_file(path),
            Ok(Kind::Folder) => self.folder(path),
            Err(_) if name == "aws" => {
                self.standard_library(true);
                Ok(())
            }
            Err(error) => {
                Err(RulesError::Missing(format!("no rules at `{name}`, and no package of that name is known: {error}")))
            }
        }
    }

    fn standard_library(&mut self, selected: bool) {
        let mut texts = Vec::new();
        let mut manifest = None;
        for (name, text) in FILES {
            match name.strip_prefix("rules/") {
                Some(below) => texts.push(Text {
                    path: format!("aws/{name}"),
                    module: module_path("aws", Path::new(below)),
                    text: (*text).to_owned(),
                    bad_name: None,
                }),
                None if *name == "parapet.toml" => manifest = parapet_package::parse(text).ok(),
                None => {}
            }
        }
        self.package("aws", manifest, None, texts, selected);
        if let Some(package) = self.rules.packages.last_mut() {
            package.embedded = true;
        }
    }

    fn lone_file(&mut self, path: &Path) -> Result<(), RulesError> {
        let name = Path::new(path.file_name().unwrap_or_default());
        let text = self.text(path, module_path("", name))?;
        // Standard input, and what a shell calls `/dev/fd/63`, have no name of their own.
        let is_named = name.extension().is_some_and(|extension| extension == "parapet");
        let text = Text { bad_name: bad_segment(name).filter(|_| is_named), ..text };
        self.package("", None, None, vec![text], true);
        Ok(())
    }

    fn folder(&mut self, folder: &Path) -> Result<(), RulesError> {
        let manifest_path = folder.join("parapet.toml");
        let is_listed = || self.host.entries(folder).is_ok_and(|entries| entries.contains(&manifest_path));
        if self.host.kind(&manifest_path).is_err() && !is_listed() {
            if below(self.host, folder)?.is_empty() {
                return Err(RulesError::Missing(format!("no `.parapet` file below `{}`", shown(folder))));
            }
            let texts = self.walk(folder, "")?;
            // All of them may be those of a folder around it.
            if !texts.is_empty() {
                self.package("", None, None, texts, true);
            }
            return Ok(());
        }
        let text = self.read_text(&manifest_path)?;
        match read_manifest(&text) {
            Ok(manifest) => {
                let name = manifest.module_name();
                // Without the `.` of `rules = "."`: the editor's path of a file has none.
                let rules: PathBuf = folder.join(&manifest.rules).components().collect();
                let texts = if self.host.kind(&rules).is_ok() { self.walk(&rules, &name)? } else { Vec::new() };
                let nowhere = self.host.kind(&rules).err().and_then(|_| no_rules(&text, &manifest.rules));
                let file = self.add_text(shown(&manifest_path), text);
                self.rules.problems.extend(nowhere.map(|problem| (file, problem)));
                self.package(&name, Some(manifest), Some(shown(&manifest_path)), texts, true);
            }
            Err(problem) => {
                let file = self.add_text(shown(&manifest_path), text);
                self.rules.problems.push((file, problem));
            }
        }
        Ok(())
    }

    fn walk(&mut self, folder: &Path, package: &str) -> Result<Vec<Text>, RulesError> {
        let mut said: FxHashSet<PathBuf> = FxHashSet::default();
        let mut texts = Vec::new();
        for path in below(self.host, folder)? {
            if !self.read.insert(self.host.real(&path)) {
                continue;
            }
            let below = path.strip_prefix(folder).unwrap_or(&path);
            let bad_name = bad_segment(below).filter(|bad| said.insert(bad.clone()));
            texts.push(Text { bad_name, ..self.text(&path, module_path(package, below))? });
        }
        Ok(texts)
    }

    fn text(&self, path: &Path, module: String) -> Result<Text, RulesError> {
        Ok(Text { path: shown(path), module, text: self.read_text(path)?, bad_name: None })
    }

    /// A file's text; bytes that are no UTF-8 are reported later, by a mark that no program has.
    fn read_text(&self, path: &Path) -> Result<String, RulesError> {
        let mut bytes = Vec::new();
        let mut reader = self.host.open(path).map_err(|error| missing(path, &error))?;
        // One byte more than is allowed is enough to know that a file is too large.
        let limit = parapet_syntax::MOST_BYTES as u64 + 1;
        (&mut reader).take(limit).read_to_end(&mut bytes).map_err(|error| missing(path, &error))?;
        if bytes.len() as u64 == limit {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
                Ok(format!("{NOT_UTF8}{at}\n{lossy}"))
            }
        }
    }

    fn add_text(&mut self, path: String, text: impl Into<Arc<str>>) -> FileId {
        self.rules.texts.push((path, text.into()));
        FileId(Span::new(self.rules.texts.len() - 1, 0).start)
    }

    fn package(
        &mut self,
        name: &str,
        manifest: Option<Manifest>,
        manifest_path: Option<String>,
        texts: Vec<Text>,
        selected: bool,
    ) {
        let mut hash = Sha256::new();
        let mut files = Vec::new();
        for Text { path, module, text, bad_name } in texts {
            hash.update(module.as_bytes());
            hash.update([0]);
            hash.update(text.as_bytes());
            hash.update([0]);
            if let Some((at, lossy)) = text.strip_prefix(NOT_UTF8).and_then(|rest| rest.split_once('\n')) {
                let at = at.parse::<usize>().unwrap_or_default();
                let file = self.add_text(path, lossy);
                let message = format!("the file is not UTF-8: byte {at} begins no character");
                self.rules.problems.push((file, Diagnostic::new(&codes::BAD_FILE, Span::new(at, at + 1), message)));
                continue;
            }
            if text.len() > parapet_syntax::MOST_BYTES {
                let size = text.len();
                let head: String = text.chars().take(200).collect();
                let file = self.add_text(path, head);
                self.rules.problems.push((file, parapet_syntax::too_large(size)));
                continue;
            }
            let text: Arc<str> = text.into();
            let id = self.add_text(path.clone(), text.clone());
            self.rules.problems.extend(bad_name.map(|bad| (id, no_module(&bad))));
            let package: Arc<str> = name.into();
            // An edit says of its file that it changes often; then what rests on the others alone is not looked through.
            let file = SourceFile::builder(id, path.into(), package, module.into(), text);
            files.push(file.durability(Durability::MEDIUM).new(&self.rules.db));
        }
        let shown_name = manifest.as_ref().map_or_else(|| name.to_owned(), |manifest| manifest.name.clone());
        for section in manifest.iter().flat_map(|manifest| &manifest.unread).filter(|_| selected) {
            self.rules.notices.push(format!("`[{section}]` of the manifest is not acted on by this version"));
        }
        let version = manifest.as_ref().and_then(|manifest| manifest.version.clone());
        let info = PackageInfo { name: shown_name, version, sha256: hex(&hash.finalize()) };
        self.rules.packages.push(Package { info, manifest, manifest_path, selected, embedded: false, files });
    }
}

/// What the text of a manifest says, or what is wrong with it.
pub fn read_manifest(text: &str) -> Result<Manifest, Diagnostic> {
    parapet_package::parse(text).map_err(|error| Diagnostic::new(&codes::BAD_MANIFEST, error.span, error.message))
}

/// What is said of a manifest that names a folder which is not there. One without rules need not name any.
fn no_rules(text: &str, folder: &str) -> Option<Diagnostic> {
    let key = parapet_package::keys(text).into_iter().find(|key| key.section == "package" && key.name == "rules")?;
    let message = format!("there is no folder `{folder}`: the package has no rules");
    Some(Diagnostic::new(&codes::BAD_MANIFEST, key.value, message))
}

/// Leads the text of a file that is no UTF-8; no file begins with this character.
const NOT_UTF8: &str = "\u{0}not utf-8 ";

/// What is said of a file or folder that cannot be named in a path.
fn no_module(bad: &Path) -> Diagnostic {
    let message = format!("`{}` is no name of a module: these are in snake_case", shown(bad));
    Diagnostic::new(&codes::BAD_NAME, Span::default(), message)
}

fn missing(path: &Path, error: &std::io::Error) -> RulesError {
    RulesError::Missing(format!("`{}` cannot be read: {error}", shown(path)))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Default for Rules {
    fn default() -> Rules {
        let db = Database::default();
        let workspace = Workspace::builder(Vec::new()).durability(Durability::MEDIUM).new(&db);
        Rules { db, workspace, packages: Vec::new(), problems: Vec::new(), texts: Vec::new(), notices: Vec::new() }
    }
}

impl Rules {
    /// Puts the files of the packages in reach, and no others.
    pub fn list(&mut self) {
        let files = self.packages.iter().flat_map(|package| package.files.iter().copied()).collect();
        self.workspace.list(&mut self.db, files);
    }

    /// Replaces the texts of files, as an editor does. [`diagnostics`](crate::diagnostics()) then asks again what rests on
    /// files that were edited, and nothing else.
    pub fn edit(&mut self, texts: impl IntoIterator<Item = (SourceFile, Arc<str>)>) {
        let texts: Vec<(SourceFile, Arc<str>)> = texts.into_iter().collect();
        for (file, text) in &texts {
            if let Some((_, known)) = self.texts.get_mut(file.id(&self.db).0 as usize) {
                *known = text.clone();
            }
        }
        self.workspace.edit(&mut self.db, texts);
    }

    /// Lets go of the trees that [`Workspace::keep`] does not keep, as an edit does. Whoever still asks something is broken off.
    pub fn let_go(&mut self) {
        salsa::Database::trigger_lru_eviction(&mut self.db);
    }

    /// The resource types that these rules may name: those of AWS, and what they add to them.
    pub fn schema(&self) -> Arc<Schema> {
        schema(&self.db, self.workspace).clone()
    }

    /// The files whose guardrails are evaluated.
    pub fn selected_files(&self) -> impl Iterator<Item = SourceFile> {
        self.packages.iter().filter(|package| package.selected).flat_map(|package| package.files.iter().copied())
    }

    /// The path and text of a file, as reports want them.
    pub fn source(&self, file: FileId) -> Option<SourceText> {
        let (path, text) = self.texts.get(file.0 as usize)?;
        Some(SourceText { path: path.clone(), text: text.clone() })
    }

    /// The module and item that a place of a file belongs to.
    pub fn owner(&self, file: FileId, span: Span) -> Option<Owner> {
        let mut files = self.packages.iter().flat_map(|package| &package.files);
        let file = files.find(|known| known.id(&self.db) == file)?;
        let items = parapet_semantic::split_file(&self.db, *file).items.iter();
        let item = items.rev().find(|item| item.offset <= span.start && item.keyword != "use");
        let (item, kind) = item.map_or((None, "module"), |item| (item.name.clone(), item.keyword));
        Some(Owner { module: file.module(&self.db).to_string(), item, kind })
    }

    /// Whether a file holds tests only.
    pub fn is_test_file(&self, file: SourceFile) -> bool {
        file.path(&self.db).trim_end_matches(".parapet").ends_with("_test")
    }
}
