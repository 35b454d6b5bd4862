//! Waivers: which guardrail, which resources, until when and why.
//!
//! A waiver is checked as strictly as what it takes back: it names a guardrail that may be waived, a day on which it ends
//! and a reason, and its condition is one over resources that the guardrail judges.

use parapet_base::codes;
use parapet_model::Type;
use parapet_syntax::{Coverage, ExprId, Ident, Path, TypeExpr};

use super::Checker;
use crate::attributes::about;
use crate::db::parsed;
use crate::names::{Definition, DefinitionKind, definition_path, resolve};
use crate::signatures::{Signature, population_of, signature};
use crate::typed::{DefinitionPath, Literal, Population, TypedCoverage, TypedItem, TypedKind, TypedWaiver};

/// Seconds of a day: an `until` is a whole number of them.
const DAY: i64 = 86_400;

impl Checker<'_, '_> {
    pub(super) fn waiver(
        &mut self,
        guardrail: &Path,
        coverage: &[Coverage],
        until: Option<ExprId>,
        texts: &[(Ident, String)],
    ) -> TypedItem {
        self.attributes("");
        let (path, judged) = self.waived_guardrail(guardrail).unzip();
        let judged = judged.flatten();
        let typed: Vec<TypedCoverage> =
            coverage.iter().filter_map(|part| self.coverage(part, guardrail, judged.as_ref())).collect();
        let end = self.until(until);
        self.waiver_parts(guardrail, coverage, until, texts);
        let text = |wanted: &str| texts.iter().find(|(key, _)| key.text == wanted).map(|(_, text)| text.clone());
        match (path, end, text("reason")) {
            (Some(guardrail), Some(until), Some(reason)) => {
                let (owner, ticket) = (text("owner"), text("ticket"));
                TypedItem::Waiver(TypedWaiver { guardrail, coverage: typed, until, reason, owner, ticket })
            }
            _ => TypedItem::Broken,
        }
    }

    /// The guardrail that is waived and what it ranges over; reported when it is none, or none that may be waived here.
    fn waived_guardrail(&mut self, guardrail: &Path) -> Option<(DefinitionPath, Option<Population>)> {
        match resolve(self.db, self.workspace, self.file, guardrail) {
            Ok(definition) if definition.kind == DefinitionKind::Guardrail => {
                self.mandatory(guardrail, definition);
                let judged = match &*signature(self.db, self.workspace, definition.item) {
                    Signature::Guardrail(population) => population.clone(),
                    _ => None,
                };
                Some((definition_path(self.db, definition.item), judged))
            }
            Ok(definition) => {
                let message = format!(
                    "the {} `{}` is no guardrail, so that nothing of it can be waived",
                    definition.kind.word(),
                    guardrail.text()
                );
                self.report(&codes::INCOMPLETE_WAIVER, guardrail.span, message);
                None
            }
            Err(error) => {
                let diagnostic = self.name_error(guardrail, error);
                self.name_reported(diagnostic);
                None
            }
        }
    }

    /// What a package demands of those who depend on it, only that package may waive.
    fn mandatory(&mut self, guardrail: &Path, definition: Definition<'_>) {
        let owner = definition.item.file(self.db).package(self.db);
        if owner == self.file.package(self.db) {
            return;
        }
        let tree = parsed(self.db, definition.item).tree.as_ref();
        if tree.is_some_and(|tree| about(tree, "", &mut Vec::new()).mandatory) {
            let owner = if owner.is_empty() { "the rules that define it".to_owned() } else { format!("`{owner}`") };
            let message = format!("`{}` is mandatory: only {owner} may waive it", guardrail.text());
            self.report(&codes::MANDATORY_GUARDRAIL, guardrail.span, message);
        }
    }

    fn coverage(&mut self, part: &Coverage, guardrail: &Path, judged: Option<&Population>) -> Option<TypedCoverage> {
        let (name, ty, condition) = match part {
            Coverage::Like { pattern, .. } => return Some(TypedCoverage::Like(pattern.clone())),
            Coverage::Where { name, ty, condition } => (name, ty, *condition),
        };
        let covered = self.type_of(ty);
        let population = self.covered(&covered, ty, guardrail, judged);
        let bound = if population.is_some() { covered } else { Type::Error };
        self.in_scope(|cx| {
            let local = cx.bind(name, bound);
            let condition = cx.condition(condition);
            Some(TypedCoverage::Where { local, population: population?, condition })
        })
    }

    /// What a `for` ranges over; reported where the guardrail judges nothing of it.
    fn covered(
        &mut self,
        covered: &Type,
        ty: &TypeExpr,
        guardrail: &Path,
        judged: Option<&Population>,
    ) -> Option<Population> {
        let population = population_of(covered);
        let message = match (&population, judged) {
            (None, _) if *covered == Type::Error => return None,
            (None, _) => format!("a waiver covers resources or accounts, not `{covered}`"),
            (Some(population), Some(judged)) if !meet(population, judged) => {
                format!("`{}` judges no `{covered}`, so that nothing of it is waived", guardrail.text())
            }
            (Some(_), _) => return population,
        };
        self.report(&codes::TYPE_MISMATCH, ty.span, message);
        population
    }

    /// The last day, in UTC.
    fn until(&mut self, until: Option<ExprId>) -> Option<jiff::Timestamp> {
        let time = self.expr_of(until?, &Type::Time);
        match time.kind {
            TypedKind::Literal(Literal::Time(time)) if is_midnight(time) => Some(time),
            TypedKind::Error => None,
            _ => {
                self.report(&codes::INCOMPLETE_WAIVER, time.span, "`until` takes a date, such as `2027-01-31`");
                None
            }
        }
    }

    /// What is missing or stands twice.
    fn waiver_parts(
        &mut self,
        guardrail: &Path,
        coverage: &[Coverage],
        until: Option<ExprId>,
        texts: &[(Ident, String)],
    ) {
        let reason = texts.iter().any(|(key, text)| key.text == "reason" && !text.trim().is_empty());
        let parts = [
            (!coverage.is_empty(), "`resources like \"…\"` or `for r: TYPE where …`"),
            (until.is_some(), "`until`, a date"),
            (reason, "`reason`"),
        ];
        let missing: Vec<&str> = parts.iter().filter(|(there, _)| !there).map(|(_, part)| *part).collect();
        for (at, (key, _)) in texts.iter().enumerate() {
            if texts.iter().take(at).any(|(other, _)| other.text == key.text) {
                self.report(&codes::INCOMPLETE_WAIVER, key.span, format!("`{}` stands twice", key.text));
            }
        }
        if !missing.is_empty() {
            let message = format!("this waiver lacks {}", missing.join(" and "));
            self.report(&codes::INCOMPLETE_WAIVER, guardrail.span, message);
        }
    }
}

fn is_midnight(time: jiff::Timestamp) -> bool {
    time.as_second().rem_euclid(DAY) == 0 && time.subsec_nanosecond() == 0
}

/// Whether something may belong to both.
fn meet(one: &Population, other: &Population) -> bool {
    match (one, other) {
        (Population::Types(one), Population::Types(other)) => one.iter().any(|name| other.contains(name)),
        (Population::Types(_) | Population::AllResources, Population::AllResources)
        | (Population::AllResources, Population::Types(_))
        | (Population::Accounts, Population::Accounts) => true,
        (Population::Accounts, Population::Types(_) | Population::AllResources)
        | (Population::Types(_) | Population::AllResources, Population::Accounts) => false,
    }
}
