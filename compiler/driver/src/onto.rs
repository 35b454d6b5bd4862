//! A change on top of an inventory: what a plan or template would make of what is there.
//!
//! Resources of the change replace those of the inventory that they are (the same ARN, or the same type and identifier in
//! a place that may be the same), join them otherwise, and what the change deletes is gone. Both worlds are judged; told
//! is what fails or is unknown after the change and was not so before. Nothing is guessed: a resource of the change whose
//! identifier only deployment decides is a new one.

use std::collections::BTreeSet;

use parapet_interpreter::{Engine, Subject};
use parapet_ir::Guardrail;
use parapet_model::{Count, Name, Resource, ResourceId, Value, Verdict};
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
}

impl Changed {
    /// What the account of a run says of the change, and how many findings are not told because they were there before.
    pub(crate) fn counts(&self, known: usize) -> Vec<Count> {
        let counts = [
            (self.joined, "added by the change"),
            (self.replaced, "replaced by the change"),
            (self.deleted, "deleted by the change"),
            (known, "found before the change"),
        ];
        counts.into_iter().map(|(count, what)| (what.to_owned(), count)).collect()
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
pub(crate) fn applied(inventory: &Inputs, change: Inputs) -> (Inputs, Changed) {
    let known = Known::of(&inventory.resources);
    let mut ends: FxHashSet<usize> = FxHashSet::default();
    let matches: Vec<Option<usize>> = change.resources.iter().map(|resource| known.find(resource)).collect();
    ends.extend(matches.iter().flatten());
    let replaced = ends.len();
    ends.extend(change.gone.iter().filter_map(|resource| known.find(resource)));
    let deleted = ends.len() - replaced;
    let gone = with_satellites(&inventory.resources, &ends);
    let joined = matches.iter().filter(|found| found.is_none()).count();
    let kept: Vec<usize> = (0..inventory.resources.len()).filter(|at| !gone.contains(at)).collect();
    let before = kept.iter().map(|at| Some(*at)).chain(matches);
    let before = before.map(|at| at.map(|at| ResourceId(at as u32))).collect();
    (inventory.with(&kept, change), Changed { before, replaced, joined, deleted })
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

    /// The one resource that this is, if it is one: of several that it may be, it is none.
    fn find(&self, resource: &Resource) -> Option<usize> {
        let of_type =
            |at: &usize| self.resources.get(*at).is_some_and(|own| own.resource_type == resource.resource_type);
        if let Some(at) = resource.arn.as_text().and_then(|arn| self.by_arn.get(arn)).copied().filter(of_type) {
            return Some(at);
        }
        let called = self.by_id.get(&(&*resource.resource_type, resource.id.as_text()?))?;
        let mut here =
            called.iter().copied().filter(|at| self.resources.get(*at).is_some_and(|own| may_be(own, resource)));
        let first = here.next();
        first.filter(|_| here.next().is_none())
    }
}

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

    /// A resource that failed before, and fails for another reason now.
    fn says_more(&self, after: &Engine<'_>, guardrail: &Guardrail, old: Subject, subject: Subject) -> bool {
        let messages = |engine: &Engine<'_>, subject: Subject| -> BTreeSet<String> {
            engine.explain(guardrail, subject).details.into_iter().map(|detail| detail.message).collect()
        };
        !messages(after, subject).is_subset(&messages(self.engine, old))
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
