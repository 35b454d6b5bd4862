//! Functions, relations and constants that need themselves, or too much.
//!
//! Only names are looked at, so that this can be asked before any type is known. One pass over what an item reaches, or
//! over all items where that is much, finds the circles, how deep calls nest and how much a call costs at most; the way
//! round a circle is looked for only where there is one.

use std::sync::Arc;

use parapet_base::Span;
use parapet_builtins::BuiltinId;
use parapet_syntax::{ExprKind, Path};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::chunks::{chunk, numbers};
use crate::db::{Db, Item, SourceFile, Workspace, items, parsed};
use crate::names::{DefinitionKind, resolve};
use crate::schemas::schema;

/// An item's mention of another: the first place, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, salsa::SalsaValue)]
pub(crate) struct Mention<'db> {
    pub(crate) item: Item<'db>,
    /// Relative to the item that mentions, not to the one mentioned.
    pub(crate) span: Span,
    pub(crate) times: u64,
}

/// The functions, relations and constants that an item's expressions name.
#[salsa::tracked(returns(ref))]
pub(crate) fn mentions<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Vec<Mention<'db>> {
    let Some(tree) = &parsed(db, item).tree else { return Vec::new() };
    let mut mentioned: Vec<Mention<'db>> = Vec::new();
    let mut places: FxHashMap<Item<'db>, usize> = FxHashMap::default();
    for expr in &tree.exprs {
        let Some(path) = expr.kind.naming().path() else { continue };
        let Ok(definition) = resolve(db, workspace, item.file(db), path) else { continue };
        if !matches!(definition.kind, DefinitionKind::Function | DefinitionKind::Relation | DefinitionKind::Constant) {
            continue;
        }
        let at = *places.entry(definition.item).or_insert(mentioned.len());
        match mentioned.get_mut(at) {
            Some(mention) => mention.times += 1,
            None => mentioned.push(Mention { item: definition.item, span: path.span, times: 1 }),
        }
    }
    mentioned
}

/// The same without the places: what an edit that moves text in a body leaves as it is.
#[salsa::tracked(returns(ref))]
fn uses<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Vec<(Item<'db>, u64)> {
    mentions(db, workspace, item).iter().map(|mention| (mention.item, mention.times)).collect()
}

/// The functions, relations and constants of a chunk of files, and what each uses.
#[salsa::tracked(returns(ref))]
fn uses_in_chunk<'db>(db: &'db dyn Db, workspace: Workspace, number: usize) -> Vec<(Item<'db>, Vec<(Item<'db>, u64)>)> {
    let items = chunk(workspace.files(db), number).iter().flat_map(|file| items(db, *file)).copied();
    let items = items.filter(|item| is_used(db, *item));
    items.map(|item| (item, uses(db, workspace, item).clone())).collect()
}

/// Whether an item can be part of a circle.
fn is_used(db: &dyn Db, item: Item<'_>) -> bool {
    matches!(item.keyword(db), "fn" | "relation" | "const")
}

/// Finds what [`excesses`] asks of a file.
pub(crate) fn read_uses(db: &dyn Db, workspace: Workspace, file: SourceFile) {
    for item in items(db, file).iter().filter(|item| is_used(db, **item)) {
        uses(db, workspace, *item);
    }
}

/// What is wrong with an item's use of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, salsa::SalsaValue)]
pub(crate) enum Excess {
    /// It needs itself.
    Circular,
    /// Calls nest deeper than [`MOST_DEPTH`] below it.
    Deep,
    /// It calls others more than [`MOST_CALLS`] times, their own calls included.
    Costly,
    /// It builds on one that is too deep or too costly, which is reported there.
    Beyond,
}

/// The deepest that functions and constants may build on each other.
pub(crate) const MOST_DEPTH: u32 = 128;

/// The most calls that one call may lead to, loops over data apart.
pub(crate) const MOST_CALLS: u64 = 100_000;

/// The items that are circular, too deep or too costly.
#[salsa::tracked(returns(ref))]
pub(crate) fn excesses<'db>(db: &'db dyn Db, workspace: Workspace) -> FxHashMap<Item<'db>, Excess> {
    let chunks = numbers(workspace.files(db)).map(|number| uses_in_chunk(db, workspace, number));
    let all = || chunks.clone().flatten();
    let noted: FxHashMap<Item<'db>, &[(Item<'db>, u64)]> = all().map(|(item, uses)| (*item, uses.as_slice())).collect();
    let uses = |item| noted.get(&item).copied().unwrap_or_default();
    let mut search = Search::new(&uses);
    for (item, _) in all() {
        search.visit(*item, usize::MAX);
    }
    search.found
}

/// So many items are looked at for one alone. Where it reaches more, others do, too, and all are looked at once.
const NEARBY: usize = 256;

/// What is wrong with an item, by what it reaches and nothing else; `None` where that is much. The first file of an editor
/// is checked without a look at all others.
fn nearby<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Option<Excess>> {
    let uses = |item| uses(db, workspace, item).as_slice();
    let mut search = Search::new(&uses);
    search.visit(item, NEARBY).then(|| search.found.get(&item).copied())
}

/// What is known of an item that the search has met.
#[derive(Clone, Copy)]
struct Met {
    index: usize,
    /// The least index that it leads back to.
    low: usize,
    /// Its component is not complete yet.
    open: bool,
    depth: u32,
    cost: u64,
}

/// Tarjan's search for strongly connected components, with a stack of its own, for chains may be long.
struct Search<'db, 's> {
    uses: &'s dyn Fn(Item<'db>) -> &'db [(Item<'db>, u64)],
    met: FxHashMap<Item<'db>, Met>,
    /// The items being visited, each with how many of its mentions were looked at.
    path: Vec<(Item<'db>, usize)>,
    /// Items whose component is not complete yet.
    open: Vec<Item<'db>>,
    found: FxHashMap<Item<'db>, Excess>,
}

impl<'db, 's> Search<'db, 's> {
    fn new(uses: &'s dyn Fn(Item<'db>) -> &'db [(Item<'db>, u64)]) -> Search<'db, 's> {
        Search { uses, met: FxHashMap::default(), path: Vec::new(), open: Vec::new(), found: FxHashMap::default() }
    }

    fn uses(&self, item: Item<'db>) -> &'db [(Item<'db>, u64)] {
        (self.uses)(item)
    }

    /// Goes through what an item reaches; `false` where that is more than `most`.
    fn visit(&mut self, start: Item<'db>, most: usize) -> bool {
        self.enter(start);
        while let Some((item, next)) = self.path.last_mut() {
            let (item, at) = (*item, *next);
            *next += 1;
            match self.uses(item).get(at).map(|(target, _)| *target) {
                Some(target) => match self.met.get(&target).copied() {
                    None if self.met.len() >= most => return false,
                    None => self.enter(target),
                    Some(met) if met.open => self.lower(item, met.index),
                    Some(_) => {}
                },
                None => self.leave(item),
            }
        }
        true
    }

    fn enter(&mut self, item: Item<'db>) {
        let index = self.met.len();
        if self.met.contains_key(&item) {
            return;
        }
        self.met.insert(item, Met { index, low: index, open: true, depth: 0, cost: 1 });
        self.path.push((item, 0));
        self.open.push(item);
    }

    fn lower(&mut self, item: Item<'db>, low: usize) {
        if let Some(met) = self.met.get_mut(&item) {
            met.low = met.low.min(low);
        }
    }

    fn leave(&mut self, item: Item<'db>) {
        self.path.pop();
        self.measure(item);
        let Some(met) = self.met.get(&item).copied() else { return };
        if let Some((parent, _)) = self.path.last().copied() {
            self.lower(parent, met.low);
        }
        if met.low != met.index {
            return;
        }
        let from = self.open.iter().rposition(|known| *known == item).unwrap_or(0);
        let component = self.open.split_off(from);
        let circular = component.len() > 1 || self.uses(item).iter().any(|(target, _)| *target == item);
        for member in component {
            if let Some(met) = self.met.get_mut(&member) {
                met.open = false;
                // How deep a circle is would depend on where it was entered.
                if circular {
                    (met.depth, met.cost) = (0, 1);
                }
            }
            if circular {
                self.found.insert(member, Excess::Circular);
            }
        }
    }

    fn measure(&mut self, item: Item<'db>) {
        let (mut depth, mut cost) = (0, 1u64);
        for (target, times) in self.uses(item) {
            let (deep, costly) = self.met.get(target).map_or((0, 1), |met| (met.depth, met.cost));
            depth = depth.max(deep.saturating_add(1));
            cost = cost.saturating_add(costly.saturating_mul(*times));
        }
        if let Some(met) = self.met.get_mut(&item) {
            (met.depth, met.cost) = (depth, cost);
        }
        let excess = match (depth > MOST_DEPTH, cost > MOST_CALLS) {
            (false, false) => return,
            _ if self.uses(item).iter().any(|(target, _)| self.found.contains_key(target)) => Excess::Beyond,
            (true, _) => Excess::Deep,
            (false, true) => Excess::Costly,
        };
        self.found.insert(item, excess);
    }
}

/// Whether a call of a function depends on the run: on `now`, on a parameter, on what an inventory holds.
#[salsa::tracked(returns(copy))]
pub(crate) fn depends_on_run<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> bool {
    let Some(tree) = &parsed(db, item).tree else { return false };
    if excess(db, workspace, item).is_some() {
        return false;
    }
    let of_run = |path: &Path| {
        let text = path.text();
        let parameter = resolve(db, workspace, item.file(db), path)
            .is_ok_and(|definition| definition.kind == DefinitionKind::Parameter);
        parameter || schema(db, workspace).has_type(&text) || matches!(text.as_str(), "Resource" | "Account")
    };
    let own = tree.exprs.iter().any(|expr| match &expr.kind {
        ExprKind::Now => true,
        ExprKind::Path(path) => of_run(path),
        ExprKind::Call { callee, .. } => reads_the_clock(&callee.text()),
        _ => false,
    });
    own || mentions(db, workspace, item).iter().any(|mention| depends_on_run(db, workspace, mention.item))
}

/// Whether a builtin of this name depends on the time of evaluation.
pub(crate) fn reads_the_clock(name: &str) -> bool {
    parapet_builtins::named(name, false).any(|builtin| builtin.id == BuiltinId::Age)
}

/// What is wrong with this item's use of others, if anything.
#[salsa::tracked(returns(copy))]
pub(crate) fn excess<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Excess> {
    match workspace.settled(db) {
        Some(settled) => settled.excess(db, workspace, item),
        None => nearby(db, workspace, item).unwrap_or_else(|| excesses(db, workspace).get(&item).copied()),
    }
}

/// The shortest way from a circular item back to itself: the mention in each item on it.
#[salsa::tracked(returns(clone))]
pub(crate) fn circle<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Arc<Vec<Mention<'db>>>> {
    if excess(db, workspace, item) != Some(Excess::Circular) {
        return None;
    }
    let mut seen: FxHashSet<Item<'db>> = FxHashSet::default();
    // Each step: the item that mentions, its mention, and the step before.
    let mut steps: Vec<(Mention<'db>, Option<usize>)> = Vec::new();
    let mut queue: Vec<(Item<'db>, Option<usize>)> = vec![(item, None)];
    let mut next = 0;
    while let Some((current, before)) = queue.get(next).copied() {
        next += 1;
        for mention in mentions(db, workspace, current) {
            let step = Mention { item: current, ..*mention };
            if mention.item == item {
                return Some(Arc::new(way(&steps, before, step)));
            }
            if seen.insert(mention.item) {
                steps.push((step, before));
                queue.push((mention.item, Some(steps.len() - 1)));
            }
        }
    }
    None
}

fn way<'db>(steps: &[(Mention<'db>, Option<usize>)], before: Option<usize>, last: Mention<'db>) -> Vec<Mention<'db>> {
    let mut way = vec![last];
    let mut at = before;
    while let Some((step, before)) = at.and_then(|at| steps.get(at)) {
        way.push(*step);
        at = *before;
    }
    way.reverse();
    way
}
