//! How customers sign in: Cognito user pools, their clients, identity pools.
//!
//! Every place of a workload has a user pool that demands a second factor from an application and watches for
//! stolen passwords, and a confidential client for the load balancer. The home region adds an identity pool for
//! people who signed in. Pools come from Cloud Control; clients and identity pools are AWS Config items.

use serde_json::json;

use super::item::{Draft, Item, Shelf, description};
use super::names::Place;

/// User pool, client and, at home, identity pool of a place.
pub(crate) fn signin(place: &Place<'_>) -> Vec<Item> {
    let mut items = vec![user_pool(place), client(place)];
    if place.region.number == 0 {
        items.push(identity_pool(place));
        items.push(pool_roles(place));
    }
    items
}

fn user_pool(place: &Place<'_>) -> Item {
    let id = place.user_pool_id();
    let properties = json!({
        "UserPoolId": id,
        "UserPoolName": format!("customers-{}", place.account.name),
        "Arn": place.user_pool(),
        "ProviderName": format!("cognito-idp.{}.amazonaws.com/{id}", place.region.name),
        "MfaConfiguration": "ON",
        "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
        "Policies": {"PasswordPolicy": {
            "MinimumLength": 14,
            "RequireUppercase": true,
            "RequireLowercase": true,
            "RequireNumbers": true,
            "RequireSymbols": true,
            "PasswordHistorySize": 24,
            "TemporaryPasswordValidityDays": 1,
        }},
        "UserPoolTier": "PLUS",
        "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"},
        "DeletionProtection": "ACTIVE",
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true},
        "AutoVerifiedAttributes": ["email"],
        "UsernameAttributes": ["email"],
        "UserPoolTags": {"env": place.account.environment, "owner": place.account.owner()},
    });
    description(Shelf::SignIn, place, "AWS::Cognito::UserPool", &id, properties)
}

fn client(place: &Place<'_>) -> Item {
    let id = place.user_pool_client_id();
    let site = format!("https://{}.{}.example.com", place.account.name, place.region.name);
    Draft::new(place, "AWS::Cognito::UserPoolClient", &id).name("web").build(json!({
        "UserPoolId": place.user_pool_id(),
        "ClientName": "web",
        "ClientId": id,
        "GenerateSecret": true,
        "AccessTokenValidity": 60,
        "IdTokenValidity": 60,
        "RefreshTokenValidity": 1,
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "CallbackURLs": [format!("{site}/oauth2/idpresponse")],
        "LogoutURLs": [format!("{site}/goodbye")],
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": true,
        "SupportedIdentityProviders": ["COGNITO"],
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": true,
        "EnablePropagateAdditionalUserContextData": false,
        "AuthSessionValidity": 3,
    }))
}

fn identity_pool(place: &Place<'_>) -> Item {
    let id = place.identity_pool_id();
    let name = place.account.name.replace('-', "_");
    let provider = format!("cognito-idp.{}.amazonaws.com/{}", place.region.name, place.user_pool_id());
    Draft::new(place, "AWS::Cognito::IdentityPool", &id).name(&name).build(json!({
        "Id": id,
        "IdentityPoolName": name,
        "AllowUnauthenticatedIdentities": false,
        "AllowClassicFlow": false,
        "CognitoIdentityProviders": [{
            "ClientId": place.user_pool_client_id(), "ProviderName": provider, "ServerSideTokenCheck": true,
        }],
    }))
}

fn pool_roles(place: &Place<'_>) -> Item {
    let id = place.identity_pool_id();
    let role = place.account.arn("iam", "role/customer");
    let properties = json!({"Id": id, "IdentityPoolId": id, "Roles": {"authenticated": role}});
    description(Shelf::SignIn, place, "AWS::Cognito::IdentityPoolRoleAttachment", &id, properties)
}
