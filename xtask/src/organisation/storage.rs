//! Buckets, and the accounts' own blocks of public access.
//!
//! Every bucket blocks public access in all four ways, is versioned and encrypted, refuses requests without TLS, and
//! logs to the log bucket of its account and region. The log archive has one bucket a region and kind of log.

use serde_json::{Value, json};

use super::accounts::{Account, AccountRole, ORGANISATION, REGIONS, Service};
use super::item::{CREATED, Draft, Item};
use super::names::{BUCKET_PREFIX, KeyUse, Place, archive_bucket};
use super::policies::{bucket_policy, deny_plain_transport, document};

/// The buckets of a place.
pub(crate) fn buckets(place: &Place<'_>, services: &[Service]) -> Vec<Item> {
    let mut items = vec![log_bucket(place)];
    items.extend(services.iter().map(|service| data_bucket(place, &place.data_bucket(service))));
    let home = place.region.number == 0;
    if home && place.account.is_workload() {
        items.push(data_bucket(place, &format!("{BUCKET_PREFIX}-{}-uploads", place.account.name)));
    }
    if place.account.role == AccountRole::LogArchive {
        items.push(archive(place, "flow", "delivery.logs.amazonaws.com"));
        items.push(archive(place, "waf", "delivery.logs.amazonaws.com"));
        if home {
            items.push(archive(place, "trail", "cloudtrail.amazonaws.com"));
        }
    }
    items
}

/// The account's block of public access, which has no region but is recorded in one.
pub(crate) fn account_block(account: &Account) -> Option<Item> {
    let place = Place { account, region: REGIONS.first()? };
    Some(Draft::new(&place, "AWS::S3::AccountPublicAccessBlock", &account.id).build(full_block()))
}

fn full_block() -> Value {
    json!({
        "blockPublicAcls": true, "ignorePublicAcls": true, "blockPublicPolicy": true, "restrictPublicBuckets": true,
    })
}

fn data_bucket(place: &Place<'_>, name: &str) -> Item {
    let encryption = json!({
        "applyServerSideEncryptionByDefault": {
            "sseAlgorithm": "aws:kms", "kmsMasterKeyID": place.key(KeyUse::Data),
        },
        "bucketKeyEnabled": true,
    });
    bucket(place, name, vec![], encryption, &place.log_bucket())
}

fn log_bucket(place: &Place<'_>) -> Item {
    let name = place.log_bucket();
    let balancers = place.arn("elasticloadbalancing", "loadbalancer/*");
    let deliver = |sid: &str, service: &str, condition: Value| {
        json!({
            "Sid": sid, "Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject",
            "Resource": format!("arn:aws:s3:::{name}/*"), "Condition": condition,
        })
    };
    let own = json!({"StringEquals": {"aws:SourceAccount": place.account.id}});
    let statements = vec![
        deliver(
            "Balancers",
            "logdelivery.elasticloadbalancing.amazonaws.com",
            json!({
                "StringEquals": {"aws:SourceAccount": place.account.id}, "ArnLike": {"aws:SourceArn": balancers},
            }),
        ),
        deliver("Buckets", "logging.s3.amazonaws.com", own),
    ];
    bucket(place, &name, statements, managed_encryption(), &name)
}

fn archive(place: &Place<'_>, kind: &str, service: &str) -> Item {
    let name = archive_bucket(kind, place.region);
    let statement = json!({
        "Sid": "Delivery", "Effect": "Allow", "Principal": {"Service": service}, "Action": "s3:PutObject",
        "Resource": format!("arn:aws:s3:::{name}/*"),
        "Condition": {"StringEquals": {"aws:SourceOrgID": ORGANISATION}},
    });
    bucket(place, &name, vec![statement], managed_encryption(), &place.log_bucket())
}

/// Encryption with a key of S3, which is what log delivery can write to.
fn managed_encryption() -> Value {
    json!({"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256", "kmsMasterKeyID": null}, "bucketKeyEnabled": false})
}

/// What every bucket policy says beside what is particular to the bucket.
pub(crate) fn tls_only(name: &str) -> Value {
    let arn = format!("arn:aws:s3:::{name}");
    deny_plain_transport("s3:*", &[arn.clone(), format!("{arn}/*")])
}

fn bucket(place: &Place<'_>, name: &str, mut statements: Vec<Value>, encryption: Value, logs: &str) -> Item {
    let arn = format!("arn:aws:s3:::{name}");
    statements.push(tls_only(name));
    let owner = json!({"displayName": null, "id": format!("{:0>64}", place.account.id)});
    let list = json!({
        "grantSet": null,
        "grantList": [{"grantee": owner, "permission": "FullControl"}],
        "owner": owner,
        "isRequesterCharged": false,
    });
    let logging = json!({"destinationBucketName": logs, "logFilePrefix": format!("s3/{name}/")});
    let tags = json!({"tagSets": [{"tags": {"env": place.account.environment, "owner": place.account.owner()}}]});
    Draft::new(place, "AWS::S3::Bucket", name)
        .arn(&arn)
        .name(name)
        .zone("Regional")
        .tagged()
        .supplement("AccessControlList", Value::String(list.to_string()).to_string())
        .supplement("BucketLoggingConfiguration", logging.to_string())
        .supplement("BucketPolicy", bucket_policy(&document(statements)))
        .supplement("BucketTaggingConfiguration", tags.to_string())
        .supplement("BucketVersioningConfiguration", r#"{"status":"Enabled","isMfaDeleteEnabled":null}"#)
        .supplement("IsRequesterPaysEnabled", "false")
        .supplement("PublicAccessBlockConfiguration", full_block().to_string())
        .supplement("ServerSideEncryptionConfiguration", json!({"rules": [encryption]}).to_string())
        .build(json!({"name": name, "owner": owner, "creationDate": CREATED}))
}
