//! The document that a plan or state is, and its resources on their way out.

use std::sync::Arc;

use parapet_base::Span;
use parapet_model::{Document, Node};

use super::secrets;
use crate::delivery::Delivery;
use crate::element::Element;

/// The document of an element, with what is not to be shown struck out.
pub(super) fn kept(cx: &Delivery<'_>, element: &Element<'_>, tree: Node) -> Arc<Document> {
    let path = parapet_base::shown(cx.source.path);
    let text = struck(element.text, &secrets::places(&tree)).into();
    Arc::new(Document { path: path.into(), text, tree })
}

/// The text with stars in these places. Places in it stay what they are.
fn struck(text: &str, hidden: &[Span]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in hidden {
        let inside = bytes.get_mut(span.range()).unwrap_or_default();
        for byte in inside.iter_mut().filter(|byte| !matches!(byte, b'"' | b'\n' | b'\r')) {
            *byte = b'*';
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_keeps_its_room() {
        let text = "{\"a\": \"gehéim\", \"b\": 12}";
        let start = text.find("\"gehéim\"").unwrap();
        let struck = struck(text, &[Span::new(start, start + "\"gehéim\"".len())]);
        assert_eq!(struck, "{\"a\": \"*******\", \"b\": 12}");
        assert_eq!(struck.len(), text.len());
    }
}
