//! What everything in an account and region is called.
//!
//! Identifiers are derived from account, region and a number instead of being drawn: every topic can name another
//! topic's resources without a lookup, and the snapshots compress well. They have the form of the real ones (prefix
//! and 17 hexadecimal digits, UUIDs, ARNs). Names say what a thing is for; nothing here says what it looks like.

use super::accounts::{Account, AccountRole, Region, Service, core_account};

/// The prefix of the organisation's bucket names.
pub(crate) const BUCKET_PREFIX: &str = "example";

/// An account in one region.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a Account,
    pub(crate) region: &'a Region,
}

/// The three tiers of a network.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Public,
    App,
    Data,
}

/// The tiers from the internet inwards.
pub(crate) const TIERS: [Tier; 3] = [Tier::Public, Tier::App, Tier::Data];

impl Tier {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Tier::Public => "public",
            Tier::App => "app",
            Tier::Data => "data",
        }
    }

    pub(crate) fn number(self) -> usize {
        match self {
            Tier::Public => 0,
            Tier::App => 1,
            Tier::Data => 2,
        }
    }
}

/// The security groups that every network has beside those of its services.
#[derive(Clone, Copy)]
pub(crate) enum CommonGroup {
    Default,
    Endpoints,
    Rotation,
}

/// The security groups of a service.
#[derive(Clone, Copy)]
pub(crate) enum ServiceGroup {
    LoadBalancer,
    Application,
    Function,
    Database,
}

impl ServiceGroup {
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            ServiceGroup::LoadBalancer => "lb",
            ServiceGroup::Application => "app",
            ServiceGroup::Function => "fn",
            ServiceGroup::Database => "db",
        }
    }

    fn number(self) -> usize {
        match self {
            ServiceGroup::LoadBalancer => 0,
            ServiceGroup::Application => 1,
            ServiceGroup::Function => 2,
            ServiceGroup::Database => 3,
        }
    }
}

/// The customer keys of a place.
#[derive(Clone, Copy)]
pub(crate) enum KeyUse {
    Data,
    Secrets,
    Messages,
}

impl KeyUse {
    pub(crate) fn name(self) -> &'static str {
        match self {
            KeyUse::Data => "data",
            KeyUse::Secrets => "secrets",
            KeyUse::Messages => "messages",
        }
    }

    fn number(self) -> usize {
        match self {
            KeyUse::Data => 1,
            KeyUse::Secrets => 2,
            KeyUse::Messages => 3,
        }
    }
}

impl Account {
    /// An ARN without a region.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}::{}:{rest}", self.id)
    }

    /// A principal's unique id, such as `AROA…`.
    pub(crate) fn unique_id(&self, prefix: &str, number: usize) -> String {
        format!("{prefix}{:07}{number:010}", 1_000_000 + self.index)
    }
}

impl Place<'_> {
    /// A resource id such as `vpc-0…`, with 17 digits.
    pub(crate) fn id(&self, prefix: &str, number: usize) -> String {
        format!("{prefix}-0{}{number:08x}", self.stem())
    }

    /// Sixteen digits, as in the ARNs of load balancers.
    pub(crate) fn short_id(&self, number: usize) -> String {
        format!("{}{number:08x}", self.stem())
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&self, kind: u16, number: usize) -> String {
        format!("{}-{kind:04x}-4000-8000-{number:012x}", self.stem())
    }

    /// An ARN in this account and region.
    pub(crate) fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{rest}", self.region.name, self.account.id)
    }

    /// The name of the n-th availability zone.
    pub(crate) fn zone(&self, number: usize) -> String {
        let letter = ["a", "b", "c"].get(number).copied().unwrap_or("a");
        format!("{}{letter}", self.region.name)
    }

    fn stem(&self) -> String {
        let mixed = (self.account.index + 1).wrapping_mul(0x9e_3779) & 0xff_ffff;
        format!("{mixed:06x}{:02x}", self.region.number + 1)
    }

    pub(crate) fn vpc(&self) -> String {
        self.id("vpc", 1)
    }

    /// The subnet of a tier in the n-th availability zone.
    pub(crate) fn subnet(&self, tier: Tier, zone: usize) -> String {
        self.id("subnet", tier.number() * 16 + zone)
    }

    /// The subnets of a tier, one for each availability zone.
    pub(crate) fn subnets(&self, tier: Tier) -> Vec<String> {
        (0..3).map(|zone| self.subnet(tier, zone)).collect()
    }

    /// The network's block: a /18 of its own in the whole organisation.
    pub(crate) fn network(&self) -> String {
        format!("10.{}.{}.0/18", self.account.index + 10, self.region.number * 64)
    }

    pub(crate) fn subnet_block(&self, tier: Tier, zone: usize) -> String {
        format!("10.{}.{}.0/22", self.account.index + 10, self.region.number * 64 + tier.number() * 16 + zone * 4)
    }

    /// An address in a subnet.
    pub(crate) fn address(&self, tier: Tier, zone: usize, host: usize) -> String {
        let third = self.region.number * 64 + tier.number() * 16 + zone * 4 + host / 250;
        format!("10.{}.{third}.{}", self.account.index + 10, host % 250 + 4)
    }

    pub(crate) fn common_group(&self, group: CommonGroup) -> String {
        let number = match group {
            CommonGroup::Default => 0,
            CommonGroup::Endpoints => 1,
            CommonGroup::Rotation => 2,
        };
        self.id("sg", number)
    }

    pub(crate) fn service_group(&self, service: &Service, group: ServiceGroup) -> String {
        self.id("sg", (service.number + 1) * 16 + group.number())
    }

    pub(crate) fn key_id(&self, key: KeyUse) -> String {
        self.uuid(0x2c, key.number())
    }

    pub(crate) fn key(&self, key: KeyUse) -> String {
        self.arn("kms", &format!("key/{}", self.key_id(key)))
    }

    /// The bucket that receives the logs of this account and region.
    pub(crate) fn log_bucket(&self) -> String {
        format!("{BUCKET_PREFIX}-{}-logs-{}", self.account.name, self.region.short)
    }

    pub(crate) fn data_bucket(&self, service: &Service) -> String {
        format!("{BUCKET_PREFIX}-{}-{}-{}", service.name, self.account.environment, self.region.short)
    }

    pub(crate) fn function(&self, name: &str) -> String {
        self.arn("lambda", &format!("function:{name}"))
    }

    pub(crate) fn queue(&self, name: &str) -> String {
        self.arn("sqs", name)
    }

    pub(crate) fn topic(&self, service: &Service) -> String {
        self.arn("sns", &format!("{}-events", service.name))
    }

    /// The secret that holds the keys of a service's suppliers.
    pub(crate) fn service_secret(&self, service: &Service) -> String {
        self.arn("secretsmanager", &format!("secret:{}/supplier-keys-{}", service.name, self.secret_suffix(service)))
    }

    /// The secret in which RDS keeps a database's password.
    pub(crate) fn database_secret(&self, service: &Service) -> String {
        let name = self.database_secret_name(service);
        self.arn("secretsmanager", &format!("secret:{name}-{}", self.secret_suffix(service)))
    }

    pub(crate) fn database_secret_name(&self, service: &Service) -> String {
        format!("rds!db-{}", self.uuid(0xdb, service.number + 1))
    }

    fn secret_suffix(&self, service: &Service) -> String {
        format!("Ex{:02}{}{}", self.account.index, self.region.number, service.number)
    }

    pub(crate) fn database(&self, service: &Service) -> String {
        format!("{}-{}", service.name, self.account.environment)
    }

    /// The unchanging id of a database, `db-` and 26 characters.
    pub(crate) fn database_resource_id(&self, service: &Service) -> String {
        format!("db-EXAMPLE{}{:011}", self.stem().to_uppercase(), service.number + 1)
    }

    pub(crate) fn load_balancer(&self, service: &Service) -> String {
        let name = self.database(service);
        self.arn("elasticloadbalancing", &format!("loadbalancer/app/{name}/{}", self.short_id(service.number + 1)))
    }

    pub(crate) fn certificate(&self) -> String {
        self.arn("acm", &format!("certificate/{}", self.uuid(0xce, 1)))
    }

    pub(crate) fn user_pool_id(&self) -> String {
        format!("{}_{}x", self.region.name, self.stem())
    }

    pub(crate) fn user_pool(&self) -> String {
        self.arn("cognito-idp", &format!("userpool/{}", self.user_pool_id()))
    }

    pub(crate) fn user_pool_client_id(&self) -> String {
        format!("example{}{:011}", self.stem(), 1)
    }

    pub(crate) fn identity_pool_id(&self) -> String {
        format!("{}:{}", self.region.name, self.uuid(0x1d, 1))
    }
}

/// The bucket of the log archive that receives one kind of log of a whole region.
pub(crate) fn archive_bucket(kind: &str, region: &Region) -> String {
    match kind {
        "waf" => format!("aws-waf-logs-{BUCKET_PREFIX}-archive-{}", region.short),
        _ => format!("{BUCKET_PREFIX}-archive-{kind}-{}", region.short),
    }
}

/// A role of a core account that others trust.
pub(crate) fn core_role_arn(role: AccountRole, name: &str) -> String {
    format!("arn:aws:iam::{}:role/{name}", core_account(role))
}
