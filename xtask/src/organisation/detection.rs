//! What watches: recorders, detectors, analyzers, hubs and trails.
//!
//! Every account has them in every region, and at home one trail for all regions that writes to the log archive.

use serde_json::json;

use super::item::{Draft, Item, Shelf, description};
use super::names::{KeyUse, Place, archive_bucket};

/// The watchers of a place.
pub(crate) fn watchers(place: &Place<'_>) -> Vec<Item> {
    let mut items = vec![recorder(place), detector(place), analyzer(place), hub(place)];
    if place.region.number == 0 {
        items.push(trail(place));
        items.push(trail_log(place));
    }
    items
}

fn recorder(place: &Place<'_>) -> Item {
    let role = "role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
    let arn = place.arn("config", &format!("configuration-recorder/default/{}", place.short_id(1)));
    Draft::new(place, "AWS::Config::ConfigurationRecorder", "default").arn(arn).name("default").build(json!({
        "Id": "default",
        "Name": "default",
        "RoleARN": place.account.arn("iam", role),
        "RecordingGroup": {
            "AllSupported": true,
            "IncludeGlobalResourceTypes": place.region.number == 0,
            "ResourceTypes": [],
            "RecordingStrategy": {"UseOnly": "ALL_SUPPORTED_RESOURCE_TYPES"},
        },
        "RecordingMode": {"RecordingFrequency": "CONTINUOUS", "RecordingModeOverrides": []},
        "Recording": true,
    }))
}

fn detector(place: &Place<'_>) -> Item {
    let id = place.uuid(0xde, 1).replace('-', "");
    let feature = |name: &str| json!({"Name": name, "Status": "ENABLED"});
    let features = ["S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"].map(feature);
    Draft::new(place, "AWS::GuardDuty::Detector", &id).arn(place.arn("guardduty", &format!("detector/{id}"))).build(
        json!({
            "Id": id,
            "Enable": true,
            "FindingPublishingFrequency": "FIFTEEN_MINUTES",
            "Features": features,
            "Tags": [],
        }),
    )
}

fn analyzer(place: &Place<'_>) -> Item {
    let arn = place.arn("access-analyzer", "analyzer/account");
    Draft::new(place, "AWS::AccessAnalyzer::Analyzer", &arn).arn(&arn).name("account").build(json!({
        "Arn": arn,
        "AnalyzerName": "account",
        "Type": "ACCOUNT",
        "ArchiveRules": [],
        "Tags": [],
    }))
}

fn hub(place: &Place<'_>) -> Item {
    let arn = place.arn("securityhub", "hub/default");
    let properties = json!({"ARN": arn, "AutoEnableControls": true, "ControlFindingGenerator": "SECURITY_CONTROL"});
    description(Shelf::Workloads, place, "AWS::SecurityHub::Hub", &arn, properties)
}

fn trail(place: &Place<'_>) -> Item {
    let name = "audit";
    let arn = place.arn("cloudtrail", &format!("trail/{name}"));
    let events = json!([{"readWriteType": "All", "includeManagementEvents": true, "dataResources": []}]);
    Draft::new(place, "AWS::CloudTrail::Trail", name)
        .arn(&arn)
        .name(name)
        .zone("Regional")
        .tagged()
        .supplement("EventSelectors", events.to_string())
        .supplement("TrailStatus", r#"{"isLogging":true}"#)
        .build(json!({
            "name": name,
            "s3BucketName": archive_bucket("trail", place.region),
            "includeGlobalServiceEvents": true,
            "isMultiRegionTrail": true,
            "homeRegion": place.region.name,
            "trailARN": arn,
            "logFileValidationEnabled": true,
            "cloudWatchLogsLogGroupArn": place.arn("logs", "log-group:audit-trail:*"),
            "cloudWatchLogsRoleArn": place.account.arn("iam", "role/trail-writer"),
            "kmsKeyId": place.key(KeyUse::Data),
            "hasCustomEventSelectors": false,
            "hasInsightSelectors": false,
            "isOrganizationTrail": false,
        }))
}

fn trail_log(place: &Place<'_>) -> Item {
    let properties = json!({
        "Arn": place.arn("logs", "log-group:audit-trail:*"),
        "LogGroupName": "audit-trail",
        "KmsKeyId": place.key(KeyUse::Data),
        "RetentionInDays": 400,
    });
    description(Shelf::Workloads, place, "AWS::Logs::LogGroup", "audit-trail", properties)
}
