//! What the chosen inputs cannot show: a lint for rules that read it.
//!
//! A guardrail that is meant for one kind of input, and reads what no record of it shows, is unknown on every resource.
//! Which inputs are meant is for the caller to say; write-only properties have a lint of their own.

use parapet_base::{Diagnostic, FileId, Span, codes};
use parapet_inventory::{FORMATS, Format};
use parapet_ir::{Expr, ExprKind, Item as Lowered, Statement, StatementKind, walk};
use parapet_lower::lowered;
use parapet_model::Type;
use parapet_semantic::{Item, item_offset, items, parsed};

use crate::rules::Rules;

/// The input formats of these names; an unknown one is an error of usage.
pub fn chosen_inputs(names: &[String]) -> Result<Vec<&'static Format>, String> {
    let format = |name: &String| {
        FORMATS.iter().find(|format| format.name == name).ok_or_else(|| {
            let known: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
            format!("no input format is called `{name}`; there are {}", known.join(", "))
        })
    };
    names.iter().map(format).collect()
}

/// The properties that the selected rules read and records of a chosen format do not show.
pub fn unobservable(rules: &Rules, inputs: &[&Format]) -> Vec<(FileId, Diagnostic)> {
    let mut found = Vec::new();
    if inputs.is_empty() {
        return found;
    }
    for file in rules.selected_files() {
        for item in items(&rules.db, file) {
            let id = file.id(&rules.db);
            found.extend(of_item(rules, *item, inputs).into_iter().map(|diagnostic| (id, diagnostic)));
        }
    }
    found
}

fn of_item(rules: &Rules, item: Item<'_>, inputs: &[&Format]) -> Vec<Diagnostic> {
    let allowed =
        parsed(&rules.db, item).tree.as_ref().is_some_and(|tree| tree.allows(codes::UNOBSERVABLE_PROPERTY.name));
    let Some(lowered) = lowered(&rules.db, rules.workspace, item).filter(|_| !allowed) else { return Vec::new() };
    let mut reads: Vec<(Span, &Type, &str)> = Vec::new();
    match lowered {
        Lowered::Guardrail(guardrail) => of_statements(&guardrail.body, &mut reads),
        Lowered::Function(function) => of_expr(&function.body, &mut reads),
        Lowered::Constant(_) | Lowered::Parameter(_) | Lowered::Test(_) | Lowered::Waiver(_) => {}
    }
    let schema = rules.schema();
    let mut found: Vec<Diagnostic> = Vec::new();
    for (span, base, name) in reads {
        let Type::Resource(types) = base else { continue };
        let property = |ty: &parapet_model::Name| {
            let ty = schema.resource_type(ty)?;
            let property = ty.property(name).filter(|property| !property.write_only)?;
            let hiding: Vec<&str> =
                inputs.iter().filter(|format| format.hides(ty, property)).map(|format| format.name).collect();
            (!hiding.is_empty()).then(|| (ty.name.clone(), hiding.join(" and ")))
        };
        let Some((ty, formats)) = types.iter().find_map(property) else { continue };
        let message = format!("records of {formats} do not show `{name}` of `{ty}`: there it is unknown");
        let diagnostic = Diagnostic::new(&codes::UNOBSERVABLE_PROPERTY, span, message);
        if !found.contains(&diagnostic) {
            found.push(diagnostic);
        }
    }
    found.into_iter().map(|diagnostic| diagnostic.shift(item_offset(&rules.db, item))).collect()
}

/// What statements read for their verdict; a message may be unknown without harm.
fn of_statements<'e>(body: &'e [Statement], reads: &mut Vec<(Span, &'e Type, &'e str)>) {
    for statement in body {
        match &statement.kind {
            StatementKind::Let { value, .. } => of_expr(value, reads),
            StatementKind::Skip { condition, .. } | StatementKind::Require { condition, .. } => {
                of_expr(condition, reads)
            }
            StatementKind::For { binding, body } => {
                parapet_ir::binding_parts(binding).into_iter().for_each(|part| of_expr(part, reads));
                of_statements(body, reads);
            }
            StatementKind::If { condition, then, otherwise } => {
                of_expr(condition, reads);
                of_statements(then, reads);
                of_statements(otherwise, reads);
            }
        }
    }
}

fn of_expr<'e>(expr: &'e Expr, reads: &mut Vec<(Span, &'e Type, &'e str)>) {
    walk(expr, &mut |part| {
        if let ExprKind::Property { base, name, .. } = &part.kind {
            reads.push((part.span, &base.ty, name));
        }
    });
}
