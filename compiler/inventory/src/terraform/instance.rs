//! A resource as Terraform has it, whatever document it stands in.
//!
//! Plans, states and configuration all come down to this: an address, a type, and attributes of which some are not
//! known. What a text that is not known yet stands for is a symbol in its [`Unknown`].

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Name, Node, NodeKind, Unknown};
use rustc_hash::FxHashSet;

/// See the module.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) address: Arc<str>,
    /// Terraform's name of the type.
    pub(super) ty: Name,
    /// [`parapet_model::Record::owner`].
    pub(super) owner: Arc<str>,
    /// The attributes: always a map.
    pub(super) values: Node,
    /// Attributes that the configuration does not set and that are not known before the resource is made.
    pub(super) unset: FxHashSet<Name>,
    pub(super) region: Option<Node>,
    pub(super) account: Option<Node>,
    pub(super) existence: Option<Unknown>,
    /// What only deployment decides is not decided yet.
    pub(super) planned: bool,
    /// It is made anew, and none that was there before is taken over.
    pub(super) fresh: bool,
    /// The plan leaves it as it is.
    pub(super) unchanged: bool,
    /// It is made known in another input.
    pub(super) elsewhere: bool,
    /// The document that it stands in; set once all of it was read.
    pub(super) document: Option<Arc<Document>>,
    /// The resource in its document.
    pub(super) span: Span,
}

impl Instance {
    /// An instance without attributes; `scope` tells its input from all others.
    pub(super) fn new(address: Arc<str>, ty: Name, scope: &str) -> Instance {
        Instance {
            owner: format!("{scope}{address}").into(),
            address,
            ty,
            values: Node::new(Span::default(), NodeKind::Map(Vec::new())),
            unset: FxHashSet::default(),
            region: None,
            account: None,
            existence: None,
            planned: false,
            fresh: false,
            unchanged: false,
            elsewhere: false,
            document: None,
            span: Span::default(),
        }
    }

    /// Whether both stand in one document.
    pub(super) fn stands_beside(&self, other: &Instance) -> bool {
        self.document.as_ref().zip(other.document.as_ref()).is_none_or(|(own, other)| Arc::ptr_eq(own, other))
    }

    /// An attribute that is there and not null.
    pub(super) fn value(&self, name: &str) -> Option<&Node> {
        self.values.get(name).filter(|node| !node.is_null())
    }

    /// The known text of an attribute.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Node::as_text).filter(|text| !text.is_empty())
    }

    /// Account and region that its own ARN names.
    pub(super) fn places(&self) -> (Option<Node>, Option<Node>) {
        let Some(node) = self.value("arn").filter(|node| node.as_text().is_some_and(|text| text.starts_with("arn:")))
        else {
            return (None, None);
        };
        let parts: Vec<&str> = node.as_text().unwrap_or_default().split(':').collect();
        let part = |at: usize| {
            let text = parts.get(at).filter(|text| !text.is_empty())?;
            Some(Node::new(node.span, NodeKind::Text((*text).into())))
        };
        (part(4), part(3))
    }

    /// Whether it is of a provider that has canonical types.
    pub(super) fn is_aws(&self) -> bool {
        self.ty.starts_with("aws_") || self.ty.starts_with("awscc_")
    }
}
