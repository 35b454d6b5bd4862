//! The role that SAM makes for a function.

use parapet_model::{Name, Node, NodeKind, Reason, Unknown};

use super::make::{At, is_call, member};
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
    if member(&properties, "VpcConfig").is_some() {
        managed.push(managed_policy(at, "AWSLambdaVPCAccessExecutionRole"));
    }
    if member(&properties, "Tracing").is_some_and(|mode| mode.as_text() != Some("Disabled")) {
        managed.push(managed_policy(at, "AWSXRayDaemonWriteAccess"));
    }
    managed.extend(sources.iter().map(|name| managed_policy(at, name)));
    let mut inline = Vec::new();
    let policies = member(&properties, "Policies");
    let whole = policies.as_ref().filter(|node| is_choice(node)).cloned();
    for policy in policies.iter().filter(|_| whole.is_none()).flat_map(each) {
        add(at, &made.source.id, policy, &mut managed, &mut inline);
    }
    let (managed, inline) = match whole {
        // Which policies there are is decided by a condition.
        Some(node) => (undecided(&node), undecided(&node)),
        None => (at.list(managed), at.list(inline)),
    };
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

fn is_choice(node: &Node) -> bool {
    node.get("Fn::If").is_some()
}

fn undecided(node: &Node) -> Node {
    let why = "which policies SAM makes is decided by a condition";
    Node::new(node.span, NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

/// One element of `Policies`: a document, the name or ARN of a managed policy, or a policy template of SAM.
fn add(at: At, id: &str, policy: &Node, managed: &mut Vec<Node>, inline: &mut Vec<Node>) {
    let document = match &policy.kind {
        NodeKind::Map(members) if members.iter().any(|(name, _)| &**name == "Statement") => policy.clone(),
        NodeKind::Map(members) if is_call(members) => return managed.push(policy.clone()),
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
    Node::new(policy.span, NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

fn managed_policy(at: At, name: &str) -> Node {
    let path = if SERVICE_ROLES.contains(&name) { "service-role/" } else { "" };
    match name.starts_with("arn:") {
        true => at.text(name),
        false => at.sub(&format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}{name}")),
    }
}
