//! Headers, properties, fields, members, indexes, references, calls.

use super::*;

impl Eval<'_> {
    pub(super) fn named(&mut self, value: Value, text: &Arc<str>) -> Value {
        let value = match value {
            Value::Unknown(unknown) => Value::Unknown(unknown.at(text)),
            other => other,
        };
        self.read(text, &value);
        value
    }

    pub(super) fn header(&mut self, base: &Expr, name: &Name, text: &Arc<str>) -> Value {
        let value = match self.eval(base) {
            Value::Resource(id) => {
                self.origin = self.resource_origin(id);
                self.origin.step(|| Step::Header(name.clone()));
                self.engine.world.header(id, name).unwrap_or(Value::Absent)
            }
            Value::Account(account) => self.engine.world.account_field(account, name),
            other => return other.opaque(),
        };
        self.named(value, text)
    }

    pub(super) fn property(&mut self, base: &Expr, name: &Name, empty: Empty, text: &Arc<str>) -> Value {
        let id = match self.eval(base) {
            Value::Resource(id) => id,
            other => return other.opaque(),
        };
        let value = self.engine.world.property(id, name).unwrap_or(Value::Absent);
        self.origin = self.resource_origin(id);
        self.origin.step(|| Step::Property(name.clone()));
        let value = if value.is_absent() { empty_value(empty) } else { value };
        self.named(value, text)
    }

    pub(super) fn field(&mut self, base: &Expr, name: &Name, empty: Empty, opaque: bool, text: &Arc<str>) -> Value {
        let fields = match self.eval(base) {
            Value::Record(fields) => fields,
            other => return other.opaque(),
        };
        if !opaque {
            self.origin.step(|| Step::Property(name.clone()));
        }
        let value = fields.get(name).cloned().unwrap_or_else(|| empty_value(empty));
        let value = if value.is_absent() { empty_value(empty) } else { value };
        self.named(value, text)
    }

    pub(super) fn member(&mut self, base: &Expr, name: &Name, text: &Arc<str>) -> Value {
        let value = match self.eval(base) {
            Value::Map(entries) => entries.get(name).cloned().unwrap_or(Value::Absent),
            Value::Unknown(unknown) => return Value::Unknown(unknown.opaque()),
            _ => Value::Absent,
        };
        self.origin.step(|| Step::Property(name.clone()));
        self.named(value, text)
    }

    pub(super) fn index(&mut self, base: &Expr, index: &Expr, text: &Arc<str>) -> Value {
        let base = self.eval(base);
        let mut origin = self.take_origin();
        let index = self.eval(index);
        if let Some(unknown) = compute::unknown_of(&base, &index) {
            return Value::Unknown(unknown.opaque());
        }
        let value = match (&base, &index) {
            (Value::List(elements), Value::Int(at)) => {
                let at = usize::try_from(*at).ok();
                origin = origin.element(at.unwrap_or(usize::MAX));
                // What comes after an element that may not be there has no known place.
                let before = at.and_then(|at| elements.get(..=at)).unwrap_or(elements);
                match Value::open_end(before) {
                    Some(more) => Value::Unknown(more.clone()),
                    None => at.and_then(|at| elements.get(at)).cloned().unwrap_or(Value::Absent),
                }
            }
            (Value::Map(entries), Value::Text(key)) => {
                origin.step(|| Step::Property(key.clone()));
                entries.get(key).cloned().unwrap_or(Value::Absent)
            }
            (_, Value::Count(count)) => Value::Unknown(count.why.clone()),
            _ => Value::Absent,
        };
        self.origin = origin;
        self.named(value, text)
    }

    pub(super) fn follow(
        &mut self,
        reference: &Arc<str>,
        targets: &[parapet_model::RefTarget],
        text: &Arc<str>,
    ) -> Value {
        let world = self.engine.world;
        if self.origin.mixed && !reference.starts_with("arn:") {
            let why = format!("`{reference}` is ambiguous: it comes from one of several resources");
            return self.named(Value::unknown(Reason::NotInInventory, why), text);
        }
        let from = self.origin.resource.or(self.subject).and_then(|id| world.whereabouts(id));
        match world.follow(from, targets, reference) {
            Ok(id) => {
                self.origin = self.resource_origin(id);
                Value::Resource(id)
            }
            Err(unknown) => self.named(Value::Unknown(unknown), text),
        }
    }

    /// The resource of the same document that a text is an attribute of, although nobody knows the text yet.
    pub(super) fn follow_symbol(&mut self, unknown: Unknown, targets: &[parapet_model::RefTarget]) -> Value {
        let found = unknown.symbol().and_then(|symbol| self.engine.world.named_by(symbol, targets));
        match found {
            Some(id) => {
                self.origin = self.resource_origin(id);
                Value::Resource(id)
            }
            None => Value::Unknown(unknown),
        }
    }

    pub(super) fn is_type(&mut self, value: &Expr, types: &[Name]) -> Value {
        match self.eval(value) {
            Value::Resource(id) => match (self.engine.world.kept(id), self.engine.world.type_of(id)) {
                (Some(Resource { resource_type, blank: Some(unknown), .. }), _) if &**resource_type == "?" => {
                    Value::Unknown(unknown.clone())
                }
                (_, Some(resource_type)) => Value::Bool(types.contains(resource_type)),
                (_, None) => Value::Absent,
            },
            other => other,
        }
    }

    pub(super) fn entries(&mut self, entries: &[(Name, Expr)]) -> parapet_model::Fields {
        let values = entries.iter().map(|(key, value)| (key.clone(), self.eval(value)));
        let values: Vec<(Name, Value)> = values.collect();
        values.into_iter().filter(|(_, value)| !value.is_absent()).collect()
    }

    /// A record; of a schema's, the required fields that the literal leaves out are unknown.
    pub(super) fn record(&mut self, entries: &[(Name, Expr)], ty: &Type) -> Value {
        let mut fields = self.entries(entries);
        if let Type::SchemaRecord(named) = ty
            && let Some(properties) = Schema::embedded().record(&named.owner, &named.record)
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

    pub(super) fn call(&mut self, function: &Arc<str>, arguments: &[Expr]) -> Value {
        let Some(callee) = self.engine.function(function) else {
            return Value::unknown(Reason::Other, format!("the function `{function}` is not there"));
        };
        let mut inner = Eval::new(self.engine, callee.slots, self.subject, self.tracer.take()).within(&callee.path);
        inner.unheard = self.unheard;
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

    pub(super) fn apply_builtin(&mut self, id: parapet_builtins::BuiltinId, arguments: &[Value]) -> Value {
        if let [Value::Unknown(unknown), rest @ ..] = arguments
            && unknown.is_present()
            && let Some(decided) = parapet_builtins::partly::decided(id, unknown, rest)
        {
            return decided;
        }
        if let [_, Value::Unknown(_)] = arguments
            && let Some(found) = parapet_builtins::partly::contains(id, arguments)
        {
            return found;
        }
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
}
