//! `parapet lsp`.

use anyhow::{Context, Result};

use crate::arguments::Lsp;

pub(crate) fn run(_: &Lsp) -> Result<u8> {
    parapet_lsp::run().context("the server cannot start")
}
