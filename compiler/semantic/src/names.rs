//! Which definition a name means.
//!
//! A module's scope is its own items and its imports, by name; nothing here looks into bodies. Paths are
//! absolute (`aws::network::opens`), begin at `package`, or begin at an imported module.

use std::sync::Arc;

use indexmap::IndexMap;
use parapet_syntax::{Ident, Imported, ItemKind, Path};
use rustc_hash::FxHashMap;

use crate::db::{Db, Item, SourceFile, Workspace, items, parsed};

/// What an item defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefinitionKind {
    Guardrail,
    Function,
    Relation,
    Constant,
    Parameter,
}

impl DefinitionKind {
    /// The word for messages.
    pub fn word(self) -> &'static str {
        match self {
            DefinitionKind::Guardrail => "guardrail",
            DefinitionKind::Function => "function",
            DefinitionKind::Relation => "relation",
            DefinitionKind::Constant => "constant",
            DefinitionKind::Parameter => "parameter",
        }
    }

    fn of_keyword(keyword: &str) -> Option<DefinitionKind> {
        match keyword {
            "guardrail" => Some(DefinitionKind::Guardrail),
            "fn" => Some(DefinitionKind::Function),
            "relation" => Some(DefinitionKind::Relation),
            "const" => Some(DefinitionKind::Constant),
            "param" => Some(DefinitionKind::Parameter),
            _ => None,
        }
    }
}

/// A named item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, salsa::SalsaValue)]
pub struct Definition<'db> {
    pub kind: DefinitionKind,
    pub public: bool,
    pub item: Item<'db>,
}

/// A second import of one name.
#[derive(Clone, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub struct ImportedTwice<'db> {
    pub item: Item<'db>,
    /// Relative to the item.
    pub span: parapet_base::Span,
    pub name: String,
    /// Module path and the name there.
    pub target: (String, String),
}

/// The names that a file defines, in order, and its imports.
#[derive(Clone, Debug, salsa::SalsaValue)]
pub struct Scope<'db> {
    pub own: IndexMap<String, Definition<'db>>,
    /// A second definition of a name, with the first.
    pub repeated: Vec<(Item<'db>, Item<'db>)>,
    /// Local name to module path and the name there.
    pub imports: IndexMap<String, (String, String)>,
    /// A second import of a local name: the item, and where in it.
    pub imported_twice: Vec<ImportedTwice<'db>>,
}

/// Also the order counts: of two names that are as near to a misspelt one, the first is offered.
impl PartialEq for Scope<'_> {
    fn eq(&self, other: &Self) -> bool {
        let Scope { own, repeated, imports, imported_twice } = other;
        self.own.as_slice() == own.as_slice()
            && self.imports.as_slice() == imports.as_slice()
            && self.repeated == *repeated
            && self.imported_twice == *imported_twice
    }
}

impl Eq for Scope<'_> {}

/// The files by module path; of two with one path, the first.
#[salsa::tracked(returns(ref))]
pub fn modules(db: &dyn Db, workspace: Workspace) -> FxHashMap<Arc<str>, SourceFile> {
    let mut modules = FxHashMap::default();
    for file in workspace.files(db) {
        modules.entry(file.module(db).clone()).or_insert(*file);
    }
    modules
}

/// The scope of a file.
#[salsa::tracked(returns(ref))]
pub fn scope<'db>(db: &'db dyn Db, file: SourceFile) -> Scope<'db> {
    let mut scope =
        Scope { own: IndexMap::new(), repeated: Vec::new(), imports: IndexMap::new(), imported_twice: Vec::new() };
    for item in items(db, file) {
        if item.keyword(db) == "use" {
            add_imports(db, *item, &mut scope);
        }
        let (Some(kind), Some(name)) = (DefinitionKind::of_keyword(item.keyword(db)), item.name(db)) else { continue };
        let public = item.public(db) || matches!(kind, DefinitionKind::Guardrail | DefinitionKind::Parameter);
        match scope.own.get(name) {
            Some(first) => scope.repeated.push((*item, first.item)),
            None => drop(scope.own.insert(name.clone(), Definition { kind, public, item: *item })),
        }
    }
    scope
}

/// What a file itself defines by a name. A query of its own, so that one name more in the file re-checks nobody else.
#[salsa::tracked(returns(copy))]
fn own<'db>(db: &'db dyn Db, file: SourceFile, name: Arc<str>) -> Option<Definition<'db>> {
    scope(db, file).own.get(&*name).copied()
}

/// The module path and the name there that a file imports a name from; a query of its own for the same reason.
#[salsa::tracked(returns(ref))]
pub(crate) fn import(db: &dyn Db, file: SourceFile, name: Arc<str>) -> Option<(String, String)> {
    scope(db, file).imports.get(&*name).cloned()
}

fn add_imports<'db>(db: &'db dyn Db, item: Item<'db>, scope: &mut Scope<'db>) {
    let Some(tree) = &parsed(db, item).tree else { return };
    let ItemKind::Use { path, names } = &tree.kind else { return };
    let module = absolute(db, item.file(db), path);
    for Imported { name, alias } in names {
        let local = alias.as_ref().unwrap_or(name);
        let target = (module.clone(), name.text.clone());
        if scope.imports.contains_key(&local.text) {
            scope.imported_twice.push(ImportedTwice { item, span: local.span, name: local.text.clone(), target });
            continue;
        }
        scope.imports.insert(local.text.clone(), target);
    }
}

/// A path with `package` replaced by the package's name.
pub fn absolute(db: &dyn Db, file: SourceFile, path: &Path) -> String {
    let segments: Vec<&str> = path.segments.iter().map(|segment| segment.text.as_str()).collect();
    match segments.split_first() {
        Some((&"package", rest)) if file.package(db).is_empty() => rest.join("::"),
        Some((&"package", rest)) => {
            std::iter::once(&**file.package(db)).chain(rest.iter().copied()).collect::<Vec<_>>().join("::")
        }
        _ => segments.join("::"),
    }
}

/// Why a path means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameError<'db> {
    /// No such name; `within` is the module that lacks it, where it is another.
    Unknown {
        within: Option<SourceFile>,
    },
    UnknownModule {
        module: String,
    },
    Private(Definition<'db>),
    /// The path begins with an import that leads nowhere, which is reported where it stands.
    Import,
}

/// The definition that a path means, seen from a file.
pub fn resolve<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    file: SourceFile,
    path: &Path,
) -> Result<Definition<'db>, NameError<'db>> {
    match path.segments.as_slice() {
        [name] => resolve_name(db, workspace, file, name),
        segments => {
            let (last, module) = segments.split_last().map_or((None, segments), |(last, rest)| (Some(last), rest));
            let module = Path { segments: module.to_vec(), span: path.span };
            let imported =
                module.segments.first().and_then(|first| import(db, file, first.text.as_str().into()).as_ref());
            if imported.is_some_and(|(module, name)| !module_exists(db, workspace, &below(module, name))) {
                return Err(NameError::Import);
            }
            let module = module_of(db, file, &module);
            member(db, workspace, file, &module, last.map_or("", |name| &name.text))
        }
    }
}

/// The path of a module as every file writes it: its first segment may be `package`, or a module that the file imports.
pub fn module_of(db: &dyn Db, file: SourceFile, path: &Path) -> String {
    let text = absolute(db, file, path);
    let (first, rest) = text.split_once("::").map_or((text.as_str(), ""), |(first, rest)| (first, rest));
    match import(db, file, first.into()) {
        Some((module, name)) => below(&below(module, name), rest),
        None => text,
    }
}

fn resolve_name<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    file: SourceFile,
    name: &Ident,
) -> Result<Definition<'db>, NameError<'db>> {
    let text: Arc<str> = name.text.as_str().into();
    if let Some(definition) = own(db, file, text.clone()) {
        return Ok(definition);
    }
    if let Some((module, imported)) = import(db, file, text) {
        return member(db, workspace, file, module, imported).map_err(|_| NameError::Import);
    }
    Err(NameError::Unknown { within: None })
}

/// A definition of another module, as seen from `file`.
pub fn member<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    file: SourceFile,
    module: &str,
    name: &str,
) -> Result<Definition<'db>, NameError<'db>> {
    let modules = modules(db, workspace);
    let Some(target) = modules.get(module) else {
        return Err(NameError::UnknownModule { module: module.to_owned() });
    };
    match own(db, *target, name.into()) {
        Some(definition) if definition.public || *target == file => Ok(definition),
        Some(definition) => Err(NameError::Private(definition)),
        None => Err(NameError::Unknown { within: Some(*target) }),
    }
}

/// The name most like one that nothing in reach has: among the file's own and imported names, or the public ones of
/// another module.
pub(crate) fn nearest_name(db: &dyn Db, file: SourceFile, within: Option<SourceFile>, name: &str) -> Option<String> {
    let scope = scope(db, within.unwrap_or(file));
    let own =
        scope.own.iter().filter(|(_, definition)| within.is_none() || definition.public).map(|(name, _)| name.as_str());
    let imports = scope.imports.keys().map(String::as_str).filter(|_| within.is_none());
    parapet_base::nearest(name, own.chain(imports)).map(str::to_owned)
}

/// The module path most like one that no file has.
pub(crate) fn nearest_module(db: &dyn Db, workspace: Workspace, module: &str) -> Option<String> {
    let mut known: Vec<&str> = modules(db, workspace).keys().map(|module| &**module).collect();
    known.sort_unstable();
    parapet_base::nearest(module, known).map(str::to_owned)
}

/// The path of what is called so in a module. Each may be empty: the root of a folder without a manifest has no name, and
/// what is named may be the module itself.
pub fn below(module: &str, name: &str) -> String {
    match (module, name) {
        ("", only) | (only, "") => only.to_owned(),
        (module, name) => format!("{module}::{name}"),
    }
}

/// Whether a module of this path, or below it, exists.
pub fn module_exists(db: &dyn Db, workspace: Workspace, module: &str) -> bool {
    module_or_below(db, workspace, module.into())
}

#[salsa::tracked(returns(copy))]
fn module_or_below(db: &dyn Db, workspace: Workspace, module: Arc<str>) -> bool {
    let modules = modules(db, workspace);
    modules.contains_key(&module)
        || modules.keys().any(|known| known.strip_prefix(&*module).is_some_and(|rest| rest.starts_with("::")))
}

/// The stable path of a definition: `aws::network::opens`.
pub fn definition_path<'db>(db: &'db dyn Db, item: Item<'db>) -> Arc<str> {
    let name = item.name(db).as_deref().unwrap_or("");
    format!("{}::{name}", item.file(db).module(db)).into()
}
