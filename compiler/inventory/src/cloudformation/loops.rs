//! `Fn::ForEach`: loops, written out before anything else is read.
//!
//! `"Fn::ForEach::Name": [variable, collection, {key: value}]` stands among members of a map and brings its own ones
//! for each element. The variable is put in wherever the fragment says `${variable}`, `&{variable}` (letters and digits
//! alone) or `{"Ref": "variable"}`. A collection that nobody knows leaves what the loop brings unknown.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Name, Node, NodeKind, Schema};

use super::macros::CALL;
use super::nested::Nesting;
use super::parameters::Parameters;
use super::stack::{Stack, later};
use super::template::{Doubt, Template};
use super::texts::scalar;
use super::values::Values;

/// How deep loops nest, as in CloudFormation.
const MOST_DEPTH: usize = 5;

/// The most values that loops of one template make.
const MOST_VALUES: usize = 500_000;

/// The tree with its loops written out.
pub(crate) fn written_out(
    nesting: &Nesting<'_>,
    schema: &Schema,
    document: &Arc<Document>,
    given: &Parameters,
    doubts: &mut Vec<Doubt>,
) -> Node {
    if !has_loop(&document.tree) {
        return document.tree.clone();
    }
    // Collections lean on parameters and mappings alone.
    let bare = Template::of(document.clone(), &without_resources(&document.tree), Vec::new(), Vec::new());
    let values = Values::of(&bare, given, &nesting.place, nesting.deployment());
    let mut writer = Writer { nesting, schema, template: &bare, values: &values, left: MOST_VALUES, doubts };
    let NodeKind::Map(sections) = &document.tree.kind else { return document.tree.clone() };
    let section = |(name, node): &(Name, Node)| match &node.kind {
        NodeKind::Map(members) => (name.clone(), Node::new(node.span, NodeKind::Map(writer.members(members, 0).0))),
        _ => (name.clone(), node.clone()),
    };
    Node::new(document.tree.span, NodeKind::Map(sections.iter().map(section).collect()))
}

fn has_loop(node: &Node) -> bool {
    match &node.kind {
        NodeKind::List(elements) => elements.iter().any(has_loop),
        NodeKind::Map(members) => members.iter().any(|(key, node)| is_loop(key) || has_loop(node)),
        _ => false,
    }
}

/// Whether a member is a loop; what is left of one stands for what it brings.
pub(crate) fn is_loop(key: &str) -> bool {
    key.starts_with("Fn::ForEach::")
}

fn without_resources(tree: &Node) -> Node {
    let kept = |(key, _): &&(Name, Node)| matches!(&**key, "Mappings" | "Parameters" | "Transform" | CALL);
    match &tree.kind {
        NodeKind::Map(members) => Node::new(tree.span, NodeKind::Map(members.iter().filter(kept).cloned().collect())),
        _ => tree.clone(),
    }
}

struct Writer<'w> {
    nesting: &'w Nesting<'w>,
    schema: &'w Schema,
    template: &'w Template,
    values: &'w Values,
    left: usize,
    doubts: &'w mut Vec<Doubt>,
}

impl Writer<'_> {
    fn node(&mut self, node: &Node, depth: usize) -> Node {
        self.left = self.left.saturating_sub(1);
        let kind = match &node.kind {
            NodeKind::List(elements) => {
                NodeKind::List(elements.iter().map(|element| self.node(element, depth)).collect())
            }
            NodeKind::Map(members) => return self.map(node.span, members, depth),
            other => other.clone(),
        };
        Node::new(node.span, kind)
    }

    fn map(&mut self, span: Span, members: &[(Name, Node)], depth: usize) -> Node {
        match self.members(members, depth) {
            (written, None) => Node::new(span, NodeKind::Map(written)),
            (_, Some(why)) => later(span, why),
        }
    }

    /// The members of a map, and why they are not all of them.
    fn members(&mut self, members: &[(Name, Node)], depth: usize) -> (Vec<(Name, Node)>, Option<String>) {
        let mut written: Vec<(Name, Node)> = Vec::with_capacity(members.len());
        let mut missing = None;
        for (key, node) in members {
            if !is_loop(key) {
                let node = self.node(node, depth);
                written.push((key.clone(), node));
                continue;
            }
            match self.once_each(node, depth) {
                Ok(brought) => written.extend(brought),
                Err((why, error)) => {
                    let reason = format!("loop `{key}` is not written out: {why}");
                    self.doubts.push(Doubt { span: node.span, reason: reason.clone(), error, hides: true });
                    written.push((key.clone(), later(node.span, reason.clone())));
                    missing = Some(reason);
                }
            }
        }
        (written, missing)
    }

    /// The members that a loop brings; `Err` with whether the template is wrong.
    fn once_each(&mut self, node: &Node, depth: usize) -> Result<Vec<(Name, Node)>, (String, bool)> {
        let wrong = |why: &str| Err((why.to_owned(), true));
        let Some([variable, collection, fragment]) = node.as_list() else {
            return wrong("it takes a variable, a collection and a map");
        };
        let (Some(variable), NodeKind::Map(fragment)) = (variable.as_text(), &fragment.kind) else {
            return wrong("it takes a variable, a collection and a map");
        };
        if depth >= MOST_DEPTH {
            return wrong("loops nest deeper than five");
        }
        let elements = self.elements(collection)?;
        let mut brought = Vec::new();
        for element in elements {
            for (key, value) in fragment {
                if self.left == 0 {
                    return wrong("loops make more than 500000 values");
                }
                let key: Name = put_in(key, variable, &element).into();
                let value = put_in_node(value, variable, &element, &mut self.left);
                if is_loop(&key) {
                    brought.extend(self.once_each(&value, depth + 1)?);
                } else {
                    let value = self.node(&value, depth + 1);
                    brought.push((key, value));
                }
            }
        }
        Ok(brought)
    }

    fn elements(&self, collection: &Node) -> Result<Vec<String>, (String, bool)> {
        let mut stack = Stack::new(self.schema, self.template, self.values, &self.nesting.place, self.nesting);
        let list = stack.value(collection);
        let elements = match &list.kind {
            NodeKind::List(elements) => elements,
            NodeKind::Unknown(_) => std::slice::from_ref(&list),
            _ => return Err(("its collection is not a list".to_owned(), true)),
        };
        let mut texts = Vec::new();
        for element in elements {
            let inner = match &element.kind {
                // A list parameter among the elements brings its own.
                NodeKind::List(inner) => inner.as_slice(),
                _ => std::slice::from_ref(element),
            };
            for node in inner {
                texts.push(text(node)?);
            }
        }
        Ok(texts)
    }
}

/// An element of a collection.
fn text(node: &Node) -> Result<String, (String, bool)> {
    match &node.kind {
        NodeKind::Unknown(unknown) => Err((format!("its collection is not known: {}", unknown.why()), false)),
        kind => scalar(kind).ok_or(("an element is not a text".to_owned(), true)),
    }
}

/// The longest text that putting in an element may make; what is longer uses up all that is left.
const MOST_TEXT: usize = 64 << 10;

fn put_in_node(node: &Node, variable: &str, element: &str, left: &mut usize) -> Node {
    *left = left.saturating_sub(1);
    let kind = match &node.kind {
        NodeKind::Text(text) if text.len().saturating_mul(element.len()) > MOST_TEXT * 64 => {
            *left = 0;
            node.kind.clone()
        }
        NodeKind::Text(text) => NodeKind::Text(put_in(text, variable, element).into()),
        NodeKind::List(elements) => {
            NodeKind::List(elements.iter().map(|node| put_in_node(node, variable, element, left)).collect())
        }
        NodeKind::Map(members) => match members.as_slice() {
            [(key, name)] if &**key == "Ref" && name.as_text() == Some(variable) => NodeKind::Text(element.into()),
            _ => {
                let put = |(key, node): &(Name, Node)| {
                    (put_in(key, variable, element).into(), put_in_node(node, variable, element, left))
                };
                NodeKind::Map(members.iter().map(put).collect())
            }
        },
        other => other.clone(),
    };
    Node::new(node.span, kind)
}

fn put_in(text: &str, variable: &str, element: &str) -> String {
    if !text.contains(['$', '&']) {
        return text.to_owned();
    }
    let plain: String = element.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{variable}}}"), element).replace(&format!("&{{{variable}}}"), &plain)
}
