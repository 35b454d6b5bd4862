//! The places of rules that decide, with what a recorder saw there.

use parapet_interpreter::Recorder;
use parapet_ir::{Point, function_points, guardrail_points};
use parapet_model::{CoverageReport, CoveredDefinition, CoveredModule, CoveredPoint};

use crate::testing::prepare::{Body, Definition};

/// What `tests` tests saw of these definitions; what decides nothing is left out.
pub(super) fn coverage(definitions: &[Definition], recorder: &Recorder, tests: usize) -> CoverageReport {
    let mut report = CoverageReport { tests, modules: Vec::new() };
    for definition in definitions {
        let covered = covered(definition, recorder);
        if covered.points.is_empty() {
            continue;
        }
        let text = &definition.text;
        match report.modules.last_mut().filter(|module| module.path == text.file) {
            Some(module) => module.definitions.push(covered),
            None => {
                let (module, path) = (text.module.clone(), text.file.clone());
                report.modules.push(CoveredModule { module, path, definitions: vec![covered] });
            }
        }
    }
    report
}

fn covered(definition: &Definition, recorder: &Recorder) -> CoveredDefinition {
    let points = match &definition.body {
        Body::Guardrail(guardrail) => guardrail_points(guardrail),
        Body::Function(function) => function_points(function),
        // It is evaluated once, whatever tests there are.
        Body::Constant(_) => Vec::new(),
    };
    let point = |point: &Point| {
        let seen = recorder.seen(definition.path(), point.span, point.kind);
        let place = definition.text.position(point.shown);
        let outcomes = point.kind.outcomes().iter().enumerate().map(|(at, name)| (*name, seen.of(at))).collect();
        let text = definition.text.shown(point.shown);
        CoveredPoint { kind: point.kind.name(), line: place.line, column: place.column, text, outcomes }
    };
    let mut points: Vec<CoveredPoint> = points.iter().map(point).collect();
    points.sort_by_key(|point| (point.line, point.column));
    // The item's text begins with its documentation; its header is what a reader looks for.
    let line = definition.text.position(definition.text.name).line;
    CoveredDefinition { path: definition.path().to_string(), kind: definition.kind, line, points }
}
