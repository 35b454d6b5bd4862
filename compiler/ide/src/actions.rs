//! What can be done at a place beside mending what is wrong: a test, a waiver, a function of one's own; and imports.

use std::collections::BTreeSet;

use parapet_base::{Diagnostic, Edit, Level, Span, codes};
use parapet_model::Type;
use parapet_semantic::typed::{LocalId, Population};
use parapet_semantic::{
    Db, DefinitionKind, Imagined, Inferred, Item, Signature, SourceFile, Workspace, inferred, item_offset, items,
    scope, signature, tried,
};
use parapet_syntax::{ExprId, ExprKind, ItemKind, Statement, StatementKind, StepKind, Tree};

use crate::completion::import;
use crate::places::{item_at, touches, tree};

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// It mends a diagnostic.
    Fix,
    /// It gives a part a name.
    Extract,
    /// It writes something new.
    Write,
}

/// A change that is offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub title: String,
    pub kind: ActionKind,
    pub edits: Vec<Edit>,
    /// What it mends.
    pub diagnostic: Option<Diagnostic>,
}

impl Action {
    fn new(kind: ActionKind, title: impl Into<String>, edits: Vec<Edit>) -> Action {
        Action { title: title.into(), kind, edits, diagnostic: None }
    }
}

/// What is offered for a selection; `until` is the last day of a waiver.
pub fn actions(
    db: &dyn Db,
    workspace: Workspace,
    file: SourceFile,
    diagnostics: &[Diagnostic],
    range: Span,
    until: &str,
) -> Vec<Action> {
    let mut found = Vec::new();
    let touched = diagnostics.iter().filter(|found| found.span.start <= range.end && range.start <= found.span.end);
    for diagnostic in touched {
        let mends = |action: Action| Action { diagnostic: Some(diagnostic.clone()), ..action };
        if diagnostic.code == &codes::UNKNOWN_NAME {
            found.extend(imports(db, workspace, file, diagnostic.span).into_iter().map(mends));
            found.extend(meant_guardrail(db, workspace, file, diagnostic).map(mends));
        }
        if diagnostic.code == &codes::OPTIONAL_VALUE {
            found.extend(presence(db, workspace, file, diagnostic.span).map(mends));
        }
    }
    if let Some((item, within)) = item_at(db, file, range.start) {
        let base = item_offset(db, item);
        let selected = Span { start: within, end: range.end.saturating_sub(base) };
        found.extend(extractions(db, workspace, item, selected));
        let on_name = tree(db, item).is_some_and(|tree| touches(tree.name_span, within));
        if item.keyword(db) == "guardrail" && on_name {
            found.extend(test_of(db, workspace, item));
            found.extend(waiver_of(db, item, until));
        }
    }
    found
}

/// The modules that have a name which is not known here.
fn imports(db: &dyn Db, workspace: Workspace, file: SourceFile, span: Span) -> Vec<Action> {
    let name = span.text(file.text(db));
    let mut found = Vec::new();
    for other in workspace.files(db).iter().filter(|other| **other != file) {
        db.unwind_if_revision_cancelled();
        if scope(db, *other).own.get(name).is_some_and(|definition| definition.public) {
            let module = other.module(db);
            let edit = import(db, file, module, name);
            found.push(Action::new(ActionKind::Fix, format!("Import `{name}` from `{module}`"), vec![edit]));
        }
    }
    found
}

/// The guardrail of another module that is nearest to a name behind `waive` or `expect`, with its import.
fn meant_guardrail(db: &dyn Db, workspace: Workspace, file: SourceFile, diagnostic: &Diagnostic) -> Option<Action> {
    let text = file.text(db);
    let name = diagnostic.span.text(text);
    let before = text.get(..diagnostic.span.start as usize)?.trim_end();
    let is_named = ["waive", "expect"].iter().any(|word| before.ends_with(word));
    if !is_named || !diagnostic.suggestions.is_empty() {
        return None;
    }
    let mut known: Vec<(&str, &str)> = Vec::new();
    for other in workspace.files(db).iter().filter(|other| **other != file) {
        db.unwind_if_revision_cancelled();
        let guardrails = scope(db, *other).own.iter().filter(|(_, found)| found.kind == DefinitionKind::Guardrail);
        known.extend(guardrails.map(|(name, _)| (name.as_str(), &**other.module(db))));
    }
    let near = parapet_base::nearest(name, known.iter().map(|(name, _)| *name)).filter(|near| *near != name)?;
    let (_, module) = known.iter().find(|(name, _)| *name == near)?;
    let edits = vec![import(db, file, module, near), Edit { span: diagnostic.span, replacement: near.to_owned() }];
    Some(Action::new(ActionKind::Fix, format!("Did you mean `{near}` of `{module}`?"), edits))
}

/// A requirement before the statement, that what may be absent is present.
fn presence(db: &dyn Db, workspace: Workspace, file: SourceFile, span: Span) -> Option<Action> {
    let (item, _) = item_at(db, file, span.start)?;
    let base = item_offset(db, item);
    let tree = tree(db, item)?;
    let within = Span { start: span.start.checked_sub(base)?, end: span.end.checked_sub(base)? };
    let statement = statement_at(tree, within)?;
    let is_place = tree.exprs.iter().any(|expr| expr.span == within && is_place(tree, &expr.kind));
    let inner = free(inferred(db, workspace, item), within)
        .into_iter()
        .any(|(_, span)| statement.start <= span.start && span.end <= statement.end);
    if !is_place || inner {
        return None;
    }
    let text = within.text(item.text(db));
    let edit = before(item.text(db), statement, base, &format!("require {text} is present"));
    Some(Action::new(ActionKind::Fix, format!("Require first that `{text}` is present"), vec![edit]))
}

/// A line of its own before a statement.
fn before(text: &str, statement: Span, base: u32, line: &str) -> Edit {
    let start = statement.start as usize;
    let above = text.get(..start).unwrap_or_default();
    let margin = above.rsplit('\n').next().unwrap_or_default();
    let margin: String = margin.chars().take_while(|letter| letter.is_whitespace()).collect();
    Edit { span: Span::new(start, start).shift(base), replacement: format!("{line}\n{margin}") }
}

fn is_place(tree: &Tree, kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Path(_) => true,
        ExprKind::Field { base, safe: false, .. } => is_place(tree, &tree.expr(*base).kind),
        _ => false,
    }
}

/// The innermost statement of a guardrail around a span.
fn statement_at(tree: &Tree, within: Span) -> Option<Span> {
    let ItemKind::Guardrail { body, .. } = &tree.kind else { return None };
    innermost(body, within)
}

fn innermost(body: &[Statement], within: Span) -> Option<Span> {
    let around =
        body.iter().find(|statement| statement.span.start <= within.start && within.end <= statement.span.end)?;
    let deeper = match &around.kind {
        StatementKind::For { body, .. } => innermost(body, within),
        StatementKind::If { then, otherwise, .. } => innermost(then, within).or_else(|| innermost(otherwise, within)),
        StatementKind::Let { .. } | StatementKind::Skip { .. } | StatementKind::Require { .. } => None,
    };
    Some(deeper.unwrap_or(around.span))
}

/// The locals that a span reads and does not bind, with where they are bound.
fn free(inferred: &Inferred, within: Span) -> BTreeSet<(LocalId, Span)> {
    let inside = |span: Span| within.start <= span.start && span.end <= within.end;
    let read = inferred.uses.iter().filter(|(span, _)| inside(*span));
    let bound = read.filter_map(|(_, local)| Some((*local, inferred.local(*local)?.span)));
    bound.filter(|(_, span)| !inside(*span)).collect()
}

/// What the selected expression could become.
fn extractions<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, selected: Span) -> Vec<Action> {
    let text = item.text(db);
    let words = selected.text(text);
    let Some(tree) = tree(db, item) else { return Vec::new() };
    let trimmed = words.trim();
    if trimmed.is_empty() {
        return Vec::new();
    }
    let start = selected.start as usize + words.len() - words.trim_start().len();
    let span = Span::new(start, start + trimmed.len());
    let place = tree.exprs.iter().position(|expr| expr.span == span || is_in_brackets(text, expr.span, span));
    let Some(id) = place.map(|at| ExprId(Span::new(at, 0).start)) else { return Vec::new() };
    // Brackets around it go with it.
    let span = tree.span(id);
    let inferred = inferred(db, workspace, item);
    let Some(ty) = inferred.types.get(&id).filter(|ty| can_be_written(ty)) else { return Vec::new() };
    let cx = Extraction { db, workspace, item, tree, inferred, span };
    [function(&cx, ty), local(&cx)].into_iter().flatten().collect()
}

/// Whether a span is all that an expression has in its brackets.
fn is_in_brackets(text: &str, whole: Span, inner: Span) -> bool {
    let words = whole.text(text).strip_prefix('(').and_then(|words| words.strip_suffix(')'));
    words.is_some_and(|words| words.trim() == inner.text(text)) && whole.start < inner.start && inner.end < whole.end
}

/// What stands in brackets, without them.
fn bare(words: &str) -> &str {
    let inner = words.strip_prefix('(').and_then(|words| words.strip_suffix(')'));
    match inner {
        Some(inner) if !inner.contains(['(', ')']) => inner.trim(),
        _ => words,
    }
}

/// A function of the names that an expression reads, each of the type that it has there.
fn function(cx: &Extraction<'_>, ty: &Type) -> Option<Action> {
    // The language has no name for a choice of texts, and as plain text its values would be checked no more.
    if has_choice(ty) {
        return None;
    }
    let Extraction { db, workspace, item, span, .. } = *cx;
    let parameters = parameters(cx)?;
    let text = item.text(db);
    let name = new_name(db, item, "extracted");
    let written: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    let given: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    let end = text.trim_end().len();
    let function = format!("fn {name}({}) -> {ty} = {}\n", written.join(", "), bare(span.text(text)));
    let function = parapet_syntax::format(&function).text;
    let call = Edit { span, replacement: format!("{name}({})", given.join(", ")) };
    let imagined = Imagined { name, parameters: parameters.clone(), result: ty.clone() };
    let sound = has_no_errors(&tried(db, workspace, item, &function, None)) && cx.checks(&[&call], Some(&imagined));
    let below = Edit { span: Span::new(end, end), replacement: format!("\n\n{}", function.trim_end()) };
    sound.then(|| Action::new(ActionKind::Extract, "Extract into a function", cx.placed([call, below])))
}

/// The names that an expression reads, with their types; the type of what is narrowed there is narrow.
fn parameters(cx: &Extraction<'_>) -> Option<Vec<(String, Type)>> {
    let mut parameters: Vec<(String, Type)> = Vec::new();
    for (local, _) in free(cx.inferred, cx.span) {
        let info = cx.inferred.local(local)?;
        let mut types = cx.tree.exprs.iter().enumerate().filter_map(|(number, expr)| {
            let is_use = cx.inferred.uses.contains(&(expr.span, local)) && touches_all(cx.span, expr.span);
            let ty = cx.inferred.types.get(&ExprId(Span::new(number, 0).start)).filter(|_| is_use)?;
            matches!(expr.kind, ExprKind::Path(_)).then_some(ty)
        });
        // Uses of several types have that of the declaration in common.
        let ty = match types.next() {
            Some(first) if types.all(|other| other == first) => first,
            _ => &info.ty,
        };
        if !can_be_written(ty) || has_choice(ty) {
            return None;
        }
        parameters.push((info.name.clone(), ty.clone()));
    }
    Some(parameters)
}

fn touches_all(whole: Span, part: Span) -> bool {
    whole.start <= part.start && part.end <= whole.end
}

fn local(cx: &Extraction<'_>) -> Option<Action> {
    let Extraction { db, item, span, .. } = *cx;
    let statement = statement_at(cx.tree, span)?;
    let inner = free(cx.inferred, span).into_iter().any(|(_, bound)| touches_all(statement, bound));
    if inner {
        return None;
    }
    let text = item.text(db);
    let name = new_name(db, item, "value");
    let above = before(text, statement, 0, &format!("let {name} = {}", bare(span.text(text))));
    let used = Edit { span, replacement: name };
    let sound = cx.checks(&[&above, &used], None);
    sound.then(|| Action::new(ActionKind::Extract, "Extract into a `let`", cx.placed([above, used])))
}

/// An expression of an item that is to become something of its own.
struct Extraction<'db> {
    db: &'db dyn Db,
    workspace: Workspace,
    item: Item<'db>,
    tree: &'db Tree,
    inferred: &'db Inferred,
    span: Span,
}

impl Extraction<'_> {
    /// Whether the item has no more errors after edits than before.
    fn checks(&self, edits: &[&Edit], function: Option<&Imagined>) -> bool {
        let mut text = self.item.text(self.db).to_string();
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
        let errors = |text: &str, function| {
            let found = tried(self.db, self.workspace, self.item, text, function);
            found.iter().filter(|found| found.level() == Level::Error).count()
        };
        errors(&text, function) <= errors(self.item.text(self.db), None)
    }

    /// Edits of the item as edits of its file.
    fn placed(&self, edits: [Edit; 2]) -> Vec<Edit> {
        let base = item_offset(self.db, self.item);
        edits.map(|edit| Edit { span: edit.span.shift(base), ..edit }).into()
    }
}

fn has_no_errors(found: &[Diagnostic]) -> bool {
    found.iter().all(|found| found.level() != Level::Error)
}

/// A name that neither the file nor the item has.
fn new_name<'db>(db: &'db dyn Db, item: Item<'db>, name: &str) -> String {
    let scope = scope(db, item.file(db));
    let text = item.text(db);
    let is_new = |name: &String| {
        let word = |word: &str| word == name;
        !scope.own.contains_key(name)
            && !scope.imports.contains_key(name)
            && !text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(word)
    };
    let numbered = (2..1_000).map(|number| format!("{name}_{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(is_new).unwrap_or_else(|| name.to_owned())
}

/// Whether a program can name a type.
fn can_be_written(ty: &Type) -> bool {
    match ty {
        Type::Error | Type::Never => false,
        Type::List { element, .. } => can_be_written(element),
        Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => can_be_written(inner),
        Type::Record(record) => record.fields.iter().all(|(_, ty)| can_be_written(ty)),
        _ => true,
    }
}

/// Whether a type is one of several texts somewhere in it, for which the language has no name.
fn has_choice(ty: &Type) -> bool {
    match ty {
        Type::Enum(_) => true,
        Type::List { element, .. } => has_choice(element),
        Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => has_choice(inner),
        Type::Record(record) => record.name.is_none() && record.fields.iter().any(|(_, ty)| has_choice(ty)),
        _ => false,
    }
}

/// A test of a guardrail that no test expects anything of.
fn test_of<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>) -> Option<Action> {
    let name = item.name(db).as_deref()?;
    let Signature::Guardrail(Some(population)) = &*signature(db, workspace, item) else { return None };
    let ty = match population {
        Population::Types(names) => names.first()?.to_string(),
        Population::Accounts => "Account".to_owned(),
        Population::AllResources => return None,
    };
    if is_tested(db, workspace, name) {
        return None;
    }
    let text = format!(
        "\n\ntest \"{name}\" {{\n    given good = {ty} {{}}\n    given bad = {ty} {{}}\n    expect {name} passes on good\n    \
         expect {name} fails on bad\n}}"
    );
    Some(Action::new(ActionKind::Write, format!("Write a test of `{name}`"), vec![below(db, item, text)]))
}

fn is_tested(db: &dyn Db, workspace: Workspace, name: &str) -> bool {
    let tests = workspace.files(db).iter().flat_map(|file| items(db, *file)).filter(|item| item.keyword(db) == "test");
    let mut trees = tests.filter(|item| item.text(db).contains(name)).filter_map(|item| tree(db, *item));
    trees.any(|tree| match &tree.kind {
        ItemKind::Test { steps, .. } => steps.iter().any(|step| match &step.kind {
            StepKind::Verdict { guardrail, .. } => guardrail.segments.last().is_some_and(|last| last.text == name),
            StepKind::Resource { .. }
            | StepKind::Inventory { .. }
            | StepKind::Now(_)
            | StepKind::Param { .. }
            | StepKind::Holds(_) => false,
        }),
        _ => false,
    })
}

/// An exception for a resource, to be filled in.
fn waiver_of<'db>(db: &'db dyn Db, item: Item<'db>, until: &str) -> Option<Action> {
    let name = item.name(db).as_deref()?;
    let text =
        format!("\n\nwaive {name} {{\n    resources like \"RESOURCE\"\n    until {until}\n    reason \"REASON\"\n}}");
    Some(Action::new(ActionKind::Write, format!("Waive `{name}` for a resource"), vec![below(db, item, text)]))
}

fn below<'db>(db: &'db dyn Db, item: Item<'db>, text: String) -> Edit {
    let end = item.text(db).trim_end().len();
    Edit { span: Span::new(end, end).shift(item_offset(db, item)), replacement: text }
}

#[cfg(test)]
mod tests {
    use parapet_semantic::{Scope, file_diagnostics};

    use super::*;
    use crate::fixture::Fixture;

    /// The titles of what is offered for the text between `$0` and `$1`, and the text after the one with these words.
    fn done(fixture: &Fixture, selected: u32, words: &str) -> (Vec<String>, String) {
        let found = file_diagnostics(&fixture.db, fixture.workspace, fixture.file, Scope::WithTests);
        let range = Span { start: fixture.offset, end: fixture.offset + selected };
        let actions = actions(&fixture.db, fixture.workspace, fixture.file, found, range, "2027-01-31");
        let mut text = fixture.file.text(&fixture.db).to_string();
        let taken = actions.iter().find(|action| action.title.contains(words)).map(|action| action.edits.clone());
        let mut edits = taken.unwrap_or_default();
        edits.sort_by_key(|edit| edit.span);
        for edit in edits.iter().rev() {
            text.replace_range(edit.span.range(), &edit.replacement);
        }
        (actions.into_iter().map(|action| action.title).collect(), text)
    }

    /// The text after an action, which must check without errors.
    fn sound(text: &str, selected: u32, words: &str) -> String {
        let fixture = Fixture::new(text);
        let (titles, after) = done(&fixture, selected, words);
        let checked = Fixture::new(&after);
        let found = file_diagnostics(&checked.db, checked.workspace, checked.file, Scope::WithTests);
        let errors: Vec<&Diagnostic> =
            found.iter().filter(|found| found.level() == parapet_base::Level::Error).collect();
        assert!(errors.is_empty(), "{titles:?}\n{after}\n{errors:?}");
        assert_eq!(parapet_syntax::format(&after).text, after);
        after
    }

    const RULE: &str = "/// A.\n///\n/// # Fix\n/// B.\nguardrail x(db: AWS::RDS::DBInstance) {\n    let least = 3\n    require (db.BackupRetentionPeriod ?? 0) >= least\n}\n";

    #[test]
    fn an_expression_becomes_a_function() {
        let text = RULE.replace("require (db", "require $0(db");
        let selected = "(db.BackupRetentionPeriod ?? 0) >= least".len() as u32;
        let after = sound(&text, selected, "into a function");
        assert!(after.contains("require extracted(db, least)"), "{after}");
        assert!(after.ends_with("}\n\nfn extracted(db: AWS::RDS::DBInstance, least: Int) -> Bool\n    = (db.BackupRetentionPeriod ?? 0) >= least\n") || after.contains("fn extracted(db: AWS::RDS::DBInstance, least: Int) -> Bool ="), "{after}");
    }

    #[test]
    fn an_expression_becomes_a_local() {
        let text = RULE.replace("(db.Backup", "($0db.Backup");
        let after = sound(&text, "db.BackupRetentionPeriod ?? 0".len() as u32, "into a `let`");
        assert!(
            after.contains("    let value = db.BackupRetentionPeriod ?? 0\n    require value >= least\n"),
            "{after}"
        );
        // What a quantifier binds does not exist before its statement.
        let inner = "guardrail x(g: AWS::EC2::SecurityGroup) {\n    require no r in g.SecurityGroupIngress: $0r.FromPort is present\n}\n";
        let (titles, _) = done(&Fixture::new(inner), "r.FromPort is present".len() as u32, "");
        assert!(!titles.iter().any(|title| title.contains("let")), "{titles:?}");
        let (titles, _) = done(&Fixture::new(&RULE.replace("(db.Backup", "($0db.Backup")), 3, "");
        assert_eq!(titles, [""; 0], "half an expression");
    }

    /// What an expression in a statement may be extracted into; each must check.
    fn extracted(population: &str, body: &str, selected: &str) -> Vec<&'static str> {
        let text = format!(
            "guardrail x(x: {population}) {{\n    {}\n}}\n",
            body.replacen(selected, &format!("$0{selected}"), 1)
        );
        let fixture = Fixture::new(&text);
        let (titles, _) = done(&fixture, selected.len() as u32, "");
        let ways = [("into a function", "function"), ("into a `let`", "let")];
        let offered = ways.into_iter().filter(|(words, _)| titles.iter().any(|title| title.contains(words)));
        offered
            .map(|(words, way)| {
                sound(&text, selected.len() as u32, words);
                way
            })
            .collect()
    }

    #[test]
    fn what_leans_on_a_test_is_extracted_only_where_it_means_the_same() {
        let db = "AWS::RDS::DBInstance";
        let leans = "require x.Engine is present and x.Engine.lower() != \"x\"";
        assert_eq!(extracted(db, leans, "x.Engine.lower() != \"x\""), [""; 0]);
        let after = "require x.Engine is present\n    require x.Engine.lower() != \"x\"";
        assert_eq!(extracted(db, after, "x.Engine.lower() != \"x\""), ["let"]);
        assert_eq!(extracted(db, after, "x.Engine is present"), ["let"]);
        let of = "require x is AWS::S3::Bucket and x.BucketName == \"a\"";
        let both = "AWS::S3::Bucket | AWS::SQS::Queue";
        assert_eq!(extracted(both, of, "x.BucketName == \"a\""), ["function"], "a function of a bucket");
    }

    #[test]
    fn a_choice_of_texts_becomes_no_function() {
        let pool = "AWS::Cognito::UserPool";
        assert_eq!(extracted(pool, "require x.MfaConfiguration == \"ON\"", "x.MfaConfiguration"), ["let"]);
        assert_eq!(
            extracted(pool, "require x.MfaConfiguration == \"ON\"", "x.MfaConfiguration == \"ON\""),
            ["function", "let"]
        );
    }

    #[test]
    fn a_guardrail_gets_a_test_and_a_waiver() {
        let text = RULE.replace("guardrail x", "guardrail $0x");
        let after = sound(&text, 0, "Write a test");
        assert!(
            after.contains("    given good = AWS::RDS::DBInstance {}\n") && after.contains("expect x fails on bad"),
            "{after}"
        );
        let after = sound(&text, 0, "Waive");
        assert!(after.contains("waive x {\n    resources like \"RESOURCE\"\n    until 2027-01-31\n"), "{after}");
        let tested =
            format!("{text}\ntest \"t\" {{\n    given a = AWS::RDS::DBInstance {{}}\n    expect x fails on a\n}}\n");
        let (titles, _) = done(&Fixture::new(&tested), 0, "");
        assert_eq!(titles, ["Waive `x` for a resource"]);
    }

    #[test]
    fn what_may_be_absent_is_required_first() {
        let text =
            "/// A.\n///\n/// # Fix\n/// B.\nguardrail x(db: AWS::RDS::DBInstance) {\n    require $0db.MultiAZ\n}\n";
        let fixture = Fixture::new(text);
        let (titles, after) = done(&fixture, 0, "Require first");
        if !titles.iter().any(|title| title.contains("Require first")) {
            panic!("{titles:?}");
        }
        assert!(after.contains("    require db.MultiAZ is present\n    require db.MultiAZ\n"), "{after}");
    }

    #[test]
    fn a_name_of_another_module_is_imported() {
        let shared = ("shared", "pub fn enough(n: Int) -> Bool = n > 1\n");
        let main = ("main", "guardrail x(q: AWS::SQS::Queue) {\n    require eno$0ugh(1)\n}\n");
        let (titles, after) = done(&Fixture::of(&[shared, main]), 0, "Import");
        assert_eq!(titles[0], "Import `enough` from `shared`");
        assert!(after.starts_with("use shared::enough\n\nguardrail x"), "{after}");
    }

    #[test]
    fn a_misspelt_guardrail_of_another_module_is_found() {
        let other =
            ("acme::other", "guardrail encrypted(q: AWS::SQS::Queue) {\n    require q.QueueName is present\n}\n");
        for (text, mended) in [
            (
                "waive encryptd$0 {\n    resources like \"a\"\n    until 2027-01-31\n    reason \"b\"\n}\n",
                "waive encrypted {",
            ),
            (
                "test \"t\" {\n    given a = AWS::SQS::Queue {}\n    expect encryptd$0 fails on a\n}\n",
                "expect encrypted fails on a",
            ),
        ] {
            let (titles, after) = done(&Fixture::of(&[other, ("acme::main", text)]), 0, "Did you mean");
            assert!(titles.contains(&"Did you mean `encrypted` of `acme::other`?".to_owned()), "{titles:?}");
            assert!(after.starts_with("use acme::other::encrypted\n") && after.contains(mended), "{after}");
        }
    }
}
