//! Checks one item: infers types, narrows optionals, resolves names, and elaborates the tree.
//!
//! [`Checker`] walks the syntax tree once and returns the checked tree; what it finds wrong is collected and
//! the walk goes on with [`Type::Error`], which fits everywhere, so that one mistake is reported once. What is
//! known at a place (narrowing) is a stack of facts about places such as `db.DBSubnetGroupName`.

mod access;
mod addresses;
mod bindings;
mod calls;
mod coerce;
mod expr;
mod inference;
mod items;
mod literals;
mod narrowing;
mod operators;
mod relations;
mod schemas;
mod statements;
mod tests;
mod ties;
mod waivers;

use std::collections::BTreeSet;
use std::sync::Arc;

use parapet_base::{Code, Diagnostic, Span, codes};
use parapet_model::{Name, Schema, Type};
use parapet_syntax::{ExprId, Ident, Tree};
use rustc_hash::FxHashMap;

pub use inference::{Imagined, Inferred, infer, inferred, tried};

use crate::allows::is_allowed;
use crate::db::{Db, Item, SourceFile, Workspace, parsed};
use crate::typed::{DefinitionPath, LocalId, LocalInfo, RequireId, Typed, TypedItem, TypedKind};

/// What checking an item gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    pub item: TypedItem,
    pub locals: Vec<LocalInfo>,
    /// Spans are relative to the item.
    pub diagnostics: Vec<Diagnostic>,
    /// The codes of those that the item's `@allow` left out.
    pub allowed: Vec<&'static Code>,
}

/// Keeps what was found of so many items between edits.
pub(crate) fn keep_checked(db: &mut dyn Db, items: usize) {
    checked::set_lru_capacity(db, items);
}

/// Checks an item.
#[salsa::tracked(returns(ref), lru = 0)]
pub fn checked<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Checked {
    let parsed = parsed(db, item);
    let Some(tree) = &parsed.tree else {
        let diagnostics = parsed.errors.clone();
        return Checked { item: TypedItem::Broken, locals: Vec::new(), diagnostics, allowed: Vec::new() };
    };
    let mut checker = Checker::new(db, workspace, item, tree);
    let typed = checker.item();
    let locals = checker.locals();
    let mut all = [parsed.errors.clone(), checker.errors].concat();
    // What could not be read may use the names, and require what is missing.
    let unsure = |code: &Code| parsed.partial && (code == &codes::UNUSED_NAME || code == &codes::NEVER_FAILS);
    all.retain(|diagnostic| !unsure(diagnostic.code));
    let (allowed, diagnostics): (Vec<_>, Vec<_>) = all.into_iter().partition(|diagnostic| is_allowed(tree, diagnostic));
    let allowed = allowed.into_iter().map(|diagnostic| diagnostic.code).collect();
    Checked { item: typed, locals, diagnostics, allowed }
}

/// A fact about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fact {
    /// `l3.Policies.PasswordPolicy`: a local and a path below it.
    place: String,
    known: Known,
    /// The requirement that holds it, if one does: what leans on the fact stands under it.
    origin: Option<RequireId>,
    /// An equality taught it, not a test of presence: only what needs the value present leans on it.
    weak: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    Present,
    Is(Arc<[Name]>),
    IsNot(Arc<[Name]>),
}

#[derive(Clone, Debug)]
struct Local {
    name: String,
    span: Span,
    ty: Type,
    /// The place that a `let` names again.
    alias: Option<String>,
    /// Facts that hold when this `Bool` is true, and when it is false.
    facts: [Vec<Fact>; 2],
    /// Requirements that its value stands under.
    guards: BTreeSet<RequireId>,
    used: bool,
    /// A test in its value that absence makes false.
    optional_test: Option<Span>,
}

struct Checker<'db: 't, 't> {
    db: &'db dyn Db,
    workspace: Workspace,
    item: Item<'db>,
    file: SourceFile,
    tree: &'t Tree,
    /// What the tree was read from.
    source: &'t str,
    schema: &'db Schema,
    errors: Vec<Diagnostic>,
    locals: Vec<Local>,
    scopes: Vec<FxHashMap<String, LocalId>>,
    facts: Vec<Fact>,
    /// Requirements that the facts used since the last statement began came from.
    touched: BTreeSet<RequireId>,
    requires: u32,
    /// Under an odd number of negations: here absence would make a test pass.
    negative: bool,
    /// In `where` and `skip if`, where a test on an absent value is no danger.
    exempt: bool,
    /// In a constant or a default: nothing of the run may be read.
    constant: bool,
    /// In the fields of a `given`, where the word `unknown` is a value.
    given: bool,
    /// An expression that may be absent where it stands, so that weak facts do not count for it.
    may_be_absent: Option<ExprId>,
    /// Expressions `x?.items` that are empty, not absent, where `x` is absent.
    empty_when_absent: rustc_hash::FxHashSet<ExprId>,
    /// Tests that absence makes false, met so far outside of negations; a `let` remembers its own.
    optional_tests: Vec<Span>,
    /// The items behind the constants named so far.
    constants: FxHashMap<DefinitionPath, Item<'db>>,
    /// What an editor wants to know; checking keeps none.
    notes: Option<Box<Inferred>>,
    /// A function that the file does not have yet.
    imagined: Option<&'t Imagined>,
}

impl<'db, 't> Checker<'db, 't> {
    fn new(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, tree: &'t Tree) -> Self {
        Checker {
            db,
            workspace,
            item,
            file: item.file(db),
            tree,
            source: item.text(db),
            schema: crate::schemas::schema(db, workspace),
            errors: Vec::new(),
            locals: Vec::new(),
            scopes: vec![FxHashMap::default()],
            facts: Vec::new(),
            touched: BTreeSet::new(),
            requires: 0,
            negative: false,
            exempt: false,
            constant: false,
            given: false,
            may_be_absent: None,
            empty_when_absent: Default::default(),
            optional_tests: Vec::new(),
            constants: FxHashMap::default(),
            notes: None,
            imagined: None,
        }
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    fn report(&mut self, code: &'static Code, span: Span, message: impl Into<String>) {
        self.error(Diagnostic::new(code, span, message));
    }

    fn typed(&self, ty: Type, span: Span, kind: TypedKind) -> Typed {
        Typed { ty, span, kind }
    }

    fn error_at(&self, span: Span) -> Typed {
        Typed { ty: Type::Error, span, kind: TypedKind::Error }
    }

    /// The text of a span of this item.
    fn text(&self, span: Span) -> &'t str {
        span.text(self.source)
    }

    // Scopes and locals.

    fn in_scope<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.scopes.push(FxHashMap::default());
        let facts = self.facts.len();
        let result = inner(self);
        self.facts.truncate(facts);
        self.scopes.pop();
        result
    }

    fn with_facts<T>(&mut self, facts: Vec<Fact>, inner: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.facts.len();
        self.facts.extend(facts);
        let result = inner(self);
        self.facts.truncate(before);
        result
    }

    /// Takes the names, places and types of all locals.
    fn locals(&mut self) -> Vec<LocalInfo> {
        let locals = std::mem::take(&mut self.locals).into_iter();
        locals.map(|local| LocalInfo { name: local.name, span: local.span, ty: local.ty }).collect()
    }

    /// A local that no name reaches.
    fn hidden_local(&mut self, ty: Type) -> LocalId {
        let id = LocalId(Span::new(self.locals.len(), 0).start);
        let (name, span) = (String::new(), Span::default());
        self.locals.push(Local {
            name,
            span,
            ty,
            alias: None,
            facts: [Vec::new(), Vec::new()],
            guards: BTreeSet::new(),
            used: true,
            optional_test: None,
        });
        id
    }

    /// Binds a name in the innermost scope; twice in one scope is an error.
    fn bind(&mut self, name: &Ident, ty: Type) -> LocalId {
        let id = self.hidden_local(ty);
        if let Some(local) = self.locals.get_mut(id.0 as usize) {
            local.name = name.text.clone();
            local.span = name.span;
            local.used = name.text.starts_with('_');
        }
        let first = self.scopes.last().and_then(|scope| scope.get(&name.text)).copied();
        if let Some(first) = first.and_then(|first| self.locals.get(first.0 as usize)).map(|local| local.span) {
            let message = format!("`{}` is already defined in this scope", name.text);
            self.error(Diagnostic::new(&codes::DUPLICATE_NAME, name.span, message).label(first, "first defined here"));
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.text.clone(), id);
        }
        id
    }

    fn local_named(&self, name: &str) -> Option<LocalId> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name)).copied()
    }

    fn local(&self, id: LocalId) -> Option<&Local> {
        self.locals.get(id.0 as usize)
    }

    /// Reads a local: marks it used, and what it stands under is stood under here too.
    fn read_local(&mut self, id: LocalId, span: Span) -> Typed {
        self.note_use(id, span);
        let Some(local) = self.locals.get_mut(id.0 as usize) else { return self.error_at(span) };
        local.used = true;
        self.touched.extend(local.guards.iter().copied());
        let (ty, test) = (local.ty.clone(), local.optional_test);
        if let Some(test) = test {
            self.negated_local(test, span);
        }
        self.typed(ty, span, TypedKind::Local(id))
    }

    /// Warns of names that are bound and never read.
    fn unused(&mut self) {
        let unused = self.locals.iter().filter(|local| !local.used && !local.name.is_empty());
        let warnings: Vec<Diagnostic> = unused
            .map(|local| {
                let message = format!("`{}` is never read", local.name);
                let better = format!("_{}", local.name);
                Diagnostic::new(&codes::UNUSED_NAME, local.span, message).suggest(
                    local.span,
                    better,
                    "begin the name with `_` if that is meant",
                )
            })
            .collect();
        self.errors.extend(warnings);
    }

    fn span(&self, id: ExprId) -> Span {
        self.tree.span(id)
    }
}
