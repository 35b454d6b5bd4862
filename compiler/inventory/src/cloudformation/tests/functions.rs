//! The functions of templates.

use super::{Memory, come};

pub(super) const AROUND: &str = r#"
Parameters:
  Env: {Type: String, Default: prod}
  Later: {Type: String}
  Count: {Type: Number, Default: 3}
  List: {Type: CommaDelimitedList, Default: "a, b,c"}
  Zones: {Type: "List<AWS::EC2::AvailabilityZone::Name>"}
  Secret: {Type: String, NoEcho: true, Default: hunter2}
  Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /image}
Mappings:
  Sizes:
    prod: {size: large, port: 80, same: x}
    dev: {size: small, port: 81, same: x}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Not [!Condition IsProd]
  Open: !Equals [!Ref Later, "yes"]
  Both: !And [!Condition IsProd, !Condition Open]
  Either: !Or [!Condition IsProd, !Condition Open]
  HasSecret: !Not [!Equals [!Ref Secret, ""]]
  Round: !Not [!Condition Round]
  Same: !Equals [!Ref Later, !Ref Later]
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  Named: {Type: "AWS::S3::Bucket", Properties: {BucketName: shown}}
  Db: {Type: "AWS::RDS::DBInstance", Properties: {Engine: !Ref Env}}
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Group: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: x}}
  Balancer: {Type: "AWS::ElasticLoadBalancingV2::LoadBalancer"}
  Stage: {Type: "AWS::ApiGateway::Stage", Properties: {RestApiId: x, StageName: live}}
  Secrets: {Type: "AWS::SecretsManager::Secret"}
  Attached: {Type: "AWS::SecretsManager::SecretTargetAttachment", Properties: {SecretId: !Ref Secrets, TargetId: x, TargetType: y}}
  Made: {Type: "Custom::Thing"}
  Probe:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: VALUE
"#;

/// What `value` comes to as a property.
#[track_caller]
fn gives(value: &str, wanted: &str) {
    gives_with("", value, wanted);
}

#[track_caller]
fn gives_with(parameters: &str, value: &str, wanted: &str) {
    let come = come(&AROUND.replace("VALUE", value), parameters, &Memory::default());
    assert_eq!(come.property("Probe", "Value"), wanted, "{value}\n{:?}", come.kept.faults());
}

#[test]
fn parameters_are_their_values() {
    gives("!Ref Env", r#""prod""#);
    gives_with("Env: dev", "!Ref Env", r#""dev""#);
    gives("!Ref Count", r#""3""#);
    gives("!Ref Later", "<0:#stack.Later>");
    gives("!Ref List", r#"["a", "b", "c"]"#);
    gives("!Ref Zones", "?parameter `Zones` has no value");
    gives("!Ref Secret", "<0:#stack.Secret>");
    gives("!Ref Image", "<0:#stack.Image>");
    gives("!Ref Nobody", "?the template has no parameter or resource `Nobody`");
}

#[test]
fn pseudo_parameters_are_known_where_they_are_given() {
    gives("!Ref AWS::NoValue", "nothing");
    gives("!Ref AWS::Region", "<0:#deployment.AWS::Region>");
    gives("!Ref AWS::StackName", "<0:#stack.AWS::StackName>");
    gives_with(
        "AWS::Region: cn-north-1",
        "!Sub '${AWS::Partition} ${AWS::Region} ${AWS::URLSuffix}'",
        r#""aws-cn cn-north-1 amazonaws.com.cn""#,
    );
    gives("!Sub 'arn:aws:iam::${AWS::AccountId}:root'", "arn:aws:iam::<0:#deployment.AWS::AccountId>:root");
}

#[test]
fn resources_are_their_identifiers() {
    gives("!Ref Bucket", "<0:Bucket.id>");
    gives("!Ref Named", r#""shown""#);
    gives("!GetAtt Bucket.Arn", "<0:Bucket.arn>");
    gives("!GetAtt Named.Arn", "<0:Named.arn>");
    gives_with("AWS::Region: eu-west-1", "!GetAtt Named.Arn", r#""arn:aws:s3:::shown""#);
    gives("!GetAtt Group.GroupId", "<0:Group.id>");
    gives("!GetAtt Group.VpcId", "<0:Group.VpcId>");
    gives("!Ref Balancer", "<0:Balancer.arn>");
    gives("!Ref Stage", r#""live""#);
    gives("!Ref Attached", "<0:Secrets.id>");
    gives("!GetAtt Db.Endpoint.Address", "<0:Db.Endpoint.Address>");
    gives("!GetAtt Db.Engine", r#""prod""#);
    gives("!GetAtt [Vpc, CidrBlock]", r#""10.0.0.0/16""#);
    gives("!GetAtt Vpc.CidrBlockAssociations", "?known after deployment");
    gives("!GetAtt Made.Answer", "<0:#answers.Made.Answer>");
}

#[test]
fn texts_are_put_together() {
    gives("!Sub '${Env}-${Named}-${!Kept}'", r#""prod-shown-${Kept}""#);
    gives("!Sub ['${a}/${Vpc.VpcId}', {a: !Ref Count}]", "3/<0:Vpc.id>");
    gives("!Join ['-', [a, !Ref Env, !Ref Later]]", "a-prod-<0:#stack.Later>");
    gives("!Join [',', !Ref List]", r#""a,b,c""#);
    gives("!Join [',', !Ref Zones]", "?parameter `Zones` has no value");
    gives("!Select [1, !Ref List]", r#""b""#);
    gives("!Select [9, !Ref List]", "?`Fn::Select` asks for element 9 of 3");
    gives("!Select [2, !Split ['/', a/b/c]]", r#""c""#);
    gives("!Split [',', !Ref Later]", "?parameter `Later` has no value");
    gives("!Base64 hello", r#""aGVsbG8=""#);
    gives("!ImportValue other", "<#exports.other>");
}

#[test]
fn mappings_are_looked_up() {
    gives("!FindInMap [Sizes, !Ref Env, size]", r#""large""#);
    gives("!FindInMap [Sizes, !Ref Later, size]", "?a key of a map is not known: parameter `Later` has no value");
    gives("!FindInMap [Sizes, !Ref Later, same]", r#""x""#);
    gives("!FindInMap [Sizes, test, size, {DefaultValue: tiny}]", r#""tiny""#);
    gives("!FindInMap [Sizes, test, size]", "?`Fn::FindInMap` finds no entry");
    gives("!FindInMap [Sizes, prod, port]", "80");
}

#[test]
fn conditions_choose() {
    gives("!If [IsProd, a, b]", r#""a""#);
    gives("!If [IsDev, a, b]", r#""b""#);
    gives("!If [Either, a, b]", r#""a""#);
    gives("!If [HasSecret, a, b]", r#""a""#);
    gives("!If [Same, a, b]", r#""a""#);
    gives("!If [Open, a, a]", r#""a""#);
    gives("!If [Open, !Ref Later, !Ref Later]", "<0:#stack.Later>");
    gives("!If [Open, a, b]", "?condition `Open` is not decided: parameter `Later` has no value");
    gives("!If [Open, a, !Ref AWS::NoValue]", "?condition `Open` is not decided: parameter `Later` has no value");
    gives("!If [Round, a, b]", "?condition `Round` is not decided: condition `Round` depends on itself");
    gives("!If [None, a, b]", "?the template has no condition `None`");
    gives_with("Later: 'yes'", "!If [Open, a, b]", r#""a""#);
    // In a branch its condition holds, with what follows from it.
    gives("!If [Both, !If [Open, a, b], a]", r#""a""#);
    gives("!If [Open, [a, !If [Open, b, c]], [a, b]]", r#"["a", "b"]"#);
}

#[test]
fn branches_agree_in_part() {
    let why = "?condition `Open` is not decided: parameter `Later` has no value";
    gives("!If [Open, {a: 1, b: 2}, {a: 1, b: 3}]", &format!("{{a: 1, b: {why}}}"));
    gives("!If [Open, {a: 1, b: 2}, {a: 1}]", &format!("{{a: 1, b: {why}}}"));
    gives("!If [Open, [1, 2], [1]]", &format!("[1, {why}]"));
    gives("!Select [0, [1, !If [Open, 2, !Ref 'AWS::NoValue'], 3]]", "1");
    gives("!Select [2, [1, !If [Open, 2, !Ref 'AWS::NoValue'], 3]]", "?what the list holds there is not decided");
    gives("[1, !If [Open, 2, !Ref 'AWS::NoValue']]", &format!("[1, {why}]"));
    gives("[1, !If [Open, 2, 3]]", &format!("[1, {why}]"));
    gives("[1, !If [IsDev, 2, !Ref 'AWS::NoValue']]", "[1]");
}

#[test]
fn blocks_documents_and_lengths() {
    gives("!Cidr [!GetAtt Vpc.CidrBlock, 2, 8]", r#"["10.0.0.0/24", "10.0.1.0/24"]"#);
    gives("!Select [1, !Cidr [10.0.0.0/16, 2, 12]]", r#""10.0.16.0/20""#);
    gives("!Cidr [!Ref Later, 2, 8]", "?parameter `Later` has no value");
    gives("!Length [!Ref Env, b]", "2");
    gives("{'Fn::ToJsonString': {a: [1, !Ref Env]}}", r#""{\"a\":[1,\"prod\"]}""#);
    gives("{'Fn::ToJsonString': {a: !Ref Later}}", "{a: <0:#stack.Later>}");
    gives("!GetAZs ''", "?the availability zones are known at deployment");
    gives("{'Fn::Transform': {Name: 'AWS::Include'}}", "?a macro makes this at deployment");
    gives("{a: 1, 'Fn::Transform': {Name: X}}", "?a macro adds to this at deployment");
    gives("{'Fn::New': 1}", "?`Fn::New` is not a function of CloudFormation");
}

#[test]
fn dynamic_references_to_secrets_stay_as_they_are_written() {
    gives(
        "'{{resolve:secretsmanager:db:SecretString:password}}'",
        r#""{{resolve:secretsmanager:db:SecretString:password}}""#,
    );
    gives("'{{resolve:ssm-secure:/p:1}}'", r#""{{resolve:ssm-secure:/p:1}}""#);
    gives("'{{resolve:ssm:/engine}}'", "?`{{resolve:ssm:/engine}}` is read at deployment");
    gives("!Sub '{{resolve:secretsmanager:${Env}}}'", r#""{{resolve:secretsmanager:prod}}""#);
    gives("!Sub '{{resolve:secretsmanager:${Later}}}'", "{{resolve:secretsmanager:<0:#stack.Later>}}");
    gives("!Sub '{{resolve:ssm:${Later}}}'", "?a dynamic reference is read at deployment");
    gives("!Sub '{{resolve:ssm:${Env}}}'", "?a dynamic reference is read at deployment");
}
