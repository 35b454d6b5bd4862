//! What each fault does to a healthy record.
//!
//! An edit changes the few members that make the fault, in the form in which the service writes them; everything
//! else stays healthy, so that a finding about the resource can only be about the fault.

use serde_json::{Value, json};

use super::accounts::OUTSIDE_ACCOUNT;
use super::firewall::{entry, from_range};
use super::item::Item;
use super::policies::{bucket_policy, deny_plain_transport, document, percent_encoded};
use super::storage::tls_only;

const ANYWHERE: &str = "0.0.0.0/0";
const INGRESS: &str = "/configuration/ipPermissions";
const TRUST: &str = "/configuration/assumeRolePolicyDocument";

pub(crate) fn public_database(item: &mut Item) {
    item.set("/configuration/publiclyAccessible", json!(true));
}

pub(crate) fn unencrypted_database(item: &mut Item) {
    item.set("/configuration/storageEncrypted", json!(false));
    item.set("/configuration/kmsKeyId", Value::Null);
}

pub(crate) fn unencrypted_volume(item: &mut Item) {
    item.set("/configuration/encrypted", json!(false));
    item.set("/configuration/kmsKeyId", Value::Null);
}

pub(crate) fn open_ssh(item: &mut Item) {
    item.push(INGRESS, from_range("tcp", 22, 22, ANYWHERE, "until the migration is over"));
}

pub(crate) fn open_ssh_ipv6(item: &mut Item) {
    item.push(
        INGRESS,
        json!({
            "fromPort": 22,
            "ipProtocol": "tcp",
            "ipv6Ranges": [{"cidrIpv6": "::/0", "description": "remote hands"}],
            "prefixListIds": [],
            "toPort": 22,
            "userIdGroupPairs": [],
            "ipv4Ranges": [],
            "ipRanges": [],
        }),
    );
}

/// No single range is the world, but the two together are.
pub(crate) fn open_ssh_in_halves(item: &mut Item) {
    item.push(INGRESS, from_range("tcp", 22, 22, "0.0.0.0/1", "lower half"));
    item.push(INGRESS, from_range("tcp", 22, 22, "128.0.0.0/1", "upper half"));
}

pub(crate) fn open_rdp_range(item: &mut Item) {
    item.push(INGRESS, from_range("tcp", 3380, 3400, ANYWHERE, "desktops"));
}

pub(crate) fn open_database_ports(item: &mut Item) {
    item.push(INGRESS, from_range("tcp", 3306, 5433, ANYWHERE, "reporting tool"));
}

/// The API leaves the ports out when the protocol is all.
pub(crate) fn open_everything(item: &mut Item) {
    item.push(
        INGRESS,
        json!({
            "ipProtocol": "-1",
            "ipv6Ranges": [],
            "prefixListIds": [],
            "userIdGroupPairs": [],
            "ipv4Ranges": [{"cidrIp": ANYWHERE}],
            "ipRanges": [ANYWHERE],
        }),
    );
}

/// The rules that AWS gives a default group.
pub(crate) fn default_group_in_use(item: &mut Item) {
    let own = json!({"groupId": item.id, "userId": item.account_id});
    item.push(
        INGRESS,
        json!({
            "ipProtocol": "-1", "ipv6Ranges": [], "prefixListIds": [], "userIdGroupPairs": [own], "ipv4Ranges": [],
            "ipRanges": [],
        }),
    );
    item.push(
        "/configuration/ipPermissionsEgress",
        json!({
            "ipProtocol": "-1", "ipv6Ranges": [], "prefixListIds": [], "userIdGroupPairs": [],
            "ipv4Ranges": [{"cidrIp": ANYWHERE}], "ipRanges": [ANYWHERE],
        }),
    );
}

pub(crate) fn acl_admits_ssh(item: &mut Item) {
    item.push("/configuration/entries", entry(90, false, "6", ANYWHERE, Some((22, 22))));
}

/// The policy that an endpoint has when nobody writes one.
pub(crate) fn open_endpoint(item: &mut Item) {
    let statement = json!({"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"});
    let policy = json!({"Version": "2008-10-17", "Statement": [statement]});
    item.set("/configuration/policyDocument", json!(policy.to_string()));
}

pub(crate) fn public_instance(item: &mut Item) {
    let address = "198.51.100.24";
    item.insert("/configuration", "publicIpAddress", json!(address));
    let association = json!({"ipOwnerId": "amazon", "publicDnsName": "", "publicIp": address});
    item.insert("/configuration/networkInterfaces/0", "association", association);
}

pub(crate) fn metadata_without_token(item: &mut Item) {
    item.set("/configuration/metadataOptions/httpTokens", json!("optional"));
}

fn everything() -> Value {
    document(vec![json!({"Effect": "Allow", "Action": "*", "Resource": "*"})])
}

pub(crate) fn administrator_policy(item: &mut Item) {
    item.set("/configuration/policyVersionList/0/document", json!(percent_encoded(&everything())));
}

pub(crate) fn pass_any_role(item: &mut Item) {
    let statement = json!({
        "Sid": "Start", "Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*",
    });
    let text = percent_encoded(&document(vec![statement]));
    item.set("/configuration/policyVersionList/0/document", json!(text));
}

pub(crate) fn administrator_user(item: &mut Item) {
    let text = percent_encoded(&everything());
    item.push("/configuration/userPolicyList", json!({"policyName": "everything", "policyDocument": text}));
}

pub(crate) fn administrator_role(item: &mut Item) {
    let policy = json!({
        "policyName": "AdministratorAccess", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
    });
    item.push("/configuration/attachedManagedPolicies", policy);
}

pub(crate) fn trust_supplier(item: &mut Item) {
    let supplier = format!("arn:aws:iam::{OUTSIDE_ACCOUNT}:root");
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": supplier}, "Action": "sts:AssumeRole"});
    item.set(TRUST, json!(percent_encoded(&document(vec![statement]))));
}

pub(crate) fn trust_everybody(item: &mut Item) {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"});
    item.set(TRUST, json!(percent_encoded(&document(vec![statement]))));
}

pub(crate) fn trust_any_repository(item: &mut Item) {
    let provider = format!("arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com", item.account_id);
    let statement = json!({
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
            "StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"},
        },
    });
    item.set(TRUST, json!(percent_encoded(&document(vec![statement]))));
}

pub(crate) fn administrator_set(item: &mut Item) {
    item.describe(|properties| {
        properties.insert("SessionDuration".to_owned(), json!("PT12H"));
        properties.insert("ManagedPolicies".to_owned(), json!(["arn:aws:iam::aws:policy/AdministratorAccess"]));
        properties.shift_remove("PermissionsBoundary");
    });
}

/// The kind of principal is part of the identifier.
pub(crate) fn assigned_to_user(item: &mut Item) {
    item.id = item.id.replace("|GROUP|", "|USER|");
    let identifier = json!(item.id);
    item.set("/ResourceDescription/Identifier", identifier);
    item.describe(|properties| drop(properties.insert("PrincipalType".to_owned(), json!("USER"))));
}

pub(crate) fn open_key(item: &mut Item) {
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"});
    item.supplement("Policy", Some(document(vec![statement]).to_string()));
}

pub(crate) fn unrotated_key(item: &mut Item) {
    item.supplement("KeyRotationStatus", Some("false".to_owned()));
}

pub(crate) fn unrotated_secret(item: &mut Item) {
    item.set("/configuration/RotationEnabled", json!(false));
    for member in ["RotationLambdaARN", "RotationRules", "RotationOccurringAsScheduled", "LastRotatedDate"] {
        item.set(&format!("/configuration/{member}"), Value::Null);
    }
}

pub(crate) fn unblocked_bucket(item: &mut Item) {
    item.supplement("PublicAccessBlockConfiguration", None);
}

pub(crate) fn public_bucket(item: &mut Item) {
    unblocked_bucket(item);
    let statement = json!({
        "Sid": "Downloads", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{}/*", item.id),
    });
    let policy = document(vec![statement, tls_only(&item.id)]);
    item.supplement("BucketPolicy", Some(bucket_policy(&policy)));
}

pub(crate) fn plain_bucket(item: &mut Item) {
    item.supplement("BucketPolicy", Some(r#"{"policyText":null}"#.to_owned()));
}

pub(crate) fn public_function(item: &mut Item) {
    let statement = json!({
        "Sid": "invoke", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
        "Resource": item.resource(),
    });
    item.supplement("Policy", Some(document(vec![statement]).to_string()));
}

pub(crate) fn password_in_variables(item: &mut Item) {
    item.insert("/configuration/environment/variables", "DATABASE_PASSWORD", json!("not-a-real-password"));
}

pub(crate) fn public_queue(item: &mut Item) {
    open_policy(item, "sqs:SendMessage", "sqs:*");
}

pub(crate) fn public_topic(item: &mut Item) {
    open_policy(item, "sns:Publish", "sns:Publish");
}

fn open_policy(item: &mut Item, action: &str, denied: &str) {
    let resource = item.resource().to_owned();
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource});
    let policy = document(vec![statement, deny_plain_transport(denied, &[resource])]);
    item.set("/configuration/Policy", json!(policy.to_string()));
}

pub(crate) fn plain_listener(item: &mut Item) {
    item.set("/configuration/Protocol", json!("HTTP"));
    item.set("/configuration/Port", json!(80));
    item.set("/configuration/Certificates", json!([]));
    item.set("/configuration/SslPolicy", Value::Null);
}

pub(crate) fn old_tls_policy(item: &mut Item) {
    item.set("/configuration/SslPolicy", json!("ELBSecurityPolicy-TLS-1-0-2015-04"));
}

pub(crate) fn pool_without_mfa(item: &mut Item) {
    item.describe(|properties| {
        properties.insert("MfaConfiguration".to_owned(), json!("OFF"));
        properties.shift_remove("EnabledMfas");
    });
}

pub(crate) fn implicit_grant(item: &mut Item) {
    item.set("/configuration/AllowedOAuthFlows", json!(["implicit"]));
}

pub(crate) fn plain_callback(item: &mut Item) {
    item.set("/configuration/CallbackURLs/0", json!("http://shop.example.com/callback"));
}

pub(crate) fn guests(item: &mut Item) {
    item.set("/configuration/AllowUnauthenticatedIdentities", json!(true));
}

pub(crate) fn detector_off(item: &mut Item) {
    item.set("/configuration/Enable", json!(false));
}
