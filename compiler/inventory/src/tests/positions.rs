//! Reading a record again for the places of its values.

use parapet_model::json::pointer_to;
use parapet_model::{Name, NodeKind, Record, Schema};
use rustc_hash::FxHashSet;

use super::kept;
use crate::{Given, Rereader};

/// The record again, with all of its properties and with those alone that are wanted: where they stand is the same.
fn reread(bytes: &[u8], record: &Record) -> Option<Record> {
    let given = Given::of(record);
    let again = Rereader::new(Schema::embedded(), None).read(bytes, record.origin, &given)?;
    let names: Vec<Name> = record.properties.iter().map(|(name, _)| name.clone()).collect();
    for name in names {
        let wanted = |_: &str| FxHashSet::from_iter([name.clone()]);
        let mut rereader = Rereader::new(Schema::embedded(), Some(&wanted));
        for _ in 0..2 {
            let part = rereader.read(bytes, record.origin, &given).unwrap();
            assert_eq!(format!("{:?}", part.property(&name)), format!("{:?}", again.property(&name)));
        }
    }
    Some(again)
}

const ITEM: &str = r#"{"configuration": {"vpcId": "v", "cidrBlock": "10.0.0.0/8"}, "tags": {"k": "x"}, "resourceType": "AWS::EC2::VPC", "resourceId": "v", "accountId": "1", "awsRegion": "r"}"#;

/// The text of a property, found by reading its record again, and the pointer to it.
fn found<'t>(text: &'t str, record: &Record, property: &str) -> (&'t str, String) {
    let origin = record.origin;
    let bytes = &text.as_bytes()[origin.offset as usize..][..origin.length as usize];
    let again = reread(bytes, record).unwrap();
    assert_eq!((again.origin, &again.pointer, &again.resource_type), (origin, &record.pointer, &record.resource_type));
    assert_eq!(again.properties.len(), record.properties.len());
    let span = again.property(property).unwrap().span;
    let start = origin.offset as usize + span.start as usize;
    (
        text.get(start..start + (span.end - span.start) as usize).unwrap(),
        format!("{}{}", again.pointer, pointer_to(std::str::from_utf8(bytes).unwrap(), span)),
    )
}

#[test]
fn of_items() {
    let text = format!("{{\"configurationItems\": [ {ITEM}, {ITEM}]}}");
    let kept = kept(&text);
    let (value, pointer) = found(&text, &kept.records[1], "CidrBlock");
    assert_eq!((value, pointer.as_str()), ("\"10.0.0.0/8\"", "/configurationItems/1/configuration/cidrBlock"));
}

#[test]
fn of_what_was_text_in_the_input() {
    let answer = r#"{"TypeName": "AWS::EC2::VPC", "ResourceDescriptions": [{"Identifier": "v", "Properties": "{\"VpcId\": \"v\"}"}], "Region": "r"}"#;
    let kept = kept(answer);
    let (value, pointer) = found(answer, &kept.records[0], "VpcId");
    assert_eq!((value, pointer.as_str()), (r#""{\"VpcId\": \"v\"}""#, "/ResourceDescriptions/0/Properties"));
}

#[test]
fn of_query_answers() {
    let inner = serde_free(ITEM);
    let text = format!(
        "{{\"Results\": [{inner}], \"QueryInfo\": {{\"SelectFields\": [{{\"Name\": \"configuration.cidrBlock\"}}]}}}}"
    );
    let kept = kept(&text);
    let (value, pointer) = found(&text, &kept.records[0], "CidrBlock");
    assert_eq!((value, pointer.as_str()), (inner.as_str(), "/Results/0"));
    assert!(kept.hides("EnableDnsSupport"));
}

#[test]
fn of_split_records_and_neutral_ones() {
    let table = r#"{"configuration": {"routeTableId": "t", "routes": [{"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw"}, {"destinationCidrBlock": "10.0.0.0/8", "gatewayId": "local"}]}, "resourceType": "AWS::EC2::RouteTable", "resourceId": "t", "tags": {}}"#;
    let neutral = r#"{"type": "AWS::EC2::VPC", "properties": {"CidrBlock": "10.0.0.0/8"}}"#;
    let text = format!("{table}\n{neutral}\n");
    let kept = kept(&text);
    let (value, pointer) = found(&text, &kept.records[2], "GatewayId");
    assert_eq!((value, pointer.as_str()), ("\"local\"", "/configuration/routes/1/gatewayId"));
    let (value, pointer) = found(&text, &kept.records[3], "CidrBlock");
    assert_eq!((value, pointer.as_str()), ("\"10.0.0.0/8\"", "/properties/CidrBlock"));
}

#[test]
fn of_rule_events() {
    let text =
        format!("{{\"invokingEvent\": {}, \"x\": 1}}", serde_free(&format!("{{\"configurationItem\": {ITEM}}}")));
    let kept = kept(&text);
    let (value, pointer) = found(&text, &kept.records[0], "VpcId");
    assert!(value.starts_with("\"{\\\"configurationItem") && pointer == "/invokingEvent");
}

#[test]
fn bytes_that_are_no_record_give_nothing() {
    let kept = kept(ITEM);
    let record = &kept.records[0];
    assert!(matches!(record.id.as_ref().unwrap().kind, NodeKind::Text(_)));
    assert!(reread(b"{}", record).is_none());
    assert!(reread(b"{", record).is_none());
}

/// A text as a JSON string.
fn serde_free(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
