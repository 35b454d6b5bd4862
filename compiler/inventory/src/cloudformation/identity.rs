//! What `Ref` gives for a resource, and which attributes are its identifier by another name.
//!
//! Most types give their primary identifier. An identifier of several parts has one that is the resource's own; where
//! it is not known which, what `Ref` gives is known to belong to the resource, and nothing else.
//! Source: "Return values" of the types in the CloudFormation template reference.

use parapet_model::ResourceType;

/// What `Ref` gives.
pub(crate) enum Reference<'t> {
    /// The primary identifier, which is this property.
    Identifier(&'t str),
    /// A property of the resource, whether the template sets it or not.
    Property(&'t str),
    /// The same text as this property, which names another resource.
    Other(&'static str),
    /// Some text of the resource's own.
    Own,
}

/// Types whose `Ref` is another property than the schema's identifier, or one of its parts.
const PROPERTIES: [(&str, &str); 31] = [
    ("AWS::ApiGateway::Authorizer", "AuthorizerId"),
    ("AWS::ApiGateway::Deployment", "DeploymentId"),
    ("AWS::ApiGateway::DocumentationVersion", "DocumentationVersion"),
    ("AWS::ApiGateway::Model", "Name"),
    ("AWS::ApiGateway::RequestValidator", "RequestValidatorId"),
    ("AWS::ApiGateway::Resource", "ResourceId"),
    ("AWS::ApiGateway::Stage", "StageName"),
    ("AWS::ApiGatewayV2::Authorizer", "AuthorizerId"),
    ("AWS::ApiGatewayV2::Deployment", "DeploymentId"),
    ("AWS::ApiGatewayV2::Integration", "IntegrationId"),
    ("AWS::ApiGatewayV2::Model", "ModelId"),
    ("AWS::ApiGatewayV2::Route", "RouteId"),
    ("AWS::AppConfig::ConfigurationProfile", "ConfigurationProfileId"),
    ("AWS::AppConfig::Environment", "EnvironmentId"),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "Id"),
    ("AWS::Backup::BackupSelection", "Id"),
    ("AWS::Cognito::UserPoolClient", "ClientId"),
    ("AWS::Cognito::UserPoolDomain", "Domain"),
    ("AWS::Cognito::UserPoolGroup", "GroupName"),
    ("AWS::Cognito::UserPoolIdentityProvider", "ProviderName"),
    ("AWS::Cognito::UserPoolResourceServer", "Identifier"),
    ("AWS::Cognito::UserPoolUser", "Username"),
    ("AWS::ECS::Service", "ServiceArn"),
    ("AWS::EC2::EIP", "PublicIp"),
    ("AWS::EFS::MountTarget", "Id"),
    ("AWS::Events::Rule", "Name"),
    ("AWS::IAM::GroupPolicy", "PolicyName"),
    ("AWS::IAM::RolePolicy", "PolicyName"),
    ("AWS::IAM::UserPolicy", "PolicyName"),
    ("AWS::Logs::LogStream", "LogStreamName"),
    ("AWS::Logs::MetricFilter", "FilterName"),
];

/// Types whose `Ref` is what one of their properties refers to.
const OTHERS: [(&str, &str); 3] = [
    ("AWS::SecretsManager::ResourcePolicy", "SecretId"),
    ("AWS::SecretsManager::RotationSchedule", "SecretId"),
    ("AWS::SecretsManager::SecretTargetAttachment", "SecretId"),
];

/// Attributes that are the identifier by another name.
const ALIASES: [(&str, &str); 2] =
    [("AWS::EC2::SecurityGroup", "GroupId"), ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerArn")];

/// What `Ref` of a resource of this type gives.
pub(crate) fn reference(ty: &ResourceType) -> Reference<'_> {
    if let Some((_, property)) = OTHERS.iter().find(|(name, _)| **name == *ty.name) {
        return Reference::Other(property);
    }
    let listed = PROPERTIES.iter().find(|(name, _)| **name == *ty.name);
    if let Some(property) = listed.and_then(|(_, property)| ty.property(property)) {
        return Reference::Property(&property.name);
    }
    match ty.identifier.as_slice() {
        [only] => Reference::Identifier(only),
        _ => Reference::Own,
    }
}

/// Whether an attribute is the resource's identifier.
pub(crate) fn is_identifier(ty: &ResourceType, attribute: &str) -> bool {
    let alias = ALIASES.iter().any(|(name, alias)| **name == *ty.name && *alias == attribute);
    alias || matches!(reference(ty), Reference::Identifier(property) if property == attribute)
}

#[cfg(test)]
mod tests {
    use parapet_model::Schema;

    use super::*;

    #[test]
    fn the_lists_name_types_and_properties() {
        for (name, property) in PROPERTIES.iter().chain(&OTHERS).chain(&ALIASES) {
            let ty = Schema::embedded().resource_type(name).unwrap_or_else(|| panic!("{name}"));
            assert!(ty.property(property).is_some(), "{name} has no {property}");
        }
    }
}
