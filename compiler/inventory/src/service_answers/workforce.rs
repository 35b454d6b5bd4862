//! Answers of IAM Identity Center and its identity store.

use parapet_model::{Name, Node, NodeKind};

use super::answer::Answer;
use super::record::{self, ALL, Asks, Listed, Made, blank, object};
use crate::delivery::Delivery;

/// `list-instances`.
pub(super) fn instances(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let listed = Listed { key: "Instances", resource_type: "AWS::SSO::Instance", renamed: &[], id: None, asks: ALL };
    listed.deliver(cx, answer, output);
}

/// `describe-permission-set`: its policies and boundary are other calls' answers, and so unknown.
pub(super) fn permission_set(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some((node, members)) = object(cx, answer, output, "PermissionSet") else { return };
    let mut properties = members.to_vec();
    properties.extend(instance(answer));
    let made = Made { resource_type: "AWS::SSO::PermissionSet", id: None, properties, part: 1, span: node.span };
    record::deliver(cx, answer, made);
}

/// The permission set that was asked for, of which nothing else is known.
pub(super) fn no_permission_set(cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str) {
    let known = ["InstanceArn", "PermissionSetArn"];
    let known = known.into_iter().filter_map(|name| Some((name.into(), answer.argument(name)?.clone()))).collect();
    blank(cx, answer, code, ("AWS::SSO::PermissionSet", None), known);
}

/// `list-account-assignments`: those of one account and permission set; the instance stands in the arguments alone.
pub(super) fn assignments(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    const ASSIGNMENT: Listed = Listed {
        key: "AccountAssignments",
        resource_type: "AWS::SSO::Assignment",
        renamed: &[("AccountId", "TargetId")],
        id: None,
        asks: Asks::Some,
    };
    ASSIGNMENT.deliver_with(cx, answer, output, |answer, assignment| {
        let account: Node = Node::new(assignment.span, NodeKind::Text("AWS_ACCOUNT".into()));
        instance(answer).into_iter().chain([("TargetType".into(), account)]).collect()
    });
}

/// `identitystore list-groups`.
pub(super) fn groups(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    const STORE: Asks = Asks::All { arguments: &["IdentityStoreId"] };
    let resource_type = "AWS::IdentityStore::Group";
    Listed { key: "Groups", resource_type, renamed: &[], id: None, asks: STORE }.deliver(cx, answer, output);
}

fn instance(answer: &Answer<'_>) -> Option<(Name, Node)> {
    answer.argument("InstanceArn").map(|arn| ("InstanceArn".into(), arn.clone()))
}
