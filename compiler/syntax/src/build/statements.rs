//! Statements of guardrails, and their messages.

use super::*;

impl Builder {
    pub(super) fn block(&mut self, pair: Pair<'_>) -> Vec<Statement> {
        let statements = pair.into_inner().filter(|child| child.as_rule() == Rule::statement);
        statements.filter_map(|statement| self.statement(statement.into_inner().next()?)).collect()
    }

    pub(crate) fn statement(&mut self, pair: Pair<'_>) -> Option<Statement> {
        let whole = pair.span();
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

    pub(super) fn template(&mut self, pair: Pair<'_>) -> Template {
        let whole = pair.span();
        let mut parts = Vec::new();
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::template_text => match literals::unescape(child.as_str(), child.span()) {
                    Ok(text) => parts.push(TemplatePart::Text(text)),
                    Err(error) => self.error(error),
                },
                Rule::template_brace => parts.push(TemplatePart::Text(child.as_str().chars().take(1).collect())),
                Rule::interpolation => {
                    let value = child.into_inner().next().map(|value| self.expr(value));
                    parts.extend(value.map(TemplatePart::Value));
                }
                _ => {}
            }
        }
        Template { span: whole, parts }
    }
}
