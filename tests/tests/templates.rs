//! The law over templates: giving a parameter a value never flips what was decided without it.
//!
//! One template uses parameters wherever a value may stand: in names, policies, lists, conditions, existence, mappings.
//! It is judged with the whole library under every choice of values for some of its parameters, and each choice is
//! compared with those that say less.
#![cfg(test)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use parapet_driver::{Documents, Refusal, Request, System, check};
use parapet_model::Verdict;

const TEMPLATE: &str = r#"
Transform: AWS::LanguageExtensions
Parameters:
  Env: {Type: String}
  Name: {Type: String}
  Principal: {Type: String}
  Ports: {Type: CommaDelimitedList}
Mappings:
  Public: {prod: {flag: false}, dev: {flag: true}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsNamed: !Not [!Equals [!Ref Name, ""]]
  Both: !And [!Condition IsProd, !Condition IsNamed]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref Name
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {AWS: !Ref Principal}
            Action: sts:AssumeRole
          - !If
            - IsProd
            - !Ref AWS::NoValue
            - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${Principal}:root"}, Action: "sts:AssumeRole"}
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/${Name}"]
  Fixed:
    Type: AWS::IAM::Role
    Properties:
      RoleName: admin
      AssumeRolePolicyDocument: {Statement: []}
  Inline:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref Name
      PolicyName: p
      PolicyDocument: {Statement: {Effect: Allow, Action: !If [IsProd, "s3:GetObject", "*"], Resource: "*"}}
  Bucket:
    Type: AWS::S3::Bucket
    Condition: Both
    Properties:
      BucketName: !If [IsProd, !Ref Name, other]
      PublicAccessBlockConfiguration: {BlockPublicAcls: !FindInMap [Public, !Ref Env, flag, {DefaultValue: true}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Name
      PolicyDocument:
        Statement: {Effect: Allow, Principal: !If [IsProd, {AWS: !Ref Principal}, "*"], Action: "s3:*", Resource: "*"}
  Other:
    Type: AWS::S3::Bucket
    Properties: {BucketName: data}
  Site:
    Type: AWS::S3::Bucket
    Properties: {BucketName: !Sub "site-${Name}-${AWS::AccountId}"}
  SitePolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Join ["-", [site, !Ref Name, !Ref AWS::AccountId]]
      PolicyDocument:
        Statement: {Effect: Allow, Principal: !If [IsProd, "*", !Ref Principal], Action: "s3:*", Resource: "*"}
  OtherPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !If [IsProd, !Ref Site, !Sub "site-${Name}-${AWS::AccountId}"]
      PolicyDocument: {Statement: {Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: !Sub "arn:aws:s3:::${Site}/*"}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: x, GroupName: !Ref Name}
  Rule:
    Type: AWS::EC2::SecurityGroupIngress
    Condition: IsProd
    Properties: {GroupId: !GetAtt Group.GroupId, IpProtocol: tcp, FromPort: !Select [0, !Ref Ports], ToPort: 22, CidrIp: 0.0.0.0/0}
  Fn::ForEach::Rules:
    - Port
    - !Ref Ports
    - "Rule${Port}":
        Type: AWS::EC2::SecurityGroupIngress
        Properties: {GroupId: !GetAtt Group.GroupId, IpProtocol: tcp, FromPort: !Ref Port, ToPort: !Ref Port, CidrIp: 0.0.0.0/0}
  Db:
    Type: AWS::RDS::DBInstance
    Properties:
      PubliclyAccessible: !FindInMap [Public, !Ref Env, flag, {DefaultValue: true}]
      VPCSecurityGroups: [!If [IsProd, !Ref Group, sg-1]]
      StorageEncrypted: !If [IsProd, true, true]
      DBSubnetGroupName: !If [IsNamed, !Ref Name, !Ref AWS::NoValue]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Ref Name
      Code: {ZipFile: x}
      Role: !GetAtt Role.Arn
      Environment: {Variables: {PASSWORD: !If [IsProd, "{{resolve:secretsmanager:x}}", plain], OTHER: !If [IsProd, a, !Ref AWS::NoValue]}}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Name, Action: "lambda:InvokeFunction", Principal: !If [IsProd, "*", s3.amazonaws.com]}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}
          - {Effect: Allow, Principal: {AWS: [!Ref Principal, !GetAtt Role.Arn]}, Action: "kms:*", Resource: "*"}
"#;

const VALUES: [(&str, [&str; 3]); 6] = [
    ("Env", ["prod", "dev", "test"]),
    ("Name", ["admin", "data", ""]),
    ("Principal", ["*", "111122223333", "999999999999"]),
    ("Ports", ["22", "443,80", "3389"]),
    ("AWS::AccountId", ["111122223333", "999999999999", "123456789012"]),
    ("AWS::Region", ["eu-west-1", "cn-north-1", "us-gov-west-1"]),
];

type Verdicts = BTreeMap<(String, String), Verdict>;

/// The choices by how many values they say, each a value's index or none.
fn choices() -> Vec<[Option<usize>; VALUES.len()]> {
    let mut all = vec![[None; VALUES.len()]];
    // One after another by a fixed walk: every value alone, then growing from it.
    for seed in 0..36_usize {
        let mut choice = [None; VALUES.len()];
        for step in 0..VALUES.len() {
            let at = (seed + step * (1 + seed % 5)) % VALUES.len();
            choice[at] = choice[at].or(Some((seed / VALUES.len() + step * seed) % 3));
            all.push(choice);
        }
    }
    all.sort();
    all.dedup();
    all
}

fn says_less(a: &[Option<usize>; VALUES.len()], b: &[Option<usize>; VALUES.len()]) -> bool {
    a != b && a.iter().zip(b).all(|(a, b)| a.is_none() || a == b)
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn verdicts(folder: &Folder, choice: &[Option<usize>; VALUES.len()]) -> Verdicts {
    let said = VALUES
        .iter()
        .zip(choice)
        .filter_map(|((name, values), at)| Some(format!("\"{name}\": \"{}\"", values[(*at)?])));
    let parameters = folder.0.join("parameters.json");
    std::fs::write(&parameters, format!("{{{}}}", said.collect::<Vec<_>>().join(", "))).unwrap();
    let request = Request {
        rules: vec!["aws".to_owned()],
        inputs: vec![folder.0.join("template.yaml").to_string_lossy().into_owned()],
        params: vec![
            ("break_glass_principals".to_owned(), "[\"admin\"]".to_owned()),
            ("trusted_accounts".to_owned(), "[\"111122223333\"]".to_owned()),
        ],
        all: true,
        documents: Documents { parameters: vec![parameters.to_string_lossy().into_owned()], ..Documents::default() },
        ..Request::at(jiff::Timestamp::UNIX_EPOCH)
    };
    let outcome = match check(&System::default(), &request) {
        Ok(outcome) => outcome,
        Err(Refusal::Usage(message) | Refusal::Fault(message)) => panic!("the run was refused: {message}"),
        Err(Refusal::Rules(..)) => panic!("the rules do not check"),
    };
    let errors: Vec<&String> =
        outcome.result.skipped.iter().filter(|skipped| skipped.error).map(|skipped| &skipped.reason).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let path = |at: usize| outcome.result.guardrails[at].path.to_string();
    let address = |finding: &parapet_model::Finding| finding.resource.address.clone().unwrap_or_default().to_string();
    outcome
        .result
        .findings
        .iter()
        .map(|finding| ((path(finding.guardrail), address(finding)), finding.verdict))
        .collect()
}

/// Whether a verdict may become another one (`None`: the resource is not there) by learning more.
fn may_become(before: Verdict, after: Option<Verdict>) -> bool {
    match (before, after) {
        (Verdict::Unknown, _) => true,
        (Verdict::Pass, after) => matches!(after, Some(Verdict::Pass | Verdict::NotApplicable) | None),
        (Verdict::NotApplicable, after) => matches!(after, Some(Verdict::NotApplicable) | None),
        (before, after) => after == Some(before),
    }
}

#[test]
fn more_parameters_never_flip_a_verdict() {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("parapet-templates-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = Folder(std::env::temp_dir().join(name));
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("template.yaml"), TEMPLATE).unwrap();
    let judged: Vec<_> = choices().into_iter().map(|choice| (choice, verdicts(&folder, &choice))).collect();
    let (mut compared, mut learnt, mut wrong) = (0, 0, Vec::new());
    for (less, before) in &judged {
        for (more, after) in judged.iter().filter(|(more, _)| says_less(less, more)) {
            for (key, verdict) in before {
                let later = after.get(key).copied();
                compared += 1;
                learnt += usize::from(*verdict == Verdict::Unknown && later != Some(Verdict::Unknown));
                // Its `skip if definitely` counts an unknown condition as not skipped, as its author wrote.
                let definitely = key.0.contains("::stray_");
                if !definitely && !may_become(*verdict, later) {
                    wrong.push(format!("{key:?}: {verdict:?} with {less:?}, {later:?} with {more:?}"));
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "{} flips\n{}",
        wrong.len(),
        wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n")
    );
    assert!(compared > 10_000 && learnt > 1_000, "{compared} compared, {learnt} learnt");
}
