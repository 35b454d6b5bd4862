//! Quantifiers, `count`, `first`, comprehensions, and the collections that they range over.

use super::placed::Wanted;
use super::*;

impl Eval<'_> {
    /// The elements of a binding: `Err` when the collection itself is unknown.
    pub(super) fn elements(&mut self, binding: &Binding) -> Result<Vec<Element>, Unknown> {
        self.elements_that(binding, None)
    }

    /// The elements of a binding without those for which `body`, too, is false in any case.
    pub(super) fn elements_that(&mut self, binding: &Binding, body: Option<&Expr>) -> Result<Vec<Element>, Unknown> {
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
            Source::Resources(resources) => {
                let conditions = [binding.filter.as_deref(), body];
                Ok(self.resource_elements(resources, binding.slot, conditions))
            }
            Source::Accounts => {
                let accounts = 0..self.engine.world.accounts().len();
                Ok(accounts
                    .map(|at| Element {
                        value: account(at),
                        origin: Origin::default(),
                        stand_in: None,
                        existence: None,
                    })
                    .collect())
            }
        }
    }

    /// The resources of a collection for which none of the conditions on the element is known to be false beforehand.
    fn resource_elements(&mut self, resources: &Resources, slot: Slot, conditions: [Option<&Expr>; 2]) -> Vec<Element> {
        let mark = self.mark();
        let candidates = self.candidates(resources, slot, conditions);
        let mut elements: Vec<Element> = self.uncollected(resources, slot, conditions);
        let end = self.mark();
        self.forget(mark, end);
        let world = self.engine.world;
        for id in candidates {
            let origin = self.resource_origin(id);
            debug_assert!(!world.is_stand_in(id));
            let existence = world.kept(id).and_then(|resource| resource.existence.clone());
            elements.push(Element { value: Value::Resource(id), origin, stand_in: None, existence });
        }
        elements
    }

    /// The real resources that a collection's condition can hold for.
    fn candidates(&mut self, resources: &Resources, slot: Slot, conditions: [Option<&Expr>; 2]) -> Vec<ResourceId> {
        let world = self.engine.world;
        let Some(types) = &resources.types else { return world.ids().collect() };
        let of_place = |key: &JoinKey| matches!(key, JoinKey::Header(name) if matches!(&**name, "account" | "region"));
        let narrow = resources.join.as_ref().filter(|join| !of_place(&join.key));
        let found = match narrow {
            Some(join) => self.joined(types, join),
            // No equality was planned: perhaps a relation or a list says which.
            None => {
                let sought = Sought { target: slot, types, surely: false };
                let found = conditions.into_iter().flatten().find_map(|condition| self.possible(condition, sought));
                found.map(|found| found.into_iter().map(|candidate| candidate.id).collect())
            }
        };
        let found = found.or_else(|| resources.join.as_ref().and_then(|join| self.joined(types, join)));
        let mut ids = found.unwrap_or_else(|| types.iter().flat_map(|name| world.of_type(name)).copied().collect());
        // A relation over a union leads to resources of other types, too.
        ids.retain(|id| world.type_of(*id).is_some_and(|own| types.contains(own)));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// By the join; `None` when the value is not known, so that any resource may match.
    pub(super) fn joined(&mut self, types: &[Name], join: &Join) -> Option<Vec<ResourceId>> {
        let text: Arc<str> = match self.eval(&join.value) {
            Value::Text(text) if !parapet_model::is_dynamic(&text) => text,
            Value::Int(int) => int.to_string().into(),
            Value::Absent => return Some(Vec::new()),
            Value::Unknown(unknown) => return self.engine.world.that_may_have(types, &join.key, unknown.symbol()?),
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

    /// Stand-ins for what was not collected, of the account and region that the conditions ask for.
    fn uncollected(&mut self, resources: &Resources, slot: Slot, conditions: [Option<&Expr>; 2]) -> Vec<Element> {
        let world = self.engine.world;
        let types = resources.types.as_deref();
        if !world.has_stand_ins(types) {
            return Vec::new();
        }
        let mut fixed = |value: &Option<Box<Expr>>| value.as_ref().map(|value| self.eval(value));
        let mut wanted = Wanted { account: fixed(&resources.account), region: fixed(&resources.region) };
        // What a test does not decide, it does not show.
        let heard = std::mem::replace(&mut self.unheard, true);
        for condition in conditions.into_iter().flatten().filter(|_| resources.reads_place) {
            if !wanted.is_whole() {
                wanted = wanted.or(self.wanted_place(condition, slot));
            }
        }
        self.unheard = heard;
        let ids = match (&wanted.account, types) {
            (Some(Value::Text(account)), Some(types)) if resources.reads_place => world.stand_ins_in(types, account),
            _ => world.stand_ins_of(types, resources.reads_place),
        };
        let mut elements = Vec::new();
        for id in ids {
            let Some((resource, here)) = world.kept(id).zip(world.whereabouts(id)) else { continue };
            if wanted.admits(here) {
                let origin = Origin { resource: Some(id), ..Origin::default() };
                elements.push(Element {
                    value: Value::Resource(id),
                    origin,
                    stand_in: resource.blank.clone(),
                    existence: None,
                });
            }
        }
        elements
    }

    /// Binds an element and asks the filter.
    pub(super) fn enter(&mut self, binding: &Binding, element: &Element) -> Truth {
        self.set(binding.slot, element.value.clone(), element.origin.clone());
        let passes = binding.filter.as_ref().map_or(Truth::True, |filter| self.truth(filter));
        match element.stand_in.as_ref().or(element.existence.as_ref()) {
            // It may not exist at all.
            Some(unknown) => passes.and(Truth::Unknown(unknown.clone())),
            None => passes,
        }
    }

    /// `any` is the `or` of filter and body, `all` the `and` of not-filter or body.
    pub(super) fn quantified(&mut self, all: bool, binding: &Binding, body: &Expr) -> Truth {
        if !all && self.surely_any(binding, body) {
            return Truth::True;
        }
        let start = self.mark();
        // An element for which the body of an `any` is false decides nothing.
        let elements = match self.elements_that(binding, (!all).then_some(body)) {
            Ok(elements) => elements,
            Err(unknown) => return Truth::Unknown(unknown),
        };
        let decides = if all { Truth::False } else { Truth::True };
        let mut result = Truth::from(all);
        for (at, element) in elements.iter().enumerate() {
            let before = self.mark();
            let passes = self.enter(binding, element);
            let middle = self.mark();
            let holds = if passes == Truth::False { Truth::from(all) } else { self.body(all, passes, body) };
            if holds == decides {
                if self.tracer.is_some() && binding.filter.as_ref().is_some_and(|filter| ties(filter)) {
                    self.put_last(before, middle);
                }
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

    pub(super) fn body(&mut self, all: bool, passes: Truth, body: &Expr) -> Truth {
        let holds = self.truth(body);
        if all { passes.not().or(holds) } else { passes.and(holds) }
    }

    /// Counts the elements that decide as the first of them does, and leaves the first one bound.
    pub(super) fn count_counterexamples(&mut self, all: bool, binding: &Binding, body: &Expr, elements: &[Element]) {
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

    pub(super) fn count(&mut self, binding: &Binding) -> Value {
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
            Some(why) => Value::count(least, (!unbounded).then_some(most), why),
        }
    }

    pub(super) fn first(&mut self, binding: &Binding) -> Value {
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

    pub(super) fn comprehension(&mut self, element: &Expr, binding: &Binding) -> Value {
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

    pub(super) fn whole_collection(&mut self, resources: &Resources) -> Value {
        let elements = self.resource_elements(resources, Slot(u32::MAX), [None, None]);
        match elements.iter().find_map(|element| element.stand_in.clone().or(element.existence.clone())) {
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
