//! Mutation testing for people: the scores, then each survivor with the line that no test holds.

use parapet_model::{MutantKind, MutationReport, Noticed, Survivor, Tally};

use crate::escape::{escape, shorten};
use crate::paint::{Paint, Style};
use crate::resources::counted;

/// An expression is shown up to this many columns; its place is named.
const MOST_SHOWN: usize = 80;

pub(super) fn write(report: &MutationReport, color: bool) -> String {
    let paint = Paint { color };
    let mut text = String::from("mutants\n");
    text.push_str(&line(paint, "rules", report.rules));
    text.push_str(&line(paint, "fixtures", report.fixtures));
    let all = report.tally();
    text.push_str(&format!("  total     {:>5} of {:<5} noticed  {}\n", all.seen, all.all, percent(paint, all)));
    let told: Vec<&Survivor> = report.survivors.iter().filter(|survivor| !survivor.accepted).collect();
    section(&mut text, "no test notices", &told);
    let accepted: Vec<&Survivor> = report.survivors.iter().filter(|survivor| survivor.accepted).collect();
    section(&mut text, "accepted by `@allow(surviving_mutant)`", &accepted);
    text
}

fn line(paint: Paint, name: &str, noticed: Noticed) -> String {
    let tally = noticed.tally();
    let accepted = match noticed.accepted {
        0 => String::new(),
        accepted => format!("  ({accepted} more accepted)"),
    };
    format!("  {name:<8}  {:>5} of {:<5} noticed  {}{accepted}\n", tally.seen, tally.all, percent(paint, tally))
}

fn percent(paint: Paint, tally: Tally) -> String {
    let style = if tally.seen == tally.all && tally.all > 0 { Style::Good } else { Style::Bad };
    paint.text(style, &tally.percent().map_or("nothing to change".to_owned(), |percent| format!("{percent:.1} %")))
}

/// A definition that no test reaches is one line, whatever may be changed in it.
fn section(text: &mut String, title: &str, survivors: &[&Survivor]) {
    if survivors.is_empty() {
        return;
    }
    text.push_str(&format!("\n{title}:\n"));
    let mut lost: Vec<&str> = Vec::new();
    for survivor in survivors {
        let place = format!("{}:{}:{}", escape(&survivor.path), survivor.line, survivor.column);
        let definition = escape(&survivor.definition);
        match survivor.kind {
            MutantKind::Rule if survivor.tests == 0 => {
                if !lost.contains(&survivor.definition.as_str()) {
                    lost.push(&survivor.definition);
                    let same = survivors.iter().filter(|other| other.definition == survivor.definition).count();
                    text.push_str(&format!(
                        "  {place}: no test reaches `{definition}` ({})\n",
                        counted(same, "change")
                    ));
                }
            }
            MutantKind::Rule => {
                let shown = shorten(&survivor.text, MOST_SHOWN);
                text.push_str(&format!("  {place}: {} in `{shown}`\n", escape(&survivor.change)));
            }
            MutantKind::Fixture => {
                let shown = shorten(&survivor.text, MOST_SHOWN);
                text.push_str(&format!("  {place}: `{shown}` of `{definition}`: {}\n", escape(&survivor.change)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survivors_stand_below_the_scores() {
        assert_eq!(
            write(&super::super::tests::report(), false),
            "mutants
  rules         5 of 8     noticed  62.5 %  (1 more accepted)
  fixtures      2 of 3     noticed  66.6 %
  total         7 of 11    noticed  63.6 %

no test notices:
  rules/ports.parapet:6:13: `>=` became `>` in `rule.FromPort >= 23`
  rules/ports.parapet:12:13: no test reaches `acme::ports::lost` (2 changes)
  rules/ports.parapet:5:13: `rule.Description` of `acme::ports::low`: whatever its value, the passing fixtures pass

accepted by `@allow(surviving_mutant)`:
  rules/ports.parapet:9:13: `>=` became `>` in `rule.FromPort >= 23`
"
        );
    }

    #[test]
    fn nothing_to_change_is_no_success() {
        assert!(write(&MutationReport::default(), false).contains("nothing to change"));
    }
}
