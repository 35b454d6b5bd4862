//! Whether two checked expressions say the same, wherever they stand.
//!
//! Spans and types are passed over: what is known at a place changes the type of a name there, not its value. Names
//! that the expressions bind themselves may differ; a `let` says what its value says, and `x?.y` what `x.y` says.

use parapet_model::Name;
use rustc_hash::FxHashMap;

use super::Fuel;
use super::values::{mirrored, opposite};
use crate::typed::{LocalId, Quantifier, Typed, TypedBinding, TypedKind};

/// What names stand for.
pub(super) struct Names<'a, 't> {
    /// The values of `let`s, and the bases of `?.` by the local that stands for them.
    pub lets: &'a FxHashMap<LocalId, &'t Typed>,
    /// Elements that are one: the left name stands for the right one.
    pub aliases: &'a [(LocalId, LocalId)],
    /// How much more may be looked at: `let`s may name each other twice at each step.
    pub fuel: &'a Fuel,
}

impl Names<'_, '_> {
    /// Whether both have one value wherever the same names have the same values. A part in error equals nothing.
    pub(super) fn same(&self, a: &Typed, b: &Typed) -> bool {
        self.comparison().same(a, b)
    }

    /// Whether two conditions say the same (`true`), or one the opposite of the other.
    pub(super) fn relation(&self, known: &Typed, asked: &Typed) -> Option<bool> {
        let (known, a) = without_not(known);
        let (asked, b) = without_not(asked);
        self.polarity(known, asked).map(|same| same == (a == b))
    }

    fn comparison(&self) -> Comparison<'_, '_> {
        Comparison { names: self, bound: Vec::new() }
    }

    fn polarity(&self, a: &Typed, b: &Typed) -> Option<bool> {
        use TypedKind as K;
        let pair = |a: [&Typed; 2], b: [&Typed; 2]| self.comparison().pair(a, b);
        match (&a.kind, &b.kind) {
            (
                K::Equal { left: a, right: c, negated: p, equality: e },
                K::Equal { left: b, right: d, negated: q, equality: f },
            ) => (e == f && (pair([a, c], [b, d]) || pair([a, c], [d, b]))).then_some(p == q),
            (
                K::In { item: a, collection: c, negated: p, equality: e },
                K::In { item: b, collection: d, negated: q, equality: f },
            ) => (e == f && pair([a, c], [b, d])).then_some(p == q),
            (K::InBlock { item: a, block: c, negated: p }, K::InBlock { item: b, block: d, negated: q }) => {
                pair([a, c], [b, d]).then_some(p == q)
            }
            (
                K::InRange { item: a, start: c, end: e, inclusive: i, negated: p },
                K::InRange { item: b, start: d, end: f, inclusive: j, negated: q },
            ) => (i == j && pair([a, c], [b, d]) && self.same(e, f)).then_some(p == q),
            (K::IsPresent { value: a, absent: p }, K::IsPresent { value: b, absent: q }) => {
                self.same(a, b).then_some(p == q)
            }
            (K::Order { op: p, left: a, right: c }, K::Order { op: q, left: b, right: d }) => {
                let op = [(*q, [b, d]), (mirrored(*q), [d, b])].into_iter().find(|(_, sides)| {
                    let [b, d] = sides;
                    pair([a, c], [b, d])
                });
                op.and_then(|(op, _)| if op == *p { Some(true) } else { (op == opposite(*p)).then_some(false) })
            }
            (
                K::Quantified { quantifier: p, binding: a, body: c },
                K::Quantified { quantifier: q, binding: b, body: d },
            ) => {
                let same = self.comparison().binding(a, b, |inner| inner.same(c, d));
                match (p, q) {
                    _ if !same => None,
                    (Quantifier::Any, Quantifier::No) | (Quantifier::No, Quantifier::Any) => Some(false),
                    _ => (p == q).then_some(true),
                }
            }
            _ => self.same(a, b).then_some(true),
        }
    }
}

/// The condition below its `not`s, and whether it is negated.
fn without_not(condition: &Typed) -> (&Typed, bool) {
    match &condition.kind {
        TypedKind::Not(inner) => {
            let (inner, negated) = without_not(inner);
            (inner, !negated)
        }
        _ => (condition, false),
    }
}

struct Comparison<'a, 't> {
    names: &'a Names<'a, 't>,
    /// The names bound on the way, the outermost first: one of each side.
    bound: Vec<(LocalId, LocalId)>,
}

impl Comparison<'_, '_> {
    fn same(&mut self, a: &Typed, b: &Typed) -> bool {
        use TypedKind as K;
        if !self.names.fuel.goes_on() {
            return false;
        }
        match (&a.kind, &b.kind) {
            (K::Local(x), K::Local(y)) if self.local(*x, *y) => return true,
            (K::Local(x), _) if let Some(value) = self.names.lets.get(x) => return self.same(value, b),
            (_, K::Local(y)) if let Some(value) = self.names.lets.get(y) => return self.same(a, value),
            (K::Safe { body, .. }, _) => return self.same(body, b),
            (_, K::Safe { body, .. }) => return self.same(a, body),
            _ => {}
        }
        match (&a.kind, &b.kind) {
            (K::Literal(a), K::Literal(b)) => a == b,
            (K::Now, K::Now) | (K::AllResources, K::AllResources) | (K::Accounts, K::Accounts) => true,
            (K::Constant(a), K::Constant(b)) | (K::Parameter(a), K::Parameter(b)) => a == b,
            (K::Resources(a), K::Resources(b)) => a == b,
            (K::Header { base: a, name: x }, K::Header { base: b, name: y })
            | (K::Property { base: a, name: x }, K::Property { base: b, name: y })
            | (K::Field { base: a, name: x }, K::Field { base: b, name: y })
            | (K::ArnPart { base: a, part: x }, K::ArnPart { base: b, part: y })
            | (K::Member { base: a, name: x }, K::Member { base: b, name: y }) => x == y && self.same(a, b),
            (K::Follow { base: a }, K::Follow { base: b })
            | (K::Not(a), K::Not(b))
            | (K::Negate(a), K::Negate(b))
            | (K::ToPolicy(a), K::ToPolicy(b)) => self.same(a, b),
            (K::Cast(x), K::Cast(y)) => a.ty == b.ty && self.same(x, y),
            (K::IsPresent { value: a, absent: x }, K::IsPresent { value: b, absent: y }) => x == y && self.same(a, b),
            (K::IsType { value: a, types: x }, K::IsType { value: b, types: y }) => x == y && self.same(a, b),
            (K::Matches { text: a, pattern: x, folded: f }, K::Matches { text: b, pattern: y, folded: g }) => {
                x == y && f == g && self.same(a, b)
            }
            (K::List(a), K::List(b)) | (K::Set(a), K::Set(b)) => self.all(a, b),
            (K::Map(a), K::Map(b)) | (K::Record(a), K::Record(b)) => self.entries(a, b),
            (K::Call { function: f, arguments: a }, K::Call { function: g, arguments: b }) => f == g && self.all(a, b),
            (K::Builtin { id: f, arguments: a }, K::Builtin { id: g, arguments: b }) => f == g && self.all(a, b),
            (K::If { condition: a, then: c, otherwise: e }, K::If { condition: b, then: d, otherwise: f }) => {
                self.same(a, b) && self.same(c, d) && self.same(e, f)
            }
            (
                K::Quantified { quantifier: p, binding: a, body: c },
                K::Quantified { quantifier: q, binding: b, body: d },
            ) => p == q && self.binding(a, b, |inner| inner.same(c, d)),
            (K::Counted { what: p, binding: a }, K::Counted { what: q, binding: b }) => {
                p == q && self.binding(a, b, |_| true)
            }
            (K::Comprehension { element: c, binding: a }, K::Comprehension { element: d, binding: b }) => {
                self.binding(a, b, |inner| inner.same(c, d))
            }
            _ => self.same_operation(&a.kind, &b.kind),
        }
    }

    /// The same for operators on two or three operands.
    fn same_operation(&mut self, a: &TypedKind, b: &TypedKind) -> bool {
        use TypedKind as K;
        match (a, b) {
            (K::And(a, c), K::And(b, d))
            | (K::Or(a, c), K::Or(b, d))
            | (K::Coalesce { value: a, default: c }, K::Coalesce { value: b, default: d })
            | (K::Index { base: a, index: c }, K::Index { base: b, index: d }) => self.pair([a, c], [b, d]),
            (
                K::Equal { left: a, right: c, negated: p, equality: e },
                K::Equal { left: b, right: d, negated: q, equality: f },
            )
            | (
                K::In { item: a, collection: c, negated: p, equality: e },
                K::In { item: b, collection: d, negated: q, equality: f },
            ) => p == q && e == f && self.pair([a, c], [b, d]),
            (K::Order { op: p, left: a, right: c }, K::Order { op: q, left: b, right: d }) => {
                p == q && self.pair([a, c], [b, d])
            }
            (K::InBlock { item: a, block: c, negated: p }, K::InBlock { item: b, block: d, negated: q }) => {
                p == q && self.pair([a, c], [b, d])
            }
            (
                K::InRange { item: a, start: c, end: e, inclusive: p, negated: r },
                K::InRange { item: b, start: d, end: f, inclusive: q, negated: s },
            ) => p == q && r == s && self.pair([a, c], [b, d]) && self.same(e, f),
            (K::Like { text: a, pattern: c, folded: p }, K::Like { text: b, pattern: d, folded: q }) => {
                p == q && self.pair([a, c], [b, d])
            }
            (K::Subset { left: a, right: c, equality: e }, K::Subset { left: b, right: d, equality: f })
            | (K::Intersects { left: a, right: c, equality: e }, K::Intersects { left: b, right: d, equality: f }) => {
                e == f && self.pair([a, c], [b, d])
            }
            (K::Arithmetic { op: p, left: a, right: c }, K::Arithmetic { op: q, left: b, right: d }) => {
                p == q && self.pair([a, c], [b, d])
            }
            (
                K::Closure { relation: r, by_way_of: v, left: a, right: c },
                K::Closure { relation: s, by_way_of: w, left: b, right: d },
            ) => r == s && v == w && self.pair([a, c], [b, d]),
            _ => false,
        }
    }

    fn local(&self, a: LocalId, b: LocalId) -> bool {
        let bound = self.bound.iter().rev().find(|(left, right)| *left == a || *right == b);
        let canonical =
            |local| self.names.aliases.iter().find(|(alias, _)| *alias == local).map_or(local, |pair| pair.1);
        bound.map_or_else(|| canonical(a) == canonical(b), |pair| *pair == (a, b))
    }

    fn pair(&mut self, a: [&Typed; 2], b: [&Typed; 2]) -> bool {
        a.into_iter().zip(b).all(|(a, b)| self.same(a, b))
    }

    fn all(&mut self, a: &[Typed], b: &[Typed]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same(a, b))
    }

    fn entries(&mut self, a: &[(Name, Typed)], b: &[(Name, Typed)]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|((x, a), (y, b))| x == y && self.same(a, b))
    }

    /// Compares what stands where one more name is bound.
    fn within(&mut self, names: (LocalId, LocalId), compare: impl FnOnce(&mut Self) -> bool) -> bool {
        self.bound.push(names);
        let result = compare(self);
        self.bound.pop();
        result
    }

    fn binding(&mut self, a: &TypedBinding, b: &TypedBinding, rest: impl FnOnce(&mut Self) -> bool) -> bool {
        self.same(&a.source, &b.source)
            && self.within((a.local, b.local), |inner| {
                let filters = match (&a.filter, &b.filter) {
                    (Some(a), Some(b)) => inner.same(a, b),
                    (None, None) => true,
                    (Some(_), None) | (None, Some(_)) => false,
                };
                filters && rest(inner)
            })
    }
}
