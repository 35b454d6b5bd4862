//! `lint --fix`: fixes break nothing, are done at once, and leave alone what they are not about.

use parapet_base::{Applicability, Diagnostic, FileId, Level, Span};
use parapet_driver::{diagnostics, fix_in_memory};
use parapet_semantic::Scope;
use parapet_syntax::split;

use super::check::{Workbench, stand_in_their_texts};
use super::parse::template;
use super::{Behaviour, Broken, Target, Tried, hold};

/// See the module.
#[derive(Default)]
pub struct Fix {
    workbench: Workbench,
}

impl Target for Fix {
    fn try_text(&mut self, text: &str) -> Tried {
        let mut behaviour = Behaviour::default();
        let Some((rules, file)) = self.workbench.with(text) else { return Ok(behaviour) };
        let before = diagnostics(rules, Scope::WithTests);
        let fixes = fix_in_memory(rules);
        for (_, diagnostic) in &before {
            behaviour.saw((
                diagnostic.code.code,
                template(&diagnostic.message),
                fixes.fixed.len(),
                fixes.problems.len(),
            ));
        }
        // What is not understood may mean anything once a part of it is mended: `"10.0.0.0/8"from` is then one word.
        let understood = !before.iter().any(|(_, diagnostic)| is_of_form(diagnostic));
        hold(fixes.problems.is_empty() || !understood, "no fix has to be undone", || format!("{:?}", fixes.problems))?;
        let fixed = file.text(&rules.db).clone();
        if fixes.fixed.is_empty() {
            hold(*fixed == *text, "without a fix the text stays", || fixed.to_string())?;
            return Ok(behaviour);
        }
        let after = diagnostics(rules, Scope::WithTests);
        stand_in_their_texts(rules, &after)?;
        hold(errors(&after) <= errors(&before), "fixes lead to no error", || format!("{fixed}\n{after:?}"))?;
        let applied = fixes.fixed.iter().map(|fixed| fixed.fixes).sum();
        others_stay(text, &fixed, &before, applied)?;
        let again = fix_in_memory(rules);
        hold(again.fixed.is_empty(), "a second fix changes nothing", || {
            format!("{fixed}\nthen\n{}", file.text(&rules.db))
        })?;
        behaviour.saw(("applied", usize::min(applied, 5)));
        Ok(behaviour)
    }
}

/// Whether an error is about the form of the text: codes of this family begin with `E00`.
fn is_of_form(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.code.starts_with("E00")
}

fn errors(found: &[(FileId, Diagnostic)]) -> usize {
    found.iter().filter(|(_, diagnostic)| diagnostic.level() == Level::Error).count()
}

/// Where all fixes were known from the beginning, the items that none of them is about stay byte for byte.
fn others_stay(before: &str, after: &str, found: &[(FileId, Diagnostic)], applied: usize) -> Result<(), Broken> {
    let machine = |diagnostic: &Diagnostic| {
        let mut suggestions = diagnostic.suggestions.clone().into_iter();
        suggestions.find(|suggestion| suggestion.applicability == Applicability::Machine)
    };
    let suggestions: Vec<_> = found.iter().filter_map(|(_, diagnostic)| machine(diagnostic)).collect();
    if suggestions.len() < applied {
        return Ok(());
    }
    let spans: Vec<Span> =
        suggestions.iter().flat_map(|suggestion| suggestion.edits.iter().map(|edit| edit.span)).collect();
    for item in split(before).items {
        let end = item.offset as usize + item.text.len();
        let touched = spans.iter().any(|span| span.end >= item.offset && span.start as usize <= end);
        let stays = touched || after.contains(&*item.text);
        hold(stays, "what is not fixed stays", || format!("{before}\nwas fixed to\n{after}"))?;
    }
    Ok(())
}
