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
use pest::iterators::{Pair as PestPair, Pairs as PestPairs};

use crate::literals;
use crate::parse::Rule;
use crate::tree::*;

pub(crate) type Pair<'t> = PestPair<'t, Rule>;
pub(crate) type Pairs<'t> = PestPairs<'t, Rule>;

pub(crate) struct Builder {
    pub(crate) exprs: Vec<Expr>,
    pub(crate) errors: Vec<Diagnostic>,
    /// Expressions that stand in parentheses of their own.
    in_parens: std::collections::BTreeSet<ExprId>,
}

pub(crate) fn span(pair: &Pair<'_>) -> Span {
    let text = pair.as_str();
    let start = pair.as_span().start();
    let trimmed = text.trim_end_matches([' ', '\t', '\r', '\n', '\u{1e}']).len();
    Span::new(start, start + trimmed)
}

pub(crate) fn ident(pair: &Pair<'_>) -> Ident {
    Ident { text: pair.as_str().to_owned(), span: span(pair) }
}

pub(crate) fn path(pair: Pair<'_>) -> Path {
    let span = span(&pair);
    Path { segments: pair.into_inner().map(|segment| ident(&segment)).collect(), span }
}

/// A type by its path alone.
pub(crate) fn type_path(pair: Pair<'_>) -> Option<TypeExpr> {
    let span = span(&pair);
    Some(TypeExpr { span, kind: types::named_type(pair)? })
}

/// The children of a rule, asked for in order.
struct Children<'t>(std::iter::Peekable<Pairs<'t>>);

impl<'t> Children<'t> {
    fn of(pair: Pair<'t>) -> Children<'t> {
        Children(pair.into_inner().peekable())
    }

    fn next_if(&mut self, rule: Rule) -> Option<Pair<'t>> {
        self.0.next_if(|pair| pair.as_rule() == rule)
    }

    fn is_next(&mut self, rule: Rule) -> bool {
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

    pub(crate) fn string(&mut self, pair: Pair<'_>) -> String {
        let Some(body) = pair.into_inner().next() else { return String::new() };
        match literals::unescape(body.as_str(), Span::new(body.as_span().start(), body.as_span().end())) {
            Ok(text) => text,
            Err(error) => {
                self.error(error);
                String::new()
            }
        }
    }
}
