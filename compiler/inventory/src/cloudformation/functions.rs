//! The functions of templates.

use parapet_base::Span;
use parapet_model::{Attribute, Name, Node, NodeKind, Symbol, SymbolPart, Truth, Unknown, is_dynamic};

use super::elsewhere;
use super::resolve::{dynamic_unknown, join, open_end, undecided};
use super::stack::{Outcome, Stack, later, unreadable};
use super::subnets;
use super::texts::{Piece, Text, json, placeholders, scalar};
use crate::base64;

impl<'t> Stack<'t> {
    /// What a call comes to. `span` is that of the call, where the value stands.
    pub(crate) fn function(&mut self, name: &str, argument: &'t Node, span: Span) -> Outcome {
        let node = match name {
            "Ref" => match argument.as_text() {
                Some("AWS::NoValue") => return Outcome::Nothing,
                Some(name) => self.reference(name, span),
                None => unreadable(argument.span, "`Ref` names nothing"),
            },
            "Fn::If" => return self.choice(argument, span),
            "Fn::FindInMap" => return self.entry(argument, span),
            "Fn::GetAtt" => self.attribute_of(argument, span),
            "Fn::Sub" => self.substitute(argument, span),
            "Fn::Join" => self.join(argument, span),
            "Fn::Select" => return self.select(argument, span),
            "Fn::Split" => self.split(argument, span),
            "Fn::Base64" => self.base64(argument, span),
            "Fn::Cidr" => self.cidr(argument, span),
            "Fn::Length" => self.length(argument, span),
            "Fn::ToJsonString" => self.json(argument, span),
            "Fn::GetAZs" => later(span, "the availability zones are known at deployment"),
            "Fn::ImportValue" => self.import(argument, span),
            "Fn::Transform" => later(span, "a macro makes this at deployment"),
            _ if name.starts_with("Fn::ForEach::") => {
                later(span, format!("`{name}` goes through what nobody knows yet"))
            }
            _ => unreadable(span, format!("`{name}` is not a function of CloudFormation")),
        };
        Outcome::Value(node)
    }

    /// `[condition, where true, where false]`
    fn choice(&mut self, argument: &'t Node, span: Span) -> Outcome {
        let Some([condition, yes, no]) = argument.as_list() else {
            return Outcome::Value(unreadable(span, "`Fn::If` takes a condition and two values"));
        };
        let Some(name) = condition.as_text().map(Name::from) else {
            return Outcome::Value(unreadable(condition.span, "`Fn::If` names no condition"));
        };
        match self.condition(&name) {
            Truth::True => self.resolve(yes),
            Truth::False => self.resolve(no),
            Truth::Unknown(why) => {
                let yes = self.assuming(&name, true, |stack| stack.resolve(yes));
                let no = self.assuming(&name, false, |stack| stack.resolve(no));
                join(span, yes, no, &why)
            }
        }
    }

    /// `[map, key, key]`, or with `{"DefaultValue": …}`
    fn entry(&mut self, argument: &'t Node, span: Span) -> Outcome {
        let Some([map, first, second, rest @ ..]) = argument.as_list() else {
            return Outcome::Value(unreadable(span, "`Fn::FindInMap` takes a map and two keys"));
        };
        let keys = [map, first, second].map(|key| self.value(key));
        let default = rest.first().and_then(|options| options.get("DefaultValue"));
        let Some(maps) = self.candidates(&keys) else {
            return Outcome::Value(unreadable(span, "a key of `Fn::FindInMap` is not a text"));
        };
        let why = keys.iter().find_map(|key| match &key.kind {
            NodeKind::Unknown(unknown) => Some(undecided(format!("a key of a map is not known: {}", unknown.why()))),
            _ => None,
        });
        let found = maps.into_iter().map(|node| Outcome::Value(self.value(node).place_all(span)));
        match (why, default) {
            (None, default) => match (found.collect::<Vec<_>>().pop(), default) {
                (Some(found), _) => found,
                (None, Some(default)) => self.resolve(default),
                (None, None) => Outcome::Value(unreadable(span, "`Fn::FindInMap` finds no entry")),
            },
            (Some(why), _) => {
                let mut found: Vec<Outcome> = found.collect();
                if let Some(default) = default {
                    found.push(self.resolve(default));
                }
                let joined = found.into_iter().reduce(|a, b| join(span, a, b, &why));
                joined.unwrap_or(Outcome::Value(Node::new(span, NodeKind::Unknown(why))))
            }
        }
    }

    /// The entries of mappings that keys may lead to.
    fn candidates(&mut self, keys: &[Node; 3]) -> Option<Vec<&'t Node>> {
        let wanted = |key: &Node| match &key.kind {
            NodeKind::Unknown(_) => Some(None),
            kind => scalar(kind).map(Some),
        };
        let [map, first, second] = keys;
        let (map, first, second) = (wanted(map)?, wanted(first)?, wanted(second)?);
        let template = self.template;
        let mut maps: Vec<(&Name, &Node)> = template.mappings.iter().collect();
        maps.sort_by_key(|(name, _)| (*name).clone());
        let fits = |key: &Name, wanted: &Option<String>| wanted.as_ref().is_none_or(|wanted| **wanted == **key);
        let mut found = Vec::new();
        for (name, node) in maps {
            if fits(name, &map) && matches!(node.kind, NodeKind::Unknown(_)) {
                found.push(node);
            }
            if fits(name, &map) && !self.may_work(members(node).iter().map(|(_, node)| members(node).len()).sum()) {
                return None;
            }
            for (outer, node) in members(node).iter().filter(|_| fits(name, &map)) {
                let inner = members(node).iter().filter(|(inner, _)| fits(outer, &first) && fits(inner, &second));
                found.extend(inner.map(|(_, node)| node));
            }
        }
        // A mapping that a macro adds may be the one that is meant.
        let stands_here = map.as_ref().is_some_and(|name| template.mappings.contains_key(&**name));
        found.extend(template.added_mappings.iter().filter(|_| !stands_here));
        Some(found)
    }

    /// A text, or `[text, {name: value}]`.
    fn substitute(&mut self, argument: &'t Node, span: Span) -> Node {
        let (text, names) = match (&argument.kind, argument.as_list()) {
            (NodeKind::Text(text), _) => (&**text, &[][..]),
            (_, Some([text, names])) => match text.as_text() {
                Some(text) => (text, members(names)),
                None => return unreadable(span, "`Fn::Sub` takes a text"),
            },
            _ => return unreadable(span, "`Fn::Sub` takes a text"),
        };
        let mut out = Text::default();
        for piece in placeholders(text) {
            let name = match piece {
                Piece::Literal(text) => {
                    out.push(text);
                    continue;
                }
                Piece::Name(name) => name,
            };
            let value = match (names.iter().find(|(key, _)| **key == *name), name.split_once('.')) {
                (Some((_, value)), _) => self.value(value),
                (None, Some((resource, attribute))) => self.attribute(resource, attribute, span),
                (None, None) => self.reference(name, span),
            };
            out.push_node(&value);
        }
        if !self.may_work(out.bytes() / 64) {
            return unreadable(span, "the template takes too much work to read");
        }
        dynamic(out.node(span))
    }

    /// `[delimiter, list]`
    fn join(&mut self, argument: &'t Node, span: Span) -> Node {
        let Some([delimiter, list]) = argument.as_list() else {
            return unreadable(span, "`Fn::Join` takes a delimiter and a list");
        };
        let (delimiter, list) = (self.value(delimiter), self.value(list));
        let elements = match &list.kind {
            NodeKind::List(elements) => elements,
            NodeKind::Unknown(unknown) => return Node::new(span, NodeKind::Unknown(unknown.clone().opaque())),
            _ => return unreadable(span, "`Fn::Join` takes a list"),
        };
        let mut out = Text::default();
        for (at, element) in elements.iter().enumerate() {
            if at > 0 {
                out.push_node(&delimiter);
            }
            out.push_node(element);
        }
        if !self.may_work(out.bytes() / 64) {
            return unreadable(span, "the template takes too much work to read");
        }
        dynamic(out.node(span))
    }

    /// `[index, list]`
    fn select(&mut self, argument: &'t Node, span: Span) -> Outcome {
        let Some([index, list]) = argument.as_list() else {
            return Outcome::Value(unreadable(span, "`Fn::Select` takes an index and a list"));
        };
        let (index, list) = (self.value(index), self.value(list));
        let at = scalar(&index.kind).and_then(|index| index.trim().parse::<usize>().ok());
        let node = match (&list.kind, at, &index.kind) {
            (NodeKind::List(elements), Some(at), _) => {
                match (open_end(elements).filter(|open| *open <= at), elements.get(at)) {
                    (Some(_), _) => later(span, "what the list holds there is not decided"),
                    (None, Some(element)) => element.clone(),
                    (None, None) => {
                        unreadable(span, format!("`Fn::Select` asks for element {at} of {}", elements.len()))
                    }
                }
            }
            (NodeKind::Unknown(unknown), ..) | (_, _, NodeKind::Unknown(unknown)) => {
                Node::new(span, NodeKind::Unknown(unknown.clone().opaque()))
            }
            _ => unreadable(span, "`Fn::Select` takes an index and a list"),
        };
        Outcome::Value(node)
    }

    /// `[delimiter, text]`
    fn split(&mut self, argument: &'t Node, span: Span) -> Node {
        let Some([delimiter, text]) = argument.as_list() else {
            return unreadable(span, "`Fn::Split` takes a delimiter and a text");
        };
        let (delimiter, text) = (self.value(delimiter), self.value(text));
        match (delimiter.as_text().filter(|text| !text.is_empty()), &text.kind) {
            (Some(delimiter), NodeKind::Text(text)) => {
                let parts = text.split(delimiter).map(|part| Node::new(span, NodeKind::Text(part.into())));
                Node::new(span, NodeKind::List(parts.collect()))
            }
            (delimiter, NodeKind::Unknown(unknown)) => {
                let pieces = delimiter.and_then(|delimiter| unknown.symbol()?.split(delimiter));
                match pieces {
                    Some(pieces) => {
                        let pieces = pieces.into_iter().map(|piece| part_known(unknown, piece, span));
                        Node::new(span, NodeKind::List(pieces.collect()))
                    }
                    None => Node::new(span, NodeKind::Unknown(unknown.clone().opaque())),
                }
            }
            _ => unreadable(span, "`Fn::Split` takes a delimiter and a text"),
        }
    }

    fn base64(&mut self, argument: &'t Node, span: Span) -> Node {
        let text = self.value(argument);
        match &text.kind {
            NodeKind::Unknown(unknown) => Node::new(span, NodeKind::Unknown(unknown.clone().opaque())),
            kind => match scalar(kind) {
                Some(text) => Node::new(span, NodeKind::Text(base64::encoded(&text).into())),
                None => unreadable(span, "`Fn::Base64` takes a text"),
            },
        }
    }

    /// `[block, count, host bits]`
    fn cidr(&mut self, argument: &'t Node, span: Span) -> Node {
        let Some([block, count, rest @ ..]) = argument.as_list() else {
            return unreadable(span, "`Fn::Cidr` takes a block, a count and host bits");
        };
        let (block, count, bits) = (self.value(block), self.value(count), rest.first().map(|bits| self.value(bits)));
        let unknown =
            [Some(&block), Some(&count), bits.as_ref()].into_iter().flatten().find_map(|node| match &node.kind {
                NodeKind::Unknown(unknown) => Some(unknown.clone().opaque()),
                _ => None,
            });
        if let Some(unknown) = unknown {
            return Node::new(span, NodeKind::Unknown(unknown));
        }
        let number = |node: &Node| scalar(&node.kind).and_then(|text| text.trim().parse::<u32>().ok());
        // Without bits a block has 8 of them (IPv4), or 64.
        let ipv6 = block.as_text().is_some_and(|text| text.contains(':'));
        let bits = bits.as_ref().map_or(Some(if ipv6 { 64 } else { 8 }), number);
        let cut = block.as_text().zip(number(&count)).zip(bits);
        match cut.and_then(|((block, count), bits)| subnets::cut(block, count.into(), bits)) {
            Some(blocks) => {
                let text = |block: String| Node::new(span, NodeKind::Text(block.into()));
                Node::new(span, NodeKind::List(blocks.into_iter().map(text).collect()))
            }
            None => unreadable(span, "`Fn::Cidr` asks for blocks that do not fit"),
        }
    }

    fn length(&mut self, argument: &'t Node, span: Span) -> Node {
        let list = self.value(argument);
        match &list.kind {
            NodeKind::List(elements) if open_end(elements).is_some() => {
                later(span, "how long the list is is not decided")
            }
            NodeKind::List(elements) => {
                Node::new(span, i64::try_from(elements.len()).map_or(NodeKind::Null, NodeKind::Int))
            }
            NodeKind::Unknown(unknown) => Node::new(span, NodeKind::Unknown(unknown.clone().opaque())),
            _ => unreadable(span, "`Fn::Length` takes a list"),
        }
    }

    /// A document with unknown parts stays one: whoever reads it takes text and objects alike.
    fn json(&mut self, argument: &'t Node, span: Span) -> Node {
        let node = self.value(argument);
        match json(&node) {
            Some(text) => Node::new(span, NodeKind::Text(text.into())),
            None => node,
        }
    }

    /// What another stack exports. Two imports of one name are the same value.
    fn import(&mut self, argument: &'t Node, span: Span) -> Node {
        let name = self.value(argument);
        let Some(name) = name.as_text() else {
            return later(span, "what another stack exports is known at deployment");
        };
        let attribute = Attribute::other(&elsewhere::exports(), name);
        let unknown = undecided(format!("the export `{name}` of another stack is known at deployment"));
        Node::new(span, NodeKind::Unknown(unknown.standing_for(Symbol::attribute(attribute))))
    }
}

/// A piece of a text of which not all is known.
fn part_known(unknown: &Unknown, piece: Symbol, span: Span) -> Node {
    let kind = match piece.parts() {
        [] => NodeKind::Text("".into()),
        [SymbolPart::Literal(text)] => NodeKind::Text(text.clone()),
        _ => NodeKind::Unknown(unknown.clone().standing_for(piece)),
    };
    Node::new(span, kind)
}

/// The members of a map; none of anything else.
pub(crate) fn members(node: &Node) -> &[(Name, Node)] {
    match &node.kind {
        NodeKind::Map(members) => members,
        _ => &[],
    }
}

/// A text that was put together may be a dynamic reference to an ordinary parameter. One to a secret stays as it is written,
/// as far as that is known.
fn dynamic(node: Node) -> Node {
    let reference = match &node.kind {
        NodeKind::Text(text) => text.contains("{{resolve:ssm:"),
        NodeKind::Unknown(unknown) => {
            unknown.symbol().is_some_and(|symbol| symbol.literals().any(is_dynamic) && !is_of_secret(symbol))
        }
        _ => false,
    };
    match reference {
        true => Node::new(node.span, NodeKind::Unknown(dynamic_unknown())),
        false => node,
    }
}

/// Whether it begins as a reference to a secret, and no other stands in what is known of it.
fn is_of_secret(symbol: &Symbol) -> bool {
    let beginning = symbol.beginning();
    let is_secret =
        ["{{resolve:secretsmanager:", "{{resolve:ssm-secure:"].iter().any(|kind| beginning.starts_with(kind));
    is_secret && !symbol.literals().any(|literal| literal.contains("{{resolve:ssm:"))
}
