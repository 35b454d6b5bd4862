//! The types that generated guardrails and records are made of: a part of the real schemas.

/// The type of a property.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Bool,
    Int,
    Text,
    Cidr,
    Json,
    Policy,
    /// A map of texts.
    Texts,
    Enum(&'static [&'static str]),
    Ref(&'static str),
    List(&'static Kind),
    Record(&'static [Field]),
}

/// A property.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

/// A resource type.
#[derive(Debug)]
pub(crate) struct Shape {
    pub name: &'static str,
    pub global: bool,
    pub fields: &'static [Field],
}

const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

const RULE: &[Field] = &[
    may("CidrIp", Kind::Cidr),
    may("FromPort", Kind::Int),
    may("ToPort", Kind::Int),
    must("IpProtocol", Kind::Text),
    may("Description", Kind::Text),
];

const INVITE: &[Field] = &[may("AllowAdminCreateUserOnly", Kind::Bool), may("UnusedAccountValidityDays", Kind::Int)];

const ATTRIBUTES: Kind = Kind::Enum(&["email", "phone_number"]);

pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        name: "AWS::RDS::DBInstance",
        global: false,
        fields: &[
            may("PubliclyAccessible", Kind::Bool),
            may("MultiAZ", Kind::Bool),
            may("AllocatedStorage", Kind::Int),
            may("MaxAllocatedStorage", Kind::Int),
            may("Engine", Kind::Text),
            may("DatabaseInsightsMode", Kind::Enum(&["advanced", "standard"])),
            may("EnableCloudwatchLogsExports", Kind::List(&Kind::Text)),
            may("DBSecurityGroups", Kind::List(&Kind::Text)),
            may("DBSubnetGroupName", Kind::Ref("AWS::RDS::DBSubnetGroup")),
        ],
    },
    Shape {
        name: "AWS::RDS::DBSubnetGroup",
        global: false,
        fields: &[
            must("DBSubnetGroupDescription", Kind::Text),
            must("SubnetIds", Kind::List(&Kind::Ref("AWS::EC2::Subnet"))),
        ],
    },
    Shape {
        name: "AWS::EC2::Subnet",
        global: false,
        fields: &[
            may("CidrBlock", Kind::Cidr),
            may("MapPublicIpOnLaunch", Kind::Bool),
            may("AvailabilityZone", Kind::Text),
            must("VpcId", Kind::Ref("AWS::EC2::VPC")),
        ],
    },
    Shape {
        name: "AWS::EC2::VPC",
        global: false,
        fields: &[
            may("CidrBlock", Kind::Cidr),
            may("EnableDnsSupport", Kind::Bool),
            may("InstanceTenancy", Kind::Enum(&["dedicated", "default", "host"])),
        ],
    },
    Shape {
        name: "AWS::EC2::SecurityGroup",
        global: false,
        fields: &[
            must("GroupDescription", Kind::Text),
            may("SecurityGroupIngress", Kind::List(&Kind::Record(RULE))),
            may("VpcId", Kind::Ref("AWS::EC2::VPC")),
        ],
    },
    Shape {
        name: "AWS::Cognito::UserPool",
        global: false,
        fields: &[
            may("MfaConfiguration", Kind::Enum(&["OFF", "ON", "OPTIONAL"])),
            may("DeletionProtection", Kind::Enum(&["ACTIVE", "INACTIVE"])),
            may("AutoVerifiedAttributes", Kind::List(&ATTRIBUTES)),
            may("UserPoolName", Kind::Text),
            may("UserPoolTags", Kind::Texts),
            may("AdminCreateUserConfig", Kind::Record(INVITE)),
        ],
    },
    Shape {
        name: "AWS::SQS::Queue",
        global: false,
        fields: &[
            may("DelaySeconds", Kind::Int),
            may("VisibilityTimeout", Kind::Int),
            may("QueueName", Kind::Text),
            may("SqsManagedSseEnabled", Kind::Bool),
            may("RedrivePolicy", Kind::Json),
        ],
    },
    Shape {
        name: "AWS::SecretsManager::Secret",
        global: false,
        fields: &[may("Name", Kind::Text), may("Description", Kind::Text)],
    },
    Shape {
        name: "AWS::SecretsManager::RotationSchedule",
        global: false,
        fields: &[
            must("SecretId", Kind::Ref("AWS::SecretsManager::Secret")),
            may("RotateImmediatelyOnUpdate", Kind::Bool),
        ],
    },
    Shape {
        name: "AWS::IAM::Role",
        global: true,
        fields: &[
            must("AssumeRolePolicyDocument", Kind::Policy),
            may("MaxSessionDuration", Kind::Int),
            may("Path", Kind::Text),
            may("ManagedPolicyArns", Kind::List(&Kind::Text)),
        ],
    },
];

/// The shape of a type.
pub(crate) fn shape(name: &str) -> &'static Shape {
    SHAPES.iter().find(|shape| shape.name == name).unwrap()
}

/// Texts that programs and records share, so that comparisons are sometimes true.
pub(crate) const TEXTS: &[&str] = &["a", "b", "ab", "prod", "-1", "12", ""];

pub(crate) const INTS: &[i64] = &[0, 1, 2, 3, 22, 443, -1, i64::MAX];

pub(crate) const BLOCKS: &[&str] = &["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/16"];

pub(crate) const KEYS: &[&str] = &["owner", "env"];
