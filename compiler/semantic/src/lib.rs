//! Salsa queries from source text to checked items: names, types, lints.
//!
//! The inputs are [`SourceFile`]s and a [`Workspace`]; [`items`] cuts a file up, [`parsed`] reads one item,
//! [`signature`] types its header, [`checked`] the rest. Diagnostics are return values. Nothing here evaluates
//! rules, reads files or prints.

mod allows;
mod attributes;
mod check;
mod chunks;
mod cycles;
mod db;
mod diagnostics;
mod imports;
mod names;
mod patterns;
mod reasoning;
mod removal;
mod schemas;
mod settled;
mod signatures;
pub mod typed;
mod unread;
mod walk;

pub use check::{Checked, Imagined, Inferred, checked, infer, inferred, tried};
pub use db::{Db, Item, SourceFile, Workspace, item_offset, items, parsed, split_file};
pub use diagnostics::{FileDiagnostics, Scope, file_diagnostics, lone_diagnostics, read_through};
pub use imports::import_removed;
pub use names::{
    Definition, DefinitionKind, NameError, absolute, below, definition_path, member, module_exists, module_of, modules,
    resolve, scope,
};
pub use patterns::compiled_pattern;
pub use schemas::{all_declarations, schema};
pub use settled::read_together;
pub use signatures::{NAMES as TYPE_NAMES, Signature, TypeError, read_type, signature};
pub use walk::walk;
