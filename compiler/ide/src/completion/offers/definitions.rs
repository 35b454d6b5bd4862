//! Offers of what modules define: those of the file first, then what it imports, then what it could import.

use parapet_base::Edit;
use parapet_semantic::{
    Db, Definition, DefinitionKind, SourceFile, absolute, below, member, module_exists, module_of, modules, scope,
};
use parapet_syntax::{Ident, Path};

use super::super::context::What;
use super::super::imports::import;
use super::super::{MOST, Offer};
use super::Offers;
use crate::symbols::Query;

impl<'db> Offers<'db> {
    /// What a file has of these kinds, what it imports, and what it could import.
    pub(super) fn definitions(&mut self, kinds: &[DefinitionKind]) {
        let scope = scope(self.db, self.file);
        let mut near: Vec<&str> = Vec::new();
        for (name, definition) in &scope.own {
            if kinds.contains(&definition.kind) {
                self.definition(name, *definition, 3, None);
            }
            near.push(name);
        }
        for (name, (module, there)) in &scope.imports {
            match member(self.db, self.workspace, self.file, module, there) {
                Ok(definition) if kinds.contains(&definition.kind) => self.definition(name, definition, 3, None),
                Ok(_) => {}
                Err(_) => {
                    if self.replaces.start != self.replaces.end {
                        self.add(Offer::Module, name, below(module, there));
                    }
                }
            }
            near.push(name);
        }
        // Of values, which are many, what is far away is offered for a word that was begun.
        if self.replaces.start != self.replaces.end {
            self.far_definitions(kinds, &near);
        } else if !kinds.contains(&DefinitionKind::Function) {
            self.nearest_definitions(kinds, &near);
        }
    }

    /// What could be imported where nothing was typed: that of the package first, and no more than is shown.
    pub(super) fn nearest_definitions(&mut self, kinds: &[DefinitionKind], near: &[&str]) {
        let package = self.file.package(self.db);
        let all = self.workspace.files(self.db).iter().filter(|file| **file != self.file);
        let (own, others): (Vec<&SourceFile>, Vec<&SourceFile>) =
            all.partition(|file| file.package(self.db) == package);
        let mut far: Vec<(u8, &str, Definition<'db>, SourceFile)> = Vec::new();
        for (rank, file) in own.into_iter().map(|file| (7, file)).chain(others.into_iter().map(|file| (8, file))) {
            self.db.unwind_if_revision_cancelled();
            let fits = |(name, definition): &(&'db str, Definition<'db>)| {
                definition.public && kinds.contains(&definition.kind) && !near.contains(name)
            };
            far.extend(scope_of(self.db, *file).filter(fits).map(|(name, definition)| (rank, name, definition, *file)));
            if far.len() > MOST {
                break;
            }
        }
        for (rank, name, definition, file) in far.into_iter().take(MOST + 1) {
            self.definition(name, definition, rank, Some(file));
        }
    }

    /// What could be imported. Only what would be shown is worked out: there may be very much.
    pub(super) fn far_definitions(&mut self, kinds: &[DefinitionKind], near: &[&str]) {
        let query = Query::new(self.replaces.text(self.file.text(self.db)));
        let mut far: Vec<(u8, &str, Definition<'db>, SourceFile)> = Vec::new();
        for file in self.workspace.files(self.db).iter().filter(|file| **file != self.file) {
            self.db.unwind_if_revision_cancelled();
            for (name, definition) in scope_of(self.db, *file) {
                if definition.public
                    && kinds.contains(&definition.kind)
                    && let Some(rank) = query.rank(name)
                    && !near.contains(&name)
                {
                    far.push((rank, name, definition, *file));
                }
            }
        }
        far.sort_by_key(|(rank, name, ..)| (*rank, *name));
        // One more than is shown says that there are more.
        for (_, name, definition, file) in far.into_iter().take(MOST + 1) {
            self.definition(name, definition, 7, Some(file));
        }
    }

    pub(super) fn definition(&mut self, name: &str, definition: Definition<'db>, rank: u8, from: Option<SourceFile>) {
        let offer = match definition.kind {
            DefinitionKind::Guardrail => Offer::Guardrail,
            DefinitionKind::Function => Offer::Function,
            DefinitionKind::Relation => Offer::Relation,
            DefinitionKind::Constant => Offer::Constant,
            DefinitionKind::Parameter => Offer::Parameter,
        };
        let db = self.db;
        let module = definition.item.file(db).module(db);
        let own = definition.item.name(db).as_deref().unwrap_or_default();
        let detail = match from {
            Some(_) => format!("{module}::{own}"),
            None => String::new(),
        };
        let more: Vec<Edit> = from.map(|_| import(db, self.file, module, own)).into_iter().collect();
        let deprecated =
            crate::places::tree(db, definition.item).is_some_and(|tree| tree.attribute("deprecated").is_some());
        let key = format!("definition:{module}:{own}");
        if let Some(item) = self.add(offer, name, detail) {
            if definition.kind == DefinitionKind::Function {
                (item.insert, item.snippet) = (format!("{name}($0)"), true);
            }
            (item.rank, item.more, item.deprecated, item.key) = (rank, more, deprecated, key);
        }
    }

    pub(super) fn in_module(&mut self, segments: &[Ident], what: What) {
        let Some(path) = self.module_path(segments, module_of) else {
            // `AWS::RDS::`: the word before it is that of a type.
            return self.resource_types();
        };
        let kinds: &[DefinitionKind] = match what {
            What::Values => &[DefinitionKind::Function, DefinitionKind::Constant, DefinitionKind::Parameter],
            What::Guardrails => &[DefinitionKind::Guardrail],
        };
        self.members_of(&path, kinds);
        self.modules_below(&path);
    }

    /// The module of a path, if there is one; `whole` says how every file writes it.
    pub(super) fn module_path(
        &self,
        segments: &[Ident],
        whole: fn(&dyn Db, SourceFile, &Path) -> String,
    ) -> Option<String> {
        let first = segments.first()?;
        let last = segments.last()?;
        let path = Path { segments: segments.to_vec(), span: first.span.to(last.span) };
        Some(whole(self.db, self.file, &path)).filter(|path| module_exists(self.db, self.workspace, path))
    }

    pub(super) fn members_of(&mut self, path: &str, kinds: &[DefinitionKind]) {
        let Some(file) = modules(self.db, self.workspace).get(path).copied() else { return };
        for (name, definition) in scope_of(self.db, file) {
            if (definition.public || file == self.file) && kinds.contains(&definition.kind) {
                self.definition(name, definition, 3, None);
            }
        }
    }

    /// The next segments of the modules that begin with a path.
    pub(super) fn modules_below(&mut self, path: &str) {
        let mut next: Vec<&str> = modules(self.db, self.workspace)
            .keys()
            .filter_map(|known| match path {
                "" => known.split("::").next(),
                _ => known.strip_prefix(path)?.strip_prefix("::")?.split("::").next(),
            })
            .filter(|name| !name.is_empty())
            .collect();
        next.sort_unstable();
        next.dedup();
        for name in next {
            if let Some(item) = self.add(Offer::Module, name, below(path, name)) {
                item.rank = 4;
            }
        }
    }

    pub(super) fn importable(&mut self, segments: &[Ident]) {
        if segments.is_empty() {
            self.modules_below("");
            if !self.file.package(self.db).is_empty() {
                self.add(Offer::Module, "package", &**self.file.package(self.db));
            }
            return;
        }
        let Some(path) = self.module_path(segments, absolute) else { return };
        self.members_of(
            &path,
            &[
                DefinitionKind::Guardrail,
                DefinitionKind::Function,
                DefinitionKind::Relation,
                DefinitionKind::Constant,
                DefinitionKind::Parameter,
            ],
        );
        // A name is imported, not called.
        for item in &mut self.items {
            (item.insert, item.snippet) = (item.label.clone(), false);
        }
        self.modules_below(&path);
    }
}

/// What a file defines, by name.
fn scope_of(db: &dyn Db, file: SourceFile) -> impl Iterator<Item = (&str, Definition<'_>)> {
    scope(db, file).own.iter().map(|(name, definition)| (name.as_str(), *definition))
}
