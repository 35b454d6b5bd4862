//! Templates that are wrong, or made to do harm: each ends soon, and says what is the matter.

use std::time::{Duration, Instant};

use super::alone;
use crate::tests::attempt;

#[track_caller]
fn faults(text: &str, wanted: &str) {
    let begun = Instant::now();
    let (kept, _) = attempt(text, Some("cloudformation"));
    assert!(kept.faults().iter().any(|fault| fault.contains(wanted)), "{:?}", kept.faults());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn the_fault_is_said_with_its_place() {
    faults("Resources:\n\tA: 1\n", "!2:");
    faults("Resources:\n  A: {Type: x}\n  A: {Type: y}\n", "!3:3 the key \"A\" occurs twice in one map");
    faults("Resources:\n  A: !Foo x\n", "!2:6 `!Foo` is not a function of CloudFormation");
    faults("Resources:\n  A: !!binary x\n", "!2:6 the tag `!!binary` is not one of a template");
    faults("Resources: []\n", "!1:12 `Resources` is not a map");
    faults("Resources:\n  A: 1\n  B: {}\n", "!2:6 resource `A` is not a map");
    faults("Resources:\n  A: 1\n  B: {}\n", "!3:6 resource `B` has no `Type`");
    faults("Resources: {A: {Type: 'AWS::S3::Bucket', Properties: 3}}", "`Properties` of resource `A` is not a map");
    faults("[]", "a template is a map of sections");
}

#[test]
fn empty_templates_hold_nothing() {
    for text in ["{}", "null", "# nothing\n", "{\"Resources\": {}}", "{\"Resources\": null}"] {
        let (kept, summary) = attempt(text, Some("cloudformation"));
        let summary = summary.unwrap();
        assert_eq!((summary.formats.as_slice(), summary.world), (&["cloudformation"][..], true), "{text}");
        assert!(kept.records.is_empty() && kept.skips.is_empty(), "{text}");
    }
}

#[test]
fn circles_of_names_end() {
    let text = "Resources:\n  A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: !Ref B}}\n  B: {Type: \
                'AWS::S3::Bucket', Properties: {BucketName: !Sub 'x${A}'}}\n  C: {Type: 'AWS::S3::Bucket', Properties: \
                {BucketName: !GetAtt C.BucketName}}\n";
    let come = alone(text);
    assert_eq!(come.addresses(), ["A", "B", "C"]);
    assert!(come.property("A", "BucketName").contains("id>"), "{}", come.property("A", "BucketName"));
}

#[test]
fn texts_that_double_are_cut() {
    let mut text = "Resources:\n  N0: {Type: 'AWS::S3::Bucket', Properties: {BucketName: xxxxxxxxxx}}\n".to_owned();
    for at in 1..60 {
        let before = at - 1;
        text += &format!(
            "  N{at}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Sub '${{N{before}}}${{N{before}}}'}}}}\n"
        );
    }
    let begun = Instant::now();
    let come = alone(&text);
    assert_eq!(come.kept.records.len(), 60);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let mut text = "Conditions:\n  C0: !Equals [!Ref 'AWS::Region', x]\n".to_owned();
    for at in 1..60 {
        text += &format!("  C{at}: !And [!Condition C{0}, !Condition C{0}]\n", at - 1);
    }
    text += "Resources:\n  A: {Type: 'AWS::S3::Bucket', Condition: C59, Properties: {BucketName: !If [C59, a, !If [C58, b, c]]}}\n";
    let begun = Instant::now();
    assert_eq!(alone(&text).property("A", "BucketName"), "\"a\"");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn loops_that_multiply_are_cut() {
    let mut inner = "{Type: 'AWS::SQS::Queue'}".to_owned();
    let list = (0..100).map(|at| at.to_string()).collect::<Vec<_>>().join(",");
    for name in ["E", "D", "C", "B"] {
        inner = format!("{{'Fn::ForEach::{name}': [{name}, [{list}], {{'${{{name}}}': {inner}}}]}}");
    }
    faults(&format!("Resources:\n  Fn::ForEach::A: [A, [{list}], {{'Q${{A}}': {inner}}}]\n"), "is not written out");
    let deep = (0..7).fold("{Q: {Type: 'AWS::SQS::Queue'}}".to_owned(), |inner, at| {
        format!("{{'Fn::ForEach::L{at}': [V{at}, [a], {inner}]}}")
    });
    faults(&format!("Resources: {deep}\n"), "loops nest deeper than five");
}

#[test]
fn size_and_number_are_bounded() {
    faults(&format!("Resources: {{}}\n#{}", "x".repeat(5 << 20)), "a template of more than 4194304 bytes");
    let many: String = (0..10_001).map(|at| format!("  Q{at}: {{Type: 'AWS::SQS::Queue'}}\n")).collect();
    faults(&format!("Resources:\n{many}"), "more than 10000 resources");
}
