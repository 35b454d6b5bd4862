//! The attributes of a planned resource: what is known, what is not known yet, and what is not to be shown.
//!
//! A plan has them apart: `after`, `after_unknown` and `after_sensitive` have the same shape. Here they become one
//! tree whose unknown parts say why, and stand for what the configuration says they refer to.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Attribute, Name, Node, NodeKind, Reason, Shape, Symbol, SymbolPart, Unknown};
use rustc_hash::FxHashSet;

use super::configuration::{Configuration, Here, Target, references};
use super::mapping::Mapping;
use super::secrets::{is_secret, is_true};
use super::source::unknown_at;

/// Not known before the resource is made.
pub(super) const LATER: &str = "known after apply";

/// Maps that a resource shows to whoever may read it, and whose keys its author chooses.
const READABLE: [&str; 2] = ["variables", "environment_variables"];

/// The parts of a plan about one resource.
pub(super) struct Planned<'p> {
    pub(super) after: &'p Node,
    pub(super) unknown: Option<&'p Node>,
    pub(super) sensitive: Option<&'p Node>,
    pub(super) expressions: Option<&'p Node>,
}

/// See the module.
pub(super) struct Merging<'m> {
    configuration: Option<(&'m Configuration<'m>, Here<'m>)>,
    /// The resource: [`parapet_model::Record::owner`].
    owner: Arc<str>,
    /// Whether a value is for whoever may read the resource, wherever it comes from. Of other secrets a plan does not tell
    /// whether somebody wrote them down, or whether they are read from where they are kept.
    readable: bool,
}

impl<'m> Merging<'m> {
    /// What a configuration says of a resource, as far as there is one.
    pub(super) fn new(configuration: Option<(&'m Configuration<'m>, Here<'m>)>, owner: impl Into<Arc<str>>) -> Self {
        Merging { configuration, owner: owner.into(), readable: false }
    }

    /// The attributes of a resource of this type as one tree: always a map.
    pub(super) fn merged(&self, ty: &Name, planned: &Planned<'_>) -> Node {
        let mut merged = self.value(planned.after, planned.unknown, planned.sensitive, planned.expressions);
        if !matches!(merged.kind, NodeKind::Map(_)) {
            // None of its attributes is known, and none is absent.
            let unknown = match merged.kind {
                NodeKind::Unknown(_) => merged.clone(),
                _ => unknown_at(merged.span, LATER),
            };
            let attribute = |name: Name| (name, unknown.clone());
            let names = Mapping::get().all_attributes(ty);
            return Node::new(merged.span, NodeKind::Map(names.into_iter().map(attribute).collect()));
        }
        settle_written(&mut merged, planned.expressions);
        merged
    }

    fn value(&self, after: &Node, unknown: Option<&Node>, sensitive: Option<&Node>, expression: Option<&Node>) -> Node {
        if is_true(sensitive) && !after.is_null() {
            return self.hidden(after);
        }
        if is_true(unknown) {
            return self.later(unknown.map_or(after.span, |node| node.span), expression);
        }
        match (&after.kind, unknown.map(|node| &node.kind)) {
            (NodeKind::Map(_), _) | (NodeKind::Null, Some(NodeKind::Map(_))) if has_members(after, unknown) => {
                self.members(after, unknown, sensitive, expression)
            }
            (NodeKind::List(elements), _) => self.elements((after, elements), unknown, sensitive, expression),
            (NodeKind::Null, Some(NodeKind::List(flags))) if flags.iter().any(has_true) => {
                self.elements((after, &[]), unknown, sensitive, expression)
            }
            _ => after.clone(),
        }
    }

    fn members(
        &self,
        after: &Node,
        unknown: Option<&Node>,
        sensitive: Option<&Node>,
        expression: Option<&Node>,
    ) -> Node {
        let null = Node::new(after.span, NodeKind::Null);
        let mut names: Vec<&Name> = Vec::new();
        let mut seen: FxHashSet<&Name> = FxHashSet::default();
        for node in [Some(after), unknown].into_iter().flatten() {
            if let NodeKind::Map(members) = &node.kind {
                names.extend(members.iter().map(|(name, _)| name).filter(|name| seen.insert(name)));
            }
        }
        let mut merged: Vec<(Name, Node)> = Vec::with_capacity(names.len());
        for name in names {
            let child = |node: Option<&'_ Node>| node.and_then(|node| node.get(name)).cloned();
            let (flag, mark) = (child(unknown), child(sensitive));
            let own = after.get(name).unwrap_or(&null);
            let node = match is_secret(name, own) {
                true => self.hidden(own),
                false => self.within(name, own).value(own, flag.as_ref(), mark.as_ref(), inner(expression, name)),
            };
            merged.push((name.clone(), node));
        }
        Node::new(after.span, NodeKind::Map(merged))
    }

    /// The same for the value of an attribute.
    fn within(&self, name: &str, value: &Node) -> Merging<'m> {
        let readable = self.readable || READABLE.contains(&name) && matches!(value.kind, NodeKind::Map(_));
        Merging { configuration: self.configuration, owner: self.owner.clone(), readable }
    }

    /// A value that nobody is to see. Of a text that a resource shows is known whether it is a secret itself, or says where one is.
    fn hidden(&self, node: &Node) -> Node {
        let shape = match node.as_text().filter(|_| self.readable) {
            Some("") => return node.clone(),
            Some(text) if text.contains(['{', '}']) => return hide(node),
            Some(text) if is_arn(text) => Shape::ARN,
            Some(text) if text.contains(':') => return hide(node),
            Some(_) => Shape::WORD,
            None => return hide(node),
        };
        let attribute = Attribute::other(&self.owner, format!("#{}", node.span.start)).shaped(shape);
        let unknown = Unknown::new(Reason::Undecided, HIDDEN).standing_for(Symbol::attribute(attribute));
        Node::new(node.span, NodeKind::Unknown(unknown))
    }

    fn elements(
        &self,
        (after, elements): (&Node, &[Node]),
        unknown: Option<&Node>,
        sensitive: Option<&Node>,
        expression: Option<&Node>,
    ) -> Node {
        let flags = unknown.and_then(Node::as_list).unwrap_or_default();
        let marks = sensitive.and_then(Node::as_list).unwrap_or_default();
        let blocks = expression.and_then(Node::as_list).unwrap_or_default();
        let null = Node::new(after.span, NodeKind::Null);
        let count = elements.len().max(flags.len());
        let mut merged = Vec::with_capacity(count);
        for at in 0..count {
            let own = elements.get(at).unwrap_or(&null);
            // Blocks of the configuration pair off only where there are as many.
            let expression = match (blocks.is_empty(), blocks.len() == count) {
                (true, _) => expression.filter(|node| !matches!(node.kind, NodeKind::List(_))),
                (false, true) => blocks.get(at),
                (false, false) => None,
            };
            merged.push(self.value(own, flags.get(at), marks.get(at), expression));
        }
        tell_apart(&mut merged);
        Node::new(after.span, NodeKind::List(merged))
    }

    /// What is not known yet, with what it stands for.
    fn later(&self, span: Span, expression: Option<&Node>) -> Node {
        let Some(expression) = expression else { return unknown_at(span, LATER) };
        if is_blocks(expression) {
            return self.blocks(span, expression);
        }
        let targets = self.configuration.and_then(|(configuration, here)| configuration.targets(here, expression));
        let targets = targets.unwrap_or_default();
        if let [Target::Policy(document)] = targets.as_slice() {
            return Node::new(span, document.kind.clone());
        }
        let attribute = |target: &Target| match target {
            Target::Attribute(attribute) => Some(SymbolPart::Attribute(attribute.clone())),
            Target::Policy(_) => None,
        };
        let parts: Option<Vec<SymbolPart>> = targets.iter().map(attribute).collect();
        let unknown = Unknown::new(Reason::Undecided, LATER);
        let unknown = match parts {
            Some(parts) if !parts.is_empty() => unknown.standing_for(Symbol::of(parts)),
            _ => unknown,
        };
        Node::new(span, NodeKind::Unknown(unknown))
    }

    /// Blocks as the configuration has them; `dynamic` ones leave no trace there.
    fn blocks(&self, span: Span, expression: &Node) -> Node {
        let mut elements: Vec<Node> = match &expression.kind {
            NodeKind::List(blocks) => blocks.iter().map(|block| self.block(block)).collect(),
            _ => vec![self.block(expression)],
        };
        elements.push(Node::new(span, NodeKind::Unknown(Unknown::new(Reason::Undecided, LATER).perhaps())));
        Node::new(span, NodeKind::List(elements))
    }

    fn block(&self, block: &Node) -> Node {
        if let Some(constant) = block.get("constant_value") {
            return constant.clone();
        }
        match &block.kind {
            NodeKind::Map(members) if !members.is_empty() && references(block).is_empty() => {
                let members = members.iter().map(|(name, node)| {
                    let value = if is_blocks(node) { self.blocks(node.span, node) } else { self.block(node) };
                    (name.clone(), value)
                });
                Node::new(block.span, NodeKind::Map(members.collect()))
            }
            _ => self.later(block.span, Some(block)),
        }
    }
}

fn is_arn(text: &str) -> bool {
    let partition = text.strip_prefix("arn:aws").and_then(|rest| rest.split_once(':')).map(|(partition, _)| partition);
    partition.is_some_and(|partition| partition.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'))
}

const HIDDEN: &str = "sensitive: Terraform does not show it";

fn hide(node: &Node) -> Node {
    unknown_at(node.span, HIDDEN)
}

/// Arguments that are only written, such as `password_wo`, are null in every plan and state. There is a value that nobody
/// sees where the configuration gives one, or where its version is there.
fn settle_written(tree: &mut Node, expressions: Option<&Node>) {
    let NodeKind::Map(members) = &mut tree.kind else { return };
    let is_given = |name: &Name| expressions.is_some_and(|given| given.get(name).is_some());
    let versions: Vec<Name> =
        members.iter().filter(|(_, node)| !node.is_null()).filter_map(|(name, _)| written(name)).collect();
    for (name, node) in members.iter_mut().filter(|(name, node)| name.ends_with("_wo") && node.is_null()) {
        if is_given(name) || versions.contains(name) {
            let unknown = Unknown::new(Reason::NotObservable, format!("Terraform never shows `{name}`"));
            node.kind = NodeKind::Unknown(unknown);
        }
    }
}

/// `password_wo` of `password_wo_version`.
fn written(version: &Name) -> Option<Name> {
    version.strip_suffix("_version").filter(|name| name.ends_with("_wo")).map(Name::from)
}

/// Of as many unknown elements as there are references, each is one of them.
fn tell_apart(elements: &mut [Node]) {
    let symbol = elements.iter().find_map(|node| match &node.kind {
        NodeKind::Unknown(unknown) => unknown.symbol().cloned(),
        _ => None,
    });
    let Some(symbol) = symbol else { return };
    let open: Vec<&mut Node> = elements.iter_mut().filter(|node| matches!(node.kind, NodeKind::Unknown(_))).collect();
    if open.len() < 2 || open.len() != symbol.parts().len() {
        return;
    }
    for (node, part) in open.into_iter().zip(symbol.parts()) {
        let unknown = Unknown::new(Reason::Undecided, LATER).standing_for(Symbol::of([part.clone()]));
        *node = Node::new(node.span, NodeKind::Unknown(unknown));
    }
}

fn has_true(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Bool(value) => *value,
        NodeKind::List(elements) => elements.iter().any(has_true),
        NodeKind::Map(members) => members.iter().any(|(_, node)| has_true(node)),
        _ => false,
    }
}

/// An object, or one of which only the unknown parts are there.
fn has_members(after: &Node, unknown: Option<&Node>) -> bool {
    !after.is_null() || unknown.is_some_and(has_true)
}

/// Nested blocks, and no expression.
fn is_blocks(expression: &Node) -> bool {
    matches!(&expression.kind, NodeKind::List(_))
}

/// The expression of an attribute of a block.
fn inner<'n>(expression: Option<&'n Node>, name: &str) -> Option<&'n Node> {
    let expression = expression?;
    if !references(expression).is_empty() || expression.get("constant_value").is_some() {
        return None;
    }
    expression.get(name)
}
