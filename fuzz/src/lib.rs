//! Random and damaged programs through every stage of the compiler.
//!
//! A [`Target`] runs one stage on a text and says which of the stage's promises the text breaks; a panic counts, and so
//! does taking longer than [`run::MOST_TIME`]. [`mutate::mutate`] makes texts out of the programs of this repository,
//! [`run::run`] looks for those that behave in a new way and goes on from them.

pub mod minimise;
pub mod mutate;
pub mod run;
pub mod seeds;
pub mod targets;
pub mod tokens;

pub use targets::{Behaviour, Broken, Target, Tried};
