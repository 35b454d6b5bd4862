//! `Ref` and `Fn::GetAtt`: names to what they stand for.
//!
//! A text that the template sets itself is that text. What only deployment decides is a symbol of the resource, by which
//! guardrails follow the reference and see that two of them are one.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Attribute, Name, Node, NodeKind, Reason, ResourceType, Shape, Symbol, Truth, Unknown};

use super::elsewhere;
use super::identity::{Reference, is_identifier, reference};
use super::resolve::undecided;
use super::stack::{Stack, later};
use super::template::Declared;
use super::values::Value;

/// How an attribute is called that belongs to a resource, when it is not known which of its own it is.
const REF: &str = "Ref";

impl<'t> Stack<'t> {
    /// `Ref`: a pseudo parameter, a parameter, or a resource.
    pub(crate) fn reference(&mut self, name: &str, span: Span) -> Node {
        if let Some(node) = self.values.pseudo(name, span) {
            return node;
        }
        match self.values.get(name) {
            Some(Value::Known(node)) => return node.clone().place_all(span),
            Some(Value::Hidden { value, .. }) if self.confidential => return value.clone().place_all(span),
            Some(Value::Hidden { shown: unknown, .. } | Value::Later(unknown)) => {
                return Node::new(span, NodeKind::Unknown(unknown.clone()));
            }
            None => {}
        }
        match self.existing(name) {
            Ok(resource) => self.identifier(resource, span),
            Err(why) => Node::new(span, NodeKind::Unknown(why)),
        }
    }

    /// `Fn::GetAtt`: `[resource, attribute]`, or both in one text.
    pub(crate) fn attribute_of(&mut self, argument: &'t Node, span: Span) -> Node {
        let parts: Vec<Node> = match (&argument.kind, argument.as_list()) {
            (NodeKind::Text(text), _) => {
                text.splitn(2, '.').map(|part| Node::new(span, NodeKind::Text(part.into()))).collect()
            }
            (_, Some(parts)) => parts.iter().map(|part| self.value(part)).collect(),
            _ => Vec::new(),
        };
        let texts: Vec<&str> = parts.iter().filter_map(Node::as_text).collect();
        match (texts.as_slice(), parts.len()) {
            ([resource, attributes @ ..], length) if length == texts.len() && !attributes.is_empty() => {
                self.attribute(resource, &attributes.join("."), span)
            }
            _ => later(span, "`Fn::GetAtt` names an attribute that is not known"),
        }
    }

    /// An attribute of a resource, by both their names.
    pub(crate) fn attribute(&mut self, resource: &str, attribute: &str, span: Span) -> Node {
        let declared = match self.existing(resource) {
            Ok(declared) => declared,
            Err(why) => return Node::new(span, NodeKind::Unknown(why)),
        };
        if let Some(output) = attribute.strip_prefix("Outputs.") {
            return self.nested_output(declared, output).place_all(span);
        }
        let owner = self.owner(resource);
        let Some(ty) = self.modelled(declared) else {
            return own(&self.elsewhere(resource), attribute, span);
        };
        if is_identifier(ty, attribute) {
            return self.identifier(declared, span);
        }
        let symbol = Attribute::of(&owner, ty, attribute);
        if &*symbol.name == "arn" {
            return self.arn(declared, ty, span);
        }
        self.property_of(declared, ty, attribute, span).unwrap_or_else(|| match is_collection(ty, attribute) {
            true => later(span, "known after deployment"),
            false => standing_for(symbol, span),
        })
    }

    /// The type of a resource whose attributes are its own. A custom resource gives whatever its function answers, which may
    /// as well be the name of another resource; so may one of a type that no schema knows.
    fn modelled(&self, resource: &Declared) -> Option<&'t Arc<ResourceType>> {
        self.schema.resource_type(&resource.ty).filter(|ty| *ty.name != *"AWS::CloudFormation::CustomResource")
    }

    /// What tells the answers of such a resource from all others, and is no resource.
    fn elsewhere(&self, id: &str) -> Arc<str> {
        elsewhere::answers(self.place, id)
    }

    /// The resource of this name, if there is one that may exist.
    fn existing(&mut self, name: &str) -> Result<&'t Declared, Unknown> {
        let template = self.template;
        let missing = |why: String| Err(Unknown::new(Reason::Unreadable, why));
        let Some(resource) = template.resource(name) else {
            return missing(format!("the template has no parameter or resource `{name}`"));
        };
        if let Some(blank) = &resource.blank {
            return Err(blank.clone());
        }
        match resource.condition.as_ref().map(|condition| self.condition(condition)) {
            Some(Truth::False) => missing(format!("`{name}` is not created here")),
            _ => Ok(resource),
        }
    }

    /// What `Ref` of a resource gives.
    fn identifier(&mut self, resource: &'t Declared, span: Span) -> Node {
        let owner = self.owner(&resource.id);
        let Some(ty) = self.modelled(resource) else { return own(&self.elsewhere(&resource.id), REF, span) };
        match reference(ty) {
            Reference::Identifier(property) => match Attribute::id(&owner, ty) {
                arn if &*arn.name == "arn" => self.arn(resource, ty, span),
                id => match self.property_of(resource, ty, property, span) {
                    Some(node) if node.as_text().is_some() => node,
                    // Of a group outside of a VPC it is the name.
                    None if is_group_without_vpc(resource) => standing_for(id.distinct(ty).shaped(Shape::ANY), span),
                    node => standing_for(put_together(id.distinct(ty), node.as_ref()), span),
                },
            },
            Reference::Property(property) => match self.property_of(resource, ty, property, span) {
                Some(node) if node.as_text().is_some() => node,
                node => standing_for(put_together(Attribute::of(&owner, ty, property), node.as_ref()), span),
            },
            // It is the ARN of what the property names by whatever: the same only where that is a resource of this template.
            Reference::Other(property) => match self.property_of(resource, ty, property, span) {
                Some(node) if matches!(node.kind, NodeKind::Unknown(_)) || is_arn(&node) => node,
                _ => own(&owner, REF, span),
            },
            Reference::Own => own(&owner, REF, span),
        }
    }

    fn arn(&mut self, resource: &'t Declared, ty: &Arc<ResourceType>, span: Span) -> Node {
        match self.known_arn(resource, ty) {
            Some(arn) => arn.place_all(span),
            None => standing_for(Attribute::arn(&self.owner(&resource.id), &ty.name), span),
        }
    }

    /// A property that the template sets and deployment does not; an attribute may lead into it.
    fn property_of(&mut self, resource: &'t Declared, ty: &ResourceType, attribute: &str, span: Span) -> Option<Node> {
        let mut steps = attribute.split('.');
        let property = ty.property(steps.next()?).filter(|property| !property.read_only)?;
        let node = resource.properties.get(&property.name)?;
        let value = self.once(resource, &property.name, |stack| Some(stack.value(node)))?;
        let found = steps.try_fold(&value, |node, step| node.get(step))?;
        (!found.is_null()).then(|| found.clone().place_all(span))
    }

    /// Computes something of a resource, once. `None` where that is what is being computed.
    pub(crate) fn once(
        &mut self,
        resource: &'t Declared,
        name: &str,
        compute: impl FnOnce(&mut Self) -> Option<Node>,
    ) -> Option<Node> {
        let key = (resource.id.clone(), Name::from(name));
        if let Some(known) = self.known.get(&key).filter(|_| !self.confidential) {
            return known.clone();
        }
        let span = resource.properties.get(name).map_or(resource.span, |node| node.span);
        if !self.may_follow(&resource.id, name, span) {
            return None;
        }
        self.following.push(key.clone());
        let value = compute(self);
        self.following.pop();
        if !self.confidential {
            self.known.insert(key, value.clone());
        }
        value
    }
}

fn is_arn(node: &Node) -> bool {
    node.as_text().is_some_and(|text| text.starts_with("arn:"))
}

fn is_collection(ty: &ResourceType, attribute: &str) -> bool {
    ty.property(attribute).is_some_and(|property| property.ty.is_collection())
}

/// Some text that belongs to a resource.
fn own(owner: &Arc<str>, name: &str, span: Span) -> Node {
    standing_for(Attribute::other(owner, name), span)
}

/// `Ref` of a security group gives its name where it names no VPC ("AWS::EC2::SecurityGroup", return values).
fn is_group_without_vpc(resource: &Declared) -> bool {
    &*resource.ty == "AWS::EC2::SecurityGroup" && resource.properties.get("VpcId").is_none_or(Node::is_null)
}

/// An attribute with what the template puts it together of.
fn put_together(attribute: Attribute, node: Option<&Node>) -> Attribute {
    let unknown = node.and_then(|node| match &node.kind {
        NodeKind::Unknown(unknown) => unknown.symbol(),
        _ => None,
    });
    unknown.map_or(attribute.clone(), |symbol| attribute.made_of(symbol))
}

/// A value that is an attribute of a resource, whatever that will be.
fn standing_for(attribute: Attribute, span: Span) -> Node {
    let unknown = undecided("known after deployment").standing_for(Symbol::attribute(attribute));
    Node::new(span, NodeKind::Unknown(unknown))
}
