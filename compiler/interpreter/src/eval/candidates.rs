//! Which resources a condition can hold for, found by indexes instead of asking each.
//!
//! A condition on a target is looked through for equalities with a property or header of it, of which the world has an
//! index. Nothing is left out for which the condition is other than false. Where what was found and all that stands
//! around it decide that the condition is true, the candidate is sure, and nobody need evaluate it again. All else is only
//! possible.

use parapet_ir::{JoinKey, walk};
use parapet_model::Equality;

use super::*;

/// A resource for which a condition may be true or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) id: ResourceId,
    /// The condition is true.
    pub(crate) surely: bool,
}

/// What a search is for.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'a> {
    pub(crate) target: Slot,
    pub(crate) types: &'a [Name],
    /// Other parts of the condition are evaluated, too, to say which candidates are sure.
    pub(crate) surely: bool,
}

/// All resources for which a condition is not false are among these; `None`: nobody knows.
type Found = Option<Vec<Candidate>>;

/// Only possible from here on.
fn perhaps(found: Found) -> Found {
    let mut found = found?;
    found.iter_mut().for_each(|candidate| candidate.surely = false);
    Some(found)
}

impl<'e> Eval<'e> {
    /// The real resources for which a condition on the target can be other than false, in input order, each once;
    /// `None` for any. Everything else that the condition reads must be set.
    pub(crate) fn possible(&mut self, condition: &Expr, sought: Sought<'_>) -> Found {
        let mut found = self.find_possible(condition, sought)?;
        found.sort_unstable_by_key(|candidate| (candidate.id, !candidate.surely));
        found.dedup_by_key(|candidate| candidate.id);
        Some(found)
    }

    fn find_possible(&mut self, condition: &Expr, sought: Sought<'_>) -> Found {
        match &condition.kind {
            ExprKind::Value(Value::Bool(false)) => Some(Vec::new()),
            ExprKind::And(left, right) => self.possible_of_both(left, right, sought),
            ExprKind::Or(left, right) => self.possible_of_either(left, right, sought),
            ExprKind::Equal { left, right, negated: false, equality: Equality::Plain } => {
                let (key, value) = match (key_of(left, sought.target), key_of(right, sought.target)) {
                    (Some(key), None) if independent(right, sought.target) => (key, right),
                    (None, Some(key)) if independent(left, sought.target) => (key, left),
                    _ => return None,
                };
                let value = self.eval(value);
                self.lookup(&key, &value, sought.types)
            }
            ExprKind::In { item, collection, negated: false, equality: Equality::Plain } => {
                let key = key_of(item, sought.target).filter(|_| independent(collection, sought.target))?;
                let collection = self.eval(collection);
                let mut found = Vec::new();
                for element in collection.elements()?.iter() {
                    found.extend(self.lookup(&key, element, sought.types)?);
                }
                Some(found)
            }
            ExprKind::Quantified { all: false, binding, body } => self.possible_of_any(binding, body, sought),
            ExprKind::If { condition, then, otherwise } if independent(condition, sought.target) => {
                match self.truth(condition) {
                    Truth::True => self.find_possible(then, sought),
                    Truth::False => self.find_possible(otherwise, sought),
                    // It may be either branch.
                    Truth::Unknown(_) => None,
                }
            }
            ExprKind::Block { lets, result } => {
                for (slot, value) in lets {
                    if !independent(value, sought.target) {
                        return None;
                    }
                    let value = self.eval(value);
                    let origin = self.take_origin();
                    self.set(*slot, value, origin);
                }
                self.find_possible(result, sought)
            }
            ExprKind::Call { function, arguments } => self.possible_of_call(function, arguments, sought),
            ExprKind::Closure { relation, by_way_of, left, right, .. } => {
                let (from, to) = (key_of(left, sought.target), key_of(right, sought.target));
                let graph = |eval: &Self| eval.engine.graph(relation, by_way_of);
                match (from, to) {
                    (None, Some(Key::Itself)) if independent(left, sought.target) => {
                        let Value::Resource(from) = self.eval(left) else { return None };
                        Some(graph(self)?.ends(self.engine, from.0))
                    }
                    (Some(Key::Itself), None) if independent(right, sought.target) => {
                        let Value::Resource(to) = self.eval(right) else { return None };
                        Some(graph(self)?.starts(self.engine, to.0))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Whether one step already shows that `any x in TYPE: x relation+ y` or `any x in TYPE: y relation+ x` is true, while
    /// nobody asks which `x`.
    pub(super) fn surely_any(&mut self, binding: &Binding, body: &Expr) -> bool {
        let (Source::Resources(resources), None) = (&binding.source, &binding.filter) else { return false };
        let ExprKind::Closure { relation, by_way_of, left, right, .. } = &body.kind else { return false };
        let Some(types) = &resources.types else { return false };
        if self.tracer.is_some() || self.engine.recorder.is_some() {
            return false;
        }
        let backwards = matches!(key_of(left, binding.slot), Some(Key::Itself)) && independent(right, binding.slot);
        let forwards = matches!(key_of(right, binding.slot), Some(Key::Itself)) && independent(left, binding.slot);
        if !backwards && !forwards {
            return false;
        }
        let Value::Resource(other) = self.eval(if backwards { right } else { left }) else { return false };
        let Some(graph) = self.engine.graph(relation, by_way_of) else { return false };
        let found = match backwards {
            true => graph.one_start(self.engine, other.0, types),
            false => graph.one_end(self.engine, other.0, types),
        };
        found.is_some()
    }

    fn possible_of_both(&mut self, left: &Expr, right: &Expr, sought: Sought<'_>) -> Found {
        // Many resources lie in one account and region: whatever else is asked says more.
        let (first, second) = if is_of_place(left, sought.target) { (right, left) } else { (left, right) };
        if !sought.surely {
            let found = self.find_possible(first, sought);
            return perhaps(found.or_else(|| self.find_possible(second, sought)));
        }
        for (one, other) in [(left, right), (right, left)] {
            if independent(one, sought.target) {
                return match self.truth(one) {
                    Truth::False => Some(Vec::new()),
                    Truth::True => self.find_possible(other, sought),
                    Truth::Unknown(_) => perhaps(self.find_possible(other, sought)),
                };
            }
        }
        if let Some(found) = self.find_possible(first, sought) {
            return Some(self.those_that_also(second, sought.target, found));
        }
        let found = self.find_possible(second, sought)?;
        Some(self.those_that_also(first, sought.target, found))
    }

    /// Those of the candidates for which another condition on the target is not false, as far as it is worth asking.
    fn those_that_also(&mut self, condition: &Expr, target: Slot, found: Vec<Candidate>) -> Vec<Candidate> {
        let mut kept = Vec::with_capacity(found.len());
        for candidate in found {
            // One that is only possible is asked as a whole anyway.
            if !candidate.surely {
                kept.push(candidate);
                continue;
            }
            let origin = self.resource_origin(candidate.id);
            self.set(target, Value::Resource(candidate.id), origin);
            match self.truth(condition) {
                Truth::True => kept.push(candidate),
                Truth::Unknown(_) => kept.push(Candidate { surely: false, ..candidate }),
                Truth::False => {}
            }
        }
        kept
    }

    fn possible_of_either(&mut self, left: &Expr, right: &Expr, sought: Sought<'_>) -> Found {
        if sought.surely {
            for (one, other) in [(left, right), (right, left)] {
                if independent(one, sought.target) {
                    // Where it is not false, the whole is not false for any.
                    return if self.truth(one) == Truth::False { self.find_possible(other, sought) } else { None };
                }
            }
        }
        let mut found = self.find_possible(left, sought)?;
        found.extend(self.find_possible(right, sought)?);
        Some(found)
    }

    fn possible_of_any(&mut self, binding: &Binding, body: &Expr, sought: Sought<'_>) -> Found {
        let source_depends = match &binding.source {
            Source::Elements(source) => !independent(source, sought.target),
            Source::Resources(resources) => {
                let values = resources.join.as_ref().map(|join| &join.value).into_iter();
                values
                    .chain(&resources.account)
                    .chain(&resources.region)
                    .any(|value| !independent(value, sought.target))
            }
            Source::Accounts => false,
        };
        if source_depends {
            return None;
        }
        let mut found = Vec::new();
        for element in self.elements(binding).ok()? {
            self.set(binding.slot, element.value.clone(), element.origin.clone());
            let of_element = self.possible_of_element(binding, body, sought)?;
            // A stand-in may not exist at all.
            found.extend(if element.stand_in.is_some() { perhaps(Some(of_element))? } else { of_element });
        }
        Some(found)
    }

    /// Of an element that is bound: both its filter and the body must hold.
    fn possible_of_element(&mut self, binding: &Binding, body: &Expr, sought: Sought<'_>) -> Found {
        let Some(filter) = &binding.filter else { return self.find_possible(body, sought) };
        if independent(filter, sought.target) {
            return match self.truth(filter) {
                Truth::False => Some(Vec::new()),
                Truth::True => self.find_possible(body, sought),
                Truth::Unknown(_) => perhaps(self.find_possible(body, sought)),
            };
        }
        if !sought.surely {
            let found = self.find_possible(filter, sought);
            return perhaps(found.or_else(|| self.find_possible(body, sought)));
        }
        if let Some(found) = self.find_possible(filter, sought) {
            return Some(self.those_that_also(body, sought.target, found));
        }
        let found = self.find_possible(body, sought)?;
        Some(self.those_that_also(filter, sought.target, found))
    }

    /// A call that is handed the target itself: its body decides.
    fn possible_of_call(&mut self, function: &Arc<str>, arguments: &[Expr], sought: Sought<'_>) -> Found {
        let (mut inner, body, target) = self.inside_call(function, arguments, sought.target)?;
        inner.find_possible(body, Sought { target, ..sought })
    }

    /// The frame of a call that is handed the target once, as it is: with the body, and what the target is called there.
    pub(super) fn inside_call(
        &mut self,
        function: &Arc<str>,
        arguments: &[Expr],
        target: Slot,
    ) -> Option<(Self, &'e Expr, Slot)> {
        let callee = self.engine.function(function)?;
        let mut inner = Eval::new(self.engine, callee.slots, self.subject, None);
        let mut inner_target = None;
        for (slot, argument) in callee.parameters.iter().zip(arguments) {
            if matches!(&argument.kind, ExprKind::Slot(read, _) if *read == target) {
                if inner_target.replace(*slot).is_some() {
                    return None;
                }
            } else if independent(argument, target) {
                let value = self.eval(argument);
                let origin = self.take_origin();
                inner.set(*slot, value, origin);
            } else {
                return None;
            }
        }
        Some((inner, &callee.body, inner_target?))
    }

    /// The resources whose key may equal a value; `None` when any may.
    fn lookup(&self, key: &Key, value: &Value, types: &[Name]) -> Found {
        let world = self.engine.world;
        if let (Key::Join(key), Value::Unknown(unknown)) = (key, value) {
            let ids = world.that_may_have(types, key, unknown.symbol()?)?;
            return Some(ids.into_iter().map(|id| Candidate { id, surely: false }).collect());
        }
        let text: Arc<str> = match (key, value) {
            (_, Value::Absent) => return Some(Vec::new()),
            (Key::Itself, Value::Resource(id)) if !world.is_stand_in(*id) => {
                return Some(vec![Candidate { id: *id, surely: true }]);
            }
            (Key::Join(_), Value::Text(text)) if !parapet_model::is_dynamic(text) => text.clone(),
            (Key::Join(_), Value::Int(int)) => int.to_string().into(),
            _ => return None,
        };
        let Key::Join(key) = key else { return None };
        let mut found = Vec::new();
        for name in types {
            let index = world.join_index(name, key);
            // The index holds numbers as text, and a text is no number.
            let same = |id: ResourceId| {
                let held = world.key_value(id, key);
                matches!((held, value), (Some(Value::Text(held)), Value::Text(value)) if held == *value)
            };
            found.extend(index.get(&text).iter().map(|id| Candidate { id: *id, surely: same(*id) }));
            found.extend(index.undecided.iter().map(|id| Candidate { id: *id, surely: false }));
        }
        Some(found)
    }
}

/// What of the target an equality compares.
pub(super) enum Key {
    Itself,
    Join(JoinKey),
}

pub(super) fn key_of(value: &Expr, target: Slot) -> Option<Key> {
    let is_target = |base: &Expr| matches!(&base.kind, ExprKind::Slot(slot, _) if *slot == target);
    let hashable = value.ty.required().is_text() || matches!(value.ty.required(), Type::Int);
    match &value.kind {
        _ if is_target(value) => Some(Key::Itself),
        ExprKind::Index { base, index, .. } => match (&base.kind, &index.kind) {
            (ExprKind::Header { base, name, .. }, ExprKind::Value(Value::Text(key)))
                if &**name == "tags" && is_target(base) =>
            {
                Some(Key::Join(JoinKey::Tag(key.clone())))
            }
            _ => None,
        },
        ExprKind::Header { base, name, .. } if hashable && is_target(base) => {
            Some(Key::Join(JoinKey::Header(name.clone())))
        }
        ExprKind::Property { base, name, .. } if hashable && is_target(base) => {
            Some(Key::Join(JoinKey::Property(name.clone())))
        }
        _ => None,
    }
}

/// Whether an equality asks for the account or region of the target.
fn is_of_place(condition: &Expr, target: Slot) -> bool {
    let ExprKind::Equal { left, right, negated: false, .. } = &condition.kind else { return false };
    [left, right].into_iter().filter_map(|side| key_of(side, target)).any(|key| match key {
        Key::Join(JoinKey::Header(name)) => matches!(&*name, "account" | "region"),
        Key::Join(JoinKey::Tag(_) | JoinKey::Property(_)) | Key::Itself => false,
    })
}

pub(super) fn independent(value: &Expr, target: Slot) -> bool {
    let mut found = false;
    walk(value, &mut |part| found |= matches!(&part.kind, ExprKind::Slot(slot, _) if *slot == target));
    !found
}
