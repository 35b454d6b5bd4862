//! What a resource is a part of, and what is a part of it: a finding about the access that a policy gives stands on the
//! bucket, queue, topic or repository, one about a rule of a network ACL on the ACL, and not on the policy or rule that a
//! case names; one about the default security group of a network does not stand on the network.

use serde_json::Value;

use crate::case::Case;

/// Types of parts, in templates and in configurations, and the member that names what they are of.
const PARTS: [(&str, &str); 9] = [
    ("AWS::S3::BucketPolicy", "Bucket"),
    ("AWS::SQS::QueuePolicy", "Queues"),
    ("AWS::SNS::TopicPolicy", "Topics"),
    ("aws_s3_bucket_policy", "bucket"),
    ("aws_sqs_queue_policy", "queue_url"),
    ("aws_sns_topic_policy", "arn"),
    ("aws_ecr_repository_policy", "repository"),
    ("aws_network_acl_rule", "network_acl_id"),
    ("aws_vpc_security_group_ingress_rule", "security_group_id"),
];

/// Types of configurations whose findings stand on a part: the type of the part, and its member that names them.
const WHOLES: [(&str, &str, &str); 1] = [("aws_vpc", "aws_default_security_group", "vpc_id")];

/// The names of what the resource of a case is of, and of what is of it, as the document has them.
pub(crate) fn of(case: &Case) -> Vec<String> {
    let Some(name) = &case.resource else { return Vec::new() };
    let mut names = wholes(case, name);
    names.extend(parts(case, name));
    names
}

fn wholes(case: &Case, name: &str) -> Vec<String> {
    let member = |ty: &str| PARTS.iter().find(|(known, _)| *known == ty).map(|(_, member)| *member);
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

fn parts(case: &Case, name: &str) -> Vec<String> {
    let ty = name.split_once('.').map_or(name, |(ty, _)| ty);
    let Some((_, part, member)) = WHOLES.iter().find(|(whole, ..)| *whole == ty) else { return Vec::new() };
    let resources = case.input.pointer(&format!("/resource/{part}")).and_then(Value::as_object);
    let is_of =
        |resource: &Value| resource.get(member).and_then(Value::as_str).and_then(address).as_deref() == Some(name);
    let of_it = resources.into_iter().flatten().filter(|(_, resource)| is_of(resource));
    of_it.map(|(label, _)| format!("{part}.{label}")).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(resource: &str, input: &str) -> Vec<String> {
        let text = format!(
            r#"{{"id": "i", "control": "c", "area": "a", "rule": "t:R", "format": "f", "resource": "{resource}", "expect": "pass",
                 "input": {input}}}"#
        );
        of(&serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_part_goes_by_what_it_is_of() {
        let template =
            r#"{"Resources": {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}]}}}}"#;
        assert_eq!(names("P", template), ["Q"]);
        let rule = r#"{"resource": {"aws_network_acl_rule": {"r": {"network_acl_id": "${aws_network_acl.a.id}"}}}}"#;
        assert_eq!(names("aws_network_acl_rule.r", rule), ["aws_network_acl.a"]);
    }

    #[test]
    fn a_network_has_its_default_group_and_no_other() {
        let groups = r#"{"resource": {"aws_default_security_group": {
            "own": {"vpc_id": "${aws_vpc.v.id}"}, "other": {"vpc_id": "${aws_vpc.w.id}"}}}}"#;
        assert_eq!(names("aws_vpc.v", groups), ["aws_default_security_group.own"]);
        assert_eq!(names("aws_subnet.v", groups), [""; 0]);
    }
}
