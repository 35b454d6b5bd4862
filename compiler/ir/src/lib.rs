//! The typed intermediate representation: what checked rules become, and what every back end starts from.
//!
//! [`Program`] holds the guardrails of a run and whatever they call. It can be printed ([`print_guardrail`]),
//! checked ([`verify`]) and asked what it reads ([`Projection`]). Nothing here evaluates.

mod data;
mod mutate;
mod points;
mod printer;
mod projection;
mod verifier;
mod visit;

pub use data::{
    About, Binding, Constant, Coverage, DefinitionPath, Empty, Expr, ExprKind, Function, Guardrail, Item, Join,
    JoinKey, MessagePart, Outcome, Parameter, Pattern, Population, Program, ReadText, RequireId, Resources, Slot,
    Source, Statement, StatementKind, Step, StepKind, Target, Test, Waiver,
};
pub use mutate::{
    Mutant, constant_mutants, function_mutants, guardrail_mutants, mutated_constant, mutated_function,
    mutated_guardrail,
};
pub use points::{Point, PointKind, function_points, guardrail_points};
pub use printer::{print_function, print_guardrail};
pub use projection::Projection;
pub use verifier::{Fault, verify};
pub use visit::{binding_parts, children, walk, walk_statements};
