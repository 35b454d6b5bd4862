//! The macros that a template is put through, whole or in part.
//!
//! SAM and the language extensions are written out elsewhere. What others make is not known: one of AWS's own adds
//! resources that nobody sees, and a macro of somebody's own may change every value that it is handed. `Transform` hands it
//! the template; `Fn::Transform` among the members of a map hands it this map, and is here looked at where the map is a section
//! or a resource. `AWS::Include` puts members beside those that there are, and sections where it is handed the template.

use std::fmt;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind, Unknown};

use super::functions::members;
use super::loops::is_loop;
use super::resolve::undecided;
use super::template::Doubt;

/// The key by which a macro is called among members.
pub(crate) const CALL: &str = "Fn::Transform";

/// What the macros of a template leave of it.
#[derive(Default)]
pub(crate) struct Macros {
    pub(crate) serverless: bool,
    /// Why no value is what the template says.
    pub(crate) blank: Option<Unknown>,
    /// Why no condition is.
    pub(crate) conditions: Option<Unknown>,
    /// Why no output is.
    pub(crate) outputs: Option<Unknown>,
}

impl Macros {
    pub(crate) fn of(tree: &Node, doubts: &mut Vec<Doubt>) -> Macros {
        let mut macros = Macros::default();
        handed(tree).for_each(|called| macros.add(&called, doubts));
        for (section, node) in members(tree) {
            if let Some(called) = called_in(node) {
                macros.add_to(section, &called, doubts);
            }
        }
        macros
    }

    fn add(&mut self, called: &Called<'_>, doubts: &mut Vec<Doubt>) {
        match called.name {
            "AWS::Serverless-2016-10-31" => self.serverless = true,
            "AWS::LanguageExtensions" | "AWS::CodeDeployBlueGreen" => {}
            name if called.only_adds() || name.starts_with("AWS::SecretsManager-") => {
                doubts.push(called.doubt("adds resources that are not seen"));
            }
            _ => self.change_all(called, doubts),
        }
    }

    /// A macro that is called in a section.
    fn add_to(&mut self, section: &str, called: &Called<'_>, doubts: &mut Vec<Doubt>) {
        match section {
            "Resources" if called.only_adds() => {
                doubts.push(called.doubt("adds resources that are not seen"));
            }
            // Names that the section lacks are not known anyway; of kinds that `Globals` lack SAM sees to it.
            "Parameters" | "Conditions" | "Outputs" | "Globals" if called.only_adds() => {}
            "Resources" | "Parameters" | "Globals" => self.change_all(called, doubts),
            "Conditions" => self.conditions = Some(called.changes()),
            "Outputs" => self.outputs = Some(called.changes()),
            _ => {}
        }
    }

    fn change_all(&mut self, called: &Called<'_>, doubts: &mut Vec<Doubt>) {
        doubts.push(called.doubt("may change every value of the template"));
        self.blank = Some(called.changes());
    }
}

/// A macro that is called among the members of a map.
pub(crate) struct Called<'n> {
    name: &'n str,
    span: Span,
}

impl Called<'_> {
    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// It adds members, and leaves those that there are.
    pub(crate) fn only_adds(&self) -> bool {
        self.name == "AWS::Include"
    }

    /// What it does that is not seen.
    pub(crate) fn doubt(&self, does: impl fmt::Display) -> Doubt {
        Doubt::hidden(self.span, format!("{self} {does}"))
    }

    /// Why what it is handed is not what the template says.
    pub(crate) fn changes(&self) -> Unknown {
        undecided(format!("{self} may change it"))
    }
}

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "macro `{}`", self.name)
    }
}

/// The macros that are handed the whole template.
fn handed(tree: &Node) -> impl Iterator<Item = Called<'_>> {
    let calls = [tree.get("Transform"), tree.get(CALL)].into_iter().flatten();
    let each = calls.flat_map(|node| node.as_list().unwrap_or(std::slice::from_ref(node)));
    each.filter(|node| !node.is_null()).map(|node| {
        let name = node.as_text().or_else(|| node.get("Name").and_then(Node::as_text));
        Called { name: name.unwrap_or("?"), span: node.span }
    })
}

/// The macro that may add sections which the template lacks.
pub(crate) fn included(tree: &Node) -> Option<Called<'_>> {
    handed(tree).find(Called::only_adds)
}

/// The macro that is called among the members of a map.
pub(crate) fn called_in(node: &Node) -> Option<Called<'_>> {
    let call = node.get(CALL)?;
    let name = call.get("Name").and_then(Node::as_text).unwrap_or("?");
    Some(Called { name, span: call.span })
}

/// Mappings as far as macros and loops leave them, and what stands for others that these add.
pub(crate) fn mappings(tree: &Node, named: Vec<(Name, Node)>) -> (Vec<(Name, Node)>, Option<Node>) {
    let section = tree.get("Mappings");
    let around = section.and_then(called_in);
    let unknown = |node: &Node, called: &Called<'_>| Node::new(node.span, NodeKind::Unknown(called.changes()));
    let left = |(name, node): (Name, Node)| {
        let called = around.as_ref().filter(|called| !called.only_adds()).map(|called| unknown(&node, called));
        let node = called.or_else(|| open_part(&node)).unwrap_or(node);
        (name, node)
    };
    let adds = around.as_ref().zip(section).map(|(called, section)| unknown(section, called));
    let added = adds.or_else(|| included(tree).map(|called| unknown(tree, &called)));
    let looped = || members(section?).iter().find(|(key, _)| is_loop(key)).map(|(_, node)| node.clone());
    (named.into_iter().map(left).collect(), added.or_else(looped))
}

/// What in a mapping nobody knows.
fn open_part(node: &Node) -> Option<Node> {
    match &node.kind {
        NodeKind::Unknown(_) => Some(node.clone()),
        _ => called_in(node)
            .map(|called| Node::new(node.span, NodeKind::Unknown(called.changes())))
            .or_else(|| members(node).iter().find_map(|(_, node)| open_part(node))),
    }
}
