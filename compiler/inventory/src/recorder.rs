//! What a configuration recorder covers is complete in its account and region.
//!
//! A recorded `AWS::Config::ConfigurationRecorder`, of any format, says which types AWS Config records; the
//! types that its reader splits off those are complete too. A type that is complete and has no record has no
//! resource. A recorder that leaves types out covers no global types: it may stand in another region than theirs.

use parapet_model::{Name, Node, NodeKind, Record};

use crate::aws_config::Mapping;
use crate::delivery::Delivery;
use crate::element::text_of;
use crate::sink::{By, Collected, Types};

const RECORDER: &str = "AWS::Config::ConfigurationRecorder";

/// Whether a type is that of recorders.
pub(crate) fn is_recorder(resource_type: &str) -> bool {
    resource_type == RECORDER
}

/// Tells what a recorder covers; any other record covers nothing.
pub(crate) fn covered(cx: &mut Delivery<'_>, record: &Record, by: By) {
    if !is_recorder(&record.resource_type) {
        return;
    }
    let (Some(account), Some(region)) = (text_of(record.account.as_ref()), text_of(record.region.as_ref())) else {
        return;
    };
    let Some(group) = record.property("RecordingGroup") else { return };
    let types = types(group);
    let captured = text_of(record.captured.as_ref());
    let is_global = |name: &Name| cx.schema.resource_type(name).is_some_and(|ty| ty.global);
    let (global, regional): (Vec<Name>, Vec<Name>) = types.into_iter().partition(is_global);
    for (types, region) in [(regional, region), (global, "global".into())] {
        if !types.is_empty() {
            let accounts = Some(vec![account.clone()]);
            let (types, regions) = (Types::Listed(types), Some(vec![region]));
            cx.collected(Collected { types, accounts, regions, by, captured: captured.clone() });
        }
    }
}

/// The canonical types that a recording group covers.
fn types(group: &Node) -> Vec<Name> {
    let flag = |name: &str| matches!(any_case(group, name).map(|node| &node.kind), Some(NodeKind::Bool(true)));
    let mapping = Mapping::get();
    let strategy =
        any_case(group, "RecordingStrategy").and_then(|node| any_case(node, "UseOnly")).and_then(Node::as_text);
    let excluded = any_case(group, "ExclusionByResourceTypes").map(listed).unwrap_or_default();
    let all = || mapping.recorded().filter(|name| !excluded.iter().any(|other| **other == ***name));
    let recorded: Vec<Name> = match (flag("AllSupported"), strategy) {
        (true, _) | (false, Some("ALL_SUPPORTED_RESOURCE_TYPES")) => all().cloned().collect(),
        (false, Some("EXCLUSION_BY_RESOURCE_TYPES")) => {
            all().filter(|name| !mapping.is_global(name)).cloned().collect()
        }
        (false, _) => listed(group),
    };
    let globals = flag("IncludeGlobalResourceTypes") || !flag("AllSupported");
    recorded.iter().filter(|name| globals || !mapping.is_global(name)).flat_map(|name| mapping.covers(name)).collect()
}

fn listed(node: &Node) -> Vec<Name> {
    let elements = any_case(node, "ResourceTypes").and_then(Node::as_list).unwrap_or_default();
    elements.iter().filter_map(Node::as_text).map(Name::from).collect()
}

fn any_case<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.kind {
        NodeKind::Map(members) => members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, node)| node),
        _ => None,
    }
}
