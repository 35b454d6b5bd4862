//! Items but for their statements: headers, attributes, imports.

use super::*;

/// Words that mean something of their own after an operand: `clause_word` of the grammar.
const CLAUSE_WORDS: [&str; 12] = [
    "where",
    "on",
    "with",
    "passes",
    "fails",
    "skips",
    "subset",
    "intersects",
    "present",
    "absent",
    "unknown",
    "definitely",
];

impl Builder {
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
        Some(Tree {
            kind,
            attributes,
            unread_attributes: false,
            docs,
            exprs: std::mem::take(&mut self.exprs),
            name_span,
        })
    }

    pub(crate) fn attribute(&mut self, pair: Pair<'_>) -> Option<Attribute> {
        let attribute_span = pair.span();
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

    pub(super) fn item_kind(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        match pair.as_rule() {
            Rule::guardrail => self.guardrail(pair),
            Rule::function => self.function(pair),
            Rule::constant => self.constant(pair),
            Rule::parameter => self.parameter(pair),
            Rule::relation => self.relation(pair),
            Rule::schema => self.schema(pair),
            Rule::extension => self.extension(pair),
            Rule::import => self.import(pair),
            Rule::test => self.test(pair),
            Rule::waiver => self.waiver(pair),
            _ => None,
        }
    }

    pub(super) fn snake(&mut self, name: Ident) -> Ident {
        if name.text.chars().any(|letter| letter.is_ascii_uppercase()) {
            let better = snake_case(&name.text);
            let diagnostic =
                Diagnostic::new(&codes::BAD_NAME, name.span, format!("`{}` is not in snake_case", name.text));
            self.error(diagnostic.suggest(name.span, &better, format!("call it `{better}`")));
        }
        name
    }

    pub(super) fn upper(&mut self, name: Ident) -> Ident {
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

    pub(super) fn guardrail(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
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

    pub(super) fn function(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
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

    pub(super) fn relation(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let public = children.next_if(Rule::public).is_some();
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        if CLAUSE_WORDS.contains(&name.text.as_str()) {
            let message =
                format!("`{}` cannot name a relation: after an operand the word means something else", name.text);
            self.error(Diagnostic::new(&codes::BAD_NAME, name.span, message));
        }
        let mut parameters = Vec::new();
        let mut body = None;
        for child in children.0 {
            match child.as_rule() {
                Rule::typed_name => parameters.extend(self.typed_name(child)),
                Rule::expr => body = Some(self.expr(child)),
                Rule::body => body = Some(self.body(child)),
                _ => {}
            }
        }
        let at = name.span;
        Some((ItemKind::Relation { public, name, parameters, body: body? }, at))
    }

    pub(super) fn schema(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let (name, fields) = self.schema_parts(pair)?;
        let at = name.span;
        Some((ItemKind::Schema { name, fields }, at))
    }

    pub(super) fn extension(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let (target, fields) = self.schema_parts(pair)?;
        let at = target.span;
        Some((ItemKind::Extension { target, fields }, at))
    }

    fn schema_parts(&mut self, pair: Pair<'_>) -> Option<(Path, Vec<(Ident, TypeExpr)>)> {
        let mut children = Children::of(pair);
        let name = path(children.find(Rule::path)?);
        let fields = children.find(Rule::schema_body)?.into_inner();
        let fields = fields.filter(|child| child.as_rule() == Rule::schema_field);
        Some((name, fields.filter_map(|field| self.schema_field(field)).collect()))
    }

    pub(crate) fn schema_field(&mut self, pair: Pair<'_>) -> Option<(Ident, TypeExpr)> {
        let mut children = Children::of(pair);
        let key = ident(&children.find(Rule::key)?);
        Some((key, self.type_expr(children.find(Rule::type_expr)?)))
    }

    pub(crate) fn typed_name(&mut self, pair: Pair<'_>) -> Option<(Ident, TypeExpr)> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        Some((name, self.type_expr(children.find(Rule::type_expr)?)))
    }

    pub(super) fn body(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = pair.span();
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

    pub(super) fn let_parts(&mut self, pair: Pair<'_>) -> Option<(Ident, ExprId)> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        Some((name, self.expr(children.find(Rule::expr)?)))
    }

    pub(super) fn constant(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let public = children.next_if(Rule::public).is_some();
        let name = ident(&children.find(Rule::name)?);
        let name = self.upper(name);
        let value = self.expr(children.find(Rule::expr)?);
        let at = name.span;
        Some((ItemKind::Constant { public, name, value }, at))
    }

    pub(super) fn parameter(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let mut children = Children::of(pair);
        let name = ident(&children.find(Rule::name)?);
        let name = self.snake(name);
        let ty = self.type_expr(children.find(Rule::type_expr)?);
        let default = children.find(Rule::expr).map(|default| self.expr(default));
        let at = name.span;
        Some((ItemKind::Parameter { name, ty, default }, at))
    }

    pub(super) fn import(&mut self, pair: Pair<'_>) -> Option<(ItemKind, Span)> {
        let whole = pair.span();
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
                let message = format!("`use {}` does not say what to import", name.text);
                let diagnostic = Diagnostic::new(&codes::SYNTAX, name.span, message);
                self.error(diagnostic.note("an import is `use module::name` or `use module::{a, b}`"));
            }
            names.push(Imported { name, alias });
        }
        Some((ItemKind::Use { path: base, names }, whole))
    }
}

impl Children<'_> {
    /// Whether an import has braces; leaves the names to come.
    pub(super) fn find_brace(&mut self) -> bool {
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
