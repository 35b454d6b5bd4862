//! One module a command.

pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod lint;
pub(crate) mod list;
pub(crate) mod lsp;
pub(crate) mod needs;
pub(crate) mod test;
pub(crate) mod types;
