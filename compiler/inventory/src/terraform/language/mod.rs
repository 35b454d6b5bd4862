//! Terraform's configuration language, as far as `.tf.json` has it.

mod attempt;
mod blocks;
mod calls;
mod cidr;
mod declare;
mod eval;
mod functions;
mod handle;
mod instances;
mod load;
mod loops;
mod operators;
mod parse;
mod program;
mod providers;
pub(super) mod read;
mod syntax;
mod template;
mod types;
mod value;

pub use load::{called_modules, is_in_module};
