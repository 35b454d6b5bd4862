//! Outlines, and what a search through all projects finds.

use std::collections::BTreeSet;

use parapet_ide::Entry;

use crate::proto;
use crate::translate::symbol_kind;
use crate::world::Snapshot;

/// So many symbols of a workspace are shown at most.
const MOST: usize = 256;

pub(crate) fn of_document(snapshot: &Snapshot, entry: Entry) -> proto::DocumentSymbol {
    let children: Vec<proto::DocumentSymbol> =
        entry.children.into_iter().map(|child| of_document(snapshot, child)).collect();
    #[expect(deprecated, reason = "the protocol has no type without the field")]
    proto::DocumentSymbol {
        // A name must not be empty.
        name: if entry.name.is_empty() { "…".to_owned() } else { entry.name },
        detail: (!entry.detail.is_empty()).then_some(entry.detail),
        kind: symbol_kind(entry.kind),
        tags: entry.deprecated.then(|| vec![proto::SymbolTag::DEPRECATED]),
        deprecated: None,
        range: snapshot.range(entry.whole.span),
        selection_range: snapshot.range(entry.place.span),
        children: (!children.is_empty()).then_some(children),
    }
}

/// The symbols of one project that a search finds.
pub(crate) fn of_project(snapshot: &Snapshot, query: &str) -> Vec<proto::WorkspaceSymbol> {
    let found = parapet_ide::search(&snapshot.db, snapshot.workspace, query, MOST);
    found.into_iter().filter_map(|entry| of_workspace(snapshot, entry)).collect()
}

fn of_workspace(snapshot: &Snapshot, entry: Entry) -> Option<proto::WorkspaceSymbol> {
    Some(proto::WorkspaceSymbol {
        name: entry.name,
        kind: symbol_kind(entry.kind),
        tags: entry.deprecated.then(|| vec![proto::SymbolTag::DEPRECATED]),
        container_name: Some(entry.place.file.module(&snapshot.db).to_string()),
        location: proto::OneOf::Left(snapshot.location(entry.place)?),
        data: None,
    })
}

/// Each symbol once: the library is in each project.
pub(crate) fn once(found: Vec<proto::WorkspaceSymbol>) -> Vec<proto::WorkspaceSymbol> {
    let mut seen = BTreeSet::new();
    let mut is_new = |symbol: &proto::WorkspaceSymbol| match &symbol.location {
        proto::OneOf::Left(place) => {
            seen.insert((place.uri.to_string(), place.range.start.line, place.range.start.character))
        }
        proto::OneOf::Right(_) => true,
    };
    found.into_iter().filter(|symbol| is_new(symbol)).collect()
}
