//! Where values stand in the text of a template.

use super::alone;

/// The text at a property's place, and its line.
#[track_caller]
fn at(text: &str, address: &str, name: &str) -> (String, u32) {
    let come = alone(text);
    let record = come.record(address);
    let span = record.property(name).unwrap().span;
    let document = record.document.as_ref().unwrap();
    let line = document.text.get(..span.start as usize).unwrap().matches('\n').count() as u32 + 1;
    (document.text.get(span.range()).unwrap().to_owned(), line)
}

#[test]
fn values_stand_where_they_are_written() {
    let yaml = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      # ü\n      BucketName: !Sub x-y\n      AccessControl: Private\n";
    assert_eq!(at(yaml, "A", "BucketName"), ("!Sub x-y".to_owned(), 6));
    assert_eq!(at(yaml, "A", "AccessControl"), ("Private".to_owned(), 7));
    let json = "\n\n  {\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\",\n \"Properties\": {\"BucketName\": {\"Ref\": \"AWS::Region\"}}}}}";
    assert_eq!(at(json, "A", "BucketName"), ("{\"Ref\": \"AWS::Region\"}".to_owned(), 4));
}

#[test]
fn pointers_lead_through_short_forms() {
    let text = "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub x-y\n";
    let come = alone(text);
    let record = come.record("A");
    let span = record.property("BucketName").unwrap().span;
    assert_eq!(record.document.as_ref().unwrap().tree.pointer_to(span), "/Resources/A/Properties/BucketName");
    assert_eq!((record.origin.line, record.origin.column), (3, 5));
}
