//! The diagnostics of all rules in reach.

use parapet_base::{Diagnostic, FileId, Level, codes};
use parapet_interpreter::{Engine, World};
use parapet_ir::{Item as Lowered, Program};
use parapet_lower::{complete, lowered};
use parapet_model::Reason;
use parapet_semantic::{Scope, SourceFile, file_diagnostics, items, parsed};

use crate::rules::Rules;

/// Every diagnostic of the selected rules, and the errors of those that they may use.
pub fn diagnostics(rules: &Rules, scope: Scope) -> Vec<(FileId, Diagnostic)> {
    let mut all = rules.problems.clone();
    for package in &rules.packages {
        for file in &package.files {
            if !package.selected && !is_used(rules, *file) {
                continue;
            }
            if scope == Scope::WithoutTests && rules.is_test_file(*file) {
                continue;
            }
            let id = file.id(&rules.db);
            let found = file_diagnostics(&rules.db, rules.workspace, *file, scope);
            let keep = |diagnostic: &Diagnostic| package.selected || diagnostic.level() == Level::Error;
            all.extend(found.into_iter().filter(keep).map(|diagnostic| (id, diagnostic)));
            if package.selected {
                all.extend(constant_faults(rules, *file).into_iter().map(|diagnostic| (id, diagnostic)));
            }
        }
    }
    all.sort_by(|a, b| (a.0, a.1.span, a.1.code.code).cmp(&(b.0, b.1.span, b.1.code.code)));
    all
}

/// The embedded library is checked by its own tests; here only what the selected rules import of it counts.
fn is_used(rules: &Rules, file: SourceFile) -> bool {
    let module: &str = file.module(&rules.db);
    rules.selected_files().any(|selected| {
        let scope = parapet_semantic::scope(&rules.db, selected);
        scope.imports.values().any(|(imported, _)| imported == module)
    })
}

/// Constants and defaults whose evaluation overflows or divides by zero.
fn constant_faults(rules: &Rules, file: SourceFile) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for item in items(&rules.db, file).iter().filter(|item| matches!(item.keyword(&rules.db), "const" | "param")) {
        let Some(lowered) = lowered(&rules.db, rules.workspace, *item) else { continue };
        let constant = match &*lowered {
            Lowered::Constant(constant) => constant,
            Lowered::Parameter(parameter) => match &parameter.default {
                Some(default) => default,
                None => continue,
            },
            Lowered::Guardrail(_) | Lowered::Function(_) | Lowered::Test(_) => continue,
        };
        let mut program = Program::default();
        let mut wanted = Vec::new();
        parapet_ir::walk(&constant.value, &mut |expr| parapet_lower::mention(&expr.kind, &mut wanted));
        complete(&rules.db, rules.workspace, &mut program, wanted);
        let world = World::default();
        let engine = Engine::new(&program, &world, jiff::Timestamp::UNIX_EPOCH, Default::default());
        if let Some(unknown) = engine.evaluate(constant).unknown_within()
            && unknown.reason() == Reason::Arithmetic
        {
            let offset = parapet_semantic::item_offset(&rules.db, *item);
            let name = parsed(&rules.db, *item).tree.as_ref().map_or(constant.value.span, |tree| tree.name_span);
            let diagnostic = Diagnostic::new(
                &codes::NOT_CONSTANT,
                constant.value.span,
                format!("this has no value: {}", unknown.why()),
            );
            faults.push(diagnostic.label(name, "of this constant").shift(offset));
        }
    }
    faults
}

/// Whether any of the diagnostics is an error.
pub fn has_errors(diagnostics: &[(FileId, Diagnostic)]) -> bool {
    diagnostics.iter().any(|(_, diagnostic)| diagnostic.level() == Level::Error)
}
