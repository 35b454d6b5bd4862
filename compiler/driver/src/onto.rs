//! A change on top of an inventory: what a plan or template would make of what is there.
//!
//! Resources of the change replace those of the inventory that they are (the same ARN, or the same type and identifier in
//! a place that may be the same), join them otherwise, and what the change deletes is gone. Both worlds are judged; told
//! is what fails or is unknown after the change and was not so before. Nothing is guessed: a resource of the change whose
//! identifier only deployment decides is a new one.

use std::collections::BTreeSet;

use parapet_interpreter::{Engine, Explained, Read, Subject};
use parapet_inventory::Addition;
use parapet_ir::Guardrail;
use parapet_model::{Count, Name, Reason, Resource, ResourceId, Truth, Unknown, Value, Verdict, equal};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::inputs::Inputs;
use crate::judging::Judged;

/// An inventory with a change applied.
pub(crate) struct Changed {
    /// For each resource, the one of the inventory that it is or replaces.
    before: Vec<Option<ResourceId>>,
    replaced: usize,
    joined: usize,
    deleted: usize,
    /// Joined although several of the inventory may be meant.
    ambiguous: usize,
    /// Additions to resources of the inventory.
    added_to: usize,
    /// Additions of which nobody knows to what.
    unplaced: Vec<Name>,
}

impl Changed {
    /// What the account of a run says of the change, and how many findings are not told because they were there before.
    pub(crate) fn counts(&self, known: usize) -> Vec<Count> {
        let counts = [
            (self.joined, "added by the change"),
            (self.replaced, "replaced by the change"),
            (self.deleted, "deleted by the change"),
            (self.added_to, "added to by the change"),
            (self.ambiguous, "taken as new, where several of the inventory may be meant"),
            (known, "found before the change"),
        ];
        let sometimes = |(count, what): &(usize, &str)| *count > 0 || !what.contains(" to ") && !what.contains("taken");
        counts.into_iter().filter(sometimes).map(|(count, what)| (what.to_owned(), count)).collect()
    }

    /// What the change adds to some resource that may be any of the inventory.
    pub(crate) fn notices(&self) -> Vec<String> {
        let notice =
            |address: &Name| format!("{address} may belong to any resource of the inventory: which one, is not known");
        self.unplaced.iter().map(notice).collect()
    }
}

/// The one account and region that an inventory names, for resources of the change that name none.
pub(crate) fn only_place(inventory: &Inputs) -> (Option<Name>, Option<Name>) {
    let only = |header: fn(&Resource) -> &Value, ignored: &str| {
        let texts: BTreeSet<&str> =
            inventory.resources.iter().filter_map(|resource| header(resource).as_text()).collect();
        let mut texts = texts.into_iter().filter(|text| *text != ignored);
        let first = texts.next();
        first.filter(|_| texts.next().is_none()).map(Name::from)
    };
    (only(|resource| &resource.account, ""), only(|resource| &resource.region, "global"))
}

/// Applies a change to an inventory.
pub(crate) fn applied(inventory: &Inputs, mut change: Inputs) -> (Inputs, Changed) {
    let known = Known::of(&inventory.resources);
    let additions = std::mem::take(&mut change.additions);
    let gone: Vec<(Option<&str>, usize)> = change
        .gone
        .iter()
        .filter_map(|resource| Some((resource.address.as_deref(), known.find(resource).ok()??)))
        .collect();
    // What is made anew is the one that is gone, as far as findings are concerned.
    let anew: FxHashMap<&str, usize> = gone.iter().filter_map(|(address, at)| Some(((*address)?, *at))).collect();
    let mut ambiguous = 0;
    let mut find = |resource: &Resource| match known.find(resource) {
        Ok(found) => {
            found.or_else(|| anew.get(resource.address.as_deref()?).copied().filter(|at| known.is_a(*at, resource)))
        }
        Err(Several) => {
            ambiguous += 1;
            None
        }
    };
    let matches: Vec<Option<usize>> = change.resources.iter().map(&mut find).collect();
    let replaced: FxHashSet<usize> = matches.iter().flatten().copied().collect();
    let deleted: FxHashSet<usize> = gone.iter().map(|(_, at)| *at).collect();
    let joined = matches.iter().filter(|found| found.is_none()).count();
    // What was split off a record goes with it where it is destroyed; a change of it leaves them alone.
    let mut ends = with_satellites(&inventory.resources, &deleted);
    ends.extend(&replaced);
    let (added_to, unplaced) = known.named_by(&additions);
    let kept: Vec<usize> = (0..inventory.resources.len()).filter(|at| !ends.contains(at)).collect();
    let before = kept.iter().map(|at| Some(*at)).chain(matches);
    let before = before.map(|at| at.map(|at| ResourceId(at as u32))).collect();
    let deleted = deleted.difference(&replaced).count();
    let mut whole = inventory.with(&kept, change);
    for (resource, at) in whole.resources.iter_mut().zip(&kept) {
        added_to.get(at).into_iter().flatten().for_each(|addition| add(resource, addition));
    }
    let added_to = added_to.keys().filter(|at| !ends.contains(at)).count();
    (whole, Changed { before, replaced: replaced.len(), joined, deleted, ambiguous, added_to, unplaced })
}

/// What the change adds is not looked at: the resource has it, whatever it is.
fn add(resource: &mut Resource, addition: &Addition) {
    let why = format!("{} of the change is part of it", addition.address);
    let unknown = Unknown::new(Reason::Undecided, why);
    let value = match (resource.properties.get(&addition.property), addition.appends) {
        (Some(Value::List(elements)), true) => {
            Value::list(elements.iter().cloned().chain([Value::Unknown(unknown.perhaps())]).collect())
        }
        (Some(Value::Absent) | None, true) => Value::list(vec![Value::Unknown(unknown.perhaps())]),
        _ => Value::Unknown(unknown),
    };
    resource.properties.insert(addition.property.clone(), value);
}

/// The resources of an inventory by what they are called.
struct Known<'i> {
    resources: &'i [Resource],
    by_arn: FxHashMap<&'i str, usize>,
    by_id: FxHashMap<(&'i str, &'i str), Vec<usize>>,
}

impl<'i> Known<'i> {
    fn of(resources: &'i [Resource]) -> Known<'i> {
        let mut known = Known { resources, by_arn: FxHashMap::default(), by_id: FxHashMap::default() };
        for (at, resource) in resources.iter().enumerate() {
            if let Some(arn) = resource.arn.as_text() {
                known.by_arn.insert(arn, at);
            }
            if let Some(id) = resource.id.as_text() {
                known.by_id.entry((&*resource.resource_type, id)).or_default().push(at);
            }
        }
        known
    }

    /// The one resource that this is, if there is one.
    fn find(&self, resource: &Resource) -> Result<Option<usize>, Several> {
        let own = |at: &usize| self.is_a(*at, resource);
        if let Some(at) = resource.arn.as_text().and_then(|arn| self.by_arn.get(arn)).copied().filter(own) {
            return Ok(Some(at));
        }
        let id = resource.id.as_text();
        let Some(called) = id.and_then(|id| self.by_id.get(&(&*resource.resource_type, id))) else { return Ok(None) };
        let may_be = |at: &usize| self.resources.get(*at).is_some_and(|own| may_be(own, resource));
        let mut here = called.iter().copied().filter(may_be);
        match (here.next(), here.next()) {
            (first, None) => Ok(first),
            (_, Some(_)) => Err(Several),
        }
    }

    fn is_a(&self, at: usize, resource: &Resource) -> bool {
        self.resources.get(at).is_some_and(|own| own.resource_type == resource.resource_type)
    }

    /// The resources that additions name, and what is added of which nobody knows to what.
    fn named_by<'a>(&self, additions: &'a [Addition]) -> (FxHashMap<usize, Vec<&'a Addition>>, Vec<Name>) {
        let mut named: FxHashMap<usize, Vec<&Addition>> = FxHashMap::default();
        let mut unplaced = Vec::new();
        for addition in additions {
            let Some(key) = &addition.key else {
                unplaced.push(addition.address.clone());
                continue;
            };
            let ty = &*addition.resource_type;
            let called = self.by_id.get(&(ty, &**key)).into_iter().flatten();
            let by_arn = self
                .by_arn
                .get(&**key)
                .filter(|at| self.resources.get(**at).is_some_and(|own| own.resource_type == addition.resource_type));
            for at in called.chain(by_arn) {
                named.entry(*at).or_default().push(addition);
            }
        }
        unplaced.dedup();
        (named, unplaced)
    }
}

/// More than one resource of the inventory may be meant.
struct Several;

/// Whether nothing that both say of their place differs.
fn may_be(a: &Resource, b: &Resource) -> bool {
    let agree = |a: &Value, b: &Value| match (a.as_text(), b.as_text()) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    agree(&a.account, &b.account)
        && agree(&a.region, &b.region)
        && (a.arn.is_unknown() || b.arn.is_unknown() || agree(&a.arn, &b.arn))
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
        Before { engine, verdicts: told.map(|judged| ((judged.subject, judged.guardrail), judged.verdict)).collect() }
    }

    /// Whether a failure or an unknown of the changed world comes with the change.
    pub(crate) fn is_new(&self, changed: &Changed, after: &Engine<'_>, guardrail: &Guardrail, judged: &Judged) -> bool {
        let Some(old) = self.old(changed, after, judged.subject) else { return true };
        match (self.verdicts.get(&(old, judged.guardrail)), judged.verdict) {
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

/// Whether two details have one message, and no value that both know differs.
fn says_same(before: &Explained, after: &Explained) -> bool {
    let scalar = |value: &Value| matches!(value, Value::Text(_) | Value::Int(_) | Value::Bool(_) | Value::Cidr(_));
    let differs = |own: &Read| {
        let others = before.reads.iter().filter(|other| other.text == own.text && scalar(&other.value));
        scalar(&own.value)
            && others.clone().next().is_some()
            && others.clone().all(|other| equal(&other.value, &own.value) == Truth::False)
    };
    before.message == after.message && before.span == after.span && !after.reads.iter().any(differs)
}
