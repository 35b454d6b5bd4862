//! `AWS::Serverless::Function`: the function, its role, its URL, and what its events make.

use parapet_model::{Node, NodeKind};

use super::make::{At, is_open, member, or_unknown, same_named, unknown};
use super::{Made, events, policies, tags};

/// What the function takes over as it is.
pub(super) const SAME: [&str; 21] = [
    "Architectures",
    "CodeSigningConfigArn",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "FunctionName",
    "Handler",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "Timeout",
    "VpcConfig",
];

pub(super) fn function(made: &mut Made<'_>) {
    let (at, id, properties) = (made.at(), made.source.id.clone(), made.source.properties.clone());
    let role = format!("{id}Role");
    let given = member(&properties, "Role");
    let mut members = vec![
        ("Code", code(at, &properties)),
        ("Role", Some(given.clone().unwrap_or_else(|| at.attribute(&role, "Arn")))),
        ("DeadLetterConfig", member(&properties, "DeadLetterQueue").map(|queue| or_unknown(queue, dead_letters))),
        ("TracingConfig", member(&properties, "Tracing").map(|mode| tracing(at, mode))),
        ("Tags", tags(at, properties.get("Tags"))),
    ];
    members.extend(same_named(&properties, &SAME));
    made.add(&id, "AWS::Lambda::Function", at.map(members));
    let sources = events::events(made);
    if let Some(choice) = given.as_ref().and_then(|role| role.get("Fn::If")) {
        made.doubt(choice.span, format!("`{id}`: whether SAM makes its role is decided by a condition"));
    }
    if given.is_none() {
        let role_properties = policies::role(made, &sources);
        made.add(&role, "AWS::IAM::Role", role_properties);
    }
    let target = alias(made);
    url(made, &target);
}

fn code(at: At, properties: &Node) -> Option<Node> {
    if let Some(inline) = member(properties, "InlineCode") {
        return Some(at.map([("ZipFile", Some(inline))]));
    }
    if let Some(image) = member(properties, "ImageUri") {
        return Some(at.map([("ImageUri", Some(image))]));
    }
    match member(properties, "CodeUri").map(|node| (node.as_text().and_then(bucket_and_key), node)) {
        Some((Some((bucket, key)), _)) => {
            Some(at.map([("S3Bucket", Some(at.text(&bucket))), ("S3Key", Some(at.text(&key)))]))
        }
        Some((None, node)) if matches!(node.kind, NodeKind::Map(_)) && !is_open(&node) => {
            let rename = [("S3Bucket", "Bucket"), ("S3Key", "Key"), ("S3ObjectVersion", "Version")];
            Some(at.map(rename.map(|(name, before)| (name, member(&node, before)))))
        }
        Some((None, node)) if is_open(&node) => {
            Some(unknown(node.span, "where the code lies is decided by a function"))
        }
        // A folder that is packaged later.
        _ => None,
    }
}

fn bucket_and_key(uri: &str) -> Option<(String, String)> {
    let (bucket, key) = uri.strip_prefix("s3://")?.split_once('/')?;
    Some((bucket.to_owned(), key.to_owned()))
}

fn dead_letters(queue: Node) -> Node {
    At(queue.span).map([("TargetArn", member(&queue, "TargetArn"))])
}

fn tracing(at: At, mode: Node) -> Node {
    match mode.get("Fn::If") {
        Some(choice) => unknown(choice.span, "a condition decides whether it is traced"),
        None => at.map([("Mode", Some(mode))]),
    }
}

/// The version and the alias that each deployment publishes; the name that the URL and events are for.
fn alias(made: &mut Made<'_>) -> Option<Node> {
    let (at, id) = (made.at(), made.source.id.clone());
    let name = member(&made.source.properties, "AutoPublishAlias")?;
    let version = format!("{id}Version");
    if name.get("Fn::If").is_some() {
        let why = "a condition decides whether SAM publishes it";
        made.add_open(&version, "AWS::Lambda::Version", why);
        made.add_open(&format!("{id}Alias"), "AWS::Lambda::Alias", why);
        return Some(name);
    }
    let members = [
        ("FunctionName", Some(at.reference(&id))),
        ("Description", member(&made.source.properties, "VersionDescription")),
    ];
    made.add(&version, "AWS::Lambda::Version", at.map(members));
    let members = [
        ("Name", Some(name.clone())),
        ("FunctionName", Some(at.reference(&id))),
        ("FunctionVersion", Some(at.attribute(&version, "Version"))),
        ("ProvisionedConcurrencyConfig", member(&made.source.properties, "ProvisionedConcurrencyConfig")),
    ];
    made.add(&format!("{id}Alias{}", name.as_text().unwrap_or_default()), "AWS::Lambda::Alias", at.map(members));
    Some(name)
}

fn url(made: &mut Made<'_>, alias: &Option<Node>) {
    let (at, id) = (made.at(), made.source.id.clone());
    let Some(config) = member(&made.source.properties, "FunctionUrlConfig") else { return };
    if is_open(&config) {
        let why = "a function decides whether there is a URL, and of which kind";
        made.add_open(&format!("{id}Url"), "AWS::Lambda::Url", why);
        return made.doubt(config.span, format!("`{id}`: {why}"));
    }
    let auth = member(&config, "AuthType");
    let mut members =
        vec![("TargetFunctionArn", Some(at.reference(&id))), ("Qualifier", alias.clone()), ("AuthType", auth.clone())];
    members.extend(same_named(&config, &["Cors", "InvokeMode"]));
    made.add(&format!("{id}Url"), "AWS::Lambda::Url", at.map(members));
    let auth = auth.unwrap_or_else(|| at.text("NONE"));
    if auth.as_text() == Some("AWS_IAM") {
        return;
    }
    // Whoever asks without credentials is let in by a permission for everybody.
    let members = [
        ("FunctionName", Some(at.reference(&id))),
        ("Action", Some(at.text("lambda:InvokeFunctionUrl"))),
        ("Principal", Some(at.text("*"))),
        ("FunctionUrlAuthType", Some(auth.clone())),
    ];
    match auth.as_text() {
        Some("NONE") => made.add(&format!("{id}UrlPublicPermissions"), "AWS::Lambda::Permission", at.map(members)),
        _ => made.doubt(auth.span, format!("`{id}`: whether its URL is open to everybody is not known")),
    }
}
