//! What a policy is of: a finding about the access that a policy gives stands on the bucket, queue, topic or repository, not
//! on the policy that a case names.

use serde_json::Value;

use crate::case::Case;

/// Types of policies, in templates and in configurations, and the member that names what they are of.
const POLICIES: [(&str, &str); 7] = [
    ("AWS::S3::BucketPolicy", "Bucket"),
    ("AWS::SQS::QueuePolicy", "Queues"),
    ("AWS::SNS::TopicPolicy", "Topics"),
    ("aws_s3_bucket_policy", "bucket"),
    ("aws_sqs_queue_policy", "queue_url"),
    ("aws_sns_topic_policy", "arn"),
    ("aws_ecr_repository_policy", "repository"),
];

/// The names of what the policy of a case is of, as the document has them; none where the case is about something else.
pub(crate) fn of_policy(case: &Case) -> Vec<String> {
    let Some(name) = &case.resource else { return Vec::new() };
    let member = |ty: &str| POLICIES.iter().find(|(known, _)| *known == ty).map(|(_, member)| *member);
    let mut names = Vec::new();
    let template = case.input.get("Resources").and_then(|resources| resources.get(name));
    if let Some(resource) = template {
        let ty = resource.get("Type").and_then(Value::as_str).unwrap_or_default();
        let properties = resource.get("Properties");
        referred(member(ty).and_then(|member| properties?.get(member)), &mut names);
    }
    if let Some((ty, label)) = name.split_once('.') {
        let resource = case.input.pointer(&format!("/resource/{ty}/{label}"));
        let text = member(ty).and_then(|member| resource?.get(member)?.as_str());
        names.extend(text.and_then(address));
    }
    names
}

/// The logical ids in `{"Ref": id}` and `{"Fn::GetAtt": [id, attribute]}`, also in lists of them.
fn referred(value: Option<&Value>, names: &mut Vec<String>) {
    match value {
        Some(Value::Array(elements)) => elements.iter().for_each(|element| referred(Some(element), names)),
        Some(Value::Object(members)) => {
            let part = members.get("Ref").or_else(|| members.get("Fn::GetAtt")?.get(0));
            names.extend(part.and_then(Value::as_str).map(str::to_owned));
        }
        _ => {}
    }
}

/// `${aws_s3_bucket.logs.id}` is `aws_s3_bucket.logs`.
fn address(text: &str) -> Option<String> {
    let mut parts = text.strip_prefix("${")?.strip_suffix('}')?.split('.');
    let (ty, label) = (parts.next()?, parts.next()?);
    ty.starts_with("aws_").then(|| format!("{ty}.{label}"))
}
