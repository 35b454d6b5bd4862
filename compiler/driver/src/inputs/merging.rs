//! Records of one resource, of whatever input: which of them counts, and what they show to be collected.

use std::borrow::Cow;
use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use indexmap::IndexMap;
use jiff::Timestamp;
use parapet_interpreter::Collected;
use parapet_inventory::Given;
use parapet_model::{
    InputInfo, Name, Origin, Proof, Reason, Resource, Resources, Truth, Unknown, Value, equal, is_setting,
};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::{Again, Inputs};
use crate::host::shown;

/// A type in an account and region.
pub(super) type Place = (Name, (Name, Name));

/// When a list of a place was asked for, and the input that it stands in.
pub(super) type DatedList = (Place, (Timestamp, u32));

/// What tells a resource from others: its type, its ARN or else the rest.
type Identity<'r> = (&'r str, Option<Cow<'r, str>>, [Option<&'r str>; 4]);

impl Inputs {
    /// Notes what is collected, where all is read.
    pub(super) fn cover(&mut self, claimed: &[Name]) {
        let asked = std::mem::take(&mut self.asked_recorders);
        let mut collected = std::mem::take(&mut self.collected);
        collected.extend(asked.into_iter().filter(|recorder| self.recorded(recorder)));
        if !claimed.is_empty() {
            let types = Some(claimed.to_vec());
            collected.insert(Collected { types, accounts: None, regions: None, by: Proof::Claimed });
        }
        self.coverage.collected = collected.into_iter().collect();
        self.coverage.gaps = std::mem::take(&mut self.gaps).into_iter().collect();
    }

    /// Whether records of AWS Config are among the inputs, and of the recorder's account, where they name one: what it covers
    /// is in the inputs only if something that it recorded is.
    fn recorded(&self, recorder: &Collected) -> bool {
        let is_config = |info: &&InputInfo| info.format.split('+').any(|format| format == "aws-config");
        let paths: FxHashSet<&str> = self.infos.iter().filter(is_config).map(|info| info.path.as_str()).collect();
        let inputs: Vec<bool> = self.paths.iter().map(|path| paths.contains(shown(path).as_str())).collect();
        let resources = &self.resources;
        let of_config = |origin: Origin| inputs.get(origin.input as usize).is_some_and(|config| *config);
        let of_config = (0..resources.len()).filter(|at| resources.origin(*at).is_some_and(of_config));
        let mut accounts = of_config.filter_map(|at| resources.whereabouts(at)?.account.as_text()).peekable();
        let own = |account: &str| recorder.accounts.iter().flatten().any(|recorded| **recorded == *account);
        !paths.is_empty() && (accounts.peek().is_none() || accounts.any(own))
    }

    /// Finds what else is told of the resources from one on, which come after all before them.
    pub(super) fn identify_from(&mut self, first: usize) {
        let resources = &self.resources;
        let hash =
            |at: &u32| identity_of(resources, *at as usize).map_or(0, |identity| FxBuildHasher.hash_one(identity));
        self.identities.reserve(resources.len() - first, hash);
        (first..resources.len()).for_each(|at| self.identify(at));
    }

    fn identify(&mut self, at: usize) {
        let Some(identity) = identity_of(&self.resources, at) else { return };
        let hash = |identity: &Identity<'_>| FxBuildHasher.hash_one(identity);
        let of = |at: &u32| identity_of(&self.resources, *at as usize);
        let is_it = |other: &u32| of(other).as_ref() == Some(&identity);
        let hash_of = |at: &u32| of(at).as_ref().map_or(0, hash);
        let mut latest = match self.identities.entry(hash(&identity), is_it, hash_of) {
            Entry::Vacant(first) => {
                first.insert(at as u32);
                return;
            }
            Entry::Occupied(latest) => latest,
        };
        let before = *latest.get() as usize;
        self.duplicates += 1;
        let Some((other, resource)) = self.resources.get(before).zip(self.resources.get(at)) else { return };
        let same_time = captured(&other) == captured(&resource);
        let older = captured(&other) > captured(&resource);
        let agreed = if same_time { agreed(&other, &resource) } else { None };
        self.dead.insert(if older { at } else { before });
        if older {
            return;
        }
        *latest.get_mut() = at as u32;
        let rivals = self.rivals.remove(&before).unwrap_or_default();
        if same_time {
            self.rivals.insert(at, rivals.into_iter().chain([before]).collect());
        }
        if let Some((agreed, resource)) = agreed.zip(self.resources.get_mut(at)) {
            *resource = agreed;
        }
    }

    /// Resources that were deleted after they were captured are no more, and neither are those that a later list of all
    /// lacks. The records of a list stand in its own input.
    fn bury(&mut self) {
        let mut latest: FxHashMap<Place, (Timestamp, u32)> = FxHashMap::default();
        for (place, list) in std::mem::take(&mut self.lists) {
            let known = latest.entry(place).or_insert(list);
            *known = (*known).max(list);
        }
        // Mostly there are none, and all resources are many.
        let all = if latest.is_empty() { 0 } else { self.resources.len() };
        for (at, resource) in self.resources.iter().take(all).enumerate() {
            let place = resource.account.as_text().zip(resource.region.as_text());
            let place = place.map(|(account, region)| (account.into(), region.into()));
            let list = place.and_then(|place| latest.get(&(resource.resource_type.clone(), place)));
            let ended = |(time, input): &(Timestamp, u32)| {
                captured(&resource).is_some_and(|seen| seen < *time) && resource.origin.input != *input
            };
            if list.is_some_and(ended) {
                self.dead.insert(at);
            }
        }
        for gone in &self.gone {
            let of = |at: &u32| identity_of(&self.resources, *at as usize);
            let found = identity(gone).and_then(|gone| {
                self.identities.find(FxBuildHasher.hash_one(&gone), |at| of(at).as_ref() == Some(&gone))
            });
            let Some(at) = found.map(|at| *at as usize) else { continue };
            let Some(resource) = self.resources.get_mut(at) else { continue };
            match (captured(resource), captured(gone)) {
                (None, None) => {
                    let why = "one input has it, another says that it is no more, and neither says when";
                    resource.existence = Some(Unknown::new(Reason::Other, why));
                }
                (seen, ended) if seen > ended => {}
                _ => drop(self.dead.insert(at)),
            }
        }
    }

    /// What was split off a record: it follows that.
    fn satellites(&self, parent: usize) -> Vec<usize> {
        let resources = &self.resources;
        // Resources of a document share its origin, and none of them was split off another.
        let is_owned = resources.kept(parent).is_some_and(|resource| resource.owner.is_some());
        let Some(of) = resources.origin(parent).filter(|origin| origin.part == 0 && !is_owned) else {
            return Vec::new();
        };
        let is_of = |at: &usize| {
            resources.origin(*at).is_some_and(|origin| (origin.input, origin.offset) == (of.input, of.offset))
        };
        (parent + 1..resources.len()).take_while(is_of).collect()
    }

    /// Of what was split off records of one time nobody knows whether it exists, unless all of them have it.
    fn doubt(&mut self) -> FxHashSet<usize> {
        let (mut doubted, mut of_rivals) = (FxHashSet::default(), FxHashSet::default());
        for (latest, rivals) in self.rivals.iter().filter(|(latest, _)| !self.dead.contains(latest)) {
            let families: Vec<Vec<usize>> =
                rivals.iter().chain([latest]).map(|parent| self.satellites(*parent)).collect();
            let mut have: FxHashMap<Identity<'_>, usize> = FxHashMap::default();
            for family in &families {
                let own = family.iter().filter_map(|at| identity_of(&self.resources, *at));
                for one in own.collect::<FxHashSet<_>>() {
                    *have.entry(one).or_insert(0) += 1;
                }
            }
            let is_in_all = |at: &usize| {
                identity_of(&self.resources, *at).is_some_and(|one| have.get(&one) == Some(&families.len()))
            };
            doubted.extend(families.iter().flatten().filter(|at| !self.dead.contains(at) && !is_in_all(at)).copied());
            of_rivals.extend(rivals.iter().copied());
        }
        for at in doubted {
            if let Some(resource) = self.resources.get_mut(at) {
                let why = "of the records of one time that hold it, or of no time, others do not";
                resource.existence = Some(Unknown::new(Reason::Other, why));
            }
        }
        of_rivals
    }

    /// The dead, with what was split off them.
    fn with_satellites(&mut self) -> FxHashSet<usize> {
        let rivals = self.doubt();
        let mut dead = std::mem::take(&mut self.dead);
        let satellites = dead.iter().filter(|at| !rivals.contains(at)).flat_map(|at| self.satellites(*at));
        let satellites: Vec<usize> = satellites.collect();
        dead.extend(satellites);
        dead
    }

    /// Notes the records that are left out and of the time of one that stays: where more is read of that, they are compared again.
    fn keep_rivals(&mut self, dead: &FxHashSet<usize>) {
        let rivals = std::mem::take(&mut self.rivals);
        let kept = rivals.into_iter().filter(|(latest, _)| !dead.contains(latest));
        let mut left_out: Vec<usize> = dead.iter().copied().collect();
        left_out.sort_unstable();
        let again = |at: usize| {
            let resource = self.resources.get(at)?;
            let given = self.given.get(at)?.as_deref().cloned().unwrap_or_else(|| Given::of_resource(&resource));
            Some(Again { origin: resource.origin, given })
        };
        self.compared = kept
            .map(|(latest, rivals)| {
                let number = latest - left_out.partition_point(|at| *at < latest);
                (number, rivals.into_iter().filter_map(again).collect())
            })
            .collect();
    }

    /// Leaves out the records that a later capture replaced, and counts resources by input anew.
    pub(super) fn drop_duplicates(&mut self) {
        self.bury();
        let dead = self.with_satellites();
        self.keep_rivals(&dead);
        self.resources.retain(|at| !dead.contains(&at));
        let mut at = 0;
        self.given.retain(|_| {
            at += 1;
            !dead.contains(&(at - 1))
        });
        let mut counts: IndexMap<u32, usize> = IndexMap::new();
        let (one, several) = match self.paths.len() {
            1 => (self.resources.len(), 0),
            _ => (0, self.resources.len()),
        };
        counts.insert(0, one);
        for at in 0..several {
            let input = self.resources.origin(at).map_or(u32::MAX, |origin| origin.input);
            *counts.entry(input).or_insert(0) += 1;
        }
        let shown_paths: Vec<String> = self.paths.iter().map(|path| shown(path)).collect();
        for info in &mut self.infos {
            let input = shown_paths.iter().position(|path| *path == info.path).map_or(u32::MAX, |at| at as u32);
            info.resources = counts.get(&input).copied().unwrap_or(0);
        }
        self.identities = HashTable::new();
    }
}

/// What is known of that of which two records of one time say different things.
fn clash() -> Unknown {
    Unknown::new(Reason::Other, "two records of one time, or of no time, say different things of it")
}

fn captured(resource: &Resource) -> Option<Timestamp> {
    match resource.captured {
        Value::Time(time) => Some(time),
        _ => None,
    }
}

/// What two records of one time say of a resource together, where that is more or less than what the other says: of what they
/// say differently nothing is known, whatever a third says; what one of them cannot tell the other does. `None`: the other says
/// it all.
pub(crate) fn agreed(one: &Resource, other: &Resource) -> Option<Resource> {
    let clash = clash();
    if one.blank.as_ref() == Some(&clash) {
        return Some(Resource { blank: Some(clash), ..other.clone() });
    }
    if one.blank.is_some() || other.blank.is_some() {
        return None;
    }
    if differ(&one.id, &other.id) {
        return Some(Resource { blank: Some(clash), ..other.clone() });
    }
    let clashed = |value: &Value| matches!(value, Value::Unknown(unknown) if *unknown == clash);
    // What the other says is not all.
    let together = |one: &Value, other: &Value| match () {
        () if clashed(one) || differ(one, other) => Some(Value::Unknown(clash.clone())),
        () if other.is_unknown() && !one.is_unknown() => Some(one.clone()),
        () => None,
    };
    let names = one.properties.iter().chain(other.properties.iter()).map(|(name, _)| name);
    let [own, others] = [one, other].map(|it| |name: &str| it.properties.get(name).unwrap_or(&Value::Absent));
    let changed = names.filter_map(|name| Some((name.clone(), together(own(name), others(name))?)));
    let changed: Vec<(Name, Value)> = changed.collect();
    let (name, tags) = (together(&one.name, &other.name), together(&one.tags, &other.tags));
    if changed.is_empty() && name.is_none() && tags.is_none() {
        return None;
    }
    let mut agreed = other.clone();
    changed.into_iter().for_each(|(name, value)| agreed.properties.insert(name, value));
    agreed.name = name.unwrap_or(agreed.name);
    agreed.tags = tags.unwrap_or(agreed.tags);
    Some(agreed)
}

fn differ(one: &Value, other: &Value) -> bool {
    let unknown = one.is_unknown() || other.is_unknown();
    !(unknown || one.is_unset() && other.is_unset()) && equal(one, other) == Truth::False
}

/// [`identity`], without making the resource.
fn identity_of(resources: &Resources, at: usize) -> Option<Identity<'_>> {
    if let Some(resource) = resources.kept(at) {
        return identity(resource);
    }
    let here = resources.whereabouts(at)?;
    match is_setting(here.resource_type) {
        true => Some((here.resource_type, None, [here.account.as_text(), here.region.as_text(), None, None])),
        false => Some((here.resource_type, Some(resources.arn(at)?), [None; 4])),
    }
}

/// The ARN; without one, type, account, region, id and name. A resource of which neither is known is itself, and so is
/// each resource of a template or plan: two of one name may never exist at once.
fn identity(resource: &Resource) -> Option<Identity<'_>> {
    if resource.owner.is_some() {
        return None;
    }
    let Resource { resource_type, account, region, id, name, arn, .. } = resource;
    if is_setting(resource_type) {
        let place = [account.as_text(), region.as_text(), None, None];
        return Some((&**resource_type, None, place)).filter(|(_, _, [account, ..])| account.is_some());
    }
    if let Some(arn) = arn.as_text() {
        return Some((resource_type, Some(Cow::Borrowed(arn)), [None; 4]));
    }
    id.as_text()?;
    Some((resource_type, None, [account, region, id, name].map(Value::as_text)))
}

#[cfg(test)]
mod tests {
    use crate::{Memory, Request, check};

    /// What a rule says of items of one volume: their times, and whether each is encrypted and whose it is.
    fn said(items: &[(u32, bool, &str)]) -> [usize; 3] {
        said_by("(volume.Encrypted ?? false) and volume.tags[\"owner\"] == \"a\"", items)
    }

    fn said_by(condition: &str, items: &[(u32, bool, &str)]) -> [usize; 3] {
        let rules = format!("guardrail held(volume: AWS::EC2::Volume) {{\n    require {condition}\n}}\n");
        let item = |(second, encrypted, owner): &(u32, bool, &str)| {
            format!(
                "{{\"configuration\":{{\"volumeId\":\"vol-1\",\"encrypted\":{encrypted}}},\"tags\":{{\"owner\":\"{owner}\"}},\
                 \"configurationItemCaptureTime\":\"2026-11-20T06:00:0{second}.000Z\",\"awsAccountId\":\"1\",\
                 \"resourceType\":\"AWS::EC2::Volume\",\"resourceId\":\"vol-1\",\"awsRegion\":\"eu-west-1\",\
                 \"ARN\":\"arn:aws:ec2:eu-west-1:1:volume/vol-1\"}}\n"
            )
        };
        counts(&rules, items.iter().map(item).collect())
    }

    /// The passes, failures and unknowns.
    fn counts(rules: &str, items: String) -> [usize; 3] {
        let files = [("r.parapet", rules.to_owned()), ("in.ndjson", items)];
        let now = "2026-11-30T00:00:00Z".parse().unwrap();
        let host = Memory::new(now).with(files.map(|(name, text)| (name.to_owned(), text)));
        let names = |name: &str| vec![name.to_owned()];
        let request = Request { rules: names("r.parapet"), inputs: names("in.ndjson"), ..Request::at(now) };
        let Ok(outcome) = check(&host, &request) else { panic!("the request is refused") };
        let summary = outcome.result.summary;
        [summary.pass, summary.fail, summary.unknown]
    }

    #[test]
    fn of_records_of_one_time_that_differ_none_is_the_truth() {
        assert_eq!(said(&[(1, true, "a"), (1, true, "a")]), [1, 0, 0]);
        assert_eq!(said(&[(1, false, "a"), (1, true, "a")]), [0, 0, 1]);
        for third in [true, false] {
            assert_eq!(said(&[(1, false, "a"), (1, true, "a"), (1, third, "a")]), [0, 0, 1], "{third}");
            assert_eq!(said(&[(1, false, "a"), (1, true, "a"), (0, third, "a")]), [0, 0, 1], "{third}");
        }
        let many = [(1, false, "a"), (1, true, "a"), (1, true, "a"), (1, true, "a")];
        assert_eq!(said(&many), [0, 0, 1]);
        // A later one is.
        assert_eq!(said(&[(1, false, "a"), (1, true, "a"), (2, true, "a")]), [1, 0, 0]);
        assert_eq!(said(&[(2, true, "a"), (1, false, "a"), (1, true, "a")]), [1, 0, 0]);
    }

    #[test]
    fn what_all_records_of_one_time_say_is_known() {
        let by_owner = "volume.tags[\"owner\"] == \"a\"";
        assert_eq!(said_by(by_owner, &[(1, true, "a"), (1, false, "a")]), [1, 0, 0]);
        assert_eq!(said_by(by_owner, &[(1, true, "b"), (1, false, "b"), (1, true, "b")]), [0, 1, 0]);
        assert_eq!(said_by(by_owner, &[(1, true, "a"), (1, true, "b"), (1, false, "b")]), [0, 0, 1]);
        let either = "(volume.Encrypted ?? false) or volume.tags[\"owner\"] == \"a\"";
        assert_eq!(said_by(either, &[(1, true, "a"), (1, false, "a")]), [1, 0, 0]);
        assert_eq!(said_by(either, &[(1, true, "a"), (1, false, "b")]), [0, 0, 1]);
        assert_eq!(said_by(either, &[(1, true, "a"), (1, true, "b")]), [1, 0, 0]);
    }

    #[test]
    fn what_one_record_of_a_time_cannot_tell_another_does_in_any_order() {
        let rules = "guardrail held(volume: AWS::EC2::Volume) {\n    require volume.Encrypted ?? false\n}\n";
        let record = |encrypted: &str| {
            let encrypted = if encrypted.is_empty() { "{\"$unknown\": \"access denied\"}" } else { encrypted };
            format!(
                "{{\"type\": \"AWS::EC2::Volume\", \"id\": \"v\", \"account\": \"1\", \"region\": \"eu-west-1\", \
                 \"properties\": {{\"Encrypted\": {encrypted}}}}}\n"
            )
        };
        let said = |all: &[&str]| counts(rules, all.iter().map(|one| record(one)).collect());
        assert_eq!(said(&[""]), [0, 0, 1]);
        assert_eq!(said(&["true", ""]), [1, 0, 0]);
        assert_eq!(said(&["", "true"]), [1, 0, 0]);
        // What says nothing does not hide that the others differ.
        assert_eq!(said(&["false", "", "true"]), [0, 0, 1]);
        assert_eq!(said(&["", "false", "true"]), [0, 0, 1]);
        assert_eq!(said(&["false", "true", ""]), [0, 0, 1]);
    }

    /// What a rule says of routes to a gateway, of tables with such routes that were recorded at these times.
    fn routed(tables: &[(u32, &[&str])]) -> [usize; 3] {
        let rules =
            "guardrail inside(route: AWS::EC2::Route) {\n    require (route.GatewayId ?? \"\") == \"local\"\n}\n";
        let table = |(second, routes): &(u32, &[&str])| {
            let route = |block: &&str| format!("{{\"destinationCidrBlock\":\"{block}\",\"gatewayId\":\"igw-1\"}}");
            let routes = routes.iter().map(route).collect::<Vec<_>>().join(",");
            format!(
                "{{\"configuration\":{{\"routeTableId\":\"rtb-1\",\"vpcId\":\"vpc-1\",\"routes\":[{routes}]}},\
                 \"configurationItemCaptureTime\":\"2026-11-20T06:00:0{second}.000Z\",\"awsAccountId\":\"1\",\
                 \"resourceType\":\"AWS::EC2::RouteTable\",\"resourceId\":\"rtb-1\",\"awsRegion\":\"eu-west-1\",\
                 \"ARN\":\"arn:aws:ec2:eu-west-1:1:route-table/rtb-1\"}}\n"
            )
        };
        counts(rules, tables.iter().map(table).collect())
    }

    #[test]
    fn what_only_one_of_several_records_of_a_time_holds_may_not_exist() {
        let world: &[&str] = &["0.0.0.0/0"];
        assert_eq!(routed(&[(1, world)]), [0, 1, 0]);
        assert_eq!(routed(&[(1, world), (1, world)]), [0, 1, 0]);
        assert_eq!(routed(&[(1, world), (1, &[])]), [0, 0, 1]);
        assert_eq!(routed(&[(1, &[]), (1, world)]), [0, 0, 1]);
        assert_eq!(routed(&[(1, &[]), (1, world), (1, &[])]), [0, 0, 1]);
        assert_eq!(routed(&[(1, world), (1, &["10.0.0.0/8", "0.0.0.0/0"])]), [0, 1, 1]);
        assert_eq!(routed(&[(1, world), (1, &[]), (2, &[])]), [0, 0, 0]);
        assert_eq!(routed(&[(2, &[]), (1, world), (1, &[])]), [0, 0, 0]);
        assert_eq!(routed(&[(1, &[]), (2, world)]), [0, 1, 0]);
    }

    #[test]
    fn tags_that_differ_are_a_difference() {
        assert_eq!(said(&[(1, true, "b"), (1, true, "a")]), [0, 0, 1]);
        assert_eq!(said(&[(1, true, "b"), (2, true, "a")]), [1, 0, 0]);
        // Those that no rule reads decide nothing.
        assert_eq!(said_by("volume.Encrypted ?? false", &[(1, true, "b"), (1, true, "a")]), [1, 0, 0]);
    }
}
