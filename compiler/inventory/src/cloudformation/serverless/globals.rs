//! `Globals`: what a template says of all resources of a kind.
//!
//! A resource takes over what it does not say itself. One with `IgnoreGlobals` takes over nothing (`"*"`), or nothing of the
//! properties that it lists ("Globals section of the AWS SAM template").

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};

use super::super::macros;
use super::make::{At, is_open, merged, unknown};

pub(super) struct Globals {
    said: Option<Node>,
    /// What stands for kinds of which something else than the template may say more.
    others: Option<Node>,
}

impl Globals {
    pub(super) fn of(tree: &Node) -> Globals {
        let said = tree.get("Globals").cloned();
        let why = "a function or macro decides what `Globals` say";
        let others = match &said {
            Some(said) => is_open(said).then(|| unknown(said.span, why)),
            None => macros::included(tree).map(|included| unknown(included.span(), why)),
        };
        Globals { said, others }
    }

    /// What they say of a kind.
    fn of_kind(&self, kind: &str) -> Option<&Node> {
        self.said.as_ref().and_then(|said| said.get(kind)).or(self.others.as_ref())
    }

    /// The properties of a resource that says none itself.
    pub(super) fn alone(&self, kind: &str, span: Span) -> Node {
        self.of_kind(kind).filter(|node| !node.is_null()).cloned().unwrap_or_else(|| At(span).map([]))
    }

    /// The properties of a resource, with what it takes over.
    pub(super) fn beside(&self, kind: &str, resource: &Node, own: Node) -> Node {
        match self.of_kind(kind).and_then(|global| taken_over(global, resource.get("IgnoreGlobals"))) {
            Some(global) if is_open(&global) => global,
            Some(global) => merged(&global, &own),
            None => own,
        }
    }
}

/// What a resource takes over that says this of `IgnoreGlobals`.
fn taken_over(global: &Node, ignored: Option<&Node>) -> Option<Node> {
    let Some(ignored) = ignored.filter(|ignored| !ignored.is_null()) else { return Some(global.clone()) };
    if ignored.as_text() == Some("*") {
        return None;
    }
    let names: Option<Vec<&str>> = ignored.as_list().and_then(|names| names.iter().map(Node::as_text).collect());
    match names {
        Some(names) => Some(without(global, &names)),
        None => Some(unknown(ignored.span, "which of `Globals` it ignores is not known")),
    }
}

fn without(global: &Node, names: &[&str]) -> Node {
    let NodeKind::Map(members) = &global.kind else { return global.clone() };
    if is_open(global) {
        return global.clone();
    }
    let kept: Vec<(Name, Node)> = members.iter().filter(|(name, _)| !names.contains(&&**name)).cloned().collect();
    Node::new(global.span, NodeKind::Map(kept))
}
