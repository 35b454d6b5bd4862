//! Items of AWS Config, in all the places where they stand.

use super::{attempt, kept, show};

/// An item of a type with this configuration and these other members.
fn item(resource_type: &str, configuration: &str, more: &str) -> String {
    format!(
        r#"{{"accountId": "111122223333", "awsRegion": "eu-west-1", "configurationItemStatus": "OK", "configurationItemCaptureTime": "2026-11-01T06:00:00.000Z", "resourceType": "{resource_type}", "resourceId": "the-id", "resourceName": "the-name", "tags": {{}}, "configuration": {configuration}{more}}}"#
    )
}

const DB: &str = r#"{"dBInstanceIdentifier": "orders", "publiclyAccessible": true, "dBSubnetGroup": {"dBSubnetGroupName": "data"}, "unheardOf": 1}"#;

#[test]
fn the_header_comes_from_the_envelope() {
    let kept = kept(item("AWS::RDS::DBInstance", DB, r#", "ARN": "arn:x""#));
    let record = &kept.records[0];
    let header = [&record.id, &record.arn, &record.name, &record.account, &record.region, &record.captured];
    let header: Vec<&str> = header.iter().map(|node| node.as_ref().unwrap().as_text().unwrap()).collect();
    assert_eq!(header, ["orders", "arn:x", "the-name", "111122223333", "eu-west-1", "2026-11-01T06:00:00.000Z"]);
    assert_eq!(kept.property("DBSubnetGroupName"), "\"data\"");
    assert_eq!(kept.property("PubliclyAccessible"), "true");
    assert!(record.form.live && kept.hides("NetworkType") && !kept.hides("PubliclyAccessible"));
}

#[test]
fn awkward_envelopes() {
    let text = item("AWS::EC2::VPC", r#"{"state": "x"}"#, r#", "arn": null"#)
        .replace("\"2026-11-01T06:00:00.000Z\"", "\"datetime.datetime(2020, 4, 22, tzinfo=tzlocal())\"")
        .replace("accountId", "awsAccountId");
    let kept = kept(text);
    let record = &kept.records[0];
    assert_eq!(kept.ids(), ["the-id"]);
    assert!(record.arn.is_none() && record.captured.is_none());
    assert_eq!(record.account.as_ref().unwrap().as_text(), Some("111122223333"));
}

#[test]
fn types_have_their_canonical_names() {
    let kept = kept(item(
        "AWS::IAM::Policy",
        r#"{"policyName": "p", "arn": "arn:p", "policyVersionList": [{"isDefaultVersion": false, "document": "%7B%7D"}, {"isDefaultVersion": true, "document": "%7B%22Statement%22%3A%5B%5D%7D"}]}"#,
        "",
    ));
    assert_eq!(&*kept.records[0].resource_type, "AWS::IAM::ManagedPolicy");
    assert_eq!(kept.property("PolicyDocument"), "{Statement:[]}");
    assert_eq!(kept.ids(), ["arn:p"]);
}

#[test]
fn a_configuration_may_be_text() {
    let text = item("AWS::RDS::DBInstance", &format!("{:?}", DB), r#", "supplementaryConfiguration": {}"#);
    assert_eq!(kept(text).property("DBInstanceIdentifier"), "\"orders\"");
    let broken = item("AWS::RDS::DBInstance", "\"{oops\"", "");
    assert!(kept(broken).faults()[0].ends_with("the text in `configuration` is not a JSON object"));
}

#[test]
fn without_a_configuration_nothing_is_observable() {
    for none in ["null", "\"null\"", "\"\""] {
        let kept = kept(item("AWS::RDS::DBInstance", none, ""));
        assert_eq!(kept.lines(), ["AWS::RDS::DBInstance the-id"], "{none}");
        assert!(kept.hides("PubliclyAccessible") && kept.hides("DBInstanceIdentifier"));
        assert!(kept.complete().is_empty());
    }
}

#[test]
fn without_supplementary_configuration_what_stands_there_is_not_observable() {
    let bucket = |more: &str| kept(item("AWS::S3::Bucket", r#"{"name": "b"}"#, more));
    let queried = bucket("");
    assert!(queried.hides("PublicAccessBlockConfiguration") && queried.complete().is_empty());
    let whole = bucket(r#", "supplementaryConfiguration": {}"#);
    assert!(!whole.hides("PublicAccessBlockConfiguration") && whole.hides("OwnershipControls"));
    assert_eq!(whole.complete(), ["AWS::S3::BucketPolicy in 111122223333 eu-west-1"]);
}

#[test]
fn items_that_are_not_evaluated() {
    let deleted = item("AWS::IAM::Policy", "null", "").replace("\"OK\"", "\"ResourceDeleted\"");
    assert_eq!(kept(deleted).deleted, ["AWS::IAM::ManagedPolicy"]);
    let gone = item("AWS::EC2::VPC", "null", "").replace("\"OK\"", "\"ResourceDeletedNotRecorded\"");
    assert_eq!(kept(gone).deleted, ["AWS::EC2::VPC"]);
    let unrecorded = item("AWS::EC2::VPC", "null", "").replace("\"OK\"", "\"ResourceNotRecorded\"");
    assert_eq!(kept(unrecorded).faults(), ["1:1 AWS Config does not record this AWS::EC2::VPC: the item is empty"]);
    let unknown = item("AWS::No::Type", "{}", "");
    assert_eq!(kept(unknown).faults(), ["1:1 resource type AWS::No::Type is not known to any schema"]);
}

#[test]
fn items_without_a_type_or_an_id() {
    let typeless = item("AWS::EC2::VPC", r#"{"vpcId": "v"}"#, "").replace("\"resourceType\": \"AWS::EC2::VPC\", ", "");
    assert_eq!(kept(&typeless).faults(), ["!1:1 the item names no `resourceType`"]);
    let inferred =
        typeless.replace("\"vpcId\": \"v\"", "\"repositoryName\": \"r\", \"arn\": \"arn:aws:ecr:r:1:repository/r\"");
    assert_eq!(
        kept(inferred).lines(),
        ["AWS::ECR::Repository r RepositoryName=\"r\" Arn=\"arn:aws:ecr:r:1:repository/r\""]
    );
    let nameless = item("AWS::EC2::VPC", "null", "").replace("\"resourceId\": \"the-id\", ", "");
    assert_eq!(kept(nameless).faults(), ["!1:1 the item has no `resourceId`, `arn` or identifier"]);
}

#[test]
fn places_missing_from_an_item_are_those_of_its_arn() {
    let text = r#"{"resourceType": "AWS::ECR::Repository", "resourceId": "r", "configuration": {"Arn": "arn:aws:ecr:eu-west-1:111122223333:repository/r"}}"#;
    let kept = kept(text);
    let record = &kept.records[0];
    assert_eq!(record.account.as_ref().unwrap().as_text(), Some("111122223333"));
    assert_eq!(record.region.as_ref().unwrap().as_text(), Some("eu-west-1"));
    assert_eq!(show(record.tags.as_ref().unwrap()), "?not observable: the item carries no tags");
}

#[test]
fn tags_stand_in_several_places() {
    let tags = |configuration: &str, more: &str| {
        let kept = kept(item("AWS::EC2::VPC", configuration, more));
        let tags = kept.records[0].tags.as_ref().map(show);
        (tags.unwrap_or_default(), kept.property("Tags"))
    };
    let (header, property) = tags(r#"{"tags": [{"key": "a", "value": "b"}]}"#, "");
    assert_eq!((header.as_str(), property.as_str()), ("[{key:\"a\",value:\"b\"}]", "[{Key:\"a\",Value:\"b\"}]"));
    let (header, property) = tags(
        r#"{"tags": []}"#,
        r#", "supplementaryConfiguration": {"Tags": "[{\"tagKey\": \"a\", \"tagValue\": \"b\"}]"}"#,
    );
    assert_eq!((header.as_str(), property.as_str()), ("[{tagKey:\"a\",tagValue:\"b\"}]", "[{Key:\"a\",Value:\"b\"}]"));
    let text = item("AWS::EC2::VPC", r#"{"tags": []}"#, "").replace("\"tags\": {}", "\"tags\": {\"a\": \"b\"}");
    let kept = kept(text);
    assert_eq!(show(kept.records[0].tags.as_ref().unwrap()), "{a:\"b\"}");
    assert_eq!(kept.property("Tags"), "[{Key:\"a\",Value:\"b\"}]");
}

#[test]
fn query_answers() {
    let text = |fields: &str| {
        let inner = item("AWS::RDS::DBInstance", DB, "").replace('\\', "\\\\").replace('"', "\\\"");
        format!(
            r#"{{"status_code": 200, "data": {{"Results": ["{inner}"], "QueryInfo": {{"SelectFields": [{fields}]}}}}}}"#
        )
    };
    let whole = kept(text(r#"{"Name": "resourceId"}, {"Name": "configuration"}"#));
    assert_eq!(whole.ids(), ["orders"]);
    assert_eq!(&*whole.records[0].pointer, "/data/Results/0");
    assert!(!whole.hides("MultiAZ"));
    assert_eq!(whole.property("ManageMasterUserPassword"), "false");
    let chosen = kept(text(r#"{"Name": "resourceId"}, {"Name": "configuration.publiclyAccessible"}"#));
    assert!(chosen.hides("MultiAZ"));
    assert_eq!(chosen.property("ManageMasterUserPassword"), "nothing");
    assert!(kept(text("")).hides("MultiAZ"));
    assert!(kept(text("").replace("QueryInfo", "Other")).hides("MultiAZ"));
    let empty = attempt(r#"{"Results": [], "QueryInfo": {"SelectFields": []}}"#, None).1.unwrap();
    assert_eq!((empty.formats, empty.records), (vec!["aws-config"], 0));
}

#[test]
fn rule_events() {
    let event = format!(
        r#"{{"configurationItemDiff": null, "configurationItem": {}, "messageType": "x"}}"#,
        item("AWS::RDS::DBInstance", DB, "")
    );
    let text = event.replace('\\', "\\\\").replace('"', "\\\"");
    for input in
        [event.clone(), format!(r#"{{"invokingEvent": "{text}", "ruleParameters": "{{}}"}}"#), format!("[{event}]")]
    {
        assert_eq!(kept(&input).ids(), ["orders"], "{input}");
    }
    let scheduled = r#"{"invokingEvent": "{\"messageType\": \"ScheduledNotification\", \"awsAccountId\": \"1\"}"}"#;
    assert_eq!(kept(scheduled).faults(), ["1:1 an event of AWS Config that carries no item"]);
    let oversized = r#"{"configurationItem": null, "configurationItemSummary": {"resourceType": "AWS::EC2::VPC", "resourceId": "v", "configurationItemStatus": "OK"}}"#;
    let oversized = kept(oversized);
    assert!(oversized.ids() == ["v"] && oversized.hides("CidrBlock"));
}

#[test]
fn empty_snapshots_are_of_aws_config() {
    let summary = attempt(r#"{"fileVersion": "1.0", "configurationItems": []}"#, None).1.unwrap();
    assert_eq!(summary.formats, ["aws-config"]);
}

#[test]
fn recorders_cover_what_they_record() {
    let recorder = |recording: bool| {
        let configuration = format!(
            r#"{{"Name": "default", "Recording": {recording}, "RecordingGroup": {{"ResourceTypes": ["AWS::EC2::VPC"]}}}}"#
        );
        kept(item("AWS::Config::ConfigurationRecorder", &configuration, "")).complete()
    };
    assert_eq!(recorder(true), ["AWS::EC2::VPC in 111122223333 eu-west-1"]);
    assert!(recorder(false).is_empty());
}
