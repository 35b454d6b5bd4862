//! Marks in texts of templates, and the resources that they are about.

use std::path::Path;

use super::*;
use crate::cloudformation;

/// The marks as `tool id "reason" until @line of the mark -> line of the resource's value`.
fn told(path: &str, text: &str) -> Vec<String> {
    let tree = cloudformation::tree(Path::new(path), text).unwrap();
    let document = Document { path: path.into(), text: text.into(), tree };
    let marks = suppressions(&document, &Tool::ALL);
    let line = |span: Span| text.get(..span.start as usize).unwrap().matches('\n').count() + 1;
    let one = |mark: &Suppression| {
        let reason = mark.reason.as_ref().map(|reason| format!(" {reason:?}")).unwrap_or_default();
        let until = mark.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
        let about = mark.about.map_or("nothing".to_owned(), |span| line(span).to_string());
        format!("{} {}{reason}{until} @{} -> {about}", mark.tool.name(), mark.id, line(mark.span))
    };
    let unread = marks.unread.iter().map(|(span, why)| format!("unread @{}: {why}", line(*span)));
    marks.found.iter().map(one).chain(unread).collect()
}

/// The same with the letter of the resource instead of its line.
fn named(path: &str, text: &str) -> Vec<String> {
    let tree = cloudformation::tree(Path::new(path), text).unwrap();
    let document = Document { path: path.into(), text: text.into(), tree };
    let marks = suppressions(&document, &Tool::ALL);
    let name = |span: Span| {
        let before = text.get(..span.start as usize).unwrap().trim_end_matches([' ', ':']);
        before.get(before.len() - 1..).unwrap().to_owned()
    };
    let line = |span: Span| text.get(..span.start as usize).unwrap().matches('\n').count() + 1;
    let one = |mark: &Suppression| {
        let about = mark.about.map_or("nothing".to_owned(), name);
        format!("{} {} @{} -> {about}", mark.tool.name(), mark.id, line(mark.span))
    };
    marks.found.iter().map(one).collect()
}

#[test]
fn metadata_of_resources_is_read() {
    let text = r#"{
"Metadata": {"checkov": {"skip": [{"id": "CKV_AWS_1"}]}},
"Resources": {
"A": {"Type": "AWS::S3::Bucket",
  "Metadata": {
    "guard": {"SuppressedRules": ["S3_A", {"S3_B": "by hand"}]},
    "cfn_nag": {"rules_to_suppress": [{"id": "W9", "reason": "a reason"}, {"id": "W2", "reason": ""}]},
    "checkov": {"skip": [{"id": "CKV_AWS_18", "comment": "of logs"}]}}},
"Fn::ForEach::Loop": ["X", ["1", "2"], {"B${X}":
  {"Type": "AWS::S3::Bucket", "Metadata": {"guard": {"SuppressedRules": ["S3_C"]}}}}],
"B": {"Type": "AWS::S3::Bucket",
  "Metadata": {"guard": {"SuppressedRules": "S3_A"}, "cfn_nag": {"rules_to_suppress": ["W9"]}, "trivy": {}},
  "Properties": {"BucketName": " # checkov:skip=CKV_AWS_20 "}}
}}"#;
    assert_eq!(
        told("t.json", text),
        [
            "checkov CKV_AWS_1 @2 -> nothing",
            "guard S3_A @6 -> 4",
            "guard S3_B \"by hand\" @6 -> 4",
            "cfn_nag W9 \"a reason\" @7 -> 4",
            "cfn_nag W2 @7 -> 4",
            "checkov CKV_AWS_18 \"of logs\" @8 -> 4",
            "guard S3_C @10 -> 10",
            "unread @12: `guard.SuppressedRules` is not a list",
            "unread @12: an element of `cfn_nag.rules_to_suppress` names no rule",
        ]
    );
}

#[test]
fn comments_belong_to_the_resource_whose_lines_hold_them() {
    let text = "# checkov:skip=CKV_AWS_1:above all
Resources:
  # trivy:ignore:AWS-0001
  #trivy:ignore:AWS-0002:exp:2027-01-31 trivy:ignore:AWS-0003
  A: # checkov:skip=CKV_AWS_2
    # checkov:skip=CKV_AWS_3,CKV_AWS_4: of logs: all
    Type: AWS::S3::Bucket
    Properties:
      BucketName: 'a # checkov:skip=CKV_AWS_5'
      # trivy:ignore:AVD-AWS-0004
      Tags: [] # checkov:skip=CKV_AWS_6

      # checkov:skip=CKV_AWS_7
  # checkov:skip=CKV_AWS_8
  B: {Type: AWS::EC2::Instance, Properties: {ImageId: x}} # checkov:skip=CKV_AWS_9
  C:
    Type: AWS::EC2::Instance
    Properties:
      UserData: |
        #!/bin/sh
        # checkov:skip=CKV_AWS_10
      # trivy:ignore:* trivy:ignore:AWS-0005:ws:prod
";
    assert_eq!(
        told("t.yaml", text),
        [
            "checkov CKV_AWS_1 \"above all\" @1 -> nothing",
            "trivy AWS-0001 @3 -> 7",
            "trivy AWS-0002 until 2027-01-31 @4 -> 7",
            "trivy AWS-0003 @4 -> 7",
            "checkov CKV_AWS_2 @5 -> 7",
            "checkov CKV_AWS_3 \"of logs: all\" @6 -> 7",
            "checkov CKV_AWS_4 \"of logs: all\" @6 -> 7",
            "trivy AVD-AWS-0004 @10 -> 7",
            "checkov CKV_AWS_6 @11 -> 7",
            "checkov CKV_AWS_7 @13 -> 7",
            "checkov CKV_AWS_8 @14 -> nothing",
            "checkov CKV_AWS_9 @15 -> 15",
            "unread @22: `trivy:ignore:*` names no rule by itself",
            "unread @22: `trivy:ignore:AWS-0005:ws:prod` counts under conditions that are not known here",
        ]
    );
}

#[test]
fn only_the_tools_that_were_asked_for_are_read() {
    let text = "Resources:\n  A:\n    Type: AWS::S3::Bucket # checkov:skip=CKV_AWS_1\n    Metadata:\n      guard: {SuppressedRules: [A]}\n";
    let tree = cloudformation::tree(Path::new("t.yaml"), text).unwrap();
    let document = Document { path: "t.yaml".into(), text: text.into(), tree };
    let ids = |tools: &[Tool]| {
        suppressions(&document, tools).found.iter().map(|mark| mark.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[Tool::Guard]), ["A"]);
    assert_eq!(ids(&[Tool::Checkov, Tool::Trivy]), ["CKV_AWS_1"]);
    assert_eq!(ids(&[]), [""; 0]);
}

#[test]
fn documents_that_are_no_templates_have_none() {
    let text = r#"{"format_version": "1.2", "resource_changes": []}"#;
    let tree = parapet_model::json::parse(text).unwrap();
    let document = Document { path: "plan.json".into(), text: text.into(), tree };
    assert_eq!(suppressions(&document, &Tool::ALL), Suppressions::default());
}

#[test]
fn of_neighbours_on_a_line_the_one_around_the_comment_is_meant() {
    let text = "Resources: {A: {Type: AWS::S3::Bucket},
  B: {Type: AWS::S3::Bucket}, C: {Type: AWS::S3::Bucket, # checkov:skip=CKV_AWS_1
  Properties: {BucketName: c}}, D: {Type: AWS::S3::Bucket},
  # trivy:ignore:AWS-0001
  E: {Type: AWS::S3::Bucket}, F: {Type: AWS::S3::Bucket}, # checkov:skip=CKV_AWS_2
  G: {Type: AWS::S3::Bucket}, # checkov:skip=CKV_AWS_3
  \"x # checkov:skip=CKV_AWS_4 x\": {Type: AWS::S3::Bucket},
  'y # checkov:skip=CKV_AWS_5 x' :
    {Type: AWS::S3::Bucket}}
";
    let wanted = [
        "checkov CKV_AWS_1 @2 -> C",
        "trivy AWS-0001 @4 -> nothing",
        "checkov CKV_AWS_2 @5 -> nothing",
        "checkov CKV_AWS_3 @6 -> G",
    ];
    assert_eq!(named("t.yaml", text), wanted);
}
