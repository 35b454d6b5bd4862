//! Everything that is asked of a program: names, types, lints, constants, and the intermediate form of what checks.

use parapet_base::{Diagnostic, FileId, Level};
use parapet_driver::{Rules, diagnostics, load_text};
use parapet_ir::verify;
use parapet_lower::{guardrails, is_whole, lowered, program};
use parapet_semantic::{Scope, SourceFile, items};

use super::parse::template;
use super::places::lie_in;
use super::{Behaviour, Broken, Target, Tried, hold};

/// The database is made anew after so many texts, because it remembers some of each.
const MOST_TEXTS: u32 = 2000;

/// One text in so many is also checked in a database that has seen no other.
const FRESH: u32 = 40;

/// A program beside the standard library, whose text changes.
#[derive(Default)]
pub(super) struct Workbench {
    rules: Option<Rules>,
    texts: u32,
}

impl Workbench {
    /// The rules with this text as the only program of one's own, and how many texts there were.
    pub(super) fn with(&mut self, text: &str) -> Option<(&mut Rules, SourceFile)> {
        self.texts = self.texts.wrapping_add(1);
        if self.texts.is_multiple_of(MOST_TEXTS) {
            self.rules = None;
        }
        let rules = self.rules.get_or_insert_with(|| load_text("main.parapet", ""));
        let file = rules.packages.first()?.files.first().copied()?;
        rules.edit([(file, text.into())]);
        Some((rules, file))
    }
}

/// See the module.
#[derive(Default)]
pub struct Check {
    workbench: Workbench,
}

impl Target for Check {
    fn try_text(&mut self, text: &str) -> Tried {
        let also_fresh = self.workbench.texts.is_multiple_of(FRESH);
        let mut behaviour = Behaviour::default();
        let Some((rules, file)) = self.workbench.with(text) else { return Ok(behaviour) };
        let found = diagnostics(rules, Scope::WithTests);
        stand_in_their_texts(rules, &found)?;
        for (_, diagnostic) in &found {
            behaviour.saw((diagnostic.code.code, template(&diagnostic.message)));
        }
        lower(rules, file, &found, &mut behaviour)?;
        if also_fresh {
            let fresh = diagnostics(&load_text("main.parapet", text), Scope::WithTests);
            hold(fresh == found, "an edit leaves nothing behind", || {
                format!("{found:?}\nafter an edit, afresh\n{fresh:?}")
            })?;
        }
        Ok(behaviour)
    }
}

/// Every place of every diagnostic lies in the file that it names.
pub(super) fn stand_in_their_texts(rules: &Rules, found: &[(FileId, Diagnostic)]) -> Result<(), Broken> {
    let text = |file: FileId| rules.texts.get(file.0 as usize).map(|(_, text)| text.clone());
    found.iter().try_for_each(|(file, diagnostic)| match text(*file) {
        Some(own) => lie_in(&own, diagnostic, &text),
        None => Err(Broken { promise: "a diagnostic names a file", how: format!("{diagnostic:?}") }),
    })
}

/// What checks has an intermediate form, and the verifier finds nothing wrong with it.
fn lower(
    rules: &Rules,
    file: SourceFile,
    found: &[(FileId, Diagnostic)],
    behaviour: &mut Behaviour,
) -> Result<(), Broken> {
    let id = file.id(&rules.db);
    let clean = !found.iter().any(|(file, diagnostic)| *file == id && diagnostic.level() == Level::Error);
    for item in items(&rules.db, file) {
        let form = lowered(&rules.db, rules.workspace, *item);
        let keyword = item.keyword(&rules.db);
        behaviour.saw((keyword, form.is_some(), clean));
        let expected = clean && matches!(keyword, "guardrail" | "fn" | "const" | "param" | "relation" | "test");
        hold(form.is_some() || !expected, "what checks is lowered", || {
            format!("{keyword} {:?}", item.name(&rules.db))
        })?;
    }
    let whole = guardrails(&rules.db, file).into_iter().map(|(_, item)| item);
    let whole: Vec<_> = whole.filter(|item| is_whole(&rules.db, rules.workspace, *item)).collect();
    let program = program(&rules.db, rules.workspace, &whole);
    behaviour.saw((program.guardrails.len().min(4), program.functions.len().min(8)));
    hold(verify(&program).is_empty(), "the lowered form is sound", || format!("{:?}", verify(&program)))
}
