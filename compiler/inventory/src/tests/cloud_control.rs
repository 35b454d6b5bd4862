//! Answers of the Cloud Control API.

use super::{attempt, kept};
use crate::Error;

const ONE: &str = r#"{"TypeName": "AWS::SSO::PermissionSet", "ResourceDescription": {"Identifier": "i|p", "Properties": "{\"InstanceArn\": \"i\", \"PermissionSetArn\": \"arn:aws:sso:::p\", \"Name\": \"Admin\"}"}, "AccountId": "1", "Region": "r"}"#;

#[test]
fn one_resource() {
    let kept = kept(ONE);
    let record = &kept.records[0];
    assert_eq!(kept.ids(), ["i|p"]);
    assert_eq!(record.name.as_ref().unwrap().as_text(), Some("Admin"));
    assert_eq!(record.arn.as_ref().unwrap().as_text(), Some("arn:aws:sso:::p"));
    assert_eq!(record.account.as_ref().unwrap().as_text(), Some("1"));
    assert!(record.form.live && record.form.unobservable.is_none());
    assert_eq!(kept.property("InstanceArn"), "\"i\"");
}

#[test]
fn names_come_from_the_property_that_the_type_is_called_by() {
    let text = r#"{"TypeName": "AWS::Cognito::UserPoolClient", "ResourceDescription": {"Identifier": "u|c", "Properties": {"ClientName": "web", "ClientId": "c"}}}"#;
    assert_eq!(kept(text).records[0].name.as_ref().unwrap().as_text(), Some("web"));
    let text = text.replace("UserPoolClient", "UserPool").replace("ClientName", "UserPoolName");
    assert_eq!(kept(text).records[0].name.as_ref().unwrap().as_text(), Some("web"));
}

#[test]
fn a_list_says_its_type_before_or_after() {
    let element = r#"{"Identifier": "a", "Properties": "{\"BucketName\": \"a\", \"Tags\": []}"}"#;
    for text in [
        format!(r#"{{"TypeName": "AWS::S3::Bucket", "ResourceDescriptions": [{element}, {element}]}}"#),
        format!(r#"{{"ResourceDescriptions": [{element}, {element}], "TypeName": "AWS::S3::Bucket"}}"#),
        format!(
            r#"{{"data": {{"ResourceDescriptions": [{element}, {element}], "TypeName": "AWS::S3::Bucket"}}, "x": 1}}"#
        ),
    ] {
        let kept = kept(&text);
        assert_eq!(kept.ids(), ["a", "a"], "{text}");
        assert!(kept.records[1].pointer.ends_with("/ResourceDescriptions/1") && kept.complete().is_empty());
    }
    let kept = kept(format!(r#"{{"ResourceDescriptions": [{element}]}}"#));
    assert_eq!(kept.faults(), ["!1:27 the answer has no `TypeName`"]);
}

#[test]
fn a_listing_hides_what_it_lacks_and_a_description_does_not() {
    let text = r#"{"TypeName": "AWS::S3::Bucket", "ResourceDescriptions": [{"Identifier": "a", "Properties": "{\"BucketName\": \"a\"}"}]}"#;
    assert!(kept(text).hides("PublicAccessBlockConfiguration"));
    let text = text.replace("\\\"BucketName\\\": \\\"a\\\"", "\\\"BucketName\\\": \\\"a\\\", \\\"Tags\\\": []");
    assert!(kept(text).hides("PublicAccessBlockConfiguration"));
    let whole = r#"{"TypeName": "AWS::S3::Bucket", "ResourceDescription": {"Identifier": "a", "Properties": "{\"BucketName\": \"a\"}"}}"#;
    assert!(kept(whole).records[0].form.unobservable.is_none());
}

#[test]
fn an_empty_answer_shows_that_there_is_nothing() {
    assert_eq!(
        kept(r#"{"ResourceDescriptions": [], "TypeName": "AWS::S3::Bucket"}"#).complete(),
        ["AWS::S3::Bucket in all all"]
    );
    let more = r#"{"ResourceDescriptions": [], "TypeName": "AWS::S3::Bucket", "NextToken": "x"}"#;
    assert!(matches!(attempt(more, None).1, Err(Error::Unrecognised)));
    let placed = r#"{"ResourceDescriptions": [], "TypeName": "AWS::S3::Bucket", "AccountId": "1", "Region": "r"}"#;
    assert_eq!(kept(placed).complete(), ["AWS::S3::Bucket in 1 r"]);
}

#[test]
fn what_cannot_be_read_is_an_error_at_its_place() {
    let broken = ONE.replace("{\\\"InstanceArn", "{InstanceArn");
    let faults = kept(broken).faults();
    assert!(faults[0].starts_with("!1:100 `Properties`: the text is not JSON"), "{faults:?}");
    let odd = ONE.replace("AWS::SSO::PermissionSet", "AWS::No::Type");
    assert_eq!(kept(odd).faults(), ["1:1 resource type AWS::No::Type is not known to any schema"]);
    let without = r#"{"TypeName": "AWS::S3::Bucket", "ResourceDescription": {"Identifier": "a"}}"#;
    assert_eq!(kept(without).faults(), ["!1:56 the description has no `Properties`"]);
}
