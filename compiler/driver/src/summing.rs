//! What a run found, put together for reports.

use parapet_interpreter::World;
use parapet_ir::Population;
use parapet_model::{RunResult, Summary, UNKNOWN_PROPERTIES, Verdict};

use crate::check::Request;
use crate::inputs::Inputs;
use crate::judging::Judged;
use crate::rules::Rules;
use crate::selection::Selected;

/// The guardrails that met no resource, or none that they apply to.
pub(crate) fn vacuous(selected: &Selected, verdicts: &[Judged]) -> Vec<(usize, String)> {
    let mut why = vec![Some("no resource"); selected.infos.len()];
    for judged in verdicts {
        let Some(why) = why.get_mut(judged.guardrail()) else { continue };
        match judged.verdict {
            Verdict::NotApplicable => *why = why.map(|_| "only n/a"),
            Verdict::Pass | Verdict::Fail | Verdict::Unknown | Verdict::Waived => *why = None,
        }
    }
    why.into_iter().enumerate().filter_map(|(at, why)| Some((at, why?.to_owned()))).collect()
}

pub(crate) fn assemble(
    rules: &Rules,
    selected: &Selected,
    world: &World,
    inputs: &Inputs,
    verdicts: &[Judged],
    request: &Request<'_>,
) -> RunResult {
    let count = |wanted: Verdict| verdicts.iter().filter(|judged| judged.told() == wanted).count();
    let counts = [
        ("items of deleted resources", inputs.deleted),
        ("older or repeated records", inputs.duplicates),
        ("stale records", inputs.stale),
        (UNKNOWN_PROPERTIES, inputs.strangers.count),
    ];
    RunResult {
        as_of: request.as_of.to_string(),
        rules: rules.packages.iter().filter(|package| package.selected).map(|package| package.info.clone()).collect(),
        params: Vec::new(),
        request: Vec::new(),
        inputs: inputs.infos.clone(),
        summary: Summary {
            resources: world.len(),
            guardrails: selected.infos.len(),
            pass: count(Verdict::Pass),
            fail: count(Verdict::Fail),
            unknown: count(Verdict::Unknown),
            not_applicable: count(Verdict::NotApplicable),
            waived: count(Verdict::Waived),
        },
        baseline: None,
        guardrails: selected.infos.clone(),
        findings: Vec::new(),
        vacuous: Vec::new(),
        waivers: Vec::new(),
        skipped: inputs.skipped.clone(),
        types: types(selected, world),
        unknown_properties: Vec::new(),
        counts: counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| (name.to_owned(), count))
            .collect(),
        captured: inputs.captured.map(|(oldest, newest)| (oldest.to_string(), newest.to_string())),
        notices: notices(rules, selected),
    }
}

/// Resources by type, most first, with whether some guardrail looks at the type.
fn types(selected: &Selected, world: &World) -> Vec<(String, usize, bool)> {
    let looked = |name: &str| {
        selected.program.guardrails.iter().any(|guardrail| match &guardrail.population {
            Population::Types(types) => types.iter().any(|ty| **ty == *name),
            Population::AllResources => true,
            Population::Accounts => false,
        })
    };
    let mut types: Vec<(String, usize, bool)> =
        world.types().iter().map(|name| (name.to_string(), world.of_type(name).len(), looked(name))).collect();
    types.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    types
}

fn notices(rules: &Rules, selected: &Selected) -> Vec<String> {
    let mut notices = rules.notices.clone();
    for info in &selected.infos {
        if let Some(instead) = &info.deprecated {
            notices.push(format!("`{}` is deprecated: {instead}", info.path));
        }
        if let Some(date) = &info.pending {
            notices.push(format!("`{}` is in force from {date}: until then its failures do not count", info.path));
        }
    }
    notices
}
