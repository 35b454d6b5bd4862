//! What stands alone in templates, put where live inventories show it.
//!
//! A rule of a security group, a policy of a role or a membership may be a resource of its own. The group, role or user
//! then shows it, too, so that a guardrail about them sees all that holds for them. The resource itself stays.

use std::sync::Arc;

use parapet_model::{
    Attribute, Glyph, Name, Node, NodeKind, Reason, Record, ResourceType, Schema, Shape, Symbol, Truth, Unknown,
    glyphs_match,
};

use super::references::ANSWERS;
use super::resolve::{dynamic_unknown, is_dynamic};
use crate::sink::Addition;

/// A resource that belongs to others.
struct Part {
    ty: &'static str,
    /// The property that names the others: one, or a list.
    names: &'static str,
    owner: &'static str,
    /// The list that it adds to.
    list: &'static str,
    element: Element,
}

/// What it adds to the list.
enum Element {
    /// Its own properties, without those that are not of the element.
    Properties(&'static [&'static str]),
    /// Its ARN.
    Arn,
    /// Its name.
    Name,
    /// A property of it.
    Property(&'static str),
}

const POLICY: Element = Element::Properties(&["Groups", "Roles", "Users", "GroupName", "RoleName", "UserName", "Id"]);
const RULE: Element = Element::Properties(&["GroupId", "GroupName", "Id", "SecurityGroupRuleId"]);

const PARTS: [Part; 16] = [
    part("AWS::EC2::SecurityGroupIngress", "GroupId", "AWS::EC2::SecurityGroup", "SecurityGroupIngress", RULE),
    part("AWS::EC2::SecurityGroupIngress", "GroupName", "AWS::EC2::SecurityGroup", "SecurityGroupIngress", RULE),
    part("AWS::EC2::SecurityGroupEgress", "GroupId", "AWS::EC2::SecurityGroup", "SecurityGroupEgress", RULE),
    part("AWS::IAM::Policy", "Roles", "AWS::IAM::Role", "Policies", POLICY),
    part("AWS::IAM::Policy", "Users", "AWS::IAM::User", "Policies", POLICY),
    part("AWS::IAM::Policy", "Groups", "AWS::IAM::Group", "Policies", POLICY),
    part("AWS::IAM::RolePolicy", "RoleName", "AWS::IAM::Role", "Policies", POLICY),
    part("AWS::IAM::UserPolicy", "UserName", "AWS::IAM::User", "Policies", POLICY),
    part("AWS::IAM::GroupPolicy", "GroupName", "AWS::IAM::Group", "Policies", POLICY),
    part("AWS::IAM::ManagedPolicy", "Roles", "AWS::IAM::Role", "ManagedPolicyArns", Element::Arn),
    part("AWS::IAM::ManagedPolicy", "Users", "AWS::IAM::User", "ManagedPolicyArns", Element::Arn),
    part("AWS::IAM::ManagedPolicy", "Groups", "AWS::IAM::Group", "ManagedPolicyArns", Element::Arn),
    part("AWS::IAM::Role", "ManagedPolicyArns", "AWS::IAM::ManagedPolicy", "Roles", Element::Name),
    part("AWS::IAM::User", "ManagedPolicyArns", "AWS::IAM::ManagedPolicy", "Users", Element::Name),
    part("AWS::IAM::Group", "ManagedPolicyArns", "AWS::IAM::ManagedPolicy", "Groups", Element::Name),
    part("AWS::IAM::UserToGroupAddition", "Users", "AWS::IAM::User", "Groups", Element::Property("GroupName")),
];

const fn part(
    ty: &'static str,
    names: &'static str,
    owner: &'static str,
    list: &'static str,
    element: Element,
) -> Part {
    Part { ty, names, owner, list, element }
}

/// How many names are compared with resources that they may be of, each for every 64 letters of it.
const MOST_WORK: usize = 1_000_000;

/// Adds to each resource what others of the template give it. Returned is what they give to resources outside of it.
pub(crate) fn fold(records: &mut [Record]) -> Vec<Addition> {
    let owners = PARTS.each_ref().map(|part| of_type(records, part.owner));
    let given: Vec<(usize, usize, Node)> =
        records.iter().enumerate().flat_map(|(at, record)| gifts(at, record)).collect();
    let mut left = MOST_WORK;
    let mut outside = Vec::new();
    for (at, index, name) in given {
        let Some((part, owners)) = PARTS.get(index).zip(owners.get(index)) else { continue };
        outside.extend(key_outside(records, owners, &name).map(|key| addition(records.get(at), part, key)));
        let work = owners.len().saturating_mul(1 + letters(&name) / 64);
        left = left.saturating_sub(work);
        if left > 0 {
            give(records, at, part, owners, &name);
        }
    }
    if left == 0 {
        let why = Unknown::new(Reason::Other, "so many resources belong to others that not all of them are looked at");
        leave_open(records, &why);
    }
    // What tells conditions apart is no text of the resource's.
    for record in records {
        record.existence = record.existence.take().map(Unknown::opaque);
    }
    outside.dedup();
    outside
}

/// What names a resource outside of the template; `None` inside where it may be any.
fn key_outside(records: &[Record], owners: &[usize], name: &Node) -> Option<Option<Name>> {
    let is_own = |at: &usize| records.get(*at).is_some_and(|record| belongs(name, record) == Truth::True);
    match &name.kind {
        NodeKind::Text(text) if is_dynamic(text) => Some(None),
        NodeKind::Text(text) => (!owners.iter().any(is_own)).then(|| Some(text.clone())),
        NodeKind::Unknown(unknown) => {
            let of_template = unknown
                .symbol()
                .and_then(|symbol| symbol.alone())
                .is_some_and(|attribute| records.iter().any(|record| record.owner.as_ref() == Some(&attribute.owner)));
            (!of_template).then_some(None)
        }
        _ => None,
    }
}

fn addition(giver: Option<&Record>, part: &Part, key: Option<Name>) -> Addition {
    let address = giver.and_then(|giver| giver.address.as_deref()).unwrap_or(part.ty);
    Addition {
        resource_type: part.owner.into(),
        key,
        property: part.list.into(),
        appends: true,
        address: address.into(),
    }
}

fn of_type(records: &[Record], ty: &str) -> Vec<usize> {
    records.iter().enumerate().filter(|(_, record)| *record.resource_type == *ty).map(|(at, _)| at).collect()
}

/// How long a name is, as far as it is known.
fn letters(name: &Node) -> usize {
    match &name.kind {
        NodeKind::Text(text) => text.len(),
        NodeKind::Unknown(unknown) => unknown.symbol().map_or(0, |symbol| symbol.literals().map(str::len).sum()),
        _ => 0,
    }
}

/// Adds a record to those of the owners that a name is of.
fn give(records: &mut [Record], giver: usize, part: &Part, owners: &[usize], name: &Node) {
    let Some(giver) = records.get(giver).cloned() else { return };
    for owner in owners {
        let Some(record) = records.get_mut(*owner) else { continue };
        match belongs(name, record).and(exists(&giver, record)) {
            Truth::True => add(record, part.list, element(&giver, &part.element)),
            Truth::False => {}
            Truth::Unknown(why) => doubt(record, part.list, &why),
        }
    }
}

/// What a record adds to others: which part it is, and a name of whom it adds to.
fn gifts(at: usize, record: &Record) -> Vec<(usize, usize, Node)> {
    let parts = PARTS.iter().enumerate().filter(|(_, part)| *record.resource_type == *part.ty);
    let names = parts.filter_map(|(index, part)| Some((index, record.property(part.names)?)));
    let each = names.flat_map(|(index, names)| match &names.kind {
        NodeKind::List(names) => names.iter().map(|name| (at, index, name.clone())).collect(),
        NodeKind::Null => Vec::new(),
        _ => vec![(at, index, names.clone())],
    });
    each.collect()
}

/// Whether a name is that of a record.
fn belongs(name: &Node, record: &Record) -> Truth {
    let unknown = match &name.kind {
        // What stands there after deployment may be any name.
        NodeKind::Text(text) if is_dynamic(text) => return Truth::Unknown(dynamic_unknown()),
        NodeKind::Text(text) => match &record.id {
            Some(id) => return Truth::from(id.as_text() == Some(text)),
            None => None,
        },
        NodeKind::Unknown(unknown) => Some(unknown),
        _ => return Truth::False,
    };
    let alone = unknown.and_then(|unknown| unknown.symbol()).and_then(|symbol| symbol.alone());
    // What a function answers may be the name of anything.
    if let Some(answer) = unknown.filter(|unknown| is_answered(unknown)) {
        return Truth::Unknown(answer.clone().opaque());
    }
    match alone.map(|attribute| &attribute.owner) {
        Some(owner) if record.owner.as_ref() == Some(owner) => return Truth::True,
        // Of another resource, or of none: `#` is in no address.
        Some(owner) if !owner.contains('#') => return Truth::False,
        _ => {}
    }
    if *record.resource_type == *"AWS::IAM::ManagedPolicy" {
        return is_arn_of(name, record);
    }
    // A name that the template leaves to deployment is one that nobody else can write; what may be an attribute of any
    // resource is another matter.
    let own = own_name(record);
    match (unknown, own) {
        (None, None) => Truth::False,
        (Some(unknown), None) if unknown.symbol().is_some() => Truth::False,
        (Some(unknown), Some(NodeKind::Unknown(own))) if same(unknown, own) => Truth::True,
        (Some(unknown), _) => Truth::Unknown(unknown.clone().opaque()),
        (None, Some(NodeKind::Unknown(own))) => Truth::Unknown(own.clone().opaque()),
        (None, Some(NodeKind::Text(own))) => Truth::from(name.as_text() == Some(own)),
        (None, Some(_)) => Truth::False,
    }
}

fn is_answered(unknown: &Unknown) -> bool {
    unknown.symbol().is_some_and(|symbol| symbol.attributes().any(|attribute| attribute.owner.contains(ANSWERS)))
}

/// Whether an ARN that is written out may be that of a managed policy: it ends in the name of the policy, and is none of the
/// policies of AWS.
fn is_arn_of(arn: &Node, policy: &Record) -> Truth {
    let name = own_name(policy);
    // A name that deployment makes up is one that nobody else can write.
    let ends = |ends_with: &dyn Fn(&str) -> Option<bool>| match name {
        Some(NodeKind::Text(name)) => ends_with(&format!("/{name}")) != Some(false),
        other => other.is_some(),
    };
    let own = Shape::of("AWS::IAM::ManagedPolicy", "arn").glyphs();
    match &arn.kind {
        NodeKind::Text(text) => {
            let letters: Vec<Glyph> = text.chars().map(Glyph::Letter).collect();
            let may_be = ends(&|end| Some(text.ends_with(end))) && glyphs_match(&own, &letters) != Some(false);
            let why = || format!("{} may be given to it", policy.address.as_deref().unwrap_or("the policy"));
            if may_be { Truth::Unknown(Unknown::new(Reason::Undecided, why())) } else { Truth::False }
        }
        NodeKind::Unknown(unknown) => {
            let may_be = unknown.symbol().is_none_or(|symbol| {
                let open = symbol.alone().is_some_and(|attribute| attribute.shape == Shape::ANY);
                open || (ends(&|end| symbol.ends_with(end)) && symbol.matches(&own) != Some(false))
            });
            if may_be { Truth::Unknown(unknown.clone().opaque()) } else { Truth::False }
        }
        _ => Truth::False,
    }
}

/// The name that the template gives a resource.
fn own_name(record: &Record) -> Option<&NodeKind> {
    let property = match &*record.resource_type {
        "AWS::IAM::ManagedPolicy" => "ManagedPolicyName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::IAM::User" => "UserName",
        _ => "GroupName",
    };
    record.property(property).map(|node| &node.kind).filter(|kind| !matches!(kind, NodeKind::Null))
}

fn same(a: &Unknown, b: &Unknown) -> bool {
    a.symbol().zip(b.symbol()).is_some_and(|(a, b)| a.equals(b) == Some(true))
}

/// Whether what adds exists where the other does.
fn exists(giver: &Record, record: &Record) -> Truth {
    match (&giver.existence, &record.existence) {
        (None, _) => Truth::True,
        // Both hang on the same condition; its name tells it from others of which the same is said.
        (Some(giver), Some(record)) if same(giver, record) => Truth::True,
        (Some(giver), _) => Truth::Unknown(giver.clone().opaque()),
    }
}

fn element(giver: &Record, element: &Element) -> Node {
    let unknown = || NodeKind::Unknown(Unknown::new(Reason::Undecided, "known after deployment"));
    match element {
        Element::Properties(without) => {
            let kept = giver.properties.iter().filter(|(name, _)| !without.contains(&&**name));
            Node::new(giver.span, NodeKind::Map(kept.cloned().collect()))
        }
        Element::Property(name) => giver.property(name).cloned().unwrap_or_else(|| Node::new(giver.span, unknown())),
        Element::Arn => match (&giver.arn, &giver.id) {
            (Some(arn), _) | (None, Some(arn)) => arn.clone(),
            (None, None) => own_attribute(giver, |owner, ty| Attribute::arn(owner, &ty.name)),
        },
        Element::Name => match &giver.id {
            Some(name) => name.clone(),
            None => own_attribute(giver, Attribute::id),
        },
    }
}

/// What stands for an attribute that nobody knows yet.
fn own_attribute(giver: &Record, attribute: impl Fn(&Arc<str>, &ResourceType) -> Attribute) -> Node {
    let unknown = Unknown::new(Reason::Undecided, "known after deployment");
    let ty = Schema::embedded().resource_type(&giver.resource_type);
    let unknown = match giver.owner.as_ref().zip(ty) {
        Some((owner, ty)) => unknown.standing_for(Symbol::attribute(attribute(owner, ty))),
        None => unknown,
    };
    Node::new(giver.span, NodeKind::Unknown(unknown))
}

/// Appends to a list of a record. A group that says nothing of egress allows all of it: what a rule of its own leaves of
/// that is not documented.
fn add(record: &mut Record, list: &str, element: Node) {
    let span = element.span;
    match record.properties.iter_mut().find(|(name, _)| **name == *list).map(|(_, node)| &mut node.kind) {
        Some(NodeKind::List(elements)) => elements.push(element),
        Some(NodeKind::Unknown(_)) => {}
        Some(kind @ NodeKind::Map(_)) => {
            let first = Node::new(span, std::mem::replace(kind, NodeKind::Null));
            *kind = NodeKind::List(vec![first, element]);
        }
        Some(kind) if !matches!(kind, NodeKind::Null) => {}
        _ if list == "SecurityGroupEgress" => {
            let why = Unknown::new(
                Reason::Undecided,
                "whether rules of their own replace the one that allows all is not known",
            );
            doubt(record, list, &why);
        }
        _ => set(record, list, Node::new(span, NodeKind::List(vec![element]))),
    }
}

/// The lists of a type that resources of their own add to.
pub(crate) fn lists(resource_type: &str) -> impl Iterator<Item = &'static str> {
    PARTS.iter().filter(move |part| *resource_type == *part.owner).map(|part| part.list)
}

/// Nobody knows whether the list has more elements.
fn doubt(record: &mut Record, list: &str, why: &Unknown) {
    let more = Node::new(record.span, NodeKind::Unknown(why.clone().perhaps()));
    match record.properties.iter_mut().find(|(name, _)| **name == *list).map(|(_, node)| &mut node.kind) {
        // Whatever else there may be is said once for each cause; the last few are looked at.
        Some(NodeKind::List(elements)) if elements.iter().rev().take(16).any(|other| is_same_doubt(other, why)) => {}
        Some(NodeKind::List(elements)) => elements.push(more),
        Some(NodeKind::Unknown(_)) => {}
        // Absent, it is not empty.
        _ if list == "SecurityGroupEgress" => set(record, list, Node::new(record.span, NodeKind::Unknown(why.clone()))),
        _ => set(record, list, Node::new(record.span, NodeKind::List(vec![more]))),
    }
}

fn is_same_doubt(element: &Node, why: &Unknown) -> bool {
    matches!(&element.kind, NodeKind::Unknown(unknown) if unknown.is_perhaps() && unknown.causes() == why.causes())
}

/// Resources may exist that nobody sees, and add to those that are seen.
pub(crate) fn leave_open(records: &mut [Record], why: &Unknown) {
    for record in records {
        let mut lists: Vec<&str> = lists(&record.resource_type).collect();
        lists.dedup();
        lists.into_iter().for_each(|list| doubt(record, list, why));
    }
}

fn set(record: &mut Record, list: &str, node: Node) {
    match record.properties.iter_mut().find(|(name, _)| **name == *list) {
        Some((_, before)) => *before = node,
        None => record.properties.push((Name::from(list), node)),
    }
}
