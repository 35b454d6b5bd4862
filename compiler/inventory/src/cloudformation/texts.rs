//! Texts that are put together, of which parts may be known only after deployment.

use parapet_base::Span;
use parapet_model::{Node, NodeKind, Reason, Symbol, SymbolPart, Unknown, quoted};

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

/// A node as JSON text; `None` where something in it is not known.
pub(crate) fn json(node: &Node) -> Option<String> {
    let mut out = String::new();
    write_json(node, &mut out)?;
    Some(out)
}

fn write_json(node: &Node, out: &mut String) -> Option<()> {
    match &node.kind {
        NodeKind::Null => out.push_str("null"),
        NodeKind::Text(text) => out.push_str(&quoted(text)),
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
                out.push_str(&quoted(key));
                out.push(':');
                write_json(member, out)?;
            }
            out.push('}');
        }
        other => out.push_str(&scalar(other)?),
    }
    (out.len() <= MOST_TEXT).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
