//! Policy documents, and the ways in which services write them down.
//!
//! Documents are ordinary JSON values. IAM percent-encodes them, most services keep them as JSON text, and S3 wraps
//! that text once more. The functions below build the few forms that a well-run organisation repeats.

use serde_json::{Value, json};

use super::accounts::ORGANISATION;

/// A document with these statements.
pub(crate) fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A statement that allows actions on resources.
pub(crate) fn allow(sid: &str, actions: &[&str], resources: &[String]) -> Value {
    json!({"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources})
}

/// A resource policy's refusal of requests without TLS.
pub(crate) fn deny_plain_transport(action: &str, resources: &[String]) -> Value {
    json!({
        "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

/// Trust in an AWS service that acts for this account only.
pub(crate) fn trust_service(service: &str, account: &str) -> Value {
    document(vec![json!({
        "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    })])
}

/// Trust as AWS writes it for the roles that it makes for its own services.
pub(crate) fn trust_linked_service(service: &str) -> Value {
    document(vec![json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})])
}

/// Trust in one role of another account of the organisation.
pub(crate) fn trust_role(role: &str, external_id: &str) -> Value {
    document(vec![json!({
        "Effect": "Allow", "Principal": {"AWS": role}, "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORGANISATION, "sts:ExternalId": external_id}},
    })])
}

/// Trust in the tokens of a web identity provider under conditions.
pub(crate) fn trust_web_identity(provider: &str, conditions: Value) -> Value {
    document(vec![json!({
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    })])
}

/// Text as IAM writes a document: JSON with everything but unreserved characters percent-encoded.
pub(crate) fn percent_encoded(document: &Value) -> String {
    let mut text = String::new();
    for byte in document.to_string().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// The `BucketPolicy` member of a bucket's item: JSON text around the document's text.
pub(crate) fn bucket_policy(document: &Value) -> String {
    json!({"policyText": document.to_string()}).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::percent_encoded;

    #[test]
    fn iam_text_is_percent_encoded() {
        assert_eq!(percent_encoded(&json!({"Action": "s3:*"})), "%7B%22Action%22%3A%22s3%3A%2A%22%7D");
    }
}
