//! What the grammar matched, as a forest over the text of an item.
//!
//! pest gives a queue of tokens that counts in codes; here it becomes a list of nodes in the order of their beginnings, and a
//! [`Pair`] is a node with the text it stands in. Pairs are copied freely, and their places are those of the text.

use parapet_base::Span;
use pest::Token;

use crate::parse::Rule;
use crate::token::{Kind, Tokens};

/// A rule that matched, and the codes that it matched.
#[derive(Clone, Copy, Debug)]
struct Node {
    rule: Rule,
    start: u32,
    end: u32,
    /// The node behind the last one inside this.
    next: u32,
}

/// All that one rule matched.
#[derive(Debug)]
pub(crate) struct Forest<'t> {
    nodes: Vec<Node>,
    text: &'t str,
    tokens: &'t Tokens,
}

impl<'t> Forest<'t> {
    /// The forest of what pest matched in the codes that begin at a byte of all codes.
    pub(crate) fn of(
        pairs: pest::iterators::Pairs<'_, Rule>,
        first: usize,
        text: &'t str,
        tokens: &'t Tokens,
    ) -> Forest<'t> {
        let place = |at: usize| Span::new(first + at, 0).start;
        let queue = pairs.tokens();
        let mut nodes: Vec<Node> = Vec::with_capacity(queue.len() / 2);
        let mut open: Vec<usize> = Vec::new();
        for token in queue {
            match token {
                Token::Start { rule, pos } => {
                    open.push(nodes.len());
                    nodes.push(Node { rule, start: place(pos.pos()), end: 0, next: 0 });
                }
                Token::End { pos, .. } => {
                    let next = Span::new(nodes.len(), 0).start;
                    if let Some(node) = open.pop().and_then(|at| nodes.get_mut(at)) {
                        (node.end, node.next) = (place(pos.pos()), next);
                    }
                }
            }
        }
        Forest { nodes, text, tokens }
    }

    /// The pairs that are in no other.
    pub(crate) fn roots(&self) -> Pairs<'_> {
        Pairs { forest: self, at: 0, end: self.nodes.len() }
    }
}

/// A rule that matched.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'t> {
    forest: &'t Forest<'t>,
    node: Node,
    at: usize,
}

impl<'t> Pair<'t> {
    pub(crate) fn as_rule(&self) -> Rule {
        self.node.rule
    }

    pub(crate) fn span(&self) -> Span {
        let Node { start, end, .. } = self.node;
        let place = |at: u32| self.forest.tokens.place(at as usize);
        let first = place(start).unwrap_or_default();
        let last = if start < end { place(end - 1).unwrap_or_default().end } else { first.start };
        Span { start: first.start, end: last }
    }

    pub(crate) fn as_str(&self) -> &'t str {
        self.forest.text.get(self.span().range()).unwrap_or_default()
    }

    /// The byte of the text at which it begins.
    pub(crate) fn start(&self) -> usize {
        self.span().start as usize
    }

    /// Whether its first token is of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.forest.tokens.code(self.node.start as usize) == Some(kind.code())
    }

    /// The texts of its tokens.
    fn words(self) -> impl Iterator<Item = &'t str> {
        let mut last = None;
        (self.node.start as usize..self.node.end as usize).filter_map(move |at| {
            let place = self.forest.tokens.place(at).filter(|place| last != Some(*place))?;
            last = Some(place);
            self.forest.text.get(place.range())
        })
    }

    /// Whether another one has the same rules around the same tokens.
    fn is_same(self, other: Pair<'_>) -> bool {
        let (mine, others) = (self.into_inner(), other.into_inner());
        let leaf = mine.peek().is_none();
        self.as_rule() == other.as_rule() && mine.is_same(others) && (!leaf || self.words().eq(other.words()))
    }

    pub(crate) fn into_inner(self) -> Pairs<'t> {
        Pairs { forest: self.forest, at: self.at + 1, end: self.node.next as usize }
    }
}

/// Pairs that follow each other.
#[derive(Clone, Copy)]
pub(crate) struct Pairs<'t> {
    forest: &'t Forest<'t>,
    at: usize,
    end: usize,
}

impl<'t> Pairs<'t> {
    pub(crate) fn peek(&self) -> Option<Pair<'t>> {
        if self.at >= self.end {
            return None;
        }
        let node = self.forest.nodes.get(self.at)?;
        Some(Pair { forest: self.forest, node: *node, at: self.at })
    }

    /// The pairs before one of them, and those from there on.
    pub(crate) fn split_before(self, pair: Pair<'t>) -> (Pairs<'t>, Pairs<'t>) {
        (Pairs { end: pair.at, ..self }, Pairs { at: pair.at, ..self })
    }

    /// The byte of the text at which they begin.
    pub(crate) fn start(self) -> usize {
        self.peek().map_or(0, |pair| pair.start())
    }

    /// Where the text of all of them stands.
    pub(crate) fn span(self) -> Span {
        let first = self.peek().map(|pair| pair.span()).unwrap_or_default();
        self.last().map_or(first, |last| first.to(last.span()))
    }

    /// Whether others are of the same rules in the same nesting, around the same tokens; commas do not count.
    pub(crate) fn is_same(self, others: Pairs<'_>) -> bool {
        let counts = |pair: &Pair<'_>| pair.as_rule() != Rule::comma;
        let (mut mine, mut others) = (self.filter(counts), others.filter(counts));
        loop {
            match (mine.next(), others.next()) {
                (None, None) => return true,
                (Some(mine), Some(other)) if mine.is_same(other) => {}
                (Some(_), _) | (None, Some(_)) => return false,
            }
        }
    }
}

impl<'t> Iterator for Pairs<'t> {
    type Item = Pair<'t>;

    fn next(&mut self) -> Option<Pair<'t>> {
        let pair = self.peek()?;
        self.at = pair.node.next as usize;
        Some(pair)
    }
}
