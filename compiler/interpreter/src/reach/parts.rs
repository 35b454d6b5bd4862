//! The strongly connected parts of a graph: nodes that lead to each other.
//!
//! Parts are numbered as the search ends with them, so that edges between parts lead from a higher number to a lower
//! one. What was gone through is closed: no edge leads out of it, and a part never changes. The search (Tarjan's, with a
//! stack of its own) goes on from where it is each time another node is asked of, so that all of them together cost
//! one look at each edge.

use parapet_model::Unknown;

use crate::reach::{Edge, Node, Ways};

/// The number of a part.
pub(crate) type Part = u32;

/// Of a node that the search has not come to.
const NONE: Part = u32::MAX;

/// Which edges count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Those known to be there. None leaves a stand-in, but for that at which a way begins: its departure is a node
    /// of its own, to which no edge leads ([`Kind::start`]).
    Sure,
    /// All.
    Possible,
}

impl Kind {
    /// The node at which ways from `node` begin.
    pub(crate) fn start(self, ways: &impl Ways, node: Node) -> Node {
        match self {
            Kind::Sure if ways.blank(node).is_some() => node + ways.size() as Node,
            Kind::Sure | Kind::Possible => node,
        }
    }

    fn edges<W: Ways>(self, ways: &W, node: Node) -> &[Edge] {
        match self {
            Kind::Possible => ways.edges(node),
            Kind::Sure => match node.checked_sub(ways.size() as Node) {
                Some(departing) => ways.edges(departing),
                None if ways.blank(node).is_some() => &[],
                None => ways.edges(node),
            },
        }
    }

    fn counts(self, edge: &Edge) -> bool {
        self == Kind::Possible || edge.unknown.is_none()
    }
}

/// See the module.
pub(crate) struct Parts {
    kind: Kind,
    /// By node.
    of: Vec<Part>,
    /// By node, the order in which the search came to them, from 1; 0 for those it did not come to.
    number: Vec<u32>,
    /// By node, the lowest number that it was seen to lead to.
    low: Vec<u32>,
    numbered: u32,
    /// Nodes whose part is not ended.
    open: Vec<Node>,
    members: Lists,
    next: Lists,
    /// By part: whether ways lead from it to itself.
    round: Vec<bool>,
    /// By part: why not all edges that it leads to are sure.
    unsure: Vec<Option<Unknown>>,
}

impl Parts {
    pub(crate) fn new(kind: Kind, size: usize) -> Parts {
        let nodes = match kind {
            Kind::Sure => 2 * size,
            Kind::Possible => size,
        };
        Parts {
            kind,
            of: vec![NONE; nodes],
            number: vec![0; nodes],
            low: vec![0; nodes],
            numbered: 0,
            open: Vec::new(),
            members: Lists::default(),
            next: Lists::default(),
            round: Vec::new(),
            unsure: Vec::new(),
        }
    }

    /// How many parts there are.
    pub(crate) fn len(&self) -> usize {
        self.round.len()
    }

    /// The part of a node, if the search came to it.
    pub(crate) fn of(&self, node: Node) -> Option<Part> {
        self.of.get(node as usize).copied().filter(|part| *part != NONE)
    }

    /// The nodes of a part, in order.
    pub(crate) fn members(&self, part: Part) -> &[Node] {
        self.members.get(part)
    }

    /// The other parts that edges lead to, from the highest number to the lowest.
    pub(crate) fn next(&self, part: Part) -> &[Part] {
        self.next.get(part)
    }

    /// Whether ways lead from each node of a part to each.
    pub(crate) fn round(&self, part: Part) -> bool {
        self.round.get(part as usize).copied().unwrap_or(false)
    }

    /// Why not all edges that can be come to from a part are sure; `None` where they are. It is the same in whatever
    /// order nodes are asked of.
    pub(crate) fn unsure(&self, part: Part) -> Option<&Unknown> {
        self.unsure.get(part as usize).and_then(Option::as_ref)
    }

    /// Goes through all that ways from a node lead to.
    pub(crate) fn explore(&mut self, ways: &impl Ways, root: Node) {
        if self.number_of(root) != 0 || root as usize >= self.number.len() {
            return;
        }
        let mut path = vec![(root, 0)];
        self.open(root);
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            let Some(edge) = self.kind.edges(ways, node).get(*at) else {
                path.pop();
                if let Some((before, _)) = path.last() {
                    self.lower(*before, self.low_of(node));
                }
                if self.low_of(node) == self.number_of(node) {
                    self.end(ways, node);
                }
                continue;
            };
            *at += 1;
            if !self.kind.counts(edge) {
                continue;
            }
            match self.number_of(edge.to) {
                0 => {
                    self.open(edge.to);
                    path.push((edge.to, 0));
                }
                number if self.of(edge.to).is_none() => self.lower(node, number),
                _ => {}
            }
        }
    }

    fn open(&mut self, node: Node) {
        self.numbered += 1;
        for list in [&mut self.number, &mut self.low] {
            if let Some(place) = list.get_mut(node as usize) {
                *place = self.numbered;
            }
        }
        self.open.push(node);
    }

    fn number_of(&self, node: Node) -> u32 {
        self.number.get(node as usize).copied().unwrap_or(0)
    }

    fn low_of(&self, node: Node) -> u32 {
        self.low.get(node as usize).copied().unwrap_or(0)
    }

    fn lower(&mut self, node: Node, number: u32) {
        if let Some(low) = self.low.get_mut(node as usize) {
            *low = number.min(*low);
        }
    }

    /// Makes a part of the open nodes from `first` on.
    fn end(&mut self, ways: &impl Ways, first: Node) {
        let from = self.open.iter().rposition(|node| *node == first).unwrap_or(0);
        let mut members = self.open.split_off(from);
        members.sort_unstable();
        let part = self.len() as Part;
        for member in &members {
            if let Some(of) = self.of.get_mut(*member as usize) {
                *of = part;
            }
        }
        self.connect(ways, part, &members);
        members.into_iter().for_each(|member| self.members.push(member));
        self.members.end();
    }

    fn connect(&mut self, ways: &impl Ways, part: Part, members: &[Node]) {
        let (mut next, mut round) = (Vec::new(), false);
        let (mut own, mut below) = (None, None);
        for member in members {
            let edges = self.kind.edges(ways, *member);
            let blank = ways.blank(*member);
            for edge in edges.iter().filter(|edge| self.kind.counts(edge)) {
                own = own.or_else(|| edge.unknown.clone().or_else(|| blank.clone()));
                match self.of(edge.to) {
                    Some(to) if to == part => round = true,
                    Some(to) => {
                        next.push(to);
                        below = below.or_else(|| self.unsure(to).cloned());
                    }
                    None => {}
                }
            }
        }
        next.sort_unstable_by(|a, b| b.cmp(a));
        next.dedup();
        next.into_iter().for_each(|to| self.next.push(to));
        self.next.end();
        self.round.push(round);
        self.unsure.push(own.or(below));
    }
}

/// Lists of numbers, one behind the other.
#[derive(Default)]
pub(crate) struct Lists {
    items: Vec<u32>,
    ends: Vec<usize>,
}

impl Lists {
    /// Adds to the list that is not ended.
    pub(crate) fn push(&mut self, item: u32) {
        self.items.push(item);
    }

    pub(crate) fn end(&mut self) {
        self.ends.push(self.items.len());
    }

    pub(crate) fn get(&self, at: u32) -> &[u32] {
        let at = at as usize;
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(at).copied());
        range.and_then(|(start, end)| self.items.get(start..end)).unwrap_or_default()
    }
}
