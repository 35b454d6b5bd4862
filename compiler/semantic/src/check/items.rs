//! One item: its header, its attributes, its body.

use std::sync::Arc;

use parapet_base::{Diagnostic, Level, codes};
use parapet_model::Type;
use parapet_syntax::{ExprId, Ident, ItemKind, Path, Statement, TypeExpr};

use super::expr::suggest;
use super::{Checker, checked};
use crate::attributes::about;
use crate::cycles::{Excess, MOST_CALLS, MOST_DEPTH, circle, depends_on_run, excess, mentions};
use crate::db::{item_offset, parsed};
use crate::names::{
    DefinitionKind, NameError, absolute, below, definition_path, member, module_exists, nearest_module, resolve,
};
use crate::patterns::compiled_pattern;
use crate::reasoning::Meaning;
use crate::signatures::population_of;
use crate::typed::TypedItem;

impl Checker<'_, '_> {
    pub(super) fn item(&mut self) -> TypedItem {
        let tree = self.tree;
        match &tree.kind {
            ItemKind::Guardrail { name, resource, population, body } => {
                self.guardrail(name, resource, population, body)
            }
            ItemKind::Function { parameters, result, body, .. } => self.function(parameters, result, *body),
            ItemKind::Relation { name, parameters, body, .. } => self.relation(name, parameters, *body),
            ItemKind::Schema { name, fields } => self.own_schema(name, fields),
            ItemKind::Extension { target, fields } => self.extension(target, fields),
            ItemKind::Constant { value, .. } => self.constant(*value),
            ItemKind::Parameter { ty, default, .. } => self.parameter(ty, *default),
            ItemKind::Use { path, names } => {
                self.imports(path, names);
                TypedItem::Use
            }
            ItemKind::Test { title, steps } => {
                let steps = self.steps(steps);
                self.attributes("test");
                TypedItem::Test { title: title.clone(), steps }
            }
            ItemKind::Waiver { guardrail, coverage, until, texts } => self.waiver(guardrail, coverage, *until, texts),
        }
    }

    pub(super) fn attributes(&mut self, name: &str) {
        let mut errors = Vec::new();
        about(self.tree, name, &mut errors);
        self.errors.extend(errors);
    }

    fn guardrail(&mut self, name: &Ident, resource: &Ident, population: &TypeExpr, body: &[Statement]) -> TypedItem {
        let mut errors = Vec::new();
        let about = about(self.tree, &name.text, &mut errors);
        self.errors.extend(errors);
        let ty = self.type_of(population);
        let population = population_of(&ty);
        if population.is_none() && ty != Type::Error {
            let message = format!("a guardrail ranges over resources or accounts, not over `{ty}`");
            self.report(&codes::TYPE_MISMATCH, self.population_span(), message);
        }
        let local = self.bind(resource, if population.is_some() { ty } else { Type::Error });
        if let Some(bound) = self.locals.get_mut(local.0 as usize) {
            bound.used = true;
        }
        let body = self.in_scope(|cx| cx.statements(body, true));
        if self.requires == 0 {
            let message = format!("`{}` requires nothing, so that it never fails", name.text);
            self.report(&codes::NEVER_FAILS, name.span, message);
        }
        if about.fix.is_empty() {
            self.report(
                &codes::MISSING_FIX,
                name.span,
                format!("`{}` has no `# Fix` section in its doc comment", name.text),
            );
        }
        self.unused();
        self.reason(name, &body);
        match population {
            Some(population) => TypedItem::Guardrail { about, population, resource: local, body },
            None => TypedItem::Broken,
        }
    }

    /// Lints by reasoning, of a guardrail without an error.
    fn reason(&mut self, name: &Ident, body: &[crate::typed::TypedStatement]) {
        let broken =
            parsed(self.db, self.item).partial || self.errors.iter().any(|error| error.level() == Level::Error);
        if broken || self.notes.is_some() {
            return;
        }
        let (db, workspace) = (self.db, self.workspace);
        let constants =
            |path: &crate::typed::DefinitionPath| match &checked(db, workspace, *self.constants.get(path)?).item {
                TypedItem::Constant { value } => Some(value),
                _ => None,
            };
        let types = |local| self.local(local).map(|local| &local.ty);
        let pattern = |pattern: &Arc<str>| compiled_pattern(db, pattern.clone(), false).as_ref().ok();
        let meaning = Meaning { constants: &constants, types: &types, pattern: &pattern };
        let found = crate::reasoning::lints(&name.text, name.span, body, meaning);
        self.errors.extend(found);
    }

    fn population_span(&self) -> parapet_base::Span {
        match &self.tree.kind {
            ItemKind::Guardrail { population, .. } => population.span,
            _ => self.tree.name_span,
        }
    }

    fn function(&mut self, parameters: &[(Ident, TypeExpr)], result: &TypeExpr, body: ExprId) -> TypedItem {
        self.attributes("");
        self.circularity();
        let mut locals = Vec::new();
        for (name, ty) in parameters {
            let ty = self.type_of(ty);
            locals.push(self.bind(name, ty));
        }
        let result = self.type_of(result);
        let body = self.expr_of(body, &result);
        self.unused();
        TypedItem::Function { parameters: locals, body }
    }

    /// The error of a function or constant that needs itself, with the way it does, or too much of others.
    pub(super) fn circularity(&mut self) {
        let name = self.item.name(self.db).clone().unwrap_or_default();
        let word = match self.item.keyword(self.db) {
            "fn" => "function",
            "relation" => "relation",
            _ => "constant",
        };
        let message = match excess(self.db, self.workspace, self.item) {
            None | Some(Excess::Beyond) => return,
            Some(Excess::Deep) => format!("the {word} `{name}` builds on others more than {MOST_DEPTH} deep"),
            Some(Excess::Costly) => format!("the {word} `{name}` leads to more than {MOST_CALLS} calls"),
            Some(Excess::Circular) => return self.circle(&name, word),
        };
        self.report(&codes::TOO_DEEP, self.tree.name_span, message);
    }

    fn circle(&mut self, name: &str, word: &str) {
        let Some(way) = circle(self.db, self.workspace, self.item) else { return };
        let first = way.first().map_or(self.tree.name_span, |mention| mention.span);
        let message = match way.len() {
            1 => format!("the {word} `{name}` needs itself"),
            2 => format!("the {word} `{name}` needs itself, through one other"),
            others => format!("the {word} `{name}` needs itself, through {} others", others - 1),
        };
        let mut diagnostic =
            Diagnostic::new(&codes::CIRCULAR, first, message).label(self.tree.name_span, "declared here");
        for mention in way.iter().skip(1) {
            let file = mention.item.file(self.db);
            let place = mention.span.shift(item_offset(self.db, mention.item));
            diagnostic = diagnostic.label_in(file.id(self.db), place, "which needs this");
        }
        self.error(diagnostic.note(match word {
            "function" => "every function ends, so that none may call itself",
            "relation" => "a relation is made of others; `a name+ b` follows one over any number of steps",
            _ => "a constant is evaluated once, so that none may need itself",
        }));
    }

    fn constant(&mut self, value: ExprId) -> TypedItem {
        self.attributes("");
        self.circularity();
        self.constant = true;
        let value = self.expr(value, None);
        let value = self.present(value);
        self.constant_mentions();
        TypedItem::Constant { value }
    }

    /// A constant may use functions, but none that depends on the run.
    fn constant_mentions(&mut self) {
        for mention in mentions(self.db, self.workspace, self.item) {
            if depends_on_run(self.db, self.workspace, mention.item) {
                let name = mention.item.name(self.db).clone().unwrap_or_default();
                self.not_in_constants(mention.span, &format!("`{name}`, which depends on the run,"));
            }
        }
    }

    fn parameter(&mut self, ty: &TypeExpr, default: Option<ExprId>) -> TypedItem {
        self.attributes("");
        let span = ty.span;
        let ty = self.type_of(ty);
        if !is_settable(&ty) {
            self.report(
                &codes::TYPE_MISMATCH,
                span,
                format!("no parameter can be a `{ty}`: values of it come from inventories only"),
            );
        }
        self.constant = true;
        let default = default.map(|default| self.expr_of(default, &ty));
        self.constant_mentions();
        TypedItem::Parameter { ty, default }
    }

    fn imports(&mut self, path: &Path, names: &[parapet_syntax::Imported]) {
        self.attributes("");
        if path.segments.is_empty() {
            // What is imported is not said, which is an error already.
            return;
        }
        let module = absolute(self.db, self.file, path);
        for imported in names {
            let mut segments = path.segments.clone();
            segments.push(imported.name.clone());
            let whole = Path { segments, span: path.span.to(imported.name.span) };
            let below = below(&module, &imported.name.text);
            if module_exists(self.db, self.workspace, &below) {
                continue;
            }
            match member(self.db, self.workspace, self.file, &module, &imported.name.text) {
                Ok(_) => {}
                // `use aws::networks`: there are modules below `aws`, so that one of them was meant.
                Err(NameError::UnknownModule { module })
                    if module.is_empty() || module_exists(self.db, self.workspace, &module) =>
                {
                    let nearest = nearest_module(self.db, self.workspace, &below);
                    let message = format!("there is no module `{below}`");
                    let diagnostic = Diagnostic::new(&codes::UNKNOWN_MODULE, whole.span, message);
                    self.error(suggest(diagnostic, whole.span, nearest));
                }
                Err(error) => {
                    let diagnostic = self.name_error(&whole, error);
                    self.error(diagnostic);
                }
            }
        }
    }

    /// The full path of a guardrail that a test names, reported when it is none.
    pub(super) fn guardrail_named(&mut self, path: &Path) -> Option<crate::typed::DefinitionPath> {
        match resolve(self.db, self.workspace, self.file, path) {
            Ok(definition) if definition.kind == DefinitionKind::Guardrail => {
                Some(definition_path(self.db, definition.item))
            }
            Ok(definition) => {
                let message = format!("the {} `{}` is not a guardrail", definition.kind.word(), path.text());
                self.report(&codes::TYPE_MISMATCH, path.span, message);
                None
            }
            Err(error) => {
                let diagnostic = self.name_error(path, error);
                self.name_reported(diagnostic);
                None
            }
        }
    }
}

/// Types whose values can be written down.
fn is_settable(ty: &Type) -> bool {
    match ty {
        Type::Resource(_) | Type::AnyResource | Type::Account | Type::Ref(_) => false,
        Type::List { element, .. } => is_settable(element),
        Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => is_settable(inner),
        Type::Record(record) => record.fields.iter().all(|(_, ty)| is_settable(ty)),
        _ => true,
    }
}
