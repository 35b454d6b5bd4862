//! What is shared between nodes, beside what each node finds for itself.

use std::collections::BTreeSet;

use parapet_model::Reason;

use super::*;

/// A graph that is written down.
struct Drawn {
    edges: Vec<Vec<Edge>>,
    blank: Vec<Option<Unknown>>,
}

impl Ways for Drawn {
    fn size(&self) -> usize {
        self.edges.len()
    }

    fn nodes(&self) -> Vec<Node> {
        (0..self.edges.len() as Node).collect()
    }

    fn edges(&self, node: Node) -> &[Edge] {
        &self.edges[node as usize]
    }

    fn blank(&self, node: Node) -> Option<Unknown> {
        self.blank.get(node as usize).cloned().flatten()
    }
}

fn unknown(why: String) -> Unknown {
    Unknown::new(Reason::Undecided, why)
}

/// Numbers that look random (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }
}

impl Drawn {
    /// A graph in which one edge in `of` is unknown, and the last `blanks` nodes stand for others.
    fn random(random: &mut Random, nodes: usize, edges: usize, of: usize, blanks: usize) -> Drawn {
        let mut drawn = Drawn { edges: vec![Vec::new(); nodes], blank: vec![None; nodes] };
        for _ in 0..edges {
            let (from, to) = (random.below(nodes), random.below(nodes));
            let open = random.below(of) == 0;
            drawn.lead(from, to, open.then(|| unknown(format!("{from} to {to}"))));
        }
        for edges in &mut drawn.edges {
            edges.sort_by_key(|edge| edge.to);
        }
        for node in nodes - blanks..nodes {
            drawn.blank[node] = Some(unknown(format!("{node} was not collected")));
        }
        drawn
    }

    fn lead(&mut self, from: usize, to: usize, unknown: Option<Unknown>) {
        let edges = &mut self.edges[from];
        if edges.iter().all(|edge| edge.to as usize != to) {
            edges.push(Edge { to: to as Node, unknown });
        }
    }

    /// Each node leads to the next one, and the last to the first if it is closed.
    fn chain(nodes: usize, closed: bool) -> Drawn {
        let mut drawn = Drawn { edges: vec![Vec::new(); nodes], blank: vec![None; nodes] };
        for node in 1..nodes + usize::from(closed) {
            drawn.lead(node - 1, node % nodes, None);
        }
        drawn
    }

    fn surely(&self, from: Node, to: Node) -> bool {
        self.edges(from).iter().any(|edge| edge.to == to && edge.unknown.is_none())
    }

    /// The steps of a shortest true way from a node to each, and the nodes to which any way leads: the definition, step by step.
    fn found(&self, from: Node) -> (Vec<Option<usize>>, BTreeSet<Node>) {
        let mut steps = vec![None; self.size()];
        let mut front = vec![from];
        for step in 1..=self.size() {
            let passed = front.iter().filter(|node| **node == from || self.blank(**node).is_none());
            let next = passed.flat_map(|node| self.edges(*node)).filter(|edge| edge.unknown.is_none());
            let next: BTreeSet<Node> = next.map(|edge| edge.to).filter(|to| steps[*to as usize].is_none()).collect();
            next.iter().for_each(|to| steps[*to as usize] = Some(step));
            front = next.into_iter().collect();
            if front.is_empty() {
                break;
            }
        }
        let mut perhaps = BTreeSet::new();
        let mut left = vec![from];
        while let Some(node) = left.pop() {
            left.extend(self.edges(node).iter().map(|edge| edge.to).filter(|to| perhaps.insert(*to)));
        }
        (steps, perhaps)
    }
}

fn kind(truth: &Truth) -> &'static str {
    match truth {
        Truth::True => "true",
        Truth::False => "false",
        Truth::Unknown(_) => "unknown",
    }
}

/// Graphs of several densities, with and without unknown edges and stand-ins.
fn graphs() -> impl Iterator<Item = Drawn> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    (0..400).map(move |round| {
        let nodes = 1 + random.below(if round % 8 == 0 { 40 } else { 9 });
        let edges = random.below(nodes * 2 + 2);
        let of = [1_000_000, 3, 8][round % 3];
        let blanks = if round % 2 == 0 { 0 } else { random.below(3).min(nodes) };
        Drawn::random(&mut random, nodes, edges, of, blanks)
    })
}

/// All pairs, in an order that is another one for each graph.
fn pairs(graph: &Drawn, random: &mut Random) -> Vec<(Node, Node)> {
    let nodes = graph.size() as Node;
    let mut pairs: Vec<(Node, Node)> = (0..nodes).flat_map(|from| (0..nodes).map(move |to| (from, to))).collect();
    for at in (1..pairs.len()).rev() {
        pairs.swap(at, random.below(at + 1));
    }
    // Half of the time one target is asked of all sources in turn.
    if random.below(2) == 0 {
        pairs.sort_by_key(|(_, to)| *to);
    }
    pairs
}

#[test]
fn what_is_shared_is_what_each_node_finds() {
    let mut random = Random(7);
    let mut seen = BTreeSet::new();
    for graph in graphs() {
        let reach = Reach::new(graph.size());
        let found: Vec<_> = graph.nodes().into_iter().map(|node| graph.found(node)).collect();
        for (from, to) in pairs(&graph, &mut random) {
            let (steps, perhaps) = &found[from as usize];
            let truth = reach.leads(&graph, from, to);
            let expected = match (steps[to as usize], perhaps.contains(&to)) {
                (Some(_), _) => "true",
                (None, true) => "unknown",
                (None, false) => "false",
            };
            assert_eq!(kind(&truth), expected, "{from} to {to} of {:?}", graph.edges);
            seen.insert(expected);
            if let Truth::Unknown(why) = truth {
                assert_eq!(Some(why), from_first(&graph, from, usize::MAX));
            }
        }
    }
    assert_eq!(seen.len(), 3);
}

#[test]
fn ends_and_starts_are_those_that_are_not_false() {
    for graph in graphs() {
        let reach = Reach::new(graph.size());
        let nodes = graph.nodes();
        let found: Vec<_> = nodes.iter().map(|node| graph.found(*node)).collect();
        for node in nodes.iter().copied() {
            let pairs = |of: &dyn Fn(Node) -> (Node, Node)| -> Vec<(Node, bool)> {
                let each = nodes.iter().map(|other| (*other, of(*other)));
                let truths = each.map(|(other, (from, to))| {
                    let (steps, perhaps) = &found[from as usize];
                    (other, steps[to as usize].is_some(), perhaps.contains(&to))
                });
                truths.filter(|(_, _, perhaps)| *perhaps).map(|(other, surely, _)| (other, surely)).collect()
            };
            assert_eq!(reach.ends(&graph, node), pairs(&|other| (node, other)), "from {node} of {:?}", graph.edges);
            let starts = pairs(&|other| (other, node));
            assert_eq!(reach.starts(&graph, node), starts, "to {node} of {:?}", graph.edges);
            let real = |node: Node| graph.blank(node).is_none();
            let one = reach.surely_from(&graph, node).any(real);
            assert_eq!(
                one,
                starts.iter().any(|(start, surely)| *surely && real(*start)),
                "{node} of {:?}",
                graph.edges
            );
        }
    }
}

/// Checks that a way is one, as far as it is told; whether it is told to its end.
fn assert_way(graph: &Drawn, way: &Way, (from, to): (Node, Node)) -> bool {
    let steps = |nodes: &[Node]| {
        let sure = nodes.windows(2).all(|pair| graph.surely(pair[0], pair[1]));
        sure && nodes.iter().skip(1).rev().skip(1).all(|node| graph.blank(*node).is_none())
    };
    assert!(steps(&way.first) && steps(&way.last), "{way:?} of {:?}", graph.edges);
    assert_eq!(way.first.first(), Some(&from));
    assert_eq!(way.last.last().or(way.first.last()), Some(&to));
    // Where it is cut off, its nodes lead to the end.
    let cut = way.first.last().copied().unwrap();
    let (steps, _) = graph.found(cut);
    assert!(way.last.is_empty() || steps[to as usize].is_some(), "{way:?}");
    way.length.is_some()
}

#[test]
fn a_way_is_a_shortest_one() {
    for graph in graphs() {
        let reach = Reach::new(graph.size());
        let found: Vec<_> = graph.nodes().into_iter().map(|node| graph.found(node)).collect();
        for (from, to) in pairs(&graph, &mut Random(3)) {
            if let Some(steps) = found[from as usize].0[to as usize] {
                let way = reach.way(&graph, from, to);
                assert!(assert_way(&graph, &way, (from, to)));
                assert_eq!(way.length, Some(steps + 1), "{from} to {to} of {:?}", graph.edges);
            }
        }
    }
}

/// Ways and reasons that are told where the effort ends are ones, too, and do not depend on what was asked before.
#[test]
fn little_effort_tells_no_untruth() {
    let (mut whole, mut cut) = (0, 0);
    for (at, graph) in graphs().enumerate() {
        let effort = [0, 2, 3, 12][at % 4];
        let reaches = [Reach::with_effort(graph.size(), effort), Reach::with_effort(graph.size(), effort)];
        for (order, reach) in reaches.iter().enumerate() {
            let mut asked = pairs(&graph, &mut Random(11 + order as u64));
            asked.truncate(150);
            for (from, to) in asked {
                match reach.leads(&graph, from, to) {
                    Truth::True => {
                        let way = reach.way(&graph, from, to);
                        if assert_way(&graph, &way, (from, to)) {
                            assert_eq!(way.length, graph.found(from).0[to as usize].map(|steps| steps + 1));
                            whole += 1;
                        } else {
                            cut += 1;
                        }
                        assert_eq!(way, reaches[1 - order].way(&graph, from, to));
                    }
                    Truth::Unknown(why) => {
                        let (_, reached) = graph.found(from);
                        let left = std::iter::once(&from).chain(&reached);
                        let edges = left.flat_map(|node| graph.edges(*node).iter().map(|edge| (*node, edge)));
                        let causes = edges.flat_map(|(node, edge)| [edge.unknown.clone(), graph.blank(node)]);
                        let causes: Vec<Unknown> = causes.flatten().collect();
                        let known = |cause| causes.iter().any(|other| other.causes().contains(cause));
                        assert!(!why.causes().is_empty() && why.causes().iter().all(known), "{why:?}");
                        let other = reaches[1 - order].leads(&graph, from, to);
                        assert_eq!(Truth::Unknown(why), other);
                    }
                    Truth::False => {}
                }
            }
        }
    }
    assert!(whole > 1000 && cut > 200, "{whole} whole, {cut} cut");
}

#[test]
fn memory_for_sets_is_not_needed_for_the_answer() {
    let graph = Drawn::chain(300, false);
    let reach = Reach::new(graph.size());
    for (from, to) in pairs(&graph, &mut Random(5)) {
        assert_eq!(reach.leads(&graph, from, to), Truth::from(from < to));
        if from % 7 == 0 {
            reach.possible.forget();
        }
    }
}

#[test]
fn every_node_of_long_chains_and_circles() {
    let nodes = 20_000;
    let last = nodes as Node - 1;
    let chain = Drawn::chain(nodes, false);
    // The least first, or the last first.
    for backwards in [false, true] {
        let reach = Reach::with_effort(nodes, 64);
        for at in 0..nodes as Node {
            let node = if backwards { last - at } else { at };
            assert_eq!(reach.leads(&chain, node, node), Truth::False);
            assert_eq!(reach.leads(&chain, node, last), Truth::from(node < last));
            assert_eq!(reach.leads(&chain, 0, node), Truth::from(node > 0));
            let way = if node < last { reach.way(&chain, node, last) } else { continue };
            assert_eq!(way.length, Some((last - node) as usize + 1));
            assert_eq!((way.first[0], way.first[1]), (node, node + 1));
            if last - node > 12 {
                assert_eq!(way.last, [last - 3, last - 2, last - 1, last]);
            }
        }
    }
    let circle = Drawn::chain(nodes, true);
    let reach = Reach::with_effort(nodes, 64);
    for node in 0..nodes as Node {
        assert_eq!(reach.leads(&circle, node, node), Truth::True);
        let way = reach.way(&circle, node, node);
        assert_eq!((way.first[0], way.first[1]), (node, (node + 1) % nodes as Node));
        assert_eq!(way.last, if node == 0 { vec![last - 2, last - 1, last, 0] } else { vec![node] });
    }
}

#[test]
fn threads_agree() {
    let mut random = Random(99);
    let graph = Drawn::random(&mut random, 400, 500, 9, 3);
    let reach = Reach::with_effort(graph.size(), 40);
    let answers = |reach: &Reach, seed| {
        pairs(&graph, &mut Random(seed))
            .into_iter()
            .take(20_000)
            .map(|(from, to)| (from, to, reach.leads(&graph, from, to)))
            .collect::<Vec<_>>()
    };
    let together: Vec<_> = std::thread::scope(|scope| {
        let (reach, answers) = (&reach, &answers);
        let threads = [1, 2, 3, 4].map(|seed| scope.spawn(move || answers(reach, seed)));
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for (at, found) in together.into_iter().enumerate() {
        assert_eq!(found, answers(&Reach::with_effort(graph.size(), 40), at as u64 + 1));
    }
}
