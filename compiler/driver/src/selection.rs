//! Which guardrails run, and what is known of them.

use std::sync::Arc;

use jiff::Timestamp;
use parapet_builtins::glob;
use parapet_ir::{Guardrail, Item as Lowered, Population, Program};
use parapet_lower::{guardrails, is_whole, lowered, parameters, program};
use parapet_model::{GuardrailInfo, Schema, Severity};
use parapet_semantic::Item;

use crate::lowered::Programs;
use crate::rules::Rules;

/// What the flags of `check` and `list` select.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Globs over guardrail paths; none means all.
    pub guardrails: Vec<String>,
    /// `FRAMEWORK` or `FRAMEWORK:ID`.
    pub controls: Vec<String>,
    pub severity: Option<Severity>,
    /// Globs over resource types.
    pub types: Vec<String>,
}

/// The guardrails that run, sorted by path, and the program that they need.
pub struct Selected {
    pub program: Program,
    pub infos: Vec<GuardrailInfo>,
    /// What the guardrails are lowered to.
    pub(crate) lowered: Programs,
}

/// Selects among the guardrails of the selected packages; those that do not check are left out.
pub fn select(rules: &Rules, selection: &Selection, as_of: Timestamp) -> Result<Selected, String> {
    let mut chosen: Vec<(Arc<str>, Item<'_>, &str)> = Vec::new();
    let mut all = 0;
    for package in rules.packages.iter().filter(|package| package.selected) {
        for file in package.files.iter().filter(|file| !rules.is_test_file(**file)) {
            for (path, item) in guardrails(&rules.db, *file) {
                all += 1;
                chosen.push((path, item, &package.info.name));
            }
        }
    }
    if all == 0 {
        return Err("the rules hold no guardrail".to_owned());
    }
    check_globs(selection, &rules.schema())?;
    chosen.retain(|(path, item, _)| match lowered(&rules.db, rules.workspace, *item) {
        Some(Lowered::Guardrail(guardrail)) => {
            selection.admits(path, guardrail) && is_whole(&rules.db, rules.workspace, *item)
        }
        // What does not check, or leans on what does not, is not judged, and the diagnostics say so.
        _ => false,
    });
    let before = chosen.len();
    chosen.sort_by(|a, b| a.0.cmp(&b.0));
    chosen.dedup_by(|a, b| a.0 == b.0);
    if before == 0 && !selection.is_empty() {
        return Err("no guardrail matches the selection".to_owned());
    }
    let items: Vec<Item<'_>> = chosen.iter().map(|(_, item, _)| *item).collect();
    let program = program(&rules.db, rules.workspace, &items);
    let infos = program
        .guardrails
        .iter()
        .zip(&chosen)
        .map(|(guardrail, (_, item, package))| info(guardrail, params(rules, *item), package, as_of));
    let infos = infos.collect();
    let lowered = Programs::of(program.guardrails.len());
    Ok(Selected { program, infos, lowered })
}

impl Selection {
    fn is_empty(&self) -> bool {
        self.guardrails.is_empty() && self.controls.is_empty() && self.severity.is_none() && self.types.is_empty()
    }

    fn admits(&self, path: &str, guardrail: &Guardrail) -> bool {
        let named = |pattern: &String| {
            glob::like(path, pattern) || guardrail.about.aliases.iter().any(|alias| glob::like(alias, pattern))
        };
        let by_path = self.guardrails.is_empty() || self.guardrails.iter().any(named);
        let by_control = self.controls.is_empty() || self.controls.iter().any(|control| maps(guardrail, control));
        let by_severity = self.severity.is_none_or(|least| guardrail.about.severity >= least);
        by_path && by_control && by_severity && self.admits_population(&guardrail.population)
    }

    fn admits_population(&self, population: &Population) -> bool {
        match population {
            _ if self.types.is_empty() => true,
            Population::Types(types) => types.iter().any(|name| self.admits_type(name)),
            Population::AllResources => true,
            Population::Accounts => self.admits_type("Account"),
        }
    }

    /// Whether resources of this type are judged.
    pub fn admits_type(&self, name: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|pattern| glob::like(name, pattern))
    }
}

fn maps(guardrail: &Guardrail, control: &str) -> bool {
    let (framework, id) = control.split_once(':').map_or((control, None), |(framework, id)| (framework, Some(id)));
    guardrail
        .about
        .controls
        .iter()
        .any(|(known, ids)| known == framework && id.is_none_or(|id| ids.iter().any(|known| known == id)))
}

/// A type glob that no type matches is a mistake.
fn check_globs(selection: &Selection, schema: &Schema) -> Result<(), String> {
    for pattern in &selection.types {
        let mut known = schema.type_names().map(|name| &**name).chain(["Account"]);
        if !known.any(|name| glob::like(name, pattern)) {
            return Err(format!("no resource type matches `{pattern}`"));
        }
    }
    Ok(())
}

fn info(guardrail: &Guardrail, params: Vec<String>, package: &str, as_of: Timestamp) -> GuardrailInfo {
    let about = &guardrail.about;
    GuardrailInfo {
        path: guardrail.path.to_string(),
        package: package.to_owned(),
        title: about.title.clone(),
        rationale: about.rationale.clone(),
        fix: about.fix.clone(),
        severity: about.severity,
        types: match &guardrail.population {
            Population::Types(types) => types.iter().map(ToString::to_string).collect(),
            Population::AllResources => vec!["Resource".to_owned()],
            Population::Accounts => vec!["Account".to_owned()],
        },
        controls: about.controls.clone(),
        params,
        tags: about.tags.clone(),
        since: about.since.clone(),
        deprecated: about.deprecated.clone(),
        fail_closed: about.fail_closed,
        mandatory: about.mandatory,
        pending: about.effective.filter(|effective| as_of < *effective).map(|effective| effective.to_string()),
    }
}

/// The parameters that a guardrail reads, in functions and defaults too.
fn params(rules: &Rules, item: Item<'_>) -> Vec<String> {
    parameters(&rules.db, rules.workspace, item).iter().map(ToString::to_string).collect()
}
