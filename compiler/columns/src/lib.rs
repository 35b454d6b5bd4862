//! Guardrails as programs over columns: the verdicts of 64 resources a step.
//!
//! A [`Planner`] lowers guardrails: conditions fall into *atoms*, each of which reads certain properties of the resource
//! judged, and what is between them becomes operations on masks ([`Program`]), one bit a resource. A [`Column`] holds what
//! a property of all resources of a type is, as codes of a dictionary, so that an atom is decided once for each distinct
//! value and looked up for all else. What an atom means only the interpreter knows: it is asked through [`Oracle`], so that
//! no rule of the language exists twice.
//!
//! An atom that follows a reference, or compares the resource itself, is asked of each resource that needs it.

mod answers;
mod atom;
mod column;
mod dependence;
mod execute;
mod lower;
mod program;

pub use answers::{Answers, Oracle, UNKNOWN};
pub use atom::{Atom, Part};
pub use column::{Column, Table};
pub use dependence::Key;
pub use execute::{Row, Verdicts, execute};
pub use lower::{Plan, Planner};
pub use program::{Mask, Op, Program};
