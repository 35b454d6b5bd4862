//! The statements of a guardrail.
//!
//! Each statement notes the requirements that it leans on: a fact that `require x is present` made is used by
//! what reads `x` later, and that stands under the requirement.

use std::collections::BTreeSet;

use parapet_base::{Diagnostic, Span, codes};
use parapet_syntax::{ExprId, Quantifier, Statement, StatementKind, Template, TemplatePart};

use super::Checker;
use crate::typed::{MessagePart, RequireId, Typed, TypedKind, TypedStatement, TypedStatementKind};

impl Checker<'_, '_> {
    /// Checks statements in order in the current scope; `top` is the guardrail's own level.
    pub(super) fn statements(&mut self, statements: &[Statement], top: bool) -> Vec<TypedStatement> {
        statements.iter().filter_map(|statement| self.statement(statement, top)).collect()
    }

    fn statement(&mut self, statement: &Statement, top: bool) -> Option<TypedStatement> {
        let outer = std::mem::take(&mut self.touched);
        let kind = match &statement.kind {
            StatementKind::Let { name, value } => {
                let (local, value) = self.let_value(name, *value);
                Some(TypedStatementKind::Let { local, value })
            }
            StatementKind::Skip { definitely, condition } => self.skip(*definitely, *condition, statement.span, top),
            StatementKind::Require { condition, message } => Some(self.require(*condition, message.as_ref())),
            StatementKind::For { binding, body } => {
                let (source, element) = self.source(binding.source);
                Some(self.in_scope(|cx| {
                    let binding = cx.bind_elements(binding, source, element);
                    cx.join_lint(&binding, None, binding.source.span);
                    let head = cx.touched.clone();
                    let body = cx.in_scope(|cx| cx.statements(body, false));
                    cx.touched = head;
                    TypedStatementKind::For { binding, body }
                }))
            }
            StatementKind::If { condition, then, otherwise } => Some(self.if_statement(*condition, then, otherwise)),
        };
        let guards = std::mem::replace(&mut self.touched, outer);
        let guards: Vec<RequireId> = guards.into_iter().filter(|guard| own_id(&kind) != Some(*guard)).collect();
        Some(TypedStatement { span: statement.span, guards, kind: kind? })
    }

    fn if_statement(&mut self, condition: ExprId, then: &[Statement], otherwise: &[Statement]) -> TypedStatementKind {
        let value = self.condition(condition);
        let head = self.touched.clone();
        let branch = |cx: &mut Self, truth: bool, body: &[Statement]| {
            let facts = cx.facts(condition, truth);
            cx.with_facts(facts, |cx| cx.in_scope(|cx| cx.statements(body, false)))
        };
        let then = branch(self, true, then);
        let otherwise = branch(self, false, otherwise);
        self.touched = head;
        TypedStatementKind::If { condition: value, then, otherwise }
    }

    fn skip(&mut self, definitely: bool, condition: ExprId, span: Span, top: bool) -> Option<TypedStatementKind> {
        let exempt = std::mem::replace(&mut self.exempt, true);
        let value = self.condition(condition);
        self.exempt = exempt;
        if !top {
            let message = "`skip if` stands at the top level of a guardrail only";
            let diagnostic = Diagnostic::new(&codes::MISPLACED_STATEMENT, span, message);
            self.error(diagnostic.note("inside `for`, pass over elements with `where`"));
            return None;
        }
        if !definitely && let Some(name) = read_only(&value, self.schema) {
            let message =
                format!("`{name}` is read-only: templates and plans leave it unknown, and with it every verdict");
            let diagnostic = Diagnostic::new(&codes::READ_ONLY_SKIP, value.span, message);
            let at = Span { start: value.span.start, end: value.span.start };
            self.error(diagnostic.suggest(at, "definitely ", "skip only what is known to be so, with `definitely`"));
        }
        let facts = self.facts(condition, false);
        self.facts.extend(facts);
        Some(TypedStatementKind::Skip { definitely, condition: value })
    }

    fn require(&mut self, condition: ExprId, message: Option<&Template>) -> TypedStatementKind {
        let id = RequireId(self.requires);
        self.requires += 1;
        let value = self.condition(condition);
        let parts = message.map(|template| self.message(condition, &value, template));
        let facts = self.facts(condition, true);
        self.facts.extend(facts.into_iter().map(|fact| super::Fact { origin: Some(id), ..fact }));
        TypedStatementKind::Require { id, condition: value, message: parts }
    }

    /// The message of a requirement; in `require no x in …` and `require all x in …` it may name `x`.
    fn message(&mut self, condition: ExprId, value: &Typed, template: &Template) -> Vec<MessagePart> {
        let touched: BTreeSet<RequireId> = self.touched.clone();
        let parts = self.in_scope(|cx| {
            if let (
                TypedKind::Quantified { binding, .. },
                parapet_syntax::ExprKind::Quantified {
                    quantifier: Quantifier::All | Quantifier::No,
                    binding: written,
                    ..
                },
            ) = (&value.kind, &cx.tree.expr(condition).kind)
                && let Some(scope) = cx.scopes.last_mut()
            {
                scope.insert(written.name.text.clone(), binding.local);
            }
            template.parts.iter().map(|part| cx.message_part(part)).collect()
        });
        self.touched = touched;
        parts
    }

    fn message_part(&mut self, part: &TemplatePart) -> MessagePart {
        match part {
            TemplatePart::Text(text) => MessagePart::Text(text.clone()),
            TemplatePart::Value(value) => MessagePart::Value(self.expr(*value, None)),
        }
    }
}

fn own_id(kind: &Option<TypedStatementKind>) -> Option<RequireId> {
    match kind {
        Some(TypedStatementKind::Require { id, .. }) => Some(*id),
        _ => None,
    }
}

/// A read-only property that the condition reads, if there is one.
fn read_only(value: &Typed, schema: &parapet_model::Schema) -> Option<String> {
    let mut found = None;
    crate::walk::walk(value, &mut |inner| {
        if let TypedKind::Property { base, name } = &inner.kind
            && let parapet_model::Type::Resource(types) = &base.ty
        {
            let read_only = |ty: &parapet_model::Name| {
                schema.resource_type(ty).and_then(|ty| ty.property(name)).is_some_and(|property| property.read_only)
            };
            if types.iter().any(read_only) {
                found.get_or_insert_with(|| name.to_string());
            }
        }
    });
    found
}
