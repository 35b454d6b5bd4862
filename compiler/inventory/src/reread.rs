//! Reads one record again, by its bytes, for the positions of its values.

use std::sync::Arc;

use parapet_model::json::Keys;
use parapet_model::{Form, Name, Node, Origin, Record, Schema};

use crate::delivery::Delivery;
use crate::element::{Envelope, parsed, text_of};
use crate::formats;
use crate::place::Place;
use crate::sink::{Addition, Collected, Gap, Sink, Skip};
use crate::source::Source;

/// What is known of a record besides its bytes.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The type: the elements of a Cloud Control list do not say it.
    pub resource_type: Option<Name>,
    pub account: Option<Name>,
    pub region: Option<Name>,
    /// [`Record::pointer`].
    pub pointer: Name,
    /// [`Record::form`], which an envelope may have decided.
    pub form: Option<Form>,
    /// The record itself, where its document is kept: it cannot be made again of its own bytes.
    pub kept: Option<Arc<Record>>,
}

impl Given {
    /// What a record that was delivered says.
    pub fn of(record: &Record) -> Given {
        Given {
            resource_type: Some(record.resource_type.clone()),
            account: text_of(record.account.as_ref()),
            region: text_of(record.region.as_ref()),
            pointer: record.pointer.clone(),
            form: Some(record.form.clone()),
            kept: record.document.is_some().then(|| Arc::new(record.clone())),
        }
    }

    /// Every property may be there unseen: so it is with the answer to a query that chose single ones.
    fn is_partial(&self) -> bool {
        let hidden = self.form.as_ref().and_then(|form| form.unobservable.as_ref());
        let ty = self.resource_type.as_ref().and_then(|name| Schema::embedded().resource_type(name));
        hidden.zip(ty).is_some_and(|(hidden, ty)| hidden.len() == ty.properties.len())
    }
}

/// Makes the record again that was delivered with this origin, from the `origin.length` bytes that stand at
/// `origin.offset` of the decompressed input.
///
/// Spans of the record's nodes are relative to the first of these bytes, and so are those of the tree of the
/// bytes as they stand, in which [`Node::pointer_to`] finds the way to a span; put the record's pointer before it.
pub fn reread(schema: &Schema, bytes: &[u8], origin: Origin, given: &Given) -> Option<(Record, Node)> {
    let place = Place { offset: origin.offset, line: origin.line, column: origin.column };
    let envelope = Envelope {
        key: list_key(&given.pointer),
        resource_type: given.resource_type.clone(),
        account: given.account.clone(),
        region: given.region.clone(),
        partial: given.is_partial(),
    };
    let element = parsed(bytes, &given.pointer, place, (origin.input, &mut Keys::unshared()), &envelope).ok()?;
    let raw = element.node.clone();
    let mut wanted = Wanted { part: origin.part, found: None };
    let source = Source::alone(schema, origin.input);
    let mut cx = Delivery::new(&source, &mut wanted, None);
    formats::deliver(&mut cx, element);
    let mut record = wanted.found?;
    if let Some(form) = &given.form {
        record.form = form.clone();
    }
    Some((record, raw))
}

/// The list that a pointer's last step counts in, if it is one of records.
fn list_key(pointer: &str) -> &'static str {
    let key = pointer.rsplit('/').nth(1).unwrap_or_default();
    crate::splitter::LISTS.into_iter().find(|name| *name == key).unwrap_or_default()
}

/// Keeps one of the records that a text gives.
struct Wanted {
    part: u32,
    found: Option<Record>,
}

impl Sink for Wanted {
    fn record(&mut self, record: Record) {
        if record.origin.part == self.part {
            self.found = Some(record);
        }
    }

    fn collected(&mut self, _: Collected) {}
    fn incomplete(&mut self, _: Gap) {}
    fn ended(&mut self, _: Record) {}
    fn added(&mut self, _: Addition) {}

    fn deleted(&mut self, _: Record) {}

    fn skipped(&mut self, _: Skip) {}
}
