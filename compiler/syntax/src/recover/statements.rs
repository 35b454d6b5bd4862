//! Statements and expressions in error.

use super::*;

impl Recovery<'_, '_> {
    pub(super) fn statements(&mut self, range: Range) -> Vec<Statement> {
        self.chunks(range).into_iter().filter_map(|chunk| self.statement(chunk)).collect()
    }

    pub(super) fn statement(&mut self, chunk: Range) -> Option<Statement> {
        let whole = self.alone(Rule::lone_statement, &chunk, |builder, mut pairs| {
            let statement = pairs.find(|pair| pair.as_rule() == Rule::statement)?;
            builder.statement(statement.into_inner().next()?)
        });
        let diagnostic = match whole {
            Ok(statement) => return statement,
            Err(diagnostic) => diagnostic,
        };
        let blank = |letter: char| letter.is_whitespace() || letter == char::from(SEPARATOR);
        let text = self.text(&chunk).trim_start_matches(blank);
        let word = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).next().unwrap_or("");
        match word {
            "for" => self.for_statement(&chunk, diagnostic),
            "if" => self.if_statement(&chunk, diagnostic),
            "let" => self.start_of_let(&chunk, diagnostic),
            "require" => {
                self.report(diagnostic, &chunk);
                let condition = self.start(Rule::start_of_require, &chunk);
                let condition = self.salvaged(&chunk, condition);
                Some(self.made(&chunk, StatementKind::Require { condition, message: None }))
            }
            "skip" => {
                self.report(diagnostic, &chunk);
                let condition = self.start(Rule::start_of_skip, &chunk);
                let condition = self.salvaged(&chunk, condition);
                Some(self.made(&chunk, StatementKind::Skip { definitely: true, condition }))
            }
            _ => {
                let word = word.to_owned();
                self.unknown_clause(&chunk, &word, diagnostic)
            }
        }
    }

    /// A clause that begins with no word of the language; what stands in its block is read all the same.
    pub(super) fn unknown_clause(&mut self, chunk: &Range, word: &str, diagnostic: Diagnostic) -> Option<Statement> {
        let near = parapet_base::nearest(word, ["require", "let", "skip", "for", "if"]).filter(|near| *near != word);
        let start = self.span_of(chunk).start as usize;
        let diagnostic = match near {
            Some(near) => {
                let at = Span::new(start, start + word.len());
                let diagnostic = Diagnostic::new(&codes::SYNTAX, at, format!("`{word}` begins no statement"));
                diagnostic.suggest(at, near, format!("did you mean `{near}`?"))
            }
            None => diagnostic,
        };
        self.report(diagnostic, chunk);
        self.body_of_unknown(chunk)
    }

    pub(super) fn body_of_unknown(&mut self, chunk: &Range) -> Option<Statement> {
        let start = self.span_of(chunk).start as usize;
        let (open, close) = self.block(chunk)?;
        let head = start..open;
        // `log in logs {`, `fr log in logs {`: the name that a loop would bind.
        let bound = words(self.text(&head)).windows(2).find_map(|pair| match pair {
            [(at, name), (_, "in")] => {
                Some(Ident { text: (*name).to_owned(), span: Span::new(start + at, start + at + name.len()) })
            }
            _ => None,
        });
        let source = self.salvaged(&head, None);
        let body = self.statements(open + 1..close);
        Some(self.made(
            chunk,
            match bound {
                Some(name) => StatementKind::For { binding: Binding { name, source, filter: None }, body },
                None => StatementKind::If { condition: source, then: body, otherwise: Vec::new() },
            },
        ))
    }

    pub(super) fn made(&self, chunk: &Range, kind: StatementKind) -> Statement {
        Statement { span: self.span_of(chunk), kind }
    }

    pub(super) fn span_of(&self, chunk: &Range) -> Span {
        let blank = |letter: char| letter.is_whitespace() || letter == char::from(SEPARATOR);
        let text = self.text(chunk);
        let start = chunk.start + text.len() - text.trim_start_matches(blank).len();
        let end = chunk.start + text.trim_end_matches(blank).len();
        Span::new(start, end.max(start))
    }

    /// The expression that the beginning of a clause has.
    pub(super) fn start(&mut self, rule: Rule, chunk: &Range) -> Option<ExprId> {
        let read = self.alone(rule, chunk, |builder, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::expr).map(|pair| builder.expr(pair))
        });
        read.ok().flatten()
    }

    /// An expression in error, and what of it could be read.
    pub(super) fn salvaged(&mut self, chunk: &Range, start: Option<ExprId>) -> ExprId {
        let span = self.span_of(chunk);
        let kind = start.map_or(ExprKind::Error, ExprKind::Salvaged);
        self.builder.add(span, kind)
    }

    /// A whole expression, or what can be read of it.
    pub(super) fn expression(&mut self, range: Range) -> ExprId {
        let read = self.alone(Rule::lone_expr, &range, |builder, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::expr).map(|pair| builder.expr(pair))
        });
        match read {
            Ok(Some(expr)) => expr,
            Ok(None) => self.salvaged(&range, None),
            Err(diagnostic) => {
                self.report(diagnostic, &range);
                let start = self.start(Rule::start_of_expr, &range);
                self.salvaged(&range, start)
            }
        }
    }

    pub(super) fn start_of_let(&mut self, chunk: &Range, diagnostic: Diagnostic) -> Option<Statement> {
        self.report(diagnostic, chunk);
        let (name, value) = self.alone(Rule::start_of_let, chunk, name_and_value).ok()??;
        let value = self.salvaged(chunk, value);
        Some(self.made(chunk, StatementKind::Let { name, value }))
    }

    pub(super) fn for_statement(&mut self, chunk: &Range, diagnostic: Diagnostic) -> Option<Statement> {
        let block = self.block(chunk);
        let head = chunk.start..block.map_or(chunk.end, |(open, _)| open);
        let read = self.alone(Rule::for_head, &head, |builder, pairs| {
            let (mut name, mut exprs) = (None, Vec::new());
            for pair in pairs {
                match pair.as_rule() {
                    Rule::name => name = Some(ident(&pair)),
                    Rule::expr => exprs.push(builder.expr(pair)),
                    _ => {}
                }
            }
            let mut exprs = exprs.into_iter();
            Some(Binding { name: name?, source: exprs.next()?, filter: exprs.next() })
        });
        let binding = match read {
            Ok(binding) => binding,
            Err(in_head) => {
                self.report(in_head, &head);
                let start = self.alone(Rule::start_of_for, &head, name_and_value);
                match start.ok().flatten() {
                    Some((name, source)) => Some(Binding { name, source: self.salvaged(&head, source), filter: None }),
                    None => return self.body_of_unknown(chunk),
                }
            }
        }?;
        let body = match block {
            Some((open, close)) => {
                self.behind(close, chunk.end);
                self.statements(open + 1..close)
            }
            None => {
                self.report(diagnostic, chunk);
                Vec::new()
            }
        };
        Some(self.made(chunk, StatementKind::For { binding, body }))
    }

    pub(super) fn if_statement(&mut self, chunk: &Range, diagnostic: Diagnostic) -> Option<Statement> {
        let block = self.block(chunk);
        let head = chunk.start..block.map_or(chunk.end, |(open, _)| open);
        let condition = match self.alone(Rule::if_head, &head, |builder, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::expr).map(|pair| builder.expr(pair))
        }) {
            Ok(condition) => condition?,
            Err(in_head) => {
                self.report(in_head, &head);
                let start = self.start(Rule::start_of_if, &head);
                self.salvaged(&head, start)
            }
        };
        let Some((open, close)) = block else {
            self.report(diagnostic, chunk);
            let kind = StatementKind::If { condition, then: Vec::new(), otherwise: Vec::new() };
            return Some(self.made(chunk, kind));
        };
        let then = self.statements(open + 1..close);
        let otherwise = self.otherwise(close + 1..chunk.end.max(close + 1));
        Some(self.made(chunk, StatementKind::If { condition, then, otherwise }))
    }

    /// What stands behind a block where `else` does not: `elif …`, or a statement.
    fn instead_of_else(&mut self, range: Range) -> Vec<Statement> {
        let span = self.span_of(&range);
        let text = self.text(&(span.range()));
        let word = ["elif", "elsif", "elseif"]
            .into_iter()
            .find(|word| text.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '('])));
        if let Some(word) = word {
            let at = Span::new(span.start as usize, span.start as usize + word.len());
            let diagnostic = Diagnostic::new(&codes::SYNTAX, at, format!("`{word}` is written `else if`"));
            self.report(diagnostic.fix(at, "else if", "write `else if`"), &range);
            return self.branch(at.end as usize, range.end).into_iter().collect();
        }
        self.behind(range.start.saturating_sub(1), range.end);
        let told = self.builder.errors.len();
        let statement = self.statement(range);
        // Of one place one error is enough.
        let mut at = 0;
        self.builder.errors.retain(|error| {
            at += 1;
            at <= told || error.span.start != span.start
        });
        statement.into_iter().collect()
    }

    /// A condition and what follows it, behind what stands for `if`.
    fn branch(&mut self, start: usize, end: usize) -> Option<Statement> {
        let (open, close) = self.block(&(start..end))?;
        let condition = self.expression(start..open);
        let then = self.statements(open + 1..close);
        let otherwise = self.otherwise(close + 1..end.max(close + 1));
        Some(self.made(&(start..end), StatementKind::If { condition, then, otherwise }))
    }

    /// What stands behind the first block of an `if`.
    pub(super) fn otherwise(&mut self, range: Range) -> Vec<Statement> {
        let Some(rest) = self.text(&range).trim_start().strip_prefix("else") else {
            if self.text(&range).trim().is_empty() {
                return Vec::new();
            }
            return self.instead_of_else(range);
        };
        let start = range.end - rest.len();
        if rest.trim_start().starts_with("if") {
            return self.statement(start..range.end).into_iter().collect();
        }
        let block = self.block(&(start..range.end));
        let between = start..block.map_or(range.end, |(open, _)| open);
        if block.is_none() || !self.text(&between).trim().is_empty() {
            let span = if block.is_some() { self.span_of(&between) } else { self.span_of(&range) };
            let diagnostic = Diagnostic::new(&codes::SYNTAX, span, "`else` is followed by a block or by `if`");
            self.report(diagnostic, &between);
        }
        let Some((open, close)) = block else { return Vec::new() };
        self.behind(close, range.end);
        self.statements(open + 1..close)
    }
}
