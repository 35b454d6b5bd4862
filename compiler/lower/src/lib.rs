//! Checked items to the intermediate representation.
//!
//! [`lowered`] translates one item and depends on nothing else; [`program`] collects what the selected
//! guardrails need. Joins are planned here: an equality between a property of a collection's element and a value
//! that does not depend on it becomes a hash join.

mod expr;
mod items;
mod joins;

use std::sync::Arc;

use parapet_ir::{ExprKind, Item as Lowered, Program, Waiver, walk, walk_statements};
use parapet_semantic::{Db, Item, Workspace, definition_path, items as file_items, member, modules};
use rustc_hash::FxHashSet;

/// A lowered item; `None` for one that does not check, or that nothing evaluates.
#[salsa::tracked(returns(clone), no_eq)]
pub fn lowered<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Arc<Lowered>> {
    items::lower(db, workspace, item).map(Arc::new)
}

/// Whether an item and everything that it needs checks, so that it can be evaluated.
#[salsa::tracked(returns(copy))]
pub fn is_whole<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> bool {
    let Some(lowered) = lowered(db, workspace, item) else { return false };
    let mut wanted: Vec<Arc<str>> = Vec::new();
    let mut expression = |expr: &parapet_ir::Expr| walk(expr, &mut |part| mention(&part.kind, &mut wanted));
    match &*lowered {
        Lowered::Guardrail(guardrail) => walk_statements(&guardrail.body, &mut |part| mention(&part.kind, &mut wanted)),
        Lowered::Function(function) => expression(&function.body),
        Lowered::Constant(constant) => expression(&constant.value),
        Lowered::Parameter(parameter) => parameter.default.iter().for_each(|default| expression(&default.value)),
        Lowered::Waiver(waiver) => items::conditions(waiver).for_each(expression),
        Lowered::Test(_) => {}
    }
    wanted.sort();
    wanted.dedup();
    // No item that checks is circular, so that this ends.
    wanted.iter().all(|path| definition(db, workspace, path).is_some_and(|item| is_whole(db, workspace, item)))
}

/// The guardrails, and all that they need: functions, constants and parameters, by path.
pub fn program<'db>(db: &'db dyn Db, workspace: Workspace, guardrails: &[Item<'db>]) -> Program {
    let mut program = Program::default();
    let mut wanted: Vec<Arc<str>> = Vec::new();
    for item in guardrails {
        if let Some(lowered) = lowered(db, workspace, *item)
            && let Lowered::Guardrail(guardrail) = &*lowered
        {
            walk_statements(&guardrail.body, &mut |expr| mention(&expr.kind, &mut wanted));
            program.guardrails.push(Arc::new(guardrail.clone()));
        }
    }
    complete(db, workspace, &mut program, wanted);
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
pub fn complete(db: &dyn Db, workspace: Workspace, program: &mut Program, mut wanted: Vec<Arc<str>>) {
    let mut seen: FxHashSet<Arc<str>> = FxHashSet::default();
    while let Some(path) = wanted.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let Some(lowered) = by_path(db, workspace, &path) else { continue };
        match &*lowered {
            Lowered::Function(function) => {
                walk(&function.body, &mut |expr| mention(&expr.kind, &mut wanted));
                program.functions.insert(path, Arc::new(function.clone()));
            }
            Lowered::Constant(constant) => {
                walk(&constant.value, &mut |expr| mention(&expr.kind, &mut wanted));
                program.constants.insert(path, Arc::new(constant.clone()));
            }
            Lowered::Parameter(parameter) => {
                if let Some(default) = &parameter.default {
                    walk(&default.value, &mut |expr| mention(&expr.kind, &mut wanted));
                }
                program.parameters.insert(path, Arc::new(parameter.clone()));
            }
            Lowered::Guardrail(_) | Lowered::Test(_) | Lowered::Waiver(_) => {}
        }
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
pub fn by_path(db: &dyn Db, workspace: Workspace, path: &str) -> Option<Arc<Lowered>> {
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
