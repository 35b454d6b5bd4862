//! One value of an input, parsed, with what stands around it.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::json::{self, Members};
use parapet_model::{Name, Node, NodeKind, Origin};

use crate::aws_config;
use crate::delivery::Delivery;
use crate::formats;
use crate::place::Place;

/// What the envelope of a list says about its elements.
#[derive(Clone, Debug, Default)]
pub(crate) struct Envelope {
    /// The list's key, `""` for a list at the top and for no list.
    pub(crate) key: &'static str,
    pub(crate) resource_type: Option<Name>,
    pub(crate) account: Option<Name>,
    pub(crate) region: Option<Name>,
    /// The query chose single properties: what a record lacks may be there.
    pub(crate) partial: bool,
}

/// A value as it was cut out of an input.
#[derive(Clone, Copy)]
pub(crate) struct Cut<'c> {
    pub(crate) bytes: &'c [u8],
    pub(crate) place: Place,
    /// Of an element of a list.
    pub(crate) pointer: &'c str,
    /// Where its members stand, if that was looked for; it then holds no list of records.
    pub(crate) glance: Option<Members<'c>>,
}

/// A record as it stands in the input.
pub(crate) struct Element<'e> {
    pub(crate) text: &'e str,
    /// The tree of `text`, its spans relative to it.
    pub(crate) node: Node,
    pub(crate) place: Place,
    pub(crate) pointer: Arc<str>,
    pub(crate) envelope: &'e Envelope,
    pub(crate) input: u32,
}

impl Element<'_> {
    /// The origin of the `part`-th resource made of this record.
    pub(crate) fn origin(&self, part: u32) -> Origin {
        Origin { part, ..origin(self.input, self.place, self.text.len() as u64) }
    }

    /// The whole record.
    pub(crate) fn span(&self) -> Span {
        Span::new(0, self.text.len())
    }
}

pub(crate) fn origin(input: u32, place: Place, length: u64) -> Origin {
    Origin { input, offset: place.offset, length, line: place.line, column: place.column, part: 0 }
}

/// Parses a value and delivers what it holds.
pub(crate) fn deliver(cx: &mut Delivery<'_>, cut: Cut<'_>, envelope: &Envelope) {
    let may_be_item = cx.asked.is_none_or(|format| format.name == aws_config::NAME);
    if may_be_item && aws_config::glanced::deliver(cx, cut, envelope) {
        return;
    }
    match parsed(cut.bytes, cut.pointer, cut.place, (cx.input, &mut cx.keys), envelope) {
        Ok(element) => formats::deliver(cx, element),
        Err((offset, message)) => cx.fault_in(cut.bytes, cut.place, offset, &message),
    }
}

/// The tree of a value; in a list of JSON texts, that of the text.
pub(crate) fn parsed<'e>(
    bytes: &'e [u8],
    pointer: &str,
    place: Place,
    (input, keys): (u32, &mut json::Keys),
    envelope: &'e Envelope,
) -> Result<Element<'e>, (usize, String)> {
    let text = std::str::from_utf8(bytes).map_err(|error| (error.valid_up_to(), "not UTF-8".to_owned()))?;
    let node = json::parse_sharing(text, keys).map_err(|error| (error.offset, error.message))?;
    Ok(Element { text, node, place, pointer: pointer.into(), envelope, input })
}

/// Whether these bytes are a record of some format.
pub(crate) fn is_record(bytes: &[u8]) -> bool {
    let envelope = Envelope::default();
    parsed(bytes, "", Place::START, (0, &mut json::Keys::unshared()), &envelope)
        .is_ok_and(|element| formats::recognised(&element).is_some())
}

/// JSON inside a string, at the string's place.
pub(crate) fn inner(node: &Node) -> Result<Node, String> {
    match &node.kind {
        NodeKind::Text(text) => match json::parse(text) {
            Ok(inner) => Ok(inner.place_all(node.span)),
            Err(error) => Err(format!("the text is not JSON: {} (at its byte {})", error.message, error.offset)),
        },
        _ => Ok(node.clone()),
    }
}

/// The text of a node, if it is one.
pub(crate) fn text_of(node: Option<&Node>) -> Option<Name> {
    match &node?.kind {
        NodeKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// The text of a member that is not empty.
pub(crate) fn member_text<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    node.get(name).and_then(Node::as_text).filter(|text| !text.is_empty())
}

/// A member that is there and not null.
pub(crate) fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get(name).filter(|node| !node.is_null())
}
