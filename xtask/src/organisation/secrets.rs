//! KMS keys and Secrets Manager secrets.
//!
//! Keys rotate and belong to their own account. Secrets are encrypted with a customer key and rotate: those of
//! suppliers through the place's function, those of databases through RDS itself.

use serde_json::json;

use super::accounts::{Account, Service};
use super::compute::ROTATION;
use super::item::{CREATED, Draft, Item, LAST_USED};
use super::names::{KeyUse, Place};
use super::policies::document;

/// Keys and secrets of a place.
pub(crate) fn keys_and_secrets(place: &Place<'_>, services: &[Service]) -> Vec<Item> {
    let mut items: Vec<Item> =
        [KeyUse::Data, KeyUse::Secrets, KeyUse::Messages].map(|key| customer_key(place, key)).into();
    for service in services {
        items.push(supplier_secret(place, service));
        items.push(database_secret(place, service));
    }
    items
}

/// The key policy that leaves everything to the account's own policies.
fn key_policy(account: &Account) -> String {
    document(vec![json!({
        "Sid": "OwnAccount", "Effect": "Allow", "Principal": {"AWS": account.arn("iam", "root")},
        "Action": "kms:*", "Resource": "*",
    })])
    .to_string()
}

fn customer_key(place: &Place<'_>, key: KeyUse) -> Item {
    let id = place.key_id(key);
    Draft::new(place, "AWS::KMS::Key", &id)
        .arn(place.key(key))
        .name(&id)
        .tagged()
        .supplement("Policy", key_policy(place.account))
        .supplement("KeyRotationStatus", "true")
        .supplement(
            "Tags",
            json!([
                {"tagKey": "env", "tagValue": place.account.environment},
                {"tagKey": "owner", "tagValue": place.account.owner()},
            ])
            .to_string(),
        )
        .build(json!({
            "awsaccountId": place.account.id,
            "keyId": id,
            "arn": place.key(key),
            "creationDate": CREATED,
            "enabled": true,
            "description": key.name(),
            "keyUsage": "ENCRYPT_DECRYPT",
            "keyState": "Enabled",
            "origin": "AWS_KMS",
            "keyManager": "CUSTOMER",
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "keySpec": "SYMMETRIC_DEFAULT",
            "encryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "signingAlgorithms": [],
            "multiRegion": false,
        }))
}

fn supplier_secret(place: &Place<'_>, service: &Service) -> Item {
    let arn = place.service_secret(service);
    let name = format!("{}/supplier-keys", service.name);
    Draft::new(place, "AWS::SecretsManager::Secret", &arn).arn(&arn).name(&name).tagged().build(json!({
        "ARN": arn,
        "Name": name,
        "KMSKeyId": place.key(KeyUse::Secrets),
        "RotationEnabled": true,
        "RotationLambdaARN": place.function(ROTATION),
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "RotationOccurringAsScheduled": true,
        "LastRotatedDate": LAST_USED,
        "LastAccessedDate": LAST_USED,
        "Deleted": false,
    }))
}

fn database_secret(place: &Place<'_>, service: &Service) -> Item {
    let arn = place.database_secret(service);
    let name = place.database_secret_name(service);
    Draft::new(place, "AWS::SecretsManager::Secret", &arn).arn(&arn).name(&name).tagged().build(json!({
        "ARN": arn,
        "Name": name,
        "Description": format!("password of {}", place.database(service)),
        "KMSKeyId": place.key(KeyUse::Secrets),
        "RotationEnabled": true,
        "RotationLambdaARN": null,
        "RotationRules": {"AutomaticallyAfterDays": 7},
        "RotationOccurringAsScheduled": true,
        "LastRotatedDate": LAST_USED,
        "LastAccessedDate": LAST_USED,
        "Deleted": false,
    }))
}
