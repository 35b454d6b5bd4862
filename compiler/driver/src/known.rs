//! The resources of an inventory by what they are called, for a change that names them.

use std::collections::{BTreeMap, BTreeSet};

use parapet_inventory::{Addition, versioned};
use parapet_model::{Name, Resource, Value, is_setting};
use rustc_hash::FxHashMap;

/// See the module.
pub(crate) struct Known<'i> {
    resources: &'i [Resource],
    by_arn: FxHashMap<&'i str, usize>,
    by_id: FxHashMap<(&'i str, &'i str), Vec<usize>>,
    by_type: FxHashMap<&'i str, Vec<usize>>,
}

/// More than one resource of the inventory may be meant.
pub(crate) struct Several(pub(crate) Vec<usize>);

/// What is done to resources of the inventory, by resource.
#[derive(Default)]
pub(crate) struct Touched<'a> {
    pub(crate) by: FxHashMap<usize, Vec<&'a Addition>>,
    /// What may be done to any resource of a type, as notices tell it.
    pub(crate) anywhere: Vec<String>,
}

impl<'i> Known<'i> {
    pub(crate) fn of(resources: &'i [Resource]) -> Known<'i> {
        let mut known = Known {
            resources,
            by_arn: FxHashMap::default(),
            by_id: FxHashMap::default(),
            by_type: FxHashMap::default(),
        };
        for (at, resource) in resources.iter().enumerate() {
            known.by_type.entry(&resource.resource_type).or_default().push(at);
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
    pub(crate) fn find(&self, resource: &Resource) -> Result<Option<usize>, Several> {
        let ty = &*resource.resource_type;
        let arn = resource.arn.as_text().and_then(|arn| self.by_arn.get(arn)).copied();
        if let Some(at) = arn.filter(|at| self.is_a(*at, ty)) {
            return Ok(Some(at));
        }
        // Of a setting there is one in each place, whatever a format calls it.
        let called = match is_setting(ty) {
            true => self.by_type.get(ty),
            false => resource.id.as_text().and_then(|id| self.by_id.get(&(ty, id))),
        };
        let may_be = |at: &usize| self.resources.get(*at).is_some_and(|own| may_be(own, resource));
        let named = self.of_that_name(resource);
        let here: Vec<usize> = called.into_iter().flatten().copied().chain(named).filter(may_be).collect();
        match here.as_slice() {
            [] => Ok(None),
            [only] => Ok(Some(*only)),
            _ => Err(Several(here)),
        }
    }

    /// Those that have the name of one whose identifier only deployment decides, where a name belongs to one alone.
    fn of_that_name(&self, resource: &Resource) -> Vec<usize> {
        let ty = &*resource.resource_type;
        let name = |own: &Resource| Some(own.properties.get(versioned(ty)?.name)?.as_text()?.to_owned());
        let Some(sought) = name(resource).filter(|_| resource.id.as_text().is_none()) else { return Vec::new() };
        let has_it = |at: &usize| self.resources.get(*at).and_then(name).is_some_and(|own| own == sought);
        self.by_type.get(ty).into_iter().flatten().copied().filter(has_it).collect()
    }

    pub(crate) fn is_a(&self, at: usize, ty: &str) -> bool {
        self.resources.get(at).is_some_and(|own| *own.resource_type == *ty)
    }

    /// The resources to which something is done. Where the inventory has none that is called so, it may be any of the type.
    pub(crate) fn touched<'a>(&self, additions: &'a [Addition]) -> Touched<'a> {
        let mut touched = Touched::default();
        let mut anywhere: BTreeMap<(&Name, Option<&Name>), BTreeSet<&str>> = BTreeMap::new();
        for addition in additions {
            let (ty, key) = (&*addition.resource_type, addition.key.as_ref());
            let mut named = key.map(|key| self.named(ty, key)).unwrap_or_default();
            if named.is_empty() {
                named = self.perhaps(ty, key);
                if !named.is_empty() {
                    anywhere.entry((&addition.address, key)).or_default().insert(ty);
                }
            }
            named.into_iter().for_each(|at| touched.by.entry(at).or_default().push(addition));
        }
        touched.anywhere = anywhere.into_iter().map(notice).collect();
        touched
    }

    /// Those of a type that may be meant where none is called so: an ARN is that of one whose ARN is not known.
    fn perhaps(&self, ty: &str, key: Option<&Name>) -> Vec<usize> {
        let is_arn = key.is_some_and(|key| key.starts_with("arn:"));
        let may_be = |at: &&usize| !is_arn || self.resources.get(**at).is_some_and(|own| own.arn.as_text().is_none());
        self.by_type.get(ty).into_iter().flatten().filter(may_be).copied().collect()
    }

    fn named(&self, ty: &str, key: &Name) -> Vec<usize> {
        let called = self.by_id.get(&(ty, &**key)).into_iter().flatten().copied();
        let by_arn = self.by_arn.get(&**key).copied().filter(|at| self.is_a(*at, ty));
        called.chain(by_arn).collect()
    }
}

/// What to say of something that may be done to any resource of these types.
fn notice(((address, key), types): ((&Name, Option<&Name>), BTreeSet<&str>)) -> String {
    let whom = match (types.first(), types.len()) {
        (Some(only), 1) => format!("any {only} of the inventory"),
        (_, count) => format!("any resource of {count} types of the inventory"),
    };
    match key {
        Some(key) => format!("{address} may belong to {whom}: none is called `{key}`"),
        None => format!("{address} may belong to {whom}: nobody knows which"),
    }
}

/// Whether nothing that both say of their place differs.
fn may_be(a: &Resource, b: &Resource) -> bool {
    let agree = |a: &Value, b: &Value| match (a.as_text(), b.as_text()) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    let arns = a.arn.is_unknown() || b.arn.is_unknown() || is_setting(&a.resource_type) || agree(&a.arn, &b.arn);
    agree(&a.account, &b.account) && agree(&a.region, &b.region) && arns
}
