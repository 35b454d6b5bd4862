//! The types of the protocol: the one place that names the crate they come from.

pub(crate) use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
pub(crate) use tower_lsp::ls_types::*;
