//! Checked items to the intermediate representation.
//!
//! [`lowered`] translates one item and depends on nothing else; [`program`] collects what the selected
//! guardrails need. Joins are planned here: an equality between a property of a collection's element and a value
//! that does not depend on it becomes a hash join.

mod expr;
mod items;
mod joins;

use std::sync::Arc;

use parapet_ir::{ExprKind, Item as Lowered, Program, Waiver, walk};
use parapet_semantic::{Db, Item, Workspace, definition_path, items as file_items, member, modules};
use rustc_hash::FxHashSet;

/// A lowered item, and the paths of what it names, sorted, each once.
#[derive(Clone, Debug)]
struct Translated {
    item: Lowered,
    mentioned: Arc<[Arc<str>]>,
}

#[salsa::tracked(returns(ref), no_eq)]
fn translated<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Translated> {
    let (item, mentioned) = items::lower(db, workspace, item)?;
    Some(Translated { item, mentioned: mentioned.into() })
}

/// A lowered item; `None` for one that does not check, or that nothing evaluates.
pub fn lowered<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<&'db Lowered> {
    translated(db, workspace, item).as_ref().map(|translated| &translated.item)
}

/// The items that an item names; `None` stands for one that is missing.
fn named<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    item: Item<'db>,
) -> impl Iterator<Item = (&'db Arc<str>, Option<Item<'db>>)> {
    let mentioned = translated(db, workspace, item).iter().flat_map(|translated| translated.mentioned.iter());
    mentioned.map(move |path| (path, definition(db, workspace, path)))
}

/// Whether an item and everything that it needs checks, so that it can be evaluated.
#[salsa::tracked(returns(copy))]
pub fn is_whole<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> bool {
    // No item that checks is circular, so that this ends.
    lowered(db, workspace, item).is_some()
        && named(db, workspace, item).all(|(_, item)| item.is_some_and(|item| is_whole(db, workspace, item)))
}

/// The paths of the parameters that an item reads, in what it names too: sorted, each once. The item must be whole.
#[salsa::tracked(returns(ref))]
pub fn parameters<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Vec<Arc<str>> {
    let mut all = Vec::new();
    for (path, named) in named(db, workspace, item) {
        let Some(named) = named else { continue };
        if named.keyword(db) == "param" {
            all.push(path.clone());
        }
        all.extend(parameters(db, workspace, named).iter().cloned());
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The guardrails, and all that they need: functions, constants and parameters, by path.
pub fn program<'db>(db: &'db dyn Db, workspace: Workspace, guardrails: &[Item<'db>]) -> Program {
    let mut program = Program::default();
    let mut needed: Vec<Item<'_>> = Vec::new();
    for item in guardrails {
        if let Some(Lowered::Guardrail(guardrail)) = lowered(db, workspace, *item) {
            program.guardrails.push(guardrail.clone());
            needed.extend(named(db, workspace, *item).filter_map(|(_, item)| item));
        }
    }
    add(db, workspace, &mut program, needed);
    program
}

/// Adds waivers, and all that their conditions need.
pub fn add_waivers(db: &dyn Db, workspace: Workspace, program: &mut Program, waivers: Vec<Arc<Waiver>>) {
    let mut wanted: Vec<Arc<str>> = Vec::new();
    for condition in waivers.iter().flat_map(|waiver| items::conditions(waiver)) {
        walk(condition, &mut |part| mention(&part.kind, &mut wanted));
    }
    program.waivers.extend(waivers);
    complete(db, workspace, program, wanted);
}

/// Adds the definitions of these paths, and what they need in turn.
pub fn complete(db: &dyn Db, workspace: Workspace, program: &mut Program, wanted: Vec<Arc<str>>) {
    let needed = wanted.iter().filter_map(|path| definition(db, workspace, path)).collect();
    add(db, workspace, program, needed);
}

/// Adds these definitions, and what they need in turn.
fn add<'db>(db: &'db dyn Db, workspace: Workspace, program: &mut Program, mut needed: Vec<Item<'db>>) {
    let mut seen: FxHashSet<Item<'_>> = FxHashSet::default();
    while let Some(item) = needed.pop() {
        if !seen.insert(item) {
            continue;
        }
        match lowered(db, workspace, item) {
            Some(Lowered::Function(function)) => {
                program.functions.insert(function.path.clone(), function.clone());
            }
            Some(Lowered::Constant(constant)) => {
                program.constants.insert(constant.path.clone(), constant.clone());
            }
            Some(Lowered::Parameter(parameter)) => {
                program.parameters.insert(parameter.path.clone(), parameter.clone());
            }
            Some(Lowered::Guardrail(_) | Lowered::Test(_) | Lowered::Waiver(_)) | None => continue,
        }
        needed.extend(named(db, workspace, item).filter_map(|(_, item)| item));
    }
}

/// The definitions that an expression names.
pub fn mention(kind: &ExprKind, wanted: &mut Vec<Arc<str>>) {
    match kind {
        ExprKind::Call { function: path, .. }
        | ExprKind::Closure { relation: path, .. }
        | ExprKind::Constant(path)
        | ExprKind::Parameter(path) => wanted.push(path.clone()),
        _ => {}
    }
}

/// The lowered definition of a full path.
pub fn by_path<'db>(db: &'db dyn Db, workspace: Workspace, path: &str) -> Option<&'db Lowered> {
    lowered(db, workspace, definition(db, workspace, path)?)
}

/// The item of a full path.
fn definition<'db>(db: &'db dyn Db, workspace: Workspace, path: &str) -> Option<Item<'db>> {
    let (module, name) = path.rsplit_once("::")?;
    let file = *modules(db, workspace).get(module)?;
    Some(member(db, workspace, file, module, name).ok()?.item)
}

/// The guardrails of a file, in the order of the text, with their paths.
pub fn guardrails<'db>(db: &'db dyn Db, file: parapet_semantic::SourceFile) -> Vec<(Arc<str>, Item<'db>)> {
    let items = file_items(db, file).iter().filter(|item| item.keyword(db) == "guardrail");
    items.map(|item| (definition_path(db, *item), *item)).collect()
}
