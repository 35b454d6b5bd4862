//! Items about the past: resources that were deleted, and earlier items of resources that are healthy by now.
//!
//! A snapshot of several deliveries holds such items. None of them must lead to a finding: a deleted resource is not
//! evaluated, and of several items of one resource the latest counts. Most of them show a fault that is gone.

use serde_json::{Value, json};

use super::accounts::{Organisation, REGIONS};
use super::edits;
use super::faults::Planted;
use super::item::{CAPTURED_EARLIER, Draft, Item};
use super::names::Place;
use parapet_random::Random;

/// Items about the past, to stand before and after the live ones.
pub(crate) struct History {
    pub(crate) before: Vec<Item>,
    pub(crate) after: Vec<Item>,
}

impl History {
    /// All of them, those before first.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.before.iter().chain(&self.after)
    }
}

/// How often something is deleted.
const DELETED: usize = 12;

/// A change of a record.
type Edit = fn(&mut Item);

/// What was healed: type, how many, and the fault of the earlier item.
const HEALED: [(&str, usize, Edit); 4] = [
    ("AWS::RDS::DBInstance", 3, edits::public_database),
    ("AWS::EC2::SecurityGroup", 3, edits::open_ssh),
    ("AWS::S3::Bucket", 2, edits::unblocked_bucket),
    ("AWS::KMS::Key", 2, edits::unrotated_key),
];

/// Makes the items about the past of an organisation.
pub(crate) fn history(organisation: &Organisation, live: &[Item], planted: &[Planted]) -> History {
    let mut history = History { before: Vec::new(), after: Vec::new() };
    let mut random = Random::of(organisation.seed, &["history"]);
    for number in 0..DELETED {
        history.after.extend(deleted(organisation, number, &mut random));
    }
    for (number, item) in healed(live, planted, &mut random).into_iter().enumerate() {
        if number % 2 == 0 { history.before.push(item) } else { history.after.push(item) }
    }
    history
}

fn deleted(organisation: &Organisation, number: usize, random: &mut Random) -> Vec<Item> {
    let workloads: Vec<_> = organisation.accounts.iter().filter(|account| account.is_workload()).collect();
    let (Some(account), Some(region)) = (random.pick(&workloads), random.pick(&REGIONS)) else { return Vec::new() };
    let place = Place { account, region };
    match number % 4 {
        0 => vec![gone(instance(&place, number))],
        1 => vec![gone(bucket(&place, number))],
        2 => vec![gone(function(&place, number))],
        _ => open_group_then_gone(&place, number),
    }
}

/// The item of a group that is open to the world, and the later one of its deletion.
fn open_group_then_gone(place: &Place<'_>, number: usize) -> Vec<Item> {
    let id = place.id("sg", 0xdead_0000 + number);
    let arn = place.arn("ec2", &format!("security-group/{id}"));
    let name = format!("migration-{number}");
    let mut open = Draft::new(place, "AWS::EC2::SecurityGroup", &id).arn(&arn).name(&name).build(json!({
        "description": "migration",
        "groupName": name,
        "ipPermissions": [],
        "ownerId": place.account.id,
        "groupId": id,
        "ipPermissionsEgress": [],
        "tags": [],
        "vpcId": place.vpc(),
        "securityGroupArn": arn,
    }));
    edits::open_everything(&mut open);
    let last = gone(open.clone());
    vec![earlier(open), last]
}

fn instance(place: &Place<'_>, number: usize) -> Item {
    let id = place.id("i", 0xdead_0000 + number);
    let arn = place.arn("ec2", &format!("instance/{id}"));
    Draft::new(place, "AWS::EC2::Instance", id).arn(arn).build(Value::Null)
}

fn bucket(place: &Place<'_>, number: usize) -> Item {
    let name = format!("example-{}-scratch-{number}", place.account.name);
    Draft::new(place, "AWS::S3::Bucket", &name).arn(format!("arn:aws:s3:::{name}")).name(&name).build(Value::Null)
}

fn function(place: &Place<'_>, number: usize) -> Item {
    let name = format!("migration-{number}");
    Draft::new(place, "AWS::Lambda::Function", &name).arn(place.function(&name)).name(&name).build(Value::Null)
}

fn gone(mut item: Item) -> Item {
    item.set("/configurationItemStatus", json!("ResourceDeleted"));
    item.set("/configuration", Value::Null);
    item.set("/tags", json!({}));
    item
}

fn earlier(mut item: Item) -> Item {
    item.set("/configurationItemCaptureTime", json!(CAPTURED_EARLIER));
    item.set("/configurationStateId", json!("1794549600000"));
    item
}

/// Earlier items of resources that have no fault now.
fn healed(live: &[Item], planted: &[Planted], random: &mut Random) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for (kind, count, fault) in HEALED {
        for _ in 0..count {
            let healthy = |item: &&Item| {
                let known = items.iter().any(|chosen| chosen.resource() == item.resource());
                item.kind == kind && !known && !planted.iter().any(|fault| fault.resource == item.resource())
            };
            let candidates: Vec<&Item> = live.iter().filter(healthy).collect();
            let Some(chosen) = random.pick(&candidates) else { continue };
            let mut item = earlier((*chosen).clone());
            fault(&mut item);
            items.push(item);
        }
    }
    items
}
