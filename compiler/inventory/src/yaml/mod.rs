//! YAML text to the same trees that JSON gives, with the places of all values.
//!
//! The events of the parser are put together here, so that depth, aliases and size are bounded, keys occur once, and
//! a tag means what the caller says. Plain scalars are read as YAML 1.2 and JSON agree on them; what YAML 1.1 alone
//! takes for a truth or a number (`yes`, `0755`, `1:30`, dates) stays the text that was written.

mod lines;
mod scalars;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use parapet_base::Span;
use parapet_model::json::JsonError;
use parapet_model::{Name, Node, NodeKind};
use rustc_hash::FxHashSet;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput, Tag};

use lines::Lines;

/// The deepest nesting.
pub(crate) const MOST_DEPTH: usize = 100;

/// The most values of a document, each use of an alias counted with all that it stands for.
pub(crate) const MOST_VALUES: usize = 500_000;

/// What a tag of somebody's own makes of a value; `Err` says what is wrong with it.
pub(crate) type Tagged = fn(&str, Node) -> Result<Node, String>;

/// Parses one document. Nothing but comments is `null`.
pub(crate) fn parse(text: &str, tagged: Tagged) -> Result<Node, JsonError> {
    let lines = Lines::new(text);
    let mut builder =
        Builder { lines: &lines, tagged, open: Vec::new(), anchors: HashMap::new(), values: 0, root: None };
    let mut parser = Parser::new_from_str(text);
    let mut documents = 0;
    while let Some(event) = next(&mut parser) {
        let (event, span) = event.map_err(|error| builder.scan_error(&error))?;
        let span = builder.span(span);
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                return Err(error(span, "a second document begins: one file holds one"));
            }
        }
        builder.event(event, span)?;
    }
    Ok(builder.root.unwrap_or_else(|| Node::new(Span::new(0, text.len()), NodeKind::Null)))
}

type Spanned<'t> = Result<(Event<'t>, saphyr_parser::Span), ScanError>;

fn next<'t>(parser: &mut Parser<'t, StrInput<'t>>) -> Option<Spanned<'t>> {
    parser.next_event()
}

fn error(span: Span, message: impl Into<String>) -> JsonError {
    JsonError { offset: span.start as usize, message: message.into() }
}

/// A list or map that is not at its end.
struct Open {
    start: Span,
    anchor: usize,
    tag: Option<Tag>,
    kind: Collection,
    /// The values of the document when it began.
    before: usize,
}

enum Collection {
    List(Vec<Node>),
    Map { members: Vec<(Name, Node)>, key: Option<Key>, merged: Vec<Node>, seen: FxHashSet<Name> },
}

enum Key {
    Name(Name),
    /// `<<`
    Merge,
}

struct Builder<'l> {
    lines: &'l Lines<'l>,
    tagged: Tagged,
    open: Vec<Open>,
    /// What an anchor stands for, and of how many values it is made.
    anchors: HashMap<usize, (Node, usize)>,
    values: usize,
    root: Option<Node>,
}

impl Builder<'_> {
    fn span(&self, span: saphyr_parser::Span) -> Span {
        let start = self.lines.offset(span.start.line(), span.start.col());
        Span::new(start, self.lines.offset(span.end.line(), span.end.col()).max(start))
    }

    fn scan_error(&self, found: &ScanError) -> JsonError {
        let marker = found.marker();
        let message = found.info().to_owned();
        JsonError { offset: self.lines.offset(marker.line(), marker.col()), message }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), JsonError> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, span)?;
                if self.is_key_next() && tag.is_none() {
                    return self.key(&text, style, span, anchor);
                }
                let node = self.scalar(&text, style, tag.as_deref(), span)?;
                self.anchored(anchor, &node, 1);
                self.put(node)
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(anchor, tag) => self.begin(span, anchor, tag.as_deref(), Collection::List(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                let members = Vec::new();
                let map = Collection::Map { members, key: None, merged: Vec::new(), seen: FxHashSet::default() };
                self.begin(span, anchor, tag.as_deref(), map)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn count(&mut self, values: usize, span: Span) -> Result<(), JsonError> {
        self.values = self.values.saturating_add(values);
        match self.values <= MOST_VALUES {
            true => Ok(()),
            false => {
                Err(error(span, format!("more than {MOST_VALUES} values, aliases counted with what they stand for")))
            }
        }
    }

    fn is_key_next(&self) -> bool {
        matches!(self.open.last(), Some(Open { kind: Collection::Map { key: None, .. }, .. }))
    }

    fn key(&mut self, text: &str, style: ScalarStyle, span: Span, anchor: usize) -> Result<(), JsonError> {
        let name: Name = text.into();
        self.anchored(anchor, &Node::new(span, NodeKind::Text(name.clone())), 1);
        let Some(Open { kind: Collection::Map { key, seen, .. }, .. }) = self.open.last_mut() else { return Ok(()) };
        if style == ScalarStyle::Plain && text == "<<" {
            *key = Some(Key::Merge);
            return Ok(());
        }
        if !seen.insert(name.clone()) {
            return Err(error(span, format!("the key {text:?} occurs twice in one map")));
        }
        *key = Some(Key::Name(name));
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<Node, JsonError> {
        let plain = style == ScalarStyle::Plain;
        let core = tag.filter(|tag| tag.is_yaml_core_schema()).map(|tag| tag.suffix.as_str());
        let kind = match core {
            Some(suffix) => scalars::tagged(suffix, text).map_err(|message| error(span, message))?,
            None if plain && tag.is_none_or(|tag| tag.handle.is_empty() && tag.suffix == "!") => scalars::plain(text),
            None => NodeKind::Text(text.into()),
        };
        self.tag(Node::new(span, kind), tag)
    }

    /// Gives a tag of somebody's own its meaning.
    fn tag(&self, node: Node, tag: Option<&Tag>) -> Result<Node, JsonError> {
        match tag {
            None => Ok(node),
            Some(tag) if tag.is_yaml_core_schema() => Ok(node),
            // A lone `!` says that the value is what it looks like.
            Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Ok(node),
            Some(tag) if tag.handle == "!" => {
                let span = node.span;
                (self.tagged)(&tag.suffix, node).map_err(|message| error(span, message))
            }
            Some(tag) => Err(error(node.span, format!("the tag `{}{}` is not known", tag.handle, tag.suffix))),
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), JsonError> {
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            return Err(error(span, "an alias of something that holds it, or that is not there"));
        };
        self.count(size, span)?;
        if self.is_key_next() {
            return match &node.kind {
                NodeKind::Text(text) => self.key(text, ScalarStyle::DoubleQuoted, span, 0),
                _ => Err(error(span, "a key is a text")),
            };
        }
        self.put(node)
    }

    fn begin(&mut self, start: Span, anchor: usize, tag: Option<&Tag>, kind: Collection) -> Result<(), JsonError> {
        if self.is_key_next() {
            return Err(error(start, "a key is a text, not a list or a map"));
        }
        if self.open.len() >= MOST_DEPTH {
            return Err(error(start, format!("nested deeper than {MOST_DEPTH} levels")));
        }
        let before = self.values;
        self.count(1, start)?;
        self.open.push(Open { start, anchor, tag: tag.cloned(), kind, before });
        Ok(())
    }

    fn end(&mut self, end: Span) -> Result<(), JsonError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let span = open.start.to(self.lines.without_space(open.start, end));
        let kind = match open.kind {
            Collection::List(elements) => NodeKind::List(elements),
            Collection::Map { members, merged, seen, .. } => NodeKind::Map(self.merged(members, merged, seen)?),
        };
        let node = self.tag(Node::new(span, kind), open.tag.as_ref())?;
        self.anchored(open.anchor, &node, self.values.saturating_sub(open.before));
        self.put(node)
    }

    /// The members of a map with those that `<<` brings: its own ones win, then the first.
    fn merged(
        &self,
        mut members: Vec<(Name, Node)>,
        merged: Vec<Node>,
        mut seen: FxHashSet<Name>,
    ) -> Result<Vec<(Name, Node)>, JsonError> {
        for source in merged {
            let span = source.span;
            let maps = match source.kind {
                NodeKind::List(elements) => elements,
                kind => vec![Node::new(span, kind)],
            };
            for map in maps {
                let NodeKind::Map(others) = map.kind else {
                    return Err(error(span, "`<<` takes a map, or a list of maps"));
                };
                members.extend(others.into_iter().filter(|(name, _)| seen.insert(name.clone())));
            }
        }
        Ok(members)
    }

    fn anchored(&mut self, anchor: usize, node: &Node, size: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
    }

    fn put(&mut self, node: Node) -> Result<(), JsonError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.kind {
            Collection::List(elements) => elements.push(node),
            Collection::Map { members, key, merged, seen } => match (key.take(), node) {
                (Some(Key::Name(name)), node) => members.push((name, node)),
                (Some(Key::Merge), node) => merged.push(node),
                // A key with a tag: `!!str yes`.
                (None, Node { kind: NodeKind::Text(text), span }) => {
                    if !seen.insert(text.clone()) {
                        return Err(error(span, format!("the key {text:?} occurs twice in one map")));
                    }
                    *key = Some(Key::Name(text));
                }
                (None, node) => return Err(error(node.span, "a key is a text")),
            },
        }
        Ok(())
    }
}
