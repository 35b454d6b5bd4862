//! Terraform's configuration language, as far as `.tf.json` has it.

mod attempt;
mod blocks;
mod cidr;
mod declare;
mod eval;
mod functions;
mod load;
mod parse;
mod program;
mod providers;
pub(super) mod read;
mod syntax;
mod types;
mod value;

pub use load::{called_modules, is_in_module};
