//! Databases: instances, their subnet groups and parameter groups.
//!
//! Databases stand in data subnets without a public address, encrypted, with IAM authentication, on a port of the
//! organisation's own choice. Their parameter groups demand TLS, and RDS keeps their passwords in Secrets Manager.

use serde_json::{Value, json};

use super::accounts::{Engine, Service};
use super::item::{CREATED, Draft, Item, LAST_USED, Shelf, description, merged};
use super::names::{KeyUse, Place, ServiceGroup, Tier};

/// The name of the subnet group that all databases of a place use.
pub(crate) const SUBNET_GROUP: &str = "data";

/// Subnet group, parameter groups and instances of a place.
pub(crate) fn databases(place: &Place<'_>, services: &[Service]) -> Vec<Item> {
    let mut items = vec![subnet_group(place)];
    for engine in [Engine::Postgres, Engine::MySql] {
        if services.iter().any(|service| service.engine == engine) {
            items.push(parameter_group(place, engine));
        }
    }
    items.extend(services.iter().map(|service| instance(place, service)));
    items
}

fn parameter_group_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "postgres16-tls",
        Engine::MySql => "mysql84-tls",
    }
}

fn parameter_group(place: &Place<'_>, engine: Engine) -> Item {
    let name = parameter_group_name(engine);
    let (family, parameters) = match engine {
        Engine::Postgres => ("postgres16", json!({"rds.force_ssl": "1"})),
        Engine::MySql => ("mysql8.4", json!({"require_secure_transport": "1"})),
    };
    let arn = place.arn("rds", &format!("pg:{name}"));
    let properties = json!({
        "DBParameterGroupArn": arn,
        "DBParameterGroupName": name,
        "Description": "demands TLS",
        "Family": family,
        "Parameters": parameters,
    });
    description(Shelf::Workloads, place, "AWS::RDS::DBParameterGroup", name, properties)
}

/// The subnet group's `subnets`, as group and instances show them.
fn group_subnets(place: &Place<'_>, tier: Tier) -> Value {
    let subnet = |zone: usize| {
        json!({
            "subnetIdentifier": place.subnet(tier, zone),
            "subnetAvailabilityZone": {"name": place.zone(zone)},
            "subnetStatus": "Active",
        })
    };
    (0..3).map(subnet).collect()
}

fn group_description(place: &Place<'_>) -> Value {
    json!({
        "dBSubnetGroupName": SUBNET_GROUP,
        "dBSubnetGroupDescription": "private subnets for databases",
        "vpcId": place.vpc(),
        "subnetGroupStatus": "Complete",
        "subnets": group_subnets(place, Tier::Data),
        "dBSubnetGroupArn": place.arn("rds", &format!("subgrp:{SUBNET_GROUP}")),
    })
}

fn subnet_group(place: &Place<'_>) -> Item {
    let mut draft = Draft::new(place, "AWS::RDS::DBSubnetGroup", SUBNET_GROUP)
        .arn(place.arn("rds", &format!("subgrp:{SUBNET_GROUP}")))
        .name(SUBNET_GROUP)
        .tagged();
    for subnet in place.subnets(Tier::Data) {
        draft = draft.related("AWS::EC2::Subnet", &subnet, "Is associated with Subnet");
    }
    draft.related("AWS::EC2::VPC", &place.vpc(), "Is associated with Vpc").build(group_description(place))
}

fn instance(place: &Place<'_>, service: &Service) -> Item {
    let name = place.database(service);
    let group = place.service_group(service, ServiceGroup::Database);
    let draft = Draft::new(place, "AWS::RDS::DBInstance", place.database_resource_id(service))
        .arn(place.arn("rds", &format!("db:{name}")))
        .name(&name)
        .zone(place.zone(service.number))
        .tagged()
        .related("AWS::RDS::DBSubnetGroup", SUBNET_GROUP, "Is associated with DBSubnetGroup")
        .related("AWS::EC2::SecurityGroup", &group, "Is associated with SecurityGroup");
    let tags = json!({"tagList": draft.tag_list()});
    draft.build(merged([engine(service, &name), position(place, service, &name), protection(place, service), tags]))
}

fn engine(service: &Service, name: &str) -> Value {
    let (version, log) = match service.engine {
        Engine::Postgres => ("16.6", "postgresql"),
        Engine::MySql => ("8.4.3", "error"),
    };
    json!({
        "dBInstanceIdentifier": name,
        "dBInstanceClass": "db.m7g.large",
        "engine": service.engine.name(),
        "engineVersion": version,
        "autoMinorVersionUpgrade": true,
        "dBInstanceStatus": "available",
        "masterUsername": "owner_of_schema",
        "allocatedStorage": 100,
        "storageType": "gp3",
        "instanceCreateTime": CREATED,
        "preferredBackupWindow": "02:14-02:44",
        "preferredMaintenanceWindow": "wed:03:38-wed:04:08",
        "latestRestorableTime": LAST_USED,
        "dBParameterGroups": [{
            "dBParameterGroupName": parameter_group_name(service.engine), "parameterApplyStatus": "in-sync",
        }],
        "optionGroupMemberships": [],
        "readReplicaDBInstanceIdentifiers": [],
        "domainMemberships": [],
        "associatedRoles": [],
        "enabledCloudwatchLogsExports": [log],
        "cACertificateIdentifier": "rds-ca-rsa2048-g1",
    })
}

fn position(place: &Place<'_>, service: &Service, name: &str) -> Value {
    let group = place.service_group(service, ServiceGroup::Database);
    json!({
        "endpoint": {
            "address": format!("{name}.{}.rds.amazonaws.com", place.region.name),
            "port": service.engine.port(),
            "hostedZoneId": "Z0EXAMPLE",
        },
        "dbInstancePort": service.engine.port(),
        "publiclyAccessible": false,
        "availabilityZone": place.zone(service.number),
        "multiAZ": true,
        "dBSecurityGroups": [],
        "vpcSecurityGroups": [{"vpcSecurityGroupId": group, "status": "active"}],
        "dBSubnetGroup": group_description(place),
        "dbiResourceId": place.database_resource_id(service),
        "dBInstanceArn": place.arn("rds", &format!("db:{name}")),
    })
}

fn protection(place: &Place<'_>, service: &Service) -> Value {
    json!({
        "backupRetentionPeriod": 14,
        "copyTagsToSnapshot": true,
        "deletionProtection": true,
        "storageEncrypted": true,
        "kmsKeyId": place.key(KeyUse::Data),
        "iAMDatabaseAuthenticationEnabled": true,
        "masterUserSecret": {
            "secretArn": place.database_secret(service),
            "secretStatus": "active",
            "kmsKeyId": place.key(KeyUse::Secrets),
        },
        "monitoringInterval": 60,
        "monitoringRoleArn": place.account.arn("iam", "role/rds-monitoring"),
        "performanceInsightsEnabled": true,
        "performanceInsightsKMSKeyId": place.key(KeyUse::Data),
    })
}
