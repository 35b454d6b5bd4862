//! Which roles and policies an account has.
//!
//! Every account can be read by the security account and is recorded by AWS Config. Workload accounts add a role for
//! deployments, one for the hosts of each service, one for each function in each region, and one for customers who
//! signed in. People come in through Identity Center, whose roles `workforce` adds.

use serde_json::{Value, json};

use super::accounts::{Account, AccountRole, Organisation, REGIONS, Service};
use super::compute::{ROTATION, events_name, function_role, host_role, nightly_name};
use super::iam::{BOUNDARY, Directory, Role};
use super::item::{CREATED, Item, Shelf, description};
use super::names::{BUCKET_PREFIX, KeyUse, Place, core_role_arn};
use super::policies::{allow, document, trust_linked_service, trust_role, trust_service, trust_web_identity};

/// Roles, policies, users and groups of an account.
pub(crate) fn principals(organisation: &Organisation, account: &Account) -> Vec<Item> {
    let mut directory = Directory::numbered_from(1, account);
    baseline(&mut directory);
    if let AccountRole::Workload(product) = account.role {
        boundary(&mut directory);
        deployment(&mut directory, product);
        databases(&mut directory);
        hosts(&mut directory, organisation);
        for region in &REGIONS {
            let place = Place { account, region };
            let services = organisation.services(account, region);
            functions(&mut directory, &place, &services);
        }
        customers(&mut directory);
    }
    let profiles = instance_profiles(organisation, account);
    directory.items.into_iter().chain(profiles).collect()
}

fn baseline(directory: &mut Directory<'_>) {
    let account = directory.account;
    let mut recorder = Role::new("AWSServiceRoleForConfig", trust_linked_service("config.amazonaws.com"));
    recorder.path = "/aws-service-role/config.amazonaws.com/";
    recorder.aws_policies = &["aws-service-role/AWSConfigServiceRolePolicy"];
    directory.role(recorder);
    let tooling = core_role_arn(AccountRole::Security, "security-tooling");
    if account.role == AccountRole::Security {
        let mut role = Role::new("security-tooling", trust_service("lambda.amazonaws.com", &account.id));
        role.policies = &["security-tooling"];
        let audit_roles = ["arn:aws:iam::*:role/security-audit".to_owned()];
        directory.policy("security-tooling", vec![allow("Audit", &["sts:AssumeRole"], &audit_roles)]);
        directory.role(role);
    } else {
        let mut role = Role::new("security-audit", trust_role(&tooling, "example-security-audit"));
        role.aws_policies = &["SecurityAudit"];
        directory.role(role);
    }
    trail_writer(directory);
    if account.index.is_multiple_of(5) {
        emergency(directory);
    }
}

/// The role with which the account's trail writes to its log group.
fn trail_writer(directory: &mut Directory<'_>) {
    let account = directory.account;
    let group = format!("arn:aws:logs:eu-central-1:{}:log-group:audit-trail:*", account.id);
    directory.policy("trail-writer", vec![allow("Write", &["logs:CreateLogStream", "logs:PutLogEvents"], &[group])]);
    let mut role = Role::new("trail-writer", trust_service("cloudtrail.amazonaws.com", &account.id));
    role.policies = &["trail-writer"];
    directory.role(role);
}

/// A role for incidents, and people who may take it with a second factor.
fn emergency(directory: &mut Directory<'_>) {
    let account = directory.account;
    let members = ["emergency-1", "emergency-2"].map(|user| account.arn("iam", &format!("user/{user}")));
    let trust = document(vec![json!({
        "Effect": "Allow", "Principal": {"AWS": members}, "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    })]);
    let instances = [format!("arn:aws:ec2:*:{}:instance/*", account.id)];
    directory.policy("incident-response", vec![allow("Contain", &["ec2:StopInstances"], &instances)]);
    let mut role = Role::new("incident-response", trust);
    role.policies = &["incident-response"];
    role.aws_policies = &["SecurityAudit"];
    directory.role(role);
    let arn = account.arn("iam", "role/incident-response");
    directory.emergency_people(&arn);
}

fn boundary(directory: &mut Directory<'_>) {
    let account = directory.account;
    let everywhere = |service: &str, rest: &str| format!("arn:aws:{service}:*:{}:{rest}", account.id);
    let keys: Vec<String> = places(account).flat_map(|place| own_keys(&place)).collect();
    let interfaces = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"];
    let logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let queues = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    let secrets = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"];
    let sessions =
        ["ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel", "ssm:UpdateInstanceInformation"];
    directory.policy(
        BOUNDARY,
        vec![
            allow("Buckets", &["s3:GetObject", "s3:PutObject"], &[format!("arn:aws:s3:::{BUCKET_PREFIX}-*")]),
            allow("Queues", &queues, &[everywhere("sqs", "*")]),
            allow("Topics", &["sns:Publish"], &[everywhere("sns", "*")]),
            allow("Secrets", &secrets, &[everywhere("secretsmanager", "secret:*")]),
            allow("Logs", &logs, &[everywhere("logs", "log-group:*")]),
            allow("Databases", &["rds-db:connect"], &[everywhere("rds-db", "dbuser:*")]),
            allow("Keys", &["kms:Decrypt", "kms:GenerateDataKey"], &keys),
            allow("Network", &interfaces, &["*".to_owned()]),
            allow("Traces", &["xray:PutTraceSegments", "xray:PutTelemetryRecords"], &["*".to_owned()]),
            allow("Sessions", &sessions, &["*".to_owned()]),
        ],
    );
}

fn deployment(directory: &mut Directory<'_>, product: &str) {
    let account = directory.account;
    directory.build_provider();
    let subject = format!("repo:example-org/{product}:environment:{}", account.environment);
    let provider = account.arn("iam", "oidc-provider/token.actions.githubusercontent.com");
    let issuer = "token.actions.githubusercontent.com";
    let conditions = json!({
        "StringEquals": {format!("{issuer}:aud"): "sts.amazonaws.com", format!("{issuer}:sub"): subject},
    });
    let releases = places(account).map(|place| {
        format!("arn:aws:s3:::{BUCKET_PREFIX}-{product}-api-{}-{}/releases/*", account.environment, place.region.short)
    });
    directory.policy("deploy", vec![allow("Releases", &["s3:PutObject"], &releases.collect::<Vec<_>>())]);
    let mut role = Role::new("deploy", trust_web_identity(&provider, conditions));
    role.policies = &["deploy"];
    role.boundary = Some(BOUNDARY);
    directory.role(role);
}

fn databases(directory: &mut Directory<'_>) {
    let trust = trust_service("monitoring.rds.amazonaws.com", &directory.account.id);
    let mut role = Role::new("rds-monitoring", trust);
    role.aws_policies = &["service-role/AmazonRDSEnhancedMonitoringRole"];
    directory.role(role);
}

fn hosts(directory: &mut Directory<'_>, organisation: &Organisation) {
    let account = directory.account;
    let Some(home) = REGIONS.first() else { return };
    for service in organisation.services(account, home) {
        let name = host_role(&service);
        let statements: Vec<Value> = places(account)
            .flat_map(|place| work(&place, &service).into_iter().map(move |statement| (place.region.short, statement)))
            .map(|(region, statement)| in_region(statement, region))
            .collect();
        directory.policy(&name, statements);
        let mut role = Role::new(&name, trust_service("ec2.amazonaws.com", &account.id));
        let policies = [name.as_str()];
        role.policies = &policies;
        role.aws_policies = &["AmazonSSMManagedInstanceCore"];
        role.boundary = Some(BOUNDARY);
        role.profile = Some(profile(account, &service));
        directory.role(role);
    }
}

/// Makes the `Sid` of a statement the region's own.
fn in_region(mut statement: Value, region: &str) -> Value {
    let sid = statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(members) = statement.as_object_mut() {
        members.insert("Sid".to_owned(), json!(format!("{sid}{region}")));
    }
    statement
}

/// What the parts of a service do to the service's own data.
fn work(place: &Place<'_>, service: &Service) -> Vec<Value> {
    let bucket = format!("arn:aws:s3:::{}/*", place.data_bucket(service));
    let queue = place.queue(&format!("{}-work", service.name));
    let dead_letters = place.queue(&format!("{}-dead-letters", service.name));
    let user = place.arn("rds-db", &format!("dbuser:{}/application", place.database_resource_id(service)));
    let queues = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"];
    vec![
        allow("Data", &["s3:GetObject", "s3:PutObject"], &[bucket]),
        allow("Queue", &queues, &[queue, dead_letters]),
        allow("Topic", &["sns:Publish"], &[place.topic(service)]),
        allow("Secret", &["secretsmanager:GetSecretValue"], &[place.service_secret(service)]),
        allow("Database", &["rds-db:connect"], &[user]),
        allow("Keys", &["kms:Decrypt", "kms:GenerateDataKey"], &own_keys(place)),
    ]
}

fn functions(directory: &mut Directory<'_>, place: &Place<'_>, services: &[Service]) {
    for service in services {
        for name in [events_name(service), nightly_name(service)] {
            function(directory, place, &name, work(place, service));
        }
    }
    let secrets: Vec<String> = services.iter().map(|service| place.service_secret(service)).collect();
    let rotate = [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ];
    let statements = vec![
        allow("Rotate", &rotate, &secrets),
        allow("Key", &["kms:Decrypt", "kms:GenerateDataKey"], &[place.key(KeyUse::Secrets)]),
    ];
    function(directory, place, ROTATION, statements);
}

fn function(directory: &mut Directory<'_>, place: &Place<'_>, function: &str, mut statements: Vec<Value>) {
    let name = function_role(place, function);
    let group = place.arn("logs", &format!("log-group:/aws/lambda/{function}:*"));
    statements.push(allow("Logs", &["logs:CreateLogStream", "logs:PutLogEvents"], &[group]));
    directory.policy(&name, statements);
    let mut role = Role::new(&name, trust_service("lambda.amazonaws.com", &place.account.id));
    let policies = [name.as_str()];
    role.policies = &policies;
    role.aws_policies = &["service-role/AWSLambdaVPCAccessExecutionRole", "AWSXRayDaemonWriteAccess"];
    role.boundary = Some(BOUNDARY);
    directory.role(role);
}

/// The role that an identity pool gives to customers who signed in.
fn customers(directory: &mut Directory<'_>) {
    let account = directory.account;
    let Some(place) = places(account).next() else { return };
    let conditions = json!({
        "StringEquals": {"cognito-identity.amazonaws.com:aud": place.identity_pool_id()},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    });
    let uploads =
        format!("arn:aws:s3:::{BUCKET_PREFIX}-{}-uploads/${{cognito-identity.amazonaws.com:sub}}/*", account.name);
    directory.policy("customer", vec![allow("OwnUploads", &["s3:GetObject", "s3:PutObject"], &[uploads])]);
    let mut role = Role::new("customer", trust_web_identity("cognito-identity.amazonaws.com", conditions));
    role.policies = &["customer"];
    role.boundary = Some(BOUNDARY);
    directory.role(role);
}

fn places(account: &Account) -> impl Iterator<Item = Place<'_>> {
    REGIONS.iter().map(move |region| Place { account, region })
}

fn own_keys(place: &Place<'_>) -> Vec<String> {
    [KeyUse::Data, KeyUse::Secrets, KeyUse::Messages].map(|key| place.key(key)).into()
}

/// The instance profile of a service's hosts, as the role's item repeats it.
fn profile(account: &Account, service: &Service) -> Value {
    let name = host_role(service);
    json!({
        "path": "/",
        "instanceProfileName": name,
        "instanceProfileId": account.unique_id("AIPA", service.number + 1),
        "arn": account.arn("iam", &format!("instance-profile/{name}")),
        "createDate": CREATED,
        "roles": [],
        "tags": [],
    })
}

fn instance_profiles(organisation: &Organisation, account: &Account) -> Vec<Item> {
    let Some(place) = places(account).next() else { return Vec::new() };
    let services = organisation.services(account, place.region);
    let profile = |service: &Service| {
        let name = host_role(service);
        let arn = account.arn("iam", &format!("instance-profile/{name}"));
        let properties = json!({"Arn": arn, "InstanceProfileName": name, "Path": "/", "Roles": [name]});
        description(Shelf::Workloads, &place, "AWS::IAM::InstanceProfile", &name, properties)
    };
    services.iter().map(profile).collect()
}
