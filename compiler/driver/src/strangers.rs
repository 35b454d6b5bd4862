//! Properties that no schema knows: how many there are of each, and where the first stands.
//!
//! While inputs are read only the bytes of the record are known; the line and the column of the property are looked up in the
//! end, for those that are named. Of very many names the first are.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use parapet_base::{LineIndex, Position, Span};
use parapet_inventory as inventory;
use parapet_model::{Document, Name, Origin, Record, Stranger, UnknownProperty};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::host::{Host, shown};
use crate::places::take;

/// So many are named; all are counted.
const MOST_NAMED: usize = 200;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Strangers {
    /// How many there are.
    pub(crate) count: usize,
    named: IndexMap<(Name, String), First, FxBuildHasher>,
}

/// A name, and the first of those with it.
type Named<'s> = (&'s (Name, String), &'s First);

/// The first of those with one name.
#[derive(Clone, Debug)]
struct First {
    count: usize,
    path: PathBuf,
    /// The record.
    origin: Origin,
    /// What the span is of, where it is not the record's own bytes.
    document: Option<Arc<Document>>,
    span: Span,
}

impl Strangers {
    /// Those of a record.
    pub(crate) fn add(&mut self, path: &Path, record: &Record, ty: &Name, strangers: Vec<Stranger>) {
        for stranger in strangers {
            let first = || First {
                count: 0,
                path: path.to_owned(),
                origin: record.origin,
                document: record.document.clone(),
                span: stranger.span,
            };
            self.note((ty.clone(), stranger.path), 1, first);
        }
    }

    /// Those of inputs that come after these.
    pub(crate) fn append(&mut self, others: Strangers) {
        let named: usize = others.named.values().map(|first| first.count).sum();
        self.count += others.count.saturating_sub(named);
        for (name, first) in others.named {
            self.note(name, first.count, || First { count: 0, ..first });
        }
    }

    fn note(&mut self, name: (Name, String), count: usize, first: impl FnOnce() -> First) {
        self.count += count;
        if let Some(known) = self.named.get_mut(&name) {
            known.count += count;
        } else if self.named.len() < MOST_NAMED {
            self.named.insert(name, First { count, ..first() });
        }
    }

    /// All that are named, with their places.
    pub(crate) fn placed(&self, host: &dyn Host) -> Vec<UnknownProperty> {
        let told = |((name, first), (path, place)): (Named<'_>, (String, Position))| UnknownProperty {
            resource_type: name.0.clone(),
            property: name.1.clone(),
            count: first.count,
            path,
            line: place.line,
            column: place.column,
        };
        self.named.iter().zip(self.places(host)).map(told).collect()
    }

    /// Where each stands; where its bytes cannot be found again, where its record does.
    fn places(&self, host: &dyn Host) -> Vec<(String, Position)> {
        let of_record = |first: &First| Position { line: first.origin.line, column: first.origin.column };
        let mut places: Vec<(String, Position)> =
            self.named.values().map(|first| (shown(&first.path), of_record(first))).collect();
        let mut by_file: FxHashMap<&Path, Vec<(usize, &First)>> = FxHashMap::default();
        for (at, first) in self.named.values().enumerate() {
            match (&first.document, places.get_mut(at)) {
                (Some(document), Some(place)) => *place = in_document(document, first.span),
                _ => by_file.entry(&first.path).or_default().push((at, first)),
            }
        }
        for (path, mut all) in by_file {
            all.sort_by_key(|(at, first)| (first.origin.offset, *at));
            for (at, found) in in_file(host, path, &all) {
                places.get_mut(at).into_iter().for_each(|place| place.1 = found);
            }
        }
        places
    }
}

fn in_document(document: &Document, span: Span) -> (String, Position) {
    (document.path.to_string(), LineIndex::new(&document.text).position(&document.text, span.start))
}

/// The places in a file, which is read once from its beginning.
fn in_file(host: &dyn Host, path: &Path, all: &[(usize, &First)]) -> Vec<(usize, Position)> {
    let mut found = Vec::new();
    let Ok(mut reader) = host.open(path) else { return found };
    let Ok(mut bytes) = inventory::decompressed(&mut reader) else { return found };
    let bytes: &mut dyn Read = &mut bytes;
    let mut at = 0;
    let mut last: Option<(u64, Arc<str>)> = None;
    for (index, first) in all {
        let origin = first.origin;
        let text = match &last {
            Some((offset, text)) if *offset == origin.offset => text.clone(),
            _ => {
                let Some(text) = take(bytes, &mut at, &origin) else { return found };
                last = Some((origin.offset, text.clone()));
                text
            }
        };
        let Position { line, column } = LineIndex::new(&text).position(&text, first.span.start);
        let before = if line == 1 { origin.column - 1 } else { 0 };
        found.push((*index, Position { line: origin.line + line - 1, column: before + column }));
    }
    found
}
