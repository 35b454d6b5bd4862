//! Answers of IAM: what it sums up of an account, the password policy, the credential report, MFA devices.

use parapet_model::{Name, Node, NodeKind, Proof, Reason, Type, Unknown};

use super::answer::Answer;
use super::credential_report::{self, ROOT};
use super::record::{self, ALL, Asks, Listed, Made, incomplete, object};
use crate::base64;
use crate::csv;
use crate::delivery::Delivery;
use crate::element::{member, member_text};

/// `get-account-summary`: counts, and flags that are 0 or 1.
pub(super) fn summary(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some((node, members)) = object(cx, answer, output, "SummaryMap") else { return };
    let flag = |key: &str| {
        let ty = cx.schema.resource_type("AWS::IAM::AccountSummary");
        ty.and_then(|ty| ty.property(key)).is_some_and(|property| property.ty == Type::Bool)
    };
    let read = |(key, node): &(Name, Node)| match node.kind {
        NodeKind::Int(value @ (0 | 1)) if flag(key) => (key.clone(), Node::new(node.span, NodeKind::Bool(value == 1))),
        _ => (key.clone(), node.clone()),
    };
    let properties = members.iter().map(read).collect();
    of_account(cx, answer, "AWS::IAM::AccountSummary", node, properties);
}

/// `get-account-password-policy`.
pub(super) fn password_policy(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some((node, members)) = object(cx, answer, output, "PasswordPolicy") else { return };
    of_account(cx, answer, "AWS::IAM::AccountPasswordPolicy", node, members.to_vec());
}

/// The one resource of a type that an account has; its id is the account's.
pub(super) fn of_account(
    cx: &mut Delivery<'_>,
    answer: &Answer<'_>,
    resource_type: &'static str,
    node: &Node,
    properties: Vec<(Name, Node)>,
) {
    let id = answer.account.clone();
    record::deliver(cx, answer, Made { resource_type, id, properties, part: 1, span: node.span });
}

/// `get-credential-report`: the table, in base64.
pub(super) fn credential_report(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let content = member(output, "Content").unwrap_or(output);
    let Some(text) = content.as_text().and_then(base64::decoded) else {
        cx.fault(answer.element, content.span, "`Content` is not text in base64");
        return incomplete(
            cx,
            answer,
            (credential_report::RESOURCE_TYPE, Proof::Listed),
            credential_report::NOT_WHOLE.to_owned(),
        );
    };
    let table = csv::parse(&text);
    let captured = member(output, "GeneratedTime").cloned().or_else(|| answer.captured.clone());
    let answer = Answer { captured, ..answer.clone() };
    credential_report::deliver(cx, &answer, &table, Some(content.span));
}

/// `list-virtual-mfa-devices`: a device with the user that has it. The root user has no name; it goes by the one that
/// the credential report gives it.
pub(super) fn virtual_devices(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let any = answer.argument("AssignmentStatus").and_then(Node::as_text) == Some("Any");
    let asks = if any { Asks::All { arguments: &["AssignmentStatus"] } } else { ALL };
    let resource_type = "AWS::IAM::VirtualMFADevice";
    let listed = Listed { key: "VirtualMFADevices", resource_type, renamed: &[], id: None, asks };
    listed.deliver_with(cx, answer, output, |_, device| {
        let users: Vec<Node> = member(device, "User").and_then(owner).into_iter().collect();
        let span = member(device, "User").map_or(device.span, |user| user.span);
        vec![("Users".into(), Node::new(span, NodeKind::List(users)))]
    });
}

fn owner(user: &Node) -> Option<Node> {
    let root = member_text(user, "Arn").is_some_and(|arn| arn.ends_with(":root"));
    match (member(user, "UserName"), root) {
        (Some(name), _) => Some(name.clone()),
        (None, true) => Some(Node::new(user.span, NodeKind::Text(ROOT.into()))),
        (None, false) => {
            let unknown = Unknown::new(Reason::NotInRecord, "the answer does not name the user of this device");
            Some(Node::new(user.span, NodeKind::Unknown(unknown)))
        }
    }
}
