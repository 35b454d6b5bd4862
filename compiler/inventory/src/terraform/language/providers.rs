//! Which provider a resource of a module has.
//!
//! A module takes the one that its call hands on, else the one that it configures itself, else, where none is asked for by
//! name, that of its caller. One that is handed nothing of what it asks for has none that is known.

use parapet_model::{Node, NodeKind};

use super::program::Program;
use super::read::expression_in;

impl Program<'_> {
    /// The configuration of a provider as a module calls it, `aws` or `aws.eu`, and the module that it stands in.
    pub(super) fn provider(&self, module: usize, named: &str) -> Option<(usize, Node)> {
        let (mut at, mut named) = (module, named.to_owned());
        // Calls are bounded in depth, and each turn leaves one.
        loop {
            let module = self.module(at)?;
            let (name, alias) = named.split_once('.').map_or((&*named, None), |(name, alias)| (name, Some(alias)));
            let own = module
                .declarations
                .providers
                .iter()
                .find(|(known, body)| known == name && body.get("alias").and_then(Node::as_text) == alias);
            let Some((scope, call)) = &module.call else { return own.map(|(_, body)| (at, body.clone())) };
            let handed = call.body.get("providers");
            let next = match (handed.and_then(|handed| handed.get(&named)), own) {
                (Some(parent), _) => expression_in(parent.as_text()?).to_owned(),
                (None, Some((_, body))) => return Some((at, body.clone())),
                (None, None) if alias.is_none() && handed.is_none_or(is_nothing) => name.to_owned(),
                (None, None) => return None,
            };
            (at, named) = (scope.module, next);
        }
    }
}

fn is_nothing(handed: &Node) -> bool {
    matches!(&handed.kind, NodeKind::Map(members) if members.is_empty())
}
