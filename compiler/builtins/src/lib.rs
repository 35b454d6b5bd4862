//! The built-in functions and methods: one table of signature, documentation and meaning.
//!
//! The table (`table.rs`) is all that the checker, the interpreter, the JIT, hover, completion and the
//! reference know of a builtin; no other file knows one's name, but `partly.rs`, which knows those that a part of a text
//! decides. The meanings stand in a file for each family,
//! and hold the law of the language: refining an unknown never flips a decided answer. Operators (`like`,
//! `in`, `==`) are no builtins; [`glob`] and [`arn_part`] lend them their meaning.

mod arguments;
mod arns;
mod automaton;
mod builtin;
mod collections;
mod durations;
pub mod glob;
#[cfg(test)]
mod law;
mod maps;
mod members;
mod network;
mod numbers;
pub mod partly;
mod patterns;
mod policies;
mod reach;
mod sets;
mod signature;
mod strings;
mod table;
mod times;

pub use arns::arn_part;
pub use builtin::{Builtin, Context, Parameter, all, builtin, named};
pub use signature::{Mismatch, apply};
pub use table::BuiltinId;
