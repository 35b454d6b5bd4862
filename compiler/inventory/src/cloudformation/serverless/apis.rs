//! `AWS::Serverless::Api` and `AWS::Serverless::HttpApi`: the API, its deployment and its stage.
//!
//! Paths, methods and authorizers of an API that SAM writes itself stand in its body, which is not written out.

use parapet_base::Span;
use parapet_model::{Node, NodeKind, Reason, Unknown};

use super::super::template::Declared;
use super::make::{At, is_open, member, same_named};
use super::whole::Existence;
use super::{Globals, Made, domains, tags};

/// An API that SAM makes for events that name none; `span` is where the first of these stands.
pub(super) fn unasked(id: &str, kind: &str, span: Span, existence: Existence, globals: &Globals) -> Declared {
    Declared {
        id: id.into(),
        ty: format!("AWS::Serverless::{kind}").into(),
        properties: globals.alone(kind, span),
        condition: existence.condition,
        blank: existence.blank,
        metadata: None,
        span,
        source: id.into(),
    }
}

/// A body that is not written out.
pub(super) fn unseen(at: At, what: &str) -> Node {
    let why = format!("{what} is written by SAM at deployment");
    Node::new(at.0, NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

/// Settings by which another body comes of the one that is given.
const WRITES: [&str; 9] = [
    "Auth",
    "Cors",
    "CorsConfiguration",
    "DefinitionUri",
    "GatewayResponses",
    "MergeDefinitions",
    "Models",
    "OpenApiVersion",
    "RouteSettings",
];

/// What an API takes over as it is.
pub(super) const REST: [&str; 8] = [
    "ApiKeySourceType",
    "BinaryMediaTypes",
    "Description",
    "DisableExecuteApiEndpoint",
    "FailOnWarnings",
    "MinimumCompressionSize",
    "Mode",
    "Name",
];

/// What the stage of an API takes over as it is.
pub(super) const REST_STAGE: [&str; 7] = [
    "AccessLogSetting",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "MethodSettings",
    "TracingEnabled",
    "Variables",
];

/// What an HTTP API takes over as it is.
pub(super) const HTTP: [&str; 4] = ["Description", "DisableExecuteApiEndpoint", "FailOnWarnings", "Name"];

/// What the stage of an HTTP API takes over as it is.
pub(super) const HTTP_STAGE: [&str; 4] =
    ["AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables"];

fn body(at: At, properties: &Node) -> Node {
    match member(properties, "DefinitionBody") {
        Some(body) if WRITES.iter().all(|name| properties.get(name).is_none()) => body,
        _ => unseen(at, "the body of the API"),
    }
}

pub(super) fn rest(made: &mut Made<'_>) {
    let (at, id, properties) = (made.at(), made.source.id.clone(), made.source.properties.clone());
    let auth = member(&properties, "Auth");
    let resource_policy =
        auth.and_then(|auth| if is_open(&auth) { Some(auth) } else { member(&auth, "ResourcePolicy") });
    let mut members = vec![
        ("Body", Some(body(at, &properties))),
        ("Policy", resource_policy.map(|node| unseen(At(node.span), "the policy of the API"))),
        ("EndpointConfiguration", endpoint(at, properties.get("EndpointConfiguration"))),
        ("Tags", tags(at, properties.get("Tags"))),
    ];
    members.extend(same_named(&properties, &REST));
    made.add(&id, "AWS::ApiGateway::RestApi", at.map(members));
    let stage = rest_stage(made, at, &id, &properties);
    domains::domain(made, &domains::REST, &stage);
    usage_plan(made, &properties);
}

/// The deployment and the stage of an API; returned is the reference to the stage.
fn rest_stage(made: &mut Made<'_>, at: At, id: &str, properties: &Node) -> Node {
    let deployment = format!("{id}Deployment");
    made.add(&deployment, "AWS::ApiGateway::Deployment", at.map([("RestApiId", Some(at.reference(id)))]));
    let stage = member(properties, "StageName").unwrap_or_else(|| at.text("Prod"));
    let name = format!("{id}{}Stage", stage.as_text().unwrap_or_default());
    let mut members = vec![
        ("RestApiId", Some(at.reference(id))),
        ("DeploymentId", Some(at.reference(&deployment))),
        ("StageName", Some(stage)),
        ("Tags", tags(at, properties.get("Tags"))),
    ];
    members.extend(same_named(properties, &REST_STAGE));
    made.add(&name, "AWS::ApiGateway::Stage", at.map(members));
    at.reference(&name)
}

pub(super) fn http(made: &mut Made<'_>) {
    let (at, id, properties) = (made.at(), made.source.id.clone(), made.source.properties.clone());
    let mut members = vec![("Body", Some(body(at, &properties))), ("Tags", member(&properties, "Tags"))];
    members.extend(same_named(&properties, &HTTP));
    members
        .push(("CorsConfiguration", member(&properties, "CorsConfiguration").map(|_| unseen(at, "the CORS setting"))));
    made.add(&id, "AWS::ApiGatewayV2::Api", at.map(members));
    let stage = member(&properties, "StageName").unwrap_or_else(|| at.text("$default"));
    let name = match stage.as_text() {
        Some("$default") | None => format!("{id}ApiGatewayDefaultStage"),
        Some(name) => format!("{id}{name}Stage"),
    };
    let mut members = vec![
        ("ApiId", Some(at.reference(&id))),
        ("StageName", Some(stage)),
        ("AutoDeploy", Some(Node::new(at.0, NodeKind::Bool(true)))),
        ("Tags", member(&properties, "Tags")),
    ];
    members.extend(same_named(&properties, &HTTP_STAGE));
    made.add(&name, "AWS::ApiGatewayV2::Stage", at.map(members));
    domains::domain(made, &domains::HTTP, &at.reference(&name));
}

/// A plan of an API with keys. HTTP APIs have none.
fn usage_plan(made: &mut Made<'_>, properties: &Node) {
    let auth = member(properties, "Auth");
    let plan = auth.and_then(|auth| if is_open(&auth) { Some(auth) } else { member(&auth, "UsagePlan") });
    if let Some(node) = plan {
        let id = made.source.id.clone();
        made.doubt(node.span, format!("`{id}`: the usage plan that SAM makes is not written out"));
    }
}

/// `REGIONAL`, or `{"Type": "PRIVATE", "VPCEndpointIds": […]}`.
fn endpoint(at: At, node: Option<&Node>) -> Option<Node> {
    let node = node.filter(|node| !node.is_null())?;
    Some(match &node.kind {
        _ if is_open(node) => unseen(At(node.span), "the kind of the API"),
        NodeKind::Map(_) if node.get("Type").is_some() => at.map([
            ("Types", member(node, "Type").map(|ty| at.list([ty]))),
            ("VpcEndpointIds", member(node, "VPCEndpointIds")),
            ("IpAddressType", member(node, "IpAddressType")),
        ]),
        NodeKind::Text(_) => at.map([("Types", Some(at.list([node.clone()])))]),
        _ => node.clone(),
    })
}
