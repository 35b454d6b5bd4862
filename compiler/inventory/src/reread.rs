//! Reads one record again, by its bytes, for the positions of its values.

use std::sync::Arc;

use parapet_model::json::{Glance, Keys};
use parapet_model::{Form, Name, Origin, Record, Resource, Schema, Value};

use crate::aws_config::glanced::Items;
use crate::delivery::Delivery;
use crate::element::{self, Cut, Envelope, text_of};
use crate::place::Place;
use crate::sink::{Addition, Collected, Gap, Sink, Skip};
use crate::source::{Source, Wanted};
use crate::splitter::OPENED;

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

/// The type, the account and the region, the pointer, and whether every property may be there unseen.
pub type Ground = (Option<Name>, (Option<Name>, Option<Name>), Name, bool);

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

    /// What the record of a resource said that has no document of its own and names its place itself.
    pub fn of_resource(resource: &Resource) -> Given {
        let text = |value: &Value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        };
        Given {
            resource_type: Some(resource.resource_type.clone()),
            account: text(&resource.account),
            region: text(&resource.region),
            pointer: resource.pointer.clone(),
            form: Some(resource.form.clone()),
            kept: None,
        }
    }

    /// What making records again depends on besides their bytes: where it is the same, they are all made at once.
    pub fn ground(&self) -> Ground {
        let place = (self.account.clone(), self.region.clone());
        (self.resource_type.clone(), place, self.pointer.clone(), self.is_partial())
    }

    /// Every property may be there unseen: so it is with the answer to a query that chose single ones.
    fn is_partial(&self) -> bool {
        let hidden = self.form.as_ref().and_then(|form| form.unobservable.as_ref());
        let ty = self.resource_type.as_ref().and_then(|name| Schema::embedded().resource_type(name));
        hidden.zip(ty).is_some_and(|(hidden, ty)| hidden.len() == ty.properties.len())
    }
}

/// Makes records again that were delivered, for the places of their values.
pub struct Rereader<'s> {
    schema: &'s Schema,
    wanted: Option<&'s Wanted<'s>>,
    items: Items,
    keys: Keys,
}

impl<'s> Rereader<'s> {
    /// With `wanted`, records may lack all other properties.
    pub fn new(schema: &'s Schema, wanted: Option<&'s Wanted<'s>>) -> Rereader<'s> {
        Rereader { schema, wanted, items: Items::default(), keys: Keys::shared() }
    }

    /// Makes the record again that was delivered with this origin, from the `origin.length` bytes that stand at
    /// `origin.offset` of the decompressed input.
    ///
    /// Spans of the record's nodes are relative to the first of these bytes, in which [`parapet_model::json::pointer_to`]
    /// finds the way to a span; put the record's pointer before it.
    pub fn read(&mut self, bytes: &[u8], origin: Origin, given: &Given) -> Option<Record> {
        let mut records = self.all(bytes, origin, given).into_iter();
        let mut record = records.rfind(|record| record.origin.part == origin.part)?;
        if let Some(form) = &given.form {
            record.form = form.clone();
        }
        Some(record)
    }

    /// Makes of a record that stands for itself no more again than some properties, of those that are wanted; the glance is
    /// that of its bytes ([`glance`]). `None`: it takes the whole record to know them.
    pub fn bare(
        &mut self,
        (bytes, glance): (&[u8], &Glance),
        origin: Origin,
        given: &Given,
        properties: &[Name],
    ) -> Option<Record> {
        let place = Place { offset: origin.offset, line: origin.line, column: origin.column };
        let cut = Cut { bytes, place, pointer: &given.pointer, glance: Some(glance.listed()) };
        let mut made = Made::default();
        let source = Source { wanted: self.wanted, placed: true, ..Source::alone(self.schema, origin.input) };
        let mut cx = Delivery::new(&source, &mut made, None);
        std::mem::swap(&mut cx.keys, &mut self.keys);
        let record = match given.is_partial() {
            true => None,
            false => self.items.bare(&mut cx, cut, given.form.as_ref(), properties),
        };
        std::mem::swap(&mut cx.keys, &mut self.keys);
        record
    }

    /// Makes all records again that were delivered of the same bytes as this one, in the order of their parts. Their
    /// forms are those that the bytes alone say.
    pub fn all(&mut self, bytes: &[u8], origin: Origin, given: &Given) -> Vec<Record> {
        let mut made = Made::default();
        self.deliver((bytes, origin, given), true, &mut made);
        made.records.sort_by_key(|record| record.origin.part);
        made.records
    }

    /// Delivers all again that was delivered of the same bytes as a record, by the forms that the bytes alone say: resources
    /// without records where these need not be `placed`.
    pub fn deliver(&mut self, (bytes, origin, given): (&[u8], Origin, &Given), placed: bool, sink: &mut dyn Sink) {
        let place = Place { offset: origin.offset, line: origin.line, column: origin.column };
        let envelope = Envelope {
            key: list_key(&given.pointer),
            resource_type: given.resource_type.clone(),
            account: given.account.clone(),
            region: given.region.clone(),
            partial: given.is_partial(),
        };
        let source = Source { wanted: self.wanted, placed, ..Source::alone(self.schema, origin.input) };
        let mut cx = Delivery::new(&source, sink, None);
        std::mem::swap(&mut cx.items, &mut self.items);
        std::mem::swap(&mut cx.keys, &mut self.keys);
        element::deliver(&mut cx, Cut { bytes, place, pointer: &given.pointer, glance: None }, &envelope);
        std::mem::swap(&mut cx.items, &mut self.items);
        std::mem::swap(&mut cx.keys, &mut self.keys);
    }
}

/// Where the members of a record stand. `None`: it is none, or there is something unusual about it.
pub fn glance(bytes: &[u8]) -> Option<Glance> {
    let mut glance = Glance::default();
    glance.at(bytes, &OPENED).filter(|end| *end == bytes.len()).map(|_| glance)
}

/// The list that a pointer's last step counts in, if it is one of records.
fn list_key(pointer: &str) -> &'static str {
    let key = pointer.rsplit('/').nth(1).unwrap_or_default();
    crate::splitter::LISTS.into_iter().find(|name| *name == key).unwrap_or_default()
}

/// Keeps the records that a text gives.
#[derive(Default)]
struct Made {
    records: Vec<Record>,
}

impl Sink for Made {
    fn record(&mut self, record: Record) {
        self.records.push(record);
    }

    /// Places are asked for, so that everything has a record.
    fn typed(&mut self, _: Box<Resource>) {}

    fn collected(&mut self, _: Collected) {}
    fn incomplete(&mut self, _: Gap) {}
    fn ended(&mut self, _: Record) {}
    fn added(&mut self, _: Addition) {}

    fn deleted(&mut self, _: Record) {}

    fn skipped(&mut self, _: Skip) {}
}
