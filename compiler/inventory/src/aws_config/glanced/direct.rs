//! Resources made without a record between.
//!
//! What a header is made of are mostly plain texts of the item, so that they are taken as they stand; what else is wanted is
//! typed from a record that has nothing but that. An item of which anything is unusual is left to whoever reads it as a
//! record.

use std::sync::Arc;

use parapet_model::{Form, Held, Name, Node, NodeKind, Reading, Record, Resource, Type, Value, parse_time};
use rustc_hash::FxHashSet;

use super::{Keys, Kind, Known, MOST_VALUES, Members, New, Place, Seen, beginnings};
use crate::aws_config::item::{self, Chosen, Item, complete, satellites, split_off};
use crate::aws_config::mapping::Entry;
use crate::aws_config::path::{Root, Step};
use crate::aws_config::source::{Beginnings, Source};
use crate::aws_config::tags;
use crate::delivery::Delivery;
use crate::element::{Cut, origin};
use crate::source::TAGS;

/// How the headers of one type are made.
pub(super) struct Header {
    /// Where the parts of the identifier stand.
    identifier: Vec<Stand>,
    /// What is wanted: what items share, then the texts that name the resource, and what else names it.
    layout: Arc<Vec<Name>>,
    /// Where these texts stand.
    texts: Vec<Stand>,
    wants_tags: bool,
    /// Tags by the texts that they were made of.
    tags: Known,
    /// Where tags may stand in the payloads.
    own_tags: Vec<usize>,
    tags_beside: Vec<usize>,
    /// The property that holds them.
    tag_property: Arc<FxHashSet<Name>>,
    unread: Value,
    /// The members of the payloads that others are made of which the item holds; `None` where more is needed for these.
    split_members: Option<(Vec<usize>, Vec<usize>)>,
    /// The texts of these of which nothing is made.
    barren: FxHashSet<Box<[u8]>>,
    /// `global`, where all resources of the type have that region.
    region: Option<Value>,
    /// The last time of capture, for many have the same.
    captured: Option<(Box<str>, Value)>,
}

/// Longer texts are mostly policies, and no two the same.
const MOST_BARREN: usize = 256;

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
enum Stand {
    /// A member of the configuration.
    Configuration(usize),
    /// The `resourceId` of the item.
    Id,
    /// The `resourceName` of the item.
    Name,
    /// The `arn` of the item.
    Arn,
}

/// A text of an item.
enum Found<'s> {
    Text(&'s str),
    /// It is not there, or `null`.
    Nothing,
    Empty,
    /// It is something else.
    Unusual,
}

/// A resource, and those that its item holds beside it.
pub(super) struct Made {
    pub(super) resource: Resource,
    pub(super) satellites: Vec<Record>,
    /// The account and the region of the item.
    pub(super) place: (Name, Name),
}

impl Header {
    /// `None` for a type whose headers are not made of plain texts.
    pub(super) fn new(
        entry: &Entry,
        (configuration, supplementary): (&mut Members, &mut Members),
        (wanted, own): (&FxHashSet<Name>, &FxHashSet<Name>),
        mut layout: Vec<Name>,
    ) -> Option<Header> {
        let ty = &entry.ty;
        let identifier: Option<Vec<Stand>> =
            ty.identifier.iter().map(|name| stand(entry, configuration, name)).collect();
        let (mut texts, mut others) = (Vec::new(), Vec::new());
        for name in own.iter().filter(|name| wanted.contains(*name)) {
            match stand(entry, configuration, name) {
                Some(stand) => {
                    layout.push(name.clone());
                    texts.push(stand);
                }
                None => others.push(name.clone()),
            }
        }
        layout.extend(others);
        let tags = ty.tags.iter().map(|name| beginnings(entry, name));
        if tags.clone().any(|tags| tags.anywhere || tags.relations || tags.envelope.iter().any(|name| name != "tags")) {
            return None;
        }
        let own_tags = tags::OWN.iter().map(|name| name.to_ascii_lowercase());
        let own_tags = own_tags.chain(tags.clone().flat_map(|tags| tags.configuration));
        let tags_beside = tags::BESIDE.iter().map(|name| name.to_ascii_lowercase());
        let tags_beside = tags_beside.chain(tags.clone().flat_map(|tags| tags.supplementary));
        let mut splits = Beginnings::default();
        entry.splits.iter().for_each(|split| split.begin(&mut splits));
        let alone = splits.envelope.is_empty() && !splits.anywhere && !splits.relations;
        let split_members = alone.then(|| {
            let own = splits.configuration.iter().map(|name| configuration.add(name)).collect();
            (own, splits.supplementary.iter().map(|name| supplementary.add(name)).collect())
        });
        Some(Header {
            split_members,
            barren: FxHashSet::default(),
            identifier: identifier?,
            layout: Arc::new(layout),
            texts,
            wants_tags: wanted.contains(TAGS),
            tags: Known::default(),
            own_tags: own_tags.map(|name| configuration.add(&name)).collect(),
            tags_beside: tags_beside.map(|name| supplementary.add(&name)).collect(),
            tag_property: Arc::new(ty.tags.iter().cloned().collect()),
            unread: Value::unknown(parapet_model::Reason::Other, "tags were not read from the input"),
            region: ty.global.then(|| Value::text("global")),
            captured: None,
        })
    }

    fn captured(&mut self, seen: &Seen<'_>) -> Option<Value> {
        let text = match seen.found(seen.own.captured) {
            Found::Text(text) => text,
            Found::Nothing | Found::Empty => return Some(Value::Absent),
            Found::Unusual => return None,
        };
        match &self.captured {
            Some((known, value)) if **known == *text => Some(value.clone()),
            _ => {
                let value = parse_time(text).map_or(Value::Absent, Value::Time);
                self.captured = Some((text.into(), value.clone()));
                Some(value)
            }
        }
    }
}

/// Where a property stands that is a text.
fn stand(entry: &Entry, configuration: &mut Members, name: &Name) -> Option<Stand> {
    let mut ty = &entry.ty.property(name)?.ty;
    if let Type::Optional(inner) = ty {
        ty = inner;
    }
    if !ty.is_text() {
        return None;
    }
    let mut targets = entry.map.iter().filter(|(target, _)| target.property == *name);
    let Some((target, source)) = targets.next() else {
        return Some(Stand::Configuration(configuration.add(&name.to_ascii_lowercase())));
    };
    let Source::Path(path) = source else { return None };
    let [Step::Member(member)] = path.steps.as_slice() else { return None };
    if targets.next().is_some() || !target.is_whole() {
        return None;
    }
    match (&path.root, &**member) {
        (Root::Current, member) => Some(Stand::Configuration(configuration.add(&member.to_ascii_lowercase()))),
        (Root::Envelope, "resourceId") => Some(Stand::Id),
        (Root::Envelope, "resourceName") => Some(Stand::Name),
        (Root::Envelope, "arn") => Some(Stand::Arn),
        _ => None,
    }
}

impl Kind {
    /// The resource of an item with what is wanted of it. `None`: something about it is unusual.
    pub(super) fn made(&mut self, cx: &mut Delivery<'_>, seen: &Seen<'_>, cut: &Cut<'_>) -> Option<Made> {
        let mut header = self.header.take()?;
        let made = self.with_header(cx, (seen, cut), &mut header);
        self.header = Some(header);
        made
    }

    fn with_header(
        &mut self,
        cx: &mut Delivery<'_>,
        (seen, cut): (&Seen<'_>, &Cut<'_>),
        header: &mut Header,
    ) -> Option<Made> {
        let arn = match seen.found(seen.own.arn) {
            Found::Nothing | Found::Empty => seen.some_text(seen.own.other_arn)?,
            found => found.text()?,
        };
        let account = match seen.found(seen.own.account) {
            Found::Nothing | Found::Empty => seen.some_text(seen.own.other_account)?,
            found => found.text()?,
        };
        let region = seen.some_text(seen.own.region)?;
        if !arn.starts_with("arn:") {
            return None;
        }
        let captured = header.captured(seen)?;
        self.find(seen)?;
        let id = self.identified(seen, header, arn)?;
        let name = match seen.found(seen.own.name) {
            Found::Text(name) => Some(name),
            Found::Nothing | Found::Empty => None,
            Found::Unusual => return None,
        };
        let entry = self.entry.clone();
        let form = Form { live: true, unobservable: entry.hides(seen.own.supplementary.is_some()), ..Form::default() };
        let mut record = Record::new(entry.ty.name.clone(), origin(cx.input, cut.place, cut.bytes.len() as u64));
        record.form = form;
        let values = self.values(cx, seen, (header, &mut record), name.is_none())?;
        let (account, region) = (cx.names.text(account), cx.names.text(region));
        let pointer = if cut.pointer.is_empty() { cx.names.text("") } else { cut.pointer.into() };
        let satellites = self.satellites(cx, seen, header, (&record, &id), (&account, &region, &captured, &pointer))?;
        let tags = values.tags.unwrap_or_else(|| header.unread.clone());
        let name = match (name, &tags) {
            (Some(name), _) if *name == *id => Value::Text(id.clone()),
            (Some(name), _) => Value::text(name),
            (None, Value::Map(tags)) => match tags.get("Name").filter(|name| name.as_text() != Some("")) {
                Some(name) => name.clone(),
                None => Value::Text(id.clone()),
            },
            (None, Value::Unknown(unknown)) => Value::Unknown(unknown.clone()),
            (None, _) => Value::Text(id.clone()),
        };
        let resource = Resource {
            resource_type: entry.ty.name.clone(),
            arn: if *arn == *id { Value::Text(id.clone()) } else { Value::text(arn) },
            id: Value::Text(id),
            name,
            account: Value::Text(account.clone()),
            region: header.region.clone().unwrap_or_else(|| Value::Text(region.clone())),
            tags,
            captured,
            address: None,
            properties: values.properties,
            blank: None,
            existence: None,
            owner: None,
            form: record.form,
            origin: record.origin,
            pointer,
        };
        Some(Made { resource, satellites, place: (account, region) })
    }

    /// The identifier, as far as it stands in the item, else what the item names as its id.
    fn identified(&self, seen: &Seen<'_>, header: &Header, arn: &str) -> Option<Arc<str>> {
        let mut whole: Option<String> = None;
        let [first, rest @ ..] = header.identifier.as_slice() else { return seen.called(arn).map(Arc::from) };
        let first = match self.text(seen, *first) {
            Found::Text(first) => first,
            Found::Nothing | Found::Empty => return seen.called(arn).map(Arc::from),
            Found::Unusual => return None,
        };
        for part in rest {
            let part = match self.text(seen, *part) {
                Found::Text(part) => part,
                Found::Nothing | Found::Empty => return seen.called(arn).map(Arc::from),
                Found::Unusual => return None,
            };
            let whole = whole.get_or_insert_with(|| first.to_owned());
            whole.push('|');
            whole.push_str(part);
        }
        Some(whole.map_or_else(|| first.into(), Arc::from))
    }

    fn text<'s>(&self, seen: &Seen<'s>, stand: Stand) -> Found<'s> {
        match stand {
            Stand::Configuration(at) => seen.found(self.configuration.here.get(at).copied().flatten().as_ref()),
            Stand::Id => seen.found(seen.own.id),
            Stand::Name => seen.found(seen.own.name),
            Stand::Arn => seen.found(seen.own.arn),
        }
    }

    /// The values of what is wanted. Those that no item before had are typed from a record that is filled with them.
    fn values(
        &mut self,
        cx: &mut Delivery<'_>,
        seen: &Seen<'_>,
        (header, record): (&mut Header, &mut Record),
        nameless: bool,
    ) -> Option<Values> {
        let layout = header.layout.clone();
        let mut values = vec![Value::Absent; layout.len()];
        let (mut more, mut new) = (Vec::new(), New::new());
        self.known(seen, (&mut values, &mut more, &mut new));
        for (at, stand) in (self.shared.len()..).zip(&header.texts) {
            match (self.text(seen, *stand), values.get_mut(at)) {
                (Found::Text(text), Some(value)) => *value = Value::text(text),
                _ => more.push(at),
            }
        }
        more.extend(self.shared.len() + header.texts.len()..layout.len());
        let mut known_tags = None;
        let mut tags_text = None;
        if header.wants_tags || nameless {
            known_tags = match header.tags.is_useful().then(|| self.tags_text(seen, header)) {
                Some(text) => {
                    let known = header.tags.get(&text);
                    tags_text = Some(text);
                    known
                }
                None => None,
            };
        }
        if (header.wants_tags || nameless) && known_tags.is_none() {
            known_tags = self.plain_tags(cx, seen, header);
            if let (Some(text), Some(value)) = (&mut tags_text, &known_tags) {
                header.tags.learn(std::mem::take(text).into(), value.clone());
            }
        }
        let new_tags = (header.wants_tags || nameless) && known_tags.is_none();
        if more.is_empty() && !new_tags {
            return Some(Values { properties: Held::of(layout, values), tags: known_tags });
        }
        let names: Vec<Name> = more.iter().filter_map(|at| layout.get(*at)).cloned().collect();
        let own = more.iter().any(|at| *at >= self.shared.len());
        self.fill(cx, seen, record, (&names, new_tags.then_some(&*header), own))?;
        for (at, name) in more.into_iter().zip(names) {
            let value = record.value_of(cx.schema, &name)?;
            if let Some(new_at) = new.iter().position(|(new, _)| *new == at) {
                let (_, text) = new.swap_remove(new_at);
                self.shared.get_mut(at)?.known.learn(text, value.clone());
            }
            *values.get_mut(at)? = value;
        }
        if new_tags {
            let value = record.tags_value(cx.schema)?;
            tags_text.into_iter().for_each(|text| header.tags.learn(text.into(), value.clone()));
            known_tags = Some(value);
        }
        Some(Values { properties: Held::of(layout, values), tags: known_tags })
    }

    /// Puts some of what is wanted into a record.
    pub(super) fn bare(
        &mut self,
        cx: &mut Delivery<'_>,
        seen: &Seen<'_>,
        record: &mut Record,
        properties: &[Name],
    ) -> Option<()> {
        self.find(seen)?;
        let own = properties.iter().any(|name| self.own.contains(name));
        let all = properties.iter().all(|name| self.read.contains(name));
        all.then(|| self.fill(cx, seen, record, (properties, None, own)))?
    }

    /// Puts properties into a record, and tags; with what the resource is named by where some of the properties are.
    fn fill(
        &mut self,
        cx: &mut Delivery<'_>,
        seen: &Seen<'_>,
        record: &mut Record,
        (properties, tags, own): (&[Name], Option<&Header>, bool),
    ) -> Option<()> {
        let (configuration, supplementary) = self.wanted(properties, tags, own);
        let item = Item {
            envelope: match own {
                true => self.envelope(seen, &mut cx.keys)?,
                false => seen.tags_alone(&mut cx.keys, tags.is_some())?,
            },
            configuration: None,
            supplementary: match seen.own.supplementary {
                Some(place) => Some(self.supplementary.node(place.value, &supplementary, seen, &mut cx.keys)?),
                None => None,
            },
            partial: false,
        };
        let place = seen.own.configuration?;
        let node = self.configuration.node(place.value, &configuration, seen, &mut cx.keys)?;
        let tag_property = tags.map_or_else(Arc::default, |header| header.tag_property.clone());
        let chosen = Chosen { properties: Some((tag_property, properties.to_vec())) };
        match own || tags.is_some() {
            true => complete(cx.schema, record, &item, (&self.entry, &chosen), node),
            false => record.properties = item::properties(cx.schema, (&self.entry, &chosen), &item, node),
        }
        Some(())
    }

    /// The tags of an item that has them in no other place than its own, as texts by their keys.
    fn plain_tags(&self, cx: &mut Delivery<'_>, seen: &Seen<'_>, header: &Header) -> Option<Value> {
        let has = |members: &Members, at: &[usize]| at.iter().any(|at| matches!(members.here.get(*at), Some(Some(_))));
        if has(&self.configuration, &header.own_tags) || has(&self.supplementary, &header.tags_beside) {
            return None;
        }
        let (_, node) = seen.parsed(seen.own.tags?, &mut cx.keys)?;
        let NodeKind::Map(members) = &node.kind else { return None };
        let is_plain = !members.is_empty() && members.iter().all(|(_, value)| value.as_text().is_some());
        let mut reading = Reading::new(cx.schema);
        let value = is_plain.then(|| reading.value(&Type::map(Type::String), &node))?;
        (reading.errors.is_empty() && reading.strangers.is_empty()).then_some(value)
    }

    /// What tags are made of, as it stands in the item.
    fn tags_text(&self, seen: &Seen<'_>, header: &Header) -> Vec<u8> {
        let mut text = vec![u8::from(seen.own.supplementary.is_some())];
        self.configuration.text(&header.own_tags, seen, &mut text);
        self.supplementary.text(&header.tags_beside, seen, &mut text);
        text.extend(seen.own.tags.map(|place| seen.raw(place)).unwrap_or_default().as_bytes());
        text
    }

    /// The members of the payloads that these properties, and tags, are made of.
    fn wanted(&self, properties: &[Name], tags: Option<&Header>, own: bool) -> (Vec<bool>, Vec<bool>) {
        let some = |count: usize| vec![false; count];
        let mut wanted = match own {
            true => (self.configuration.always.clone(), self.supplementary.always.clone()),
            false => (some(self.configuration.names.len()), some(self.supplementary.names.len())),
        };
        let mark = |list: &mut Vec<bool>, at: &usize| list.get_mut(*at).into_iter().for_each(|mark| *mark = true);
        if let Some(header) = tags {
            header.own_tags.iter().for_each(|at| mark(&mut wanted.0, at));
            header.tags_beside.iter().for_each(|at| mark(&mut wanted.1, at));
        }
        for shared in self.shared.iter().filter(|shared| properties.contains(&shared.name)) {
            shared.configuration.iter().for_each(|at| mark(&mut wanted.0, at));
            shared.supplementary.iter().for_each(|at| mark(&mut wanted.1, at));
        }
        wanted
    }

    /// The records of what the item holds beside its own.
    fn satellites(
        &mut self,
        cx: &mut Delivery<'_>,
        seen: &Seen<'_>,
        header: &mut Header,
        (record, id): (&Record, &Arc<str>),
        (account, region, captured, pointer): (&Name, &Name, &Value, &Name),
    ) -> Option<Vec<Record>> {
        if self.entry.splits.is_empty() {
            return Some(Vec::new());
        }
        let barren = header.split_members.as_ref().map(|(configuration, supplementary)| {
            let mut text = vec![u8::from(seen.own.supplementary.is_some())];
            self.configuration.text(configuration, seen, &mut text);
            self.supplementary.text(supplementary, seen, &mut text);
            text
        });
        if barren.as_ref().is_some_and(|text| header.barren.contains(text.as_slice())) {
            return Some(Vec::new());
        }
        let supplementary = match seen.own.supplementary {
            Some(place) => {
                Some(self.supplementary.node(place.value, &self.supplementary.always, seen, &mut cx.keys)?)
            }
            None => None,
        };
        let item =
            Item { envelope: self.envelope(seen, &mut cx.keys)?, configuration: None, supplementary, partial: false };
        let place = seen.own.configuration?;
        let configuration = self.configuration.node(place.value, &self.configuration.always, seen, &mut cx.keys)?;
        let scope = item.scope(&configuration);
        let readable: Vec<_> = self.entry.splits.iter().filter(|split| split.readable(scope)).collect();
        let (found, unreadable) = satellites(cx.schema, &readable, scope);
        if !unreadable.is_empty() {
            return None;
        }
        if found.is_empty() {
            if header.barren.len() < MOST_VALUES {
                header.barren.extend(barren.filter(|text| text.len() < MOST_BARREN).map(Vec::into_boxed_slice));
            }
            return Some(Vec::new());
        }
        let text = |text: &Name| Some(Node::new(place.value, NodeKind::Text(text.clone())));
        let mut parent = Record::new(record.resource_type.clone(), record.origin);
        parent.id = text(id);
        parent.account = text(account);
        parent.region = text(region);
        parent.pointer = pointer.clone();
        if let (Value::Time(_), Some(place)) = (captured, seen.own.captured) {
            parent.captured = Some(seen.parsed(place, &mut cx.keys)?.1);
        }
        Some(split_off(&parent, found))
    }

    /// Tells what stands in the item whole.
    pub(super) fn tell_splits(&self, cx: &mut Delivery<'_>, seen: &Seen<'_>, (account, region): &(Name, Name)) {
        for split in &self.entry.splits {
            if split.is_shown(seen.own.supplementary.is_some()) {
                cx.collected_at(&split.ty.name, account, region);
            }
        }
    }
}

/// What an item says of what is wanted.
struct Values {
    properties: Held,
    tags: Option<Value>,
}

impl<'s> Found<'s> {
    /// The text, if it is one.
    fn text(self) -> Option<&'s str> {
        match self {
            Found::Text(text) => Some(text),
            Found::Nothing | Found::Empty | Found::Unusual => None,
        }
    }
}

impl<'s> Seen<'s> {
    fn found(&self, place: Option<&Place>) -> Found<'s> {
        let Some(place) = place else { return Found::Nothing };
        let raw = self.raw(place);
        let inside = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
        match inside {
            Some("") => Found::Empty,
            Some(text) if !text.as_bytes().contains(&b'\\') => Found::Text(text),
            None if raw == "null" => Found::Nothing,
            _ => Found::Unusual,
        }
    }

    fn some_text(&self, place: Option<&Place>) -> Option<&'s str> {
        self.found(place).text()
    }

    /// What the item calls the resource by.
    fn called<'a>(&self, arn: &'a str) -> Option<&'a str>
    where
        's: 'a,
    {
        match self.found(self.own.id) {
            Found::Text(id) => Some(id),
            Found::Nothing | Found::Empty => Some(arn),
            Found::Unusual => None,
        }
    }

    /// The item with nothing but its tags, or nothing.
    fn tags_alone(&self, keys: &mut Keys, wanted: bool) -> Option<Node> {
        let tags = match self.own.tags.filter(|_| wanted) {
            Some(place) => vec![self.parsed(place, keys)?],
            None => Vec::new(),
        };
        Some(Node::new(parapet_base::Span::new(0, self.text.len()), NodeKind::Map(tags)))
    }
}
