//! SAM: functions, APIs and simple tables, as the resources that the macro makes of them.
//!
//! What is made, and how it is called, is that of "Generated CloudFormation resources" in the SAM developer guide. Where
//! SAM puts a digest of the content into a name, the name here has none. What is not made here (state machines, layers,
//! connectors …) keeps its type, which no schema knows, and the template then does not say all that there is.

mod apis;
mod events;
mod functions;
mod make;
mod policies;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};

use super::template::{Declared, Doubt, declared};
use make::{At, member, merged, same_named};

/// What is made of one resource.
pub(super) struct Made<'m> {
    source: &'m Declared,
    resources: Vec<Declared>,
    /// Events lead to the APIs that SAM makes unasked.
    rest_api: bool,
    http_api: bool,
    doubts: Vec<Doubt>,
}

impl<'m> Made<'m> {
    fn of(source: &'m Declared) -> Made<'m> {
        Made { source, resources: Vec::new(), rest_api: false, http_api: false, doubts: Vec::new() }
    }

    fn at(&self) -> At {
        At(self.source.span)
    }

    /// A resource; the first is the one that the template names.
    fn add(&mut self, id: &str, ty: &str, properties: Node) {
        self.resources.push(Declared {
            id: id.into(),
            ty: ty.into(),
            properties,
            condition: self.source.condition.clone(),
            blank: self.source.blank.clone(),
            metadata: None,
            span: self.source.span,
            source: self.source.id.clone(),
        });
    }

    fn doubt(&mut self, span: Span, reason: String) {
        self.doubts.push(Doubt::hidden(span, reason));
    }
}

/// Whether a template has resources of SAM.
pub(crate) fn occurs(tree: &Node) -> bool {
    let resources = tree.get("Resources").map(super::functions::members).unwrap_or_default();
    let is_sam = |ty: &str| ty.starts_with("AWS::Serverless::");
    resources.iter().any(|(_, node)| node.get("Type").and_then(Node::as_text).is_some_and(is_sam))
}

/// The tree without the resources that are written out, and what they are written out to.
pub(crate) fn written_out(tree: Node, doubts: &mut Vec<Doubt>) -> (Node, Vec<Declared>) {
    let span = tree.span;
    let globals = tree.get("Globals").cloned();
    let NodeKind::Map(sections) = tree.kind else { return (tree, Vec::new()) };
    let mut made = Vec::new();
    let mut implicit = (None, None);
    let mut kept = Vec::new();
    for (name, section) in sections {
        let NodeKind::Map(resources) = &section.kind else {
            kept.push((name, section));
            continue;
        };
        if &*name != "Resources" {
            kept.push((name, section));
            continue;
        }
        let mut plain = Vec::new();
        for (id, node) in resources {
            let Some(done) = one(id, node, globals.as_ref()) else {
                plain.push((id.clone(), node.clone()));
                continue;
            };
            doubts.extend(done.2);
            made.extend(done.0);
            implicit.0 = implicit.0.or(done.1.0.then_some(node.span));
            implicit.1 = implicit.1.or(done.1.1.then_some(node.span));
        }
        kept.push((name, Node::new(section.span, NodeKind::Map(plain))));
    }
    made.extend(apis::unasked(implicit, globals.as_ref()));
    (Node::new(span, NodeKind::Map(kept)), made)
}

type Done = (Vec<Declared>, (bool, bool), Vec<Doubt>);

/// What one resource is written out to; `None` for those that stay.
fn one(id: &Name, node: &Node, globals: Option<&Node>) -> Option<Done> {
    let mut source = declared(id, node).ok()?;
    let kind = source.ty.strip_prefix("AWS::Serverless::")?.to_owned();
    if let Some(global) = globals.and_then(|globals| globals.get(&kind)) {
        source.properties = merged(global, &source.properties);
    }
    if source.properties.is_null() {
        source.properties = At(source.span).map([]);
    }
    let mut made = Made::of(&source);
    match kind.as_str() {
        "Function" => functions::function(&mut made),
        "Api" => apis::rest(&mut made),
        "HttpApi" => apis::http(&mut made),
        "SimpleTable" => table(&mut made),
        _ => return None,
    }
    Some((made.resources, (made.rest_api, made.http_api), made.doubts))
}

fn table(made: &mut Made<'_>) {
    let (at, properties) = (made.at(), &made.source.properties);
    let key = properties.get("PrimaryKey");
    let name = key.and_then(|key| member(key, "Name")).unwrap_or_else(|| at.text("id"));
    let ty = match key.and_then(|key| key.get("Type")).and_then(Node::as_text) {
        Some("Number") => "N",
        Some("Binary") => "B",
        _ => "S",
    };
    let attribute = at.map([("AttributeName", Some(name.clone())), ("AttributeType", Some(at.text(ty)))]);
    let schema = at.map([("AttributeName", Some(name)), ("KeyType", Some(at.text("HASH")))]);
    let throughput = member(properties, "ProvisionedThroughput");
    let billing = throughput.is_none().then(|| at.text("PAY_PER_REQUEST"));
    let mut members = vec![
        ("AttributeDefinitions", Some(at.list([attribute]))),
        ("KeySchema", Some(at.list([schema]))),
        ("ProvisionedThroughput", throughput),
        ("BillingMode", billing),
        ("Tags", tags(at, properties.get("Tags"))),
    ];
    members.extend(same_named(properties, &["TableName", "SSESpecification", "PointInTimeRecoverySpecification"]));
    made.add(&made.source.id, "AWS::DynamoDB::Table", at.map(members));
}

/// A map of tags as a list.
fn tags(at: At, tags: Option<&Node>) -> Option<Node> {
    let tags = tags.filter(|tags| !tags.is_null())?;
    let NodeKind::Map(members) = &tags.kind else { return Some(tags.clone()) };
    if make::is_call(members) {
        return Some(tags.clone());
    }
    let tag = |(name, value): &(Name, Node)| at.map([("Key", Some(at.text(name))), ("Value", Some(value.clone()))]);
    Some(Node::new(tags.span, NodeKind::List(members.iter().map(tag).collect())))
}
