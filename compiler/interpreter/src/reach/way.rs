//! Ways to show, and why none is known: for explanations, with bounded effort.
//!
//! A shortest way is looked for edge by edge. Where that takes too long, a tree of shortest ways that lead to one node
//! says how it goes on; findings that end at the same node, or lie in the same circles, share it.

use std::sync::{Arc, PoisonError};

use parapet_model::Unknown;

use crate::reach::bits::Bits;
use crate::reach::parts::Lists;
use crate::reach::{MOST_KEPT, Node, Reach, Ways};

/// A way of true edges; a long one is told by its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Way {
    /// Its first nodes.
    pub(crate) first: Vec<Node>,
    /// Its last nodes, where `first` are not all.
    pub(crate) last: Vec<Node>,
    /// How many nodes it has, both ends included; `None` where they were not counted.
    pub(crate) length: Option<usize>,
}

/// Ways over more nodes than this are told by their ends.
const MOST_NODES: usize = 12;

/// The nodes at each end of a way that is told by its ends.
pub(crate) const TOLD: usize = 4;

impl Way {
    fn whole(mut nodes: Vec<Node>) -> Way {
        let length = Some(nodes.len());
        let last = if nodes.len() > MOST_NODES { nodes.split_off(nodes.len() - TOLD) } else { Vec::new() };
        nodes.truncate(MOST_NODES);
        Way { first: nodes, last, length }
    }
}

/// The way goes on from a node to `next`, and has so many steps.
pub(crate) struct Tree {
    next: Vec<Node>,
    steps: Vec<u32>,
    /// By node, the node on its way at which the last nodes begin.
    last: Vec<Node>,
}

/// No node, or no number of steps.
const NONE: u32 = u32::MAX;

impl Tree {
    /// All ways to a node, by the edges taken backwards.
    fn to<W: Ways>(ways: &W, end: Node, before: &Lists) -> Tree {
        let size = ways.size();
        let mut tree = Tree { next: vec![NONE; size], steps: vec![NONE; size], last: vec![NONE; size] };
        tree.set(end, NONE, 0, end);
        let mut queue = vec![end];
        let mut at = 0;
        while let Some(node) = queue.get(at).copied() {
            at += 1;
            // Ways end at stand-ins and begin there, but do not pass them.
            if node != end && ways.blank(node).is_some() {
                continue;
            }
            let steps = tree.steps(node).unwrap_or(0) + 1;
            for from in before.get(node) {
                if tree.steps(*from).is_none() {
                    let last = if steps < TOLD as u32 { *from } else { tree.last(node) };
                    tree.set(*from, node, steps, last);
                    queue.push(*from);
                }
            }
        }
        tree
    }

    fn set(&mut self, node: Node, next: Node, steps: u32, last: Node) {
        for (list, value) in [(&mut self.next, next), (&mut self.steps, steps), (&mut self.last, last)] {
            if let Some(place) = list.get_mut(node as usize) {
                *place = value;
            }
        }
    }

    fn steps(&self, node: Node) -> Option<u32> {
        self.steps.get(node as usize).copied().filter(|steps| *steps != NONE)
    }

    fn next(&self, node: Node) -> Option<Node> {
        self.next.get(node as usize).copied().filter(|next| *next != NONE)
    }

    fn last(&self, node: Node) -> Node {
        self.last.get(node as usize).copied().unwrap_or(node)
    }

    fn bytes(&self) -> usize {
        self.next.len() * 12
    }

    /// The nodes on the way from one on.
    fn from(&self, node: Node) -> impl Iterator<Item = Node> {
        std::iter::successors(Some(node), |node| self.next(*node))
    }
}

impl Reach {
    /// A way of true edges from one node to another, to which one leads: a shortest one where one is found with bounded
    /// effort or no way leads back from its end, else some way, and not all of it.
    pub(crate) fn way(&self, ways: &impl Ways, from: Node, to: Node) -> Way {
        let near = near(ways, from, to, self.effort / 8);
        near.map_or_else(|| self.far(ways, from, to), Way::whole)
    }

    fn far(&self, ways: &impl Ways, from: Node, to: Node) -> Way {
        let parts = self.sure.parts(ways, &[from]);
        let (start, end) = (self.sure.start(&parts, ways, from), parts.of(to));
        let circles = start.filter(|start| Some(*start) == end);
        // By way of one node of all circles that both lie on: finding after finding asks for that one's tree.
        let by = circles.and_then(|part| parts.members(part).first().copied());
        drop(parts);
        if by.is_some()
            && let Some(way) = near(ways, from, to, self.effort)
        {
            return Way::whole(way);
        }
        let by = by.unwrap_or(to);
        let tree = self.tree(ways, by);
        let passes = |node: Node| node == by || ways.blank(node).is_none();
        let sure = ways.edges(from).iter().filter(|edge| edge.unknown.is_none() && passes(edge.to));
        let onward = sure.filter_map(|edge| Some((tree.steps(edge.to)?, edge.to))).min_by_key(|(steps, _)| *steps);
        let Some((steps, onward)) = onward else { return Way { first: vec![from], last: vec![to], length: None } };
        let mut first: Vec<Node> = std::iter::once(from).chain(tree.from(onward)).take(MOST_NODES).collect();
        if let Some(at) = first.iter().skip(1).position(|node| *node == to) {
            first.truncate(at + 2);
            return Way::whole(first);
        }
        match by == to {
            true => Way { first, last: tree.from(tree.last(onward)).collect(), length: Some(steps as usize + 2) },
            false => Way { first, last: vec![to], length: None },
        }
    }

    /// The nodes from which one true edge leads to a node.
    pub(crate) fn surely_from(&self, ways: &impl Ways, to: Node) -> impl Iterator<Item = Node> {
        self.before(ways).get(to).iter().copied()
    }

    fn before(&self, ways: &impl Ways) -> &Lists {
        self.before.get_or_init(|| before(ways))
    }

    fn tree(&self, ways: &impl Ways, end: Node) -> Arc<Tree> {
        let known = self.trees.read().unwrap_or_else(PoisonError::into_inner).get(&end).cloned();
        if let Some(known) = known {
            return known;
        }
        let made = Arc::new(Tree::to(ways, end, self.before(ways)));
        let mut kept = self.trees.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len().saturating_mul(made.bytes()) > MOST_KEPT {
            kept.clear();
        }
        kept.insert(end, made.clone());
        made
    }
}

/// By node, those from which true edges lead there.
fn before(ways: &impl Ways) -> Lists {
    let mut pairs: Vec<(Node, Node)> = Vec::new();
    for node in ways.nodes() {
        let sure = ways.edges(node).iter().filter(|edge| edge.unknown.is_none());
        pairs.extend(sure.map(|edge| (edge.to, node)));
    }
    pairs.sort_unstable();
    let mut lists = Lists::default();
    let mut pairs = pairs.into_iter().peekable();
    for node in 0..ways.size() as Node {
        while let Some((_, from)) = pairs.next_if(|(to, _)| *to == node) {
            lists.push(from);
        }
        lists.end();
    }
    lists
}

/// A shortest way, if it is found by looking at so many edges.
fn near(ways: &impl Ways, from: Node, to: Node, mut effort: usize) -> Option<Vec<Node>> {
    let mut seen = Bits::of(ways.size());
    // Each node with the place of the one before it.
    let mut queue: Vec<(Node, usize)> = vec![(from, usize::MAX)];
    let mut at = 0;
    while let Some((node, _)) = queue.get(at).copied() {
        for edge in ways.edges(node) {
            effort = effort.checked_sub(1)?;
            if edge.unknown.is_some() {
                continue;
            }
            if edge.to == to {
                let mut way = vec![to];
                way.extend(
                    std::iter::successors(queue.get(at), |(_, before)| queue.get(*before)).map(|(node, _)| *node),
                );
                way.reverse();
                return Some(way);
            }
            if seen.insert(edge.to) && edge.to != from && ways.blank(edge.to).is_none() {
                queue.push((edge.to, at));
            }
        }
        at += 1;
    }
    None
}

/// Why it is not known where ways from a node lead: of the edges that first lead to a node, true ones before others, what
/// is unknown of each. `None` if looking at so many edges finds nothing unknown.
pub(crate) fn from_first(ways: &impl Ways, from: Node, mut effort: usize) -> Option<Unknown> {
    let mut surely = Bits::of(ways.size());
    let mut nodes = vec![from];
    let mut at = 0;
    while let Some(node) = nodes.get(at).copied() {
        at += 1;
        if node != from && ways.blank(node).is_some() {
            continue;
        }
        for edge in ways.edges(node) {
            effort = effort.checked_sub(1)?;
            if edge.unknown.is_none() && surely.insert(edge.to) && edge.to != from {
                nodes.push(edge.to);
            }
        }
    }
    let (mut perhaps, mut why) = (Bits::of(ways.size()), None::<Unknown>);
    let mut at = 0;
    while let Some(node) = nodes.get(at).copied() {
        at += 1;
        let blank = ways.blank(node).filter(|_| node != from);
        for edge in ways.edges(node) {
            let Some(left) = effort.checked_sub(1) else { return why };
            effort = left;
            if surely.has(edge.to) || !perhaps.insert(edge.to) {
                continue;
            }
            if let Some(unknown) = edge.unknown.as_ref().or(blank.as_ref()) {
                why = Some(why.map_or(unknown.clone(), |why| why.and(unknown)));
            }
            if edge.to != from {
                nodes.push(edge.to);
            }
        }
    }
    why
}
