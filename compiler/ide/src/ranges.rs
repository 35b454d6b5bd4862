//! Parts of a text that belong together: what can be folded, and what a selection grows to.

use parapet_base::Span;
use parapet_semantic::{Db, SourceFile, Workspace, item_offset, items};
use parapet_syntax::{Statement, StatementKind};

use crate::lexical::{Look, pieces};
use crate::names::names;
use crate::places::{item_at, touches, tree};

/// Why something folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoldKind {
    Comment,
    Imports,
    Region,
}

/// Lines that can be folded into the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    pub span: Span,
    pub kind: FoldKind,
}

/// What can be folded: brackets, comments and imports of more than one line.
pub fn folds(db: &dyn Db, file: SourceFile) -> Vec<Fold> {
    let text = file.text(db);
    let mut found = Vec::new();
    let mut open = Vec::new();
    let mut comment: Option<Span> = None;
    for (span, look) in pieces(text) {
        let alone = matches!(look, Look::Comment | Look::Docs) && is_first_of_line(text, span);
        comment = match (comment, alone) {
            (Some(before), true) if text.get(before.end as usize..span.start as usize).is_some_and(is_line_break) => {
                Some(before.to(span))
            }
            (before, _) => {
                found.extend(before.map(|span| Fold { span, kind: FoldKind::Comment }));
                alone.then_some(span)
            }
        };
        match look {
            Look::Open => open.push(span.start),
            Look::Close => {
                let start = open.pop();
                found.extend(start.map(|start| Fold { span: Span { start, end: span.end }, kind: FoldKind::Region }));
            }
            Look::Comment | Look::Docs | Look::Text | Look::Number | Look::Word | Look::Comma | Look::Dot => {}
        }
    }
    found.extend(comment.map(|span| Fold { span, kind: FoldKind::Comment }));
    found.extend(imports(db, file).map(|span| Fold { span, kind: FoldKind::Imports }));
    found.retain(|fold| fold.span.text(text).contains('\n'));
    found.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
    found
}

fn is_first_of_line(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default().trim().is_empty()
}

fn is_line_break(between: &str) -> bool {
    between.trim().is_empty() && between.matches('\n').count() == 1
}

/// The imports that stand below each other.
fn imports(db: &dyn Db, file: SourceFile) -> Option<Span> {
    let uses = items(db, file).iter().filter(|item| item.keyword(db) == "use");
    let spans = uses.map(|item| Span::new(0, item.text(db).trim_end().len()).shift(item_offset(db, *item)));
    spans.reduce(Span::to)
}

/// What a selection at an offset grows to, from the smallest part on.
pub fn selections(db: &dyn Db, workspace: Workspace, file: SourceFile, offset: u32) -> Vec<Span> {
    let whole = Span::new(0, file.text(db).len());
    let mut found = vec![whole];
    if let Some((item, within)) = item_at(db, file, offset) {
        let base = item_offset(db, item);
        let mut parts = vec![Span::new(0, item.text(db).trim_end().len())];
        parts.extend(names(db, workspace, item).iter().map(|name| name.span));
        if let Some(tree) = tree(db, item) {
            parts.extend(tree.exprs.iter().map(|expr| expr.span));
            if let parapet_syntax::ItemKind::Guardrail { body, .. } = &tree.kind {
                statements(body, &mut parts);
            }
        }
        found.extend(parts.into_iter().filter(|part| touches(*part, within)).map(|part| part.shift(base)));
    }
    found.retain(|span| span.start < span.end);
    found.sort_by_key(|span| span.end - span.start);
    found.dedup();
    // Each lies in the next.
    let mut grown: Vec<Span> = Vec::new();
    for span in found {
        if grown.last().is_none_or(|inner| span.start <= inner.start && inner.end <= span.end) {
            grown.push(span);
        }
    }
    grown
}

fn statements(body: &[Statement], parts: &mut Vec<Span>) {
    for statement in body {
        parts.push(statement.span);
        match &statement.kind {
            StatementKind::For { body, .. } => statements(body, parts),
            StatementKind::If { then, otherwise, .. } => {
                statements(then, parts);
                statements(otherwise, parts);
            }
            StatementKind::Let { .. } | StatementKind::Skip { .. } | StatementKind::Require { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    const TEXT: &str = "use a::b\nuse c::d\n\n/// A.\n///\n/// B.\nguardrail x(q: AWS::SQS::Queue) {\n    // One.\n    require q.name != \"\" and\n        q.id$0 != \"\"\n}\n";

    #[test]
    fn brackets_comments_and_imports_fold() {
        let fixture = Fixture::new(TEXT);
        let text = fixture.file.text(&fixture.db);
        let folds = folds(&fixture.db, fixture.file);
        let first = |fold: &Fold| format!("{:?} {}", fold.kind, fold.span.text(text).lines().next().unwrap());
        let shown: Vec<String> = folds.iter().map(first).collect();
        assert_eq!(shown, ["Imports use a::b", "Comment /// A.", "Region {"]);
    }

    #[test]
    fn a_selection_grows_by_what_belongs_together() {
        let fixture = Fixture::new(TEXT);
        let text = fixture.file.text(&fixture.db);
        let grown = selections(&fixture.db, fixture.workspace, fixture.file, fixture.offset);
        let shown: Vec<&str> = grown.iter().map(|span| span.text(text).lines().next().unwrap()).collect();
        assert_eq!(
            shown,
            ["id", "q.id", "q.id != \"\"", "q.name != \"\" and", "require q.name != \"\" and", "/// A.", "use a::b"]
        );
    }
}
