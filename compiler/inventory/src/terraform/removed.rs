//! What a plan destroys: as it was, so that an inventory which has it knows what is gone.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Name, Node};

use super::instance::Instance;
use super::values::{Merging, Planned};
use crate::element::member_text;

/// A resource that a plan destroys, alone or to make it anew.
pub(super) struct Removed<'p> {
    address: Arc<str>,
    ty: Name,
    before: &'p Node,
    sensitive: Option<&'p Node>,
    span: Span,
}

impl<'p> Removed<'p> {
    /// The resource of a change that destroys it; data sources are none.
    pub(super) fn of(node: &'p Node, actions: &[&str]) -> Option<Removed<'p>> {
        if !actions.contains(&"delete")
            || member_text(node, "mode") == Some("data")
            || member_text(node, "deposed").is_some()
        {
            return None;
        }
        let change = node.get("change")?;
        Some(Removed {
            address: member_text(node, "address")?.into(),
            ty: member_text(node, "type")?.into(),
            before: change.get("before")?,
            sensitive: change.get("before_sensitive"),
            span: node.span,
        })
    }

    /// The resource as it was.
    pub(super) fn instance(&self) -> Instance {
        let planned = Planned { after: self.before, unknown: None, sensitive: self.sensitive, expressions: None };
        let values = Merging { configuration: None }.merged(&self.ty, &planned);
        Instance { values, span: self.span, ..Instance::new(self.address.clone(), self.ty.clone(), "") }
    }
}
