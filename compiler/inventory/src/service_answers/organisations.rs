//! Answers of AWS Organizations: what `Account` knows beside its id.

use std::collections::BTreeMap;

use parapet_model::{Name, Node};

use super::answer::Answer;
use super::call::text;
use super::record::{elements, is_whole, object};
use crate::delivery::Delivery;
use crate::element::member;
use crate::organisation::Fact;

/// `list-roots`: roots are known by their ids.
pub(super) fn roots(_: &mut Delivery<'_>, _: &Answer<'_>, _: &Node) {}

/// `list-accounts`, and `list-accounts-for-parent`, which says where they are.
pub(super) fn accounts(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some(accounts) = elements(cx, answer, output, "Accounts") else { return };
    for node in accounts {
        one(cx, answer, node);
        below(cx, answer, node);
    }
}

/// `describe-account`.
pub(super) fn account(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    if let Some((node, _)) = object(cx, answer, output, "Account") {
        one(cx, answer, node);
    }
}

fn one(cx: &mut Delivery<'_>, answer: &Answer<'_>, node: &Node) {
    match text(node, "Id") {
        Some(account) => cx.told(Fact::Account { account, name: text(node, "Name"), email: text(node, "Email") }),
        None => cx.fault(answer.element, node.span, "an account without `Id`"),
    }
}

/// `list-organizational-units-for-parent`.
pub(super) fn units(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some(units) = elements(cx, answer, output, "OrganizationalUnits") else { return };
    for node in units {
        named(cx, answer, node);
        below(cx, answer, node);
    }
}

/// `describe-organizational-unit`.
pub(super) fn unit(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    if let Some((node, _)) = object(cx, answer, output, "OrganizationalUnit") {
        named(cx, answer, node);
    }
}

fn named(cx: &mut Delivery<'_>, answer: &Answer<'_>, node: &Node) {
    match (text(node, "Id"), text(node, "Name")) {
        (Some(unit), Some(name)) => cx.told(Fact::Unit { unit, name }),
        _ => cx.fault(answer.element, node.span, "an organizational unit without `Id` and `Name`"),
    }
}

/// What a list of children says: the parent that was asked for.
fn below(cx: &mut Delivery<'_>, answer: &Answer<'_>, child: &Node) {
    let parent = answer.arguments.and_then(|arguments| text(arguments, "ParentId"));
    if let Some((child, parent)) = text(child, "Id").zip(parent) {
        cx.told(Fact::Parent { child, parent });
    }
}

/// `list-parents`: of the child that was asked for; there is exactly one.
pub(super) fn parents(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some(parents) = elements(cx, answer, output, "Parents") else { return };
    let child = answer.arguments.and_then(|arguments| text(arguments, "ChildId"));
    match (child, parents) {
        (Some(child), [parent]) => {
            if let Some(parent) = text(parent, "Id") {
                cx.told(Fact::Parent { child, parent });
            }
        }
        _ => cx.fault(answer.element, output.span, "the arguments name no `ChildId`, or it has not one parent"),
    }
}

/// `list-tags-for-resource`: of the account that was asked for; tags of units and policies are nobody's here.
pub(super) fn tags(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let Some(tags) = elements(cx, answer, output, "Tags") else { return };
    let Some(account) = answer.arguments.and_then(|arguments| text(arguments, "ResourceId")) else {
        return cx.fault(answer.element, output.span, "the arguments name no `ResourceId`");
    };
    let is_account = account.bytes().all(|byte| byte.is_ascii_digit());
    let pair = |tag: &Node| {
        let value = member(tag, "Value").and_then(Node::as_text).unwrap_or_default();
        Some((text(tag, "Key")?, Name::from(value)))
    };
    let tags: Option<BTreeMap<Name, Name>> = tags.iter().map(pair).collect();
    match tags {
        Some(tags) if is_account && is_whole(output) => cx.told(Fact::Tags { account, tags }),
        Some(_) => {}
        None => cx.fault(answer.element, output.span, "a tag without `Key`"),
    }
}
