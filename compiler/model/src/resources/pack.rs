//! What packed resources are made of, and how they are made again.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use super::Whereabouts;
use super::bytes::{Bytes, zigzag};
use crate::{Form, Held, Name, Origin, Resource, Value};

/// What packed resources are made of.
#[derive(Debug, Default)]
pub(super) struct Pack {
    commons: Vec<Common>,
    layouts: Vec<Arc<Vec<Name>>>,
    values: Vec<Value>,
    /// A resource lies in one of them.
    segments: Vec<Vec<u8>>,
}

/// A packed resource: a common, a layout, the values of the properties, the tags, and the texts.
#[derive(Clone, Copy)]
pub(super) struct Packed<'p> {
    pack: &'p Pack,
    bytes: &'p [u8],
}

/// Bytes of a segment, and as many bits of an offset.
const SEGMENT_BITS: u32 = 20;
const SEGMENT: usize = 1 << SEGMENT_BITS;

/// Segments of a pack: offsets have 32 bits.
const MOST_SEGMENTS: usize = 1 << (32 - SEGMENT_BITS);

/// What resources of one type and place have in common.
#[derive(Debug)]
struct Common {
    resource_type: Name,
    account: Value,
    region: Value,
    form: Form,
}

/// What is already in a pack, by where it is in memory: as long as it is in the pack, nothing else is there.
#[derive(Debug, Default)]
pub(super) struct Known {
    commons: FxHashMap<[usize; 4], u32>,
    layouts: FxHashMap<usize, u32>,
    /// Those that are not shared, by what they say.
    own_layouts: FxHashMap<Vec<Name>, u32>,
    values: FxHashMap<[usize; 2], u32>,
    row: Bytes,
}

/// The texts of a packed resource.
struct Texts<'p> {
    captured: Value,
    id: &'p str,
    arn: [&'p str; 2],
    /// `None`: the id.
    name: Option<&'p str>,
    origin: Origin,
    pointer: &'p str,
}

impl Pack {
    /// Adds a resource; where it is. `None`: there is something unusual about it.
    pub(super) fn add(&mut self, resource: &Resource, known: &mut Known) -> Option<u32> {
        let Resource { id: Value::Text(id), arn: Value::Text(arn), name: Value::Text(name), .. } = resource else {
            return None;
        };
        let Resource { address: None, blank: None, existence: None, owner: None, .. } = resource else { return None };
        let common = self.common_of(resource, known)?;
        let layout = self.layout_of(&resource.properties, known);
        let mut row = std::mem::take(&mut known.row);
        row.clear();
        row.put(u64::from(common));
        row.put(u64::from(layout));
        resource.properties.iter().for_each(|(_, value)| self.put_value(value, known, &mut row));
        self.put_value(&resource.tags, known, &mut row);
        let captured = match &resource.captured {
            Value::Time(time) => Some(Some(*time)),
            Value::Absent => Some(None),
            _ => None,
        };
        let time = captured.flatten();
        row.put(time.map_or(0, |time| 1 + u64::from(time.subsec_nanosecond().unsigned_abs())));
        row.put(zigzag(time.map_or(0, Timestamp::as_second)));
        row.put_text(id);
        match arn.strip_suffix(&**id) {
            Some(before) => row.put_pair(true, before),
            None => row.put_pair(false, arn),
        }
        match name == id {
            true => row.put(0),
            false => row.put_pair(true, name),
        }
        let Origin { input, offset, length, line, column, part } = resource.origin;
        [u64::from(input), offset, length].into_iter().for_each(|number| row.put(number));
        [line, column, part].into_iter().for_each(|number| row.put(u64::from(number)));
        row.put_text(&resource.pointer);
        // Before the epoch the parts of a second count downwards.
        let is_usual = captured.is_some() && time.is_none_or(|time| time.subsec_nanosecond() >= 0);
        let at = is_usual.then(|| self.put_row(row.bytes())).flatten();
        known.row = row;
        at
    }

    fn put_row(&mut self, row: &[u8]) -> Option<u32> {
        if row.len() > SEGMENT {
            return None;
        }
        if self.segments.last().is_none_or(|segment| segment.len() + row.len() > SEGMENT) {
            if self.segments.len() >= MOST_SEGMENTS {
                return None;
            }
            // A first one may stay small; others are filled.
            let room = if self.segments.is_empty() { 0 } else { SEGMENT };
            self.segments.push(Vec::with_capacity(room));
        }
        let number = self.segments.len().checked_sub(1)?;
        let segment = self.segments.last_mut()?;
        let at = segment.len();
        segment.extend_from_slice(row);
        Some((number as u32) << SEGMENT_BITS | at as u32)
    }

    fn common_of(&mut self, resource: &Resource, known: &mut Known) -> Option<u32> {
        let Resource { resource_type, account, region, form, .. } = resource;
        let (Value::Text(own_account), Value::Text(own_region)) = (account, region) else { return None };
        let Form { live, unobservable, planned, one_place, generated, unchanged } = form;
        let flags = [*live, *planned, *one_place, *generated, *unchanged];
        if flags != [true, false, false, false, false] {
            return None;
        }
        let hidden = unobservable.as_ref().map_or(0, |names| Arc::as_ptr(names).addr());
        let key = [
            Arc::as_ptr(resource_type).addr(),
            Arc::as_ptr(own_account).addr(),
            Arc::as_ptr(own_region).addr(),
            hidden,
        ];
        Some(*known.commons.entry(key).or_insert_with(|| {
            let (account, region, form) = (account.clone(), region.clone(), form.clone());
            self.commons.push(Common { resource_type: resource_type.clone(), account, region, form });
            self.commons.len() as u32 - 1
        }))
    }

    fn layout_of(&mut self, properties: &Held, known: &mut Known) -> u32 {
        let names = properties.shared_names();
        let address = Arc::as_ptr(&names).addr();
        if let Some(known) = known.layouts.get(&address).or_else(|| known.own_layouts.get(&*names)) {
            return *known;
        }
        let number = self.layouts.len() as u32;
        known.layouts.insert(address, number);
        known.own_layouts.insert(names.to_vec(), number);
        self.layouts.push(names);
        number
    }

    fn put_value(&mut self, value: &Value, known: &mut Known, row: &mut Bytes) {
        match value {
            Value::Text(text) if Arc::strong_count(text) == 1 => return row.put_inline(text),
            _ if row.put_small(value) => return,
            _ => {}
        }
        let mut push = || {
            self.values.push(value.clone());
            self.values.len() as u32 - 1
        };
        let code = match value.address() {
            // Nobody else has it.
            None => push(),
            Some(address) => *known.values.entry(address).or_insert_with(push),
        };
        row.put_code(code);
    }

    /// Whether there is no room for more.
    pub(super) fn is_full(&self) -> bool {
        self.segments.len() >= MOST_SEGMENTS
    }

    /// The resource that was added where this says.
    pub(super) fn row(&self, at: u32) -> Option<Packed<'_>> {
        let segment = self.segments.get((at >> SEGMENT_BITS) as usize)?;
        Some(Packed { pack: self, bytes: segment.get((at as usize & (SEGMENT - 1))..)? })
    }
}

/// What a resource has in common with others, its layout, and what comes behind.
type Begun<'p> = (&'p Common, &'p Arc<Vec<Name>>, Bytes<&'p [u8]>);

impl<'p> Packed<'p> {
    fn begun(self) -> Option<Begun<'p>> {
        let mut row = Bytes::reader(self.bytes);
        let common = self.pack.commons.get(usize::try_from(row.number()?).ok()?)?;
        let layout = self.pack.layouts.get(usize::try_from(row.number()?).ok()?)?;
        Some((common, layout, row))
    }

    fn value(self, row: &mut Bytes<&[u8]>) -> Option<Value> {
        row.value(|code| self.pack.values.get(usize::try_from(code).ok()?).cloned())
    }

    fn texts(self) -> Option<Texts<'p>> {
        let (_, layout, mut row) = self.begun()?;
        // The last are the tags.
        (0..=layout.len()).try_for_each(|_| row.skip_value())?;
        let nanosecond = row.number()?;
        let second = row.signed()?;
        let captured = match nanosecond.checked_sub(1) {
            Some(nanosecond) => Value::Time(Timestamp::new(second, i32::try_from(nanosecond).ok()?).ok()?),
            None => Value::Absent,
        };
        let id = row.text()?;
        let (ends_in_id, text) = row.pair()?;
        let arn = [text, if ends_in_id { id } else { "" }];
        let name = row.optional_text()?;
        let origin = Origin {
            input: row.number_32()?,
            offset: row.number()?,
            length: row.number()?,
            line: row.number_32()?,
            column: row.number_32()?,
            part: row.number_32()?,
        };
        Some(Texts { captured, id, arn, name, origin, pointer: row.text()? })
    }

    pub(super) fn whereabouts(self) -> Option<Whereabouts<'p>> {
        let (Common { resource_type, account, region, .. }, ..) = self.begun()?;
        Some(Whereabouts { resource_type, account, region })
    }

    pub(super) fn property(self, name: &str) -> Option<Value> {
        let (_, layout, mut row) = self.begun()?;
        let Some(place) = layout.iter().position(|own| **own == *name) else { return Some(Resource::unread(name)) };
        (0..place).try_for_each(|_| row.skip_value())?;
        self.value(&mut row)
    }

    pub(super) fn header(self, name: &str) -> Option<Value> {
        Some(match name {
            "type" => Value::Text(self.whereabouts()?.resource_type.clone()),
            "account" => self.whereabouts()?.account.clone(),
            "region" => self.whereabouts()?.region.clone(),
            "tags" => {
                let (_, layout, mut row) = self.begun()?;
                (0..layout.len()).try_for_each(|_| row.skip_value())?;
                self.value(&mut row)?
            }
            "id" => Value::text(self.texts()?.id),
            "arn" => Value::text(self.arn()?),
            "name" => self.texts().map(|texts| Value::text(texts.name.unwrap_or(texts.id)))?,
            "captured" => self.texts()?.captured,
            _ => Value::Absent,
        })
    }

    pub(super) fn arn(self) -> Option<Cow<'p, str>> {
        Some(match self.texts()?.arn {
            ["", text] | [text, ""] => Cow::Borrowed(text),
            arn => Cow::Owned(arn.concat()),
        })
    }

    pub(super) fn origin(self) -> Option<Origin> {
        self.texts().map(|texts| texts.origin)
    }

    /// The resource itself.
    pub(super) fn made(self) -> Option<Resource> {
        let (common, layout, mut row) = self.begun()?;
        let values: Option<Vec<Value>> = (0..layout.len()).map(|_| self.value(&mut row)).collect();
        let tags = self.value(&mut row)?;
        let texts = self.texts()?;
        let id: Arc<str> = texts.id.into();
        let arn = match texts.arn {
            ["", _] => id.clone(),
            arn => arn.concat().into(),
        };
        Some(Resource {
            resource_type: common.resource_type.clone(),
            name: Value::Text(texts.name.map_or_else(|| id.clone(), Arc::from)),
            arn: Value::Text(arn),
            id: Value::Text(id),
            account: common.account.clone(),
            region: common.region.clone(),
            tags,
            captured: texts.captured,
            address: None,
            properties: Held::of(layout.clone(), values?),
            blank: None,
            existence: None,
            owner: None,
            form: common.form.clone(),
            origin: texts.origin,
            pointer: texts.pointer.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::resource;
    use super::*;

    #[test]
    fn one_of_many_takes_little_room() {
        let (mut pack, mut known) = (Pack::default(), Known::default());
        let names: Arc<Vec<Name>> = Arc::new(vec!["Encrypted".into()]);
        let (ty, account, region): (Name, Value, Value) =
            ("AWS::EC2::Volume".into(), Value::text("1"), Value::text("r"));
        let tags = Value::Map(Arc::default());
        for at in 0..1000 {
            let tags = tags.clone();
            let properties = Held::of(names.clone(), vec![Value::Bool(at % 2 == 0)]);
            let (resource_type, account, region) = (ty.clone(), account.clone(), region.clone());
            let one = Resource { properties, resource_type, account, region, tags, ..resource(at) };
            assert!(pack.add(&one, &mut known).is_some());
        }
        assert_eq!((pack.commons.len(), pack.layouts.len(), pack.values.len()), (1, 1, 1));
        let bytes: usize = pack.segments.iter().map(Vec::len).sum();
        assert!(bytes < 80 * 1000, "{bytes}");
    }

    #[test]
    fn a_row_begins_where_there_is_room_for_it() {
        let (mut pack, mut known) = (Pack::default(), Known::default());
        let named = |length: usize| Resource { name: Value::text("n".repeat(length)), ..resource(1) };
        assert_eq!(pack.add(&named(SEGMENT), &mut known), None);
        let at: Vec<u32> = (0..3).filter_map(|_| pack.add(&named(SEGMENT / 2), &mut known)).collect();
        assert_eq!(at, [0, 1 << SEGMENT_BITS, 2 << SEGMENT_BITS]);
        assert!(at.iter().all(|at| pack.row(*at).and_then(Packed::made).is_some()) && !pack.is_full());
    }
}
