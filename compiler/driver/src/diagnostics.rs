//! The diagnostics of all rules in reach.

use parapet_base::{Diagnostic, FileId, Level, codes};
use parapet_interpreter::{Engine, World};
use parapet_ir::{Constant, Item as Lowered, Program};
use parapet_lower::{complete, guardrails, lowered};
use parapet_model::Reason;
use parapet_semantic::{
    Db, FileDiagnostics, Item, Scope, SourceFile, Workspace, file_diagnostics, item_offset, items, lone_diagnostics,
    parsed,
};

use rustc_hash::FxHashSet;

use crate::rules::{Database, Rules};

/// Every diagnostic of the selected rules, and the errors of those that they may use. Without tests, lints that rest on the whole
/// package are looked for only if there is an error: who runs rules asks whether they check.
pub fn diagnostics(rules: &Rules, scope: Scope) -> Vec<(FileId, Diagnostic)> {
    match scope {
        Scope::WithTests => found(rules, scope, file_diagnostics),
        Scope::WithoutTests => {
            let lone = found(rules, scope, lone_diagnostics);
            if has_errors(&lone) { found(rules, scope, file_diagnostics) } else { lone }
        }
    }
}

/// The diagnostics of one file.
type OfFile = fn(&dyn Db, Workspace, SourceFile, Scope) -> &FileDiagnostics;

fn found(rules: &Rules, scope: Scope, of_file: OfFile) -> Vec<(FileId, Diagnostic)> {
    let mut all = rules.problems.clone();
    let imported = imported_modules(rules);
    for package in &rules.packages {
        for file in &package.files {
            if !package.selected && !imported.contains(&**file.module(&rules.db)) {
                continue;
            }
            if scope == Scope::WithoutTests && rules.is_test_file(*file) {
                continue;
            }
            let id = file.id(&rules.db);
            let found = of_file(&rules.db, rules.workspace, *file, scope);
            if scope == Scope::WithoutTests {
                lower(&rules.db, rules.workspace, *file);
            }
            let keep = |diagnostic: &Diagnostic| package.selected || diagnostic.level() == Level::Error;
            all.extend(found.iter().filter(|diagnostic| keep(diagnostic)).map(|diagnostic| (id, diagnostic.clone())));
        }
    }
    for file in rules.selected_files() {
        let faults = constant_faults(&rules.db, rules.workspace, file).iter();
        all.extend(faults.map(|fault| (file.id(&rules.db), fault.clone())));
    }
    sort_diagnostics(&mut all);
    all
}

/// The diagnostics of one file, tests included, in the order of their places.
pub fn diagnostics_of(db: &Database, workspace: Workspace, file: SourceFile) -> Vec<Diagnostic> {
    with_faults(db, workspace, file, file_diagnostics(db, workspace, file, Scope::WithTests))
}

/// The same without the lints that rest on the whole package, which is not read for it.
pub fn lone_diagnostics_of(db: &Database, workspace: Workspace, file: SourceFile) -> Vec<Diagnostic> {
    with_faults(db, workspace, file, lone_diagnostics(db, workspace, file, Scope::WithTests))
}

/// Finds what there is to say of a file while its trees are there, and what is asked of it for others.
pub fn read_through(db: &Database, workspace: Workspace, file: SourceFile) {
    parapet_semantic::read_through(db, workspace, file, Scope::WithTests);
    constant_faults(db, workspace, file);
}

fn with_faults(db: &Database, workspace: Workspace, file: SourceFile, own: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut found = own.to_vec();
    let faults = constant_faults(db, workspace, file);
    if !faults.is_empty() {
        found.extend(faults.iter().cloned());
        found.sort_by(|a, b| (a.span, a.code.code).cmp(&(b.span, b.code.code)));
    }
    found
}

/// Lowers the guardrails of a file. Who asks of no tests runs the guardrails next; their trees were just made, and it is
/// cheaper to go through them now than from main memory later.
fn lower(db: &dyn Db, workspace: Workspace, file: SourceFile) {
    for (_, item) in guardrails(db, file) {
        lowered(db, workspace, item);
    }
}

/// Puts diagnostics in the order of files, places and codes.
pub fn sort_diagnostics(all: &mut [(FileId, Diagnostic)]) {
    all.sort_by(|a, b| (a.0, a.1.span, a.1.code.code).cmp(&(b.0, b.1.span, b.1.code.code)));
}

/// What the selected rules import. The embedded library is checked by its own tests; here only this much of it counts.
fn imported_modules(rules: &Rules) -> FxHashSet<&str> {
    let scopes = rules.selected_files().map(|file| parapet_semantic::scope(&rules.db, file));
    scopes.flat_map(|scope| scope.imports.values().map(|(module, _)| module.as_str())).collect()
}

/// Constants and defaults of a file whose evaluation overflows or divides by zero. A query of its own: where the file and
/// what it names are as they were, no constant is looked at.
#[salsa::tracked(returns(ref))]
fn constant_faults(db: &dyn Db, workspace: Workspace, file: SourceFile) -> Vec<Diagnostic> {
    let constants = items(db, file).iter().filter(|item| matches!(item.keyword(db), "const" | "param"));
    let fault = |item: &Item<'_>| {
        let fault = constant_fault(db, workspace, *item).clone()?;
        Some(fault.shift(item_offset(db, *item)))
    };
    constants.filter_map(fault).collect()
}

/// Why a constant or default has no value; spans are relative to its item.
#[salsa::tracked(returns(ref))]
fn constant_fault<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Diagnostic> {
    let constant = constant_of(db, workspace, item)?;
    let mut wanted = Vec::new();
    parapet_ir::walk(&constant.value, &mut |expr| parapet_lower::mention(&expr.kind, &mut wanted));
    let mut program = Program::default();
    complete(db, workspace, &mut program, wanted);
    let world = World::default();
    let engine = Engine::new(&program, &world, jiff::Timestamp::UNIX_EPOCH, Default::default());
    let unknown = engine.evaluate(&constant).unknown_within()?;
    if unknown.reason() != Reason::Arithmetic {
        return None;
    }
    let name = parsed(db, item).tree.as_ref().map_or(constant.value.span, |tree| tree.name_span);
    let message = format!("this has no value: {}", unknown.why());
    let diagnostic = Diagnostic::new(&codes::NOT_CONSTANT, constant.value.span, message);
    Some(diagnostic.label(name, "of this constant"))
}

/// The expression of a constant or of a default.
fn constant_of(db: &dyn Db, workspace: Workspace, item: Item<'_>) -> Option<Constant> {
    match lowered(db, workspace, item)? {
        Lowered::Constant(constant) => Some(Constant::clone(constant)),
        Lowered::Parameter(parameter) => parameter.default.clone(),
        Lowered::Guardrail(_) | Lowered::Function(_) | Lowered::Test(_) | Lowered::Waiver(_) => None,
    }
}

/// Whether any of the diagnostics is an error.
pub fn has_errors(diagnostics: &[(FileId, Diagnostic)]) -> bool {
    diagnostics.iter().any(|(_, diagnostic)| diagnostic.level() == Level::Error)
}
