//! Which operators bind tighter.
//!
//! The grammar gives operands and operators in the order of the text. Here they become an [`Operation`]: the loosest
//! operators among them, and what stands between those, which is an expression again.

use crate::pair::{Pair, Pairs};
use crate::parse::Rule;
use crate::token::Kind;

/// The levels of operators, from the loosest to the tightest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Or,
    And,
    Not,
    Comparison,
    Default,
    Range,
    Sum,
    Product,
    Minus,
    Postfix,
}

/// What an expression is.
#[derive(Clone, Copy)]
pub(crate) enum Shape<'t> {
    Operation(Operation<'t>),
    /// What no operator takes apart; [`Rule::primary`] is a name, or a call of what it names.
    Primary(Pair<'t>),
}

/// Operators of one level, and what stands between them.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'t> {
    pub(crate) level: Level,
    pairs: Pairs<'t>,
}

/// What pairs of an expression are, or the pair of one; nothing is nothing.
pub(crate) fn shape(mut pairs: Pairs<'_>) -> Option<Shape<'_>> {
    loop {
        let first = pairs.peek()?;
        match pairs.filter_map(level).min() {
            Some(level) => return Some(Shape::Operation(Operation { level, pairs })),
            None if matches!(first.as_rule(), Rule::expr | Rule::operand) => pairs = first.into_inner(),
            None if first.as_rule() == Rule::primary && !is_named(first) => pairs = first.into_inner(),
            None => return Some(Shape::Primary(first)),
        }
    }
}

fn is_named(primary: Pair<'_>) -> bool {
    primary.into_inner().peek().is_some_and(|first| first.as_rule() == Rule::path)
}

/// The level of an operator.
fn level(pair: Pair<'_>) -> Option<Level> {
    match pair.as_rule() {
        Rule::joint if pair.is(Kind::Or) => Some(Level::Or),
        Rule::joint => Some(Level::And),
        Rule::not_op => Some(Level::Not),
        Rule::comparator | Rule::related | Rule::matches_tail | Rule::is_tail => Some(Level::Comparison),
        Rule::arithmetic if pair.is(Kind::Default) => Some(Level::Default),
        Rule::arithmetic if pair.is(Kind::Range) || pair.is(Kind::ClosedRange) => Some(Level::Range),
        Rule::arithmetic if [Kind::Times, Kind::Slash, Kind::Percent].iter().any(|kind| pair.is(*kind)) => {
            Some(Level::Product)
        }
        Rule::arithmetic => Some(Level::Sum),
        Rule::minus => Some(Level::Minus),
        Rule::field | Rule::index | Rule::cast => Some(Level::Postfix),
        _ => None,
    }
}

impl<'t> Operation<'t> {
    /// What stands before the first operator of the level.
    pub(crate) fn first(self) -> Pairs<'t> {
        self.until_operator(self.pairs).0
    }

    /// The operators in order, each with what stands between it and the next.
    pub(crate) fn rest(self) -> impl Iterator<Item = (Pair<'t>, Pairs<'t>)> {
        let mut rest = self.until_operator(self.pairs).1;
        std::iter::from_fn(move || {
            let operator = rest.next()?;
            let (operand, behind) = self.until_operator(rest);
            rest = behind;
            Some((operator, operand))
        })
    }

    fn until_operator(self, pairs: Pairs<'t>) -> (Pairs<'t>, Pairs<'t>) {
        let mut ahead = pairs;
        match ahead.find(|pair| level(*pair) == Some(self.level)) {
            Some(operator) => pairs.split_before(operator),
            None => (pairs, ahead),
        }
    }

    /// Where it stands.
    pub(crate) fn span(self) -> parapet_base::Span {
        self.pairs.span()
    }
}
