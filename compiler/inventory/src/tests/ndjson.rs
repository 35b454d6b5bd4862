//! Neutral records and `$inventory` lines.

use super::{attempt, kept};

#[test]
fn a_record_has_a_header_and_properties() {
    let kept = kept(
        r#"{"type": "AWS::EC2::VPC", "id": "v", "arn": "a", "name": "n", "account": "1", "region": "r", "tags": {"k": "x"}, "captured": "2026-01-01", "address": "d", "properties": {"vpcid": "v", "Odd": 1}}"#,
    );
    let record = &kept.records[0];
    let header = [&record.id, &record.arn, &record.name, &record.account, &record.region, &record.captured];
    let header: Vec<&str> = header.iter().map(|node| node.as_ref().unwrap().as_text().unwrap()).collect();
    assert_eq!(header, ["v", "a", "n", "1", "r", "2026-01-01"]);
    assert_eq!(record.address.as_deref(), Some("d"));
    assert_eq!(kept.lines(), ["AWS::EC2::VPC v VpcId=\"v\" Odd=1"]);
    assert!(!record.form.live && record.form.unobservable.is_none());
}

#[test]
fn the_rest_may_be_left_out() {
    let kept = kept(r#"{"type": "AWS::EC2::VPC", "id": null}"#);
    let record = &kept.records[0];
    assert!(record.id.is_none() && record.account.is_none() && record.region.is_none() && record.tags.is_none());
}

#[test]
fn unknowns_stand_where_values_may() {
    let kept = kept(
        r#"{"type": "AWS::EC2::VPC", "id": {"$unknown": "later"}, "properties": {"CidrBlock": {"$unknown": "why"}, "Tags": [{"$unknown": "x"}], "A": {"$$unknown": 1}, "B": {"$$$unknown": 2, "c": 3}}}"#,
    );
    assert_eq!(kept.lines(), ["AWS::EC2::VPC ?later CidrBlock=?why Tags=[?x] A={$unknown:1} B={$$unknown:2,c:3}"]);
}

#[test]
fn a_broken_unknown_is_an_error_of_its_record() {
    let kept = kept(
        "{\"type\": \"AWS::EC2::VPC\", \"id\": \"ok\"}\n{\"type\": \"AWS::EC2::VPC\", \"properties\": {\"A\": {\"$unknown\": 1}}}\n{\"type\": \"AWS::EC2::VPC\", \"properties\": {\"A\": {\"$unknown\": \"x\", \"b\": 1}}}",
    );
    assert_eq!(kept.ids(), ["ok"]);
    assert_eq!(kept.faults().len(), 2);
    assert!(kept.faults()[0].starts_with("!2:47 `$unknown` stands alone"), "{:?}", kept.faults());
}

#[test]
fn members_that_no_record_has_are_errors() {
    let kept = kept("{\"type\": \"AWS::EC2::VPC\", \"propertys\": {}}");
    assert!(kept.records.is_empty());
    assert!(kept.faults()[0].starts_with("!1:40 a record has no member `propertys`"), "{:?}", kept.faults());
}

#[test]
fn a_record_without_a_type_is_an_error_among_records() {
    let kept = kept("{\"type\": \"AWS::EC2::VPC\"}\n{\"id\": \"x\", \"properties\": {}}");
    assert_eq!(kept.faults(), ["!2:1 not a record of any known format: an object with `id`, `properties`"]);
    let (kept, summary) = attempt("{\"id\": \"x\", \"properties\": {}}", Some("ndjson"));
    assert_eq!(kept.faults(), ["!1:1 the record has no `type`"]);
    assert!(summary.is_ok());
}

#[test]
fn types_that_no_schema_knows_are_skipped_without_error() {
    let kept = kept("{\"type\": \"AWS::No::Type\", \"id\": \"x\"}");
    assert_eq!(kept.faults(), ["1:1 resource type AWS::No::Type is not known to any schema"]);
}

#[test]
fn inventory_lines_say_what_was_collected() {
    let kept = kept(
        "{\"$inventory\": {\"types\": [\"AWS::EC2::VPC\"], \"accounts\": [\"1\", \"2\"]}}\n{\"$inventory\": {\"regions\": [\"global\"]}}\n{\"$inventory\": {\"type\": []}}\n{\"$inventory\": {\"types\": [\"AWS::No::Type\"]}}\n{\"$inventory\": {}, \"x\": 1}",
    );
    assert_eq!(kept.complete(), ["AWS::EC2::VPC in 1,2 all", "all in all global"]);
    let faults = kept.faults();
    assert!(faults[0].starts_with("!3:25 `$inventory` has no member `type`"), "{faults:?}");
    assert!(faults[1].contains("`AWS::No::Type`, which no schema knows"), "{faults:?}");
    assert!(faults[2].contains("`x` stands beside `$inventory`"), "{faults:?}");
}

#[test]
fn recorders_cover_what_they_record() {
    let group = |group: &str| {
        let text = format!(
            r#"{{"type": "AWS::Config::ConfigurationRecorder", "id": "default", "account": "1", "region": "r", "properties": {{"RecordingGroup": {group}}}}}"#
        );
        kept(text).complete()
    };
    assert_eq!(
        group(r#"{"AllSupported": false, "ResourceTypes": ["AWS::IAM::Policy", "AWS::EC2::VPC", "AWS::S3::Bucket"]}"#),
        ["AWS::EC2::VPC,AWS::S3::Bucket,AWS::S3::BucketPolicy in 1 r", "AWS::IAM::ManagedPolicy in 1 global"]
    );
    let all = group(r#"{"AllSupported": true, "IncludeGlobalResourceTypes": true}"#);
    assert!(all[0].contains("AWS::RDS::DBInstance,") && all[1].contains("AWS::IAM::Role,"), "{all:?}");
    assert!(!all[0].contains("AWS::IAM::") && !all[0].contains("AWS::Cognito::UserPool,"), "{all:?}");
    assert_eq!(group(r#"{"AllSupported": true, "IncludeGlobalResourceTypes": false}"#).len(), 1);
    let strategy = r#"{"RecordingStrategy": {"UseOnly": "EXCLUSION_BY_RESOURCE_TYPES"}, "ExclusionByResourceTypes": {"ResourceTypes": ["AWS::EC2::VPC"]}}"#;
    let most = group(strategy);
    assert!(
        most.len() == 1 && !most[0].contains("AWS::EC2::VPC,") && most[0].contains("AWS::EC2::Subnet,"),
        "{most:?}"
    );
}
