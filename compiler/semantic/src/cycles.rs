//! Functions and constants that need themselves.
//!
//! Only names are looked at, so that this can be asked before any type is known.

use std::sync::Arc;

use parapet_base::Span;
use parapet_syntax::{ExprKind, Path};

use crate::db::{Db, Item, Workspace, parsed};
use crate::names::{DefinitionKind, resolve};

/// The first place where an item names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Mention<'db> {
    pub item: Item<'db>,
    /// Relative to the item that mentions, not to the one mentioned.
    pub span: Span,
}

/// The functions and constants that an item's expressions name, with the place of the first mention.
#[salsa::tracked(returns(ref))]
pub fn mentions<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Vec<Mention<'db>> {
    let Some(tree) = &parsed(db, item).tree else { return Vec::new() };
    let mut mentioned: Vec<Mention<'db>> = Vec::new();
    for expr in &tree.exprs {
        let path: &Path = match &expr.kind {
            ExprKind::Path(path) => path,
            ExprKind::Call { callee, .. } => callee,
            _ => continue,
        };
        let Ok(definition) = resolve(db, workspace, item.file(db), path) else { continue };
        let relevant = matches!(definition.kind, DefinitionKind::Function | DefinitionKind::Constant);
        if relevant && mentioned.iter().all(|known| known.item != definition.item) {
            mentioned.push(Mention { item: definition.item, span: path.span });
        }
    }
    mentioned
}

/// The way from an item back to itself: the mention in each item on it.
#[salsa::tracked(returns(clone))]
pub fn circular<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Arc<Vec<Mention<'db>>>> {
    // Breadth first, so that the shortest way is shown.
    let mut came_from: Vec<(Item<'db>, usize, Span)> = Vec::new();
    let mut queue: Vec<(Item<'db>, usize)> = vec![(item, usize::MAX)];
    let mut next = 0;
    while let Some((current, at)) = queue.get(next).copied() {
        next += 1;
        for Mention { item: target, span } in mentions(db, workspace, current).iter().copied() {
            if target == item {
                return Some(Arc::new(way(&came_from, at, (current, span))));
            }
            if came_from.iter().all(|(known, _, _)| *known != target) {
                came_from.push((target, at, span));
                queue.push((target, came_from.len() - 1));
            }
        }
    }
    None
}

/// The mentions on the way, each in the item that makes it; the first is in the item itself.
fn way<'db>(came_from: &[(Item<'db>, usize, Span)], from: usize, last: (Item<'db>, Span)) -> Vec<Mention<'db>> {
    let mut way = vec![Mention { item: last.0, span: last.1 }];
    let mut at = from;
    while let Some((_, before, span)) = came_from.get(at) {
        let mentioning = came_from.get(*before).map(|(item, _, _)| *item);
        // The item that the search began at has no entry of its own; its mention is the way's first.
        let item = mentioning.unwrap_or(last.0);
        way.push(Mention { item, span: *span });
        at = *before;
    }
    way.reverse();
    way
}
