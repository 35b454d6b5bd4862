//! Whose name a name is: the resources of a template that something else of it may belong to.
//!
//! A name that is written out, and a reference to a resource, are looked up. What else may be the name of anything is
//! compared with each.

use std::sync::Arc;

use parapet_model::{Glyph, Name, Node, NodeKind, Reason, Record, Shape, Truth, Unknown, glyphs_match, is_dynamic};
use rustc_hash::FxHashMap;

use super::elsewhere;
use super::resolve::dynamic_unknown;

/// The records of one type, by what names them.
#[derive(Default)]
pub(super) struct Owners {
    all: Vec<usize>,
    by_owner: FxHashMap<Arc<str>, Vec<usize>>,
    /// By the only text that is their name.
    by_text: FxHashMap<Name, Vec<usize>>,
    /// Managed policies by the end of their ARN, of which no more is known.
    by_end: FxHashMap<Name, Vec<usize>>,
    /// Those that a text may name of which the template does not say it.
    open: Vec<usize>,
    /// The letters of all their names.
    letters: usize,
}

impl Owners {
    pub(super) fn of(records: &[Record], ty: &str) -> Owners {
        let mut owners = Owners::default();
        for (at, record) in records.iter().enumerate().filter(|(_, record)| *record.resource_type == *ty) {
            owners.add(at, record);
        }
        owners
    }

    fn add(&mut self, at: usize, record: &Record) {
        self.all.push(at);
        if let Some(owner) = &record.owner {
            self.by_owner.entry(owner.clone()).or_default().push(at);
        }
        let own = own_name(record);
        if let Some(NodeKind::Text(name)) = own {
            self.letters += name.len();
        }
        match (&record.id, own) {
            (Some(id), _) => {
                self.by_text.entry(id.as_text().unwrap_or_default().into()).or_default().push(at);
            }
            (None, Some(NodeKind::Text(name))) if is_policy(record) => {
                self.by_end.entry(last(name).into()).or_default().push(at);
            }
            (None, Some(NodeKind::Text(name))) => self.by_text.entry(name.clone()).or_default().push(at),
            (None, Some(_)) => self.open.push(at),
            (None, None) => {}
        }
    }

    /// Those that a name may be of; it belongs to no other.
    pub(super) fn candidates(&self, name: &Node) -> [&[usize]; 3] {
        match &name.kind {
            NodeKind::Text(text) if is_dynamic(text) => [&self.all, &[], &[]],
            NodeKind::Text(text) => [found(&self.by_text, text), found(&self.by_end, last(text)), &self.open],
            NodeKind::Unknown(unknown) => match resource_meant(unknown) {
                Some(owner) => [self.by_owner.get(owner).map_or(&[], Vec::as_slice), &[], &[]],
                None => [&self.all, &[], &[]],
            },
            _ => [&[], &[], &[]],
        }
    }

    /// How much it is to compare a name with them.
    pub(super) fn work(&self, name: &Node) -> usize {
        let pairs: usize = self.candidates(name).map(<[usize]>::len).into_iter().sum();
        let each = 1 + letters(name) / 64;
        // A text with unknown parts is compared letter by letter.
        let own =
            if matches!(name.kind, NodeKind::Unknown(_)) && pairs == self.all.len() { self.letters / 64 } else { 0 };
        pairs.saturating_add(own).saturating_mul(each).saturating_add(1)
    }
}

fn found<'o>(by: &'o FxHashMap<Name, Vec<usize>>, text: &str) -> &'o [usize] {
    by.get(text).map_or(&[], Vec::as_slice)
}

/// What follows the last slash.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How long a name is, as far as it is known.
fn letters(name: &Node) -> usize {
    match &name.kind {
        NodeKind::Text(text) => text.len(),
        NodeKind::Unknown(unknown) => unknown.symbol().map_or(0, |symbol| symbol.literals().map(str::len).sum()),
        _ => 0,
    }
}

/// The resource that a name is an attribute of.
fn resource_meant(unknown: &Unknown) -> Option<&Arc<str>> {
    let owner = &unknown.symbol()?.alone()?.owner;
    elsewhere::is_resource(owner).then_some(owner)
}

fn is_policy(record: &Record) -> bool {
    *record.resource_type == *"AWS::IAM::ManagedPolicy"
}

/// Whether a name is that of a record.
pub(super) fn belongs(name: &Node, record: &Record) -> Truth {
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
    // What a function answers, and what deployment reads elsewhere, may be the name of anything.
    if let Some(answer) = unknown.filter(|unknown| is_answered(unknown) || is_read_elsewhere(unknown)) {
        return Truth::Unknown(answer.clone().opaque());
    }
    match alone.map(|attribute| &attribute.owner) {
        Some(owner) if record.owner.as_ref() == Some(owner) => return Truth::True,
        // Of another resource.
        Some(owner) if elsewhere::is_resource(owner) => return Truth::False,
        _ => {}
    }
    if is_policy(record) {
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
    unknown.symbol().is_some_and(|symbol| symbol.attributes().any(|attribute| elsewhere::is_answer(&attribute.owner)))
}

fn is_read_elsewhere(unknown: &Unknown) -> bool {
    unknown.symbol().is_some_and(|symbol| symbol.is_replaced())
}

/// Whether an ARN that is written out may be that of a managed policy: it ends in the name of the policy, and is none of the
/// policies of AWS.
fn is_arn_of(arn: &Node, policy: &Record) -> Truth {
    let name = own_name(policy);
    // A name that deployment makes up is one that nobody else can write.
    let ends = |ends_with: &dyn Fn(&str) -> Option<bool>| match name {
        Some(NodeKind::Text(name)) => ends_with(name) != Some(false),
        other => other.is_some(),
    };
    let own = Shape::of("AWS::IAM::ManagedPolicy", "arn").glyphs();
    match &arn.kind {
        NodeKind::Text(text) => {
            let letters: Vec<Glyph> = text.chars().map(Glyph::Letter).collect();
            let may_be = ends(&|name| Some(text.strip_suffix(name).is_some_and(|path| path.ends_with('/'))))
                && glyphs_match(&own, &letters) != Some(false);
            let why = || format!("{} may be given to it", policy.address.as_deref().unwrap_or("the policy"));
            if may_be { Truth::Unknown(Unknown::new(Reason::Undecided, why())) } else { Truth::False }
        }
        NodeKind::Unknown(unknown) => {
            let may_be = unknown.symbol().is_none_or(|symbol| {
                let open = symbol.alone().is_some_and(|attribute| attribute.shape == Shape::ANY);
                open || (ends(&|name| symbol.ends_with(&format!("/{name}"))) && symbol.matches(&own) != Some(false))
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

pub(super) fn same(a: &Unknown, b: &Unknown) -> bool {
    a.symbol().zip(b.symbol()).is_some_and(|(a, b)| a.equals(b) == Some(true))
}
