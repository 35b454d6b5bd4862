//! Instances to records: mapped, put together, settled, delivered.
//!
//! A resource type that the facts do not know, or that is of another provider, is said once, with how many there are.

use std::collections::BTreeMap;
use std::sync::Arc;

use parapet_model::{
    Attribute, Document, Form, Name, Node, NodeKind, Proof, Reason, Record, Schema, Symbol, Unknown, points_elsewhere,
};
use rustc_hash::FxHashSet;

use super::companions::Companions;
use super::drafts::{self, Draft};
use super::fold::{self, Folding};
use super::generated::Generated;
use super::instance::Instance;
use super::mapping::Mapping;
use super::settle::Settling;
use super::targets::Targets;
use crate::aws_config::tags;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::fresh;
use crate::names;
use crate::place::Place;
use crate::sink::{Gap, Types};

/// What is known of the symbols in the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Symbols {
    /// They are what an expression is.
    Exact,
    /// They are what an expression refers to.
    Derived,
}

/// Whether a document shows all that there will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// There are resources that were not read.
    Part,
}

/// Where all resources of a document go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Places {
    /// To one account and region, so that no two of a type have one name.
    One,
    /// To several, or nobody knows.
    Several,
}

/// Delivers instances of one configuration, plan or state.
pub(super) fn deliver(
    cx: &mut Delivery<'_>,
    element: &Element<'_>,
    mut instances: Vec<Instance>,
    (symbols, extent, places): (Symbols, Extent, Places),
) {
    let mut left = Counts::default();
    instances.iter_mut().for_each(name);
    let mut drafts = drafted(cx.schema, &instances, &mut left);
    let targets = Targets::of(&drafts, &instances);
    let settling = Settling::of(cx.schema, &targets, &drafts, &instances);
    let generated = Generated::of(&drafts, &instances, (symbols, places));
    let strays = folded(cx, (&instances, &targets), &mut drafts, extent, &mut left);
    let companions = Companions::of(&drafts, &instances, &targets);
    drafts.extend(strays);
    for (at, instance) in instances.iter().enumerate() {
        let mut part = 1000;
        drafts.extend(drafts::inside(cx.schema, (at, instance), &companions, &mut part));
    }
    if symbols == Symbols::Derived {
        drafts.iter_mut().for_each(|draft| settling.settle(draft, &instances));
    }
    drafts.sort_by_key(|draft| (draft.instance, draft.part));
    let mut recording = Recording { element, reached: Reached::default(), generated };
    for draft in drafts {
        match instances.get(draft.instance) {
            Some(instance) if !instance.elsewhere => {
                let record = recording.record(cx, instance, draft);
                cx.record(record);
            }
            _ => {}
        }
    }
    left.tell(cx, element, &instances);
}

/// The resources that have canonical types of their own.
fn drafted(schema: &Schema, instances: &[Instance], left: &mut Counts) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (at, instance) in instances.iter().enumerate() {
        match Mapping::get().entry(&instance.ty, &instance.values).filter(|_| instance.is_aws()) {
            Some(entry) => drafts.push(Draft::own(schema, at, instance, &entry)),
            None => left_out((at, instance), left),
        }
    }
    drafts
}

/// Puts together what is one resource, and tells what is added to others. Gives what stands for itself.
fn folded(
    cx: &mut Delivery<'_>,
    (instances, targets): (&[Instance], &Targets),
    drafts: &mut [Draft],
    extent: Extent,
    left: &mut Counts,
) -> Vec<Draft> {
    let mut folding = Folding {
        schema: cx.schema,
        instances,
        targets,
        drafts,
        strays: Vec::new(),
        doubts: BTreeMap::new(),
        outside: Vec::new(),
    };
    let lost = folding.all();
    let outside = std::mem::take(&mut folding.outside);
    if extent == Extent::Part {
        folding.leave_open();
        let why = "the document does not show all resources".to_owned();
        let (types, beats) = (Types::All, Proof::Listed);
        cx.incomplete(Gap { types, account: None, region: None, beats, why });
    }
    let adds = |instance: &Instance| instance.planned && !instance.elsewhere && !instance.unchanged;
    for (_, addition) in outside.into_iter().filter(|(at, _)| instances.get(*at).is_some_and(adds)) {
        cx.added(addition);
    }
    for at in lost {
        if let Some(instance) = instances.get(at) {
            left.add((at, instance), "belongs to a resource that is not here");
        }
    }
    folding.strays
}

/// Tells what is destroyed, and whether it is made anew. What has no canonical type of its own is told by Terraform's.
pub(super) fn remove(cx: &mut Delivery<'_>, element: &Element<'_>, instances: &[(Instance, bool)]) {
    let schema = cx.schema;
    let mut recording = Recording { element, reached: Reached::default(), generated: Generated::default() };
    for (at, (instance, anew)) in instances.iter().enumerate() {
        let entry = Mapping::get().entry(&instance.ty, &instance.values).filter(|_| instance.is_aws());
        let record = match entry {
            Some(entry) => recording.record(cx, instance, Draft::own(schema, at, instance, &entry)),
            None => Record::new(instance.ty.clone(), element.origin(0)),
        };
        match anew {
            true => cx.ended(record),
            false => cx.deleted(record),
        }
        fold::taken_away(instance).into_iter().for_each(|addition| cx.added(addition));
    }
}

/// Identifier and ARN that are not known yet stand for themselves; an identifier that the configuration sets is known.
fn name(instance: &mut Instance) {
    let Some(entry) = Mapping::get().referred(&instance.ty).filter(|_| instance.planned) else { return };
    let identifier = entry.identifier_attribute().and_then(|own| instance.text(&own).map(Node::text));
    let owner = instance.owner.clone();
    let NodeKind::Map(members) = &mut instance.values.kind else { return };
    for (name, node) in members.iter_mut().filter(|(name, _)| matches!(&**name, "id" | "arn")) {
        let NodeKind::Unknown(unknown) = &node.kind else { continue };
        node.kind = match (&identifier, &**name) {
            (Some(identifier), "id") => identifier.kind.clone(),
            _ => {
                let symbol = Symbol::attribute(entry.attribute(&owner, Some(&**name)));
                NodeKind::Unknown(unknown.clone().standing_for(symbol))
            }
        };
    }
}

/// Why a resource has no canonical type of its own, if that needs to be said.
fn left_out((at, instance): (usize, &Instance), left: &mut Counts) {
    let mapping = Mapping::get();
    let known = !mapping.folds(&instance.ty).is_empty() || !mapping.splits(&instance.ty).is_empty();
    match mapping.dropped(&instance.ty) {
        Some(why) => left.add((at, instance), why),
        None if !instance.is_aws() => left.add((at, instance), "is not of a provider of AWS"),
        None if mapping.is_mapped(&instance.ty) => {
            left.add((at, instance), "is one of several resource types, and does not say which");
        }
        None if !known => left.add((at, instance), "is of a type that is not mapped"),
        None => {}
    }
}

/// What is said once per type and reason: how many there are, and the first of them.
#[derive(Default)]
struct Counts(Vec<Count>);

struct Count {
    ty: Name,
    why: String,
    count: usize,
    first: usize,
}

impl Counts {
    fn add(&mut self, (at, instance): (usize, &Instance), why: &str) {
        if instance.elsewhere {
            return;
        }
        match self.0.iter_mut().find(|count| count.ty == instance.ty && count.why == why) {
            Some(count) => count.count += 1,
            None => self.0.push(Count { ty: instance.ty.clone(), why: why.to_owned(), count: 1, first: at }),
        }
    }

    fn tell(self, cx: &mut Delivery<'_>, element: &Element<'_>, instances: &[Instance]) {
        for Count { why, count, first, .. } in self.0 {
            let Some(instance) = instances.get(first) else { continue };
            let many = if count == 1 { String::new() } else { format!(", and {} more like it", count - 1) };
            cx.passed(element, instance.span, format!("{} {why}{many}", instance.address));
        }
    }
}

/// What records of one document are made with.
struct Recording<'r> {
    element: &'r Element<'r>,
    reached: Reached,
    generated: Generated,
}

impl Recording<'_> {
    fn record(&mut self, cx: &mut Delivery<'_>, instance: &Instance, mut draft: Draft) -> Record {
        let ty = draft.ty.clone();
        let own = draft.part == 0;
        let identifier = draft.identifier(instance).filter(|_| own);
        complete(instance, &mut draft, identifier.as_ref());
        draft.properties.iter_mut().for_each(|(_, node)| self.generated.mark(node));
        let document = instance.document.clone();
        let mut record = Record::new(ty.name.clone(), self.element.origin(draft.part));
        place(&mut record, self.element, instance, &mut self.reached);
        record.pointer = match &document {
            Some(document) => document.tree.pointer_to(draft.span).into(),
            None => "".into(),
        };
        record.span = draft.span;
        record.document = document;
        record.address = Some(instance.address.clone());
        record.id = identifier.or_else(|| names::identifier(&ty, &draft.properties));
        if own {
            let multi = ty.identifier.len() != 1;
            record.id =
                record.id.or_else(|| instance.value("id").filter(|id| multi && id.as_text().is_some()).cloned());
            record.arn = instance.value("arn").filter(|arn| arn.as_text().is_some()).cloned();
            record.tags = chosen_tags(instance);
        }
        record.arn = record.arn.or_else(|| names::recorded_arn(&ty, &draft.properties));
        record.name = names::recorded_name(&ty, &draft.properties);
        set_place(cx, &mut record, instance);
        add_tags(cx.schema, record.tags.as_ref(), &mut draft);
        if instance.fresh && own {
            let facts = fresh::facts(&ty.name, &draft.properties);
            facts.into_iter().for_each(|(name, node)| settle_fresh(&mut draft, &name, node.place_all(instance.span)));
        }
        record.existence = draft.existence.clone();
        record.form = form(instance, &draft, &self.generated);
        record.owner = instance.planned.then(|| draft.owner.clone());
        record.properties = draft.properties;
        record
    }
}

/// Account and region: as the ARN has them, as the resource says, as its provider is set.
fn set_place(cx: &mut Delivery<'_>, record: &mut Record, instance: &Instance) {
    let (account, region) = instance.places();
    let said = instance.value("region").filter(|region| region.as_text().is_some()).cloned();
    record.account = account.or_else(|| instance.account.clone()).map(|node| cx.names.share(&node));
    record.region = region.or(said).or_else(|| instance.region.clone()).map(|node| cx.names.share(&node));
}

/// Tags are a property, too, where the type has one for them.
fn add_tags(schema: &Schema, tags: Option<&Node>, draft: &mut Draft) {
    let ty = draft.ty.clone();
    if let (Some(tags), Some(property)) = (tags, ty.tags.as_ref().and_then(|name| ty.property(name)))
        && draft.property(&property.name).is_none()
    {
        let shaped = tags::shaped(schema, &property.ty, tags.clone());
        draft.properties.push((property.name.clone(), shaped));
    }
}

/// The identifier as a property, and what the properties that are not known stand for.
fn complete(instance: &Instance, draft: &mut Draft, identifier: Option<&Node>) {
    if let ([name], Some(node)) = (draft.ty.identifier.as_slice(), identifier) {
        let name = name.clone();
        if draft.property(&name).is_none_or(|node| node.as_text().is_none()) {
            draft.put(&name, node.clone());
        }
    }
    if !instance.planned {
        return;
    }
    let (ty, owner) = (draft.ty.clone(), draft.owner.clone());
    // A pointer that nobody gives may stay absent, and nothing refers to it.
    let may_be_absent =
        |name: &Name| points_elsewhere(&ty, name) && ty.property(name).is_none_or(|property| !property.required);
    for (name, node) in draft.properties.iter_mut().filter(|(name, _)| !may_be_absent(name)) {
        if let NodeKind::Unknown(unknown) = &node.kind
            && unknown.symbol().is_none()
            && unknown.causes().iter().all(|cause| cause.reason == Reason::Undecided)
        {
            let symbol = Symbol::attribute(Attribute::of(&owner, &ty, name));
            let unknown: Unknown = unknown.clone().standing_for(symbol);
            *node = Node::new(node.span, NodeKind::Unknown(unknown));
        }
    }
}

/// What each new resource has stands where nothing else is known. A collection that is not known was set.
fn settle_fresh(draft: &mut Draft, name: &Name, node: Node) {
    let may_be_set = node.as_list().is_some();
    if draft.property(name).is_none_or(|before| !may_be_set && matches!(before.kind, NodeKind::Unknown(_))) {
        draft.put(name, node);
    }
}

/// Those of the provider are among all tags.
fn chosen_tags(instance: &Instance) -> Option<Node> {
    instance.value("tags_all").or_else(|| instance.value("tags")).cloned()
}

/// The last place that was looked up, and the document that it is in: resources mostly come in the order of their document,
/// which is then counted through once.
#[derive(Default)]
struct Reached {
    document: Option<Arc<Document>>,
    place: Option<(usize, Place)>,
}

impl Reached {
    fn place(&mut self, document: &Arc<Document>, at: usize) -> Place {
        if !self.document.as_ref().is_some_and(|before| Arc::ptr_eq(before, document)) {
            *self = Reached { document: Some(document.clone()), place: None };
        }
        let (from, before) = self.place.filter(|(reached, _)| *reached <= at).unwrap_or((0, Place::START));
        let place = before.after(document.text.as_bytes().get(from..at).unwrap_or_default());
        self.place = Some((at, place));
        place
    }
}

/// The place of the resource in its document, as the record's.
fn place(record: &mut Record, element: &Element<'_>, instance: &Instance, reached: &mut Reached) {
    let span = instance.span;
    let start =
        instance.document.as_ref().map_or(Place::START, |document| reached.place(document, span.start as usize));
    record.origin.offset = element.place.offset + start.offset;
    record.origin.length = u64::from(span.end.saturating_sub(span.start));
    record.origin.line = start.line;
    record.origin.column = start.column;
}

/// A state shows what there is; what only the service knows, and no attribute tells, it does not.
fn form(instance: &Instance, draft: &Draft, generated: &Generated) -> Form {
    if instance.planned {
        let generated = generated.has(&draft.owner);
        return Form { planned: true, unchanged: instance.unchanged, generated, ..Form::default() };
    }
    let silent = draft.ty.properties.values().filter(|property| {
        (property.read_only || property.config_only || property.extended) && draft.property(&property.name).is_none()
    });
    let hidden: FxHashSet<Name> = silent.map(|property| property.name.clone()).collect();
    Form { unobservable: Some(Arc::new(hidden)), ..Form::default() }
}
