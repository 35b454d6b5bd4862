//! Coverage for people: one line a module, and below it each outcome that no test saw.

use parapet_model::{CoverageReport, CoveredDefinition, CoveredModule, Tally};

use crate::escape::{escape, shorten};
use crate::paint::{Paint, Style};
use crate::resources::counted;

/// A condition is shown up to this many columns; its line is named.
const MOST_SHOWN: usize = 90;

pub(super) fn write(report: &CoverageReport, color: bool) -> String {
    let paint = Paint { color };
    let mut text = String::from("coverage\n");
    let width = report.modules.iter().map(|module| escape(&module.module).chars().count()).max().unwrap_or(0).max(5);
    for module in &report.modules {
        text.push_str(&line(paint, &escape(&module.module), width, module.tally()));
        unseen(module, &mut text);
    }
    text.push_str(&line(paint, "total", width, report.tally()));
    if report.tests == 0 {
        text.push_str("  no test ran, so nothing was seen\n");
    }
    text
}

fn line(paint: Paint, name: &str, width: usize, tally: Tally) -> String {
    let style = if tally.seen == tally.all && tally.all > 0 { Style::Good } else { Style::Bad };
    let percent = tally.percent().map_or("nothing to see".to_owned(), |percent| format!("{percent:.1} %"));
    format!("  {name:<width$}  {:>5} of {:<5} {}\n", tally.seen, tally.all, paint.text(style, &percent))
}

fn unseen(module: &CoveredModule, text: &mut String) {
    let path = escape(&module.path);
    for definition in &module.definitions {
        if definition.tally().seen == 0 {
            text.push_str(&format!("    {path}:{}: {}\n", definition.line, whole(definition)));
            continue;
        }
        for point in &definition.points {
            for (outcome, _) in point.outcomes.iter().filter(|(_, count)| *count == 0) {
                let (line, shown) = (point.line, shorten(&point.text, MOST_SHOWN));
                text.push_str(&format!("    {path}:{line}: `{}` never seen {outcome}: {shown}\n", point.kind));
            }
        }
    }
}

fn whole(definition: &CoveredDefinition) -> String {
    let outcomes = counted(definition.tally().all, "outcome");
    format!("no test reaches the {} `{}` ({outcomes})", definition.kind.name(), escape(&definition.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_seen_stands_below_its_module() {
        assert_eq!(
            write(&super::super::tests::report(), false),
            r#"coverage
  acme::database      4 of 9     44.4 %
    rules/database.parapet:5: `require` never seen false: not public(db)
    rules/database.parapet:11: no test reaches the guardrail `acme::database::lost` (1 outcome)
    rules/database.parapet:20: `??` never seen absent: db.Public ?? false
    rules/database.parapet:20: `if` never seen true: db.Old
    rules/database.parapet:20: `if` never seen false: db.Old
  total               4 of 9     44.4 %
"#
        );
    }

    #[test]
    fn nothing_is_no_success() {
        let text = write(&CoverageReport::default(), false);
        assert!(text.contains("nothing to see") && text.contains("no test ran"), "{text}");
    }
}
