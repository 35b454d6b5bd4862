//! A change on top of an inventory: what a plan or template would make of what is there.
//!
//! Resources of the change replace those of the inventory that they are (the same ARN, or the same type and identifier in
//! a place that may be the same, or for a few types the same name), join them otherwise, and what the change deletes is
//! gone. What it leaves as it is stays the inventory's, and so does what others set of a resource. Both worlds are judged;
//! told is what fails or is unknown after the change and was not so before. Nothing is guessed: a resource of the change whose
//! identifier only deployment decides is a new one.

use std::collections::BTreeSet;

use parapet_interpreter::{Engine, Explained, Read, Subject, seen};
use parapet_inventory::{Addition, Versioned, shared, versioned};
use parapet_ir::Guardrail;
use parapet_model::{Count, Name, Reason, Resource, ResourceId, Truth, Unknown, Value, Verdict, Whereabouts, equal};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::inputs::Inputs;
use crate::judging::Judged;
use crate::known::{Known, Several};

/// An inventory with a change applied.
pub(crate) struct Changed {
    /// For each resource, the one of the inventory that it is or replaces.
    before: Vec<Option<ResourceId>>,
    replaced: usize,
    joined: usize,
    deleted: usize,
    /// Of which several of the inventory may be meant.
    several: usize,
    /// Resources of the inventory that the change does not name, and changes all the same.
    touched: usize,
    /// What to say of changes of which nobody knows what they change.
    pub(crate) notices: Vec<String>,
}

impl Changed {
    /// What the account of a run says of the change, and how many findings are not told because they were there before.
    pub(crate) fn counts(&self, known: usize) -> Vec<Count> {
        let counts = [
            (self.joined, "added by the change"),
            (self.replaced, "replaced by the change"),
            (self.deleted, "deleted by the change"),
            (self.touched, "changed by what the change adds or takes away"),
            (self.several, "not matched, where several of the inventory may be meant"),
            (known, "found before the change"),
        ];
        counts.into_iter().map(|(count, what)| (what.to_owned(), count)).collect()
    }
}

/// The one account and region that an inventory names, for resources of the change that name none.
pub(crate) fn only_place(inventory: &Inputs) -> (Option<Name>, Option<Name>) {
    let resources = &inventory.resources;
    let only = |header: for<'r> fn(Whereabouts<'r>) -> &'r Value, ignored: &str| {
        let places = (0..resources.len()).filter_map(|at| resources.whereabouts(at));
        let texts: BTreeSet<&str> = places.filter_map(|here| header(here).as_text()).collect();
        let mut texts = texts.into_iter().filter(|text| *text != ignored);
        let first = texts.next();
        first.filter(|_| texts.next().is_none()).map(Name::from)
    };
    (only(|here| here.account, ""), only(|here| here.region, "global"))
}

/// Applies a change to an inventory.
pub(crate) fn applied(inventory: &mut Inputs, mut change: Inputs) -> (Inputs, Changed) {
    let live = std::mem::take(&mut inventory.resources).into_vec();
    let mut resources = std::mem::take(&mut change.resources).into_vec();
    let known = Known::of(&live);
    let (additions, gaps) = (std::mem::take(&mut change.additions), std::mem::take(&mut change.coverage.gaps));
    let touched = known.touched(&additions);
    // A change that does not show all of itself may do anything to anything.
    let leaves_open = gaps.iter().any(|gap| gap.types.is_none() && gap.account.is_none());
    let gone = std::mem::take(&mut change.gone);
    let destroyed = Destroyed::of(&known, &gone);
    let mut several = destroyed.perhaps.len();
    let matches: Vec<Option<usize>> =
        resources.iter().map(|resource| destroyed.or_found(&known, resource, &mut several)).collect();
    let matches = keep_unchanged((&mut change, &mut resources), matches);
    let inputs = inventory.paths.len() as u32;
    for (resource, at) in resources.iter_mut().zip(&matches) {
        at.and_then(|at| live.get(at)).into_iter().for_each(|live| settle(live, resource));
        resource.origin.input += inputs;
    }
    let replaced: FxHashSet<usize> = matches.iter().flatten().copied().collect();
    // What was split off a record goes with it where it is destroyed; a change of it leaves them alone.
    let mut ends = with_satellites(&live, &destroyed.surely);
    ends.extend(&replaced);
    let kept: Vec<usize> = (0..live.len()).filter(|at| !ends.contains(at)).collect();
    let joined = matches.iter().filter(|found| found.is_none()).count();
    let before: Vec<Option<usize>> = kept.iter().map(|at| Some(*at)).chain(matches).collect();
    change.deleted = 0;
    let of_kept = kept.iter().filter_map(|at| live.get(*at)).cloned();
    let mut resources: Vec<Resource> = of_kept.chain(resources).collect();
    for (resource, at) in resources.iter_mut().zip(&before) {
        let Some(at) = at else { continue };
        touched.by.get(at).into_iter().flatten().for_each(|addition| add(resource, addition));
        if leaves_open {
            open(resource);
        }
        if let Some(address) = destroyed.perhaps.get(at) {
            let why = format!("{address}, which the change destroys, may be it");
            resource.existence = Some(Unknown::new(Reason::Undecided, why));
        }
    }
    let mut whole = inventory.with(&kept, change, resources);
    let deleted = destroyed.surely.difference(&replaced).count();
    let touches = touched.by.keys().filter(|at| !ends.contains(at)).count();
    let notices = touched.anywhere;
    inventory.resources = live.into();
    // The inventory says what was collected: what a change brings shows nothing of it, and what it destroys was seen.
    whole.coverage.collected.extend(seen(&inventory.resources));
    whole.coverage.told = true;
    whole.coverage.gaps.extend(gaps);
    let changed = Changed {
        replaced: replaced.len(),
        joined,
        deleted,
        several,
        touched: touches,
        notices,
        before: before.into_iter().map(|at| at.map(|at| ResourceId(at as u32))).collect(),
    };
    (whole, changed)
}

/// What a change destroys of an inventory.
struct Destroyed<'c> {
    surely: FxHashSet<usize>,
    /// What may be meant where several may be, and what is destroyed.
    perhaps: FxHashMap<usize, &'c str>,
    by_address: FxHashMap<&'c str, usize>,
}

impl<'c> Destroyed<'c> {
    fn of(known: &Known<'_>, gone: &'c [Resource]) -> Destroyed<'c> {
        let mut destroyed =
            Destroyed { surely: FxHashSet::default(), perhaps: FxHashMap::default(), by_address: FxHashMap::default() };
        for resource in gone {
            match known.find(resource) {
                Ok(None) => {}
                Ok(Some(at)) => {
                    destroyed.surely.insert(at);
                    destroyed.by_address.extend(resource.address.as_deref().map(|address| (address, at)));
                }
                Err(Several(all)) => destroyed.perhaps.extend(all.into_iter().map(|at| (at, resource.label()))),
            }
        }
        destroyed
    }

    /// The resource of the inventory that one of the change is: also the one that is destroyed and made anew.
    fn or_found(&self, known: &Known<'_>, resource: &Resource, several: &mut usize) -> Option<usize> {
        let found = known.find(resource).unwrap_or_else(|_| {
            *several += 1;
            None
        });
        let anew = || self.by_address.get(resource.address.as_deref()?).copied();
        found.or_else(|| anew().filter(|at| known.is_a(*at, &resource.resource_type)))
    }
}

/// Leaves out what the change leaves as it is: the inventory has it. Returned are the matches of the others.
fn keep_unchanged(
    (change, resources): (&mut Inputs, &mut Vec<Resource>),
    matches: Vec<Option<usize>>,
) -> Vec<Option<usize>> {
    let goes = |(resource, at): (&Resource, &Option<usize>)| resource.form.unchanged && at.is_some();
    let goes: Vec<bool> = resources.iter().zip(&matches).map(goes).collect();
    let mut at = goes.iter();
    resources.retain(|_| !at.next().is_some_and(|goes| *goes));
    let mut at = goes.iter();
    change.given.retain(|_| !at.next().is_some_and(|goes| *goes));
    matches.into_iter().zip(goes).filter(|(_, goes)| !goes).map(|(at, _)| at).collect()
}

/// What a resource of the change is where it does not say it all: others set parts of it, and a template does not say what it
/// leaves as it is.
fn settle(live: &Resource, resource: &mut Resource) {
    let shared = shared(&resource.resource_type);
    let is_template = resource.form.one_place;
    for (name, value) in resource.properties.iter_mut() {
        let Some(before) = live.properties.get(name).filter(|before| !before.is_unset()) else { continue };
        if shared.contains_key(name) {
            *value = joined(value, before);
        } else if is_template && value.is_unset() {
            let why = "the template does not set it, and does not say whether it did before";
            *value = Value::Unknown(Unknown::new(Reason::Undecided, why));
        }
    }
    if let Some(versioned) = versioned(&resource.resource_type) {
        make_version(live, resource, versioned);
    }
}

/// What a change makes of a resource that keeps its versions: another content is another version, whose number nobody knows. A
/// template that names it leaves it where it is, and its identifier.
fn make_version(live: &Resource, resource: &mut Resource, versioned: &Versioned) {
    let property = |own: &Resource, name: &str| own.properties.get(name).cloned().unwrap_or(Value::Absent);
    let same = |name| equal(&property(live, name), &property(resource, name)) == Truth::True;
    if !same(versioned.content) && same(versioned.newest) {
        let unknown = Unknown::new(Reason::Undecided, "the change makes another version");
        resource.properties.insert(versioned.newest.into(), Value::Unknown(unknown));
    }
    if resource.form.one_place && resource.id.as_text().is_none() {
        (resource.id, resource.arn) = (live.id.clone(), live.arn.clone());
        (resource.account, resource.region) = (live.account.clone(), live.region.clone());
        resource.properties.insert(versioned.identifier.into(), live.id.clone());
    }
}

/// What a resource has that several set: the elements of both.
fn joined(own: &Value, others: &Value) -> Value {
    let with = |own: &[Value], others: &[Value]| {
        let is_new = |other: &&Value| !own.iter().any(|own| equal(own, other) == Truth::True);
        own.iter().chain(others.iter().filter(is_new)).cloned().collect::<Vec<_>>()
    };
    match (own, others) {
        (Value::List(own), Value::List(others)) => Value::list(with(own, others)),
        (Value::Set(own), Value::Set(others)) => Value::Set(with(own, others).into()),
        (own, others) if own.is_unset() => others.clone(),
        _ => own.clone(),
    }
}

/// Leaves open whatever other resources may give to one.
fn open(resource: &mut Resource) {
    for (property, appends) in shared(&resource.resource_type) {
        let why = "the change does not show everything, and more of it may belong here";
        change(resource, &property, appends, Unknown::new(Reason::Undecided, why));
    }
}

fn add(resource: &mut Resource, addition: &Addition) {
    let why = format!("the change of {} is part of it", addition.address);
    change(resource, &addition.property, addition.appends, Unknown::new(Reason::Undecided, why));
}

/// What becomes of a property is not looked at: one element more, or something else.
fn change(resource: &mut Resource, property: &Name, appends: bool, unknown: Unknown) {
    let more = |elements: &[Value]| {
        elements.iter().cloned().chain([Value::Unknown(unknown.clone().perhaps())]).collect::<Vec<_>>()
    };
    let value = match (resource.properties.get(property), appends) {
        (Some(Value::List(elements)), true) => Value::list(more(elements)),
        (Some(Value::Set(elements)), true) => Value::Set(more(elements).into()),
        (Some(Value::Absent) | None, true) => Value::list(more(&[])),
        _ => Value::Unknown(unknown),
    };
    resource.properties.insert(property.clone(), value);
}

/// What was split off a record goes with it.
fn with_satellites(resources: &[Resource], ends: &FxHashSet<usize>) -> FxHashSet<usize> {
    let whole = ends.iter().filter_map(|at| resources.get(*at)).filter(|resource| resource.origin.part == 0);
    let origins: FxHashSet<(u32, u64)> =
        whole.map(|resource| (resource.origin.input, resource.origin.offset)).collect();
    let split_off = |resource: &Resource| {
        resource.owner.is_none() && origins.contains(&(resource.origin.input, resource.origin.offset))
    };
    let satellites = resources.iter().enumerate().filter(|(_, resource)| split_off(resource)).map(|(at, _)| at);
    ends.iter().copied().chain(satellites).collect()
}

/// The inventory as it was, for what was so before.
pub(crate) struct Before<'b> {
    engine: &'b Engine<'b>,
    /// Failures and unknowns of the inventory alone.
    verdicts: FxHashMap<(Subject, usize), Verdict>,
}

impl<'b> Before<'b> {
    pub(crate) fn of(engine: &'b Engine<'b>, verdicts: Vec<Judged>) -> Before<'b> {
        let told = verdicts.into_iter().filter(|judged| matches!(judged.verdict, Verdict::Fail | Verdict::Unknown));
        Before { engine, verdicts: told.map(|judged| ((judged.subject, judged.guardrail()), judged.verdict)).collect() }
    }

    /// Whether a failure or an unknown of the changed world comes with the change.
    pub(crate) fn is_new(&self, changed: &Changed, after: &Engine<'_>, guardrail: &Guardrail, judged: &Judged) -> bool {
        let Some(old) = self.old(changed, after, judged.subject) else { return true };
        match (self.verdicts.get(&(old, judged.guardrail())), judged.verdict) {
            (None, _) => true,
            (Some(Verdict::Fail), Verdict::Fail) => self.says_more(after, guardrail, old, judged.subject),
            (Some(Verdict::Fail), _) => false,
            (Some(_), Verdict::Fail) => true,
            (Some(_), _) => false,
        }
    }

    /// A resource that failed before, and fails for another reason now: with another message, or by another value.
    fn says_more(&self, after: &Engine<'_>, guardrail: &Guardrail, old: Subject, subject: Subject) -> bool {
        let before = self.engine.explain(guardrail, old).details;
        let is_known = |detail: &Explained| before.iter().any(|known| says_same(known, detail));
        !after.explain(guardrail, subject).details.iter().all(is_known)
    }

    fn old(&self, changed: &Changed, after: &Engine<'_>, subject: Subject) -> Option<Subject> {
        match subject {
            Subject::Resource(id) => changed.before.get(id.0 as usize).copied().flatten().map(Subject::Resource),
            Subject::Account(account) => {
                let id = after.world().account_field(account, "id");
                let accounts = self.engine.world().accounts();
                let at =
                    accounts.iter().position(|own| own.id.as_text().is_some() && own.id.as_text() == id.as_text())?;
                Some(Subject::Account(parapet_model::AccountIndex(at as u32)))
            }
        }
    }
}

/// Whether two details have one message, as many counterexamples, and no value that is known before and after and differs.
fn says_same(before: &Explained, after: &Explained) -> bool {
    let differs = |own: &Read| {
        let mut others =
            before.reads.iter().filter(|other| other.text == own.text && compares(&other.value)).peekable();
        compares(&own.value)
            && others.peek().is_some()
            && others.all(|other| equal(&other.value, &own.value) == Truth::False)
    };
    let one = before.message == after.message && before.span == after.span;
    one && before.counterexamples >= after.counterexamples && !after.reads.iter().any(differs)
}

/// Whether a value means the same in both worlds: resources are counted in each by itself.
fn compares(value: &Value) -> bool {
    match value {
        Value::Resource(_) | Value::Account(_) | Value::Unknown(_) | Value::Count(_) | Value::Absent => false,
        Value::List(elements) | Value::Set(elements) => elements.iter().all(compares),
        Value::Map(fields) | Value::Record(fields) => fields.values().all(compares),
        Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Time(_)
        | Value::Duration(_)
        | Value::Ip(_)
        | Value::Cidr(_) => true,
    }
}
