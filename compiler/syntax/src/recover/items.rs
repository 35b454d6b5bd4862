//! Items in error: their headers, and what their bodies hold.

use super::*;

impl Recovery<'_, '_> {
    pub(super) fn item(&mut self, keyword: &str, range: Range) -> Option<(ItemKind, Span)> {
        match keyword {
            "guardrail" => self.guardrail(range),
            "fn" | "relation" => self.function(keyword == "relation", range),
            "const" => self.constant(range),
            "param" => self.parameter(range),
            "test" => self.test(range),
            "schema" | "extend" => self.schema(keyword == "extend", range),
            "use" => self.import(range),
            // What a waiver means is known only as a whole.
            _ => {
                self.complain(Rule::item, range);
                None
            }
        }
    }

    pub(super) fn guardrail(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        let block = self.block(&range);
        let head = range.start..block.map_or_else(|| self.end_of_line(&range), |(open, _)| open);
        let parts = |builder: &mut Builder, pairs: Pairs<'_>| {
            let (mut names, mut population) = (Vec::new(), None);
            for pair in pairs {
                match pair.as_rule() {
                    Rule::name => names.push(ident(&pair)),
                    Rule::type_expr => population = Some(builder.type_expr(pair)),
                    _ => {}
                }
            }
            Some((names, population))
        };
        let read = match self.alone(Rule::guardrail_head, &head, parts) {
            Ok(read) => read,
            Err(diagnostic) => {
                let note = "the header of a guardrail is `guardrail name(resource: TYPE) {`";
                self.report(diagnostic.note(note), &head);
                self.alone(Rule::start_of_guardrail, &head, parts).ok().flatten()
            }
        };
        let (names, population) = read?;
        let mut names = names.into_iter();
        let name = names.next()?;
        let nowhere = Span { start: name.span.end, end: name.span.end };
        let resource = names.next().unwrap_or(Ident { text: "_".to_owned(), span: nowhere });
        let population = population.unwrap_or(TypeExpr { span: nowhere, kind: TypeKind::Error });
        let body = match block {
            Some((open, close)) => {
                self.behind(close, range.end);
                self.statements(open + 1..close)
            }
            None => self.statements(self.below_header(&head, &range)),
        };
        let at = name.span;
        Some((ItemKind::Guardrail { name, resource, population, body }, at))
    }

    /// Where the first line of a range ends: the header of an item whose block does not begin.
    fn end_of_line(&self, range: &Range) -> usize {
        self.text(range).find(char::from(SEPARATOR)).map_or(range.end, |at| range.start + at)
    }

    /// What stands below a header without its brace, up to the brace in column 0 that ends the item.
    fn below_header(&self, head: &Range, range: &Range) -> Range {
        let text = self.text(&(head.end..range.end)).trim_end();
        let body = text.strip_suffix("\n}").or_else(|| text.strip_suffix("\u{1e}}")).unwrap_or(text);
        head.end..head.end + body.len()
    }

    /// Reports what stands behind the end of an item's block.
    pub(super) fn behind(&mut self, close: usize, end: usize) {
        let rest = close + 1..end.max(close + 1);
        let text = self.text(&rest);
        let blank = |letter: char| letter.is_whitespace() || letter == char::from(SEPARATOR);
        let trimmed = text.trim_start_matches(blank);
        if trimmed.is_empty() {
            return;
        }
        let start = rest.start + text.len() - trimmed.len();
        let word = trimmed.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(trimmed.len());
        let first = trimmed.chars().next().map_or(1, char::len_utf8);
        let span = Span::new(start, start + word.max(first));
        let diagnostic = Diagnostic::new(&codes::SYNTAX, span, "this stands behind the end of a block");
        let diagnostic = diagnostic.label(Span::new(close, close + 1), "the block ends here");
        self.report(diagnostic, &rest);
    }

    pub(super) fn function(&mut self, relation: bool, range: Range) -> Option<(ItemKind, Span)> {
        let block = self.block(&range);
        let assign = self.assignment(&range).filter(|at| block.is_none_or(|(open, _)| *at < open));
        let end_of_head = assign.map(|at| at + 1).or(block.map(|(open, _)| open)).unwrap_or(range.end);
        let head = range.start..end_of_head;
        let read_head = |builder: &mut Builder, pairs: Pairs<'_>| {
            let (mut name, mut parameters, mut result) = (None, Vec::new(), None);
            for pair in pairs {
                match pair.as_rule() {
                    Rule::name => name = Some(ident(&pair)),
                    Rule::typed_name => parameters.extend(builder.typed_name(pair)),
                    Rule::type_expr => result = Some(builder.type_expr(pair)),
                    _ => {}
                }
            }
            Some((name?, parameters, result))
        };
        let rule = if relation { Rule::relation_head } else { Rule::function_head };
        let (read, whole) = match self.alone(rule, &head, read_head) {
            Ok(read) => (read, true),
            Err(diagnostic) => {
                let note = match relation {
                    true => "the header of a relation is `relation name(a: TYPE, b: TYPE) =`",
                    false => "the header of a function is `fn name(a: T) -> T =`",
                };
                self.report(diagnostic.note(note), &head);
                (self.alone(Rule::start_of_function, &head, read_head).ok().flatten(), false)
            }
        };
        let (name, parameters, result) = read?;
        let body = match (assign, block) {
            (Some(at), _) => self.expression(at + 1..range.end),
            (None, Some((open, close))) => {
                self.behind(close, range.end);
                self.function_block(open..close)
            }
            (None, None) => {
                if whole {
                    self.complain(Rule::item, range.clone());
                }
                self.salvaged(&(range.end..range.end), None)
            }
        };
        let public = self.text(&head).trim_start_matches(char::from(SEPARATOR)).trim_start().starts_with("pub");
        let at = name.span;
        let nowhere = Span { start: at.end, end: at.end };
        let result = result.unwrap_or(TypeExpr { span: nowhere, kind: TypeKind::Error });
        let kind = match relation {
            true => ItemKind::Relation { public, name, parameters, body },
            false => ItemKind::Function { public, name, parameters, result, body },
        };
        Some((kind, at))
    }

    /// The first `=` of a range that is no comparison.
    pub(super) fn assignment(&self, range: &Range) -> Option<usize> {
        let bytes = self.text(range).as_bytes();
        let at = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let found = (0..bytes.len()).find(|index| {
            at(*index) == b'='
                && at(index + 1) != b'='
                && !index.checked_sub(1).is_some_and(|before| matches!(at(before), b'=' | b'!' | b'<' | b'>'))
        });
        found.map(|index| range.start + index)
    }

    /// The `let`s and the result of a function written as a block.
    pub(super) fn function_block(&mut self, range: Range) -> ExprId {
        let mut chunks = self.chunks(range.start + 1..range.end);
        let last = chunks.pop();
        let mut lets = Vec::new();
        for chunk in chunks {
            if let Some(Statement { kind: StatementKind::Let { name, value }, .. }) = self.statement(chunk) {
                lets.push((name, value));
            }
        }
        let result = match last {
            Some(chunk) if self.text(&chunk).trim_start().starts_with("let ") => {
                let span = self.span_of(&chunk);
                let missing = Diagnostic::new(&codes::SYNTAX, span, "the block ends with a `let`, and gives no value");
                self.report(missing.note("the last line of a function's block is an expression, its value"), &chunk);
                if let Some(Statement { kind: StatementKind::Let { name, value }, .. }) = self.statement(chunk) {
                    lets.push((name, value));
                }
                self.salvaged(&(range.end..range.end), None)
            }
            Some(chunk) => self.expression(chunk),
            None => {
                let place = Span::new(range.start, range.start + 1);
                let diagnostic = Diagnostic::new(&codes::SYNTAX, place, "the block is empty, and gives no value");
                self.report(diagnostic, &range);
                self.salvaged(&(range.end..range.end), None)
            }
        };
        let span = Span::new(range.start, range.end);
        self.builder.add(span, ExprKind::Block { lets, result })
    }

    pub(super) fn constant(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        self.complain(Rule::item, range.clone());
        let (name, value) = self.alone(Rule::start_of_constant, &range, name_and_value).ok()??;
        let value = self.salvaged(&range, value);
        let public = self.text(&range).starts_with("pub");
        let at = name.span;
        Some((ItemKind::Constant { public, name, value }, at))
    }

    pub(super) fn parameter(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        self.complain(Rule::item, range.clone());
        let (name, ty, default) = self
            .alone(Rule::start_of_parameter, &range, |builder, pairs| {
                let (mut name, mut ty, mut default) = (None, None, None);
                for pair in pairs {
                    match pair.as_rule() {
                        Rule::name => name = Some(ident(&pair)),
                        Rule::type_expr => ty = Some(builder.type_expr(pair)),
                        Rule::expr => default = Some(builder.expr(pair)),
                        _ => {}
                    }
                }
                Some((name?, ty, default))
            })
            .ok()??;
        let nowhere = Span { start: name.span.end, end: name.span.end };
        let ty = ty.unwrap_or(TypeExpr { span: nowhere, kind: TypeKind::Error });
        let default = Some(self.salvaged(&range, default));
        let at = name.span;
        Some((ItemKind::Parameter { name, ty, default }, at))
    }

    pub(super) fn test(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        let (open, close) = match self.block(&range) {
            Some(block) => block,
            None => {
                self.complain(Rule::item, range);
                return None;
            }
        };
        let head = range.start..open;
        let title = match self.alone(Rule::test_head, &head, |builder, mut pairs| {
            let title = pairs.find(|pair| pair.as_rule() == Rule::string)?;
            let at = title.span();
            Some((builder.string(title), at))
        }) {
            Ok(title) => title,
            Err(diagnostic) => {
                self.report(diagnostic.note("the header of a test is `test \"title\" {`"), &head);
                self.half_a_title(&head)
            }
        };
        self.behind(close, range.end);
        let mut steps = Vec::new();
        for chunk in self.chunks(open + 1..close) {
            match self.alone(Rule::lone_step, &chunk, |builder, mut pairs| {
                let step = pairs.find(|pair| pair.as_rule() == Rule::step)?;
                builder.step(step.into_inner().next()?)
            }) {
                Ok(step) => steps.extend(step),
                Err(diagnostic) => {
                    self.report(self.half_an_outcome(&chunk).unwrap_or(diagnostic), &chunk);
                    steps.extend(self.start_of_given(&chunk));
                }
            }
        }
        let (title, at) = title.unwrap_or((String::new(), self.span_of(&head)));
        Some((ItemKind::Test { title, steps }, at))
    }

    /// What follows the quote that no other closes.
    fn half_a_title(&self, head: &Range) -> Option<(String, Span)> {
        let text = self.text(&(head.start..head.end + 1));
        let (before, title) = text.split_once('"').filter(|(_, title)| !title.contains('"'))?;
        let title = title.trim_end().trim_end_matches(" {").trim_end();
        let start = head.start + before.len();
        Some((title.to_owned(), Span::new(start, start + 1 + title.len())))
    }

    /// `expect g fail on x`, where the word of a verdict is nearly written.
    fn half_an_outcome(&self, chunk: &Range) -> Option<Diagnostic> {
        const OUTCOMES: [&str; 3] = ["passes", "fails", "skips"];
        let text = self.text(chunk);
        let mut words = text.split_whitespace();
        let (Some("expect"), Some(_), Some(word), None | Some("on" | "with")) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        let begun = OUTCOMES.into_iter().find(|outcome| word.len() > 1 && outcome.starts_with(word));
        let outcome = begun.or_else(|| parapet_base::nearest(word, OUTCOMES)).filter(|outcome| *outcome != word)?;
        let start = chunk.start + word.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        let span = Span::new(start, start + word.len());
        let message = format!("expected `passes`, `fails`, `skips` or `is unknown`, found `{word}`");
        let diagnostic = Diagnostic::new(&codes::SYNTAX, span, message);
        Some(diagnostic.suggest(span, outcome, format!("did you mean `{outcome}`?")))
    }

    /// The name and type of a resource whose fields cannot be read, or its name alone.
    pub(super) fn start_of_given(&mut self, chunk: &Range) -> Option<Step> {
        let start = self.alone(Rule::start_of_given, chunk, |_, pairs| {
            let (mut name, mut ty) = (None, None);
            for pair in pairs {
                match pair.as_rule() {
                    Rule::name => name = Some(ident(&pair)),
                    Rule::type_path => ty = crate::build::type_path(pair),
                    _ => {}
                }
            }
            Some((name?, ty))
        });
        let (name, ty) = start.ok()??;
        let ty = ty.unwrap_or(TypeExpr { span: name.span, kind: TypeKind::Error });
        Some(Step { span: self.span_of(chunk), kind: StepKind::Resource { name, ty, fields: Vec::new() } })
    }

    /// The names of an import that can be read, so that those who use them are not told that they mean nothing.
    pub(super) fn import(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        self.complain(Rule::item, range.clone());
        let start = self.alone(Rule::start_of_use, &range, |_, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::path).map(crate::build::path)
        });
        let mut path = start.ok()??;
        let end = path.span.end as usize;
        let mut names: Vec<Imported> = Vec::new();
        // Names stand behind a path that goes on, or the last part of the path is the only one.
        let from = match self.text(&(end..range.end)).find('{') {
            Some(at) => end + at + 1,
            None if self.goes_on(end, &range) => return None,
            None => {
                let name = path.segments.pop().filter(|_| !path.segments.is_empty())?;
                names.push(Imported { name, alias: None });
                range.end
            }
        };
        let mut listed = words(self.text(&(from..range.end)));
        listed.retain(|(_, word)| !word.starts_with(|letter: char| letter.is_ascii_digit()));
        let mut alias = false;
        for (at, word) in listed {
            let name = Ident { text: word.to_owned(), span: Span::new(from + at, from + at + word.len()) };
            match names.last_mut().filter(|_| alias) {
                Some(last) => last.alias = Some(name),
                None if word != "as" => names.push(Imported { name, alias: None }),
                None => {}
            }
            alias = word == "as";
        }
        let span = self.span_of(&range);
        (!names.is_empty()).then_some((ItemKind::Use { path, names }, span))
    }

    /// Whether `::` follows a path, and nothing that it could lead to.
    fn goes_on(&self, end: usize, range: &Range) -> bool {
        self.text(&(end..range.end)).trim_start().starts_with("::")
    }

    pub(super) fn schema(&mut self, extends: bool, range: Range) -> Option<(ItemKind, Span)> {
        let block = self.block(&range);
        let head = range.start..block.map_or_else(|| self.end_of_line(&range), |(open, _)| open);
        let path = |_: &mut Builder, mut pairs: Pairs<'_>| {
            pairs.find(|pair| pair.as_rule() == Rule::path).map(crate::build::path)
        };
        let name = match self.alone(Rule::schema_head, &head, path) {
            Ok(name) => name?,
            Err(diagnostic) => {
                self.report(diagnostic, &head);
                let name = self.alone(Rule::start_of_schema, &head, path).ok()??;
                // Half a name is that of no type.
                if self.goes_on(name.span.end as usize, &head) {
                    return None;
                }
                name
            }
        };
        let body = match block {
            Some((open, close)) => {
                self.behind(close, range.end);
                open + 1..close
            }
            None => {
                self.complain(Rule::item, range.clone());
                self.below_header(&head, &range)
            }
        };
        let mut fields = Vec::new();
        for chunk in self.fields(body) {
            match self.alone(Rule::lone_schema_field, &chunk, |builder, mut pairs| {
                builder.schema_field(pairs.find(|pair| pair.as_rule() == Rule::schema_field)?)
            }) {
                Ok(field) => fields.extend(field),
                Err(diagnostic) => {
                    self.report(diagnostic, &chunk);
                    fields.extend(self.start_of_field(&chunk));
                }
            }
        }
        let at = name.span;
        Some((
            if extends { ItemKind::Extension { target: name, fields } } else { ItemKind::Schema { name, fields } },
            at,
        ))
    }

    /// The name of a field whose type cannot be read.
    fn start_of_field(&mut self, chunk: &Range) -> Option<(Ident, TypeExpr)> {
        let name = self.alone(Rule::start_of_field, chunk, |_, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::name_any).map(|name| ident(&name))
        });
        let name = name.ok()??;
        let nowhere = Span { start: name.span.end, end: name.span.end };
        Some((name, TypeExpr { span: nowhere, kind: TypeKind::Error }))
    }

    /// The fields of a schema: one a line, or with commas between.
    pub(super) fn fields(&self, range: Range) -> Vec<Range> {
        let lines = self.chunks(range);
        let split = |line: Range| {
            let (mut parts, mut start, mut depth) = (Vec::new(), line.start, 0i32);
            let text = self.text(&line);
            for (at, byte) in text.bytes().enumerate() {
                match byte {
                    b'\n' if depth == 0 && text.get(at..).is_some_and(begins_field) => {
                        parts.push(start..line.start + at);
                        start = line.start + at;
                    }
                    b'{' | b'<' | b'(' => depth += 1,
                    b'}' | b'>' | b')' => depth -= 1,
                    b',' if depth == 0 => {
                        parts.push(start..line.start + at);
                        start = line.start + at + 1;
                    }
                    _ => {}
                }
            }
            parts.push(start..line.end);
            parts
        };
        let mut fields: Vec<Range> = lines.into_iter().flat_map(split).collect();
        fields.retain(|field| !self.text(field).trim().is_empty());
        fields
    }
}

/// Whether a text begins with a name and `:`.
fn begins_field(text: &str) -> bool {
    let rest = text.trim_start();
    let name = rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
    let behind = name.trim_start();
    name.len() < rest.len() && behind.starts_with(':') && !behind.starts_with("::")
}
