//! Texts that are put together, of which parts may be known only after deployment.

use parapet_base::Span;
use parapet_model::{Node, NodeKind, Reason, Symbol, SymbolPart, Unknown};

/// The longest text that functions make, in bytes, and the most parts of one.
pub(crate) const MOST_TEXT: usize = 1 << 20;
const MOST_PARTS: usize = 1_000;

/// A text that grows.
#[derive(Default)]
pub(crate) struct Text {
    parts: Vec<SymbolPart>,
    unknown: Option<Unknown>,
    /// Some part is not even known as a part.
    opaque: bool,
    bytes: usize,
}

impl Text {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes += text.len();
        if self.bytes > MOST_TEXT || self.parts.len() > MOST_PARTS {
            return self.doubt(&Unknown::new(Reason::Other, "a text of more than 1 MiB"), None);
        }
        self.parts.push(SymbolPart::Literal(text.into()));
    }

    /// Appends a scalar.
    pub(crate) fn push_node(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Unknown(unknown) => {
                let parts = unknown.symbol().map(|symbol| symbol.parts().to_vec());
                self.doubt(unknown, parts);
            }
            kind => match scalar(kind) {
                Some(text) => self.push(&text),
                None => self.doubt(&Unknown::new(Reason::Unreadable, "not a text"), None),
            },
        }
    }

    fn doubt(&mut self, unknown: &Unknown, parts: Option<Vec<SymbolPart>>) {
        self.unknown =
            Some(self.unknown.as_ref().map_or_else(|| unknown.clone().opaque(), |before| before.and(unknown)));
        match parts {
            Some(parts) if self.parts.len() + parts.len() <= MOST_PARTS => self.parts.extend(parts),
            _ => self.opaque = true,
        }
    }

    /// How long its known parts are.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The text, or what is known of it.
    pub(crate) fn node(self, span: Span) -> Node {
        let kind = match self.unknown {
            None => {
                let literals = self.parts.iter().map(|part| match part {
                    SymbolPart::Literal(text) => &**text,
                    SymbolPart::Attribute(_) => "",
                });
                NodeKind::Text(literals.collect::<String>().into())
            }
            Some(unknown) if self.opaque => NodeKind::Unknown(unknown),
            Some(unknown) => NodeKind::Unknown(unknown.standing_for(Symbol::of(self.parts))),
        };
        Node::new(span, kind)
    }
}

/// A scalar as text.
pub(crate) fn scalar(kind: &NodeKind) -> Option<String> {
    match kind {
        NodeKind::Text(text) | NodeKind::Beyond(text) => Some(text.to_string()),
        NodeKind::Int(value) => Some(value.to_string()),
        NodeKind::Float(value) => Some(value.to_string()),
        NodeKind::Bool(value) => Some(value.to_string()),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) | NodeKind::Unknown(_) => None,
    }
}

/// What `Fn::Sub` takes a text for: literal text, and names in `${…}`. `${!x}` is the text `${x}`.
pub(crate) fn placeholders(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        pieces.push(Piece::Literal(before));
        match name.strip_prefix('!') {
            Some(kept) => pieces.extend([Piece::Literal("${"), Piece::Literal(kept), Piece::Literal("}")]),
            None => pieces.push(Piece::Name(name.trim())),
        }
        rest = behind;
    }
    pieces.push(Piece::Literal(rest));
    pieces
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    Literal(&'t str),
    Name(&'t str),
}

/// Text in base 64.
pub(crate) fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |sextet: u32| LETTERS.get((sextet & 63) as usize).copied().map_or('=', char::from);
    let mut out = String::with_capacity(text.len().div_ceil(3) * 4);
    for chunk in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.push(letter(group >> 18));
        out.push(letter(group >> 12));
        out.push(if chunk.len() > 1 { letter(group >> 6) } else { '=' });
        out.push(if chunk.len() > 2 { letter(group) } else { '=' });
    }
    out
}

/// A node as JSON text; `None` where something in it is not known.
pub(crate) fn json(node: &Node) -> Option<String> {
    let mut out = String::new();
    write_json(node, &mut out)?;
    Some(out)
}

fn write_json(node: &Node, out: &mut String) -> Option<()> {
    match &node.kind {
        NodeKind::Null => out.push_str("null"),
        NodeKind::Text(text) => write_string(text, out),
        NodeKind::Unknown(_) => return None,
        NodeKind::List(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json(element, out)?;
            }
            out.push(']');
        }
        NodeKind::Map(members) => {
            out.push('{');
            for (at, (key, member)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write_json(member, out)?;
            }
            out.push('}');
        }
        other => out.push_str(&scalar(other)?),
    }
    (out.len() <= MOST_TEXT).then_some(())
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => out.push(plain),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_padded() {
        for (text, wanted) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(text), wanted);
        }
    }

    #[test]
    fn placeholders_are_found() {
        let literal = Piece::Literal;
        assert_eq!(placeholders("a${B}c"), [literal("a"), Piece::Name("B"), literal("c")]);
        assert_eq!(placeholders("${!A}"), [literal(""), literal("${"), literal("A"), literal("}"), literal("")]);
        assert_eq!(placeholders("a$b{c}${"), [literal("a$b{c}${")]);
    }

    #[test]
    fn json_is_written() {
        let node = parapet_model::json::parse(r#"{"a": [1, true, null, "x\"\n"], "b": {}}"#).unwrap();
        assert_eq!(json(&node).unwrap(), r#"{"a":[1,true,null,"x\"\n"],"b":{}}"#);
    }
}
