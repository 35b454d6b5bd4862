//! Stacks: conditions of resources, folders of the CDK, what a template cannot hold.

use super::{Memory, alone, come};

#[test]
fn a_condition_that_nobody_decided_leaves_existence_open() {
    let text = "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\nResources:\n  A:\n    Type: \
                AWS::S3::Bucket\n    Condition: C\n    Properties: {BucketName: !If [C, a, b]}\n  B: {Type: \
                'AWS::S3::Bucket', Properties: {BucketName: !Ref A}}\n";
    let open = alone(text);
    let why = open.record("A").existence.as_ref().unwrap().why().to_owned();
    assert_eq!(why, "condition `C` is not decided: parameter `P` has no value");
    // Where it exists, its condition holds.
    assert_eq!(open.property("A", "BucketName"), "\"a\"");
    assert!(open.summary.world);
    let none = come(text, "P: y", &Memory::default());
    assert_eq!(none.addresses(), ["B"]);
    assert_eq!(none.kept.faults(), ["5:5 `A` is not created: condition `C` is false"]);
    assert_eq!(none.property("B", "BucketName"), "?`A` is not created here");
    let made = come(text, "P: x", &Memory::default());
    assert!(made.record("A").existence.is_none());
}

#[test]
fn loops_are_written_out() {
    let text = r#"
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: "a-1,b"}
  Open: {Type: CommaDelimitedList}
Resources:
  Fn::ForEach::Buckets:
    - Name
    - !Ref Names
    - Bucket&{Name}:
        Type: AWS::S3::Bucket
        Properties:
          BucketName: !Sub "x-${Name}"
          ObjectLockEnabled: !Equals [!Ref Name, b]
          Fn::ForEach::Tags:
            - Key
            - [one]
            - "${Key}": !Ref Key
  Fn::ForEach::Later:
    - Name
    - !Ref Open
    - "Q${Name}": {Type: "AWS::SQS::Queue"}
  Kept: {Type: "AWS::SQS::Queue"}
"#;
    let come = alone(text);
    assert_eq!(come.addresses(), ["Bucketa1", "Bucketb", "Kept"]);
    assert_eq!(come.property("Bucketa1", "BucketName"), "\"x-a-1\"");
    assert_eq!(come.property("Bucketb", "one"), "\"one\"");
    assert!(!come.summary.world, "what the loop brings may exist");
    assert_eq!(
        come.kept.faults(),
        [
            "20:5 loop `Fn::ForEach::Later` is not written out: its collection is not known: parameter `Open` has no value"
        ]
    );
}

#[test]
fn what_macros_make_is_not_known() {
    let bucket = "Resources: {A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: x}}}\n";
    let macros = alone(&format!("Transform: [Mine, 'AWS::Serverless-2016-10-31']\n{bucket}"));
    assert_eq!(macros.property("A", "BucketName"), "?macro `Mine` may change it");
    assert_eq!(macros.property("A", "PublicAccessBlockConfiguration"), "?macro `Mine` may change it");
    assert!(!macros.summary.world);
    let secrets = alone(&format!("Transform: AWS::SecretsManager-2020-07-23\n{bucket}"));
    assert_eq!(secrets.property("A", "BucketName"), "\"x\"");
    assert!(!secrets.summary.world);
}

#[test]
fn rules_join_the_groups_that_they_may_belong_to() {
    let text = |group: &str| {
        format!(
            "Parameters: {{P: {{Type: String}}}}\nConditions: {{C: !Equals [!Ref P, x]}}\nResources:\n  G: {{Type: \
             'AWS::EC2::SecurityGroup', Properties: {{GroupDescription: g}}}}\n  H: {{Type: \
             'AWS::EC2::SecurityGroup', Properties: {{GroupDescription: h}}}}\n  R: {{Type: \
             'AWS::EC2::SecurityGroupIngress', Properties: {{GroupId: {group}, IpProtocol: tcp}}}}\n"
        )
    };
    let rules = |group: &str| {
        let come = alone(&text(group));
        ["G", "H"].map(|id| come.property(id, "SecurityGroupIngress"))
    };
    assert_eq!(rules("!Ref G"), ["[{IpProtocol: \"tcp\"}]", "nothing"]);
    assert_eq!(rules("sg-1"), ["nothing", "nothing"]);
    // An identifier that is given beforehand is none of a group that is yet to be made.
    assert_eq!(rules("!Ref P"), ["nothing", "nothing"]);
    let open = rules("!If [C, !Ref G, !Ref H]");
    assert!(open.iter().all(|rules| rules.starts_with("[?condition `C`")), "{open:?}");
}

#[test]
fn policies_join_the_roles_that_they_may_belong_to() {
    let text = "Parameters: {P: {Type: String}}\nResources:\n  A: {Type: 'AWS::IAM::Role', Properties: {RoleName: a}}\n  \
                B: {Type: 'AWS::IAM::Role'}\n  C: {Type: 'AWS::IAM::Role', Properties: {RoleName: !Ref P}}\n  X: {Type: \
                'AWS::IAM::RolePolicy', Properties: {RoleName: NAME, PolicyName: x}}\n  M: {Type: \
                'AWS::IAM::ManagedPolicy', Properties: {Roles: [NAME]}}\n";
    let policies = |name: &str| {
        let come = alone(&text.replace("NAME", name));
        ["A", "B", "C"].map(|id| come.property(id, "Policies"))
    };
    let element = "[{PolicyName: \"x\"}]";
    let unknown = "[?parameter `P` has no value]";
    assert_eq!(policies("a"), [element, "nothing", unknown]);
    assert_eq!(policies("!Ref B"), ["nothing", element, "nothing"]);
    // What a parameter names may be a role whose name is given, too.
    assert_eq!(policies("!Ref P"), [unknown, "nothing", element]);
    let managed = alone(&text.replace("NAME", "a"));
    assert_eq!(managed.property("A", "ManagedPolicyArns"), "[<0:M.arn>]");
}

#[test]
fn managed_policies_join_whom_they_are_given_to_by_the_other_side() {
    let text = "Parameters: {P: {Type: String}}\nResources:\n  A: {Type: 'AWS::IAM::ManagedPolicy', Properties: \
                {ManagedPolicyName: a}}\n  B: {Type: 'AWS::IAM::ManagedPolicy'}\n  U: {Type: 'AWS::IAM::User', Properties: \
                {UserName: u, ManagedPolicyArns: [ARN]}}\n";
    let users = |arn: &str| {
        let come = alone(&text.replace("ARN", arn));
        ["A", "B"].map(|id| come.property(id, "Users"))
    };
    assert_eq!(users("!Ref A"), ["[\"u\"]", "nothing"]);
    assert_eq!(users("!Ref B"), ["nothing", "[\"u\"]"]);
    assert_eq!(users("'arn:aws:iam::111122223333:policy/a'"), ["[?A may be given to it]", "nothing"]);
    assert_eq!(users("!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/b'"), ["nothing", "nothing"]);
    for other in ["'arn:aws:iam::aws:policy/a'", "!Sub 'arn:${AWS::Partition}:iam::aws:policy/a'"] {
        assert_eq!(users(other), ["nothing", "nothing"]);
    }
    assert_eq!(users("!Ref P"), ["[?parameter `P` has no value]", "[?parameter `P` has no value]"]);
}

#[test]
fn headers_say_what_the_template_knows() {
    let text = "Resources:\n  A: {Type: 'AWS::S3::Bucket', Properties: {BucketName: x, Tags: [{Key: a, Value: b}]}}\n  \
                T: {Type: 'AWS::SNS::Topic', Properties: {TopicName: t}}\n";
    let come = come(text, "AWS::Region: eu-west-1\nAWS::AccountId: '111122223333'\n", &Memory::default());
    let text = |node: &Option<parapet_model::Node>| node.as_ref().map(super::shown).unwrap_or_default();
    let bucket = come.record("A");
    assert_eq!(
        [text(&bucket.id), text(&bucket.account), text(&bucket.region)],
        ["\"x\"", "\"111122223333\"", "\"eu-west-1\""]
    );
    assert_eq!((&**bucket.owner.as_ref().unwrap(), &*bucket.pointer), ("0@111122223333:A", "/Resources/A"));
    assert_eq!(text(&come.record("T").id), "\"arn:aws:sns:eu-west-1:111122223333:t\"");
}

#[test]
fn the_types_that_no_template_holds_are_those_that_the_facts_add() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../facts/type_overlay.json");
    let facts = parapet_model::json::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
    let added = super::super::functions::members(facts.get("own_types").unwrap());
    let mut added: Vec<&str> = added.iter().map(|(name, _)| &**name).collect();
    added.sort();
    assert_eq!(added, super::super::UNSEEN);
}
