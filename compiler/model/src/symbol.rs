//! What stands for a text that exists only after deployment.
//!
//! A template or plan names resources that are not there yet: nobody knows the identifier of `Subnet`, but everybody
//! knows that `{"Ref": "Subnet"}` is it. A [`Symbol`] is the text of such a value as far as it is known: literal parts
//! and attributes of resources of the document. The value itself stays unknown; a symbol only lets a reference be
//! followed, and lets two values be equal that are the same attribute of the same resource.

use std::sync::Arc;

use crate::shape::{self, Class, Glyph, Shape};
use crate::{Name, ResourceType, Type, is_dynamic};

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

/// An attribute of a resource of a document: two are one that have the same owner and name.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The resource: [`crate::Record::owner`].
    pub owner: Arc<str>,
    /// `id`, `arn`, or the name of a property.
    pub name: Name,
    /// It is what the resource is known by: its identifier, or its ARN.
    pub unique: bool,
    /// The resource's type, where no other resource of the type that the document holds has the value.
    distinct: Option<Name>,
    /// What the text is put together of, where the document says it.
    made_of: Option<Arc<[SymbolPart]>>,
    /// How its value looks.
    pub shape: Shape,
}

impl PartialEq for Attribute {
    fn eq(&self, other: &Self) -> bool {
        self.owner == other.owner && self.name == other.name
    }
}

impl Eq for Attribute {}

impl std::hash::Hash for Attribute {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.owner, &self.name).hash(state);
    }
}

/// The longest text that an attribute is known to be put together of: letters, and parts that are not known.
const MOST_LENGTH: usize = 4096;

impl SymbolPart {
    fn length(&self) -> usize {
        match self {
            SymbolPart::Literal(text) => text.len(),
            SymbolPart::Attribute(_) => 1,
        }
    }

    fn folded(&self) -> SymbolPart {
        match self {
            SymbolPart::Literal(text) => SymbolPart::Literal(text.to_ascii_lowercase().into()),
            SymbolPart::Attribute(attribute) => {
                let made_of = attribute.made_of.as_ref().map(|parts| parts.iter().map(SymbolPart::folded).collect());
                SymbolPart::Attribute(Attribute { made_of, ..attribute.clone() })
            }
        }
    }

    /// Its letters, and what stands for those that are not known.
    pub fn glyphs(&self) -> Vec<Glyph> {
        match self {
            SymbolPart::Literal(text) => text.chars().map(Glyph::Letter).collect(),
            SymbolPart::Attribute(attribute) => attribute.shape.glyphs(),
        }
    }
}

impl Attribute {
    /// Some text that belongs to something of a document.
    pub fn other(owner: &Arc<str>, name: impl Into<Name>) -> Attribute {
        Attribute {
            owner: owner.clone(),
            name: name.into(),
            unique: false,
            distinct: None,
            made_of: None,
            shape: Shape::ANY,
        }
    }

    fn unique(owner: &Arc<str>, ty: &str, name: &str) -> Attribute {
        Attribute { unique: true, shape: Shape::of(ty, name), ..Attribute::other(owner, name) }
    }

    /// The identifier of a resource.
    pub fn id(owner: &Arc<str>, ty: &ResourceType) -> Attribute {
        match ty.identifier.as_slice() {
            [only] => Attribute::of(owner, ty, only),
            _ => Attribute::unique(owner, &ty.name, "id"),
        }
    }

    /// The same where it is the resource's alone: the service makes it up, or all that the document holds lies in one account
    /// and region.
    pub fn distinct(self, ty: &ResourceType) -> Attribute {
        let single = self.unique && ty.identifier.len() == 1;
        Attribute { distinct: single.then(|| ty.name.clone()), ..self }
    }

    /// The same whose text is put together so. What is very long is left out, and what may turn out to be empty: then somebody
    /// else makes up the identifier.
    pub fn made_of(self, symbol: &Symbol) -> Attribute {
        let parts = symbol.written_out().parts;
        let is_own = |part: &SymbolPart| matches!(part, SymbolPart::Attribute(other) if *other == self);
        let length: usize = parts.iter().map(SymbolPart::length).sum();
        let made_of = (length <= MOST_LENGTH && !symbol.may_be("") && !parts.iter().any(is_own)).then(|| parts.into());
        Attribute { made_of, ..self }
    }

    /// What the text is put together of, where the document says it.
    pub fn composition(&self) -> Option<Symbol> {
        Some(Symbol { parts: self.made_of.as_ref()?.to_vec() })
    }

    /// The same that looks so.
    pub fn shaped(self, shape: Shape) -> Attribute {
        Attribute { shape, ..self }
    }

    /// The ARN of a resource of this type.
    pub fn arn(owner: &Arc<str>, ty: &str) -> Attribute {
        Attribute { distinct: Some(ty.into()), ..Attribute::unique(owner, ty, "arn") }
    }

    /// Something that all resources of one deployment share: its account, its region. `input` tells it from others.
    pub fn of_deployment(input: &str, name: &str) -> Attribute {
        let shape = Shape::of_deployment(name);
        Attribute { shape, ..Attribute::other(&format!("{input}:#deployment").into(), name) }
    }

    /// What an owner has of the document that it is in.
    pub fn input_of(owner: &str) -> Option<&str> {
        owner.split_once(':').map(|(input, _)| input)
    }

    /// Whether it is certainly another text than that attribute: each is that of one of two resources of one type and document.
    fn differs(&self, other: &Attribute) -> bool {
        self.owner != other.owner && self.family().is_some_and(|family| other.family() == Some(family))
    }

    /// Attributes of one family are different texts, unless their owner is the same: its type, its name, and the document.
    pub fn family(&self) -> Option<(&Name, &Name, Option<&str>)> {
        Some((self.distinct.as_ref()?, &self.name, Attribute::input_of(&self.owner)))
    }

    /// Whether it is a resource's own ARN.
    fn is_arn(&self) -> bool {
        self.unique && &*self.name == "arn"
    }

    /// The account in an ARN that is this attribute: a resource lies where its deployment does. The owner names the account
    /// of the deployment where it is known: `0@111122223333:Role`.
    pub fn account(&self) -> Option<SymbolPart> {
        let (input, address) = self.owner.split_once(':')?;
        let later = || SymbolPart::Attribute(Attribute::of_deployment(input, "AWS::AccountId"));
        let account = || input.split_once('@').map(|(_, account)| SymbolPart::Literal(account.into()));
        (self.is_arn() && !address.contains('#')).then(|| account().unwrap_or_else(later))
    }

    /// What stands between the colons of a resource's own ARN that is this attribute, where its form is known. The account is
    /// that of the deployment; in the ARN of a bucket there is none.
    pub fn between_colons(&self) -> Option<Vec<SymbolPart>> {
        let account = self.account()?;
        let piece = |(at, shape): (usize, Shape)| match (at, shape.text()) {
            (_, Some(text)) => SymbolPart::Literal(text.into()),
            (4, None) => account.clone(),
            (_, None) => {
                let name = format!("{}:{at}", self.name);
                SymbolPart::Attribute(Attribute::other(&self.owner, name).shaped(shape))
            }
        };
        Some(self.shape.between_colons()?.into_iter().enumerate().map(piece).collect())
    }

    /// A property of a resource, `arn` and `id` by these names however the type calls them. A nested one is dotted:
    /// `Endpoint.Address`.
    pub fn of(owner: &Arc<str>, ty: &ResourceType, property: &str) -> Attribute {
        if is_arn_property(ty, property) {
            return Attribute::arn(owner, &ty.name);
        }
        let set = ty.property(property);
        match ty.identifier.as_slice() {
            [only] if **only == *property && !points_elsewhere(ty, property) => {
                let id = Attribute::unique(owner, &ty.name, "id");
                if set.is_some_and(|set| set.read_only) { id.distinct(ty) } else { id }
            }
            _ => Attribute { shape: Shape::of(&ty.name, property), ..Attribute::other(owner, property) },
        }
    }
}

/// Whether somebody sets the property to the identifier of a resource of another type.
pub fn points_elsewhere(ty: &ResourceType, property: &str) -> bool {
    ty.property(property).is_some_and(|set| !set.read_only && refers_elsewhere(&set.ty, &ty.name))
}

/// Whether a value names a resource of another type, whose identifier it then is.
fn refers_elsewhere(value: &Type, own: &str) -> bool {
    match value.required() {
        Type::Ref(targets) => targets.iter().any(|target| &*target.resource != own),
        _ => false,
    }
}

/// Whether a property holds the resource's own ARN: `Arn`, or `LoadBalancerArn` of a load balancer. What somebody sets is the
/// ARN of something else.
fn is_arn_property(ty: &ResourceType, property: &str) -> bool {
    let Some(stem) = property.strip_suffix("Arn") else { return false };
    if ty.property(property).is_some_and(|property| !property.read_only) {
        return false;
    }
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

    /// Whether it is a text and no number, also where any document may stand.
    pub fn is_text(&self) -> bool {
        self.alone().is_none_or(|attribute| attribute.unique || attribute.shape != Shape::ANY)
    }

    /// What the text is known to begin with.
    pub fn beginning(&self) -> String {
        let letter = |glyph| match glyph {
            Glyph::Letter(letter) => Some(letter),
            Glyph::One(_) | Glyph::Run(_) => None,
        };
        self.glyphs().into_iter().map_while(letter).collect()
    }

    /// Its letters, and what stands for those that are not known.
    pub fn glyphs(&self) -> Vec<Glyph> {
        self.parts.iter().flat_map(SymbolPart::glyphs).collect()
    }

    /// Whether the text matches a pattern; `None` while that depends on what is not known.
    pub fn matches(&self, pattern: &[Glyph]) -> Option<bool> {
        shape::glyphs_match(&self.glyphs(), pattern)
    }

    /// Whether the text ends so; `None` while that depends on what is not known.
    pub fn ends_with(&self, end: &str) -> Option<bool> {
        let pattern: Vec<Glyph> = [Glyph::Run(Class::Any)].into_iter().chain(end.chars().map(Glyph::Letter)).collect();
        self.matches(&pattern)
    }

    /// The same with its literal parts in the form in which they compare without regard to case.
    pub fn folded(&self) -> Symbol {
        Symbol { parts: self.parts.iter().map(SymbolPart::folded).collect() }
    }

    /// The same with what attributes are put together of in their place.
    pub fn written_out(&self) -> Symbol {
        Symbol::of(self.parts.iter().flat_map(|part| match part {
            SymbolPart::Attribute(Attribute { made_of: Some(parts), .. }) => parts.to_vec(),
            part => vec![part.clone()],
        }))
    }

    /// The same without what attributes are put together of.
    pub fn by_name(&self) -> Symbol {
        let named = |part: &SymbolPart| match part {
            SymbolPart::Attribute(attribute) => SymbolPart::Attribute(Attribute { made_of: None, ..attribute.clone() }),
            literal => literal.clone(),
        };
        Symbol { parts: self.parts.iter().map(named).collect() }
    }

    /// Whether both are put together alike, however much of it is behind a name.
    fn is_written_as(&self, other: &Symbol) -> bool {
        let is_behind_name = |symbol: &Symbol| symbol.attributes().any(|attribute| attribute.made_of.is_some());
        (is_behind_name(self) || is_behind_name(other)) && self.written_out() == other.written_out()
    }

    /// The literal parts.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            SymbolPart::Literal(text) => Some(&**text),
            SymbolPart::Attribute(_) => None,
        })
    }

    /// Whether deployment puts something else in its place: a dynamic reference begins in a part that is known.
    pub fn is_replaced(&self) -> bool {
        self.literals().any(is_dynamic)
    }

    /// Whether the text may turn out to be this one.
    pub fn may_be(&self, text: &str) -> bool {
        let pattern: Vec<Glyph> = text.chars().map(Glyph::Letter).collect();
        self.is_replaced() || self.matches(&pattern) != Some(false)
    }

    /// Its pieces, if the separator stands in no part that is not known. What an ARN of one's own has between its colons is.
    pub fn split(&self, separator: &str) -> Option<Vec<Symbol>> {
        let of_separator = |letter: char| separator.contains(letter);
        let is_apart = |glyph: Glyph| match glyph {
            Glyph::Letter(_) => true,
            Glyph::One(class) | Glyph::Run(class) => !separator.chars().any(|letter| class.admits(letter)),
        };
        if let (":", Some(pieces)) = (separator, self.alone().and_then(Attribute::between_colons)) {
            return Some(pieces.into_iter().map(|part| Symbol::of([part])).collect());
        }
        if separator.is_empty() || !self.glyphs().into_iter().all(is_apart) {
            return None;
        }
        let mut pieces: Vec<Vec<SymbolPart>> = vec![Vec::new()];
        for part in &self.parts {
            let SymbolPart::Literal(text) = part else {
                // Its own letters would have to be split, too.
                if part.glyphs().into_iter().any(|glyph| matches!(glyph, Glyph::Letter(letter) if of_separator(letter)))
                {
                    return None;
                }
                pieces.last_mut()?.push(part.clone());
                continue;
            };
            for (at, piece) in text.split(separator).enumerate() {
                if at > 0 {
                    pieces.push(Vec::new());
                }
                pieces.last_mut()?.push(SymbolPart::Literal(piece.into()));
            }
        }
        Some(pieces.into_iter().map(Symbol::of).collect())
    }

    /// The attributes in it.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.parts.iter().filter_map(|part| match part {
            SymbolPart::Attribute(attribute) => Some(attribute),
            SymbolPart::Literal(_) => None,
        })
    }

    /// Whether two texts are equal, `None` when that depends on what is not known. Two are that are put together of the same
    /// parts; two identifiers of different resources never are.
    pub fn equals(&self, other: &Symbol) -> Option<bool> {
        if self == other {
            return Some(true);
        }
        match (self.alone(), other.alone()) {
            _ if self.is_replaced() || other.is_replaced() => None,
            (Some(a), Some(b)) if a.differs(b) => Some(false),
            _ if self.is_written_as(other) => Some(true),
            _ => (self.matches(&other.glyphs()) == Some(false)).then_some(false),
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
        assert!(arn.may_be("arn:aws-cn:lambda:x:1:function:f") && !arn.may_be("*") && arn.beginning() == "arn:aws");
        let gateway = Symbol::attribute(attribute("0:A", "AWS::EC2::InternetGateway", "InternetGatewayId"));
        assert!(gateway.may_be("igw-0") && !gateway.may_be("nat-0") && gateway.beginning() == "igw-");
    }

    #[test]
    fn a_name_is_what_it_is_put_together_of() {
        let literal = |text: &str| SymbolPart::Literal(text.into());
        let account = || SymbolPart::Attribute(Attribute::of_deployment("0", "AWS::AccountId"));
        let site = Symbol::of([literal("site-"), account()]);
        let bucket = |owner: &str| {
            let id = attribute(owner, "AWS::S3::Bucket", "BucketName");
            id.distinct(Schema::embedded().resource_type("AWS::S3::Bucket").unwrap())
        };
        let own = Symbol::attribute(bucket("0:A").made_of(&site));
        assert_eq!([own.equals(&site), site.equals(&own)], [Some(true); 2]);
        assert_eq!(own.equals(&Symbol::of([literal("site-"), account(), account()])), None);
        assert_eq!(own.equals(&Symbol::attribute(bucket("0:B").made_of(&site))), Some(false));
        let arn = |name: Symbol| Symbol::of([&[literal("arn:aws:s3:::")], name.parts(), &[literal("/*")]].concat());
        assert_eq!(arn(own.clone()).equals(&arn(site.clone())), Some(true));
        let loud = Symbol::of([literal("SITE-"), account()]);
        assert_eq!([own.equals(&loud), own.folded().equals(&loud.folded())], [None, Some(true)]);
        // Of another deployment.
        let other = SymbolPart::Attribute(Attribute::of_deployment("1", "AWS::AccountId"));
        assert_eq!(own.equals(&Symbol::of([literal("site-"), other])), None);
        // Nobody is called by an empty name.
        let any = Symbol::attribute(Attribute::other(&"0:#stack".into(), "Name"));
        assert_eq!(Symbol::attribute(bucket("0:A").made_of(&any)).equals(&any), None);
        // A name of names grows no further than names do.
        let doubled = |name: Symbol, at: usize| {
            let twice = Symbol::of([name.parts(), name.parts()].concat());
            Symbol::attribute(bucket(&format!("0:{at}")).made_of(&twice))
        };
        let long = (0..60).fold(own.clone(), doubled);
        assert!(long.written_out().parts().len() <= MOST_LENGTH);
        assert_eq!(own.equals(&Symbol::attribute(bucket("0:A").made_of(&own))), Some(true));
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
        let secret = Symbol::of([literal("{{resolve:secretsmanager:"), part(), literal("}}")]);
        let shown = (secret.equals(&secret.clone()), secret.equals(&a), secret.may_be("x"));
        assert_eq!(shown, (Some(true), None, true));
        // No identifier of a group is an ARN; what is some text of a group may be any.
        assert_eq!([split.equals(&a), split.equals(&vpc("0:A"))], [Some(false), None]);
    }
}
