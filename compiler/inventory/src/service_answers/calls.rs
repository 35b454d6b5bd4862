//! The calls whose answers are read.

use parapet_model::{Node, NodeKind};

use super::call::{Call, Failing};
use super::{directories, identity, organisations, others, workforce};

/// Every call, in the order in which bare answers are tried.
static CALLS: &[Call] = &[
    Call {
        name: "iam get-account-summary",
        bare: |node| is_object(node, "SummaryMap"),
        output: identity::summary,
        error: Failing::Setting { resource_type: "AWS::IAM::AccountSummary", nothing: None },
    },
    Call {
        name: "iam get-account-password-policy",
        bare: |node| is_object(node, "PasswordPolicy"),
        output: identity::password_policy,
        error: Failing::Setting { resource_type: "AWS::IAM::AccountPasswordPolicy", nothing: Some("NoSuchEntity") },
    },
    Call {
        name: "iam get-credential-report",
        bare: |node| ["Content", "ReportFormat"].iter().all(|key| is_text(node, key)),
        output: identity::credential_report,
        error: Failing::Unlisted("AWS::IAM::CredentialReport"),
    },
    Call {
        name: "iam list-virtual-mfa-devices",
        bare: |node| node.get("VirtualMFADevices").is_some(),
        output: identity::virtual_devices,
        error: Failing::Unlisted("AWS::IAM::VirtualMFADevice"),
    },
    Call {
        name: "ds describe-directories",
        bare: |node| node.get("DirectoryDescriptions").is_some(),
        output: directories::directories,
        error: Failing::Unlisted("AWS::DirectoryService::Directory"),
    },
    // Its answer does not say which directory it is of.
    Call {
        name: "ds describe-ldaps-settings",
        bare: |_| false,
        output: directories::ldaps,
        error: Failing::Other(directories::no_ldaps),
    },
    Call {
        name: "ds list-log-subscriptions",
        bare: |node| node.get("LogSubscriptions").is_some(),
        output: directories::logs,
        error: Failing::Unlisted("AWS::DirectoryService::LogSubscription"),
    },
    Call {
        name: "ds describe-shared-directories",
        bare: |node| node.get("SharedDirectories").is_some(),
        output: directories::shares,
        error: Failing::Unlisted("AWS::DirectoryService::SharedDirectory"),
    },
    Call {
        name: "sso-admin list-instances",
        bare: |node| lists(node, "Instances", "IdentityStoreId"),
        output: workforce::instances,
        error: Failing::Unlisted("AWS::SSO::Instance"),
    },
    // The instance is an argument, and belongs to a permission set's identity.
    Call {
        name: "sso-admin describe-permission-set",
        bare: |_| false,
        output: workforce::permission_set,
        error: Failing::Other(workforce::no_permission_set),
    },
    Call {
        name: "sso-admin list-account-assignments",
        bare: |node| node.get("AccountAssignments").is_some(),
        output: workforce::assignments,
        error: Failing::Unlisted("AWS::SSO::Assignment"),
    },
    Call {
        name: "identitystore list-groups",
        bare: |node| lists(node, "Groups", "IdentityStoreId"),
        output: workforce::groups,
        error: Failing::Unlisted("AWS::IdentityStore::Group"),
    },
    Call {
        name: "organizations list-roots",
        bare: |node| lists(node, "Roots", "PolicyTypes"),
        output: organisations::roots,
        error: Failing::Unanswered,
    },
    Call {
        name: "organizations list-accounts",
        bare: |node| lists(node, "Accounts", "JoinedMethod"),
        output: organisations::accounts,
        error: Failing::Unanswered,
    },
    Call {
        name: "organizations list-accounts-for-parent",
        bare: |_| false,
        output: organisations::accounts,
        error: Failing::Unanswered,
    },
    Call {
        name: "organizations describe-account",
        bare: |node| node.get("Account").is_some_and(|account| is_text(account, "JoinedMethod")),
        output: organisations::account,
        error: Failing::Unanswered,
    },
    Call {
        name: "organizations list-organizational-units-for-parent",
        bare: |node| lists(node, "OrganizationalUnits", "Arn"),
        output: organisations::units,
        error: Failing::Unanswered,
    },
    Call {
        name: "organizations describe-organizational-unit",
        bare: |node| is_object(node, "OrganizationalUnit"),
        output: organisations::unit,
        error: Failing::Unanswered,
    },
    // Whose parents and whose tags these are stands in the arguments.
    Call {
        name: "organizations list-parents",
        bare: |_| false,
        output: organisations::parents,
        error: Failing::Unanswered,
    },
    Call {
        name: "organizations list-tags-for-resource",
        bare: |_| false,
        output: organisations::tags,
        error: Failing::Unanswered,
    },
    Call {
        name: "sts get-caller-identity",
        bare: |node| ["UserId", "Account", "Arn"].iter().all(|key| is_text(node, key)),
        output: |_, _, _| {},
        error: Failing::Unanswered,
    },
    Call {
        name: "ec2 get-ebs-encryption-by-default",
        bare: |node| node.get("EbsEncryptionByDefault").is_some(),
        output: others::ebs_encryption,
        error: Failing::Setting { resource_type: "AWS::EC2::EbsEncryptionByDefault", nothing: None },
    },
    Call {
        name: "dms describe-replication-instances",
        bare: |node| node.get("ReplicationInstances").is_some(),
        output: others::replication_instances,
        error: Failing::Unlisted("AWS::DMS::ReplicationInstance"),
    },
    // The answer for one bucket looks the same.
    Call {
        name: "s3control get-public-access-block",
        bare: |_| false,
        output: others::public_access_block,
        error: Failing::Setting {
            resource_type: "AWS::S3::AccountPublicAccessBlock",
            nothing: Some("NoSuchPublicAccessBlockConfiguration"),
        },
    },
    Call {
        name: "configservice describe-configuration-recorders",
        bare: |node| node.get("ConfigurationRecorders").is_some(),
        output: others::recorders,
        error: Failing::Unanswered,
    },
    // Its answers are a format of their own.
    Call {
        name: "configservice select-resource-config",
        bare: |_| false,
        output: others::selected,
        error: Failing::Other(others::not_selected),
    },
    Call {
        name: "configservice select-aggregate-resource-config",
        bare: |_| false,
        output: others::selected,
        error: Failing::Other(others::not_selected_anywhere),
    },
    // Bare answers of Cloud Control are a format of their own.
    Call {
        name: "cloudcontrol get-resource",
        bare: |_| false,
        output: others::described,
        error: Failing::Other(others::not_described),
    },
    Call {
        name: "cloudcontrol list-resources",
        bare: |_| false,
        output: others::listed,
        error: Failing::Other(others::not_listed),
    },
];

pub(crate) fn named(operation: &str) -> Option<&'static Call> {
    CALLS.iter().find(|call| call.name == operation)
}

/// The call that a bare answer is of.
pub(crate) fn bare(node: &Node) -> Option<&'static Call> {
    CALLS.iter().find(|call| (call.bare)(node))
}

fn is_object(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|member| matches!(member.kind, NodeKind::Map(_)))
}

fn is_text(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_text).is_some()
}

/// A list under `key` whose first element has `mark`; other services have lists of that name.
fn lists(node: &Node, key: &str, mark: &str) -> bool {
    let first = node.get(key).and_then(Node::as_list).and_then(<[Node]>::first);
    first.is_some_and(|first| first.get(mark).is_some())
}
