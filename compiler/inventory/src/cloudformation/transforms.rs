//! The macros that a template is put through.
//!
//! SAM and the language extensions are written out here. What others make is not known: one of AWS's own adds resources
//! that nobody sees, and a macro of somebody's own may change every value.

use parapet_model::{Node, NodeKind, Unknown};

use super::resolve::undecided;
use super::template::Doubt;

/// What the `Transform` section asks for.
#[derive(Default)]
pub(crate) struct Transforms {
    pub(crate) serverless: bool,
    /// Why no value is what the template says.
    pub(crate) blank: Option<Unknown>,
}

impl Transforms {
    pub(crate) fn of(tree: &Node, doubts: &mut Vec<Doubt>) -> Transforms {
        let mut transforms = Transforms::default();
        let Some(section) = tree.get("Transform") else { return transforms };
        match &section.kind {
            NodeKind::List(elements) => elements.iter().for_each(|element| transforms.add(element, doubts)),
            _ => transforms.add(section, doubts),
        }
        transforms
    }

    fn add(&mut self, node: &Node, doubts: &mut Vec<Doubt>) {
        let name = node.as_text().or_else(|| node.get("Name").and_then(Node::as_text));
        match name {
            _ if node.is_null() => {}
            Some("AWS::Serverless-2016-10-31") => self.serverless = true,
            Some("AWS::LanguageExtensions" | "AWS::CodeDeployBlueGreen") => {}
            Some(name) if name.starts_with("AWS::SecretsManager-") => {
                doubts.push(Doubt::hidden(node.span, format!("macro `{name}` adds resources that are not seen")));
            }
            name => {
                let name = name.unwrap_or("?");
                doubts.push(Doubt::hidden(node.span, format!("macro `{name}` may change every value of the template")));
                self.blank = Some(undecided(format!("macro `{name}` may change it")));
            }
        }
    }
}
