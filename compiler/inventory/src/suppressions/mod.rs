//! Marks by which other tools pass over something in a template: the `Metadata` of resources, and comments.
//!
//! A mark is found where its tool looks for it, and belongs to the resource that it stands in. Whether it counts is not
//! decided here, nor which guardrail means the same as the tool's rule. What is not understood is told of.

mod comments;
mod metadata;
mod regions;
#[cfg(test)]
mod tests;

use parapet_base::Span;
use parapet_model::{Document, Name, Node, NodeKind, Tool};

/// A mark of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    pub tool: Tool,
    /// The tool's rule, as written.
    pub id: Name,
    pub reason: Option<String>,
    /// The last day on which it counts, such as `2027-01-31`.
    pub until: Option<String>,
    /// Where it stands in the document's text.
    pub span: Span,
    /// The resource that it stands in, as a span of the document's text.
    pub about: Option<Span>,
}

/// The marks of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suppressions {
    /// In the order of the text.
    pub found: Vec<Suppression>,
    /// What looks like a mark and is not understood.
    pub unread: Vec<(Span, String)>,
}

/// The marks that these tools know in a template; other documents have none.
pub fn suppressions(document: &Document, tools: &[Tool]) -> Suppressions {
    let mut marks = Suppressions::default();
    let Some(NodeKind::Map(members)) = document.tree.get("Resources").map(|node| &node.kind) else { return marks };
    let mut resources = Vec::new();
    declared(members, &mut resources);
    // Metadata of the template itself stands at no resource.
    metadata::read(&document.tree, None, tools, &mut marks);
    for resource in &resources {
        metadata::read(resource, Some(resource.span), tools, &mut marks);
    }
    // JSON has no comments, and what looks like one in it is a part of a text.
    if parapet_model::json::parse(&document.text).is_err() {
        comments::read(document, &resources, tools, &mut marks);
    }
    marks.found.sort_by_key(|mark| (mark.span.start, mark.span.end));
    marks
}

/// The resources of a section, those of loops included.
fn declared<'t>(members: &'t [(Name, Node)], resources: &mut Vec<&'t Node>) {
    for (name, node) in members {
        match &node.kind {
            // "Fn::ForEach::Buckets": [identifier, collection, {logical id: resource}]
            NodeKind::List(parts) if name.starts_with("Fn::ForEach::") => {
                if let Some(NodeKind::Map(inner)) = parts.get(2).map(|body| &body.kind) {
                    declared(inner, resources);
                }
            }
            NodeKind::Map(_) => resources.push(node),
            _ => {}
        }
    }
}
