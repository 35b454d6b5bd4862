//! Column programs as machine code: the same masks as the interpreter of [`parapet_columns`] makes, by Cranelift.
//!
//! [`Compiled::new`] turns the program of a guardrail into one function. Masks live in registers, and an atom that nobody
//! wants to know is jumped over; atoms are asked through a pointer in the [`Context`], so that the code has no relocations and
//! neither the meaning of an atom nor its answers exist twice. Memory is written first and executed then, never both at once.

mod compile;
mod run;

pub use compile::{CompileError, Compiled};
