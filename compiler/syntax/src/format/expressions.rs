//! The style of expressions.
//!
//! An expression that does not fit is broken from the outside in: chains of `and` and `or` before each operator, with
//! the operands after the first indented; quantifiers behind their `:`; lists, records and arguments with one element a
//! line and a comma behind the last. Round brackets hold their expression tightly, whatever becomes of it.

use super::brackets::Form;
use super::writer::{Writer, start, trimmed};
use crate::build::{Pair, Pairs};
use crate::parse::Rule;

/// What a rule of the grammar consists of besides a first part.
struct Parts<'t> {
    rule: Rule,
    first: Pair<'t>,
    rest: Pairs<'t>,
}

/// The innermost pair that is all of `pair`: a rule with several parts, or a primary expression.
fn unwrapped(mut pair: Pair<'_>) -> Result<Parts<'_>, Pair<'_>> {
    while is_level(pair.as_rule()) {
        let rule = pair.as_rule();
        let mut rest = pair.clone().into_inner();
        let Some(first) = rest.next() else { break };
        if rest.peek().is_some() {
            return Ok(Parts { rule, first, rest });
        }
        pair = first;
    }
    Err(pair)
}

/// A rule that stands for one level of precedence.
fn is_level(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::expr
            | Rule::or_expr
            | Rule::and_expr
            | Rule::not_expr
            | Rule::comparison
            | Rule::coalesce
            | Rule::range
            | Rule::additive
            | Rule::multiplicative
            | Rule::unary
            | Rule::postfix
            | Rule::primary
    )
}

/// Whether an expression is in brackets that may break while it stays on the line where it begins.
pub(super) fn hugs(pair: &Pair<'_>) -> bool {
    let found = unwrapped(pair.clone());
    found.is_err_and(|pair| matches!(pair.as_rule(), Rule::list | Rule::record))
}

/// Whether an expression is in round brackets and broken within rather than behind them: `(count … where …) <= 1`.
fn spreads(pair: &Pair<'_>) -> bool {
    let Err(primary) = unwrapped(pair.clone()) else { return false };
    if primary.as_rule() != Rule::parens {
        return false;
    }
    primary.into_inner().find(|part| part.as_rule() == Rule::expr).is_some_and(|inner| match unwrapped(inner) {
        Ok(parts) => matches!(parts.rule, Rule::or_expr | Rule::and_expr),
        Err(inner) => matches!(inner.as_rule(), Rule::counted | Rule::quantifier | Rule::conditional),
    })
}

impl<'t> Writer<'t> {
    pub(super) fn expr(&mut self, pair: Pair<'t>) {
        match unwrapped(pair) {
            Ok(parts) => self.operation(parts),
            Err(primary) => self.primary(primary),
        }
    }

    /// The expression behind an `=`: on the next line if it does not fit, unless its brackets may break here.
    pub(super) fn assigned(&mut self, pair: Pair<'t>) {
        if hugs(&pair) {
            self.space();
            self.expr(pair);
            return;
        }
        self.open_here();
        self.indent();
        self.line();
        self.expr(pair);
        self.dedent();
        self.close();
    }

    fn operation(&mut self, parts: Parts<'t>) {
        let Parts { rule, first, rest } = parts;
        match rule {
            Rule::comparison => self.comparison(first, rest),
            Rule::coalesce => self.defaults(first, rest),
            Rule::additive | Rule::multiplicative => self.arithmetic(first, rest),
            Rule::postfix => {
                self.expr(first);
                rest.for_each(|tail| self.tail(tail));
            }
            Rule::not_expr => {
                self.leaf(&first);
                for part in rest {
                    self.space();
                    if part.as_rule() == Rule::not_op { self.leaf(&part) } else { self.expr(part) }
                }
            }
            Rule::range | Rule::unary => {
                self.leaf_or_expr(first);
                rest.for_each(|part| self.leaf_or_expr(part));
            }
            _ => self.chain(first, rest),
        }
    }

    fn leaf_or_expr(&mut self, pair: Pair<'t>) {
        if is_level(pair.as_rule()) { self.expr(pair) } else { self.leaf(&pair) }
    }

    /// `a and b and c`, `a or b`.
    fn chain(&mut self, first: Pair<'t>, mut rest: Pairs<'t>) {
        self.open();
        // Operands of a chain within this one stand deeper than those of this one.
        let inner = unwrapped(first.clone()).is_ok_and(|parts| matches!(parts.rule, Rule::and_expr | Rule::or_expr));
        if inner {
            self.indent();
        }
        self.expr(first);
        if inner {
            self.dedent();
        }
        self.indent();
        while let (Some(operator), Some(operand)) = (rest.next(), rest.next()) {
            self.line();
            self.comments_before(start(&operand));
            self.leaf(&operator);
            self.space();
            self.expr(operand);
        }
        self.dedent();
        self.close();
    }

    fn comparison(&mut self, first: Pair<'t>, mut rest: Pairs<'t>) {
        self.open();
        let spread = spreads(&first);
        self.expr(first);
        self.indent();
        while let Some(part) = rest.next() {
            match part.as_rule() {
                Rule::comparator => {
                    let Some(operand) = rest.next() else { break };
                    if spread || hugs(&operand) {
                        self.space();
                    } else {
                        self.line();
                        self.comments_before(start(&operand));
                    }
                    self.comparator(part);
                    self.space();
                    self.expr(operand);
                }
                // A line that begins with the name of a relation is a new statement, and so is one behind it.
                Rule::related => self.spaced(&part),
                Rule::matches_tail | Rule::is_tail => self.is_or_matches(part),
                _ => {
                    self.space();
                    self.expr(part);
                }
            }
        }
        self.dedent();
        self.close();
    }

    fn comparator(&mut self, pair: Pair<'t>) {
        let Some(inner) = pair.into_inner().next() else { return };
        match inner.as_rule() {
            Rule::not_in => self.two("not", "in"),
            Rule::subset_of => self.two("subset", "of"),
            _ => self.leaf(&inner),
        }
    }

    fn two(&mut self, first: &'t str, second: &'t str) {
        self.token(first);
        self.space();
        self.token(second);
    }

    /// ` matches /…/`, ` is present`, ` is TYPE`.
    fn is_or_matches(&mut self, pair: Pair<'t>) {
        for part in pair.into_inner() {
            self.space();
            match part.as_rule() {
                Rule::type_expr => self.type_expr(part),
                _ => self.leaf(&part),
            }
        }
    }

    /// `a ?? b ?? c`.
    fn defaults(&mut self, first: Pair<'t>, rest: Pairs<'t>) {
        self.open();
        self.expr(first);
        self.indent();
        for operand in rest {
            if hugs(&operand) {
                self.space()
            } else {
                self.line()
            }
            self.comments_before(start(&operand));
            self.token("??");
            self.space();
            self.expr(operand);
        }
        self.dedent();
        self.close();
    }

    /// Sums and products break behind the operator: a line that begins with `-` is a new statement.
    fn arithmetic(&mut self, first: Pair<'t>, mut rest: Pairs<'t>) {
        self.open();
        self.expr(first);
        self.indent();
        while let (Some(operator), Some(operand)) = (rest.next(), rest.next()) {
            self.spaced(&operator);
            self.line();
            self.expr(operand);
        }
        self.dedent();
        self.close();
    }

    /// What follows a primary expression: a member, an index, a cast.
    fn tail(&mut self, pair: Pair<'t>) {
        let rule = pair.as_rule();
        if matches!(rule, Rule::field | Rule::safe_field) {
            self.token(if rule == Rule::field { "." } else { "?." });
        }
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::arguments => self.arguments(part),
                Rule::expr => self.expr(part),
                Rule::kw_as => {
                    self.spaced(&part);
                    self.space();
                }
                Rule::cast_type => self.type_expr(part),
                _ => self.leaf(&part),
            }
        }
    }

    fn primary(&mut self, pair: Pair<'t>) {
        match pair.as_rule() {
            Rule::list => self.list(pair),
            Rule::record => self.record(pair),
            Rule::conditional => self.conditional(pair),
            Rule::quantifier => self.quantifier(pair),
            Rule::counted => self.counted(pair),
            Rule::call | Rule::parens => {
                for part in pair.into_inner() {
                    match part.as_rule() {
                        Rule::arguments => self.arguments(part),
                        Rule::expr => self.expr(part),
                        _ => self.leaf(&part),
                    }
                }
            }
            _ => self.leaf(&pair),
        }
    }

    fn list(&mut self, pair: Pair<'t>) {
        let mut parts = pair.clone().into_inner();
        if let Some(binder) = parts.find(|part| part.as_rule() == Rule::comprehension) {
            return self.comprehension(pair.into_inner().find(|part| part.as_rule() == Rule::expr), binder);
        }
        let elements: Vec<Pair<'t>> = pair.into_inner().filter(|part| part.as_rule() == Rule::expr).collect();
        let numbers = elements.iter().all(|element| {
            let number = |pair: Pair<'_>| matches!(pair.as_rule(), Rule::int | Rule::float);
            unwrapped(element.clone()).is_err_and(number)
        });
        let form = if numbers { Form::Filled } else { Form::Tight };
        let sole = elements.first().cloned();
        self.bracketed(["[", "]"], form, elements, sole.as_ref(), Writer::expr);
    }

    pub(super) fn record(&mut self, pair: Pair<'t>) {
        let entries: Vec<Pair<'t>> = pair.into_inner().filter(|part| part.as_rule() == Rule::entry).collect();
        self.bracketed(["{", "}"], Form::Spaced, entries, None, Writer::named_value);
    }

    pub(super) fn arguments(&mut self, pair: Pair<'t>) {
        let rules = [Rule::argument, Rule::attribute_argument];
        let arguments: Vec<Pair<'t>> = pair.into_inner().filter(|part| rules.contains(&part.as_rule())).collect();
        let sole = arguments.first().and_then(|argument| argument.clone().into_inner().next());
        self.bracketed(["(", ")"], Form::Tight, arguments, sole.as_ref(), Writer::named_value);
    }

    /// `key: value`, or a value alone.
    pub(super) fn named_value(&mut self, pair: Pair<'t>) {
        let parts: Vec<Pair<'t>> = pair.into_inner().collect();
        if let Some(value) = parts.last() {
            self.comments_before(start(value));
        }
        for part in parts {
            match part.as_rule() {
                Rule::expr => self.expr(part),
                Rule::colon => {
                    self.leaf(&part);
                    self.space();
                }
                _ => self.leaf(&part),
            }
        }
    }

    /// `[element for x in xs if c]`.
    fn comprehension(&mut self, element: Option<Pair<'t>>, binder: Pair<'t>) {
        self.token("[");
        self.open_here();
        self.indent();
        self.soft();
        element.into_iter().for_each(|element| self.expr(element));
        for part in binder.into_inner() {
            match part.as_rule() {
                Rule::kw_for | Rule::kw_if => {
                    self.line();
                    self.leaf(&part);
                    self.space();
                }
                Rule::kw_in => {
                    self.spaced(&part);
                    self.space();
                }
                Rule::name => self.leaf(&part),
                _ => self.expr(part),
            }
        }
        self.comments_inside();
        self.dedent();
        self.soft();
        self.close();
        self.token("]");
    }

    /// `if a then b else if c then d else e`, as one chain: broken before each `else`, then before `then`. Where it begins
    /// a line, so does each of its branches in the same column.
    fn conditional(&mut self, pair: Pair<'t>) {
        self.open();
        let deeper = !self.at_line_start();
        if deeper {
            self.indent();
        }
        let mut next = Some(pair);
        while let Some(conditional) = next.take() {
            self.open_here();
            let mut otherwise = false;
            for part in conditional.into_inner() {
                match part.as_rule() {
                    Rule::kw_then => {
                        self.indent();
                        self.line();
                        self.leaf(&part);
                        self.space();
                    }
                    Rule::kw_else => {
                        otherwise = true;
                        self.dedent();
                        self.close();
                        self.line();
                        self.leaf(&part);
                        self.space();
                    }
                    Rule::kw_if => {
                        self.leaf(&part);
                        self.space();
                    }
                    _ => match unwrapped(part.clone()) {
                        Err(inner) if otherwise && inner.as_rule() == Rule::conditional => next = Some(inner),
                        Ok(_) | Err(_) => self.expr(part),
                    },
                }
            }
        }
        if deeper {
            self.dedent();
        }
        self.close();
    }

    /// `any x in xs where c: body`.
    fn quantifier(&mut self, pair: Pair<'t>) {
        self.open();
        let mut parts = pair.into_inner().peekable();
        self.open_here();
        while let Some(part) = parts.next_if(|part| part.as_rule() != Rule::colon) {
            self.binder_part(part);
        }
        self.close();
        for part in parts {
            match part.as_rule() {
                Rule::colon => {
                    self.colon(&part);
                    self.indent();
                    self.line();
                }
                _ => self.expr(part),
            }
        }
        self.dedent();
        self.close();
    }

    /// `count x in xs where c`.
    fn counted(&mut self, pair: Pair<'t>) {
        self.open();
        pair.into_inner().for_each(|part| self.binder_part(part));
        self.close();
    }

    /// A part of `any x in xs where c`, without the space before the first.
    pub(super) fn binder_part(&mut self, part: Pair<'t>) {
        match part.as_rule() {
            Rule::quantifier_word | Rule::counted_word | Rule::kw_for => self.leaf(&part),
            Rule::word_where => {
                // Deeper than the body that may follow it.
                self.indent();
                self.indent();
                self.line();
                self.leaf(&part);
                self.dedent();
                self.dedent();
            }
            Rule::name | Rule::kw_in => self.spaced(&part),
            _ => {
                self.space();
                self.indent();
                self.expr(part);
                self.dedent();
            }
        }
    }

    /// A pair whose tokens stand on one line with spaces between.
    pub(super) fn words(&mut self, pair: Pair<'t>) {
        let whole = matches!(pair.as_rule(), Rule::string | Rule::path | Rule::type_path);
        let mut inner = pair.clone().into_inner().peekable();
        if whole || inner.peek().is_none() {
            if !trimmed(&pair).is_empty() {
                self.spaced(&pair);
            }
            return;
        }
        inner.for_each(|part| self.words(part));
    }
}
