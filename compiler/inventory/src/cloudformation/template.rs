//! A template by its sections.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Name, Node, NodeKind, Unknown};
use rustc_hash::FxHashMap;

use super::loops::is_loop;
use super::macros::{self, Macros};
use super::resolve::undecided;
use super::spelling;

/// The most resources of one template. CloudFormation takes 500.
const MOST_RESOURCES: usize = 10_000;

/// A template whose loops and macros are written out.
pub(crate) struct Template {
    pub(crate) document: Arc<Document>,
    pub(crate) parameters: Vec<(Name, Node)>,
    pub(crate) mappings: FxHashMap<Name, Node>,
    /// What stands for mappings that a macro adds.
    pub(crate) added_mappings: Option<Node>,
    pub(crate) conditions: FxHashMap<Name, Node>,
    pub(crate) resources: Vec<Declared>,
    pub(crate) outputs: Vec<(Name, Node)>,
    /// Why no value of it is what it says.
    pub(crate) blank: Option<Unknown>,
    /// Why no condition of it is.
    pub(crate) open_conditions: Option<Unknown>,
    /// What in it is not understood.
    pub(crate) doubts: Vec<Doubt>,
    by_id: FxHashMap<Name, usize>,
}

/// A resource as the template declares it.
pub(crate) struct Declared {
    pub(crate) id: Name,
    pub(crate) ty: Name,
    /// A map, nothing, or nobody knows what.
    pub(crate) properties: Node,
    pub(crate) condition: Option<Name>,
    /// Why nothing of it is what the template says, not even that it exists.
    pub(crate) blank: Option<Unknown>,
    pub(crate) metadata: Option<Node>,
    pub(crate) span: Span,
    /// The member of `Resources` that it comes from: its own, or what a macro made it of.
    pub(crate) source: Name,
}

/// Something of a template that is not understood, and so not judged.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) span: Span,
    pub(crate) reason: String,
    /// The template is wrong; otherwise there is nothing to mend.
    pub(crate) error: bool,
    /// Resources may exist that nobody sees.
    pub(crate) hides: bool,
}

impl Doubt {
    pub(crate) fn wrong(span: Span, reason: impl Into<String>) -> Doubt {
        Doubt { span, reason: reason.into(), error: true, hides: true }
    }

    pub(crate) fn hidden(span: Span, reason: impl Into<String>) -> Doubt {
        Doubt { span, reason: reason.into(), error: false, hides: true }
    }

    pub(crate) fn note(span: Span, reason: impl Into<String>) -> Doubt {
        Doubt { span, reason: reason.into(), error: false, hides: false }
    }
}

impl Template {
    /// The sections of a tree whose loops and macros are written out.
    pub(crate) fn of(document: Arc<Document>, tree: &Node, made: Vec<Declared>, mut doubts: Vec<Doubt>) -> Template {
        let mut resources: Vec<Declared> = Vec::new();
        for (id, node) in section(tree, "Resources", &mut doubts) {
            match declared(&id, &node) {
                Ok(resource) => {
                    let called = macros::called_in(&node);
                    doubts.extend(called.map(|called| called.doubt(format!("may make resource `{id}` another one"))));
                    resources.push(resource);
                }
                Err(doubt) => doubts.push(doubt),
            }
        }
        doubts.extend(add_made(&mut resources, made));
        if resources.is_empty() && doubts.is_empty() {
            doubts.push(Doubt::note(tree.span, "the template declares no resources"));
        }
        if let Some(first) = resources.get(MOST_RESOURCES) {
            doubts
                .push(Doubt::wrong(first.span, format!("more than {MOST_RESOURCES} resources: the rest is not read")));
            resources.truncate(MOST_RESOURCES);
        }
        let by_id = resources.iter().enumerate().map(|(at, resource)| (resource.id.clone(), at)).collect();
        let mappings = section(tree, "Mappings", &mut doubts);
        let (mappings, added_mappings) = macros::mappings(tree, mappings);
        Template {
            parameters: section(tree, "Parameters", &mut doubts),
            mappings: mappings.into_iter().collect(),
            added_mappings,
            conditions: section(tree, "Conditions", &mut doubts).into_iter().collect(),
            outputs: section(tree, "Outputs", &mut doubts),
            document,
            resources,
            blank: None,
            open_conditions: None,
            doubts,
            by_id,
        }
    }

    /// The template as macros leave it.
    pub(crate) fn put_through(mut self, macros: Macros) -> Template {
        self.open_conditions = macros.blank.clone().or(macros.conditions);
        self.blank = macros.blank;
        if macros.outputs.is_some() {
            self.outputs.clear();
        }
        self
    }

    pub(crate) fn resource(&self, id: &str) -> Option<&Declared> {
        self.resources.get(*self.by_id.get(id)?)
    }
}

/// Adds what a macro makes. Loops bring a name twice, and SAM makes a resource of a name that the template gives another one:
/// which of both there will be is not known.
fn add_made(resources: &mut Vec<Declared>, made: Vec<Declared>) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut seen: FxHashMap<Name, usize> = FxHashMap::default();
    let mut twice: Vec<usize> = Vec::new();
    for (at, resource) in resources.iter().enumerate() {
        if let Some(before) = seen.insert(resource.id.clone(), at) {
            twice.extend([before, at]);
            doubts.push(Doubt::wrong(resource.span, format!("resource `{}` is declared twice", resource.id)));
        }
    }
    for at in twice {
        make_open(resources, at, "it is declared twice");
    }
    for resource in made {
        let Some(at) = seen.get(&resource.id) else {
            seen.insert(resource.id.clone(), resources.len());
            resources.push(resource);
            continue;
        };
        let reason = "SAM makes a resource of this name, too";
        make_open(resources, *at, reason);
        doubts.push(Doubt::hidden(resource.span, format!("`{}`: {reason}", resource.id)));
    }
    doubts
}

/// Nothing of a resource is known, not even that it exists.
fn make_open(resources: &mut [Declared], at: usize, why: &str) {
    if let Some(resource) = resources.get_mut(at) {
        resource.blank.get_or_insert_with(|| undecided(why));
    }
}

/// Whether a member stands for others that are not seen.
pub(crate) fn is_added(key: &str) -> bool {
    key == macros::CALL || is_loop(key)
}

fn section(tree: &Node, name: &str, doubts: &mut Vec<Doubt>) -> Vec<(Name, Node)> {
    match tree.get(name).map(|node| (node, &node.kind)) {
        None | Some((_, NodeKind::Null)) => Vec::new(),
        Some((_, NodeKind::Map(members))) => members.iter().filter(|(key, _)| !is_added(key)).cloned().collect(),
        Some((node, NodeKind::Unknown(_))) => {
            doubts.push(Doubt::hidden(node.span, format!("nobody knows what `{name}` holds")));
            Vec::new()
        }
        Some((node, _)) => {
            doubts.push(Doubt::wrong(node.span, format!("`{name}` is not a map")));
            Vec::new()
        }
    }
}

/// A member of `Resources` as a resource.
pub(crate) fn declared(id: &Name, node: &Node) -> Result<Declared, Doubt> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        return Err(Doubt::wrong(node.span, format!("resource `{id}` is not a map")));
    }
    let called = macros::called_in(node);
    let Some(ty) = node.get("Type").and_then(Node::as_text) else {
        if let Some(called) = called {
            return Err(Doubt::hidden(node.span, format!("resource `{id}` is made by {called}, which is not seen")));
        }
        return Err(Doubt::wrong(node.span, format!("resource `{id}` has no `Type`")));
    };
    let properties = match node.get("Properties") {
        None => Node::new(node.span, NodeKind::Null),
        Some(properties) => properties.clone(),
    };
    if !matches!(properties.kind, NodeKind::Null | NodeKind::Map(_) | NodeKind::Unknown(_)) {
        return Err(Doubt::wrong(properties.span, format!("`Properties` of resource `{id}` is not a map")));
    }
    let condition = match node.get("Condition").map(|condition| (condition, condition.as_text())) {
        None => None,
        Some((_, Some(name))) => Some(Name::from(name)),
        Some((condition, None)) => {
            return Err(Doubt::wrong(condition.span, format!("`Condition` of resource `{id}` is not a name")));
        }
    };
    Ok(Declared {
        id: id.clone(),
        ty: ty.into(),
        properties,
        condition,
        blank: called.map(|called| called.changes()).or_else(|| spelling::misspelt(node)),
        metadata: node.get("Metadata").cloned(),
        span: node.span,
        source: id.clone(),
    })
}

/// Whether a tree is a template: its `Resources` have types, or it says so itself.
pub(crate) fn is_template(tree: &Node) -> bool {
    let NodeKind::Map(_) = tree.kind else { return false };
    let typed = |(key, node): &(Name, Node)| {
        key.starts_with("Fn::") || node.get("Type").and_then(Node::as_text).is_some_and(|ty| ty.contains("::"))
    };
    let resources = match tree.get("Resources").map(|node| &node.kind) {
        Some(NodeKind::Map(members)) => members.iter().any(typed),
        _ => false,
    };
    resources || tree.get("AWSTemplateFormatVersion").is_some()
}
