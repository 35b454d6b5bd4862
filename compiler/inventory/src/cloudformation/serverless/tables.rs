//! `AWS::Serverless::SimpleTable`: a table with one key.

use parapet_model::Node;

use super::make::{At, is_open, member, or_unknown, same_named, unknown};
use super::{Made, tags};

/// What the table takes over as it is.
pub(super) const SAME: [&str; 3] = ["PointInTimeRecoverySpecification", "SSESpecification", "TableName"];

pub(super) fn table(made: &mut Made<'_>) {
    let (at, properties) = (made.at(), &made.source.properties);
    let (attribute, key) = key(at, properties.get("PrimaryKey"));
    let throughput = member(properties, "ProvisionedThroughput");
    let billing = match &throughput {
        Some(node) if is_open(node) => Some(unknown(node.span, "a function decides how it is billed")),
        Some(_) => None,
        None => Some(at.text("PAY_PER_REQUEST")),
    };
    let mut members = vec![
        ("AttributeDefinitions", Some(at.list([attribute]))),
        ("KeySchema", Some(at.list([key]))),
        ("ProvisionedThroughput", throughput),
        ("BillingMode", billing),
        ("Tags", tags(at, properties.get("Tags"))),
    ];
    members.extend(same_named(properties, &SAME));
    made.add(&made.source.id, "AWS::DynamoDB::Table", at.map(members));
}

/// The attribute that is the key, and the key.
fn key(at: At, key: Option<&Node>) -> (Node, Node) {
    if let Some(open) = key.filter(|key| is_open(key)) {
        let later = || unknown(open.span, "a function decides which key there is");
        return (later(), later());
    }
    let name = key.and_then(|key| member(key, "Name")).unwrap_or_else(|| at.text("id"));
    let short = |ty: Node| match ty.as_text() {
        Some("Number") => at.text("N"),
        Some("Binary") => at.text("B"),
        _ => at.text("S"),
    };
    let ty = key.and_then(|key| member(key, "Type")).map_or_else(|| at.text("S"), |ty| or_unknown(ty, short));
    let attribute = at.map([("AttributeName", Some(name.clone())), ("AttributeType", Some(ty))]);
    (attribute, at.map([("AttributeName", Some(name)), ("KeyType", Some(at.text("HASH")))]))
}
