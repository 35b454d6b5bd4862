//! Items and statements.

use std::sync::Arc;

use parapet_builtins::glob::Glob;
use parapet_ir as ir;
use parapet_ir::{Item as Lowered, RequireId, Slot};
use parapet_semantic::typed::{
    About, MessagePart, Population, TypedCoverage, TypedItem, TypedStatement, TypedStatementKind, TypedStep,
    TypedStepKind, TypedTarget, TypedWaiver,
};
use parapet_semantic::{Checked, Db, Item, Workspace, checked, definition_path, parsed};
use parapet_syntax::Outcome;

use crate::expr::Lowering;

/// An item lowered, and what it names: sorted paths, each once.
pub(crate) fn lower<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<(Lowered, Vec<Arc<str>>)> {
    parsed(db, item).tree.as_ref()?;
    let checked = checked(db, workspace, item);
    let broken = checked.diagnostics.iter().any(|diagnostic| diagnostic.level() == parapet_base::Level::Error);
    if broken {
        return None;
    }
    let lowering = Lowering::new(db, item.text(db));
    let lowered = lower_item(&lowering, definition_path(db, item), checked)?;
    // What a call of a function with an unreadable header gives is known to nobody, and the error stands at the function
    // only.
    let typed = lowering.is_typed() || matches!(lowered, Lowered::Test(_));
    typed.then(|| (lowered, lowering.mentioned()))
}

/// The conditions of a waiver.
pub(crate) fn conditions(waiver: &ir::Waiver) -> impl Iterator<Item = &ir::Expr> {
    waiver.coverage.iter().filter_map(|part| match part {
        ir::Coverage::Like(_) => None,
        ir::Coverage::Where { condition, .. } => Some(condition),
    })
}

fn lower_item(lowering: &Lowering<'_>, path: Arc<str>, checked: &Checked) -> Option<Lowered> {
    let slots = checked.locals.len() as u32;
    let name = |local: parapet_semantic::typed::LocalId| -> Arc<str> {
        checked.locals.get(local.0 as usize).map_or("", |local| &local.name).into()
    };
    Some(match &checked.item {
        TypedItem::Guardrail { about, population, resource, body } => Lowered::Guardrail(Arc::new(ir::Guardrail {
            path,
            about: lower_about(about),
            population: self::population(population),
            resource: Slot(resource.0),
            resource_name: name(*resource),
            slots,
            body: statements(lowering, checked, body),
        })),
        TypedItem::Function { parameters, body } => {
            let parameters = parameters.iter().map(|local| Slot(local.0)).collect();
            Lowered::Function(Arc::new(ir::Function { path, parameters, slots, body: lowering.expr(body) }))
        }
        TypedItem::Constant { value } => {
            Lowered::Constant(Arc::new(ir::Constant { path, slots, value: lowering.expr(value) }))
        }
        TypedItem::Parameter { ty, default } => {
            let default =
                default.as_ref().map(|value| ir::Constant { path: path.clone(), slots, value: lowering.expr(value) });
            Lowered::Parameter(Arc::new(ir::Parameter { path, ty: ty.clone(), default }))
        }
        TypedItem::Test { title, steps } => {
            let steps = steps.iter().map(|step| lower_step(lowering, step)).collect();
            Lowered::Test(Arc::new(ir::Test { title: title.clone(), slots, steps }))
        }
        TypedItem::Waiver(waiver) => Lowered::Waiver(Arc::new(lower_waiver(lowering, waiver, slots))),
        TypedItem::Use | TypedItem::Schema | TypedItem::Broken => return None,
    })
}

pub(crate) fn population(population: &Population) -> ir::Population {
    match population {
        Population::Types(types) => ir::Population::Types(types.clone()),
        Population::AllResources => ir::Population::AllResources,
        Population::Accounts => ir::Population::Accounts,
    }
}

fn lower_about(about: &About) -> ir::About {
    let about = about.clone();
    ir::About {
        title: about.title,
        rationale: about.rationale,
        fix: about.fix,
        severity: about.severity,
        controls: about.controls,
        mandatory: about.mandatory,
        fail_closed: about.fail_closed,
        deprecated: about.deprecated,
        since: about.since,
        tags: about.tags,
        aliases: about.aliases,
        effective: about.effective,
    }
}

fn lower_waiver(lowering: &Lowering<'_>, waiver: &TypedWaiver, slots: u32) -> ir::Waiver {
    let coverage = waiver.coverage.iter().map(|part| match part {
        TypedCoverage::Like(pattern) => ir::Coverage::Like(Glob::new(pattern)),
        TypedCoverage::Where { local, population, condition } => ir::Coverage::Where {
            slot: Slot(local.0),
            population: self::population(population),
            condition: lowering.expr(condition),
        },
    });
    let TypedWaiver { guardrail, until, reason, owner, ticket, .. } = waiver.clone();
    ir::Waiver { guardrail, slots, coverage: coverage.collect(), until, reason, owner, ticket }
}

fn statements(lowering: &Lowering<'_>, checked: &Checked, body: &[TypedStatement]) -> Vec<ir::Statement> {
    body.iter().map(|statement| lower_statement(lowering, checked, statement)).collect()
}

fn lower_statement(lowering: &Lowering<'_>, checked: &Checked, statement: &TypedStatement) -> ir::Statement {
    let guards = statement.guards.iter().map(|guard| RequireId(guard.0)).collect();
    let kind = match &statement.kind {
        TypedStatementKind::Let { local, value } => {
            let name = checked.locals.get(local.0 as usize).map_or("", |local| &local.name);
            ir::StatementKind::Let { slot: Slot(local.0), name: name.into(), value: lowering.expr(value) }
        }
        TypedStatementKind::Skip { definitely, condition } => {
            ir::StatementKind::Skip { definitely: *definitely, condition: lowering.expr(condition) }
        }
        TypedStatementKind::Require { id, condition, message } => ir::StatementKind::Require {
            id: RequireId(id.0),
            condition: lowering.expr(condition),
            message: message.as_ref().map(|parts| parts.iter().map(|part| message_part(lowering, part)).collect()),
            text: lowering.text(condition.span),
        },
        TypedStatementKind::For { binding, body } => {
            // A statement inside that is false decides nothing of the other elements, so that only the filter joins.
            let binding = lowering.binding(binding, None, checked);
            ir::StatementKind::For { binding, body: statements(lowering, checked, body) }
        }
        TypedStatementKind::If { condition, then, otherwise } => ir::StatementKind::If {
            condition: lowering.expr(condition),
            then: statements(lowering, checked, then),
            otherwise: statements(lowering, checked, otherwise),
        },
    };
    ir::Statement { span: statement.span, guards, kind }
}

fn message_part(lowering: &Lowering<'_>, part: &MessagePart) -> ir::MessagePart {
    match part {
        MessagePart::Text(text) => ir::MessagePart::Text(text.as_str().into()),
        MessagePart::Value(value) => ir::MessagePart::Value(lowering.expr(value)),
    }
}

fn lower_step(lowering: &Lowering<'_>, step: &TypedStep) -> ir::Step {
    let kind = match &step.kind {
        TypedStepKind::Resource { local, name, resource_type, fields } => ir::StepKind::Resource {
            slot: Slot(local.0),
            name: name.as_str().into(),
            resource_type: resource_type.clone(),
            fields: fields
                .iter()
                .map(|(name, value)| (name.clone(), value.as_ref().map(|value| lowering.expr(value))))
                .collect(),
        },
        TypedStepKind::Inventory { path, .. } => ir::StepKind::Inventory { path: path.clone() },
        TypedStepKind::Now(value) => ir::StepKind::Now(lowering.expr(value)),
        TypedStepKind::Param { path, value } => ir::StepKind::Param { path: path.clone(), value: lowering.expr(value) },
        TypedStepKind::Verdict { guardrail, outcome, target, with } => ir::StepKind::Verdict {
            guardrail: guardrail.clone(),
            outcome: match outcome {
                Outcome::Passes => ir::Outcome::Passes,
                Outcome::Fails => ir::Outcome::Fails,
                Outcome::Skips => ir::Outcome::Skips,
                Outcome::Unknown => ir::Outcome::Unknown,
            },
            target: match target {
                TypedTarget::Given(local) => ir::Target::Given(Slot(local.0)),
                TypedTarget::Count(count) => ir::Target::Count(*count),
            },
            with: with.clone(),
        },
        TypedStepKind::Holds(condition) => {
            ir::StepKind::Holds { condition: lowering.expr(condition), text: lowering.text(condition.span) }
        }
    };
    ir::Step { span: step.span, kind }
}
