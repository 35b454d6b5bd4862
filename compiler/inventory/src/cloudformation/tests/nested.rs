//! Nested stacks.

use super::{Memory, come};

fn with(files: &[(&str, &str)]) -> Memory {
    Memory { files: files.iter().map(|(path, text)| ((*path).into(), (*text).into())).collect(), ..Memory::default() }
}

const PARENT: &str = r#"
Parameters: {Env: {Type: String, Default: prod}}
Resources:
  Net:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./net/net.yaml
      Parameters: {Env: !Ref Env, Key: !GetAtt Key.Arn}
  Key: {Type: "AWS::KMS::Key"}
  Db:
    Type: AWS::RDS::DBInstance
    Properties: {DBSubnetGroupName: !GetAtt Net.Outputs.Group, Engine: !GetAtt Net.Outputs.None}
"#;

const CHILD: &str = r#"
Parameters: {Env: {Type: String}, Key: {Type: String}}
Resources:
  Group: {Type: "AWS::RDS::DBSubnetGroup", Properties: {DBSubnetGroupDescription: !Ref Env, SubnetIds: []}}
  Bucket: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref Key}}
Outputs:
  Group: {Value: !Ref Group}
"#;

#[test]
fn a_nested_stack_is_read_with_what_it_is_given() {
    let come = come(PARENT, "", &with(&[("/app/net/net.yaml", CHILD)]));
    assert_eq!(come.addresses(), ["Net", "Key", "Db", "Net.Group", "Net.Bucket"]);
    assert_eq!(come.property("Net.Group", "DBSubnetGroupDescription"), "\"prod\"");
    assert_eq!(come.property("Net.Bucket", "BucketName"), "<0:Key.arn>");
    assert_eq!(come.property("Db", "DBSubnetGroupName"), "<0:Net.Group.id>");
    assert_eq!(come.property("Db", "Engine"), "?output `None` of stack `Net` is known at deployment");
    assert!(come.summary.world && come.kept.faults().is_empty());
    let document = come.record("Net.Group").document.clone().unwrap();
    assert_eq!(&*document.path, "/app/net/net.yaml");
}

#[test]
fn what_is_not_beside_the_template_is_not_seen() {
    for (url, why) in [
        ("https://bucket.s3.amazonaws.com/x", "not a file beside this one"),
        ("!Ref Env", "there is no such file"),
        ("../other.yaml", "outside of the folder"),
        ("template.yaml", "nests itself"),
        ("link.yaml", "outside of the folder"),
        ("broken.yaml", "2:1: the key \"a\" occurs twice"),
        ("./net/net.yaml\n      Fn::Transform: {Name: Mine}", "where its template lies is not known"),
        ("!If [C, ./net/net.yaml, other.yaml]", "where its template lies is not known"),
    ] {
        let mut files = with(&[("/app/broken.yaml", "a: 1\na: 2\n"), ("/app/net/net.yaml", CHILD)]);
        files.links.insert("/app/link.yaml".into(), "/etc/passwd".into());
        let conditions = "Conditions: {C: !Equals [!Ref 'AWS::Region', x]}\n";
        let come = come(&(PARENT.replace("./net/net.yaml", url) + conditions), "", &files);
        assert!(!come.summary.world, "{url}");
        assert!(come.kept.faults().iter().any(|fault| fault.contains(why)), "{url}: {:?}", come.kept.faults());
        assert_eq!(come.addresses(), ["Net", "Key", "Db"]);
    }
}

/// What a child gets whose `Parameters` are this.
fn given(parameters: &str) -> String {
    let parent = PARENT
        .replace("Parameters: {Env: !Ref Env, Key: !GetAtt Key.Arn}", &format!("Parameters: {parameters}"))
        + "Conditions: {C: !Equals [!Ref 'AWS::Region', x], T: !Equals [a, a]}\n";
    let child = CHILD.replace("Env: {Type: String}", "Env: {Type: String, Default: own}");
    come(&parent, "", &with(&[("/app/net/net.yaml", &child)])).property("Net.Group", "DBSubnetGroupDescription")
}

#[test]
fn parameters_may_be_chosen() {
    assert_eq!(given("{Key: k}"), "\"own\"");
    assert_eq!(given("!If [T, {Env: a}, {Env: b}]"), "\"a\"");
    assert_eq!(given("!If [C, {Env: a}, {Env: a}]"), "\"a\"");
    for undecided in ["!If [C, {Env: a}, {Env: b}]", "!If [C, {Env: a}, {}]", "!If [C, {Env: a}, !Ref 'AWS::NoValue']"]
    {
        assert_eq!(given(undecided), "?condition `C` is not decided: the region is known at deployment", "{undecided}");
    }
    assert_eq!(given("{'Fn::Transform': {Name: Mine}, Env: a}"), "?a macro adds to this at deployment");
    assert_eq!(given("[a]"), "?`Parameters` of stack `Net` is not a map");
}

#[test]
fn what_a_macro_may_change_leads_nowhere() {
    let child = [("/app/net/net.yaml", CHILD)];
    for macros in
        [format!("Transform: Mine\n{PARENT}"), PARENT.replace("  Net:\n", "  Net:\n    Fn::Transform: {Name: Mine}\n")]
    {
        let come = come(&macros, "", &with(&child));
        assert_eq!(come.addresses(), ["Net", "Key", "Db"]);
        assert!(!come.summary.world && come.kept.faults().iter().any(|fault| fault.contains("a macro may change")));
        assert_eq!(come.property("Db", "DBSubnetGroupName"), "?macro `Mine` may change it");
    }
    let inner = format!("Transform: Mine\n{CHILD}");
    let come = come(PARENT, "", &with(&[("/app/net/net.yaml", &inner)]));
    assert_eq!(come.property("Db", "DBSubnetGroupName"), "?macro `Mine` may change it");
    assert!(come.record("Net.Group").existence.is_some() && !come.summary.world);
}

#[test]
fn what_stands_in_two_stacks_hangs_on_two_conditions() {
    let half = |resource: &str, value: &str| {
        format!(
            "Parameters: {{Q: {{Type: String}}}}\nConditions: {{C: !Equals [!Ref Q, {value}]}}\nResources:\n  {resource}\n"
        )
    };
    let role = half("R: {Type: 'AWS::IAM::Role', Condition: C, Properties: {RoleName: app}}", "a");
    let policy = |value: &str| {
        half("P: {Type: 'AWS::IAM::RolePolicy', Condition: C, Properties: {PolicyName: x, RoleName: app}}", value)
    };
    let stack = |file: &str| {
        format!("{{Type: 'AWS::CloudFormation::Stack', Condition: S, Properties: {{TemplateURL: {file}}}}}")
    };
    let conditions = "Conditions: {S: !Equals [!Ref 'AWS::Region', x]}\n";
    let parent = format!("{conditions}Resources:\n  A: {}\n  B: {}\n", stack("a.yaml"), stack("b.yaml"));
    let two = come(&parent, "", &with(&[("/app/a.yaml", &role), ("/app/b.yaml", &policy("b"))]));
    assert_eq!(two.property("A.R", "Policies"), "[?condition `C` is not decided: parameter `Q` has no value]");
    // Both of one stack hang on the same two conditions.
    let (_, inner) = policy("a").split_once("Resources:\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let both = role + &inner;
    let one = come(&parent, "", &with(&[("/app/a.yaml", &both), ("/app/b.yaml", "Resources: {}")]));
    assert_eq!(one.property("A.R", "Policies"), "[{PolicyName: \"x\"}]");
}

#[test]
fn what_is_no_file_has_no_files_beside_it() {
    let parent = PARENT.replace("./net/net.yaml", "/app/net/net.yaml");
    let files = with(&[("/app/net/net.yaml", CHILD), ("net/net.yaml", CHILD)]);
    for text in [PARENT, &parent] {
        let come = super::come_from("-", text, &files);
        assert_eq!(come.addresses(), ["Net", "Key", "Db"]);
        assert!(
            !come.summary.world && come.kept.faults().iter().any(|fault| fault.contains("this template is no file"))
        );
    }
    // A path that is relative has its folder, and nothing outside of it.
    assert_eq!(super::come_from("template.yaml", PARENT, &files).addresses().len(), 5);
    assert_eq!(super::come_from("template.yaml", &parent, &files).addresses().len(), 3);
}

#[test]
fn circles_end() {
    let round = |other: &str| {
        format!("Resources:\n  S: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {other}}}}}\n")
    };
    let come =
        come(&round("a.yaml"), "", &with(&[("/app/a.yaml", &round("b.yaml")), ("/app/b.yaml", &round("a.yaml"))]));
    assert_eq!(come.addresses(), ["S", "S.S", "S.S.S"]);
    assert!(come.kept.faults().iter().any(|fault| fault.contains("nests itself")), "{:?}", come.kept.faults());
    // Each template names the next one twice: as many files as there are numbers are not read.
    let twice = |next: usize| {
        let stack = |id: &str| {
            format!("  {id}: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: '{next}.yaml'}}}}\n")
        };
        format!("Resources:\n{}{}{}{}", stack("A"), stack("B"), stack("C"), stack("D"))
    };
    let files: Vec<(String, String)> = (1..12).map(|at| (format!("/app/{at}.yaml"), twice(at + 1))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let come = super::come(&twice(1), "", &with(&files));
    assert!(come.kept.faults().iter().any(|fault| fault.contains("more than 200 nested stacks")));
    assert!(come.addresses().len() <= 900);
}

#[test]
fn a_stack_that_needs_its_own_outputs_is_said() {
    let parent = PARENT.replace("Env: !Ref Env,", "Env: !GetAtt Net.Outputs.Group,");
    let come = come(&parent, "", &with(&[("/app/net/net.yaml", CHILD)]));
    assert!(come.property("Net.Group", "DBSubnetGroupDescription").starts_with('?'));
    let faults = come.kept.faults();
    assert!(faults.iter().any(|fault| fault.ends_with("`Net.Outputs` refers to itself and is unknown")), "{faults:?}");
}

#[test]
fn the_cdk_names_the_file_in_metadata() {
    let parent = PARENT.replace("    Properties:\n      TemplateURL: ./net/net.yaml", "    Metadata: {\"aws:asset:path\": net.nested.template.json}\n    Properties:\n      TemplateURL: !Sub 'https://s3.${AWS::URLSuffix}/x'");
    let come = come(&parent, "", &with(&[("/app/net.nested.template.json", CHILD)]));
    assert_eq!(come.addresses(), ["Net", "Key", "Db", "Net.Group", "Net.Bucket"]);
}

#[test]
fn a_condition_of_a_stack_is_one_of_all_in_it() {
    let parent = PARENT
        .replace("    Type: AWS::CloudFormation::Stack\n", "    Type: AWS::CloudFormation::Stack\n    Condition: C\n")
        + "Conditions: {C: !Equals [!Ref 'AWS::Region', eu-west-1]}\n";
    let come = come(&parent, "", &with(&[("/app/net/net.yaml", CHILD)]));
    assert!(come.record("Net.Group").existence.is_some());
}
