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
            match id(element, reason.is_some()) {
                Some(id) => marks.found.push(Suppression {
                    tool: *tool,
                    id,
                    reason: reason.and_then(|reason| told(element, reason)),
                    until: None,
                    span: element.span,
                    about,
                }),
                None => marks.unread.push((element.span, format!("an element of `{key}.{list}` names no rule"))),
            }
        }
    }
}

/// `"W9"`, or `{"id": "W9"}` where elements have reasons.
fn id(element: &Node, has_reason: bool) -> Option<Name> {
    let own = if has_reason { element.get("id")? } else { element };
    own.as_text().map(str::trim).filter(|id| !id.is_empty()).map(Name::from)
}

fn told(element: &Node, key: &str) -> Option<String> {
    element.get(key)?.as_text().map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned)
}
