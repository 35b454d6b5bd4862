//! Pairs of the grammar to a tree.
//!
//! The grammar guarantees the shape of what arrives, so a child that is missing gives a harmless placeholder
//! rather than a panic. What the grammar cannot say is said here: values of literals, comparisons that chain,
//! ranges outside `in`, the case of names.

mod exprs;
mod items;
mod primaries;
mod statements;
mod tests;
mod types;

use parapet_base::{Diagnostic, Span, codes};

use crate::literals;
use crate::pair::{Pair, Pairs};
use crate::parse::Rule;
use crate::tree::*;

pub(crate) struct Builder {
    pub(crate) exprs: Vec<Expr>,
    pub(crate) errors: Vec<Diagnostic>,
    /// Expressions that stand in parentheses of their own.
    in_parens: std::collections::BTreeSet<ExprId>,
}

pub(crate) fn ident(pair: &Pair<'_>) -> Ident {
    Ident { text: pair.as_str().to_owned(), span: pair.span() }
}

/// The path that a pair is: its names stand side by side.
pub(crate) fn path(pair: Pair<'_>) -> Path {
    let span = pair.span();
    let mut segments = Vec::with_capacity(1);
    let mut start = span.start as usize;
    for name in pair.as_str().split("::") {
        segments.push(Ident { text: name.to_owned(), span: Span::new(start, start + name.len()) });
        start += name.len() + "::".len();
    }
    Path { segments, span }
}

/// A type by its path alone.
pub(crate) fn type_path(pair: Pair<'_>) -> Option<TypeExpr> {
    let span = pair.span();
    Some(TypeExpr { span, kind: types::named_type(pair)? })
}

/// The children of a rule, asked for in order.
struct Children<'t>(Pairs<'t>);

impl<'t> Children<'t> {
    fn of(pair: Pair<'t>) -> Children<'t> {
        Children(pair.into_inner())
    }

    fn next_if(&mut self, rule: Rule) -> Option<Pair<'t>> {
        self.is_next(rule).then(|| self.0.next())?
    }

    fn is_next(&self, rule: Rule) -> bool {
        self.0.peek().is_some_and(|pair| pair.as_rule() == rule)
    }

    /// The next child that is this rule, passing over words and punctuation.
    fn find(&mut self, rule: Rule) -> Option<Pair<'t>> {
        self.0.find(|pair| pair.as_rule() == rule)
    }
}

impl Builder {
    pub(crate) fn new() -> Builder {
        Builder { exprs: Vec::new(), errors: Vec::new(), in_parens: Default::default() }
    }

    pub(crate) fn into_errors(self) -> Vec<Diagnostic> {
        self.errors
    }

    pub(crate) fn add(&mut self, span: Span, kind: ExprKind) -> ExprId {
        let id = ExprId(Span::new(self.exprs.len(), 0).start);
        self.exprs.push(Expr { span, kind });
        id
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    fn kind_of(&self, id: ExprId) -> Option<&ExprKind> {
        self.exprs.get(id.0 as usize).map(|expr| &expr.kind)
    }

    /// `count` and `first` need parentheses as operands.
    fn operand(&mut self, id: ExprId) {
        let word = match self.kind_of(id) {
            Some(ExprKind::Counted { what: Counted::Count, .. }) => "count",
            Some(ExprKind::Counted { what: Counted::First, .. }) => "first",
            _ => return,
        };
        if !self.in_parens.contains(&id) {
            self.need_parens(id, &format!("`{word} … in …` needs parentheses as an operand"));
        }
    }

    /// A quantifier inside `in` or `where` needs parentheses: its body would take what follows.
    fn enclosed(&mut self, id: ExprId) {
        if self.in_parens.contains(&id) {
            return;
        }
        match self.kind_of(id) {
            Some(ExprKind::Quantified { .. }) => {
                self.need_parens(id, "a quantifier inside `in` or `where` needs parentheses")
            }
            Some(ExprKind::Binary { right, .. }) => self.enclosed(*right),
            Some(ExprKind::Unary { operand, .. }) => self.enclosed(*operand),
            _ => {}
        }
    }

    fn need_parens(&mut self, id: ExprId, message: &str) {
        let span = self.exprs.get(id.0 as usize).map_or_else(Span::default, |expr| expr.span);
        let edit = |at: u32, replacement: &str| parapet_base::Edit {
            span: Span { start: at, end: at },
            replacement: replacement.to_owned(),
        };
        let edits = vec![edit(span.start, "("), edit(span.end, ")")];
        let diagnostic = Diagnostic::new(&codes::SYNTAX, span, message);
        self.error(diagnostic.suggest_edits(edits, "put parentheses around it", parapet_base::Applicability::Maybe));
    }

    fn nothing(&mut self, span: Span) -> ExprId {
        self.add(span, ExprKind::Error)
    }

    /// The value of a string between its quotes.
    pub(crate) fn string(&mut self, pair: Pair<'_>) -> String {
        let Span { start, end } = pair.span();
        let body = pair.as_str().get(1..).and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
        match literals::unescape(body, Span { start: start + 1, end: end - 1 }) {
            Ok(text) => text,
            Err(error) => {
                self.error(error);
                String::new()
            }
        }
    }
}
