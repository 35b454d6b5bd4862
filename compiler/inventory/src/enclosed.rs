//! Resources that another one holds in a language of its own: the methods of an API that OpenAPI describes.
//!
//! They are not read, so that there may be more of their types than the document shows.

use parapet_model::{Name, NodeKind, Proof, Record};

use crate::delivery::Delivery;
use crate::element::text_of;
use crate::sink::{Gap, Types};

/// The types of what a description of a REST API makes.
const REST: [&str; 6] = [
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource",
];

/// The types of what a description of an HTTP or WebSocket API makes.
const HTTP: [&str; 4] = [
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Model",
    "AWS::ApiGatewayV2::Route",
];

/// Types, the property that holds others, and the types of these. Sources: "Working with API definitions in HTTP APIs" and
/// "Develop REST APIs using OpenAPI" in the API Gateway developer guide.
const ENCLOSING: [(&str, &str, &[&str]); 4] = [
    ("AWS::ApiGateway::RestApi", "Body", &REST),
    ("AWS::ApiGateway::RestApi", "BodyS3Location", &REST),
    ("AWS::ApiGatewayV2::Api", "Body", &HTTP),
    ("AWS::ApiGatewayV2::Api", "BodyS3Location", &HTTP),
];

/// Tells what a resource of a template or plan holds and nobody reads.
pub(crate) fn untold(cx: &mut Delivery<'_>, record: &Record) {
    let held = ENCLOSING.iter().filter(|(ty, ..)| record.form.planned && *ty == &*record.resource_type);
    for (_, property, types) in held {
        let Some(node) = record.property(property).filter(|node| !node.is_null()) else { continue };
        let called = record.address.as_deref().unwrap_or(&record.resource_type);
        let why = format!("what the `{property}` of {called} describes is not read");
        // What is not known may be nothing.
        if !matches!(node.kind, NodeKind::Unknown(_)) {
            cx.left_out(record, why.clone());
        }
        let types = Types::Listed(types.iter().map(|name| Name::from(*name)).collect());
        let (account, region) = (text_of(record.account.as_ref()), text_of(record.region.as_ref()));
        cx.incomplete(Gap { types, account, region, beats: Proof::Listed, why });
    }
}
