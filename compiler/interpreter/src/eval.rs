//! Expressions to values.
//!
//! A frame holds the locals of one guardrail or function. Beside the value of the last expression the evaluator
//! keeps the resource that it was read from, because a reference is looked up in that resource's account and
//! region; when tracing, it also keeps the path, so that a value can be shown where it stands in the input.

use std::sync::Arc;

use parapet_builtins::{arn_part, builtin, glob};
use parapet_ir::{Binding, Empty, Expr, ExprKind, Join, Pattern, Resources, Slot, Source};
use parapet_model::{
    AccountIndex, Equality, Name, Reason, Resource, ResourceId, Schema, Truth, Type, Unknown, Value, set_of,
};

use crate::compute;
use crate::engine::Engine;
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
}

/// An element of a binding, real or standing in for what was not collected.
struct Element {
    value: Value,
    origin: Origin,
    stand_in: Option<Unknown>,
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
                other => other,
            },
            ExprKind::Safe { base, slot, body, empty } => match self.eval(base) {
                Value::Absent => empty_value(*empty),
                Value::Unknown(unknown) => Value::Unknown(unknown),
                value => {
                    let origin = self.take_origin();
                    self.set(*slot, value, origin);
                    self.eval(body)
                }
            },
            ExprKind::Coalesce { value, default } => match self.eval(value) {
                Value::Absent => self.eval(default),
                value => value,
            },
            ExprKind::IsPresent { value, absent } => match self.eval(value) {
                Value::Unknown(unknown) => Value::Unknown(unknown),
                value => Value::Bool(value.is_absent() == *absent),
            },
            ExprKind::IsType { value, types } => self.is_type(value, types),
            ExprKind::Not(inner) => self.truth(inner).not().value(),
            ExprKind::Negate(inner) => compute::negate(&self.eval(inner)),
            ExprKind::And(left, right) => self.connective(left, right, true),
            ExprKind::Or(left, right) => self.connective(left, right, false),
            ExprKind::If { condition, then, otherwise } => match self.truth(condition) {
                Truth::True => self.eval(then),
                Truth::False => self.eval(otherwise),
                Truth::Unknown(unknown) => Value::Unknown(unknown),
            },
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
            ExprKind::Equal { left, right, negated, equality } => {
                let (left, right) = self.pair(left, right);
                negate(self.equal(&left, &right, *equality), *negated)
            }
            ExprKind::Order { op, left, right } => {
                let (left, right) = self.pair(left, right);
                compute::order(*op, &left, &right)
            }
            ExprKind::In { item, collection, negated, equality } => {
                let (item, collection) = self.pair(item, collection);
                negate(self.contains(&item, &collection, *equality), *negated)
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
                other => not_text(&other),
            },
            ExprKind::Subset { left, right, equality } => {
                let (left, right) = self.pair(left, right);
                self.over_elements(&left, &right, *equality, true)
            }
            ExprKind::Intersects { left, right, equality } => {
                let (left, right) = self.pair(left, right);
                self.over_elements(&left, &right, *equality, false)
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
    fn over_elements(&mut self, left: &Value, right: &Value, equality: Equality, subset: bool) -> Truth {
        if let Some(unknown) = compute::unknown_of(left, right) {
            return Truth::Unknown(unknown);
        }
        let Some(elements) = left.elements() else { return not_text(left) };
        let mut result = Truth::from(subset);
        for element in elements.iter() {
            let inside = self.contains(element, right, equality);
            result = if subset { result.and(inside) } else { result.or(inside) };
        }
        result
    }

    fn equal(&self, a: &Value, b: &Value, equality: Equality) -> Truth {
        if let (Value::Resource(x), Value::Resource(y)) = (a, b) {
            for id in [x, y] {
                if let Some(unknown) = self
                    .engine
                    .world
                    .resource(*id)
                    .and_then(|resource| resource.blank.as_ref())
                    .filter(|_| self.engine.world.is_stand_in(*id))
                {
                    return Truth::Unknown(unknown.clone());
                }
            }
        }
        compute::equal_as(a, b, equality)
    }

    /// `item in collection`: some element is equal.
    fn contains(&self, item: &Value, collection: &Value, equality: Equality) -> Truth {
        if let Value::Unknown(unknown) = collection {
            return Truth::Unknown(unknown.clone());
        }
        let Some(elements) = collection.elements() else { return not_text(collection) };
        if let Value::Count { least, most, why } = item {
            return compute::count_in(*least, *most, why, elements);
        }
        let mut result = Truth::False;
        for element in elements.iter() {
            result = result.or(self.equal(item, element, equality));
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
        }
        if and { first.and(second).value() } else { first.or(second).value() }
    }

    // Access.

    fn named(&mut self, value: Value, text: &Arc<str>) -> Value {
        let value = match value {
            Value::Unknown(unknown) => Value::Unknown(unknown.at(text)),
            other => other,
        };
        self.read(text, &value);
        value
    }

    fn header(&mut self, base: &Expr, name: &Name, text: &Arc<str>) -> Value {
        let value = match self.eval(base) {
            Value::Resource(id) => {
                self.origin = self.resource_origin(id);
                self.origin.step(|| Step::Header(name.clone()));
                self.engine.world.resource(id).map_or(Value::Absent, |resource| resource.header(name))
            }
            Value::Account(account) => self.engine.world.account_field(account, name),
            other => return other,
        };
        self.named(value, text)
    }

    fn property(&mut self, base: &Expr, name: &Name, empty: Empty, text: &Arc<str>) -> Value {
        let id = match self.eval(base) {
            Value::Resource(id) => id,
            other => return other,
        };
        let value = self.engine.world.resource(id).map_or(Value::Absent, |resource| resource.property(name));
        self.origin = self.resource_origin(id);
        self.origin.step(|| Step::Property(name.clone()));
        let value = if value.is_absent() { empty_value(empty) } else { value };
        self.named(value, text)
    }

    fn field(&mut self, base: &Expr, name: &Name, empty: Empty, opaque: bool, text: &Arc<str>) -> Value {
        let fields = match self.eval(base) {
            Value::Record(fields) => fields,
            other => return other,
        };
        if !opaque {
            self.origin.step(|| Step::Property(name.clone()));
        }
        let value = fields.get(name).cloned().unwrap_or_else(|| empty_value(empty));
        let value = if value.is_absent() { empty_value(empty) } else { value };
        self.named(value, text)
    }

    fn member(&mut self, base: &Expr, name: &Name, text: &Arc<str>) -> Value {
        let value = match self.eval(base) {
            Value::Map(entries) => entries.get(name).cloned().unwrap_or(Value::Absent),
            Value::Unknown(unknown) => return Value::Unknown(unknown),
            _ => Value::Absent,
        };
        self.origin.step(|| Step::Property(name.clone()));
        self.named(value, text)
    }

    fn index(&mut self, base: &Expr, index: &Expr, text: &Arc<str>) -> Value {
        let base = self.eval(base);
        let mut origin = self.take_origin();
        let index = self.eval(index);
        if let Some(unknown) = compute::unknown_of(&base, &index) {
            return Value::Unknown(unknown);
        }
        let value = match (&base, &index) {
            (Value::List(elements), Value::Int(at)) => {
                let at = usize::try_from(*at).ok();
                origin = origin.element(at.unwrap_or(usize::MAX));
                at.and_then(|at| elements.get(at)).cloned().unwrap_or(Value::Absent)
            }
            (Value::Map(entries), Value::Text(key)) => {
                origin.step(|| Step::Property(key.clone()));
                entries.get(key).cloned().unwrap_or(Value::Absent)
            }
            (_, Value::Count { why, .. }) => Value::Unknown(why.clone()),
            _ => Value::Absent,
        };
        self.origin = origin;
        self.named(value, text)
    }

    fn follow(&mut self, reference: &Arc<str>, targets: &[parapet_model::RefTarget], text: &Arc<str>) -> Value {
        let world = self.engine.world;
        if self.origin.mixed && !reference.starts_with("arn:") {
            let why = format!("`{reference}` is ambiguous: it comes from one of several resources");
            return self.named(Value::unknown(Reason::NotInInventory, why), text);
        }
        let from = self.origin.resource.or(self.subject).and_then(|id| world.resource(id));
        match world.follow(from, targets, reference) {
            Ok(id) => {
                self.origin = self.resource_origin(id);
                Value::Resource(id)
            }
            Err(unknown) => self.named(Value::Unknown(unknown), text),
        }
    }

    fn is_type(&mut self, value: &Expr, types: &[Name]) -> Value {
        match self.eval(value) {
            Value::Resource(id) => match self.engine.world.resource(id) {
                Some(Resource { resource_type, blank: Some(unknown), .. }) if &**resource_type == "?" => {
                    Value::Unknown(unknown.clone())
                }
                Some(resource) => Value::Bool(types.contains(&resource.resource_type)),
                None => Value::Absent,
            },
            other => other,
        }
    }

    fn entries(&mut self, entries: &[(Name, Expr)]) -> parapet_model::Fields {
        let values = entries.iter().map(|(key, value)| (key.clone(), self.eval(value)));
        let values: Vec<(Name, Value)> = values.collect();
        values.into_iter().filter(|(_, value)| !value.is_absent()).collect()
    }

    /// A record; of a schema's, the required fields that the literal leaves out are unknown.
    fn record(&mut self, entries: &[(Name, Expr)], ty: &Type) -> Value {
        let mut fields = self.entries(entries);
        if let Type::SchemaRecord { owner, record } = ty
            && let Some(properties) = Schema::embedded().record(owner, record)
        {
            for property in properties
                .values()
                .filter(|property| property.required && !fields.contains_key(&property.name))
                .collect::<Vec<_>>()
            {
                fields.insert(property.name.clone(), parapet_model::missing(property));
            }
        }
        Value::Record(Arc::new(fields))
    }

    fn call(&mut self, function: &Arc<str>, arguments: &[Expr]) -> Value {
        let Some(callee) = self.engine.function(function) else {
            return Value::unknown(Reason::Other, format!("the function `{function}` is not there"));
        };
        let mut inner = Eval::new(self.engine, callee.slots, self.subject, self.tracer.take());
        for (slot, argument) in callee.parameters.iter().zip(arguments) {
            // Arguments are read in the caller's frame, with its trace.
            self.tracer = inner.tracer.take();
            let value = self.eval(argument);
            let origin = self.take_origin();
            inner.tracer = self.tracer.take();
            inner.set(*slot, value, origin);
        }
        let value = inner.eval(&callee.body);
        self.tracer = inner.tracer.take();
        self.origin = inner.take_origin();
        value
    }

    fn apply_builtin(&mut self, id: parapet_builtins::BuiltinId, arguments: &[Value]) -> Value {
        let unknowns = arguments.iter().filter_map(|argument| match argument {
            Value::Unknown(unknown) => Some(unknown.clone()),
            _ => None,
        });
        if let Some(unknown) = unknowns.reduce(|a, b| a.and(&b)) {
            return Value::Unknown(unknown);
        }
        if arguments.iter().any(Value::is_absent) {
            return Value::unknown(Reason::Other, "an absent value was given to a builtin");
        }
        (builtin(id).eval)(&self.engine.context, arguments)
    }

    // Binders.

    /// The elements of a binding: `Err` when the collection itself is unknown.
    fn elements(&mut self, binding: &Binding) -> Result<Vec<Element>, Unknown> {
        match &binding.source {
            Source::Elements(source) => {
                let value = self.eval(source);
                let origin = self.take_origin();
                match value {
                    Value::List(elements) | Value::Set(elements) => Ok(list_elements(&elements, &origin)),
                    Value::Unknown(unknown) => Err(unknown),
                    _ => Ok(Vec::new()),
                }
            }
            Source::Resources(resources) => Ok(self.resource_elements(resources)),
            Source::Accounts => {
                let accounts = 0..self.engine.world.accounts().len();
                Ok(accounts
                    .map(|at| Element { value: account(at), origin: Origin::default(), stand_in: None })
                    .collect())
            }
        }
    }

    fn resource_elements(&mut self, resources: &Resources) -> Vec<Element> {
        let mark = self.mark();
        let candidates = self.candidates(resources);
        let end = self.mark();
        self.forget(mark, end);
        let world = self.engine.world;
        let mut elements: Vec<Element> = self.uncollected(resources);
        for id in candidates {
            let origin = self.resource_origin(id);
            debug_assert!(!world.is_stand_in(id));
            elements.push(Element { value: Value::Resource(id), origin, stand_in: None });
        }
        elements
    }

    /// The real resources that a collection's condition can hold for.
    fn candidates(&mut self, resources: &Resources) -> Vec<ResourceId> {
        let world = self.engine.world;
        let Some(types) = &resources.types else { return world.resources().map(|(id, _)| id).collect() };
        let joined = resources.join.as_ref().and_then(|join| self.joined(types, join));
        let mut ids = joined.unwrap_or_else(|| types.iter().flat_map(|name| world.of_type(name)).copied().collect());
        ids.sort_unstable();
        ids
    }

    /// By the join; `None` when the value is not known, so that any resource may match.
    fn joined(&mut self, types: &[Name], join: &Join) -> Option<Vec<ResourceId>> {
        let text: Arc<str> = match self.eval(&join.value) {
            Value::Text(text) => text,
            Value::Int(int) => int.to_string().into(),
            Value::Absent => return Some(Vec::new()),
            _ => return None,
        };
        let mut ids = Vec::new();
        for name in types {
            let index = self.engine.world.join_index(name, &join.key);
            ids.extend_from_slice(index.get(&text));
            ids.extend_from_slice(&index.undecided);
        }
        Some(ids)
    }

    /// Stand-ins for what was not collected, of the account and region that the condition fixes.
    fn uncollected(&mut self, resources: &Resources) -> Vec<Element> {
        let world = self.engine.world;
        let ids = world.stand_ins_of(resources.types.as_deref(), resources.reads_place);
        if ids.is_empty() {
            return Vec::new();
        }
        let mut fixed = |value: &Option<Box<Expr>>| value.as_ref().map(|value| self.eval(value));
        let (account, region) = (fixed(&resources.account), fixed(&resources.region));
        let may_equal = |known: &Option<Value>, value: &Value| match (known, value) {
            (Some(Value::Text(wanted)), Value::Text(text)) => wanted == text,
            _ => true,
        };
        let mut elements = Vec::new();
        for id in ids {
            let Some(resource) = world.resource(id) else { continue };
            if may_equal(&account, &resource.account) && may_equal(&region, &resource.region) {
                let origin = Origin { resource: Some(id), ..Origin::default() };
                elements.push(Element { value: Value::Resource(id), origin, stand_in: resource.blank.clone() });
            }
        }
        elements
    }

    /// Binds an element and asks the filter.
    fn enter(&mut self, binding: &Binding, element: &Element) -> Truth {
        self.set(binding.slot, element.value.clone(), element.origin.clone());
        let passes = binding.filter.as_ref().map_or(Truth::True, |filter| self.truth(filter));
        match &element.stand_in {
            // It may not exist at all.
            Some(unknown) => passes.and(Truth::Unknown(unknown.clone())),
            None => passes,
        }
    }

    /// `any` is the `or` of filter and body, `all` the `and` of not-filter or body.
    fn quantified(&mut self, all: bool, binding: &Binding, body: &Expr) -> Truth {
        let start = self.mark();
        let elements = match self.elements(binding) {
            Ok(elements) => elements,
            Err(unknown) => return Truth::Unknown(unknown),
        };
        let decides = if all { Truth::False } else { Truth::True };
        let mut result = Truth::from(all);
        for (at, element) in elements.iter().enumerate() {
            let before = self.mark();
            let passes = self.enter(binding, element);
            let holds = if passes == Truth::False { Truth::from(all) } else { self.body(all, passes, body) };
            if holds == decides {
                self.forget(start, before);
                if self.tracer.is_some() {
                    self.count_counterexamples(all, binding, body, elements.get(at..).unwrap_or_default());
                }
                return decides;
            }
            result = if all { result.and(holds) } else { result.or(holds) };
        }
        result
    }

    fn body(&mut self, all: bool, passes: Truth, body: &Expr) -> Truth {
        let holds = self.truth(body);
        if all { passes.not().or(holds) } else { passes.and(holds) }
    }

    /// Counts the elements that decide as the first of them does, and leaves the first one bound.
    fn count_counterexamples(&mut self, all: bool, binding: &Binding, body: &Expr, elements: &[Element]) {
        let mark = self.mark();
        let mut count = 0;
        for element in elements {
            let passes = self.enter(binding, element);
            let holds = if passes == Truth::False { Truth::from(all) } else { self.body(all, passes, body) };
            count += usize::from(holds == Truth::from(!all));
        }
        let end = self.mark();
        self.forget(mark, end);
        if let Some(first) = elements.first() {
            self.set(binding.slot, first.value.clone(), first.origin.clone());
        }
        self.counterexamples = count;
    }

    fn count(&mut self, binding: &Binding) -> Value {
        let elements = match self.elements(binding) {
            Ok(elements) => elements,
            Err(unknown) => return Value::Unknown(unknown),
        };
        let set = matches!(&binding.source, Source::Elements(source) if matches!(source.ty, Type::Set(_)));
        let (mut least, mut most, mut unbounded) = (0i64, 0i64, false);
        let mut why: Option<Unknown> = None;
        for element in &elements {
            let passes = self.enter(binding, element);
            // An element of a set that is not wholly known may equal another one.
            let passes = match (&element.value, passes) {
                (value, passes) if set => {
                    value.unknown_within().map_or(passes.clone(), |unknown| passes.and(Truth::Unknown(unknown)))
                }
                (_, passes) => passes,
            };
            match passes {
                Truth::True => {
                    least += 1;
                    most += 1;
                }
                Truth::False => {}
                Truth::Unknown(unknown) => {
                    most += 1;
                    unbounded |= element.stand_in.is_some();
                    why = Some(why.map_or(unknown.clone(), |why| why.and(&unknown)));
                }
            }
        }
        match why {
            None => Value::Int(least),
            Some(why) => Value::Count { least, most: (!unbounded).then_some(most), why },
        }
    }

    fn first(&mut self, binding: &Binding) -> Value {
        let elements = match self.elements(binding) {
            Ok(elements) => elements,
            Err(unknown) => return Value::Unknown(unknown),
        };
        for element in elements {
            match self.enter(binding, &element) {
                Truth::False => {}
                Truth::Unknown(unknown) => return Value::Unknown(unknown),
                Truth::True => {
                    self.origin = element.origin;
                    return element.value;
                }
            }
        }
        Value::Absent
    }

    fn comprehension(&mut self, element: &Expr, binding: &Binding) -> Value {
        let elements = match self.elements(binding) {
            Ok(elements) => elements,
            Err(unknown) => return Value::Unknown(unknown),
        };
        let set = matches!(&binding.source, Source::Elements(source) if matches!(source.ty, Type::Set(_)));
        let (mut values, mut origins) = (Vec::new(), Vec::new());
        for item in elements {
            if let Some(unknown) = item.value.unknown_within().filter(|_| set) {
                return Value::Unknown(unknown);
            }
            match self.enter(binding, &item) {
                Truth::False => {}
                Truth::Unknown(unknown) => return Value::Unknown(unknown),
                Truth::True => {
                    values.push(self.eval(element));
                    origins.push(self.take_origin());
                }
            }
        }
        self.origin = Origin::of_parts(origins);
        Value::list(values)
    }

    fn whole_collection(&mut self, resources: &Resources) -> Value {
        let elements = self.resource_elements(resources);
        match elements.iter().find_map(|element| element.stand_in.clone()) {
            Some(unknown) => Value::Unknown(unknown),
            None => Value::list(elements.into_iter().map(|element| element.value).collect()),
        }
    }

    /// The elements of a `for`, each with the truth of its filter.
    pub(crate) fn for_elements(&mut self, binding: &Binding) -> Result<Vec<ForElement>, Unknown> {
        let elements = self.elements(binding)?;
        Ok(elements.into_iter().map(|element| ForElement { element }).collect())
    }

    pub(crate) fn enter_for(&mut self, binding: &Binding, element: &ForElement) -> Truth {
        self.enter(binding, &element.element)
    }
}

/// An element of a `for`.
pub(crate) struct ForElement {
    element: Element,
}

fn account(at: usize) -> Value {
    Value::Account(AccountIndex(at as u32))
}

fn list_elements(elements: &[Value], origin: &Origin) -> Vec<Element> {
    let each = elements.iter().enumerate();
    each.map(|(at, value)| Element { value: value.clone(), origin: origin.element(at), stand_in: None }).collect()
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
