//! Expressions with operators, from the loosest to the tightest.

use super::*;
use crate::levels::{Level, Operation, Shape, shape};

impl Builder {
    /// An expression, or the operand that a binder ranges over.
    pub(crate) fn expr(&mut self, pair: Pair<'_>) -> ExprId {
        match pair.as_rule() {
            Rule::operand => self.operand_of(pair.into_inner()),
            _ => self.condition(pair.into_inner()),
        }
    }

    /// What may be compared, negated and joined.
    fn condition(&mut self, pairs: Pairs<'_>) -> ExprId {
        match shape(pairs) {
            Some(Shape::Operation(operation)) if operation.level == Level::Comparison => self.comparison(operation),
            Some(Shape::Operation(operation)) if operation.level == Level::Not => self.prefixed(operation),
            Some(Shape::Operation(operation)) if operation.level < Level::Not => self.chain(operation),
            Some(Shape::Operation(_) | Shape::Primary(_)) | None => {
                let operand = self.operand_of(pairs);
                self.checked_operand(operand)
            }
        }
    }

    /// What stands between comparisons.
    fn operand_of(&mut self, pairs: Pairs<'_>) -> ExprId {
        let operation = match shape(pairs) {
            None => return self.nothing(pairs.span()),
            Some(Shape::Primary(primary)) => return self.primary(primary),
            Some(Shape::Operation(operation)) => operation,
        };
        match operation.level {
            Level::Or | Level::And | Level::Comparison | Level::Not => self.condition(pairs),
            Level::Sum | Level::Product => self.chain(operation),
            Level::Minus => self.prefixed(operation),
            Level::Default => self.defaults(operation),
            Level::Range => self.range(operation),
            Level::Postfix => self.postfix(operation),
        }
    }

    /// What stands between operators of a level.
    fn part(&mut self, operation: Operation<'_>, pairs: Pairs<'_>) -> ExprId {
        if operation.level < Level::Comparison { self.condition(pairs) } else { self.operand_of(pairs) }
    }

    fn joined(&self, left: ExprId, right: ExprId) -> Span {
        let place = |id: ExprId| self.exprs.get(id.0 as usize).map_or_else(Span::default, |expr| expr.span);
        place(left).to(place(right))
    }

    /// Operands with operators between them, to the left.
    fn chain(&mut self, operation: Operation<'_>) -> ExprId {
        let mut left = self.part(operation, operation.first());
        for (operator, operand) in operation.rest() {
            let right = self.part(operation, operand);
            let op = match operator.as_str() {
                "or" => BinaryOp::Or,
                "and" => BinaryOp::And,
                "+" => BinaryOp::Add,
                "-" => BinaryOp::Subtract,
                "*" => BinaryOp::Multiply,
                "/" => BinaryOp::Divide,
                _ => BinaryOp::Remainder,
            };
            if !matches!(op, BinaryOp::And | BinaryOp::Or) {
                self.operand(left);
                self.operand(right);
            }
            let place = self.joined(left, right);
            left = self.add(place, ExprKind::Binary { op, op_span: operator.span(), left, right });
        }
        left
    }

    /// `a ?? b ?? c` is `a ?? (b ?? c)`.
    fn defaults(&mut self, operation: Operation<'_>) -> ExprId {
        let mut operands = vec![self.operand_of(operation.first())];
        operands.extend(operation.rest().map(|(_, operand)| self.operand_of(operand)).collect::<Vec<_>>());
        let mut operands = operands.into_iter().rev();
        let last = operands.next().unwrap_or_else(|| self.nothing(operation.span()));
        operands.fold(last, |right, left| {
            self.operand(left);
            self.operand(right);
            let place = self.joined(left, right);
            self.add(place, ExprKind::Binary { op: BinaryOp::Coalesce, op_span: place, left, right })
        })
    }

    /// `not not a`, `- - a`.
    fn prefixed(&mut self, operation: Operation<'_>) -> ExprId {
        let whole = operation.span();
        let mut signs = Vec::new();
        let mut operand = operation.first();
        for (sign, behind) in operation.rest() {
            signs.push(sign.span());
            operand = behind;
        }
        let negates = operation.level == Level::Minus;
        // The least `Int` has no positive counterpart.
        let mut literal = operand;
        let least = negates
            && literal.next().is_some_and(|pair| pair.as_str() == "9223372036854775808")
            && literal.next().is_none();
        let operand = match least {
            true => {
                signs.pop();
                self.add(whole, ExprKind::Int(i64::MIN))
            }
            false => self.part(operation, operand),
        };
        let op = if negates { UnaryOp::Negate } else { UnaryOp::Not };
        signs.into_iter().rev().fold(operand, |operand, at| {
            let place = Span { start: at.start, end: whole.end };
            self.add(place, ExprKind::Unary { op, operand })
        })
    }

    pub(super) fn conditional(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = pair.span();
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

    /// The binder, source and filter of `x in xs where c`, and what follows a `:`.
    pub(super) fn binding(&mut self, children: Pairs<'_>) -> Option<(Binding, Option<ExprId>)> {
        let (mut name, mut source, mut filter, mut body, mut behind) = (None, None, None, None, false);
        for child in children {
            match child.as_rule() {
                Rule::name => name = Some(ident(&child)),
                Rule::operand => source = Some(self.expr(child)),
                Rule::colon => behind = true,
                Rule::expr if behind => body = Some(self.expr(child)),
                Rule::expr => filter = Some(self.expr(child)),
                _ => {}
            }
        }
        let name = self.snake(name?);
        filter.into_iter().for_each(|filter| self.enclosed(filter));
        Some((Binding { name, source: source?, filter }, body))
    }

    pub(super) fn quantifier(&mut self, pair: Pair<'_>) -> ExprId {
        let whole = pair.span();
        let quantifier = match pair.into_inner().peek().map_or("", |word| word.as_str()) {
            "any" => Quantifier::Any,
            "all" => Quantifier::All,
            _ => Quantifier::No,
        };
        match self.binding(pair.into_inner()) {
            Some((binding, Some(body))) => self.add(whole, ExprKind::Quantified { quantifier, binding, body }),
            _ => self.nothing(whole),
        }
    }

    fn comparison(&mut self, operation: Operation<'_>) -> ExprId {
        let first = self.operand_of(operation.first());
        let mut left = self.checked_operand(first);
        let mut compared = 0;
        for (operator, operand) in operation.rest() {
            compared += 1;
            left = match operator.as_rule() {
                Rule::comparator => {
                    let right = self.operand_of(operand);
                    self.compared(left, right, operator)
                }
                Rule::related => {
                    let right = self.operand_of(operand);
                    self.related(left, right, operator)
                }
                _ => self.tail(left, operator),
            };
        }
        if compared > 1 {
            let message = "comparisons do not chain; join two of them with `and`, or use parentheses";
            let whole = operation.span();
            self.error(Diagnostic::new(&codes::SYNTAX, whole, message));
            return self.nothing(whole);
        }
        left
    }

    /// A range may stand only right of `in`.
    fn checked_operand(&mut self, operand: ExprId) -> ExprId {
        let range = self.exprs.get(operand.0 as usize).filter(|expr| matches!(expr.kind, ExprKind::Range { .. }));
        if let Some(at) = range.map(|expr| expr.span) {
            self.error(Diagnostic::new(&codes::SYNTAX, at, "a range stands only right of `in` and `not in`"));
        }
        operand
    }

    /// `left relation right`, `left relation+ right`.
    fn related(&mut self, left: ExprId, right: ExprId, operator: Pair<'_>) -> ExprId {
        let mut children = Children::of(operator);
        self.operand(left);
        let right = self.checked_operand(right);
        self.operand(right);
        let place = self.joined(left, right);
        match children.find(Rule::relation_path).map(path) {
            Some(relation) => {
                let closed = children.find(Rule::plus).is_some();
                self.add(place, ExprKind::Related { relation, closed, left, right })
            }
            None => self.nothing(place),
        }
    }

    fn compared(&mut self, left: ExprId, right: ExprId, operator: Pair<'_>) -> ExprId {
        let (op, op_span) = (operator.as_str(), operator.span());
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

    /// `base matches /…/`, `base is present`, `base is TYPE`.
    fn tail(&mut self, base: ExprId, pair: Pair<'_>) -> ExprId {
        self.operand(base);
        let start = self.exprs.get(base.0 as usize).map_or(0, |expr| expr.span.start);
        let place = Span { start, end: pair.span().end };
        let mut kind = ExprKind::Error;
        for child in pair.into_inner() {
            match child.as_rule() {
                Rule::is_state => kind = ExprKind::IsPresent { base, absent: child.as_str() == "absent" },
                Rule::type_expr => kind = ExprKind::IsType { base, ty: self.type_expr(child) },
                Rule::regex => {
                    let body = child.as_str().strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
                    let pattern = body.unwrap_or_default().replace("\\/", "/");
                    kind = ExprKind::Matches { text: base, pattern, pattern_span: child.span() };
                }
                _ => {}
            }
        }
        self.add(place, kind)
    }

    fn range(&mut self, operation: Operation<'_>) -> ExprId {
        let start = self.operand_of(operation.first());
        let mut rest = operation.rest();
        let Some((op, end)) = rest.next() else { return start };
        let place = operation.first().span().to(end.span());
        let end = self.operand_of(end);
        if let Some((another, _)) = rest.next() {
            let message = format!("unexpected `{}`: ranges do not chain", another.as_str());
            self.error(Diagnostic::new(&codes::SYNTAX, another.span(), message));
        }
        self.add(place, ExprKind::Range { start, end, inclusive: op.as_str() == "..=" })
    }

    fn postfix(&mut self, operation: Operation<'_>) -> ExprId {
        let start = operation.span().start;
        let mut base = self.operand_of(operation.first());
        for (child, _) in operation.rest() {
            self.operand(base);
            let place = Span { start, end: child.span().end };
            let kind = match child.as_rule() {
                Rule::field => self.member(base, child),
                Rule::index => {
                    let index =
                        child.into_inner().find(|part| part.as_rule() == Rule::expr).map(|index| self.expr(index));
                    index.map(|index| ExprKind::Index { base, index })
                }
                _ => child.into_inner().find(|part| part.as_rule() == Rule::cast_type).and_then(|ty| {
                    let ty = self.type_of_rule(ty.into_inner().next()?, ty.span())?;
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
