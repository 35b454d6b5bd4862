//! What a plan destroys: as it was, so that an inventory which has it knows what is gone.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Name, Node, NodeKind};

use super::instance::Instance;
use super::state::deposed;
use super::values::{Merging, Planned};
use crate::element::member_text;

/// A resource that a plan destroys, alone or to make it anew.
pub(super) struct Removed<'p> {
    address: Arc<str>,
    ty: Name,
    before: &'p Node,
    sensitive: Option<&'p Node>,
    span: Span,
    /// It is made again.
    pub(super) anew: bool,
}

impl<'p> Removed<'p> {
    /// The resource of a change that destroys it; data sources are none. What an earlier replacement left goes by the address
    /// that states give it. What does not say what it destroys is a fault.
    pub(super) fn of(node: &'p Node, actions: &[&str]) -> Result<Option<Removed<'p>>, (Span, String)> {
        if !actions.contains(&"delete") || member_text(node, "mode") == Some("data") {
            return Ok(None);
        }
        let change = node.get("change");
        let before = change.and_then(|change| change.get("before"));
        let before = before.filter(|before| matches!(before.kind, NodeKind::Map(_)));
        let Some(((address, ty), before)) = member_text(node, "address").zip(member_text(node, "type")).zip(before)
        else {
            let what = "a change that destroys, without `address`, `type` or an object as `change.before`";
            return Err((node.span, what.to_owned()));
        };
        Ok(Some(Removed {
            address: format!("{address}{}", deposed(node, "deposed")).into(),
            ty: ty.into(),
            before,
            sensitive: change.and_then(|change| change.get("before_sensitive")),
            span: node.span,
            anew: actions.contains(&"create"),
        }))
    }

    /// The resource as it was.
    pub(super) fn instance(&self) -> Instance {
        let planned = Planned { after: self.before, unknown: None, sensitive: self.sensitive, expressions: None };
        let values = Merging::new(None, self.address.clone()).merged(&self.ty, &planned);
        Instance { values, span: self.span, ..Instance::new(self.address.clone(), self.ty.clone(), "") }
    }
}
