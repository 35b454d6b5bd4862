//! Pairs of the grammar to a tree.
//!
//! The grammar guarantees the shape of what arrives, so a child that is missing gives a harmless placeholder
//! rather than a panic. What the grammar cannot say is said here: values of literals, comparisons that chain,
//! ranges outside `in`, the case of names.

use parapet_base::{Diagnostic, Span, codes};
use pest::iterators::{Pair as PestPair, Pairs as PestPairs};

use crate::literals;
use crate::parse::Rule;
use crate::tree::*;

type Pair<'t> = PestPair<'t, Rule>;
type Pairs<'t> = PestPairs<'t, Rule>;

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

fn path(pair: Pair<'_>) -> Path {
    let span = span(&pair);
    Path { segments: pair.into_inner().map(|segment| ident(&segment)).collect(), span }
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

    fn add(&mut self, span: Span, kind: ExprKind) -> ExprId {
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
        let mut diagnostic = Diagnostic::new(&codes::SYNTAX, span, message);
        diagnostic.suggestions.push(parapet_base::Suggestion {
            message: "put parentheses around it".to_owned(),
            edits: vec![edit(span.start, "("), edit(span.end, ")")],
        });
        self.error(diagnostic);
    }

    fn nothing(&mut self, span: Span) -> ExprId {
        self.add(span, ExprKind::Error)
    }

    pub(crate) fn item(&mut self, mut pairs: Pairs<'_>, docs: String) -> Option<Tree> {
        let item = pairs.next()?;
        let mut attributes = Vec::new();
        let mut built = None;
        for pair in item.into_inner() {
            match pair.as_rule() {
                Rule::attribute => attributes.extend(self.attribute(pair)),
                Rule::EOI => {}
                _ => built = self.item_kind(pair),
            }
        }
        let (kind, name_span) = built?;
        Some(Tree { kind, attributes, docs, exprs: std::mem::take(&mut self.exprs), name_span })
    }

    fn attribute(&mut self, pair: Pair<'_>) -> Option<Attribute> {
        let attribute_span = span(&pair);
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let mut arguments = Vec::new();
        while let Some(argument) = children.find(Rule::attribute_argument) {
            let mut parts = Children::of(argument);
            let key = parts.next_if(Rule::key).map(|key| ident(&key));
            let value = parts.find(Rule::expr).map(|value| self.expr(value))?;
            arguments.push((key, value));
        }
        Some(Attribute { name, arguments, span: attribute_span })
    }

    fn item_kind(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        match pair.as_rule() {
            Rule::guardrail => self.guardrail(pair),
            Rule::function => self.function(pair),
            Rule::constant => self.constant(pair),
            Rule::parameter => self.parameter(pair),
            Rule::import => self.import(pair),
            Rule::test => self.test(pair),
            Rule::waiver => self.waiver(pair),
            _ => None,
        }
    }

    fn snake(&mut self, name: Ident) -> Ident {
        if name.text.chars().any(|letter| letter.is_ascii_uppercase()) {
            let better = snake_case(&name.text);
            let diagnostic =
                Diagnostic::new(&codes::BAD_NAME, name.span, format!("`{}` is not in snake_case", name.text));
            self.error(diagnostic.suggest(name.span, &better, format!("call it `{better}`")));
        }
        name
    }

    fn upper(&mut self, name: Ident) -> Ident {
        if name.text.chars().any(|letter| letter.is_ascii_lowercase()) {
            let better = name.text.to_ascii_uppercase();
            let message = format!("the constant `{}` is not in UPPER_CASE", name.text);
            self.error(Diagnostic::new(&codes::BAD_NAME, name.span, message).suggest(
                name.span,
                &better,
                format!("call it `{better}`"),
            ));
        }
        name
    }

    fn guardrail(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        let resource = ident(&children.find(Rule::name)?);
        let resource = self.snake(resource);
        let population = self.type_expr(children.find(Rule::type_expr)?);
        let body = self.block(children.find(Rule::block)?);
        let at = name.span;
        Some((ItemKind::Guardrail { name, resource, population, body }, at))
    }

    fn function(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let public = children.next_if(Rule::public).is_some();
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        let mut parameters = Vec::new();
        let mut result = None;
        let mut body = None;
        for child in children.0 {
            match child.as_rule() {
                Rule::typed_name => parameters.extend(self.typed_name(child)),
                Rule::type_expr => result = Some(self.type_expr(child)),
                Rule::expr => body = Some(self.expr(child)),
                Rule::body => body = Some(self.body(child)),
                _ => {}
            }
        }
        let at = name.span;
        Some((ItemKind::Function { public, name, parameters, result: result?, body: body? }, at))
    }

    fn typed_name(&mut self, pair: Pair<'_>) -> Option<(Ident, TypeExpr)> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        Some((name, self.type_expr(children.find(Rule::type_expr)?)))
    }

    fn body(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let mut lets = Vec::new();
        let mut result = None;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::let_statement => lets.extend(self.let_parts(child)),
                Rule::expr => result = Some(self.expr(child)),
                _ => {}
            }
        }
        let result = result.unwrap_or_else(|| self.nothing(whole));
        self.add(whole, ExprKind::Block { lets, result })
    }

    fn let_parts(&mut self, pair: Pair<'_>) -> Option<(Ident, ExprId)> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        Some((name, self.expr(children.find(Rule::expr)?)))
    }

    fn constant(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let public = children.next_if(Rule::public).is_some();
        let name = ident(&children.find(Rule::name)?);
        let name = self.upper(name);
        let value = self.expr(children.find(Rule::expr)?);
        let at = name.span;
        Some((ItemKind::Constant { public, name, value }, at))
    }

    fn parameter(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        let ty = self.type_expr(children.find(Rule::type_expr)?);
        let default = children.find(Rule::expr).map(|default| self.expr(default));
        let at = name.span;
        Some((ItemKind::Parameter { name, ty, default }, at))
    }

    fn import(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let whole = span(&pair);
        let mut children = Children::of(pair);
        let mut base = path(children.find(Rule::path)?);
        let mut names = Vec::new();
        let braced = children.find_brace();
        let mut alias = None;
        for child in children.0 {
            match child.as_rule() {
                Rule::imported => {
                    let mut parts = child.into_inner().filter(|part| part.as_rule() == Rule::name);
                    let name = ident(&parts.next()?);
                    names.push(Imported { name, alias: parts.next().map(|alias| ident(&alias)) });
                }
                Rule::name => alias = Some(ident(&child)),
                _ => {}
            }
        }
        if !braced {
            let name = base.segments.pop()?;
            if base.segments.is_empty() {
                let message = format!("`use {}` names no module: write `use module::{}`", name.text, name.text);
                self.error(Diagnostic::new(&codes::SYNTAX, name.span, message));
            }
            names.push(Imported { name, alias });
        }
        Some((ItemKind::Use { path: base, names }, whole))
    }

    fn block(&mut self, pair: Pair<'_>) -> Vec<Statement> {
        let statements = pair.into_inner().filter(|child| child.as_rule() == Rule::statement);
        statements.filter_map(|statement| self.statement(statement.into_inner().next()?)).collect()
    }

    fn statement(&mut self, pair: Pair<'_>) -> Option<Statement> {
        let whole = span(&pair);
        let rule = pair.as_rule();
        if rule == Rule::let_statement {
            let (name, value) = self.let_parts(pair)?;
            return Some(Statement { span: whole, kind: StatementKind::Let { name, value } });
        }
        let mut children = Children::of(pair);
        let kind = match rule {
            Rule::skip_statement => {
                let mut definitely = false;
                let mut condition = None;
                for child in children.0 {
                    match child.as_rule() {
                        Rule::definitely => definitely = true,
                        Rule::expr => condition = Some(self.expr(child)),
                        _ => {}
                    }
                }
                StatementKind::Skip { definitely, condition: condition? }
            }
            Rule::require_statement => {
                let condition = self.expr(children.find(Rule::expr)?);
                let message = children.find(Rule::template).map(|template| self.template(template));
                StatementKind::Require { condition, message }
            }
            Rule::for_statement => {
                let name = ident(&children.find(Rule::name)?);
                let name = self.snake(name);
                let source = self.expr(children.find(Rule::expr)?);
                let mut filter = None;
                let mut body = Vec::new();
                for child in children.0 {
                    match child.as_rule() {
                        Rule::expr => filter = Some(self.expr(child)),
                        Rule::block => body = self.block(child),
                        _ => {}
                    }
                }
                StatementKind::For { binding: Binding { name, source, filter }, body }
            }
            _ => {
                let condition = self.expr(children.find(Rule::expr)?);
                let then = self.block(children.find(Rule::block)?);
                let otherwise =
                    match children.0.find(|child| matches!(child.as_rule(), Rule::block | Rule::if_statement)) {
                        Some(child) if child.as_rule() == Rule::block => self.block(child),
                        Some(child) => self.statement(child).into_iter().collect(),
                        None => Vec::new(),
                    };
                StatementKind::If { condition, then, otherwise }
            }
        };
        Some(Statement { span: whole, kind })
    }

    fn template(&mut self, pair: Pair<'_>) -> Template {
        let whole = span(&pair);
        let mut parts = Vec::new();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::template_text => match literals::unescape(child.as_str(), span(&child)) {
                    Ok(text) => parts.push(TemplatePart::Text(text)),
                    Err(error) => self.error(error),
                },
                Rule::template_brace => parts.push(TemplatePart::Text(child.as_str().chars().take(1).collect())),
                Rule::interpolation => {
                    let inner = child.into_inner().find(|part| part.as_rule() == Rule::interpolated);
                    let value = inner.and_then(|inner| inner.into_inner().next()).map(|value| self.expr(value));
                    parts.extend(value.map(TemplatePart::Value));
                }
                _ => {}
            }
        }
        Template { span: whole, parts }
    }

    fn test(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let title = children.find(Rule::string)?;
        let at = span(&title);
        let title = self.string(title);
        let mut steps = Vec::new();
        while let Some(step) = children.find(Rule::step) {
            steps.extend(self.step(step.into_inner().next()?));
        }
        Some((ItemKind::Test { title, steps }, at))
    }

    fn step(&mut self, pair: Pair<'_>) -> Option<Step> {
        let whole = span(&pair);
        let rule = pair.as_rule();
        let mut children = Children::of(pair);
        let kind = match rule {
            Rule::given_inventory => {
                let text = children.find(Rule::string)?;
                let at = span(&text);
                StepKind::Inventory { path: self.string(text), span: at }
            }
            Rule::given_now => StepKind::Now(self.expr(children.find(Rule::expr)?)),
            Rule::given_param => {
                let path = path(children.find(Rule::path)?);
                StepKind::Param { path, value: self.expr(children.find(Rule::expr)?) }
            }
            Rule::given_resource => {
                let name = ident(&children.find(Rule::name)?);
                let ty = children.find(Rule::type_path)?;
                let ty_span = span(&ty);
                let ty = TypeExpr { span: ty_span, kind: named_type(ty)? };
                let fields = self.given_fields(children.find(Rule::record)?);
                StepKind::Resource { name, ty, fields }
            }
            Rule::expect_verdict => self.expectation(children)?,
            _ => StepKind::Holds(self.expr(children.find(Rule::expr)?)),
        };
        Some(Step { span: whole, kind })
    }

    fn expectation(&mut self, mut children: Children<'_>) -> Option<StepKind> {
        let guardrail = path(children.find(Rule::path)?);
        let outcome = match children.find(Rule::outcome)?.into_inner().next()?.as_rule() {
            Rule::word_passes => Outcome::Passes,
            Rule::word_fails => Outcome::Fails,
            Rule::word_skips => Outcome::Skips,
            _ => Outcome::Unknown,
        };
        let mut target = None;
        let mut with = None;
        for child in children.0 {
            match child.as_rule() {
                Rule::name => target = Some(Target::Given(ident(&child))),
                Rule::expected_count => {
                    let count = child.into_inner().next()?;
                    target = Some(Target::Count(count.as_str().parse().ok()?, span(&count)));
                }
                Rule::string => with = Some(self.string(child)),
                _ => {}
            }
        }
        Some(StepKind::Verdict { guardrail, outcome, target: target?, with })
    }

    fn given_fields(&mut self, record: Pair<'_>) -> Vec<(Ident, GivenValue)> {
        let entries: Vec<Pair<'_>> = record.into_inner().filter(|child| child.as_rule() == Rule::entry).collect();
        let mut fields = Vec::new();
        for entry in entries {
            let Some((key, _, value)) = self.entry_parts(entry) else { continue };
            let given = match value.as_str().trim() {
                "unknown" => GivenValue::Unknown(span(&value)),
                _ => GivenValue::Value(self.expr(value)),
            };
            fields.push((key, given));
        }
        fields
    }

    /// Key, whether it is a string, and the value's pair.
    fn entry_parts<'t>(&mut self, entry: Pair<'t>) -> Option<(Ident, bool, Pair<'t>)> {
        let mut children = Children::of(entry);
        let quoted = children.is_next(Rule::string);
        let key = match quoted {
            true => {
                let text = children.find(Rule::string)?;
                let at = span(&text);
                Ident { text: self.string(text), span: at }
            }
            false => ident(&children.find(Rule::key)?),
        };
        Some((key, quoted, children.find(Rule::expr)?))
    }

    fn waiver(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let guardrail = path(children.find(Rule::path)?);
        let at = guardrail.span;
        let (mut coverage, mut until, mut texts) = (Vec::new(), None, Vec::new());
        while let Some(field) = children.find(Rule::waiver_field) {
            let field = field.into_inner().next()?;
            let rule = field.as_rule();
            let mut parts = Children::of(field);
            match rule {
                Rule::waive_resources => {
                    let text = parts.find(Rule::string)?;
                    let at = span(&text);
                    coverage.push(Coverage::Like { pattern: self.string(text), span: at });
                }
                Rule::waive_for => {
                    let name = ident(&parts.find(Rule::name)?);
                    let ty = self.type_expr(parts.find(Rule::type_expr)?);
                    coverage.push(Coverage::Where { name, ty, condition: self.expr(parts.find(Rule::expr)?) });
                }
                Rule::waive_until => until = Some(self.expr(parts.find(Rule::expr)?)),
                _ => {
                    let key = ident(&parts.find(Rule::waive_key)?);
                    let text = self.string(parts.find(Rule::string)?);
                    texts.push((key, text));
                }
            }
        }
        Some((ItemKind::Waiver { guardrail, coverage, until, texts }, at))
    }

    fn string(&mut self, pair: Pair<'_>) -> String {
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

impl Children<'_> {
    /// Whether an import has braces; leaves the names to come.
    fn find_brace(&mut self) -> bool {
        self.next_if(Rule::open_brace).is_some()
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut before_lower = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && before_lower {
            out.push('_');
        }
        before_lower = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        out.push(letter.to_ascii_lowercase());
    }
    out
}

// Types.
impl Builder {
    pub(crate) fn type_expr(&mut self, pair: Pair<'_>) -> TypeExpr {
        let whole = span(&pair);
        let mut members: Vec<TypeExpr> = pair.into_inner().filter_map(|member| self.type_optional(member)).collect();
        match members.len() {
            1 => members.remove(0),
            _ => TypeExpr { span: whole, kind: TypeKind::Union(members) },
        }
    }

    fn type_optional(&mut self, pair: Pair<'_>) -> Option<TypeExpr> {
        let whole = span(&pair);
        let mut children = Children::of(pair);
        let base = children.find(Rule::type_base)?;
        let base = self.type_base(base)?;
        match children.find(Rule::question) {
            Some(_) => Some(TypeExpr { span: whole, kind: TypeKind::Optional(Box::new(base)) }),
            None => Some(base),
        }
    }

    fn type_base(&mut self, pair: Pair<'_>) -> Option<TypeExpr> {
        let whole = span(&pair);
        let inner = pair.into_inner().next()?;
        self.type_of_rule(inner, whole)
    }

    fn type_of_rule(&mut self, inner: Pair<'_>, whole: Span) -> Option<TypeExpr> {
        let kind = match inner.as_rule() {
            Rule::type_generic => {
                let mut children = Children::of(inner);
                let name = path(children.find(Rule::path)?);
                let argument = Box::new(self.type_expr(children.find(Rule::type_expr)?));
                TypeKind::Generic { name, argument }
            }
            Rule::type_record => {
                let fields = inner.into_inner().filter(|child| child.as_rule() == Rule::record_field);
                let fields = fields.filter_map(|field| {
                    let mut children = Children::of(field);
                    let key = ident(&children.find(Rule::key)?);
                    Some((key, self.type_expr(children.find(Rule::type_expr)?)))
                });
                TypeKind::Record(fields.collect())
            }
            _ => named_type(inner)?,
        };
        Some(TypeExpr { span: whole, kind })
    }
}

fn named_type(pair: Pair<'_>) -> Option<TypeKind> {
    let mut children = Children::of(pair);
    let path = path(children.find(Rule::path)?);
    Some(TypeKind::Named { path, record: children.find(Rule::name_any).map(|record| ident(&record)) })
}

// Expressions, from the loosest to the tightest.
impl Builder {
    pub(crate) fn expr(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        match pair.as_rule() {
            Rule::expr => match pair.into_inner().next() {
                Some(inner) => self.expr(inner),
                None => self.nothing(whole),
            },
            Rule::or_expr => self.chain(pair, |_| BinaryOp::Or),
            Rule::and_expr => self.chain(pair, |_| BinaryOp::And),
            Rule::not_expr => self.negation(pair),
            Rule::conditional => self.conditional(pair),
            Rule::quantifier => self.quantifier(pair),
            Rule::comparison => self.comparison(pair),
            Rule::coalesce => self.coalesce(pair),
            Rule::range => self.range(pair),
            Rule::additive => self.chain(pair, |op| if op == "+" { BinaryOp::Add } else { BinaryOp::Subtract }),
            Rule::multiplicative => self.chain(pair, |op| match op {
                "*" => BinaryOp::Multiply,
                "/" => BinaryOp::Divide,
                _ => BinaryOp::Remainder,
            }),
            Rule::unary => self.unary(pair),
            Rule::postfix => self.postfix(pair),
            Rule::primary => match pair.into_inner().next() {
                Some(inner) => self.primary(inner),
                None => self.nothing(whole),
            },
            _ => self.primary(pair),
        }
    }

    fn joined(&self, left: ExprId, right: ExprId) -> Span {
        let place = |id: ExprId| self.exprs.get(id.0 as usize).map_or_else(Span::default, |expr| expr.span);
        place(left).to(place(right))
    }

    /// Operands with operators between them, to the left.
    fn chain(&mut self, pair: Pair<'_>, op: fn(&str) -> BinaryOp) -> ExprId {
        let whole = span(&pair);
        let mut left = None;
        let mut pending: Option<(BinaryOp, Span)> = None;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::kw_or | Rule::kw_and | Rule::add_op | Rule::mul_op => {
                    pending = Some((op(child.as_str()), span(&child)))
                }
                _ => {
                    let operand = self.expr(child);
                    left = Some(match (left, pending.take()) {
                        (Some(left), Some((op, op_span))) => {
                            if !matches!(op, BinaryOp::And | BinaryOp::Or) {
                                self.operand(left);
                                self.operand(operand);
                            }
                            let place = self.joined(left, operand);
                            self.add(place, ExprKind::Binary { op, op_span, left, right: operand })
                        }
                        _ => operand,
                    });
                }
            }
        }
        left.unwrap_or_else(|| self.nothing(whole))
    }

    fn coalesce(&mut self, pair: Pair<'_>) -> ExprId {
        // `a ?? b ?? c` is `a ?? (b ?? c)`.
        let whole = span(&pair);
        let operands: Vec<ExprId> = pair.into_inner().map(|child| self.expr(child)).collect();
        let mut operands = operands.into_iter().rev();
        let last = operands.next().unwrap_or_else(|| self.nothing(whole));
        operands.fold(last, |right, left| {
            self.operand(left);
            self.operand(right);
            let place = self.joined(left, right);
            self.add(place, ExprKind::Binary { op: BinaryOp::Coalesce, op_span: place, left, right })
        })
    }

    fn negation(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let mut nots = Vec::new();
        let mut operand = None;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::not_op => nots.push(span(&child)),
                _ => operand = Some(self.expr(child)),
            }
        }
        let operand = operand.unwrap_or_else(|| self.nothing(whole));
        nots.into_iter().rev().fold(operand, |operand, at| {
            let place = Span { start: at.start, end: whole.end };
            self.add(place, ExprKind::Unary { op: UnaryOp::Not, operand })
        })
    }

    fn conditional(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let parts: Vec<ExprId> =
            pair.into_inner().filter(|child| child.as_rule() == Rule::expr).map(|child| self.expr(child)).collect();
        match parts.as_slice() {
            [condition, then, otherwise] => {
                let kind = ExprKind::If { condition: *condition, then: *then, otherwise: *otherwise };
                self.add(whole, kind)
            }
            _ => self.nothing(whole),
        }
    }

    /// The binder, source and filter of `x in xs where c`, and what follows.
    fn binding(&mut self, children: Pairs<'_>) -> Option<(Binding, Vec<ExprId>)> {
        let (mut name, mut source, mut filter, mut rest) = (None, None, None, Vec::new());
        for child in children {
            match child.as_rule() {
                Rule::name => name = Some(ident(&child)),
                Rule::coalesce => source = Some(self.expr(child)),
                Rule::or_expr => filter = Some(self.expr(child)),
                Rule::expr => rest.push(self.expr(child)),
                _ => {}
            }
        }
        let name = self.snake(name?);
        filter.into_iter().for_each(|filter| self.enclosed(filter));
        Some((Binding { name, source: source?, filter }, rest))
    }

    fn quantifier(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let quantifier = match pair.as_str() {
            text if text.starts_with("any") => Quantifier::Any,
            text if text.starts_with("all") => Quantifier::All,
            _ => Quantifier::No,
        };
        match self.binding(pair.into_inner()) {
            Some((binding, rest)) if !rest.is_empty() => {
                let body = rest.into_iter().next().unwrap_or(binding.source);
                self.add(whole, ExprKind::Quantified { quantifier, binding, body })
            }
            _ => self.nothing(whole),
        }
    }

    fn comparison(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let mut left = None;
        let mut pending: Option<(String, Span)> = None;
        let mut compared = 0;
        for child in pair.into_inner() {
            let at = span(&child);
            match child.as_rule() {
                Rule::comparator => pending = Some((child.as_str().to_owned(), at)),
                Rule::matches_tail | Rule::is_tail => {
                    compared += 1;
                    left = left.map(|left| self.tail(left, child));
                }
                _ => {
                    let operand = self.expr(child);
                    left = Some(match (left, pending.take()) {
                        (Some(left), Some((op, op_span))) => {
                            compared += 1;
                            self.compared(left, operand, &op, op_span)
                        }
                        _ => self.checked_operand(operand),
                    });
                }
            }
        }
        if compared > 1 {
            let message = "comparisons do not chain; join two of them with `and`, or use parentheses";
            self.error(Diagnostic::new(&codes::SYNTAX, whole, message));
            return self.nothing(whole);
        }
        left.unwrap_or_else(|| self.nothing(whole))
    }

    /// A range may stand only right of `in`.
    fn checked_operand(&mut self, operand: ExprId) -> ExprId {
        let range = self.exprs.get(operand.0 as usize).filter(|expr| matches!(expr.kind, ExprKind::Range { .. }));
        if let Some(at) = range.map(|expr| expr.span) {
            self.error(Diagnostic::new(&codes::SYNTAX, at, "a range stands only right of `in` and `not in`"));
        }
        operand
    }

    fn compared(&mut self, left: ExprId, right: ExprId, op: &str, op_span: Span) -> ExprId {
        self.operand(left);
        self.operand(right);
        let place = self.joined(left, right);
        if op == "in" || op.starts_with("not") {
            let kind = ExprKind::In { item: left, collection: right, negated: op != "in", op_span };
            return self.add(place, kind);
        }
        let right = self.checked_operand(right);
        let op = match op {
            "==" => BinaryOp::Equal,
            "!=" => BinaryOp::NotEqual,
            "<" => BinaryOp::Less,
            "<=" => BinaryOp::LessEqual,
            ">" => BinaryOp::Greater,
            ">=" => BinaryOp::GreaterEqual,
            "like" => BinaryOp::Like,
            "intersects" => BinaryOp::Intersects,
            _ => BinaryOp::SubsetOf,
        };
        self.add(place, ExprKind::Binary { op, op_span, left, right })
    }

    fn tail(&mut self, base: ExprId, pair: Pair<'_>) -> ExprId {
        self.operand(base);
        let start = self.exprs.get(base.0 as usize).map_or(0, |expr| expr.span.start);
        let place = Span { start, end: span(&pair).end };
        let mut kind = ExprKind::Error;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::is_state => kind = ExprKind::IsPresent { base, absent: child.as_str() == "absent" },
                Rule::type_expr => kind = ExprKind::IsType { base, ty: self.type_expr(child) },
                Rule::regex => {
                    let pattern_span = span(&child);
                    let pattern = child.into_inner().next().map_or("", |body| body.as_str()).replace("\\/", "/");
                    kind = ExprKind::Matches { text: base, pattern, pattern_span };
                }
                _ => {}
            }
        }
        self.add(place, kind)
    }

    fn range(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let mut children = pair.into_inner();
        let start = match children.next() {
            Some(start) => self.expr(start),
            None => return self.nothing(whole),
        };
        match (children.next(), children.next()) {
            (Some(op), Some(end)) => {
                let inclusive = op.as_str() == "..=";
                let end = self.expr(end);
                self.add(whole, ExprKind::Range { start, end, inclusive })
            }
            _ => start,
        }
    }

    fn unary(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let mut signs = Vec::new();
        let mut operand = None;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::minus => signs.push(span(&child)),
                // The least `Int` has no positive counterpart.
                _ if !signs.is_empty() && child.as_str().trim() == "9223372036854775808" => {
                    signs.pop();
                    operand = Some(self.add(whole, ExprKind::Int(i64::MIN)));
                }
                _ => operand = Some(self.expr(child)),
            }
        }
        let operand = operand.unwrap_or_else(|| self.nothing(whole));
        signs.into_iter().rev().fold(operand, |operand, at| {
            let place = Span { start: at.start, end: whole.end };
            self.add(place, ExprKind::Unary { op: UnaryOp::Negate, operand })
        })
    }

    fn postfix(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let mut children = pair.into_inner();
        let Some(primary) = children.next() else { return self.nothing(whole) };
        let mut base = self.expr(primary);
        for child in children {
            self.operand(base);
            let place = Span { start: whole.start, end: span(&child).end };
            let kind = match child.as_rule() {
                Rule::field => self.member(base, child, false),
                Rule::safe_field => self.member(base, child, true),
                Rule::index => {
                    let index =
                        child.into_inner().find(|part| part.as_rule() == Rule::expr).map(|index| self.expr(index));
                    index.map(|index| ExprKind::Index { base, index })
                }
                _ => child.into_inner().find(|part| part.as_rule() == Rule::cast_type).and_then(|ty| {
                    let at = span(&ty);
                    let ty = self.type_of_rule(ty.into_inner().next()?, at)?;
                    Some(ExprKind::Cast { base, ty })
                }),
            };
            if let Some(kind) = kind {
                base = self.add(place, kind);
            }
        }
        base
    }

    fn member(&mut self, base: ExprId, pair: Pair<'_>, safe: bool) -> Option<ExprKind> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name_any)?);
        Some(match children.find(Rule::arguments) {
            Some(arguments) => ExprKind::Method { base, name, arguments: self.arguments(arguments), safe },
            None => ExprKind::Field { base, name, safe },
        })
    }

    fn arguments(&mut self, pair: Pair<'_>) -> Vec<Argument> {
        let arguments = pair.into_inner().filter(|child| child.as_rule() == Rule::argument);
        let arguments: Vec<Pair<'_>> = arguments.collect();
        let mut built = Vec::new();
        for argument in arguments {
            let mut children = Children::of(argument);
            let name = children.next_if(Rule::key).map(|key| ident(&key));
            if let Some(value) = children.find(Rule::expr) {
                built.push(Argument { name, value: self.expr(value) });
            }
        }
        built
    }

    fn literal(&mut self, place: Span, literal: Result<ExprKind, Diagnostic>) -> ExprId {
        match literal {
            Ok(kind) => self.add(place, kind),
            Err(error) => {
                self.error(error);
                self.nothing(place)
            }
        }
    }

    fn primary(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        let text = pair.as_str().trim_end();
        match pair.as_rule() {
            Rule::time => self.literal(place, literals::time(text, place)),
            Rule::duration => self.literal(place, literals::duration(text, place)),
            Rule::ipv4 | Rule::ipv6 => self.literal(place, literals::address(text, place)),
            Rule::float => self.literal(place, literals::float(text, place)),
            Rule::int => self.literal(place, literals::int(text, place)),
            Rule::truth => self.add(place, ExprKind::Bool(text == "true")),
            Rule::kw_now => self.add(place, ExprKind::Now),
            Rule::string => {
                let text = self.string(pair);
                self.add(place, ExprKind::Text(text))
            }
            Rule::raw_string => {
                let text = pair.into_inner().next().map_or(String::new(), |body| body.as_str().to_owned());
                self.add(place, ExprKind::Text(text))
            }
            Rule::counted => self.counted(pair),
            Rule::call => self.call(pair),
            Rule::path_expr => match pair.into_inner().next() {
                Some(inner) => self.add(place, ExprKind::Path(path(inner))),
                None => self.nothing(place),
            },
            Rule::comprehension => self.comprehension(pair),
            Rule::list => {
                let elements: Vec<Pair<'_>> = pair.into_inner().filter(|child| child.as_rule() == Rule::expr).collect();
                let elements = elements.into_iter().map(|element| self.expr(element)).collect();
                self.add(place, ExprKind::List(elements))
            }
            Rule::record => self.record(pair),
            Rule::parens => match pair.into_inner().find(|child| child.as_rule() == Rule::expr) {
                Some(inner) => {
                    let inner = self.expr(inner);
                    // The parentheses belong to what stands in them, so that its text is whole.
                    if let Some(expr) = self.exprs.get_mut(inner.0 as usize) {
                        expr.span = place;
                    }
                    self.in_parens.insert(inner);
                    inner
                }
                None => self.nothing(place),
            },
            _ => self.nothing(place),
        }
    }

    fn counted(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        let what = if pair.as_str().starts_with("count") { Counted::Count } else { Counted::First };
        match self.binding(pair.into_inner()) {
            Some((binding, _)) => self.add(place, ExprKind::Counted { what, binding }),
            None => self.nothing(place),
        }
    }

    fn call(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        let mut children = Children::of(pair);
        let callee = children.find(Rule::path).map(path);
        let arguments = children.find(Rule::arguments).map(|arguments| self.arguments(arguments));
        match (callee, arguments) {
            (Some(callee), Some(arguments)) => self.add(place, ExprKind::Call { callee, arguments }),
            _ => self.nothing(place),
        }
    }

    fn comprehension(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        match self.binding(pair.into_inner()) {
            Some((binding, rest)) => {
                let element = rest.into_iter().next().unwrap_or(binding.source);
                self.add(place, ExprKind::Comprehension { element, binding })
            }
            None => self.nothing(place),
        }
    }

    fn record(&mut self, pair: Pair<'_>) -> ExprId {
        let place = span(&pair);
        let entries: Vec<Pair<'_>> = pair.into_inner().filter(|child| child.as_rule() == Rule::entry).collect();
        let mut built: Vec<(Ident, ExprId)> = Vec::new();
        let mut string_keys = false;
        for entry in entries {
            let Some((key, quoted, value)) = self.entry_parts(entry) else { continue };
            string_keys |= quoted;
            if let Some((first, _)) = built.iter().find(|(known, _)| known.text == key.text) {
                let diagnostic =
                    Diagnostic::new(&codes::DUPLICATE_NAME, key.span, format!("the key `{}` occurs twice", key.text));
                let diagnostic = diagnostic.label(first.span, "first here");
                self.error(diagnostic);
            }
            let value = self.expr(value);
            built.push((key, value));
        }
        self.add(place, ExprKind::Record { entries: built, string_keys })
    }
}
