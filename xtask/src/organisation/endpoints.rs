//! VPC endpoints: gateways for S3 and DynamoDB, interfaces for the services that applications call.
//!
//! Every endpoint has a policy that admits principals of the organisation only. Interface endpoints answer in the
//! application subnets under the services' own names.

use serde_json::json;

use super::accounts::ORGANISATION;
use super::item::{CREATED, Draft, Item};
use super::names::{CommonGroup, Place, Tier};
use super::network::private_tables;
use super::policies::document;

const INTERFACES: [&str; 11] =
    ["sts", "secretsmanager", "kms", "logs", "ssm", "ssmmessages", "ec2messages", "ecr.api", "ecr.dkr", "sqs", "sns"];

/// The endpoints of a place.
pub(crate) fn endpoints(place: &Place<'_>) -> Vec<Item> {
    let gateways = ["s3", "dynamodb"].into_iter().enumerate().map(|(n, service)| gateway(place, n + 1, service));
    let interfaces = INTERFACES.into_iter().enumerate().map(|(n, service)| interface(place, n + 16, service));
    gateways.chain(interfaces).collect()
}

fn gateway(place: &Place<'_>, number: usize, service: &str) -> Item {
    let (draft, id) = draft(place, number, service);
    let tags = draft.tag_list();
    draft.build(json!({
        "vpcEndpointId": id,
        "vpcEndpointType": "Gateway",
        "vpcId": place.vpc(),
        "serviceName": format!("com.amazonaws.{}.{service}", place.region.name),
        "state": "available",
        "policyDocument": policy(service),
        "routeTableIds": private_tables(place),
        "subnetIds": [],
        "groups": [],
        "privateDnsEnabled": false,
        "requesterManaged": false,
        "networkInterfaceIds": [],
        "dnsEntries": [],
        "creationTimestamp": CREATED,
        "tags": tags,
        "ownerId": place.account.id,
    }))
}

fn interface(place: &Place<'_>, number: usize, service: &str) -> Item {
    let (draft, id) = draft(place, number, service);
    let tags = draft.tag_list();
    let interfaces: Vec<String> = (0..3).map(|zone| place.id("eni", number * 16 + zone)).collect();
    let name = format!("{id}.{service}.{}.vpce.amazonaws.com", place.region.name);
    draft.build(json!({
        "vpcEndpointId": id,
        "vpcEndpointType": "Interface",
        "vpcId": place.vpc(),
        "serviceName": format!("com.amazonaws.{}.{service}", place.region.name),
        "state": "available",
        "policyDocument": policy(service),
        "routeTableIds": [],
        "subnetIds": place.subnets(Tier::App),
        "groups": [{"groupId": place.common_group(CommonGroup::Endpoints), "groupName": "endpoints"}],
        "ipAddressType": "ipv4",
        "privateDnsEnabled": true,
        "requesterManaged": false,
        "networkInterfaceIds": interfaces,
        "dnsEntries": [{"dnsName": name, "hostedZoneId": "Z0EXAMPLE"}],
        "creationTimestamp": CREATED,
        "tags": tags,
        "ownerId": place.account.id,
    }))
}

fn draft<'a>(place: &Place<'a>, number: usize, service: &str) -> (Draft<'a>, String) {
    let id = place.id("vpce", number);
    let draft = Draft::new(place, "AWS::EC2::VPCEndpoint", &id)
        .arn(place.arn("ec2", &format!("vpc-endpoint/{id}")))
        .titled(service)
        .related("AWS::EC2::VPC", &place.vpc(), "Is contained in Vpc");
    (draft, id)
}

/// Everything the service does, for the organisation's own principals.
fn policy(service: &str) -> String {
    let prefix = match service {
        "ecr.api" | "ecr.dkr" => "ecr",
        _ => service,
    };
    let statement = json!({
        "Sid": "OwnOrganisation", "Effect": "Allow", "Principal": "*", "Action": format!("{prefix}:*"), "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANISATION}},
    });
    document(vec![statement]).to_string()
}
