//! What stands for a text that exists only after deployment.
//!
//! A template or plan names resources that are not there yet: nobody knows the identifier of `Subnet`, but everybody
//! knows that `{"Ref": "Subnet"}` is it. A [`Symbol`] is the text of such a value as far as it is known: literal parts
//! and attributes of resources of the document. The value itself stays unknown; a symbol only lets a reference be
//! followed, and lets two values be equal that are the same attribute of the same resource.

use std::sync::Arc;

use crate::{Name, ResourceType};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Symbol {
    parts: Vec<SymbolPart>,
}

/// A part of a [`Symbol`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SymbolPart {
    /// Never empty, and never beside another literal.
    Literal(Arc<str>),
    Attribute(Attribute),
}

/// An attribute of a resource of a document.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// The resource: [`crate::Record::owner`].
    pub owner: Arc<str>,
    /// `id`, `arn`, or the name of a property.
    pub name: Name,
    /// No two resources of the owner's type have the same value.
    pub unique: bool,
}

impl SymbolPart {
    /// What is known of a part, and `None` for any text: an ARN is known to be one.
    fn known(&self) -> Vec<Option<&str>> {
        match self {
            SymbolPart::Literal(text) => vec![Some(text)],
            SymbolPart::Attribute(attribute) if attribute.is_arn() => vec![Some("arn:"), None],
            SymbolPart::Attribute(_) => vec![None],
        }
    }
}

impl Attribute {
    /// The identifier of a resource.
    pub fn id(owner: &Arc<str>, ty: &ResourceType) -> Attribute {
        match ty.identifier.as_slice() {
            [only] => Attribute::of(owner, ty, only),
            _ => Attribute { owner: owner.clone(), name: "id".into(), unique: true },
        }
    }

    /// The ARN of a resource.
    pub fn arn(owner: &Arc<str>) -> Attribute {
        Attribute { owner: owner.clone(), name: "arn".into(), unique: true }
    }

    /// Something that all resources of one deployment share: its account, its region. `input` tells it from others.
    pub fn of_deployment(input: &str, name: &str) -> Attribute {
        Attribute { owner: format!("{input}:#deployment").into(), name: name.into(), unique: false }
    }

    /// Whether it is a resource's own ARN.
    fn is_arn(&self) -> bool {
        self.unique && &*self.name == "arn"
    }

    /// The account in an ARN that is this attribute: a resource lies where its deployment does.
    pub fn account(&self) -> Option<Attribute> {
        let (input, address) = self.owner.split_once(':')?;
        let own = &*self.name == "arn" && !address.contains('#');
        own.then(|| Attribute::of_deployment(input, "AWS::AccountId"))
    }

    /// A property of a resource, `arn` and `id` by these names however the type calls them. A nested one is dotted:
    /// `Endpoint.Address`.
    pub fn of(owner: &Arc<str>, ty: &ResourceType, property: &str) -> Attribute {
        if is_arn_property(ty, property) {
            return Attribute::arn(owner);
        }
        match ty.identifier.as_slice() {
            [only] if **only == *property => Attribute { owner: owner.clone(), name: "id".into(), unique: true },
            _ => Attribute { owner: owner.clone(), name: property.into(), unique: false },
        }
    }
}

/// Whether a property holds the resource's own ARN: `Arn`, or `LoadBalancerArn` of a load balancer.
fn is_arn_property(ty: &ResourceType, property: &str) -> bool {
    let Some(stem) = property.strip_suffix("Arn") else { return false };
    let own = ty.name.rsplit("::").next().unwrap_or_default();
    stem.is_empty() || (own.ends_with(stem) && ty.property("Arn").is_none())
}

impl Symbol {
    /// One attribute, alone.
    pub fn attribute(attribute: Attribute) -> Symbol {
        Symbol { parts: vec![SymbolPart::Attribute(attribute)] }
    }

    /// Parts one after another; neighbouring literals become one.
    pub fn of(parts: impl IntoIterator<Item = SymbolPart>) -> Symbol {
        let mut joined: Vec<SymbolPart> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (_, SymbolPart::Literal(text)) if text.is_empty() => {}
                (Some(SymbolPart::Literal(before)), SymbolPart::Literal(text)) => {
                    *before = format!("{before}{text}").into();
                }
                (_, part) => joined.push(part),
            }
        }
        Symbol { parts: joined }
    }

    pub fn parts(&self) -> &[SymbolPart] {
        &self.parts
    }

    /// The attribute that the whole text is.
    pub fn alone(&self) -> Option<&Attribute> {
        match self.parts.as_slice() {
            [SymbolPart::Attribute(attribute)] => Some(attribute),
            _ => None,
        }
    }

    /// What the text is known to begin with.
    pub fn beginning(&self) -> &str {
        match self.parts.first() {
            Some(SymbolPart::Literal(text)) => text,
            Some(SymbolPart::Attribute(attribute)) if attribute.is_arn() => "arn:",
            Some(SymbolPart::Attribute(_)) | None => "",
        }
    }

    /// What the text is known to end with.
    pub fn end(&self) -> &str {
        match self.parts.last() {
            Some(SymbolPart::Literal(text)) => text,
            Some(SymbolPart::Attribute(_)) | None => "",
        }
    }

    /// The literal parts.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            SymbolPart::Literal(text) => Some(&**text),
            SymbolPart::Attribute(_) => None,
        })
    }

    /// Whether the text may turn out to be this one: it begins and ends with what is known of both, and the other known
    /// parts occur between, in their order.
    pub fn may_be(&self, text: &str) -> bool {
        let known: Vec<Option<&str>> = self.parts.iter().flat_map(SymbolPart::known).collect();
        let Some(first) = known.iter().position(Option::is_none) else {
            return known.iter().flatten().copied().collect::<String>() == text;
        };
        let last = known.iter().rposition(Option::is_none).unwrap_or(first);
        let joined =
            |parts: Option<&[Option<&str>]>| parts.unwrap_or_default().iter().flatten().copied().collect::<String>();
        let (before, after) = (joined(known.get(..first)), joined(known.get(last + 1..)));
        let inner = text.strip_prefix(&*before).and_then(|rest| rest.strip_suffix(&*after));
        let mut between = known.get(first..=last).unwrap_or_default().iter().flatten();
        // The first place of each is the best one: it leaves the most for what follows.
        inner.is_some_and(|inner| between.try_fold(inner, |rest, part| Some(rest.split_once(part)?.1)).is_some())
    }

    /// The attributes in it.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.parts.iter().filter_map(|part| match part {
            SymbolPart::Attribute(attribute) => Some(attribute),
            SymbolPart::Literal(_) => None,
        })
    }

    /// Whether two texts are equal, `None` when that depends on what is not known. Two are that are made of the same
    /// parts; two identifiers of different resources never are.
    pub fn equals(&self, other: &Symbol) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        match (self.alone(), other.alone()) {
            (Some(a), Some(b)) if a.unique && b.unique && a.name == b.name && a.owner != b.owner => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Schema;

    fn attribute(owner: &str, ty: &str, property: &str) -> Attribute {
        Attribute::of(&owner.into(), Schema::embedded().resource_type(ty).unwrap(), property)
    }

    #[test]
    fn an_arn_is_one_however_the_type_calls_it() {
        let balancer = "AWS::ElasticLoadBalancingV2::LoadBalancer";
        assert_eq!(&*attribute("0:A", balancer, "LoadBalancerArn").name, "arn");
        assert_eq!(&*attribute("0:A", "AWS::Lambda::Function", "Arn").name, "arn");
        assert_eq!(&*attribute("0:A", "AWS::EC2::SecurityGroup", "Id").name, "id");
        let cluster = attribute("0:A", "AWS::ECS::Service", "Cluster");
        assert_eq!((&*cluster.name, cluster.unique), ("Cluster", false));
        assert_eq!(&*attribute("0:A", "AWS::S3::AccessPoint", "Arn").name, "arn");
    }

    #[test]
    fn known_parts_say_what_a_text_is_not() {
        let vpc = || SymbolPart::Attribute(attribute("0:A", "AWS::EC2::SecurityGroup", "VpcId"));
        let literal = |text: &str| SymbolPart::Literal(text.into());
        let symbol = Symbol::of([literal("a/"), vpc(), literal("/b/"), vpc(), literal("/b")]);
        for (text, wanted) in [
            ("a/x/b/y/b", true),
            ("a//b//b", true),
            ("a/x/b/b", false),
            ("b", false),
            ("a/x/b/y/c", false),
            ("a/1/b/2/b/3/b", true),
        ] {
            assert_eq!(symbol.may_be(text), wanted, "{text}");
        }
        assert!(Symbol::of([vpc()]).may_be(""));
        let arn = Symbol::attribute(attribute("0:A", "AWS::Lambda::Function", "Arn"));
        assert!(arn.may_be("arn:x") && !arn.may_be("*") && arn.beginning() == "arn:");
    }

    #[test]
    fn the_same_parts_are_equal_and_two_identifiers_are_not() {
        let a = Symbol::attribute(attribute("0:A", "AWS::EC2::SecurityGroup", "Id"));
        let b = Symbol::attribute(attribute("0:B", "AWS::EC2::SecurityGroup", "Id"));
        assert_eq!(a.equals(&a.clone()), Some(true));
        assert_eq!(a.equals(&b), Some(false));
        let vpc = |owner| Symbol::attribute(attribute(owner, "AWS::EC2::SecurityGroup", "VpcId"));
        assert_eq!(vpc("0:A").equals(&vpc("0:B")), None);
        let literal = |text: &str| SymbolPart::Literal(text.into());
        let part = || SymbolPart::Attribute(attribute("0:A", "AWS::EC2::SecurityGroup", "Id"));
        let split = Symbol::of([literal("arn:"), literal("aws:"), part(), literal("")]);
        assert_eq!(split.equals(&Symbol::of([literal("arn:aws:"), part()])), Some(true));
        assert_eq!(split.equals(&a), None);
    }
}
