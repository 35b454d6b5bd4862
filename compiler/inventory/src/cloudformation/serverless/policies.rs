//! The role that SAM makes for a function.

use parapet_model::{Name, Node, NodeKind};

use super::super::functions::members;
use super::make::{At, is_open, member, perhaps, unknown};
use super::{Made, tags};

/// Managed policies of AWS below `service-role/`.
const SERVICE_ROLES: [&str; 8] = [
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
];

/// The properties of the role; `sources` are the managed policies that events need.
pub(super) fn role(made: &mut Made<'_>, sources: &[&'static str]) -> Node {
    let (at, properties) = (made.at(), made.source.properties.clone());
    let mut managed = vec![managed_policy(at, "AWSLambdaBasicExecutionRole")];
    if let Some(network) = member(&properties, "VpcConfig") {
        managed.push(where_it_is(&network, managed_policy(at, "AWSLambdaVPCAccessExecutionRole")));
    }
    if let Some(mode) = member(&properties, "Tracing").filter(|mode| mode.as_text() != Some("Disabled")) {
        managed.push(where_it_is(&mode, managed_policy(at, "AWSXRayDaemonWriteAccess")));
    }
    managed.extend(sources.iter().map(|name| managed_policy(at, name)));
    let mut inline = Vec::new();
    let policies = member(&properties, "Policies");
    for policy in policies.iter().flat_map(each) {
        add(at, &made.source.id, policy, &mut managed, &mut inline);
    }
    inline.extend(rights_to_send(&properties));
    if member(&properties, "Events").is_some_and(|events| is_open(&events)) {
        managed.push(perhaps(at.0, "a function decides which events there are"));
    }
    let (managed, inline) = (at.list(managed), at.list(inline));
    at.map([
        ("AssumeRolePolicyDocument", Some(trust(at, &properties))),
        ("ManagedPolicyArns", Some(managed)),
        ("Policies", Some(inline)),
        ("Path", member(&properties, "RolePath")),
        ("PermissionsBoundary", member(&properties, "PermissionsBoundary")),
        ("Tags", tags(at, properties.get("Tags"))),
    ])
}

fn trust(at: At, properties: &Node) -> Node {
    member(properties, "AssumeRolePolicyDocument").unwrap_or_else(|| {
        let principal = at.map([("Service", Some(at.list([at.text("lambda.amazonaws.com")])))]);
        let statement = at.map([
            ("Effect", Some(at.text("Allow"))),
            ("Action", Some(at.list([at.text("sts:AssumeRole")]))),
            ("Principal", Some(principal)),
        ]);
        at.map([("Version", Some(at.text("2012-10-17"))), ("Statement", Some(at.list([statement])))])
    })
}

fn each(node: &Node) -> Vec<&Node> {
    match &node.kind {
        NodeKind::List(elements) => elements.iter().collect(),
        _ => vec![node],
    }
}

/// What is there where a setting is, of which a function may decide whether it is.
fn where_it_is(setting: &Node, element: Node) -> Node {
    match is_open(setting) {
        true => perhaps(setting.span, "a function decides which policies SAM adds"),
        false => element,
    }
}

/// The policies by which the function may send to its dead letters and destinations.
fn rights_to_send(properties: &Node) -> Vec<Node> {
    let why = "the policy that SAM makes for it is not written out";
    let mut rights = Vec::new();
    if let Some(queue) = member(properties, "DeadLetterQueue") {
        rights.push(where_it_is(&queue, unknown(queue.span, why)));
    }
    let mut settings: Vec<Node> = member(properties, "EventInvokeConfig").into_iter().collect();
    for (_, event) in properties.get("Events").map(members).unwrap_or_default() {
        let destinations = event.get("Properties").and_then(|properties| properties.get("DestinationConfig"));
        settings.extend(destinations.cloned());
    }
    rights.extend(settings.iter().map(|setting| perhaps(setting.span, why)));
    rights
}

/// Functions that give the ARN of a policy.
const TEXTS: [&str; 6] = ["Fn::GetAtt", "Fn::ImportValue", "Fn::Join", "Fn::Select", "Fn::Sub", "Ref"];

/// One element of `Policies`: a document, the name or ARN of a managed policy, or a policy template of SAM.
fn add(at: At, id: &str, policy: &Node, managed: &mut Vec<Node>, inline: &mut Vec<Node>) {
    let document = match &policy.kind {
        NodeKind::Map(members) if members.iter().any(|(name, _)| &**name == "Statement") => policy.clone(),
        NodeKind::Map(members) if members.iter().any(|(name, _)| TEXTS.contains(&&**name)) => {
            return managed.push(policy.clone());
        }
        _ if is_open(policy) => {
            let why = "which policies SAM makes is decided by a function";
            managed.push(perhaps(policy.span, why));
            return inline.push(perhaps(policy.span, why));
        }
        NodeKind::Map(members) => template(policy, members),
        NodeKind::Text(text) => return managed.push(managed_policy(At(policy.span), text)),
        _ => return,
    };
    let name = at.text(&format!("{id}RolePolicy{}", inline.len()));
    inline.push(At(policy.span).map([("PolicyName", Some(name)), ("PolicyDocument", Some(document))]));
}

fn template(policy: &Node, members: &[(Name, Node)]) -> Node {
    let name = members.first().map_or("?", |(name, _)| name);
    let why = format!("the document of SAM's policy template `{name}` is not written out");
    unknown(policy.span, &why)
}

fn managed_policy(at: At, name: &str) -> Node {
    let path = if SERVICE_ROLES.contains(&name) { "service-role/" } else { "" };
    match name.starts_with("arn:") {
        true => at.text(name),
        false => at.sub(&format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}{name}")),
    }
}
