//! What the text does not say and an editor may write between its words: types of locals, names of parameters.

use parapet_base::Span;
use parapet_model::Type;
use parapet_semantic::{Db, Item, Signature, SourceFile, Workspace, inferred, item_offset, items, resolve, signature};
use parapet_syntax::{Argument, ExprKind, Path, Tree};

use crate::places::tree;

/// A hint, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    pub offset: u32,
    /// `: Int` behind a name, `left:` before an argument.
    pub text: String,
    /// A type, else the name of a parameter.
    pub is_type: bool,
}

/// A type that is longer than this is not shown.
const LONGEST: usize = 60;

/// The hints in a range of a file.
pub fn hints(db: &dyn Db, workspace: Workspace, file: SourceFile, range: Span) -> Vec<Hint> {
    let mut found = Vec::new();
    for item in items(db, file) {
        db.unwind_if_revision_cancelled();
        let offset = item_offset(db, *item);
        let whole = Span::new(0, item.text(db).len()).shift(offset);
        if whole.start > range.end || range.start > whole.end {
            continue;
        }
        if let Some(tree) = tree(db, *item) {
            types(db, workspace, *item, offset, &mut found);
            parameters(db, workspace, *item, tree, offset, &mut found);
        }
    }
    found.retain(|hint: &Hint| range.start <= hint.offset && hint.offset <= range.end);
    found.sort_by_key(|hint| hint.offset);
    found
}

/// The types of locals that are bound without one: by `let`, `for`, quantifiers.
fn types<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, base: u32, found: &mut Vec<Hint>) {
    let text = item.text(db);
    for local in &inferred(db, workspace, item).locals {
        let behind = text.get(local.span.end as usize..).unwrap_or_default().trim_start();
        let bound = (behind.starts_with('=') && !behind.starts_with("==")) || behind.starts_with("in ");
        // `given name = TYPE { … }` says it.
        let said = item.keyword(db) == "test" && behind.starts_with('=');
        if local.name.is_empty() || local.ty == Type::Error || !bound || said {
            continue;
        }
        let shown = format!(": {}", local.ty);
        if shown.len() <= LONGEST {
            found.push(Hint { offset: local.span.shift(base).end, text: shown, is_type: true });
        }
    }
}

/// The names of the parameters of a function of two or more, before arguments that do not say it.
fn parameters<'db>(
    db: &'db dyn Db,
    workspace: Workspace,
    item: Item<'db>,
    tree: &Tree,
    base: u32,
    found: &mut Vec<Hint>,
) {
    for expr in &tree.exprs {
        let ExprKind::Call { callee, arguments } = &expr.kind else { continue };
        let names = names_of(db, workspace, item, callee);
        if names.len() < 2 {
            continue;
        }
        for (argument, name) in arguments.iter().zip(names).take_while(|(argument, _)| argument.name.is_none()) {
            if !says(tree, argument, &name) {
                let offset = tree.span(argument.value).shift(base).start;
                found.push(Hint { offset, text: format!("{name}:"), is_type: false });
            }
        }
    }
}

fn names_of<'db>(db: &'db dyn Db, workspace: Workspace, item: Item<'db>, callee: &Path) -> Vec<String> {
    match resolve(db, workspace, item.file(db), callee) {
        Ok(definition) => match &*signature(db, workspace, definition.item) {
            Signature::Function { parameters, .. } => parameters.iter().map(|(name, _)| name.clone()).collect(),
            Signature::Guardrail(_)
            | Signature::Relation { .. }
            | Signature::Constant(_)
            | Signature::Parameter(_)
            | Signature::None => Vec::new(),
        },
        Err(_) => Vec::new(),
    }
}

/// Whether an argument is called like its parameter, so that a hint would say it twice.
fn says(tree: &Tree, argument: &Argument, name: &str) -> bool {
    match &tree.expr(argument.value).kind {
        ExprKind::Path(path) => path.segments.last().is_some_and(|last| last.text.eq_ignore_ascii_case(name)),
        ExprKind::Field { name: field, .. } => field.text.eq_ignore_ascii_case(name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn types_of_locals_and_names_of_parameters() {
        let text = "fn near(left: Int, right: Int) -> Bool = left == right\n\nguardrail x(g: AWS::EC2::SecurityGroup) {\n    let most = 3\n    for rule in g.SecurityGroupIngress {\n        require near(rule.FromPort ?? 0, most)\n    }\n    require near(1, right: 2)\n}\n";
        let fixture = Fixture::new(text);
        let found = hints(&fixture.db, fixture.workspace, fixture.file, Span::new(0, text.len()));
        let shown: Vec<String> = found
            .iter()
            .map(|hint| format!("{}|{}", Span { start: hint.offset - 4, end: hint.offset }.text(text), hint.text))
            .collect();
        assert_eq!(
            shown,
            ["most|: Int", "rule|: AWS::EC2::SecurityGroup.Ingress", "ear(|left:", " 0, |right:", "ear(|left:",]
        );
        assert_eq!(hints(&fixture.db, fixture.workspace, fixture.file, Span::new(0, 50)), []);
    }
}
