//! The events of a function: who may invoke it, and by what.

use parapet_model::Node;

use super::Made;
use super::make::{At, member, same_named};

/// Writes the events out; gives the managed policies that the role needs for them.
pub(super) fn events(made: &mut Made<'_>) -> Vec<&'static str> {
    let mut needed: Vec<&'static str> = Vec::new();
    let events = made.source.properties.get("Events").cloned();
    for (name, event) in events.as_ref().map(super::super::functions::members).unwrap_or_default() {
        let id = format!("{}{name}", made.source.id);
        let properties = member(event, "Properties").unwrap_or_else(|| At(event.span).map([]));
        let at = At(event.span);
        match event.get("Type").and_then(Node::as_text) {
            Some("Api") => api(made, at, &id, &properties),
            Some("HttpApi") => http_api(made, at, &id, &properties),
            Some("Schedule" | "EventBridgeRule" | "CloudWatchEvent") => rule(made, at, &id, &properties),
            Some("SNS") => topic(made, at, &id, &properties),
            Some("S3") => {
                let account = at.reference("AWS::AccountId");
                permission(made, at, &id, "s3.amazonaws.com", [("SourceAccount", Some(account))]);
            }
            Some("Cognito") => {
                let pool = member(&properties, "UserPool")
                    .and_then(|pool| Some(at.attribute(pool.get("Ref")?.as_text()?, "Arn")));
                permission(made, at, &id, "cognito-idp.amazonaws.com", [("SourceArn", pool)]);
            }
            Some("AlexaSkill") => {
                let token = member(&properties, "SkillId");
                permission(made, at, &id, "alexa-appkit.amazon.com", [("EventSourceToken", token)]);
            }
            Some("SQS") => stream(made, at, &id, &properties, "Queue", "AWSLambdaSQSQueueExecutionRole", &mut needed),
            Some("Kinesis") => {
                stream(made, at, &id, &properties, "Stream", "AWSLambdaKinesisExecutionRole", &mut needed)
            }
            Some("DynamoDB") => {
                stream(made, at, &id, &properties, "Stream", "AWSLambdaDynamoDBExecutionRole", &mut needed)
            }
            Some("MSK") => stream(made, at, &id, &properties, "Stream", "AWSLambdaMSKExecutionRole", &mut needed),
            other => {
                let ty = other.unwrap_or("?").to_owned();
                made.doubt(event.span, format!("`{id}`: what SAM makes of an event of type `{ty}` is not written out"));
            }
        }
    }
    needed
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

fn api(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let (api, unasked) = api_of(at, properties, "RestApiId", "ServerlessRestApi");
    made.rest_api |= unasked;
    let method = properties.get("Method").and_then(Node::as_text).unwrap_or("*").to_ascii_uppercase();
    let path = properties.get("Path").and_then(Node::as_text).unwrap_or("/*").trim_start_matches('/').to_owned();
    let arn = invoked_by(at, api, &format!("{}/{path}", if method == "ANY" { "*" } else { &method }));
    permission(made, at, id, "apigateway.amazonaws.com", [("SourceArn", Some(arn))]);
}

fn http_api(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let (api, unasked) = api_of(at, properties, "ApiId", "ServerlessHttpApi");
    made.http_api |= unasked;
    let path = properties.get("Path").and_then(Node::as_text).unwrap_or("$default").trim_start_matches('/').to_owned();
    permission(made, at, id, "apigateway.amazonaws.com", [("SourceArn", Some(invoked_by(at, api, &path)))]);
}

fn rule(made: &mut Made<'_>, at: At, id: &str, properties: &Node) {
    let own = made.source.id.clone();
    let target = at.map([
        ("Arn", Some(at.attribute(&own, "Arn"))),
        ("Id", Some(at.text(&format!("{id}LambdaTarget")))),
        ("Input", member(properties, "Input")),
    ]);
    let mut members = vec![
        ("ScheduleExpression", member(properties, "Schedule")),
        ("EventPattern", member(properties, "Pattern")),
        ("Targets", Some(at.list([target]))),
    ];
    members.extend(same_named(properties, &["Name", "Description", "State", "EventBusName"]));
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
    members.extend(same_named(properties, &["FilterPolicy", "FilterPolicyScope", "Region", "RedrivePolicy"]));
    made.add(id, "AWS::SNS::Subscription", at.map(members));
    permission(made, at, id, "sns.amazonaws.com", [("SourceArn", topic)]);
}

/// A source that Lambda polls, with the right of the role to read it.
fn stream(
    made: &mut Made<'_>,
    at: At,
    id: &str,
    properties: &Node,
    source: &str,
    policy: &'static str,
    needed: &mut Vec<&'static str>,
) {
    let own = made.source.id.clone();
    let mut members = vec![("FunctionName", Some(at.reference(&own))), ("EventSourceArn", member(properties, source))];
    let same =
        ["BatchSize", "Enabled", "StartingPosition", "FilterCriteria", "MaximumBatchingWindowInSeconds", "Topics"];
    members.extend(same_named(properties, &same));
    made.add(id, "AWS::Lambda::EventSourceMapping", at.map(members));
    if !needed.contains(&policy) {
        needed.push(policy);
    }
}
