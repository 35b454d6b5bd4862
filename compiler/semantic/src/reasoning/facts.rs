//! What is known at a point of a guardrail: of terms, of whole conditions, of the elements of collections.
//!
//! A term is what gives a value that conditions speak of: a name and a path below it, or what a function makes of one.
//! What a condition says beyond that is remembered as a whole. Elements that two conditions call differently are made
//! one (an alias) while the one condition is looked at in the light of the other.

use std::rc::Rc;

use super::same::Names;
use super::values::Possible;
use super::{MOST_FACTS, Surroundings};
use crate::typed::{LocalId, Typed, TypedBinding, TypedKind};

/// What is known at a point of a guardrail.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts<'t> {
    /// The values of terms, each by one of the expressions that give it.
    terms: Vec<(&'t Typed, Rc<Possible>)>,
    conditions: Vec<(&'t Typed, bool)>,
    /// What each element of a collection is like.
    pub every: Vec<Elements<'t>>,
    /// What some element of a collection is like.
    pub some: Vec<Elements<'t>>,
    /// Elements that are one: the left name stands for the right one.
    aliases: Vec<(LocalId, LocalId)>,
    /// How many elements are looked at that are there because of what is known.
    pub witnesses: usize,
}

/// Elements that pass the filter of a binding, and for which a condition holds or fails.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'t> {
    pub binding: &'t TypedBinding,
    pub condition: &'t Typed,
    pub truth: bool,
}

impl<'t> Facts<'t> {
    /// Lets the element of a known condition be another one; not twice, for then they would be one with each other.
    pub(super) fn alias(&mut self, known: LocalId, element: LocalId) -> bool {
        if known == element || self.aliases.contains(&(known, element)) {
            return true;
        }
        let free = !self.is_aliased(known) && !self.is_aliased(element);
        if free {
            self.aliases.push((known, element));
        }
        free
    }

    /// Whether the name stands for the element of another condition.
    pub(super) fn is_aliased(&self, local: LocalId) -> bool {
        self.aliases.iter().any(|(alias, _)| *alias == local)
    }

    /// Notes a condition as a whole.
    pub(super) fn note(&mut self, condition: &'t Typed, truth: bool) {
        if self.conditions.len() < MOST_FACTS {
            self.conditions.push((condition, truth));
        }
    }

    pub(super) fn note_every(&mut self, elements: Elements<'t>) {
        if self.every.len() < MOST_FACTS {
            self.every.push(elements);
        }
    }

    pub(super) fn note_some(&mut self, elements: Elements<'t>) {
        if self.some.len() < MOST_FACTS {
            self.some.push(elements);
        }
    }
}

impl<'t> Surroundings<'t> {
    pub(super) fn names<'a>(&'a self, facts: &'a Facts<'t>) -> Names<'a, 't> {
        Names { lets: &self.lets, aliases: &facts.aliases, fuel: &self.fuel }
    }

    /// The truth of a condition that is known as a whole.
    pub(super) fn known_condition(&self, facts: &Facts<'t>, condition: &Typed) -> Option<bool> {
        let names = self.names(facts);
        let mut known = facts.conditions.iter().rev();
        known.find_map(|(known, truth)| names.relation(known, condition).map(|same| same == *truth))
    }

    /// What is known of a term.
    pub(super) fn known_term<'f>(&self, facts: &'f Facts<'t>, term: &Typed) -> Option<&'f Possible> {
        if facts.terms.is_empty() || !is_term(term) {
            return None;
        }
        let names = self.names(facts);
        facts.terms.iter().find(|(known, _)| names.same(known, term)).map(|(_, known)| &**known)
    }

    /// Notes what a term is.
    pub(super) fn settle(&self, facts: &mut Facts<'t>, term: &'t Typed, value: Possible) {
        let at = {
            let names = self.names(facts);
            facts.terms.iter().position(|(known, _)| names.same(known, term))
        };
        let (value, full) = (Rc::new(value), facts.terms.len() >= MOST_FACTS);
        match at.and_then(|at| facts.terms.get_mut(at)) {
            Some((_, known)) => *known = value,
            None if full => {}
            None => facts.terms.push((term, value)),
        }
    }

    /// Adds what follows in both of two cases to what is known in any case.
    pub(super) fn join(&self, facts: &mut Facts<'t>, [one, other]: [Facts<'t>; 2]) {
        let (terms, conditions) = (facts.terms.len(), facts.conditions.len());
        for (at, (_, known)) in facts.terms.iter_mut().enumerate() {
            if let (Some((_, a)), Some((_, b))) = (one.terms.get(at), other.terms.get(at))
                && !Rc::ptr_eq(a, known)
                && !Rc::ptr_eq(b, known)
            {
                *known = Rc::new(Possible::clone(a).or(Possible::clone(b)));
            }
        }
        for (term, a) in one.terms.iter().skip(terms) {
            let found = {
                let names = self.names(facts);
                other.terms.iter().skip(terms).find(|(other, _)| names.same(other, term)).map(|(_, b)| b.clone())
            };
            if let Some(b) = found {
                self.settle(facts, term, Possible::clone(a).or(Possible::clone(&b)));
            }
        }
        for (condition, truth) in one.conditions.iter().skip(conditions) {
            let names = self.names(&other);
            let mut others = other.conditions.iter().skip(conditions);
            let in_both = others.any(|(known, value)| names.relation(known, condition) == Some(value == truth));
            if in_both {
                facts.note(condition, *truth);
            }
        }
    }
}

/// Whether an expression gives a value that facts are about; what it is made of says nothing of it by itself.
pub(super) fn is_term(value: &Typed) -> bool {
    match &value.kind {
        TypedKind::Local(_)
        | TypedKind::Parameter(_)
        | TypedKind::Property { .. }
        | TypedKind::Field { .. }
        | TypedKind::Header { .. }
        | TypedKind::ArnPart { .. }
        | TypedKind::Member { .. }
        | TypedKind::Index { .. }
        | TypedKind::Follow { .. }
        | TypedKind::Safe { .. }
        | TypedKind::Arithmetic { .. }
        | TypedKind::Counted { .. }
        | TypedKind::If { .. }
        | TypedKind::Call { .. }
        | TypedKind::Builtin { .. }
        | TypedKind::Cast(_)
        | TypedKind::ToPolicy(_) => true,
        TypedKind::Error
        | TypedKind::Unknown
        | TypedKind::Literal(_)
        | TypedKind::Now
        | TypedKind::Constant(_)
        | TypedKind::Coalesce { .. }
        | TypedKind::IsPresent { .. }
        | TypedKind::IsType { .. }
        | TypedKind::Not(_)
        | TypedKind::Negate(_)
        | TypedKind::And(..)
        | TypedKind::Or(..)
        | TypedKind::Equal { .. }
        | TypedKind::Order { .. }
        | TypedKind::In { .. }
        | TypedKind::InBlock { .. }
        | TypedKind::InRange { .. }
        | TypedKind::Like { .. }
        | TypedKind::Matches { .. }
        | TypedKind::Subset { .. }
        | TypedKind::Intersects { .. }
        | TypedKind::Quantified { .. }
        | TypedKind::Comprehension { .. }
        | TypedKind::Resources(_)
        | TypedKind::AllResources
        | TypedKind::Accounts
        | TypedKind::List(_)
        | TypedKind::Set(_)
        | TypedKind::Map(_)
        | TypedKind::Record(_)
        | TypedKind::Block { .. }
        | TypedKind::Closure { .. } => false,
    }
}
