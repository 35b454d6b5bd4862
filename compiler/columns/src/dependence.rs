//! What an expression depends on: properties and headers of the resource judged, or more.

use std::collections::BTreeSet;

use parapet_ir::{
    Binding, DefinitionPath, Expr, ExprKind, Program, Slot, Statement, StatementKind, binding_parts, children,
};
use parapet_model::Name;
use rustc_hash::{FxHashMap, FxHashSet};

/// What is read of the resource judged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Property(Name),
    Header(Name),
}

/// What a value is a function of, beside what is the same in all of a run: constants, parameters, the time, and all the resources
/// and accounts that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dependence {
    pub(crate) keys: BTreeSet<Key>,
    /// Also of which resource it is, or of what a reference of it leads to.
    pub(crate) open: bool,
}

impl Dependence {
    pub(crate) fn add(&mut self, other: &Dependence) {
        self.keys.extend(other.keys.iter().cloned());
        self.open |= other.open;
    }
}

/// Finds dependences; what it finds of functions it keeps.
pub(crate) struct Analysis<'p> {
    program: &'p Program,
    calls: FxHashMap<(DefinitionPath, Vec<bool>), Dependence>,
    /// What the `let`s of the guardrail depend on.
    lets: FxHashMap<Slot, Dependence>,
}

impl<'p> Analysis<'p> {
    pub(crate) fn new(program: &'p Program) -> Analysis<'p> {
        Analysis { program, calls: FxHashMap::default(), lets: FxHashMap::default() }
    }

    /// Begins a guardrail.
    pub(crate) fn forget_lets(&mut self) {
        self.lets.clear();
    }

    /// Notes what a `let` of the guardrail depends on.
    pub(crate) fn bind(&mut self, slot: Slot, value: &Expr, subject: Slot) {
        let dependence = self.expr(value, subject);
        self.lets.insert(slot, dependence);
    }

    /// What an expression of the guardrail depends on.
    pub(crate) fn expr(&mut self, expr: &Expr, subject: Slot) -> Dependence {
        let mut found = Dependence::default();
        self.visit(expr, &FxHashSet::from_iter([subject]), &mut found);
        found
    }

    /// What a statement of the guardrail depends on.
    pub(crate) fn statement(&mut self, statement: &Statement, subject: Slot) -> Dependence {
        let mut found = Dependence::default();
        self.visit_statement(statement, &FxHashSet::from_iter([subject]), &mut found);
        found
    }

    fn visit_statement(&mut self, statement: &Statement, subjects: &FxHashSet<Slot>, found: &mut Dependence) {
        match &statement.kind {
            StatementKind::Let { value, .. } => self.visit(value, subjects, found),
            StatementKind::Skip { condition, .. } | StatementKind::Require { condition, .. } => {
                self.visit(condition, subjects, found);
            }
            StatementKind::For { binding, body } => {
                self.binding(binding, subjects, found);
                body.iter().for_each(|statement| self.visit_statement(statement, subjects, found));
            }
            StatementKind::If { condition, then, otherwise } => {
                self.visit(condition, subjects, found);
                then.iter().chain(otherwise).for_each(|statement| self.visit_statement(statement, subjects, found));
            }
        }
    }

    fn visit(&mut self, expr: &Expr, subjects: &FxHashSet<Slot>, found: &mut Dependence) {
        let is_subject = |expr: &Expr| matches!(&expr.kind, ExprKind::Slot(slot, _) if subjects.contains(slot));
        match &expr.kind {
            ExprKind::Slot(slot, _) => {
                // The resource itself, as a value: whatever it is compared with or handed to.
                found.open |= subjects.contains(slot);
                if let Some(bound) = self.lets.get(slot) {
                    found.add(bound);
                }
            }
            ExprKind::Header { base, name, .. } if is_subject(base) => {
                found.keys.insert(Key::Header(name.clone()));
            }
            ExprKind::Property { base, name, .. } if is_subject(base) => {
                found.keys.insert(Key::Property(name.clone()));
            }
            ExprKind::IsType { value, .. } if is_subject(value) => {
                found.keys.insert(Key::Header("type".into()));
            }
            // It is looked up in the account and region of the resource, and in its document.
            ExprKind::Follow { base, .. } => {
                found.open = true;
                self.visit(base, subjects, found);
            }
            ExprKind::Call { function, arguments } => self.call(function, arguments, subjects, found),
            ExprKind::Quantified { binding, body, .. } => {
                self.binding(binding, subjects, found);
                self.visit(body, subjects, found);
            }
            ExprKind::Count(binding) | ExprKind::First(binding) => self.binding(binding, subjects, found),
            ExprKind::Comprehension { element, binding } => {
                self.binding(binding, subjects, found);
                self.visit(element, subjects, found);
            }
            // What there is besides the resource is the same for all of them.
            ExprKind::Resources(_) | ExprKind::Accounts | ExprKind::Closure { .. } => {
                children(expr, &mut |child| self.visit(child, subjects, found));
            }
            ExprKind::Value(_)
            | ExprKind::Now
            | ExprKind::Constant(_)
            | ExprKind::Parameter(_)
            | ExprKind::Header { .. }
            | ExprKind::Property { .. }
            | ExprKind::Field { .. }
            | ExprKind::ArnPart { .. }
            | ExprKind::Member { .. }
            | ExprKind::Index { .. }
            | ExprKind::Safe { .. }
            | ExprKind::Coalesce { .. }
            | ExprKind::IsPresent { .. }
            | ExprKind::IsType { .. }
            | ExprKind::Not(_)
            | ExprKind::Negate(_)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Equal { .. }
            | ExprKind::Order { .. }
            | ExprKind::In { .. }
            | ExprKind::InBlock { .. }
            | ExprKind::InRange { .. }
            | ExprKind::Like { .. }
            | ExprKind::Matches { .. }
            | ExprKind::Subset { .. }
            | ExprKind::Intersects { .. }
            | ExprKind::Arithmetic { .. }
            | ExprKind::If { .. }
            | ExprKind::List(_)
            | ExprKind::Set(_)
            | ExprKind::Map(_)
            | ExprKind::Record(_)
            | ExprKind::Block { .. }
            | ExprKind::Builtin { .. }
            | ExprKind::Cast(_)
            | ExprKind::ToPolicy(_) => children(expr, &mut |child| self.visit(child, subjects, found)),
        }
    }

    fn binding(&mut self, binding: &Binding, subjects: &FxHashSet<Slot>, found: &mut Dependence) {
        for part in binding_parts(binding) {
            self.visit(part, subjects, found);
        }
    }

    /// A function that is handed the resource itself reads what its body does.
    fn call(
        &mut self,
        function: &DefinitionPath,
        arguments: &[Expr],
        subjects: &FxHashSet<Slot>,
        found: &mut Dependence,
    ) {
        let handed: Vec<bool> = arguments
            .iter()
            .map(|argument| matches!(&argument.kind, ExprKind::Slot(slot, _) if subjects.contains(slot)))
            .collect();
        for (argument, _) in arguments.iter().zip(&handed).filter(|(_, handed)| !**handed) {
            self.visit(argument, subjects, found);
        }
        let key = (function.clone(), handed);
        if let Some(known) = self.calls.get(&key) {
            return found.add(known);
        }
        let mut inner = Dependence::default();
        match self.program.functions.get(function) {
            Some(callee) => {
                let parameters = callee.parameters.iter().zip(&key.1).filter(|(_, handed)| **handed);
                let subjects = parameters.map(|(slot, _)| *slot).collect();
                // Slots of the callee are not those of the guardrail.
                let lets = std::mem::take(&mut self.lets);
                self.visit(&callee.body, &subjects, &mut inner);
                self.lets = lets;
            }
            None => inner.open = true,
        }
        found.add(&inner);
        self.calls.insert(key, inner);
    }
}
