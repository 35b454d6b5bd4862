//! Marks in `Metadata`: `guard.SuppressedRules`, `cfn_nag.rules_to_suppress`, `checkov.skip`.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Tool};

use super::{Suppression, Suppressions};

/// Where a tool looks: the key below `Metadata`, the list in it, and the key of a reason in its elements.
fn place(tool: Tool) -> Option<(&'static str, &'static str, Option<&'static str>)> {
    match tool {
        Tool::Guard => Some(("guard", "SuppressedRules", None)),
        Tool::CfnNag => Some(("cfn_nag", "rules_to_suppress", Some("reason"))),
        Tool::Checkov => Some(("checkov", "skip", Some("comment"))),
        // It reads comments alone.
        Tool::Trivy => None,
    }
}

/// The marks in the `Metadata` of a resource, or of the template.
pub(super) fn read(owner: &Node, about: Option<Span>, tools: &[Tool], marks: &mut Suppressions) {
    let Some(metadata) = owner.get("Metadata") else { return };
    for tool in tools {
        let Some((key, list, reason)) = place(*tool) else { continue };
        let Some(found) = metadata.get(key).and_then(|own| own.get(list)) else { continue };
        let NodeKind::List(elements) = &found.kind else {
            marks.unread.push((found.span, format!("`{key}.{list}` is not a list")));
            continue;
        };
        for element in elements {
            let named = named(element, reason);
            if named.is_empty() {
                marks.unread.push((element.span, format!("an element of `{key}.{list}` names no rule")));
            }
            let mark = |(id, reason)| Suppression { tool: *tool, id, reason, until: None, span: element.span, about };
            marks.found.extend(named.into_iter().map(mark));
        }
    }
}

/// The rules that an element names: `{"id": "W9", "reason": "…"}` where the key of the reason is known; else `"RULE"` or
/// `{"RULE": "a reason"}`.
fn named(element: &Node, reason: Option<&str>) -> Vec<(Name, Option<String>)> {
    let text = |node: &Node| node.as_text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match (reason, &element.kind) {
        (Some(reason), _) => {
            let id = element.get("id").and_then(text);
            id.map(|id| (id.into(), element.get(reason).and_then(text))).into_iter().collect()
        }
        (None, NodeKind::Map(members)) => members.iter().map(|(id, reason)| (id.clone(), text(reason))).collect(),
        (None, _) => text(element).map(|id| (id.into(), None)).into_iter().collect(),
    }
}
