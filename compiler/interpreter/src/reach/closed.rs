//! Which parts lead to which, as far as it is asked.
//!
//! All pairs would be too many. What a part leads to, and what leads to it, is kept as a set each; who asks of many
//! sources with one target makes the second, once. Where memory runs out both are found again.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::reach::bits::Bits;
use crate::reach::parts::{Kind, Part, Parts};
use crate::reach::{MOST_KEPT, Node, Ways};

/// See the module.
pub(crate) struct Closed {
    kind: Kind,
    parts: RwLock<Parts>,
    /// Set when all nodes were gone through.
    whole: OnceLock<()>,
    forward: RwLock<FxHashMap<Part, Arc<Bits>>>,
    backward: RwLock<FxHashMap<Part, Sources>>,
    /// Targets for which the parts that some source leads to were found.
    asked: Mutex<FxHashSet<Part>>,
}

/// The parts that lead to one, of those up to a number. Those beyond it are found when they are asked of: a part leads
/// to lower ones only.
#[derive(Default)]
struct Sources {
    parts: Bits,
    until: Part,
}

impl Sources {
    fn find(&mut self, parts: &Parts, to: Part) {
        for part in self.until.max(to + 1)..parts.len() as Part {
            let mut next = parts.next(part).iter().take_while(|next| **next >= to);
            if next.any(|next| *next == to || self.parts.has(*next)) {
                self.parts.insert(part);
            }
        }
        self.until = parts.len() as Part;
    }
}

impl Closed {
    pub(crate) fn new(kind: Kind, size: usize) -> Closed {
        Closed {
            kind,
            parts: RwLock::new(Parts::new(kind, size)),
            whole: OnceLock::new(),
            forward: RwLock::default(),
            backward: RwLock::default(),
            asked: Mutex::default(),
        }
    }

    /// The parts, with all that ways from these nodes lead to gone through.
    pub(crate) fn parts(&self, ways: &impl Ways, from: &[Node]) -> RwLockReadGuard<'_, Parts> {
        let starts = || from.iter().map(|node| self.kind.start(ways, *node));
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        if starts().all(|start| parts.of(start).is_some()) {
            return parts;
        }
        drop(parts);
        let mut parts = self.parts.write().unwrap_or_else(PoisonError::into_inner);
        starts().for_each(|start| parts.explore(ways, start));
        drop(parts);
        self.parts.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The parts, with all of the graph gone through.
    pub(crate) fn whole(&self, ways: &impl Ways) -> RwLockReadGuard<'_, Parts> {
        self.whole.get_or_init(|| drop(self.parts(ways, &ways.nodes())));
        self.parts(ways, &[])
    }

    /// The part at which ways from a node begin.
    pub(crate) fn start(&self, parts: &Parts, ways: &impl Ways, node: Node) -> Option<Part> {
        parts.of(self.kind.start(ways, node))
    }

    /// Whether ways lead from a part to a part.
    pub(crate) fn leads(&self, parts: &Parts, from: Part, to: Part) -> bool {
        if from <= to {
            return from == to && parts.round(from);
        }
        if let Some(known) = self.known(from, to) {
            return known;
        }
        let again = !self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(to);
        if again { self.sources(parts, to, |sources| sources.has(from)) } else { self.targets(parts, from).has(to) }
    }

    fn known(&self, from: Part, to: Part) -> Option<bool> {
        let forward = self.forward.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(targets) = forward.get(&from) {
            return Some(targets.has(to));
        }
        let backward = self.backward.read().unwrap_or_else(PoisonError::into_inner);
        let sources = backward.get(&to).filter(|sources| from < sources.until);
        sources.map(|sources| sources.parts.has(from))
    }

    /// The parts other than itself that a part leads to.
    pub(crate) fn targets(&self, parts: &Parts, from: Part) -> Arc<Bits> {
        let known = self.forward.read().unwrap_or_else(PoisonError::into_inner).get(&from).cloned();
        if let Some(known) = known {
            return known;
        }
        let found = Arc::new(self.find_targets(parts, from));
        let mut kept = self.forward.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len().saturating_mul(found.bytes()) > MOST_KEPT {
            kept.clear();
        }
        kept.insert(from, found.clone());
        found
    }

    fn find_targets(&self, parts: &Parts, from: Part) -> Bits {
        let mut found = Bits::of(from as usize);
        let mut left = vec![from];
        while let Some(part) = left.pop() {
            let kept = self.forward.read().unwrap_or_else(PoisonError::into_inner);
            // The highest first: it may lead to the others.
            for next in parts.next(part) {
                if !found.insert(*next) {
                    continue;
                }
                match kept.get(next) {
                    Some(targets) => found.add(targets),
                    None => left.push(*next),
                }
            }
        }
        found
    }

    /// Looks at the parts other than itself that lead to a part, of those that were gone through.
    pub(crate) fn sources<T>(&self, parts: &Parts, to: Part, look: impl FnOnce(&Bits) -> T) -> T {
        let mut kept = self.backward.write().unwrap_or_else(PoisonError::into_inner);
        if !kept.contains_key(&to) && kept.len().saturating_mul(parts.len() / 8) > MOST_KEPT {
            kept.clear();
        }
        let sources = kept.entry(to).or_default();
        sources.find(parts, to);
        look(&sources.parts)
    }

    /// As when memory runs out.
    #[cfg(test)]
    pub(crate) fn forget(&self) {
        self.forward.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.backward.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
