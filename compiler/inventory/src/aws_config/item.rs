//! One configuration item: its resource, and those split off it.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{
    Form, Name, Node, NodeKind, Proof, Property, Reason, Record, ResourceType, Schema, Unknown, parse_time,
};
use rustc_hash::FxHashSet;

use super::fold::{fold, fold_property, opened};
use super::infer;
use super::mapping::{Entry, Mapping, Split, Target};
use super::path::{find, walk};
use super::source::{Scope, Source, is_empty, record};
use super::tags;
use crate::delivery::Delivery;
use crate::element::{Element, member, member_text, text_of};
use crate::names;
use crate::recorder;
use crate::sink::{By, Gap, Types};

/// An item, its two payloads taken out.
pub(super) struct Item {
    pub(super) envelope: Node,
    pub(super) configuration: Option<Node>,
    pub(super) supplementary: Option<Node>,
    pub(super) partial: bool,
}

/// Delivers an item, or says why not.
pub(crate) fn deliver(cx: &mut Delivery<'_>, element: &Element<'_>, node: Node) {
    let span = node.span;
    let item = match Item::of(node, element.envelope.partial) {
        Ok(item) => item,
        Err((span, message)) => return cx.fault(element, span, &message),
    };
    let Some(name) = item.resource_type() else {
        return cx.fault(element, span, "the item names no `resourceType`");
    };
    let mapping = Mapping::get();
    match member_text(&item.envelope, "configurationItemStatus") {
        Some("ResourceDeleted" | "ResourceDeletedNotRecorded") => {
            let record = mapping.entry(cx.schema, &name).and_then(|entry| item.header(cx, element, &entry));
            let unnamed = || Record::new(mapping.canonical(&name), element.origin(0));
            return cx.deleted(record.unwrap_or_else(unnamed));
        }
        Some("ResourceNotRecorded") => {
            if let Some(entry) = mapping.entry(cx.schema, &name) {
                item.not_recorded(cx, element, &entry);
            }
            return cx.unread(element, format!("AWS Config does not record this {name}: the item is empty"));
        }
        _ => {}
    }
    match mapping.entry(cx.schema, &name) {
        Some(entry) => deliver_known(cx, element, item, (&entry, Chosen::default()), span),
        None => cx.unread(element, format!("resource type {name} is not known to any schema")),
    }
}

/// Which properties of an item are read.
#[derive(Default)]
pub(super) struct Chosen {
    /// `None`: all.
    pub(super) properties: Option<(Arc<FxHashSet<Name>>, Vec<Name>)>,
}

impl Chosen {
    fn has(&self, property: &str) -> bool {
        let has = |(own, more): &(Arc<FxHashSet<Name>>, Vec<Name>)| {
            more.iter().any(|name| **name == *property) || own.contains(property)
        };
        self.properties.as_ref().is_none_or(has)
    }
}

pub(super) fn deliver_known(
    cx: &mut Delivery<'_>,
    element: &Element<'_>,
    mut item: Item,
    (entry, chosen): (&Entry, Chosen),
    span: Span,
) {
    let Some(mut parent) = item.header(cx, element, entry) else {
        return cx.fault(element, span, "the item has no `resourceId`, `arn` or identifier");
    };
    let Some(configuration) = item.configuration.take() else {
        parent.form.unobservable = Some(entry.everything.clone());
        return cx.record(parent);
    };
    let scope = item.scope(&configuration);
    let mut readable: Vec<&Split> = entry.splits.iter().filter(|split| split.readable(scope)).collect();
    let (satellites, unreadable) = satellites(cx.schema, &readable, scope);
    readable.retain(|split| !unreadable.iter().any(|other| std::ptr::eq(*other, *split)));
    for split in unreadable {
        cx.incomplete(unread(&parent, split));
    }
    let recording = recording(&configuration);
    complete(cx.schema, &mut parent, &item, (entry, &chosen), configuration);
    if recording {
        recorder::covered(cx, &parent, By::Recorder);
    }
    deliver_split(cx, parent, &readable, satellites);
}

/// What an item holds of another type is no list of it: there may be any.
fn unread(parent: &Record, split: &Split) -> Gap {
    let called = text_of(parent.id.as_ref()).unwrap_or_else(|| parent.resource_type.clone());
    Gap {
        types: Types::Listed(vec![split.ty.name.clone()]),
        account: text_of(parent.account.as_ref()),
        region: text_of(parent.region.as_ref()),
        beats: Proof::Listed,
        why: format!("what the item of `{called}` says of its {} cannot be read", split.ty.name),
    }
}

impl Item {
    /// The resource is there, and nothing is known of it: what is recorded of its type is not all that there is.
    fn not_recorded(&self, cx: &mut Delivery<'_>, element: &Element<'_>, entry: &Entry) {
        let Some(record) = self.header(cx, element, entry) else { return };
        let region = if entry.ty.global { Some("global".into()) } else { text_of(record.region.as_ref()) };
        let called = text_of(record.id.as_ref())
            .or_else(|| text_of(record.name.as_ref()))
            .unwrap_or_else(|| entry.ty.name.clone());
        cx.incomplete(Gap {
            types: Types::Listed(vec![entry.ty.name.clone()]),
            account: text_of(record.account.as_ref()),
            region,
            beats: Proof::Recorder,
            why: format!("AWS Config does not record `{called}`"),
        });
    }
}

/// A recorder that stands still covers nothing; the schema has no property that says so.
fn recording(configuration: &Node) -> bool {
    !matches!(find(configuration, "Recording").map(|node| &node.kind), Some(NodeKind::Bool(false)))
}

impl Item {
    fn of(mut node: Node, partial: bool) -> Result<Item, (Span, String)> {
        let configuration = payload(take(&mut node, "configuration"), "configuration")?;
        let supplementary = payload(take(&mut node, "supplementaryConfiguration"), "supplementaryConfiguration")?;
        Ok(Item { envelope: node, configuration, supplementary, partial })
    }

    pub(super) fn scope<'i>(&'i self, configuration: &'i Node) -> Scope<'i> {
        let supplementary = self.supplementary.as_ref();
        Scope { current: configuration, item: &self.envelope, supplementary, partial: self.partial }
    }

    /// The type it names, else the one that its ARN belongs to.
    fn resource_type(&self) -> Option<Name> {
        match member_text(&self.envelope, "resourceType") {
            Some(name) => Some(name.into()),
            None => infer::resource_type(self.arn()?.as_text()?),
        }
    }

    /// Its ARN, in one of the places where items have it.
    fn arn(&self) -> Option<&Node> {
        let is_arn = |node: &&Node| node.as_text().is_some_and(|text| text.starts_with("arn:"));
        let own = ["arn", "ARN"].iter().find_map(|name| member(&self.envelope, name).filter(is_arn));
        let configuration = self.configuration.as_ref();
        own.or_else(|| {
            configuration
                .and_then(|node| ["Arn", "arn", "ARN"].iter().find_map(|name| member(node, name).filter(is_arn)))
        })
    }

    /// The record with all but its properties and tags; `None` without anything to call it by.
    fn header(&self, cx: &mut Delivery<'_>, element: &Element<'_>, entry: &Entry) -> Option<Record> {
        let text = |name: &str| member(&self.envelope, name).filter(|node| node.as_text() != Some(""));
        let mut record = Record::new(entry.ty.name.clone(), element.origin(0));
        record.pointer = element.pointer.clone();
        record.form = Form { live: true, unobservable: self.hidden(entry), ..Form::default() };
        record.arn = ["arn", "ARN"].iter().find_map(|name| text(name)).cloned();
        record.id = text("resourceId").or(record.arn.as_ref()).or_else(|| self.arn()).cloned();
        record.name = text("resourceName").cloned();
        let (account, region) = self.arn().map(arn_places).unwrap_or_default();
        record.account = text("accountId").or_else(|| text("awsAccountId")).cloned().or(account);
        record.region = text("awsRegion").cloned().or(region);
        record.account = record.account.map(|node| cx.names.share(&node));
        record.region = record.region.map(|node| cx.names.share(&node));
        record.captured = text("configurationItemCaptureTime").filter(|node| is_time(node)).cloned();
        (record.id.is_some() || self.configuration.is_some()).then_some(record)
    }

    /// What it cannot show.
    fn hidden(&self, entry: &Entry) -> Option<Arc<FxHashSet<Name>>> {
        match self.partial {
            true => Some(entry.everything.clone()),
            false => entry.hides(self.supplementary.is_some()),
        }
    }
}

/// Takes a member out of an object.
fn take(node: &mut Node, name: &str) -> Option<Node> {
    let NodeKind::Map(members) = &mut node.kind else { return None };
    let at = members.iter().position(|(key, _)| **key == *name)?;
    Some(members.swap_remove(at).1)
}

/// An object, or text that holds one; `null`, also in quotes, is none.
fn payload(node: Option<Node>, name: &str) -> Result<Option<Node>, (Span, String)> {
    let Some(node) = node else { return Ok(None) };
    match &node.kind {
        NodeKind::Map(_) => Ok(Some(node)),
        NodeKind::Null => Ok(None),
        NodeKind::Text(text) if matches!(text.trim(), "null" | "") => Ok(None),
        NodeKind::Text(_) => match opened(&node) {
            Some(inner) if matches!(inner.kind, NodeKind::Map(_)) => Ok(Some(inner)),
            _ => Err((node.span, format!("the text in `{name}` is not a JSON object"))),
        },
        _ => Err((node.span, format!("`{name}` is not an object"))),
    }
}

fn is_time(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Text(text) => parse_time(text).is_some(),
        NodeKind::Int(_) | NodeKind::Float(_) => true,
        _ => false,
    }
}

/// The account and the region in an ARN, for items that do not name them.
fn arn_places(arn: &Node) -> (Option<Node>, Option<Node>) {
    let mut parts = arn.as_text().unwrap_or_default().splitn(6, ':').skip(3);
    let mut part =
        || parts.next().filter(|part| !part.is_empty()).map(|part| Node::new(arn.span, NodeKind::Text(part.into())));
    let region = part();
    (part(), region)
}

/// Puts properties, tags and what follows from them into a record.
pub(super) fn complete(
    schema: &Schema,
    record: &mut Record,
    item: &Item,
    (entry, chosen): (&Entry, &Chosen),
    mut configuration: Node,
) {
    record.tags = tags::of_item(&item.envelope, &configuration, item.supplementary.as_ref());
    lift(entry, &mut configuration);
    record.properties = properties(schema, (entry, chosen), item, configuration);
    if let Some(name) = &entry.ty.tags
        && names::find(&record.properties, name).is_none_or(is_empty)
        && let (Some(tags), Some(property)) = (&record.tags, entry.ty.property(name))
        && !matches!(tags.kind, NodeKind::Unknown(_))
    {
        let tags = fold_property(schema, &property.ty, tags::shaped(schema, &property.ty, tags.clone()));
        record.properties.retain(|(key, _)| key != name);
        record.properties.extend(tags.map(|tags| (name.clone(), tags)));
    }
    record.arn = record.arn.take().or_else(|| names::recorded_arn(&entry.ty, &record.properties));
    record.id = names::identifier(&entry.ty, &record.properties).or(record.id.take());
}

/// Members of the record that the entry lifts count as members of the configuration.
fn lift(entry: &Entry, configuration: &mut Node) {
    let lifted = entry.lift.as_ref().and_then(|path| walk(configuration, &path.steps));
    if let (Some(Node { kind: NodeKind::Map(inner), .. }), NodeKind::Map(members)) = (lifted, &mut configuration.kind) {
        members.retain(|(key, _)| !inner.iter().any(|(other, _)| other == key));
        members.extend(inner);
    }
}

/// The properties: those that the entry maps, and the rest by their names.
pub(super) fn properties(
    schema: &Schema,
    (entry, chosen): (&Entry, &Chosen),
    item: &Item,
    configuration: Node,
) -> Vec<(Name, Node)> {
    let scope = item.scope(&configuration);
    let read = entry.map.iter().filter(|(target, _)| chosen.has(&target.property));
    let (whole, within): (Vec<_>, Vec<_>) = read.partition(|(target, _)| target.is_whole());
    let mut properties = Vec::new();
    for (target, source) in &whole {
        let Some(property) = entry.ty.property(&target.property) else { continue };
        let value = source.value(scope).and_then(|node| canonical(schema, &entry.ty, property, node));
        properties.extend(value.map(|node| (property.name.clone(), node)));
    }
    let within: Vec<_> = within.iter().filter_map(|(target, source)| Some((target, source.value(scope)?))).collect();
    let NodeKind::Map(members) = configuration.kind else { return properties };
    for (key, node) in members {
        let Some(property) = entry.ty.property_in_any_case(&key) else { continue };
        if chosen.has(&property.name) && !whole.iter().any(|(target, _)| target.property == property.name) {
            let value = canonical(schema, &entry.ty, property, node);
            properties.extend(value.map(|node| (property.name.clone(), node)));
        }
    }
    for (target, value) in within {
        put_within(schema, &entry.ty, &mut properties, target, value);
    }
    properties
}

fn canonical(schema: &Schema, ty: &ResourceType, property: &Property, node: Node) -> Option<Node> {
    let tags = ty.tags.as_ref() == Some(&property.name) || &*property.name == "Tags";
    let node = if tags { tags::shaped(schema, &property.ty, node) } else { node };
    fold_property(schema, &property.ty, node)
}

/// Sets `DistributionConfig.Origins`, or merges a record into `X` for `X.*`.
fn put_within(schema: &Schema, ty: &ResourceType, properties: &mut Vec<(Name, Node)>, target: &Target, value: Node) {
    let Some(property) = ty.property(&target.property) else { return };
    let at = properties.iter().position(|(key, _)| *key == property.name);
    let mut node = match at {
        Some(at) => properties.swap_remove(at).1,
        None => Node::new(value.span, NodeKind::Map(Vec::new())),
    };
    set_within(&mut node, &target.within, value, target.merge);
    let folded = fold(schema, &property.ty, node);
    properties.extend(folded.map(|node| (property.name.clone(), node)));
}

fn set_within(node: &mut Node, path: &[Name], value: Node, merge: bool) {
    let NodeKind::Map(members) = &mut node.kind else { return };
    let Some((first, rest)) = path.split_first() else {
        if let (true, NodeKind::Map(merged)) = (merge, value.kind) {
            members.retain(|(key, _)| !merged.iter().any(|(other, _)| other.eq_ignore_ascii_case(key)));
            members.extend(merged);
        }
        return;
    };
    if rest.is_empty() && !merge {
        members.retain(|(key, _)| !key.eq_ignore_ascii_case(first));
        members.push((first.clone(), value));
        return;
    }
    let at = members.iter().position(|(key, _)| key.eq_ignore_ascii_case(first)).unwrap_or_else(|| {
        members.push((first.clone(), Node::new(value.span, NodeKind::Map(Vec::new()))));
        members.len() - 1
    });
    if let Some((_, inner)) = members.get_mut(at) {
        set_within(inner, rest, value, merge);
    }
}

/// The properties of one resource split off an item.
pub(super) struct Satellite<'e> {
    split: &'e Split,
    index: usize,
    span: Span,
    properties: Vec<(Name, Node)>,
}

/// The resources that an item holds besides its own, and what of them cannot be read.
pub(super) fn satellites<'e>(
    schema: &Schema,
    splits: &[&'e Split],
    scope: Scope<'_>,
) -> (Vec<Satellite<'e>>, Vec<&'e Split>) {
    let mut satellites = Vec::new();
    let mut unreadable = Vec::new();
    for split in splits {
        let Some(elements) = split.elements(scope) else {
            unreadable.push(*split);
            continue;
        };
        for (index, element) in elements.iter().enumerate() {
            let inside = Scope { current: element, ..scope };
            let mut properties = split_properties(schema, &split.ty, &split.each, inside);
            properties.extend(split_properties(schema, &split.ty, &split.parent, scope));
            satellites.push(Satellite { split, index, span: element.span, properties });
        }
    }
    (satellites, unreadable)
}

fn split_properties(
    schema: &Schema,
    ty: &ResourceType,
    sources: &[(Name, Source)],
    scope: Scope<'_>,
) -> Vec<(Name, Node)> {
    let folded = |(name, node): (Name, Node)| {
        let property = ty.property_in_any_case(&name)?;
        Some((property.name.clone(), fold_property(schema, &property.ty, node)?))
    };
    record(sources, scope).into_iter().filter_map(folded).collect()
}

/// Delivers the resource and then its satellites, which are complete where it stands.
fn deliver_split(cx: &mut Delivery<'_>, parent: Record, splits: &[&Split], satellites: Vec<Satellite<'_>>) {
    let places = text_of(parent.account.as_ref()).zip(text_of(parent.region.as_ref()));
    let records = split_off(&parent, satellites);
    cx.record(parent);
    records.into_iter().for_each(|record| cx.record(record));
    if let Some((account, region)) = &places {
        splits.iter().for_each(|split| cx.collected_at(&split.ty.name, account, region));
    }
}

/// The records of the satellites of a resource, in their order.
pub(super) fn split_off(parent: &Record, satellites: Vec<Satellite<'_>>) -> Vec<Record> {
    let parts = (1..).zip(satellites);
    parts.map(|(part, satellite)| satellite.record(parent, part)).collect()
}

impl Satellite<'_> {
    fn record(self, parent: &Record, part: u32) -> Record {
        let mut record = Record::new(self.split.ty.name.clone(), parent.origin);
        record.origin.part = part;
        record.pointer = parent.pointer.clone();
        record.account = parent.account.clone();
        record.region = parent.region.clone();
        record.captured = parent.captured.clone();
        record.form.live = true;
        record.id = names::identifier(&self.split.ty, &self.properties);
        if record.id.is_none() {
            let id = parent.id.as_ref().and_then(Node::as_text).unwrap_or_default();
            record.id = Some(Node::new(self.span, NodeKind::Text(format!("{id}#{}", self.index).into())));
            // Such an id may begin like an ARN, its parent's, but is none.
            let unknown = Unknown::new(Reason::NotInRecord, "the record names no ARN");
            record.arn = Some(Node::new(self.span, NodeKind::Unknown(unknown)));
        }
        record.properties = self.properties;
        record
    }
}
