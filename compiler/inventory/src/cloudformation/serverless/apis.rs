//! `AWS::Serverless::Api` and `AWS::Serverless::HttpApi`: the API, its deployment and its stage.
//!
//! Paths, methods and authorizers of an API that SAM writes itself stand in its body, which is not written out.

use parapet_base::Span;
use parapet_model::{Node, NodeKind, Reason, Unknown};

use super::super::template::Declared;
use super::make::{At, is_open, member, same_named};
use super::whole::Existence;
use super::{KINDS, Made, made_of, tags};

/// An API that SAM makes for events that name none; `span` is where the first of these stands.
pub(super) fn unasked(id: &str, kind: &str, span: Span, existence: Existence, globals: Option<&Node>) -> Vec<Declared> {
    let properties = globals.and_then(|globals| member(globals, kind)).unwrap_or_else(|| At(span).map([]));
    let source = Declared {
        id: id.into(),
        ty: format!("AWS::Serverless::{kind}").into(),
        properties,
        condition: existence.condition,
        blank: existence.blank,
        metadata: None,
        span,
        source: id.into(),
    };
    let kind = KINDS.iter().find(|known| known.name == kind);
    kind.map(|kind| made_of(&source, kind).resources).unwrap_or_default()
}

/// A body that is not written out.
fn unseen(at: At, what: &str) -> Node {
    let why = format!("{what} is written by SAM at deployment");
    Node::new(at.0, NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

/// Settings that are written into the body that is given.
const WRITES: [&str; 6] = ["Auth", "Cors", "CorsConfiguration", "GatewayResponses", "Models", "RouteSettings"];

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
    members.extend(same_named(
        &properties,
        &[
            "Name",
            "Description",
            "BinaryMediaTypes",
            "MinimumCompressionSize",
            "DisableExecuteApiEndpoint",
            "FailOnWarnings",
            "Mode",
            "ApiKeySourceType",
        ],
    ));
    made.add(&id, "AWS::ApiGateway::RestApi", at.map(members));
    let deployment = format!("{id}Deployment");
    made.add(&deployment, "AWS::ApiGateway::Deployment", at.map([("RestApiId", Some(at.reference(&id)))]));
    let stage = member(&properties, "StageName").unwrap_or_else(|| at.text("Prod"));
    let name = format!("{id}{}Stage", stage.as_text().unwrap_or_default());
    let mut members = vec![
        ("RestApiId", Some(at.reference(&id))),
        ("DeploymentId", Some(at.reference(&deployment))),
        ("StageName", Some(stage)),
        ("Tags", tags(at, properties.get("Tags"))),
    ];
    members.extend(same_named(
        &properties,
        &[
            "TracingEnabled",
            "CacheClusterEnabled",
            "CacheClusterSize",
            "MethodSettings",
            "Variables",
            "AccessLogSetting",
            "CanarySetting",
        ],
    ));
    made.add(&name, "AWS::ApiGateway::Stage", at.map(members));
    beyond(made, &properties);
}

pub(super) fn http(made: &mut Made<'_>) {
    let (at, id, properties) = (made.at(), made.source.id.clone(), made.source.properties.clone());
    let mut members = vec![("Body", Some(body(at, &properties))), ("Tags", member(&properties, "Tags"))];
    members.extend(same_named(&properties, &["Name", "Description", "DisableExecuteApiEndpoint", "FailOnWarnings"]));
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
        ("AccessLogSettings", member(&properties, "AccessLogSettings")),
        ("Tags", member(&properties, "Tags")),
    ];
    members.extend(same_named(&properties, &["DefaultRouteSettings", "RouteSettings"]));
    members.push(("StageVariables", member(&properties, "StageVariables")));
    made.add(&name, "AWS::ApiGatewayV2::Stage", at.map(members));
    beyond(made, &properties);
}

/// What else SAM may make of an API.
fn beyond(made: &mut Made<'_>, properties: &Node) {
    let id = made.source.id.clone();
    if let Some(node) = member(properties, "Domain") {
        made.doubt(node.span, format!("`{id}`: the domain that SAM makes is not written out"));
    }
    let auth = member(properties, "Auth");
    let plan = auth.and_then(|auth| if is_open(&auth) { Some(auth) } else { member(&auth, "UsagePlan") });
    if let Some(node) = plan {
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
