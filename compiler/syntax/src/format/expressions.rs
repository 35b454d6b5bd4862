//! The style of expressions.
//!
//! An expression that does not fit is broken from the outside in: chains of `and` and `or` before each operator, with
//! the operands after the first indented; quantifiers behind their `:`; lists, records and arguments with one element a
//! line and a comma behind the last. Round brackets hold their expression tightly, whatever becomes of it.

use super::brackets::Form;
use super::writer::{Writer, start};
use crate::levels::{Level, Operation, Shape, shape};
use crate::pair::{Pair, Pairs};
use crate::parse::Rule;
use crate::token::Kind;

/// Whether an expression is in brackets that may break while it stays on the line where it begins.
pub(super) fn hugs(pair: &Pair<'_>) -> bool {
    is_in_brackets(pair.into_inner())
}

fn is_in_brackets(pairs: Pairs<'_>) -> bool {
    matches!(shape(pairs), Some(Shape::Primary(pair)) if matches!(pair.as_rule(), Rule::list | Rule::record))
}

/// Whether an expression is in round brackets and broken within rather than behind them: `(count … where …) <= 1`.
fn spreads(pairs: Pairs<'_>) -> bool {
    let Some(Shape::Primary(primary)) = shape(pairs) else { return false };
    if primary.as_rule() != Rule::parens {
        return false;
    }
    let inner = primary.into_inner().find(|part| part.as_rule() == Rule::expr);
    inner.and_then(|inner| shape(inner.into_inner())).is_some_and(|inner| match inner {
        Shape::Operation(operation) => is_chain(operation.level),
        Shape::Primary(inner) => matches!(inner.as_rule(), Rule::counted | Rule::quantifier | Rule::conditional),
    })
}

fn is_chain(level: Level) -> bool {
    matches!(level, Level::Or | Level::And)
}

fn is_number(pair: &Pair<'_>) -> bool {
    pair.as_rule() == Rule::literal && (pair.is(Kind::Int) || pair.is(Kind::Float))
}

impl<'t> Writer<'t> {
    pub(super) fn expr(&mut self, pair: Pair<'t>) {
        self.operand(pair.into_inner());
    }

    fn operand(&mut self, pairs: Pairs<'t>) {
        match shape(pairs) {
            Some(Shape::Operation(operation)) => self.operation(operation),
            Some(Shape::Primary(primary)) => self.primary(primary),
            None => {}
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

    fn operation(&mut self, operation: Operation<'t>) {
        match operation.level {
            Level::Or | Level::And => self.chain(operation),
            Level::Comparison => self.comparison(operation),
            Level::Default => self.defaults(operation),
            Level::Sum | Level::Product => self.arithmetic(operation),
            Level::Postfix => {
                self.operand(operation.first());
                let mut behind_cast = false;
                for (tail, _) in operation.rest() {
                    let casts = tail.as_rule() == Rule::cast;
                    // `(x as a).b` without its brackets, of which the dot stands on a line of its own: `x as a.b` is another type.
                    if behind_cast && tail.is(Kind::Dot) {
                        self.space();
                    }
                    self.tail(tail);
                    behind_cast = casts;
                }
            }
            Level::Not => {
                let mut first = true;
                for (not, operand) in operation.rest() {
                    if !first {
                        self.space();
                    }
                    first = false;
                    self.leaf(&not);
                    if operand.peek().is_some() {
                        self.space();
                        self.operand(operand);
                    }
                }
            }
            Level::Range | Level::Minus => {
                self.operand(operation.first());
                for (operator, operand) in operation.rest() {
                    self.leaf(&operator);
                    self.operand(operand);
                }
            }
        }
    }

    /// `a and b and c`, `a or b`.
    fn chain(&mut self, operation: Operation<'t>) {
        self.open();
        // Operands of a chain within this one stand deeper than those of this one.
        let first = operation.first();
        let inner = matches!(shape(first), Some(Shape::Operation(inner)) if is_chain(inner.level));
        if inner {
            self.indent();
        }
        self.operand(first);
        if inner {
            self.dedent();
        }
        self.indent();
        for (operator, operand) in operation.rest() {
            self.line();
            self.comments_before(operand.start());
            self.leaf(&operator);
            self.space();
            self.operand(operand);
        }
        self.dedent();
        self.close();
    }

    fn comparison(&mut self, operation: Operation<'t>) {
        self.open();
        let spread = spreads(operation.first());
        self.operand(operation.first());
        self.indent();
        for (operator, operand) in operation.rest() {
            match operator.as_rule() {
                Rule::comparator => {
                    if spread || is_in_brackets(operand) {
                        self.space();
                    } else {
                        self.line();
                        self.comments_before(operand.start());
                    }
                    self.comparator(operator);
                    self.space();
                    self.operand(operand);
                }
                // A line that begins with the name of a relation is a new statement, and so is one behind it.
                Rule::related => {
                    self.spaced(&operator);
                    self.space();
                    self.operand(operand);
                }
                _ => self.is_or_matches(operator),
            }
        }
        self.dedent();
        self.close();
    }

    fn comparator(&mut self, pair: Pair<'t>) {
        match pair.into_inner().peek().map(|inner| inner.as_rule()) {
            Some(Rule::not_in) => self.two("not", "in"),
            Some(Rule::subset_of) => self.two("subset", "of"),
            Some(_) | None => self.leaf(&pair),
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
    fn defaults(&mut self, operation: Operation<'t>) {
        self.open();
        self.operand(operation.first());
        self.indent();
        for (_, operand) in operation.rest() {
            if is_in_brackets(operand) {
                self.space()
            } else {
                self.line()
            }
            self.comments_before(operand.start());
            self.token("??");
            self.space();
            self.operand(operand);
        }
        self.dedent();
        self.close();
    }

    /// Sums and products break behind the operator: a line that begins with `-` is a new statement.
    fn arithmetic(&mut self, operation: Operation<'t>) {
        self.open();
        self.operand(operation.first());
        self.indent();
        for (operator, operand) in operation.rest() {
            self.spaced(&operator);
            self.line();
            self.operand(operand);
        }
        self.dedent();
        self.close();
    }

    /// What follows a primary expression: a member, an index, a cast.
    fn tail(&mut self, pair: Pair<'t>) {
        match pair.as_rule() {
            Rule::field if pair.is(Kind::SafeDot) => self.token("?."),
            Rule::field => self.token("."),
            Rule::index => self.token("["),
            _ => {}
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
            Rule::primary | Rule::parens => {
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
        let mut parts = pair.into_inner();
        if let Some(binder) = parts.find(|part| part.as_rule() == Rule::comprehension) {
            return self.comprehension(pair.into_inner().find(|part| part.as_rule() == Rule::expr), binder);
        }
        let elements: Vec<Pair<'t>> = pair.into_inner().filter(|part| part.as_rule() == Rule::expr).collect();
        let numbers = elements
            .iter()
            .all(|element| matches!(shape(element.into_inner()), Some(Shape::Primary(pair)) if is_number(&pair)));
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
        let sole = arguments.first().and_then(|argument| argument.into_inner().next());
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
                    _ => match shape(part.into_inner()) {
                        Some(Shape::Primary(inner)) if otherwise && inner.as_rule() == Rule::conditional => {
                            next = Some(inner);
                        }
                        Some(Shape::Primary(_) | Shape::Operation(_)) | None => self.expr(part),
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
        let mut parts = pair.into_inner();
        self.open_here();
        while let Some(part) = parts.peek().filter(|part| part.as_rule() != Rule::colon) {
            parts.next();
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
        let inner = pair.into_inner();
        if whole || inner.peek().is_none() {
            if !pair.as_str().is_empty() {
                self.spaced(&pair);
            }
            return;
        }
        inner.for_each(|part| self.words(part));
    }
}
