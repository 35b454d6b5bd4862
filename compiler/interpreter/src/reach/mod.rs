//! Which nodes of a graph lead to which, where edges are true or unknown.
//!
//! A way is true where all of its edges are, and no stand-in is passed: what it stands for may not exist. Nodes that
//! lead to each other are one part ([`parts`]), for the true edges and for all; what parts lead to is found as far as it
//! is asked ([`closed`]). Answers are the same in whatever order nodes are asked of, by however many threads.

mod bits;
mod closed;
mod parts;
#[cfg(test)]
mod tests;
mod way;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use parapet_model::{Truth, Unknown};
use rustc_hash::FxHashMap;

pub(crate) use crate::reach::bits::Bits;
use crate::reach::closed::Closed;
use crate::reach::parts::{Kind, Lists, Part, Parts};
pub(crate) use crate::reach::way::{TOLD, Way};
use crate::reach::way::{Tree, from_first};

/// The index of a resource or of an account.
pub(crate) type Node = u32;

/// An edge that may be there; `unknown` when it is not known to be.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub(crate) to: Node,
    pub(crate) unknown: Option<Unknown>,
}

/// A graph whose edges are found when they are first asked for.
pub(crate) trait Ways {
    /// Every node is below.
    fn size(&self) -> usize;

    /// The nodes that may stand on a way.
    fn nodes(&self) -> Vec<Node>;

    /// The edges that leave a node, always in the same order.
    fn edges(&self, node: Node) -> &[Edge];

    /// Why nobody knows that a node exists; `None` for one that does.
    fn blank(&self, node: Node) -> Option<Unknown>;
}

/// More memory than this, in bytes, is not kept for what parts lead to, nor for trees.
const MOST_KEPT: usize = 64 << 20;

/// So many edges are looked at for one explanation: some tenths of a millisecond.
const EFFORT: usize = 1 << 12;

/// What was found of a graph.
pub(crate) struct Reach {
    sure: Closed,
    possible: Closed,
    /// By the node at which ways begin.
    whys: RwLock<FxHashMap<Node, Unknown>>,
    /// By the node that they lead to.
    trees: RwLock<FxHashMap<Node, Arc<Tree>>>,
    /// By node, those from which true edges lead there.
    before: OnceLock<Lists>,
    /// How many edges are looked at for an explanation.
    effort: usize,
}

impl Reach {
    pub(crate) fn new(size: usize) -> Reach {
        Reach::with_effort(size, EFFORT)
    }

    fn with_effort(size: usize, effort: usize) -> Reach {
        Reach {
            sure: Closed::new(Kind::Sure, size),
            possible: Closed::new(Kind::Possible, size),
            whys: RwLock::default(),
            trees: RwLock::default(),
            before: OnceLock::new(),
            effort,
        }
    }

    /// Whether ways lead from one node to another.
    pub(crate) fn leads(&self, ways: &impl Ways, from: Node, to: Node) -> Truth {
        let parts = self.possible.parts(ways, &[from]);
        // Where the search did not come to, nothing leads.
        let Some((start, end)) = parts.of(from).zip(parts.of(to)) else { return Truth::False };
        if !self.possible.leads(&parts, start, end) {
            return Truth::False;
        }
        let Some(unsure) = parts.unsure(start) else { return Truth::True };
        if self.surely_leads(ways, from, to) { Truth::True } else { Truth::Unknown(self.why(ways, from, unsure)) }
    }

    fn surely_leads(&self, ways: &impl Ways, from: Node, to: Node) -> bool {
        let parts = self.sure.parts(ways, &[from]);
        let pair = self.sure.start(&parts, ways, from).zip(parts.of(to));
        pair.is_some_and(|(start, end)| self.sure.leads(&parts, start, end))
    }

    /// The nodes that ways from a node lead to, or may, in order; with each whether they surely do.
    pub(crate) fn ends(&self, ways: &impl Ways, from: Node) -> Vec<(Node, bool)> {
        let parts = self.possible.parts(ways, &[from]);
        let Some(start) = parts.of(from) else { return Vec::new() };
        let found = nodes_of(&parts, start, &self.possible.targets(&parts, start));
        if parts.unsure(start).is_none() {
            return found.into_iter().map(|node| (node, true)).collect();
        }
        let parts = self.sure.parts(ways, &[from]);
        let Some(start) = self.sure.start(&parts, ways, from) else { return Vec::new() };
        let surely = self.sure.targets(&parts, start);
        let sure = |part: Part| if part == start { parts.round(part) } else { surely.has(part) };
        found.into_iter().map(|node| (node, parts.of(node).is_some_and(sure))).collect()
    }

    /// The nodes from which ways lead to a node, or may, in order; with each whether they surely do.
    pub(crate) fn starts(&self, ways: &impl Ways, to: Node) -> Vec<(Node, bool)> {
        let parts = self.possible.whole(ways);
        let Some(end) = parts.of(to) else { return Vec::new() };
        let found = self.possible.sources(&parts, end, |sources| nodes_of(&parts, end, sources));
        let unsure = |node: &Node| parts.of(*node).is_none_or(|part| parts.unsure(part).is_some());
        if !found.iter().any(unsure) {
            return found.into_iter().map(|node| (node, true)).collect();
        }
        let parts = self.sure.whole(ways);
        let Some(end) = parts.of(to) else { return found.into_iter().map(|node| (node, false)).collect() };
        self.sure.sources(&parts, end, |sources| {
            let sure = |part: Part| if part == end { parts.round(part) } else { sources.has(part) };
            let surely = |node: Node| self.sure.start(&parts, ways, node).is_some_and(sure);
            found.into_iter().map(|node| (node, surely(node))).collect()
        })
    }

    /// Why it is not known where a node leads: what is met first, going the true edges before the others. `unsure` is
    /// what to say where nothing is met with bounded effort.
    fn why(&self, ways: &impl Ways, from: Node, unsure: &Unknown) -> Unknown {
        let known = self.whys.read().unwrap_or_else(PoisonError::into_inner).get(&from).cloned();
        if let Some(known) = known {
            return known;
        }
        let why = from_first(ways, from, self.effort).unwrap_or_else(|| unsure.clone());
        self.whys.write().unwrap_or_else(PoisonError::into_inner).insert(from, why.clone());
        why
    }
}

/// The nodes of other parts, and of one's own where ways lead back to it.
fn nodes_of(parts: &Parts, own: Part, others: &Bits) -> Vec<Node> {
    let own = Some(own).filter(|part| parts.round(*part));
    let mut nodes: Vec<Node> =
        own.into_iter().chain(others.iter()).flat_map(|part| parts.members(part)).copied().collect();
    nodes.sort_unstable();
    nodes
}
