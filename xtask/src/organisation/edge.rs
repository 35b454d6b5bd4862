//! Web application firewalls before load balancers and user pools.
//!
//! One web ACL a place, with AWS's managed rules and a rate limit, logging to the archive, in front of the load
//! balancers and of the user pool.

use serde_json::{Value, json};

use super::accounts::Service;
use super::item::{Item, Shelf, description};
use super::names::{Place, archive_bucket};

/// The web ACL of a place, its log, and what it protects.
pub(crate) fn edge(place: &Place<'_>, services: &[Service]) -> Vec<Item> {
    let acl = place.arn("wafv2", &format!("regional/webacl/customers/{}", place.uuid(0xac, 1)));
    let balancers = services.iter().map(|service| place.load_balancer(service));
    let guarded: Vec<String> = balancers.chain([place.user_pool()]).collect();
    let mut items = vec![web_acl(place, &acl), logging(place, &acl)];
    items.extend(guarded.iter().map(|resource| association(place, &acl, resource)));
    items
}

fn web_acl(place: &Place<'_>, arn: &str) -> Item {
    let id = place.uuid(0xac, 1);
    let visible =
        |name: &str| json!({"CloudWatchMetricsEnabled": true, "MetricName": name, "SampledRequestsEnabled": true});
    let managed = |name: &str, priority: u8| -> Value {
        json!({
            "Name": name,
            "Priority": priority,
            "OverrideAction": {"None": {}},
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
            "VisibilityConfig": visible(name),
        })
    };
    let rate = json!({
        "Name": "rate",
        "Priority": 3,
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": {"AggregateKeyType": "IP", "Limit": 2000}},
        "VisibilityConfig": visible("rate"),
    });
    let properties = json!({
        "Arn": arn,
        "Name": "customers",
        "Id": id,
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "Rules": [
            managed("AWSManagedRulesCommonRuleSet", 1),
            managed("AWSManagedRulesKnownBadInputsRuleSet", 2),
            rate,
        ],
        "VisibilityConfig": visible("customers"),
    });
    description(Shelf::Workloads, place, "AWS::WAFv2::WebACL", &format!("customers|{id}|REGIONAL"), properties)
}

fn logging(place: &Place<'_>, acl: &str) -> Item {
    let bucket = format!("arn:aws:s3:::{}", archive_bucket("waf", place.region));
    let properties = json!({"ResourceArn": acl, "LogDestinationConfigs": [bucket]});
    description(Shelf::Workloads, place, "AWS::WAFv2::LoggingConfiguration", acl, properties)
}

fn association(place: &Place<'_>, acl: &str, resource: &str) -> Item {
    let properties = json!({"ResourceArn": resource, "WebACLArn": acl});
    description(Shelf::Workloads, place, "AWS::WAFv2::WebACLAssociation", &format!("{resource}|{acl}"), properties)
}
