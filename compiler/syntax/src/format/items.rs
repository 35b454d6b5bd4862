//! The style of items and of their statements.
//!
//! Attributes stand on lines of their own, and so do statements, steps of tests and fields of waivers; the message of a
//! `require` stands on the line below it. Empty lines between statements are the author's, one of several.

use super::brackets::Form;
use super::writer::{Writer, start};
use crate::pair::Pair;
use crate::parse::Rule;
use crate::token::Kind;

impl<'t> Writer<'t> {
    /// The item that the grammar found.
    pub(super) fn item(&mut self, pair: Pair<'t>) {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::attribute => self.attribute(part),
                Rule::guardrail => self.guardrail(part),
                Rule::function | Rule::relation => self.function(part),
                Rule::schema | Rule::extension => self.schema(part),
                Rule::constant | Rule::parameter => self.definition(part),
                Rule::import => self.import(part),
                Rule::test | Rule::waiver => self.steps(part),
                _ => {}
            }
        }
    }

    fn attribute(&mut self, pair: Pair<'t>) {
        self.token("@");
        let mut parts = pair.into_inner();
        parts.next().iter().for_each(|name| self.leaf(name));
        let arguments: Vec<Pair<'t>> = parts.filter(|part| part.as_rule() == Rule::attribute_argument).collect();
        if self.is_next("(") {
            let sole = arguments.first().and_then(|argument| argument.into_inner().next());
            self.bracketed(["(", ")"], Form::Tight, arguments, sole.as_ref(), Writer::named_value);
        }
        self.hard();
    }

    /// `guardrail name(resource: TYPE) { … }`.
    fn guardrail(&mut self, pair: Pair<'t>) {
        let mut open = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::kw_guardrail => {
                    self.leaf(&part);
                    self.space();
                }
                Rule::open_paren => {
                    self.leaf(&part);
                    self.open_here();
                    self.indent();
                    self.soft();
                    open = true;
                }
                Rule::colon => {
                    self.leaf(&part);
                    self.space();
                }
                Rule::type_expr => self.type_expr(part),
                Rule::comma => self.pass(","),
                Rule::close_paren if open => {
                    self.ops.push(super::document::Op::Comma);
                    self.comments_inside();
                    self.dedent();
                    self.soft();
                    self.close();
                    self.leaf(&part);
                }
                Rule::block => {
                    self.space();
                    self.block(part);
                }
                _ => self.leaf(&part),
            }
        }
    }

    /// `pub fn name(a: T) -> T = expr`, `relation name(a: T, b: T) = expr`, or with a block.
    fn function(&mut self, pair: Pair<'t>) {
        let mut parameters: Vec<Pair<'t>> = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::public | Rule::kw_fn | Rule::kw_relation => {
                    self.leaf(&part);
                    self.space();
                }
                Rule::open_paren | Rule::comma => {}
                Rule::typed_name => parameters.push(part),
                Rule::close_paren => {
                    let parameters = std::mem::take(&mut parameters);
                    self.bracketed(["(", ")"], Form::Tight, parameters, None, Writer::typed_name);
                }
                Rule::arrow => {
                    self.spaced(&part);
                    self.space();
                }
                Rule::type_expr => self.type_expr(part),
                Rule::assign => self.spaced(&part),
                Rule::expr => self.assigned(part),
                Rule::body => {
                    self.space();
                    self.block(part);
                }
                _ => self.leaf(&part),
            }
        }
    }

    /// `schema My::Type { … }`, `extend AWS::X::Y { … }`, with a field on each line.
    fn schema(&mut self, pair: Pair<'t>) {
        for (at, part) in pair.into_inner().enumerate() {
            match part.as_rule() {
                Rule::schema_body => {
                    self.space();
                    self.fields(part);
                }
                _ if at == 0 => self.leaf(&part),
                _ => self.spaced(&part),
            }
        }
    }

    fn fields(&mut self, pair: Pair<'t>) {
        let mut fields = pair.into_inner().filter(|part| part.as_rule() == Rule::schema_field).peekable();
        self.token("{");
        if fields.peek().is_none() && !self.has_comments() {
            self.token("}");
            return;
        }
        self.indent();
        let mut first = true;
        for field in fields {
            let open = self.wants_more();
            self.pass(",");
            if !first && open {
                self.add(",");
            }
            self.next_line(first, start(&field));
            self.typed_name(field);
            first = false;
        }
        self.pass(",");
        self.comments_at_end(first);
        self.dedent();
        self.hard();
        self.token("}");
    }

    /// `pub const NAME = expr`, `param name: T = expr`, `let name = expr`, `given now = expr`.
    fn definition(&mut self, pair: Pair<'t>) {
        let mut first = true;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::colon => self.leaf(&part),
                Rule::expr => self.assigned(part),
                Rule::type_expr => {
                    self.space();
                    self.type_expr(part);
                }
                Rule::record => {
                    self.space();
                    self.record(part);
                }
                _ if first => self.leaf(&part),
                _ => self.spaced(&part),
            }
            first = false;
        }
    }

    /// `use path::{a, b as c}`, `use path as name`.
    fn import(&mut self, pair: Pair<'t>) {
        let parts: Vec<Pair<'t>> = pair.into_inner().collect();
        let braces = parts.iter().any(|part| part.as_rule() == Rule::open_brace);
        let mut names = Vec::new();
        for (at, part) in parts.into_iter().enumerate() {
            match part.as_rule() {
                Rule::imported => names.push(part),
                Rule::open_brace | Rule::comma | Rule::close_brace => {}
                _ if at == 0 => self.leaf(&part),
                _ => self.spaced(&part),
            }
        }
        if braces {
            self.token("::");
            self.bracketed(["{", "}"], Form::Filled, names, None, Writer::imported);
        }
    }

    fn imported(&mut self, pair: Pair<'t>) {
        for (at, part) in pair.into_inner().enumerate() {
            if at == 0 { self.leaf(&part) } else { self.spaced(&part) }
        }
    }

    /// A test with its steps, or a waiver with its fields.
    fn steps(&mut self, pair: Pair<'t>) {
        let mut steps = Vec::new();
        for (at, part) in pair.into_inner().enumerate() {
            match part.as_rule() {
                Rule::step | Rule::waiver_field => steps.extend(part.into_inner().next()),
                Rule::open_brace | Rule::close_brace => {}
                _ if at == 0 => self.leaf(&part),
                _ => self.spaced(&part),
            }
        }
        self.space();
        self.lines(steps, Writer::step);
    }

    fn step(&mut self, pair: Pair<'t>) {
        match pair.as_rule() {
            Rule::given_now | Rule::given_param | Rule::given_resource => self.definition(pair),
            Rule::expect_expr | Rule::waive_until => {
                for (at, part) in pair.into_inner().enumerate() {
                    match part.as_rule() {
                        _ if at == 0 => self.leaf(&part),
                        _ => {
                            self.space();
                            self.expr(part);
                        }
                    }
                }
            }
            Rule::waive_for => {
                self.open_here();
                pair.into_inner().for_each(|part| match part.as_rule() {
                    Rule::colon => self.leaf(&part),
                    Rule::type_expr => {
                        self.space();
                        self.type_expr(part);
                    }
                    _ => self.binder_part(part),
                });
                self.close();
            }
            _ => self.words(pair),
        }
    }

    /// `{`, a line for each statement, and `}`.
    fn block(&mut self, pair: Pair<'t>) {
        let rules = [Rule::statement, Rule::let_statement, Rule::expr];
        let statements = pair.into_inner().filter(|part| rules.contains(&part.as_rule())).collect();
        self.lines(statements, Writer::statement);
    }

    fn lines(&mut self, statements: Vec<Pair<'t>>, mut each: impl FnMut(&mut Writer<'t>, Pair<'t>)) {
        self.token("{");
        if statements.is_empty() && !self.has_comments() {
            self.token("}");
            return;
        }
        self.indent();
        let mut first = true;
        for statement in statements {
            if !first && self.would_go_on() {
                self.add(";");
            }
            self.next_line(first, hoisted(&statement));
            each(self, statement);
            first = false;
        }
        self.comments_at_end(first);
        self.dedent();
        self.hard();
        self.token("}");
    }

    /// Whether the next token on a line of its own would go on with the statement before it, such as `{` or a variable
    /// `where`: then only a `;` separates the two.
    fn would_go_on(&self) -> bool {
        let next = self.rest();
        let first = next.split(|letter| !is_of_word(letter)).next().unwrap_or_default();
        let infix = next.starts_with('{')
            || Kind::of_word(first.as_bytes()).is_infix()
            || (first == "subset" && self.is_subset_of());
        !Kind::of_word(first.as_bytes()).begins_statement() && (infix || self.wants_more())
    }

    /// Whether the last token is a word behind which a statement goes on, such as a variable `of`.
    fn wants_more(&self) -> bool {
        let written = self.written();
        let last = written.rsplit(|letter| !is_of_word(letter)).next().unwrap_or_default();
        let before = written.strip_suffix(last).unwrap_or_default();
        let open = Kind::of_word(last.as_bytes()).wants_more() && !before.ends_with('.') && !before.ends_with("::");
        open || ends_in_unknown_generic(written)
    }

    fn is_subset_of(&self) -> bool {
        self.rest().strip_prefix("subset").is_some_and(|rest| rest.trim_start().starts_with("of"))
    }

    fn statement(&mut self, pair: Pair<'t>) {
        match pair.as_rule() {
            Rule::statement => pair.into_inner().for_each(|inner| self.statement(inner)),
            Rule::let_statement => self.definition(pair),
            Rule::require_statement => self.require(pair),
            Rule::skip_statement => {
                for (at, part) in pair.into_inner().enumerate() {
                    match part.as_rule() {
                        Rule::expr => {
                            self.space();
                            self.expr(part);
                        }
                        _ if at == 0 => self.leaf(&part),
                        _ => self.spaced(&part),
                    }
                }
            }
            Rule::for_statement | Rule::if_statement => self.compound(pair),
            _ => self.expr(pair),
        }
    }

    /// `require cond`, and below it `else "message"`.
    fn require(&mut self, pair: Pair<'t>) {
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expr => {
                    self.space();
                    self.expr(part);
                }
                Rule::kw_else => {
                    self.indent();
                    self.hard();
                    self.comments_before(self.next_after("else"));
                    self.leaf(&part);
                }
                Rule::template => {
                    self.spaced(&part);
                    self.dedent();
                }
                _ => self.leaf(&part),
            }
        }
    }

    /// `for x in xs where c { … }`, `if c { … } else { … }`.
    fn compound(&mut self, pair: Pair<'t>) {
        let mut head = true;
        self.open_here();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::block => {
                    if head {
                        self.close();
                    }
                    head = false;
                    self.space();
                    self.block(part);
                }
                Rule::if_statement => {
                    self.space();
                    self.compound(part);
                }
                Rule::kw_if => self.leaf(&part),
                Rule::kw_else => self.spaced(&part),
                _ => self.binder_part(part),
            }
        }
    }
}

/// Whether a text ends with a type such as `Lst<Int>`: only behind the generic types that there are, `>` is no operator.
fn ends_in_unknown_generic(written: &str) -> bool {
    let of_type = |letter: char| is_of_word(letter) || matches!(letter, ':' | '<' | '>' | '?' | '|' | '.');
    let ty = written.get(written.trim_end_matches(of_type).len()..).unwrap_or_default();
    let known = |before: &str| ["List", "Set", "Map", "Ref"].iter().any(|name| before.ends_with(name));
    ty.ends_with('>') && ty.match_indices('<').any(|(at, _)| !ty.get(..at).is_some_and(known))
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Up to where comments are written above a statement: where its first expression begins.
fn hoisted(statement: &Pair<'_>) -> usize {
    let mut pair = *statement;
    if pair.as_rule() == Rule::statement
        && let Some(inner) = pair.into_inner().next()
    {
        pair = inner;
    }
    let value = [Rule::expr, Rule::record, Rule::string];
    let inner = pair.into_inner().find(|part| value.contains(&part.as_rule()));
    match inner {
        Some(inner) if pair.as_rule() != Rule::expr => start(&inner),
        Some(_) | None => start(&pair),
    }
}
