//! Security groups and network ACLs.
//!
//! Groups name each other instead of address ranges: internet → load balancer → application → database. The default
//! group and the default ACL admit nothing. ACLs of public and application subnets admit replies from the internet on
//! high ports, around the port of remote desktops; data subnets talk to their own network only.

use serde_json::{Value, json};

use super::accounts::{Engine, Service};
use super::item::{Draft, Item};
use super::names::{CommonGroup, Place, ServiceGroup, TIERS, Tier};

const ANYWHERE: &str = "0.0.0.0/0";

/// The groups and ACLs of a place.
pub(crate) fn firewall(place: &Place<'_>, services: &[Service]) -> Vec<Item> {
    let mut items = common_groups(place, services);
    for service in services {
        items.push(load_balancer_group(place, service));
        items.push(application_group(place, service));
        items.push(function_group(place, service));
        items.push(database_group(place, service));
    }
    items.push(default_acl(place));
    items.extend(TIERS.map(|tier| tier_acl(place, tier)));
    items
}

fn common_groups(place: &Place<'_>, services: &[Service]) -> Vec<Item> {
    let endpoints = place.common_group(CommonGroup::Endpoints);
    let from_network = from_range("tcp", 443, 443, &place.network(), "applications of this network");
    let mut to = vec![to_group(place, 443, &endpoints, "AWS services")];
    for engine in [Engine::Postgres, Engine::MySql] {
        let databases: Vec<String> = services
            .iter()
            .filter(|service| service.engine == engine)
            .map(|service| place.service_group(service, ServiceGroup::Database))
            .collect();
        if !databases.is_empty() {
            to.push(to_groups(place, engine.port(), &databases, "databases"));
        }
    }
    let rotation = place.common_group(CommonGroup::Rotation);
    let default = place.common_group(CommonGroup::Default);
    vec![
        group(place, &default, "default", "default VPC security group", vec![], vec![]),
        group(place, &endpoints, "endpoints", "endpoints of AWS services", vec![from_network], vec![]),
        group(place, &rotation, "secret-rotation", "function that rotates secrets", vec![], to),
    ]
}

fn load_balancer_group(place: &Place<'_>, service: &Service) -> Item {
    let id = place.service_group(service, ServiceGroup::LoadBalancer);
    let application = place.service_group(service, ServiceGroup::Application);
    let ingress = if service.public {
        vec![
            from_range("tcp", 443, 443, ANYWHERE, "HTTPS from customers"),
            from_range("tcp", 80, 80, ANYWHERE, "redirected to HTTPS"),
        ]
    } else {
        vec![from_range("tcp", 443, 443, &place.network(), "HTTPS from this network")]
    };
    let egress = vec![to_group(place, 8443, &application, "application")];
    service_group(place, service, ServiceGroup::LoadBalancer, &id, ingress, egress)
}

fn application_group(place: &Place<'_>, service: &Service) -> Item {
    let id = place.service_group(service, ServiceGroup::Application);
    let database = place.service_group(service, ServiceGroup::Database);
    let balancer = place.service_group(service, ServiceGroup::LoadBalancer);
    let ingress = vec![to_group(place, 8443, &balancer, "load balancer")];
    let egress = vec![
        to_group(place, service.engine.port(), &database, "database"),
        from_range("tcp", 443, 443, ANYWHERE, "suppliers and AWS services"),
    ];
    service_group(place, service, ServiceGroup::Application, &id, ingress, egress)
}

fn function_group(place: &Place<'_>, service: &Service) -> Item {
    let id = place.service_group(service, ServiceGroup::Function);
    let database = place.service_group(service, ServiceGroup::Database);
    let endpoints = place.common_group(CommonGroup::Endpoints);
    let lists = json!([
        {"prefixListId": place.region.s3_list, "description": "S3"},
        {"prefixListId": place.region.dynamodb_list, "description": "DynamoDB"},
    ]);
    let egress = vec![
        to_group(place, service.engine.port(), &database, "database"),
        to_group(place, 443, &endpoints, "AWS services"),
        rule("tcp", 443, 443, json!([]), json!([]), lists),
    ];
    service_group(place, service, ServiceGroup::Function, &id, vec![], egress)
}

fn database_group(place: &Place<'_>, service: &Service) -> Item {
    let id = place.service_group(service, ServiceGroup::Database);
    let clients = [
        place.service_group(service, ServiceGroup::Application),
        place.service_group(service, ServiceGroup::Function),
        place.common_group(CommonGroup::Rotation),
    ];
    let ingress = vec![to_groups(place, service.engine.port(), &clients, "clients of the database")];
    service_group(place, service, ServiceGroup::Database, &id, ingress, vec![])
}

fn service_group(
    place: &Place<'_>,
    service: &Service,
    part: ServiceGroup,
    id: &str,
    ingress: Vec<Value>,
    egress: Vec<Value>,
) -> Item {
    let name = format!("{}-{}", service.name, part.suffix());
    let description = match part {
        ServiceGroup::LoadBalancer => "load balancer",
        ServiceGroup::Application => "application",
        ServiceGroup::Function => "functions",
        ServiceGroup::Database => "database",
    };
    group(place, id, &name, description, ingress, egress)
}

fn group(place: &Place<'_>, id: &str, name: &str, description: &str, ingress: Vec<Value>, egress: Vec<Value>) -> Item {
    let arn = place.arn("ec2", &format!("security-group/{id}"));
    let draft = Draft::new(place, "AWS::EC2::SecurityGroup", id).arn(&arn).name(name).tagged().related(
        "AWS::EC2::VPC",
        &place.vpc(),
        "Is contained in Vpc",
    );
    let tags = draft.tag_list();
    draft.build(json!({
        "description": description,
        "groupName": name,
        "ipPermissions": ingress,
        "ownerId": place.account.id,
        "groupId": id,
        "ipPermissionsEgress": egress,
        "tags": tags,
        "vpcId": place.vpc(),
        "securityGroupArn": arn,
    }))
}

/// A rule for one IPv4 range; the older member `ipRanges` repeats it.
pub(crate) fn from_range(protocol: &str, from: u16, to: u16, range: &str, description: &str) -> Value {
    let ranges = json!([{"cidrIp": range, "description": description}]);
    rule(protocol, from, to, json!([]), ranges, json!([]))
}

fn to_group(place: &Place<'_>, port: u16, group: &str, description: &str) -> Value {
    to_groups(place, port, &[group.to_owned()], description)
}

fn to_groups(place: &Place<'_>, port: u16, groups: &[String], description: &str) -> Value {
    let pairs: Vec<Value> = groups
        .iter()
        .map(|group| json!({"description": description, "groupId": group, "userId": place.account.id}))
        .collect();
    rule("tcp", port, port, json!(pairs), json!([]), json!([]))
}

fn rule(protocol: &str, from: u16, to: u16, pairs: Value, ranges: Value, lists: Value) -> Value {
    let old_ranges: Vec<Value> =
        ranges.as_array().into_iter().flatten().filter_map(|r| r.get("cidrIp").cloned()).collect();
    json!({
        "fromPort": from,
        "ipProtocol": protocol,
        "ipv6Ranges": [],
        "prefixListIds": lists,
        "toPort": to,
        "userIdGroupPairs": pairs,
        "ipv4Ranges": ranges,
        "ipRanges": old_ranges,
    })
}

fn default_acl(place: &Place<'_>) -> Item {
    acl(place, &place.id("acl", 0), "default", vec![], vec![])
}

fn tier_acl(place: &Place<'_>, tier: Tier) -> Item {
    let network = place.network();
    let own = || [entry(100, true, "-1", &network, None), entry(100, false, "-1", &network, None)];
    let replies = || {
        [
            entry(110, false, "6", ANYWHERE, Some((1024, 3388))),
            entry(120, false, "6", ANYWHERE, Some((3390, 65535))),
            entry(110, true, "6", ANYWHERE, None),
        ]
    };
    let customers =
        || [entry(130, false, "6", ANYWHERE, Some((443, 443))), entry(140, false, "6", ANYWHERE, Some((80, 80)))];
    let entries: Vec<Value> = match tier {
        Tier::Public => own().into_iter().chain(replies()).chain(customers()).collect(),
        Tier::App => own().into_iter().chain(replies()).collect(),
        Tier::Data => own().into_iter().collect(),
    };
    let id = place.id("acl", tier.number() + 1);
    let associations = (0..3).map(|zone| {
        json!({
            "networkAclAssociationId": place.id("aclassoc", tier.number() * 16 + zone + 1),
            "networkAclId": id,
            "subnetId": place.subnet(tier, zone),
        })
    });
    acl(place, &id, tier.name(), associations.collect(), entries)
}

/// An entry that allows; `protocol` is a number as text, `-1` is all.
pub(crate) fn entry(number: u32, egress: bool, protocol: &str, range: &str, ports: Option<(u16, u16)>) -> Value {
    let mut entry = json!({
        "cidrBlock": range, "egress": egress, "protocol": protocol, "ruleAction": "allow", "ruleNumber": number,
    });
    let ports = ports.or((protocol == "6").then_some((0, 65535)));
    if let (Some((from, to)), Some(members)) = (ports, entry.as_object_mut()) {
        members.insert("portRange".to_owned(), json!({"from": from, "to": to}));
    }
    entry
}

fn acl(place: &Place<'_>, id: &str, title: &str, associations: Vec<Value>, entries: Vec<Value>) -> Item {
    let draft = Draft::new(place, "AWS::EC2::NetworkAcl", id)
        .arn(place.arn("ec2", &format!("network-acl/{id}")))
        .titled(title)
        .related("AWS::EC2::VPC", &place.vpc(), "Is contained in Vpc");
    let tags = draft.tag_list();
    let last = |egress: bool| json!({"cidrBlock": ANYWHERE, "egress": egress, "protocol": "-1", "ruleAction": "deny", "ruleNumber": 32767});
    let all: Vec<Value> = entries.into_iter().chain([last(true), last(false)]).collect();
    draft.build(json!({
        "associations": associations,
        "entries": all,
        "isDefault": title == "default",
        "networkAclId": id,
        "tags": tags,
        "vpcId": place.vpc(),
        "ownerId": place.account.id,
    }))
}
