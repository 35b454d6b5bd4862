//! Every operation of the mappings, on the type that has it.

use super::{Kept, kept};

/// An item of a type with this configuration and supplementary configuration.
fn mapped(resource_type: &str, configuration: &str, supplementary: &str) -> Kept {
    kept(format!(
        r#"{{"accountId": "1", "awsRegion": "r", "resourceType": "{resource_type}", "resourceId": "the-id", "arn": "arn:aws:apigateway:r::/restapis/abc/stages/prod", "tags": {{"t": "u"}}, "relationships": [{{"resourceType": "AWS::EC2::VPC", "resourceId": "vpc-1"}}, {{"resourceType": "AWS::EC2::NetworkAcl", "resourceId": "acl-1"}}], "configuration": {configuration}, "supplementaryConfiguration": {supplementary}}}"#
    ))
}

fn property(resource_type: &str, configuration: &str, name: &str) -> String {
    mapped(resource_type, configuration, "{}").property(name)
}

#[test]
fn paths() {
    assert_eq!(
        property("AWS::EC2::NatGateway", r#"{"natGatewayAddresses": [{"allocationId": "a"}]}"#, "AllocationId"),
        "\"a\""
    );
    assert_eq!(
        property("AWS::EC2::Instance", r#"{"securityGroups": [{"groupId": "x", "groupName": "y"}]}"#, "SecurityGroups"),
        "[\"y\"]"
    );
    assert_eq!(
        property("AWS::CodeBuild::Project", r#"{"source": [{"type": "A"}, {"type": "B"}]}"#, "SecondarySources"),
        "[{Type:\"B\"}]"
    );
    assert_eq!(
        property("AWS::CodeBuild::Project", r#"{"source": [{"type": "A"}, {"type": "B"}]}"#, "Source"),
        "{Type:\"A\"}"
    );
    let addresses = r#"{"privateIpAddresses": [{"primary": true, "privateIpAddress": "1"}, {"primary": false, "privateIpAddress": "2"}]}"#;
    assert_eq!(property("AWS::EC2::NetworkInterface", addresses, "SecondaryPrivateIpAddresses"), "[\"2\"]");
}

#[test]
fn other_places() {
    assert_eq!(property("AWS::EC2::Subnet", "{}", "NetworkAclAssociationId"), "\"acl-1\"");
    assert_eq!(property("AWS::SQS::Queue", "{}", "QueueUrl"), "\"the-id\"");
    let trail = mapped("AWS::CloudTrail::Trail", "{}", r#"{"TrailStatus": "{\"isLogging\": true}"}"#);
    assert_eq!(trail.property("IsLogging"), "true");
}

#[test]
fn each_and_alt() {
    let tags = r#"{"tags": [{"key": "a", "value": "b", "other": 1}]}"#;
    assert_eq!(property("AWS::EC2::VPC", tags, "Tags"), "[{Key:\"a\",Value:\"b\"}]");
    assert_eq!(property("AWS::EC2::VPC", r#"{"tags": []}"#, "Tags"), "[{Key:\"t\",Value:\"u\"}]");
    assert_eq!(
        property("AWS::EC2::Instance", r#"{"state": {"code": 16, "name": "running"}}"#, "State"),
        "{Code:16,Name:\"running\"}"
    );
}

#[test]
fn maps_as_lists() {
    let stage =
        r#"{"methodSettings": {"~1a~1b/GET": {"loggingLevel": "INFO", "other": 1}, "*/*": {"cachingEnabled": true}}}"#;
    assert_eq!(
        property("AWS::ApiGateway::Stage", stage, "MethodSettings"),
        "[{ResourcePath:\"~1a~1b\",HttpMethod:\"GET\",LoggingLevel:\"INFO\"},{ResourcePath:\"*\",HttpMethod:\"*\",CachingEnabled:true}]"
    );
    let bucket = mapped(
        "AWS::S3::Bucket",
        r#"{"name": "b"}"#,
        r#"{"BucketReplicationConfiguration": "{\"roleARN\": \"r\", \"rules\": {\"one\": {\"status\": \"Enabled\"}}}", "BucketTaggingConfiguration": {"tagSets": [{"tags": {"k": "v"}}]}}"#,
    );
    assert_eq!(bucket.property("ReplicationConfiguration"), "{Role:\"r\",Rules:[{Id:\"one\",Status:\"Enabled\"}]}");
    assert_eq!(bucket.property("Tags"), "[{Key:\"k\",Value:\"v\"}]");
}

#[test]
fn decoding() {
    let key = mapped("AWS::KMS::Key", "{}", r#"{"KeyRotationStatus": "true", "Policy": "{\"Statement\": []}"}"#);
    assert_eq!(
        (key.property("EnableKeyRotation"), key.property("KeyPolicy")),
        ("true".to_owned(), "{Statement:[]}".to_owned())
    );
    let quoted = mapped("AWS::KMS::Key", "{}", r#"{"KeyRotationStatus": "\"false\""}"#);
    assert_eq!(quoted.property("EnableKeyRotation"), "false");
    let role = r#"{"rolePolicyList": [{"policyName": "p", "policyDocument": "%7B%22Statement%22%3A%5B%5D%7D"}]}"#;
    assert_eq!(property("AWS::IAM::Role", role, "Policies"), "[{PolicyName:\"p\",PolicyDocument:{Statement:[]}}]");
    let unreadable = r#"{"policy": "no json"}"#;
    assert_eq!(property("AWS::ApiGateway::RestApi", unreadable, "Policy"), "\"no json\"");
}

#[test]
fn flattening() {
    let group = r#"{"ipPermissions": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "ipv4Ranges": [{"cidrIp": "0.0.0.0/0"}], "ipRanges": ["0.0.0.0/0"], "ipv6Ranges": [{"cidrIpv6": "::/0", "description": "d"}], "userIdGroupPairs": [{"groupId": "sg", "userId": "1", "groupName": null}]}], "ipPermissionsEgress": []}"#;
    assert_eq!(
        property("AWS::EC2::SecurityGroup", group, "SecurityGroupIngress"),
        "[{IpProtocol:\"tcp\",FromPort:22,ToPort:22,CidrIp:\"0.0.0.0/0\"},\
         {IpProtocol:\"tcp\",FromPort:22,ToPort:22,CidrIpv6:\"::/0\",Description:\"d\"},\
         {IpProtocol:\"tcp\",FromPort:22,ToPort:22,SourceSecurityGroupId:\"sg\",SourceSecurityGroupOwnerId:\"1\"}]"
    );
    assert_eq!(property("AWS::EC2::SecurityGroup", group, "SecurityGroupEgress"), "[]");
    let old = r#"{"ipPermissions": [{"ipProtocol": "-1", "fromPort": null, "ipRanges": ["10.0.0.0/8"]}]}"#;
    assert_eq!(
        property("AWS::EC2::SecurityGroup", old, "SecurityGroupIngress"),
        "[{IpProtocol:\"-1\",CidrIp:\"10.0.0.0/8\"}]"
    );
}

#[test]
fn booleans_and_defaults() {
    assert_eq!(
        property("AWS::EC2::Instance", r#"{"monitoring": {"state": {"value": "enabled"}}}"#, "Monitoring"),
        "true"
    );
    assert_eq!(property("AWS::EC2::Instance", r#"{"monitoring": {"state": "disabled"}}"#, "Monitoring"), "false");
    assert_eq!(property("AWS::EC2::Instance", "{}", "Monitoring"), "nothing");
    assert_eq!(
        property("AWS::RDS::DBInstance", r#"{"masterUserSecret": {"secretArn": "s"}}"#, "ManageMasterUserPassword"),
        "true"
    );
    assert_eq!(property("AWS::RDS::DBInstance", r#"{"masterUserSecret": null}"#, "ManageMasterUserPassword"), "false");
    assert_eq!(property("AWS::DynamoDB::Table", "{}", "BillingMode"), "\"PROVISIONED\"");
    assert_eq!(
        property("AWS::DynamoDB::Table", r#"{"ssedescription": {"status": "ENABLED"}}"#, "SSESpecification"),
        "{SSEEnabled:true}"
    );
    assert_eq!(property("AWS::DynamoDB::Table", "{}", "SSESpecification"), "nothing");
}

#[test]
fn texts() {
    assert_eq!(property("AWS::SNS::Topic", r#"{"TopicArn": "arn:aws:sns:r:1:name"}"#, "TopicName"), "\"name\"");
    let endpoint = r#"{"dnsEntries": [{"hostedZoneId": "Z", "dnsName": "n"}, {"dnsName": "alone"}]}"#;
    assert_eq!(property("AWS::EC2::VPCEndpoint", endpoint, "DnsEntries"), "[\"Z:n\"]");
    assert_eq!(
        property("AWS::AutoScaling::AutoScalingGroup", r#"{"vpczoneIdentifier": "a,b"}"#, "VPCZoneIdentifier"),
        "[\"a\",\"b\"]"
    );
    assert_eq!(property("AWS::Redshift::Cluster", r#"{"numberOfNodes": 1}"#, "ClusterType"), "\"single-node\"");
    assert_eq!(property("AWS::Redshift::Cluster", r#"{"numberOfNodes": 3}"#, "ClusterType"), "\"multi-node\"");
    let bucket = mapped("AWS::S3::Bucket", "{}", r#"{"BucketVersioningConfiguration": "{\"status\": \"Off\"}"}"#);
    assert_eq!(bucket.property("VersioningConfiguration"), "nothing");
}

#[test]
fn nested_targets() {
    let distribution = r#"{"distributionConfig": {"enabled": true, "origins": {"items": [{"id": "o"}], "quantity": 1}, "aliases": {"items": ["a"], "quantity": 1}, "isIPV6Enabled": true, "defaultCacheBehavior": {"allowedMethods": {"items": ["GET"], "quantity": 1, "cachedMethods": {"items": ["HEAD"], "quantity": 1}}}}}"#;
    let shown = property("AWS::CloudFront::Distribution", distribution, "DistributionConfig");
    for part in [
        "Enabled:true",
        "Origins:[{Id:\"o\"}]",
        "Aliases:[\"a\"]",
        "IPV6Enabled:true",
        "AllowedMethods:[\"GET\"]",
        "CachedMethods:[\"HEAD\"]",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let firewall = r#"{"firewall": {"firewallName": "f", "vpcId": "v"}, "other": 1}"#;
    assert_eq!(property("AWS::NetworkFirewall::Firewall", firewall, "FirewallName"), "\"f\"");
}

#[test]
fn what_only_aws_config_has() {
    assert_eq!(property("AWS::KMS::Key", r#"{"keyState": "Enabled"}"#, "KeyState"), "\"Enabled\"");
    let role = r#"{"roleLastUsed": {"lastUsedDate": "2026-01-01T00:00:00Z", "region": "r"}}"#;
    assert_eq!(property("AWS::IAM::Role", role, "RoleLastUsed"), "{LastUsedDate:\"2026-01-01T00:00:00Z\"}");
    assert_eq!(
        property("AWS::EC2::NetworkInterface", r#"{"association": {"publicIp": "1.2.3.4"}}"#, "Association"),
        "{PublicIp:\"1.2.3.4\"}"
    );
    let attributes = r#"[{\"attributeName\": \"restore\", \"attributeValues\": [\"all\"]}]"#;
    let snapshot = mapped("AWS::RDS::DBSnapshot", "{}", &format!(r#"{{"DBSnapshotAttributes": "{attributes}"}}"#));
    assert_eq!(snapshot.property("SharedWith"), "[\"all\"]");
    let snapshot =
        mapped("AWS::RDS::DBClusterSnapshot", "{}", &format!(r#"{{"DBClusterSnapshotAttributes": "{attributes}"}}"#));
    assert_eq!(snapshot.property("SharedWith"), "[\"all\"]");
}

#[test]
fn emptiness_is_absence() {
    let bucket = mapped(
        "AWS::S3::Bucket",
        "{}",
        r#"{"BucketLoggingConfiguration": "{\"destinationBucketName\": null}", "BucketNotificationConfiguration": "{\"configurations\": {}}"}"#,
    );
    assert_eq!(bucket.property("LoggingConfiguration"), "nothing");
    assert_eq!(bucket.property("NotificationConfiguration"), "nothing");
    let events = r#"{"BucketNotificationConfiguration": "{\"configurations\": {\"x\": {\"type\": \"QueueConfiguration\", \"queueARN\": \"q\", \"events\": [\"a\", \"b\"]}}}"}"#;
    assert_eq!(
        mapped("AWS::S3::Bucket", "{}", events).property("NotificationConfiguration"),
        "{QueueConfigurations:[{Queue:\"q\",Event:\"a\"},{Queue:\"q\",Event:\"b\"}]}"
    );
    assert_eq!(property("AWS::ECR::Repository", r#"{"RepositoryPolicyText": {}}"#, "RepositoryPolicyText"), "nothing");
}

#[test]
fn permissions_are_split_off_functions() {
    let policy = r#"{\"Statement\": [{\"Sid\": \"s\", \"Effect\": \"Allow\", \"Action\": \"lambda:InvokeFunction\", \"Resource\": \"f\", \"Principal\": \"*\"}, {\"Action\": \"a\", \"Resource\": \"f\", \"Principal\": {\"Service\": \"x.amazonaws.com\"}, \"Condition\": {\"ArnLike\": {\"AWS:SourceArn\": \"arn:s\"}, \"StringEquals\": {\"aws:SourceAccount\": \"1\"}}}, {\"Action\": \"a\", \"Resource\": \"f\", \"Principal\": {\"AWS\": \"arn:p\"}}]}"#;
    let function = mapped("AWS::Lambda::Function", r#"{"functionName": "f"}"#, &format!(r#"{{"Policy": "{policy}"}}"#));
    let lines = function.lines();
    assert!(lines[1].starts_with("AWS::Lambda::Permission f|s ") && lines[1].contains("Principal=\"*\""), "{lines:?}");
    assert!(
        lines[2].starts_with("AWS::Lambda::Permission f#1 ") && lines[2].contains("Principal=\"x.amazonaws.com\""),
        "{lines:?}"
    );
    assert!(lines[2].contains("SourceArn=\"arn:s\"") && lines[2].contains("SourceAccount=\"1\""), "{lines:?}");
    assert!(lines[3].contains("Principal=\"arn:p\""), "{lines:?}");
    let parts: Vec<u32> = function.records.iter().map(|record| record.origin.part).collect();
    assert_eq!(parts, [0, 1, 2, 3]);
    let permission = &function.records[1];
    assert!(permission.form.live && permission.account.as_ref().unwrap().as_text() == Some("1"));
    assert_eq!(function.complete(), ["AWS::Lambda::Permission in 1 r"]);
    let bare = mapped("AWS::Lambda::Function", r#"{"functionName": "f"}"#, "{}");
    assert_eq!((bare.records.len(), bare.complete().len()), (1, 1));
}

#[test]
fn other_satellites() {
    let table = r#"{"routeTableId": "t", "routes": [{"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw"}, {"destinationPrefixListId": "pl", "gatewayId": "vpce-1"}], "associations": [{"main": true, "routeTableAssociationId": "m", "routeTableId": "t"}, {"subnetId": "s", "routeTableId": "t", "routeTableAssociationId": "a"}, {"gatewayId": "igw", "routeTableId": "t"}]}"#;
    let table = mapped("AWS::EC2::RouteTable", table, "{}");
    assert_eq!(
        table.lines()[1..],
        [
            "AWS::EC2::Route t|0.0.0.0/0 CidrBlock=\"0.0.0.0/0\" DestinationCidrBlock=\"0.0.0.0/0\" GatewayId=\"igw\" RouteTableId=\"t\"",
            "AWS::EC2::Route t#1 DestinationPrefixListId=\"pl\" GatewayId=\"vpce-1\" VpcEndpointId=\"vpce-1\" RouteTableId=\"t\"",
            "AWS::EC2::SubnetRouteTableAssociation a SubnetId=\"s\" RouteTableId=\"t\" Id=\"a\"",
            "AWS::EC2::GatewayRouteTableAssociation igw GatewayId=\"igw\" RouteTableId=\"t\"",
        ]
    );
    let secret = |rotates: &str| {
        mapped(
            "AWS::SecretsManager::Secret",
            &format!(
                r#"{{"ARN": "arn:s", "RotationEnabled": {rotates}, "RotationRules": {{"AutomaticallyAfterDays": 30}}}}"#
            ),
            "{}",
        )
    };
    assert_eq!(
        secret("true").lines()[1],
        "AWS::SecretsManager::RotationSchedule arn:s#0 SecretId=\"arn:s\" RotationRules={AutomaticallyAfterDays:30}"
    );
    assert_eq!((secret("false").records.len(), secret("false").complete().len()), (1, 1));
    let bucket = mapped(
        "AWS::S3::Bucket",
        r#"{"name": "b"}"#,
        r#"{"BucketPolicy": "{\"policyText\": \"{\\\"Statement\\\": []}\"}"}"#,
    );
    assert_eq!(bucket.lines()[1], "AWS::S3::BucketPolicy b Bucket=\"b\" PolicyDocument={Statement:[]}");
    let none = mapped("AWS::S3::Bucket", r#"{"name": "b"}"#, r#"{"BucketPolicy": "{\"policyText\": null}"}"#);
    assert_eq!(none.records.len(), 1);
}

#[test]
fn every_entry_of_the_mapping_reads() {
    let mapping = crate::aws_config::Mapping::get();
    let unread = mapping.unread_sources();
    assert!(unread.is_empty(), "{unread:?}");
    assert!(mapping.recorded().count() > 390);
}
