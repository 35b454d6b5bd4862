//! Items to trees: what is not understood is told, and every place lies in the item.

use parapet_syntax::{parse, split};

use super::places::lie_in;
use super::{Behaviour, Target, Tried, hold};

/// See the module.
#[derive(Default)]
pub struct ParseItems;

impl Target for ParseItems {
    fn try_text(&mut self, text: &str) -> Tried {
        let mut behaviour = Behaviour::default();
        for item in split(text).items {
            let parsed = parse(&item);
            let told = || format!("{item:?}");
            hold(parsed.tree.is_some() || !parsed.errors.is_empty(), "an item without a tree has an error", told)?;
            hold(!parsed.partial || !parsed.errors.is_empty(), "what is left out of a tree is told", told)?;
            for error in &parsed.errors {
                lie_in(&item.text, error, &|_| None)?;
                behaviour.saw((item.keyword, error.code.code, template(&error.message)));
            }
            let Some(tree) = parsed.tree else { continue };
            let mut before = None;
            for expr in &tree.exprs {
                hold(item.text.get(expr.span.range()).is_some(), "an expression stands in its item", || {
                    format!("{expr:?}")
                })?;
                let kind = std::mem::discriminant(&expr.kind);
                behaviour.saw((before, kind, parsed.partial));
                before = Some(kind);
            }
            behaviour.saw((
                item.keyword,
                std::mem::discriminant(&tree.kind),
                tree.attributes.len().min(3),
                parsed.partial,
            ));
        }
        Ok(behaviour)
    }
}

/// A message without what it quotes.
pub(super) fn template(message: &str) -> String {
    message.split('`').step_by(2).collect()
}
