//! The resources that a run sees, and the ways from one to another.
//!
//! Beside the real resources a world holds stand-ins: for each type used as a collection and each account and
//! region where it was not collected, one resource of which only account and region are known. A condition
//! evaluated on a stand-in says what an uncollected resource could change. Indexes for joins and references are
//! built when they are first used.

mod following;

use std::sync::Arc;

use parapet_ir::JoinKey;
use parapet_model::{
    AccountIndex, Form, Found, Held, Name, Origin, Reason, Resource, ResourceId, Resources, Schema, Symbol, Unknown,
    Value, Whereabouts,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::coverage::{Coverage, Missing, Standing, is_stale};
use crate::index::{Cache, Index, References, cached};

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    pub id: Value,
    pub name: Value,
    pub email: Value,
    pub ou: Value,
    pub tags: Value,
}

impl Account {
    /// An account of which the id alone is known.
    pub fn of_id(id: Value) -> Account {
        let unseen =
            || Value::unknown(Reason::NotObservable, "not observable: no input describes the organisation's accounts");
        Account { id, name: unseen(), email: unseen(), ou: unseen(), tags: unseen() }
    }

    fn field(&self, name: &str) -> Value {
        match name {
            "id" => self.id.clone(),
            "name" => self.name.clone(),
            "email" => self.email.clone(),
            "ou" => self.ou.clone(),
            "tags" => self.tags.clone(),
            _ => Value::Absent,
        }
    }
}

/// An account or region; `None` stands for that of records that name none.
pub(crate) type Named = Option<Arc<str>>;

pub(crate) type Place = (Named, Named);

/// All resources of a run.
#[derive(Debug, Default)]
pub struct World {
    resources: Resources,
    real: usize,
    by_type: FxHashMap<Name, Vec<ResourceId>>,
    /// Resources of templates and plans.
    by_owner: FxHashMap<Arc<str>, ResourceId>,
    /// Of these, those whose identifier the document puts together of what is not known.
    composed: FxHashMap<Symbol, Vec<ResourceId>>,
    accounts: Vec<Account>,
    stand_ins: FxHashMap<Name, Vec<ResourceId>>,
    /// The same by the account that they stand for: conditions mostly ask for one.
    stand_ins_of_account: FxHashMap<(Name, Named), Vec<ResourceId>>,
    /// Stand-ins of which not even the place is known, for conditions that do not ask for it.
    placeless: FxHashMap<Name, ResourceId>,
    any_type: Option<ResourceId>,
    joins: Cache<(Name, JoinKey)>,
    references: Cache<(Name, following::Tier), References>,
}

impl World {
    /// A world of these resources. `collections` are the types that some rule asks all resources of;
    /// `everything`: some rule asks for all resources whatsoever.
    pub fn new(
        resources: impl Into<Resources>,
        coverage: &Coverage,
        collections: &FxHashSet<Name>,
        everything: bool,
    ) -> World {
        let resources = resources.into();
        let mut world = World { real: resources.len(), resources, ..World::default() };
        for at in 0..world.real {
            let id = ResourceId(at as u32);
            let Some(here) = world.resources.whereabouts(at) else { continue };
            match world.by_type.get_mut(here.resource_type) {
                Some(ids) => ids.push(id),
                None => drop(world.by_type.insert(here.resource_type.clone(), vec![id])),
            }
            let Some(resource) = world.resources.kept(at) else { continue };
            if let Some(owner) = &resource.owner {
                world.by_owner.insert(owner.clone(), id);
            }
            if let Some(composition) = composition(&resource.id) {
                world.composed.entry(composition).or_default().push(id);
            }
        }
        world.accounts = accounts(&world.resources, coverage);
        match coverage.closed {
            false => world.add_stand_ins(coverage, collections, everything),
            true => {
                let open = coverage.gaps.iter().filter_map(|gap| gap.types.as_ref()).flatten();
                let unseen = coverage.unseen.iter().chain(open).filter(|name| collections.contains(*name));
                world.add_stand_ins(coverage, &unseen.cloned().collect(), false);
            }
        }
        world
    }

    fn add_stand_ins(&mut self, coverage: &Coverage, collections: &FxHashSet<Name>, everything: bool) {
        let mut types: Vec<&Name> = collections.iter().collect();
        types.sort();
        let (accounts, regions) = self.places(coverage);
        let own_regions = self.own_regions(coverage);
        let standing = Standing::of(coverage, collections);
        for name in types {
            let global_region = [Some(Arc::from("global"))];
            let regions: &[Named] = match Schema::embedded().resource_type(name) {
                Some(ty) if ty.global => &global_region,
                Some(_) => &regions,
                None => &own_regions,
            };
            let fresh = self.of_type(name).iter().filter(|id| !self.kept(**id).is_some_and(is_stale));
            let fresh = fresh.filter(|_| !coverage.told);
            let seen: FxHashSet<Place> = fresh.filter_map(|id| self.place(*id)).collect();
            let mut missing = Vec::new();
            for account in &accounts {
                for region in regions {
                    let here = (account.clone(), region.clone());
                    if let Some(why) = standing.missing(name, &here, seen.contains(&here)) {
                        missing.push((here, why));
                    }
                }
            }
            self.stand_in(name, missing);
        }
        if everything {
            let unknown = Unknown::new(Reason::NotCollected, "not collected: no inventory shows every resource");
            self.any_type = Some(self.push_stand_in("?", &(None, None), unknown));
        }
    }

    fn stand_in(&mut self, name: &Name, missing: Vec<(Place, Missing<'_>)>) {
        let Some((first, why)) = missing.first() else { return };
        let others = if missing.len() > 1 { format!(" and {} more places", missing.len() - 1) } else { String::new() };
        let unknown = |at: &str, why: &Missing<'_>| {
            let message = match why {
                Missing::All => format!("{name} was not collected{at}"),
                Missing::Some(why) => format!("{name} was not collected whole{at}: {why}"),
            };
            Unknown::new(Reason::NotCollected, message).at(name)
        };
        let placeless = self.push_stand_in(name, &(None, None), unknown(&format!("{}{others}", words(first)), why));
        self.placeless.insert(name.clone(), placeless);
        for (place, why) in &missing {
            let id = self.push_stand_in(name, place, unknown(&words(place), why));
            self.stand_ins.entry(name.clone()).or_default().push(id);
            self.stand_ins_of_account.entry((name.clone(), place.0.clone())).or_default().push(id);
        }
    }

    fn push_stand_in(&mut self, name: &str, (account, region): &Place, unknown: Unknown) -> ResourceId {
        let id = ResourceId(self.resources.len() as u32);
        let header = || Value::Unknown(unknown.clone());
        let known = |text: &Option<Arc<str>>| text.clone().map_or_else(header, Value::Text);
        self.resources.push(Resource {
            resource_type: name.into(),
            id: header(),
            arn: header(),
            name: header(),
            account: known(account),
            region: known(region),
            tags: header(),
            captured: header(),
            address: None,
            properties: Held::default(),
            blank: Some(unknown),
            existence: None,
            owner: None,
            form: Form::default(),
            origin: Origin::default(),
            pointer: "".into(),
        });
        id
    }

    /// The accounts and regions that the inputs name; `None` stands for those of records that name none.
    fn places(&self, coverage: &Coverage) -> (Vec<Named>, Vec<Named>) {
        let mut accounts: Vec<Named> = Vec::new();
        let mut regions: Vec<Named> = Vec::new();
        let add = |list: &mut Vec<Option<Arc<str>>>, item: Option<Arc<str>>| {
            if !list.contains(&item) {
                list.push(item);
            }
        };
        let mut seen: FxHashSet<Place> = FxHashSet::default();
        for at in 0..self.resources.len() {
            let Some((account, region)) = self.place(ResourceId(at as u32)) else { continue };
            if seen.insert((account.clone(), region.clone())) {
                add(&mut accounts, account);
                if region.as_deref() != Some("global") {
                    add(&mut regions, region);
                }
            }
        }
        for collected in &coverage.collected {
            collected.accounts.iter().flatten().for_each(|account| add(&mut accounts, Some(account.clone())));
            let named = collected.regions.iter().flatten().filter(|region| &***region != "global");
            named.for_each(|region| add(&mut regions, Some(region.clone())));
        }
        for gap in &coverage.gaps {
            gap.account.iter().for_each(|account| add(&mut accounts, Some(account.clone())));
            let named = gap.region.iter().filter(|region| &***region != "global");
            named.for_each(|region| add(&mut regions, Some(region.clone())));
        }
        if accounts.is_empty() {
            accounts.push(None);
        }
        if regions.is_empty() {
            regions.push(None);
        }
        (accounts, regions)
    }

    /// The regions that records of a program's own types name, where `global` is one like any other.
    fn own_regions(&self, coverage: &Coverage) -> Vec<Named> {
        let own = self.by_type.iter().filter(|(name, _)| !Schema::embedded().has_type(name));
        let places = own.flat_map(|(_, ids)| ids).filter_map(|id| self.place(*id));
        let mut regions: Vec<Named> = places.map(|(_, region)| region).collect();
        regions.extend(
            coverage.collected.iter().flat_map(|collected| collected.regions.iter().flatten().cloned().map(Some)),
        );
        regions.sort();
        regions.dedup();
        if regions.is_empty() { vec![None] } else { regions }
    }

    /// Adds accounts that something describes; they come first, and replace those that records only name.
    pub fn describe_accounts(&mut self, mut described: Vec<Account>) {
        let known: Vec<Option<Arc<str>>> = described.iter().map(|account| text(&account.id)).collect();
        described.extend(self.accounts.drain(..).filter(|account| !known.contains(&text(&account.id))));
        self.accounts = described;
    }

    /// Completes the accounts of which something is told.
    pub fn tell_accounts(&mut self, tell: impl Fn(&str) -> Option<Account>) {
        for account in &mut self.accounts {
            if let Some(told) = account.id.as_text().and_then(&tell) {
                *account = told;
            }
        }
    }

    /// The real resources, in input order, to make another world of.
    pub fn into_resources(mut self) -> Resources {
        let real = self.real;
        self.resources.retain(|at| at < real);
        self.resources
    }

    /// How many resources there are, stand-ins included.
    pub(crate) fn size(&self) -> usize {
        self.resources.len()
    }

    /// How many resources are real.
    pub fn len(&self) -> usize {
        self.real
    }

    pub fn is_empty(&self) -> bool {
        self.real == 0
    }

    /// The real resources, in input order.
    pub fn ids(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..self.real as u32).map(ResourceId)
    }

    /// The same, each made for whoever looks at it.
    pub fn resources(&self) -> impl Iterator<Item = (ResourceId, Found<'_>)> {
        self.ids().filter_map(|id| Some((id, self.resource(id)?)))
    }

    /// A resource, which may be made anew: to ask for something of it alone takes less.
    pub fn resource(&self, id: ResourceId) -> Option<Found<'_>> {
        self.resources.get(id.0 as usize)
    }

    /// A resource that is unusual: that may not exist, stands for others, or belongs to a template or plan. Others may be, too.
    pub fn kept(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.kept(id.0 as usize)
    }

    /// Where a resource is, and its type.
    pub fn whereabouts(&self, id: ResourceId) -> Option<Whereabouts<'_>> {
        self.resources.whereabouts(id.0 as usize)
    }

    pub fn type_of(&self, id: ResourceId) -> Option<&Name> {
        self.whereabouts(id).map(|here| here.resource_type)
    }

    /// Where the record of a resource stands.
    pub fn origin(&self, id: ResourceId) -> Option<Origin> {
        self.resources.origin(id.0 as usize)
    }

    /// [`Resource::property`].
    pub fn property(&self, id: ResourceId, name: &str) -> Option<Value> {
        self.resources.property(id.0 as usize, name)
    }

    /// [`Resource::header`].
    pub fn header(&self, id: ResourceId, name: &str) -> Option<Value> {
        self.resources.header(id.0 as usize, name)
    }

    fn place(&self, id: ResourceId) -> Option<Place> {
        self.whereabouts(id).and_then(place)
    }

    /// What a resource is found by.
    pub(crate) fn key_value(&self, id: ResourceId, key: &JoinKey) -> Option<Value> {
        match key {
            JoinKey::Header(header) => self.header(id, header),
            JoinKey::Tag(key) => Some(match self.header(id, "tags")? {
                Value::Map(tags) => tags.get(key).cloned().unwrap_or(Value::Absent),
                unknown => unknown,
            }),
            JoinKey::Property(property) => self.property(id, property),
        }
    }

    pub fn is_stand_in(&self, id: ResourceId) -> bool {
        id.0 as usize >= self.real
    }

    /// The types of real resources, sorted.
    pub fn types(&self) -> Vec<Name> {
        let mut types: Vec<Name> = self.by_type.keys().cloned().collect();
        types.sort();
        types
    }

    /// The real resources of a type, in input order.
    pub fn of_type(&self, name: &str) -> &[ResourceId] {
        self.by_type.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// A field of an account.
    pub fn account_field(&self, account: AccountIndex, name: &str) -> Value {
        self.accounts.get(account.0 as usize).map_or(Value::Absent, |account| account.field(name))
    }

    /// Whether anything was not collected of these types, or at all.
    pub(crate) fn has_stand_ins(&self, types: Option<&[Name]>) -> bool {
        match types {
            None => self.any_type.is_some(),
            Some(types) => types.iter().any(|name| self.placeless.contains_key(name)),
        }
    }

    /// The stand-ins of types, by place or as one.
    pub(crate) fn stand_ins_of(&self, types: Option<&[Name]>, by_place: bool) -> Vec<ResourceId> {
        match types {
            None => self.any_type.into_iter().collect(),
            Some(types) if by_place => {
                types.iter().filter_map(|name| self.stand_ins.get(name)).flatten().copied().collect()
            }
            Some(types) => types.iter().filter_map(|name| self.placeless.get(name)).copied().collect(),
        }
    }

    /// The stand-ins by place that may lie in an account, in their order.
    pub(crate) fn stand_ins_in(&self, types: &[Name], account: &Arc<str>) -> Vec<ResourceId> {
        let of = |name: &Name, account: Named| self.stand_ins_of_account.get(&(name.clone(), account));
        let ids = types.iter().flat_map(|name| [of(name, Some(account.clone())), of(name, None)]);
        let mut ids: Vec<ResourceId> = ids.flatten().flatten().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// The real resources of types by a header or property.
    pub(crate) fn join_index(&self, name: &Name, key: &JoinKey) -> Arc<Index> {
        cached(&self.joins, (name.clone(), key.clone()), || {
            let mut index = Index::default();
            for id in self.of_type(name) {
                if let Some(value) = self.key_value(*id, key) {
                    index.add(*id, &value);
                }
            }
            index
        })
    }
}

/// What an identifier is put together of that is not known yet.
fn composition(id: &Value) -> Option<Symbol> {
    match id {
        Value::Unknown(unknown) => unknown.symbol()?.alone()?.composition(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The place of a record; `None` while its account or region is undecided, which proves nothing of any place.
pub(crate) fn place(here: Whereabouts<'_>) -> Option<Place> {
    let named = |value: &Value| match value {
        Value::Text(text) => Some(Some(text.clone())),
        Value::Unknown(unknown) if unknown.reason() == Reason::NotInRecord => Some(None),
        _ => None,
    };
    Some((named(here.account)?, named(here.region)?))
}

fn words((account, region): &Place) -> String {
    match (account, region) {
        (Some(account), Some(region)) => format!(" in account {account}, region {region}"),
        (Some(account), None) => format!(" in account {account}"),
        (None, Some(region)) => format!(" in region {region}"),
        (None, None) => String::new(),
    }
}

/// The accounts that records name, then those of which is said that something was collected, in input order; one
/// unknown account where there are records and nothing names one.
fn accounts(resources: &Resources, coverage: &Coverage) -> Vec<Account> {
    let mut seen: FxHashSet<&Arc<str>> = FxHashSet::default();
    let places = (0..resources.len()).filter_map(|at| resources.whereabouts(at));
    let by_records = places.filter_map(|here| match here.account {
        Value::Text(text) => Some(text),
        _ => None,
    });
    let by_coverage = coverage.collected.iter().flat_map(|collected| collected.accounts.iter().flatten());
    let by_gaps = coverage.gaps.iter().flat_map(|gap| &gap.account);
    let named = by_records.chain(by_coverage).chain(by_gaps).filter(|account| seen.insert(account));
    let mut accounts: Vec<Account> = named.map(|account| Account::of_id(Value::Text(account.clone()))).collect();
    if accounts.is_empty() && !resources.is_empty() {
        accounts.push(Account::of_id(Value::unknown(Reason::NotInRecord, "the input names no account")));
    }
    accounts
}
