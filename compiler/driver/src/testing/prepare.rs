//! Tests and definitions of the selected rules, lowered on one thread, so that many can run them.
//!
//! The database is asked for everything here and is not needed afterwards: a prepared test holds its program.

use std::sync::Arc;

use parapet_base::{LineIndex, Position, Span, codes};
use parapet_ir::{
    Constant, Expr, Function, Guardrail, Item as Lowered, Program, StepKind, Test, walk, walk_statements,
};
use parapet_lower::{by_path, complete, lowered, mention};
use parapet_model::{DefinitionKind, Schema};
use parapet_semantic::{SourceFile, item_offset, items, parsed};

use crate::rules::Rules;

/// A test with all that it needs to run.
pub(super) struct Prepared {
    pub(super) module: String,
    pub(super) file: String,
    pub(super) line: u32,
    /// The resource types that the test may name.
    pub(super) schema: Arc<Schema>,
    pub(super) test: Arc<Test>,
    /// The guardrails that the test names, and all that they and the test's expressions need.
    pub(super) program: Program,
}

/// A guardrail, function or constant of the selected rules.
pub(super) enum Body {
    Guardrail(Arc<Guardrail>),
    Function(Arc<Function>),
    Constant(Arc<Constant>),
}

/// A definition and where its text stands.
pub(super) struct Definition {
    pub(super) kind: DefinitionKind,
    /// A relation is a function of two.
    pub(super) body: Body,
    pub(super) text: Text,
    /// `@allow(surviving_mutant)` stands on it.
    pub(super) accepts_survivors: bool,
}

/// The text of an item within its file.
pub(super) struct Text {
    pub(super) module: String,
    pub(super) file: String,
    whole: Arc<str>,
    lines: Arc<LineIndex>,
    offset: u32,
    /// The name in the header.
    pub(super) name: Span,
}

impl Definition {
    pub(super) fn path(&self) -> &Arc<str> {
        match &self.body {
            Body::Guardrail(guardrail) => &guardrail.path,
            Body::Function(function) => &function.path,
            Body::Constant(constant) => &constant.path,
        }
    }

    /// Whether a test names it, or what the test names needs it.
    pub(super) fn is_reached_by(&self, test: &Prepared) -> bool {
        match &self.body {
            Body::Guardrail(guardrail) => test.program.guardrails.iter().any(|known| known.path == guardrail.path),
            Body::Function(function) => test.program.functions.contains_key(&function.path),
            Body::Constant(constant) => test.program.constants.contains_key(&constant.path),
        }
    }
}

/// Fewer characters than these do not tell a reader what they are about.
const LEAST_SHOWN: usize = 16;

impl Text {
    /// Where a span of the item begins in the file.
    pub(super) fn position(&self, span: Span) -> Position {
        self.lines.position(&self.whole, span.shift(self.offset).start)
    }

    /// What a span of the item says, on one line.
    pub(super) fn shown(&self, span: Span) -> String {
        let text = span.shift(self.offset).text(&self.whole);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The same, or the line around it where it says too little by itself, such as a literal.
    pub(super) fn shown_in_context(&self, span: Span) -> String {
        let shown = self.shown(span);
        if shown.chars().count() >= LEAST_SHOWN {
            return shown;
        }
        let line = self.position(span).line;
        self.whole.lines().nth(line.saturating_sub(1) as usize).map_or(shown, |line| line.trim().to_owned())
    }
}

/// The tests of the selected rules whose title or module contains `filter`, in the order of the files.
pub(super) fn tests(rules: &Rules, filter: Option<&str>) -> Vec<Prepared> {
    let mut prepared = Vec::new();
    let schema = rules.schema();
    for file in rules.selected_files() {
        let lines = LineIndex::new(file.text(&rules.db));
        for item in items(&rules.db, file).iter().filter(|item| item.keyword(&rules.db) == "test") {
            let Some(lowered) = lowered(&rules.db, rules.workspace, *item) else { continue };
            let Lowered::Test(test) = lowered else { continue };
            let module = file.module(&rules.db).to_string();
            if filter.is_some_and(|filter| !test.title.contains(filter) && !module.contains(filter)) {
                continue;
            }
            let line = lines.position(file.text(&rules.db), item_offset(&rules.db, *item)).line;
            let program = program(rules, test);
            prepared.push(Prepared {
                module,
                file: path(rules, file),
                line,
                schema: schema.clone(),
                test: test.clone(),
                program,
            });
        }
    }
    prepared
}

/// The guardrails, functions, relations and constants of the selected rules, but for those of test files, in the order of the files.
pub(super) fn definitions(rules: &Rules) -> Vec<Definition> {
    let mut definitions = Vec::new();
    for file in rules.selected_files().filter(|file| !rules.is_test_file(*file)) {
        let whole = file.text(&rules.db).clone();
        let lines = Arc::new(LineIndex::new(&whole));
        for item in items(&rules.db, file) {
            let body = match lowered(&rules.db, rules.workspace, *item) {
                Some(Lowered::Guardrail(guardrail)) => Body::Guardrail(guardrail.clone()),
                Some(Lowered::Function(function)) => Body::Function(function.clone()),
                Some(Lowered::Constant(constant)) => Body::Constant(constant.clone()),
                Some(Lowered::Parameter(_) | Lowered::Test(_) | Lowered::Waiver(_)) | None => continue,
            };
            let tree = parsed(&rules.db, *item).tree.as_ref();
            let text = Text {
                module: file.module(&rules.db).to_string(),
                file: path(rules, file),
                whole: whole.clone(),
                lines: lines.clone(),
                offset: item_offset(&rules.db, *item),
                name: tree.map_or_else(Span::default, |tree| tree.name_span),
            };
            let accepts_survivors = tree.is_some_and(|tree| tree.allows(codes::SURVIVING_MUTANT.name));
            let kind = match item.keyword(&rules.db) {
                "guardrail" => DefinitionKind::Guardrail,
                "relation" => DefinitionKind::Relation,
                "const" => DefinitionKind::Constant,
                _ => DefinitionKind::Function,
            };
            definitions.push(Definition { kind, body, text, accepts_survivors });
        }
    }
    definitions
}

fn path(rules: &Rules, file: SourceFile) -> String {
    file.path(&rules.db).to_string()
}

fn program(rules: &Rules, test: &Test) -> Program {
    let mut program = Program::default();
    let mut wanted: Vec<Arc<str>> = Vec::new();
    for step in &test.steps {
        let mut expression = |expr: &Expr| walk(expr, &mut |part| mention(&part.kind, &mut wanted));
        match &step.kind {
            StepKind::Resource { fields, .. } => {
                fields.iter().filter_map(|(_, value)| value.as_ref()).for_each(expression)
            }
            StepKind::Now(value) | StepKind::Param { value, .. } => expression(value),
            StepKind::Holds { condition, .. } => expression(condition),
            StepKind::Inventory { .. } => {}
            StepKind::Verdict { guardrail, .. } => {
                let known = program.guardrails.iter().any(|known| known.path == *guardrail);
                if let (false, Some(lowered)) = (known, by_path(&rules.db, rules.workspace, guardrail))
                    && let Lowered::Guardrail(guardrail) = lowered
                {
                    walk_statements(&guardrail.body, &mut |part| mention(&part.kind, &mut wanted));
                    program.guardrails.push(guardrail.clone());
                }
            }
        }
    }
    complete(&rules.db, rules.workspace, &mut program, wanted);
    program
}
