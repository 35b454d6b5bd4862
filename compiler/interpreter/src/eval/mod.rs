//! Expressions to values.
//!
//! A frame holds the locals of one guardrail or function. Beside the value of the last expression the evaluator
//! keeps the resource that it was read from, because a reference is looked up in that resource's account and
//! region; when tracing, it also keeps the path, so that a value can be shown where it stands in the input.

mod access;
mod binders;
mod candidates;
mod choice;
mod placed;
mod related;

use std::sync::Arc;

use parapet_base::Span;
use parapet_builtins::{arn_part, builtin, glob};
use parapet_ir::{Binding, Empty, Expr, ExprKind, Join, JoinKey, Pattern, PointKind, Resources, Slot, Source};
use parapet_model::{AccountIndex, Name, Reason, Resource, ResourceId, Schema, Truth, Type, Unknown, Value, set_of};

use crate::compute;
use crate::engine::Engine;
pub(crate) use crate::eval::candidates::{Candidate, Sought};
use crate::ties::ties;
use crate::trace::{Place, Read, Step, Tracer};

/// Where a value came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) resource: Option<ResourceId>,
    /// Kept while tracing only.
    path: Option<Vec<Step>>,
    /// Of a list put together from several values: where each element came from.
    parts: Option<Arc<Vec<Origin>>>,
    /// Put together from values of several resources, and nobody knows which element is whose.
    mixed: bool,
}

impl Origin {
    fn place(&self) -> Option<Place> {
        Some(Place { resource: self.resource?, path: self.path.clone()? })
    }

    /// The origin of an element of the list that came from here.
    fn element(&self, at: usize) -> Origin {
        if let Some(parts) = &self.parts {
            return parts.get(at).cloned().unwrap_or_default();
        }
        let mut origin = self.clone();
        origin.step(|| Step::Index(at));
        origin
    }

    fn of_parts(parts: Vec<Origin>) -> Origin {
        Origin { parts: Some(Arc::new(parts)), ..Origin::default() }
    }

    fn step(&mut self, step: impl FnOnce() -> Step) {
        if let Some(path) = &mut self.path {
            path.push(step());
        }
    }
}

/// Evaluates in one frame.
pub(crate) struct Eval<'e> {
    pub(crate) engine: &'e Engine<'e>,
    frame: Vec<Value>,
    origins: Vec<Origin>,
    /// Where the value of the last expression came from.
    origin: Origin,
    /// The resource judged, where references are looked up whose own resource is not known.
    subject: Option<ResourceId>,
    pub(crate) tracer: Option<Tracer>,
    /// What the values of `let`s were made from, by slot, while tracing.
    made_from: Vec<Option<Arc<Vec<Read>>>>,
    /// How many elements decided the outermost quantifier against the requirement.
    pub(crate) counterexamples: usize,
    /// The guardrail or function whose frame this is, while a recorder listens.
    definition: Option<&'e Arc<str>>,
    /// It does not listen to what is looked at in vain.
    unheard: bool,
}

/// An element of a binding, real or standing in for what was not collected.
struct Element {
    value: Value,
    origin: Origin,
    /// Stands for any number of elements, or none.
    stand_in: Option<Unknown>,
    /// Nobody knows whether it will exist.
    existence: Option<Unknown>,
}

/// Whether an expression's value is one that was read as it is, or one of several. What is known of a text that exists only after
/// deployment ([`parapet_model::Symbol`]) is true of that text alone, not of what is computed from it.
fn hands_on(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Value(_)
            | ExprKind::Slot(..)
            | ExprKind::Header { .. }
            | ExprKind::Property { .. }
            | ExprKind::Field { .. }
            | ExprKind::Member { .. }
            | ExprKind::Index { .. }
            | ExprKind::Safe { .. }
            | ExprKind::Coalesce { .. }
            | ExprKind::Cast(_)
            | ExprKind::If { .. }
            | ExprKind::Block { .. }
            | ExprKind::Call { .. }
    )
}

impl<'e> Eval<'e> {
    pub(crate) fn new(
        engine: &'e Engine<'e>,
        slots: u32,
        subject: Option<ResourceId>,
        tracer: Option<Tracer>,
    ) -> Eval<'e> {
        Eval {
            engine,
            frame: vec![Value::Absent; slots as usize],
            origins: vec![Origin::default(); slots as usize],
            origin: Origin::default(),
            subject,
            made_from: if tracer.is_some() { vec![None; slots as usize] } else { Vec::new() },
            tracer,
            counterexamples: 0,
            definition: None,
            unheard: false,
        }
    }

    /// The frame is that of this definition.
    pub(crate) fn within(mut self, definition: &'e Arc<str>) -> Eval<'e> {
        self.definition = self.engine.recorder.map(|_| definition);
        self
    }

    /// Tells the recorder, where there is one, how a decision came out.
    pub(crate) fn decided(&self, span: Span, kind: PointKind, truth: &Truth) {
        if let Some((definition, recorder)) = self.definition.zip(self.engine.recorder).filter(|_| !self.unheard) {
            recorder.truth(definition, span, kind, truth);
        }
    }

    pub(crate) fn set(&mut self, slot: Slot, value: Value, origin: Origin) {
        if let Some(place) = self.frame.get_mut(slot.0 as usize) {
            *place = value;
        }
        if let Some(place) = self.origins.get_mut(slot.0 as usize) {
            *place = origin;
        }
    }

    /// The value of a slot.
    pub(crate) fn slot(&self, slot: Slot) -> Value {
        self.frame.get(slot.0 as usize).cloned().unwrap_or(Value::Absent)
    }

    /// The origin of the last value, taken away.
    pub(crate) fn take_origin(&mut self) -> Origin {
        std::mem::take(&mut self.origin)
    }

    /// The origin of a resource itself.
    pub(crate) fn resource_origin(&self, id: ResourceId) -> Origin {
        Origin { resource: Some(id), path: self.tracer.is_some().then(Vec::new), ..Origin::default() }
    }

    fn mark(&self) -> usize {
        self.tracer.as_ref().map_or(0, Tracer::mark)
    }

    fn forget(&mut self, from: usize, to: usize) {
        if let Some(tracer) = &mut self.tracer {
            tracer.forget(from, to);
        }
    }

    fn put_last(&mut self, from: usize, to: usize) {
        if let Some(tracer) = &mut self.tracer {
            tracer.put_last(from, to);
        }
    }

    fn read(&mut self, text: &Arc<str>, value: &Value) {
        if let Some(tracer) = &mut self.tracer {
            tracer.read(Read { text: text.clone(), value: value.clone(), place: self.origin.place() });
        }
    }

    /// An element of a list that is text or a number is worth showing; a record's fields are, when they are read.
    fn read_element(&mut self, text: &Arc<str>, value: &Value) {
        let element = self.origin.path.as_ref().is_some_and(|path| matches!(path.last(), Some(Step::Index(_))));
        let scalar =
            matches!(value, Value::Text(_) | Value::Int(_) | Value::Cidr(_) | Value::Bool(_) | Value::Unknown(_));
        if element && scalar && !text.is_empty() {
            self.read(text, value);
        }
    }

    /// Binds a `let`; whoever reads the name later reads what it was made from since the mark.
    pub(crate) fn set_let(&mut self, slot: Slot, value: Value, mark: usize) {
        let origin = self.take_origin();
        self.set(slot, value, origin);
        if let (Some(tracer), Some(place)) = (&self.tracer, self.made_from.get_mut(slot.0 as usize)) {
            *place = Some(Arc::new(tracer.since(mark)));
        }
    }

    fn read_made_from(&mut self, slot: Slot) {
        let reads = self.made_from.get(slot.0 as usize).cloned().flatten();
        if let (Some(tracer), Some(reads)) = (&mut self.tracer, reads) {
            reads.iter().for_each(|read| tracer.read(read.clone()));
        }
    }

    /// A condition's truth.
    pub(crate) fn truth(&mut self, expr: &Expr) -> Truth {
        match self.eval(expr) {
            Value::Bool(value) => value.into(),
            Value::Unknown(unknown) => Truth::Unknown(unknown),
            _ => Truth::Unknown(Unknown::new(Reason::Other, "an absent value where a condition was expected")),
        }
    }

    pub(crate) fn eval(&mut self, expr: &Expr) -> Value {
        let value = self.value(expr);
        if hands_on(&expr.kind) { value } else { value.opaque() }
    }

    fn value(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            ExprKind::Value(value) => self.plain(value.clone()),
            ExprKind::Now => self.plain(Value::Time(self.engine.context.now)),
            ExprKind::Slot(slot, text) => {
                self.origin = self.origins.get(slot.0 as usize).cloned().unwrap_or_default();
                let value = self.slot(*slot);
                self.read_element(text, &value);
                self.read_made_from(*slot);
                value
            }
            ExprKind::Constant(path) => self.plain(self.engine.constant(path)),
            ExprKind::Parameter(path) => self.plain(self.engine.parameter(path)),
            ExprKind::Header { base, name, text } => self.header(base, name, text),
            ExprKind::Property { base, name, empty, text } => self.property(base, name, *empty, text),
            ExprKind::Field { base, name, empty, opaque, text } => self.field(base, name, *empty, *opaque, text),
            ExprKind::ArnPart { base, part } => match self.eval(base) {
                Value::Text(arn) => arn_part(&arn, part),
                other => other,
            },
            ExprKind::Member { base, name, text } => self.member(base, name, text),
            ExprKind::Index { base, index, text } => self.index(base, index, text),
            ExprKind::Follow { base, targets, text } => match self.eval(base) {
                Value::Text(reference) => self.follow(&reference, targets, text),
                Value::Unknown(unknown) => self.follow_symbol(unknown, targets),
                other => other,
            },
            ExprKind::Safe { base, slot, body, empty } => match self.eval(base) {
                Value::Absent => empty_value(*empty),
                Value::Unknown(unknown) => Value::Unknown(unknown.opaque()),
                value => {
                    let origin = self.take_origin();
                    self.set(*slot, value, origin);
                    self.eval(body)
                }
            },
            ExprKind::Coalesce { value, default } => match self.eval(value) {
                Value::Absent => {
                    self.decided(expr.span, PointKind::Default, &Truth::False);
                    self.eval(default)
                }
                // What may not be there may also be the default.
                Value::Unknown(unknown) if !unknown.is_present() => Value::Unknown(unknown.opaque()),
                Value::Unknown(unknown) => Value::Unknown(unknown),
                value => {
                    self.decided(expr.span, PointKind::Default, &Truth::True);
                    value
                }
            },
            ExprKind::IsPresent { value, absent } => match self.eval(value) {
                Value::Unknown(unknown) if unknown.is_present() => Value::Bool(!*absent),
                Value::Unknown(unknown) => Value::Unknown(unknown),
                value => Value::Bool(value.is_absent() == *absent),
            },
            ExprKind::IsType { value, types } => self.is_type(value, types),
            ExprKind::Not(inner) => self.truth(inner).not().value(),
            ExprKind::Negate(inner) => compute::negate(&self.eval(inner)),
            ExprKind::And(left, right) => self.connective(left, right, true),
            ExprKind::Or(left, right) => self.connective(left, right, false),
            ExprKind::If { condition, then, otherwise } => self.choice(expr.span, condition, then, otherwise),
            ExprKind::Quantified { all, binding, body } => self.quantified(*all, binding, body).value(),
            ExprKind::Count(binding) => self.count(binding),
            ExprKind::First(binding) => self.first(binding),
            ExprKind::Comprehension { element, binding } => self.comprehension(element, binding),
            ExprKind::Resources(resources) => self.whole_collection(resources),
            ExprKind::Accounts => Value::list((0..self.engine.world.accounts().len()).map(account).collect()),
            ExprKind::List(elements) => {
                let (values, origins) = self.eval_all(elements);
                self.origin = Origin::of_parts(origins);
                Value::list(values)
            }
            ExprKind::Set(elements) => {
                let (values, origins) = self.eval_all(elements);
                self.origin = joined(origins);
                set_of(values)
            }
            ExprKind::Map(entries) => Value::Map(Arc::new(self.entries(entries))),
            ExprKind::Record(entries) => self.record(entries, &expr.ty),
            ExprKind::Block { lets, result } => {
                for (slot, value) in lets {
                    let mark = self.mark();
                    let value = self.eval(value);
                    self.set_let(*slot, value, mark);
                }
                self.eval(result)
            }
            ExprKind::Call { function, arguments } => self.call(function, arguments),
            ExprKind::Closure { relation, by_way_of, left, right, text } => {
                self.closure((relation, by_way_of), left, right, text)
            }
            ExprKind::Builtin { id, arguments } => {
                let (values, origins) = self.eval_all(arguments);
                self.origin = joined(origins);
                self.apply_builtin(*id, &values)
            }
            ExprKind::Cast(inner) => compute::cast(&self.eval(inner), &expr.ty),
            ExprKind::ToPolicy(inner) => compute::to_policy(&self.eval(inner)),
            _ => self.comparison(expr),
        }
    }

    fn plain(&mut self, value: Value) -> Value {
        self.origin = Origin::default();
        value
    }

    fn pair(&mut self, left: &Expr, right: &Expr) -> (Value, Value) {
        let left = self.eval(left);
        let right = self.eval(right);
        (left, right)
    }

    fn comparison(&mut self, expr: &Expr) -> Value {
        let negate = |truth: Truth, negated: bool| if negated { truth.not() } else { truth };
        let truth = match &expr.kind {
            ExprKind::Equal { left, right, negated, .. } => {
                let types = (&left.ty, &right.ty);
                let (left, right) = self.pair(left, right);
                negate(self.equal(&left, &right, types), *negated)
            }
            ExprKind::Order { op, left, right } => {
                let (left, right) = self.pair(left, right);
                compute::order(*op, &left, &right)
            }
            ExprKind::In { item, collection, negated, .. } => {
                let element = collection.ty.element().cloned().unwrap_or(Type::Json);
                let item_ty = &item.ty;
                let (item, collection) = self.pair(item, collection);
                negate(self.contains(&item, &collection, (item_ty, &element)), *negated)
            }
            ExprKind::InBlock { item, block, negated } => {
                let (item, block) = self.pair(item, block);
                negate(compute::in_block(&item, &block), *negated)
            }
            ExprKind::InRange { item, start, end, inclusive, negated } => {
                let (item, start) = self.pair(item, start);
                let end = self.eval(end);
                let last = if *inclusive { parapet_model::Order::LessEqual } else { parapet_model::Order::Less };
                let inside = compute::order(parapet_model::Order::LessEqual, &start, &item)
                    .and(compute::order(last, &item, &end));
                negate(inside, *negated)
            }
            ExprKind::Like { text, pattern, folded } => self.like(text, pattern, *folded),
            ExprKind::Matches { text, pattern } => match self.eval(text) {
                Value::Text(text) => pattern.is_match(&text).into(),
                other => match other
                    .present_symbol()
                    .and_then(|symbol| parapet_builtins::partly::matches(symbol, pattern.as_str()))
                {
                    Some(decided) => decided.into(),
                    None => not_text(&other),
                },
            },
            ExprKind::Subset { left, right, .. } => {
                let types = (&element_of(&left.ty), &element_of(&right.ty));
                let (left, right) = self.pair(left, right);
                self.over_elements(&left, &right, types, true)
            }
            ExprKind::Intersects { left, right, .. } => {
                let types = (&element_of(&left.ty), &element_of(&right.ty));
                let (left, right) = self.pair(left, right);
                self.over_elements(&left, &right, types, false)
            }
            ExprKind::Arithmetic { op, left, right } => {
                return self.arithmetic(*op, left, right);
            }
            // Every other kind is evaluated by `eval`, which sends only these here.
            _ => Truth::Unknown(Unknown::new(Reason::Other, "no comparison")),
        };
        truth.value()
    }

    fn eval_all(&mut self, exprs: &[Expr]) -> (Vec<Value>, Vec<Origin>) {
        exprs.iter().map(|expr| (self.eval(expr), self.take_origin())).unzip()
    }

    /// Arithmetic; the elements of joined lists keep their origins.
    fn arithmetic(&mut self, op: parapet_model::Arithmetic, left: &Expr, right: &Expr) -> Value {
        let left = self.eval(left);
        let left_origin = self.take_origin();
        let right = self.eval(right);
        let right_origin = self.take_origin();
        if let (Value::List(a), Value::List(b)) = (&left, &right) {
            let of = |origin: &Origin, elements: &[Value]| {
                (0..elements.len()).map(|at| origin.element(at)).collect::<Vec<_>>()
            };
            self.origin = Origin::of_parts([of(&left_origin, a), of(&right_origin, b)].concat());
        }
        compute::arithmetic(op, &left, &right)
    }

    /// `left subset of right`, or whether they share an element.
    fn over_elements(&mut self, left: &Value, right: &Value, types: (&Type, &Type), subset: bool) -> Truth {
        if let Some(unknown) = compute::unknown_of(left, right) {
            return Truth::Unknown(unknown);
        }
        let Some(elements) = left.elements() else { return not_text(left) };
        let mut result = Truth::from(subset);
        for element in elements.iter() {
            let inside = self.contains(element, right, types);
            result = if subset { result.and(inside) } else { result.or(inside) };
        }
        result
    }

    fn equal(&self, a: &Value, b: &Value, (left, right): (&Type, &Type)) -> Truth {
        if let (Value::Resource(x), Value::Resource(y)) = (a, b) {
            for id in [x, y] {
                if let Some(unknown) = self
                    .engine
                    .world
                    .kept(*id)
                    .and_then(|resource| resource.blank.as_ref())
                    .filter(|_| self.engine.world.is_stand_in(*id))
                {
                    return Truth::Unknown(unknown.clone());
                }
            }
        }
        match (a, b) {
            (Value::Text(text), Value::Unknown(unknown)) | (Value::Unknown(unknown), Value::Text(text))
                if unknown.symbol().is_some_and(|symbol| self.engine.world.names_another(text, symbol)) =>
            {
                Truth::False
            }
            _ => compute::equal_typed(a, b, left, right),
        }
    }

    /// `item in collection`: some element is equal.
    fn contains(&self, item: &Value, collection: &Value, types: (&Type, &Type)) -> Truth {
        if let Value::Unknown(unknown) = collection {
            return Truth::Unknown(unknown.clone());
        }
        let Some(elements) = collection.elements() else { return not_text(collection) };
        if let Value::Count(count) = item {
            return compute::count_in(count, elements);
        }
        let mut result = Truth::False;
        for element in elements.iter() {
            result = result.or(self.equal(item, element, types));
            if result == Truth::True {
                break;
            }
        }
        result
    }

    fn like(&mut self, text: &Expr, pattern: &Pattern, folded: bool) -> Truth {
        let text = self.eval(text);
        let dynamic = match pattern {
            Pattern::Constant(..) => None,
            Pattern::Dynamic(pattern) => Some(self.eval(pattern)),
        };
        let fold = |text: &str| if folded { text.to_lowercase() } else { text.to_owned() };
        if let (Some(symbol), Pattern::Constant(pattern, _), false) = (text.present_symbol(), pattern, folded)
            && let Some(decided) = parapet_builtins::partly::like(symbol, pattern)
        {
            return decided.into();
        }
        match (&text, pattern, dynamic) {
            (Value::Text(text), Pattern::Constant(_, glob), _) if !folded => glob.is_match(text).into(),
            (Value::Text(text), Pattern::Constant(_, glob), _) => glob.is_match(&text.to_lowercase()).into(),
            (Value::Text(text), Pattern::Dynamic(_), Some(Value::Text(pattern))) => {
                glob::like(&fold(text), &fold(&pattern)).into()
            }
            (Value::Unknown(_), _, Some(other)) => {
                compute::unknown_of(&text, &other).map_or(Truth::False, Truth::Unknown)
            }
            (Value::Text(_), _, Some(other)) => not_text(&other),
            (other, _, _) => not_text(other),
        }
    }

    fn connective(&mut self, left: &Expr, right: &Expr, and: bool) -> Value {
        let start = self.mark();
        let first = self.truth(left);
        let decides = if and { Truth::False } else { Truth::True };
        if first == decides {
            return first.value();
        }
        let middle = self.mark();
        let second = self.truth(right);
        if second == decides {
            self.forget(start, middle);
        } else if self.tracer.is_some() && ties(left) && !ties(right) {
            self.put_last(start, middle);
        }
        if and { first.and(second).value() } else { first.or(second).value() }
    }
}

/// An element of a `for`.
pub(crate) struct ForElement {
    element: Element,
}

fn account(at: usize) -> Value {
    Value::Account(AccountIndex(at as u32))
}

/// Why there may be more elements than a list has, for the element that stands for those.
fn more(element: &Value) -> Option<Unknown> {
    match element {
        Value::Unknown(unknown) if unknown.is_perhaps() => Some(unknown.clone()),
        _ => None,
    }
}

fn list_elements(elements: &[Value], origin: &Origin) -> Vec<Element> {
    let each = elements.iter().enumerate();
    each.map(|(at, value)| Element {
        value: value.clone(),
        origin: origin.element(at),
        stand_in: more(value),
        existence: None,
    })
    .collect()
}

/// The origin of what was made from several values: theirs, where they agree.
fn joined(origins: Vec<Origin>) -> Origin {
    let resources: Vec<ResourceId> = origins.iter().filter_map(|origin| origin.resource).collect();
    let parts = origins.iter().any(|origin| origin.parts.is_some() || origin.mixed);
    let differ = resources.windows(2).any(|pair| pair.first() != pair.last());
    match origins.into_iter().find(|origin| origin.resource.is_some()) {
        _ if parts || differ => Origin { mixed: true, ..Origin::default() },
        Some(first) => first,
        None => Origin::default(),
    }
}

fn element_of(ty: &Type) -> Type {
    ty.element().cloned().unwrap_or(Type::Json)
}

fn empty_value(empty: Empty) -> Value {
    match empty {
        Empty::Absent => Value::Absent,
        Empty::List => Value::list(Vec::new()),
        Empty::Set => Value::Set(Arc::default()),
        Empty::Map => Value::Map(Arc::default()),
    }
}

fn not_text(value: &Value) -> Truth {
    match value {
        Value::Unknown(unknown) => Truth::Unknown(unknown.clone()),
        _ => Truth::Unknown(Unknown::new(Reason::Other, "an absent value where one was expected")),
    }
}
