//! Networks: VPC, subnets, route tables, gateways, addresses, flow logs.
//!
//! Each workload account has one VPC in each region, with a public, an application and a data subnet in each of
//! three availability zones. Only public subnets have a route to the internet gateway, application subnets leave
//! through NAT, data subnets do not leave at all. Filters stand in `firewall`, endpoints in `endpoints`.

use serde_json::{Value, json};

use super::item::{CREATED, Draft, Item};
use super::names::{Place, TIERS, Tier, archive_bucket};

const VPC: &str = "AWS::EC2::VPC";

/// The network of a place.
pub(crate) fn network(place: &Place<'_>) -> Vec<Item> {
    let mut items = vec![vpc(place), internet_gateway(place), flow_log(place)];
    for tier in TIERS {
        items.extend((0..3).map(|zone| subnet(place, tier, zone)));
    }
    items.extend((0..3).map(|zone| address(place, zone)));
    items.extend((0..3).map(|zone| nat_gateway(place, zone)));
    items.push(main_table(place));
    items.push(public_table(place));
    items.extend((0..3).map(|zone| app_table(place, zone)));
    items.push(data_table(place));
    items
}

fn vpc(place: &Place<'_>) -> Item {
    let id = place.vpc();
    let draft = Draft::new(place, VPC, &id).arn(place.arn("ec2", &format!("vpc/{id}"))).titled("main");
    let tags = draft.tag_list();
    draft.build(json!({
        "cidrBlock": place.network(),
        "dhcpOptionsId": place.id("dopt", 1),
        "state": "available",
        "vpcId": id,
        "ownerId": place.account.id,
        "instanceTenancy": "default",
        "ipv6CidrBlockAssociationSet": [],
        "cidrBlockAssociationSet": [{
            "associationId": place.id("vpc-cidr-assoc", 1),
            "cidrBlock": place.network(),
            "cidrBlockState": {"state": "associated"},
        }],
        "isDefault": false,
        "tags": tags,
    }))
}

fn subnet(place: &Place<'_>, tier: Tier, zone: usize) -> Item {
    let id = place.subnet(tier, zone);
    let arn = place.arn("ec2", &format!("subnet/{id}"));
    let draft = Draft::new(place, "AWS::EC2::Subnet", &id)
        .arn(&arn)
        .zone(place.zone(zone))
        .titled(format!("{}-{}", tier.name(), place.zone(zone)))
        .related(VPC, &place.vpc(), "Is contained in Vpc")
        .related("AWS::EC2::RouteTable", &route_table(place, tier, zone), "Is contained in RouteTable")
        .related("AWS::EC2::NetworkAcl", &place.id("acl", tier.number() + 1), "Is attached to NetworkAcl");
    let tags = draft.tag_list();
    draft.build(json!({
        "availabilityZone": place.zone(zone),
        "availabilityZoneId": format!("{}-az{}", place.region.short, zone + 1),
        "availableIpAddressCount": 1003,
        "cidrBlock": place.subnet_block(tier, zone),
        "defaultForAz": false,
        "mapPublicIpOnLaunch": false,
        "state": "available",
        "subnetId": id,
        "vpcId": place.vpc(),
        "ownerId": place.account.id,
        "assignIpv6AddressOnCreation": false,
        "ipv6CidrBlockAssociationSet": [],
        "tags": tags,
        "subnetArn": arn,
        "ipv6Native": false,
    }))
}

fn internet_gateway(place: &Place<'_>) -> Item {
    let id = place.id("igw", 1);
    let draft = Draft::new(place, "AWS::EC2::InternetGateway", &id)
        .arn(place.arn("ec2", &format!("internet-gateway/{id}")))
        .titled("main")
        .related(VPC, &place.vpc(), "Is attached to Vpc");
    let tags = draft.tag_list();
    draft.build(json!({
        "attachments": [{"state": "available", "vpcId": place.vpc()}],
        "internetGatewayId": id,
        "ownerId": place.account.id,
        "tags": tags,
    }))
}

/// The address of a NAT gateway, from the block for benchmarks.
fn public_address(place: &Place<'_>, zone: usize) -> String {
    format!("198.18.{}.{}", place.account.index, place.region.number * 8 + zone + 1)
}

fn address(place: &Place<'_>, zone: usize) -> Item {
    let id = place.id("eipalloc", zone + 1);
    let draft = Draft::new(place, "AWS::EC2::EIP", &id)
        .arn(place.arn("ec2", &format!("eip-allocation/{id}")))
        .titled(format!("nat-{}", place.zone(zone)));
    let tags = draft.tag_list();
    draft.build(json!({
        "publicIp": public_address(place, zone),
        "allocationId": id,
        "associationId": place.id("eipassoc", zone + 1),
        "domain": "vpc",
        "networkInterfaceId": place.id("eni", zone + 1),
        "networkInterfaceOwnerId": place.account.id,
        "privateIpAddress": place.address(Tier::Public, zone, 0),
        "tags": tags,
    }))
}

fn nat_gateway(place: &Place<'_>, zone: usize) -> Item {
    let id = place.id("nat", zone + 1);
    let subnet = place.subnet(Tier::Public, zone);
    let draft = Draft::new(place, "AWS::EC2::NatGateway", &id)
        .arn(place.arn("ec2", &format!("natgateway/{id}")))
        .titled(place.zone(zone))
        .related(VPC, &place.vpc(), "Is contained in Vpc")
        .related("AWS::EC2::Subnet", &subnet, "Is contained in Subnet");
    let tags = draft.tag_list();
    draft.build(json!({
        "createTime": CREATED,
        "natGatewayAddresses": [{
            "allocationId": place.id("eipalloc", zone + 1),
            "networkInterfaceId": place.id("eni", zone + 1),
            "privateIp": place.address(Tier::Public, zone, 0),
            "publicIp": public_address(place, zone),
            "associationId": place.id("eipassoc", zone + 1),
        }],
        "natGatewayId": id,
        "state": "available",
        "subnetId": subnet,
        "vpcId": place.vpc(),
        "tags": tags,
        "connectivityType": "public",
    }))
}

/// The table that a subnet is associated with.
fn route_table(place: &Place<'_>, tier: Tier, zone: usize) -> String {
    match tier {
        Tier::Public => place.id("rtb", 1),
        Tier::App => place.id("rtb", 2 + zone),
        Tier::Data => place.id("rtb", 5),
    }
}

/// The tables that gateway endpoints put their routes into.
pub(crate) fn private_tables(place: &Place<'_>) -> Vec<String> {
    let app = (0..3).map(|zone| route_table(place, Tier::App, zone));
    app.chain([route_table(place, Tier::Data, 0)]).collect()
}

fn main_table(place: &Place<'_>) -> Item {
    let id = place.id("rtb", 0);
    let association = json!({
        "main": true,
        "routeTableAssociationId": place.id("rtbassoc", 0),
        "routeTableId": id,
        "associationState": {"state": "associated"},
    });
    table(place, &id, "unused", vec![association], vec![])
}

fn public_table(place: &Place<'_>) -> Item {
    let id = route_table(place, Tier::Public, 0);
    let internet = route("destinationCidrBlock", "0.0.0.0/0", "gatewayId", &place.id("igw", 1));
    table(place, &id, "public", associations(place, &id, Tier::Public, &[0, 1, 2]), vec![internet])
}

fn app_table(place: &Place<'_>, zone: usize) -> Item {
    let id = route_table(place, Tier::App, zone);
    let mut routes = vec![route("destinationCidrBlock", "0.0.0.0/0", "natGatewayId", &place.id("nat", zone + 1))];
    routes.extend(endpoint_routes(place));
    table(place, &id, "app", associations(place, &id, Tier::App, &[zone]), routes)
}

fn data_table(place: &Place<'_>) -> Item {
    let id = route_table(place, Tier::Data, 0);
    table(place, &id, "data", associations(place, &id, Tier::Data, &[0, 1, 2]), endpoint_routes(place))
}

fn endpoint_routes(place: &Place<'_>) -> Vec<Value> {
    vec![
        route("destinationPrefixListId", place.region.s3_list, "gatewayId", &place.id("vpce", 1)),
        route("destinationPrefixListId", place.region.dynamodb_list, "gatewayId", &place.id("vpce", 2)),
    ]
}

fn route(destination: &str, to: &str, target: &str, through: &str) -> Value {
    json!({destination: to, target: through, "origin": "CreateRoute", "state": "active"})
}

fn associations(place: &Place<'_>, table: &str, tier: Tier, zones: &[usize]) -> Vec<Value> {
    let association = |zone: &usize| {
        json!({
            "main": false,
            "routeTableAssociationId": place.id("rtbassoc", tier.number() * 16 + zone + 1),
            "routeTableId": table,
            "subnetId": place.subnet(tier, *zone),
            "associationState": {"state": "associated"},
        })
    };
    zones.iter().map(association).collect()
}

fn table(place: &Place<'_>, id: &str, title: &str, associations: Vec<Value>, routes: Vec<Value>) -> Item {
    let draft = Draft::new(place, "AWS::EC2::RouteTable", id)
        .arn(place.arn("ec2", &format!("route-table/{id}")))
        .titled(title)
        .related(VPC, &place.vpc(), "Is contained in Vpc");
    let tags = draft.tag_list();
    let local = json!({
        "destinationCidrBlock": place.network(), "gatewayId": "local", "origin": "CreateRouteTable", "state": "active",
    });
    let all: Vec<Value> = [local].into_iter().chain(routes).collect();
    draft.build(json!({
        "associations": associations,
        "propagatingVgws": [],
        "routeTableId": id,
        "routes": all,
        "tags": tags,
        "vpcId": place.vpc(),
        "ownerId": place.account.id,
    }))
}

fn flow_log(place: &Place<'_>) -> Item {
    let id = place.id("fl", 1);
    let draft = Draft::new(place, "AWS::EC2::FlowLog", &id)
        .arn(place.arn("ec2", &format!("vpc-flow-log/{id}")))
        .titled("main")
        .related(VPC, &place.vpc(), "Is associated with Vpc");
    let tags = draft.tag_list();
    draft.build(json!({
        "creationTime": CREATED,
        "deliverLogsStatus": "SUCCESS",
        "flowLogId": id,
        "flowLogStatus": "ACTIVE",
        "resourceId": place.vpc(),
        "trafficType": "ALL",
        "logDestinationType": "s3",
        "logDestination": format!("arn:aws:s3:::{}", archive_bucket("flow", place.region)),
        "logFormat": "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${action}",
        "tags": tags,
        "maxAggregationInterval": 60,
    }))
}
