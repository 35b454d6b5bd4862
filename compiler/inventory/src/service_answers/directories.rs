//! Answers of Directory Service.

use parapet_model::{Name, Node, NodeKind, Reason, Unknown};

use super::answer::Answer;
use super::call::refused;
use super::record::{self, ALL, Asks, Listed, Made, elements};
use crate::delivery::Delivery;
use crate::element::member;

const SETTINGS: &str = "AWS::DirectoryService::LDAPSSettings";

/// `describe-directories`.
pub(super) fn directories(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let listed = Listed {
        key: "DirectoryDescriptions",
        resource_type: "AWS::DirectoryService::Directory",
        renamed: &[],
        id: Some("DirectoryId"),
        asks: ALL,
    };
    listed.deliver(cx, answer, output);
}

/// `list-log-subscriptions`: of one directory, if the call names it.
pub(super) fn logs(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let listed = Listed {
        key: "LogSubscriptions",
        resource_type: "AWS::DirectoryService::LogSubscription",
        renamed: &[],
        id: Some("DirectoryId"),
        asks: ALL,
    };
    listed.deliver(cx, answer, output);
}

/// `describe-shared-directories`: the shares of one directory.
pub(super) fn shares(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    let listed = Listed {
        key: "SharedDirectories",
        resource_type: "AWS::DirectoryService::SharedDirectory",
        renamed: &[],
        id: Some("SharedDirectoryId"),
        asks: Asks::Some,
    };
    listed.deliver(cx, answer, output);
}

/// `describe-ldaps-settings` of one directory, which stands in the arguments; without LDAPS the list is empty.
pub(super) fn ldaps(cx: &mut Delivery<'_>, answer: &Answer<'_>, output: &Node) {
    const KEY: &str = "LDAPSSettingsInfo";
    let Some(settings) = elements(cx, answer, output, KEY) else { return };
    let status = settings.first().and_then(|settings| member(settings, "LDAPSStatus")).cloned();
    of_directory(cx, answer, status, member(output, KEY).unwrap_or(output));
}

/// Directories of a kind that has no LDAPS have no settings; of any other nothing is known.
pub(super) fn no_ldaps(cx: &mut Delivery<'_>, answer: &Answer<'_>, code: &str) {
    if code == "UnsupportedOperationException" {
        return cx.unread(answer.element, refused(answer, code));
    }
    let node = &answer.element.node;
    let unknown = Unknown::new(Reason::NotObservable, refused(answer, code));
    of_directory(cx, answer, Some(Node::new(node.span, NodeKind::Unknown(unknown))), node);
}

fn of_directory(cx: &mut Delivery<'_>, answer: &Answer<'_>, status: Option<Node>, place: &Node) {
    let Some(directory) = answer.argument("DirectoryId").cloned() else {
        return cx.fault(answer.element, place.span, "the arguments name no `DirectoryId`");
    };
    let mut properties: Vec<(Name, Node)> = vec![("DirectoryId".into(), directory.clone())];
    properties.extend(status.map(|status| ("LDAPSStatus".into(), status)));
    let id = Some(directory);
    record::deliver(cx, answer, Made { resource_type: SETTINGS, id, properties, part: 1, span: place.span });
}
