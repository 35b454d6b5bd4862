//! The settings of SAM that are written out.
//!
//! What else a resource says may bring resources and rights, so that the template does not say all that there is.

use parapet_model::Node;

use super::super::functions::members;
use super::super::template::Doubt;
use super::Made;

pub(super) const FUNCTION: [&str; 22] = [
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "CodeUri",
    "DeadLetterQueue",
    "Environment",
    "Events",
    "FunctionUrlConfig",
    "ImageUri",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "ProvisionedConcurrencyConfig",
    "Role",
    "RolePath",
    "RuntimeManagementConfig",
    "SnapStart",
    "Tags",
    "Timeout",
    "Tracing",
    "VersionDescription",
    "VpcConfig",
    "AutoPublishCodeSha256",
];

pub(super) const API: [&str; 28] = [
    "AccessLogSetting",
    "AlwaysDeploy",
    "ApiKeySourceType",
    "Auth",
    "BinaryMediaTypes",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "Cors",
    "DefinitionBody",
    "DefinitionUri",
    "Description",
    "DisableExecuteApiEndpoint",
    "Domain",
    "EndpointConfiguration",
    "FailOnWarnings",
    "GatewayResponses",
    "MergeDefinitions",
    "MethodSettings",
    "MinimumCompressionSize",
    "Mode",
    "Models",
    "Name",
    "OpenApiVersion",
    "StageName",
    "Tags",
    "TracingEnabled",
    "Variables",
];

pub(super) const HTTP_API: [&str; 16] = [
    "AccessLogSettings",
    "Auth",
    "CorsConfiguration",
    "DefaultRouteSettings",
    "DefinitionBody",
    "DefinitionUri",
    "Description",
    "DisableExecuteApiEndpoint",
    "Domain",
    "FailOnWarnings",
    "Name",
    "RouteSettings",
    "StageName",
    "StageVariables",
    "Tags",
    "Cors",
];

pub(super) const TABLE: [&str; 6] = [
    "PointInTimeRecoverySpecification",
    "PrimaryKey",
    "ProvisionedThroughput",
    "SSESpecification",
    "TableName",
    "Tags",
];

/// Settings that bring neither resources nor rights.
const HARMLESS: [&str; 4] =
    ["AutoPublishAliasAllProperties", "PropagateTags", "PublishToLatestPublished", "VersionDeletionPolicy"];

/// Names what a resource says that is not written out.
pub(super) fn unwritten(made: &mut Made<'_>, written: &[&[&str]]) {
    let source = made.source;
    for (name, node) in others(&source.properties, written) {
        let reason = format!("`{}`: what SAM makes of `{name}` is not written out", source.id);
        made.doubts.push(match HARMLESS.contains(&name) {
            true => Doubt::note(node.span, reason),
            false => Doubt::hidden(node.span, reason),
        });
    }
}

/// The members with other names.
pub(super) fn others<'n>(node: &'n Node, known: &[&[&str]]) -> Vec<(&'n str, &'n Node)> {
    let strange = |name: &str| !known.iter().any(|names| names.contains(&name));
    let there = members(node).iter().filter(|(name, node)| strange(name) && !node.is_null());
    there.map(|(name, node)| (&**name, node)).collect()
}
