//! The faults that are planted into the healthy organisation.
//!
//! A table names each kind of fault, the resources that it fits, and how often it is planted; `edits` holds what is
//! done to a record. The seed decides which resources are hit, none twice. Every fault becomes a line of
//! `planted.tsv`, by which a check of the organisation can be judged.

use std::collections::BTreeSet;

use serde_json::Value;

use super::edits;
use super::item::Item;
use parapet_random::Random;

/// A fault, and the resource that has it.
pub(crate) struct Planted {
    pub(crate) what: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) resource: String,
    pub(crate) account: String,
}

struct Fault {
    what: &'static str,
    kind: &'static str,
    count: usize,
    fits: fn(&Item) -> bool,
    edit: fn(&mut Item),
}

const fn fault(
    count: usize,
    what: &'static str,
    kind: &'static str,
    fits: fn(&Item) -> bool,
    edit: fn(&mut Item),
) -> Fault {
    Fault { what, kind, count, fits, edit }
}

const CLIENT: &str = "AWS::Cognito::UserPoolClient";
const DATABASE: &str = "AWS::RDS::DBInstance";
const FUNCTION: &str = "AWS::Lambda::Function";
const BUCKET: &str = "AWS::S3::Bucket";
const GROUP: &str = "AWS::EC2::SecurityGroup";
const KEY: &str = "AWS::KMS::Key";
const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const POLICY: &str = "AWS::IAM::Policy";
const ROLE: &str = "AWS::IAM::Role";
const SUBNET_GROUP: &str = "AWS::RDS::DBSubnetGroup";
const SET: &str = "AWS::SSO::PermissionSet";

const FAULTS: &[Fault] = &[
    fault(2, "database with a public address", DATABASE, any, edits::public_database),
    fault(1, "database storage not encrypted", DATABASE, any, edits::unencrypted_database),
    fault(1, "volume not encrypted", "AWS::EC2::Volume", any, edits::unencrypted_volume),
    fault(2, "SSH open to the world", GROUP, application, edits::open_ssh),
    fault(1, "SSH open to the world over IPv6", GROUP, application, edits::open_ssh_ipv6),
    fault(1, "SSH open to the world in two halves", GROUP, application, edits::open_ssh_in_halves),
    fault(1, "RDP open to the world in a port range", GROUP, application, edits::open_rdp_range),
    fault(2, "database ports open to the world", GROUP, database_group, edits::open_database_ports),
    fault(1, "all traffic open to the world", GROUP, application, edits::open_everything),
    fault(1, "default group in use", GROUP, default_group, edits::default_group_in_use),
    fault(1, "network ACL admits SSH from the world", "AWS::EC2::NetworkAcl", private_acl, edits::acl_admits_ssh),
    fault(1, "endpoint policy allows everything", "AWS::EC2::VPCEndpoint", any, edits::open_endpoint),
    fault(1, "instance with a public address", "AWS::EC2::Instance", any, edits::public_instance),
    fault(1, "instance metadata without session tokens", "AWS::EC2::Instance", any, edits::metadata_without_token),
    fault(1, "managed policy allows everything", POLICY, nightly, edits::administrator_policy),
    fault(1, "managed policy passes any role", POLICY, nightly, edits::pass_any_role),
    fault(1, "inline policy allows a user everything", "AWS::IAM::User", any, edits::administrator_user),
    fault(1, "administrator role of a host", ROLE, host, edits::administrator_role),
    fault(2, "supplier trusted without external id", ROLE, audit, edits::trust_supplier),
    fault(1, "role trusts everybody", ROLE, nightly, edits::trust_everybody),
    fault(2, "GitHub trust for any repository", ROLE, deployment, edits::trust_any_repository),
    fault(1, "administrator role of a permission set", ROLE, network_operator, edits::administrator_role),
    fault(1, "administrator permission set with a 12 hour session", SET, network_operator, edits::administrator_set),
    fault(1, "permission set assigned to a user", "AWS::SSO::Assignment", any, edits::assigned_to_user),
    fault(1, "key policy open to everybody", KEY, any, edits::open_key),
    fault(1, "key rotation off", KEY, any, edits::unrotated_key),
    fault(1, "secret without rotation", "AWS::SecretsManager::Secret", supplier_keys, edits::unrotated_secret),
    fault(1, "bucket without public access block", BUCKET, service_bucket, edits::unblocked_bucket),
    fault(1, "bucket policy open to everybody", BUCKET, service_bucket, edits::public_bucket),
    fault(1, "bucket admits plain HTTP", BUCKET, service_bucket, edits::plain_bucket),
    fault(1, "function invocable by anyone", FUNCTION, any, edits::public_function),
    fault(1, "password in a function's variables", FUNCTION, any, edits::password_in_variables),
    fault(1, "queue open to everybody", "AWS::SQS::Queue", any, edits::public_queue),
    fault(1, "topic open to everybody", "AWS::SNS::Topic", any, edits::public_topic),
    fault(1, "load balancer serves plain HTTP", LISTENER, internal_listener, edits::plain_listener),
    fault(1, "listener with an old TLS policy", LISTENER, internal_listener, edits::old_tls_policy),
    fault(2, "user pool without MFA", "AWS::Cognito::UserPool", any, edits::pool_without_mfa),
    fault(1, "implicit grant", CLIENT, any, edits::implicit_grant),
    fault(1, "callback over plain HTTP", CLIENT, any, edits::plain_callback),
    fault(1, "identity pool admits guests", "AWS::Cognito::IdentityPool", any, edits::guests),
    fault(1, "GuardDuty switched off", "AWS::GuardDuty::Detector", any, edits::detector_off),
];

fn any(_: &Item) -> bool {
    true
}

fn application(item: &Item) -> bool {
    item.name().ends_with("-app")
}

fn database_group(item: &Item) -> bool {
    item.name().ends_with("-db")
}

fn default_group(item: &Item) -> bool {
    item.name() == "default"
}

fn private_acl(item: &Item) -> bool {
    item.title() == "app"
}

fn nightly(item: &Item) -> bool {
    item.name().contains("-nightly-")
}

fn host(item: &Item) -> bool {
    item.name().ends_with("-host")
}

fn audit(item: &Item) -> bool {
    item.name() == "security-audit"
}

fn deployment(item: &Item) -> bool {
    item.name() == "deploy"
}

fn supplier_keys(item: &Item) -> bool {
    item.name().ends_with("/supplier-keys")
}

fn service_bucket(item: &Item) -> bool {
    !item.name().contains("-logs-") && !item.name().contains("archive")
}

fn network_operator(item: &Item) -> bool {
    let properties = item.record.pointer("/ResourceDescription/Properties").and_then(Value::as_str);
    item.name().contains("NetworkOperator") || properties.is_some_and(|text| text.contains("NetworkOperator"))
}

fn internal_listener(item: &Item) -> bool {
    let first = item.record.pointer("/configuration/DefaultActions/0/Type").and_then(Value::as_str);
    first == Some("forward")
}

/// Plants all faults and says where.
pub(crate) fn plant(items: &mut [Item], seed: u64) -> Vec<Planted> {
    let mut faults = Faults { hit: BTreeSet::new(), planted: Vec::new() };
    faults.move_databases(items, &mut Random::of(seed, &["faults", "subnet group"]));
    for fault in FAULTS {
        let mut random = Random::of(seed, &["faults", fault.what]);
        for _ in 0..fault.count {
            faults.plant(fault, items, &mut random);
        }
    }
    faults.planted
}

/// The faults so far, and the positions of the resources that have them.
struct Faults {
    hit: BTreeSet<usize>,
    planted: Vec<Planted>,
}

impl Faults {
    fn plant(&mut self, fault: &Fault, items: &mut [Item], random: &mut Random) {
        let suits = |(position, item): (usize, &Item)| {
            let fits = item.kind == fault.kind && (fault.fits)(item) && !self.hit.contains(&position);
            fits.then_some(position)
        };
        let candidates: Vec<usize> = items.iter().enumerate().filter_map(suits).collect();
        let Some(&position) = random.pick(&candidates) else { return };
        let Some(item) = items.get_mut(position) else { return };
        (fault.edit)(item);
        self.note(fault.what, position, item);
    }

    /// Moves the databases of one account and region into its public subnets.
    fn move_databases(&mut self, items: &mut [Item], random: &mut Random) {
        let groups = items.iter().filter(|item| item.kind == SUBNET_GROUP);
        let places: Vec<(usize, String)> = groups.map(|item| (item.account, item.region.clone())).collect();
        let Some((account, region)) = random.pick(&places) else { return };
        let here = |item: &Item| item.account == *account && item.region == *region;
        let public_subnets: Vec<String> = items
            .iter()
            .filter(|item| here(item) && item.kind == "AWS::EC2::Subnet" && item.title().starts_with("public-"))
            .map(|item| item.id.clone())
            .collect();
        for (position, item) in items.iter_mut().enumerate().filter(|(_, item)| here(item)) {
            let list = match item.kind {
                SUBNET_GROUP => "/configuration/subnets",
                DATABASE => "/configuration/dBSubnetGroup/subnets",
                _ => continue,
            };
            for (number, subnet) in public_subnets.iter().enumerate() {
                item.set(&format!("{list}/{number}/subnetIdentifier"), Value::String(subnet.clone()));
                if item.kind == SUBNET_GROUP {
                    item.set(&format!("/relationships/{number}/resourceId"), Value::String(subnet.clone()));
                }
            }
            if item.kind == DATABASE {
                self.note("database in public subnets", position, item);
            }
        }
    }

    fn note(&mut self, what: &'static str, position: usize, item: &Item) {
        self.hit.insert(position);
        let (kind, resource) = blamed(item);
        self.planted.push(Planted { what, kind, resource: resource.to_owned(), account: item.account_id.clone() });
    }
}

/// The resource that is to blame: a load balancer for what its listener serves in plain text, else the item's own.
fn blamed(item: &Item) -> (&'static str, &str) {
    let member = |name: &str| item.record.pointer(name).and_then(Value::as_str);
    match (item.kind, member("/configuration/Protocol"), member("/configuration/LoadBalancerArn")) {
        (LISTENER, Some("HTTP"), Some(balancer)) => ("AWS::ElasticLoadBalancingV2::LoadBalancer", balancer),
        _ => (item.canonical_kind(), item.resource()),
    }
}
