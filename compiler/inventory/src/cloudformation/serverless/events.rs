//! The events of a function: who may invoke it, and by what.

use parapet_model::{Node, NodeKind};

use super::super::functions::members;
use super::Made;
use super::make::{At, is_open, member, same_named, unknown};
use super::settings::others;

/// Writes the events out; gives the managed policies that the role needs for them.
pub(super) fn events(made: &mut Made<'_>) -> Vec<&'static str> {
    let mut needed: Vec<&'static str> = Vec::new();
    let Some(events) = member(&made.source.properties, "Events") else { return needed };
    if is_open(&events) {
        let reason = format!("`{}`: which events there are is decided by a function", made.source.id);
        made.doubt(events.span, reason);
        return needed;
    }
    for (name, event) in members(&events) {
        let id = format!("{}{name}", made.source.id);
        let properties = member(event, "Properties").unwrap_or_else(|| At(event.span).map([]));
        if is_open(event) || is_open(&properties) {
            made.doubt(event.span, format!("`{id}`: what the event is is decided by a function"));
            continue;
        }
        let ty = event.get("Type").and_then(Node::as_text).unwrap_or("?");
        let role = one(made, At(event.span), &id, ty, &properties).filter(|role| !needed.contains(role));
        needed.extend(role);
    }
    needed
}

/// What an event of a source that Lambda polls takes over as it is.
const POLLED: [&str; 20] = [
    "BatchSize",
    "BisectBatchOnFunctionError",
    "ConsumerGroupId",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "ScalingConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
];

/// What the target of a rule takes over as it is.
const TARGET: [&str; 4] = ["Input", "InputPath", "InputTransformer", "RetryPolicy"];

/// What a rule takes over as it is.
const RULE: [&str; 2] = ["Description", "EventBusName"];

/// What a subscription takes over as it is.
const SUBSCRIPTION: [&str; 4] = ["FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "Region"];

/// The settings of an event that are written out; `None` where it is of another type.
fn written(ty: &str) -> Option<[&'static [&'static str]; 3]> {
    Some(match ty {
        "Api" => {
            [&["Auth", "Method", "Path", "RequestModel", "RequestParameters", "RestApiId", "TimeoutInMillis"], &[], &[]]
        }
        "HttpApi" => [&["ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "TimeoutInMillis"], &[], &[]],
        "Schedule" => [&["Enabled", "Name", "Schedule", "State"], &TARGET, &RULE],
        "EventBridgeRule" | "CloudWatchEvent" => [&["Enabled", "Pattern", "RuleName", "State"], &TARGET, &RULE],
        "SNS" => [&["Topic"], &SUBSCRIPTION, &[]],
        "S3" => [&["Bucket", "Events", "Filter"], &[], &[]],
        "Cognito" => [&["Trigger", "UserPool"], &[], &[]],
        "AlexaSkill" => [&["SkillId"], &[], &[]],
        "SQS" => [&["Queue"], &POLLED, &[]],
        "Kinesis" | "DynamoDB" | "MSK" => [&["Stream"], &POLLED, &[]],
        _ => return None,
    })
}

/// Writes one event out; gives the managed policy that the role needs for it.
fn one(made: &mut Made<'_>, at: At, id: &str, ty: &str, properties: &Node) -> Option<&'static str> {
    let Some(written) = written(ty) else {
        made.doubt(at.0, format!("`{id}`: what SAM makes of an event of type `{ty}` is not written out"));
        return None;
    };
    let polled = polled(ty);
    for (name, node) in others(properties, &written) {
        made.doubt(node.span, format!("`{id}`: what SAM makes of `{name}` is not written out"));
    }
    match ty {
        "Api" => api(made, at, id, properties),
        "HttpApi" => http_api(made, at, id, properties),
        "SNS" => topic(made, at, id, properties),
        "S3" => bucket(made, at, id, properties),
        "Cognito" => pool(made, at, id, properties),
        "AlexaSkill" => {
            let token = member(properties, "SkillId");
            permission(made, at, id, "alexa-appkit.amazon.com", [("EventSourceToken", token)]);
        }
        _ if polled.is_some() => stream(made, at, id, properties),
        _ => rule(made, at, id, properties),
    }
    polled
}

/// The managed policy by which a function reads a source that Lambda polls.
fn polled(ty: &str) -> Option<&'static str> {
    match ty {
        "SQS" => Some("AWSLambdaSQSQueueExecutionRole"),
        "Kinesis" => Some("AWSLambdaKinesisExecutionRole"),
        "DynamoDB" => Some("AWSLambdaDynamoDBExecutionRole"),
        "MSK" => Some("AWSLambdaMSKExecutionRole"),
        _ => None,
    }
}

fn bucket(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let account = at.reference("AWS::AccountId");
    permission(made, at, id, "s3.amazonaws.com", [("SourceAccount", Some(account))]);
    made.touch(properties.get("Bucket"), "NotificationConfiguration", "SAM adds the notifications of events");
}

fn pool(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let pool = properties.get("UserPool");
    let arn = pool.and_then(|pool| Some(at.attribute(pool.get("Ref")?.as_text()?, "Arn")));
    permission(made, at, id, "cognito-idp.amazonaws.com", [("SourceArn", arn)]);
    made.touch(pool, "LambdaConfig", "SAM adds the triggers of events");
}

fn permission<const N: usize>(made: &mut Made<'_>, at: At, id: &str, principal: &str, more: [(&str, Option<Node>); N]) {
    let own = made.source.id.clone();
    let members = [
        ("FunctionName", Some(at.reference(&own))),
        ("Action", Some(at.text("lambda:InvokeFunction"))),
        ("Principal", Some(at.text(principal))),
    ];
    made.add(&format!("{id}Permission"), "AWS::Lambda::Permission", at.map(members.into_iter().chain(more)));
}

/// The API of an event, and whether it is the one that SAM makes unasked.
fn api_of(at: At, properties: &Node, name: &str, unasked: &str) -> (Node, bool) {
    match member(properties, name) {
        // A logical id may stand without `Ref`.
        Some(node) if node.as_text().is_some() => (at.reference(node.as_text().unwrap_or_default()), false),
        Some(node) => (node, false),
        None => (at.reference(unasked), true),
    }
}

fn invoked_by(at: At, api: Node, path: &str) -> Node {
    let arn =
        format!("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/*/{path}");
    at.call("Fn::Sub", at.list([at.text(&arn), at.map([("__ApiId__", Some(api))])]))
}

/// What a setting says that is put into an ARN; `None` where a function decides it.
fn said(properties: &Node, name: &str, otherwise: &str) -> Option<String> {
    match properties.get(name).filter(|node| !node.is_null()) {
        Some(node) => node.as_text().map(str::to_owned),
        None => Some(otherwise.to_owned()),
    }
}

fn api(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let (api, unasked) = api_of(at, properties, "RestApiId", "ServerlessRestApi");
    made.rest_api |= unasked;
    let auth = properties.get("Auth");
    if auth.is_some_and(|auth| is_open(auth) || auth.get("ResourcePolicy").is_some()) {
        made.touch(Some(&api), "Policy", "SAM adds the policies of events");
    }
    let (method, path) = (said(properties, "Method", "*"), said(properties, "Path", "/*"));
    let arn = match method.map(|method| method.to_ascii_uppercase()).zip(path) {
        Some((method, path)) => {
            let method = if method == "ANY" { "*" } else { &method };
            invoked_by(at, api, &format!("{method}/{}", path.trim_start_matches('/')))
        }
        None => unknown(at.0, "a function decides which method or path invokes it"),
    };
    permission(made, at, id, "apigateway.amazonaws.com", [("SourceArn", Some(arn))]);
}

fn http_api(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let (api, unasked) = api_of(at, properties, "ApiId", "ServerlessHttpApi");
    made.http_api |= unasked;
    let arn = match said(properties, "Path", "$default") {
        Some(path) => invoked_by(at, api, path.trim_start_matches('/')),
        None => unknown(at.0, "a function decides which route invokes it"),
    };
    permission(made, at, id, "apigateway.amazonaws.com", [("SourceArn", Some(arn))]);
}

/// Whether a rule is on.
fn state(at: At, properties: &Node) -> Option<Node> {
    let enabled = member(properties, "Enabled").map(|enabled| match enabled.kind {
        NodeKind::Bool(true) => at.text("ENABLED"),
        NodeKind::Bool(false) => at.text("DISABLED"),
        _ => unknown(enabled.span, "a function decides whether it is on"),
    });
    enabled.or_else(|| member(properties, "State"))
}

fn rule(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let own = made.source.id.clone();
    let mut target =
        vec![("Arn", Some(at.attribute(&own, "Arn"))), ("Id", Some(at.text(&format!("{id}LambdaTarget"))))];
    target.extend(same_named(properties, &TARGET));
    let mut members = vec![
        ("ScheduleExpression", member(properties, "Schedule")),
        ("EventPattern", member(properties, "Pattern")),
        ("Targets", Some(at.list([at.map(target)]))),
        ("Name", member(properties, "Name").or_else(|| member(properties, "RuleName"))),
        ("State", state(at, properties)),
    ];
    members.extend(same_named(properties, &RULE));
    made.add(id, "AWS::Events::Rule", at.map(members));
    permission(made, at, id, "events.amazonaws.com", [("SourceArn", Some(at.attribute(id, "Arn")))]);
}

fn topic(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let own = made.source.id.clone();
    let topic = member(properties, "Topic");
    let mut members = vec![
        ("Endpoint", Some(at.attribute(&own, "Arn"))),
        ("Protocol", Some(at.text("lambda"))),
        ("TopicArn", topic.clone()),
    ];
    members.extend(same_named(properties, &SUBSCRIPTION));
    made.add(id, "AWS::SNS::Subscription", at.map(members));
    permission(made, at, id, "sns.amazonaws.com", [("SourceArn", topic)]);
}

/// A source that Lambda polls; its name is the only setting that is called otherwise.
fn stream(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let own = made.source.id.clone();
    let source = member(properties, "Queue").or_else(|| member(properties, "Stream"));
    let mut members = vec![("FunctionName", Some(at.reference(&own))), ("EventSourceArn", source)];
    members.extend(same_named(properties, &POLLED));
    made.add(id, "AWS::Lambda::EventSourceMapping", at.map(members));
}
