//! One input in several shapes and chunks gives the same records.

use super::{Kept, kept, kept_in_chunks};

const ITEM: &str = r#"{"configurationItemStatus": "OK", "accountId": "1", "awsRegion": "r", "resourceType": "AWS::S3::Bucket", "resourceId": "b\"{[", "tags": {}, "configuration": {"name": "b\"{["}, "supplementaryConfiguration": {"BucketPolicy": "{\"policyText\": \"{}\"}"}}"#;
const NEUTRAL: &str = r#"{"type": "AWS::EC2::VPC", "id": "vé", "properties": {"a": "\\"}}"#;
const ANSWER: &str = r#"{"TypeName": "AWS::S3::Bucket", "ResourceDescription": {"Identifier": "c", "Properties": "{\"BucketName\": \"c\"}"}}"#;

fn places(kept: &Kept) -> Vec<String> {
    let place = |record: &parapet_model::Record| {
        let origin = record.origin;
        format!(
            "{} {}+{} {}:{} #{}",
            record.pointer, origin.offset, origin.length, origin.line, origin.column, origin.part
        )
    };
    kept.records.iter().map(place).collect()
}

#[test]
fn formats_may_be_mixed() {
    let kept = kept(format!("{ITEM}\n{NEUTRAL}\n{ANSWER}{NEUTRAL}\n"));
    assert_eq!(kept.ids(), ["b\"{[", "b\"{[", "vé", "c", "vé"]);
    assert_eq!(kept.records[1].origin.part, 1);
    assert_eq!(kept.records[4].origin.column as usize, ANSWER.chars().count() + 1);
}

#[test]
fn chunks_make_no_difference() {
    let snapshot =
        format!("{{\"fileVersion\": \"1.0\", \"configurationItems\": [{ITEM},{ITEM} , {ITEM}], \"x\": {{\"y\": []}}}}");
    let pretty =
        format!("[\n  {NEUTRAL},\n  {ANSWER},\n  {{\n    \"type\": \"AWS::EC2::VPC\",\n    \"id\": \"w\"\n  }}\n]\n");
    let answer = "{\"data\": {\"ResourceDescriptions\": [{\"Identifier\": \"a\", \"Properties\": \"{}\"}], \"TypeName\": \"AWS::S3::Bucket\"}}";
    let broken = format!("{NEUTRAL}\n{{\"a\": {{\n{NEUTRAL}\nzzz\n{ITEM}\n[{NEUTRAL},");
    let lines = format!("{ITEM}\r\n\r\n{NEUTRAL}\r\n{ANSWER}");
    for text in [snapshot, pretty, answer.to_owned(), broken, lines] {
        let whole = kept(&text);
        assert!(!whole.records.is_empty());
        for chunk in 1..=7 {
            let dripped = kept_in_chunks(text.as_bytes(), chunk);
            assert_eq!(dripped.lines(), whole.lines(), "{chunk}: {text}");
            assert_eq!(places(&dripped), places(&whole), "{chunk}: {text}");
            assert_eq!(dripped.faults(), whole.faults(), "{chunk}: {text}");
            assert_eq!(dripped.complete(), whole.complete(), "{chunk}: {text}");
        }
    }
}

#[test]
fn elements_of_lists_have_pointers_and_places() {
    let kept = kept(format!("{{\"configurationItems\": [\n{ITEM},\n  {ITEM}]}}\n[{NEUTRAL}]"));
    let last = places(&kept);
    assert_eq!(&*kept.records[2].pointer, "/configurationItems/1");
    assert!(last[2].contains(" 3:3 #0"), "{last:?}");
    assert_eq!(&*kept.records[4].pointer, "/0");
}

#[test]
fn a_list_may_hold_envelopes() {
    let kept = kept(format!(
        "[{{\"configurationItems\": [{ITEM}]}}, {NEUTRAL}, {{\"TypeName\": \"AWS::S3::Bucket\", \"ResourceDescriptions\": []}}]"
    ));
    assert_eq!(kept.records.len(), 3);
    assert_eq!(&*kept.records[0].pointer, "/0/configurationItems/0");
    assert_eq!(kept.records[0].origin.column, 26);
    assert!(kept.complete().contains(&"AWS::S3::Bucket in all all".to_owned()));
}

#[test]
fn lists_inside_records_are_data() {
    let text = r#"{"type": "AWS::EC2::VPC", "id": "v", "properties": {"Results": [1], "configurationItems": [2]}}"#;
    assert_eq!(kept(text).lines(), ["AWS::EC2::VPC v Results=[1] configurationItems=[2]"]);
    let item = ITEM.replace("{\"name\"", "{\"Results\": [1, 2], \"name\"");
    assert_eq!(kept(item).records.len(), 2);
}

#[test]
fn two_lists_of_one_envelope_are_both_read() {
    let kept = kept(format!(
        "{{\"data\": {{\"configurationItems\": [{ITEM}], \"n\": 1, \"baseConfigurationItems\": [{ITEM}]}}}}"
    ));
    assert_eq!(kept.records.len(), 4);
    assert_eq!(&*kept.records[2].pointer, "/data/baseConfigurationItems/0");
}
