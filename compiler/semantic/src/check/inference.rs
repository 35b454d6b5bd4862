//! What the checker learns of an item beside what is wrong with it: the type of each expression, and which local a
//! name reads.
//!
//! Editors ask for it, of the item under the cursor. It is a run of its own: checking rules keeps nothing of this. A tree
//! that is in no file can be asked about, too, as that of an item with one word more.

use parapet_base::{Diagnostic, Span};
use parapet_builtins::BuiltinId;
use parapet_model::Type;
use parapet_syntax::{ExprId, ItemText, Tree, parse};
use rustc_hash::FxHashMap;

use super::Checker;
use crate::db::{Db, Item, Workspace, parsed};
use crate::typed::{LocalId, LocalInfo, Typed, TypedKind};

/// What is known of the expressions and locals of one item; spans are relative to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inferred {
    /// The types of expressions, narrowed as they are where they stand.
    pub types: FxHashMap<ExprId, Type>,
    /// The types that are wanted where expressions stand, as far as something else says so.
    pub expected: FxHashMap<ExprId, Type>,
    /// The built-ins that calls mean.
    pub builtins: FxHashMap<ExprId, BuiltinId>,
    /// Where locals are read.
    pub uses: Vec<(Span, LocalId)>,
    pub locals: Vec<LocalInfo>,
}

impl Inferred {
    /// The local that is read at a place.
    pub fn local_at(&self, span: Span) -> Option<LocalId> {
        self.uses.iter().find(|(place, _)| *place == span).map(|(_, local)| *local)
    }

    /// A local's name, place and type.
    pub fn local(&self, id: LocalId) -> Option<&LocalInfo> {
        self.locals.get(id.0 as usize)
    }

    /// The local that a name binds where it stands.
    pub fn bound_at(&self, span: Span) -> Option<LocalId> {
        let place = self.locals.iter().position(|local| local.span == span && !local.name.is_empty())?;
        Some(LocalId(Span::new(place, 0).start))
    }
}

/// What is known of an item.
#[salsa::tracked(returns(ref))]
pub fn inferred<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Inferred {
    match &parsed(db, item).tree {
        Some(tree) => infer(db, workspace, item, tree),
        None => Inferred::default(),
    }
}

/// The same of a tree that stands in the place of the item's own.
pub fn infer<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, tree: &Tree) -> Inferred {
    let mut checker = Checker::new(db, workspace, item, tree);
    checker.notes = Some(Box::default());
    checker.item();
    let mut inferred = checker.notes.take().map(|notes| *notes).unwrap_or_default();
    inferred.locals = checker.locals();
    inferred
}

/// A function that its file does not have yet.
#[derive(Clone, Debug)]
pub struct Imagined {
    pub name: String,
    pub parameters: Vec<(String, Type)>,
    pub result: Type,
}

/// What would be wrong with an item that had this text, in a file that had this function, too.
pub fn tried<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    item: Item<'db>,
    text: &str,
    function: Option<&Imagined>,
) -> Vec<Diagnostic> {
    // A function that an expression becomes, or the item with something changed.
    let is_function = text.starts_with("fn ");
    let parsed = parse(&ItemText {
        offset: 0,
        text: text.into(),
        keyword: if is_function { "fn" } else { item.keyword(db) },
        name: item.name(db).clone(),
        public: item.public(db),
    });
    let mut found = parsed.errors;
    if let Some(tree) = &parsed.tree {
        let mut checker = Checker::new(db, workspace, item, tree);
        (checker.imagined, checker.source) = (function, text);
        checker.item();
        found.append(&mut checker.errors);
    }
    found
}

impl Checker<'_, '_> {
    /// Notes what became of an expression, where notes are kept.
    pub(super) fn note(&mut self, id: ExprId, expected: Option<&Type>, value: &Typed) {
        let Some(notes) = &mut self.notes else { return };
        notes.types.insert(id, value.ty.clone());
        if let Some(expected) = expected {
            notes.expected.insert(id, expected.clone());
        }
        let called = match &value.kind {
            TypedKind::Safe { body, .. } => &body.kind,
            other => other,
        };
        if let TypedKind::Builtin { id: builtin, .. } = called {
            notes.builtins.insert(id, *builtin);
        }
    }

    pub(super) fn note_use(&mut self, local: LocalId, span: Span) {
        if let Some(notes) = &mut self.notes {
            notes.uses.push((span, local));
        }
    }
}
