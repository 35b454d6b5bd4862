//! The organisation: its accounts, its regions, and the services that run in them.
//!
//! Five core accounts and fifteen products in three environments make fifty accounts. Every product runs the same
//! three services in every region; only their sizes and database engines are drawn from the seed. Account ids follow
//! a pattern that is obviously made up. No identifiers below the account are made here: see `names`.

use parapet_random::Random;

/// How many accounts share one snapshot file.
pub(crate) const ACCOUNTS_PER_FILE: usize = 10;

/// The organisation's id, as `aws:PrincipalOrgID` sees it.
pub(crate) const ORGANISATION: &str = "o-exampleorg1";

/// A supplier's account outside the organisation.
pub(crate) const OUTSIDE_ACCOUNT: &str = "999988887777";

/// The regions in use; the first one is home.
pub(crate) const REGIONS: [Region; 3] = [
    Region { name: "eu-central-1", short: "euc1", number: 0, s3_list: "pl-6ea54007", dynamodb_list: "pl-66a5400f" },
    Region { name: "eu-west-1", short: "euw1", number: 1, s3_list: "pl-6da54004", dynamodb_list: "pl-6fa54006" },
    Region { name: "us-east-1", short: "use1", number: 2, s3_list: "pl-63a5400a", dynamodb_list: "pl-02cd2c6b" },
];

const CORE: [&str; 5] = ["management", "log-archive", "security", "network", "shared"];

const PRODUCTS: [&str; 15] = [
    "orders",
    "billing",
    "catalogue",
    "search",
    "shipping",
    "payments",
    "stock",
    "reporting",
    "loyalty",
    "support",
    "pricing",
    "returns",
    "content",
    "profiles",
    "partners",
];

const ENVIRONMENTS: [&str; 3] = ["prod", "stage", "dev"];

/// What a service is for; the first one faces the internet.
const DUTIES: [&str; 3] = ["api", "worker", "admin"];

/// A region, with the prefix lists of its gateway endpoints.
pub(crate) struct Region {
    pub(crate) name: &'static str,
    pub(crate) short: &'static str,
    pub(crate) number: usize,
    pub(crate) s3_list: &'static str,
    pub(crate) dynamodb_list: &'static str,
}

/// An account of the organisation.
pub(crate) struct Account {
    /// Position in the organisation, from 0.
    pub(crate) index: usize,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) environment: &'static str,
    pub(crate) role: AccountRole,
}

/// What an account is there for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountRole {
    /// Holds the organisation itself, and Identity Center.
    Management,
    /// Receives everybody's logs.
    LogArchive,
    /// Looks into the other accounts.
    Security,
    /// Another core account.
    Shared,
    /// Runs one product in one environment.
    Workload(&'static str),
}

impl Account {
    /// The team that answers for the account, as its tag says.
    pub(crate) fn owner(&self) -> String {
        match self.role {
            AccountRole::Workload(product) => format!("team-{product}"),
            AccountRole::Management | AccountRole::LogArchive | AccountRole::Security | AccountRole::Shared => {
                "team-platform".to_owned()
            }
        }
    }

    /// Whether the account runs a product, and so has networks and services.
    pub(crate) fn is_workload(&self) -> bool {
        matches!(self.role, AccountRole::Workload(_))
    }
}

/// The whole organisation.
pub(crate) struct Organisation {
    pub(crate) accounts: Vec<Account>,
    pub(crate) seed: u64,
}

impl Organisation {
    /// The organisation of a seed.
    pub(crate) fn new(seed: u64) -> Organisation {
        let core = CORE.iter().map(|name| ((*name).to_owned(), "core", core_role(name)));
        let workloads = PRODUCTS.iter().flat_map(|product| {
            ENVIRONMENTS.iter().map(move |environment| {
                (format!("{product}-{environment}"), *environment, AccountRole::Workload(product))
            })
        });
        let accounts = core.chain(workloads).enumerate().map(|(index, (name, environment, role))| Account {
            index,
            id: account_id(index),
            name,
            environment,
            role,
        });
        Organisation { accounts: accounts.collect(), seed }
    }

    /// The services of a workload account in one region.
    pub(crate) fn services(&self, account: &Account, region: &Region) -> Vec<Service> {
        let AccountRole::Workload(product) = account.role else { return Vec::new() };
        let mut random = Random::of(self.seed, &["services", &account.id, region.name]);
        let duties = DUTIES.iter().enumerate();
        duties.map(|(number, duty)| service(product, duty, number, account, &mut random)).collect()
    }
}

/// The account with a part to play for all others; the organisation has exactly one of each.
pub(crate) fn core_account(role: AccountRole) -> String {
    let position = CORE.iter().position(|name| core_role(name) == role);
    account_id(position.unwrap_or(CORE.len()))
}

fn account_id(index: usize) -> String {
    format!("{:012}", 410_000_000_000 + (index + 1) * 1_010_101)
}

fn core_role(name: &str) -> AccountRole {
    match name {
        "management" => AccountRole::Management,
        "log-archive" => AccountRole::LogArchive,
        "security" => AccountRole::Security,
        _ => AccountRole::Shared,
    }
}

/// A service of a product in one account and region.
pub(crate) struct Service {
    /// `orders-api`.
    pub(crate) name: String,
    /// Position among the services of its account, from 0.
    pub(crate) number: usize,
    /// Whether its load balancer faces the internet.
    pub(crate) public: bool,
    pub(crate) instances: usize,
    pub(crate) instance_type: &'static str,
    pub(crate) engine: Engine,
}

/// The engine of a service's database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    MySql,
}

impl Engine {
    /// Its name in the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        }
    }

    /// The port that the organisation uses instead of the default one.
    pub(crate) fn port(self) -> u16 {
        match self {
            Engine::Postgres => 5433,
            Engine::MySql => 3307,
        }
    }
}

fn service(product: &str, duty: &str, number: usize, account: &Account, random: &mut Random) -> Service {
    let least = if account.environment == "prod" { 2 } else { 1 };
    let types = ["m7i.large", "m7i.xlarge", "t3.large"];
    Service {
        name: format!("{product}-{duty}"),
        number,
        public: duty == "api",
        instances: least + random.below(3),
        instance_type: random.pick(&types).copied().unwrap_or("t3.large"),
        engine: if random.below(3) == 0 { Engine::MySql } else { Engine::Postgres },
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountRole, Organisation, core_account};

    #[test]
    fn fifty_accounts_with_ids_of_their_own() {
        let organisation = Organisation::new(1);
        let mut ids: Vec<_> = organisation.accounts.iter().map(|account| account.id.clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 50);
        assert!(ids.iter().all(|id| id.len() == 12));
        assert_eq!(core_account(AccountRole::Management), organisation.accounts[0].id);
    }
}
