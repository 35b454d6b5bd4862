//! The steps of a test.

use parapet_base::{Diagnostic, codes};
use parapet_model::{Name, Type};
use parapet_syntax::{GivenValue, Ident, Step, StepKind, Target, TypeExpr};

use super::Checker;
use super::expr::suggest;
use crate::db::parsed;
use crate::names::{DefinitionKind, definition_path, resolve};
use crate::signatures::{Signature, signature};
use crate::typed::{Population, TypedStep, TypedStepKind, TypedTarget};

impl Checker<'_, '_> {
    pub(super) fn steps(&mut self, steps: &[Step]) -> Vec<TypedStep> {
        let typed =
            steps.iter().filter_map(|step| Some(TypedStep { span: step.span, kind: self.step(step)? })).collect();
        if !parsed(self.db, self.item).partial
            && !steps.iter().any(|step| matches!(step.kind, StepKind::Verdict { .. } | StepKind::Holds(_)))
        {
            self.report(
                &codes::MISPLACED_STATEMENT,
                self.tree.name_span,
                "this test expects nothing, so that it never fails",
            );
        }
        typed
    }

    fn step(&mut self, step: &Step) -> Option<TypedStepKind> {
        match &step.kind {
            StepKind::Resource { name, ty, fields } => self.given(name, ty, fields),
            StepKind::Inventory { path, span } => Some(TypedStepKind::Inventory { path: path.clone(), span: *span }),
            StepKind::Now(value) => Some(TypedStepKind::Now(self.expr_of(*value, &Type::Time))),
            StepKind::Param { path, value } => {
                let (full, ty) = self.parameter_named(path)?;
                Some(TypedStepKind::Param { path: full, value: self.expr_of(*value, &ty) })
            }
            StepKind::Verdict { guardrail, outcome, target, with } => {
                let named = guardrail;
                let guardrail = self.guardrail_named(guardrail);
                if let Target::Given(name) = target {
                    self.judges(named, name);
                }
                let target = self.target(target)?;
                Some(TypedStepKind::Verdict { guardrail: guardrail?, outcome: *outcome, target, with: with.clone() })
            }
            StepKind::Holds(condition) => Some(TypedStepKind::Holds(self.condition(*condition))),
        }
    }

    fn parameter_named(&mut self, path: &parapet_syntax::Path) -> Option<(crate::typed::DefinitionPath, Type)> {
        match resolve(self.db, self.workspace, self.file, path) {
            Ok(definition) if definition.kind == DefinitionKind::Parameter => {
                let full = definition_path(self.db, definition.item);
                match &*signature(self.db, self.workspace, definition.item) {
                    Signature::Parameter(ty) => Some((full, ty.clone())),
                    _ => None,
                }
            }
            Ok(definition) => {
                let message = format!("the {} `{}` is not a parameter", definition.kind.word(), path.text());
                self.report(&codes::TYPE_MISMATCH, path.span, message);
                None
            }
            Err(error) => {
                let diagnostic = self.name_error(path, error);
                self.name_reported(diagnostic);
                None
            }
        }
    }

    /// A guardrail judges what it ranges over, and says nothing of anything else.
    fn judges(&mut self, guardrail: &parapet_syntax::Path, given: &Ident) {
        let Ok(definition) = resolve(self.db, self.workspace, self.file, guardrail) else { return };
        let Some(ty) = self.local_named(&given.text).and_then(|local| self.local(local)).map(|local| local.ty.clone())
        else {
            return;
        };
        let signature = signature(self.db, self.workspace, definition.item);
        let Signature::Guardrail(Some(population)) = &*signature else { return };
        let fits = match (population, &ty) {
            (Population::Types(types), Type::Resource(names)) => names.iter().all(|name| types.contains(name)),
            (Population::AllResources, Type::Resource(_))
            | (Population::Accounts, Type::Account)
            | (_, Type::Error) => true,
            _ => false,
        };
        if !fits {
            let message = format!("`{}` does not judge a `{ty}`", guardrail.text());
            self.report(&codes::TYPE_MISMATCH, given.span, message);
        }
    }

    fn target(&mut self, target: &Target) -> Option<TypedTarget> {
        match target {
            Target::Count(count, _) => Some(TypedTarget::Count(*count)),
            Target::Given(name) => match self.local_named(&name.text) {
                Some(local) => {
                    self.note_use(local, name.span);
                    Some(TypedTarget::Given(local))
                }
                None => {
                    let known: Vec<String> = self.locals.iter().map(|local| local.name.clone()).collect();
                    let nearest =
                        parapet_base::nearest(&name.text, known.iter().map(String::as_str)).map(str::to_owned);
                    let message = format!("nothing is given as `{}`", name.text);
                    self.error(suggest(Diagnostic::new(&codes::UNKNOWN_NAME, name.span, message), name.span, nearest));
                    None
                }
            },
        }
    }

    fn given(&mut self, name: &Ident, ty: &TypeExpr, fields: &[(Ident, GivenValue)]) -> Option<TypedStepKind> {
        let ty = self.type_of(ty);
        let resource_type = match &ty {
            Type::Resource(names) => names.first().cloned()?,
            Type::Account => Name::from("Account"),
            Type::Error => {
                self.bind(name, Type::Error);
                return None;
            }
            other => {
                self.report(&codes::TYPE_MISMATCH, name.span, format!("`given` makes resources; `{other}` is none"));
                self.bind(name, Type::Error);
                return None;
            }
        };
        let fields = fields.iter().filter_map(|(key, value)| self.given_field(&resource_type, key, value)).collect();
        let local = self.bind(name, ty);
        Some(TypedStepKind::Resource { local, name: name.text.clone(), resource_type, fields })
    }

    fn given_field(
        &mut self,
        resource_type: &str,
        key: &Ident,
        value: &GivenValue,
    ) -> Option<(Name, Option<crate::typed::Typed>)> {
        let schema = self.schema;
        let property = schema.resource_type(resource_type).and_then(|ty| ty.property(&key.text));
        let headers =
            if resource_type == "Account" { parapet_model::account_fields() } else { parapet_model::header_fields() };
        let header = headers.iter().find(|(known, _)| **known == *key.text && &**known != "type");
        let (name, ty) = match (property, header) {
            (_, Some((name, ty))) => (name.clone(), ty.clone()),
            (Some(property), None) => (property.name.clone(), property.ty.clone()),
            (None, None) => {
                let properties = schema.resource_type(resource_type).into_iter().flat_map(|ty| ty.properties.keys());
                let known: Vec<&str> =
                    properties.chain(headers.iter().map(|(name, _)| name)).map(|name| &**name).collect();
                let nearest = parapet_base::nearest(&key.text, known).map(str::to_owned);
                let message = format!("`{resource_type}` has no property `{}`", key.text);
                self.error(suggest(Diagnostic::new(&codes::UNKNOWN_PROPERTY, key.span, message), key.span, nearest));
                return None;
            }
        };
        let value = match value {
            GivenValue::Unknown(_) => None,
            GivenValue::Value(value) => Some(self.given_value(*value, &ty)),
        };
        Some((name, value))
    }

    /// A given value: a resource may stand for a reference, and `unknown` for anything.
    fn given_value(&mut self, value: parapet_syntax::ExprId, ty: &Type) -> crate::typed::Typed {
        let given = std::mem::replace(&mut self.given, true);
        let typed = self.expr(value, Some(ty));
        let typed = self.coerce(typed, &ty.clone().optional());
        self.given = given;
        typed
    }
}
