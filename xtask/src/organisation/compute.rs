//! Machines that run the services: EC2 instances with their volumes, Lambda functions.
//!
//! Instances stand in application subnets, act through a role, demand session tokens for their metadata and have
//! encrypted volumes. Functions run inside the network, each with a role of its own, and are invoked by one topic or
//! one schedule of their own account.

use serde_json::{Value, json};

use super::accounts::Service;
use super::item::{CREATED, Draft, Item, merged};
use super::names::{CommonGroup, KeyUse, Place, ServiceGroup, Tier};
use super::policies::document;

/// The function that rotates the secrets of a place.
pub(crate) const ROTATION: &str = "secret-rotation";

/// Instances, volumes and functions of a service.
pub(crate) fn machines(place: &Place<'_>, service: &Service) -> Vec<Item> {
    let mut items = Vec::new();
    for number in 0..service.instances {
        items.push(instance(place, service, number));
        items.push(volume(place, service, number));
    }
    items.push(events_function(place, service));
    items.push(nightly_function(place, service));
    items
}

/// The name of the function that handles a service's events.
pub(crate) fn events_name(service: &Service) -> String {
    format!("{}-events", service.name)
}

/// The name of the function that a schedule runs at night.
pub(crate) fn nightly_name(service: &Service) -> String {
    format!("{}-nightly", service.name)
}

/// The role that the hosts of a service share.
pub(crate) fn host_role(service: &Service) -> String {
    format!("{}-host", service.name)
}

/// The role of one function in one region.
pub(crate) fn function_role(place: &Place<'_>, function: &str) -> String {
    format!("{function}-{}", place.region.short)
}

fn serial(service: &Service, number: usize) -> usize {
    (service.number + 1) * 16 + number
}

fn instance(place: &Place<'_>, service: &Service, number: usize) -> Item {
    let serial = serial(service, number);
    let id = place.id("i", serial);
    let draft = Draft::new(place, "AWS::EC2::Instance", &id)
        .arn(place.arn("ec2", &format!("instance/{id}")))
        .zone(place.zone(number % 3))
        .titled(format!("{}-{}", service.name, number + 1))
        .related("AWS::EC2::SecurityGroup", &host_group(place, service), "Is associated with SecurityGroup")
        .related("AWS::EC2::Subnet", &place.subnet(Tier::App, number % 3), "Is contained in Subnet")
        .related("AWS::EC2::Volume", &place.id("vol", serial), "Is attached to Volume")
        .related("AWS::EC2::VPC", &place.vpc(), "Is contained in Vpc");
    let tags = json!({"tags": draft.tag_list()});
    let machine = json!({
        "amiLaunchIndex": 0,
        "imageId": place.id("ami", 1),
        "instanceId": id,
        "instanceType": service.instance_type,
        "launchTime": CREATED,
        "state": {"code": 16, "name": "running"},
        "stateTransitionReason": "",
        "architecture": "x86_64",
        "virtualizationType": "hvm",
        "hypervisor": "xen",
        "hibernationOptions": {"configured": false},
    });
    draft.build(merged([
        machine,
        identity(place, service),
        disks(place, serial),
        location(place, service, number),
        tags,
    ]))
}

fn host_group(place: &Place<'_>, service: &Service) -> String {
    place.service_group(service, ServiceGroup::Application)
}

/// Whom the instance acts as, and how it learns of it.
fn identity(place: &Place<'_>, service: &Service) -> Value {
    json!({
        "iamInstanceProfile": {
            "arn": place.account.arn("iam", &format!("instance-profile/{}", host_role(service))),
            "id": place.account.unique_id("AIPA", service.number + 1),
        },
        "metadataOptions": {
            "state": "applied",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
            "httpEndpoint": "enabled",
            "httpProtocolIpv6": "disabled",
            "instanceMetadataTags": "disabled",
        },
        "monitoring": {"state": "enabled"},
    })
}

fn disks(place: &Place<'_>, serial: usize) -> Value {
    let volume = place.id("vol", serial);
    json!({
        "blockDeviceMappings": [{
            "deviceName": "/dev/xvda",
            "ebs": {"attachTime": CREATED, "deleteOnTermination": true, "status": "attached", "volumeId": volume},
        }],
        "ebsOptimized": true,
        "rootDeviceName": "/dev/xvda",
        "rootDeviceType": "ebs",
    })
}

fn location(place: &Place<'_>, service: &Service, number: usize) -> Value {
    let serial = serial(service, number);
    let subnet = place.subnet(Tier::App, number % 3);
    let address = place.address(Tier::App, number % 3, serial);
    json!({
        "enaSupport": true,
        "networkInterfaces": [interface(place, service, serial, &subnet, &address)],
        "placement": {"availabilityZone": place.zone(number % 3), "groupName": "", "tenancy": "default"},
        "privateDnsName": format!("ip-{}.{}.compute.internal", address.replace('.', "-"), place.region.name),
        "privateIpAddress": address,
        "publicDnsName": "",
        "securityGroups": [{"groupName": format!("{}-app", service.name), "groupId": host_group(place, service)}],
        "sourceDestCheck": true,
        "subnetId": subnet,
        "vpcId": place.vpc(),
    })
}

fn interface(place: &Place<'_>, service: &Service, serial: usize, subnet: &str, address: &str) -> Value {
    json!({
        "attachment": {
            "attachTime": CREATED,
            "attachmentId": place.id("eni-attach", serial),
            "deleteOnTermination": true,
            "deviceIndex": 0,
            "status": "attached",
            "networkCardIndex": 0,
        },
        "description": "",
        "groups": [{
            "groupName": format!("{}-app", service.name),
            "groupId": host_group(place, service),
        }],
        "ipv6Addresses": [],
        "networkInterfaceId": place.id("eni", 0x1000 + serial),
        "ownerId": place.account.id,
        "privateIpAddress": address,
        "privateIpAddresses": [{"primary": true, "privateIpAddress": address}],
        "sourceDestCheck": true,
        "status": "in-use",
        "subnetId": subnet,
        "vpcId": place.vpc(),
        "interfaceType": "interface",
    })
}

fn volume(place: &Place<'_>, service: &Service, number: usize) -> Item {
    let serial = serial(service, number);
    let id = place.id("vol", serial);
    let instance = place.id("i", serial);
    let draft = Draft::new(place, "AWS::EC2::Volume", &id)
        .arn(place.arn("ec2", &format!("volume/{id}")))
        .zone(place.zone(number % 3))
        .titled(format!("{}-{}", service.name, number + 1))
        .related("AWS::EC2::Instance", &instance, "Is attached to Instance");
    let tags = draft.tag_list();
    draft.build(json!({
        "attachments": [{
            "attachTime": CREATED,
            "device": "/dev/xvda",
            "instanceId": instance,
            "state": "attached",
            "volumeId": id,
            "deleteOnTermination": true,
        }],
        "availabilityZone": place.zone(number % 3),
        "createTime": CREATED,
        "encrypted": true,
        "kmsKeyId": place.key(KeyUse::Data),
        "size": 40,
        "snapshotId": place.id("snap", 1),
        "state": "in-use",
        "volumeId": id,
        "iops": 3000,
        "tags": tags,
        "volumeType": "gp3",
        "multiAttachEnabled": false,
        "throughput": 125,
    }))
}

fn events_function(place: &Place<'_>, service: &Service) -> Item {
    let invoker = permission(place, &events_name(service), "sns.amazonaws.com", &place.topic(service));
    service_function(place, service, &events_name(service), invoker)
}

fn nightly_function(place: &Place<'_>, service: &Service) -> Item {
    let rule = place.arn("events", &format!("rule/{}", nightly_name(service)));
    let invoker = permission(place, &nightly_name(service), "events.amazonaws.com", &rule);
    service_function(place, service, &nightly_name(service), invoker)
}

fn service_function(place: &Place<'_>, service: &Service, name: &str, invoker: Value) -> Item {
    let variables = json!({
        "DATABASE_HOST": format!("{}.{}.rds.amazonaws.com", place.database(service), place.region.name),
        "QUEUE": format!("{}-work", service.name),
    });
    let group = place.service_group(service, ServiceGroup::Function);
    let dead_letters = place.queue(&format!("{}-dead-letters", service.name));
    function(place, name, &group, &dead_letters, variables, invoker)
}

/// The function that rotates the secrets of a place.
pub(crate) fn rotation_function(place: &Place<'_>, first: &Service) -> Item {
    let invoker = document(vec![json!({
        "Sid": "rotation", "Effect": "Allow", "Principal": {"Service": "secretsmanager.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": place.function(ROTATION),
        "Condition": {"StringEquals": {"AWS:SourceAccount": place.account.id}},
    })]);
    let variables =
        json!({"SECRETS_MANAGER_ENDPOINT": format!("https://secretsmanager.{}.amazonaws.com", place.region.name)});
    let dead_letters = place.queue(&format!("{}-dead-letters", first.name));
    function(place, ROTATION, &place.common_group(CommonGroup::Rotation), &dead_letters, variables, invoker)
}

fn permission(place: &Place<'_>, function: &str, service: &str, source: &str) -> Value {
    document(vec![json!({
        "Sid": "invoke", "Effect": "Allow", "Principal": {"Service": service}, "Action": "lambda:InvokeFunction",
        "Resource": place.function(function),
        "Condition": {
            "StringEquals": {"AWS:SourceAccount": place.account.id}, "ArnLike": {"AWS:SourceArn": source},
        },
    })])
}

fn function(place: &Place<'_>, name: &str, group: &str, dead_letters: &str, variables: Value, invoker: Value) -> Item {
    let role = function_role(place, name);
    let mut draft = Draft::new(place, "AWS::Lambda::Function", name)
        .arn(place.function(name))
        .name(name)
        .tagged()
        .related_by_name("AWS::IAM::Role", &role, "Is associated with ")
        .related("AWS::EC2::SecurityGroup", group, "Is associated with ");
    for subnet in place.subnets(Tier::App) {
        draft = draft.related("AWS::EC2::Subnet", &subnet, "Is contained in ");
    }
    draft.supplement("Policy", invoker.to_string()).build(json!({
        "functionName": name,
        "functionArn": place.function(name),
        "runtime": "python3.13",
        "role": place.account.arn("iam", &format!("role/{role}")),
        "handler": "main.handler",
        "codeSize": 48211,
        "description": "",
        "timeout": 30,
        "memorySize": 256,
        "lastModified": CREATED,
        "codeSha256": "mMshLFmwBquIa1/7Qw4hsfLzPg79MvUTjSaPmAP42zk=",
        "version": "$LATEST",
        "vpcConfig": {"subnetIds": place.subnets(Tier::App), "securityGroupIds": [group], "vpcId": place.vpc()},
        "deadLetterConfig": {"targetArn": dead_letters},
        "environment": {"variables": variables},
        "kmskeyArn": place.key(KeyUse::Data),
        "tracingConfig": {"mode": "Active"},
        "layers": [],
        "state": "Active",
        "lastUpdateStatus": "Successful",
        "packageType": "Zip",
        "architectures": ["arm64"],
        "ephemeralStorage": {"size": 512},
        "snapStart": {"applyOn": "None", "optimizationStatus": "Off"},
    }))
}
