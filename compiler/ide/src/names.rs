//! The names of an item, and what each of them means: the ground that hover, definitions, references, rename and
//! highlighting stand on.
//!
//! [`names`] goes through the tree once, with what the checker inferred. What a name means is decided where the checker
//! decides it; a name that means nothing is left out.

use parapet_base::{Code, Span, codes};
use parapet_builtins::{BuiltinId, named};
use parapet_model::{Schema, Severity, Type, language_record};
use parapet_semantic::typed::LocalId;
use parapet_semantic::{
    Db, Definition, Inferred, Item, SourceFile, TYPE_NAMES, Workspace, absolute, below, inferred, member,
    module_exists, module_of, read_type, resolve, schema,
};
use parapet_syntax::{
    Argument, Attribute, Coverage, Expr, ExprId, ExprKind, Ident, Imported, ItemKind, Naming, Path, Step, StepKind,
    Tree, TypeExpr, TypeKind,
};

use crate::fields::{Field, field};
use crate::places::tree;

/// What a name means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Symbol<'db> {
    /// A name that is bound inside of an item.
    Local { item: Item<'db>, local: LocalId },
    /// A guardrail, function, relation, constant or parameter.
    Definition(Definition<'db>),
    /// A module or a package, by its path.
    Module(String),
    /// A type, by its name.
    Type(String),
    /// A field; behind it stands a type.
    Field(Box<Field>),
    /// A built-in function or method: the overloads that it may be.
    Builtin(Vec<BuiltinId>),
    /// An attribute.
    Attribute(String),
    /// A lint that `@allow` names.
    Lint(&'static Code),
    /// `critical` of `@severity(critical)`.
    Severity(Severity),
}

/// A name in an item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Occurrence<'db> {
    /// Relative to the item.
    pub span: Span,
    pub symbol: Symbol<'db>,
    /// The name is given its meaning here.
    pub declares: bool,
    /// The type of the value that the name is, or of the expression that ends with it.
    pub ty: Option<Type>,
}

/// The names of an item that mean something, in the order of the text.
pub(crate) fn names<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Vec<Occurrence<'db>> {
    let Some(tree) = tree(db, item) else { return Vec::new() };
    let mut collector = Collector {
        db,
        workspace,
        item,
        tree,
        schema: schema(db, workspace),
        inferred: inferred(db, workspace, item),
        found: Vec::new(),
    };
    collector.item();
    let mut found = collector.found;
    found.sort_by_key(|occurrence| occurrence.span);
    found.dedup_by(|a, b| a.span == b.span && a.symbol == b.symbol);
    found
}

/// The name at an offset of an item; of two that touch it, the one that begins there.
pub(crate) fn name_at<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    item: Item<'db>,
    offset: u32,
) -> Option<Occurrence<'db>> {
    let all = names(db, workspace, item);
    let touching = all.into_iter().filter(|name| crate::places::touches(name.span, offset));
    touching.min_by_key(|name| (name.span.end == offset, name.span.end - name.span.start))
}

struct Collector<'db> {
    db: &'db dyn Db,
    workspace: Workspace,
    item: Item<'db>,
    tree: &'db Tree,
    schema: &'db Schema,
    inferred: &'db Inferred,
    found: Vec<Occurrence<'db>>,
}

impl<'db> Collector<'db> {
    fn file(&self) -> SourceFile {
        self.item.file(self.db)
    }

    fn push(&mut self, span: Span, symbol: Symbol<'db>, ty: Option<Type>) {
        self.found.push(Occurrence { span, symbol, declares: false, ty });
    }

    fn declare(&mut self, span: Span, symbol: Symbol<'db>, ty: Option<Type>) {
        self.found.push(Occurrence { span, symbol, declares: true, ty });
    }

    fn item(&mut self) {
        let tree = self.tree;
        for attribute in &tree.attributes {
            self.attribute(attribute);
        }
        self.header(&tree.kind);
        for (number, local) in self.inferred.locals.iter().enumerate() {
            if !local.name.is_empty() {
                let symbol = Symbol::Local { item: self.item, local: LocalId(Span::new(number, 0).start) };
                self.declare(local.span, symbol, Some(local.ty.clone()));
            }
        }
        for (span, local) in &self.inferred.uses {
            let ty = self.inferred.local(*local).map(|local| local.ty.clone());
            self.push(*span, Symbol::Local { item: self.item, local: *local }, ty);
        }
        for (number, expr) in tree.exprs.iter().enumerate() {
            self.expr(ExprId(Span::new(number, 0).start), expr);
        }
    }

    fn header(&mut self, kind: &'db ItemKind) {
        match kind {
            ItemKind::Guardrail { name, population, .. } => {
                self.own(name);
                self.ty(population);
            }
            ItemKind::Function { name, parameters, result, .. } => {
                self.own(name);
                parameters.iter().for_each(|(_, ty)| self.ty(ty));
                self.ty(result);
            }
            ItemKind::Relation { name, parameters, .. } => {
                self.own(name);
                parameters.iter().for_each(|(_, ty)| self.ty(ty));
            }
            ItemKind::Constant { name, .. } => self.own(name),
            ItemKind::Parameter { name, ty, .. } => {
                self.own(name);
                self.ty(ty);
            }
            ItemKind::Schema { name, fields } => {
                self.declare(name.span, Symbol::Type(name.text()), None);
                self.fields(&name.text(), fields);
            }
            ItemKind::Extension { target, fields } => {
                self.type_path(target);
                self.fields(&target.text(), fields);
            }
            ItemKind::Use { path, names } => self.imports(path, names),
            ItemKind::Test { steps, .. } => steps.iter().for_each(|step| self.step(step)),
            ItemKind::Waiver { guardrail, coverage, .. } => {
                self.path(guardrail);
                for covered in coverage {
                    if let Coverage::Where { ty, .. } = covered {
                        self.ty(ty);
                    }
                }
            }
        }
    }

    /// The name in the header of an item that others name.
    fn own(&mut self, name: &Ident) {
        let path = Path { segments: vec![name.clone()], span: name.span };
        if let Ok(definition) = resolve(self.db, self.workspace, self.file(), &path) {
            // Of two items of one name the other is meant everywhere else.
            self.declare(name.span, Symbol::Definition(Definition { item: self.item, ..definition }), None);
        }
    }

    fn fields(&mut self, owner: &str, fields: &[(Ident, TypeExpr)]) {
        for (name, ty) in fields {
            self.ty(ty);
            let found = self.schema.resource_type(owner).map(|ty| Type::resource(ty.name.clone()));
            if let Some(found) = found.and_then(|ty| field(self.schema, &ty, &name.text)) {
                let ty = found.ty.clone();
                self.declare(name.span, Symbol::Field(Box::new(found)), Some(ty));
            }
        }
    }

    fn imports(&mut self, path: &Path, names: &[Imported]) {
        // An import begins at the root, whatever else the file imports.
        self.module_path(&path.segments, absolute);
        let module = absolute(self.db, self.file(), path);
        for Imported { name, alias } in names {
            let symbol = match member(self.db, self.workspace, self.file(), &module, &name.text) {
                Ok(definition) => Some(Symbol::Definition(definition)),
                Err(_) => self.module(&below(&module, &name.text)),
            };
            if let Some(symbol) = symbol {
                for place in std::iter::once(name).chain(alias) {
                    self.push(place.span, symbol.clone(), None);
                }
            }
        }
    }

    fn module(&self, path: &str) -> Option<Symbol<'db>> {
        module_exists(self.db, self.workspace, path).then(|| Symbol::Module(path.to_owned()))
    }

    /// The segments of a path of modules, each by itself; `whole` says how every file writes it.
    fn module_path(&mut self, segments: &[Ident], whole: fn(&dyn Db, SourceFile, &Path) -> String) {
        for (at, segment) in segments.iter().enumerate() {
            let path = Path { segments: segments.iter().take(at + 1).cloned().collect(), span: segment.span };
            if let Some(symbol) = self.module(&whole(self.db, self.file(), &path)) {
                self.push(segment.span, symbol, None);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let name = attribute.name.text.as_str();
        self.push(attribute.name.span, Symbol::Attribute(name.to_owned()), None);
        for (_, value) in &attribute.arguments {
            let ExprKind::Path(path) = &self.tree.expr(*value).kind else { continue };
            let Some(word) = path.single() else { continue };
            match name {
                "allow" => {
                    if let Some(code) = codes::ALL.iter().find(|code| code.name == word.text) {
                        self.push(word.span, Symbol::Lint(code), None);
                    }
                }
                "severity" => {
                    if let Some(severity) = Severity::named(&word.text) {
                        self.push(word.span, Symbol::Severity(severity), None);
                    }
                }
                _ => {}
            }
        }
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeKind::Named { path, record } => {
                self.type_path(path);
                if let Some(record) = record {
                    let read = read_type(self.schema, ty, &mut Vec::new());
                    self.push(record.span, Symbol::Type(read.to_string()), None);
                }
            }
            TypeKind::Generic { name, argument } => {
                self.push(name.span, Symbol::Type(name.text()), None);
                self.ty(argument);
            }
            TypeKind::Union(members) => members.iter().for_each(|member| self.ty(member)),
            TypeKind::Optional(inner) => self.ty(inner),
            TypeKind::Record(fields) => fields.iter().for_each(|(_, ty)| self.ty(ty)),
            TypeKind::Error => {}
        }
    }

    fn type_path(&mut self, path: &Path) {
        let text = path.text();
        let known = TYPE_NAMES.contains(&text.as_str())
            || ["Set", "Map", "Ref"].contains(&text.as_str())
            || language_record(&text).is_some()
            || self.schema.has_type(&text);
        if known {
            self.push(path.span, Symbol::Type(text), None);
        }
    }

    fn step(&mut self, step: &Step) {
        match &step.kind {
            StepKind::Resource { ty, fields, .. } => {
                self.ty(ty);
                let of = read_type(self.schema, ty, &mut Vec::new());
                for (name, _) in fields {
                    self.field(name, &of);
                }
            }
            StepKind::Param { path, .. } => self.path(path),
            StepKind::Verdict { guardrail, .. } => self.path(guardrail),
            StepKind::Inventory { .. } | StepKind::Now(_) | StepKind::Holds(_) => {}
        }
    }

    fn field(&mut self, name: &Ident, of: &Type) {
        if let Some(found) = field(self.schema, of, &name.text) {
            let ty = found.ty.clone();
            self.push(name.span, Symbol::Field(Box::new(found)), Some(ty));
        }
    }

    /// A path that means a definition, by way of modules.
    fn path(&mut self, path: &Path) {
        if let Some(last) = path.segments.last()
            && let Ok(definition) = resolve(self.db, self.workspace, self.file(), path)
        {
            self.push(last.span, Symbol::Definition(definition), None);
        }
        if let Some((_, modules)) = path.segments.split_last() {
            self.module_path(modules, module_of);
        }
    }

    fn expr(&mut self, id: ExprId, expr: &Expr) {
        let ty = || self.inferred.types.get(&id).cloned();
        match expr.kind.naming() {
            Naming::Value(path) => self.value_path(path),
            Naming::Field { base, name } => {
                let Some(of) = self.inferred.types.get(&base) else { return };
                if let Some(found) = field(self.schema, of, &name.text) {
                    let ty = ty();
                    self.push(name.span, Symbol::Field(Box::new(found)), ty);
                }
            }
            Naming::Method { name, arguments } => {
                let ty = ty();
                let meant = self.builtins(id, &name.text, true);
                self.push(name.span, Symbol::Builtin(meant), ty);
                self.arguments(None, arguments);
            }
            Naming::Call { callee, arguments } => self.call(id, callee, arguments),
            Naming::Relation(path) => self.path(path),
            Naming::Type(ty) => self.ty(ty),
            Naming::Fields(entries) => {
                let wanted = self.inferred.expected.get(&id).or_else(|| self.inferred.types.get(&id)).cloned();
                if let Some(of) = wanted {
                    entries.iter().for_each(|(name, _)| self.field(name, &of));
                }
            }
            Naming::Nothing => {}
        }
    }

    fn value_path(&mut self, path: &Path) {
        if self.inferred.local_at(path.span).is_some() {
            return;
        }
        let text = path.text();
        if self.schema.has_type(&text) || text == "Resource" || text == "Account" {
            self.push(path.span, Symbol::Type(text), None);
        } else {
            self.path(path);
        }
    }

    fn builtins(&self, id: ExprId, name: &str, method: bool) -> Vec<BuiltinId> {
        match self.inferred.builtins.get(&id) {
            Some(builtin) => vec![*builtin],
            None => named(name, method).map(|builtin| builtin.id).collect(),
        }
    }

    fn call(&mut self, id: ExprId, callee: &Path, arguments: &[Argument]) {
        match resolve(self.db, self.workspace, self.file(), callee) {
            Ok(definition) => {
                self.path(callee);
                self.arguments(Some(definition), arguments);
            }
            Err(_) => {
                let Some(name) = callee.single() else { return self.path(callee) };
                let meant = self.builtins(id, &name.text, false);
                if !meant.is_empty() {
                    let ty = self.inferred.types.get(&id).cloned();
                    self.push(name.span, Symbol::Builtin(meant), ty);
                }
            }
        }
    }

    /// The names before arguments are those of the function's parameters.
    fn arguments(&mut self, callee: Option<Definition<'db>>, arguments: &[Argument]) {
        let Some(definition) = callee else { return };
        let item = definition.item;
        let Some(ItemKind::Function { parameters, .. }) = tree(self.db, item).map(|tree| &tree.kind) else { return };
        for name in arguments.iter().filter_map(|argument| argument.name.as_ref()) {
            let parameter = parameters.iter().find(|(parameter, _)| parameter.text == name.text);
            let inferred = inferred(self.db, self.workspace, item);
            if let Some(local) = parameter.and_then(|(parameter, _)| inferred.bound_at(parameter.span)) {
                let ty = inferred.local(local).map(|local| local.ty.clone());
                self.push(name.span, Symbol::Local { item, local }, ty);
            }
        }
    }
}
