//! Expressions.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use parapet_base::Span;
use parapet_builtins::glob::Glob;
use parapet_ir as ir;
use parapet_ir::{Empty, Expr, ExprKind, Pattern, Slot, Source};
use parapet_model::{RefTarget, Type, Value};
use parapet_semantic::typed::{Literal, Quantifier, Typed, TypedBinding, TypedKind};
use parapet_semantic::{Checked, Db, compiled_pattern};
use parapet_syntax::{Counted, one_line};

use crate::items::population;
use crate::joins::plan;

/// Translates the expressions of one item.
pub(crate) struct Lowering<'t> {
    db: &'t dyn Db,
    text: &'t str,
    /// The definitions named so far, as often as they are.
    mentioned: RefCell<Vec<Arc<str>>>,
    /// Every expression so far has a type.
    typed: Cell<bool>,
}

fn boxed(expr: Expr) -> Box<Expr> {
    Box::new(expr)
}

impl<'t> Lowering<'t> {
    pub(crate) fn new(db: &'t dyn Db, text: &'t str) -> Lowering<'t> {
        Lowering { db, text, mentioned: RefCell::default(), typed: Cell::new(true) }
    }

    /// Whether every translated expression has a type.
    pub(crate) fn is_typed(&self) -> bool {
        self.typed.get()
    }

    /// The paths of what the translated expressions name, sorted, each once.
    pub(crate) fn mentioned(self) -> Vec<Arc<str>> {
        let mut mentioned = self.mentioned.into_inner();
        mentioned.sort_unstable();
        mentioned.dedup();
        mentioned
    }
}

impl Lowering<'_> {
    /// The text of a span, on one line.
    pub(crate) fn text(&self, span: Span) -> Arc<str> {
        let text = span.text(self.text);
        match text.contains('\n') {
            true => one_line(text).into(),
            false => text.into(),
        }
    }

    fn inner(&self, value: &Typed) -> Box<Expr> {
        boxed(self.expr(value))
    }

    pub(crate) fn expr(&self, value: &Typed) -> Expr {
        if value.ty == Type::Error {
            self.typed.set(false);
        }
        let kind = self.kind(value);
        crate::mention(&kind, &mut self.mentioned.borrow_mut());
        Expr { ty: value.ty.clone(), span: value.span, kind }
    }

    /// The name by which a local is read; a hidden one is read through another expression.
    fn local_name(&self, value: &Typed) -> Arc<str> {
        let text = value.span.text(self.text);
        let name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name { text.into() } else { "".into() }
    }

    fn read_text(&self, value: &Typed) -> Arc<str> {
        self.text(value.span)
    }

    fn kind(&self, value: &Typed) -> ExprKind {
        match &value.kind {
            TypedKind::Error => {
                ExprKind::Value(Value::unknown(parapet_model::Reason::Other, "the expression does not check"))
            }
            TypedKind::Unknown => ExprKind::Value(Value::unknown(parapet_model::Reason::Undecided, "given as unknown")),
            TypedKind::Literal(literal) => ExprKind::Value(literal_value(literal)),
            TypedKind::Now => ExprKind::Now,
            TypedKind::Local(local) => ExprKind::Slot(Slot(local.0), self.local_name(value)),
            TypedKind::Constant(path) => ExprKind::Constant(path.clone()),
            TypedKind::Parameter(path) => ExprKind::Parameter(path.clone()),
            TypedKind::Header { base, name } => {
                ExprKind::Header { base: self.inner(base), name: name.clone(), text: self.read_text(value) }
            }
            TypedKind::Property { base, name } => {
                let (base, text) = (self.inner(base), self.read_text(value));
                ExprKind::Property { base, name: name.clone(), empty: empty(&value.ty), text }
            }
            TypedKind::Field { base, name } => {
                let opaque = matches!(base.ty, Type::Policy | Type::Record(_));
                let (base, text) = (self.inner(base), self.read_text(value));
                ExprKind::Field { base, name: name.clone(), empty: empty(&value.ty), opaque, text }
            }
            TypedKind::ArnPart { base, part } => ExprKind::ArnPart { base: self.inner(base), part: part.clone() },
            TypedKind::Member { base, name } => {
                ExprKind::Member { base: self.inner(base), name: name.clone(), text: self.read_text(value) }
            }
            TypedKind::Index { base, index } => {
                ExprKind::Index { base: self.inner(base), index: self.inner(index), text: self.read_text(value) }
            }
            TypedKind::Follow { base } => ExprKind::Follow {
                base: self.inner(base),
                targets: targets(base, &value.ty),
                text: self.read_text(base),
            },
            TypedKind::Safe { base, local, body } => {
                let (base, body) = (self.inner(base), self.inner(body));
                ExprKind::Safe { base, slot: Slot(local.0), body, empty: empty(&value.ty) }
            }
            TypedKind::Coalesce { value, default } => {
                ExprKind::Coalesce { value: self.inner(value), default: self.inner(default) }
            }
            TypedKind::IsPresent { value, absent } => ExprKind::IsPresent { value: self.inner(value), absent: *absent },
            TypedKind::IsType { value, types } => ExprKind::IsType { value: self.inner(value), types: types.clone() },
            TypedKind::Not(inner) => ExprKind::Not(self.inner(inner)),
            TypedKind::Negate(inner) => ExprKind::Negate(self.inner(inner)),
            TypedKind::And(left, right) => ExprKind::And(self.inner(left), self.inner(right)),
            TypedKind::Or(left, right) => ExprKind::Or(self.inner(left), self.inner(right)),
            TypedKind::Cast(inner) => ExprKind::Cast(self.inner(inner)),
            TypedKind::ToPolicy(inner) => ExprKind::ToPolicy(self.inner(inner)),
            TypedKind::Resources(types) => ExprKind::Resources(Box::new(whole(Some(types.clone())))),
            TypedKind::AllResources => ExprKind::Resources(Box::new(whole(None))),
            TypedKind::Accounts => ExprKind::Accounts,
            TypedKind::List(elements) => ExprKind::List(self.all(elements)),
            TypedKind::Set(elements) => ExprKind::Set(self.all(elements)),
            TypedKind::Map(entries) => {
                ExprKind::Map(entries.iter().map(|(key, value)| (key.clone(), self.expr(value))).collect())
            }
            TypedKind::Record(entries) => {
                ExprKind::Record(entries.iter().map(|(key, value)| (key.clone(), self.expr(value))).collect())
            }
            TypedKind::Block { lets, result } => ExprKind::Block {
                lets: lets.iter().map(|(local, value)| (Slot(local.0), self.expr(value))).collect(),
                result: self.inner(result),
            },
            TypedKind::Call { function, arguments } => {
                ExprKind::Call { function: function.clone(), arguments: self.all(arguments) }
            }
            TypedKind::Closure { relation, by_way_of, left, right } => ExprKind::Closure {
                relation: relation.clone(),
                by_way_of: population(by_way_of),
                left: self.inner(left),
                right: self.inner(right),
                text: self.read_text(value),
            },
            TypedKind::Builtin { id, arguments } => ExprKind::Builtin { id: *id, arguments: self.all(arguments) },
            TypedKind::If { condition, then, otherwise } => ExprKind::If {
                condition: self.inner(condition),
                then: self.inner(then),
                otherwise: self.inner(otherwise),
            },
            TypedKind::Quantified { .. } | TypedKind::Counted { .. } | TypedKind::Comprehension { .. } => {
                self.binder(value)
            }
            _ => self.comparison(value),
        }
    }

    fn all(&self, values: &[Typed]) -> Vec<Expr> {
        values.iter().map(|value| self.expr(value)).collect()
    }

    fn comparison(&self, value: &Typed) -> ExprKind {
        match &value.kind {
            TypedKind::Equal { left, right, negated, equality } => ExprKind::Equal {
                left: self.inner(left),
                right: self.inner(right),
                negated: *negated,
                equality: *equality,
            },
            TypedKind::Order { op, left, right } => {
                ExprKind::Order { op: *op, left: self.inner(left), right: self.inner(right) }
            }
            TypedKind::In { item, collection, negated, equality } => ExprKind::In {
                item: self.inner(item),
                collection: self.inner(collection),
                negated: *negated,
                equality: *equality,
            },
            TypedKind::InBlock { item, block, negated } => {
                ExprKind::InBlock { item: self.inner(item), block: self.inner(block), negated: *negated }
            }
            TypedKind::InRange { item, start, end, inclusive, negated } => ExprKind::InRange {
                item: self.inner(item),
                start: self.inner(start),
                end: self.inner(end),
                inclusive: *inclusive,
                negated: *negated,
            },
            TypedKind::Like { text, pattern, folded } => {
                let pattern = match &pattern.kind {
                    TypedKind::Literal(Literal::Text(constant)) => {
                        let folding = if *folded { constant.to_lowercase() } else { constant.to_string() };
                        Pattern::Constant(constant.clone(), Arc::new(Glob::new(&folding)))
                    }
                    _ => Pattern::Dynamic(self.inner(pattern)),
                };
                ExprKind::Like { text: self.inner(text), pattern, folded: *folded }
            }
            TypedKind::Matches { text, pattern, folded } => match compiled_pattern(self.db, pattern.clone(), *folded) {
                Ok(pattern) => ExprKind::Matches { text: self.inner(text), pattern: pattern.clone() },
                Err(error) => ExprKind::Value(Value::unknown(parapet_model::Reason::Other, error.clone())),
            },
            TypedKind::Subset { left, right, equality } => {
                ExprKind::Subset { left: self.inner(left), right: self.inner(right), equality: *equality }
            }
            TypedKind::Intersects { left, right, equality } => {
                ExprKind::Intersects { left: self.inner(left), right: self.inner(right), equality: *equality }
            }
            TypedKind::Arithmetic { op, left, right } => {
                ExprKind::Arithmetic { op: *op, left: self.inner(left), right: self.inner(right) }
            }
            // The rest is translated by `kind`, which sends only these here.
            _ => ExprKind::Value(Value::unknown(parapet_model::Reason::Other, "no comparison")),
        }
    }

    fn binder(&self, value: &Typed) -> ExprKind {
        match &value.kind {
            TypedKind::Quantified { quantifier, binding, body } => {
                let joins = if *quantifier == Quantifier::All { None } else { Some(&**body) };
                let reads = Some(&**body);
                let binding = self.planned(binding, joins, reads);
                let all = *quantifier == Quantifier::All;
                let kind = ExprKind::Quantified { all, binding, body: self.inner(body) };
                match quantifier {
                    Quantifier::Any | Quantifier::All => kind,
                    Quantifier::No => ExprKind::Not(boxed(Expr { ty: Type::Bool, span: value.span, kind })),
                }
            }
            TypedKind::Counted { what: Counted::Count, binding } => ExprKind::Count(self.planned(binding, None, None)),
            TypedKind::Counted { what: Counted::First, binding } => ExprKind::First(self.planned(binding, None, None)),
            TypedKind::Comprehension { element, binding } => ExprKind::Comprehension {
                element: self.inner(element),
                binding: self.planned(binding, None, Some(element)),
            },
            _ => ExprKind::Value(Value::unknown(parapet_model::Reason::Other, "no binder")),
        }
    }

    /// A `for` statement's binding; what its body reads of the element is not known here, so that places count.
    pub(crate) fn binding(&self, binding: &TypedBinding, joins: Option<&Typed>, _checked: &Checked) -> ir::Binding {
        let mut planned = self.planned(binding, joins, None);
        if let Source::Resources(resources) = &mut planned.source {
            resources.reads_place = true;
        }
        *planned
    }

    fn planned(&self, binding: &TypedBinding, joins: Option<&Typed>, reads: Option<&Typed>) -> Box<ir::Binding> {
        let source = match &binding.source.kind {
            TypedKind::Resources(types) => Source::Resources(plan(self, Some(types.clone()), binding, joins, reads)),
            TypedKind::AllResources => Source::Resources(plan(self, None, binding, joins, reads)),
            TypedKind::Accounts => Source::Accounts,
            _ => Source::Elements(self.inner(&binding.source)),
        };
        Box::new(ir::Binding {
            slot: Slot(binding.local.0),
            name: "".into(),
            source,
            filter: binding.filter.as_ref().map(|filter| self.inner(filter)),
        })
    }
}

fn whole(types: Option<Arc<[parapet_model::Name]>>) -> ir::Resources {
    ir::Resources { types, join: None, account: None, region: None, reads_place: true }
}

fn empty(ty: &Type) -> Empty {
    match ty {
        Type::List { .. } => Empty::List,
        Type::Set(_) => Empty::Set,
        Type::Map(_) => Empty::Map,
        _ => Empty::Absent,
    }
}

/// What a followed reference may point to; a narrowed or computed one may point to any of its types by id.
fn targets(base: &Typed, followed: &Type) -> Arc<[RefTarget]> {
    match (base.ty.required(), followed) {
        (Type::Ref(targets), _) => targets.clone(),
        (_, Type::Resource(names)) => {
            names.iter().map(|name| RefTarget { resource: name.clone(), property: None }).collect()
        }
        _ => Arc::from(Vec::new()),
    }
}

fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Int(value) => Value::Int(*value),
        Literal::Float(value) => Value::Float(*value),
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Time(value) => Value::Time(*value),
        Literal::Duration(value) => Value::Duration(*value),
        Literal::Ip(value) => Value::Ip(*value),
        Literal::Cidr(value) => Value::Cidr(*value),
    }
}
