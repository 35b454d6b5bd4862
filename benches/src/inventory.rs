//! An inventory as AWS Config writes one, made up: items of twelve types, one a line.
//!
//! The payload stands before the type, as in snapshots; texts hold JSON with its quotes escaped, policies are
//! percent-encoded, a member is a list or a scalar, is `null` or is missing, and payloads have members that are named like
//! those of the envelope. The same seed gives the same bytes.

use parapet_random::Random;

/// Accounts of the inventory.
const ACCOUNTS: usize = 40;

/// Makes the line of one resource.
type Make = fn(&mut Random, usize) -> [String; 5];

/// The types, by how many of a hundred resources each is.
const TYPES: [(usize, Make); 12] = [
    (16, instance),
    (14, volume),
    (12, group),
    (12, role),
    (10, function),
    (8, bucket),
    (8, queue),
    (6, database),
    (4, key),
    (4, secret),
    (4, subnet),
    (2, balancer),
];

/// So many items, a line each.
pub(crate) fn ndjson(resources: usize, seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut text = String::new();
    for number in 0..resources {
        let mut chosen = random.below(100);
        let make = TYPES.iter().find(|(weight, _)| {
            let here = chosen < *weight;
            chosen = chosen.saturating_sub(*weight);
            here
        });
        let Some((_, make)) = make else { continue };
        let [kind, id, name, configuration, supplementary] = make(&mut random, number);
        text.push_str(&item(&mut random, [&kind, &id, &name, &configuration, &supplementary]));
        text.push('\n');
    }
    text
}

fn item(random: &mut Random, [kind, id, name, configuration, supplementary]: [&str; 5]) -> String {
    let account = account(random);
    let region = one_of(random, &["eu-central-1", "us-east-1", "eu-west-1"]);
    let owner = if random.chance(29, 30) { "team-orders" } else { "Bob" };
    let relationships: Vec<String> = (0..random.below(4))
        .map(|at| format!("{{\"resourceType\":\"AWS::EC2::VPC\",\"resourceId\":\"vpc-{at}\",\"relationshipName\":\"Is contained in Vpc\"}}"))
        .collect();
    format!(
        "{{\"relatedEvents\":[],\"relationships\":[{}],\"configuration\":{configuration},\"supplementaryConfiguration\":{supplementary},\
         \"tags\":{{\"owner\":\"{owner}\",\"env\":\"prod\",\"cost\":\"c-{}\"}},\"configurationItemVersion\":\"1.3\",\
         \"configurationItemCaptureTime\":\"2026-11-20T06:00:00.000Z\",\"configurationStateId\":1795154400000,\
         \"awsAccountId\":\"{account}\",\"configurationItemStatus\":\"OK\",\"resourceType\":\"{kind}\",\"resourceId\":\"{id}\",\
         \"resourceName\":{name},\"ARN\":\"arn:aws:config-made:{region}:{account}:{id}\",\"awsRegion\":\"{region}\",\
         \"availabilityZone\":\"{region}a\",\"resourceCreationTime\":\"2026-03-02T09:00:00.000Z\"}}",
        relationships.join(","),
        random.below(5000),
    )
}

fn one_of<T: Copy + Default>(random: &mut Random, of: &[T]) -> T {
    random.pick(of).copied().unwrap_or_default()
}

fn account(random: &mut Random) -> String {
    format!("4100{:08}", random.below(ACCOUNTS))
}

/// Text that no rule reads, with what looks like members of the envelope.
fn decoys(random: &mut Random, least: usize) -> String {
    let mut text = String::new();
    let mut at = 0;
    while text.len() < least {
        at += 1;
        text.push_str(&format!(
            "\"detail{at}\":{{\"resourceType\":\"none\",\"tags\":[{{\"key\":\"a{at}\",\"value\":\"{}\"}}],\"note\":\"a \\\"quoted\\\" {{text}} [{}]\",\"empty\":null}},",
            random.number(),
            random.below(100_000)
        ));
    }
    text
}

fn flag(random: &mut Random, of: usize) -> bool {
    !random.chance(1, of)
}

fn instance(random: &mut Random, number: usize) -> [String; 5] {
    let tokens = if random.chance(9, 10) { "required" } else { "optional" };
    let groups: Vec<String> = (0..1 + random.below(2))
        .map(|_| format!("{{\"groupName\":\"g\",\"groupId\":\"sg-{}\"}}", random.below(600)))
        .collect();
    let options = match random.below(20) {
        0 => "null".to_owned(),
        _ => format!(
            "{{\"state\":\"applied\",\"httpTokens\":\"{tokens}\",\"httpPutResponseHopLimit\":{},\"httpEndpoint\":\"enabled\"}}",
            1 + random.below(3)
        ),
    };
    let configuration = format!(
        "{{\"amiLaunchIndex\":0,\"imageId\":\"ami-{:08x}\",\"instanceId\":\"i-{number:08x}\",{}\"metadataOptions\":{options},\
         \"state\":{{\"code\":16,\"name\":\"running\"}},\"securityGroups\":[{}]}}",
        random.below(50),
        decoys(random, 1800),
        groups.join(",")
    );
    ["AWS::EC2::Instance".into(), format!("i-{number:08x}"), "null".into(), configuration, "{}".into()]
}

fn volume(random: &mut Random, number: usize) -> [String; 5] {
    let encrypted = flag(random, 20);
    let configuration = format!(
        "{{\"attachments\":[{{\"device\":\"/dev/xvda\",\"state\":\"attached\"}}],{}\"encrypted\":{encrypted},\"size\":{},\"volumeId\":\"vol-{number:08x}\",\"volumeType\":\"gp3\"}}",
        decoys(random, 900),
        8 + random.below(4) * 8
    );
    ["AWS::EC2::Volume".into(), format!("vol-{number:08x}"), "null".into(), configuration, "{}".into()]
}

fn group(random: &mut Random, number: usize) -> [String; 5] {
    let rules: Vec<String> = (0..random.below(6))
        .map(|_| {
            let block = if random.chance(1, 12) { "0.0.0.0/0".to_owned() } else { format!("10.{}.0.0/16", random.below(40)) };
            let port = one_of(random, &[22, 80, 443, 3306]);
            format!(
                "{{\"fromPort\":{port},\"ipProtocol\":\"tcp\",\"ipv6Ranges\":[],\"prefixListIds\":[],\"toPort\":{port},\"userIdGroupPairs\":[],\
                 \"ipv4Ranges\":[{{\"cidrIp\":\"{block}\"}}],\"ipRanges\":[\"{block}\"]}}"
            )
        })
        .collect();
    let configuration = format!(
        "{{\"description\":\"made\",\"groupName\":\"app-{number}\",{}\"ipPermissions\":[{}],\"groupId\":\"sg-{}\",\"ipPermissionsEgress\":[],\"vpcId\":\"vpc-1\"}}",
        decoys(random, 500),
        rules.join(","),
        number % 600
    );
    [
        "AWS::EC2::SecurityGroup".into(),
        format!("sg-{}", number % 600),
        format!("\"app-{number}\""),
        configuration,
        "{}".into(),
    ]
}

fn role(random: &mut Random, number: usize) -> [String; 5] {
    let principal = match random.below(30) {
        0 => "*".to_owned(),
        _ => format!("arn:aws:iam::{}:root", account(random)),
    };
    let policy = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"{principal}\"}},\"Action\":\"sts:AssumeRole\"}}]}}"
    );
    let configuration = format!(
        "{{\"path\":\"/\",\"roleName\":\"role-{number}\",\"roleId\":\"AROA{number:017}\",{}\"assumeRolePolicyDocument\":\"{}\",\"attachedManagedPolicies\":[]}}",
        decoys(random, 1200),
        encoded(&policy)
    );
    ["AWS::IAM::Role".into(), format!("AROA{number:017}"), format!("\"role-{number}\""), configuration, "{}".into()]
}

/// As the IAM API encodes documents.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

fn function(random: &mut Random, number: usize) -> [String; 5] {
    let runtime = one_of(random, &["python3.13", "python3.12", "nodejs22.x", "nodejs18.x", "java21"]);
    let configuration = format!(
        "{{\"functionName\":\"f-{number}\",\"runtime\":\"{runtime}\",{}\"timeout\":{},\"memorySize\":256,\"handler\":\"main.handler\"}}",
        decoys(random, 1600),
        one_of(random, &[3, 30, 300, 900])
    );
    let policy = "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[]}";
    [
        "AWS::Lambda::Function".into(),
        format!("f-{number}"),
        format!("\"f-{number}\""),
        configuration,
        format!("{{\"Policy\":\"{policy}\"}}"),
    ]
}

fn bucket(random: &mut Random, number: usize) -> [String; 5] {
    let block = match random.below(10) {
        0 => String::new(),
        _ => format!(
            "\"PublicAccessBlockConfiguration\":\"{{\\\"blockPublicAcls\\\":{},\\\"ignorePublicAcls\\\":true,\\\"blockPublicPolicy\\\":true,\\\"restrictPublicBuckets\\\":true}}\",",
            flag(random, 15)
        ),
    };
    let supplementary = format!("{{{block}\"BucketVersioningConfiguration\":\"{{\\\"status\\\":\\\"Enabled\\\"}}\"}}");
    let configuration =
        format!("{{\"name\":\"made-{number}\",{}\"creationDate\":\"2026-03-02T09:00:00.000Z\"}}", decoys(random, 1500));
    ["AWS::S3::Bucket".into(), format!("made-{number}"), format!("\"made-{number}\""), configuration, supplementary]
}

fn queue(random: &mut Random, number: usize) -> [String; 5] {
    let key = if random.chance(1, 2) { "\"KmsMasterKeyId\":\"alias/app\"," } else { "" };
    let configuration = format!(
        "{{\"QueueName\":\"q-{number}\",{key}{}\"SqsManagedSseEnabled\":{},\"ReceiveMessageWaitTimeSeconds\":{}}}",
        decoys(random, 1200),
        flag(random, 3),
        random.below(2) * 20
    );
    let id = format!("https://sqs.eu-central-1.amazonaws.com/{}/q-{number}", account(random));
    ["AWS::SQS::Queue".into(), id, format!("\"q-{number}\""), configuration, "{}".into()]
}

fn database(random: &mut Random, number: usize) -> [String; 5] {
    let engine = one_of(random, &["mysql", "postgres", "aurora-mysql"]);
    let configuration = format!(
        "{{\"dBInstanceIdentifier\":\"db-{number}\",\"engine\":\"{engine}\",{}\"storageEncrypted\":{},\"backupRetentionPeriod\":{},\
         \"publiclyAccessible\":{},\"endpoint\":{{\"port\":3306}}}}",
        decoys(random, 2600),
        flag(random, 12),
        random.below(15),
        !flag(random, 20)
    );
    ["AWS::RDS::DBInstance".into(), format!("db-R{number}"), format!("\"db-{number}\""), configuration, "{}".into()]
}

fn key(random: &mut Random, number: usize) -> [String; 5] {
    let spec = if random.chance(9, 10) { "SYMMETRIC_DEFAULT" } else { "RSA_2048" };
    let configuration =
        format!("{{\"keyId\":\"k-{number}\",{}\"keySpec\":\"{spec}\",\"enabled\":true}}", decoys(random, 900));
    let supplementary = format!("{{\"KeyRotationStatus\":{},\"Tags\":[]}}", flag(random, 4));
    ["AWS::KMS::Key".into(), format!("k-{number}"), "null".into(), configuration, supplementary]
}

fn secret(random: &mut Random, number: usize) -> [String; 5] {
    let name = if random.chance(3, 4) { format!("app/s-{number}") } else { format!("s-{number}") };
    let configuration = format!("{{\"Name\":\"{name}\",{}\"RotationEnabled\":false}}", decoys(random, 700));
    [
        "AWS::SecretsManager::Secret".into(),
        format!("arn:aws:secretsmanager:eu-central-1:1:secret:{name}"),
        format!("\"{name}\""),
        configuration,
        "{}".into(),
    ]
}

fn subnet(random: &mut Random, number: usize) -> [String; 5] {
    let configuration = format!(
        "{{\"subnetId\":\"subnet-{number}\",{}\"mapPublicIpOnLaunch\":{}}}",
        decoys(random, 800),
        flag(random, 2)
    );
    ["AWS::EC2::Subnet".into(), format!("subnet-{number}"), "null".into(), configuration, "{}".into()]
}

fn balancer(random: &mut Random, number: usize) -> [String; 5] {
    let configuration = format!(
        "{{\"loadBalancerName\":\"lb-{number}\",{}\"scheme\":\"internal\",\"type\":\"application\"}}",
        decoys(random, 1500)
    );
    [
        "AWS::ElasticLoadBalancingV2::LoadBalancer".into(),
        format!("lb-{number}"),
        format!("\"lb-{number}\""),
        configuration,
        "{}".into(),
    ]
}
