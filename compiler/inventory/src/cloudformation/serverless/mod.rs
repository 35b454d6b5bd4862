//! SAM: functions, APIs and simple tables, as the resources that the macro makes of them.
//!
//! What is made, and how it is called, is that of "Generated CloudFormation resources" in the SAM developer guide. Where
//! SAM puts a digest of the content into a name, the name here has none. What is not made here (state machines, layers,
//! connectors …) keeps its type, which no schema knows, and the template then does not say all that there is. The same
//! holds of settings that are not written out, and of those that a function decides.

mod apis;
mod domains;
mod events;
mod functions;
mod globals;
mod make;
mod policies;
mod settings;
mod tables;
mod whole;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};

use super::functions::members;
use super::resolve::undecided;
use super::template::{Declared, Doubt, declared};
use globals::Globals;
use make::{At, is_open, unknown};
pub(crate) use whole::written_out;

/// What is made of one resource.
struct Made<'m> {
    source: &'m Declared,
    resources: Vec<Declared>,
    /// Events lead to the APIs that SAM makes unasked.
    rest_api: bool,
    http_api: bool,
    touched: Vec<Touched>,
    doubts: Vec<Doubt>,
}

/// A property of another resource that SAM writes into.
struct Touched {
    id: Name,
    property: &'static str,
    value: Node,
}

impl<'m> Made<'m> {
    fn of(source: &'m Declared) -> Made<'m> {
        let (resources, touched, doubts) = Default::default();
        Made { source, resources, rest_api: false, http_api: false, touched, doubts }
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

    /// A resource of which nothing is known, not even that it is made.
    fn add_open(&mut self, id: &str, ty: &str, why: &str) {
        self.add(id, ty, Node::new(self.source.span, NodeKind::Null));
        if let Some(resource) = self.resources.last_mut() {
            resource.blank.get_or_insert_with(|| undecided(why));
        }
    }

    /// SAM writes into a property of the resource that a reference names.
    fn touch(&mut self, reference: Option<&Node>, property: &'static str, why: &str) {
        let id = reference.and_then(|node| node.get("Ref").unwrap_or(node).as_text()).map(Name::from);
        let value = unknown(self.source.span, why);
        self.touched.extend(id.map(|id| Touched { id, property, value }));
    }

    fn doubt(&mut self, span: Span, reason: String) {
        self.doubts.push(Doubt::hidden(span, reason));
    }
}

/// Whether a template has resources of SAM.
pub(crate) fn occurs(tree: &Node) -> bool {
    let resources = tree.get("Resources").map(members).unwrap_or_default();
    let is_sam = |ty: &str| ty.starts_with("AWS::Serverless::");
    resources.iter().any(|(_, node)| node.get("Type").and_then(Node::as_text).is_some_and(is_sam))
}

/// A resource with what `Globals` say of its kind; `None` where it is none that is written out.
fn taken(id: &Name, node: &Node, globals: &Globals) -> Option<(Declared, &'static Kind)> {
    let mut source = declared(id, node).ok()?;
    let kind = KINDS.iter().find(|kind| *source.ty == format!("AWS::Serverless::{}", kind.name))?;
    source.properties = globals.beside(kind.name, node, source.properties);
    if source.properties.is_null() {
        source.properties = At(source.span).map([]);
    }
    Some((source, kind))
}

/// A kind of resource that is written out.
struct Kind {
    name: &'static str,
    /// The type of the resource that takes its name.
    ty: &'static str,
    /// What else may be made under a name of its own: the end of the name, and the type.
    beside: &'static [(&'static str, &'static str)],
    make: fn(&mut Made<'_>),
    /// The settings that are written out.
    written: &'static [&'static [&'static str]],
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "Function",
        ty: "AWS::Lambda::Function",
        beside: &[("Role", "AWS::IAM::Role"), ("Url", "AWS::Lambda::Url")],
        make: functions::function,
        written: &[&functions::SAME, &settings::FUNCTION],
    },
    Kind {
        name: "Api",
        ty: "AWS::ApiGateway::RestApi",
        beside: &[("Stage", "AWS::ApiGateway::Stage"), ("DomainName", "AWS::ApiGateway::DomainName")],
        make: apis::rest,
        written: &[&apis::REST, &apis::REST_STAGE, &settings::API],
    },
    Kind {
        name: "HttpApi",
        ty: "AWS::ApiGatewayV2::Api",
        beside: &[("Stage", "AWS::ApiGatewayV2::Stage"), ("DomainName", "AWS::ApiGatewayV2::DomainName")],
        make: apis::http,
        written: &[&apis::HTTP, &apis::HTTP_STAGE, &settings::HTTP_API],
    },
    Kind {
        name: "SimpleTable",
        ty: "AWS::DynamoDB::Table",
        beside: &[],
        make: tables::table,
        written: &[&tables::SAME, &settings::TABLE],
    },
];

/// Writes a resource out.
fn made_of<'m>(source: &'m Declared, kind: &Kind) -> Made<'m> {
    let mut made = Made::of(source);
    let properties = &source.properties;
    if is_open(properties) {
        let why = "a function or macro decides what SAM makes of it";
        made.add(&source.id, kind.ty, unknown(properties.span, why));
        for (end, ty) in kind.beside {
            made.add_open(&format!("{}{end}", source.id), ty, why);
        }
        made.doubt(properties.span, format!("`{}`: {why}", source.id));
        return made;
    }
    (kind.make)(&mut made);
    settings::unwritten(&mut made, kind.written);
    made
}

/// A map of tags as a list.
fn tags(at: At, tags: Option<&Node>) -> Option<Node> {
    let tags = tags.filter(|tags| !tags.is_null())?;
    let NodeKind::Map(members) = &tags.kind else { return Some(tags.clone()) };
    if is_open(tags) {
        return Some(unknown(tags.span, "a function decides which tags there are"));
    }
    let tag = |(name, value): &(Name, Node)| at.map([("Key", Some(at.text(name))), ("Value", Some(value.clone()))]);
    Some(Node::new(tags.span, NodeKind::List(members.iter().map(tag).collect())))
}
