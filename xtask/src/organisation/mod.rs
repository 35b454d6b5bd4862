//! Makes the example organisation: the inventory of fifty accounts, well run but for some planted faults.
//!
//! `generate` builds every account from the rules of the topic modules (`network`, `iam`, `storage`, …), plants the
//! faults of `faults`, adds items about the past, and writes AWS Config snapshots and Cloud Control descriptions in
//! the shapes of those services. The same seed gives the same bytes. It does not judge anything: what a check says
//! about the organisation is compared with `planted.tsv` elsewhere.

mod accounts;
mod balancing;
mod compute;
mod database;
mod detection;
mod edge;
mod edits;
mod endpoints;
mod faults;
mod firewall;
mod history;
mod iam;
mod item;
mod messaging;
mod names;
mod network;
mod policies;
mod roles;
mod secrets;
mod signin;
mod storage;
mod workforce;
mod writer;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use accounts::{Account, Organisation, REGIONS};
use item::Item;
use names::Place;

/// The seed of the organisation that is checked in.
pub(crate) const SEED: u64 = 2026;

/// What was generated.
pub(crate) struct Summary {
    /// Live resources by type, as the records spell it.
    pub(crate) counts: BTreeMap<&'static str, usize>,
    /// Live resources.
    pub(crate) total: usize,
    /// Items about deleted resources and earlier items of live ones.
    pub(crate) past: usize,
    /// Planted faults.
    pub(crate) planted: usize,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, count) in &self.counts {
            writeln!(f, "{count:>7}  {kind}")?;
        }
        writeln!(f, "{:>7}  resources, {} items about the past, {} faults", self.total, self.past, self.planted)
    }
}

/// Writes the organisation of a seed below `folder`: `inventory/` and `planted.tsv`.
pub(crate) fn generate(folder: &Path, seed: u64) -> io::Result<Summary> {
    let organisation = Organisation::new(seed);
    let mut live = resources(&organisation);
    let planted = faults::plant(&mut live, seed);
    let history = history::history(&organisation, &live, &planted);
    writer::write(folder, &live, &history, &planted)?;
    let mut counts = BTreeMap::new();
    for item in &live {
        *counts.entry(item.kind).or_insert(0) += 1;
    }
    Ok(Summary { counts, total: live.len(), past: history.items().count(), planted: planted.len() })
}

/// Every resource of the organisation, healthy.
fn resources(organisation: &Organisation) -> Vec<Item> {
    let mut items = workforce::management(organisation);
    for account in &organisation.accounts {
        items.extend(roles::principals(organisation, account));
        items.extend(workforce::portal_roles(account));
        items.extend(storage::account_block(account));
        for region in &REGIONS {
            items.extend(place_resources(organisation, account, &Place { account, region }));
        }
    }
    items
}

fn place_resources(organisation: &Organisation, account: &Account, place: &Place<'_>) -> Vec<Item> {
    let services = organisation.services(account, place.region);
    let mut items = detection::watchers(place);
    items.extend(secrets::keys_and_secrets(place, &services));
    items.extend(storage::buckets(place, &services));
    let Some(first) = services.first() else { return items };
    items.extend(network::network(place));
    items.extend(firewall::firewall(place, &services));
    items.extend(endpoints::endpoints(place));
    items.push(compute::rotation_function(place, first));
    for service in &services {
        items.extend(compute::machines(place, service));
        items.extend(messaging::messages(place, service));
    }
    items.extend(database::databases(place, &services));
    items.extend(balancing::balancers(place, &services));
    items.extend(edge::edge(place, &services));
    items.extend(signin::signin(place));
    items
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::accounts::Organisation;
    use super::{faults, resources};

    #[test]
    fn a_seed_always_gives_the_same_organisation() {
        let text = || resources(&Organisation::new(3)).iter().map(|item| item.record.to_string()).collect::<String>();
        assert!(text() == text());
    }

    #[test]
    fn no_two_resources_share_an_identity_and_none_has_two_faults() {
        let mut items = resources(&Organisation::new(3));
        let planted = faults::plant(&mut items, 3);
        let identities: BTreeSet<_> =
            items.iter().map(|item| (item.kind, &item.account_id, &item.region, item.id.clone())).collect();
        assert_eq!(identities.len(), items.len());
        assert!(planted.len() > 40);
    }
}
