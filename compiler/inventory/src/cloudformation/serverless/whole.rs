//! A whole template put through SAM.

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Unknown};

use super::super::template::{Declared, Doubt};
use super::make::At;
use super::{Globals, KINDS, Touched, apis, made_of, taken};

/// What the resources of a template bring together.
#[derive(Default)]
struct Brought {
    made: Vec<Declared>,
    touched: Vec<Touched>,
    /// Who asks for the REST API and for the HTTP API that SAM makes unasked.
    rest: Vec<Asking>,
    http: Vec<Asking>,
}

/// A function with an event that names no API.
struct Asking {
    span: Span,
    condition: Option<Name>,
    blank: Option<Unknown>,
}

/// When something exists.
#[derive(Clone, Default)]
pub(super) struct Existence {
    pub(super) condition: Option<Name>,
    pub(super) blank: Option<Unknown>,
}

/// The tree without the resources that are written out, and what they are written out to.
pub(crate) fn written_out(mut tree: Node, doubts: &mut Vec<Doubt>) -> (Node, Vec<Declared>) {
    let globals = Globals::of(&tree);
    let mut brought = Brought::default();
    if let Some(NodeKind::Map(resources)) = section(&mut tree, "Resources") {
        for (id, node) in std::mem::take(resources) {
            doubts.extend(connectors(&id, &node));
            match taken(&id, &node, &globals) {
                Some((source, kind)) => doubts.extend(brought.add(made_of(&source, kind))),
                None => resources.push((id, node)),
            }
        }
    }
    let asked = [("ServerlessRestApi", "Api", &brought.rest), ("ServerlessHttpApi", "HttpApi", &brought.http)];
    let unasked = asked.map(|(id, name, asking)| {
        let kind = KINDS.iter().find(|kind| kind.name == name)?;
        let span = asking.first()?.span;
        let existence = existence(&mut tree, id, asking);
        Some((apis::unasked(id, name, span, existence, &globals), kind))
    });
    for (source, kind) in unasked.iter().flatten() {
        doubts.extend(brought.add(made_of(source, kind)));
    }
    for touched in brought.touched {
        touch(&mut tree, &mut brought.made, touched);
    }
    (tree, brought.made)
}

impl Brought {
    /// Adds what one resource brings; gives what is not understood of it.
    fn add(&mut self, made: super::Made<'_>) -> Vec<Doubt> {
        let source = made.source;
        let asking = || Asking { span: source.span, condition: source.condition.clone(), blank: source.blank.clone() };
        self.rest.extend(made.rest_api.then(asking));
        self.http.extend(made.http_api.then(asking));
        self.made.extend(made.resources);
        self.touched.extend(made.touched);
        made.doubts
    }
}

fn section<'n>(tree: &'n mut Node, name: &str) -> Option<&'n mut NodeKind> {
    let NodeKind::Map(sections) = &mut tree.kind else { return None };
    sections.iter_mut().find(|(key, _)| **key == *name).map(|(_, node)| &mut node.kind)
}

fn connectors(id: &str, node: &Node) -> Option<Doubt> {
    let connectors = node.get("Connectors")?;
    Some(Doubt::hidden(connectors.span, format!("`{id}`: what SAM makes of its connectors is not written out")))
}

/// An API that SAM makes unasked exists where any of those do that lead to it. SAM writes a condition for that.
fn existence(tree: &mut Node, id: &str, asking: &[Asking]) -> Existence {
    let blank = asking.iter().find_map(|asking| asking.blank.clone());
    if asking.iter().any(|asking| asking.blank.is_none() && asking.condition.is_none()) {
        return Existence::default();
    }
    let mut names: Vec<&Name> = asking.iter().filter_map(|asking| asking.condition.as_ref()).collect();
    names.dedup();
    let condition = match (names.as_slice(), &blank) {
        (_, Some(_)) => None,
        ([only], None) => Some((*only).clone()),
        (several, None) => {
            let at = At(asking.first().map_or(tree.span, |first| first.span));
            let each = several.iter().map(|name| at.call("Condition", at.text(name)));
            let name: Name = format!("{id}Condition").into();
            let any = at.call("Fn::Or", at.list(each));
            if let Some(NodeKind::Map(conditions)) = section(tree, "Conditions") {
                conditions.push((name.clone(), any));
            }
            Some(name)
        }
    };
    Existence { condition, blank }
}

/// Makes a property unknown that SAM writes into.
fn touch(tree: &mut Node, made: &mut [Declared], touched: Touched) {
    let Touched { id, property, value } = touched;
    if let Some(resource) = made.iter_mut().find(|resource| resource.id == id) {
        return set(&mut resource.properties, property, value);
    }
    let Some(NodeKind::Map(resources)) = section(tree, "Resources") else { return };
    let Some((_, resource)) = resources.iter_mut().find(|(key, _)| *key == id) else { return };
    let mut properties = resource.get("Properties").cloned().unwrap_or_else(|| At(resource.span).map([]));
    set(&mut properties, property, value);
    set(resource, "Properties", properties);
}

fn set(map: &mut Node, name: &str, value: Node) {
    if map.is_null() {
        *map = At(map.span).map([]);
    }
    let NodeKind::Map(members) = &mut map.kind else { return };
    match members.iter_mut().find(|(key, _)| **key == *name) {
        Some((_, before)) => *before = value,
        None => members.push((name.into(), value)),
    }
}
