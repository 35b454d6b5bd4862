//! Comparisons, membership, text tests, `??`, arithmetic.

use parapet_base::{Diagnostic, Span, codes};
use parapet_model::{EnumType, Type};
use parapet_syntax::{BinaryOp, ExprId, ExprKind};
use std::sync::Arc;

use super::Checker;
use super::addresses::unquoted;
use super::coerce::ref_types;
use crate::patterns::compiled_pattern;
use crate::typed::{Arithmetic, Equality, Literal, Order, Quantifier, Typed, TypedBinding, TypedItem, TypedKind};

impl Checker<'_, '_> {
    pub(super) fn binary(&mut self, op: BinaryOp, op_span: Span, left: ExprId, right: ExprId, span: Span) -> Typed {
        match op {
            BinaryOp::Equal => self.equality(left, right, false, op_span, span),
            BinaryOp::NotEqual => self.equality(left, right, true, op_span, span),
            BinaryOp::Less => self.ordering(Order::Less, left, right, span),
            BinaryOp::LessEqual => self.ordering(Order::LessEqual, left, right, span),
            BinaryOp::Greater => self.ordering(Order::Greater, left, right, span),
            BinaryOp::GreaterEqual => self.ordering(Order::GreaterEqual, left, right, span),
            BinaryOp::Like => self.like(left, right, span),
            BinaryOp::SubsetOf | BinaryOp::Intersects => self.sets(op, left, right, span),
            BinaryOp::Add => self.arithmetic(Arithmetic::Add, [left, right], op_span, span),
            BinaryOp::Subtract => self.arithmetic(Arithmetic::Subtract, [left, right], op_span, span),
            BinaryOp::Multiply => self.arithmetic(Arithmetic::Multiply, [left, right], op_span, span),
            BinaryOp::Divide => self.arithmetic(Arithmetic::Divide, [left, right], op_span, span),
            BinaryOp::Remainder => self.arithmetic(Arithmetic::Remainder, [left, right], op_span, span),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce => self.error_at(span),
        }
    }

    /// Complains where absence would make a negated test pass.
    fn absence_passes(&mut self, value: &Typed, test: Span) {
        if !self.negative && !self.exempt {
            self.optional_tests.push(test);
        }
        if !self.negative || self.exempt {
            return;
        }
        let text = self.text(value.span).to_owned();
        let message = format!("where `{text}` is absent this test is false, and the negation around it passes");
        let end = Span { start: value.span.end, end: value.span.end };
        let diagnostic =
            Diagnostic::new(&codes::ABSENCE_PASSES, test, message).label(value.span, format!("this is `{}`", value.ty));
        let diagnostic = diagnostic.note("say what absence means with `??`, or allow it with `@allow(absence_passes)`");
        self.error(offer_default(diagnostic, value, end));
    }

    /// Complains of a `let` that holds such a test and is negated.
    pub(super) fn negated_local(&mut self, test: Span, read: Span) {
        if !self.negative || self.exempt {
            return;
        }
        let message = "where the value tested is absent this is false, and the negation around it passes";
        let diagnostic =
            Diagnostic::new(&codes::ABSENCE_PASSES, read, message).label(test, "the test that absence makes false");
        self.error(diagnostic.note("say what absence means with `??`, or allow it with `@allow(absence_passes)`"));
    }

    /// The error of an optional where only a present value can be compared.
    fn needs_default(&mut self, value: &Typed, op: &str) -> Typed {
        let text = self.text(value.span).to_owned();
        let message = format!("`{text}` may be absent (`{}`), and `{op}` does not say what absence means", value.ty);
        let end = Span { start: value.span.end, end: value.span.end };
        let diagnostic = Diagnostic::new(&codes::OPTIONAL_VALUE, value.span, message);
        let diagnostic = diagnostic.primary("give it a default with `??`, or test `is present` first");
        self.error(offer_default(diagnostic, value, end));
        self.error_at(value.span)
    }

    fn equality(&mut self, left: ExprId, right: ExprId, negated: bool, op_span: Span, span: Span) -> Typed {
        let (negates_left, negates_right) = (self.is_bool(right, negated), self.is_bool(left, negated));
        let mut left_value = self.negating(negates_left, |cx| cx.maybe_absent(left, None));
        let hint = literal_hint(left_value.ty.required());
        let mut right_value = self.negating(negates_right, |cx| cx.maybe_absent(right, hint.as_ref()));
        if left_value.ty.is_optional() && (negated || right_value.ty.is_optional()) {
            left_value.ty = self.narrowed(left, left_value.ty);
        }
        if right_value.ty.is_optional() && (negated || left_value.ty.is_optional()) {
            right_value.ty = self.narrowed(right, right_value.ty);
        }
        let symbol = if negated { "!=" } else { "==" };
        let (left_optional, right_optional) = (left_value.ty.is_optional(), right_value.ty.is_optional());
        if left_value.ty == Type::Error || right_value.ty == Type::Error {
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        if negated && (left_optional || right_optional) {
            let optional = if left_optional { &left_value } else { &right_value };
            self.needs_default(&optional.clone(), symbol);
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        if left_optional && right_optional {
            let message = "both sides may be absent, and absent equals nothing";
            let diagnostic = Diagnostic::new(&codes::OPTIONAL_VALUE, op_span, message)
                .label(left_value.span, format!("this is `{}`", left_value.ty));
            let diagnostic = diagnostic.label(right_value.span, format!("this is `{}`", right_value.ty));
            self.error(diagnostic.note("narrow one side with `is present`, or give it a default with `??`"));
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        if left_optional || right_optional {
            let optional = if left_optional { left_value.clone() } else { right_value.clone() };
            self.absence_passes(&optional, span);
        }
        self.equal(left_value, right_value, negated, op_span, span)
    }

    fn equal(&mut self, left: Typed, right: Typed, negated: bool, op_span: Span, span: Span) -> Typed {
        let (left, right) = self.follow_one(left, right);
        let Some(equality) = self.comparable(left.ty.required(), right.ty.required()) else {
            return self.incomparable(&left, &right, op_span, span);
        };
        self.check_values(&left, &right);
        self.check_values(&right, &left);
        let kind = TypedKind::Equal { left: Box::new(left), right: Box::new(right), negated, equality };
        self.typed(Type::Bool, span, kind)
    }

    /// References beside resources are followed, where all that they may point to fits.
    fn follow_one(&mut self, left: Typed, right: Typed) -> (Typed, Typed) {
        let (left_ty, right_ty) = (left.ty.required().clone(), right.ty.required().clone());
        match (left_ty.element().unwrap_or(&left_ty), right_ty.element().unwrap_or(&right_ty)) {
            (Type::Ref(_), Type::Resource(_) | Type::AnyResource) => (self.follow_to(left, &right_ty), right),
            (Type::Resource(_) | Type::AnyResource, Type::Ref(_)) => {
                let right = self.follow_to(right, &left_ty);
                (left, right)
            }
            _ => (left, right),
        }
    }

    /// What a reference, or a list of them, points to, if it fits where a `wanted` stands; absent where it is absent.
    fn follow_to(&mut self, value: Typed, wanted: &Type) -> Typed {
        let inner = value.ty.required().clone();
        if !self.fits(&inner, wanted) {
            return value;
        }
        let span = value.span;
        match value.ty.is_optional() {
            true => self.safe(value, inner, span, |cx, value| cx.coerce(value, wanted)),
            false => self.coerce(value, wanted),
        }
    }

    fn incomparable(&mut self, left: &Typed, right: &Typed, op_span: Span, span: Span) -> Typed {
        let message = format!("`{}` and `{}` cannot be compared", left.ty, right.ty);
        let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, span, message);
        let mut diagnostic = diagnostic
            .label(left.span, format!("this is `{}`", left.ty))
            .label(right.span, format!("this is `{}`", right.ty));
        for (side, other) in [(right, left), (left, right)] {
            let texts = match &side.kind {
                TypedKind::List(elements) | TypedKind::Set(elements) => elements.iter().collect(),
                _ => vec![side],
            };
            diagnostic = unquoted(diagnostic, &texts, other.ty.required());
        }
        let _ = op_span;
        self.error(diagnostic);
        self.typed(Type::Bool, span, TypedKind::Error)
    }

    /// How two types compare for equality, if they do.
    fn comparable(&self, a: &Type, b: &Type) -> Option<Equality> {
        let number = |ty: &Type| matches!(ty, Type::Int | Type::Float);
        match (a, b) {
            (Type::Error | Type::Never, _) | (_, Type::Error | Type::Never) => Some(Equality::Plain),
            (Type::Folded, b) if b.is_text() => Some(Equality::Folded),
            (a, Type::Folded) if a.is_text() => Some(Equality::Folded),
            (a, b) if a.is_text() && b.is_text() => Some(Equality::Plain),
            (a, b) if number(a) && number(b) => Some(Equality::Plain),
            // Resources of different types are never one.
            (Type::Resource(a), Type::Resource(b)) => a.iter().any(|ty| b.contains(ty)).then_some(Equality::Plain),
            (Type::Resource(_) | Type::AnyResource, Type::Resource(_) | Type::AnyResource) => Some(Equality::Plain),
            (Type::List { element: a, ordered: x }, Type::List { element: b, ordered: y }) => {
                let inner = self.comparable(a, b)?;
                if *x && *y { Some(inner) } else { Some(Equality::Unordered) }
            }
            (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => self.comparable(a, b),
            (Type::Json, other) | (other, Type::Json) if super::coerce::is_json_like(other) => Some(Equality::Plain),
            (Type::SchemaRecord(_) | Type::Record(_), Type::SchemaRecord(_) | Type::Record(_)) => Some(Equality::Plain),
            (a, b) => (a == b).then_some(Equality::Plain),
        }
    }

    /// Complains about literals of `other` that an enum on the side of `value` does not have.
    fn check_values(&mut self, value: &Typed, other: &Typed) {
        let ty = value.ty.required();
        let Type::Enum(values) = ty.element().map_or(ty, Type::required) else { return };
        let values: Arc<EnumType> = values.clone();
        for (text, span) in self.literal_texts(other) {
            self.check_value(&values, &text, span);
        }
    }

    /// The literal texts that a value may be, with the place to complain at.
    fn literal_texts(&self, value: &Typed) -> Vec<(Arc<str>, Span)> {
        match &value.kind {
            TypedKind::Literal(Literal::Text(text)) => vec![(text.clone(), value.span)],
            TypedKind::List(elements) | TypedKind::Set(elements) => {
                elements.iter().flat_map(|element| self.literal_texts(element)).collect()
            }
            TypedKind::If { then, otherwise, .. } => [self.literal_texts(then), self.literal_texts(otherwise)].concat(),
            TypedKind::Constant(path) => {
                let item = self.constants.get(path).map(|item| &crate::checked(self.db, self.workspace, *item).item);
                match item {
                    Some(TypedItem::Constant { value: inner }) => {
                        self.literal_texts(inner).into_iter().map(|(text, _)| (text, value.span)).collect()
                    }
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    fn ordering(&mut self, op: Order, left: ExprId, right: ExprId, span: Span) -> Typed {
        let symbol = op.symbol();
        let left = self.expr(left, None);
        let right = self.expr(right, None);
        let (left, right) = (self.defaulted(left, symbol), self.defaulted(right, symbol));
        if left.ty == Type::Error || right.ty == Type::Error {
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        if !ordered(&left.ty, &right.ty) {
            let message = format!("`{}` and `{}` have no order between them", left.ty, right.ty);
            let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, span, message);
            let diagnostic = diagnostic
                .label(left.span, format!("this is `{}`", left.ty))
                .label(right.span, format!("this is `{}`", right.ty));
            self.error(diagnostic);
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        self.typed(Type::Bool, span, TypedKind::Order { op, left: Box::new(left), right: Box::new(right) })
    }

    fn defaulted(&mut self, value: Typed, symbol: &str) -> Typed {
        if value.ty.is_optional() { self.needs_default(&value, symbol) } else { value }
    }

    pub(super) fn membership(
        &mut self,
        item: ExprId,
        collection: ExprId,
        negated: bool,
        op_span: Span,
        span: Span,
    ) -> Typed {
        if let ExprKind::Range { start, end, inclusive } = self.tree.expr(collection).kind {
            return self.in_range(item, [start, end], inclusive, negated, span);
        }
        let item_id = item;
        let mut item = self.maybe_absent(item, None);
        if negated && item.ty.is_optional() {
            item.ty = self.narrowed(item_id, item.ty);
        }
        let hint = Type::list(item.ty.required().clone());
        let collection = self.expr(collection, literal_hint(&hint).as_ref());
        let collection = self.present(collection);
        if item.ty == Type::Error || collection.ty == Type::Error {
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        if item.ty.is_optional() {
            if negated {
                self.needs_default(&item, "not in");
                return self.typed(Type::Bool, span, TypedKind::Error);
            }
            self.absence_passes(&item, span);
        }
        if collection.ty == Type::Cidr {
            return self.in_block(item, collection, negated, op_span, span);
        }
        self.in_collection(item, collection, negated, op_span, span)
    }

    fn in_block(&mut self, item: Typed, block: Typed, negated: bool, op_span: Span, span: Span) -> Typed {
        if !matches!(item.ty.required(), Type::Ip | Type::Cidr) {
            return self.incomparable(&item, &block, op_span, span);
        }
        self.typed(Type::Bool, span, TypedKind::InBlock { item: Box::new(item), block: Box::new(block), negated })
    }

    fn in_collection(&mut self, item: Typed, collection: Typed, negated: bool, op_span: Span, span: Span) -> Typed {
        let Some(element) = collection.ty.element().cloned() else {
            let mut diagnostic = Diagnostic::new(
                &codes::INVALID_OPERATION,
                collection.span,
                format!("`{}` is no collection", collection.ty),
            );
            if let Type::Map(_) = collection.ty {
                diagnostic = diagnostic.note("ask for a key of a map with `m.contains(key)`");
            }
            if matches!(item.ty.required(), Type::Ip | Type::Cidr) {
                diagnostic = unquoted(diagnostic, &[&collection], &Type::Cidr);
            }
            self.error(diagnostic);
            return self.typed(Type::Bool, span, TypedKind::Error);
        };
        if let (Type::Ref(targets), Type::Resource(_) | Type::AnyResource) = (&element, item.ty.required())
            && self.fits(&element, item.ty.required())
        {
            let targets = ref_types(targets);
            return self.in_references(item, collection, element, targets, negated, span);
        }
        let item = match (item.ty.required(), element.required()) {
            (Type::Ref(_), Type::Resource(_) | Type::AnyResource) => self.follow_to(item, element.required()),
            _ => item,
        };
        let Some(equality) = self.comparable(item.ty.required(), element.required()) else {
            return self.incomparable(&item, &collection, op_span, span);
        };
        self.check_values(&item, &collection);
        if let Type::Enum(values) = element.required()
            && let TypedKind::Literal(Literal::Text(text)) = &item.kind
        {
            self.check_value(&values.clone(), &text.clone(), item.span);
        }
        let kind = TypedKind::In { item: Box::new(item), collection: Box::new(collection), negated, equality };
        self.typed(Type::Bool, span, kind)
    }

    /// A resource in a list of references: some element points to it.
    fn in_references(
        &mut self,
        item: Typed,
        collection: Typed,
        element: Type,
        targets: Arc<[parapet_model::Name]>,
        negated: bool,
        span: Span,
    ) -> Typed {
        let local = self.hidden_local(element.clone());
        let read = self.typed(element, span, TypedKind::Local(local));
        let followed = self.follow(read, targets);
        let kind = TypedKind::Equal {
            left: Box::new(followed),
            right: Box::new(item),
            negated: false,
            equality: Equality::Plain,
        };
        let body = Box::new(self.typed(Type::Bool, span, kind));
        let binding = TypedBinding { local, source: Box::new(collection), filter: None };
        let quantifier = if negated { Quantifier::No } else { Quantifier::Any };
        self.typed(Type::Bool, span, TypedKind::Quantified { quantifier, binding, body })
    }

    fn in_range(
        &mut self,
        item: ExprId,
        [start, end]: [ExprId; 2],
        inclusive: bool,
        negated: bool,
        span: Span,
    ) -> Typed {
        let symbol = if negated { "not in" } else { "in" };
        let mut parts = [item, start, end].map(|part| self.expr(part, None)).map(Some);
        let mut sides = Vec::new();
        for part in parts.iter_mut().filter_map(Option::take) {
            sides.push(self.defaulted(part, symbol));
        }
        let Ok([item, start, end]) = <[Typed; 3]>::try_from(sides) else { return self.error_at(span) };
        if [&item, &start, &end].iter().any(|part| part.ty == Type::Error) {
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        if !ordered(&item.ty, &start.ty) || !ordered(&item.ty, &end.ty) {
            let message = format!("`{}` is not compared with a range of `{}` to `{}`", item.ty, start.ty, end.ty);
            self.report(&codes::TYPE_MISMATCH, span, message);
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        let (item, start, end) = (Box::new(item), Box::new(start), Box::new(end));
        self.typed(Type::Bool, span, TypedKind::InRange { item, start, end, inclusive, negated })
    }

    fn text_operand(&mut self, id: ExprId) -> Typed {
        let value = self.operand(id);
        if !value.ty.is_text() && value.ty != Type::Error {
            self.report(&codes::TYPE_MISMATCH, value.span, format!("expected text, found `{}`", value.ty));
            return self.error_at(value.span);
        }
        value
    }

    fn like(&mut self, text: ExprId, pattern: ExprId, span: Span) -> Typed {
        let text = self.text_operand(text);
        let pattern = self.text_operand(pattern);
        let folded = text.ty == Type::Folded;
        self.typed(Type::Bool, span, TypedKind::Like { text: Box::new(text), pattern: Box::new(pattern), folded })
    }

    pub(super) fn matches(&mut self, text: ExprId, pattern: &str, pattern_span: Span, span: Span) -> Typed {
        let text = self.text_operand(text);
        let folded = text.ty == Type::Folded;
        let pattern: Arc<str> = pattern.into();
        if let Err(reason) = compiled_pattern(self.db, pattern.clone(), folded) {
            let reason = reason.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
            self.report(&codes::BAD_REGEX, pattern_span, format!("this regular expression does not compile: {reason}"));
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        let identifies = matches!(text.ty, Type::Arn | Type::AccountId | Type::Ref(_))
            || matches!(&text.kind, TypedKind::Header { name, .. } if &**name == "id");
        if identifies && !(pattern.starts_with('^') && pattern.ends_with('$')) {
            let message = "this pattern matches anywhere in an identifier: anchor it with `^` and `$`";
            self.report(&codes::UNANCHORED_PATTERN, pattern_span, message);
        }
        self.typed(Type::Bool, span, TypedKind::Matches { text: Box::new(text), pattern, folded })
    }

    fn sets(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> Typed {
        let left = self.operand(left);
        let hint = left.ty.element().cloned().map(Type::set);
        let right = self.expr(right, hint.as_ref());
        let right = self.present(right);
        if left.ty == Type::Error || right.ty == Type::Error {
            return self.typed(Type::Bool, span, TypedKind::Error);
        }
        let (left, right) = self.follow_one(left, right);
        let elements = left.ty.element().zip(right.ty.element());
        let equality = elements.and_then(|(a, b)| self.comparable(a, b));
        let Some(equality) = equality else {
            let message =
                format!("`{}` compares two collections of one kind, not `{}` and `{}`", op.symbol(), left.ty, right.ty);
            self.report(&codes::TYPE_MISMATCH, span, message);
            return self.typed(Type::Bool, span, TypedKind::Error);
        };
        self.check_values(&left, &right);
        self.check_values(&right, &left);
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = if op == BinaryOp::SubsetOf {
            TypedKind::Subset { left, right, equality }
        } else {
            TypedKind::Intersects { left, right, equality }
        };
        self.typed(Type::Bool, span, kind)
    }

    pub(super) fn coalesce(&mut self, left: ExprId, right: ExprId, expected: Option<&Type>, span: Span) -> Typed {
        let value = self.maybe_absent(left, expected);
        let inner = value.ty.required().clone();
        let default = self.expr(right, Some(&inner));
        if value.ty == Type::Error || default.ty == Type::Error {
            return self.error_at(span);
        }
        let optional = default.ty.is_optional();
        let Some(ty) = self.default_type(&inner, &default) else {
            let message = format!("the default is `{}`, the value `{}`", default.ty, value.ty);
            let diagnostic = Diagnostic::new(&codes::TYPE_MISMATCH, default.span, message);
            let diagnostic = diagnostic.label(value.span, format!("this is `{}`", value.ty));
            self.error(unquoted(diagnostic, &[&default], &inner));
            return self.error_at(span);
        };
        let default = if optional { default } else { self.coerce(default, &ty) };
        let value = self.coerce_default_value(value, &ty);
        let ty = if optional { ty.optional() } else { ty };
        self.typed(ty, span, TypedKind::Coalesce { value: Box::new(value), default: Box::new(default) })
    }

    /// A reference whose default is a resource is followed before the default is looked at.
    fn coerce_default_value(&mut self, value: Typed, ty: &Type) -> Typed {
        match (value.ty.required(), ty) {
            (Type::Ref(_), Type::Resource(_) | Type::AnyResource) => {
                let span = value.span;
                let inner = value.ty.required().clone();
                match value.ty.is_optional() {
                    true => self.safe(value, inner, span, |cx, value| cx.coerce(value, ty)),
                    false => self.coerce(value, ty),
                }
            }
            _ => value,
        }
    }

    fn default_type(&mut self, inner: &Type, default: &Typed) -> Option<Type> {
        let default_ty = default.ty.required();
        if let (Type::Enum(values), true) = (inner, default_ty.is_text()) {
            let texts = self.literal_texts(default);
            let known = !texts.is_empty() && texts.iter().all(|(text, _)| values.values.contains(text));
            return Some(if known || inner == default_ty { inner.clone() } else { Type::String });
        }
        if self.fits(default_ty, inner) && !(inner.is_text() && inner != default_ty) {
            return Some(inner.clone());
        }
        let probe = Typed { ty: inner.clone(), ..default.clone() };
        let default = Typed { ty: default_ty.clone(), ..default.clone() };
        self.joined_type(&Typed { kind: TypedKind::Error, ..probe }, &default)
    }

    pub(super) fn negate(&mut self, operand: ExprId, span: Span) -> Typed {
        let value = self.operand(operand);
        match &value.ty {
            Type::Int | Type::Float | Type::Duration | Type::Error => {
                let ty = value.ty.clone();
                self.typed(ty, span, TypedKind::Negate(Box::new(value)))
            }
            other => {
                self.report(&codes::INVALID_OPERATION, span, format!("`{other}` has no negative"));
                self.error_at(span)
            }
        }
    }

    fn arithmetic(&mut self, op: Arithmetic, [left, right]: [ExprId; 2], op_span: Span, span: Span) -> Typed {
        let left = self.operand(left);
        let right = self.operand(right);
        if left.ty == Type::Error || right.ty == Type::Error {
            return self.error_at(span);
        }
        let (left, right) = match (&left.ty, &right.ty) {
            (Type::Float, Type::Int) => {
                let right = self.literal_as_float(right);
                (left, right)
            }
            (Type::Int, Type::Float) => (self.literal_as_float(left), right),
            _ => (left, right),
        };
        let Some(ty) = arithmetic_type(op, &left.ty, &right.ty) else {
            let symbol = self.text(op_span).to_owned();
            let message = format!("`{}` {symbol} `{}` has no meaning", left.ty, right.ty);
            let diagnostic = Diagnostic::new(&codes::INVALID_OPERATION, span, message);
            let mixed = matches!((&left.ty, &right.ty), (Type::Int, Type::Float) | (Type::Float, Type::Int));
            self.error(if mixed { diagnostic.note("`Int` and `Float` do not mix in arithmetic") } else { diagnostic });
            return self.error_at(span);
        };
        self.typed(ty, span, TypedKind::Arithmetic { op, left: Box::new(left), right: Box::new(right) })
    }

    fn literal_as_float(&mut self, value: Typed) -> Typed {
        let literal = matches!(value.kind, TypedKind::Literal(_) | TypedKind::Negate(_));
        if literal { self.coerce(value, &Type::Float) } else { value }
    }
}

/// What a literal on the other side of a comparison is read as: only where the type shapes it.
fn literal_hint(ty: &Type) -> Option<Type> {
    match ty {
        Type::Set(_)
        | Type::Map(_)
        | Type::Float
        | Type::SchemaRecord(_)
        | Type::Record(_)
        | Type::Json
        | Type::Policy => Some(ty.clone()),
        Type::List { element, ordered } => {
            literal_hint(element).map(|element| Type::List { element: Box::new(element), ordered: *ordered })
        }
        _ => None,
    }
}

fn ordered(a: &Type, b: &Type) -> bool {
    let number = |ty: &Type| matches!(ty, Type::Int | Type::Float);
    (number(a) && number(b)) || (a.is_text() && b.is_text()) || (a == b && matches!(a, Type::Time | Type::Duration))
}

fn arithmetic_type(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    match (op, a, b) {
        (_, Type::Int, Type::Int) => Some(Type::Int),
        (Add | Subtract | Multiply | Divide | Remainder, Type::Float, Type::Float) => Some(Type::Float),
        (Subtract, Type::Time, Type::Time) => Some(Type::Duration),
        (Add | Subtract, Type::Time, Type::Duration) => Some(Type::Time),
        (Add, Type::Duration, Type::Time) => Some(Type::Time),
        (Add | Subtract, Type::Duration, Type::Duration) => Some(Type::Duration),
        (Multiply, Type::Duration, Type::Int)
        | (Multiply, Type::Int, Type::Duration)
        | (Divide, Type::Duration, Type::Int) => Some(Type::Duration),
        (Add, a, b) if a.is_text() && b.is_text() => Some(Type::String),
        (Add, Type::List { element: a, ordered }, Type::List { element: b, .. }) if a == b || **b == Type::Never => {
            Some(Type::List { element: a.clone(), ordered: *ordered })
        }
        _ => None,
    }
}

/// Offers a default of the value's type, where there is an obvious one.
fn offer_default(diagnostic: Diagnostic, value: &Typed, end: Span) -> Diagnostic {
    match super::coerce::default_text(&value.ty) {
        Some(default) => diagnostic.suggest(end, format!(" ?? {default}"), "give absence a value with `??`"),
        None => diagnostic,
    }
}
