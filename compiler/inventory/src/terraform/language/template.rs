//! Texts with expressions in them.
//!
//! A text of which parts are not known is a symbol where these are attributes, and a document where it is one of JSON whose
//! texts hold them.

use parapet_base::Span;
use parapet_model::{Node, NodeKind, Symbol, SymbolPart, json};

use super::eval::Scope;
use super::functions;
use super::program::Program;
use super::syntax::Part;
use super::value::{node, text_of, unknown};

impl Program<'_> {
    pub(super) fn template(&self, parts: &[Part], scope: &Scope) -> Node {
        if let [Part::Literal(text)] = parts {
            return Node::text(text.as_str());
        }
        let values: Vec<Node> = parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => Node::text(text.as_str()),
                Part::Computed(expr) => self.eval(expr, scope),
            })
            .collect();
        let texts: Option<Vec<String>> = values.iter().map(text_of).collect();
        match texts {
            Some(texts) => Node::text(texts.concat()),
            None => document(&values).unwrap_or_else(|| joined(&values)),
        }
    }
}

/// A text of which parts are not known: a symbol where these are attributes.
fn joined(values: &[Node]) -> Node {
    let part = |value: &Node| match &value.kind {
        NodeKind::Unknown(found) => found.symbol().map(|symbol| symbol.parts().to_vec()),
        _ => text_of(value).map(|text| vec![SymbolPart::Literal(text.into())]),
    };
    let parts: Option<Vec<Vec<SymbolPart>>> = values.iter().map(part).collect();
    let found = values.iter().find_map(functions::unknown_within);
    match (parts, found) {
        (Some(parts), Some(found)) => {
            node(NodeKind::Unknown(found.standing_for(Symbol::of(parts.into_iter().flatten()))))
        }
        (None, Some(found)) => node(NodeKind::Unknown(found)),
        (_, None) => unknown("not a text"),
    }
}

/// A text that is a JSON document with unknown parts in its texts: the document, those texts unknown.
fn document(values: &[Node]) -> Option<Node> {
    let first = values.first().and_then(Node::as_text)?;
    if !first.trim_start().starts_with(['{', '[']) {
        return None;
    }
    // Private characters stand for what is not known.
    let mark = |at: usize| format!("\u{e000}{at}\u{e001}");
    let mut text = String::new();
    for (at, value) in values.iter().enumerate() {
        match text_of(value) {
            Some(part) if part.contains(['\u{e000}', '\u{e001}']) => return None,
            Some(part) => text.push_str(&part),
            None => text.push_str(&mark(at)),
        }
    }
    let mut tree = json::parse(&text).ok()?;
    restore(&mut tree, values);
    Some(tree.place_all(Span::default()))
}

fn restore(tree: &mut Node, values: &[Node]) {
    match &mut tree.kind {
        NodeKind::Text(text) if text.contains('\u{e000}') => {
            let mut parts = Vec::new();
            for piece in text.split('\u{e000}') {
                match piece.split_once('\u{e001}') {
                    Some((at, rest)) => {
                        let value = at.parse::<usize>().ok().and_then(|at| values.get(at));
                        parts.extend(value.cloned());
                        parts.push(Node::text(rest));
                    }
                    None => parts.push(Node::text(piece)),
                }
            }
            parts.retain(|part| part.as_text() != Some(""));
            *tree = match <[Node; 1]>::try_from(parts) {
                Ok([only]) => joined(&[only]),
                Err(parts) => joined(&parts),
            };
        }
        NodeKind::List(elements) => elements.iter_mut().for_each(|node| restore(node, values)),
        NodeKind::Map(members) => members.iter_mut().for_each(|(_, node)| restore(node, values)),
        _ => {}
    }
}
