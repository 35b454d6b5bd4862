//! How people of the organisation sign in: Identity Center, its permission sets, and the roles that it makes.
//!
//! Permission sets are bounded, short, and assigned to groups only. All of it is described by Cloud Control in the
//! management account; in every other account an assignment shows as a role that trusts the portal's tokens. Here
//! too stand the descriptions of the accounts themselves.

use serde_json::{Value, json};

use super::accounts::{Account, AccountRole, Organisation, REGIONS};
use super::iam::{BOUNDARY, Directory, Role};
use super::item::{Item, Shelf, description};
use super::names::Place;
use super::policies::document;

const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-0example00000001";
const STORE: &str = "d-0example01";
/// The provider that Identity Center adds to every account that it reaches.
const PORTAL: &str = "AWSSSO_0example_DO_NOT_DELETE";

/// A permission set, and the group that has it.
struct Access {
    name: &'static str,
    group: &'static str,
    session: &'static str,
    aws_policies: &'static [&'static str],
    own_policies: &'static [&'static str],
    reach: Reach,
}

/// Where a permission set is assigned.
#[derive(Clone, Copy)]
enum Reach {
    Members,
    Workloads,
    Network,
}

const ACCESS: [Access; 5] = [
    Access {
        name: "ReadOnly",
        group: "readers",
        session: "PT4H",
        aws_policies: &["ReadOnlyAccess"],
        own_policies: &[],
        reach: Reach::Members,
    },
    Access {
        name: "SecurityAudit",
        group: "auditors",
        session: "PT4H",
        aws_policies: &["SecurityAudit"],
        own_policies: &[],
        reach: Reach::Members,
    },
    Access {
        name: "Developer",
        group: "developers",
        session: "PT4H",
        aws_policies: &[],
        own_policies: &[BOUNDARY],
        reach: Reach::Workloads,
    },
    Access {
        name: "Operator",
        group: "operators",
        session: "PT1H",
        aws_policies: &["AmazonSSMReadOnlyAccess"],
        own_policies: &[],
        reach: Reach::Workloads,
    },
    Access {
        name: "NetworkOperator",
        group: "network-operators",
        session: "PT1H",
        aws_policies: &["AmazonVPCReadOnlyAccess"],
        own_policies: &[],
        reach: Reach::Network,
    },
];

/// What the management account says about accounts and people.
pub(crate) fn management(organisation: &Organisation) -> Vec<Item> {
    let managers = organisation.accounts.iter().filter(|account| account.role == AccountRole::Management);
    let places = managers.zip(REGIONS.first()).map(|(account, region)| Place { account, region });
    places.flat_map(|place| management_items(organisation, &place)).collect()
}

fn management_items(organisation: &Organisation, place: &Place<'_>) -> Vec<Item> {
    let mut items = vec![instance(place)];
    for (number, access) in ACCESS.iter().enumerate() {
        items.push(group(place, access, number));
        items.push(permission_set(place, access, number));
        let accounts = organisation.accounts.iter().filter(|account| access.reaches(account));
        items.extend(accounts.map(|account| assignment(place, account, number)));
    }
    items.extend(organisation.accounts.iter().map(|account| member(place, account)));
    items
}

impl Access {
    fn reaches(&self, account: &Account) -> bool {
        match self.reach {
            Reach::Members => account.role != AccountRole::Management,
            Reach::Workloads => account.is_workload(),
            Reach::Network => account.name == "network",
        }
    }
}

fn instance(place: &Place<'_>) -> Item {
    let properties = json!({
        "InstanceArn": INSTANCE,
        "IdentityStoreId": STORE,
        "Name": "people",
        "OwnerAccountId": place.account.id,
        "Status": "ACTIVE",
    });
    description(Shelf::SignIn, place, "AWS::SSO::Instance", INSTANCE, properties)
}

fn group_id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{:012}", number + 1)
}

fn set_arn(number: usize) -> String {
    format!("{}/ps-0example{:08}", INSTANCE.replace(":instance/", ":permissionSet/"), number + 1)
}

fn group(place: &Place<'_>, access: &Access, number: usize) -> Item {
    let id = group_id(number);
    let properties = json!({"GroupId": id, "IdentityStoreId": STORE, "DisplayName": access.group});
    description(Shelf::SignIn, place, "AWS::IdentityStore::Group", &format!("{id}|{STORE}"), properties)
}

fn permission_set(place: &Place<'_>, access: &Access, number: usize) -> Item {
    let arn = set_arn(number);
    let managed: Vec<String> =
        access.aws_policies.iter().map(|name| format!("arn:aws:iam::aws:policy/{name}")).collect();
    let own: Vec<Value> = access.own_policies.iter().map(|name| json!({"Name": name, "Path": "/"})).collect();
    let boundary = match managed.first() {
        Some(policy) => json!({"ManagedPolicyArn": policy}),
        None => json!({"CustomerManagedPolicyReference": {"Name": BOUNDARY, "Path": "/"}}),
    };
    let properties = json!({
        "InstanceArn": INSTANCE,
        "PermissionSetArn": arn,
        "Name": access.name,
        "SessionDuration": access.session,
        "ManagedPolicies": managed,
        "CustomerManagedPolicyReferences": own,
        "PermissionsBoundary": boundary,
    });
    description(Shelf::SignIn, place, "AWS::SSO::PermissionSet", &format!("{INSTANCE}|{arn}"), properties)
}

fn assignment(place: &Place<'_>, account: &Account, number: usize) -> Item {
    let (set, group) = (set_arn(number), group_id(number));
    let identifier = format!("{INSTANCE}|{}|AWS_ACCOUNT|{set}|GROUP|{group}", account.id);
    let properties = json!({
        "InstanceArn": INSTANCE,
        "PermissionSetArn": set,
        "PrincipalType": "GROUP",
        "PrincipalId": group,
        "TargetType": "AWS_ACCOUNT",
        "TargetId": account.id,
    });
    description(Shelf::SignIn, place, "AWS::SSO::Assignment", &identifier, properties)
}

fn member(place: &Place<'_>, account: &Account) -> Item {
    let arn = format!("arn:aws:organizations::{}:account/o-exampleorg1/{}", place.account.id, account.id);
    let properties = json!({
        "AccountId": account.id,
        "AccountName": account.name,
        "Arn": arn,
        "Email": format!("aws+{}@example.com", account.name),
        "Status": "ACTIVE",
        "State": "ACTIVE",
    });
    description(Shelf::SignIn, place, "AWS::Organizations::Account", &account.id, properties)
}

/// The roles that Identity Center made in an account.
pub(crate) fn portal_roles(account: &Account) -> Vec<Item> {
    let provider = account.arn("iam", &format!("saml-provider/{PORTAL}"));
    let trust = document(vec![json!({
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
        "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    })]);
    let mut directory = Directory::numbered_from(5001, account);
    if ACCESS.iter().any(|access| access.reaches(account)) {
        directory.portal_provider(PORTAL);
    }
    for (number, access) in ACCESS.iter().enumerate().filter(|(_, access)| access.reaches(account)) {
        let name = format!("AWSReservedSSO_{}_{:016x}", access.name, 0x0e0a_0000 + number);
        let mut role = Role::new(&name, trust.clone());
        role.path = "/aws-reserved/sso.amazonaws.com/eu-central-1/";
        role.aws_policies = access.aws_policies;
        role.policies = access.own_policies;
        directory.role(role);
    }
    directory.items
}
