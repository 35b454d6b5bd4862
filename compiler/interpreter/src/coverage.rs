//! How much of the world the inputs show: which types are collected where, and what may be missing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parapet_model::{Name, Proof, Reason, Resource, Resources};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::world::{Named, Place, place};

/// Types that were collected completely in some accounts and regions; `None` means all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Collected {
    pub types: Option<Vec<Name>>,
    pub accounts: Option<Vec<Arc<str>>>,
    pub regions: Option<Vec<Arc<str>>>,
    pub by: Proof,
}

/// Types of which some resources may be missing; `None` means any.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Gap {
    pub types: Option<Vec<Name>>,
    pub account: Option<Arc<str>>,
    pub region: Option<Arc<str>>,
    /// What shows as much and no more does not show that there are no others.
    pub beats: Proof,
    pub why: Arc<str>,
}

/// How much of the world the inputs show.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// What is not there does not exist: tests, templates, plans.
    pub closed: bool,
    /// Types of which a closed world says nothing: the documents that it is made of cannot hold them.
    pub unseen: Vec<Name>,
    pub collected: Vec<Collected>,
    /// `collected` says all: records by themselves show nothing to be collected.
    pub told: bool,
    pub gaps: Vec<Gap>,
}

/// What these records show to be collected: of their types, in the places that they name. A record that names none shows
/// nothing where others name some.
pub fn seen(resources: &Resources) -> Vec<Collected> {
    let mut types: BTreeMap<&Name, BTreeSet<Place>> = BTreeMap::new();
    for at in (0..resources.len()).filter(|at| !resources.kept(*at).is_some_and(is_stale)) {
        let Some(here) = resources.whereabouts(at) else { continue };
        types.entry(here.resource_type).or_default().extend(place(here));
    }
    let [no_account, no_region] = [|(account, _): &Place| account.is_none(), |(_, region): &Place| region.is_none()]
        .map(|lacks| types.values().flatten().all(lacks));
    let of_type = |(name, places): (&Name, BTreeSet<Place>)| {
        let name = name.clone();
        let named = places
            .into_iter()
            .filter(move |(account, region)| (account.is_some() || no_account) && (region.is_some() || no_region));
        named.map(move |(account, region)| Collected {
            types: Some(vec![name.clone()]),
            accounts: account.map(|account| vec![account]),
            regions: region.map(|region| vec![region]),
            by: Proof::Seen,
        })
    };
    types.into_iter().flat_map(of_type).collect()
}

/// A record that is too old to show what there is.
pub(crate) fn is_stale(resource: &Resource) -> bool {
    resource.blank.as_ref().is_some_and(|blank| blank.causes().iter().any(|cause| cause.reason == Reason::Stale))
}

/// A type in one account and region.
type Spot<'c> = (&'c str, &'c str, &'c str);

/// What a coverage says of some types, by place.
pub(crate) struct Standing<'c> {
    collected: FxHashMap<Spot<'c>, Proof>,
    /// What is said of more than listed types, accounts and regions.
    collected_widely: Vec<&'c Collected>,
    gaps: FxHashMap<Spot<'c>, &'c Gap>,
    gaps_anywhere: Vec<&'c Gap>,
}

/// What is not there.
pub(crate) enum Missing<'c> {
    /// Nothing shows any of it.
    All,
    /// Something is there, or was said to be, and something may be missing.
    Some(&'c str),
}

impl<'c> Standing<'c> {
    /// Of these types.
    pub(crate) fn of(coverage: &'c Coverage, types: &'c FxHashSet<Name>) -> Standing<'c> {
        let mut standing = Standing {
            collected: FxHashMap::default(),
            collected_widely: Vec::new(),
            gaps: FxHashMap::default(),
            gaps_anywhere: Vec::new(),
        };
        coverage.collected.iter().for_each(|collected| standing.add(collected, types));
        coverage.gaps.iter().for_each(|gap| standing.add_gap(gap, types));
        standing
    }

    fn add(&mut self, collected: &'c Collected, wanted: &FxHashSet<Name>) {
        let Collected { types: Some(types), accounts: Some(accounts), regions: Some(regions), by } = collected else {
            return self.collected_widely.push(collected);
        };
        for name in types.iter().filter(|name| wanted.contains(*name)) {
            for spot in
                accounts.iter().flat_map(|account| regions.iter().map(move |region| (&**name, &**account, &**region)))
            {
                let best = self.collected.entry(spot).or_insert(*by);
                *best = (*best).max(*by);
            }
        }
    }

    fn add_gap(&mut self, gap: &'c Gap, wanted: &FxHashSet<Name>) {
        let Gap { types: Some(types), account: Some(account), region: Some(region), .. } = gap else {
            return self.gaps_anywhere.push(gap);
        };
        for name in types.iter().filter(|name| wanted.contains(*name)) {
            let worst = self.gaps.entry((&**name, &**account, &**region)).or_insert(gap);
            if gap.beats > worst.beats {
                *worst = gap;
            }
        }
    }

    /// What may be missing of a type in a place; `seen`: there are records of it.
    pub(crate) fn missing(&self, name: &Name, place: &Place, seen: bool) -> Option<Missing<'c>> {
        let proof = seen.then_some(Proof::Seen).max(self.proof(name, place));
        match (self.gap(name, place), proof) {
            (Some(gap), proof) if proof.is_none_or(|proof| gap.beats >= proof) => Some(Missing::Some(&gap.why)),
            (_, None) => Some(Missing::All),
            (_, Some(_)) => None,
        }
    }

    /// The best that shows the type to be collected there.
    fn proof(&self, name: &Name, place: &Place) -> Option<Proof> {
        let covers = |list: &Option<Vec<Arc<str>>>, item: &Named| match (list, item) {
            (None, _) => true,
            (Some(list), Some(item)) => list.contains(item),
            (Some(_), None) => false,
        };
        let (account, region) = place;
        let widely = self.collected_widely.iter().filter(|collected| {
            collected.types.as_ref().is_none_or(|types| types.contains(name))
                && covers(&collected.accounts, account)
                && covers(&collected.regions, region)
        });
        let here = spot(name, place).and_then(|spot| self.collected.get(&spot)).copied();
        widely.map(|collected| collected.by).max().max(here)
    }

    /// The worst gap there; one of which the place is not known may be anywhere.
    fn gap(&self, name: &Name, place: &Place) -> Option<&'c Gap> {
        let (account, region) = place;
        let meets = |said: &Option<Arc<str>>, item: &Named| said.is_none() || item.is_none() || said == item;
        let anywhere = self.gaps_anywhere.iter().copied().filter(|gap| {
            gap.types.as_ref().is_none_or(|types| types.contains(name))
                && meets(&gap.account, account)
                && meets(&gap.region, region)
        });
        let here = match spot(name, place) {
            Some(spot) => self.gaps.get(&spot).copied(),
            None => self.gaps.iter().find(|((ty, ..), _)| *ty == &**name).map(|(_, gap)| *gap),
        };
        anywhere.chain(here).max_by_key(|gap| gap.beats)
    }
}

fn spot<'n>(name: &'n Name, (account, region): &'n Place) -> Option<Spot<'n>> {
    Some((name, account.as_deref()?, region.as_deref()?))
}
