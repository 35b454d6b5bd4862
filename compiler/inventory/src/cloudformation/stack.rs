//! One template under evaluation: what its functions are computed from, and the bounds on that.

use std::rc::Rc;
use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Reason, Schema, Truth, Unknown};
use rustc_hash::FxHashMap;

use super::circles::{Certainty, Circles};
use super::conditions::MOST_IMPLIED;
use super::nested::{Finished, Nesting};
use super::template::Template;
use super::values::Values;

/// How much work the functions of one template may make, in nodes that are looked at.
const MOST_WORK: usize = 4_000_000;

/// How many references may lead from one to the next.
const MOST_CHAIN: usize = 40;

/// See the module. `'t` is the template's.
pub(crate) struct Stack<'t> {
    pub(crate) schema: &'t Schema,
    pub(crate) template: &'t Template,
    pub(crate) values: &'t Values,
    /// Tells its resources from all others of the run.
    pub(crate) place: &'t str,
    /// Where the files of nested stacks are.
    pub(crate) nesting: &'t Nesting<'t>,
    /// Nested stacks that were read.
    pub(crate) children: FxHashMap<Name, Rc<Finished>>,
    /// The truths of conditions that what is being read may count on.
    pub(crate) assumed: Vec<FxHashMap<Name, bool>>,
    /// Truths of conditions, under what is assumed now.
    pub(crate) truths: FxHashMap<Name, Truth>,
    /// Conditions that are being decided, and references that are being followed.
    pub(crate) deciding: Vec<Name>,
    pub(crate) following: Vec<(Name, Name)>,
    /// What leads back to itself.
    pub(crate) circles: Circles,
    /// Attributes that were computed, under what is assumed now.
    pub(crate) known: FxHashMap<(Name, Name), Option<Node>>,
    /// NoEcho values are as good as others: a condition is being decided.
    pub(crate) confidential: bool,
    /// What types that no schema knows are probably meant to be.
    pub(crate) meant: FxHashMap<Name, Option<Name>>,
    /// How many truths may still be concluded from others.
    pub(crate) may_imply: usize,
    work: usize,
}

/// What a node comes to.
pub(crate) enum Outcome {
    Value(Node),
    /// `AWS::NoValue`: nothing stands there.
    Nothing,
    /// A value or nothing.
    Perhaps(Unknown),
}

impl Outcome {
    /// The value of a member, which may be absent.
    pub(crate) fn member(self, span: Span) -> Option<Node> {
        match self {
            Outcome::Value(node) => Some(node),
            Outcome::Nothing => None,
            Outcome::Perhaps(unknown) => Some(Node::new(span, NodeKind::Unknown(unknown))),
        }
    }

    /// The value where one has to be: nothing is `null`.
    pub(crate) fn value(self, span: Span) -> Node {
        self.member(span).unwrap_or_else(|| Node::new(span, NodeKind::Null))
    }
}

/// A value that nobody knows yet.
pub(crate) fn later(span: Span, why: impl Into<Arc<str>>) -> Node {
    Node::new(span, NodeKind::Unknown(Unknown::new(Reason::Undecided, why)))
}

/// A value that the template does not say as it should.
pub(crate) fn unreadable(span: Span, why: impl Into<Arc<str>>) -> Node {
    Node::new(span, NodeKind::Unknown(Unknown::new(Reason::Unreadable, why)))
}

impl<'t> Stack<'t> {
    pub(crate) fn new(
        schema: &'t Schema,
        template: &'t Template,
        values: &'t Values,
        place: &'t str,
        nesting: &'t Nesting<'t>,
    ) -> Stack<'t> {
        Stack {
            schema,
            template,
            values,
            place,
            nesting,
            children: FxHashMap::default(),
            assumed: Vec::new(),
            truths: FxHashMap::default(),
            deciding: Vec::new(),
            following: Vec::new(),
            circles: Circles::default(),
            known: FxHashMap::default(),
            confidential: false,
            meant: FxHashMap::default(),
            may_imply: MOST_IMPLIED,
            work: 0,
        }
    }

    /// What tells a resource of the template from all others: [`parapet_model::Record::owner`].
    pub(crate) fn owner(&self, id: &str) -> Arc<str> {
        format!("{}{id}", self.place).into()
    }

    /// Counts work; `false` when there was too much of it.
    pub(crate) fn may_work(&mut self, nodes: usize) -> bool {
        self.work = self.work.saturating_add(nodes);
        self.work <= MOST_WORK
    }

    /// Whether a reference may be followed: it is not being followed already, and the chain is not too long. `span` is where
    /// it leads.
    pub(crate) fn may_follow(&mut self, id: &str, attribute: &str, span: Span) -> bool {
        let before = self.following.iter().position(|(other, name)| **other == *id && **name == *attribute);
        if let Some(circle) = before.and_then(|at| self.following.get(at..)) {
            let certainty = if self.assumed.is_empty() { Certainty::Sure } else { Certainty::Assumed };
            self.circles.of_attributes(circle, span, certainty);
        }
        before.is_none() && self.following.len() < MOST_CHAIN
    }
}
