//! Folds, growing selections, links and hints: places of one file.

use std::path::Path;

use parapet_ide::{Fold, FoldKind, Hint, Link, Span};

use crate::proto;
use crate::translate::uri_of;
use crate::world::Snapshot;

pub(crate) fn folding_range(snapshot: &Snapshot, fold: Fold) -> proto::FoldingRange {
    let range = snapshot.range(fold.span);
    // The line of the closing bracket stays in sight.
    let last = match fold.kind {
        FoldKind::Region => range.end.line.saturating_sub(1).max(range.start.line),
        FoldKind::Comment | FoldKind::Imports => range.end.line,
    };
    proto::FoldingRange {
        start_line: range.start.line,
        end_line: last,
        kind: match fold.kind {
            FoldKind::Comment => Some(proto::FoldingRangeKind::Comment),
            FoldKind::Imports => Some(proto::FoldingRangeKind::Imports),
            FoldKind::Region => None,
        },
        ..proto::FoldingRange::default()
    }
}

/// What grows around a position: the smallest range, and each names the next larger.
pub(crate) fn selection(snapshot: &Snapshot, position: proto::Position) -> proto::SelectionRange {
    let offset = snapshot.offset(position);
    let grown = parapet_ide::selections(&snapshot.db, snapshot.workspace, snapshot.file, offset);
    let ranges = grown.into_iter().rev().map(|span| snapshot.range(span));
    let nested = ranges.fold(None, |parent: Option<proto::SelectionRange>, range| {
        Some(proto::SelectionRange { range, parent: parent.map(Box::new) })
    });
    // Each place has an answer, in their order.
    let here = proto::Range { start: position, end: position };
    nested.unwrap_or(proto::SelectionRange { range: here, parent: None })
}

/// A link to a file that is named relative to a folder.
pub(crate) fn link(snapshot: &Snapshot, folder: &Path, link: &Link) -> Option<proto::DocumentLink> {
    Some(proto::DocumentLink {
        range: snapshot.range(link.place.span),
        target: Some(uri_of(&folder.join(&link.path))?),
        tooltip: None,
        data: None,
    })
}

pub(crate) fn inlay_hint(snapshot: &Snapshot, hint: Hint) -> proto::InlayHint {
    let at = Span { start: hint.offset, end: hint.offset };
    proto::InlayHint {
        position: snapshot.range(at).start,
        label: proto::InlayHintLabel::String(hint.text),
        kind: Some(if hint.is_type { proto::InlayHintKind::TYPE } else { proto::InlayHintKind::PARAMETER }),
        padding_right: (!hint.is_type).then_some(true),
        padding_left: None,
        text_edits: None,
        tooltip: None,
        data: None,
    }
}
