//! The graph of a relation that is used closed: `a name+ b`.
//!
//! Nodes are resources (stand-ins for what was not collected among them) or accounts; an edge is a pair of which the
//! relation is true or unknown. The edges of a node are found when a way first leads there, once a run. `a name+ b` is
//! true where a way of true edges leads from `a` to `b`, unknown where only ways with an unknown edge do, else false. A
//! way by a stand-in is unknown at best: what it stands for may not exist.

use std::sync::{Arc, OnceLock};

use parapet_ir::{ExprKind, Function, Population, walk};
use parapet_model::{AccountIndex, Name, ResourceId, Truth, Unknown, Value};

use crate::engine::Engine;
use crate::eval::{Candidate, Eval, Sought};
use crate::reach::{Bits, Edge, Node, Reach, Way, Ways};

/// See the module.
pub(crate) struct Graph {
    function: Arc<Function>,
    accounts: bool,
    /// The types of the nodes, where they are listed.
    types: Option<Arc<[Name]>>,
    /// The nodes that are resources or accounts of the inputs, in order.
    real: Vec<Node>,
    stand_ins: Vec<Node>,
    /// What was not collected is one node for each place, not one for all of a type.
    by_place: bool,
    /// By node.
    edges: Vec<OnceLock<Vec<Edge>>>,
    /// The nodes that are resources or accounts of the inputs.
    is_real: Bits,
    reach: Reach,
}

/// A graph as an engine sees it.
struct Seen<'g, 'e> {
    graph: &'g Graph,
    engine: &'g Engine<'e>,
}

impl Ways for Seen<'_, '_> {
    fn size(&self) -> usize {
        self.graph.edges.len()
    }

    fn nodes(&self) -> Vec<Node> {
        self.graph.real.iter().chain(&self.graph.stand_ins).copied().collect()
    }

    fn edges(&self, node: Node) -> &[Edge] {
        self.graph.edges(self.engine, node)
    }

    fn blank(&self, node: Node) -> Option<Unknown> {
        self.graph.blank(self.engine, node)
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
            Population::AllResources => (ids(world.ids().collect()), ids(world.stand_ins_of(None, false))),
            Population::Accounts => ((0..world.accounts().len() as Node).collect(), Vec::new()),
        };
        let accounts = *by_way_of == Population::Accounts;
        let size = if accounts { world.accounts().len() } else { world.size() };
        let edges = (0..size).map(|_| OnceLock::new()).collect();
        let mut is_real = Bits::of(size);
        for node in &real {
            is_real.insert(*node);
        }
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
            is_real,
            reach: Reach::new(size),
        }
    }

    /// Whether the ways from one resource or account lead to another.
    pub(crate) fn leads(&self, engine: &Engine<'_>, from: Node, to: Node) -> Truth {
        let (from, to) = match (self.node(engine, from), self.node(engine, to)) {
            (Ok(from), Ok(to)) => (from, to),
            (Err(unknown), _) | (_, Err(unknown)) => return Truth::Unknown(unknown),
        };
        self.reach.leads(&self.seen(engine), from, to)
    }

    fn seen<'g, 'e>(&'g self, engine: &'g Engine<'e>) -> Seen<'g, 'e> {
        Seen { graph: self, engine }
    }

    /// The real nodes that ways from a node lead to, or may.
    pub(crate) fn ends(&self, engine: &Engine<'_>, from: Node) -> Vec<Candidate> {
        match self.node(engine, from) {
            Ok(from) => self.candidates(self.reach.ends(&self.seen(engine), from)),
            Err(_) => self.any(),
        }
    }

    /// The real nodes from which ways lead to a node, or may.
    pub(crate) fn starts(&self, engine: &Engine<'_>, to: Node) -> Vec<Candidate> {
        match self.node(engine, to) {
            Ok(to) => self.candidates(self.reach.starts(&self.seen(engine), to)),
            Err(_) => self.any(),
        }
    }

    /// Some real resource of these types from which a way surely leads to a node: one of a single step, if there is any.
    pub(crate) fn one_start(&self, engine: &Engine<'_>, to: Node, types: &[Name]) -> Option<Node> {
        let to = self.node(engine, to).ok()?;
        self.reach.surely_from(&self.seen(engine), to).find(|node| self.is_of(engine, *node, types))
    }

    /// Some real resource of these types to which a way surely leads from a node, likewise.
    pub(crate) fn one_end(&self, engine: &Engine<'_>, from: Node, types: &[Name]) -> Option<Node> {
        let from = self.node(engine, from).ok()?;
        let sure = self.edges(engine, from).iter().filter(|edge| edge.unknown.is_none());
        sure.map(|edge| edge.to).find(|node| self.is_of(engine, *node, types))
    }

    fn is_of(&self, engine: &Engine<'_>, node: Node, types: &[Name]) -> bool {
        let resource = engine.world.resource(ResourceId(node)).filter(|_| self.is_real.has(node));
        resource.is_some_and(|resource| types.contains(&resource.resource_type))
    }

    fn candidates(&self, nodes: Vec<(Node, bool)>) -> Vec<Candidate> {
        let real = nodes.into_iter().filter(|(node, _)| self.is_real.has(*node));
        real.map(|(node, surely)| Candidate { id: ResourceId(node), surely }).collect()
    }

    fn any(&self) -> Vec<Candidate> {
        self.real.iter().map(|node| Candidate { id: ResourceId(*node), surely: false }).collect()
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

    /// A way of true edges from one node to another, to which one leads.
    pub(crate) fn way(&self, engine: &Engine<'_>, from: Node, to: Node) -> Way {
        self.reach.way(&self.seen(engine), from, to)
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
        // A recorder wants to hear what is decided on the way to each truth.
        let surely = engine.recorder.is_none();
        let sought = self.types.as_deref().map(|types| Sought { target: *right, types, surely });
        let candidates = sought.and_then(|sought| eval.possible(&self.function.body, sought));
        let stand_ins = match self.by_place {
            true => eval.uncollected_ends(&self.function.body, *right, &self.stand_ins),
            false => self.stand_ins.clone(),
        };
        let mut edges = Vec::new();
        let mut ask = |to: Node| {
            let end = origin(&eval, to);
            eval.set(*right, self.value(to), end);
            match eval.truth(&self.function.body) {
                Truth::True => Some(Edge { to, unknown: None }),
                Truth::Unknown(unknown) => Some(Edge { to, unknown: Some(unknown) }),
                Truth::False => None,
            }
        };
        match candidates {
            Some(candidates) => {
                for candidate in candidates.into_iter().filter(|found| self.is_real.has(found.id.0)) {
                    let (id, known) = (candidate.id, surely && candidate.surely);
                    debug_assert!(!known || ask(id.0).is_some_and(|edge| edge.unknown.is_none()));
                    edges.extend(if known { Some(Edge { to: id.0, unknown: None }) } else { ask(id.0) });
                }
            }
            None => edges.extend(self.real.iter().filter_map(|node| ask(*node))),
        }
        edges.extend(stand_ins.iter().filter_map(|node| ask(*node)));
        edges
    }

    pub(crate) fn function(&self) -> &Function {
        &self.function
    }
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
