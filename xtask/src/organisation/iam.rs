//! IAM inside an account: roles, managed policies, and the few users and groups for emergencies.
//!
//! Every role trusts one party under a condition and has its permissions in managed policies that name their
//! resources; workload roles stay inside a boundary. `roles` decides which roles there are; this file writes them.

use serde_json::{Value, json};

use super::accounts::Account;
use super::item::{CREATED, Draft, Item, LAST_USED};
use super::policies::{allow, document, percent_encoded};

/// The managed policy that bounds the roles of workloads.
pub(crate) const BOUNDARY: &str = "workload-boundary";

/// What is particular to a role.
pub(crate) struct Role<'a> {
    pub(crate) name: &'a str,
    pub(crate) path: &'a str,
    pub(crate) trust: Value,
    /// Names of managed policies of the account.
    pub(crate) policies: &'a [&'a str],
    /// Names of managed policies of AWS, with their path.
    pub(crate) aws_policies: &'a [&'a str],
    /// The name of the policy that bounds the role.
    pub(crate) boundary: Option<&'a str>,
    pub(crate) profile: Option<Value>,
}

impl<'a> Role<'a> {
    /// A role that has no permissions yet.
    pub(crate) fn new(name: &'a str, trust: Value) -> Role<'a> {
        Role { name, path: "/", trust, policies: &[], aws_policies: &[], boundary: None, profile: None }
    }
}

/// Writes the principals and policies of one account, and numbers them.
pub(crate) struct Directory<'a> {
    pub(crate) account: &'a Account,
    pub(crate) items: Vec<Item>,
    first: usize,
}

impl<'a> Directory<'a> {
    /// A directory whose unique ids are counted from `first`: two of one account must not meet.
    pub(crate) fn numbered_from(first: usize, account: &'a Account) -> Directory<'a> {
        Directory { account, items: Vec::new(), first }
    }

    fn next_id(&self, prefix: &str) -> String {
        self.account.unique_id(prefix, self.first + self.items.len())
    }

    /// Adds a managed policy.
    pub(crate) fn policy(&mut self, name: &str, statements: Vec<Value>) {
        let id = self.next_id("ANPA");
        let arn = self.account.arn("iam", &format!("policy/{name}"));
        let draft = Draft::global(self.account, "AWS::IAM::Policy", &id).arn(&arn).name(name);
        self.items.push(draft.build(json!({
            "policyName": name,
            "policyId": id,
            "arn": arn,
            "path": "/",
            "defaultVersionId": "v1",
            "attachmentCount": 1,
            "permissionsBoundaryUsageCount": 0,
            "isAttachable": true,
            "description": "",
            "createDate": CREATED,
            "updateDate": CREATED,
            "policyVersionList": [{
                "document": percent_encoded(&document(statements)),
                "versionId": "v1",
                "isDefaultVersion": true,
                "createDate": CREATED,
            }],
        })));
    }

    /// Adds a role.
    pub(crate) fn role(&mut self, role: Role<'_>) {
        let id = self.next_id("AROA");
        let arn = self.account.arn("iam", &format!("role{}{}", role.path, role.name));
        let mut draft = Draft::global(self.account, "AWS::IAM::Role", &id).arn(&arn).name(role.name).tagged();
        for name in role.policies {
            draft = draft.related_by_name("AWS::IAM::Policy", name, "Is attached to CustomerManagedPolicy");
        }
        let tags = draft.tag_list();
        let mut configuration = json!({
            "path": role.path,
            "roleName": role.name,
            "roleId": id,
            "arn": arn,
            "createDate": CREATED,
            "assumeRolePolicyDocument": percent_encoded(&role.trust),
            "instanceProfileList": role.profile.into_iter().collect::<Vec<_>>(),
            "rolePolicyList": [],
            "attachedManagedPolicies": self.attached(role.policies, role.aws_policies),
            "tags": tags,
            "roleLastUsed": {"lastUsedDate": LAST_USED, "region": "eu-central-1"},
        });
        if let (Some(boundary), Some(members)) = (role.boundary, configuration.as_object_mut()) {
            members.insert("permissionsBoundary".to_owned(), self.bounded_by(boundary));
        }
        self.items.push(draft.build(configuration));
    }

    fn attached(&self, own: &[&str], aws: &[&str]) -> Vec<Value> {
        let own = own
            .iter()
            .map(|name| json!({"policyName": name, "policyArn": self.account.arn("iam", &format!("policy/{name}"))}));
        let aws = aws.iter().map(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            json!({"policyName": name, "policyArn": format!("arn:aws:iam::aws:policy/{path}")})
        });
        own.chain(aws).collect()
    }

    fn bounded_by(&self, policy: &str) -> Value {
        json!({
            "permissionsBoundaryType": "Policy",
            "permissionsBoundaryArn": self.account.arn("iam", &format!("policy/{policy}")),
        })
    }

    /// Adds a group whose members may take a role once they have shown a second factor, and its two members.
    pub(crate) fn emergency_people(&mut self, role: &str) {
        let mut statement = allow("WithSecondFactor", &["sts:AssumeRole"], &[role.to_owned()]);
        if let Some(members) = statement.as_object_mut() {
            members.insert("Condition".to_owned(), json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}));
        }
        self.policy("emergency-access", vec![statement]);
        self.group("emergency", "emergency-access");
        self.user("emergency-1", "emergency");
        self.user("emergency-2", "emergency");
    }

    fn group(&mut self, name: &str, policy: &str) {
        let id = self.next_id("AGPA");
        let arn = self.account.arn("iam", &format!("group/{name}"));
        let draft = Draft::global(self.account, "AWS::IAM::Group", &id)
            .arn(&arn)
            .name(name)
            .related_by_name("AWS::IAM::User", "emergency-1", "Contains User")
            .related_by_name("AWS::IAM::User", "emergency-2", "Contains User");
        self.items.push(draft.build(json!({
            "path": "/",
            "groupName": name,
            "groupId": id,
            "arn": arn,
            "createDate": CREATED,
            "groupPolicyList": [],
            "attachedManagedPolicies": self.attached(&[policy], &[]),
        })));
    }

    fn user(&mut self, name: &str, group: &str) {
        let id = self.next_id("AIDA");
        let arn = self.account.arn("iam", &format!("user/{name}"));
        let draft = Draft::global(self.account, "AWS::IAM::User", &id).arn(&arn).name(name).tagged().related_by_name(
            "AWS::IAM::Group",
            group,
            "Is attached to Group",
        );
        let tags = draft.tag_list();
        self.items.push(draft.build(json!({
            "path": "/",
            "userName": name,
            "userId": id,
            "arn": arn,
            "createDate": CREATED,
            "userPolicyList": [],
            "groupList": [group],
            "attachedManagedPolicies": [],
            "permissionsBoundary": self.bounded_by("emergency-access"),
            "tags": tags,
        })));
    }

    /// Adds the identity provider whose tokens the build system presents.
    pub(crate) fn build_provider(&mut self) {
        let arn = self.account.arn("iam", "oidc-provider/token.actions.githubusercontent.com");
        let draft = Draft::global(self.account, "AWS::IAM::OIDCProvider", &arn).arn(&arn);
        self.items.push(draft.build(json!({
            "Arn": arn,
            "Url": "token.actions.githubusercontent.com",
            "ClientIdList": ["sts.amazonaws.com"],
            "ThumbprintList": ["6938fd4d98bab03faadb97b34396831e3780aea1"],
        })));
    }

    /// Adds the identity provider of the portal through which people come.
    pub(crate) fn portal_provider(&mut self, name: &str) {
        let arn = self.account.arn("iam", &format!("saml-provider/{name}"));
        let draft = Draft::global(self.account, "AWS::IAM::SAMLProvider", &arn).arn(&arn).name(name);
        self.items.push(draft.build(json!({"Arn": arn, "Name": name})));
    }
}
