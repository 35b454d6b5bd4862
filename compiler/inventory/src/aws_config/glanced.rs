//! Items of which no more is parsed than rules read.
//!
//! A first pass finds where the members of the item and of its payloads stand and checks that the rest is JSON. What
//! properties are made of is parsed when no item before had the same text there: inventories say the same again and again,
//! and a value that was typed once is shared by all that say it. Whatever is unusual about an item (another shape, an escape
//! in a key, a name in two spellings, a deleted resource) leaves it to the reader that parses it whole, which says the same
//! of every item and more of those that are in error.

mod direct;

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::json::{self, Glance, Keys, Place};
use parapet_model::{Form, Name, Node, NodeKind, Record, ResourceType, Schema, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use direct::Header;

use super::EVENTS;
use super::item::{Chosen, Item, deliver_known};
use super::mapping::{Entry, Mapping};
use super::source::Beginnings;
use super::tags;
use crate::delivery::Delivery;
use crate::element::{Cut, Element, Envelope, origin};
use crate::source::Wanted;
use crate::splitter::OPENED;
use crate::{names, recorder};

/// What is known of the items of one input.
#[derive(Default)]
pub(crate) struct Items {
    /// By the names that AWS Config has for types; `None` for one whose items are parsed whole.
    kinds: FxHashMap<Name, Option<Box<Kind>>>,
}

/// The members of an item that headers are made of.
const HEADER: [&str; 9] = [
    "accountId",
    "arn",
    "ARN",
    "awsAccountId",
    "awsRegion",
    "configurationItemCaptureTime",
    "resourceId",
    "resourceName",
    "tags",
];

/// So many kinds are known: there are fewer types.
const MOST_KINDS: usize = 4096;

/// Delivers an item of which only what is wanted is parsed; whether it did.
pub(crate) fn deliver(cx: &mut Delivery<'_>, cut: Cut<'_>, envelope: &Envelope) -> bool {
    let mut items = std::mem::take(&mut cx.items);
    let delivered = items.deliver(cx, cut, envelope).is_some();
    cx.items = items;
    delivered
}

impl Items {
    fn deliver(&mut self, cx: &mut Delivery<'_>, cut: Cut<'_>, envelope: &Envelope) -> Option<()> {
        let wanted = cx.source.wanted.filter(|_| !envelope.partial)?;
        let mut own = Glance::default();
        let glance = match cut.glance {
            Some(glance) => glance,
            None => {
                own.at(cut.bytes, &OPENED).filter(|end| *end == cut.bytes.len())?;
                own.listed()
            }
        };
        let text = std::str::from_utf8(cut.bytes).ok()?;
        let seen = Seen::new(text, glance)?;
        let kind = self.kind(cx.schema, seen.usual_type()?, wanted)?;
        if !cx.source.placed
            && let Some(made) = kind.made(cx, &seen, &cut)
        {
            cx.recognised_as(super::NAME);
            cx.typed(Box::new(made.resource));
            made.satellites.into_iter().for_each(|record| cx.record(record));
            kind.tell_splits(cx, &seen, &made.place);
            return Some(());
        }
        let (item, chosen) = kind.item(&seen, &mut cx.keys)?;
        cx.recognised_as(super::NAME);
        let span = Span::new(0, text.len());
        let nothing = Node::new(span, NodeKind::Null);
        let element =
            Element { text, node: nothing, place: cut.place, pointer: cut.pointer.into(), envelope, input: cx.input };
        deliver_known(cx, &element, item, (&kind.entry, chosen), span);
        Some(())
    }

    fn kind(&mut self, schema: &Schema, name: &str, wanted: &Wanted<'_>) -> Option<&mut Kind> {
        if !self.kinds.contains_key(name) {
            if self.kinds.len() >= MOST_KINDS {
                return None;
            }
            let entry = Mapping::get().entry(schema, name);
            let kind = entry.and_then(|entry| Kind::new(wanted(&entry.ty.name), entry));
            self.kinds.insert(name.into(), kind.map(Box::new));
        }
        self.kinds.get_mut(name)?.as_deref_mut()
    }

    /// The record of an item of this form, with nothing but some of the properties that are wanted.
    pub(crate) fn bare(
        &mut self,
        cx: &mut Delivery<'_>,
        cut: Cut<'_>,
        form: Option<&Form>,
        properties: &[Name],
    ) -> Option<Record> {
        let wanted = cx.source.wanted?;
        let seen = Seen::new(std::str::from_utf8(cut.bytes).ok()?, cut.glance?)?;
        let kind = self.kind(cx.schema, seen.usual_type()?, wanted)?;
        let mut record = Record::new(kind.entry.ty.name.clone(), origin(cx.input, cut.place, cut.bytes.len() as u64));
        record.form = form?.clone();
        record.pointer = cut.pointer.into();
        kind.bare(cx, &seen, &mut record, properties)?;
        Some(record)
    }
}

/// An item at a glance.
struct Seen<'e> {
    text: &'e str,
    glance: json::Members<'e>,
    own: Own<'e>,
}

/// Where the members stand that an item is told by.
#[derive(Default)]
struct Own<'e> {
    resource_type: Option<&'e Place>,
    status: Option<&'e Place>,
    account: Option<&'e Place>,
    /// `awsAccountId`.
    other_account: Option<&'e Place>,
    region: Option<&'e Place>,
    id: Option<&'e Place>,
    name: Option<&'e Place>,
    arn: Option<&'e Place>,
    /// `ARN`.
    other_arn: Option<&'e Place>,
    captured: Option<&'e Place>,
    tags: Option<&'e Place>,
    configuration: Option<&'e Place>,
    supplementary: Option<&'e Place>,
    /// The payloads among all members.
    at: [u32; 2],
}

impl<'e> Seen<'e> {
    /// `None` for something that is no item, or an event.
    fn new(text: &'e str, glance: json::Members<'e>) -> Option<Seen<'e>> {
        let mut own = Own { at: [u32::MAX; 2], ..Own::default() };
        for (at, place) in glance.members.iter().enumerate() {
            let slot = match text.get(place.key.range())? {
                "resourceType" => &mut own.resource_type,
                "configurationItemStatus" => &mut own.status,
                "accountId" => &mut own.account,
                "awsAccountId" => &mut own.other_account,
                "awsRegion" => &mut own.region,
                "resourceId" => &mut own.id,
                "resourceName" => &mut own.name,
                "arn" => &mut own.arn,
                "ARN" => &mut own.other_arn,
                "configurationItemCaptureTime" => &mut own.captured,
                "tags" => &mut own.tags,
                "configuration" => {
                    own.at[0] = at as u32;
                    &mut own.configuration
                }
                "supplementaryConfiguration" => {
                    own.at[1] = at as u32;
                    &mut own.supplementary
                }
                "messageType" => return None,
                key if EVENTS.contains(&key) => return None,
                _ => continue,
            };
            *slot = Some(place);
        }
        Some(Seen { text, glance, own })
    }

    fn key(&self, place: &Place) -> &'e str {
        self.text.get(place.key.range()).unwrap_or_default()
    }

    fn raw(&self, place: &Place) -> &'e str {
        self.text.get(place.value.range()).unwrap_or_default()
    }

    /// The text of a member, as far as it is one without escapes.
    fn plain_text(&self, place: Option<&Place>) -> Option<&'e str> {
        let text = self.raw(place?).strip_prefix('"')?.strip_suffix('"')?;
        (!text.contains('\\')).then_some(text)
    }

    /// The type of an item of which there is nothing unusual to be seen.
    fn usual_type(&self) -> Option<&'e str> {
        let name = self.plain_text(self.own.resource_type).filter(|name| name.contains("::"))?;
        let is_status = self.own.status.is_none_or(|status| {
            let status = self.plain_text(Some(status)).unwrap_or("ResourceDeleted");
            !matches!(status, "ResourceDeleted" | "ResourceDeletedNotRecorded" | "ResourceNotRecorded")
        });
        let is_object = |place: &Place| self.raw(place).starts_with('{');
        // `{"value": x}` stands for `x`.
        let has_members = self.configuration().count() > 1;
        let is_wrapped = self.supplementary().map(|place| self.key(place)).eq(["value"]);
        (is_status
            && is_object(self.own.configuration?)
            && has_members
            && self.own.supplementary.is_none_or(is_object)
            && !is_wrapped)
            .then_some(name)
    }

    /// The members of the configuration.
    fn configuration(&self) -> impl Iterator<Item = &'e Place> {
        self.inside(self.own.at[0])
    }

    /// The members of `supplementaryConfiguration`.
    fn supplementary(&self) -> impl Iterator<Item = &'e Place> {
        self.inside(self.own.at[1])
    }

    fn inside(&self, outer: u32) -> impl Iterator<Item = &'e Place> {
        self.glance.inner.iter().filter(move |place| place.outer == outer)
    }

    fn parsed(&self, place: &Place, keys: &mut Keys) -> Option<(Name, Node)> {
        Some((self.key(place).into(), json::parse_member(self.text, place.value, keys).ok()?))
    }
}

/// What is done with the items of one type.
struct Kind {
    entry: Arc<Entry>,
    configuration: Members,
    supplementary: Members,
    /// The members of the item that something is made of, in lower case.
    envelope: Vec<String>,
    /// What is read again for each item: what names it, and what depends on more than its payloads.
    own: Arc<FxHashSet<Name>>,
    shared: Vec<Shared>,
    /// What is wanted.
    read: FxHashSet<Name>,
    /// Room for texts.
    text: Vec<u8>,
    /// `None` for a type whose resources are all made of records.
    header: Option<Header>,
}

/// The members of a payload that something is made of.
#[derive(Default)]
struct Members {
    /// In lower case, numbered.
    names: FxHashMap<String, usize>,
    /// Those that are parsed for each item.
    always: Vec<bool>,
    /// What keys were met, as they were written, and which of the names they are. Of keys that nobody wants it matters, too,
    /// whether one item has two spellings.
    met: FxHashMap<Box<str>, usize>,
    /// Where the members of this item stand, by their names.
    here: Vec<Option<Place>>,
}

/// A property whose value depends on nothing but members of the payloads.
struct Shared {
    name: Name,
    configuration: Vec<usize>,
    supplementary: Vec<usize>,
    known: Known,
}

/// Values by the text that they were made of.
#[derive(Default)]
struct Known {
    values: FxHashMap<Box<[u8]>, Value>,
    asked: u32,
    found: u32,
    bytes: usize,
}

/// So many items show whether a property has the same text again.
const TRIED: u32 = 512;

/// The most keys of one payload that are known.
const MOST_KEYS: usize = 1024;

/// The most values of one property that a thread keeps, and the most bytes of their texts.
const MOST_VALUES: usize = 4096;
const MOST_BYTES: usize = 512 << 10;

impl Known {
    /// Whether it is worth looking: names and descriptions are all different.
    fn is_useful(&self) -> bool {
        self.asked < TRIED || self.found > self.asked / 8
    }

    fn get(&mut self, text: &[u8]) -> Option<Value> {
        self.asked = self.asked.saturating_add(1);
        let value = self.values.get(text)?;
        self.found += 1;
        Some(value.clone())
    }

    fn learn(&mut self, text: Box<[u8]>, value: Value) {
        if self.values.len() < MOST_VALUES && self.bytes + text.len() <= MOST_BYTES {
            self.bytes += text.len();
            self.values.insert(text, value);
        }
    }
}

/// Properties of an item whose text is new: the number of the property, and the text.
type New = Vec<(usize, Box<[u8]>)>;

impl Members {
    fn add(&mut self, name: &str) -> usize {
        let next = self.names.len();
        let at = *self.names.entry(name.to_owned()).or_insert(next);
        self.always.resize(self.names.len(), false);
        at
    }

    fn always(&mut self, name: &str) {
        let at = self.add(name);
        self.always.get_mut(at).into_iter().for_each(|always| *always = true);
    }

    /// Finds the members of an item. `None` where two keys are one name in two spellings.
    fn find<'s>(&mut self, seen: &Seen<'s>, members: impl Iterator<Item = &'s Place>) -> Option<()> {
        self.here.clear();
        self.here.resize(self.names.len(), None);
        for place in members {
            let key = seen.key(place);
            let at = match self.met.get(key) {
                Some(at) => *at,
                None => self.meet(key)?,
            };
            if self.here.get_mut(at)?.replace(*place).is_some() {
                return None;
            }
        }
        Some(())
    }

    /// A key that was not met before. `None` where there are too many: names of things stand where names of members should.
    fn meet(&mut self, key: &str) -> Option<usize> {
        if self.met.len() >= MOST_KEYS {
            return None;
        }
        let at = self.add(&key.to_ascii_lowercase());
        self.here.resize(self.names.len(), None);
        self.met.insert(key.into(), at);
        Some(at)
    }

    /// Adds the text of members to that of others.
    fn text(&self, wanted: &[usize], seen: &Seen<'_>, text: &mut Vec<u8>) {
        for at in wanted {
            if let Some(place) = self.here.get(*at).copied().flatten() {
                text.extend_from_slice(seen.key(&place).as_bytes());
                text.push(b'"');
                text.extend_from_slice(seen.raw(&place).as_bytes());
            }
            text.push(0);
        }
    }

    /// The payload with those of its members that are wanted; a member without a name stands for the others, so that it is
    /// not taken for `{"value": x}`.
    fn node(&self, span: Span, wanted: &[bool], seen: &Seen<'_>, keys: &mut Keys) -> Option<Node> {
        let mut members = Vec::new();
        for (place, _) in self.here.iter().zip(wanted).filter(|(_, wanted)| **wanted) {
            members.extend(place.iter().filter_map(|place| seen.parsed(place, keys)));
        }
        members.push(("".into(), Node::new(span, NodeKind::Null)));
        Some(Node::new(span, NodeKind::Map(members)))
    }
}

impl Kind {
    /// `None` for a type whose items are parsed whole.
    fn new(wanted: FxHashSet<Name>, entry: Arc<Entry>) -> Option<Kind> {
        if entry.lift.is_some() || recorder::is_recorder(&entry.ty.name) {
            return None;
        }
        let mut kind = Kind {
            configuration: Members::default(),
            supplementary: Members::default(),
            envelope: HEADER.iter().map(|name| name.to_ascii_lowercase()).collect(),
            own: Arc::default(),
            shared: Vec::new(),
            read: FxHashSet::default(),
            text: Vec::new(),
            header: None,
            entry,
        };
        let entry = kind.entry.clone();
        let mut own = own(&entry.ty);
        let mut always = Beginnings::default();
        always.configuration.push("arn".to_owned());
        always.configuration.extend(tags::OWN.iter().map(|name| name.to_ascii_lowercase()));
        always.supplementary.extend(tags::BESIDE.iter().map(|name| name.to_ascii_lowercase()));
        entry.splits.iter().for_each(|split| split.begin(&mut always));
        for name in &wanted {
            let beginnings = beginnings(&entry, name);
            if own.contains(name) || entry.ty.property(name).is_none() {
                continue;
            }
            if beginnings.anywhere || beginnings.relations || !beginnings.envelope.is_empty() {
                own.insert(name.clone());
                continue;
            }
            kind.shared.push(Shared {
                name: name.clone(),
                configuration: beginnings.configuration.iter().map(|name| kind.configuration.add(name)).collect(),
                supplementary: beginnings.supplementary.iter().map(|name| kind.supplementary.add(name)).collect(),
                known: Known::default(),
            });
        }
        for name in &own {
            let beginnings = beginnings(&entry, name);
            always.anywhere |= beginnings.anywhere;
            always.relations |= beginnings.relations;
            always.envelope.extend(beginnings.envelope);
            always.configuration.extend(beginnings.configuration);
            always.supplementary.extend(beginnings.supplementary);
        }
        if always.anywhere {
            return None;
        }
        always.configuration.iter().for_each(|name| kind.configuration.always(name));
        always.supplementary.iter().for_each(|name| kind.supplementary.always(name));
        kind.own = Arc::new(own);
        kind.envelope.append(&mut always.envelope);
        if always.relations {
            kind.envelope.push("relationships".to_owned());
        }
        let members = (&mut kind.configuration, &mut kind.supplementary);
        let shared: Vec<Name> = kind.shared.iter().map(|shared| shared.name.clone()).collect();
        kind.header = Header::new(&entry, members, (&wanted, &kind.own), shared);
        kind.read = wanted;
        Some(kind)
    }

    /// Finds the members of an item. `None` where two keys are one name in two spellings.
    fn find(&mut self, seen: &Seen<'_>) -> Option<()> {
        self.configuration.find(seen, seen.configuration())?;
        self.supplementary.find(seen, seen.supplementary())
    }

    /// Finds values by the texts of an item, each at the number of its property; notes what is to be read, and what of that is
    /// new.
    fn known(&mut self, seen: &Seen<'_>, (values, more, new): (&mut [Value], &mut Vec<usize>, &mut New)) {
        let mut text = std::mem::take(&mut self.text);
        for (at, (shared, value)) in self.shared.iter_mut().zip(values).enumerate() {
            if shared.known.is_useful() {
                text.clear();
                // Without the second payload other properties cannot be seen.
                text.push(u8::from(seen.own.supplementary.is_some()));
                self.configuration.text(&shared.configuration, seen, &mut text);
                self.supplementary.text(&shared.supplementary, seen, &mut text);
                if let Some(known) = shared.known.get(&text) {
                    *value = known;
                    continue;
                }
                new.push((at, text.as_slice().into()));
            }
            more.push(at);
        }
        self.text = text;
    }

    /// The item with what is to be read of it.
    fn item(&mut self, seen: &Seen<'_>, keys: &mut Keys) -> Option<(Item, Chosen)> {
        self.find(seen)?;
        let mut wanted = (self.configuration.always.clone(), self.supplementary.always.clone());
        let mark = |list: &mut Vec<bool>, at: &usize| list.get_mut(*at).into_iter().for_each(|mark| *mark = true);
        for shared in &self.shared {
            shared.configuration.iter().for_each(|at| mark(&mut wanted.0, at));
            shared.supplementary.iter().for_each(|at| mark(&mut wanted.1, at));
        }
        let item = Item {
            envelope: self.envelope(seen, keys)?,
            configuration: Some(self.configuration.node(seen.own.configuration?.value, &wanted.0, seen, keys)?),
            supplementary: match seen.own.supplementary {
                Some(place) => Some(self.supplementary.node(place.value, &wanted.1, seen, keys)?),
                None => None,
            },
            partial: false,
        };
        let more = self.shared.iter().map(|shared| shared.name.clone()).collect();
        Some((item, Chosen { properties: Some((self.own.clone(), more)) }))
    }

    fn envelope(&self, seen: &Seen<'_>, keys: &mut Keys) -> Option<Node> {
        let wanted = |key: &str| self.envelope.iter().any(|name| name.eq_ignore_ascii_case(key));
        let members = seen.glance.members.iter().filter(|place| wanted(seen.key(place)));
        let members: Option<Vec<(Name, Node)>> = members.map(|place| seen.parsed(place, keys)).collect();
        Some(Node::new(Span::new(0, seen.text.len()), NodeKind::Map(members?)))
    }
}

/// What a property is made of.
fn beginnings(entry: &Entry, name: &Name) -> Beginnings {
    let mut beginnings = Beginnings::default();
    let targets = || entry.map.iter().filter(|(target, _)| target.property == *name);
    targets().for_each(|(_, source)| beginnings.add(source, false));
    if !targets().any(|(target, _)| target.is_whole()) {
        beginnings.configuration.push(name.to_ascii_lowercase());
    }
    beginnings
}

/// The properties that headers are made of.
fn own(ty: &ResourceType) -> FxHashSet<Name> {
    let mut own: FxHashSet<Name> = ty.identifier.iter().chain(&ty.tags).cloned().collect();
    own.extend(["Tags", "Path"].iter().filter_map(|name| ty.property(name)).map(|property| property.name.clone()));
    own.extend(names::arn_properties(ty).map(|property| property.name.clone()));
    for variable in ty.arn.iter().flat_map(|arn| arn.split("${").skip(1)).filter_map(|part| part.split('}').next()) {
        let variable = variable.strip_suffix("WithPath").unwrap_or(variable);
        own.extend(ty.property_in_any_case(variable).map(|property| property.name.clone()));
    }
    own
}
