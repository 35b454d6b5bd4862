//! The graph of a relation that is used closed: `a name+ b`.
//!
//! Nodes are resources (stand-ins for what was not collected among them) or accounts; an edge is a pair of which the
//! relation is true or unknown. The edges of a node are found when a way first leads there, once a run. `a name+ b` is
//! true where a way of true edges leads from `a` to `b`, unknown where only ways with an unknown edge do, else false. A
//! way by a stand-in is unknown at best: what it stands for may not exist.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use parapet_ir::{ExprKind, Function, Population, walk};
use parapet_model::{AccountIndex, Name, ResourceId, Truth, Unknown, Value};
use rustc_hash::FxHashMap;

use crate::engine::Engine;
use crate::eval::Eval;

/// A node: the index of a resource or of an account.
pub(crate) type Node = u32;

/// An edge that may be there; `unknown` when it is not known to be.
pub(crate) struct Edge {
    pub(crate) to: Node,
    pub(crate) unknown: Option<Unknown>,
}

/// See the module.
pub(crate) struct Graph {
    function: Arc<Function>,
    accounts: bool,
    /// The types of the nodes, where they are listed.
    types: Option<Arc<[Name]>>,
    /// The nodes that are resources or accounts of the inputs, in order.
    pub(crate) real: Vec<Node>,
    stand_ins: Vec<Node>,
    /// What was not collected is one node for each place, not one for all of a type.
    by_place: bool,
    /// By node.
    edges: Vec<OnceLock<Vec<Edge>>>,
    reached: RwLock<FxHashMap<Node, Arc<Reached>>>,
}

/// More memory than this, in bytes, is not kept for what nodes reach.
const MOST_KEPT: usize = 64 << 20;

/// The nodes that ways from one node lead to.
pub(crate) struct Reached {
    surely: Bits,
    perhaps: Bits,
    why: Option<Unknown>,
}

/// A set of nodes.
struct Bits(Vec<u64>);

impl Bits {
    fn of(size: usize) -> Bits {
        Bits(vec![0; size.div_ceil(64)])
    }

    fn has(&self, node: Node) -> bool {
        self.0.get(node as usize / 64).is_some_and(|word| word >> (node % 64) & 1 == 1)
    }

    /// Whether the node is new.
    fn insert(&mut self, node: Node) -> bool {
        let Some(word) = self.0.get_mut(node as usize / 64) else { return false };
        let new = *word >> (node % 64) & 1 == 0;
        *word |= 1 << (node % 64);
        new
    }
}

impl Graph {
    pub(crate) fn new(engine: &Engine<'_>, function: &Arc<Function>, by_way_of: &Population) -> Graph {
        let world = engine.world;
        let ids = |ids: Vec<ResourceId>| ids.into_iter().map(|id| id.0).collect::<Vec<Node>>();
        let by_place = reads_place(function);
        let (real, stand_ins) = match by_way_of {
            Population::Types(types) => (
                ids(types.iter().flat_map(|name| world.of_type(name)).copied().collect()),
                ids(world.stand_ins_of(Some(types), by_place)),
            ),
            Population::AllResources => {
                (ids(world.resources().map(|(id, _)| id).collect()), ids(world.stand_ins_of(None, false)))
            }
            Population::Accounts => ((0..world.accounts().len() as Node).collect(), Vec::new()),
        };
        let accounts = *by_way_of == Population::Accounts;
        let size = if accounts { world.accounts().len() } else { world.size() };
        let edges = (0..size).map(|_| OnceLock::new()).collect();
        let types = match by_way_of {
            Population::Types(types) => Some(types.clone()),
            Population::AllResources | Population::Accounts => None,
        };
        Graph {
            function: function.clone(),
            accounts,
            types,
            real,
            stand_ins,
            by_place,
            edges,
            reached: RwLock::default(),
        }
    }

    /// Whether the ways from one resource or account lead to another.
    pub(crate) fn leads(&self, engine: &Engine<'_>, from: Node, to: Node) -> Truth {
        let (from, to) = match (self.node(engine, from), self.node(engine, to)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(unknown), _) | (_, Err(unknown)) => return Truth::Unknown(unknown),
        };
        let reached = self.reached(engine, from);
        match (reached.surely.has(to), reached.perhaps.has(to), &reached.why) {
            (true, _, _) => Truth::True,
            (false, true, Some(why)) => Truth::Unknown(why.clone()),
            (false, _, _) => Truth::False,
        }
    }

    /// The real nodes that ways from a node lead to, or may.
    pub(crate) fn ends(&self, engine: &Engine<'_>, from: Node) -> Vec<Node> {
        match self.node(engine, from) {
            Ok(from) => {
                let reached = self.reached(engine, from);
                self.real
                    .iter()
                    .copied()
                    .filter(|node| reached.surely.has(*node) || reached.perhaps.has(*node))
                    .collect()
            }
            Err(_) => self.real.clone(),
        }
    }

    /// The node that a stand-in is here: binders may tell places apart that the relation does not, or the reverse.
    fn node(&self, engine: &Engine<'_>, node: Node) -> Result<Node, Unknown> {
        let Some(blank) = self.blank(engine, node).filter(|_| !self.stand_ins.contains(&node)) else { return Ok(node) };
        let ty = engine.world.resource(ResourceId(node)).map(|resource| resource.resource_type.clone());
        let same = ty.map(|ty| engine.world.stand_ins_of(Some(&[ty]), false)).unwrap_or_default();
        match same.first().filter(|_| !self.by_place) {
            Some(placeless) => Ok(placeless.0),
            None => Err(blank),
        }
    }

    /// A shortest way of true edges: the nodes on it, both ends included.
    pub(crate) fn way(&self, engine: &Engine<'_>, from: Node, to: Node) -> Vec<Node> {
        let mut before: FxHashMap<Node, Node> = FxHashMap::default();
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            let sure = self.edges(engine, node).iter().filter(|edge| edge.unknown.is_none());
            for edge in sure {
                let new = !before.contains_key(&edge.to);
                if new {
                    before.insert(edge.to, node);
                }
                if edge.to == to {
                    return way_back(&before, from, to);
                }
                if new && self.blank(engine, edge.to).is_none() {
                    queue.push_back(edge.to);
                }
            }
        }
        Vec::new()
    }

    fn reached(&self, engine: &Engine<'_>, from: Node) -> Arc<Reached> {
        let known = self.reached.read().unwrap_or_else(PoisonError::into_inner).get(&from).cloned();
        if let Some(known) = known {
            return known;
        }
        let found = Arc::new(self.find(engine, from));
        let mut kept = self.reached.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() * self.edges.len() / 4 > MOST_KEPT {
            kept.clear();
        }
        kept.insert(from, found.clone());
        found
    }

    /// Goes all ways from a node: first those of true edges, then the others, each edge once.
    fn find(&self, engine: &Engine<'_>, from: Node) -> Reached {
        let size = self.edges.len();
        let mut reached = Reached { surely: Bits::of(size), perhaps: Bits::of(size), why: None };
        let mut sure = vec![from];
        let mut at = 0;
        while let Some(node) = sure.get(at).copied() {
            at += 1;
            if node != from && self.blank(engine, node).is_some() {
                continue;
            }
            for edge in self.edges(engine, node).iter().filter(|edge| edge.unknown.is_none()) {
                if reached.surely.insert(edge.to) && edge.to != from {
                    sure.push(edge.to);
                }
            }
        }
        let mut all = sure;
        let mut at = 0;
        while let Some(node) = all.get(at).copied() {
            at += 1;
            let blank = self.blank(engine, node).filter(|_| node != from);
            for edge in self.edges(engine, node) {
                if reached.surely.has(edge.to) || !reached.perhaps.insert(edge.to) {
                    continue;
                }
                if let Some(unknown) = edge.unknown.as_ref().or(blank.as_ref()) {
                    reached.why = Some(reached.why.as_ref().map_or(unknown.clone(), |why| why.and(unknown)));
                }
                if edge.to != from {
                    all.push(edge.to);
                }
            }
        }
        reached
    }

    /// Why nobody knows that a node exists; `None` for one that does.
    fn blank(&self, engine: &Engine<'_>, node: Node) -> Option<Unknown> {
        if self.accounts || !engine.world.is_stand_in(ResourceId(node)) {
            return None;
        }
        engine.world.resource(ResourceId(node)).and_then(|resource| resource.blank.clone())
    }

    pub(crate) fn value(&self, node: Node) -> Value {
        if self.accounts { Value::Account(AccountIndex(node)) } else { Value::Resource(ResourceId(node)) }
    }

    /// The edges that leave a node, in the order of the inputs, stand-ins last.
    fn edges(&self, engine: &Engine<'_>, node: Node) -> &[Edge] {
        match self.edges.get(node as usize) {
            Some(cell) => cell.get_or_init(|| self.find_edges(engine, node)),
            None => &[],
        }
    }

    fn find_edges(&self, engine: &Engine<'_>, node: Node) -> Vec<Edge> {
        let subject = (!self.accounts).then_some(ResourceId(node));
        let mut eval = Eval::new(engine, self.function.slots, subject, None).within(&self.function.path);
        let [left, right] = self.function.parameters.as_slice() else { return Vec::new() };
        let origin = |eval: &Eval<'_>, node: Node| match self.accounts {
            true => Default::default(),
            false => eval.resource_origin(ResourceId(node)),
        };
        let from = origin(&eval, node);
        eval.set(*left, self.value(node), from);
        let candidates = match self.accounts {
            true => None,
            false => eval.possible(&self.function.body, *right, self),
        };
        let mut edges = Vec::new();
        let stand_ins = match self.by_place {
            true => eval.uncollected_ends(&self.function.body, *right, &self.stand_ins),
            false => self.stand_ins.clone(),
        };
        for to in candidates.as_ref().unwrap_or(&self.real).iter().chain(&stand_ins).copied() {
            let end = origin(&eval, to);
            eval.set(*right, self.value(to), end);
            match eval.truth(&self.function.body) {
                Truth::True => edges.push(Edge { to, unknown: None }),
                Truth::Unknown(unknown) => edges.push(Edge { to, unknown: Some(unknown) }),
                Truth::False => {}
            }
        }
        edges
    }

    /// The types of the nodes; `None` where they are of any type, or accounts.
    pub(crate) fn types(&self) -> Option<&[Name]> {
        self.types.as_deref()
    }

    pub(crate) fn function(&self) -> &Function {
        &self.function
    }
}

/// The way that was found, from its last step back.
fn way_back(before: &FxHashMap<Node, Node>, from: Node, to: Node) -> Vec<Node> {
    let mut way = vec![to];
    let mut at = to;
    // A way round ends where it begins, so that the first step back is taken in any case.
    while let Some(node) = before.get(&at).copied() {
        way.push(node);
        at = node;
        if at == from || way.len() > before.len() + 1 {
            break;
        }
    }
    way.reverse();
    way
}

/// Whether the account or region of a resource may matter to a relation; then what was not collected is looked at place
/// by place.
fn reads_place(function: &Function) -> bool {
    let mut reads = false;
    walk(&function.body, &mut |part| match &part.kind {
        ExprKind::Header { name, .. } => reads |= matches!(&**name, "account" | "region" | "arn"),
        ExprKind::Call { .. } | ExprKind::Closure { .. } => reads = true,
        _ => {}
    });
    reads
}
