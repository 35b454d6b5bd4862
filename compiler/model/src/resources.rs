//! Many resources in little room.
//!
//! A resource of an inventory is mostly texts that others have, too. A packed one is some dozen bytes: numbers of what it
//! shares with others, and its own texts; what it is made of is made again when somebody looks at it. Those of which
//! something is unusual are kept as they are.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::packing::{Bytes, zigzag};
use crate::{Form, Held, Name, Origin, Resource, Value};

/// Resources, each with a number: that of its place in their order.
#[derive(Debug, Default)]
pub struct Resources {
    rows: Vec<Row>,
    /// In chunks, so that a list that grows is never copied.
    whole: Vec<Vec<Resource>>,
    packs: Vec<Pack>,
    /// What is known of the last pack while it grows.
    known: Option<Box<Known>>,
}

/// Where a resource is: in a pack and at an offset of it, or among the whole ones.
#[derive(Clone, Copy, Debug)]
struct Row {
    pack: u32,
    at: u32,
}

/// The [`Row::pack`] of those that are not packed.
const WHOLE: u32 = u32::MAX;

/// Resources of a chunk, as a power of two.
const CHUNK_BITS: u32 = 10;

/// What packed resources are made of.
#[derive(Debug, Default)]
struct Pack {
    commons: Vec<Common>,
    layouts: Vec<Arc<Vec<Name>>>,
    values: Vec<Value>,
    /// A resource lies in one of them.
    segments: Vec<Vec<u8>>,
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
struct Known {
    commons: FxHashMap<[usize; 4], u32>,
    layouts: FxHashMap<usize, u32>,
    /// Those that are not shared, by what they say.
    own_layouts: FxHashMap<Vec<Name>, u32>,
    values: FxHashMap<[usize; 2], u32>,
    row: Bytes,
}

/// A resource that is kept as it is, or was made for whoever looks at it.
pub enum Found<'r> {
    Kept(&'r Resource),
    Made(Box<Resource>),
}

impl Deref for Found<'_> {
    type Target = Resource;

    fn deref(&self) -> &Resource {
        match self {
            Found::Kept(resource) => resource,
            Found::Made(resource) => resource,
        }
    }
}

impl Found<'_> {
    pub fn into_owned(self) -> Resource {
        match self {
            Found::Kept(resource) => resource.clone(),
            Found::Made(resource) => *resource,
        }
    }
}

/// What says where a resource is, and of what type.
#[derive(Clone, Copy)]
pub struct Whereabouts<'r> {
    pub resource_type: &'r Name,
    pub account: &'r Value,
    pub region: &'r Value,
}

impl From<Vec<Resource>> for Resources {
    fn from(whole: Vec<Resource>) -> Resources {
        let mut resources = Resources::default();
        whole.into_iter().for_each(|resource| resources.push(resource));
        resources
    }
}

impl Resources {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a resource as it is.
    pub fn push(&mut self, resource: Resource) {
        let row = self.keep(resource);
        self.rows.push(row);
    }

    fn keep(&mut self, resource: Resource) -> Row {
        if self.whole.last().is_none_or(|chunk| chunk.len() >> CHUNK_BITS > 0) {
            self.whole.push(Vec::new());
        }
        let number = self.whole.len().saturating_sub(1);
        let mut at = number << CHUNK_BITS;
        if let Some(chunk) = self.whole.last_mut() {
            at += chunk.len();
            chunk.push(resource);
        }
        Row { pack: WHOLE, at: at as u32 }
    }

    /// Adds a resource, packed if there is nothing unusual about it.
    pub fn pack(&mut self, resource: Resource) {
        let mut known = self.known.take().unwrap_or_else(|| {
            self.packs.push(Pack::default());
            Box::default()
        });
        let number = self.packs.len().saturating_sub(1) as u32;
        let at = self.packs.last_mut().and_then(|pack| pack.add(&resource, &mut known));
        let is_full = self.packs.last().is_none_or(|pack| pack.segments.len() >= MOST_SEGMENTS);
        self.known = (!is_full).then_some(known);
        match at {
            Some(at) => self.rows.push(Row { pack: number, at }),
            None => self.push(resource),
        }
    }

    /// Adds all of others behind these.
    pub fn append(&mut self, others: Resources) {
        let (packs, chunks) = (self.packs.len() as u32, self.whole.len() as u32);
        self.rows.extend(others.rows.into_iter().map(|row| match row.pack {
            WHOLE => Row { pack: WHOLE, at: row.at + (chunks << CHUNK_BITS) },
            pack => Row { pack: pack + packs, ..row },
        }));
        self.packs.extend(others.packs);
        self.whole.extend(others.whole);
        // What is packed next goes to a pack of its own.
        self.known = None;
    }

    /// No more are added: lets go of what only adding needs.
    pub fn close(&mut self) {
        self.known = None;
        self.rows.shrink_to_fit();
    }

    pub fn get(&self, at: usize) -> Option<Found<'_>> {
        Some(match self.found(at)? {
            Ok(resource) => Found::Kept(resource),
            Err((pack, bytes)) => Found::Made(Box::new(pack.made(bytes)?)),
        })
    }

    /// A resource that is not packed: only of those something is unusual, such as that nobody knows whether it exists.
    pub fn kept(&self, at: usize) -> Option<&Resource> {
        self.found(at)?.ok()
    }

    /// A resource to change, which is packed no more.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut Resource> {
        if let Found::Made(resource) = self.get(at)? {
            let row = self.keep(*resource);
            *self.rows.get_mut(at)? = row;
        }
        let row = self.rows.get(at)?;
        self.whole.get_mut((row.at >> CHUNK_BITS) as usize)?.get_mut(row.at as usize & ((1 << CHUNK_BITS) - 1))
    }

    pub fn iter(&self) -> impl Iterator<Item = Found<'_>> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Keeps those of which something is said, by their numbers.
    pub fn retain(&mut self, mut is_kept: impl FnMut(usize) -> bool) {
        let mut at = 0;
        self.rows.retain(|_| {
            at += 1;
            is_kept(at - 1)
        });
    }

    pub fn into_vec(self) -> Vec<Resource> {
        self.iter().map(Found::into_owned).collect()
    }

    /// Where a resource is, and its type.
    pub fn whereabouts(&self, at: usize) -> Option<Whereabouts<'_>> {
        Some(match self.found(at)? {
            Ok(Resource { resource_type, account, region, .. }) => Whereabouts { resource_type, account, region },
            Err((pack, bytes)) => {
                let Common { resource_type, account, region, .. } = pack.common(Bytes::reader(bytes).number()?)?;
                Whereabouts { resource_type, account, region }
            }
        })
    }

    /// [`Resource::property`].
    pub fn property(&self, at: usize, name: &str) -> Option<Value> {
        match self.found(at)? {
            Ok(resource) => Some(resource.property(name)),
            Err((pack, bytes)) => {
                let mut row = Bytes::reader(bytes);
                row.number()?;
                let layout = pack.layouts.get(row.number()? as usize)?;
                let Some(place) = layout.iter().position(|own| **own == *name) else {
                    return Some(Resource::unread(name));
                };
                (0..place).try_for_each(|_| row.skip_value())?;
                pack.value(&mut row)
            }
        }
    }

    /// [`Resource::header`].
    pub fn header(&self, at: usize, name: &str) -> Option<Value> {
        match (self.found(at)?, name) {
            (Ok(resource), _) => Some(resource.header(name)),
            (Err(_), "type") => Some(Value::Text(self.whereabouts(at)?.resource_type.clone())),
            (Err(_), "account") => Some(self.whereabouts(at)?.account.clone()),
            (Err(_), "region") => Some(self.whereabouts(at)?.region.clone()),
            (Err((pack, bytes)), name) => pack.header(bytes, name),
        }
    }

    /// The ARN, as far as it is known.
    pub fn arn(&self, at: usize) -> Option<Cow<'_, str>> {
        match self.found(at)? {
            Ok(resource) => resource.arn.as_text().map(Cow::Borrowed),
            Err((pack, bytes)) => Some(match pack.texts(bytes)?.arn {
                ["", text] | [text, ""] => Cow::Borrowed(text),
                arn => Cow::Owned(arn.concat()),
            }),
        }
    }

    pub fn origin(&self, at: usize) -> Option<Origin> {
        match self.found(at)? {
            Ok(resource) => Some(resource.origin),
            Err((pack, bytes)) => pack.texts(bytes).map(|texts| texts.origin),
        }
    }

    /// The resource itself, or the pack and the bytes that it is made of.
    fn found(&self, at: usize) -> Option<Result<&Resource, (&Pack, &[u8])>> {
        let row = self.rows.get(at)?;
        if row.pack == WHOLE {
            let chunk = self.whole.get((row.at >> CHUNK_BITS) as usize)?;
            return chunk.get(row.at as usize & ((1 << CHUNK_BITS) - 1)).map(Ok);
        }
        let pack = self.packs.get(row.pack as usize)?;
        let segment = pack.segments.get((row.at >> SEGMENT_BITS) as usize)?;
        let bytes = segment.get((row.at as usize & (SEGMENT - 1))..)?;
        Some(Err((pack, bytes)))
    }
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
    fn add(&mut self, resource: &Resource, known: &mut Known) -> Option<u32> {
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

    fn common(&self, number: u64) -> Option<&Common> {
        self.commons.get(usize::try_from(number).ok()?)
    }

    fn value(&self, row: &mut Bytes<&[u8]>) -> Option<Value> {
        row.value(|code| self.values.get(code as usize).cloned())
    }

    /// The texts of a row.
    fn texts<'p>(&self, bytes: &'p [u8]) -> Option<Texts<'p>> {
        let mut row = Bytes::reader(bytes);
        row.number()?;
        let layout = self.layouts.get(row.number()? as usize)?;
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

    fn header(&self, bytes: &[u8], name: &str) -> Option<Value> {
        if name == "tags" {
            let mut row = Bytes::reader(bytes);
            row.number()?;
            let layout = self.layouts.get(row.number()? as usize)?;
            (0..layout.len()).try_for_each(|_| row.skip_value())?;
            return self.value(&mut row);
        }
        let texts = self.texts(bytes)?;
        Some(match name {
            "id" => Value::text(texts.id),
            "arn" => Value::text(texts.arn.concat()),
            "name" => Value::text(texts.name.unwrap_or(texts.id)),
            "captured" => texts.captured,
            _ => Value::Absent,
        })
    }

    fn made(&self, bytes: &[u8]) -> Option<Resource> {
        let mut row = Bytes::reader(bytes);
        let common = self.common(row.number()?)?;
        let layout = self.layouts.get(row.number()? as usize)?.clone();
        let values: Option<Vec<Value>> = (0..layout.len()).map(|_| self.value(&mut row)).collect();
        let tags = self.value(&mut row)?;
        let texts = self.texts(bytes)?;
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
            properties: Held::of(layout, values?),
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
    use rustc_hash::FxHashSet;

    use super::*;
    use crate::{Reason, Unknown};

    fn resource(at: usize) -> Resource {
        let text = |text: String| Value::text(text);
        let id = format!("id-{at}");
        Resource {
            resource_type: "AWS::EC2::Volume".into(),
            arn: text(format!("arn:aws:ec2:eu-west-1:1:volume/{id}")),
            name: text(id.clone()),
            id: text(id),
            account: Value::text("1"),
            region: Value::text("eu-west-1"),
            tags: Value::Map(Arc::default()),
            captured: Value::Time(Timestamp::new(1_795_154_400 + at as i64, at as i32).unwrap()),
            address: None,
            properties: Held::of(
                Arc::new(vec!["Encrypted".into(), "Size".into()]),
                vec![Value::Bool(true), Value::Int(8)],
            ),
            blank: None,
            existence: None,
            owner: None,
            form: Form { live: true, ..Form::default() },
            origin: Origin { input: 1, offset: 1 << 40, length: 2300, line: at as u32, column: 1, part: 0 },
            pointer: "".into(),
        }
    }

    /// All sorts of resources: usual ones, and each with something unusual about it.
    fn sorts() -> Vec<Resource> {
        let unknown = || Unknown::new(Reason::Other, "nobody knows");
        let shared = Value::list(vec![Value::Int(1), Value::text("x")]);
        let Value::List(parts) = &shared else { panic!("a list") };
        let values = vec![
            Value::text("own"),
            Value::text("ö"),
            shared.clone(),
            Value::Set(parts.clone()),
            shared.clone(),
            Value::list(vec![shared.clone()]),
            Value::Unknown(unknown()),
            Value::Float(0.5),
            Value::Int(i64::MIN),
            Value::Absent,
            Value::Duration(jiff::SignedDuration::from_secs(5)),
        ];
        let names: Vec<Name> = (0..values.len()).map(|at| format!("P{at}").into()).collect();
        let hidden = Arc::new(FxHashSet::from_iter([Name::from("Hidden")]));
        let mut sorts: Vec<Resource> = (0..40).map(resource).collect();
        let mut add = |change: &dyn Fn(&mut Resource)| {
            let mut one = resource(sorts.len());
            change(&mut one);
            sorts.push(one);
        };
        add(&|it| it.properties = Held::of(Arc::new(names.clone()), values.clone()));
        add(&|it| it.properties = Held::default());
        add(&|it| it.arn = it.id.clone());
        add(&|it| it.arn = Value::text("arn:of:something/else"));
        add(&|it| it.name = Value::text("a name"));
        add(&|it| it.name = Value::text(""));
        add(&|it| it.id = Value::text(""));
        add(&|it| it.pointer = "/configurationItems/41".into());
        add(&|it| it.captured = Value::Absent);
        add(&|it| it.captured = Value::Time(Timestamp::new(0, 0).unwrap()));
        add(&|it| it.captured = Value::Time(Timestamp::new(-7, -1).unwrap()));
        add(&|it| it.captured = Value::Unknown(unknown()));
        add(&|it| it.form.unobservable = Some(hidden.clone()));
        add(&|it| it.form.planned = true);
        add(&|it| it.form.live = false);
        add(&|it| it.tags = Value::Unknown(unknown()));
        add(&|it| it.id = Value::Unknown(unknown()));
        add(&|it| it.account = Value::Unknown(unknown()));
        add(&|it| it.region = Value::text("global"));
        add(&|it| it.address = Some("aws_ebs_volume.it".into()));
        add(&|it| it.blank = Some(unknown()));
        add(&|it| it.existence = Some(unknown()));
        add(&|it| it.owner = Some("plan".into()));
        add(&|it| it.resource_type = "x".repeat(3).into());
        add(&|it| it.name = Value::text("n".repeat(SEGMENT)));
        add(&|it| it.name = Value::text("n".repeat(SEGMENT / 2)));
        add(&|it| it.name = Value::text("n".repeat(SEGMENT / 2)));
        sorts
    }

    fn packed(of: &[Resource]) -> Resources {
        let mut resources = Resources::default();
        of.iter().for_each(|resource| resources.pack(resource.clone()));
        resources
    }

    fn told(resource: &Resource) -> String {
        let properties: Vec<_> = resource.properties.iter().collect();
        let rest = Resource { properties: Held::default(), ..resource.clone() };
        format!("{properties:?} {rest:?}")
    }

    fn all(resources: &Resources) -> Vec<String> {
        resources.iter().map(|resource| told(&resource)).collect()
    }

    #[test]
    fn what_is_packed_is_what_it_was() {
        let sorts = sorts();
        let resources = packed(&sorts);
        assert_eq!(all(&resources), sorts.iter().map(told).collect::<Vec<_>>());
        // Half of them are usual.
        let whole = (0..sorts.len()).filter(|at| resources.kept(*at).is_some()).count();
        assert!(whole < sorts.len() / 2, "{whole}");
        for (at, one) in sorts.iter().enumerate() {
            let here = resources.whereabouts(at).unwrap();
            assert_eq!(here.resource_type, &one.resource_type);
            assert!(here.account.is_identical(&one.account) && here.region.is_identical(&one.region));
            assert_eq!(resources.origin(at), Some(one.origin));
            assert_eq!(resources.arn(at).as_deref(), one.arn.as_text());
            for name in ["id", "arn", "name", "type", "account", "region", "tags", "captured", "?"] {
                assert!(resources.header(at, name).unwrap().is_identical(&one.header(name)), "{at} {name}");
            }
            let names = one.properties.iter().map(|(name, _)| name.to_string()).chain(["Other".to_owned()]);
            for name in names {
                assert!(resources.property(at, &name).unwrap().is_identical(&one.property(&name)), "{at} {name}");
            }
        }
        assert!(resources.get(sorts.len()).is_none() && resources.property(sorts.len(), "Size").is_none());
    }

    #[test]
    fn many_are_kept_as_they_are() {
        let many: Vec<Resource> = (0..3000).map(resource).collect();
        let mut resources = Resources::from(many.clone());
        resources.append(packed(&many));
        resources.append(Resources::from(many.clone()));
        resources.get_mut(4000).unwrap().blank = None;
        let meant: Vec<String> = many.iter().chain(&many).chain(&many).map(told).collect();
        assert_eq!(all(&resources), meant);
    }

    #[test]
    fn they_are_appended_changed_and_left_out() {
        let sorts = sorts();
        let mut resources = packed(&sorts);
        resources.append(packed(&sorts[3..]));
        resources.pack(sorts[1].clone());
        resources.close();
        let mut meant: Vec<Resource> = sorts.iter().chain(&sorts[3..]).chain([&sorts[1]]).cloned().collect();
        assert_eq!(all(&resources), meant.iter().map(told).collect::<Vec<_>>());
        for at in [0, 41, meant.len() - 1] {
            resources.get_mut(at).unwrap().blank = Some(Unknown::new(Reason::Stale, "old"));
            meant[at].blank = Some(Unknown::new(Reason::Stale, "old"));
        }
        resources.retain(|at| at % 3 != 1);
        let meant: Vec<Resource> =
            meant.into_iter().enumerate().filter(|(at, _)| at % 3 != 1).map(|(_, resource)| resource).collect();
        assert_eq!(all(&resources), meant.iter().map(told).collect::<Vec<_>>());
        let vec = resources.into_vec();
        assert!(vec.iter().map(told).eq(meant.iter().map(told)));
        assert_eq!(Resources::from(vec.clone()).into_vec().len(), vec.len());
    }

    #[test]
    fn one_of_many_takes_little_room() {
        let mut resources = Resources::default();
        let names: Arc<Vec<Name>> = Arc::new(vec!["Encrypted".into()]);
        let (ty, account, region): (Name, Value, Value) =
            ("AWS::EC2::Volume".into(), Value::text("1"), Value::text("r"));
        for at in 0..1000 {
            let properties = Held::of(names.clone(), vec![Value::Bool(at % 2 == 0)]);
            let (resource_type, account, region) = (ty.clone(), account.clone(), region.clone());
            resources.pack(Resource { properties, resource_type, account, region, ..resource(at) });
        }
        let pack = &resources.packs[0];
        assert_eq!((pack.commons.len(), pack.layouts.len(), resources.whole.len()), (1, 1, 0));
        let bytes: usize = pack.segments.iter().map(Vec::len).sum();
        assert!(bytes < 80 * 1000, "{bytes}");
    }
}
