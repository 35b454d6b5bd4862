//! An item that does not match the grammar as a whole, part by part.
//!
//! The layout says where blocks and statements begin and end, even where brackets are missing. Each attribute, header
//! and statement is parsed alone: what matches is kept, what does not gets its message, and as much of its beginning
//! as can be read stands in its place ([`ExprKind::Salvaged`]). So one bad clause leaves the others their types, and a
//! bad body leaves the header to those who use it. The result is for diagnostics and editors; nobody evaluates it.

use parapet_base::{Diagnostic, Span, codes};
use pest::Parser as _;
use pest::iterators::Pairs;

use crate::build::{Builder, ident, span};
use crate::layout::{Layout, SEPARATOR};
use crate::parse::{Grammar, Rule, explain};
use crate::split::ItemText;
use crate::tree::*;

/// Parsing parts alone reads this many bytes at most; then the rest of the item is left out.
const MOST_BYTES_READ: usize = 64 << 20;

/// A range of bytes.
type Range = std::ops::Range<usize>;

/// Reads what can be read of an item; the errors are in the builder.
pub(crate) fn recover(builder: &mut Builder, item: &ItemText, layout: &Layout, docs: String) -> Option<Tree> {
    let mut recovery = Recovery { builder, layout, read: 0 };
    let reported = recovery.layout.errors.len();
    recovery.builder.errors.extend(recovery.layout.errors.iter().cloned());
    let Some(header) = recovery.header_start(item.keyword) else {
        recovery.complain(Rule::item, 0..layout.text.len());
        if builder.errors.is_empty() {
            let span = Span::new(0, layout.text.lines().next().map_or(0, str::len));
            builder.errors.push(Diagnostic::new(&codes::SYNTAX, span, "no item begins here"));
        }
        return None;
    };
    let attributes = recovery.attributes(0..header);
    let built = recovery.item(item.keyword, header..layout.text.len());
    if recovery.builder.errors.len() == reported && reported == 0 {
        // Every part matches alone, but not the whole: something stands between the parts.
        recovery.complain(Rule::item, 0..layout.text.len());
    }
    let (kind, name_span) = built?;
    Some(Tree { kind, attributes, docs, exprs: std::mem::take(&mut builder.exprs), name_span })
}

struct Recovery<'b, 'l> {
    builder: &'b mut Builder,
    layout: &'l Layout,
    read: usize,
}

impl Recovery<'_, '_> {
    fn text(&self, range: &Range) -> &str {
        self.layout.text.get(range.clone()).unwrap_or_default()
    }

    /// Where the header begins: at the item keyword in column 0, or behind an attribute on its line.
    fn header_start(&self, keyword: &str) -> Option<usize> {
        let words = self.layout.text.match_indices(keyword).map(|(at, _)| at);
        let mut starts = words.filter(|at| {
            let line = self.text(&(0..*at)).rfind(['\n', char::from(SEPARATOR)]).map_or(0, |end| end + 1);
            let before = self.text(&(line..*at));
            before.is_empty() || before.trim_end() == "pub" || before.starts_with('@')
        });
        let at = starts.next()?;
        let line = self.text(&(0..at)).rfind(['\n', char::from(SEPARATOR)]).map_or(0, |end| end + 1);
        let public =
            self.text(&(line..at)).rfind("pub").filter(|before| self.text(&(line + before + 3..at)).trim().is_empty());
        Some(public.map_or(at, |before| line + before))
    }

    /// Parses a part alone, its spans counting from the item's start.
    fn alone<T>(
        &mut self,
        rule: Rule,
        range: &Range,
        build: impl FnOnce(&mut Builder, Pairs<'_, Rule>) -> Option<T>,
    ) -> Result<Option<T>, Diagnostic> {
        self.read += range.end;
        if self.read > MOST_BYTES_READ {
            return Ok(None);
        }
        let padded = format!("{}{}", " ".repeat(range.start), self.text(range));
        match Grammar::parse(rule, &padded) {
            Ok(pairs) => Ok(build(self.builder, pairs.flat_map_inner())),
            Err(error) => Err(explain(&error, &self.layout.text)),
        }
    }

    /// Reports why a part does not match, unless the layout said what is wrong with it.
    fn complain(&mut self, rule: Rule, range: Range) {
        if let Err(diagnostic) = self.alone(rule, &range, |_, _| Some(())) {
            self.report(diagnostic, &range);
        }
    }

    fn report(&mut self, diagnostic: Diagnostic, range: &Range) {
        let inside = |error: &Diagnostic| range.contains(&(error.span.start as usize));
        if !self.layout.errors.iter().any(inside) {
            self.builder.errors.push(diagnostic);
        }
    }

    // Where parts begin and end.

    /// The first brace of a range, and the one that closes it: the range's end where none does.
    fn block(&self, range: &Range) -> Option<(usize, usize)> {
        let braces = self.layout.braces.iter().filter(|(at, _)| range.contains(at));
        let mut depth = 0usize;
        let mut first = None;
        for (at, opens) in braces {
            match (opens, first) {
                (true, None) => first = Some(*at),
                (true, Some(_)) => depth += 1,
                (false, Some(first)) if depth == 0 => return Some((first, *at)),
                (false, Some(_)) => depth -= 1,
                (false, None) => {}
            }
        }
        first.map(|first| (first, range.end))
    }

    /// The parts of a range between separators that stand in no block of it.
    fn chunks(&self, range: Range) -> Vec<Range> {
        let mut braces = self.layout.braces.iter().filter(|(at, _)| range.contains(at)).peekable();
        let (mut chunks, mut start, mut depth) = (Vec::new(), range.start, 0usize);
        for (at, byte) in self.text(&range).bytes().enumerate().map(|(at, byte)| (range.start + at, byte)) {
            if let Some((_, opens)) = braces.next_if(|(brace, _)| *brace == at) {
                depth = if *opens { depth + 1 } else { depth.saturating_sub(1) };
            }
            if depth == 0 && (byte == SEPARATOR || byte == b';') {
                chunks.push(start..at);
                start = at + 1;
            }
        }
        chunks.push(start..range.end);
        chunks.retain(|chunk| !self.text(chunk).trim().is_empty());
        chunks
    }

    fn attributes(&mut self, range: Range) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for chunk in self.chunks(range) {
            match self.alone(Rule::lone_attribute, &chunk, |builder, mut pairs| {
                pairs.find(|pair| pair.as_rule() == Rule::attribute).and_then(|pair| builder.attribute(pair))
            }) {
                Ok(attribute) => attributes.extend(attribute),
                Err(diagnostic) => self.report(diagnostic, &chunk),
            }
        }
        attributes
    }

    // Items.

    fn item(&mut self, keyword: &str, range: Range) -> Option<(ItemKind, Span)> {
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

    fn guardrail(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        let block = self.block(&range);
        let head = range.start..block.map_or(range.end, |(open, _)| open);
        let parts = |builder: &mut Builder, pairs: Pairs<'_, Rule>| {
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
            None => Vec::new(),
        };
        let at = name.span;
        Some((ItemKind::Guardrail { name, resource, population, body }, at))
    }

    /// Reports what stands behind the end of an item's block.
    fn behind(&mut self, close: usize, end: usize) {
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

    fn function(&mut self, relation: bool, range: Range) -> Option<(ItemKind, Span)> {
        let block = self.block(&range);
        let assign = self.assignment(&range).filter(|at| block.is_none_or(|(open, _)| *at < open));
        let end_of_head = assign.map(|at| at + 1).or(block.map(|(open, _)| open)).unwrap_or(range.end);
        let head = range.start..end_of_head;
        let read_head = |builder: &mut Builder, pairs: Pairs<'_, Rule>| {
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
    fn assignment(&self, range: &Range) -> Option<usize> {
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
    fn function_block(&mut self, range: Range) -> ExprId {
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

    fn constant(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        self.complain(Rule::item, range.clone());
        let (name, value) = self
            .alone(Rule::start_of_constant, &range, |builder, pairs| {
                let (mut name, mut value) = (None, None);
                for pair in pairs {
                    match pair.as_rule() {
                        Rule::name => name = Some(ident(&pair)),
                        Rule::expr => value = Some(builder.expr(pair)),
                        _ => {}
                    }
                }
                Some((name?, value))
            })
            .ok()??;
        let value = self.salvaged(&range, value);
        let public = self.text(&range).starts_with("pub");
        let at = name.span;
        Some((ItemKind::Constant { public, name, value }, at))
    }

    fn parameter(&mut self, range: Range) -> Option<(ItemKind, Span)> {
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

    fn test(&mut self, range: Range) -> Option<(ItemKind, Span)> {
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
            let at = span(&title);
            Some((builder.string(title), at))
        }) {
            Ok(title) => title,
            Err(diagnostic) => {
                self.report(diagnostic.note("the header of a test is `test \"title\" {`"), &head);
                None
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
                    self.report(diagnostic, &chunk);
                    steps.extend(self.start_of_given(&chunk));
                }
            }
        }
        let (title, at) = title.unwrap_or((String::new(), self.span_of(&head)));
        Some((ItemKind::Test { title, steps }, at))
    }

    /// The name and type of a resource whose fields cannot be read.
    fn start_of_given(&mut self, chunk: &Range) -> Option<Step> {
        let start = self.alone(Rule::start_of_given, chunk, |_, pairs| {
            let (mut name, mut ty) = (None, None);
            for pair in pairs {
                match pair.as_rule() {
                    Rule::name => name = Some(ident(&pair)),
                    Rule::type_path => ty = crate::build::type_path(pair),
                    _ => {}
                }
            }
            Some((name?, ty?))
        });
        let (name, ty) = start.ok()??;
        Some(Step { span: self.span_of(chunk), kind: StepKind::Resource { name, ty, fields: Vec::new() } })
    }

    /// The names of an import that can be read, so that those who use them are not told that they mean nothing.
    fn import(&mut self, range: Range) -> Option<(ItemKind, Span)> {
        self.complain(Rule::item, range.clone());
        let start = self.alone(Rule::start_of_use, &range, |_, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::path).map(crate::build::path)
        });
        let path = start.ok()??;
        let from = path.span.end as usize;
        let listed = words(self.text(&(from..range.end)));
        let mut names: Vec<Imported> = Vec::new();
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

    fn schema(&mut self, extends: bool, range: Range) -> Option<(ItemKind, Span)> {
        let (open, close) = match self.block(&range) {
            Some(block) => block,
            None => {
                self.complain(Rule::item, range);
                return None;
            }
        };
        let head = range.start..open;
        let name = match self.alone(Rule::schema_head, &head, |_, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::path).map(crate::build::path)
        }) {
            Ok(name) => name?,
            Err(diagnostic) => {
                self.report(diagnostic, &head);
                return None;
            }
        };
        self.behind(close, range.end);
        let mut fields = Vec::new();
        for chunk in self.fields(open + 1..close) {
            match self.alone(Rule::lone_schema_field, &chunk, |builder, mut pairs| {
                builder.schema_field(pairs.find(|pair| pair.as_rule() == Rule::schema_field)?)
            }) {
                Ok(field) => fields.extend(field),
                Err(diagnostic) => self.report(diagnostic, &chunk),
            }
        }
        let at = name.span;
        Some((
            if extends { ItemKind::Extension { target: name, fields } } else { ItemKind::Schema { name, fields } },
            at,
        ))
    }

    /// The fields of a schema: one a line, or with commas between.
    fn fields(&self, range: Range) -> Vec<Range> {
        let lines = self.chunks(range);
        let split = |line: Range| {
            let (mut parts, mut start, mut depth) = (Vec::new(), line.start, 0i32);
            for (at, byte) in self.text(&line).bytes().enumerate() {
                match byte {
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

    // Statements and expressions.

    fn statements(&mut self, range: Range) -> Vec<Statement> {
        self.chunks(range).into_iter().filter_map(|chunk| self.statement(chunk)).collect()
    }

    fn statement(&mut self, chunk: Range) -> Option<Statement> {
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
    fn unknown_clause(&mut self, chunk: &Range, word: &str, diagnostic: Diagnostic) -> Option<Statement> {
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

    fn body_of_unknown(&mut self, chunk: &Range) -> Option<Statement> {
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

    fn made(&self, chunk: &Range, kind: StatementKind) -> Statement {
        Statement { span: self.span_of(chunk), kind }
    }

    fn span_of(&self, chunk: &Range) -> Span {
        let blank = |letter: char| letter.is_whitespace() || letter == char::from(SEPARATOR);
        let text = self.text(chunk);
        let start = chunk.start + text.len() - text.trim_start_matches(blank).len();
        let end = chunk.start + text.trim_end_matches(blank).len();
        Span::new(start, end.max(start))
    }

    /// The expression that the beginning of a clause has.
    fn start(&mut self, rule: Rule, chunk: &Range) -> Option<ExprId> {
        let read = self.alone(rule, chunk, |builder, mut pairs| {
            pairs.find(|pair| pair.as_rule() == Rule::expr).map(|pair| builder.expr(pair))
        });
        read.ok().flatten()
    }

    /// An expression in error, and what of it could be read.
    fn salvaged(&mut self, chunk: &Range, start: Option<ExprId>) -> ExprId {
        let span = self.span_of(chunk);
        let kind = start.map_or(ExprKind::Error, ExprKind::Salvaged);
        self.builder.add(span, kind)
    }

    /// A whole expression, or what can be read of it.
    fn expression(&mut self, range: Range) -> ExprId {
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

    fn start_of_let(&mut self, chunk: &Range, diagnostic: Diagnostic) -> Option<Statement> {
        self.report(diagnostic, chunk);
        let (name, value) = self
            .alone(Rule::start_of_let, chunk, |builder, pairs| {
                let (mut name, mut value) = (None, None);
                for pair in pairs {
                    match pair.as_rule() {
                        Rule::name => name = Some(ident(&pair)),
                        Rule::expr => value = Some(builder.expr(pair)),
                        _ => {}
                    }
                }
                Some((name?, value))
            })
            .ok()??;
        let value = self.salvaged(chunk, value);
        Some(self.made(chunk, StatementKind::Let { name, value }))
    }

    fn for_statement(&mut self, chunk: &Range, diagnostic: Diagnostic) -> Option<Statement> {
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
                let start = self.alone(Rule::start_of_for, &head, |builder, pairs| {
                    let (mut name, mut source) = (None, None);
                    for pair in pairs {
                        match pair.as_rule() {
                            Rule::name => name = Some(ident(&pair)),
                            Rule::expr => source = Some(builder.expr(pair)),
                            _ => {}
                        }
                    }
                    Some((name?, source))
                });
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

    fn if_statement(&mut self, chunk: &Range, diagnostic: Diagnostic) -> Option<Statement> {
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

    /// What stands behind the first block of an `if`.
    fn otherwise(&mut self, range: Range) -> Vec<Statement> {
        let Some(rest) = self.text(&range).trim_start().strip_prefix("else") else {
            if self.text(&range).trim().is_empty() {
                return Vec::new();
            }
            self.behind(range.start.saturating_sub(1), range.end);
            return self.statement(range).into_iter().collect();
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

/// The words of a text, with where they begin.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = Vec::new();
    let mut at = 0;
    for part in text.split_inclusive(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')) {
        let word = part.trim_end_matches(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
        if !word.is_empty() {
            words.push((at, word));
        }
        at += part.len();
    }
    words
}

/// The parts of the one rule that was parsed.
trait Inner<'t> {
    fn flat_map_inner(self) -> Pairs<'t, Rule>;
}

impl<'t> Inner<'t> for Pairs<'t, Rule> {
    fn flat_map_inner(mut self) -> Pairs<'t, Rule> {
        match self.next() {
            Some(pair) => pair.into_inner(),
            None => self,
        }
    }
}
