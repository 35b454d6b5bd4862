//! Expressions with operators, from the loosest to the tightest.

use super::*;

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

    pub(super) fn joined(&self, left: ExprId, right: ExprId) -> Span {
        let place = |id: ExprId| self.exprs.get(id.0 as usize).map_or_else(Span::default, |expr| expr.span);
        place(left).to(place(right))
    }

    /// Operands with operators between them, to the left.
    pub(super) fn chain(&mut self, pair: Pair<'_>, op: fn(&str) -> BinaryOp) -> ExprId {
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

    pub(super) fn coalesce(&mut self, pair: Pair<'_>) -> ExprId {
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

    pub(super) fn negation(&mut self, pair: Pair<'_>) -> ExprId {
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

    pub(super) fn conditional(&mut self, pair: Pair<'_>) -> ExprId {
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
    pub(super) fn binding(&mut self, children: Pairs<'_>) -> Option<(Binding, Vec<ExprId>)> {
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

    pub(super) fn quantifier(&mut self, pair: Pair<'_>) -> ExprId {
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

    pub(super) fn comparison(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = span(&pair);
        let mut left = None;
        let mut pending: Option<(String, Span)> = None;
        let mut relation: Option<(Path, bool)> = None;
        let mut compared = 0;
        for child in pair.into_inner() {
            let at = span(&child);
            match child.as_rule() {
                Rule::comparator => pending = Some((child.as_str().to_owned(), at)),
                Rule::related => relation = related(child),
                Rule::matches_tail | Rule::is_tail => {
                    compared += 1;
                    left = left.map(|left| self.tail(left, child));
                }
                _ => {
                    let operand = self.expr(child);
                    left = Some(match (left, pending.take(), relation.take()) {
                        (Some(left), Some((op, op_span)), _) => {
                            compared += 1;
                            self.compared(left, operand, &op, op_span)
                        }
                        (Some(left), None, Some((relation, closed))) => {
                            compared += 1;
                            self.operand(left);
                            let right = self.checked_operand(operand);
                            self.operand(right);
                            let place = self.joined(left, right);
                            self.add(place, ExprKind::Related { relation, closed, left, right })
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
    pub(super) fn checked_operand(&mut self, operand: ExprId) -> ExprId {
        let range = self.exprs.get(operand.0 as usize).filter(|expr| matches!(expr.kind, ExprKind::Range { .. }));
        if let Some(at) = range.map(|expr| expr.span) {
            self.error(Diagnostic::new(&codes::SYNTAX, at, "a range stands only right of `in` and `not in`"));
        }
        operand
    }

    pub(super) fn compared(&mut self, left: ExprId, right: ExprId, op: &str, op_span: Span) -> ExprId {
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

    pub(super) fn tail(&mut self, base: ExprId, pair: Pair<'_>) -> ExprId {
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

    pub(super) fn range(&mut self, pair: Pair<'_>) -> ExprId {
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

    pub(super) fn unary(&mut self, pair: Pair<'_>) -> ExprId {
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

    pub(super) fn postfix(&mut self, pair: Pair<'_>) -> ExprId {
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
}

/// The relation between two operands, and whether it is closed.
fn related(pair: Pair<'_>) -> Option<(Path, bool)> {
    let mut children = Children::of(pair);
    let relation = path(children.find(Rule::path)?);
    Some((relation, children.find(Rule::plus).is_some()))
}
