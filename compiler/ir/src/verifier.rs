//! Checks that a lowered program is one that the engines may run.
//!
//! Slots are set before they are read and lie in the frame, conditions are `Bool`, whoever is called exists and
//! takes as many arguments, guards name earlier requirements. A failure is a fault of the compiler, never of a
//! rule.

use parapet_model::Type;

use crate::data::*;
use crate::visit::children;

/// What is wrong, with the definition it is wrong in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub path: DefinitionPath,
    pub message: String,
}

/// Everything wrong with a program.
pub fn verify(program: &Program) -> Vec<Fault> {
    let mut faults = Vec::new();
    for guardrail in &program.guardrails {
        let mut verifier = Verifier::new(program, &guardrail.path, guardrail.slots);
        verifier.set(guardrail.resource);
        verifier.statements(&guardrail.body);
        faults.append(&mut verifier.faults);
    }
    for waiver in &program.waivers {
        let mut verifier = Verifier::new(program, &waiver.guardrail, waiver.slots);
        for part in &waiver.coverage {
            if let Coverage::Where { slot, condition, .. } = part {
                verifier.set(*slot);
                verifier.condition(condition);
            }
        }
        faults.append(&mut verifier.faults);
    }
    let mut functions: Vec<_> = program.functions.values().collect();
    functions.sort_by(|a, b| a.path.cmp(&b.path));
    for function in functions {
        let mut verifier = Verifier::new(program, &function.path, function.slots);
        function.parameters.iter().for_each(|slot| verifier.set(*slot));
        verifier.expr(&function.body);
        faults.append(&mut verifier.faults);
    }
    faults
}

struct Verifier<'p> {
    program: &'p Program,
    path: &'p DefinitionPath,
    set: Vec<bool>,
    requires: Vec<RequireId>,
    faults: Vec<Fault>,
}

impl<'p> Verifier<'p> {
    fn new(program: &'p Program, path: &'p DefinitionPath, slots: u32) -> Self {
        Verifier { program, path, set: vec![false; slots as usize], requires: Vec::new(), faults: Vec::new() }
    }

    fn fault(&mut self, message: String) {
        self.faults.push(Fault { path: self.path.clone(), message });
    }

    fn set(&mut self, slot: Slot) {
        match self.set.get_mut(slot.0 as usize) {
            Some(set) => *set = true,
            None => self.fault(format!("%{} lies outside the frame", slot.0)),
        }
    }

    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            for guard in &statement.guards {
                if !self.requires.contains(guard) {
                    self.fault(format!("a statement stands under r{}, which does not come before it", guard.0));
                }
            }
            match &statement.kind {
                StatementKind::Let { slot, value, .. } => {
                    self.expr(value);
                    self.set(*slot);
                }
                StatementKind::Skip { condition, .. } => self.condition(condition),
                StatementKind::Require { id, condition, message, .. } => {
                    self.condition(condition);
                    if self.requires.contains(id) {
                        self.fault(format!("r{} stands twice", id.0));
                    }
                    self.requires.push(*id);
                    self.message(condition, message.as_deref().unwrap_or_default());
                }
                StatementKind::For { binding, body } => {
                    self.binding(binding);
                    self.statements(body);
                }
                StatementKind::If { condition, then, otherwise } => {
                    self.condition(condition);
                    self.statements(then);
                    self.statements(otherwise);
                }
            }
        }
    }

    /// The message of a quantified requirement may read the element.
    fn message(&mut self, condition: &Expr, message: &[MessagePart]) {
        let quantified = match &condition.kind {
            ExprKind::Not(inner) => inner,
            _ => condition,
        };
        if let ExprKind::Quantified { binding, .. } = &quantified.kind {
            self.set(binding.slot);
        }
        for part in message {
            if let MessagePart::Value(value) = part {
                self.expr(value);
            }
        }
    }

    fn condition(&mut self, condition: &Expr) {
        self.expr(condition);
        if !matches!(condition.ty, Type::Bool) {
            self.fault(format!("a condition is `{}`", condition.ty));
        }
    }

    fn binding(&mut self, binding: &Binding) {
        match &binding.source {
            Source::Elements(source) => self.expr(source),
            Source::Resources(resources) => {
                let parts = resources.join.as_ref().map(|join| &join.value).into_iter();
                parts.chain(&resources.account).chain(&resources.region).for_each(|part| self.expr(part));
            }
            Source::Accounts => {}
        }
        self.set(binding.slot);
        if let Some(filter) = &binding.filter {
            self.condition(filter);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Slot(slot, _) => {
                if !self.set.get(slot.0 as usize).copied().unwrap_or(false) {
                    self.fault(format!("%{} is read before it is set", slot.0));
                }
            }
            ExprKind::Not(inner) => self.condition(inner),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.condition(left);
                self.condition(right);
            }
            ExprKind::Quantified { binding, body, .. } => {
                self.binding(binding);
                self.condition(body);
            }
            ExprKind::Count(binding) | ExprKind::First(binding) => self.binding(binding),
            ExprKind::Comprehension { element, binding } => {
                self.binding(binding);
                self.expr(element);
            }
            ExprKind::Safe { base, slot, body, .. } => {
                self.expr(base);
                self.set(*slot);
                self.expr(body);
            }
            ExprKind::Block { lets, result } => {
                for (slot, value) in lets {
                    self.expr(value);
                    self.set(*slot);
                }
                self.expr(result);
            }
            ExprKind::If { condition, then, otherwise } => {
                self.condition(condition);
                self.expr(then);
                self.expr(otherwise);
            }
            _ => {
                self.reference(&expr.kind);
                let mut parts = Vec::new();
                children(expr, &mut |part| parts.push(part));
                parts.into_iter().for_each(|part| self.expr(part));
            }
        }
    }

    fn reference(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Call { function, arguments } => match self.program.functions.get(function) {
                None => self.fault(format!("the function `{function}` is not in the program")),
                Some(callee) if callee.parameters.len() != arguments.len() => {
                    self.fault(format!("`{function}` is called with {} arguments", arguments.len()));
                }
                Some(_) => {}
            },
            ExprKind::Closure { relation, .. } => match self.program.functions.get(relation) {
                None => self.fault(format!("the relation `{relation}` is not in the program")),
                Some(callee) if callee.parameters.len() != 2 => {
                    self.fault(format!("`{relation}` is closed and has {} parameters", callee.parameters.len()));
                }
                Some(_) => {}
            },
            ExprKind::Constant(path) if !self.program.constants.contains_key(path) => {
                self.fault(format!("the constant `{path}` is not in the program"));
            }
            ExprKind::Parameter(path) if !self.program.parameters.contains_key(path) => {
                self.fault(format!("the parameter `{path}` is not in the program"));
            }
            _ => {}
        }
    }
}
