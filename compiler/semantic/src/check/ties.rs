//! Whether a condition ties the elements of a collection to something by an equality.
//!
//! `topic.TopicName == queue.id` does, and so does `is_of(topic, queue)` where the function says so of what it is given.
//! Which operands of a function are tied is a query of its own, so that an edited body re-checks nobody who uses it
//! as long as that stays the same.

use parapet_syntax::Quantifier;

use super::checked;
use crate::cycles::excess;
use crate::db::{Db, Item, SourceFile, Workspace};
use crate::names::member;
use crate::typed::{LocalId, Typed, TypedItem, TypedKind};

/// Where a condition stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'db> {
    pub db: &'db dyn Db,
    pub workspace: Workspace,
    pub file: SourceFile,
}

impl Place<'_> {
    /// Whether the condition holds for such elements only as equal something in one of their properties.
    pub(super) fn ties(self, condition: &Typed, elements: &[LocalId]) -> bool {
        let of_element = |side: &Typed| root(side).is_some_and(|local| elements.contains(&local));
        match &condition.kind {
            TypedKind::And(left, right) => self.ties(left, elements) || self.ties(right, elements),
            TypedKind::Equal { left, right, negated: false, .. } => of_element(left) != of_element(right),
            TypedKind::In { item, collection, negated: false, .. } => of_element(item) != of_element(collection),
            TypedKind::Quantified { quantifier: Quantifier::Any, binding, body } => {
                self.ties(body, elements) || binding.filter.as_deref().is_some_and(|filter| self.ties(filter, elements))
            }
            TypedKind::If { then, otherwise, .. } => self.ties(then, elements) && self.ties(otherwise, elements),
            TypedKind::Block { lets, result } => {
                let mut elements = elements.to_vec();
                for (local, value) in lets {
                    if root(value).is_some_and(|local| elements.contains(&local)) {
                        elements.push(*local);
                    }
                }
                self.ties(result, &elements)
            }
            TypedKind::Call { function, arguments } => self.calls(function, arguments.iter().map(of_element).collect()),
            TypedKind::Closure { relation, left, right, .. } => {
                self.calls(relation, vec![of_element(left), of_element(right)])
            }
            TypedKind::Error => true,
            _ => false,
        }
    }

    /// The same of a call; `given` says for each argument whether it is of an element.
    fn calls(self, path: &str, given: Vec<bool>) -> bool {
        let definition = path
            .rsplit_once("::")
            .and_then(|(module, name)| member(self.db, self.workspace, self.file, module, name).ok());
        given.contains(&true)
            && definition.is_none_or(|definition| body_ties(self.db, self.workspace, definition.item, given))
    }
}

/// Whether the body of a function ties those of its parameters that are `given` an element. What is in error is no
/// reason for a lint.
#[salsa::tracked(returns(copy))]
fn body_ties<'db>(db: &'db dyn Db, workspace: Workspace, function: Item<'db>, given: Vec<bool>) -> bool {
    if excess(db, workspace, function).is_some() {
        return true;
    }
    let TypedItem::Function { parameters, body } = &checked(db, workspace, function).item else { return true };
    let elements: Vec<LocalId> =
        parameters.iter().zip(given).filter(|(_, given)| *given).map(|(local, _)| *local).collect();
    Place { db, workspace, file: function.file(db) }.ties(body, &elements)
}

/// The local that a chain of fields begins at.
fn root(value: &Typed) -> Option<LocalId> {
    match &value.kind {
        TypedKind::Local(local) => Some(*local),
        TypedKind::Header { base, .. }
        | TypedKind::Property { base, .. }
        | TypedKind::Field { base, .. }
        | TypedKind::Index { base, .. }
        | TypedKind::Follow { base }
        | TypedKind::Safe { base, .. } => root(base),
        TypedKind::Coalesce { value, .. } => root(value),
        _ => None,
    }
}
