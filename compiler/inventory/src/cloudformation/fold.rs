//! What stands alone in templates, put where live inventories show it.
//!
//! A rule of a security group, a policy of a role or a membership may be a resource of its own. The group, role or user
//! then shows it, too, so that a guardrail about them sees all that holds for them. The resource itself stays.

use std::sync::Arc;

use parapet_model::{
    Attribute, Name, Node, NodeKind, Reason, Record, ResourceType, Schema, Symbol, Truth, Unknown, is_dynamic,
};
use rustc_hash::{FxHashMap, FxHashSet};

use super::owners::{Owners, belongs, same};
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

/// How much may be looked at: names, resources that each may be of, for every 64 letters of the name, and values that they
/// are given.
const MOST_WORK: usize = 1_000_000;

/// What one resource gives to others by one part.
struct Gift {
    giver: usize,
    part: &'static Part,
    /// The names of those that it gives to.
    names: Vec<Node>,
}

/// Adds to each resource what others of the template give it. Returned is what they give to resources outside of it.
pub(crate) fn fold(records: &mut [Record]) -> Vec<Addition> {
    let mut owners: FxHashMap<&str, Owners> = FxHashMap::default();
    for part in &PARTS {
        owners.entry(part.owner).or_insert_with(|| Owners::of(records, part.owner));
    }
    let inside: FxHashSet<Arc<str>> = records.iter().filter_map(|record| record.owner.clone()).collect();
    let gifts: Vec<Gift> = records.iter().enumerate().flat_map(|(at, record)| gifts(at, record)).collect();
    let mut folding = Folding { records, inside, left: MOST_WORK, outside: Vec::new() };
    for gift in &gifts {
        owners.get(gift.part.owner).into_iter().for_each(|owners| folding.give(gift, owners));
    }
    let Folding { left, mut outside, .. } = folding;
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

/// Resources under way to what they show of others.
struct Folding<'r> {
    records: &'r mut [Record],
    /// What tells the resources of the template from all others.
    inside: FxHashSet<Arc<str>>,
    left: usize,
    outside: Vec<Addition>,
}

impl Folding<'_> {
    /// Gives to all that are named, as far as may still be looked at; the rest may be anybody.
    fn give(&mut self, gift: &Gift, owners: &Owners) {
        let Some(giver) = self.records.get(gift.giver) else { return };
        let given = Given {
            list: gift.part.list,
            element: element(giver, &gift.part.element),
            existence: giver.existence.clone(),
        };
        let work = values(&given.element);
        for name in &gift.names {
            self.left = self.left.saturating_sub(owners.work(name));
            if self.left == 0 {
                return self.outside.push(addition(self.records.get(gift.giver), gift.part, None));
            }
            let found = given.to(self.records, owners, name);
            self.left = self.left.saturating_sub(found.saturating_mul(work));
            let key = self.key_outside(name, found > 0);
            self.outside.extend(key.map(|key| addition(self.records.get(gift.giver), gift.part, key)));
        }
    }

    /// What names a resource outside of the template; `None` inside where it may be any.
    fn key_outside(&self, name: &Node, is_own: bool) -> Option<Option<Name>> {
        match &name.kind {
            NodeKind::Text(text) if is_dynamic(text) => Some(None),
            NodeKind::Text(text) => (!is_own).then(|| Some(text.clone())),
            NodeKind::Unknown(unknown) => {
                let alone = unknown.symbol().and_then(|symbol| symbol.alone());
                let of_template = alone.is_some_and(|attribute| self.inside.contains(&attribute.owner));
                (!of_template).then_some(None)
            }
            _ => None,
        }
    }
}

/// What is given to each of those that are named.
struct Given {
    list: &'static str,
    element: Node,
    existence: Option<Unknown>,
}

impl Given {
    /// Adds to those of the owners that a name is of; how many these are for sure.
    fn to(&self, records: &mut [Record], owners: &Owners, name: &Node) -> usize {
        let mut found = 0;
        for owner in owners.candidates(name).into_iter().flatten() {
            let Some(record) = records.get_mut(*owner) else { continue };
            let belongs = belongs(name, record);
            found += usize::from(belongs == Truth::True);
            match belongs.and(exists(self.existence.as_ref(), record)) {
                Truth::True => add(record, self.list, self.element.clone()),
                Truth::False => {}
                Truth::Unknown(why) => doubt(record, self.list, &why),
            }
        }
        found
    }
}

fn values(node: &Node) -> usize {
    match &node.kind {
        NodeKind::List(elements) => elements.iter().map(values).sum::<usize>() + 1,
        NodeKind::Map(members) => members.iter().map(|(_, node)| values(node)).sum::<usize>() + 1,
        _ => 1,
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

/// What a record adds to others.
fn gifts(at: usize, record: &Record) -> Vec<Gift> {
    let parts = PARTS.iter().filter(|part| *record.resource_type == *part.ty);
    let named = parts.filter_map(|part| Some((part, record.property(part.names)?)));
    let gift = |(part, names): (&'static Part, &Node)| {
        let names = match &names.kind {
            NodeKind::List(names) => names.clone(),
            NodeKind::Null => Vec::new(),
            _ => vec![names.clone()],
        };
        Gift { giver: at, part, names }
    };
    named.map(gift).collect()
}

/// Whether what adds exists where the other does.
fn exists(giver: Option<&Unknown>, record: &Record) -> Truth {
    match (giver, &record.existence) {
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
